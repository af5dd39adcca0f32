//! All transfers that can still be planned otherwise, planned together: which bed, with whom, by which vehicle, in which order. It may
//! use the store and the engine of dispatch, and works beside the line: the line gives everybody the first bed and seat there is, and
//! this makes that plan better. It guarantees that what is about to set out stays, that a plan made from what is not true any more is
//! thrown away, that nothing changes that is not worth it, and that whatever changes is an event with its reason.

pub mod ahead;
mod board;
mod book;
pub mod capacity;
pub(crate) mod hands;
pub mod opening;
pub mod price;
mod search;
mod state;

pub(crate) use board::Board;

use crate::{
    OpsError,
    day::pack_for,
    line::open_day,
    minutes::{Day, Settings},
};
use dayclear_core::{
    protocol::Packs,
    time::{CivilDate, Instant, Zone},
};
use dayclear_engines::dispatch::{Clock, Roads};
use dayclear_store::{Scope, Store, dispatch::Dispatched};
use std::sync::Arc;

/// A trip that sets out within so many minutes stays as it is: its crew has been told.
pub const SETTLED_MIN: i64 = 10;
/// What is planned anew must save so many weighted minutes, and so great a share of them.
const GAIN_LEAST: (f64, f64) = (100.0, 0.01);
/// It is looked at no more often than so: a board of a city is read whole.
const EVERY_MIN: i64 = 1;
/// Households that are planned together, at most: beyond that the first plan stands.
pub const GROUPS_MAX: usize = 1_500;
/// Iterations of the search: so many, and so many for each household, at most.
const ITERATIONS: (u64, u64, u64) = (300, 30, 6_000);

/// What planning together brought.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Looked {
    /// People whose transfers could be planned otherwise.
    pub people: usize,
    /// Of them, those for whom something changed.
    pub changed: usize,
    /// Of them, those without a seat.
    pub waiting: usize,
    /// Weighted minutes that it saves.
    pub saved_min: f64,
}

/// When is planned: what a plan needs of a day, to be taken along to another thread.
#[derive(Debug, Clone)]
pub(crate) struct When {
    pub now: Instant,
    pub date: CivilDate,
    pub zone: Zone,
    pub roads: Arc<Roads>,
}

impl When {
    pub(crate) fn of(day: &Day<'_>) -> When {
        When { now: day.end, date: day.date, zone: day.zone.clone(), roads: day.roads() }
    }
}

/// What a plan rests on: the board, and the travel times that are known.
fn of_both(board: &Board, roads: &Roads) -> String {
    format!("{}/{:016x}", board.digest, roads.mark())
}

/// No budget of time: a seed and a number of iterations give one plan.
pub(crate) const NO_CLOCK: Clock<'static> = &|| 0.0;

/// Plans all transfers together, where anything has changed since the last time; nothing otherwise. `scope` is the whole city.
pub async fn look(
    store: &Store,
    packs: &Packs,
    settings: &Settings,
    pack: &str,
    scope: &Scope,
    now: Instant,
) -> Result<Option<Looked>, OpsError> {
    let mut tx = store.look(scope).await?;
    let last = tx.last_dispatched().await?;
    if last.as_ref().is_some_and(|last| now.minutes_since(last.at) < EVERY_MIN) {
        return Ok(None);
    }
    let Some((open, closed_before)) = tx.open_day_of_books().await? else { return Ok(None) };
    // on a day without rules nobody is planned for; the line tells of that
    let Ok(pack) = pack_for(packs, pack, open) else { return Ok(None) };
    let day = Day::at(open, closed_before, now, pack, settings);
    let Some(board) = Board::read(&mut tx, &day).await? else { return Ok(None) };
    drop(tx);
    // with nothing of the store held: a router that is slow keeps nobody waiting
    let [doors, sites] = board.places();
    settings.travel.ask(&doors, &sites, now).await;
    let when = When::of(&day);
    let digest = of_both(&board, &when.roads);
    if let Some(last) = last.filter(|last| last.digest == digest) {
        let mut tx = store.turn(scope).await?;
        tx.note_dispatched(&Dispatched { at: now, ..last }).await?;
        tx.commit().await?;
        return Ok(None);
    }
    let roads = Arc::clone(&when.roads);
    let working = tokio::task::spawn_blocking(move || {
        let found = search::plan(&board, &when, NO_CLOCK);
        (board, found)
    });
    let (board, found) = working.await.map_err(|error| OpsError::Inside(error.to_string()))?;
    let mut tx = store.turn(scope).await?;
    let (date, closed_before) = open_day(&mut tx, now, &settings.zone).await?;
    let day = Day::at(date, closed_before, now, pack, settings);
    // somebody may have been picked up, or another found, while this was worked out: the next look takes that up
    let known = Board::read(&mut tx, &day).await?;
    if date != open || known.is_none_or(|known| of_both(&known, &roads) != digest) {
        return Ok(None);
    }
    let people = board.movers.len();
    let better = found.before_min - found.after_min;
    // hours that nobody can keep are no plan to compare with
    let too_short = board.too_short(&roads);
    let worth = too_short > 0 || better >= GAIN_LEAST.0 && better >= GAIN_LEAST.1 * found.before_min;
    let changed = if worth { book::book(&mut tx, &day, &board, &found, too_short).await? } else { 0 };
    let waiting = if worth { found.waiting() } else { board.waiting() };
    // a plan that was made is what the next look begins with
    let digest = match changed {
        0 => digest,
        _ => Board::read(&mut tx, &day).await?.map_or(String::new(), |board| of_both(&board, &roads)),
    };
    let after_min = if worth { found.after_min } else { found.before_min };
    tx.note_dispatched(&Dispatched {
        at: now,
        digest,
        people: people as i64,
        changed: changed as i64,
        waiting: waiting as i64,
        before_min: found.before_min,
        after_min,
        legs: found.legs.0,
        legs_told: found.legs.1,
    })
    .await?;
    tx.commit().await?;
    Ok(Some(Looked { people, changed, waiting, saved_min: found.before_min - after_min }))
}
