//! Files of spans as text: a line is a row, fields are parted by comma, semicolon or tab. The file is cut into parts of
//! some megabytes, each of which owns the lines that begin in it. A part without quotes, control characters and bad
//! bytes is read without looking at them again.

use super::{
    Faults, Part, SpanColumns, SpanFile, Take,
    row::{Name, Refused, Row, Time, hand},
};
use crate::fault::{Code, TableError, nearest, shorten};
use memchr::{memchr, memchr_iter};
use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

/// Size of a part.
const PART: u64 = if cfg!(test) { 64 } else { 8 << 20 };
/// Longest line. What is longer is not a row.
const LINE_MAX: usize = 1 << 20;
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Where things stand in a text file.
#[derive(Debug)]
pub(super) struct Layout {
    delimiter: u8,
    /// Where the rows begin and end, in bytes.
    start: u64,
    end: u64,
    /// Fields of the header.
    width: usize,
    /// For each field, which of the four columns it is.
    columns: Vec<Option<usize>>,
}

impl Layout {
    pub fn read(file: &mut File, length: u64, name: &str, columns: SpanColumns) -> Result<Layout, TableError> {
        let wanted = || columns.names.join(", ");
        let format = |found, remedy| TableError::Format { file: name.to_owned(), found, remedy };
        let mut head = Vec::new();
        let io = |source| TableError::Io { file: name.to_owned(), source };
        file.seek(SeekFrom::Start(0)).map_err(io)?;
        file.take(LINE_MAX as u64).read_to_end(&mut head).map_err(io)?;
        if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") || head.contains(&0) {
            return Err(format("not text in UTF-8", "save it as CSV in UTF-8, or as Parquet"));
        }
        if head.starts_with(b"PK\x03\x04") || head.starts_with(b"\x1f\x8b") {
            return Err(format("packed, or a workbook", "unpack it, or save it as CSV or Parquet"));
        }
        let bom = if head.starts_with(BOM) { BOM.len() } else { 0 };
        let line_end = memchr(b'\n', &head).unwrap_or(head.len());
        let line = trim_line(&head[bom..line_end]);
        if line.is_empty() {
            return Err(TableError::Empty { file: name.to_owned(), columns: wanted() });
        }
        let delimiter = [b',', b';', b'\t']
            .into_iter()
            .max_by_key(|delimiter| (memchr_iter(*delimiter, line).count(), *delimiter == b','))
            .unwrap_or(b',');
        let Some(fields) = quoted(line, delimiter) else {
            return Err(format("a header with an open quote", "close the quote"));
        };
        let found: Vec<String> =
            fields.iter().map(|field| String::from_utf8_lossy(field).trim().to_lowercase()).collect();
        let places: Vec<Option<usize>> =
            found.iter().map(|field| columns.names.iter().position(|name| name == field)).collect();
        let mut missing = Vec::new();
        for (at, column) in columns.names.iter().enumerate() {
            match places.iter().filter(|place| **place == Some(at)).count() {
                0 => missing.push(match nearest(column, found.iter().map(String::as_str)) {
                    Some(near) => format!("'{column}' (is it '{}'?)", shorten(near, 80)),
                    None => format!("'{column}'"),
                }),
                1 => {}
                _ => {
                    let (file, column) = (name.to_owned(), (*column).to_owned());
                    return Err(TableError::RepeatedColumn { file, row: 1, column });
                }
            }
        }
        if !missing.is_empty() {
            return Err(TableError::MissingColumns {
                file: name.to_owned(),
                row: 1,
                columns: missing.join(", "),
                found: shorten(&found.join(", "), 200),
            });
        }
        let start = (line_end as u64 + 1).min(length);
        Ok(Layout { delimiter, start, end: length, width: found.len(), columns: places })
    }

    /// The number of the first line after the header.
    pub fn first_row(&self) -> u64 {
        2
    }
    pub fn parts(&self) -> usize {
        (self.end - self.start).div_ceil(PART) as usize
    }
    pub fn reader<'f>(&'f self, of: &'f SpanFile) -> Result<Reader<'f>, TableError> {
        let file = File::open(&of.path).map_err(|source| TableError::Io { file: of.name.clone(), source })?;
        Ok(Reader { layout: self, of, file, bytes: Vec::new() })
    }
}

/// Reads parts of a text file.
pub(super) struct Reader<'f> {
    layout: &'f Layout,
    of: &'f SpanFile,
    file: File,
    bytes: Vec<u8>,
}

