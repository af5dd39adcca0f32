//! `dayclear city run`: an outbreak among the people of the synthetic city, under a built-in policy and without a service:
//! a row for each day with the truth and with what was reported.

use crate::{
    output::{self, Format},
    setting,
};
use anyhow::{Context, Result};
use dayclear_core::time::CivilDate;
use dayclear_engines::{
    city::{Population, Sources, Spec},
    outbreak::{Contacts, Disease, Layer, Outbreak, Policy, Row, Run},
};
use std::sync::Arc;

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

/// What city and what disease.
#[derive(clap::Args, Debug)]
pub struct CityArguments {
    /// People; a million for a run, 32 million for a fit if nothing is said
    #[arg(long)]
    pub people: Option<u64>,
    /// Seed of the city and of the outbreak
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// A built-in disease (omicron-ba52, omicron-bf7, measles) or a file
    #[arg(long, value_name = "NAME|FILE", default_value = "omicron-ba52")]
    disease: String,
    /// Threads; they change nothing but the time
    #[arg(long, default_value_t = 2)]
    pub threads: usize,
}

impl CityArguments {
    /// Builds the people.
    pub fn population(&self, date: CivilDate, people: u64) -> Result<Arc<Population>> {
        self.population_of(date, self.people.unwrap_or(people), &Sources::chongqing()?)
    }

    /// Builds so many people in these divisions.
    pub fn population_of(&self, date: CivilDate, people: u64, sources: &Sources) -> Result<Arc<Population>> {
        let spec = Spec {
            people,
            positives: 0,
            tubes: None,
            date,
            seed: self.seed,
            turn: 0,
            districts: None,
            collective: true,
            lists: false,
        };
        Ok(Arc::new(Population::build(&spec, sources, self.threads)?))
    }

    /// Reads the disease.
    pub fn disease(&self) -> Result<Disease> {
        match Disease::built_in(&self.disease) {
            Some(disease) => Ok(disease?),
            None => Ok(Disease::read(&self.disease, &text_of(&self.disease, "disease", Disease::names())?)?),
        }
    }
}

/// A policy by name, or from a file.
pub fn policy(name: &str, start: CivilDate) -> Result<Policy> {
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
