//! An export on its way to a file and from there to the reader: rows come by a bounded channel and are written on a
//! thread of their own; the file has no name and is gone with its last handle.

use super::{exports::WATERMARK, lists};
use crate::problem::Problem;
use axum::http::StatusCode;
use bytes::Bytes;
use dayclear_core::{
    listing::{Cell, Listing, Row},
    time::Zone,
};
use dayclear_tabular::{Format, Value, WriteError, Writer};
use futures_util::{Stream, stream};
use std::{
    fs::File,
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
};
use tokio::{sync::mpsc, task::JoinHandle};

dayclear_core::terms! {
    /// Shape of an export, by the ending of its path.
    Shape {
        /// Comma-separated, UTF-8; what a spreadsheet would run as a formula is guarded.
        Csv = "csv",
        /// Workbook.
        Xlsx = "xlsx",
        /// One array of objects, as in the list.
        Json = "json",
        /// One object on each line.
        Ndjson = "ndjson",
    }
}

impl Shape {
    /// Ending of the path.
    pub const fn ending(self) -> &'static str {
        self.name()
    }
    /// Media type.
    pub const fn media(self) -> &'static str {
        match self {
            Shape::Csv => "text/csv; charset=utf-8",
            Shape::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Shape::Json => "application/json",
            Shape::Ndjson => "application/x-ndjson",
        }
    }
}

/// An export that is written.
pub struct Spooled {
    /// The file, at its beginning.
    pub file: File,
    /// Its length.
    pub bytes: u64,
    /// Rows in it.
    pub rows: u64,
}

/// A writer under way, and where its rows go. It ends when the sender is dropped.
pub type Spooling = (mpsc::Sender<Vec<Row>>, JoinHandle<Result<Spooled, Problem>>);

/// Begins to write.
pub fn begin(listing: &'static Listing, shape: Shape, zone: &Zone, marks: [String; 2]) -> Spooling {
    let (sender, receiver) = mpsc::channel(2);
    let zone = zone.clone();
    let writing = tokio::task::spawn_blocking(move || write(listing, shape, &zone, &marks, receiver));
    (sender, writing)
}

fn trouble(error: WriteError) -> Problem {
    match error {
        WriteError::TooMuch { .. } => {
            Problem::new(StatusCode::FORBIDDEN, "export-limit", "More than a workbook holds", error.to_string())
        }
        other => Problem::inside(other),
    }
}

fn write(
    listing: &'static Listing,
    shape: Shape,
    zone: &Zone,
    marks: &[String; 2],
    receiver: mpsc::Receiver<Vec<Row>>,
) -> Result<Spooled, Problem> {
    let file = BufWriter::with_capacity(1 << 16, tempfile::tempfile().map_err(Problem::inside)?);
    let (rows, file) = match shape {
        Shape::Csv => table(listing, Format::Csv, file, zone, marks, receiver).map_err(trouble)?,
        Shape::Xlsx => table(listing, Format::Xlsx, file, zone, marks, receiver).map_err(trouble)?,
        Shape::Json | Shape::Ndjson => {
            objects(listing, shape == Shape::Json, file, zone, marks, receiver).map_err(Problem::inside)?
        }
    };
    let mut file = file.into_inner().map_err(|error| Problem::inside(error.into_error()))?;
    let bytes = file.stream_position().map_err(Problem::inside)?;
    file.seek(SeekFrom::Start(0)).map_err(Problem::inside)?;
    Ok(Spooled { file, bytes, rows })
}

fn table(
    listing: &'static Listing,
    format: Format,
    file: BufWriter<File>,
    zone: &Zone,
    marks: &[String; 2],
    mut receiver: mpsc::Receiver<Vec<Row>>,
) -> Result<(u64, BufWriter<File>), WriteError> {
    let columns: Vec<&str> = listing.fields.iter().map(|field| field.name).chain(WATERMARK).collect();
    let mut writer = Writer::new(format, file, listing.name, &columns, zone)?;
    while let Some(rows) = receiver.blocking_recv() {
        for row in rows {
            let data: Vec<String> = row
                .cells
                .iter()
                .map(|cell| if let Cell::Data(value) = cell { value.to_string() } else { String::new() })
                .collect();
            let values = row.cells.iter().zip(&data).map(|(cell, data)| match cell {
                Cell::Empty | Cell::Hidden => Value::Empty,
                Cell::Text(text) | Cell::Masked(text) => Value::Text(text),
                Cell::Whole(number) => Value::Whole(*number),
                Cell::Real(number) => Value::Real(*number),
                Cell::Day(day) => Value::Day(*day),
                Cell::Moment(at) => Value::Moment(*at),
                Cell::Truth(truth) => Value::Flag(*truth),
                Cell::Data(_) => Value::Text(data),
            });
            let values: Vec<Value<'_>> = values.chain(marks.iter().map(|mark| Value::Text(mark))).collect();
            writer.row(&values)?;
        }
    }
    writer.finish()
}

fn objects(
    listing: &'static Listing,
    array: bool,
    mut file: BufWriter<File>,
    zone: &Zone,
    marks: &[String; 2],
    mut receiver: mpsc::Receiver<Vec<Row>>,
) -> io::Result<(u64, BufWriter<File>)> {
    let mut count = 0;
    if array {
        file.write_all(b"[")?;
    }
    while let Some(rows) = receiver.blocking_recv() {
        for row in rows {
            let mut object = lists::object(listing, &row, zone);
            for (name, mark) in WATERMARK.iter().zip(marks) {
                object[*name] = mark.clone().into();
            }
            if array {
                file.write_all(if count == 0 { b"\n" } else { b",\n" })?;
            }
            serde_json::to_writer(&mut file, &object)?;
            if !array {
                file.write_all(b"\n")?;
            }
            count += 1;
        }
    }
    if array {
        file.write_all(if count == 0 { b"]\n" } else { b"\n]\n" })?;
    }
    Ok((count, file))
}

/// A file as the body of an answer, read piece by piece as the reader takes it.
pub fn stream(file: File) -> impl Stream<Item = io::Result<Bytes>> + Send {
    const PIECE: usize = 1 << 16;
    stream::try_unfold(file, |mut file| async move {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; PIECE];
            let n = file.read(&mut piece)?;
            piece.truncate(n);
            Ok::<_, io::Error>((piece, file))
        });
        let (piece, file) = read.await.map_err(io::Error::other)??;
        Ok((!piece.is_empty()).then(|| (Bytes::from(piece), file)))
    })
}
