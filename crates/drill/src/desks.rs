//! Desks of districts and the city, played: who names the key holders and wardens of confined buildings, fills the depots, finds beds where
//! there are too few, in the city or outside it, and follows whoever was sent outside until they are back. They read their worklists and act
//! by the same commands and rows as anybody, late or in vain now and then; what they end ends by what they did, and by no word.

use crate::{
    DrillError,
    living::{Living, Of},
    officials::{number, open},
    service::{Row, Service, at, text},
};
use dayclear_core::{
    access::Role,
    measures::BuildingPost,
    schema::{BEDS, FACILITIES, SUPPLIES},
    time::Instant,
    transfer::{FacilityKind, Outside, RideClass, WayHome},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How items of `clarify` begin that these desks end by what they do.
const KEYS: &str = "keys/";
const WARDEN: &str = "warden/";
const STOCK: &str = "stock/";
const BEDS_SHORT: &str = "beds/";

/// Minutes within which a desk acts, at most, and what comes on top for those who are late.
const ACTS_MIN: u64 = 200;
const LATE_MIN: i64 = 300;
/// Share of what is done that is late, and that is in vain at first.
const LATE: f64 = 0.1;
const IN_VAIN: f64 = 0.15;
/// Minutes after which somebody tries again.
const AGAIN_MIN: i64 = 360;
/// Days for which a depot is filled, units at least, and what comes where the lorry brought too little.
const FILLED_DAYS: f64 = 4.0;
const FILLED_LEAST: i64 = 60;
const TOO_LITTLE: i64 = 2;
/// Beds of a ward, hours until new ones take people, and beds that another city gives.
const WARD_BEDS: u64 = 20;
const WARD_HOURS: i64 = 3;
const BEDS_OUTSIDE: usize = 8;
/// Share of the shortages in which another city is asked as well.
const ASKS_OUTSIDE: f64 = 0.5;
/// Degrees by which a place outside lies off.
const OUTSIDE_DEGREES: f64 = 0.2;
/// Minutes until a receiving body has said that it takes somebody, at most.
const CONFIRMED_MIN: u64 = 120;
/// Age from which somebody without children at home is asked to go outside the city.
const ADULT_FROM: u8 = 18;

/// Whether an item of `clarify` ends by what a desk does, and by nobody's word.
pub(crate) fn is_theirs(subject: &str) -> bool {
    [KEYS, WARDEN, STOCK, BEDS_SHORT].iter().any(|beginning| subject.starts_with(beginning))
}

/// What desks remember.
#[derive(Default)]
pub struct Desks {
    /// When something is done, or tried again, by what it is about.
    next: BTreeMap<String, (Instant, u64)>,
    wards: u64,
    /// Places outside the city that were found.
    outside: u64,
}

/// What is done now about something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    NotYet,
    InVain,
    Done,
}

