//! Files in the background: accepted once they are safe, counted, mapped, tried without effect, and gone on with after a
//! restart.

use crate::{
    engines::on_both,
    served::{Served, XLSX},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use dayclear_store::{
    Scope,
    jobs::{Import, State},
    landing::Tally,
};
use serde_json::{Value, json};
use std::fs;

const CSV: [(&str, &str); 1] = [("content-type", "text/csv")];

/// An import when it has ended.
pub async fn ended(served: &Served, token: &str, id: &str) -> Value {
    for _ in 0..500 {
        let now = served.get(token, &format!("/api/v1/imports/{id}")).await.json();
        if !now["ended_at"].is_null() {
            return now;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{id} does not end")
}

async fn bring(served: &Served, query: &str, body: &str) -> Value {
    let path = format!("/api/v1/imports?{query}");
    let answer = served.ask(Method::POST, "district_command", &path, &CSV, Body::from(body.to_owned())).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{:?}", answer.body);
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(answer.header("location"), format!("/api/v1/imports/{id}"));
    ended(served, "district_command", &id).await
}

const VISITS: &str = "person,place,from,to\n\
    P001,M1,2022-11-20T08:00:00+08:00,2022-11-20T09:00:00+08:00\n\
    NOBODY,M1,2022-11-20T08:00:00+08:00,2022-11-20T09:00:00+08:00\n\
    P002,M1,2022-11-20T08:00:00+08:00,2022-11-20T09:00:00+08:00\n";

#[test]
fn a_file_lands_with_counts_and_a_list_of_what_was_kept_aside() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let before = store.dump().await;
        let tried = bring(&served, "table=visits&dry_run=true", VISITS).await;
        assert_eq!((tried["state"].as_str(), tried["tally"]["created"].as_u64()), (Some("done"), Some(2)), "{tried}");
        let mut after = store.dump().await;
        after.remove("imports");
        assert!(after.iter().all(|(table, rows)| before.get(table) == Some(rows)), "a trial left something behind");
        let refused = bring(&served, "table=visits&atomic=true", VISITS).await;
        assert_eq!((refused["state"].as_str(), refused["tally"]["doubtful"].as_u64()), (Some("failed"), Some(1)));
        assert_eq!(store.number("select count(*) from visits where place = 'M1'").await, 0);
        let done = bring(&served, "table=visits", VISITS).await;
        assert_eq!((done["state"].as_str(), done["share"].as_f64()), (Some("done"), Some(1.0)));
        assert_eq!(
            done["tally"],
            json!({"read": 3, "created": 2, "updated": 0, "same": 0, "doubtful": 1, "rejected": 0})
        );
        let doubts = served.get("district_command", done["doubts_at"].as_str().unwrap()).await.json();
        assert_eq!(doubts["rows"].as_array().unwrap().len(), 1);
        assert_eq!((doubts["rows"][0]["row"].as_u64(), doubts["rows"][0]["value"].as_str()), (Some(3), Some("NOBODY")));
        let again = bring(&served, "table=visits", VISITS).await;
        assert_eq!(again["tally"], done["tally"], "the same file is not read twice");
        assert_eq!(store.number("select count(*) from visits where place = 'M1'").await, 2);
        // what was brought is nobody else's business
        let id = done["id"].as_str().unwrap();
        assert_eq!(served.get("city_command", &format!("/api/v1/imports/{id}")).await.problem(), "unknown");
        let files: Vec<_> = fs::read_dir(store.folder().join("imports")).unwrap().collect();
        assert!(files.is_empty(), "files stay behind: {files:?}");
        served.close().await;
    });
}

#[test]
fn a_file_that_is_no_table_fails_and_says_why() {
    on_both(async |store| {
        let served = Served::example(store).await;
        for (body, why) in
            [("a,b\n1,2\n", "lacks"), ("", "empty"), ("%PDF-1.7", "a PDF"), ("PK\u{3}\u{4}zzzz", "visits")]
        {
            let failed = bring(&served, "table=visits", body).await;
            assert_eq!(failed["state"], "failed", "{body}");
            assert!(failed["problem"].as_str().unwrap().contains(why), "{body}: {failed}");
        }
        for (path, headers, kind) in [
            ("/api/v1/imports", CSV, "query"),
            ("/api/v1/imports?table=nothing", CSV, "query"),
            ("/api/v1/imports?table=visits&dry_run=maybe", CSV, "query"),
            ("/api/v1/imports?table=visits&mapping=none-such", CSV, "unknown"),
            ("/api/v1/imports?table=divisions", CSV, "not-yours"),
            ("/api/v1/imports?table=visits", [("content-type", "application/pdf")], "media-type"),
        ] {
            let answer = served.ask(Method::POST, "district_command", path, &headers, Body::from(VISITS)).await;
            assert_eq!(answer.problem(), kind, "{path}");
        }
        let answer = served.ask(Method::POST, "driver", "/api/v1/imports?table=visits", &CSV, Body::from(VISITS)).await;
        assert_eq!(answer.problem(), "not-yours");
        served.close().await;
    });
}

