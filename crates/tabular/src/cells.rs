//! A cell as a value of its kind. It uses the declarations of core and nothing of the file formats, so a CSV and a
//! workbook give the same answers. What is read in another style than declared is noted; what has two readings, or
//! was damaged on the way, is refused and never repaired.

use crate::{
    dates,
    documents::{self, damaged, looks_scientific},
    fault::{Code, NoteCode, Wrong, is_invisible, nearest},
};
use dayclear_core::{
    divisions::DivisionCode,
    schema::Kind,
    time::{CivilDate, Instant, Zone},
};
use std::borrow::Cow;

/// A value of a cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Cell<'r> {
    /// Nothing stands there: unknown, and never a zero.
    Empty,
    /// Text, identifier, division code or document number, without spaces around it.
    Text(&'r str),
    /// A whole number.
    Whole(i64),
    /// A decimal number; always finite.
    Real(f64),
    /// A day.
    Day(CivilDate),
    /// A point in time.
    Moment(Instant),
    /// Position of a term in the list that the column declares.
    Term(usize),
    /// Terms of the list that the column declares.
    Terms(Terms),
}

/// A set of terms, by their positions in the list that the column declares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Terms(u64);

impl Terms {
    /// Whether a term is in the set.
    pub const fn contains(self, term: usize) -> bool {
        term < 64 && self.0 & (1 << term) != 0
    }
    /// Whether no term is in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// Positions in ascending order.
    pub fn iter(self) -> impl Iterator<Item = usize> {
        (0..64).filter(move |term| self.contains(*term))
    }
    fn with(self, term: usize) -> Terms {
        Terms(self.0 | 1u64.checked_shl(term as u32).unwrap_or(0))
    }
}

/// Where a text comes from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Origin {
    /// A text file, where everything is text.
    Csv,
    /// A text cell of a sheet.
    Text,
    /// A number cell of a sheet; `date` if it is formatted as a date or time.
    Number { date: bool, from_1904: bool },
    /// TRUE or FALSE.
    Bool,
    /// #N/A and the like.
    Error,
}

/// A cell as it stands in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Given<'t> {
    pub text: &'t str,
    pub origin: Origin,
    pub formula: bool,
}

/// A value of a cell, before the row is complete.
#[derive(Debug)]
pub(crate) enum Found<'t> {
    Empty,
    Text(Cow<'t, str>),
    Whole(i64),
    Real(f64),
    Day(CivilDate),
    Moment(Instant),
    Term(usize),
    Terms(Terms),
}

const UNKNOWN: &str = "leave the cell empty if it is unknown";

/// Reads a cell as what its column declares.
pub(crate) fn read<'t>(kind: &Kind, given: Given<'t>, zone: &Zone) -> Result<(Found<'t>, Option<NoteCode>), Wrong> {
    let text = trim(given.text);
    if given.formula && text.is_empty() {
        let remedy = "copy the column and paste it as values, then save the file again";
        return Err(Wrong::new(Code::FormulaWithoutValue, "a value, not a formula without a stored result", remedy));
    }
    let text = match given.origin {
        // an apostrophe that an export put there is the first character of all; one after a blank is somebody's own
        Origin::Csv => trim(unguard(given.text, kind)),
        _ => text,
    };
    if text.is_empty() {
        return Ok((Found::Empty, None));
    }
    if given.origin == Origin::Error {
        return Err(Wrong::new(Code::SpreadsheetError, expected(kind), "correct the formula, or leave the cell empty"));
    }
    let (found, note) = match given.origin {
        Origin::Number { date, from_1904 } => number_cell(kind, text, date, from_1904, zone)?,
        Origin::Bool => bool_cell(kind, text, zone)?,
        _ => text_cell(kind, Cow::Borrowed(text), zone)?,
    };
    Ok((found, note.or(given.formula.then_some(NoteCode::FormulaValue))))
}

fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
}

/// Characters at the beginning of a cell that make a spreadsheet run it (OWASP ASVS 5.0, 1.2.10).
pub(crate) fn starts_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0'])
}

/// Whether a text must be guarded by an apostrophe in a CSV, so that no spreadsheet runs it and a reader can take the
/// apostrophe away again: it begins with a formula, or with apostrophes before one.
pub(crate) fn needs_guard(text: &str) -> bool {
    starts_formula(text.trim_start_matches('\''))
}

