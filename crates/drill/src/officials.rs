//! People on duty, played: drivers and crews, facilities, clinicians, the hotline, the residents who ask.
//! They read their lists and act as their plan says, late or in vain now and then; what they tell goes in by the same
//! evidence and commands as from anybody else.

mod orders;
mod road;

pub use orders::obey;

use crate::{
    DrillError, Plan,
    assistance::Assistance,
    carriers::Carriers,
    desks::{self, Desks},
    faults::Wire,
    gates::Gates,
    living::{Living, Of},
    on_the_heap,
    service::{Row, Service, at, text},
    tracers::Tracers,
};
use dayclear_core::{
    access::Role,
    schema::{ASSESSMENTS, REQUESTS},
    time::{CivilDate, Instant},
};
use dayclear_engines::outbreak::{Hold, Status};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

/// Minutes after which a clinician has seen a case, and a bed is clean.
const SEEN_MIN: i64 = 60;
const CLEAN_MIN: i64 = 60;

/// Minutes after which the dispatch has called about a door or a crew, at most.
const CALLED_MIN: u64 = 30;
/// What an item about somebody begins with whose tube was lost; a swab ends it, and nobody's word.
const RESAMPLE: &str = "resample";
/// What an item about papers of orders begins with; handing them over ends it.
const OWED: &str = "notices/";

/// What people on duty remember.
#[derive(Default)]
pub struct Officials {
    assessed: BTreeMap<String, Status>,
    called: BTreeSet<String>,
    picked_up: BTreeSet<String>,
    admitted: BTreeSet<String>,
    recalled: BTreeSet<String>,
    tested: BTreeSet<String>,
    resampled: BTreeSet<String>,
    asked: u64,
    tracers: Tracers,
    carriers: Carriers,
    desks: Desks,
    assistance: Assistance,
    /// Entry gates, and who follows up.
    pub(crate) gates: Gates,
    /// Duties that people play.
    left: BTreeSet<Role>,
}

/// A number that belongs to a text.
pub(crate) fn number(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |sum, byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)) >> 12
}

pub(crate) async fn open(service: &mut Service<'_>, worklist: &str) -> Result<Vec<Row>, DrillError> {
    Ok(service.rows(Role::DistrictCommand, "items", &format!("worklist={worklist}&open=true")).await?)
}

impl Officials {
    /// People on duty, but for those whom people play.
    pub fn of(plan: &Plan<'_>) -> Officials {
        let (left, tracer) = match (&plan.open, &plan.elsewhere) {
            (_, Some(elsewhere)) => (elsewhere.left.clone(), elsewhere.tracer.clone()),
            (Some(open), None) => (open.left.clone(), open.tracer.clone()),
            (None, None) => Default::default(),
        };
        Officials { left, tracers: Tracers::of(tracer), ..Officials::default() }
    }

    /// Whether people play a duty.
    pub fn leaves(&self, role: Role) -> bool {
        self.left.contains(&role)
    }

    /// A day begins: who is on duty is said where others plan by it.
    pub async fn begin_day(&mut self, service: &mut Service<'_>, living: &Living, day: u16) -> Result<(), DrillError> {
        match self.leaves(Role::DistrictCommand) {
            true => Ok(()),
            false => on_the_heap(|| self.carriers.begin_day(service, living, day)).await,
        }
    }

    /// What happens between two times at which the service is told of what happened: parcels come to doors.
    pub async fn meanwhile(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        until: Instant,
    ) -> Result<(), DrillError> {
        on_the_heap(|| self.carriers.on_the_way(service, living, until)).await
    }

    /// Everything that people on duty do at the end of some hours.
    pub async fn work(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        wire: &mut Wire,
        date: CivilDate,
        span: &RangeInclusive<u64>,
    ) -> Result<(), DrillError> {
        let (now, hour) = (service.now(), *span.end());
        self.drive(service, living, wire, span, now).await?;
        self.see(service, living, now).await?;
        if !self.leaves(Role::Tracer) {
            self.tracers.ask(service, living, now).await?;
        } else if !self.leaves(Role::DistrictCommand) {
            self.tracers.assign(service).await?;
        }
        if !self.leaves(Role::DistrictCommand) {
            on_the_heap(|| self.carriers.plan(service, living, date, hour)).await?;
        }
        if !self.leaves(Role::CommunityWorker) {
            on_the_heap(|| self.carriers.look(service, living)).await?;
        }
        self.ask(service, living, date, span, now).await?;
        if !self.leaves(Role::Hotline) {
            self.answer(service, living, now).await?;
        }
        if !self.leaves(Role::Facility) {
            clean(service, now).await?;
        }
        match self.leaves(Role::DistrictCommand) {
            true => Ok(()),
            false => {
                hand_over(service).await?;
                settle(service, living, now).await?;
                let clarify = open(service, "clarify").await?;
                // on the heap: each is a tree of questions of its own
                on_the_heap(|| self.desks.look(service, living, &clarify, now)).await?;
                on_the_heap(|| self.assistance.look(service, living, span, now)).await?;
                on_the_heap(|| self.gates.follow_up(service, living, hour, now)).await
            }
        }
    }

