//! Today: what was found, moved, traced, held and cared for in a duty's division, what is open and with whom, what will miss
//! its deadline, how old the facts are. From what the books keep up to date anyway; nothing here counts a population.

use crate::{OpsError, listing::Looker, minutes::Settings};
use dayclear_core::{
    books::{OpenItem, Owner, Worklist},
    terms,
    time::{CivilDate, Instant},
};
use dayclear_store::Scoped;
use std::collections::BTreeMap;

/// Owners with the oldest items at most.
const OWNERS_MAX: usize = 20;
/// Deadlines shown at most.
const DEADLINES_MAX: i64 = 20;
/// Overdue items counted of one list at most: beyond it "more than" is enough.
pub const OVERDUE_MAX: i64 = 10_000;

terms! {
    /// Stations as the first page names them.
    Station {
        /// Tubes, results, members of pools.
        Found = "found",
        /// Cases to their bed, contacts to their place.
        Moved = "moved",
        /// Cases asked for their contacts.
        Traced = "traced",
        /// Orders, areas, tests that are due.
        Held = "held",
        /// Supplies, requests, beds made ready.
        Cared = "cared",
        /// What a person has to look at: clarify, review, report, diagnose.
        Judged = "judged",
    }
}

impl Station {
    /// The station of a worklist.
    pub const fn of(worklist: Worklist) -> Station {
        match worklist {
            Worklist::Deliver | Worklist::Test | Worklist::Recall => Station::Found,
            Worklist::Move | Worklist::Place => Station::Moved,
            Worklist::Investigate => Station::Traced,
            Worklist::Release | Worklist::Reopen | Worklist::Retest => Station::Held,
            Worklist::Supply | Worklist::Answer | Worklist::Clean => Station::Cared,
            Worklist::Clarify | Worklist::Review | Worklist::Report | Worklist::Diagnose => Station::Judged,
        }
    }
}

/// How one worklist stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Worklist.
    pub worklist: Worklist,
    /// Its station.
    pub station: Station,
    /// Received today; unknown below a district, where the books do not count movements.
    pub received: Option<u64>,
    /// Completed or cancelled today.
    pub done: Option<u64>,
    /// Open now.
    pub open: u64,
    /// Of these, past their deadline ([`OVERDUE_MAX`] at most).
    pub overdue: u64,
}

/// The first page.
#[derive(Debug, Clone, PartialEq)]
pub struct Today {
    /// Open day of the books.
    pub day: CivilDate,
    /// Every worklist, in the order of the line.
    pub lines: Vec<Line>,
    /// Who has the items that are longest past their deadline: owner, the longest one, and how many of those looked at.
    pub owners: Vec<(Owner, OpenItem, usize)>,
    /// The next deadlines.
    pub deadlines: Vec<OpenItem>,
    /// How old the facts are: each table, the latest moment it tells of, and rows taken.
    pub sources: Vec<(String, Option<Instant>, i64)>,
    /// The last signature: day, when it was signed, signature.
    pub signed: Option<(CivilDate, Instant, String)>,
}

/// The figures of a duty, as of now. The handle has the scope of the looker; it may be one that only reads.
pub async fn figures(tx: &mut Scoped, looker: &Looker, settings: &Settings, now: Instant) -> Result<Today, OpsError> {
    const DISTRICT_LENGTH: usize = 6;
    let day = match tx.open_day_row().await? {
        Some(open) => open.day,
        None => settings.zone.day(now),
    };
    let below = looker.duty.division.as_str().len() > DISTRICT_LENGTH;
    let lines = if below { counted(tx, now).await? } else { kept(tx, day, now).await? };
    let mut owners: BTreeMap<Owner, (OpenItem, usize)> = BTreeMap::new();
    for item in tx.longest_overdue(now, DEADLINES_MAX).await? {
        let entry = owners.entry(item.owner.clone()).or_insert_with(|| (item.clone(), 0));
        entry.1 += 1;
        if (item.due_at, &item.subject) < (entry.0.due_at, &entry.0.subject) {
            entry.0 = item;
        }
    }
    let mut owners: Vec<(Owner, OpenItem, usize)> = owners.into_iter().map(|(o, (item, n))| (o, item, n)).collect();
    owners.sort_by(|a, b| (a.1.due_at, &a.0).cmp(&(b.1.due_at, &b.0)));
    owners.truncate(OWNERS_MAX);
    Ok(Today {
        day,
        lines,
        owners,
        deadlines: tx.deadlines(now, DEADLINES_MAX).await?,
        sources: tx.sources().await?,
        signed: tx.last_signed().await?,
    })
}

/// A city or a district: open = what was carried over + received - done, as the books have it.
async fn kept(tx: &mut Scoped, day: CivilDate, now: Instant) -> Result<Vec<Line>, OpsError> {
    let before: BTreeMap<Worklist, u64> = match tx.day_before(day).await? {
        Some(before) => tx.closings(before.day).await?.into_iter().collect(),
        None => BTreeMap::new(),
    };
    let flow: BTreeMap<Worklist, [u64; 3]> = tx.flow(day).await?.into_iter().collect();
    let overdue: BTreeMap<Worklist, u64> = tx.overdue(now, OVERDUE_MAX).await?.into_iter().collect();
    Ok(Worklist::ALL
        .iter()
        .map(|worklist| {
            let [received, completed, cancelled] = flow.get(worklist).copied().unwrap_or_default();
            let done = completed + cancelled;
            Line {
                worklist: *worklist,
                station: Station::of(*worklist),
                received: Some(received),
                done: Some(done),
                open: (before.get(worklist).copied().unwrap_or_default() + received).saturating_sub(done),
                overdue: overdue.get(worklist).copied().unwrap_or_default(),
            }
        })
        .collect())
}

/// A street or a community: few items, counted through the index of open items by division.
async fn counted(tx: &mut Scoped, now: Instant) -> Result<Vec<Line>, OpsError> {
    let open: BTreeMap<Worklist, (u64, u64)> =
        tx.open_below(now).await?.into_iter().map(|(worklist, open, overdue)| (worklist, (open, overdue))).collect();
    Ok(Worklist::ALL
        .iter()
        .map(|worklist| {
            let (open, overdue) = open.get(worklist).copied().unwrap_or_default();
            let station = Station::of(*worklist);
            Line { worklist: *worklist, station, received: None, done: None, open, overdue }
        })
        .collect())
}
