//! Books: the close of day. The ledger is added up from the postings and compared with the items counted one by one;
//! each hop is reconciled with the next; what is still open is named with its owner and reason and carried over; the day
//! is signed over its events, its ledger and the day before.

use crate::{
    OpsError,
    minutes::{Day, Minutes},
};
use dayclear_core::{
    books::{Balance, Hop, OpenItem, Worklist, escalation},
    divisions::DivisionCode,
};
use dayclear_store::{Scoped, books::DayRow, events::hex};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Hops between two worklists: what the first completes, the second must receive, item by item.
const HOPS: &[(&str, Worklist, Worklist)] = &[
    ("tubes.delivered-counted", Worklist::Deliver, Worklist::Test),
    ("positives.reported-move", Worklist::Report, Worklist::Move),
];

/// Hops inside one worklist: what came in must have gone out, or be named as open.
const CHAINS: &[(&str, Worklist)] = &[
    ("tubes.collected-delivered", Worklist::Deliver),
    ("tubes.counted-resulted", Worklist::Test),
    ("pools.members-resolved", Worklist::Recall),
    ("positives.found-moved", Worklist::Move),
    ("contacts.listed-placed", Worklist::Place),
    ("people.sent-back", Worklist::Away),
    ("households.owed-delivered", Worklist::Supply),
    ("requests.received-answered", Worklist::Answer),
];

/// The ledger of a day as it stands: flow from the postings, closing from the items.
pub async fn ledger(tx: &mut Scoped, day: &Day<'_>) -> Result<Vec<Balance>, OpsError> {
    let mut lines: BTreeMap<(Worklist, DivisionCode), Balance> = BTreeMap::new();
    let mut line = |worklist: Worklist, division: DivisionCode, set: &mut dyn FnMut(&mut Balance)| {
        let key = (worklist, division.clone());
        set(lines.entry(key).or_insert_with(|| Balance::empty(worklist, division)));
    };
    if let Some(before) = tx.day_before(day.date).await? {
        for b in tx.ledger(before.day).await? {
            line(b.worklist, b.division, &mut |new| new.opening = b.closing);
        }
    }
    for (worklist, division, movement, count) in tx.movements(day.date).await? {
        line(worklist, division, &mut |new| match movement {
            dayclear_core::books::Movement::Received => new.received = count,
            dayclear_core::books::Movement::Completed => new.completed = count,
            dayclear_core::books::Movement::Cancelled => new.cancelled = count,
        });
    }
    for (worklist, division, open, overdue) in tx.open_counts(day.end).await? {
        line(worklist, division, &mut |new| (new.closing, new.overdue) = (open, overdue));
    }
    Ok(lines.into_values().collect())
}

/// Reconciles the hops of a day from its ledger.
pub fn hops(ledger: &[Balance]) -> Vec<Hop> {
    let mut by_division: BTreeMap<&DivisionCode, BTreeMap<Worklist, &Balance>> = BTreeMap::new();
    for balance in ledger {
        by_division.entry(&balance.division).or_default().insert(balance.worklist, balance);
    }
    let mut hops = Vec::new();
    for (division, lists) in &by_division {
        for (name, from, to) in HOPS {
            let sent = lists.get(from).map_or(0, |b| b.completed);
            let received = lists.get(to).map_or(0, |b| b.received);
            if sent + received > 0 {
                hops.push(Hop { name: (*name).to_owned(), division: (*division).clone(), sent, received, missing: 0 });
            }
        }
        for (name, list) in CHAINS {
            if let Some(b) = lists.get(list) {
                hops.push(Hop {
                    name: (*name).to_owned(),
                    division: (*division).clone(),
                    sent: b.opening + b.received,
                    received: b.completed + b.cancelled,
                    missing: b.closing,
                });
            }
        }
    }
    hops.sort_by(|a, b| (&a.name, &a.division).cmp(&(&b.name, &b.division)));
    hops
}

/// Digest of a ledger: every line, in order.
pub fn ledger_digest(ledger: &[Balance]) -> String {
    let mut hash = Sha256::new();
    for b in ledger {
        let numbers = [b.opening, b.received, b.completed, b.cancelled, b.closing, b.overdue];
        hash.update(format!("{}|{}|{numbers:?}\n", b.worklist, b.division).as_bytes());
    }
    hex(&hash.finalize())
}

/// The signature of a day: SHA-256 over the day, the signature of the day before, the head of the chain of events, and
/// the digest of the ledger.
pub fn signature(date: &str, previous: &str, chain_head: &str, ledger_digest: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["dayclear close of day", date, previous, chain_head, ledger_digest] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex(&hash.finalize())
}

/// Tells districts, and the city, what is overdue with them: one message a place, with a count for each worklist.
async fn escalate(tx: &mut Scoped, day: &Day<'_>, carried: &[OpenItem]) -> Result<(), OpsError> {
    let city = tx.scope().division().clone();
    let mut overdue: BTreeMap<String, BTreeMap<&str, u64>> = BTreeMap::new();
    for item in carried {
        if let Some(to) = escalation(item, day.end, &city) {
            *overdue.entry(to.name).or_default().entry(item.worklist.name()).or_default() += 1;
        }
    }
    let mut minutes = Minutes::of(day);
    for (to, counts) in overdue {
        let division = to.parse().map_err(|error| OpsError::Inside(format!("{error}")))?;
        minutes.event(day.end, "items.escalated", to, &division, &counts, Some("escalation"))?;
    }
    minutes.hand_in(tx).await
}

/// Closes and signs a day. Refuses when a line does not balance or a hop does not reconcile.
pub async fn close(tx: &mut Scoped, day: &Day<'_>) -> Result<DayRow, OpsError> {
    let ledger = ledger(tx, day).await?;
    let wrong: Vec<Balance> = ledger.iter().filter(|b| !b.balances()).cloned().collect();
    if !wrong.is_empty() {
        return Err(OpsError::OutOfBalance { day: day.date, balances: wrong });
    }
    let hops = hops(&ledger);
    let wrong: Vec<Hop> = hops.iter().filter(|h| !h.reconciles()).cloned().collect();
    if !wrong.is_empty() {
        return Err(OpsError::Unreconciled { day: day.date, hops: wrong });
    }
    let carried = tx.open_items().await?;
    tx.freeze(day.date, &ledger, &hops, &carried).await?;
    escalate(tx, day, &carried).await?;
    let previous = tx.day_before(day.date).await?.and_then(|before| before.signature).unwrap_or_default();
    let (seq, head) = tx.chain_head().await?;
    let digest = ledger_digest(&ledger);
    let row = DayRow {
        day: day.date,
        opened_at: day.start,
        closed_at: Some(day.end),
        events_upto: Some(seq),
        signature: Some(signature(&day.date.to_string(), &previous, &head, &digest)),
        ledger_digest: Some(digest),
        previous: Some(previous),
    };
    tx.sign_day(&row).await?;
    Ok(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tube_that_vanishes_between_two_stations_is_seen() {
        let division: DivisionCode = "500103".parse().unwrap();
        let mut deliver = Balance::empty(Worklist::Deliver, division.clone());
        let mut test = Balance::empty(Worklist::Test, division);
        (deliver.received, deliver.completed, deliver.closing) = (10, 8, 2);
        (test.received, test.completed, test.closing) = (7, 7, 0);
        assert!(deliver.balances() && test.balances());
        let hops = hops(&[deliver, test]);
        let wrong: Vec<&str> = hops.iter().filter(|h| !h.reconciles()).map(|h| h.name.as_str()).collect();
        assert_eq!(wrong, ["tubes.delivered-counted"]);
    }
}
