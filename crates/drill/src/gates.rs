//! Entry gates, played: who arrives on which day, as manifests and gates say, and who is tested on landing. Some owe the test and are
//! called; some were infected elsewhere, and come in by that way. Nobody is asked where they come from, and the truth of who is infected is
//! known to the city alone.

use crate::{
    DrillError,
    living::{Living, Of, Tube},
    officials::number,
    score::share,
    service::{Service, at, text},
};
use dayclear_core::{
    access::Role,
    gates::{GateKind, GateWord, Landing},
    schema::{ARRIVALS, GATES},
    screening::Purpose,
    time::Instant,
};
use dayclear_engines::outbreak::{Hold, Measures, Outbreak, Status};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

/// Hours at which people arrive, and at which those who owe the test are called.
const ARRIVE_HOURS: std::ops::Range<u64> = 6..21;
const CALL_HOURS: RangeInclusive<u64> = 9..=20;
/// Minutes after which somebody who owes the test is called, and called again, and how often at most.
const CALLED_MIN: i64 = 60;
const CALLED_AGAIN_MIN: i64 = 300;
const CALLS_MAX: i64 = 4;
/// Hours within which somebody who was reached comes for the test, at most.
const COMES_HOURS: u64 = 8;

/// People who arrive at entry gates.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrivals {
    /// People a day, all gates together. They live in the city and come back to it.
    pub people_a_day: u32,
    /// Gates through which they come, by how.
    pub gates: Vec<String>,
    /// Of a thousand who arrive, those who were infected elsewhere.
    pub infected: f64,
    /// Days before the arrival on which they were, at most.
    #[serde(default = "some_days")]
    pub infected_days: u16,
    /// Share that is not tested at the gate, and owes it.
    #[serde(default)]
    pub untested: f64,
    /// Share that does not want the test.
    #[serde(default)]
    pub refused: f64,
    /// Share of the manifest that does not come.
    #[serde(default)]
    pub missing: f64,
    /// Share of those who come that is on no manifest.
    #[serde(default)]
    pub extra: f64,
    /// Share of those who owe the test that come once they were reached.
    #[serde(default = "most")]
    pub come_when_called: f64,
}

const fn some_days() -> u16 {
    4
}
const fn most() -> f64 {
    0.8
}

impl Arrivals {
    /// The first field that cannot be, with its value and what it must be.
    pub(crate) fn fault(&self) -> Option<(&'static str, String, &'static str)> {
        let shares = [
            ("arrivals.infected / 1000", self.infected / 1_000.0),
            ("arrivals.untested", self.untested),
            ("arrivals.refused", self.refused),
            ("arrivals.missing", self.missing),
            ("arrivals.extra", self.extra),
            ("arrivals.come_when_called", self.come_when_called),
            ("arrivals.untested + refused", self.untested + self.refused),
        ];
        if let Some((field, value)) = shares.into_iter().find(|(_, value)| !(0.0..=1.0).contains(value)) {
            return Some((field, value.to_string(), "a share from 0 to 1"));
        }
        let unknown = self.gates.iter().find(|gate| gate.parse::<GateKind>().is_err());
        if self.gates.is_empty() || unknown.is_some() {
            let value = unknown.cloned().unwrap_or_default();
            return Some(("arrivals.gates", value, "at least one of air, rail, road, water, other"));
        }
        (self.infected_days > 14).then(|| ("arrivals.infected_days", self.infected_days.to_string(), "at most 14"))
    }
}

/// Somebody who arrives, or stands on a manifest.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Traveller {
    /// Number of the ticket.
    ticket: String,
    pub person: u32,
    /// Day of the drill.
    pub day: u16,
    gate: usize,
    /// Minute of the day.
    minute: i64,
    listed: bool,
    pub comes: bool,
    at_gate: Landing,
    /// Days before the arrival on which they are infected.
    pub infected_before: Option<u16>,
}

/// Everybody who arrives in some days, each person once.
pub(crate) fn travellers(
    arrivals: &Arrivals,
    (chance, people, days): (crate::living::Chance, u32, u16),
) -> Vec<Traveller> {
    let mut seen: BTreeSet<u32> = BTreeSet::new();
    let mut all = Vec::new();
    for day in 0..days {
        for n in 0..arrivals.people_a_day {
            let index = u64::from(day) << 32 | u64::from(n);
            let unit = |what: u64| chance.unit(Of::Gate, index | what << 50);
            let Some(person) = (0..64)
                .map(|k| chance.below(Of::Gate, index | k << 24 | 1 << 48, u64::from(people)) as u32)
                .find(|person| seen.insert(*person))
            else {
                continue;
            };
            let comes = unit(1) >= arrivals.missing;
            let at_gate = match unit(2) {
                drawn if drawn < arrivals.untested => Landing::Owes,
                drawn if drawn < arrivals.untested + arrivals.refused => Landing::Refused,
                _ => Landing::Tested,
            };
            let before = chance.below(Of::Gate, index | 5 << 50, u64::from(arrivals.infected_days) + 1) as u16;
            let minutes = (ARRIVE_HOURS.end - ARRIVE_HOURS.start) * 60;
            all.push(Traveller {
                ticket: format!("T{day:03}-{n:05}"),
                person,
                day,
                gate: chance.below(Of::Gate, index | 6 << 50, arrivals.gates.len() as u64) as usize,
                minute: (ARRIVE_HOURS.start * 60 + chance.below(Of::Gate, index | 7 << 50, minutes)) as i64,
                // whoever is on no manifest and does not come is nobody
                listed: !comes || unit(3) >= arrivals.extra,
                comes,
                at_gate,
                infected_before: (comes && unit(4) < arrivals.infected / 1_000.0).then_some(before),
            });
        }
    }
    all
}

