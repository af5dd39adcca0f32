//! The page of a case: what is known, who lives with the person, what was observed and decided and why, whom the case
//! exposed, and what is still open.

use super::{
    acts::{Act, acts},
    course::{self, Course, ROWS_READ},
    frame::{Frame, Visit, render},
    household::Household,
    lanes::{self, DayLane, Event},
    list::Table,
    reading::{Reading, text},
    record::{self, Fact},
    show,
};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use dayclear_core::listing::{CASES, CONTACTS, Cell, ITEMS, NOTICES, ORDERS, PEOPLE, RELEASES, TRANSFERS};
use std::sync::Arc;

/// A part of the page that is a table: id of the heading, heading, rows.
pub struct Part {
    /// Id of the heading.
    pub id: &'static str,
    /// Heading.
    pub word: String,
    /// Rows.
    pub table: Table,
    /// The whole list.
    pub path: String,
}

#[derive(Template)]
#[template(path = "case.html")]
struct CasePage {
    frame: Frame,
    facts: Vec<Fact>,
    glass: Option<String>,
    home: Option<Household>,
    days: Vec<DayLane>,
    parts: Vec<Part>,
    events: Vec<Event>,
    acts: Vec<Act>,
    path: String,
}

/// `GET /cases/KEY`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    let frame = &visit.frame;
    let mut reading = Reading::begin(&app, &visit).await?;
    let case = reading.record(&CASES, &key).await?.ok_or_else(Problem::unknown)?;
    let person_id = text(&CASES, &case, "person").to_owned();
    let mut course = Course::read(&mut reading, &person_id, text(&CASES, &case, "tube")).await?;
    if course.cases.is_empty() {
        course.cases.push(case.clone());
    }
    let person = reading.beside(&PEOPLE, &person_id).await?;
    let home = match &person {
        Some(person) => course::household(&app, frame, &mut reading, person).await?,
        None => None,
    };
    let mut entries = course.entries(&app, frame);
    entries.extend(course::areas(frame, &mut reading, &key, text(&CASES, &case, "division")).await?);
    let days = lanes::lanes(&app, frame, entries);
    let asked = show::part(&key);
    let mut parts = Vec::new();
    let items = reading.rows(&ITEMS, &[("subject", &key)], ROWS_READ).await?.rows;
    let (open, closed): (Vec<_>, Vec<_>) =
        items.into_iter().partition(|row| *row.get(&ITEMS, "open") == Cell::Truth(true));
    let part = |id, word: String, table: Table, path: String| Part { id, word, table, path };
    let items: Vec<_> = open.into_iter().chain(closed).collect();
    if !items.is_empty() {
        let table = reading.table(&visit, &ITEMS, &items, &["subject", "division"]);
        parts.push(part("items", frame.say("case-items"), table, format!("/items?subject={asked}")));
    }
    let contacts = reading.rows(&CONTACTS, &[("case_id", &key)], ROWS_READ).await?.rows;
    if !contacts.is_empty() {
        let table = reading.table(&visit, &CONTACTS, &contacts, &["case_id"]);
        parts.push(part("contacts", frame.say("case-contacts"), table, format!("/contacts?case_id={asked}")));
    }
    let releases = reading.rows(&RELEASES, &[("case_id", &key)], ROWS_READ).await?.rows;
    if !releases.is_empty() {
        let table = reading.table(&visit, &RELEASES, &releases, &["case_id", "person"]);
        parts.push(part("releases", frame.say("case-releases"), table, format!("/releases?case_id={asked}")));
    }
    let of_person = |list: &str| format!("/{list}?person={}", show::part(&person_id));
    if !course.orders.is_empty() {
        let table = reading.table(&visit, &ORDERS, &course.orders, &["name", "division"]);
        parts.push(part("orders", frame.say("list-orders"), table, of_person("orders")));
    }
    if !person_id.is_empty() && !person_id.contains(',') {
        let papers = reading.rows(&NOTICES, &[("person", &person_id)], ROWS_READ).await?.rows;
        if !papers.is_empty() {
            let table = reading.table(&visit, &NOTICES, &papers, &["name", "division"]);
            parts.push(part("notices", frame.say("list-notices"), table, of_person("notices")));
        }
    }
    if !course.transfers.is_empty() {
        let table = reading.table(&visit, &TRANSFERS, &course.transfers, &["name"]);
        parts.push(part("transfers", frame.say("list-transfers"), table, of_person("transfers")));
    }
    let events = lanes::history(&app, frame, &mut reading, &[&key]).await?;
    reading.finish().await?;
    let glass = super::person::glass_path(&visit, &person_id);
    let facts = record::facts(&app, frame, &CASES, &case);
    let steps = [(frame.say("list-cases"), "/cases?open=true")];
    let title = format!("{} {key}", frame.say("field-case_id"));
    // a case that has ended has nothing left to be withdrawn
    let open = *case.get(&CASES, "open") == Cell::Truth(true);
    let acts = if open { acts(&visit, &CASES) } else { Vec::new() };
    let path = format!("/cases/{}", show::part(&key));
    let frame = visit.frame.titled(title, &steps);
    render(&CasePage { facts, glass, home, days, parts, events, acts, path, frame })
}
