//! More requests at once than the store has connections, each of which asks for something more while it reads.

use super::{app_on, ask, sign_in};
use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use dayclear_core::access::Role;
use dayclear_web::Config;
use std::{sync::Arc, time::Duration};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_ever_for_a_connection_that_another_holds() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.limits.queue_wait_max_ms = 20_000;
    let app = app_on(&folder.path().join("dayclear.db").to_string_lossy(), config).await;
    let token = sign_in(&app, "anna", Role::DistrictCommand, "500103").await.cookie;
    let router = dayclear_web::router(Arc::clone(&app));
    // a person who is not there: the refusal goes into the chain of reads while the page holds its reading
    let asked = (0..60).map(|number| {
        let request = Request::get(format!("/people/P{number}"))
            .header("cookie", format!("{}={token}", dayclear_web::caller::COOKIE))
            .body(Body::empty())
            .unwrap();
        let router = router.clone();
        tokio::spawn(async move { ask(&router, request).await.status() })
    });
    let asked: Vec<_> = asked.collect();
    tokio::time::timeout(Duration::from_secs(20), async {
        for answer in asked {
            assert_eq!(answer.await.unwrap(), StatusCode::NOT_FOUND);
        }
    })
    .await
    .expect("requests hold each other up");
}
