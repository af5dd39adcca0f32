//! `dayclear verify`: the independent check of a store.

use crate::{
    bulletin::STORE,
    output::{Format, csv_text},
    setting::Common,
};
use anyhow::Result;
use dayclear_papers as papers;
use dayclear_verify::Finding;

/// Arguments of `dayclear verify`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Check a part only
    #[arg(value_enum)]
    part: Option<Part>,
    /// How the findings are printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    common: Common,
}

/// A part of the checks.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The two chains: of events, and of who looked at what.
    Audit,
}

/// Runs every check, or those of a part. Ends with 1 when one does not hold.
pub async fn run(arguments: Arguments) -> Result<bool> {
    let url = arguments.common.db.as_deref().unwrap_or(STORE);
    let findings = match arguments.part {
        None => dayclear_verify::check(url, &arguments.common.zone).await,
        Some(Part::Audit) => dayclear_verify::check_chains(url).await,
    };
    let findings = findings.map_err(anyhow::Error::msg)?;
    let whole = findings.iter().all(|finding| finding.holds);
    match arguments.format {
        Format::Json => println!("{}", serde_json::to_string_pretty(&findings)?),
        Format::Csv => print!("{}", csv_text(&HEADERS, &rows(&findings))?),
        Format::Table => println!("{}", papers::text_table(&HEADERS, &rows(&findings))),
    }
    Ok(whole)
}

const HEADERS: [&str; 4] = ["check", "finding", "looked at", "detail"];

fn rows(findings: &[Finding]) -> Vec<Vec<String>> {
    let row = |f: &Finding| {
        let sign = if f.holds { "holds" } else { "BROKEN" };
        vec![f.check.to_string(), sign.to_owned(), f.looked_at.to_string(), f.detail.clone()]
    };
    findings.iter().map(row).collect()
}
