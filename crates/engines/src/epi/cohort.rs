//! The cohort reproduction number of Wallinga and Teunis 2004: how many the cases of a day infected, by sharing each later
//! case among those who may have infected it. Intervals come from drawing infectors again and again, by a seed.

use super::{
    cori::{Estimate, Value, Window, check_windows, of_sample},
    error::{EpiError, counts},
    sampling::Chance,
    serial::Serial,
};

/// Draws of R for each day's cohort: `R[j] = sum over t of I[t] w[t-j] / L[t]`.
pub fn cohort(incidence: &[f64], serial: &Serial) -> Vec<f64> {
    let lambda = serial.infectivity(incidence);
    let w = serial.weights();
    (0..incidence.len())
        .map(|j| {
            let last = (j + w.len()).min(incidence.len());
            (j + 1..last).filter(|&t| lambda[t] > 0.0).map(|t| incidence[t] * w[t - j] / lambda[t]).sum()
        })
        .collect()
}

/// R of each window, weighted by its cases, with intervals from `draws` draws of every case's infector. Without draws sd and
/// quantiles are not known (NaN). Counts are rounded to whole cases for the draws only.
pub fn wallinga_teunis(
    incidence: &[f64],
    serial: &Serial,
    windows: &[Window],
    draws: usize,
    seed: u64,
) -> Result<Vec<Estimate>, EpiError> {
    counts(incidence)?;
    super::Curve::local(incidence).check()?;
    check_windows(windows, incidence.len())?;
    let r = cohort(incidence, serial);
    let lambda = serial.infectivity(incidence);
    let samples = sample(incidence, serial, &lambda, windows, draws, seed);
    Ok(windows
        .iter()
        .zip(samples)
        .map(|(&window, mut sample)| {
            let days = window.start - 1..window.end;
            let cases: f64 = days.clone().map(|day| incidence[day]).sum();
            let mean = days.map(|day| incidence[day] * r[day]).sum::<f64>() / cases;
            let drawn = if sample.len() > 1 {
                of_sample(&mut sample)
            } else {
                Value { mean, sd: f64::NAN, quantiles: [f64::NAN; 7] }
            };
            Estimate { window, cases, value: (cases > 0.0).then_some(Value { mean, ..drawn }) }
        })
        .collect())
}

/// For each window the mean offspring of its cases, once for each draw.
fn sample(
    incidence: &[f64],
    serial: &Serial,
    lambda: &[f64],
    windows: &[Window],
    draws: usize,
    seed: u64,
) -> Vec<Vec<f64>> {
    let w = serial.weights();
    let mut samples = vec![Vec::with_capacity(draws); windows.len()];
    let mut before = vec![0.0; incidence.len() + 1];
    let mut offspring = vec![0.0; incidence.len()];
    for draw in 0..draws {
        let mut chance = Chance::new(seed, (2 << 32) + draw as u64);
        offspring.fill(0.0);
        for t in 1..incidence.len() {
            let (mut left, mut mass) = (incidence[t].round() as u64, lambda[t]);
            if mass <= 0.0 {
                continue;
            }
            for s in 1..w.len().min(t + 1) {
                let share = incidence[t - s] * w[s];
                if left == 0 || share <= 0.0 {
                    continue;
                }
                let got = if share >= mass { left } else { chance.binomial(left, share / mass) };
                offspring[t - s] += got as f64;
                left -= got;
                mass -= share;
            }
        }
        for (t, got) in offspring.iter().enumerate() {
            before[t + 1] = before[t] + got;
        }
        for (sample, window) in samples.iter_mut().zip(windows) {
            let cases: f64 = (window.start - 1..window.end).map(|day| incidence[day].round()).sum();
            if cases > 0.0 {
                sample.push((before[window.end] - before[window.start - 1]) / cases);
            }
        }
    }
    samples
}
