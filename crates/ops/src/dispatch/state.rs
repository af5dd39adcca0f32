//! The board as an instance of the engine: households with their weights, rows of beds by who may lie in them, vehicles with what is left of
//! their shifts and of their crews' hours. Where a row counts a bed that somebody else could take as well, carrying the plan out decides.

use super::{
    When,
    board::Board,
    search::{hand_of, people},
};
use crate::{
    beds::Wards,
    transfer::plan::{fleet, group, kinds, parted},
};
use dayclear_core::{
    roster::Sex,
    time::Instant,
    transfer::{FacilityKind, RideClass},
};
use dayclear_engines::dispatch::{
    self, DECONTAMINATION_MIN, DRIVE_7D_MIN_MAX, DRIVE_24H_MIN_MAX, Hand, Instance, PERSON_MIN, RIDE_MIN_MAX, Request,
    STOP_MIN, Travel, Truck,
};
use std::{collections::BTreeMap, sync::Arc};

/// What a minute of a person counts: severe, vulnerable, other positives, contacts.
const WEIGHTS: [f64; 4] = [40.0, 20.0, 10.0, 5.0];
/// Whoever has waited so many hours counts twice; nobody more than thrice.
const WAITED_H: f64 = 3.0;
/// Whoever a dispatcher lets go first counts so many times.
const FIRST: f64 = 10.0;
/// A district whose people wait longer than others counts more, so many times at most: nobody waits longest twice.
const DISTRICT_MOST: f64 = 1.5;
/// Each step to a kind of place that is not the first choice counts like a ride of so many seconds.
const SECOND_S: i32 = 4 * 3_600;
/// Boarding of the first household counts as riding in the rule of the line: so many minutes are kept back for it.
const BOARDING_MIN: i64 = STOP_MIN + 4 * PERSON_MIN;
/// Beyond so many rows of beds they are told apart by who is among the people only, and beyond the second number no more.
const ROWS_MAX: usize = 180;
const ROWS_MOST: usize = 250;

/// People who go together.
pub(super) struct Part {
    pub members: Vec<usize>,
    pub from: (f64, f64),
    pub kinds: Vec<FacilityKind>,
    pub hand: Hand,
    pub first: bool,
    /// A bed is held for them by hand.
    pub held: bool,
    pub weight: i32,
    pub priority: i32,
}

impl Part {
    /// Whether a facility is of the right kind.
    pub(super) fn goes_to(&self, facility: &dayclear_store::transfer::Facility) -> bool {
        self.held || self.kinds.contains(&facility.kind)
    }

    /// Seconds that count on top at a facility, because it is of a kind that is not the first choice.
    pub(super) fn second_s(&self, facility: &dayclear_store::transfer::Facility) -> i32 {
        let rank = self.kinds.iter().position(|kind| *kind == facility.kind).unwrap_or(0);
        if self.held { 0 } else { SECOND_S.saturating_mul(rank as i32) }
    }
}

/// The instance, with the people behind its requests.
pub(super) struct Problem {
    pub parts: Vec<Part>,
    pub instance: Instance,
}

/// Kinds of places, whether they are several, and sex and severity of who is among them.
type Row = (Vec<FacilityKind>, bool, Vec<(Sex, bool)>);

