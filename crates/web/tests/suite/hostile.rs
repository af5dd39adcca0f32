//! What must not be taken: malformed, oversized, replayed and misdirected requests, on every operation that takes a body
//! or parameters. Each is refused with its own kind, and the store is as it was.

use crate::{engines::on_both, served::Served};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use dayclear_web::{
    BODY_BYTES_MAX,
    api::{Operation, operations},
};

/// What is refused how: the kind, the headers, the body.
type Case<'a> = (&'a str, &'a [(&'a str, &'a str)], String);

/// A role for which the operation works.
fn role(operation: &Operation) -> &'static str {
    operation.roles.first().map(|role| role.name()).unwrap_or_default()
}

fn path(operation: &Operation) -> String {
    operation.path.replace("{key}", "none-such").replace("{id}", "none-such").replace("{kind}", "unknown")
}

#[test]
fn every_body_is_checked_before_anything_is_done() {
    const JSON: (&str, &str) = ("content-type", "application/json");
    on_both(async |store| {
        let served = Served::on(store).await;
        let before = store.dump().await;
        let with_body = operations()
            .iter()
            .filter(|operation| operation.body.contains_key("application/json") && !operation.step_up);
        let mut asked = 0;
        for operation in with_body {
            let (token, path) = (role(operation), path(operation));
            // a change asks for the record first, and a command of this role for its list
            let unknown_first = operation.method == Method::PATCH || operation.method == Method::PUT;
            let long = "x".repeat(BODY_BYTES_MAX + 1);
            let cases: [Case; 9] = [
                ("json", &[JSON], "{".to_owned()),
                ("json", &[JSON], "\"text\"".to_owned()),
                ("json", &[JSON], "\u{feff}{}".to_owned()),
                ("media-type", &[], "{}".to_owned()),
                ("media-type", &[("content-type", "text/html")], "{}".to_owned()),
                ("too-long", &[JSON], long),
                ("invalid", &[JSON], "{\"no_such_field\": 1}".to_owned()),
                ("invalid", &[JSON], "{\"no_such_field\": {\"a\": [1]}}".to_owned()),
                ("query", &[JSON], "?no_such=1".to_owned()),
            ];
            for (kind, headers, body) in cases {
                let (path, body) = match kind {
                    "query" => (format!("{path}{body}"), "{}".to_owned()),
                    _ => (path.clone(), body),
                };
                let answer = served.ask(operation.method.clone(), token, &path, headers, body.clone()).await;
                let short: String = body.chars().take(40).collect();
                if unknown_first && kind != "query" {
                    assert!(["unknown", kind].contains(&answer.problem().as_str()), "{} {short}", operation.id);
                } else {
                    assert_eq!(answer.problem(), kind, "{} {} {short}", operation.id, answer.status);
                }
                asked += 1;
            }
            if operation.parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key") {
                for key in ["", "with space", "ü", &"k".repeat(65)] {
                    let headers = [JSON, ("idempotency-key", key)];
                    let body = if operation.id.starts_with("evidence") { "[]" } else { "{\"keys\": [\"x\"]}" };
                    let answer = served.ask(operation.method.clone(), token, &path, &headers, body).await;
                    let problem = answer.problem();
                    // what the command needs to know is asked first
                    let fine = ["idempotency-key", "invalid", "unknown"].contains(&problem.as_str());
                    assert!(fine, "{} '{key}': {problem}", operation.id);
                }
            }
        }
        let mut after = store.dump().await;
        after.remove("audit");
        assert!(before.iter().all(|(table, rows)| table == "audit" || after.get(table) == Some(rows)));
        served.close().await;
        assert!(asked > 400, "{asked} requests");
    });
}

