//! Why somebody goes where and with whom they go: what the same request would cost with every other facility and every other
//! vehicle, the rest of the plan as it is, or which rule forbids it. Also why somebody has no place at all. Looks at a plan
//! and changes nothing.

use super::{
    instance::Instance,
    plan::Itinerary,
    problem::{Problem, fits},
    search::Part,
    solve::bases,
    tour::Tour,
};
use std::fmt;

/// Why something cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// There is no vehicle at all.
    NoFleet,
    /// The vehicle, or every vehicle, has too few seats.
    Seats,
    /// It lacks equipment that is needed.
    Equipment,
    /// The facility, or every facility, has no beds of the class.
    NoBedsOfClass,
    /// Its beds of the class are taken.
    BedsTaken,
    /// A person has ruled it out, or chosen another.
    ByHand,
    /// The ride is longer than the limit.
    TooFar,
    /// No vehicle that fits is there in time, brings them within the limit and is home by the horizon.
    NoTime,
}

impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Hindrance::NoFleet => "there is no vehicle",
            Hindrance::Seats => "too few seats",
            Hindrance::Equipment => "equipment that they need is missing",
            Hindrance::NoBedsOfClass => "no beds of their class",
            Hindrance::BedsTaken => "too few free beds of their class",
            Hindrance::ByHand => "a person has ruled it out, or chosen another",
            Hindrance::TooFar => "the ride is longer than the limit",
            Hindrance::NoTime => {
                "no vehicle is there in time to bring them within the limit of a ride and be home by the horizon"
            }
        })
    }
}

/// One way to serve a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Way {
    /// Id of the facility.
    pub facility: i64,
    /// Id of the vehicle.
    pub vehicle: i64,
    /// People picked up before on the same trip.
    pub joins: i32,
    /// Picked up at, seconds.
    pub picked_s: i32,
    /// Arrives at.
    pub arrives_s: i32,
    /// What it adds to the score.
    pub points: f64,
}

/// What else was possible for one request.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    /// Id of the request.
    pub request: i64,
    /// As planned; none if the plan leaves them behind.
    pub planned: Option<Way>,
    /// The best by each facility, in the order of the instance.
    pub facilities: Vec<(i64, Result<Way, Hindrance>)>,
    /// The best by each vehicle.
    pub vehicles: Vec<(i64, Result<Way, Hindrance>)>,
}

/// Prices every way to serve a request, the rest of a plan as it is. None: the request is unknown, or the plan cannot be read
/// as trips from empty to empty.
pub fn why(instance: &Instance, plan: &Itinerary, request: i64) -> Option<Why> {
    whys(instance, plan, &[request]).pop()
}

/// As [`why`], of several requests, in the order given; those that are unknown are left out.
pub fn whys(instance: &Instance, plan: &Itinerary, requests: &[i64]) -> Vec<Why> {
    let p = Problem::new(instance);
    let Some(part) = Part::of_plan(&p, instance, plan, &bases(&p)) else { return Vec::new() };
    requests.iter().filter_map(|request| one(instance, &p, part.clone(), *request)).collect()
}

fn one(instance: &Instance, p: &Problem, mut part: Part, request: i64) -> Option<Why> {
    let ask = instance.requests.iter().position(|r| r.id == request)?;
    let a = p.asks[ask];
    let points = |price: i64| price as f64 / 60.0 / p.people as f64;
    // as planned, then without them
    let mut planned = None;
    for car in 0..part.tours.len() {
        let tour = &part.tours[car];
        let Some(at) = tour.position(ask as u32) else { continue };
        let trip = tour.trips[tour.trip_of(at)];
        let mut way = way(instance, p, tour, ask as u32, car, 0.0);
        let before = tour.cost;
        p.take(&mut part.beds, trip.site, &a, -1);
        let tour = &mut part.tours[car];
        tour.remove(|stop| stop.ask == ask as u32);
        tour.refresh(p, car);
        way.points = points(before - tour.cost);
        planned = Some(way);
    }
    let mut facilities = Vec::new();
    for (site, facility) in instance.facilities.iter().enumerate() {
        let found = best(instance, p, &part, ask as u32, &|_, at| at == site);
        facilities.push((facility.id, found.ok_or_else(|| hindrance(p, &part, ask as u32, Some(site), None))));
    }
    let mut vehicles = Vec::new();
    for (car, truck) in instance.trucks.iter().enumerate() {
        let found = best(instance, p, &part, ask as u32, &|at, _| at == car);
        vehicles.push((truck.id, found.ok_or_else(|| hindrance(p, &part, ask as u32, None, Some(car)))));
    }
    Some(Why { request, planned, facilities, vehicles })
}

