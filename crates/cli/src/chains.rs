//! `dayclear chains`: the transmission tree of an imported line list or of a store's own cases, its figures and its drawing.

use crate::{bulletin::STORE, setting::Common};
use anyhow::{Result, bail};
use dayclear_core::time::Zone;
use dayclear_engines::tracing::{self, Offspring, Words};
use dayclear_ops::{chains::own, lists};
use dayclear_papers as papers;
use dayclear_store::{Scope, Scoped};

/// How chains are printed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Print {
    /// The figures as a table.
    Table,
    /// The figures as data.
    Json,
    /// The tree as a drawing.
    Svg,
}

/// Arguments of `dayclear chains`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Which line list; otherwise the last one imported
    #[arg(long, value_name = "NAME")]
    list: Option<String>,
    /// The cases of the store themselves, by the exposures that were declared and the households, instead of a line list
    #[arg(long, conflicts_with = "list")]
    own: bool,
    /// How they are printed
    #[arg(long, value_enum, default_value = "table")]
    format: Print,
    /// How unevenly the cases infected, instead of the tree: offspring, its dispersion k with a 95 % interval, superspreading
    #[arg(long)]
    stats: bool,
    #[command(flatten)]
    common: Common,
}

/// Prints them.
pub async fn run(arguments: Arguments) -> Result<bool> {
    let store = arguments.common.store(STORE).await?;
    let mut tx = store.look(&Scope::everything("50".parse()?)).await?;
    let (list, (cases, links)) = if arguments.own {
        ("cases".to_owned(), own(&mut tx, &Zone::named(&arguments.common.zone)?).await?)
    } else {
        let list = chosen(&mut tx, arguments.list.as_deref()).await?;
        let held = lists::linelist(&mut tx, &list).await?;
        (list, held)
    };
    drop(tx);
    let chains = tracing::chains(&cases, &links)?;
    if arguments.stats {
        print_stats(arguments.format, &Offspring::of(&chains))?;
        store.close().await;
        return Ok(true);
    }
    match arguments.format {
        Print::Json => println!("{}", serde_json::to_string_pretty(&chains)?),
        Print::Svg => println!("{}", tracing::draw(&cases, &chains, &Words::english(&list, &chains))),
        Print::Table => {
            let rows: Vec<Vec<String>> =
                tracing::table(&chains).into_iter().map(|(name, value)| vec![name, value]).collect();
            println!("{}", papers::text_table(&["figure", "value"], &rows));
        }
    }
    store.close().await;
    Ok(true)
}

/// The line list that was asked for, or the last one imported.
async fn chosen(tx: &mut Scoped, asked: Option<&str>) -> Result<String> {
    let held = tx.linelists().await?;
    let names: Vec<&str> = held.iter().map(|(name, ..)| name.as_str()).collect();
    Ok(match (asked, names.as_slice()) {
        (Some(list), _) if names.contains(&list) => list.to_owned(),
        (Some(list), _) => bail!("there is no line list '{list}' in this store; it holds: {}", names.join(", ")),
        (None, [only]) => (*only).to_owned(),
        (None, []) => bail!(
            "this store holds no line list; bring one in with `dayclear import linelist FILE`, or ask for the store's own \
             cases with --own"
        ),
        (None, _) => {
            let last = tx.last_linelist().await?.unwrap_or_else(|| names[0].to_owned());
            eprintln!("of {} this is {last}, the last one imported; choose another with --list", names.join(", "));
            last
        }
    })
}

fn print_stats(format: Print, offspring: &Offspring) -> Result<()> {
    let shown = |value: Option<f64>| value.map(|value| format!("{value:.3}")).unwrap_or_default();
    match format {
        Print::Svg => bail!("statistics are printed as table or json"),
        Print::Json => println!("{}", serde_json::to_string_pretty(offspring)?),
        Print::Table => {
            let rows = [
                ("cases", offspring.cases.to_string()),
                ("infections in pairs", offspring.infections.to_string()),
                ("mean offspring", shown(offspring.mean)),
                ("dispersion k", shown(offspring.k)),
                ("k, 95 % from", shown(offspring.k_low)),
                ("k, 95 % to", shown(offspring.k_high)),
                ("share of cases behind 80 % of infections", shown(offspring.share_of_80)),
                ("share of cases who infected nobody", shown(offspring.share_of_none)),
            ];
            let rows: Vec<Vec<String>> = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
            println!("{}", papers::text_table(&["figure", "value"], &rows));
        }
    }
    Ok(())
}
