//! `dayclear city run`: an outbreak among the people of the synthetic city, under a built-in policy and without a service:
//! a row for each day with the truth and with what was reported. `dayclear city fit`: the same at full size, tuned to the
//! published cases of November 2022, with the days that were kept out of the tuning.

use crate::{
    output::{self, Format},
    setting,
};
use anyhow::{Context, Result, bail};
use dayclear_core::time::CivilDate;
use dayclear_engines::{
    city::{Population, Sources, Spec},
    outbreak::{Contacts, Disease, Fit, Knob, Layer, Observed, Outbreak, Policy, Row, Run, fit},
};
use std::{path::Path, sync::Arc};

/// Columns of a day, in the order of [`cells`].
const COLUMNS: [&str; 13] = [
    "date",
    "infections",
    "infectious",
    "onsets",
    "severe",
    "deaths",
    "ever",
    "reported",
    "community",
    "singles",
    "tubes",
    "held",
    "confined",
];

/// Arguments of `dayclear city run`.
#[derive(clap::Args, Debug)]
pub struct RunArguments {
    #[command(flatten)]
    city: CityArguments,
    /// Days
    #[arg(long, default_value_t = 60)]
    days: u16,
    /// First day
    #[arg(long, value_name = "D", value_parser = setting::date, default_value = "2022-11-01")]
    date: CivilDate,
    /// What is done: a built-in policy (none, tests-and-tracing, chongqing-2022) or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "tests-and-tracing")]
    policy: String,
    /// People infected from outside on the first day; otherwise as the policy says, or 20 if it says nothing
    #[arg(long)]
    imports: Option<u32>,
    /// table, json or csv
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

#[derive(clap::Args, Debug)]
struct CityArguments {
    /// People; a million for a run, 32 million for a fit if nothing is said
    #[arg(long)]
    people: Option<u64>,
    /// Seed of the city and of the outbreak
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A built-in disease (omicron-ba52, omicron-bf7, measles) or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "omicron-ba52")]
    disease: String,
    /// Threads; they change nothing but the time
    #[arg(long, default_value_t = 2)]
    threads: usize,
}

impl CityArguments {
    fn population(&self, date: CivilDate, people: u64) -> Result<Arc<Population>> {
        let spec = Spec {
            people: self.people.unwrap_or(people),
            positives: 0,
            tubes: None,
            date,
            seed: self.seed,
            turn: 0,
            districts: None,
            collective: true,
        };
        Ok(Arc::new(Population::build(&spec, &Sources::chongqing()?, self.threads)?))
    }

    fn disease(&self) -> Result<Disease> {
        match Disease::built_in(&self.disease) {
            Some(disease) => Ok(disease?),
            None => Ok(Disease::read(&self.disease, &text_of(&self.disease, "disease", Disease::names())?)?),
        }
    }
}

fn policy(name: &str, start: CivilDate) -> Result<Policy> {
    match Policy::built_in(name, start) {
        Some(policy) => Ok(policy?),
        None => Ok(Policy::read(name, &text_of(name, "policy", Policy::names())?, start)?),
    }
}

/// The text of a file that is given where a name might be.
fn text_of(path: &str, what: &str, names: impl Iterator<Item = &'static str>) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| {
        let known: Vec<&str> = names.collect();
        format!("'{path}' is no {what} of the program ({}) and no file that can be read", known.join(", "))
    })
}

/// Runs `dayclear city run`.
pub fn run(arguments: &RunArguments) -> Result<bool> {
    let mut policy = policy(&arguments.policy, arguments.date)?;
    let disease = arguments.city.disease()?;
    let by_policy = (0..arguments.days).any(|day| policy.imports_on(day) > 0);
    if let Some(imports) = arguments.imports.or((!by_policy).then_some(20)) {
        policy.set_from(0, "imports", f64::from(imports));
    }
    let city = arguments.city.population(arguments.date, 1_000_000)?;
    let seed = arguments.city.seed;
    let outbreak = Outbreak::new(city, disease, Contacts::chongqing()?, seed, arguments.city.threads)?;
    let mut run = Run::new(outbreak, policy, seed);
    let bar = output::bar();
    let mut rows = Vec::new();
    for day in 0..arguments.days {
        bar.set_position(u64::from(day) * 1_000 / u64::from(arguments.days.max(1)));
        rows.push(run.step());
    }
    bar.finish_and_clear();
    match arguments.format {
        Format::Table => print_table(arguments.date, &rows),
        Format::Csv => {
            let lines: Vec<Vec<String>> = rows.iter().map(|row| cells(arguments.date, row)).collect();
            print!("{}", output::csv_text(&COLUMNS, &lines)?);
        }
        Format::Json => {
            let days: Vec<serde_json::Value> = rows.iter().map(|row| object(arguments.date, row)).collect();
            println!("{}", serde_json::to_string(&days)?);
        }
    }
    Ok(true)
}

