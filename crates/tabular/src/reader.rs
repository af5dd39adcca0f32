//! A table read row by row. It opens a text file or a workbook, finds out how it is written, and gives each row either
//! as typed cells or as a fault that names the place and the remedy. Memory does not grow with the file, and every row
//! is counted: read = accepted + refused.

use crate::{
    cells::{self, Found, Given, Origin},
    encoding::{self, Decoded, Encoding},
    fault::{Code, Fault, Note, NoteCode, TableError, Wrong, keep_raw, shorten},
    header::{Header, Ignored, clean, text_header},
    package::{Input, PartError, Refusal},
    records::{Field, Records, Shape},
    row::{Row, Slot, keep, raw},
    sheet::{MAX_WIDTH, Sheet},
    source,
};
use dayclear_core::{schema::Table, time::Zone};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{Read, Seek},
    path::Path,
};

/// How to read a file.
#[derive(Clone, Debug)]
pub struct Options {
    /// Zone of times without an offset.
    pub zone: Zone,
    /// Columns by the headers of the file, where they differ from the declared names.
    pub mapping: BTreeMap<String, String>,
}

impl Options {
    /// Times without an offset are in this zone; headers are the declared names.
    pub fn new(zone: Zone) -> Self {
        Options { zone, mapping: BTreeMap::new() }
    }
}

/// What was found out about a file before its first row. A report should say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Name of the file, without its folder.
    pub file: String,
    /// Encoding of a text file.
    pub encoding: Option<Encoding>,
    /// Delimiter of a text file.
    pub delimiter: Option<char>,
    /// Sheet that is read.
    pub sheet: Option<String>,
    /// Sheets that are not read: hidden ones, and others beside the one that is.
    pub other_sheets: Vec<String>,
    /// Row of the header, as a person counts.
    pub header_row: u64,
    /// Columns that the table does not declare.
    pub ignored: Vec<Ignored>,
}

/// Counts of a file. `read = accepted + refused`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows in the file, without the header and blank rows.
    pub read: u64,
    /// Rows that became values.
    pub accepted: u64,
    /// Rows that became faults.
    pub refused: u64,
    /// Rows in which nothing stands.
    pub blank: u64,
    /// Accepted rows with notes.
    pub noted: u64,
    /// Notes by column and kind.
    pub notes: BTreeMap<(&'static str, NoteCode), u64>,
}

impl Tally {
    /// Whether every row is accounted for.
    pub const fn adds_up(&self) -> bool {
        self.read == self.accepted + self.refused
    }
}

/// Where the rows come from.
pub(crate) enum Rows {
    Text { records: Box<Records>, delimiter: u8 },
    Sheet { sheet: Box<Sheet<Box<dyn Input>>>, part: String },
}

/// A file that is read by the declaration of a table.
pub struct Reader {
    table: &'static Table,
    zone: Zone,
    about: About,
    header: Header,
    rows: Rows,
    slots: Vec<Slot>,
    scratch: String,
    notes: Vec<Note>,
    tally: Tally,
    ended: bool,
}

/// How the next row came out.
enum Step {
    End,
    Blank,
    Good,
    Bad(Box<Fault>),
}

