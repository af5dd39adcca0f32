//! Parcels on their way to doors, played: the supplies desk of each district says who carries today and plans the runs of its depots at its
//! hour, carriers set out about when they are to and hand over door by door in the order of the plan. Where the hours of all who carry are
//! full, the desk finds more vehicles. They know what the lists of the service show them; whoever does not open is missed, and what is
//! missed stays so until another run brings it.

use crate::{
    DrillError,
    living::{Living, Of},
    officials::number,
    service::{Row, Service, at, text},
};
use dayclear_core::{
    access::Role,
    schema::CARRIERS,
    time::{CivilDate, Instant},
    welfare::{DoorProof, Means, NotCarried},
};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Hours at which the supplies desk of a district plans: at the first of them, and at the next ones while nothing was owed yet.
const DESK_HOURS: std::ops::Range<u64> = 7..20;
/// People of a district for whom one vehicle is laid out, and parcels that it takes at once.
const PEOPLE_A_VEHICLE: u32 = 2_000;
const VEHICLE_PARCELS: u64 = 60;
const TROLLEY_PARCELS: u64 = 12;
/// Hours at which a desk looks at what no run carries, parcels of it for which it finds one more vehicle, and vehicles that it finds at once,
/// at most.
const DESK_COUNTS: [u64; 2] = [10, 14];
const PARCELS_A_VEHICLE: usize = 120;
const VEHICLES_AT_ONCE: usize = 8;
/// Hours of vehicles and of those with a trolley, who bring in the evening what was missed.
const VEHICLE_HOURS: (i64, i64) = (8, 19);
const TROLLEY_HOURS: (i64, i64) = (13, 21);
/// Minutes by which a run sets out later than planned, and by which somebody comes to a door later, at most.
const LEAVES_LATE_MIN: u64 = 15;
const DOOR_LATE_MIN: u64 = 10;
/// Share of the runs whose carrier does not come.
const DROPS_OUT: f64 = 0.03;
/// Carriers tell of what they do every so many minutes, and try again after them where a run may not leave yet.
const TOLD_EVERY_MIN: i64 = 15;
/// Minutes after its time for which somebody tries to send a run off.
const TRIED_MIN: i64 = 180;

/// A run that has not left.
struct Waiting {
    /// When its carrier sets out, or tries again.
    at: Instant,
    /// After that nobody tries any more.
    until: Instant,
    carrier: String,
}

/// What carriers have before them.
#[derive(Default)]
pub struct Carriers {
    /// Depots with the division that each serves.
    depots: BTreeMap<String, String>,
    /// Rows of who carries today.
    shifts: BTreeMap<String, Value>,
    planned: BTreeSet<(CivilDate, String)>,
    /// Vehicles that were found beyond those laid out, by depot.
    found: BTreeMap<String, u32>,
    /// Day on which a desk counted last what no run carries, and how often.
    counted: Option<(CivilDate, usize)>,
    waiting: BTreeMap<String, Waiting>,
    /// Doors ahead, by time and parcel.
    doors: BTreeSet<(Instant, String)>,
    /// Runs whose carrier did not come.
    dropped: BTreeSet<String>,
}

impl Carriers {
    /// A day begins: who carries for which depot, and when.
    pub async fn begin_day(&mut self, service: &mut Service<'_>, living: &Living, day: u16) -> Result<(), DrillError> {
        if self.depots.is_empty() {
            let stocks = service.rows(Role::DistrictCommand, "supplies", "").await?;
            self.depots =
                stocks.iter().map(|row| (text(row, "depot").to_owned(), text(row, "division").to_owned())).collect();
        }
        let start = living.zone.start_of(living.date(day));
        let laid_out = self.laid_out(living);
        self.shifts.clear();
        for depot in self.depots.clone().keys() {
            let found = self.found.get(depot).copied().unwrap_or_default();
            for vehicle in 1..=laid_out + found {
                self.carries(living, start, depot, (Means::Vehicle, vehicle), VEHICLE_HOURS);
            }
            self.carries(living, start, depot, (Means::Trolley, 1), TROLLEY_HOURS);
        }
        service.give(&CARRIERS, &self.shifts.values().cloned().collect::<Vec<_>>()).await?;
        Ok(())
    }

    /// Vehicles of a depot on a day on which nobody looked for more.
    fn laid_out(&self, living: &Living) -> u32 {
        let people = living.city.people() / (self.depots.len() as u32).max(1);
        people.div_ceil(PEOPLE_A_VEHICLE).max(1)
    }

    /// Puts down that somebody carries for a depot in these hours of a day; gives their id.
    fn carries(
        &mut self,
        living: &Living,
        start: Instant,
        depot: &str,
        (means, number): (Means, u32),
        (from, to): (i64, i64),
    ) -> String {
        let (letter, capacity) = match means {
            Means::Vehicle => ('V', VEHICLE_PARCELS),
            _ => ('T', TROLLEY_PARCELS),
        };
        let carrier = format!("{depot}-{letter}{number}");
        let hour = |hour: i64| living.zone.text(start.plus_hours(hour));
        let row = json!({
            "carrier": carrier, "depot": depot, "division": self.depots.get(depot), "means": means, "capacity": capacity,
            "from": hour(from), "to": hour(to),
        });
        self.shifts.insert(carrier.clone(), row);
        carrier
    }

