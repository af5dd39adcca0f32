//! The road: reports of a crew, sent from a phone that may have been without a network, each taken or refused by itself in the order in
//! which it was made; and signs of life of a vehicle, of which the last one is kept for as long as its trip lasts.

use super::{
    asking::{self, Asked},
    endpoint::{Endpoint, Operation},
    phone::{Anchored, Clocks, Way, anchor_schema, clocks_schema, invalid, named, pages_fit, unbounded},
};
use crate::{BODY_BYTES_MAX, app::App, caller::Caller, pages::form, problem::Problem, routing::post};
use axum::{
    Json,
    extract::{Request, State},
    http::Method,
    response::{IntoResponse, Response},
};
use dayclear_core::{
    command::Load,
    site::clock::How,
    transfer::HandoverStep,
    trip::{BEAT_S, Untaken},
};
use dayclear_ops::{
    desk::crew::{self, CrewError, STEPS, Told},
    road::{self, CREWS},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Characters of a note at most.
const NOTE_MAX: usize = 400;

const REPORTS: Way = Way {
    path: "/api/v1/trip/reports",
    id: "trip-reports",
    tag: "transfer",
    field: "reports",
    summary: "Send reports of a crew",
    about: "What happened on the road, each report under an id made on the phone. Sent again, it has the same answer. A refused one \
            stays with whoever sent it; the dispatch is told of it. No report of a crew admits anybody.",
};

/// The two routes.
pub fn endpoints() -> Vec<Endpoint> {
    vec![reports(), position()]
}

fn reports() -> Endpoint {
    let steps: Vec<&str> = STEPS.iter().map(|step| step.name()).collect();
    let report = json!({"type": "object", "additionalProperties": false, "required": ["record", "trip", "transfer", "step", "taken"],
    "properties": {
        "record": {"type": "string", "description": "id made on the phone: one report, one id, for ever; at most 64 characters"},
        "trip": {"type": "string", "description": "trip on which the person was when the report was made"},
        "transfer": {"type": "string"},
        "step": {"type": "string", "description": format!("one of: {}", steps.join(", "))},
        "note": {"type": ["string", "null"], "description": format!("words of the crew, at most {NOTE_MAX} characters")},
        "taken": unbounded(clocks_schema("what the phone's clocks said as it happened")),
        "anchor": unbounded(anchor_schema()),
    }});
    let told = [
        ("state", json!({"enum": ["taken", "same", "refused"]})),
        (
            "at",
            json!({"type": "string", "format": "date-time", "description": "when it happened, by the server's reckoning"}),
        ),
        ("within_s", json!({"type": "integer", "description": "seconds within which that is known"})),
        ("how", json!({"enum": How::NAMES})),
        ("wrong", json!({"enum": Untaken::NAMES})),
    ];
    let operation = REPORTS.operation(report, &told).roles(CREWS);
    let handler = post(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked, request: Request| {
        asked.only([])?;
        take(&app, &caller, request).await
    });
    Endpoint { operation, handler }
}

fn position() -> Endpoint {
    let degrees = |most: u16| json!({"type": ["number", "null"], "minimum": -i32::from(most), "maximum": most});
    let operation = Operation::new(Method::POST, "/api/v1/trip/position", "trip-position", "transfer")
        .about(
            "Give a sign of life",
            "The vehicle of the duty is on the road; where, if it says so. Kept to a thousandth of a degree, the last one only, and \
             deleted once the trip is over. Where the vehicle is on no trip nothing is kept. Its time is the server's.",
        )
        .roles(CREWS)
        .under(Load::Work)
        .body(
            "application/json",
            json!({"type": "object", "additionalProperties": false, "properties": {"lon": degrees(180), "lat": degrees(90)}}),
        )
        .answers(
            200,
            "the trip that it is on",
            json!({"type": "object", "required": ["trip", "plan", "next_s"], "additionalProperties": false, "properties": {
                "trip": {"type": ["string", "null"]},
                "plan": {"type": "string", "description": "another text when another plan of this vehicle is to be fetched"},
                "next_s": {"type": "integer", "description": "seconds until the next one"}}}),
        )
        .problems(&[403, 413, 415, 422]);
    let handler = post(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked, request: Request| {
        asked.only([])?;
        hear(&app, &caller, request).await
    });
    Endpoint { operation, handler }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Report {
    record: String,
    trip: String,
    transfer: String,
    step: String,
    note: Option<String>,
    taken: Clocks,
    anchor: Option<Anchored>,
}

impl Report {
    /// As the station takes it; nothing where a part of it cannot be what it should be.
    fn told(self) -> Option<Told> {
        let step: HandoverStep = self.step.parse().ok()?;
        let note: String = self.note.unwrap_or_default().trim().chars().filter(|one| !one.is_control()).collect();
        let fits = named(&self.record)
            && STEPS.contains(&step)
            && note.chars().count() <= NOTE_MAX
            && pages_fit(&self.taken, self.anchor.as_ref());
        fits.then(|| Told {
            record: self.record,
            trip: self.trip,
            transfer: self.transfer,
            step,
            note,
            taken: self.taken.into(),
            anchor: self.anchor.map(Into::into),
        })
    }
}

async fn take(app: &App, caller: &Caller, request: Request) -> Result<Response, Problem> {
    let (now, reports) = REPORTS.read::<Report>(request).await?;
    let (mut told, mut news) = (Vec::with_capacity(reports.len()), false);
    for report in reports {
        let record = report.record.clone();
        let outcome = match report.told() {
            None => Err(Untaken::Row),
            Some(report) => match crew::take(app.store(), &form::doing(app, caller, None), &report, &now).await {
                Ok(heeded) => Ok(heeded),
                Err(CrewError::Untaken(why)) => Err(why),
                Err(CrewError::Desk(error)) => return Err(error.into()),
            },
        };
        news |= !matches!(&outcome, Ok(heeded) if heeded.same);
        told.push(match outcome {
            Ok(heeded) => {
                json!({"record": record, "state": if heeded.same { "same" } else { "taken" },
                    "at": app.zone().text(heeded.at.at), "within_s": heeded.at.within_s, "how": heeded.at.how.name()})
            }
            Err(why) => json!({"record": record, "state": "refused", "wrong": why.name()}),
        });
    }
    if news {
        app.nudge(Load::Intake);
    }
    Ok(Json(json!({"told": told})).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Place {
    lon: Option<f64>,
    lat: Option<f64>,
}

async fn hear(app: &App, caller: &Caller, request: Request) -> Result<Response, Problem> {
    let body = asking::object(request, BODY_BYTES_MAX, false).await?;
    let place: Place = serde_json::from_value(Value::Object(body))
        .map_err(|error| invalid("lon", &error.to_string(), "compare it with the document of the API"))?;
    let on_earth = |degrees: Option<f64>, most: f64| degrees.is_none_or(|degrees| degrees.abs() <= most);
    if !on_earth(place.lon, 180.0) || !on_earth(place.lat, 90.0) {
        return Err(invalid("lon", "degrees on earth", "leave the place out where it is not known"));
    }
    let place = place.lon.zip(place.lat);
    if place.is_some_and(|(lon, lat)| dayclear_core::trip::coarse(lon, lat).is_none()) {
        return Err(invalid("lon", "degrees on earth", "leave the place out where it is not known"));
    }
    let trip = road::hear(app.store(), &form::doing(app, caller, None), place).await?;
    let plan = road::plan_of(app.store(), &caller.looker).await?;
    Ok(Json(json!({"trip": trip, "plan": plan, "next_s": BEAT_S})).into_response())
}
