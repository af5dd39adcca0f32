//! A negative laid over an open abnormal (I16), and runs that were reported although a control failed (I03).

use super::{Bench, ResultRow, Role, Settings, Signal, SignalKind, rows::Broken};
use dayclear_core::screening::{Finding, Version};
use std::collections::BTreeMap;

/// Share of abnormal tubes that an honest laboratory may report wrongly in this way.
const OVERWRITTEN_TOLERATED: f64 = 0.005;
/// Share of runs with a failed control that may be reported by mistake.
const CONTROLS_TOLERATED: f64 = 0.01;

pub(super) fn judge(bench: &Bench<'_, '_>, settings: &Settings, found: &mut Vec<Signal>) {
    overwritten(bench, settings, found);
    controls(bench, settings, found);
}

fn overwritten(bench: &Bench<'_, '_>, settings: &Settings, found: &mut Vec<Signal>) {
    let mut open: BTreeMap<&str, &ResultRow<'_>> = BTreeMap::new();
    let mut broken = Broken::default();
    for row in bench.rows.iter().filter(|row| row.is_sample()) {
        match row.finding {
            Finding::Positive | Finding::Inconclusive if row.speaks() => {
                if open.insert(row.tube, row).is_none() {
                    broken.of += 1;
                }
            }
            Finding::Negative if row.speaks() => {
                if let Some(before) = open.remove(row.tube) {
                    // a correction, or what followed a preliminary result, stands on another run
                    let again = row.run.is_some() && row.run != before.run;
                    let may = row.version == Version::Corrected || before.version == Version::Preliminary;
                    if !(again && may) {
                        broken.add(row.reported, row.run);
                    }
                }
            }
            _ => {
                open.remove(row.tube);
            }
        }
    }
    broken.tell(SignalKind::Overwritten, bench.name, OVERWRITTEN_TOLERATED, settings, found);
}

fn controls(bench: &Bench<'_, '_>, settings: &Settings, found: &mut Vec<Signal>) {
    let mut failed: BTreeMap<&str, bool> = BTreeMap::new();
    for row in &bench.rows {
        let Some(run) = row.run else { continue };
        // where no Ct is told, what the laboratory says of its control stands
        let amplified = row.ct().map_or(row.finding == Finding::Positive, |ct| ct < settings.cutoff_ct);
        match row.role {
            Role::PositiveControl => *failed.entry(run).or_default() |= !amplified,
            Role::NegativeControl => *failed.entry(run).or_default() |= amplified,
            Role::Sample => {}
        }
    }
    let mut broken = Broken::among(failed.len() as u64);
    let mut told: BTreeMap<&str, ()> = BTreeMap::new();
    for row in bench.rows.iter().filter(|row| row.is_sample() && row.speaks() && row.finding != Finding::Invalid) {
        if let Some(run) = row.run
            && failed.get(run) == Some(&true)
            && told.insert(run, ()).is_none()
        {
            broken.add(row.reported, Some(run));
        }
    }
    broken.tell(SignalKind::ControlFailed, bench.name, CONTROLS_TOLERATED, settings, found);
}
