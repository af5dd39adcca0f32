//! Whether a round may be held: what the protocol pack forbids, area by area, and conditions that make no sense. A refusal names
//! the clause and says what to do.

use super::plan::{Conditions, Round};
use dayclear_core::{
    protocol::{Pack, Past, RoundStep},
    reason::{Decided, Reason},
    screening::Purpose,
};

/// A round that an area has had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastRound {
    /// Area; empty for all.
    pub area: String,
    /// Day and what it found in the community.
    pub past: Past,
}

/// Why a round is not planned.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RoundRefusal {
    /// The pack knows no rounds.
    #[error("the pack {0} says nothing of rounds; nobody is screened by area under it")]
    NoRounds(String),
    /// The round reaches beyond what may be tested.
    #[error(
        "a whole district is not tested on this ground: {0}; state the ground, or screen the area (area_screening)"
    )]
    Widened(Reason),
    /// The pack does not say within what time a tube has to arrive.
    #[error("the pack {0} has no deadline.deliver; add the clause, from collection to laboratory receipt")]
    NoDelivery(String),
    /// Buildings outside of the area.
    #[error(
        "the round reaches further than the area needs: {count} building(s) belong to no area, among them {example}: {reason}; leave them out"
    )]
    BeyondArea {
        /// How many.
        count: usize,
        /// One of them.
        example: String,
        /// The clause.
        reason: Box<Reason>,
    },
    /// The same people twice a day.
    #[error("the people of {area} had a round on this day already: {reason}; one a day, whatever is to be found")]
    TwiceADay {
        /// Where.
        area: String,
        /// The clause.
        reason: Reason,
    },
    /// Not due.
    #[error("no round is due in {area} on this day ({next}): {reason}; leave it out, or correct the history")]
    NotDue {
        /// Where.
        area: String,
        /// When the next one is.
        next: String,
        /// The clause.
        reason: Box<Reason>,
    },
    /// Longer than a round may be.
    #[error("a round of {hours} hours is longer than it may be: {reason}")]
    TooLong {
        /// As asked for.
        hours: f64,
        /// The clause.
        reason: Reason,
    },
    /// Opening hours that cannot be used.
    #[error(
        "opening hours from minute {from} to {to} cannot be used: they are in order, inside the {end} minutes of the round, and at least {slot} minutes each"
    )]
    Hours {
        /// Minute of opening.
        from: i32,
        /// Minute of closing.
        to: i32,
        /// Minutes of the round.
        end: i32,
        /// Minutes of a slot.
        slot: i32,
    },
    /// Nobody to test.
    #[error("there is nobody in these buildings to be sampled")]
    Nobody,
    /// A condition that makes no sense.
    #[error("{what} is {value}; expected {expected}")]
    Condition {
        /// What.
        what: &'static str,
        /// As given.
        value: f64,
        /// What can be used.
        expected: &'static str,
    },
}

/// Checks every area's history; the reasons are those for which the round is due.
pub(super) fn due(pack: &Pack, round: &Round<'_>, a_day: &Decided<i64>) -> Result<Vec<Reason>, RoundRefusal> {
    if round.purpose == Purpose::AreaScreening {
        let outside = || round.buildings.iter().filter(|building| building.area.is_none());
        if let Some(example) = outside().next() {
            let reason = pack.may_widen(Purpose::ExpandedScreening, None).err();
            let reason = reason.unwrap_or_else(|| pack.pool_clause(round.purpose)).with("building", &example.name);
            return Err(RoundRefusal::BeyondArea {
                count: outside().count(),
                example: example.name.clone(),
                reason: Box::new(reason),
            });
        }
    }
    let mut areas: Vec<&str> = round.buildings.iter().map(|building| building.area.as_deref().unwrap_or("")).collect();
    areas.sort_unstable();
    areas.dedup();
    let mut reasons: Vec<Reason> = Vec::new();
    for area in areas {
        let known = |past: &&PastRound| past.area == area || past.area.is_empty() || area.is_empty();
        let done: Vec<Past> =
            round.history.iter().filter(known).map(|past| past.past).filter(|past| past.day <= round.day).collect();
        let name = || if area.is_empty() { "the city".to_owned() } else { format!("area {area}") };
        let today = done.iter().filter(|past| past.day == round.day).count() as i64;
        if today >= a_day.value {
            let reason = a_day.reason.clone().with("rounds_today", today);
            return Err(RoundRefusal::TwiceADay { area: name(), reason });
        }
        let Some(step) = pack.next_round(round.day, &done, round.spread) else { continue };
        match step.value {
            RoundStep::Due(day) if day <= round.day => {}
            RoundStep::Due(day) => {
                return Err(RoundRefusal::NotDue {
                    area: name(),
                    next: format!("the next one is due on {day}"),
                    reason: Box::new(step.reason),
                });
            }
            RoundStep::Over => {
                return Err(RoundRefusal::NotDue {
                    area: name(),
                    next: "rounds are over here".to_owned(),
                    reason: Box::new(step.reason),
                });
            }
        }
        if !reasons.contains(&step.reason) {
            reasons.push(step.reason);
        }
    }
    Ok(reasons)
}

pub(super) fn check(conditions: &Conditions) -> Result<(), RoundRefusal> {
    let above = |what, value: f64| (what, value, value > 0.0 && value.is_finite(), "a number above 0");
    let share = |what, value: f64| (what, value, (0.0..=1.0).contains(&value), "a share from 0 to 1");
    for (what, value, good, expected) in [
        above("the length of the round in hours", conditions.hours),
        above("the length of a slot in minutes", conditions.slot_min.into()),
        above("the walking speed", conditions.walk_m_s),
        above("the detour on foot", conditions.walk_detour),
        above("the speed of couriers", conditions.vehicle_kmh),
        above("the detour of couriers", conditions.road_detour),
        above("the tubes of a run", conditions.run_tubes.into()),
        above("the hours of a run", conditions.run_hours),
        above("the size of a household", conditions.household_size),
        share("the share of people who come at once", conditions.at_once),
    ] {
        if !good {
            return Err(RoundRefusal::Condition { what, value, expected });
        }
    }
    Ok(())
}
