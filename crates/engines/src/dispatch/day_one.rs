//! Dispatch: groups of people, the places they go to, and the vehicles that take them. Pure; a first engine that is
//! simple and keeps every hard rule: classes never mix, a household rides together, nobody rides longer than the limit,
//! crews stay inside their hours, long rides do not leave at night. What it cannot place it says, with the reason.

use super::{instance::Hand, roads::Roads};
use dayclear_core::{
    time::{Instant, MINUTE, Zone},
    transfer::RideClass,
};

/// Kilometres of road for one of straight line (day-one travel model of the engines reference).
pub(super) const DETOUR: f64 = 1.35;
/// Speed in town, and on the road beyond the first kilometres, km/h (ours; measured times and those of a router go before, see [`Roads`]).
const TOWN_KMH: f64 = 30.0;
const ROAD_KMH: f64 = 70.0;
/// Kilometres driven at the speed of the town.
const TOWN_KM: f64 = 12.0;
/// Longest ride of anybody, from boarding to arrival.
pub const RIDE_MIN_MAX: i64 = 120;
/// Time at a door.
pub const STOP_MIN: i64 = 3;
/// Time for each person who boards.
pub const PERSON_MIN: i64 = 1;
/// Decontamination after each trip.
pub const DECONTAMINATION_MIN: i64 = 20;
/// A vehicle waits at most so long for the next group of a trip.
const WAIT_MIN_MAX: i64 = 20;
/// R09 (Road Passenger Transport Safety Norm, art. 38): driving without a rest, by day and by night (22-06 h).
const CONTINUOUS_MIN_MAX: (i64, i64) = (240, 120);
/// R09: the rest.
pub const REST_MIN: i64 = 20;
/// R09: driving in 24 hours.
pub const DRIVE_24H_MIN_MAX: i64 = 480;
/// R09: driving in seven days.
pub const DRIVE_7D_MIN_MAX: i64 = 44 * 60;
/// R09 (our own bar): a ride of this length or more is long, and does not leave 21:00-06:00 unless urgent.
const LONG_RIDE_MIN: i64 = 60;

/// People who ride together.
#[derive(Debug, Clone)]
pub struct Group {
    /// Class.
    pub class: RideClass,
    /// People who sit.
    pub seats: i64,
    /// People in wheelchairs.
    pub wheelchairs: i64,
    /// People on stretchers.
    pub stretchers: i64,
    /// Where they are: longitude, latitude.
    pub from: (f64, f64),
    /// Index of the facility with their beds.
    pub to: usize,
    /// From when they can be picked up.
    pub ready: Instant,
    /// Smaller goes first.
    pub rank: u8,
    /// May leave at any hour.
    pub urgent: bool,
    /// Vehicles (indices of shifts) that a person chose or ruled out.
    pub hand: Hand,
}

/// A vehicle with one crew on one shift.
#[derive(Debug, Clone)]
pub struct Vehicle {
    /// Seats.
    pub seats: i64,
    /// Wheelchair places.
    pub wheelchairs: i64,
    /// Stretcher places.
    pub stretchers: i64,
    /// Where it stands when it is free: its depot, or the place to which it drove last.
    pub at: (f64, f64),
    /// Start of the shift.
    pub from: Instant,
    /// End of the shift.
    pub to: Instant,
    /// Minutes driven in the 24 hours before.
    pub driven_24h_min: i64,
    /// Minutes driven in the seven days before.
    pub driven_7d_min: i64,
    /// When the physical vehicle is free (an earlier shift, an earlier trip).
    pub free_from: Instant,
    /// Same number for every shift of one physical vehicle.
    pub body: usize,
}

/// A planned trip.
#[derive(Debug, Clone, PartialEq)]
pub struct Trip {
    /// Index of the vehicle.
    pub vehicle: usize,
    /// Class of everybody on it.
    pub class: RideClass,
    /// Facility.
    pub to: usize,
    /// When it leaves where it stands.
    pub departs: Instant,
    /// Stops: group and pick-up.
    pub stops: Vec<(usize, Instant)>,
    /// Arrival at the facility.
    pub arrives: Instant,
    /// Free again, decontaminated.
    pub ends: Instant,
    /// Kilometres.
    pub km: f64,
}

/// A plan.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Trips, in the order in which they were opened.
    pub trips: Vec<Trip>,
    /// Groups without a vehicle, and why.
    pub unplaced: Vec<(usize, Unplaced)>,
}

/// Why a group has no vehicle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unplaced {
    /// No vehicle on any shift is large or equipped enough.
    NoVehicleFits,
    /// Every vehicle that fits is taken, or its crew's hours are used up, until the shifts end.
    NoTimeLeft,
    /// The ride is longer than the limit.
    TooFar,
}

