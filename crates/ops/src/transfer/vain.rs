//! Rides that cannot end as planned: the facility has closed, or the vehicle is out of service. Whoever was not picked up is
//! planned for anew; whoever is in the vehicle is brought to another facility that takes all who ride together, and where none
//! does a person is told. It guarantees that nobody is brought to a place that is closed by a rule of this program.

use super::{
    calls::{self, End},
    outside,
};
use crate::{
    OpsError, agenda,
    beds::{self, Wards},
    minutes::{Day, Minutes},
};
use dayclear_core::{
    books::Movement,
    phases,
    roster::Sex,
    time::Instant,
    transfer::{FacilityKind, FacilityPhase, RideClass, TransferState},
};
use dayclear_store::{
    Scoped,
    cases::Case,
    transfer::{Facility, Transfer},
    vain::InVain,
};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// Whether a facility takes anybody: on this day by its dates, and by what was said of its phases at the moment from which can still be
/// planned: now, or the start of a day that comes as files.
pub(crate) fn is_open(facility: &Facility, day: &Day<'_>) -> bool {
    is_open_at(facility, day, day.earliest)
}

/// As [`is_open`], by its phases at another moment.
pub(crate) fn is_open_at(facility: &Facility, day: &Day<'_>, when: Instant) -> bool {
    let dated = facility.opens_on.is_none_or(|on| on <= day.date) && facility.closes_on.is_none_or(|on| on >= day.date);
    dated && phases::takes(&facility.steps, None, when)
}

/// Rides that cannot end as planned, in order of id. A place that is drained still takes in whoever was picked up for it.
pub(super) async fn found(tx: &mut Scoped, day: &Day<'_>) -> Result<Vec<InVain>, OpsError> {
    let mut found = tx.rides_in_vain(day.date).await?;
    let steps = tx.phase_steps().await?;
    let names: Vec<&str> = steps.keys().map(String::as_str).collect();
    for ride in tx.rides_to(&names).await? {
        // a bed that is held ahead is for the hour at which its ward opens
        let when = ride.bed_from.map_or(day.earliest, |from| from.max(day.earliest));
        let stands = phases::stands(&steps[&ride.facility], ride.ward.as_deref(), when);
        let vain = match stands {
            FacilityPhase::Open => false,
            FacilityPhase::Draining => !ride.underway,
            FacilityPhase::Planned | FacilityPhase::Building | FacilityPhase::Closed => true,
        };
        if vain {
            found.retain(|one| one.transfer != ride.transfer);
            found.push(InVain { transfer: ride.transfer, person_no: ride.person_no, closed: true });
        }
    }
    found.sort_by(|a, b| a.transfer.cmp(&b.transfer));
    Ok(found)
}

