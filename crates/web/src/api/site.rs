//! Tubes of a sampling site, sent together after a time without a network: each is taken or refused by itself, in the order in which
//! they were closed, and each is told by its own id. Sent again, each has the same answer, because a record is taken once for ever.

use super::{
    asking::Asked,
    endpoint::Endpoint,
    evidence,
    phone::{Anchored, Clocks, Way, anchor_schema, clocks_schema, named, pages_fit, unbounded},
};
use crate::{app::App, caller::Caller, pages::form, problem::Problem, routing::post};
use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use dayclear_core::{
    command::{Load, givers},
    evidence::Evidence,
    schema::{MEMBERS, TUBES},
    screening::Purpose,
    site::{
        Who, Wrong,
        clock::{How, Reading},
    },
};
use dayclear_ops::site::{self, Filled, SiteError, Taken, When};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

const TUBES_SENT: Way = Way {
    path: "/api/v1/site/tubes",
    id: "site-tubes",
    tag: "intake",
    field: "tubes",
    summary: "Send tubes of a site",
    about: "Tubes that were filled without a network, each with its people: all of a tube or nothing of it. When each was closed is \
            reckoned here from the phone's clocks. A refused one stays with whoever sent it; one that is sent again is `same`.",
};

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
    let told = [
        ("tube", json!({"type": "string"})),
        ("state", json!({"enum": ["taken", "same", "refused"]})),
        (
            "collected_at",
            json!({"type": "string", "format": "date-time", "description": "when it was closed, by the server's reckoning"}),
        ),
        ("within_s", json!({"type": "integer", "description": "seconds within which that is known"})),
        ("how", json!({"enum": How::NAMES})),
        ("wrong", json!({"enum": Wrong::NAMES})),
        ("what", json!({"type": "string", "description": "who or what is wrong"})),
    ];
    let operation = TUBES_SENT.operation(tube, &told).roles(givers(TUBES.name).unwrap_or_default());
    let handler = post(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked, request: Request| {
        asked.only([])?;
        take(&app, &caller, request).await
    });
    vec![Endpoint { operation, handler }]
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

impl Tube {
    /// As the station takes it; a fault of its form is told by its field.
    fn filled(self) -> Result<Filled, &'static str> {
        if !named(&self.record) {
            return Err("record");
        }
        if !pages_fit(&self.taken, self.anchor.as_ref()) {
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

async fn take(app: &App, caller: &Caller, request: Request) -> Result<Response, Problem> {
    for table in [TUBES.name, MEMBERS.name] {
        let evidence = Evidence::named(table).ok_or_else(Problem::unknown)?;
        evidence::allowed(app, caller, evidence).await?;
    }
    let (now, tubes) = TUBES_SENT.read::<Tube>(request).await?;
    let (mut told, mut news) = (Vec::with_capacity(tubes.len()), false);
    for tube in tubes {
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
    let doing = form::doing(app, caller, None);
    match site::take(app.store(), &doing, filled, Some(now)).await {
        Ok(taken) => Ok(Ok(taken)),
        Err(SiteError::Refused { wrong, what }) => Ok(Err((wrong, what))),
        Err(SiteError::Desk(error)) => Err(error.into()),
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