impl Unplaced {
    /// What to tell a person.
    pub fn says(self) -> &'static str {
        match self {
            Unplaced::NoVehicleFits => "no vehicle on shift has the seats or the equipment",
            Unplaced::NoTimeLeft => "every vehicle that fits is taken, or its crew's hours are used up",
            Unplaced::TooFar => "the ride is longer than the limit: choose a nearer facility",
        }
    }
}

/// Kilometres by road between two places (haversine, mean earth radius 6371.0088 km, times the detour factor).
pub fn road_km(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (lat_a, lat_b) = (a.1.to_radians(), b.1.to_radians());
    let (dlat, dlon) = (lat_b - lat_a, (b.0 - a.0).to_radians());
    let h = (dlat / 2.0).sin().powi(2) + lat_a.cos() * lat_b.cos() * (dlon / 2.0).sin().powi(2);
    2.0 * 6371.0088 * h.sqrt().min(1.0).asin() * DETOUR
}

/// Minutes by road, rounded up, by the model.
pub fn road_min(a: (f64, f64), b: (f64, f64)) -> i64 {
    let km = road_km(a, b);
    let town = km.min(TOWN_KM);
    ((town / TOWN_KMH + (km - town) / ROAD_KMH) * 60.0).ceil() as i64
}

struct State {
    at: (f64, f64),
    free: Instant,
    continuous_min: i64,
    driven_24h_min: i64,
    driven_7d_min: i64,
}

struct Open {
    trip: Trip,
    last: (f64, f64),
    first_boarding: Instant,
    leaves_last: Instant,
    seats: i64,
    wheelchairs: i64,
    stretchers: i64,
    drive_min: i64,
}

/// How a group joins a trip as its last stop.
struct Joining {
    pickup: Instant,
    leaves: Instant,
    arrives: Instant,
    detour_min: i64,
    /// Minutes driven more.
    more_min: i64,
}

/// How a vehicle begins a trip.
struct Starting {
    pickup: Instant,
    approach_min: i64,
    departs: Instant,
    drive_min: i64,
}

/// Trips as they grow; every rule of the hours is kept here.
struct Planner<'a> {
    groups: &'a [Group],
    vehicles: &'a [Vehicle],
    facilities: &'a [(f64, f64)],
    zone: &'a Zone,
    roads: &'a Roads,
    states: Vec<State>,
    open: Vec<Open>,
}

/// Plans trips for all groups. Deterministic: same input, same plan.
pub fn plan(groups: &[Group], vehicles: &[Vehicle], facilities: &[(f64, f64)], by: (&Zone, &Roads)) -> Plan {
    follow(groups, vehicles, facilities, by, &[])
}

/// Carries trips out that were searched for elsewhere, vehicle and groups in the order of their stops, each vehicle's trips in the order
/// in which it makes them; then plans for whoever has no seat, among them groups that a rule of the hours keeps from the trip meant
/// for them.
pub fn follow(
    groups: &[Group],
    vehicles: &[Vehicle],
    facilities: &[(f64, f64)],
    (zone, roads): (&Zone, &Roads),
    wanted: &[(usize, Vec<usize>)],
) -> Plan {
    let mut planner = Planner::new(groups, vehicles, facilities, (zone, roads));
    let mut seated = vec![false; groups.len()];
    for (vehicle, riders) in wanted {
        let mut trip = None;
        for at in riders {
            let taken = match trip {
                Some(trip) => planner.joining(*at, trip).map(|how| planner.join(*at, trip, &how)).is_some(),
                None => match planner.starting(*at, *vehicle) {
                    Some(how) => {
                        trip = Some(planner.start(*at, *vehicle, &how));
                        true
                    }
                    None => false,
                },
            };
            seated[*at] |= taken;
        }
    }
    let mut order: Vec<usize> = (0..groups.len()).filter(|at| !seated[*at]).collect();
    order.sort_by_key(|at| (groups[*at].rank, groups[*at].ready, *at));
    let mut plan = Plan::default();
    for at in order {
        if let Err(why) = planner.place(at) {
            plan.unplaced.push((at, why));
        }
    }
    plan.trips = planner.open.into_iter().map(|open| open.trip).collect();
    plan
}

fn after(at: Instant, minutes: i64) -> Instant {
    Instant::from_micros(at.micros() + minutes * MINUTE)
}

fn on_board_min(group: &Group) -> i64 {
    STOP_MIN + PERSON_MIN * (group.seats + group.wheelchairs + group.stretchers)
}

