//! The way to an identity provider and back, with a provider that answers as each test wants it.

use super::{app, ask, get, signer::Signer, text};
use axum::{
    Form, Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Request, Response, StatusCode, header},
    routing::{get as answer, post},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use dayclear_ops::access::{By, NewAccount, NewPassword};
use dayclear_web::{
    App, Config,
    config::{Oidc, Secret, Setting},
    oidc::{self, Attempt, Provider, Trouble},
    router,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;
use url::Url;

/// A provider: what it says, and what it was asked.
struct Fake {
    signer: Signer,
    issuer: String,
    /// Changes of what it claims.
    claims: Mutex<Value>,
    redeemed: Mutex<Vec<(BTreeMap<String, String>, String)>>,
}

impl Fake {
    async fn start() -> Arc<Fake> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let fake =
            Arc::new(Fake { signer: Signer::new(), issuer, claims: Mutex::new(json!({})), redeemed: Mutex::default() });
        let routes = Router::new()
            .route("/.well-known/openid-configuration", answer(describe))
            .route(
                "/keys",
                answer(async |State(fake): State<Arc<Fake>>| Json(json!({"keys": [fake.signer.published("e")]}))),
            )
            .route("/token", post(token))
            .with_state(Arc::clone(&fake));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        fake
    }
    fn asked(&self) -> usize {
        self.redeemed.lock().unwrap().len()
    }
    fn claim(&self, claims: Value) {
        *self.claims.lock().unwrap() = claims;
    }
}

async fn describe(State(fake): State<Arc<Fake>>) -> Json<Value> {
    let issuer = &fake.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize?realm=city"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/keys"),
    }))
}

