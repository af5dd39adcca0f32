//! Which laboratory takes which box, so that the last result of the round is earliest and no laboratory gets more tubes than it is
//! validated for; among such assignments the cheapest. The latest time is found by halving: first box by box, hours filled from
//! their end; then, of some hundred boxes, by a min-cost flow over the capacity that laboratories have until the time tried. What
//! is under way stays where it goes, so the same call plans again when loads change. `examine` judges any assignment and shares
//! nothing with the search.

mod examine;
mod flow;
mod queue;

pub use super::chart::Point;
pub use examine::{Examined, examine};
use queue::Clock;
use serde::Serialize;

/// A box of tubes.
#[derive(Clone, Debug, PartialEq)]
pub struct TubeBox {
    /// Its name.
    pub name: String,
    /// Where it waits.
    pub at: Point,
    /// When it can be fetched, minutes of the round.
    pub ready_min: f64,
    /// Tubes in it.
    pub tubes: u32,
    /// Laboratory that it is on the way to, or at: it stays so.
    pub under_way: Option<u32>,
}

/// A laboratory.
#[derive(Clone, Debug, PartialEq)]
pub struct Laboratory {
    /// Its id.
    pub name: String,
    /// Where it stands.
    pub at: Point,
    /// Whether it is in the city.
    pub in_city: bool,
    /// Tubes that it is validated for in this round, at most.
    pub validated: u32,
    /// Tubes that it takes in an hour.
    pub tubes_an_hour: f64,
    /// Opening hours, minutes of the round, in order; tubes are taken into work only then.
    pub open: Vec<(f64, f64)>,
    /// Minutes from being taken into work to the result.
    pub turnaround_min: f64,
    /// Price of a test.
    pub price: f64,
    /// Minutes to it from anywhere, where the way is no matter of distance (a night train, an aeroplane).
    pub travel_min: Option<f64>,
}

/// How boxes travel.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Roads {
    /// Speed, km an hour.
    pub vehicle_kmh: f64,
    /// Way over the straight line.
    pub detour: f64,
    /// Price of an hour of a box on its way.
    pub hour_price: f64,
}

impl Default for Roads {
    fn default() -> Self {
        Roads { vehicle_kmh: 25.0, detour: 1.35, hour_price: 0.0 }
    }
}

impl Roads {
    /// Minutes from a box to a laboratory.
    pub fn minutes(&self, from: &TubeBox, to: &Laboratory) -> f64 {
        to.travel_min.unwrap_or_else(|| from.at.metres(to.at) * self.detour / (self.vehicle_kmh * 1000.0 / 60.0))
    }
}

/// An assignment.
#[derive(Clone, Debug, PartialEq)]
pub struct Assignment {
    /// Laboratory of each box; none where no validated capacity was left.
    pub to: Vec<Option<u32>>,
    /// Time before which no assignment can have its last result, minutes: every box at its nearest laboratory, all rates together.
    pub bound_min: f64,
    /// Times tried.
    pub tried: u32,
}

/// Times that are tried.
const TRIES_MAX: u32 = 10;
/// Minutes below which a better time is not looked for.
const CLOSE_MIN: f64 = 2.0;
/// How often capacities are lowered to what arrives in time, for one time tried.
const CUTS_MAX: u32 = 4;
/// Boxes up to which each is a unit of the flow; beyond, boxes that wait near each other in the
/// same hour are one, and about so many of those there are.
const SINGLE_MAX: usize = 1_500;
/// Parts of a day, all laboratories together, in which capacity is kept apart: what arrives late cannot use the hours before.
const PARTS_MAX: usize = 120;
/// Shares of the most time to spare beside which a laboratory is looked at, the cheapest way first.
const SPARED: [f64; 6] = [0.0, 0.2, 0.4, 0.6, 0.8, 0.95];
/// Boxes of the last laboratory that are tried elsewhere, and how often, when the flow has done its part.
const TRIED_MAX: usize = 40;
/// See above.
const ROUNDS_MAX: u32 = 200;

