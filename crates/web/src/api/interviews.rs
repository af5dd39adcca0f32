//! What was told in interviews without a network: answers, stays and people met, sent from a telephone, each taken or refused by itself in
//! the order in which it was written down. Sent again, each changes nothing.

use super::{
    asking::Asked,
    audit,
    endpoint::Endpoint,
    phone::{Anchored, Clocks, Way, anchor_schema, clocks_schema, named, pages_fit, unbounded},
};
use crate::{app::App, caller::Caller, pages::form, problem::Problem, routing::post};
use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use dayclear_core::{
    access::Role,
    command::{Load, givers},
    interview::Unheard,
    schema::CONTACTS,
};
use dayclear_ops::desk::{
    Refusal,
    heard::{self, Heard, HeardError, Said},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Characters of a value at most: the longest that an answer has room for.
const VALUE_MAX: usize = 400;

/// Who holds interviews: whoever may list contacts.
pub fn roles() -> &'static [Role] {
    givers(CONTACTS.name).unwrap_or_default()
}

const TOLD: Way = Way {
    path: "/api/v1/interviews/told",
    id: "interviews-told",
    tag: "tracing",
    field: "told",
    summary: "Send what was told in interviews",
    about: "Written down without a network, each thing under an id made on the phone. Sent again, it changes nothing. A refused one stays \
            with whoever sent it.",
};

/// The one route.
pub fn endpoints() -> Vec<Endpoint> {
    let of = |fields: &[(&str, &str)]| {
        let texts =
            fields.iter().map(|(name, about)| ((*name).to_owned(), json!({"type": "string", "description": about})));
        let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
        json!({"type": "object", "required": names, "additionalProperties": false, "properties": Map::from_iter(texts)})
    };
    let said = json!({"type": "object", "additionalProperties": false, "minProperties": 1, "maxProperties": 1, "properties": {
        "answer": of(&[("question", "id"), ("version", "the version that was put"), ("answer", "as the question takes it")]),
        "stay": of(&[("day", "day on which it began"), ("place", "id"), ("from", "HH:MM"),
            ("to", "HH:MM; before the beginning: on the next day"), ("setting", "kind of place; may be empty")]),
        "met": of(&[("who", "id on the roster, number of a document, or telephone number"), ("class", "class of the contact"),
            ("first", "first day"), ("last", "last day; empty: the first"), ("setting", "where; may be empty")])}});
    let record = json!({"type": "object", "additionalProperties": false, "required": ["record", "case", "said", "taken"],
    "properties": {
        "record": {"type": "string", "description": "id made on the phone: one thing, one id, for ever; at most 64 characters"},
        "case": {"type": "string", "description": "case that told it"},
        "said": said,
        "taken": unbounded(clocks_schema("what the phone's clocks said as it was written down")),
        "anchor": unbounded(anchor_schema()),
    }});
    let told = [
        ("state", json!({"enum": ["taken", "refused"]})),
        ("wrong", json!({"enum": Unheard::NAMES})),
        ("what", json!({"type": "string", "description": "what was expected, and what to do"})),
    ];
    let operation = TOLD.operation(record, &told).roles(roles());
    let handler = post(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked, request: Request| {
        asked.only([])?;
        take(&app, &caller, request).await
    });
    vec![Endpoint { operation, handler }]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    record: String,
    case: String,
    said: Said,
    taken: Clocks,
    anchor: Option<Anchored>,
}

impl Record {
    /// As the station takes it; nothing where a part of it cannot be what it should be.
    fn heard(self) -> Option<Heard> {
        let fits = named(&self.record)
            && self
                .said
                .parts()
                .iter()
                .all(|part| part.chars().count() <= VALUE_MAX && !part.contains(char::is_control))
            && pages_fit(&self.taken, self.anchor.as_ref());
        fits.then(|| Heard {
            record: self.record,
            case: self.case,
            said: self.said,
            taken: self.taken.into(),
            anchor: self.anchor.map(Into::into),
        })
    }
}

/// Whoever asks whether somebody has a document or a telephone is in the chain of reads, as with every search by a key: also where the
/// answer is that nobody has it.
pub async fn note_whom(app: &App, caller: &Caller, refused: Option<&HeardError>) -> Result<(), Problem> {
    let outcome = match refused {
        Some(HeardError::Unheard(Unheard::Several, _)) => "several",
        Some(HeardError::Unheard(Unheard::Nobody, _)) => "none",
        Some(_) => return Ok(()),
        None => "done",
    };
    audit(app, caller, "search", "people", &[], outcome, Value::Null).await
}

async fn take(app: &App, caller: &Caller, request: Request) -> Result<Response, Problem> {
    let role = caller.looker.duty.role;
    if !roles().contains(&role) {
        return Err(Refusal::NotYours { role, allowed: roles() }.into());
    }
    let (now, records) = TOLD.read::<Record>(request).await?;
    let mut told = Vec::with_capacity(records.len());
    for one in records {
        let record = one.record.clone();
        let outcome = match one.heard() {
            None => Err(HeardError::Unheard(Unheard::Row, None)),
            Some(heard) => {
                let outcome = heard::take(app.store(), &form::doing(app, caller, None), &heard, &now).await;
                if matches!(heard.said, Said::Met { .. }) {
                    note_whom(app, caller, outcome.as_ref().err()).await?;
                }
                outcome
            }
        };
        told.push(match outcome {
            Ok(()) => json!({"record": record, "state": "taken"}),
            Err(HeardError::Unheard(why, fault)) => {
                let what = fault.map(|fault| format!("{}: {}; {}", fault.field, fault.expected, fault.remedy));
                match what {
                    Some(what) => json!({"record": record, "state": "refused", "wrong": why.name(), "what": what}),
                    None => json!({"record": record, "state": "refused", "wrong": why.name()}),
                }
            }
            Err(HeardError::Desk(error)) => return Err(error.into()),
        });
    }
    if told.iter().any(|one| one["state"] == "taken") {
        app.nudge(Load::Intake);
    }
    Ok(Json(json!({"told": told})).into_response())
}
