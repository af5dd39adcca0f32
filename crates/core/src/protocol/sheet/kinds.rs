//! The kinds of clause that can be asked for: each says what is expected where something else stands.

use super::{Raw, Sheet};
use crate::protocol::clause::*;
use std::{collections::BTreeSet, str::FromStr};

/// Longest number of days a clause may name; a longer one is a slip of the pen.
const MOST_DAYS: i64 = 400;

impl Sheet {
    /// A number of days.
    pub(in crate::protocol) fn days(&mut self, path: &str) -> Option<Clause<i64>> {
        self.ask(path, &["days"], "a whole number of days from 0 to 400", |raw, _| match raw {
            Raw::Whole(n) if (0..=MOST_DAYS).contains(n) => Some(*n),
            _ => None,
        })
    }

    /// A length in days that need not be whole.
    pub(in crate::protocol) fn span(&mut self, path: &str) -> Option<Clause<f64>> {
        self.ask(path, &["days"], "a number of days above 0, at most 400", |raw, _| match raw {
            Raw::Whole(n) if (1..=MOST_DAYS).contains(n) => Some(*n as f64),
            Raw::Real(x) if *x > 0.0 && *x <= MOST_DAYS as f64 => Some(*x),
            _ => None,
        })
    }

    /// A list of day numbers, rising.
    pub(in crate::protocol) fn day_list(&mut self, path: &str) -> Option<Clause<Vec<i64>>> {
        self.ask(path, &["days"], "a rising list of day numbers from 1 to 400", |raw, _| match raw {
            Raw::Nothing => Some(Vec::new()),
            Raw::Wholes(list) => {
                let rising = list.windows(2).all(|pair| pair[0] < pair[1]);
                (rising && list.iter().all(|n| (1..=MOST_DAYS).contains(n))).then(|| list.clone())
            }
            _ => None,
        })
    }

    /// A number of hours.
    pub(in crate::protocol) fn hours(&mut self, path: &str) -> Option<Clause<i64>> {
        self.ask(path, &["hours"], "a whole number of hours from 0 to 1000", |raw, _| match raw {
            Raw::Whole(n) if (0..=1000).contains(n) => Some(*n),
            _ => None,
        })
    }

    /// A number of minutes.
    pub(in crate::protocol) fn minutes(&mut self, path: &str) -> Option<Clause<i64>> {
        self.ask(path, &["minutes"], "a whole number of minutes from 1 to 1440", |raw, _| match raw {
            Raw::Whole(n) if (1..=1_440).contains(n) => Some(*n),
            _ => None,
        })
    }

    /// A plain count in a closed range.
    pub(in crate::protocol) fn count(&mut self, path: &str, least: i64, most: i64) -> Option<Clause<i64>> {
        let expected = format!("a whole number from {least} to {most}");
        self.ask(path, &[], &expected, |raw, _| match raw {
            Raw::Whole(n) if (least..=most).contains(n) => Some(*n),
            _ => None,
        })
    }

    /// A cycle threshold.
    pub(in crate::protocol) fn cycles(&mut self, path: &str) -> Option<Clause<f64>> {
        self.ask(path, &["cycles"], "a number of cycles from 1 to 60", |raw, _| match raw {
            Raw::Whole(n) if (1..=60).contains(n) => Some(*n as f64),
            Raw::Real(x) if (1.0..=60.0).contains(x) => Some(*x),
            _ => None,
        })
    }

    /// Yes or no.
    pub(in crate::protocol) fn flag(&mut self, path: &str) -> Option<Clause<bool>> {
        self.ask(path, &[], "true or false", |raw, _| if let Raw::Flag(yes) = raw { Some(*yes) } else { None })
    }

    /// A time limit.
    pub(in crate::protocol) fn limit(&mut self, path: &str) -> Option<Clause<Limit>> {
        self.ask(
            path,
            &["minutes", "hours", "civil_days"],
            "a whole number of at least 0 (at least 1 minute or hour)",
            |raw, unit| match (raw, unit?) {
                (Raw::Whole(n), "minutes") if (1..=100_000).contains(n) => Some(Limit::Minutes(*n)),
                (Raw::Whole(n), "hours") if (1..=2_000).contains(n) => Some(Limit::Minutes(n * 60)),
                (Raw::Whole(n), "civil_days") if (0..=MOST_DAYS).contains(n) => Some(Limit::CivilDays(*n)),
                _ => None,
            },
        )
    }

    /// The cadence of a group.
    pub(in crate::protocol) fn cadence(&mut self, path: &str) -> Option<Clause<Cadence>> {
        let units = ["per_day", "per_week", "percent_per_day"];
        self.ask(path, &units, "1 per_day, 1 to 7 per_week, or 1 to 100 percent_per_day", |raw, unit| {
            match (raw, unit?) {
                (Raw::Whole(1), "per_day") => Some(Cadence::PerDay(1)),
                (Raw::Whole(n), "per_week") if (1..=7).contains(n) => Some(Cadence::PerWeek(*n as u8)),
                (Raw::Whole(n), "percent_per_day") if (1..=100).contains(n) => Some(Cadence::PercentPerDay(*n as u8)),
                _ => None,
            }
        })
    }

    /// Pool sizes: 1, 5, 10 or 20 people in a tube; a larger tube was never validated.
    pub(in crate::protocol) fn pools(&mut self, path: &str) -> Option<Clause<Vec<u8>>> {
        self.ask(path, &[], "a rising list out of 1, 5, 10, 20", |raw, _| match raw {
            Raw::Wholes(list) => {
                let rising = list.windows(2).all(|pair| pair[0] < pair[1]);
                (rising && list.iter().all(|n| [1, 5, 10, 20].contains(n)))
                    .then(|| list.iter().map(|n| *n as u8).collect())
            }
            _ => None,
        })
    }

    /// One term of a list.
    pub(in crate::protocol) fn term<T: FromStr>(&mut self, path: &str, names: &[&str]) -> Option<Clause<T>> {
        let expected = format!("one of {}", names.join(", "));
        self.ask(path, &[], &expected, |raw, _| if let Raw::Text(text) = raw { text.parse().ok() } else { None })
    }

    /// Several terms of a list, in order, each at most once.
    pub(in crate::protocol) fn terms<T: FromStr>(&mut self, path: &str, names: &[&str]) -> Option<Clause<Vec<T>>> {
        let expected = format!("a list, each at most once, out of {}", names.join(", "));
        self.ask(path, &[], &expected, |raw, _| match raw {
            Raw::Nothing => Some(Vec::new()),
            Raw::Texts(list) => {
                let once = list.iter().collect::<BTreeSet<_>>().len() == list.len();
                if once { list.iter().map(|text| text.parse().ok()).collect() } else { None }
            }
            _ => None,
        })
    }
}
