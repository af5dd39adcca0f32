//! `dayclear screen yield`: where tests find, from a file of counts or from the rounds of a store.

use super::{decimals, reading};
use crate::{
    bulletin::STORE,
    epi_input::Sheet,
    output::Format,
    setting::{self, Common},
};
use anyhow::{Context, Result};
use dayclear_core::time::Instant;
use dayclear_engines::screening::yields::{Count, Shift, Yield, judge};
use dayclear_ops::yields;
use dayclear_papers as papers;
use dayclear_store::Scope;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Arguments of `dayclear screen yield`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Counts: round (or date), channel, tests, positives; cost where known. Without it the rounds of a store (--db)
    #[arg(long, value_name = "FILE")]
    counts: Option<PathBuf>,
    /// Print where to shift tests instead of what was found (csv); the other forms have both
    #[arg(long)]
    shift: bool,
    /// table, json or csv
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// As of when, such as 2022-11-20T15:00:00+08:00; now without it
    #[arg(long, value_name = "TIME")]
    at: Option<Instant>,
    /// The store and the zone of the city.
    #[command(flatten)]
    common: Common,
}

/// Says where tests find.
pub async fn run(arguments: &Arguments) -> Result<bool> {
    let (lines, shifts) = match &arguments.counts {
        Some(path) => judge(&counts(path)?)?,
        None => of_store(arguments).await?,
    };
    tell(arguments, &lines, &shifts)
}

/// What the rounds of a store found, counted anew.
async fn of_store(arguments: &Arguments) -> Result<(Vec<Yield>, Vec<Shift>)> {
    let store = arguments.common.store(STORE).await?;
    let city =
        store.look(&Scope::nobody()).await?.city().await?.context("the store holds no city; bring a day in first")?;
    let (scope, now) = (Scope::of(city), arguments.at.unwrap_or_else(setting::now));
    yields::look(&store, &scope, now, 0).await?;
    Ok(yields::judged(&mut store.look(&scope).await?, now.plus_hours(24)).await?)
}

fn counts(path: &Path) -> Result<Vec<Count>> {
    let sheet = Sheet::read(path)?;
    let round = sheet.one_of(&["round", "date"], "a column `round`")?;
    let (channel, tests, positives) = (sheet.column("channel")?, sheet.column("tests")?, sheet.column("positives")?);
    let cost = sheet.has("cost");
    let mut counts = Vec::new();
    for (line, row) in sheet.rows() {
        let cell = |column| reading::cell(&sheet, line, row, column);
        let whole = |column| -> Result<u64> {
            let value = cell(Some(column)).parsed("a whole number of 0 or more")?;
            cell(Some(column)).given(value, "a whole number; 0 is a number, empty is unknown")
        };
        counts.push(Count {
            round: cell(Some(round)).must("a round or date; rounds are taken in the order of their names")?.to_owned(),
            channel: cell(Some(channel)).must("a channel")?.to_owned(),
            tests: whole(tests)?,
            positives: whole(positives)?,
            cost: cell(cost).number(0.0, 1e15)?,
        });
    }
    Ok(counts)
}

fn tell(arguments: &Arguments, lines: &[Yield], shifts: &[Shift]) -> Result<bool> {
    let money = |value: Option<f64>| value.map_or(String::new(), |value| decimals(value, 0));
    let line = |one: &Yield| {
        let round = if one.round.is_empty() { "all".to_owned() } else { one.round.clone() };
        let mut row = vec![round, one.channel.clone(), one.tests.to_string(), one.positives.to_string()];
        row.extend([one.per_10000, one.low, one.high].map(|rate| decimals(rate, 2)));
        row.extend([one.cost_per_positive, one.cost_low, one.cost_high].map(money));
        row
    };
    let shift = |one: &Shift| {
        let mut row = vec![one.channel.clone()];
        row.extend([one.expected_per_10000, one.low, one.high, one.own_weight].map(|value| decimals(value, 2)));
        row.extend(
            [one.cost_per_test, one.cost_per_positive].map(|each| each.map_or(String::new(), |each| decimals(each, 2))),
        );
        row.extend([one.tests_now, one.tests_next].map(|tests| tests.to_string()));
        row.extend([one.found_now, one.found_next].map(|found| decimals(found, 1)));
        row
    };
    let lines: Vec<Vec<String>> = lines.iter().map(line).collect();
    let shifted: Vec<Vec<String>> = shifts.iter().map(shift).collect();
    let columns = [
        "round",
        "channel",
        "tests",
        "positives",
        "per_10000",
        "low",
        "high",
        "cost_per_positive",
        "cost_low",
        "cost_high",
    ];
    let next = [
        "channel",
        "expected_per_10000",
        "low",
        "high",
        "own_weight",
        "cost_per_test",
        "cost_per_positive",
        "tests_now",
        "tests_next",
        "found_now",
        "found_next",
    ];
    match arguments.format {
        Format::Csv if arguments.shift => super::print(Format::Csv, "next", &next, &shifted, json!({}))?,
        _ => super::print(arguments.format, "yield", &columns, &lines, json!({ "next": shifts }))?,
    }
    if arguments.format == Format::Table {
        println!("the tests of the next round, by what is expected (small counts drawn towards the whole):");
        println!("{}", papers::text_table(&next, &shifted));
    }
    Ok(true)
}
