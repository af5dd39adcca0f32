//! The tables that people give Dayclear: the day folder, line lists and bulletins, declared once. Readers validate by
//! these declarations, `dayclear schema` prints them as Frictionless table schemas, and `docs/day-folder.md` lists them.

mod care;
mod custody;
mod follow;
mod gates;
mod interview;
mod letters;
mod obligations;
mod published;
mod roster;
mod screening;
mod tracing;
mod transfer;

pub use care::*;
pub use custody::*;
pub use follow::*;
pub use gates::*;
pub use interview::*;
pub use letters::*;
pub use obligations::*;
pub use published::*;
pub use roster::*;
pub use screening::*;
pub use tracing::*;
pub use transfer::*;

/// What a cell may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// An identifier: 1 to 64 visible characters without spaces.
    Id,
    /// Text of at most so many characters.
    Text(usize),
    /// A division code.
    Division,
    /// A whole number in a closed range.
    Whole(i64, i64),
    /// A decimal number in a closed range.
    Real(f64, f64),
    /// A civil date. ISO is exact; other styles are read and noted, ambiguous ones are doubtful.
    Day,
    /// A point in time: RFC 3339, or local time of the city without an offset.
    Moment,
    /// One term of a list.
    OneOf(&'static [&'static str]),
    /// Terms of a list, separated by `;`.
    ManyOf(&'static [&'static str]),
    /// An identity document number; 18-character numbers are checked (GB 11643), and one damaged by a spreadsheet is refused.
    Document,
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Header of the column, exactly.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether a row without it is refused.
    pub required: bool,
    /// What it means, for people.
    pub about: &'static str,
}

/// One table of a day folder or an import.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// File name without ending, and name of the kind.
    pub name: &'static str,
    /// What a row is.
    pub about: &'static str,
    /// Columns that identify a row together.
    pub key: &'static [&'static str],
    /// Whether a day folder must have it.
    pub required: bool,
    /// Columns in the order in which they are documented; files may have them in any order.
    pub columns: &'static [Column],
}

impl Table {
    /// Whether its rows are told apart by a day alone.
    pub fn key_is_day(&self) -> bool {
        let is_day = |name| self.position(name).is_some_and(|at| matches!(self.columns[at].kind, Kind::Day));
        matches!(self.key, [key] if is_day(key))
    }
    /// Position of a column by name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

pub(crate) const fn must(name: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, kind, required: true, about }
}
pub(crate) const fn may(name: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, kind, required: false, about }
}

/// Every table of a day folder, in the order in which it is read: what a row refers to comes before it.
pub const DAY_FOLDER: &[&Table] = &[
    &DIVISIONS,
    &BUILDINGS,
    &HOUSEHOLDS,
    &PEOPLE,
    &FACILITIES,
    &BEDS,
    &VEHICLES,
    &CREWS,
    &LABORATORIES,
    &RUNS,
    &TUBES,
    &MEMBERS,
    &PACKINGS,
    &BOX_MOVES,
    &BOX_CHECKS,
    &RESULTS,
    &ASSESSMENTS,
    &CONTACTS,
    &VISITS,
    &SUPPLIES,
    &GOODS,
    &CARRIERS,
    &REQUESTS,
    &HANDOVERS,
    &DELIVERIES,
    &STATEMENTS,
    &ROUNDS,
    &LISTED,
    &PLACES,
    &SHIFTS,
    &GATES,
    &ARRIVALS,
    &TEAMS,
    &FOLLOW_UPS,
    &ASSISTANCE,
    &QUESTIONS,
    &ANSWERS,
];
