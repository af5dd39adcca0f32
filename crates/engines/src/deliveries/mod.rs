//! Runs of parcels from a depot: which carrier takes which parcels, in which order of doors, leaving when, and at which door when. Pure; it
//! guarantees that a parcel is in one run at most, that no run carries more than its carrier can or leaves its hours (R09), that what comes
//! first is never left for what comes later, and that what no run carries is named with the reason. The same input gives the same runs.

mod search;

#[cfg(test)]
mod tests;

use crate::dispatch::{REST_MIN, Roads, continuous_max, road_km};
use dayclear_core::{
    time::{Instant, Zone},
    welfare::{Means, NotCarried},
};
use search::{Block, Search};
use std::collections::BTreeMap;

/// Loading before a run, minutes (R).
pub const LOADING_MIN: i64 = 15;
/// From the street to the first door of a building, minutes (R).
pub const BUILDING_MIN: i64 = 3;
/// Ringing, stepping back, and the digits or the word at a door, minutes (R).
pub const DOOR_MIN: i64 = 2;
/// Somebody who walks with parcels in their hands, km/h (R).
const FOOT_KMH: f64 = 4.5;
/// Somebody who pushes a trolley, km/h (R).
const TROLLEY_KMH: f64 = 4.0;
/// Hours for which it is known when it is night; no shift is planned further ahead.
const AHEAD_MIN: usize = 2 * 24 * 60;

/// A vehicle or a person with their hours of today.
#[derive(Debug, Clone)]
pub struct Carrier {
    /// How they move.
    pub means: Means,
    /// Where they load (longitude, latitude).
    pub place: (f64, f64),
    /// Parcels that they carry at once.
    pub capacity: usize,
    /// From when they can load.
    pub from: Instant,
    /// By when they are back.
    pub until: Instant,
    /// Minutes that they may still be on the way (R09); a minute at a door counts like one at the wheel.
    pub duty_min: i64,
}

/// A parcel that is owed.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// Number of its building.
    pub building: usize,
    /// Number of its door; of doors of one building the smaller one comes first on the walk.
    pub door: usize,
    /// Where the building is (longitude, latitude).
    pub place: (f64, f64),
    /// Smaller goes first.
    pub rank: u8,
    /// Of those of one rank the smaller goes first: since when the household has had nothing.
    pub since: i64,
    /// By when it should be there.
    pub due: Option<Instant>,
}

/// One way out and back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Index of the carrier.
    pub carrier: usize,
    /// When loading begins.
    pub loads: Instant,
    /// When it leaves.
    pub leaves: Instant,
    /// When it is back.
    pub returns: Instant,
    /// Indices of the parcels in the order of the doors, and when each is expected there.
    pub doors: Vec<(usize, Instant)>,
}

/// Runs, and what none of them carries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs {
    /// By carrier and time.
    pub runs: Vec<Run>,
    /// Indices of parcels, in order, with the reason.
    pub left: Vec<(usize, NotCarried)>,
}

/// Plans runs.
pub fn plan(carriers: &[Carrier], parcels: &[Parcel], zone: &Zone, roads: &Roads) -> Runs {
    let usable: Vec<usize> = (0..carriers.len())
        .filter(|at| {
            let carrier = &carriers[*at];
            carrier.capacity > 0 && carrier.duty_min > 0 && carrier.until > carrier.from
        })
        .collect();
    if usable.is_empty() {
        return Runs { runs: Vec::new(), left: (0..parcels.len()).map(|at| (at, NotCarried::NoCarrier)).collect() };
    }
    let most = usable.iter().map(|at| carriers[*at].capacity).max().unwrap_or(1);
    let mut search = Search::new(carriers, usable, parcels, (zone, roads), blocks(parcels, most));
    search.solve();
    search.told()
}

/// Parcels of one rank in one building go together, as far as one carrier can take them.
fn blocks(parcels: &[Parcel], most: usize) -> Vec<Block> {
    let mut groups: BTreeMap<(u8, usize), BTreeMap<usize, Vec<usize>>> = BTreeMap::new();
    for (at, parcel) in parcels.iter().enumerate() {
        groups.entry((parcel.rank, parcel.building)).or_default().entry(parcel.door).or_default().push(at);
    }
    let mut blocks = Vec::new();
    for doors in groups.into_values() {
        let mut open: Vec<usize> = Vec::new();
        for of_door in doors.into_values() {
            if open.len() + of_door.len() > most && !open.is_empty() {
                blocks.push(Block::of(parcels, std::mem::take(&mut open)));
            }
            for part in of_door.chunks(most) {
                if open.len() + part.len() > most {
                    blocks.push(Block::of(parcels, std::mem::take(&mut open)));
                }
                open.extend(part);
            }
        }
        if !open.is_empty() {
            blocks.push(Block::of(parcels, open));
        }
    }
    blocks.sort_by_key(Block::turn);
    blocks
}

/// Minutes from place to place: by road for a vehicle, as somebody walks for the others.
fn minutes(means: Means, roads: &Roads, from: (f64, f64), to: (f64, f64)) -> i64 {
    if from == to {
        return 0;
    }
    let on_foot = |kmh: f64| (road_km(from, to) / kmh * 60.0).ceil() as i64;
    match means {
        Means::Vehicle => roads.minutes(from, to),
        Means::Trolley => on_foot(TROLLEY_KMH),
        Means::Foot => on_foot(FOOT_KMH),
    }
}

/// Longest run that leaves at a moment, minutes: what a driver may drive without a rest (R09), by day and by night.
pub fn longest_min(zone: &Zone, leaves: Instant) -> i64 {
    continuous_max(zone, leaves)
}

/// The rest between two runs of one carrier, minutes (R09).
pub const BETWEEN_MIN: i64 = REST_MIN;
