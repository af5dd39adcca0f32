//! What goes wrong between the city and the service: rows that come twice, late, out of order or corrected, laboratories
//! that are offline for half a day, a service that dies, a vehicle or facility that fails. Each is drawn by the seed, so
//! that a fault that is found comes back.

use crate::{
    DrillError,
    living::{Chance, Of},
    officials::number,
    service::{Service, text},
    sites::{Sites, Waits},
};
use dayclear_core::{
    access::Role,
    schema::{FACILITIES, RESULTS, TUBES, Table, VEHICLES},
    time::{Instant, Zone},
};
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    ops::RangeInclusive,
};

/// A kind of fault; the numbers are those of the list of faults that the system must withstand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// Rows come twice (F07).
    Duplicate,
    /// Results come hours late (F09).
    Late,
    /// Rows come in another order (F08).
    Disorder,
    /// A laboratory corrects a result: negative first, then what is true (F10).
    Correct,
    /// A third of the laboratories are offline, and what they report comes twelve hours later (F20).
    Offline,
    /// The service dies between two requests and starts again on the same store (F01).
    Crash,
    /// The service dies in the middle of a request or of a run of the line, at any statement or just after the commit, and
    /// whoever asked asks again (F01).
    Kill,
    /// The same, but it is the database that goes away in the middle and comes back: a restart, a full disk (F02, F18).
    Database,
    /// The disk of the store is full in the middle of something: nothing can be written until there is room again, and what is
    /// asked is answered (F03).
    Full,
    /// Commands and rows are sent twice under one key: the second answer must be the first (F05).
    Double,
    /// The clock of a laboratory is wrong by half an hour, either way (F11).
    Skew,
    /// A vehicle breaks down, with people waiting for it (F12).
    Vehicle,
    /// A facility closes while people are on the way to it (F13).
    Facility,
    /// A courier loses a box, of which a half turn up again hours later; a laboratory counts one in twice.
    Box,
    /// Tubes break; of a tube the people are told and it is not, or it is and they are not, until it is put right (F25).
    Tube,
    /// A phone at a site has no network for half a day and a wrong clock, and sends everything twice in the evening (F11, F20).
    Phone,
    /// A place is cut off for half a day: what its sites did comes in the evening, after the results (F20).
    District,
    /// A laboratory tests nothing and reports negatives (F26).
    Liar,
    /// Vehicles give signs of life, and a third of them stop for hours, with people in them (F12).
    Silent,
    /// A vehicle breaks down with people in it, who reach their beds an hour and a half later by another one (F12).
    Lost,
}

impl Fault {
    /// All of them.
    pub const ALL: [Fault; 20] = [
        Fault::Duplicate,
        Fault::Late,
        Fault::Disorder,
        Fault::Correct,
        Fault::Offline,
        Fault::Crash,
        Fault::Kill,
        Fault::Database,
        Fault::Full,
        Fault::Double,
        Fault::Skew,
        Fault::Vehicle,
        Fault::Facility,
        Fault::Box,
        Fault::Tube,
        Fault::Phone,
        Fault::District,
        Fault::Liar,
        Fault::Silent,
        Fault::Lost,
    ];

    /// Name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Fault::Duplicate => "duplicate",
            Fault::Late => "late",
            Fault::Disorder => "disorder",
            Fault::Correct => "correct",
            Fault::Offline => "offline",
            Fault::Crash => "crash",
            Fault::Kill => "kill",
            Fault::Database => "database",
            Fault::Full => "full",
            Fault::Double => "double",
            Fault::Skew => "skew",
            Fault::Vehicle => "vehicle",
            Fault::Facility => "facility",
            Fault::Box => "box",
            Fault::Tube => "tube",
            Fault::Phone => "phone",
            Fault::District => "district",
            Fault::Liar => "liar",
            Fault::Silent => "silent",
            Fault::Lost => "lost",
        }
    }
}

