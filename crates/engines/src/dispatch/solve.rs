//! The whole of a solution: builds a first plan, searches with one thread or several, and hands back the plan. The budget is
//! seconds by a clock that is given, or iterations, in which case one seed gives one plan on every machine, with any number of
//! threads.

use super::{
    instance::Instance,
    luck::Luck,
    plan::{Itinerary, Route, Step},
    problem::Problem,
    search::{Part, Search},
    split,
    tour::{Base, Tour},
};
use std::thread;

/// How long to search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Budget {
    /// Until the clock shows so many seconds.
    Seconds(f64),
    /// So many iterations in all.
    Iterations(u64),
}

/// How to search.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// How long.
    pub budget: Budget,
    /// Threads, at least one.
    pub threads: usize,
    /// Chance.
    pub seed: u64,
}

/// Seconds since the search was asked for.
pub type Clock<'a> = &'a (dyn Fn() -> f64 + Sync);

/// What the search found.
#[derive(Debug, Clone)]
pub struct Solution {
    /// The plan.
    pub plan: Itinerary,
    /// Indices of requests without a place.
    pub unplaced: Vec<usize>,
    /// Iterations made.
    pub iterations: u64,
    /// When the first full plan stood, by the clock.
    pub first_s: f64,
}

/// Vehicles that one part of a plan holds at most.
const PART_CARS: usize = 60;
/// Rounds between which a plan is cut anew and prices change.
const ROUNDS: u64 = 120;
/// Shortest round.
const ROUND_S: f64 = 0.02;
/// Iterations between two looks at the clock.
const BETWEEN: u64 = 32;
/// Temperature at the beginning and at the end, in shares of the mean price of a request's shortest ride: where a fleet is too small
/// one change delays everybody later in the day, and a cooler search stays with its first order of trips.
const HOT: f64 = 5.0;
const COLD: f64 = 0.06;
/// Price of lateness at the beginning, in powers of ten of the full one, and when the full one is reached.
const LATE_FIRST: f64 = -3.0;
const LATE_FULL_AT: f64 = 0.65;

/// How a plan is improved.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    pub options: Options,
    /// The clock when it begins.
    pub since_s: f64,
    /// Temperature at the beginning, in shares of `HOT`: less for a plan that is already good.
    pub heat: f64,
}

pub(super) fn bases(p: &Problem) -> Vec<Base> {
    p.cars
        .iter()
        .map(|car| Base {
            loc: car.start,
            ready: car.from,
            until: car.until,
            class: None,
            clean: 0,
            started: None,
            frozen: 0,
            bound: false,
        })
        .collect()
}

pub(super) fn steps(instance: &Instance, tour: &Tour) -> Vec<Step> {
    let mut steps = Vec::new();
    for trip in &tour.trips {
        for stop in &tour.stops[trip.first as usize..trip.end as usize] {
            steps.push(Step::Pickup(instance.requests[stop.ask as usize].id));
        }
        steps.push(Step::Dropoff(instance.facilities[trip.site as usize].id, None));
    }
    steps
}

/// The plan of a part as it is written down.
pub(super) fn written(instance: &Instance, part: &Part) -> Itinerary {
    let mut routes: Vec<(u32, Route)> = Vec::new();
    for (car, tour) in part.cars.iter().zip(&part.tours) {
        if !tour.stops.is_empty() {
            let vehicle = instance.trucks[*car as usize].id;
            routes.push((*car, Route { vehicle, steps: steps(instance, tour) }));
        }
    }
    routes.sort_by_key(|(car, _)| *car);
    Itinerary { routes: routes.into_iter().map(|(_, route)| route).collect() }
}

/// Plans a day.
pub fn solve(instance: &Instance, options: Options, clock: Clock<'_>) -> Solution {
    let p = Problem::new(instance);
    let first = first_plan(&p, Part::empty(&p, &bases(&p)), options.seed);
    let first_s = clock();
    let effort = Effort { options, since_s: first_s, heat: 1.0 };
    let (best, iterations) = improve(&p, first, effort, clock);
    let mut unplaced: Vec<usize> = best.absent.iter().map(|ask| *ask as usize).collect();
    unplaced.sort_unstable();
    Solution { plan: written(instance, &best), unplaced, iterations, first_s }
}

/// Places everybody who is absent, each where it costs least.
pub(super) fn first_plan(p: &Problem, part: Part, seed: u64) -> Part {
    p.price_lateness(10_f64.powf(LATE_FIRST));
    let mut order = part.absent.clone();
    order.sort_by_key(|ask| (p.asks[*ask as usize].release, *ask));
    let mut search = Search::new(p, part, Luck::new(seed, 0));
    search.fill(&order);
    p.price_lateness(1.0);
    search.reprice();
    search.now
}

