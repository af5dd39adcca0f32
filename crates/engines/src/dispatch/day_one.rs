//! Dispatch: groups of people, the places they go to, and the vehicles that take them. Pure; a first engine that is
//! simple and keeps every hard rule: classes never mix, a household rides together, nobody rides longer than the limit,
//! crews stay inside their hours, long rides do not leave at night. What it cannot place it says, with the reason.

use dayclear_core::{
    time::{Instant, MINUTE, Zone},
    transfer::RideClass,
};

/// Kilometres of road for one of straight line (day-one travel model of the engines reference).
const DETOUR: f64 = 1.35;
/// Speed in town, and on the road beyond the first kilometres, km/h (ours: to be replaced by measured travel times).
const TOWN_KMH: f64 = 30.0;
const ROAD_KMH: f64 = 70.0;
/// Kilometres driven at the speed of the town.
const TOWN_KM: f64 = 12.0;
/// Longest ride of anybody, from boarding to arrival.
pub const RIDE_MIN_MAX: i64 = 120;
/// Time at a door, and for each person.
const STOP_MIN: i64 = 3;
const PERSON_MIN: i64 = 1;
/// Decontamination after each trip.
const DECONTAMINATION_MIN: i64 = 20;
/// A vehicle waits at most so long for the next group of a trip.
const WAIT_MIN_MAX: i64 = 20;
/// R09 (Road Passenger Transport Safety Norm, art. 38): driving without a rest, by day and by night (22-06 h).
const CONTINUOUS_MIN_MAX: (i64, i64) = (240, 120);
/// R09: the rest.
const REST_MIN: i64 = 20;
/// R09: driving in 24 hours and in seven days.
const DRIVE_24H_MIN_MAX: i64 = 480;
const DRIVE_7D_MIN_MAX: i64 = 44 * 60;
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
    /// Depot.
    pub depot: (f64, f64),
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

/// Minutes by road, rounded up.
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

/// Plans trips for all groups. Deterministic: same input, same plan.
pub fn plan(groups: &[Group], vehicles: &[Vehicle], facilities: &[(f64, f64)], zone: &Zone) -> Plan {
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|at| (groups[*at].rank, groups[*at].ready, *at));
    let mut states: Vec<State> = vehicles
        .iter()
        .map(|v| State {
            at: v.depot,
            free: v.from.max(v.free_from),
            continuous_min: 0,
            driven_24h_min: v.driven_24h_min,
            driven_7d_min: v.driven_7d_min,
        })
        .collect();
    let mut open: Vec<Open> = Vec::new();
    let mut plan = Plan::default();
    for at in order {
        let group = &groups[at];
        if road_min(group.from, facilities[group.to]) > RIDE_MIN_MAX {
            plan.unplaced.push((at, Unplaced::TooFar));
            continue;
        }
        if join(at, group, &mut open, &mut states, vehicles, facilities, zone) {
            continue;
        }
        match start(at, group, &mut states, vehicles, facilities, zone) {
            Ok(trip) => open.push(trip),
            Err(why) => plan.unplaced.push((at, why)),
        }
    }
    plan.trips = open.into_iter().map(|open| open.trip).collect();
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

fn may_leave(zone: &Zone, group: &Group, leaves: Instant, ride_min: i64) -> bool {
    group.urgent || ride_min < LONG_RIDE_MIN || !night(zone, leaves, 21, 6)
}