    /// The supplies desks find more vehicles where the hours of all who carry are full: from the next hour on, and on the days that follow.
    async fn find_more(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        date: CivilDate,
        hour: u64,
    ) -> Result<(), DrillError> {
        let start = living.zone.start_of(date);
        let full = format!("not_carried={},{}", NotCarried::NoCarrier, NotCarried::NoHours);
        let mut left: BTreeMap<String, usize> = BTreeMap::new();
        for row in
            service.rows(Role::DistrictCommand, "parcels", &format!("delivered=false&carried=false&{full}")).await?
        {
            *left.entry(text(&row, "depot").to_owned()).or_default() += 1;
        }
        left.retain(|depot, _| self.depots.contains_key(depot));
        let laid_out = self.laid_out(living);
        let mut rows = Vec::new();
        for (depot, parcels) in &left {
            for _ in 0..parcels.div_ceil(PARCELS_A_VEHICLE).min(VEHICLES_AT_ONCE) {
                let found = self.found.entry(depot.clone()).or_default();
                *found += 1;
                let number = laid_out + *found;
                let hours = (hour as i64 + 1, VEHICLE_HOURS.1.max(hour as i64 + 3));
                let carrier = self.carries(living, start, depot, (Means::Vehicle, number), hours);
                rows.extend(self.shifts.get(&carrier).cloned());
            }
        }
        if !rows.is_empty() {
            service.give(&CARRIERS, &rows).await?;
        }
        Ok(())
    }

    /// The supplies desks plan the runs of the day, once something is owed.
    pub async fn plan(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        date: CivilDate,
        hour: u64,
    ) -> Result<(), DrillError> {
        let looks = DESK_COUNTS.iter().filter(|from| hour >= **from).count();
        let (day, looked) = self.counted.unwrap_or((date, 0));
        if (day != date || looks > looked) && looks > 0 && DESK_HOURS.contains(&hour) {
            self.counted = Some((date, looks));
            self.find_more(service, living, date, hour).await?;
        }
        if !DESK_HOURS.contains(&hour) {
            return Ok(());
        }
        for depot in self.depots.keys() {
            let of_today = (date, depot.clone());
            if self.planned.contains(&of_today) {
                continue;
            }
            let given = json!({"depot": depot});
            if service.may_make(Role::DistrictCommand, "delivery_runs", "plan", &given).await?.is_some() {
                self.planned.insert(of_today);
            }
        }
        Ok(())
    }

    /// Carriers look at their sheets: which runs are to leave, and which doors lie ahead of those that have left.
    pub async fn look(&mut self, service: &mut Service<'_>, living: &Living) -> Result<(), DrillError> {
        let open = service.rows(Role::DistrictCommand, "delivery_runs", "state=planned,underway").await?;
        self.waiting = open
            .iter()
            .filter(|row| text(row, "state") == "planned")
            .filter_map(|row| {
                let (run, leaves) = (text(row, "run").to_owned(), at(row, "leaves_at")?);
                let late = living.chance.below(Of::Pace, number(&run), LEAVES_LATE_MIN) as i64;
                let waiting = Waiting {
                    at: leaves.plus_minutes(late),
                    until: leaves.plus_minutes(TRIED_MIN),
                    carrier: text(row, "carrier").to_owned(),
                };
                Some((run, waiting))
            })
            .filter(|(run, _)| !self.dropped.contains(run))
            .collect();
        self.doors.clear();
        let underway: BTreeSet<&str> =
            open.iter().filter(|row| text(row, "state") == "underway").map(|row| text(row, "run")).collect();
        if !underway.is_empty() {
            let carried = service.rows(Role::DistrictCommand, "parcels", "carried=true").await?;
            self.ahead(living, carried.iter().filter(|row| underway.contains(text(row, "run"))));
        }
        Ok(())
    }

