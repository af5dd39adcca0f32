//! Hot spots of requests for other programs: where more people ask for the same thing than usual. It tells of communities and themes, and
//! of nobody.

use super::{
    endpoint::{Endpoint, Operation},
    lists,
};
use crate::{app::App, caller::Caller, kept::Figures, problem::Problem, routing::get};
use axum::{
    Json,
    extract::State,
    http::Method,
    response::{IntoResponse, Response},
};
use dayclear_core::{command::Load, listing::REQUESTS, time::Instant, welfare::RequestKind};
use dayclear_ops::{
    OpsError,
    hot_spots::{HotSpot, hot_spots},
};
use dayclear_store::Scoped;
use serde_json::json;
use std::sync::Arc;

/// The one route.
pub fn endpoints() -> Vec<Endpoint> {
    let spot = json!({
        "type": "object",
        "properties": {
            "division": {"type": "string", "description": "community"},
            "kind": {"type": "string", "enum": RequestKind::NAMES},
            "asked": {"type": "integer", "description": "requests within the last 24 hours, those of one household for the same as one"},
            "open": {"type": "integer", "description": "of them, not answered yet"},
            "expected": {"type": "number", "description": "requests expected in a day, from the seven days before"},
            "chance": {"type": "number", "description": "how likely chance alone brings at least so many (Poisson)"},
        },
        "required": ["division", "kind", "asked", "open", "expected", "chance"],
        "additionalProperties": false,
    });
    let operation = Operation::new(Method::GET, "/api/v1/requests/hot", "requests-hot", "welfare")
        .about(
            "Hot spots of requests",
            "Communities of the duty in which more people asked for the same thing within 24 hours than what is usual there explains, the least \
             likely first. `at` is when they were counted, at most ten minutes ago.",
        )
        .roles(REQUESTS.readers)
        .under(Load::Board)
        .answers(200, "hot spots", json!({"type": "object", "properties": {"at": {"type": "string", "format": "date-time"},
            "rows": {"type": "array", "items": spot}}, "required": ["at", "rows"], "additionalProperties": false}));
    let handler = get(async |State(app): State<Arc<App>>, caller: Caller| answer(&app, &caller).await);
    vec![Endpoint { operation, handler }]
}

impl Figures for Vec<HotSpot> {
    async fn count(tx: &mut Scoped, _: &App, now: Instant) -> Result<Self, OpsError> {
        hot_spots(tx, now).await
    }
}

async fn answer(app: &Arc<App>, caller: &Caller) -> Result<Response, Problem> {
    lists::readable(app, caller, &REQUESTS).await?;
    let (at, spots) = app.hot_spots.of(app, caller).await?;
    let row = |spot: &HotSpot| {
        json!({"division": spot.division.as_str(), "kind": spot.kind.name(), "asked": spot.asked, "open": spot.open,
            "expected": spot.expected, "chance": spot.chance})
    };
    let rows: Vec<_> = spots.iter().map(row).collect();
    Ok(Json(json!({"at": app.zone().text(at), "rows": rows})).into_response())
}
