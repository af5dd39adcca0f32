//! Contacts and chains: whose investigation waits, whom a case exposed and whether they are held and placed, the entry of
//! contacts, and the tree of who may have infected whom.

mod away;
mod chains;
mod interview;
mod measures;
mod person;
mod tree;

use super::{
    accounts,
    evidence::{self, Entry},
    form::Sent,
    frame::{Frame, Visit, render},
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
    command::givers,
    listing::{CASES, CONTACTS, Cell, ITEMS, ORDERS, TRANSFERS},
    schema,
    tracing::ContactClass,
};
use dayclear_ops::desk::Given;
use std::{collections::BTreeMap, sync::Arc};

/// Routes below `/contacts`.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .merge(away::routes())
        .route("/contacts", get(page))
        .route("/contacts/chains", get(chains::page))
        .route("/contacts/measures", get(measures::page))
        .route("/contacts/chains.json", get(chains::data))
        .route("/contacts/people/{person}", get(person::page))
        .route("/contacts/cases/{case}", get(of_case).merge(post(enter)))
        .route("/contacts/cases/{case}/interview", get(interview::page).merge(post(interview::tell)))
}

/// Contacts that one form takes.
const ENTRIES: usize = 5;

struct Line {
    path: String,
    case: String,
    person: String,
    place: String,
    clock: Option<show::Shown>,
    assignee: Option<String>,
    contacts: String,
}

#[derive(Template)]
#[template(path = "contacts.html")]
struct ContactsPage {
    frame: Frame,
    lines: Vec<Line>,
    more: bool,
    tiers: Vec<(String, String)>,
    measures: bool,
    /// Whether the duty lists contacts.
    interviews: bool,
}

async fn page(
    state: State<Arc<App>>,
    visit: Visit,
    parameters: Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    if !parameters.0.is_empty() {
        return list::page(state, visit, Path("contacts".to_owned()), parameters).await;
    }
    if !CONTACTS.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let app = &state.0;
    let mut tx = rows::look(app, &visit).await?;
    let tests = [("worklist", "investigate"), ("open", "true"), ("limit", "100")];
    let (items, next) = tx.page(&ITEMS, &tests).await?.unwrap_or_default();
    let subjects: Vec<&str> = items.iter().filter_map(|row| Of { listing: &ITEMS, row }.text("subject")).collect();
    let cases = tx.by_key(&CASES, &subjects).await?;
    // of the cases that are shown: the contacts of every case there ever was are a figure of no use, and millions
    let (mut counts, mut tiers): (BTreeMap<String, u64>, BTreeMap<String, u64>) = Default::default();
    if !subjects.is_empty() {
        let these = subjects.join(",");
        for (cells, n) in tx.tally(&CONTACTS, &[("case_id", &these)], &["case_id", "tier"]).await? {
            let text = |at: usize| cells.get(at).and_then(Cell::as_str).unwrap_or_default().to_owned();
            *counts.entry(text(0)).or_default() += n;
            *tiers.entry(text(1)).or_default() += n;
        }
    }
    tx.finish().await?;
    let frame = &visit.frame;
    let lines = items
        .iter()
        .map(|row| {
            let item = Of { listing: &ITEMS, row };
            let case = item.text("subject").unwrap_or_default();
            let person = cases.get(case).map(|row| Of { listing: &CASES, row });
            let person = person.and_then(|of| of.shown("name").or(of.shown("person"))).unwrap_or_default();
            Line {
                path: format!("/contacts/cases/{}", show::part(case)),
                case: case.to_owned(),
                person: person.to_owned(),
                place: app.place_name(item.text("division").unwrap_or_default(), frame.lang),
                clock: item.moment("due_at").map(|due| show::clock(app, frame, due, None)),
                assignee: item.text("assignee").map(|id| accounts::said(app, frame, id)),
                contacts: frame.lang.number(counts.get(case).copied().unwrap_or(0)),
            }
        })
        .collect();
    let page = ContactsPage {
        lines,
        more: next.is_some(),
        measures: measures::readable(&visit),
        interviews: may_enter(&visit),
        tiers: tiers.iter().map(|(tier, n)| (frame.w.given("tier", tier), frame.lang.number(*n))).collect(),
        frame: {
            let title = frame.say("nav-contacts");
            visit.frame.titled(title, &[])
        },
    };
    render(&page)
}

/// A contact of a case.
struct Contact {
    person: String,
    person_path: Option<String>,
    /// Page of what the rules ask of them.
    desk_path: Option<String>,
    class: String,
    tier: String,
    exposure: String,
    setting: Option<String>,
    source: String,
    order: Option<(String, String)>,
    placed: Option<show::Shown>,
}

#[derive(Template)]
#[template(path = "case_contacts.html")]
struct CasePage {
    frame: Frame,
    case: String,
    path: String,
    contacts: Vec<Contact>,
    bound: usize,
    entry: Option<Entry>,
    entries: Vec<usize>,
    classes: Vec<(String, String)>,
}

fn may_enter(visit: &Visit) -> bool {
    givers(schema::CONTACTS.name).is_some_and(|roles| roles.contains(&visit.caller.looker.duty.role))
}

async fn of_case(State(app): State<Arc<App>>, visit: Visit, Path(case): Path<String>) -> Result<Response, Problem> {
    let entry = may_enter(&visit).then(Entry::default);
    shown(&app, visit, &case, entry).await
}

