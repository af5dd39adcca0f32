//! The OpenAPI 3.1 document, made from the declarations: lists, commands, evidence tables, and the operations that the
//! routes say of themselves. Nothing of it is written by hand twice, and the order is that of the declarations.

pub mod parameters;
pub mod schemas;

use super::endpoint::Operation;
use crate::api::problems::KINDS;
use dayclear_core::listing::LISTINGS;
use serde_json::{Map, Value, json};

/// Stations and what is done there: the tags of the document.
pub const TAGS: &[(&str, &str)] = &[
    ("screening", "Find: roster, tubes, members, laboratories, results"),
    ("cases", "Confirm: a positive becomes a case"),
    ("tracing", "Trace: contacts and visits"),
    ("transfer", "Move: beds, facilities, vehicles, trips, transfers"),
    ("measures", "Hold: orders and areas"),
    ("welfare", "Care: requests, parcels, stock"),
    ("bulletin", "Tell: bulletins and published figures"),
    ("books", "Books: worklists, days, ledger, hops"),
    ("intake", "Evidence, files, imports, rows kept aside"),
    ("trust", "The chain of events"),
    ("api", "The API about itself"),
];

/// The station of a list or table.
pub fn station(name: &str) -> &'static str {
    match name {
        "runs" | "signals" | "holds" | "boxes" | "courier_runs" | "clocks" | "packings" | "box_moves"
        | "box_checks" | "people" | "pairs" | "listed" | "roster" | "rounds" | "doors" | "coverage" | "statements"
        | "round_sites" | "yields" | "tubes" | "members" | "results" | "laboratories" | "divisions" | "buildings"
        | "households" => "screening",
        "cases" | "assessments" | "clearings" => "cases",
        "contacts" | "visits" | "followed" | "follow_ups" | "teams" | "releases" | "searches" | "exposure_sites"
        | "messages" | "sendings" | "message_replies" | "letters" | "letter_people" | "assistance" | "questions"
        | "answers" => "tracing",
        "transfers" | "trips" | "facilities" | "beds" | "vehicles" | "crews" | "handovers" => "transfer",
        "orders" | "notices" | "posts" | "areas" | "extensions" | "appeals" | "appeal_figures" | "places"
        | "place_people" | "shifts" | "free_communities" | "free_changes" | "gates" | "arrivals" | "gate_days"
        | "landings" => "measures",
        "requests" | "tickets" | "treatments" | "parcels" | "supplies" | "goods" | "wanted" | "mediations"
        | "carriers" | "delivery_runs" | "deliveries" => "welfare",
        "bulletins" => "bulletin",
        "files" | "doubts" => "intake",
        "events" | "reads" | "bulk_actions" => "trust",
        _ => "books",
    }
}

const ABOUT: &str = "Dayclear takes every laboratory result to its last consequence. This API reads every list and does \
every command of the stations. Lists take the same filters as their exports. A duty sees its division and nothing beyond \
it: what lies outside is answered with 404. Fields that a role is not shown are null, and a list names them in `hidden`. \
Commands act once under their `Idempotency-Key`. Errors are problem details (RFC 9457), explained at `/api/problems`. \
Times carry an offset; days are those of the city.";

/// The document of these operations.
pub fn document<'o>(operations: impl IntoIterator<Item = &'o Operation>) -> Value {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations {
        let item = paths.entry(operation.path.clone()).or_insert_with(|| json!({}));
        item[operation.method.as_str().to_ascii_lowercase()] = operation.object();
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Dayclear",
            "version": "1",
            "summary": "Outbreak response, from the swab to the closed day",
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "tags": TAGS.iter().map(|(name, about)| json!({"name": name, "description": about})).collect::<Vec<_>>(),
        "security": [{"bearer": []}, {"cookie": []}],
        "paths": paths,
        "components": {
            "schemas": components(),
            "parameters": parameters::components(),
            "responses": problems(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "a token of an account for programs"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": crate::caller::COOKIE,
                    "description": "the session of the console; commands also bring its word in the header X-CSRF"},
            },
        },
    })
}

fn components() -> Value {
    let mut all = Map::new();
    for listing in LISTINGS {
        all.insert(listing.name.to_owned(), schemas::row(listing));
    }
    all.insert("report".into(), schemas::report());
    all.insert("tally".into(), schemas::tally());
    all.insert("doubt".into(), schemas::doubt());
    all.insert("problem".into(), schemas::problem());
    Value::Object(all)
}

fn problems() -> Value {
    let mut statuses: Vec<u16> = KINDS.iter().map(|kind| kind.status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    let mut all = Map::new();
    for status in statuses {
        let kinds: Vec<&str> = KINDS.iter().filter(|kind| kind.status == status).map(|kind| kind.name).collect();
        let content = json!({"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}});
        let mut answer = json!({"description": format!("problem: {}", kinds.join(", ")), "content": content});
        if matches!(status, 429 | 503) {
            answer["headers"] = json!({"Retry-After": {"description": "seconds", "schema": {"type": "string"}}});
        }
        if status == 401 {
            answer["headers"] = json!({"WWW-Authenticate": {"description": "Bearer", "schema": {"type": "string"}}});
        }
        all.insert(format!("Problem{status}"), answer);
    }
    Value::Object(all)
}
