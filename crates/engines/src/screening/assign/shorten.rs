//! The last step: boxes of the laboratory that is last are moved and exchanged while the last result comes sooner.

use super::{SINGLE_MAX, Search};

/// Boxes of the last laboratory that are tried elsewhere, and how often, when the flow has done its part.
const TRIED_MAX: usize = 40;
/// See above.
const ROUNDS_MAX: u32 = 200;

impl<'a> Search<'a> {
    /// Moves boxes of the laboratory that is last, and exchanges them, while the last result comes sooner: whole boxes do not fill
    /// hours as evenly as tubes do.
    pub(super) fn shorten(&self, to: &mut [Option<u32>], fixed: &[Option<u32>], left: &[u32]) {
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
}
