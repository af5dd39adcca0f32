//! Where tests find: positives for 10,000 tests and the cost of each, by round and channel, with intervals; and how the tests of
//! the next round would be shared. Intervals are Wilson's (1927). Small counts are drawn towards the whole (empirical Bayes
//! with a gamma distribution of rates, Marshall 1991), and the next tests are shared by Neyman's rule of what is still
//! unknown, or to the channels with most positives expected for a test.

use crate::epi::gamma::{gamma_quantile, normal_quantile};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a channel did in a round.
#[derive(Clone, Debug, PartialEq)]
pub struct Count {
    /// Round, or day.
    pub round: String,
    /// Channel: the purpose of the test, a group, a district.
    pub channel: String,
    /// People tested.
    pub tests: u64,
    /// Of them found positive.
    pub positives: u64,
    /// What it cost; none = unknown.
    pub cost: Option<f64>,
}

/// A line of the answer. `round` is empty for a channel over all rounds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Yield {
    /// Round.
    pub round: String,
    /// Channel.
    pub channel: String,
    /// Tests.
    pub tests: u64,
    /// Positives.
    pub positives: u64,
    /// Positives for 10,000 tests, and its 95 % interval (Wilson).
    pub per_10000: f64,
    /// See above.
    pub low: f64,
    /// See above.
    pub high: f64,
    /// Cost of a positive, from the point and from the interval: none without cost, or without any positive.
    pub cost_per_positive: Option<f64>,
    /// See above. Cheapest.
    pub cost_low: Option<f64>,
    /// See above; none where the interval reaches 0.
    pub cost_high: Option<f64>,
}

/// What to do with the tests of the next round in a channel.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shift {
    /// Channel.
    pub channel: String,
    /// Positives expected for 10,000 tests, drawn towards the whole, with its 95 % interval.
    pub expected_per_10000: f64,
    /// See above.
    pub low: f64,
    /// See above.
    pub high: f64,
    /// Weight of the channel's own counts: 1 = they speak for themselves.
    pub own_weight: f64,
    /// Cost of a test; none where that of any test of the channel is unknown.
    pub cost_per_test: Option<f64>,
    /// Expected cost of a positive; none without the cost of a test.
    pub cost_per_positive: Option<f64>,
    /// Tests in the last round.
    pub tests_now: u64,
    /// Tests suggested: in proportion to the root of what is expected over what a test costs, and within a half and twice of now.
    /// Where a channel's cost is unknown, as many tests as now are shared, else as much money.
    pub tests_next: u64,
    /// Positives expected with the tests of now, and with those suggested.
    pub found_now: f64,
    /// See above.
    pub found_next: f64,
}

/// Why nothing can be said.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum YieldRefusal {
    /// More positives than tests.
    #[error("round {round}, channel {channel}: {positives} positives of {tests} tests; positives are among the tests")]
    Positives {
        /// Round.
        round: String,
        /// Channel.
        channel: String,
        /// As given.
        positives: u64,
        /// As given.
        tests: u64,
    },
    /// Nothing was tested.
    #[error("no test in any row; give the tests of at least one channel")]
    NoTests,
}

/// Wilson's interval of a share.
pub fn wilson(positives: u64, tests: u64, level: f64) -> (f64, f64) {
    let z = normal_quantile(0.5 + 0.5 * level);
    let (x, n) = (positives as f64, tests as f64);
    if n == 0.0 {
        return (0.0, 1.0);
    }
    let middle = (x + 0.5 * z * z) / (n + z * z);
    let half = z / (n + z * z) * (x * (n - x) / n + 0.25 * z * z).sqrt();
    let low = if positives == 0 { 0.0 } else { (middle - half).max(0.0) };
    (low, if positives == tests { 1.0 } else { (middle + half).min(1.0) })
}

