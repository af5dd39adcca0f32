//! A fresh store of each engine for each test: a file for SQLite, a database of its own on the server that
//! `DAYCLEAR_TEST_POSTGRES` names. It may use raw SQL, which the product may not: to read every table as it stands, and to
//! damage one. Tests of the stations share this module.
#![allow(dead_code)] // each test program uses its part of it

use dayclear_store::Store;
use sqlx::{AssertSqlSafe, PgPool, Row, SqlitePool};
use std::{
    collections::BTreeMap,
    fmt::Debug,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    process,
    sync::{
        Once, OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};
use tempfile::TempDir;

/// The variable that names a server on which databases may be made. `cargo xtask test` sets it.
const SERVER: &str = "DAYCLEAR_TEST_POSTGRES";

/// Every table with its rows in one spelling for both engines, in order.
pub type Dump = BTreeMap<String, Vec<String>>;

enum Raw {
    File(SqlitePool),
    Server(PgPool),
}

/// A store of its own, and a back door to it.
pub struct TestStore {
    pub store: Store,
    pub url: String,
    raw: Raw,
    folder: TempDir,
}

/// Runs a test on SQLite, and on PostgreSQL where there is a server; both must answer the same.
pub fn on_both<T: PartialEq + Debug>(test: impl AsyncFn(&TestStore) -> T) -> T {
    let runtime = runtime();
    let file = runtime.block_on(async {
        let store = TestStore::file().await;
        let answer = test(&store).await;
        store.close().await;
        answer
    });
    let Some(server) = server() else { return file };
    runtime.block_on(async {
        let name = database_name();
        let admin = PgPool::connect(&server).await.unwrap();
        run(&admin, format!("create database {name} template {} strategy file_copy", template(&server))).await;
        let store = TestStore::server(&server, &name).await;
        assert_eq!(file, test(&store).await, "SQLite (left) and PostgreSQL (right) answer differently");
        store.close().await;
        run(&admin, format!("drop database {name} with (force)")).await;
    });
    file
}

/// A runtime as the command line has it.
pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn server() -> Option<String> {
    static SAID: Once = Once::new();
    let url = std::env::var(SERVER).ok().filter(|url| !url.is_empty());
    if url.is_none() {
        SAID.call_once(|| eprintln!("PostgreSQL: skipped, {SERVER} is not set (`cargo xtask test` sets it)"));
    }
    url
}

/// A folder in memory where there is one: SQLite waits for the disk at every commit, and a test has nothing to lose.
fn scratch() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

fn database_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    format!("dayclear_test_{}_{}", process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// What every fresh file begins with: a hundred migrations take half a second, a copy none.
pub fn fresh_file() -> &'static [u8] {
    static FILE: OnceLock<Vec<u8>> = OnceLock::new();
    FILE.get_or_init(|| {
        apart(async || {
            let folder = scratch();
            let path = folder.path().join("store.db");
            // the last connection folds the log back into the file
            Store::open(&path.to_string_lossy()).await.unwrap().close().await;
            std::fs::read(path).unwrap()
        })
    })
}

/// The database of which every fresh one is a copy, made once for a schema: all test programs of a run share it.
fn template(server: &str) -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| {
        let name = format!("dayclear_test_schema_{:016x}", schema());
        apart(async || make_template(server, &name).await);
        name
    })
}

async fn make_template(server: &str, name: &str) {
    let admin = PgPool::connect(server).await.unwrap();
    // one program makes it; a lock of a session goes with its connection
    let mut turn = admin.acquire().await.unwrap();
    sqlx::query("select pg_advisory_lock(20221120)").execute(&mut *turn).await.unwrap();
    let there = sqlx::query("select 1 from pg_database where datname = $1").bind(name).fetch_optional(&admin).await;
    if there.unwrap().is_none() {
        // what was killed in the middle has another name
        let begun = format!("{name}_begun");
        run(&admin, format!("drop database if exists {begun}")).await;
        run(&admin, format!("create database {begun}")).await;
        let (address, _) = server.rsplit_once('/').unwrap();
        Store::open(&format!("{address}/{begun}")).await.unwrap().close().await;
        run(&admin, format!("alter database {begun} rename to {name}")).await;
    }
    sqlx::query("select pg_advisory_unlock(20221120)").execute(&mut *turn).await.unwrap();
    drop(turn);
    admin.close().await;
}