impl Problem {
    pub(super) fn of(board: &Board, when: &When) -> Problem {
        let wards = Wards::of(board.facilities.clone(), board.beds.clone(), Arc::clone(&when.roads));
        let parts = parts(board, when, &wards);
        let stands = |trip: &str| board.stands.get(trip).copied();
        let vehicles = fleet(&board.shifts, &board.busy, &stands);
        let mut places: Vec<(f64, f64)> = board.facilities.iter().map(|facility| facility.place).collect();
        let mut location = |place: (f64, f64)| {
            let known = places.iter().position(|one| *one == place);
            known.unwrap_or_else(|| {
                places.push(place);
                places.len() - 1
            })
        };
        let seconds = |at: Instant| (at.minutes_since(when.now).clamp(0, 7 * 1_440) * 60) as i32;
        let trucks: Vec<Truck> = vehicles
            .iter()
            .zip(&board.shifts)
            .zip(0..)
            .map(|((vehicle, shift), id)| {
                let from = seconds(vehicle.from.max(vehicle.free_from));
                let left = (DRIVE_24H_MIN_MAX - vehicle.driven_24h_min).min(DRIVE_7D_MIN_MAX - vehicle.driven_7d_min);
                Truck {
                    id,
                    start: location(vehicle.at),
                    depot: location(shift.depot),
                    shift_s: (from, seconds(vehicle.to)),
                    drive_s_max: (left.max(0) * 60) as i32,
                    places: [vehicle.seats, vehicle.wheelchairs, vehicle.stretchers].map(|places| places as i32),
                    equipment: 0,
                }
            })
            .collect();
        let (rows, row_of) = rows(board, &parts);
        let held = rows.len();
        let at_hand = |at: usize| {
            let mut beds: Vec<i32> = rows
                .iter()
                .map(|(kinds, _, people)| {
                    let right = kinds.contains(&board.facilities[at].kind);
                    let (fits, count) = wards.suits(at, people);
                    if right && fits { count as i32 } else { 0 }
                })
                .collect();
            let by_hand = parts.iter().filter(|part| part.held && part.hand.facilities == [at]).count() as i32;
            beds.push(by_hand);
            (beds, wards.count(at) as i32 + by_hand)
        };
        let facilities = (0..board.facilities.len())
            .map(|at| {
                let (beds, all) = at_hand(at);
                let mut second_s: Vec<i32> = rows
                    .iter()
                    .map(|(kinds, ..)| {
                        let rank = kinds.iter().position(|kind| *kind == board.facilities[at].kind);
                        SECOND_S.saturating_mul(rank.unwrap_or(0) as i32)
                    })
                    .collect();
                second_s.push(0);
                dispatch::Facility {
                    id: at as i64,
                    location: at,
                    beds,
                    all,
                    second_s,
                    // a vehicle is decontaminated after every trip
                    unload_s: (DECONTAMINATION_MIN * 60) as i32,
                    per_person_s: 0,
                }
            })
            .collect();
        let horizon_s = trucks.iter().map(|truck| truck.shift_s.1).max().unwrap_or(0).max(1);
        let requests = parts
            .iter()
            .zip(0..)
            .map(|(part, id)| {
                let group = group(&part.members, &board.movers, part.from, 0, when.now);
                Request {
                    id,
                    location: location(part.from),
                    persons: part.members.len() as i32,
                    places: [group.seats, group.wheelchairs, group.stretchers].map(|places| places as i32),
                    class: usize::from(group.class == RideClass::Contact),
                    ward: if part.held { held } else { row_of[id as usize] },
                    release_s: seconds(group.ready),
                    due_s: horizon_s,
                    needs: 0,
                    priority: part.priority,
                    weight: part.weight,
                    hand: part.hand.clone(),
                }
            })
            .collect();
        let road_s = |from: (f64, f64), to: (f64, f64)| (when.roads.minutes(from, to) * 60) as i32;
        let matrix = places.iter().map(|a| places.iter().map(|b| road_s(*a, *b)).collect()).collect();
        let instance = Instance {
            name: String::new(),
            horizon_s,
            travel: Travel::Matrix(matrix),
            locations_km: places,
            classes: vec![RideClass::Positive.to_string(), RideClass::Contact.to_string()],
            equipment: Vec::new(),
            requests,
            facilities,
            trucks,
            stop_s: (STOP_MIN * 60) as i32,
            per_person_s: (PERSON_MIN * 60) as i32,
            decontamination_s: 0,
            ride_limit_s: ((RIDE_MIN_MAX - BOARDING_MIN) * 60) as i32,
        };
        Problem { parts, instance }
    }
}

