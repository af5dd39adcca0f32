//! Where a store stands, for `dayclear city scenarios --db`: a made-up city with as many people in each district as its roster has,
//! and outbreaks in it whose reported cases follow the store's own curve. Counts are all that leaves the store.

use crate::{
    bulletin::STORE,
    city_run::{CityArguments, policy},
    city_scenarios::called,
    output,
    setting::{self, Common},
};
use anyhow::{Context, Result, bail};
use dayclear_core::{
    divisions::Level,
    scenarios::Standing,
    situation::Situation,
    time::{CivilDate, Instant},
};
use dayclear_engines::{
    city::Sources,
    outbreak::{Contacts, Followed, LEAD_DAYS, Stage, follow, seen},
};
use dayclear_ops::{needs::Needs, situation};
use dayclear_store::Scope;
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

/// Runs after which the bar of a search is full; it ends when it ends.
const RUNS_ABOUT: u64 = 300;

/// Factor by which the cases of a day may be off in the mean before that is a warning, and before nothing is played.
const OFF: f64 = 1.5;
const OFF_MAX: f64 = 3.0;

/// What is asked of a store.
pub struct Asked<'a> {
    /// The store and the zone of the city.
    pub common: &'a Common,
    /// Rules in force.
    pub pack: &'a str,
    /// As of when; none for now.
    pub at: Option<Instant>,
    /// What a case needs.
    pub needs: Option<&'a Needs>,
    /// Policy of the days until now.
    pub so_far: Option<&'a str>,
    /// Outbreaks that are wanted.
    pub seeds: u64,
}

/// Where a store stands.
pub struct Stands {
    /// Last whole day.
    pub day: CivilDate,
    /// Cases of the city by day up to that one.
    pub found: Vec<u64>,
    /// Where outbreaks are played.
    pub stage: Stage,
    /// Outbreaks that follow.
    pub followed: Followed,
    so_far: String,
    r0_of_file: f64,
    seen: Vec<u64>,
    /// What there is of each need on the days ahead, as the situation tells it.
    have: BTreeMap<String, Vec<Option<f64>>>,
}

/// Reads where the store stands and finds outbreaks that follow it.
pub async fn stands(asked: &Asked<'_>, city: &CityArguments) -> Result<Stands> {
    if city.people.is_some() {
        bail!("with --db the city has the people of the store's roster; leave out --people, or play without a store");
    }
    let (told, districts, residents) = read(asked).await?;
    let found: Vec<u64> = told.found.iter().map(|day| day.all()).collect();
    let curve = seen(&found)?.to_vec();
    let people: u64 = residents.values().sum();
    let sources = Sources::chongqing()?.with_residents(&residents).map_err(|strange| {
        anyhow::anyhow!(
            "the made-up city has the districts of Chongqing, and the store has people in {}; play a city of that size without a \
             store: --people {people}",
            strange.join(", ")
        )
    })?;
    let day = told.day;
    let begins = day.plus_days(1 - curve.len() as i64 - i64::from(LEAD_DAYS));
    let so_far = asked.so_far.context("name the policy of the days until now with --so-far")?;
    let policy = policy(so_far, begins)?;
    let population = city.population_of(day.plus_days(1), people, &sources)?;
    // imports go where cases were found
    let weight = |code: &str| districts.get(code).map_or(0, |found| found.iter().rev().take(curve.len()).sum::<u64>());
    let entry: Vec<u64> = (0..population.districts()).map(|at| weight(population.district_code(at))).collect();
    let disease = city.disease()?;
    let stage = Stage {
        entry: entry.iter().any(|weight| *weight > 0).then_some(entry),
        city: population,
        contacts: Contacts::chongqing()?,
        disease,
        threads: city.threads,
    };
    let bar = output::bar();
    bar.set_message("until now");
    let runs = AtomicU64::new(0);
    let about = RUNS_ABOUT + asked.seeds * 4;
    let watch = || bar.set_position((runs.fetch_add(1, Ordering::Relaxed) * 1_000 / about).min(1_000));
    let followed = follow(&stage, &policy, &curve, (city.seed, asked.seeds), watch);
    bar.finish_and_clear();
    let followed = followed?;
    let medians: Vec<f64> = followed.played.iter().map(|day| day.median).collect();
    let off = off_by(&curve, &medians);
    if off > OFF_MAX {
        bail!(
            "the outbreaks that follow best are off by a factor of {off:.1} on a day in the mean, and nothing is played from there above \
             {OFF_MAX}; name with --so-far what was done in these days, and with --disease what it is"
        );
    }
    let weight = if off > OFF { "; read what follows with that" } else { "" };
    eprintln!(
        "the outbreaks follow the cases of these days within a factor of {off:.2} on a day in the mean (median against the store){weight}"
    );
    let have = told.ahead.needs.iter().map(|need| (need.name.clone(), need.days.iter().map(|day| day.have).collect()));
    Ok(Stands {
        day,
        r0_of_file: stage.disease.r0,
        stage,
        followed,
        so_far: called(so_far),
        seen: curve,
        have: have.collect(),
        found,
    })
}