async fn token(
    State(fake): State<Arc<Fake>>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Result<Json<Value>, StatusCode> {
    let authorization = headers.get(header::AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
    fake.redeemed.lock().unwrap().push((form.clone(), authorization.unwrap_or_default()));
    if form["code"] != "good" {
        return Err(StatusCode::BAD_REQUEST);
    }
    let token = fake.signer.sign(&json!({"alg": "ES256", "kid": "e"}), &fake.claims.lock().unwrap());
    Ok(Json(json!({"id_token": token, "token_type": "Bearer", "access_token": "unused"})))
}

struct House {
    app: Arc<App>,
    router: Router,
    fake: Arc<Fake>,
}

/// Somebody who has left for the provider.
struct Left {
    state: String,
    nonce: String,
    cookie: String,
}

impl House {
    async fn open() -> House {
        let fake = Fake::start().await;
        let mut config = Config::default();
        config.oidc.issuer = Some(fake.issuer.clone());
        config.oidc.client_id = Some("day clear".to_owned());
        config.oidc.client_secret = Some(Secret::read("gehe:im").unwrap());
        config.oidc.label = Some("City ID".to_owned());
        let app = app(config).await;
        let (access, now) = (app.access(), app.wall());
        let new = NewAccount {
            login: "anna",
            name: "Anna",
            language: "en",
            division: "500103".parse().unwrap(),
            password: NewPassword::None,
            enrol: true,
        };
        let id = access.create(By::Operator, &new, now).await.unwrap().id;
        access.link(By::Operator, &id, Some((&fake.issuer, "p-17")), now).await.unwrap();
        House { router: router(Arc::clone(&app)), app, fake }
    }
    async fn leave(&self) -> Left {
        let response = self.ask("/login/oidc?next=/cases%3Fopen%3Dtrue", "").await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let to = Url::parse(response.headers()[header::LOCATION].to_str().unwrap()).unwrap();
        let pairs: BTreeMap<String, String> = to.query_pairs().into_owned().collect();
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Max-Age=600"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        for (name, value) in [
            ("realm", "city"),
            ("response_type", "code"),
            ("client_id", "day clear"),
            ("scope", "openid"),
            ("code_challenge_method", "S256"),
            ("max_age", "600"),
            ("redirect_uri", "http://city.example/login/oidc/back"),
        ] {
            assert_eq!(pairs[name], value, "{to}");
        }
        let cookie = cookie.split(';').next().unwrap().to_owned();
        for secret in [&pairs["state"], &pairs["nonce"]] {
            assert_eq!(secret.len(), 43);
            assert!(!cookie.contains(secret.as_str()));
        }
        let left = Left { state: pairs["state"].clone(), nonce: pairs["nonce"].clone(), cookie };
        self.fake.claim(self.claims(&left, json!({})));
        left
    }
    fn claims(&self, left: &Left, changes: Value) -> Value {
        let now = self.app.wall().micros() / 1_000_000;
        let mut claims = json!({
            "iss": self.fake.issuer, "sub": "p-17", "aud": "day clear", "nonce": left.nonce,
            "exp": now + 300, "iat": now, "auth_time": now,
        });
        claims.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        claims
    }
    async fn back(&self, left: &Left, query: &str) -> Response<Body> {
        self.ask(&format!("/login/oidc/back?state={}&{query}", left.state), &left.cookie).await
    }
    async fn ask(&self, path: &str, cookie: &str) -> Response<Body> {
        let request = Request::get(path).header(header::HOST, "city.example").header(header::COOKIE, cookie);
        ask(&self.router, request.header(header::ACCEPT, "text/html").body(Body::empty()).unwrap()).await
    }
}

fn location(response: &Response<Body>) -> &str {
    response.headers().get(header::LOCATION).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

/// Cookies that an answer sets: name and value.
fn set(response: &Response<Body>) -> BTreeMap<String, String> {
    let cookies = response.headers().get_all(header::SET_COOKIE).iter();
    cookies
        .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

async fn refused(response: Response<Body>, status: StatusCode, said: &str) {
    assert_eq!(response.status(), status, "{said}");
    assert_eq!(set(&response).get("__Host-dayclear"), None, "{said}");
    let page = text(response).await;
    assert!(page.contains(said), "{said}: {page}");
    assert!(page.contains("name=\"password\"") && page.contains("href=\"/login/oidc?next="), "both ways are open");
}

#[tokio::test]
async fn somebody_who_is_linked_comes_in_with_the_code_of_their_authenticator_or_the_providers() {
    let house = House::open().await;
    let page = text(house.ask("/login?next=/map", "").await).await;
    assert!(page.contains("href=\"/login/oidc?next=%2Fmap\"") && page.contains("Log in with City ID"), "{page}");

    let left = house.leave().await;
    let response = house.back(&left, "code=good").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER, "{}", text(response).await);
    assert_eq!(location(&response), "/step-up?next=%2Fcases%3Fopen%3Dtrue", "no second factor was vouched for");
    let cookies = set(&response);
    assert_eq!(cookies["__Host-dayclear-oidc"], "", "what was kept is forgotten");
    let first = cookies["__Host-dayclear"].clone();
    assert_eq!(first.len(), 43);

    // PKCE, and both parts of the client's name encoded before they are joined
    let (form, authorization) = house.fake.redeemed.lock().unwrap()[0].clone();
    assert_eq!(form["grant_type"], "authorization_code");
    assert_eq!(form["redirect_uri"], "http://city.example/login/oidc/back");
    assert_eq!(form["code_verifier"].len(), 43);
    assert_eq!(authorization, "Basic ZGF5K2NsZWFyOmdlaGUlM0FpbQ==");

    let left = house.leave().await;
    house.fake.claim(house.claims(&left, json!({"amr": ["pwd", "mfa"]})));
    let kept = format!("{}; __Host-dayclear={first}", left.cookie);
    let response = house.ask(&format!("/login/oidc/back?state={}&code=good", left.state), &kept).await;
    assert_eq!(location(&response), "/duty?next=%2Fcases%3Fopen%3Dtrue", "the provider's factor counts");
    assert_ne!(set(&response)["__Host-dayclear"], first, "a session nobody could have known before");
}

#[tokio::test]
async fn the_challenge_is_the_hash_of_what_redeems_the_code() {
    let house = House::open().await;
    let response = house.ask("/login/oidc", "").await;
    let to = Url::parse(location(&response)).unwrap();
    let pairs: BTreeMap<String, String> = to.query_pairs().into_owned().collect();
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let left = Left { state: pairs["state"].clone(), nonce: pairs["nonce"].clone(), cookie };
    house.fake.claim(house.claims(&left, json!({})));
    house.back(&left, "code=good").await;
    let verifier = house.fake.redeemed.lock().unwrap()[0].0["code_verifier"].clone();
    assert_eq!(pairs["code_challenge"], URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes())));
}

