//! The nowcast: how many events of each day there really were, when many of the last days are not reported yet. Point values
//! by Lawless 1994; intervals by Monte Carlo with Beta-distributed conditional delays (the Dirichlet in its sequential form)
//! and gamma-distributed intensities (Hoehle and an der Heiden 2014). A longest delay beyond the history is refused loudly.

use super::{cori::quantile_of, error::EpiError, sampling::Chance};
use serde::Serialize;

/// Days that tell of the level of late.
const LATE: usize = 14;

/// Days by delay: `counts[t][d]` events of day t reported after d days. Delays beyond the last column are counted in it.
/// The now is the last day; entries that lie in the future (t + d beyond it) are not looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Triangle {
    counts: Vec<Vec<f64>>,
    longest: usize,
}

impl Triangle {
    /// From pairs of day of the event and day of the report, both from 0, as known at the end of day `now`. A report before
    /// its event counts as reported at once.
    pub fn new(events: &[(i64, i64)], first: i64, now: i64, longest: usize) -> Result<Triangle, EpiError> {
        let days = usize::try_from(now - first + 1).unwrap_or(0);
        if longest == 0 || longest >= days {
            return Err(EpiError::Truncation { longest, days });
        }
        let mut counts = vec![vec![0.0; longest + 1]; days];
        for &(day, report) in events.iter().filter(|(day, report)| *day >= first && *day <= now && *report <= now) {
            counts[(day - first) as usize][((report - day).max(0) as usize).min(longest)] += 1.0;
        }
        Ok(Triangle { counts, longest })
    }

    /// From a table of day by delay, all rows of the same length.
    pub fn from_table(counts: Vec<Vec<f64>>) -> Result<Triangle, EpiError> {
        let (days, width) = (counts.len(), counts.first().map_or(0, Vec::len));
        if width < 2 || width > days {
            return Err(EpiError::Truncation { longest: width.saturating_sub(1), days });
        }
        for row in &counts {
            if row.len() != width {
                return Err(EpiError::Length { what: "a row of the triangle", found: row.len(), expected: width });
            }
            super::error::counts(row)?;
        }
        Ok(Triangle { longest: width - 1, counts })
    }

    /// Reported so far for a day from 0.
    pub fn seen(&self, day: usize) -> f64 {
        self.counts[day][..=self.longest.min(self.counts.len() - 1 - day)].iter().sum()
    }

    /// Events reported after exactly d days, and after at most d, over the days for which d can be known; only the last
    /// `recent` of them, to follow a delay that changes.
    fn conditional(&self, d: usize, recent: Option<usize>) -> (f64, f64) {
        let until = self.counts.len() - d;
        let from = recent.map_or(0, |recent| until.saturating_sub(recent));
        self.counts[from..until]
            .iter()
            .fold((0.0, 0.0), |(at, upto), row| (at + row[d], upto + row[..=d].iter().sum::<f64>()))
    }
}

/// Share reported within d days, for d = 0 to the longest delay.
pub fn completeness(triangle: &Triangle, recent: Option<usize>) -> Result<Vec<f64>, EpiError> {
    let longest = triangle.longest;
    let mut shares = vec![1.0; longest + 1];
    for d in (1..=longest).rev() {
        let (at, upto) = triangle.conditional(d, recent);
        if upto <= 0.0 {
            return Err(EpiError::Unseen(d));
        }
        shares[d - 1] = shares[d] * (1.0 - at / upto);
    }
    Ok(shares)
}

/// A day's nowcast.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Now {
    /// Day, from 0.
    pub day: usize,
    /// Reported so far.
    pub seen: f64,
    /// Share that is thought to be reported.
    pub complete: f64,
    /// Lawless's estimate; none while the share is 0.
    pub estimate: Option<f64>,
    /// Median of the draws.
    pub median: f64,
    /// 50 % interval.
    pub half: [f64; 2],
    /// 95 % interval.
    pub wide: [f64; 2],
}

/// How it is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NowcastOptions {
    /// Delays are learnt from so many days; from all when `None`.
    pub recent: Option<usize>,
    /// Draws.
    pub draws: usize,
    /// Let delays vary from day to day as much as they did, and not only by chance of the count.
    pub varying: bool,
    /// Seed.
    pub seed: u64,
}

