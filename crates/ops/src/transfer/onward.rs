//! Who lies in a place that closes, or whose ward does: a bed elsewhere is held first, then the stay ends there and a ride is asked for. Nobody
//! is moved who is due to leave before, nobody without a bed, and no child by a rule (R12): of whom nothing can be found, a person
//! is told.

use crate::{
    OpsError,
    beds::{self, Wards},
    measures,
    minutes::{Minutes, by_division},
};
use dayclear_core::{
    books::Worklist,
    cases::Severity,
    phases,
    roster::Sex,
    time::Instant,
    transfer::{FacilityKind, FacilityPhase, RideClass, TransferState},
};
use dayclear_store::{
    Scoped,
    cases::Case,
    phases::Lying,
    roster::Resident,
    transfer::{Facility, Transfer},
};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// Number of a move on from a site, and the id of the first move: `N2-M-C1` is the second after `M-C1`.
fn parts(id: &str) -> (u32, &str) {
    let numbered = id.strip_prefix('N').and_then(|rest| rest.split_once('-'));
    match numbered.and_then(|(n, first)| Some((n.parse().ok()?, first))) {
        Some((n, first)) => (n, first),
        None => (0, id),
    }
}

/// Whether somebody moves on from a site to another.
pub(crate) fn moves_on(transfer: &Transfer) -> bool {
    parts(&transfer.id).0 > 0
}

/// The id of the move before.
fn before(id: &str) -> Option<String> {
    match parts(id) {
        (0, _) => None,
        (1, first) => Some(first.to_owned()),
        (n, first) => Some(format!("N{}-{first}", n - 1)),
    }
}

/// Where those are who move on: site and place, by transfer.
pub(crate) async fn left(
    tx: &mut Scoped,
    transfers: &[&Transfer],
) -> Result<HashMap<String, (String, (f64, f64))>, OpsError> {
    let pairs: Vec<(String, String)> =
        transfers.iter().filter_map(|one| Some((before(&one.id)?, one.id.clone()))).collect();
    if pairs.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<&str> = pairs.iter().map(|(id, _)| id.as_str()).collect();
    let were: HashMap<String, Option<String>> =
        tx.transfers_by_id(&ids).await?.into_iter().map(|one| (one.id, one.facility)).collect();
    let places: HashMap<String, (f64, f64)> =
        tx.facilities().await?.into_iter().map(|one| (one.facility, one.place)).collect();
    let of = |(id, next): (String, String)| {
        let site = were.get(&id)?.clone()?;
        let place = *places.get(&site)?;
        Some((next, (site, place)))
    };
    Ok(pairs.into_iter().filter_map(of).collect())
}

/// Whoever lies where nobody can stay: in a place or ward that is closed, or that is emptied and closes before they are due to leave.
pub(crate) async fn found(tx: &mut Scoped, now: Instant) -> Result<Vec<Lying>, OpsError> {
    let steps = tx.phase_steps().await?;
    let names: Vec<&str> = steps.keys().map(String::as_str).collect();
    let must_leave = |one: &Lying| {
        let steps = &steps[&one.facility];
        let ward = one.ward.as_deref();
        match phases::stands(steps, ward, now) {
            FacilityPhase::Closed => true,
            FacilityPhase::Draining => {
                let of_ward = |step: &&phases::PhaseStep| step.ward.is_empty() || Some(step.ward.as_str()) == ward;
                let closes = steps.iter().filter(of_ward).filter(|step| step.phase == FacilityPhase::Closed);
                let closes = closes.map(|step| step.from).filter(|from| *from > now).min();
                closes.is_some_and(|closes| one.leaves.is_none_or(|leaves| leaves > closes))
            }
            FacilityPhase::Planned | FacilityPhase::Building | FacilityPhase::Open => false,
        }
    };
    Ok(tx.lying_at(&names).await?.into_iter().filter(must_leave).collect())
}

