//! Rows of a sheet, one at a time, from the stream of its XML (ECMA-376 part 1, 18.3). Only the cells below the header
//! are kept, so a cell far out costs nothing; rows that do not exist cost nothing either.

use crate::{
    cells::Origin,
    package::{PartError, damaged, hostile},
    workbook::{Strings, Texts, add_text, unescape_tail},
    xml::{Xml, utf8},
};
use quick_xml::events::{BytesStart, Event};
use std::io::Read;

/// Rows of a sheet (Excel specification).
const MAX_ROWS: u64 = 1_048_576;
/// Columns of a sheet (Excel specification).
const MAX_COLUMNS: usize = 16_384;
/// Columns of a header; the widest declared table has 19.
pub(crate) const MAX_WIDTH: usize = 1_024;
/// Most bytes of text in a row.
const MAX_ROW_TEXT: usize = 1024 * 1024;

/// Place of a cell's text in the text of its row, and what kind of cell it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SheetCell {
    pub start: u32,
    pub end: u32,
    pub origin: Origin,
    pub formula: bool,
}

const NOTHING: SheetCell = SheetCell { start: 0, end: 0, origin: Origin::Text, formula: false };

pub(crate) struct Sheet<R: Read> {
    xml: Xml<R>,
    strings: Strings,
    date_styles: Vec<bool>,
    from_1904: bool,
    in_data: bool,
    row: u64,
    width: usize,
    text: String,
    cells: Vec<SheetCell>,
    extra: Option<usize>,
    too_long: bool,
}

/// What the tag of a cell says.
struct Head {
    column: Option<usize>,
    kind: CellKind,
    style: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum CellKind {
    Number,
    Shared,
    Text,
    Bool,
    Error,
}

impl<R: Read> Sheet<R> {
    pub fn new(xml: Xml<R>, strings: Strings, date_styles: Vec<bool>, from_1904: bool) -> Self {
        Sheet {
            xml,
            strings,
            date_styles,
            from_1904,
            in_data: false,
            row: 0,
            width: MAX_WIDTH,
            text: String::new(),
            cells: Vec::new(),
            extra: None,
            too_long: false,
        }
    }

    /// Columns that are kept from now on.
    pub fn expect(&mut self, width: usize) {
        self.width = width;
    }
    /// Number of the row.
    pub fn row(&self) -> u64 {
        self.row
    }
    /// Cells of the row, up to the last that is not empty; their texts are parts of [`Sheet::text`].
    pub fn cells(&self) -> &[SheetCell] {
        &self.cells
    }
    /// Texts of the cells, one after another.
    pub fn text(&self) -> &str {
        &self.text
    }
    /// Text of the cell in a column.
    pub fn cell(&self, column: usize) -> (&str, SheetCell) {
        let cell = self.cells.get(column).copied().unwrap_or(NOTHING);
        (&self.text[cell.start as usize..cell.end as usize], cell)
    }
    /// First column beyond the header in which something stands.
    pub fn extra(&self) -> Option<usize> {
        self.extra
    }
    /// Whether the row has more text than a row can have.
    pub fn too_long(&self) -> bool {
        self.too_long
    }

    /// Goes to the next row that exists in the file; false at the end of the rows.
    pub fn next(&mut self) -> Result<bool, PartError> {
        self.text.clear();
        self.cells.clear();
        (self.extra, self.too_long) = (None, false);
        loop {
            match self.xml.next()? {
                Event::Start(element) => match element.local_name().as_ref() {
                    b"sheetData" => self.in_data = true,
                    b"row" if self.in_data => {
                        self.row = row_number(&element, self.row)?;
                        self.read_row()?;
                        return Ok(true);
                    }
                    _ => {}
                },
                Event::End(element) if element.local_name().as_ref() == b"sheetData" => {
                    self.in_data = false;
                    self.xml.drain()?;
                    return Ok(false);
                }
                Event::Eof => return Ok(false),
                _ => {}
            }
        }
    }

    fn read_row(&mut self) -> Result<(), PartError> {
        let mut next_column = 0;
        loop {
            let head = match self.xml.next()? {
                Event::Start(element) if element.local_name().as_ref() == b"c" => cell_head(&element)?,
                Event::End(element) if element.local_name().as_ref() == b"row" => return Ok(()),
                Event::Eof => return Err(damaged("it ends in the middle of a row").into()),
                _ => continue,
            };
            let column = head.column.unwrap_or(next_column);
            if column < next_column || column >= MAX_COLUMNS {
                return Err(damaged(format!("the cells of row {} are not in order", self.row)).into());
            }
            next_column = column + 1;
            self.read_cell(column, &head)?;
        }
    }

