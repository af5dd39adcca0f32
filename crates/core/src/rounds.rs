//! Rounds of sampling, what people say of somebody's presence, and where a round stands with each person. Pure: the state of a
//! person is a function of sets (statements, swabs), so it does not depend on the order in which rows come; what nobody knows
//! stays unknown and is never a zero.

use crate::{
    divisions::DivisionCode,
    protocol::Pack,
    reason::Decided,
    roster::{KeyGroup, Presence},
    screening::Purpose,
    terms,
    time::{Instant, Zone},
};
use std::collections::BTreeMap;

terms! {
    /// Where a round stands.
    RoundState {
        Planned = "planned",
        /// It has begun: tubes count for it.
        Open = "open",
        /// It was closed, and its figures were recorded.
        Closed = "closed", Cancelled = "cancelled",
        /// The rules do not allow it; it came by file, where nobody could be told.
        Refused = "refused",
    }
}

terms! {
    /// Where a round stands with one person of its scope. Everybody is in exactly one of these, so they add up to the roster.
    Cover {
        /// Sampled within the hours of the round, with a result that counts.
        Resulted = "resulted",
        /// Sampled, and no result that counts yet.
        Waiting = "waiting",
        /// Not sampled here; said to be tested elsewhere.
        Elsewhere = "tested_elsewhere",
        Exempt = "exempt",
        /// Refused. Nothing follows from it: no order, no later care, no knock at the door for this round.
        Refused = "refused",
        Away = "away", Unreachable = "unreachable", MovedOut = "moved_out",
        /// Known to be there, and not sampled yet.
        Present = "present",
        /// Not sampled, and nobody knows why.
        Unknown = "unknown",
    }
}

impl Cover {
    /// Whether somebody still has to go to the door: known to be there, not found yet, or nobody knows.
    pub const fn remains(self) -> bool {
        matches!(self, Cover::Present | Cover::Unreachable | Cover::Unknown)
    }
    /// Position among [`Cover::ALL`].
    pub const fn index(self) -> usize {
        self as usize
    }
}

/// What somebody's swabs within the hours of a round add up to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swab {
    /// No swab that can say anything: none was taken, or its tube was found invalid.
    None,
    /// One without a result that counts.
    Waiting,
    /// One with a result that counts.
    Resulted,
}

/// Where a round stands with somebody.
pub const fn cover(swab: Swab, presence: Presence) -> Cover {
    match (swab, presence) {
        (Swab::Resulted, _) => Cover::Resulted,
        (Swab::Waiting, _) => Cover::Waiting,
        (_, Presence::Elsewhere) => Cover::Elsewhere,
        (_, Presence::Exempt) => Cover::Exempt,
        (_, Presence::Refused) => Cover::Refused,
        (_, Presence::Away) => Cover::Away,
        (_, Presence::Unreachable) => Cover::Unreachable,
        (_, Presence::MovedOut) => Cover::MovedOut,
        (_, Presence::Present | Presence::MovedIn) => Cover::Present,
        (_, Presence::Unknown) => Cover::Unknown,
    }
}

/// What somebody said of a person's presence. Nothing said is ever changed: somebody else, or the same person later, says
/// something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// What was said.
    pub presence: Presence,
    /// When it was said.
    pub said_at: Instant,
    /// From when it holds; `None`: from when it was said.
    pub from: Option<Instant>,
    /// Until when it holds; `None`: until something else is said.
    pub until: Option<Instant>,
    /// Key of its row, which decides between two that were said at the same moment.
    pub key: String,
}

impl Statement {
    /// Whether it holds at a moment: said by then, begun, and not ended.
    pub fn holds_at(&self, at: Instant) -> bool {
        self.said_at <= at && self.from.unwrap_or(self.said_at) <= at && self.until.is_none_or(|until| at < until)
    }
}

/// Presence at a moment: of the statements that hold the one said last; one that has ended falls back to the one before, and
/// without any to what the roster said, which may be that nobody knows.
pub fn presence_at<'s>(statements: impl IntoIterator<Item = &'s Statement>, roster: Presence, at: Instant) -> Presence {
    let holding = statements.into_iter().filter(|statement| statement.holds_at(at));
    let last = holding.max_by(|a, b| (a.said_at, &a.key).cmp(&(b.said_at, &b.key)));
    last.map_or(roster, |statement| statement.presence)
}

