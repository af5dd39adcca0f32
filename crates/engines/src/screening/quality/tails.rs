//! Tail probabilities of counts, and how often something may happen before it is more than mistakes explain.

use crate::epi::gamma::{Shape, ln_gamma, normal_quantile};

/// P(X >= k) for a Poisson count of this mean.
pub(super) fn poisson_at_least(k: f64, mean: f64) -> f64 {
    if k <= 0.0 {
        1.0
    } else if mean <= 0.0 {
        0.0
    } else {
        Shape::new(k).tails(mean).0
    }
}

/// The z of a Poisson count beside its expectation: the normal quantile of its exact mid-p tail, so that small counts are
/// judged exactly and large ones as the normal does.
pub(super) fn poisson_z(observed: f64, expected: f64) -> f64 {
    if expected <= 0.0 {
        return 2.0 * observed.sqrt();
    }
    let (above, at_least) = (poisson_at_least(observed + 1.0, expected), poisson_at_least(observed, expected));
    let upper = 0.5 * (above + at_least);
    if !(1e-14..=1.0 - 1e-14).contains(&upper) {
        // beyond what a double can hold of a tail: the root of a Poisson count has a variance of a quarter
        return 2.0 * (observed.sqrt() - expected.sqrt());
    }
    if upper < 0.5 { -normal_quantile(upper.max(1e-16)) } else { normal_quantile((1.0 - upper).max(1e-16)) }
}

/// P(X >= k) of n tries with probability p each.
pub(super) fn binomial_at_least(k: u64, n: u64, p: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    if k > n || p <= 0.0 {
        return 0.0;
    }
    let mut term = log_binomial(k, n, p).exp();
    let (mut sum, odds) = (0.0, p / (1.0 - p));
    for at in k..=n {
        sum += term;
        if term < sum * 1e-14 {
            break;
        }
        term *= (n - at) as f64 / (at + 1) as f64 * odds;
    }
    sum.min(1.0)
}

fn log_binomial(k: u64, n: u64, p: f64) -> f64 {
    let (k, n) = (k as f64, n as f64);
    ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0) + k * p.ln() + (n - k) * (-p).ln_1p()
}

/// The smallest count out of n that mistakes of this rate reach with a probability below `alpha`. At least 2: one row may be wrong.
pub(super) fn critical(n: u64, rate: f64, alpha: f64) -> u64 {
    let (mut low, mut high) = (2, n + 1);
    // the tail falls with k, so the first k below alpha is found by halving
    while low < high {
        let middle = low + (high - low) / 2;
        if binomial_at_least(middle, n, rate) < alpha { high = middle } else { low = middle + 1 }
    }
    low
}

/// The middle of some numbers; sorts them.
pub(super) fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n if n % 2 == 1 => values[n / 2],
        n => 0.5 * (values[n / 2 - 1] + values[n / 2]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_are_those_of_tables() {
        assert!((poisson_at_least(3.0, 2.0) - 0.323_323_583_816_936_5).abs() < 1e-12);
        assert!((binomial_at_least(3, 10, 0.1) - 0.070_190_826_5).abs() < 1e-9);
        assert!((binomial_at_least(0, 10, 0.1) - 1.0).abs() < 1e-12);
        assert_eq!(binomial_at_least(11, 10, 0.1), 0.0);
        assert!(poisson_z(100.0, 100.0).abs() < 0.05);
        assert!((poisson_z(130.0, 100.0) - 2.85).abs() < 0.1 && (poisson_z(70.0, 100.0) + 3.2).abs() < 0.15);
        assert!((poisson_z(360.0, 120.0) - 16.04).abs() < 0.01 && (poisson_z(0.0, 60.0) + 15.49).abs() < 0.01);
        for (n, rate) in [(10, 0.005), (1_000, 0.002), (30_000, 0.005)] {
            let c = critical(n, rate, 1e-4);
            assert!(binomial_at_least(c, n, rate) < 1e-4 && (c == 2 || binomial_at_least(c - 1, n, rate) >= 1e-4));
        }
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
    }
}
