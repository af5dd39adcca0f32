//! What the ways to assign boxes share: ways, arrivals, loads, the time of the last result, and the time before which none can be. Boxes
//! that wait near each other in the same hour are one unit where there are too many to take each by itself.

use super::{Laboratory, Roads, TubeBox, queue::Clock};

/// Boxes up to which each is a unit of the flow; beyond, boxes that wait near each other in the
/// same hour are one, and about so many of those there are.
pub(super) const SINGLE_MAX: usize = 1_500;

/// Boxes that are one unit of the flow.
pub(super) struct Group {
    pub(super) boxes: Vec<u32>,
    pub(super) tubes: u32,
}

pub(super) fn groups(boxes: &[TubeBox], free: &[u32]) -> Vec<Group> {
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

pub(super) struct Search<'a> {
    pub(super) boxes: &'a [TubeBox],
    pub(super) laboratories: &'a [Laboratory],
    pub(super) roads: &'a Roads,
    pub(super) clocks: &'a [Clock],
    pub(super) groups: Vec<Group>,
    /// Minutes from every box to every laboratory, box by box: asked for again and again.
    pub(super) ways: Vec<f64>,
}

impl<'a> Search<'a> {
    pub(super) fn new(
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

    pub(super) fn arrival(&self, at: u32, laboratory: usize) -> f64 {
        self.boxes[at as usize].ready_min + self.way(at, laboratory)
    }

    /// Loads of every laboratory: (arrival, tubes) of its boxes.
    pub(super) fn loads(&self, to: &[Option<u32>]) -> Vec<Vec<(f64, u32)>> {
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
    pub(super) fn last(&self, to: &[Option<u32>]) -> f64 {
        let mut loads = self.loads(to);
        let last = loads.iter_mut().zip(self.clocks).map(|(load, clock)| clock.last(load));
        last.fold(0.0, f64::max)
    }

    pub(super) fn nearest(&self, free: &[u32], to: &[Option<u32>], left: &[u32]) -> Vec<Option<u32>> {
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

    /// No assignment is sooner: whatever arrives from any time on, each box at the laboratory where it could be first, has to be
    /// worked off by all laboratories together.
    pub(super) fn bound(&self, free: &[u32], to: &[Option<u32>]) -> f64 {
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

    /// Price of a box at a laboratory. Where prices are equal the shorter way decides.
    pub(super) fn cost(&self, at: u32, laboratory: usize) -> f64 {
        let hours = self.way(at, laboratory) / 60.0;
        f64::from(self.boxes[at as usize].tubes) * self.laboratories[laboratory].price
            + hours * (self.roads.hour_price + 1e-3)
    }
}
