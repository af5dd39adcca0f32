//! What whole days tell: the reproduction number, cases to come, and how good such forecasts were on days that are past. Small
//! units borrow from the city; one without enough has a gap.

use super::{Curve, Given, needed, told};
use dayclear_core::{
    divisions::Level,
    situation::{Ahead, Between, Fan, FanDay, Gap, Reproduction, Score, Told},
};
use dayclear_engines::epi::{
    self, Estimate, Prior, Value, Window,
    cori::{cases_needed, cori, quantile_of, windows},
    forecast::{Forecast, ForecastOptions, forecast, replay_last},
    pooling::pooled as pool,
    scores,
};
use std::collections::BTreeMap;

/// Days of a window for the reproduction number.
const WINDOW_DAYS: usize = 7;
/// Windows whose reproduction number is kept.
const SHOWN_DAYS: usize = 60;
/// Coefficient of variation above which a reproduction number rests on few cases (Cori et al. 2013).
const FEW_CV: f64 = 0.3;
/// Draws of a forecast of the city, of a district, and of each past day that is scored.
const CITY_DRAWS: usize = 1000;
const UNIT_DRAWS: usize = 300;
const SCORE_DRAWS: usize = 200;
/// Past days from which forecasts are scored.
const SCORED_DAYS: usize = 28;
/// Cases of the last two weeks without which nothing is forecast.
const CASES_LEAST: f64 = 10.0;
/// Same store, same forecast.
const SEED: u64 = 1;

pub(super) fn between(value: &Value) -> Between {
    Between { low: value.quantiles[0], median: value.quantiles[3], high: value.quantiles[6] }
}

fn shown(days: usize) -> Result<Vec<Window>, epi::EpiError> {
    let all = windows(days, WINDOW_DAYS)?;
    Ok(all[all.len().saturating_sub(SHOWN_DAYS)..].to_vec())
}

/// The reproduction number of each unit, which borrows from all of them.
pub(super) fn pooled(given: &Given, units: &[&Curve]) -> BTreeMap<String, Told<Vec<Estimate>>> {
    let totals: Vec<Vec<f64>> = units.iter().map(|unit| unit.totals()).collect();
    let curves: Vec<epi::Curve<'_>> = totals.iter().map(|total| epi::Curve::local(total)).collect();
    let made = match (&given.interval, curves.first()) {
        (None, _) => Told::Missing(Gap::NoSerialInterval),
        (_, None) => Told::Known(Vec::new()),
        (Some(interval), Some(first)) => match totals.iter().flatten().any(|n| *n > 0.0) {
            false => Told::Missing(Gap::NoCases),
            true => told(
                shown(first.total.len())
                    .and_then(|windows| pool(&curves, &interval.serial, &windows, Prior::default())),
            ),
        },
    };
    let one = |(at, unit): (usize, &&Curve)| {
        let own = match &made {
            Told::Known(all) => Told::Known(all[at].clone()),
            Told::Missing(gap) => Told::Missing(*gap),
        };
        (unit.division.to_string(), own)
    };
    units.iter().enumerate().map(one).collect()
}

