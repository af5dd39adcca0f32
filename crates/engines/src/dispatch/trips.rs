//! Changes of whole trips, which taking apart and putting back finds badly because they must be made at once: a trip is driven at
//! another hour, by another vehicle or to another site, and two vehicles go on with each other's later trips. Every place is
//! estimated by what stops and trips keep; what the best one then costs is computed anew, and no rule is taken on trust.

use super::{
    problem::{Problem, fits},
    search::{NOBODY, Search},
    tour::{Stop, Tour, Trip},
};

/// One place in so many is overlooked, so that the best one is not always taken.
const BLINK_ONE_IN: usize = 20;
/// One trip in so many may go to another site when it is moved.
const OTHER_SITE_ONE_IN: usize = 4;
/// More than any price.
const ANY_PRICE: i64 = i64::MAX / 4;

/// A trip that was taken out.
#[derive(Debug, Clone, Copy)]
struct Whole {
    trip: Trip,
    first: Stop,
    /// Where its last stop is.
    last: u32,
}

impl Tour {
    /// About what it costs if a trip that was taken out is driven before trip `k`, to a site at which beds cost so much. None: not
    /// allowed, or at least `budget`.
    fn price_whole(
        &self,
        p: &Problem,
        car: usize,
        k: usize,
        whole: &Whole,
        to: (u16, i64),
        budget: i64,
    ) -> Option<i64> {
        let (site, second) = to;
        let Whole { trip, first, last } = whole;
        let ask = &p.asks[first.ask as usize];
        let (loc, now) = self.leaves(p, k, trip.class);
        let begin = now + p.drive(loc, first.loc);
        let service = ask.load + p.stopping(loc, first.loc);
        let ride_to = |site: u16| p.drive(*last, p.sites[site as usize].loc);
        let further = ride_to(site) - ride_to(trip.site);
        let dep = begin.max(ask.release) + service;
        let arrive = (dep + first.after).max(first.least) + further;
        let ride = if p.ride_at_any_start {
            first.after.max(first.least - ask.release - service) + further
        } else {
            arrive - dep
        };
        let mut delta = second + trip.weight * i64::from(arrive - trip.arrive);
        if begin > trip.latest {
            delta += p.late();
        }
        if ride > p.ride_limit || delta >= budget {
            return None;
        }
        let free = arrive + p.unloading(site as usize, *last, trip.load);
        let after = (p.sites[site as usize].loc, free, Some(trip.class));
        self.follow(p, car, k, after, budget - delta).map(|more| delta + more)
    }

    /// The first trip that can be taken away as a whole, and before which others can come.
    fn first_free(&self) -> usize {
        usize::from(self.base.frozen > 0 || self.base.bound)
    }

    /// Where and when it is empty before trip `k`, and the class of those who were on board.
    fn emptied(&self, p: &Problem, k: usize) -> Option<(u32, i32, Option<u8>)> {
        let trip = self.trips.get(k.checked_sub(1)?)?;
        Some((p.sites[trip.site as usize].loc, trip.free, Some(trip.class)))
    }

    /// What the way home costs more if trips from `k` on are driven by the vehicle of another depot.
    fn home_from(&self, p: &Problem, k: usize, depots: (u32, u32)) -> i64 {
        let Some(last) = self.trips[k..].last() else { return 0 };
        let loc = p.sites[last.site as usize].loc;
        i64::from(p.drive(loc, depots.1) - p.drive(loc, depots.0))
    }

    /// Whether a vehicle may drive trips from `k` on.
    fn suits_from(&self, p: &Problem, k: usize, car: usize) -> bool {
        let Some(first) = self.trips.get(k) else { return true };
        self.trips[k..].iter().all(|trip| fits(trip.places, p.cars[car].places))
            && self.stops[first.first as usize..].iter().all(|stop| p.suits(stop.ask, car))
    }
}

