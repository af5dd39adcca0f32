//! What a change of a tour would cost, without making it: a request joins a trip at a place, or opens one. A change within a trip
//! is priced in constant time from what stops keep; its effect on later trips walks them by `max(begin + span, floor)` until
//! the delay is absorbed, or the price is beyond what would still win.

use super::{
    problem::{Ask, Problem},
    tour::Tour,
};

/// The way to a request that opens a trip.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// It leaves with them.
    dep: i32,
    /// Price so far.
    price: i64,
    /// About what it costs at least with any site.
    pub least: i64,
}

impl Tour {
    /// Price of lateness on a trip if it begins then.
    #[cold]
    fn late_if(&self, p: &Problem, k: usize, begin: i32, first_service: i32) -> i64 {
        let trip = &self.trips[k];
        let (mut reach, mut late) = (begin, 0);
        for i in trip.first as usize..trip.end as usize {
            let stop = &self.stops[i];
            let ask = &p.asks[stop.ask as usize];
            let at = reach.max(ask.release);
            late += p.lateness(at, ask.due);
            if i + 1 < trip.end as usize {
                let service = if i == trip.first as usize { first_service } else { stop.dep - stop.at };
                reach = at + service + p.drive(stop.loc, self.stops[i + 1].loc);
            }
        }
        late
    }

    /// Price of lateness of the stops from `i` to the end of a trip when the stop before leaves so that `i` is reached then.
    #[cold]
    fn late_from(&self, p: &Problem, end: usize, i: usize, reach: i32, first_service: i32) -> i64 {
        let (mut reach, mut late) = (reach, 0);
        for j in i..end {
            let stop = &self.stops[j];
            let ask = &p.asks[stop.ask as usize];
            let at = reach.max(ask.release);
            late += p.lateness(at, ask.due);
            if j + 1 < end {
                let service = if j == i { first_service } else { stop.dep - stop.at };
                reach = at + service + p.drive(stop.loc, self.stops[j + 1].loc);
            }
        }
        late
    }

    fn late_now(&self, p: &Problem, from: usize, end: usize) -> i64 {
        self.stops[from..end].iter().map(|stop| p.lateness(stop.at, p.asks[stop.ask as usize].due)).sum()
    }

    /// Change of price from trip `k` on if all of it begins `shift` seconds later. None: not allowed, or at least `budget`.
    #[inline]
    pub fn shifted(&self, p: &Problem, k: usize, shift: i32, budget: i64) -> Option<i64> {
        let (mut delta, mut late_least, mut later) = (0_i64, 0_i64, false);
        let mut now = shift;
        for at in k..self.trips.len() {
            if now == 0 {
                break;
            }
            if delta + late_least >= budget {
                return None;
            }
            let trip = &self.trips[at];
            let begin = trip.begin + now;
            let arrive = (begin + trip.span).max(trip.floor);
            delta += trip.weight * i64::from(arrive - trip.arrive);
            if now > 0 && begin > trip.latest {
                // somebody more is late, or somebody later than before: by how much is looked at only if it can still win
                later = true;
                late_least += if trip.late == 0 { p.late() } else { 0 };
            }
            if now < 0 {
                let first = &self.stops[trip.first as usize];
                if begin > trip.latest || trip.late > 0 {
                    delta += self.late_if(p, at, begin, first.dep - first.at) - trip.late;
                }
                let dep = begin.max(p.asks[first.ask as usize].release) + first.dep - first.at;
                if arrive - dep > p.ride_limit {
                    return None;
                }
            }
            now = arrive - trip.arrive;
        }
        if now > 0 && self.finish + now > self.base.until {
            return None;
        }
        delta += i64::from(now);
        if later {
            if delta + late_least >= budget {
                return None;
            }
            delta += self.later(p, k, shift);
        }
        Some(delta)
    }

    /// How much more lateness costs from trip `k` on if all of it begins so much later.
    #[cold]
    fn later(&self, p: &Problem, k: usize, mut shift: i32) -> i64 {
        let mut more = 0;
        for at in k..self.trips.len() {
            let trip = &self.trips[at];
            let begin = trip.begin + shift;
            if begin > trip.latest {
                let first = &self.stops[trip.first as usize];
                more += self.late_if(p, at, begin, first.dep - first.at) - trip.late;
            }
            shift = (begin + trip.span).max(trip.floor) - trip.arrive;
            if shift == 0 {
                break;
            }
        }
        more
    }

