//! The few functions of calculus that the outbreak needs, from additions and multiplications alone. Those of a machine's
//! mathematics library differ in the last bit from machine to machine; these do not, so a run is the same everywhere.

/// The exponential function, to about nine digits for |x| up to 20.
#[inline]
pub(crate) fn exp(x: f64) -> f64 {
    let y = x / 1_024.0;
    let mut value = 1.0 + y * (1.0 + y * (0.5 + y * (1.0 / 6.0 + y * (1.0 / 24.0 + y / 120.0))));
    for _ in 0..10 {
        value *= value;
    }
    value
}

/// The natural logarithm of a positive number.
pub(crate) fn ln(x: f64) -> f64 {
    const LN_2: f64 = std::f64::consts::LN_2;
    let (mut mantissa, mut twos) = (x, 0.0);
    while mantissa > std::f64::consts::SQRT_2 {
        mantissa *= 0.5;
        twos += 1.0;
    }
    while mantissa < std::f64::consts::FRAC_1_SQRT_2 {
        mantissa *= 2.0;
        twos -= 1.0;
    }
    // ln m = 2 artanh((m - 1) / (m + 1))
    let z = (mantissa - 1.0) / (mantissa + 1.0);
    let (square, mut power, mut sum) = (z * z, z, 0.0);
    for term in 0..14 {
        sum += power / f64::from(2 * term + 1);
        power *= square;
    }
    twos * LN_2 + 2.0 * sum
}

/// A distribution on the positive numbers, kept as its cumulative sum in small steps.
pub(crate) struct Cumulative {
    step: f64,
    sums: Vec<f64>,
}

impl Cumulative {
    /// A gamma distribution by mean and standard deviation.
    pub fn gamma(mean: f64, sd: f64) -> Cumulative {
        let (shape, scale) = (mean * mean / (sd * sd), sd * sd / mean);
        let end = mean + 12.0 * sd;
        Cumulative::new(end, |x| exp(((shape - 1.0) * ln(x) - x / scale).clamp(-40.0, 40.0)))
    }

    /// A standard normal distribution, moved eight to the right.
    fn normal() -> Cumulative {
        Cumulative::new(16.0, |x| exp((-0.5 * (x - 8.0) * (x - 8.0)).max(-40.0)))
    }

    fn new(end: f64, density: impl Fn(f64) -> f64) -> Cumulative {
        const STEPS: usize = 8_192;
        let step = end / STEPS as f64;
        let mut sums = vec![0.0];
        for index in 0..STEPS {
            sums.push(sums[index] + density((index as f64 + 0.5) * step));
        }
        let whole = sums[STEPS];
        sums.iter_mut().for_each(|sum| *sum /= whole);
        Cumulative { step, sums }
    }

    /// Probability of at most `x`.
    pub fn at(&self, x: f64) -> f64 {
        let place = x / self.step;
        if place <= 0.0 {
            return 0.0;
        }
        let index = place as usize;
        match self.sums.get(index + 1) {
            Some(next) => self.sums[index] + (next - self.sums[index]) * (place - index as f64),
            None => 1.0,
        }
    }

    /// The middles of 256 equally likely slices.
    pub fn slices(&self) -> [f32; 256] {
        std::array::from_fn(|slice| {
            let wanted = (slice as f64 + 0.5) / 256.0;
            (self.sums.partition_point(|sum| *sum < wanted) as f64 * self.step) as f32
        })
    }
}

/// The middles of 256 equally likely slices of a normal distribution.
pub(crate) fn normal_slices(mean: f64, sd: f64) -> [f32; 256] {
    Cumulative::normal().slices().map(|x| (mean + (f64::from(x) - 8.0) * sd) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_the_functions_of_the_textbook() {
        for x in [-19.0, -3.0, -0.7, -1e-6, 0.0, 0.3, 2.0, 11.0] {
            assert!((exp(x) / f64::exp(x) - 1.0).abs() < 1e-8, "exp {x}");
        }
        for x in [1e-6, 0.2, 0.9999, 1.0, 1.5, 10.0, 12_345.0] {
            assert!((ln(x) - f64::ln(x)).abs() < 1e-10, "ln {x}");
        }
    }

    #[test]
    fn gamma_and_normal_have_their_moments() {
        let slices = Cumulative::gamma(2.9, 1.6).slices();
        let mean = slices.iter().map(|x| f64::from(*x)).sum::<f64>() / 256.0;
        assert!((mean - 2.9).abs() < 0.02, "{mean}");
        let normal = normal_slices(23.3, 3.0);
        let mean = normal.iter().map(|x| f64::from(*x)).sum::<f64>() / 256.0;
        let sd = (normal.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / 256.0).sqrt();
        assert!((mean - 23.3).abs() < 0.01 && (sd - 3.0).abs() < 0.05, "{mean} {sd}");
    }
}
