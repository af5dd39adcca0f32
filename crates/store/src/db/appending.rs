//! Many rows into a table, by the fastest way of each engine: on SQLite inserts of many rows; on PostgreSQL an array for each column, so
//! that the statement is the same for any number of rows, or binary COPY. It may use nothing but the handle; it
//! guarantees that appending is one step of a drill on either engine, however many statements it takes.

use super::{Inner, Scoped};
use crate::{
    StoreError,
    value::{self, Value},
};
use sqlx::AssertSqlSafe;
use std::sync::Arc;

impl Scoped {
    /// Appends rows by the fastest path of the engine.
    /// `width` values make a row; `values` holds the rows one after the other.
    pub(crate) async fn append(
        &mut self,
        table: &str,
        columns: &[&str],
        values: &[Value<'_>],
    ) -> Result<(), StoreError> {
        self.fuse.write()?;
        self.land(table, columns, values).await
    }

    async fn land(&mut self, table: &str, columns: &[&str], values: &[Value<'_>]) -> Result<(), StoreError> {
        match &mut self.inner {
            Inner::Server(transaction) if values.len() > ARRAY_ROWS_MAX * columns.len() => {
                let names = names(columns);
                let mut copy =
                    transaction.copy_in_raw(&format!("copy {table} ({names}) from stdin (format binary)")).await?;
                let mut buffer = Vec::with_capacity(1 << 20);
                buffer.extend_from_slice(b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0");
                for row in values.chunks(columns.len()) {
                    buffer.extend_from_slice(&(columns.len() as i16).to_be_bytes());
                    row.iter().for_each(|value| value::pack(&mut buffer, value));
                    if buffer.len() > (1 << 20) - 4096 {
                        copy.send(buffer.as_slice()).await?;
                        buffer.clear();
                    }
                }
                buffer.extend_from_slice(&(-1i16).to_be_bytes());
                copy.send(buffer.as_slice()).await?;
                copy.finish().await?;
                Ok(())
            }
            _ => self.insert(table, columns, values, "").await.map(|_| ()),
        }
    }

    /// Appends rows and passes over those whose key is there already; the number appended.
    pub(crate) async fn append_new(
        &mut self,
        table: &str,
        columns: &[&str],
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        self.fuse.write()?;
        if !self.is_server() || values.len() <= ARRAY_ROWS_MAX * columns.len() {
            return self.insert(table, columns, values, " on conflict do nothing").await;
        }
        // COPY cannot pass over a conflict, so the rows land beside the table first
        let (staging, names) = (format!("staging_{table}"), names(columns));
        let create = format!(
            "create temp table if not exists {staging} (like {table} including defaults) on commit delete rows"
        );
        self.execute(create.into(), &[]).await?;
        self.land(&staging, columns, values).await?;
        let take = format!("insert into {table} ({names}) select {names} from {staging} on conflict do nothing");
        let added = self.execute(take.into(), &[]).await?;
        self.execute(format!("delete from {staging}").into(), &[]).await?;
        Ok(added)
    }

    /// Appends rows by inserts of many; the number of those that were new.
    async fn insert(
        &mut self,
        table: &str,
        columns: &[&str],
        values: &[Value<'_>],
        end: &str,
    ) -> Result<u64, StoreError> {
        let (width, names) = (columns.len(), names(columns));
        if values.is_empty() {
            return Ok(0);
        }
        match &mut self.inner {
            Inner::Server(transaction) => {
                let (arguments, kinds) = value::postgres_columns(&[], values, width)?;
                let arrays: Vec<String> =
                    kinds.iter().enumerate().map(|(at, kind)| format!("${}::{kind}", at + 1)).collect();
                let sql = format!("insert into {table} ({names}) select * from unnest({}){end}", arrays.join(", "));
                Ok(sqlx::query_with(AssertSqlSafe(sql), arguments).execute(&mut **transaction).await?.rows_affected())
            }
            Inner::File(transaction) => {
                // SQLite takes 32,766 parameters a statement; beyond some hundred rows nothing is gained (stack.md, 5), and it
                // looks a numbered parameter up among all of them
                let rows_max = (16_000 / width).clamp(1, 500);
                let statement = |rows: usize| -> Arc<str> {
                    let row = format!("({})", vec!["?"; width].join(","));
                    format!("insert into {table} ({names}) values {}{end}", vec![row; rows].join(",")).into()
                };
                let (mut added, mut rest) = (0, values);
                while !rest.is_empty() {
                    let rows = rest.len() / width;
                    let kept = KEPT_ROWS.into_iter().chain([rows_max]).filter(|kept| *kept <= rows).max();
                    let kept = kept.filter(|kept| *kept == rows || *kept >= WORTH_A_WAY);
                    let group = kept.unwrap_or(rows);
                    let (now, later) = rest.split_at(group * width);
                    let arguments = value::sqlite_arguments(now)?;
                    let query = sqlx::query_with(AssertSqlSafe(statement(group)), arguments).persistent(kept.is_some());
                    added += query.execute(&mut **transaction).await?.rows_affected();
                    rest = later;
                }
                Ok(added)
            }
        }
    }
}

/// Rows of an insert that SQLite keeps prepared for a table, beside the most of them: the parts of a call of many swabs have a hundred, and reading
/// and planning that anew is a good part of what landing them takes. Other numbers are not worth a place among the prepared statements.
const KEPT_ROWS: [usize; 3] = [1, 10, 100];
/// Rows from which on a group is worth a way of its own to the thread that writes.
const WORTH_A_WAY: usize = 100;

/// Rows that PostgreSQL takes as arrays. COPY ends with a message of its own, which over TCP waits some 40 ms for the answer to the
/// one before it, and one into a table beside has to be made first: as much as some thousands of rows cost.
const ARRAY_ROWS_MAX: usize = 10_000;

fn names(columns: &[&str]) -> String {
    columns.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ")
}
