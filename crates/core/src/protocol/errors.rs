//! What can be wrong with a protocol pack, said so that a person can mend it: file, line, column, key, what was found and
//! what was expected. A pack is read to its end before it is refused, so that one run shows every error.

use std::fmt;

/// One error in one file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
#[error("{file}:{line}:{column}: {key}: found {found}, expected {expected}")]
pub struct PackError {
    /// Name of the file as it was given.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Path of the key inside the pack, for example `plan.close.central_isolation.days`.
    pub key: String,
    /// What stands there.
    pub found: String,
    /// What would have been right.
    pub expected: String,
}

/// Every error of the files read together, by file and line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PackErrors(pub Vec<PackError>);

impl fmt::Display for PackErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} error(s) in protocol packs; nothing was loaded", self.0.len())?;
        self.0.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

/// One point in which a lower division's overlay is stricter than the pack above it (R07).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{clause}: the overlay asks {overlay}, the pack above allows at most {above}")]
pub struct Violation {
    /// Clause or group of clauses.
    pub clause: String,
    /// What the pack above has.
    pub above: String,
    /// What the overlay has.
    pub overlay: String,
}

/// Where something stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub line: usize,
    pub column: usize,
}

impl Place {
    pub(super) const TOP: Place = Place { line: 1, column: 1 };

    /// Line and column of a byte offset.
    pub(super) fn of(text: &str, offset: usize) -> Place {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Place { line, column }
    }
}
