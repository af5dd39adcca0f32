//! The page of a person: what is known, what was observed and decided, who lives with them; a form for the fields that may
//! be corrected, on the version that was seen, and the way to break the glass where the duty has one.

use super::{
    course::{self, Course},
    form::Sent,
    frame::{Frame, Visit, render},
    household::Household,
    lanes::{self, DayLane},
    list::{Act, Table, acts},
    reading::Reading,
    record::{self, Fact},
    show,
};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use dayclear_core::{
    access::{Class, Sight},
    listing::{CASES, CONTACTS, Cell, FOLLOW_UPS, FOLLOWED, LISTED, NOTICES, ORDERS, PEOPLE, STATEMENTS, TRANSFERS},
};
use std::sync::Arc;

/// Statements that a page shows, the latest first; the rest are in their list.
const STATEMENTS_SHOWN: usize = 10;

/// A table of the page.
pub type Part = super::case::Part;

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    frame: Frame,
    facts: Vec<Fact>,
    glass: Option<String>,
    edit: Option<super::edit::EditForm>,
    path: String,
    acts: Vec<Act>,
    home: Option<Household>,
    days: Vec<DayLane>,
    parts: Vec<Part>,
    /// Whether another one stands for this person, and the others who are the same one: id and page.
    merged: bool,
    others: Vec<(String, String)>,
}

/// Where the glass of a person can be broken: only by a duty that may, for somebody whom it does not see in full.
pub fn glass_path(visit: &Visit, person: &str) -> Option<String> {
    let looker = &visit.caller.looker;
    let hidden =
        [Class::Personal, Class::Sensitive].iter().any(|class| looker.shown(*class, Some(person)) != Sight::Plain);
    (looker.duty.role.may_break_glass() && hidden && !person.is_empty())
        .then(|| format!("/people/{}/glass", show::part(person)))
}

/// `GET /people/KEY`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    let frame = &visit.frame;
    let mut reading = Reading::begin(&app, &visit).await?;
    let person = reading.record(&PEOPLE, &key).await?.ok_or_else(Problem::unknown)?;
    // evidence of everybody who is the same person stands on one page, each row under the id it came with
    let same = reading.tx.same_people(&[&key]).await?;
    let seen = reading.tx.records(&PEOPLE, &same.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    let same: Vec<&str> = same.iter().map(String::as_str).filter(|id| *id == key || seen.contains_key(*id)).collect();
    let all = same.join(",");
    let course = Course::read(&mut reading, &all, "").await?;
    let home = course::household(&app, frame, &mut reading, &person).await?;
    let days = lanes::lanes(&app, frame, course.entries(&app, frame));
    let asked = show::part(&key);
    let whole = same.iter().map(|id| show::part(id)).collect::<Vec<_>>().join(",");
    let mut parts: Vec<Part> = Vec::new();
    let mut add = |id, word: &str, list: &str, table: Table| {
        if !table.lines.is_empty() {
            parts.push(Part { id, word: frame.say(word), table, path: format!("/{list}?person={whole}") });
        }
    };
    add("cases", "list-cases", "cases", reading.table(&visit, &CASES, &course.cases, &["name"]));
    add(
        "contacts",
        "person-contact-of",
        "contacts",
        reading.table(&visit, &CONTACTS, &course.contact_of, &["person", "name"]),
    );
    add("orders", "list-orders", "orders", reading.table(&visit, &ORDERS, &course.orders, &["name", "division"]));
    let papers = reading.rows(&NOTICES, &[("person", &all)], STATEMENTS_SHOWN).await?.rows;
    add("notices", "list-notices", "notices", reading.table(&visit, &NOTICES, &papers, &["name", "division"]));
    add("transfers", "list-transfers", "transfers", reading.table(&visit, &TRANSFERS, &course.transfers, &["name"]));
    let followed = reading.rows(&FOLLOWED, &[("person", &all)], STATEMENTS_SHOWN).await?.rows;
    add("followed", "list-followed", "followed", reading.table(&visit, &FOLLOWED, &followed, &["person", "name"]));
    let calls = reading.rows(&FOLLOW_UPS, &[("person", &all)], STATEMENTS_SHOWN).await?.rows;
    add("follow_ups", "list-follow_ups", "follow_ups", reading.table(&visit, &FOLLOW_UPS, &calls, &["person", "name"]));
    let said = reading.rows(&STATEMENTS, &[("person", &all)], STATEMENTS_SHOWN).await?.rows;
    add("statements", "list-statements", "statements", reading.table(&visit, &STATEMENTS, &said, &["person", "name"]));
    let listed = reading.rows(&LISTED, &[("person", &all)], STATEMENTS_SHOWN).await?.rows;
    add("listed", "list-listed", "listed", reading.table(&visit, &LISTED, &listed, &["person", "name"]));
    let merged = *person.get(&PEOPLE, "merged_into") != Cell::Empty;
    let mut acts: Vec<Act> = acts(&visit, &PEOPLE);
    acts.retain(|act| act.verb != if merged { "merge" } else { "split" });
    let others: Vec<(String, String)> = same
        .iter()
        .filter(|id| **id != key)
        .map(|id| ((*id).to_owned(), format!("/people/{}", show::part(id))))
        .collect();
    let edit = super::edit::form(&app, &visit, &mut reading, &PEOPLE, &key).await?;
    reading.finish().await?;
    let facts = record::facts(&app, frame, &PEOPLE, &person);
    let glass = glass_path(&visit, &key);
    let steps = [(frame.say("list-people"), "/people")];
    let title = format!("{} {key}", frame.say("field-person"));
    let path = format!("/people/{asked}");
    render(&PersonPage {
        facts,
        glass,
        edit,
        path,
        acts,
        home,
        days,
        parts,
        merged,
        others,
        frame: visit.frame.titled(title, &steps),
    })
}

/// `POST /people/KEY/glass`: breaks the glass for one hour, with a reason.
pub async fn glass(State(app): State<Arc<App>>, Path(key): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let reason = sent.field("reason").unwrap_or_default();
    app.access().break_glass(&sent.visit.caller.session, &key, reason, app.wall()).await?;
    Ok(Redirect::to(&sent.back(&format!("/people/{}", show::part(&key)))).into_response())
}