impl Reader<'_> {
    /// Reads the lines that begin in a part.
    pub fn part<T: Take>(&mut self, part: usize, faults: Faults, mut taker: T) -> Result<Part<T>, TableError> {
        let from = self.layout.start + part as u64 * PART;
        let owned = self.load(from, (from + PART).min(self.layout.end))?;
        let bytes = &self.bytes[owned];
        let plain = is_plain(bytes, self.layout.delimiter);
        let (mut received, mut rows, mut found) = (0, 0, Vec::new());
        let mut rest = bytes;
        while !rest.is_empty() {
            let end = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = trim_line(&rest[..end]);
            rest = rest.get(end + 1..).unwrap_or_default();
            if !line.is_empty() {
                received += 1;
                if let Err(refused) = self.line(line, plain, faults, &mut taker)
                    && faults == Faults::List
                {
                    found.push(refused.fault(&self.of.name, self.of.columns, rows, line));
                    if found.len() > super::FAULTS_MAX {
                        return Err(self.of.too_many(&found[0]));
                    }
                }
            }
            rows += 1;
        }
        Ok(Part { taken: taker, received, rows, faults: found })
    }

    fn line<T: Take>(&self, line: &[u8], plain: bool, faults: Faults, taker: &mut T) -> Result<(), Box<Refused>> {
        let mut cells: [&[u8]; 4] = [&[]; 4];
        if !plain && memchr(b'"', line).is_some() {
            let Some(fields) = quoted(line, self.layout.delimiter) else {
                let expected = "fields whose quotes are closed on the same line, with nothing after them";
                return Err(Refused::new(4, line, Code::OpenQuote, expected, "close the quote; a row is one line"));
            };
            self.check_width(fields.len(), line)?;
            for (field, column) in fields.iter().zip(&self.layout.columns) {
                if let Some(column) = column {
                    cells[*column] = field;
                }
            }
            return self.cells(cells, false, faults, taker);
        }
        let (mut start, mut width) = (0, 0);
        for end in memchr_iter(self.layout.delimiter, line).chain([line.len()]) {
            if let Some(Some(column)) = self.layout.columns.get(width) {
                cells[*column] = &line[start..end];
            }
            start = end + 1;
            width += 1;
        }
        self.check_width(width, line)?;
        self.cells(cells, plain, faults, taker)
    }

    #[inline]
    fn cells<T: Take>(
        &self,
        [first, second, from, to]: [&[u8]; 4],
        plain: bool,
        faults: Faults,
        taker: &mut T,
    ) -> Result<(), Box<Refused>> {
        let (first, second) = (Name::Text(first), Name::Text(second));
        let row = Row { first, second, from: Time::Text(from), to: Time::Text(to) };
        hand(row, self.of.columns, plain, faults == Faults::List, taker)
    }

    #[inline]
    fn check_width(&self, width: usize, line: &[u8]) -> Result<(), Box<Refused>> {
        if width == self.layout.width {
            return Ok(());
        }
        let expected = format!("{} fields, as in the header; there are {width}", self.layout.width);
        Err(Refused::new(4, line, Code::RaggedRow, expected, "look for a missing or an unquoted delimiter"))
    }

    /// Loads the bytes of a part, up to the end of its last line; gives where its lines stand in them.
    fn load(&mut self, from: u64, to: u64) -> Result<std::ops::Range<usize>, TableError> {
        let io = |source| TableError::Io { file: self.of.name.clone(), source };
        let first = from == self.layout.start;
        // The byte before tells whether a line begins here.
        let begin = if first { from } else { from - 1 };
        self.bytes.clear();
        self.file.seek(SeekFrom::Start(begin)).map_err(io)?;
        (&self.file).take(to - begin).read_to_end(&mut self.bytes).map_err(io)?;
        let start = if first { Some(0) } else { memchr(b'\n', &self.bytes).map(|at| at + 1) };
        let Some(start) = start else {
            return self.check_length(self.bytes.len()).map(|()| 0..0); // in the midst of a line
        };
        if start == self.bytes.len() {
            return Ok(start..start);
        }
        // Read on to the end of the last line, in larger and larger steps.
        let mut step = 256;
        while self.bytes.last() != Some(&b'\n') {
            let known = self.bytes.len();
            let more = (&self.file).take(step).read_to_end(&mut self.bytes).map_err(io)?;
            if more == 0 {
                break;
            }
            if let Some(at) = memchr(b'\n', &self.bytes[known..]) {
                self.bytes.truncate(known + at + 1);
            }
            self.check_length(self.bytes.len().saturating_sub((to - begin) as usize))?;
            step *= 4;
        }
        Ok(start..self.bytes.len())
    }

    fn check_length(&self, length: usize) -> Result<(), TableError> {
        if length <= LINE_MAX || PART < LINE_MAX as u64 {
            return Ok(());
        }
        Err(TableError::Damaged {
            file: self.of.name.clone(),
            part: "a line".to_owned(),
            what: format!("it is longer than {LINE_MAX} bytes"),
        })
    }
}

/// Whether bytes are good text without quotes and control characters, so that no row has to look.
fn is_plain(bytes: &[u8], delimiter: u8) -> bool {
    let odd = |byte: &u8| (*byte < b' ' && *byte != b'\n' && *byte != b'\r' && *byte != delimiter) | (*byte == b'"');
    let clean = bytes.chunks(4096).all(|chunk| !chunk.iter().fold(false, |found, byte| found | odd(byte)));
    clean && std::str::from_utf8(bytes).is_ok()
}

fn trim_line(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Fields of a line with quotes (RFC 4180, but a field ends with its line). `None` if a quote stays open, or stands where
/// none may.
fn quoted(line: &[u8], delimiter: u8) -> Option<Vec<Vec<u8>>> {
    let (mut fields, mut rest) = (Vec::new(), line);
    loop {
        let mut field = Vec::new();
        if let Some(mut inner) = rest.strip_prefix(b"\"") {
            loop {
                let quote = memchr(b'"', inner)?;
                field.extend_from_slice(&inner[..quote]);
                inner = &inner[quote + 1..];
                match inner.strip_prefix(b"\"") {
                    Some(after) => {
                        field.push(b'"');
                        inner = after;
                    }
                    None => break,
                }
            }
            rest = inner;
            if !(rest.is_empty() || rest[0] == delimiter) {
                return None;
            }
        } else {
            let end = memchr(delimiter, rest).unwrap_or(rest.len());
            if memchr(b'"', &rest[..end]).is_some() {
                return None;
            }
            field.extend_from_slice(&rest[..end]);
            rest = &rest[end..];
        }
        fields.push(field);
        match rest.split_first() {
            Some((_, after)) => rest = after,
            None => return Some(fields),
        }
    }
}
