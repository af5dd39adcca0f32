//! The search: what is on the board becomes an instance of the engine, what the engine finds is carried out by the exact rules of beds
//! and hours, and both plans, the one that stands and the one that was found, are priced alike. Pure.

use super::{
    When,
    board::Board,
    hands,
    state::{Part, Problem},
};
use crate::{
    beds::Wards,
    transfer::plan::{directed, fleet, group, kinds},
};
use dayclear_core::{roster::Sex, time::Instant};
use dayclear_engines::dispatch::{
    self, Budget, Cell, Clock, Group, Hand, Itinerary, Options, Plan, Roads, Step, Vehicle, Why, follow, solve,
};
use std::{collections::HashMap, sync::Arc};

/// What somebody gets.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Seat {
    /// Index of the facility.
    pub to: usize,
    pub bed: String,
    /// Index of the trip.
    pub trip: usize,
    pub pickup: Instant,
    pub arrives: Instant,
}

/// A plan that was found.
pub(super) struct Found {
    /// By mover; none: nothing is left for them, and what.
    pub seats: Vec<Result<Seat, &'static str>>,
    pub plan: Plan,
    /// What else was possible for a household, by mover.
    pub whys: HashMap<usize, Why>,
    /// Weighted minutes until everybody has arrived, by the plan that stands and by this one.
    pub before_min: f64,
    pub after_min: f64,
    /// Drives of it, and those of which a file or a router told the time.
    pub legs: (i64, i64),
}

impl Found {
    pub(super) fn waiting(&self) -> usize {
        self.seats.iter().filter(|seat| seat.is_err()).count()
    }
}

/// Households for which it is said what else was possible, at most.
const WHYS_MAX: usize = 40;
/// Weighted minutes for whoever has no seat: three days.
const WITHOUT_MIN: f64 = 3.0 * 1_440.0;

/// Plans a board, and what it was planned from.
pub(super) fn found(board: &Board, when: &When, clock: Clock<'_>) -> (Found, Problem, Itinerary) {
    let problem = Problem::of(board, when);
    let options = Options { budget: Budget::Iterations(iterations(problem.parts.len())), threads: 1, seed: 1 };
    let itinerary = solve(&problem.instance, options, clock).plan;
    let found = carry_out(board, when, &problem, &itinerary);
    (found, problem, itinerary)
}

/// Plans a board, and says of whoever goes otherwise than before what else was possible.
pub(super) fn plan(board: &Board, when: &When, clock: Clock<'_>) -> Found {
    let (mut found, problem, itinerary) = found(board, when, clock);
    let moved: Vec<usize> = (0..problem.parts.len())
        .filter(|at| {
            let first = problem.parts[*at].members[0];
            let seat = found.seats[first].as_ref().ok();
            seat.is_some_and(|seat| Some(seat.arrives) != board.transfers[first].arrive_at)
        })
        .take(WHYS_MAX)
        .collect();
    let asked: Vec<i64> = moved.iter().map(|at| *at as i64).collect();
    for (why, at) in dispatch::whys(&problem.instance, &itinerary, &asked).into_iter().zip(moved) {
        for member in &problem.parts[at].members {
            found.whys.insert(*member, why.clone());
        }
    }
    found
}

fn iterations(households: usize) -> u64 {
    let (least, each, most) = super::ITERATIONS;
    (least + each * households as u64).min(most)
}

