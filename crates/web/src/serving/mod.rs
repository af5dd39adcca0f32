//! Tests of the server around its routes: limits, logs, live updates, forged requests, starting and stopping. Routes of
//! their own stand in for those of the product where a test needs one that is slow, fails or panics.

#![allow(clippy::unwrap_used)] // a test that cannot go on has failed, and says where
#![allow(clippy::useless_conversion)] // an actor of an event is a text of either kind

mod canaries;
mod checked;
mod forged;
mod http;
mod killed;
mod live;
mod overload;
mod restarted;
mod sockets;

use crate::{App, Chance, Clock, Config, Setup};
use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode},
};
use dayclear_core::{
    access::{Duty, Role},
    protocol::Packs,
    time::{Instant, Zone},
};
use dayclear_ops::{listing::Looker, minutes::Settings};
use dayclear_store::Store;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tower::ServiceExt;

/// A server on a store.
async fn app_on(url: &str, config: Config) -> Arc<App> {
    let count = AtomicU64::new(1);
    let setup = Setup {
        store: Store::open(url).await.unwrap(),
        packs: Packs::builtin().unwrap(),
        pack: "covid-19".to_owned(),
        settings: Settings {
            zone: Zone::named("Asia/Shanghai").unwrap(),
            legal_basis: "law".to_owned(),
            body: "command".to_owned(),
        },
        city: "50".parse().unwrap(),
        clock: Clock::new(|| "2022-11-21T08:00:00+08:00".parse::<Instant>().unwrap()),
        chance: Chance::new(move |bytes| {
            let number = count.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            bytes.iter_mut().zip(number.to_be_bytes().iter().cycle()).for_each(|(byte, from)| *byte = *from);
        }),
        exercise: true,
    };
    App::with(setup, config, None)
}

/// A server on a store in memory.
async fn app(config: Config) -> Arc<App> {
    app_on(":memory:", config).await
}

/// Lets somebody in; what comes back is their token.
fn sign_in(app: &App, account: &str, role: Role, division: &str) -> String {
    let duty = Duty { role, division: division.parse().unwrap(), site: None };
    let looker = Looker { account: account.to_owned(), duty, glass: Default::default() };
    let token = format!("token-of-{account}");
    app.sessions.lock().unwrap().insert(token.clone(), looker);
    token
}

fn sign_out(app: &App, token: &str) {
    app.sessions.lock().unwrap().remove(token);
}

async fn ask(router: &Router, request: Request<Body>) -> Response<Body> {
    router.clone().oneshot(request).await.unwrap()
}

async fn text(response: Response<Body>) -> String {
    String::from_utf8(axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}

/// A problem of this kind, with its status.
async fn problem(response: Response<Body>, status: StatusCode, kind: &str) -> serde_json::Value {
    assert_eq!(response.status(), status);
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(problem["type"], format!("/api/problems/{kind}"), "{problem}");
    problem
}
