//! Rounds of sampling, what people say of somebody's presence, and where a round stands with each person. Pure: the state of a
//! person is a function of sets (statements, swabs), so it does not depend on the order in which rows come; what nobody knows
//! stays unknown and is never a zero.

use crate::{
    divisions::DivisionCode,
    protocol::{Cadence, Ground, Pack, Past, RoundStep, Spread},
    reason::{Decided, Reason},
    roster::{KeyGroup, Presence},
    screening::Purpose,
    terms,
    time::{CivilDate, Instant, Zone},
};
use std::collections::{BTreeMap, BTreeSet};

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

/// A risk area as a place: its division, building, and the unit or the household where it is only one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaPlace {
    /// Division.
    pub division: DivisionCode,
    /// Building.
    pub building: String,
    /// Unit.
    pub unit: Option<String>,
    /// Household.
    pub household: Option<String>,
}

impl AreaPlace {
    /// Whether somebody can live in both.
    fn meets(&self, other: &AreaPlace) -> bool {
        let same = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        self.building == other.building && same(&self.unit, &other.unit) && same(&self.household, &other.household)
    }
}

/// Where somebody lives, and their key group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    /// Division.
    pub division: DivisionCode,
    /// Building.
    pub building: String,
    /// Unit.
    pub unit: Option<String>,
    /// Household.
    pub household: String,
    /// Key group.
    pub group: Option<KeyGroup>,
}

/// Whom a round is for: everybody in any of the divisions or risk areas, or of them those in the key groups where some are
/// named; or those who are due at key places, who are kept by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoundScope {
    /// Divisions.
    pub divisions: Vec<DivisionCode>,
    /// Risk areas by id.
    pub areas: BTreeMap<String, AreaPlace>,
    /// Key groups; none: everybody.
    pub groups: Vec<KeyGroup>,
    /// Key places by id, and the division in which each stands.
    pub places: BTreeMap<String, DivisionCode>,
}

impl RoundScope {
    /// The divisions in which it lies.
    pub fn lies_in(&self) -> impl Iterator<Item = &DivisionCode> {
        self.divisions.iter().chain(self.areas.values().map(|area| &area.division)).chain(self.places.values())
    }

    /// Whether somebody belongs to it by where they live and their group.
    pub fn holds(&self, home: &Home) -> bool {
        let same = |of: &Option<String>, own: Option<&str>| of.as_deref().is_none_or(|of| own == Some(of));
        let inside = |area: &AreaPlace| {
            area.building == home.building
                && same(&area.unit, home.unit.as_deref())
                && same(&area.household, Some(&home.household))
        };
        let placed = self.divisions.iter().any(|code| code.contains(&home.division)) || self.areas.values().any(inside);
        placed && (self.groups.is_empty() || home.group.is_some_and(|group| self.groups.contains(&group)))
    }

    /// Whether the same people can belong to both by where they live. Somebody has one key group, so rounds of different groups share
    /// nobody. Who belongs to a round of key places is known by name ([`Beside::sharing`]).
    pub fn overlaps(&self, other: &RoundScope) -> bool {
        let apart = !self.groups.is_empty()
            && !other.groups.is_empty()
            && !self.groups.iter().any(|group| other.groups.contains(group));
        let nested = |a: &DivisionCode, b: &DivisionCode| a.contains(b) || b.contains(a);
        let divided = self.divisions.iter().any(|a| other.divisions.iter().any(|b| nested(a, b)));
        let inside = |divisions: &[DivisionCode], areas: &BTreeMap<String, AreaPlace>| {
            areas.values().any(|area| divisions.iter().any(|code| code.contains(&area.division)))
        };
        let same = self.areas.values().any(|a| other.areas.values().any(|b| a.meets(b)));
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
    /// Everybody of a division would be tested on no ground that allows it; the grounds that do.
    Widened(Vec<Ground>, Reason),
    /// A round of risk areas that is for everybody of a division.
    BeyondArea(DivisionCode, Reason),
    /// The risk area was released: nobody of it has to be tested any more.
    Released(String, Reason),
    /// No round is due: the day of the next one, if there is one.
    NotDue(Option<CivilDate>, Reason),
    /// People of a key group would be tested more often than its cadence asks; from when they are due.
    GroupNotDue(KeyGroup, CivilDate, Reason),
    /// The pack asks for no tests of the people of a key place.
    NoCadence(String, String),
    /// Nobody on the list of a key place is known on the roster.
    NobodyKnown(String),
    /// Nobody of a key place is due; the day of the next one, if there is one within a week.
    NobodyDue(String, Option<CivilDate>, Reason),
}

impl Forbidden {
    /// Whether somebody of the city may let a round go ahead against it: how often people are sampled may be looked at again. A tube
    /// of a size that was never validated finds nobody, and whom a round is for is put right by choosing those, or by its ground.
    pub const fn can_be_approved(&self) -> bool {
        matches!(self, Forbidden::TooOften(..) | Forbidden::NotDue(..) | Forbidden::GroupNotDue(..))
    }
}

/// What a plan is judged beside.
#[derive(Clone, Copy, Debug)]
pub struct Beside<'a> {
    /// The other rounds that are planned, open or closed around its day.
    pub others: &'a [Plan],
    /// The ground that was stated.
    pub ground: Option<Ground>,
    /// Closed rounds that were for all its people, and what they found in the community.
    pub done: &'a [Past],
    /// When somebody was last found in the community there, by whatever test.
    pub found: Option<CivilDate>,
    /// Whether a risk area stands there.
    pub spread: Spread,
    /// Days on which closed or open rounds were for all of a key group there.
    pub groups: &'a BTreeMap<KeyGroup, Vec<CivilDate>>,
    /// Of its risk areas one that was released.
    pub released: Option<&'a str>,
    /// Rounds of its day that share somebody with it by name, because one of the two is for people of key places.
    pub sharing: &'a BTreeSet<String>,
    /// Its key places.
    pub places: &'a [AtPlace],
    /// Whether the rules allowed it before: of a place at which somebody was tested since, the others are still due.
    pub again: bool,
}

