//! Entry gates: who arrives, as the manifest says and as the gate saw, and whether the test on landing was had. Pure: how somebody stands is a
//! function of the set of what was said, so the order in which manifest and gate speak does not matter. It guarantees that nothing here
//! binds anybody: who refuses the test is counted as such, and nothing follows.

use crate::{terms, time::Instant};

terms! {
    /// How people come in.
    GateKind {
        Air = "air", Rail = "rail", Road = "road", Water = "water",
        /// The fifth, that the city names: the gate's own name says what it is.
        Other = "other",
    }
}

terms! {
    /// What is said of somebody who arrives.
    GateWord {
        /// By the manifest or the tickets: expected on that day.
        Listed = "listed",
        /// By the gate: they came.
        Arrived = "arrived",
        /// By the gate: they did not come.
        Absent = "absent",
        /// The test on landing was taken.
        Tested = "tested",
        /// They do not want it. Nothing follows.
        Refused = "refused",
        /// Somebody who owes it was reached by telephone.
        Called = "called",
        /// Somebody called and nobody answered.
        NoAnswer = "no_answer",
    }
}

terms! {
    /// How somebody who arrives stands.
    Landing {
        /// On the manifest of a day that is not over, and not seen yet.
        Expected = "expected",
        /// On the manifest, and not seen: the gate says so, or the day is over.
        Missing = "missing",
        /// Came, and was not tested since.
        Owes = "owes",
        Tested = "tested",
        Refused = "refused",
    }
}

/// Something that was said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Said {
    /// What.
    pub word: GateWord,
    /// When.
    pub at: Instant,
}

/// What was said, settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stands {
    /// How they stand.
    pub state: Landing,
    /// Whether the manifest knew of them; somebody who came without is extra.
    pub listed: bool,
    /// When they were seen first.
    pub arrived_at: Option<Instant>,
    /// When the test was had.
    pub tested_at: Option<Instant>,
    /// Calls, and when the last one was.
    pub calls: i64,
    /// See above.
    pub called_at: Option<Instant>,
}

/// How somebody stands by all that was said, and by their first swab after they came. `over`: the day of their arrival is over.
pub fn settle(said: &[Said], swab_after: impl Fn(Instant) -> Option<Instant>, over: bool) -> Stands {
    let first = |words: &[GateWord]| said.iter().filter(|said| words.contains(&said.word)).map(|said| said.at).min();
    let arrived_at = first(&[GateWord::Arrived, GateWord::Tested, GateWord::Refused]);
    let at_gate = first(&[GateWord::Tested]);
    let tested_at = at_gate.into_iter().chain(arrived_at.and_then(swab_after)).min();
    let state = match arrived_at {
        Some(_) if tested_at.is_some() => Landing::Tested,
        Some(_) if first(&[GateWord::Refused]).is_some() => Landing::Refused,
        Some(_) => Landing::Owes,
        None if over || first(&[GateWord::Absent]).is_some() => Landing::Missing,
        None => Landing::Expected,
    };
    let calls = || said.iter().filter(|said| matches!(said.word, GateWord::Called | GateWord::NoAnswer));
    Stands {
        state,
        listed: first(&[GateWord::Listed]).is_some(),
        arrived_at,
        tested_at,
        calls: calls().count() as i64,
        called_at: calls().map(|said| said.at).max(),
    }
}

/// The book of a gate and day: on the manifest, came, on it and did not come, came without it; and of those who came, tested, refused, owing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GateDay {
    /// On the manifest.
    pub listed: i64,
    /// Came.
    pub arrived: i64,
    /// On the manifest, and did not come.
    pub missing: i64,
    /// On the manifest of a day that runs, and not seen yet.
    pub expected: i64,
    /// Came, and were on no manifest.
    pub extra: i64,
    /// Of those who came: tested.
    pub tested: i64,
    /// Refused.
    pub refused: i64,
    /// Owe the test.
    pub owing: i64,
}

impl GateDay {
    /// Counts somebody.
    pub fn count(&mut self, stands: &Stands) {
        let came = stands.arrived_at.is_some();
        self.listed += i64::from(stands.listed);
        self.arrived += i64::from(came);
        self.extra += i64::from(came && !stands.listed);
        match stands.state {
            Landing::Expected => self.expected += 1,
            Landing::Missing if stands.listed => self.missing += 1,
            Landing::Missing => {}
            Landing::Owes => self.owing += 1,
            Landing::Tested => self.tested += 1,
            Landing::Refused => self.refused += 1,
        }
    }
    /// Whether it balances: manifest and extra are those who came, are missing, or are still expected; and whoever came is tested, refused or
    /// owes.
    pub const fn balances(&self) -> bool {
        self.listed + self.extra == self.arrived + self.missing + self.expected
            && self.arrived == self.tested + self.refused + self.owing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(hour: i64) -> Instant {
        Instant::from_micros(0).plus_hours(hour)
    }

    #[test]
    fn manifest_and_gate_together_say_how_somebody_stands() {
        use GateWord::*;
        // what was said and when, hour of a swab, whether the day is over; how they stand, and whether they are extra
        for (said, swab, over, state, extra) in [
            (&[(Listed, 1)][..], None, false, Landing::Expected, false),
            (&[(Listed, 1)], None, true, Landing::Missing, false),
            (&[(Listed, 1), (Absent, 9)], None, false, Landing::Missing, false),
            (&[(Absent, 9), (Listed, 1), (Arrived, 10)], None, false, Landing::Owes, false), // came after all
            (&[(Arrived, 8)], None, false, Landing::Owes, true),
            (&[(Arrived, 8), (Called, 9), (NoAnswer, 10)], None, true, Landing::Owes, true),
            (&[(Arrived, 8)], Some(7), false, Landing::Owes, true), // a swab before they came is none on landing
            (&[(Arrived, 8)], Some(9), false, Landing::Tested, true),
            (&[(Refused, 8)], None, false, Landing::Refused, true),
            (&[(Refused, 8), (Tested, 9)], None, false, Landing::Tested, true),
        ] {
            let words: Vec<Said> = said.iter().map(|(word, hour)| Said { word: *word, at: at(*hour) }).collect();
            let stands = settle(&words, |from| swab.map(at).filter(|swab| *swab >= from), over);
            assert_eq!(
                (stands.state, !stands.listed && stands.arrived_at.is_some()),
                (state, extra),
                "{said:?} {swab:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn the_book_balances_whatever_is_said_in_whatever_order(
            people in proptest::collection::vec(
                (proptest::collection::vec((proptest::sample::select(GateWord::ALL), 0i64..24), 1..6), proptest::option::of(0i64..30)), 0..20),
            over in proptest::bool::ANY,
        ) {
            let mut book = GateDay::default();
            for (said, swab) in &people {
                let mut words: Vec<Said> = said.iter().map(|(word, hour)| Said { word: *word, at: at(*hour) }).collect();
                let after = |from: Instant| swab.map(at).filter(|swab| *swab >= from);
                let stands = settle(&words, after, over);
                words.reverse();
                prop_assert_eq!(settle(&words, after, over), stands);
                // somebody of whom only a call or an absence is known is on no manifest and did not come: they are in no book
                if stands.listed || stands.arrived_at.is_some() {
                    book.count(&stands);
                }
            }
            prop_assert!(book.balances(), "{:?}", book);
        }
    }
}
