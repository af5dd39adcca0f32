//! The line as of now: the stations run on the open day beside the people who work in it. A pass is idempotent, two servers
//! may ask for one at once, and none runs when nothing has happened since the last. It looks at those of whom something was
//! told ([`agenda`]), at all who are bound when a day begins, and at everything when the rules change. It opens the next day when the last one is
//! closed, and notices deadlines that have passed.

use crate::{
    OpsError,
    agenda::{self, Batch},
    day::{STATIONS, pack_for, station_of},
    identity,
    measures::notices,
    minutes::{Day, Minutes, Settings},
};
use dayclear_core::{
    books::{OpenItem, Worklist, escalation},
    measures::APPEAL_OUTSIDE_HOURS,
    protocol::Packs,
    time::{CivilDate, Instant, Zone},
};
use dayclear_store::{Scope, Scoped, Store, items::Seen};
use serde_json::json;
use std::{collections::BTreeMap, time::Duration};

/// Items that are passed up in one pass at most; the next pass takes the rest.
const OVERDUE_MAX: i64 = 5_000;

/// What a pass did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pass {
    /// Whether the stations ran: something had happened, a deadline or a midnight had passed.
    pub ran: bool,
    /// Whether they decided anything.
    pub changed: bool,
    /// Items whose deadline had passed and that were passed up.
    pub escalated: usize,
    /// The open day of the books.
    pub day: CivilDate,
}

/// The open day of the books, and when the one before it was closed. If the last day is closed, the next one is opened:
/// today, or the day after the last one where that was signed early.
pub async fn open_day(tx: &mut Scoped, now: Instant, zone: &Zone) -> Result<(CivilDate, Option<Instant>), OpsError> {
    if let Some(open) = tx.open_day_of_books().await? {
        return Ok(open);
    }
    let (today, last) = (zone.day(now), tx.last_day().await?);
    let date = last.as_ref().map_or(today, |last| today.max(last.day.plus_days(1)));
    tx.open_day(date, zone.start_of(date)).await?;
    Ok((date, last.and_then(|last| last.closed_at)))
}

/// Makes a store ready for people: the indexes that a bulk load goes without. To be called once when a server starts.
pub async fn ready(store: &Store, scope: &Scope) -> Result<(), OpsError> {
    let mut tx = store.begin(scope).await?;
    tx.index_roster().await?;
    tx.commit().await?;
    Ok(())
}

/// How much of the agenda a pass takes at once. Each station looks at a batch in a transaction of its own, so that whoever writes something
/// waits for one station and one batch, however much was told.
#[derive(Debug, Clone, Copy)]
pub enum AtOnce {
    /// So many names.
    Names(usize),
    /// As many names as keep each turn about so short: more after short turns, fewer after long ones.
    Turn(Duration),
}

impl AtOnce {
    /// Beside people: somebody who waits for a turn does not notice it.
    pub const BESIDE_PEOPLE: AtOnce = AtOnce::Turn(Duration::from_millis(15));
    /// The same batches whatever the clock of the machine says, so that a drill runs again as it ran.
    const ALIKE: AtOnce = AtOnce::Names(100);
    const NAMES: std::ops::RangeInclusive<usize> = 8..=400;

    fn first(self) -> usize {
        match self {
            AtOnce::Names(some) => some,
            AtOnce::Turn(_) => 3 * Self::NAMES.start(),
        }
    }

    fn after(self, some: usize, longest: Duration) -> usize {
        match self {
            AtOnce::Names(some) => some,
            AtOnce::Turn(aim) => {
                let fit = some.saturating_mul(usize::try_from(aim.as_micros()).unwrap_or(usize::MAX))
                    / usize::try_from(longest.as_micros()).unwrap_or(usize::MAX).max(1);
                // one long turn may have been somebody else's work on the same processor
                fit.clamp(some / 2, some * 2).clamp(*Self::NAMES.start(), *Self::NAMES.end())
            }
        }
    }
}

