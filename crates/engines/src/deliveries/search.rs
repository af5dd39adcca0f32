//! The search for runs: each block of parcels goes where it costs least, the first ones first, or always to the nearest where that leaves
//! nothing; then blocks move to better places and ways
//! are turned round for as long as that gains anything, and what had no place is tried once more, door by door. Whatever is kept was
//! reckoned through from the beginning of the shift, so no limit is ever passed on the way.

use super::{
    AHEAD_MIN, BETWEEN_MIN, BUILDING_MIN, Carrier, DOOR_MIN, LOADING_MIN, Parcel, Run, Runs, longest_min, minutes,
};
use crate::dispatch::Roads;
use dayclear_core::{
    time::{Instant, Zone},
    welfare::{Means, NotCarried},
};
use std::collections::{BTreeMap, BTreeSet};

/// Passes over all blocks at most; they nearly always end by themselves after a few.
const PASSES_MAX: usize = 12;
/// A minute that a parcel comes after it was due weighs as many minutes of a carrier.
const LATE: i64 = 20;
/// A minute on the way weighs this much, so that a minute of waiting for what goes first can weigh less.
const WAY: i64 = 4;

/// Parcels of these ranks should not wait long on the way: what is owed again, and what infants and the sick need.
const FIRST_RANK: u8 = 1;

/// Parcels of one building that go together.
#[derive(Debug, Clone)]
pub(super) struct Block {
    parcels: Vec<usize>,
    building: usize,
    doors: i64,
    rank: u8,
    since: i64,
    due: Option<i64>,
    /// Index of its building among the places.
    place: usize,
}

impl Block {
    /// Of parcels of one building and rank, in the order of their doors.
    pub fn of(parcels: &[Parcel], members: Vec<usize>) -> Block {
        let of = |at: &usize| &parcels[*at];
        let mut doors: Vec<usize> = members.iter().map(|at| of(at).door).collect();
        doors.sort_unstable();
        doors.dedup();
        Block {
            building: members.first().map_or(0, |at| of(at).building),
            doors: doors.len() as i64,
            rank: members.iter().map(|at| of(at).rank).min().unwrap_or(u8::MAX),
            since: members.iter().map(|at| of(at).since).min().unwrap_or(i64::MAX),
            due: members.iter().filter_map(|at| of(at).due).min().map(clock),
            place: 0,
            parcels: members,
        }
    }

    /// Whose turn it is: the smaller first.
    pub fn turn(&self) -> (u8, i64, usize, usize) {
        (self.rank, self.since, self.building, self.parcels.first().copied().unwrap_or(0))
    }
}

fn clock(at: Instant) -> i64 {
    at.micros().div_euclid(60_000_000)
}

fn instant(minute: i64) -> Instant {
    Instant::from_micros(minute * 60_000_000)
}

/// Where a block could go: carrier, run, position.
type Spot = (usize, usize, usize);

pub(super) struct Search<'a> {
    carriers: &'a [Carrier],
    usable: Vec<usize>,
    parcels: &'a [Parcel],
    blocks: Vec<Block>,
    /// Minutes between places, by means: buildings first, then where each carrier loads.
    ways: BTreeMap<Means, Vec<Vec<i64>>>,
    sites: usize,
    /// Longest run by the minute at which it leaves.
    longest: Vec<i64>,
    begins: i64,
    /// Runs of each usable carrier: blocks.
    runs: Vec<Vec<Vec<usize>>>,
    costs: Vec<i64>,
    left: Vec<usize>,
}

