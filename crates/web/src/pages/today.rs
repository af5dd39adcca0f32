//! The first page: the day so far, what waits and for whom, what will be late next, how old the data is. It leads with what
//! the duty does; every figure leads to the list behind it.

use super::{
    field,
    frame::{Frame, Visit, moment, render},
    list::Table,
    reading::{Reading, at, text},
    show::{self, Shown},
    standing::{self, Flow},
    tiles::{self, Tile},
    worklists,
};
use crate::{api::stand_of, app::App, problem::Problem};
use askama::Template;
use axum::{extract::State, response::Response};
use dayclear_core::{
    access::Role::{self, *},
    listing::{BOXES, CASES, DAYS, ITEMS, Listing, Query, REQUESTS, RESULTS, ROUNDS, Row, TRANSFERS, TUBES},
    rounds::RoundState,
    time::{CivilDate, Instant},
};
use std::{collections::BTreeMap, sync::Arc};

/// What a duty does, as the table that its page begins with: role, key of the heading, list, question.
type Lead = (Role, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const LEADS: &[Lead] = &[
    (Laboratory, "lead-laboratory", "items", &[("worklist", "test"), ("open", "true")]),
    (Tracer, "lead-tracer", "cases", &[("open", "true")]),
    (Dispatcher, "lead-dispatcher", "transfers", &[("state", "requested,booked")]),
    (Driver, "lead-driver", "trips", &[]),
    (Facility, "lead-facility", "transfers", &[("state", "booked,underway")]),
    (CommunityWorker, "lead-community_worker", "requests", &[("open", "true")]),
    (Hotline, "lead-hotline", "requests", &[("open", "true")]),
    (PublicInformation, "lead-public_information", "bulletins", &[]),
    (DataProtection, "lead-data_protection", "items", &[("open", "true")]),
    (Auditor, "lead-auditor", "days", &[]),
];

/// The table that a page begins with.
pub struct LeadTable {
    /// Heading.
    pub word: String,
    /// The whole list.
    pub path: String,
    /// First rows.
    pub table: Table,
}

/// Items past their deadline of one owner.
pub struct OwnerLine {
    /// Who.
    pub owner: String,
    /// Their items.
    pub path: String,
    /// How many.
    pub count: String,
    /// The clock that ran out first.
    pub clock: Option<Shown>,
}

/// How old what comes from a source is.
pub struct Age {
    /// Source.
    pub word: String,
    /// Latest, exact and as people write it, where it was found.
    pub latest: Option<(String, String)>,
    /// How long ago.
    pub span: String,
    /// Whether that is too long for the hour.
    pub stale: bool,
}

#[derive(Template)]
#[template(path = "today.html")]
struct TodayPage {
    frame: Frame,
    role: Role,
    pack: String,
    signed: Option<(String, String, String)>,
    lead: Option<LeadTable>,
    /// Boxes that will miss their time, or have: path and what is said of them.
    boxes: Option<String>,
    /// Rounds that are open: name, path, and what they have reached in the division of the duty.
    rounds: Vec<(String, String, String)>,
    tiles: Vec<Tile>,
    lines: Vec<worklists::Line>,
    owners: Vec<OwnerLine>,
    /// What is not counted, where more is overdue than was read.
    owners_more: Option<String>,
    next: Option<Table>,
    ages: Vec<Age>,
}

impl TodayPage {
    /// Topics of the table that the page begins with.
    fn topics(&self) -> &'static str {
        match self.role {
            Laboratory | DataProtection => "items",
            Tracer => "cases",
            Dispatcher | Driver | Facility => "transfers",
            CommunityWorker | Hotline => "requests",
            PublicInformation => "bulletins",
            _ => "books",
        }
    }
}

async fn lead(visit: &Visit, reading: &mut Reading<'_>) -> Result<Option<LeadTable>, Problem> {
    const ROWS_SHOWN: usize = 12;
    let role = visit.caller.looker.duty.role;
    let Some((_, word, list, asked)) = LEADS.iter().find(|(r, ..)| *r == role) else { return Ok(None) };
    let Some(listing) = Listing::named(list) else { return Ok(None) };
    let rows = reading.rows(listing, asked, ROWS_SHOWN).await?.rows;
    let query: Vec<String> = asked.iter().map(|(name, value)| format!("{name}={}", show::part(value))).collect();
    let path = if query.is_empty() { format!("/{list}") } else { format!("/{list}?{}", query.join("&")) };
    let one_list = asked.iter().any(|(name, _)| *name == "worklist");
    let mut table = reading.table(visit, listing, &rows, if one_list { &["worklist"] } else { &[] });
    table.caption = visit.frame.say(word);
    Ok(Some(LeadTable { word: visit.frame.say(word), path, table }))
}