/// Assigns boxes. Boxes beyond what all laboratories are validated for stay without one, the latest first.
pub fn assign(boxes: &[TubeBox], laboratories: &[Laboratory], roads: &Roads) -> Assignment {
    let clocks: Vec<Clock> = laboratories.iter().map(Clock::new).collect();
    let mut left: Vec<u32> = laboratories.iter().map(|laboratory| laboratory.validated).collect();
    let to: Vec<Option<u32>> = boxes.iter().map(|one| one.under_way).collect();
    for one in boxes {
        if let Some(at) = one.under_way {
            left[at as usize] = left[at as usize].saturating_sub(one.tubes);
        }
    }
    let mut free: Vec<u32> = (0..boxes.len() as u32).filter(|at| to[*at as usize].is_none()).collect();
    free.sort_by(|a, b| boxes[*a as usize].ready_min.total_cmp(&boxes[*b as usize].ready_min).then(a.cmp(b)));
    // a box too many has no laboratory, and its place in the queue is nobody's loss
    let mut room: u64 = left.iter().map(|tubes| u64::from(*tubes)).sum();
    free.retain(|at| {
        let tubes = u64::from(boxes[*at as usize].tubes);
        let fits = tubes <= room;
        room -= if fits { tubes } else { 0 };
        fits
    });
    let search = Search::new(boxes, laboratories, roads, &clocks, groups(boxes, &free));
    let bound_min = search.bound(&free, &to);
    let mut best = search.nearest(&free, &to, &left);
    let mut tried = 0;
    let (mut low, mut high) = (bound_min, search.last(&best));
    let mut cost = f64::INFINITY;
    let mut filled = false;
    if let Some((found, last)) = search.filled_from_the_end(&to, &left, (bound_min, high)) {
        (best, high, filled) = (found, last, true);
    }
    // many boxes fill hours as evenly as tubes do; units of many boxes are coarser than that
    let flowing = !filled || free.len() <= SINGLE_MAX;
    while flowing && tried < TRIES_MAX && (high - low > CLOSE_MIN || cost.is_infinite()) && high.is_finite() {
        // the time that is known to do is tried too, for its cost
        let time = if high - low > CLOSE_MIN { 0.5 * (low + high) } else { high };
        tried += 1;
        match search.within(time, &to, &left) {
            Some((found, last, price)) => {
                (best, cost) = (found, price);
                high = last.min(time);
            }
            None if time >= high => break,
            None => low = time,
        }
    }
    search.shorten(&mut best, &to, &left);
    Assignment { to: best, bound_min, tried }
}

/// Every box to the nearest laboratory that has validated capacity left: what is done without planning.
pub fn nearest(boxes: &[TubeBox], laboratories: &[Laboratory], roads: &Roads) -> Vec<Option<u32>> {
    let clocks: Vec<Clock> = laboratories.iter().map(Clock::new).collect();
    let mut left: Vec<u32> = laboratories.iter().map(|laboratory| laboratory.validated).collect();
    let to: Vec<Option<u32>> = boxes.iter().map(|one| one.under_way).collect();
    for one in boxes {
        if let Some(at) = one.under_way {
            left[at as usize] = left[at as usize].saturating_sub(one.tubes);
        }
    }
    let mut free: Vec<u32> = (0..boxes.len() as u32).filter(|at| to[*at as usize].is_none()).collect();
    free.sort_by(|a, b| boxes[*a as usize].ready_min.total_cmp(&boxes[*b as usize].ready_min).then(a.cmp(b)));
    Search::new(boxes, laboratories, roads, &clocks, Vec::new()).nearest(&free, &to, &left)
}

/// Boxes that are one unit of the flow.
struct Group {
    boxes: Vec<u32>,
    tubes: u32,
}

