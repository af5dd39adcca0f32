//! A laboratory beside its peers: positives against those expected from comparable tubes elsewhere (funnel with exact limits
//! and overdispersion, Spiegelhalter 2005), their course over the hours (CUSUM, Steiner et al. 2000), the Ct of positives and
//! of internal controls. A laboratory never counts among its own peers.

use super::{Bench, Level, Role, Settings, Signal, SignalKind, tails};
use dayclear_core::{screening::Finding, time::Instant};
use std::collections::BTreeMap;

/// Positives of a laboratory from which its Ct are compared.
const POSITIVES_LEAST: usize = 8;
/// Internal controls from which they are compared.
const CONTROLS_LEAST: usize = 50;
/// Least spread of means between laboratories, cycles: what instruments and reagents differ by.
const BETWEEN_LEAST: f64 = 0.5;
/// Runs with a positive control, and positives, from which Ct are read against it (with fewer positives chance is wider than what
/// instruments differ by, and a control tells nothing), and laboratories of that kind from which they are compared.
const RUNS_LEAST: usize = 8;
const POSITIVES_CONTROLLED: usize = 150;
const CONTROLLED_LEAST: usize = 10;
/// Least spread of means between laboratories once each is read against its own control, cycles: what swabs and extraction differ by,
/// which a control does not go through.
const BETWEEN_CONTROLLED: f64 = 0.25;
/// Ratio of rates that the CUSUM looks for.
const RATIO: f64 = 2.0;
/// Expected positives below which a unit says nothing of overdispersion.
const EXPECTED_LEAST: f64 = 1.0;

/// What the mean of z squared loses when the outer tenths of a normal are drawn in.
const WINSORISED: f64 = 0.6785;
/// How far a laboratory may stand from its peers at any time before the CUSUM counts, in spreads between laboratories.
const SPREADS: f64 = 1.5;

/// A comparison beyond no limit yet.
struct Candidate {
    signal: Signal,
    z: f64,
}

pub(super) fn judge(benches: &[Bench<'_, '_>], settings: &Settings, found: &mut Vec<Signal>) {
    let tubes: Vec<Vec<Tube<'_>>> = benches.iter().map(tubes).collect();
    let by_laboratory: Vec<(&str, &[Tube<'_>])> =
        benches.iter().zip(&tubes).map(|(bench, tubes)| (bench.name, tubes.as_slice())).collect();
    let mut candidates = Vec::new();
    let spread = funnel(&by_laboratory, settings, None, &mut candidates);
    cusum(&by_laboratory, settings, spread, found);
    let mut by_lot: BTreeMap<&str, Vec<Tube<'_>>> = BTreeMap::new();
    for tube in tubes.iter().flatten() {
        if let Some(lot) = tube.lot {
            by_lot.entry(lot).or_default().push(*tube);
        }
    }
    let by_lot: Vec<(&str, &[Tube<'_>])> = by_lot.iter().map(|(lot, tubes)| (*lot, tubes.as_slice())).collect();
    if by_lot.len() > 1 {
        funnel(&by_lot, settings, Some(spread), &mut candidates);
    }
    shift(benches, &tubes, settings, &mut candidates);
    together(&mut candidates, settings);
    internal_controls(benches, settings, &mut candidates);
    decide(candidates, settings, found);
}

/// Alarms are those comparisons among which false ones are expected to be a small share (Benjamini and Hochberg 1995); the others
/// beyond the funnel's limits are worth a look.
fn decide(mut candidates: Vec<Candidate>, settings: &Settings, found: &mut Vec<Signal>) {
    candidates.sort_by(|a, b| b.z.abs().total_cmp(&a.z.abs()));
    let tests = candidates.len() as f64;
    let two_sided = |z: f64| 2.0 * crate::epi::gamma::normal_cdf(-z.abs());
    let alarms = candidates
        .iter()
        .enumerate()
        .rposition(|(rank, candidate)| two_sided(candidate.z) <= settings.false_share * (rank + 1) as f64 / tests)
        .map_or(0, |last| last + 1);
    for (rank, mut candidate) in candidates.into_iter().enumerate() {
        // a difference that is certain and small is none to act on
        let large = candidate.signal.unit != "cycles" || candidate.signal.figure.abs() >= settings.ct_shift;
        if rank < alarms && large {
            candidate.signal.level = Level::Alarm;
        } else if candidate.z.abs() < settings.funnel_z || !large {
            continue;
        }
        found.push(candidate.signal);
    }
}

/// A tube with its first result.
#[derive(Clone, Copy)]
struct Tube<'a> {
    stratum: &'a str,
    lot: Option<&'a str>,
    at: Instant,
    positive: bool,
    ct: Option<f64>,
}

/// Tubes by the first result that says something; a later version is another matter.
fn tubes<'a>(bench: &Bench<'_, 'a>) -> Vec<Tube<'a>> {
    let mut seen = std::collections::BTreeSet::new();
    let rows = bench.rows.iter().filter(|row| row.is_sample() && row.speaks() && row.finding != Finding::Invalid);
    rows.filter(|row| seen.insert(row.tube))
        .map(|row| Tube {
            stratum: row.stratum,
            lot: row.lot,
            at: row.reported,
            positive: row.finding == Finding::Positive,
            ct: row.ct(),
        })
        .collect()
}

/// (positives, tubes) by stratum.
type Counts<'a> = BTreeMap<&'a str, (f64, f64)>;

fn counts<'a>(tubes: &[Tube<'a>]) -> Counts<'a> {
    let mut counts = Counts::new();
    for tube in tubes {
        let entry = counts.entry(tube.stratum).or_default();
        entry.0 += f64::from(u8::from(tube.positive));
        entry.1 += 1.0;
    }
    counts
}

