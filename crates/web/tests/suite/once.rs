//! A command acts once under its key, however often and however quickly it is sent.

use crate::{
    engines::on_both,
    served::{Answer, Served},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
use serde_json::json;
use std::sync::Arc;

const ROW: &str =
    r#"{"person": "P001", "place": "M1", "from": "2022-11-20T08:00:00+08:00", "to": "2022-11-20T09:00:00+08:00"}"#;

async fn send(served: &Served, token: &str, key: &str, body: &str) -> Answer {
    let headers = [("content-type", "application/json"), ("idempotency-key", key)];
    served.ask(Method::POST, token, "/api/v1/evidence/visits", &headers, Body::from(body.to_owned())).await
}

#[test]
fn a_replay_has_the_first_answer_and_another_body_is_refused() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let first = send(&served, "district_command", "k1", ROW).await;
        assert_eq!((first.status, first.header("idempotent-replay")), (StatusCode::CREATED, ""));
        let state = store.dump().await;
        let again = send(&served, "district_command", "k1", ROW).await;
        assert_eq!((again.status, again.header("idempotent-replay")), (StatusCode::CREATED, "true"));
        assert_eq!(first.body, again.body);
        let other = send(&served, "district_command", "k1", &ROW.replace("M1", "M2")).await;
        assert_eq!((other.status, other.problem().as_str()), (StatusCode::UNPROCESSABLE_ENTITY, "other-body"));
        assert_eq!(state, store.dump().await);
        // a key is that of its account
        let account = send(&served, "district_command-city", "k1", &ROW.replace("M1", "M3")).await;
        assert_eq!((account.status, account.header("idempotent-replay")), (StatusCode::CREATED, ""));
        // what was refused did nothing, so it may be sent again when it is right
        let refused = send(&served, "district_command", "k2", &ROW.replace("P001", "NOBODY")).await;
        assert_eq!(refused.problem(), "doubtful");
        let right = send(&served, "district_command", "k2", &ROW.replace("M1", "M4")).await;
        assert_eq!(right.status, StatusCode::CREATED);
        served.close().await;
    });
}

#[test]
fn sent_many_times_at_once_it_acts_once() {
    on_both(async |store| {
        let served = Arc::new(Served::example(store).await);
        let before = store.number("select count(*) from visits").await;
        let mut sending = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let served = served.clone();
            sending.spawn(async move { send(&served, "district_command", "k1", ROW).await });
        }
        let answers = sending.join_all().await;
        let (mut fresh, mut body) = (0, None);
        for answer in answers {
            match answer.status {
                StatusCode::CREATED => {
                    fresh += u32::from(answer.header("idempotent-replay").is_empty());
                    assert_eq!(*body.get_or_insert(answer.body.clone()), answer.body);
                }
                StatusCode::CONFLICT => {
                    assert_eq!(answer.problem(), "in-flight");
                    assert_eq!(answer.header("retry-after"), "1");
                }
                other => panic!("{other}: {:?}", answer.body),
            }
        }
        assert_eq!(fresh, 1);
        assert_eq!(store.number("select count(*) from visits").await, before + 1);
        Arc::into_inner(served).unwrap().close().await;
    });
}

#[test]
fn two_servers_on_one_store_act_once_together() {
    on_both(async |store| {
        let one = Served::example(store).await;
        let two = Arc::new(one.beside(store).await);
        let one = Arc::new(one);
        let mut sending = tokio::task::JoinSet::new();
        for n in 0..8 {
            let served = if n % 2 == 0 { one.clone() } else { two.clone() };
            sending.spawn(async move { send(&served, "district_command", "k1", ROW).await });
        }
        for answer in sending.join_all().await {
            let fine = answer.status == StatusCode::CREATED || answer.problem() == "in-flight";
            assert!(fine, "{} {:?}", answer.status, answer.body);
        }
        assert_eq!(store.number("select count(*) from visits where place = 'M1' and person = 'P001'").await, 1);
        for served in [one, two] {
            Arc::into_inner(served).unwrap().close().await;
        }
    });
}

