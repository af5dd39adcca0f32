//! How a drill went: what the service did beside what was true in the city, as figures for people and programs. It reads the
//! service's lists and the city's truth, and the findings of the independent checker.

use crate::{
    DrillError,
    faults::Wire,
    hours,
    living::Living,
    service::{Row, Service, at, text},
};
use dayclear_core::{access::Role, time::Instant};
use dayclear_engines::outbreak::{Hold, Measures};
use dayclear_verify::Finding;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Days after infection by which somebody can be found at all: whoever was infected later is not counted as missed.
const FINDABLE_DAYS: f32 = 2.0;

/// Median and 95th percentile of hours.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Hours {
    /// How many.
    pub n: usize,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
}

impl Hours {
    fn of(mut hours: Vec<f64>) -> Hours {
        hours.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (hours.len() as f64 * share).ceil() as usize;
            hours.get(place.clamp(1, hours.len().max(1)) - 1).map_or(0.0, |hours| (hours * 10.0).round() / 10.0)
        };
        Hours { n: hours.len(), p50: at(0.5), p95: at(0.95) }
    }
}

/// The scorecard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scorecard {
    /// It is an exercise, and says so.
    pub exercise: bool,
    /// Scenario.
    pub scenario: String,
    /// Seed.
    pub seed: u64,
    /// Days played.
    pub days: u16,
    /// People of the city.
    pub people: u32,
    /// Faults played, and how often.
    pub faults: String,
    /// Faults injected.
    pub injected: u64,
    /// People infected.
    pub infected: u64,
    /// People whom the same outbreak would have infected without any measure.
    pub infected_without: u64,
    /// Most infections on one day.
    pub peak: u64,
    /// Day of the outbreak with the most infections, from 0.
    pub peak_day: usize,
    /// Cases that the service has.
    pub cases: usize,
    /// Of those infected early enough to be found, the share found.
    pub found_share: f64,
    /// Infected early enough and not found.
    pub not_found: usize,
    /// Of the cases, the share that lay in a bed on the day on which they were found.
    pub moved_same_day: f64,
    /// From infection to the first swab that held virus.
    pub infection_to_sample_h: Hours,
    /// From the sample to the case.
    pub sample_to_case_h: Hours,
    /// From the case to the bed.
    pub case_to_bed_h: Hours,
    /// Contacts listed for a case.
    pub contacts_a_case: f64,
    /// Of those infected by somebody, the share that was a known contact before being found.
    pub known_contacts: f64,
    /// Days that people were held at home or at a site.
    pub person_days_held: u64,
    /// Days that people lived in an enclosed building.
    pub person_days_enclosed: u64,
    /// Person-days held or enclosed for each infection averted; none where nothing was averted.
    pub person_days_an_averted: Option<f64>,
    /// Tubes taken.
    pub tubes: u64,
    /// Swabs taken.
    pub swabs: u64,
    /// Swabs for a case.
    pub swabs_a_case: f64,
    /// Tubes that came to nothing.
    pub mishaps: u64,
    /// Share of those called whom rounds missed.
    pub missed_by_rounds: f64,
    /// Requests made.
    pub requests: usize,
    /// Share of the requests that were answered before their deadline, of those that were due.
    pub answered_in_time: f64,
    /// Emergencies made and answered.
    pub emergencies: (usize, usize),
    /// Rows that the service kept aside.
    pub kept_aside: u64,
    /// Requests that the service served.
    pub served: u64,
    /// Reported positive singly, and known to the service as no case: nobody may be lost.
    pub lost: Vec<String>,
    /// Checks of the independent checker, and those that failed with what is wrong.
    pub checks: usize,
    /// Failed ones.
    pub failed: Vec<String>,
}

impl Scorecard {
    /// Whether nothing was lost and every check holds.
    pub fn holds(&self) -> bool {
        self.lost.is_empty() && self.failed.is_empty()
    }

