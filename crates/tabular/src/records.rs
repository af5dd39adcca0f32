//! Rows of a delimited text file, found in one pass over a bounded buffer and without a copy. Lines may end in CR, LF or
//! CRLF, also mixed. A quote that is not closed costs its own line and nothing more: reading goes on at the next line,
//! so that no row is swallowed in silence.

use crate::{encoding::Decoded, fault::Code};
use std::{io, ops::Range};

/// Longest row, in bytes of UTF-8. The longest declared text has 4,000 characters.
pub(crate) const MAX_RECORD: usize = 256 * 1024;
/// Most lines in one quoted cell; a quote that stays open longer was never closed.
pub(crate) const MAX_QUOTED_LINES: usize = 100;
const BUFFER: usize = 4 * MAX_RECORD;

/// Place of a cell in its row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    pub start: u32,
    pub end: u32,
    /// The cell holds doubled quotes.
    pub escaped: bool,
}

/// How a row is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Good,
    /// An empty line.
    Blank,
    /// The last field is where it went wrong.
    Bad(Code),
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    FieldStart,
    Plain,
    Quoted,
    /// After a quote within a quoted cell: its end, or the first of a doubled quote.
    Closing,
    /// After the end of a quoted cell.
    Closed,
    /// What is left of a line that cannot be read.
    Rest(Code),
}

pub(crate) struct Records {
    source: Decoded,
    buffer: Vec<u8>,
    filled: usize,
    start: usize,
    end: usize,
    next: usize,
    line: u64,
    next_line: u64,
    ended: bool,
    /// The terminator of the last row was a CR; an LF that follows belongs to it.
    after_cr: bool,
    delimiter: u8,
    /// Cells that a row should have; a row over several lines with another number has an open quote.
    width: Option<usize>,
    fields: Vec<Field>,
}

impl Records {
    pub fn new(source: Decoded) -> Self {
        Records {
            source,
            buffer: vec![0; BUFFER],
            filled: 0,
            start: 0,
            end: 0,
            next: 0,
            line: 1,
            next_line: 1,
            ended: false,
            after_cr: false,
            delimiter: b',',
            width: None,
            fields: Vec::new(),
        }
    }

    /// Sets the delimiter, and the cells that a row should have once the header is known.
    pub fn expect(&mut self, delimiter: u8, width: Option<usize>) {
        (self.delimiter, self.width) = (delimiter, width);
    }

    /// Makes `next` read this row once more, for another delimiter. The row must not have been too long.
    pub fn again(&mut self) {
        (self.next, self.next_line, self.after_cr) = (self.start, self.line, false);
    }

    /// The row, without its terminator.
    pub fn row(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }
    /// Line on which the row begins.
    pub fn line(&self) -> u64 {
        self.line
    }
    /// The cells of the row.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }
    /// Bytes of a cell.
    pub fn bytes(&self, field: Field) -> &[u8] {
        &self.row()[field.start as usize..field.end as usize]
    }

