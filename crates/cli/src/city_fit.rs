//! `dayclear city fit`: November 2022 at full size. Tunes the built-in policy to the cases that were reported, and prints
//! simulated beside published cases by day and week, with the error on the days that were kept out of the tuning.

use crate::city_run::{CityArguments, policy};
use anyhow::{Context, Result, bail};
use dayclear_core::time::CivilDate;
use dayclear_engines::outbreak::{Contacts, Fit, Knob, Observed, Outbreak, Policy, Row, Run, fit};
use std::path::Path;

/// Arguments of `dayclear city fit`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    city: CityArguments,
    /// Only compare the policy as it is, without tuning
    #[arg(long)]
    as_is: bool,
    /// Days at the end that are kept out of the tuning
    #[arg(long, default_value_t = 10)]
    held_out: usize,
    /// Further seeds of the outbreak that are played with the result
    #[arg(long, default_value_t = 2)]
    seeds: u64,
    /// Published cases, in the columns of data/chongqing/daily_cases_2022.csv
    #[arg(long, value_name = "FILE", default_value = "data/chongqing/daily_cases_2022.csv")]
    cases: std::path::PathBuf,
}

/// First day of the runs, and the days of complete totals.
const START: &str = "2022-11-01";
const COMPLETE: [&str; 2] = ["2022-11-12", "2022-12-08"];
/// What is tuned, from which day on, and where it begins: near the end of earlier, coarser searches. The days are those
/// of documents (`docs/city.md`).
const KNOBS: [(&str, &str, f64); 3] =
    [("imports", "2022-11-01", 280.0), ("life", "2022-11-01", 0.48), ("life", "2022-11-21", 0.36)];

/// Runs `dayclear city fit`.
pub fn run(arguments: &Arguments) -> Result<bool> {
    let date = |text: &str| text.parse::<CivilDate>().context("a date");
    let (start, from, to) = (date(START)?, date(COMPLETE[0])?, date(COMPLETE[1])?);
    let day_of = |date: CivilDate| date.days_since(start) as u16;
    let observed: Vec<Observed> = published(&arguments.cases, start)?
        .into_iter()
        .filter(|observed| (day_of(from)..=day_of(to)).contains(&observed.day))
        .collect();
    if observed.len() <= arguments.held_out {
        bail!(
            "{} has {} days of complete totals; some must be left for the tuning",
            arguments.cases.display(),
            observed.len()
        );
    }
    let tuned_on = observed.len() - arguments.held_out;
    let (city, disease, contacts) =
        (arguments.city.population(start, 32_000_000)?, arguments.city.disease()?, Contacts::chongqing()?);
    let begin = |policy: Policy, seed: u64| -> Result<Run> {
        let outbreak = Outbreak::new(city.clone(), disease.clone(), contacts.clone(), seed, arguments.city.threads)?;
        Ok(Run::new(outbreak, policy, seed))
    };
    let mut tuned = policy("chongqing-2022", start)?;
    if !arguments.as_is {
        let mut knobs = Vec::new();
        for (name, from, value) in KNOBS {
            knobs.push(Knob { name: name.to_owned(), from: day_of(date(from)?), value });
        }
        let seed = arguments.city.seed;
        let begin = |policy: Policy| begin(policy, seed);
        let Fit { knobs, misfit, runs } = fit(&tuned, knobs, &observed[..tuned_on], begin, |knobs, misfit| {
            let values: Vec<String> = knobs.iter().map(|knob| format!("{:.3}", knob.value)).collect();
            eprintln!("misfit {misfit:.4} with {}", values.join(", "));
        })?;
        println!("tuned on {tuned_on} days in {runs} runs: mean square of ln(simulated / published) {misfit:.4}");
        for knob in &knobs {
            println!("  {} from {}: {:.3}", knob.name, start.plus_days(knob.from.into()), knob.value);
            tuned.set_from(knob.from, &knob.name, knob.value);
        }
    }
    for seed in arguments.city.seed..=arguments.city.seed + arguments.seeds {
        let mut run = begin(tuned.clone(), seed)?;
        let rows: Vec<Row> = (0..=day_of(to)).map(|_| run.step()).collect();
        compare(&rows, &observed, tuned_on, start, seed, seed == arguments.city.seed);
    }
    Ok(true)
}

/// Published daily totals by day of the run.
fn published(path: &Path, start: CivilDate) -> Result<Vec<Observed>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read: run this in the repository, or give --cases", path.display()))?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let place = |name: &str| {
        header.iter().position(|column| *column == name).with_context(|| format!("{} has no {name}", path.display()))
    };
    let (date, total) = (place("date")?, place("total_reported")?);
    let rows = lines.filter_map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let day = cells.get(date)?.parse::<CivilDate>().ok()?.days_since(start);
        Some(Observed { day: u16::try_from(day).ok()?, cases: cells.get(total)?.parse().ok()? })
    });
    Ok(rows.collect())
}

/// Prints simulated beside published: by day for the first seed, by week, the peak, and the error on the days held out.
fn compare(rows: &[Row], observed: &[Observed], tuned_on: usize, start: CivilDate, seed: u64, by_day: bool) {
    let date = |day: u16| start.plus_days(day.into());
    let simulated = |observed: &Observed| rows.get(usize::from(observed.day)).map_or(0, |row| row.reported);
    println!("seed {seed}");
    if by_day {
        println!("  date        published  simulated  ratio  in the community, %");
        for (at, day) in observed.iter().enumerate() {
            let row = &rows[usize::from(day.day)];
            let ratio = f64::from(row.reported) / f64::from(day.cases.max(1));
            let community = 100.0 * f64::from(row.community) / f64::from(row.reported.max(1));
            let mark = if at < tuned_on { "" } else { "  held out" };
            println!("  {}  {:9}  {:9}  {ratio:5.2}  {community:5.1}{mark}", date(day.day), day.cases, row.reported);
        }
    }
    for week in observed.chunks(7) {
        let sums = week.iter().fold((0, 0), |sum, day| (sum.0 + simulated(day), sum.1 + day.cases));
        let ratio = f64::from(sums.0) / f64::from(sums.1.max(1));
        println!("  {} to {}: ratio {ratio:.2}", date(week[0].day), date(week[week.len() - 1].day));
    }
    let peak = |cases: &dyn Fn(&Observed) -> u32| {
        observed.iter().max_by_key(|day| cases(day)).map(|day| (date(day.day), cases(day)))
    };
    if let (Some(ours), Some(theirs)) = (peak(&simulated), peak(&|day: &Observed| day.cases)) {
        println!("  peak: simulated {} on {}, published {} on {}", ours.1, ours.0, theirs.1, theirs.0);
    }
    for (what, days) in [("tuned", &observed[..tuned_on]), ("held out", &observed[tuned_on..])] {
        let sums = days.iter().fold((0, 0), |sum, day| (sum.0 + simulated(day), sum.1 + day.cases));
        let off = |day: &Observed| (f64::from(simulated(day)) / f64::from(day.cases.max(1)) - 1.0).abs();
        let mean = days.iter().map(off).sum::<f64>() / days.len().max(1) as f64;
        println!(
            "  {what}, {} days: sum {:.2} of the published one, mean error of a day {:.0} %",
            days.len(),
            f64::from(sums.0) / f64::from(sums.1.max(1)),
            100.0 * mean
        );
    }
    let (home, all) =
        rows.iter().fold((0, 0), |sum, row| (sum.0 + row.truth.by_layer[0], sum.1 + row.truth.infections));
    println!("  infected in the household: {:.0} %", 100.0 * f64::from(home) / f64::from(all.max(1)));
}
