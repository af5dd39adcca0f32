//! Somebody is on the way to a place, and no order asks for it any more: the result that it rested on was taken back, or the order has
//! ended. Their bed is free at once, and the ride leads home. It guarantees that nobody is admitted anywhere by what has ended, and
//! that whoever is in a vehicle is in the books until somebody says that they are at home.

use super::vain;
use crate::{OpsError, minutes::Minutes};
use dayclear_core::transfer::{RideClass, TransferState};
use dayclear_store::{Scoped, transfer::Transfer};
use serde_json::json;

/// Whether somebody is on the way home.
pub(crate) fn is_going(transfer: &Transfer) -> bool {
    transfer.state == TransferState::Underway && transfer.bed.is_none()
}

/// The ride of one of the transfers leads home: as long as it has lasted, on no road that is longer. Told once.
pub(super) async fn turn(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfers: &mut Vec<Transfer>,
    at: usize,
) -> Result<(), OpsError> {
    let now = minutes.day.end;
    if is_going(&transfers[at]) {
        return Ok(());
    }
    let trip = transfers[at].trip.clone();
    let beside = |other: &&Transfer| other.trip == trip && other.state == TransferState::Underway && !is_going(other);
    let positives =
        transfers.iter().filter(beside).filter(|other| other.id != transfers[at].id && other.class == RideClass::Positive);
    let why = match positives.count() {
        0 => "no order asks for it any more: call the driver, and bring them home".to_owned(),
        n => format!(
            "no order asks for it any more: call the driver, and bring them home; they ride with positives ({n}), so let a \
             tracer say whether that is an exposure"
        ),
    };
    let transfer = &mut transfers[at];
    let bed = tx.release_bed(&transfer.id, now).await?;
    let body = json!({"why": why, "facility": transfer.facility, "bed": bed, "trip": transfer.trip});
    (transfer.facility, transfer.bed) = (None, None);
    let ridden = transfer.picked_up_at.map_or(0, |picked_up| now.minutes_since(picked_up).max(0));
    let there = now.plus_minutes(ridden);
    transfer.arrive_at = transfer.arrive_at.map(|_| there);
    transfer.reason = json!({"stands": why}).to_string();
    tx.update_transfer(transfer).await?;
    minutes.event(now, "transfer.home", &transfer.id, &transfer.division, &body, Some("transfer"))?;
    match trip {
        Some(trip) => vain::later(tx, minutes, transfers, &trip, there).await,
        None => Ok(()),
    }
}
