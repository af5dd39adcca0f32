//! `dayclear screen sheets`: a round's households in a building or a division as a page to print, for where there is no phone. A file
//! on a desk need say no names; the console prints them as the duty of its reader allows.

use crate::{
    bulletin::STORE,
    setting::{self, Common},
};
use anyhow::{Context, Result, bail};
use dayclear_core::{
    listing::{Cell, DOORS, Query, ROWS_MAX},
    time::Zone,
};
use dayclear_papers::{
    Lang,
    sheets::{households_of, page},
};
use dayclear_store::{Scope, landing::Lookup};
use std::{fs, path::PathBuf};

/// Arguments of `dayclear screen sheets`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Round
    #[arg(long, value_name = "ID")]
    round: String,
    /// Place: the id of a building, or the code of a division
    #[arg(long, value_name = "BUILDING|CODE")]
    place: String,
    /// File to write, HTML that prints on A4
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Language: en, zh-Hans or zh-Hant
    #[arg(long, default_value = "zh-Hans")]
    lang: Lang,
    /// The store and the zone of the city.
    #[command(flatten)]
    common: Common,
}

/// Writes the sheets.
pub async fn run(arguments: Arguments) -> Result<bool> {
    let store = arguments.common.store(STORE).await?;
    let nobody = Scope::nobody();
    let city = store.look(&nobody).await?.city().await?.context("the store holds no city; bring a day in first")?;
    let zone = Zone::named(&arguments.common.zone)?;
    let mut tx = store.look(&Scope::of(city)).await?.as_of(setting::now());
    let Some(round) = tx.rounds_by_id(&[&arguments.round]).await?.into_iter().next() else {
        bail!("there is no round '{}'; the list /rounds of the console names those there are", arguments.round)
    };
    let place = arguments.place.as_str();
    let building = !tx.lookup_of(Lookup::BuildingDivision, &[place]).await?.is_empty();
    if !building && tx.lookup_of(Lookup::Divisions, &[place]).await?.is_empty() {
        bail!("there is no building and no division '{place}'; the lists of the console name those there are")
    }
    let field = if building { "building_id" } else { "division" };
    let mut query = Query { limit: ROWS_MAX, ..Query::default() }
        .with(&DOORS, "round", Cell::Text(arguments.round.clone()))
        .with(&DOORS, field, Cell::Text(place.to_owned()));
    let mut doors = Vec::new();
    loop {
        let found = tx.list(&DOORS, &query).await?;
        doors.extend(found.rows);
        let Some(next) = found.next else { break };
        query.after = Query::read(&DOORS, [("after", next.as_str())], &zone)?.after;
    }
    drop(tx);
    store.close().await;
    let mut households = households_of(arguments.lang, &doors);
    for member in households.iter_mut().flat_map(|household| &mut household.people) {
        member.name.clear();
    }
    let text = page(arguments.lang, &round.name, &households)?;
    fs::write(&arguments.out, text).with_context(|| format!("{} cannot be written", arguments.out.display()))?;
    eprintln!("{}: {} households, {} people", arguments.out.display(), households.len(), doors.len());
    Ok(true)
}
