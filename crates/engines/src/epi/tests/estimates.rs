//! R against the reference tables, and its refusals.

use crate::epi::{
    Curve, EpiError, Estimate, Filter, FilterOptions, Prior, Serial, Uncertain, Value, Window, back_projection, cohort,
    cori::{self, cori, cori_uncertain},
    gamma::gamma_cdf,
    pooling,
    reference::{SETS, incidence, numbers, serial},
};
use proptest::prelude::*;

fn compare(found: &[Estimate], expected: &str, what: &str) -> f64 {
    let rows = numbers(expected);
    assert_eq!(found.len(), rows.len(), "{what}");
    let mut worst = 0.0f64;
    for (found, row) in found.iter().zip(&rows) {
        assert_eq!([found.window.start as f64, found.window.end as f64], row[..2], "{what}");
        let Some(Value { mean, sd, quantiles }) = found.value else {
            assert!(row[2..].iter().all(|v| v.is_nan()), "{what}: nothing where {row:?} is expected");
            continue;
        };
        for (found, expected) in [mean, sd].iter().chain(&quantiles).zip(&row[2..]) {
            assert!(!expected.is_nan(), "{what}: {found} where nothing is expected, {row:?}");
            let off = (found / expected - 1.0).abs();
            worst = worst.max(off);
        }
    }
    worst
}

fn weekly(days: usize, length: usize) -> Vec<Window> {
    cori::windows(days, length).unwrap()
}

#[test]
fn cori_agrees_with_every_reference_table() {
    for set in SETS {
        let cases = incidence(set);
        let days = cases.len();
        let curve = Curve::local(&cases);
        let parametric = Serial::from_moments(set.moments.0, set.moments.1, days).unwrap();
        let p = Prior::default();
        let mut worst = 0.0f64;
        for (serial, length, expected, what) in [
            (&serial(set), 7, set.nonparametric, "nonparametric"),
            (&parametric, 7, set.parametric, "parametric"),
            (&parametric, 1, set.daily, "daily"),
        ] {
            let found = cori(curve, serial, &weekly(days, length), p).unwrap();
            worst = worst.max(compare(&found, expected, what));
        }
        if set.name == "flu2009" {
            let prior = Prior { mean: 1.0, sd: 1.0 };
            let found = cori(curve, &parametric, &weekly(days, 7), prior).unwrap();
            let expected = include_str!("../../../../../data/rt/flu2009_expected_R_parametric_weekly_prior1_1.csv");
            worst = worst.max(compare(&found, expected, "prior 1, 1"));
            let table = numbers(include_str!("../../../../../data/rt/Flu2009_imports_incidence.csv"));
            let imported: Vec<f64> = table.iter().map(|row| row[2]).collect();
            let total: Vec<f64> = table.iter().map(|row| row[1] + row[2]).collect();
            let curve = Curve { total: &total, imported: &imported };
            let found = cori(curve, &crate::epi::reference::serial(set), &weekly(days, 7), Prior::default()).unwrap();
            let expected = include_str!("../../../../../data/rt/Flu2009_imports_cori_nonparam_w7.csv");
            worst = worst.max(compare(&found, expected, "imports"));
        }
        assert!(worst < 1e-10, "{}: {worst:e}", set.name);
    }
}

#[test]
fn wallinga_teunis_agrees_and_its_intervals_hold_the_mean() {
    for set in SETS {
        let cases = incidence(set);
        let windows = weekly(cases.len(), 7);
        let found = cohort::wallinga_teunis(&cases, &serial(set), &windows, 60, 1).unwrap();
        for (found, row) in found.iter().zip(numbers(set.cohort)) {
            match found.value {
                Some(value) => {
                    assert!(
                        (value.mean / row[2] - 1.0).abs() < 1e-10 || (value.mean == 0.0 && row[2] == 0.0),
                        "{row:?}"
                    );
                    let drawn = value.sd.max(0.02);
                    assert!((value.quantiles[3] - value.mean).abs() < 3.0 * drawn, "{value:?}");
                }
                None => assert!(row[2].is_nan()),
            }
        }
        let again = cohort::wallinga_teunis(&cases, &serial(set), &windows, 60, 1).unwrap();
        assert_eq!(found, again);
    }
}

