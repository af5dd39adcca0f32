//! What runs of a depot are planned from: who carries, what is owed, and which runs have not left. It is read in one look and worked on
//! without the store; two boards that are equal give one plan, so a plan that was worked out beside the line is kept only where the board
//! still reads the same.

use crate::{OpsError, minutes::Day, welfare};
use dayclear_core::{
    time::{Instant, Zone},
    welfare::{MISSED_HOURS_MAX, NotCarried, Supply},
};
use dayclear_engines::{
    deliveries::{self, BETWEEN_MIN},
    dispatch::{DRIVE_7D_MIN_MAX, DRIVE_24H_MIN_MAX, Roads},
};
use dayclear_store::{
    Scoped,
    deliveries::{Carrier, DeliveryRun, Owed, told_of},
};
use std::collections::{BTreeMap, BTreeSet};

/// A carrier with a place to load, from when they can, and for how many minutes they may still be on the way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hand {
    pub carrier: Carrier,
    place: (f64, f64),
    from: Instant,
    duty_min: i64,
}

/// A parcel that is owed, and whether an order or an area still binds its household.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Waits {
    pub owed: Owed,
    bound: bool,
}

/// What is planned from.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Board {
    /// Whether anybody carries, with or without a place to load.
    pub carried: bool,
    /// The rows of its carriers as one number.
    pub told: i64,
    pub hands: Vec<Hand>,
    /// In the order of a walk; what a run under way carries is not among them.
    pub owed: Vec<Waits>,
    /// Runs that have not left.
    pub open: Vec<DeliveryRun>,
}

/// A run as it is to be: who carries it, and the parcels by their place on the board with the time at each door.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Way {
    pub hand: usize,
    pub loads: Instant,
    pub leaves: Instant,
    pub returns: Instant,
    pub doors: Vec<(usize, Instant)>,
}

/// Runs, and what none of them carries.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Plan {
    pub ways: Vec<Way>,
    pub left: Vec<(usize, NotCarried)>,
    /// Parcels that it is about: the others are in runs that stay.
    pub asked: usize,
}

/// What comes first of what is owed: smaller goes first.
const AGAIN: u8 = 0;

fn rank(owed: &Owed) -> u8 {
    match owed.item {
        _ if owed.missed_at.is_some() => AGAIN,
        Supply::Infant | Supply::Medicine => 1,
        _ => 2,
    }
}

fn due(owed: &Owed) -> Option<Instant> {
    owed.missed_at.map(|at| at.plus_hours(MISSED_HOURS_MAX))
}

impl Board {
    pub async fn read(tx: &mut Scoped, day: &Day<'_>, depot: &str) -> Result<Board, OpsError> {
        let now = day.end;
        let carriers = tx.carriers_of(depot).await?;
        let (carried, told) = (!carriers.is_empty(), told_of(&carriers));
        let mut hands = Vec::with_capacity(carriers.len());
        for carrier in carriers {
            let Some(place) = carrier.place else { continue };
            let (from, duty_min) = free_from(tx, &carrier, now).await?;
            hands.push(Hand { carrier, place, from, duty_min });
        }
        let owed = tx.owed_by(depot, day.date).await?;
        let households: BTreeSet<&str> = owed.iter().map(|owed| owed.household.as_str()).collect();
        let bound = welfare::bound_among(tx, day, &households).await?;
        let owed = owed.into_iter().map(|owed| Waits { bound: bound.contains(&owed.household), owed }).collect();
        Ok(Board { carried, told, hands, owed, open: tx.open_runs(depot).await? })
    }

    /// The carrier of a run that has not left, where they still carry in its hours.
    fn carrier_of(&self, run: &DeliveryRun) -> Option<&Hand> {
        self.hands.iter().find(|hand| {
            let (from, until) = hand.carrier.shift;
            hand.carrier.carrier == run.carrier && from <= run.loads_at && until >= run.returns_at
        })
    }

    /// Runs that will not leave as they are: their carrier has dropped out, or they would not be back within their hours any more.
    pub fn gone(&self, now: Instant) -> BTreeSet<&str> {
        let late = |run: &DeliveryRun| now.minutes_since(run.leaves_at).max(0);
        let gone =
            |run: &&DeliveryRun| self.carrier_of(run).is_none() || run.returns_at.plus_minutes(late(run)) > run.hours.1;
        self.open.iter().filter(gone).map(|run| run.run.as_str()).collect()
    }

