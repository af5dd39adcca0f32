//! How the worklists stand: what is open, what is past its deadline, which item comes first. For a command post the figures
//! come from what the books keep up to date anyway; for a duty with few items, from the items themselves.

use super::{
    frame::{Frame, Visit},
    reading::{OVERDUE_COUNTED_MAX, Reading, at, since, text},
    show::{self, Shown},
};
use crate::{app::App, problem::Problem};
use dayclear_core::{
    access::Role::*,
    books::Worklist,
    listing::{Cell, ITEMS, Query, Row, Test},
    time::{CivilDate, Instant},
};
use std::collections::BTreeMap;

/// The department to which cases are reported.
const LABORATORY_REPORTING: &str = "laboratory-reporting";
/// Rows that are counted one by one at most; beyond it a figure says "or more".
const COUNTED_MAX: usize = 200;

/// How one worklist stands.
#[derive(Clone)]
pub struct Standing {
    /// Worklist.
    pub worklist: Worklist,
    /// Items open.
    pub open: u64,
    /// Of these, past their deadline.
    pub overdue: u64,
    /// Whether there may be more open ones than that.
    pub more: bool,
    /// Whether there may be more overdue ones.
    pub more_overdue: bool,
    /// The item whose deadline comes first.
    pub first: Option<Row>,
}

/// What happened on a day in one worklist: opening, received, completed, cancelled.
pub type Flow = BTreeMap<Worklist, [u64; 4]>;

/// Whether the figures of the books are those of the duty: a command post, or whoever audits one.
pub fn is_post(visit: &Visit) -> bool {
    let duty = &visit.caller.looker.duty;
    matches!(duty.role, CityCommand | DistrictCommand | Auditor | PublicInformation)
        && duty.division.as_str().len() <= 6
}

/// The flow of a day of the books, from the postings that are added up as they come.
pub async fn flow(reading: &mut Reading<'_>, day: CivilDate) -> Result<Flow, Problem> {
    let mut flow = Flow::new();
    if let Some(before) = reading.tx.day_before(day).await? {
        for (worklist, closing) in reading.tx.closings(before.day).await? {
            flow.entry(worklist).or_default()[0] = closing;
        }
    }
    for (worklist, counts) in reading.tx.flow(day).await? {
        flow.entry(worklist).or_default()[1..].copy_from_slice(&counts);
    }
    Ok(flow)
}

/// Open items by a worklist's flow.
pub fn open_of(flow: &Flow, worklist: Worklist) -> u64 {
    let [opening, received, completed, cancelled] = flow.get(&worklist).copied().unwrap_or_default();
    (opening + received).saturating_sub(completed + cancelled)
}

fn open_items(worklist: Option<Worklist>) -> Query {
    let query = Query::default().with(&ITEMS, "open", Cell::Truth(true));
    match worklist {
        Some(worklist) => query.with(&ITEMS, "worklist", Cell::Text(worklist.name().to_owned())),
        None => query,
    }
}

/// Every worklist that has something for the duty, in the order of the line.
pub async fn standings(app: &App, visit: &Visit, reading: &mut Reading<'_>) -> Result<Vec<Standing>, Problem> {
    if is_post(visit) && ITEMS.readable_by(visit.caller.looker.duty.role) {
        from_books(reading).await
    } else {
        from_items(app, reading).await
    }
}

async fn from_books(reading: &mut Reading<'_>) -> Result<Vec<Standing>, Problem> {
    let Some(day) = reading.tx.last_day().await? else { return Ok(Vec::new()) };
    let flow = flow(reading, day.day).await?;
    let overdue = reading.overdue().await?.clone();
    let firsts = reading.firsts(&ITEMS, &open_items(None)).await?;
    let mut firsts: BTreeMap<String, Row> =
        firsts.into_iter().map(|row| (text(&ITEMS, &row, "worklist").to_owned(), row)).collect();
    let mut standings = Vec::new();
    for worklist in Worklist::ALL {
        let open = open_of(&flow, *worklist);
        if open == 0 && !flow.contains_key(worklist) {
            continue;
        }
        let first = firsts.remove(worklist.name());
        let overdue = overdue.get(worklist).copied().unwrap_or_default();
        let more_overdue = overdue >= OVERDUE_COUNTED_MAX;
        standings.push(Standing { worklist: *worklist, open, overdue, more: false, more_overdue, first });
    }
    Ok(standings)
}

