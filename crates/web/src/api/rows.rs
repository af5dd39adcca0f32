//! Rows of a body, from JSON, NDJSON or CSV to what the readers of files take: whatever the way, a row meets the same
//! checks and gets the same answer. Shape is refused at once and as a whole (no object, an unknown field, a list as a
//! value); what a value says is judged row by row.

use super::{asking, imports::XLSX, values};
use crate::problem::Problem;
use bytes::Bytes;
use dayclear_core::{schema::Table, time::Zone};
pub use dayclear_ops::evidence::ROWS_MAX;
use dayclear_ops::{
    OpsError,
    desk::{FieldFault, Refusal},
};
use dayclear_tabular::{Format, Reader, Writer};
use serde_json::{Map, Value};

/// Faults of shape that are named at most.
const FAULTS_MAX: usize = 20;

/// Rows as a table of text.
pub struct Rows {
    /// The table, as CSV with its header.
    pub csv: Bytes,
    /// Whether it is one row, taken whole or not at all.
    pub single: bool,
    /// Line on which each row begins and its place in the array, where rows have no lines of their own.
    begins: Option<Vec<(u64, u64)>>,
    /// Places of rows in which nothing stands: a file has no such rows, an array may.
    pub empty: Vec<u64>,
}

impl Rows {
    /// Reads a body. `media` is its media type.
    pub fn read(media: &str, body: Bytes, table: &'static Table, zone: &Zone) -> Result<Rows, Problem> {
        match media {
            // the reader of files knows a workbook by its first bytes
            "text/csv" | XLSX => Ok(Rows { csv: body, single: false, begins: None, empty: Vec::new() }),
            "application/json" => match serde_json::from_slice::<Value>(&body) {
                Ok(Value::Object(row)) => Self::one(&row, table, zone),
                Ok(Value::Array(rows)) => Self::many(rows, table, zone),
                Ok(_) => Err(asking::no_json("expected one row as an object, or an array of rows")),
                Err(error) => Err(asking::no_json(format!(
                    "line {}, column {}: expected JSON in UTF-8; check the quotes and commas there",
                    error.line(),
                    error.column()
                ))),
            },
            "application/x-ndjson" => {
                let mut rows = Vec::new();
                for (at, line) in body.split(|byte| *byte == b'\n').enumerate() {
                    if line.iter().all(u8::is_ascii_whitespace) {
                        continue;
                    }
                    let row = serde_json::from_slice::<Value>(line);
                    rows.push(row.map_err(|error| {
                        asking::no_json(format!(
                            "line {}, column {}: expected one row as an object; check the quotes and commas there",
                            at + 1,
                            error.column()
                        ))
                    })?);
                }
                Self::many(rows, table, zone)
            }
            other => {
                Err(asking::other_media(other, &format!("application/json, application/x-ndjson, text/csv, {XLSX}")))
            }
        }
    }

    fn one(row: &Map<String, Value>, table: &'static Table, zone: &Zone) -> Result<Rows, Problem> {
        let given = values::given(table.columns, row, zone)?;
        let cells = table.columns.iter().map(|column| given.get(column.name).cloned().unwrap_or_default()).collect();
        let (csv, begins) = written(table, zone, &[(1, cells)])?;
        Ok(Rows { csv, single: true, begins: Some(begins), empty: Vec::new() })
    }

    fn many(rows: Vec<Value>, table: &'static Table, zone: &Zone) -> Result<Rows, Problem> {
        if rows.len() > ROWS_MAX {
            let expected = format!("at most {ROWS_MAX} rows");
            let fault =
                values::fault("", &rows.len().into(), &expected, "send them in parts, or import them as a file");
            return Err(Refusal::Invalid(vec![fault]).into());
        }
        let mut faults: Vec<FieldFault> = Vec::new();
        let mut texts: Vec<(u64, Vec<String>)> = Vec::with_capacity(rows.len());
        let mut empty = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            match cells(at, row, table) {
                Ok(cells) if cells.iter().all(|cell| cell.trim().is_empty()) => empty.push(at as u64 + 1),
                Ok(cells) => texts.push((at as u64 + 1, cells)),
                Err(fault) => {
                    faults.push(*fault);
                    if faults.len() >= FAULTS_MAX {
                        break;
                    }
                }
            }
        }
        if !faults.is_empty() {
            return Err(Refusal::Invalid(faults).into());
        }
        let (csv, begins) = written(table, zone, &texts)?;
        Ok(Rows { csv, single: false, begins: Some(begins), empty })
    }

    /// Whether no row is there to be taken.
    pub fn nothing(&self, mut reader: Reader) -> Result<bool, Problem> {
        Ok(reader.next_row().map_err(|error| OpsError::Table(Box::new(error)))?.is_none())
    }

    /// Place of a row as the sender counts: the line of a text, or the place in the array, from 1.
    pub fn place(&self, line: u64) -> u64 {
        match &self.begins {
            None => line,
            Some(begins) => {
                let behind = begins.partition_point(|(begin, _)| *begin <= line);
                behind.checked_sub(1).and_then(|at| begins.get(at)).map_or(0, |(_, place)| *place)
            }
        }
    }
}