fn figures(row: &Row) -> [u64; 12] {
    let truth = &row.truth;
    [
        truth.infections.into(),
        truth.infectious,
        truth.onsets.into(),
        truth.severe.into(),
        truth.deaths.into(),
        truth.ever,
        row.reported.into(),
        row.community.into(),
        row.singles.into(),
        row.tubes.into(),
        row.held.into(),
        row.confined.into(),
    ]
}

fn cells(start: CivilDate, row: &Row) -> Vec<String> {
    let date = start.plus_days(row.truth.day.into()).to_string();
    std::iter::once(date).chain(figures(row).iter().map(u64::to_string)).collect()
}

fn object(start: CivilDate, row: &Row) -> serde_json::Value {
    let mut day = serde_json::Map::new();
    day.insert("date".into(), start.plus_days(row.truth.day.into()).to_string().into());
    for (column, figure) in COLUMNS[1..].iter().zip(figures(row)) {
        day.insert((*column).into(), figure.into());
    }
    let layers = Layer::ALL.iter().zip(row.truth.by_layer);
    let layers: serde_json::Map<_, _> = layers.map(|(layer, count)| (layer.name().into(), count.into())).collect();
    day.insert("infections_by_place".into(), layers.into());
    day.into()
}

fn print_table(start: CivilDate, rows: &[Row]) {
    println!("{}", COLUMNS.map(|column| format!("{column:>10}")).join(" "));
    for row in rows {
        let cells: Vec<String> = cells(start, row).iter().map(|cell| format!("{cell:>10}")).collect();
        println!("{}", cells.join(" "));
    }
}

/// Arguments of `dayclear city fit`.
#[derive(clap::Args, Debug)]
pub struct FitArguments {
    #[command(flatten)]
    city: CityArguments,
    /// Only compare the policy as it is, without tuning
    #[arg(long)]
    as_is: bool,
    /// Days at the end that are kept out of the tuning
    #[arg(long, default_value_t = 10)]
    held_out: usize,
    /// Further seeds of the outbreak that are played with the result
    #[arg(long, default_value_t = 2)]
    seeds: u64,
    /// Published cases, in the columns of data/chongqing/daily_cases_2022.csv
    #[arg(long, value_name = "FILE", default_value = "data/chongqing/daily_cases_2022.csv")]
    cases: std::path::PathBuf,
}

/// First day of the runs, and the days of complete totals.
const START: &str = "2022-11-01";
const COMPLETE: [&str; 2] = ["2022-11-12", "2022-12-08"];
/// What is tuned, from which day on, and where it begins. The days are those of documents (`docs/city.md`).
const KNOBS: [(&str, &str, f64); 3] =
    [("imports", "2022-11-01", 200.0), ("life", "2022-11-01", 0.6), ("life", "2022-11-21", 0.5)];

/// Runs `dayclear city fit`.
pub fn fit_cases(arguments: &FitArguments) -> Result<bool> {
    let date = |text: &str| text.parse::<CivilDate>().context("a date");
    let (start, from, to) = (date(START)?, date(COMPLETE[0])?, date(COMPLETE[1])?);
    let day_of = |date: CivilDate| date.days_since(start) as u16;
    let observed: Vec<Observed> = published(&arguments.cases, start)?
        .into_iter()
        .filter(|observed| (day_of(from)..=day_of(to)).contains(&observed.day))
        .collect();
    if observed.len() <= arguments.held_out {
        bail!(
            "{} has {} days of complete totals; some must be left for the tuning",
            arguments.cases.display(),
            observed.len()
        );
    }
    let tuned_on = observed.len() - arguments.held_out;
    let (city, disease, contacts) =
        (arguments.city.population(start, 32_000_000)?, arguments.city.disease()?, Contacts::chongqing()?);
    let begin = |policy: Policy, seed: u64| -> Result<Run> {
        let outbreak = Outbreak::new(city.clone(), disease.clone(), contacts.clone(), seed, arguments.city.threads)?;
        Ok(Run::new(outbreak, policy, seed))
    };
    let mut tuned = policy("chongqing-2022", start)?;
    begin(tuned.clone(), 0)?; // what can go wrong in beginning goes wrong here
    if !arguments.as_is {
        let mut knobs = Vec::new();
        for (name, from, value) in KNOBS {
            knobs.push(Knob { name: name.to_owned(), from: day_of(date(from)?), value });
        }
        let seed = arguments.city.seed;
        let run = |policy: Policy| begin(policy, seed).unwrap_or_else(|error| unreachable!("{error}"));
        let Fit { knobs, misfit, runs } = fit(&tuned, knobs, &observed[..tuned_on], run, |knobs, misfit| {
            let values: Vec<String> = knobs.iter().map(|knob| format!("{:.3}", knob.value)).collect();
            eprintln!("misfit {misfit:.4} with {}", values.join(", "));
        });
        println!("tuned on {tuned_on} days in {runs} runs: mean square of ln(simulated / published) {misfit:.4}");
        for knob in &knobs {
            println!("  {} from {}: {:.3}", knob.name, start.plus_days(knob.from.into()), knob.value);
            tuned.set_from(knob.from, &knob.name, knob.value);
        }
    }
    for seed in arguments.city.seed..=arguments.city.seed + arguments.seeds {
        let mut run = begin(tuned.clone(), seed)?;
        let rows: Vec<Row> = (0..=day_of(to)).map(|_| run.step()).collect();
        compare(&rows, &observed, tuned_on, start, seed, seed == arguments.city.seed);
    }
    Ok(true)
}

