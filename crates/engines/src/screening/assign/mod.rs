//! Which laboratory takes which box, so that the last result of the round is earliest and no laboratory gets more tubes than it is
//! validated for; among such assignments the cheapest. The latest time is found by halving: first box by box, hours filled from
//! their end; then, of some hundred boxes, by a min-cost flow over the capacity that laboratories have until the time tried. What
//! is under way stays where it goes, so the same call plans again when loads change. `examine` judges any assignment and shares
//! nothing with the search.

mod examine;
mod filling;
mod flow;
mod flowing;
mod queue;
mod search;
mod shorten;

pub use super::chart::Point;
pub use examine::{Examined, examine};
use queue::Clock;
use search::{SINGLE_MAX, Search, groups};
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

#[cfg(test)]
mod tests;
