//! EpiFilter (Parag 2021): R as a random walk on a grid, filtered (what was known on a day) and smoothed (what is known of it
//! now). Exact on its grid; far tails of the walk and of the state, too small to be seen in a double, are skipped.

use super::{
    cori::{Curve, LEVELS, Value},
    error::{EpiError, positive},
    gamma::ln_gamma,
    serial::Serial,
};
use serde::Serialize;
use std::f64::consts::PI;

/// Steps of the walk beyond so many standard deviations are skipped. 12 are too few: after a sudden fall a day's R rests on
/// such steps, and is 1e-7 off on Flu1918; 16 are enough there.
const REACH: f64 = 24.0;
/// Share of the largest probability below which a state is not followed.
const FAINT: f64 = 1e-120;

/// Grid and speed of the walk.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct FilterOptions {
    /// Least R.
    pub low: f64,
    /// Largest R.
    pub high: f64,
    /// Points.
    pub points: usize,
    /// Standard deviation of a day's step at R = 1; it grows with the root of R.
    pub eta: f64,
}

impl Default for FilterOptions {
    fn default() -> Self {
        FilterOptions { low: 0.01, high: 10.0, points: 2000, eta: 0.1 }
    }
}

/// R of a day.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Day {
    /// From what was known up to that day.
    pub filtered: Value,
    /// From all that is known.
    pub smoothed: Value,
}

/// A grid with the probabilities of its steps, made once for many curves.
pub struct Filter {
    grid: Vec<f64>,
    /// Of each state: first state that it can go to, and the densities from there on.
    steps: Vec<(usize, Vec<f64>)>,
}

impl Filter {
    /// Makes the grid.
    pub fn new(options: FilterOptions) -> Result<Filter, EpiError> {
        let FilterOptions { low, high, points, eta } = options;
        positive("the least R of the grid", low)?;
        positive("the speed of the walk", eta)?;
        positive("the width of the grid", high - low)?;
        if points < 2 {
            return Err(EpiError::Parameter {
                name: "the points of the grid",
                value: points as f64,
                expected: "2 or more",
            });
        }
        let width = (high - low) / (points - 1) as f64;
        let grid: Vec<f64> = (0..points).map(|at| low + width * at as f64).collect();
        let steps = grid
            .iter()
            .map(|&r| {
                let sd = eta * r.sqrt();
                let first = (((r - REACH * sd - low) / width).floor().max(0.0) as usize).min(points - 1);
                let last = (((r + REACH * sd - low) / width).ceil() as usize).min(points - 1);
                let norm = 1.0 / (sd * (2.0 * PI).sqrt());
                (first, grid[first..=last].iter().map(|to| norm * (-0.5 * ((to - r) / sd).powi(2)).exp()).collect())
            })
            .collect();
        Ok(Filter { grid, steps })
    }

    /// R of every day. Imported cases infect, but are no evidence of R here.
    pub fn run(&self, curve: Curve<'_>, serial: &Serial) -> Result<Vec<Day>, EpiError> {
        curve.check()?;
        let (days, m) = (curve.total.len(), self.grid.len());
        let lambda = serial.infectivity(curve.total);
        let ln_r: Vec<f64> = self.grid.iter().map(|r| r.ln()).collect();
        let mut filtered = vec![vec![1.0 / m as f64; m]];
        let mut predicted = vec![filtered[0].clone()];
        for t in 1..days {
            let last = &filtered[t - 1];
            let mut u = vec![0.0; m];
            let faint = FAINT * last.iter().copied().fold(0.0, f64::max);
            for (&p, (first, densities)) in last.iter().zip(&self.steps) {
                if p > faint {
                    for (to, density) in u[*first..].iter_mut().zip(densities) {
                        *to += p * density;
                    }
                }
            }
            let (cases, l) = (curve.local_on(t), lambda[t]);
            let mut f = u.clone();
            if l > 0.0 {
                // the largest logarithm is taken out, so that no day's counts are too large for a double
                let logs: Vec<f64> = ln_r
                    .iter()
                    .zip(&self.grid)
                    .map(|(ln_r, r)| cases * (l.ln() + ln_r) - l * r - ln_gamma(cases + 1.0))
                    .collect();
                let top = logs
                    .iter()
                    .zip(&u)
                    .filter(|(_, u)| **u > 0.0)
                    .fold(f64::NEG_INFINITY, |top, (v, u)| top.max(v + u.ln()));
                for ((f, log), u) in f.iter_mut().zip(&logs).zip(&u) {
                    *f = if *u > 0.0 { (log + u.ln() - top).exp() } else { 0.0 };
                }
            }
            normalise(&mut f);
            predicted.push(u);
            filtered.push(f);
        }
        let mut smoothed = filtered[days - 1].clone();
        let mut out = vec![Day { filtered: self.summary(&smoothed), smoothed: self.summary(&smoothed) }];
        for t in (0..days - 1).rev() {
            let ratio: Vec<f64> = smoothed
                .iter()
                .zip(&predicted[t + 1])
                .map(|(q, u)| if *u > 0.0 && *q > 0.0 { q / u } else { 0.0 })
                .collect();
            let f = &filtered[t];
            let faint = FAINT * f.iter().copied().fold(0.0, f64::max);
            let mut q = vec![0.0; m];
            for ((q, &f), (first, densities)) in q.iter_mut().zip(f).zip(&self.steps) {
                if f > faint {
                    *q = f * ratio[*first..].iter().zip(densities).map(|(r, d)| r * d).sum::<f64>();
                }
            }
            normalise(&mut q);
            smoothed = q;
            out.push(Day { filtered: self.summary(f), smoothed: self.summary(&smoothed) });
        }
        out.reverse();
        Ok(out)
    }

    /// A quantile is the first point of the grid whose cumulative sum reaches it.
    fn summary(&self, p: &[f64]) -> Value {
        let mean: f64 = p.iter().zip(&self.grid).map(|(p, r)| p * r).sum();
        let variance: f64 = p.iter().zip(&self.grid).map(|(p, r)| p * (r - mean).powi(2)).sum();
        let mut quantiles = [self.grid[self.grid.len() - 1]; 7];
        let (mut sum, mut next) = (0.0, 0);
        for (p, r) in p.iter().zip(&self.grid) {
            sum += p;
            while next < LEVELS.len() && sum >= LEVELS[next] {
                quantiles[next] = *r;
                next += 1;
            }
        }
        Value { mean, sd: variance.sqrt(), quantiles }
    }
}

fn normalise(p: &mut [f64]) {
    let sum: f64 = p.iter().sum();
    if sum > 0.0 {
        p.iter_mut().for_each(|p| *p /= sum);
    }
}