/// Runs the stations as of now on the open day. `pack` is an id or the name of a disease; `scope` is the whole city.
pub async fn pass(
    store: &Store,
    packs: &Packs,
    settings: &Settings,
    pack: &str,
    scope: &Scope,
    now: Instant,
) -> Result<Pass, OpsError> {
    pass_by(store, packs, settings, pack, scope, now, AtOnce::ALIKE).await
}

/// As [`pass`], in batches of another size: names that were noted first come first.
pub async fn pass_by(
    store: &Store,
    packs: &Packs,
    settings: &Settings,
    pack: &str,
    scope: &Scope,
    now: Instant,
    at_once: AtOnce,
) -> Result<Pass, OpsError> {
    let zone = &settings.zone;
    let mut tx = store.turn(scope).await?;
    let (date, closed_before) = open_day(&mut tx, now, zone).await?;
    let pack = pack_for(packs, pack, date)?;
    let day = Day::at(date, closed_before, now, pack, settings);
    let (head, _) = tx.chain_head().await?;
    let seen = tx.line_seen().await?;
    if seen.is_some_and(|seen| seen.seq == head && now < seen.again_at && !is_new(&seen, &day)) {
        tx.commit().await?;
        return Ok(Pass { ran: false, changed: false, escalated: 0, day: date });
    }
    notice(&mut tx, &day).await?;
    let mut some = at_once.first();
    let mut batch = Batch::first(&mut tx, &day, some).await?;
    tx.commit().await?;
    let pass = loop {
        let mut longest = Duration::ZERO;
        for station in STATIONS {
            // Whom to look at is read while nobody who writes waits: what is told in between is looked at later.
            let mut tx = store.look(scope).await?;
            let focus = batch.focus(&mut tx, &day).await?;
            drop(tx);
            let turn =
                if focus.is_none() { store.turn_of_many(scope).await? } else { store.turn_by_key(scope).await? };
            let Some(mut tx) = still_open(turn, date).await? else { return Ok(signed_between(date)) };
            let since = std::time::Instant::now();
            station_of(station, &mut tx, &day, focus.as_ref()).await?;
            tx.commit().await?;
            longest = longest.max(since.elapsed());
        }
        let Some(mut tx) = still_open(store.turn(scope).await?, date).await? else { return Ok(signed_between(date)) };
        batch.end(&mut tx, &day).await?;
        some = at_once.after(some, longest);
        let pass = batch.pass();
        let next = batch.next(&mut tx, &day, some).await?;
        tx.commit().await?;
        match next {
            Some(next) => batch = next,
            None => break pass,
        }
    };
    let mut tx = store.look(scope).await?;
    let papers_wait = !notices::owed(&mut tx, &day).await?.is_empty();
    drop(tx);
    let Some(mut tx) = still_open(store.turn(scope).await?, date).await? else { return Ok(signed_between(date)) };
    if papers_wait {
        notices::owed(&mut tx, &day).await?.hand_in(&mut tx).await?;
    }
    let escalated = pass_up(&mut tx, &day).await?;
    let mut uncounted = identity::count(&mut tx, &day).await?;
    let seq = looked(&mut tx, &day, pass).await?;
    tx.commit().await?;
    while uncounted {
        let Some(mut tx) = still_open(store.turn(scope).await?, date).await? else { return Ok(signed_between(date)) };
        uncounted = identity::count(&mut tx, &day).await?;
        tx.commit().await?;
    }
    Ok(Pass { ran: true, changed: seq != head, escalated, day: date })
}

/// A turn on the open day; `None`: somebody signed it between two turns, and the next pass is on the next day.
async fn still_open(mut tx: Scoped, date: CivilDate) -> Result<Option<Scoped>, OpsError> {
    let open = tx.open_day_of_books().await?;
    Ok(open.is_some_and(|(day, _)| day == date).then_some(tx))
}

fn signed_between(day: CivilDate) -> Pass {
    Pass { ran: true, changed: true, escalated: 0, day }
}

