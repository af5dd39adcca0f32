//! Two bookings of one person who is known under two ids: whoever is on the way, or first in line, keeps bed and seat; the other
//! gives them back and waits for the first to arrive. A case who lies at a site as a contact is fetched there, and that stay ends
//! with the pick-up. Nothing of it is cancelled before that, so a split has it planned again.

use super::{accompanies, end, vain};
use crate::{
    OpsError, measures,
    minutes::{Close, Minutes, by_division},
    same::Same,
};
use dayclear_core::{
    books::Worklist,
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

/// Whether somebody is at a site as a contact, or on the way there.
fn at_site(transfer: &Transfer) -> bool {
    transfer.class == RideClass::Contact
        && matches!(transfer.state, TransferState::Underway | TransferState::Admitted)
        && !accompanies(transfer)
}

/// The site at which a ride fetches somebody; `None`: at home.
pub(super) fn fetched_at(transfer: &Transfer) -> Option<String> {
    let reason: serde_json::Value = serde_json::from_str(&transfer.reason).ok()?;
    reason["from"].as_str().map(str::to_owned)
}

/// How often somebody is told of one stay at most: once, and again after each split and merge.
const TIMES_MAX: usize = 9;

/// Items about somebody who lies where no order that binds them asks for it any more: what has ended stays ended, so what begins again
/// has another one.
fn stays(transfer: &Transfer) -> impl Iterator<Item = String> {
    let first = format!("stay/{}", transfer.id);
    (1..=TIMES_MAX).map(move |n| if n == 1 { first.clone() } else { format!("{first}/{n}") })
}

/// Moves that only an order asks for which is set aside: they wait until it binds again or ends. Of whoever lies at a site already a
/// person is told, who lets them go: nobody is sent home by a rule.
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
    stays_asked_by_nobody(tx, minutes, transfers, orders, &bound, same).await?;
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

/// Somebody whose order is set aside for a lighter one of the same person, and who lies at a site by the first.
async fn stays_asked_by_nobody(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfers: &[Transfer],
    orders: &[Order],
    bound: &HashSet<&str>,
    same: &Same,
) -> Result<(), OpsError> {
    let now = minutes.day.end;
    let merged = |order: &&Order| {
        order.state == OrderState::Aside
            && order.kind.weight() >= OrderKind::CentralIsolation.weight()
            && !measures::is_suspended(order)
    };
    let sleeping: HashSet<&str> = orders.iter().filter(merged).map(|order| order.person.as_str()).collect();
    let known: Vec<&Transfer> = transfers.iter().filter(|one| same.is_known_twice(&one.person)).collect();
    let (lie, rest): (Vec<&Transfer>, Vec<&Transfer>) = known.into_iter().partition(|one| {
        one.state == TransferState::Admitted
            && at_site(one)
            && sleeping.contains(one.person.as_str())
            && !bound.contains(same.id(&one.person))
    });
    let names: Vec<String> = lie.iter().copied().flat_map(stays).collect();
    let before = tx.items_under(&[Worklist::Clarify], &names).await?;
    for one in lie {
        let goes_on = |subject: &String| {
            before.get(&(Worklist::Clarify, subject.clone())).is_none_or(|item| item.outcome.is_none())
        };
        let Some(subject) = stays(one).find(goes_on) else { continue };
        let why = format!(
            "{} lies at {}, and is {}, whom no order holds there: let them go home, or say why not",
            one.person,
            one.facility.as_deref().unwrap_or("-"),
            same.id(&one.person)
        );
        let owner = by_division(&one.division.district());
        minutes.waits(Worklist::Clarify, subject, &one.division, owner, now, why);
    }
    let over: Vec<String> = rest.into_iter().flat_map(stays).collect();
    let over: Vec<&str> = over.iter().map(String::as_str).collect();
    if !over.is_empty() {
        for item in tx.open_of(Worklist::Clarify, &over).await? {
            minutes.known(item).done(now, "has left, or an order holds them there again");
        }
    }
    Ok(())
}

/// Two are two again: a ride that was to fetch one where the other lies is planned anew, and nobody is asked about a stay.
pub(crate) async fn apart(tx: &mut Scoped, minutes: &mut Minutes<'_>, people: &[i64]) -> Result<(), OpsError> {
    let now = minutes.day.end;
    let live = tx.live_transfers_of(people).await?;
    for ride in live.iter().filter(|ride| ride.state == TransferState::Booked) {
        let site = fetched_at(ride).filter(|site| {
            live.iter().any(|other| {
                other.person_no != ride.person_no && at_site(other) && other.facility.as_ref() == Some(site)
            })
        });
        if let Some(site) = site {
            let why = format!("it was to fetch them at {site}, where another person lies");
            vain::take_back(tx, minutes, &mut ride.clone(), &why).await?;
        }
    }
    let told: Vec<String> = live.iter().flat_map(stays).collect();
    for item in tx.open_of(Worklist::Clarify, &told.iter().map(String::as_str).collect::<Vec<_>>()).await? {
        minutes.known(item).cancelled(now, "they are two people");
    }
    Ok(())
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
            if transfers[first].class == RideClass::Positive && at_site(&transfers[at]) {
                fetch_there(tx, minutes, transfers, first, at).await?;
                continue;
            }
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

/// A case lies at a site under another id, as a contact: the ride of the case starts there, and the stay ends when it has begun. Who
/// was picked up elsewhere is for a person to find out.
async fn fetch_there(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfers: &mut [Transfer],
    ride: usize,
    lies: usize,
) -> Result<(), OpsError> {
    let from = fetched_at(&transfers[ride]);
    let there = from.is_some() && from == transfers[lies].facility;
    let (id, person) = (transfers[ride].id.clone(), transfers[ride].person.clone());
    match transfers[ride].state {
        TransferState::Booked if !there => {
            let site = transfers[lies].facility.as_deref().unwrap_or("-");
            let why = format!("the same person is at {site} as {}: fetch them there", transfers[lies].person);
            let with = format!("-with-{person}");
            let goes = |at: &usize| *at == ride || transfers[*at].id.ends_with(&with);
            let together: Vec<usize> = (0..transfers.len()).filter(goes).collect();
            for at in together {
                if transfers[at].state == TransferState::Booked {
                    vain::take_back(tx, minutes, &mut transfers[at], &why).await?;
                }
            }
        }
        TransferState::Underway | TransferState::Admitted if there => {
            end(tx, minutes, &mut transfers[lies], &format!("moved on as {person}, by {id}")).await?;
        }
        _ => {}
    }
    Ok(())
}