    /// Change of price from trip `k` on if the vehicle comes to it from elsewhere: place, time, class of those before.
    #[inline]
    pub fn follow(&self, p: &Problem, car: usize, k: usize, from: (u32, i32, Option<u8>), budget: i64) -> Option<i64> {
        let (loc, now, class) = from;
        let Some(trip) = self.trips.get(k) else {
            let finish = now + p.drive(loc, p.cars[car].depot);
            return (finish <= self.base.until).then(|| i64::from(finish - self.finish));
        };
        let first = &self.stops[trip.first as usize];
        let ask = &p.asks[first.ask as usize];
        let cleaning = if class.is_some_and(|class| class != trip.class) { p.decontamination } else { 0 };
        let begin = now + cleaning + p.drive(loc, first.loc);
        let service = ask.load + p.stopping(loc, first.loc);
        let changed = service - (first.dep - first.at);
        let dep = begin.max(ask.release) + service;
        let arrive = (dep + first.after).max(first.least);
        let mut delta = trip.weight * i64::from(arrive - trip.arrive) - ask.weight * i64::from(changed);
        if delta >= budget {
            return None;
        }
        let mut late = begin > trip.latest || trip.late > 0 || changed > 0;
        if late {
            if changed <= 0 && begin > trip.latest && trip.late == 0 && delta + p.late() >= budget {
                return None;
            }
            // lateness that can only grow is looked at last
            if begin < trip.begin || changed < 0 {
                delta += self.late_if(p, k, begin, service) - trip.late;
                late = false;
            }
        }
        if arrive - dep > p.ride_limit {
            return None;
        }
        if p.ride_at_any_start && first.after.max(first.least - ask.release - service) > p.ride_limit {
            return None;
        }
        delta += self.shifted(p, k + 1, arrive - trip.arrive, budget - delta)?;
        if late && delta < budget {
            delta += self.late_if(p, k, begin, service) - trip.late;
        }
        Some(delta)
    }

    /// Least price of what trips from `k` on lose when the vehicle is free at some site no sooner than `free`.
    #[inline]
    fn least_delay(&self, p: &Problem, k: usize, free: i32, class: u8, budget: i64) -> i64 {
        let Some(next) = self.trips.get(k) else { return 0 };
        let first = &self.stops[next.first as usize];
        let cleaning = if class == next.class { 0 } else { p.decontamination };
        let mut begin = free + cleaning + p.asks[first.ask as usize].from_site;
        let mut delta = 0;
        for at in k..self.trips.len() {
            let trip = &self.trips[at];
            let shift = (begin + trip.span).max(trip.floor) - trip.arrive;
            if shift <= 0 || delta >= budget {
                break;
            }
            delta += trip.weight * i64::from(shift);
            if begin > trip.latest && trip.late == 0 {
                delta += p.late();
            }
            if let Some(next) = self.trips.get(at + 1) {
                begin = next.begin + shift;
            }
        }
        delta
    }

    /// How a vehicle comes to a request that opens a trip before trip `k`: the same for every site.
    #[inline]
    pub fn way(&self, p: &Problem, k: usize, ask: &Ask, budget: i64) -> Way {
        let (loc, now) = self.leaves(p, k, ask.class);
        let leg = p.drive(loc, ask.loc);
        let at = (now + leg).max(ask.release);
        let service = ask.load + p.stopping(loc, ask.loc);
        let mut price = p.lateness(at, ask.due) - ask.weight * i64::from(ask.release + service);
        if k == 0 && self.base.started.is_none() {
            price += i64::from(self.start - (ask.release - leg).max(now));
        }
        let dep = at + service;
        let arrive = dep + ask.nearest;
        let least = price + ask.weight * i64::from(arrive);
        let least =
            least + self.least_delay(p, k, arrive + p.unloading_least + ask.load_off, ask.class, budget - least);
        Way { dep, price, least }
    }

    /// Price of a request that opens a trip before trip `k`.
    #[inline]
    #[allow(clippy::too_many_arguments)]
    pub fn price_open(
        &self,
        p: &Problem,
        car: usize,
        k: usize,
        ask: &Ask,
        way: &Way,
        site: usize,
        budget: i64,
    ) -> Option<i64> {
        let site_loc = p.sites[site].loc;
        let ride = p.drive(ask.loc, site_loc);
        let arrive = way.dep + ride;
        let delta = way.price + ask.weight * i64::from(arrive) + p.second(site, ask);
        if ride > p.ride_limit || delta >= budget {
            return None;
        }
        let free = arrive + p.unloading(site, ask.loc, ask.persons);
        self.follow(p, car, k, (site_loc, free, Some(ask.class)), budget - delta).map(|more| delta + more)
    }

