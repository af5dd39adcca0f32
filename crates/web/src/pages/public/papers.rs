//! For whoever has a paper: they type its code on any telephone, read it in their language, appeal, and see what became of it. The code is
//! sent and never part of an address; without it nothing is told.

use super::{Open, Sent, Wrong, clock, field_of, frame, help::grouped};
use crate::{app::App, notices, problem::Problem};
use askama::Template;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use dayclear_core::{measures::AppealState, time::Instant};
use dayclear_ops::{
    bearer,
    desk::{DeskError, Refusal},
    public::{Counter, SECRET_BYTES},
};
use dayclear_papers::notices::told;
use dayclear_store::{Scope, appeals::AppealTold};
use std::sync::Arc;

/// An appeal as whoever filed it is told.
pub(super) struct Told {
    pub(super) number: String,
    pub(super) tone: &'static str,
    pub(super) word: String,
    pub(super) lines: Vec<String>,
}

#[derive(Template)]
#[template(path = "public/paper.html")]
struct PaperPage {
    open: Open,
    code: String,
    words: String,
    wrong: Vec<Wrong>,
    /// Whether the page is opened to appeal.
    appeals: bool,
    /// The number of an appeal that was just taken.
    taken: Option<String>,
    paper: Option<String>,
    told: Vec<Told>,
    /// What is told of their ride or their stay, in sentences; none where there is none.
    ride: Vec<String>,
    /// Whether there is something to appeal against.
    may: bool,
}

pub(super) fn counter<'a>(app: &'a App, city: &'a Scope) -> Counter<'a> {
    Counter { packs: &app.setup.packs, pack: &app.setup.pack, settings: &app.setup.settings, city, now: app.now() }
}

/// How an appeal stands, in words.
pub(super) fn appeal_told(app: &App, open: &Open, appeal: &AppealTold) -> Told {
    let at = |moment| clock(app, open.lang, moment);
    let mut lines = vec![open.w.get("appeal-filed-at", &[("at", at(appeal.filed_at).into())])];
    let tone = match (appeal.state, appeal.due_at < app.now()) {
        (AppealState::Open, false) => {
            lines.push(open.w.get("appeal-due", &[("at", at(appeal.due_at).into())]));
            ""
        }
        (AppealState::Open, true) => {
            lines.push(open.w.get("appeal-late", &[("at", at(appeal.due_at).into())]));
            "warn"
        }
        (AppealState::Upheld, _) => "good",
        (AppealState::Dismissed, _) => "bad",
    };
    if let (AppealState::Open, Some(since)) = (appeal.state, appeal.suspended_at) {
        lines.push(open.w.get("appeal-suspended", &[("at", at(since).into())]));
    }
    if let Some(decided) = appeal.decided_at {
        lines.push(open.w.get("appeal-decided-at", &[("at", at(decided).into())]));
    }
    lines.extend(appeal.decision.clone());
    Told { number: appeal.id.clone(), tone, word: open.w.given("ruling", appeal.state.name()), lines }
}

impl PaperPage {
    fn blank(open: Open, appeals: bool) -> PaperPage {
        PaperPage {
            open: open.titled(if appeals { "appeal-title" } else { "paper-title" }),
            code: String::new(),
            words: String::new(),
            wrong: Vec::new(),
            appeals,
            taken: None,
            paper: None,
            told: Vec::new(),
            ride: Vec::new(),
            may: false,
        }
    }

    fn is_wrong(&self, field: &str) -> Option<&Wrong> {
        self.wrong.iter().find(|wrong| wrong.field == field)
    }
}

/// `GET /public/paper`.
pub async fn blank(open: Open) -> Result<Response, Problem> {
    frame::render(&PaperPage::blank(open, false))
}

/// `GET /public/appeal`.
pub async fn appeal_blank(open: Open) -> Result<Response, Problem> {
    frame::render(&PaperPage::blank(open, true))
}

/// `POST /public/paper`.
pub async fn read(State(app): State<Arc<App>>, open: Open, Form(sent): Sent) -> Result<Response, Problem> {
    shown(&app, PaperPage::blank(open, false), &sent).await
}

/// `POST /public/appeal`.
pub async fn appeal(State(app): State<Arc<App>>, open: Open, Form(sent): Sent) -> Result<Response, Problem> {
    shown(&app, PaperPage::blank(open, true), &sent).await
}