/// Takes away the apostrophe that an export put before a formula.
fn unguard<'t>(text: &'t str, kind: &Kind) -> &'t str {
    match kind {
        Kind::Id | Kind::Text(_) | Kind::Document | Kind::Division => match text.strip_prefix('\'') {
            Some(rest) if needs_guard(text) => rest,
            _ => text,
        },
        _ => text,
    }
}

fn text_cell<'t>(kind: &Kind, text: Cow<'t, str>, zone: &Zone) -> Result<(Found<'t>, Option<NoteCode>), Wrong> {
    match kind {
        Kind::Id => id(&text, kind).map(|()| (Found::Text(text), None)),
        Kind::Text(most) => free_text(&text, *most).map(|()| (Found::Text(text), None)),
        Kind::Division => match text.parse::<DivisionCode>() {
            _ if looks_scientific(&text) => Err(damaged(&expected(kind))),
            Ok(_) => Ok((Found::Text(text), None)),
            Err(_) => Err(Wrong::new(Code::NotADivision, expected(kind), "take the code from the table of divisions")),
        },
        Kind::Document => match text {
            Cow::Borrowed(text) => documents::document(text).map(|(text, note)| (Found::Text(text), note)),
            Cow::Owned(text) => {
                documents::document(&text).map(|(text, note)| (Found::Text(Cow::Owned(text.into_owned())), note))
            }
        },
        Kind::Whole(low, high) => whole(&text, *low, *high, kind).map(|(number, note)| (Found::Whole(number), note)),
        Kind::Real(low, high) => real(&text, *low, *high, kind).map(|number| (Found::Real(number), None)),
        Kind::Day => dates::day(&text, zone).map(|(day, note)| (Found::Day(day), note)),
        Kind::Moment => dates::moment(&text, zone).map(|(at, note)| (Found::Moment(at), note)),
        Kind::OneOf(list) => term(&text, list, kind).map(|(term, note)| (Found::Term(term), note)),
        Kind::ManyOf(list) => terms(&text, list, kind).map(|(terms, note)| (Found::Terms(terms), note)),
    }
}

/// A number cell of a sheet.
fn number_cell<'t>(
    kind: &Kind,
    text: &'t str,
    date: bool,
    from_1904: bool,
    zone: &Zone,
) -> Result<(Found<'t>, Option<NoteCode>), Wrong> {
    let number: f64 = text.parse().ok().filter(|n: &f64| n.is_finite()).ok_or_else(|| {
        Wrong::new(Code::NotANumber, expected(kind), "the workbook holds a number cell without a number; save it again")
    })?;
    let note = (!date).then_some(NoteCode::SerialDate);
    match kind {
        Kind::Day => {
            let (day, micros) = dates::sheet_number(number, date, from_1904)?;
            return Ok((Found::Day(day), if micros == 0 { note } else { Some(NoteCode::TimeDropped) }));
        }
        Kind::Moment => {
            let (day, micros) = dates::sheet_number(number, date, from_1904).map_err(|_| {
                Wrong::new(Code::NotAMoment, expected(kind), "write it as text, or format the cell as a date")
            })?;
            return Ok((Found::Moment(dates::local(day, micros, zone)), note));
        }
        _ if date => {
            let remedy = "a spreadsheet took the text for a date: format the column as text, then type the value again";
            return Err(Wrong::new(Code::BecameADate, expected(kind), remedy));
        }
        Kind::Real(low, high) => return in_range(number, *low, *high, kind).map(|number| (Found::Real(number), None)),
        _ => {}
    }
    // Beyond 15 digits a spreadsheet does not keep what was typed.
    if number.abs() >= 1e15 {
        return Err(damaged(&expected(kind)));
    }
    let plain = text.len() < 16 && text.bytes().all(|b| b.is_ascii_digit());
    let written = match plain {
        true => Cow::Borrowed(text),
        false if number.fract() == 0.0 => Cow::Owned((number as i64).to_string()),
        false => Cow::Owned(number.to_string()),
    };
    text_cell(kind, written, zone)
}

fn bool_cell<'t>(kind: &Kind, text: &'t str, zone: &Zone) -> Result<(Found<'t>, Option<NoteCode>), Wrong> {
    let truth = matches!(text, "1" | "true" | "TRUE");
    if let Kind::OneOf(list) = kind
        && let Some(at) = list.iter().position(|term| *term == if truth { "yes" } else { "no" })
    {
        return Ok((Found::Term(at), Some(NoteCode::BooleanRead)));
    }
    text_cell(kind, Cow::Borrowed(if truth { "TRUE" } else { "FALSE" }), zone)
}

