//! `dayclear roster`: who is who. Lists of people compared as files, without keeping anything; and the pairs of a store that wait for
//! somebody to decide. The columns of the files stand in docs/roster.md.

mod compare;
mod duplicates;
mod reconcile;

use crate::output::{Format, csv_text};
use anyhow::Result;
use dayclear_papers as papers;

/// Arguments of `dayclear roster`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Compare lists of people as files: pairs that are one person or may be, and why
    ///
    /// Each file has the columns of `listed` or of `people`. Rows that cannot be read are counted and passed over. Example:
    ///
    ///   dayclear roster reconcile police.csv employer.csv --out pairs.csv
    #[command(verbatim_doc_comment)]
    Reconcile(reconcile::Arguments),
    /// Compare everybody of a store's roster that came by files with everybody else, now
    Compare(compare::Arguments),
    /// List the pairs of a store that nobody has decided yet, without names
    Duplicates(duplicates::Arguments),
}

/// Runs `dayclear roster`.
pub async fn run(arguments: Arguments) -> Result<bool> {
    match arguments.command {
        Command::Reconcile(arguments) => reconcile::run(&arguments),
        Command::Compare(arguments) => compare::run(arguments).await,
        Command::Duplicates(arguments) => duplicates::run(arguments).await,
    }
}

/// Prints a table in the form that was asked for.
pub(crate) fn print(format: Format, columns: &[&str], rows: &[Vec<String>]) -> Result<()> {
    match format {
        Format::Csv => print!("{}", csv_text(columns, rows)?),
        Format::Table => println!("{}", papers::text_table(columns, rows)),
        Format::Json => {
            let object = |row: &Vec<String>| -> serde_json::Map<String, serde_json::Value> {
                columns.iter().zip(row).map(|(name, text)| ((*name).to_owned(), text.clone().into())).collect()
            };
            println!("{}", serde_json::to_string_pretty(&rows.iter().map(object).collect::<Vec<_>>())?);
        }
    }
    Ok(())
}
