//! A laboratory over time: tubes within any 24 hours beside what it is validated for, and the drift of its positive controls.

use super::{Bench, Level, Role, Settings, Signal, SignalKind};
use dayclear_core::time::Instant;
use std::collections::{BTreeSet, VecDeque};

/// Runs of a laboratory from which the usual value of its control is learnt.
const LEARNT_FROM: usize = 8;
/// Least spread of a control between runs, cycles: what instruments themselves show.
const SPREAD_LEAST: f64 = 0.25;

pub(super) fn throughput(bench: &Bench<'_, '_>, validated: Option<u32>, found: &mut Vec<Signal>) {
    let Some(validated) = validated else { return };
    let mut window: VecDeque<Instant> = VecDeque::new();
    let mut known: BTreeSet<&str> = BTreeSet::new();
    let (mut most, mut since) = (0, None);
    for row in bench.rows.iter().filter(|row| row.is_sample() && row.speaks()) {
        if !known.insert(row.tube) {
            continue;
        }
        window.push_back(row.reported);
        while window.front().is_some_and(|first| row.reported.minutes_since(*first) >= 24 * 60) {
            window.pop_front();
        }
        most = most.max(window.len());
        if window.len() > validated as usize && since.is_none() {
            since = Some(row.reported);
        }
    }
    if let Some(since) = since {
        found.push(Signal {
            level: Level::Alarm,
            kind: SignalKind::Throughput,
            laboratory: bench.name.to_owned(),
            run: None,
            lot: None,
            since_micros: since.micros(),
            figure: most as f64,
            limit: validated.into(),
            unit: "tubes in 24 h",
            of: known.len() as u64,
            source: SignalKind::Throughput.source(),
        });
    }
}

/// An exponentially weighted mean of the positive control, run by run, beside the laboratory's own first runs.
pub(super) fn controls(bench: &Bench<'_, '_>, settings: &Settings, found: &mut Vec<Signal>) {
    let mut values: Vec<(Instant, f64, Option<&str>, Option<&str>)> = bench
        .rows
        .iter()
        .filter(|row| row.role == Role::PositiveControl)
        .filter_map(|row| Some((row.reported, row.ct()?, row.run, row.lot)))
        .collect();
    values.sort_by(|a, b| (a.0, a.2).cmp(&(b.0, b.2)));
    if values.len() <= LEARNT_FROM {
        return;
    }
    let (learnt, rest) = values.split_at(LEARNT_FROM);
    let n = LEARNT_FROM as f64;
    let mean = learnt.iter().map(|value| value.1).sum::<f64>() / n;
    let spread =
        (learnt.iter().map(|value| (value.1 - mean).powi(2)).sum::<f64>() / (n - 1.0)).sqrt().max(SPREAD_LEAST);
    let weight = settings.ewma_weight;
    let mut smooth = 0.0;
    for (step, (at, value, run, lot)) in rest.iter().enumerate() {
        smooth = weight * ((value - mean) / spread) + (1.0 - weight) * smooth;
        let own = weight / (2.0 - weight) * (1.0 - (1.0 - weight).powi(2 * (step as i32 + 1)));
        // the usual value is itself known from a few runs only
        let limit = settings.ewma_l * (own + 1.0 / n).sqrt();
        if smooth.abs() > limit {
            found.push(Signal {
                level: Level::Alarm,
                kind: SignalKind::ControlDrift,
                laboratory: bench.name.to_owned(),
                run: run.map(str::to_owned),
                lot: lot.map(str::to_owned),
                since_micros: at.micros(),
                figure: smooth * spread,
                limit: limit * spread,
                unit: "cycles",
                of: values.len() as u64,
                source: SignalKind::ControlDrift.source(),
            });
            return;
        }
    }
}
