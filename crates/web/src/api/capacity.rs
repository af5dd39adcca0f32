//! Demand and capacity: who has not arrived, the hours to come, and what one vehicle or one ward more would bring. It tells of nobody in
//! particular; of who waits, no division but that of the duty and what lies in it.

use super::{
    endpoint::{Endpoint, Operation},
    lists,
};
use crate::{app::App, caller::Caller, pages, problem::Problem, routing::get};
use axum::{
    Json,
    extract::State,
    http::Method,
    response::{IntoResponse, Response},
};
use dayclear_core::{
    access::Role,
    command::Load,
    listing::{BEDS, TRANSFERS, VEHICLES},
};
use dayclear_ops::dispatch::capacity::last;
use serde_json::{Value, json};
use std::sync::Arc;

/// Roles that see people on the way, beds and vehicles.
const READERS: &[Role] = &[Role::CityCommand, Role::DistrictCommand, Role::Dispatcher, Role::Auditor];

/// The one route.
pub fn endpoints() -> Vec<Endpoint> {
    let operation = Operation::new(Method::GET, "/api/v1/capacity", "capacity", "transfer")
        .about(
            "Demand beside capacity",
            "As it was worked out last, every five minutes while people are to be moved: who has not arrived by district and class, how \
             many will not have arrived in the hours to come, and what one vehicle or one ward more would bring, each by planning \
             everybody again.",
        )
        .roles(READERS)
        .under(Load::Board)
        .answers(
            200,
            "demand and capacity",
            json!({
                "type": "object",
                "properties": {
                    "at": {"type": ["string", "null"], "format": "date-time", "description": "null: not worked out yet"},
                    "waits": {"type": "array", "items": {"type": "object"}, "description": "by district and class: people without a seat, with one, under way; minutes waited, mean and longest"},
                    "hours": {"type": "array", "items": {"type": "object"}, "description": "people known now who will not have arrived by then"},
                    "free": {"type": "object", "additionalProperties": {"type": "integer"}, "description": "beds that nobody holds, by kind of place"},
                    "changes": {"type": "array", "items": {"type": "object"}, "description": "one thing more at one place, the best first: minutes saved until everybody has arrived, and people more with a seat"},
                    "planned": {"type": "integer", "description": "households that were planned again for the changes"},
                    "ahead": {
                        "type": "object",
                        "description": "beds that can be given, by hour for three days: by class and by place; people due to arrive and to leave, and beds opened, in each hour",
                        "properties": {
                            "from": {"type": "string", "description": "the hour of the first count; each next one is an hour later"},
                            "classes": {"type": "array", "items": {"type": "object"}},
                            "places": {"type": "array", "items": {"type": "object"}},
                            "arriving": {"type": "array", "items": {"type": "integer"}},
                            "leaving": {"type": "array", "items": {"type": "integer"}},
                            "opening": {"type": "array", "items": {"type": "integer"}},
                        },
                    },
                    "opening": {"type": "array", "items": {"type": "object"}, "description": "wards to open: where, needed from which day, decided by which, and who would wait otherwise"},
                },
                "required": ["at", "waits", "hours", "free", "changes", "planned", "ahead", "opening"],
                "additionalProperties": false,
            }),
        );
    let handler = get(async |State(app): State<Arc<App>>, caller: Caller| answer(&app, &caller).await);
    vec![Endpoint { operation, handler }]
}

async fn answer(app: &Arc<App>, caller: &Caller) -> Result<Response, Problem> {
    for listing in [&TRANSFERS, &BEDS, &VEHICLES] {
        lists::readable(app, caller, listing).await?;
    }
    let mut tx = app.store().look(&app.own_scope()).await?;
    let found = last(&mut tx).await?;
    drop(tx);
    let (at, outlook) = found.map(|(at, outlook)| (Some(app.zone().text(at)), outlook)).unwrap_or_default();
    let outlook = pages::outlook_within(outlook, caller.looker.duty.division.as_str());
    let mut value = serde_json::to_value(&outlook).unwrap_or_else(|_| json!({}));
    value["at"] = at.map_or(Value::Null, Value::String);
    Ok(Json(value).into_response())
}
