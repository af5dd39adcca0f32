//! What every message becomes, whichever way it came: rows of results with the places from which their values were taken,
//! or faults. It may use core; it guarantees that a value has no control characters and a bounded length, so that a row is
//! one line.

use dayclear_core::{schema::RESULTS, screening::Version};
use std::{collections::BTreeMap, fmt};

/// Characters of a value that are kept.
const VALUE_CHARS_MAX: usize = 200;
/// Faults of one message that are named at most.
pub const FAULTS_MAX: usize = 100;
/// Results in one message at most.
pub const RESULTS_MAX: usize = 10_000;

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A field of a segment: segment, which of its kind (from 1), field, component; 0 is the whole.
    Field {
        /// Segment.
        segment: String,
        /// Which of its kind, from 1.
        sequence: usize,
        /// Field, from 1; 0: the segment.
        field: usize,
        /// Component, from 1; 0: the field.
        component: usize,
    },
    /// A path in a resource.
    Path(String),
}

impl Place {
    /// A field.
    pub fn field(segment: &str, sequence: usize, field: usize, component: usize) -> Place {
        Place::Field { segment: segment.to_owned(), sequence, field, component }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Path(path) => f.write_str(path),
            Place::Field { segment, sequence, field, component } => {
                write!(f, "{segment}[{sequence}]")?;
                if *field > 0 {
                    write!(f, "-{field}")?;
                }
                if *component > 0 {
                    write!(f, ".{component}")?;
                }
                Ok(())
            }
        }
    }
}

/// What kind of fault it is; both formats have a code for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something that must be there is not.
    Missing,
    /// It is not written as it must be.
    Form,
    /// A code that nobody declared.
    Code,
    /// Something that is not taken here.
    Unsupported,
    /// The message type is another.
    Type,
    /// The version of the standard is another.
    Version,
    /// Not for production.
    Processing,
    /// Who speaks is not known, or may not say this.
    Sender,
    /// It refers to something that is not there, or not for who speaks.
    Unknown,
    /// Said before, otherwise.
    Contradiction,
    /// Larger than may be.
    TooLong,
    /// Trouble on our side.
    Inside,
}

/// What is wrong with a message, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where.
    pub place: Place,
    /// What stands there.
    pub value: Box<str>,
    /// What was expected.
    pub expected: Box<str>,
    /// What to do.
    pub remedy: Box<str>,
    /// Of which kind it is.
    pub kind: Kind,
}

impl Fault {
    /// A fault.
    pub fn new(
        kind: Kind,
        place: Place,
        value: impl AsRef<str>,
        expected: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Fault {
        let (expected, remedy): (String, String) = (expected.into(), remedy.into());
        Fault { place, value: plain(value.as_ref()).into(), expected: expected.into(), remedy: remedy.into(), kind }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}; {}", self.place, self.expected, self.remedy)
    }
}

/// A row of results, with where each value stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultRow {
    /// Values by declared column.
    pub values: BTreeMap<String, String>,
    /// Where they stand, by column; also where a value should stand that is missing.
    pub places: BTreeMap<&'static str, Place>,
    /// What would have been taken there, where that is more than the column says.
    pub expected: BTreeMap<&'static str, String>,
    /// Entry of a bundle that it comes from.
    pub entry: usize,
}

impl ResultRow {
    /// Puts a value, or notes where it is missing.
    pub(crate) fn put(&mut self, column: &'static str, value: impl AsRef<str>, place: Place) {
        debug_assert!(RESULTS.position(column).is_some(), "{column}");
        let value = plain(value.as_ref());
        if !value.is_empty() {
            self.values.insert(column.to_owned(), value);
        }
        self.places.insert(column, place);
    }

    /// Where a fault of a column is, of this row.
    pub fn place(&self, column: &str) -> Option<&Place> {
        self.places.get(column).or_else(|| self.places.get("tube"))
    }
}

/// What a message says: its own name and its results.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Letter {
    /// Id that the sender gave it; empty where it has none.
    pub id: String,
    /// Results.
    pub rows: Vec<ResultRow>,
}

/// A text without control characters, of bounded length, without space around it.
pub(crate) fn plain(text: &str) -> String {
    let short: String = text.chars().take(VALUE_CHARS_MAX).collect();
    let clean: String = short.chars().map(|c| if c.is_control() || is_line(c) { ' ' } else { c }).collect();
    clean.trim().to_owned()
}

fn is_line(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// What is written where a withdrawal or a deletion does not say what it takes back. The version alone decides.
pub(crate) fn taken_back(version: Option<Version>) -> Option<&'static str> {
    matches!(version, Some(Version::Wrong | Version::Deleted)).then_some("invalid")
}