/// A number for everything that makes the schema.
fn schema() -> u64 {
    let store = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../store"));
    let mut files: Vec<_> =
        std::fs::read_dir(store.join("migrations")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.push(store.join("src/migrate.rs"));
    files.sort();
    let mut hasher = DefaultHasher::new();
    files.iter().for_each(|file| std::fs::read(file).unwrap().hash(&mut hasher));
    hasher.finish()
}

/// Runs on a thread of its own, so that a test in the middle of another runtime may wait for it.
fn apart<T: Send>(work: impl AsyncFnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| scope.spawn(|| runtime().block_on(work())).join().unwrap())
}

async fn run(pool: &PgPool, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(pool).await.unwrap();
}

impl TestStore {
    /// A fresh SQLite file.
    pub async fn file() -> TestStore {
        let folder = scratch();
        let url = folder.path().join("store.db").to_string_lossy().into_owned();
        std::fs::write(&url, fresh_file()).unwrap();
        let store = Store::open(&url).await.unwrap();
        let raw = Raw::File(SqlitePool::connect(&url).await.unwrap());
        TestStore { store, url, raw, folder }
    }

    async fn server(server: &str, name: &str) -> TestStore {
        let (address, _) = server.rsplit_once('/').unwrap();
        let url = format!("{address}/{name}");
        let store = Store::open(&url).await.unwrap();
        let raw = Raw::Server(PgPool::connect(&url).await.unwrap());
        TestStore { store, url, raw, folder: scratch() }
    }

    /// Lets every connection go, so that the folder can be removed.
    pub async fn close(self) {
        self.store.close().await;
        match &self.raw {
            Raw::File(pool) => pool.close().await,
            Raw::Server(pool) => pool.close().await,
        }
    }

