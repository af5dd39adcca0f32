//! Refusals of the analytics: what cannot be estimated, why, and what to do. Days are counted from 1, as in the tables.

use thiserror::Error;

/// Why there is no estimate.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum EpiError {
    /// A count below zero, or no number.
    #[error("day {day} has an incidence of {value}; expected 0 or more. Book the correction on the day it corrects")]
    Negative {
        /// Day, from 1.
        day: usize,
        /// What stood there.
        value: f64,
    },
    /// Fewer days than are needed.
    #[error("the series has {days} days, at least {needed} are needed; add days or take a shorter window")]
    Short {
        /// Days given.
        days: usize,
        /// Days needed.
        needed: usize,
    },
    /// Nothing happened.
    #[error("all {days} days have no case; there is no transmission to measure")]
    NoCases {
        /// Days given.
        days: usize,
    },
    /// Exactly one case.
    #[error("there is one case in {days} days; a reproduction number needs somebody infected by somebody")]
    OneCase {
        /// Days given.
        days: usize,
    },
    /// Two series that belong together have different lengths.
    #[error("{what} has {found} values, expected {expected}; give one for each day")]
    Length {
        /// What is too long or too short.
        what: &'static str,
        /// Its length.
        found: usize,
        /// The length it must have.
        expected: usize,
    },
    /// More imported cases than cases.
    #[error("day {day} has {imported} imported of {total} cases; expected no more imported than all")]
    Imported {
        /// Day, from 1.
        day: usize,
        /// Imported.
        imported: f64,
        /// All.
        total: f64,
    },
    /// Mass at lag 0.
    #[error(
        "the serial interval has probability {0} at 0 days, expected 0: a case cannot be counted as infected by the same day's cases; leave lag 0 empty and share its mass among the others"
    )]
    ZeroLag(f64),
    /// Not a distribution.
    #[error("the serial interval sums to {0}, expected 1 within 0.01; check that no lag is missing")]
    Sum(f64),
    /// A probability below zero.
    #[error("lag {lag} has the probability {value}; expected 0 or more")]
    Probability {
        /// Lag in days.
        lag: usize,
        /// What stood there.
        value: f64,
    },
    /// A parameter out of its range.
    #[error("{name} is {value}, expected {expected}")]
    Parameter {
        /// Which.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What would be right.
        expected: &'static str,
    },
    /// A window that does not lie in the series.
    #[error(
        "window {start} to {end} does not lie within days 2 to {days}; the first day has no past to be infected by"
    )]
    Window {
        /// First day.
        start: usize,
        /// Last day.
        end: usize,
        /// Days of the series.
        days: usize,
    },
    /// A record of a delay that cannot be.
    #[error("record {row}: {what}; expected start window before end window and both before the cut-off")]
    Record {
        /// Which, from 1.
        row: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// Too few records.
    #[error("{found} records, at least {needed} are needed")]
    Few {
        /// Records given.
        found: usize,
        /// Records needed.
        needed: usize,
    },
    /// The likelihood has no maximum that could be found.
    #[error(
        "the likelihood of the {0} distribution has no maximum inside its range; look at the records for ties or outliers"
    )]
    NoMaximum(&'static str),
    /// A truncation that is longer than the series.
    #[error(
        "the longest delay counted is {longest} days, and the series has only {days}; days that cannot be corrected would look complete. Give a longer history or a smaller longest delay"
    )]
    Truncation {
        /// Longest delay.
        longest: usize,
        /// Days of the triangle.
        days: usize,
    },
    /// No report within some delay.
    #[error(
        "no event was reported within {0} days on any complete day; the share reported so early is unknown. Give a longer history"
    )]
    Unseen(usize),
}

/// Refuses what is below zero or no number.
pub(super) fn counts(incidence: &[f64]) -> Result<(), EpiError> {
    match incidence.iter().position(|v| !(v.is_finite() && *v >= 0.0)) {
        Some(at) => Err(EpiError::Negative { day: at + 1, value: incidence[at] }),
        None => Ok(()),
    }
}

/// Refuses a parameter that is not above 0.
pub(super) fn positive(name: &'static str, value: f64) -> Result<(), EpiError> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(EpiError::Parameter { name, value, expected: "a number above 0" })
}