#[test]
fn epifilter_agrees_to_the_grid_point() {
    let filter = Filter::new(FilterOptions::default()).unwrap();
    // the other set, of 92 days, takes too long without optimisation; the release example runs both
    let text = include_str!("../../../../../data/rt/Flu2009_epifilter_eta0.1_grid2000_0.01_10.csv");
    let set = SETS[1];
    let found = filter.run(Curve::local(&incidence(set)), &serial(set)).unwrap();
    for (day, row) in found.iter().zip(numbers(text)) {
        for (value, expected) in [(day.filtered, &row[1..4]), (day.smoothed, &row[4..7])] {
            assert!((value.mean / expected[0] - 1.0).abs() < 1e-9, "{row:?} {value:?}");
            assert!((value.quantiles[0] - expected[1]).abs() < 1e-9, "{row:?} {value:?}");
            assert!((value.quantiles[6] - expected[2]).abs() < 1e-9, "{row:?} {value:?}");
        }
    }
}

#[test]
fn back_projection_gives_the_numbers_at_hand() {
    let mut infections = vec![0.0; 4];
    infections.extend((0..30).map(|i| (20.0 * (0.12 * f64::from(i)).exp()).round()));
    infections.extend((1..=30).map(|i| (20.0 * (3.48 - 0.1 * f64::from(i)).exp()).round()));
    let mut delay: Vec<f64> =
        (0..=12)
            .map(|d| {
                if d == 0 {
                    0.0
                } else {
                    gamma_cdf(6.66, 0.394, f64::from(d)) - gamma_cdf(6.66, 0.394, f64::from(d - 1))
                }
            })
            .collect();
    let sum: f64 = delay.iter().sum();
    delay.iter_mut().for_each(|v| *v /= sum);
    let onsets: Vec<f64> = (0..infections.len())
        .map(|t| (0..=t.min(12)).map(|d| delay[d] * infections[t - d]).sum::<f64>().round())
        .collect();
    assert_eq!((onsets.len(), onsets.iter().sum::<f64>()), (64, 11_332.0));
    let found = back_projection::back_project(&onsets, &delay, back_projection::UPDATES).unwrap();
    for (day, expected) in
        [(10, 36.546_639_016_3), (30, 402.597_801_959), (35, 595.112_163_983), (63, 37.484_417_280_3), (64, 0.0)]
    {
        assert!((found[day - 1] - expected).abs() <= 1e-10 * f64::max(expected, 1.0), "day {day}: {}", found[day - 1]);
    }
}

#[test]
fn an_uncertain_serial_interval_widens_and_is_seeded() {
    let set = SETS[1];
    let cases = incidence(set);
    let windows = weekly(cases.len(), 7);
    let uncertain = Uncertain { mean: [2.6, 1.0, 1.1, 4.2], sd: [1.5, 0.5, 0.5, 2.5], intervals: 40, draws: 40 };
    let run = |seed| cori_uncertain(Curve::local(&cases), &uncertain, &windows, Prior::default(), seed).unwrap();
    let (a, b) = (run(1), run(2));
    assert_eq!(a, run(1));
    assert_ne!(a, b);
    let exact =
        cori(Curve::local(&cases), &Serial::from_moments(2.6, 1.5, 32).unwrap(), &windows, Prior::default()).unwrap();
    let width =
        |of: &[Estimate]| of.iter().filter_map(|e| e.value).map(|v| v.quantiles[6] - v.quantiles[0]).sum::<f64>();
    assert!(width(&a) > width(&exact));
    let never = Uncertain { mean: [2.6, 0.1, 5.0, 6.0], ..uncertain };
    assert!(cori_uncertain(Curve::local(&cases), &never, &windows, Prior::default(), 1).is_err());
}

#[test]
fn small_units_borrow_and_large_ones_speak_for_themselves() {
    let large: Vec<f64> = (0..30).map(|t| 100.0 * (0.1 * f64::from(t)).exp()).collect();
    let other: Vec<f64> = (0..30).map(|t| 2000.0 * (-0.05 * f64::from(t)).exp()).collect();
    let mut small = vec![0.0; 30];
    small[20] = 1.0;
    let none = vec![0.0; 30];
    let units: Vec<Curve<'_>> = [&large, &other, &small, &none, &large].map(|v| Curve::local(v)).into();
    let serial = Serial::from_moments(2.6, 1.5, 30).unwrap();
    let windows = weekly(30, 7);
    let found = pooling::pooled(&units, &serial, &windows, Prior::default()).unwrap();
    let last = |unit: usize| found[unit].last().unwrap().value.unwrap();
    let alone =
        |unit: usize| cori(units[unit], &serial, &windows, Prior::default()).unwrap().last().unwrap().value.unwrap();
    assert!((last(0).mean / alone(0).mean - 1.0).abs() < 0.01 && (last(1).mean / alone(1).mean - 1.0).abs() < 0.01);
    // no case of its own: between the others, and wide
    assert!(last(3).mean > last(1).mean && last(3).mean < last(0).mean && last(3).sd > last(0).sd);
    assert!(last(2).mean < 2.0 && last(2).sd > last(0).sd);
}

