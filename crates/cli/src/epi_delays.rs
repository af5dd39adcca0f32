//! `dayclear forecast delays`: how long it takes from one date of a line list to another, with the censoring and truncation
//! that dates bring; Kaplan and Meier's curve beside it, with who still waits.

use crate::{
    epi_input::Sheet,
    output::{Format, csv_text},
};
use anyhow::{Result, bail};
use dayclear_core::time::CivilDate;
use dayclear_engines::epi::{
    delays::{Fit, Record, fit_all},
    survival::{Step, kaplan_meier},
};
use dayclear_papers as papers;
use std::{collections::BTreeMap, path::PathBuf};

/// Arguments of `dayclear forecast delays`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Line list as CSV
    #[arg(long, value_name = "FILE")]
    list: PathBuf,
    /// Column of the date on which it begins
    #[arg(long, value_name = "COLUMN", default_value = "date_onset")]
    from: String,
    /// Column of the date on which it ends
    #[arg(long, value_name = "COLUMN", default_value = "date_confirmed")]
    to: String,
    /// Day at the end of which the list was drawn up; otherwise it counts as complete
    #[arg(long, value_name = "D", value_parser = crate::setting::date)]
    cutoff: Option<CivilDate>,
    /// Column of the unit
    #[arg(long, value_name = "COLUMN")]
    by: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(Default)]
struct Found {
    records: Vec<Record>,
    times: Vec<(f64, bool)>,
    backwards: usize,
}

/// Runs it.
pub fn run(arguments: &Arguments) -> Result<bool> {
    let sheet = Sheet::read(&arguments.list)?;
    let (from, to) = (sheet.column(&arguments.from)?, sheet.column(&arguments.to)?);
    let by = arguments.by.as_deref().map(|name| sheet.column(name)).transpose()?;
    let mut units: BTreeMap<String, Found> = BTreeMap::new();
    for (line, row) in sheet.rows() {
        let (Some(start), end) = (sheet.date(line, row, from)?, sheet.date(line, row, to)?) else { continue };
        if arguments.cutoff.is_some_and(|cutoff| start > cutoff) {
            continue;
        }
        let found = units.entry(by.and_then(|at| row.get(at)).unwrap_or_default().to_owned()).or_default();
        let cutoff = arguments.cutoff.map(CivilDate::day_number);
        match end.filter(|end| arguments.cutoff.is_none_or(|cutoff| *end <= cutoff)) {
            Some(end) if end < start => found.backwards += 1,
            Some(end) => {
                found.records.push(Record::days(start.day_number(), end.day_number(), cutoff));
                found.times.push((end.days_since(start) as f64, true));
            }
            // who has no end waits still, if it is known until when
            None => found.times.extend(arguments.cutoff.map(|cutoff| (cutoff.days_since(start) as f64, false))),
        }
    }
    if units.is_empty() {
        bail!("{} has no row with a date in the column {}", arguments.list.display(), arguments.from);
    }
    let mut rows = Vec::new();
    let mut all = Vec::new();
    for (unit, found) in &units {
        if found.backwards > 0 {
            eprintln!("{} rows{} end before they begin and are left out", found.backwards, place(unit));
        }
        let fits = match fit_all(&found.records) {
            Ok(fits) => fits,
            Err(error) => {
                eprintln!("no estimate{}: {error}", place(unit));
                continue;
            }
        };
        let steps = kaplan_meier(&found.times)?;
        rows.extend(fits.iter().map(|fit| row(unit, fit, &steps)));
        all.push(serde_json::json!({ "unit": unit, "fits": fits, "kaplan_meier": steps }));
    }
    let columns = [
        "unit",
        "family",
        "first",
        "first se",
        "second",
        "second se",
        "mean",
        "2.5 %",
        "97.5 %",
        "sd",
        "AIC",
        "records",
        "KM median",
    ];
    match arguments.format {
        Format::Json => println!("{}", serde_json::to_string_pretty(&all)?),
        Format::Csv => print!("{}", csv_text(&columns, &rows)?),
        Format::Table => println!("{}", papers::text_table(&columns, &rows)),
    }
    Ok(!rows.is_empty())
}

fn place(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" of {unit}") }
}

fn row(unit: &str, fit: &Fit, steps: &[Step]) -> Vec<String> {
    let mut row = vec![unit.to_owned(), fit.family.name().to_owned()];
    let [a, b] = fit.parameters;
    let numbers = [a, fit.errors[0], b, fit.errors[1], fit.mean[0], fit.mean[1], fit.mean[2], fit.sd[0]];
    row.extend(numbers.map(|value| format!("{value:.3}")));
    row.extend([format!("{:.1}", fit.aic), fit.records.to_string()]);
    row.push(steps.iter().find(|step| step.share <= 0.5).map_or("NA".to_owned(), |step| step.time.to_string()));
    row
}