    /// Goes to the next row.
    pub fn next(&mut self) -> io::Result<Option<Shape>> {
        self.start = self.next;
        self.line = self.next_line;
        self.fields.clear();
        let mut state = State::FieldStart;
        // Everything below counts from the start of the row, because the buffer moves under it.
        let mut at = 0usize;
        let mut cell = 0usize;
        let mut escaped = false;
        let mut lines = 0usize;
        let mut cr_in_quotes = false;
        // Where the second line of a quoted cell begins, and whether a CR stands before it.
        let mut second: Option<(usize, bool)> = None;
        let delimiter = self.delimiter;
        loop {
            if let (true, Some(second)) = (at > MAX_RECORD, second) {
                return Ok(Some(self.give_up(cell, second)));
            }
            if self.start + at == self.filled {
                if at > MAX_RECORD {
                    // What is beyond is looked at for its quotes and line ends, and forgotten.
                    at = MAX_RECORD + 1;
                    self.filled = self.start + at;
                }
                if !self.refill()? {
                    return Ok(self.at_the_end(state, at, cell, escaped, lines, second));
                }
            }
            let byte = self.buffer[self.start + at];
            match state {
                State::FieldStart if at == 0 && byte == b'\n' && std::mem::take(&mut self.after_cr) => {
                    self.start += 1;
                    continue;
                }
                State::FieldStart if byte == b'"' => {
                    (state, escaped, cell) = (State::Quoted, false, at + 1);
                }
                State::FieldStart | State::Plain => {
                    if state == State::FieldStart {
                        cell = at;
                        state = State::Plain;
                    }
                    // The hot loop: to the end of the cell.
                    let block = &self.buffer[self.start + at..self.filled];
                    match block.iter().position(|b| *b == delimiter || *b == b'\n' || *b == b'\r') {
                        None => {
                            at += block.len();
                            continue;
                        }
                        Some(length) => at += length,
                    }
                    self.push(cell, at, false);
                    if self.buffer[self.start + at] != delimiter {
                        return Ok(Some(self.close(at, lines, second)));
                    }
                    state = State::FieldStart;
                }
                State::Quoted => {
                    let is_line = byte == b'\r' || (byte == b'\n' && !cr_in_quotes);
                    cr_in_quotes = byte == b'\r';
                    if byte == b'"' {
                        state = State::Closing;
                    } else if is_line {
                        if at > MAX_RECORD {
                            self.push(cell, at, false);
                            return Ok(Some(self.end_row(Shape::Bad(Code::OpenQuote), at, lines)));
                        }
                        second.get_or_insert((at + 1, byte == b'\r'));
                        lines += 1;
                        if let (true, Some(second)) = (lines > MAX_QUOTED_LINES, second) {
                            return Ok(Some(self.give_up(cell, second)));
                        }
                    }
                }
                State::Closing if byte == b'"' => (state, escaped) = (State::Quoted, true),
                State::Closing | State::Closed => {
                    if state == State::Closing {
                        self.push(cell, at - 1, escaped);
                    }
                    match byte {
                        b'\n' | b'\r' => return Ok(Some(self.close(at, lines, second))),
                        b if b == delimiter => state = State::FieldStart,
                        b' ' | b'\t' => state = State::Closed,
                        _ => match second {
                            Some(second) => return Ok(Some(self.give_up(cell, second))),
                            None => {
                                state = State::Rest(Code::StrayQuote);
                            }
                        },
                    }
                }
                State::Rest(code) => {
                    if byte == b'\n' || byte == b'\r' {
                        return Ok(Some(self.end_row(Shape::Bad(code), at, lines)));
                    }
                }
            }
            at += 1;
        }
    }

    fn push(&mut self, start: usize, end: usize, escaped: bool) {
        // A row that is too long keeps its first bytes, and its cells end there.
        let clip = |at: usize| at.min(MAX_RECORD) as u32;
        let start = clip(start);
        self.fields.push(Field { start, end: clip(end).max(start), escaped });
    }

    /// A row ends at a line end or the end of the file.
    fn close(&mut self, at: usize, lines: usize, second: Option<(usize, bool)>) -> Shape {
        if at > MAX_RECORD {
            return match second {
                Some(second) => self.give_up(at, second),
                None => self.end_row(Shape::Bad(Code::TooLong), at, lines),
            };
        }
        if let (Some(second), Some(width)) = (second, self.width) {
            let extra = self.fields.len() > width && self.fields[width..].iter().any(|f| f.start != f.end);
            if self.fields.len() < width || extra {
                return self.give_up(at, second);
            }
        }
        let shape = if at == 0 { Shape::Blank } else { Shape::Good };
        self.end_row(shape, at, lines)
    }

    /// Ends the row at `at`, where a line end stands (or the end of the file).
    fn end_row(&mut self, shape: Shape, at: usize, lines: usize) -> Shape {
        let stop = self.start + at;
        self.end = self.start + at.min(MAX_RECORD);
        self.after_cr = stop < self.filled && self.buffer[stop] == b'\r';
        self.next = (stop + 1).min(self.filled);
        self.next_line = self.line + lines as u64 + 1;
        shape
    }

