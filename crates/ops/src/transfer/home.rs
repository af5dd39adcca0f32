//! Somebody is on the way to a place, and no order asks for it any more: the result that it rested on was taken back, or the order has
//! ended. Their bed is free at once, and the ride leads home. It guarantees that nobody is admitted anywhere by what has ended, and
//! that whoever is in a vehicle is in the books until somebody says that they are at home.
//!
//! And the way home of whoever is discharged and does not go on their own: a ride of its own (`H-`, class `home`), with nobody who is
//! infected or may be, planned after everybody who still waits for a bed. It ends by the word of the crew that brought them, or of the site
//! that they left it otherwise; a new decision that asks them to go elsewhere ends it before it begins.

use super::{plan, vain};
use crate::{OpsError, agenda, minutes::Minutes, same::Same};
use dayclear_core::{
    measures::{OrderKind, OrderState},
    time::Instant,
    transfer::{RideClass, TransferState},
};
use dayclear_engines::dispatch::{self, Group, Hand};
use dayclear_store::{Scoped, measures::Order, roster::Resident, transfer::Transfer};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// After everybody who waits for a bed.
const RANK: u8 = 9;

/// Whether it is the way home of somebody who was discharged.
pub(crate) fn leads_home(transfer: &Transfer) -> bool {
    transfer.class == RideClass::Home
}

/// Asks for the way home of somebody who has left a site at a moment.
pub(crate) async fn ask(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    left: &Transfer,
    person: &Resident,
    at: Instant,
) -> Result<Transfer, OpsError> {
    let ride = Transfer {
        building: person.building.clone(),
        facility: left.facility.clone(),
        outside: left.outside,
        reason: json!({"waits_for": "vehicle", "why": "the way home", "from": left.facility}).to_string(),
        ..Transfer::requested(
            format!("H-{}", left.id),
            (&left.person, left.person_no),
            &left.division,
            RideClass::Home,
            &left.subject,
            at,
        )
    };
    tx.request_transfers(std::slice::from_ref(&ride)).await?;
    let body = json!({"person": ride.person, "from": ride.facility, "why": "discharged, and does not go on their own"});
    minutes.event(at, "transfer.requested", &ride.id, &ride.division, &body, Some("transfer"))?;
    agenda::means(tx).await?;
    Ok(ride)
}

/// A way home that a newer decision overtakes ends before it has begun.
pub(super) async fn overtaken(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfers: &mut [Transfer],
    orders: &[Order],
    same: &Same,
) -> Result<(), OpsError> {
    let asked = |transfer: &Transfer| {
        orders.iter().any(|order| {
            order.state == OrderState::Active
                && order.kind.weight() >= OrderKind::CentralIsolation.weight()
                && order.starts_at >= transfer.requested_at
                && same.id(&order.person) == same.id(&transfer.person)
        })
    };
    for transfer in transfers.iter_mut().filter(|one| leads_home(one)) {
        let waits = matches!(transfer.state, TransferState::Requested | TransferState::Booked);
        if waits && asked(transfer) {
            super::end(tx, minutes, transfer, "a newer decision asks them to go elsewhere").await?;
        }
    }
    Ok(())
}

