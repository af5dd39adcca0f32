//! The search for people who were at the places of a case: asked for by one person with a purpose, made when a second one approves it,
//! deleted when its time is over. It may use visits that are lawfully recorded, the window of the pack and the engine of exposures; it
//! guarantees that only a case which a laboratory stands for opens one, that whoever tries otherwise is told of to the data protection
//! officer, and that what was found makes nobody a contact.

use crate::{
    OpsError,
    called::Called,
    minutes::{Day, Minutes, by_department},
    tracing::windows_decided,
};
use dayclear_core::{books::Worklist, searches::Unbacked, time::Instant};
use dayclear_engines::tracing::exposures::{self, Visits, Window, exposures};
use dayclear_store::{Scoped, cases::Case, searches::Finding};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Somebody asked for a search of a case that no laboratory stands for: it is refused, and that is told.
pub(crate) fn alarm(
    minutes: &mut Minutes<'_>,
    case: &Case,
    lacks: Unbacked,
    account: &str,
    purpose: &str,
) -> Result<(), OpsError> {
    let at = minutes.day.end;
    let body = json!({"case": case.id, "lacks": lacks, "by": account, "purpose": purpose});
    minutes.event(at, "search.refused", &case.id, &case.division, &body, Some("review"))?;
    let subject = format!("search/{}/{account}", case.id);
    let reason = format!(
        "{account} asked who was at the places of {}, and no laboratory stands for that case ({lacks}): ask them why",
        case.id
    );
    minutes.waits(Worklist::Review, subject, &case.division, by_department("data-protection"), at, reason);
    Ok(())
}

/// Who was with a case for at least so many minutes at one place, inside the case's window.
pub(crate) async fn find(tx: &mut Scoped, day: &Day<'_>, case: &Case, minutes: i64) -> Result<Vec<Finding>, OpsError> {
    let mut windows = windows_decided(tx, day, std::slice::from_ref(case)).await?;
    let Some((window, until)) = windows.remove(&case.id).filter(|(window, _)| !window.value.is_empty()) else {
        return Ok(Vec::new());
    };
    let (from, to) = (day.zone.start_of(window.value.from), day.zone.start_of(until.plus_days(1)));
    let called = Called::of(tx, std::slice::from_ref(case)).await?;
    let own = tx.visits_of(&called.ids()).await?;
    let places: BTreeSet<&str> = own.iter().map(|visit| visit.place.as_str()).collect();
    let all = tx.visits_between(&places.into_iter().collect::<Vec<_>>(), from, to).await?;
    let number = |names: BTreeSet<&str>| -> (BTreeMap<String, u32>, Vec<String>) {
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        (names.iter().enumerate().map(|(at, name)| (name.clone(), at as u32)).collect(), names)
    };
    let mut people: BTreeSet<&str> = all.iter().map(|visit| called.stands(&visit.person)).collect();
    people.insert(&case.person);
    let (people, names) = number(people);
    let (places, place_names) = number(all.iter().map(|visit| visit.place.as_str()).collect());
    let seconds = |at: Instant| at.micros().div_euclid(1_000_000);
    let mut visits = Visits::with_capacity(seconds(from), all.len());
    for visit in &all {
        let (Some(person), Some(place)) = (people.get(called.stands(&visit.person)), places.get(&visit.place)) else {
            continue;
        };
        visits.push(*person, *place, seconds(visit.from), Some(seconds(visit.to)));
    }
    let Some(person) = people.get(&case.person).copied() else { return Ok(Vec::new()) };
    let window = Window { case: 0, person, from: seconds(from), to: seconds(to) };
    let seconds_min = u32::try_from(minutes.max(0) * 60).unwrap_or(u32::MAX);
    let asked = exposures::Search { seconds_min, threads: 1 };
    let found = exposures(&visits, &[window], asked).map_err(|error| OpsError::Inside(error.to_string()))?;
    let at = |seconds: i64| Instant::from_micros(seconds * 1_000_000);
    let finding = |contact: &exposures::Contact| {
        Some(Finding {
            person: names.get(contact.person as usize)?.clone(),
            place: place_names.get(contact.place as usize)?.clone(),
            first: at(contact.first),
            last: at(contact.last),
            seconds: i64::from(contact.seconds),
        })
    };
    Ok(found.iter().filter_map(finding).collect())
}
