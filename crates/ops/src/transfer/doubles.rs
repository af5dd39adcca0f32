//! Two bookings of one person who is known under two ids: whoever is on the way, or first in line, keeps bed and seat; the other
//! gives them back and waits for the first to arrive. Nothing of it is cancelled before that, so a split has it planned again.

use super::{accompanies, end, vain};
use crate::{OpsError, minutes::Minutes, same::Same};
use dayclear_core::{
    measures::{OrderKind, OrderState},
    transfer::{RideClass, TransferState},
};
use dayclear_store::{Scoped, measures::Order, transfer::Transfer};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashSet},
};

/// How far a transfer has come; `None`: it is over.
fn far(transfer: &Transfer) -> Option<u8> {
    match transfer.state {
        TransferState::Requested => Some(0),
        TransferState::Booked => Some(1),
        TransferState::Underway => Some(2),
        TransferState::Admitted => Some(3),
        _ => None,
    }
}

/// Moves that only an order asks for which is set aside: they wait until it binds again or ends.
async fn asked_by_nobody_now(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfers: &mut [Transfer],
    orders: &[Order],
    same: &Same,
) -> Result<BTreeSet<String>, OpsError> {
    let heavy = |order: &&Order| order.kind.weight() >= OrderKind::CentralIsolation.weight();
    let of = |state| orders.iter().filter(heavy).filter(move |order| order.state == state);
    let sleeping: HashSet<&str> = of(OrderState::Aside).map(|order| order.person.as_str()).collect();
    let bound: HashSet<&str> = of(OrderState::Active).map(|order| same.id(&order.person)).collect();
    let mut aside = BTreeSet::new();
    for transfer in transfers.iter_mut() {
        let wait = matches!(transfer.state, TransferState::Requested | TransferState::Booked);
        let sleeps = sleeping.contains(transfer.person.as_str()) && !bound.contains(same.id(&transfer.person));
        if !wait || !sleeps || accompanies(transfer) {
            continue;
        }
        if transfer.bed.is_some() || transfer.state == TransferState::Booked {
            vain::take_back(tx, minutes, transfer, "the same person is bound by another order, and stays").await?;
        }
        aside.insert(transfer.id.clone());
    }
    Ok(aside)
}

/// Gives back what one person has twice. The ids of the transfers that are not planned as long as another one stands for them.
pub(super) async fn settle(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfers: &mut [Transfer],
    orders: &[Order],
    same: &Same,
) -> Result<BTreeSet<String>, OpsError> {
    let mut aside = asked_by_nobody_now(tx, minutes, transfers, orders, same).await?;
    let mut of: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, transfer) in transfers.iter().enumerate() {
        if far(transfer).is_some() && !accompanies(transfer) && same.is_known_twice(&transfer.person) {
            of.entry(same.id(&transfer.person).to_owned()).or_default().push(at);
        }
    }
    for group in of.into_values() {
        let rank = |at: &usize| {
            let transfer: &Transfer = &transfers[*at];
            let held = transfer.bed.is_some();
            (
                transfer.class == RideClass::Positive,
                far(transfer),
                held,
                Reverse((transfer.requested_at, transfer.id.clone())),
            )
        };
        let Some(first) = group.iter().copied().max_by_key(rank) else { continue };
        let (stands, person) = (transfers[first].id.clone(), transfers[first].person.clone());
        let arrived = transfers[first].state == TransferState::Admitted;
        for at in group.into_iter().filter(|at| *at != first) {
            let transfer = &mut transfers[at];
            if transfer.person == person || far(transfer) > Some(1) {
                continue;
            }
            if arrived {
                end(tx, minutes, transfer, &format!("arrived as {person}, by {stands}")).await?;
                continue;
            }
            if transfer.bed.is_some() || transfer.state == TransferState::Booked {
                vain::take_back(tx, minutes, transfer, &format!("the same person is moved by {stands}")).await?;
            }
            aside.insert(transfer.id.clone());
        }
    }
    Ok(aside)
}
