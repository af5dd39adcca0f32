//! Tables out: CSV, XLSX, JSON and NDJSON, row by row in constant memory. What it writes it can read again, and no
//! spreadsheet runs it: a text that begins like a formula gets an apostrophe in CSV, and the mark for text in XLSX.

use crate::cells::{needs_guard, starts_formula};
use dayclear_core::{
    terms,
    time::{CivilDate, Instant, Zone},
};
use rust_xlsxwriter::{Format as Style, Workbook, XlsxError};
use std::io::{self, Seek, SeekFrom, Write};
use thiserror::Error;

terms! {
    /// Format of an export.
    Format {
        /// Comma-separated, UTF-8, lines end in LF.
        Csv = "csv",
        /// The same with a byte order mark, by which Excel knows the encoding.
        CsvForExcel = "csv-excel",
        /// Workbook with one sheet.
        Xlsx = "xlsx",
        /// One array of objects.
        Json = "json",
        /// One object on each line.
        Ndjson = "ndjson",
    }
}

/// A value to write.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'v> {
    /// Nothing; unknown.
    Empty,
    /// Text. Stays text everywhere, also if it is a long number.
    Text(&'v str),
    /// A whole number.
    Whole(i64),
    /// A decimal number; one that is not finite is written as nothing.
    Real(f64),
    /// Yes or no; in CSV and XLSX as these words.
    Flag(bool),
    /// A day.
    Day(CivilDate),
    /// A point in time, written in the zone of the export with its offset.
    Moment(Instant),
}

impl<'v> From<Option<&'v str>> for Value<'v> {
    fn from(text: Option<&'v str>) -> Self {
        text.map_or(Value::Empty, Value::Text)
    }
}
impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Value::Text(text)
    }
}
impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Value::Whole(number)
    }
}
impl From<CivilDate> for Value<'_> {
    fn from(day: CivilDate) -> Self {
        Value::Day(day)
    }
}
impl From<Instant> for Value<'_> {
    fn from(at: Instant) -> Self {
        Value::Moment(at)
    }
}

/// Why an export failed.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The output could not be written.
    #[error("the export cannot be written ({0}); check the place and the free space")]
    Io(#[from] io::Error),
    /// A row with another number of values than there are columns.
    #[error("row {row} has {found} values for {columns} columns; this is a defect of the program")]
    Ragged {
        /// Row, the first below the header being 1.
        row: u64,
        /// Values given.
        found: usize,
        /// Columns of the export.
        columns: usize,
    },
    /// More rows or longer texts than a workbook can hold. Nothing is cut off in silence.
    #[error(
        "row {row}: a workbook holds at most 1,048,576 rows and 32,767 characters in a cell; export as csv instead"
    )]
    TooMuch {
        /// Row, the first below the header being 1.
        row: u64,
    },
    /// The workbook could not be made.
    #[error("the workbook cannot be made ({0})")]
    Workbook(String),
}

impl From<XlsxError> for WriteError {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::IoError(error) => WriteError::Io(error),
            other => WriteError::Workbook(other.to_string()),
        }
    }
}

enum Body<W: Write> {
    Csv(Box<csv::Writer<W>>),
    Xlsx { workbook: Box<Workbook>, styles: Box<Styles>, output: W },
    Lines { output: io::BufWriter<W>, array: bool },
}

struct Styles {
    text: Style,
    day: Style,
}

/// An export under way. [`Writer::finish`] must be called, or its end is missing.
pub struct Writer<W: Write> {
    body: Body<W>,
    columns: Vec<String>,
    zone: Zone,
    rows: u64,
    buffer: String,
}

/// The first day that a workbook can hold as a date without doubt; earlier ones are written as text.
const FIRST_SHEET_DAY: (i16, i8, i8) = (1900, 3, 1);
/// Longest text in a cell of a workbook.
const MAX_CELL: usize = 32_767;
/// Whole numbers up to 15 digits are kept exactly by a spreadsheet.
const MAX_SHEET_NUMBER: i64 = 999_999_999_999_999;

impl<W: Write> Writer<W> {
    /// Begins an export with its header. `name` is the name of the sheet in a workbook.
    pub fn new(format: Format, mut output: W, name: &str, columns: &[&str], zone: &Zone) -> Result<Self, WriteError> {
        let body = match format {
            Format::Csv | Format::CsvForExcel => {
                if format == Format::CsvForExcel {
                    output.write_all("\u{feff}".as_bytes())?;
                }
                let mut writer = csv::WriterBuilder::new().from_writer(output);
                writer.write_record(columns).map_err(csv_error)?;
                Body::Csv(Box::new(writer))
            }
            Format::Xlsx => {
                let mut workbook = Workbook::new();
                let sheet = workbook.add_worksheet_with_constant_memory();
                let sheet = sheet?;
                sheet.set_name(name.chars().take(31).collect::<String>())?;
                let heading = Style::new().set_bold();
                for (at, column) in columns.iter().enumerate() {
                    sheet.write_string_with_format(0, at as u16, *column, &heading)?;
                }
                // Format 49 is text: a long number that is corrected by hand stays as it is typed.
                let text = Style::new().set_num_format("@").set_quote_prefix();
                let day = Style::new().set_num_format("yyyy-mm-dd");
                Body::Xlsx { workbook: Box::new(workbook), styles: Box::new(Styles { text, day }), output }
            }
            Format::Json | Format::Ndjson => {
                let mut output = io::BufWriter::new(output);
                if format == Format::Json {
                    output.write_all(b"[")?;
                }
                Body::Lines { output, array: format == Format::Json }
            }
        };
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        Ok(Writer { body, columns, zone: zone.clone(), rows: 0, buffer: String::new() })
    }

