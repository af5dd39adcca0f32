//! Rows from outside: one is taken or refused, many add up, nothing of another division can be named or changed.

use crate::{
    engines::{TestStore, on_both, runtime},
    served::Served,
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::{Value, json};

fn visit(person: &str, hour: usize, minute: usize) -> Value {
    let from = format!("2022-11-{:02}T{hour:02}:{minute:02}:00+08:00", 1 + hour % 19);
    json!({"person": person, "place": "M1", "from": from, "to": "2022-11-20T23:00:00+08:00"})
}

fn adds_up(told: &Value) -> bool {
    let count = |name: &str| told[name].as_u64().unwrap();
    count("read") == ["created", "updated", "same", "doubtful", "rejected"].map(count).iter().sum::<u64>()
}

#[test]
fn one_row_is_taken_or_refused() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let path = "/api/v1/evidence/visits";
        let new = served.post("district_command", path, &visit("P001", 8, 0)).await;
        assert_eq!((new.status, new.json()["created"].as_u64()), (StatusCode::CREATED, Some(1)));
        let again = served.post("district_command", path, &visit("P001", 8, 0)).await;
        assert_eq!((again.status, again.json()["same"].as_u64()), (StatusCode::OK, Some(1)));
        let before = store.dump().await;
        let stranger = served.post("district_command", path, &visit("NOBODY", 8, 0)).await;
        assert_eq!((stranger.status, stranger.problem().as_str()), (StatusCode::CONFLICT, "doubtful"));
        assert_eq!(stranger.json()["errors"][0]["field"], "person");
        let mut wrong = visit("P001", 9, 0);
        wrong["from"] = "soon".into();
        let wrong = served.post("district_command", path, &wrong).await;
        assert_eq!((wrong.status, wrong.problem().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "invalid"));
        let dry = served.post("district_command", &format!("{path}?dry_run=true"), &visit("P001", 10, 0)).await;
        assert_eq!((dry.status, dry.json()["created"].as_u64()), (StatusCode::OK, Some(1)));
        assert_eq!(before, store.dump().await, "what was refused or tried left something behind");
        served.close().await;
    });
}

#[test]
fn many_rows_are_taken_as_far_as_they_go_and_add_up() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let rows = json!([
            visit("P001", 8, 0),
            visit("P001", 8, 0),
            visit("NOBODY", 8, 0),
            {},
            {"person": "P002", "place": "M1", "from": "x", "to": "2022-11-20T23:00:00+08:00"},
            {"person": "P002", "place": "M\u{0}1", "from": "2022-11-20T08:00:00+08:00", "to": "2022-11-20T23:00:00+08:00"},
        ]);
        let told = served.post("district_command", "/api/v1/evidence/visits", &rows).await.json();
        assert!(adds_up(&told), "{told}");
        let counts = ["read", "created", "same", "doubtful", "rejected"].map(|name| told[name].as_u64().unwrap());
        assert_eq!(counts, [6, 1, 1, 2, 2], "{told}");
        let places: Vec<u64> =
            told["doubts"].as_array().unwrap().iter().map(|doubt| doubt["row"].as_u64().unwrap()).collect();
        assert_eq!(places, [4, 3, 5, 6]);
        // the same as CSV and as NDJSON changes nothing
        let csv = "person,place,from,to\nP001,M1,2022-11-09T08:00:00+08:00,2022-11-20T23:00:00+08:00\n";
        let lines = format!("{}\n\n{}\n", visit("P001", 8, 0), visit("P001", 8, 0));
        for (media, body) in [("text/csv", csv.to_owned()), ("application/x-ndjson", lines)] {
            let headers = [("content-type", media)];
            let answer = served
                .ask(Method::POST, "district_command", "/api/v1/evidence/visits", &headers, Body::from(body))
                .await;
            let told = answer.json();
            assert_eq!(told["read"], told["same"], "{media}: {told}");
        }
        // rows kept aside are a list to work through
        let doubts = served.get("district_command", "/api/v1/doubts?open=true&limit=500").await.json();
        assert!(doubts["rows"].as_array().unwrap().iter().any(|row| row["value"] == "NOBODY"));
        served.close().await;
    });
}

#[test]
fn ten_thousand_rows_add_up() {
    runtime().block_on(async {
        let store = TestStore::file().await;
        let served = Served::example(&store).await;
        // 9,000 different visits, of which every tenth is of nobody; then 1,000 of them once more
        let row = |n: usize| {
            let person = if n.is_multiple_of(10) { "NOBODY".to_owned() } else { format!("P{:03}", 1 + n % 40) };
            let from = format!("2022-11-{:02}T{:02}:{:02}:00+08:00", 1 + n / 1440, n / 60 % 24, n % 60);
            json!({"person": person, "place": format!("M{}", n % 7), "from": from, "to": "2022-11-20T23:00:00+08:00"})
        };
        let rows: Vec<Value> = (0..9_000).chain(0..1_000).map(row).collect();
        #[allow(clippy::disallowed_methods)] // a test may look at the clock
        let began = std::time::Instant::now();
        let told = served.post("district_command", "/api/v1/evidence/visits", &rows.into()).await.json();
        eprintln!("10,000 rows in {:?}", began.elapsed());
        assert!(adds_up(&told), "{told}");
        let counts = ["read", "created", "updated", "same", "doubtful"].map(|name| told[name].as_u64().unwrap());
        assert_eq!(counts, [10_000, 8_100, 0, 900, 1_000]);
        assert_eq!(told["doubts"].as_array().unwrap().len(), 1_000);
        served.close().await;
        store.close().await;
    });
}

#[test]
fn nothing_of_another_division_can_be_named_or_changed() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let own = served.post("district_command", "/api/v1/evidence/visits", &visit("P001", 8, 0)).await;
        assert_eq!(own.status, StatusCode::CREATED);
        let before = store.dump().await;
        let elsewhere = "district_command-elsewhere";
        let person = json!({"person": "P001", "household": "H01", "name": "x"});
        let vehicle = json!({"vehicle": "V1", "division": "500108", "seats": 4, "lon": 106.5, "lat": 29.5});
        let request = json!({"request": "R1", "kind": "dialysis", "division": "500103013006",
            "received_at": "2022-11-20T08:20:00+08:00", "answer": "done"});
        for (table, row) in
            [("visits", visit("P001", 9, 0)), ("people", person), ("vehicles", vehicle), ("requests", request)]
        {
            let path = format!("/api/v1/evidence/{table}");
            let answer = served.post(elsewhere, &path, &row).await;
            assert_eq!((answer.status, answer.problem().as_str()), (StatusCode::CONFLICT, "doubtful"), "{table}");
        }
        // a laboratory speaks for itself only
        let result = json!({"laboratory": "L2", "tube": "T001", "version": "F", "finding": "negative",
            "reported_at": "2022-11-20T20:00:00+08:00"});
        let answer = served.post("laboratory", "/api/v1/evidence/results", &result).await;
        assert_eq!(
            (answer.status, answer.json()["errors"][0]["field"].as_str()),
            (StatusCode::CONFLICT, Some("laboratory"))
        );
        assert_eq!(before, store.dump().await);
        served.close().await;
    });
}
