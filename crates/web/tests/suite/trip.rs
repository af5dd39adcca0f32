//! The road by the API, and the driver's page: a report that is sent again has the same answer, what a phone may keep tells of nobody, a
//! sign of life leaves a place and no track, and the board says how long ago a vehicle was heard of.

use crate::{
    engines::on_both,
    served::{Answer, Served, config, setup},
};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use dayclear_core::time::Instant;
use dayclear_web::{App, EXERCISE_HEADER};
use serde_json::{Value, json};
use tower::ServiceExt as _;

const REPORTS: &str = "/api/v1/trip/reports";
const POSITION: &str = "/api/v1/trip/position";

/// A report of five minutes ago, by a phone whose clock is three days ahead.
fn sent(record: &str, (trip, transfer): (&str, &str), step: &str, now_ms: i64) -> Value {
    const MINUTES_5: i64 = 5 * 60_000;
    let ahead = now_ms + 3 * 86_400_000;
    let clocks = |ago: i64| json!({"wall_ms": ahead - ago, "page_ms": 100_000_000 - ago, "page": "p"});
    let mut anchor = clocks(MINUTES_5 + 60_000);
    anchor["server_ms"] = json!(now_ms - MINUTES_5 - 60_000);
    json!({"now": clocks(0), "reports": [{"record": record, "trip": trip, "transfer": transfer, "step": step,
        "note": "", "taken": clocks(MINUTES_5), "anchor": anchor}]})
}

fn told(answer: &Answer) -> Value {
    assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()["told"][0].clone()
}

#[test]
fn a_report_that_is_sent_again_is_the_same_and_a_place_is_no_track() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let now_ms = served.app.now().micros() / 1_000;
        let here = served.get("driver", "/trip/here").await;
        assert_eq!(here.status, StatusCode::OK, "{}", String::from_utf8_lossy(&here.body));
        let here = here.json();
        let trip = &here["trips"][0];
        let stop = &trip["stops"][0];
        assert!(stop["name"].as_str().is_some_and(|name| !name.is_empty()), "the driver knows whom to ask for: {stop}");
        let ride = (trip["id"].as_str().unwrap(), stop["transfer"].as_str().unwrap());
        let post = async |body: &Value| served.post("driver", REPORTS, body).await;

        // the vehicle is heard of: a place, to a hundred metres, and the same plan as the phone has
        let heard = served.post("driver", POSITION, &json!({"lon": 106.512_345, "lat": 29.567_89})).await;
        assert_eq!(heard.status, StatusCode::OK, "{}", String::from_utf8_lossy(&heard.body));
        assert_eq!((heard.json()["trip"].as_str(), &heard.json()["plan"]), (Some(ride.0), &here["plan"]));
        served.post("driver", POSITION, &json!({"lon": 106.6, "lat": 29.6})).await;
        assert_eq!(store.texts("select lon || ' ' || lat from heard").await, ["106.6 29.6"], "the last one only");
        let chain = "select count(*) from events where body like '%106.%' or body like '%29.6%'";
        assert_eq!(store.number(chain).await, 0, "no event tells of places");

        let first = told(&post(&sent("r1", ride, "picked_up", now_ms)).await);
        assert_eq!((first["state"].as_str(), first["how"].as_str()), (Some("taken"), Some("counted")), "{first}");
        let at: Instant = first["at"].as_str().unwrap().parse().unwrap();
        assert_eq!(at.micros() / 1_000, now_ms - 5 * 60_000, "its true time");
        let again = told(&post(&sent("r1", ride, "picked_up", now_ms)).await);
        assert_eq!((again["state"].as_str(), &again["at"]), (Some("same"), &first["at"]));
        let state = store.dump().await;
        for (body, wrong) in [
            (sent("r1", ride, "worse", now_ms), "other"),
            (sent("r2", (ride.0, "M-nobody"), "worse", now_ms), "unknown"),
            (sent("r 2", ride, "worse", now_ms), "row"),
            (sent("r3", ride, "admitted", now_ms), "row"),
        ] {
            let answer = told(&post(&body).await);
            assert_eq!((answer["state"].as_str(), answer["wrong"].as_str()), (Some("refused"), Some(wrong)));
        }
        assert_eq!(store.dump().await, state, "what was refused left nothing behind");
        let mut strange = sent("r4", ride, "worse", now_ms);
        strange["reports"][0]["at"] = json!("2022-11-20T08:00:00+08:00");
        assert_eq!(post(&strange).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        for body in [json!({"lon": 181.0, "lat": 0.0}), json!({"lon": -181}), json!({"lat": 91}), json!({"at": 1})] {
            assert_eq!(served.post("driver", POSITION, &body).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        }
        // nobody else speaks for a vehicle
        for role in ["dispatcher", "facility", "district_command"] {
            for (path, body) in [(REPORTS, sent("r5", ride, "worse", now_ms)), (POSITION, json!({}))] {
                assert_eq!(served.post(role, path, &body).await.status, StatusCode::FORBIDDEN, "{role} {path}");
            }
            assert_eq!(served.get(role, "/trip/here").await.status, StatusCode::NOT_FOUND, "{role}");
        }
        // another plan is told by another text
        let heard = served.post("driver", POSITION, &json!({})).await.json();
        assert_ne!(heard["plan"], here["plan"]);
        assert_eq!(store.texts("select coalesce(cast(lon as text), 'nowhere') from heard").await, ["nowhere"]);
        let board = served.get("dispatcher-city", "/transfers").await;
        let text = String::from_utf8_lossy(&board.body).into_owned();
        assert!(board.status == StatusCode::OK && text.contains("Vehicle heard of just now"), "{text}");
        served.close().await;
    });
}

#[test]
fn what_a_phone_keeps_of_the_page_tells_of_nobody_and_a_service_that_is_no_exercise_refuses_a_drill() {
    on_both(async |store| {
        let served = Served::example(store).await;
        let page = served.get("driver", "/trip").await;
        let text = String::from_utf8_lossy(&page.body).into_owned();
        assert_eq!(page.status, StatusCode::OK);
        let names = store.texts("select p.name from transfers x join people p on p.no = x.person_no").await;
        assert!(!names.is_empty() && names.iter().all(|name| !text.contains(name)), "the shell names somebody");
        assert!(!text.contains("class=\"account\"") && !text.contains("name=\"csrf\""), "the shell tells of a session");
        let worker = served.get("driver", "/trip/worker.js").await;
        let script = String::from_utf8_lossy(&worker.body).into_owned();
        assert!(script.contains("\"page\":\"/trip\"") && !script.contains("/trip/here"), "{script}");
        assert_eq!(worker.header("service-worker-allowed"), "/trip");

        let about = served.get("driver", "/api/v1/service").await.json();
        assert_eq!((&about["exercise"], &about["city"]), (&json!(true), &json!("50")));
        served.close().await;
        let real = dayclear_web::Setup { exercise: false, ..setup(store).await };
        let app = App::with(real, config(store), None);
        let ask = |path: &str, drill: bool| {
            let mut request = Request::builder().method("GET").uri(path);
            if drill {
                request = request.header(EXERCISE_HEADER, "drill");
            }
            dayclear_web::router(app.clone()).oneshot(request.body(Body::empty()).unwrap())
        };
        assert_eq!(ask("/api/v1/service", false).await.unwrap().status(), StatusCode::OK);
        for path in ["/api/v1/service", "/api/v1/cases", "/"] {
            assert_eq!(ask(path, true).await.unwrap().status(), StatusCode::CONFLICT, "{path}");
        }
        if let Some(app) = std::sync::Arc::into_inner(app) {
            app.setup.store.close().await;
        }
    });
}
