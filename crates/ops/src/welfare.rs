//! Care: households bound by an order or an area are enrolled by themselves for food, medicine and what an infant needs;
//! stock is promised under its constraint; requests run against the clock of their kind.

use crate::{
    OpsError,
    areas::covers,
    merging,
    minutes::{Close, Day, Focus, Minutes, by_division, by_site},
    supplies as goods, treatments, urgent,
};
use dayclear_core::{
    books::Worklist,
    divisions::DivisionCode,
    measures::{OrderKind, OrderState},
    roster::Need,
    time::{CivilDate, Instant},
    welfare::{MISSED_HOURS_MAX, NotCarried, QUIET_DAYS, RequestKind, Supply},
};
use dayclear_store::{
    Scoped,
    measures::{Order, Zone},
    roster::Resident,
    transfer::Transfer,
    welfare::{Parcel, Request, Stock},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Parcels, then requests: of everybody, or of those of a focus.
pub async fn run(tx: &mut Scoped, day: &Day<'_>, focus: Option<&Focus>) -> Result<(), OpsError> {
    let mut minutes = Minutes::of(day);
    let homes = match focus {
        None => None,
        Some(focus) => Some(Homes::of(tx, focus).await?),
    };
    let bound = bound(tx, day, homes.as_ref()).await?;
    supplies(tx, &mut minutes, homes.as_ref(), &bound).await?;
    if Focus::is_over_all(focus) {
        goods::running_out(tx, &mut minutes).await?;
    }
    treatments::run(tx, &mut minutes, &bound.people, focus).await?;
    if focus.is_none_or(|focus| focus.day) {
        quiet(tx, &mut minutes, &bound).await?;
    }
    match focus {
        None => {
            let mut requests = tx.requests_since(day.end, day.start).await?;
            urgent::told(tx, &mut minutes, &requests).await?;
            merging::by_rule(tx, &mut minutes, &mut requests).await?;
            requests.into_iter().for_each(|request| post_request(&mut minutes, request));
        }
        Some(focus) => {
            let ids: Vec<&str> = focus.requests.iter().map(String::as_str).collect();
            requested(tx, &mut minutes, &ids).await?;
        }
    }
    urgent::ring_in(tx, &mut minutes).await?;
    minutes.hand_in(tx).await
}

/// What a household is owed on a day of being bound.
fn owed(needs: &[Need]) -> Vec<Supply> {
    let mut items = vec![Supply::Food];
    if needs.contains(&Need::Infant) {
        items.push(Supply::Infant);
    }
    if needs.iter().any(|need| matches!(need, Need::ChronicMedicine | Need::Dialysis | Need::Psychiatric)) {
        items.push(Supply::Medicine);
    }
    items
}

/// Whom orders and areas bind today: the households that somebody bound stays in, and the people themselves.
struct Bound {
    /// Households of open areas and of people isolated at home, with their place and what they need.
    households: BTreeMap<String, (DivisionCode, Vec<Need>)>,
    /// Since which day they are.
    since: BTreeMap<String, CivilDate>,
    /// Everybody with a need who is bound, wherever they are, in order of number; not those in a hospital, which cares for them.
    people: Vec<Resident>,
}

/// Orders that keep somebody from going where they are used to go.
const KEPT: &[OrderKind] =
    &[OrderKind::CentralIsolation, OrderKind::HomeIsolation, OrderKind::HomeMonitoring, OrderKind::StayForRetest];

/// Everybody in an open area, and everybody under an order. Of some people and households only, where a focus names them.
async fn bound(tx: &mut Scoped, day: &Day<'_>, focus: Option<&Homes>) -> Result<Bound, OpsError> {
    let zones = tx.zones_since(day.date.plus_days(1)).await?;
    let zones: Vec<_> = zones.into_iter().filter(|zone| zone.released_on.is_none()).collect();
    let mut enclosed: HashMap<&str, Vec<&Zone>> = HashMap::new();
    zones.iter().for_each(|zone| enclosed.entry(zone.building.as_str()).or_default().push(zone));
    let buildings: BTreeSet<&str> = zones.iter().map(|zone| zone.building.as_str()).collect();
    let buildings: Vec<&str> = buildings.into_iter().collect();
    let homes = match focus {
        None => tx.households_of_buildings(&buildings).await?,
        Some(homes) => tx.households_by_id(&homes.names()).await?,
    };
    let mut since: BTreeMap<String, CivilDate> = BTreeMap::new();
    let mut households: BTreeMap<String, (DivisionCode, Vec<Need>)> = BTreeMap::new();
    for h in homes {
        let around = enclosed.get(h.building.as_str()).into_iter().flatten().filter(|zone| covers(zone, &h));
        let Some(opened) = around.map(|zone| zone.opened_on).min() else { continue };
        since.insert(h.household.clone(), opened);
        households.insert(h.household, (h.division, h.needs));
    }
    let needy: Vec<&str> = households
        .iter()
        .filter(|(_, (_, needs))| !needs.is_empty())
        .map(|(household, _)| household.as_str())
        .collect();
    let mut people: BTreeMap<i64, Resident> =
        tx.people_of_households(&needy).await?.into_iter().map(|person| (person.no, person)).collect();
    let orders = match focus {
        None => tx.orders_since(day.date).await?,
        Some(homes) => tx.orders_of(&homes.people, day.date).await?,
    };
    let in_force = |o: &&Order| o.state == OrderState::Active && o.from_day <= day.date && o.starts_at < day.end;
    let kept: Vec<&Order> = orders.iter().filter(in_force).filter(|o| KEPT.contains(&o.kind)).collect();
    let at_home: BTreeMap<&str, CivilDate> = kept
        .iter()
        .filter(|o| matches!(o.kind, OrderKind::HomeIsolation | OrderKind::StayForRetest))
        .map(|o| (o.person.as_str(), day.zone.day(o.starts_at).max(o.from_day)))
        .collect();
    let ids: BTreeSet<&str> = kept.iter().map(|o| o.person.as_str()).collect();
    for person in tx.people_by_id(&ids.into_iter().collect::<Vec<_>>()).await? {
        if let (Some(household), Some(from)) = (&person.household, at_home.get(person.person.as_str())) {
            let first = since.entry(household.clone()).or_insert(*from);
            *first = (*first).min(*from);
            let home = || (person.division.clone(), Vec::new());
            households.entry(household.clone()).or_insert_with(home).1.extend(&person.needs);
        }
        people.insert(person.no, person);
    }
    people.retain(|_, person| !person.needs.is_empty());
    Ok(Bound { households, since, people: people.into_values().collect() })
}

/// People and the households that they live in, with others that were named.
struct Homes {
    people: Vec<i64>,
    households: BTreeSet<String>,
}

impl Homes {
    async fn of(tx: &mut Scoped, focus: &Focus) -> Result<Homes, OpsError> {
        let mut households: BTreeSet<String> = focus.households.iter().cloned().collect();
        households.extend(tx.people_by_no(&focus.people).await?.into_iter().filter_map(|person| person.household));
        Ok(Homes { people: focus.people.clone(), households })
    }

    fn names(&self) -> Vec<&str> {
        self.households.iter().map(String::as_str).collect()
    }
}

async fn supplies(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    homes: Option<&Homes>,
    bound: &Bound,
) -> Result<(), OpsError> {
    let day = minutes.day;
    let planned: BTreeMap<(String, Supply), Parcel> = parcels(tx, day, homes)
        .await?
        .into_iter()
        .map(|parcel| ((parcel.household.clone(), parcel.item), parcel))
        .collect();
    let mut depots = Depots::of(tx.stock().await?);
    let mut fresh: Vec<Parcel> = Vec::new();
    let mut promised: BTreeMap<String, i64> = BTreeMap::new();
    for (household, (division, needs)) in &bound.households {
        for item in owed(needs) {
            if planned.contains_key(&(household.clone(), item)) {
                continue;
            }
            let depot = depots.take(division, item, 1);
            if let Some((_, key)) = &depot {
                *promised.entry(key.clone()).or_default() += 1;
            }
            fresh.push(Parcel {
                run: depot.as_ref().map(|(depot, _)| run_of(day.date, depot, division)),
                household: household.clone(),
                day: day.date,
                item,
                division: division.clone(),
                depot: depot.map(|(depot, _)| depot),
                units: 1,
                delivered_at: None,
                missed_at: None,
                again: 0,
                not_carried: None,
            });
        }
    }
    tx.plan_parcels(&fresh).await?;
    for (key, units) in promised {
        tx.promise(&key, day.date, units).await?;
    }
    match homes {
        None => tx.take_deliveries(day.date, day.start, day.end).await?,
        Some(homes) => tx.take_deliveries_to(day.date, day.start, day.end, &homes.names()).await?,
    };
    post_parcels(minutes, parcels(tx, day, homes).await?);
    if !fresh.is_empty() {
        let mut by_district: BTreeMap<DivisionCode, (u64, u64)> = BTreeMap::new();
        for parcel in &fresh {
            let counts = by_district.entry(parcel.division.district()).or_default();
            counts.0 += 1;
            counts.1 += u64::from(parcel.depot.is_none());
        }
        for (district, (parcels, without)) in by_district {
            let body = json!({"parcels": parcels, "without_stock": without});
            minutes.event(day.start, "supply.planned", district.to_string(), &district, &body, Some("supply"))?;
        }
    }
    Ok(())
}

/// Households that have asked for nothing since they are bound, or for two days, get a welfare call: silence is no sign that nothing is
/// missing. Looked at once a day; a call ends when somebody says what came of it, when the household asks, or when nobody binds it.
async fn quiet(tx: &mut Scoped, minutes: &mut Minutes<'_>, bound: &Bound) -> Result<(), OpsError> {
    let day = minutes.day;
    let last = day.date.plus_days(-QUIET_DAYS);
    let since = day.zone.start_of(last);
    let long: Vec<&str> =
        bound.since.iter().filter(|(_, from)| **from <= last).map(|(household, _)| household.as_str()).collect();
    let mut heard: HashSet<String> = tx.asked_since(since, &long).await?.into_iter().collect();
    for (subject, open) in tx.welfare_calls(since).await? {
        let household = subject.split_once('/').map_or(subject.as_str(), |(_, household)| household).to_owned();
        match open {
            Some(item) if !bound.households.contains_key(&household) => {
                minutes.known(item).cancelled(day.end, "nobody binds the household any more");
            }
            Some(item) if heard.contains(&household) => {
                minutes.known(item).done(day.end, "the household has asked by itself");
            }
            _ => {}
        }
        heard.insert(household);
    }
    for household in long.into_iter().filter(|household| !heard.contains(*household)) {
        let Some((division, _)) = bound.households.get(household) else { continue };
        let subject = format!("{}/{household}", day.date);
        let reason = "bound for two days, and has asked for nothing; call, and ask what is missing";
        minutes.waits(Worklist::Ask, subject, division, by_division(division), day.start, reason);
    }
    Ok(())
}

async fn parcels(tx: &mut Scoped, day: &Day<'_>, homes: Option<&Homes>) -> Result<Vec<Parcel>, OpsError> {
    Ok(match homes {
        None => tx.parcels_on(day.date).await?,
        Some(homes) => tx.parcels_to(day.date, &homes.names()).await?,
    })
}

/// The run that carries parcels of a depot to a community.
pub(crate) fn run_of(day: CivilDate, depot: &str, division: &DivisionCode) -> String {
    format!("S-{day}-{depot}-{division}")
}

/// The community of a household, if an order or an area keeps it at home today.
pub(crate) async fn place_of_bound(
    tx: &mut Scoped,
    day: &Day<'_>,
    household: &str,
) -> Result<Option<DivisionCode>, OpsError> {
    let people = tx.people_of_households(&[household]).await?.iter().map(|person| person.no).collect();
    let homes = Homes { people, households: [household.to_owned()].into() };
    let mut bound = bound(tx, day, Some(&homes)).await?;
    Ok(bound.households.remove(household).map(|(division, _)| division))
}

/// Those of some households that an order or an area keeps at home today.
pub(crate) async fn bound_among(
    tx: &mut Scoped,
    day: &Day<'_>,
    households: &BTreeSet<&str>,
) -> Result<BTreeSet<String>, OpsError> {
    let named: Vec<&str> = households.iter().copied().collect();
    let people = tx.people_of_households(&named).await?.iter().map(|person| person.no).collect();
    let homes = Homes { people, households: named.into_iter().map(str::to_owned).collect() };
    Ok(bound(tx, day, Some(&homes)).await?.households.into_keys().collect())
}

/// Every parcel is an item until it is at the door. One that was missed is owed within hours, and one that the household has not is owed
/// anew.
pub(crate) fn post_parcels(minutes: &mut Minutes<'_>, parcels: Vec<Parcel>) {
    let day = minutes.day;
    for parcel in parcels {
        let since = match parcel.missed_at {
            Some(at) if parcel.again > 0 => at,
            _ if parcel.day == day.date => day.start,
            _ => day.zone.start_of(parcel.day),
        };
        let owner = parcel.depot.clone().map_or_else(|| by_division(&parcel.division.district()), by_site);
        let reason = match (&parcel.depot, parcel.not_carried.filter(|_| parcel.delivered_at.is_none())) {
            (None, _) => "no depot of the district has the item",
            (Some(_), Some(why)) => what_helps(why),
            (Some(_), None) if parcel.again > 0 => "the household has it not: owed within three hours",
            (Some(_), None) if parcel.missed_at.is_some() => {
                "nobody answered, or it could not be put down: owed within three hours"
            }
            (Some(_), None) => "not delivered yet",
        };
        let item = minutes.waits(Worklist::Supply, parcel.subject(), &parcel.division, owner, since, reason);
        let usual = item.due_at.unwrap_or(day.until);
        item.due_at = Some(match parcel.missed_at.map(|at| at.plus_hours(MISSED_HOURS_MAX)) {
            Some(soon) if parcel.again > 0 => soon,
            Some(soon) => usual.min(soon),
            None => usual,
        });
        if let Some(at) = parcel.delivered_at {
            item.done(at, "at the door");
        }
    }
}

/// Why no run carries a parcel, and what helps.
const fn what_helps(why: NotCarried) -> &'static str {
    match why {
        NotCarried::NoCarrier => {
            "no run carries it, nobody carries for the depot now: give a carrier with hours of today"
        }
        NotCarried::NoHours => {
            "no run carries it, the hours of all who carry are full: give another carrier, or more hours"
        }
        NotCarried::TooFar => {
            "no run carries it, the way is longer than anybody's hours: give a vehicle, or bring it by hand"
        }
        NotCarried::NoPlace => {
            "no run carries it, nobody knows where the building is: give its place, or bring it by hand"
        }
        NotCarried::Free => "nobody binds the household any more: it need not be brought",
    }
}