#[tokio::test]
async fn nobody_comes_back_who_did_not_leave_from_this_browser() {
    let house = House::open().await;
    let again = "was not begun in this browser";
    let (left, other) = (house.leave().await, house.leave().await);
    let none = Left { cookie: String::new(), ..house.leave().await };
    refused(house.back(&none, "code=good").await, StatusCode::FORBIDDEN, again).await;
    let bent = Left { cookie: format!("{}0", left.cookie), state: left.state.clone(), nonce: String::new() };
    refused(house.back(&bent, "code=good").await, StatusCode::FORBIDDEN, again).await;
    let mixed = Left { state: other.state.clone(), cookie: left.cookie.clone(), nonce: String::new() };
    refused(house.back(&mixed, "code=good").await, StatusCode::FORBIDDEN, again).await;
    refused(house.ask("/login/oidc/back?code=good", &left.cookie).await, StatusCode::FORBIDDEN, again).await;
    refused(house.back(&left, "code=good&iss=https://other.example").await, StatusCode::FORBIDDEN, again).await;
    assert_eq!(house.fake.asked(), 0, "the provider was not asked");

    house.fake.claim(house.claims(&left, json!({})));
    assert_eq!(house.back(&left, "code=good").await.status(), StatusCode::SEE_OTHER);
    refused(house.back(&left, "code=good").await, StatusCode::FORBIDDEN, again).await;
    assert_eq!(house.fake.asked(), 1, "coming back once more asks nobody");
}

#[tokio::test]
async fn an_attempt_ends_after_minutes_and_is_made_by_this_server_alone() {
    let house = House::open().await;
    let attempt = Attempt::new(&house.app, "http://city.example/login/oidc/back", &"/x".repeat(400)).unwrap();
    assert_eq!(attempt.next, "/", "a cookie has no room for such a way");
    let now = house.app.wall();
    for (minutes, good) in [(0, true), (-9, true), (-10, false), (1, false)] {
        let mut begun = serde_json::to_value(&attempt).unwrap();
        begun["begun_us"] = json!(now.plus_minutes(minutes).micros());
        let attempt: Attempt = serde_json::from_value(begun).unwrap();
        let kept = attempt.sealed(&house.app).unwrap();
        assert!(kept.len() < 3_000);
        assert_eq!(Attempt::opened(&house.app, &kept).is_some(), good, "{minutes}");
    }
    let elsewhere = House::open().await;
    let mut keys = attempt.sealed(&elsewhere.app).unwrap();
    assert!(Attempt::opened(&house.app, &keys).is_some(), "the keys of these tests are the same each time");
    keys.replace_range(keys.len() - 1.., if keys.ends_with('0') { "1" } else { "0" });
    assert!(Attempt::opened(&house.app, &keys).is_none());
}