    /// Writes a row, with as many values as there are columns.
    pub fn row(&mut self, values: &[Value<'_>]) -> Result<(), WriteError> {
        self.rows += 1;
        let row = self.rows;
        if values.len() != self.columns.len() {
            return Err(WriteError::Ragged { row, found: values.len(), columns: self.columns.len() });
        }
        match &mut self.body {
            Body::Csv(writer) => {
                for value in values {
                    written(*value, &self.zone, &mut self.buffer);
                    if matches!(value, Value::Text(_)) && needs_guard(&self.buffer) {
                        self.buffer.insert(0, '\'');
                    }
                    writer.write_field(&self.buffer).map_err(csv_error)?;
                }
                writer.write_record(None::<&[u8]>).map_err(csv_error)?;
            }
            Body::Xlsx { workbook, styles, .. } => {
                let Some(line) = u32::try_from(row).ok().filter(|line| *line < 1_048_576) else {
                    return Err(WriteError::TooMuch { row });
                };
                let sheet = workbook.worksheet_from_index(0)?;
                for (at, value) in values.iter().enumerate() {
                    let at = at as u16;
                    match *value {
                        Value::Empty => {}
                        Value::Whole(number) if number.abs() <= MAX_SHEET_NUMBER => {
                            sheet.write_number(line, at, number as f64)?;
                        }
                        Value::Real(number) if !number.is_finite() => {}
                        Value::Real(number) => {
                            sheet.write_number(line, at, number)?;
                        }
                        Value::Day(day) if day.parts() >= FIRST_SHEET_DAY => {
                            // Day numbers count from 1899-12-30, after the 29 February 1900 that never was.
                            let number = (day.day_number() + 25_569) as f64;
                            sheet.write_number_with_format(line, at, number, &styles.day)?;
                        }
                        value => {
                            written(value, &self.zone, &mut self.buffer);
                            if self.buffer.len() > MAX_CELL && self.buffer.chars().count() > MAX_CELL {
                                return Err(WriteError::TooMuch { row });
                            }
                            let digits = self.buffer.len() > 11 && self.buffer.bytes().all(|b| b.is_ascii_digit());
                            if starts_formula(&self.buffer) || digits {
                                sheet.write_string_with_format(line, at, self.buffer.as_str(), &styles.text)?;
                            } else {
                                sheet.write_string(line, at, self.buffer.as_str())?;
                            }
                        }
                    }
                }
            }
            Body::Lines { output, array } => {
                if *array {
                    output.write_all(if row == 1 { b"\n" } else { b",\n" })?;
                }
                for (at, (column, value)) in self.columns.iter().zip(values).enumerate() {
                    output.write_all(if at == 0 { b"{" } else { b"," })?;
                    serde_json::to_writer(&mut *output, column).map_err(io::Error::from)?;
                    output.write_all(b":")?;
                    match *value {
                        Value::Empty => output.write_all(b"null")?,
                        Value::Flag(flag) => write!(output, "{flag}")?,
                        Value::Whole(number) => write!(output, "{number}")?,
                        Value::Real(number) => serde_json::to_writer(&mut *output, &number).map_err(io::Error::from)?,
                        value => {
                            written(value, &self.zone, &mut self.buffer);
                            serde_json::to_writer(&mut *output, &self.buffer).map_err(io::Error::from)?;
                        }
                    }
                }
                output.write_all(if *array { b"}" } else { b"}\n" })?;
            }
        }
        Ok(())
    }

    /// Ends the export; gives the number of rows below the header and the output.
    pub fn finish(self) -> Result<(u64, W), WriteError> {
        let output = match self.body {
            Body::Csv(writer) => writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?,
            Body::Xlsx { mut workbook, mut output, .. } => {
                // By way of a file, so that the output needs no place to go back to and no memory.
                let mut file = tempfile::tempfile()?;
                workbook.save_to_writer(&mut file)?;
                file.seek(SeekFrom::Start(0))?;
                io::copy(&mut file, &mut output)?;
                output
            }
            Body::Lines { mut output, array } => {
                if array {
                    output.write_all(if self.rows == 0 { b"]\n" } else { b"\n]\n" })?;
                }
                output.into_inner().map_err(|error| error.into_error())?
            }
        };
        let mut output = output;
        output.flush()?;
        Ok((self.rows, output))
    }
}

fn csv_error(error: csv::Error) -> WriteError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => WriteError::Io(error),
        other => WriteError::Io(io::Error::other(format!("{other:?}"))),
    }
}

/// A value as text.
fn written(value: Value<'_>, zone: &Zone, out: &mut String) {
    use std::fmt::Write as _;
    out.clear();
    // Writing to a string does not fail.
    let _ = match value {
        Value::Empty => Ok(()),
        Value::Text(text) => {
            out.push_str(text);
            Ok(())
        }
        Value::Whole(number) => write!(out, "{number}"),
        Value::Real(number) if !number.is_finite() => Ok(()),
        Value::Real(number) => write!(out, "{number}"),
        Value::Flag(flag) => write!(out, "{}", if flag { "yes" } else { "no" }),
        Value::Day(day) => write!(out, "{day}"),
        // The text of the zone has whole seconds; a finer time is written in UTC, which has all of it.
        Value::Moment(at) if at.micros() % 1_000_000 == 0 => write!(out, "{}", zone.text(at)),
        Value::Moment(at) => write!(out, "{at}"),
    };
}
