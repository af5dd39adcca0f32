//! Scores of forecasts against what came: weighted interval score (Bracher et al. 2021), CRPS of a sample (Gneiting and
//! Raftery 2007), coverage. Lower scores are better, in the unit of the counts.

use super::cori::quantile_of;
use serde::Serialize;

/// The 23 quantiles that forecast hubs ask for.
pub const HUB: [f64; 23] = [
    0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9,
    0.95, 0.975, 0.99,
];

/// Weighted interval score of a sorted sample, by its equal form: twice the mean pinball loss over the quantiles.
pub fn wis(sorted: &[f64], truth: f64) -> f64 {
    let sum: f64 = HUB
        .iter()
        .map(|&p| {
            let q = quantile_of(sorted, p);
            (if truth < q { 1.0 - p } else { p }) * (truth - q).abs()
        })
        .sum();
    2.0 * sum / HUB.len() as f64
}

/// Continuous ranked probability score of a sorted sample: mean distance to the truth less half the mean distance between two.
pub fn crps(sorted: &[f64], truth: f64) -> f64 {
    let n = sorted.len() as f64;
    let to_truth = sorted.iter().map(|x| (x - truth).abs()).sum::<f64>() / n;
    let between = sorted.iter().enumerate().map(|(i, x)| (2.0 * i as f64 + 1.0 - n) * x).sum::<f64>() * 2.0 / (n * n);
    to_truth - 0.5 * between
}

/// Whether the central interval of a share holds the truth.
pub fn covers(sorted: &[f64], share: f64, truth: f64) -> bool {
    let tail = 0.5 * (1.0 - share);
    quantile_of(sorted, tail) <= truth && truth <= quantile_of(sorted, 1.0 - tail)
}

/// Means over many forecasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Score {
    /// Forecasts scored.
    pub n: usize,
    /// Weighted interval score.
    pub wis: f64,
    /// CRPS.
    pub crps: f64,
    /// Share of the truth inside the 50 %, 90 % and 95 % interval.
    pub coverage: [f64; 3],
    /// Mean absolute error of the median.
    pub error: f64,
    /// Mean of median less truth: above 0 when forecasts are too high.
    pub bias: f64,
}

impl Score {
    /// Of pairs of a sorted sample and the truth.
    pub fn of<'a>(pairs: impl IntoIterator<Item = (&'a [f64], f64)>) -> Score {
        let mut score = Score::default();
        for (sorted, truth) in pairs {
            score.n += 1;
            score.wis += wis(sorted, truth);
            score.crps += crps(sorted, truth);
            for (sum, share) in score.coverage.iter_mut().zip([0.5, 0.9, 0.95]) {
                *sum += f64::from(u8::from(covers(sorted, share, truth)));
            }
            let off = quantile_of(sorted, 0.5) - truth;
            score.error += off.abs();
            score.bias += off;
        }
        let n = score.n.max(1) as f64;
        score.wis /= n;
        score.crps /= n;
        score.coverage.iter_mut().for_each(|sum| *sum /= n);
        score.error /= n;
        score.bias /= n;
        score
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_scored_by_its_distance() {
        assert!((wis(&[7.0], 10.0) - 3.0).abs() < 1e-12 && (crps(&[7.0], 10.0) - 3.0).abs() < 1e-12);
        // two points: E|X - y| = 2, E|X - X'| = 2 with probability one half
        assert!((crps(&[8.0, 12.0], 10.0) - (2.0 - 1.0)).abs() < 1e-12);
        assert!(covers(&[0.0, 10.0], 0.5, 5.0) && !covers(&[0.0, 10.0], 0.5, 9.0));
        let sorted: Vec<f64> = (0..1000).map(f64::from).collect();
        assert!(wis(&sorted, 500.0) < wis(&sorted, 900.0));
        // many quantiles approach the CRPS
        assert!((wis(&sorted, 700.0) / crps(&sorted, 700.0) - 1.0).abs() < 0.25);
    }
}