/// Rate of each of a unit's strata among the others.
fn rates<'a>(own: &Counts<'a>, all: &Counts<'a>) -> BTreeMap<&'a str, f64> {
    let others = |(all, own): (&(f64, f64), &(f64, f64))| (all.0 - own.0, all.1 - own.1);
    let whole: (f64, f64) = all
        .iter()
        .map(|(stratum, all)| others((all, own.get(stratum).unwrap_or(&(0.0, 0.0)))))
        .fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    let overall = if whole.1 > 0.0 { whole.0 / whole.1 } else { 0.0 };
    own.iter()
        .map(|(stratum, mine)| {
            let (positives, tubes) = others((all.get(stratum).unwrap_or(mine), mine));
            // a stratum with little elsewhere borrows from all: as many tubes of the overall rate as hold one positive
            let borrowed = if overall > 0.0 { 1.0 / overall } else { 1.0 };
            (*stratum, (positives + overall * borrowed) / (tubes + borrowed))
        })
        .collect()
}

fn all<'a>(units: &[(&str, &[Tube<'a>])]) -> (Vec<Counts<'a>>, Counts<'a>) {
    let own: Vec<Counts<'a>> = units.iter().map(|(_, tubes)| counts(tubes)).collect();
    let mut all = Counts::new();
    for (stratum, (positives, tubes)) in own.iter().flatten() {
        let entry = all.entry(stratum).or_default();
        entry.0 += positives;
        entry.1 += tubes;
    }
    (own, all)
}

