//! From where a city stands: outbreaks whose reported cases follow the curve that was counted until now, under the measures of these
//! days, so that policies can be played from today on. It may use the runs, the scenarios and the search of this module. What cannot
//! be followed is refused with the reason, and how well the others follow is told beside them.

use super::{
    Contacts, Disease, Outbreak, OutbreakError,
    fit::{Observed, misfit, search},
    policy::Policy,
    run::{Row, Run},
    scenarios::{around, side_by_side},
};
use crate::{city::Population, epi::cori::quantile_of};
use dayclear_core::scenarios::Around;
use std::{collections::BTreeMap, sync::Arc};
use thiserror::Error;

/// Most days of a curve that are followed.
pub const SEEN_DAYS_MAX: usize = 28;
/// Fewest days of it: of fewer nobody can say how fast it grows.
pub const SEEN_DAYS_LEAST: usize = 7;
/// Fewest cases in them, as for a forecast (`docs/analytics.md`).
pub const CASES_LEAST: u64 = 10;
/// Days for which an outbreak goes on before the first day that is followed, so that its infections have come to be found.
pub const LEAD_DAYS: u16 = 10;
/// Outbreaks over which a setting is judged.
const JUDGED: u64 = 6;
/// Outbreaks that are tried for each that is kept.
const TRIED_FOR_ONE: u64 = 4;
/// Days that are counted together where curves are compared, so that a quiet day in a small outbreak does not decide.
const BLOCK_DAYS: usize = 3;
/// Shares of the R0 of the disease's file with which a search begins.
const R0_SHARES: [f64; 9] = [0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.25, 1.6, 2.0];
/// Times at which imports are brought to the size of the curve before they are judged.
const SIZED: u32 = 3;
/// First step of the search after that.
const STEP: f64 = 0.1;
/// Highest R0 that is tried, over that of the file.
const R0_MAX: f64 = 3.0;
/// How far the last week may be off, as a ratio, before nothing is played from there.
const OFF_MAX: f64 = 2.0;

/// Where outbreaks are played.
#[derive(Clone)]
pub struct Stage {
    /// People.
    pub city: Arc<Population>,
    /// Disease.
    pub disease: Disease,
    /// Contacts.
    pub contacts: Contacts,
    /// Weights of the districts in which people are infected from outside; none: those of the centre.
    pub entry: Option<Vec<u64>>,
    /// Threads; they change nothing but the time.
    pub threads: usize,
}

impl Stage {
    /// A run before its first day. Its outbreak stays on one thread, since many are played beside each other.
    pub fn begin(&self, policy: Policy, seed: u64) -> Result<Run, OutbreakError> {
        let outbreak = Outbreak::new(self.city.clone(), self.disease.clone(), self.contacts.clone(), seed, 1)?;
        let run = Run::new(outbreak, policy, seed);
        Ok(match &self.entry {
            Some(weights) => run.entering(weights.clone()),
            None => run,
        })
    }
}

/// Why a curve is not followed.
#[derive(Clone, Debug, PartialEq, Error)]
pub enum FollowError {
    /// Too few cases.
    #[error(
        "{cases} cases were counted in the last {SEEN_DAYS_MAX} whole days, and at least {CASES_LEAST} are needed to begin from there; \
         play without a store until there are more"
    )]
    Few {
        /// Counted.
        cases: u64,
    },
    /// Too few days.
    #[error(
        "only {days} whole days have passed since the first case, and at least {SEEN_DAYS_LEAST} are needed to say how fast it grows; \
         ask again later, or play without a store"
    )]
    Short {
        /// Whole days.
        days: usize,
    },
    /// The policy of these days finds nobody.
    #[error(
        "under the policy so far nobody is reported, so that no outbreak can follow the cases that were; name with --so-far what was \
         done until now"
    )]
    Unseen,
    /// No outbreak comes near.
    #[error(
        "the outbreaks that follow best report {ratio:.2} times the cases of the last seven days, and nothing is played from there if \
         it is more than {OFF_MAX} times or less than half; name with --so-far what was done in these days, and with --disease what it is"
    )]
    Off {
        /// Median over the curve.
        ratio: f64,
    },
    /// The outbreak cannot begin.
    #[error(transparent)]
    Outbreak(#[from] OutbreakError),
}

/// Outbreaks that follow a curve.
#[derive(Clone)]
pub struct Followed {
    stage: Stage,
    so_far: Policy,
    /// R0 with which they do.
    pub r0: f64,
    /// People infected from outside on their first day.
    pub imports: u32,
    /// Days from their first one to the last that was followed.
    pub days: u16,
    /// Seeds of those that are kept, the nearest ones.
    pub seeds: Vec<u64>,
    /// How many were tried.
    pub tried: u32,
    /// Cases that are reported in them on the days of the curve.
    pub played: Vec<Around>,
    /// Median of their sums over the last seven days, over the curve's; one is added to both.
    pub last_week: f64,
}

impl Followed {
    /// One of them, at the end of the days that were followed.
    pub fn run(&self, seed: u64) -> Result<Run, OutbreakError> {
        let mut run = self.stage.begin(self.so_far.clone(), seed)?;
        for _ in 0..self.days {
            run.step();
        }
        Ok(run)
    }
}

/// The part of a curve (cases by day up to the last whole one) that is followed: the last days, from the first case on.
pub fn seen(cases: &[u64]) -> Result<&[u64], FollowError> {
    let late = &cases[cases.len().saturating_sub(SEEN_DAYS_MAX)..];
    let first = late.iter().position(|cases| *cases > 0).unwrap_or(late.len());
    let seen = &late[first..];
    let sum = seen.iter().sum();
    match seen.len() {
        _ if sum < CASES_LEAST => Err(FollowError::Few { cases: sum }),
        days if days < SEEN_DAYS_LEAST => Err(FollowError::Short { days }),
        _ => Ok(seen),
    }
}

