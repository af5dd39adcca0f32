//! One row of a file of spans: its rules, whatever the file. It uses bytes as they stand in the file and makes text only
//! of what is wrong.

use super::{Asks, SpanColumns, Take, moment};
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

/// An identifier as it stands in a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name<'r> {
    /// Text, empty if nothing stands there.
    Text(&'r [u8]),
    /// A whole number, of which digits are made when they are needed.
    Whole(i64),
    /// A whole number without a sign.
    Unsigned(u64),
}

/// Room for the digits of a whole number.
pub(super) type Digits = [u8; 20];

impl<'r> Name<'r> {
    /// The identifier as text.
    #[inline]
    pub fn bytes(self, room: &'r mut Digits) -> &'r [u8] {
        let (mut rest, negative) = match self {
            Name::Text(text) => return text,
            Name::Whole(whole) => (whole.unsigned_abs(), whole < 0),
            Name::Unsigned(whole) => (whole, false),
        };
        let mut at = room.len();
        // Two digits a step: the next division waits for the last one.
        while rest >= 100 {
            let pair = rest % 100;
            rest /= 100;
            at -= 2;
            room[at] = b'0' + (pair / 10) as u8;
            room[at + 1] = b'0' + (pair % 10) as u8;
        }
        loop {
            at -= 1;
            room[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        if negative {
            at -= 1; // the longest number with a sign has 19 digits
            room[at] = b'-';
        }
        &room[at..]
    }
}

/// A row as it stands in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'r> {
    pub first: Name<'r>,
    pub second: Name<'r>,
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
    pub fn fault(self, file: &str, columns: SpanColumns, row: u64, raw: &[u8]) -> Fault {
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

/// Checks a row and hands it on if it is wanted. `plain` says that the bytes around it are known to be good text. `check`
/// says whether what is not wanted is checked all the same.
#[inline]
pub(super) fn hand<T: Take>(
    row: Row<'_>,
    columns: SpanColumns,
    plain: bool,
    check: bool,
    taker: &mut T,
) -> Result<(), Box<Refused>> {
    let first = identifier(row.first, 0, plain)?;
    let second = identifier(row.second, 1, plain)?;
    let wanted = match T::ASKS {
        Asks::Nothing => true,
        Asks::First => taker.wants(first.bytes(&mut [0; 20])),
        Asks::Second => taker.wants(second.bytes(&mut [0; 20])),
    };
    if !wanted && !check {
        return Ok(());
    }
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
    if wanted {
        taker.take(first.bytes(&mut [0; 20]), second.bytes(&mut [0; 20]), from, to);
    }
    Ok(())
}

/// What a taker is asked about an identifier: without the apostrophe, as it is handed on.
#[inline]
pub(super) fn meant(given: Name<'_>) -> Name<'_> {
    match given {
        Name::Text(text @ [b'\'', rest @ ..]) if guarded(text) => Name::Text(rest),
        _ => given,
    }
}

fn guarded(text: &[u8]) -> bool {
    needs_guard(&String::from_utf8_lossy(text))
}

/// An identifier without the apostrophe that keeps spreadsheets from running it.
#[inline]
fn identifier(given: Name<'_>, column: usize, plain: bool) -> Result<Name<'_>, Box<Refused>> {
    let Name::Text(text) = given else { return Ok(given) };
    match text {
        [] => Err(Refused::new(column, text, Code::Missing, "an identifier", "fill it in, or leave the row out")),
        [b'\'', ..] if guarded(text) => Ok(meant(given)),
        [b' ', ..] | [.., b' '] => {
            let expected = "an identifier without spaces around it";
            Err(Refused::new(column, text, Code::NotAnId, expected, "take the spaces away"))
        }
        _ if plain => Ok(given),
        _ => match std::str::from_utf8(text) {
            Err(_) => Err(Refused::new(column, text, Code::BadEncoding, "text in UTF-8", "save the file as UTF-8")),
            Ok(said) if said.contains(char::is_control) => {
                let expected = "an identifier without control characters";
                Err(Refused::new(column, text, Code::ControlCharacter, expected, "take them away"))
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
