//! The desk: what people do, one transaction for each command, on one record or on ten thousand alike. It may use the
//! store and the stations. It guarantees that a command acts once under its key, that it acts on nothing its duty cannot
//! see, that it is an event of the chain in its own transaction, and that a refusal says what to do.

use crate::{OpsError, listing::Looker, minutes::Settings};
use dayclear_core::{
    access::Role,
    command::Command,
    listing::Cell,
    protocol::Packs,
    time::{CivilDate, Instant},
};
use dayclear_store::{Store, StoreError};
use serde::Serialize;
use std::collections::BTreeMap;

mod input;

pub use input::{Given, read};

/// Records of one command at most.
pub const RECORDS_MAX: usize = 20_000;

/// The circumstances of a command: who, when, under which rules.
#[derive(Clone, Copy)]
pub struct Doing<'a> {
    /// Who.
    pub looker: &'a Looker,
    /// When.
    pub now: Instant,
    /// Whether a second factor was given a short while ago.
    pub stepped_up: bool,
    /// Packs.
    pub packs: &'a Packs,
    /// Id of a pack, or name of a disease: the rules in force.
    pub pack: &'a str,
    /// Settings of the city.
    pub settings: &'a Settings,
    /// Key under which the command acts once; `None`: the caller takes the risk of doing it twice.
    pub key: Option<&'a str>,
}

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// It does not exist, or not for this duty.
    #[error("there is no such record here")]
    Unknown,
    /// The role may not do it.
    #[error("{role} may not do this; it is for: {}", .allowed.iter().map(|role| role.name()).collect::<Vec<_>>().join(", "))]
    NotYours {
        /// Role.
        role: Role,
        /// Roles that may.
        allowed: &'static [Role],
    },
    /// It wants a fresh second factor.
    #[error("this wants a second factor of the last ten minutes; confirm with a code and do it again")]
    StepUp,
    /// What was given cannot be taken.
    #[error("{}", .0.iter().map(|fault| format!("{}: expected {}", fault.field, fault.expected)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldFault>),
    /// A scarce thing is taken.
    #[error("{thing} is taken by {holder} since {since}; choose another")]
    Taken {
        /// What.
        thing: String,
        /// By whom.
        holder: String,
        /// Since when.
        since: Instant,
    },
    /// The record stands otherwise than the command needs.
    #[error("this is {is}; {remedy}")]
    State {
        /// How it stands.
        is: String,
        /// What to do.
        remedy: String,
    },
    /// Somebody else changed the same fields.
    #[error("{} changed since you looked; look again", .0.join(", "))]
    Stale(Vec<String>),
    /// The key was used for something else.
    #[error("this key was used for another command; use a new key")]
    OtherBody,
    /// The day is closed.
    #[error("{day} is closed and signed; facts that come later belong to the next day")]
    Closed {
        /// Day.
        day: CivilDate,
    },
}

/// A field that cannot be taken.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldFault {
    /// Field.
    pub field: String,
    /// What was given.
    pub value: String,
    /// What was expected.
    pub expected: String,
    /// What to do.
    pub remedy: String,
}

/// How it went for one record.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Done.
    Done,
    /// It stood so already.
    Same,
    /// Refused.
    Refused(Refusal),
}

/// What a command did. `asked = done + same + refused`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Report {
    /// Verdict for each record, in the order in which they were named.
    pub verdicts: Vec<(String, Verdict)>,
    /// Key of what was made, where something was.
    pub made: Option<String>,
}

/// What can go wrong with a command: a refusal to tell the person, or trouble that is not theirs.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// Refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Trouble.
    #[error(transparent)]
    Trouble(#[from] OpsError),
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::OtherBody { .. } => Refusal::OtherBody.into(),
            StoreError::Closed { day } => Refusal::Closed { day }.into(),
            other => DeskError::Trouble(other.into()),
        }
    }
}

/// What was given with a command, by field: read and checked by its declaration.
pub type Input = BTreeMap<&'static str, Cell>;

/// Carries a command out on the named records, or on none where it makes something new.
pub async fn perform(
    _store: &Store,
    doing: &Doing<'_>,
    command: &'static Command,
    _keys: &[String],
    _input: &Input,
) -> Result<Report, DeskError> {
    let role = doing.looker.duty.role;
    if !command.roles.contains(&role) {
        return Err(Refusal::NotYours { role, allowed: command.roles }.into());
    }
    if command.step_up && !doing.stepped_up {
        return Err(Refusal::StepUp.into());
    }
    Err(Refusal::Unknown.into())
}
