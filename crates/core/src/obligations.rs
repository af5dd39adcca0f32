//! What the four parties owe, and the key places of whose people some are owed a test. Pure: kinds and states, what makes a cluster at a
//! place, and how likely chance alone makes one. It may use civil time and terms; it guarantees that what nobody knows is no zero: a place
//! without a roll, or a kind without a cadence, is a state of its own.

use crate::{roster::KeyGroup, terms, time::CivilDate};
use std::collections::BTreeSet;

terms! {
    /// A place at which many people meet, or people who cannot protect themselves live.
    PlaceKind {
        School = "school", Nursery = "nursery", Hospital = "hospital", CareHome = "care_home", Market = "market", Mall = "mall",
        Station = "station", Airport = "airport", Port = "port", Depot = "depot", IsolationSite = "isolation_site", Other = "other",
    }
}

impl PlaceKind {
    /// The key group under whose cadence its people are tested where the place names none; `None`: nothing is asked of them.
    pub const fn group(self) -> Option<KeyGroup> {
        match self {
            PlaceKind::School | PlaceKind::Nursery => Some(KeyGroup::School),
            PlaceKind::Hospital => Some(KeyGroup::HospitalStaff),
            PlaceKind::CareHome => Some(KeyGroup::CareHome),
            PlaceKind::Market | PlaceKind::Mall => Some(KeyGroup::Market),
            PlaceKind::Station | PlaceKind::Airport | PlaceKind::Port => Some(KeyGroup::Transport),
            PlaceKind::Depot => Some(KeyGroup::Courier),
            PlaceKind::IsolationSite => Some(KeyGroup::IsolationStaff),
            PlaceKind::Other => None,
        }
    }
}

impl PlaceKind {
    /// Whether whoever works there is to work at no other such site: where people live or lie who cannot protect themselves, or who are
    /// infected.
    pub const fn one_site(self) -> bool {
        matches!(self, PlaceKind::Hospital | PlaceKind::CareHome | PlaceKind::IsolationSite)
    }
}

terms! {
    /// How the tests of a place's people stand.
    PlaceState {
        /// Nobody is due any more today.
        InTime = "in_time",
        /// Somebody is due today.
        Due = "due",
        /// Somebody was due on a day that is over, and was not tested since.
        Overdue = "overdue",
        /// Nobody has said who belongs to it, or nobody of its list is known on the roster, so nobody knows who is due.
        NoRoll = "no_roll",
        /// The rules in force ask nothing of its people.
        NoRule = "no_rule",
    }
}

terms! {
    /// What is owed.
    ObligationKind {
        /// A place: tests of its people who were due on a day that is over.
        PlaceTests = "place_tests",
        /// A district: to look into a cluster at a place.
        PlaceCluster = "place_cluster",
        /// A district: to look into cases that live close together, more than chance explains.
        CommunityCluster = "community_cluster",
        /// A district: the report of its day, signed.
        Report = "report",
        /// A facility: the record of the day of whoever lies there.
        DailyRecord = "daily_record",
        /// A district: what the city asked of it.
        Directive = "directive",
    }
}

impl ObligationKind {
    /// Whether the fact itself ends it (a test was taken, a report is signed); else somebody shows evidence and the city ends it.
    pub const fn ends_by_itself(self) -> bool {
        matches!(self, ObligationKind::PlaceTests | ObligationKind::Report | ObligationKind::DailyRecord)
    }
}

terms! {
    /// How an obligation stands.
    ObligationState {
        /// Nobody has shown anything.
        Open = "open",
        /// Evidence was shown, and nobody above has looked at it.
        Shown = "shown",
        /// Done, with evidence.
        Done = "done",
        /// Nobody owes it any more.
        Dropped = "dropped",
    }
}

impl ObligationState {
    /// Whether it is still owed.
    pub const fn is_open(self) -> bool {
        matches!(self, ObligationState::Open | ObligationState::Shown)
    }
}

terms! {
    /// What was said of an obligation.
    ObligationStep {
        Given = "given", Shown = "shown", Returned = "returned", Ended = "ended", Dropped = "dropped",
    }
}

/// What makes a cluster: so many cases of different households within so many days (`cluster` of the pack).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClusterRule {
    /// Cases of different households.
    pub cases: i64,
    /// Days, the last one included.
    pub days: i64,
}

/// When a community is free of the epidemic (`free` of the pack).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeRule {
    /// Whole days without an infection found in the community.
    pub clean_days: i64,
    /// Percent of its people whom its last closed round reached, at least.
    pub coverage: i64,
}

terms! {
    /// Why a community is not free of the epidemic, or that it is.
    FreeState {
        Free = "free",
        /// An infection was found in the community within the days of the rule.
        Infection = "infection",
        /// A member of a positive tube is not resolved.
        Unsettled = "unsettled",
        /// An area is open in it.
        Area = "area",
        /// A close contact who lives there has no order, and no bed of a site yet.
        Contact = "contact",
        /// No closed round tells of it.
        NoRound = "no_round",
        /// Its last closed round did not reach enough of its people.
        Coverage = "coverage",
    }
}

/// What is known of a community.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Last day on which an infection was found in the community there.
    pub last_found: Option<CivilDate>,
    /// Members of positive tubes who are not resolved.
    pub unsettled: i64,
    /// Areas open there.
    pub areas: i64,
    /// Contacts to be placed who are not.
    pub contacts: i64,
    /// Its last closed round: people reached, and all.
    pub round: Option<(i64, i64)>,
}

