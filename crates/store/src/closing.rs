//! The end of a store (R14): what is left to do before it, and its deletion. It guarantees that every table goes but those of figures, that
//! a store which was closed down says so and is opened by nobody, and that space is written over where the engine can do it.

use crate::{Scoped, Store, StoreError, db::Pools, value::Value};
use dayclear_core::time::Instant;

/// Tables that hold figures and places and nobody: they stay.
const KEPT: &[&str] = &["_sqlx_migrations", "days", "ledger", "hops", "divisions"];
/// What a store that was closed down has.
const MARK: &str = "closed_down";

/// Why a store cannot be closed down yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// What.
    pub what: &'static str,
    /// How many.
    pub count: i64,
}

const OBSTACLES: &[(&str, &str)] = &[
    ("orders in force", "select count(*) from orders where state in ('active', 'aside')"),
    ("areas that stand", "select count(*) from zones where released_on is null"),
    ("emergencies that are open", "select count(*) from tickets where ended_at is null"),
    ("appeals that nobody decided", "select count(*) from appeals where state = 'open'"),
    (
        "open items about people",
        "select count(*) from items where closed_at is null and worklist not in ('clean', 'fulfil')",
    ),
];

impl Scoped {
    /// What keeps the store from being closed down, where there is any of it.
    pub async fn obstacles(&mut self) -> Result<Vec<Obstacle>, StoreError> {
        let mut found = Vec::new();
        for (what, sql) in OBSTACLES {
            let count = match self.row(sql, &[]).await? {
                Some(row) => row.get(0)?,
                None => 0,
            };
            if count > 0 {
                found.push(Obstacle { what, count });
            }
        }
        Ok(found)
    }

    /// Orders by district, sex and kind: how many, and how many days they bound. Small counts are for the caller to withhold.
    pub async fn order_figures(&mut self) -> Result<Vec<(String, String, String, i64, i64)>, StoreError> {
        let days = if self.is_server() {
            "cast(sum(coalesce(o.ended_on, o.until_day) - o.from_day) as bigint)"
        } else {
            "cast(sum(julianday(coalesce(o.ended_on, o.until_day)) - julianday(o.from_day)) as integer)"
        };
        let sql = format!(
            "select substr(o.division, 1, 6), coalesce(p.sex, 'unknown'), o.kind, count(*), {days}
             from orders o left join people p on p.no = o.person_no
             group by substr(o.division, 1, 6), coalesce(p.sex, 'unknown'), o.kind order by 1, 2, 3"
        );
        let rows = self.rows_text(sql.into(), &[]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))).collect()
    }

    /// Deletes everything but figures and places: the tables that went, with the rows they had.
    pub async fn delete_everything(&mut self, at: Instant) -> Result<Vec<(String, i64)>, StoreError> {
        let tables = if self.is_server() {
            "select cast(tablename as text) from pg_tables where schemaname = current_schema() order by 1"
        } else {
            "select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by 1"
        };
        let tables: Result<Vec<String>, StoreError> =
            self.rows(tables, &[]).await?.iter().map(|row| row.get(0)).collect();
        let mut gone = Vec::new();
        for table in tables?.into_iter().filter(|table| !KEPT.contains(&table.as_str())) {
            let rows = self.rows_text(format!("select count(*) from \"{table}\"").into(), &[]).await?;
            let rows: i64 = rows.first().map(|row| row.get(0)).transpose()?.unwrap_or_default();
            let cascade = if self.is_server() { " cascade" } else { "" };
            self.rows_text(format!("drop table \"{table}\"{cascade}").into(), &[]).await?;
            gone.push((table, rows));
        }
        let make = "create table closed_down (at_micros bigint not null)";
        self.run(make, &[]).await?;
        let at: Value<'_> = at.micros().into();
        self.run("insert into closed_down (at_micros) values ($1)", &[at]).await?;
        Ok(gone)
    }
}

impl Store {
    /// Writes over the space of what was deleted, where the engine keeps it: SQLite rewrites its file and empties its log; PostgreSQL has
    /// removed the files of its tables already.
    pub async fn write_over(&self) -> Result<(), StoreError> {
        if let Pools::File(pool) = &self.pools {
            for sql in ["pragma secure_delete = on", "vacuum", "pragma wal_checkpoint(truncate)"] {
                sqlx::query(sql).execute(pool).await?;
            }
        }
        Ok(())
    }
}

/// Whether the store was closed down, and when.
pub(crate) async fn closed_down(pools: &Pools) -> Result<Option<Instant>, StoreError> {
    let there: i64 = match pools {
        Pools::File(pool) => {
            let sql = "select count(*) from sqlite_schema where type = 'table' and name = $1";
            sqlx::query_scalar(sql).bind(MARK).fetch_one(pool).await?
        }
        Pools::Server(pool) => {
            let sql = "select count(*) from pg_tables where schemaname = current_schema() and tablename = $1";
            sqlx::query_scalar(sql).bind(MARK).fetch_one(pool).await?
        }
    };
    if there == 0 {
        return Ok(None);
    }
    let sql = "select max(at_micros) from closed_down";
    let at: i64 = match pools {
        Pools::File(pool) => sqlx::query_scalar(sql).fetch_one(pool).await?,
        Pools::Server(pool) => sqlx::query_scalar(sql).fetch_one(pool).await?,
    };
    Ok(Some(Instant::from_micros(at)))
}
