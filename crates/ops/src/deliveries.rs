//! Runs of parcels: which carrier of a depot brings what, in which order of doors, and when. It may use the store, the engine of runs, and
//! the station that knows whom an order or an area binds. It guarantees that what is owed again comes first, that nobody carries beyond
//! their hours (R09), that a household that is free is not visited, and that what no run carries is written down with the reason.

use crate::{
    OpsError,
    minutes::{Day, Minutes},
    welfare,
};
use dayclear_core::{
    divisions::DivisionCode,
    time::{Instant, Zone},
    welfare::{MISSED_HOURS_MAX, NotCarried, Supply},
};
use dayclear_engines::{
    deliveries::{self, BETWEEN_MIN, longest_min},
    dispatch::{DRIVE_7D_MIN_MAX, DRIVE_24H_MIN_MAX},
};
use dayclear_store::{
    Scoped,
    deliveries::{Carrier, DeliveryRun, DeliveryStop, Owed, StopEnd},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Why there is no plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoPlan {
    /// Nobody carries for the depot.
    NoCarrier,
    /// Nobody knows where its carriers load.
    NoPlace,
    /// Nothing is owed from there that no run under way carries.
    NothingOwed,
}

/// Why a run does not leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoLeave {
    /// It has left.
    Left,
    /// Another plan took its place.
    Replanned,
    /// Its hours have not begun.
    Early,
    /// It would not be back within its hours, or would be on the way for too long at night.
    Late,
    /// Its carrier is not back, or has not rested.
    Busy,
    /// None of its parcels has to be brought any more.
    Nothing,
}

/// Plans all that a depot owes, as of now: runs that have not left make room, runs under way go on. The runs, in order.
pub(crate) async fn plan(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    (depot, serves): (&str, &DivisionCode),
    account: &str,
) -> Result<Result<Vec<String>, NoPlan>, OpsError> {
    let day = minutes.day;
    let now = day.end;
    let known = tx.carriers_of(depot).await?;
    if known.is_empty() {
        return Ok(Err(NoPlan::NoCarrier));
    }
    let mut carriers: Vec<(Carrier, deliveries::Carrier)> = Vec::with_capacity(known.len());
    for carrier in known {
        let Some(place) = carrier.place else { continue };
        let (from, duty_min) = free_from(tx, &carrier, now).await?;
        let capacity = usize::try_from(carrier.capacity).unwrap_or_default();
        let (means, until) = (carrier.means, carrier.shift.1);
        carriers.push((carrier, deliveries::Carrier { means, place, capacity, from, until, duty_min }));
    }
    if carriers.is_empty() {
        return Ok(Err(NoPlan::NoPlace));
    }
    let owed = tx.owed_by(depot, day.date).await?;
    if owed.is_empty() {
        return Ok(Err(NoPlan::NothingOwed));
    }
    tx.take_back_runs(depot, now).await?;
    let (asked, mut left) = asked_of(tx, day, &owed).await?;
    let engine: Vec<deliveries::Carrier> = carriers.iter().map(|(_, of)| of.clone()).collect();
    let parcels: Vec<deliveries::Parcel> = asked.iter().map(|(_, parcel)| parcel.clone()).collect();
    let planned = deliveries::plan(&engine, &parcels, day.zone, &day.roads());
    left.extend(planned.left.iter().map(|(at, why)| (asked[*at].0, *why)));
    let mut no = tx.last_run_no(depot, day.date).await?;
    let mut made = Vec::with_capacity(planned.runs.len());
    for run in &planned.runs {
        no += 1;
        let carrier = &carriers[run.carrier].0;
        let stops: Vec<DeliveryStop> =
            run.doors.iter().zip(1..).map(|((at, expected), no)| stop(asked[*at].0, no, *expected)).collect();
        let row = DeliveryRun {
            run: format!("D-{}-{depot}-{no}", day.date),
            depot: depot.to_owned(),
            day: day.date,
            no,
            division: around(&stops, serves),
            carrier: carrier.carrier.clone(),
            means: carrier.means,
            capacity: carrier.capacity,
            hours: carrier.shift,
            loads_at: run.loads,
            leaves_at: run.leaves,
            returns_at: run.returns,
            left_at: None,
            replanned_at: None,
        };
        tx.plan_run(&row, &stops, (account, now)).await?;
        made.push(row.run);
    }
    let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
    for (owed, why) in &left {
        *reasons.entry(why.name()).or_default() += 1;
        tx.not_carried((&owed.household, owed.day, owed.item), depot, (*why, now)).await?;
    }
    let body = json!({"runs": made, "parcels": owed.len() - left.len(), "not_carried": reasons});
    minutes.event(now, "parcel.runs_planned", depot, serves, &body, None)?;
    Ok(Ok(made))
}