impl<'a> Search<'a> {
    pub fn new(
        carriers: &'a [Carrier],
        usable: Vec<usize>,
        parcels: &'a [Parcel],
        (zone, roads): (&'a Zone, &'a Roads),
        mut blocks: Vec<Block>,
    ) -> Self {
        let mut at: BTreeMap<usize, usize> = BTreeMap::new();
        let mut places: Vec<(f64, f64)> = Vec::new();
        for block in &mut blocks {
            block.place = *at.entry(block.building).or_insert_with(|| {
                places.push(block.parcels.first().map_or((0.0, 0.0), |at| parcels[*at].place));
                places.len() - 1
            });
        }
        let sites = places.len();
        places.extend(usable.iter().map(|at| carriers[*at].place));
        let mut ways: BTreeMap<Means, Vec<Vec<i64>>> = BTreeMap::new();
        for carrier in &usable {
            let means = carriers[*carrier].means;
            ways.entry(means).or_insert_with(|| {
                let row = |from: &(f64, f64)| -> Vec<i64> {
                    places.iter().map(|to| minutes(means, roads, *from, *to)).collect()
                };
                places.iter().map(row).collect()
            });
        }
        let begins = usable.iter().map(|at| clock_up(carriers[*at].from)).min().unwrap_or(0);
        let longest = (0..AHEAD_MIN as i64).map(|minute| longest_min(zone, instant(begins + minute))).collect();
        let runs = vec![Vec::new(); usable.len()];
        let costs = vec![0; usable.len()];
        Search { carriers, usable, parcels, blocks, ways, sites, longest, begins, runs, costs, left: Vec::new() }
    }

    pub fn solve(&mut self) {
        let whole = self.blocks.len();
        self.cheapest();
        let none = vec![Vec::new(); self.usable.len()];
        let runs = std::mem::replace(&mut self.runs, none);
        let costs = std::mem::replace(&mut self.costs, vec![0; self.usable.len()]);
        let left = std::mem::take(&mut self.left);
        // another beginning is taken only where it leaves nothing, so that nothing is left for what comes later
        let all = self.nearest(whole);
        if all {
            self.improve();
        }
        let sum = |costs: &[i64]| costs.iter().sum::<i64>();
        if !all || (left.is_empty() && sum(&costs) <= sum(&self.costs)) {
            (self.runs, self.costs, self.left) = (runs, costs, left);
        }
    }

    /// Always to the nearest block that still fits, one carrier after the other; whether all have a place.
    fn nearest(&mut self, whole: usize) -> bool {
        let mut open: BTreeSet<usize> = (0..whole).collect();
        for carrier in 0..self.usable.len() {
            let of = &self.carriers[self.usable[carrier]];
            loop {
                let mut tried = self.runs[carrier].clone();
                tried.push(Vec::new());
                let run = tried.len() - 1;
                let (mut stands, mut load) = (self.sites + carrier, 0);
                loop {
                    let mut next: Option<(i64, usize)> = None;
                    for block in &open {
                        let way = self.ways[&of.means][stands][self.blocks[*block].place];
                        let nearer = next.is_none_or(|(least, _)| way < least);
                        if !nearer || load + self.blocks[*block].parcels.len() > of.capacity {
                            continue;
                        }
                        tried[run].push(*block);
                        if self.cost(carrier, &tried).is_some() {
                            next = Some((way, *block));
                        }
                        tried[run].pop();
                    }
                    let Some((_, block)) = next else { break };
                    open.remove(&block);
                    tried[run].push(block);
                    (stands, load) = (self.blocks[block].place, load + self.blocks[block].parcels.len());
                }
                let none = tried[run].is_empty();
                self.runs[carrier] = tried;
                self.settle(carrier);
                if none {
                    break;
                }
            }
        }
        open.is_empty()
    }

    /// Each block where it costs least, the first ones first.
    fn cheapest(&mut self) {
        for block in 0..self.blocks.len() {
            if !self.put(block) {
                self.split(block);
            }
        }
        self.improve();
        // a better order may have made room
        let mut left = std::mem::take(&mut self.left);
        left.sort_by_key(|block| self.blocks[*block].turn());
        for block in left {
            if !self.put(block) {
                self.left.push(block);
            }
        }
    }

    /// A block that has no place as a whole goes door by door.
    fn split(&mut self, block: usize) {
        let mut doors: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in &self.blocks[block].parcels {
            doors.entry(self.parcels[*at].door).or_default().push(*at);
        }
        if doors.len() < 2 {
            self.left.push(block);
            return;
        }
        let place = self.blocks[block].place;
        let mut parts: Vec<Block> = doors.into_values().map(|of| Block::of(self.parcels, of)).collect();
        parts.sort_by_key(|part| (part.since, part.parcels.first().copied()));
        for part in parts {
            self.blocks.push(Block { place, ..part });
            let at = self.blocks.len() - 1;
            if !self.put(at) {
                self.left.push(at);
            }
        }
    }