/// Who is due at a key place on the day of a round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtPlace {
    /// Id of the place.
    pub place: String,
    /// People on its list who are known on the roster.
    pub known: usize,
    /// The clause of the cadence of its people; none: the pack has none.
    pub cadence: Option<Reason>,
    /// People who are due.
    pub due: usize,
    /// Where nobody is: the next day on which somebody will be, within a week.
    pub next: Option<CivilDate>,
}

/// Judges a plan by the pack. A round is one of the day on which it begins.
pub fn forbidden(plan: &Plan, beside: &Beside<'_>, pack: &Pack, zone: &Zone) -> Option<Forbidden> {
    let sizes = pack.pool_sizes(plan.purpose);
    if !sizes.contains(&plan.pool_size) {
        return Some(Forbidden::PoolSize(sizes.to_vec(), format!("pool.{} of {}", plan.purpose, pack.label())));
    }
    let Decided { value: most, reason } = pack.rounds_a_day()?;
    let day = zone.day(plan.from);
    let shares = |other: &Plan| other.scope.overlaps(&plan.scope) || beside.sharing.contains(&other.round);
    let same = |other: &&Plan| other.round != plan.round && zone.day(other.from) == day && shares(other);
    let already: Vec<&Plan> = beside.others.iter().filter(same).collect();
    if let Some(last) = already.last().filter(|_| already.len() as i64 >= most) {
        return Some(Forbidden::TooOften(last.round.clone(), reason.to_string()));
    }
    if !plan.scope.places.is_empty() {
        of_places(beside, pack)
    } else if plan.scope.groups.is_empty() {
        of_everybody(plan, beside, pack, day)
    } else {
        of_groups(plan, beside, pack, day)
    }
}

/// A round for everybody of its places: no wider than its purpose, and no more often than the rounds before ask for.
fn of_everybody(plan: &Plan, beside: &Beside<'_>, pack: &Pack, day: CivilDate) -> Option<Forbidden> {
    if let Err(reason) = pack.may_widen(plan.purpose, beside.ground) {
        return Some(Forbidden::Widened(pack.round_grounds(), reason));
    }
    let Some(division) = plan.scope.divisions.first() else {
        // how often the people of a risk area are tested its own clauses say
        let released = beside.released?;
        return Some(Forbidden::Released(released.to_owned(), pack.area_release_clause().with("area", released)));
    };
    if plan.purpose == Purpose::AreaScreening {
        let reason = pack.may_widen(Purpose::ExpandedScreening, None).err()?;
        return Some(Forbidden::BeyondArea(division.clone(), reason.with("division", division)));
    }
    let last = beside.done.iter().map(|past| past.day).max()?;
    // whoever was found since begins the count of clean rounds anew
    if beside.found.is_some_and(|found| found >= last) {
        return None;
    }
    let step = pack.next_round(day, beside.done, beside.spread)?;
    match step.value {
        RoundStep::Due(next) if next <= day => None,
        RoundStep::Due(next) => Some(Forbidden::NotDue(Some(next), step.reason)),
        RoundStep::Over => Some(Forbidden::NotDue(None, step.reason)),
    }
}