fn line(round: &str, channel: &str, tests: u64, positives: u64, cost: Option<f64>) -> Yield {
    let (low, high) = wilson(positives, tests, 0.95);
    let rate = if tests > 0 { positives as f64 / tests as f64 } else { 0.0 };
    let each = cost.filter(|_| tests > 0).map(|cost| cost / tests as f64);
    let for_one = |rate: f64| each.filter(|_| rate > 0.0).map(|each| each / rate);
    Yield {
        round: round.to_owned(),
        channel: channel.to_owned(),
        tests,
        positives,
        per_10000: rate * 1e4,
        low: low * 1e4,
        high: high * 1e4,
        cost_per_positive: for_one(rate),
        cost_low: for_one(high),
        cost_high: for_one(low),
    }
}

/// The yield of every round and channel, then of every channel over all rounds, and what is suggested for the next round: as many
/// tests as in each channel's last round together.
pub fn judge(counts: &[Count]) -> Result<(Vec<Yield>, Vec<Shift>), YieldRefusal> {
    if let Some(wrong) = counts.iter().find(|count| count.positives > count.tests) {
        let Count { round, channel, tests, positives, .. } = wrong.clone();
        return Err(YieldRefusal::Positives { round, channel, positives, tests });
    }
    let mut cells: BTreeMap<(&str, &str), (u64, u64, Option<f64>)> = BTreeMap::new();
    for count in counts {
        let cell = cells.entry((&count.round, &count.channel)).or_insert((0, 0, Some(0.0)));
        cell.0 += count.tests;
        cell.1 += count.positives;
        cell.2 = cell.2.zip(count.cost).map(|(sum, cost)| sum + cost);
    }
    let mut channels: BTreeMap<&str, (u64, u64, Option<f64>, u64)> = BTreeMap::new();
    let mut lines = Vec::new();
    for ((round, channel), (tests, positives, cost)) in &cells {
        lines.push(line(round, channel, *tests, *positives, *cost));
        let sum = channels.entry(channel).or_insert((0, 0, Some(0.0), 0));
        // rounds come in their order, so the last one written here is the last round
        *sum = (sum.0 + tests, sum.1 + positives, sum.2.zip(*cost).map(|(sum, cost)| sum + cost), *tests);
    }
    for (channel, (tests, positives, cost, _)) in &channels {
        lines.push(line("", channel, *tests, *positives, *cost));
    }
    let all: (u64, u64) = channels.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    if all.0 == 0 {
        return Err(YieldRefusal::NoTests);
    }
    let whole = all.1 as f64 / all.0 as f64;
    let used: Vec<(&str, f64, f64, u64, Option<f64>)> = channels
        .iter()
        .filter(|(_, channel)| channel.0 > 0)
        .map(|(name, channel)| {
            let each = channel.2.map(|cost| cost / channel.0 as f64);
            (*name, channel.0 as f64, channel.1 as f64, channel.3, each)
        })
        .collect();
    // spread of rates between channels by moments (Marshall 1991), none where chance explains all of it
    let weighted: f64 = used.iter().map(|(_, n, x, ..)| n * (x / n - whole).powi(2)).sum::<f64>() / all.0 as f64;
    let spread = (weighted - whole * used.len() as f64 / all.0 as f64).max(0.0);
    let mut shifts: Vec<Shift> = used
        .iter()
        .map(|(name, n, x, now, cost_per_test)| {
            // gamma prior with mean `whole` and variance `spread`; without spread every channel has the rate of the whole
            let prior = if spread > 0.0 { whole / spread } else { f64::INFINITY };
            let (expected, low, high, own) = if prior.is_finite() {
                let (shape, rate) = (whole * prior + x, prior + n);
                let at = |p| gamma_quantile(shape, 1.0 / rate, p);
                (shape / rate, at(0.025), at(0.975), n / rate)
            } else {
                let (low, high) = wilson(all.1, all.0, 0.95);
                (whole, low, high, 0.0)
            };
            Shift {
                channel: (*name).to_owned(),
                expected_per_10000: expected * 1e4,
                low: low * 1e4,
                high: high * 1e4,
                own_weight: own,
                cost_per_test: *cost_per_test,
                cost_per_positive: cost_per_test.filter(|_| expected > 0.0).map(|each| each / expected),
                tests_now: *now,
                tests_next: 0,
                found_now: expected * *now as f64,
                found_next: 0.0,
            }
        })
        .collect();
    share(&mut shifts);
    shifts.sort_by(|a, b| b.expected_per_10000.total_cmp(&a.expected_per_10000).then(a.channel.cmp(&b.channel)));
    Ok((lines, shifts))
}

