//! How a store stands, for the server that watches over it: whether it answers, whether its schema is this program's, what
//! happened since an event, what waits in the outbox. It guarantees that looking changes nothing.

use crate::{
    Scoped, Store, StoreError,
    db::{Pools, without_password},
    migrate,
    turns::Counted,
};
use dayclear_core::time::Instant;
use sqlx::{
    ConnectOptions, Connection,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteConnection},
};
use std::{path::Path, str::FromStr, sync::Arc};

/// How a store was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Nothing is there yet; the server makes it.
    Missing,
    /// It holds steps of the schema; this program has `known`.
    Schema {
        /// Steps found.
        found: i64,
        /// Steps of this program.
        known: i64,
        /// When its last event was recorded.
        last: Option<Instant>,
    },
}

/// Something that happened, without saying to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happened {
    /// Number of the event.
    pub seq: i64,
    /// Kind, for example `case.opened`.
    pub kind: String,
    /// Code of the division.
    pub division: String,
}

/// Connections of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// At most.
    pub max: u32,
    /// Open.
    pub open: u32,
    /// Open and not in use.
    pub idle: u32,
}

const LAST_FILE: &str = "select recorded_at from events order by seq desc limit 1";
const LAST_SERVER: &str =
    "select (extract(epoch from recorded_at) * 1000000)::bigint from events order by seq desc limit 1";

impl Store {
    /// Looks at a store without making or changing it.
    pub async fn probe(url: &str) -> Result<Standing, StoreError> {
        let unreachable = |source| StoreError::Unreachable { url: without_password(url), source };
        let known = migrate::steps();
        let (found, last) = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let mut connection =
                PgConnectOptions::from_str(url).map_err(unreachable)?.connect().await.map_err(unreachable)?;
            let table: Option<String> = sqlx::query_scalar("select to_regclass('_sqlx_migrations')::text")
                .fetch_one(&mut connection)
                .await
                .map_err(unreachable)?;
            let mut answer: (i64, Option<i64>) = (0, None);
            if table.is_some() {
                answer.0 =
                    sqlx::query_scalar(migrate::APPLIED).fetch_one(&mut connection).await.map_err(unreachable)?;
                // a schema that was left half way has no events
                answer.1 = sqlx::query_scalar(LAST_SERVER).fetch_optional(&mut connection).await.unwrap_or_default();
            }
            let _ = connection.close().await;
            answer
        } else {
            let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
            if path == ":memory:" || !Path::new(path).exists() {
                return Ok(Standing::Missing);
            }
            // not read only: a log left behind by a crash can only be read by one who may fold it back
            let options = SqliteConnectOptions::new().filename(path).create_if_missing(false);
            let mut connection = SqliteConnection::connect_with(&options).await.map_err(unreachable)?;
            let table: i64 = sqlx::query_scalar("select count(*) from sqlite_master where name = '_sqlx_migrations'")
                .fetch_one(&mut connection)
                .await
                .map_err(unreachable)?;
            let mut answer: (i64, Option<i64>) = (0, None);
            if table > 0 {
                answer.0 =
                    sqlx::query_scalar(migrate::APPLIED).fetch_one(&mut connection).await.map_err(unreachable)?;
                answer.1 = sqlx::query_scalar(LAST_FILE).fetch_optional(&mut connection).await.unwrap_or_default();
            }
            let _ = connection.close().await;
            answer
        };
        let last = last.map(Instant::from_micros);
        Ok(if found == 0 { Standing::Missing } else { Standing::Schema { found, known, last } })
    }

    /// Number of steps of the schema that this program knows.
    pub const fn schema_steps() -> i64 {
        migrate::steps()
    }

    /// The file that this store is; `None`: it is a server, or in memory.
    pub fn file(&self) -> Option<std::path::PathBuf> {
        match &self.pools {
            Pools::File(pool) => Some(pool.connect_options().get_filename().to_owned()),
            Pools::Server(_) => None,
        }
        .filter(|path| path != std::path::Path::new(":memory:"))
    }

    /// Asks the store how its schema stands.
    pub async fn standing(&self) -> Result<Standing, StoreError> {
        let found: i64 = match &self.pools {
            Pools::File(pool) => sqlx::query_scalar(migrate::APPLIED).fetch_one(pool).await?,
            Pools::Server(pool) => sqlx::query_scalar(migrate::APPLIED).fetch_one(pool).await?,
        };
        Ok(Standing::Schema { found, known: migrate::steps(), last: None })
    }

    /// The same store by connections of its own. Whoever holds a connection and waits for another of the same few holds up
    /// all others who do; what is asked for along the way goes by these. A store in memory has but one connection.
    pub fn aside(&self, connections_max: u32) -> Store {
        let pools = match &self.pools {
            Pools::File(pool) if pool.options().get_max_connections() == 1 => Pools::File(pool.clone()),
            Pools::File(pool) => {
                let options = pool.options().clone().max_connections(connections_max);
                Pools::File(options.connect_lazy_with((*pool.connect_options()).clone()))
            }
            Pools::Server(pool) => {
                let options = pool.options().clone().max_connections(connections_max);
                Pools::Server(options.connect_lazy_with((*pool.connect_options()).clone()))
            }
        };
        let (writing, others) = (Arc::clone(&self.writing), pools.others());
        let (many, disk, turns) = (Arc::clone(&self.many), self.disk.clone(), Arc::clone(&self.turns));
        let (writer, folding) = (self.writer.clone(), self.folding.clone());
        let (wait_max, fuse) = (self.wait_max, self.fuse.clone());
        Store { pools, writer, folding, writing, others, many, disk, turns, wait_max, fuse }
    }

    /// How the turn among the writers of this program was used since it started.
    pub fn turns(&self) -> Counted {
        self.turns.counted()
    }

    /// Connections.
    pub fn connections(&self) -> Connections {
        let (max, open, idle) = match &self.pools {
            Pools::File(pool) => (pool.options().get_max_connections(), pool.size(), pool.num_idle()),
            Pools::Server(pool) => (pool.options().get_max_connections(), pool.size(), pool.num_idle()),
        };
        Connections { max, open, idle: u32::try_from(idle).unwrap_or(u32::MAX) }
    }
}