/// Holds beds elsewhere for them and asks for their rides.
pub(super) async fn plan(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    cases: &[Case],
    transfers: &mut Vec<Transfer>,
) -> Result<(), OpsError> {
    let day = minutes.day;
    let lying = found(tx, day.earliest).await?;
    if lying.is_empty() {
        return Ok(());
    }
    let facilities = tx.facilities().await?;
    let by_id: HashMap<String, Facility> = facilities.iter().map(|one| (one.facility.clone(), one.clone())).collect();
    // to a place outside the city somebody goes once it is confirmed, and a bed that is left is left for good
    let in_city = |one: &Facility| one.kind != FacilityKind::OutsideCity && super::vain::is_open(one, day);
    let open = facilities.into_iter().filter(in_city).collect();
    let mut wards = Wards::of(open, beds::to_give(tx, day.earliest).await?, day.roads());
    let numbers: Vec<i64> = lying.iter().map(|one| one.person_no).collect();
    let people: HashMap<i64, Resident> =
        tx.people_by_no(&numbers).await?.into_iter().map(|one| (one.no, one)).collect();
    let of_case: HashMap<i64, &Case> =
        cases.iter().filter(|case| case.stands()).map(|case| (case.person_no, case)).collect();
    // people of one household stay together
    let mut groups: BTreeMap<(String, String, RideClass), Vec<usize>> = BTreeMap::new();
    for (at, transfer) in transfers.iter().enumerate() {
        if transfer.state != TransferState::Admitted || !lying.iter().any(|one| one.transfer == transfer.id) {
            continue;
        }
        let home = people.get(&transfer.person_no).and_then(|person| person.household.clone());
        let site = transfer.facility.clone().unwrap_or_default();
        groups.entry((site, home.unwrap_or_else(|| transfer.person.clone()), transfer.class)).or_default().push(at);
    }
    for ((site, ..), group) in groups {
        let Some(from) = by_id.get(&site) else { continue };
        let age = |at: &usize| people.get(&transfers[*at].person_no).and_then(|person| person.age_on(day.date));
        let child = group.iter().any(|at| age(at).is_some_and(|age| age < super::needs::MINOR_UNDER));
        let carer = group.iter().any(|at| super::accompanies(&transfers[*at]));
        let kinds = kinds(minutes, &group, transfers, &of_case, &people);
        let of = |at: &usize| {
            let transfer = &transfers[*at];
            let sex = people.get(&transfer.person_no).map_or(Sex::Unknown, |person| person.sex);
            let case = of_case.get(&transfer.person_no);
            (sex, case.is_some_and(|case| matches!(case.severity, Severity::Severe | Severity::Critical)))
        };
        let who: Vec<(Sex, bool)> = group.iter().map(of).collect();
        let taken = if child || carer { None } else { wards.take(&kinds, from.place, &who) };
        let Some((to, beds)) = taken else {
            let why = if child || carer {
                "a child is among them: move them by hand, together"
            } else {
                "no bed is free elsewhere"
            };
            for at in group {
                tell(minutes, &transfers[at], why);
            }
            continue;
        };
        let to = wards.facilities()[to].facility.clone();
        for (at, bed) in group.into_iter().zip(beds) {
            let next = move_on(tx, minutes, &mut transfers[at], &to, bed).await?;
            transfers.push(next);
        }
    }
    Ok(())
}

/// Kinds of places for people who stay together.
fn kinds(
    minutes: &Minutes<'_>,
    group: &[usize],
    transfers: &[Transfer],
    of_case: &HashMap<i64, &Case>,
    people: &HashMap<i64, Resident>,
) -> Vec<FacilityKind> {
    let of = |at: &usize| {
        let transfer = &transfers[*at];
        if transfer.class == RideClass::Contact {
            return Some(vec![FacilityKind::IsolationSite]);
        }
        let (case, person) = (of_case.get(&transfer.person_no)?, people.get(&transfer.person_no)?);
        let mut kinds = measures::kinds(&measures::placement(minutes.day, case, person).value).to_vec();
        if !kinds.contains(&FacilityKind::DesignatedHospital) {
            kinds.push(FacilityKind::DesignatedHospital);
        }
        Some(kinds)
    };
    // of several, what suits the one who needs most
    let mut all: Vec<Vec<FacilityKind>> = group.iter().filter_map(of).collect();
    all.sort_by_key(|kinds| kinds.first().copied());
    all.into_iter().next().unwrap_or_default()
}

/// The stay ends where it is, with a bed held at another place.
async fn move_on(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfer: &mut Transfer,
    to: &str,
    bed: String,
) -> Result<Transfer, OpsError> {
    let at = minutes.day.end;
    let (n, first) = parts(&transfer.id);
    let why = "its facility or ward closes: a bed is held elsewhere";
    let next = Transfer {
        facility: Some(to.to_owned()),
        bed: Some(bed.clone()),
        reason: json!({"waits_for": "vehicle", "why": why, "from": transfer.facility}).to_string(),
        replanned_at: Some(at),
        ..Transfer::requested(
            format!("N{}-{first}", n + 1),
            (&transfer.person, transfer.person_no),
            &transfer.division,
            transfer.class,
            &transfer.subject,
            at,
        )
    };
    super::end(tx, minutes, transfer, "moves on to another place, because this one closes").await?;
    tx.request_transfers(std::slice::from_ref(&next)).await?;
    tx.hold_beds(&[(bed, next.id.clone(), at)], minutes.day.earliest).await?;
    let body = json!({"person": next.person, "class": next.class, "from": transfer.facility, "facility": next.facility,
                      "bed": next.bed, "why": why});
    minutes.event(at, "transfer.moves_on", &next.id, &next.division, &body, Some("transfer"))?;
    Ok(next)
}

/// A person is told of somebody who cannot stay.
fn tell(minutes: &mut Minutes<'_>, transfer: &Transfer, why: &str) {
    let reason = format!(
        "{} or its ward closes, and {} lies there: {why}",
        transfer.facility.as_deref().unwrap_or("-"),
        transfer.person
    );
    let owner = by_division(&transfer.division.district());
    let subject = format!("out/{}", transfer.id);
    minutes.waits(Worklist::Clarify, subject, &transfer.division, owner, minutes.day.end, reason);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_move_on_is_known_by_its_number_and_leads_back_to_the_one_before() {
        for (id, number, first, was) in [
            ("M-C1", 0, "M-C1", None),
            ("N1-M-C1", 1, "M-C1", Some("M-C1")),
            ("N2-M-C1-with-P3", 2, "M-C1-with-P3", Some("N1-M-C1-with-P3")),
            ("NX-M-C1", 0, "NX-M-C1", None),
        ] {
            assert_eq!((parts(id), before(id).as_deref()), ((number, first), was), "{id}");
        }
    }
}
