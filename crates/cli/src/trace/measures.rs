//! `dayclear trace measures`: how well tracing keeps up, by day of finding and district: contacts for each case, how many were named in
//! time, how many new cases were known contacts, and how long a contact took to its place. Figures of a store; it names nobody.

use crate::{bulletin::STORE, output::Format, roster::print, setting, setting::Common};
use anyhow::{Context, Result};
use dayclear_core::{
    divisions::DivisionCode,
    time::{CivilDate, Zone},
    tracing::Figures,
};
use dayclear_ops::tracing::figures;
use dayclear_store::Scope;

/// Arguments of `dayclear trace measures`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// First day on which the cases were found
    #[arg(long, value_name = "DAY")]
    from: CivilDate,
    /// Last day, inclusive; the first one without it
    #[arg(long, value_name = "DAY")]
    to: Option<CivilDate>,
    /// Division; the whole city without it
    #[arg(long, value_name = "CODE")]
    division: Option<DivisionCode>,
    /// Id of a protocol pack, or name of a disease: the rules in force
    #[arg(long, default_value = "covid-19")]
    pack: String,
    /// How the table is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// The store and the zone of the city.
    #[command(flatten)]
    common: Common,
}

const COLUMNS: [&str; 11] = [
    "day",
    "division",
    "cases",
    "known_contacts",
    "held_before_infectious",
    "contacts",
    "named_24h",
    "named_48h",
    "placed",
    "placed_p50_min",
    "placed_p95_min",
];

fn cells(figures: &Figures) -> [String; 9] {
    let minutes = |percent| figures.placed_within(percent).map(|min| min.to_string()).unwrap_or_default();
    [
        figures.cases.to_string(),
        figures.known.to_string(),
        figures.held.to_string(),
        figures.contacts.to_string(),
        figures.named[0].to_string(),
        figures.named[1].to_string(),
        figures.placed_min.len().to_string(),
        minutes(50),
        minutes(95),
    ]
}

/// Prints the figures.
pub async fn run(arguments: Arguments) -> Result<bool> {
    let store = arguments.common.store(STORE).await?;
    let zone = Zone::named(&arguments.common.zone)?;
    let city =
        store.look(&Scope::nobody()).await?.city().await?.context("the store holds no city; bring a day in first")?;
    let scope = Scope::of(arguments.division.unwrap_or(city));
    let last = arguments.to.unwrap_or(arguments.from);
    let mut tx = store.look(&scope).await?;
    let packs = setting::packs()?;
    let all = figures(&mut tx, &zone, (&packs, &arguments.pack), arguments.from, last).await?;
    drop(tx);
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut sum = Figures::default();
    for ((day, division), one) in &all {
        rows.push([day.to_string(), division.to_string()].into_iter().chain(cells(one)).collect());
        sum.add(one);
    }
    if all.len() > 1 {
        rows.push(["all".to_owned(), scope.division().to_string()].into_iter().chain(cells(&sum)).collect());
    }
    print(arguments.format, &COLUMNS, &rows)?;
    store.close().await;
    Ok(true)
}
