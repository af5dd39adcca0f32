//! Contacts as a Parquet file. Rows are gathered by columns and written a group at a time, so that memory does not grow
//! with the answer.

use parquet::{
    basic::Compression,
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};
use std::{fs::File, io, path::Path, sync::Arc};

/// Contacts as a Parquet file: three texts, two timestamps in UTC, a number of minutes.
pub struct ContactFile {
    writer: SerializedFileWriter<File>,
    texts: [Vec<ByteArray>; 3],
    times: [Vec<i64>; 2],
    minutes: Vec<f64>,
    totals: Option<(Vec<f64>, Vec<i64>)>,
}

/// What a case and a person shared altogether.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Totals {
    /// Minutes.
    pub minutes: f64,
    /// Places.
    pub places: u64,
}

const CONTACTS: &str = "required binary case (STRING); required binary person (STRING); required binary place (STRING);
    required int64 first (TIMESTAMP(MILLIS,true)); required int64 last (TIMESTAMP(MILLIS,true));
    required double minutes;";
const TOTALS: &str = "required double total_minutes; required int64 places;";
/// Rows of a group.
const GROUP: usize = 1 << 18;

impl ContactFile {
    /// Begins a file, with columns for totals or without.
    pub fn create(path: &Path, totals: bool) -> io::Result<Self> {
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let schema = format!("message contacts {{ {CONTACTS} {} }}", if totals { TOTALS } else { "" });
        let schema = parse_message_type(&schema).map_err(io::Error::other)?;
        let writer = SerializedFileWriter::new(File::create(path)?, Arc::new(schema), Arc::new(properties));
        Ok(ContactFile {
            writer: writer.map_err(io::Error::other)?,
            texts: Default::default(),
            times: Default::default(),
            minutes: Vec::new(),
            totals: totals.then(Default::default),
        })
    }
    /// Writes a row: case, person, place; first and last in seconds since 1970; minutes; totals if the file has them.
    pub fn row(&mut self, texts: [&[u8]; 3], times: [i64; 2], minutes: f64, totals: Option<Totals>) -> io::Result<()> {
        for (column, text) in self.texts.iter_mut().zip(texts) {
            column.push(ByteArray::from(text.to_vec()));
        }
        for (column, time) in self.times.iter_mut().zip(times) {
            column.push(time.saturating_mul(1_000));
        }
        self.minutes.push(minutes);
        if let Some((minutes, places)) = &mut self.totals {
            let own = totals.unwrap_or(Totals { minutes: f64::NAN, places: 0 });
            minutes.push(own.minutes);
            places.push(own.places as i64);
        }
        if self.minutes.len() >= GROUP { self.flush() } else { Ok(()) }
    }
    /// Ends the file.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.writer.close().map(|_| ()).map_err(io::Error::other)
    }
    fn flush(&mut self) -> io::Result<()> {
        if self.minutes.is_empty() {
            return Ok(());
        }
        let mut group = self.writer.next_row_group().map_err(io::Error::other)?;
        for column in &mut self.texts {
            put::<ByteArrayType, _>(&mut group, column).map_err(io::Error::other)?;
        }
        for column in &mut self.times {
            put::<Int64Type, _>(&mut group, column).map_err(io::Error::other)?;
        }
        put::<DoubleType, _>(&mut group, &mut self.minutes).map_err(io::Error::other)?;
        if let Some((minutes, places)) = &mut self.totals {
            put::<DoubleType, _>(&mut group, minutes).map_err(io::Error::other)?;
            put::<Int64Type, _>(&mut group, places).map_err(io::Error::other)?;
        }
        group.close().map(|_| ()).map_err(io::Error::other)
    }
}

fn put<T: DataType, W: io::Write + Send>(
    group: &mut parquet::file::writer::SerializedRowGroupWriter<'_, W>,
    values: &mut Vec<T::T>,
) -> Result<(), ParquetError> {
    let none = || ParquetError::General("the schema has fewer columns than are written".to_owned());
    let mut column = group.next_column()?.ok_or_else(none)?;
    column.typed::<T>().write_batch(values, None, None)?;
    values.clear();
    column.close()
}