/// Deliveries to these households were told: their parcels of today are at the door.
pub async fn delivered(tx: &mut Scoped, minutes: &mut Minutes<'_>, households: &[&str]) -> Result<(), OpsError> {
    let day = minutes.day;
    tx.take_deliveries_to(day.date, day.start, day.end, households).await?;
    let mut parcels = tx.parcels_to(day.date, households).await?;
    parcels.retain(|parcel| parcel.delivered_at.is_some());
    post_parcels(minutes, parcels);
    Ok(())
}

/// Depots by district and item, the one that serves the smallest division first.
pub(crate) struct Depots {
    stock: Vec<Stock>,
    by_district: HashMap<(DivisionCode, Supply), Vec<usize>>,
}

impl Depots {
    pub(crate) fn of(stock: Vec<Stock>) -> Self {
        let mut by_district: HashMap<(DivisionCode, Supply), Vec<usize>> = HashMap::new();
        for (at, row) in stock.iter().enumerate() {
            by_district.entry((row.division.district(), row.item)).or_default().push(at);
        }
        for rows in by_district.values_mut() {
            rows.sort_by_key(|at| (std::cmp::Reverse(stock[*at].division.as_str().len()), *at));
        }
        Depots { stock, by_district }
    }

    /// Takes units for a division: from a depot that serves it, else from another of its district. The depot and the
    /// key of its row.
    pub(crate) fn take(&mut self, division: &DivisionCode, item: Supply, units: i64) -> Option<(String, String)> {
        let rows = self.by_district.get(&(division.district(), item))?;
        let left = |at: &&usize| self.stock[**at].promised + units <= self.stock[**at].quantity;
        let serving = rows.iter().filter(left).find(|at| self.stock[**at].division.contains(division));
        let at = *serving.or_else(|| rows.iter().find(left))?;
        let row = &mut self.stock[at];
        row.promised += units;
        Some((row.depot.clone(), row.key.clone()))
    }
}