    /// Price of a request that joins trip `k` as its stop `i` (index in `stops`).
    #[inline]
    pub fn price_join(&self, p: &Problem, k: usize, i: usize, ask: &Ask, budget: i64) -> Option<i64> {
        let trip = &self.trips[k];
        let (first, end) = (trip.first as usize, trip.end as usize);
        let mut delta = 0_i64;
        let (loc, leaves) = if i > first {
            let before = &self.stops[i - 1];
            let planned = k == 0 && i == self.base.frozen as usize;
            (before.loc, if planned { before.dep.max(self.base.ready) } else { before.dep })
        } else {
            let (loc, now) = self.leaves(p, k, ask.class);
            if k == 0 && self.base.started.is_none() {
                delta += i64::from(self.start - (ask.release - p.drive(loc, ask.loc)).max(now));
            }
            (loc, now)
        };
        let at = (leaves + p.drive(loc, ask.loc)).max(ask.release);
        let service = ask.load + p.stopping(loc, ask.loc);
        let dep = at + service;
        delta += p.lateness(at, ask.due) - ask.weight * i64::from(ask.release + service);
        delta += p.second(trip.site as usize, ask);
        let site_loc = p.sites[trip.site as usize].loc;
        let (arrive, last, mut ride_ok);
        if i < end {
            let next = &self.stops[i];
            let next_ask = &p.asks[next.ask as usize];
            let reach = dep + p.drive(ask.loc, next.loc);
            let next_service = next_ask.load + p.stopping(ask.loc, next.loc);
            let next_dep = reach.max(next_ask.release) + next_service;
            arrive = (next_dep + next.after).max(next.least);
            delta -= next_ask.weight * i64::from(next_service - (next.dep - next.at));
            if reach > next_ask.due || next_dep > next.latest || trip.late > 0 {
                delta += self.late_from(p, end, i, reach, next_service) - self.late_now(p, i, end);
            }
            last = self.stops[end - 1].loc;
            ride_ok = i > first || arrive - dep <= p.ride_limit;
            if p.ride_at_any_start {
                // from this stop to the site, however late it begins
                let after = p.drive(ask.loc, next.loc) + next_service + next.after;
                let least = next.least.max(next_ask.release + next_service + next.after);
                ride_ok &= self.ride_if(p, k, i, (dep - at) + p.drive(loc, ask.loc), ask, after, least);
            }
        } else {
            arrive = dep + p.drive(ask.loc, site_loc);
            last = ask.loc;
            ride_ok = true;
            if p.ride_at_any_start {
                let after = p.drive(ask.loc, site_loc);
                ride_ok = self.ride_if(p, k, i, (dep - at) + p.drive(loc, ask.loc), ask, after, i32::MIN / 4);
            }
        }
        let load = trip.load + ask.persons;
        delta += (trip.weight + ask.weight) * i64::from(arrive) - trip.weight * i64::from(trip.arrive);
        if i > first && arrive - self.stops[first].dep > p.ride_limit {
            ride_ok = false;
        }
        if !ride_ok || delta >= budget {
            return None;
        }
        let free = arrive + p.unloading(trip.site as usize, last, load);
        if k + 1 == self.trips.len() {
            // the way home is the same but for its beginning
            let shift = free - trip.free;
            return (self.finish + shift <= self.base.until).then(|| delta + i64::from(shift));
        }
        self.shifted(p, k + 1, free - trip.free, budget - delta).map(|more| delta + more)
    }

    /// Whether the first on board rides within the limit whenever the trip begins, once a request stands as stop `i`.
    #[cold]
    #[allow(clippy::too_many_arguments)]
    fn ride_if(&self, p: &Problem, k: usize, i: usize, step: i32, ask: &Ask, after: i32, least: i32) -> bool {
        let trip = &self.trips[k];
        let service = step
            - p.drive(
                if i > trip.first as usize { self.stops[i - 1].loc } else { self.leaves(p, k, ask.class).0 },
                ask.loc,
            );
        // function of the departure from the new stop, carried back to the first
        let (mut after, mut least) = (after, least);
        if i == trip.first as usize {
            return after.max(least - ask.release - service) <= p.ride_limit;
        }
        least = least.max(ask.release + service + after);
        after += step;
        for j in (trip.first as usize + 1..i).rev() {
            let stop = &self.stops[j];
            let hold = stop.dep - stop.at;
            least = least.max(p.asks[stop.ask as usize].release + hold + after);
            after += hold + p.drive(self.stops[j - 1].loc, stop.loc);
        }
        let first = &self.stops[trip.first as usize];
        let earliest = p.asks[first.ask as usize].release + first.dep - first.at;
        after.max(least - earliest) <= p.ride_limit
    }
}
