//! The warning about an area as CAP 1.2: of an exercise it says so, and is restricted.

use super::{
    asking::{Asked, Key},
    endpoint::{Endpoint, Operation},
    lists,
    openapi::parameters,
};
use crate::{app::App, caller::Caller, problem::Problem, routing::get, warnings};
use axum::{extract::State, http::Method, response::Response};
use dayclear_core::{command::Load, listing::AREAS};
use dayclear_ops::alerts;
use serde_json::json;
use std::sync::Arc;

/// The one route.
pub fn endpoints() -> Vec<Endpoint> {
    let operation = Operation::new(Method::GET, "/api/v1/areas/{key}/warning", "areas-warning", "measures")
        .about(
            "The warning about an area",
            "As a message of the Common Alerting Protocol 1.2: the last one, or the one with the number named. An area that was opened \
             is an Alert, a change of it an Update, its end a Cancel; each names the one before it. An area of fewer than 11 people is \
             named by its community. In an exercise the status is Exercise and the scope Restricted.",
        )
        .roles(AREAS.readers)
        .takes(parameters::key("key", "area"))
        .takes(json!({"name": "message", "in": "query", "required": false, "schema": {"type": "integer", "minimum": 1},
            "description": "number of the message"}))
        .under(Load::Board)
        .answers_as(200, "the message", warnings::CAP_MEDIA, json!({"type": "string"}));
    let handler = get(async |State(app): State<Arc<App>>, caller: Caller, Key(key): Key, asked: Asked| {
        answer(&app, &caller, &key, &asked).await
    });
    vec![Endpoint { operation, handler }]
}

async fn answer(app: &Arc<App>, caller: &Caller, key: &str, asked: &Asked) -> Result<Response, Problem> {
    lists::readable(app, caller, &AREAS).await?;
    let [number] = asked.only(["message"])?;
    let number = match number {
        None => None,
        Some(number) => Some(number.parse().map_err(|_| Problem::unknown())?),
    };
    let mut tx = app.store().look(&caller.looker.scope()).await?;
    let message = alerts::message(&mut tx, key, number).await?.ok_or_else(Problem::unknown)?;
    warnings::cap(app, &message)
}