/// Searches from a plan; never hands back a worse one.
pub(super) fn improve(p: &Problem, start: Part, effort: Effort, clock: Clock<'_>) -> (Part, u64) {
    let Options { budget, seed, threads } = effort.options;
    let scale = p.asks.iter().map(|ask| ask.weight as f64 * f64::from(ask.nearest)).sum::<f64>();
    let scale = effort.heat * scale / p.asks.len().max(1) as f64;
    let (hot, cold) = (HOT * scale, COLD * scale);
    let temperature = |spent: f64| hot * (cold / hot.max(1e-9)).powf(spent.clamp(0.0, 1.0));
    let mut luck = Luck::new(seed, 1);
    let (mut best, mut now) = (start.clone(), start);
    let mut best_cost = best.cost(p);
    let (mut iterations, mut round, mut spent) = (0_u64, 0_u64, 0.0_f64);
    while spent < 1.0 && !p.asks.is_empty() && !p.cars.is_empty() {
        round += 1;
        let share = (LATE_FIRST * effort.heat.min(1.0) * (1.0 - spent / LATE_FULL_AT)).min(0.0);
        p.price_lateness(10_f64.powf(share));
        let least = now.cars.len().div_ceil(PART_CARS);
        let count = match budget {
            Budget::Seconds(_) => least.next_multiple_of(threads.max(1)).min(now.cars.len().max(1)),
            Budget::Iterations(_) => least,
        };
        let parts = split::split(p, now, count, &mut luck);
        let count = parts.len();
        let workers = threads.clamp(1, count);
        let begin_s = clock();
        let until = match budget {
            Budget::Seconds(s) => s.min(begin_s + ((s - effort.since_s) / ROUNDS as f64).max(ROUND_S)),
            Budget::Iterations(_) => f64::INFINITY,
        };
        let lucks: Vec<Luck> = (0..count).map(|part| Luck::new(seed, 2 + round * 1024 + part as u64)).collect();
        let mut jobs: Vec<Vec<(usize, Part, Luck)>> = (0..workers).map(|_| Vec::new()).collect();
        for (at, (part, luck)) in parts.into_iter().zip(lucks).enumerate() {
            jobs[at % workers].push((at, part, luck));
        }
        let before = spent;
        let work = |jobs: Vec<(usize, Part, Luck)>| {
            let many = jobs.len() as f64;
            let mut done = Vec::with_capacity(jobs.len());
            for (turn, (at, part, luck)) in jobs.into_iter().enumerate() {
                let mut search = Search::new(p, part, luck);
                let end_s = begin_s + (until - begin_s) * (turn + 1) as f64 / many;
                loop {
                    let (spent, over) = match budget {
                        Budget::Seconds(s) => {
                            let now_s = clock();
                            ((now_s - effort.since_s) / (s - effort.since_s).max(1e-9), now_s >= end_s)
                        }
                        Budget::Iterations(n) => {
                            (before, search.iterations >= (n / ROUNDS / count as u64).max(BETWEEN))
                        }
                    };
                    if over {
                        break;
                    }
                    let temperature = temperature(spent);
                    for _ in 0..BETWEEN {
                        search.step(temperature);
                    }
                }
                done.push((at, search));
            }
            done
        };
        let mut searched: Vec<(usize, Search<'_>)> = if workers == 1 {
            jobs.into_iter().flat_map(work).collect()
        } else {
            let work = &work;
            thread::scope(|scope| {
                let running: Vec<_> = jobs.into_iter().map(|jobs| scope.spawn(move || work(jobs))).collect();
                running
                    .into_iter()
                    .flat_map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                    .collect()
            })
        };
        searched.sort_by_key(|(at, _)| *at);
        let (mut nows, mut bests) = (Vec::new(), Vec::new());
        p.price_lateness(1.0);
        for (_, mut search) in searched {
            iterations += search.iterations;
            search.reprice();
            nows.push(search.now);
            bests.push(search.best);
        }
        now = split::join(nows);
        for candidate in [split::join(bests), now.clone()] {
            let cost = candidate.cost(p);
            if cost < best_cost {
                best_cost = cost;
                best = candidate;
            }
        }
        spent = match budget {
            Budget::Seconds(s) => (clock() - effort.since_s) / (s - effort.since_s).max(1e-9),
            Budget::Iterations(n) => iterations as f64 / n.max(1) as f64,
        };
    }
    (best, iterations)
}
