//! Policies beside each other: each is played on the same outbreaks (same people, same draws), so that chance goes out of the
//! differences; from the days follow quantiles, sums, and what each policy would take. It may use the runs of this module and the
//! analytics of needs. Threads change nothing but the time, and a policy differs from itself by exactly nothing.

use super::{
    policy::Policy,
    run::{Row, Run},
};
use crate::epi::{
    EpiError,
    capacity::{Demand, Need, Supply, ahead, demand},
    cori::quantile_of,
    paired::difference,
};
use dayclear_core::{
    scenarios::{Around, Difference, Outcome, Played, Series, Taken, Total},
    situation::Needed,
    time::CivilDate,
    transfer::FacilityKind,
};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Days that were played: by policy, then by outbreak, then by day.
pub type Days = Vec<Vec<Vec<Row>>>;

/// A seed that was played, by its place: its days by policy.
type Done<E> = (usize, Result<Vec<Vec<Row>>, E>);

/// Plays the policies for so many days, each on the outbreak that `begin` gives for a seed; `watch` hears of every run that is done.
pub fn side_by_side<E: Send>(
    policies: &[Policy],
    seeds: &[u64],
    days: u16,
    threads: usize,
    begin: impl Fn(u64) -> Result<Run, E> + Sync,
    watch: impl Fn() + Sync,
) -> Result<Days, E> {
    let play = |seed: u64| -> Result<Vec<Vec<Row>>, E> {
        let start = begin(seed)?;
        let one = |policy: &Policy| {
            let mut run = start.clone().under(policy.clone());
            let rows = (0..days).map(|_| run.step()).collect();
            watch();
            rows
        };
        Ok(policies.iter().map(one).collect())
    };
    let next = AtomicUsize::new(0);
    let some = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(seed) = seeds.get(at) else { return done };
            done.push((at, play(*seed)));
        }
    };
    let mut done: Vec<Done<E>> = thread::scope(|scope| {
        let running: Vec<_> = (0..threads.clamp(1, seeds.len().max(1))).map(|_| scope.spawn(some)).collect();
        let ended = |thread: thread::ScopedJoinHandle<'_, _>| match thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        running.into_iter().flat_map(ended).collect()
    });
    done.sort_by_key(|(at, _)| *at);
    let mut by_policy = vec![Vec::with_capacity(seeds.len()); policies.len()];
    for (_, runs) in done {
        by_policy.iter_mut().zip(runs?).for_each(|(list, rows)| list.push(rows));
    }
    Ok(by_policy)
}

/// An outcome of a day.
fn of(row: &Row, outcome: Outcome) -> f64 {
    f64::from(match outcome {
        Outcome::Reported => row.reported,
        Outcome::Infections => row.truth.infections,
        Outcome::Held => row.holding,
        Outcome::Away => row.away,
        Outcome::Confined => row.confined_people,
        Outcome::Tubes => row.tubes + row.singles,
        Outcome::Severe => row.severe_now,
    })
}

/// How values lie around their middle; all nothing where there are none.
pub(super) fn around(mut values: Vec<f64>) -> Around {
    if values.is_empty() {
        return Around::default();
    }
    values.sort_unstable_by(f64::total_cmp);
    let at = |p: f64| quantile_of(&values, p);
    Around { q05: at(0.05), q25: at(0.25), median: at(0.5), q75: at(0.75), q95: at(0.95) }
}

