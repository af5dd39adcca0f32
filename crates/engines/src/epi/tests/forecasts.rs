//! Forecasts against simulated and real curves, and what they demand against arithmetic by hand.

use crate::epi::{
    EpiError, Serial,
    capacity::{Demand, Need, Supply, decide, demand, gamma_delay, gamma_stay, stay_kernel},
    forecast::{ForecastOptions, forecast, replay},
    reference::{self, SETS},
    sampling::Chance,
    scores::Score,
};

fn serial() -> Serial {
    Serial::from_moments(2.4, 1.2, 60).unwrap()
}

/// An epidemic with a constant R.
fn epidemic(r: f64, days: usize, seed: u64) -> Vec<f64> {
    let serial = serial();
    let mut chance = Chance::new(seed, 31);
    let mut cases = vec![50.0; 3];
    while cases.len() < days {
        cases.push(0.0);
        let mean = r * serial.infectivity(&cases)[cases.len() - 1];
        let last = cases.len() - 1;
        cases[last] = chance.poisson(mean) as f64;
    }
    cases
}

#[test]
fn forecasts_cover_the_future_of_a_simulated_epidemic_and_beat_persistence() {
    let options = ForecastOptions { draws: 200, days: 7, ..ForecastOptions::default() };
    let past: Vec<_> = (0..4).flat_map(|seed| replay(&epidemic(1.15, 30, seed), &serial(), options).unwrap()).collect();
    let own = Score::of(past.iter().map(|p| (p.own.as_slice(), p.truth)));
    let naive = Score::of(past.iter().map(|p| (p.naive.as_slice(), p.truth)));
    assert!(own.coverage[2] > 0.9, "{own:?}");
    assert!(own.wis < naive.wis, "{own:?} {naive:?}");
}

/// Real waves with their serial intervals: Chongqing from 12 November to 8 December 2022, and those of `data/rt`.
fn real_waves() -> Vec<(&'static str, Vec<f64>, Serial)> {
    let rows = include_str!("../../../../../data/chongqing/daily_cases_2022.csv").lines();
    let wave = rows.skip_while(|row| !row.starts_with("2022-11-12")).take(27);
    let cases = wave.map(|row| row.split(',').nth(4).unwrap().parse().unwrap()).collect();
    let mut waves = vec![("chongqing", cases, serial())];
    waves.extend(SETS.map(|set| (set.name, reference::incidence(set), reference::serial(set))));
    waves
}

#[test]
fn on_every_real_wave_the_usual_damping_is_worse() {
    for (name, cases, serial) in real_waves() {
        let options = ForecastOptions { draws: 60, ..ForecastOptions::default() };
        let score = |damping| {
            let past = replay(&cases, &serial, ForecastOptions { damping, ..options }).unwrap();
            Score::of(past.iter().map(|p| (p.own.as_slice(), p.truth)))
        };
        let (own, usual) = (score(options.damping), score(0.9));
        assert!(own.wis < 0.95 * usual.wis, "{name}: {own:?} {usual:?}");
        assert!(own.coverage[2] > usual.coverage[2] - 0.06, "{name}: {own:?} {usual:?}");
    }
}

#[test]
fn the_same_seed_gives_the_same_and_bad_input_is_refused() {
    let cases = epidemic(1.0, 25, 1);
    let options = ForecastOptions { draws: 50, ..ForecastOptions::default() };
    let run = |seed| forecast(&cases, &serial(), ForecastOptions { seed, ..options }).unwrap();
    assert_eq!(run(1), run(1));
    assert_ne!(run(1).samples, run(2).samples);
    assert_eq!(run(1).samples.len(), 14);
    assert!(matches!(forecast(&cases[..5], &serial(), options), Err(EpiError::Short { needed: 9, .. })));
    assert!(forecast(&cases, &serial(), ForecastOptions { days: 0, ..options }).is_err());
    assert!(forecast(&cases, &serial(), ForecastOptions { drift: f64::NAN, ..options }).is_err());
}

#[test]
fn a_weekday_effect_is_used_when_it_is_there() {
    let flat = epidemic(1.0, 63, 2);
    let options = ForecastOptions { draws: 20, ..ForecastOptions::default() };
    assert_eq!(forecast(&flat, &serial(), options).unwrap().weekday, None);
    let weekly: Vec<f64> =
        (0..63).map(|day: usize| if day % 7 >= 5 { 60.0 } else { 200.0 } + (day % 3) as f64).collect();
    let found = forecast(&weekly, &serial(), options).unwrap();
    let factors = found.weekday.unwrap();
    assert!(factors[5] < 0.5 && factors[0] > 1.1, "{factors:?}");
    assert!(found.value(5).mean < 0.6 * found.value(1).mean);
}

fn beds(kernel: Vec<f64>) -> Need {
    Need { name: "a".into(), words: "beds of class A".into(), per_case: 1.0, kernel, fixed: 0.0, serves: 1.0 }
}

#[test]
fn occupancy_follows_little() {
    // ten cases a day for ever, a mean stay of 8 days: 80 and some beds (a day begun counts whole: half a day more)
    let longer = gamma_stay(8.0, 3.0).unwrap();
    let kernel = stay_kernel(&gamma_delay(1.0, 0.5).unwrap(), &longer);
    let found = demand(&[10.0; 80], &vec![vec![10.0; 400]; 5], &beds(kernel), 1).unwrap();
    let mean = found.value(4).mean;
    assert!((mean - 85.0).abs() < 2.0, "{mean}");
    assert_eq!(gamma_delay(0.0, 1.0).unwrap(), [1.0]);
}

#[test]
fn the_latest_day_to_decide_leaves_the_lead_time() {
    let sure = |days: &[f64]| Demand { samples: days.iter().map(|v| vec![*v; 10]).collect() };
    let supply = Supply { lead_days: 2, step: 500.0 };
    let found = decide(&sure(&[900.0, 1000.0, 1100.0, 1180.0, 1050.0]), &[1000.0; 5], supply, 0.1).unwrap();
    assert_eq!((found.first_short, found.decide_in, found.more), (Some(2), Some(1), 500.0));
    assert_eq!(found.without, [180.0, 180.0]);
    let text = found.sentence(&beds(vec![]), "the south", 2, |day| format!("day {day}"));
    assert_eq!(
        text,
        "Decide by day 1 on 500 more beds of class A in the south (they take 2 days), or 180 will be missing on the worst day (in one of ten futures 180 or more); the first day with a probability above the accepted one is day 3, the largest probability of a shortage 100 %."
    );
    let late = decide(&sure(&[2000.0]), &[1000.0], Supply { lead_days: 3, step: 1.0 }, 0.1).unwrap();
    assert_eq!(late.decide_in, Some(-2));
    assert!(late.sentence(&beds(vec![]), "", 3, |day| day.to_string()).starts_with("It is late for 1,000 more"));
    let enough = decide(&sure(&[5.0]), &[10.0], supply, 0.1).unwrap();
    assert_eq!((enough.first_short, enough.more), (None, 0.0));
    assert!(enough.sentence(&beds(vec![]), "", 2, |day| day.to_string()).contains("suffice"));
    assert!(decide(&sure(&[5.0]), &[], supply, 0.1).is_err());
    assert!(decide(&sure(&[5.0]), &[1.0], supply, 1.0).is_err());
}
