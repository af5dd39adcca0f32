//! What the daily records of people in care say of their leaving, and the tests that the rule of discharge waits for. A record that
//! is missing is unknown and never good news; a test is proposed only where nothing else is missing, so that nobody is swabbed for
//! nothing. It may use the pack and the books; it decides nothing.

use crate::{
    OpsError,
    minutes::{Close, Day, Minutes, by_division, by_site},
    same::Same,
};
use dayclear_core::{
    books::Worklist,
    cases::FEVER_C,
    protocol::{StayFacts, TestPoint},
    roster::Known,
    time::{CivilDate, HOUR, Instant, Zone},
    transfer::TransferState,
};
use dayclear_store::{
    Scoped,
    cases::{Assessment, Case},
};
use std::collections::{BTreeMap, HashMap};

/// How the subjects of proposed tests begin: case, number of the swab and person follow.
const PROPOSED: &str = "discharge/";
/// Hours within which a swab that was taken is waited for, before another is asked for.
const WAIT_H: i64 = 24;

/// A case who lacks nothing for a discharge but a test.
#[derive(Debug, Clone)]
pub struct ToTest {
    pub case: Case,
    /// When the last swab with a result was taken.
    pub last: Option<Instant>,
    /// Clause and inputs.
    pub why: String,
}

/// Records of people, oldest first, by who stands for them.
pub struct Records(HashMap<String, Vec<Assessment>>);

impl Records {
    /// The records of those whose cases are open.
    pub async fn of(tx: &mut Scoped, day: &Day<'_>, cases: &[Case], same: &Same) -> Result<Records, OpsError> {
        let open = cases.iter().filter(|case| case.closed_on.is_none()).map(|case| case.person.as_str());
        let names = same.ids_of(open);
        let mut all: HashMap<String, Vec<Assessment>> = HashMap::new();
        for one in tx.assessments_of(&names, day.end).await? {
            all.entry(same.id(&one.person).to_owned()).or_default().push(one);
        }
        Ok(Records(all))
    }

    /// What is known of a stay.
    pub fn facts<'t>(&self, day: &Day<'_>, case: &Case, person: &str, tests: &'t [TestPoint]) -> StayFacts<'t> {
        let since = case.sampled_at;
        let own: Vec<&Assessment> =
            self.0.get(person).into_iter().flatten().filter(|one| one.assessed_at >= since).collect();
        let last = |of: fn(&Assessment) -> Known| {
            own.iter().rev().map(|one| of(one)).find(|known| *known != Known::Unknown).unwrap_or(Known::Unknown)
        };
        let readings = own.iter().filter_map(|one| Some((one.assessed_at, one.temperature?)));
        StayFacts {
            onset: case.onset,
            symptoms_relieved: last(|one| one.relieved),
            fever_free_since: fever_free_since(readings, day.date, day.zone),
            lungs_improved: last(|one| one.lungs_improved),
            lesions_healed: last(|one| one.lesions_healed),
            ..StayFacts::new(day.zone.day(case.found_at), day.date, case.severity, tests)
        }
    }
}

/// The first of the days, up to today or yesterday and each of them with a reading, on which nobody read a fever. A day without a reading
/// is unknown, and the days begin anew after it.
fn fever_free_since(
    readings: impl Iterator<Item = (Instant, f64)>,
    today: CivilDate,
    zone: &Zone,
) -> Option<CivilDate> {
    let mut days: BTreeMap<CivilDate, bool> = BTreeMap::new();
    for (at, temperature) in readings {
        *days.entry(zone.day(at)).or_default() |= temperature >= FEVER_C;
    }
    let mut since = None;
    let mut before = today.plus_days(1);
    for (day, fever) in days.into_iter().rev() {
        // the record of today may be still to come
        let gap_max = if since.is_none() { 2 } else { 1 };
        if fever || before.days_since(day) > gap_max {
            break;
        }
        (since, before) = (Some(day), day);
    }
    since
}

