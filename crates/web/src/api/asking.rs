//! What a request brings along: parameters, keys in the path, bodies. Everything that cannot be taken is refused here as a
//! problem with its place and its remedy; nothing is passed over in silence, so a misspelt filter never widens an answer.

use crate::{app::App, problem::Problem};
use axum::{
    body::to_bytes,
    extract::{FromRequestParts, Path, Query, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use bytes::Bytes;
use dayclear_core::listing::{Listing, Query as Question, QueryFault};
use dayclear_core::time::Zone;
use dayclear_tabular::nearest;
use serde_json::{Map, Value};
use std::sync::Arc;

/// Parameters of the query, none of them empty. A filter that is given several times asks for any of its values.
#[derive(Clone, Debug, Default)]
pub struct Asked(pub Vec<(String, String)>);

/// Parameters that say one thing.
fn single(name: &str) -> bool {
    const WORDS: [&str; 8] = ["sort", "after", "limit", "table", "dry_run", "atomic", "mapping", "list"];
    WORDS.contains(&name) || name.ends_with(".from") || name.ends_with(".to")
}

impl FromRequestParts<Arc<App>> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _app: &Arc<App>) -> Result<Self, Problem> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)?;
        let mut merged: Vec<(String, String)> = Vec::with_capacity(pairs.len());
        for (name, value) in pairs {
            if value.is_empty() {
                return Err(fault(&name, &value, "a value; leave the parameter out to say nothing").into());
            }
            match merged.iter_mut().find(|(known, _)| *known == name) {
                None => merged.push((name, value)),
                Some(_) if single(&name) => return Err(fault(&name, &value, "the parameter once").into()),
                Some((_, values)) => {
                    values.push(',');
                    values.push_str(&value);
                }
            }
        }
        Ok(Asked(merged))
    }
}

/// A fault of a parameter.
pub fn fault(name: &str, value: &str, expected: impl Into<String>) -> QueryFault {
    let short = |text: &str| text.chars().take(100).collect::<String>();
    QueryFault { parameter: short(name), value: short(value), expected: expected.into() }
}

impl Asked {
    /// The same with ids of people as their keyed hashes, where a list holds nothing else of them; so what is noted of a
    /// question holds no id either.
    pub fn keyed(mut self, app: &App, listing: &Listing) -> Asked {
        const HASH_CHARS: usize = 64;
        let keyed = |value: &str| match value {
            "none" => value.to_owned(),
            hash if hash.len() == HASH_CHARS && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => hash.to_owned(),
            id => app.setup.keys.object("person", id),
        };
        for (name, values) in &mut self.0 {
            if listing.position(name).is_some_and(|at| listing.fields[at].keyed) {
                *values = values.split(',').map(keyed).collect::<Vec<_>>().join(",");
            }
        }
        self
    }

    /// The parameters as a question to a list.
    pub fn question(&self, listing: &Listing, zone: &Zone) -> Result<Question, Problem> {
        let pairs = self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        Question::read(listing, pairs, zone).map_err(|found| {
            if found.parameter == "after" {
                return no_place();
            }
            let known = filters(listing);
            let meant = nearest(&found.parameter, known.iter().map(String::as_str));
            let misspelt = !known.contains(&found.parameter);
            let expected = match meant.filter(|_| misspelt) {
                Some(near) => format!("{}; is it '{near}'?", found.expected),
                None => found.expected.clone(),
            };
            fault(&found.parameter, &found.value, expected).into()
        })
    }

    /// The one parameter of these names that is there, by name; any other is a fault.
    pub fn only<const N: usize>(&self, known: [&str; N]) -> Result<[Option<&str>; N], Problem> {
        for (name, value) in &self.0 {
            if !known.contains(&name.as_str()) {
                let meant = nearest(name, known).map(|near| format!("; is it '{near}'?")).unwrap_or_default();
                let names = if N == 0 { "no parameter".to_owned() } else { format!("one of: {}", known.join(", ")) };
                return Err(fault(name, value, names + &meant).into());
            }
        }
        Ok(known.map(|name| self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())))
    }
}

/// Names of the parameters that a list takes.
pub fn filters(listing: &Listing) -> Vec<String> {
    let words = ["sort", "after", "limit"].map(str::to_owned);
    let fields = listing.fields.iter().filter(|field| field.filter);
    words.into_iter().chain(fields.map(|field| field.name.to_owned())).collect()
}

/// `true` or `false`.
pub fn truth(name: &str, value: Option<&str>) -> Result<bool, Problem> {
    match value {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(fault(name, other, "true or false").into()),
    }
}

/// A cursor that names no place.
pub fn no_place() -> Problem {
    let detail =
        "there is no such place in this list; begin again without `after`, or give the `next` of a page as it came";
    Problem::new(StatusCode::NOT_FOUND, "no-place", "No such place in the list", detail)
}

/// A key of the path.
pub struct Key(pub String);

impl FromRequestParts<Arc<App>> for Key {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Path(key) = Path::<String>::from_request_parts(parts, app).await?;
        // no key is longer, and a null character is text to nobody
        const KEY_MAX: usize = 400;
        if key.chars().count() > KEY_MAX || key.contains('\0') {
            return Err(Problem::unknown());
        }
        Ok(Key(key))
    }
}

/// The media type of a body, without its parameters.
pub fn media(headers: &HeaderMap) -> String {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// A body of a media type that is not taken here.
pub fn other_media(found: &str, taken: &str) -> Problem {
    let found = if found.is_empty() { "none" } else { found };
    let detail =
        format!("the media type of the body is {found}; send one of: {taken}, and name it in the header Content-Type");
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "A body of another kind", detail)
}

/// A body that is longer than it may be.
pub fn too_long(max: usize) -> Problem {
    let detail = format!("the body is longer than {max} bytes; send fewer rows at a time, or import them as a file");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-long", "Too much at once", detail)
}

/// The whole body.
pub async fn whole(request: Request, max: usize) -> Result<Bytes, Problem> {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|text| text.parse::<usize>().ok()).is_some_and(|length| length > max) {
        return Err(too_long(max));
    }
    let arrived = to_bytes(request.into_body(), max).await;
    arrived.map_err(|error| if is_too_long(&error) { too_long(max) } else { cut_off() })
}

/// Whether a body was cut off because of its length.
pub fn is_too_long(error: &impl std::error::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = error.source();
    while let Some(inner) = cause {
        if inner.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = inner.source();
    }
    false
}

/// A body that did not arrive whole.
pub fn cut_off() -> Problem {
    let detail = "the body did not arrive whole; send it again";
    Problem::new(StatusCode::BAD_REQUEST, "cut-off", "The body was cut off", detail)
}

/// A body that is no JSON.
pub fn no_json(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "json", "Not understood as JSON", detail)
}

/// A body of one JSON object. `optional`: no body at all counts as an empty object.
pub async fn object(request: Request, max: usize, optional: bool) -> Result<Map<String, Value>, Problem> {
    let media = media(request.headers());
    let bytes = whole(request, max).await?;
    if optional && bytes.is_empty() {
        return Ok(Map::new());
    }
    if media != "application/json" {
        return Err(other_media(&media, "application/json"));
    }
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(no_json("expected an object with the fields of the command; put them between { and }")),
        Err(error) => Err(no_json(format!(
            "line {}, column {}: expected JSON in UTF-8; check the quotes and commas there",
            error.line(),
            error.column()
        ))),
    }
}
