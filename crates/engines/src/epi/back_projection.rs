//! Back-projection: days of infection from days of onset or report (Becker, Watson and Carlin 1991; the same iteration as
//! Richardson and Lucy's, with truncation at the last day). By default it starts flat at the mean and does not smooth.

use super::error::{EpiError, counts};

/// Updates after which the iteration ends by default, as the R package surveillance does it for 30.
pub const UPDATES: usize = 31;

/// Infections by day from onsets by day, where `delay[d]` is the probability of d days between. The last days, of which little
/// has been seen yet, are uncertain; with `delay[0] = 0` nothing is known of the last one, which is 0.
pub fn back_project(onsets: &[f64], delay: &[f64], updates: usize) -> Result<Vec<f64>, EpiError> {
    counts(onsets)?;
    let days = onsets.len();
    if days == 0 {
        return Err(EpiError::Short { days, needed: 1 });
    }
    if let Some(lag) = delay.iter().position(|v| !(v.is_finite() && *v >= 0.0)) {
        return Err(EpiError::Probability { lag, value: delay[lag] });
    }
    let sum: f64 = delay.iter().sum();
    if (sum - 1.0).abs() > 0.01 {
        return Err(EpiError::Sum(sum));
    }
    let reach = |t: usize| delay.len().min(days - t);
    let seen: Vec<f64> = (0..days).map(|t| delay[..reach(t)].iter().sum()).collect();
    let mut x = vec![onsets.iter().sum::<f64>() / days as f64; days];
    for _ in 0..updates {
        let mut mu = vec![0.0; days];
        for (t, x) in x.iter().enumerate() {
            for (d, f) in delay[..reach(t)].iter().enumerate() {
                mu[t + d] += f * x;
            }
        }
        for (t, x) in x.iter_mut().enumerate() {
            let sum: f64 =
                (0..reach(t)).filter(|d| mu[t + d] > 0.0).map(|d| delay[d] * onsets[t + d] / mu[t + d]).sum();
            *x = if seen[t] > 0.0 { *x * sum / seen[t] } else { 0.0 };
        }
    }
    Ok(x)
}
