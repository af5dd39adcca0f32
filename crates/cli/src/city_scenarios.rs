//! `dayclear city scenarios`: several policies on the same made-up city and the same outbreaks, beside each other with intervals, and
//! what each would take. With a store it begins where that store stands (`city_standing`). Nothing is decided by it.

use crate::{
    city_run::{CityArguments, policy},
    city_standing::{self, Asked, Stands},
    epi_needs,
    output::{self, csv_text},
    setting,
};
use anyhow::{Context, Result, bail};
use dayclear_core::{
    scenarios::{Around, FORM, Scenarios},
    time::{CivilDate, Instant},
    transfer::FacilityKind,
};
use dayclear_engines::outbreak::{
    Contacts, Drive, OutbreakError, Policy, Run, Stage, Wanted, played, side_by_side, taken,
};
use dayclear_ops::needs::{Have, Needs};
use dayclear_papers::{self as papers, Lang};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// Most days that are played.
const DAYS_MAX: u16 = 365;
/// Most outbreaks that are played of each policy.
const SEEDS_MAX: u64 = 1_000;
/// Highest first seed: others are counted on from it.
const SEED_MAX: u64 = u32::MAX as u64;
/// Most threads.
const THREADS_MAX: u64 = 1_024;
/// People who are infected from outside on the first day if no policy says how many, as in `city run`.
const IMPORTS: u32 = 20;
/// Columns of the CSV file; the row of a sum has no day.
const COLUMNS: [&str; 12] =
    ["policy", "outcome", "day", "q05", "q25", "median", "q75", "q95", "mean", "difference", "low", "high"];

/// How scenarios are printed.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Print {
    /// Tables for people.
    Table,
    /// Everything, for programs.
    Json,
    /// Days and sums, for spreadsheets.
    Csv,
    /// One page with the picture and the tables.
    Html,
    /// The picture.
    Svg,
}

/// Arguments of `dayclear city scenarios`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// A policy: a built-in one (none, tests-and-tracing, chongqing-2022) or a file; the others are compared with the first
    #[arg(long = "policy", value_name = "NAME|FILE", required = true)]
    policies: Vec<String>,
    #[command(flatten)]
    city: CityArguments,
    /// Days that are played, from the first one or from where the store stands
    #[arg(long, default_value_t = 30)]
    days: u16,
    /// Outbreaks that are played of each policy
    #[arg(long, default_value_t = 20)]
    seeds: u64,
    /// First day, without a store
    #[arg(long, value_name = "D", value_parser = setting::date, default_value = "2022-11-01", conflicts_with = "db")]
    date: CivilDate,
    /// People infected from outside on the first day, under each policy; otherwise as the first policy says, or 20
    #[arg(long)]
    imports: Option<u32>,
    /// What a case needs (TOML); with a store the assumptions of the program if nothing is said
    #[arg(long, value_name = "FILE")]
    needs: Option<PathBuf>,
    /// What there is of each need (CSV: need, available); with a store what it says itself if nothing is given
    #[arg(long, value_name = "FILE")]
    capacity: Option<PathBuf>,
    /// With a store: the policy of the days until now; the first policy without it
    #[arg(long, value_name = "NAME|FILE", requires = "db")]
    so_far: Option<String>,
    /// With a store: id of a protocol pack, or name of a disease: the rules in force
    #[arg(long, default_value = "covid-19", requires = "db")]
    pack: String,
    /// With a store: as of when, such as 2022-11-20T15:00:00+08:00; now without it
    #[arg(long, value_name = "TIME", requires = "db")]
    at: Option<Instant>,
    /// Language: en, zh-Hans, zh-Hant
    #[arg(long, default_value = "en")]
    lang: Lang,
    /// table, json, csv (days and sums), html (one page) or svg (the picture)
    #[arg(long, value_enum, default_value = "table")]
    format: Print,
    #[command(flatten)]
    common: setting::Common,
}

/// Where the policies begin.
struct Ground {
    first: CivilDate,
    policies: Vec<Policy>,
    /// People infected from outside by day of the policies.
    imports: BTreeMap<u16, u32>,
    stage: Stage,
    seeds: Vec<u64>,
    stands: Option<Stands>,
}

