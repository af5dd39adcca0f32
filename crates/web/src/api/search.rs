//! Finding one thing by a key that the asker already has: id of a person, document or telephone number, number of a case,
//! tube or request. At most one answer, within the division, noted in the chain of reads. The key is in the body, so that
//! no personal value stands in an address.

use super::{
    asking::{self, Asked},
    audit,
    endpoint::{Endpoint, Operation},
    lists,
    openapi::schemas,
    values,
};
use crate::{app::App, caller::Caller, problem::Problem, routing::post};
use axum::{
    Json,
    extract::{Request, State},
    http::Method,
    response::{IntoResponse, Response},
};
use dayclear_core::{
    access::Sight,
    listing::{Cell, Holds, Listing, Query, Row, Test},
    schema::{Column, Kind},
};
use dayclear_ops::{
    desk::{self, Refusal},
    listing,
};
use dayclear_store::Scope;
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc};

/// A body of a search is short.
const BODY_MAX: usize = 4_096;

/// Rows of one key that are looked at: a person may stand on the roster several times.
const FOUND_MAX: usize = 10;

/// Where a key is looked for, in this order: list and field.
const PLACES: &[(&str, &str)] = &[
    ("people", "person"),
    ("people", "document"),
    ("people", "phone"),
    ("cases", "id"),
    ("tubes", "tube"),
    ("requests", "request"),
];

const FIELDS: &[Column] =
    &[Column { name: "key", kind: Kind::Text(64), required: true, about: "the exact key, as it is written" }];

/// Route of the search.
pub fn endpoints() -> Vec<Endpoint> {
    let found = json!({"type": ["object", "null"], "properties": {
        "list": {"type": "string"}, "key": {"type": "string"}, "record": {"type": "object"},
        "hidden": {"type": "array", "items": {"type": "string"}}},
        "required": ["list", "key", "record", "hidden"], "additionalProperties": false});
    let operation = Operation::new(Method::POST, "/api/v1/search", "search", "api")
        .about(
            "Find one thing by its exact key",
            "Id of a person, document or telephone number, number of a case, tube or request, within the division. One answer \
             at most: where several have the key, none is shown. Every search is noted.",
        )
        .body("application/json", schemas::body(FIELDS))
        .answers(
            200,
            "what was found",
            json!({"type": "object", "properties": {"found": found, "several": {"type": "boolean",
                "description": "more than one has this key; ask for another key of theirs"}},
                "required": ["found", "several"], "additionalProperties": false}),
        )
        .problems(&[413, 415, 422]);
    let handler = post(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked, request: Request| {
        asked.only([])?;
        search(&app, &caller, request).await
    });
    vec![Endpoint { operation, handler }]
}

async fn search(app: &App, caller: &Caller, request: Request) -> Result<Response, Problem> {
    let body = asking::object(request, BODY_MAX, false).await?;
    let input = desk::read(FIELDS, &values::given(FIELDS, &body, app.zone())?, app.zone())?;
    let Some(key) = input.get("key").and_then(Cell::as_str) else { return Err(Refusal::Invalid(Vec::new()).into()) };
    let mut several = false;
    let mut found: Option<(&'static Listing, Row)> = None;
    for (list, field) in PLACES {
        let Some(listing) = Listing::named(list) else { continue };
        let mut rows = look(app, caller, listing, field, key).await?;
        several = rows.len() > 1;
        found = rows.pop().filter(|_| !several).map(|row| (listing, row));
        if several || found.is_some() {
            break;
        }
    }
    let outcome = match (&found, several) {
        (Some(_), _) => "done",
        (None, true) => "several",
        (None, false) => "none",
    };
    let subjects = found.as_ref().map(|(listing, row)| listing::subjects(listing, std::slice::from_ref(row)));
    let on = found.as_ref().map_or("search", |(listing, _)| listing.name);
    audit(app, caller, "search", on, &subjects.unwrap_or_default(), outcome, Value::Null).await?;
    let found = found.map(|(listing, row)| {
        json!({
            "list": listing.name,
            "key": row.get(listing, listing.key).text(app.zone()),
            "record": lists::object(listing, &row, app.zone()),
            "hidden": lists::hidden(caller, listing),
        })
    });
    Ok(Json(json!({"found": found, "several": several})).into_response())
}

/// Rows with this key, as far as it takes to know whether they are one.
async fn look(
    app: &App,
    caller: &Caller,
    listing: &'static Listing,
    field: &str,
    key: &str,
) -> Result<Vec<Row>, Problem> {
    let duty = &caller.looker.duty;
    let Some(at) = listing.position(field) else { return Ok(Vec::new()) };
    let shown = caller.looker.shown(listing.fields[at].class, None) == Sight::Plain;
    if !listing.readable_by(duty.role) || !shown {
        return Ok(Vec::new());
    }
    let mut cells = Vec::new();
    // the check character of a document may be typed small
    for text in [key.to_owned(), key.to_uppercase()] {
        if let Ok(cell) = Cell::read(Holds::Text, &text, app.zone())
            && !cells.contains(&cell)
        {
            cells.push(cell);
        }
    }
    let query = Query { tests: vec![(at, Test::AnyOf(cells))], limit: FOUND_MAX, ..Query::default() };
    // who sees assigned people only may find others of the division here, one at a time
    let scope = match duty.role.assigned_only() {
        true => Scope::of(duty.division.clone()),
        false => caller.looker.scope(),
    };
    let mut tx = app.store().look(&scope).await?;
    let page = listing::page(&mut tx, &caller.looker, listing, &query).await?;
    let mut rows = page.map(|page| page.rows).unwrap_or_default();
    // whoever is read as another is found as that one
    for row in &mut rows {
        let stands = row.get(listing, "merged_into").as_str().map(str::to_owned);
        if let Some(stands) = stands
            && let Some(other) = listing::record(&mut tx, &caller.looker, listing, &stands).await?
        {
            *row = other;
        }
    }
    let mut seen = BTreeSet::new();
    rows.retain(|row| seen.insert(row.get(listing, listing.key).text(app.zone())));
    Ok(rows)
}