#[test]
fn a_bulk_command_by_filter_acts_on_what_its_list_shows_and_adds_up() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let question = "worklist=recall&open=true";
        let list = served.get("district_command", &format!("/api/v1/items?{question}&limit=500")).await.json();
        let meant = list["rows"].as_array().unwrap().len();
        assert!(meant > 0);
        let command = |filter: serde_json::Value, dry_run: bool| json!({"filter": filter, "reason": "nobody answers", "dry_run": dry_run});
        let path = "/api/v1/items/escalate";
        let filter = json!({"worklist": "recall", "open": "true"});
        let before = store.dump().await;
        let tried = served.post("district_command", path, &command(filter.clone(), true)).await.json();
        assert_eq!((tried["asked"].as_u64(), tried["dry_run"].as_bool()), (Some(meant as u64), Some(true)));
        assert_eq!(before, store.dump().await, "a trial left something behind");
        let done = served.post("district_command", path, &command(filter.clone(), false)).await.json();
        let count = |name: &str| done[name].as_u64().unwrap();
        let refused = done["refused"].as_array().unwrap().len() as u64;
        assert_eq!(count("asked"), meant as u64);
        assert_eq!(count("asked"), count("done") + count("same") + refused, "{done}");
        assert!(count("done") > 0, "{done}");
        // of another division the same filter means nobody
        let nobody = served.post("district_command-elsewhere", path, &command(filter, false)).await;
        assert_eq!((nobody.status, nobody.json()["asked"].as_u64()), (StatusCode::OK, Some(0)));
        for filter in [
            json!({}),
            json!({"worklst": "recall"}),
            json!({"worklist": "no such"}),
            json!({"sort": "due"}),
            // a value is taken only as what it is, and as one
            json!({"assignee": [0]}),
            json!({"assignee": 0}),
            json!({"assignee": ["a,b"]}),
        ] {
            let refused = served.post("district_command", path, &command(filter.clone(), true)).await;
            assert_eq!(refused.problem(), "invalid", "{filter}");
        }
        // what is no key is refused, even where the filter means nobody
        for filter in [json!({"worklist": "recall"}), json!({"assignee": "nobody at all"})] {
            let headers = [("content-type", "application/json"), ("idempotency-key", "")];
            let body = Body::from(command(filter, true).to_string());
            let refused = served.ask(Method::POST, "district_command", path, &headers, body).await;
            assert_eq!(refused.problem(), "idempotency-key");
        }
        let both = json!({"keys": ["x"], "filter": {"open": "true"}, "reason": "x"});
        assert_eq!(served.post("district_command", path, &both).await.problem(), "invalid");
        served.close().await;
    });
}

#[test]
fn two_people_on_one_record_keep_both_their_fields() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let path = "/api/v1/people/P001";
        let patch = async |token: &str, tag: &str, body: serde_json::Value| {
            let headers = [("content-type", "application/json"), ("if-match", tag)];
            let headers = if tag.is_empty() { &headers[..1] } else { &headers[..] };
            served.ask(Method::PATCH, token, path, headers, Body::from(body.to_string())).await
        };
        let tag = served.get("district_command", path).await.header("etag").to_owned();
        assert_eq!(patch("district_command", "", json!({"phone": "1"})).await.problem(), "no-version");
        assert_eq!(patch("district_command", &tag, json!({"status": "red"})).await.problem(), "invalid");
        assert_eq!(patch("district_command", &tag, json!({})).await.problem(), "invalid");
        let one = patch("district_command", &tag, json!({"phone": "15400000001"})).await;
        assert_eq!((one.status, one.json()["phone"].as_str()), (StatusCode::OK, Some("15400000001")), "{:?}", one.body);
        let two = patch("community_worker", &tag, json!({"key_group": "school"})).await;
        assert_eq!(two.status, StatusCode::OK, "{:?}", two.body);
        assert_eq!(two.json()["phone"], "15400000001", "the first is lost");
        let late = patch("community_worker", &tag, json!({"phone": "15400000002"})).await;
        assert_eq!((late.status, late.problem().as_str()), (StatusCode::PRECONDITION_FAILED, "stale"));
        let current = &late.json()["current"][0];
        assert_eq!((current["field"].as_str(), current["current"].as_str()), (Some("phone"), Some("15400000001")));
        assert_eq!(current["by"].as_str(), Some(served.account("district_command")));
        let gone = patch("district_command", two.header("etag"), json!({"key_group": null})).await;
        assert_eq!(gone.json()["key_group"], serde_json::Value::Null);
        assert_eq!(patch("district_command-elsewhere", &tag, json!({"phone": "1"})).await.problem(), "unknown");
        served.close().await;
    });
}