/// Runs `dayclear city scenarios`.
pub async fn run(arguments: &Arguments) -> Result<bool> {
    within("--days", u64::from(arguments.days), (1, u64::from(DAYS_MAX)))?;
    // of one outbreak nobody can say how chance spreads
    within("--seeds", arguments.seeds, (2, SEEDS_MAX))?;
    within("--threads", arguments.city.threads as u64, (1, THREADS_MAX))?;
    let store = arguments.common.db.is_some();
    if arguments.city.seed > SEED_MAX {
        bail!("--seed is {}; give a number from 0 to {SEED_MAX}", arguments.city.seed);
    }
    if arguments.capacity.is_some() && arguments.needs.is_none() && !store {
        bail!("--capacity says what there is, and without --needs nothing is needed; name both");
    }
    // what cannot be read is said before anything is played
    let needs = match &arguments.needs {
        Some(path) => Some(epi_needs::needs(path)?),
        None if store => Some(Needs::built_in()?),
        None => None,
    };
    let capacity = arguments.capacity.as_deref().map(epi_needs::capacity).transpose()?.unwrap_or_default();
    let given = |start| arguments.policies.iter().map(|name| policy(name, start)).collect::<Result<Vec<Policy>>>();
    given(arguments.date)?;
    let ground = match store {
        false => {
            let (policies, imports) = same_imports(arguments, given(arguments.date)?, IMPORTS);
            let stage = Stage {
                city: arguments.city.population(arguments.date, 1_000_000)?,
                disease: arguments.city.disease()?,
                contacts: Contacts::chongqing()?,
                entry: None,
                threads: arguments.city.threads,
            };
            let seeds = (arguments.city.seed..).take(arguments.seeds as usize).collect();
            Ground { first: arguments.date, policies, imports, stage, seeds, stands: None }
        }
        true => {
            let asked = Asked {
                common: &arguments.common,
                pack: &arguments.pack,
                at: arguments.at,
                needs: needs.as_ref(),
                so_far: arguments.so_far.as_deref().or(arguments.policies.first().map(String::as_str)),
                seeds: arguments.seeds,
            };
            let stands = city_standing::stands(&asked, &arguments.city).await?;
            let first = stands.day.plus_days(1);
            let (policies, imports) = same_imports(arguments, given(first)?, 0);
            let (stage, seeds) = (stands.stage.clone(), stands.followed.seeds.clone());
            Ground { first, policies, imports, stage, seeds, stands: Some(stands) }
        }
    };
    print(arguments, &tell(arguments, ground, needs.as_ref(), &capacity)?)?;
    Ok(true)
}

/// Refuses a number that is not within its limits.
fn within(option: &str, value: u64, (least, most): (u64, u64)) -> Result<()> {
    if !(least..=most).contains(&value) {
        bail!("{option} is {value}; give a number from {least} to {most}");
    }
    Ok(())
}

/// The policies with the same people infected from outside: outbreaks are the same under each, or nothing could be compared.
fn same_imports(arguments: &Arguments, policies: Vec<Policy>, otherwise: u32) -> (Vec<Policy>, BTreeMap<u16, u32>) {
    let own = policies.first().map(|first| first.imports().clone()).unwrap_or_default();
    let imports = match arguments.imports {
        Some(people) => BTreeMap::from([(0, people)]),
        None if own.is_empty() && otherwise > 0 => BTreeMap::from([(0, otherwise)]),
        None => own,
    };
    let other = |policy: &Policy| !policy.imports().is_empty() && *policy.imports() != imports;
    for (name, _) in arguments.policies.iter().zip(&policies).filter(|(_, policy)| other(policy)) {
        eprintln!(
            "{name}: whom it infects from outside is left out, because the outbreaks are the same under each policy; --imports says \
             how many there are"
        );
    }
    (policies.into_iter().map(|policy| policy.importing(imports.clone())).collect(), imports)
}

/// What a policy is called: a file by its name without folder and ending.
pub fn called(given: &str) -> String {
    match Policy::names().any(|known| known == given) {
        true => given.to_owned(),
        false => Path::new(given).file_stem().map_or(given.into(), |stem| stem.to_string_lossy()).into_owned(),
    }
}

/// Names of the policies; one that is named again has its number.
fn names(given: &[String]) -> Vec<String> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    let mut one = |given: &String| {
        let name = called(given);
        let times = seen.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 { name } else { format!("{name} ({times})") }
    };
    given.iter().map(&mut one).collect()
}

