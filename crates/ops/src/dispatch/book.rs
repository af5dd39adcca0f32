//! A plan that was found, booked: whoever goes otherwise than planned gives bed and seat back and takes the new ones, in one transaction.
//! Trips that are as before stay as they are. Every change says what it was before, and what it is for.

use super::{
    board::Board,
    search::{Found, Seat},
};
use crate::{
    OpsError,
    minutes::{Day, Minutes},
    transfer::{self, plan::trip, vain},
};
use dayclear_core::transfer::TransferState;
use dayclear_engines::dispatch::{Hindrance, Way, Why, road_km};
use dayclear_store::{
    Scoped,
    transfer::{Transfer, Trip},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// Other ways that are told of, of places and of vehicles each.
const OTHERS: usize = 2;

/// Books a plan, made also because so many rides were planned for less time than the road takes; for how many people something changed.
pub(super) async fn book(
    tx: &mut Scoped,
    day: &Day<'_>,
    board: &Board,
    found: &Found,
    too_short: usize,
) -> Result<usize, OpsError> {
    let mut minutes = Minutes::of(day);
    let all = tx.trips_after(day.start).await?;
    let mut number = all.iter().filter(|trip| trip.departs_at >= day.start).count();
    let mut ids: Vec<String> = Vec::with_capacity(found.plan.trips.len());
    let mut fresh: Vec<Trip> = Vec::new();
    for (at, planned) in found.plan.trips.iter().enumerate() {
        let riders = riders(found, at);
        let made = trip(String::new(), planned, &board.shifts[planned.vehicle], riders.len() as i64);
        if let Some(same) = board.open_trips.iter().find(|old| is_same(board, found, old, &made, &riders)) {
            ids.push(same.id.clone());
            continue;
        }
        number += 1;
        let id = format!("T-{}-{number:05}", day.date);
        ids.push(id.clone());
        fresh.push(Trip { id, ..made });
    }
    let saved = (found.before_min - found.after_min).round();
    let (why, unseated) = match too_short {
        0 => (
            format!("all who wait are planned together: {saved} weighted minutes of waiting and riding less"),
            "somebody more urgent takes the seat",
        ),
        some => (
            format!(
                "the roads take longer than {some} of the rides were planned for: all who wait are planned together"
            ),
            "the roads take longer than the ride was planned for",
        ),
    };
    let (mut changed, mut holds, mut seats) = (Vec::new(), Vec::new(), Vec::new());
    let mut places: HashMap<&str, i64> = HashMap::new();
    let mut drivers: BTreeMap<String, (Vec<String>, Vec<String>)> = BTreeMap::new();
    for (at, seat) in found.seats.iter().enumerate() {
        let before = &board.transfers[at];
        let Ok(seat) = seat else {
            if before.trip.is_some() {
                let mut after = before.clone();
                driver(&mut drivers, board, before.trip.as_deref(), &before.id);
                vain::take_back(tx, &mut minutes, &mut after, unseated).await?;
                changed.push(after);
            }
            continue;
        };
        if is_kept(board, before, seat, &ids) {
            continue;
        }
        let mut after = before.clone();
        if before.bed.as_ref() != Some(&seat.bed) {
            tx.release_bed(&before.id, day.end).await?;
            holds.push((seat.bed.clone(), before.id.clone(), day.end));
        }
        if before.trip.as_ref() != Some(&ids[seat.trip]) {
            driver(&mut drivers, board, before.trip.as_deref(), &before.id);
            transfer::without_ride(tx, &mut after, day.end).await?;
            let place = places.entry(ids[seat.trip].as_str()).or_default();
            *place += 1;
            seats.push((ids[seat.trip].clone(), *place, before.id.clone()));
            let vehicle = &board.shifts[found.plan.trips[seat.trip].vehicle].vehicle;
            drivers.entry(vehicle.clone()).or_default().1.push(before.id.clone());
        }
        let facility = &board.facilities[seat.to];
        after.facility = Some(facility.facility.clone());
        after.bed = Some(seat.bed.clone());
        after.trip = Some(ids[seat.trip].clone());
        (after.pickup_at, after.arrive_at) = (Some(seat.pickup), Some(seat.arrives));
        after.state = TransferState::Booked;
        after.reason = reason(board, found, at, seat, &ids[seat.trip]).to_string();
        let of = |t: &Transfer| json!({"facility": t.facility, "bed": t.bed, "trip": t.trip, "pickup_at": t.pickup_at, "arrive_at": t.arrive_at});
        let body = json!({"was": of(before), "is": of(&after), "why": why});
        let kind = if before.trip.is_some() { "transfer.replanned" } else { "transfer.booked" };
        minutes.event(day.end, kind, &before.id, &before.division, &body, Some("transfer"))?;
        changed.push(after);
    }
    // a seat that somebody kept on a trip that stays is not given again: trips that stay have no new riders
    tx.hold_beds(&holds, day.earliest).await?;
    tx.plan_trips(&fresh, &seats).await?;
    for after in &changed {
        tx.update_transfer(after).await?;
    }
    for (vehicle, (less, more)) in drivers {
        let division = board.shifts.iter().find(|shift| shift.vehicle == vehicle).map(|shift| shift.division.clone());
        let Some(division) = division else { continue };
        let body = json!({"not_any_more": less, "now": more, "why": why});
        minutes.event(day.end, "vehicle.replanned", &vehicle, &division, &body, Some("trip"))?;
    }
    transfer::post(&mut minutes, &changed);
    minutes.hand_in(tx).await?;
    Ok(changed.len())
}

/// Notes that the driver of a trip has one stop less.
fn driver(drivers: &mut BTreeMap<String, (Vec<String>, Vec<String>)>, board: &Board, trip: Option<&str>, id: &str) {
    let Some(trip) = board.open_trips.iter().find(|one| Some(one.id.as_str()) == trip) else { return };
    drivers.entry(trip.vehicle.clone()).or_default().0.push(id.to_owned());
}

/// Movers with a seat on a trip.
fn riders(found: &Found, trip: usize) -> Vec<usize> {
    let on = |(at, seat): (usize, &Result<Seat, &'static str>)| {
        seat.as_ref().is_ok_and(|seat| seat.trip == trip).then_some(at)
    };
    found.seats.iter().enumerate().filter_map(on).collect()
}

/// Whether a trip is planned as it was: vehicle, crew, hours, and everybody on it.
fn is_same(board: &Board, found: &Found, old: &Trip, new: &Trip, riders: &[usize]) -> bool {
    let (a, b) = (old, new);
    let hours = (a.departs_at, a.ends_at) == (b.departs_at, b.ends_at);
    let by = (&a.vehicle, &a.crew, a.class, a.people) == (&b.vehicle, &b.crew, b.class, b.people);
    hours
        && by
        && riders.iter().all(|at| {
            let (before, seat) = (&board.transfers[*at], found.seats[*at].as_ref().ok());
            before.trip.as_ref() == Some(&old.id)
                && seat.is_some_and(|seat| {
                    before.pickup_at == Some(seat.pickup)
                        && before.arrive_at == Some(seat.arrives)
                        && before.facility.as_ref() == Some(&board.facilities[seat.to].facility)
                })
        })
}

fn is_kept(board: &Board, before: &Transfer, seat: &Seat, ids: &[String]) -> bool {
    before.trip.as_ref() == Some(&ids[seat.trip])
        && before.bed.as_ref() == Some(&seat.bed)
        && before.facility.as_ref() == Some(&board.facilities[seat.to].facility)
}

/// Why this bed, this vehicle, this hour, and what else was possible.
fn reason(board: &Board, found: &Found, at: usize, seat: &Seat, trip: &str) -> Value {
    let mover = &board.movers[at];
    let facility = &board.facilities[seat.to];
    let km = mover.person.place.map_or(0.0, |place| road_km(place, facility.place));
    let by_hand = board.said.contains_key(&board.transfers[at].id);
    let mut reason = json!({
        "bed": if mover.held.is_some() { "held by hand" } else { "chosen with vehicle and hour, among all who wait" },
        "kinds": mover.kinds, "km": (km * 10.0).round() / 10.0,
        "vehicle": "everybody together waits and rides least like this", "trip": trip,
        "accompanies": mover.accompanies, "from": mover.left, "directed": by_hand,
    });
    if let Some(why) = found.whys.get(&at) {
        reason["others"] = others(board, why);
    }
    reason
}

/// The best other places and vehicles: how many minutes later somebody would arrive, or what forbids it.
fn others(board: &Board, why: &Why) -> Value {
    let Some(planned) = &why.planned else { return Value::Null };
    let told = |name: &str, way: &Result<Way, Hindrance>| match way {
        Ok(way) => json!({"what": name, "later_min": (way.arrives_s - planned.arrives_s + 59).div_euclid(60)}),
        Err(why) => json!({"what": name, "cannot": code(*why)}),
    };
    let pick = |ways: &[(i64, Result<Way, Hindrance>)], own: i64, name: &dyn Fn(i64) -> String| {
        let mut ways: Vec<&(i64, Result<Way, Hindrance>)> = ways.iter().filter(|(id, _)| *id != own).collect();
        ways.sort_by_key(|(id, way)| (way.as_ref().map_or(i32::MAX, |way| way.arrives_s), *id));
        ways.iter().take(OTHERS).map(|(id, way)| told(&name(*id), way)).collect::<Vec<Value>>()
    };
    let place = |id: i64| board.facilities[id as usize].facility.clone();
    let vehicle = |id: i64| board.shifts[id as usize].vehicle.clone();
    json!({
        "facilities": pick(&why.facilities, planned.facility, &place),
        "vehicles": pick(&why.vehicles, planned.vehicle, &vehicle),
    })
}

/// A hindrance as it is written down; messages have the words (`hindrance-`).
fn code(why: Hindrance) -> &'static str {
    match why {
        Hindrance::NoFleet => "no_fleet",
        Hindrance::Seats => "seats",
        Hindrance::Equipment => "equipment",
        Hindrance::NoBedsOfClass => "no_beds",
        Hindrance::BedsTaken => "beds_taken",
        Hindrance::ByHand => "by_hand",
        Hindrance::TooFar => "too_far",
        Hindrance::NoTime => "no_time",
    }
}
