//! Broken glass over the API: what holds now, and its end before the hour is over. It is broken at the console only, where a
//! person gives a reason and a code.

use super::{
    asking::{Asked, Key},
    endpoint::{Endpoint, Operation},
    openapi::parameters,
};
use crate::{
    app::App,
    caller::Caller,
    problem::Problem,
    routing::{get, post},
};
use axum::{
    Json,
    extract::State,
    http::Method,
    response::{IntoResponse, Response},
};
use dayclear_core::access::Role;
use dayclear_ops::{access::Glass, desk::Refusal};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// Those who may break it, and those who watch over it.
static ROLES: LazyLock<Vec<Role>> = LazyLock::new(|| {
    let concerned = |role: &&Role| role.may_break_glass() || **role == Role::DataProtection;
    Role::ALL.iter().filter(concerned).copied().collect()
});

/// Routes of broken glass.
pub fn endpoints() -> Vec<Endpoint> {
    let operation =
        |method: Method, path: &str, id: &str| Operation::new(method, path, id, "api").roles(&ROLES).problems(&[403]);
    let rows = json!({"type": "object", "properties": {"rows": {"type": "array", "items": schema()}},
        "required": ["rows"], "additionalProperties": false});
    vec![
        Endpoint {
            operation: operation(Method::GET, "/api/v1/glass", "glass-list")
                .about("Broken glass that holds now", "One's own; for a data protection officer that of the division too.")
                .answers(200, "what holds now", rows),
            handler: get(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked| {
                list(&app, &caller, &asked).await
            }),
        },
        Endpoint {
            operation: operation(Method::POST, "/api/v1/glass/{id}/end", "glass-end")
                .about(
                    "End a broken glass before its hour is over",
                    "By whoever broke it, or by a data protection officer of its division. The wider sight is gone at once. \
                     Ended already, it is answered as it is.",
                )
                .takes(parameters::key("id", "id of the breaking"))
                .answers(200, "the breaking, with its end", schema()),
            handler: post(async |State(app): State<Arc<App>>, caller: Caller, Key(id): Key, asked: Asked| {
                end(&app, &caller, &asked, &id).await
            }),
        },
    ]
}

fn schema() -> Value {
    let moment = json!({"type": "string", "format": "date-time"});
    json!({"type": "object", "properties": {
        "id": {"type": "string"}, "account": {"type": "string"}, "role": {"type": "string"},
        "division": {"type": "string"}, "person": {"type": "string"}, "from": moment, "until": moment},
        "required": ["id", "account", "role", "division", "person", "from", "until"], "additionalProperties": false})
}

fn shown(app: &App, glass: &Glass) -> Value {
    json!({
        "id": glass.id,
        "account": glass.account,
        "role": glass.role,
        "division": glass.division,
        "person": glass.person,
        "from": app.zone().text(glass.from),
        "until": app.zone().text(glass.until),
    })
}

fn concerned(caller: &Caller) -> Result<(), Problem> {
    let role = caller.looker.duty.role;
    if ROLES.contains(&role) { Ok(()) } else { Err(Refusal::NotYours { role, allowed: &ROLES }.into()) }
}

async fn list(app: &App, caller: &Caller, asked: &Asked) -> Result<Response, Problem> {
    concerned(caller)?;
    asked.only([])?;
    let rows = app.access().to_end(&caller.session, app.wall()).await?;
    let rows: Vec<Value> = rows.iter().map(|glass| shown(app, glass)).collect();
    Ok(Json(json!({"rows": rows})).into_response())
}

async fn end(app: &App, caller: &Caller, asked: &Asked, id: &str) -> Result<Response, Problem> {
    concerned(caller)?;
    asked.only([])?;
    let glass = app.access().end_glass(&caller.session, id, app.wall()).await?;
    Ok(Json(shown(app, &glass)).into_response())
}
