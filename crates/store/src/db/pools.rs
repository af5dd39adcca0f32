//! How a store is reached: the connections to a SQLite file, of which one writes, and to a PostgreSQL server. It may use sqlx; it
//! guarantees that the SQLite in use is not one that loses commits, and that every connection is set up the same way.

use crate::{
    StoreError,
    folding::{self, Folding},
    turns::Turns,
};
use log::LevelFilter;
use sqlx::{
    ConnectOptions, Connection, PgPool, SqlitePool,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{str::FromStr, sync::Arc, time::Duration};
use tokio::sync::Semaphore;

/// Oldest SQLite in which the write-ahead log cannot lose a commit (fixed in 3.51.3; sqlite.org/changes.html).
const SQLITE_AT_LEAST: (u32, u32, u32) = (3, 51, 3);

/// After how long a file is opened again that somebody else was just making.
const OPENING: Duration = Duration::from_millis(10);

/// Prepared statements that a connection keeps: more than a pass of the line and a day's pages ask together. Where they do not fit, each is
/// read and planned anew, on a server with two more ways there and back, which is longer than it runs.
const STATEMENTS: usize = 800;

/// A connection that was used so short a while ago is taken for whole. Asking it costs a way to the server and back within the turn; a
/// server that goes down and comes up again takes longer.
const SURELY_WHOLE: Duration = Duration::from_millis(200);

/// Connections to a file, and to a server.
const CONNECTIONS: (u32, u32) = (8, 16);

/// Rows that SQLite's thread puts down before it waits for whoever asked. Each time it waits costs two changes of threads, which is more
/// than a dozen rows cost.
const ROWS_PUT_DOWN: usize = 1_000;

/// A statement that takes longer is logged, without its values: on a large city it reads a table that it should not.
const SLOW: Duration = Duration::from_millis(200);

pub(crate) enum Pools {
    File(SqlitePool),
    Server(PgPool),
}

impl Pools {
    /// Places for everybody but the one who has the turn.
    pub(crate) fn others(&self) -> Arc<Semaphore> {
        let most = match self {
            Pools::File(pool) => pool.options().get_max_connections(),
            Pools::Server(pool) => pool.options().get_max_connections(),
        };
        Arc::new(Semaphore::new(most.saturating_sub(1).max(1) as usize))
    }
}

/// How a store was opened.
pub(super) struct Opened {
    pub(super) pools: Pools,
    /// The one connection by which a file is written.
    pub(super) writer: Option<SqlitePool>,
    /// Whoever folds the log of a file.
    pub(super) folding: Option<Arc<Folding>>,
}

/// Opens a store: `sqlite:PATH` or a plain path, or `postgres://...`.
pub(super) async fn open(url: &str, wait_max: Duration, turns: &Arc<Turns>) -> Result<Opened, StoreError> {
    if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        return Ok(Opened { pools: Pools::Server(server(url, wait_max).await?), writer: None, folding: None });
    }
    file(url, wait_max, turns).await
}

async fn server(url: &str, wait_max: Duration) -> Result<PgPool, StoreError> {
    // compiling a plan takes longer than any statement here runs
    let options = PgConnectOptions::from_str(url)?.options([("jit", "off")]);
    let options = options.statement_cache_capacity(STATEMENTS);
    let options = options.log_statements(LevelFilter::Off).log_slow_statements(LevelFilter::Warn, SLOW);
    PgPoolOptions::new()
        .max_connections(CONNECTIONS.1)
        .acquire_timeout(wait_max)
        .test_before_acquire(false)
        .before_acquire(|connection, known| {
            Box::pin(async move {
                if known.idle_for > SURELY_WHOLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options)
        .await
        .map_err(|source| StoreError::Unreachable { url: without_password(url), source })
}

async fn file(url: &str, wait_max: Duration, turns: &Arc<Turns>) -> Result<Opened, StoreError> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        // a commit waits for the disk once it has given its turn back
        .synchronous(if path == ":memory:" { SqliteSynchronous::Full } else { SqliteSynchronous::Normal })
        .foreign_keys(true)
        .busy_timeout(wait_max)
        .pragma("cache_size", "-65536")
        .pragma("temp_store", "memory")
        .pragma("wal_autocheckpoint", folding::PAGES.most.to_string())
        .statement_cache_capacity(STATEMENTS)
        .command_buffer_size(8)
        .row_buffer_size(ROWS_PUT_DOWN)
        .log_statements(LevelFilter::Off)
        .log_slow_statements(LevelFilter::Warn, SLOW);
    let pooled = SqlitePoolOptions::new()
        .max_connections(if path == ":memory:" { 1 } else { CONNECTIONS.0 })
        // what a file could be asked is whether the program still runs
        .test_before_acquire(false)
        .acquire_timeout(wait_max);
    // whoever makes the log of a new file keeps the others out, and SQLite has them wait for nothing then
    let until = tokio::time::Instant::now() + wait_max;
    let pool = loop {
        match pooled.clone().connect_with(options.clone()).await {
            Err(error) if crate::has_waited(&error) && tokio::time::Instant::now() < until => {
                tokio::time::sleep(OPENING).await;
            }
            opened => break opened,
        }
    };
    let pool = pool.map_err(|source| StoreError::Unreachable { url: path.to_owned(), source })?;
    require_sound_sqlite(&pool).await?;
    if path == ":memory:" {
        return Ok(Opened { pools: Pools::File(pool), writer: None, folding: None });
    }
    let folding = Folding::of(options.clone(), Arc::clone(turns), folding::PAGES);
    let writer = pooled.max_connections(1).connect_lazy_with(options);
    Ok(Opened { pools: Pools::File(pool), writer: Some(writer), folding: Some(Arc::new(folding)) })
}

async fn require_sound_sqlite(pool: &SqlitePool) -> Result<(), StoreError> {
    let version: String = sqlx::query_scalar("select sqlite_version()").fetch_one(pool).await?;
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let found = (parts.next().unwrap_or(0), parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if found < SQLITE_AT_LEAST { Err(StoreError::OldSqlite { found: version }) } else { Ok(()) }
}

pub(crate) fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => format!("{}://...{}", &url[..scheme], &url[at..]),
        _ => url.to_owned(),
    }
}
