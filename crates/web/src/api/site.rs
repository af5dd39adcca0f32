//! Tubes of a sampling site, sent together after a time without a network: each is taken or refused by itself, in the order in which
//! they were closed, and each is told by its own id. Sent again, each has the same answer, because a record is taken once for ever.

use super::{
    asking::{self, Asked},
    endpoint::{Endpoint, Operation},
    evidence, values,
};
use crate::{BODY_BYTES_MAX, app::App, caller::Caller, problem::Problem, routing::post};
use axum::{
    Json,
    extract::{Request, State},
    http::Method,
    response::{IntoResponse, Response},
};
use dayclear_core::{
    command::{Load, givers},
    evidence::Evidence,
    schema::{MEMBERS, TUBES},
    screening::Purpose,
    site::{
        Who, Wrong,
        clock::{Anchor, How, Reading},
    },
    time::Instant,
};
use dayclear_ops::{
    desk::{Doing, Refusal},
    site::{self, Filled, SiteError, Taken, When},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Tubes of one call at most.
const TUBES_MAX: usize = 50;
/// Characters of the name of a record or of a page.
pub(super) const NAME_MAX: usize = 64;

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

/// The one route.
pub fn endpoints() -> Vec<Endpoint> {
    let person = json!({"type": "object", "additionalProperties": false, "minProperties": 1, "maxProperties": 1, "properties": {
        "person": {"type": ["string", "null"], "description": "id on the roster"},
        "document": {"type": ["string", "null"], "description": "number of an identity document"}}});
    let tube = json!({"type": "object", "additionalProperties": false,
    "required": ["record", "tube", "division", "purpose", "size", "people", "taken"],
    "properties": {
        "record": {"type": "string", "description": "id made on the phone: one tube, one id, for ever; at most 64 characters"},
        "tube": {"type": "string", "description": "bar code"},
        "division": {"type": "string", "description": "where it was filled"},
        "purpose": {"enum": Purpose::NAMES},
        "size": {"type": "integer", "minimum": 1, "maximum": 20, "description": "swabs that it is meant for"},
        "site": {"type": ["string", "null"], "description": "at most 40 characters"},
        "round": {"type": ["string", "null"]},
        "people": {"type": "array", "items": person},
        "taken": unbounded(clocks_schema("what the phone's clocks said as the tube was closed")),
        "anchor": unbounded(anchor_schema()),
        "doubled": {"type": "boolean", "description": "somebody looked again: the tube does bear a code that another has"},
    }});
    let told = json!({"type": "object", "required": ["record", "tube", "state"], "additionalProperties": false, "properties": {
        "record": {"type": "string"},
        "tube": {"type": "string"},
        "state": {"enum": ["taken", "same", "refused"]},
        "collected_at": {"type": "string", "format": "date-time", "description": "when it was closed, by the server's reckoning"},
        "within_s": {"type": "integer", "description": "seconds within which that is known"},
        "how": {"enum": How::NAMES},
        "wrong": {"enum": Wrong::NAMES},
        "what": {"type": "string", "description": "who or what is wrong"}}});
    let operation = Operation::new(Method::POST, "/api/v1/site/tubes", "site-tubes", "intake")
        .about(
            "Send tubes of a site",
            "Tubes that were filled without a network, each with its people: all of a tube or nothing of it. When each was closed is \
             reckoned here from the phone's clocks. A refused one stays with whoever sent it; one that is sent again is `same`.",
        )
        .roles(givers(TUBES.name).unwrap_or_default())
        .under(Load::Intake)
        .body(
            "application/json",
            json!({"type": "object", "required": ["now", "tubes"], "additionalProperties": false, "properties": {
                "now": clocks_schema("what the phone's clocks say as it sends"),
                "tubes": {"type": "array", "minItems": 1, "maxItems": TUBES_MAX, "items": tube}}}),
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
    tubes: Vec<Tube>,
}

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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Person {
    person: Option<String>,
    document: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tube {
    record: String,
    tube: String,
    division: String,
    purpose: String,
    size: u8,
    site: Option<String>,
    round: Option<String>,
    people: Vec<Person>,
    taken: Clocks,
    anchor: Option<Anchored>,
    #[serde(default)]
    doubled: bool,
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

impl Tube {
    /// As the station takes it; a fault of its form is told by its field.
    fn filled(self) -> Result<Filled, &'static str> {
        if !named(&self.record) {
            return Err("record");
        }
        let pages = [Some(&self.taken.page), self.anchor.as_ref().map(|anchor| &anchor.page)];
        if pages.into_iter().flatten().any(|page| page.len() > NAME_MAX) {
            return Err("taken");
        }
        let people = self.people.into_iter().map(|one| match (one.person, one.document) {
            (Some(person), None) => Ok(Who::Person(person)),
            (None, Some(number)) if named(&number) => Ok(Who::Document(number)),
            _ => Err("people"),
        });
        Ok(Filled {
            record: self.record,
            tube: self.tube,
            division: self.division,
            purpose: self.purpose.parse().map_err(|_| "purpose")?,
            size: self.size,
            site: self.site.unwrap_or_default(),
            round: self.round.filter(|round| !round.is_empty()),
            people: people.collect::<Result<_, _>>()?,
            when: When::Device { taken: self.taken.into(), anchor: self.anchor.map(Into::into) },
            doubled: self.doubled,
            once_more: true,
        })
    }
}

pub(super) fn invalid(field: &str, expected: &str, remedy: &str) -> Problem {
    Refusal::Invalid(vec![values::fault(field, &Value::Null, expected, remedy)]).into()
}

async fn take(app: &App, caller: &Caller, request: Request) -> Result<Response, Problem> {
    for table in [TUBES.name, MEMBERS.name] {
        let evidence = Evidence::named(table).ok_or_else(Problem::unknown)?;
        evidence::allowed(app, caller, evidence).await?;
    }
    let body = asking::object(request, BODY_BYTES_MAX, false).await?;
    let sent: Sent = serde_json::from_value(Value::Object(body))
        .map_err(|error| invalid("tubes", &error.to_string(), "compare it with the document of the API"))?;
    if sent.tubes.is_empty() || sent.tubes.len() > TUBES_MAX {
        return Err(invalid("tubes", &format!("1 to {TUBES_MAX} tubes"), "send them in parts"));
    }
    let now: Reading = sent.now.into();
    let (mut told, mut news) = (Vec::with_capacity(sent.tubes.len()), false);
    for tube in sent.tubes {
        let (record, code) = (tube.record.clone(), tube.tube.clone());
        let outcome = match tube.filled() {
            Ok(filled) => one(app, caller, &filled, &now).await?,
            Err(field) => Err((Wrong::Row, field.to_owned())),
        };
        news |= outcome.as_ref().is_ok_and(|taken| !taken.same);
        told.push(answer(app, &record, &code, outcome));
    }
    if news {
        app.nudge(Load::Intake);
    }
    Ok(Json(json!({"told": told})).into_response())
}

type Outcome = Result<Taken, (Wrong, String)>;

/// Takes one; what is wrong with the sender or with the server ends the whole call, and what was taken before stays taken.
pub async fn one(app: &App, caller: &Caller, filled: &Filled, now: &Reading) -> Result<Outcome, Problem> {
    let doing = doing(app, caller);
    match site::take(app.store(), &doing, filled, Some(now)).await {
        Ok(taken) => Ok(Ok(taken)),
        Err(SiteError::Refused { wrong, what }) => Ok(Err((wrong, what))),
        Err(SiteError::Desk(error)) => Err(error.into()),
    }
}

pub(super) fn doing<'a>(app: &'a App, caller: &'a Caller) -> Doing<'a> {
    Doing {
        looker: &caller.looker,
        now: app.now(),
        stepped_up: caller.stepped_up,
        packs: &app.setup.packs,
        pack: &app.setup.pack,
        settings: &app.setup.settings,
        key: None,
        keys: None,
    }
}

fn answer(app: &App, record: &str, tube: &str, outcome: Outcome) -> Value {
    match outcome {
        Ok(Taken { closed, same }) => {
            json!({"record": record, "tube": tube, "state": if same { "same" } else { "taken" },
            "collected_at": app.zone().text(closed.at), "within_s": closed.within_s, "how": closed.how.name()})
        }
        Err((wrong, what)) => {
            json!({"record": record, "tube": tube, "state": "refused", "wrong": wrong.name(), "what": what})
        }
    }
}