fn night(zone: &Zone, at: Instant, from: i8, to: i8) -> bool {
    let (hour, _) = zone.clock(at);
    hour >= from || hour < to
}

/// Longest that a crew drives without a rest from a departure on, minutes.
pub fn continuous_max(zone: &Zone, departs: Instant) -> i64 {
    if night(zone, departs, 22, 6) { CONTINUOUS_MIN_MAX.1 } else { CONTINUOUS_MIN_MAX.0 }
}

impl<'a> Planner<'a> {
    fn new(
        groups: &'a [Group],
        vehicles: &'a [Vehicle],
        facilities: &'a [(f64, f64)],
        (zone, roads): (&'a Zone, &'a Roads),
    ) -> Self {
        let states = vehicles
            .iter()
            .map(|v| State {
                at: v.at,
                free: v.from.max(v.free_from),
                continuous_min: 0,
                driven_24h_min: v.driven_24h_min,
                driven_7d_min: v.driven_7d_min,
            })
            .collect();
        Planner { groups, vehicles, facilities, zone, roads, states, open: Vec::new() }
    }

    fn may_leave(&self, group: &Group, leaves: Instant, ride_min: i64) -> bool {
        group.urgent || ride_min < LONG_RIDE_MIN || !night(self.zone, leaves, 21, 6)
    }

    /// A seat for a group: on the trip to its place with the shortest detour, else on a new one of the vehicle that is there first.
    fn place(&mut self, at: usize) -> Result<(), Unplaced> {
        let group = &self.groups[at];
        if self.roads.minutes(group.from, self.facilities[group.to]) > RIDE_MIN_MAX {
            return Err(Unplaced::TooFar);
        }
        let mut best: Option<(Joining, usize)> = None;
        for trip in 0..self.open.len() {
            if let Some(how) = self.joining(at, trip)
                && best.as_ref().is_none_or(|(least, _)| how.detour_min < least.detour_min)
            {
                best = Some((how, trip));
            }
        }
        if let Some((how, trip)) = best {
            self.join(at, trip, &how);
            return Ok(());
        }
        let mut best: Option<(Starting, usize)> = None;
        for vehicle in 0..self.vehicles.len() {
            if let Some(how) = self.starting(at, vehicle)
                && best
                    .as_ref()
                    .is_none_or(|(first, _)| (how.pickup, how.approach_min) < (first.pickup, first.approach_min))
            {
                best = Some((how, vehicle));
            }
        }
        let Some((how, vehicle)) = best else {
            let fits = self.vehicles.iter().any(|vehicle| carries(vehicle, group));
            return Err(if fits { Unplaced::NoTimeLeft } else { Unplaced::NoVehicleFits });
        };
        self.start(at, vehicle, &how);
        Ok(())
    }

    /// How a group joins a trip as its last stop; `None` if a rule forbids it.
    fn joining(&self, at: usize, index: usize) -> Option<Joining> {
        let (group, open) = (&self.groups[at], &self.open[index]);
        let state = &self.states[open.trip.vehicle];
        let vehicle = &self.vehicles[open.trip.vehicle];
        if open.trip.class != group.class
            || open.trip.to != group.to
            || open.seats < group.seats
            || open.wheelchairs < group.wheelchairs
            || open.stretchers < group.stretchers
            || !group.hand.allows_truck(open.trip.vehicle)
            // only the trip that the vehicle makes last can still grow
            || state.free != open.trip.ends
        {
            return None;
        }
        // nobody drives to a door before it is known that somebody waits there
        let sets_out = open.leaves_last.max(group.ready);
        if sets_out.minutes_since(open.leaves_last) > WAIT_MIN_MAX {
            return None;
        }
        let pickup = after(sets_out, self.roads.minutes(open.last, group.from));
        let leaves = after(pickup, on_board_min(group));
        let to = self.facilities[group.to];
        let ride = self.roads.minutes(group.from, to);
        let arrives = after(leaves, ride);
        let more_min = self.roads.minutes(open.last, group.from) + ride - self.roads.minutes(open.last, to);
        let fits = arrives.minutes_since(open.first_boarding) <= RIDE_MIN_MAX
            && after(arrives, DECONTAMINATION_MIN) <= vehicle.to
            && self.may_leave(group, leaves, ride)
            && state.continuous_min + more_min <= continuous_max(self.zone, open.trip.departs)
            && state.driven_24h_min + more_min <= DRIVE_24H_MIN_MAX
            && state.driven_7d_min + more_min <= DRIVE_7D_MIN_MAX;
        let detour_min = arrives.minutes_since(open.trip.arrives);
        fits.then_some(Joining { pickup, leaves, arrives, detour_min, more_min })
    }