impl StoreError {
    /// What can be said of trouble where nothing about a person may be written, such as in a log: its kind, the code of the
    /// engine, and names of our own schema; never its words, which quote values.
    pub fn told(&self) -> String {
        let engine = |error: &sqlx::Error| match error {
            sqlx::Error::Database(error) => {
                let names = [error.code().map(|code| code.into_owned()), error.constraint().map(str::to_owned)];
                format!("engine {}", names.into_iter().flatten().collect::<Vec<_>>().join(" ")).trim_end().to_owned()
            }
            sqlx::Error::Io(error) => format!("connection {:?}", error.kind()),
            sqlx::Error::PoolTimedOut => "no free connection in time".to_owned(),
            sqlx::Error::PoolClosed => "closed".to_owned(),
            sqlx::Error::Tls(_) => "encryption".to_owned(),
            sqlx::Error::Protocol(_) => "protocol".to_owned(),
            sqlx::Error::RowNotFound => "no row".to_owned(),
            sqlx::Error::ColumnDecode { index, .. } => format!("field {index} cannot be read"),
            _ => "engine".to_owned(),
        };
        match self {
            StoreError::Unreachable { source, .. } => format!("unreachable: {}", engine(source)),
            StoreError::Engine(error) => engine(error),
            StoreError::Busy(error) => format!("busy: {}", engine(error)),
            StoreError::OldSqlite { .. } => "old sqlite".to_owned(),
            StoreError::ClosedDown { .. } => "closed down".to_owned(),
            StoreError::Migration(_) => "migration".to_owned(),
            StoreError::Gone => "lost in an exercise".to_owned(),
            StoreError::Encode(_) => "a value could not be encoded".to_owned(),
            StoreError::Null { position } => format!("field {position} is empty"),
            StoreError::Meaning { .. } => "a value is not understood".to_owned(),
            StoreError::Taken { .. } => "taken".to_owned(),
            StoreError::OtherBody { .. } => "a key with another body".to_owned(),
            StoreError::Closed { day } => format!("{day} is closed"),
        }
    }
}

impl Scoped {
    /// What happened after an event, in order.
    pub async fn happened_after(&mut self, seq: i64, rows_max: u32) -> Result<Vec<Happened>, StoreError> {
        let sql = "select seq, kind, division from events where seq > $1 order by seq limit $2";
        let rows = self.rows(sql, &[seq.into(), i64::from(rows_max).into()]).await?;
        rows.iter().map(|row| Ok(Happened { seq: row.get(0)?, kind: row.get(1)?, division: row.get(2)? })).collect()
    }

    /// When the last event was recorded.
    pub async fn last_recorded(&mut self) -> Result<Option<Instant>, StoreError> {
        let row = self.row("select recorded_at from events order by seq desc limit 1", &[]).await?;
        row.map(|row| row.get(0)).transpose()
    }

    /// Messages that wait in the outbox, counted to a limit, and since when the oldest does.
    pub async fn outbox_waiting(&mut self, rows_max: u32) -> Result<(i64, Option<Instant>), StoreError> {
        let sql = "select count(*) from (select 1 from outbox where sent_at is null limit $1) waiting";
        let count = match self.row(sql, &[i64::from(rows_max).into()]).await? {
            Some(row) => row.get(0)?,
            None => 0,
        };
        let oldest = self.row("select created_at from outbox where sent_at is null order by seq limit 1", &[]).await?;
        Ok((count, oldest.map(|row| row.get(0)).transpose()?))
    }
}