/// Carries a plan out: beds by their rules, trips by the hours of crews. Whoever the plan leaves out gets what is left.
fn carry_out(board: &Board, when: &When, problem: &Problem, itinerary: &Itinerary) -> Found {
    let mut wards = Wards::of(board.facilities.clone(), board.beds.clone(), Arc::clone(&when.roads));
    let mut chosen: Vec<Option<(usize, usize)>> = vec![None; problem.parts.len()];
    let mut wanted: Vec<(usize, Vec<usize>)> = Vec::new();
    for route in &itinerary.routes {
        let mut riders = Vec::new();
        for step in &route.steps {
            match step {
                Step::Pickup(at) => riders.push(*at as usize),
                Step::Dropoff(to, _) => {
                    let riders = std::mem::take(&mut riders);
                    riders.iter().for_each(|at| chosen[*at] = Some((*to as usize, wanted.len())));
                    wanted.push((route.vehicle as usize, riders));
                }
            }
        }
    }
    // who goes where they were to go keeps the bed
    let mut beds: Vec<Option<(usize, Vec<String>)>> = vec![None; problem.parts.len()];
    for (at, part) in problem.parts.iter().enumerate() {
        let Some((to, _)) = chosen[at].filter(|(to, _)| part.goes_to(&board.facilities[*to])) else { continue };
        let facility = &board.facilities[to].facility;
        let of = || part.members.iter().map(|member| &board.transfers[*member]);
        let same: Option<Vec<String>> = of()
            .map(|transfer| transfer.bed.clone().filter(|_| transfer.facility.as_ref() == Some(facility)))
            .collect();
        if let Some(same) = same
            && (part.held || wards.keep(to, &same))
        {
            beds[at] = Some((to, same));
        }
    }
    for (at, part) in problem.parts.iter().enumerate() {
        if let (Some((to, _)), None, false) = (chosen[at], &beds[at], part.held)
            && part.goes_to(&board.facilities[to])
        {
            beds[at] = wards.take_in(to, &people(board, part)).map(|beds| (to, beds));
        }
    }
    let mut why = vec!["no suitable bed is free within the limit of a ride"; problem.parts.len()];
    for (at, part) in problem.parts.iter().enumerate() {
        if part.held {
            let held = board.movers[part.members[0]].held.as_ref();
            let to = held.and_then(|held| board.facilities.iter().position(|one| one.facility == held.facility));
            beds[at] = to.zip(held).map(|(to, held)| (to, vec![held.bed.clone()]));
        } else if beds[at].is_none() {
            let kinds = kinds(&part.members, &board.movers);
            let may = |to: usize| part.hand.allows_facility(to);
            beds[at] = wards.take_where(&kinds, part.from, &people(board, part), &may);
        }
    }
    let mut groups: Vec<Group> = Vec::new();
    let mut of_part: Vec<Option<usize>> = vec![None; problem.parts.len()];
    let mut part_of: Vec<usize> = Vec::new();
    for (at, part) in problem.parts.iter().enumerate() {
        let Some((to, _)) = &beds[at] else { continue };
        of_part[at] = Some(groups.len());
        part_of.push(at);
        groups.push(boarding(board, when, part, *to));
    }
    for (_, riders) in &mut wanted {
        *riders = riders.iter().filter_map(|at| of_part[*at]).collect();
    }
    // who has a bed elsewhere than planned does not ride on that trip
    for (trip, (_, riders)) in wanted.iter_mut().enumerate() {
        riders.retain(|group| {
            let at = part_of[*group];
            chosen[at].is_some_and(|(to, on)| on == trip && beds[at].as_ref().is_some_and(|(is, _)| *is == to))
        });
    }
    let stands = |trip: &str| board.stands.get(trip).copied();
    let places: Vec<(f64, f64)> = board.facilities.iter().map(|facility| facility.place).collect();
    let vehicles = fleet(&board.shifts, &board.busy, &stands);
    let plan = follow(&groups, &vehicles, &places, (&when.zone, &when.roads), &wanted);
    let legs = legs(&plan, &groups, &vehicles, &places, &when.roads);
    for (group, unplaced) in &plan.unplaced {
        why[part_of[*group]] = unplaced.says();
    }
    let mut seats: Vec<Result<Seat, &'static str>> = vec![Err("no address known"); board.movers.len()];
    for (at, part) in problem.parts.iter().enumerate() {
        part.members.iter().for_each(|member| seats[*member] = Err(why[at]));
    }
    for (trip, planned) in plan.trips.iter().enumerate() {
        for (group, pickup) in &planned.stops {
            let at = part_of[*group];
            let Some((to, beds)) = &beds[at] else { continue };
            for (member, bed) in problem.parts[at].members.iter().zip(beds) {
                let seat = Seat { to: *to, bed: bed.clone(), trip, pickup: *pickup, arrives: planned.arrives };
                seats[*member] = Ok(seat);
            }
        }
    }
    let now: Vec<Option<(usize, Instant)>> = board
        .transfers
        .iter()
        .map(|transfer| {
            let to = board.facilities.iter().position(|one| Some(&one.facility) == transfer.facility.as_ref())?;
            transfer.trip.as_ref()?;
            Some((to, transfer.arrive_at?))
        })
        .collect();
    let then: Vec<Option<(usize, Instant)>> =
        seats.iter().map(|seat| seat.as_ref().ok().map(|seat| (seat.to, seat.arrives))).collect();
    let (before_min, after_min) = (price(board, when, problem, &now), price(board, when, problem, &then));
    Found { seats, plan, whys: HashMap::new(), before_min, after_min, legs }
}

/// Weighted minutes until everybody has arrived.
fn price(board: &Board, when: &When, problem: &Problem, seats: &[Option<(usize, Instant)>]) -> f64 {
    let mut sum = 0.0;
    for part in &problem.parts {
        let each = f64::from(part.weight) / part.members.len() as f64;
        for member in &part.members {
            sum += each
                * seats[*member].map_or(WITHOUT_MIN, |(to, arrives)| {
                    let second = part.second_s(&board.facilities[to]);
                    arrives.minutes_since(when.now).max(0) as f64 + f64::from(second) / 60.0
                });
        }
    }
    sum
}

/// Sex and severity of a household.
pub(super) fn people(board: &Board, part: &Part) -> Vec<(Sex, bool)> {
    part.members.iter().map(|at| (board.movers[*at].person.sex, board.movers[*at].severe)).collect()
}

fn boarding(board: &Board, when: &When, part: &Part, to: usize) -> Group {
    directed(group(&part.members, &board.movers, part.from, to, when.now), part.hand.clone(), part.first)
}

/// What people who go together may do by hand.
pub(super) fn hand_of(board: &Board, members: &[usize]) -> (Hand, bool) {
    let of = members.iter().filter_map(|at| board.said.get(&board.transfers[*at].id));
    hands::hand(of, &board.shifts, &board.facilities)
}

/// Drives of a plan, and those of which somebody told the time.
fn legs(plan: &Plan, groups: &[Group], vehicles: &[Vehicle], places: &[(f64, f64)], roads: &Roads) -> (i64, i64) {
    let mut stands: Vec<(f64, f64)> = vehicles.iter().map(|vehicle| vehicle.at).collect();
    let mut trips: Vec<_> = plan.trips.iter().collect();
    trips.sort_by_key(|trip| (trip.vehicle, trip.departs));
    let (mut legs, mut told) = (0, 0);
    for trip in trips {
        for to in trip.stops.iter().map(|(group, _)| groups[*group].from).chain([places[trip.to]]) {
            let from = std::mem::replace(&mut stands[trip.vehicle], to);
            // to another door of the house, or to where it stands: nobody has to tell how long that takes
            if Cell::of(from) != Cell::of(to) {
                legs += 1;
                told += i64::from(roads.told(from, to).is_some());
            }
        }
    }
    (legs, told)
}
