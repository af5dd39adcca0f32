//! Stop-gap reader while the real one is written.
use dayclear_core::{schema::{Kind, Table}, time::*, divisions::DivisionCode};
use std::{borrow::Cow, path::Path, fmt};
#[derive(Clone)] pub struct Options { zone: Zone }
impl Options { pub fn new(zone: Zone) -> Self { Options { zone } } }
#[derive(Debug, thiserror::Error)] #[error("{path}: {problem}; {remedy}")]
pub struct TableError { pub path: String, pub problem: String, pub remedy: String }
#[derive(Debug, Clone)] pub struct Fault { pub source: String, pub row: u64, pub column: String, pub value: String, pub expected: String, pub remedy: String, pub code: &'static str, pub raw: String }
impl Fault { pub fn is_structural(&self) -> bool { self.code == "torn" } }
impl fmt::Display for Fault { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "row {}, column {}: '{}' is not {}; {}", self.row, self.column, self.value, self.expected, self.remedy) } }
#[derive(Debug, Clone, PartialEq)]
pub enum Cell<'a> { Empty, Text(Cow<'a, str>), Whole(i64), Real(f64), Day(CivilDate), Moment(Instant), Term(&'static str) }
impl<'a> Cell<'a> {
  pub fn text(&self) -> Option<Cow<'_, str>> { match self { Cell::Text(t) => Some(Cow::Borrowed(t)), Cell::Term(t) => Some(Cow::Borrowed(t)), _ => None } }
  pub fn write(&self, out: &mut String) { use fmt::Write; let _ = match self { Cell::Empty => Ok(()), Cell::Text(t) => out.write_str(t), Cell::Term(t) => out.write_str(t), Cell::Whole(n) => write!(out, "{n}"), Cell::Real(n) => write!(out, "{n}"), Cell::Day(d) => write!(out, "{d}"), Cell::Moment(m) => write!(out, "{}", m.micros()) }; }
}
pub struct Reader { csv: csv::Reader<std::fs::File>, table: &'static Table, map: Vec<Option<usize>>, record: csv::StringRecord, zone: Zone }
pub struct Row<'a> { number: u64, cells: Vec<Cell<'a>>, record: &'a csv::StringRecord }
impl Row<'_> {
  pub fn number(&self) -> u64 { self.number }
  pub fn cell(&self, at: usize) -> &Cell<'_> { &self.cells[at] }
  pub fn text(&self, at: usize) -> Option<&str> { match &self.cells[at] { Cell::Text(t) => Some(t), Cell::Term(t) => Some(t), _ => None } }
  pub fn moment(&self, at: usize) -> Option<Instant> { match self.cells[at] { Cell::Moment(m) => Some(m), _ => None } }
  pub fn raw(&self) -> String { self.record.iter().collect::<Vec<_>>().join(",") }
}
impl Reader {
  pub fn open(path: &Path, table: &'static Table, options: Options) -> Result<Reader, TableError> {
    let e = |p: String| TableError { path: path.display().to_string(), problem: p, remedy: "check".into() };
    let mut csv = csv::ReaderBuilder::new().flexible(true).from_path(path).map_err(|x| e(x.to_string()))?;
    let headers = csv.headers().map_err(|x| e(x.to_string()))?.clone();
    let map = table.columns.iter().map(|c| headers.iter().position(|h| h.trim_start_matches('\u{feff}') == c.name)).collect();
    Ok(Reader { csv, table, map, record: csv::StringRecord::new(), zone: options.zone })
  }
  pub fn bytes_read(&self) -> u64 { self.csv.position().byte() }
  pub fn next_row(&mut self) -> Option<Result<Row<'_>, Fault>> {
    match self.csv.read_record(&mut self.record) { Ok(false) => return None, Ok(true) => {}, Err(_) => return None }
    let number = self.record.position().map_or(0, |p| p.line());
    let mut cells = Vec::with_capacity(self.table.columns.len());
    for (c, at) in self.table.columns.iter().zip(&self.map) {
      let text = at.and_then(|a| self.record.get(a)).unwrap_or("").trim();
      let fault = |expected: &str| Fault { source: String::new(), row: number, column: c.name.into(), value: text.into(), expected: expected.into(), remedy: "correct it".into(), code: "bad", raw: self.record.iter().collect::<Vec<_>>().join(",") };
      if text.is_empty() { if c.required { return Some(Err(fault("a value"))); } cells.push(Cell::Empty); continue; }
      cells.push(match c.kind {
        Kind::Id | Kind::Text(_) | Kind::Document | Kind::ManyOf(_) => Cell::Text(Cow::Borrowed(text)),
        Kind::Division => { if text.parse::<DivisionCode>().is_err() { return Some(Err(fault("a division"))); } Cell::Text(Cow::Borrowed(text)) }
        Kind::Whole(..) => match text.parse() { Ok(n) => Cell::Whole(n), Err(_) => return Some(Err(fault("a whole number"))) },
        Kind::Real(..) => match text.parse() { Ok(n) => Cell::Real(n), Err(_) => return Some(Err(fault("a number"))) },
        Kind::Day => match text.parse() { Ok(n) => Cell::Day(n), Err(_) => return Some(Err(fault("a date"))) },
        Kind::Moment => match text.parse() { Ok(n) => Cell::Moment(n), Err(_) => return Some(Err(fault("a moment"))) },
        Kind::OneOf(l) => match l.iter().find(|t| **t == text) { Some(t) => Cell::Term(t), None => return Some(Err(fault("a term"))) },
      });
    }
    let _ = &self.zone;
    Some(Ok(Row { number, cells, record: &self.record }))
  }
}
#[derive(Debug, thiserror::Error)] pub enum WriteError { #[error("{0}")] Csv(#[from] csv::Error), #[error("{0}")] Io(#[from] std::io::Error) }
pub struct CsvWriter<W: std::io::Write> { csv: csv::Writer<W> }
impl<W: std::io::Write> CsvWriter<W> {
  pub fn new<S: AsRef<str>>(to: W, columns: &[S]) -> Result<Self, WriteError> { let mut csv = csv::Writer::from_writer(to); csv.write_record(columns.iter().map(|c| c.as_ref()))?; Ok(CsvWriter { csv }) }
  pub fn row<S: AsRef<str>>(&mut self, cells: &[S]) -> Result<(), WriteError> { self.csv.write_record(cells.iter().map(|c| c.as_ref()))?; Ok(()) }
  pub fn finish(mut self) -> Result<(), WriteError> { self.csv.flush()?; Ok(()) }
}
pub mod frictionless { pub fn schema(_: &dayclear_core::schema::Table) -> serde_json::Value { serde_json::Value::Null } }
