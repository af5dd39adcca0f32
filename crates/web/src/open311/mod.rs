//! Open311 GeoReport v2 over the requests of residents: services and their definitions, requests made and looked at, tokens; in JSON and
//! XML with the field names of the specification (wiki.open311.org/GeoReport_v2). A facade: what comes in is a request like any other,
//! with its clock and its ticket where it is an emergency. It guarantees that what anybody may read here tells of nobody: no words, no
//! door, no place below the district, and nothing at all of requests about somebody's health in a list.

mod form;
mod shape;

use crate::{
    app::App,
    caller::language,
    pages::take_request,
    problem::Problem,
    routing::{get, post},
};
use axum::{
    Router,
    extract::{Path, RawQuery, Request, State},
    http::{StatusCode, request::Parts},
    response::Response,
};
use dayclear_core::{divisions::DivisionCode, time::Instant, welfare::RequestKind};
use dayclear_ops::{
    desk::{DeskError, Refusal},
    public,
};
use dayclear_papers::{Lang, Words};
use dayclear_store::public::OpenRequest;
use form::Given;
use shape::{Shape, Value};
use std::sync::Arc;

/// Days that a look at requests spans where it names none, as the specification has it.
const WINDOW_D: i64 = 90;
/// Requests of one answer at most, as the specification has it.
const ROWS_MAX: i64 = 1_000;
/// Bytes of a form at most.
const FORM_BYTES_MAX: usize = 64 << 10;
/// How far the seat of the nearest division may be, in degrees, squared: some 30 km. Further away is another city.
const FAR_MAX: f64 = 0.09;

/// Kinds of which a list tells: nothing about anybody's health or quarrels can be read off one.
const LISTED: &[RequestKind] =
    &[RequestKind::Food, RequestKind::Infant, RequestKind::Exit, RequestKind::Information, RequestKind::Other];

/// Routes below `/open311/v2`.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/open311/v2/{what}", get(look).merge(post(make)))
        .route("/open311/v2/services/{one}", get(service))
        .route("/open311/v2/requests/{one}", get(request))
        .route("/open311/v2/tokens/{one}", get(token))
}

/// An answer that is an error, in the form of the specification.
struct Wrong(StatusCode, String);

impl Wrong {
    fn bad(why: impl Into<String>) -> Wrong {
        Wrong(StatusCode::BAD_REQUEST, why.into())
    }
    fn unknown(why: impl Into<String>) -> Wrong {
        Wrong(StatusCode::NOT_FOUND, why.into())
    }
}

/// What an answer holds: a document, or what is wrong.
type Told = Result<Value, Wrong>;

/// Splits a name into what is asked for and the form of the answer.
fn shaped(name: &str) -> Option<(&str, Shape)> {
    let (name, ending) = name.rsplit_once('.')?;
    Some((name, Shape::of(ending)?))
}

fn answered(told: Told, shape: Shape) -> Response {
    match told {
        Ok(value) => shape.answer(StatusCode::OK, &value),
        Err(Wrong(status, why)) => shape.answer(status, &shape::error(status, &why)),
    }
}

/// Which city is asked, where one is named.
fn here(app: &App, given: &Given) -> Result<(), Wrong> {
    match given.text("jurisdiction_id") {
        None => Ok(()),
        Some(id) if id == app.setup.city.as_str() => Ok(()),
        Some(_) => Err(Wrong::unknown("jurisdiction_id was not found")),
    }
}

/// `GET /open311/v2/services.FORMAT` and `GET /open311/v2/requests.FORMAT`.
async fn look(
    State(app): State<Arc<App>>,
    Path(what): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let (name, shape) = shaped(&what).ok_or_else(Problem::unknown)?;
    let given = Given::read(query.as_deref().unwrap_or_default());
    let lang = language(&parts);
    let told = match name {
        "services" => here(&app, &given).map(|()| services(lang)),
        "requests" => requests(&app, &given, lang).await?,
        _ => return Err(Problem::unknown()),
    };
    Ok(answered(told, shape))
}

fn services(lang: Lang) -> Value {
    let w = Words::of(lang);
    let one = |kind: &RequestKind| {
        Value::record(
            "service",
            [
                ("service_code", Value::text(kind.name())),
                ("service_name", Value::text(w.term(*kind))),
                ("description", Value::text(w.say(&format!("open311-{kind}")))),
                ("metadata", Value::Truth(form::has_attributes(*kind))),
                ("type", Value::text("realtime")),
                ("keywords", Value::text("")),
                ("group", Value::text(w.say(&format!("open311-group-{}", group(*kind))))),
            ],
        )
    };
    Value::List("services", RequestKind::ALL.iter().map(one).collect())
}

