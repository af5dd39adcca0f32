//! How unevenly cases infect: the offspring distribution as a negative binomial (Lloyd-Smith, Schreiber, Kopp, Getz 2005,
//! Nature 438:355) by maximum likelihood, and the share of cases behind most infections, counted. It uses the directed pairs
//! of the chains and nothing else; every case of the line list counts, also those who infected nobody.

use super::Chains;
use serde::Serialize;

/// The offspring of the cases of a line list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Offspring {
    /// Cases.
    pub cases: usize,
    /// Infections that directed pairs tell of.
    pub infections: usize,
    /// Infections for each case; in a list without cases whose source is unknown this would be near one.
    pub mean: Option<f64>,
    /// Dispersion k of the negative binomial with this mean: the smaller, the more uneven. `None` without infections, and
    /// where the counts vary no more than a Poisson number does.
    pub k: Option<f64>,
    /// Lower end of the 95 % interval of k, by the profile of the likelihood.
    pub k_low: Option<f64>,
    /// Upper end; `None` if the likelihood has none.
    pub k_high: Option<f64>,
    /// Fewest cases that made at least 80 % of the infections, as a share of all cases.
    pub share_of_80: Option<f64>,
    /// Share of cases who infected nobody.
    pub share_of_none: Option<f64>,
}

/// Half the 95 % quantile of the chi-square distribution with one degree of freedom.
const DROP: f64 = 3.841_458_820_694_124 / 2.0;
/// Logarithms between which k is looked for.
const LOW: f64 = -9.0;
const HIGH: f64 = 7.0;

impl Offspring {
    /// The offspring in chains.
    pub fn of(chains: &Chains) -> Self {
        Offspring::from_counts(chains.nodes.iter().map(|node| node.secondary).collect())
    }

    /// From the number of infections of each case, in any order.
    pub fn from_counts(mut counts: Vec<usize>) -> Self {
        counts.sort_unstable_by(|a, b| b.cmp(a));
        let (cases, infections) = (counts.len(), counts.iter().sum::<usize>());
        let share = |some: usize| (cases > 0).then(|| some as f64 / cases as f64);
        let mean = share(infections);
        let mut offspring = Offspring {
            cases,
            infections,
            mean,
            k: None,
            k_low: None,
            k_high: None,
            share_of_80: (infections > 0).then(|| share(most(&counts, infections))).flatten(),
            share_of_none: share(counts.iter().filter(|count| **count == 0).count()),
        };
        if let Some(mean) = mean.filter(|mean| *mean > 0.0) {
            offspring.fit(&Likelihood::new(&counts, mean));
        }
        offspring
    }

    fn fit(&mut self, likelihood: &Likelihood) {
        let at = |log_k: f64| likelihood.at(log_k.exp());
        let best = highest(at);
        if HIGH - best < 1e-3 {
            // It rises towards a Poisson distribution; the lower end says what is still possible.
            self.k_low = crossing(at, at(HIGH) - DROP, LOW, HIGH).map(f64::exp);
            return;
        }
        self.k = Some(best.exp());
        self.k_low = crossing(at, at(best) - DROP, LOW, best).map(f64::exp);
        self.k_high = crossing(at, at(best) - DROP, HIGH, best).map(f64::exp);
    }
}

/// Fewest of the counts, from the largest on, that add up to four fifths.
fn most(counts: &[usize], infections: usize) -> usize {
    let mut sum = 0;
    let enough = counts.iter().position(|count| {
        sum += count;
        sum * 5 >= infections * 4
    });
    enough.map_or(0, |at| at + 1)
}

/// The log-likelihood of k at the mean, which is the best mean for every k.
struct Likelihood {
    /// How many counts are larger than 0, 1, 2, ...
    above: Vec<usize>,
    cases: f64,
    infections: f64,
    mean: f64,
}