    fn read_cell(&mut self, column: usize, head: &Head) -> Result<(), PartError> {
        let start = self.text.len();
        let (mut in_value, mut formula) = (false, false);
        let mut texts = Texts::default();
        loop {
            let event = self.xml.next()?;
            match &event {
                Event::Start(element) => match element.local_name().as_ref() {
                    b"v" => in_value = true,
                    b"f" => formula = true,
                    name => texts.start(name),
                },
                Event::End(element) => match element.local_name().as_ref() {
                    b"v" => in_value = false,
                    b"c" => break,
                    name => texts.end(name),
                },
                Event::Eof => return Err(damaged("it ends in the middle of a cell").into()),
                event if in_value => add_text(event, &mut self.text)?,
                event => texts.add(event, &mut self.text)?,
            }
            if self.text.len() > MAX_ROW_TEXT {
                self.too_long = true;
                self.text.truncate(start);
            }
        }
        if head.kind == CellKind::Shared && self.text.len() > start {
            let index = self.text[start..].trim().parse::<usize>().ok();
            let text = index.and_then(|index| self.strings.get(index));
            let text = text.ok_or_else(|| damaged("a cell names a shared text that does not exist"))?;
            self.text.truncate(start);
            if self.text.len() + text.len() > MAX_ROW_TEXT {
                self.too_long = true;
            } else {
                self.text.push_str(text);
            }
        } else if head.kind == CellKind::Text {
            unescape_tail(&mut self.text, start);
        }
        if self.text.len() == start && !formula {
            return Ok(());
        }
        if column >= self.width {
            self.extra.get_or_insert(column);
            self.text.truncate(start);
            return Ok(());
        }
        let origin = match head.kind {
            CellKind::Number => Origin::Number {
                date: self.date_styles.get(head.style).copied().unwrap_or(false),
                from_1904: self.from_1904,
            },
            CellKind::Shared | CellKind::Text => Origin::Text,
            CellKind::Bool => Origin::Bool,
            CellKind::Error => Origin::Error,
        };
        self.cells.resize(column, NOTHING);
        self.cells.push(SheetCell { start: start as u32, end: self.text.len() as u32, origin, formula });
        Ok(())
    }
}

fn row_number(element: &BytesStart<'_>, last: u64) -> Result<u64, PartError> {
    let mut row = last + 1;
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| damaged("a tag in it is broken"))?;
        if attribute.key.local_name().as_ref() == b"r" {
            row = utf8(&attribute.value)?.parse().map_err(|_| damaged("a row has no number"))?;
        }
    }
    if row > MAX_ROWS {
        return Err(hostile("it has more than 1,048,576 rows, which no spreadsheet holds").into());
    }
    if row <= last {
        return Err(damaged(format!("row {row} comes after row {last}")).into());
    }
    Ok(row)
}

fn cell_head(element: &BytesStart<'_>) -> Result<Head, PartError> {
    let mut head = Head { column: None, kind: CellKind::Number, style: 0 };
    for attribute in element.attributes().with_checks(false) {
        let attribute = attribute.map_err(|_| damaged("a tag in it is broken"))?;
        let value = &*attribute.value;
        match attribute.key.local_name().as_ref() {
            b"r" => head.column = Some(column_number(value)?),
            b"s" => head.style = utf8(value)?.parse().unwrap_or(0),
            b"t" => {
                head.kind = match value {
                    b"n" => CellKind::Number,
                    b"s" => CellKind::Shared,
                    b"b" => CellKind::Bool,
                    b"e" => CellKind::Error,
                    // str: result of a formula; inlineStr; d: a date in ISO 8601
                    _ => CellKind::Text,
                }
            }
            _ => {}
        }
    }
    Ok(head)
}

/// Column of a cell reference such as `CZ200000`, counted from 0.
fn column_number(reference: &[u8]) -> Result<usize, PartError> {
    let letters = reference.iter().take_while(|b| b.is_ascii_alphabetic()).take(4);
    let number = letters.fold(0usize, |sum, b| sum * 26 + usize::from(b.to_ascii_uppercase() - b'A') + 1);
    if number == 0 || number > MAX_COLUMNS {
        return Err(hostile("a cell lies outside of every sheet").into());
    }
    Ok(number - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_letters() {
        for (reference, wanted) in [("A1", 0), ("Z9", 25), ("AA1", 26), ("CZ200000", 103), ("XFD1", 16_383)] {
            assert_eq!(column_number(reference.as_bytes()).unwrap(), wanted);
        }
        for bad in ["XFE1", "ZZZZ1", "ZZZZZZZZZZZZ1", "1", ""] {
            assert!(column_number(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
