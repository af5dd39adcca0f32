//! An assignment whose last result is out by a time, as a min-cost flow of tubes over the capacity that laboratories have until then, and
//! whole boxes for its shares.

use super::{
    flow,
    queue::Clock,
    search::{Group, Search},
};

/// How often capacities are lowered to what arrives in time, for one time tried.
const CUTS_MAX: u32 = 4;
/// Parts of a day, all laboratories together, in which capacity is kept apart: what arrives late cannot use the hours before.
const PARTS_MAX: usize = 120;

impl<'a> Search<'a> {
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
    pub(super) fn within(
        &self,
        time: f64,
        fixed: &[Option<u32>],
        left: &[u32],
    ) -> Option<(Vec<Option<u32>>, f64, f64)> {
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
