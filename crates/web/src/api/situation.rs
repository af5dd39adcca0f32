//! Where the outbreak stands, as it was worked out last: one question beside the lists, because it is one whole. It tells of
//! nobody, and of no division but that of the duty and what lies in it.

use super::{
    asking::Asked,
    endpoint::{Endpoint, Operation},
    lists,
};
use crate::{app::App, caller::Caller, problem::Problem, routing::get};
use axum::{
    Json,
    extract::State,
    http::Method,
    response::{IntoResponse, Response},
};
use dayclear_core::{command::Load, listing::CLEARINGS};
use dayclear_ops::situation;
use serde_json::{Value, json};
use std::sync::Arc;

/// The one route.
pub fn endpoints() -> Vec<Endpoint> {
    let told = |known: Value| {
        json!({"type": "object", "description": "the figure, or why it is not there: `missing` is one of no_serial_interval, \
            no_cases, too_few, too_short, not_told, refused", "properties": {"known": known, "missing": {"type": "string"}}})
    };
    let found = json!({"type": "object", "required": ["community", "held"], "properties": {
        "community": {"type": "integer"}, "held": {"type": "integer", "description": "under isolation already, or from abroad"}}});
    let object = || json!({"type": "object"});
    let situation = json!({
        "type": ["object", "null"],
        "description": "null where nothing is kept: for a division that is neither the city nor a district, and until a case was found",
        "required": ["division", "level", "first", "day", "found", "today", "sampled", "onsets", "delays", "ahead", "units"],
        "properties": {
            "division": {"type": "string"},
            "level": {"type": "string"},
            "first": {"type": "string", "format": "date", "description": "first day of `found`"},
            "day": {"type": "string", "format": "date", "description": "last whole day, and the last of `found`"},
            "sampled_on": {"type": ["string", "null"], "format": "date", "description": "last day on which tubes were taken"},
            "pack": {"type": "string", "description": "rules in force"},
            "serial": {"type": ["array", "null"], "description": "mean and standard deviation of the serial interval in days, and the clause"},
            "found": {"type": "array", "items": found, "description": "infections by the day on which they were found"},
            "today": found,
            "last_community_on": {"type": ["string", "null"], "format": "date"},
            "sampled": told(json!({"type": "array", "items": object()})),
            "onsets": told(json!({"type": "array", "items": object()})),
            "delays": {"type": "array", "items": object(), "description": "steps to a bed: hours within which half and 19 of 20 are through"},
            "ahead": {"type": "object", "required": ["reproduction", "fan", "score", "needs"], "properties": {
                "reproduction": told(object()),
                "fan": told(object()),
                "score": told(object()),
                "needs": {"type": "array", "items": object(), "description": "what the days ahead take, what there is, and the latest day to decide"},
                "needs_built_in": {"type": "boolean"}}},
            "units": {"type": "array", "items": object()},
        },
    });
    let operation = Operation::new(Method::GET, "/api/v1/situation", "situation", "cases")
        .about(
            "Where the outbreak stands",
            "In the city or a district, as it was worked out last: what was found, how fast it spreads, what is not known yet, what is \
             to come if nothing changes, how good such forecasts were, and what the days ahead take. Intervals are of 95 %.",
        )
        .roles(CLEARINGS.readers)
        .takes(json!({"name": "division", "in": "query", "required": false, "schema": {"type": "string", "minLength": 1},
            "description": "a division within that of the duty"}))
        .under(Load::Board)
        .answers(
            200,
            "the situation",
            json!({"type": "object", "required": ["made_at", "situation"], "additionalProperties": false, "properties": {
                "made_at": {"type": ["string", "null"], "format": "date-time"}, "situation": situation}}),
        );
    let handler =
        get(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked| answer(&app, &caller, &asked).await);
    vec![Endpoint { operation, handler }]
}

async fn answer(app: &Arc<App>, caller: &Caller, asked: &Asked) -> Result<Response, Problem> {
    lists::readable(app, caller, &CLEARINGS).await?;
    let [division] = asked.only(["division"])?;
    let own = caller.looker.duty.division.as_str();
    let division = division.unwrap_or(own);
    if !division.starts_with(own) {
        return Err(Problem::unknown());
    }
    let mut tx = app.store().look(&caller.looker.scope()).await?;
    let told = situation::of(&mut tx, division).await?;
    let answer = match told {
        Some((situation, at)) => json!({"made_at": app.zone().text(at), "situation": situation}),
        None => json!({"made_at": null, "situation": null}),
    };
    Ok(Json(answer).into_response())
}