fn groups(boxes: &[TubeBox], free: &[u32]) -> Vec<Group> {
    if free.len() <= SINGLE_MAX {
        return free.iter().map(|at| Group { boxes: vec![*at], tubes: boxes[*at as usize].tubes }).collect();
    }
    // cells of about two kilometres, and larger ones until there are few enough
    let mut side = 0.02;
    loop {
        let mut cells = std::collections::BTreeMap::<(i64, i64, i64), Group>::new();
        for at in free {
            let one = &boxes[*at as usize];
            let cell = |degrees: f64| (degrees / side).floor() as i64;
            let key = ((one.ready_min / 60.0).floor() as i64, cell(one.at.lon), cell(one.at.lat));
            let group = cells.entry(key).or_insert(Group { boxes: Vec::new(), tubes: 0 });
            group.boxes.push(*at);
            group.tubes += one.tubes;
        }
        if cells.len() <= 2 * SINGLE_MAX || side > 10.0 {
            return cells.into_values().collect();
        }
        side *= 1.5;
    }
}

struct Search<'a> {
    boxes: &'a [TubeBox],
    laboratories: &'a [Laboratory],
    roads: &'a Roads,
    clocks: &'a [Clock],
    groups: Vec<Group>,
    /// Minutes from every box to every laboratory, box by box: asked for again and again.
    ways: Vec<f64>,
}

