//! Who looked at what is noted before they see it, many readers wait for one write, and a search has one answer.

use crate::{
    engines::{TestStore, on_both, runtime},
    served::{Served, config, duty, hire, play_example, setup},
};
use axum::http::StatusCode;
use dayclear_core::access::Role;
use dayclear_web::{
    App,
    ledger::{AuditSink, Entry, Kept, NotKept},
};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};
use tower::ServiceExt as _;

#[test]
fn every_read_of_people_and_every_refusal_is_noted() {
    on_both(async |store| {
        let served = Served::example(store).await;
        served.get("district_command", "/api/v1/people?limit=2").await;
        served.get("district_command", "/api/v1/people/P001").await;
        served.get("district_command", "/api/v1/people/P055").await;
        served.get("laboratory", "/api/v1/people").await;
        served.get("district_command", "/api/v1/beds?limit=2").await;
        served.post("laboratory", "/api/v1/transfers/admit", &json!({"keys": ["x"]})).await;
        served.post("district_command", "/api/v1/days/sign", &json!({"keys": ["x"]})).await;
        let noted: Vec<(String, &str, String, Vec<String>, &str)> = served
            .sink
            .0
            .lock()
            .unwrap()
            .iter()
            .map(|e| (e.duty.role.name().to_owned(), e.action, e.on.clone(), e.subjects.clone(), e.outcome))
            .collect();
        let entry = |account: &str, action, on: &str, subjects: &[&str], outcome| {
            (account.to_owned(), action, on.to_owned(), subjects.iter().map(|s| (*s).to_owned()).collect(), outcome)
        };
        let expected = [
            entry("district_command", "list", "people", &["P001", "P002"], "done"),
            entry("district_command", "read", "people", &["P001"], "done"),
            entry("district_command", "read", "people", &["P055"], "refused"),
            entry("laboratory", "read", "people", &[], "refused"),
            entry("laboratory", "read", "transfers", &[], "refused"),
            entry("district_command", "command", "days.sign", &[], "refused"),
        ];
        assert_eq!(noted, expected);
        served.close().await;
    });
}

#[test]
fn a_search_has_one_answer_within_the_division() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let search =
            async |token: &str, key: &str| served.post(token, "/api/v1/search", &json!({"key": key})).await.json();
        for (key, list, found) in [
            ("P001", "people", "P001"),
            ("50040119770608003x", "people", "P001"),
            ("15401234567", "people", "P001"),
            ("T001", "tubes", "T001"),
            ("R1", "requests", "R1"),
        ] {
            let answer = search("district_command", key).await;
            assert_eq!(
                (answer["found"]["list"].as_str(), answer["found"]["key"].as_str()),
                (Some(list), Some(found)),
                "{key}"
            );
        }
        // a part of a key, another division, a role that may not see the field: nothing
        for (token, key) in [
            ("district_command", "P00"),
            ("district_command", "李建国"),
            ("district_command", "P055"),
            ("district_command-elsewhere", "P001"),
            ("data_protection", "15401234567"),
            ("laboratory", "P001"),
        ] {
            assert_eq!(search(token, key).await, json!({"found": null, "several": false}), "{token} {key}");
        }
        // a tracer without a case finds somebody of the division by the exact key, and has no list of them
        assert_eq!(search("tracer", "P001").await["found"]["key"], "P001");
        assert_eq!(served.get("tracer", "/api/v1/people").await.json()["rows"], json!([]));
        store.sql("update people set phone = '15401234567' where person = 'P002'").await.unwrap();
        assert_eq!(search("district_command", "15401234567").await, json!({"found": null, "several": true}));
        let noted = served.sink.0.lock().unwrap().clone();
        let searches: Vec<&Entry> = noted.iter().filter(|entry| entry.action == "search").collect();
        assert_eq!(searches.len(), 13);
        assert!(noted.iter().all(|entry| !format!("{entry:?}").contains("15401234567")), "a telephone number is noted");
        served.close().await;
    });
}

/// Waits before it keeps anything, or keeps nothing at all.
struct Slow {
    batches: AtomicUsize,
    entries: Mutex<Vec<Entry>>,
    curious: Mutex<String>,
    broken: bool,
}

impl AuditSink for Slow {
    fn append<'s>(&'s self, entries: &'s [Entry]) -> BoxFuture<'s, Result<Vec<Kept>, NotKept>> {
        Box::pin(async move {
            self.batches.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            if self.broken {
                return Err("the disk is full".into());
            }
            let mut all = self.entries.lock().unwrap();
            all.extend_from_slice(entries);
            // the eleventh person of an hour is one too many
            let wait = |entry: &Entry| (entry.account == *self.curious.lock().unwrap()).then_some(600);
            Ok(entries.iter().map(|entry| Kept { wait_s: wait(entry) }).collect())
        })
    }
}

async fn ask(app: &Arc<App>, token: &str) -> (StatusCode, Value) {
    let request = axum::http::Request::builder()
        .uri("/api/v1/people/P001")
        .header("authorization", format!("Bearer {token}"))
        .body(axum::body::Body::empty())
        .unwrap();
    let response = dayclear_web::router(app.clone()).oneshot(request).await.unwrap();
    let status = response.status();
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[test]
fn nobody_sees_anything_before_it_is_noted() {
    runtime().block_on(async {
        let store = TestStore::file().await;
        play_example(&store).await;
        for broken in [false, true] {
            let sink = Arc::new(Slow {
                batches: AtomicUsize::new(0),
                entries: Mutex::default(),
                curious: Mutex::default(),
                broken,
            });
            let kept = sink.clone();
            let app = App::with_sink(setup(&store).await, config(&store), None, move |_| kept);
            let duty = duty(Role::DistrictCommand);
            let (token, _) = hire(&app, &format!("worker-{broken}"), duty.clone()).await;
            let (curious, account) = hire(&app, &format!("curious-{broken}"), duty).await;
            *sink.curious.lock().unwrap() = account;
            let mut asking = tokio::task::JoinSet::new();
            for _ in 0..60 {
                let (app, token) = (app.clone(), token.clone());
                asking.spawn(async move { ask(&app, &token).await });
            }
            let answers = asking.join_all().await;
            if broken {
                assert!(answers.iter().all(|(status, body)| *status == StatusCode::INTERNAL_SERVER_ERROR
                    && !body.to_string().contains("李建国")));
                continue;
            }
            let others: Vec<_> = answers.iter().filter(|(status, _)| *status != StatusCode::OK).collect();
            assert!(others.is_empty(), "{others:?}");
            assert_eq!(sink.entries.lock().unwrap().len(), 60);
            let batches = sink.batches.load(Ordering::Relaxed);
            assert!(batches < 30, "60 reads were written in {batches} transactions");
            let (status, body) = ask(&app, &curious).await;
            assert_eq!((status, body["retryAfter"].as_u64()), (StatusCode::TOO_MANY_REQUESTS, Some(600)));
            assert!(!body.to_string().contains("李建国"));
        }
        store.close().await;
    });
}
