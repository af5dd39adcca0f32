//! What a row says, as canonical text: its key, its digest, its cells. Pure; two rows that say the same have the same text,
//! whatever file they came in.

use dayclear_core::{
    schema::{Kind, Table},
    time::Instant,
};
use dayclear_store::value::Value;
use dayclear_tabular::{Cell, Row};
use std::{collections::BTreeSet, sync::Arc};

/// A column in which only some values may stand, for whoever gives the rows: what is not theirs is not known to them.
#[derive(Debug, Clone)]
pub struct Only {
    /// Column.
    pub column: &'static str,
    /// Values; an empty cell is left to the declaration.
    pub values: BTreeSet<String>,
    /// What was expected.
    pub expected: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

/// The latest moment that a row tells of, of those that every row of its table must have.
pub fn latest(table: &Table, row: &Row<'_>) -> Option<Instant> {
    let moments = table.columns.iter().enumerate().filter(|(_, column)| column.required && column.kind == Kind::Moment);
    moments.filter_map(|(at, _)| row.moment(at)).max()
}

/// A cell as a value of its column.
pub fn value(kind: Kind, cell: Cell<'_>) -> Value<'static> {
    match (kind, cell) {
        (Kind::Whole(..), Cell::Whole(n)) => n.into(),
        (Kind::Whole(..), _) => Value::Whole(None),
        (Kind::Real(..), Cell::Real(n)) => n.into(),
        (Kind::Real(..), Cell::Whole(n)) => (n as f64).into(),
        (Kind::Real(..), _) => Value::Real(None),
        (Kind::Day, Cell::Day(day)) => day.into(),
        (Kind::Day, _) => Value::Day(None),
        (Kind::Moment, Cell::Moment(at)) => at.into(),
        (Kind::Moment, _) => Value::Moment(None),
        (_, Cell::Empty) => Value::Text(None),
        (_, Cell::Text(text)) => Arc::<str>::from(text).into(),
        (kind, cell) => {
            let mut text = String::new();
            write(kind, cell, &mut text);
            text.into()
        }
    }
}

/// A cell as canonical text, for keys and digests.
pub fn write(kind: Kind, cell: Cell<'_>, out: &mut String) {
    use std::fmt::Write as _;
    // writing to a string does not fail
    let _ = match (kind, cell) {
        (_, Cell::Empty) => Ok(()),
        (_, Cell::Text(text)) => out.write_str(text),
        (_, Cell::Whole(n)) => write!(out, "{n}"),
        (_, Cell::Real(n)) => write!(out, "{n}"),
        (_, Cell::Day(day)) => write!(out, "{day}"),
        (_, Cell::Moment(at)) => write!(out, "{}", at.micros()),
        (Kind::OneOf(terms), Cell::Term(term)) => out.write_str(terms[term]),
        (Kind::ManyOf(terms), Cell::Terms(set)) => {
            let names: Vec<&str> = set.iter().filter_map(|term| terms.get(term).copied()).collect();
            out.write_str(&names.join(";"))
        }
        (_, Cell::Term(_) | Cell::Terms(_)) => Ok(()),
    };
}

/// The key of a row: its key columns, separated by a bar.
pub fn key(table: &Table, row: &Row<'_>) -> String {
    let mut key = String::with_capacity(32);
    for (n, name) in table.key.iter().enumerate() {
        if n > 0 {
            key.push('|');
        }
        if let Some(at) = table.position(name) {
            write(table.columns[at].kind, row.cell(at), &mut key);
        }
    }
    key
}

/// Columns that were added to a table when stores held rows of it already.
const LATER: [(&str, &str); 1] = [("results", "ct_ic")];

/// A digest of what a row says, stable over time (FNV-1a, 64 bits): it tells a repeated row from a changed one.
pub fn digest(table: &Table, row: &Row<'_>) -> i64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut eat = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    };
    let mut text = String::with_capacity(32);
    for (at, column) in table.columns.iter().enumerate() {
        // a row that says nothing of a column which came later is the same row as before there was one
        if matches!(row.cell(at), Cell::Empty) && LATER.contains(&(table.name, column.name)) {
            continue;
        }
        match row.cell(at) {
            Cell::Text(text) => eat(text.as_bytes()),
            cell => {
                text.clear();
                write(column.kind, cell, &mut text);
                eat(text.as_bytes());
            }
        }
        eat(&[0x1f]);
    }
    hash as i64
}
