//! A day as it comes: requests are known from their release on and not before, what is done or under way stays, and the rest is
//! planned again and again. Nobody drives to a door before it is known that somebody waits there, so the times that are told
//! are those of a real day, later than those of a plan that knew everything.

use super::{
    foresight::bed_prices,
    instance::Instance,
    luck::Luck,
    plan::{Itinerary, Route},
    problem::Problem,
    search::{Part, Search},
    solve::{Budget, Clock, Effort, Options, bases, improve, steps},
    tour::Tour,
};

/// Share of the first temperature with which a plan under way is improved.
const HEAT: f64 = 0.02;

/// How a day is played.
#[derive(Debug, Clone, Copy)]
pub struct Replay {
    /// Seconds of the day between two plans.
    pub every_s: i32,
    /// Seconds before its release at which a request is known: what it would be worth to be told sooner. 0: a day as it comes.
    pub ahead_s: i32,
    /// Time or iterations for each of them.
    pub effort: Budget,
    /// Threads.
    pub threads: usize,
    /// Chance.
    pub seed: u64,
}

/// How a day went.
#[derive(Debug, Clone)]
pub struct Replayed {
    /// What was done, step by step. A checker that carries it out as early as possible finds it a little better than it was.
    pub plan: Itinerary,
    /// Indices of requests nobody came for.
    pub unplaced: Vec<usize>,
    /// By index of the request: picked up, arrived, as it happened.
    pub times: Vec<Option<(i32, i32)>>,
    /// Minutes as in the score, as they happened: wait, ride, vehicle.
    pub wait_min: f64,
    /// Ride.
    pub ride_min: f64,
    /// Vehicle-minutes per person.
    pub vehicle_min_per_person: f64,
    /// Late requests, as it happened.
    pub late: u32,
    /// As the score is made of them.
    pub total: f64,
    /// Plans made.
    pub plans: u32,
    /// Seconds until a request that has just come has its place, by the clock: the longest and the mean.
    pub place_longest_s: f64,
    /// The mean.
    pub place_mean_s: f64,
    /// Iterations made.
    pub iterations: u64,
}

/// Plays a day.
pub fn replay(instance: &Instance, how: Replay, clock: Clock<'_>) -> Replayed {
    let mut p = Problem::new(instance);
    p.ride_at_any_start = true;
    let mut part = Part::empty(&p, &bases(&p));
    part.absent.clear();
    let mut done: Vec<Tour> = part.tours.clone();
    let mut order: Vec<u32> = (0..p.asks.len() as u32).collect();
    order.sort_by_key(|ask| (p.asks[*ask as usize].release, *ask));
    let (mut next, mut now, mut plans, mut iterations) = (0, 0, 0, 0);
    let (mut longest, mut total_s, mut placed) = (0.0_f64, 0.0, 0_u32);
    while now <= p.horizon {
        let first = next;
        while next < order.len() && p.asks[order[next] as usize].release.saturating_sub(how.ahead_s) <= now {
            next += 1;
        }
        commit(&p, &mut part, &mut done, now);
        let begin = clock();
        part.absent.extend(&order[first..next]);
        p.price_beds(bed_prices(&p, &part, &order[..next], now));
        for (car, tour) in part.cars.iter().zip(&mut part.tours) {
            tour.refresh(&p, *car as usize);
        }
        if next > first {
            let fresh = part.absent.clone();
            let mut search = Search::new(&p, part, Luck::new(how.seed, now as u64));
            search.fill(&fresh);
            part = search.now;
            let took = clock() - begin;
            longest = longest.max(took / (next - first) as f64);
            total_s += took;
            placed += (next - first) as u32;
        }
        // something can still change
        if part.tours.iter().any(|tour| tour.stops.len() > tour.base.frozen as usize) || !part.absent.is_empty() {
            let since_s = clock();
            let budget = match how.effort {
                Budget::Seconds(s) => Budget::Seconds(since_s + s),
                iterations => iterations,
            };
            let options = Options { budget, threads: how.threads, seed: how.seed.wrapping_add(now as u64) };
            let (better, made) = improve(&p, part, Effort { options, since_s, heat: HEAT }, clock);
            part = better;
            iterations += made;
            plans += 1;
        }
        now += how.every_s.max(1);
    }
    commit(&p, &mut part, &mut done, i32::MAX / 4);
    let mut replayed = told(instance, &p, &part, &done);
    replayed.plans = plans;
    replayed.iterations = iterations;
    replayed.place_longest_s = longest;
    replayed.place_mean_s = total_s / f64::from(placed.max(1));
    replayed
}

