//! Emergencies: the board of those that wait for a decision, with a clock that runs by the second and an alarm that can be heard; and
//! the page of one, step by step. Nothing here asks for a test, a status or a debt (R08).

use super::{
    accounts,
    acts::{self, Act},
    form::{self, Sent},
    frame::{Frame, Visit, moment, render},
    list,
    rows::{self, Of},
    show,
};
use crate::{
    app::App,
    problem::Problem,
    routing::{get, post},
};
use askama::Template;
use axum::{
    Router,
    extract::{Path, Query as Parameters, State},
    response::Response,
};
use dayclear_core::{
    access::{Class, Sees, Sight, reveal},
    listing::{Cell, Row, TICKETS, TREATMENTS},
    time::Instant,
    urgent::{Help, Step, Tier},
};
use dayclear_store::urgent::StepRow;
use std::sync::Arc;

/// Routes below `/tickets`.
pub fn routes() -> Router<Arc<App>> {
    let on_rows = |state: State<Arc<App>>, sent: Sent| form::on_list(state, Path("tickets".to_owned()), sent);
    Router::new().route("/tickets", get(page).merge(post(on_rows))).route("/tickets/{key}", get(one))
}

/// A time that runs, to the second: from when, and how long that is now.
struct Runs {
    since: String,
    said: String,
}

