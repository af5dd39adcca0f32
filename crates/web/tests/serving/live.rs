//! Live updates: who is told what, what a page that comes back is told, and when a stream ends.

use super::{app, ask, problem, sign_in, sign_out};
use axum::{
    Router,
    body::{Body, BodyDataStream},
    http::{Request, StatusCode},
};
use dayclear_core::{access::Role, time::Instant};
use dayclear_store::events::NewEvent;
use dayclear_web::{App, Config, live};
use futures_util::StreamExt;
use std::{sync::Arc, time::Duration};

async fn started() -> (Arc<App>, Router) {
    let mut config = Config::default();
    config.live.poll_ms = 10;
    config.live.keep_alive_s = 1;
    config.live.account_streams_max = 3;
    config.live.resume_events_max = 5;
    let app = app(config).await;
    tokio::spawn(live::run(Arc::clone(&app)));
    tokio::time::sleep(Duration::from_millis(50)).await;
    (Arc::clone(&app), dayclear_web::router(app))
}

/// Things that happened, each to somebody somewhere.
async fn happen(app: &App, events: &[(&'static str, &str)]) {
    let at: Instant = "2022-11-21T08:00:00+08:00".parse().unwrap();
    let new = |(kind, division): &(&'static str, &str)| NewEvent {
        at,
        actor: "dayclear".into(),
        kind,
        subject: "P0009876543".to_owned(),
        division: division.parse().unwrap(),
        body: "{\"name\":\"王小明\"}".to_owned(),
        tells: None,
    };
    let events: Vec<NewEvent> = events.iter().map(new).collect();
    let mut tx = app.store().begin(&app.own_scope()).await.unwrap();
    tx.chain(app.zone().day(at), at, &events).await.unwrap();
    tx.commit().await.unwrap();
    app.live.nudge();
}

struct Stream(BodyDataStream);

impl Stream {
    async fn open(router: &Router, token: &str, topics: &str, last: Option<i64>) -> Stream {
        let mut request =
            Request::get(format!("/live?topics={topics}")).header("authorization", format!("Bearer {token}"));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = ask(router, request.body(Body::empty()).unwrap()).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Stream(response.into_body().into_data_stream())
    }
    /// The next announcement, or what became of the stream.
    async fn next(&mut self) -> String {
        loop {
            match tokio::time::timeout(Duration::from_millis(300), self.0.next()).await {
                Err(_) => return "silence".to_owned(),
                Ok(None) => return "the end".to_owned(),
                Ok(Some(frame)) => {
                    let text = String::from_utf8(frame.unwrap().to_vec()).unwrap();
                    if !text.starts_with(':') {
                        return text.trim().replace('\n', "|");
                    }
                }
            }
        }
    }
}

fn told(topic: &str, seq: i64) -> String {
    format!("event: {topic}|id: {seq}|data: {{\"topic\":\"{topic}\",\"seq\":{seq}}}")
}

#[tokio::test]
async fn one_is_told_of_ones_own_division_and_topics_and_of_nobody() {
    let (app, router) = started().await;
    let anna = sign_in(&app, "anna", Role::DistrictCommand, "500103").await.token;
    let mut stream = Stream::open(&router, &anna, "cases,contacts", None).await;
    happen(
        &app,
        &[
            ("case.opened", "500103001"),
            ("case.opened", "500103"),
            ("case.opened", "500104"),
            ("order.issued", "500103"),
        ],
    )
    .await;
    assert_eq!(stream.next().await, told("cases", 2));
    assert_eq!(stream.next().await, "silence");
    happen(&app, &[("contact.listed", "500103002"), ("case.opened", "50")]).await;
    assert_eq!(stream.next().await, told("contacts", 5));
    assert_eq!(stream.next().await, "silence");
}

#[tokio::test]
async fn a_topic_that_a_role_may_not_read_does_not_exist_for_it() {
    let (app, router) = started().await;
    let lab = sign_in(&app, "lab", Role::Laboratory, "500103").await.token;
    for topics in ["cases", "tubes,cases", "nothing", ""] {
        let request = Request::get(format!("/live?topics={topics}")).header("authorization", format!("Bearer {lab}"));
        let response = ask(&router, request.body(Body::empty()).unwrap()).await;
        let problem = problem(response, StatusCode::BAD_REQUEST, "topics").await;
        assert!(problem["detail"].as_str().unwrap().contains("tubes"), "{problem}");
    }
    let nobody = Request::get("/live?topics=cases").body(Body::empty()).unwrap();
    assert_eq!(ask(&router, nobody).await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(app.live.streams(), 0);
}

#[tokio::test]
async fn a_page_that_comes_back_is_told_what_it_missed_once() {
    let (app, router) = started().await;
    let anna = sign_in(&app, "anna", Role::DistrictCommand, "500103").await.token;
    happen(&app, &[("case.opened", "500103"), ("case.opened", "500103"), ("zone.opened", "500103")]).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    // a page that was read when the first of them had been told, and listens only now
    let mut first = Stream::open(&router, &anna, "cases,areas&after=1", None).await;
    assert_eq!(first.next().await, told("areas", 3));
    assert_eq!(first.next().await, told("cases", 2));
    drop(first);
    let mut stream = Stream::open(&router, &anna, "cases,areas", Some(1)).await;
    assert_eq!(stream.next().await, told("areas", 3));
    assert_eq!(stream.next().await, told("cases", 2));
    happen(&app, &[("case.opened", "500103")]).await;
    assert_eq!(stream.next().await, told("cases", 4));
    assert_eq!(stream.next().await, "silence");
    // away too long, or with a number that was never given
    happen(&app, &[("case.opened", "500103"); 4]).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    for last in [1, 99, -1] {
        drop(stream);
        stream = Stream::open(&router, &anna, "cases", Some(last)).await;
        assert_eq!(stream.next().await, "event: reset|id: 8|data: {}");
    }
}

#[tokio::test]
async fn streams_are_counted_and_end_with_the_session_and_with_the_server() {
    let (app, router) = started().await;
    let signed = sign_in(&app, "anna", Role::DistrictCommand, "500103").await;
    let anna = signed.token;
    let bo = sign_in(&app, "bo", Role::DistrictCommand, "500103").await.token;
    let mut streams = Vec::new();
    for _ in 0..3 {
        streams.push(Stream::open(&router, &anna, "cases", None).await);
    }
    let one_more = || Request::get("/live?topics=cases").header("authorization", format!("Bearer {anna}"));
    let refused = ask(&router, one_more().body(Body::empty()).unwrap()).await;
    problem(refused, StatusCode::TOO_MANY_REQUESTS, "too-many-streams").await;
    assert_eq!(app.gate.inside(dayclear_core::command::Load::Board), 0, "a stream takes no place while it is open");
    let mut other = Stream::open(&router, &bo, "cases", None).await;
    assert_eq!(app.live.streams(), 4);
    streams.pop();
    assert_eq!(app.live.streams(), 3);
    sign_out(&app, &signed.account).await;
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    for stream in &mut streams {
        assert_eq!(stream.next().await, "the end");
    }
    assert_eq!(other.next().await, "silence");
    app.stop.send_replace(true);
    assert_eq!(other.next().await, "the end");
    drop(other);
    drop(streams);
    assert_eq!(app.live.streams(), 0);
}

#[tokio::test]
async fn a_day_of_events_at_once_is_one_announcement_of_each_topic() {
    let (app, router) = started().await;
    let anna = sign_in(&app, "anna", Role::DistrictCommand, "500103").await.token;
    let mut stream = Stream::open(&router, &anna, "cases", None).await;
    happen(&app, &vec![("case.opened", "500103"); 12_000]).await;
    let mut announcements = Vec::new();
    loop {
        match stream.next().await {
            next if next == "silence" => break,
            next => announcements.push(next),
        }
    }
    assert_eq!(announcements.last().unwrap(), &told("cases", 12_000));
    assert!(announcements.len() <= 3, "{announcements:?}");
}
