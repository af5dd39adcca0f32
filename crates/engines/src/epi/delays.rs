//! Distribution of a delay whose ends are known only by the day and whose long ones have not ended yet: maximum likelihood
//! with doubly interval-censored, right-truncated records for gamma, lognormal and Weibull, the best by AIC. The plain mean
//! of finished records is too short while an outbreak grows; this is not.

use super::{
    error::EpiError,
    gamma::{Shape, ln_gamma, normal_cdf, normal_quantile},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Family of distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Shape, scale.
    Gamma,
    /// Mean and standard deviation of the logarithm (the first may be below 0).
    Lognormal,
    /// Shape, scale.
    Weibull,
}

impl Family {
    /// All of them.
    pub const ALL: [Family; 3] = [Family::Gamma, Family::Lognormal, Family::Weibull];

    /// Name as printed.
    pub fn name(self) -> &'static str {
        match self {
            Family::Gamma => "gamma",
            Family::Lognormal => "lognormal",
            Family::Weibull => "weibull",
        }
    }

    /// Mean and standard deviation.
    pub fn moments(self, [a, b]: [f64; 2]) -> (f64, f64) {
        match self {
            Family::Gamma => (a * b, a.sqrt() * b),
            Family::Lognormal => {
                let mean = (a + b * b / 2.0).exp();
                (mean, mean * (b * b).exp_m1().sqrt())
            }
            Family::Weibull => {
                let first = ln_gamma(1.0 + 1.0 / a).exp();
                let second = ln_gamma(1.0 + 2.0 / a).exp();
                (b * first, b * (second - first * first).max(0.0).sqrt())
            }
        }
    }

    /// Distribution function.
    pub fn cdf(self, parameters: [f64; 2], x: f64) -> f64 {
        Law::new(self, parameters).cdf(x)
    }

    /// From the unbounded scale on which the likelihood is climbed.
    fn parameters(self, [x, y]: [f64; 2]) -> [f64; 2] {
        match self {
            Family::Lognormal => [x, y.exp()],
            Family::Gamma => [x.exp(), (y - x).exp()],
            Family::Weibull => [x.exp(), y.exp()],
        }
    }

    fn start(self, mean: f64, sd: f64) -> [f64; 2] {
        let cv2 = (sd / mean).powi(2).max(1e-4);
        match self {
            Family::Lognormal => [mean.ln() - 0.5 * cv2.ln_1p(), 0.5 * cv2.ln_1p().ln()],
            Family::Gamma => [-cv2.ln(), mean.ln()],
            Family::Weibull => [-1.086 * 0.5 * cv2.ln(), mean.ln()],
        }
    }
}

/// A distribution with what does not depend on the point.
enum Law {
    Gamma(Shape, f64),
    Lognormal(f64, f64),
    Weibull(f64, f64),
}

impl Law {
    fn new(family: Family, [a, b]: [f64; 2]) -> Law {
        match family {
            Family::Gamma => Law::Gamma(Shape::new(a), b),
            Family::Lognormal => Law::Lognormal(a, b),
            Family::Weibull => Law::Weibull(a, b),
        }
    }

    fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 {
            return 0.0;
        }
        match self {
            Law::Gamma(shape, scale) => shape.tails(x / scale).0,
            Law::Lognormal(mu, sigma) => normal_cdf((x.ln() - mu) / sigma),
            Law::Weibull(k, scale) => -(-(x / scale).powf(*k)).exp_m1(),
        }
    }
}

/// One delay: it began in `[start.0, start.1]`, ended in `[end.0, end.1]`, and would not be known had it ended after the
/// cut-off. Days, as real numbers: an event on day 5 lies in `[5, 6]`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Record {
    /// Window of the beginning.
    pub start: (f64, f64),
    /// Window of the end.
    pub end: (f64, f64),
    /// Cut-off; infinite for none.
    pub cutoff: f64,
}

impl Record {
    /// Both ends known to the day, with the cut-off at the end of its day.
    pub fn days(start: i64, end: i64, cutoff: Option<i64>) -> Record {
        let day = |day: i64| (day as f64, (day + 1) as f64);
        Record { start: day(start), end: day(end), cutoff: cutoff.map_or(f64::INFINITY, |day| (day + 1) as f64) }
    }
}

/// A fitted distribution.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fit {
    /// Family.
    pub family: Family,
    /// Its two parameters, as `Family` names them.
    pub parameters: [f64; 2],
    /// Standard errors of the parameters.
    pub errors: [f64; 2],
    /// Mean and its 95 % interval, days.
    pub mean: [f64; 3],
    /// Standard deviation and its 95 % interval, days.
    pub sd: [f64; 3],
    /// Logarithm of the likelihood.
    pub log_likelihood: f64,
    /// Akaike's criterion; the lowest fits best.
    pub aic: f64,
    /// Records.
    pub records: usize,
}