/// Shares the tests of now anew, in proportion to the root of the expected rate times the tests of now: where more is found more is
/// tested, and no channel is given up, because what is not tested is not known. Neyman (1934): the standard deviation of a rare
/// finding is the root of its rate, and where tests cost differently each goes by the root of its cost as well (Cochran, *Sampling
/// Techniques*, 3rd ed. 1977, 5.5), for as much money as now. No channel changes by more than a half or twice in one round.
fn share(shifts: &mut [Shift]) {
    let by_money = shifts.iter().all(|shift| shift.cost_per_test.is_some_and(|each| each > 0.0));
    let price: Vec<f64> = shifts.iter().map(|shift| shift.cost_per_test.filter(|_| by_money).unwrap_or(1.0)).collect();
    let total: f64 = shifts.iter().zip(&price).map(|(shift, each)| shift.tests_now as f64 * each).sum();
    let limits: Vec<(f64, f64)> =
        shifts.iter().map(|shift| (0.5 * shift.tests_now as f64, 2.0 * shift.tests_now as f64)).collect();
    let weight =
        |(shift, each): (&Shift, &f64)| shift.tests_now as f64 * (shift.expected_per_10000.max(0.0) / each).sqrt();
    let weights: Vec<f64> = shifts.iter().zip(&price).map(weight).collect();
    // the factor at which bounded shares add up to the total; they grow with it
    let (mut low, mut high) = (0.0, 1.0);
    let sum = |factor: f64| -> f64 {
        let each = weights.iter().zip(&limits).zip(&price);
        each.map(|((weight, (least, most)), each)| (weight * factor).clamp(*least, *most) * each).sum()
    };
    while sum(high) < total && high < 1e12 {
        high *= 2.0;
    }
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if sum(middle) < total { low = middle } else { high = middle }
    }
    let mut left: u64 = shifts.iter().map(|shift| shift.tests_now).sum();
    let last = shifts.len().saturating_sub(1);
    for (at, shift) in shifts.iter_mut().enumerate() {
        let (least, most) = limits[at];
        let wanted = (weights[at] * high).clamp(least, most);
        shift.tests_next = match by_money {
            // no more is spent than now
            true => wanted.floor() as u64,
            // the last one takes what rounding leaves
            false if at == last => left,
            false => (wanted.round() as u64).min(left),
        };
        left = left.saturating_sub(shift.tests_next);
        shift.found_next = shift.expected_per_10000 * 1e-4 * shift.tests_next as f64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn count(round: &str, channel: &str, tests: u64, positives: u64, cost: f64) -> Count {
        Count { round: round.to_owned(), channel: channel.to_owned(), tests, positives, cost: Some(cost) }
    }

    #[test]
    fn intervals_are_wilsons() {
        // 10 of 100 at 95 %: 5.52 % to 17.44 % (Wilson, without continuity correction)
        let (low, high) = wilson(10, 100, 0.95);
        assert!((low - 0.055_229).abs() < 1e-5 && (high - 0.174_366).abs() < 1e-5, "{low} {high}");
        let (low, high) = wilson(0, 10, 0.95);
        assert!(low == 0.0 && (high - 0.277_533).abs() < 1e-5, "{high}");
        assert_eq!(wilson(10, 10, 0.95).1, 1.0);
        assert_eq!(wilson(0, 0, 0.95), (0.0, 1.0));
    }

    #[test]
    fn tests_move_to_where_they_find_and_small_counts_are_drawn_in() {
        let counts = [
            count("1", "blanket", 1_000_000, 100, 3_000_000.0),
            count("1", "contacts", 20_000, 400, 100_000.0),
            count("1", "couriers", 500, 1, 2_500.0),
            count("2", "blanket", 1_000_000, 80, 3_000_000.0),
            count("2", "contacts", 20_000, 300, 100_000.0),
        ];
        let (lines, shifts) = judge(&counts).unwrap();
        let of = |round: &str, channel: &str| {
            lines.iter().find(|line| line.round == round && line.channel == channel).unwrap()
        };
        assert_eq!(of("", "blanket").positives, 180);
        assert!((of("1", "contacts").per_10000 - 200.0).abs() < 1e-9);
        assert_eq!(of("1", "contacts").cost_per_positive, Some(250.0));
        assert!(of("1", "couriers").cost_high.unwrap() > 2_500.0 * 2.0);
        assert_eq!(shifts[0].channel, "contacts");
        let couriers = shifts.iter().find(|shift| shift.channel == "couriers").unwrap();
        assert!(couriers.own_weight < shifts[0].own_weight);
        assert!(shifts[0].tests_next > shifts[0].tests_now);
        let sums = |f: fn(&Shift) -> f64| shifts.iter().map(f).sum::<f64>();
        let money = |shift: &Shift, tests: u64| shift.cost_per_test.unwrap() * tests as f64;
        let spent = |of: fn(&Shift) -> u64| shifts.iter().map(|shift| money(shift, of(shift))).sum::<f64>();
        let (now, next) = (spent(|shift| shift.tests_now), spent(|shift| shift.tests_next));
        assert!(next <= now && next > now - 15.0, "as much money is spent as now, but for rounding: {now} {next}");
        assert!(sums(|shift| shift.found_next) > sums(|shift| shift.found_now));
        // 3 for a test that finds 0.9 in 10,000, 5 for one that finds 175
        assert!((shifts[0].cost_per_positive.unwrap() - 5.0 / 0.0175).abs() < 1.0, "{:?}", shifts[0]);
        // of two that find alike the cheaper one is tested more, and for the same money more is found
        let alike = [count("1", "door", 10_000, 20, 200_000.0), count("1", "site", 10_000, 20, 50_000.0)];
        let (_, by_cost) = judge(&alike).unwrap();
        let of = |name: &str| by_cost.iter().find(|shift| shift.channel == name).unwrap();
        assert!(of("site").tests_next > 10_000 && of("door").tests_next < 10_000, "{by_cost:?}");
        assert!(by_cost.iter().map(|shift| shift.found_next).sum::<f64>() > 40.0, "{by_cost:?}");
        // where a cost is unknown tests are shared, and none is lost; without a difference beyond chance nothing is shifted
        let (_, even) = judge(&[count("1", "a", 10_000, 10, 0.0), count("1", "b", 10_000, 11, 0.0)]).unwrap();
        assert!(even.iter().all(|shift| shift.tests_next == shift.tests_now && shift.own_weight == 0.0));
        assert!(judge(&[count("1", "a", 1, 2, 0.0)]).is_err() && judge(&[]).is_err());
        let unknown = Count { cost: None, ..count("1", "a", 10, 1, 0.0) };
        assert_eq!(judge(&[unknown]).unwrap().0[0].cost_per_positive, None);
    }

    proptest! {
        #[test]
        fn no_test_is_lost_and_no_channel_given_up(rows in proptest::collection::vec((0u64..100_000, 0.0f64..0.2), 1..12)) {
            let counts: Vec<Count> = rows
                .iter()
                .enumerate()
                .map(|(n, (tests, rate))| count("1", &n.to_string(), *tests, (*tests as f64 * rate) as u64, 0.0))
                .collect();
            if let Ok((_, shifts)) = judge(&counts) {
                let total: u64 = shifts.iter().map(|shift| shift.tests_now).sum();
                prop_assert_eq!(total, shifts.iter().map(|shift| shift.tests_next).sum::<u64>());
                prop_assert!(shifts.iter().all(|shift| shift.tests_next as f64 >= 0.49 * shift.tests_now as f64 - 12.0));
            }
        }
    }
}
