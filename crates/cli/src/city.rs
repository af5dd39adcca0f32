//! `dayclear city make`: a synthetic city as a folder of one day's files, the same for the same seed on any machine. The
//! other commands on the city stand in `city_run`, `city_scenarios` and `city_fit`.

use crate::{
    city_fit, city_run, city_scenarios,
    output::CsvFile,
    setting::{self, Common},
};
use anyhow::{Context, Result};
use dayclear_core::{schema::Table, time::CivilDate};
use dayclear_engines::city::{self, Sink, Sources, Spec};
use dayclear_ops::{
    day::pack_for,
    intake::{self, Folder},
    line,
    minutes::Day,
};
use dayclear_store::Scope;
use std::path::{Path, PathBuf};

/// Rules in force when a city lands in a store; landing decides nothing.
const PACK: &str = "covid-19";

/// Arguments of `dayclear city`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand, Debug)]
enum Command {
    /// Write the files of a day
    Make(Make),
    /// Play an outbreak among its people, without a service
    Run(city_run::RunArguments),
    /// Play policies on the same city and outbreaks, beside each other with intervals, and what each would take
    Scenarios(Box<city_scenarios::Arguments>),
    /// Tune the policy of November 2022 to the published cases, and say how well it follows them
    Fit(city_fit::Arguments),
}

#[derive(clap::Args, Debug)]
struct Make {
    /// Which city
    #[arg(long, value_name = "NAME", default_value = "chongqing", value_parser = ["chongqing"])]
    pack: String,
    /// People
    #[arg(long, default_value_t = 20_000)]
    people: u64,
    /// Positives found on the day
    #[arg(long, default_value_t = 60)]
    positives: u64,
    /// Tubes; otherwise everybody is swabbed once
    #[arg(long)]
    tubes: Option<u64>,
    /// Seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Days since the first day of this city: the same people, another day
    #[arg(long, default_value_t = 0)]
    turn: u32,
    /// The day
    #[arg(long, value_name = "D", value_parser = setting::date, default_value = "2022-11-20")]
    date: CivilDate,
    /// House 8 % of the people in dormitories, sites and care homes, as in `city run`
    #[arg(long)]
    collective: bool,
    /// Let workplaces, schools and care homes name their people in lists beside the roster (`listed`)
    #[arg(long)]
    lists: bool,
    /// Folder for the files; left out, they stay nowhere
    #[arg(long, value_name = "DIR", required_unless_present = "db")]
    out: Option<PathBuf>,
    #[command(flatten)]
    common: Common,
}

/// Writes each table to a file of its own, as its rows come.
pub struct Files<'a> {
    folder: &'a Path,
    current: Option<(&'static str, CsvFile)>,
}

impl<'a> Files<'a> {
    /// Files of a folder, which is made.
    pub fn in_folder(folder: &'a Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        Ok(Files { folder, current: None })
    }

    /// Ends the last of them.
    pub fn finish(self) -> Result<()> {
        if let Some((_, writer)) = self.current {
            writer.finish()?;
        }
        Ok(())
    }

    fn switch(&mut self, table: &'static Table) -> Result<(), dayclear_tabular::WriteError> {
        if let Some((_, writer)) = self.current.take() {
            writer.finish()?;
        }
        let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let path = self.folder.join(format!("{}.csv", table.name));
        self.current = Some((table.name, CsvFile::create(&path, &columns)?));
        Ok(())
    }
}

impl Sink for Files<'_> {
    type Error = dayclear_tabular::WriteError;

    fn table(&mut self, table: &'static Table) -> Result<(), Self::Error> {
        self.switch(table)
    }

    fn row(&mut self, table: &'static Table, cells: &[&str]) -> Result<(), Self::Error> {
        match &mut self.current {
            Some((name, writer)) if *name == table.name => writer.row(cells),
            _ => {
                self.switch(table)?;
                self.row(table, cells)
            }
        }
    }
}

/// Makes a city in a folder.
pub fn make(spec: &Spec, folder: &Path) -> Result<city::Summary> {
    let mut files = Files::in_folder(folder)?;
    let summary = city::make(spec, &Sources::chongqing()?, &mut files)?;
    files.finish()?;
    Ok(summary)
}

/// Lands the files of a day in a store, by the same reader and taker as the run of a day, which can then decide on them.
async fn land(date: CivilDate, folder: &Path, common: &Common) -> Result<u64> {
    let settings = common.settings()?;
    let store = common.store("").await?;
    let packs = setting::packs()?;
    let day = Day::whole(date, pack_for(&packs, PACK, date)?, &settings);
    let folder = Folder::open(folder)?;
    let scope = Scope::of(intake::city(&folder, &settings.zone)?);
    let digests = folder.digests(&mut |_, _| {})?;
    let mut tx = store.begin(&scope).await?;
    line::open_day(&mut tx, day.start, &settings.zone).await?;
    tx.commit().await?;
    let (read, _) = intake::run(&store, &scope, &day, &folder, &digests, false, &mut |_, _| {}).await?;
    store.close().await;
    Ok(read.iter().map(|file| file.tally.created + file.tally.updated).sum())
}

/// A folder for files that nobody wants to keep: it goes away with this.
struct Passing(PathBuf);

impl Passing {
    fn new() -> Result<Passing> {
        let folder = std::env::temp_dir().join(format!("dayclear-city-{}", std::process::id()));
        // one that is there already is somebody else's
        std::fs::create_dir(&folder).with_context(|| format!("the folder {} cannot be made", folder.display()))?;
        Ok(Passing(folder))
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs `dayclear city`.
pub async fn run(arguments: &Arguments) -> Result<bool> {
    let made = match &arguments.command {
        Command::Make(arguments) => arguments,
        Command::Run(arguments) => return city_run::run(arguments),
        Command::Scenarios(arguments) => return city_scenarios::run(arguments).await,
        Command::Fit(arguments) => return city_fit::run(arguments),
    };
    let spec = Spec {
        people: made.people,
        positives: made.positives,
        tubes: made.tubes,
        date: made.date,
        seed: made.seed,
        turn: made.turn,
        districts: None,
        collective: made.collective,
        lists: made.lists,
    };
    let passing = if made.out.is_none() { Some(Passing::new()?) } else { None };
    let folder = made.out.as_deref().or(passing.as_ref().map(|passing| passing.0.as_path()));
    let folder = folder.context("name a folder with --out, or a store with --db")?;
    let summary = make(&spec, folder)?;
    for (table, rows) in &summary.rows {
        println!("{table:14} {rows:>9}");
    }
    if let Some(folder) = &made.out {
        println!("written to {}", folder.display());
    }
    if made.common.db.is_some() {
        let rows = land(made.date, folder, &made.common).await?;
        println!(
            "{rows} rows landed in the store; `dayclear day` on the same files, or `dayclear serve`, goes on from there"
        );
    }
    Ok(true)
}
