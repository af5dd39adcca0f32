//! The gamma and normal distributions: distribution functions and quantiles, as exact as double precision allows. They are
//! our own because no crate is both right over shapes from 0.1 to 1e7 and fast enough for tables of a city. Sources: Loader
//! 2000 (saddle-point form of the density), Abramowitz and Stegun 6.5 (series, continued fraction), Goldberg and Levine 1946
//! (Cornish-Fisher expansion for large shapes).

use std::f64::consts::{PI, SQRT_2};

/// From this shape on a quantile is read from the Cornish-Fisher expansion, whose error is below 1e-13 there.
const LARGE_SHAPE: f64 = 500.0;

/// Error of Stirling's formula, ln Gamma(a + 1) - (a + 1/2) ln a + a - ln(2 pi) / 2, for a > 0.
fn stirling_error(a: f64) -> f64 {
    let (mut a, mut sum) = (a, 0.0);
    while a < 16.0 {
        sum += (a + 0.5) * (1.0 / a).ln_1p() - 1.0;
        a += 1.0;
    }
    let s = 1.0 / (a * a);
    sum + (1.0 / 12.0 - s * (1.0 / 360.0 - s * (1.0 / 1260.0 - s * (1.0 / 1680.0 - s / 1188.0)))) / a
}

/// `a ln(a / x) + x - a`, without cancellation where x is near a (Loader 2000).
fn deviance(a: f64, x: f64) -> f64 {
    let difference = a - x;
    if difference.abs() < 0.1 * (a + x) {
        let v = difference / (a + x);
        let (mut sum, mut term) = (difference * v, 2.0 * a * v);
        for j in 1..1000 {
            term *= v * v;
            let next = sum + term / f64::from(2 * j + 1);
            if next == sum {
                break;
            }
            sum = next;
        }
        return sum;
    }
    a * (a / x).ln() - difference
}

/// Natural logarithm of the gamma function, for a > 0.
pub fn ln_gamma(a: f64) -> f64 {
    stirling_error(a) + (a - 0.5) * a.ln() - a + 0.5 * (2.0 * PI).ln()
}

/// A gamma distribution's shape with what does not depend on the point asked for.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    a: f64,
    /// ln of `x^a e^-x / Gamma(a + 1)` at x = a.
    peak: f64,
}

impl Shape {
    /// Of a shape above 0.
    pub fn new(a: f64) -> Shape {
        Shape { a, peak: -stirling_error(a) - 0.5 * (2.0 * PI * a).ln() }
    }

    /// `x^a e^-x / Gamma(a + 1)`.
    fn weight(&self, x: f64) -> f64 {
        (self.peak - deviance(self.a, x)).exp()
    }

    /// Distribution function and its complement at x, scale 1.
    pub fn tails(&self, x: f64) -> (f64, f64) {
        if x <= 0.0 {
            return (0.0, 1.0);
        }
        if x.is_infinite() {
            return (1.0, 0.0);
        }
        let (a, weight) = (self.a, self.weight(x));
        if weight == 0.0 {
            return if x < a { (0.0, 1.0) } else { (1.0, 0.0) };
        }
        if x < a + 1.0 {
            let (mut term, mut sum, mut n) = (1.0, 1.0, a);
            loop {
                n += 1.0;
                term *= x / n;
                sum += term;
                if term < sum * 1e-17 {
                    break;
                }
            }
            let p = (weight * sum).min(1.0);
            return (p, 1.0 - p);
        }
        // Lentz's evaluation of the continued fraction
        let mut b = x + 1.0 - a;
        let mut c = 1e300;
        let mut d = 1.0 / b;
        let mut h = d;
        for i in 1..200_000 {
            let i = f64::from(i);
            let an = -i * (i - a);
            b += 2.0;
            d = 1.0 / (an * d + b);
            c = b + an / c;
            let step = d * c;
            h *= step;
            if (step - 1.0).abs() < 2e-16 {
                break;
            }
        }
        let q = (weight * a * h).min(1.0);
        (1.0 - q, q)
    }

    /// The quantile of a probability, scale 1.
    pub fn quantile(&self, level: &Level) -> f64 {
        let a = self.a;
        if level.p <= 0.0 {
            return 0.0;
        }
        if level.p >= 1.0 {
            return f64::INFINITY;
        }
        if a >= LARGE_SHAPE {
            return cornish_fisher(a, level.z);
        }
        // Wilson-Hilferty; the power series where that has left its ground
        let c = 1.0 / (9.0 * a);
        let cube = 1.0 - c + level.z * c.sqrt();
        let mut x = a * cube * cube * cube;
        if a <= 0.5 || cube <= 0.0 || x < 0.2 * a.min(1.0) {
            x = ((level.p.ln() + ln_gamma(a + 1.0)) / a).exp();
            if x > 0.5 * (a + 1.0) {
                x = (a * cube.max(0.1).powi(3)).max(1e-3);
            }
        }
        let (mut low, mut high) = (0.0f64, f64::INFINITY);
        for _ in 0..60 {
            let (p, q) = self.tails(x);
            let off = if level.p < 0.5 { p - level.p } else { (1.0 - level.p) - q };
            if off > 0.0 {
                high = high.min(x);
            } else {
                low = low.max(x);
            }
            let density = self.weight(x) * a / x;
            let newton = off / density;
            let bend = ((a - 1.0) / x - 1.0) * newton * 0.5;
            let step = newton / (1.0 - bend.clamp(-0.9, 0.9));
            // Halley's step leaves the cube of the error: after one this small, x is as exact as the function
            if step.abs() <= 1e-7 * x {
                return x - step;
            }
            let next = x - step;
            x = if next > low && next < high && next.is_finite() {
                next
            } else if !high.is_finite() {
                2.0 * x
            } else if low > 0.0 {
                (low * high).sqrt()
            } else {
                high * 0.1
            };
        }
        x
    }
}