/// Finds outbreaks that follow a curve under the policy of these days: R0 and the people infected from outside at the beginning are
/// tuned on a few seeds; of further seeds, from the given one on, the nearest `wanted` are kept. `watch` hears of every run.
pub fn follow(
    stage: &Stage,
    so_far: &Policy,
    curve: &[u64],
    (first_seed, wanted): (u64, u64),
    watch: impl Fn() + Sync,
) -> Result<Followed, FollowError> {
    let curve = seen(curve)?;
    let days = LEAD_DAYS + curve.len() as u16;
    let most = f64::from(stage.city.people()) / 20.0;
    let observed = blocks(curve.iter().map(|cases| *cases as f64));
    let observed: Vec<Observed> =
        (0..).zip(&observed).map(|(day, cases)| Observed { day, cases: *cases as u32 }).collect();
    let setting = |values: &[f64]| {
        let r0 = values[0].clamp(0.0, stage.disease.r0 * R0_MAX);
        let imports = values[1].clamp(1.0, most.max(1.0)).round() as u32;
        let stage = Stage { disease: Disease { r0, ..stage.disease.clone() }, ..stage.clone() };
        (stage, so_far.clone().importing(BTreeMap::from([(0, imports)])), imports)
    };
    let play = |values: &[f64], seeds: &[u64]| -> Result<Vec<Vec<Row>>, OutbreakError> {
        let (stage, policy, _) = setting(values);
        let begin = |seed| stage.begin(policy.clone(), seed);
        let mut days = side_by_side(std::slice::from_ref(&policy), seeds, days, stage.threads, begin, &watch)?;
        Ok(days.pop().unwrap_or_default())
    };
    let reported = |rows: &[Row]| -> Vec<f64> {
        rows[usize::from(LEAD_DAYS)..].iter().map(|row| f64::from(row.reported)).collect()
    };
    // what these outbreaks report on a day in the mean
    let mean = |runs: &[Vec<Row>]| -> Vec<f64> {
        let lists: Vec<Vec<f64>> = runs.iter().map(|rows| reported(rows)).collect();
        (0..curve.len()).map(|day| lists.iter().map(|list| list[day]).sum::<f64>() / lists.len() as f64).collect()
    };
    let off = |cases: &[f64]| {
        let row = |cases: f64| Row { reported: cases.round() as u32, ..Row::default() };
        misfit(&blocks(cases.iter().copied()).into_iter().map(row).collect::<Vec<_>>(), &observed)
    };
    let judges: Vec<u64> = (first_seed..first_seed + JUDGED).collect();
    let whole = curve.iter().sum::<u64>() as f64;
    let mut best: Option<(f64, [f64; 2])> = None;
    let mut anybody = false;
    for share in R0_SHARES {
        let mut values = [stage.disease.r0 * share, (whole / 10.0).clamp(2.0, most.max(2.0))];
        for _ in 0..SIZED {
            let cases = mean(&play(&values, &judges)?);
            let sum: f64 = cases.iter().sum();
            anybody |= sum > 0.0;
            let found = off(&cases);
            if best.is_none_or(|(lowest, _)| found < lowest) {
                best = Some((found, values));
            }
            values[1] = (values[1] * (whole / sum.max(0.5)).clamp(0.1, 10.0)).clamp(1.0, most.max(1.0));
        }
    }
    let Some((_, values)) = best.filter(|_| anybody) else { return Err(FollowError::Unseen) };
    let judged = |values: &[f64]| play(values, &judges).map(|runs| off(&mean(&runs)));
    let (values, _) = search(values.to_vec(), STEP, judged, |_, _| {})?;
    let tried: Vec<u64> = (first_seed..first_seed + wanted * TRIED_FOR_ONE).collect();
    let runs = play(&values, &tried)?;
    let mut near: Vec<(f64, u64, Vec<f64>)> = tried
        .iter()
        .zip(&runs)
        .map(|(seed, rows)| {
            let cases = reported(rows);
            (off(&cases), *seed, cases)
        })
        .collect();
    near.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
    near.truncate(wanted as usize);
    near.sort_by_key(|(_, seed, _)| *seed);
    let week = |cases: &[f64]| cases[cases.len().saturating_sub(7)..].iter().sum::<f64>();
    let mut weeks: Vec<f64> = near.iter().map(|(.., cases)| week(cases)).collect();
    weeks.sort_unstable_by(f64::total_cmp);
    let seen_week: u64 = curve[curve.len() - 7..].iter().sum();
    let last_week = (quantile_of(&weeks, 0.5) + 1.0) / (seen_week as f64 + 1.0);
    if !(1.0 / OFF_MAX..=OFF_MAX).contains(&last_week) {
        return Err(FollowError::Off { ratio: last_week });
    }
    let (stage, so_far, imports) = setting(&values);
    Ok(Followed {
        r0: stage.disease.r0,
        stage,
        so_far,
        imports,
        days,
        seeds: near.iter().map(|(_, seed, _)| *seed).collect(),
        tried: tried.len() as u32,
        played: (0..curve.len()).map(|day| around(near.iter().map(|(.., cases)| cases[day]).collect())).collect(),
        last_week,
    })
}

/// Sums of three days, the last ones ending with the curve.
fn blocks(cases: impl DoubleEndedIterator<Item = f64>) -> Vec<f64> {
    let backwards: Vec<f64> = cases.rev().collect();
    backwards.chunks(BLOCK_DAYS).rev().map(|block| block.iter().sum()).collect()
}
