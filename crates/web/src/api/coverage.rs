//! Where a round stands: one question beside the lists, because it is counted as of now and not kept in any row. It tells of
//! nobody in particular, and of no division but that of the duty and what lies in it.

use super::{
    asking::{Asked, Key},
    endpoint::{Endpoint, Operation},
    lists,
    openapi::parameters,
};
use crate::{app::App, caller::Caller, problem::Problem, routing::get};
use axum::{
    Json,
    extract::State,
    http::Method,
    response::{IntoResponse, Response},
};
use dayclear_core::{command::Load, listing::ROUNDS, rounds::Cover};
use dayclear_engines::coverage::Counts;
use dayclear_ops::coverage::{Stand, stand};
use dayclear_store::rounds::Round;
use serde_json::{Map, Value, json};
use std::{sync::Arc, time::Duration};

/// The one route.
pub fn endpoints() -> Vec<Endpoint> {
    let counts = json!({
        "type": "object",
        "properties": {
            "division": {"type": "string", "description": "code of a division, id of a building where the parts are buildings, or of a key place"},
            "people": {"type": "integer", "description": "people of the round; the states add up to them"},
            "states": {"type": "object", "properties": Cover::NAMES.iter().map(|name| ((*name).to_owned(), json!({"type": "integer"}))).collect::<Map<_, _>>(), "required": Cover::NAMES},
            "twice": {"type": "integer", "description": "people with a swab in more than one tube; 0 for a closed round, where it is not recorded"},
        },
        "required": ["division", "people", "states", "twice"],
    });
    let operation = Operation::new(Method::GET, "/api/v1/rounds/{key}/coverage", "rounds-coverage", "screening")
        .about(
            "Where a round stands",
            "Counted as of now, exactly; of a closed round as it was recorded. In the division of the duty, or one within it, and \
             in its parts: the divisions below it, in a community its buildings in the order of a walk.",
        )
        .roles(ROUNDS.readers)
        .takes(parameters::key("key", "round"))
        .takes(json!({"name": "division", "in": "query", "required": false, "schema": {"type": "string", "minLength": 1},
            "description": "a division within that of the duty"}))
        .under(Load::Board)
        .answers(
            200,
            "the counts",
            json!({
                "type": "object",
                "properties": {
                    "round": {"type": "string"},
                    "at": {"type": "string", "format": "date-time"},
                    "whole": counts,
                    "buildings": {"type": "boolean", "description": "whether the parts are buildings"},
                    "parts": {"type": "array", "items": counts},
                    "places": {"type": "array", "items": counts, "description": "of a round of key places: everybody of each that stands in the division, wherever they live"},
                    "doors": {"type": ["integer", "null"], "description": "doors in the division"},
                    "unseen": {"type": ["integer", "null"], "description": "of these, seen by none of the rounds that are open or were closed last"},
                },
                "required": ["round", "at", "whole", "buildings", "parts", "places", "doors", "unseen"],
                "additionalProperties": false,
            }),
        );
    let handler = get(async |State(app): State<Arc<App>>, caller: Caller, Key(key): Key, asked: Asked| {
        answer(&app, &caller, &key, &asked).await
    });
    vec![Endpoint { operation, handler }]
}

async fn answer(app: &Arc<App>, caller: &Caller, key: &str, asked: &Asked) -> Result<Response, Problem> {
    lists::readable(app, caller, &ROUNDS).await?;
    let [division] = asked.only(["division"])?;
    let division = division.unwrap_or(caller.looker.duty.division.as_str());
    let (round, stood) = stand_of(app, caller, key, division, None).await?;
    let Some(stood) = stood else { return Err(Problem::unknown()) };
    Ok(Json(object(app, &round, division, &stood)).into_response())
}

/// A round and where it stands in a division; a division beyond that of the duty does not exist. `None`: it has not begun, or
/// the board was not read within the time that there is to wait.
pub async fn stand_of(
    app: &Arc<App>,
    caller: &Caller,
    key: &str,
    division: &str,
    wait: Option<Duration>,
) -> Result<(Round, Option<Stand>), Problem> {
    if !division.starts_with(caller.looker.duty.division.as_str()) {
        return Err(Problem::unknown());
    }
    // whoever waits for the board holds no connection of the store
    let ready = app.board_by_now(wait).await?;
    let board = if ready { Some(app.board.lock().await) } else { None };
    let mut tx = app.store().look(&app.own_scope()).await?;
    let round = tx.rounds_by_id(&[key]).await?.into_iter().next().ok_or_else(Problem::unknown)?;
    let stood = match board.as_ref().and_then(|board| board.as_ref()) {
        Some(board) => stand(&mut tx, board, &round, division).await?,
        None => None,
    };
    Ok((round, stood))
}

fn object(app: &App, round: &Round, division: &str, stood: &Stand) -> Value {
    let counts = |name: &str, counts: &Counts| {
        let states: Map<String, Value> =
            Cover::ALL.iter().map(|cover| (cover.name().to_owned(), counts.of(*cover).into())).collect();
        json!({"division": name, "people": counts.people, "states": states, "twice": counts.twice})
    };
    json!({
        "round": round.plan.round,
        "at": app.zone().text(stood.at),
        "whole": counts(division, &stood.whole),
        "buildings": stood.buildings,
        "parts": stood.below.iter().map(|(name, of)| counts(name, of)).collect::<Vec<_>>(),
        "places": stood.places.iter().map(|(name, of)| counts(name, of)).collect::<Vec<_>>(),
        "doors": stood.doors.map(|(doors, _)| doors),
        "unseen": stood.doors.map(|(_, unseen)| unseen),
    })
}
