//! The vocabulary of outbreak response, and its rules. Types and decisions for every station of the line, the protocol
//! packs they follow, and the arithmetic of the books. It may use parsing and date libraries and nothing else: no I/O,
//! no clock, no randomness; everything a decision needs comes in as an argument, so a city-day replays from its inputs.
//!
//! Read in this order: [`time`] (instants and civil dates), [`reason`] (why a decision was taken), [`protocol`] (the
//! numbers of a disease), then the stations.

pub mod access;
pub mod accounts;
pub mod books;
pub mod bulletin;
pub mod cases;
pub mod command;
pub mod custody;
pub mod divisions;
pub mod equality;
pub mod evidence;
pub mod exposures;
pub mod followup;
pub mod gates;
pub mod interview;
pub mod letters;
pub mod listing;
pub mod measures;
pub mod messages;
pub mod obligations;
pub mod phases;
pub mod protocol;
pub mod quality;
pub mod reason;
pub mod roster;
pub mod rounds;
pub mod scenarios;
pub mod schema;
pub mod screening;
pub mod searches;
pub mod site;
pub mod situation;
pub mod small_cells;
pub mod staffing;
pub mod terms;
pub mod time;
pub mod tracing;
pub mod transfer;
pub mod trip;
pub mod urgent;
pub mod welfare;
pub mod withdrawal;
