//! `dayclear screen doors`: the people whom a round has left, in the order of a walk from door to door, with nothing that a file
//! on a desk need not say: no name, no telephone.

use super::coverage::Asked;
use crate::output::{Format, csv_text};
use anyhow::Result;
use dayclear_core::{
    listing::{Cell, DOORS, Query, ROWS_MAX, Test},
    rounds::Cover,
    time::{Instant, Zone},
};
use dayclear_papers as papers;

/// Arguments of `dayclear screen doors`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    asked: Asked,
    /// States, separated by commas; those that remain without it
    #[arg(long, value_name = "STATES", value_delimiter = ',')]
    state: Vec<Cover>,
    /// Doors behind which nobody was sampled in the last so many rounds that were closed, this one included
    #[arg(long, value_name = "ROUNDS")]
    unseen: Option<i64>,
    /// People sampled in at least so many tubes of the round, whatever their state
    #[arg(long, value_name = "TUBES")]
    tubes: Option<i64>,
    /// How the list is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

const COLUMNS: [&str; 10] =
    ["division", "building_id", "building", "unit", "floor", "door", "household", "person", "state", "tubes"];

/// Lists the doors.
pub async fn run(arguments: Arguments) -> Result<bool> {
    let found = arguments.asked.find().await?;
    let zone = Zone::named(&arguments.asked.common.zone)?;
    let mut tx = found.store.look(&found.city).await?.as_of(found.at);
    let mut query = Query { limit: ROWS_MAX, ..Query::default() }
        .with(&DOORS, "round", Cell::Text(found.round.plan.round.clone()))
        .with(&DOORS, "division", Cell::Text(found.division.clone()));
    let mut test = |field: &str, test: Test| query.tests.extend(DOORS.position(field).map(|at| (at, test)));
    let mut states: Vec<Cover> = arguments.state.clone();
    if states.is_empty() && arguments.tubes.is_none() {
        states.extend(Cover::ALL.iter().filter(|cover| cover.remains()));
    }
    if !states.is_empty() {
        test("state", Test::AnyOf(states.iter().map(|cover| Cell::Text(cover.name().to_owned())).collect()));
    }
    if let Some(tubes) = arguments.tubes {
        test("tubes", Test::From(Cell::Whole(tubes)));
    }
    let seen_before = match arguments.unseen {
        None => None,
        Some(rounds) => {
            let closed = tx.rounds_closed_last(rounds.max(1)).await?;
            Some(closed.iter().map(|round| round.plan.from).fold(found.round.plan.from, Instant::min))
        }
    };
    let mut rows = Vec::new();
    loop {
        let page = tx.list(&DOORS, &query).await?;
        for row in &page.rows {
            let seen = match row.get(&DOORS, "seen_at") {
                Cell::Moment(at) => Some(*at),
                _ => None,
            };
            if seen_before.is_none_or(|before| seen.is_none_or(|seen| seen < before)) {
                rows.push(COLUMNS.map(|name| row.get(&DOORS, name).text(&zone)).to_vec());
            }
        }
        let Some(next) = page.next else { break };
        query.after = Query::read(&DOORS, [("after", next.as_str())], &zone)?.after;
    }
    drop(tx);
    match arguments.format {
        Format::Csv => print!("{}", csv_text(&COLUMNS, &rows)?),
        Format::Table => println!("{}", papers::text_table(&COLUMNS, &rows)),
        Format::Json => {
            let objects: Vec<serde_json::Map<String, serde_json::Value>> = rows
                .iter()
                .map(|row| {
                    COLUMNS.iter().zip(row).map(|(name, text)| ((*name).to_owned(), text.clone().into())).collect()
                })
                .collect();
            println!("{}", serde_json::to_string_pretty(&objects)?);
        }
    }
    found.store.close().await;
    Ok(true)
}
