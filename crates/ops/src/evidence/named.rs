//! What rows name: found in a reading before the one that takes them, so that the store is asked for that and for nothing
//! else. It may use the reader of files and the look-ups by key; it guarantees that what lies outside a duty is not known.

use super::{ROWS_MAX, invalid, open, unreadable};
use crate::{
    OpsError,
    desk::DeskError,
    references::{Names, References},
    rows::{self, Portion},
};
use dayclear_core::{
    schema::{Kind, Table},
    time::Zone,
};
use dayclear_store::{Scope, Scoped};
use dayclear_tabular::{Reader, TableError};
use std::collections::BTreeSet;

/// Ids and keys that stand in rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Named {
    /// Ids by column.
    pub names: Names,
    /// Keys of rows.
    pub keys: BTreeSet<String>,
    rows: usize,
}

impl Named {
    /// Of the rows of a call; more of them than a call may hold are refused.
    pub(crate) fn read(table: &'static Table, source: &str, text: &[u8], zone: &Zone) -> Result<Named, DeskError> {
        let mut rows = open(table, source, text, zone)?;
        let mut named = Named::default();
        while named.next(table, &mut rows).map_err(unreadable)?.is_some() {
            if named.rows > ROWS_MAX {
                let expected = format!("at most {ROWS_MAX} rows");
                return Err(invalid("rows", named.rows.to_string(), expected, "send them in parts"));
            }
        }
        if named.rows == 0 {
            return Err(invalid("rows", "0", "at least one row", "send a row"));
        }
        Ok(named)
    }

    /// Of the next portion of a file, as much as [`rows::Taker`] takes at a time; `None` at its end. `list` names the line
    /// list, or is empty.
    pub(crate) fn portion(table: &'static Table, rows: &mut Reader, list: &str) -> Result<Option<Named>, OpsError> {
        let mut named = Named::default();
        let mut portion = Portion::default();
        while !portion.full() {
            match named.next(table, rows).map_err(|error| OpsError::Table(Box::new(error)))? {
                Some(bytes) => portion.add(bytes),
                None => break,
            }
        }
        if !list.is_empty() {
            named.keys = named.keys.into_iter().map(|key| format!("{list}|{key}")).collect();
        }
        Ok(Some(named).filter(|named| named.rows > 0))
    }

    /// Notes the next row, also one that cannot be read whole: its length, or `None` at the end.
    fn next(&mut self, table: &'static Table, rows: &mut Reader) -> Result<Option<usize>, TableError> {
        let (length, key) = match rows.next_row()? {
            None => return Ok(None),
            Some(Ok(row)) => (row.length(), Some(rows::key(table, &row))),
            Some(Err(fault)) => (fault.raw.len(), None),
        };
        self.rows += 1;
        self.keys.extend(key);
        self.note(table, rows);
        Ok(Some(length))
    }

    /// Of so many rows that can be read whole; the rows as they came go to `text`.
    pub(super) fn few(
        table: &'static Table,
        rows: &mut Reader,
        count: u64,
        text: &mut Vec<u8>,
    ) -> Result<Named, TableError> {
        let mut named = Named::default();
        for _ in 0..count {
            let Some(Ok(row)) = rows.next_row()? else { break };
            named.rows += 1;
            named.keys.insert(rows::key(table, &row));
            text.extend_from_slice(row.raw().as_bytes());
            text.push(b'\n');
            named.note(table, rows);
        }
        Ok(named)
    }

    /// Adds what the rows of another call name.
    pub(super) fn join(&mut self, other: &Named) {
        for (column, ids) in &other.names {
            self.names.entry(column).or_default().extend(ids.iter().cloned());
        }
        self.keys.extend(other.keys.iter().cloned());
        self.rows += other.rows;
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> u64 {
        self.rows as u64
    }

    /// Notes the ids that stand in the row that was read last.
    fn note(&mut self, table: &'static Table, rows: &Reader) {
        for (at, column) in table.columns.iter().enumerate() {
            if let (Kind::Id | Kind::Division, Some(id)) = (column.kind, rows.said(at)) {
                let ids = self.names.entry(column.name).or_default();
                // neighbours mostly say the same
                if !ids.contains(id) {
                    ids.insert(id.to_owned());
                }
            }
        }
    }

    /// Ids in a column.
    pub(crate) fn of(&self, column: &str) -> Vec<&str> {
        self.names.get(column).into_iter().flatten().map(String::as_str).collect()
    }

    pub(crate) fn keys(&self) -> Vec<&str> {
        self.keys.iter().map(String::as_str).collect()
    }

    /// What the rows may refer to, within the duty. A swab may be of anybody, so members are looked for in the whole city;
    /// and what bears the key of a row is known wherever it lies.
    pub(crate) async fn references(
        &self,
        tx: &mut Scoped,
        table: &'static Table,
        duty: &Scope,
        city: &Scope,
    ) -> Result<References, OpsError> {
        let mut references = References::default();
        let mut theirs = self.names.clone();
        let mut anywhere = Names::new();
        let column = match table.name {
            "members" => Some("person"),
            "tubes" => Some("tube"),
            "people" => Some("person"),
            _ => None,
        };
        if let Some((name, ids)) = column.and_then(|name| theirs.remove_entry(name)) {
            anywhere.insert(name, ids);
        }
        references.load_named(tx, &theirs).await?;
        if matches!(table.name, "questions" | "answers") {
            references.questions = tx.questions().await?;
        }
        tx.widen(city);
        references.load_named(tx, &anywhere).await?;
        tx.widen(duty);
        Ok(references)
    }
}