fn id(text: &str, kind: &Kind) -> Result<(), Wrong> {
    let plain = text.len() <= 64 && text.bytes().all(|b| b.is_ascii_graphic());
    if plain && !starts_formula(text) && !text.contains('+') {
        return Ok(());
    }
    let wrong = |code, remedy: &str| Err(Wrong::new(code, expected(kind), remedy));
    if starts_formula(text) {
        return wrong(
            Code::Formula,
            "a spreadsheet would run it as a formula; write an id that begins with a letter or digit",
        );
    }
    if looks_scientific(text) {
        return Err(damaged(&expected(kind)));
    }
    if text.chars().any(is_invisible) {
        return wrong(Code::InvisibleCharacter, "it holds a character that cannot be seen; type it again");
    }
    if text.chars().any(char::is_control) {
        return wrong(Code::ControlCharacter, "it holds a control character; type it again");
    }
    if text.chars().any(char::is_whitespace) {
        return wrong(Code::NotAnId, "write it without spaces");
    }
    if text.chars().count() > 64 {
        return wrong(Code::TooLong, "write at most 64 characters");
    }
    Ok(())
}

fn free_text(text: &str, most: usize) -> Result<(), Wrong> {
    // Telephone and house numbers are texts too.
    if looks_scientific(text) {
        return Err(damaged(&format!("text of at most {most} characters")));
    }
    if text.len() > most && text.chars().nth(most).is_some() {
        return Err(Wrong::new(
            Code::TooLong,
            format!("at most {most} characters"),
            format!("it has {} characters; shorten it", text.chars().count()),
        ));
    }
    let bad = |b: u8| b < b' ' && !matches!(b, b'\t' | b'\n' | b'\r') || b == 0x7f;
    if text.bytes().any(bad) {
        return Err(Wrong::new(
            Code::ControlCharacter,
            "text without control characters",
            "remove the control character",
        ));
    }
    Ok(())
}

fn whole(text: &str, low: i64, high: i64, kind: &Kind) -> Result<(i64, Option<NoteCode>), Wrong> {
    let wrong = |code, remedy: &str| Wrong::new(code, expected(kind), remedy);
    let (digits, note) = match text.split_once('.') {
        Some((digits, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => {
            (digits, Some(NoteCode::DecimalZero))
        }
        _ => (text, None),
    };
    let number: i64 = digits.parse().map_err(|_| {
        let bare = digits.strip_prefix('-').unwrap_or(digits);
        if !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_digit()) {
            return wrong(Code::OutOfRange, "correct it");
        }
        wrong(Code::NotAWholeNumber, &format!("write digits only, without separators or units; {UNKNOWN}"))
    })?;
    if number < low || number > high {
        return Err(wrong(Code::OutOfRange, &format!("correct it; {UNKNOWN}")));
    }
    Ok((number, note))
}

fn real(text: &str, low: f64, high: f64, kind: &Kind) -> Result<f64, Wrong> {
    // `parse` would also take inf and nan.
    let numeric = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    match text.parse::<f64>() {
        Ok(number) if numeric && number.is_finite() => in_range(number, low, high, kind),
        _ => {
            let remedy = if text.contains(',') { "write a point before the decimals" } else { UNKNOWN };
            Err(Wrong::new(Code::NotANumber, expected(kind), remedy))
        }
    }
}

fn in_range(number: f64, low: f64, high: f64, kind: &Kind) -> Result<f64, Wrong> {
    if number < low || number > high {
        return Err(Wrong::new(Code::OutOfRange, expected(kind), format!("correct it; {UNKNOWN}")));
    }
    Ok(number)
}

fn term(text: &str, list: &'static [&'static str], kind: &Kind) -> Result<(usize, Option<NoteCode>), Wrong> {
    if let Some(at) = list.iter().position(|term| *term == text) {
        return Ok((at, None));
    }
    // Lists that differ only in letter case do not exist; a test of the schema says so.
    if let Some(at) = list.iter().position(|term| term.eq_ignore_ascii_case(text)) {
        return Ok((at, Some(NoteCode::TermStyle)));
    }
    let remedy = match nearest(text, list.iter().copied()) {
        Some(term) => format!("did you mean '{term}'?"),
        None => format!("write one of the terms; {UNKNOWN}"),
    };
    Err(Wrong::new(Code::NotATerm, expected(kind), remedy))
}