/// Owners shown at most.
const OWNERS_SHOWN: usize = 12;

/// Overdue items by owner, the longest overdue first; `all`: of these owners, counted beyond the rows.
fn owners(app: &App, frame: &Frame, rows: &[Row], all: &BTreeMap<String, u64>) -> Vec<OwnerLine> {
    let mut by_owner: Vec<(&Row, u64)> = Vec::new();
    // a division is one, whichever of the four parties it stands for: its link leads to the items of all of them
    let same = |a: &Row, b: &Row| a.get(&ITEMS, "owner") == b.get(&ITEMS, "owner");
    for row in rows {
        match by_owner.iter_mut().find(|(first, _)| same(first, row)) {
            Some((_, count)) => *count += 1,
            None => by_owner.push((row, 1)),
        }
    }
    let now = show::part(&app.zone().text(app.now()));
    let line = |(row, count): (&Row, u64)| OwnerLine {
        owner: standing::owner_said(app, frame, row),
        path: format!("/items?owner={}&open=true&due_at.to={now}", show::part(text(&ITEMS, row, "owner"))),
        count: match all.get(text(&ITEMS, row, "owner")) {
            Some(&all) if all >= standing::OWNED_MAX => frame.w.get("or-more", &[("count", all.into())]),
            Some(&all) => frame.lang.number(all),
            None => frame.lang.number(count),
        },
        clock: standing::clock_of(app, frame, row),
    };
    by_owner.into_iter().take(OWNERS_SHOWN).map(line).collect()
}

/// How old the latest of each source is. After some hours without anything new a source counts as stale.
async fn ages(app: &App, visit: &Visit, reading: &mut Reading<'_>) -> Result<Vec<Age>, Problem> {
    const SOURCES: &[(&str, &Listing, &str, i64)] = &[
        ("source-samples", &TUBES, "collected_at", 12 * 60),
        ("source-results", &RESULTS, "reported_at", 3 * 60),
        ("source-cases", &CASES, "found_at", 12 * 60),
        ("source-transfers", &TRANSFERS, "requested_at", 12 * 60),
        ("source-requests", &REQUESTS, "received_at", 6 * 60),
    ];
    let (frame, before) = (&visit.frame, app.now().plus_minutes(1));
    let mut ages = Vec::new();
    for (word, listing, field, stale_min) in SOURCES {
        let latest = match *field {
            "reported_at" if searched(visit) && listing.readable_by(visit.caller.looker.duty.role) => {
                reading.tx.latest_result(before, RESULTS_SEARCHED).await?
            }
            _ => latest(app, reading, listing, field, before).await?.map(Ok),
        };
        let Some(found) = latest else { continue };
        let at = found.unwrap_or_else(|reach| reach);
        let minutes = app.now().minutes_since(at);
        let span = show::span(frame, minutes);
        let key = if found.is_ok() { "ago" } else { "more-than-ago" };
        ages.push(Age {
            word: frame.say(word),
            latest: found.is_ok().then(|| (app.zone().text(at), moment(app, frame.lang, at))),
            span: frame.w.get(key, &[("span", span.into())]),
            stale: minutes > *stale_min,
        });
    }
    Ok(ages)
}

/// Results of the city among which the latest one of a smaller place is looked for.
const RESULTS_SEARCHED: i64 = 2_000;

/// Whether a duty sees all results of a place that has few of the city's.
fn searched(visit: &Visit) -> bool {
    let duty = &visit.caller.looker.duty;
    duty.site.is_none() && duty.division.as_str().len() >= 6
}

/// The latest moment of a list, as the duty sees it.
async fn latest(
    app: &App,
    reading: &mut Reading<'_>,
    listing: &'static Listing,
    field: &str,
    before: Instant,
) -> Result<Option<Instant>, Problem> {
    let (to, upto) = (app.zone().text(before), format!("{field}.to"));
    let mut query = Query::read(listing, [(upto.as_str(), to.as_str())], app.zone()).unwrap_or_default();
    query.limit = 1;
    Ok(reading.asked(listing, &query).await?.rows.first().and_then(|row| at(listing, row, field)))
}

/// Closed days before a day, the latest first: how many items each worklist completed.
async fn past(reading: &mut Reading<'_>, day: CivilDate) -> Result<Vec<(CivilDate, Flow)>, Problem> {
    const DAYS_DRAWN: i64 = 13;
    let mut days: BTreeMap<CivilDate, Flow> = BTreeMap::new();
    for (day, worklist, sums) in reading.tx.closed_days(day.plus_days(-DAYS_DRAWN), day).await? {
        days.entry(day).or_default().insert(worklist, sums);
    }
    Ok(days.into_iter().rev().collect())
}

