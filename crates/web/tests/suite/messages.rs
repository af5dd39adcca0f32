//! Messages on their way to a gateway of this test's own: each goes once, a gateway that is slow or down keeps nothing else waiting, what may have
//! gone already goes again under its own number, and what comes back is taken once from whoever brings it.

use crate::{
    crowd::{F9, crowd},
    engines::{TestStore, on_both},
    served::{Served, config, play_example},
};
use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use dayclear_core::time::Instant;
use dayclear_web::{
    Config,
    sending::{Gateway, make},
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    os::unix::fs::PermissionsExt,
    sync::{Arc, Mutex},
    time::Duration,
};

const RECEIVED: &str = "/api/v1/messages/received";
const PHONE: &str = "15411111103";

/// How the gateway behaves.
#[derive(Clone, Copy, PartialEq)]
enum Mood {
    Takes,
    Slow,
    Down,
    Refuses,
}

/// A gateway that keeps what it was given: the key, the bearer, the body.
struct Fake {
    mood: Mutex<Mood>,
    seen: Mutex<Vec<(String, String, Value)>>,
    address: String,
}

impl Fake {
    async fn start() -> Arc<Fake> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/send", listener.local_addr().unwrap());
        let fake = Arc::new(Fake { mood: Mutex::new(Mood::Takes), seen: Mutex::default(), address });
        let routes = Router::new().route("/send", post(given)).with_state(fake.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        fake
    }
    fn is(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }
    fn seen(&self) -> Vec<(String, String, Value)> {
        self.seen.lock().unwrap().clone()
    }
    fn ids(&self) -> BTreeSet<String> {
        self.seen().into_iter().map(|(key, ..)| key).collect()
    }
}

async fn given(State(fake): State<Arc<Fake>>, headers: HeaderMap, Json(body): Json<Value>) -> StatusCode {
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    fake.seen.lock().unwrap().push((header("idempotency-key"), header("authorization"), body));
    let mood = *fake.mood.lock().unwrap();
    match mood {
        Mood::Takes => StatusCode::OK,
        Mood::Down => StatusCode::SERVICE_UNAVAILABLE,
        Mood::Refuses => StatusCode::UNPROCESSABLE_ENTITY,
        Mood::Slow => {
            tokio::time::sleep(Duration::from_secs(30)).await;
            StatusCode::OK
        }
    }
}