/// Proposes the tests, and ends what was proposed and has happened or is not needed any more. `cases` are those that were looked at.
pub async fn propose(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    cases: &[Case],
    to_test: &[ToTest],
) -> Result<(), OpsError> {
    let day = minutes.day;
    let numbers: Vec<i64> = to_test.iter().map(|one| one.case.person_no).collect();
    let mut swabs: HashMap<i64, Vec<Instant>> = HashMap::new();
    for (swab, at) in tx.swabs_of(&numbers).await? {
        swabs.entry(swab.person_no).or_default().push(at);
    }
    let lies: HashMap<i64, String> = tx
        .live_transfers_of(&numbers)
        .await?
        .into_iter()
        .filter(|one| one.state == TransferState::Admitted)
        .filter_map(|one| Some((one.person_no, one.facility?)))
        .collect();
    let open = tx.open_beginning(Worklist::Retest, PROPOSED).await?;
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    for one in to_test {
        let case = &one.case;
        let taken =
            swabs.get(&case.person_no).into_iter().flatten().filter(|at| **at > case.sampled_at && **at < day.end);
        let (n, latest) =
            taken.fold((0, None), |(n, latest): (usize, Option<Instant>), at| (n + 1, latest.max(Some(*at))));
        // one that is on its way to its result is waited for
        let pending = latest.filter(|at| one.last.is_none_or(|last| *at > last));
        if pending.is_some_and(|at| day.end.micros() - at.micros() < WAIT_H * HOUR) {
            continue;
        }
        let subject = format!("{PROPOSED}{}/{n}/{}", case.id, case.person);
        let owner = match lies.get(&case.person_no) {
            Some(site) => by_site(site.clone()),
            None => by_division(&case.division),
        };
        wanted.insert(case.id.clone(), subject.clone());
        // what was asked for stays due when it was
        if open.iter().any(|item| item.subject == subject) {
            continue;
        }
        let since = day.zone.start_of(day.date).max(case.found_at).min(day.end);
        let reason = format!("a test is all that is missing for a discharge: {}", one.why);
        minutes.waits(Worklist::Retest, subject, &case.division, owner, since, reason).due_at =
            Some(day.zone.start_of(day.date.plus_days(1)).max(day.end));
    }
    let looked_at: HashMap<&str, &Case> = cases.iter().map(|case| (case.id.as_str(), case)).collect();
    for item in open {
        let Some(case) = item.subject.split('/').nth(1).and_then(|case| looked_at.get(case)) else { continue };
        if wanted.get(&case.id) == Some(&item.subject) {
            continue;
        }
        let before: usize = item.subject.split('/').nth(2).and_then(|n| n.parse().ok()).unwrap_or_default();
        let after = tx.swabs_since(case.person_no, case.sampled_at, day.end).await?;
        let entry = minutes.known(item);
        match after as usize > before {
            true => entry.done(day.end, "sampled"),
            false => entry.cancelled(day.end, "no test is missing for a discharge any more"),
        };
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_a_reading_or_with_a_fever_begins_the_days_anew() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let today: CivilDate = "2022-11-20".parse().unwrap();
        let at = |day: &str, clock: &str| format!("2022-11-{day}T{clock}:00+08:00").parse::<Instant>().unwrap();
        for (readings, since) in [
            (vec![], None),
            // only of long ago: nobody knows how they are now
            (vec![("17", "08:00", 36.6)], None),
            (vec![("19", "08:00", 36.6)], Some("2022-11-19")),
            (vec![("18", "08:00", 36.6), ("19", "08:00", 36.5), ("20", "08:00", 36.6)], Some("2022-11-18")),
            // the 18th is missing
            (vec![("17", "08:00", 36.6), ("19", "08:00", 36.5), ("20", "08:00", 36.6)], Some("2022-11-19")),
            // a fever in the evening is a day with a fever, and 37.3 is one
            (vec![("18", "08:00", 36.6), ("18", "20:00", 37.3), ("19", "08:00", 36.5)], Some("2022-11-19")),
            (vec![("19", "08:00", 36.5), ("20", "08:00", 38.4)], None),
        ] {
            let read = readings.iter().map(|(day, clock, temperature)| (at(day, clock), *temperature));
            let expected = since.map(|day: &str| day.parse().unwrap());
            assert_eq!(fever_free_since(read, today, &zone), expected, "{readings:?}");
        }
    }
}
