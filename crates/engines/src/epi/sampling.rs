//! Draws from the usual distributions, on the counter-based stream of the city's chance: the same seed and purpose give the
//! same numbers on every machine. Every sampler is exact: Marsaglia and Tsang 2000 (gamma), Ahrens and Dieter 1974 (Poisson
//! and binomial by gamma and beta splitting).

use crate::city::chance::{Dice, Draw};
use std::f64::consts::PI;

/// Below this mean or count a draw is made by inversion.
const SMALL: f64 = 12.0;

/// A stream of draws.
pub struct Chance {
    dice: Dice,
    /// The other one of a pair of normals.
    spare: Option<f64>,
}

impl Chance {
    /// The stream of an index.
    pub fn new(seed: u64, index: u64) -> Chance {
        Chance { dice: Dice::new(seed, Draw::Analytics, index), spare: None }
    }

    /// Uniform in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        ((self.dice.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Standard normal (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        let (u, v) = (self.uniform(), self.uniform());
        let (sin, cos) = (2.0 * PI * v).sin_cos();
        let length = (-2.0 * u.ln()).sqrt();
        self.spare = Some(length * sin);
        length * cos
    }

    /// Gamma of a shape above 0, scale 1.
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let u = self.uniform();
            return self.gamma(shape + 1.0) * u.powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v <= 0.0 {
                continue;
            }
            let (u, square) = (self.uniform(), x * x);
            // their squeeze: it lies within the region that is accepted, so it changes no draw, and spares both logarithms of 49 in 50
            if u < 1.0 - 0.0331 * square * square || u.ln() < 0.5 * square + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// Beta of two shapes above 0.
    pub fn beta(&mut self, a: f64, b: f64) -> f64 {
        let (x, y) = (self.gamma(a), self.gamma(b));
        x / (x + y)
    }

    /// Poisson of a mean; 0 for none.
    pub fn poisson(&mut self, mean: f64) -> u64 {
        let (mut mean, mut sum) = (mean, 0);
        while mean > SMALL {
            // the m-th arrival: before the end, go on from it; after, the others lie uniformly before it
            let m = (mean * 0.875).floor();
            let arrival = self.gamma(m);
            if arrival > mean {
                return sum + self.binomial(m as u64 - 1, mean / arrival);
            }
            sum += m as u64;
            mean -= arrival;
        }
        if mean <= 0.0 || !mean.is_finite() {
            return sum;
        }
        let (mut left, mut k, mut p) = (self.uniform(), 0, (-mean).exp());
        while left > p && k < 1000 {
            left -= p;
            k += 1;
            p *= mean / k as f64;
        }
        sum + k
    }

    /// Poisson whose mean varies as a gamma with this size (dispersion): the negative binomial. An infinite size is Poisson.
    pub fn negative_binomial(&mut self, mean: f64, size: f64) -> u64 {
        if !(size.is_finite() && mean > 0.0) {
            return self.poisson(mean);
        }
        let mean = mean / size * self.gamma(size);
        self.poisson(mean)
    }

    /// Binomial.
    pub fn binomial(&mut self, n: u64, p: f64) -> u64 {
        let (mut n, mut p, mut sum) = (n, p.clamp(0.0, 1.0), 0);
        while n as f64 > SMALL && p > 0.0 && p < 1.0 {
            // the i-th smallest of n uniforms splits the question
            let i = n.div_ceil(2);
            let middle = self.beta(i as f64, (n + 1 - i) as f64);
            if middle <= p {
                sum += i;
                n -= i;
                p = (p - middle) / (1.0 - middle);
            } else {
                n = i - 1;
                p /= middle;
            }
        }
        sum + (0..n).filter(|_| self.uniform() < p).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mean and variance of many draws within five standard errors.
    fn close(mut draw: impl FnMut() -> f64, mean: f64, variance: f64, what: &str) {
        let n = 20_000;
        let sample: Vec<f64> = (0..n).map(|_| draw()).collect();
        let found = sample.iter().sum::<f64>() / f64::from(n);
        let spread = sample.iter().map(|v| (v - found).powi(2)).sum::<f64>() / f64::from(n - 1);
        assert!((found - mean).abs() < 5.0 * (variance / f64::from(n)).sqrt(), "{what}: mean {found}, not {mean}");
        assert!((spread / variance - 1.0).abs() < 0.12, "{what}: variance {spread}, not {variance}");
    }

    #[test]
    fn draws_have_the_moments_of_their_distribution() {
        let mut c = Chance::new(3, 0);
        close(|| c.uniform(), 0.5, 1.0 / 12.0, "uniform");
        close(|| c.normal(), 0.0, 1.0, "normal");
        for shape in [0.3, 1.0, 7.5, 900.0] {
            close(|| c.gamma(shape), shape, shape, "gamma");
        }
        for mean in [0.2, 5.0, 40.0, 3000.0] {
            close(|| c.poisson(mean) as f64, mean, mean, "poisson");
            close(|| c.negative_binomial(mean, 4.0) as f64, mean, mean + mean * mean / 4.0, "negative binomial");
        }
        for (n, p) in [(8, 0.3), (100, 0.02), (5000, 0.7)] {
            close(|| c.binomial(n, p) as f64, n as f64 * p, n as f64 * p * (1.0 - p), "binomial");
        }
        assert_eq!((c.poisson(0.0), c.binomial(10, 0.0), c.binomial(10, 1.0), c.binomial(500, 1.0)), (0, 0, 10, 500));
    }
}
