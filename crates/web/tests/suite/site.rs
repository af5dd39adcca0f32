//! Tubes of a site by the API, and the pages of the site: sent again they have the same answer, a refused one says why and leaves
//! nothing behind, and what a phone may keep tells of nobody.

use crate::{
    engines::on_both,
    served::{Answer, Served},
};
use axum::http::StatusCode;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/site/tubes";

/// A tube that was closed twelve hours before it is sent, by a phone whose clock is three days ahead.
fn sent(record: &str, tube: &str, people: &[&str], now_ms: i64) -> Value {
    const HOURS_12: i64 = 12 * 3_600_000;
    let ahead = now_ms + 3 * 86_400_000;
    let clocks = |ago: i64| json!({"wall_ms": ahead - ago, "page_ms": 100_000_000 - ago, "page": "p"});
    let mut anchor = clocks(HOURS_12 + 60_000);
    anchor["server_ms"] = json!(now_ms - HOURS_12 - 60_000);
    let people: Vec<Value> = people.iter().map(|person| json!({"person": person})).collect();
    json!({"now": clocks(0), "tubes": [{"record": record, "tube": tube, "division": "500103013006", "purpose": "area_screening",
        "size": 10, "people": people, "taken": clocks(HOURS_12), "anchor": anchor}]})
}

fn told(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
    serde_json::from_slice::<Value>(&answer.body).unwrap()["told"][0].clone()
}

#[test]
fn a_tube_that_is_sent_again_is_the_same_and_a_refused_one_leaves_nothing() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let now_ms = served.app.now().micros() / 1_000;
        let who = "district_command";
        let post = async |body: &Value| served.post(who, PATH, body).await;
        let first = told(&post(&sent("r1", "N1", &["P001", "P002"], now_ms)).await);
        assert_eq!((first["state"].as_str(), first["within_s"].as_i64()), (Some("taken"), Some(5)), "{first}");
        let again = told(&post(&sent("r1", "N1", &["P001", "P002"], now_ms)).await);
        assert_eq!((again["state"].as_str(), &again["collected_at"]), (Some("same"), &first["collected_at"]));
        let state = store.dump().await;
        for (body, wrong) in [
            (sent("r2", "N2", &[], now_ms), "empty"),
            (sent("r2", "N2", &["P001", "P001"], now_ms), "twice"),
            (sent("r1", "N1", &["P003"], now_ms), "other"),
            (sent("r 2", "N2", &["P003"], now_ms), "row"),
        ] {
            let answer = told(&post(&body).await);
            assert_eq!((answer["state"].as_str(), answer["wrong"].as_str()), (Some("refused"), Some(wrong)));
        }
        let mut strange = sent("r2", "N2", &["P003"], now_ms);
        strange["tubes"][0]["at"] = json!("2022-11-20T08:00:00+08:00");
        assert_eq!(post(&strange).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(post(&json!({"now": strange["now"], "tubes": []})).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(store.dump().await, state);
        let denied = served.post("laboratory", PATH, &sent("r3", "N3", &["P003"], now_ms)).await;
        assert_eq!(denied.status, StatusCode::FORBIDDEN);
        served.close().await;
    });
}
