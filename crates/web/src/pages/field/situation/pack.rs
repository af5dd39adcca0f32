//! The pack of the daily meeting: one page for each district, on the screen and as set pages, drawn from the same books as everything
//! else. The situation, what was asked and done on the last whole day, what comes next, what is stuck and who owns it.

use super::{
    DayLine, Picture, Tile, between, missing, part, picture, tiles,
    week::{Week, week},
};
use crate::{
    app::App,
    pages::{
        accounts,
        frame::{Frame, Visit, moment, render, short_day},
        public::{Kind, set},
        standing,
    },
    problem::Problem,
};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use dayclear_core::{
    access::{self, Role},
    books::{Party, Worklist},
    divisions::Level,
    listing::{CLEARINGS, ITEMS},
    situation::{Situation, Told},
    time::Instant,
};
use dayclear_ops::{
    reports::{self, Rolled},
    situation,
};
use dayclear_papers::{
    document::{Bars, Block, Document, Fact, Grid, Line},
    situation::{sentence, whole},
};
use dayclear_store::{
    meeting::{Due, Moved, Stuck},
    obligations::Obligation,
};
use std::{collections::BTreeMap, sync::Arc};

/// Owners of a district at most.
const OWNERS_SHOWN: usize = 6;
/// Days of the curve on set pages.
const BARS_SHOWN: usize = 56;
/// Hours that are looked ahead.
const NEXT_H: i64 = 24;

/// A worklist of a district.
struct WorkLine {
    word: String,
    asked: String,
    done: String,
    given_up: String,
    next: String,
    late: String,
    bad: bool,
}

struct DirectiveLine {
    asked: String,
    owner: String,
    state: String,
    due: String,
    late: bool,
}

struct StuckLine {
    owner: String,
    worklist: String,
    items: String,
    since: String,
}

/// The page of a district.
struct Sheet {
    id: String,
    name: String,
    tiles: Vec<Tile>,
    curve: Option<Picture>,
    beside: Vec<(String, String)>,
    below: Vec<(String, String, bool)>,
    /// Where the last week's cases were found.
    week: Option<Week>,
    fan: String,
    work: Vec<WorkLine>,
    stuck: Vec<StuckLine>,
    /// What the city asked and is still owed; and the report of the day, where it is missing.
    directives: Vec<DirectiveLine>,
    report: Option<String>,
    /// What the officer of the district signed: how things stand, what was done, what comes next.
    words: Vec<(String, String)>,
    decide: Vec<String>,
    /// The curve as days and both parts.
    bars: Vec<(String, [u64; 2])>,
    days: Vec<DayLine>,
}

#[derive(Template)]
#[template(path = "pack.html")]
struct PackPage {
    frame: Frame,
    made: Option<String>,
    day: String,
    sheets: Vec<Sheet>,
}

/// Whether a duty has the pack: a command post of the city or a district, or whoever audits one.
pub fn is_for(duty: &access::Duty) -> bool {
    let sees = CLEARINGS.readable_by(duty.role) && ITEMS.readable_by(duty.role);
    let post = matches!(duty.role, Role::CityCommand | Role::DistrictCommand | Role::Auditor);
    sees && post && duty.division.as_str().len() <= 6
}

/// The pack of a duty.
struct Pack {
    made: Option<String>,
    day: String,
    sheets: Vec<Sheet>,
}

async fn gather(app: &App, visit: &Visit) -> Result<Pack, Problem> {
    if !is_for(&visit.caller.looker.duty) {
        return Err(Problem::unknown());
    }
    let now = app.now();
    let mut tx = app.store().look(&visit.caller.looker.scope()).await?;
    let all = situation::all(&mut tx).await?;
    let day = all.first().map(|(told, _)| told.day);
    let moved = match day {
        Some(day) => tx.moved_by_district(day).await?,
        None => Vec::new(),
    };
    let due = tx.due_by_district(now, now.plus_hours(NEXT_H)).await?;
    let stuck = tx.stuck_by_owner(now).await?;
    let directives = tx.directives_open().await?;
    let rolled = match day {
        Some(day) => reports::rolled(&mut tx, day).await?,
        None => Rolled::default(),
    };
    let district = |(told, _): &&(Situation, _)| told.level == Level::District;
    let told: Vec<&Situation> = all.iter().filter(district).map(|(told, _)| told).collect();
    let spreads = situation::spread(&mut tx, &told).await?;
    drop(tx);
    accounts::learn(app, stuck.iter().map(|one| one.owner.clone()).collect::<Vec<_>>()).await?;
    let frame = &visit.frame;
    let sheets = told.into_iter().zip(&spreads).map(|(told, spread)| Sheet {
        week: week(app, frame, told, spread),
        directives: asked(app, frame, told, &directives, now),
        report: rolled.missing.contains(&told.division).then(|| frame.say("pack-report-missing")),
        words: signed(frame, told, &rolled),
        ..sheet(app, frame, told, &moved, &due, &stuck)
    });
    Ok(Pack {
        made: all.first().map(|(_, at)| moment(app, frame.lang, *at)),
        day: day.map(|day| frame.lang.date(day)).unwrap_or_default(),
        sheets: sheets.collect(),
    })
}

