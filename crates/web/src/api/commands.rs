//! Doing things. The path names list, record and verb; the body is an object of the declared fields. The same verb on the
//! list itself takes many records (`keys`) and answers with a report that adds up.

use super::lists::named;
use crate::{app::App, caller::Caller, problem::Problem};
use axum::{
    Json,
    extract::{Path, State},
    http::HeaderMap,
};
use dayclear_core::command::Command;
use dayclear_ops::desk::{self, Doing, FieldFault, Given, Refusal, Report, Verdict};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The values of a body as texts by field; what is no plain value is a fault.
pub fn given(body: Map<String, Value>) -> Result<Given, Refusal> {
    let mut given = Given::new();
    for (name, value) in body {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text,
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => truth.to_string(),
            Value::Array(_) | Value::Object(_) => {
                return Err(Refusal::Invalid(vec![FieldFault {
                    field: name,
                    value: value.to_string().chars().take(100).collect(),
                    expected: "a plain value".to_owned(),
                    remedy: "give a text or a number".to_owned(),
                }]));
            }
        };
        given.insert(name, text);
    }
    Ok(given)
}

async fn perform(
    app: &App,
    caller: &Caller,
    headers: &HeaderMap,
    command: &'static Command,
    keys: &[String],
    body: Map<String, Value>,
) -> Result<Json<Value>, Problem> {
    let input = desk::read(command.fields, &given(body)?, app.zone())?;
    let doing = Doing {
        looker: &caller.looker,
        now: app.now(),
        stepped_up: caller.stepped_up,
        packs: &app.setup.packs,
        pack: &app.setup.pack,
        settings: &app.setup.settings,
        key: headers.get("idempotency-key").and_then(|value| value.to_str().ok()),
    };
    let report = desk::perform(app.store(), &doing, command, keys, &input).await?;
    Ok(Json(told(&report)))
}

/// A report as an object: counts that add up, and each refusal by key.
pub fn told(report: &Report) -> Value {
    let count = |wanted: fn(&Verdict) -> bool| report.verdicts.iter().filter(|(_, verdict)| wanted(verdict)).count();
    let refused: Vec<Value> = report
        .verdicts
        .iter()
        .filter_map(|(key, verdict)| match verdict {
            Verdict::Refused(refusal) => Some(json!({"key": key, "problem": Problem::from(refusal.clone())})),
            _ => None,
        })
        .collect();
    json!({
        "asked": report.verdicts.len(),
        "done": count(|verdict| *verdict == Verdict::Done),
        "same": count(|verdict| *verdict == Verdict::Same),
        "refused": refused,
        "made": report.made,
    })
}

/// `POST /api/v1/LIST/KEY/VERB`.
pub async fn on_record(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((list, key, verb)): Path<(String, String, String)>,
    headers: HeaderMap,
    Json(body): Json<Map<String, Value>>,
) -> Result<Json<Value>, Problem> {
    let command = Command::named(&list, &verb).filter(|command| command.records).ok_or_else(Problem::unknown)?;
    if !named(&list)?.readable_by(caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    perform(&app, &caller, &headers, command, &[key], body).await
}

/// `POST /api/v1/LIST/VERB`: on many records, or something new.
pub async fn on_list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path((list, verb)): Path<(String, String)>,
    headers: HeaderMap,
    Json(mut body): Json<Map<String, Value>>,
) -> Result<Json<Value>, Problem> {
    let command = Command::named(&list, &verb).ok_or_else(Problem::unknown)?;
    if !named(&list)?.readable_by(caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let keys = match (command.records, body.remove("keys")) {
        (false, None) => Vec::new(),
        (true, Some(keys)) => serde_json::from_value::<Vec<String>>(keys).map_err(|_| bad_keys())?,
        _ => return Err(bad_keys()),
    };
    perform(&app, &caller, &headers, command, &keys, body).await
}

fn bad_keys() -> Problem {
    Refusal::Invalid(vec![FieldFault {
        field: "keys".to_owned(),
        value: String::new(),
        expected: format!("a list of at most {} keys of records", desk::RECORDS_MAX),
        remedy: "name the records that the command acts on".to_owned(),
    }])
    .into()
}