/// Rounds that are open. The board of coverage is waited for before the page holds a connection of the store.
async fn rounds(app: &Arc<App>, visit: &Visit) -> Result<Vec<(String, String, String)>, Problem> {
    let duty = &visit.caller.looker.duty;
    if !ROUNDS.readable_by(duty.role) {
        return Ok(Vec::new());
    }
    let open = app.store().look(&app.own_scope()).await?.rounds_in(RoundState::Open).await?;
    let mut lines = Vec::new();
    for round in open {
        let id = &round.plan.round;
        let division = duty.division.as_str();
        let stood = stand_of(app, &visit.caller, id, division, Some(field::rounds::PATIENCE)).await?.1;
        let path = format!("/rounds/{}", show::part(id));
        match stood {
            Some(stood) if stood.whole.people == 0 => {}
            Some(stood) => lines.push((round.name, path, field::rounds::said(&visit.frame, &stood.whole))),
            None => lines.push((round.name, path, visit.frame.say("rounds-being-counted"))),
        }
    }
    Ok(lines)
}

async fn tiles_of(visit: &Visit, reading: &mut Reading<'_>) -> Result<Vec<Tile>, Problem> {
    if !standing::is_post(visit) {
        return Ok(Vec::new());
    }
    let Some(day) = reading.tx.last_day().await? else { return Ok(Vec::new()) };
    let flow = standing::flow(reading, day.day).await?;
    let past = past(reading, day.day).await?;
    let overdue = reading.overdue().await?;
    let can_list = ITEMS.readable_by(visit.caller.looker.duty.role);
    Ok(tiles::tiles(&visit.frame, &flow, overdue, &past, can_list))
}

/// `GET /`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    const OVERDUE_READ: usize = 300;
    const NEXT_SHOWN: usize = 12;
    let frame = &visit.frame;
    let role = visit.caller.looker.duty.role;
    let rounds = rounds(&app, &visit).await?;
    let mut reading = Reading::begin(&app, &visit).await?;
    let lead = lead(&visit, &mut reading).await?;
    let tiles = tiles_of(&visit, &mut reading).await?;
    let lines = worklists::lines(&app, &visit, &mut reading).await?;
    let overdue = standing::by_deadline(&mut reading, app.now(), true, OVERDUE_READ).await?;
    let all = match overdue.more && standing::is_post(&visit) {
        true => standing::overdue_of_owners(&mut reading, app.now(), &overdue.rows, OWNERS_SHOWN).await?,
        false => BTreeMap::new(),
    };
    let next = standing::by_deadline(&mut reading, app.now(), false, NEXT_SHOWN).await?.rows;
    let ages = ages(&app, &visit, &mut reading).await?;
    let boxes = match BOXES.readable_by(role) {
        true => Some(reading.tx.boxes_underway(app.now(), field::boxes::laboratory_of(&visit)).await?),
        false => None,
    };
    let signed = match DAYS.readable_by(role) {
        true => reading.tx.last_signed().await?,
        false => None,
    };
    let next = (!next.is_empty()).then(|| {
        let mut table = reading.table(&visit, &ITEMS, &next, &["assignee", "opened_at"]);
        table.caption = frame.say("today-next");
        table
    });
    reading.finish().await?;
    let today = app.zone().day(app.now());
    let pack = app.setup.packs.named(&app.setup.pack).or_else(|| app.setup.packs.in_force(&app.setup.pack, today));
    let page = TodayPage {
        role,
        pack: pack.map(|pack| frame.w.pack(&pack.label())).unwrap_or_default(),
        signed: signed.map(|(day, at, signature)| {
            let head: String = signature.chars().take(16).collect();
            (day.to_string(), moment(&app, frame.lang, at), head)
        }),
        lead,
        rounds,
        boxes: boxes
            .filter(|counts| counts.late + counts.soon + counts.open > 0)
            .map(|counts| field::boxes::said(frame, counts)),
        tiles,
        lines,
        owners: owners(&app, frame, &overdue.rows, &all),
        owners_more: overdue.more.then(|| match all.is_empty() {
            true => frame.say("today-owners-some"),
            false => frame.say("today-owners-more"),
        }),
        next,
        ages,
        frame: {
            let title = visit.frame.lang.date(today);
            visit.frame.titled(title, &[])
        },
    };
    render(&page)
}
