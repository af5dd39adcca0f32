//! Times the analytics on one thread and prints one JSON object: R on 200 days and on 41 units of 1,000 days, a nowcast and a
//! forecast of 14 days with beds for 41 units; and the checks against reference tables that are slow without optimisation.
//! Given a folder, it also writes the series and its own estimates there, for other programs to read.

use dayclear_engines::epi::{
    Curve, Estimate, Filter, FilterOptions, Prior, Serial,
    capacity::{Need, demand, gamma_delay, gamma_stay, stay_kernel},
    cohort,
    cori::{Uncertain, cori, cori_uncertain, windows},
    forecast::{ForecastOptions, forecast},
    nowcast::{NowcastOptions, Triangle, nowcast},
    pooling,
    sampling::Chance,
};
use std::{error::Error, fmt::Write, fs, hint::black_box, path::Path, time::Instant};

fn series(days: usize, seed: u64) -> Vec<f64> {
    let mut chance = Chance::new(seed, 77);
    (0..days).map(|day| chance.poisson(100.0 + 80.0 * (day as f64 / 15.0 + seed as f64).sin()) as f64).collect()
}

/// Median of the seconds that something takes, over `runs`.
fn time(runs: usize, mut what: impl FnMut()) -> f64 {
    let mut seconds: Vec<f64> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            what();
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    seconds[runs / 2]
}

/// Processor time of this thread, in seconds: what other programs take of the machine is not in it.
fn cpu_s() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|spent| spent.parse::<f64>().ok()).map_or(f64::NAN, |spent| spent / 1e9)
}

fn write(path: &Path, series: &[f64], found: &[Estimate]) -> Result<(), Box<dyn Error>> {
    let mut text = String::from("t,incidence\n");
    for (day, cases) in series.iter().enumerate() {
        writeln!(text, "{},{cases}", day + 1)?;
    }
    fs::write(path.with_extension("incidence.csv"), text)?;
    let mut text = String::from("t_start,t_end,mean,sd,q025,q05,q25,median,q75,q95,q975\n");
    for estimate in found {
        write!(text, "{},{}", estimate.window.start, estimate.window.end)?;
        if let Some(value) = estimate.value {
            for number in [value.mean, value.sd].iter().chain(&value.quantiles) {
                write!(text, ",{number:e}")?;
            }
        } else {
            text.push_str(&",NA".repeat(9));
        }
        text.push('\n');
    }
    Ok(fs::write(path.with_extension("estimates.csv"), text)?)
}

/// Largest relative difference of EpiFilter's means from the reference, and the points of the grid that differ.
fn filter_check(incidence: &str, si: &str, expected: &str) -> Result<(f64, usize), Box<dyn Error>> {
    let numbers = |text: &str| -> Vec<Vec<f64>> {
        text.lines().skip(1).map(|row| row.split(',').map(|v| v.parse().unwrap_or(f64::NAN)).collect()).collect()
    };
    let cases: Vec<f64> = numbers(incidence).iter().map(|row| row[row.len() - 1]).collect();
    let serial = Serial::from_weights(numbers(si).iter().map(|row| row[1]).collect())?;
    let found = Filter::new(FilterOptions::default())?.run(Curve::local(&cases), &serial)?;
    let (mut worst, mut other) = (0.0f64, 0);
    for (day, row) in found.iter().zip(numbers(expected)) {
        for (value, expected) in [(day.filtered, &row[1..4]), (day.smoothed, &row[4..7])] {
            worst = worst.max((value.mean / expected[0] - 1.0).abs());
            other += usize::from((value.quantiles[0] - expected[1]).abs() > 1e-9);
            other += usize::from((value.quantiles[6] - expected[2]).abs() > 1e-9);
        }
    }
    Ok((worst, other))
}