/// Rows of beds, and the row of each part.
fn rows(board: &Board, parts: &[Part]) -> (Vec<Row>, Vec<usize>) {
    let mut rows: BTreeMap<Row, usize> = BTreeMap::new();
    let keys: Vec<Row> = parts
        .iter()
        .map(|part| {
            let mut people = people(board, part);
            people.sort_unstable();
            // who they are decides which beds; how many of them, whether there are enough
            if rows.len() >= ROWS_MAX {
                people.dedup();
            }
            let next = rows.len();
            let key = (part.kinds.clone(), people.len() > 1, people);
            if !part.held && rows.len() < ROWS_MOST {
                rows.entry(key.clone()).or_insert(next);
            }
            key
        })
        .collect();
    let of_part = keys.iter().map(|key| rows.get(key).copied().unwrap_or(0)).collect();
    let mut ordered: Vec<(Row, usize)> = rows.into_iter().collect();
    ordered.sort_by_key(|(_, at)| *at);
    (ordered.into_iter().map(|(row, _)| row).collect(), of_part)
}

/// Who goes together: whole households where any place takes them whole.
fn parts(board: &Board, when: &When, wards: &Wards) -> Vec<Part> {
    let waited = |at: usize| (when.now.minutes_since(board.movers[at].since).max(0) as f64 / 60.0).min(72.0);
    let mut districts: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    let mut all = (0.0, 0.0);
    for (at, mover) in board.movers.iter().enumerate() {
        let of = districts.entry(mover.person.division.district().to_string()).or_default();
        (of.0, of.1) = (of.0 + waited(at), of.1 + 1.0);
        all = (all.0 + waited(at), all.1 + 1.0);
    }
    let mean = |(sum, count): (f64, f64)| sum / f64::max(count, 1.0);
    let fair = |at: usize| {
        let of = districts.get(&board.movers[at].person.division.district().to_string()).copied().unwrap_or_default();
        if mean(all) > 0.0 { (mean(of) / mean(all)).clamp(1.0, DISTRICT_MOST) } else { 1.0 }
    };
    let mut parts = Vec::new();
    let mut push = |members: Vec<usize>, from: (f64, f64), held: Option<usize>| {
        let (mut hand, first) = hand_of(board, &members);
        if let Some(to) = held {
            hand.facilities = vec![to];
            hand.not_facilities.clear();
        }
        let rank = |at: &usize| usize::from(board.movers[*at].rank).min(WEIGHTS.len() - 1);
        let each = |at: &usize| {
            let weight = WEIGHTS[rank(at)] * (1.0 + waited(*at) / WAITED_H).min(3.0) * fair(*at);
            if first { weight * FIRST } else { weight }
        };
        let weight: f64 = members.iter().map(each).sum();
        let most = members.iter().map(rank).min().unwrap_or(3);
        let kinds = if held.is_some() { Vec::new() } else { kinds(&members, &board.movers) };
        let priority = if first { 16 } else { [8, 4, 2, 1][most] };
        let weight = weight.round().max(1.0) as i32;
        parts.push(Part { members, from, kinds, hand, first, held: held.is_some(), weight, priority });
    };
    for household in &board.households {
        let mut rest = household.clone();
        for at in household {
            let mover = &board.movers[*at];
            let Some(held) = &mover.held else { continue };
            rest.retain(|other| other != at);
            let to = board.facilities.iter().position(|facility| facility.facility == held.facility);
            if let (Some(to), Some(from)) = (to, mover.person.place) {
                push(vec![*at], from, Some(to));
            }
        }
        let Some(from) = rest.iter().find_map(|at| board.movers[*at].person.place) else { continue };
        let mut open = vec![rest];
        while let Some(members) = open.pop() {
            let people: Vec<_> =
                members.iter().map(|at| (board.movers[*at].person.sex, board.movers[*at].severe)).collect();
            let kinds = kinds(&members, &board.movers);
            let taken = (0..board.facilities.len()).any(|at| {
                kinds.contains(&board.facilities[at].kind)
                    && when.roads.minutes(from, board.facilities[at].place) <= RIDE_MIN_MAX
                    && wards.suits(at, &people).0
            });
            let apart = if taken { Vec::new() } else { parted(&members, &board.movers, when.date) };
            if apart.is_empty() {
                push(members, from, None);
            } else {
                open.extend(apart);
            }
        }
    }
    parts
}