impl Search<'_> {
    /// A trip that can be moved: vehicle and place in its tour.
    fn any_trip(&mut self) -> Option<(u32, usize)> {
        if self.members.is_empty() {
            return None;
        }
        let ask = self.seed();
        let car = self.holder[ask as usize];
        if car == NOBODY {
            return None;
        }
        let tour = &self.now.tours[car as usize];
        let k = tour.trip_of(tour.position(ask)?);
        (k >= tour.first_free()).then_some((car, k))
    }

    /// Drives a trip at another hour or by another vehicle. Whether the change is kept is for the caller to say; false if there is none.
    pub(super) fn move_trip(&mut self) -> bool {
        let p = self.p;
        let Some((car, k)) = self.any_trip() else { return false };
        self.touch(car);
        let tour = &mut self.now.tours[car as usize];
        let trip = tour.trips[k];
        let stops: Vec<Stop> = tour.stops[trip.first as usize..trip.end as usize].to_vec();
        tour.remove(|stop| stops.iter().any(|gone| gone.ask == stop.ask));
        if tour.refresh(p, self.now.cars[car as usize] as usize).is_some() {
            return false;
        }
        let riders: Vec<u32> = stops.iter().map(|stop| stop.ask).collect();
        self.share_beds(&riders, trip.site, -1);
        let mut sites = vec![trip.site];
        if self.luck.below(OTHER_SITE_ONE_IN) == 0 {
            let open = &p.open[p.asks[riders[0] as usize].ward as usize];
            sites.extend(open.iter().filter(|site| **site != trip.site && self.takes_all(&riders, **site)));
        }
        let second =
            |site: &u16| -> i64 { riders.iter().map(|ask| p.second(*site as usize, &p.asks[*ask as usize])).sum() };
        let sites: Vec<(u16, i64)> = sites.iter().map(|site| (*site, second(site))).collect();
        let whole = Whole { trip, first: stops[0], last: stops[stops.len() - 1].loc };
        let mut best: Option<(i64, u32, usize, u16)> = None;
        for other in 0..self.now.cars.len() as u32 {
            let index = self.now.cars[other as usize] as usize;
            if !fits(trip.places, p.cars[index].places) || !riders.iter().all(|ask| p.suits(*ask, index)) {
                continue;
            }
            let tour = &self.now.tours[other as usize];
            for at in tour.first_free()..=tour.trips.len() {
                if (other, at) == (car, k) || self.luck.below(BLINK_ONE_IN) == 0 {
                    continue;
                }
                for to in &sites {
                    let budget = best.map_or(ANY_PRICE, |(least, ..)| least);
                    if let Some(price) = tour.price_whole(p, index, at, &whole, *to, budget)
                        && price < budget
                    {
                        best = Some((price, other, at, to.0));
                    }
                }
            }
        }
        let Some((_, other, at, site)) = best else { return false };
        self.touch(other);
        let tour = &mut self.now.tours[other as usize];
        tour.insert(at, Trip { site, ..trip }, &stops);
        if tour.refresh(p, self.now.cars[other as usize] as usize).is_some() {
            return false;
        }
        self.share_beds(&riders, site, 1);
        for ask in riders {
            self.holder[ask as usize] = other;
        }
        true
    }

    /// Two vehicles go on with each other's later trips (2-opt*, Potvin and Rousseau 1995, where both are empty).
    pub(super) fn swap_tails(&mut self) -> bool {
        let p = self.p;
        let Some((car, k)) = self.any_trip() else { return false };
        let a = &self.now.tours[car as usize];
        let Some(from_a) = a.emptied(p, k) else { return false };
        let a_index = self.now.cars[car as usize] as usize;
        let depot_a = p.cars[a_index].depot;
        let mut best: Option<(i64, u32, usize)> = None;
        for other in (0..self.now.cars.len() as u32).filter(|other| *other != car) {
            let b = &self.now.tours[other as usize];
            let b_index = self.now.cars[other as usize] as usize;
            let depot_b = p.cars[b_index].depot;
            for at in 1..=b.trips.len() {
                let Some(from_b) = b.emptied(p, at) else { continue };
                if self.luck.below(BLINK_ONE_IN) == 0 {
                    continue;
                }
                let budget = best.map_or(ANY_PRICE, |(least, ..)| least);
                let Some(mut price) = a.follow(p, b_index, k, from_b, ANY_PRICE) else { continue };
                price += a.home_from(p, k, (depot_a, depot_b)) + b.home_from(p, at, (depot_b, depot_a));
                let Some(more) = b.follow(p, a_index, at, from_a, budget - price) else { continue };
                if price + more < budget && a.suits_from(p, k, b_index) && b.suits_from(p, at, a_index) {
                    best = Some((price + more, other, at));
                }
            }
        }
        let Some((_, other, at)) = best else { return false };
        self.touch(car);
        self.touch(other);
        let tail_a = self.now.tours[car as usize].cut(k);
        let tail_b = self.now.tours[other as usize].cut(at);
        for (to, tail) in [(car, tail_b), (other, tail_a)] {
            let tour = &mut self.now.tours[to as usize];
            for (trip, stops) in &tail {
                tour.insert(tour.trips.len(), *trip, stops);
                for stop in stops {
                    self.holder[stop.ask as usize] = to;
                }
            }
            if tour.refresh(p, self.now.cars[to as usize] as usize).is_some() {
                return false;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::{instance::Instance, luck::Luck, search::Part, solve::*};
    use super::*;

    const T500: &str = include_str!("../../../../data/dispatch/T500-50.json");

    #[test]
    fn trips_that_are_moved_take_their_people_and_beds_along() {
        let instance = Instance::parse(T500).unwrap();
        let options = Options { budget: Budget::Iterations(200), threads: 1, seed: 1 };
        let plan = solve(&instance, options, &|| 0.0).plan;
        let p = Problem::new(&instance);
        let mut part = Part::of_plan(&p, &instance, &plan, &bases(&p)).unwrap();
        let mut made = [0, 0];
        for turn in 0..200 {
            let mut search = Search::new(&p, part.clone(), Luck::new(turn, 0));
            let swap = turn % 2 == 1;
            if !(if swap { search.swap_tails() } else { search.move_trip() }) {
                continue;
            }
            made[usize::from(swap)] += 1;
            let (mut beds, mut seen) = (p.beds.clone(), vec![0; p.asks.len()]);
            for (car, tour) in search.now.tours.iter_mut().enumerate() {
                assert_eq!(tour.refresh(&p, car), None, "no rule is broken");
                for trip in &tour.trips {
                    for stop in &tour.stops[trip.first as usize..trip.end as usize] {
                        p.take(&mut beds, trip.site, &p.asks[stop.ask as usize], 1);
                        seen[stop.ask as usize] += 1;
                        assert_eq!(search.holder[stop.ask as usize] as usize, car);
                        assert_eq!(trip.class, p.asks[stop.ask as usize].class);
                    }
                }
            }
            assert_eq!(beds, search.now.beds);
            assert!(seen.iter().all(|times| *times == 1));
            part = search.now;
        }
        assert!(made.iter().all(|made| *made > 50), "{made:?}");
    }
}
