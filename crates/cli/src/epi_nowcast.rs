//! `dayclear forecast nowcast`: how many of each of the last days there really are, from a line list with the day of the event
//! and the day of its report; and, by replaying the list, how often such intervals held what came to be known.

use crate::{
    epi_input::Sheet,
    output::{Format, csv_text},
};
use anyhow::{Context, Result, bail};
use dayclear_core::time::CivilDate;
use dayclear_engines::epi::nowcast::{NowcastOptions, Triangle, nowcast};
use dayclear_papers as papers;
use std::path::PathBuf;

/// Arguments of `dayclear forecast nowcast`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Line list as CSV
    #[arg(long, value_name = "FILE")]
    list: PathBuf,
    /// Column of the date of the event
    #[arg(long, value_name = "COLUMN", default_value = "date_onset")]
    event: String,
    /// Column of the date of its report
    #[arg(long, value_name = "COLUMN", default_value = "date_confirmed")]
    report: String,
    /// Now; otherwise the day of the last report
    #[arg(long, value_name = "D", value_parser = crate::setting::date)]
    now: Option<CivilDate>,
    /// Longest delay, days; later reports are counted as if they came then
    #[arg(long, default_value_t = 14)]
    longest: usize,
    /// Days from which delays are learnt; otherwise all
    #[arg(long)]
    recent: Option<usize>,
    /// Replay the list every so many days, and print how often the intervals held
    #[arg(long, value_name = "DAYS")]
    replay: Option<usize>,
    /// Seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How it is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<bool> {
    let sheet = Sheet::read(&arguments.list)?;
    let (event, report) = (sheet.column(&arguments.event)?, sheet.column(&arguments.report)?);
    let mut events = Vec::new();
    for (line, row) in sheet.rows() {
        if let (Some(event), Some(report)) = (sheet.date(line, row, event)?, sheet.date(line, row, report)?) {
            events.push((event.day_number(), report.day_number()));
        }
    }
    let last = events.iter().map(|event| event.1).max();
    let last = last.with_context(|| format!("{} has no row with both dates", arguments.list.display()))?;
    let first = events.iter().map(|event| event.0).min().unwrap_or(last);
    let options = NowcastOptions { recent: arguments.recent, seed: arguments.seed, ..NowcastOptions::default() };
    if let Some(every) = arguments.replay {
        return replay(arguments, &events, (first, last), every, options);
    }
    let now = arguments.now.map_or(last, CivilDate::day_number);
    let found = nowcast(&Triangle::new(&events, first, now, arguments.longest)?, options)?;
    let date = |day: usize| date_of(first + day as i64);
    let columns = ["date", "seen", "complete", "estimate", "q025", "q25", "median", "q75", "q975"];
    let rows: Vec<Vec<String>> = found
        .iter()
        .map(|now| {
            let mut row = vec![date(now.day), now.seen.to_string(), format!("{:.4}", now.complete)];
            row.push(now.estimate.map_or("NA".to_owned(), |estimate| format!("{estimate:.1}")));
            row.extend([now.wide[0], now.half[0], now.median, now.half[1], now.wide[1]].map(|v| format!("{v:.0}")));
            row
        })
        .collect();
    match arguments.format {
        Format::Json => println!("{}", serde_json::to_string_pretty(&found)?),
        Format::Csv => print!("{}", csv_text(&columns, &rows)?),
        Format::Table => println!("{}", papers::text_table(&columns, &rows)),
    }
    Ok(true)
}

fn date_of(day_number: i64) -> String {
    CivilDate::new(1970, 1, 1).map_or_else(String::new, |origin| origin.plus_days(day_number).to_string())
}

fn replay(
    arguments: &Arguments,
    events: &[(i64, i64)],
    (first, last): (i64, i64),
    every: usize,
    options: NowcastOptions,
) -> Result<bool> {
    let (mut days, mut half, mut wide, mut refused) = (0usize, 0usize, 0usize, 0usize);
    let (mut off, mut plain) = (0.0, 0.0);
    for now in (first + 3 * arguments.longest as i64..=last - arguments.longest as i64).step_by(every.max(1)) {
        let triangle = Triangle::new(events, first, now, arguments.longest)?;
        let Ok(found) = nowcast(&triangle, options) else {
            refused += 1;
            continue;
        };
        for day in found {
            let truth = events.iter().filter(|event| event.0 == first + day.day as i64).count() as f64;
            days += 1;
            half += usize::from(day.half[0] <= truth && truth <= day.half[1]);
            wide += usize::from(day.wide[0] <= truth && truth <= day.wide[1]);
            off += (day.median - truth).abs();
            plain += (day.seen - truth).abs();
        }
    }
    if days == 0 {
        bail!("there is no day that could be replayed: give a longer list or a smaller --longest");
    }
    let share = |n: usize| format!("{:.3}", n as f64 / days as f64);
    let rows = vec![vec![
        days.to_string(),
        refused.to_string(),
        share(half),
        share(wide),
        format!("{:.2}", off / days as f64),
        format!("{:.2}", plain / days as f64),
    ]];
    let columns = ["days", "nows refused", "inside 50 %", "inside 95 %", "mean error", "mean error of what was seen"];
    match arguments.format {
        Format::Table => println!("{}", papers::text_table(&columns, &rows)),
        Format::Csv => print!("{}", csv_text(&columns, &rows)?),
        Format::Json => {
            let row: serde_json::Map<String, serde_json::Value> =
                columns.iter().zip(&rows[0]).map(|(name, cell)| ((*name).to_owned(), cell.clone().into())).collect();
            println!("{}", serde_json::to_string_pretty(&row)?);
        }
    }
    Ok(true)
}
