//! `dayclear roster duplicates`: the pairs of a store of which nobody has decided, by the smallest division that holds both. It names
//! people by id and nothing else, because a file on a desk need not say more.

use super::print;
use crate::{bulletin::STORE, output::Format, setting::Common};
use anyhow::{Context, Result};
use dayclear_core::{
    divisions::DivisionCode,
    listing::{Cell, PAIRS, Query, ROWS_MAX},
    time::Zone,
};
use dayclear_store::Scope;

/// Arguments of `dayclear roster duplicates`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Division: pairs of whom both live in it; the whole city without it
    #[arg(long, value_name = "CODE")]
    division: Option<DivisionCode>,
    /// How the list is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    /// The store and the zone of the city.
    #[command(flatten)]
    common: Common,
}

const COLUMNS: [&str; 6] = ["division", "person", "other", "linked", "weight", "found_at"];

/// Lists the pairs.
pub async fn run(arguments: Arguments) -> Result<bool> {
    let store = arguments.common.store(STORE).await?;
    let zone = Zone::named(&arguments.common.zone)?;
    let nobody = Scope::nobody();
    let city = store.look(&nobody).await?.city().await?.context("the store holds no city; bring a day in first")?;
    let scope = Scope::of(arguments.division.unwrap_or(city));
    let mut tx = store.look(&scope).await?;
    let mut query = Query { limit: ROWS_MAX, ..Query::default() };
    let mut rows = Vec::new();
    loop {
        let page = tx.list(&PAIRS, &query).await?;
        for row in page.rows.iter().filter(|row| *row.get(&PAIRS, "decided") == Cell::Empty) {
            rows.push(COLUMNS.map(|name| row.get(&PAIRS, name).text(&zone)).to_vec());
        }
        let Some(next) = page.next else { break };
        query.after = Query::read(&PAIRS, [("after", next.as_str())], &zone)?.after;
    }
    let left = tx.uncompared().await?;
    drop(tx);
    if left > 0 {
        eprintln!(
            "{left} people of the roster were not compared yet: run `dayclear roster compare`, or let the server go on"
        );
    }
    print(arguments.format, &COLUMNS, &rows)?;
    store.close().await;
    Ok(true)
}