    /// Plans what no run of those that stay carries, in the hours that these leave.
    pub fn solve(&self, stay: &BTreeSet<&str>, zone: &Zone, roads: &Roads) -> Plan {
        let staying = || self.open.iter().filter(|run| stay.contains(run.run.as_str()));
        let carriers: Vec<deliveries::Carrier> = self
            .hands
            .iter()
            .map(|hand| {
                let own = || staying().filter(|run| run.carrier == hand.carrier.carrier);
                let back = own().map(|run| run.returns_at.plus_minutes(BETWEEN_MIN)).max();
                let taken: i64 = own().map(|run| run.returns_at.minutes_since(run.leaves_at)).sum();
                deliveries::Carrier {
                    means: hand.carrier.means,
                    place: hand.place,
                    capacity: usize::try_from(hand.carrier.capacity).unwrap_or_default(),
                    from: hand.from.max(back.unwrap_or(hand.from)),
                    until: hand.carrier.shift.1,
                    duty_min: hand.duty_min - taken,
                }
            })
            .collect();
        let (mut asked, mut places, mut plan) = (Vec::new(), Vec::new(), Plan::default());
        let mut buildings: BTreeMap<&str, usize> = BTreeMap::new();
        let mut doors: BTreeMap<&str, usize> = BTreeMap::new();
        for (at, waits) in self.owed.iter().enumerate() {
            let owed = &waits.owed;
            if owed.planned.as_deref().is_some_and(|run| stay.contains(run)) {
                continue;
            }
            plan.asked += 1;
            let Some((building, place)) = &owed.building else {
                plan.left.push((at, NotCarried::NoPlace));
                continue;
            };
            if !waits.bound {
                plan.left.push((at, NotCarried::Free));
                continue;
            }
            let next = buildings.len();
            let building = *buildings.entry(building).or_insert(next);
            let next = doors.len();
            let door = *doors.entry(&owed.household).or_insert(next);
            let since = owed.last_at.map_or(i64::MIN, Instant::micros);
            places.push(at);
            asked.push(deliveries::Parcel { building, door, place: *place, rank: rank(owed), since, due: due(owed) });
        }
        let planned = deliveries::plan(&carriers, &asked, zone, roads);
        plan.left.extend(planned.left.iter().map(|(at, why)| (places[*at], *why)));
        plan.ways = planned
            .runs
            .into_iter()
            .map(|run| Way {
                hand: run.carrier,
                loads: run.loads,
                leaves: run.leaves,
                returns: run.returns,
                doors: run.doors.into_iter().map(|(at, expected)| (places[at], expected)).collect(),
            })
            .collect();
        plan
    }

    /// How much a plan leaves: what is owed again and comes late or not at all, and what nobody carries.
    pub fn lacks(&self, plan: &Plan) -> (usize, usize) {
        let open: Vec<usize> = plan
            .left
            .iter()
            .filter(|(_, why)| !matches!(why, NotCarried::Free | NotCarried::NoPlace))
            .map(|(at, _)| *at)
            .collect();
        let again = |at: &usize| rank(&self.owed[*at].owed) == AGAIN;
        let late = plan
            .ways
            .iter()
            .flat_map(|way| &way.doors)
            .filter(|(at, expected)| due(&self.owed[*at].owed).is_some_and(|due| *expected > due))
            .count();
        (late + open.iter().filter(|at| again(at)).count(), open.len())
    }
}

/// From when a carrier can load, and for how many minutes it may still be on the way. What it has left for counts whole, whenever it is back.
async fn free_from(tx: &mut Scoped, carrier: &Carrier, now: Instant) -> Result<(Instant, i64), OpsError> {
    let ways = tx.ways_of(&carrier.carrier, now.plus_hours(-7 * 24)).await?;
    let rested = ways.iter().map(|(_, _, back)| back.plus_minutes(BETWEEN_MIN)).max();
    let from = carrier.shift.0.max(now).max(rested.unwrap_or(now));
    let since = |hours: i64| -> i64 {
        ways.iter().filter(|(_, left, _)| *left > now.plus_hours(-hours)).map(|(minutes, ..)| minutes).sum()
    };
    let of_day = DRIVE_24H_MIN_MAX - carrier.before_min.0 - since(24);
    let of_week = DRIVE_7D_MIN_MAX - carrier.before_min.1 - since(7 * 24);
    Ok((from, of_day.min(of_week)))
}
