//! Correcting fields of a record, on the version that the person saw. What two people changed in different fields is kept
//! of both; the same field changed by somebody else is answered with how it stands now.

use super::{
    asking::{self, Asked, Key},
    endpoint::{Endpoint, Operation},
    lists,
    once::{Once, key_of},
    openapi::{parameters, station},
    values,
};
use crate::{BODY_BYTES_MAX, app::App, caller::Caller, problem::Problem, routing::patch};
use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use dayclear_core::{
    listing::{Field, Holds, LISTINGS, Listing, Row},
    schema::{Column, Kind},
};
use dayclear_ops::desk::{self, Doing, Refusal};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Routes of every list with fields that can be corrected.
pub fn endpoints() -> Vec<Endpoint> {
    LISTINGS.iter().filter(|listing| !listing.editors.is_empty()).map(|listing| route(listing)).collect()
}

/// Fields that can be corrected, as columns: each may be left out, and null empties it.
pub fn columns(listing: &Listing) -> Vec<Column> {
    let fields = listing.fields.iter().filter(|field| field.edit);
    fields.map(|field| Column { name: field.name, kind: kind(field), required: false, about: field.about }).collect()
}

fn kind(field: &Field) -> Kind {
    match field.holds {
        Holds::Id => Kind::Id,
        Holds::Division => Kind::Division,
        Holds::Whole => Kind::Whole(i64::MIN, i64::MAX),
        Holds::Real => Kind::Real(f64::MIN, f64::MAX),
        Holds::Day => Kind::Day,
        Holds::Moment => Kind::Moment,
        Holds::Term(terms) => Kind::OneOf(terms),
        Holds::Text | Holds::Truth | Holds::Data => Kind::Text(80),
    }
}

/// The version of a record, for those who may correct it: it is made of the values themselves, so it is for nobody to whom
/// one of them is hidden. `row` is the row as the store has it.
pub fn tag(caller: &Caller, listing: &Listing, row: &Row) -> Option<String> {
    let editor = listing.editors.contains(&caller.looker.duty.role);
    editor.then(|| format!("\"{}\"", desk::etag_of(listing, row)))
}

fn route(listing: &'static Listing) -> Endpoint {
    let path = format!("/api/v1/{}/{{key}}", listing.name);
    let mut body = super::openapi::schemas::body(&columns(listing));
    body["minProperties"] = 1.into();
    let operation = Operation::new(Method::PATCH, path, format!("{}-edit", listing.name), station(listing.name))
        .about(
            format!("Correct fields of one record of {}", listing.name),
            "Fields that are left out stay as they are; null empties a field. It rests on the version named by If-Match.",
        )
        .roles(listing.editors)
        .takes(parameters::key("key", listing.key))
        .takes(parameters::if_match())
        .takes(parameters::idempotency_key())
        .body("application/json", body)
        .answers(200, "the record as it stands now", json!({"$ref": format!("#/components/schemas/{}", listing.name)}))
        .problems(&[403, 409, 412, 413, 415, 422, 428]);
    let handler = patch(
        async move |State(app): State<Arc<App>>, caller: Caller, Key(key): Key, asked: Asked, request: Request| {
            asked.only([])?;
            edit(&app, &caller, listing, &key, request).await
        },
    );
    Endpoint { operation, handler }
}

/// The version that a change rests on.
fn version(headers: &HeaderMap) -> Result<String, Problem> {
    let value = headers.get(header::IF_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let inner = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inner {
        Some(inner) if (1..=400).contains(&inner.len()) && inner.bytes().all(|b| b.is_ascii_graphic() && b != b'"') => {
            Ok(value.to_owned())
        }
        _ => {
            let detail =
                "a change rests on a version: read the record and send its ETag in the header If-Match, in quotes";
            Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "no-version", "Which version?", detail))
        }
    }
}

async fn edit(
    app: &App,
    caller: &Caller,
    listing: &'static Listing,
    key: &str,
    request: Request,
) -> Result<Response, Problem> {
    lists::readable(app, caller, listing).await?;
    let role = caller.looker.duty.role;
    if !listing.editors.contains(&role) {
        super::audit(app, caller, "edit", listing.name, &[key], "refused", Value::Null).await?;
        return Err(Refusal::NotYours { role, allowed: listing.editors }.into());
    }
    let mut tx = app.store().look(&caller.looker.scope()).await?;
    let there = dayclear_ops::listing::record(&mut tx, &caller.looker, listing, key).await?;
    drop(tx);
    there.ok_or_else(Problem::unknown)?;
    let version = version(request.headers())?;
    let headers = request.headers().clone();
    let body: Map<String, Value> = asking::object(request, BODY_BYTES_MAX, false).await?;
    if body.is_empty() {
        let fault = values::fault("", &Value::Null, "at least one field that can be corrected", "say what changes");
        return Err(Refusal::Invalid(vec![fault]).into());
    }
    let mut changes = values::given(&columns(listing), &body, app.zone())?;
    // null takes back what was known
    changes.extend(body.iter().filter(|(_, value)| value.is_null()).map(|(name, _)| (name.clone(), String::new())));
    let key_of_command = key_of(&headers)?;
    let once = Once::begin(app, caller, key_of_command).await?;
    let doing = Doing {
        looker: &caller.looker,
        now: app.now(),
        stepped_up: caller.stepped_up,
        packs: &app.setup.packs,
        pack: &app.setup.pack,
        settings: &app.setup.settings,
        key: key_of_command,
        keys: None,
    };
    let edited = desk::edit(app.store(), &doing, listing, key, Some(&version), &changes).await?;
    if listing.tells_of_people() {
        let subjects = dayclear_ops::listing::subjects(listing, std::slice::from_ref(&edited.row));
        super::audit(app, caller, "edit", listing.name, &subjects, "done", Value::Null).await?;
    }
    let mut response = Json(lists::object(listing, &edited.row, app.zone())).into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", edited.etag)) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    if once.replayed {
        response.headers_mut().insert("idempotent-replay", HeaderValue::from_static("true"));
    }
    Ok(response)
}
