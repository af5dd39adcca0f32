//! `dayclear rt`: the reproduction number of a curve by window (Cori; Wallinga and Teunis) or by day (EpiFilter), by unit with
//! partial pooling. The assumptions go to standard error, beside every table.

use crate::{
    epi_input::{Incidence, SerialArguments, Series},
    output::{Format, csv_text},
};
use anyhow::{Context, Result, bail};
use dayclear_engines::epi::{
    Curve, Estimate, Filter, FilterOptions, Prior, Uncertain, Value, Window,
    back_projection::{UPDATES, back_project},
    capacity::gamma_delay,
    cohort, cori, pooling,
};
use dayclear_papers as papers;

/// Columns of the estimates.
const COLUMNS: [&str; 11] = ["t_start", "t_end", "mean", "sd", "q025", "q05", "q25", "median", "q75", "q95", "q975"];

#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    /// Instantaneous, by window (Cori et al. 2013)
    Cori,
    /// Cohort, by window (Wallinga and Teunis 2004)
    Wt,
    /// Instantaneous, by day (EpiFilter, Parag 2021)
    Epifilter,
}

/// Arguments of `dayclear rt`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    incidence: Incidence,
    #[command(flatten)]
    serial: SerialArguments,
    /// Standard deviation of the mean serial interval: it is drawn again and again, within three of them
    #[arg(long, value_name = "S", requires = "si_mean")]
    si_mean_sd: Option<f64>,
    /// Standard deviation of the serial interval's standard deviation
    #[arg(long, value_name = "S", requires = "si_mean_sd")]
    si_sd_sd: Option<f64>,
    /// Days of a window
    #[arg(long, default_value_t = 7)]
    window: usize,
    /// Mean of R before any case
    #[arg(long, default_value_t = 5.0)]
    prior_mean: f64,
    /// Its standard deviation
    #[arg(long, default_value_t = 5.0)]
    prior_sd: f64,
    /// Method
    #[arg(long, value_enum, default_value = "cori")]
    method: Method,
    /// Of EpiFilter what was known on each day, instead of what is known now
    #[arg(long)]
    filtered: bool,
    /// With --by: each unit alone, without borrowing from the others
    #[arg(long)]
    alone: bool,
    /// Back-project to days of infection: mean delay from infection to the date of a case, days
    #[arg(long, value_name = "M", requires = "delay_sd")]
    delay_mean: Option<f64>,
    /// Its standard deviation
    #[arg(long, value_name = "S")]
    delay_sd: Option<f64>,
    /// Draws of intervals (Wallinga and Teunis)
    #[arg(long, default_value_t = 1000)]
    draws: usize,
    /// Seed of draws
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How it is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// Runs `dayclear rt`.
pub fn run(arguments: &Arguments) -> Result<bool> {
    let mut all = arguments.incidence.read()?;
    if let (Some(mean), Some(sd)) = (arguments.delay_mean, arguments.delay_sd) {
        if !all.iter().all(|series| series.imported.is_empty()) {
            bail!(
                "imported cases cannot be back-projected: where they were infected is no day here; leave out --imported or --delay-mean"
            );
        }
        let delay = gamma_delay(mean, sd)?;
        for series in &mut all {
            if let Some(total) = &series.total {
                series.total = Some(back_project(total, &delay, UPDATES)?);
            }
        }
        eprintln!("back-projected to days of infection; the last {:.0} days are hardly seen yet", mean + sd);
    }
    let found = estimates(arguments, &all)?;
    print(arguments, &all, &found)?;
    Ok(true)
}

fn curve(series: &Series) -> Option<Curve<'_>> {
    series.total.as_deref().map(|total| Curve { total, imported: &series.imported })
}

fn estimates(arguments: &Arguments, all: &[Series]) -> Result<Vec<Option<Vec<Estimate>>>> {
    let prior = Prior { mean: arguments.prior_mean, sd: arguments.prior_sd };
    let known: Vec<Curve<'_>> = all.iter().filter_map(curve).collect();
    let days = known.iter().map(|curve| curve.total.len()).max().unwrap_or(0);
    if arguments.method == Method::Cori && arguments.incidence.by.is_some() && !arguments.alone {
        if let Some(sd) = arguments.si_mean_sd {
            bail!("--si-mean-sd {sd} is not mixed with partial pooling; add --alone");
        }
        let windows = cori::windows(days, arguments.window)?;
        let mut found = pooling::pooled(&known, &arguments.serial.serial(days)?, &windows, prior)?.into_iter();
        return Ok(all.iter().map(|series| series.total.as_ref().and_then(|_| found.next())).collect());
    }
    let serial = arguments.serial.serial(days)?;
    let filter = (arguments.method == Method::Epifilter).then(|| Filter::new(FilterOptions::default())).transpose()?;
    all.iter()
        .map(|series| {
            let Some(curve) = curve(series) else { return Ok(None) };
            one(arguments, curve, &serial, filter.as_ref(), prior).map(Some).with_context(|| {
                if series.unit.is_empty() {
                    arguments.incidence.path().display().to_string()
                } else {
                    series.unit.clone()
                }
            })
        })
        .collect()
}