    /// Clinicians see new cases, and see again those who got worse.
    async fn see(&mut self, service: &mut Service<'_>, living: &Living, now: Instant) -> Result<(), DrillError> {
        let mut rows = Vec::new();
        for case in service.rows(Role::DistrictCommand, "cases", "open=true").await? {
            let id = text(&case, "person").to_owned();
            let found = at(&case, "found_at").unwrap_or(now);
            let Some(person) = living.person(&id).filter(|_| now.minutes_since(found) >= SEEN_MIN) else { continue };
            let status = living.outbreak.status(person, living.days(now));
            if self.assessed.get(&id) == Some(&status) {
                continue;
            }
            let severity = match status {
                Status::Severe => "severe",
                Status::Ill => "mild",
                Status::Dead => "critical",
                _ if self.assessed.contains_key(&id) => {
                    self.assessed.insert(id, status);
                    continue;
                }
                _ => "asymptomatic",
            };
            let mut row = json!({"person": id, "assessed_at": living.zone.text(now), "severity": severity});
            let ill = severity != "asymptomatic";
            if let Some(onset) = living.outbreak.onset_at(person).filter(|_| ill) {
                row["onset"] = living.zone.day(living.moment(onset)).to_string().into();
            }
            if status == Status::Dead {
                row["outcome"] = "died".into();
            }
            rows.push(row);
            self.assessed.insert(id, status);
        }
        service.give(&ASSESSMENTS, &rows).await?;
        Ok(())
    }

    /// Households that are bound ask for help now and then.
    async fn ask(
        &mut self,
        service: &mut Service<'_>,
        living: &Living,
        date: CivilDate,
        span: &RangeInclusive<u64>,
        now: Instant,
    ) -> Result<(), DrillError> {
        const KINDS: [&str; 10] = [
            "food",
            "food",
            "food",
            "medicine",
            "medicine",
            "emergency",
            "infant",
            "counselling",
            "dialysis",
            "information",
        ];
        let awake = span.clone().filter(|hour| (7..22).contains(hour)).count();
        if awake == 0 {
            return Ok(());
        }
        let hour = *span.end();
        let in_an_hour = living.scenario().people_do.requests / 100.0 / 15.0 * awake as f64;
        let mut households = BTreeSet::new();
        let mut rows = Vec::new();
        for person in 0..living.city.people() {
            let household = living.city.household(person);
            if living.measures.hold_of(person) != Hold::Home || !households.insert(household.start) {
                continue;
            }
            let index = number(&format!("{date}/{hour}/{}", household.start));
            if living.chance.unit(Of::Request, index) >= in_an_hour {
                continue;
            }
            self.asked += 1;
            let kind = KINDS[living.chance.below(Of::Request, index | 1 << 55, KINDS.len() as u64) as usize];
            // who is in danger calls at once, the others when they get to it
            let since = if kind == "emergency" { 0 } else { 10 };
            rows.push(json!({
                "request": format!("Q{:06}", self.asked), "kind": kind, "household": living.city.household_id(person),
                "division": living.city.community_code(living.city.community_of(person)),
                "received_at": living.zone.text(now.plus_minutes(-since)), "text": "drill",
            }));
        }
        service.give(&REQUESTS, &rows).await?;
        Ok(())
    }

    /// The hotline answers: emergencies at once, the others within some hours.
    async fn answer(&mut self, service: &mut Service<'_>, living: &Living, now: Instant) -> Result<(), DrillError> {
        // whoever takes calls decides first which help goes
        let urgent = service.rows(Role::DistrictCommand, "tickets", "open=true&state=waiting").await?;
        let urgent: Vec<String> = urgent.iter().map(|row| text(row, "ticket").to_owned()).collect();
        if !urgent.is_empty() {
            let given = json!({"decision": "ambulance"});
            service.act(Role::DistrictCommand, "tickets", "decide", &urgent, &given).await?;
        }
        let waiting = service.rows(Role::DistrictCommand, "requests", "open=true").await?;
        let ready: Vec<String> = waiting
            .iter()
            .filter(|row| {
                let index = number(text(row, "request"));
                let after =
                    if text(row, "kind") == "emergency" { 0 } else { living.chance.below(Of::Pace, index, 240) as i64 };
                at(row, "received_at").is_some_and(|received| now.minutes_since(received) >= after)
            })
            .map(|row| text(row, "request").to_owned())
            .collect();
        let given = json!({"answer": "done", "confirmed": "yes"});
        service.act(Role::DistrictCommand, "requests", "answer", &ready, &given).await?;
        Ok(())
    }

