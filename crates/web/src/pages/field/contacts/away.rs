//! Interviews away from a network: an empty page for a telephone that opens without one, and what the telephone has to know of the cases
//! whose investigation is the account's own: whom to call, which days and questions, who is listed already. It is read like any list, through
//! the duty's jurisdiction and into the chain of reads. It guarantees that no roster comes along: whom one might have met is shown only
//! where somebody asks for it with a network.

use super::{
    super::super::{
        frame::{self, Frame, Visit, render, short_day},
        shell::{self, Said, Shell},
    },
    interview,
    rows::{self, Of},
    show,
};
use crate::{api::interviews::roles, app::App, caller::Caller, problem::Problem, routing::get};
use askama::Template;
use axum::{
    Json, Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use dayclear_core::{
    interview::Unheard,
    listing::{CASES, CONTACTS, ITEMS, Row},
    tracing::ContactClass,
};
use dayclear_ops::{
    day::pack_for,
    interview::{Sheet, questions},
    minutes::Day,
};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

static SHELL: Shell = Shell {
    path: "/interviews",
    name: "interviews",
    title: "nav-interviews",
    script: "interviews-",
    open_to: |role| roles().contains(&role),
};

/// Cases that a telephone takes along at most, those that are due first.
const CASES_MAX: usize = 30;

/// Routes of the page.
pub(super) fn routes() -> Router<Arc<App>> {
    SHELL.routes(get(page), get(here))
}

/// Words of the page by the name under which its script asks for them, with the values that it fills in.
const SAID: &[Said] = &[
    ("net-unknown", "site-net-unknown", &[]),
    ("net-online", "away-net-online", &[]),
    ("net-offline", "away-net-offline", &[]),
    ("net-left", "away-net-left", &[]),
    ("net-door", "site-net-door", &[]),
    ("net-denied", "away-net-denied", &[]),
    ("as-of", "away-as-of", &["at"]),
    ("open", "away-open", &["name"]),
    ("call", "trips-call", &["name"]),
    ("unsent", "away-unsent", &["count"]),
    ("told-unsent", "away-told-unsent", &["what"]),
    ("no-answer", "interview-no-answer", &[]),
    ("required", "interview-required", &[]),
    ("keep", "interview-send", &[]),
    ("kept", "away-kept", &["count", "name"]),
    ("nothing", "interview-one-remedy", &[]),
    ("days-said", "away-days-said", &[]),
    ("place", "field-place", &[]),
    ("from", "interview-from", &[]),
    ("to", "interview-to", &[]),
    ("setting", "field-setting", &[]),
    ("whom", "away-whom", &[]),
    ("questions", "interview-questions", &[]),
    ("days", "interview-days", &[]),
    ("class", "field-class", &[]),
    ("stay", "away-stay", &["day", "place", "from", "to"]),
    ("met", "away-met", &["who", "day"]),
    ("listed", "away-listed", &["count"]),
    ("kept-count", "away-kept-count", &["count"]),
    ("kept-foreign", "away-kept-foreign", &["count"]),
    ("right-told", "away-right-told", &["name", "what"]),
    ("right-again", "site-right-again", &[]),
    ("right-change", "site-right-correct", &[]),
    ("right-drop", "site-right-drop", &[]),
    ("right-drop-said", "away-right-drop-said", &[]),
    ("dropped", "away-dropped", &[]),
];

#[derive(Template)]
#[template(path = "interviews.html")]
struct AwayPage {
    frame: Frame,
    words: String,
}

async fn page(State(app): State<Arc<App>>, caller: Option<Caller>, request: Request) -> Result<Response, Problem> {
    let frame = SHELL.frame(&app, caller.as_ref(), request)?;
    render(&AwayPage { words: shell::words_with(frame.w, SAID, Unheard::ALL), frame })
}

/// What a telephone has to know: who is here, the word of the session, the server's time, and the interviews that are the account's.
async fn here(State(app): State<Arc<App>>, caller: Caller, request: Request) -> Result<Response, Problem> {
    SHELL.opens(caller.looker.duty.role)?;
    let (parts, _) = request.into_parts();
    // asked for by a script: whoever is signed out is told so, and led nowhere
    let visit = Visit { frame: frame::frame(&app, &parts, Some(&caller)), caller };
    let account = visit.caller.looker.account.to_string();
    let mut tx = rows::look(&app, &visit).await?;
    let own =
        [("worklist", "reach,facts,investigate"), ("open", "true"), ("assignee", account.as_str()), ("limit", "200")];
    let items = tx.all(&ITEMS, &own).await?;
    let mut due: Vec<_> = items
        .iter()
        .map(|row| Of { listing: &ITEMS, row })
        .filter_map(|of| Some((of.moment("due_at"), of.text("subject")?)))
        .collect();
    due.sort();
    let mut keys: Vec<(&str, Option<_>)> = Vec::new();
    for (at, key) in due {
        if keys.len() < CASES_MAX && keys.iter().all(|(known, _)| *known != key) {
            keys.push((key, at));
        }
    }
    let ids: Vec<&str> = keys.iter().map(|(key, _)| *key).collect();
    let cases = tx.by_key(&CASES, &ids).await?;
    let mut contacts: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
    for id in &ids {
        contacts.insert(id, tx.all(&CONTACTS, &[("case_id", id), ("limit", "500")]).await?);
    }
    let now = app.now();
    let pack = pack_for(&app.setup.packs, &app.setup.pack, app.zone().day(now))?;
    let day = Day::at(app.zone().day(now), None, now, pack, &app.setup.settings);
    let mut sheets = Vec::new();
    for case in tx.cases_by_id(&ids).await? {
        if let Some(sheet) = questions(&mut tx, &day, &case).await.map_err(Problem::inside)? {
            sheets.push((case.id, sheet));
        }
    }
    tx.finish().await?;
    let shown = keys.iter().filter_map(|(key, due)| {
        let case = Of { listing: &CASES, row: cases.get(*key)? };
        let (_, sheet) = sheets.iter().find(|(id, _)| id == key)?;
        let listed = contacts.get(key)?.iter().map(|row| Of { listing: &CONTACTS, row });
        let listed: Vec<&str> = listed.filter_map(|of| of.shown("name").or(of.text("person"))).collect();
        let due = due.map(|due| show::clock(&app, &visit.frame, due, None));
        let mut told = told(&app, &visit.frame, sheet);
        told["case"] = json!(key);
        told["name"] = json!(case.shown("name").unwrap_or(key));
        told["phone"] = json!(case.shown("phone").map(show::dialled));
        told["due"] = json!(due.as_ref().map(|due| &due.text));
        told["tone"] = json!(due.as_ref().map(|due| due.tone));
        told["listed"] = json!(listed);
        Some(told)
    });
    let shown: Vec<Value> = shown.collect();
    let classes: Vec<Value> =
        ContactClass::ALL.iter().map(|class| json!([class.name(), visit.frame.w.term(*class)])).collect();
    let caller = &visit.caller;
    Ok(Json(json!({
        "account": caller.looker.account, "login": caller.name, "word": caller.csrf, "server_ms": now.micros() / 1_000,
        "classes": classes, "cases": shown,
    }))
    .into_response())
}

/// Days and questions of a case, in the language of the page.
fn told(app: &App, frame: &Frame, sheet: &Sheet) -> Value {
    let day = |at: Option<&_>| at.map(|day| short_day(app, frame.lang, *day)).unwrap_or_default();
    let window = match sheet.days.is_empty() {
        true => frame.say("interview-no-window"),
        false => frame.w.get(
            "interview-window",
            &[("first", day(sheet.days.last()).into()), ("last", day(sheet.days.first()).into())],
        ),
    };
    let put = |one: interview::Put| {
        json!({"id": one.id, "version": one.version.to_string(), "kind": one.kind, "word": one.word, "required": one.required,
            "said": one.said, "options": one.options})
    };
    let parts: Vec<Value> = interview::parts(app, frame, sheet)
        .into_iter()
        .map(|part| json!({"word": part.word, "questions": part.questions.into_iter().map(put).collect::<Vec<_>>()}))
        .collect();
    let days: Vec<Value> = interview::days(app, frame, sheet)
        .into_iter()
        .map(|day| json!({"day": day.day, "word": day.word, "known": day.known}))
        .collect();
    json!({"window": window, "parts": parts, "days": days})
}
