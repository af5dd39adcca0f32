//! Coverage over a stop: a server that is told to stop leaves its board in the file that is named, the next one answers from it as the
//! store would, and a file that is damaged changes no answer.

use crate::{
    engines::{TestStore, on_both},
    served::{Served, config, play_example},
};
use axum::http::StatusCode;
use dayclear_core::time::Instant;
use dayclear_web::{
    Config,
    serve::{self, Bound, Ended},
};
use serde_json::{Value, json};
use std::{fs, net::SocketAddr, path::PathBuf};
use tokio::sync::oneshot;

const NOW: &str = "2022-11-20T21:45:00+08:00";

fn named(store: &TestStore) -> (PathBuf, Config) {
    let (path, mut config) = (store.folder().join("coverage"), config(store));
    config.general.coverage = Some(path.to_string_lossy().into_owned());
    (path, config)
}

/// Serves until what is to be done is done, and stops as a server is asked to.
async fn while_served<T>(served: &Served, act: impl AsyncFnOnce() -> T) -> T {
    let bound = Bound::open(SocketAddr::from(([127, 0, 0, 1], 0)), None, None).await.unwrap();
    let router = dayclear_web::router(served.app.clone());
    let (stop, stopped) = oneshot::channel::<()>();
    let stopped = async {
        let _ = stopped.await;
    };
    let running = tokio::spawn(serve::run(served.app.clone(), router, bound, None, stopped));
    let done = act().await;
    stop.send(()).unwrap();
    assert_eq!(running.await.unwrap(), Ended::Drained);
    done
}

async fn coverage(served: &Served) -> Value {
    let answer = served.get("city_command-city", "/api/v1/rounds/R20221120-1/coverage").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

#[test]
fn coverage_is_kept_over_a_stop_and_a_damaged_file_changes_no_answer() {
    on_both(async |store| {
        play_example(store).await;
        let now: Instant = NOW.parse().unwrap();
        let (path, settings) = named(store);
        let first = Served::at(store, now, settings).await;
        let plan = json!({"name": "r", "purpose": "expanded_screening", "ground": "source_unclear",
            "from": "2022-11-20T20:00:00+08:00", "to": "2022-11-20T23:00:00+08:00", "divisions": "500103", "pool_size": 10});
        let said = first.post("city_command-city", "/api/v1/rounds/plan", &plan).await;
        assert_eq!(said.status, StatusCode::OK, "{}", String::from_utf8_lossy(&said.body));
        let said = first.post("city_command-city", "/api/v1/rounds/R20221120-1/start", &json!({})).await;
        assert_eq!(said.status, StatusCode::OK, "{}", String::from_utf8_lossy(&said.body));
        let before = while_served(&first, async || coverage(&first).await).await;
        assert!(before["whole"]["people"].as_u64() > Some(20), "{before}");
        let good = fs::read(&path).unwrap();

        // what was told while no server ran is followed
        let state = json!({"keys": ["P011"], "presence": "refused", "until": "2022-11-20T23:00:00+08:00", "reason": "at the door"});
        let meanwhile = first.beside_at(store, now, config(store)).await;
        let said = meanwhile.post("community_worker", "/api/v1/people/state", &state).await;
        assert_eq!(said.status, StatusCode::OK, "{}", String::from_utf8_lossy(&said.body));
        let expected = coverage(&meanwhile).await;
        assert_ne!(expected["whole"], before["whole"]);
        let again = first.beside_at(store, now, named(store).1).await;
        let after = while_served(&again, async || coverage(&again).await).await;
        assert_eq!(after, expected);
        assert_ne!(fs::read(&path).unwrap(), good, "what was told since is in the file by now");

        // a turned bit, and a file of before
        let mut bad = good.clone();
        let middle = bad.len() / 2;
        bad[middle] ^= 1;
        for left_behind in [bad, good[..good.len() / 3].to_vec(), good] {
            fs::write(&path, left_behind).unwrap();
            let server = first.beside_at(store, now, named(store).1).await;
            assert_eq!(while_served(&server, async || coverage(&server).await).await, expected);
            server.close().await;
        }
        for server in [again, meanwhile, first] {
            server.close().await;
        }
    });
}