    /// People who are to be swabbed one by one: members of a positive pool, whoever is due a test under an order, and the
    /// ill who come to a clinic.
    pub async fn singles(
        &mut self,
        service: &mut Service<'_>,
        living: &mut Living,
        day: u16,
        span: &RangeInclusive<u64>,
        now: Instant,
    ) -> Result<Vec<crate::living::Tube>, DrillError> {
        let mut wanted: Vec<(u32, &'static str)> = Vec::new();
        for row in open(service, "recall").await? {
            let subject = text(&row, "subject").to_owned();
            let Some(person) = subject.rsplit('/').next().and_then(|id| living.person(id)) else { continue };
            if living.is_elsewhere(person, i32::from(day)) {
                continue;
            }
            if self.recalled.insert(subject) {
                wanted.push((person, "recall"));
            }
        }
        let hour = *span.end();
        if (8..20).contains(&hour) {
            for row in open(service, "retest").await? {
                let subject = text(&row, "subject").to_owned();
                let Some(person) = subject.rsplit('/').next().and_then(|id| living.person(id)) else { continue };
                if living.is_elsewhere(person, i32::from(day)) {
                    continue;
                }
                if self.tested.insert(subject) {
                    wanted.push((person, "isolation"));
                }
            }
        }
        for row in open(service, "clarify").await? {
            // resample/TUBE/PERSON: the tube never came to a laboratory, and each of its people is asked for another swab
            let subject = text(&row, "subject").to_owned();
            let mut parts = subject.split('/').skip_while(|part| *part != RESAMPLE).skip(1);
            let (Some(tube), Some(person)) = (parts.next(), parts.next()) else { continue };
            let Some(person) = living.person(person) else { continue };
            let purpose = living.lost_tubes.get(tube).copied().unwrap_or("community");
            if self.resampled.insert(subject) {
                wanted.push((person, purpose));
            }
        }
        let behaviour = &living.scenario().people_do;
        let seekers = living.outbreak.seekers(living.outbreak_day(day), behaviour.seek_after_days, behaviour.seek);
        let clinic = seekers
            .into_iter()
            .filter(|person| span.contains(&(9 + living.chance.below(Of::Pace, u64::from(*person) | 1 << 43, 9))));
        let clinic: Vec<u32> = clinic.filter(|person| living.measures.hold_of(*person) != Hold::Away).collect();
        wanted.extend(clinic.into_iter().map(|person| (person, "key_person")));
        let mut tubes = Vec::new();
        for (person, purpose) in wanted {
            let before = 5 + living.chance.below(Of::Pace, u64::from(person) | 1 << 44 | hour << 48, 40) as i64;
            tubes.push(living.tube(vec![person], now.plus_minutes(-before), purpose, 1));
        }
        Ok(tubes)
    }
}

/// Beds that somebody has left are cleaned.
async fn clean(service: &mut Service<'_>, now: Instant) -> Result<(), DrillError> {
    let beds: Vec<String> = open(service, "clean")
        .await?
        .iter()
        .filter(|row| at(row, "opened_at").is_some_and(|since| now.minutes_since(since) >= CLEAN_MIN))
        // a bed that is left once more has an item of its own, with the time before its name
        .filter_map(|row| text(row, "subject").rsplit('/').next().map(str::to_owned))
        .collect();
    if !beds.is_empty() {
        service.act(Role::DistrictCommand, "beds", "set", &beds, &json!({"state": "free"})).await?;
    }
    Ok(())
}

/// Papers of orders are handed over by whoever is in the community, with those of the hour.
async fn hand_over(service: &mut Service<'_>) -> Result<(), DrillError> {
    let owed = service.rows(Role::DistrictCommand, "notices", "kind=order&state=made,returned").await?;
    let owed: Vec<String> = owed.iter().map(|row| text(row, "id").to_owned()).collect();
    if !owed.is_empty() {
        service.act(Role::DistrictCommand, "notices", "deliver", &owed, &json!({"way": "door"})).await?;
    }
    Ok(())
}

/// What a person has to look at is looked at within some hours.
async fn settle(service: &mut Service<'_>, living: &Living, now: Instant) -> Result<(), DrillError> {
    let today = living.zone.day(now).to_string();
    let treated = service.rows(Role::DistrictCommand, "treatments", "open=true").await?;
    let treated: Vec<String> =
        treated.iter().filter(|row| text(row, "day") <= today.as_str()).map(|row| text(row, "id").to_owned()).collect();
    if !treated.is_empty() {
        service.act(Role::DistrictCommand, "treatments", "done", &treated, &json!({})).await?;
    }
    for worklist in ["call", "ask", "clarify", "review"] {
        let ready: Vec<String> = open(service, worklist)
            .await?
            .iter()
            .filter(|row| !text(row, "subject").starts_with(RESAMPLE) && !text(row, "subject").starts_with(OWED))
            .filter(|row| !desks::is_theirs(text(row, "subject")))
            .filter(|row| {
                let draw = |most| living.chance.below(Of::Pace, number(text(row, "subject")) | 1 << 45, most) as i64;
                let after = if worklist == "call" { draw(CALLED_MIN) } else { 60 + draw(240) };
                at(row, "opened_at").is_some_and(|since| now.minutes_since(since) >= after)
            })
            .map(|row| text(row, "id").to_owned())
            .collect();
        if !ready.is_empty() {
            let given = json!({"outcome": "completed", "reason": "looked at in the drill"});
            service.act(Role::DistrictCommand, "items", "settle", &ready, &given).await?;
        }
    }
    Ok(())
}
