//! Too much to do: who is turned away, in which order, and with what answer.

use super::{app, ask, get, problem, sign_in, text};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    routing::any,
};
use dayclear_core::{access::Role, command::Load};
use dayclear_web::{App, Config, guarded};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

fn slow(app: &Arc<App>) -> Router {
    let slow = any(|| async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        "done"
    });
    guarded(Arc::clone(app), Router::new().route("/{*path}", slow))
}

fn of(load: Load, token: &str) -> Request<Body> {
    let (method, path) = match load {
        Load::Emergency => ("POST", "/public/requests"),
        Load::Intake => ("POST", "/api/v1/evidence/results"),
        Load::Work => ("GET", "/api/v1/cases"),
        Load::Board => ("GET", "/today"),
    };
    let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
    request.body(Body::empty()).unwrap()
}

fn config() -> Config {
    let mut config = Config::default();
    config.limits.requests_max = 20;
    config.limits.queue_requests_max = 10;
    config.limits.queue_wait_max_ms = 150;
    config.limits.account_burst_max = 10_000;
    config
}

/// Offers so many requests of each class at once; how many of each were taken.
async fn offer(app: &Arc<App>, each: usize) -> BTreeMap<Load, usize> {
    let token = sign_in(app, "anna", Role::DistrictCommand, "500103").await.token;
    let router = slow(app);
    let mut asked = Vec::new();
    for _ in 0..each {
        // the board asks first, so that it cannot be turned away for coming late
        for load in Load::ALL.iter().rev() {
            let (router, request) = (router.clone(), of(*load, &token));
            asked.push((*load, tokio::spawn(async move { ask(&router, request).await })));
            tokio::task::yield_now().await;
        }
    }
    let mut taken: BTreeMap<Load, usize> = Load::ALL.iter().map(|load| (*load, 0)).collect();
    let mut waits = BTreeSet::new();
    for (load, task) in asked {
        let response = task.await.unwrap();
        if response.status() == StatusCode::OK {
            assert_eq!(text(response).await, "done");
            *taken.entry(load).or_default() += 1;
        } else {
            let wait: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
            let problem = problem(response, StatusCode::SERVICE_UNAVAILABLE, "busy").await;
            assert_eq!(problem["retryAfter"], wait);
            assert!(problem.to_string().len() < 400, "a light answer: {problem}");
            waits.insert(wait);
        }
    }
    if taken[&Load::Board] + 5 < each {
        assert!(waits.len() > 1, "they would all come back at once: {waits:?}");
    }
    taken
}

#[tokio::test]
async fn the_board_is_turned_away_first_then_work_then_intake_and_emergency_never() {
    let mut last: Option<BTreeMap<Load, usize>> = None;
    let mut shed_at: BTreeMap<Load, usize> = BTreeMap::new();
    for each in [2, 4, 6, 8, 10, 15, 20, 30, 60, 120] {
        let app = app(config()).await;
        let taken = offer(&app, each).await;
        eprintln!("{each} of each at once, taken: {taken:?}");
        assert_eq!(taken[&Load::Emergency], each, "an emergency was turned away at {each}");
        assert!(taken[&Load::Intake] >= taken[&Load::Work] && taken[&Load::Work] >= taken[&Load::Board], "{taken:?}");
        for load in Load::ALL {
            assert_eq!(app.metrics.shed_of(*load) as usize, each - taken[load], "{load} is counted");
            assert_eq!(app.gate.inside(*load), 0, "{load} gave its places back");
            if taken[load] < each {
                shed_at.entry(*load).or_insert(each);
            }
        }
        last = Some(taken);
    }
    // each class is shed at a lighter load than the next, or at the same one and then of more
    let last = last.unwrap();
    let begin = [Load::Board, Load::Work, Load::Intake].map(|load| shed_at[&load]);
    assert!(begin[0] <= begin[1] && begin[1] <= begin[2], "{shed_at:?}");
    assert!(last[&Load::Board] < last[&Load::Work] && last[&Load::Work] < last[&Load::Intake], "{last:?}");
    assert!(last[&Load::Board] > 0, "what was inside already is finished");
}

