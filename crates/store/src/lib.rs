//! Dayclear's memory: SQL on SQLite or PostgreSQL behind typed functions, one module for each station of the line. It
//! may use core and sqlx. It guarantees that personal data is reached through a [`Scoped`] handle only, that a command
//! acts once ([`commands`]), that events are chained ([`events`]), and that scarce things are guarded by constraints.
//!
//! Read in this order: [`db`] (engines and scope), [`value`] (parameters and fields), then the stations.

pub mod accounts;
pub mod agenda;
pub mod allot;
pub mod appeals;
pub mod areas;
pub mod audit;
pub mod beds;
pub mod books;
pub mod bulletin;
pub mod cases;
mod chain;
pub mod closing;
pub mod clusters;
pub mod commands;
pub mod coverage;
pub mod custody;
pub mod daily;
pub mod db;
pub mod deliveries;
mod disk;
pub mod dispatch;
pub mod doubled;
pub mod doubts;
pub mod edits;
pub mod equality;
pub mod events;
pub mod exposures;
pub mod extensions;
pub mod field;
mod folding;
pub mod followup;
pub mod found;
pub mod free;
mod fuse;
pub mod gates;
pub mod glass;
pub mod health_codes;
pub mod holds;
pub mod identity;
pub mod in_care;
pub mod interview;
pub mod items;
pub mod jobs;
pub mod landing;
pub mod letter_people;
pub mod letters;
pub mod linelist;
pub mod listing;
pub mod measures;
pub mod meeting;
pub mod message_replies;
pub mod messages;
mod migrate;
pub mod named;
pub mod notices;
pub mod obligations;
mod opening;
pub mod outside;
pub mod phases;
pub mod places;
pub mod plans;
pub mod posts;
pub mod public;
pub mod quality;
pub mod questions;
pub mod reading;
pub mod releases;
pub mod requests;
pub mod retention;
pub mod roster;
pub mod round_people;
pub mod rounds;
mod scope;
pub mod screening;
pub mod searches;
pub mod sessions;
pub mod settling;
pub mod site;
pub mod situation;
pub mod supplies;
pub mod today;
pub mod tracing;
pub mod transfer;
pub mod treatments;
pub mod trip;
mod turns;
pub mod urgent;
pub mod vain;
pub mod value;
pub mod watch;
pub mod welfare;
pub mod yields;

pub use db::{Scoped, Store};
pub use scope::Scope;

/// What can go wrong between the program and its store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No connection.
    #[error("the store at {url} cannot be opened: {source}; check the path or address, and that the server is running")]
    Unreachable {
        /// Where it was looked for, without password.
        url: String,
        /// The engine's own words.
        source: sqlx::Error,
    },
    /// An engine that can lose commits.
    #[error("SQLite {found} can lose commits in its write-ahead log; 3.51.3 or newer is needed")]
    OldSqlite {
        /// Version found.
        found: String,
    },
    /// The store was closed down.
    #[error("the store was closed down at {at}: everything about people was deleted, and nobody opens it any more")]
    ClosedDown {
        /// When.
        at: dayclear_core::time::Instant,
    },
    /// The schema could not be brought up to date.
    #[error("the schema cannot be brought up to date: {0}; if a newer Dayclear made this database, use that one")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// The engine refused a statement.
    #[error("the store refused: {0}")]
    Engine(#[source] sqlx::Error),
    /// Others were at the store for longer than it waits for them. Nothing of the transaction was done.
    #[error(
        "the store is busy ({}), and nothing was done; try again, and if it stays look which program holds it",
        .0.to_string()
    )]
    Busy(#[source] sqlx::Error),
    /// The store was lost in the middle of something: a drill has it so.
    #[error("the store was lost in the middle of this exercise; repeat the request with the same key")]
    Gone,
    /// A parameter could not be encoded.
    #[error("a value could not be encoded: {0}")]
    Encode(String),
    /// A field was null that must not be.
    #[error("field {position} of an answer is empty; run `dayclear verify` on this store")]
    Null {
        /// Position in the answer.
        position: usize,
    },
    /// A field holds something this program does not know.
    #[error("'{value}' stands in the store and is not understood: {problem}; run `dayclear verify` on this store")]
    Meaning {
        /// The text found.
        value: String,
        /// Why it is not understood.
        problem: String,
    },
    /// A scarce thing is taken.
    #[error("{thing} is already taken by {holder}")]
    Taken {
        /// The bed, seat or unit of stock.
        thing: String,
        /// Who has it.
        holder: String,
    },
    /// A command key was used before for something else.
    #[error("the command key '{key}' was used before with other content; use a new key for a new command")]
    OtherBody {
        /// The key.
        key: String,
    },
    /// The books of the day are closed.
    #[error("{day} is closed and signed; facts that come later belong to the next day")]
    Closed {
        /// The day.
        day: dayclear_core::time::CivilDate,
    },
}

impl StoreError {
    pub(crate) fn encode(error: sqlx::error::BoxDynError) -> Self {
        StoreError::Encode(error.to_string())
    }
    /// Whether others were at the same thing at the same moment, without any waiting: worth trying again at once.
    pub fn is_passing(&self) -> bool {
        matches!(self, StoreError::Busy(error) if code_of(error).is_some_and(|code| PASSING.contains(&&*code)))
    }
    /// Whether a database constraint refused the statement because of a double.
    pub fn is_double(&self) -> bool {
        matches!(self, StoreError::Engine(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}

/// Codes of the engines for two who were at the same thing: serialization, deadlock, a table locked by the own process, a
/// reader whose state is old (postgresql.org/docs/current/errcodes-appendix.html, sqlite.org/rescode.html).
const PASSING: [&str; 4] = ["40001", "40P01", "6", "517"];
/// Codes for a wait that took too long: a lock, a statement with its end, connections used up; SQLite's write lock.
const WAITED: [&str; 6] = ["55P03", "57014", "53300", "5", "261", "773"];

fn code_of(error: &sqlx::Error) -> Option<std::borrow::Cow<'_, str>> {
    error.as_database_error().and_then(|error| error.code())
}

/// Whether something else held what was wanted, for as long as the engine waits.
pub(crate) fn has_waited(error: &sqlx::Error) -> bool {
    code_of(error).is_some_and(|code| WAITED.contains(&&*code))
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let busy = match &error {
            sqlx::Error::PoolTimedOut => true,
            other => has_waited(other) || code_of(other).is_some_and(|code| PASSING.contains(&&*code)),
        };
        if busy { StoreError::Busy(error) } else { StoreError::Engine(error) }
    }
}
