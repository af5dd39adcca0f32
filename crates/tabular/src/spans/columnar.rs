//! Files of spans as Parquet, in and out. A row group is a part. Identifiers may be text or whole numbers, times text as
//! in RFC 3339 or timestamps that are adjusted to UTC; a timestamp without a zone is refused, because nobody can know
//! which moment it is.

use super::{
    Asks, Faults, Part, SpanColumns, SpanFile, Take,
    row::{Name, Refused, Row, Time, hand},
};
use crate::fault::TableError;
use parquet::{
    basic::{Compression, ConvertedType, LogicalType, TimeUnit, Type as Physical},
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        reader::{FileReader, SerializedFileReader},
        writer::SerializedFileWriter,
    },
    schema::{parser::parse_message_type, types::ColumnDescriptor},
};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
    sync::Arc,
};

/// Rows that are decoded at a time.
const BATCH: usize = 2_048;

/// How the values of a column become identifiers or times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Text,
    Whole {
        signed: bool,
    },
    /// Whole number of which so many are a second.
    Timestamp {
        per_second: i64,
    },
}

/// Where things stand in a Parquet file.
#[derive(Debug)]
pub(super) struct Layout {
    groups: usize,
    /// For each of the four columns: its place and meaning.
    columns: [(usize, Meaning); 4],
}

/// Whether a file begins as Parquet does.
pub(super) fn is_parquet(file: &mut File) -> io::Result<bool> {
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(4).read_to_end(&mut head)?;
    Ok(head == b"PAR1")
}

impl Layout {
    pub fn read(path: &Path, name: &str, columns: SpanColumns) -> Result<Layout, TableError> {
        let reader = open(path, name)?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let found: Vec<String> = schema.columns().iter().map(|column| column.path().string().to_lowercase()).collect();
        let missing: Vec<String> = columns
            .names
            .iter()
            .filter(|name| !found.iter().any(|found| found == *name))
            .map(|name| format!("'{name}'"))
            .collect();
        if !missing.is_empty() {
            let (columns, found) = (missing.join(", "), found.join(", "));
            return Err(TableError::MissingColumns { file: name.to_owned(), row: 0, columns, found });
        }
        let mut places = [(0, Meaning::Text); 4];
        for (at, wanted) in columns.names.iter().enumerate() {
            let place = found.iter().position(|found| found == wanted).unwrap_or_default();
            let meaning = meaning(&schema.column(place), at >= 2);
            let meaning =
                meaning.map_err(|(found, remedy)| TableError::Format { file: name.to_owned(), found, remedy });
            places[at] = (place, meaning?);
        }
        Ok(Layout { groups: reader.num_row_groups(), columns: places })
    }
    pub fn parts(&self) -> usize {
        self.groups
    }
    pub fn reader<'f>(&'f self, of: &'f SpanFile) -> Result<Reader<'f>, TableError> {
        // A reader of its own: clones of one file share their position.
        Ok(Reader { layout: self, of, file: open(&of.path, &of.name)? })
    }
}

/// What a column holds, or why it cannot be used.
fn meaning(column: &ColumnDescriptor, time: bool) -> Result<Meaning, (&'static str, &'static str)> {
    if column.max_rep_level() > 0 {
        return Err(("Parquet with a list in a column", "give one value in each row"));
    }
    let no_time = (
        "Parquet with a time that is neither text nor a timestamp adjusted to UTC",
        "write times as timestamps with time zone, or as RFC 3339 text with their offset",
    );
    match (column.physical_type(), column.logical_type_ref(), column.converted_type()) {
        (Physical::BYTE_ARRAY, ..) => Ok(Meaning::Text),
        (Physical::INT64, Some(LogicalType::Timestamp(stamp)), _) if time => {
            let per_second = match stamp.unit {
                TimeUnit::MILLIS => 1_000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            };
            if stamp.is_adjusted_to_u_t_c { Ok(Meaning::Timestamp { per_second }) } else { Err(no_time) }
        }
        // By the format, the older names of both are adjusted to UTC.
        (Physical::INT64, _, ConvertedType::TIMESTAMP_MILLIS) if time => Ok(Meaning::Timestamp { per_second: 1_000 }),
        (Physical::INT64, _, ConvertedType::TIMESTAMP_MICROS) if time => {
            Ok(Meaning::Timestamp { per_second: 1_000_000 })
        }
        _ if time => Err(no_time),
        (Physical::INT32 | Physical::INT64, logical, converted) => {
            let unsigned = matches!(logical, Some(LogicalType::Integer(kind)) if !kind.is_signed)
                || matches!(converted, ConvertedType::UINT_64 | ConvertedType::UINT_32);
            match logical {
                None | Some(LogicalType::Integer(_)) => Ok(Meaning::Whole { signed: !unsigned }),
                _ => Err(("Parquet with an identifier that is a date or a decimal", "write identifiers as text")),
            }
        }
        _ => Err(("Parquet with an identifier that is neither text nor a whole number", "write identifiers as text")),
    }
}

