//! Whether the process lives (`/healthz`) and whether it can do its work (`/readyz`), and the page of figures for those who
//! watch it. It guarantees that an answer costs the store little however often it is asked for, and that the figures are
//! on a listener of their own and never where the public comes.

use crate::{app::App, config::Finding, metrics::Gauges, routing::get};
use axum::{
    Json, Router,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use dayclear_core::command::Load;
use dayclear_store::watch::Standing;
use serde_json::json;
use std::{path::PathBuf, sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::Instant};

/// For so long an answer is given again.
const KEPT: Duration = Duration::from_millis(500);
/// Messages of the outbox are counted up to here.
const OUTBOX_COUNTED_MAX: u32 = 100_000;

/// The last answer.
#[derive(Default)]
pub struct Health {
    last: Mutex<Option<(Instant, Vec<&'static str>)>>,
}

/// `/healthz` and `/readyz`.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/healthz", get(|| async { "alive\n" })).route("/readyz", get(ready))
}

/// What the listener for watchers answers.
pub fn watchers(app: Arc<App>) -> Router {
    Router::new().merge(routes()).route("/metrics", get(figures)).with_state(app)
}

async fn ready(State(app): State<Arc<App>>) -> Response {
    let reasons = reasons(&app).await;
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({"ready": reasons.is_empty(), "reasons": reasons}))).into_response()
}

/// Why the server is not ready; nothing if it is.
pub async fn reasons(app: &App) -> Vec<&'static str> {
    // stopping is told at once
    if app.stopping() {
        return vec!["the server is stopping"];
    }
    let mut last = app.health.last.lock().await;
    if let Some((at, reasons)) = &*last
        && at.elapsed() < KEPT
    {
        return reasons.clone();
    }
    let reasons = look(app).await;
    *last = Some((Instant::now(), reasons.clone()));
    reasons
}

async fn look(app: &App) -> Vec<&'static str> {
    let limits = &app.config.housekeeping;
    let mut reasons = Vec::new();
    let within = Duration::from_millis(limits.store_answer_max_ms);
    match tokio::time::timeout(within, app.store().standing()).await {
        Err(_) => reasons.push("the store does not answer in time"),
        Ok(Err(_)) => reasons.push("the store does not answer"),
        Ok(Ok(Standing::Schema { found, known, .. })) if found == known => {}
        Ok(Ok(_)) => reasons.push("the schema of the store is not the one of this program"),
    }
    if app.line.age().is_some_and(|age| age > Duration::from_secs(limits.line_age_max_s)) {
        reasons.push("the line has not run well for too long");
    }
    if disk_free_mb(app).is_some_and(|free| free < limits.disk_free_min_mb) {
        reasons.push("the disk of the store is almost full");
    }
    reasons
}

/// Megabytes that are free where the store's file is; nothing for a store on a server.
fn disk_free_mb(app: &App) -> Option<u64> {
    let folder: PathBuf = crate::config::folder_of(&app.config.general.db)?;
    let room = rustix::fs::statvfs(&folder).ok()?;
    Some(room.f_bavail.saturating_mul(room.f_frsize) >> 20)
}

/// `/metrics`.
async fn figures(State(app): State<Arc<App>>, request: Request) -> Response {
    if let Some(token) = &app.metrics_token {
        let given = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        if !crate::security::same(given, token) {
            return (StatusCode::UNAUTHORIZED, "bring the token: Authorization: Bearer TOKEN\n").into_response();
        }
    }
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], app.metrics.text(gauges(&app).await)).into_response()
}

async fn gauges(app: &App) -> Gauges {
    let mut gauges = Gauges::default();
    for load in Load::ALL {
        let labels = [("load", load.name())];
        gauges.set("dayclear_in_flight", "Requests in work.", &labels, app.gate.inside(*load) as f64);
    }
    for load in Load::ALL {
        let labels = [("load", load.name())];
        gauges.set("dayclear_waiting", "Requests that wait for a place.", &labels, app.gate.waiting(*load) as f64);
    }
    gauges.set("dayclear_live_streams", "Live pages.", &[], app.live.streams() as f64);
    let connections = app.store().connections();
    for (state, count) in [
        ("max", connections.max),
        ("used", connections.open.saturating_sub(connections.idle)),
        ("idle", connections.idle),
    ] {
        let about = "Connections to the store.";
        gauges.set("dayclear_store_connections", about, &[("state", state)], f64::from(count));
    }
    let turns = app.store().turns();
    gauges.set("dayclear_turns", "Turns among the writers since the start.", &[], turns.taken as f64);
    let about = "Time that writers waited for their turn since the start.";
    gauges.set("dayclear_turns_waited_seconds", about, &[], turns.waited.as_secs_f64());
    let about =
        "Time that the turn was held since the start: its share of the clock says how much more can be decided.";
    gauges.set("dayclear_turns_held_seconds", about, &[], turns.held.as_secs_f64());
    if let Some(age) = app.line.age() {
        gauges.set("dayclear_line_age_seconds", "Since the last good run of the line.", &[], age.as_secs_f64());
    }
    if let Some(free) = disk_free_mb(app) {
        gauges.set("dayclear_disk_free_bytes", "Free where the store is.", &[], (free << 20) as f64);
    }
    gauges.set("dayclear_audit_queue", "Reads not yet in the audit chain.", &[], app.audit_waiting() as f64);
    let within = Duration::from_millis(app.config.housekeeping.store_answer_max_ms);
    if let Ok(Ok((waiting, oldest))) = tokio::time::timeout(within, outbox(app)).await {
        gauges.set("dayclear_outbox_waiting", "Messages in the outbox, up to 100000.", &[], waiting as f64);
        let age = oldest.map_or(0, |since| app.now().micros() - since.micros()).max(0);
        gauges.set("dayclear_outbox_age_seconds", "Since the oldest of them waits.", &[], age as f64 / 1e6);
    }
    let reasons = reasons(app).await;
    gauges.set("dayclear_ready", "1 when the server is ready.", &[], f64::from(u8::from(reasons.is_empty())));
    gauges
}

async fn outbox(app: &App) -> Result<(i64, Option<dayclear_core::time::Instant>), dayclear_store::StoreError> {
    let mut tx = app.store().look(&app.own_scope()).await?;
    tx.outbox_waiting(OUTBOX_COUNTED_MAX).await
}

/// Reads the token for `/metrics`.
pub fn token(path: &str) -> Result<String, Finding> {
    match std::fs::read_to_string(path) {
        Ok(text) if text.trim().len() >= 16 => Ok(text.trim().to_owned()),
        Ok(_) => {
            Err(Finding::new(format!("{path} holds no token of 16 characters or more"), "write a random one there"))
        }
        Err(error) => {
            Err(Finding::new(format!("{path} cannot be read: {error}"), "make the file, or correct its path"))
        }
    }
}
