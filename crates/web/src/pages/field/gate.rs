//! The page of an entry gate, made for a phone that is old: who came, by hand; the book of each gate on the day; and those who owe the test
//! on landing where they stay, with what is said of each in one tap. Every form is a row of `arrivals`, taken by the intake of files and API.

use super::{
    evidence::{self, Entry, Taken},
    form::Sent,
    frame::{Visit, moment, render},
    rows::{self, Of},
};
use crate::{
    app::App,
    problem::Problem,
    routing::{get, post},
};
use askama::Template;
use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use dayclear_core::{
    evidence::Evidence,
    gates::GateWord,
    listing::{GATE_DAYS, LANDINGS},
    schema::ARRIVALS,
};
use std::sync::Arc;

/// Route of the page.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/gate", get(page).merge(post(sent)))
}

/// A gate on the day.
struct Book {
    name: String,
    kind: String,
    /// In the order of [`NUMBERS`].
    numbers: [String; 7],
}

/// Figures of a book that are shown.
const NUMBERS: [&str; 7] = ["on_manifest", "came", "missing", "expected_people", "extra", "tested", "owing"];

/// Somebody who owes the test.
struct Owes {
    gate: String,
    day: String,
    ticket: String,
    name: String,
    phone: String,
    place: String,
    due: String,
    late: bool,
    calls: String,
}

#[derive(Template)]
#[template(path = "gate.html")]
struct GatePage {
    frame: crate::pages::frame::Frame,
    today: String,
    gates: Vec<(String, String)>,
    /// What can be said at the gate, and of somebody who owes.
    words: Vec<(&'static str, String)>,
    taps: Vec<(&'static str, String)>,
    columns: Vec<String>,
    books: Vec<Book>,
    owing: Vec<Owes>,
    more: bool,
    entry: Entry,
    faults: Vec<String>,
    gives: bool,
}

async fn shown(app: &App, visit: Visit, entry: Entry) -> Result<Response, Problem> {
    if !LANDINGS.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let role = visit.caller.looker.duty.role;
    let frame = &visit.frame;
    let today = app.zone().day(app.now()).to_string();
    let mut look = rows::look(app, &visit).await?;
    let days = look.all(&GATE_DAYS, &[("day", today.as_str()), ("limit", "100")]).await?;
    let (owing, next) = look.page(&LANDINGS, &[("state", "owes"), ("limit", "100")]).await?.unwrap_or_default();
    let gates = look.gates().await?;
    look.finish().await?;
    let number = |of: &Of<'_>, name: &str| frame.lang.number(of.whole(name).unwrap_or_default().unsigned_abs());
    let books = days.iter().map(|row| {
        let of = Of { listing: &GATE_DAYS, row };
        Book {
            name: of.text("name").unwrap_or_default().to_owned(),
            kind: frame.w.given("gate", of.text("kind").unwrap_or_default()),
            numbers: NUMBERS.map(|name| number(&of, name)),
        }
    });
    let owing = owing.iter().map(|row| {
        let of = Of { listing: &LANDINGS, row };
        let text = |name: &str| of.text(name).unwrap_or_default().to_owned();
        Owes {
            gate: text("gate"),
            day: row.get(&LANDINGS, "day").text(app.zone()),
            ticket: text("ticket_no"),
            name: text("name"),
            phone: text("phone"),
            place: app.place_name(of.text("division").unwrap_or_default(), frame.lang),
            due: of.moment("due_at").map(|at| moment(app, frame.lang, at)).unwrap_or_default(),
            late: row.get(&LANDINGS, "late") == &dayclear_core::listing::Cell::Truth(true),
            calls: number(&of, "calls"),
        }
    });
    let said = |words: &[GateWord]| words.iter().map(|word| (word.name(), frame.w.term(*word))).collect::<Vec<_>>();
    let refused = entry.refused();
    let page = GatePage {
        gives: Evidence::named("arrivals").is_some_and(|evidence| evidence.roles.contains(&role)),
        words: said(&[GateWord::Arrived, GateWord::Tested, GateWord::Refused, GateWord::Absent]),
        taps: said(&[GateWord::Called, GateWord::NoAnswer, GateWord::Tested, GateWord::Refused]),
        columns: NUMBERS.iter().map(|name| frame.say(&format!("field-{name}"))).collect(),
        books: books.collect(),
        owing: owing.collect(),
        more: next.is_some(),
        faults: entry
            .faults
            .iter()
            .map(|fault| format!("{}: {} — {}", fault.field, fault.expected, fault.remedy))
            .collect(),
        entry,
        gates,
        today,
        frame: {
            let title = visit.frame.say("gate-title");
            visit.frame.titled(title, &[])
        },
    };
    evidence::answered(render(&page)?, refused)
}

async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    shown(&app, visit, Entry::default()).await
}

async fn sent(State(app): State<Arc<App>>, sent: Sent) -> Result<Response, Problem> {
    let mut given = sent.given("arrival:");
    given.retain(|_, value| !value.trim().is_empty());
    given.insert("at".to_owned(), app.zone().text(app.now()));
    given.insert("said_by".to_owned(), sent.visit.caller.name.clone());
    match evidence::take(&app, &sent, &ARRIVALS, vec![given.clone()]).await? {
        Taken::Done(_) => Ok(Redirect::to("/gate").into_response()),
        refused => shown(&app, sent.visit, Entry::of(given, refused)).await,
    }
}