/// `GET /situation/pack`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    let Pack { made, day, sheets } = gather(&app, &visit).await?;
    let steps = [(visit.frame.say("nav-situation"), "/situation")];
    let title = visit.frame.say("situation-pack");
    render(&PackPage { made, day, sheets, frame: visit.frame.titled(title, &steps) })
}

/// `GET /situation/pack/file/pack.pdf` or `.docx`: the same, to be printed or written on.
pub async fn file(State(app): State<Arc<App>>, visit: Visit, Path(name): Path<String>) -> Result<Response, Problem> {
    let kind =
        Kind::ALL.into_iter().find(|kind| name == format!("pack.{}", kind.ending())).ok_or_else(Problem::unknown)?;
    let pack = gather(&app, &visit).await?;
    set(&app, document(&visit.frame, &pack), kind, &name).await
}

/// The pack as a paper: a page for each district, as far as what is stuck there goes on one.
fn document(frame: &Frame, pack: &Pack) -> Document {
    let grid = |caption: String, headers: &[&str], rows: Vec<Vec<String>>, words: bool| {
        let line = |cells: Vec<String>| {
            let mut cells = cells.into_iter();
            Line { name: cells.next().unwrap_or_default(), cells: cells.collect(), bar: None }
        };
        let headers = headers.iter().map(|key| frame.say(key)).collect();
        Block::Grid(Grid { caption, headers, rows: rows.into_iter().map(line).collect(), sums: Vec::new(), words })
    };
    let mut blocks = Vec::new();
    for (at, sheet) in pack.sheets.iter().enumerate() {
        if at > 0 {
            blocks.push(Block::Break);
        }
        blocks.push(Block::Heading(sheet.name.clone()));
        let fact = |tile: &Tile| Fact {
            name: tile.word.clone(),
            value: tile.value.clone(),
            more: tile.about.clone(),
            large: false,
        };
        blocks.push(Block::Figures(sheet.tiles.iter().map(fact).collect()));
        if !sheet.bars.is_empty() {
            blocks.push(Block::Bars(Bars {
                caption: frame.say("situation-curve"),
                parts: [frame.say("situation-key-community"), frame.say("situation-key-held")],
                days: sheet.bars.clone(),
                map: sheet.week.as_ref().map(|week| Box::new(week.on_paper(frame))),
            }));
        }
        for (name, said) in &sheet.words {
            blocks.push(Block::Paragraph(format!("{name}{}{said}", frame.say("document-colon"))));
        }
        if let Some(missing) = &sheet.report {
            blocks.push(Block::Notice(missing.clone(), String::new()));
        }
        if !sheet.work.is_empty() {
            let caption = frame.w.get("pack-work", &[("day", pack.day.as_str().into())]);
            let rows = sheet.work.iter().map(|line| {
                [&line.word, &line.asked, &line.done, &line.given_up, &line.next, &line.late].map(Clone::clone).to_vec()
            });
            let headers = ["field-worklist", "pack-asked", "pack-done", "pack-given-up", "pack-next", "pack-late"];
            blocks.push(grid(caption, &headers, rows.collect(), false));
        }
        let mut next = vec![format!("{}{}{}", frame.say("situation-next"), frame.say("document-colon"), sheet.fan)];
        next.extend(sheet.decide.clone());
        if sheet.decide.is_empty() {
            next.push(frame.say("pack-nothing-to-decide"));
        }
        blocks.push(Block::List(next));
        if !sheet.directives.is_empty() {
            let rows = sheet.directives.iter();
            let rows = rows.map(|line| [&line.asked, &line.owner, &line.state, &line.due].map(Clone::clone).to_vec());
            let headers = ["field-asked", "field-owner", "field-state", "field-due_at"];
            blocks.push(grid(frame.say("pack-directives"), &headers, rows.collect(), true));
        }
        if !sheet.stuck.is_empty() {
            let rows = sheet.stuck.iter();
            let rows =
                rows.map(|line| [&line.owner, &line.worklist, &line.items, &line.since].map(Clone::clone).to_vec());
            let headers = ["field-owner", "field-worklist", "pack-late", "pack-since"];
            blocks.push(grid(frame.say("pack-stuck"), &headers, rows.collect(), true));
        }
    }
    let made = pack
        .made
        .iter()
        .map(|at| frame.w.get("situation-made", &[("at", at.as_str().into()), ("day", pack.day.as_str().into())]));
    if pack.sheets.is_empty() {
        blocks.push(Block::Paragraph(frame.say("situation-none-said")));
    }
    let name = frame.say("situation-pack");
    // a page may be handed on without the others, so each says it
    let made_up = frame.exercise.then(|| frame.say("drill-exercise"));
    Document {
        lang: frame.lang,
        kind: if frame.exercise { format!("{} · {name}", frame.say("exercise")) } else { name.clone() },
        title: pack.day.clone(),
        facts: Vec::new(),
        blocks,
        foot: made_up.into_iter().chain([format!("{name} {}", pack.day)]).chain(made).collect(),
    }
}