impl Desks {
    /// Looks at all that waits for these desks.
    pub async fn look(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        clarify: &[Row],
        now: Instant,
    ) -> Result<(), DrillError> {
        let of = |beginning: &'static str| {
            let open = clarify.iter().filter(move |row| text(row, "subject").starts_with(beginning));
            open.cloned().collect::<Vec<Row>>()
        };
        self.name(service, living, (&of(KEYS), BuildingPost::KeyHolder), now).await?;
        self.name(service, living, (&of(WARDEN), BuildingPost::Warden), now).await?;
        self.fill(service, living, &of(STOCK), now).await?;
        self.find_beds(service, living, &of(BEDS_SHORT), now).await?;
        self.send_outside(service, living, now).await?;
        self.bring_back(service, living, now).await
    }

    /// Whether it is time for something that waits since a moment, and whether it is in vain this time.
    fn turn(&mut self, living: &Living, what: &str, (since, most): (Instant, u64), now: Instant) -> Turn {
        let draw = number(what);
        let first = || {
            let late = living.chance.unit(Of::Pace, draw | 1 << 53) < LATE;
            let after = 20 + living.chance.below(Of::Pace, draw | 1 << 52, most) as i64;
            (since.plus_minutes(after + if late { LATE_MIN } else { 0 }), 0)
        };
        let (due, tries) = *self.next.entry(what.to_owned()).or_insert_with(first);
        if due > now {
            return Turn::NotYet;
        }
        self.next.insert(what.to_owned(), (now.plus_minutes(AGAIN_MIN), tries + 1));
        match living.chance.unit(Of::Pace, draw ^ tries << 40 | 1 << 54) < IN_VAIN {
            true => Turn::InVain,
            false => Turn::Done,
        }
    }

    fn of_item(&mut self, living: &Living, item: &Row, now: Instant) -> Turn {
        let since = at(item, "opened_at").unwrap_or(now);
        self.turn(living, text(item, "subject"), (since, ACTS_MIN), now)
    }

    /// Who holds the keys of a building, or looks after it, is named. In vain: whoever was asked does not want to.
    async fn name(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        (items, post): (&[Row], BuildingPost),
        now: Instant,
    ) -> Result<(), DrillError> {
        let mut buildings: BTreeSet<String> = BTreeSet::new();
        for item in items {
            if self.of_item(living, item, now) == Turn::Done {
                let mut parts = text(item, "subject").splitn(2, '/').skip(1);
                let building = parts.next().and_then(|rest| rest.rsplit_once('/')).map(|(building, _)| building);
                buildings.extend(building.map(str::to_owned));
            }
        }
        if buildings.is_empty() {
            return Ok(());
        }
        let areas = service.rows(Role::DistrictCommand, "areas", "open=true").await?;
        // one area of a building is enough: the post is of the building
        let mut first: BTreeMap<&str, &str> = BTreeMap::new();
        for area in areas.iter().filter(|area| buildings.contains(text(area, "building"))) {
            first.entry(text(area, "building")).or_insert(text(area, "id"));
        }
        let keys: Vec<String> = first.into_values().map(str::to_owned).collect();
        let given = json!({"post": post, "holder": "somebody of the community", "holder_phone": "02360000000"});
        service.act(Role::DistrictCommand, "areas", "name", &keys, &given).await?;
        Ok(())
    }

    /// A depot is filled for some days. In vain: the lorry brings too little.
    async fn fill(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        items: &[Row],
        now: Instant,
    ) -> Result<(), DrillError> {
        let mut due: BTreeMap<String, Turn> = BTreeMap::new();
        for item in items {
            let turn = self.of_item(living, item, now);
            let key = text(item, "subject").trim_start_matches(STOCK).rsplit_once('/').map(|(key, _)| key.to_owned());
            if let (Some(key), true) = (key, turn != Turn::NotYet) {
                due.insert(key, turn);
            }
        }
        if due.is_empty() {
            return Ok(());
        }
        let stocks = service.rows(Role::DistrictCommand, "supplies", "").await?;
        let row = |stock: &Row| {
            let turn = due.get(&format!("{}|{}", text(stock, "depot"), text(stock, "item")))?;
            let of_days = (stock.get("a_day").and_then(Value::as_f64).unwrap_or_default() * FILLED_DAYS).ceil() as i64;
            let more = if *turn == Turn::InVain { TOO_LITTLE } else { of_days.max(FILLED_LEAST) };
            Some(json!({
                "depot": text(stock, "depot"), "division": text(stock, "division"), "item": text(stock, "item"),
                "quantity": stock.get("quantity").and_then(Value::as_i64)? + more,
            }))
        };
        let rows: Vec<Value> = stocks.iter().filter_map(row).collect();
        service.give(&SUPPLIES, &rows).await?;
        Ok(())
    }

    /// Too few beds: wards are added where people of that class lie, and another city is asked now and then. In vain: nobody has hands for
    /// them yet, and nothing is opened.
    async fn find_beds(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        items: &[Row],
        now: Instant,
    ) -> Result<(), DrillError> {
        for item in items {
            if self.of_item(living, item, now) != Turn::Done {
                continue;
            }
            let subject = text(item, "subject");
            let class = subject.split('/').nth(1).unwrap_or_default();
            let kind = match class.parse() {
                Ok(RideClass::Contact) => FacilityKind::IsolationSite,
                _ => FacilityKind::TemporaryHospital,
            };
            let places = service.rows(Role::DistrictCommand, "facilities", "").await?;
            let waiting = service.rows(Role::DistrictCommand, "transfers", "state=requested").await?;
            let waiting: Vec<&Row> =
                waiting.iter().filter(|row| text(row, "bed").is_empty() && text(row, "class") == class).collect();
            if let Some(place) = places.iter().find(|row| text(row, "kind") == kind.name()) {
                self.wards += 1;
                let given = json!({
                    "ward": format!("N{}", self.wards), "wards": (waiting.len() as u64).div_ceil(WARD_BEDS).clamp(1, 50),
                    "rule": "any", "from": living.zone.text(now.plus_hours(WARD_HOURS)), "reason": "more people than beds",
                });
                service.attempt(Role::DistrictCommand, "facilities", "ward", text(place, "facility"), &given).await?;
            }
            if living.chance.unit(Of::Pace, number(subject) | 1 << 55) < ASKS_OUTSIDE
                && let Some(near) = places.first()
            {
                self.ask_outside(service, living, near, &waiting).await?;
            }
        }
        Ok(())
    }

    /// Another city gives beds, and grown people who leave no child at home are to go there.
    async fn ask_outside(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        near: &Row,
        waiting: &[&Row],
    ) -> Result<(), DrillError> {
        self.outside += 1;
        let id = format!("OC{:02}", self.outside);
        let degrees = |name: &str| near.get(name).and_then(Value::as_f64).unwrap_or_default();
        let place = json!({
            "facility": id, "kind": FacilityKind::OutsideCity, "name": format!("hospital {} of the next city", self.outside),
            "division": crate::CITY, "lon": degrees("lon") + OUTSIDE_DEGREES, "lat": degrees("lat"),
            "owner": "health commission of the next city",
        });
        service.give(&FACILITIES, &[place]).await?;
        let beds: Vec<String> = (1..=BEDS_OUTSIDE).map(|n| format!("{id}-{n}")).collect();
        let row = |bed: &String| json!({"bed": bed, "facility": id, "room": "A", "rule": "any", "severe": "no", "state": "free"});
        service.give(&BEDS, &beds.iter().map(row).collect::<Vec<_>>()).await?;
        let fits = |row: &&&Row| {
            living
                .person(text(row, "person"))
                .is_some_and(|person| living.city.household(person).all(|one| living.city.age(one) >= ADULT_FROM))
        };
        for (row, bed) in waiting.iter().filter(fits).zip(&beds) {
            service.attempt(Role::DistrictCommand, "transfers", "claim", text(row, "id"), &json!({"bed": bed})).await?;
        }
        Ok(())
    }

    /// The receiving body says whether it takes somebody. In vain: it does not after all.
    async fn send_outside(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        now: Instant,
    ) -> Result<(), DrillError> {
        if self.outside == 0 {
            return Ok(());
        }
        let asked = format!("state=requested&outside={}", Outside::Asked);
        for row in service.rows(Role::DistrictCommand, "transfers", &asked).await? {
            let id = text(&row, "id");
            let turn = self.turn(living, &format!("confirm/{id}"), (now, CONFIRMED_MIN), now);
            let mut given =
                json!({"who": "duty doctor of the receiving hospital", "shown": "telephone, call of the drill"});
            match turn {
                Turn::NotYet => continue,
                Turn::InVain => given["taken_back"] = "yes".into(),
                Turn::Done => {}
            }
            service.attempt(Role::DistrictCommand, "transfers", "confirm", id, &given).await?;
        }
        Ok(())
    }

    /// Whoever is outside and bound by nothing any more comes home on their own.
    async fn bring_back(&mut self, service: &mut Service<'_>, living: &Living, now: Instant) -> Result<(), DrillError> {
        let away = open(service, "away").await?;
        if away.is_empty() {
            return Ok(());
        }
        let orders = service.rows(Role::DistrictCommand, "orders", "state=active").await?;
        let bound: BTreeSet<&str> = orders.iter().map(|row| text(row, "person")).collect();
        for row in service.rows(Role::DistrictCommand, "transfers", "state=admitted").await? {
            if text(&row, "outside").is_empty() || bound.contains(text(&row, "person")) {
                continue;
            }
            let id = text(&row, "id");
            if self.turn(living, &format!("home/{id}"), (now, ACTS_MIN), now) == Turn::Done {
                let given = json!({"home": WayHome::Own});
                service.attempt(Role::DistrictCommand, "transfers", "discharge", id, &given).await?;
            }
        }
        Ok(())
    }
}

/// The receiving body outside the city has taken somebody over, and that is shown.
pub(crate) async fn received(service: &mut Service<'_>, transfer: &str, arrived: &str) -> Result<bool, DrillError> {
    let given = json!({"who": "nurse of the receiving hospital", "shown": "signed letter of hand-over", "at": arrived});
    Ok(service.attempt(Role::DistrictCommand, "transfers", "received", transfer, &given).await?)
}
