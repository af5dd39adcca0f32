//! Letters of assistance: the books above their list, the page of one with the people in it and what can be done, and the letter or our
//! answer as it is printed. Rows are those of the lists, so nobody sees here whom they may not see there.

use super::{
    acts::{Act, acts},
    evidence::{self, Entry, Taken},
    form::Sent,
    frame::{Frame, Visit, moment, render},
    record::{self, Fact},
    rows::{self, Of},
    show,
    table::{self, Table},
};
use crate::{
    app::App,
    kept::Figures,
    pages::printed::printed_page,
    problem::Problem,
    routing::{get, post},
};
use askama::Template;
use axum::{
    Router,
    extract::{Path, Query as Parameters, State},
    response::{IntoResponse, Redirect, Response},
};
use dayclear_core::{
    books::Worklist,
    command::givers,
    letters::{LetterBook, LetterKind, LetterPerson},
    listing::{Cell, LETTER_PEOPLE, LETTERS, ROWS_MAX, Row},
    schema::{ASSISTANCE, Kind},
    time::Instant,
};
use dayclear_ops::{OpsError, day::pack_for};
use dayclear_papers::{Lang, letters as paper};
use dayclear_store::Scoped;
use std::{collections::BTreeMap, sync::Arc};

/// What is done with a letter of ours, and with one to us.
const OURS: &[&str] = &["send", "drop", "answer", "settle", "forward"];
const THEIRS: &[&str] = &["answered", "match", "tell"];

/// Where somebody in a letter of another jurisdiction is written down.
pub const RECEIVED: &str = "/letters/received";

/// Routes below `/letters`; the list itself is that of every list.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route(RECEIVED, get(blank).merge(post(received)))
        .route("/letters/{key}", get(page))
        .route("/letters/{key}/paper", get(printed))
}

/// What the books of the letters of a division add up to.
impl Figures for BTreeMap<LetterKind, LetterBook> {
    async fn count(tx: &mut Scoped, _: &App, _: Instant) -> Result<Self, OpsError> {
        Ok(tx.letter_books().await?)
    }
}

/// The books of the letters of the duty's division, one line for each direction, with the moment they are of. Whoever is responsible for
/// some cases alone has the book of each letter on its page.
pub async fn books(app: &App, visit: &Visit) -> Result<Vec<String>, Problem> {
    if visit.caller.looker.duty.role.assigned_only() {
        return Ok(Vec::new());
    }
    let frame = &visit.frame;
    let (at, books) = app.letter_books.of(app, &visit.caller).await?;
    let mut lines: Vec<String> = books.iter().map(|(kind, book)| line(frame, *kind, book)).collect();
    if let Some(last) = lines.last_mut() {
        *last = format!("{last} ({})", moment(app, frame.lang, at));
    }
    Ok(lines)
}

fn line(frame: &Frame, kind: LetterKind, book: &LetterBook) -> String {
    let key = match kind {
        LetterKind::Out => "letters-book-out",
        LetterKind::In => "letters-book-in",
    };
    paper::book(frame.w, key, book)
}

fn kind_of(row: &Row) -> Result<LetterKind, Problem> {
    let of = Of { listing: &LETTERS, row };
    of.text("kind").unwrap_or_default().parse().map_err(Problem::inside)
}

fn book_of(row: &Row) -> LetterBook {
    let of = Of { listing: &LETTERS, row };
    let n = |name: &str| of.whole(name).unwrap_or_default();
    LetterBook {
        people: n("people"),
        found: n("answered_found"),
        not_found: n("answered_not_found"),
        elsewhere: n("answered_elsewhere"),
        refused: n("answered_refused"),
        open: n("unanswered"),
    }
}

/// A field of the form by which a letter of another jurisdiction is written down.
struct Blank {
    name: &'static str,
    word: String,
    required: bool,
    input: &'static str,
    max: usize,
    terms: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "letter-received.html")]
struct ReceivedPage {
    frame: Frame,
    to: &'static str,
    fields: Vec<Blank>,
    entry: Entry,
    faults: Vec<String>,
}

