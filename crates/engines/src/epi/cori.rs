//! The instantaneous reproduction number of Cori et al. 2013: cases of a window over the infectivity that they met, with a
//! gamma prior, in closed form. Imported cases infect but were infected elsewhere. An uncertain serial interval is mixed
//! over seeded draws; everything else is exact.

use super::{
    error::{EpiError, counts, positive},
    gamma::{Level, Shape},
    sampling::Chance,
    serial::Serial,
};
use serde::Serialize;

/// The probabilities of the quantiles in every table of estimates.
pub const LEVELS: [f64; 7] = [0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975];

/// First and last day of a window, both included, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// First day.
    pub start: usize,
    /// Last day.
    pub end: usize,
}

/// Every window of a length that begins on day 2 or later.
pub fn windows(days: usize, length: usize) -> Result<Vec<Window>, EpiError> {
    if length == 0 {
        return Err(EpiError::Parameter { name: "the window", value: 0.0, expected: "at least 1 day" });
    }
    if days < length + 1 {
        return Err(EpiError::Short { days, needed: length + 1 });
    }
    Ok((2..=days + 1 - length).map(|start| Window { start, end: start + length - 1 }).collect())
}

/// What is believed of R before any case: a gamma distribution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Prior {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

impl Default for Prior {
    fn default() -> Self {
        Prior { mean: 5.0, sd: 5.0 }
    }
}

impl Prior {
    /// Shape and scale.
    pub fn gamma(&self) -> Result<(f64, f64), EpiError> {
        positive("the prior's mean", self.mean)?;
        positive("the prior's standard deviation", self.sd)?;
        Ok(((self.mean / self.sd).powi(2), self.sd * self.sd / self.mean))
    }
}

/// R in a window.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Value {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// Quantiles at `LEVELS`.
    pub quantiles: [f64; 7],
}

/// A window with its estimate, or none where the method gives none.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The window.
    pub window: Window,
    /// Cases in it that were infected here.
    pub cases: f64,
    /// The estimate; none while the window ends at or before the mean serial interval.
    pub value: Option<Value>,
}

/// Cases by day, with those that were infected elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Curve<'a> {
    /// All cases by day, without gaps.
    pub total: &'a [f64],
    /// Of them imported; empty for none. The first day's all count as imported in any case.
    pub imported: &'a [f64],
}

impl<'a> Curve<'a> {
    /// A curve without imported cases.
    pub fn local(total: &'a [f64]) -> Curve<'a> {
        Curve { total, imported: &[] }
    }

    /// Refuses a curve that tells nothing.
    pub fn check(&self) -> Result<(), EpiError> {
        let days = self.total.len();
        if days < 2 {
            return Err(EpiError::Short { days, needed: 2 });
        }
        counts(self.total)?;
        if !self.imported.is_empty() {
            if self.imported.len() != days {
                return Err(EpiError::Length { what: "imported cases", found: self.imported.len(), expected: days });
            }
            counts(self.imported)?;
            for (at, (&imported, &total)) in self.imported.iter().zip(self.total).enumerate() {
                if imported > total + 1e-9 {
                    return Err(EpiError::Imported { day: at + 1, imported, total });
                }
            }
        }
        let sum: f64 = self.total.iter().sum();
        if sum == 0.0 {
            return Err(EpiError::NoCases { days });
        }
        if sum == 1.0 {
            return Err(EpiError::OneCase { days });
        }
        Ok(())
    }

    /// Cases of a day, from 0, that were infected here.
    pub fn local_on(&self, day: usize) -> f64 {
        self.total[day] - self.imported.get(day).copied().unwrap_or(0.0)
    }
}

/// Cases that a window needs for a coefficient of variation of R: `ceil(1 / cv^2 - 1)`, 11 for 0.3, less what the prior
/// brings.
pub fn cases_needed(cv: f64, prior: Prior) -> Result<f64, EpiError> {
    positive("the coefficient of variation", cv)?;
    Ok((1.0 / (cv * cv) - prior.gamma()?.0).ceil().max(0.0))
}

/// Sums of cases and infectivity in a window: the first two moments of all that follows.
fn sums(curve: &Curve<'_>, lambda: &[f64], window: Window) -> (f64, f64) {
    (window.start - 1..window.end).fold((0.0, 0.0), |(i, l), day| (i + curve.local_on(day), l + lambda[day]))
}

pub(super) fn check_windows(windows: &[Window], days: usize) -> Result<(), EpiError> {
    match windows.iter().find(|w| w.start < 2 || w.end < w.start || w.end > days) {
        Some(&Window { start, end }) => Err(EpiError::Window { start, end, days }),
        None => Ok(()),
    }
}

/// Posterior shape and scale of each window; `None` while it ends at or before the mean serial interval.
pub fn posterior(
    curve: Curve<'_>,
    serial: &Serial,
    windows: &[Window],
    prior: Prior,
) -> Result<Vec<Option<(f64, f64)>>, EpiError> {
    curve.check()?;
    check_windows(windows, curve.total.len())?;
    let (shape, scale) = prior.gamma()?;
    let lambda = serial.infectivity(curve.total);
    let mean = serial.mean();
    Ok(windows
        .iter()
        .map(|&window| {
            let (cases, infectivity) = sums(&curve, &lambda, window);
            (window.end as f64 > mean).then(|| (shape + cases, 1.0 / (1.0 / scale + infectivity)))
        })
        .collect())
}

/// The quantile levels with their normal quantiles.
pub(super) fn levels() -> [Level; 7] {
    LEVELS.map(Level::new)
}

/// Mean, sd and quantiles of a gamma distribution.
pub(super) fn summary((shape, scale): (f64, f64), levels: &[Level; 7]) -> Value {
    let distribution = Shape::new(shape);
    Value {
        mean: shape * scale,
        sd: shape.sqrt() * scale,
        quantiles: levels.each_ref().map(|level| scale * distribution.quantile(level)),
    }
}

/// R of each window.
pub fn cori(curve: Curve<'_>, serial: &Serial, windows: &[Window], prior: Prior) -> Result<Vec<Estimate>, EpiError> {
    let posterior = posterior(curve, serial, windows, prior)?;
    let levels = levels();
    let mut from = 0;
    let mut before: Vec<f64> = vec![0.0];
    for day in 0..curve.total.len() {
        from += 1;
        before.push(before[from - 1] + curve.local_on(day));
    }
    Ok(windows
        .iter()
        .zip(posterior)
        .map(|(&window, gamma)| Estimate {
            window,
            cases: before[window.end] - before[window.start - 1],
            value: gamma.map(|gamma| summary(gamma, &levels)),
        })
        .collect())
}

/// What is known of a serial interval that is not known exactly: normal distributions of its mean and its standard deviation,
/// cut to a range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Uncertain {
    /// Mean of the mean, its standard deviation, least and largest value.
    pub mean: [f64; 4],
    /// The same of the standard deviation.
    pub sd: [f64; 4],
    /// Serial intervals to draw.
    pub intervals: usize,
    /// Draws of R for each of them.
    pub draws: usize,
}