/// Plays the policies and says what each brings and takes.
fn tell(
    arguments: &Arguments,
    ground: Ground,
    needs: Option<&Needs>,
    capacity: &BTreeMap<(String, String), f64>,
) -> Result<Scenarios> {
    let bar = output::bar();
    bar.set_message("policies");
    let (done, whole) = (AtomicU64::new(0), (ground.seeds.len() * ground.policies.len()).max(1) as u64);
    let watch = || bar.set_position((done.fetch_add(1, Ordering::Relaxed) + 1) * 1_000 / whole);
    let begin = |seed: u64| -> Result<Run, OutbreakError> {
        match &ground.stands {
            Some(stands) => stands.followed.run(seed),
            None => ground.stage.begin(ground.policies[0].clone(), seed),
        }
    };
    let days = side_by_side(&ground.policies, &ground.seeds, arguments.days, arguments.city.threads, begin, watch)?;
    bar.finish_and_clear();
    let mut policies = played(&names(&arguments.policies), &days, ground.stage.disease.severe > 0.0);
    let known: Vec<f64> = ground.stands.iter().flat_map(|stands| &stands.found).map(|cases| *cases as f64).collect();
    for wanted in needs.into_iter().flat_map(|needs| &needs.list) {
        let named = (String::new(), wanted.need.name.clone());
        let have = match (capacity.get(&named), &ground.stands) {
            (Some(have), _) => vec![Some(*have); usize::from(arguments.days)],
            (None, Some(stands)) => stands.have(&wanted.need.name, usize::from(arguments.days)),
            (None, None) => vec![None; usize::from(arguments.days)],
        };
        let asked = Wanted {
            need: &wanted.need,
            supply: wanted.supply,
            risk: needs.map_or(0.1, |needs| needs.risk),
            beds_of: match wanted.have {
                Have::Beds(kind) => Some(kind),
                _ => None,
            },
            drive: match wanted.have {
                // what the outbreak counts itself differs by policy as no share of cases does
                Have::Beds(FacilityKind::IsolationSite) => Drive::Away,
                Have::Tubes => Drive::Tubes,
                _ => Drive::Cases,
            },
            have,
        };
        for (played, runs) in policies.iter_mut().zip(&days) {
            let said = || format!("need '{}' under {}", wanted.need.name, played.policy);
            let one = taken(&known, runs, &asked, ground.first.plus_days(-1)).with_context(said)?;
            played.needs.push(one);
        }
    }
    Ok(Scenarios {
        form: FORM,
        disease: ground.stage.disease.name.clone(),
        people: u64::from(ground.stage.city.people()),
        city_seed: ground.stage.city.seed(),
        seeds: ground.seeds,
        first: ground.first,
        days: arguments.days.into(),
        imports: ground.imports.into_iter().collect(),
        standing: ground.stands.map(|stands| stands.told()),
        needs_built_in: needs.is_some_and(|needs| needs.built_in),
        policies,
    })
}

fn print(arguments: &Arguments, told: &Scenarios) -> Result<()> {
    match arguments.format {
        Print::Table => print!("{}", papers::scenarios_text(told, arguments.lang)),
        Print::Json => println!("{}", serde_json::to_string_pretty(told)?),
        Print::Csv => print!("{}", csv_text(&COLUMNS, &rows(told))?),
        Print::Html => print!("{}", papers::scenarios_html(told, arguments.lang)?),
        Print::Svg => print!("{}", papers::scenarios_svg(told, arguments.lang)),
    }
    Ok(())
}

/// A row for each policy, outcome and day, and one for each sum.
fn rows(told: &Scenarios) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for played in &told.policies {
        for series in &played.outcomes {
            let row = |day: String, around: &Around, more: [Option<f64>; 4]| {
                let Around { q05, q25, median, q75, q95 } = *around;
                let numbers = [q05, q25, median, q75, q95].into_iter().map(Some).chain(more);
                let cells = numbers.map(|value| value.map_or_else(String::new, |value| value.to_string()));
                [played.policy.clone(), series.outcome.to_string(), day].into_iter().chain(cells).collect()
            };
            for (n, around) in (0..).zip(&series.days) {
                rows.push(row(told.first.plus_days(n).to_string(), around, [None; 4]));
            }
            let total = &series.total;
            let between = total.difference.and_then(|difference| difference.between);
            let more = [
                Some(total.mean),
                total.difference.map(|difference| difference.mean),
                between.map(|[low, _]| low),
                between.map(|[_, high]| high),
            ];
            rows.push(row(String::new(), &total.around, more));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_called_by_its_file_and_by_its_number_if_it_comes_again() {
        let given = ["none", "a/rounds.csv", "none", "b/rounds.csv"].map(str::to_owned);
        assert_eq!(names(&given), ["none", "rounds", "none (2)", "rounds (2)"]);
    }
}