/// What whole days tell of a unit.
pub(super) fn ahead(given: &Given, curve: &Curve, pooled: Option<&Told<Vec<Estimate>>>) -> Ahead {
    let totals = curve.totals();
    let Some(interval) = &given.interval else {
        let gap = Gap::NoSerialInterval;
        let needs = needed::needed(given, curve, None);
        return Ahead {
            reproduction: Told::Missing(gap),
            fan: Told::Missing(gap),
            score: Told::Missing(gap),
            needs,
            needs_built_in: given.needs.built_in,
        };
    };
    let estimates = match pooled {
        Some(pooled) => pooled.clone(),
        None => told(
            shown(totals.len())
                .and_then(|windows| cori(epi::Curve::local(&totals), &interval.serial, &windows, Prior::default())),
        ),
    };
    let options = ForecastOptions {
        draws: if curve.level == Level::City { CITY_DRAWS } else { UNIT_DRAWS },
        seed: SEED,
        ..ForecastOptions::default()
    };
    let late: f64 = totals.iter().rev().take(14).sum();
    let made = match late < CASES_LEAST {
        true if late == 0.0 => Err(Gap::NoCases),
        true => Err(Gap::TooFew),
        false => forecast(&totals, &interval.serial, options).map_err(|error| super::gap(&error)),
    };
    let score = match (curve.level, made.is_ok()) {
        (Level::City, true) => score(&totals, interval, options),
        // of a unit with few cases the score would be of chance
        _ => Told::Missing(Gap::TooFew),
    };
    Ahead {
        reproduction: reproduction(estimates, pooled.is_some()),
        needs: needed::needed(given, curve, made.as_ref().ok()),
        needs_built_in: given.needs.built_in,
        fan: match made {
            Ok(forecast) => Told::Known(fan(given, &forecast)),
            Err(gap) => Told::Missing(gap),
        },
        score,
    }
}

fn reproduction(estimates: Told<Vec<Estimate>>, pooled: bool) -> Told<Reproduction> {
    let estimates = match estimates {
        Told::Known(estimates) => estimates,
        Told::Missing(gap) => return Told::Missing(gap),
    };
    let Some(last) = estimates.last() else { return Told::Missing(Gap::TooShort) };
    let Some(value) = &last.value else { return Told::Missing(Gap::TooShort) };
    let needed = cases_needed(FEW_CV, Prior::default()).unwrap_or(f64::INFINITY);
    Told::Known(Reproduction {
        now: between(value),
        window_days: WINDOW_DAYS as u32,
        cases: last.cases.round() as u64,
        few: last.cases < needed,
        pooled,
        before: estimates.iter().map(|estimate| estimate.value.as_ref().map(between)).collect(),
    })
}

fn fan(given: &Given, forecast: &Forecast) -> Fan {
    let days = (0..forecast.samples.len()).map(|at| {
        let value = forecast.value(at);
        FanDay {
            day: given.day.plus_days(at as i64 + 1),
            expected: between(&value),
            half: [value.quantiles[2], value.quantiles[4]],
        }
    });
    let days: Vec<FanDay> = days.collect();
    let draws = forecast.samples.first().map_or(0, Vec::len);
    let mut weeks: Vec<f64> =
        (0..draws).map(|draw| forecast.samples.iter().take(7).map(|day| day[draw]).sum()).collect();
    weeks.sort_unstable_by(f64::total_cmp);
    let week = match weeks.is_empty() {
        true => Between { low: 0.0, median: 0.0, high: 0.0 },
        false => Between {
            low: quantile_of(&weeks, 0.025),
            median: quantile_of(&weeks, 0.5),
            high: quantile_of(&weeks, 0.975),
        },
    };
    Fan { days, week }
}

fn score(totals: &[f64], interval: &super::Interval, options: ForecastOptions) -> Told<Score> {
    let options = ForecastOptions { draws: SCORE_DRAWS, ..options };
    let past = match replay_last(totals, &interval.serial, options, SCORED_DAYS) {
        Ok(past) if past.is_empty() => return Told::Missing(Gap::TooShort),
        Ok(past) => past,
        Err(error) => return Told::Missing(super::gap(&error)),
    };
    let own = scores::Score::of(past.iter().map(|past| (past.own.as_slice(), past.truth)));
    let naive = scores::Score::of(past.iter().map(|past| (past.naive.as_slice(), past.truth)));
    let mut days: Vec<usize> = past.iter().map(|past| past.origin).collect();
    days.dedup();
    Told::Known(Score {
        forecasts: own.n as u64,
        days: days.len() as u64,
        wis: own.wis,
        naive: naive.wis,
        within: [own.coverage[0], own.coverage[2]],
    })
}