fn terms(text: &str, list: &'static [&'static str], kind: &Kind) -> Result<(Terms, Option<NoteCode>), Wrong> {
    let (mut set, mut note) = (Terms::default(), None);
    for part in text.split([';', '；']) {
        let trimmed = part.trim();
        if trimmed.is_empty() {
            continue;
        }
        let (at, styled) = term(trimmed, list, kind)?;
        set = set.with(at);
        note = note.or(styled);
    }
    if text.contains('；') {
        note = Some(NoteCode::TermStyle);
    }
    Ok((set, note))
}

/// What a column holds, in words for a person.
pub(crate) fn expected(kind: &Kind) -> String {
    match kind {
        Kind::Id => "an id: 1 to 64 visible characters without spaces".to_owned(),
        Kind::Text(most) => format!("text of at most {most} characters"),
        Kind::Division => {
            "a division code: 2 to 24 digits, capital letters or '-', for example 500103001002".to_owned()
        }
        Kind::Whole(low, high) => format!("a whole number from {low} to {high}"),
        Kind::Real(low, high) => format!("a number from {low} to {high}"),
        Kind::Day => "a day such as 2022-11-20".to_owned(),
        Kind::Moment => {
            "a time such as 2022-11-20T08:30:00+08:00, or 2022-11-20T08:30 in the time of the city".to_owned()
        }
        Kind::OneOf(list) => format!("one of {}", list.join(", ")),
        Kind::ManyOf(list) => format!("terms separated by ';', of {}", list.join(", ")),
        Kind::Document => "an identity document number".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayclear_core::schema::{DAY_FOLDER, LINELIST, LINELIST_CONTACTS};

    const SEX: Kind = Kind::OneOf(&["female", "male", "unknown"]);
    const NEEDS: Kind = Kind::ManyOf(&["dialysis", "oxygen", "pet"]);
    const KNOWN: Kind = Kind::OneOf(&["yes", "no", "unknown"]);
    const NUMBER: Origin = Origin::Number { date: false, from_1904: false };
    const DATE: Origin = Origin::Number { date: true, from_1904: false };

    fn answer(kind: Kind, origin: Origin, text: &str) -> String {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        match read(&kind, Given { text, origin, formula: false }, &zone) {
            Ok((found, None)) => format!("{found:?}"),
            Ok((found, Some(note))) => format!("{found:?} {note}"),
            Err(wrong) => wrong.code.to_string(),
        }
    }

    #[test]
    fn cells() {
        use Kind::*;
        let cases: &[(Kind, Origin, &str, &str)] = &[
            (Id, Origin::Csv, " P-1 ", "Text(\"P-1\")"),
            (Id, Origin::Csv, "", "Empty"),
            (Id, Origin::Csv, "\u{3000}", "Empty"),
            (Id, Origin::Csv, "a b", "not_an_id"),
            (Id, Origin::Csv, "a\u{200b}b", "invisible_character"),
            (Id, Origin::Csv, "a\u{7}b", "control_character"),
            (Id, Origin::Csv, "=cmd()", "formula"),
            (Id, Origin::Csv, "'=cmd()", "formula"),
            (Id, Origin::Csv, "@x", "formula"),
            (Id, Origin::Csv, "1.23457E+11", "damaged_number"),
            (Id, Origin::Csv, "渝A·12345", "Text(\"渝A·12345\")"),
            (Id, Origin::Csv, "A+", "Text(\"A+\")"),
            (Id, NUMBER, "13812345678", "Text(\"13812345678\")"),
            (Id, NUMBER, "1.3812345678E10", "Text(\"13812345678\")"),
            (Id, NUMBER, "500103199001011000", "damaged_number"),
            (Id, NUMBER, "5.00103E+17", "damaged_number"),
            (Id, DATE, "44622", "became_a_date"),
            (Text(20), DATE, "44622", "became_a_date"),
            (Text(20), NUMBER, "3", "Text(\"3\")"),
            (Text(20), NUMBER, "0.5", "Text(\"0.5\")"),
            (Text(20), Origin::Csv, "=cmd()", "Text(\"=cmd()\")"),
            (Text(20), Origin::Csv, "'=cmd()", "Text(\"=cmd()\")"),
            (Text(20), Origin::Csv, "''=cmd()", "Text(\"'=cmd()\")"),
            (Text(20), Origin::Csv, "'tis", "Text(\"'tis\")"),
            (Text(20), Origin::Text, "'=cmd()", "Text(\"'=cmd()\")"),
            (Text(3), Origin::Csv, "重庆市", "Text(\"重庆市\")"),
            (Text(3), Origin::Csv, "重庆市区", "too_long"),
            (Text(9), Origin::Csv, "a\u{1}", "control_character"),
            (Text(9), Origin::Csv, "a\nb", "Text(\"a\\nb\")"),
            (Text(24), Origin::Csv, "1.38123E+10", "damaged_number"),
            (Text(9), Origin::Error, "#N/A", "spreadsheet_error"),
            (Division, Origin::Csv, "500103", "Text(\"500103\")"),
            (Division, NUMBER, "500103001002", "Text(\"500103001002\")"),
            (Division, Origin::Csv, "5.00103E+11", "damaged_number"),
            (Division, Origin::Csv, "yuzhong", "not_a_division"),
            (Whole(0, 9), Origin::Csv, "7", "Whole(7)"),
            (Whole(0, 9), Origin::Csv, "7.0", "Whole(7) decimal_zero"),
            (Whole(0, 9), NUMBER, "7", "Whole(7)"),
            (Whole(0, 9), NUMBER, "7.5", "not_a_whole_number"),
            (Whole(0, 9), Origin::Csv, "-1", "out_of_range"),
            (Whole(0, 9), Origin::Csv, "99999999999999999999", "out_of_range"),
            (Whole(0, 9999), Origin::Csv, "1,000", "not_a_whole_number"),
            (Whole(0, 9), Origin::Csv, "NA", "not_a_whole_number"),
            (Real(0.0, 9.0), Origin::Csv, "2.5", "Real(2.5)"),
            (Real(0.0, 9.0), NUMBER, "2.5", "Real(2.5)"),
            (Real(0.0, 9.0), Origin::Csv, "2,5", "not_a_number"),
            (Real(0.0, 9.0), Origin::Csv, "nan", "not_a_number"),
            (Real(0.0, 9.0), Origin::Csv, "inf", "not_a_number"),
            (Real(0.0, 9.0), Origin::Csv, "9.1", "out_of_range"),
            (Day, DATE, "44885", "Day(CivilDate(2022-11-20))"),
            (Day, NUMBER, "44885", "Day(CivilDate(2022-11-20)) serial_date"),
            (Day, Origin::Number { date: true, from_1904: true }, "43423", "Day(CivilDate(2022-11-20))"),
            (Day, NUMBER, "2022", "not_a_date"),
            (SEX, Origin::Csv, "male", "Term(1)"),
            (SEX, Origin::Csv, "Male", "Term(1) term_style"),
            (SEX, Origin::Csv, "mle", "not_a_term"),
            (KNOWN, Origin::Bool, "1", "Term(0) boolean_read"),
            (KNOWN, Origin::Bool, "0", "Term(1) boolean_read"),
            (SEX, Origin::Bool, "1", "not_a_term"),
            (NEEDS, Origin::Csv, "oxygen; pet", "Terms(Terms(6))"),
            (NEEDS, Origin::Csv, "oxygen；pet", "Terms(Terms(6)) term_style"),
            (NEEDS, Origin::Csv, "oxygen;cat", "not_a_term"),
            (Document, Origin::Csv, "11010519491231002x", "Text(\"11010519491231002X\")"),
            (Document, NUMBER, "1.1010519491231E+17", "damaged_number"),
            (Document, NUMBER, "110105491231002", "Text(\"110105491231002\")"),
        ];
        for (kind, origin, text, wanted) in cases {
            assert_eq!(answer(*kind, *origin, text), *wanted, "{kind:?} {origin:?} {text:?}");
        }
    }

    #[test]
    fn formulas_need_a_value() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let given = |text| Given { text, origin: Origin::Text, formula: true };
        assert_eq!(read(&Kind::Id, given(""), &zone).unwrap_err().code, Code::FormulaWithoutValue);
        assert_eq!(read(&Kind::Id, given("P1"), &zone).unwrap().1, Some(NoteCode::FormulaValue));
    }

    #[test]
    fn the_declared_lists_fit_the_readers() {
        let tables = DAY_FOLDER.iter().copied().chain([&LINELIST, &LINELIST_CONTACTS]);
        for column in tables.flat_map(|table| table.columns) {
            if let Kind::OneOf(list) | Kind::ManyOf(list) = column.kind {
                assert!(list.len() <= 64, "{}", column.name);
                for (at, term) in list.iter().enumerate() {
                    let same = |other: &&str| other.eq_ignore_ascii_case(term);
                    assert_eq!(list.iter().position(same), Some(at), "{term} twice in {}", column.name);
                    assert!(!term.contains([';', '；', ',']) && term.trim() == *term, "{term}");
                }
            }
        }
    }
}