/// How a community stands by the rule, as of a day: the first thing in the way, in the order of [`FreeState`].
pub fn free_state(known: &Known, rule: FreeRule, day: CivilDate) -> FreeState {
    // the day on which one was found, and the days after it, are whole days only when they are over
    let clean = known.last_found.is_none_or(|last| day.days_since(last) > rule.clean_days);
    match known.round {
        _ if !clean => FreeState::Infection,
        _ if known.unsettled > 0 => FreeState::Unsettled,
        _ if known.areas > 0 => FreeState::Area,
        _ if known.contacts > 0 => FreeState::Contact,
        None => FreeState::NoRound,
        Some((reached, people)) if reached * 100 < people * rule.coverage => FreeState::Coverage,
        Some(_) => FreeState::Free,
    }
}

/// Cases among the people of a place within the days of the rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Among {
    /// Cases.
    pub cases: i64,
    /// Different households among them; somebody of whom no household is known is one of their own.
    pub households: i64,
}

/// Cases of a place by day and household, as of a day: those within the days of the rule.
pub fn among<'h>(
    cases: impl IntoIterator<Item = (CivilDate, Option<&'h str>)>,
    day: CivilDate,
    rule: ClusterRule,
) -> Among {
    let (mut all, mut alone, mut homes) = (0, 0, BTreeSet::new());
    for (on, household) in cases {
        if !(0..rule.days).contains(&day.days_since(on)) {
            continue;
        }
        all += 1;
        match household {
            Some(home) => {
                homes.insert(home);
            }
            None => alone += 1,
        }
    }
    Among { cases: all, households: homes.len() as i64 + alone }
}

impl Among {
    /// Whether it is a cluster by the rule.
    pub const fn is_cluster(self, rule: ClusterRule) -> bool {
        self.households >= rule.cases
    }
}

/// How likely chance alone brings at least so many where so many are expected: the upper tail of a Poisson number, summed from its
/// definition.
pub fn at_least(observed: i64, expected: f64) -> f64 {
    if observed <= 0 {
        return 1.0;
    }
    if expected <= 0.0 {
        return 0.0;
    }
    // the tail itself is summed, because one less the rest loses all its digits where the tail is small
    let mut term = (0..observed).fold(-expected, |ln, k| ln + (expected / (k + 1) as f64).ln()).exp();
    let (mut sum, mut k) = (0.0, observed);
    while term > sum * 1e-16 && k < observed + 10_000 {
        sum += term;
        k += 1;
        term *= expected / k as f64;
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_cases_are_a_cluster_where_they_do_not_live_together() {
        let rule = ClusterRule { cases: 2, days: 14 };
        let day = |n: i64| CivilDate::new(2022, 11, 1).unwrap().plus_days(n - 1);
        for (cases, cluster) in [
            (&[(1, Some("H1")), (2, Some("H1"))][..], false), // one household
            (&[(1, Some("H1")), (2, Some("H2"))], true),
            (&[(1, None), (2, None)], true), // nobody knows that they live together
            (&[(0, Some("H1")), (14, Some("H2"))], false), // fourteen days before the 14th is the day before
            (&[(1, Some("H1")), (14, Some("H2"))], true),
            (&[(14, Some("H1")), (15, Some("H2"))], false), // tomorrow has not happened
            (&[], false),
        ] {
            let found = among(cases.iter().map(|(n, home)| (day(*n), *home)), day(14), rule);
            assert_eq!(found.is_cluster(rule), cluster, "{cases:?}: {found:?}");
        }
    }

    #[test]
    fn a_community_is_free_when_nothing_is_in_the_way() {
        let rule = FreeRule { clean_days: 5, coverage: 95 };
        let day = |n: i64| CivilDate::new(2022, 11, 1).unwrap().plus_days(n - 1);
        let free = Known { round: Some((95, 100)), ..Known::default() };
        for (known, state) in [
            (free, FreeState::Free),
            (Known { last_found: Some(day(15)), ..free }, FreeState::Infection), // 16 to 20: the 20th is not over
            (Known { last_found: Some(day(14)), ..free }, FreeState::Free),
            (Known { unsettled: 1, ..free }, FreeState::Unsettled),
            (Known { areas: 1, contacts: 1, ..free }, FreeState::Area),
            (Known { contacts: 1, ..free }, FreeState::Contact),
            (Known { round: None, ..free }, FreeState::NoRound),
            (Known { round: Some((94, 100)), ..free }, FreeState::Coverage),
            (Known { round: Some((0, 0)), ..free }, FreeState::Free),
        ] {
            assert_eq!(free_state(&known, rule, day(20)), state, "{known:?}");
        }
    }

    /// Values of the Poisson tail to twelve digits by exact rational sums of the series for e.
    #[test]
    fn the_tail_of_a_poisson_number() {
        for (observed, expected, p) in [
            (0, 3.0, 1.0),
            (1, 0.0, 0.0),
            (1, 1.0, 0.632_120_558_829),
            (2, 1.0, 0.264_241_117_657),
            (3, 0.5, 0.014_387_677_967),
            (5, 5.0, 0.559_506_714_935),
        ] {
            let found = at_least(observed, expected);
            assert!((found - p).abs() < 1e-11, "{observed} of {expected}: {found}");
        }
        // where the tail is far below what one less the rest could tell
        let small = at_least(20, 0.01);
        assert!(small > 0.0 && small < 1e-50, "{small}");
    }
}
