//! The day of one vehicle: its stops in one flat list, cut into trips. Each stop and trip keeps what makes a change cheap to
//! judge: when it is reached, and how its arrival follows from its start, `max(start + a, b)`, which is all there is to a chain
//! of drives, stops and waits for a release. `refresh` computes it all from the order alone.

use super::problem::Problem;

/// A time that is never reached from below.
pub(super) const NEVER: i32 = i32::MIN / 4;

/// A pick-up.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stop {
    pub ask: u32,
    pub loc: u32,
    /// Pick-up begins.
    pub at: i32,
    /// Boarded, leaves.
    pub dep: i32,
    /// Arrival at the site is `max(dep + after, least)`.
    pub after: i32,
    pub least: i32,
    /// Nobody later on this trip is late if it leaves by then.
    pub latest: i32,
}

/// From empty to empty.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Trip {
    pub first: u32,
    pub end: u32,
    pub site: u16,
    pub class: u8,
    /// People on board at the end, by kind of place, and what a second of theirs costs.
    pub load: i32,
    pub places: [i32; 3],
    pub weight: i64,
    /// When the vehicle is at the first door, before it waits there.
    pub begin: i32,
    /// Arrival at the site is `max(begin + span, floor)`.
    pub span: i32,
    pub floor: i32,
    /// Nobody is late if it begins by then.
    pub latest: i32,
    pub arrive: i32,
    /// Unloaded.
    pub free: i32,
    /// Price of lateness on this trip.
    pub late: i64,
}

/// Where and when a vehicle can begin: at its depot at 0, or in the middle of a day that is under way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Base {
    pub loc: u32,
    pub ready: i32,
    /// It must be back by then.
    pub until: i32,
    /// Class of the last people on board, if the vehicle has been used; and when it is decontaminated for others.
    pub class: Option<u8>,
    pub clean: i32,
    /// When it left the depot, if it has.
    pub started: Option<i32>,
    /// Stops of the first trip that are done or under way.
    pub frozen: u32,
    /// Site of the first trip can no longer change, and nobody can join it.
    pub bound: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Tour {
    pub base: Base,
    pub stops: Vec<Stop>,
    pub trips: Vec<Trip>,
    /// Leaves the depot, is back there.
    pub start: i32,
    pub finish: i32,
    /// Price of the whole tour.
    pub cost: i64,
}

impl Tour {
    pub fn new(base: Base) -> Tour {
        Tour { base, stops: Vec::new(), trips: Vec::new(), start: base.ready, finish: base.ready, cost: 0 }
    }

    /// Where the vehicle comes from before trip `k`, and when it can leave there for people of a class: decontaminated if
    /// those before were of another.
    #[inline]
    pub fn leaves(&self, p: &Problem, k: usize, class: u8) -> (u32, i32) {
        match k.checked_sub(1) {
            None if self.base.class.is_none_or(|before| before == class) => (self.base.loc, self.base.ready),
            None => (self.base.loc, self.base.ready.max(self.base.clean)),
            Some(k) => {
                let trip = &self.trips[k];
                let cleaning = if trip.class == class { 0 } else { p.decontamination };
                (p.sites[trip.site as usize].loc, trip.free + cleaning)
            }
        }
    }

    /// The trip that holds a stop.
    pub fn trip_of(&self, stop: usize) -> usize {
        self.trips.iter().position(|trip| stop < trip.end as usize).unwrap_or(0)
    }

    /// Position of a request.
    pub fn position(&self, ask: u32) -> Option<usize> {
        self.stops.iter().position(|stop| stop.ask == ask)
    }

    /// Puts a request into trip `k`, as its stop `at` (index in `stops`).
    pub fn join(&mut self, p: &Problem, k: usize, at: usize, ask: u32) {
        self.stops.insert(at, Stop { ask, loc: p.asks[ask as usize].loc, ..Stop::default() });
        self.trips[k].end += 1;
        for trip in &mut self.trips[k + 1..] {
            trip.first += 1;
            trip.end += 1;
        }
    }

    /// Opens a trip before trip `k` with one request.
    pub fn open(&mut self, p: &Problem, k: usize, site: u16, ask: u32) {
        let first = self.trips.get(k).map_or(self.stops.len() as u32, |trip| trip.first);
        let class = p.asks[ask as usize].class;
        self.trips.insert(k, Trip { first, end: first, site, class, ..Trip::default() });
        self.join(p, k, first as usize, ask);
    }

    /// Takes the stops marked out, and trips that become empty with them.
    pub fn remove(&mut self, mut gone: impl FnMut(&Stop) -> bool) {
        let mut write = 0;
        let stops = &mut self.stops;
        self.trips.retain_mut(|trip| {
            let first = write;
            for read in trip.first as usize..trip.end as usize {
                if !gone(&stops[read]) {
                    stops[write] = stops[read];
                    write += 1;
                }
            }
            (trip.first, trip.end) = (first as u32, write as u32);
            write > first
        });
        stops.truncate(write);
    }

    /// Puts a whole trip before trip `k`.
    pub fn insert(&mut self, k: usize, trip: Trip, stops: &[Stop]) {
        let first = self.trips.get(k).map_or(self.stops.len() as u32, |trip| trip.first);
        let many = stops.len() as u32;
        self.stops.splice(first as usize..first as usize, stops.iter().copied());
        self.trips.insert(k, Trip { first, end: first + many, ..trip });
        for trip in &mut self.trips[k + 1..] {
            trip.first += many;
            trip.end += many;
        }
    }