/// Eight-point Gauss-Legendre nodes and weights on [-1, 1] (Abramowitz and Stegun 25.4.30).
const NODES: [(f64, f64); 4] = [
    (0.183_434_642_495_649_8, 0.362_683_783_378_362),
    (0.525_532_409_916_329, 0.313_706_645_877_887_3),
    (0.796_666_477_413_626_7, 0.222_381_034_453_374_48),
    (0.960_289_856_497_536_3, 0.101_228_536_290_376_26),
];

/// Mean of a function over a window, in pieces of at most five days.
fn integral((from, to): (f64, f64), of: impl Fn(f64) -> f64) -> f64 {
    if to <= from {
        return of(from);
    }
    let pieces = ((to - from) / 5.0).ceil();
    let half = 0.5 * (to - from) / pieces;
    let piece = |at: usize| {
        let middle = from + half * (2 * at + 1) as f64;
        NODES.iter().map(|(x, w)| w * (of(middle - half * x) + of(middle + half * x))).sum::<f64>()
    };
    0.5 * (0..pieces as usize).map(piece).sum::<f64>() / pieces
}

/// Equal records together: lengths of the windows, the gap, the room until the cut-off.
type Kinds = Vec<([f64; 4], f64)>;

fn kinds(records: &[Record]) -> Result<Kinds, EpiError> {
    if records.len() < 5 {
        return Err(EpiError::Few { found: records.len(), needed: 5 });
    }
    let mut longest = 1.0f64;
    for (at, r) in records.iter().enumerate() {
        let bad = |what| Err(EpiError::Record { row: at + 1, what });
        if ![r.start.0, r.start.1, r.end.0, r.end.1].iter().all(|v| v.is_finite()) || r.cutoff.is_nan() {
            return bad("a day is missing or no number");
        }
        if r.start.1 < r.start.0 || r.end.1 < r.end.0 {
            return bad("a window ends before it begins");
        }
        if r.end.1 <= r.start.0 {
            return bad("it ends before it begins");
        }
        if r.end.0 >= r.cutoff {
            return bad("it ends after the cut-off");
        }
        longest = longest.max(r.end.1 - r.start.0);
    }
    let mut groups: BTreeMap<[i64; 4], ([f64; 4], f64)> = BTreeMap::new();
    for r in records {
        let begin = r.start.0;
        // ten times the longest delay is as good as no cut-off
        let room = (r.cutoff - begin).min(10.0 * longest);
        let kind = [r.start.1 - begin, r.end.0 - begin, r.end.1.min(r.cutoff) - begin, room];
        groups.entry(kind.map(|v| (v * 1e6).round() as i64)).or_insert((kind, 0.0)).1 += 1.0;
    }
    Ok(groups.into_values().collect())
}

fn log_likelihood(family: Family, parameters: [f64; 2], kinds: &Kinds) -> f64 {
    let law = Law::new(family, parameters);
    let mut rooms: BTreeMap<[u64; 2], f64> = BTreeMap::new();
    kinds
        .iter()
        .map(|([width, from, to, room], n)| {
            let seen = integral((0.0, *width), |u| law.cdf(to - u) - law.cdf(from - u));
            let could = *rooms
                .entry([width.to_bits(), room.to_bits()])
                .or_insert_with(|| integral((0.0, *width), |u| law.cdf(room - u)));
            n * (seen.max(1e-300) / could.max(1e-300)).ln()
        })
        .sum()
}

/// Fits one family.
pub fn fit(records: &[Record], family: Family) -> Result<Fit, EpiError> {
    fit_kinds(&kinds(records)?, family, records.len())
}

/// Fits all families, the best by AIC first. A family without a maximum is left out; without any, the error of the last.
pub fn fit_all(records: &[Record]) -> Result<Vec<Fit>, EpiError> {
    let kinds = kinds(records)?;
    let mut last = EpiError::NoMaximum("any");
    let mut fits = Vec::new();
    for family in Family::ALL {
        match fit_kinds(&kinds, family, records.len()) {
            Ok(fit) => fits.push(fit),
            Err(error) => last = error,
        }
    }
    fits.sort_by(|a, b| a.aic.total_cmp(&b.aic));
    if fits.is_empty() { Err(last) } else { Ok(fits) }
}

