//! Move: every positive to a bed and every contact to the place the decision names. Reports of drivers and receiving
//! sites are applied first ([`reports`]); then it is seen who has to move ([`needs`]), and beds and vehicles are given
//! ([`plan`]). Nobody is marked as arrived without a confirmation, and nobody leaves without a bed.

mod needs;
mod plan;
mod reports;

use crate::{
    OpsError,
    minutes::{Close, Day, Minutes, by_division, by_site},
};
use dayclear_core::{
    books::Worklist,
    divisions::DivisionCode,
    measures::{OrderKind, OrderState},
    transfer::{BedState, RideClass, TransferState},
};
use dayclear_store::{Scoped, measures::Order, transfer::Transfer};
use serde_json::json;
use std::collections::HashSet;

/// Applies reports, then plans what is still needed.
pub async fn run(tx: &mut Scoped, day: &Day<'_>) -> Result<(), OpsError> {
    let mut minutes = Minutes::of(day);
    let mut cases = tx.cases_since(day.date, day.look_back()).await?;
    let orders = tx.orders_since(day.date).await?;
    let mut transfers = tx.transfers_since(day.start).await?;
    reports::apply(tx, &mut minutes, &mut transfers, &mut cases).await?;
    cancel_pointless(tx, &mut minutes, &mut transfers, &orders).await?;
    let needs = needs::of(tx, &mut minutes, &cases, &orders, &mut transfers).await?;
    plan::make(tx, &mut minutes, needs, &mut transfers).await?;
    reports::unexpected(tx, &mut minutes, &transfers).await?;
    post(&mut minutes, &transfers);
    minutes.hand_in(tx).await
}

/// A transfer that no order asks for any more, and that has not begun, is cancelled; its bed is free again.
async fn cancel_pointless(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfers: &mut [Transfer],
    orders: &[Order],
) -> Result<(), OpsError> {
    let asked: HashSet<&str> = orders
        .iter()
        .filter(|o| o.state == OrderState::Active && o.kind.weight() >= OrderKind::CentralIsolation.weight())
        .map(|o| o.person.as_str())
        .collect();
    for transfer in transfers.iter_mut() {
        let waiting = matches!(transfer.state, TransferState::Requested | TransferState::Booked);
        if waiting && !accompanies(transfer) && !asked.contains(transfer.person.as_str()) {
            end(tx, minutes, transfer, "no order asks for it any more").await?;
        }
    }
    Ok(())
}

/// Whether somebody rides as the carer of another.
fn accompanies(transfer: &Transfer) -> bool {
    transfer.id.contains("-with-")
}

/// Ends a transfer: it is cancelled if it had not arrived, over if it had; its bed is free, or waits to be cleaned.
async fn end(tx: &mut Scoped, minutes: &mut Minutes<'_>, transfer: &mut Transfer, why: &str) -> Result<(), OpsError> {
    let at = minutes.day.end;
    let arrived = transfer.state == TransferState::Admitted;
    transfer.state = TransferState::Cancelled;
    transfer.ended_at = Some(at);
    transfer.reason = json!({"ended": why}).to_string();
    if let (Some(bed), true) = (tx.release_bed(&transfer.id, at).await?, arrived) {
        tx.set_bed(&bed, BedState::Cleaning).await?;
        let owner = by_site(transfer.facility.clone().unwrap_or_default());
        minutes.waits(Worklist::Clean, bed, &transfer.division, owner, at, "to clean after somebody left");
    }
    tx.update_transfer(transfer).await?;
    let kind = if arrived { "transfer.ended" } else { "transfer.cancelled" };
    minutes.event(at, kind, &transfer.id, &transfer.division, &json!({"why": why}), Some("transfer"))
}

/// Every transfer is an item until the receiving site confirms it.
fn post(minutes: &mut Minutes<'_>, transfers: &[Transfer]) {
    let day = minutes.day;
    for transfer in transfers {
        let accompanies = accompanies(transfer);
        let (worklist, subject) = match transfer.class {
            RideClass::Positive if !accompanies => (Worklist::Move, transfer.subject.clone()),
            _ => (Worklist::Place, transfer.id.clone()),
        };
        let owner = owner(transfer);
        let reason = match transfer.state {
            TransferState::Booked if transfer.reason.contains("\"report\"") => {
                format!("tried and not moved: {}", transfer.reason)
            }
            TransferState::Booked => format!(
                "bed {} is held, trip {}; no admission reported yet",
                transfer.bed.as_deref().unwrap_or("-"),
                transfer.trip.as_deref().unwrap_or("-")
            ),
            TransferState::Underway => "picked up; no admission reported yet".to_owned(),
            _ => transfer.reason.clone(),
        };
        let item = minutes.waits(worklist, subject, &transfer.division, owner, transfer.requested_at, reason);
        match (transfer.admitted_at, transfer.state, transfer.ended_at) {
            (Some(at), ..) => {
                item.done(at, "admitted");
            }
            (None, TransferState::Cancelled, at) => {
                let said: serde_json::Value = serde_json::from_str(&transfer.reason).unwrap_or_default();
                item.cancelled(at.unwrap_or(day.end), said["ended"].as_str().unwrap_or("ended"));
            }
            _ => {}
        }
    }
}

fn owner(transfer: &Transfer) -> dayclear_core::books::Owner {
    let district: DivisionCode = transfer.division.district();
    match (&transfer.state, &transfer.facility) {
        (TransferState::Underway, Some(facility)) => by_site(facility.clone()),
        _ => by_division(&district),
    }
}
