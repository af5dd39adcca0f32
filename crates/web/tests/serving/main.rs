//! Tests of the server around its routes: limits, logs, live updates, forged requests, starting and stopping. Routes of
//! their own stand in for those of the product where a test needs one that is slow, fails or panics.

#![allow(clippy::unwrap_used)] // a test that cannot go on has failed, and says where
#![allow(clippy::useless_conversion)] // an actor of an event is a text of either kind

mod busy;
mod canaries;
mod checked;
mod crowded;
mod forged;
mod http;
mod killed;
mod live;
mod overload;
mod provided;
mod restarted;
mod routed;
mod signer;
mod sockets;

use axum::{
    Router,
    body::Body,
    http::{Request, Response, StatusCode},
};
use dayclear_core::{
    access::{Duty, Role},
    accounts::SessionKind,
    protocol::Packs,
    time::{Instant, Zone},
};
use dayclear_ops::{
    access::{self, By, Entropy, Hasher, Keys, NewAccount, NewPassword, Session},
    minutes::Settings,
};
use dayclear_store::{Scope, Store, events::hex};
use dayclear_web::{App, Clock, Config, Setup};
use sha2::{Digest, Sha256};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tower::ServiceExt;

/// Chance that is the same each time.
struct Count(AtomicU64);

impl Entropy for Count {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        for part in bytes.chunks_mut(32) {
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            part.copy_from_slice(&Sha256::digest(number.to_be_bytes())[..part.len()]);
        }
        Ok(())
    }
}

/// A server on a store.
async fn app_on(url: &str, config: Config) -> Arc<App> {
    app_of(Store::open(url).await.unwrap(), config)
}

/// A server on a store that is open.
fn app_of(store: Store, config: Config) -> Arc<App> {
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let access = access::Settings { hasher: Arc::new(Hasher::cheap()), ..access::Settings::of(zone.clone()) };
    let chance = Count(AtomicU64::new(1));
    let setup = Setup {
        store,
        packs: Packs::builtin().unwrap(),
        pack: "covid-19".to_owned(),
        settings: Settings {
            zone,
            legal_basis: "law".to_owned(),
            body: "command".to_owned(),
            travel: Default::default(),
        },
        city: "50".parse().unwrap(),
        clock: Clock::new(|| "2022-11-21T08:00:00+08:00".parse::<Instant>().unwrap()),
        wall: Clock::new(|| "2026-11-26T08:00:00+08:00".parse::<Instant>().unwrap()),
        keys: Keys::new(&chance).unwrap(),
        access,
        chance: Box::new(chance),
        exercise: true,
    };
    App::with(setup, config, None)
}

/// A server on a store in memory.
async fn app(config: Config) -> Arc<App> {
    app_on(":memory:", config).await
}

/// Somebody who is let in.
struct Signed {
    account: String,
    /// Token of a machine.
    token: String,
    /// Token of a person's session, for the cookie; its word is `word-of-` and the login.
    cookie: String,
}

/// Lets somebody in.
async fn sign_in(app: &App, login: &str, role: Role, division: &str) -> Signed {
    let (access, now) = (app.access(), app.wall());
    let division: dayclear_core::divisions::DivisionCode = division.parse().unwrap();
    let new = NewAccount {
        login,
        name: "Somebody",
        language: "en",
        division: division.clone(),
        password: NewPassword::None,
        enrol: false,
    };
    let account = access.create(By::Operator, &new, now).await.unwrap().id;
    let duty = Duty { role, division, site: role.needs_site().then(|| "S1".to_owned()) };
    let held = access.grant(By::Operator, &account, duty, None, now).await.unwrap();
    let opened = access.make_token(By::Operator, &held.id, 1, now).await.unwrap();
    let cookie = format!("cookie-of-{login}");
    let id = hex(&Sha256::digest(cookie.as_bytes()));
    let session = Session { id, kind: SessionKind::Console, csrf: format!("word-of-{login}"), ..opened.session };
    let mut tx = app.store().begin(&Scope::nobody()).await.unwrap();
    tx.add_session(&session).await.unwrap();
    tx.commit().await.unwrap();
    Signed { account, token: opened.token, cookie }
}

async fn sign_out(app: &App, account: &str) {
    app.access().end_all_of(By::Operator, account, app.wall()).await.unwrap();
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
