//! The stations of the line: commands and queries, one transaction each, scoped to a jurisdiction. It may use core,
//! engines, tabular and store. It guarantees that every decision carries its reason and is an event, that everything
//! that waits is posted to the books, and that a command repeated does nothing twice.
//!
//! Read in this order: [`day`] (the whole line, once), [`minutes`] (what a station writes down), then the stations:
//! [`screening`] finds, [`cases`] confirms, [`tracing`] traces, [`measures`] and [`areas`] hold, [`transfer`] moves,
//! [`welfare`] cares, [`books`] closes, [`bulletin`] tells. Then how people work in it: [`desk`] (commands), [`evidence`]
//! (rows given online), [`line`](mod@line) (the stations as of now), [`listing`] (looking), [`public`].

pub mod access;
pub mod agenda;
pub mod alerts;
pub mod allot;
pub mod areas;
pub mod bearer;
pub mod beds;
pub mod books;
pub mod bulletin;
mod called;
pub mod care;
pub mod cases;
pub mod chains;
pub mod closing;
mod clusters;
pub mod contact;
pub mod coverage;
mod custody;
mod daily;
pub mod day;
pub mod deliveries;
pub mod desk;
pub mod dispatch;
pub mod equality;
pub mod evidence;
pub mod folder;
pub mod followup;
mod free;
mod gates;
pub mod handout;
pub mod health;
mod hearing;
pub mod hot_spots;
pub mod identity;
pub mod imports;
mod in_care;
pub mod intake;
pub mod interview;
pub mod investigation;
pub mod larder;
mod letters;
pub mod line;
pub mod listing;
pub mod lists;
pub mod measures;
mod merging;
pub mod messages;
pub mod minutes;
pub mod needs;
pub mod obligations;
pub mod own_file;
mod places;
pub mod plans;
pub mod public;
pub mod quality;
pub mod references;
pub mod reports;
mod retention;
pub mod road;
pub mod rounds;
pub mod rows;
mod same;
pub mod screening;
mod searches;
pub mod site;
pub mod situation;
mod supplies;
mod touched;
pub mod tracing;
pub mod transfer;
pub mod travel;
mod treatments;
pub mod urgent;
pub mod welfare;
mod withdrawal;
pub mod yields;

use dayclear_core::{
    books::{Balance, Hop},
    protocol::PackErrors,
    time::CivilDate,
};
use dayclear_store::StoreError;

/// What can go wrong at a station.
#[derive(Debug, thiserror::Error)]
pub enum OpsError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A protocol pack.
    #[error("{0}")]
    Packs(#[from] PackErrors),
    /// A file that cannot be read as the table it should be.
    #[error(transparent)]
    Table(#[from] Box<dayclear_tabular::TableError>),
    /// A file or folder.
    #[error("{path}: {problem}; {remedy}")]
    File {
        /// File or folder.
        path: String,
        /// What is wrong.
        problem: String,
        /// What to do.
        remedy: String,
    },
    /// A file was refused whole, as asked.
    #[error("{path}: {doubtful} of {read} rows cannot be taken, so none were (--atomic); first: {first}")]
    Refused {
        /// File.
        path: String,
        /// Rows read.
        read: u64,
        /// Rows that cannot be taken.
        doubtful: u64,
        /// The first of them.
        first: String,
    },
    /// No pack by that name, or none in force.
    #[error("no protocol pack '{name}' is in force on {day}; packs there are: {known}")]
    NoPack {
        /// Name or disease.
        name: String,
        /// Day.
        day: CivilDate,
        /// Packs there are.
        known: String,
    },
    /// The day is closed, and the folder has other files than the ones it was closed on.
    #[error(
        "{day} is closed and signed ({signature}), and {files} were not part of it; \
         facts that come later belong to the next day: put them into its folder"
    )]
    ClosedDay {
        /// Day.
        day: CivilDate,
        /// Signature.
        signature: String,
        /// Files that differ.
        files: String,
    },
    /// Days are closed in order.
    #[error("{open} is still open; close it before {day} (run its folder again without --keep-open)")]
    EarlierOpen {
        /// The open day.
        open: CivilDate,
        /// The day asked for.
        day: CivilDate,
    },
    /// A later day stands in the books.
    #[error(
        "the books stand at {last} already, so {day} can no longer be run; late facts belong to the next day's folder"
    )]
    Past {
        /// The last day of the books.
        last: CivilDate,
        /// The day asked for.
        day: CivilDate,
    },
    /// The books do not balance; nothing is signed.
    #[error("the books of {day} do not balance, so the day is not signed: {}", lines(.balances))]
    OutOfBalance {
        /// Day.
        day: CivilDate,
        /// Lines that do not balance.
        balances: Vec<Balance>,
    },
    /// A hop does not reconcile; nothing is signed.
    #[error("a hop of {day} does not reconcile, so the day is not signed: {}", hop_lines(.hops))]
    Unreconciled {
        /// Day.
        day: CivilDate,
        /// Hops that do not reconcile.
        hops: Vec<Hop>,
    },
    /// Something inside that should not happen.
    #[error("inside the program: {0}; please report it with the command you ran")]
    Inside(String),
}

fn lines(balances: &[Balance]) -> String {
    let line = |b: &Balance| {
        format!(
            "{} in {}: {} + {} - {} - {} = {}, but {} are open",
            b.worklist,
            b.division,
            b.opening,
            b.received,
            b.completed,
            b.cancelled,
            b.expected(),
            b.closing
        )
    };
    balances.iter().map(line).collect::<Vec<_>>().join("; ")
}

fn hop_lines(hops: &[Hop]) -> String {
    let line = |h: &Hop| {
        format!(
            "{} in {}: {} sent, {} received, {} named as missing",
            h.name, h.division, h.sent, h.received, h.missing
        )
    };
    hops.iter().map(line).collect::<Vec<_>>().join("; ")
}
