//! What routes have in common to which a phone sends records that it kept while it had no network: each under an id made there, each taken
//! or refused by itself, with readings of the phone's clocks, which are not believed. It may use the reading of bodies; it guarantees that
//! a record which cannot even be read refuses the call and nothing is taken of it.

use super::{asking, endpoint::Operation, values};
use crate::{BODY_BYTES_MAX, problem::Problem};
use axum::{extract::Request, http::Method};
use dayclear_core::{
    command::Load,
    site::clock::{Anchor, Reading},
    time::Instant,
};
use dayclear_ops::desk::Refusal;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

/// Records of one call at most.
const RECORDS_MAX: usize = 50;
/// Characters of the name of a record or of a page.
const NAME_MAX: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Clocks {
    wall_ms: i64,
    page_ms: i64,
    pub(super) page: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Anchored {
    server_ms: i64,
    wall_ms: i64,
    page_ms: i64,
    pub(super) page: String,
}

impl From<Clocks> for Reading {
    fn from(clocks: Clocks) -> Self {
        Reading { wall_ms: clocks.wall_ms, page_ms: clocks.page_ms, page: clocks.page.chars().take(NAME_MAX).collect() }
    }
}

impl From<Anchored> for Anchor {
    fn from(anchor: Anchored) -> Self {
        Anchor {
            server: Instant::from_micros(anchor.server_ms.saturating_mul(1_000)),
            device: Clocks { wall_ms: anchor.wall_ms, page_ms: anchor.page_ms, page: anchor.page }.into(),
        }
    }
}

/// Whether the names of pages that a record's clocks stand under may be such.
pub(super) fn pages_fit(taken: &Clocks, anchor: Option<&Anchored>) -> bool {
    let pages = [Some(&taken.page), anchor.map(|anchor| &anchor.page)];
    pages.into_iter().flatten().all(|page| page.len() <= NAME_MAX)
}

/// What a phone says of its clocks at one moment.
pub(super) fn clocks_schema(about: &str) -> Value {
    json!({"type": "object", "description": about, "required": ["wall_ms", "page_ms", "page"], "additionalProperties": false,
    "properties": {
        "wall_ms": {"type": "integer", "description": "milliseconds since 1970 by the phone; it is not believed"},
        "page_ms": {"type": "integer", "description": "milliseconds since its page began"},
        "page": {"type": "string", "maxLength": NAME_MAX, "description": "which page: a new name each time it is loaded"},
    }})
}

/// The same with the server's time.
pub(super) fn anchor_schema() -> Value {
    let mut anchor = clocks_schema("the last moment before at which the phone knew the server's time");
    anchor["type"] = json!(["object", "null"]);
    anchor["properties"]["server_ms"] = json!({"type": "integer", "description": "the server's time then"});
    anchor["required"] = json!(["server_ms", "wall_ms", "page_ms", "page"]);
    anchor
}

/// Clocks of one thing among others: what is longer than it may be is refused by itself, and not the others that came with it, so the
/// whole has no bound.
pub(super) fn unbounded(mut schema: Value) -> Value {
    if let Some(page) = schema["properties"]["page"].as_object_mut() {
        page.remove("maxLength");
    }
    schema
}

/// Whether a text may be a name that a phone gives: of a record, of a page.
pub(super) fn named(text: &str) -> bool {
    (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

pub(super) fn invalid(field: &str, expected: &str, remedy: &str) -> Problem {
    Refusal::Invalid(vec![values::fault(field, &Value::Null, expected, remedy)]).into()
}

/// Id, station, summary and description of a route, and the field of the body in which the records stand.
pub(super) struct Way {
    /// Path.
    pub path: &'static str,
    /// Id of the operation.
    pub id: &'static str,
    /// Station.
    pub tag: &'static str,
    /// Field of the records.
    pub field: &'static str,
    /// What it does.
    pub summary: &'static str,
    /// More about it.
    pub about: &'static str,
}

impl Way {
    /// The operation, with what a record is, and what is told of it besides its id, its state and why it is refused.
    pub fn operation(&self, record: Value, told: &[(&str, Value)]) -> Operation {
        let mut properties = Map::from_iter([("record".to_owned(), json!({"type": "string"}))]);
        properties.extend(told.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())));
        let told = json!({"type": "object", "required": ["record", "state"], "additionalProperties": false,
            "properties": properties});
        let records = json!({"type": "array", "minItems": 1, "maxItems": RECORDS_MAX, "items": record});
        let mut body = json!({"type": "object", "required": ["now", self.field], "additionalProperties": false,
            "properties": {"now": clocks_schema("what the phone's clocks say as it sends")}});
        body["properties"][self.field] = records;
        Operation::new(Method::POST, self.path, self.id, self.tag)
            .about(self.summary, self.about)
            .under(Load::Intake)
            .body("application/json", body)
            .answers(
                200,
                "what became of each",
                json!({"type": "object", "required": ["told"], "additionalProperties": false,
                    "properties": {"told": {"type": "array", "items": told}}}),
            )
            .problems(&[403, 413, 415, 422])
    }

    /// What was sent: the clocks of the moment of sending, and the records.
    pub async fn read<T: DeserializeOwned>(&self, request: Request) -> Result<(Reading, Vec<T>), Problem> {
        let mut body = asking::object(request, BODY_BYTES_MAX, false).await?;
        let unlike = |field: &str, error: &serde_json::Error| {
            invalid(field, &error.to_string(), "compare it with the document of the API")
        };
        let now: Clocks =
            serde_json::from_value(body.remove("now").unwrap_or_default()).map_err(|error| unlike("now", &error))?;
        let records: Vec<T> = serde_json::from_value(body.remove(self.field).unwrap_or_default())
            .map_err(|error| unlike(self.field, &error))?;
        if let Some(other) = body.keys().next() {
            return Err(invalid(other, &format!("now and {}", self.field), "leave it out"));
        }
        if records.is_empty() || records.len() > RECORDS_MAX {
            return Err(invalid(self.field, &format!("1 to {RECORDS_MAX} records"), "send them in parts"));
        }
        if !pages_fit(&now, None) {
            return Err(invalid("now", &format!("a page of at most {NAME_MAX} characters"), "send a shorter name"));
        }
        Ok((now.into(), records))
    }
}
