//! Canaries: values that look like those of a person, sent in every place of every kind of request. None may turn up in
//! the log, the figures, or the words of a panic.

use super::{Signed, app_on, ask, sign_in};
use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
    routing::{any, get},
};
use dayclear_core::{access::Role, listing::LISTINGS};
use dayclear_ops::OpsError;
use dayclear_store::StoreError;
use dayclear_web::{App, Config, caller::COOKIE, guarded, logs, problem::Problem};
use std::{
    io::Write,
    sync::{Arc, Mutex},
};
use tracing_subscriber::fmt::MakeWriter;

/// Name, telephone, document, person id, words of a request, key of a search, an address.
const CANARIES: &[&str] = &[
    "欧阳娜娜测",
    "Ouyangnana",
    "13912345678",
    "500101199001011234",
    "P0009876543",
    "insulinplease",
    "searchkey77",
    "Canaryroad",
];

/// No answer takes longer.
const END_WITHIN: std::time::Duration = std::time::Duration::from_secs(20);

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Captured {
    type Writer = Captured;
    fn make_writer(&self) -> Captured {
        self.clone()
    }
}

impl Captured {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// A canary as it may stand in a path or a query.
fn encoded(canary: &str) -> String {
    canary
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { (byte as char).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// Routes that fail in every way in which something can be said of a person.
fn failing() -> Router<Arc<App>> {
    let all = || CANARIES.join(" ");
    let store = |error: StoreError| move || async move { Err::<(), Problem>(error.into()) };
    Router::new()
        .route(
            "/fail/panic/{value}",
            any(move || async move {
                if true {
                    panic!("no such person: {}", all())
                }
            }),
        )
        .route("/fail/index", any(|| async { ["x"][CANARIES.len()..].join("") }))
        .route("/fail/inside", any(move || async move { Problem::inside(format!("'{}' Ouyangnana {}", all(), all())) }))
        .route("/fail/meaning", get(move || store(StoreError::Meaning { value: all(), problem: all() })()))
        .route("/fail/taken", get(move || store(StoreError::Taken { thing: "bed".to_owned(), holder: all() })()))
        .route("/fail/key", get(move || store(StoreError::OtherBody { key: all() })()))
        .route("/fail/ops", get(move || async move { Err::<(), Problem>(OpsError::Inside(all()).into()) }))
        .route(
            "/fail/file",
            get(move || async move {
                let error = OpsError::File { path: all(), problem: all(), remedy: all() };
                Err::<(), Problem>(error.into())
            }),
        )
        .route("/fail/bare", any(move || async move { (StatusCode::INTERNAL_SERVER_ERROR, all()) }))
}

async fn everything(app: &Arc<App>, signed: &Signed) -> usize {
    let (token, cookie) = (&signed.token, &signed.cookie);
    let mut routers = vec![dayclear_web::router(Arc::clone(app))];
    routers.push(guarded(Arc::clone(app), failing()));
    let mut sent = 0;
    for canary in CANARIES {
        let (plain, coded) = (*canary, encoded(canary));
        let mut paths = vec![
            format!("/api/v1/people/{coded}"),
            format!("/api/v1/people?phone={coded}&q={coded}&{coded}=1&sort={coded}&after={coded}"),
            format!("/api/v1/requests/{coded}/answer"),
            format!("/api/v1/items/{coded}/settle"),
            format!("/api/v1/evidence/{coded}"),
            format!("/people/{coded}"),
            format!("/{coded}"),
            format!("/live?topics={coded}"),
            format!("/public/requests/{coded}"),
            format!("/login?name={coded}"),
            format!("/assets/{coded}"),
            "/csp-report".to_owned(),
            format!("/fail/panic/{coded}"),
        ];
        paths.extend(
            ["index", "inside", "meaning", "taken", "key", "ops", "file", "bare"].map(|name| format!("/fail/{name}")),
        );
        for listing in LISTINGS {
            let path = format!("/api/v1/{}?{}={coded}", listing.name, listing.key);
            let request = Request::get(path).header("authorization", format!("Bearer {token}"));
            let response = ask(&routers[0], request.body(Body::empty()).unwrap()).await;
            let _ = axum::body::to_bytes(response.into_body(), 1 << 20).await;
            sent += 1;
        }
        for path in &paths {
            for (method, kind, body) in [
                ("GET", "", String::new()),
                ("POST", "application/json", format!("{{\"reason\":\"{plain}\",\"{plain}\":[\"{plain}\"]}}")),
                ("POST", "application/json", format!("{{\"reason\":{plain}")),
                ("POST", "application/x-www-form-urlencoded", format!("csrf=word-of-a17&answer={coded}&name={coded}")),
                ("POST", "text/plain", plain.to_owned()),
                ("PUT", "text/csv", format!("name,phone\n{plain},{plain}\n")),
                ("DELETE", "", String::new()),
            ] {
                for signed in [
                    None,
                    Some(("authorization", format!("Bearer {token}"))),
                    Some(("cookie", format!("{COOKIE}={cookie}"))),
                ] {
                    let mut request = Request::builder().method(method).uri(path).header("content-type", kind);
                    for name in
                        ["idempotency-key", "user-agent", "referer", "x-request-id", "if-match", "accept-language"]
                    {
                        request = request.header(name, coded.as_str());
                    }
                    request = request.header("x-forwarded-for", coded.as_str());
                    request = match signed {
                        Some((name, value)) => request.header(name, value),
                        None => request.header("cookie", format!("{COOKIE}={coded}; lang={coded}")),
                    };
                    let request = request.body(Body::from(body.clone())).unwrap();
                    let router = &routers[usize::from(path.starts_with("/fail"))];
                    let answered = tokio::time::timeout(END_WITHIN, async {
                        let response = ask(router, request).await;
                        axum::body::to_bytes(response.into_body(), 1 << 20).await
                    });
                    if answered.await.is_err() {
                        // said aside, since a panic of this test says its place only
                        eprintln!("{method} {path} has no end");
                        panic!();
                    }
                    sent += 1;
                }
            }
        }
    }
    sent
}

#[tokio::test]
async fn no_value_of_a_person_is_logged_by_any_request() {
    let captured = Captured::default();
    let mut config = Config::default();
    config.limits.account_burst_max = 1_000_000;
    config.limits.stranger_burst_max = 1_000_000;
    config.limits.site_burst_max = 1_000_000;
    let folder = tempfile::tempdir().unwrap();
    let app = app_on(&folder.path().join("dayclear.db").to_string_lossy(), config).await;
    let signed = sign_in(&app, "a17", Role::DistrictCommand, "500103").await;
    // with a single subscriber a line that a test of another thread reaches first is taken for one that nobody hears; with two
    // all of them are asked
    let _second = tracing::Dispatch::new(logs::subscriber(tracing::Level::DEBUG, Captured::default()));
    let guard = tracing::subscriber::set_default(logs::subscriber(tracing::Level::DEBUG, captured.clone()));
    // the panics of this test are told as the server tells them, those of other tests as before
    let (here, before) = (std::thread::current().id(), std::panic::take_hook());
    std::panic::set_hook(Box::new(move |panic| {
        if std::thread::current().id() == here { logs::place_of(panic) } else { before(panic) }
    }));
    tracing::callsite::rebuild_interest_cache();
    let sent = everything(&app, &signed).await;
    drop(guard);
    let _ = std::panic::take_hook();
    let log = captured.text();
    assert!(sent > 3_000, "{sent}");
    assert!(log.lines().count() >= sent, "every request has its line: {} of {sent}", log.lines().count());
    for part in [
        "\"route\":\"/api/v1/people/{key}\"",
        &format!("\"account\":\"{}\"", signed.account),
        "\"status\":500",
        "a panic",
        "a value is not understood",
    ] {
        assert!(log.contains(part), "{part} is not in the log");
    }
    let figures = app.metrics.text(Default::default());
    for canary in CANARIES {
        for form in [(*canary).to_owned(), encoded(canary)] {
            for (name, told) in [("log", &log), ("figures", &figures)] {
                let line = told.lines().find(|line| line.contains(&form));
                assert!(line.is_none(), "{form} is in the {name}: {line:?}");
            }
        }
    }
    assert!(app.metrics.panics() > 0);
}

/// Sources below a folder.
fn sources(folder: &std::path::Path, all: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, all);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            all.push(path);
        }
    }
}

/// What stands before the parenthesis that closes a call.
fn within(text: &str) -> &str {
    let mut open = 1;
    let end = text.find(|c| {
        open += i32::from(c == '(') - i32::from(c == ')');
        open == 0
    });
    &text[..end.unwrap_or(text.len())]
}

#[test]
fn no_line_of_the_log_takes_the_words_of_something_else() {
    let mut all = Vec::new();
    sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    let mut lines = 0;
    for path in all {
        let text = std::fs::read_to_string(&path).unwrap();
        for weight in ["error", "warn", "info", "debug", "trace"] {
            for call in text.split(&format!("tracing::{weight}!(")).skip(1) {
                let call = within(call);
                // `%` and `?` write what a value says of itself, braces what a message is made of
                for sign in ["%", "?", "{}", "{:"] {
                    assert!(!call.contains(sign), "{}: tracing::{weight}!({call})", path.display());
                }
                lines += 1;
            }
        }
    }
    assert!(lines > 10, "{lines}");
}