impl Living {
    /// Whom a day infects who is elsewhere, in an outbreak: they arrive later.
    pub(crate) fn infected_elsewhere(&self, outbreak: &Outbreak, day: i32) -> Vec<u32> {
        let now = f32::from(outbreak.day());
        let first = -i32::from(self.unseen);
        self.travellers
            .iter()
            .filter(|one| {
                one.infected_before.is_some_and(|before| (i32::from(one.day) - i32::from(before)).max(first) == day)
            })
            .map(|one| one.person)
            .filter(|person| outbreak.status(*person, now) == Status::Susceptible)
            .collect()
    }

    /// Who arrives later than on a day of the drill: they are not in the city.
    pub(crate) fn elsewhere(&self, day: i32) -> impl Iterator<Item = u32> {
        self.travellers.iter().filter(move |one| one.comes && i32::from(one.day) > day).map(|one| one.person)
    }

    /// Measures of a day on which nobody does anything: whoever has not arrived is not there.
    pub(crate) fn nothing_done(&self, day: i32) -> Measures {
        let mut none = Measures::none(&self.city);
        self.elsewhere(day).for_each(|person| none.hold(person, Hold::Away));
        none
    }

    /// Whether somebody has not arrived yet as of a day of the drill.
    pub(crate) fn is_elsewhere(&self, person: u32, day: i32) -> bool {
        self.elsewhere(day).any(|one| one == person)
    }
}

/// What gates and those who follow up remember.
#[derive(Default)]
pub(crate) struct Gates {
    told: bool,
    /// Tickets whose test was taken on landing, by tube; and those of whoever came later.
    tubes: BTreeSet<String>,
    /// People who were reached, and when they come for the test.
    come: BTreeMap<String, (Instant, u32)>,
    asked: BTreeSet<String>,
}

/// What came of entry gates.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Landed {
    /// People who came.
    pub arrivals: u64,
    /// Of a manifest, and never seen.
    pub missing: u64,
    /// Of those who came: on no manifest.
    pub extra: u64,
    /// Of those who came: tested on landing, at the gate or when they were called.
    pub tested: u64,
    /// Of those who came: they did not want it.
    pub refused: u64,
    /// Of those who came: they owe it.
    pub owing: u64,
    /// Of those who owe it: after its time.
    pub overdue: u64,
    /// Of those who came: infected elsewhere, in truth.
    pub infected: u64,
    /// Of these: found by the test on landing.
    pub found_at_gate: u64,
    /// Of these: not found by it, and a case by the end.
    pub found_later: u64,
    /// Of these: not found.
    pub missed: u64,
}

impl Landed {
    /// Share of those infected who were found by the test on landing.
    pub fn found_share(&self) -> Option<f64> {
        share(self.found_at_gate as usize, self.infected as usize)
    }
}

fn gate_id(n: usize) -> String {
    format!("G{}", n + 1)
}

impl Gates {
    /// Whoever arrives in some hours, as manifest and gate say, and whoever comes for the test after a call: the tubes that were taken.
    pub async fn land(
        &mut self,
        service: &mut Service<'_>,
        living: &mut Living,
        (day, hours): (u16, &RangeInclusive<u64>),
        now: Instant,
    ) -> Result<Vec<Tube>, DrillError> {
        let Some(arrivals) = living.scenario().arrivals.clone() else { return Ok(Vec::new()) };
        if !self.told {
            self.told = true;
            let row = |(n, kind): (usize, &String)| {
                json!({"gate": gate_id(n), "kind": kind, "name": format!("gate {} ({kind})", n + 1),
                    "division": living.city.district_code(n as u16 % living.city.districts()), "owner": "gate of the drill"})
            };
            service.give(&GATES, &arrivals.gates.iter().enumerate().map(row).collect::<Vec<_>>()).await?;
        }
        let start = living.zone.start_of(living.date(day));
        let of_day: Vec<Traveller> = living.travellers.iter().filter(|one| one.day == day).cloned().collect();
        let (mut rows, mut tubes) = (Vec::new(), Vec::new());
        let first = start.plus_hours(*hours.start() as i64);
        for one in &of_day {
            let said = |word: GateWord, at: Instant| {
                json!({"gate": gate_id(one.gate), "day": living.date(day), "ticket": one.ticket, "said": word,
                    "at": living.zone.text(at), "said_by": if word == GateWord::Listed { "manifest" } else { "gate" },
                    "person": living.city.person_id(one.person),
                    "destination": living.city.community_code(living.city.community_of(one.person))})
            };
            if *hours.start() == 0 && one.listed {
                rows.push(said(GateWord::Listed, start.plus_minutes(5)));
            }
            let arrived = start.plus_minutes(one.minute);
            if !one.comes || arrived < first || arrived > now {
                continue;
            }
            rows.push(said(GateWord::Arrived, arrived));
            match one.at_gate {
                Landing::Refused => rows.push(said(GateWord::Refused, arrived.plus_minutes(5).min(now))),
                Landing::Tested => {
                    let mut row = said(GateWord::Tested, arrived.plus_minutes(5).min(now));
                    let tube =
                        living.tube(vec![one.person], arrived.plus_minutes(4).min(now), Purpose::Entry.name(), 1);
                    row["tube"] = tube.id.clone().into();
                    self.tubes.insert(tube.id.clone());
                    rows.push(row);
                    tubes.push(tube);
                }
                _ => {}
            }
        }
        service.give(&ARRIVALS, &rows).await?;
        let due: Vec<String> =
            self.come.iter().filter(|(_, (when, _))| *when <= now).map(|(ticket, _)| ticket.clone()).collect();
        for ticket in due {
            let Some((when, person)) = self.come.remove(&ticket) else { continue };
            let tube = living.tube(vec![person], when, Purpose::Entry.name(), 1);
            self.tubes.insert(tube.id.clone());
            tubes.push(tube);
        }
        Ok(tubes)
    }

