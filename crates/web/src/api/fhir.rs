//! FHIR R4: a Bundle of DiagnosticReport, Observation and Specimen, posted to the base address. It says what it says by the
//! same road as every other result; its answer is a Bundle with what became of each entry, or an OperationOutcome.

use super::{
    asking, audit,
    endpoint::{Endpoint, Operation},
    evidence::allowed,
    openapi::parameters,
};
use crate::{
    BODY_BYTES_MAX,
    app::App,
    caller::Caller,
    letters::{Incoming, faults_of, faults_of_all, take},
    problem::Problem,
    routing::post,
};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use dayclear_core::{
    access::Role,
    evidence::{EVIDENCE, Evidence},
    schema::RESULTS,
};
use dayclear_exchange::{
    Fault, Kind, Place,
    fhir::{self, Bundle, Taken},
};
use dayclear_ops::desk::{DeskError, Refusal};
use serde_json::{Value, json};
use std::sync::Arc;

/// Address of the endpoint: the base of FHIR.
const PATH: &str = "/api/fhir";
const MEDIA: &str = "application/fhir+json";
/// Channel under which messages are known.
const CHANNEL: &str = "fhir";

fn results() -> Option<&'static Evidence> {
    EVIDENCE.iter().find(|evidence| evidence.table.name == RESULTS.name)
}

/// Route of FHIR.
pub fn endpoints() -> Vec<Endpoint> {
    let Some(evidence) = results() else { return Vec::new() };
    let bundle = json!({"type": "object", "required": ["resourceType", "type", "entry"], "properties": {
        "resourceType": {"const": "Bundle"},
        "type": {"enum": ["transaction", "batch", "message", "collection"]},
        "identifier": {"type": "object", "description": "the same when it is sent again: it is taken once"},
        "entry": {"type": "array", "minItems": 1, "items": {"type": "object"}}}});
    let answer = json!({"type": "object", "properties": {
        "resourceType": {"const": "Bundle"}, "type": {"enum": ["transaction-response", "batch-response"]},
        "entry": {"type": "array", "items": {"type": "object"}}}});
    let fault = json!({"type": "object", "properties": {
        "resourceType": {"const": "OperationOutcome"}, "issue": {"type": "array", "items": {"type": "object"}}}});
    let mut operation = Operation::new(Method::POST, PATH, "fhir", "intake")
        .about(
            "Send results as FHIR R4",
            "A Bundle with an Observation for each result, and the Specimen it is of (docs/results.md). A transaction is taken \
             whole or not at all; of the others each result as far as it goes. Programs that speak FHIR get their faults as \
             an OperationOutcome.",
        )
        .roles(evidence.roles)
        .under(evidence.load)
        .takes(parameters::query("_format", "json, or nothing", json!({"enum": ["json", MEDIA]})))
        .body(MEDIA, bundle)
        .answers_as(200, "what became of each entry", MEDIA, answer)
        .problems(&[403, 409, 413, 415, 422]);
    for status in operation.problems.clone() {
        operation = operation.answers_as(status, "a fault, as an OperationOutcome or a problem", MEDIA, fault.clone());
    }
    let handler = post(async |State(app): State<Arc<App>>, caller: Caller, request: Request| {
        bring(&app, &caller, evidence, request).await
    });
    vec![Endpoint { operation, handler }]
}

/// An answer in FHIR.
fn answered(status: StatusCode, body: String) -> Response {
    let mut response = (status, body).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA));
    response
}

fn outcome(status: StatusCode, faults: &[Fault]) -> Response {
    answered(status, fhir::outcome(faults).to_string())
}