/// How urgent a kind is (triage).
const fn group(kind: RequestKind) -> &'static str {
    match kind {
        RequestKind::Emergency | RequestKind::Labour | RequestKind::Exit => "life",
        RequestKind::Dialysis | RequestKind::Chemotherapy | RequestKind::Medicine | RequestKind::Counselling => {
            "health"
        }
        RequestKind::Food | RequestKind::Infant => "supplies",
        RequestKind::Appeal | RequestKind::Dispute | RequestKind::Information | RequestKind::Other => "rights",
    }
}

/// `GET /open311/v2/services/CODE.FORMAT`.
async fn service(
    State(app): State<Arc<App>>,
    Path(one): Path<String>,
    RawQuery(query): RawQuery,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let (code, shape) = shaped(&one).ok_or_else(Problem::unknown)?;
    let given = Given::read(query.as_deref().unwrap_or_default());
    let kind = code.parse::<RequestKind>().map_err(|_| Wrong::unknown("service_code was not found"));
    let told = here(&app, &given).and(kind).map(|kind| form::definition(kind, Words::of(language(&parts))));
    Ok(answered(told, shape))
}

fn moment(app: &App, at: Instant) -> Value {
    Value::text(app.zone().text(at))
}

fn shown(app: &App, lang: Lang, one: &OpenRequest) -> Value {
    let w = Words::of(lang);
    let open = one.answered_at.is_none();
    let notes = match () {
        () if !open => w.say("open311-closed"),
        () if one.told => w.say("open311-told"),
        () if one.reopened > 0 => w.get("open311-reopened", &[("count", one.reopened.unsigned_abs().into())]),
        () => w.say("open311-open"),
    };
    Value::record(
        "request",
        [
            ("service_request_id", Value::text(one.request.as_str())),
            ("status", Value::text(if open { "open" } else { "closed" })),
            ("status_notes", Value::text(notes)),
            ("service_name", Value::text(w.term(one.kind))),
            ("service_code", Value::text(one.kind.name())),
            // in the person's words it would tell of them
            ("description", Value::Nothing),
            ("agency_responsible", Value::text(app.place_name(one.district.as_str(), lang))),
            ("service_notice", Value::Nothing),
            ("requested_datetime", moment(app, one.received_at)),
            ("updated_datetime", moment(app, one.answered_at.unwrap_or(one.received_at))),
            ("expected_datetime", one.due_at.map_or(Value::Nothing, |at| moment(app, at))),
            ("address", Value::text(app.place_name(one.district.as_str(), lang))),
            ("address_id", Value::text(one.district.as_str())),
            ("zipcode", Value::Nothing),
            ("lat", Value::Nothing),
            ("long", Value::Nothing),
            ("media_url", Value::Nothing),
        ],
    )
}

/// The requests that were asked for: by number, or those of the kinds that may be listed.
async fn requests(app: &App, given: &Given, lang: Lang) -> Result<Told, Problem> {
    if let Err(wrong) = here(app, given) {
        return Ok(Err(wrong));
    }
    let mut tx = app.store().look(&app.own_scope()).await?;
    let mut found = Vec::new();
    if let Some(ids) = given.text("service_request_id") {
        for id in ids.split(',').map(str::trim).take(ROWS_MAX as usize) {
            found.extend(tx.open_request(id).await?);
        }
    } else {
        let codes = given.text("service_code");
        let asked =
            |kind: &&RequestKind| codes.is_none_or(|codes| codes.split(',').any(|code| code.trim() == kind.name()));
        let kinds: Vec<RequestKind> = LISTED.iter().filter(asked).copied().collect();
        let time = |name: &str| match given.text(name) {
            None => Ok(None),
            Some(text) => text
                .parse::<Instant>()
                .map(Some)
                .map_err(|_| Wrong::bad(format!("{name} is no time of the form 2022-11-20T10:00:00+08:00"))),
        };
        let (from, until) = match (time("start_date"), time("end_date")) {
            (Ok(from), Ok(until)) => (from, until),
            (Err(wrong), _) | (_, Err(wrong)) => return Ok(Err(wrong)),
        };
        let until = until.unwrap_or_else(|| app.now().plus_minutes(1));
        // a span that is longer is cut, from its end
        let least = until.plus_hours(-24 * WINDOW_D);
        let from = from.map_or(least, |from| from.max(least));
        found = tx.open_requests(&kinds, (from, until), ROWS_MAX).await?;
    }
    let status = given.text("status");
    let wanted = |one: &OpenRequest| {
        let is = if one.answered_at.is_none() { "open" } else { "closed" };
        status.is_none_or(|wanted| wanted.split(',').any(|word| word.trim() == is))
    };
    found.retain(wanted);
    Ok(Ok(Value::List("service_requests", found.iter().map(|one| shown(app, lang, one)).collect())))
}