    /// Whoever owes the test is called: some come, some do not, and some do not answer.
    pub async fn follow_up(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        hour: u64,
        now: Instant,
    ) -> Result<(), DrillError> {
        let Some(arrivals) = &living.scenario().arrivals else { return Ok(()) };
        if !CALL_HOURS.contains(&hour) {
            return Ok(());
        }
        let owes = format!("state={}", Landing::Owes);
        let mut rows: Vec<Value> = Vec::new();
        for row in service.rows(Role::DistrictCommand, "landings", &owes).await? {
            let ticket = text(&row, "ticket_no").to_owned();
            let calls = row.get("calls").and_then(Value::as_i64).unwrap_or_default();
            let (since, after) = match at(&row, "called_at") {
                Some(called) => (Some(called), CALLED_AGAIN_MIN),
                None => (at(&row, "arrived_at"), CALLED_MIN),
            };
            let waited = since.is_some_and(|since| now.minutes_since(since) >= after);
            if !waited || calls >= CALLS_MAX || self.asked.contains(&ticket) {
                continue;
            }
            let index = number(&format!("{ticket}/{calls}"));
            let reached = living.chance.unit(Of::Door, index | 1 << 53) >= living.scenario().people_do.no_answer;
            let word = if reached { GateWord::Called } else { GateWord::NoAnswer };
            rows.push(json!({
                "gate": text(&row, "gate"), "day": text(&row, "day"), "ticket": ticket, "said": word,
                "at": living.zone.text(now.plus_minutes(-2)), "said_by": "community worker",
            }));
            if !reached {
                continue;
            }
            self.asked.insert(ticket.clone());
            let person = living.person(text(&row, "traveller"));
            if let Some(person) =
                person.filter(|_| living.chance.unit(Of::Gate, index | 1 << 54) < arrivals.come_when_called)
            {
                let in_min = 30 + living.chance.below(Of::Pace, index | 1 << 54, COMES_HOURS * 60) as i64;
                self.come.insert(ticket, (now.plus_minutes(in_min), person));
            }
        }
        service.give(&ARRIVALS, &rows).await?;
        Ok(())
    }

    /// What came of them: what the service counts, beside who was infected in truth.
    pub async fn count(
        &self,
        service: &mut Service<'_>,
        living: &Living,
        is_case: &dyn Fn(u32) -> bool,
    ) -> Result<Option<Landed>, DrillError> {
        if living.scenario().arrivals.is_none() {
            return Ok(None);
        }
        let books = service.rows(Role::DistrictCommand, "gate_days", "").await?;
        let sum = |name: &str| books.iter().filter_map(|row| row.get(name).and_then(Value::as_u64)).sum();
        let late = service.rows(Role::DistrictCommand, "landings", "late=true").await?;
        let mut landed = Landed {
            arrivals: sum("came"),
            missing: sum("missing"),
            extra: sum("extra"),
            tested: sum("tested"),
            refused: sum("refused"),
            owing: sum("owing"),
            overdue: late.len() as u64,
            ..Landed::default()
        };
        let now = service.now();
        for one in living.travellers.iter().filter(|one| one.infected_before.is_some()) {
            let arrived = living.zone.start_of(living.date(one.day)).plus_minutes(one.minute);
            if arrived > now || !living.brought.contains(&one.person) {
                continue;
            }
            landed.infected += 1;
            let at_gate =
                living.reported.iter().any(|told| told.person == one.person && self.tubes.contains(&told.tube));
            match (is_case(one.person), at_gate) {
                (true, true) => landed.found_at_gate += 1,
                (true, false) => landed.found_later += 1,
                (false, _) => landed.missed += 1,
            }
        }
        Ok(Some(landed))
    }
}
