//! What every answer carries, and what every command must bring: a content policy without inline script or style, no
//! caching of anything that a person sees; and, for what comes with a cookie, the word of the session and the right
//! origin, so that no other site can act in somebody's name.

use crate::{
    app::App,
    caller::{self, Caller, Found},
    limits::{self, Asked, Whose},
    observe::Told,
    problem::Problem,
    site::Site,
};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use std::sync::Arc;

/// Nothing but what this server itself sends; the map's worker and its drawings are its own too.
const POLICY: &str = "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    worker-src 'self' blob:; manifest-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; \
    frame-ancestors 'none'; report-uri /csp-report";
/// Two years, as browsers ask for.
const TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");
/// Bytes of a report of a browser.
const REPORT_BYTES_MAX: usize = 16 << 10;
/// Directives that a report may name; what else it says is not kept, since it holds addresses.
const DIRECTIVES: &[&str] = &[
    "default-src",
    "script-src",
    "script-src-elem",
    "script-src-attr",
    "style-src",
    "style-src-elem",
    "style-src-attr",
    "img-src",
    "worker-src",
    "connect-src",
    "object-src",
    "base-uri",
    "form-action",
    "frame-ancestors",
    "font-src",
    "media-src",
    "frame-src",
    "manifest-src",
];
/// Header by which a drill says that what it tells is made up. A service that is no exercise refuses whatever bears it.
pub const EXERCISE_HEADER: &str = "dayclear-exercise";
/// Header and field with the word of a session.
const WORD: &str = "csrf";
const WORD_HEADER: &str = "x-csrf";

/// Routes that belong to this module.
pub fn routes() -> Router<Arc<App>> {
    let nothing_for_robots = || async { "User-agent: *\nDisallow: /\n" };
    Router::new().route("/csp-report", post(report)).route("/robots.txt", get(nothing_for_robots))
}

/// Adds the headers.
pub async fn headers(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let secure = Site::of(&parts, &app.config).secure;
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // nothing goes to other sites; under no-referrer a browser would send our own forms with the origin "null"
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), "camera=(self), geolocation=(self), microphone=()"),
    ];
    for (name, value) in fixed {
        // a page that brings a stricter policy of its own keeps it
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, TRANSPORT);
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Looks up who asks, once; takes a token of their bucket; and refuses a command that another site may have forged.
pub async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    match guarded(&app, request).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

async fn guarded(app: &Arc<App>, request: Request) -> Result<Request, Problem> {
    let (mut parts, body) = request.into_parts();
    if parts.headers.contains_key(EXERCISE_HEADER) && !app.setup.exercise {
        let detail = "this is made up, and this service is no exercise; a drill plays against one that is started as an exercise";
        return Err(Problem::new(StatusCode::CONFLICT, "no-exercise", "Not an exercise", detail));
    }
    let asked = parts.extensions.get::<Asked>().copied();
    let asked = asked.unwrap_or_else(|| Asked::by(&parts.method, parts.uri.path(), &parts.extensions));
    let Some(load) = asked.load else { return Ok(Request::from_parts(parts, body)) };
    let caller = caller::find(&parts, app).await?;
    parts.extensions.insert(Found(caller.clone()));
    match &caller {
        Some(caller) => {
            if let Some(told) = parts.extensions.get::<Told>() {
                told.account(&caller.looker.account);
            }
            // what else an account does takes nothing from its emergencies, which have a bucket of their own already
            if load != dayclear_core::command::Load::Emergency {
                limits::rate(app, Whose::Account(caller.looker.account.clone()))?;
            }
        }
        // who asks for help has a bucket of their own already
        None if load != dayclear_core::command::Load::Emergency => {
            let site = Site::of(&parts, &app.config);
            limits::rate(app, Whose::Stranger(site.house()))?;
        }
        None => {}
    }
    // no other site can make a browser send a bearer token, and a browser's report brings nothing that acts
    if asked.safe || caller.as_ref().is_some_and(|caller| caller.by_token) || parts.uri.path() == "/csp-report" {
        return Ok(Request::from_parts(parts, body));
    }
    let known_origin = origin(app, &parts)?;
    match caller {
        Some(caller) => word(app, parts, body, &asked, &caller, known_origin).await,
        None => Ok(Request::from_parts(parts, body)),
    }
}

