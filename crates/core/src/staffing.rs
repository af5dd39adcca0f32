//! Who is where by shift: rest between shifts, and one site only for whoever works where people cannot protect themselves. Pure: a shift is
//! judged beside all other shifts of the worker, whichever came first; it guarantees that the answer names the shift that stands against it.

use crate::time::Instant;

/// What the rules ask of shifts (`staff` of the pack).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaffRule {
    /// Hours of rest between two shifts.
    pub rest_h: i64,
    /// Hours of a shift at most.
    pub shift_h: i64,
    /// Days within which a worker has shifts at one site only, of those that are to be kept apart.
    pub one_site_d: i64,
}

/// A shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// Begins.
    pub from: Instant,
    /// Ends.
    pub to: Instant,
    /// Place.
    pub site: String,
    /// Whether the place is one of those that are to be kept apart.
    pub apart: bool,
}

/// What stands against a shift.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Against<'s> {
    /// It ends before it begins.
    Backwards,
    /// It is longer than a shift may be.
    Long,
    /// Too little rest before or after this one, or they overlap.
    Rest(&'s Shift),
    /// This one is at another site that is to be kept apart.
    OneSite(&'s Shift),
}

impl Shift {
    /// Hours and minutes between two shifts, in minutes; negative where they overlap.
    fn apart_min(&self, other: &Shift) -> i64 {
        self.from.minutes_since(other.to).max(other.from.minutes_since(self.to))
    }

    /// What stands against it beside the other shifts of the same worker. The one that begins at the same moment is this one as it was
    /// told before.
    pub fn against<'s>(&self, others: &'s [Shift], rule: StaffRule) -> Option<Against<'s>> {
        if self.to <= self.from {
            return Some(Against::Backwards);
        }
        if self.to.minutes_since(self.from) > rule.shift_h * 60 {
            return Some(Against::Long);
        }
        let others = || others.iter().filter(|other| other.from != self.from);
        if let Some(other) = others().find(|other| self.apart_min(other) < rule.rest_h * 60) {
            return Some(Against::Rest(other));
        }
        let elsewhere = |other: &&Shift| self.apart && other.apart && other.site != self.site;
        others()
            .find(|other| elsewhere(other) && self.apart_min(other) < rule.one_site_d * 24 * 60)
            .map(Against::OneSite)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULE: StaffRule = StaffRule { rest_h: 11, shift_h: 12, one_site_d: 14 };

    fn shift(from: i64, to: i64, site: &str) -> Shift {
        let at = |hour| Instant::from_micros(0).plus_hours(hour);
        Shift { from: at(from), to: at(to), site: site.to_owned(), apart: site != "M" }
    }

    #[test]
    fn rest_and_one_site() {
        let before = [shift(100, 108, "A")];
        for (new, against) in [
            (shift(119, 127, "A"), None),
            (shift(118, 126, "A"), Some(Against::Rest(&before[0]))),
            (shift(104, 106, "A"), Some(Against::Rest(&before[0]))),
            (shift(82, 89, "A"), None),
            (shift(82, 90, "A"), Some(Against::Rest(&before[0]))),
            (shift(119, 132, "A"), Some(Against::Long)),
            (shift(119, 119, "A"), Some(Against::Backwards)),
            (shift(130, 138, "B"), Some(Against::OneSite(&before[0]))),
            (shift(108 + 14 * 24, 116 + 14 * 24, "B"), None),
            (shift(130, 138, "M"), None), // a market is none of the sites that are kept apart
            (shift(100, 110, "A"), None), // the same shift, told anew
        ] {
            assert_eq!(new.against(&before, RULE), against, "{new:?}");
        }
    }

    proptest! {
        #[test]
        fn whichever_of_two_shifts_comes_first(a in 0i64..400, b in 0i64..400, la in 1i64..13, lb in 1i64..13, other in proptest::bool::ANY) {
            prop_assume!(a != b);
            let (one, two) = (shift(a, a + la, "A"), shift(b, b + lb, if other { "B" } else { "A" }));
            let refused = |new: &Shift, known: &Shift| new.against(std::slice::from_ref(known), RULE).is_some();
            prop_assert_eq!(refused(&one, &two), refused(&two, &one));
        }
    }
}
