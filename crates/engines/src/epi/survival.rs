//! Kaplan and Meier's estimate of a stay or a delay that is not over for everybody: who still waits counts as waiting, never
//! as missing. Intervals by Greenwood's variance on the log-log scale, so they stay between 0 and 1.

use super::{error::EpiError, gamma::normal_quantile};
use serde::Serialize;

/// Share still waiting from a time on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Step {
    /// Time, in days.
    pub time: f64,
    /// Waiting just before.
    pub at_risk: usize,
    /// Ended at this time.
    pub ended: usize,
    /// Share that waits longer than this.
    pub share: f64,
    /// 95 % interval.
    pub interval: [f64; 2],
}

/// From pairs of time and whether it ended then (or else was still going on). Times are 0 or more.
pub fn kaplan_meier(times: &[(f64, bool)]) -> Result<Vec<Step>, EpiError> {
    if times.is_empty() {
        return Err(EpiError::Few { found: 0, needed: 1 });
    }
    if let Some(at) = times.iter().position(|(time, _)| !(time.is_finite() && *time >= 0.0)) {
        return Err(EpiError::Record { row: at + 1, what: "the time is below 0 or no number" });
    }
    let mut times = times.to_vec();
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let z = normal_quantile(0.975);
    let (mut steps, mut share, mut variance, mut at) = (Vec::new(), 1.0, 0.0, 0);
    while at < times.len() {
        let time = times[at].0;
        let at_risk = times.len() - at;
        let same = times[at..].iter().take_while(|other| other.0 == time).count();
        let ended = times[at..at + same].iter().filter(|other| other.1).count();
        at += same;
        if ended == 0 {
            continue;
        }
        let (n, d) = (at_risk as f64, ended as f64);
        share *= 1.0 - d / n;
        variance += d / (n * (n - d));
        let interval = if share > 0.0 && share < 1.0 {
            let reach = (z * variance.sqrt() / share.ln()).exp();
            let (a, b) = (share.powf(reach), share.powf(1.0 / reach));
            [a.min(b), a.max(b)]
        } else {
            [share, share]
        };
        steps.push(Step { time, at_risk, ended, share, interval });
    }
    Ok(steps)
}

/// Share that waits longer than each whole number of days, from 0; beyond the last end it stays as it was.
pub fn by_day(steps: &[Step], days: usize) -> Vec<f64> {
    (0..days)
        .map(|day| steps.iter().take_while(|step| step.time <= day as f64).last().map_or(1.0, |step| step.share))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_textbook_example_by_hand() {
        // 6-MP arm of Freireich et al. 1963, as in every textbook: S(6) = 0.857, S(10) = 0.753, S(23) = 0.448
        let ended = [6., 6., 6., 7., 10., 13., 16., 22., 23.];
        let open = [6., 9., 10., 11., 17., 19., 20., 25., 32., 32., 34., 35.];
        let times: Vec<(f64, bool)> =
            ended.iter().map(|&t| (t, true)).chain(open.iter().map(|&t| (t, false))).collect();
        let steps = kaplan_meier(&times).unwrap();
        let share = |time: f64| steps.iter().find(|step| step.time == time).unwrap().share;
        assert!((share(6.) - 18.0 / 21.0).abs() < 1e-12 && (share(10.) - 0.7529).abs() < 1e-4);
        assert!((share(23.) - 0.4482).abs() < 1e-4);
        let days = by_day(&steps, 8);
        assert_eq!((days[0], days[5], days[6]), (1.0, 1.0, share(6.)));
        assert!(steps.iter().all(|s| s.interval[0] <= s.share && s.share <= s.interval[1]));
        assert!(kaplan_meier(&[]).is_err() && kaplan_meier(&[(-1.0, true)]).is_err());
    }
}
