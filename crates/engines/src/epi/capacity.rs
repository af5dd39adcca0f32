//! What the cases of the next days will need, and by when somebody must decide. Every resource is a count per case and a
//! kernel over the days since report: a bed is held for a stay (M/G/infinity), a tube is used once or for some days. The
//! draws of the forecast go through it, so a shortage has a probability and not only a size.

use super::{
    cori::{Value, of_sample, quantile_of},
    error::{EpiError, positive},
    gamma::gamma_cdf,
    sampling::Chance,
};
use dayclear_core::{
    situation::{Decide, NeedDay},
    time::CivilDate,
};
use serde::Serialize;

/// Something that cases need.
#[derive(Clone, Debug, PartialEq)]
pub struct Need {
    /// Name, as in the files.
    pub name: String,
    /// What one of it is called in a sentence: "beds of class A".
    pub words: String,
    /// People, tubes or hours for each case.
    pub per_case: f64,
    /// Share of it in use k days after the report, from 0.
    pub kernel: Vec<f64>,
    /// Needed each day without any case.
    pub fixed: f64,
    /// How much one of the resource serves in a day: 1 for a bed, the trips of a vehicle.
    pub serves: f64,
}

/// Share of stays that have begun and not ended k days after the report: begins after a delay of the given probabilities by
/// day, ends by the share that stays longer than so many days.
pub fn stay_kernel(delay: &[f64], longer: &[f64]) -> Vec<f64> {
    let mut kernel = vec![0.0; (delay.len() + longer.len()).saturating_sub(1)];
    for (at, p) in delay.iter().enumerate() {
        for (day, share) in longer.iter().enumerate() {
            kernel[at + day] += p * share;
        }
    }
    kernel
}

/// Share of stays of a gamma distribution that last longer than 0, 1, 2... days, until fewer than one in a thousand do.
pub fn gamma_stay(mean: f64, sd: f64) -> Result<Vec<f64>, EpiError> {
    positive("the mean stay", mean)?;
    positive("the standard deviation of the stay", sd)?;
    let (shape, scale) = ((mean / sd).powi(2), sd * sd / mean);
    let mut longer = vec![1.0];
    while longer.last().is_some_and(|share| *share > 1e-3) && longer.len() < 3650 {
        longer.push(1.0 - gamma_cdf(shape, scale, longer.len() as f64));
    }
    Ok(longer)
}

/// Probabilities of a gamma-distributed delay by whole days; all at once for a mean of 0.
pub fn gamma_delay(mean: f64, sd: f64) -> Result<Vec<f64>, EpiError> {
    if mean == 0.0 {
        return Ok(vec![1.0]);
    }
    let longer = gamma_stay(mean, sd)?;
    let mut delay: Vec<f64> = longer.windows(2).map(|pair| pair[0] - pair[1]).collect();
    let sum: f64 = delay.iter().sum();
    delay.iter_mut().for_each(|p| *p /= sum);
    Ok(delay)
}

/// A resource needed on each day ahead.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    /// By day ahead, then by draw, in whole pieces of the resource.
    pub samples: Vec<Vec<f64>>,
}

impl Demand {
    /// Mean, sd and quantiles of a day ahead, from 0.
    pub fn value(&self, day: usize) -> Value {
        of_sample(&mut self.samples[day].clone())
    }
}

/// Demand from the known cases and the draws of the days after them.
pub fn demand(incidence: &[f64], future: &[Vec<f64>], need: &Need, seed: u64) -> Result<Demand, EpiError> {
    super::error::counts(incidence)?;
    positive("what one piece serves", need.serves)?;
    if need.kernel.iter().any(|k| !(k.is_finite() && *k >= 0.0)) || !(need.per_case >= 0.0 && need.fixed >= 0.0) {
        return Err(EpiError::Parameter { name: "a need per case", value: need.per_case, expected: "0 or more" });
    }
    let draws = future.first().map_or(0, Vec::len);
    let kernel = &need.kernel;
    // what the known cases will still need is the same in every draw
    let known: Vec<f64> = (0..future.len())
        .map(|ahead| {
            let day = incidence.len() + ahead;
            (ahead + 1..kernel.len().min(day + 1)).map(|k| incidence[day - k] * kernel[k]).sum()
        })
        .collect();
    let mut samples = vec![Vec::with_capacity(draws); future.len()];
    #[allow(clippy::needless_range_loop)] // one draw runs through all days
    for draw in 0..draws {
        let mut chance = Chance::new(seed, (6 << 32) + draw as u64);
        for (ahead, sample) in samples.iter_mut().enumerate() {
            let new: f64 = (0..=ahead.min(kernel.len().saturating_sub(1)))
                .filter(|k| *k < kernel.len())
                .map(|k| future[ahead - k][draw] * kernel[k])
                .sum();
            // occupied servers of M/G/infinity are Poisson around their mean
            let used = chance.poisson(need.per_case * (known[ahead] + new)) as f64 + need.fixed;
            sample.push((used / need.serves).ceil());
        }
    }
    Ok(Demand { samples })
}

/// More of a resource that can be had, and how long that takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Supply {
    /// Days from the decision until it can be used.
    pub lead_days: usize,
    /// It comes in pieces of so many.
    pub step: f64,
}

