//! Asking for help and following it. Whoever asks gets a number and a secret, once; only the secret finds the request
//! again, and it is sent, never part of an address. An emergency is told the number to call before anything else.

use super::{Open, Sent, Wrong, clock, field::take_request, field_of, frame, papers};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use dayclear_core::{
    divisions::DivisionCode,
    listing::{DIVISIONS, Query},
    urgent::{Step as Word, TICKETED},
    welfare::RequestKind,
};
use dayclear_ops::{
    bearer,
    desk::{DeskError, Refusal},
    public,
};
use std::sync::Arc;

struct Kind {
    value: &'static str,
    word: String,
    chosen: bool,
}

/// A place to choose: code, name, whether it is chosen.
pub(super) type Place = (String, String, bool);

#[derive(Template)]
#[template(path = "public/request.html")]
struct RequestPage {
    open: Open,
    kinds: Vec<Kind>,
    districts: Vec<Place>,
    streets: Vec<Place>,
    place: String,
    text: String,
    contact: String,
    wrong: Vec<Wrong>,
}

impl RequestPage {
    fn is_wrong(&self, field: &str) -> Option<&Wrong> {
        self.wrong.iter().find(|wrong| wrong.field == field)
    }
}

/// Divisions of some lengths of code within a place.
pub(super) async fn places(
    app: &App,
    open: &Open,
    within: &str,
    level: &str,
    chosen: &str,
) -> Result<Vec<Place>, Problem> {
    let tests = [("code", within), ("level", level), ("limit", "500")];
    let query = Query::read(&DIVISIONS, tests, app.zone())?;
    let mut tx = app.store().look(&app.own_scope()).await?;
    let page = tx.list(&DIVISIONS, &query).await?;
    let codes = page.rows.iter().filter_map(|row| row.get(&DIVISIONS, "code").as_str());
    Ok(codes.map(|code| (code.to_owned(), app.place_name(code, open.lang), code == chosen)).collect())
}

async fn form(app: &App, open: Open, sent: &[(String, String)], wrong: Vec<Wrong>) -> Result<Response, Problem> {
    let value = |name: &str| field_of(sent, name);
    let place = value("place");
    let district = place.get(..6).unwrap_or_default();
    let districts = places(app, &open, app.setup.city.as_str(), "district,reporting_unit", district).await?;
    // without script the second list comes with the second look at the page
    let streets = match district {
        "" => Vec::new(),
        district => places(app, &open, district, "township,community", place).await?,
    };
    let refused = !wrong.is_empty();
    let page = RequestPage {
        kinds: RequestKind::ALL
            .iter()
            .map(|kind| Kind { value: kind.name(), word: open.w.term(*kind), chosen: value("kind") == kind.name() })
            .collect(),
        districts,
        streets,
        place: place.to_owned(),
        text: value("text").to_owned(),
        contact: value("contact").to_owned(),
        wrong,
        open: open.titled("public-request"),
    };
    let page = frame::render(&page)?;
    Ok(if refused { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() } else { page })
}

/// `GET /public/request`.
pub async fn blank(State(app): State<Arc<App>>, open: Open) -> Result<Response, Problem> {
    form(&app, open, &[], Vec::new()).await
}

#[derive(Template)]
#[template(path = "public/made.html")]
struct MadePage {
    open: Open,
    number: String,
    secret: String,
    emergency: bool,
}

/// What somebody is told whose request was taken: its number, and its secret this once.
pub(super) fn made(open: Open, (number, secret): (String, String), emergency: bool) -> Result<Response, Problem> {
    frame::render(&MadePage { open: open.titled("public-made"), number, secret: grouped(&secret), emergency })
}

