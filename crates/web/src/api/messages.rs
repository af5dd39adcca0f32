//! What the gateway of messages brings: answers of people, and whether a message arrived. One thing a call, under the id that the gateway gave
//! it; brought again it changes nothing. The answer tells the gateway nothing of whoever it is about.

use super::{
    asking::{self, Asked},
    endpoint::{Endpoint, Operation},
    phone::{invalid, named},
};
use crate::{BODY_BYTES_MAX, app::App, caller::Caller, problem::Problem, routing::post};
use axum::{
    Json,
    extract::{Request, State},
    http::Method,
    response::{IntoResponse, Response},
};
use dayclear_core::{access::Role, command::Load, messages::MessageState, time::Instant};
use dayclear_ops::{
    desk::Refusal,
    messages::{self, Came},
    public::Counter,
};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// Who brings answers: the account of the gateway, and nobody else.
const ROLES: &[Role] = &[Role::Gateway];
/// Characters of an answer and of a number at most.
const TEXT_MAX: usize = 1_000;
const NUMBER_MAX: usize = 32;

/// The one route.
pub fn endpoints() -> Vec<Endpoint> {
    let text = |most: usize, about: &str| json!({"type": ["string", "null"], "maxLength": most, "description": about});
    let states = json!([MessageState::Delivered.name(), MessageState::Failed.name(), null]);
    let body = json!({"type": "object", "additionalProperties": false, "required": ["id", "at"], "properties": {
        "id": {"type": "string", "maxLength": 64, "description": "id that the gateway gives this answer or report"},
        "at": {"type": "string", "format": "date-time", "description": "when it was written"},
        "from": text(NUMBER_MAX, "answer: telephone from which it came"),
        "text": text(TEXT_MAX, "answer: what it says"),
        "message": text(64, "report: id of the message of ours"),
        "state": {"enum": states, "description": "report: whether it arrived"}}});
    let operation = Operation::new(Method::POST, "/api/v1/messages/received", "messages-received", "tracing")
        .about(
            "Bring an answer or a report of delivery",
            "For the gateway that carries messages to telephones. An answer has `from` and `text`, a report has `message` and `state`. Under one \
             id it is taken once; something else under it is refused.",
        )
        .roles(ROLES)
        .under(Load::Intake)
        .body("application/json", body)
        .problems(&[403, 409, 413, 415, 422])
        .answers(
            200,
            "it is kept",
            json!({"type": "object", "required": ["id"], "additionalProperties": false, "properties": {"id": {"type": "string"}}}),
        );
    let handler = post(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked, request: Request| {
        asked.only([])?;
        take(&app, &caller, request).await
    });
    vec![Endpoint { operation, handler }]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Brought {
    id: String,
    at: String,
    from: Option<String>,
    text: Option<String>,
    message: Option<String>,
    state: Option<MessageState>,
}

async fn take(app: &App, caller: &Caller, request: Request) -> Result<Response, Problem> {
    let role = caller.looker.duty.role;
    if !ROLES.contains(&role) {
        return Err(Refusal::NotYours { role, allowed: ROLES }.into());
    }
    let body = asking::object(request, BODY_BYTES_MAX, false).await?;
    let unlike =
        |error: serde_json::Error| invalid("id", &error.to_string(), "compare it with the document of the API");
    let brought: Brought = serde_json::from_value(body.into()).map_err(unlike)?;
    if !named(&brought.id) {
        return Err(invalid("id", "1 to 64 visible characters of ASCII", "give each answer an id of its own"));
    }
    let at: Instant = brought.at.parse().map_err(|_| invalid("at", "a moment with its offset", "correct it"))?;
    let city = app.own_scope();
    let counter = Counter {
        packs: &app.setup.packs,
        pack: &app.setup.pack,
        settings: &app.setup.settings,
        city: &city,
        now: app.now(),
    };
    let (store, id) = (app.store(), brought.id.as_str());
    match (&brought.from, &brought.text, &brought.message, brought.state) {
        (Some(from), Some(text), None, None) => {
            let fits = |text: &str, most: usize| text.chars().count() <= most && !text.contains('\0');
            if from.is_empty() || !fits(from, NUMBER_MAX) || from.chars().any(char::is_control) {
                return Err(invalid("from", "a telephone number of at most 32 characters", "send it as it was told"));
            }
            if !fits(text, TEXT_MAX) {
                return Err(invalid("text", "at most 1000 characters", "cut it off"));
            }
            messages::receive(store, &counter, Came { id, from, text, at }).await?;
        }
        (None, None, Some(message), Some(state @ (MessageState::Delivered | MessageState::Failed))) => {
            messages::report(store, &counter, message, state == MessageState::Delivered).await?;
        }
        _ => {
            let expected = "from and text for an answer; message and state (delivered or failed) for a report";
            return Err(invalid("from", expected, "send one of the two, whole"));
        }
    }
    Ok(Json(json!({"id": id})).into_response())
}