/// Faults of a drill.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.0.iter().map(|fault| fault.name()).collect();
        f.write_str(&names.join(","))
    }
}

impl Faults {
    /// All there are.
    pub fn all() -> Faults {
        Faults(Fault::ALL.to_vec())
    }

    /// Reads names with commas between; `all` for all.
    pub fn read(text: &str) -> Result<Faults, String> {
        let mut found = Vec::new();
        for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
            if name == "all" {
                return Ok(Self::all());
            }
            match Fault::ALL.iter().find(|fault| fault.name() == name) {
                Some(fault) => found.push(*fault),
                None => {
                    let known: Vec<&str> = Fault::ALL.iter().map(|fault| fault.name()).collect();
                    return Err(format!("there is no fault '{name}'; there are: {}, all", known.join(", ")));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        Ok(Faults(found))
    }

    /// Whether none of them wants a service of its own: one elsewhere is not killed, and its drivers are not ours.
    pub(crate) fn fit_elsewhere(&self) -> Result<(), String> {
        const OWN: [Fault; 5] = [Fault::Crash, Fault::Kill, Fault::Database, Fault::Full, Fault::Silent];
        let own: Vec<&str> = self.0.iter().filter(|fault| OWN.contains(fault)).map(|fault| fault.name()).collect();
        if own.is_empty() {
            return Ok(());
        }
        Err(format!(
            "these faults want a service of the drill's own: {}; leave them out with --service",
            own.join(", ")
        ))
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }

    /// A share that a fault has, where it is played.
    pub(crate) fn share(&self, fault: Fault, share: f64) -> f64 {
        if self.has(fault) { share } else { 0.0 }
    }

    pub(crate) fn start(&self, chance: Chance, zone: &Zone) -> Wire {
        Wire {
            faults: self.clone(),
            sites: Sites::new(self, chance, zone),
            released: false,
            chance,
            sent: 0,
            held: Vec::new(),
            delivered: BTreeMap::new(),
            reported: BTreeMap::new(),
            broken: BTreeMap::new(),
            closed: Vec::new(),
            late: BTreeSet::new(),
            heard: BTreeSet::new(),
            injected: 0,
        }
    }
}

/// What happens to the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Loss {
    /// The service dies.
    Death,
    /// The database goes away and comes back.
    #[default]
    Database,
    /// Nothing can be written for a while.
    Full,
}

/// The way from the city to the service.
pub(crate) struct Wire {
    faults: Faults,
    /// What goes wrong before anything leaves a site.
    pub sites: Sites,
    /// Rows that were held back at a site have come since somebody asked.
    released: bool,
    chance: Chance,
    sent: u64,
    held: Vec<(Instant, &'static Table, Value)>,
    /// Tubes that the service was told are positive, with the moment it was told.
    pub delivered: BTreeMap<String, Instant>,
    /// Tubes of which the service was told any result, with the moment of its release.
    pub reported: BTreeMap<String, Instant>,
    /// What is broken, by list.
    broken: BTreeMap<&'static str, String>,
    /// Facilities that closed: which, from when, and until when if it opened again.
    pub closed: Vec<(String, Instant, Option<Instant>)>,
    /// Trips whose people come late: their vehicle broke down with them in it, or nobody hears of its crew.
    late: BTreeSet<String>,
    /// Trips of whose vehicle one has heard.
    heard: BTreeSet<String>,
    /// Faults so far.
    pub injected: u64,
}

/// A row of a list as a row of the table that it came from.
fn as_given(table: &Table, row: &Map<String, Value>) -> Map<String, Value> {
    let given = table.columns.iter().filter_map(|column| {
        let value = row.get(column.name).filter(|value| !value.is_null())?;
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        Some((column.name.to_owned(), text.into()))
    });
    given.collect()
}

/// Hours for which a late result is held back, at most.
const LATE_HOURS: u64 = 10;
/// Hours after which a laboratory that is offline reports.
const OFFLINE_HOURS: i64 = 12;

impl Wire {
    /// What is said of faults.
    pub fn said(&self) -> String {
        self.faults.to_string()
    }

