//! Interviews away from a network, by the API and the page: what a telephone is given and what it is not, that what it sends is evidence like
//! any other at its true time and once, and what is refused stays with whoever told it.

use crate::{
    engines::on_both,
    served::{Answer, Served},
};
use axum::http::StatusCode;
use dayclear_core::time::Instant;
use serde_json::{Value, json};

const TOLD: &str = "/api/v1/interviews/told";
const CASE: &str = "C20221120-P006";

/// Something that was told ten minutes ago, to a telephone whose clock is three days ahead.
fn sent(record: &str, case: &str, (what, said): (&str, Value), now_ms: i64) -> Value {
    const MINUTES_10: i64 = 10 * 60_000;
    let ahead = now_ms + 3 * 86_400_000;
    let clocks = |ago: i64| json!({"wall_ms": ahead - ago, "page_ms": 100_000_000 - ago, "page": "p"});
    let mut anchor = clocks(MINUTES_10 + 60_000);
    anchor["server_ms"] = json!(now_ms - MINUTES_10 - 60_000);
    json!({"now": clocks(0), "told": [{"record": record, "case": case, "said": {what: said}, "taken": clocks(MINUTES_10), "anchor": anchor}]})
}

fn answer(text: &str) -> (&'static str, Value) {
    ("answer", json!({"question": "reached", "version": "1", "answer": text}))
}

fn met(who: &str) -> (&'static str, Value) {
    ("met", json!({"who": who, "class": "shared_space", "first": "2022-11-19", "last": "", "setting": ""}))
}

fn stay(place: &str) -> (&'static str, Value) {
    ("stay", json!({"day": "2022-11-19", "place": place, "from": "23:00", "to": "00:30", "setting": ""}))
}

fn told(answer: &Answer) -> (String, String) {
    assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
    let one = &answer.json()["told"][0];
    let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
    (text("state"), text("wrong"))
}

