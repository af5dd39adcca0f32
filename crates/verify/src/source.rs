//! How a store is read: one connection, one transaction that cannot write, and one text of SQL for both engines. Words in
//! braces stand for what the engines write differently; instants arrive as microseconds since 1970 and days as ISO text,
//! so that no check knows which engine it reads. Nothing of anybody's input becomes part of a statement.

use crate::VerifyError;
use sqlx::{
    AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row as _, SqliteConnection,
    postgres::{PgConnectOptions, PgRow},
    sqlite::{SqliteConnectOptions, SqliteRow},
};
use std::{str::FromStr, time::Duration};

/// Tables without which a database is not a store of Dayclear.
const TABLES: [&str; 18] = [
    "people",
    "tubes",
    "members",
    "results",
    "settled",
    "intake",
    "cases",
    "orders",
    "transfers",
    "items",
    "postings",
    "days",
    "ledger",
    "carried",
    "events",
    "chain",
    "audit",
    "audit_head",
];

enum Engine {
    File(SqliteConnection),
    Server(PgConnection),
}

/// A store, opened for reading.
pub(crate) struct Source {
    engine: Engine,
}

/// A parameter of a statement.
#[derive(Clone, Copy)]
pub(crate) enum Given<'a> {
    Whole(i64),
    Text(&'a str),
}

/// A row of an answer.
pub(crate) enum Row {
    File(SqliteRow),
    Server(PgRow),
}

macro_rules! field {
    ($name:ident, $type:ty) => {
        pub fn $name(&self, position: usize) -> Result<$type, VerifyError> {
            Ok(match self {
                Row::File(row) => row.try_get(position)?,
                Row::Server(row) => row.try_get(position)?,
            })
        }
    };
}

impl Row {
    field!(whole, i64);
    field!(text, String);
    field!(maybe_text, Option<String>);

    /// A count, which is never negative.
    pub fn count(&self, position: usize) -> Result<u64, VerifyError> {
        let number = self.whole(position)?;
        u64::try_from(number).map_err(|_| VerifyError::Value { value: number.to_string(), expected: "a count" })
    }
}

fn without_password(url: &str) -> String {
    match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => format!("{}://...{}", &url[..scheme], &url[at..]),
        _ => url.to_owned(),
    }
}