impl<'a> Search<'a> {
    fn new(
        boxes: &'a [TubeBox],
        laboratories: &'a [Laboratory],
        roads: &'a Roads,
        clocks: &'a [Clock],
        groups: Vec<Group>,
    ) -> Search<'a> {
        let ways = boxes.iter().flat_map(|one| laboratories.iter().map(|laboratory| roads.minutes(one, laboratory)));
        let ways = ways.collect();
        Search { boxes, laboratories, roads, clocks, groups, ways }
    }

    fn way(&self, at: u32, laboratory: usize) -> f64 {
        self.ways[at as usize * self.laboratories.len() + laboratory]
    }

    fn arrival(&self, at: u32, laboratory: usize) -> f64 {
        self.boxes[at as usize].ready_min + self.way(at, laboratory)
    }

    /// Loads of every laboratory: (arrival, tubes) of its boxes.
    fn loads(&self, to: &[Option<u32>]) -> Vec<Vec<(f64, u32)>> {
        let mut loads = vec![Vec::new(); self.laboratories.len()];
        for (at, laboratory) in to.iter().enumerate() {
            if let Some(laboratory) = laboratory {
                let arrival = self.arrival(at as u32, *laboratory as usize);
                loads[*laboratory as usize].push((arrival, self.boxes[at].tubes));
            }
        }
        loads
    }

    /// Time of the last result.
    fn last(&self, to: &[Option<u32>]) -> f64 {
        let mut loads = self.loads(to);
        let last = loads.iter_mut().zip(self.clocks).map(|(load, clock)| clock.last(load));
        last.fold(0.0, f64::max)
    }

    fn nearest(&self, free: &[u32], to: &[Option<u32>], left: &[u32]) -> Vec<Option<u32>> {
        let (mut to, mut left) = (to.to_vec(), left.to_vec());
        for at in free {
            let tubes = self.boxes[*at as usize].tubes;
            let fits = (0..self.laboratories.len())
                .filter(|laboratory| left[*laboratory] >= tubes && self.clocks[*laboratory].ever());
            let way = |laboratory: usize| self.way(*at, laboratory);
            if let Some(best) = fits.min_by(|a, b| way(*a).total_cmp(&way(*b)).then(a.cmp(b))) {
                left[best] -= tubes;
                to[*at as usize] = Some(best as u32);
            }
        }
        to
    }

    /// Box by box from the end of the round, so that hours are filled from the time of the last result back: a box may go wherever
    /// the hours that are left begin after it arrives. Of these it goes to the cheapest among those with most time to spare. The
    /// earliest time at which this finds room for every box, by halving, with the cheapest such assignment; none that is sooner
    /// than the later of two times that are known.
    fn filled_from_the_end(
        &self,
        fixed: &[Option<u32>],
        left: &[u32],
        known: (f64, f64),
    ) -> Option<(Vec<Option<u32>>, f64)> {
        let mut order: Vec<u32> = self.groups.iter().flat_map(|group| group.boxes.iter().copied()).collect();
        order.extend((0..fixed.len() as u32).filter(|at| fixed[*at as usize].is_some()));
        order.sort_by(|a, b| {
            let ready = |at: &u32| self.boxes[*at as usize].ready_min;
            ready(b).total_cmp(&ready(a)).then(a.cmp(b))
        });
        let (mut low, mut high) = known;
        let mut best = None;
        while high - low > 0.5 * CLOSE_MIN && high.is_finite() {
            let time = 0.5 * (low + high);
            match self.filled(time, &order, fixed, left, 1.0) {
                Some(found) => (best, high) = (Some(found), time),
                None => low = time,
            }
        }
        let best = best?;
        let cheaper = SPARED.iter().find_map(|spared| self.filled(high, &order, fixed, left, *spared));
        let best = cheaper.unwrap_or(best);
        let last = self.last(&best);
        Some((best, last))
    }

    /// Every box at a laboratory whose hours before a time are filled from their end, or none if one finds no room. A laboratory is
    /// looked at if it has at least this share of the time to spare that the one with most of it has.
    fn filled(
        &self,
        time: f64,
        order: &[u32],
        fixed: &[Option<u32>],
        left: &[u32],
        share: f64,
    ) -> Option<Vec<Option<u32>>> {
        let mut ends: Vec<f64> = self.clocks.iter().map(|clock| time - clock.turnaround()).collect();
        let (mut to, mut left) = (fixed.to_vec(), left.to_vec());
        let mut fits: Vec<(f64, f64, usize)> = Vec::with_capacity(ends.len());
        for at in order {
            let (tubes, given) = (self.boxes[*at as usize].tubes, fixed[*at as usize]);
            fits.clear();
            for (laboratory, clock) in self.clocks.iter().enumerate() {
                let open = given.map_or(left[laboratory] >= tubes, |given| given as usize == laboratory);
                let begin = if open { clock.begun(ends[laboratory], tubes.into()) } else { f64::NEG_INFINITY };
                let spare = begin - self.arrival(*at, laboratory);
                if spare >= 0.0 {
                    fits.push((spare, begin, laboratory));
                }
            }
            let most = fits.iter().map(|fit| fit.0).fold(0.0, f64::max);
            let cost = |fit: &(f64, f64, usize)| self.cost(*at, fit.2);
            let looked = fits.iter().filter(|fit| fit.0 >= share * most);
            let (_, begin, laboratory) =
                looked.min_by(|a, b| cost(a).total_cmp(&cost(b)).then(a.2.cmp(&b.2))).copied()?;
            ends[laboratory] = begin;
            if given.is_none() {
                left[laboratory] -= tubes;
            }
            to[*at as usize] = Some(laboratory as u32);
        }
        Some(to)
    }

    /// No assignment is sooner: whatever arrives from any time on, each box at the laboratory where it could be first, has to be
    /// worked off by all laboratories together.
    fn bound(&self, free: &[u32], to: &[Option<u32>]) -> f64 {
        let all = 0..self.laboratories.len();
        let mut work: Vec<(f64, f64)> = Vec::new();
        let mut bound = 0.0_f64;
        let mut counted = vec![false; self.boxes.len()];
        free.iter().for_each(|at| counted[*at as usize] = true);
        for at in 0..self.boxes.len() as u32 {
            let within: Vec<usize> = match to[at as usize] {
                Some(laboratory) => vec![laboratory as usize],
                None if counted[at as usize] => all.clone().collect(),
                None => continue,
            };
            let tubes = f64::from(self.boxes[at as usize].tubes);
            let first = within.iter().map(|laboratory| self.arrival(at, *laboratory)).fold(f64::INFINITY, f64::min);
            let alone =
                within.iter().map(|laboratory| self.clocks[*laboratory].alone(self.arrival(at, *laboratory), tubes));
            bound = bound.max(alone.fold(f64::INFINITY, f64::min));
            work.push((first, tubes));
        }
        work.sort_by(|a, b| b.0.total_cmp(&a.0));
        let done_by = |from: f64, time: f64| self.clocks.iter().map(|clock| clock.tubes(from, time)).sum::<f64>();
        let mut sum = 0.0;
        let steps = (work.len() / 64).max(1);
        for (n, (from, tubes)) in work.iter().enumerate() {
            sum += tubes;
            if (n + 1) % steps != 0 && n + 1 < work.len() {
                continue;
            }
            let (mut low, mut high) = (bound, bound + 30_000.0);
            if done_by(*from, low) >= sum || done_by(*from, high) < sum {
                continue;
            }
            while high - low > 0.5 {
                let middle = 0.5 * (low + high);
                if done_by(*from, middle) >= sum { high = middle } else { low = middle }
            }
            bound = low;
        }
        bound
    }

    /// The parts of each laboratory's time before a result by `time`: short ones at the end, where time is scarce. For each the
    /// latest arrival that can still use it, and its tubes.
    fn parts(&self, time: f64, left: &[f64]) -> Vec<Vec<(f64, f64)>> {
        let count = (PARTS_MAX / self.laboratories.len().max(1)).clamp(1, 6);
        let of = |(clock, left): (&Clock, &f64)| {
            let mut parts = Vec::with_capacity(count);
            let mut end = time - clock.turnaround();
            let mut length = if count > 1 { 30.0 } else { f64::INFINITY };
            for n in 0..count {
                let begin = if n + 1 == count { 0.0 } else { (end - length).max(0.0) };
                let tubes = clock.tubes(begin, end + clock.turnaround());
                // whatever arrives before the middle can use most of it
                parts.push((if n + 1 == count { end } else { 0.5 * (begin + end) }, tubes));
                (end, length) = (begin, length * 2.0);
            }
            // what is validated is shared from the end: early hours are the ones that can be spared
            let mut room = *left;
            for (_, tubes) in &mut parts {
                *tubes = tubes.min(room);
                room -= *tubes;
            }
            parts
        };
        self.clocks.iter().zip(left).map(of).collect()
    }

    /// An assignment whose last result is out by a time, if one is found, with that time and its cost.
    fn within(&self, time: f64, fixed: &[Option<u32>], left: &[u32]) -> Option<(Vec<Option<u32>>, f64, f64)> {
        let mut room: Vec<f64> = left.iter().copied().map(f64::from).collect();
        for (laboratory, load) in self.loads(fixed).iter().enumerate() {
            // what is under way takes its hours too
            let under_way: f64 = load.iter().map(|(_, tubes)| f64::from(*tubes)).sum();
            room[laboratory] = room[laboratory].min(self.clocks[laboratory].tubes(0.0, time) - under_way).max(0.0);
        }
        for _ in 0..CUTS_MAX {
            let parts = self.parts(time, &room);
            let count = parts.first().map_or(1, Vec::len);
            let capacity: Vec<f64> = parts.iter().flatten().map(|part| part.1).collect();
            let costs: Vec<Vec<f64>> = self.groups.iter().map(|group| self.costs(group, time, &parts)).collect();
            let tubes: Vec<u32> = self.groups.iter().map(|group| group.tubes).collect();
            let mut shares = flow::cheapest(&tubes, &costs, &capacity)?;
            for share in shares.iter_mut().flatten() {
                share.0 /= count as u32;
            }
            let to = self.whole(&shares, fixed, left)?;
            let mut loads = self.loads(&to);
            let (mut last, mut late) = (0.0_f64, false);
            for (laboratory, load) in loads.iter_mut().enumerate() {
                let done = self.clocks[laboratory].last(load);
                last = last.max(done);
                if done > time + 1e-6 {
                    let over = self.clocks[laboratory].tubes(0.0, done) - self.clocks[laboratory].tubes(0.0, time);
                    let held: f64 = load.iter().map(|one| f64::from(one.1)).sum();
                    room[laboratory] = (room[laboratory].min(held) - over.max(1.0)).max(0.0);
                    late = true;
                }
            }
            if !late {
                let cost =
                    to.iter().enumerate().filter_map(|(at, to)| Some(self.cost(at as u32, (*to)? as usize))).sum();
                return Some((to, last, cost));
            }
        }
        None
    }

    /// Moves boxes of the laboratory that is last, and exchanges them, while the last result comes sooner: whole boxes do not fill
    /// hours as evenly as tubes do.
    fn shorten(&self, to: &mut [Option<u32>], fixed: &[Option<u32>], left: &[u32]) {
        let mut room: Vec<i64> = left.iter().map(|tubes| i64::from(*tubes)).collect();
        for (at, laboratory) in to.iter().enumerate().filter(|(at, _)| fixed[*at].is_none()) {
            if let Some(laboratory) = laboratory {
                room[*laboratory as usize] -= i64::from(self.boxes[at].tubes);
            }
        }
        let mut loads: Vec<Vec<u32>> = vec![Vec::new(); self.laboratories.len()];
        for (at, laboratory) in to.iter().enumerate() {
            if let Some(laboratory) = laboratory {
                loads[*laboratory as usize].push(at as u32);
            }
        }
        let done = |laboratory: usize, load: &[u32]| {
            let mut load: Vec<(f64, u32)> =
                load.iter().map(|at| (self.arrival(*at, laboratory), self.boxes[*at as usize].tubes)).collect();
            self.clocks[laboratory].last(&mut load)
        };
        let mut times: Vec<f64> = loads.iter().enumerate().map(|(laboratory, load)| done(laboratory, load)).collect();
        // many small boxes fill hours nearly as evenly as tubes do
        let rounds = if self.boxes.len() > 2 * SINGLE_MAX { ROUNDS_MAX / 20 } else { ROUNDS_MAX };
        for _ in 0..rounds {
            let Some(worst) = (0..times.len()).max_by(|a, b| times[*a].total_cmp(&times[*b]).then(b.cmp(a))) else {
                return;
            };
            let free = |at: &u32| fixed[*at as usize].is_none();
            let mut latest: Vec<u32> = loads[worst].iter().copied().filter(free).collect();
            latest.sort_by(|a, b| self.arrival(*b, worst).total_cmp(&self.arrival(*a, worst)).then(a.cmp(b)));
            latest.truncate(TRIED_MAX);
            let mut best: Option<(f64, u32, usize, Option<u32>)> = None;
            for at in latest {
                let tubes = i64::from(self.boxes[at as usize].tubes);
                let less: Vec<u32> = loads[worst].iter().copied().filter(|other| *other != at).collect();
                for other in (0..times.len()).filter(|other| *other != worst) {
                    let limit = best.map_or(times[worst] - 0.5, |best| best.0);
                    // whatever comes to it, it is not sooner done
                    if room[other] >= tubes && times[other] < limit {
                        let mut more = loads[other].clone();
                        more.push(at);
                        let time = done(other, &more);
                        if time < limit {
                            let time = time.max(done(worst, &less));
                            if time < limit {
                                best = Some((time, at, other, None));
                                continue;
                            }
                        }
                    }
                    if loads[other].len() > TRIED_MAX {
                        continue;
                    }
                    for back in loads[other].iter().copied().filter(free) {
                        let change = tubes - i64::from(self.boxes[back as usize].tubes);
                        if change <= 0 || room[other] < change {
                            continue;
                        }
                        let swap = |load: &[u32], out: u32, new: u32| {
                            load.iter().copied().filter(|one| *one != out).chain([new]).collect::<Vec<u32>>()
                        };
                        let limit = best.map_or(times[worst] - 0.5, |best| best.0);
                        let time = done(worst, &swap(&loads[worst], at, back))
                            .max(done(other, &swap(&loads[other], back, at)));
                        if time < limit {
                            best = Some((time, at, other, Some(back)));
                        }
                    }
                }
            }
            let Some((_, at, other, back)) = best else { return };
            let mut carry = |at: u32, from: usize, into: usize| {
                loads[from].retain(|one| *one != at);
                loads[into].push(at);
                let tubes = i64::from(self.boxes[at as usize].tubes);
                room[from] += tubes;
                room[into] -= tubes;
                to[at as usize] = Some(into as u32);
            };
            carry(at, worst, other);
            if let Some(back) = back {
                carry(back, other, worst);
            }
            times[worst] = done(worst, &loads[worst]);
            times[other] = done(other, &loads[other]);
        }
    }

    /// Price of a box at a laboratory. Where prices are equal the shorter way decides.
    fn cost(&self, at: u32, laboratory: usize) -> f64 {
        let hours = self.way(at, laboratory) / 60.0;
        f64::from(self.boxes[at as usize].tubes) * self.laboratories[laboratory].price
            + hours * (self.roads.hour_price + 1e-3)
    }

    /// Price of a tube of a group in each part of each laboratory; infinite where it arrives too late for it.
    fn costs(&self, group: &Group, time: f64, parts: &[Vec<(f64, f64)>]) -> Vec<f64> {
        let mut costs = Vec::new();
        for (laboratory, parts) in parts.iter().enumerate() {
            let clock = &self.clocks[laboratory];
            let late =
                |at: &u32| clock.alone(self.arrival(*at, laboratory), self.boxes[*at as usize].tubes.into()) > time;
            let never = group.boxes.iter().any(late);
            let latest = group.boxes.iter().map(|at| self.arrival(*at, laboratory)).fold(0.0, f64::max);
            let price: f64 = group.boxes.iter().map(|at| self.cost(*at, laboratory)).sum();
            let price = price / f64::from(group.tubes.max(1));
            // the very last part is open to whatever can still be worked off
            costs.extend(
                parts.iter().enumerate().map(
                    |(n, (until, _))| {
                        if never || (n > 0 && latest > *until) { f64::INFINITY } else { price }
                    },
                ),
            );
        }
        costs
    }

    /// Whole boxes for shares in tubes: a group's boxes go to its laboratories in turn, and none beyond what is validated.
    fn whole(&self, shares: &[Vec<(u32, f64)>], fixed: &[Option<u32>], left: &[u32]) -> Option<Vec<Option<u32>>> {
        let mut to = fixed.to_vec();
        let mut left = left.to_vec();
        let mut homeless: Vec<u32> = Vec::new();
        for (group, shares) in self.groups.iter().zip(shares) {
            let mut shares = shares.clone();
            for at in &group.boxes {
                let tubes = self.boxes[*at as usize].tubes;
                let fits = |share: &&mut (u32, f64)| left[share.0 as usize] >= tubes;
                let most = shares.iter_mut().filter(fits).max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
                match most {
                    Some((laboratory, share)) => {
                        *share -= f64::from(tubes);
                        left[*laboratory as usize] -= tubes;
                        to[*at as usize] = Some(*laboratory);
                    }
                    None => homeless.push(*at),
                }
            }
        }
        for at in homeless {
            let tubes = self.boxes[at as usize].tubes;
            let fits =
                (0..left.len()).filter(|laboratory| left[*laboratory] >= tubes && self.clocks[*laboratory].ever());
            let best = fits.min_by(|a, b| self.arrival(at, *a).total_cmp(&self.arrival(at, *b)).then(a.cmp(b)))?;
            left[best] -= tubes;
            to[at as usize] = Some(best as u32);
        }
        Some(to)
    }
}

#[cfg(test)]
mod tests;