/// Symptoms got worse at the door or on the way: an emergency with the clock of one, which runs from when it is known here (R08).
/// Told of again, it is the same.
pub(crate) async fn emergency(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfer: &Transfer,
    at: Instant,
    note: &str,
) -> Result<(), OpsError> {
    let request = format!("E-{}-{}", transfer.id, at.micros().div_euclid(1_000_000));
    let person = tx.people_by_no(&[transfer.person_no]).await?.into_iter().next();
    let household = person.and_then(|person| person.household);
    let text = format!("symptoms got worse during transfer {}: {note}", transfer.id);
    let received_at = at.max(minutes.day.earliest);
    if tx.take_emergency(&request, household.as_deref(), &transfer.division, received_at, &text).await? {
        let body = json!({"kind": RequestKind::Emergency, "transfer": transfer.id});
        minutes.event(received_at, "request.opened", request.as_str(), &transfer.division, &body, Some("emergency"))?;
        requested(tx, minutes, &[&request]).await?;
    }
    Ok(())
}

/// Requests that came in, or were answered.
pub async fn requested(tx: &mut Scoped, minutes: &mut Minutes<'_>, ids: &[&str]) -> Result<(), OpsError> {
    let mut requests = tx.requests_by_id(ids, minutes.day.end).await?;
    urgent::told(tx, minutes, &requests).await?;
    merging::by_rule(tx, minutes, &mut requests).await?;
    requests.into_iter().for_each(|request| post_request(minutes, request));
    Ok(())
}

/// A request is an item until the person confirms the answer. One that was opened again has an item of its own, which
/// the desk posts.
fn post_request(minutes: &mut Minutes<'_>, request: Request) {
    let day = minutes.day;
    if request.reopened > 0 && request.answered_at.is_none() {
        return;
    }
    let due = day.pack.answer_deadline(request.kind, request.received_at, day.zone).map(|decided| decided.value);
    let item = minutes.waits(
        Worklist::Answer,
        request.item(),
        &request.division,
        by_division(&request.division),
        request.received_at,
        format!("{}: no answer confirmed", request.kind),
    );
    item.due_at = due;
    if let Some(into) = &request.merged_into {
        item.cancelled(day.end, format!("{}: goes with {into}, which is answered for both", request.kind));
    } else if let Some(at) = request.answered_at {
        // what was answered is about a person, and an item tells of nobody
        item.done(at, format!("{}: answered, and confirmed by the person", request.kind));
    }
}