impl Reader {
    /// Opens a file.
    pub fn open(path: &Path, table: &'static Table, options: &Options) -> Result<Reader, TableError> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        match File::open(path) {
            Ok(file) => Reader::new(&name, file, table, options),
            Err(source) => Err(TableError::Io { file: path.to_string_lossy().into_owned(), source }),
        }
    }

    /// The header of the file as one line, written with its own delimiter: what a row kept aside can be read by later.
    pub fn header_line(&self) -> String {
        let delimiter = self.about.delimiter.unwrap_or('\t');
        let quoted = |name: &String| match name.contains([delimiter, '"', '\n', '\r']) {
            true => format!("\"{}\"", name.replace('"', "\"\"")),
            false => name.clone(),
        };
        self.header.names.iter().map(quoted).collect::<Vec<_>>().join(&delimiter.to_string())
    }

    /// Reads from anything that can be read from any place. `name` is what faults call the file.
    pub fn new(
        name: &str,
        input: impl Read + Seek + Send + 'static,
        table: &'static Table,
        options: &Options,
    ) -> Result<Reader, TableError> {
        let mut about = About {
            file: name.to_owned(),
            encoding: None,
            delimiter: None,
            sheet: None,
            other_sheets: Vec::new(),
            header_row: 0,
            ignored: Vec::new(),
        };
        let mut input: Box<dyn Input> = Box::new(input);
        let is_package = source::is_package(name, &mut input)?;
        let mut rows = match is_package {
            true => source::open_sheet(input, table, &mut about)?,
            false => {
                let unreadable = |source| TableError::Io { file: name.to_owned(), source };
                let (encoding, mark) = encoding::detect(&mut input).map_err(unreadable)?;
                input.seek(std::io::SeekFrom::Start(mark)).map_err(unreadable)?;
                about.encoding = Some(encoding);
                let records = Box::new(Records::new(Decoded::new(Box::new(input), encoding)));
                Rows::Text { records, delimiter: b',' }
            }
        };
        let names = rows.header(name, table, &options.mapping)?.ok_or_else(|| {
            let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
            TableError::Empty { file: name.to_owned(), columns: columns.join(", ") }
        })?;
        about.header_row = rows.number();
        let header = Header::read(name, about.header_row, names, table, &options.mapping)?;
        about.ignored.clone_from(&header.ignored);
        match &mut rows {
            Rows::Text { records, delimiter } => {
                records.expect(*delimiter, Some(header.names.len()));
                about.delimiter = Some(char::from(*delimiter));
            }
            Rows::Sheet { sheet, .. } => sheet.expect(header.names.len()),
        }
        Ok(Reader {
            table,
            zone: options.zone.clone(),
            about,
            header,
            rows,
            slots: vec![Slot::Empty; table.columns.len()],
            scratch: String::new(),
            notes: Vec::new(),
            tally: Tally::default(),
            ended: false,
        })
    }

    /// What was found out about the file.
    pub const fn about(&self) -> &About {
        &self.about
    }
    /// The table by which the file is read.
    pub const fn table(&self) -> &'static Table {
        self.table
    }
    /// Counts so far.
    pub const fn tally(&self) -> &Tally {
        &self.tally
    }
    /// Counts of all rows that were read.
    pub fn finish(self) -> Tally {
        self.tally
    }

    /// The next row as values, or as a fault. `Ok(None)` is the end; an error means that the file cannot be read any
    /// further, and rows that came before it should not be used.
    pub fn next_row(&mut self) -> Result<Option<Result<Row<'_>, Box<Fault>>>, TableError> {
        if self.ended {
            return Ok(None);
        }
        loop {
            match self.step() {
                Ok(Step::Blank) => self.tally.blank += 1,
                Ok(Step::Good) => break,
                Ok(Step::Bad(fault)) => {
                    self.tally.read += 1;
                    self.tally.refused += 1;
                    return Ok(Some(Err(fault)));
                }
                Ok(Step::End) => {
                    self.ended = true;
                    return Ok(None);
                }
                Err(error) => {
                    self.ended = true;
                    return Err(error);
                }
            }
        }
        self.tally.read += 1;
        self.tally.accepted += 1;
        if !self.notes.is_empty() {
            self.tally.noted += 1;
            for note in &self.notes {
                *self.tally.notes.entry((note.column, note.code)).or_default() += 1;
            }
        }
        let (text, cells) = match &self.rows {
            // Checked when the row was read; checking once more is cheaper than a copy.
            Rows::Text { records, .. } => (std::str::from_utf8(records.row()).unwrap_or_default(), None),
            Rows::Sheet { sheet, .. } => (sheet.text(), Some(sheet.cells())),
        };
        let number = self.rows.number();
        let (scratch, slots, notes) = (self.scratch.as_str(), self.slots.as_slice(), self.notes.as_slice());
        Ok(Some(Ok(Row { number, text, cells, scratch, slots, notes })))
    }

    /// What stands in a declared column of the row that was read last, also of one that was refused: whom a row kept aside
    /// tells of. `None` where the column is not there, or the row has not as many fields as the header.
    pub fn said(&self, column: usize) -> Option<&str> {
        let place = (*self.header.places.get(column)?)?;
        let text = match &self.rows {
            Rows::Text { records, .. } if records.fields().len() == self.header.names.len() => {
                std::str::from_utf8(records.bytes(*records.fields().get(place)?)).ok()?
            }
            Rows::Text { .. } => return None,
            Rows::Sheet { sheet, .. } => sheet.cell(place).0,
        };
        Some(text.trim()).filter(|text| !text.is_empty())
    }

    fn step(&mut self) -> Result<Step, TableError> {
        self.notes.clear();
        self.scratch.clear();
        let file = &self.about.file;
        let fault = |place: Place<'_>, wrong: Wrong| {
            Step::Bad(Box::new(Fault {
                file: file.clone(),
                row: place.row,
                column: place.column.map_or_else(String::new, |column| shorten(column, 80)),
                value: shorten(place.value, crate::fault::VALUE_CHARS),
                expected: wrong.expected,
                remedy: wrong.remedy,
                code: wrong.code,
                raw: keep_raw(place.raw),
            }))
        };
        let width = self.header.names.len();
        match &mut self.rows {
            Rows::Text { records, delimiter } => {
                let shape = records.next().map_err(|source| TableError::Io { file: file.clone(), source })?;
                let row = records.line();
                let name = |column: usize| self.header.names.get(column).map(String::as_str);
                let bytes = records.row();
                let fields = records.fields();
                let bad = |column: Option<usize>, wrong: Wrong| {
                    let field = column.and_then(|column| fields.get(column));
                    let value = field.map_or(bytes, |field| &bytes[field.start as usize..field.end as usize]);
                    let (mut value, raw) = (String::from_utf8_lossy(value), String::from_utf8_lossy(bytes));
                    if field.is_some_and(|field| field.escaped) {
                        value = value.replace("\"\"", "\"").into();
                    }
                    fault(Place { row, column: column.and_then(name), value: &value, raw: &raw }, wrong)
                };
                match shape {
                    None => return Ok(Step::End),
                    Some(Shape::Blank) => return Ok(Step::Blank),
                    Some(Shape::Bad(code)) => {
                        let length = |at: &usize| fields[*at].end - fields[*at].start;
                        let column = match code {
                            Code::TooLong => (0..fields.len()).max_by_key(length),
                            _ => fields.len().checked_sub(1),
                        };
                        return Ok(bad(column, shape_wrong(code)));
                    }
                    Some(Shape::Good) => {}
                }
                let text = match std::str::from_utf8(bytes) {
                    Ok(text) => text,
                    Err(error) => {
                        let at = error.valid_up_to();
                        let column = fields.iter().position(|field| at < field.end as usize);
                        return Ok(bad(column, encoding_wrong(self.about.encoding)));
                    }
                };
                if bytes.contains(&0) {
                    let column = fields.iter().position(|field| records.bytes(*field).contains(&0));
                    return Ok(bad(column, nul_wrong()));
                }
                if text.bytes().all(|b| b == *delimiter || b == b' ' || b == b'"') {
                    return Ok(Step::Blank);
                }
                let extra = |field: &Field| field.start != field.end;
                if fields.len() < width || (fields.len() > width && fields[width..].iter().any(extra)) {
                    return Ok(bad(None, ragged_wrong(width, fields.len())));
                }
                if fields.len() > width {
                    self.notes.push(Note { column: "", code: NoteCode::ExtraEmptyCells });
                }
                for (at, column) in self.table.columns.iter().enumerate() {
                    let Some(place) = self.header.places[at] else {
                        self.slots[at] = Slot::Empty;
                        continue;
                    };
                    let field = fields[place];
                    let cell = &text[field.start as usize..field.end as usize];
                    let plain;
                    let (cell, start) = match field.escaped {
                        true => {
                            plain = cell.replace("\"\"", "\"");
                            (plain.as_str(), None)
                        }
                        false => (cell, Some(field.start)),
                    };
                    let given = Given { text: cell, origin: Origin::Csv, formula: false };
                    match cells::read(&column.kind, given, &self.zone) {
                        Ok((Found::Empty, _)) if column.required => {
                            return Ok(bad(Some(place), missing_wrong(&column.kind)));
                        }
                        Ok((found, note)) => {
                            self.slots[at] = keep(found, cell, start, &mut self.scratch);
                            self.notes.extend(note.map(|code| Note { column: column.name, code }));
                        }
                        Err(wrong) => return Ok(bad(Some(place), wrong)),
                    }
                }
            }
            Rows::Sheet { sheet, part } => {
                if !sheet.next().map_err(|error| source::part_error(file, part, error))? {
                    return Ok(Step::End);
                }
                let row = sheet.row();
                let text = sheet.text();
                let bad = |column: Option<usize>, wrong: Wrong| {
                    let raw = raw(text, Some(sheet.cells()));
                    let (value, name) = match column {
                        Some(column) => (sheet.cell(column).0, self.header.names.get(column).map(String::as_str)),
                        None => (&*raw, None),
                    };
                    fault(Place { row, column: name, value, raw: &raw }, wrong)
                };
                if sheet.too_long() {
                    return Ok(bad(None, shape_wrong(Code::TooLong)));
                }
                if let Some(column) = sheet.extra() {
                    return Ok(bad(None, ragged_wrong(width, column + 1)));
                }
                if sheet.cells().is_empty() {
                    return Ok(Step::Blank);
                }
                if text.contains('\0') {
                    let column = (0..width).find(|column| sheet.cell(*column).0.contains('\0'));
                    return Ok(bad(column, nul_wrong()));
                }
                for (at, column) in self.table.columns.iter().enumerate() {
                    let Some(place) = self.header.places[at] else {
                        self.slots[at] = Slot::Empty;
                        continue;
                    };
                    let (cell_text, cell) = sheet.cell(place);
                    let given = Given { text: cell_text, origin: cell.origin, formula: cell.formula };
                    match cells::read(&column.kind, given, &self.zone) {
                        Ok((Found::Empty, _)) if column.required => {
                            return Ok(bad(Some(place), missing_wrong(&column.kind)));
                        }
                        Ok((found, note)) => {
                            self.slots[at] = keep(found, cell_text, Some(cell.start), &mut self.scratch);
                            self.notes.extend(note.map(|code| Note { column: column.name, code }));
                        }
                        Err(wrong) => return Ok(bad(Some(place), wrong)),
                    }
                }
            }
        }
        Ok(Step::Good)
    }
}