/// What must be decided about a resource.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// Probability of a shortage by day ahead.
    pub shortage: Vec<f64>,
    /// First day ahead (from 0) whose probability exceeds the accepted risk; none when there is no such day.
    pub first_short: Option<usize>,
    /// Days from the last known one until the decision must be taken: 1 for tomorrow; 0 or less is today or too late.
    pub decide_in: Option<i64>,
    /// How much more is needed so that the risk of a shortage on any day is no larger than accepted.
    pub more: f64,
    /// How many would go without on the worst day, median and 90 % quantile, if nothing is done.
    pub without: [f64; 2],
}

/// What is needed on each day after `last`, in the middle and in nine of ten futures, beside what there is, and what must be decided by
/// when; no shortage is told where it is not known of every day what there is.
pub fn ahead(
    demand: &Demand,
    have: &[Option<f64>],
    (supply, risk): (Supply, f64),
    last: CivilDate,
) -> Result<(Vec<NeedDay>, Option<Decide>), EpiError> {
    let known: Option<Vec<f64>> = have.iter().copied().collect();
    let decision = known.map(|have| decide(demand, &have, supply, risk)).transpose()?;
    let date = |at: usize| last.plus_days(at as i64 + 1);
    let day = |(at, sample): (usize, &Vec<f64>)| {
        let mut sample = sample.clone();
        sample.sort_unstable_by(f64::total_cmp);
        NeedDay {
            day: date(at),
            median: quantile_of(&sample, 0.5),
            high: quantile_of(&sample, 0.9),
            have: have.get(at).copied().flatten(),
            short: decision.as_ref().map(|decision| decision.shortage[at]),
        }
    };
    let days = demand.samples.iter().enumerate().map(day).collect();
    let decided = decision.and_then(|decision| {
        Some(Decide {
            first_short: date(decision.first_short?),
            by: last.plus_days(decision.decide_in?),
            more: decision.more,
            without: decision.without,
        })
    });
    Ok((days, decided))
}

/// Compares demand with what there is on each day ahead.
pub fn decide(demand: &Demand, available: &[f64], supply: Supply, risk: f64) -> Result<Decision, EpiError> {
    if available.len() != demand.samples.len() {
        return Err(EpiError::Length { what: "capacity", found: available.len(), expected: demand.samples.len() });
    }
    if !(risk > 0.0 && risk < 1.0) {
        return Err(EpiError::Parameter {
            name: "the accepted risk",
            value: risk,
            expected: "more than 0 and less than 1",
        });
    }
    positive("the step of a supply", supply.step)?;
    let draws = demand.samples.first().map_or(0, Vec::len);
    if draws == 0 {
        return Err(EpiError::Few { found: 0, needed: 1 });
    }
    let shortage: Vec<f64> = demand
        .samples
        .iter()
        .zip(available)
        .map(|(sample, have)| sample.iter().filter(|need| *need > have).count() as f64 / draws as f64)
        .collect();
    let mut worst: Vec<f64> = (0..draws)
        .map(|draw| demand.samples.iter().zip(available).fold(0.0, |worst: f64, (s, have)| worst.max(s[draw] - have)))
        .collect();
    worst.sort_unstable_by(f64::total_cmp);
    let first_short = shortage.iter().position(|p| *p > risk);
    let more = first_short.map_or(0.0, |_| (quantile_of(&worst, 1.0 - risk) / supply.step).ceil() * supply.step);
    Ok(Decision {
        decide_in: first_short.map(|day| day as i64 + 1 - supply.lead_days as i64),
        first_short,
        shortage,
        more,
        without: [quantile_of(&worst, 0.5).ceil(), quantile_of(&worst, 0.9).ceil()],
    })
}

/// A whole number with its thousands apart.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

impl Decision {
    /// One plain sentence. `day` names a day by its distance from the last known one: 1 is tomorrow.
    pub fn sentence(&self, need: &Need, unit: &str, lead_days: usize, day: impl Fn(i64) -> String) -> String {
        let at = if unit.is_empty() { String::new() } else { format!(" in {unit}") };
        let (Some(first), Some(decide)) = (self.first_short, self.decide_in) else {
            let most = self.shortage.iter().copied().fold(0.0, f64::max);
            return format!(
                "The {}{at} suffice through {}: the probability of a shortage is at most {:.0} % on any day.",
                need.words,
                day(self.shortage.len() as i64),
                100.0 * most
            );
        };
        let peak = self.shortage.iter().copied().fold(0.0, f64::max);
        let consequence = format!(
            "{} will be missing on the worst day (in one of ten futures {} or more); the first day with a probability above the accepted one is {}, the largest probability of a shortage {:.0} %",
            grouped(self.without[0]),
            grouped(self.without[1]),
            day(first as i64 + 1),
            100.0 * peak
        );
        let lead = if lead_days == 1 { "1 day".to_owned() } else { format!("{lead_days} days") };
        if decide >= 1 {
            format!(
                "Decide by {} on {} more {}{at} (they take {lead}), or {consequence}.",
                day(decide),
                grouped(self.more),
                need.words
            )
        } else if decide == 0 {
            format!(
                "Decide today on {} more {}{at} (they take {lead}), or {consequence}.",
                grouped(self.more),
                need.words
            )
        } else {
            format!(
                "It is late for {} more {}{at}: they take {lead} and would come {} after the first shortage; {consequence}. Decide now, and bridge the gap.",
                grouped(self.more),
                need.words,
                if decide == -1 { "1 day".to_owned() } else { format!("{} days", -decide) }
            )
        }
    }
}