fn main() -> Result<(), Box<dyn Error>> {
    let short = series(200, 0);
    let units: Vec<Vec<f64>> = (0..41).map(|unit| series(1000, unit)).collect();
    let prior = Prior::default();
    let run = |cases: &[f64]| -> Result<Vec<Estimate>, Box<dyn Error>> {
        let serial = Serial::from_moments(2.6, 1.5, cases.len())?;
        Ok(cori(Curve::local(cases), &serial, &windows(cases.len(), 7)?, prior)?)
    };
    if let Some(folder) = std::env::args().nth(1) {
        write(&Path::new(&folder).join("short"), &short, &run(&short)?)?;
        for (at, unit) in units.iter().enumerate() {
            write(&Path::new(&folder).join(format!("unit{at:02}")), unit, &run(unit)?)?;
        }
    }
    let one = time(31, || drop(black_box(run(black_box(&short)))));
    let all = time(3, || units.iter().for_each(|unit| drop(black_box(run(unit)))));
    let serial = Serial::from_moments(2.6, 1.5, 1000)?;
    let weekly = windows(200, 7)?;
    let uncertain = Uncertain { mean: [2.6, 0.5, 1.6, 3.6], sd: [1.5, 0.3, 0.9, 2.1], intervals: 100, draws: 100 };
    let mixed = time(1, || drop(black_box(cori_uncertain(Curve::local(&short), &uncertain, &weekly, prior, 1))));
    let wt = time(5, || drop(black_box(cohort::wallinga_teunis(&short, &serial, &weekly, 100, 1))));
    let curves: Vec<Curve<'_>> = units.iter().map(|unit| Curve::local(unit)).collect();
    let long = windows(1000, 7)?;
    let together = time(1, || drop(black_box(pooling::pooled(&curves, &serial, &long, prior))));
    let filter = Filter::new(FilterOptions::default())?;
    let filtered = time(1, || drop(black_box(filter.run(Curve::local(&short), &serial))));
    let kernel = stay_kernel(&gamma_delay(1.0, 0.5)?, &gamma_stay(8.0, 3.0)?);
    let need = Need { name: "beds".into(), words: "beds".into(), per_case: 1.0, kernel, fixed: 0.0, serves: 1.0 };
    let (start, cpu) = (Instant::now(), cpu_s());
    for (at, unit) in units.iter().enumerate() {
        let mut chance = Chance::new(at as u64, 78);
        let events: Vec<(i64, i64)> = unit[940..]
            .iter()
            .enumerate()
            .flat_map(|(day, cases)| (0..*cases as u64).map(move |_| day as i64))
            .map(|day| (day, day + (2.0 * chance.gamma(2.0)) as i64))
            .collect();
        nowcast(&Triangle::new(&events, 0, 59, 14)?, NowcastOptions::default())?;
        let found = forecast(unit, &serial, ForecastOptions::default())?;
        black_box(demand(unit, &found.samples, &need, 1)?);
    }
    let (ahead, ahead_cpu) = (start.elapsed().as_secs_f64(), cpu_s() - cpu);
    let data = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/rt").join(name));
    let (mut worst, mut other) = (0.0f64, 0);
    for (set, table) in [("flu1918", "Flu1918"), ("flu2009", "Flu2009")] {
        let expected = data(&format!("{table}_epifilter_eta0.1_grid2000_0.01_10.csv"))?;
        let found = filter_check(&data(&format!("{set}_incidence.csv"))?, &data(&format!("{set}_si.csv"))?, &expected)?;
        worst = worst.max(found.0);
        other += found.1;
    }
    println!(
        "{{\"cori_200_s\":{one:.7},\"cori_41x1000_s\":{all:.5},\"uncertain_200_s\":{mixed:.4},\"wt_200_s\":{wt:.5},\"pooled_41x1000_s\":{together:.4},\"epifilter_200_s\":{filtered:.4},\"now_and_ahead_41_s\":{ahead:.4},\"now_and_ahead_41_cpu_s\":{ahead_cpu:.4},\"epifilter_worst\":{worst:e},\"epifilter_other_points\":{other}}}"
    );
    Ok(())
}
