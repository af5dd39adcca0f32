//! Risk areas: those that stand with their clocks to release, and the page of one: whom it binds, which clean days have
//! passed, whose tests are missing, why, and what happened.

use super::{
    acts::{self, Act},
    frame::{Frame, Visit, moment, render},
    list,
    map::{Panel, area_name, drawn_areas},
    record::{self, Fact},
    requests::may_make,
    rows::{self, Of},
    show,
};
use crate::{app::App, problem::Problem, routing::get};
use askama::Template;
use axum::{
    Router,
    extract::{Path, Query as Parameters, State},
    response::Response,
};
use dayclear_core::{
    listing::{APPEAL_FIGURES, APPEALS, AREAS, EVENTS, EXTENSIONS, Row, TICKETS},
    time::CivilDate,
};
use std::sync::Arc;

/// Routes below `/areas`.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/areas", get(page)).route("/areas/{key}", get(one))
}

/// Areas of one page.
const ROWS: &str = "100";

struct Line {
    path: String,
    name: String,
    place: String,
    level: String,
    high: bool,
    /// Whether it binds nobody until an appeal is decided.
    suspended: bool,
    people: String,
    cases: String,
    opened: String,
    release: String,
    late: bool,
}

#[derive(Template)]
#[template(path = "areas.html")]
struct AreasPage {
    frame: Frame,
    lines: Vec<Line>,
    panel: Option<Panel>,
    people: String,
    next: Option<String>,
    first: bool,
    /// Whether the duty reads how people are treated.
    equality: bool,
}

/// Days until a day, in words.
fn until(frame: &Frame, today: CivilDate, day: CivilDate) -> String {
    match day.days_since(today) {
        ..0 => frame.w.get("area-over", &[("day", day.to_string().into())]),
        0 => frame.say("area-ends-today"),
        days => frame.w.get("area-days-left", &[("days", (days as u64).into()), ("day", day.to_string().into())]),
    }
}

fn line(app: &App, frame: &Frame, today: CivilDate, row: &Row) -> Line {
    let of = Of { listing: &AREAS, row };
    let ends = of.day("ends_on");
    let level = of.text("level").unwrap_or_default();
    Line {
        path: format!("/areas/{}", show::part(of.text("id").unwrap_or_default())),
        name: area_name(of, frame),
        place: app.place_name(of.text("division").unwrap_or_default(), frame.lang),
        high: level == "high",
        suspended: of.text("aside").is_some(),
        level: frame.w.given("zone-level", level),
        people: frame.lang.signed(of.whole("people").unwrap_or_default()),
        cases: frame.lang.signed(of.whole("cases").unwrap_or_default()),
        opened: of.day("opened_on").map(|day| day.to_string()).unwrap_or_default(),
        release: ends.map_or_else(|| frame.say("not-known"), |day| until(frame, today, day)),
        late: ends.is_some_and(|day| day < today),
    }
}

async fn page(
    state: State<Arc<App>>,
    visit: Visit,
    parameters: Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let given = &parameters.0;
    if !given.iter().all(|(name, _)| name == "page") {
        return list::page(state, visit, Path("areas".to_owned()), parameters).await;
    }
    let app = &state.0;
    let after = given.first().map(|(_, after)| after.clone()).unwrap_or_default();
    let mut tx = rows::look(app, &visit).await?;
    let tests = [("open", "true"), ("limit", ROWS), ("after", after.as_str())];
    let (areas, next) = tx.page(&AREAS, &tests).await?.ok_or_else(Problem::unknown)?;
    tx.finish().await?;
    let frame = &visit.frame;
    let today = app.zone().day(app.now());
    let people = areas.iter().filter_map(|row| Of { listing: &AREAS, row }.whole("people")).sum();
    let page = AreasPage {
        equality: APPEAL_FIGURES.readable_by(visit.caller.looker.duty.role),
        lines: areas.iter().map(|row| line(app, frame, today, row)).collect(),
        panel: (!areas.is_empty()).then(|| drawn_areas(app, frame, &areas)),
        people: frame.lang.signed(people),
        next: next.map(|next| format!("/areas?page={next}")),
        first: after.is_empty(),
        frame: {
            let title = frame.say("nav-areas");
            visit.frame.titled(title, &[])
        },
    };
    render(&page)
}

/// Something that happened to an area.
struct Step {
    at: String,
    word: String,
    decided: bool,
}

#[derive(Template)]
#[template(path = "area.html")]
struct AreaPage {
    frame: Frame,
    level: String,
    high: bool,
    open: bool,
    /// Appeal for which it binds nobody until that is decided.
    suspended: Option<String>,
    release: String,
    clean: String,
    tests: String,
    missing: bool,
    facts: Vec<Fact>,
    why: Vec<record::Why>,
    steps: Vec<Step>,
    panel: Panel,
    acts: Vec<Act>,
    path: String,
    /// List of what was asked for beyond the rule, for duties that read it.
    beyond: Option<String>,
    /// List of what was said against it, likewise.
    appeals: Option<String>,
    /// Community of the area, where the duty may call help to it by one tap.
    exit: Option<String>,
    /// Areas of other districts beside it: number, and in what way.
    beside: Vec<(String, String)>,
    /// Exits that were reported blocked in its community and are not open again: number and page of the ticket.
    blocked: Vec<(String, String)>,
}