/// Whether a duty may write letters of others down.
pub fn may_receive(visit: &Visit) -> bool {
    givers(ASSISTANCE.name).is_some_and(|roles| roles.contains(&visit.caller.looker.duty.role))
}

fn form(app: &App, visit: Visit, entry: Entry) -> Result<Response, Problem> {
    if !may_receive(&visit) {
        return Err(Problem::unknown());
    }
    let frame = &visit.frame;
    let fields = ASSISTANCE.columns.iter().map(|column| Blank {
        name: column.name,
        word: frame.say(&format!("field-{}", column.name)),
        required: column.required,
        input: if column.kind == Kind::Day { "date" } else { "text" },
        max: if let Kind::Text(max) = column.kind { max } else { 64 },
        terms: match column.kind {
            Kind::OneOf(terms) => terms.iter().map(|term| (*term, frame.w.given("contact", term))).collect(),
            _ => Vec::new(),
        },
    });
    let fields = fields.collect();
    let said =
        |fault: &dayclear_ops::desk::FieldFault| format!("{}: {} — {}", fault.field, fault.expected, fault.remedy);
    let faults: Vec<String> = entry.faults.iter().map(said).collect();
    let refused = entry.refused();
    let entry = match refused {
        true => entry,
        false => {
            let own = visit.caller.looker.duty.division.as_str().to_owned();
            let known = [("received_at".to_owned(), app.zone().text(app.now())), ("division".to_owned(), own)];
            Entry::of(known.into(), Taken::Refused(Vec::new()))
        }
    };
    let (title, above) = (frame.say("letters-receive"), frame.say("list-letters"));
    let page =
        ReceivedPage { to: RECEIVED, fields, entry, faults, frame: visit.frame.titled(title, &[(above, "/letters")]) };
    evidence::answered(render(&page)?, refused)
}

/// `GET /letters/received`.
async fn blank(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    form(&app, visit, Entry::default())
}

/// `POST /letters/received`: a row like any other; the page of its letter follows.
async fn received(State(app): State<Arc<App>>, sent: Sent) -> Result<Response, Problem> {
    let mut given = sent.given("assistance:");
    given.retain(|_, value| !value.trim().is_empty());
    match evidence::take(&app, &sent, &ASSISTANCE, vec![given.clone()]).await? {
        Taken::Done(_) => {
            let letter = given.get("letter").map(|letter| show::part(letter.trim())).unwrap_or_default();
            Ok(Redirect::to(&format!("/letters/{letter}")).into_response())
        }
        refused => form(&app, sent.visit, Entry::of(given, refused)),
    }
}

#[derive(Template)]
#[template(path = "letter.html")]
struct LetterPage {
    frame: Frame,
    path: String,
    facts: Vec<Fact>,
    acts: Vec<Act>,
    book: String,
    late: bool,
    table: Table,
    people_acts: Vec<Act>,
    print: String,
}

/// A letter and the people in it, as the duty sees them.
async fn read(app: &App, visit: &Visit, key: &str) -> Result<(Row, Vec<Row>), Problem> {
    let mut look = rows::look(app, visit).await?;
    let letter = look.one(&LETTERS, key).await?;
    let limit = ROWS_MAX.to_string();
    let people = look.all(&LETTER_PEOPLE, &[("letter", key), ("limit", &limit)]).await?;
    look.finish().await?;
    Ok((letter, people))
}