#[test]
fn a_mapping_is_saved_shared_and_used() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let body =
            json!({"name": "mall", "table": "visits", "columns": {"人员": "person", "Ort": "place"}, "shared": true});
        let made = served.post("district_command", "/api/v1/mappings", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{:?}", made.body);
        let id = made.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(served.post("district_command", "/api/v1/mappings", &body).await.problem(), "name-taken");
        let file = VISITS.replace("person,place", "人员,Ort");
        let done = bring(&served, &format!("table=visits&mapping={id}"), &file).await;
        assert_eq!(done["tally"]["created"], 2, "{done}");
        let path = format!("/api/v1/mappings/{id}");
        // the division may use it and not change it; another division knows nothing of it
        assert_eq!(served.get("dispatcher", &path).await.json()["own"], false);
        let headers = [("content-type", "application/json")];
        let put = |token: &'static str, body: Value| {
            served.ask(Method::PUT, token, &path, &headers, Body::from(body.to_string()))
        };
        assert_eq!(put("dispatcher", body.clone()).await.problem(), "unknown");
        assert_eq!(served.get("district_command-elsewhere", &path).await.problem(), "unknown");
        let mut private = body.clone();
        private["shared"] = false.into();
        assert_eq!(put("district_command", private).await.status, StatusCode::OK);
        assert_eq!(served.get("dispatcher", &path).await.problem(), "unknown");
        let mut wrong = body;
        wrong["columns"] = json!({"a": "no_such_column"});
        wrong["name"] = "other".into();
        assert_eq!(served.post("district_command", "/api/v1/mappings", &wrong).await.problem(), "invalid");
        let gone = served.ask(Method::DELETE, "district_command", &path, &[], Body::empty()).await;
        assert_eq!(gone.status, StatusCode::NO_CONTENT);
        assert_eq!(
            served.ask(Method::DELETE, "district_command", &path, &[], Body::empty()).await.problem(),
            "unknown"
        );
        served.close().await;
    });
}

#[test]
fn an_import_goes_on_after_a_restart() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let rows: String = (0..12_000)
            .map(|n| {
                format!(
                    "P{:03},M9,2022-11-{:02}T{:02}:{:02}:00+08:00,2022-11-20T23:00:00+08:00\n",
                    1 + n % 40,
                    1 + n / 1440,
                    n / 60 % 24,
                    n % 60
                )
            })
            .collect();
        let file = format!("person,place,from,to\n{rows}");
        // a server that was killed after it had accepted the file, and before it had read it
        let import = Import {
            id: "restarted".to_owned(),
            account: served.account("district_command").to_owned(),
            division: "500103".to_owned(),
            table: "visits".to_owned(),
            list: String::new(),
            day: "2022-11-20".parse().unwrap(),
            source: "visits-restarted.csv".to_owned(),
            digest: "d".repeat(64),
            bytes: file.len() as i64,
            mapping: "{}".to_owned(),
            dry_run: false,
            atomic: false,
            state: State::Running,
            share: 0.0,
            tally: Tally::default(),
            doubts: "[]".to_owned(),
            problem: None,
            created_at: served.app.now(),
            ended_at: None,
        };
        fs::create_dir_all(store.folder().join("imports")).unwrap();
        fs::write(store.folder().join("imports/restarted"), &file).unwrap();
        let mut tx = served.app.store().begin(&Scope::of("500103".parse().unwrap())).await.unwrap();
        tx.add_import(&import).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(dayclear_web::api::resume(&served.app).await.unwrap(), 1);
        let done = ended(&served, "district_command", "restarted").await;
        assert_eq!((done["state"].as_str(), done["tally"]["created"].as_u64()), (Some("done"), Some(12_000)), "{done}");
        // and one that was killed half way: what has landed is counted once
        store.sql("delete from visits where place = 'M9' and \"from\" >= (select max(\"from\") from visits where place = 'M9')").await.unwrap();
        let left = store.number("select count(*) from visits where place = 'M9'").await;
        let landed = 5_000;
        store
            .sql(&format!(
                "update intake set rows_done = {landed}, complete = {}, read = {landed}, created = {landed}
            where source = 'visits-restarted.csv'",
                if store.url.starts_with("postgres") { "false" } else { "0" }
            ))
            .await
            .unwrap();
        store.sql("update imports set ended_at = null, state = 'running' where id = 'restarted'").await.unwrap();
        fs::write(store.folder().join("imports/restarted"), &file).unwrap();
        assert_eq!(dayclear_web::api::resume(&served.app).await.unwrap(), 1);
        let done = ended(&served, "district_command", "restarted").await;
        assert_eq!(done["tally"]["read"], 12_000);
        let count = |name: &str| done["tally"][name].as_u64().unwrap();
        assert_eq!(count("created") + count("same"), 12_000, "{done}");
        assert_eq!(count("created") - 5_000, 12_000 - left as u64, "only what was missing lands");
        assert_eq!(store.number("select count(*) from visits where place = 'M9'").await, 12_000);
        served.close().await;
    });
}

#[test]
fn a_line_list_and_a_workbook_are_files_like_others() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let list = "case_id,sex,age\nC1,F,30\nC2,M,\nC2,M,\n";
        let done = bring(&served, "table=linelist&list=trial", list).await;
        assert_eq!(
            done["tally"],
            json!({"read": 3, "created": 2, "updated": 0, "same": 1, "doubtful": 0, "rejected": 0}),
            "{done}"
        );
        let headers = [("content-type", XLSX)];
        let answer = served
            .ask(Method::POST, "district_command", "/api/v1/imports?table=visits", &headers, Body::from("no zip"))
            .await;
        let failed = ended(&served, "district_command", answer.json()["id"].as_str().unwrap()).await;
        assert_eq!(failed["state"], "failed");
        served.close().await;
    });
}
