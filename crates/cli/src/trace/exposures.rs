//! `dayclear trace exposures`: contacts of cases from files of visits, written as CSV or Parquet, with the rows that could
//! not be used in a list beside it.

use super::{
    answer, aside,
    search::{self, Counts, Found},
};
use crate::output::{self, Format};
use anyhow::{Result, bail};
use dayclear_engines::tracing::exposures::Search;
use dayclear_papers as papers;
use std::path::{Path, PathBuf};

/// Arguments of `dayclear trace exposures`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Visits, CSV or Parquet: person, place, from, to (no end: still there)
    #[arg(long, value_name = "FILE")]
    visits: PathBuf,
    /// Cases, CSV or Parquet: case, person, from, to
    #[arg(long, value_name = "FILE")]
    cases: PathBuf,
    /// Fewest minutes of contact at one place, whole or decimal
    #[arg(long, value_name = "M", value_parser = seconds)]
    min_minutes: u32,
    /// Where the contacts go: CSV, or Parquet if it ends so; rows that cannot be used go beside it
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Offset at which times are written, such as +08:00; otherwise UTC
    #[arg(long, value_name = "OFFSET", value_parser = offset, default_value = "Z", allow_hyphen_values = true)]
    offset: i32,
    /// Two more columns: minutes that case and person shared at all listed places, and how many places
    #[arg(long)]
    hints: bool,
    /// Refuse files with a row that cannot be used, instead of keeping it aside
    #[arg(long)]
    strict: bool,
    /// Threads; they change nothing but the time
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// table, json or csv
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// Minutes as the fewest seconds that are as many.
fn seconds(text: &str) -> Result<u32, String> {
    let wrong = || format!("'{text}' is no number of minutes such as 15 or 2.5");
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.len() <= 9 && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(part) {
        return Err(wrong());
    }
    let number = |text: &str| text.parse::<u64>().map_err(|_| wrong());
    let seconds = number(whole)? * 60 + (number(part)? * 60).div_ceil(10_u64.pow(part.len() as u32));
    u32::try_from(seconds).map_err(|_| format!("{text} minutes are more than 136 years"))
}

/// An offset from UTC in seconds.
fn offset(text: &str) -> Result<i32, String> {
    let at = dayclear_tabular::spans::seconds(format!("1970-01-02T00:00:00{text}").as_bytes());
    let ahead = at.and_then(|at| i32::try_from(86_400 - at).ok());
    ahead.ok_or_else(|| format!("'{text}' is no offset such as +08:00 or Z"))
}

/// Runs `dayclear trace exposures`.
pub fn run(arguments: &Arguments) -> Result<bool> {
    let threads = arguments.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from));
    let bar = output::bar();
    let watch = |step: &str, share: f64| {
        bar.set_message(step.to_owned());
        bar.set_position((share * 1000.0) as u64);
    };
    let asked = Search { seconds_min: arguments.min_minutes, threads };
    let found = search::search(&arguments.visits, &arguments.cases, asked, &watch);
    bar.finish_and_clear();
    let found = found?;
    if arguments.strict
        && let Some(first) = found.faults.first()
    {
        bail!("{} rows cannot be used, and --strict refuses them all; the first: {first}", found.faults.len());
    }
    answer::write(&found, &arguments.out, arguments.offset, arguments.hints, threads)?;
    let doubtful = beside(&arguments.out);
    aside::write(&doubtful, &found.faults)?;
    if !found.faults.is_empty() {
        eprintln!(
            "{} rows could not be used; each stands with its reason in {}",
            found.faults.len(),
            doubtful.display()
        );
    }
    report(arguments, &found)?;
    Ok(true)
}

/// Where the rows that cannot be used go.
fn beside(out: &Path) -> PathBuf {
    let stem = out.file_stem().unwrap_or_default().to_string_lossy();
    out.with_file_name(format!("{stem}.doubtful.csv"))
}

fn report(arguments: &Arguments, found: &Found) -> Result<()> {
    let people: std::collections::BTreeSet<u32> = found.contacts.iter().map(|contact| contact.person).collect();
    let row = |of: &Counts| vec![of.file.clone(), of.received.to_string(), of.used.to_string(), of.aside.to_string()];
    let rows: Vec<Vec<String>> = found.counts.iter().map(row).collect();
    let headers = ["file", "received", "used", "aside"];
    match arguments.format {
        Format::Table => {
            println!("{}", papers::text_table(&headers, &rows));
            let (contacts, people) = (found.contacts.len(), people.len());
            println!("{contacts} contacts with {people} people written to {}", arguments.out.display());
        }
        Format::Csv => print!("{}", output::csv_text(&headers, &rows)?),
        Format::Json => println!(
            "{}",
            serde_json::json!({ "files": found.counts, "contacts": found.contacts.len(), "people": people.len() })
        ),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_as_seconds_and_offsets() {
        for (text, wanted) in [("15", 900), ("0", 0), ("2.5", 150), ("0.01", 1), ("0.017", 2), ("1.000000000", 60)] {
            assert_eq!(seconds(text), Ok(wanted), "{text}");
        }
        for text in ["", "-1", "1e3", "1.", ".5", "9999999999", "99999999", "1,5"] {
            assert!(seconds(text).is_err(), "{text}");
        }
        assert_eq!((offset("+08:00"), offset("-03:30"), offset("Z")), (Ok(28_800), Ok(-12_600), Ok(0)));
        assert!(offset("8").is_err());
    }
}
