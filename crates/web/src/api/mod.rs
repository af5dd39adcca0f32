//! The API for programs. Every declared list and every declared command has its paths here by one mechanism each; what is
//! said of them in `/api/openapi.json` follows from the same declarations.

pub(crate) mod asking;
mod beds;
mod browse;
mod capacity;
mod commands;
mod coverage;
mod edits;
mod encounters;
mod endpoint;
mod equality;
pub(crate) mod evidence;
mod exports;
mod fhir;
mod glass;
mod have;
mod hot;
pub(crate) mod imports;
pub(crate) mod interviews;
pub(crate) mod lists;
pub(crate) mod mappings;
mod messages;
mod once;
pub mod openapi;
pub(crate) mod papers;
mod phone;
mod plan;
mod price;
pub mod problems;
mod rows;
mod search;
mod site;
mod situation;
mod spool;
mod trip;
mod values;
mod warnings;

pub use commands::told;
pub use coverage::stand_of;
pub use endpoint::{Endpoint, Operation};
pub use exports::Bulk;
pub use fhir::outcomes;
pub use imports::resume;
pub use once::{InFlight, in_flight};

use crate::{
    app::App,
    caller::Caller,
    ledger::Entry,
    problem::Problem,
    routing::{any, get},
};
use axum::{
    Json, Router,
    extract::State,
    http::{Method, StatusCode},
    response::IntoResponse,
};
use dayclear_ops::listing::Looker;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// Every route of the API with what is said of it, in the order of the document.
pub fn endpoints() -> Vec<Endpoint> {
    let mut all = about_itself();
    all.extend(problems::endpoints());
    all.extend(lists::endpoints());
    all.extend(exports::endpoints());
    all.extend(coverage::endpoints());
    all.extend(capacity::endpoints());
    all.extend(have::endpoints());
    all.extend(papers::endpoints());
    all.extend(price::endpoints());
    all.extend(plan::endpoints());
    all.extend(situation::endpoints());
    all.extend(hot::endpoints());
    all.extend(equality::endpoints());
    all.extend(warnings::endpoints());
    all.extend(edits::endpoints());
    all.extend(commands::endpoints());
    all.extend(evidence::endpoints());
    all.extend(site::endpoints());
    all.extend(trip::endpoints());
    all.extend(interviews::endpoints());
    all.extend(messages::endpoints());
    all.extend(fhir::endpoints());
    all.extend(beds::endpoints());
    all.extend(encounters::endpoints());
    all.extend(imports::endpoints());
    all.extend(mappings::endpoints());
    all.extend(search::endpoints());
    all.extend(glass::endpoints());
    all
}

/// What is said of every route.
pub fn operations() -> &'static [Operation] {
    static OPERATIONS: LazyLock<Vec<Operation>> =
        LazyLock::new(|| endpoints().into_iter().map(|endpoint| endpoint.operation).collect());
    &OPERATIONS
}

/// Routes below `/api`.
pub fn routes() -> Router<Arc<App>> {
    let router = endpoints()
        .into_iter()
        .fold(Router::new(), |router, endpoint| router.route(&endpoint.operation.path, endpoint.handler));
    // what is no route here is none of the console's either
    let router = router.route("/api/{*rest}", any(async || Problem::unknown()));
    router.method_not_allowed_fallback(async || not_this_method())
}

fn not_this_method() -> Problem {
    let detail = "this address does not take the method; the header Allow names those it takes";
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "Not this method", detail)
}

fn about_itself() -> Vec<Endpoint> {
    let document = Operation::new(Method::GET, "/api/openapi.json", "openapi", "api")
        .about("This document", "OpenAPI 3.1.")
        .open_to_all()
        .answers(200, "the document", json!({"type": "object"}));
    let page = Operation::new(Method::GET, "/api", "overview", "api")
        .about("The API for people", "The same as this document, as a page.")
        .open_to_all()
        .answers_as(200, "a page", "text/html", json!({"type": "string"}));
    let service = Operation::new(Method::GET, "/api/v1/service", "service", "api")
        .about(
            "What this service is",
            "Whether people and figures are made up, and what the clock of the city says: an exercise may run on another day, and faster \
             than the clock on the wall. A request with the header `dayclear-exercise` is refused where this is no exercise.",
        )
        .open_to_all()
        .answers(
            200,
            "what it is",
            json!({"type": "object", "required": ["exercise", "now", "city"], "additionalProperties": false, "properties": {
                "exercise": {"type": "boolean"},
                "now": {"type": "string", "format": "date-time"},
                "city": {"type": "string", "description": "code of the city"}}}),
        );
    vec![
        Endpoint {
            operation: service,
            handler: get(async |State(app): State<Arc<App>>| {
                let (exercise, city) = (app.setup.exercise, app.setup.city.to_string());
                Json(json!({"exercise": exercise, "now": app.zone().text(app.now()), "city": city})).into_response()
            }),
        },
        Endpoint {
            operation: document,
            handler: get(async || {
                static DOCUMENT: LazyLock<Value> = LazyLock::new(|| openapi::document(operations()));
                Json(&*DOCUMENT).into_response()
            }),
        },
        Endpoint { operation: page, handler: get(async || browse::overview(operations().iter())) },
    ]
}

/// Notes who looked at what, durable before the answer leaves. An account that looked at more people than its work needs
/// gets a problem instead of its answer.
pub async fn audit(
    app: &App,
    caller: &Caller,
    action: &'static str,
    on: &str,
    subjects: &[&str],
    outcome: &'static str,
    detail: Value,
) -> Result<(), Problem> {
    audit_of(app, &caller.looker, action, on, subjects, outcome, detail).await
}

/// The same for somebody who came without a session: a program known by its address.
pub(crate) async fn audit_of(
    app: &App,
    looker: &Looker,
    action: &'static str,
    on: &str,
    subjects: &[&str],
    outcome: &'static str,
    detail: Value,
) -> Result<(), Problem> {
    let entry = Entry {
        at: app.wall(),
        account: looker.account.clone(),
        duty: looker.duty.clone(),
        action,
        on: on.to_owned(),
        subjects: subjects.iter().map(|subject| (*subject).to_owned()).collect(),
        outcome,
        detail,
    };
    app.ledger.keep(entry).await
}
