//! Transmission chains: who infected whom, from the links that a line list names. It may use the vocabulary of core only
//! and does no I/O; cases and links come in as values. Unknown dates, several possible sources and contradictions are
//! kept and counted, never guessed away, and every result is in the order of the line list.
//!
//! [`chains`] computes the tree and its statistics, [`table`] gives them as rows, [`draw`] as an SVG picture.
//! [`exposures`] is the search for everybody who was with a case, from visits, [`clusters`] the scan for places and days
//! with more cases than chance explains; `sharing` shares work between threads.

mod chains;
pub mod clusters;
mod cycles;
mod drawing;
pub mod exposures;
mod interval;
mod layout;
mod offspring;
mod sharing;
#[cfg(test)]
mod tests;

pub use chains::{Chains, InfectorCount, Node, Pair, Source, SourcesOf, chains, table};
pub use drawing::{Words, draw};
pub use interval::SerialInterval;
pub use offspring::Offspring;

use dayclear_core::{terms, time::CivilDate};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A case of a line list. The serde names are the columns of `schema::LINELIST`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Case {
    /// Id of the case.
    #[serde(rename = "case_id")]
    pub id: String,
    /// Sex as published.
    pub sex: Option<String>,
    /// Age in years, may be decimal.
    pub age: Option<f64>,
    /// First day of exposure.
    #[serde(rename = "date_exposure_start")]
    pub exposure_start: Option<CivilDate>,
    /// Last day of exposure.
    #[serde(rename = "date_exposure_end")]
    pub exposure_end: Option<CivilDate>,
    /// First day of symptoms.
    #[serde(rename = "date_onset")]
    pub onset: Option<CivilDate>,
    /// Day of report.
    #[serde(rename = "date_report")]
    pub report: Option<CivilDate>,
    /// Day of confirmation, or of the sample.
    #[serde(rename = "date_confirmed")]
    pub confirmed: Option<CivilDate>,
    /// Day of admission.
    #[serde(rename = "date_admitted")]
    pub admitted: Option<CivilDate>,
    /// Day of discharge.
    #[serde(rename = "date_discharged")]
    pub discharged: Option<CivilDate>,
    /// Day of death.
    #[serde(rename = "date_death")]
    pub death: Option<CivilDate>,
    /// Outcome as published.
    pub outcome: Option<String>,
    /// Classification as published.
    pub classification: Option<String>,
    /// Infector that the line list itself names.
    #[serde(rename = "infector_id")]
    pub infector: Option<String>,
    /// Place as published.
    pub place: Option<String>,
    /// District as published.
    pub district: Option<String>,
    /// Cluster as published.
    pub cluster: Option<String>,
    /// Severity as published.
    pub severity: Option<String>,
}

impl Case {
    /// The day at which the case is drawn: onset, or else the first known of report, confirmation, admission and death.
    /// The flag is true when it is the onset.
    pub fn day(&self) -> Option<(CivilDate, bool)> {
        let other = self.report.or(self.confirmed).or(self.admitted).or(self.death);
        self.onset.map(|day| (day, true)).or(other.map(|day| (day, false)))
    }
}

terms! {
    /// What a link between two cases says.
    Relation {
        ProbableSource = "probable_source", PutativeInfector = "putative_infector", ReportedSource = "reported_source",
        EpidemiologicalSource = "epidemiological_source",
        /// One of several possible sources: kept, but not a pair of infector and infected.
        CandidateSource = "candidate_source",
        DirectContact = "direct_contact", ClusterLink = "cluster_link",
    }
}

impl Relation {
    /// Whether `from` is said to have infected `to`. Only such links make pairs for the serial interval.
    pub const fn is_directed(self) -> bool {
        use Relation::*;
        matches!(self, ProbableSource | PutativeInfector | ReportedSource | EpidemiologicalSource)
    }
    /// Whether the link says nothing about who infected whom.
    pub const fn is_undirected(self) -> bool {
        matches!(self, Relation::DirectContact | Relation::ClusterLink)
    }
}

/// A link between two cases. The serde names are the columns of `schema::LINELIST_CONTACTS`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// Infector, or one end of an undirected link.
    pub from: String,
    /// Infected, or the other end.
    pub to: String,
    /// What the link says.
    pub relation: Relation,
    /// Where it happened.
    pub setting: Option<String>,
}

/// A line list that cannot be read as one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChainsError {
    /// Two cases have the same id, so a link to it could mean either.
    #[error("case '{id}' stands twice in the line list (entries {first} and {second}); give each case its own id")]
    DuplicateCase {
        /// The id.
        id: String,
        /// Position of the first, from 1.
        first: usize,
        /// Position of the second, from 1.
        second: usize,
    },
}

/// A link that was left out, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Doubtful {
    /// A link to a case that is not in the line list.
    UnknownCase {
        /// Infector or first end.
        from: String,
        /// Infected or second end.
        to: String,
        /// The id that is not in the line list.
        missing: String,
    },
    /// A link of a case to itself.
    ToItself {
        /// The case.
        id: String,
    },
}