/// A risk area as a place: its division, building, and the unit where it is only one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaPlace {
    /// Division.
    pub division: DivisionCode,
    /// Building.
    pub building: String,
    /// Unit.
    pub unit: Option<String>,
}

/// Whom a round is for: everybody in any of the divisions or risk areas, or of them those in the key groups where some are
/// named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundScope {
    /// Divisions.
    pub divisions: Vec<DivisionCode>,
    /// Risk areas by id.
    pub areas: BTreeMap<String, AreaPlace>,
    /// Key groups; none: everybody.
    pub groups: Vec<KeyGroup>,
}

impl RoundScope {
    /// Whether somebody belongs to it: where they live, and their group.
    pub fn holds(&self, division: &str, building: &str, unit: Option<&str>, group: Option<KeyGroup>) -> bool {
        let placed = self.divisions.iter().any(|code| division.starts_with(code.as_str()))
            || self.areas.values().any(|area| {
                area.building == building && area.unit.as_deref().is_none_or(|of| unit.is_some_and(|unit| unit == of))
            });
        placed && (self.groups.is_empty() || group.is_some_and(|group| self.groups.contains(&group)))
    }

    /// Whether the same people can belong to both. Somebody has one key group, so rounds of different groups share nobody.
    pub fn overlaps(&self, other: &RoundScope) -> bool {
        let apart = !self.groups.is_empty()
            && !other.groups.is_empty()
            && !self.groups.iter().any(|group| other.groups.contains(group));
        let nested = |a: &DivisionCode, b: &DivisionCode| a.contains(b) || b.contains(a);
        let divided = self.divisions.iter().any(|a| other.divisions.iter().any(|b| nested(a, b)));
        let inside = |divisions: &[DivisionCode], areas: &BTreeMap<String, AreaPlace>| {
            areas.values().any(|area| divisions.iter().any(|code| code.contains(&area.division)))
        };
        let same = self.areas.values().any(|a| {
            other
                .areas
                .values()
                .any(|b| a.building == b.building && (a.unit.is_none() || b.unit.is_none() || a.unit == b.unit))
        });
        !apart && (divided || inside(&self.divisions, &other.areas) || inside(&other.divisions, &self.areas) || same)
    }
}

/// What is planned: its hours, its purpose, its pool size, whom it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Id.
    pub round: String,
    /// Why people are sampled.
    pub purpose: Purpose,
    /// From when tubes count.
    pub from: Instant,
    /// Until when.
    pub to: Instant,
    /// Swabs in one tube at most.
    pub pool_size: u8,
    /// Whom it is for.
    pub scope: RoundScope,
}

/// What the rules forbid of a plan, with the clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forbidden {
    /// Tubes of this size are not allowed for the purpose; those that are.
    PoolSize(Vec<u8>, String),
    /// The same people would be sampled more often on one day than allowed: the round they are in already, and the clause.
    TooOften(String, String),
}