#[test]
fn what_cannot_be_estimated_is_refused_by_name() {
    let serial = Serial::from_moments(2.6, 1.5, 40).unwrap();
    let run = |cases: &[f64]| cori(Curve::local(cases), &serial, &[Window { start: 2, end: 3 }], Prior::default());
    let text = |cases: &[f64]| run(cases).unwrap_err().to_string();
    assert!(text(&[1.0, -2.0, 3.0]).starts_with("day 2 has an incidence of -2"));
    assert!(text(&[1.0, f64::NAN, 3.0]).starts_with("day 2"));
    assert_eq!(run(&[0.0; 9]), Err(EpiError::NoCases { days: 9 }));
    assert_eq!(run(&[0.0, 1.0, 0.0]), Err(EpiError::OneCase { days: 3 }));
    assert_eq!(run(&[5.0]), Err(EpiError::Short { days: 1, needed: 2 }));
    assert_eq!(run(&[5.0, 5.0]), Err(EpiError::Window { start: 2, end: 3, days: 2 }));
    let imported = Curve { total: &[1.0, 2.0, 3.0], imported: &[0.0, 3.0, 0.0] };
    assert!(matches!(cori(imported, &serial, &[], Prior::default()), Err(EpiError::Imported { day: 2, .. })));
    assert_eq!(cori::cases_needed(0.3, Prior::default()).unwrap(), 11.0);
    assert_eq!(cori::windows(7, 7), Err(EpiError::Short { days: 7, needed: 8 }));
    assert!(cori::windows(7, 0).is_err());
}

#[test]
fn forty_thousand_days_are_no_trouble() {
    let cases: Vec<f64> = (0..40_000).map(|t| f64::from(t % 50)).collect();
    let serial = Serial::from_moments(2.6, 1.5, cases.len()).unwrap();
    assert!(serial.weights().len() < 100);
    let windows: Vec<Window> = weekly(cases.len(), 7).into_iter().step_by(400).collect();
    let found = cori(Curve::local(&cases), &serial, &windows, Prior::default()).unwrap();
    assert!(found.iter().skip(1).all(|estimate| estimate.value.is_some()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    /// Counting everything ten times over moves neither R's mean far nor its interval outwards; imports never raise R.
    #[test]
    fn more_cases_tell_more(cases in prop::collection::vec(1u32..60, 12..40)) {
        let one: Vec<f64> = cases.iter().map(|&v| f64::from(v)).collect();
        let ten: Vec<f64> = one.iter().map(|v| 10.0 * v).collect();
        let serial = Serial::from_moments(2.6, 1.5, one.len()).unwrap();
        let windows = weekly(one.len(), 7);
        let run = |curve: Curve<'_>| cori(curve, &serial, &windows, Prior::default()).unwrap();
        let imported: Vec<f64> = one.iter().map(|v| (v / 2.0).floor()).collect();
        let (a, b, c) = (run(Curve::local(&one)), run(Curve::local(&ten)), run(Curve { total: &one, imported: &imported }));
        for ((a, b), c) in a.iter().zip(&b).zip(&c) {
            if let (Some(a), Some(b), Some(c)) = (a.value, b.value, c.value) {
                prop_assert!(b.sd < a.sd && c.mean <= a.mean);
                prop_assert!(a.quantiles.windows(2).all(|pair| pair[0] < pair[1]));
            }
        }
    }

    /// Each case is infected by somebody: offspring of all days sum to the cases that had somebody before them.
    #[test]
    fn every_case_has_one_infector(cases in prop::collection::vec(0u32..30, 5..40)) {
        let cases: Vec<f64> = cases.into_iter().map(f64::from).collect();
        let serial = Serial::from_moments(2.6, 1.5, cases.len()).unwrap();
        let lambda = serial.infectivity(&cases);
        let r = cohort::cohort(&cases, &serial);
        let offspring: f64 = r.iter().zip(&cases).map(|(r, i)| r * i).sum();
        let with: f64 = cases.iter().zip(&lambda).filter(|(_, l)| **l > 0.0).map(|(i, _)| i).sum();
        prop_assert!((offspring - with).abs() < 1e-9 * with.max(1.0));
    }
}
