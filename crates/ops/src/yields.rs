//! Where tests find: what the tests of rounds found, by purpose, counted anew from the rows while results come in. It may use the
//! store and the engine of yields. It guarantees that a person is counted once for a round, under the tube that came first, and
//! that what nobody has counted is no zero.

use crate::OpsError;
use dayclear_core::{rounds::RoundState, screening::Purpose, time::Instant};
use dayclear_engines::screening::yields::{Count, Shift, Yield, judge};
use dayclear_store::{Scope, Scoped, Store, rounds::Round, yields::YieldRow};
use std::collections::{BTreeMap, BTreeSet};

/// Hours after a tube within which the sample is taken on which a case rests: members of a pool are resolved within a day (R05), and
/// some are late.
const LATER_H: i64 = 72;
/// Days after its closing for which a round is counted again and again: corrections of results come later than results.
const COUNTED_DAYS: i64 = 7;
/// Days of rounds that are judged together for the next one.
pub const JUDGED_DAYS: i64 = 30;

/// Counts rounds that were not counted for so many minutes; their number. `scope` is the whole city.
pub async fn look(store: &Store, scope: &Scope, now: Instant, every_min: i64) -> Result<usize, OpsError> {
    let mut tx = store.look(scope).await?;
    let closed_since = now.plus_hours(-24 * COUNTED_DAYS);
    let due = tx.rounds_to_count(closed_since, now.plus_minutes(-every_min)).await?;
    drop(tx);
    for id in &due {
        count(store, scope, id, now).await?;
    }
    Ok(due.len())
}

/// Counts one round.
pub async fn count(store: &Store, scope: &Scope, id: &str, now: Instant) -> Result<Vec<YieldRow>, OpsError> {
    let mut tx = store.look(scope).await?;
    let rows = match tx.rounds_by_id(&[id]).await?.into_iter().next() {
        Some(round) => {
            let mut rows = counted(&mut tx, &round).await?;
            if rows.is_empty() {
                // that nobody was tested was counted too
                rows.push(nothing(id, round.plan.purpose));
            }
            rows
        }
        None => Vec::new(),
    };
    drop(tx);
    let mut tx = store.turn(scope).await?;
    tx.keep_yield(id, &rows, now).await?;
    tx.commit().await?;
    Ok(rows)
}

fn nothing(id: &str, purpose: Purpose) -> YieldRow {
    YieldRow { round: id.to_owned(), purpose, tubes: 0, tests: 0, positives: 0, community: 0, cost: Some(0.0) }
}

async fn counted(tx: &mut Scoped, round: &Round) -> Result<Vec<YieldRow>, OpsError> {
    let id = round.plan.round.as_str();
    let taken = tx.taken_in(&round.plan).await?;
    // a swab is paid for when it is taken, a test when its tube is run
    let mut rows: BTreeMap<_, YieldRow> = BTreeMap::new();
    for (purpose, tubes, tests, cost) in taken {
        let collection = match round.swab_price {
            Some(price) => price,
            None => tx.swab_price(purpose, round.plan.from).await?.unwrap_or_default(),
        };
        let cost = cost.map(|cost| cost + collection * tests as f64);
        rows.insert(purpose, YieldRow { tubes, tests, cost, ..nothing(id, purpose) });
    }
    let mut found = tx.found_by_tests(&round.plan, LATER_H).await?;
    found.sort_by_key(|one| (one.collected_at, one.person));
    let mut seen = BTreeSet::new();
    for one in found {
        if let Some(row) = rows.get_mut(&one.purpose).filter(|_| seen.insert(one.person)) {
            row.positives += 1;
            row.community += i64::from(one.community);
        }
    }
    Ok(rows.into_values().collect())
}

/// What rounds of the last days found, and how the tests of the next one would be shared.
pub async fn judged(tx: &mut Scoped, before: Instant) -> Result<(Vec<Yield>, Vec<Shift>), OpsError> {
    let rows = tx.yields_between(before.plus_hours(-24 * JUDGED_DAYS), before).await?;
    let count = |(at, row): (usize, &YieldRow)| Count {
        // rounds are taken in the order of their names, and here in that of their beginning
        round: format!("{at:06} {}", row.round),
        channel: row.purpose.name().to_owned(),
        tests: row.tests.max(0) as u64,
        positives: row.positives.clamp(0, row.tests.max(0)) as u64,
        cost: row.cost,
    };
    let mut order: Vec<&str> = rows.iter().map(|row| row.round.as_str()).collect();
    order.dedup();
    let place = |round: &str| order.iter().position(|name| *name == round).unwrap_or_default();
    let counts: Vec<Count> = rows.iter().map(|row| count((place(&row.round), row))).collect();
    // without a single test nothing is known, and that is no error
    let Ok((mut lines, shifts)) = judge(&counts) else { return Ok((Vec::new(), Vec::new())) };
    for line in &mut lines {
        line.round = line.round.split_once(' ').map(|(_, name)| name.to_owned()).unwrap_or_default();
    }
    Ok((lines, shifts))
}

/// Infections that a closed round found in the community; none where nobody has counted it, or nobody was tested.
pub(crate) fn found_in_community(rows: &[YieldRow], round: &str, state: RoundState) -> Option<u32> {
    let mut own = rows.iter().filter(|row| row.round == round).peekable();
    own.peek()?;
    let tested = rows.iter().any(|row| row.round == round && row.tests > 0);
    (tested && state == RoundState::Closed).then(|| own.map(|row| row.community.max(0) as u32).sum())
}