/// `GET /letters/KEY`.
async fn page(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    let (letter, people) = read(&app, &visit, &key).await?;
    let kind = kind_of(&letter)?;
    let verbs = if kind == LetterKind::Out { OURS } else { THEIRS };
    let fitting = |acts: Vec<Act>| acts.into_iter().filter(|act| verbs.contains(&act.verb)).collect::<Vec<Act>>();
    let people_acts = fitting(acts(&visit, &LETTER_PEOPLE));
    let fields = table::shown_fields(&visit, &LETTER_PEOPLE, &["side", "division"]);
    let mut table = table::table(&app, &visit, &LETTER_PEOPLE, &fields, &people, !people_acts.is_empty());
    table.caption = visit.frame.say("letters-people");
    let path = format!("/letters/{}", show::part(&key));
    let mut facts = record::facts(&app, &visit.frame, &LETTERS, &letter);
    facts.retain(|fact| !fact.value.is("unknown"));
    let (name, above) = (visit.frame.say("letter-title"), visit.frame.say("list-letters"));
    let page = LetterPage {
        facts,
        acts: fitting(acts(&visit, &LETTERS)),
        book: line(&visit.frame, kind, &book_of(&letter)),
        late: letter.get(&LETTERS, "late") == &Cell::Truth(true),
        print: format!("{path}/paper"),
        table,
        people_acts,
        path,
        frame: visit.frame.titled(format!("{name}: {key}"), &[(above, "/letters")]),
    };
    render(&page)
}

/// `GET /letters/KEY/paper?lang=`: our letter, or our answer to theirs, as it is printed.
async fn printed(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(key): Path<String>,
    Parameters(given): Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let (row, people) = read(&app, &visit, &key).await?;
    let of = Of { listing: &LETTERS, row: &row };
    let kind = kind_of(&row)?;
    let tag = given.iter().find(|(name, _)| name == "lang");
    let lang: Lang = tag.and_then(|(_, tag)| tag.parse().ok()).unwrap_or(visit.frame.lang);
    let pack = pack_for(&app.setup.packs, &app.setup.pack, app.zone().day(app.now()))?;
    let minutes = pack.deadline_minutes(Worklist::Letters).map(|limit| limit.value).unwrap_or_default();
    let division = of.text("division").unwrap_or_default();
    // the district writes, whichever of its communities the case lives in
    let district = app.place_name(division.get(..6).unwrap_or(division), lang);
    let people: Result<Vec<paper::Person>, Problem> = people.iter().map(|row| person(kind, row)).collect();
    let mut people = people?;
    people.sort_by(|a, b| (a.entry.len(), &a.entry).cmp(&(b.entry.len(), &b.entry)));
    let letter = paper::Letter {
        id: key.clone(),
        kind,
        side: match (of.text("side"), of.text("side_code")) {
            (Some(side), Some(code)) => format!("{side} ({code})"),
            (side, _) => side.unwrap_or_default().to_owned(),
        },
        body: format!("{} · {district}", app.setup.settings.body),
        made_at: of.moment("made_at").ok_or_else(|| Problem::inside("a letter without the moment it was made"))?,
        sent_at: of.moment("sent_at"),
        due_at: of.moment("due_at"),
        hours: minutes / 60,
        disease: pack.disease.clone(),
        book: book_of(&row),
        people,
    };
    Ok(printed_page(paper::page(lang, &letter, app.office()).map_err(Problem::inside)?))
}

/// Somebody as they stand in the letter; what the reader may not see stands on no paper.
fn person(kind: LetterKind, row: &Row) -> Result<paper::Person, Problem> {
    let of = Of { listing: &LETTER_PEOPLE, row };
    let text = |name: &str| of.shown(name).unwrap_or_default().to_owned();
    let state: LetterPerson = text("state").parse().map_err(Problem::inside)?;
    let day = |name: &str| of.day(name).ok_or_else(|| Problem::inside(format!("{name} of somebody in a letter")));
    // where somebody lives instead is told; how anybody of ours was found is not
    let told = matches!(state, LetterPerson::Elsewhere | LetterPerson::Refused);
    Ok(paper::Person {
        entry: text("id").rsplit_once(':').map_or_else(String::new, |(_, entry)| entry.to_owned()),
        name: text("name"),
        phone: text("phone"),
        document: text("document"),
        address: text("address"),
        class: text("class").parse().map_err(Problem::inside)?,
        first: day("first_exposure")?,
        last: day("last_exposure")?,
        note: match kind {
            LetterKind::Out => text("note"),
            LetterKind::In if told => text("answered_by"),
            LetterKind::In => String::new(),
        },
        state,
        side_case: text("side_case"),
    })
}
