//! What goes wrong between the city and the service: rows that come twice, late, out of order or corrected, laboratories
//! that are offline for half a day, a service that dies, a vehicle or facility that fails. Each is drawn by the seed, so
//! that a fault that is found comes back.

mod kinds;

pub use kinds::{Fault, Faults};

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
    ops::RangeInclusive,
};

impl Faults {
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