/// Minutes and seconds between two moments.
fn seconds(from: Instant, to: Instant) -> String {
    let seconds = (to.micros() - from.micros()).max(0) / 1_000_000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

impl Runs {
    fn of(app: &App, from: Instant) -> Runs {
        Runs { since: app.zone().text(from), said: seconds(from, app.now()) }
    }
}

/// One part of the way to help: its word, and what is known of it.
struct Part {
    word: String,
    known: Option<String>,
    at: Option<String>,
}

struct Card {
    key: String,
    path: String,
    kind: String,
    place: String,
    contact: Option<String>,
    text: Option<String>,
    runs: Runs,
    late: bool,
    tier: String,
    owner: Option<String>,
    refusals: usize,
    decision: Option<String>,
    parts: Vec<Part>,
}

#[derive(Template)]
#[template(path = "urgent.html")]
struct UrgentPage {
    frame: Frame,
    waiting: Vec<Card>,
    underway: Vec<Card>,
    /// How many of those that wait have come so far that this duty is rung.
    rung: usize,
    /// The helps that may be decided for, where this duty may decide.
    helps: Vec<(&'static str, String)>,
    may_take: bool,
    /// Whether the list of regular treatments exists for this duty.
    treats: bool,
    more: bool,
}

async fn page(
    state: State<Arc<App>>,
    visit: Visit,
    parameters: Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    if !parameters.0.is_empty() {
        return list::page(state, visit, Path("tickets".to_owned()), parameters).await;
    }
    let app = &state.0;
    let mut tx = rows::look(app, &visit).await?;
    let (open, next) = tx.page(&TICKETS, &[("open", "true"), ("limit", "300")]).await?.ok_or_else(Problem::unknown)?;
    tx.finish().await?;
    let frame = &visit.frame;
    let role = visit.caller.looker.duty.role;
    let rings = |row: &Row| {
        let of = Of { listing: &TICKETS, row };
        of.text("tier").and_then(|tier| tier.parse::<Tier>().ok()).is_some_and(|tier| tier.rings(role))
    };
    // who has waited longest comes first
    let sorted = |state: &str| {
        let mut rows: Vec<&Row> =
            open.iter().filter(|row| Of { listing: &TICKETS, row }.text("state") == Some(state)).collect();
        rows.sort_by_key(|row| Of { listing: &TICKETS, row }.moment("opened_at").map_or(0, Instant::micros));
        rows
    };
    let waiting = sorted("waiting");
    let helps = match acts::act_named(&visit, &TICKETS, "decide") {
        Some(_) => Help::ALL.iter().map(|help| (help.name(), frame.w.term(*help))).collect(),
        None => Vec::new(),
    };
    let page = UrgentPage {
        rung: waiting.iter().filter(|row| rings(row)).count(),
        waiting: waiting.iter().map(|row| card(app, frame, row)).collect(),
        underway: sorted("underway").iter().map(|row| card(app, frame, row)).collect(),
        helps,
        may_take: acts::act_named(&visit, &TICKETS, "take").is_some(),
        treats: TREATMENTS.readable_by(role),
        more: next.is_some(),
        frame: {
            let title = frame.say("urgent-title");
            visit.frame.titled(title, &[])
        },
    };
    render(&page)
}

fn card(app: &App, frame: &Frame, row: &Row) -> Card {
    let of = Of { listing: &TICKETS, row };
    let key = of.text("ticket").unwrap_or_default();
    let opened = of.moment("opened_at").unwrap_or_else(|| app.now());
    let term = |prefix: &str, field: &str| of.text(field).map(|value| frame.say(&format!("{prefix}-{value}")));
    Card {
        path: format!("/tickets/{}", show::part(key)),
        kind: term("request", "kind").unwrap_or_default(),
        place: app.place_name(of.text("division").unwrap_or_default(), frame.lang),
        contact: of.shown("contact").map(str::to_owned),
        text: of.text("text").map(|text| text.chars().take(160).collect()),
        runs: Runs::of(app, of.moment("decided_at").unwrap_or(opened)),
        late: of.moment("decide_by").is_some_and(|by| by < app.now()) && of.moment("decided_at").is_none(),
        tier: term("tier-rung", "tier").unwrap_or_default(),
        owner: of.text("owner").map(|id| accounts::said(app, frame, id)),
        refusals: of.whole("refusals").and_then(|n| usize::try_from(n).ok()).unwrap_or_default(),
        decision: term("help", "decision"),
        parts: parts(app, frame, of),
        key: key.to_owned(),
    }
}

/// Hospital, way out, vehicle, escort, departure: what is known of each, and since when.
fn parts(app: &App, frame: &Frame, of: Of<'_>) -> Vec<Part> {
    let at = |name: &str| of.moment(name).map(|at| moment(app, frame.lang, at));
    let shown = |name: &str| match of.cell(name) {
        Cell::Hidden => Some(frame.say("not-shown")),
        _ => of.shown(name).map(str::to_owned),
    };
    let known =
        |at: &Option<String>, said: Option<String>| at.as_ref().map(|_| said.unwrap_or_else(|| frame.say("yes")));
    let part = |word: &str, field: &str, when: &str| {
        let at = at(when);
        Part { word: frame.say(word), known: known(&at, shown(field)), at }
    };
    let hospital = at("accepted_at");
    let named = of.text("facility").map(|id| app.site_name(id));
    vec![
        Part { word: frame.say("field-facility"), known: known(&hospital, named), at: hospital },
        part("field-way_out", "way_out", "way_at"),
        part("field-vehicle_sent", "vehicle_sent", "vehicle_at"),
        part("field-escort", "escort", "escort_at"),
        part("field-departed_at", "departed_at", "departed_at"),
    ]
}

/// Something that was said of a ticket.
struct Line {
    at: String,
    exact: String,
    what: String,
    who: String,
    words: Option<String>,
    bad: bool,
}

#[derive(Template)]
#[template(path = "ticket.html")]
struct TicketPage {
    frame: Frame,
    path: String,
    card: Card,
    state: &'static str,
    state_word: String,
    open: bool,
    hidden: bool,
    decided_in: Option<String>,
    lines: Vec<Line>,
    helps: Vec<(&'static str, String)>,
    acts: Vec<Act>,
    request: Option<(String, String)>,
}

async fn one(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    let mut tx = rows::look(&app, &visit).await?;
    let row = tx.one(&TICKETS, &key).await?;
    let steps = tx.steps_of_ticket(&key).await?;
    tx.finish().await?;
    accounts::learn(&app, steps.iter().map(|step| step.account.clone()).collect()).await?;
    let of = Of { listing: &TICKETS, row: &row };
    let frame = &visit.frame;
    let open = of.moment("ended_at").is_none();
    let role = visit.caller.looker.duty.role;
    let words = reveal(role, Class::Sensitive, Sees::OnDuty) == Sight::Plain;
    let mut acts = if open { acts::acts(&visit, &TICKETS) } else { Vec::new() };
    let helps = match acts.iter().any(|act| act.verb == "decide") && of.moment("decided_at").is_none() {
        true => Help::ALL.iter().map(|help| (help.name(), frame.w.term(*help))).collect(),
        false => Vec::new(),
    };
    acts.retain(|act| act.verb != "decide" || helps.is_empty());
    let (state, tone) = match of.text("state").unwrap_or_default() {
        "waiting" => ("waiting", "bad"),
        "underway" => ("underway", "busy"),
        _ => ("ended", "gone"),
    };
    let decided = of.moment("decided_at").zip(of.moment("opened_at"));
    let request = of.text("request").filter(|_| dayclear_core::listing::REQUESTS.readable_by(role));
    let title = format!("{} {key}", frame.say("field-ticket"));
    let above = frame.say("urgent-title");
    let page = TicketPage {
        path: format!("/tickets/{}", show::part(&key)),
        card: card(&app, frame, &row),
        state: tone,
        state_word: frame.say(&format!("ticket-state-{state}")),
        open,
        hidden: matches!(of.cell("text"), Cell::Hidden),
        decided_in: decided
            .map(|(at, since)| frame.w.get("urgent-decided-in", &[("clock", seconds(since, at).into())])),
        lines: steps.iter().map(|step| line(&app, frame, step, words)).collect(),
        helps,
        acts,
        request: request.map(|id| (id.to_owned(), format!("/requests/{}", show::part(id)))),
        frame: visit.frame.titled(title, &[(above, "/tickets")]),
    };
    render(&page)
}

fn line(app: &App, frame: &Frame, step: &StepRow, words: bool) -> Line {
    let what = match (step.step, &step.what) {
        (Step::Decided, Some(help)) => frame.w.joined(&[frame.w.term(step.step), frame.say(&format!("help-{help}"))]),
        _ => frame.w.term(step.step),
    };
    let hospital = step.facility.as_deref().map(|id| app.site_name(id));
    let said = [
        hospital,
        step.clinician.clone().filter(|_| words),
        step.what.clone().filter(|_| words && step.step != Step::Decided),
        step.reason.clone().filter(|_| words),
    ];
    let said: Vec<String> = said.into_iter().flatten().collect();
    Line {
        at: moment(app, frame.lang, step.at),
        exact: app.zone().text(step.at),
        what,
        who: accounts::said(app, frame, &step.account),
        words: (!said.is_empty()).then(|| said.join(" · ")),
        bad: step.step == Step::Refused,
    }
}