fn fit_kinds(kinds: &Kinds, family: Family, records: usize) -> Result<Fit, EpiError> {
    let n: f64 = kinds.iter().map(|(_, n)| n).sum();
    let middle = |k: &[f64; 4]| (0.5 * (k[1] + k[2]) - 0.5 * k[0]).max(0.25);
    let mean = kinds.iter().map(|(k, c)| c * middle(k)).sum::<f64>() / n;
    let sd = (kinds.iter().map(|(k, c)| c * (middle(k) - mean).powi(2)).sum::<f64>() / n).sqrt().max(0.3);
    let mut value = |x: [f64; 2]| {
        if x.iter().any(|v| v.abs() > 12.0) {
            return f64::NEG_INFINITY;
        }
        log_likelihood(family, family.parameters(x), kinds)
    };
    let start = family.start(mean, sd);
    let mut best = climb(&mut value, start, 0.3);
    best = climb(&mut value, best.0, 0.05);
    let (x, top) = best;
    // observed information by differences
    let h = [1e-3, 1e-3];
    let at = |value: &mut dyn FnMut([f64; 2]) -> f64, i: f64, j: f64| value([x[0] + i * h[0], x[1] + j * h[1]]);
    let v = &mut value;
    let d00 = (at(v, 1.0, 0.0) - 2.0 * top + at(v, -1.0, 0.0)) / (h[0] * h[0]);
    let d11 = (at(v, 0.0, 1.0) - 2.0 * top + at(v, 0.0, -1.0)) / (h[1] * h[1]);
    let d01 = (at(v, 1.0, 1.0) - at(v, 1.0, -1.0) - at(v, -1.0, 1.0) + at(v, -1.0, -1.0)) / (4.0 * h[0] * h[1]);
    let determinant = d00 * d11 - d01 * d01;
    if !(determinant > 0.0 && d00 < 0.0 && top.is_finite() && x.iter().all(|v| v.abs() < 11.0)) {
        return Err(EpiError::NoMaximum(family.name()));
    }
    let covariance = [[-d11 / determinant, d01 / determinant], [d01 / determinant, -d00 / determinant]];
    let error = |of: &dyn Fn([f64; 2]) -> f64| {
        let slope: Vec<f64> = (0..2)
            .map(|i| {
                let (mut up, mut down) = (x, x);
                up[i] += 1e-4;
                down[i] -= 1e-4;
                (of(family.parameters(up)) - of(family.parameters(down))) / 2e-4
            })
            .collect();
        (0..2).map(|i| (0..2).map(|j| slope[i] * covariance[i][j] * slope[j]).sum::<f64>()).sum::<f64>().max(0.0).sqrt()
    };
    let parameters = family.parameters(x);
    let z = normal_quantile(0.975);
    let interval = |value: f64, of: &dyn Fn([f64; 2]) -> f64| {
        // on the logarithm, so that it stays above 0
        let reach = (z * error(&|p| of(p).ln())).exp();
        [value, value / reach, value * reach]
    };
    let (mean, sd) = family.moments(parameters);
    Ok(Fit {
        family,
        parameters,
        errors: [error(&|p| p[0]), error(&|p| p[1])],
        mean: interval(mean, &|p| family.moments(p).0),
        sd: interval(sd, &|p| family.moments(p).1),
        log_likelihood: top,
        aic: 4.0 - 2.0 * top,
        records,
    })
}

/// Nelder and Mead's simplex in two dimensions, upwards.
fn climb(value: &mut impl FnMut([f64; 2]) -> f64, start: [f64; 2], step: f64) -> ([f64; 2], f64) {
    let mut points = [start, [start[0] + step, start[1]], [start[0], start[1] + step]].map(|x| (x, value(x)));
    for _ in 0..400 {
        points.sort_by(|a, b| b.1.total_cmp(&a.1));
        let [best, good, worst] = points;
        let size =
            (0..2).map(|i| (worst.0[i] - best.0[i]).abs().max((good.0[i] - best.0[i]).abs())).fold(0.0, f64::max);
        if size < 1e-8 || (size < 1e-4 && (best.1 - worst.1).abs() < 1e-10) {
            break;
        }
        let centre = [0, 1].map(|i| 0.5 * (best.0[i] + good.0[i]));
        let along = |by: f64| [0, 1].map(|i| centre[i] + by * (worst.0[i] - centre[i]));
        let mirrored = (along(-1.0), value(along(-1.0)));
        points[2] = if mirrored.1 > best.1 {
            let far = (along(-2.0), value(along(-2.0)));
            if far.1 > mirrored.1 { far } else { mirrored }
        } else if mirrored.1 > good.1 {
            mirrored
        } else {
            let by = if mirrored.1 > worst.1 { -0.5 } else { 0.5 };
            let near = (along(by), value(along(by)));
            if near.1 > worst.1.max(mirrored.1) {
                near
            } else {
                for at in [1, 2] {
                    let x = [0, 1].map(|i| 0.5 * (best.0[i] + points[at].0[i]));
                    points[at] = (x, value(x));
                }
                continue;
            }
        };
    }
    points.sort_by(|a, b| b.1.total_cmp(&a.1));
    points[0]
}
