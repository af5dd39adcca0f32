//! Warnings for the public: a feed of what was last said of every area, and each message. Of an exercise there are none.

use super::Open;
use crate::{app::App, problem::Problem, warnings};
use axum::{
    extract::{Path, State},
    response::Response,
};
use dayclear_ops::alerts;
use std::sync::Arc;

/// `GET /public/areas.atom`.
pub async fn feed(State(app): State<Arc<App>>, open: Open) -> Result<Response, Problem> {
    let mut tx = app.store().look(&app.own_scope()).await?;
    let messages = match open.exercise {
        true => Vec::new(),
        false => alerts::latest(&mut tx, app.zone().day(app.now())).await?,
    };
    warnings::feed(&app, &messages, open.lang)
}

/// `GET /public/warnings/AREA/NUMBER`.
pub async fn one(
    State(app): State<Arc<App>>,
    open: Open,
    Path((area, number)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let number = number.parse().map_err(|_| Problem::unknown())?;
    if open.exercise {
        return Err(Problem::unknown());
    }
    let mut tx = app.store().look(&app.own_scope()).await?;
    let message = alerts::message(&mut tx, &area, Some(number)).await?.ok_or_else(Problem::unknown)?;
    warnings::cap(&app, &message)
}
