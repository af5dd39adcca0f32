//! `dayclear bulletin` and `dayclear books`: what was told of a day, and the ledger it was told from.

use crate::{
    output::{Format, csv_text},
    setting::{self, Common},
};
use anyhow::{Result, bail};
use dayclear_core::{bulletin::Bulletin, time::CivilDate};
use dayclear_ops::lists;
use dayclear_papers::{self as papers, Lang};
use dayclear_store::Scope;
use std::{io::Write, path::PathBuf};

/// How a bulletin is printed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Print {
    /// The figures as a table.
    Table,
    /// The figures as data.
    Json,
    /// One row a figure.
    Csv,
    /// The page.
    Html,
    /// Set pages, for a printer.
    Pdf,
    /// For a word processor.
    Docx,
}

/// Arguments of `dayclear bulletin`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// The day
    #[arg(long, value_name = "D", value_parser = setting::date)]
    date: CivilDate,
    /// How it is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Print,
    /// Language: en, zh-Hans or zh-Hant
    #[arg(long, value_name = "LANG", default_value = "en")]
    lang: Lang,
    /// File or folder with the font that pages are set with; else where systems keep fonts
    #[arg(long, value_name = "PATH")]
    fonts: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

/// Arguments of `dayclear books`.
#[derive(clap::Args, Debug)]
pub struct BooksArguments {
    /// The day
    #[arg(long, value_name = "D", value_parser = setting::date)]
    date: CivilDate,
    /// How it is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    common: Common,
}

/// The city whose published bulletins are read: their files do not name it.
const CITY: (&str, &str) = ("重庆市", "Chongqing");

/// Name of the store when none is named.
pub const STORE: &str = "dayclear.db";

/// Prints the bulletin of a day: the one issued from the books, or the published one that was imported. Ends with 1 when a
/// sum in it does not hold.
pub async fn run(arguments: Arguments) -> Result<bool> {
    let store = arguments.common.store(STORE).await?;
    let zone = arguments.common.settings()?.zone;
    let mut tx = store.begin(&Scope::everything("50".parse()?)).await?;
    let bulletin: Bulletin = match tx.bulletin(arguments.date).await? {
        Some(bulletin) => bulletin,
        None => match lists::published_bulletin(&mut tx, arguments.date, &zone, CITY).await? {
            Some(bulletin) => bulletin,
            None => bail!(
                "there is no bulletin of {}: close that day with `dayclear day`, or bring a published one in with \
                 `dayclear import bulletin`",
                arguments.date
            ),
        },
    };
    drop(tx);
    match arguments.format {
        Print::Table => table(&bulletin, arguments.lang),
        Print::Json => println!("{}", papers::bulletin_json(&bulletin)?),
        Print::Csv => print!("{}", papers::bulletin_csv(&bulletin, arguments.lang)),
        Print::Html => println!("{}", papers::bulletin_html(&bulletin, arguments.lang)?),
        Print::Pdf | Print::Docx => {
            let document = papers::bulletin_document(&bulletin, arguments.lang);
            let bytes = match arguments.format {
                Print::Docx => papers::docx(&document)?,
                _ => papers::pdf(&document, &dayclear_web::fonts::find(arguments.fonts.as_deref())?)?,
            };
            std::io::stdout().write_all(&bytes)?;
        }
    }
    store.close().await;
    Ok(bulletin.checks.iter().all(|check| check.holds() != Some(false)))
}

/// The summary, how the cases were found, and the sums that were checked.
fn table(bulletin: &Bulletin, lang: Lang) {
    let words = papers::Words::of(lang);
    println!("{}", papers::day_summary(bulletin, &[], lang));
    if !bulletin.routes.is_empty() {
        let rows: Vec<Vec<String>> = bulletin
            .routes
            .iter()
            .map(|line| {
                let name = line.route.map_or_else(|| words.say("route-converted"), |route| words.term(route));
                vec![name, words.count(line.confirmed), words.count(line.asymptomatic)]
            })
            .collect();
        let headers =
            ["column-route", "column-confirmed", "column-asymptomatic"].map(|key| words.say(key).replace('\u{ad}', ""));
        println!("{}", papers::text_table(&headers, &rows));
    }
    let checks: Vec<Vec<String>> = bulletin
        .checks
        .iter()
        .map(|check| {
            let sign = match check.parts {
                Some(parts) if parts == check.total => words.say("sign-agrees"),
                Some(parts) => words.get("sign-differs", &[("by", lang.signed(parts - check.total).into())]),
                None => words.say("sign-unknown"),
            };
            let parts = check.parts.map_or_else(|| "-".to_owned(), |parts| lang.signed(parts));
            vec![words.given("check", &check.name), lang.signed(check.total), parts, sign]
        })
        .collect();
    if !checks.is_empty() {
        let headers = ["column-check", "column-total", "column-parts", "column-result"].map(|key| words.say(key));
        println!("{}", papers::text_table(&headers, &checks));
    }
}

/// Prints the ledger of a closed day. Ends with 1 when a line does not balance.
pub async fn books(arguments: BooksArguments) -> Result<bool> {
    let store = arguments.common.store(STORE).await?;
    let mut tx = store.begin(&Scope::everything("50".parse()?)).await?;
    let ledger = tx.ledger(arguments.date).await?;
    if ledger.is_empty() {
        bail!("{} is not closed in this store; `dayclear day` closes it", arguments.date);
    }
    drop(tx);
    let headers = ["worklist", "division", "opening", "received", "completed", "cancelled", "closing", "overdue"];
    let rows: Vec<Vec<String>> = ledger
        .iter()
        .map(|b| {
            let mut row = vec![b.worklist.to_string(), b.division.to_string()];
            let numbers = [b.opening, b.received, b.completed, b.cancelled, b.closing, b.overdue];
            row.extend(numbers.map(|n| n.to_string()));
            row
        })
        .collect();
    match arguments.format {
        Format::Table => println!("{}", papers::text_table(&headers, &rows)),
        Format::Json => println!("{}", serde_json::to_string_pretty(&ledger)?),
        Format::Csv => print!("{}", csv_text(&headers, &rows)?),
    }
    store.close().await;
    Ok(ledger.iter().all(dayclear_core::books::Balance::balances))
}
