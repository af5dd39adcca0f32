//! The engine that makes the rows: one connection, and the few words in which the two engines differ. Indexes are taken
//! away before the load and given back as they were.

use anyhow::{Result, bail};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::str::FromStr;

/// A connection past the product.
pub enum Engine {
    File(SqliteConnection),
    Server(PgConnection),
}

impl Engine {
    pub async fn connect(url: &str) -> Result<Engine> {
        if url.starts_with("postgres") {
            let mut server = PgConnection::connect(url).await?;
            for sql in ["set synchronous_commit = off", "set maintenance_work_mem = '256MB'"] {
                sqlx::raw_sql(sql).execute(&mut server).await?;
            }
            return Ok(Engine::Server(server));
        }
        // a store that is thrown away when the load is cut needs no sync; large sorts go to files, not to memory
        let options = SqliteConnectOptions::from_str(url)?
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Off)
            .pragma("cache_size", "-262144")
            .pragma("temp_store", "file")
            .pragma("wal_autocheckpoint", "16000");
        Ok(Engine::File(SqliteConnection::connect_with(&options).await?))
    }

    /// Runs statements; the number of rows they touched.
    pub async fn run(&mut self, sql: &str) -> Result<u64> {
        let sql = AssertSqlSafe(sql.to_owned());
        Ok(match self {
            Engine::File(file) => sqlx::raw_sql(sql).execute(file).await?.rows_affected(),
            Engine::Server(server) => sqlx::raw_sql(sql).execute(server).await?.rows_affected(),
        })
    }

    async fn pairs(&mut self, sql: &str) -> Result<Vec<(String, String)>> {
        let sql = AssertSqlSafe(sql.to_owned());
        Ok(match self {
            Engine::File(file) => {
                sqlx::raw_sql(sql).fetch_all(file).await?.iter().map(|row| (row.get(0), row.get(1))).collect()
            }
            Engine::Server(server) => {
                sqlx::raw_sql(sql).fetch_all(server).await?.iter().map(|row| (row.get(0), row.get(1))).collect()
            }
        })
    }

    /// Drops every index that is no constraint; gives name and text of each.
    pub async fn take_indexes(&mut self) -> Result<Vec<(String, String)>> {
        let (people, _) = self.pairs("select cast(count(*) as text), '' from people").await?.remove(0);
        if people != "0" {
            bail!("there are {people} people in this store; a fresh one is needed");
        }
        let sql = match self {
            Engine::File(_) => "select name, sql from sqlite_master where type = 'index' and sql is not null order by rowid",
            Engine::Server(_) => {
                "select c.relname::text, pg_get_indexdef(x.indexrelid) from pg_index x join pg_class c on c.oid = x.indexrelid
                 join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relname not like '\\_%'
                 and not exists (select 1 from pg_constraint k where k.conindid = x.indexrelid) order by 1"
            }
        };
        let indexes = self.pairs(sql).await?;
        for (name, _) in &indexes {
            self.run(&format!("drop index {name}")).await?;
        }
        Ok(indexes)
    }

    /// Statistics for the next steps. Only a server's planner needs them.
    pub async fn look_over(&mut self, tables: &[&str]) -> Result<()> {
        if let Engine::Server(_) = self {
            for table in tables {
                self.run(&format!("analyze {table}")).await?;
            }
        }
        Ok(())
    }

    /// Leaves the store as days of use leave it: statistics and visibility on a server, which looks after both by itself;
    /// on SQLite the product never makes statistics, so none are made here.
    pub async fn finish(mut self) -> Result<()> {
        match &mut self {
            Engine::File(_) => self.run("pragma wal_checkpoint(truncate)").await?,
            Engine::Server(_) => self.run("vacuum analyze").await?,
        };
        match self {
            Engine::File(file) => file.close().await?,
            Engine::Server(server) => server.close().await?,
        }
        Ok(())
    }

    fn is_file(&self) -> bool {
        matches!(self, Engine::File(_))
    }

    /// A relation with the whole numbers of a range in its column `n`.
    pub fn series(&self, from: i64, to: i64) -> String {
        if self.is_file() {
            format!(
                "(with recursive s(n) as (select {from} union all select n + 1 from s where n < {to}) select n from s)"
            )
        } else {
            format!("(select n from generate_series({from}::bigint, {to}::bigint) as s(n))")
        }
    }

    /// The moment of seconds since 1970.
    pub fn at(&self, seconds: &str) -> String {
        if self.is_file() { format!("(({seconds}) * 1000000)") } else { format!("to_timestamp({seconds})") }
    }

    /// A moment some minutes later.
    pub fn later(&self, at: &str, minutes: &str) -> String {
        if self.is_file() {
            format!("({at} + ({minutes}) * 60000000)")
        } else {
            format!("({at} + ({minutes}) * interval '1 minute')")
        }
    }

    /// The civil day of a moment, in Chongqing.
    pub fn day_of(&self, at: &str) -> String {
        if self.is_file() {
            format!("date({at} / 1000000 + 28800, 'unixepoch')")
        } else {
            format!("cast(({at}) at time zone 'Asia/Shanghai' as date)")
        }
    }

    /// The civil day of days since 1970.
    pub fn day(&self, days: &str) -> String {
        if self.is_file() {
            format!("date(({days}) * 86400, 'unixepoch')")
        } else {
            format!("(date '1970-01-01' + cast({days} as integer))")
        }
    }

    pub fn yes(&self) -> &'static str {
        if self.is_file() { "1" } else { "true" }
    }
}

/// A number with leading zeros.
pub fn padded(number: &str, digits: u32) -> String {
    format!("substr(cast({} + ({number}) as text), 2)", 10_i64.pow(digits))
}
