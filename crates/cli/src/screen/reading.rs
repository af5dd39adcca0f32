//! Cells of the files of `dayclear screen`: each is read exactly or answered with file, row, column, value and expectation.

use crate::epi_input::Sheet;
use anyhow::{Context, Result};
use csv::StringRecord;
use dayclear_core::time::Instant;
use std::{fmt::Display, str::FromStr};

/// A term of a closed list, as an argument.
pub fn term<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: T::Err| error.to_string())
}

/// A clock time as minutes of the day: 06:30.
pub fn clock(text: &str) -> Result<i32, String> {
    let wrong = || format!("'{text}' is no clock time; expected one such as 06:30");
    let (hours, minutes) = text.split_once(':').ok_or_else(wrong)?;
    match (hours.parse::<i32>(), minutes.parse::<i32>()) {
        (Ok(hours @ 0..=24), Ok(minutes @ 0..=59)) if hours * 60 + minutes <= 24 * 60 => Ok(hours * 60 + minutes),
        _ => Err(wrong()),
    }
}

/// Opening hours: 06:00-22:00.
pub fn hours(text: &str) -> Result<(i32, i32), String> {
    let (from, to) =
        text.split_once('-').ok_or_else(|| format!("'{text}': expected opening hours such as 06:00-22:00"))?;
    Ok((clock(from.trim())?, clock(to.trim())?))
}

/// A column that may be missing, of one row.
pub struct Cell<'a> {
    sheet: &'a Sheet,
    line: u64,
    column: Option<usize>,
    text: &'a str,
}

/// A cell of a row, by the place of its column.
pub fn cell<'a>(sheet: &'a Sheet, line: u64, row: &'a StringRecord, column: Option<usize>) -> Cell<'a> {
    Cell { sheet, line, column, text: column.and_then(|column| row.get(column)).unwrap_or_default() }
}

impl<'a> Cell<'a> {
    /// The text; none if it is empty.
    pub fn text(&self) -> Option<&'a str> {
        (!self.text.is_empty()).then_some(self.text)
    }

    fn wrong(&self, expected: &str) -> anyhow::Error {
        self.sheet.wrong(self.line, self.column.unwrap_or(usize::MAX), self.text, expected)
    }

    /// A text that must be there.
    pub fn must(&self, expected: &str) -> Result<&'a str> {
        self.text().ok_or_else(|| self.wrong(expected))
    }

    /// A value; none if the cell is empty.
    pub fn parsed<T: FromStr>(&self, expected: &str) -> Result<Option<T>> {
        self.text().map(|text| text.parse().map_err(|_| self.wrong(expected))).transpose()
    }

    /// A number within bounds; none if the cell is empty.
    pub fn number(&self, least: f64, most: f64) -> Result<Option<f64>> {
        let expected = format!("a number from {least} to {most}");
        match self.parsed::<f64>(&expected)? {
            Some(value) if !(least..=most).contains(&value) => Err(self.wrong(&expected)),
            other => Ok(other),
        }
    }

    /// A count; none if the cell is empty.
    pub fn count(&self) -> Result<Option<u32>> {
        self.parsed("a whole number of 0 or more")
    }

    /// A moment with its offset; none if the cell is empty.
    pub fn moment(&self) -> Result<Option<Instant>> {
        self.parsed("a moment with its offset, as 2022-11-20T08:00:00+08:00")
    }

    /// A value that must be there.
    pub fn given<T>(&self, value: Option<T>, expected: &str) -> Result<T> {
        value.ok_or_else(|| self.wrong(expected))
    }
}

/// Reads longitude and latitude of a row.
pub fn place(sheet: &Sheet, line: u64, row: &StringRecord) -> Result<dayclear_engines::screening::plan::Place> {
    let one = |name: &str, most: f64| -> Result<f64> {
        let cell = cell(sheet, line, row, Some(sheet.column(name)?));
        let value = cell.number(-most, most)?;
        cell.given(value, "degrees, WGS-84")
    };
    Ok(dayclear_engines::screening::plan::Place { lon: one("lon", 180.0)?, lat: one("lat", 90.0)? })
}

/// The pack of a name.
pub fn pack(id: &str) -> Result<dayclear_core::protocol::Pack> {
    let packs = crate::setting::packs()?;
    packs.named(id).cloned().with_context(|| {
        let names: Vec<&str> = packs.iter().map(|pack| pack.id.as_str()).collect();
        format!("there is no protocol pack '{id}'; there are: {}", names.join(", "))
    })
}
