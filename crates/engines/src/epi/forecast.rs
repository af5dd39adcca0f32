//! Cases of the next days: R of now with its uncertainty, let to drift as it has been seen to, and the renewal equation run
//! forward draw by draw (Cori et al. 2013; Fraser 2007). Counts vary as much as they did against R (negative binomial), and by
//! weekday when a test says so. Beside it stands the naive forecast that it must beat.

use super::{
    cori::{Curve, LEVELS, Prior, Value, Window, of_sample, posterior, quantile_of},
    error::EpiError,
    gamma::gamma_cdf,
    sampling::Chance,
    serial::Serial,
};
use serde::Serialize;

/// Bounds of R on its walk, as on EpiFilter's grid.
const R_RANGE: (f64, f64) = (0.01, 10.0);
/// Days that show how much counts vary.
const LOOKED_AT: usize = 28;
/// Days that a weekday effect needs to be seen, and the error probability of its test.
const WEEKDAYS_NEED: (usize, f64) = (42, 0.01);
/// Damping and drift unless told otherwise, chosen on the waves of `data/` other than that of Chongqing: of the pairs that hold
/// no less of the truth there than 0.9 and 0.1, a usual pair, lie wholly below it in at most a tenth of the forecasts made
/// before the peak (too few beds are worse than too many), and beat persistence while R stays as it is, the one with the
/// least interval score. `docs/analytics.md` has the table.
const DAMPING: f64 = 0.85;
const DRIFT: f64 = 0.1;
/// Largest cases of a day that are followed.
const CASES_MAX: f64 = 1e9;

/// How it is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ForecastOptions {
    /// Days ahead.
    pub days: usize,
    /// Draws.
    pub draws: usize,
    /// Days of the window for R.
    pub window: usize,
    /// Prior of R.
    pub prior: Prior,
    /// Standard deviation of a day's step of R at R = 1, a walk as in EpiFilter.
    pub drift: f64,
    /// Share of R's distance from 1 that is left after a day (a damped trend, Gardner and McKenzie 1985): an outbreak that
    /// grows is answered, one that shrinks is let go. 1 for none.
    pub damping: f64,
    /// Look for a weekday effect.
    pub weekday: bool,
    /// Seed.
    pub seed: u64,
}

impl Default for ForecastOptions {
    fn default() -> Self {
        ForecastOptions {
            days: 14,
            draws: 1000,
            window: 7,
            prior: Prior::default(),
            drift: DRIFT,
            damping: DAMPING,
            weekday: true,
            seed: 1,
        }
    }
}

/// A forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// By day ahead, then by draw; one draw is one future through all days.
    pub samples: Vec<Vec<f64>>,
    /// R that it began from.
    pub r: Value,
    /// Negative binomial size of the counts; infinite for Poisson.
    pub size: f64,
    /// Factors by day of the week (day index modulo 7) when there is such an effect.
    pub weekday: Option<[f64; 7]>,
}

impl Forecast {
    /// Mean, sd and quantiles of a day ahead, from 0.
    pub fn value(&self, day: usize) -> Value {
        of_sample(&mut self.samples[day].clone())
    }
}