/// Published daily totals by day of the run.
fn published(path: &Path, start: CivilDate) -> Result<Vec<Observed>> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read: run this in the repository, or give --cases", path.display()))?;
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let place = |name: &str| {
        header.iter().position(|column| *column == name).with_context(|| format!("{} has no {name}", path.display()))
    };
    let (date, total) = (place("date")?, place("total_reported")?);
    let rows = lines.filter_map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let day = cells.get(date)?.parse::<CivilDate>().ok()?.days_since(start);
        Some(Observed { day: u16::try_from(day).ok()?, cases: cells.get(total)?.parse().ok()? })
    });
    Ok(rows.collect())
}

/// Prints simulated beside published: by day for the first seed, by week, the peak, and the error on the days held out.
fn compare(rows: &[Row], observed: &[Observed], tuned_on: usize, start: CivilDate, seed: u64, by_day: bool) {
    let date = |day: u16| start.plus_days(day.into());
    let simulated = |observed: &Observed| rows.get(usize::from(observed.day)).map_or(0, |row| row.reported);
    println!("seed {seed}");
    if by_day {
        println!("  date        published  simulated  ratio  in the community, %");
        for (at, day) in observed.iter().enumerate() {
            let row = &rows[usize::from(day.day)];
            let ratio = f64::from(row.reported) / f64::from(day.cases.max(1));
            let community = 100.0 * f64::from(row.community) / f64::from(row.reported.max(1));
            let mark = if at < tuned_on { "" } else { "  held out" };
            println!("  {}  {:9}  {:9}  {ratio:5.2}  {community:5.1}{mark}", date(day.day), day.cases, row.reported);
        }
    }
    for week in observed.chunks(7) {
        let sums = week.iter().fold((0, 0), |sum, day| (sum.0 + simulated(day), sum.1 + day.cases));
        let ratio = f64::from(sums.0) / f64::from(sums.1.max(1));
        println!("  {} to {}: ratio {ratio:.2}", date(week[0].day), date(week[week.len() - 1].day));
    }
    let peak = |cases: &dyn Fn(&Observed) -> u32| {
        observed.iter().max_by_key(|day| cases(day)).map(|day| (date(day.day), cases(day)))
    };
    if let (Some(ours), Some(theirs)) = (peak(&simulated), peak(&|day: &Observed| day.cases)) {
        println!("  peak: simulated {} on {}, published {} on {}", ours.1, ours.0, theirs.1, theirs.0);
    }
    for (what, days) in [("tuned", &observed[..tuned_on]), ("held out", &observed[tuned_on..])] {
        let sums = days.iter().fold((0, 0), |sum, day| (sum.0 + simulated(day), sum.1 + day.cases));
        let off = |day: &Observed| (f64::from(simulated(day)) / f64::from(day.cases.max(1)) - 1.0).abs();
        let mean = days.iter().map(off).sum::<f64>() / days.len().max(1) as f64;
        println!(
            "  {what}, {} days: sum {:.2} of the published one, mean error of a day {:.0} %",
            days.len(),
            f64::from(sums.0) / f64::from(sums.1.max(1)),
            100.0 * mean
        );
    }
    let (home, all) =
        rows.iter().fold((0, 0), |sum, row| (sum.0 + row.truth.by_layer[0], sum.1 + row.truth.infections));
    println!("  infected in the household: {:.0} %", 100.0 * f64::from(home) / f64::from(all.max(1)));
}