/// From when a carrier can load, and for how many minutes it may still be on the way. What it has left for counts whole, whenever it is back.
async fn free_from(tx: &mut Scoped, carrier: &Carrier, now: Instant) -> Result<(Instant, i64), OpsError> {
    let ways = tx.ways_of(&carrier.carrier, now.plus_hours(-7 * 24)).await?;
    let rested = ways.iter().map(|(_, _, back)| back.plus_minutes(BETWEEN_MIN)).max();
    let from = carrier.shift.0.max(now).max(rested.unwrap_or(now));
    let since = |hours: i64| -> i64 {
        ways.iter().filter(|(_, left, _)| *left > now.plus_hours(-hours)).map(|(minutes, ..)| minutes).sum()
    };
    let of_day = DRIVE_24H_MIN_MAX - carrier.before_min.0 - since(24);
    let of_week = DRIVE_7D_MIN_MAX - carrier.before_min.1 - since(7 * 24);
    Ok((from, of_day.min(of_week)))
}

type Asked<'a> = Vec<(&'a Owed, deliveries::Parcel)>;

/// What has to be brought, as the engine asks for it, and what need not or cannot.
async fn asked_of<'a>(
    tx: &mut Scoped,
    day: &Day<'_>,
    owed: &'a [Owed],
) -> Result<(Asked<'a>, Vec<(&'a Owed, NotCarried)>), OpsError> {
    let households: BTreeSet<&str> = owed.iter().map(|owed| owed.household.as_str()).collect();
    let bound = welfare::bound_among(tx, day, &households).await?;
    let (mut asked, mut left): (Asked<'a>, Vec<_>) = (Vec::new(), Vec::new());
    let mut buildings: BTreeMap<&str, usize> = BTreeMap::new();
    let mut doors: BTreeMap<&str, usize> = BTreeMap::new();
    for owed in owed {
        let Some((building, place)) = &owed.building else {
            left.push((owed, NotCarried::NoPlace));
            continue;
        };
        if !bound.contains(&owed.household) {
            left.push((owed, NotCarried::Free));
            continue;
        }
        let next = buildings.len();
        let building = *buildings.entry(building).or_insert(next);
        let next = doors.len();
        let door = *doors.entry(&owed.household).or_insert(next);
        let rank = match owed.item {
            _ if owed.missed_at.is_some() => 0,
            Supply::Infant | Supply::Medicine => 1,
            _ => 2,
        };
        let due = owed.missed_at.map(|at| at.plus_hours(MISSED_HOURS_MAX));
        let since = owed.last_at.map_or(i64::MIN, Instant::micros);
        asked.push((owed, deliveries::Parcel { building, door, place: *place, rank, since, due }));
    }
    Ok((asked, left))
}

fn stop(owed: &Owed, no: i64, expected_at: Instant) -> DeliveryStop {
    DeliveryStop {
        no,
        household: owed.household.clone(),
        day: owed.day,
        item: owed.item,
        division: owed.division.clone(),
        expected_at,
    }
}

/// The smallest division in which all doors of a run lie: whoever looks after it sees the whole run.
fn around(stops: &[DeliveryStop], serves: &DivisionCode) -> DivisionCode {
    let Some(first) = stops.first() else { return serves.clone() };
    let inside = |division: &DivisionCode| stops.iter().all(|stop| division.contains(&stop.division));
    [first.division.clone(), first.division.district()].into_iter().find(inside).unwrap_or_else(|| serves.clone())
}

/// A run leaves, with what has to be brought still.
pub(crate) async fn leave(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    run: &DeliveryRun,
    (account, zone): (&str, &Zone),
) -> Result<Result<(), NoLeave>, OpsError> {
    let day = minutes.day;
    let now = day.end;
    if run.left_at.is_some() {
        return Ok(Err(NoLeave::Left));
    }
    if run.replanned_at.is_some() {
        return Ok(Err(NoLeave::Replanned));
    }
    if now < run.hours.0 {
        return Ok(Err(NoLeave::Early));
    }
    let late_min = if now > run.leaves_at { now.plus_minutes(1).minutes_since(run.leaves_at) } else { 0 };
    let length = run.returns_at.minutes_since(run.leaves_at);
    if run.returns_at.plus_minutes(late_min) > run.hours.1 || length > longest_min(zone, now) {
        return Ok(Err(NoLeave::Late));
    }
    let ways = tx.ways_of(&run.carrier, now.plus_hours(-24)).await?;
    if ways.iter().any(|(_, _, back)| back.plus_minutes(BETWEEN_MIN) > now) {
        return Ok(Err(NoLeave::Busy));
    }
    let stops = tx.open_stops(&run.run).await?;
    let households: BTreeSet<&str> = stops.iter().map(|stop| stop.household.as_str()).collect();
    let bound = welfare::bound_among(tx, day, &households).await?;
    if !stops.iter().any(|stop| bound.contains(&stop.household)) {
        return Ok(Err(NoLeave::Nothing));
    }
    let mut free = 0;
    for stop in stops.iter().filter(|stop| !bound.contains(&stop.household)) {
        free += tx.end_stop((&stop.household, stop.day, stop.item), StopEnd::Free, now).await?;
    }
    tx.run_leaves(run, late_min, (account, now)).await?;
    let body =
        json!({"carrier": run.carrier, "parcels": stops.len() as u64 - free, "free": free, "late_min": late_min});
    minutes.event(now, "parcel.run_left", run.run.as_str(), &run.division, &body, None)?;
    Ok(Ok(()))
}