#[test]
fn a_question_that_is_not_understood_never_widens_an_answer() {
    on_both(async |store| {
        let served = Served::example(store).await;
        for (path, field, near) in [
            ("/api/v1/people?hausehold=H01", "hausehold", "is it 'household'?"),
            ("/api/v1/people?person=", "person", "a value"),
            ("/api/v1/people?limit=0", "limit", "from 1 to 500"),
            ("/api/v1/people?limit=1&limit=2", "limit", "once"),
            ("/api/v1/people?person=P001,", "person", "between two commas"),
            ("/api/v1/people?presence=here", "presence", "one of"),
            ("/api/v1/people?person.from=P001", "person.from", "without .from"),
            ("/api/v1/people?name=x", "name", "a filter of this list"),
            ("/api/v1/people?person=%00", "person", "visible"),
            ("/api/v1/people?division=50%27--", "division", "a division code"),
            ("/api/v1/people.csv?limit=5", "limit", "whole"),
            ("/api/v1/people/P001?verbose=1", "verbose", "no parameter"),
            ("/api/v1/imports?tabel=people", "tabel", "no parameter"),
        ] {
            let answer = served.get("district_command", path).await;
            assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::BAD_REQUEST, "query"), "{path}");
            let error = &answer.json()["errors"][0];
            assert_eq!(error["field"], field, "{path}");
            assert!(error["expected"].as_str().unwrap().contains(near), "{path}: {error}");
        }
        for cursor in ["x", "5b", "5b225d", &"5b".repeat(2_000)] {
            let answer = served.get("district_command", &format!("/api/v1/people?after={cursor}")).await;
            assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::NOT_FOUND, "no-place"), "{cursor}");
        }
        // a place of another list is no place here, and no error inside
        let other = served.get("district_command", "/api/v1/cases?limit=1").await.json();
        if let Some(next) = other["next"].as_str() {
            let page = served.get("district_command", &format!("/api/v1/people?after={next}")).await;
            assert_eq!(page.status, StatusCode::OK);
        }
        let several = served.get("district_command", "/api/v1/people?person=P001&person=P002,P003").await.json();
        assert_eq!(several["rows"].as_array().unwrap().len(), 3);
        let groups = served.get("district_command", "/api/v1/people?key_group=none,school&limit=500").await.json();
        let none = served.get("district_command", "/api/v1/people?key_group=none&limit=500").await.json();
        let school = served.get("district_command", "/api/v1/people?key_group=school&limit=500").await.json();
        let count = |page: &serde_json::Value| page["rows"].as_array().unwrap().len();
        assert_eq!(count(&groups), count(&none) + count(&school));
        served.close().await;
    });
}

#[test]
fn odd_keys_are_keys_and_nothing_else() {
    on_both(async |store| {
        let served = Served::example(store).await;
        for (key, status) in [
            ("%00", 404),
            ("..%2F..%2Fetc%2Fpasswd", 404),
            ("%E7%8E%8B", 404),
            ("a%20b", 404),
            ("%2525", 404),
            ("%FF%FE", 400),
            ("'%20or%201=1--", 404),
            ("P001%3B", 404),
            (&"k".repeat(5_000), 404),
            ("recall", 404),
        ] {
            let answer = served.get("district_command", &format!("/api/v1/people/{key}")).await;
            assert_eq!(answer.status.as_u16(), status, "{key}: {:?}", answer.body);
            answer.problem();
        }
        // an item's key holds a colon, and may hold a slash
        let items = served.get("district_command", "/api/v1/items?limit=500").await.json();
        let slashed = items["rows"].as_array().unwrap().iter().find(|row| row["id"].as_str().unwrap().contains('/'));
        let id = slashed.unwrap()["id"].as_str().unwrap();
        let answer = served.get("district_command", &format!("/api/v1/items/{}", crate::access::encoded(id))).await;
        assert_eq!(answer.json()["id"], id);
        // a key that is the verb of its list is reached by encoding a letter of it
        let verb = served.get("district_command", "/api/v1/beds/set").await;
        assert_eq!(verb.status, StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(served.get("district_command", "/api/v1/beds/%73et").await.status, StatusCode::NOT_FOUND);
        served.close().await;
    });
}

#[test]
fn head_asks_for_headers_and_takes_nothing_away() {
    on_both(async |store| {
        let served = Served::example(store).await;
        for path in ["/api/v1/people", "/api/v1/people/P001", "/api/v1/people.csv"] {
            let answer = served.ask(Method::HEAD, "district_command", path, &[], Body::empty()).await;
            assert_eq!((answer.status, answer.body.len()), (StatusCode::OK, 0), "{path}");
            assert_eq!(answer.header("cache-control"), "no-store");
        }
        let exports = served.sink.0.lock().unwrap().iter().filter(|entry| entry.action == "export").count();
        assert_eq!(exports, 0);
        let options = served.ask(Method::OPTIONS, "district_command", "/api/v1/people", &[], Body::empty()).await;
        assert_eq!(options.problem(), "method");
        assert!(options.header("allow").contains("GET"));
        assert_eq!(options.header("access-control-allow-origin"), "");
        served.close().await;
    });
}
