//! Laboratories, runs and lots that are not believed any more, and believed again. Whoever was called negative is asked to be
//! sampled again and is bound by nothing; what rests on another result goes to review, and nothing is undone unseen.

use super::{DeskError, Refusal, Report, Sitting, Verdict, invalid, stands};
use crate::{evidence::settled, minutes::Close};
use dayclear_core::{
    books::Worklist,
    listing::{Cell, LABORATORIES},
    time::Instant,
};
use dayclear_store::holds::Hold;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Tubes that are settled at a time.
const TUBES_AT_ONCE: usize = 2_000;

fn moment(at: &Sitting<'_, '_>, field: &str) -> Option<Instant> {
    match at.input.get(field) {
        Some(Cell::Moment(at)) => Some(*at),
        _ => None,
    }
}

/// Suspends laboratories: every result of theirs from a moment on, those to come included.
pub(super) async fn suspend(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let from = moment(at, "from").unwrap_or(at.doing.now);
    withhold(at, keys, (None, None), from, None).await
}

/// Recalls a run or a lot of laboratories.
pub(super) async fn recall(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let text = |field: &str| Some(at.text(field).to_owned()).filter(|text| !text.is_empty());
    let (run, lot) = (text("run"), text("lot"));
    if run.is_none() && lot.is_none() {
        return Err(invalid("lot", "", "a lot or a run", "to withhold everything, suspend the laboratory"));
    }
    let (from, until) = (moment(at, "from").unwrap_or(Instant::from_micros(0)), moment(at, "until"));
    if until.is_some_and(|until| until < from) {
        return Err(invalid("until", "", "a moment after its beginning", "leave it empty if it has not ended"));
    }
    withhold(at, keys, (run, lot), from, until).await
}

async fn withhold(
    at: &mut Sitting<'_, '_>,
    keys: &[&str],
    (run, lot): (Option<String>, Option<String>),
    from: Instant,
    until: Option<Instant>,
) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let known = at.tx.records(&LABORATORIES, keys).await?;
    let duty = at.doing.looker.duty.division.clone();
    at.for_the_city();
    let prefix = format!("H{}-", at.room.day.date.to_string().replace('-', ""));
    let mut number = at.tx.holds_named(&prefix).await?;
    let mut minutes = at.minutes();
    let (mut verdicts, mut concerned) = (Vec::with_capacity(keys.len()), BTreeSet::new());
    for key in keys {
        if !known.contains_key(*key) {
            verdicts.push(((*key).to_owned(), Verdict::Refused(Refusal::Unknown)));
            continue;
        }
        let mut new =
            Hold { id: String::new(), laboratory: (*key).to_owned(), run: run.clone(), lot: lot.clone(), from, until };
        let covers =
            |open: &Hold| open.from <= from && open.until.is_none() && (&open.run, &open.lot) == (&new.run, &new.lot);
        if at.tx.open_holds(key).await?.iter().any(covers) {
            verdicts.push(((*key).to_owned(), Verdict::Same));
            continue;
        }
        number += 1;
        new.id = format!("{prefix}{number}");
        let (tubes, people) = at.tx.withhold(&new, at.account(), now).await?;
        let body = json!({"hold": new.id, "run": run, "lot": lot, "from": from, "until": until, "tubes": tubes.len(),
                          "people": people, "reason": at.text("reason")});
        minutes.event(now, "results.withheld", *key, &duty, &body, None)?;
        concerned.extend(tubes);
        verdicts.push(((*key).to_owned(), Verdict::Done));
    }
    minutes.hand_in(at.tx).await?;
    settle(at, &concerned.into_iter().collect::<Vec<_>>()).await?;
    Ok(Report::of(verdicts))
}

async fn settle(at: &mut Sitting<'_, '_>, tubes: &[i64]) -> Result<(), DeskError> {
    for some in tubes.chunks(TUBES_AT_ONCE) {
        at.tx.unsettle(some).await?;
        settled(at.tx, at.room, some.to_vec()).await?;
    }
    Ok(())
}

/// Lifts holds: results count again, and whoever was asked to be sampled again and was not yet need not be.
pub(super) async fn lift(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let now = at.doing.now;
    let duty = at.doing.looker.duty.division.clone();
    at.for_the_city();
    let known: BTreeMap<String, (Hold, bool)> =
        at.tx.holds_by_id(keys).await?.into_iter().map(|(hold, open)| (hold.id.clone(), (hold, open))).collect();
    let mut minutes = at.minutes();
    let (mut verdicts, mut concerned) = (Vec::with_capacity(keys.len()), BTreeSet::new());
    for key in keys {
        let verdict = match known.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some((_, false)) => stands("lifted", "withhold the results again, if they are not to be believed"),
            Some((hold, true)) => {
                let tubes = at.tx.lift(key, at.account(), now).await?.unwrap_or_default();
                let body = json!({"hold": hold.id, "tubes": tubes.len(), "reason": at.text("reason")});
                minutes.event(now, "results.believed", &hold.laboratory, &duty, &body, None)?;
                concerned.extend(tubes);
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    let tubes: Vec<i64> = concerned.into_iter().collect();
    settle(at, &tubes).await?;
    let mut minutes = at.minutes();
    for some in tubes.chunks(TUBES_AT_ONCE) {
        let negative = at.tx.negative_swabs(some).await?;
        let subjects: Vec<&str> = negative.iter().map(String::as_str).collect();
        for item in at.tx.open_of(Worklist::Recall, &subjects).await? {
            minutes.known(item).cancelled(now, "the result of the tube counts again: negative");
        }
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}