/// Takes such rides back, or turns them to another place.
pub(super) async fn turn(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    cases: &[Case],
    transfers: &mut Vec<Transfer>,
) -> Result<(), OpsError> {
    let day = minutes.day;
    calls::broken(tx, minutes).await?;
    calls::arrived(tx, minutes).await?;
    let vain = found(tx, day).await?;
    if vain.is_empty() {
        return Ok(());
    }
    let why: HashMap<&str, bool> = vain.iter().map(|vain| (vain.transfer.as_str(), vain.closed)).collect();
    let mut riding: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, transfer) in transfers.iter_mut().enumerate() {
        let Some(closed) = why.get(transfer.id.as_str()) else { continue };
        match transfer.state {
            TransferState::Booked => match *closed {
                true => take_back(tx, minutes, transfer, "its facility has closed").await?,
                false => without_vehicle(tx, minutes, transfer, "its vehicle is out of service").await?,
            },
            TransferState::Underway => {
                let trip = transfer.trip.clone().unwrap_or_else(|| transfer.id.clone());
                riding.entry(trip).or_default().push(at);
            }
            _ => {}
        }
    }
    if riding.is_empty() {
        return Ok(());
    }
    let severe = |transfer: &Transfer| {
        use dayclear_core::cases::Severity::{Critical, Severe};
        cases.iter().any(|case| case.person_no == transfer.person_no && matches!(case.severity, Severe | Critical))
    };
    let facilities = tx.facilities().await?;
    let by_id: HashMap<String, Facility> = facilities.iter().map(|f| (f.facility.clone(), f.clone())).collect();
    // a place outside the city is confirmed for each, and a vehicle on the road cannot wait for that
    let in_city = |one: &Facility| one.kind != FacilityKind::OutsideCity && is_open(one, day);
    let open = facilities.into_iter().filter(in_city).collect();
    let mut wards = Wards::of(open, beds::to_give(tx, day.earliest).await?, day.roads());
    for together in riding.into_values() {
        let numbers: Vec<i64> = together.iter().map(|at| transfers[*at].person_no).collect();
        let sexes: HashMap<i64, Sex> = tx.people_by_no(&numbers).await?.into_iter().map(|p| (p.no, p.sex)).collect();
        let people: Vec<(Sex, bool)> = together
            .iter()
            .map(|at| (sexes.get(&transfers[*at].person_no).copied().unwrap_or(Sex::Unknown), severe(&transfers[*at])))
            .collect();
        let first = &transfers[together[0]];
        let Some(from) = first.facility.as_ref().and_then(|facility| by_id.get(facility)) else { continue };
        let mut kinds = vec![from.kind];
        if first.class == RideClass::Positive && from.kind != FacilityKind::DesignatedHospital {
            kinds.push(FacilityKind::DesignatedHospital);
        }
        let Some((to, beds)) = wards.take(&kinds, from.place, &people) else {
            for at in together {
                let why = "its facility has closed on the way, and no other takes all who ride; call the driver";
                stand(tx, minutes, &mut transfers[at], why).await?;
            }
            continue;
        };
        let to = wards.facilities()[to].clone();
        let min = day.roads().minutes(from.place, to.place);
        for (at, bed) in together.iter().zip(beds) {
            bring_to(tx, minutes, &mut transfers[*at], &to, bed, min).await?;
        }
        let arrives = together.iter().filter_map(|at| transfers[*at].arrive_at).max();
        if let (Some(trip), Some(arrives)) = (transfers[together[0]].trip.clone(), arrives) {
            later(tx, minutes, transfers, &trip, arrives.plus_minutes(min)).await?;
        }
    }
    Ok(())
}

/// A trip takes longer: what its vehicle and crew were to do in that time is taken back, and planned by the next run. Where they have set out
/// on the next trip with somebody already, this one ends when that began, and that one takes the longer: nobody is on two trips.
pub(super) async fn later(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfers: &mut Vec<Transfer>,
    trip: &str,
    ends: Instant,
) -> Result<(), OpsError> {
    let (mut trip, mut ends) = (trip.to_owned(), ends);
    loop {
        let next = tx.set_out_before(&trip, ends).await?;
        let until = next.as_ref().map_or(ends, |next| next.departs_at.min(ends));
        for id in tx.lengthen_trip(&trip, until).await? {
            if transfers.iter().all(|transfer| transfer.id != id) {
                transfers.extend(tx.transfers_by_id(&[&id]).await?);
            }
            if let Some(transfer) = transfers.iter_mut().find(|transfer| transfer.id == id) {
                without_vehicle(tx, minutes, transfer, "its vehicle is still under way").await?;
            }
        }
        let Some(next) = next else { break };
        let mut riding = 0;
        let late = |one: &&mut Transfer| one.trip.as_deref() == Some(&trip) && one.state == TransferState::Underway;
        for transfer in transfers.iter_mut().filter(late) {
            riding += 1;
            if transfer.arrive_at.is_some_and(|at| at > until) {
                transfer.arrive_at = Some(until);
                tx.update_transfer(transfer).await?;
            }
        }
        calls::two_trips(minutes, (&trip, &next), riding);
        ends = next.ends_at.plus_minutes(ends.minutes_since(until));
        trip = next.id;
    }
    agenda::means(tx).await
}

