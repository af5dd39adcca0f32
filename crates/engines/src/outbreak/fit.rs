//! Calibration: turns a few knobs of a policy until the reported cases of a run follow a published curve. It looks at the
//! days before the held-out ones only, and moves one knob at a time by a factor that shrinks, so the same input gives the
//! same knobs. The measure of misfit is the mean square of the logarithm of simulated over published.

use super::{
    curves::ln,
    policy::Policy,
    run::{Row, Run},
};

/// First step of a knob, and the smallest: 2 %.
const FIRST: f64 = 0.16;
const FINEST: f64 = 0.02;

/// A parameter of the policy that is tuned, from a day on.
#[derive(Clone, Debug, PartialEq)]
pub struct Knob {
    /// Name, as in policy files.
    pub name: String,
    /// First day of the run on which it acts, and the day before which it ends (that of the next knob of its name).
    pub from: u16,
    /// Value.
    pub value: f64,
}

/// Published cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Day of the run.
    pub day: u16,
    /// Reported on that day.
    pub cases: u32,
}

/// What a fit found.
#[derive(Clone, Debug)]
pub struct Fit {
    /// The knobs.
    pub knobs: Vec<Knob>,
    /// Mean square of ln(simulated / published) over the days that were looked at.
    pub misfit: f64,
    /// Runs that were needed.
    pub runs: u32,
}

/// A policy with its knobs set.
pub(super) fn turned(policy: &Policy, knobs: &[Knob]) -> Option<Policy> {
    let mut turned = policy.clone();
    knobs.iter().all(|knob| turned.set_from(knob.from, &knob.name, knob.value)).then_some(turned)
}

/// Mean square of ln(simulated / published); one is added to both, so that a day without cases can be compared.
pub fn misfit(rows: &[Row], observed: &[Observed]) -> f64 {
    let mut sum = 0.0;
    for day in observed {
        let simulated = rows.get(usize::from(day.day)).map_or(0, |row| row.reported);
        let ratio = ln((f64::from(simulated) + 1.0) / (f64::from(day.cases) + 1.0));
        sum += ratio * ratio;
    }
    sum / observed.len().max(1) as f64
}

/// Tunes the knobs on the observed days. `begin` starts a run of a policy; `watch` hears of every better setting.
pub fn fit<E>(
    policy: &Policy,
    knobs: Vec<Knob>,
    observed: &[Observed],
    begin: impl Fn(Policy) -> Result<Run, E>,
    mut watch: impl FnMut(&[Knob], f64),
) -> Result<Fit, E> {
    let days = observed.iter().map(|day| day.day + 1).max().unwrap_or(0);
    let mut runs = 0;
    let mut try_out = |knobs: &[Knob]| -> Result<f64, E> {
        let Some(policy) = turned(policy, knobs) else { return Ok(f64::INFINITY) };
        runs += 1;
        let mut run = begin(policy)?;
        let rows: Vec<Row> = (0..days).map(|_| run.step()).collect();
        Ok(misfit(&rows, observed))
    };
    let values: Vec<f64> = knobs.iter().map(|knob| knob.value).collect();
    let with = |values: &[f64]| -> Vec<Knob> {
        knobs.iter().zip(values).map(|(knob, value)| Knob { value: *value, ..knob.clone() }).collect()
    };
    let (best, misfit) =
        search(values, FIRST, |values| try_out(&with(values)), |values, misfit| watch(&with(values), misfit))?;
    Ok(Fit { knobs: with(&best), misfit, runs })
}

/// Moves one number at a time by a factor, which begins at one and a step and shrinks to [`FINEST`], while the misfit grows smaller;
/// gives the numbers and their misfit. `watch` hears of every better setting.
pub(super) fn search<E>(
    mut best: Vec<f64>,
    first: f64,
    mut misfit: impl FnMut(&[f64]) -> Result<f64, E>,
    mut watch: impl FnMut(&[f64], f64),
) -> Result<(Vec<f64>, f64), E> {
    let mut lowest = misfit(&best)?;
    let mut step = first;
    while step >= FINEST {
        let mut better = false;
        for at in 0..best.len() {
            for factor in [1.0 + step, 1.0 / (1.0 + step)] {
                let mut other = best.clone();
                other[at] *= factor;
                let found = misfit(&other)?;
                if found < lowest {
                    (best, lowest, better) = (other, found, true);
                    watch(&best, lowest);
                    break;
                }
            }
        }
        if !better {
            step *= 0.5;
        }
    }
    Ok((best, lowest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misfit_is_nothing_for_the_same_and_grows_with_the_ratio() {
        let row = |reported| Row { reported, ..Row::default() };
        let observed = [Observed { day: 0, cases: 99 }, Observed { day: 1, cases: 199 }];
        assert!(misfit(&[row(99), row(199)], &observed) < 1e-12);
        let off = misfit(&[row(199), row(99)], &observed);
        assert!((off - std::f64::consts::LN_2.powi(2)).abs() < 1e-9, "{off}");
    }
}
