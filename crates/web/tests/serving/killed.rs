//! A server that is killed at any moment: every command that was acknowledged is there afterwards, and none is there twice
//! although its sender repeated it until it was answered. The server is this test program, started once more.

use super::{app_on, http::send};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use dayclear_store::{
    commands::Once,
    events::{ChainState, NewEvent},
};
use dayclear_web::{
    App, Config, guarded,
    problem::Problem,
    serve::{Bound, run},
};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::time::{Instant, sleep};

const STORE: &str = "DAYCLEAR_TEST_CHILD_STORE";

/// A command like those of the desk: it acts once under its key, and is an event of the chain.
async fn command(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<StatusCode, Problem> {
    let key = headers["idempotency-key"].to_str().unwrap();
    let mut tx = app.store().begin(&app.own_scope()).await?;
    if tx.once("tester", key, "same").await? != Once::Fresh {
        return Ok(StatusCode::OK);
    }
    let event = NewEvent {
        at: app.now(),
        actor: "tester".into(),
        kind: "case.opened",
        subject: key.to_owned(),
        division: "500103".parse().unwrap(),
        body: "{}".to_owned(),
        tells: Some("test"),
    };
    tx.chain(app.zone().day(app.now()), app.now(), &[event]).await?;
    tx.done("tester", key, "same", "done", app.now()).await?;
    tx.commit().await?;
    Ok(StatusCode::CREATED)
}

/// A server with that command, on a free port.
pub async fn server(url: &str) -> (Arc<App>, Router, Bound) {
    let mut config = Config::default();
    config.general.db = url.to_owned();
    config.limits.stranger_per_s_max = 1_000_000;
    config.limits.stranger_burst_max = 1_000_000;
    config.limits.request_max_s = 8;
    let app = app_on(url, config).await;
    let routes = Router::new().route("/do", post(command)).merge(dayclear_web::health::routes());
    let router = guarded(Arc::clone(&app), routes);
    let bound = Bound::open(SocketAddr::from(([127, 0, 0, 1], 0)), None, None).await.unwrap();
    (app, router, bound)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the server that another test starts and kills"]
async fn child() {
    let Ok(url) = std::env::var(STORE) else { return };
    let (app, router, bound) = server(&url).await;
    println!("\nlistening on {}", bound.address().unwrap());
    run(app, router, bound, None, std::future::pending()).await;
}

fn start(url: &str) -> (Child, SocketAddr) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::child", "--ignored", "--nocapture"])
        .env(STORE, url)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let address = lines.find_map(|line| line.unwrap().strip_prefix("listening on ").map(|text| text.parse().unwrap()));
    // its words go nowhere from here on
    std::thread::spawn(move || lines.for_each(drop));
    (child, address.expect("the server did not start"))
}

/// Senders that repeat each command under its key until it is answered with success.
pub struct Senders {
    pub address: Arc<Mutex<SocketAddr>>,
    pub answered: Arc<Mutex<BTreeMap<String, u32>>>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Senders {
    /// So many senders with so many commands each, one after the other.
    pub fn start(address: SocketAddr, senders: usize, commands: usize, pause: Duration) -> Senders {
        let (address, answered) = (Arc::new(Mutex::new(address)), Arc::default());
        let tasks = (0..senders).map(|sender| {
            let (address, answered): (_, Arc<Mutex<BTreeMap<String, u32>>>) =
                (Arc::clone(&address), Arc::clone(&answered));
            tokio::spawn(async move {
                for number in 0..commands {
                    let key = format!("{sender}-{number}");
                    let header = format!("idempotency-key: {key}\r\n");
                    let mut tries = 0;
                    loop {
                        tries += 1;
                        let to = *address.lock().unwrap();
                        match send(to, "POST", "/do", &header, "").await {
                            Ok(answer) if matches!(answer.status, 200 | 201) => break,
                            _ => sleep(Duration::from_millis(25)).await,
                        }
                        assert!(tries < 2_000, "{key} was never answered");
                    }
                    answered.lock().unwrap().insert(key, tries);
                    sleep(pause).await;
                }
            })
        });
        Senders { tasks: tasks.collect(), address, answered }
    }

    /// Waits for the last answer. How many commands had to be repeated.
    pub async fn finish(&mut self) -> usize {
        for task in std::mem::take(&mut self.tasks) {
            task.await.unwrap();
        }
        self.answered.lock().unwrap().values().filter(|tries| **tries > 1).count()
    }

    /// Every command that was answered is there, once, and the chain holds.
    pub async fn all_there_once(&self, url: &str, kept: BTreeMap<String, i64>) {
        let answered = self.answered.lock().unwrap().clone();
        for key in answered.keys() {
            assert_eq!(kept.get(key), Some(&1), "{key} was acknowledged");
        }
        assert_eq!(kept.len(), answered.len());
        let app = app_on(url, Config::default()).await;
        let mut tx = app.store().look(&app.own_scope()).await.unwrap();
        let state = tx.check_chain().await.unwrap();
        assert!(matches!(state, ChainState::Whole { events, .. } if events as usize == answered.len()), "{state:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_server_starts_again_with_everything_that_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("dayclear.db").to_string_lossy().into_owned();
    let (mut child, address) = start(&path);
    let mut senders = Senders::start(address, 8, 60, Duration::from_millis(5));
    let since = Instant::now();
    for wait in [150, 90, 260, 40, 170] {
        sleep(Duration::from_millis(wait)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let (again, address) = start(&path);
        child = again;
        *senders.address.lock().unwrap() = address;
    }
    let repeated = senders.finish().await;
    child.kill().unwrap();
    child.wait().unwrap();
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let mut file = sqlx::ConnectOptions::connect(&options).await.unwrap();
    let kept: Vec<(String, i64)> =
        sqlx::query_as("select subject, count(*) from events group by subject").fetch_all(&mut file).await.unwrap();
    drop(file);
    senders.all_there_once(&path, kept.into_iter().collect()).await;
    eprintln!("480 commands, {repeated} repeated, 5 kills, {:?}", since.elapsed());
    assert!(repeated > 0, "nothing was in flight when the server was killed");
}
