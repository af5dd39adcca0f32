//! A column of a row group of a Parquet file, decoded by batches: whole, or only at the rows that somebody asked for. It
//! gives each value as it is needed, so that no text is made of a number that nobody looks at.

use super::row::{Name, Time};
use parquet::{
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type},
    errors::ParquetError,
};

/// How the values of a column become identifiers or times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Text,
    Whole {
        signed: bool,
    },
    /// Whole number of which so many are a second.
    Timestamp {
        per_second: i64,
    },
}

/// A column, with the rows that were decoded last.
pub(super) struct Column {
    source: Source,
    meaning: Meaning,
    nullable: i16,
    levels: Vec<i16>,
    /// For each row of the batch, where its value stands, nothing where none does; not filled while every row has one.
    places: Vec<Option<u32>>,
    gaps: bool,
    texts: Vec<ByteArray>,
    wholes: Vec<i64>,
    narrow: Vec<i32>,
}

enum Source {
    Text(ColumnReaderImpl<ByteArrayType>),
    Wide(ColumnReaderImpl<Int64Type>),
    Narrow(ColumnReaderImpl<Int32Type>),
}

/// Rows that are decoded together.
pub(super) enum Rows<'r> {
    /// The next ones.
    Next(usize),
    /// Of the next ones only these, by their place among them, ascending.
    Some { of: usize, rows: &'r [u32] },
}

/// Decodes rows; gives how many there were.
fn fill<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: &Rows<'_>,
    levels: &mut Vec<i16>,
    values: &mut Vec<T::T>,
) -> Result<usize, ParquetError> {
    values.clear();
    let (of, rows) = match *rows {
        Rows::Next(rows) => return Ok(reader.read_records(rows, Some(levels), None, values)?.0),
        Rows::Some { of, rows } => (of, rows),
    };
    let (mut at, mut read) = (0, 0);
    for run in rows.chunk_by(|row, next| row + 1 == *next) {
        let first = run[0] as usize;
        reader.skip_records(first - at)?;
        read += reader.read_records(run.len(), Some(levels), None, values)?.0;
        at = first + run.len();
    }
    reader.skip_records(of - at)?;
    Ok(read)
}

impl Column {
    pub fn new(reader: ColumnReader, meaning: Meaning, nullable: i16) -> Result<Self, ParquetError> {
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
            gaps: false,
            texts: Vec::new(),
            wholes: Vec::new(),
            narrow: Vec::new(),
        })
    }

    /// Decodes rows; gives how many there were.
    pub fn read(&mut self, rows: &Rows<'_>) -> Result<usize, ParquetError> {
        self.levels.clear();
        let (read, values) = match &mut self.source {
            Source::Text(reader) => (fill(reader, rows, &mut self.levels, &mut self.texts)?, self.texts.len()),
            Source::Wide(reader) => (fill(reader, rows, &mut self.levels, &mut self.wholes)?, self.wholes.len()),
            Source::Narrow(reader) => {
                let read = fill(reader, rows, &mut self.levels, &mut self.narrow)?;
                self.wholes.clear();
                let signed = self.meaning == Meaning::Whole { signed: true };
                let widen = |value: &i32| if signed { i64::from(*value) } else { i64::from(*value as u32) };
                self.wholes.extend(self.narrow.iter().map(widen));
                (read, self.wholes.len())
            }
        };
        self.gaps = self.nullable > 0 && values < read;
        self.places.clear();
        if self.gaps {
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
    pub fn skip(&mut self, rows: usize) -> Result<(), ParquetError> {
        match &mut self.source {
            Source::Text(reader) => reader.skip_records(rows),
            Source::Wide(reader) => reader.skip_records(rows),
            Source::Narrow(reader) => reader.skip_records(rows),
        }
        .map(|_| ())
    }

    /// Whether each row that was decoded has a whole number as its identifier, which is always a good one.
    pub fn is_numbered(&self) -> bool {
        !self.gaps && matches!(self.meaning, Meaning::Whole { .. })
    }

    /// Whether rows that begin by this column and end by the other one are all in order: both are timestamps of one unit,
    /// and none ends before its start. An end that is missing is in order if it may be `open`.
    pub fn is_before(&self, end: &Column, open: bool) -> bool {
        let stamps = matches!(self.meaning, Meaning::Timestamp { .. }) && self.meaning == end.meaning;
        if !stamps || self.gaps || (end.gaps && !open) {
            return false;
        }
        // Counted in seconds they are in order too: cutting off fractions turns no order round.
        if !end.gaps {
            return self.wholes.iter().zip(&end.wholes).all(|(from, to)| from <= to);
        }
        let until = |row| end.place(row).and_then(|at| end.wholes.get(at));
        self.wholes.iter().enumerate().all(|(row, from)| until(row).is_none_or(|to| from <= to))
    }

    #[inline]
    fn place(&self, row: usize) -> Option<usize> {
        if self.gaps { self.places.get(row)?.map(|at| at as usize) } else { Some(row) }
    }

    /// The value of a row as text; empty where none stands.
    #[inline]
    fn text(&self, row: usize) -> &[u8] {
        self.place(row).and_then(|at| self.texts.get(at)).map_or(&[], ByteArray::data)
    }

    /// The value of a row as an identifier.
    #[inline]
    pub fn name(&self, row: usize) -> Name<'_> {
        let whole = || self.place(row).and_then(|at| self.wholes.get(at));
        match self.meaning {
            Meaning::Whole { signed: true } => whole().map_or(Name::Text(&[]), |value| Name::Whole(*value)),
            Meaning::Whole { signed: false } => whole().map_or(Name::Text(&[]), |value| Name::Unsigned(*value as u64)),
            _ => Name::Text(self.text(row)),
        }
    }

    /// The value of a row as a time.
    #[inline]
    pub fn time(&self, row: usize) -> Time<'_> {
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
