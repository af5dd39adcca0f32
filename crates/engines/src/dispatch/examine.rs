//! The exact checker: carries a plan out step by step as early as it can be, counts every broken rule, and scores what
//! happened. It shares the instance with the search and nothing else, so a fault of the search cannot hide here. Its
//! rules are those of the instances' own checker, to the second.

use super::{
    instance::{Instance, Request},
    plan::{Itinerary, Step},
};
use std::collections::{BTreeMap, BTreeSet};

/// How often each hard rule was broken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)] // the names are those of the rules
pub struct Broken {
    pub unknown: u32,
    pub vehicle_twice: u32,
    pub picked_twice: u32,
    pub classes_mixed: u32,
    pub seats: u32,
    pub equipment: u32,
    pub no_bed_of_class: u32,
    pub beds_over: u32,
    pub ride_too_long: u32,
    pub never_dropped: u32,
    pub after_horizon: u32,
    /// Not a rule of the format: crews that drive longer than they may.
    pub driven_too_long: u32,
    /// Not a rule of the format: against what a person said.
    pub against_hand: u32,
}

impl Broken {
    /// Rule and count, in the order of the format.
    pub fn each(&self) -> [(&'static str, u32); 13] {
        [
            ("unknown", self.unknown),
            ("vehicle_twice", self.vehicle_twice),
            ("picked_twice", self.picked_twice),
            ("classes_mixed", self.classes_mixed),
            ("seats", self.seats),
            ("equipment", self.equipment),
            ("no_bed_of_class", self.no_bed_of_class),
            ("beds_over", self.beds_over),
            ("ride_too_long", self.ride_too_long),
            ("never_dropped", self.never_dropped),
            ("after_horizon", self.after_horizon),
            ("driven_too_long", self.driven_too_long),
            ("against_hand", self.against_hand),
        ]
    }

    /// Nothing is broken.
    pub fn none(&self) -> bool {
        *self == Broken::default()
    }
}

/// What a plan costs. Lower is better.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Requests nobody picks up.
    pub unserved: u32,
    /// Requests picked up after they were due.
    pub late: u32,
    /// Minutes from release to pick-up, mean over people.
    pub wait_min: f64,
    /// Minutes from boarding to arrival, mean over people.
    pub ride_min: f64,
    /// The longest of them.
    pub longest_ride_min: f64,
    /// Minutes from release to pick-up that nine in ten stay under.
    pub p90_wait_min: f64,
    /// Minutes from leaving the depot to being back, over all vehicles, for each person to be moved.
    pub vehicle_min_per_person: f64,
    /// Vehicles that move.
    pub vehicles: u32,
    /// Times a vehicle becomes empty.
    pub trips: u32,
    /// 1000 for each request unserved, 100 for each late, and the three means.
    pub total: f64,
}

/// What the checker found.
#[derive(Debug, Clone, PartialEq)]
pub struct Examined {
    /// Rules.
    pub broken: Broken,
    /// Score; it counts only if no rule is broken.
    pub score: Score,
    /// By index of the request: when it is picked up and when it arrives.
    pub times: Vec<Option<(i32, i32)>>,
}

struct Aboard<'a> {
    index: usize,
    request: &'a Request,
    since: i32,
}