/// Forecasts the days after the last one of the curve.
pub fn forecast(incidence: &[f64], serial: &Serial, options: ForecastOptions) -> Result<Forecast, EpiError> {
    let days = incidence.len();
    Curve::local(incidence).check()?;
    super::error::positive("the days ahead", options.days as f64)?;
    super::error::positive("the number of draws", options.draws as f64)?;
    if !(options.drift.is_finite() && options.drift >= 0.0) {
        return Err(EpiError::Parameter { name: "the drift of R", value: options.drift, expected: "0 or more" });
    }
    if !(options.damping > 0.0 && options.damping <= 1.0) {
        return Err(EpiError::Parameter {
            name: "the damping of R",
            value: options.damping,
            expected: "more than 0, at most 1",
        });
    }
    if days < options.window + 2 {
        return Err(EpiError::Short { days, needed: options.window + 2 });
    }
    let weekday = if options.weekday { weekday_effect(incidence) } else { None };
    let factor = |day: usize| weekday.map_or(1.0, |factors: [f64; 7]| factors[day % 7]);
    let level: Vec<f64> = incidence.iter().enumerate().map(|(day, cases)| cases / factor(day)).collect();
    let lambda = serial.infectivity(&level);
    let size = dispersion(&level, &lambda, options.window);
    let window = Window { start: days + 1 - options.window, end: days };
    let (shape, scale) = posterior(Curve::local(&level), serial, &[window], options.prior)?[0]
        .ok_or(EpiError::Short { days, needed: serial.mean().ceil() as usize + 1 })?;
    // counts that vary more than Poisson's tell less of R
    let cases: f64 = level[days - options.window..].iter().sum();
    let squares: f64 = level[days - options.window..].iter().map(|v| v * v).sum();
    let phi = if cases > 0.0 && size.is_finite() { 1.0 + squares / (size * cases) } else { 1.0 };
    let (shape, scale) = ((shape / phi).max(1e-3), scale * phi);
    let w = serial.weights();
    let mut samples = vec![Vec::with_capacity(options.draws); options.days];
    let mut start = Vec::with_capacity(options.draws);
    // what the known days add to the infectivity of each day ahead is the same in every draw
    let known: Vec<f64> = (0..options.days)
        .map(|ahead| (ahead + 1..w.len().min(days + ahead + 1)).map(|s| level[days + ahead - s] * w[s]).sum())
        .collect();
    let mut path = Vec::with_capacity(options.days);
    for draw in 0..options.draws {
        let mut chance = Chance::new(options.seed, (4 << 32) + draw as u64);
        let mut r = scale * chance.gamma(shape);
        // a window tells of R at its middle: it has drifted since
        for _ in 0..options.window / 2 {
            r = step(r, options.drift, &mut chance);
        }
        start.push(r);
        path.clear();
        for (ahead, sample) in samples.iter_mut().enumerate() {
            r = step(1.0 + (r - 1.0) * options.damping, options.drift, &mut chance);
            let reach = ahead.min(w.len() - 1);
            let infectivity = known[ahead] + (1..=reach).map(|s| path[ahead - s] * w[s]).sum::<f64>();
            let factor = factor(days + ahead);
            let cases = chance.negative_binomial((r * infectivity * factor).min(CASES_MAX), size) as f64;
            sample.push(cases);
            path.push(cases / factor);
        }
    }
    Ok(Forecast { samples, r: of_sample(&mut start), size, weekday })
}

fn step(r: f64, drift: f64, chance: &mut Chance) -> f64 {
    (r + drift * r.max(0.0).sqrt() * chance.normal()).clamp(R_RANGE.0, R_RANGE.1)
}

/// Negative binomial size by moments: how far the last weeks' counts lie from R of their own window times infectivity.
fn dispersion(level: &[f64], lambda: &[f64], window: usize) -> f64 {
    let (mut above, mut squares) = (0.0, 0.0);
    for day in level.len().saturating_sub(LOOKED_AT).max(window)..level.len() {
        let days = day + 1 - window..=day;
        let l: f64 = lambda[days.clone()].iter().sum();
        let r = if l > 0.0 { level[days].iter().sum::<f64>() / l } else { 0.0 };
        let expected = r * lambda[day];
        if expected > 0.0 {
            // the day itself is one of those that gave R
            let spare = 1.0 - 1.0 / window as f64;
            above += (level[day] - expected).powi(2) / spare.max(0.5) - expected;
            squares += expected * expected;
        }
    }
    if above > 0.0 && squares > 0.0 { (squares / above).max(0.5) } else { f64::INFINITY }
}

