//! One row as typed values that borrow from the text of the row. It uses the cells and nothing of the file formats,
//! so that reading a row needs no memory of its own but for the few texts that do not stand in the file as they are.

use crate::{
    cells::{Cell, Found, Terms},
    fault::Note,
    sheet::SheetCell,
};
use dayclear_core::time::{CivilDate, Instant};
use std::borrow::Cow;

/// A value, with its text as a place in the row or in the scratch text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Slot {
    Empty,
    InRow(u32, u32),
    InScratch(u32, u32),
    Whole(i64),
    Real(f64),
    Day(CivilDate),
    Moment(Instant),
    Term(usize),
    Terms(Terms),
}

/// One row with its values by the position of the column in the table.
#[derive(Clone, Copy)]
pub struct Row<'r> {
    pub(crate) number: u64,
    pub(crate) text: &'r str,
    pub(crate) cells: Option<&'r [SheetCell]>,
    pub(crate) scratch: &'r str,
    pub(crate) slots: &'r [Slot],
    pub(crate) notes: &'r [Note],
}

impl<'r> Row<'r> {
    /// Row as a person sees it: the line in a text file (the header is line 1), the row number in a sheet.
    pub const fn number(&self) -> u64 {
        self.number
    }
    /// What was doubtful, but read.
    pub const fn notes(&self) -> &'r [Note] {
        self.notes
    }
    /// The row as it came; of a workbook its cells, separated by tabs.
    pub fn raw(&self) -> Cow<'r, str> {
        raw(self.text, self.cells)
    }
    /// Bytes of text in the row, for saying how far a file has been read.
    pub const fn length(&self) -> usize {
        self.text.len()
    }
    /// The cell in a column.
    pub fn cell(&self, column: usize) -> Cell<'r> {
        match self.slots.get(column).copied().unwrap_or(Slot::Empty) {
            Slot::Empty => Cell::Empty,
            Slot::InRow(start, end) => Cell::Text(&self.text[start as usize..end as usize]),
            Slot::InScratch(start, end) => Cell::Text(&self.scratch[start as usize..end as usize]),
            Slot::Whole(number) => Cell::Whole(number),
            Slot::Real(number) => Cell::Real(number),
            Slot::Day(day) => Cell::Day(day),
            Slot::Moment(at) => Cell::Moment(at),
            Slot::Term(term) => Cell::Term(term),
            Slot::Terms(terms) => Cell::Terms(terms),
        }
    }
    /// Text, id, division code or document number; `None` if the cell is empty.
    pub fn text(&self, column: usize) -> Option<&'r str> {
        if let Cell::Text(text) = self.cell(column) { Some(text) } else { None }
    }
    /// Whole number.
    pub fn whole(&self, column: usize) -> Option<i64> {
        if let Cell::Whole(number) = self.cell(column) { Some(number) } else { None }
    }
    /// Decimal number.
    pub fn real(&self, column: usize) -> Option<f64> {
        if let Cell::Real(number) = self.cell(column) { Some(number) } else { None }
    }
    /// Day.
    pub fn day(&self, column: usize) -> Option<CivilDate> {
        if let Cell::Day(day) = self.cell(column) { Some(day) } else { None }
    }
    /// Point in time.
    pub fn moment(&self, column: usize) -> Option<Instant> {
        if let Cell::Moment(at) = self.cell(column) { Some(at) } else { None }
    }
    /// Position of the term in the list that the column declares.
    pub fn term(&self, column: usize) -> Option<usize> {
        if let Cell::Term(term) = self.cell(column) { Some(term) } else { None }
    }
    /// Terms of the list that the column declares; the empty set if the cell is empty.
    pub fn terms(&self, column: usize) -> Terms {
        if let Cell::Terms(terms) = self.cell(column) { terms } else { Terms::default() }
    }
}

/// The text of a row; of a sheet its cells, separated by tabs.
pub(crate) fn raw<'r>(text: &'r str, cells: Option<&[SheetCell]>) -> Cow<'r, str> {
    match cells {
        None => Cow::Borrowed(text),
        Some(cells) => {
            let texts: Vec<&str> = cells.iter().map(|cell| &text[cell.start as usize..cell.end as usize]).collect();
            Cow::Owned(texts.join("\t"))
        }
    }
}

/// Keeps a value. `start` is the place of the cell in the row, if its text stands there as it is.
pub(crate) fn keep(found: Found<'_>, cell: &str, start: Option<u32>, scratch: &mut String) -> Slot {
    match found {
        Found::Empty => Slot::Empty,
        Found::Text(text) => match (&text, start) {
            (Cow::Borrowed(part), Some(start)) => {
                // The text is a part of the cell: their addresses say where.
                let from = start + (part.as_ptr() as usize - cell.as_ptr() as usize) as u32;
                Slot::InRow(from, from + part.len() as u32)
            }
            _ => {
                let from = scratch.len() as u32;
                scratch.push_str(&text);
                Slot::InScratch(from, scratch.len() as u32)
            }
        },
        Found::Whole(number) => Slot::Whole(number),
        Found::Real(number) => Slot::Real(number),
        Found::Day(day) => Slot::Day(day),
        Found::Moment(at) => Slot::Moment(at),
        Found::Term(term) => Slot::Term(term),
        Found::Terms(terms) => Slot::Terms(terms),
    }
}
