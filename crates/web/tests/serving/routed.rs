//! A router over HTTP, answered as OSRM and Valhalla answer, on this machine.

use axum::{
    Json,
    http::{StatusCode, Uri},
    response::IntoResponse,
    routing::get,
};
use dayclear_engines::dispatch::{Ask, Cell};
use dayclear_web::{config, travel};
use serde_json::{Value, json};

/// Answers as OSRM does: seconds between places from their order, no way to the last one.
async fn osrm(uri: Uri) -> axum::response::Response {
    let (places, query) = (uri.path().trim_start_matches("/table/v1/driving/"), uri.query().unwrap_or_default());
    let count = places.split(';').count();
    let list = |name: &str| -> Vec<usize> {
        let part = query.split('&').find_map(|part| part.strip_prefix(&format!("{name}="))).unwrap_or_default();
        part.split(';').filter_map(|n| n.parse().ok()).collect()
    };
    let (sources, destinations) = (list("sources"), list("destinations"));
    if count > 100 || sources.is_empty() || destinations.iter().chain(&sources).any(|at| *at >= count) {
        return (StatusCode::BAD_REQUEST, Json(json!({"code": "InvalidOptions"}))).into_response();
    }
    let row = |from: &usize| -> Vec<Value> {
        let seconds = |to: &usize| if *to + 1 == count { Value::Null } else { json!(600.5 + (from * 60 + to) as f64) };
        destinations.iter().map(seconds).collect()
    };
    let durations: Vec<Vec<Value>> = sources.iter().map(row).collect();
    Json(json!({"code": "Ok", "durations": durations})).into_response()
}

async fn valhalla(uri: Uri) -> Json<Value> {
    let url = url::Url::parse(&format!("http://here{uri}")).unwrap();
    let asked = url.query_pairs().find(|(name, _)| name == "json").unwrap().1.into_owned();
    let asked: Value = serde_json::from_str(&asked).unwrap();
    assert_eq!(asked["sources"][0], json!({"lat": 29.563, "lon": 106.551}));
    let times: Vec<Value> = asked["targets"].as_array().unwrap().iter().map(|_| json!({"time": 900})).collect();
    let rows: Vec<Value> = asked["sources"].as_array().unwrap().iter().map(|_| json!(times)).collect();
    Json(json!({"sources_to_targets": rows}))
}

fn given(router: Option<String>, dialect: &str) -> config::Travel {
    config::Travel { router, dialect: dialect.to_owned(), ..config::Travel::default() }
}

#[tokio::test]
async fn a_router_is_asked_as_it_wants_to_be_and_one_that_is_away_says_so() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let routes =
        axum::Router::new().route("/table/v1/driving/{places}", get(osrm)).route("/sources_to_targets", get(valhalla));
    let serving = tokio::spawn(async move { axum::serve(listener, routes).await });
    let cell = |lon: f64, lat: f64| Cell::of((lon, lat));
    let ask = Ask {
        from: vec![cell(106.551, 29.563), cell(106.57, 29.57)],
        to: vec![cell(106.6, 29.6), cell(106.61, 29.61)],
    };
    let of = |dialect: &str| travel::asked(&given(Some(format!("{address}/")), dialect)).unwrap().unwrap();
    assert_eq!(of("osrm").table(&ask).await, Ok(vec![Some(11), None, Some(12), None]));
    assert_eq!(of("valhalla").table(&ask).await, Ok(vec![Some(15); 4]));
    // a question that this one does not know
    let nobody = Ask { from: Vec::new(), to: vec![cell(106.6, 29.6)] };
    assert_eq!(of("osrm").table(&nobody).await, Err("status"));
    let away = of("osrm");
    serving.abort();
    let _ = serving.await;
    assert_eq!(away.table(&ask).await, Err("no connection"));
}

#[test]
fn what_cannot_be_used_is_told_with_its_key() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("times.csv");
    std::fs::write(&file, "from,to,minutes\n106.5 29.5,106.6 29.6,-3\n").unwrap();
    let of_file = |name: &str| config::Travel {
        matrix: Some(folder.path().join(name).to_string_lossy().into_owned()),
        ..config::Travel::default()
    };
    for (wrong, key, says) in [
        (given(Some("http://router.example:5000".to_owned()), "osrm"), "travel.router", "no address"),
        (given(Some("https://router.example?key=1".to_owned()), "osrm"), "travel.router", "no address"),
        (given(Some("https://router.example".to_owned()), "google"), "travel.dialect", "google"),
        (of_file("times.csv"), "travel.matrix", "line 2, minutes: \"-3\""),
        (of_file("nowhere.csv"), "travel.matrix", "cannot be read"),
    ] {
        let found = travel::of(&wrong).map(|_| ()).unwrap_err();
        assert!(found.key == key && found.problem.contains(says), "{}: {}", found.key, found.problem);
    }
    std::fs::write(&file, "from,to,minutes\n106.500 29.500,106.600 29.600,44\n").unwrap();
    let told = travel::of(&of_file("times.csv")).map(|travel| travel.roads().pairs());
    assert_eq!(told.ok(), Some(1));
}
