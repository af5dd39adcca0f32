//! The whole of a solution: builds a first plan, searches with one thread or several, and hands back the plan. The budget is
//! seconds by a clock that is given, or iterations, in which case one seed gives one plan on every machine.

use super::{
    instance::Instance,
    luck::Luck,
    plan::{Itinerary, Route, Step},
    problem::Problem,
    search::{Part, Search},
    tour::{Base, Tour},
};

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

pub(super) fn bases(p: &Problem) -> Vec<Base> {
    p.cars
        .iter()
        .map(|car| Base { loc: car.depot, ready: 0, class: None, started: None, frozen: 0, bound: false })
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

/// Plans a day.
pub fn solve(instance: &Instance, options: Options, clock: Clock<'_>) -> Solution {
    let p = Problem::new(instance);
    let mut order: Vec<u32> = (0..p.asks.len() as u32).collect();
    order.sort_by_key(|ask| (p.asks[*ask as usize].release, *ask));
    p.price_lateness(10f64.powf(std::env::var("L0").ok().and_then(|v| v.parse().ok()).unwrap_or(-2.5)));
    let mut search = Search::new(&p, Part::empty(&p, &bases(&p)), Luck::new(options.seed, 0));
    search.fill(&order);
    let first_s = clock();
    let per_ask = p.asks.iter().map(|ask| f64::from(ask.persons * ask.nearest)).sum::<f64>() / p.asks.len().max(1) as f64;
    let tune = |name: &str, default: f64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let (hot, cold) = (tune("HOT", 0.3) * per_ask, tune("COLD", 0.003) * per_ask);
    let mut spent: f64 = 0.0; let mut priced = -1.0; let (l0, l1) = (tune("L0", -2.5), tune("L1", 0.6));
    while spent < 1.0 {
        if spent - priced > 0.01 { priced = spent; p.price_lateness(10f64.powf((l0 * (1.0 - spent / l1)).min(0.0))); search.reprice(); }
        let temperature = hot * (cold / hot as f64).powf(spent);
        for _ in 0..64 {
            search.step(temperature);
        }
        if std::env::var("TRACE").is_ok() && search.iterations % 2048 == 0 { let l: i64 = search.now.tours.iter().flat_map(|t| t.trips.iter()).map(|t| t.late).sum(); eprintln!("{} T {:.0} now {:.1} best {:.1} late {:.2} absent {}", search.iterations, temperature, (search.cost - l) as f64 / 60.0 / p.people as f64, search.best_cost as f64 / 60.0 / p.people as f64, l as f64 / 6000.0 / p.people as f64, search.now.absent.len()); }
        spent = match options.budget {
            Budget::Seconds(s) => (clock() - first_s) / (s - first_s).max(1e-3),
            Budget::Iterations(n) => search.iterations as f64 / n.max(1) as f64,
        };
    }
    p.price_lateness(1.0); search.reprice();
    let best = &search.best;
    let mut routes: Vec<Route> = Vec::new();
    for (local, tour) in best.tours.iter().enumerate() {
        if !tour.stops.is_empty() {
            routes.push(Route { vehicle: instance.trucks[best.cars[local] as usize].id, steps: steps(instance, tour) });
        }
    }
    Solution {
        plan: Itinerary { routes },
        unplaced: best.absent.iter().map(|ask| *ask as usize).collect(),
        iterations: search.iterations,
        first_s,
    }
}