/// R with an uncertain serial interval: a window's quantiles are those of the draws of all intervals together.
pub fn cori_uncertain(
    curve: Curve<'_>,
    uncertain: &Uncertain,
    windows: &[Window],
    prior: Prior,
    seed: u64,
) -> Result<Vec<Estimate>, EpiError> {
    positive("the number of serial intervals", uncertain.intervals as f64)?;
    positive("the number of draws", uncertain.draws as f64)?;
    let mut chance = Chance::new(seed, 1);
    let mut posteriors = Vec::with_capacity(uncertain.intervals);
    for _ in 0..uncertain.intervals {
        // as in Cori et al. 2013, a standard deviation above the mean is drawn again
        let (mean, sd) = loop {
            let mean = cut_normal(&mut chance, uncertain.mean)?;
            let sd = cut_normal(&mut chance, uncertain.sd)?;
            if sd <= mean || uncertain.sd[2] > uncertain.mean[3] {
                break (mean, sd);
            }
        };
        let serial = Serial::from_moments(mean, sd, curve.total.len())?;
        posteriors.push(posterior(curve, &serial, windows, prior)?);
    }
    let mut sample = Vec::with_capacity(uncertain.intervals * uncertain.draws);
    Ok(windows
        .iter()
        .enumerate()
        .map(|(at, &window)| {
            sample.clear();
            for (shape, scale) in posteriors.iter().filter_map(|of| of[at]) {
                sample.extend((0..uncertain.draws).map(|_| scale * chance.gamma(shape)));
            }
            let whole = posteriors.iter().all(|of| of[at].is_some());
            let cases = (window.start - 1..window.end).map(|day| curve.local_on(day)).sum();
            Estimate { window, cases, value: whole.then(|| of_sample(&mut sample)) }
        })
        .collect())
}

fn cut_normal(chance: &mut Chance, [mean, sd, low, high]: [f64; 4]) -> Result<f64, EpiError> {
    for _ in 0..10_000 {
        let value = mean + sd * chance.normal();
        if value >= low && value <= high {
            return Ok(value);
        }
    }
    Err(EpiError::Parameter {
        name: "the mean of an uncertain moment of the serial interval",
        value: mean,
        expected: "a value within its least and largest one",
    })
}

/// Mean, sd (divisor n - 1) and quantiles of a sample that is not empty; sorts it.
pub(super) fn of_sample(sample: &mut [f64]) -> Value {
    let n = sample.len() as f64;
    let mean = sample.iter().sum::<f64>() / n;
    let sd = (sample.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0)).sqrt();
    sample.sort_unstable_by(f64::total_cmp);
    Value { mean, sd, quantiles: LEVELS.map(|p| quantile_of(sample, p)) }
}

/// Quantile of a sorted sample that is not empty, linear between its values (type 7 of Hyndman and Fan 1996).
pub fn quantile_of(sorted: &[f64], p: f64) -> f64 {
    let at = p * (sorted.len() - 1) as f64;
    let low = at.floor() as usize;
    let high = (low + 1).min(sorted.len() - 1);
    sorted[low] + (at - low as f64) * (sorted[high] - sorted[low])
}