fn one(
    arguments: &Arguments,
    curve: Curve<'_>,
    serial: &dayclear_engines::epi::Serial,
    filter: Option<&Filter>,
    prior: Prior,
) -> Result<Vec<Estimate>> {
    let days = curve.total.len();
    if let Some(filter) = filter {
        let found = filter.run(curve, serial)?;
        return Ok(found
            .iter()
            .enumerate()
            .map(|(at, day)| Estimate {
                window: Window { start: at + 1, end: at + 1 },
                cases: curve.local_on(at),
                value: Some(if arguments.filtered { day.filtered } else { day.smoothed }),
            })
            .collect());
    }
    curve.check()?;
    let windows = cori::windows(days, arguments.window)?;
    if arguments.method == Method::Wt {
        return Ok(cohort::wallinga_teunis(curve.total, serial, &windows, arguments.draws, arguments.seed)?);
    }
    let found = match arguments.si_mean_sd {
        None => cori::cori(curve, serial, &windows, prior)?,
        Some(sd) => {
            let (mean, width) = arguments.serial.moments();
            let other = arguments.si_sd_sd.unwrap_or(0.0);
            let uncertain = Uncertain {
                mean: [mean, sd, (mean - 3.0 * sd).max(1.01), mean + 3.0 * sd],
                sd: [width, other, (width - 3.0 * other).max(0.05), width + 3.0 * other],
                intervals: 100,
                draws: 100,
            };
            cori::cori_uncertain(curve, &uncertain, &windows, prior, arguments.seed)?
        }
    };
    let needed = cori::cases_needed(0.3, prior)?;
    let few = found.iter().filter(|estimate| estimate.value.is_some() && estimate.cases < needed);
    if let Some(first) = few.clone().next() {
        eprintln!(
            "a window needs {needed} cases for a coefficient of variation of 0.3, and days {} to {} have {}; {} windows have fewer",
            first.window.start,
            first.window.end,
            first.cases,
            few.count()
        );
    }
    Ok(found)
}

/// A number as text: whole precision for programs.
fn text(value: f64) -> String {
    if value.is_nan() { "NA".to_owned() } else { value.to_string() }
}

fn numbers(value: Option<Value>) -> [f64; 9] {
    value.map_or([f64::NAN; 9], |Value { mean, sd, quantiles: q }| [mean, sd, q[0], q[1], q[2], q[3], q[4], q[5], q[6]])
}

fn print(arguments: &Arguments, all: &[Series], found: &[Option<Vec<Estimate>>]) -> Result<()> {
    let by = arguments.incidence.by.as_deref();
    // a unit without data has the days of the others, and no estimate
    let spare: Vec<Estimate> = found
        .iter()
        .flatten()
        .next()
        .map(|list| list.iter().map(|estimate| Estimate { value: None, ..*estimate }).collect())
        .unwrap_or_default();
    let list = || all.iter().zip(found).map(|(series, found)| (series, found.as_ref().unwrap_or(&spare)));
    match arguments.format {
        Format::Json => {
            let rows: Vec<serde_json::Value> = list()
                .flat_map(|(series, list)| list.iter().map(move |estimate| (series, estimate)))
                .map(|(series, estimate)| {
                    let mut row = serde_json::Map::new();
                    if let Some(by) = by {
                        row.insert(by.to_owned(), series.unit.clone().into());
                    }
                    if series.first.is_some() {
                        row.insert("date_end".into(), series.day(estimate.window.end as i64).into());
                    }
                    let days = [estimate.window.start as f64, estimate.window.end as f64];
                    for (name, value) in COLUMNS.iter().zip(days.into_iter().chain(numbers(estimate.value))) {
                        // a number that is none becomes null
                        row.insert((*name).to_owned(), value.into());
                    }
                    row.into()
                })
                .collect();
            println!("{}", serde_json::to_string_pretty(&rows)?);
        }
        Format::Csv => {
            let columns: Vec<&str> = by.into_iter().chain(COLUMNS).collect();
            let mut rows = Vec::new();
            for (series, list) in list() {
                for estimate in list {
                    let mut row: Vec<String> = by.map(|_| series.unit.clone()).into_iter().collect();
                    row.extend([estimate.window.start.to_string(), estimate.window.end.to_string()]);
                    row.extend(numbers(estimate.value).map(text));
                    rows.push(row);
                }
            }
            print!("{}", csv_text(&columns, &rows)?);
        }
        Format::Table => {
            let mut rows = Vec::new();
            for (series, list) in list() {
                for estimate in list {
                    let mut row: Vec<String> = by.map(|_| series.unit.clone()).into_iter().collect();
                    row.extend([series.day(estimate.window.end as i64), format!("{:.0}", estimate.cases)]);
                    row.extend(match estimate.value {
                        Some(Value { mean, quantiles: q, .. }) => {
                            [format!("{mean:.2}"), format!("{:.2}", q[0]), format!("{:.2}", q[6])]
                        }
                        None => ["NA", "NA", "NA"].map(str::to_owned),
                    });
                    rows.push(row);
                }
            }
            let columns: Vec<&str> = by.into_iter().chain(["up to", "cases", "R", "2.5 %", "97.5 %"]).collect();
            println!("{}", papers::text_table(&columns, &rows));
        }
    }
    Ok(())
}