fn with_gateway(store: &TestStore, fake: &Fake) -> Config {
    let token = store.folder().join("gateway.token");
    std::fs::write(&token, "secret-of-the-gateway\n").unwrap();
    std::fs::set_permissions(&token, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut config = config(store);
    config.general.origin = Some("https://dayclear.example".to_owned());
    config.messages.url = Some(fake.address.clone());
    config.messages.token_file = Some(token.to_string_lossy().into_owned());
    config
}

fn moment(clock: &str) -> Instant {
    format!("2022-11-21T{clock}:00+08:00").parse().unwrap()
}

fn gateway(served: &Served) -> Gateway {
    Gateway::of(&served.app.config.messages, true).unwrap().unwrap()
}

async fn agrees(served: &Served) {
    let answer = served.post("community_worker", &format!("/api/v1/followed/{F9}/message_on"), &json!({})).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
}

async fn states(store: &TestStore) -> Vec<String> {
    store.texts("select state || ' ' || cast(tries as varchar(9)) from messages order by id").await
}

#[test]
fn a_message_goes_once_and_what_comes_back_is_taken_once() {
    on_both(async |store| {
        play_example(store).await;
        let fake = Fake::start().await;
        let served = Served::at(store, moment("10:00"), with_gateway(store, &fake)).await;
        agrees(&served).await;
        let mut gateway = gateway(&served);
        assert_eq!(make(&served.app).await.unwrap().made, 1);
        assert_eq!(make(&served.app).await.unwrap().made, 0);
        assert_eq!(gateway.send(&served.app).await.unwrap(), 1);
        assert_eq!(gateway.send(&served.app).await.unwrap(), 0);
        let seen = fake.seen();
        let (key, bearer, body) = &seen[0];
        assert_eq!((seen.len(), key.as_str(), bearer.as_str()), (1, "M20221121-1", "Bearer secret-of-the-gateway"));
        let fields: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(fields, ["id", "to", "text", "language"]);
        assert_eq!((body["id"].as_str(), body["to"].as_str()), (Some("M20221121-1"), Some(PHONE)));
        let text = body["text"].as_str().unwrap();
        assert_eq!(text, "请回复：1=好，2=不好。\nhttps://dayclear.example/public/health\nDayclear");
        assert_eq!(states(store).await, ["sent 1"]);

        let report =
            json!({"id": "r1", "at": "2022-11-21T10:01:00+08:00", "message": "M20221121-1", "state": "delivered"});
        let answer = |id: &str, text: &str| json!({"id": id, "at": "2022-11-21T10:02:00+08:00", "from": format!("+86{PHONE}"), "text": text});
        for role in ["district_command", "community_worker", "administrator"] {
            let refused = served.post(role, RECEIVED, &answer("a1", "1")).await;
            assert_eq!((refused.status, refused.problem().as_str()), (StatusCode::FORBIDDEN, "not-yours"), "{role}");
        }
        for _ in 0..2 {
            let told = served.post("gateway", RECEIVED, &report).await;
            assert_eq!((told.status, told.json()), (StatusCode::OK, json!({"id": "r1"})));
            let told = served.post("gateway", RECEIVED, &answer("a1", "２")).await;
            assert_eq!((told.status, told.json()), (StatusCode::OK, json!({"id": "a1"})), "nothing of whoever it is");
        }
        assert_eq!(states(store).await, ["delivered 1"]);
        assert_eq!(store.texts("select channel || ' ' || symptoms from follow_ups").await, ["message yes"]);
        assert_eq!(served.post("gateway", RECEIVED, &answer("a1", "1")).await.problem(), "other-body");
        let strange = json!({"id": "a2", "at": "2022-11-21T10:03:00+08:00", "from": "13700000000", "text": "hello"});
        assert_eq!(served.post("gateway", RECEIVED, &strange).await.json(), json!({"id": "a2"}));
        let page = served.get("city_command", "/api/v1/message_replies?state=stranger").await.json();
        assert_eq!((page["rows"][0]["number"].as_str(), page["rows"][0]["words"].as_str()), (Some("1***"), None));
        for wrong in [
            json!({"id": "a3", "at": "2022-11-21T10:03:00+08:00"}),
            json!({"id": "a3", "at": "2022-11-21T10:03:00+08:00", "from": "1", "text": "1", "message": "M1", "state": "failed"}),
            json!({"id": "a3", "at": "yesterday", "from": "1", "text": "1"}),
            json!({"id": "", "at": "2022-11-21T10:03:00+08:00", "from": "1", "text": "1"}),
            json!({"id": "a3", "at": "2022-11-21T10:03:00+08:00", "message": "M20221121-1", "state": "queued"}),
            json!({"id": "a3", "at": "2022-11-21T10:03:00+08:00", "from": "1", "text": "x".repeat(1_001)}),
        ] {
            assert_eq!(
                served.post("gateway", RECEIVED, &wrong).await.status,
                StatusCode::UNPROCESSABLE_ENTITY,
                "{wrong}"
            );
        }
        let unknown =
            json!({"id": "r2", "at": "2022-11-21T10:03:00+08:00", "message": "M20221121-7", "state": "failed"});
        assert_eq!(served.post("gateway", RECEIVED, &unknown).await.status, StatusCode::NOT_FOUND);
        served.close().await;
    });
}

#[test]
fn a_gateway_that_hangs_is_left_alone_and_nothing_is_lost() {
    on_both(async |store| {
        play_example(store).await;
        let fake = Fake::start().await;
        let served = Served::at(store, moment("10:00"), with_gateway(store, &fake)).await;
        agrees(&served).await;
        crowd(store, 11).await;
        assert_eq!(make(&served.app).await.unwrap().made, 12);
        fake.is(Mood::Slow);
        let mut gateway = gateway(&served);
        let since = tokio::time::Instant::now();
        let pages = async {
            let mut slowest = Duration::ZERO;
            for _ in 0..10 {
                let begun = tokio::time::Instant::now();
                let page = served.get("community_worker", "/api/v1/followed?open=true").await;
                assert_eq!(page.status, StatusCode::OK);
                slowest = slowest.max(begun.elapsed());
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            slowest
        };
        let (sent, slowest) = tokio::join!(gateway.send(&served.app), pages);
        assert_eq!(sent.unwrap(), 0);
        assert!(since.elapsed() < Duration::from_secs(20), "it waits for no thirty seconds");
        assert!(slowest < Duration::from_secs(3), "a page took {slowest:?} while the gateway hung");
        assert!(gateway.is_left_alone());
        let asked = fake.seen().len();
        assert_eq!(asked, 8, "some at once");
        assert_eq!(gateway.send(&served.app).await.unwrap(), 0);
        assert_eq!(fake.seen().len(), asked, "and then none for a while");
        let gone = fake.ids();

        // another program, some minutes later: what may have gone goes again under its own number, the rest for the first time
        fake.is(Mood::Takes);
        let later = served.beside_at(store, moment("10:05"), with_gateway(store, &fake)).await;
        served.close().await;
        let mut gateway = self::gateway(&later);
        assert_eq!(gateway.send(&later.app).await.unwrap() + gateway.send(&later.app).await.unwrap(), 12);
        let again: Vec<String> = fake.seen().into_iter().skip(asked).map(|(key, ..)| key).collect();
        assert_eq!(again.len(), 12);
        assert!(gone.iter().all(|id| again.contains(id)), "{gone:?} {again:?}");
        assert_eq!(fake.ids().len(), 12, "no second number for anybody");
        let all = states(store).await;
        assert!(all.iter().all(|state| state.starts_with("sent")), "{all:?}");
        later.close().await;
    });
}

#[test]
fn what_the_gateway_refuses_fails_at_once_and_what_it_cannot_take_is_tried_again() {
    on_both(async |store| {
        play_example(store).await;
        let fake = Fake::start().await;
        let served = Served::at(store, moment("10:00"), with_gateway(store, &fake)).await;
        agrees(&served).await;
        crowd(store, 1).await;
        assert_eq!(make(&served.app).await.unwrap().made, 2);
        fake.is(Mood::Down);
        let mut gateway = gateway(&served);
        assert_eq!(gateway.send(&served.app).await.unwrap(), 0);
        assert_eq!(states(store).await, ["queued 1", "queued 1"]);
        assert!(!gateway.is_left_alone(), "two troubles are not five");
        fake.is(Mood::Refuses);
        let later = served.beside_at(store, moment("10:02"), with_gateway(store, &fake)).await;
        served.close().await;
        assert_eq!(gateway.send(&later.app).await.unwrap(), 0);
        assert_eq!(states(store).await, ["failed 2", "failed 2"]);
        assert_eq!(store.texts("select distinct why from messages").await, ["the gateway refused it"]);
        let log = later.get("community_worker", "/api/v1/messages?state=failed").await;
        assert_eq!(log.status, StatusCode::OK);
        later.close().await;
    });
}
