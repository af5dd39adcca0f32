//! A store as the stations write it: the example day, run by the real stations into a fresh SQLite file or a fresh
//! PostgreSQL database, and copies of it to do harm to. The checker itself knows nothing of all this.

use dayclear_core::{
    protocol::Packs,
    time::{Instant, Zone},
    transfer::TransferState,
};
use dayclear_ops::{
    day::{self, Plan},
    intake::Folder,
    minutes::Settings,
};
use dayclear_store::{Scope, Store, audit::NewEntry};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};
use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// Checks of what the example has none of (rounds and plans, tubes of phones, reports of crews, merges, key places, gates, letters, messages): the stations' own
/// tests have them, and harm them.
pub const ELSEWHERE: [&str; 13] = [
    "deliveries.planned",
    "rounds.counted",
    "rounds.planned",
    "site.taken",
    "identity.decided",
    "trips.reported",
    "obligations.kept",
    "places.counted",
    "free.computed",
    "gates.counted",
    "letters.balance",
    "messages.lawful",
    "situation.counted",
];

pub const ZONE: &str = "Asia/Shanghai";

/// Where stores are made.
pub enum Engine {
    /// Files in a folder.
    File(PathBuf),
    /// Databases of a server; the address of a superuser.
    Server(String),
}

impl Engine {
    /// SQLite in a folder, and PostgreSQL where `DAYCLEAR_TEST_POSTGRES` names a server.
    pub fn all(folder: &Path) -> Vec<Engine> {
        let server = std::env::var("DAYCLEAR_TEST_POSTGRES").ok().map(Engine::Server);
        std::iter::once(Engine::File(folder.to_owned())).chain(server).collect()
    }

    fn unused(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("dayclear_verify_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        match self {
            Engine::File(folder) => folder.join(name).display().to_string(),
            Engine::Server(url) => format!("{}/{name}", &url[..url.rfind('/').unwrap()]),
        }
    }

    /// An empty store.
    pub async fn fresh(&self) -> String {
        let store = self.unused();
        if let Engine::Server(url) = self {
            on_server(url, &format!("create database {}", name_of(&store))).await;
        }
        store
    }

    /// A copy of a store that nobody has open.
    pub async fn copy(&self, store: &str) -> String {
        let copy = self.unused();
        match self {
            Engine::File(_) => drop(std::fs::copy(store, &copy).unwrap()),
            Engine::Server(url) => {
                on_server(
                    url,
                    &format!("create database {} template {} strategy file_copy", name_of(&copy), name_of(store)),
                )
                .await;
            }
        }
        copy
    }

    /// Removes a store.
    pub async fn remove(&self, store: &str) {
        match self {
            Engine::File(_) => std::fs::remove_file(store).unwrap(),
            Engine::Server(url) => on_server(url, &format!("drop database {} with (force)", name_of(store))).await,
        }
    }

    /// Does something to a store behind the back of the stations, past the guards of the append-only tables.
    pub async fn tamper(&self, store: &str, statements: &[&str]) {
        let guards: &[&str] = match self {
            Engine::File(_) => &[
                "drop trigger events_no_update",
                "drop trigger events_no_delete",
                "drop trigger results_no_update",
                "drop trigger audit_no_update",
                "drop trigger audit_no_delete",
                "drop trigger orders_no_longer",
                "drop trigger in_care_no_update",
                "drop trigger in_care_no_delete",
                "drop trigger bulletins_no_update",
                "drop trigger bulletins_no_delete",
                "drop trigger bulletins_two",
                "drop trigger bed_stays_moved",
                "drop trigger transfers_bed_from_go",
            ],
            Engine::Server(_) => &[
                "drop trigger events_no_change on events",
                "drop trigger results_no_change on results",
                "drop trigger audit_no_change on audit",
                "drop trigger orders_no_longer on orders",
                "drop trigger in_care_no_update on in_care",
                "drop trigger in_care_no_delete on in_care",
                "drop trigger bulletins_no_update on bulletins",
                "drop trigger bulletins_no_delete on bulletins",
                "drop trigger bulletins_two on bulletins",
                "drop trigger bed_stays_moved on bed_stays",
                "drop trigger transfers_bed_from_go on transfers",
            ],
        };
        let statements = guards.iter().chain(statements).map(|sql| (*sql).to_owned());
        match self {
            Engine::File(_) => {
                let options = SqliteConnectOptions::new().filename(store);
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                for sql in statements {
                    let done = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut connection).await;
                    touched(&sql, done.unwrap().rows_affected());
                }
                connection.close().await.unwrap();
            }
            Engine::Server(_) => {
                let mut connection = PgConnection::connect(store).await.unwrap();
                for sql in statements {
                    let done = sqlx::raw_sql(AssertSqlSafe(sql.clone())).execute(&mut connection).await;
                    touched(&sql, done.unwrap().rows_affected());
                }
                connection.close().await.unwrap();
            }
        }
    }
}

