//! The serial interval: days from the onset of the infector to the onset of the infected. It uses whole days and whole
//! number sums, so mean and variance carry one rounding each and do not depend on the order of the pairs.

use serde::Serialize;

/// Serial interval over directed pairs with both onsets known, in days.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct SerialInterval {
    /// Pairs with both onsets.
    pub n: usize,
    /// Arithmetic mean; `None` without pairs.
    pub mean: Option<f64>,
    /// Sample standard deviation (divisor n - 1); `None` with fewer than two pairs.
    pub sd: Option<f64>,
    /// Median; the mean of the middle two when n is even.
    pub median: Option<f64>,
}

impl SerialInterval {
    /// From the days of each pair, in any order.
    pub fn of(mut days: Vec<i64>) -> Self {
        days.sort_unstable();
        let n = days.len();
        if n == 0 {
            return SerialInterval::default();
        }
        let sum: i128 = days.iter().map(|&d| i128::from(d)).sum();
        let squares: i128 = days.iter().map(|&d| i128::from(d) * i128::from(d)).sum();
        let count = n as i128;
        // Sum of squared deviations times n, exact in whole numbers.
        let spread = (count * squares - sum * sum) as f64;
        SerialInterval {
            n,
            mean: Some(sum as f64 / n as f64),
            sd: (n > 1).then(|| (spread / (count * (count - 1)) as f64).sqrt()),
            median: Some((days[(n - 1) / 2] + days[n / 2]) as f64 / 2.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SerialInterval;
    use proptest::prelude::*;

    #[test]
    fn small_cases() {
        let si = |days: &[i64]| SerialInterval::of(days.to_vec());
        assert_eq!(si(&[]), SerialInterval { n: 0, mean: None, sd: None, median: None });
        assert_eq!(si(&[4]), SerialInterval { n: 1, mean: Some(4.0), sd: None, median: Some(4.0) });
        // Deviations -2, 0, 0, 2: variance 8/3.
        assert_eq!(
            si(&[5, 3, 7, 5]),
            SerialInterval { n: 4, mean: Some(5.0), sd: Some((8.0f64 / 3.0).sqrt()), median: Some(5.0) }
        );
        assert_eq!(si(&[-1, 2]).median, Some(0.5));
    }

    proptest! {
        /// The two-pass textbook formula agrees, and a shift moves mean and median but not the spread.
        #[test]
        fn agrees_with_the_textbook(days in prop::collection::vec(-60i64..400, 2..60), shift in -1000i64..1000) {
            let si = SerialInterval::of(days.clone());
            let n = days.len() as f64;
            let mean = days.iter().sum::<i64>() as f64 / n;
            let sd = (days.iter().map(|&d| (d as f64 - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt();
            prop_assert!((si.mean.unwrap() - mean).abs() < 1e-9);
            prop_assert!((si.sd.unwrap() - sd).abs() < 1e-9);
            let moved = SerialInterval::of(days.iter().map(|d| d + shift).collect());
            prop_assert_eq!(moved.sd, si.sd);
            prop_assert_eq!(moved.median.unwrap(), si.median.unwrap() + shift as f64);
        }
    }
}
