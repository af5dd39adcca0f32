//! What is told of every request: a line of the log, the figures, an id by which a person and the log find each other. It
//! stands outermost, so a request that panics, takes too long or is left by its sender is told like any other. It knows
//! the pattern of a route and never the path, and an account and never a name.

use crate::{app::App, limits::Asked, metrics, problem::Problem};
use axum::{
    body::Body,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use dayclear_store::events::hex;
use futures_util::FutureExt;
use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
    time::Instant,
};

/// The header with the id of a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The sender left before the answer (a number that no answer has; nginx uses it so).
const LEFT: u16 = 499;

/// Who a request turned out to come from, filled in on the way.
#[derive(Clone, Default)]
pub struct Told(Arc<OnceLock<String>>);

impl Told {
    /// It was this account.
    pub fn account(&self, account: &str) {
        let _ = self.0.set(account.to_owned());
    }
}

/// The line of one request; written when it is dropped, however the request ended.
struct Line {
    app: Arc<App>,
    route: &'static str,
    method: &'static str,
    asked: Asked,
    told: Told,
    id: String,
    since: Instant,
    status: u16,
}

impl Drop for Line {
    fn drop(&mut self) {
        let took = self.since.elapsed();
        self.app.metrics.request(self.route, self.method, self.status, self.asked.load, took);
        if let Some(command) = self.asked.command {
            let outcome = match self.status {
                200..=399 => "done",
                LEFT => "left",
                400..=499 => "refused",
                _ => "failed",
            };
            self.app.metrics.command(command.on, command.verb, outcome);
        }
        tracing::info!(
            target: "dayclear::request",
            id = self.id,
            method = self.method,
            route = self.route,
            status = self.status,
            ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
            account = self.told.0.get().map(String::as_str),
            load = self.asked.load.map(|load| load.name()),
        );
    }
}

/// Tells of a request.
pub async fn observe(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let mut bytes = [0; 8];
    // without chance the number of a request is only less telling
    let _ = app.setup.chance.fill(&mut bytes);
    let id = hex(&bytes);
    let pattern = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let told = Told::default();
    let mut line = Line {
        app: Arc::clone(&app),
        route: pattern.map_or("none", metrics::word),
        method: method(request.method()),
        asked: Asked::of(request.method(), request.uri().path()),
        told: told.clone(),
        id: id.clone(),
        since: Instant::now(),
        status: LEFT,
    };
    request.extensions_mut().insert(told);
    // what a panic leaves behind is a transaction that is rolled back, and locks that are taken over
    let mut response = match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => plain(response).await,
        Err(_) => {
            app.metrics.panicked();
            Problem::hidden().into_response()
        }
    };
    line.status = response.status().as_u16();
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

const fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// What the framework refuses by itself comes as bare text or as nothing; it leaves as a problem like all the others.
async fn plain(response: Response) -> Response {
    const BYTES_MAX: usize = 1_000;
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let bare = kind.is_none_or(|kind| kind.starts_with("text/plain"));
    if !bare || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let (kind, title) = match status {
        StatusCode::METHOD_NOT_ALLOWED => ("method", "Not by this method"),
        StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "Too large"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("media-type", "Not in this form"),
        StatusCode::NOT_FOUND => ("unknown", "Not found"),
        _ if status.is_server_error() => return Problem::hidden().into_response(),
        _ => ("malformed", "Not understood"),
    };
    let said = axum::body::to_bytes(body, BYTES_MAX).await.unwrap_or_default();
    let said = String::from_utf8_lossy(&said).into_owned();
    let remedy = match status {
        StatusCode::METHOD_NOT_ALLOWED => "this address knows other methods; see /api/openapi.json".to_owned(),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => "send application/json, or the form of the page".to_owned(),
        _ if said.is_empty() => "correct the request and send it again".to_owned(),
        _ => said,
    };
    let mut problem = Problem::new(status, kind, title, remedy).into_response();
    for (name, value) in &parts.headers {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            problem.headers_mut().append(name, value.clone());
        }
    }
    *problem.extensions_mut() = parts.extensions;
    let (head, body) = problem.into_parts();
    Response::from_parts(head, Body::new(body))
}
