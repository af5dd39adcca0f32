//! What transfers that were decided before ask for, for whoever looks at them again: where people are picked up, and with which bed.
//! Nothing is decided here, and whoever cannot be looked at like this is left out.

use super::{MINOR_UNDER, Mover, at_other_doors, contact, from_sites, lies_as_contact, mover};
use crate::{
    OpsError, measures,
    minutes::Day,
    same::Same,
    transfer::{company, held::Held},
};
use dayclear_core::transfer::{RideClass, TransferState};
use dayclear_store::{Scoped, cases::Case, roster::Resident, transfer::Transfer};
use std::collections::HashMap;

/// What transfers that were decided before ask for: nothing is decided here, and whoever cannot be looked at like this is left out.
pub(crate) async fn asked(tx: &mut Scoped, day: &Day<'_>, transfers: &[Transfer]) -> Result<Vec<Mover>, OpsError> {
    let numbers: Vec<i64> = transfers.iter().map(|transfer| transfer.person_no).collect();
    let people: HashMap<i64, Resident> = tx.people_by_no(&numbers).await?.into_iter().map(|p| (p.no, p)).collect();
    let cases: HashMap<String, Case> =
        tx.cases_of(&numbers).await?.into_iter().filter(Case::stands).map(|case| (case.id.clone(), case)).collect();
    let sites: HashMap<String, (f64, f64)> =
        tx.facilities().await?.into_iter().map(|f| (f.facility, f.place)).collect();
    let same = Same::among(tx, &numbers).await?;
    let whole: Vec<i64> = same.whole(numbers.iter().copied()).into_iter().collect();
    let before = tx.transfers_of(&whole, day.look_back()).await?;
    let mut movers: Vec<Mover> = Vec::with_capacity(transfers.len());
    let of = |transfer: &Transfer| {
        let person = people.get(&transfer.person_no)?.clone();
        if transfer.class == RideClass::Contact {
            return Some(contact(person, transfer.subject.clone(), transfer.requested_at));
        }
        let case = cases.get(&transfer.subject)?;
        let kinds = measures::kinds(&measures::placement(day, case, &person).value).to_vec();
        let mut mover = (!kinds.is_empty()).then(|| mover(day, case, &person, kinds))?;
        let same_person = |t: &Transfer| same.who(t.person_no) == same.who(transfer.person_no);
        // whoever became a case at a site is picked up there, and so is who lies at one under another id
        let was = |t: &&Transfer| {
            let left = t.class == RideClass::Contact
                && t.admitted_at.is_some()
                && t.ended_at.is_some_and(|ended| case.found_at <= ended);
            if t.person_no == transfer.person_no { left } else { lies_as_contact(t) && same_person(t) }
        };
        let last = |t: &&Transfer| (t.ended_at.is_none(), t.ended_at);
        let site = before.iter().filter(was).max_by_key(last).and_then(|t| t.facility.clone());
        if let Some((site, place)) = site.and_then(|site| Some((site.clone(), *sites.get(&site)?))) {
            (mover.person.place, mover.person.building, mover.left) = (Some(place), None, Some(site));
        }
        Some(mover)
    };
    let known = |mover: Mover, transfer: &Transfer| {
        // a bed that was chosen by hand stays
        let by_hand = transfer.state == TransferState::Requested || transfer.replanned_at.is_some();
        let held = Held::of(transfer).filter(|_| by_hand);
        Mover { known: Some(transfer.id.clone()), held, ..mover }
    };
    for transfer in transfers.iter().filter(|transfer| !crate::transfer::accompanies(transfer)) {
        movers.extend(of(transfer).map(|mover| known(mover, transfer)));
    }
    for transfer in transfers {
        let Some((_, child)) = transfer.id.rsplit_once("-with-") else { continue };
        let child = movers.iter().find(|mover| mover.person.person == child && mover.accompanies.is_none());
        let person = people.get(&transfer.person_no).cloned();
        let with = child.zip(person).map(|(child, person)| {
            let mut with = child.joined_by(person, transfer.class, None);
            // whoever was at the site that the child leaves is picked up there too
            let left = |t: &Transfer| {
                t.person_no == transfer.person_no
                    && t.admitted_at.is_some()
                    && child.left.is_some()
                    && t.facility == child.left
            };
            if before.iter().any(left) {
                (with.person.place, with.person.building, with.left) = (child.person.place, None, child.left.clone());
            }
            with
        });
        movers.extend(with.map(|mover| known(mover, transfer)));
    }
    from_sites(tx, &mut movers, transfers).await?;
    at_other_doors(tx, &mut movers, transfers).await?;
    // a child of whom no adult is among them was placed where an adult is already, and stays there (R12)
    let adult_with = |child: &Mover| {
        movers.iter().any(|other| {
            let adult = other.person.age_on(day.date).is_some_and(|age| age >= company::ADULT_FROM);
            let home = other.person.household.is_some() && other.person.household == child.person.household;
            let asks = other.accompanies.as_ref() == Some(&child.person.person);
            adult && other.class == child.class && (home || asks)
        })
    };
    let is_child = |mover: &Mover| mover.person.age_on(day.date).is_some_and(|age| age < MINOR_UNDER);
    let alone: Vec<usize> =
        (0..movers.len()).filter(|at| is_child(&movers[*at]) && !adult_with(&movers[*at])).collect();
    for at in alone {
        let booked = transfers.iter().find(|transfer| Some(&transfer.id) == movers[at].known.as_ref());
        movers[at].held = movers[at].held.take().or_else(|| booked.and_then(Held::of));
    }
    Ok(movers)
}
