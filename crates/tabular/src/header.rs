//! The header of a file against the columns of its table. Names count exactly, or through a mapping that a person gave;
//! nothing is guessed, but the nearest name is suggested.

use crate::{
    fault::{Code, TableError, nearest, shorten},
    records::{Field, Records, Shape},
    sheet::MAX_WIDTH,
};
use dayclear_core::schema::Table;
use std::collections::BTreeMap;

/// A column of the file that the table does not declare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// Its header.
    pub name: String,
    /// The column that may have been meant.
    pub nearest: Option<&'static str>,
}

/// Where the columns of a table stand in a file.
#[derive(Debug)]
pub(crate) struct Header {
    /// For each column of the table, its place in the file.
    pub places: Vec<Option<usize>>,
    /// Names in the file.
    pub names: Vec<String>,
    pub ignored: Vec<Ignored>,
}

/// A name as it counts: without spaces around it.
pub(crate) fn clean(name: &str) -> &str {
    name.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// How many columns of the table a header names.
fn known(names: &[String], table: &Table, mapping: &BTreeMap<String, String>) -> usize {
    let names = names.iter().map(|name| mapping.get(name).unwrap_or(name));
    names.filter(|name| table.position(name).is_some()).count()
}

impl Header {
    pub fn read(
        file: &str,
        row: u64,
        names: Vec<String>,
        table: &'static Table,
        mapping: &BTreeMap<String, String>,
    ) -> Result<Header, TableError> {
        for (header, column) in mapping {
            let what = if table.position(column).is_none() {
                "the table has no such column"
            } else if !names.contains(header) {
                "the file has no such header"
            } else {
                continue;
            };
            let (header, column) = (header.clone(), column.clone());
            return Err(TableError::Mapping { file: file.to_owned(), header, column, what });
        }
        let mut places = vec![None; table.columns.len()];
        let mut ignored = Vec::new();
        for (at, name) in names.iter().enumerate() {
            let repeated = || TableError::RepeatedColumn { file: file.to_owned(), row, column: shorten(name, 80) };
            if name.is_empty() {
                continue;
            }
            if names[..at].contains(name) {
                return Err(repeated());
            }
            match table.position(mapping.get(name).unwrap_or(name)) {
                Some(column) if places[column].is_some() => return Err(repeated()),
                Some(column) => places[column] = Some(at),
                None => ignored.push(name),
            }
        }
        let open = |place: usize| places[place].is_none();
        let missing: Vec<String> = (0..places.len())
            .filter(|place| open(*place) && table.columns[*place].required)
            .map(|place| {
                let name = table.columns[place].name;
                match nearest(name, ignored.iter().map(|name| name.as_str())) {
                    Some(near) => format!("'{name}' (is it '{}'?)", shorten(near, 80)),
                    None => format!("'{name}'"),
                }
            })
            .collect();
        if !missing.is_empty() {
            let found = shorten(&names.join(", "), 400);
            return Err(TableError::MissingColumns { file: file.to_owned(), row, columns: missing.join(", "), found });
        }
        let free = || (0..places.len()).filter(|place| open(*place)).map(|place| table.columns[place].name);
        let ignored = ignored
            .into_iter()
            .map(|name| Ignored { name: shorten(name, 80), nearest: nearest(name, free()) })
            .collect();
        Ok(Header { places, names, ignored })
    }
}

/// The header of a text file, with the delimiter by which it names most columns.
pub(crate) fn text_header(
    file: &str,
    records: &mut Records,
    table: &Table,
    mapping: &BTreeMap<String, String>,
) -> Result<Option<(Vec<String>, u8)>, TableError> {
    let damaged = |what: String| TableError::Damaged { file: file.to_owned(), part: "its header".to_owned(), what };
    loop {
        let mut best: Option<((usize, usize), Vec<String>, u8)> = None;
        let mut broken = false;
        for delimiter in *b",;\t" {
            if delimiter != b',' {
                records.again();
            }
            records.expect(delimiter, None);
            let shape = loop {
                match records.next().map_err(|source| TableError::Io { file: file.to_owned(), source })? {
                    None => return Ok(None),
                    Some(Shape::Blank) => {}
                    Some(shape) => break shape,
                }
            };
            if shape == Shape::Bad(Code::TooLong) {
                return Err(damaged(format!("line {} is longer than any header", records.line())));
            }
            let name =
                |field: &Field| clean(&String::from_utf8_lossy(records.bytes(*field)).replace("\"\"", "\"")).to_owned();
            let names: Vec<String> = records.fields().iter().map(name).collect();
            let score = (known(&names, table, mapping), names.len());
            broken |= shape != Shape::Good;
            if shape == Shape::Good && best.as_ref().is_none_or(|(most, ..)| score > *most) {
                best = Some((score, names, delimiter));
            }
        }
        let Some((_, names, delimiter)) = best.filter(|((known, _), ..)| *known > 0 || !broken) else {
            let line = records.line();
            return Err(damaged(format!("a quote in line {line} is not closed, or text follows a closing quote")));
        };
        // Once more with the right delimiter, so that reading goes on where the header ends by it.
        records.again();
        records.expect(delimiter, None);
        records.next().map_err(|source| TableError::Io { file: file.to_owned(), source })?;
        // A line such as `sep=;` tells a spreadsheet the delimiter, and is no header.
        if names.len() <= 2 && names[0].to_ascii_lowercase().starts_with("sep=") {
            continue;
        }
        if names.len() > MAX_WIDTH {
            return Err(damaged(format!("it has more than {MAX_WIDTH} columns")));
        }
        return Ok(Some((names, delimiter)));
    }
}