struct Place<'p> {
    row: u64,
    column: Option<&'p str>,
    value: &'p str,
    raw: &'p str,
}

impl Rows {
    /// Number of the row as a person sees it.
    pub fn number(&self) -> u64 {
        match self {
            Rows::Text { records, .. } => records.line(),
            Rows::Sheet { sheet, .. } => sheet.row(),
        }
    }

    /// Names of the columns: the first row in which something stands. `None` if there is none.
    fn header(
        &mut self,
        file: &str,
        table: &Table,
        mapping: &BTreeMap<String, String>,
    ) -> Result<Option<Vec<String>>, TableError> {
        match self {
            Rows::Text { records, delimiter } => {
                let names = text_header(file, records, table, mapping)?;
                Ok(names.map(|(names, found)| {
                    *delimiter = found;
                    names
                }))
            }
            Rows::Sheet { sheet, part } => {
                while sheet.next().map_err(|error| source::part_error(file, part, error))? {
                    if sheet.extra().is_some() || sheet.too_long() {
                        let what = format!("its header has more than {MAX_WIDTH} columns");
                        let refusal = PartError::Refused(Refusal::Hostile(what));
                        return Err(source::part_error(file, part, refusal));
                    }
                    let width = sheet.cells().len();
                    if width > 0 {
                        return Ok(Some((0..width).map(|at| clean(sheet.cell(at).0).to_owned()).collect()));
                    }
                }
                Ok(None)
            }
        }
    }
}

