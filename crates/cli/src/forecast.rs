//! `dayclear forecast`: cases of the next days, what they need, and the latest day to decide; below it the delays and the
//! nowcast that it stands on, and `score`: how good it would have been on every past day, beside a naive forecast.

use crate::{
    epi_delays,
    epi_input::{Incidence, SerialArguments, Series},
    epi_needs, epi_nowcast,
    output::{Format, csv_text},
};
use anyhow::{Context, Result};
use dayclear_engines::epi::{
    Prior, Value,
    capacity::{decide, demand},
    forecast::{ForecastOptions, forecast, replay},
    scores::Score,
};
use dayclear_papers as papers;
use std::path::PathBuf;

/// Arguments of `dayclear forecast`.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    ahead: Ahead,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Score forecasts from each past day against what came
    Score(Ahead),
    /// Fit the delay between two dates of a line list
    Delays(epi_delays::Arguments),
    /// Estimate how many of the last days are not reported yet
    Nowcast(epi_nowcast::Arguments),
}

#[derive(clap::Args, Debug)]
struct Ahead {
    #[command(flatten)]
    incidence: Incidence,
    #[command(flatten)]
    serial: SerialArguments,
    /// Days ahead
    #[arg(long, default_value_t = 14, value_parser = clap::value_parser!(u16).range(1..=60))]
    days: u16,
    /// Draws
    #[arg(long, default_value_t = 1000)]
    draws: usize,
    /// Days of the window for R
    #[arg(long, default_value_t = 7)]
    window: usize,
    /// Standard deviation of a day's step of R at R = 1
    #[arg(long, default_value_t = 0.1)]
    drift: f64,
    /// Share of R's distance from 1 that is left after a day; 1 for all of it
    #[arg(long, default_value_t = 0.85)]
    damping: f64,
    /// Needs of a case (TOML)
    #[arg(long, value_name = "FILE")]
    needs: Option<PathBuf>,
    /// What there is of each need (CSV: need, available, perhaps unit)
    #[arg(long, value_name = "FILE", requires = "needs")]
    capacity: Option<PathBuf>,
    /// Seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How it is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// Runs `dayclear forecast`.
pub fn run(arguments: &Arguments) -> Result<bool> {
    match &arguments.command {
        Some(Command::Score(ahead)) => score(ahead),
        Some(Command::Delays(arguments)) => epi_delays::run(arguments),
        Some(Command::Nowcast(arguments)) => epi_nowcast::run(arguments),
        None => cases(&arguments.ahead),
    }
}

impl Ahead {
    fn options(&self) -> ForecastOptions {
        ForecastOptions {
            days: usize::from(self.days),
            draws: self.draws,
            window: self.window,
            prior: Prior::default(),
            drift: self.drift,
            damping: self.damping,
            weekday: true,
            seed: self.seed,
        }
    }
}

/// A line of the answer: unit, what, day ahead, its name, the value, the probability of a shortage.
struct Line {
    unit: String,
    what: String,
    day: String,
    value: Value,
    shortage: Option<f64>,
}

fn cases(ahead: &Ahead) -> Result<bool> {
    let all = ahead.incidence.read()?;
    let needs = ahead.needs.as_deref().map(epi_needs::needs).transpose()?;
    let have = ahead.capacity.as_deref().map(epi_needs::capacity).transpose()?.unwrap_or_default();
    let (mut lines, mut sentences, mut any) = (Vec::new(), Vec::new(), false);
    for series in &all {
        let Some(total) = &series.total else { continue };
        let serial = ahead.serial.serial(total.len())?;
        let found = match forecast(total, &serial, ahead.options()) {
            Ok(found) => found,
            Err(error) if all.len() > 1 => {
                eprintln!("no forecast for {}: {error}", series.unit);
                continue;
            }
            Err(error) => return Err(error).with_context(|| ahead.incidence.path().display().to_string()),
        };
        any = true;
        let name = |day: usize| series.day((total.len() + day) as i64 + 1);
        let line = |what: &str, day: usize, value, shortage| Line {
            unit: series.unit.clone(),
            what: what.to_owned(),
            day: name(day),
            value,
            shortage,
        };
        lines.extend((0..found.samples.len()).map(|day| line("cases", day, found.value(day), None)));
        let Some(needs) = &needs else { continue };
        for dayclear_ops::needs::Wanted { need, supply, .. } in &needs.list {
            let wanted = demand(total, &found.samples, need, ahead.seed)?;
            let decision = have
                .get(&(series.unit.clone(), need.name.clone()))
                .map(|have| decide(&wanted, &vec![*have; wanted.samples.len()], *supply, needs.risk))
                .transpose()?;
            for day in 0..wanted.samples.len() {
                let shortage = decision.as_ref().map(|decision| decision.shortage[day]);
                lines.push(line(&need.name, day, wanted.value(day), shortage));
            }
            match decision {
                Some(decision) => sentences.push(
                    decision.sentence(need, &series.unit, supply.lead_days, |day| series.day(total.len() as i64 + day)),
                ),
                None if ahead.capacity.is_some() => sentences.push(format!(
                    "How many {} there are{} is not known: the capacity file has no row '{}'.",
                    need.words,
                    if series.unit.is_empty() { String::new() } else { format!(" in {}", series.unit) },
                    need.name
                )),
                None => {}
            }
        }
    }
    print(ahead, &lines, &sentences, &all)?;
    Ok(any)
}

fn print(ahead: &Ahead, lines: &[Line], sentences: &[String], all: &[Series]) -> Result<()> {
    let by = ahead.incidence.by.as_deref();
    let names = ["mean", "sd", "q025", "q05", "q25", "median", "q75", "q95", "q975"];
    let whole = |value: &Value| -> Vec<f64> { [value.mean, value.sd].into_iter().chain(value.quantiles).collect() };
    match ahead.format {
        Format::Json => {
            let rows: Vec<serde_json::Value> = lines
                .iter()
                .map(|line| {
                    let mut row = serde_json::Map::new();
                    if let Some(by) = by {
                        row.insert(by.to_owned(), line.unit.clone().into());
                    }
                    row.insert("what".into(), line.what.clone().into());
                    row.insert("day".into(), line.day.clone().into());
                    row.extend(names.iter().zip(whole(&line.value)).map(|(name, v)| ((*name).to_owned(), v.into())));
                    row.insert("shortage".into(), line.shortage.into());
                    row.into()
                })
                .collect();
            let text = serde_json::json!({ "days": rows, "decisions": sentences });
            println!("{}", serde_json::to_string_pretty(&text)?);
        }
        Format::Csv => {
            let columns: Vec<&str> = by.into_iter().chain(["what", "day"]).chain(names).chain(["shortage"]).collect();
            let rows: Vec<Vec<String>> = lines
                .iter()
                .map(|line| {
                    let mut row: Vec<String> = by.map(|_| line.unit.clone()).into_iter().collect();
                    row.extend([line.what.clone(), line.day.clone()]);
                    row.extend(whole(&line.value).iter().map(f64::to_string));
                    row.push(line.shortage.map_or("NA".to_owned(), |p| p.to_string()));
                    row
                })
                .collect();
            print!("{}", csv_text(&columns, &rows)?);
            sentences.iter().for_each(|sentence| eprintln!("{sentence}"));
        }
        Format::Table => {
            let columns: Vec<&str> =
                by.into_iter().chain(["what", "day", "median", "50 %", "95 %", "shortage"]).collect();
            let rows: Vec<Vec<String>> = lines
                .iter()
                .map(|line| {
                    let q = line.value.quantiles;
                    let mut row: Vec<String> = by.map(|_| line.unit.clone()).into_iter().collect();
                    row.extend([line.what.clone(), line.day.clone(), format!("{:.0}", q[3])]);
                    row.extend([format!("{:.0} to {:.0}", q[2], q[4]), format!("{:.0} to {:.0}", q[0], q[6])]);
                    row.push(line.shortage.map_or(String::new(), |p| format!("{:.0} %", 100.0 * p)));
                    row
                })
                .collect();
            println!("{}", papers::text_table(&columns, &rows));
            sentences.iter().for_each(|sentence| println!("{sentence}"));
        }
    }
    for series in all.iter().filter(|series| series.total.is_none()) {
        eprintln!("{}: no data, no forecast", series.unit);
    }
    Ok(())
}

fn score(ahead: &Ahead) -> Result<bool> {
    let all = ahead.incidence.read()?;
    let mut past = Vec::new();
    for series in all.iter().filter_map(|series| series.total.as_ref()) {
        past.extend(replay(series, &ahead.serial.serial(series.len())?, ahead.options())?);
    }
    let columns = [
        "ahead",
        "n",
        "WIS",
        "naive WIS",
        "ratio",
        "CRPS",
        "naive CRPS",
        "in 50 %",
        "in 90 %",
        "in 95 %",
        "naive in 95 %",
        "error",
        "naive error",
        "bias",
    ];
    let row = |name: String, of: &dyn Fn(usize) -> bool| {
        let chosen = || past.iter().filter(|past| of(past.ahead));
        let own = Score::of(chosen().map(|past| (past.own.as_slice(), past.truth)));
        let naive = Score::of(chosen().map(|past| (past.naive.as_slice(), past.truth)));
        let mut row = vec![name, own.n.to_string()];
        row.extend([own.wis, naive.wis].map(|v| format!("{v:.1}")));
        row.push(format!("{:.2}", own.wis / naive.wis));
        row.extend([own.crps, naive.crps].map(|v| format!("{v:.1}")));
        row.extend(own.coverage.map(|v| format!("{v:.2}")));
        row.push(format!("{:.2}", naive.coverage[2]));
        row.extend([own.error, naive.error, own.bias].map(|v| format!("{v:.1}")));
        row
    };
    let days = past.iter().map(|past| past.ahead).max().unwrap_or(0);
    let mut rows: Vec<Vec<String>> = (1..=days).map(|day| row(day.to_string(), &|ahead| ahead == day)).collect();
    rows.push(row("all".into(), &|_| true));
    match ahead.format {
        Format::Json => {
            let list: Vec<serde_json::Map<String, serde_json::Value>> = rows
                .iter()
                .map(|row| columns.iter().zip(row).map(|(name, v)| ((*name).to_owned(), v.clone().into())).collect())
                .collect();
            println!("{}", serde_json::to_string_pretty(&list)?);
        }
        Format::Csv => print!("{}", csv_text(&columns, &rows)?),
        Format::Table => println!("{}", papers::text_table(&columns, &rows)),
    }
    Ok(true)
}
