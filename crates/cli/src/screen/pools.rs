//! `dayclear screen pools`: advice on how many people share a tube.

use super::{decimals, reading};
use crate::output::Format;
use anyhow::Result;
use dayclear_core::screening::Purpose;
use dayclear_engines::screening::pools::{Assay, Choice, People, advise};
use serde_json::json;

/// Arguments of `dayclear screen pools`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Share of people who are infected: 0.001 is one in a thousand
    #[arg(long, value_name = "SHARE")]
    prevalence: f64,
    /// Judge this size only; one that the pack does not allow is refused
    #[arg(long, value_name = "N")]
    size: Option<u32>,
    /// Why people are tested; the pack has sizes for each purpose
    #[arg(long, value_name = "PURPOSE", default_value = "community", value_parser = reading::term::<Purpose>)]
    purpose: Purpose,
    /// Protocol pack
    #[arg(long, value_name = "ID", default_value = "covid-19-cn-twenty")]
    pack: String,
    /// One household, one tube
    #[arg(long)]
    household: bool,
    /// People of a household
    #[arg(long, value_name = "N", default_value_t = 2.45)]
    household_size: f64,
    /// Share of a case's housemates who are infected too
    #[arg(long, value_name = "SHARE", default_value_t = 0.45)]
    attack_rate: f64,
    /// Mean Ct of an infected person's swab tested singly
    #[arg(long, value_name = "CT", default_value_t = 27.0)]
    ct_mean: f64,
    /// Its standard deviation
    #[arg(long, value_name = "CYCLES", default_value_t = 4.5)]
    ct_sd: f64,
    /// Ct up to which the assay finds
    #[arg(long, value_name = "CT", default_value_t = 38.0)]
    ct_limit: f64,
    /// Share of log2(n) cycles that pooling costs: 1 for extracts pooled in the laboratory, less for swabs in one tube
    #[arg(long, value_name = "SHARE", default_value_t = 1.0)]
    dilution: f64,
    /// Loss of sensitivity beside single tubes that is accepted
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    loss: f64,
    /// table, json or csv
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// Advises.
pub fn run(arguments: &Arguments) -> Result<bool> {
    let pack = reading::pack(&arguments.pack)?;
    let people = People {
        prevalence: arguments.prevalence,
        household: arguments.household_size,
        attack_rate: arguments.attack_rate,
    };
    let assay = Assay {
        ct_mean: arguments.ct_mean,
        ct_sd: arguments.ct_sd,
        ct_limit: arguments.ct_limit,
        dilution: arguments.dilution,
    };
    let household = arguments.household && pack.pools_by_household(arguments.purpose);
    if arguments.household && !household {
        anyhow::bail!(
            "{} has no tubes of one household for {} (pool.household); take them for {}",
            pack.label(),
            arguments.purpose,
            Purpose::ALL.iter().find(|purpose| pack.pools_by_household(**purpose)).map_or("nothing", |one| one.name())
        );
    }
    let sizes = pack.pool_sizes(arguments.purpose);
    let advice = advise(sizes, arguments.size, household, people, assay, arguments.loss)?;
    let row = |(at, choice): (usize, &Choice)| {
        let best = if advice.best == Some(at) { "*" } else { "" };
        vec![
            best.to_owned(),
            choice.size.to_string(),
            decimals(choice.filled, 2),
            decimals(choice.tests_per_person, 4),
            decimals(choice.spared, 4),
            decimals(choice.positive_tubes, 5),
            decimals(choice.recalled_per_found, 2),
            decimals(choice.ct_shift, 2),
            decimals(choice.sensitivity, 4),
            decimals(choice.lost, 4),
            decimals(choice.missed_per_10000, 3),
        ]
    };
    let rows: Vec<Vec<String>> = advice.choices.iter().enumerate().map(row).collect();
    let columns = [
        "advised",
        "size",
        "filled",
        "tests_per_person",
        "spared",
        "positive_tubes",
        "people_recalled_per_found",
        "ct_shift",
        "sensitivity",
        "lost",
        "missed_per_10000",
    ];
    let reason = pack.pool_clause(arguments.purpose).to_string();
    super::print(
        arguments.format,
        "choices",
        &columns,
        &rows,
        json!({ "reason": reason, "assay": assay, "people": people }),
    )?;
    if arguments.format == Format::Table {
        println!("sizes by {reason}; tests a person by Dorfman (1943), with households infected together");
    }
    if advice.best.is_none() {
        eprintln!(
            "every size loses more than {} of what single tubes find; test singly, or accept more with --loss",
            arguments.loss
        );
    }
    Ok(true)
}