/// Judges a plan by the pack, beside the other rounds that are planned, open or closed. A round is one of the day on which it
/// begins.
pub fn forbidden(plan: &Plan, others: &[Plan], pack: &Pack, zone: &Zone) -> Option<Forbidden> {
    let sizes = pack.pool_sizes(plan.purpose);
    if !sizes.contains(&plan.pool_size) {
        return Some(Forbidden::PoolSize(sizes.to_vec(), format!("pool.{} of {}", plan.purpose, pack.label())));
    }
    let Decided { value: most, reason } = pack.rounds_a_day()?;
    let day = zone.day(plan.from);
    let same =
        |other: &&Plan| other.round != plan.round && zone.day(other.from) == day && other.scope.overlaps(&plan.scope);
    let already: Vec<&Plan> = others.iter().filter(same).collect();
    match already.last() {
        Some(last) if already.len() as i64 >= most => Some(Forbidden::TooOften(last.round.clone(), reason.to_string())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(hour: i64) -> Instant {
        Instant::from_micros(0).plus_hours(hour)
    }

    fn said(presence: Presence, said: i64, from: Option<i64>, until: Option<i64>) -> Statement {
        Statement { presence, said_at: at(said), from: from.map(at), until: until.map(at), key: format!("{said:04}") }
    }

    #[test]
    fn the_latest_that_holds_decides_and_an_ended_one_falls_back() {
        let all = [
            said(Presence::Away, 1, None, Some(10)),
            said(Presence::Exempt, 3, Some(5), Some(7)),
            said(Presence::Refused, 20, None, None),
        ];
        for (hour, expected) in [
            (0, Presence::Present),
            (1, Presence::Away),
            (4, Presence::Away),
            (5, Presence::Exempt),
            (7, Presence::Away),
            (10, Presence::Present),
            (20, Presence::Refused),
        ] {
            assert_eq!(presence_at(&all, Presence::Present, at(hour)), expected, "{hour}");
        }
        assert_eq!(presence_at(&all[..1], Presence::Unknown, at(10)), Presence::Unknown);
        let taken_back = [said(Presence::Refused, 1, None, None), said(Presence::Unknown, 2, None, None)];
        assert_eq!(presence_at(&taken_back, Presence::Present, at(3)), Presence::Unknown);
    }

    proptest! {
        #[test]
        fn presence_does_not_depend_on_the_order_in_which_statements_come(
            (all, shuffled) in proptest::collection::vec(
                (proptest::sample::select(Presence::ALL), 0i64..6, proptest::option::of(0i64..8),
                 proptest::option::of(0i64..8), 0u8..4), 0..8)
                .prop_map(|rows| rows.into_iter().map(|(presence, hour, from, until, who)| Statement {
                    key: format!("{hour}|{who}|{presence}|{from:?}|{until:?}"), ..said(presence, hour, from, until)
                }).collect::<Vec<_>>())
                .prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
            hour in 0i64..9,
        ) {
            let first = presence_at(&all, Presence::Unknown, at(hour));
            prop_assert_eq!(first, presence_at(&shuffled, Presence::Unknown, at(hour)));
        }
    }

    fn scope(divisions: &[&str], groups: &[KeyGroup]) -> RoundScope {
        let divisions = divisions.iter().map(|code| code.parse().unwrap()).collect();
        RoundScope { divisions, areas: BTreeMap::new(), groups: groups.to_vec() }
    }

    #[test]
    fn rounds_overlap_where_they_can_share_somebody() {
        let area = |building: &str, unit: Option<&str>| RoundScope {
            areas: BTreeMap::from([(
                building.to_owned(),
                AreaPlace {
                    division: "500103001001".parse().unwrap(),
                    building: building.to_owned(),
                    unit: unit.map(str::to_owned),
                },
            )]),
            ..RoundScope::default()
        };
        let couriers = [KeyGroup::Courier];
        for (a, b, overlap) in [
            (scope(&["500103"], &[]), scope(&["500103001"], &[]), true),
            (scope(&["500103"], &[]), scope(&["500104"], &[]), false),
            (scope(&["50"], &couriers), scope(&["50"], &[KeyGroup::Market]), false),
            (scope(&["50"], &couriers), scope(&["500103"], &[]), true),
            (area("B1", None), scope(&["500103"], &[]), true),
            (area("B1", None), scope(&["500104"], &[]), false),
            (area("B1", Some("1")), area("B1", Some("2")), false),
            (area("B1", Some("1")), area("B1", None), true),
        ] {
            assert_eq!(a.overlaps(&b), overlap, "{a:?} {b:?}");
            assert_eq!(b.overlaps(&a), overlap, "{b:?} {a:?}");
        }
        assert!(area("B1", Some("1")).holds("500103001001", "B1", Some("1"), None));
        assert!(!area("B1", Some("1")).holds("500103001001", "B1", None, None));
        assert!(!scope(&["50"], &couriers).holds("500103001001", "B1", None, None));
    }

    #[test]
    fn whoever_was_sampled_is_covered_whatever_was_said_of_them() {
        for presence in Presence::ALL {
            assert_eq!(cover(Swab::Resulted, *presence), Cover::Resulted);
            assert_eq!(cover(Swab::Waiting, *presence), Cover::Waiting);
        }
        assert_eq!(cover(Swab::None, Presence::MovedIn), Cover::Present);
        assert!(!Cover::Refused.remains());
    }
}
