//! How a drill went: what the service did beside what was true in the city. It reads the service's lists and the city's truth, and the
//! findings of the independent checker, and fills the card of `card`.

mod card;

pub use card::{ByDay, Channel, Hours, Scorecard};

use crate::{
    DrillError,
    assistance::Letters,
    carriers::Brought,
    couriers::Laboratory,
    desks,
    faults::Wire,
    gates::Gates,
    hours,
    laboratories::Trail,
    living::Living,
    rights::{self, RIGHTS},
    service::{Row, Service, at, text},
    traced,
};
use dayclear_core::{
    access::Role,
    time::{CivilDate, Instant},
};
use dayclear_engines::outbreak::Hold;
use dayclear_verify::Finding;
use std::collections::{BTreeMap, BTreeSet};

/// Days after infection by which somebody can be found at all: whoever was infected later is not counted as missed.
const FINDABLE_DAYS: f32 = 2.0;

/// Swabs and what they found, purpose by purpose.
fn channels(living: &Living, mut detected: BTreeMap<&'static str, Vec<f64>>) -> BTreeMap<&'static str, Channel> {
    let of = |(purpose, swabs): (&&'static str, &u64)| {
        let days = detected.remove(*purpose).unwrap_or_default();
        (*purpose, Channel { swabs: *swabs, found: days.len() as u64, days_since_infection: Hours::of(days) })
    };
    living.swabs_by.iter().map(of).collect()
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
            self.enclosed += u64::from(living.is_enclosed(person));
        }
    }
}

/// Laboratories of the city that tubes can be sent to.
pub(crate) async fn laboratories(service: &mut Service<'_>) -> Result<Vec<Laboratory>, DrillError> {
    let rows = service.rows(Role::DistrictCommand, "laboratories", "").await?;
    let of = |row: &Row| Laboratory {
        id: text(row, "laboratory").to_owned(),
        tubes_a_day: row.get("tubes_a_day").and_then(serde_json::Value::as_u64).unwrap_or_default(),
        suspended: false,
    };
    Ok(rows.iter().map(of).collect())
}

/// A share; none of nothing.
pub(crate) fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64 * 1_000.0).round() / 1_000.0)
}