fn shape_wrong(code: Code) -> Wrong {
    match code {
        Code::OpenQuote => Wrong::new(
            code,
            "a quoted cell that ends with a quote",
            "close the quote in this row; reading went on at the next line",
        ),
        Code::StrayQuote => Wrong::new(
            code,
            "a delimiter after a closing quote",
            "double the quotes inside the cell (\"\"), or remove them",
        ),
        _ => Wrong::new(Code::TooLong, "a row of at most 256 KiB", "shorten the longest cell of this row"),
    }
}

fn encoding_wrong(encoding: Option<Encoding>) -> Wrong {
    let name = encoding.map_or("text", Encoding::name);
    let remedy = "save the whole file in one encoding, best UTF-8; one row in another is often pasted from elsewhere";
    Wrong::new(Code::BadEncoding, format!("text in {name}, as in the rest of the file"), remedy)
}

fn nul_wrong() -> Wrong {
    Wrong::new(
        Code::NulByte,
        "text without NUL bytes",
        "export the file again; NUL often means a damaged or cut-off file",
    )
}

fn ragged_wrong(width: usize, found: usize) -> Wrong {
    let remedy =
        format!("the row has {found}; look for a delimiter that is missing, or is part of a text without quotes");
    Wrong::new(Code::RaggedRow, format!("{width} cells, as in the header"), remedy)
}

fn missing_wrong(kind: &dayclear_core::schema::Kind) -> Wrong {
    Wrong::new(Code::Missing, cells::expected(kind), "fill in the cell; a row cannot be used without it")
}