impl Source {
    /// Opens a store for reading, in a transaction that sees one moment of it.
    pub async fn open(url: &str) -> Result<Source, VerifyError> {
        let name = without_password(url);
        let unreachable = |source| VerifyError::Unreachable { url: name.clone(), source };
        let mut source = if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(url).map_err(unreachable)?.disable_statement_logging();
            Source { engine: Engine::Server(PgConnection::connect_with(&options).await.map_err(unreachable)?) }
        } else {
            let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:")).unwrap_or(url);
            let options = SqliteConnectOptions::new()
                .filename(path)
                .create_if_missing(false)
                .read_only(true)
                .busy_timeout(Duration::from_secs(30))
                .pragma("cache_size", "-131072")
                .disable_statement_logging();
            Source { engine: Engine::File(SqliteConnection::connect_with(&options).await.map_err(unreachable)?) }
        };
        source.begin().await.map_err(unreachable)?;
        let missing = source.missing_tables().await.map_err(|error| match error {
            VerifyError::Read(error) => VerifyError::NotAStore { url: name.clone(), missing: error.to_string() },
            other => other,
        })?;
        if missing.is_empty() {
            return Ok(source);
        }
        Err(VerifyError::NotAStore { url: name, missing: format!("it has no table {}", missing.join(", ")) })
    }

    async fn begin(&mut self) -> Result<(), sqlx::Error> {
        match &mut self.engine {
            Engine::File(connection) => sqlx::raw_sql("begin").execute(connection).await.map(|_| ()),
            Engine::Server(connection) => {
                sqlx::raw_sql("begin isolation level repeatable read read only").execute(connection).await.map(|_| ())
            }
        }
    }

    async fn missing_tables(&mut self) -> Result<Vec<&'static str>, VerifyError> {
        let names = match self.engine {
            Engine::File(_) => "select name from sqlite_master where type = 'table'",
            Engine::Server(_) => {
                "select cast(table_name as text) from information_schema.tables where table_schema = any (current_schemas(false))"
            }
        };
        let mut there = Vec::new();
        for row in self.rows(names, &[]).await? {
            there.push(row.text(0)?);
        }
        Ok(TABLES.into_iter().filter(|table| !there.iter().any(|name| name == table)).collect())
    }

    /// Ends the transaction and the connection.
    pub async fn close(self) -> Result<(), VerifyError> {
        match self.engine {
            Engine::File(connection) => connection.close().await?,
            Engine::Server(connection) => connection.close().await?,
        }
        Ok(())
    }

    fn is_file(&self) -> bool {
        matches!(self.engine, Engine::File(_))
    }

    /// All rows of an answer; the statement limits them.
    pub async fn rows(&mut self, sql: &str, given: &[Given<'_>]) -> Result<Vec<Row>, VerifyError> {
        let sql = AssertSqlSafe(written_for(sql, self.is_file()));
        Ok(match &mut self.engine {
            Engine::File(connection) => {
                let mut query = sqlx::query(sql).persistent(false);
                for value in given {
                    query = match value {
                        Given::Whole(value) => query.bind(*value),
                        Given::Text(value) => query.bind((*value).to_owned()),
                    };
                }
                query.fetch_all(connection).await?.into_iter().map(Row::File).collect()
            }
            Engine::Server(connection) => {
                let mut query = sqlx::query(sql).persistent(false);
                for value in given {
                    query = match value {
                        Given::Whole(value) => query.bind(*value),
                        Given::Text(value) => query.bind((*value).to_owned()),
                    };
                }
                query.fetch_all(connection).await?.into_iter().map(Row::Server).collect()
            }
        })
    }

    /// The first row of an answer.
    pub async fn row(&mut self, sql: &str, given: &[Given<'_>]) -> Result<Option<Row>, VerifyError> {
        Ok(self.rows(sql, given).await?.into_iter().next())
    }

    /// A statement that counts.
    pub async fn count(&mut self, sql: &str) -> Result<u64, VerifyError> {
        self.row(sql, &[]).await?.map_or(Ok(0), |row| row.count(0))
    }
}

/// Replaces the words in braces: `{us:COLUMN}` an instant as microseconds, `{iso:COLUMN}` a day as text,
/// `{at:MICROSECONDS}` an instant and `{on:DAY}` a day that were worked out here.
fn written_for(sql: &str, file: bool) -> String {
    let mut text = String::with_capacity(sql.len() + 64);
    let mut rest = sql;
    while let Some((before, (word, of), after)) = next_word(rest) {
        text.push_str(before);
        text.push_str(&match (word, file) {
            ("us" | "iso" | "at", true) => of.to_owned(),
            ("on", true) => format!("'{of}'"),
            ("us", false) => format!("cast(extract(epoch from {of}) * 1000000 as bigint)"),
            ("iso", false) => format!("to_char({of}, 'YYYY-MM-DD')"),
            ("at", false) => format!("(timestamptz 'epoch' + {of} * interval '1 microsecond')"),
            ("on", false) => format!("date '{of}'"),
            _ => format!("{{{word}:{of}}}"),
        });
        rest = after;
    }
    text.push_str(rest);
    text
}

/// What stands before the next word in braces, the word, and what stands after it.
fn next_word(sql: &str) -> Option<(&str, (&str, &str), &str)> {
    let (before, rest) = sql.split_once('{')?;
    let (word, after) = rest.split_once('}')?;
    Some((before, word.split_once(':').unwrap_or((word, "")), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_text_serves_both_engines() {
        let sql = "select {us:closed_at} from days where day <= {on:2022-11-20} and closed_at < {at:5}";
        let file = "select closed_at from days where day <= '2022-11-20' and closed_at < 5";
        let server = "select cast(extract(epoch from closed_at) * 1000000 as bigint) from days where day <= date '2022-11-20' \
                      and closed_at < (timestamptz 'epoch' + 5 * interval '1 microsecond')";
        assert_eq!(written_for(sql, true), file);
        assert_eq!(written_for(sql, false), server);
    }

    #[test]
    fn passwords_are_not_repeated() {
        assert_eq!(without_password("postgres://me:secret@host/db"), "postgres://...@host/db");
        assert_eq!(without_password("out/dayclear.db"), "out/dayclear.db");
    }
}