impl Default for NowcastOptions {
    fn default() -> Self {
        NowcastOptions { recent: None, draws: 1000, varying: true, seed: 1 }
    }
}

/// The last days, as many as the longest delay, oldest first; older ones are complete.
pub fn nowcast(triangle: &Triangle, options: NowcastOptions) -> Result<Vec<Now>, EpiError> {
    let shares = completeness(triangle, options.recent)?;
    let (days, longest) = (triangle.counts.len(), triangle.longest);
    let extra: Vec<f64> = (0..=longest)
        .map(|d| if options.varying && d > 0 { overdispersion(triangle, d, options.recent) } else { 1.0 })
        .collect();
    // level of late: without it a day of which hardly anything can be known yet could be anything
    let late = 0..days.min(LATE);
    let level = late.clone().map(|back| triangle.seen(days - 1 - back)).sum::<f64>()
        / late.map(|back| shares[back.min(longest)]).sum::<f64>().max(1e-9);
    let counted: Vec<(f64, f64)> = (1..=longest).map(|d| triangle.conditional(d, options.recent)).collect();
    let reported: Vec<f64> = (0..longest).map(|back| triangle.seen(days - 1 - back)).collect();
    let mut out = Vec::with_capacity(longest);
    let mut samples = vec![Vec::with_capacity(options.draws); longest];
    let mut chance = Chance::new(options.seed, 3 << 32);
    for _ in 0..options.draws.max(1) {
        // conditional shares: what is uncertain of them for all days, and what differs between days
        let common: Vec<f64> = (1..=longest)
            .map(|d| {
                let (at, upto) = counted[d - 1];
                chance.beta(at / extra[d] + 0.5, (upto - at).max(0.0) / extra[d] + 0.5)
            })
            .collect();
        for (back, sample) in samples.iter_mut().enumerate() {
            let seen = reported[back];
            let mut share = 1.0;
            for d in back + 1..=longest {
                let g = common[d - 1];
                // beta-binomial: a pool of n cases varies as n / phi independent ones
                let size = (seen.max(1.0) - extra[d]) / (extra[d] - 1.0);
                let g = if extra[d] > 1.001 && size > 0.0 && g > 0.0 && g < 1.0 {
                    chance.beta((g * size).max(1e-3), ((1.0 - g) * size).max(1e-3))
                } else {
                    g
                };
                share *= 1.0 - g;
            }
            let share = share.clamp(1e-4, 1.0);
            // the intensity given what was seen and the level of late, worth one event, then what is still to come
            let intensity = if level > 0.0 { chance.gamma(seen + 1.0) / (share + 1.0 / level) } else { 0.0 };
            sample.push(seen + chance.poisson((intensity * (1.0 - share)).min(1e12)) as f64);
        }
    }
    for back in (0..longest).rev() {
        let day = days - 1 - back;
        let sample = &mut samples[back];
        sample.sort_unstable_by(f64::total_cmp);
        let q = |p| quantile_of(sample, p);
        let (seen, complete) = (reported[back], shares[back]);
        out.push(Now {
            day,
            seen,
            complete,
            estimate: (complete > 0.0).then(|| seen / complete),
            median: q(0.5),
            half: [q(0.25), q(0.75)],
            wide: [q(0.025), q(0.975)],
        });
    }
    Ok(out)
}

/// How much more the share reported after d days varies between days than by chance of the count: Pearson's statistic over
/// its degrees of freedom, 1 or more.
fn overdispersion(triangle: &Triangle, d: usize, recent: Option<usize>) -> f64 {
    let (at, upto) = triangle.conditional(d, recent);
    let g = if upto > 0.0 { at / upto } else { 0.0 };
    if g <= 0.0 || g >= 1.0 {
        return 1.0;
    }
    let until = triangle.counts.len() - d;
    let from = recent.map_or(0, |recent| until.saturating_sub(recent));
    let (mut sum, mut n) = (0.0, 0.0);
    for row in &triangle.counts[from..until] {
        let all: f64 = row[..=d].iter().sum();
        if all * g * (1.0 - g) >= 0.5 {
            sum += (row[d] - all * g).powi(2) / (all * g * (1.0 - g));
            n += 1.0;
        }
    }
    if n < 5.0 { 1.0 } else { (sum / (n - 1.0)).clamp(1.0, 50.0) }
}
