//! One row of a file of spans: its rules, whatever the file. It uses bytes as they stand in the file and makes text only
//! of what is wrong.

use super::{SpanColumns, Take, moment};
use crate::{
    cells::needs_guard,
    fault::{Code, Fault, VALUE_CHARS, Wrong, keep_raw, shorten},
};

/// A time as it stands in a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Time<'r> {
    /// Text, empty if nothing stands there.
    Text(&'r [u8]),
    /// Seconds, for which no text was needed.
    Seconds(i64),
}

/// A row as it stands in a file. Identifiers are empty where nothing stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'r> {
    pub first: &'r [u8],
    pub second: &'r [u8],
    pub from: Time<'r>,
    pub to: Time<'r>,
}

/// What is wrong with a row: its column (by place; 4 is the whole row), what stands there, and what was expected.
pub(super) struct Refused {
    pub column: usize,
    pub value: String,
    pub wrong: Wrong,
}

impl Refused {
    pub fn new(column: usize, value: &[u8], code: Code, expected: impl Into<String>, remedy: &str) -> Box<Refused> {
        let value = String::from_utf8_lossy(value);
        Box::new(Refused { column, value: shorten(&value, VALUE_CHARS), wrong: Wrong::new(code, expected, remedy) })
    }
    /// As a fault; the number of the row counts from the start of its part.
    pub fn fault(self: Box<Self>, file: &str, columns: SpanColumns, row: u64, raw: &[u8]) -> Fault {
        Fault {
            file: file.to_owned(),
            row,
            column: columns.names.get(self.column).copied().unwrap_or_default().to_owned(),
            value: self.value,
            expected: self.wrong.expected,
            remedy: self.wrong.remedy,
            code: self.wrong.code,
            raw: keep_raw(&String::from_utf8_lossy(raw)),
        }
    }
}

/// Checks a row and hands it on. `plain` says that the bytes around it are known to be good text.
#[inline]
pub(super) fn hand<T: Take>(
    row: Row<'_>,
    columns: SpanColumns,
    plain: bool,
    taker: &mut T,
) -> Result<(), Box<Refused>> {
    let first = identifier(row.first, 0, plain)?;
    let second = identifier(row.second, 1, plain)?;
    let from = time(row.from, 2)?;
    let to = match row.to {
        Time::Text([]) if columns.open_end => None,
        given => Some(time(given, 3)?),
    };
    if let Some(end) = to
        && end < from
    {
        return Err(backwards(from, end, row.to));
    }
    taker.take(first, second, from, to);
    Ok(())
}

/// An identifier without the apostrophe that keeps spreadsheets from running it.
#[inline]
pub(super) fn identifier(given: &[u8], column: usize, plain: bool) -> Result<&[u8], Box<Refused>> {
    match given {
        [] => Err(Refused::new(column, given, Code::Missing, "an identifier", "fill it in, or leave the row out")),
        [b'\'', rest @ ..] if needs_guard(&String::from_utf8_lossy(given)) => Ok(rest),
        [b' ', ..] | [.., b' '] => {
            let expected = "an identifier without spaces around it";
            Err(Refused::new(column, given, Code::NotAnId, expected, "take the spaces away"))
        }
        _ if plain => Ok(given),
        _ => match std::str::from_utf8(given) {
            Err(_) => Err(Refused::new(column, given, Code::BadEncoding, "text in UTF-8", "save the file as UTF-8")),
            Ok(text) if text.contains(char::is_control) => {
                let expected = "an identifier without control characters";
                Err(Refused::new(column, given, Code::ControlCharacter, expected, "take them away"))
            }
            Ok(_) => Ok(given),
        },
    }
}

#[inline]
fn time(given: Time<'_>, column: usize) -> Result<i64, Box<Refused>> {
    match given {
        Time::Seconds(seconds) => Ok(seconds),
        Time::Text(text) => moment::seconds(text).ok_or_else(|| not_a_time(text, column)),
    }
}

#[cold]
fn not_a_time(text: &[u8], column: usize) -> Box<Refused> {
    if text.is_empty() {
        return Refused::new(column, text, Code::Missing, "a time with its offset (RFC 3339)", "fill it in");
    }
    let value = shorten(&String::from_utf8_lossy(text), VALUE_CHARS);
    Box::new(Refused { column, value, wrong: moment::wrong(text) })
}

#[cold]
fn backwards(from: i64, end: i64, given: Time<'_>) -> Box<Refused> {
    let shown = |at| moment::text(at, 0).unwrap_or_else(|| format!("second {at}"));
    let value = match given {
        Time::Text(text) => String::from_utf8_lossy(text).into_owned(),
        Time::Seconds(_) => shown(end),
    };
    let expected = format!("a time at or after the start of the row ({})", shown(from));
    Refused::new(3, value.as_bytes(), Code::OutOfRange, expected, "correct whichever of the two is wrong")
}
