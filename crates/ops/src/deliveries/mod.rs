//! Runs of parcels: which carrier of a depot brings what, in which order of doors, and when. It may use the store, the engine of runs, and
//! the station that knows whom an order or an area binds; it searches without a turn of the store. It guarantees that what is owed again
//! comes first, that nobody carries beyond their hours (R09), that a household that is free is not visited, and that what no run carries is
//! written down with the reason.

mod board;
pub mod repair;

use crate::{
    OpsError,
    day::pack_for,
    desk::{DeskError, Doing, city_scope},
    minutes::{Day, Minutes},
    welfare,
};
use board::{Board, Plan};
use dayclear_core::{
    divisions::DivisionCode,
    time::{Instant, Zone},
};
use dayclear_engines::deliveries::{BETWEEN_MIN, longest_min};
use dayclear_store::{
    Scoped, Store,
    deliveries::{DeliveryRun, DeliveryStop, Owed, StopEnd},
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

/// A plan that was worked out before its turn, with what it rests on.
pub(crate) struct Ahead {
    board: Board,
    plan: Plan,
}

/// Works out what a plan of a depot would be, with no turn of the store held; nothing where there is nothing to plan. The turn keeps it
/// where the board still reads the same, and works it out again where not.
pub(crate) async fn ahead(store: &Store, doing: &Doing<'_>, depot: &str) -> Result<Option<Ahead>, DeskError> {
    let mut tx = store.look(&doing.looker.scope()).await?;
    let Some((open, closed_before)) = tx.open_day_of_books().await? else { return Ok(None) };
    let Ok(pack) = pack_for(doing.packs, doing.pack, open) else { return Ok(None) };
    let day = Day::at(open, closed_before, doing.now, pack, doing.settings);
    let city = city_scope(&mut tx, doing).await?;
    tx.widen(&city);
    let board = Board::read(&mut tx, &day, depot).await?;
    drop(tx);
    let (zone, roads) = (day.zone.clone(), day.roads());
    let working = tokio::task::spawn_blocking(move || {
        let plan = board.solve(&BTreeSet::new(), &zone, &roads);
        Ahead { board, plan }
    });
    Ok(Some(working.await.map_err(|error| OpsError::Inside(error.to_string()))?))
}

/// Plans all that a depot owes, as of now: runs that have not left make room, runs under way go on. The runs, in order.
pub(crate) async fn plan(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    (depot, serves): (&str, &DivisionCode),
    ahead: Option<Ahead>,
    account: &str,
) -> Result<Result<Vec<String>, NoPlan>, OpsError> {
    let day = minutes.day;
    let board = Board::read(tx, day, depot).await?;
    if !board.carried {
        return Ok(Err(NoPlan::NoCarrier));
    }
    if board.hands.is_empty() {
        return Ok(Err(NoPlan::NoPlace));
    }
    if board.owed.is_empty() {
        return Ok(Err(NoPlan::NothingOwed));
    }
    let plan = match ahead.filter(|ahead| ahead.board == board) {
        Some(ahead) => ahead.plan,
        None => board.solve(&BTreeSet::new(), day.zone, &day.roads()),
    };
    let open: Vec<&str> = board.open.iter().map(|run| run.run.as_str()).collect();
    Ok(Ok(keep(tx, minutes, (depot, serves), (&board, &plan, &open), account).await?))
}

/// Writes a plan down: runs whose place it takes are taken back, and what no run carries is named with the reason.
async fn keep(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    (depot, serves): (&str, &DivisionCode),
    (board, plan, taken_back): (&Board, &Plan, &[&str]),
    account: &str,
) -> Result<Vec<String>, OpsError> {
    let day = minutes.day;
    let now = day.end;
    tx.take_back_runs(taken_back, now).await?;
    tx.forget_not_carried(depot).await?;
    let mut no = tx.last_run_no(depot, day.date).await?;
    let mut made = Vec::with_capacity(plan.ways.len());
    for way in &plan.ways {
        no += 1;
        let carrier = &board.hands[way.hand].carrier;
        let stops: Vec<DeliveryStop> =
            way.doors.iter().zip(1..).map(|((at, expected), no)| stop(&board.owed[*at].owed, no, *expected)).collect();
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
            loads_at: way.loads,
            leaves_at: way.leaves,
            returns_at: way.returns,
            left_at: None,
            replanned_at: None,
        };
        tx.plan_run(&row, &stops, (account, now)).await?;
        made.push(row.run);
    }
    let (mut reasons, mut news): (BTreeMap<&str, u64>, bool) =
        (BTreeMap::new(), !made.is_empty() || !taken_back.is_empty());
    for (at, why) in &plan.left {
        let owed = &board.owed[*at].owed;
        *reasons.entry(why.name()).or_default() += 1;
        news |= owed.not_carried != Some(*why);
        tx.not_carried((&owed.household, owed.day, owed.item), (depot, board.told), (*why, now)).await?;
    }
    // what waits in the books says why nobody brings it and what helps, or does not any more
    let mut said: Vec<_> =
        board.owed.iter().filter(|one| one.owed.not_carried.is_some()).map(|one| one.owed.key()).collect();
    said.extend(plan.left.iter().map(|(at, _)| board.owed[*at].owed.key()));
    let said = tx.parcels_by_key(&said).await?;
    welfare::post_parcels(minutes, said);
    // somebody who looked and found all as it was tells nobody anything
    if news {
        let body = json!({"runs": made, "parcels": plan.asked - plan.left.len(), "not_carried": reasons});
        minutes.event(now, "parcel.runs_planned", depot, serves, &body, None)?;
    }
    Ok(made)
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
