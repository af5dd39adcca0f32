//! Children who go to a site as contacts (R12): none goes without an adult of the household. Whoever of them goes as well goes with the
//! child; else one who is free comes along, the registered carer first; and where nobody is, the child stays until a person has named a
//! carer. What was decided before stays: an adult who is at a site already is followed.

use super::{
    accompanies,
    needs::{MINOR_UNDER, Mover},
};
use crate::{
    OpsError,
    minutes::{Minutes, by_division},
};
use dayclear_core::{
    books::Worklist,
    transfer::{RideClass, TransferState},
};
use dayclear_store::{Scoped, roster::Resident, transfer::Transfer};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Age from which somebody of a household can come along.
const ADULT_FROM: u8 = 18;

/// Gives company to children among those who have to be moved, or lets them wait for it.
pub(super) async fn with_children(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    needs: &mut Vec<Mover>,
    cases: &HashSet<&str>,
    transfers: &[Transfer],
) -> Result<(), OpsError> {
    let today = minutes.day.date;
    let is_child = |need: &Mover| {
        need.class == RideClass::Contact
            && need.accompanies.is_none()
            && need.person.age_on(today).is_some_and(|age| age < MINOR_UNDER)
    };
    let homes: BTreeSet<&str> =
        needs.iter().filter(|need| is_child(need)).filter_map(|need| need.person.household.as_deref()).collect();
    if homes.is_empty() {
        return Ok(());
    }
    let homes: Vec<&str> = homes.into_iter().collect();
    let mut adults: BTreeMap<String, Vec<Resident>> = BTreeMap::new();
    for person in tx.people_of_households(&homes).await? {
        if let (Some(home), true) =
            (person.household.clone(), person.age_on(today).is_some_and(|age| age >= ADULT_FROM))
        {
            adults.entry(home).or_default().push(person);
        }
    }
    let numbers: Vec<i64> = adults.values().flatten().map(|person| person.no).collect();
    let live: HashMap<String, Transfer> =
        tx.live_transfers_of(&numbers).await?.into_iter().map(|transfer| (transfer.person.clone(), transfer)).collect();
    let (mut added, mut alone): (Vec<Mover>, Vec<usize>) = (Vec::new(), Vec::new());
    for (at, need) in needs.iter().enumerate().filter(|(_, need)| is_child(need)) {
        // of somebody who lives with no adult the roster does not say from whom they would be parted
        let Some(adults) = need.person.household.as_ref().and_then(|home| adults.get(home)) else { continue };
        let ride = format!("M-{}-with-{}", need.subject, need.person.person);
        let waits_with = |transfer: &Transfer| transfer.id == ride && transfer.state == TransferState::Requested;
        let goes = |adult: &Resident| {
            let going = |other: &Mover| other.class == RideClass::Contact && other.person.no == adult.no;
            let there = live.get(&adult.person).is_some_and(|transfer| {
                let waits = transfer.state == TransferState::Requested && accompanies(transfer);
                transfer.class == RideClass::Contact && !waits
            });
            there || needs.iter().chain(&added).any(going)
        };
        if adults.iter().any(goes) {
            continue;
        }
        // who goes with somebody else in this run, a child who is a case, cannot be with this one too
        let taken = |adult: &Resident| needs.iter().chain(&added).any(|other| other.person.no == adult.no);
        let free = |adult: &&Resident| {
            !cases.contains(adult.person.as_str()) && !taken(adult) && live.get(&adult.person).is_none_or(waits_with)
        };
        let carer = adults.iter().filter(|adult| Some(&adult.person) == need.person.carer.as_ref()).find(free);
        let Some(adult) = carer.or_else(|| adults.iter().find(free)) else {
            alone.push(at);
            continue;
        };
        let again = transfers.iter().position(waits_with);
        // it waits already, and is not at hand in this run
        if again.is_none() && live.contains_key(&adult.person) {
            continue;
        }
        added.push(need.joined_by(adult.clone(), RideClass::Contact, again));
    }
    for at in alone.into_iter().rev() {
        let child = needs.remove(at);
        minutes.waits(
            Worklist::Clarify,
            format!("carer/{}", child.person.person),
            &child.person.division,
            by_division(&child.person.division),
            child.since,
            "nobody of the household can go with this child: name a carer first",
        );
    }
    needs.extend(added);
    Ok(())
}
