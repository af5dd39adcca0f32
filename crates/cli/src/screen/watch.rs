//! `dayclear screen watch`: the results of the last day in a store, judged as the server does every hour. An alarm becomes an
//! item of the city; to withhold results is a person's decision.

use super::decimals;
use crate::{
    bulletin::STORE,
    output::Format,
    setting::{self, Common},
};
use anyhow::{Context, Result};
use dayclear_core::time::Instant;
use dayclear_ops::quality::look;
use dayclear_store::Scope;
use serde_json::json;

/// Arguments of `dayclear screen watch`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Disease, or id of the protocol pack, whose deadlines hold for alarms
    #[arg(long, value_name = "P", default_value = "covid-19")]
    pack: String,
    /// As of when, such as 2022-11-20T15:00:00+08:00; now without it
    #[arg(long, value_name = "TIME")]
    at: Option<Instant>,
    /// How the signals are printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// The store and the zone of the city.
    #[command(flatten)]
    common: Common,
}

/// Judges results and prints what was seen.
pub async fn run(arguments: Arguments) -> Result<bool> {
    let store = arguments.common.store(STORE).await?;
    let city =
        store.look(&Scope::nobody()).await?.city().await?.context("the store holds no city; bring a day in first")?;
    let now = arguments.at.unwrap_or_else(setting::now);
    let (packs, settings) = (setting::packs()?, arguments.common.settings()?);
    let looked = look(&store, &packs, &settings, &arguments.pack, &Scope::of(city), now, 0)
        .await?
        .context("another program looked at the same moment; look at the list of signals")?;
    let rows: Vec<Vec<String>> = looked
        .seen
        .iter()
        .map(|signal| {
            vec![
                signal.level.to_owned(),
                signal.laboratory.clone(),
                signal.kind.to_owned(),
                signal.lot.clone().unwrap_or_default(),
                signal.run.clone().unwrap_or_default(),
                settings.zone.text(signal.since),
                decimals(signal.figure.0, 2),
                decimals(signal.figure.1, 2),
                signal.unit.to_owned(),
                signal.judged.to_string(),
                signal.source.to_owned(),
            ]
        })
        .collect();
    let columns = ["level", "laboratory", "signal", "lot", "run", "since", "figure", "limit", "unit", "of", "source"];
    let more = json!({ "results": looked.results, "laboratories": looked.laboratories, "alarmed": looked.alarmed });
    super::print(arguments.format, "signals", &columns, &rows, more)?;
    if arguments.format == Format::Table {
        println!(
            "{} results of {} laboratories; new alarms: {}",
            looked.results,
            looked.laboratories,
            if looked.alarmed.is_empty() { "none".to_owned() } else { looked.alarmed.join(", ") }
        );
    }
    Ok(true)
}