    /// Brings rows, as the faults let them through.
    pub async fn give(
        &mut self,
        service: &mut Service<'_>,
        table: &'static Table,
        rows: Vec<Value>,
    ) -> Result<(), DrillError> {
        let now = service.now();
        if table.name == TUBES.name {
            self.sites.sync(service).await?;
        }
        let (due, held) =
            std::mem::take(&mut self.held).into_iter().partition(|(at, held, _)| *at <= now && held.name == table.name);
        self.held = held;
        let due: Vec<(Instant, &'static Table, Value)> = due;
        let mut out: Vec<Value> = due.into_iter().map(|(_, _, row)| row).collect();
        self.released |= !out.is_empty();
        for mut row in rows {
            self.sent += 1;
            match self.sites.waits(table, &row, now) {
                Some(Waits::Until(at)) => {
                    self.held.push((at, table, row));
                    continue;
                }
                Some(Waits::AndNow(at)) => self.held.push((at, table, row.clone())),
                Some(Waits::OnPhone) => continue,
                None => {}
            }
            if self.faults.has(Fault::Skew) {
                self.skew(&mut row);
            }
            let (n, hit) = (self.sent, |of: u64| self.chance.unit(Of::Fault, self.sent | of << 44));
            if self.faults.has(Fault::Correct) && table.name == RESULTS.name && hit(1) < 0.01 {
                let mut first = row.clone();
                first["finding"] = "negative".into();
                if let Some(first) = first.as_object_mut() {
                    first.remove("ct_n");
                }
                let mut then = row.clone();
                then["version"] = "C".into();
                self.injected += 1;
                out.push(first);
                self.held.push((now.plus_hours(2), table, then));
                continue;
            }
            if self.faults.has(Fault::Late) && table.name == RESULTS.name && hit(2) < 0.03 {
                self.injected += 1;
                let hours = 1 + self.chance.below(Of::Fault, n | 3 << 44, LATE_HOURS) as i64;
                self.held.push((now.plus_hours(hours), table, row));
                continue;
            }
            if self.faults.has(Fault::Offline) && self.is_offline(&row, now) {
                self.injected += 1;
                self.held.push((now.plus_hours(OFFLINE_HOURS), table, row));
                continue;
            }
            if self.faults.has(Fault::Duplicate) && hit(4) < 0.02 {
                self.injected += 1;
                out.push(row.clone());
            }
            out.push(row);
        }
        if self.faults.has(Fault::Disorder) {
            let (chance, sent) = (self.chance, self.sent);
            let mut keyed: Vec<(u64, Value)> = out
                .into_iter()
                .enumerate()
                .map(|(n, row)| (chance.below(Of::Fault, (sent + n as u64) | 5 << 44, u64::MAX), row))
                .collect();
            keyed.sort_by_key(|(key, _)| *key);
            out = keyed.into_iter().map(|(_, row)| row).collect();
        }
        service.give(table, &out).await?;
        if table.name == RESULTS.name {
            for row in &out {
                let text = |name: &str| row[name].as_str().unwrap_or_default();
                let Ok(at) = text("reported_at").parse() else { continue };
                self.reported.insert(text("tube").to_owned(), at);
                if row["finding"] == "positive" {
                    self.delivered.insert(text("tube").to_owned(), at);
                }
            }
        }
        Ok(())
    }

    /// A third of the laboratories are offline from 02:00 to 06:00 UTC, around noon in the city: what they report comes later.
    fn is_offline(&self, row: &Value, now: Instant) -> bool {
        let hour = now.micros() / 3_600_000_000 % 24;
        let laboratory = row["laboratory"].as_str().unwrap_or_default();
        row.get("finding").is_some() && (2..6).contains(&hour) && laboratory.ends_with(['1', '4', '7'])
    }

    /// The clock of every third laboratory goes ahead or behind by one and the same time.
    fn skew(&mut self, row: &mut Value) {
        let laboratory = row["laboratory"].as_str().unwrap_or_default();
        let minutes = match laboratory.bytes().last().unwrap_or_default() % 3 {
            1 => 25,
            2 => -25,
            _ => return,
        };
        if let Some(at) = row["reported_at"].as_str().and_then(|at| at.parse::<Instant>().ok()) {
            row["reported_at"] = at.plus_minutes(minutes).to_string().into();
            self.injected += 1;
        }
    }

    /// What breaks in this hour: a vehicle, a facility; and what was broken since the day before works again.
    pub async fn break_something(
        &mut self,
        service: &mut Service<'_>,
        day: u16,
        span: &RangeInclusive<u64>,
        zone: &Zone,
    ) -> Result<(), DrillError> {
        for (fault, of, list, key, table) in [
            (Fault::Vehicle, 7, "vehicles", "vehicle", &VEHICLES),
            (Fault::Facility, 8, "facilities", "facility", &FACILITIES),
        ] {
            // two hours of the day, so that people are on the way
            if !self.faults.has(fault) || !(span.contains(&11) || span.contains(&17)) {
                continue;
            }
            let rows = service.rows(Role::DistrictCommand, list, "").await?;
            if rows.len() < 2 {
                continue;
            }
            let at =
                self.chance.below(Of::Fault, (u64::from(day) * 24 + span.end()) | of << 44, rows.len() as u64) as usize;
            let given = |row: &Map<String, Value>, broken: bool| {
                let mut out = as_given(table, row);
                match fault {
                    Fault::Vehicle => {
                        drop(out.insert("out_of_service".to_owned(), if broken { "yes" } else { "no" }.into()))
                    }
                    _ if broken => {
                        let yesterday = zone.day(service.now()).plus_days(-1);
                        out.insert("closes_on".to_owned(), yesterday.to_string().into());
                    }
                    _ => drop(out.remove("closes_on")),
                }
                Value::Object(out)
            };
            let id = rows[at].get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let mut changed = vec![given(&rows[at], true)];
            if let Some(was) = self.broken.insert(list, id.clone()).filter(|was| *was != id)
                && let Some(row) = rows.iter().find(|row| row.get(key).and_then(Value::as_str) == Some(was.as_str()))
            {
                changed.push(given(row, false));
            }
            service.give(table, &changed).await?;
            if fault == Fault::Facility {
                let now = service.now();
                let opened = self.closed.iter_mut().filter(|(other, _, to)| *other != id && to.is_none());
                opened.for_each(|(_, _, to)| *to = Some(now));
                if !self.is_closed(&id, now) {
                    self.closed.push((id, now, None));
                }
            }
            self.injected += 1;
        }
        Ok(())
    }

    /// What happens on the road at the end of some hours: vehicles give signs of life, or fall silent; one breaks down with people in it.
    pub async fn on_the_road(
        &mut self,
        service: &mut Service<'_>,
        span: &RangeInclusive<u64>,
    ) -> Result<(), DrillError> {
        if !self.faults.has(Fault::Silent) && !self.faults.has(Fault::Lost) {
            return Ok(());
        }
        let riding = service.rows(Role::DistrictCommand, "transfers", "state=underway").await?;
        let mut trips: BTreeMap<String, String> = BTreeMap::new();
        for row in riding.iter().filter(|row| !text(row, "trip").is_empty()) {
            trips.insert(text(row, "trip").to_owned(), text(row, "vehicle").to_owned());
        }
        if self.faults.has(Fault::Silent) {
            for (trip, vehicle) in &trips {
                let falls = self.chance.below(Of::Fault, number(trip) | 16 << 44, 3) == 0;
                // heard once, and then no more until its people are there, late
                if falls && !self.heard.insert(trip.clone()) {
                    continue;
                }
                if falls {
                    self.late.insert(trip.clone());
                    self.injected += 1;
                }
                service.beat(vehicle, Some((106.55, 29.56))).await?;
            }
        }
        let lost = trips.into_iter().filter(|(trip, _)| !self.late.contains(trip));
        let lost: Vec<(String, String)> = if self.faults.has(Fault::Lost) { lost.collect() } else { Vec::new() };
        let draw = number(&service.now().to_string()) ^ *span.end();
        if let (false, true) = (lost.is_empty(), self.chance.below(Of::Fault, draw | 17 << 44, 3) == 0) {
            let (trip, vehicle) = &lost[self.chance.below(Of::Fault, draw | 18 << 44, lost.len() as u64) as usize];
            let rows = service.rows(Role::DistrictCommand, "vehicles", "").await?;
            let row = rows.iter().find(|row| text(row, "vehicle") == vehicle);
            let broken = row.map(|row| {
                let mut given = as_given(&VEHICLES, row);
                given.insert("out_of_service".to_owned(), "yes".into());
                Value::Object(given)
            });
            // one vehicle is left at least: a city without any is another fault
            if rows.iter().filter(|row| text(row, "out_of_service") != "yes").count() > 1 {
                service.give(&VEHICLES, &broken.into_iter().collect::<Vec<_>>()).await?;
                self.late.insert(trip.clone());
                self.injected += 1;
            }
        }
        service.pass().await.map_err(DrillError::from)
    }

    /// Whether the people of a trip come late: their vehicle broke down, or nobody hears of its crew.
    pub fn is_late(&self, trip: &str) -> bool {
        self.late.contains(trip)
    }

    /// Whether a facility was closed at a moment.
    pub fn is_closed(&self, facility: &str, at: Instant) -> bool {
        self.closed.iter().any(|(name, from, to)| name == facility && *from < at && to.is_none_or(|to| at <= to))
    }

    /// Whether the service dies in some hours up to this one.
    pub fn crashes(&mut self, hour: u64, hours: u64) -> bool {
        const AN_HOUR: f64 = 0.1;
        let dies =
            self.faults.has(Fault::Crash) && self.chance.unit(Of::Fault, hour | 6 << 44) < AN_HOUR * hours as f64;
        self.injected += u64::from(dies);
        dies
    }

    /// What happens to the store in some hours up to this one, and after how many of its steps.
    pub fn loses(&mut self, hour: u64, hours: u64) -> Option<(u32, Loss)> {
        const AN_HOUR: f64 = 0.15;
        // a request takes some ten to fifty steps, a run of the line some hundreds
        const STEPS_MAX: u64 = 400;
        let hit = |of: u64| self.chance.unit(Of::Fault, hour | of << 44) < AN_HOUR * hours as f64;
        let losses =
            [(Fault::Kill, 9, Loss::Death), (Fault::Database, 10, Loss::Database), (Fault::Full, 15, Loss::Full)];
        let (.., loss) = losses.into_iter().find(|(fault, of, _)| self.faults.has(*fault) && hit(*of))?;
        self.injected += 1;
        Some((self.chance.below(Of::Fault, hour | 11 << 44, STEPS_MAX) as u32 + 1, loss))
    }

    /// Whether rows came since the last question that had been held back, so that others may be understood now.
    pub fn has_released(&mut self) -> bool {
        std::mem::take(&mut self.released)
    }

    /// Nothing is held back beyond the day for ever: what is due by now comes.
    pub async fn flush(&mut self, service: &mut Service<'_>) -> Result<(), DrillError> {
        self.give(service, &RESULTS, Vec::new()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_read_by_name() {
        assert_eq!(Faults::read("late, crash").unwrap().to_string(), "late,crash");
        assert_eq!(Faults::read("all").unwrap(), Faults::all());
        assert_eq!(Faults::read("").unwrap(), Faults::default());
        assert!(Faults::read("lat").unwrap_err().contains("duplicate"));
    }
}