async fn bring(app: &App, caller: &Caller, evidence: &'static Evidence, request: Request) -> Result<Response, Problem> {
    allowed(app, caller, evidence).await?;
    let media = asking::media(request.headers());
    if !matches!(media.as_str(), MEDIA | "application/json") {
        return Err(asking::other_media(&media, MEDIA));
    }
    let body = asking::whole(request, BODY_BYTES_MAX).await?;
    let duty = &caller.looker.duty;
    let laboratory = duty.site.as_deref().filter(|_| duty.role == Role::Laboratory);
    let value = match fhir::parse(&body) {
        Ok(value) => value,
        Err(fault) => {
            refused(app, caller, "unreadable").await?;
            return Ok(outcome(StatusCode::BAD_REQUEST, &[fault]));
        }
    };
    let bundle = match fhir::read(&value, &app.codes, laboratory) {
        Ok(bundle) => bundle,
        // it is JSON, and no Bundle that can be taken
        Err(faults) => {
            refused(app, caller, "unreadable").await?;
            return Ok(outcome(StatusCode::UNPROCESSABLE_ENTITY, &faults));
        }
    };
    let letter = &bundle.letter;
    let atomic = bundle.kind.is_atomic();
    let incoming = Incoming { channel: CHANNEL, sender: &caller.looker.account, bytes: &body, letter, atomic };
    let answer = |taken: &dayclear_ops::evidence::letters::Taken<'_>| told(&bundle, taken).to_string();
    match take(app, &caller.looker, &incoming, &answer).await {
        Ok(answer) => {
            let mut response = answered(StatusCode::OK, answer.answer);
            if answer.replayed {
                response.headers_mut().insert("idempotent-replay", HeaderValue::from_static("true"));
            }
            Ok(response)
        }
        Err(DeskError::Refused(Refusal::Invalid(errors))) => {
            refused(app, caller, "invalid").await?;
            Ok(outcome(StatusCode::UNPROCESSABLE_ENTITY, &faults_of_all(letter, &errors)))
        }
        Err(DeskError::Refused(Refusal::OtherBody)) => {
            refused(app, caller, "contradicted").await?;
            let place = Place::Path("Bundle.identifier".to_owned());
            let expected = "an identifier that no other Bundle had; nothing of this one was taken";
            let remedy = "send what is right under a new identifier; somebody was asked to find out which holds";
            let fault = Fault::new(Kind::Contradiction, place, &letter.id, expected, remedy);
            Ok(outcome(StatusCode::UNPROCESSABLE_ENTITY, &[fault]))
        }
        Err(other) => Err(other.into()),
    }
}

async fn refused(app: &App, caller: &Caller, why: &'static str) -> Result<(), Problem> {
    audit(app, caller, "evidence", RESULTS.name, &[], "refused", json!({"channel": CHANNEL, "why": why})).await
}

/// What became of each entry.
fn told(bundle: &Bundle, taken: &dayclear_ops::evidence::letters::Taken<'_>) -> Value {
    let news = taken.tally.created > 0;
    let rows = bundle.letter.rows.iter().enumerate().map(|(at, row)| {
        let faults = faults_of(row, at, taken);
        let taken = match faults.is_empty() {
            false => Taken::Aside(faults),
            true if news => Taken::Created,
            true => Taken::Same,
        };
        (row.entry, taken)
    });
    fhir::bundle(bundle.kind, bundle.entries.len(), &rows.collect::<Vec<_>>())
}

/// Problems as FHIR says them, for whoever speaks FHIR: wherever on its way in a request was turned away.
pub async fn outcomes(request: Request, next: Next) -> Response {
    let headers = request.headers();
    let speaks = [header::ACCEPT, header::CONTENT_TYPE].iter().any(|name| {
        headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains("fhir+json"))
    });
    if !speaks || request.uri().path() != PATH {
        return next.run(request).await;
    }
    let response = next.run(request).await;
    let Some(problem) = response.extensions().get::<Problem>().cloned() else { return response };
    let kind = match response.status() {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Kind::Sender,
        StatusCode::NOT_FOUND => Kind::Unknown,
        StatusCode::CONFLICT => Kind::Contradiction,
        StatusCode::PAYLOAD_TOO_LARGE => Kind::TooLong,
        StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::METHOD_NOT_ALLOWED => Kind::Unsupported,
        status if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS => Kind::Inside,
        _ => Kind::Form,
    };
    let fault = Fault::new(kind, Place::Path(String::new()), "", problem.title, problem.detail);
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA));
    Response::from_parts(parts, fhir::outcome(&[fault]).to_string().into())
}