fn open(path: &Path, name: &str) -> Result<SerializedFileReader<File>, TableError> {
    let file = File::open(path).map_err(|source| TableError::Io { file: name.to_owned(), source })?;
    SerializedFileReader::new(file).map_err(|error| damaged(name, &error))
}

fn damaged(name: &str, error: &ParquetError) -> TableError {
    TableError::Damaged { file: name.to_owned(), part: "its Parquet data".to_owned(), what: error.to_string() }
}

/// A column of a row group, decoded by batches.
struct Column {
    source: Source,
    meaning: Meaning,
    nullable: i16,
    levels: Vec<i16>,
    /// For each row of the batch, where its value stands; nothing where none does.
    places: Vec<Option<u32>>,
    texts: Vec<ByteArray>,
    wholes: Vec<i64>,
    narrow: Vec<i32>,
}

enum Source {
    Text(ColumnReaderImpl<ByteArrayType>),
    Wide(ColumnReaderImpl<Int64Type>),
    Narrow(ColumnReaderImpl<Int32Type>),
}

fn fill<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    levels: &mut Vec<i16>,
    values: &mut Vec<T::T>,
) -> Result<usize, ParquetError> {
    values.clear();
    Ok(reader.read_records(rows, Some(levels), None, values)?.0)
}

impl Column {
    fn new(reader: ColumnReader, meaning: Meaning, nullable: i16) -> Result<Self, ParquetError> {
        let source = match reader {
            ColumnReader::ByteArrayColumnReader(reader) => Source::Text(reader),
            ColumnReader::Int64ColumnReader(reader) => Source::Wide(reader),
            ColumnReader::Int32ColumnReader(reader) => Source::Narrow(reader),
            _ => return Err(ParquetError::General("a row group differs from the schema of its file".to_owned())),
        };
        Ok(Column {
            source,
            meaning,
            nullable,
            levels: Vec::new(),
            places: Vec::new(),
            texts: Vec::new(),
            wholes: Vec::new(),
            narrow: Vec::new(),
        })
    }

    /// Decodes the next rows; gives how many there were.
    fn read(&mut self, rows: usize) -> Result<usize, ParquetError> {
        self.levels.clear();
        let read = match &mut self.source {
            Source::Text(reader) => fill(reader, rows, &mut self.levels, &mut self.texts)?,
            Source::Wide(reader) => fill(reader, rows, &mut self.levels, &mut self.wholes)?,
            Source::Narrow(reader) => {
                let read = fill(reader, rows, &mut self.levels, &mut self.narrow)?;
                self.wholes.clear();
                let signed = self.meaning == Meaning::Whole { signed: true };
                let widen = |value: &i32| if signed { i64::from(*value) } else { i64::from(*value as u32) };
                self.wholes.extend(self.narrow.iter().map(widen));
                read
            }
        };
        self.places.clear();
        if self.nullable > 0 {
            let mut next = 0;
            self.places.extend(self.levels.iter().map(|level| {
                (*level == self.nullable).then(|| {
                    next += 1;
                    next - 1
                })
            }));
        }
        Ok(read)
    }

    /// Passes over rows.
    fn skip(&mut self, rows: usize) -> Result<(), ParquetError> {
        match &mut self.source {
            Source::Text(reader) => reader.skip_records(rows),
            Source::Wide(reader) => reader.skip_records(rows),
            Source::Narrow(reader) => reader.skip_records(rows),
        }
        .map(|_| ())
    }

    #[inline]
    fn place(&self, row: usize) -> Option<usize> {
        if self.nullable == 0 { Some(row) } else { self.places.get(row)?.map(|at| at as usize) }
    }

    /// The value of a row as text; empty where none stands.
    #[inline]
    fn text(&self, row: usize) -> &[u8] {
        self.place(row).and_then(|at| self.texts.get(at)).map_or(&[], ByteArray::data)
    }

