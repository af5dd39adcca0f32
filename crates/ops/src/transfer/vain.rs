//! Rides that cannot end as planned: the facility has closed, or the vehicle is out of service. Whoever was not picked up is
//! planned for anew; whoever is in the vehicle is brought to another facility that takes all who ride together, and where none
//! does a person is told. It guarantees that nobody is brought to a place that is closed by a rule of this program.

use super::calls::{self, End};
use crate::{
    OpsError, agenda,
    beds::Wards,
    minutes::{Day, Minutes},
};
use dayclear_core::{
    books::Movement,
    roster::Sex,
    time::Instant,
    transfer::{FacilityKind, RideClass, TransferState},
};
use dayclear_engines::dispatch::road_min;
use dayclear_store::{
    Scoped,
    cases::Case,
    transfer::{Facility, Transfer},
};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// Whether a facility takes anybody on a day.
pub(crate) fn is_open(facility: &Facility, day: &Day<'_>) -> bool {
    facility.opens_on.is_none_or(|on| on <= day.date) && facility.closes_on.is_none_or(|on| on >= day.date)
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
    let vain = tx.rides_in_vain(day.date).await?;
    if vain.is_empty() {
        return Ok(());
    }
    let why: HashMap<&str, bool> = vain.iter().map(|vain| (vain.transfer.as_str(), vain.closed)).collect();
    let mut riding: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, transfer) in transfers.iter_mut().enumerate() {
        let Some(closed) = why.get(transfer.id.as_str()) else { continue };
        match transfer.state {
            TransferState::Booked => {
                let why = if *closed { "its facility has closed" } else { "its vehicle is out of service" };
                take_back(tx, minutes, transfer, why).await?;
            }
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
    let closed: HashMap<String, Facility> =
        facilities.iter().filter(|f| !is_open(f, day)).map(|f| (f.facility.clone(), f.clone())).collect();
    let mut wards = Wards::of(facilities.into_iter().filter(|f| is_open(f, day)).collect(), tx.free_beds().await?);
    for together in riding.into_values() {
        let numbers: Vec<i64> = together.iter().map(|at| transfers[*at].person_no).collect();
        let sexes: HashMap<i64, Sex> = tx.people_by_no(&numbers).await?.into_iter().map(|p| (p.no, p.sex)).collect();
        let people: Vec<(Sex, bool)> = together
            .iter()
            .map(|at| (sexes.get(&transfers[*at].person_no).copied().unwrap_or(Sex::Unknown), severe(&transfers[*at])))
            .collect();
        let first = &transfers[together[0]];
        let Some(from) = first.facility.as_ref().and_then(|facility| closed.get(facility)) else { continue };
        let mut kinds = vec![from.kind];
        if first.class == RideClass::Positive && from.kind != FacilityKind::DesignatedHospital {
            kinds.push(FacilityKind::DesignatedHospital);
        }
        let Some((to, beds)) = wards.take(&kinds, from.place, &people) else {
            for at in together {
                stand(tx, minutes, &mut transfers[at]).await?;
            }
            continue;
        };
        let to = wards.facilities()[to].clone();
        let min = road_min(from.place, to.place);
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

/// A trip takes longer: what its vehicle and crew were to do in that time is taken back, and planned by the next run.
async fn later(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfers: &mut Vec<Transfer>,
    trip: &str,
    ends: Instant,
) -> Result<(), OpsError> {
    for id in tx.lengthen_trip(trip, ends).await? {
        if transfers.iter().all(|transfer| transfer.id != id) {
            transfers.extend(tx.transfers_by_id(&[&id]).await?);
        }
        if let Some(transfer) = transfers.iter_mut().find(|transfer| transfer.id == id) {
            take_back(tx, minutes, transfer, "its vehicle is still under way").await?;
        }
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
    (transfer.facility, transfer.bed) = (None, None);
    transfer.reason = json!({"waits_for": "plan", "why": why}).to_string();
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
    tx.hold_beds(&[(bed.clone(), transfer.id.clone(), at)]).await?;
    transfer.facility = Some(to.facility.clone());
    transfer.bed = Some(bed);
    transfer.arrive_at = transfer.arrive_at.map(|planned| planned.max(at).plus_minutes(min));
    transfer.reason = json!({"turned": "its facility has closed on the way"}).to_string();
    tx.update_transfer(transfer).await?;
    minutes.event(at, "transfer.turned", &transfer.id, &transfer.division, &body, Some("transfer"))
}

/// No other place takes them: the dispatcher is told, once.
async fn stand(tx: &mut Scoped, minutes: &mut Minutes<'_>, transfer: &mut Transfer) -> Result<(), OpsError> {
    let reason =
        json!({"stands": "its facility has closed on the way, and no other takes all who ride; call the driver"});
    let reason = reason.to_string();
    if transfer.reason == reason {
        return Ok(());
    }
    let at = minutes.day.end;
    transfer.reason = reason;
    tx.update_transfer(transfer).await?;
    let body = json!({"why": "its facility has closed, and no other takes them", "facility": transfer.facility});
    minutes.event(at, "transfer.stands", &transfer.id, &transfer.division, &body, Some("transfer"))
}