#[tokio::test]
async fn whom_the_provider_does_not_bring_stays_outside() {
    let house = House::open().await;
    let stranger = house.leave().await;
    house.fake.claim(house.claims(&stranger, json!({"sub": "p-18"})));
    refused(house.back(&stranger, "code=good").await, StatusCode::FORBIDDEN, "Ask the administrator").await;
    for (query, said) in [
        ("error=access_denied", "let nobody in"),
        ("code=good&error=access_denied", "let nobody in"),
        ("", "let nobody in"),
        ("code=bad", "could not be accepted"),
    ] {
        let left = house.leave().await;
        refused(house.back(&left, query).await, StatusCode::FORBIDDEN, said).await;
    }
    for changes in
        [json!({"nonce": "other"}), json!({"aud": "other"}), json!({"iss": "https://other"}), json!({"exp": 1})]
    {
        let left = house.leave().await;
        house.fake.claim(house.claims(&left, changes.clone()));
        refused(house.back(&left, "code=good").await, StatusCode::FORBIDDEN, "could not be accepted").await;
    }
    // a disabled account is told the same as nobody
    let anna = house.app.access().account_of(By::Operator, "anna", house.app.wall()).await.unwrap();
    let disabled = dayclear_core::accounts::AccountState::Disabled;
    house.app.access().set_state(By::Operator, &anna.id, disabled, house.app.wall()).await.unwrap();
    let left = house.leave().await;
    refused(house.back(&left, "code=good").await, StatusCode::FORBIDDEN, "Ask the administrator").await;
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_of_and_keeps_nobody_from_the_password() {
    let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut config = Config::default();
    config.oidc.issuer = Some(format!("http://{}", closed.local_addr().unwrap()));
    config.oidc.client_id = Some("dayclear".to_owned());
    drop(closed);
    let app = app(config).await;
    let router = router(Arc::clone(&app));
    let page = ask(&router, get("/login")).await;
    assert_eq!(page.status(), StatusCode::OK);
    for _ in 0..2 {
        refused(ask(&router, get("/login/oidc")).await, StatusCode::SERVICE_UNAVAILABLE, "does not answer").await;
    }
    let provider = app.provider.as_ref().unwrap();
    let told = provider.look(app.wall()).await.unwrap_err().to_string();
    assert!(told.contains("try again in a minute"), "{told}");
}

/// What a provider that nobody knows is told to be.
fn named(issuer: String, authorities: Option<String>) -> Provider {
    let client_id = Some("dayclear".to_owned());
    Provider::of(&Oidc { issuer: Some(issuer), client_id, authorities, ..Oidc::default() }).unwrap()
}

#[tokio::test]
async fn a_provider_that_says_nothing_is_given_up_and_the_next_one_does_not_wait() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let app = app(Config::default()).await;
    let provider = named(format!("http://{}", silent.local_addr().unwrap()), None);
    let since = tokio::time::Instant::now();
    let late = provider.look(app.wall()).await.unwrap_err();
    assert_eq!((late.kind(), since.elapsed() < Duration::from_secs(8)), ("late", true));
    let since = tokio::time::Instant::now();
    assert!(matches!(provider.look(app.wall()).await, Err(Trouble::Busy)));
    assert!(since.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn the_certificate_of_a_provider_is_looked_at() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name).to_string_lossy().into_owned();
        std::fs::write(&path, text).unwrap();
        path
    };
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (certificate, key) = (file("c.pem", made.cert.pem()), file("k.pem", made.signing_key.serialize_pem()));
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let other = file("o.pem", other.cert.pem());
    let acceptor = TlsAcceptor::from(dayclear_web::tls::load(&certificate, &key).unwrap());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let _ = stream.read(&mut [0; 4_096]).await;
            // whoever followed it would ask a machine that the settings do not name
            let answer = "HTTP/1.1 302 Found\r\nlocation: https://other.example/\r\ncontent-length: 0\r\n\r\n";
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    let app = app(Config::default()).await;
    let named = |host: &str, trusted| named(format!("https://{host}:{port}"), trusted);
    for (host, trusted, kind) in [
        ("localhost", Some(certificate.clone()), "status"),
        ("localhost", Some(other), "certificate"),
        ("localhost", None, "certificate"),
        ("127.0.0.1", Some(certificate), "certificate"),
    ] {
        let trouble = named(host, trusted.clone()).look(app.wall()).await.unwrap_err();
        assert_eq!(trouble.kind(), kind, "{host} {trusted:?}: {trouble}");
    }
}

#[tokio::test]
async fn a_provider_that_calls_itself_otherwise_is_not_taken() {
    let fake = Fake::start().await;
    let mut config = Config::default();
    config.oidc.issuer = Some(fake.issuer.replace("127.0.0.1", "localhost"));
    config.oidc.client_id = Some("dayclear".to_owned());
    let app = app(config).await;
    let trouble = app.provider.as_ref().unwrap().look(app.wall()).await.unwrap_err();
    assert!(matches!(trouble, oidc::Trouble::Document { .. }), "{trouble}");
    refused(ask(&router(app), get("/login/oidc")).await, StatusCode::SERVICE_UNAVAILABLE, "does not answer").await;
}

#[tokio::test]
async fn without_a_provider_there_is_no_way_to_one() {
    let router = router(app(Config::default()).await);
    assert!(!text(ask(&router, get("/login")).await).await.contains("/login/oidc"));
    for path in ["/login/oidc", "/login/oidc/back?code=x&state=y"] {
        assert_eq!(ask(&router, get(path)).await.status(), StatusCode::NOT_FOUND);
    }
}
