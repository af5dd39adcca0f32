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

/// The first time by which a share has ended; none where so many have not ended yet.
pub fn time_by(steps: &[Step], share: f64) -> Option<f64> {
    steps.iter().find(|step| 1.0 - step.share >= share - 1e-12).map(|step| step.time)
}

/// A delay that is known only because it has ended: its length, and how long it could have been and still be known by now.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ended {
    /// Length.
    pub length: f64,
    /// From its beginning until now; no less than the length.
    pub room: f64,
}

/// Share of delays that last no longer than each length that was seen, where one that has not ended yet is not known at all
/// (right truncation): Lynden-Bell 1971, Kaplan and Meier's estimate run backwards in time. It says nothing of delays longer
/// than the longest that could be known.
pub fn truncated(delays: &[Ended]) -> Result<Vec<(f64, f64)>, EpiError> {
    if delays.is_empty() {
        return Err(EpiError::Few { found: 0, needed: 1 });
    }
    if let Some(at) = delays.iter().position(|d| !(d.length >= 0.0 && d.room.is_finite() && d.length <= d.room)) {
        return Err(EpiError::Record { row: at + 1, what: "it is longer than the time in which it could be known" });
    }
    let mut lengths: Vec<f64> = delays.iter().map(|d| d.length).collect();
    let mut rooms: Vec<f64> = delays.iter().map(|d| d.room).collect();
    lengths.sort_unstable_by(f64::total_cmp);
    rooms.sort_unstable_by(f64::total_cmp);
    let mut shares = Vec::new();
    let (mut share, mut upto) = (1.0, lengths.len());
    while upto > 0 {
        let length = lengths[upto - 1];
        shares.push((length, share));
        let before = lengths[..upto].partition_point(|other| *other < length);
        // of those that were no longer than this, the ones that would still be known had they been as long
        let at_risk = upto - rooms.partition_point(|room| *room < length);
        share *= 1.0 - (upto - before) as f64 / at_risk.max(upto - before) as f64;
        upto = before;
    }
    shares.reverse();
    Ok(shares)
}

/// The first length by which a share has ended, of the shares that [`truncated`] gives.
pub fn length_by(shares: &[(f64, f64)], share: f64) -> Option<f64> {
    shares.iter().find(|(_, upto)| *upto >= share - 1e-12).map(|(length, _)| *length)
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
    fn long_delays_that_could_not_be_known_yet_are_made_up_for() {
        // by hand: of 1, 1 and 2 that could have been as long as they like, and a 1 that began a day ago
        let ended = |length, room| Ended { length, room };
        let shares = truncated(&[ended(1.0, 9.0), ended(1.0, 9.0), ended(2.0, 9.0), ended(1.0, 1.0)]).unwrap();
        assert!((shares[0].1 - (1.0 - 1.0 / 3.0)).abs() < 1e-12 && shares[1] == (2.0, 1.0), "{shares:?}");
        assert_eq!((length_by(&shares, 0.5), length_by(&shares, 0.9)), (Some(1.0), Some(2.0)));
        // two days each for half, one day for the other half, and ten times as many begin each day: the plain median is 1
        let mut delays = Vec::new();
        for begun in 1..=4 {
            let n = 10_usize.pow(5 - begun as u32);
            delays.extend(std::iter::repeat_n(ended(1.0, begun as f64), n / 2));
            delays.extend(std::iter::repeat_n(ended(2.0, begun as f64), if begun >= 2 { n / 2 } else { 0 }));
        }
        let (plain, all) = (delays.iter().filter(|d| d.length == 1.0).count(), delays.len());
        let shares = truncated(&delays).unwrap();
        assert!(plain as f64 / all as f64 > 0.9 && (shares[0].1 - 0.5).abs() < 0.01, "{shares:?}");
        assert!(truncated(&[]).is_err() && truncated(&[ended(2.0, 1.0)]).is_err());
        // with room without end it is the empirical distribution
        let all: Vec<Ended> = (1..=4).map(|n| ended(f64::from(n), 99.0)).collect();
        assert_eq!(truncated(&all).unwrap().iter().map(|s| s.1).collect::<Vec<_>>(), [0.25, 0.5, 0.75, 1.0]);
    }

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
