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
    let first = beside.places.iter().find(|one| one.due == 0 && !(beside.again && somebody))?;
    let name = first.place.clone();
    Some(match &first.cadence {
        None => Forbidden::NoCadence(name, pack.label()),
        Some(_) if first.known == 0 => Forbidden::NobodyKnown(name),
        Some(reason) => Forbidden::NobodyDue(name, first.next, reason.clone().with("people", first.known)),
    })
}

#[cfg(test)]
mod tests;