/// `GET /open311/v2/requests/ID.FORMAT`: whoever has its number may see how a request stands, whatever it is about.
async fn request(State(app): State<Arc<App>>, Path(one): Path<String>, request: Request) -> Result<Response, Problem> {
    let (parts, _) = request.into_parts();
    let (id, shape) = shaped(&one).ok_or_else(Problem::unknown)?;
    let mut tx = app.store().look(&app.own_scope()).await?;
    let found = tx.open_request(id).await?;
    let told = found.ok_or_else(|| Wrong::unknown("service_request_id was not found"));
    let told = told.map(|one| Value::List("service_requests", vec![shown(&app, language(&parts), &one)]));
    Ok(answered(told, shape))
}

/// `GET /open311/v2/tokens/TOKEN.FORMAT`: the number of the request of a token. The token is the secret of whoever made it.
async fn token(State(app): State<Arc<App>>, Path(one): Path<String>) -> Result<Response, Problem> {
    let (token, shape) = shaped(&one).ok_or_else(Problem::unknown)?;
    let mut tx = app.store().look(&app.own_scope()).await?;
    let found = public::follow(&mut tx, token).await.map_err(|error| Problem::from(DeskError::from(error)))?;
    let told = found.ok_or_else(|| Wrong::unknown("token was not found"));
    let told = told.map(|found| {
        let fields = [("service_request_id", Value::text(found.request)), ("token", Value::text(token))];
        Value::List("service_requests", vec![Value::record("request", fields)])
    });
    Ok(answered(told, shape))
}

/// `POST /open311/v2/requests.FORMAT`.
async fn make(State(app): State<Arc<App>>, Path(what): Path<String>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let (name, shape) = shaped(&what).ok_or_else(Problem::unknown)?;
    if name != "requests" {
        return Err(Problem::unknown());
    }
    let body =
        axum::body::to_bytes(body, FORM_BYTES_MAX).await.map_err(|_| crate::limits::too_large(FORM_BYTES_MAX))?;
    let told = match std::str::from_utf8(&body) {
        Ok(text) => made(&app, &parts, &Given::read(text)).await?,
        Err(_) => Err(Wrong::bad("the form is not UTF-8")),
    };
    Ok(answered(told, shape))
}

/// Where help is needed: a division that is named, else the one whose seat is nearest.
async fn place(app: &App, given: &Given) -> Result<Result<DivisionCode, Wrong>, Problem> {
    if let Some(id) = given.text("address_id") {
        return Ok(id.parse().map_err(|_| Wrong::bad("address_id is no division of this city")));
    }
    let number = |name: &str| given.text(name).and_then(|text| text.parse::<f64>().ok()).filter(|n| n.is_finite());
    let (Some(lon), Some(lat)) = (number("long"), number("lat")) else {
        let why = "a place is needed: lat and long, or address_id with the code of a division; an address_string alone cannot be found";
        return Ok(Err(Wrong::bad(why)));
    };
    let mut tx = app.store().look(&app.own_scope()).await?;
    Ok(match tx.division_near(lon, lat).await? {
        Some((division, far)) if far <= FAR_MAX => Ok(division),
        _ => Err(Wrong::bad("lat and long lie outside of this city")),
    })
}

async fn made(app: &App, parts: &Parts, given: &Given) -> Result<Told, Problem> {
    if let Err(wrong) = here(app, given) {
        return Ok(Err(wrong));
    }
    let Some(code) = given.text("service_code") else { return Ok(Err(Wrong::bad("service_code was not provided"))) };
    let Ok(kind) = code.parse::<RequestKind>() else { return Ok(Err(Wrong::unknown("service_code was not found"))) };
    let division = match place(app, given).await? {
        Ok(division) => division,
        Err(wrong) => return Ok(Err(wrong)),
    };
    let text = match given.words(kind) {
        Ok(text) => text,
        Err(why) => return Ok(Err(Wrong::bad(why))),
    };
    // a name is not needed to be helped, and is not kept
    let contact = given.text("phone").or(given.text("email"));
    let w = Words::of(language(parts));
    match take_request(app, kind, &division, &text, contact).await {
        Ok((_, token)) => {
            let fields = [
                ("token", Value::text(token)),
                ("service_notice", Value::text(w.say("open311-keep"))),
                ("account_id", Value::Nothing),
            ];
            Ok(Ok(Value::List("service_requests", vec![Value::record("request", fields)])))
        }
        Err(DeskError::Refused(Refusal::Invalid(faults))) => {
            let said = faults.iter().map(|fault| format!("{}: expected {}", fault.field, fault.expected));
            Ok(Err(Wrong::bad(said.collect::<Vec<_>>().join("; "))))
        }
        Err(error) => Err(error.into()),
    }
}