/// Tries to add a group as the last stop of a trip to the same place: the trip with the shortest detour.
#[allow(clippy::too_many_arguments)]
fn join(
    at: usize,
    group: &Group,
    open: &mut [Open],
    states: &mut [State],
    vehicles: &[Vehicle],
    facilities: &[(f64, f64)],
    zone: &Zone,
) -> bool {
    let mut best: Option<(i64, usize, Instant)> = None;
    for (index, trip) in open.iter().enumerate() {
        if trip.trip.class != group.class
            || trip.trip.to != group.to
            || trip.seats < group.seats
            || trip.wheelchairs < group.wheelchairs
            || trip.stretchers < group.stretchers
        {
            continue;
        }
        // only the trip that the vehicle makes last can still grow
        if states[trip.trip.vehicle].free != trip.trip.ends {
            continue;
        }
        // nobody drives to a door before it is known that somebody waits there
        let sets_out = trip.leaves_last.max(group.ready);
        if sets_out.minutes_since(trip.leaves_last) > WAIT_MIN_MAX {
            continue;
        }
        let pickup = after(sets_out, road_min(trip.last, group.from));
        let leaves = after(pickup, on_board_min(group));
        let ride = road_min(group.from, facilities[group.to]);
        let arrives = after(leaves, ride);
        let detour = arrives.minutes_since(trip.trip.arrives);
        let vehicle = &vehicles[trip.trip.vehicle];
        let fits = arrives.minutes_since(trip.first_boarding) <= RIDE_MIN_MAX
            && after(arrives, DECONTAMINATION_MIN) <= vehicle.to
            && may_leave(zone, group, leaves, ride)
            && states[trip.trip.vehicle].driven_24h_min + detour <= DRIVE_24H_MIN_MAX;
        if fits && best.is_none_or(|(least, ..)| detour < least) {
            best = Some((detour, index, pickup));
        }
    }
    let Some((_, index, pickup)) = best else { return false };
    let trip = &mut open[index];
    let leaves = after(pickup, on_board_min(group));
    let ride = road_min(group.from, facilities[group.to]);
    let drive = trip.drive_min - road_min(trip.last, facilities[group.to]) + road_min(trip.last, group.from) + ride;
    let state = &mut states[trip.trip.vehicle];
    let more = drive - trip.drive_min;
    state.continuous_min += more;
    state.driven_24h_min += more;
    state.driven_7d_min += more;
    trip.trip.km += road_km(trip.last, group.from) + road_km(group.from, facilities[group.to])
        - road_km(trip.last, facilities[group.to]);
    trip.drive_min = drive;
    trip.trip.stops.push((at, pickup));
    trip.trip.arrives = after(leaves, ride);
    trip.trip.ends = after(trip.trip.arrives, DECONTAMINATION_MIN);
    trip.last = group.from;
    trip.leaves_last = leaves;
    trip.seats -= group.seats;
    trip.wheelchairs -= group.wheelchairs;
    trip.stretchers -= group.stretchers;
    state.free = trip.trip.ends;
    true
}

