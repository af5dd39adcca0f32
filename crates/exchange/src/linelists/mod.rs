//! Line lists as other systems keep them: SORMAS, Go.Data and DHIS2 tracker beside the column scheme of the published sets. Pure: tables
//! come and go as rows of cells. It guarantees that nothing is lost on the way: a cell that has no place in a scheme, or that a column
//! cannot say exactly, is carried word for word under the name of where it came from, and written back there.

mod dhis2;
mod extra;
mod scheme;
mod schemes;

pub use dhis2::{Attributes, Dhis2Error, read_tracker, uid, write_tracker};
pub use extra::{pack, unpack};
pub use scheme::{Fault, Grid, Scheme, Style, Written};
pub use schemes::{GODATA_CASES, GODATA_CONTACTS, LINKS, PUBLISHED, SORMAS_CASES, SORMAS_CONTACTS};

use std::collections::BTreeMap;

/// A row of a line list or of its links: what the published scheme has a column for, and everything else. No value is empty: a blank
/// cell means unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Values by declared column.
    pub fields: BTreeMap<&'static str, String>,
    /// Values by the name of where they came from.
    pub extra: BTreeMap<String, String>,
}

/// Columns of a case, in the published scheme; `extra` is apart.
pub const CASE: &[&str] = &[
    "case_id",
    "sex",
    "age",
    "date_exposure_start",
    "date_exposure_end",
    "date_onset",
    "date_report",
    "date_confirmed",
    "date_admitted",
    "date_discharged",
    "date_death",
    "outcome",
    "classification",
    "infector_id",
    "place",
    "district",
    "cluster",
    "severity",
];

/// Columns of a link.
pub const LINK: &[&str] = &["from", "to", "relation", "setting"];

#[cfg(test)]
mod tests;
