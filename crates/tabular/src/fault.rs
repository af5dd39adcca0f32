//! What can be wrong with a row or a file, and how it is said. It uses the vocabulary of core and nothing else. Every
//! answer names the place, what stands there, what was expected and what to do; codes are stable, so lists can be
//! grouped by them.

use dayclear_core::terms;
use std::io;
use thiserror::Error;

terms! {
    /// Why a row was refused.
    Code {
        /// Bytes that are no text in the encoding of the file.
        BadEncoding = "bad_encoding",
        /// A NUL byte in the row.
        NulByte = "nul_byte",
        /// More or fewer cells than the header has.
        RaggedRow = "ragged_row",
        /// A quote that is not closed; reading went on at the next line.
        OpenQuote = "open_quote",
        /// Text after a closing quote.
        StrayQuote = "stray_quote",
        /// A cell or row that is too long.
        TooLong = "too_long",
        /// A required cell is empty.
        Missing = "missing",
        /// A control character in a cell.
        ControlCharacter = "control_character",
        /// A character that cannot be seen in an identifier.
        InvisibleCharacter = "invisible_character",
        /// A space, or more than 64 characters, in an identifier.
        NotAnId = "not_an_id",
        /// An identifier that a spreadsheet would run as a formula.
        Formula = "formula",
        NotADivision = "not_a_division",
        NotAWholeNumber = "not_a_whole_number",
        NotANumber = "not_a_number",
        OutOfRange = "out_of_range",
        NotADate = "not_a_date",
        /// A date that can be read in two ways.
        AmbiguousDate = "ambiguous_date",
        /// A day that is not in the calendar.
        NoSuchDay = "no_such_day",
        NotAMoment = "not_a_moment",
        NotATerm = "not_a_term",
        /// A long number that a spreadsheet rounded.
        DamagedNumber = "damaged_number",
        /// An 18-character document number whose check character is wrong (GB 11643).
        WrongCheckDigit = "wrong_check_digit",
        NotADocument = "not_a_document",
        /// A text that a spreadsheet turned into a date.
        BecameADate = "became_a_date",
        /// A formula without a stored result.
        FormulaWithoutValue = "formula_without_value",
        /// A cell such as #N/A or #REF!.
        SpreadsheetError = "spreadsheet_error",
    }
}

terms! {
    /// Why a cell was understood although it was not written as expected.
    NoteCode {
        /// A date or time in another style than ISO 8601, with only one reading.
        DateStyle = "date_style",
        /// A date or time as the number of days that a spreadsheet keeps.
        SerialDate = "serial_date",
        /// A time of day in a column of days was left out.
        TimeDropped = "time_dropped",
        /// A whole number with a decimal part of zero.
        DecimalZero = "decimal_zero",
        /// A term in other letter case, or with another separator.
        TermStyle = "term_style",
        /// A spreadsheet's TRUE or FALSE read as yes or no.
        BooleanRead = "boolean_read",
        /// The stored result of a formula was taken.
        FormulaValue = "formula_value",
        /// A document number that ends in 000 with a correct check digit; a spreadsheet may have damaged it all the same.
        EndsInZeros = "ends_in_zeros",
        /// Empty cells after the last column.
        ExtraEmptyCells = "extra_empty_cells",
    }
}

impl NoteCode {
    /// The note as a sentence.
    pub const fn about(self) -> &'static str {
        match self {
            NoteCode::DateStyle => "the date is not written as 2022-11-20; it has one reading, which was taken",
            NoteCode::SerialDate => "the date is a spreadsheet's day number; it was converted",
            NoteCode::TimeDropped => "the column holds days; the time of day was left out",
            NoteCode::DecimalZero => "a whole number is written with a decimal part of zero",
            NoteCode::TermStyle => "the term is written in other letters or with another separator than declared",
            NoteCode::BooleanRead => "TRUE was read as yes, FALSE as no",
            NoteCode::FormulaValue => "the cell holds a formula; its stored result was taken",
            NoteCode::EndsInZeros => "the document number ends in 000; check that no spreadsheet rounded it",
            NoteCode::ExtraEmptyCells => "the row has empty cells after its last column",
        }
    }
}

/// A cell that was read although it is doubtful.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// Column, or empty for the row as a whole.
    pub column: &'static str,
    /// What was doubtful.
    pub code: NoteCode,
}

/// A row that was refused: the place, what stands there, what was expected, what to do.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Fault {
    /// Name of the file, without its folder.
    pub file: String,
    /// Row as a person sees it: the line in a text file (the header is line 1), the row number in a sheet.
    pub row: u64,
    /// Column, or empty for the row as a whole.
    pub column: String,
    /// What stands there, at most 80 characters, control characters written out.
    pub value: String,
    /// What was expected.
    pub expected: String,
    /// What to do.
    pub remedy: String,
    /// Stable code.
    pub code: Code,
    /// The row as it came, at most [`RAW_CHARS`] characters.
    pub raw: String,
}

/// Most characters of a refused row that are kept.
pub const RAW_CHARS: usize = 4_000;
/// Most characters of a value that are shown.
pub const VALUE_CHARS: usize = 80;

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, row {}", self.file, self.row)?;
        if !self.column.is_empty() {
            write!(f, ", column {}", self.column)?;
        }
        write!(f, ": '{}', expected {}; {} [{}]", self.value, self.expected, self.remedy, self.code)
    }
}

