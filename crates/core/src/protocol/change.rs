//! When a pack replaces another in mid-outbreak, every open order is looked at again. By itself an order only becomes
//! shorter or lighter: on each remaining day the milder of the old order and the new rule holds. Whatever would be longer
//! or heavier waits for a person (F28).

use super::{
    Pack,
    contacts::{ContactFacts, Phase},
    stays::{Placement, PlacementFacts},
    terms::PlanFor,
};
use crate::{
    measures::OrderKind,
    reason::{Decided, Reason},
    time::CivilDate,
};
use serde::{Deserialize, Serialize};

/// Why an order was given: the facts, so that they can be judged again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis<'a> {
    /// An exposure; the tier is in the facts.
    Contact(ContactFacts),
    /// Another plan of the pack (inbound, leaver of a high-risk post, stay in a medium-risk area).
    Plan(PlanFor, ContactFacts),
    /// A discharge on that day.
    AfterDischarge(CivilDate),
    /// A case.
    Case(PlacementFacts<'a>),
    /// A pool result that is not resolved yet; its deadline runs in the books.
    PoolResult,
}

/// An open order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenOrder<'a> {
    /// What it asks.
    pub kind: OrderKind,
    /// First day.
    pub from: CivilDate,
    /// Last day, inclusive.
    pub until: CivilDate,
    /// Kind and last day of the order that follows this one, if one is already given (home monitoring after central isolation).
    pub followed_by: Option<(OrderKind, CivilDate)>,
    /// Why it was given.
    pub basis: Basis<'a>,
}

/// What becomes of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// It stands as it is.
    Keep,
    /// Its last day is earlier.
    Shorten {
        /// New last day, today or later, inclusive.
        until: CivilDate,
    },
    /// From the first day of the first phase it is replaced by these lighter phases; until the day before it stands. The
    /// last of them ends no later than the order did.
    Lighten {
        /// In order, without gaps, each lighter than the order; never empty.
        phases: Vec<Phase>,
    },
    /// It ends today: the new pack asks nothing more.
    End,
    /// The new pack would be longer or heavier, and in nothing lighter. It stands as it is until a person decides.
    NeedsPerson,
}

impl Pack {
    /// Looks at an open order again under this pack, on the day `today`. Where an order becomes shorter or lighter although
    /// the new pack asks for more on one of its days (home isolation on a day of home monitoring), the milder stands and
    /// the reason carries the input `heavier_under_this_pack`.
    pub fn reconsider(&self, order: &OpenOrder<'_>, today: CivilDate) -> Decided<Change> {
        let start = today.max(order.from);
        let asked = match order.basis {
            Basis::Contact(facts) => self.contact_plan(&facts),
            Basis::Plan(who, facts) => self.plan(who, &facts),
            Basis::AfterDischarge(on) => self.after_discharge(on).into_iter().collect(),
            Basis::Case(facts) => return self.reconsider_case(order, &facts, start),
            Basis::PoolResult => return Decided::new(Change::Keep, self.about("deadline.recall", order, today)),
        };
        let reason = match asked.iter().find(|phase| phase.value.until >= start) {
            Some(phase) => inputs(phase.reason.clone(), order, today),
            None => self.about(section(order), order, today),
        };
        if order.until < start {
            return Decided::new(Change::Keep, reason);
        }
        let phases: Vec<Phase> = asked.into_iter().map(|phase| phase.value).collect();
        let (change, heavier) = milder(order, start, &phases);
        Decided::new(change, if heavier { reason.with("heavier_under_this_pack", true) } else { reason })
    }

    fn reconsider_case(&self, order: &OpenOrder<'_>, facts: &PlacementFacts<'_>, start: CivilDate) -> Decided<Change> {
        let placed = self.case_placement(facts);
        let reason = inputs(placed.reason, order, start);
        let change = match placed.value {
            _ if order.until < start => Change::Keep,
            Placement::Home if order.kind.weight() > OrderKind::HomeIsolation.weight() => {
                let (kind, from, until) = (OrderKind::HomeIsolation, start, order.until);
                Change::Lighten { phases: vec![Phase { kind, from, until, test_days: Vec::new(), checks_per_day: 0 }] }
            }
            Placement::Facility(_) if order.kind != OrderKind::Hospital => Change::NeedsPerson,
            _ => Change::Keep,
        };
        Decided::new(change, reason)
    }

    fn about(&self, path: &str, order: &OpenOrder<'_>, today: CivilDate) -> Reason {
        inputs(self.silent(path), order, today)
    }
}

fn section(order: &OpenOrder<'_>) -> &'static str {
    match order.basis {
        Basis::Contact(_) | Basis::Plan(..) => "plan",
        Basis::AfterDischarge(_) => "after_discharge",
        Basis::Case(_) => "placement",
        Basis::PoolResult => "deadline.recall",
    }
}

fn inputs(reason: Reason, order: &OpenOrder<'_>, today: CivilDate) -> Reason {
    reason
        .with("order", order.kind)
        .with("order_from", order.from)
        .with("order_until", order.until)
        .with("today", today)
}

/// The milder of an order and of the phases that the new pack asks for, from `start` to the end of the order; and whether
/// the new pack asks for anything heavier on the way.
fn milder(order: &OpenOrder<'_>, start: CivilDate, phases: &[Phase]) -> (Change, bool) {
    let weight = order.kind.weight();
    let overlapping = |phase: &&Phase| phase.until >= start && phase.from <= order.until;
    let standing: Vec<&Phase> =
        phases.iter().filter(overlapping).filter(|phase| phase.kind.weight() >= weight).collect();
    let heavier = standing.iter().any(|phase| phase.kind.weight() > weight);
    let stands_until = standing.iter().map(|phase| phase.until.min(order.until)).max();
    // Longer: the same kind or a heavier one goes on after the order ends, and no order that follows binds as much.
    let covered = |phase: &Phase| {
        order.followed_by.is_some_and(|(kind, until)| kind.weight() >= phase.kind.weight() && until >= phase.until)
    };
    let longer = standing.iter().any(|phase| phase.until > order.until && !covered(phase));
    let first_free = stands_until.map_or(start, |day| day.plus_days(1));
    let mut eased: Vec<Phase> = Vec::new();
    for phase in phases.iter().filter(|phase| phase.kind.weight() < weight) {
        let (from, until) = (phase.from.max(first_free), phase.until.min(order.until));
        if from <= until {
            // The first lighter phase begins at once, also where the new count has a gap before it.
            let from = if eased.is_empty() { first_free } else { from };
            let test_days = phase.test_days.iter().copied().filter(|day| (from..=until).contains(day)).collect();
            eased.push(Phase { from, until, test_days, ..phase.clone() });
        }
    }
    let change = match (stands_until, eased.is_empty()) {
        (_, false) => Change::Lighten { phases: eased },
        (None, true) => Change::End,
        (Some(until), true) if until < order.until => Change::Shorten { until },
        (Some(_), true) if heavier || longer => Change::NeedsPerson,
        (Some(_), true) => Change::Keep,
    };
    (change, heavier)
}
