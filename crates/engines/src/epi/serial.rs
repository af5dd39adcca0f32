//! The serial interval as probabilities by whole days, discretised from its mean and standard deviation (Cori et al. 2013,
//! web appendix 11) or as given, and the total infectivity that it makes of a curve. It guarantees no mass at lag 0.

use super::{
    error::{EpiError, positive},
    gamma::Shape,
};
use serde::Serialize;

/// Below this tail no lag is looked at: the weights would be noise of rounding.
const TAIL: f64 = 1e-16;

/// Probabilities of the days between the onset of infector and infected, from lag 0, which is 0.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Serial {
    weights: Vec<f64>,
}

impl Serial {
    /// As given, from lag 0. They are taken as they are, not scaled to 1.
    pub fn from_weights(weights: Vec<f64>) -> Result<Serial, EpiError> {
        if let Some(lag) = weights.iter().position(|v| !(v.is_finite() && *v >= 0.0)) {
            return Err(EpiError::Probability { lag, value: weights[lag] });
        }
        if let Some(&zero) = weights.first().filter(|v| **v != 0.0) {
            return Err(EpiError::ZeroLag(zero));
        }
        let sum: f64 = weights.iter().sum();
        if (sum - 1.0).abs() > 0.01 {
            return Err(EpiError::Sum(sum));
        }
        let mut weights = weights;
        while weights.last() == Some(&0.0) {
            weights.pop();
        }
        Ok(Serial { weights })
    }

    /// Discretised from a gamma distribution shifted by a day, with this mean (above 1) and standard deviation in days, for
    /// lags below `lags`; not scaled to 1.
    pub fn from_moments(mean: f64, sd: f64, lags: usize) -> Result<Serial, EpiError> {
        if !(mean.is_finite() && mean > 1.0) {
            return Err(EpiError::Parameter {
                name: "the mean serial interval",
                value: mean,
                expected: "more than 1 day (the distribution is a gamma shifted by a day)",
            });
        }
        positive("the standard deviation of the serial interval", sd)?;
        let (a, b) = (((mean - 1.0) / sd).powi(2), sd * sd / (mean - 1.0));
        let (first, second) = (Shape::new(a), Shape::new(a + 1.0));
        // F and F1 at k, k - 1, k - 2
        let (mut f, mut f1) = ([0.0; 3], [0.0; 3]);
        let mut weights = Vec::new();
        for k in 0..lags {
            let x = k as f64;
            let (p, _) = first.tails(x / b);
            let (p1, _) = second.tails(x / b);
            f = [p, f[0], f[1]];
            f1 = [p1, f1[0], f1[1]];
            let w = x * f[0] + (x - 2.0) * f[2] - 2.0 * (x - 1.0) * f[1] + a * b * (2.0 * f1[1] - f1[2] - f1[0]);
            weights.push(w.max(0.0));
            if k > 2 && first.tails((x - 2.0) / b).1 < TAIL {
                break;
            }
        }
        Ok(Serial { weights })
    }

    /// The probabilities, from lag 0.
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Mean, in days.
    pub fn mean(&self) -> f64 {
        self.weights.iter().enumerate().map(|(k, w)| k as f64 * w).sum()
    }

    /// Standard deviation, in days.
    pub fn sd(&self) -> f64 {
        let mean = self.mean();
        let square: f64 = self.weights.iter().enumerate().map(|(k, w)| (k * k) as f64 * w).sum();
        (square - mean * mean).max(0.0).sqrt()
    }

    /// Total infectivity of each day: `L[t] = sum over s >= 1 of I[t-s] w[s]`, 0 on the first.
    pub fn infectivity(&self, incidence: &[f64]) -> Vec<f64> {
        let w = &self.weights;
        (0..incidence.len())
            .map(|t| {
                let reach = t.min(w.len().saturating_sub(1));
                (1..=reach).map(|s| incidence[t - s] * w[s]).sum()
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::epi::reference;

    #[test]
    fn discretised_as_in_the_reference() {
        let mut worst = 0.0f64;
        for row in reference::numbers(include_str!("../../../../data/rt/discr_si_reference.csv")) {
            let serial = Serial::from_moments(row[0], row[1], 200).unwrap();
            worst = worst.max((serial.weights().get(row[2] as usize).unwrap_or(&0.0) - row[3]).abs());
        }
        assert!(worst < 1e-12, "{worst:e}");
    }

    #[test]
    fn infectivity_as_in_the_reference() {
        for set in reference::SETS {
            let lambda = reference::serial(set).infectivity(&reference::incidence(set));
            for row in reference::numbers(set.lambda).iter().skip(1) {
                assert!((lambda[row[0] as usize - 1] - row[1]).abs() <= 1e-12 * row[1].abs().max(1.0), "{row:?}");
            }
        }
    }

    #[test]
    fn what_is_no_serial_interval_is_refused() {
        assert_eq!(Serial::from_weights(vec![0.1, 0.9]), Err(EpiError::ZeroLag(0.1)));
        assert!(matches!(Serial::from_weights(vec![0.0, 0.5]), Err(EpiError::Sum(_))));
        assert!(matches!(Serial::from_weights(vec![]), Err(EpiError::Sum(_))));
        assert!(matches!(Serial::from_weights(vec![0.0, 1.5, -0.5]), Err(EpiError::Probability { lag: 2, .. })));
        assert!(matches!(Serial::from_moments(1.0, 1.0, 9), Err(EpiError::Parameter { .. })));
        assert!(matches!(Serial::from_moments(2.0, 0.0, 9), Err(EpiError::Parameter { .. })));
    }
}