#[tokio::test]
async fn what_costs_nothing_is_answered_under_any_load() {
    let app = app(config()).await;
    let token = sign_in(&app, "anna", Role::DistrictCommand, "500103").await.token;
    let router = slow(&app);
    for _ in 0..200 {
        let (router, request) = (router.clone(), of(Load::Intake, &token));
        tokio::spawn(async move { ask(&router, request).await });
    }
    tokio::task::yield_now().await;
    assert_eq!(ask(&dayclear_web::router(Arc::clone(&app)), get("/healthz")).await.status(), StatusCode::OK);
    assert_eq!(ask(&dayclear_web::router(Arc::clone(&app)), get("/robots.txt")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_sender_who_asks_too_often_waits_and_nobody_else_does() {
    let mut config = config();
    config.limits.account_burst_max = 3;
    config.limits.account_per_s_max = 1;
    config.limits.stranger_burst_max = 3;
    config.limits.stranger_per_s_max = 1;
    let app = app(config).await;
    let anna = sign_in(&app, "anna", Role::Tracer, "500103").await.token;
    let bo = sign_in(&app, "bo", Role::Tracer, "500103").await.token;
    let quick = guarded(Arc::clone(&app), Router::new().route("/{*path}", any(|| async { "done" })));
    for _ in 0..3 {
        assert_eq!(ask(&quick, of(Load::Work, &anna)).await.status(), StatusCode::OK);
        assert_eq!(ask(&quick, get("/nothing")).await.status(), StatusCode::OK);
    }
    for request in [of(Load::Work, &anna), of(Load::Intake, &anna), get("/nothing"), of(Load::Work, "no token")] {
        let refused = ask(&quick, request).await;
        assert!(refused.headers().contains_key("retry-after"));
        problem(refused, StatusCode::TOO_MANY_REQUESTS, "too-often").await;
    }
    assert_eq!(ask(&quick, of(Load::Work, &bo)).await.status(), StatusCode::OK);
    // somebody who asks for help from the same address, without a session
    for _ in 0..50 {
        let request = Request::post("/public/requests").body(Body::empty()).unwrap();
        assert_eq!(ask(&quick, request).await.status(), StatusCode::OK);
    }
    let figures = app.metrics.text(Default::default());
    assert!(figures.contains("dayclear_rate_limited_total{whose=\"account\"} 2"), "{figures}");
}

#[tokio::test]
async fn what_takes_too_long_is_given_up_and_says_how_to_go_on() {
    let mut config = config();
    config.limits.request_max_s = 1;
    let app = app(config).await;
    let forever = any(|| async {
        std::future::pending::<()>().await;
    });
    let router = guarded(Arc::clone(&app), Router::new().route("/x", forever));
    let problem = problem(ask(&router, get("/x")).await, StatusCode::SERVICE_UNAVAILABLE, "too-slow").await;
    assert!(problem["detail"].as_str().unwrap().contains("Idempotency-Key"));
    assert_eq!(app.gate.inside(Load::Work), 0);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_is_read() {
    let mut config = config();
    config.limits.body_bytes_max = 1_000;
    config.limits.form_bytes_max = 100;
    config.limits.import_bytes_max = 10_000;
    let app = app(config).await;
    let echo = any(|body: String| async move { body.len().to_string() });
    let router = guarded(Arc::clone(&app), Router::new().route("/{*path}", echo));
    let send = |path: &str, kind: &str, bytes: usize, told: bool| {
        let mut request = Request::post(path).header("content-type", kind);
        if told {
            request = request.header("content-length", bytes);
        }
        request.body(Body::from("x".repeat(bytes))).unwrap()
    };
    let form = "application/x-www-form-urlencoded";
    for (path, kind, bytes_max) in
        [("/a", "application/json", 1_000), ("/a", form, 100), ("/api/v1/evidence/results", "text/csv", 10_000)]
    {
        for told in [true, false] {
            assert_eq!(ask(&router, send(path, kind, bytes_max, told)).await.status(), StatusCode::OK, "{path} {kind}");
            let refused = ask(&router, send(path, kind, bytes_max + 1, told)).await;
            problem(refused, StatusCode::PAYLOAD_TOO_LARGE, "too-large").await;
        }
    }
}