    /// Puts a block where it costs least, if it fits anywhere.
    fn put(&mut self, block: usize) -> bool {
        let Some((_, (carrier, run, position))) = self.best(block) else { return false };
        if run == self.runs[carrier].len() {
            self.runs[carrier].push(Vec::new());
        }
        self.runs[carrier][run].insert(position, block);
        self.settle(carrier);
        true
    }

    /// What a carrier's runs cost, once they are kept; whether they keep the limits. A run that leaves earlier because the one before became
    /// shorter may leave by night.
    fn settle(&mut self, carrier: usize) -> bool {
        self.runs[carrier].retain(|run| !run.is_empty());
        let cost = self.cost(carrier, &self.runs[carrier]);
        self.costs[carrier] = cost.unwrap_or_default();
        cost.is_some()
    }

    /// The spot with the smallest rise of the cost.
    fn best(&self, block: usize) -> Option<(i64, Spot)> {
        let mut best: Option<(i64, Spot)> = None;
        for carrier in 0..self.usable.len() {
            let capacity = self.carriers[self.usable[carrier]].capacity;
            let mut tried = self.runs[carrier].clone();
            tried.push(Vec::new());
            for run in 0..tried.len() {
                let load: usize = tried[run].iter().map(|at| self.blocks[*at].parcels.len()).sum();
                if load + self.blocks[block].parcels.len() > capacity {
                    continue;
                }
                // one stop for a building
                let same = tried[run].iter().rposition(|at| self.blocks[*at].building == self.blocks[block].building);
                let positions = match same {
                    Some(at) => at + 1..at + 2,
                    None => 0..tried[run].len() + 1,
                };
                for position in positions {
                    tried[run].insert(position, block);
                    if let Some(cost) = self.cost(carrier, &tried) {
                        let rise = cost - self.costs[carrier];
                        if best.is_none_or(|(least, _)| rise < least) {
                            best = Some((rise, (carrier, run, position)));
                        }
                    }
                    tried[run].remove(position);
                }
            }
        }
        best
    }

    /// What runs of a carrier cost; `None` where they break a limit.
    fn cost(&self, carrier: usize, runs: &[Vec<usize>]) -> Option<i64> {
        let of = &self.carriers[self.usable[carrier]];
        let (from, until) = (clock_up(of.from), clock(of.until));
        let (mut now, mut duty, mut cost, mut first) = (from, 0, 0, true);
        for run in runs.iter().filter(|run| !run.is_empty()) {
            let leaves = now + LOADING_MIN + if first { 0 } else { BETWEEN_MIN };
            first = false;
            let mut at = leaves;
            self.along(carrier, run, &mut at, |block, arrives| {
                if let Some(due) = block.due {
                    cost += LATE * WAY * (arrives + DOOR_MIN * (block.doors - 1) - due).max(0);
                }
                if block.rank <= FIRST_RANK {
                    cost += arrives - from;
                }
            });
            let limit = usize::try_from(leaves - self.begins).ok().and_then(|minute| self.longest.get(minute))?;
            duty += at - leaves;
            if at - leaves > *limit || at > until || duty > of.duty_min {
                return None;
            }
            now = at;
        }
        Some(cost + WAY * (now - from))
    }

    /// Goes along a run from and to where it loads, telling when it stands at the first door of each block.
    fn along(&self, carrier: usize, run: &[usize], at: &mut i64, mut arrives: impl FnMut(&Block, i64)) {
        let home = self.sites + carrier;
        let ways = &self.ways[&self.carriers[self.usable[carrier]].means];
        let mut stands = home;
        for block in run.iter().map(|at| &self.blocks[*at]) {
            if block.place != stands {
                *at += ways[stands][block.place] + BUILDING_MIN;
                stands = block.place;
            }
            arrives(block, *at);
            *at += DOOR_MIN * block.doors;
        }
        *at += ways[stands][home];
    }