/// Vehicles for those who wait for their way home: people of one household, and of one building, ride together.
pub(super) async fn rides(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    transfers: &mut [Transfer],
) -> Result<(), OpsError> {
    let day = minutes.day;
    let waits = |one: &Transfer| leads_home(one) && one.state == TransferState::Requested;
    let waiting: Vec<usize> = (0..transfers.len()).filter(|at| waits(&transfers[*at])).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    let sites: HashMap<String, (f64, f64)> =
        tx.facilities().await?.into_iter().map(|one| (one.facility, one.place)).collect();
    let buildings: BTreeSet<&str> = waiting.iter().filter_map(|at| transfers[*at].building.as_deref()).collect();
    let buildings: Vec<&str> = buildings.into_iter().collect();
    let homes: BTreeMap<String, (f64, f64)> =
        tx.buildings_by_id(&buildings).await?.into_iter().map(|row| (row.building, row.place)).collect();
    let numbers: Vec<i64> = waiting.iter().map(|at| transfers[*at].person_no).collect();
    let people: HashMap<i64, Resident> =
        tx.people_by_no(&numbers).await?.into_iter().map(|one| (one.no, one)).collect();
    let places: Vec<(f64, f64)> = homes.values().copied().collect();
    let mut together: BTreeMap<(String, String, String), Vec<usize>> = BTreeMap::new();
    for at in waiting {
        let (one, person) = (&transfers[at], people.get(&transfers[at].person_no));
        let (Some(site), Some(home)) = (&one.facility, one.building.as_ref().filter(|home| homes.contains_key(*home)))
        else {
            says(tx, &mut transfers[at], "no address known").await?;
            continue;
        };
        let household = person.and_then(|person| person.household.clone()).unwrap_or_else(|| one.person.clone());
        together.entry((site.clone(), home.clone(), household)).or_default().push(at);
    }
    let (mut groups, mut riders) = (Vec::new(), Vec::new());
    for ((site, home, _), all) in together {
        let (Some(from), Some(to)) = (sites.get(&site), homes.keys().position(|one| *one == home)) else { continue };
        let of = |at: &usize| people.get(&transfers[*at].person_no);
        let with = |need| all.iter().filter_map(of).filter(|person| person.needs.contains(&need)).count() as i64;
        let stretchers = with(dayclear_core::roster::Need::Stretcher);
        let wheelchairs = with(dayclear_core::roster::Need::Wheelchair).min(all.len() as i64 - stretchers);
        groups.push(Group {
            class: RideClass::Home,
            seats: all.len() as i64 - wheelchairs - stretchers,
            wheelchairs,
            stretchers,
            from: *from,
            to,
            ready: all.iter().map(|at| transfers[*at].requested_at).max().unwrap_or_default().max(day.earliest),
            rank: RANK,
            urgent: false,
            hand: Hand::default(),
        });
        riders.push(all);
    }
    let shifts = tx.shifts(day.start, day.until.max(day.end).plus_hours(6)).await?;
    let busy = tx.trips_after(day.start).await?;
    let lead = plan::lead(tx, &busy).await?;
    let stands = |trip: &str| lead.get(trip).copied();
    let planned = dispatch::plan(&groups, &plan::fleet(&shifts, &busy, &stands), &places, (day.zone, &day.roads()));
    for (group, why) in &planned.unplaced {
        for at in &riders[*group] {
            says(tx, &mut transfers[*at], why.says()).await?;
        }
    }
    let before = busy.iter().filter(|trip| trip.departs_at >= day.start).count();
    let (mut trips, mut seats, mut booked) = (Vec::new(), Vec::new(), Vec::new());
    for (n, made) in planned.trips.iter().enumerate() {
        let id = format!("T-{}-{:05}", day.date, before + n + 1);
        let mut people = 0;
        for (group, pickup) in &made.stops {
            for at in &riders[*group] {
                people += 1;
                let one = &mut transfers[*at];
                seats.push((id.clone(), people, one.id.clone()));
                (one.trip, one.pickup_at, one.arrive_at) = (Some(id.clone()), Some(*pickup), Some(made.arrives));
                one.state = TransferState::Booked;
                one.reason = json!({"vehicle": "first on shift at the door", "trip": id, "why": "the way home",
                                    "from": one.facility})
                .to_string();
                booked.push(*at);
            }
        }
        trips.push(plan::trip(id, made, &shifts[made.vehicle], people));
    }
    tx.plan_trips(&trips, &seats).await?;
    for at in booked {
        let one = &transfers[at];
        tx.update_transfer(one).await?;
        let body = json!({"person": one.person, "class": one.class, "from": one.facility, "trip": one.trip,
                          "pickup_at": one.pickup_at, "why": "the way home"});
        minutes.event(day.end, "transfer.booked", &one.id, &one.division, &body, Some("transfer"))?;
    }
    Ok(())
}

/// Why somebody has no ride yet.
async fn says(tx: &mut Scoped, one: &mut Transfer, why: &str) -> Result<(), OpsError> {
    let reason = json!({"waits_for": "vehicle", "why": why, "from": one.facility}).to_string();
    if one.reason != reason {
        one.reason = reason;
        tx.update_transfer(one).await?;
    }
    Ok(())
}

/// Whether somebody is on the way home.
pub(crate) fn is_going(transfer: &Transfer) -> bool {
    transfer.state == TransferState::Underway && transfer.bed.is_none()
}

/// Whether a ride was turned home, over or not.
pub(super) fn is_turned(transfer: &Transfer) -> bool {
    transfer.picked_up_at.is_some() && transfer.facility.is_none() && transfer.bed.is_none()
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
    let positives = transfers
        .iter()
        .filter(beside)
        .filter(|other| other.id != transfers[at].id && other.class == RideClass::Positive);
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
