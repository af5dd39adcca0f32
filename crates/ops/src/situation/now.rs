//! What is not seen yet: infections by the day of their sample, and by the day of the first symptoms, of which the last days are
//! known in part only. The nowcast learns from the days before how long it takes until they are known.

use super::{Curve, Given, gap};
use dayclear_core::situation::{Between, Gap, NowDay, Told};
use dayclear_engines::epi::nowcast::{Now, NowcastOptions, Triangle, nowcast};
use dayclear_store::situation::Since;

/// Longest delay that is made up for, in days: from the sample, from the onset.
const SAMPLE_DAYS: i64 = 7;
const ONSET_DAYS: i64 = 14;
/// Days from which delays are learnt.
const LEARNT_DAYS: usize = 28;
/// Draws.
const DRAWS: usize = 500;
/// Cases without which nothing is estimated.
const CASES_LEAST: i64 = 20;

pub(super) fn by_sample(given: &Given, curve: &Curve) -> Told<Vec<NowDay>> {
    days(given, curve, Since::Sample, SAMPLE_DAYS)
}

pub(super) fn by_onset(given: &Given, curve: &Curve) -> Told<Vec<NowDay>> {
    days(given, curve, Since::Onset, ONSET_DAYS)
}

fn days(given: &Given, curve: &Curve, since: Since, longest: i64) -> Told<Vec<NowDay>> {
    let length = given.day.days_since(given.first) + 1;
    if length <= longest {
        return Told::Missing(Gap::TooShort);
    }
    let mut table = vec![vec![0.0; longest as usize + 1]; length as usize];
    let mut cases = 0;
    let own = |code: &str| code.starts_with(curve.division.as_str());
    for lag in given.lags.iter().filter(|lag| lag.since == since && lag.day <= given.day && own(&lag.district)) {
        let began = lag.day.plus_days(-lag.lag).days_since(given.first);
        // what began before the first day that is counted belongs to none of these days
        let Some(row) = usize::try_from(began).ok().and_then(|began| table.get_mut(began)) else { continue };
        row[lag.lag.clamp(0, longest) as usize] += lag.n as f64;
        cases += lag.n;
    }
    match cases {
        0 => return Told::Missing(Gap::NoCases),
        cases if cases < CASES_LEAST => return Told::Missing(Gap::TooFew),
        _ => {}
    }
    let options = NowcastOptions { recent: Some(LEARNT_DAYS), draws: DRAWS, varying: true, seed: 1 };
    let made = Triangle::from_table(table).and_then(|triangle| nowcast(&triangle, options));
    let day = |now: Now| NowDay {
        day: given.first.plus_days(now.day as i64),
        seen: now.seen.round() as u64,
        complete: now.complete,
        expected: Between { low: now.wide[0], median: now.median, high: now.wide[1] },
    };
    match made {
        Ok(made) => Told::Known(made.into_iter().map(day).collect()),
        Err(error) => Told::Missing(gap(&error)),
    }
}
