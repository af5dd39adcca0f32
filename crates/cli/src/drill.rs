//! `dayclear drill`: a synthetic city and its outbreak played against the service, and how it went; `drill compare` plays
//! two scenarios on the same seeds. It ends with 1 when somebody was lost or a check does not hold.

use crate::{output::Format, setting::Common};
use anyhow::{Context, Result};
use dayclear_drill::{Faults, Plan, Scenario, Scorecard, run as play};
use dayclear_papers as papers;
use std::{
    io::IsTerminal as _,
    path::{Path, PathBuf},
};

/// Arguments of `dayclear drill`.
#[derive(clap::Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    /// Scenario: a name (`dayclear drill list` has them), or a file of the same form
    #[arg(value_name = "SCENARIO", required = true)]
    scenario: Option<String>,
    #[command(flatten)]
    how: How,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Name the scenarios that come with the program
    List,
    /// Play two scenarios on the same seeds and show the differences
    Compare(Compare),
}

/// How a scenario is played.
#[derive(clap::Args, Debug, Clone)]
struct How {
    /// Days, instead of the scenario's own
    #[arg(long, value_name = "D", value_parser = clap::value_parser!(u16).range(1..=365))]
    days: Option<u16>,
    /// Seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What goes wrong: duplicate, late, disorder, correct, offline, crash, with commas between; or all
    #[arg(long, value_name = "LIST", default_value = "", value_parser = Faults::read)]
    faults: Faults,
    /// Hours after which the service is told of what happened: 1, 2, 3, 4, 6, 8 or 12
    #[arg(long, value_name = "HOURS", default_value_t = 1, value_parser = step)]
    step: u64,
    /// Folder for the city, the store and the scorecard; made anew
    #[arg(long, value_name = "DIR", default_value = "out/drill")]
    out: PathBuf,
    /// How the scorecard is printed
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    common: Common,
}

/// Arguments of `dayclear drill compare`.
#[derive(clap::Args, Debug)]
struct Compare {
    /// The one
    #[arg(value_name = "SCENARIO")]
    one: String,
    /// The other
    #[arg(value_name = "SCENARIO")]
    other: String,
    /// Seeds, from --seed on
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u64).range(2..=1_000))]
    seeds: u64,
    #[command(flatten)]
    how: How,
}

fn step(text: &str) -> Result<u64, String> {
    const STEPS: [u64; 7] = [1, 2, 3, 4, 6, 8, 12];
    text.parse().ok().filter(|hours| STEPS.contains(hours)).ok_or_else(|| "1, 2, 3, 4, 6, 8 or 12 hours".to_owned())
}

/// The file by which a drill knows its own folder again.
const MARK: &str = "made-by-dayclear-drill.txt";

/// Runs it.
pub async fn run(arguments: Arguments) -> Result<bool> {
    match arguments.command {
        Some(Command::List) => {
            let known: Vec<Scenario> = Scenario::names().map(Scenario::named).collect::<Result<_, _>>()?;
            let rows: Vec<Vec<String>> = known
                .iter()
                .map(|s| vec![s.name.clone(), s.people.to_string(), s.days.to_string(), s.about.clone()])
                .collect();
            println!("{}", papers::text_table(&["scenario", "people", "days", "about"], &rows));
            Ok(true)
        }
        Some(Command::Compare(compare)) => side_by_side(&compare).await,
        None => {
            let name = arguments.scenario.context("name a scenario; `dayclear drill list` has them")?;
            let scorecard = one(&Scenario::named(&name)?, &arguments.how, arguments.how.seed).await?;
            show(&scorecard, arguments.how.format)?;
            let file = arguments.how.out.join("scorecard.json");
            std::fs::write(&file, serde_json::to_string_pretty(&scorecard)?)
                .with_context(|| format!("{} cannot be written", file.display()))?;
            if !scorecard.holds() {
                eprintln!(
                    "error: the drill found what must not be; repeat it with: dayclear drill {name} --days {} --seed {} --step {} --faults '{}'",
                    scorecard.days, scorecard.seed, arguments.how.step, scorecard.faults
                );
            }
            Ok(scorecard.holds())
        }
    }
}

async fn one(scenario: &Scenario, how: &How, seed: u64) -> Result<Scorecard> {
    clear(&how.out)?;
    let settings = how.common.settings()?;
    let file = how.out.join("dayclear.db").to_string_lossy().into_owned();
    let plan = Plan {
        days: how.days,
        seed,
        faults: how.faults.clone(),
        db: how.common.db.as_deref().unwrap_or(&file),
        folder: &how.out,
        settings: &settings,
        step_hours: how.step,
    };
    let watched = std::io::stderr().is_terminal();
    let mut watch = |day: u16, hour: u64, infected: u64, found: u64| {
        if watched {
            eprint!(
                "\r{} seed {seed}: day {} {hour:02}:59, {infected} infected, {found} reported positive   ",
                scenario.name,
                day + 1
            );
        }
    };
    let scorecard = play(scenario, &plan, &mut watch).await?;
    if watched {
        eprintln!();
    }
    Ok(scorecard)
}