    fn join(&mut self, at: usize, index: usize, how: &Joining) {
        let (group, open) = (&self.groups[at], &mut self.open[index]);
        let state = &mut self.states[open.trip.vehicle];
        let to = self.facilities[group.to];
        state.continuous_min += how.more_min;
        state.driven_24h_min += how.more_min;
        state.driven_7d_min += how.more_min;
        open.trip.km += road_km(open.last, group.from) + road_km(group.from, to) - road_km(open.last, to);
        open.drive_min += how.more_min;
        open.trip.stops.push((at, how.pickup));
        open.trip.arrives = how.arrives;
        open.trip.ends = after(how.arrives, DECONTAMINATION_MIN);
        open.last = group.from;
        open.leaves_last = how.leaves;
        open.seats -= group.seats;
        open.wheelchairs -= group.wheelchairs;
        open.stretchers -= group.stretchers;
        state.free = open.trip.ends;
    }

    /// How a vehicle begins a trip with a group; `None` if a rule forbids it.
    fn starting(&self, at: usize, index: usize) -> Option<Starting> {
        let (group, vehicle, state) = (&self.groups[at], &self.vehicles[index], &self.states[index]);
        if !carries(vehicle, group) || !group.hand.allows_truck(index) {
            return None;
        }
        let ride = self.roads.minutes(group.from, self.facilities[group.to]);
        let approach_min = self.roads.minutes(state.at, group.from);
        let drive_min = approach_min + ride;
        let mut departs = state.free.max(group.ready);
        let rested = departs.minutes_since(state.free) >= REST_MIN;
        if !rested && state.continuous_min + drive_min > continuous_max(self.zone, departs) {
            departs = after(state.free, REST_MIN).max(departs);
        }
        // the rest may have moved the departure into the night, where less may be driven
        let limit = continuous_max(self.zone, departs);
        let pickup = after(departs, approach_min);
        let leaves = after(pickup, on_board_min(group));
        let ends = after(leaves, ride + DECONTAMINATION_MIN);
        // shifts of one physical vehicle follow each other; an earlier one still busy keeps the later one waiting
        let clashes = || {
            self.vehicles.iter().enumerate().any(|(other, v)| {
                other != index && v.body == vehicle.body && v.from < vehicle.from && self.states[other].free > departs
            })
        };
        let fits = drive_min <= limit
            && ride <= RIDE_MIN_MAX
            && ends <= vehicle.to
            && state.driven_24h_min + drive_min <= DRIVE_24H_MIN_MAX
            && state.driven_7d_min + drive_min <= DRIVE_7D_MIN_MAX
            && self.may_leave(group, leaves, ride)
            && !clashes();
        fits.then_some(Starting { pickup, approach_min, departs, drive_min })
    }

    /// Begins a trip; its index.
    fn start(&mut self, at: usize, index: usize, how: &Starting) -> usize {
        let (group, vehicle, state) = (&self.groups[at], &self.vehicles[index], &mut self.states[index]);
        let to = self.facilities[group.to];
        let leaves = after(how.pickup, on_board_min(group));
        let arrives = after(leaves, self.roads.minutes(group.from, to));
        let ends = after(arrives, DECONTAMINATION_MIN);
        let km = road_km(state.at, group.from) + road_km(group.from, to);
        // a pause of the length of a rest is a rest
        let rested = how.departs.minutes_since(state.free) >= REST_MIN;
        state.continuous_min = if rested { how.drive_min } else { state.continuous_min + how.drive_min };
        state.driven_24h_min += how.drive_min;
        state.driven_7d_min += how.drive_min;
        state.at = to;
        state.free = ends;
        self.open.push(Open {
            trip: Trip {
                vehicle: index,
                class: group.class,
                to: group.to,
                departs: how.departs,
                stops: vec![(at, how.pickup)],
                arrives,
                ends,
                km,
            },
            last: group.from,
            first_boarding: how.pickup,
            leaves_last: leaves,
            seats: vehicle.seats - group.seats,
            wheelchairs: vehicle.wheelchairs - group.wheelchairs,
            stretchers: vehicle.stretchers - group.stretchers,
            drive_min: how.drive_min,
        });
        self.open.len() - 1
    }
}

fn carries(vehicle: &Vehicle, group: &Group) -> bool {
    vehicle.seats >= group.seats && vehicle.wheelchairs >= group.wheelchairs && vehicle.stretchers >= group.stretchers
}

#[cfg(test)]
mod tests;