impl Likelihood {
    fn new(counts: &[usize], mean: f64) -> Self {
        let largest = counts.iter().max().copied().unwrap_or(0);
        let above = (0..largest).map(|at| counts.iter().filter(|count| **count > at).count()).collect();
        Likelihood { above, cases: counts.len() as f64, infections: counts.iter().sum::<usize>() as f64, mean }
    }
    /// Up to a constant. The gamma functions of whole counts are products: G(y + k) / G(k) = k (k + 1) ... (k + y - 1).
    fn at(&self, k: f64) -> f64 {
        let products: f64 = self.above.iter().enumerate().map(|(at, above)| *above as f64 * (k + at as f64).ln()).sum();
        let none = -k * (self.mean / k).ln_1p();
        products + self.cases * none - self.infections * (self.mean + k).ln()
    }
}

/// Where a function with one hill is highest, by the golden section.
fn highest(f: impl Fn(f64) -> f64) -> f64 {
    let golden = (5.0_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (LOW, HIGH);
    for _ in 0..100 {
        let (a, b) = (high - golden * (high - low), low + golden * (high - low));
        if f(a) < f(b) { low = a } else { high = b }
    }
    (low + high) / 2.0
}

/// Where a function falls to a level between the hill and an end; nothing if it does not.
fn crossing(f: impl Fn(f64) -> f64, level: f64, end: f64, hill: f64) -> Option<f64> {
    if f(end) > level {
        return None;
    }
    let (mut below, mut above) = (end, hill);
    for _ in 0..100 {
        let middle = (below + above) / 2.0;
        if f(middle) > level { above = middle } else { below = middle }
    }
    Some((below + above) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_by_hand() {
        let offspring = Offspring::from_counts(vec![0, 8, 0, 1, 0, 0, 1, 0, 0, 0]);
        assert_eq!((offspring.cases, offspring.infections, offspring.mean), (10, 10, Some(1.0)));
        assert_eq!((offspring.share_of_80, offspring.share_of_none), (Some(0.1), Some(0.7)));
        let (low, k, high) = (offspring.k_low.unwrap(), offspring.k.unwrap(), offspring.k_high.unwrap());
        assert!(low < k && k < high && k < 0.5, "{offspring:?}");
        let nobody = Offspring::from_counts(vec![0, 0]);
        assert_eq!((nobody.k, nobody.share_of_80, nobody.mean), (None, None, Some(0.0)));
        assert_eq!(Offspring::from_counts(vec![]).mean, None);
        // Everybody infected one: less uneven than chance.
        let even = Offspring::from_counts(vec![1; 50]);
        assert!(even.k.is_none() && even.k_low.unwrap() > 1.0 && even.k_high.is_none(), "{even:?}");
        assert_eq!(even.share_of_80, Some(0.8));
    }

    /// For k = 1 (a geometric distribution) with mean 1 counts come as 1/2, 1/4, 1/8, ...: the fit gives it back.
    #[test]
    fn a_geometric_distribution_has_k_one() {
        let counts: Vec<usize> = (0..12).flat_map(|count| std::iter::repeat_n(count, 4096 >> count)).collect();
        let offspring = Offspring::from_counts(counts);
        assert!((offspring.k.unwrap() - 1.0).abs() < 0.02, "{offspring:?}");
        assert!(offspring.k_low.unwrap() > 0.9 && offspring.k_high.unwrap() < 1.1);
    }

    proptest! {
        /// No k of a fine grid is likelier, and the interval is where the likelihood has fallen by 1.92.
        #[test]
        fn nothing_is_likelier(counts in prop::collection::vec(prop_oneof![3 => Just(0usize), 2 => 0usize..4, 1 => 0usize..30], 2..60)) {
            let sum = counts.iter().sum::<usize>();
            prop_assume!(sum > 0);
            let likelihood = Likelihood::new(&counts, sum as f64 / counts.len() as f64);
            let offspring = Offspring::from_counts(counts);
            let best = likelihood.at(offspring.k.unwrap_or(HIGH.exp()));
            for step in 0..160 {
                let k = (LOW + 0.1 * f64::from(step)).exp();
                prop_assert!(likelihood.at(k) <= best + 1e-6, "{}", k);
            }
            for end in [offspring.k_low, offspring.k_high].into_iter().flatten() {
                prop_assert!((best - likelihood.at(end) - DROP).abs() < 1e-3);
            }
        }
    }
}