/// Goldberg and Levine's expansion of the chi-square quantile with 2a degrees of freedom, halved.
fn cornish_fisher(a: f64, z: f64) -> f64 {
    let n = 2.0 * a;
    let r = n.sqrt();
    let y = z * z;
    let terms = [
        n,
        SQRT_2 * r * z,
        2.0 / 3.0 * (y - 1.0),
        z * (y - 7.0) / (9.0 * SQRT_2 * r),
        -(y * (6.0 * y + 14.0) - 32.0) / (405.0 * n),
        z * (y * (9.0 * y + 256.0) - 433.0) / (4860.0 * SQRT_2 * n * r),
        (y * (y * (12.0 * y - 243.0) - 923.0) + 1472.0) / (25515.0 * n * n),
        -z * (y * (y * (3753.0 * y + 4353.0) - 289_517.0) - 289_717.0) / (9_185_400.0 * SQRT_2 * n * n * r),
    ];
    0.5 * terms.iter().rev().sum::<f64>()
}

/// A probability with its standard normal quantile, computed once for many shapes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level {
    /// The probability.
    pub p: f64,
    z: f64,
}

impl Level {
    /// Of a probability in (0, 1).
    pub fn new(p: f64) -> Level {
        Level { p, z: normal_quantile(p) }
    }
}

/// Distribution function of Gamma(shape, scale) at x.
pub fn gamma_cdf(shape: f64, scale: f64, x: f64) -> f64 {
    Shape::new(shape).tails(x / scale).0
}

/// Quantile of Gamma(shape, scale).
pub fn gamma_quantile(shape: f64, scale: f64, p: f64) -> f64 {
    scale * Shape::new(shape).quantile(&Level::new(p))
}

/// Standard normal distribution function.
pub fn normal_cdf(z: f64) -> f64 {
    let (p, q) = Shape::new(0.5).tails(0.5 * z * z);
    if z < 0.0 { 0.5 * q } else { 0.5 + 0.5 * p }
}

/// Standard normal quantile: a start within 3 % by Abramowitz and Stegun 26.2.23, then Halley's steps on the distribution
/// function.
pub fn normal_quantile(p: f64) -> f64 {
    if p <= 0.0 {
        return f64::NEG_INFINITY;
    }
    if p >= 1.0 {
        return f64::INFINITY;
    }
    let tail = p.min(1.0 - p);
    let t = (-2.0 * tail.ln()).sqrt();
    let start =
        (2.515_517 + t * (0.802_853 + t * 0.010_328)) / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)));
    let mut z = start - t;
    for _ in 0..4 {
        let off = (normal_cdf(z) - tail) * (2.0 * PI).sqrt() * (0.5 * z * z).exp();
        z -= off / (1.0 + 0.5 * z * off);
    }
    if p == 0.5 {
        0.0
    } else if p < 0.5 {
        z
    } else {
        -z
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn agrees_with_r_over_shapes_from_a_tenth_to_ten_million() {
        let text = include_str!("../../../../data/rt/gamma_reference_R.csv");
        let (mut worst, mut worst_cdf, mut rows) = (0.0f64, 0.0f64, 0);
        for line in text.lines().skip(1) {
            let v: Vec<f64> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
            worst = worst.max((gamma_quantile(v[0], 1.0, v[1]) / v[2] - 1.0).abs());
            // the last column is the distribution function at 1.1 a
            if v[0] <= 1e5 {
                worst_cdf = worst_cdf.max((gamma_cdf(v[0], 1.0, v[2]) / v[1] - 1.0).abs());
            }
            rows += 1;
        }
        assert_eq!(rows, 126);
        assert!(worst < 1e-12, "{worst:e}");
        assert!(worst_cdf < 1e-10, "{worst_cdf:e}");
    }

    #[test]
    fn normal_quantiles_are_the_known_ones() {
        for (p, z) in [
            (0.975, 1.959_963_984_540_054),
            (0.5, 0.0),
            (0.05, -1.644_853_626_951_472_7),
            (1e-9, -5.997_807_015_007_687),
        ] {
            assert!((normal_quantile(p) - z).abs() < 1e-13, "{p} {}", normal_quantile(p));
        }
        assert!((ln_gamma(0.5) - PI.sqrt().ln()).abs() < 1e-14 && (ln_gamma(11.0) - 3_628_800f64.ln()).abs() < 1e-13);
    }

    proptest! {
        #[test]
        fn quantile_and_distribution_function_undo_each_other(ln_a in -2.0f64..11.0, p in 0.0001f64..0.9999) {
            let a = ln_a.exp();
            let x = gamma_quantile(a, 3.0, p);
            prop_assert!((gamma_cdf(a, 3.0, x) - p).abs() < 1e-12, "{} {} {}", a, p, gamma_cdf(a, 3.0, x));
        }
    }
}