    /// Gives up a row whose quote stays open: only its first line is the row. The cell that runs over the end of that
    /// line is the one that was opened.
    fn give_up(&mut self, cell: usize, (second, after_cr): (usize, bool)) -> Shape {
        let first_end = second - 1;
        let opened = self.fields.iter().find(|field| field.end as usize > first_end);
        let opened = opened.map_or(cell, |field| field.start as usize);
        self.fields.retain(|field| field.end as usize <= first_end);
        self.push(opened.min(first_end), first_end, false);
        self.end = self.start + first_end.min(MAX_RECORD);
        self.next = self.start + second;
        self.after_cr = after_cr;
        self.next_line = self.line + 1;
        Shape::Bad(Code::OpenQuote)
    }

    fn at_the_end(
        &mut self,
        state: State,
        at: usize,
        cell: usize,
        escaped: bool,
        lines: usize,
        second: Option<(usize, bool)>,
    ) -> Option<Shape> {
        match state {
            State::FieldStart if at == 0 => {
                self.end = self.start;
                return None;
            }
            State::FieldStart => self.push(at, at, false),
            State::Plain => self.push(cell, at, false),
            State::Closing => self.push(cell, at - 1, escaped),
            State::Closed => {}
            State::Quoted => {
                if let Some(second) = second {
                    return Some(self.give_up(cell, second));
                }
                self.push(cell, at, false);
                return Some(self.end_row(Shape::Bad(Code::OpenQuote), at, lines));
            }
            State::Rest(code) => return Some(self.end_row(Shape::Bad(code), at, lines)),
        }
        Some(self.close(at, lines, second))
    }