#[test]
fn what_is_told_without_a_network_is_there_once_and_at_its_time() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let now_ms = served.app.now().micros() / 1_000;
        let tracer = "tracer";
        let here = async || served.get(tracer, "/interviews/here").await;
        let begun = here().await;
        assert_eq!(begun.status, StatusCode::OK, "{}", String::from_utf8_lossy(&begun.body));
        assert_eq!(begun.json()["cases"], json!([]), "nothing is assigned yet");
        let refused = told(&served.post(tracer, TOLD, &sent("r0", CASE, answer("telephone"), now_ms)).await);
        assert_eq!(refused, ("refused".into(), "unknown".into()), "the case of somebody else");

        let items = served
            .get("district_command", &format!("/api/v1/items?worklist=reach,facts,investigate&subject={CASE}"))
            .await;
        let keys: Vec<Value> = items.json()["rows"].as_array().unwrap().iter().map(|row| row["id"].clone()).collect();
        assert_eq!(keys.len(), 3);
        let given = json!({"keys": keys, "assignee": served.account(tracer)});
        let given = served.post("district_command", "/api/v1/items/assign", &given).await;
        assert_eq!(given.status, StatusCode::OK, "{}", String::from_utf8_lossy(&given.body));

        let taken_along = here().await.json();
        let case = &taken_along["cases"][0];
        assert_eq!(
            (taken_along["cases"].as_array().unwrap().len(), case["case"].as_str()),
            (1, Some(CASE)),
            "{taken_along}"
        );
        let questions = case["parts"].as_array().unwrap().iter().flat_map(|part| part["questions"].as_array().unwrap());
        assert!(questions.clone().any(|one| one["id"] == "reached" && one["required"] == true), "{case}");
        assert!(
            !case["days"].as_array().unwrap().is_empty() && !case["listed"].as_array().unwrap().is_empty(),
            "{case}"
        );
        let text = taken_along.to_string();
        let neighbours = ["金明", "P004"];
        assert!(neighbours.iter().all(|name| !text.contains(name)), "no roster comes along: {text}");

        let post = async |body: &Value| served.post(tracer, TOLD, body).await;
        let took = ("taken".to_owned(), String::new());
        let first = sent("r1", CASE, answer("telephone"), now_ms);
        assert_eq!(told(&post(&first).await), took);
        assert_eq!(told(&post(&first).await), took, "sent again");
        let mut later = first.clone();
        for clock in ["wall_ms", "page_ms"] {
            later["now"][clock] = json!(later["now"][clock].as_i64().unwrap() + 7);
        }
        assert_eq!(told(&post(&later).await), took, "sent again, a moment later by its clocks");
        assert_eq!(store.number("select count(*) from answers").await, 1);
        let rows = served.get(tracer, "/api/v1/answers").await.json();
        let at: Instant = rows["rows"][0]["at"].as_str().unwrap().parse().unwrap();
        assert_eq!(at.micros() / 1_000, now_ms - 10 * 60_000, "its true time");
        assert_eq!(rows["rows"][0]["said_by"].as_str(), Some(served.account(tracer)));

        // by id, by document, by telephone: each is somebody of the roster
        let contacts = "select count(*) from contacts_declared where case_person = 'P006'";
        let before = store.number(contacts).await;
        let people = store.texts("select person || ' ' || document || ' ' || coalesce(phone, '') from people where person in ('P007', 'P012') order by person").await;
        let parts: Vec<Vec<&str>> = people.iter().map(|one| one.split(' ').collect()).collect();
        for (record, who) in [("r2", "P008"), ("r3", parts[0][1]), ("r4", parts[1][1])] {
            assert_eq!(told(&post(&sent(record, CASE, met(who), now_ms)).await), took, "{who}");
        }
        assert_eq!(told(&post(&sent("r5", CASE, stay("N7"), now_ms)).await), took);
        assert_eq!(store.number(contacts).await - before, 3);
        // whoever asks whom a key is of is in the chain of reads, found or not
        let asked = |outcome: &str| {
            let entries = served.sink.0.lock().unwrap().clone();
            entries.iter().filter(|one| one.action == "search" && one.on == "people" && one.outcome == outcome).count()
        };
        assert_eq!((asked("done"), asked("none")), (3, 0));
        assert_eq!(
            told(&post(&sent("r6", CASE, met("13900000000"), now_ms)).await),
            ("refused".into(), "nobody".into())
        );
        assert_eq!((asked("done"), asked("none")), (3, 1));
        let state = store.dump().await;
        for (body, wrong) in [
            (sent("r1", CASE, answer("door"), now_ms), "other"),
            (sent("r7", CASE, answer("by pigeon"), now_ms), "row"),
            (sent("r8", CASE, stay(""), now_ms), "row"),
            (sent("r 9", CASE, answer("door"), now_ms), "row"),
            (sent("r10", "C20221120-P001", answer("door"), now_ms), "unknown"),
            (sent("r11", "nothing", answer("door"), now_ms), "unknown"),
        ] {
            assert_eq!(told(&post(&body).await), ("refused".into(), wrong.into()), "{body}");
        }
        assert_eq!(store.dump().await, state, "what was refused left nothing behind");
        for body in [
            json!({}),
            json!({"now": first["now"], "told": []}),
            json!({"now": first["now"], "told": [{"record": "x"}]}),
        ] {
            assert_eq!(post(&body).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        }
        // what was taken stays taken, whoever has the telephone or the case by then
        let telephone = format!("update people set phone = '{}' where person = 'P008'", parts[1][2]);
        let again = sent("r13", CASE, met(parts[1][2]), now_ms);
        assert_eq!(told(&post(&again).await), took);
        store.sql(&telephone).await.unwrap();
        store.sql("delete from identity_keys").await.unwrap();
        assert_eq!(told(&post(&again).await), took);
        let to_other = json!({"keys": keys, "assignee": served.account("district_command")});
        served.post("district_command", "/api/v1/items/assign", &to_other).await;
        assert_eq!(told(&post(&sent("r14", CASE, answer("door"), now_ms)).await), ("refused".into(), "unknown".into()));
        assert_eq!(told(&post(&again).await), took);
        for role in ["laboratory", "hotline", "driver", "city_command", "auditor"] {
            assert_eq!(served.post(role, TOLD, &first).await.status, StatusCode::FORBIDDEN, "{role}");
            assert_eq!(served.get(role, "/interviews/here").await.status, StatusCode::NOT_FOUND, "{role}");
        }
        served.close().await;
    });
}

#[test]
fn what_a_telephone_keeps_of_the_page_tells_of_nobody() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let page = served.get("tracer", "/interviews").await;
        let text = String::from_utf8_lossy(&page.body).into_owned();
        assert_eq!(page.status, StatusCode::OK);
        let names = store.texts("select p.name from cases c join people p on p.no = c.person_no").await;
        assert!(!names.is_empty() && names.iter().all(|name| !text.contains(name)), "the shell names somebody");
        assert!(!text.contains("class=\"account\"") && !text.contains("name=\"csrf\""), "the shell tells of a session");
        let worker = served.get("tracer", "/interviews/worker.js").await;
        let script = String::from_utf8_lossy(&worker.body).into_owned();
        assert!(script.contains("\"page\":\"/interviews\"") && !script.contains("/interviews/here"), "{script}");
        assert_eq!(served.get("driver", "/interviews").await.status, StatusCode::NOT_FOUND);
        served.close().await;
    });
}
