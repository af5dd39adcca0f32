//! Asking for help in an emergency: what, where, and how to be reached. Nothing else is asked, and nothing that was given is lost where
//! something is missing. It is never turned away under load (R08, D9).

use super::{Open, Sent, Wrong, field::take_request, field_of, frame, help};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{
    Form,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use dayclear_core::{divisions::DivisionCode, urgent::TICKETED, welfare::RequestKind};
use dayclear_ops::desk::{DeskError, Refusal};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "public/emergency.html")]
struct EmergencyPage {
    open: Open,
    kinds: Vec<(&'static str, String, bool)>,
    districts: Vec<help::Place>,
    text: String,
    contact: String,
    wrong: Vec<Wrong>,
}

async fn form(app: &App, open: Open, sent: &[(String, String)], wrong: Vec<Wrong>) -> Result<Response, Problem> {
    let value = |name: &str| field_of(sent, name);
    let refused = !wrong.is_empty();
    let chosen = match value("kind") {
        "" => RequestKind::Emergency.name(),
        kind => kind,
    };
    let page = EmergencyPage {
        kinds: TICKETED.iter().map(|kind| (kind.name(), open.w.term(*kind), chosen == kind.name())).collect(),
        districts: help::places(app, &open, app.setup.city.as_str(), "district,reporting_unit", value("place")).await?,
        text: value("text").to_owned(),
        contact: value("contact").to_owned(),
        wrong,
        open: open.titled("public-emergency"),
    };
    let page = frame::render(&page)?;
    Ok(if refused { (StatusCode::UNPROCESSABLE_ENTITY, page).into_response() } else { page })
}

/// `GET /public/emergency`.
pub async fn blank(State(app): State<Arc<App>>, open: Open) -> Result<Response, Problem> {
    form(&app, open, &[], Vec::new()).await
}

/// `POST /public/emergency`.
pub async fn call(State(app): State<Arc<App>>, open: Open, Form(sent): Sent) -> Result<Response, Problem> {
    // of two kinds, one is taken where none was chosen: nobody is sent back for that
    let kind = field_of(&sent, "kind").parse().ok().filter(|kind| TICKETED.contains(kind));
    let kind = kind.unwrap_or(RequestKind::Emergency);
    let Ok(division) = field_of(&sent, "place").parse::<DivisionCode>() else {
        let wrong = vec![Wrong { field: "place", say: open.say("public-wrong-place") }];
        return form(&app, open, &sent, wrong).await;
    };
    let contact = Some(field_of(&sent, "contact")).filter(|contact| !contact.is_empty());
    match take_request(&app, kind, &division, field_of(&sent, "text"), contact).await {
        Ok(numbered) => help::made(open, numbered, true),
        Err(DeskError::Refused(Refusal::Invalid(faults))) => {
            let field = match faults.first().map(|fault| fault.field.as_str()) {
                Some("text") => "text",
                Some("contact") => "contact",
                _ => "place",
            };
            let say = open.say(if field == "place" { "public-wrong-place" } else { "public-wrong-long" });
            form(&app, open, &sent, vec![Wrong { field, say }]).await
        }
        Err(error) => Err(error.into()),
    }
}
