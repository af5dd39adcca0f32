//! Rules of single rows: each row keeps them or not, and a laboratory may break one as often as mistakes explain.

use super::{Bench, Level, ResultRow, Settings, Signal, SignalKind, tails};
use dayclear_core::{screening::Finding, time::Instant};
use std::collections::{BTreeMap, BTreeSet};

/// A rule: what it is, the share of rows that honest mistakes may break (clocks, typing), and whether a row breaks it; none
/// where the row cannot tell.
struct Rule {
    kind: SignalKind,
    tolerated: f64,
    breaks: fn(&ResultRow<'_>, &Settings) -> Option<bool>,
}

const RULES: &[Rule] = &[
    Rule {
        kind: SignalKind::Turnaround,
        tolerated: 0.005,
        breaks: |row, settings| Some(row.reported.minutes_since(row.received?) < settings.assay_min),
    },
    Rule {
        kind: SignalKind::RunBeforeReceipt,
        tolerated: 0.005,
        breaks: |row, _| Some(row.run_start? < row.received?),
    },
    Rule {
        kind: SignalKind::BeforeRunEnd,
        tolerated: 0.005,
        breaks: |row, _| (row.finding == Finding::Negative).then_some(row.reported < row.run_end?),
    },
    Rule { kind: SignalKind::NoRun, tolerated: 0.005, breaks: |row, _| Some(row.run.is_none()) },
    Rule {
        kind: SignalKind::Polarity,
        tolerated: 0.005,
        // judged are rows in which something was found, or is said to be: among all negatives a few would not show
        breaks: |row, settings| {
            let found = |ct: Option<f64>| ct.is_some_and(|ct| ct < settings.cutoff_ct);
            match row.finding {
                Finding::Negative => {
                    (found(row.ct_n) || found(row.ct_orf)).then_some(found(row.ct_n) && found(row.ct_orf))
                }
                Finding::Positive => Some(!found(row.ct_n) && !found(row.ct_orf)),
                Finding::Inconclusive | Finding::Invalid => None,
            }
        },
    },
    Rule {
        kind: SignalKind::InternalControl,
        tolerated: 0.005,
        breaks: |row, settings| {
            (row.finding == Finding::Negative).then_some(row.ct_ic.is_none_or(|ct| ct >= settings.cutoff_ct))
        },
    },
];

/// Counts what breaks a rule, with the run that has most of it and the row at which the limit was passed.
#[derive(Default)]
pub(super) struct Broken<'a> {
    pub count: u64,
    pub of: u64,
    times: Vec<Instant>,
    runs: BTreeMap<&'a str, u64>,
}

impl<'a> Broken<'a> {
    /// Nothing broken yet among so many.
    pub fn among(of: u64) -> Broken<'a> {
        Broken { of, ..Broken::default() }
    }

    pub fn add(&mut self, at: Instant, run: Option<&'a str>) {
        self.count += 1;
        self.times.push(at);
        if let Some(run) = run {
            *self.runs.entry(run).or_default() += 1;
        }
    }

    /// The signal: an alarm from the critical count on, a look below it.
    pub fn tell(
        mut self,
        kind: SignalKind,
        laboratory: &str,
        tolerated: f64,
        settings: &Settings,
        found: &mut Vec<Signal>,
    ) {
        if self.count == 0 {
            return;
        }
        self.times.sort();
        let limit = tails::critical(self.of, tolerated, settings.alpha);
        let alarm = self.count >= limit;
        let since = self.times[if alarm { limit as usize - 1 } else { 0 }];
        let run = self
            .runs
            .iter()
            .max_by_key(|(name, count)| (**count, std::cmp::Reverse(**name)))
            .map(|(name, _)| (*name).to_owned());
        found.push(Signal {
            level: if alarm { Level::Alarm } else { Level::Look },
            kind,
            laboratory: laboratory.to_owned(),
            run,
            lot: None,
            since_micros: since.micros(),
            figure: self.count as f64,
            limit: limit as f64,
            unit: "results",
            of: self.of,
            source: kind.source(),
        });
    }
}

pub(super) fn judge(bench: &Bench<'_, '_>, settings: &Settings, found: &mut Vec<Signal>) {
    // a laboratory whose rows never carry internal controls does not send them: that is a matter of its files
    let sends_ic = bench.rows.iter().any(|row| row.ct_ic.is_some());
    let sends_ct = bench.rows.iter().any(|row| row.is_sample() && row.ct().is_some());
    let sends_runs = bench.rows.iter().any(|row| row.run.is_some());
    for rule in RULES {
        let silent = match rule.kind {
            SignalKind::InternalControl => !sends_ic,
            SignalKind::Polarity => !sends_ct,
            SignalKind::NoRun => !sends_runs,
            _ => false,
        };
        if silent {
            continue;
        }
        let mut broken = Broken::default();
        for row in bench.rows.iter().filter(|row| row.is_sample() && row.speaks()) {
            if let Some(breaks) = (rule.breaks)(row, settings) {
                broken.of += 1;
                if breaks {
                    broken.add(row.reported, row.run);
                }
            }
        }
        broken.tell(rule.kind, bench.name, rule.tolerated, settings, found);
    }
    wells(bench, settings, found);
}

/// Tubes that share a well with another tube of the same run.
fn wells(bench: &Bench<'_, '_>, settings: &Settings, found: &mut Vec<Signal>) {
    let mut taken: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    let mut seen: BTreeSet<(&str, &str)> = BTreeSet::new();
    let mut broken = Broken::default();
    for row in bench.rows.iter().filter(|row| row.speaks()) {
        let (Some(run), Some(well)) = (row.run, row.well) else { continue };
        if !seen.insert((run, row.tube)) {
            continue;
        }
        broken.of += 1;
        if *taken.entry((run, well)).or_insert(row.tube) != row.tube {
            broken.add(row.reported, Some(run));
        }
    }
    broken.tell(SignalKind::Wells, bench.name, 0.002, settings, found);
}