    /// Takes trips from `k` on off, with their stops.
    pub fn cut(&mut self, k: usize) -> Vec<(Trip, Vec<Stop>)> {
        let first = self.trips.get(k).map_or(self.stops.len(), |trip| trip.first as usize);
        let stops = &self.stops;
        let stops_of = |trip: &Trip| stops[trip.first as usize..trip.end as usize].to_vec();
        let tail = self.trips[k..].iter().map(|trip| (*trip, stops_of(trip))).collect();
        self.trips.truncate(k);
        self.stops.truncate(first);
        tail
    }

    /// Computes everything from the order. Returns the first trip that breaks the limit of a ride, or the number of trips
    /// if the tour ends after its shift or its crew drives longer than it may.
    pub fn refresh(&mut self, p: &Problem, car: usize) -> Option<usize> {
        let (mut loc, mut now) = (self.base.loc, self.base.ready);
        let mut broken = None;
        let (mut cost, mut driven) = (0_i64, 0_i32);
        self.start = match (self.base.started, self.stops.first()) {
            (Some(started), _) => started,
            (None, Some(first)) => (p.asks[first.ask as usize].release - p.drive(loc, first.loc)).max(self.base.ready),
            (None, None) => self.base.ready,
        };
        for k in 0..self.trips.len() {
            if k > 0 || self.base.frozen == 0 {
                (loc, now) = self.leaves(p, k, self.trips[k].class);
            }
            let trip = &mut self.trips[k];
            let frozen = if k == 0 { self.base.frozen as usize } else { 0 };
            let stops = &mut self.stops[trip.first as usize..trip.end as usize];
            trip.load = 0;
            (trip.places, trip.weight) = ([0; 3], 0);
            trip.late = 0;
            let mut from = loc;
            let mut first_service = if frozen > 0 { stops[0].dep - stops[0].at } else { 0 };
            for (i, stop) in stops.iter_mut().enumerate() {
                let ask = &p.asks[stop.ask as usize];
                let service = ask.load + p.stopping(from, stop.loc);
                if i >= frozen {
                    // a leg that is not yet decided is not driven before the plan is made
                    if i == frozen {
                        now = now.max(self.base.ready);
                    }
                    let reach = now + p.drive(from, stop.loc);
                    if i == 0 {
                        trip.begin = reach;
                        first_service = service;
                    }
                    stop.at = reach.max(ask.release);
                    stop.dep = stop.at + service;
                }
                now = stop.dep;
                trip.load += ask.persons;
                trip.places.iter_mut().zip(ask.places).for_each(|(sum, more)| *sum += more);
                trip.weight += ask.weight;
                trip.late += p.lateness(stop.at, ask.due);
                cost += p.second(trip.site as usize, ask);
                cost -= ask.weight * i64::from(ask.release + stop.dep - stop.at);
                driven += p.drive(from, stop.loc);
                from = stop.loc;
            }
            let site_loc = p.sites[trip.site as usize].loc;
            if stops.len() == frozen {
                now = now.max(if self.base.bound { NEVER } else { self.base.ready });
            }
            trip.arrive = now + p.drive(from, site_loc);
            driven += p.drive(from, site_loc);
            trip.free = trip.arrive + p.unloading(trip.site as usize, from, trip.load);
            cost += trip.weight * i64::from(trip.arrive) + trip.late;
            // backwards: how the arrival follows from each departure
            let (mut after, mut least, mut latest) = (p.drive(from, site_loc), NEVER, i32::MAX / 4);
            for i in (0..stops.len()).rev() {
                if i + 1 < stops.len() {
                    let (next, drive) = (stops[i + 1], p.drive(stops[i].loc, stops[i + 1].loc));
                    let ask = &p.asks[next.ask as usize];
                    let service = next.dep - next.at;
                    least = least.max(ask.release + service + after);
                    after += drive + service;
                    latest =
                        if ask.release + service > latest { NEVER } else { (latest - service).min(ask.due) - drive };
                }
                let stop = &mut stops[i];
                (stop.after, stop.least, stop.latest) = (after, least, latest);
            }
            let first = stops[0];
            let ask = &p.asks[first.ask as usize];
            trip.span = first_service + first.after;
            trip.floor = first.least.max(ask.release + first_service + first.after);
            trip.latest = if ask.release + first_service > first.latest {
                NEVER
            } else {
                (first.latest - first_service).min(ask.due)
            };
            let ride = if p.ride_at_any_start {
                first.after.max(first.least - ask.release - first_service)
            } else {
                trip.arrive - first.dep
            };
            if ride > p.ride_limit && broken.is_none() {
                broken = Some(k);
            }
            (loc, now) = (site_loc, trip.free);
        }
        self.finish = now + p.drive(loc, p.cars[car].depot);
        if self.trips.is_empty() && self.base.started.is_none() {
            self.finish = self.start;
        }
        self.cost = cost + i64::from(self.finish - self.start);
        driven = driven.saturating_add(p.drive(loc, p.cars[car].depot));
        let beyond = self.finish > self.base.until || driven > p.cars[car].drive_max;
        if beyond && broken.is_none() && !self.trips.is_empty() {
            broken = Some(self.trips.len());
        }
        broken
    }
}
