//! Differences between two ways of doing things that were played on the same seeds: chance is the same on both sides, so it goes
//! out of the difference. Pure; one mechanism for drills and scenarios.

/// Two-sided 95 % points of Student's t by degrees of freedom, from 1 on; beyond the table, of the normal distribution.
const T_95: [f64; 30] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
    2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/// Mean of the other less the one, and half the width of its 95 % interval (Student's t, paired); none for fewer than two pairs.
pub fn difference(pairs: &[(f64, f64)]) -> (f64, Option<f64>) {
    let n = pairs.len() as f64;
    let mean = pairs.iter().map(|(one, other)| other - one).sum::<f64>() / n.max(1.0);
    let Some(degrees) = pairs.len().checked_sub(2) else { return (mean, None) };
    let squares: f64 = pairs.iter().map(|(one, other)| (other - one - mean).powi(2)).sum();
    let error = (squares / (n - 1.0) / n).sqrt();
    (mean, Some(error * T_95.get(degrees).copied().unwrap_or(1.96)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paired_difference_has_its_interval() {
        // differences 1, 2, 3: mean 2, sd 1, error 0.577, t(2) = 4.303
        let (mean, half) = difference(&[(0.0, 1.0), (0.0, 2.0), (0.0, 3.0)]);
        assert!((mean - 2.0).abs() < 1e-9 && (half.unwrap() - 4.303 / 3f64.sqrt()).abs() < 1e-9);
        // what is the same differs by nothing, and of one pair nobody knows how far it may be off
        assert_eq!(difference(&[(7.5, 7.5), (3.1, 3.1)]), (0.0, Some(0.0)));
        assert_eq!(difference(&[(1.0, 3.0)]), (2.0, None));
        assert_eq!(difference(&[]), (0.0, None));
    }
}