    /// A folder that goes with the store.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Runs SQL past the product; the error in the engine's words.
    pub async fn sql(&self, sql: &str) -> Result<(), String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.raw {
            Raw::File(pool) => sqlx::raw_sql(sql).execute(pool).await.map(|_| ()),
            Raw::Server(pool) => sqlx::raw_sql(sql).execute(pool).await.map(|_| ()),
        }
        .map_err(|error| error.to_string())
    }

    /// One number.
    pub async fn number(&self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.raw {
            Raw::File(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
            Raw::Server(pool) => sqlx::query_scalar(sql).fetch_one(pool).await,
        }
        .unwrap()
    }

    /// The first column of every row, as text.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match &self.raw {
            Raw::File(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
            Raw::Server(pool) => sqlx::query_scalar(sql).fetch_all(pool).await,
        }
        .unwrap()
    }

    /// Drops the guards that keep facts from being changed.
    pub async fn drop_guards(&self) {
        let drop = match self.raw {
            Raw::File(_) => {
                "drop trigger events_no_update; drop trigger events_no_delete;
                 drop trigger results_no_update; drop trigger results_no_delete;
                 drop trigger audit_no_update; drop trigger audit_no_delete;
                 drop trigger site_tubes_no_update; drop trigger site_tubes_no_delete;
                 drop trigger trip_reports_no_update; drop trigger trip_reports_no_delete"
            }
            Raw::Server(_) => {
                "drop trigger events_no_change on events; drop trigger results_no_change on results;
                 drop trigger audit_no_change on audit; drop trigger site_tubes_no_change on site_tubes;
                 drop trigger trip_reports_no_change on trip_reports"
            }
        };
        self.sql(drop).await.unwrap();
    }

    /// Every table but that of the migrations, row by row: instants as microseconds, days as ISO text, truth as 0 and 1. Marks of the log of
    /// coverage are by chance, and left out.
    pub async fn dump(&self) -> Dump {
        let mut dump = Dump::new();
        for table in self.tables().await {
            let mut columns = self.columns(&table).await;
            columns.retain(|(name, _)| (table.as_str(), name.as_str()) != ("coverage_log", "mark"));
            // one text per row, told apart by a separator that no column holds
            let fields: Vec<String> = columns.iter().map(|(name, kind)| self.as_text(name, kind)).collect();
            let sql = format!("select {} from {table}", fields.join(" || chr31 || "));
            let separator = if matches!(self.raw, Raw::File(_)) { "char(31)" } else { "chr(31)" };
            let mut rows = self.texts(&sql.replace("chr31", separator)).await;
            rows.iter_mut().for_each(|row| *row = spelled(row, &columns));
            rows.sort();
            dump.insert(table, rows);
        }
        dump
    }

    async fn tables(&self) -> Vec<String> {
        let sql = match self.raw {
            Raw::File(_) => {
                "select name from sqlite_master where type = 'table' and name not like 'sqlite%' order by name"
            }
            Raw::Server(_) => {
                "select table_name::text from information_schema.tables
                    where table_schema = 'public' and table_type = 'BASE TABLE'"
            }
        };
        let mut tables = self.texts(sql).await;
        tables.retain(|name| name != "_sqlx_migrations");
        tables.sort();
        tables
    }

    async fn columns(&self, table: &str) -> Vec<(String, String)> {
        let pairs: Vec<(String, String)> = match &self.raw {
            Raw::File(pool) => {
                let sql =
                    AssertSqlSafe(format!("select name, lower(type) from pragma_table_info('{table}') order by cid"));
                let rows = sqlx::query(sql).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| (row.get(0), row.get(1))).collect()
            }
            Raw::Server(pool) => {
                let sql = AssertSqlSafe(format!(
                    "select column_name::text, data_type::text from information_schema.columns
                     where table_schema = 'public' and table_name = '{table}' order by ordinal_position"
                ));
                let rows = sqlx::query(sql).fetch_all(pool).await.unwrap();
                rows.iter().map(|row| (row.get(0), row.get(1))).collect()
            }
        };
        pairs
    }

    fn as_text(&self, column: &str, kind: &str) -> String {
        let value = match kind {
            "timestamp with time zone" => format!("(extract(epoch from \"{column}\") * 1000000)::bigint"),
            "boolean" => format!("\"{column}\"::int"),
            _ => format!("\"{column}\""),
        };
        format!("coalesce(cast({value} as text), '(none)')")
    }
}

/// Numbers with a fraction are spelled alike whatever the engine prints.
fn spelled(row: &str, columns: &[(String, String)]) -> String {
    let fields: Vec<String> = row
        .split('\u{1f}')
        .zip(columns)
        .map(|(text, (name, kind))| match (kind.as_str(), text.parse::<f64>()) {
            ("real" | "double precision", Ok(number)) => format!("{name}={number:?}"),
            _ => format!("{name}={text}"),
        })
        .collect();
    fields.join(" | ")
}

/// The first rows in which two dumps differ, for a message; empty when they are the same.
pub fn differences(left: &Dump, right: &Dump) -> Vec<String> {
    const SHOWN_MAX: usize = 12;
    let mut found = Vec::new();
    for table in left.keys().chain(right.keys().filter(|table| !left.contains_key(*table))) {
        let none = Vec::new();
        let (a, b) = (left.get(table).unwrap_or(&none), right.get(table).unwrap_or(&none));
        found.extend(a.iter().filter(|row| !b.contains(row)).map(|row| format!("- {table}: {row}")));
        found.extend(b.iter().filter(|row| !a.contains(row)).map(|row| format!("+ {table}: {row}")));
        if a.len() != b.len() {
            found.push(format!("! {table}: {} rows and {} rows", a.len(), b.len()));
        }
    }
    found.truncate(SHOWN_MAX);
    found
}
