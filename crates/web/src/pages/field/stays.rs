//! The daily records of a facility: who lies there, how each was found today, and of whom nothing is recorded yet, those first. One small form a
//! person; what is sent is evidence like any other. It works without script, and shows nobody beyond the duty.

use super::{
    evidence::{self, Entry},
    form::Sent,
    frame::{Frame, Visit, moment, render},
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
    extract::{Path, State},
    response::Response,
};
use dayclear_core::{
    cases::{Severity, Symptom},
    command::givers,
    listing::{ASSESSMENTS, FACILITIES, Row, TRANSFERS},
    roster::Known,
    schema,
};
use std::{collections::BTreeMap, sync::Arc};

/// People of one page at most; the list of transfers has the rest.
const SHOWN: &str = "100";

/// Routes of the records.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/facilities/{key}/records", get(page).merge(post(tell)))
}

/// Somebody who lies there.
struct Card {
    person: String,
    name: Option<String>,
    path: String,
    bed: String,
    since: String,
    /// What was recorded last today, and when.
    today: Option<String>,
    /// Whether a record is owed: whoever came today is not owed one.
    owed: bool,
}

/// A choice of a form: value, word.
type Choice = (&'static str, String);

#[derive(Template)]
#[template(path = "stays.html")]
struct StaysPage {
    frame: Frame,
    path: String,
    /// How many lie there, and of how many a record is owed.
    people: usize,
    missing: usize,
    cards: Vec<Card>,
    more: bool,
    /// The form, where the duty may tell; whose it was, if one was sent.
    entry: Option<Entry>,
    told: String,
    severities: Vec<Choice>,
    symptoms: Vec<Choice>,
    known: Vec<Choice>,
}

fn may_tell(visit: &Visit) -> bool {
    givers(schema::ASSESSMENTS.name).is_some_and(|roles| roles.contains(&visit.caller.looker.duty.role))
}

async fn page(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    let entry = may_tell(&visit).then(Entry::default);
    shown(&app, visit, &key, entry, String::new()).await
}

/// A record in a line: how ill, temperature, oxygen, symptoms.
fn said(app: &App, frame: &Frame, of: Of<'_>) -> String {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(of.moment("at").map(|at| moment(app, frame.lang, at)));
    parts.extend(of.text("severity").map(|severity| frame.w.given("severity", severity)));
    parts.extend(of.real("temperature").map(|celsius| format!("{celsius:.1} °C")));
    parts.extend(of.whole("oxygen").map(|percent| format!("{percent} %")));
    let symptoms = of.text("symptoms").unwrap_or_default();
    parts.extend(symptoms.split(';').filter(|one| !one.is_empty()).map(|one| frame.w.given("symptom", one)));
    parts.join(" · ")
}

async fn shown(app: &App, visit: Visit, key: &str, entry: Option<Entry>, told: String) -> Result<Response, Problem> {
    if !ASSESSMENTS.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let today = app.zone().day(app.now());
    let start = app.zone().start_of(today);
    let mut tx = rows::look(app, &visit).await?;
    let facility = tx.one(&FACILITIES, key).await?;
    let there = [("facility", key), ("state", "admitted"), ("limit", SHOWN)];
    let (there, next) = tx.page(&TRANSFERS, &there).await?.unwrap_or_default();
    let people: Vec<&str> = there.iter().filter_map(|row| Of { listing: &TRANSFERS, row }.text("person")).collect();
    let (people, from) = (people.join(","), today.to_string());
    let records: Vec<Row> = match people.is_empty() {
        true => Vec::new(),
        false => tx.all(&ASSESSMENTS, &[("person", &people), ("at.from", &from), ("limit", "500")]).await?,
    };
    tx.finish().await?;
    let frame = &visit.frame;
    // the latest comes first
    let mut last: BTreeMap<&str, &Row> = BTreeMap::new();
    for row in &records {
        last.entry(Of { listing: &ASSESSMENTS, row }.text("person").unwrap_or_default()).or_insert(row);
    }
    let card = |row: &Row| {
        let of = Of { listing: &TRANSFERS, row };
        let person = of.text("person").unwrap_or_default();
        let since = of.moment("admitted_at");
        let record = last.get(person).map(|row| said(app, frame, Of { listing: &ASSESSMENTS, row }));
        Card {
            name: of.shown("name").map(str::to_owned),
            path: format!("/people/{}", show::part(person)),
            person: person.to_owned(),
            bed: of.text("bed").unwrap_or_default().to_owned(),
            since: since.map(|at| moment(app, frame.lang, at)).unwrap_or_default(),
            owed: record.is_none() && since.is_some_and(|at| at < start),
            today: record,
        }
    };
    let mut cards: Vec<Card> = there.iter().map(card).collect();
    cards.sort_by(|a, b| (!a.owed, &a.bed, &a.person).cmp(&(!b.owed, &b.bed, &b.person)));
    let refused = entry.as_ref().is_some_and(Entry::refused);
    let choices = |prefix: &str, names: &[&'static str]| -> Vec<Choice> {
        names.iter().map(|name| (*name, frame.w.given(prefix, name))).collect()
    };
    let name = Of { listing: &FACILITIES, row: &facility }.text("name").unwrap_or(key).to_owned();
    let path = format!("/facilities/{}", show::part(key));
    let severities: Vec<&'static str> = Severity::NAMES.iter().copied().filter(|name| *name != "unknown").collect();
    let page = StaysPage {
        people: cards.len(),
        missing: cards.iter().filter(|card| card.owed).count(),
        cards,
        more: next.is_some(),
        severities: choices("severity", &severities),
        symptoms: choices("symptom", Symptom::NAMES),
        known: choices("known", &[Known::Yes.name(), Known::No.name(), Known::Unknown.name()]),
        entry,
        told,
        frame: {
            let (title, above) = (frame.say("stays-title"), frame.say("nav-facilities"));
            visit.frame.titled(title, &[(above, "/facilities"), (name, &path)])
        },
        path: format!("{path}/records"),
    };
    evidence::answered(render(&page)?, refused)
}

/// `POST /facilities/KEY/records`: how one person was found, now, by whoever is here.
async fn tell(State(app): State<Arc<App>>, Path(key): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let mut row = sent.given("stay:");
    let person = row.get("person").cloned().unwrap_or_default();
    // boxes that were ticked come one by one
    let symptoms: Vec<&str> =
        Symptom::NAMES.iter().copied().filter(|name| row.contains_key(&format!("symptom-{name}"))).collect();
    let symptoms = symptoms.join(";");
    row.retain(|name, value| !value.is_empty() && !name.starts_with("symptom-"));
    if !symptoms.is_empty() {
        row.insert("symptoms".to_owned(), symptoms);
    }
    row.insert("assessed_at".to_owned(), app.zone().text(app.now()));
    row.insert("said_by".to_owned(), sent.visit.caller.looker.account.clone());
    let given = row.clone();
    let taken = evidence::take(&app, &sent, &schema::ASSESSMENTS, vec![row]).await?;
    shown(&app, sent.visit, &key, Some(Entry::of(given, taken)), person).await
}