/// Factor by which what was played on a day is off what was counted, in the geometric mean; one is added to both.
fn off_by(seen: &[u64], played: &[f64]) -> f64 {
    let off = seen.iter().zip(played).map(|(seen, played)| ((played + 1.0) / (*seen as f64 + 1.0)).ln().abs());
    (off.sum::<f64>() / seen.len().max(1) as f64).exp()
}

/// The situation of the city, cases of each district by day, and people of each on the roster.
async fn read(asked: &Asked<'_>) -> Result<(Situation, BTreeMap<String, Vec<u64>>, BTreeMap<String, u64>)> {
    let store = asked.common.store(STORE).await?;
    let city =
        store.look(&Scope::nobody()).await?.city().await?.context("the store holds no city; bring a day in first")?;
    let (scope, now) = (Scope::of(city.clone()), asked.at.unwrap_or_else(setting::now));
    let (packs, settings) = (setting::packs()?, asked.common.settings()?);
    let needs = asked.needs.cloned().map_or_else(Needs::built_in, Ok)?;
    situation::look(&store, &packs, &settings, &needs, asked.pack, &scope, now, 0).await?;
    let mut tx = store.look(&scope).await?;
    let all = situation::all(&mut tx).await?;
    let residents = tx.residents_by_district().await?;
    drop(tx);
    store.close().await;
    let residents = residents.into_iter().map(|(code, people)| (code, people.max(0) as u64)).collect();
    let (mut told, mut districts) = (None, BTreeMap::new());
    for (situation, _) in all {
        if situation.division == city {
            told = Some(situation);
        } else if situation.level == Level::District {
            let found = situation.found.iter().map(|day| day.all()).collect();
            districts.insert(situation.division.to_string(), found);
        }
    }
    let told = told.context("no case was found yet, so there is nothing to begin from; play without --db")?;
    Ok((told, districts, residents))
}

impl Stands {
    /// What there is of a need on each day; beyond what the situation tells, as on its last day.
    pub fn have(&self, need: &str, days: usize) -> Vec<Option<f64>> {
        let told = self.have.get(need).map_or(&[][..], Vec::as_slice);
        (0..days).map(|day| told.get(day).or(told.last()).copied().flatten()).collect()
    }

    /// What is told of it beside the policies.
    pub fn told(self) -> Standing {
        let first = self.day.plus_days(1 - self.seen.len() as i64);
        Standing {
            first,
            begins: first.plus_days(-i64::from(LEAD_DAYS)),
            seen: self.seen,
            played: self.followed.played,
            r0: self.followed.r0,
            r0_of_file: self.r0_of_file,
            imports: self.followed.imports,
            tried: self.followed.tried,
            last_week: self.followed.last_week,
            so_far: self.so_far,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_is_off_by_a_factor_up_and_down_alike() {
        assert_eq!(off_by(&[3, 7], &[3.0, 7.0]), 1.0);
        assert!((off_by(&[3, 7], &[7.0, 3.0]) - 2.0).abs() < 1e-9);
        assert!((off_by(&[0, 0], &[3.0, 0.0]) - 2.0).abs() < 1e-9);
    }
}
