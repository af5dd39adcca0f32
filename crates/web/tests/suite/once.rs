//! A command acts once under its key, however often and however quickly it is sent.

use crate::{
    engines::on_both,
    served::{Answer, Served},
};
use axum::{
    body::Body,
    http::{Method, StatusCode},
};
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