/// The secret in groups of four, as it is told.
pub(super) fn grouped(secret: &str) -> String {
    let chars: Vec<char> = secret.to_uppercase().chars().collect();
    chars.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// `POST /public/request`.
pub async fn make(State(app): State<Arc<App>>, open: Open, Form(sent): Sent) -> Result<Response, Problem> {
    let mut wrong = Vec::new();
    let kind = field_of(&sent, "kind").parse::<RequestKind>();
    if kind.is_err() {
        wrong.push(Wrong { field: "kind", say: open.say("public-wrong-kind") });
    }
    let division = field_of(&sent, "place").parse::<DivisionCode>();
    if division.is_err() {
        wrong.push(Wrong { field: "place", say: open.say("public-wrong-place") });
    }
    let (Ok(kind), Ok(division)) = (kind, division) else { return form(&app, open, &sent, wrong).await };
    let contact = Some(field_of(&sent, "contact")).filter(|contact| !contact.is_empty());
    match take_request(&app, kind, &division, field_of(&sent, "text"), contact).await {
        Ok(numbered) => made(open, numbered, TICKETED.contains(&kind)),
        Err(DeskError::Refused(Refusal::Invalid(faults))) => {
            let field = match faults.first().map(|fault| fault.field.as_str()) {
                Some("text") => "text",
                Some("contact") => "contact",
                _ => "place",
            };
            let say = match field {
                "place" => open.say("public-wrong-place"),
                _ => open.say("public-wrong-long"),
            };
            form(&app, open, &sent, vec![Wrong { field, say }]).await
        }
        Err(error) => Err(error.into()),
    }
}

struct Step {
    state: &'static str,
    word: String,
    said: String,
}

#[derive(Template)]
#[template(path = "public/follow.html")]
struct FollowPage {
    open: Open,
    wrong: bool,
    found: Option<(String, String, Vec<Step>)>,
}

/// `GET /public/follow`.
pub async fn follow_blank(open: Open) -> Result<Response, Problem> {
    frame::render(&FollowPage { open: open.titled("public-follow"), wrong: false, found: None })
}

/// `POST /public/follow`.
pub async fn follow(State(app): State<Arc<App>>, open: Open, Form(sent): Sent) -> Result<Response, Problem> {
    let secret: String = field_of(&sent, "secret").chars().filter(|c| c.is_ascii_alphanumeric()).take(64).collect();
    let mut tx = app.store().look(&app.own_scope()).await?;
    let found = public::follow(&mut tx, &secret).await?;
    let appeal = match &found {
        None => bearer::follow(&mut tx, &secret).await?,
        Some(_) => None,
    };
    drop(tx);
    if let Some(appeal) = appeal {
        return papers::followed(&app, open, &appeal);
    }
    let Some(found) = found else {
        let page = frame::render(&FollowPage { open: open.titled("public-follow"), wrong: true, found: None })?;
        return Ok((StatusCode::NOT_FOUND, page).into_response());
    };
    let at = |moment| clock(&app, open.lang, moment);
    let answered = found.answered_at.is_some();
    let step = |state, key: &str, said: String| Step { state, word: open.say(key), said };
    let mut steps = vec![step("done", "public-step-received", at(found.received_at))];
    if TICKETED.contains(&found.kind) && !matches!(found.ended, Some(Word::Confirmed)) {
        steps.push(match (found.decided_at, found.ended) {
            (Some(moment), _) => step("done", "public-step-decided", at(moment)),
            (None, Some(_)) => step("done", "public-step-undecided", String::new()),
            (None, None) => step("now", "public-step-undecided", open.say("public-emergency-minute")),
        });
    }
    let begun = found.taken || found.told || answered;
    let taken = match (begun, answered) {
        (true, true) => "done",
        (true, false) => "now",
        _ => "later",
    };
    steps.push(step(taken, if begun { "public-step-taken" } else { "public-step-waits" }, String::new()));
    if found.told && !answered {
        steps.push(step("now", "public-step-told", open.say("public-step-told-said")));
    }
    steps.push(match (found.answered_at, found.due_at) {
        (Some(moment), _) if found.ended == Some(Word::Helped) => step("done", "public-step-helped", at(moment)),
        (Some(moment), _) if found.ended == Some(Word::StoodDown) => step("done", "public-step-stood_down", at(moment)),
        (Some(moment), _) => step("done", "public-step-answered", at(moment)),
        (None, Some(due)) if due < app.now() => {
            let said = open.w.get("public-step-late", &[("at", at(due).into())]);
            step("later", "public-step-answer", said)
        }
        (None, Some(due)) => {
            let said = open.w.get("public-step-due", &[("at", at(due).into())]);
            step("later", "public-step-answer", said)
        }
        (None, None) => step("later", "public-step-answer", String::new()),
    });
    let kind = open.w.term(found.kind);
    let page =
        FollowPage { open: open.titled("public-follow"), wrong: false, found: Some((found.request, kind, steps)) };
    frame::render(&page)
}
