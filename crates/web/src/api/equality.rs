//! Whether people are treated alike, for other programs: figures by district, age and sex, without what small counts would tell.

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
use dayclear_core::{
    command::Load,
    equality::{Group, Measure},
    listing::APPEAL_FIGURES,
    time::Instant,
};
use dayclear_ops::{
    OpsError,
    equality::{Alike, DAYS, alike},
};
use dayclear_store::Scoped;
use serde_json::json;
use std::sync::Arc;

/// The one route.
pub fn endpoints() -> Vec<Endpoint> {
    let row = json!({
        "type": "object",
        "properties": {
            "measure": {"type": "string", "enum": Measure::NAMES},
            "group": {"type": "string", "enum": Group::NAMES},
            "value": {"type": "string", "description": "code of the district, ages or sex"},
            "count": {"type": ["integer", "null"], "description": "orders that ended, people who were admitted, emergencies, appeals; null: withheld"},
            "mean": {"type": ["number", "null"], "description": "days bound, minutes waited, times turned away, hours until decided; null: withheld"},
            "marked": {"type": ["integer", "null"], "description": "of them, withdrawn, waiting for more than a day, turned away, upheld; null: withheld"},
            "gap": {"type": "boolean", "description": "differs from all others by more than chance explains"},
        },
        "required": ["measure", "group", "value", "count", "mean", "marked", "gap"],
        "additionalProperties": false,
    });
    let operation = Operation::new(Method::GET, "/api/v1/equality", "equality", "measures")
        .about(
            "Whether people are treated alike",
            "The last 28 days by district, age and sex. Counts of 1 to 10 are withheld but of a district, with those from which they could be \
             worked out; means of fewer than 11 are withheld everywhere. `at` is when they were \
             counted, at most ten minutes ago.",
        )
        .roles(APPEAL_FIGURES.readers)
        .under(Load::Board)
        .answers(200, "figures", json!({"type": "object", "properties": {"at": {"type": "string", "format": "date-time"},
            "days": {"type": "integer"}, "rows": {"type": "array", "items": row}}, "required": ["at", "days", "rows"],
            "additionalProperties": false}));
    let handler = get(async |State(app): State<Arc<App>>, caller: Caller| answer(&app, &caller).await);
    vec![Endpoint { operation, handler }]
}

impl Figures for Vec<Alike> {
    async fn count(tx: &mut Scoped, app: &App, now: Instant) -> Result<Self, OpsError> {
        alike(tx, app.zone(), now).await
    }
}

async fn answer(app: &Arc<App>, caller: &Caller) -> Result<Response, Problem> {
    lists::readable(app, caller, &APPEAL_FIGURES).await?;
    let (at, rows) = app.alike.of(app, caller).await?;
    let row = |row: &Alike| {
        json!({"measure": row.measure.name(), "group": row.group.name(), "value": row.value, "count": row.count, "mean": row.mean,
            "marked": row.marked, "gap": row.gap})
    };
    let rows: Vec<_> = rows.iter().map(row).collect();
    Ok(Json(json!({"at": app.zone().text(at), "days": DAYS, "rows": rows})).into_response())
}
