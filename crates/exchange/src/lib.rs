//! Messages: those of laboratories, HL7 v2 and FHIR R4, from bytes to rows of `core::schema::RESULTS`, and the answers to them.
//! It may use core; it is pure: no files, no network, no clock. It guarantees that no input makes it panic, that what it
//! gives are the same texts that a file of results would hold (so that one reader judges them all), and that every fault
//! names its place, what was expected there and what to do.
//!
//! Read in this order: [`codes`] (what codes mean), [`letter`] (what every message becomes), [`hl7`], [`fhir`], [`mllp`]; what goes out to the
//! public is [`cap`], what other emergency systems read of free beds [`have`]; line lists of other systems are [`linelists`].

pub mod cap;
pub mod codes;
pub mod fhir;
pub mod have;
pub mod hl7;
pub mod letter;
pub mod linelists;
pub mod mllp;

pub use codes::{Codes, CodesError};
pub use letter::{Fault, Kind, Letter, Place, ResultRow};