/// Refuses what a browser says comes from another site. Whether the browser said that it comes from this one.
fn origin(app: &App, parts: &Parts) -> Result<bool, Problem> {
    let text = |name: &str| parts.headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let mut known = false;
    match text("sec-fetch-site") {
        None => {}
        Some("same-origin") => known = true,
        // typed by the person, or a bookmark
        Some("none") => {}
        Some(_) => return Err(forged()),
    }
    if let Some(given) = text("origin") {
        let own = match &app.config.general.origin {
            Some(origin) => given == origin,
            None => {
                let host = text("host").or(parts.uri.authority().map(|authority| authority.as_str()));
                let given = given.strip_prefix("https://").or_else(|| given.strip_prefix("http://"));
                given.is_some() && given == host
            }
        };
        if !own {
            return Err(forged());
        }
        known = true;
    }
    Ok(known)
}

/// Refuses a command that does not bring the word of its session. A form with a file is read while it comes in, so there
/// the word of the browser that it is our own page stands for it.
async fn word(
    app: &App,
    parts: Parts,
    body: Body,
    asked: &Asked,
    caller: &Caller,
    known_origin: bool,
) -> Result<Request, Problem> {
    if let Some(given) = parts.headers.get(WORD_HEADER) {
        let right = given.to_str().is_ok_and(|given| same(given, &caller.csrf));
        return if right { Ok(Request::from_parts(parts, body)) } else { Err(forged()) };
    }
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if kind.starts_with("multipart/form-data") && known_origin {
        return Ok(Request::from_parts(parts, body));
    }
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(forged());
    }
    let bytes_max = asked.body_bytes_max(&parts.headers, &app.config.limits);
    let bytes = axum::body::to_bytes(body, bytes_max).await.map_err(|_| limits::too_large(bytes_max))?;
    // the word is of letters and digits, so it stands in a form as it is
    let given = bytes.split(|byte| *byte == b'&').find_map(|pair| {
        let (name, value) = std::str::from_utf8(pair).ok()?.split_once('=')?;
        (name == WORD).then_some(value)
    });
    if given.is_some_and(|given| same(given, &caller.csrf)) {
        Ok(Request::from_parts(parts, Body::from(bytes)))
    } else {
        Err(forged())
    }
}

fn forged() -> Problem {
    let detail = "this did not come from a page of this session; load the page again and repeat it there";
    Problem::new(StatusCode::FORBIDDEN, "forged", "Not from this session", detail)
}

/// Whether two texts are the same, at a cost that does not tell how much of them is.
pub(crate) fn same(given: &str, right: &str) -> bool {
    let differ = given.bytes().zip(right.bytes()).fold(0u8, |differ, (a, b)| differ | (a ^ b));
    given.len() == right.len() && differ == 0
}

/// A browser reports that a page broke the policy: which directive is counted, and nothing else is kept.
async fn report(State(app): State<Arc<App>>, request: Request) -> StatusCode {
    let Ok(bytes) = axum::body::to_bytes(request.into_body(), REPORT_BYTES_MAX).await else {
        return StatusCode::PAYLOAD_TOO_LARGE;
    };
    let report: serde_json::Value = serde_json::from_slice(&bytes).unwrap_or_default();
    let report = report.get("csp-report").unwrap_or(&report);
    let named = ["effective-directive", "violated-directive", "effectiveDirective"];
    let directive = named.iter().find_map(|name| report[*name].as_str()).unwrap_or_default();
    let directive = directive.split(' ').next().unwrap_or_default();
    let directive = DIRECTIVES.iter().find(|known| **known == directive).copied().unwrap_or("other");
    app.metrics.policy_report(directive);
    tracing::warn!(target: "dayclear::policy", directive, "a page broke the content policy");
    StatusCode::NO_CONTENT
}
