//! The search over a set of vehicles and requests: takes some requests out, puts them back where they cost least, and keeps the
//! new plan or returns to the old one by annealing. Only tours that were touched are copied. It sees no clock: whoever runs it
//! says after each round how far the budget is used.

use super::{
    instance::Instance,
    luck::Luck,
    plan::{Itinerary, Step},
    problem::{Problem, fits},
    tour::{Base, Stop, Tour, Trip},
};

/// Held by nobody.
pub(super) const NOBODY: u32 = u32::MAX;
/// Requests without a place that are tried again in one iteration.
const RETRIES: usize = 8;
/// Tours of near requests that are looked at first.
const FIRST_LOOKS: usize = 6;
/// One iteration in so many changes the facility of a trip instead.
const CHANGE_ONE_IN: usize = 16;
/// One change of whole trips in so many swaps the later trips of two vehicles.
const TAILS_ONE_IN: usize = 2;
/// One candidate in so many is overlooked, so that the best one is not always taken.
const BLINK: usize = 50;

/// Where a request could go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot {
    pub price: i64,
    /// Local index of the vehicle.
    pub car: u32,
    pub trip: u32,
    /// Stop within the tour at which it joins; `NOBODY`: it opens a trip.
    pub stop: u32,
    pub site: u16,
}

/// Part of a plan that can be searched alone.
#[derive(Debug, Clone)]
pub(super) struct Part {
    /// Vehicles, by index in the problem.
    pub cars: Vec<u32>,
    pub tours: Vec<Tour>,
    /// Requests without a place.
    pub absent: Vec<u32>,
    /// Beds not taken, as in the problem.
    pub beds: Vec<i32>,
}

impl Part {
    pub fn cost(&self, p: &Problem) -> i64 {
        self.tours.iter().map(|tour| tour.cost).sum::<i64>()
            + self.absent.iter().map(|ask| p.asks[*ask as usize].unserved).sum::<i64>()
    }

    /// A plan that was written down. None: a step that the search does not know (people who get off at two places), an id
    /// that is unknown or comes twice.
    pub fn of_plan(p: &Problem, instance: &Instance, plan: &Itinerary, bases: &[Base]) -> Option<Part> {
        let mut part = Part::empty(p, bases);
        let mut placed = vec![false; p.asks.len()];
        for route in &plan.routes {
            let car = instance.trucks.iter().position(|truck| truck.id == route.vehicle)?;
            let tour = &mut part.tours[car];
            let mut from = tour.stops.len() as u32;
            for step in &route.steps {
                match step {
                    Step::Pickup(id) => {
                        let ask = instance.requests.iter().position(|request| request.id == *id)?;
                        if std::mem::replace(&mut placed[ask], true) {
                            return None;
                        }
                        tour.stops.push(Stop { ask: ask as u32, loc: p.asks[ask].loc, ..Stop::default() });
                    }
                    Step::Dropoff(id, None) => {
                        let site = instance.facilities.iter().position(|facility| facility.id == *id)?;
                        let end = tour.stops.len() as u32;
                        let class = p.asks[tour.stops.get(from as usize)?.ask as usize].class;
                        tour.trips.push(Trip { first: from, end, site: site as u16, class, ..Trip::default() });
                        for stop in &tour.stops[from as usize..] {
                            let ask = &p.asks[stop.ask as usize];
                            p.take(&mut part.beds, site as u16, ask, 1);
                        }
                        from = end;
                    }
                    Step::Dropoff(_, Some(_)) => return None,
                }
            }
            if from as usize != tour.stops.len() {
                return None;
            }
            tour.refresh(p, car);
        }
        part.absent.retain(|ask| !placed[*ask as usize]);
        Some(part)
    }

    /// Everything still to be placed.
    pub fn empty(p: &Problem, bases: &[Base]) -> Part {
        Part {
            cars: (0..p.cars.len() as u32).collect(),
            tours: bases.iter().map(|base| Tour::new(*base)).collect(),
            absent: (0..p.asks.len() as u32).collect(),
            beds: p.beds.clone(),
        }
    }
}