/// The funnel. Gives the spread of true rates between laboratories, as a share of the rate. For lots it is given.
fn funnel(
    units: &[(&str, &[Tube<'_>])],
    settings: &Settings,
    lots: Option<f64>,
    candidates: &mut Vec<Candidate>,
) -> f64 {
    let (own, all) = all(units);
    let judged: Vec<(f64, f64, f64)> = own
        .iter()
        .map(|own| {
            let rates = rates(own, &all);
            let expected: f64 =
                own.iter().map(|(stratum, (_, tubes))| rates.get(stratum).unwrap_or(&0.0) * tubes).sum();
            let observed: f64 = own.values().map(|count| count.0).sum();
            (observed, expected, tails::poisson_z(observed, expected))
        })
        .collect();
    let spread = lots.unwrap_or_else(|| between(&judged));
    for ((name, tubes), (observed, expected, z)) in units.iter().zip(&judged) {
        let wider = (1.0 + spread * spread * expected).sqrt();
        let z = z / wider;
        let Some(first) = tubes.first() else { continue };
        let kind = match (lots.is_some(), z < 0.0) {
            (true, _) => SignalKind::LotPositivity,
            (false, true) => SignalKind::PositivityLow,
            (false, false) => SignalKind::PositivityHigh,
        };
        let limit = (expected + z.signum() * settings.funnel_z * wider * expected.sqrt()).max(0.0);
        let mut signal = comparison(name, first.at, kind, [*observed, limit], tubes.len());
        if lots.is_some() {
            (signal.laboratory, signal.lot) = (String::new(), Some((*name).to_owned()));
        }
        candidates.push(Candidate { signal, z });
    }
    spread
}

/// Spread of true rates between laboratories: the additive overdispersion of Spiegelhalter (2005), by moments from z whose outer
/// tenths were drawn in, so that the cheats do not widen the limits that should find them.
fn between(judged: &[(f64, f64, f64)]) -> f64 {
    let mut kept: Vec<(f64, f64)> =
        judged.iter().filter(|unit| unit.1 >= EXPECTED_LEAST).map(|unit| (unit.2, unit.1)).collect();
    if kept.len() < 10 {
        return 0.0;
    }
    kept.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let cut = kept.len() / 10;
    let (low, high) = (kept[cut].0, kept[kept.len() - 1 - cut].0);
    let squares: f64 = kept.iter().map(|(z, _)| z.clamp(low, high).powi(2) / WINSORISED).sum();
    let expected: f64 = kept.iter().map(|unit| unit.1).sum();
    ((squares - kept.len() as f64) / expected).max(0.0).sqrt()
}

/// A CUSUM of the log likelihood ratio of half and of twice the rate expected from peers, tube by tube. What laboratories differ
/// by at all times is allowed for in the rate.
fn cusum(units: &[(&str, &[Tube<'_>])], settings: &Settings, spread: f64, found: &mut Vec<Signal>) {
    let (own, all) = all(units);
    let (less, more) = ((-SPREADS * spread).exp(), (SPREADS * spread).exp());
    for ((name, tubes), own) in units.iter().zip(&own) {
        let rates = rates(own, &all);
        let limit = settings.cusum_h;
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for tube in *tubes {
            let rate = rates.get(tube.stratum).copied().unwrap_or(0.0);
            let hit = f64::from(u8::from(tube.positive)) * RATIO.ln();
            low = (low - hit + rate * less * (1.0 - 1.0 / RATIO)).max(0.0);
            high = (high + hit - rate * more * (RATIO - 1.0)).max(0.0);
            if low.max(high) > limit {
                let [figure, limit] = if low > high { [-low, -limit] } else { [high, limit] };
                let mut signal = comparison(name, tube.at, SignalKind::PositivityChange, [figure, limit], tubes.len());
                signal.level = Level::Alarm;
                found.push(signal);
                break;
            }
        }
    }
}

/// Mean and its variance for each laboratory that has enough values, with the position of the laboratory. A laboratory's own few
/// values may lie close together by chance: its variance is at least half of the usual one.
fn means(values: &[Vec<f64>], least: usize) -> Vec<(usize, f64, f64)> {
    let enough = values.iter().enumerate().filter(|(_, values)| values.len() >= least);
    let mut found: Vec<(usize, f64, f64)> = enough
        .map(|(at, values)| {
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            (at, mean, values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0))
        })
        .collect();
    let usual = tails::median(&mut found.iter().map(|mean| mean.2).collect::<Vec<f64>>());
    for (at, _, variance) in &mut found {
        *variance = variance.max(0.5 * usual) / values[*at].len() as f64;
    }
    found
}

/// Shift of each laboratory's mean against the middle of all, and its z: the spread between laboratories is found by moments
/// from the middle of their distances, and is no less than `least`.
fn against_peers(means: &[(usize, f64, f64)], least: f64) -> Vec<(usize, f64, f64)> {
    let mut all: Vec<f64> = means.iter().map(|mean| mean.1).collect();
    let middle = tails::median(&mut all);
    let mut apart: Vec<f64> = means.iter().map(|(_, mean, _)| (mean - middle).abs()).collect();
    let total = (1.4826 * tails::median(&mut apart)).powi(2);
    let mut within: Vec<f64> = means.iter().map(|mean| mean.2).collect();
    let between = (total - tails::median(&mut within)).max(least * least);
    means
        .iter()
        .map(|(at, mean, variance)| (*at, mean - middle, (mean - middle) / (between + variance).sqrt()))
        .collect()
}

fn shift(benches: &[Bench<'_, '_>], tubes: &[Vec<Tube<'_>>], settings: &Settings, candidates: &mut Vec<Candidate>) {
    let ct = |tubes: &Vec<Tube<'_>>| {
        tubes.iter().filter(|tube| tube.positive).filter_map(|tube| tube.ct).collect::<Vec<f64>>()
    };
    let values: Vec<Vec<f64>> = tubes.iter().map(ct).collect();
    let plain = means(&values, POSITIVES_LEAST);
    let mut seen = against_peers(&plain, BETWEEN_LEAST);
    let many: Vec<_> = plain.into_iter().filter(|(at, ..)| values[*at].len() >= POSITIVES_CONTROLLED).collect();
    let controlled = against_controls(benches, &many);
    if controlled.len() >= CONTROLLED_LEAST {
        for one in against_peers(&controlled, BETWEEN_CONTROLLED) {
            // what is known more narrowly stands in place of the other
            if let Some(known) = seen.iter_mut().find(|known| known.0 == one.0) {
                *known = one;
            }
        }
    }
    for (at, shift, z) in seen {
        let kind = if shift > 0.0 { SignalKind::CtShift } else { SignalKind::WeakMissing };
        let Some(first) = tubes[at].first() else { continue };
        let signal =
            comparison(benches[at].name, first.at, kind, [shift, at_limit(shift, z, settings)], values[at].len());
        candidates.push(Candidate { signal, z });
    }
}

/// Means of those laboratories that ran enough positive controls, less what their control is off: it goes through the same instrument
/// and reagents, and is pooled by nobody.
fn against_controls(benches: &[Bench<'_, '_>], means: &[(usize, f64, f64)]) -> Vec<(usize, f64, f64)> {
    let control = |bench: &Bench<'_, '_>| {
        let rows = bench.rows.iter().filter(|row| row.role == Role::PositiveControl);
        rows.filter_map(|row| row.ct()).collect::<Vec<f64>>()
    };
    let mut controls: Vec<Vec<f64>> = benches.iter().map(control).collect();
    let mut kept = Vec::new();
    for (at, mean, variance) in means {
        let runs = controls[*at].len();
        if runs >= RUNS_LEAST {
            // the middle of them: a control that failed says nothing of the instrument
            let usual = tails::median(&mut controls[*at]);
            let mut apart: Vec<f64> = controls[*at].iter().map(|ct| (ct - usual).abs()).collect();
            let spread = 1.4826 * tails::median(&mut apart);
            // the middle of a normal sample has a variance of pi / 2 times that of its mean
            let own = std::f64::consts::FRAC_PI_2 * spread * spread / runs as f64;
            kept.push((*at, mean - usual, variance + own));
        }
    }
    kept
}

/// What a laboratory's positives and their Ct say together: fewer and weaker as when tubes are pooled again, fewer and stronger as
/// with a wrong threshold, more and weaker as with a contaminated lot. More and stronger is what an outbreak looks like.
fn together(candidates: &mut Vec<Candidate>, settings: &Settings) {
    let of = |candidate: &Candidate, kinds: &[SignalKind]| kinds.contains(&candidate.signal.kind);
    let mut ct: BTreeMap<&str, f64> = BTreeMap::new();
    for candidate in candidates.iter().filter(|one| of(one, &[SignalKind::CtShift, SignalKind::WeakMissing])) {
        ct.insert(&candidate.signal.laboratory, candidate.z);
    }
    let mut joint = Vec::new();
    for candidate in candidates.iter().filter(|one| of(one, &[SignalKind::PositivityLow, SignalKind::PositivityHigh])) {
        let Some(shift) = ct.get(candidate.signal.laboratory.as_str()) else { continue };
        if candidate.z > 0.0 && *shift < 0.0 {
            continue;
        }
        let z = (candidate.z.abs() + shift.abs()) / 2.0_f64.sqrt();
        let (name, since, of) = (&candidate.signal.laboratory, candidate.signal.since(), candidate.signal.of as usize);
        let signal = comparison(name, since, SignalKind::PositivesAndCt, [z, settings.funnel_z], of);
        // three of the four directions are looked at: the folded sum has a heavier tail than one normal
        joint.push(Candidate { signal, z: folded(z) });
    }
    candidates.extend(joint);
}

/// The z whose two-sided tail is that of the sum of two folded normals over sqrt 2, in the three directions that are looked at.
fn folded(z: f64) -> f64 {
    // P(|a| + |b| > s) = 1 - erf(s / 2)^2 with s = z sqrt 2, and erf(s / 2) = 2 Phi(z) - 1
    let within = 1.0 - 2.0 * crate::epi::gamma::normal_cdf(-z);
    let tail = 0.75 * (1.0 - within * within);
    -crate::epi::gamma::normal_quantile((0.5 * tail).max(1e-16))
}

/// The shift at the limit of a look.
fn at_limit(shift: f64, z: f64, settings: &Settings) -> f64 {
    let limit = if z == 0.0 { settings.ct_shift } else { (settings.funnel_z * shift / z).abs() };
    shift.signum() * limit.max(settings.ct_shift)
}

fn internal_controls(benches: &[Bench<'_, '_>], settings: &Settings, candidates: &mut Vec<Candidate>) {
    let ic = |bench: &Bench<'_, '_>| {
        let rows = bench.rows.iter().filter(|row| row.is_sample() && row.speaks() && row.finding == Finding::Negative);
        rows.filter_map(|row| row.ct_ic).collect::<Vec<f64>>()
    };
    let values: Vec<Vec<f64>> = benches.iter().map(ic).collect();
    let first = |at: usize| benches[at].rows.first().map_or(Instant::from_micros(0), |row| row.reported);
    for (at, shift, z) in against_peers(&means(&values, CONTROLS_LEAST), BETWEEN_LEAST) {
        let figures = [shift, at_limit(shift, z, settings)];
        let signal =
            comparison(benches[at].name, first(at), SignalKind::InternalControlShift, figures, values[at].len());
        candidates.push(Candidate { signal, z });
    }
}

/// A signal of comparison, worth a look until it is decided.
fn comparison(name: &str, since: Instant, kind: SignalKind, [figure, limit]: [f64; 2], of: usize) -> Signal {
    let unit = match kind {
        SignalKind::PositivesAndCt => "z",
        SignalKind::PositivityChange => "log likelihood ratio",
        SignalKind::CtShift | SignalKind::WeakMissing | SignalKind::InternalControlShift => "cycles",
        _ => "positive tubes",
    };
    Signal {
        level: Level::Look,
        kind,
        laboratory: name.to_owned(),
        run: None,
        lot: None,
        since_micros: since.micros(),
        figure,
        limit,
        unit,
        of: of as u64,
        source: kind.source(),
    }
}