/// Why each request without a place has none, in the order given.
pub fn unplaced(instance: &Instance, plan: &Itinerary, requests: &[usize]) -> Vec<(i64, Hindrance)> {
    let p = Problem::new(instance);
    let part = Part::of_plan(&p, instance, plan, &bases(&p)).unwrap_or_else(|| Part::empty(&p, &bases(&p)));
    requests.iter().map(|ask| (instance.requests[*ask].id, hindrance(&p, &part, *ask as u32, None, None))).collect()
}

fn best(instance: &Instance, p: &Problem, part: &Part, ask: u32, may: &dyn Fn(usize, usize) -> bool) -> Option<Way> {
    let a = &p.asks[ask as usize];
    let mut found: Option<(i64, Tour, usize)> = None;
    for (car, tour) in part.tours.iter().enumerate() {
        if !p.suits(ask, car) {
            continue;
        }
        for (site, _) in p.sites.iter().enumerate() {
            if !may(car, site) || !p.allows(ask, site) || p.room(&part.beds, site, a.ward) < a.persons {
                continue;
            }
            // every place, made and measured: slower than the prices of the search, and independent of them
            for k in 0..=tour.trips.len() {
                let mut tries: Vec<Tour> = Vec::new();
                let mut opened = tour.clone();
                opened.open(p, k, site as u16, ask);
                tries.push(opened);
                if let Some(trip) = tour.trips.get(k)
                    && trip.site as usize == site
                    && trip.class == a.class
                {
                    for i in trip.first..=trip.end {
                        let mut joined = tour.clone();
                        joined.join(p, k, i as usize, ask);
                        tries.push(joined);
                    }
                }
                for mut made in tries {
                    let fits = made.refresh(p, car).is_none()
                        && made.trips.iter().all(|trip| fits(trip.places, p.cars[car].places));
                    let price = made.cost - tour.cost;
                    if fits && found.as_ref().is_none_or(|(least, ..)| price < *least) {
                        found = Some((price, made, car));
                    }
                }
            }
        }
    }
    found.map(|(price, tour, car)| way(instance, p, &tour, ask, car, price as f64 / 60.0 / p.people as f64))
}

fn way(instance: &Instance, p: &Problem, tour: &Tour, ask: u32, car: usize, points: f64) -> Way {
    let at = tour.position(ask).unwrap_or(0);
    let trip = tour.trips[tour.trip_of(at)];
    let before = &tour.stops[trip.first as usize..at];
    Way {
        facility: instance.facilities[trip.site as usize].id,
        vehicle: instance.trucks[car].id,
        joins: before.iter().map(|stop| p.asks[stop.ask as usize].persons).sum(),
        picked_s: tour.stops[at].at,
        arrives_s: trip.arrive,
        points,
    }
}

/// The first rule that is in the way, for one facility, for one vehicle, or for all.
fn hindrance(p: &Problem, part: &Part, ask: u32, site: Option<usize>, car: Option<usize>) -> Hindrance {
    let cars: Vec<usize> = (0..p.cars.len()).filter(|at| car.is_none_or(|car| car == *at)).collect();
    let sites: Vec<usize> = (0..p.sites.len()).filter(|at| site.is_none_or(|site| site == *at)).collect();
    let a = &p.asks[ask as usize];
    let with_beds: Vec<usize> = sites.iter().copied().filter(|at| p.room(&p.beds, *at, a.ward) > 0).collect();
    if cars.is_empty() {
        return Hindrance::NoFleet;
    }
    if with_beds.is_empty() {
        return Hindrance::NoBedsOfClass;
    }
    let seated = |car: &usize| fits(a.places, p.cars[*car].places);
    if !cars.iter().any(seated) {
        return Hindrance::Seats;
    }
    if !cars.iter().any(|car| seated(car) && a.needs & !p.cars[*car].equipment == 0) {
        return Hindrance::Equipment;
    }
    if !cars.iter().any(|car| p.suits(ask, *car)) || !with_beds.iter().any(|site| p.allows(ask, *site)) {
        return Hindrance::ByHand;
    }
    let free: Vec<usize> =
        with_beds.iter().copied().filter(|site| p.room(&part.beds, *site, a.ward) >= a.persons).collect();
    if free.is_empty() {
        return Hindrance::BedsTaken;
    }
    if free.iter().all(|site| p.drive(a.loc, p.sites[*site].loc) > p.ride_limit) {
        return Hindrance::TooFar;
    }
    Hindrance::NoTime
}