pub(super) struct Search<'p> {
    pub p: &'p Problem,
    pub now: Part,
    pub cost: i64,
    pub best: Part,
    pub best_cost: i64,
    /// Local index of the vehicle of each request of the problem.
    pub holder: Vec<u32>,
    pub luck: Luck,
    pub iterations: u64,
    /// Tours as they were before this iteration.
    saved: Vec<(u32, Tour)>,
    spare: Vec<Tour>,
    touched: Vec<bool>,
    /// Tours changed since the best plan was kept.
    dirty: Vec<bool>,
    dirty_list: Vec<u32>,
    saved_absent: Vec<u32>,
    saved_beds: Vec<i32>,
    /// Requests of this part.
    pub members: Vec<u32>,
    pub removed: Vec<u32>,
    until_blink: usize,
    /// Tours looked at for the request at hand.
    looked: Vec<u32>,
    look: u32,
    pub mark: Vec<u32>,
    pub epoch: u32,
}

impl<'p> Search<'p> {
    pub fn new(p: &'p Problem, mut part: Part, luck: Luck) -> Search<'p> {
        let mut holder = vec![NOBODY; p.asks.len()];
        let mut members = part.absent.clone();
        for (local, tour) in part.tours.iter_mut().enumerate() {
            tour.refresh(p, part.cars[local] as usize);
            let frozen = tour.base.frozen;
            for (i, stop) in tour.stops.iter().enumerate() {
                holder[stop.ask as usize] = local as u32;
                if i as u32 >= frozen {
                    members.push(stop.ask);
                }
            }
        }
        members.sort_unstable();
        let (cost, cars) = (part.cost(p), part.cars.len());
        Search {
            p,
            best: part.clone(),
            best_cost: cost,
            now: part,
            cost,
            holder,
            luck,
            iterations: 0,
            saved: Vec::new(),
            spare: Vec::new(),
            touched: vec![false; cars],
            dirty: vec![false; cars],
            dirty_list: Vec::new(),
            saved_absent: Vec::new(),
            saved_beds: Vec::new(),
            members,
            removed: Vec::new(),
            until_blink: BLINK,
            looked: vec![0; cars],
            look: 0,
            mark: vec![0; p.asks.len()],
            epoch: 0,
        }
    }

    /// Keeps a tour as it is, once in an iteration, before it is changed.
    pub fn touch(&mut self, car: u32) {
        if std::mem::replace(&mut self.touched[car as usize], true) {
            return;
        }
        let tour = &self.now.tours[car as usize];
        let kept = match self.spare.pop() {
            Some(mut kept) => {
                kept.clone_from(tour);
                kept
            }
            None => tour.clone(),
        };
        self.saved.push((car, kept));
    }

    fn begin(&mut self) {
        self.saved_absent.clone_from(&self.now.absent);
        self.saved_beds.clone_from(&self.now.beds);
        self.removed.clear();
    }

    /// Goes on from the changed plan.
    fn keep(&mut self, cost: i64) {
        for (car, tour) in self.saved.drain(..) {
            self.touched[car as usize] = false;
            if !std::mem::replace(&mut self.dirty[car as usize], true) {
                self.dirty_list.push(car);
            }
            self.spare.push(tour);
        }
        self.cost = cost;
        if cost < self.best_cost {
            self.best_cost = cost;
            for car in self.dirty_list.drain(..) {
                self.dirty[car as usize] = false;
                self.best.tours[car as usize].clone_from(&self.now.tours[car as usize]);
            }
            self.best.absent.clone_from(&self.now.absent);
            self.best.beds.clone_from(&self.now.beds);
        }
    }

    /// Goes back to the plan before.
    fn undo(&mut self) {
        for ask in &self.removed {
            self.holder[*ask as usize] = NOBODY;
        }
        for (car, tour) in self.saved.drain(..) {
            self.touched[car as usize] = false;
            let changed = std::mem::replace(&mut self.now.tours[car as usize], tour);
            for stop in &self.now.tours[car as usize].stops {
                self.holder[stop.ask as usize] = car;
            }
            self.spare.push(changed);
        }
        std::mem::swap(&mut self.now.absent, &mut self.saved_absent);
        std::mem::swap(&mut self.now.beds, &mut self.saved_beds);
    }

    /// Prices both plans again, after a price has changed.
    pub fn reprice(&mut self) {
        for part in [&mut self.now, &mut self.best] {
            for (local, tour) in part.tours.iter_mut().enumerate() {
                tour.refresh(self.p, part.cars[local] as usize);
            }
        }
        self.cost = self.now.cost(self.p);
        self.best_cost = self.best.cost(self.p);
    }

    fn changed_cost(&self) -> i64 {
        let price = |list: &[u32]| list.iter().map(|ask| self.p.asks[*ask as usize].unserved).sum::<i64>();
        let tours: i64 = self.saved.iter().map(|(car, old)| self.now.tours[*car as usize].cost - old.cost).sum();
        self.cost + tours + price(&self.now.absent) - price(&self.saved_absent)
    }

    /// One iteration at a temperature in person-seconds: people are taken out and put back, then trips are moved whole, which costs
    /// little beside that. Each is kept or not for itself.
    pub fn step(&mut self, temperature: f64) {
        self.iterations += 1;
        self.attempt(temperature, |search| {
            if search.luck.below(CHANGE_ONE_IN) == 0 {
                return search.change_site();
            }
            search.ruin();
            search.recreate();
            true
        });
        self.attempt(temperature, |search| {
            if search.luck.below(TAILS_ONE_IN) == 0 { search.swap_tails() } else { search.move_trip() }
        });
    }

    /// A change, which says whether there was any to be made.
    fn attempt(&mut self, temperature: f64, change: impl FnOnce(&mut Self) -> bool) {
        self.begin();
        if !change(self) {
            return self.undo();
        }
        let cost = self.changed_cost();
        let limit = self.cost as f64 - temperature * (1.0 - self.luck.unit()).ln();
        if (cost as f64) < limit { self.keep(cost) } else { self.undo() }
    }

    /// Places whom nobody has placed yet, once.
    pub fn fill(&mut self, order: &[u32]) {
        self.begin();
        self.now.absent.clear();
        self.removed.extend_from_slice(order);
        for ask in order {
            self.place(*ask);
        }
        let cost = self.changed_cost();
        self.keep(cost);
    }

    fn recreate(&mut self) {
        let mut list = std::mem::take(&mut self.removed);
        // whom there was no place for: a few of them, so that hopeless ones do not eat the time
        let absent = self.now.absent.len();
        for turn in 0..RETRIES.min(absent) {
            let at = turn + self.luck.below(absent - turn);
            self.now.absent.swap(turn, at);
        }
        list.extend(self.now.absent.drain(..RETRIES.min(absent)));
        let p = self.p;
        let asks = &p.asks;
        match self.luck.below(10) {
            0..=2 => self.luck.shuffle(&mut list),
            3..=5 => list.sort_by_key(|ask| (-asks[*ask as usize].persons, *ask)),
            6 => list.sort_by_key(|ask| (asks[*ask as usize].release, *ask)),
            7 => list.sort_by_key(|ask| (-asks[*ask as usize].nearest, *ask)),
            8 => list.sort_by_key(|ask| (asks[*ask as usize].nearest, *ask)),
            _ => list.sort_by_key(|ask| (asks[*ask as usize].due, *ask)),
        }
        for ask in &list {
            self.place(*ask);
        }
        self.removed = list;
    }

    /// Puts a request where it costs least; without a place it stays absent.
    fn place(&mut self, ask: u32) {
        let mut tries = 0;
        while let Some(spot) = self.best_spot(ask, self.p.asks[ask as usize].unserved) {
            if self.put(ask, spot) {
                return;
            }
            tries += 1;
            if tries > 2 {
                break;
            }
        }
        self.now.absent.push(ask);
    }

    /// Makes the change; false if the tour as a whole would break a rule, and nothing is changed then.
    pub fn put(&mut self, ask: u32, spot: Spot) -> bool {
        self.touch(spot.car);
        let p = self.p;
        let car = self.now.cars[spot.car as usize] as usize;
        let tour = &mut self.now.tours[spot.car as usize];
        if spot.stop == NOBODY {
            tour.open(p, spot.trip as usize, spot.site, ask);
        } else {
            tour.join(p, spot.trip as usize, spot.stop as usize, ask);
        }
        let before = tour.cost;
        if tour.refresh(p, car).is_some() {
            tour.remove(|stop| stop.ask == ask);
            tour.refresh(p, car);
            return false;
        }
        debug_assert_eq!(tour.cost - before, spot.price, "the price of a change is what it costs");
        let ask_data = &p.asks[ask as usize];
        p.take(&mut self.now.beds, spot.site, ask_data, 1);
        self.holder[ask as usize] = spot.car;
        true
    }

    /// The cheapest place of a request below a price.
    pub fn best_spot(&mut self, ask: u32, below: i64) -> Option<Spot> {
        let p = self.p;
        let mut found = Found { price: below, spot: None };
        self.look += 1;
        // where those near it are: a good price at once, beside which most others need no look
        let mut looked = 0;
        for near in p.near(ask as usize) {
            let car = self.holder[*near as usize];
            if car == NOBODY || self.looked[car as usize] == self.look {
                continue;
            }
            self.looked[car as usize] = self.look;
            self.look_at(ask, car, &mut found);
            looked += 1;
            if looked == FIRST_LOOKS {
                break;
            }
        }
        for car in 0..self.now.cars.len() as u32 {
            if self.looked[car as usize] != self.look {
                self.look_at(ask, car, &mut found);
            }
        }
        found.spot
    }

    /// The cheapest place of a request in one tour.
    fn look_at(&mut self, ask: u32, local: u32, found: &mut Found) {
        let p = self.p;
        let a = &p.asks[ask as usize];
        let car = self.now.cars[local as usize] as usize;
        if !p.suits(ask, car) {
            return;
        }
        let (weight, release) = (a.weight, a.release);
        let (there, wanted) = (p.cars[car].places, a.places);
        let rest = [there[0] - wanted[0], there[1] - wanted[1], there[2] - wanted[2]];
        let soonest = release + a.load + a.nearest + p.unloading_least;
        let tour = &self.now.tours[local as usize];
        for k in 0..=tour.trips.len() {
            // opens a trip before trip k
            let shut = k == 0 && (tour.base.frozen > 0 || tour.base.bound);
            let free = if k == 0 { tour.base.ready } else { tour.trips[k - 1].free };
            if weight * i64::from((free - release).max(0) + a.nearest) >= found.price {
                break;
            }
            // a trip that begins before anybody could be brought anywhere would be held up for sure
            let early = tour.trips.get(k).map_or(0, |next| {
                let delay = soonest.max(free) - next.begin.max(next.floor - next.span);
                next.weight * i64::from(delay.max(0))
            });
            if !shut && weight * i64::from(a.nearest) + early < found.price {
                let way = tour.way(p, k, a, found.price);
                if way.least < found.price {
                    for site in &p.open[a.ward as usize] {
                        let site = *site as usize;
                        if p.room(&self.now.beds, site, a.ward) < a.persons
                            || !p.allows(ask, site)
                            || blink(&mut self.until_blink, &mut self.luck)
                        {
                            continue;
                        }
                        if let Some(price) = tour.price_open(p, car, k, a, &way, site, found.price)
                            && price < found.price
                        {
                            let spot = Spot { price, car: local, trip: k as u32, stop: NOBODY, site: site as u16 };
                            *found = Found { price, spot: Some(spot) };
                        }
                    }
                }
            }
            // joins trip k
            let Some(trip) = tour.trips.get(k) else { break };
            let site = trip.site as usize;
            if trip.class != a.class
                || !fits(trip.places, rest)
                || p.room(&self.now.beds, site, a.ward) < a.persons
                || !p.allows(ask, site)
                || (k == 0 && tour.base.bound)
            {
                continue;
            }
            let direct = release + a.load + p.drive(a.loc, p.sites[site].loc);
            let least = weight * i64::from(trip.arrive.max(direct) - release - a.load - p.stop)
                + trip.weight * i64::from((direct - trip.arrive).max(0));
            if least >= found.price {
                continue;
            }
            let (first, end) = (trip.first + if k == 0 { tour.base.frozen } else { 0 }, trip.end);
            for i in first..=end {
                if blink(&mut self.until_blink, &mut self.luck) {
                    continue;
                }
                if let Some(price) = tour.price_join(p, k, i as usize, a, found.price)
                    && price < found.price
                {
                    let spot = Spot { price, car: local, trip: k as u32, stop: i, site: site as u16 };
                    *found = Found { price, spot: Some(spot) };
                }
            }
        }
    }
}

/// The best place so far.
struct Found {
    price: i64,
    spot: Option<Spot>,
}

#[inline]
fn blink(until: &mut usize, luck: &mut Luck) -> bool {
    *until -= 1;
    if *until == 0 {
        *until = 1 + luck.below(2 * BLINK);
        return true;
    }
    false
}
