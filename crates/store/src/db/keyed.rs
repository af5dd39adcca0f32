//! Questions and commands about a list of keys, or of rows of values. However long it is, the list is one parameter of one statement, so that the statement is
//! prepared once on either engine: an array on PostgreSQL, a JSON array on SQLite. It may use nothing but the handle; it guarantees
//! that an empty list asks nothing.

use super::{Inner, Scoped};
use crate::{
    StoreError,
    value::{self, Record, Value},
};
use sqlx::AssertSqlSafe;
use std::sync::Arc;

/// Keys of one statement at most.
const KEYS_MAX: usize = 20_000;

impl Scoped {
    /// Rows for a list of keys. `sql` has `in ({keys})` where the list goes, and `{scope}` where the range of this handle's scope
    /// goes, written for the column named in it: `{scope:p.division}`; or `{people:v.person}` after the list, where only the
    /// person is known. The statement takes no other parameter. Very long lists are asked for in parts.
    pub(crate) async fn rows_for_keys(&mut self, sql: &str, keys: &[Value<'_>]) -> Result<Vec<Record>, StoreError> {
        let (low, high) = self.scope.range();
        let mut text = sql.to_owned();
        let mut fixed: Vec<Value<'_>> = Vec::new();
        while let Some((before, column, after)) = marked(&text, "{scope:") {
            // no index of divisions serves it: a plan for any values would take that for a short way, and walk a whole city for each key
            text = format!("{before}({column} || '' >= $1 and {column} || '' < $2){after}");
            if fixed.is_empty() {
                fixed.extend([low.clone().into(), high.clone().into()]);
            }
        }
        if let Some((before, column, after)) = marked(&text, "{people:") {
            let (test, range) = self.people_within(column, fixed.len() + 1);
            text = format!("{before}{test}{after}");
            fixed.extend(range);
        }
        self.rows_of_keys(&text, &fixed, keys).await
    }

    /// Rows for a list of keys. `fixed` are the first parameters, and `in ({keys})` stands where the list goes.
    pub(crate) async fn rows_of_keys(
        &mut self,
        sql: &str,
        fixed: &[Value<'_>],
        keys: &[Value<'_>],
    ) -> Result<Vec<Record>, StoreError> {
        let sql: Arc<str> = self.listing(sql, fixed.len() + 1).into();
        let mut all = Vec::new();
        for some in keys.chunks(KEYS_MAX) {
            self.fuse.step()?;
            let sql = AssertSqlSafe(Arc::clone(&sql));
            match &mut self.inner {
                Inner::File(t) => {
                    let rows = sqlx::query_with(sql, value::sqlite_list(fixed, some)?).fetch_all(&mut **t).await?;
                    all.extend(rows.into_iter().map(Record::File));
                }
                Inner::Server(t) => {
                    let rows = sqlx::query_with(sql, value::postgres_list(fixed, some)?).fetch_all(&mut **t).await?;
                    all.extend(rows.into_iter().map(Record::Server));
                }
            }
        }
        Ok(all)
    }

    /// Runs a statement for a list of keys; the number of rows it touched. `fixed` are the first parameters, and
    /// `in ({keys})` stands where the list goes.
    pub(crate) async fn run_for_keys(
        &mut self,
        sql: &str,
        fixed: &[Value<'_>],
        keys: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let sql: Arc<str> = self.listing(sql, fixed.len() + 1).into();
        let mut touched = 0;
        for some in keys.chunks(KEYS_MAX) {
            self.fuse.write()?;
            let sql = AssertSqlSafe(Arc::clone(&sql));
            touched += match &mut self.inner {
                Inner::File(t) => {
                    sqlx::query_with(sql, value::sqlite_list(fixed, some)?).execute(&mut **t).await?.rows_affected()
                }
                Inner::Server(t) => {
                    sqlx::query_with(sql, value::postgres_list(fixed, some)?).execute(&mut **t).await?.rows_affected()
                }
            };
        }
        Ok(touched)
    }

    /// Runs a statement for many rows of values at once; the number of rows it touched. `fixed` are the first parameters, and where
    /// `{rows}` stands goes what is given, as `p` with these columns: `update t set a = p.a from {rows} where t.key = p.key`.
    pub(crate) async fn run_for_rows(
        &mut self,
        sql: &str,
        fixed: &[Value<'_>],
        columns: &[&str],
        values: &[Value<'_>],
    ) -> Result<u64, StoreError> {
        let (width, first) = (columns.len(), fixed.len() + 1);
        let mut touched = 0;
        for some in values.chunks(KEYS_MAX * width) {
            self.fuse.write()?;
            touched += match &mut self.inner {
                Inner::File(t) => {
                    let sql = AssertSqlSafe(sql.replace("{rows}", &rows_of_file(first, columns)));
                    let given = value::sqlite_rows(fixed, some, width)?;
                    sqlx::query_with(sql, given).execute(&mut **t).await?.rows_affected()
                }
                Inner::Server(t) => {
                    let (given, kinds) = value::postgres_columns(fixed, some, width)?;
                    let sql = AssertSqlSafe(sql.replace("{rows}", &rows_of_server(first, columns, &kinds)));
                    sqlx::query_with(sql, given).execute(&mut **t).await?.rows_affected()
                }
            };
        }
        Ok(touched)
    }

    /// Rows for many rows of values, which stand where `{rows}` does, as in [`Scoped::run_for_rows`].
    pub(crate) async fn rows_for_rows(
        &mut self,
        sql: &str,
        columns: &[&str],
        values: &[Value<'_>],
    ) -> Result<Vec<Record>, StoreError> {
        let width = columns.len();
        let mut all = Vec::new();
        for some in values.chunks(KEYS_MAX * width) {
            self.fuse.step()?;
            match &mut self.inner {
                Inner::File(t) => {
                    let sql = AssertSqlSafe(sql.replace("{rows}", &rows_of_file(1, columns)));
                    let rows = sqlx::query_with(sql, value::sqlite_rows(&[], some, width)?).fetch_all(&mut **t).await?;
                    all.extend(rows.into_iter().map(Record::File));
                }
                Inner::Server(t) => {
                    let (given, kinds) = value::postgres_columns(&[], some, width)?;
                    let sql = AssertSqlSafe(sql.replace("{rows}", &rows_of_server(1, columns, &kinds)));
                    let rows = sqlx::query_with(sql, given).fetch_all(&mut **t).await?;
                    all.extend(rows.into_iter().map(Record::Server));
                }
            }
        }
        Ok(all)
    }

    /// A statement with a list as its one parameter `at`: the same text for lists of any length, so that it is prepared once.
    fn listing(&self, sql: &str, at: usize) -> String {
        match self.is_server() {
            true => sql.replace(" in ({keys})", &format!(" = any(${at})")),
            false => sql.replace("{keys}", &format!("select value from json_each(${at})")),
        }
    }
}

/// Rows as SQLite reads them from one parameter.
fn rows_of_file(at: usize, columns: &[&str]) -> String {
    let named = columns.iter().enumerate().map(|(at, name)| format!("value ->> {at} as \"{name}\""));
    format!("(select {} from json_each(${at})) p", named.collect::<Vec<_>>().join(", "))
}

/// Rows as PostgreSQL reads them from a parameter for each column, the first one of them `at`.
fn rows_of_server(at: usize, columns: &[&str], kinds: &[&str]) -> String {
    let arrays = kinds.iter().enumerate().map(|(column, kind)| format!("${}::{kind}", at + column));
    let named = columns.iter().map(|name| format!("\"{name}\""));
    format!("unnest({}) as p({})", arrays.collect::<Vec<_>>().join(", "), named.collect::<Vec<_>>().join(", "))
}

/// What stands before a mark such as `{scope:p.division}`, the column in it, and what stands after it.
fn marked<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str, &'t str)> {
    let (before, rest) = text.split_once(mark)?;
    let (column, after) = rest.split_once('}')?;
    Some((before, column, after))
}
