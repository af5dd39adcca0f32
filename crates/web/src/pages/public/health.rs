//! How somebody in follow-up says how they are: a code of digits, one choice, one button, for the oldest telephone that shows a page. The
//! answer says nothing about whose code it is, and what was typed is never part of an address.

use super::{Open, Sent, field_of, frame};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use dayclear_core::{command::Load, roster::Known};
use dayclear_ops::{
    health::{Told, tell},
    public::Counter,
};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "public/health.html")]
struct HealthPage {
    open: Open,
    /// What was told.
    told: Option<Known>,
    /// Key of what is wrong.
    wrong: Option<&'static str>,
}

fn shown(open: Open, told: Option<Known>, wrong: Option<&'static str>) -> Result<Response, Problem> {
    frame::render(&HealthPage { open: open.titled("health-title"), told, wrong })
}

/// `GET /public/health`.
pub async fn blank(open: Open) -> Result<Response, Problem> {
    shown(open, None, None)
}

/// `POST /public/health`.
pub async fn take(State(app): State<Arc<App>>, open: Open, Form(sent): Sent) -> Result<Response, Problem> {
    let symptoms = match field_of(&sent, "symptoms").parse::<Known>() {
        Ok(known @ (Known::Yes | Known::No)) => known,
        _ => return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(open, None, Some("health-choose"))?).into_response()),
    };
    let city = app.own_scope();
    let counter = Counter {
        packs: &app.setup.packs,
        pack: &app.setup.pack,
        settings: &app.setup.settings,
        city: &city,
        now: app.now(),
    };
    match tell(app.store(), &counter, field_of(&sent, "code"), symptoms).await? {
        Told::Taken => {
            app.nudge(Load::Intake);
            shown(open, Some(symptoms), None)
        }
        Told::Unknown => Ok((StatusCode::NOT_FOUND, shown(open, None, Some("health-wrong-code"))?).into_response()),
        Told::Enough => Ok((StatusCode::CONFLICT, shown(open, None, Some("health-enough"))?).into_response()),
    }
}
