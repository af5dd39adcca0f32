//! Limits of the server: who comes in when there is too much to do, how often one may ask, how large a request is and how
//! long it takes. It guarantees that what is turned away is cheap to turn away and says when to come again, at times that
//! differ, so that those turned away do not all come back at once.

mod asked;
mod gate;
mod rates;

pub use asked::Asked;
pub use gate::{Full, Gate, Place};
pub use rates::{Rates, Whose};

use crate::{app::App, problem::Problem, site::Site};
use axum::{
    body::{Body, HttpBody},
    extract::{DefaultBodyLimit, Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

/// Lets a request in within the limits.
pub async fn limit(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let asked = Asked::of(&parts.method, parts.uri.path());
    let site = Site::of(&parts, &app.config);
    if !site.allowed {
        let detail = "this server is reached through its proxy, which encrypts; use its address";
        return Problem::new(StatusCode::FORBIDDEN, "past-the-proxy", "Come through the proxy", detail).into_response();
    }
    parts.extensions.insert(asked);
    parts.extensions.insert(site);
    let limits = &app.config.limits;
    let bytes_max = asked.body_bytes_max(&parts.headers, limits);
    let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > bytes_max as u64) {
        return too_large(bytes_max).into_response();
    }
    let Some(load) = asked.load else {
        return next.run(Request::from_parts(parts, body)).await;
    };
    if let Err(problem) = rate(&app, Whose::site(&site, asked.load)) {
        return problem.into_response();
    }
    let place = match app.gate.enter(load).await {
        Ok(place) => place,
        Err(full) => {
            app.metrics.shed(load, full.name());
            return shed(&app).into_response();
        }
    };
    let mut request = Request::from_parts(parts, body);
    DefaultBodyLimit::max(bytes_max).apply(&mut request);
    let response = match tokio::time::timeout(asked.time_max(limits), next.run(request)).await {
        Ok(response) => response,
        Err(_) => return too_slow(&app).into_response(),
    };
    if !asked.safe && (response.status().is_success() || response.status().is_redirection()) {
        app.nudge(load);
    }
    if response.extensions().get::<Endless>().is_some() {
        return response;
    }
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, Body::new(Held { body, _place: place }))
}

/// Marks an answer that does not end by itself: it gives its place back at once.
#[derive(Clone, Copy)]
pub struct Endless;

/// Takes a token of a bucket, or says when there is one.
pub fn rate(app: &App, whose: Whose) -> Result<(), Problem> {
    let name = whose.name();
    app.rates.take(whose).map_err(|wait| {
        app.metrics.limited(name);
        let detail = "too many requests came from here in a short time; wait, then go on more slowly";
        let mut problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-often", "Too many requests", detail);
        problem.retry_after_s = Some(wait.as_secs() + 1 + u64::from(app.byte()) % 2);
        problem
    })
}

fn shed(app: &App) -> Problem {
    let detail = "there is too much to do at this moment, and this can wait; it is tried again by itself or by you";
    let mut problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "Too much to do", detail);
    problem.retry_after_s = Some(retry_after(app));
    problem
}

fn too_slow(app: &App) -> Problem {
    let detail = "this took too long and was given up; whether it was done is not known: \
                  look, or send it again with the same Idempotency-Key";
    let mut problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "too-slow", "Took too long", detail);
    problem.retry_after_s = Some(retry_after(app));
    problem
}

/// Two to nine seconds, by chance.
fn retry_after(app: &App) -> u64 {
    2 + u64::from(app.byte()) % 8
}

/// A body is larger than it may be.
pub fn too_large(bytes_max: usize) -> Problem {
    let detail = format!("at most {bytes_max} bytes are taken here; send it in parts, or as an import");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large", detail)
}

/// A body that keeps its place until it has been sent: an export reads the store while it is sent.
struct Held {
    body: Body,
    _place: Place,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<hyper::body::Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }
    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
    fn size_hint(&self) -> hyper::body::SizeHint {
        self.body.size_hint()
    }
}

/// How long a connection may take to say what it wants.
pub fn header_read_max(limits: &crate::config::Limits) -> Duration {
    Duration::from_secs(limits.header_read_max_s)
}