/// A round for key groups: none of them more often than so many times in seven days, and with days between.
fn of_groups(plan: &Plan, beside: &Beside<'_>, pack: &Pack, day: CivilDate) -> Option<Forbidden> {
    const WEEK: i64 = 7;
    plan.scope.groups.iter().find_map(|group| {
        let Decided { value: Cadence::PerWeek(times), reason } = pack.group_cadence(*group)? else { return None };
        let held = beside.groups.get(group)?;
        let mut held: Vec<CivilDate> =
            held.iter().copied().filter(|on| (1..WEEK).contains(&day.days_since(*on))).collect();
        held.sort_unstable();
        let times = usize::from(times.max(1));
        let apart = held.last()?.plus_days(WEEK / times as i64);
        // the round so many before the next one leaves the seven days
        let room = held.len().checked_sub(times).map(|at| held[at].plus_days(WEEK));
        let next = room.map_or(apart, |room| room.max(apart));
        let reason = reason.with("rounds_in_six_days", held.len());
        (next > day).then_some(Forbidden::GroupNotDue(*group, next, reason))
    })
}

/// A round for key places: for those who are due there, and no place at which nobody is.
fn of_places(beside: &Beside<'_>, pack: &Pack) -> Option<Forbidden> {
    let somebody = beside.places.iter().any(|one| one.due > 0);
    beside.places.iter().filter(|one| one.due == 0 && !(beside.again && somebody)).find_map(|one| {
        let name = one.place.clone();
        Some(match &one.cadence {
            None => Forbidden::NoCadence(name, pack.label()),
            Some(_) if one.known == 0 => Forbidden::NobodyKnown(name),
            Some(reason) => Forbidden::NobodyDue(name, one.next, reason.clone().with("people", one.known)),
        })
    })
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
        RoundScope { divisions, groups: groups.to_vec(), ..RoundScope::default() }
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
                    household: None,
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
        let home = |household: &str| {
            let mut scope = area("B1", Some("1"));
            scope.areas.values_mut().for_each(|place| place.household = Some(household.to_owned()));
            scope
        };
        for (other, overlap) in [(home("H1"), true), (home("H2"), false), (area("B1", Some("1")), true)] {
            assert_eq!(home("H1").overlaps(&other), overlap, "{other:?}");
        }
        let lives = |unit: Option<&str>| Home {
            division: "500103001001".parse().unwrap(),
            building: "B1".to_owned(),
            unit: unit.map(str::to_owned),
            household: "H1".to_owned(),
            group: None,
        };
        assert!(area("B1", Some("1")).holds(&lives(Some("1"))));
        assert!(!area("B1", Some("1")).holds(&lives(None)));
        assert!(home("H1").holds(&lives(Some("1"))) && !home("H2").holds(&lives(Some("1"))));
        assert!(!scope(&["50"], &couriers).holds(&lives(None)));
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

    /// A round planned for 20 November 2022 under a pack: for whom, beside what, and what forbids it.
    #[test]
    fn a_round_is_judged_by_whom_it_is_for_and_by_the_rounds_before_it() {
        let packs = crate::protocol::Packs::builtin().unwrap();
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let day = |n: i64| CivilDate::new(2022, 11, 20).unwrap().plus_days(n);
        let scope = |places: &[&str], groups: &[KeyGroup]| RoundScope {
            divisions: places.iter().map(|code| code.parse().unwrap()).collect(),
            groups: groups.to_vec(),
            ..RoundScope::default()
        };
        let area = || {
            let place = AreaPlace {
                division: "500103001001".parse().unwrap(),
                building: "B1".to_owned(),
                unit: None,
                household: None,
            };
            RoundScope { areas: BTreeMap::from([("Z1".to_owned(), place)]), ..RoundScope::default() }
        };
        let (twenty, ten) = ("covid-19-cn-twenty", "covid-19-cn-ten");
        let (unclear, none) = (Some(Ground::SourceUnclear), None);
        let couriers = [KeyGroup::Courier];
        use Purpose::{AreaScreening as Area, Community, KeyPerson};
        use Spread::{Affected, Traces};
        // pack, purpose, whom, ground, days before with what they found, found since, spread, days of couriers, what forbids it
        #[allow(clippy::type_complexity)]
        let cases: &[(
            &str,
            Purpose,
            RoundScope,
            Option<Ground>,
            &[(i64, u32)],
            Option<i64>,
            Spread,
            &[i64],
            &str,
        )] = &[
            (twenty, Community, scope(&["50"], &[]), none, &[], None, Affected, &[], "widened 2"),
            (twenty, Community, scope(&["50"], &[]), unclear, &[], None, Affected, &[], "-"),
            (ten, Community, scope(&["50"], &[]), unclear, &[], None, Affected, &[], "widened 0"),
            (twenty, Area, scope(&["500103"], &[]), unclear, &[], None, Affected, &[], "beyond 500103"),
            (twenty, Area, area(), none, &[], None, Affected, &[], "-"),
            (ten, Area, area(), none, &[], None, Affected, &[], "-"),
            // three clean ones, a pause of three days, one more, and no more; a find begins anew
            (twenty, Community, scope(&["50"], &[]), unclear, &[(-2, 0), (-1, 0)], None, Affected, &[], "-"),
            (
                twenty,
                Community,
                scope(&["50"], &[]),
                unclear,
                &[(-3, 0), (-2, 0), (-1, 0)],
                None,
                Affected,
                &[],
                "not due 3",
            ),
            (twenty, Community, scope(&["50"], &[]), unclear, &[(-6, 0), (-5, 0), (-4, 0)], None, Affected, &[], "-"),
            (twenty, Community, scope(&["50"], &[]), unclear, &[(-3, 0), (-2, 0), (-1, 1)], None, Affected, &[], "-"),
            (twenty, Community, scope(&["50"], &[]), unclear, &[(-3, 0), (-2, 0), (-1, 0)], None, Traces, &[], "over"),
            (
                twenty,
                Community,
                scope(&["50"], &[]),
                unclear,
                &[(-9, 0), (-8, 0), (-7, 0), (-3, 0)],
                None,
                Affected,
                &[],
                "over",
            ),
            // somebody whom a clinic found since, and somebody it found before
            (twenty, Community, scope(&["50"], &[]), unclear, &[(-3, 0), (-2, 0), (-1, 0)], Some(-1), Traces, &[], "-"),
            (
                twenty,
                Community,
                scope(&["50"], &[]),
                unclear,
                &[(-3, 0), (-2, 0), (-1, 0)],
                Some(-2),
                Traces,
                &[],
                "over",
            ),
            // the days of an area are its own
            (twenty, Area, area(), none, &[(-3, 0), (-2, 0), (-1, 0)], None, Affected, &[], "-"),
            // key groups: twice in seven days, and not on days that follow
            (twenty, KeyPerson, scope(&["50"], &couriers), none, &[], None, Traces, &[], "-"),
            (twenty, KeyPerson, scope(&["50"], &couriers), none, &[], None, Traces, &[-1], "couriers 2"),
            (twenty, KeyPerson, scope(&["50"], &couriers), none, &[], None, Traces, &[-3], "-"),
            (twenty, KeyPerson, scope(&["50"], &couriers), none, &[], None, Traces, &[-6, -3], "couriers 1"),
            (twenty, KeyPerson, scope(&["50"], &couriers), none, &[], None, Traces, &[-7, -3], "-"),
            (twenty, KeyPerson, scope(&["50"], &[KeyGroup::FeverClinicStaff]), none, &[], None, Traces, &[-1], "-"),
        ];
        for (pack, purpose, scope, ground, done, found, spread, held, expected) in cases {
            let pack = packs.named(pack).unwrap();
            let from = zone.start_of(day(0));
            let plan = Plan {
                round: "R".to_owned(),
                purpose: *purpose,
                from,
                to: from.plus_hours(16),
                pool_size: 1,
                scope: scope.clone(),
            };
            let done: Vec<Past> = done.iter().map(|(on, found)| Past { day: day(*on), found: *found }).collect();
            let days: Vec<CivilDate> = held.iter().map(|on| day(*on)).collect();
            let groups = BTreeMap::from([(KeyGroup::Courier, days.clone()), (KeyGroup::FeverClinicStaff, days)]);
            let beside = Beside {
                others: &[],
                ground: *ground,
                done: &done,
                found: found.map(day),
                spread: *spread,
                groups: &groups,
                released: None,
                sharing: &BTreeSet::new(),
                places: &[],
                again: false,
            };
            let told = match forbidden(&plan, &beside, pack, &zone) {
                None => "-".to_owned(),
                Some(Forbidden::Widened(grounds, _)) => format!("widened {}", grounds.len()),
                Some(Forbidden::BeyondArea(code, _)) => format!("beyond {code}"),
                Some(Forbidden::NotDue(Some(next), _)) => format!("not due {}", next.days_since(day(0))),
                Some(Forbidden::NotDue(None, _)) => "over".to_owned(),
                Some(Forbidden::GroupNotDue(_, next, _)) => format!("couriers {}", next.days_since(day(0))),
                Some(other) => format!("{other:?}"),
            };
            assert_eq!(told, *expected, "{purpose} {done:?} {found:?} {spread} {held:?}");
        }
        let from = zone.start_of(day(0));
        let plan =
            Plan { round: "R".to_owned(), purpose: Area, from, to: from.plus_hours(9), pool_size: 1, scope: area() };
        let beside = Beside {
            others: &[],
            ground: None,
            done: &[],
            found: None,
            spread: Traces,
            groups: &BTreeMap::new(),
            released: Some("Z1"),
            sharing: &BTreeSet::new(),
            places: &[],
            again: false,
        };
        let told = forbidden(&plan, &beside, packs.named(twenty).unwrap(), &zone);
        assert!(matches!(&told, Some(Forbidden::Released(area, _)) if area == "Z1"), "{told:?}");
        assert!(!told.unwrap().can_be_approved());
    }

    #[test]
    fn a_round_of_places_is_for_those_who_are_due_there() {
        let packs = crate::protocol::Packs::builtin().unwrap();
        let pack = packs.named("covid-19-cn-twenty").unwrap();
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let day = CivilDate::new(2022, 11, 20).unwrap();
        let division: DivisionCode = "500103013006".parse().unwrap();
        let plan = |round: &str, scope: RoundScope| Plan {
            round: round.to_owned(),
            purpose: Purpose::KeyPerson,
            from: zone.start_of(day),
            to: zone.start_of(day).plus_hours(16),
            pool_size: 1,
            scope,
        };
        let places = BTreeMap::from([("S1".to_owned(), division.clone()), ("S2".to_owned(), division)]);
        let round = plan("R", RoundScope { places, ..RoundScope::default() });
        let reason = Reason::new(pack.label(), "group.school", crate::reason::Mark::Verified);
        let at = |place: &str, known: usize, due: usize| AtPlace {
            place: place.to_owned(),
            known,
            cadence: Some(reason.clone()),
            due,
            next: Some(day.plus_days(1)),
        };
        let silent = AtPlace { cadence: None, ..at("S2", 9, 0) };
        let others = [plan("A", scope(&["50"], &[])), plan("B", scope(&["50"], &[]))];
        let shared = BTreeSet::from(["B".to_owned()]);
        // places, rounds that share somebody, judged before, what forbids it
        for (places, sharing, again, expected) in [
            (vec![at("S1", 23, 5), at("S2", 9, 9)], None, false, "-"),
            (vec![at("S1", 23, 5), at("S2", 9, 0)], None, false, "nobody due at S2 until 2022-11-21"),
            (vec![at("S1", 23, 5), at("S2", 9, 0)], None, true, "-"),
            (vec![at("S1", 23, 0), at("S2", 9, 0)], None, true, "nobody due at S1 until 2022-11-21"),
            (vec![at("S1", 23, 5), at("S2", 0, 0)], None, false, "nobody known at S2"),
            (vec![at("S1", 23, 5), silent], None, false, "no cadence at S2"),
            // it overlaps with others by name only, wherever its people live
            (vec![at("S1", 23, 5), at("S2", 9, 9)], Some(&shared), false, "too often B"),
        ] {
            let none = BTreeSet::new();
            let beside = Beside {
                others: &others,
                ground: None,
                done: &[],
                found: None,
                spread: Spread::Traces,
                groups: &BTreeMap::new(),
                released: None,
                sharing: sharing.unwrap_or(&none),
                places: &places,
                again,
            };
            let told = match forbidden(&round, &beside, pack, &zone) {
                None => "-".to_owned(),
                Some(Forbidden::NobodyDue(place, Some(next), _)) => format!("nobody due at {place} until {next}"),
                Some(Forbidden::NobodyKnown(place)) => format!("nobody known at {place}"),
                Some(Forbidden::NoCadence(place, _)) => format!("no cadence at {place}"),
                Some(Forbidden::TooOften(other, _)) => format!("too often {other}"),
                Some(other) => format!("{other:?}"),
            };
            assert_eq!(told, expected, "{places:?}");
        }
    }
}
