//! `dayclear screen coverage`: where a round stands with everybody in a division and in its parts, from a store. The states of a
//! line add up to its people.

use crate::{
    bulletin::STORE,
    output::{Format, csv_text},
    setting::{self, Common},
};
use anyhow::{Context, Result, bail};
use dayclear_core::{divisions::DivisionCode, rounds::Cover, time::Instant};
use dayclear_engines::coverage::Counts;
use dayclear_ops::coverage::{Board, Stand, stand};
use dayclear_papers as papers;
use dayclear_store::{Scope, Store, rounds::Round};
use serde_json::json;

/// Arguments of `dayclear screen coverage`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    pub asked: Asked,
    /// How the figures are printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// The question that both commands are asked.
#[derive(clap::Args, Debug)]
pub struct Asked {
    /// Round
    #[arg(long, value_name = "ID")]
    pub round: String,
    /// Division: a district, a township or a community; the whole city without it
    #[arg(long, value_name = "CODE")]
    pub division: Option<DivisionCode>,
    /// As of when, such as 2022-11-20T15:00:00+08:00; now without it
    #[arg(long, value_name = "TIME")]
    pub at: Option<Instant>,
    /// The store and the zone of the city.
    #[command(flatten)]
    pub common: Common,
}

/// A store with a round that was asked for.
pub struct Found {
    pub store: Store,
    pub city: Scope,
    pub round: Round,
    pub division: String,
    pub at: Instant,
}

impl Asked {
    /// Opens the store and finds the round.
    pub async fn find(&self) -> Result<Found> {
        let store = self.common.store(STORE).await?;
        let nobody = Scope::nobody();
        let city = store.look(&nobody).await?.city().await?.context("the store holds no city; bring a day in first")?;
        let city = Scope::of(city);
        let found = store.look(&city).await?.rounds_by_id(&[&self.round]).await?;
        let Some(round) = found.into_iter().next() else {
            bail!("there is no round '{}'; the list /rounds of the console names those there are", self.round)
        };
        let at = self.at.unwrap_or_else(setting::now);
        let division = self.division.as_ref().unwrap_or(city.division()).to_string();
        Ok(Found { store, round, division, at, city })
    }
}

/// Prints the coverage of a round.
pub async fn run(arguments: Arguments) -> Result<bool> {
    let found = arguments.asked.find().await?;
    let mut tx = found.store.look(&found.city).await?;
    let board = Board::load(&mut tx, found.at).await?;
    let stood = stand(&mut tx, &board, &found.round, &found.division).await?;
    let Some(stood) = stood else {
        bail!("the round {} is {}, so it covers nobody", found.round.plan.round, found.round.state)
    };
    drop(tx);
    let columns = columns("division");
    match arguments.format {
        Format::Json => println!("{}", serde_json::to_string_pretty(&object(&found, &stood))?),
        Format::Csv => print!("{}", csv_text(&columns, &rows(&found, &stood))?),
        Format::Table => {
            println!("{}", papers::text_table(&columns, &rows(&found, &stood)));
            if !stood.places.is_empty() {
                let rows: Vec<_> = stood.places.iter().map(|(name, counts)| line(name, counts)).collect();
                println!("{}", papers::text_table(&self::columns("place"), &rows));
            }
            if let Some((doors, unseen)) = stood.doors {
                println!("{unseen} of {doors} doors were seen by none of the rounds that are open or were closed last");
            }
        }
    }
    found.store.close().await;
    Ok(true)
}

fn columns(parts: &'static str) -> Vec<&'static str> {
    let states = Cover::NAMES.iter().copied();
    [parts, "people"].into_iter().chain(states).chain(["sampled_twice"]).collect()
}

fn line(name: &str, counts: &Counts) -> Vec<String> {
    let numbers = std::iter::once(counts.people).chain(counts.by).chain([counts.twice]);
    std::iter::once(name.to_owned()).chain(numbers.map(|n| n.to_string())).collect()
}

fn rows(found: &Found, stood: &Stand) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = stood.below.iter().map(|(name, counts)| line(name, counts)).collect();
    rows.push(line(&found.division, &stood.whole));
    rows
}

fn object(found: &Found, stood: &Stand) -> serde_json::Value {
    let counts = |name: &str, counts: &Counts| {
        let states: serde_json::Map<String, serde_json::Value> =
            Cover::ALL.iter().map(|cover| (cover.name().to_owned(), counts.of(*cover).into())).collect();
        json!({"division": name, "people": counts.people, "states": states, "twice": counts.twice})
    };
    json!({
        "round": found.round.plan.round,
        "at": stood.at,
        "whole": counts(&found.division, &stood.whole),
        "parts": stood.below.iter().map(|(name, of)| counts(name, of)).collect::<Vec<_>>(),
        "places": stood.places.iter().map(|(name, of)| counts(name, of)).collect::<Vec<_>>(),
        "doors": stood.doors.map(|(doors, _)| doors),
        "unseen": stood.doors.map(|(_, unseen)| unseen),
    })
}