/// What each policy brings, its sums compared with those of the first on the same outbreaks. Without `severity` nothing is told of
/// the severely ill.
pub fn played(names: &[String], days: &[Vec<Vec<Row>>], severity: bool) -> Vec<Played> {
    let outcomes = || Outcome::ALL.iter().copied().filter(|outcome| severity || *outcome != Outcome::Severe);
    let sums = |runs: &[Vec<Row>], outcome| -> Vec<f64> {
        runs.iter().map(|rows| rows.iter().map(|row| of(row, outcome)).sum()).collect()
    };
    let series = |at: usize, runs: &[Vec<Row>], outcome: Outcome| {
        let length = runs.first().map_or(0, Vec::len);
        let day = |day: usize| around(runs.iter().map(|rows| of(&rows[day], outcome)).collect());
        let own = sums(runs, outcome);
        let against = |own: &[f64]| {
            let pairs: Vec<(f64, f64)> = sums(&days[0], outcome).into_iter().zip(own.iter().copied()).collect();
            let (mean, half) = difference(&pairs);
            Difference { mean, between: half.map(|half| [mean - half, mean + half]) }
        };
        let total = Total {
            mean: own.iter().sum::<f64>() / own.len().max(1) as f64,
            difference: (at > 0).then(|| against(&own)),
            around: around(own),
        };
        Series { outcome, days: (0..length).map(day).collect(), total }
    };
    let policy = |(at, (name, runs)): (usize, (&String, &Vec<Vec<Row>>))| Played {
        policy: name.clone(),
        outcomes: outcomes().map(|outcome| series(at, runs, outcome)).collect(),
        needs: Vec::new(),
    };
    names.iter().zip(days).enumerate().map(policy).collect()
}

/// From what a need follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drive {
    /// So much for each reported case, for as long as its stay.
    Cases,
    /// One for each person whom the outbreak has held away from home, whatever the need says of a case.
    Away,
    /// One for each tube that the outbreak takes.
    Tubes,
}

/// A need, how more of it can be had, and what there is.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The need.
    pub need: &'a Need,
    /// How more of it can be had.
    pub supply: Supply,
    /// Accepted probability of a shortage on a day.
    pub risk: f64,
    /// Kind of places whose beds they are, if they are beds.
    pub beds_of: Option<FacilityKind>,
    /// From what it follows.
    pub drive: Drive,
    /// What there is on each day; none where nobody told.
    pub have: Vec<Option<f64>>,
}

/// What a policy takes of something: `runs` are its outbreaks, `known` the cases before them, up to and on the day `last`.
pub fn taken(known: &[f64], runs: &[Vec<Row>], wanted: &Wanted<'_>, last: CivilDate) -> Result<Taken, EpiError> {
    let days = runs.first().map_or(0, Vec::len);
    let by_day = |outcome: Outcome| -> Vec<Vec<f64>> {
        (0..days).map(|day| runs.iter().map(|rows| of(&rows[day], outcome)).collect()).collect()
    };
    let need = wanted.need;
    let made = match wanted.drive {
        Drive::Cases => demand(known, &by_day(Outcome::Reported), need, 1)?,
        Drive::Away => counted(by_day(Outcome::Away), need),
        Drive::Tubes => counted(by_day(Outcome::Tubes), need),
    };
    let (lines, decided) = ahead(&made, &wanted.have, (wanted.supply, wanted.risk), last)?;
    // of days on which as much is needed the first
    let peak = lines.iter().rev().max_by(|one, other| one.median.total_cmp(&other.median)).copied();
    let peak = peak.ok_or(EpiError::Few { found: 0, needed: 1 })?;
    let have: Option<Vec<f64>> = wanted.have.iter().copied().collect();
    let ever = |have: &Vec<f64>| {
        let short = |draw: usize| made.samples.iter().zip(have).any(|(sample, have)| sample[draw] > *have);
        (0..runs.len()).filter(|draw| short(*draw)).count() as f64 / runs.len().max(1) as f64
    };
    Ok(Taken {
        counted: wanted.drive != Drive::Cases,
        peak,
        short: have.as_ref().map(ever),
        needed: Needed {
            name: need.name.clone(),
            words: need.words.clone(),
            beds_of: wanted.beds_of,
            lead_days: wanted.supply.lead_days as u32,
            risk: wanted.risk,
            per_case: need.per_case,
            own_share: false,
            own_stay: false,
            days: lines,
            decide: decided,
        },
    })
}

/// A need that the outbreak counts itself, with what is needed without any case.
fn counted(by_day: Vec<Vec<f64>>, need: &Need) -> Demand {
    let pieces = |used: f64| ((used + need.fixed) / need.serves).ceil();
    Demand { samples: by_day.into_iter().map(|day| day.into_iter().map(pieces).collect()).collect() }
}