/// Empties the folder of an earlier drill, and nothing else.
fn clear(folder: &Path) -> Result<()> {
    if folder.exists() {
        let ours = folder.join(MARK).is_file();
        let empty = std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
        if !ours && !empty {
            anyhow::bail!(
                "{} was not made by a drill, so it is left alone; name another folder with --out",
                folder.display()
            );
        }
        std::fs::remove_dir_all(folder).with_context(|| format!("{} cannot be emptied", folder.display()))?;
    }
    std::fs::create_dir_all(folder)
        .and_then(|()| {
            std::fs::write(folder.join(MARK), "`dayclear drill` empties this folder when it is run again.\n")
        })
        .with_context(|| format!("the folder {} cannot be made", folder.display()))
}

fn show(scorecard: &Scorecard, format: Format) -> Result<()> {
    match format {
        Format::Json => println!("{}", serde_json::to_string_pretty(scorecard)?),
        Format::Csv => {
            let rows = scorecard.lines();
            print!("{}", crate::output::csv_text(&["figure", "value"], &rows)?);
        }
        Format::Table => println!("{}", papers::text_table(&["EXERCISE", ""], &scorecard.lines())),
    }
    Ok(())
}

/// Two-sided 95 % points of Student's t by degrees of freedom, from 1 on; beyond the table, of the normal distribution.
const T_95: [f64; 15] =
    [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131];

/// Mean of differences, and half the width of its 95 % interval (Student's t, paired).
fn difference(pairs: &[(f64, f64)]) -> (f64, f64) {
    let n = pairs.len() as f64;
    let mean = pairs.iter().map(|(one, other)| other - one).sum::<f64>() / n;
    let squares: f64 = pairs.iter().map(|(one, other)| (other - one - mean).powi(2)).sum();
    let error = (squares / (n - 1.0) / n).sqrt();
    (mean, error * T_95.get(pairs.len() - 2).copied().unwrap_or(1.96))
}

async fn side_by_side(compare: &Compare) -> Result<bool> {
    let (one_of, other_of) = (Scenario::named(&compare.one)?, Scenario::named(&compare.other)?);
    let mut pairs = Vec::new();
    for seed in compare.how.seed..compare.how.seed + compare.seeds {
        let left = one(&one_of, &compare.how, seed).await?;
        pairs.push((left, one(&other_of, &compare.how, seed).await?));
    }
    let figures: Vec<&'static str> =
        pairs.first().map(|(left, _)| left.figures()).unwrap_or_default().into_iter().map(|(name, _)| name).collect();
    let rows: Vec<Vec<String>> = figures
        .iter()
        .enumerate()
        .map(|(n, name)| {
            let of = |card: &Scorecard| card.figures()[n].1;
            let values: Vec<(f64, f64)> = pairs.iter().map(|(left, right)| (of(left), of(right))).collect();
            let mean = |pick: fn(&(f64, f64)) -> f64| values.iter().map(pick).sum::<f64>() / values.len() as f64;
            let (middle, half) = difference(&values);
            vec![
                (*name).to_owned(),
                format!("{:.1}", mean(|pair| pair.0)),
                format!("{:.1}", mean(|pair| pair.1)),
                format!("{middle:+.1}"),
                format!("{:+.1} to {:+.1}", middle - half, middle + half),
            ]
        })
        .collect();
    let headers = ["figure", compare.one.as_str(), compare.other.as_str(), "difference", "95 % interval"];
    match compare.how.format {
        Format::Csv => print!("{}", crate::output::csv_text(&headers, &rows)?),
        Format::Json => println!("{}", serde_json::to_string_pretty(&pairs)?),
        Format::Table => println!("{}\n{} seeds; paired by seed", papers::text_table(&headers, &rows), compare.seeds),
    }
    Ok(pairs.iter().all(|(left, right)| left.holds() && right.holds()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paired_difference_has_its_interval() {
        // differences 1, 2, 3: mean 2, sd 1, error 0.577, t(2) = 4.303
        let (mean, half) = difference(&[(0.0, 1.0), (0.0, 2.0), (0.0, 3.0)]);
        assert!((mean - 2.0).abs() < 1e-9 && (half - 4.303 / 3f64.sqrt()).abs() < 1e-9);
    }
}
