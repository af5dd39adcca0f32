//! Runs of parcels that repair themselves, beside the line: what was missed, what was ordered after the desk had planned and what a carrier
//! who dropped out was to bring gets onto a next run, where hours and carriers allow. It is worked out without a turn of the store, and kept
//! only where the board still reads the same. It guarantees that nothing is planned before the desk has planned the day, that what is on
//! the road or being loaded stays, and that what no run carries is written down with the reason.

use super::{
    board::{Board, Plan},
    keep,
};
use crate::{
    OpsError,
    day::pack_for,
    line::open_day,
    minutes::{BY_RULE, Day, Minutes, Settings},
};
use dayclear_core::{
    protocol::Packs,
    time::{Instant, Zone},
};
use dayclear_engines::dispatch::Roads;
use dayclear_store::{Scope, Scoped, Store, deliveries::told_of};
use std::{collections::BTreeSet, sync::Arc};

/// What no run carries is looked at again after so many minutes, though nobody told of anything: a carrier may be back early. What is told of
/// carriers is looked at at once.
const AGAIN_MIN: i64 = 30;

/// What a repair brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Depots whose runs were planned on.
    pub depots: usize,
    /// Runs that were made.
    pub runs: usize,
    /// Parcels that no run carries.
    pub left: usize,
}

/// What is to be done for a depot: the plan, and the runs that it takes the place of.
struct Mended {
    plan: Plan,
    taken_back: Vec<String>,
}

/// Looks at the depots whose runs of today were planned. `scope` is the whole city.
pub async fn look(
    store: &Store,
    packs: &Packs,
    settings: &Settings,
    pack: &str,
    scope: &Scope,
    now: Instant,
) -> Result<Repaired, OpsError> {
    let mut repaired = Repaired::default();
    let mut tx = store.look(scope).await?;
    let Some((open, closed_before)) = tx.open_day_of_books().await? else { return Ok(repaired) };
    // on a day without rules nobody is bound; the line tells of that
    let Ok(pack) = pack_for(packs, pack, open) else { return Ok(repaired) };
    let day = Day::at(open, closed_before, now, pack, settings);
    let depots = tx.depots_planned(open).await?;
    drop(tx);
    for depot in depots {
        let mut tx = store.look(scope).await?;
        if !is_due(&mut tx, &day, &depot).await? {
            continue;
        }
        let board = Board::read(&mut tx, &day, &depot).await?;
        drop(tx);
        let (zone, roads) = (day.zone.clone(), day.roads());
        // with nothing of the store held: whoever has a parcel to tell of does not wait for a search
        let working = tokio::task::spawn_blocking(move || {
            let mended = mend(&board, &zone, &roads, now);
            (board, mended)
        });
        let (board, mended) = working.await.map_err(|error| OpsError::Inside(error.to_string()))?;
        let mut tx = store.turn(scope).await?;
        let (date, closed_before) = open_day(&mut tx, now, &settings.zone).await?;
        let day = Day::at(date, closed_before, now, pack, settings);
        // something was said at a door, or somebody planned, while this was worked out: the next look takes that up
        if date != open || Board::read(&mut tx, &day, &depot).await? != board {
            continue;
        }
        let Some(serves) = tx.depot_serves(&depot).await?.into_iter().next() else { continue };
        let mut minutes = Minutes::of(&day);
        let taken_back: Vec<&str> = mended.taken_back.iter().map(String::as_str).collect();
        let made = keep(&mut tx, &mut minutes, (&depot, &serves), (&board, &mended.plan, &taken_back), BY_RULE).await?;
        minutes.hand_in(&mut tx).await?;
        tx.commit().await?;
        repaired.depots += 1;
        repaired.runs += made.len();
        repaired.left += mended.plan.left.len();
    }
    Ok(repaired)
}

/// Whether something of a depot waits that nobody has planned for, or a run will not leave.
async fn is_due(tx: &mut Scoped, day: &Day<'_>, depot: &str) -> Result<bool, OpsError> {
    let now = day.end;
    let hands = tx.carriers_of(depot).await?;
    if tx.waits_for_run(depot, day.date, (now.plus_minutes(-AGAIN_MIN), told_of(&hands))).await? {
        return Ok(true);
    }
    let open = tx.open_runs(depot).await?;
    if open.is_empty() {
        return Ok(false);
    }
    Ok(open.iter().any(|run| {
        let late = now.minutes_since(run.leaves_at).max(0);
        let carries = |(from, until): (Instant, Instant)| from <= run.loads_at && until >= run.returns_at;
        run.returns_at.plus_minutes(late) > run.hours.1
            || !hands.iter().any(|one| one.carrier == run.carrier && carries(one.shift))
    }))
}

/// First what waits goes into the hours that the planned runs leave. Where that leaves something or comes late to a door that was missed, all
/// that is not being loaded yet is planned anew, if that is better.
fn mend(board: &Board, zone: &Zone, roads: &Arc<Roads>, now: Instant) -> Mended {
    let gone = board.gone(now);
    let all = || board.open.iter().filter(|run| !gone.contains(run.run.as_str()));
    let stay: BTreeSet<&str> = all().map(|run| run.run.as_str()).collect();
    let loading: BTreeSet<&str> = all().filter(|run| run.loads_at <= now).map(|run| run.run.as_str()).collect();
    let of = |plan: Plan, stay: &BTreeSet<&str>| Mended {
        plan,
        taken_back: board.open.iter().map(|run| &run.run).filter(|run| !stay.contains(run.as_str())).cloned().collect(),
    };
    let beside = board.solve(&stay, zone, roads);
    if board.lacks(&beside) == (0, 0) || loading.len() == stay.len() {
        return of(beside, &stay);
    }
    let anew = board.solve(&loading, zone, roads);
    match board.lacks(&anew) < board.lacks(&beside) {
        true => of(anew, &loading),
        false => of(beside, &stay),
    }
}
