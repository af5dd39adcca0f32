//! Why a decision was taken. Every decision of the system carries a [`Reason`]: the clause of the protocol pack, how well
//! that clause is evidenced, and the inputs it was applied to, so that `why` is a query and never a guess.

use serde::{Deserialize, Serialize};
use std::fmt;

/// How well the number behind a clause is evidenced (marks of the protocol reference: V, V-local, R).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Mark {
    /// The number stands in the source that the pack names.
    #[serde(rename = "V")]
    Verified,
    /// The source shows how one city or province applied the rule.
    #[serde(rename = "V-local")]
    Local,
    /// No source yet: a configurable default, not to be cited as fact.
    #[serde(rename = "R")]
    ToConfirm,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Mark::Verified => "V",
            Mark::Local => "V-local",
            Mark::ToConfirm => "R",
        })
    }
}

/// The clause, the pack and the inputs of one decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Pack id with version, for example `covid-19-cn-twenty@2022-11-11`.
    pub pack: String,
    /// Path of the clause inside the pack, for example `contact.close.days`.
    pub clause: String,
    /// Evidence mark of the clause.
    pub mark: Mark,
    /// Named inputs in the order in which the rule uses them, values in canonical text (ISO dates, RFC 3339 instants).
    pub inputs: Vec<(String, String)>,
}

impl Reason {
    /// A reason without inputs yet.
    pub fn new(pack: impl Into<String>, clause: impl Into<String>, mark: Mark) -> Self {
        Reason { pack: pack.into(), clause: clause.into(), mark, inputs: Vec::new() }
    }

    /// The same reason with one more named input.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.inputs.push((name.to_owned(), value.to_string()));
        self
    }
}

impl fmt::Display for Reason {
    /// One line a person can read: `clause [mark] of pack (name=value, ...)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}] of {}", self.clause, self.mark, self.pack)?;
        for (at, (name, value)) in self.inputs.iter().enumerate() {
            write!(f, "{}{name}={value}", if at == 0 { " (" } else { ", " })?;
        }
        if self.inputs.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

/// A value together with the reason for which it was chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided<T> {
    /// What was decided.
    pub value: T,
    /// Why: clause, mark, inputs.
    pub reason: Reason,
}

impl<T> Decided<T> {
    /// A value with its reason.
    pub fn new(value: T, reason: Reason) -> Self {
        Decided { value, reason }
    }
    /// The same decision, with its value turned into another.
    pub fn map<U>(self, turn: impl FnOnce(T) -> U) -> Decided<U> {
        Decided { value: turn(self.value), reason: self.reason }
    }
}