async fn one(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    let mut tx = rows::look(&app, &visit).await?;
    let row = tx.one(&AREAS, &key).await?;
    let of = Of { listing: &AREAS, row: &row };
    let frame = &visit.frame;
    let today = app.zone().day(app.now());
    // everybody in the area is tested on the last of the clean days, so tests since the last new infection are told
    let since = of.day("last_new_on").or(of.day("opened_on")).unwrap_or(today);
    let tested = match of.text("building") {
        Some(building) => {
            let period = (app.zone().start_of(since.plus_days(1)), app.now());
            Some(tx.unit_tested(building, of.text("unit"), of.text("household"), period).await?)
        }
        None => None,
    };
    let community = of.text("division").unwrap_or_default().to_owned();
    let blocked = match TICKETS.readable_by(visit.caller.looker.duty.role) {
        true => {
            tx.all(&TICKETS, &[("division", community.as_str()), ("kind", "exit_blocked"), ("open", "true")]).await?
        }
        false => Vec::new(),
    };
    let beside = dayclear_ops::areas::neighbours(&mut tx, &key).await?;
    let events = tx.all(&EVENTS, &[("subject", key.as_str()), ("limit", "50")]).await?;
    tx.finish().await?;
    let open = of.day("released_on").is_none();
    let (tests, missing) = match tested {
        Some((people, negative)) => (
            frame.w.get(
                "area-tests",
                &[
                    ("people", (people as u64).into()),
                    ("negative", (negative as u64).into()),
                    ("day", since.to_string().into()),
                ],
            ),
            open && negative < people,
        ),
        None => (frame.say("not-known"), false),
    };
    let mut facts = record::facts(&app, frame, &AREAS, &row);
    let why = facts.iter_mut().flat_map(|fact| std::mem::take(&mut fact.why)).collect();
    facts.retain(|fact| fact.data.is_none() && !fact.value.is("unknown") && !fact.value.is("data"));
    let mut steps: Vec<Step> = events
        .iter()
        .rev()
        .map(|row| {
            let event = Of { listing: &EVENTS, row };
            let kind = event.text("kind").unwrap_or_default();
            Step {
                at: event.moment("at").map(|at| moment(&app, frame.lang, at)).unwrap_or_default(),
                word: frame.w.given("event", kind),
                decided: true,
            }
        })
        .collect();
    if steps.is_empty() {
        // a duty that does not read the chain sees the days of the area itself
        let days =
            [("opened_on", "area-opened"), ("last_new_on", "field-last_new_on"), ("released_on", "field-released_on")];
        steps = days
            .into_iter()
            .filter_map(|(name, key)| Some((of.day(name)?, key)))
            .map(|(day, key)| Step { at: day.to_string(), word: frame.say(key), decided: key != "field-last_new_on" })
            .collect();
    }
    let level = of.text("level").unwrap_or_default();
    let name = area_name(of, frame);
    let above = frame.say("nav-areas");
    let page = AreaPage {
        high: level == "high",
        level: frame.w.given("zone-level", level),
        open,
        suspended: of.text("aside").map(str::to_owned),
        release: match (of.day("released_on"), of.day("forecast_on"), of.day("ends_on")) {
            (Some(day), ..) => frame.w.get("area-released", &[("day", day.to_string().into())]),
            (None, Some(forecast), Some(ends)) if forecast < ends => frame.w.get(
                "area-forecast",
                &[("forecast", forecast.to_string().into()), ("ends", until(frame, today, ends).into())],
            ),
            (None, _, Some(ends)) => until(frame, today, ends),
            _ => frame.say("not-known"),
        },
        clean: of.day("last_new_on").map_or_else(
            || frame.say("not-known"),
            |day| {
                frame.w.get(
                    "area-clean",
                    &[("days", (today.days_since(day).max(0) as u64).into()), ("day", day.to_string().into())],
                )
            },
        ),
        tests,
        missing,
        facts,
        why,
        steps,
        panel: drawn_areas(&app, frame, std::slice::from_ref(&row)),
        acts: if open { acts::acts(&visit, &AREAS) } else { Vec::new() },
        path: format!("/areas/{}", show::part(&key)),
        beyond: EXTENSIONS
            .readable_by(visit.caller.looker.duty.role)
            .then(|| format!("/extensions?area={}", show::part(&key))),
        appeals: APPEALS
            .readable_by(visit.caller.looker.duty.role)
            .then(|| format!("/appeals?subject={}", show::part(&key))),
        beside,
        exit: (open && may_make(&visit)).then_some(community),
        blocked: blocked
            .iter()
            .filter_map(|row| Of { listing: &TICKETS, row }.text("ticket"))
            .map(|ticket| (ticket.to_owned(), format!("/tickets/{}", show::part(ticket))))
            .collect(),
        frame: visit.frame.titled(name, &[(above, "/areas")]),
    };
    render(&page)
}