/// Nobody was picked up yet: bed and seat are free again, and the plan looks for others.
pub(crate) async fn take_back(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfer: &mut Transfer,
    why: &str,
) -> Result<(), OpsError> {
    let at = minutes.day.end;
    let body = json!({"why": why, "facility": transfer.facility, "bed": transfer.bed, "trip": transfer.trip});
    let end = End { at, how: Movement::Cancelled, why: "planned anew: its vehicle or its facility is not there" };
    calls::settle_door(tx, minutes, &transfer.id, end).await?;
    tx.release_bed(&transfer.id, at).await?;
    super::without_ride(tx, transfer, at).await?;
    if !super::home::leads_home(transfer) {
        (transfer.facility, transfer.bed) = (None, None);
        transfer.bed_from = None;
        outside::not_any_more(minutes, transfer);
    }
    transfer.reason = json!({"waits_for": "plan", "why": why}).to_string();
    tx.update_transfer(transfer).await?;
    minutes.event(at, "transfer.taken_back", &transfer.id, &transfer.division, &body, Some("transfer"))
}

/// A vehicle is not there. A place that was confirmed for somebody, or a bed that was held ahead, stays theirs, and only the seat is given
/// back; any other bed goes with it, because another vehicle may reach another place sooner.
pub(crate) async fn without_vehicle(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfer: &mut Transfer,
    why: &str,
) -> Result<(), OpsError> {
    if super::home::leads_home(transfer) || transfer.outside.is_none() && transfer.bed_from.is_none() {
        return take_back(tx, minutes, transfer, why).await;
    }
    let at = minutes.day.end;
    let body =
        json!({"why": why, "facility": transfer.facility, "bed": transfer.bed, "trip": transfer.trip, "kept": "bed"});
    let end = End { at, how: Movement::Cancelled, why: "planned anew: its vehicle is not there" };
    calls::settle_door(tx, minutes, &transfer.id, end).await?;
    super::without_ride(tx, transfer, at).await?;
    transfer.reason = json!({"waits_for": "vehicle", "why": why}).to_string();
    tx.update_transfer(transfer).await?;
    minutes.event(at, "transfer.taken_back", &transfer.id, &transfer.division, &body, Some("transfer"))
}

/// The vehicle drives on to another facility; `min` from the one that has closed.
async fn bring_to(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfer: &mut Transfer,
    to: &Facility,
    bed: String,
    min: i64,
) -> Result<(), OpsError> {
    let at = minutes.day.end;
    let body = json!({"why": "its facility has closed", "from": transfer.facility, "to": to.facility, "bed": bed});
    tx.release_bed(&transfer.id, at).await?;
    tx.hold_beds(&[(bed.clone(), transfer.id.clone(), at)], minutes.day.earliest).await?;
    outside::stays(minutes, transfer, at);
    outside::not_any_more(minutes, transfer);
    transfer.bed_from = None;
    transfer.facility = Some(to.facility.clone());
    transfer.bed = Some(bed);
    transfer.arrive_at = transfer.arrive_at.map(|planned| planned.max(at).plus_minutes(min));
    transfer.reason = json!({"turned": "its facility has closed on the way"}).to_string();
    tx.update_transfer(transfer).await?;
    minutes.event(at, "transfer.turned", &transfer.id, &transfer.division, &body, Some("transfer"))
}

/// Whether somebody is on the way and has nowhere to go.
pub(crate) fn has_nowhere(transfer: &Transfer) -> bool {
    transfer.state == TransferState::Underway && transfer.reason.contains("\"stands\"")
}

/// Somebody on the way has nowhere to go: the dispatcher is told, once.
pub(crate) async fn stand(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfer: &mut Transfer,
    why: &str,
) -> Result<(), OpsError> {
    let reason = json!({"stands": why}).to_string();
    if transfer.reason == reason {
        return Ok(());
    }
    let at = minutes.day.end;
    transfer.reason = reason;
    tx.update_transfer(transfer).await?;
    let body = json!({"why": why, "facility": transfer.facility});
    minutes.event(at, "transfer.stands", &transfer.id, &transfer.division, &body, Some("transfer"))
}
