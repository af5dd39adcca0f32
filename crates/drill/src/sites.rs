//! What goes wrong at sampling sites and reaches the service late or in the wrong order: a place cut off for the day, a phone that has
//! no network and a wrong clock, a tube of which nobody told, a tube whose people come later. Everything comes in the end, once.

use crate::{
    DrillError,
    faults::{Fault, Faults},
    living::{Chance, Of},
    officials::number,
    service::{Service, ServiceError},
};
use dayclear_core::{
    schema::{MEMBERS, PACKINGS, TUBES, Table},
    time::{Instant, Zone},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Hours of the day in which a site is without a network: what it has to say comes with the last one.
const WITHOUT: std::ops::Range<i64> = 7..20;
/// Minutes by which the clock of such a phone goes ahead.
const CLOCK_MIN: i64 = 137;
/// Share of the places that are cut off on a day, of pools that are filled with such a phone, and of tubes with either mistake.
const PLACES: f64 = 0.3;
const PHONES: f64 = 0.25;
const MISTAKES: f64 = 0.02;
/// Hours after which a mistake is put right.
const PUT_RIGHT_HOURS: i64 = 2;
/// Hour from which nobody makes such a mistake any more: a day that ends must leave nothing open.
const LAST_HOUR: i64 = 21;
/// Tubes of one call at most.
const TUBES_MAX: usize = 50;

/// Until when a row waits at its site, and whether it comes at once as well.
pub(crate) enum Waits {
    Until(Instant),
    /// It comes now, too early to be understood, and again then.
    AndNow(Instant),
    /// It is on a phone, and comes by another way.
    OnPhone,
}

/// A tube of which the service does not know yet.
enum Away {
    /// Its site is cut off.
    CutOff(Instant),
    /// Its row comes later than those of its people.
    Untold(Instant),
    /// Its people come later.
    Empty(Instant),
    /// It is kept on a phone.
    Phone(Instant),
}

/// Sites, and what they have not told yet.
pub(crate) struct Sites {
    faults: Faults,
    chance: Chance,
    zone: Zone,
    away: BTreeMap<String, Away>,
    /// Tubes on phones, with their people.
    phones: BTreeMap<String, (Value, Vec<String>)>,
    /// Faults so far.
    pub injected: u64,
    /// Tubes that phones have sent.
    pub from_phones: u64,
}

impl Sites {
    pub fn new(faults: &Faults, chance: Chance, zone: &Zone) -> Sites {
        let (away, phones) = (BTreeMap::new(), BTreeMap::new());
        Sites { faults: faults.clone(), chance, zone: zone.clone(), away, phones, injected: 0, from_phones: 0 }
    }

    /// Hour of the day, and the moment at which sites without a network have one again.
    fn hour(&self, now: Instant) -> (i64, Instant) {
        let start = self.zone.start_of(self.zone.day(now));
        (now.minutes_since(start) / 60, start.plus_hours(WITHOUT.end))
    }

    /// What keeps a new tube from the service.
    fn kept(&self, row: &Value, tube: &str, now: Instant) -> Option<Away> {
        let (hour, back) = self.hour(now);
        let draw = |of: u64, what: &str| self.chance.unit(Of::Fault, number(what) >> 8 | of << 44);
        if WITHOUT.contains(&hour) && back > now {
            let place = format!("{}/{}", self.zone.day(now), row["division"].as_str().unwrap_or_default());
            if self.faults.has(Fault::District) && draw(12, &place) < PLACES {
                return Some(Away::CutOff(back));
            }
            let pool = row["size"].as_u64().is_some_and(|size| size > 1);
            if self.faults.has(Fault::Phone) && pool && draw(13, tube) < PHONES {
                return Some(Away::Phone(back));
            }
        }
        let later = now.plus_hours(PUT_RIGHT_HOURS);
        match draw(14, tube) {
            _ if !self.faults.has(Fault::Tube) || hour >= LAST_HOUR => None,
            drawn if drawn < MISTAKES => Some(Away::Untold(later)),
            drawn if drawn < 2.0 * MISTAKES => Some(Away::Empty(later)),
            _ => None,
        }
    }

    /// Whether a row waits at its site.
    pub fn waits(&mut self, table: &'static Table, row: &Value, now: Instant) -> Option<Waits> {
        let tube = row["tube"].as_str()?.to_owned();
        if table.name == TUBES.name {
            let kept = self.kept(row, &tube, now)?;
            self.injected += 1;
            let waits = match kept {
                Away::CutOff(until) | Away::Untold(until) => Some(Waits::Until(until)),
                Away::Empty(_) => None,
                Away::Phone(_) => {
                    self.phones.insert(tube.clone(), (row.clone(), Vec::new()));
                    Some(Waits::OnPhone)
                }
            };
            self.away.insert(tube, kept);
            return waits;
        }
        if ![MEMBERS.name, PACKINGS.name].contains(&table.name) {
            return None;
        }
        let is_member = table.name == MEMBERS.name;
        match self.away.get(&tube)? {
            Away::CutOff(until) if *until > now => Some(Waits::Until(*until)),
            Away::Untold(until) if *until > now => Some(Waits::AndNow(*until)),
            Away::Empty(until) if *until > now && is_member => Some(Waits::Until(*until)),
            Away::Phone(until) if *until > now && !is_member => Some(Waits::Until(*until)),
            Away::Phone(until) if *until > now => {
                let (_, people) = self.phones.get_mut(&tube)?;
                people.extend(row["person"].as_str().map(str::to_owned));
                Some(Waits::OnPhone)
            }
            _ => None,
        }
    }

    /// Phones that have a network again send what they kept: twice, because the first answer is lost. It must be taken once, at the
    /// time at which it was closed, whatever their clocks say.
    pub async fn sync(&mut self, service: &mut Service<'_>) -> Result<(), DrillError> {
        let now = service.now();
        if self.phones.is_empty() || self.hour(now).1 > now {
            return Ok(());
        }
        let ms = |at: Instant| at.micros() / 1_000;
        // the page was opened with a network in the morning, and reloaded since
        let opened = self.zone.start_of(self.zone.day(now)).plus_hours(WITHOUT.start - 1);
        let clocks = |at: Instant, page: &str| {
            let wall_ms = ms(at.plus_minutes(CLOCK_MIN));
            json!({"wall_ms": wall_ms, "page_ms": ms(at) - ms(opened), "page": page})
        };
        let mut anchor = clocks(opened, "morning");
        anchor["server_ms"] = ms(opened).into();
        let mut tubes = Vec::new();
        for (tube, (row, people)) in std::mem::take(&mut self.phones) {
            let closed: Instant = row["collected_at"].as_str().and_then(|at| at.parse().ok()).unwrap_or(now);
            let people: BTreeSet<String> = people.into_iter().collect();
            let people: Vec<Value> = people.into_iter().map(|person| json!({"person": person})).collect();
            if people.is_empty() {
                continue;
            }
            tubes.push((
                closed,
                json!({
                    "record": format!("phone-{tube}"), "tube": tube, "division": row["division"], "purpose": row["purpose"],
                    "size": row["size"], "site": "phone", "people": people, "taken": clocks(closed, "morning"), "anchor": anchor,
                }),
            ));
        }
        tubes.sort_by_key(|(closed, _)| *closed);
        self.from_phones += tubes.len() as u64;
        for some in tubes.chunks(TUBES_MAX) {
            let records: Vec<&Value> = some.iter().map(|(_, record)| record).collect();
            let body = json!({"now": clocks(now, "evening"), "tubes": records});
            for _ in 0..2 {
                let told = service.send_from_site(&body).await?;
                for ((closed, record), told) in some.iter().zip(&told) {
                    let at = told["collected_at"].as_str().and_then(|at| at.parse::<Instant>().ok());
                    let state = told["state"].as_str().unwrap_or_default();
                    if !["taken", "same"].contains(&state) || at.is_none_or(|at| at.minutes_since(*closed).abs() > 1) {
                        let request = format!("a tube of a phone, closed at {closed}: {record}");
                        return Err(ServiceError::Answer { request, status: 200, answer: told.to_string() }.into());
                    }
                }
            }
        }
        Ok(())
    }
}
