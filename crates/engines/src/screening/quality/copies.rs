//! Records that repeat each other. A well is measured on its own, so internal controls of a run lie apart by chance; the record of one
//! well that is written down for several tubes gives them one value. A laboratory's most frequent value is compared with that of its
//! peers, and how often two tubes of a run agree with how often tubes of its different runs do: an instrument that rounds
//! coarsely agrees with itself everywhere, and a run that lies higher as a whole only by a little more.

use super::{Bench, Level, Settings, Signal, SignalKind, tails};
use dayclear_core::{screening::Finding, time::Instant};
use std::collections::{BTreeMap, BTreeSet};

/// Internal controls from which a laboratory is judged, and tubes from which a run is.
const VALUES_LEAST: usize = 50;
const RUN_LEAST: usize = 20;
/// How much more often two tubes of a run may agree than two of different runs: so much is explained by runs that lie apart from
/// each other by 1.7 times what the tubes of one run differ by.
const TIMES: f64 = 2.0;
/// Pairs for each tube that slips of people explain: ten times the share of rows that rules of rows tolerate.
const SLIPS: f64 = 0.05;

/// Coarsest steps of an instrument, in hundredths of a cycle, and the share of values that fall on the most frequent one for each
/// hundredth of a step: the peak of a normal distribution that spreads by half a cycle, less than internal controls do.
const STEP_MOST: u64 = 10;
const STEP_SHARE: f64 = 0.008;

/// Judges every laboratory; at most one signal each.
pub(super) fn judge(benches: &[Bench<'_, '_>], settings: &Settings, found: &mut Vec<Signal>) {
    let most = most_frequent(benches, settings);
    for (bench, signal) in benches.iter().zip(most) {
        found.extend(signal.or_else(|| within_runs(bench, settings)));
    }
}

/// The most frequent value of negatives, to the hundredth of a cycle, beside three times what is usual, or what the steps explain in which
/// the instrument tells its values.
fn most_frequent(benches: &[Bench<'_, '_>], settings: &Settings) -> Vec<Option<Signal>> {
    let mode = |bench: &Bench<'_, '_>| {
        let rows = bench.rows.iter().filter(|row| row.is_sample() && row.speaks() && row.finding == Finding::Negative);
        let mut seen: BTreeMap<i64, u64> = BTreeMap::new();
        rows.filter_map(|row| row.ct_ic).for_each(|ct| *seen.entry(hundredths(ct)).or_default() += 1);
        let of: u64 = seen.values().sum();
        let step = seen.keys().fold(0, |step, value| divisor(step, value.unsigned_abs())).clamp(1, STEP_MOST);
        (of >= VALUES_LEAST as u64).then(|| (seen.into_values().max().unwrap_or(0), of, step))
    };
    let modes: Vec<Option<(u64, u64, u64)>> = benches.iter().map(mode).collect();
    let mut shares: Vec<f64> = modes.iter().flatten().map(|(most, of, _)| *most as f64 / *of as f64).collect();
    let usual = 3.0 * tails::median(&mut shares);
    let beyond = |(bench, mode): (&Bench<'_, '_>, Option<(u64, u64, u64)>)| {
        let (most, of, step) = mode?;
        let usual = usual.max(step as f64 * STEP_SHARE).clamp(0.01, 1.0);
        let limit = tails::critical(of, usual, settings.alpha);
        let since = bench.rows.first().map_or(Instant::from_micros(0), |row| row.reported);
        (most >= limit).then(|| signal(bench.name, None, since, [most as f64, limit as f64], "equal values", of))
    };
    benches.iter().zip(modes).map(beyond).collect()
}

/// The run in which most pairs of tubes agree beyond what chance, coarse rounding and slips explain.
fn within_runs(bench: &Bench<'_, '_>, settings: &Settings) -> Option<Signal> {
    let mut runs: BTreeMap<&str, (Instant, Vec<i64>)> = BTreeMap::new();
    let mut known: BTreeSet<(&str, &str)> = BTreeSet::new();
    for row in bench.rows.iter().filter(|row| row.is_sample() && row.speaks()) {
        let (Some(run), Some(ct)) = (row.run, row.ct_ic) else { continue };
        if known.insert((run, row.tube)) {
            runs.entry(run).or_insert_with(|| (row.reported, Vec::new())).1.push(hundredths(ct));
        }
    }
    let mut all: Vec<i64> = runs.values().flat_map(|(_, values)| values.iter().copied()).collect();
    let of = all.len();
    // pairs of tubes of different runs, and those of them that agree
    let (mut equal, mut between) = (agree(&mut all), pairs(of));
    for (_, values) in runs.values_mut() {
        between -= pairs(values.len());
        equal -= agree(values);
    }
    if of < VALUES_LEAST || between == 0 {
        return None;
    }
    // as if one pair more had agreed: that none did is no proof that none ever does
    let usual = (equal + 1) as f64 / between as f64;
    let mut worst: Option<Signal> = None;
    for (run, (since, values)) in &mut runs {
        if values.len() < RUN_LEAST {
            continue;
        }
        let observed = agree(values) as f64;
        let explained = TIMES * usual * pairs(values.len()) as f64 + SLIPS * values.len() as f64;
        let further = worst.as_ref().is_none_or(|worst| observed / explained > worst.figure / worst.limit);
        if further && tails::poisson_at_least(observed, explained) < settings.alpha {
            let figures = [observed, explained];
            worst = Some(signal(bench.name, Some(run), *since, figures, "pairs of equal values in a run", of as u64));
        }
    }
    worst
}

/// The greatest common divisor; of nothing and a number the number.
fn divisor(mut one: u64, mut other: u64) -> u64 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

fn hundredths(ct: f64) -> i64 {
    (ct * 100.0).round() as i64
}

fn pairs(of: usize) -> u64 {
    let of = of as u64;
    of * of.saturating_sub(1) / 2
}

/// Pairs of equal values; sorts them.
fn agree(values: &mut [i64]) -> u64 {
    values.sort_unstable();
    values.chunk_by(|a, b| a == b).map(|equal| pairs(equal.len())).sum()
}

fn signal(
    laboratory: &str,
    run: Option<&str>,
    since: Instant,
    [figure, limit]: [f64; 2],
    unit: &'static str,
    of: u64,
) -> Signal {
    Signal {
        level: Level::Alarm,
        kind: SignalKind::InternalControlCopied,
        laboratory: laboratory.to_owned(),
        run: run.map(str::to_owned),
        lot: None,
        since_micros: since.micros(),
        figure,
        limit,
        unit,
        of,
        source: SignalKind::InternalControlCopied.source(),
    }
}