    /// Reads more behind what is there; false at the end of the file.
    fn refill(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
        }
        // A row is at most MAX_RECORD long when it gets here, so there is always room.
        let room: Range<usize> = self.filled..self.buffer.len();
        let read = self.source.fill(&mut self.buffer[room])?;
        self.filled += read;
        self.ended = read == 0;
        Ok(read > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Encoding;
    use proptest::prelude::*;
    use std::io::Cursor;

    /// Rows as (line, shape, cells), read with the width of the first row as the expected one if `strict`.
    fn rows(text: &[u8], width: Option<usize>) -> Vec<(u64, Shape, Vec<String>)> {
        let mut records = Records::new(Decoded::new(Box::new(Cursor::new(text.to_vec())), Encoding::Utf8));
        records.expect(b',', width);
        let mut out = Vec::new();
        while let Some(shape) = records.next().unwrap() {
            let cells = records.fields().iter().map(|field| {
                let text = String::from_utf8_lossy(records.bytes(*field)).into_owned();
                if field.escaped { text.replace("\"\"", "\"") } else { text }
            });
            out.push((records.line(), shape, cells.collect()));
        }
        out
    }

    fn good(line: u64, cells: &[&str]) -> (u64, Shape, Vec<String>) {
        (line, Shape::Good, cells.iter().map(|cell| (*cell).to_owned()).collect())
    }
    fn bad(line: u64, code: Code, cells: &[&str]) -> (u64, Shape, Vec<String>) {
        (line, Shape::Bad(code), cells.iter().map(|cell| (*cell).to_owned()).collect())
    }

    #[test]
    fn lines_end_in_many_ways() {
        let wanted = vec![good(1, &["a", "b"]), good(2, &["1", "2"]), good(3, &["3", ""]), good(4, &["", "5"])];
        for text in ["a,b\n1,2\n3,\n,5\n", "a,b\r\n1,2\r\n3,\r\n,5", "a,b\r1,2\r3,\r,5\r", "a,b\r\n1,2\n3,\r,5\n"] {
            assert_eq!(rows(text.as_bytes(), Some(2)), wanted, "{text:?}");
        }
        let blank = (2, Shape::Blank, vec![String::new()]);
        assert_eq!(rows(b"a,b\n\nx,y", Some(2)), vec![good(1, &["a", "b"]), blank, good(3, &["x", "y"])]);
    }

    #[test]
    fn quoted_cells() {
        assert_eq!(
            rows(b"\"a\"\"b\",\"c,d\"\n\"x\r\ny\" ,z\n1,2\n", Some(2)),
            vec![good(1, &["a\"b", "c,d"]), good(2, &["x\r\ny", "z"]), good(4, &["1", "2"])]
        );
        assert_eq!(rows(b"5\" pipe,x", Some(2)), vec![good(1, &["5\" pipe", "x"])]);
    }

    #[test]
    fn an_open_quote_costs_one_line() {
        // To the end of the file.
        assert_eq!(
            rows(b"1,2\n3,\"4\n5,6\n7,8\n", Some(2)),
            vec![
                good(1, &["1", "2"]),
                bad(2, Code::OpenQuote, &["3", "4"]),
                good(3, &["5", "6"]),
                good(4, &["7", "8"])
            ]
        );
        // Closed by the quote of another row.
        assert_eq!(
            rows(b"3,\"4\n5,6\n7,\"8\"\n", Some(2)),
            vec![bad(1, Code::OpenQuote, &["3", "4"]), good(2, &["5", "6"]), good(3, &["7", "8"])]
        );
        // Closed so that the number of cells betrays it.
        assert_eq!(
            rows(b"\"3,4\r\n5,\"\r\n7,8", Some(2)),
            vec![bad(1, Code::OpenQuote, &["3,4"]), bad(2, Code::OpenQuote, &["5", ""]), good(3, &["7", "8"])]
        );
        // Open for too many lines.
        let text = format!("a,\"b\n{}c,\"d\"\n", "x,y\n".repeat(5_000));
        let read = rows(text.as_bytes(), Some(2));
        assert_eq!(read.len(), 5_002);
        assert_eq!(read[0], bad(1, Code::OpenQuote, &["a", "b"]));
        assert!(read[1..].iter().all(|(_, shape, _)| *shape == Shape::Good));
        assert_eq!(read[5_001], good(5_002, &["c", "d"]));
    }

    #[test]
    fn text_after_a_quote_costs_its_row() {
        let wanted = vec![bad(1, Code::StrayQuote, &["a", "b"]), good(2, &["1", "2"])];
        assert_eq!(rows(b"a,\"b\"c,d\n1,2\n", Some(2)), wanted);
    }

    #[test]
    fn a_giant_cell_costs_its_row() {
        let big = "x".repeat(10 * 1024 * 1024);
        for (text, code) in [
            (format!("a,{big},c\n1,2,3\n"), Code::TooLong),
            (format!("a,\"{big}\",c\n1,2,3\n"), Code::TooLong),
            (format!("a,\"{big},c\n1,2,3\n"), Code::OpenQuote),
        ] {
            let read = rows(text.as_bytes(), Some(3));
            assert_eq!(read.len(), 2);
            assert_eq!((read[0].0, read[0].1), (1, Shape::Bad(code)));
            assert!(read[0].2[1].starts_with("xxx") && read[0].2[1].len() <= MAX_RECORD);
            assert_eq!(read[1], good(2, &["1", "2", "3"]));
        }
    }

    proptest! {
        /// Whatever a writer of CSV writes is read back as it was; the `csv` crate is the second opinion.
        #[test]
        fn what_another_library_writes_is_read(table in prop::collection::vec(prop::collection::vec("[a-c,\"\r\n é]{0,6}", 3), 1..20)) {
            let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
            for row in &table {
                writer.write_record(row).unwrap();
            }
            let text = writer.into_inner().unwrap();
            let read: Vec<Vec<String>> = rows(&text, Some(3)).into_iter().map(|row| row.2).collect();
            prop_assert_eq!(read, table);
        }

        /// Any bytes: no panic, and every line is in exactly one row.
        #[test]
        fn any_bytes(text in prop::collection::vec(prop::sample::select(b"\",\n\ra \0\xff".to_vec()), 0..200), width in 1usize..4) {
            let read = rows(&text, Some(width));
            let mut line = 0;
            for (at, _, _) in &read {
                prop_assert!(*at > line);
                line = *at;
            }
        }
    }
}
