//! Requests that another site, a thief or a browser's mistake could send; and what every answer carries.

use super::{Signed, app, ask, get, problem, sign_in, text};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    routing::{any, post},
};
use dayclear_core::access::Role;
use dayclear_web::{
    App, Config,
    caller::COOKIE,
    config::{Network, Setting},
    guarded,
    site::Peer,
};
use std::sync::Arc;

async fn started(config: Config) -> (Arc<App>, Router, Signed) {
    let app = app(config).await;
    let signed = sign_in(&app, "anna", Role::DistrictCommand, "500103").await;
    let echo = any(|body: String| async move { body });
    let router = guarded(Arc::clone(&app), Router::new().route("/do", echo.clone()).route("/{*path}", echo));
    (app, router, signed)
}

fn form(token: &str, headers: &[(&str, &str)], body: &str) -> Request<Body> {
    let mut request =
        Request::post("/do").header("cookie", format!("a=b; {COOKIE}={token}")).header("host", "city.example");
    if !headers.iter().any(|(name, _)| *name == "content-type") {
        request = request.header("content-type", "application/x-www-form-urlencoded");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

#[tokio::test]
async fn a_command_with_a_cookie_brings_the_word_of_its_session_and_comes_from_here() {
    let (_, router, signed) = started(Config::default()).await;
    let good = "x=1&csrf=word-of-anna";
    let multipart = ("content-type", "multipart/form-data; boundary=b");
    let json = ("content-type", "application/json");
    type Headers<'h> = &'h [(&'h str, &'h str)];
    let cases: &[(Headers<'_>, &str, bool)] = &[
        (&[], good, true),
        (&[("origin", "http://city.example")], good, true),
        (&[("sec-fetch-site", "same-origin")], good, true),
        (&[("sec-fetch-site", "none")], good, true),
        (&[json, ("x-csrf", "word-of-anna")], "{}", true),
        (&[multipart, ("sec-fetch-site", "same-origin")], "--b", true),
        (&[multipart, ("x-csrf", "word-of-anna")], "--b", true),
        (&[], "x=1", false),
        (&[], "x=1&csrf=", false),
        (&[], "x=1&csrf=WORD-OF-ANNA", false),
        (&[], "x=1&xcsrf=word-of-anna", false),
        (&[("x-csrf", "no")], good, false),
        (&[json], "{\"csrf\":\"word-of-anna\"}", false),
        (&[multipart], "--b", false),
        (&[multipart, ("origin", "http://evil.example")], "--b", false),
        (&[("origin", "http://evil.example")], good, false),
        (&[("origin", "null")], good, false),
        (&[("origin", "http://city.example.evil.example")], good, false),
        (&[("sec-fetch-site", "cross-site")], good, false),
        (&[("sec-fetch-site", "same-site")], good, false),
        (&[("content-type", "text/plain")], good, false),
    ];
    for (headers, body, taken) in cases {
        let response = ask(&router, form(&signed.cookie, headers, body)).await;
        if *taken {
            assert_eq!(response.status(), StatusCode::OK, "{headers:?} {body}");
            assert_eq!(text(response).await, *body, "the body is there for the page");
        } else {
            problem(response, StatusCode::FORBIDDEN, "forged").await;
        }
    }
}

#[tokio::test]
async fn a_bearer_token_needs_no_word_and_a_login_from_elsewhere_is_refused() {
    let (_, router, signed) = started(Config::default()).await;
    let bearer = |token: &str| Request::post("/do").header("authorization", format!("Bearer {token}"));
    let taken =
        ask(&router, bearer(&signed.token).header("origin", "http://else.example").body(Body::empty()).unwrap()).await;
    assert_eq!(taken.status(), StatusCode::OK);
    // nobody is logged in: only where it comes from counts
    let login = |origin: &str| Request::post("/login").header("host", "city.example").header("origin", origin);
    let taken = ask(&router, login("http://city.example").body(Body::empty()).unwrap()).await;
    assert_eq!(taken.status(), StatusCode::OK);
    let refused = ask(&router, login("http://evil.example").body(Body::empty()).unwrap()).await;
    problem(refused, StatusCode::FORBIDDEN, "forged").await;
    // a token that is not one does not make a cookie count less
    let mut request = form(&signed.cookie, &[("authorization", "Bearer nobody")], "x=1");
    assert_eq!(ask(&router, request).await.status(), StatusCode::OK, "nobody is logged in, so nobody can be harmed");
    request = form(&signed.cookie, &[("authorization", "Basic x")], "x=1");
    problem(ask(&router, request).await, StatusCode::FORBIDDEN, "forged").await;
}

#[tokio::test]
async fn the_address_of_the_site_can_be_set() {
    let mut config = Config::default();
    config.general.origin = Some("https://city.example".to_owned());
    let (_, router, signed) = started(config).await;
    let with = |origin: &str| form(&signed.cookie, &[("origin", origin)], "csrf=word-of-anna");
    assert_eq!(ask(&router, with("https://city.example")).await.status(), StatusCode::OK);
    problem(ask(&router, with("http://city.example")).await, StatusCode::FORBIDDEN, "forged").await;
}

#[tokio::test]
async fn whoever_goes_past_the_proxy_is_refused() {
    let mut config = Config::default();
    config.general.trusted_proxies = vec![Network::read("10.0.0.0/8").unwrap()];
    let (_, router, _) = started(config).await;
    let from = |address: &str| {
        let mut request = get("/do");
        request.extensions_mut().insert(Peer { address: address.parse().unwrap(), secure: false });
        request.headers_mut().insert("x-forwarded-proto", "https".parse().unwrap());
        request
    };
    let through = ask(&router, from("10.0.0.1")).await;
    assert_eq!(through.status(), StatusCode::OK);
    assert!(through.headers().contains_key("strict-transport-security"));
    problem(ask(&router, from("192.0.2.1")).await, StatusCode::FORBIDDEN, "past-the-proxy").await;
}

#[tokio::test]
async fn every_answer_carries_its_headers_whatever_it_is() {
    let (app, _, _) = started(Config::default()).await;
    let routes = Router::new().route("/do", post(|| async { "done" })).route(
        "/panic",
        any(|| async {
            if true {
                panic!("x")
            }
        }),
    );
    let router = guarded(app, routes);
    for (method, path, status) in
        [("POST", "/do", 200), ("GET", "/do", 405), ("GET", "/nothing", 404), ("GET", "/panic", 500)]
    {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let response = ask(&router, request).await;
        assert_eq!(response.status(), status, "{path}");
        for name in ["content-security-policy", "x-content-type-options", "x-request-id", "referrer-policy"] {
            assert!(response.headers().contains_key(name), "{path} {name}");
        }
        if status != 200 {
            assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
        }
        if status == 405 {
            assert_eq!(response.headers()["allow"], "POST");
        }
    }
}

#[tokio::test]
async fn a_report_of_a_browser_is_counted_by_directive_only() {
    let (app, _, _) = started(Config::default()).await;
    let router = dayclear_web::router(Arc::clone(&app));
    for body in [
        r#"{"csp-report":{"violated-directive":"script-src-elem","document-uri":"https://x/people/P1"}}"#,
        r#"{"csp-report":{"violated-directive":"P000123"}}"#,
        "not json",
    ] {
        let request = Request::post("/csp-report").header("origin", "null").body(Body::from(body)).unwrap();
        assert_eq!(ask(&router, request).await.status(), StatusCode::NO_CONTENT);
    }
    let figures = app.metrics.text(Default::default());
    assert!(figures.contains("dayclear_policy_reports_total{directive=\"script-src-elem\"} 1"), "{figures}");
    assert!(figures.contains("dayclear_policy_reports_total{directive=\"other\"} 2"), "{figures}");
    assert!(!figures.contains("P1") && !figures.contains("P000123"), "{figures}");
}