async fn shown(app: &App, visit: Visit, key: &str, entry: Option<Entry>) -> Result<Response, Problem> {
    if !CONTACTS.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let mut tx = rows::look(app, &visit).await?;
    let case = tx.one(&CASES, key).await?;
    let contacts = tx.all(&CONTACTS, &[("case_id", key), ("limit", "500")]).await?;
    let people: Vec<&str> = contacts.iter().filter_map(|row| Of { listing: &CONTACTS, row }.text("person")).collect();
    let (mut orders, mut rides) = (BTreeMap::new(), BTreeMap::new());
    for group in people.chunks(100) {
        let these = group.join(",");
        let tests = [("person", these.as_str()), ("state", "active"), ("limit", "500")];
        for row in tx.all(&ORDERS, &tests).await? {
            let of = Of { listing: &ORDERS, row: &row };
            let kind = visit.frame.w.given("order", of.text("kind").unwrap_or_default());
            let until = of.day("until_day").map(|day| day.to_string()).unwrap_or_default();
            orders.insert(of.text("person").unwrap_or_default().to_owned(), (kind, until));
        }
        let tests = [("person", these.as_str()), ("limit", "500")];
        for row in tx.all(&TRANSFERS, &tests).await? {
            let person = Of { listing: &TRANSFERS, row: &row }.text("person").unwrap_or_default().to_owned();
            if let Some(field) = TRANSFERS.fields.iter().find(|field| field.name == "state") {
                let mut state = show::value(app, &visit.frame, &TRANSFERS, field, &row);
                state.link =
                    Of { listing: &TRANSFERS, row: &row }.text("id").map(|id| format!("/transfers/{}", show::part(id)));
                // rows come with the latest first
                rides.entry(person).or_insert(state);
            }
        }
    }
    tx.finish().await?;
    let frame = &visit.frame;
    let sees_people = dayclear_core::listing::PEOPLE.readable_by(visit.caller.looker.duty.role);
    let contacts: Vec<Contact> = contacts
        .iter()
        .map(|row| {
            let of = Of { listing: &CONTACTS, row };
            let person = of.text("person").unwrap_or_default();
            let days = [of.day("first_exposure"), of.day("last_exposure")].map(|day| day.map(|day| day.to_string()));
            let exposure = match days {
                [Some(first), Some(last)] if first == last => first,
                [first, last] => [first, last].into_iter().flatten().collect::<Vec<_>>().join(" – "),
            };
            Contact {
                person: of.shown("name").map_or_else(|| person.to_owned(), |name| format!("{name} ({person})")),
                desk_path: sees_people.then(|| format!("/contacts/people/{}", show::part(person))),
                person_path: sees_people.then(|| format!("/people/{}", show::part(person))),
                class: frame.w.given("contact", of.text("class").unwrap_or_default()),
                tier: frame.w.given("tier", of.text("tier").unwrap_or_default()),
                exposure,
                setting: of.text("setting").map(str::to_owned),
                source: match of.text("source").unwrap_or_default() {
                    "household" => frame.say("contacts-by-household"),
                    "declared" => frame.say("contacts-by-declared"),
                    "visit" => frame.say("contacts-by-visit"),
                    other => other.to_owned(),
                },
                order: orders.get(person).cloned(),
                placed: rides.get(person).cloned(),
            }
        })
        .collect();
    let of = Of { listing: &CASES, row: &case };
    let name = of.shown("name").unwrap_or(key).to_owned();
    let above = frame.say("nav-contacts");
    let title = frame.w.get("contacts-of", &[("name", name.into())]);
    let refused = entry.as_ref().is_some_and(Entry::refused);
    let page = CasePage {
        case: key.to_owned(),
        path: format!("/contacts/cases/{}", show::part(key)),
        bound: contacts.iter().filter(|contact| contact.order.is_some()).count(),
        contacts,
        entry,
        entries: (1..=ENTRIES).collect(),
        classes: ContactClass::ALL.iter().map(|class| (class.name().to_owned(), frame.w.term(*class))).collect(),
        frame: visit.frame.titled(title, &[(above, "/contacts")]),
    };
    evidence::answered(render(&page)?, refused)
}

/// `POST /contacts/cases/CASE`: several contacts at once, as evidence; all are taken, or none.
async fn enter(State(app): State<Arc<App>>, Path(key): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let mut tx = rows::look(&app, &sent.visit).await?;
    let case = tx.one(&CASES, &key).await?;
    tx.finish().await?;
    let person = Of { listing: &CASES, row: &case }.text("person").ok_or_else(Problem::unknown)?.to_owned();
    let (mut given, mut rows) = (Given::new(), Vec::new());
    for n in 1..=ENTRIES {
        let mut row = sent.given(&format!("{n}:"));
        for (name, value) in &row {
            given.insert(format!("{n}:{name}"), value.clone());
        }
        if row.get("person").is_none_or(|person| person.trim().is_empty()) {
            continue;
        }
        // one day is enough to know: the last is the first where nothing else was said
        if row.get("last_exposure").is_none_or(String::is_empty) {
            let first = row.get("first_exposure").cloned().unwrap_or_default();
            row.insert("last_exposure".to_owned(), first);
        }
        row.insert("case_person".to_owned(), person.clone());
        rows.push(row);
    }
    let taken = match rows.is_empty() {
        true => evidence::Taken::Refused(vec![dayclear_ops::desk::FieldFault {
            field: "person".to_owned(),
            value: String::new(),
            expected: sent.visit.frame.say("contacts-one-expected"),
            remedy: sent.visit.frame.say("contacts-one-remedy"),
        }]),
        false => evidence::take(&app, &sent, &schema::CONTACTS, rows).await?,
    };
    shown(&app, sent.visit, &key, Some(Entry::of(given, taken))).await
}
