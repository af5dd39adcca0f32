//! Files of spans as Parquet. A row group is a part. Identifiers may be text or whole numbers, times text as
//! in RFC 3339 or timestamps that are adjusted to UTC; a timestamp without a zone is refused, because nobody can know
//! which moment it is.

use super::{
    Asks, Faults, Part, SpanColumns, SpanFile, Take,
    column::{Column, Meaning, Rows},
    row::{Name, Refused, Row, Time, hand, meant},
};
use crate::fault::{Fault, TableError};
use parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical},
    errors::ParquetError,
    file::reader::{FileReader, SerializedFileReader},
    schema::types::ColumnDescriptor,
};
use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

/// Rows that are decoded at a time.
const BATCH: usize = 2_048;
/// Where fewer than one row in so many is wanted, the others are stepped over one by one; else all are decoded, which is
/// then as fast.
const FEW: usize = 32;

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
        let mut columns = [column(0)?, column(1)?, column(2)?, column(3)?];
        let (mut found, mut done, mut wanted) = (Vec::new(), 0, Vec::new());
        while done < rows {
            let of = BATCH.min(rows - done);
            let begun = Batch { part, of, done, rows };
            match faults {
                Faults::List => self.list(&begun, &mut columns, &mut taker, &mut found)?,
                Faults::PassOver => self.choose(&begun, &mut columns, &mut taker, &mut wanted)?,
            }
            if found.len() > super::FAULTS_MAX {
                return Ok(Err(self.of.too_many(&found[0])));
            }
            done += of;
        }
        Ok(Ok(Part { taken: taker, received: rows as u64, rows: rows as u64, faults: found }))
    }

    /// Checks the rows of a batch, lists those that cannot be used and hands on what is wanted.
    fn list<T: Take>(
        &self,
        batch: &Batch,
        columns: &mut [Column; 4],
        taker: &mut T,
        found: &mut Vec<Fault>,
    ) -> Result<(), ParquetError> {
        for column in columns.iter_mut() {
            batch.whole(batch.of, column.read(&Rows::Next(batch.of))?)?;
        }
        let [first, second, from, to] = &*columns;
        // Numbers as identifiers and timestamps in order: no row can be refused, so only what is wanted is looked at.
        let good = first.is_numbered() && second.is_numbered() && from.is_before(to, self.of.columns.open_end);
        let asked = asked::<T>().filter(|_| good).map(|at| &columns[at]);
        for row in 0..batch.of {
            if asked.is_some_and(|column| !taker.wants(column.name(row).bytes(&mut [0; 20]))) {
                continue;
            }
            let given =
                Row { first: first.name(row), second: second.name(row), from: from.time(row), to: to.time(row) };
            if let Err(refused) = self.hand(given, true, taker) {
                found.push(fault(*refused, self.of, (batch.done + row) as u64, &given));
                if found.len() > super::FAULTS_MAX {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Hands on what is wanted of a batch that was checked before. The other columns are decoded where that is so.
    fn choose<T: Take>(
        &self,
        batch: &Batch,
        columns: &mut [Column; 4],
        taker: &mut T,
        wanted: &mut Vec<u32>,
    ) -> Result<(), ParquetError> {
        let asked = asked::<T>();
        wanted.clear();
        match asked {
            None => wanted.extend(0..batch.of as u32),
            Some(at) => {
                batch.whole(batch.of, columns[at].read(&Rows::Next(batch.of))?)?;
                let wants = |row: &u32| taker.wants(meant(columns[at].name(*row as usize)).bytes(&mut [0; 20]));
                wanted.extend((0..batch.of as u32).filter(wants));
            }
        }
        let few = wanted.len() * FEW < batch.of;
        for (_, column) in columns.iter_mut().enumerate().filter(|(at, _)| asked != Some(*at)) {
            if wanted.is_empty() {
                column.skip(batch.of)?;
            } else if few {
                batch.whole(wanted.len(), column.read(&Rows::Some { of: batch.of, rows: wanted })?)?;
            } else {
                batch.whole(batch.of, column.read(&Rows::Next(batch.of))?)?;
            }
        }
        let [first, second, from, to] = &*columns;
        for (nth, row) in wanted.iter().enumerate() {
            let row = *row as usize;
            let at = |column: usize| if few && asked != Some(column) { nth } else { row };
            let (first, second) = (first.name(at(0)), second.name(at(1)));
            let given = Row { first, second, from: from.time(at(2)), to: to.time(at(3)) };
            // What is refused was listed by the reading before.
            let _ = self.hand(given, false, taker);
        }
        Ok(())
    }

    #[inline]
    fn hand<T: Take>(&self, given: Row<'_>, check: bool, taker: &mut T) -> Result<(), Box<Refused>> {
        let plain = is_plain(given.first) && is_plain(given.second);
        hand(given, self.of.columns, plain, check, taker)
    }
}

/// Rows of a group that are decoded together.
struct Batch {
    part: usize,
    /// Rows in it.
    of: usize,
    /// Rows of the group before it.
    done: usize,
    /// Rows of the group.
    rows: usize,
}

impl Batch {
    /// An error unless there were as many rows as were expected.
    fn whole(&self, expected: usize, read: usize) -> Result<(), ParquetError> {
        let what = || format!("row group {} ends after {} of {} rows", self.part, self.done + read, self.rows);
        if read == expected { Ok(()) } else { Err(ParquetError::EOF(what())) }
    }
}

/// Which column a taker is asked about.
fn asked<T: Take>() -> Option<usize> {
    match T::ASKS {
        Asks::Nothing => None,
        Asks::First => Some(0),
        Asks::Second => Some(1),
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
fn fault(refused: Refused, of: &SpanFile, row: u64, given: &Row<'_>) -> Fault {
    let time = |time: Time<'_>| match time {
        Time::Text(text) => text.to_vec(),
        Time::Seconds(at) => super::moment_text(at, 0).unwrap_or_else(|| at.to_string()).into_bytes(),
    };
    let (mut a, mut b) = ([0; 20], [0; 20]);
    let (first, second) = (given.first.bytes(&mut a), given.second.bytes(&mut b));
    let raw = [first, second, &time(given.from), &time(given.to)].join(b",".as_slice());
    refused.fault(&of.name, of.columns, row, &raw)
}