/// A file that cannot be read at all, or not any further.
#[derive(Debug, Error)]
pub enum TableError {
    /// The file could not be opened or read.
    #[error("{file}: cannot be read ({source}); check the path and the permissions")]
    Io {
        /// File.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The file has no header.
    #[error("{file}: is empty; the first line must name the columns: {columns}")]
    Empty {
        /// File.
        file: String,
        /// Names of the columns.
        columns: String,
    },
    /// The file is of a kind that is not read.
    #[error("{file}: is {found}; {remedy}")]
    Format {
        /// File.
        file: String,
        /// What the file is.
        found: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// Required columns are missing.
    #[error(
        "{file}: the header (row {row}) lacks {columns}; it has: {found}. Add or rename the columns, or give a mapping"
    )]
    MissingColumns {
        /// File.
        file: String,
        /// Row of the header.
        row: u64,
        /// What is missing, with the nearest header in the file.
        columns: String,
        /// Header as it is.
        found: String,
    },
    /// Two columns bear one name.
    #[error("{file}: the header (row {row}) has '{column}' more than once; remove or rename one of them")]
    RepeatedColumn {
        /// File.
        file: String,
        /// Row of the header.
        row: u64,
        /// The name.
        column: String,
    },
    /// A mapping that does not fit the file or the table.
    #[error("{file}: the mapping '{header}' to '{column}' does not fit: {what}")]
    Mapping {
        /// File.
        file: String,
        /// Header named by the mapping.
        header: String,
        /// Column named by the mapping.
        column: String,
        /// What does not fit.
        what: &'static str,
    },
    /// It is not clear which sheet is meant.
    #[error("{file}: {what}; sheets: {sheets}. Name the sheet with the data '{table}' and make it visible")]
    WhichSheet {
        /// File.
        file: String,
        /// What is unclear.
        what: &'static str,
        /// Sheets of the workbook.
        sheets: String,
        /// Name the sheet should have.
        table: &'static str,
    },
    /// A file that could harm the reader. Nothing of it should be used.
    #[error(
        "{file}: refused, because {what} ({part}); save the data again as CSV, or as a new workbook with one sheet"
    )]
    Hostile {
        /// File.
        file: String,
        /// Part of the workbook.
        part: String,
        /// What is wrong.
        what: String,
    },
    /// A file that is broken.
    #[error("{file}: is damaged in {part} ({what}); ask the sender for it again, or save it again")]
    Damaged {
        /// File.
        file: String,
        /// Part of the workbook.
        part: String,
        /// What is wrong.
        what: String,
    },
}

impl TableError {
    /// Stable code, beside those of [`Code`].
    pub const fn code(&self) -> &'static str {
        match self {
            TableError::Io { .. } => "unreadable",
            TableError::Empty { .. } => "empty_file",
            TableError::Format { .. } => "wrong_format",
            TableError::MissingColumns { .. } => "missing_columns",
            TableError::RepeatedColumn { .. } => "repeated_column",
            TableError::Mapping { .. } => "wrong_mapping",
            TableError::WhichSheet { .. } => "which_sheet",
            TableError::Hostile { .. } => "hostile_file",
            TableError::Damaged { .. } => "damaged_file",
        }
    }
}

/// What is wrong with a cell, before the place is known.
#[derive(Debug)]
pub(crate) struct Wrong {
    pub code: Code,
    pub expected: String,
    pub remedy: String,
}

impl Wrong {
    pub fn new(code: Code, expected: impl Into<String>, remedy: impl Into<String>) -> Self {
        Wrong { code, expected: expected.into(), remedy: remedy.into() }
    }
}

/// The beginning of a text for people: at most `most` characters, control and invisible characters written out.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        if at == most {
            out.push('…');
            break;
        }
        if c.is_control() || is_invisible(c) { out.extend(c.escape_unicode()) } else { out.push(c) }
    }
    out
}

/// The beginning of a row for the list of doubtful rows, unchanged but for its length and NUL, which no store takes.
pub(crate) fn keep_raw(text: &str) -> String {
    let mut out: String = text.chars().take(RAW_CHARS).map(|c| if c == '\0' { '\u{2400}' } else { c }).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}

/// Characters that take no place on the screen, or turn the direction of writing.
pub(crate) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// The known name that is nearest to a given one, if one is near enough to be meant.
pub fn nearest<'n>(given: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let fold = |text: &str| -> Vec<char> {
        text.chars().take(64).filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let given = fold(given);
    if given.is_empty() {
        return None;
    }
    let scored = known.into_iter().map(|name| (distance(&given, &fold(name)), name));
    scored.min().filter(|(steps, name)| *steps <= 1.max(name.chars().count() / 3)).map(|(_, name)| name)
}

/// Edit distance (Levenshtein).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (corner + usize::from(x != y)).min(above + 1).min(row[j] + 1);
            corner = above;
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_near_or_none() {
        let known = ["person", "birth_date", "document"];
        for (given, wanted) in [
            ("Person", Some("person")),
            ("persn", Some("person")),
            ("birth date", Some("birth_date")),
            ("BirthDate", Some("birth_date")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(given, known), wanted, "{given}");
        }
    }

    #[test]
    fn values_are_short_and_visible() {
        assert_eq!(shorten("a\0b\u{200b}", 80), "a\\u{0}b\\u{200b}");
        assert_eq!(shorten("abcdef", 3), "abc…");
        assert_eq!(keep_raw("a\0b"), "a\u{2400}b");
    }
}
