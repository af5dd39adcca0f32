//! Power cuts: the program is killed (SIGKILL) at any moment of its work and started again. In the end everything is as if
//! nobody had pulled the plug, and at no moment does a file stand half written in its place (F01, F15).

use crate::program::{below, command, next, run, same_files, scratch, written};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::process::ExitStatusExt,
    path::Path,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Cuts of one store before its run is let through to the end.
const CUTS_OF_A_STORE: u32 = 3;

struct City {
    folder: TempDir,
    input: String,
    whole: BTreeMap<String, Vec<u8>>,
    time: Duration,
}

/// A small city, its day run without a cut, and how long that took.
fn city(seed: u64, db: impl Fn(&str) -> String) -> City {
    let folder = scratch();
    let input = below(&folder, "in");
    let seed = seed.to_string();
    run(["city", "make", "--people", "3000", "--positives", "20", "--seed", &seed, "--out", &input]).ends_with(0);
    let out = below(&folder, "uncut");
    let since = Instant::now();
    run(["day", &input, "--out", &out, "--db", &db("uncut")]).ends_with(0);
    City { input, whole: written(&out), time: since.elapsed(), folder }
}

/// Starts the program and kills it after a while. If it came to its end before, how long that took.
fn cut(arguments: &[&str], after: Duration) -> Option<Duration> {
    let since = Instant::now();
    let mut child = command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while since.elapsed() < after {
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{arguments:?}: {status}");
            return Some(since.elapsed());
        }
        thread::sleep(Duration::from_millis(1).min(after.saturating_sub(since.elapsed())));
    }
    let _ = child.kill();
    let status = child.wait().unwrap();
    assert!(status.success() || status.signal() == Some(9), "{arguments:?}: {status}");
    status.success().then(|| since.elapsed())
}

/// Runs the day on stores of their own until it was killed often enough; every store is brought to its end.
fn kill_often(city: &City, kills_wanted: u32, mut seed: u64, db: impl Fn(&str) -> String) {
    let (mut kills, mut stores) = (0, 0);
    // how long a run takes changes with what else the machine has to do
    let mut time = city.time;
    while kills < kills_wanted {
        stores += 1;
        assert!(stores <= 4 * kills_wanted, "only {kills} of {stores} runs were caught at work");
        let name = format!("cut-{seed}-{stores}");
        let out = below(&city.folder, &name);
        let url = db(&name);
        let words = ["day", &city.input, "--out", &out, "--db", &url];
        for already in 0..CUTS_OF_A_STORE {
            // spread over the whole run: one cut in each of its parts, anywhere in the part
            let part = f64::from(kills) * 7.0 % f64::from(kills_wanted) + (next(&mut seed) % 1000) as f64 / 1000.0;
            if let Some(whole) = cut(&words, time.mul_f64(part / f64::from(kills_wanted))) {
                if already == 0 {
                    time = whole;
                }
                break;
            }
            kills += 1;
            if Path::new(&out).is_dir() {
                for (name, bytes) in written(&out).iter().filter(|(name, _)| !name.ends_with(".partial")) {
                    assert!(
                        city.whole[name] == *bytes,
                        "{name} stands half written after a cut (seed {seed}, {kills} cuts)"
                    );
                }
            }
        }
        run(words).ends_with(0);
        same_files(&city.whole, &written(&out));
        run(["verify", "--db", &url]).ends_with(0);
        fs::remove_dir_all(&out).unwrap();
    }
}

#[test]
fn a_day_that_is_killed_anywhere_ends_the_same() {
    const KILLS: u32 = 16;
    thread::scope(|threads| {
        for seed in [1, 2] {
            threads.spawn(move || {
                let stores = scratch();
                let db = |name: &str| below(&stores, name);
                kill_often(&city(seed, db), KILLS, seed, db);
            });
        }
    });
}

#[test]
fn a_day_that_is_killed_anywhere_ends_the_same_on_postgresql() {
    const KILLS: u32 = 6;
    let Some(server) = std::env::var("DAYCLEAR_TEST_POSTGRES").ok().filter(|url| !url.is_empty()) else {
        eprintln!("PostgreSQL: skipped, DAYCLEAR_TEST_POSTGRES is not set (`cargo xtask test` sets it)");
        return;
    };
    let databases = Databases::on(server);
    let db = |name: &str| databases.make(name);
    kill_often(&city(3, db), KILLS, 3, db);
}

#[test]
fn an_import_that_is_killed_leaves_nothing_behind() {
    const ROWS: u32 = 30_000;
    let folder = scratch();
    let file = below(&folder, "list.csv");
    let rows: String = (0..ROWS).map(|n| format!("C{n},{},2022-11-{:02}\n", n % 90, 1 + n % 28)).collect();
    fs::write(&file, format!("case_id,age,date_onset\n{rows}")).unwrap();
    let words = |db: &str| ["import", "linelist", &file, "--format", "json", "--db", db].map(str::to_owned);
    let since = Instant::now();
    run(words(&below(&folder, "uncut.db"))).ends_with(0);
    let time = since.elapsed();
    let db = below(&folder, "cut.db");
    let words = words(&db);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (mut kills, mut landed) = (0, false);
    for tenth in 1..10 {
        landed = cut(&words, time.mul_f64(f64::from(tenth) / 10.0)).is_some();
        kills += u32::from(!landed);
        let found = run(["chains", "--db", &db, "--format", "json"]);
        if found.code == 0 {
            // the cut came after the last word was stored: all of it is there
            assert_eq!(found.json()["cases"], ROWS, "half a list");
            landed = true;
        } else {
            assert!(found.err.contains("holds no line list"), "{}", found.err);
        }
        if landed {
            break;
        }
    }
    assert!(kills > 0, "no import was caught at work");
    let rows = u64::from(ROWS);
    let counts = if landed { [rows, 0, 0, rows, 0, 0] } else { [rows, rows, 0, 0, 0, 0] };
    assert_eq!(crate::program::tallies(&run(&words).ends_with(0).json())["list.csv"], counts);
}

/// Databases of their own on a server, dropped in the end.
pub struct Databases {
    server: String,
    runtime: tokio::runtime::Runtime,
    made: std::cell::RefCell<Vec<String>>,
}

impl Databases {
    /// Databases of a server.
    pub fn on(server: String) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        Databases { server, runtime, made: std::cell::RefCell::default() }
    }

    fn say(&self, sql: String) {
        use sqlx::{AssertSqlSafe, Connection, PgConnection};
        self.runtime.block_on(async {
            let mut connection = PgConnection::connect(&self.server).await.unwrap();
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        });
    }

    /// A new database; its address.
    pub fn make(&self, name: &str) -> String {
        let name = format!("dayclear_cli_{}_{}", std::process::id(), name.replace('-', "_"));
        self.say(format!("create database {name}"));
        self.made.borrow_mut().push(name.clone());
        let (address, _) = self.server.rsplit_once('/').unwrap();
        format!("{address}/{name}")
    }
}

impl Drop for Databases {
    fn drop(&mut self) {
        for name in self.made.take() {
            self.say(format!("drop database {name} with (force)"));
        }
    }
}