    /// Figures that two drills can be compared by.
    pub fn figures(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("infected", self.infected as f64),
            ("found, % of those that could be", self.found_share * 100.0),
            ("moved the same day, %", self.moved_same_day * 100.0),
            ("infection to sample, h, median", self.infection_to_sample_h.p50),
            ("sample to case, h, median", self.sample_to_case_h.p50),
            ("case to bed, h, median", self.case_to_bed_h.p50),
            ("person-days held", self.person_days_held as f64),
            ("person-days enclosed", self.person_days_enclosed as f64),
            ("swabs a case", self.swabs_a_case),
            ("answered in time, %", self.answered_in_time * 100.0),
        ]
    }

    /// The scorecard in lines of name and value.
    pub fn lines(&self) -> Vec<Vec<String>> {
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let spread = |hours: &Hours| format!("{} h median, {} h p95 (n = {})", hours.p50, hours.p95, hours.n);
        let mut lines: Vec<(&str, String)> = vec![
            ("scenario", format!("{}, seed {}, {} days, {} people", self.scenario, self.seed, self.days, self.people)),
            (
                "faults",
                if self.faults.is_empty() {
                    "none".to_owned()
                } else {
                    format!("{} ({} injected)", self.faults, self.injected)
                },
            ),
            ("infected", format!("{} ({} without any measure)", self.infected, self.infected_without)),
            ("peak", format!("{} on day {}", self.peak, self.peak_day + 1)),
            ("cases", self.cases.to_string()),
            ("found, of those that could be", format!("{}, {} not found", percent(self.found_share), self.not_found)),
            ("moved on the day they were found", percent(self.moved_same_day)),
            ("infection to first sample", spread(&self.infection_to_sample_h)),
            ("sample to case", spread(&self.sample_to_case_h)),
            ("case to bed", spread(&self.case_to_bed_h)),
            ("contacts a case", self.contacts_a_case.to_string()),
            ("infected who were known contacts", percent(self.known_contacts)),
            ("person-days held, enclosed", format!("{}, {}", self.person_days_held, self.person_days_enclosed)),
            (
                "person-days for an infection averted",
                self.person_days_an_averted.map_or("-".to_owned(), |days| days.to_string()),
            ),
            ("tubes, swabs", format!("{}, {}", self.tubes, self.swabs)),
            ("swabs a case", self.swabs_a_case.to_string()),
            ("tubes lost or invalid", self.mishaps.to_string()),
            ("missed by rounds", percent(self.missed_by_rounds)),
            ("requests", format!("{}, {} answered in time", self.requests, percent(self.answered_in_time))),
            ("emergencies", format!("{}, {} answered", self.emergencies.0, self.emergencies.1)),
            ("rows kept aside", self.kept_aside.to_string()),
            ("requests to the service", self.served.to_string()),
            ("reported positive and lost", self.lost.len().to_string()),
        ];
        lines.extend(self.lost.iter().map(|lost| ("  lost", lost.clone())));
        lines.push(("checks", format!("{}, {} broken", self.checks, self.failed.len())));
        lines.extend(self.failed.iter().map(|failed| ("  broken", failed.clone())));
        lines.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect()
    }
}

/// What was counted as each day began.
#[derive(Default)]
pub struct Days {
    held: u64,
    enclosed: u64,
}

impl Days {
    pub(crate) fn begin(&mut self, living: &Living) {
        let city = &living.city;
        for person in 0..city.people() {
            self.held += u64::from(living.measures.hold_of(person) != Hold::Free);
        }
        for building in 0..city.buildings() {
            if living.measures.is_confined(building) {
                self.enclosed += city.building(building).len() as u64;
            }
        }
    }
}

/// Laboratories of the city that tubes can be sent to.
pub(crate) async fn laboratories(service: &mut Service) -> Result<Vec<String>, DrillError> {
    let rows = service.rows(Role::DistrictCommand, "laboratories", "").await?;
    Ok(rows.iter().map(|row| text(row, "laboratory").to_owned()).collect())
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { (part as f64 / whole as f64 * 1_000.0).round() / 1_000.0 }
}