/// Counts.
pub(crate) async fn count(
    service: &mut Service<'_>,
    living: &Living,
    days_played: &Days,
    (wire, gates): (&Wire, &Gates),
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
    let mut detected: BTreeMap<&'static str, Vec<f64>> = BTreeMap::new();
    for (person, case) in &known {
        let (Some(sampled), Some(found)) = (at(case, "sampled_at"), at(case, "found_at")) else { continue };
        if let (Some(infected), Some((first, purpose))) = (outbreak.infected_at(*person), living.sampled.get(person)) {
            let after = hours(living.moment(infected), *first).max(0.0);
            to_sample.push(after);
            detected.entry(purpose).or_default().push(after / 24.0);
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
        .filter(|reported| !living.is_withheld(reported.laboratory, &reported.lot))
        .filter_map(|reported| Some((reported, told(&reported.tube)?)))
        .map(|(reported, at)| {
            format!("{} (reported {})", living.city.person_id(reported.person), living.zone.text(*at))
        })
        .collect();
    let traced = traced::judge(service, living, &cases, &contacts).await?;
    let untraced = untraced(service, living, wire, &|person| known.contains_key(&person)).await?;
    let mut with_virus: BTreeMap<Trail, u64> = BTreeMap::new();
    for swab in &living.with_virus {
        *with_virus.entry(swab.trail).or_default() += 1;
    }
    let aside = service.rows(Role::DistrictCommand, "doubts", "open=true").await?;
    let closed = service.rows(Role::DistrictCommand, "rounds", "state=closed").await?;
    let boxes = service.rows(Role::DistrictCommand, "boxes", "").await?;
    let astray = boxes.iter().filter(|row| ["lost", "differs"].contains(&text(row, "state")));
    let holds = service.rows(Role::DistrictCommand, "holds", "open=true").await?;
    let withheld: BTreeSet<&str> = holds.iter().map(|row| text(row, "laboratory")).collect();
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
    let tickets = service.rows(Role::DistrictCommand, "tickets", "").await?;
    let decided =
        tickets.iter().filter(|row| at(row, "decided_at").zip(at(row, "decide_by")).is_some_and(|(at, by)| at <= by));
    let served = emergencies.iter().filter(|row| at(row, "answered_at").is_some()).count();
    let by_day: Vec<u64> = (0..outbreak.day()).map(|day| outbreak.infected_on(day).count() as u64).collect();
    let (peak_day, peak) =
        by_day.iter().copied().enumerate().max_by_key(|(day, n)| (*n, usize::MAX - day)).unwrap_or_default();
    let alone = without(living, days)?;
    let without: u64 = alone.iter().sum();
    let averted = without.saturating_sub(infected.len() as u64);
    let mut not_found_where: BTreeMap<Trail, u64> = BTreeMap::new();
    for person in findable.iter().filter(|person| !known.contains_key(person)) {
        *not_found_where.entry(living.trail(*person)).or_default() += 1;
    }
    let mut found_on: BTreeMap<CivilDate, u64> = BTreeMap::new();
    for found in cases.iter().filter_map(|case| at(case, "found_at")) {
        *found_on.entry(living.zone.day(found)).or_default() += 1;
    }
    let days_of_outbreak = by_day.iter().enumerate().map(|(day, infected)| {
        let date = living.outbreak_date(day as u16);
        let found = found_on.get(&date).copied().unwrap_or(0);
        ByDay { date, infected: *infected, found, without: alone.get(day).copied().unwrap_or(0) }
    });
    let is_right = |finding: &&Finding| RIGHTS.iter().any(|(check, _)| *check == finding.check);
    let failed = findings.iter().filter(|finding| !finding.holds && !is_right(finding));
    let mut rights_broken = rights::broken(service, living, wire, &transfers, findings).await?;
    let judged = rights::judged(service, living, &transfers, &mut rights_broken).await?;
    let calls = service.rows(Role::DistrictCommand, "items", "worklist=call").await?;
    let uncalled = calls.iter().filter(|row| at(row, "closed_at").is_none()).count();
    let clarify = service.rows(Role::DistrictCommand, "items", "worklist=clarify").await?;
    let of_desks: Vec<&Row> = clarify.iter().filter(|row| desks::is_theirs(text(row, "subject"))).collect();
    let waits = of_desks.iter().filter(|row| at(row, "closed_at").is_none()).count();
    let a_case = |count: u64, parts: f64| {
        (!cases.is_empty()).then(|| (count as f64 / cases.len() as f64 * parts).round() / parts)
    };
    let burden = days_played.held + days_played.enclosed;
    Ok(Scorecard {
        exercise: true,
        scenario: living.scenario().name.clone(),
        seed,
        days,
        first_day: living.date(0),
        unseen_days: living.scenario().unseen_days(),
        people: living.city.people(),
        faults: wire.said(),
        injected: wire.injected + wire.sites.injected + living.injected,
        infected: infected.len() as u64,
        infected_without: without,
        peak,
        peak_day,
        cases: cases.len(),
        found_share: share(found, findable.len()),
        not_found: findable.len() - found,
        not_found_where,
        moved_same_day: share(same_day, cases.len()),
        infection_to_sample_h: Hours::of(to_sample),
        sample_to_case_h: Hours::of(to_case),
        case_to_bed_h: Hours::of(to_bed),
        contacts_a_case: a_case(contacts.len() as u64, 10.0),
        known_contacts: share(by_contact, by_somebody),
        traced,
        person_days_held: days_played.held,
        person_days_enclosed: days_played.enclosed,
        person_days_an_averted: (averted > 0).then(|| (burden as f64 / averted as f64 * 10.0).round() / 10.0),
        tubes: living.tubes,
        swabs: living.swabs,
        swabs_a_case: a_case(living.swabs, 1.0),
        channels: channels(living, detected),
        mishaps: living.mishaps,
        rounds: closed.len(),
        boxes: (boxes.len(), astray.count()),
        suspended: withheld.len(),
        missed_by_rounds: share(living.missed as usize, living.called as usize),
        requests: requests.len(),
        answered_in_time: share(in_time.count(), due.len()),
        emergencies: (emergencies.len(), served),
        decided_in_time: share(decided.count(), tickets.len()),
        parcels: Brought::of(service, living).await?,
        gates: gates.count(service, living, &|person| known.contains_key(&person)).await?,
        letters: Letters::of(service).await?,
        desks: (of_desks.len(), waits),
        kept_aside: service.doubtful,
        aside_open: aside.len(),
        from_phones: wire.sites.from_phones,
        served: service.requests,
        lost,
        untraced,
        with_virus,
        checks: findings.len(),
        failed: failed.map(|finding| format!("{}: {}", finding.check, finding.detail)).collect(),
        rights_broken,
        judged,
        calls: (calls.len(), uncalled),
        pools_in_time: rights::pools_in_time(service).await?,
        by_day: days_of_outbreak.collect(),
    })
}

/// Swabs with virus whose way ends where nobody knows of it. What the service must have done follows from what became of the tube:
/// of a lost one and of one whose negative result is withheld it asks everybody for another swab, and everybody in a positive
/// pool is called for a single one. A dilution and a laboratory that nobody found out are named and known to nobody but the city.
async fn untraced(
    service: &mut Service<'_>,
    living: &Living,
    wire: &Wire,
    is_case: &dyn Fn(u32) -> bool,
) -> Result<Vec<String>, DrillError> {
    let mut asked: BTreeSet<String> = BTreeSet::new();
    for worklist in ["recall", "clarify"] {
        let items = service.rows(Role::DistrictCommand, "items", &format!("worklist={worklist}")).await?;
        asked.extend(items.iter().map(|row| text(row, "subject").to_owned()));
    }
    let (end, mut untraced) = (service.now(), Vec::new());
    // what is still on its way, or dated after the end, the service cannot know
    let told = |tubes: &BTreeMap<String, Instant>, tube: &str| tubes.get(tube).is_some_and(|at| *at <= end);
    for swab in &living.with_virus {
        let person = living.city.person_id(swab.recorded);
        let named = format!("{}/{person}", swab.tube);
        let subject = match swab.trail {
            Trail::TubeLost if living.lost_tubes.contains_key(&swab.tube) => format!("resample/{named}"),
            Trail::Pool if told(&wire.delivered, &swab.tube) => named,
            Trail::Lied | Trail::Negative
                if living.is_withheld(swab.laboratory, "") && told(&wire.reported, &swab.tube) =>
            {
                named
            }
            _ => continue,
        };
        if !asked.contains(&subject) && !is_case(swab.recorded) {
            untraced.push(format!("{person}: {subject} is in no list ({:?})", swab.trail));
        }
    }
    Ok(untraced)
}

/// How many the same outbreak infects, day by day, where nobody does anything: same people, same imports, same draws.
fn without(living: &Living, days: u16) -> Result<Vec<u64>, DrillError> {
    let mut alone = living.alone()?;
    for day in -i32::from(living.scenario().unseen_days())..i32::from(days) {
        living.bring(&mut alone, day);
        alone.step(&living.nothing_done(day));
    }
    Ok((0..alone.day()).map(|day| alone.infected_on(day).count() as u64).collect())
}