/// A harm that does nothing would make a check look good.
fn touched(sql: &str, rows: u64) {
    assert!(sql.starts_with("drop ") || rows > 0, "touched nothing: {sql}");
}

fn name_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap()
}

async fn on_server(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// The folder of the example day.
pub fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/day")
}

/// A later day on which nothing is reported: the registers of the example day, and every other table with a header only,
/// and rows that are given by the name of the table.
#[allow(dead_code)] // not every test needs a second day
pub fn quiet_day(folder: &Path, rows: &[(&str, &str)]) {
    const REGISTERS: [&str; 9] =
        ["divisions", "buildings", "households", "people", "facilities", "beds", "vehicles", "crews", "laboratories"];
    std::fs::create_dir_all(folder).unwrap();
    for entry in std::fs::read_dir(example()).unwrap() {
        let path = entry.unwrap().path();
        let (Some(name), Some("csv")) =
            (path.file_stem().and_then(|n| n.to_str()), path.extension().and_then(|e| e.to_str()))
        else {
            continue;
        };
        let text = std::fs::read_to_string(&path).unwrap();
        let header = text.lines().next().unwrap();
        let given: String =
            rows.iter().filter(|(table, _)| *table == name).map(|(_, row)| format!("{row}\n")).collect();
        let text = if REGISTERS.contains(&name) { text + &given } else { format!("{header}\n{given}") };
        std::fs::write(folder.join(path.file_name().unwrap()), text).unwrap();
    }
}

/// Reports of the day `date` by which everybody is moved who is booked: picked up at seven, admitted at eight.
#[allow(dead_code)] // not every test needs a second day
pub async fn moved(store: &str, date: &str) -> Vec<String> {
    let opened = Store::open(store).await.unwrap();
    let mut tx = opened.begin(&Scope::of("50".parse().unwrap())).await.unwrap();
    let now = format!("{date}T00:00:00+08:00").parse().unwrap();
    let transfers = tx.transfers_since(now).await.unwrap();
    drop(tx);
    opened.close().await;
    let booked = transfers.iter().filter(|transfer| transfer.state == TransferState::Booked);
    let rows = booked.flat_map(|transfer| {
        let (person, site) = (&transfer.person, transfer.facility.as_deref().unwrap());
        [
            format!("{person},picked_up,{date}T07:00:00+08:00,,"),
            format!("{person},admitted,{date}T08:00:00+08:00,{site},"),
        ]
    });
    rows.collect()
}

/// Runs a folder as a day under the twenty measures.
pub async fn run(store: &str, folder: &Path, date: &str, keep_open: bool) {
    run_under(store, folder, date, keep_open, "covid-19-cn-twenty").await;
}

/// Runs a folder as a day under a pack.
pub async fn run_under(store: &str, folder: &Path, date: &str, keep_open: bool, pack: &str) {
    let settings = Settings {
        zone: Zone::named(ZONE).unwrap(),
        legal_basis: "Law on Prevention and Treatment of Infectious Diseases, art. 39".to_owned(),
        body: "Municipal headquarters".to_owned(),
        travel: Default::default(),
    };
    let plan =
        Plan { date: Some(date.parse().unwrap()), pack: pack.to_owned(), atomic: false, keep_open, exercise: false };
    let opened = Store::open(store).await.unwrap();
    let folder = Folder::open(folder).unwrap();
    let mut watch = |_: &str, _: Option<f64>| {};
    day::run(&opened, &Packs::builtin().unwrap(), &settings, &folder, &plan, &mut watch).await.unwrap();
    opened.close().await;
}

/// Chains nine reads, for the checks of that chain.
#[allow(dead_code)] // not every test looks at reads
pub async fn read_by_somebody(store: &str) {
    let opened = Store::open(store).await.unwrap();
    let mut tx = opened.begin(&Scope::nobody()).await.unwrap();
    let entry = |n: i64| NewEntry {
        at: Instant::from_micros(1_668_960_000_000_000 + n),
        account: "U1".to_owned(),
        role: "tracer".to_owned(),
        division: "500103".to_owned(),
        action: "read".to_owned(),
        kind: "person".to_owned(),
        object: format!("{n:064x}"),
        outcome: "done".to_owned(),
        detail: "{}".to_owned(),
        ..NewEntry::default()
    };
    tx.append_audit(&(1..=9).map(entry).collect::<Vec<_>>()).await.unwrap();
    tx.commit().await.unwrap();
    opened.close().await;
}
