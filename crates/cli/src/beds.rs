//! `dayclear beds`: free beds by hour for three days ahead, from a store, by class or by place. It reads and keeps nothing.

use crate::{
    bulletin::STORE,
    output::{Format, table},
    setting::{self, Common},
};
use anyhow::{Context, Result};
use dayclear_core::time::Instant;
use dayclear_ops::dispatch::ahead::{self, HOURS};
use dayclear_store::Scope;
use serde_json::json;

/// Arguments of `dayclear beds`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// One line for each place; for each class without it
    #[arg(long)]
    places: bool,
    /// As of when, such as 2022-11-20T15:00:00+08:00; now without it
    #[arg(long, value_name = "TIME")]
    at: Option<Instant>,
    /// Hours from one column to the next
    #[arg(long, value_name = "N", default_value = "6", value_parser = clap::value_parser!(u8).range(1..=24))]
    every: u8,
    /// table, json or csv
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// The store and the zone of the city.
    #[command(flatten)]
    common: Common,
}

/// Runs `dayclear beds`.
pub async fn run(arguments: &Arguments) -> Result<bool> {
    let store = arguments.common.store(STORE).await?;
    let city =
        store.look(&Scope::nobody()).await?.city().await?.context("the store holds no city; bring a day in first")?;
    let settings = arguments.common.settings()?;
    let now = arguments.at.unwrap_or_else(setting::now);
    let mut tx = store.look(&Scope::of(city)).await?;
    let found = ahead::read(&mut tx, now, &settings.zone).await?;
    drop(tx);
    let hours: Vec<usize> = (0..=HOURS).step_by(usize::from(arguments.every)).collect();
    let from: Instant = found.from.parse().context("the hour of the first count")?;
    let mut columns: Vec<String> =
        if arguments.places { vec!["facility".to_owned()] } else { vec!["kind".to_owned(), "severe".to_owned()] };
    let said = |hour: &usize| {
        let text = settings.zone.text(from.plus_hours(*hour as i64));
        match arguments.format {
            // three days have one year and one zone
            Format::Table => text.get(5..16).unwrap_or(&text).replace('T', " "),
            Format::Csv | Format::Json => text,
        }
    };
    columns.extend(hours.iter().map(said));
    let counts = |free: &[i64]| -> Vec<String> { hours.iter().map(|hour| free[*hour].to_string()).collect() };
    let rows: Vec<Vec<String>> = if arguments.places {
        found.places.iter().map(|place| [vec![place.facility.clone()], counts(&place.free)].concat()).collect()
    } else {
        let severe = |severe: bool| if severe { "yes" } else { "no" }.to_owned();
        let line =
            |class: &ahead::Class| [vec![class.kind.to_string(), severe(class.severe)], counts(&class.free)].concat();
        found.classes.iter().map(line).collect()
    };
    let columns: Vec<&str> = columns.iter().map(String::as_str).collect();
    let more =
        json!({"from": found.from, "arriving": found.arriving, "leaving": found.leaving, "opening": found.opening});
    table(arguments.format, "beds", &columns, &rows, more)?;
    store.close().await;
    Ok(true)
}
