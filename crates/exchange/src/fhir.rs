//! FHIR R4: strict JSON, what a Bundle of DiagnosticReport, Observation and Specimen says, and the answers (Bundle,
//! OperationOutcome). A narrow model of its own: a handful of elements is read, the rest is passed over, and nothing is
//! followed further than one reference, so that no cycle can hold anybody up.

mod answer;
pub mod beds;
mod bundle;
mod json;
pub mod transfers;

pub use answer::{Taken, bundle, outcome};
pub use bundle::{Bundle, Type, read};
pub use json::parse;