/// Factors by day of the week, when the counts by weekday differ more than their own noise allows.
fn weekday_effect(incidence: &[f64]) -> Option<[f64; 7]> {
    let days = incidence.len();
    if days < WEEKDAYS_NEED.0 {
        return None;
    }
    let middle = |day: usize| incidence[day - 3..=day + 3].iter().sum::<f64>() / 7.0;
    let (mut seen, mut expected) = ([0.0; 7], [0.0; 7]);
    for day in 3..days - 3 {
        seen[day % 7] += incidence[day];
        expected[day % 7] += middle(day);
    }
    if expected.iter().any(|e| *e < 5.0) {
        return None;
    }
    let mut factors = [0, 1, 2, 3, 4, 5, 6].map(|at| seen[at] / expected[at]);
    let mean = factors.iter().sum::<f64>() / 7.0;
    let (mut noise, mut n) = (0.0, 0.0);
    for day in 3..days - 3 {
        let e = factors[day % 7] * middle(day);
        if e > 0.0 {
            noise += (incidence[day] - e).powi(2) / e;
            n += 1.0;
        }
    }
    let phi = (noise / (n - 7.0f64).max(1.0)).max(1.0);
    let statistic: f64 = (0..7).map(|at| (seen[at] - mean * expected[at]).powi(2) / expected[at]).sum::<f64>() / phi;
    if 1.0 - gamma_cdf(3.0, 2.0, statistic) > WEEKDAYS_NEED.1 {
        return None;
    }
    factors.iter_mut().for_each(|f| *f = (*f / mean).max(0.05));
    Some(factors)
}

/// The naive forecast: tomorrow is as today, with the spread of past daily changes (of the logarithm) growing with the root
/// of the days ahead.
pub fn persistence(incidence: &[f64], days: usize, draws: usize, seed: u64) -> Vec<Vec<f64>> {
    let logs: Vec<f64> = incidence.iter().map(|v| (v + 1.0).ln()).collect();
    let changes: Vec<f64> = logs.windows(2).rev().take(LOOKED_AT).map(|pair| pair[1] - pair[0]).collect();
    let sd = if changes.len() < 3 {
        0.3
    } else {
        (changes.iter().map(|v| v * v).sum::<f64>() / changes.len() as f64).sqrt().max(0.01)
    };
    let last = logs.last().copied().unwrap_or(0.0);
    let mut samples = vec![Vec::with_capacity(draws); days];
    for draw in 0..draws {
        let mut chance = Chance::new(seed, (5 << 32) + draw as u64);
        let mut level = last;
        for sample in &mut samples {
            level += sd * chance.normal();
            sample.push((level.exp() - 1.0).max(0.0).round());
        }
    }
    samples
}

/// A day that was forecast, and what came.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Past {
    /// Last day known when it was made, from 0.
    pub origin: usize,
    /// Days ahead, from 1.
    pub ahead: usize,
    /// What came.
    pub truth: f64,
    /// Quantiles of the forecast at `LEVELS`.
    pub quantiles: [f64; 7],
    /// Sorted draws of the forecast.
    #[serde(skip)]
    pub own: Vec<f64>,
    /// Sorted draws of the naive one.
    #[serde(skip)]
    pub naive: Vec<f64>,
}

/// Forecasts from every past day that has a window before it and a day after it.
pub fn replay(incidence: &[f64], serial: &Serial, options: ForecastOptions) -> Result<Vec<Past>, EpiError> {
    replay_last(incidence, serial, options, incidence.len())
}

/// The same from the last days only, so many at most: each knows all that was before it.
pub fn replay_last(
    incidence: &[f64],
    serial: &Serial,
    options: ForecastOptions,
    last: usize,
) -> Result<Vec<Past>, EpiError> {
    super::error::counts(incidence)?;
    let first = options.window + 2;
    if incidence.len() <= first {
        return Err(EpiError::Short { days: incidence.len(), needed: first + 1 });
    }
    let mut out = Vec::new();
    for known in first.max(incidence.len().saturating_sub(last))..incidence.len() {
        let past = &incidence[..known];
        let days = options.days.min(incidence.len() - known);
        let Ok(own) = forecast(past, serial, ForecastOptions { days, ..options }) else { continue };
        let naive = persistence(past, days, options.draws, options.seed);
        for (at, (mut own, mut naive)) in own.samples.into_iter().zip(naive).enumerate() {
            own.sort_unstable_by(f64::total_cmp);
            naive.sort_unstable_by(f64::total_cmp);
            let quantiles = LEVELS.map(|p| quantile_of(&own, p));
            out.push(Past { origin: known - 1, ahead: at + 1, truth: incidence[known + at], quantiles, own, naive });
        }
    }
    Ok(out)
}