/// The cells of a row as texts, in the order of the table.
fn cells(place: usize, row: &Value, table: &Table) -> Result<Vec<String>, Box<FieldFault>> {
    let wrong = |field: String, value: &Value, expected: &str, remedy: &str| {
        Box::new(values::fault(&format!("[{place}]{field}"), value, expected, remedy))
    };
    let Value::Object(object) = row else {
        return Err(wrong(String::new(), row, "an object", "write the row between { and }"));
    };
    let mut cells = vec![String::new(); table.columns.len()];
    for (name, value) in object {
        let Some(at) = table.position(name) else {
            let known: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            let expected = format!("one of the columns: {}", known.join(", "));
            return Err(wrong(format!(".{name}"), value, &expected, "leave it out, or correct its name"));
        };
        cells[at] = match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => if *truth { "yes" } else { "no" }.to_owned(),
            other => return Err(wrong(format!(".{name}"), other, "a plain value", "give a text or a number")),
        };
    }
    Ok(cells)
}

type Written = (Bytes, Vec<(u64, u64)>);

/// Rows as CSV, and the line on which each begins.
fn written(table: &'static Table, zone: &Zone, rows: &[(u64, Vec<String>)]) -> Result<Written, Problem> {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let mut writer = Writer::new(Format::Csv, Vec::new(), table.name, &columns, zone).map_err(Problem::inside)?;
    let mut begins = Vec::with_capacity(rows.len());
    let mut line = 2;
    for (place, row) in rows {
        begins.push((line, *place));
        line += 1 + row.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>();
        let values: Vec<_> = row
            .iter()
            .map(|cell| match cell.is_empty() {
                true => dayclear_tabular::Value::Empty,
                false => dayclear_tabular::Value::Text(cell),
            })
            .collect();
        writer.row(&values).map_err(Problem::inside)?;
    }
    let (_, csv) = writer.finish().map_err(Problem::inside)?;
    Ok((csv.into(), begins))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayclear_core::schema::REQUESTS;
    use dayclear_tabular::{Options, Reader};
    use serde_json::json;
    use std::io::Cursor;

    #[test]
    fn a_doubt_names_the_place_in_the_array_whatever_the_lines() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let row = |n: usize, text: &str| {
            json!({"request": format!("R{n}"), "kind": if n == 2 { "no such" } else { "medicine" },
                "division": "500103", "received_at": "2022-11-20T08:00:00+08:00", "text": text})
        };
        let body = json!([{}, row(1, "a\nb\nc"), row(2, "=1+1\nx"), row(3, "'=1")]);
        let rows = Rows::read("application/json", body.to_string().into(), &REQUESTS, &zone).unwrap();
        let input = Cursor::new(rows.csv.clone());
        let mut reader = Reader::new("requests", input, &REQUESTS, &Options::new(zone)).unwrap();
        let mut seen = Vec::new();
        while let Some(row) = reader.next_row().unwrap() {
            seen.push(match row {
                Ok(row) => (rows.place(row.number()), row.text(7).unwrap_or_default().to_owned()),
                Err(fault) => (rows.place(fault.row), fault.column),
            });
        }
        let texts = [(2, "a\nb\nc".to_owned()), (3, "kind".to_owned()), (4, "'=1".to_owned())];
        assert_eq!(rows.empty, [1]);
        assert_eq!(seen, texts);
    }
}