/// Counts.
pub(crate) async fn count(
    service: &mut Service,
    living: &Living,
    days_played: &Days,
    wire: &Wire,
    days: u16,
    seed: u64,
    findings: &[Finding],
) -> Result<Scorecard, DrillError> {
    let end = service.now();
    let cases = service.rows(Role::DistrictCommand, "cases", "").await?;
    let transfers = service.rows(Role::DistrictCommand, "transfers", "").await?;
    let contacts = service.rows(Role::DistrictCommand, "contacts", "").await?;
    let requests = service.rows(Role::DistrictCommand, "requests", "").await?;
    let answers = service.rows(Role::DistrictCommand, "items", "worklist=answer").await?;
    let known: BTreeMap<u32, &Row> =
        cases.iter().filter_map(|case| Some((living.person(text(case, "person"))?, case))).collect();
    let mut beds: BTreeMap<&str, Instant> = BTreeMap::new();
    for transfer in &transfers {
        if let Some(admitted) = at(transfer, "admitted_at") {
            let first = beds.entry(text(transfer, "person")).or_insert(admitted);
            *first = (*first).min(admitted);
        }
    }
    let outbreak = &living.outbreak;
    let infected: Vec<u32> =
        (0..outbreak.day()).flat_map(|day| outbreak.infected_on(day).collect::<Vec<_>>()).collect();
    let findable: Vec<u32> = infected
        .iter()
        .copied()
        .filter(|person| outbreak.infected_at(*person).is_some_and(|at| at + FINDABLE_DAYS <= living.days(end)))
        .collect();
    let found = findable.iter().filter(|person| known.contains_key(person)).count();
    let traced: BTreeSet<(u32, &str)> =
        contacts.iter().filter_map(|row| Some((living.person(text(row, "person"))?, text(row, "case_id")))).collect();
    let is_contact = |person: u32| traced.range((person, "")..).next().is_some_and(|(other, _)| *other == person);
    let (mut to_sample, mut to_case, mut to_bed, mut same_day) = (Vec::new(), Vec::new(), Vec::new(), 0);
    let (mut by_somebody, mut by_contact) = (0, 0);
    for (person, case) in &known {
        let (Some(sampled), Some(found)) = (at(case, "sampled_at"), at(case, "found_at")) else { continue };
        if let (Some(infected), Some(first)) = (outbreak.infected_at(*person), living.sampled.get(person)) {
            to_sample.push(hours(living.moment(infected), *first).max(0.0));
        }
        to_case.push(hours(sampled, found));
        if let Some(admitted) = beds.get(text(case, "person")) {
            to_bed.push(hours(found, *admitted).max(0.0));
            same_day += usize::from(living.zone.day(*admitted) <= living.zone.day(found));
        }
        if outbreak.infector(*person).is_some_and(|(by, _)| by.is_some()) {
            by_somebody += 1;
            by_contact += usize::from(is_contact(*person));
        }
    }
    // what is still on its way, or dated after the end, the service cannot know
    let told = |tube: &str| wire.delivered.get(tube).filter(|at| **at <= end);
    let lost = living
        .reported
        .iter()
        .filter(|reported| !known.contains_key(&reported.person))
        .filter_map(|reported| Some((reported, told(&reported.tube)?)))
        .map(|(reported, at)| {
            format!("{} (reported {})", living.city.person_id(reported.person), living.zone.text(*at))
        })
        .collect();
    let due: Vec<_> = answers
        .iter()
        .filter(|row| at(row, "due_at").is_some_and(|due| due <= end) || at(row, "closed_at").is_some())
        .collect();
    let in_time = due.iter().filter(|row| match (at(row, "closed_at"), at(row, "due_at")) {
        (Some(closed), Some(due)) => closed <= due,
        (Some(_), None) => true,
        _ => false,
    });
    let emergencies: Vec<_> = requests.iter().filter(|row| text(row, "kind") == "emergency").collect();
    let served = emergencies.iter().filter(|row| at(row, "answered_at").is_some()).count();
    let by_day: Vec<u64> = (0..outbreak.day()).map(|day| outbreak.infected_on(day).count() as u64).collect();
    let (peak_day, peak) =
        by_day.iter().copied().enumerate().max_by_key(|(day, n)| (*n, usize::MAX - day)).unwrap_or_default();
    let without = without(living, days)?;
    let averted = without.saturating_sub(infected.len() as u64);
    let burden = days_played.held + days_played.enclosed;
    Ok(Scorecard {
        exercise: true,
        scenario: living.scenario().name.clone(),
        seed,
        days,
        people: living.city.people(),
        faults: wire.said(),
        injected: wire.injected,
        infected: infected.len() as u64,
        infected_without: without,
        peak,
        peak_day,
        cases: cases.len(),
        found_share: share(found, findable.len()),
        not_found: findable.len() - found,
        moved_same_day: share(same_day, cases.len()),
        infection_to_sample_h: Hours::of(to_sample),
        sample_to_case_h: Hours::of(to_case),
        case_to_bed_h: Hours::of(to_bed),
        contacts_a_case: (contacts.len() as f64 / cases.len().max(1) as f64 * 10.0).round() / 10.0,
        known_contacts: share(by_contact, by_somebody),
        person_days_held: days_played.held,
        person_days_enclosed: days_played.enclosed,
        person_days_an_averted: (averted > 0).then(|| (burden as f64 / averted as f64 * 10.0).round() / 10.0),
        tubes: living.tubes,
        swabs: living.swabs,
        swabs_a_case: (living.swabs as f64 / cases.len().max(1) as f64).round(),
        mishaps: living.mishaps,
        missed_by_rounds: share(living.missed as usize, (living.called as usize).max(1)),
        requests: requests.len(),
        answered_in_time: share(in_time.count(), due.len()),
        emergencies: (emergencies.len(), served),
        kept_aside: service.doubtful,
        served: service.requests,
        lost,
        checks: findings.len(),
        failed: findings
            .iter()
            .filter(|finding| !finding.holds)
            .map(|finding| format!("{}: {}", finding.check, finding.detail))
            .collect(),
    })
}

/// How many the same outbreak infects where nobody does anything: same people, same imports, same draws.
fn without(living: &Living, days: u16) -> Result<u64, DrillError> {
    let mut alone = living.alone()?;
    let none = Measures::none(&living.city);
    for day in -i32::from(living.scenario().unseen_days())..i32::from(days) {
        living.bring(&mut alone, day);
        alone.step(&none);
    }
    Ok(alone.totals().2)
}