async fn from_items(app: &App, reading: &mut Reading<'_>) -> Result<Vec<Standing>, Problem> {
    let mut standings = Vec::new();
    let most = COUNTED_MAX as u64;
    for worklist in Worklist::ALL {
        let open = open_items(Some(*worklist));
        let first = reading.asked(&ITEMS, &Query { limit: 1, ..open.clone() }).await?;
        let Some(row) = first.rows.into_iter().next() else { continue };
        let all = match first.more {
            true => reading.found_up_to(&ITEMS, &open, COUNTED_MAX + 1).await?,
            false => 1,
        };
        // they come by deadline
        let late = at(&ITEMS, &row, "due_at").is_some_and(|due| due < app.now());
        let overdue = match late && first.more {
            true => {
                let past = Test::Before(Cell::Moment(app.now()));
                reading.found_up_to(&ITEMS, &since(open, &ITEMS, "due_at", past), COUNTED_MAX + 1).await?
            }
            false => u64::from(late),
        };
        standings.push(Standing {
            worklist: *worklist,
            open: all.min(most),
            overdue: overdue.min(most),
            more: all > most,
            more_overdue: overdue > most,
            first: Some(row),
        });
    }
    Ok(standings)
}

/// Items that are past their deadline (`before` now) or come next, earliest first.
pub async fn by_deadline(
    reading: &mut Reading<'_>,
    now: Instant,
    past: bool,
    limit: usize,
) -> Result<super::reading::Rows, Problem> {
    let test = if past { Test::Before(Cell::Moment(now)) } else { Test::From(Cell::Moment(now)) };
    let query = Query { limit, ..since(open_items(None), &ITEMS, "due_at", test) };
    reading.asked(&ITEMS, &query).await
}

/// Overdue items of one owner that are counted at most.
pub const OWNED_MAX: u64 = 1_000;

/// All that is overdue of the first owners of some rows, for a command post; beyond [`OWNED_MAX`] there may be more.
pub async fn overdue_of_owners(
    reading: &mut Reading<'_>,
    now: Instant,
    rows: &[Row],
    owners_max: usize,
) -> Result<BTreeMap<String, u64>, Problem> {
    let mut counts = BTreeMap::new();
    for row in rows {
        let owner = text(&ITEMS, row, "owner");
        if counts.len() == owners_max {
            break;
        }
        if !counts.contains_key(owner) {
            counts.insert(owner.to_owned(), reading.tx.overdue_of(owner, now, OWNED_MAX as i64).await?);
        }
    }
    Ok(counts)
}

/// Who answers for an item, as people say it: a division by its name, whichever of the four parties it stands for, a facility
/// or laboratory by its own; of a depot or a sampling site, which have none, what it is and its id.
pub fn owner_said(app: &App, frame: &Frame, row: &Row) -> String {
    let field = |name| text(&ITEMS, row, name);
    owner_named(app, frame, field("owner"), field("party"), field("worklist"))
}

/// The same of an owner by name, party and worklist.
pub fn owner_named(app: &App, frame: &Frame, owner: &str, party: &str, worklist: &str) -> String {
    if owner.len() >= 6 && owner.bytes().all(|byte| byte.is_ascii_digit()) {
        return app.place_name(owner, frame.lang);
    }
    let at = |key: &str| frame.w.get(key, &[("id", owner.into())]);
    match (party, worklist) {
        ("department", _) if owner == LABORATORY_REPORTING => frame.say("owner-laboratory-reporting"),
        ("site", "supply") => at("owner-depot"),
        ("site", "deliver") => at("owner-sampling"),
        ("site", _) => app.site_name(owner),
        _ => super::accounts::said(app, frame, owner),
    }
}

/// The clock of an item.
pub fn clock_of(app: &App, frame: &Frame, row: &Row) -> Option<Shown> {
    Some(show::clock(app, frame, at(&ITEMS, row, "due_at")?, at(&ITEMS, row, "closed_at")))
}
