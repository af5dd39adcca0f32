//! A store that others hold for longer than it is waited for: nothing is done, and whoever asked is told when to come again.

use super::{app_of, ask, problem, sign_in, text};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use dayclear_core::access::Role;
use dayclear_store::{Scope, Store};
use dayclear_web::{App, Config};
use std::{sync::Arc, time::Duration};

const WAIT: Duration = Duration::from_millis(400);

fn asks(method: &str, path: &str, token: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"))
}

fn router(app: &Arc<App>) -> Router {
    dayclear_web::router(Arc::clone(app))
}

#[tokio::test]
async fn whoever_waited_in_vain_for_the_write_lock_is_told_when_to_come_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db").to_string_lossy().into_owned();
    let app = app_of(Store::open_waiting(&path, WAIT).await.unwrap(), Config::default());
    let token = sign_in(&app, "anna", Role::DistrictCommand, "500103").await.token;
    let other = Store::open(&path).await.unwrap();
    let holds = other.begin(&Scope::nobody()).await.unwrap();
    // a command, and a look at a person, which the chain of reads writes down
    let settle = || {
        let request = asks("POST", "/api/v1/requests/R1/reopen", &token).header("content-type", "application/json");
        request.header("idempotency-key", "k1").body(Body::from("{\"reason\": \"not settled yet\"}")).unwrap()
    };
    let look = asks("GET", "/api/v1/people/P001", &token).body(Body::empty()).unwrap();
    for (asked, request) in [("settle", settle()), ("look", look)] {
        let response = ask(&router(&app), request).await;
        assert_eq!(
            response.headers().get("retry-after").map(|s| s.to_str().unwrap()),
            Some("5"),
            "{asked}: {response:?}"
        );
        let problem = problem(response, StatusCode::SERVICE_UNAVAILABLE, "store-busy").await;
        assert_eq!(problem["retryAfter"], 5, "{problem}");
    }
    for (lang, words) in
        [("en", "nothing of what you asked for was done"), ("zh-CN", "尚未执行"), ("zh-TW", "尚未執行")]
    {
        let page = asks("GET", "/people/P001", &token).header("accept", "text/html").header("accept-language", lang);
        let response = ask(&router(&app), page.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()["retry-after"], "5");
        let page = text(response).await;
        assert!(page.contains(words), "{page}");
    }
    // once the others are gone it is done, or refused for what it is
    holds.commit().await.unwrap();
    problem(ask(&router(&app), settle()).await, StatusCode::NOT_FOUND, "unknown").await;
}

#[tokio::test]
async fn whoever_waited_in_vain_for_a_connection_is_told_the_same() {
    let app = app_of(Store::open_waiting(":memory:", WAIT).await.unwrap(), Config::default());
    let token = sign_in(&app, "anna", Role::DistrictCommand, "500103").await.token;
    let _holds = app.store().look(&Scope::nobody()).await.unwrap();
    let response = ask(&router(&app), asks("GET", "/api/v1/cases", &token).body(Body::empty()).unwrap()).await;
    problem(response, StatusCode::SERVICE_UNAVAILABLE, "store-busy").await;
}