    #[inline]
    fn name(&self, row: usize) -> Name<'_> {
        let whole = || self.place(row).and_then(|at| self.wholes.get(at));
        match self.meaning {
            Meaning::Whole { signed: true } => whole().map_or(Name::Text(&[]), |value| Name::Whole(*value)),
            Meaning::Whole { signed: false } => whole().map_or(Name::Text(&[]), |value| Name::Unsigned(*value as u64)),
            _ => Name::Text(self.text(row)),
        }
    }

    #[inline]
    fn time(&self, row: usize) -> Time<'_> {
        let Meaning::Timestamp { per_second } = self.meaning else { return Time::Text(self.text(row)) };
        let Some(value) = self.place(row).and_then(|at| self.wholes.get(at)) else { return Time::Text(&[]) };
        Time::Seconds(match per_second {
            // Division by a number that the compiler knows is much faster.
            1_000 => value.div_euclid(1_000),
            1_000_000 => value.div_euclid(1_000_000),
            _ => value.div_euclid(per_second),
        })
    }
}

/// Reads row groups of a Parquet file.
pub(super) struct Reader<'f> {
    layout: &'f Layout,
    of: &'f SpanFile,
    file: SerializedFileReader<File>,
}

impl Reader<'_> {
    /// Reads a row group.
    pub fn part<T: Take>(&mut self, part: usize, faults: Faults, taker: T) -> Result<Part<T>, TableError> {
        self.group(part, faults, taker).map_err(|error| damaged(&self.of.name, &error))?
    }

    fn group<T: Take>(
        &self,
        part: usize,
        faults: Faults,
        mut taker: T,
    ) -> Result<Result<Part<T>, TableError>, ParquetError> {
        let group = self.file.get_row_group(part)?;
        let rows = group.metadata().num_rows().max(0) as usize;
        let schema = group.metadata().schema_descr();
        let column = |at: usize| {
            let (place, meaning) = self.layout.columns[at];
            Column::new(group.get_column_reader(place)?, meaning, schema.column(place).max_def_level())
        };
        let [mut first, mut second, mut from, mut to] = [column(0)?, column(1)?, column(2)?, column(3)?];
        let (mut found, mut done) = (Vec::new(), 0);
        while done < rows {
            let batch = BATCH.min(rows - done);
            let short = |read: usize| {
                let what = format!("row group {part} ends after {} of {rows} rows", done + read);
                if read == batch { Ok(()) } else { Err(ParquetError::EOF(what)) }
            };
            short(first.read(batch)?)?;
            short(second.read(batch)?)?;
            let asked = match T::ASKS {
                Asks::Nothing => None,
                Asks::First => Some(&first),
                Asks::Second => Some(&second),
            };
            let mut wants = |row| asked.is_none_or(|column| taker.wants(column.name(row).bytes(&mut [0; 20])));
            if faults == Faults::PassOver && !(0..batch).any(&mut wants) {
                from.skip(batch)?;
                to.skip(batch)?;
                done += batch;
                continue;
            }
            short(from.read(batch)?)?;
            short(to.read(batch)?)?;
            for row in 0..batch {
                let (a, b) = (first.name(row), second.name(row));
                let given = Row { first: a, second: b, from: from.time(row), to: to.time(row) };
                let plain = is_plain(a) && is_plain(b);
                if let Err(refused) = hand(given, self.of.columns, plain, faults == Faults::List, &mut taker)
                    && faults == Faults::List
                {
                    found.push(fault(*refused, self.of, (done + row) as u64, &given));
                    if found.len() > super::FAULTS_MAX {
                        return Ok(Err(self.of.too_many(&found[0])));
                    }
                }
            }
            done += batch;
        }
        Ok(Ok(Part { taken: taker, received: rows as u64, rows: rows as u64, faults: found }))
    }
}

/// Whether an identifier is good text at first sight, as whole numbers are.
#[inline]
fn is_plain(name: Name<'_>) -> bool {
    match name {
        Name::Text(text) => text.iter().all(|byte| matches!(byte, b' '..=b'~')),
        _ => true,
    }
}

/// A row as a fault, with its values as they would stand in a text file.
fn fault(refused: Refused, of: &SpanFile, row: u64, given: &Row<'_>) -> crate::Fault {
    let time = |time: Time<'_>| match time {
        Time::Text(text) => text.to_vec(),
        Time::Seconds(at) => super::moment_text(at, 0).unwrap_or_else(|| at.to_string()).into_bytes(),
    };
    let (mut a, mut b) = ([0; 20], [0; 20]);
    let (first, second) = (given.first.bytes(&mut a), given.second.bytes(&mut b));
    let raw = [first, second, &time(given.from), &time(given.to)].join(b",".as_slice());
    refused.fault(&of.name, of.columns, row, &raw)
}

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
