//! What was told in interviews without a network: answers, stays and people met, sent from a telephone, each taken or refused by itself in
//! the order in which it was written down. Sent again, each changes nothing.

use super::{
    asking::{self, Asked},
    audit,
    endpoint::{Endpoint, Operation},
    site::{Anchored, Clocks, NAME_MAX, anchor_schema, clocks_schema, invalid, named, unbounded},
};
use crate::{BODY_BYTES_MAX, app::App, caller::Caller, problem::Problem, routing::post};
use axum::{
    Json,
    extract::{Request, State},
    http::Method,
    response::{IntoResponse, Response},
};
use dayclear_core::{
    access::Role,
    command::{Load, givers},
    interview::Unheard,
    schema::CONTACTS,
    site::clock::Reading,
};
use dayclear_ops::desk::{
    Refusal,
    heard::{self, Heard, HeardError, Said},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Records of one call at most.
const RECORDS_MAX: usize = 50;
/// Characters of a value at most: the longest that an answer has room for.
const VALUE_MAX: usize = 400;

/// Who holds interviews: whoever may list contacts.
pub fn roles() -> &'static [Role] {
    givers(CONTACTS.name).unwrap_or_default()
}

/// The one route.
pub fn endpoints() -> Vec<Endpoint> {
    let text = |about: &str| json!({"type": "string", "description": about});
    let of = |fields: &[(&str, &str)]| {
        let fields: serde_json::Map<String, Value> =
            fields.iter().map(|(name, about)| ((*name).to_owned(), text(about))).collect();
        let names: Vec<&String> = fields.keys().collect();
        json!({"type": ["object", "null"], "required": names, "additionalProperties": false, "properties": fields})
    };
    let record = json!({"type": "object", "additionalProperties": false, "required": ["record", "case", "taken"],
    "properties": {
        "record": {"type": "string", "description": "id made on the telephone: one thing, one id, for ever; at most 64 characters"},
        "case": {"type": "string", "description": "case that told it"},
        "answer": of(&[("question", "id"), ("version", "the version that was put"), ("answer", "as the question takes it")]),
        "stay": of(&[("day", "day on which it began"), ("place", "id"), ("from", "HH:MM"),
            ("to", "HH:MM; before the beginning: on the next day"), ("setting", "kind of place; may be empty")]),
        "met": of(&[("who", "id on the roster, number of a document, or telephone number"), ("class", "class of the contact"),
            ("first", "first day"), ("last", "last day; empty: the first"), ("setting", "where; may be empty")]),
        "taken": unbounded(clocks_schema("what the telephone's clocks said as it was written down")),
        "anchor": unbounded(anchor_schema()),
    }});
    let told = json!({"type": "object", "required": ["record", "state"], "additionalProperties": false, "properties": {
        "record": {"type": "string"},
        "state": {"enum": ["taken", "refused"]},
        "wrong": {"enum": Unheard::NAMES},
        "what": {"type": "string", "description": "what was expected, and what to do"}}});
    let operation = Operation::new(Method::POST, "/api/v1/interviews/told", "interviews-told", "tracing")
        .about(
            "Send what was told in interviews",
            "Written down without a network, each thing under an id made on the telephone: one of `answer`, `stay`, `met`. Sent again, it \
             changes nothing. A refused one stays with whoever sent it.",
        )
        .roles(roles())
        .under(Load::Intake)
        .body(
            "application/json",
            json!({"type": "object", "required": ["now", "told"], "additionalProperties": false, "properties": {
                "now": clocks_schema("what the telephone's clocks say as it sends"),
                "told": {"type": "array", "minItems": 1, "maxItems": RECORDS_MAX, "items": record}}}),
        )
        .answers(
            200,
            "what became of each",
            json!({"type": "object", "required": ["told"], "additionalProperties": false,
                "properties": {"told": {"type": "array", "items": told}}}),
        )
        .problems(&[403, 413, 415, 422]);
    let handler = post(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked, request: Request| {
        asked.only([])?;
        take(&app, &caller, request).await
    });
    vec![Endpoint { operation, handler }]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    now: Clocks,
    told: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Answer {
    question: String,
    version: String,
    answer: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Stay {
    day: String,
    place: String,
    from: String,
    to: String,
    setting: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Met {
    who: String,
    class: String,
    first: String,
    last: String,
    setting: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    record: String,
    case: String,
    answer: Option<Answer>,
    stay: Option<Stay>,
    met: Option<Met>,
    taken: Clocks,
    anchor: Option<Anchored>,
}

impl Record {
    /// As the station takes it; nothing where a part of it cannot be what it should be.
    fn heard(self) -> Option<Heard> {
        let pages = [Some(&self.taken.page), self.anchor.as_ref().map(|anchor| &anchor.page)];
        let said = match (self.answer, self.stay, self.met) {
            (Some(one), None, None) => {
                Said::Answer { question: one.question, version: one.version, answer: one.answer }
            }
            (None, Some(one), None) => {
                Said::Stay { day: one.day, place: one.place, from: one.from, to: one.to, setting: one.setting }
            }
            (None, None, Some(one)) => {
                Said::Met { who: one.who, class: one.class, first: one.first, last: one.last, setting: one.setting }
            }
            _ => return None,
        };
        let fits = named(&self.record)
            && said.parts().iter().all(|part| part.chars().count() <= VALUE_MAX && !part.contains(char::is_control))
            && pages.into_iter().flatten().all(|page| page.len() <= NAME_MAX);
        fits.then(|| Heard {
            record: self.record,
            case: self.case,
            said,
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
    let body = asking::object(request, BODY_BYTES_MAX, false).await?;
    let sent: Sent = serde_json::from_value(Value::Object(body))
        .map_err(|error| invalid("told", &error.to_string(), "compare it with the document of the API"))?;
    if sent.told.is_empty() || sent.told.len() > RECORDS_MAX {
        return Err(invalid("told", &format!("1 to {RECORDS_MAX} records"), "send them in parts"));
    }
    if sent.now.page.len() > NAME_MAX {
        return Err(invalid("now", &format!("a page of at most {NAME_MAX} characters"), "send a shorter name"));
    }
    let now: Reading = sent.now.into();
    let mut told = Vec::with_capacity(sent.told.len());
    for one in sent.told {
        let record = one.record.clone();
        let outcome = match one.heard() {
            None => Err(HeardError::Unheard(Unheard::Row, None)),
            Some(heard) => {
                let outcome = heard::take(app.store(), &super::site::doing(app, caller), &heard, &now).await;
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