/// Makes what has begun by `now` unchangeable: trips that are over move to `done`, legs under way stay as they are.
fn commit(p: &Problem, part: &mut Part, done: &mut [Tour], now: i32) {
    for local in 0..part.cars.len() {
        let car = part.cars[local] as usize;
        let tour = &mut part.tours[local];
        tour.refresh(p, car);
        let past = &mut done[car];
        // whole trips: everybody has arrived, or the way to the site has begun and nothing can change it
        while let Some(trip) = tour.trips.first().copied() {
            let last = tour.stops[trip.end as usize - 1];
            let began = last.dep < now || (last.dep == now && now > 0);
            if !began {
                break;
            }
            if tour.base.started.is_none() {
                tour.base.started = Some(tour.start);
                past.base.started = Some(tour.start);
            }
            let offset = past.stops.len() as u32;
            past.stops.extend_from_slice(&tour.stops[..trip.end as usize]);
            past.trips.push(super::tour::Trip { first: offset, end: offset + trip.end, ..trip });
            tour.stops.drain(..trip.end as usize);
            tour.trips.remove(0);
            for later in &mut tour.trips {
                later.first -= trip.end;
                later.end -= trip.end;
            }
            tour.base.loc = p.sites[trip.site as usize].loc;
            tour.base.class = Some(trip.class);
            tour.base.ready = trip.free;
            // it is decontaminated as soon as it is empty if others are next, or while it stands
            tour.base.clean = trip.free + p.decontamination;
            tour.base.frozen = 0;
        }
        // legs of the first trip that have begun
        if let Some(trip) = tour.trips.first().copied() {
            let mut frozen = tour.base.frozen as usize;
            while frozen < trip.end as usize {
                let stop = tour.stops[frozen];
                let leg = if frozen == 0 { p.drive(tour.base.loc, stop.loc) } else { 0 };
                let leaves = if frozen == 0 { trip.begin - leg } else { tour.stops[frozen - 1].dep };
                if leaves >= now {
                    break;
                }
                frozen += 1;
            }
            if frozen > 0 && tour.base.started.is_none() {
                tour.base.started = Some(tour.start);
                past.base.started = Some(tour.start);
            }
            tour.base.frozen = frozen as u32;
        }
        tour.base.ready = tour.base.ready.max(now);
        tour.refresh(p, car);
    }
}

fn told(instance: &Instance, p: &Problem, part: &Part, done: &[Tour]) -> Replayed {
    let mut times = vec![None; p.asks.len()];
    let (mut wait, mut ride, mut people, mut vehicle, mut late) = (0_i64, 0_i64, 0_i64, 0_i64, 0);
    let mut routes = Vec::new();
    for (car, tour) in done.iter().enumerate() {
        for trip in &tour.trips {
            for stop in &tour.stops[trip.first as usize..trip.end as usize] {
                let ask = &p.asks[stop.ask as usize];
                let persons = i64::from(ask.persons);
                times[stop.ask as usize] = Some((stop.at, trip.arrive));
                wait += persons * i64::from(stop.at - ask.release);
                ride += persons * i64::from(trip.arrive - stop.dep);
                people += persons;
                late += u32::from(stop.at > ask.due);
            }
        }
        if let (Some(last), Some(started)) = (tour.trips.last(), tour.base.started) {
            let home = p.drive(p.sites[last.site as usize].loc, p.cars[car].depot);
            vehicle += i64::from(last.free + home - started);
            routes.push(Route { vehicle: instance.trucks[car].id, steps: steps(instance, tour) });
        }
    }
    let unplaced: Vec<usize> = (0..times.len()).filter(|ask| times[*ask].is_none()).collect();
    let minutes = |seconds: i64, of: i64| seconds as f64 / 60.0 / of.max(1) as f64;
    let (wait_min, ride_min) = (minutes(wait, people), minutes(ride, people));
    let vehicle_min_per_person = minutes(vehicle, p.people);
    debug_assert!(part.tours.iter().all(|tour| tour.stops.is_empty()));
    Replayed {
        plan: Itinerary { routes },
        total: 1000.0 * unplaced.len() as f64 + 100.0 * f64::from(late) + wait_min + ride_min + vehicle_min_per_person,
        unplaced,
        times,
        wait_min,
        ride_min,
        vehicle_min_per_person,
        late,
        plans: 0,
        place_longest_s: 0.0,
        place_mean_s: 0.0,
        iterations: 0,
    }
}