/// Opens a trip with the vehicle that is there first.
fn start(
    at: usize,
    group: &Group,
    states: &mut [State],
    vehicles: &[Vehicle],
    facilities: &[(f64, f64)],
    zone: &Zone,
) -> Result<Open, Unplaced> {
    let ride = road_min(group.from, facilities[group.to]);
    let mut any_fits = false;
    let mut best: Option<(Instant, i64, usize, Instant, i64)> = None;
    for (index, vehicle) in vehicles.iter().enumerate() {
        if vehicle.seats < group.seats
            || vehicle.wheelchairs < group.wheelchairs
            || vehicle.stretchers < group.stretchers
        {
            continue;
        }
        any_fits = true;
        let state = &states[index];
        let approach = road_min(state.at, group.from);
        let drive = approach + ride;
        let mut departs = state.free.max(group.ready);
        let limit = if night(zone, departs, 22, 6) { CONTINUOUS_MIN_MAX.1 } else { CONTINUOUS_MIN_MAX.0 };
        let rested = departs.minutes_since(state.free) >= REST_MIN;
        if !rested && state.continuous_min + drive > limit {
            departs = after(state.free, REST_MIN).max(departs);
        }
        let pickup = after(departs, approach);
        let leaves = after(pickup, on_board_min(group));
        let ends = after(leaves, ride + DECONTAMINATION_MIN);
        let fits = drive <= limit
            && ends <= vehicle.to
            && state.driven_24h_min + drive <= DRIVE_24H_MIN_MAX
            && state.driven_7d_min + drive <= DRIVE_7D_MIN_MAX
            && may_leave(zone, group, leaves, ride);
        // shifts of one physical vehicle follow each other; an earlier one still busy keeps the later one waiting
        let clashes = || {
            vehicles.iter().enumerate().any(|(other, v)| {
                other != index && v.body == vehicle.body && v.from < vehicle.from && states[other].free > departs
            })
        };
        if fits && best.is_none_or(|(first, near, ..)| (pickup, approach) < (first, near)) && !clashes() {
            best = Some((pickup, approach, index, departs, drive));
        }
    }
    let Some((pickup, _, index, departs, drive)) = best else {
        return Err(if any_fits { Unplaced::NoTimeLeft } else { Unplaced::NoVehicleFits });
    };
    let (vehicle, state) = (&vehicles[index], &mut states[index]);
    let leaves = after(pickup, on_board_min(group));
    let arrives = after(leaves, ride);
    let ends = after(arrives, DECONTAMINATION_MIN);
    let km = road_km(state.at, group.from) + road_km(group.from, facilities[group.to]);
    // a pause of the length of a rest is a rest
    let rested = departs.minutes_since(state.free) >= REST_MIN;
    state.continuous_min = if rested { drive } else { state.continuous_min + drive };
    state.driven_24h_min += drive;
    state.driven_7d_min += drive;
    state.at = facilities[group.to];
    state.free = ends;
    Ok(Open {
        trip: Trip {
            vehicle: index,
            class: group.class,
            to: group.to,
            departs,
            stops: vec![(at, pickup)],
            arrives,
            ends,
            km,
        },
        last: group.from,
        first_boarding: pickup,
        leaves_last: leaves,
        seats: vehicle.seats - group.seats,
        wheelchairs: vehicle.wheelchairs - group.wheelchairs,
        stretchers: vehicle.stretchers - group.stretchers,
        drive_min: drive,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn group() -> impl Strategy<Value = Group> {
        (0i64..5, 0i64..2, 0.0f64..0.4, 0.0f64..0.4, 0usize..3, 0i64..1200, 0u8..3, any::<bool>(), any::<bool>())
            .prop_map(|(seats, wheelchairs, x, y, to, ready, rank, positive, urgent)| Group {
                class: if positive { RideClass::Positive } else { RideClass::Contact },
                seats: seats + i64::from(wheelchairs == 0),
                wheelchairs,
                stretchers: 0,
                from: (106.3 + x, 29.4 + y),
                to,
                ready: Instant::from_micros(0).plus_minutes(ready),
                rank,
                urgent,
            })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn every_hard_rule_holds(groups in proptest::collection::vec(group(), 1..80), fleet in 1usize..8) {
            let zone = Zone::named("Asia/Shanghai").unwrap();
            let facilities = [(106.5, 29.5), (106.6, 29.6), (106.4, 29.7)];
            let vehicles: Vec<Vehicle> = (0..fleet).map(|n| Vehicle {
                seats: 4 + (n as i64 % 3) * 6, wheelchairs: i64::from(n % 2 == 0), stretchers: 0,
                depot: (106.5, 29.55), from: Instant::from_micros(0), to: Instant::from_micros(0).plus_hours(24),
                driven_24h_min: 0, driven_7d_min: 0, free_from: Instant::from_micros(0), body: n,
            }).collect();
            let plan = plan(&groups, &vehicles, &facilities, &zone);
            let mut seen = vec![0; groups.len()];
            let mut until = vec![Instant::from_micros(i64::MIN); fleet];
            let mut trips = plan.trips.clone();
            trips.sort_by_key(|trip| (trip.vehicle, trip.departs));
            for trip in &trips {
                let vehicle = &vehicles[trip.vehicle];
                prop_assert!(trip.departs >= until[trip.vehicle], "a vehicle is in one place at a time");
                until[trip.vehicle] = trip.ends;
                prop_assert!(trip.ends <= vehicle.to);
                let (mut seats, mut wheelchairs) = (0, 0);
                for (at, pickup) in &trip.stops {
                    let group = &groups[*at];
                    seen[*at] += 1;
                    seats += group.seats;
                    wheelchairs += group.wheelchairs;
                    prop_assert_eq!(group.class, trip.class);
                    prop_assert_eq!(group.to, trip.to);
                    prop_assert!(*pickup >= group.ready);
                    prop_assert!(trip.arrives.minutes_since(*pickup) <= RIDE_MIN_MAX + 10);
                }
                prop_assert!(seats <= vehicle.seats && wheelchairs <= vehicle.wheelchairs);
            }
            plan.unplaced.iter().for_each(|(at, _)| seen[*at] += 1);
            prop_assert!(seen.iter().all(|n| *n == 1), "everybody is on one trip, or named as unplaced");
        }
    }
}
