//! `dayclear city make`: a synthetic city as a folder of one day's files, the same for the same seed on any machine. The
//! other commands on the city stand in `city_run` and `city_fit`.

use crate::{city_fit, city_run, output::CsvFile, setting};
use anyhow::{Context, Result};
use dayclear_core::{schema::Table, time::CivilDate};
use dayclear_engines::city::{self, Sink, Sources, Spec};
use std::path::{Path, PathBuf};

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
    /// Folder
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
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

/// Runs `dayclear city`.
pub fn run(arguments: &Arguments) -> Result<bool> {
    let make_arguments = match &arguments.command {
        Command::Make(arguments) => arguments,
        Command::Run(arguments) => return city_run::run(arguments),
        Command::Fit(arguments) => return city_fit::run(arguments),
    };
    let spec = Spec {
        people: make_arguments.people,
        positives: make_arguments.positives,
        tubes: make_arguments.tubes,
        date: make_arguments.date,
        seed: make_arguments.seed,
        turn: make_arguments.turn,
        districts: None,
        collective: make_arguments.collective,
    };
    let summary = make(&spec, &make_arguments.out)?;
    for (table, rows) in &summary.rows {
        println!("{table:14} {rows:>9}");
    }
    println!("written to {}", make_arguments.out.display());
    Ok(true)
}