/// Carries a plan out and judges it.
pub fn examine(instance: &Instance, plan: &Itinerary) -> Examined {
    let requests: BTreeMap<i64, usize> = instance.requests.iter().enumerate().map(|(at, r)| (r.id, at)).collect();
    let facilities: BTreeMap<i64, usize> = instance.facilities.iter().enumerate().map(|(at, f)| (f.id, at)).collect();
    let trucks: BTreeMap<i64, usize> = instance.trucks.iter().enumerate().map(|(at, t)| (t.id, at)).collect();
    let mut broken = Broken::default();
    let mut times: Vec<Option<(i32, i32)>> = vec![None; instance.requests.len()];
    let mut used = BTreeSet::new();
    let mut beds: BTreeMap<(usize, Option<usize>), i32> = BTreeMap::new();
    let (mut waits, mut rides): (Vec<i32>, Vec<i32>) = (Vec::new(), Vec::new());
    let (mut vehicle_s, mut late, mut trips) = (0_i64, 0, 0);
    for route in &plan.routes {
        let Some(&truck) = trucks.get(&route.vehicle) else {
            broken.unknown += 1;
            continue;
        };
        if route.steps.is_empty() {
            continue;
        }
        broken.vehicle_twice += u32::from(!used.insert(truck));
        let this = truck;
        let truck = &instance.trucks[truck];
        let (mut at, mut clock, mut start, mut driven) = (truck.start, None, 0, 0);
        let mut aboard: Vec<Aboard<'_>> = Vec::new();
        let mut last_class = None;
        for step in &route.steps {
            match step {
                Step::Pickup(id) => {
                    let Some(&index) = requests.get(id) else {
                        broken.unknown += 1;
                        continue;
                    };
                    if times[index].is_some() {
                        broken.picked_twice += 1;
                        continue;
                    }
                    let request = &instance.requests[index];
                    let drive = instance.travel_s(at, request.location);
                    let mut now = clock.unwrap_or_else(|| {
                        start = (request.release_s - drive).max(truck.shift_s.0);
                        start
                    });
                    if aboard.is_empty() && last_class.is_some_and(|class| class != request.class) {
                        now += instance.decontamination_s;
                    }
                    broken.classes_mixed +=
                        u32::from(aboard.first().is_some_and(|first| first.request.class != request.class));
                    broken.equipment += u32::from(request.needs & !truck.equipment != 0);
                    driven += drive;
                    broken.against_hand += u32::from(!request.hand.allows_truck(this));
                    now = (now + drive).max(request.release_s);
                    waits.extend((0..request.persons).map(|_| now - request.release_s));
                    late += u32::from(now > request.due_s);
                    times[index] = Some((now, i32::MAX));
                    now += instance.per_person_s * request.persons;
                    now += if at == request.location { 0 } else { instance.stop_s };
                    aboard.push(Aboard { index, request, since: now });
                    (at, last_class, clock) = (request.location, Some(request.class), Some(now));
                    let over = |kind: usize| {
                        aboard.iter().map(|who| who.request.places[kind]).sum::<i32>() > truck.places[kind]
                    };
                    broken.seats += u32::from((0..3).any(over));
                }
                Step::Dropoff(id, who) => {
                    let Some(&index) = facilities.get(id) else {
                        broken.unknown += 1;
                        continue;
                    };
                    let facility = &instance.facilities[index];
                    let (leave, stay): (Vec<_>, Vec<_>) = std::mem::take(&mut aboard)
                        .into_iter()
                        .partition(|each| who.as_ref().is_none_or(|who| who.contains(&each.request.id)));
                    aboard = stay;
                    if leave.is_empty() {
                        continue;
                    }
                    let drive = instance.travel_s(at, facility.location);
                    driven += drive;
                    let mut now = clock.unwrap_or(truck.shift_s.0) + drive;
                    for each in &leave {
                        let request = each.request;
                        broken.no_bed_of_class += u32::from(facility.beds[request.ward] == 0);
                        broken.against_hand += u32::from(!request.hand.allows_facility(index));
                        *beds.entry((index, Some(request.ward))).or_default() += request.persons;
                        *beds.entry((index, None)).or_default() += request.persons;
                        broken.ride_too_long += u32::from(now - each.since > instance.ride_limit_s);
                        rides.extend((0..request.persons).map(|_| now - each.since));
                        times[each.index] = times[each.index].map(|(picked, _)| (picked, now));
                    }
                    now += facility.per_person_s * leave.iter().map(|each| each.request.persons).sum::<i32>();
                    now += if at == facility.location { 0 } else { facility.unload_s };
                    trips += u32::from(aboard.is_empty());
                    (at, clock) = (facility.location, Some(now));
                }
            }
        }
        broken.never_dropped += aboard.len() as u32;
        if let Some(now) = clock {
            let end = now + instance.travel_s(at, truck.depot);
            broken.after_horizon += u32::from(end > instance.horizon_s.min(truck.shift_s.1));
            driven += instance.travel_s(at, truck.depot);
            broken.driven_too_long += u32::from(driven > truck.drive_s_max);
            vehicle_s += i64::from(end - start);
        }
    }
    for (index, facility) in instance.facilities.iter().enumerate() {
        let taken = |ward| beds.get(&(index, ward)).copied().unwrap_or(0);
        let by_row: i32 = facility.beds.iter().zip(0..).map(|(beds, ward)| (taken(Some(ward)) - beds).max(0)).sum();
        broken.beds_over += by_row.max(taken(None) - facility.all) as u32;
    }
    waits.sort_unstable();
    let mean = |seconds: &[i32]| {
        seconds.iter().map(|s| i64::from(*s)).sum::<i64>() as f64 / seconds.len().max(1) as f64 / 60.0
    };
    let (wait_min, ride_min) = (mean(&waits), mean(&rides));
    let vehicle_min_per_person = vehicle_s as f64 / 60.0 / instance.people().max(1) as f64;
    let unserved = times.iter().filter(|time| time.is_none()).count() as u32;
    let p90 = waits.len().saturating_sub(1) * 9 / 10;
    Examined {
        broken,
        score: Score {
            unserved,
            late,
            wait_min,
            ride_min,
            longest_ride_min: f64::from(rides.iter().copied().max().unwrap_or(0)) / 60.0,
            p90_wait_min: f64::from(waits.get(p90).copied().unwrap_or(0)) / 60.0,
            vehicle_min_per_person,
            vehicles: used.len() as u32,
            trips,
            total: 1000.0 * f64::from(unserved)
                + 100.0 * f64::from(late)
                + wait_min
                + ride_min
                + vehicle_min_per_person,
        },
        times,
    }
}