/// A pass has looked: when the line is to look again is kept. The head of the chain as it saw it.
pub(crate) async fn looked(tx: &mut Scoped, day: &Day<'_>, pass: i64) -> Result<i64, OpsError> {
    let (now, (seq, _)) = (day.end, tx.chain_head().await?);
    let rest = tx.next_look(pass, now).await?;
    let deadline = tx.next_deadline(now).await?;
    let round = tx.next_round().await?;
    let release = tx.next_release().await?;
    let sweep = tx.sweep_owed_at().await?;
    let outside = tx.oldest_appeal_inside().await?.map(|filed| filed.plus_hours(APPEAL_OUTSIDE_HOURS));
    let again_at = [deadline, rest, round, release, sweep, outside]
        .into_iter()
        .flatten()
        .fold(next_midnight(day.zone, now), Instant::min);
    tx.see_line(&Seen { day: day.date, seq, at: now, again_at, rules: day.pack.label() }).await?;
    Ok(seq)
}

/// Notices a new day and other rules.
pub(crate) async fn notice(tx: &mut Scoped, day: &Day<'_>) -> Result<(), OpsError> {
    match tx.line_seen().await? {
        Some(seen) if seen.rules != day.pack.label() => agenda::everything(tx).await,
        Some(seen) if is_new(&seen, day) => agenda::new_day(tx).await,
        Some(_) => Ok(()),
        None => agenda::everything(tx).await,
    }
}

/// Whether a day has begun, in the books or by the clock, or the rules have changed since the line last looked.
fn is_new(seen: &Seen, day: &Day<'_>) -> bool {
    seen.day != day.date || day.zone.day(seen.at) != day.zone.day(day.end) || seen.rules != day.pack.label()
}

fn next_midnight(zone: &Zone, now: Instant) -> Instant {
    zone.start_of(zone.day(now).plus_days(1))
}

/// Passes items up whose deadline has passed: each is marked, and each place is told once, with a count for each worklist.
async fn pass_up(tx: &mut Scoped, day: &Day<'_>) -> Result<usize, OpsError> {
    let overdue = tx.newly_overdue(day.end, OVERDUE_MAX).await?;
    let city = tx.scope().division().clone();
    let mut by_list: BTreeMap<Worklist, Vec<&str>> = BTreeMap::new();
    let mut told: BTreeMap<String, Vec<&OpenItem>> = BTreeMap::new();
    for item in &overdue {
        if let Some(to) = escalation(item, day.end, &city) {
            by_list.entry(item.worklist).or_default().push(&item.subject);
            told.entry(to.name).or_default().push(item);
        }
    }
    for (worklist, subjects) in by_list {
        tx.escalate_items(worklist, &subjects, day.end).await?;
    }
    let mut minutes = Minutes::of(day);
    for (to, items) in told {
        let division = to.parse().map_err(|error| OpsError::Inside(format!("{error}")))?;
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        items.iter().for_each(|item| *counts.entry(item.worklist.name()).or_default() += 1);
        minutes.event(day.end, "items.escalated", to, &division, &json!(counts), Some("escalation"))?;
    }
    minutes.hand_in(tx).await?;
    Ok(overdue.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_grows_after_short_turns_and_shrinks_after_long_ones_within_bounds() {
        let at_once = AtOnce::Turn(Duration::from_millis(15));
        for (some, longest_ms, next) in
            [(24, 15, 24), (24, 1, 48), (300, 1, 400), (24, 30, 12), (100, 1_000, 50), (8, 1_000, 8), (24, 0, 48)]
        {
            assert_eq!(at_once.after(some, Duration::from_millis(longest_ms)), next, "{some} names, {longest_ms} ms");
        }
        assert_eq!(AtOnce::Names(3).after(3, Duration::from_secs(9)), 3);
        assert_eq!((AtOnce::Names(3).first(), at_once.first()), (3, 24));
    }
}
