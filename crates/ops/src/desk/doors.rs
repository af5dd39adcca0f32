//! Where somebody is who is not at the door of the roster. A crew finds nobody of that name, or the community knows better: whoever says it
//! gives the building and the door, and the ride is planned anew from there. Bed and clock stay as they are. It guarantees that no child is
//! left to wait, or is fetched, without an adult of the household (R12).

use super::{
    DeskError, Refusal, Report, Sitting, Verdict, invalid, stands,
    transfers::{seen, waits},
};
use crate::{
    minutes::Minutes,
    transfer::{self, calls, needs::MINOR_UNDER, onward},
};
use dayclear_core::{books::Movement, time::CivilDate, transfer::RideClass};
use dayclear_store::{roster::Resident, transfer::Transfer};
use serde_json::json;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Age from which somebody is with a child.
const ADULT_FROM: u8 = 18;

pub(super) async fn address(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let transfers = seen(at, keys).await?;
    let building = at.text("building");
    if at.tx.buildings_by_id(&[building]).await?.is_empty() {
        return Err(invalid("building", building, "a building of buildings", "choose one of the list of buildings"));
    }
    let parted = parted(at, &transfers).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match transfers.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(one) if !waits(one) => {
                stands(one.state.name(), "a door is given for somebody who was not picked up yet")
            }
            Some(one) if onward::moves_on(one) => stands("at a site", "they are picked up where they lie"),
            Some(one) if parted.contains(&one.person_no) => {
                stands("with a child who waits elsewhere", "give the door of the child and of an adult who goes along")
            }
            Some(one) if one.building.as_deref() == Some(building) && one.door.as_deref() == Some(at.text("door")) => {
                Verdict::Same
            }
            Some(one) => {
                meet(at, &mut minutes, one.clone()).await?;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Somebody is fetched at another door. The seat is given back; the bed stays held.
async fn meet(at: &mut Sitting<'_, '_>, minutes: &mut Minutes<'_>, mut one: Transfer) -> Result<(), DeskError> {
    let now = at.doing.now;
    transfer::without_ride(at.tx, &mut one, now).await?;
    (one.building, one.door) = (Some(at.text("building").to_owned()), Some(at.text("door").to_owned()));
    one.replanned_at = Some(now);
    let waits_for = if one.bed.is_some() { "vehicle" } else { "bed" };
    one.reason = json!({"waits_for": waits_for, "why": "found at another door than the roster's", "by": at.account()})
        .to_string();
    at.tx.update_transfer(&one).await?;
    let end = calls::End { at: now, how: Movement::Completed, why: "found at another door" };
    calls::settle_door(at.tx, minutes, &one.id, end).await?;
    // the door itself is personal, and stands in the transfer alone
    let body = json!({"reason": at.text("reason")});
    minutes.event(now, "transfer.found_elsewhere", &one.id, &one.division, &body, Some("transfer"))?;
    transfer::post(minutes, &[one]);
    Ok(())
}

/// Of those whose door is given, who would be parted from a child, or as a child from every adult: people by number.
async fn parted(at: &mut Sitting<'_, '_>, given: &HashMap<String, Transfer>) -> Result<HashSet<i64>, DeskError> {
    let today = at.room.day.date;
    let mut numbers: Vec<i64> = given.values().map(|one| one.person_no).collect();
    numbers.sort_unstable();
    let people = at.tx.people_by_no(&numbers).await?;
    let mut homes: Vec<&str> = people.iter().filter_map(|person| person.household.as_deref()).collect();
    homes.sort_unstable();
    homes.dedup();
    let all = at.tx.people_of_households(&homes).await?;
    let everybody: Vec<i64> = all.iter().map(|person| person.no).collect();
    let live = at.tx.live_transfers_of(&everybody).await?;
    let waiting: HashMap<i64, RideClass> =
        live.iter().filter(|one| waits(one)).map(|one| (one.person_no, one.class)).collect();
    // whoever rides with another class is no company
    let mut by_home: BTreeMap<(&str, RideClass), Vec<&Resident>> = BTreeMap::new();
    for person in &all {
        if let Some(class) = waiting.get(&person.no) {
            by_home.entry((person.household.as_deref().unwrap_or_default(), *class)).or_default().push(person);
        }
    }
    let mut parted = HashSet::new();
    for together in by_home.into_values() {
        let (moved, left): (Vec<&Resident>, Vec<&Resident>) =
            together.into_iter().partition(|person| numbers.binary_search(&person.no).is_ok());
        // with no adult before, nothing is parted that was together
        if has_adult(&moved, today) || has_adult(&left, today) {
            let alone = |part: &[&Resident]| has_child(part, today) && !has_adult(part, today);
            if alone(&moved) || alone(&left) {
                parted.extend(moved.iter().map(|person| person.no));
            }
        }
    }
    Ok(parted)
}

fn has_child(people: &[&Resident], today: CivilDate) -> bool {
    people.iter().any(|person| person.age_on(today).is_some_and(|age| age < MINOR_UNDER))
}

fn has_adult(people: &[&Resident], today: CivilDate) -> bool {
    people.iter().any(|person| person.age_on(today).is_some_and(|age| age >= ADULT_FROM))
}