/// What the officer of a district signed of the day.
fn signed(frame: &Frame, told: &Situation, rolled: &Rolled) -> Vec<(String, String)> {
    let report = rolled.signed.iter().find(|report| report.division == told.division);
    let names = ["field-situation", "field-done", "field-next_steps"];
    let words = report.into_iter().flat_map(|report| names.iter().zip(&report.words));
    words.filter(|(_, said)| !said.is_empty()).map(|(name, said)| (frame.say(name), said.clone())).collect()
}

/// What the city asked of a district and is still owed.
fn asked(app: &App, frame: &Frame, told: &Situation, directives: &[Obligation], now: Instant) -> Vec<DirectiveLine> {
    let here = directives.iter().filter(|obligation| obligation.division.district() == told.division);
    here.take(OWNERS_SHOWN)
        .map(|obligation| DirectiveLine {
            asked: obligation.what.clone().unwrap_or_default(),
            owner: match obligation.owner.party {
                Party::Division => app.place_name(&obligation.owner.name, frame.lang),
                _ => obligation.owner.name.clone(),
            },
            state: frame.w.term(obligation.state),
            due: obligation.due_at.map(|at| moment(app, frame.lang, at)).unwrap_or_default(),
            late: obligation.due_at.is_some_and(|due| due <= now),
        })
        .collect()
}

fn sheet(app: &App, frame: &Frame, told: &Situation, moved: &[Moved], due: &[Due], stuck: &[Stuck]) -> Sheet {
    let lang = frame.lang;
    let code = told.division.as_str();
    let number = |n: u64| lang.number(n);
    let mut lines: BTreeMap<Worklist, ([u64; 3], u64, u64)> = BTreeMap::new();
    for one in moved.iter().filter(|one| one.district == code) {
        lines.entry(one.worklist).or_default().0 = one.counts;
    }
    for one in due.iter().filter(|one| one.district == code) {
        let line = lines.entry(one.worklist).or_default();
        (line.1, line.2) = (one.next, one.late);
    }
    let work = lines.into_iter().map(|(worklist, ([asked, done, given_up], next, late))| WorkLine {
        word: frame.w.term(worklist),
        asked: number(asked),
        done: number(done),
        given_up: number(given_up),
        next: number(next),
        late: number(late),
        bad: late > 0,
    });
    let held = stuck.iter().filter(|one| one.district == code).take(OWNERS_SHOWN).map(|one| StuckLine {
        owner: standing::owner_named(app, frame, &one.owner, one.party.name(), one.worklist.name()),
        worklist: frame.w.term(one.worklist),
        items: number(one.items),
        since: moment(app, lang, one.since),
    });
    let curve = picture::curve(told);
    let place = app.place_name(code, lang);
    let decide = told.ahead.needs.iter().filter(|needed| needed.decide.is_some());
    let days = told.found.iter().enumerate().rev().take(7).map(|(n, found)| DayLine {
        day: short_day(app, lang, told.first.plus_days(n as i64)),
        community: number(found.community),
        held: number(found.held),
        all: format!("{} ({})", number(found.all()), part(frame, *found)),
    });
    Sheet {
        id: format!("d-{code}"),
        tiles: tiles(frame, told),
        beside: curve.iter().flat_map(|curve| &curve.beside).map(|(y, n)| (y.clone(), whole(lang, *n))).collect(),
        below: curve
            .iter()
            .flat_map(|curve| &curve.below)
            .map(|(x, day, alt)| (x.clone(), short_day(app, lang, *day), *alt))
            .collect(),
        curve,
        fan: match &told.ahead.fan {
            Told::Known(fan) => between(frame, &fan.week, |value| whole(lang, value)),
            Told::Missing(gap) => missing(frame, *gap),
        },
        work: work.collect(),
        stuck: held.collect(),
        week: None,
        directives: Vec::new(),
        report: None,
        words: Vec::new(),
        bars: told
            .found
            .iter()
            .enumerate()
            .skip(told.found.len().saturating_sub(BARS_SHOWN))
            .map(|(n, found)| (short_day(app, lang, told.first.plus_days(n as i64)), [found.community, found.held]))
            .collect(),
        decide: decide.map(|needed| sentence(frame.w, needed, &place, frame.today)).collect(),
        days: days.collect(),
        name: place,
    }
}
