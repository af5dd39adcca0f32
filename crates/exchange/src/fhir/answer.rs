//! Answers in FHIR: an OperationOutcome that names each fault with its path, and a Bundle with what became of each entry.

use super::bundle::Type;
use crate::letter::{FAULTS_MAX, Fault, Kind, Place};
use serde_json::{Value, json};

/// What became of the result of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// New.
    Created,
    /// There already.
    Same,
    /// Kept aside, with why.
    Aside(Vec<Fault>),
}

/// Code of an issue (IssueType).
const fn issue_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Missing => "required",
        Kind::Form => "structure",
        Kind::Code => "code-invalid",
        Kind::Unsupported | Kind::Type | Kind::Version | Kind::Processing => "not-supported",
        Kind::Sender => "forbidden",
        Kind::Unknown => "not-found",
        Kind::Contradiction => "conflict",
        Kind::TooLong => "too-long",
        Kind::Inside => "exception",
    }
}

/// An OperationOutcome.
pub fn outcome(faults: &[Fault]) -> Value {
    let issues = faults.iter().take(FAULTS_MAX).map(|fault| {
        let found = if fault.value.is_empty() { String::new() } else { format!("; found '{}'", fault.value) };
        let mut issue = json!({
            "severity": "error",
            "code": issue_type(fault.kind),
            "diagnostics": format!("expected {}{found}; {}", fault.expected, fault.remedy),
        });
        if let Place::Path(path) = &fault.place
            && !path.is_empty()
        {
            issue["expression"] = json!([path]);
        }
        issue
    });
    json!({"resourceType": "OperationOutcome", "issue": issues.collect::<Vec<_>>()})
}

/// The answer to a Bundle: an entry for each of its entries, in their order. An entry that tells no result by itself (a
/// specimen, a report) was understood with those that do.
pub fn bundle(kind: Type, entries: usize, taken: &[(usize, Taken)]) -> Value {
    let mut answers = vec![json!({"response": {"status": "200 OK"}}); entries];
    let mut aside: Vec<Vec<Fault>> = vec![Vec::new(); entries];
    for (entry, taken) in taken {
        match taken {
            Taken::Created => answers[*entry] = json!({"response": {"status": "201 Created"}}),
            Taken::Same => {}
            Taken::Aside(faults) => aside[*entry].extend(faults.iter().cloned()),
        }
    }
    for (entry, faults) in aside.iter().enumerate().filter(|(_, faults)| !faults.is_empty()) {
        answers[entry] = json!({"response": {"status": "409 Conflict", "outcome": outcome(faults)}});
    }
    let named = if kind.is_atomic() { "transaction-response" } else { "batch-response" };
    json!({"resourceType": "Bundle", "type": named, "entry": answers})
}