    /// Moves blocks to better places and turns ways round, until nothing is gained.
    fn improve(&mut self) {
        for _ in 0..PASSES_MAX {
            let moved = self.relocate();
            let turned = self.turn_round();
            if !moved && !turned {
                break;
            }
        }
    }

    fn relocate(&mut self) -> bool {
        let mut gained = false;
        let placed: Vec<usize> = self.runs.iter().flatten().flatten().copied().collect();
        for block in placed {
            let Some((carrier, run, position)) = self.spot_of(block) else { continue };
            let before = self.runs[carrier].clone();
            let cost = self.costs[carrier];
            self.runs[carrier][run].remove(position);
            let better = self.settle(carrier) && {
                let freed = cost - self.costs[carrier];
                self.best(block).is_some_and(|(rise, _)| rise < freed)
            };
            if better && self.put(block) {
                gained = true;
            } else {
                self.runs[carrier] = before;
                self.costs[carrier] = cost;
            }
        }
        gained
    }

    fn spot_of(&self, block: usize) -> Option<Spot> {
        self.runs.iter().enumerate().find_map(|(carrier, runs)| {
            runs.iter().enumerate().find_map(|(run, blocks)| {
                blocks.iter().position(|at| *at == block).map(|position| (carrier, run, position))
            })
        })
    }

    fn turn_round(&mut self) -> bool {
        let mut gained = false;
        for carrier in 0..self.runs.len() {
            for run in 0..self.runs[carrier].len() {
                let length = self.runs[carrier][run].len();
                for from in 0..length {
                    for to in from + 1..length {
                        let mut tried = self.runs[carrier].clone();
                        tried[run][from..=to].reverse();
                        if self.cost(carrier, &tried).is_some_and(|cost| cost < self.costs[carrier]) {
                            self.runs[carrier] = tried;
                            self.settle(carrier);
                            gained = true;
                        }
                    }
                }
            }
        }
        gained
    }

    /// The runs with their times, and what is left with the reason.
    pub fn told(self) -> Runs {
        let mut told = Runs::default();
        for carrier in 0..self.usable.len() {
            let mut now = clock_up(self.carriers[self.usable[carrier]].from);
            for (n, run) in self.runs[carrier].iter().enumerate() {
                let loads = now + if n > 0 { BETWEEN_MIN } else { 0 };
                let leaves = loads + LOADING_MIN;
                let mut stops: Vec<(usize, i64, Vec<usize>)> = Vec::new();
                now = leaves;
                self.along(carrier, run, &mut now, |block, arrives| match stops.last_mut() {
                    Some((place, _, parcels)) if *place == block.place => parcels.extend(&block.parcels),
                    _ => stops.push((block.place, arrives, block.parcels.clone())),
                });
                let mut doors = Vec::new();
                for (_, mut at, mut parcels) in stops {
                    parcels.sort_by_key(|parcel| (self.parcels[*parcel].door, *parcel));
                    for (k, parcel) in parcels.iter().enumerate() {
                        let next = k > 0 && self.parcels[parcels[k - 1]].door != self.parcels[*parcel].door;
                        at += if next { DOOR_MIN } else { 0 };
                        doors.push((*parcel, instant(at)));
                    }
                }
                let carrier = self.usable[carrier];
                let (loads, leaves) = (instant(loads), instant(leaves));
                told.runs.push(Run { carrier, loads, leaves, returns: instant(now), doors });
            }
        }
        for block in &self.left {
            let alone = |carrier: usize| {
                let of = self.carriers[self.usable[carrier]].capacity;
                self.blocks[*block].parcels.len() <= of && self.cost(carrier, &[vec![*block]]).is_some()
            };
            let why = if (0..self.usable.len()).any(alone) { NotCarried::NoHours } else { NotCarried::TooFar };
            told.left.extend(self.blocks[*block].parcels.iter().map(|at| (*at, why)));
        }
        told.left.sort_unstable_by_key(|(at, _)| *at);
        told
    }
}

/// The first whole minute at or after a moment.
fn clock_up(at: Instant) -> i64 {
    -(-at.micros()).div_euclid(60_000_000)
}
