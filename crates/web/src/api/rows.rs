//! Rows of a body, from JSON, NDJSON or CSV to what the readers of files take: whatever the way, a row meets the same
//! checks and gets the same answer. Shape is refused at once and as a whole (no object, an unknown field, a list as a
//! value); what a value says is judged row by row.

use super::{asking, values};
use crate::problem::Problem;
use bytes::Bytes;
use dayclear_core::{schema::Table, time::Zone};
use dayclear_ops::desk::{FieldFault, Refusal};
use dayclear_tabular::{Format, Writer};
use serde_json::{Map, Value};

/// Rows of one request at most; more come as a file.
pub const ROWS_MAX: usize = 20_000;
/// Faults of shape that are named at most.
const FAULTS_MAX: usize = 20;

/// Rows as a table of text.
pub struct Rows {
    /// The table, as CSV with its header.
    pub csv: Bytes,
    /// Whether it is one row, taken whole or not at all.
    pub single: bool,
    /// Line on which each row begins, where rows have no lines of their own.
    begins: Option<Vec<u64>>,
}

impl Rows {
    /// Reads a body. `media` is its media type.
    pub fn read(media: &str, body: Bytes, table: &'static Table, zone: &Zone) -> Result<Rows, Problem> {
        match media {
            "text/csv" => Ok(Rows { csv: body, single: false, begins: None }),
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
            other => Err(asking::other_media(other, "application/json, application/x-ndjson, text/csv")),
        }
    }

    fn one(row: &Map<String, Value>, table: &'static Table, zone: &Zone) -> Result<Rows, Problem> {
        let given = values::given(table.columns, row, zone)?;
        let cells = table.columns.iter().map(|column| given.get(column.name).cloned().unwrap_or_default()).collect();
        let (csv, begins) = written(table, zone, &[cells])?;
        Ok(Rows { csv, single: true, begins: Some(begins) })
    }

    fn many(rows: Vec<Value>, table: &'static Table, zone: &Zone) -> Result<Rows, Problem> {
        if rows.len() > ROWS_MAX {
            return Err(asking::too_long(crate::BODY_BYTES_MAX));
        }
        let mut faults: Vec<FieldFault> = Vec::new();
        let mut texts: Vec<Vec<String>> = Vec::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            match cells(row, table) {
                Ok(cells) => texts.push(cells),
                Err((field, value, expected, remedy)) => {
                    faults.push(values::fault(&format!("[{at}]{field}"), &value, &expected, remedy));
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
        Ok(Rows { csv, single: false, begins: Some(begins) })
    }

    /// Place of a row as the sender counts: the line of a text, or the place in the array, from 1.
    pub fn place(&self, line: u64) -> u64 {
        match &self.begins {
            None => line,
            Some(begins) => begins.partition_point(|begin| *begin <= line) as u64,
        }
    }
}

type Wrong = (String, Value, String, &'static str);

/// The cells of a row as texts, in the order of the table.
fn cells(row: &Value, table: &Table) -> Result<Vec<String>, Wrong> {
    let Value::Object(row) = row else {
        return Err((String::new(), row.clone(), "an object".to_owned(), "write the row between { and }"));
    };
    let mut cells = vec![String::new(); table.columns.len()];
    for (name, value) in row {
        let field = || format!(".{name}");
        let Some(at) = table.position(name) else {
            let known: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            let expected = format!("one of the columns: {}", known.join(", "));
            return Err((field(), value.clone(), expected, "leave it out, or correct its name"));
        };
        cells[at] = match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Bool(truth) => if *truth { "yes" } else { "no" }.to_owned(),
            other => return Err((field(), other.clone(), "a plain value".to_owned(), "give a text or a number")),
        };
    }
    if cells.iter().all(|cell| cell.trim().is_empty()) {
        let expected = "a row in which something stands".to_owned();
        return Err((String::new(), Value::Object(row.clone()), expected, "fill it in, or leave it out"));
    }
    Ok(cells)
}

/// Rows as CSV, and the line on which each begins.
fn written(table: &'static Table, zone: &Zone, rows: &[Vec<String>]) -> Result<(Bytes, Vec<u64>), Problem> {
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let mut writer = Writer::new(Format::Csv, Vec::new(), table.name, &columns, zone).map_err(Problem::inside)?;
    let mut begins = Vec::with_capacity(rows.len());
    let mut line = 2;
    for row in rows {
        begins.push(line);
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
        let body = json!([row(1, "a\nb\nc"), row(2, "=1+1\nx"), row(3, "'=1")]);
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
        let texts = [(1, "a\nb\nc".to_owned()), (2, "kind".to_owned()), (3, "'=1".to_owned())];
        assert_eq!(seen, texts);
    }
}
