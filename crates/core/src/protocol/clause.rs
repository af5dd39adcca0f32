//! A clause: one number or term of a pack with its evidence mark and its sources. Also the two kinds of number that are
//! more than a number: a time limit, which counts either minutes or civil days, and the cadence of a group's tests.

use crate::{reason::Mark, time::*};

/// One value of a pack, with what stands behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Clause<T> {
    /// The value.
    pub value: T,
    /// How well it is evidenced.
    pub mark: Mark,
    /// Keys into the pack's table of sources; empty only where the mark is R.
    pub sources: Vec<String>,
    /// What a reader of the clause has to know.
    pub note: Option<String>,
    /// Path inside the pack.
    pub path: String,
}

/// A time limit. Minutes run from the opening; civil days end at the end of a day of the city.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// So many minutes after the opening.
    Minutes(i64),
    /// The end of the civil day so many days after the day of opening; 0 = the end of the same day, however late it is.
    CivilDays(i64),
}

impl Limit {
    /// The last instant that is still in time. For a civil day that is the day's last microsecond.
    pub fn due(self, opened: Instant, zone: &Zone) -> Instant {
        match self {
            Limit::Minutes(minutes) => opened.plus_minutes(minutes),
            Limit::CivilDays(days) => {
                let next = zone.start_of(zone.day(opened).plus_days(days + 1));
                Instant::from_micros(next.micros() - 1)
            }
        }
    }
    /// The longest time it can leave, in minutes: a civil day is counted whole.
    pub const fn longest(self) -> i64 {
        match self {
            Limit::Minutes(minutes) => minutes,
            Limit::CivilDays(days) => (days + 1) * 24 * 60,
        }
    }
}

/// How often a key group is tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cadence {
    /// Every member so many times a day. More than once is refused on load (twenty measures forbid it).
    PerDay(u8),
    /// Every member so many times in seven days.
    PerWeek(u8),
    /// A sample of so many percent of the members each day.
    PercentPerDay(u8),
}

impl std::fmt::Display for Cadence {
    /// As it stands in a table: `1 a day`, `2 a week`, `20 % a day`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cadence::PerDay(times) => write!(f, "{times} a day"),
            Cadence::PerWeek(times) => write!(f, "{times} a week"),
            Cadence::PercentPerDay(share) => write!(f, "{share} % a day"),
        }
    }
}

impl Cadence {
    /// Tests per hundred members in seven days.
    pub const fn weekly_per_hundred(self) -> u32 {
        match self {
            Cadence::PerDay(times) => times as u32 * 700,
            Cadence::PerWeek(times) => times as u32 * 100,
            Cadence::PercentPerDay(percent) => percent as u32 * 7,
        }
    }
}