async fn shown(app: &Arc<App>, mut page: PaperPage, sent: &[(String, String)]) -> Result<Response, Problem> {
    let city = app.own_scope();
    let counter = counter(app, &city);
    page.words = field_of(sent, "words").to_owned();
    let number = app.setup.keys.notice_of_code(field_of(sent, "code"));
    let paper = match number {
        Some(number) => bearer::open(app.store(), &counter, number).await?,
        None => None,
    };
    let Some(paper) = paper else {
        page.wrong.push(Wrong { field: "code", say: page.open.say("paper-none") });
        return Ok((StatusCode::NOT_FOUND, frame::render(&page)?).into_response());
    };
    let mut status = StatusCode::OK;
    if page.appeals {
        match bearer::appeal(app.store(), &counter, &paper, &page.words).await {
            Ok(number) => page.taken = Some(number),
            Err(DeskError::Refused(refusal)) => {
                let say = refused(&page.open, &refusal);
                page.wrong.push(Wrong { field: "words", say });
                status = StatusCode::UNPROCESSABLE_ENTITY;
            }
            Err(error) => return Err(error.into()),
        }
    }
    let mut tx = app.store().look(&city).await?;
    let appeals = bearer::appeals(&mut tx, &paper).await?;
    let ride = bearer::ride(&mut tx, &paper).await?;
    drop(tx);
    page.code = app.setup.keys.notice_code(paper.notice.no);
    page.may = !appeals.iter().any(|appeal| appeal.state == AppealState::Open)
        && paper.order.as_ref().is_none_or(|order| order.ended_on.is_none())
        && paper.area.as_ref().is_none_or(|area| area.released_on.is_none());
    page.ride = ride.map(|ride| ride_told(app, &page.open, &ride)).unwrap_or_default();
    page.told = appeals.iter().map(|appeal| appeal_told(app, &page.open, appeal)).collect();
    // whoever has the paper has the name on it already; on a page that may be read over a shoulder it does not stand
    let said = notices::paper(app, &paper, false).map(|notice| told(page.open.lang, &notice, app.office())).transpose();
    page.paper = said.map_err(Problem::inside)?;
    let page = frame::render(&page)?;
    Ok(if status == StatusCode::OK { page } else { (status, page).into_response() })
}

/// What somebody is told of their ride: when, where, what to bring, whom to call.
fn ride_told(app: &App, open: &Open, ride: &bearer::Ride) -> Vec<String> {
    let at = |moment: Option<Instant>| moment.map(|at| clock(app, open.lang, at)).unwrap_or_default();
    let place = ride.place.clone().unwrap_or_default();
    let key = match ride.stands {
        "requested" => "ride-told-requested",
        "booked" => "ride-told-booked",
        "underway" => "ride-told-underway",
        "admitted" => "ride-told-admitted",
        "home-requested" => "ride-told-home-requested",
        "home-booked" => "ride-told-home-booked",
        "home-underway" => "ride-told-home-underway",
        _ => "ride-told-home-now",
    };
    let said = open.w.get(
        key,
        &[
            ("place", place.into()),
            ("pickup", at(ride.pickup_at).into()),
            ("there", at(ride.arrive_at).into()),
            ("since", at(ride.admitted_at).into()),
        ],
    );
    let mut told = vec![said];
    if matches!(ride.stands, "requested" | "booked") {
        told.push(open.say("ride-told-bring"));
    }
    told.push(open.say("ride-told-call"));
    told
}

/// Why an appeal was not taken.
pub(super) fn refused(open: &Open, refusal: &Refusal) -> String {
    match refusal {
        Refusal::State { is, .. } if is == "ended" => open.say("appeal-over"),
        Refusal::State { .. } => open.say("appeal-already"),
        _ => open.say("appeal-words-wrong"),
    }
}

#[derive(Template)]
#[template(path = "public/appealed.html")]
struct AppealedPage {
    open: Open,
    number: String,
    secret: String,
}

/// `POST /public/areas/appeal`: against an area that was found by its place; no paper is needed.
pub async fn against_area(State(app): State<Arc<App>>, open: Open, Form(sent): Sent) -> Result<Response, Problem> {
    let city = app.own_scope();
    let counter = counter(&app, &city);
    let mut chance = [0; SECRET_BYTES];
    app.setup.chance.fill(&mut chance).map_err(Problem::inside)?;
    let (area, words) = (field_of(&sent, "area"), field_of(&sent, "words"));
    match bearer::appeal_against_area(app.store(), &counter, area, words, chance).await {
        Ok(Some((number, secret))) => {
            let page = AppealedPage { open: open.titled("appeal-title"), number, secret: grouped(&secret) };
            frame::render(&page)
        }
        Ok(None) => Err(Problem::unknown()),
        Err(DeskError::Refused(refusal)) => {
            let mut page = PaperPage::blank(open, true);
            page.words = words.to_owned();
            let say = refused(&page.open, &refusal);
            page.wrong.push(Wrong { field: "words", say });
            Ok((StatusCode::UNPROCESSABLE_ENTITY, frame::render(&page)?).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

#[derive(Template)]
#[template(path = "public/appeal.html")]
struct AppealPage {
    open: Open,
    told: Told,
}

/// The page of an appeal that was found by its secret.
pub(super) fn followed(app: &App, open: Open, appeal: &AppealTold) -> Result<Response, Problem> {
    let told = appeal_told(app, &open, appeal);
    frame::render(&AppealPage { open: open.titled("public-follow"), told })
}