    /// Doors that lie ahead, in the order of the sheet.
    fn ahead<'r>(&mut self, living: &Living, stops: impl Iterator<Item = &'r Row>) {
        for row in stops {
            let (Some(expected), key) = (at(row, "expected_at"), text(row, "id").to_owned()) else { continue };
            // later at one door is later at all that follow: the delay is that of the run
            let late = living.chance.below(Of::Pace, number(text(row, "run")) | 1 << 53, DOOR_LATE_MIN) as i64;
            self.doors.insert((expected.plus_minutes(late), key));
        }
    }

    /// What happens on the way until a moment, told about when it happens.
    pub async fn on_the_way(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        until: Instant,
    ) -> Result<(), DrillError> {
        loop {
            let leaves = self.waiting.values().map(|one| one.at).min();
            let next = leaves.into_iter().chain(self.doors.first().map(|(at, _)| *at)).min();
            let Some(next) = next.map(|at| told_at(at).max(service.now())).filter(|at| *at < until) else {
                return Ok(());
            };
            service.wait_until(next).await?;
            self.leave(service, living, next).await?;
            self.hand_over(service, living, next).await?;
        }
    }

    /// Runs leave. Whose carrier does not come is known when they should have left: their shift is over before it began.
    async fn leave(&mut self, service: &mut Service<'_>, living: &Living, now: Instant) -> Result<(), DrillError> {
        let due: Vec<String> =
            self.waiting.iter().filter(|(_, one)| one.at <= now).map(|(run, _)| run.clone()).collect();
        let (mut sent, mut gone) = (Vec::new(), Vec::new());
        for run in due {
            let Some(mut one) = self.waiting.remove(&run) else { continue };
            if living.chance.unit(Of::Door, number(&run) | 1 << 54) < DROPS_OUT {
                if let Some(shift) = self.shifts.get_mut(&one.carrier) {
                    shift["to"] = living.zone.text(now).into();
                    gone.push(shift.clone());
                }
                self.dropped.insert(run);
                continue;
            }
            if service.attempt(Role::DistrictCommand, "delivery_runs", "leave", &run, &json!({})).await? {
                sent.push(run);
            } else if now < one.until {
                one.at = now.plus_minutes(TOLD_EVERY_MIN);
                self.waiting.insert(run, one);
            }
        }
        service.give(&CARRIERS, &gone).await?;
        for run in sent {
            let query = format!("run={run}&carried=true");
            let stops = service.rows(Role::DistrictCommand, "parcels", &query).await?;
            self.ahead(living, stops.iter());
        }
        Ok(())
    }

    /// Parcels are handed over, or nobody opens.
    async fn hand_over(&mut self, service: &mut Service<'_>, living: &Living, now: Instant) -> Result<(), DrillError> {
        let (mut opened, mut missed) = (Vec::new(), Vec::new());
        while self.doors.first().is_some_and(|(at, _)| *at <= now) {
            let Some((expected, key)) = self.doors.pop_first() else { break };
            let index = number(&key) ^ expected.micros().unsigned_abs() & 0xFFFF_FFFF;
            match living.chance.unit(Of::Door, index | 1 << 55) < living.scenario().people_do.no_answer {
                true => missed.push(key),
                false => opened.push(key),
            }
        }
        if !missed.is_empty() {
            let given = json!({"reason": "nobody opened"});
            service.act(Role::DistrictCommand, "parcels", "miss", &missed, &given).await?;
        }
        if !opened.is_empty() {
            let given = json!({"door_proof": DoorProof::Word, "word_said": "yes, whoever lives there"});
            service.act(Role::DistrictCommand, "parcels", "deliver", &opened, &given).await?;
        }
        Ok(())
    }
}

/// When something is told that happened at a moment: by the quarter of an hour, and not before.
fn told_at(at: Instant) -> Instant {
    const QUARTER: i64 = TOLD_EVERY_MIN * 60_000_000;
    Instant::from_micros(
        at.micros().div_euclid(QUARTER) * QUARTER + if at.micros() % QUARTER == 0 { 0 } else { QUARTER },
    )
}

/// Parcels to doors.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Brought {
    /// Parcels that a depot owed, to households that are bound.
    pub owed: usize,
    /// Parcels that nobody has to bring any more: the household is free.
    pub lifted: usize,
    /// Of them: at their door by the end.
    pub brought: usize,
    /// Of these: on the day for which they were owed.
    pub on_their_day: usize,
    /// Parcels that nobody took at least once.
    pub missed: usize,
    /// Of these: at their door by the end.
    pub brought_again: usize,
    /// Runs that left.
    pub runs: usize,
    /// Of these: planned by the service itself, for what was missed or came after the plan.
    pub repaired: usize,
}

impl Brought {
    pub(crate) async fn of(service: &mut Service<'_>, living: &Living) -> Result<Brought, DrillError> {
        let parcels = service.rows(Role::DistrictCommand, "parcels", "").await?;
        let is_lifted =
            |row: &&Row| at(row, "delivered_at").is_none() && text(row, "not_carried") == NotCarried::Free.name();
        let (lifted, owed): (Vec<&Row>, Vec<&Row>) =
            parcels.iter().filter(|row| !text(row, "depot").is_empty()).partition(is_lifted);
        let brought = || owed.iter().filter_map(|row| Some((*row, at(row, "delivered_at")?)));
        let on_its_day = |(row, at): &(&Row, Instant)| living.zone.day(*at).to_string() == text(row, "day");
        let was_missed = |row: &Row| row.get("misses").and_then(Value::as_u64).unwrap_or_default() > 0;
        let runs = service.rows(Role::DistrictCommand, "delivery_runs", "").await?;
        let left: Vec<&Row> = runs.iter().filter(|row| at(row, "left_at").is_some()).collect();
        Ok(Brought {
            owed: owed.len(),
            lifted: lifted.len(),
            brought: brought().count(),
            on_their_day: brought().filter(on_its_day).count(),
            missed: owed.iter().filter(|row| was_missed(row)).count(),
            brought_again: brought().filter(|(row, _)| was_missed(row)).count(),
            runs: left.len(),
            repaired: left.iter().filter(|row| text(row, "planned_by") == dayclear_ops::minutes::BY_RULE).count(),
        })
    }
}
