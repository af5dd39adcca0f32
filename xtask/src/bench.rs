//! `cargo xtask bench day`: a city day from files to signed books, beside a plain load of the same rows. Baseline and
//! day alternate, each on an empty store of its own, so that neither lives off what the other warmed up; PostgreSQL
//! runs with its default durability, freshly initialised for each run.

use crate::{
    arguments::{Arguments, BadUsage},
    assets, browser, coverage, epidemic, everybody, hold, know,
    measure::{self, Cost},
    pages,
    postgres::{self, Durability},
    programs,
    report::{self, Report, Series},
    screen, serve, trace, transfers,
};
use anyhow::{Context, Result};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

const BASELINE: &str = "plain bulk load of the same rows as text into one table per file, no index, no constraint, one transaction per 100,000 rows";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Store {
    Sqlite,
    Postgres,
}

struct Settings {
    people: u64,
    positives: u64,
    tubes: u64,
    seed: u64,
    date: String,
    runs: u64,
    stores: Vec<Store>,
    place: PathBuf,
    measured_on: Option<String>,
    keep: bool,
    record: bool,
}

impl Settings {
    fn parse(words: &[String]) -> Result<Settings, BadUsage> {
        let mut given = Arguments::new(words);
        let settings = Settings {
            people: given.option("--people", 1_000_000)?,
            positives: given.option("--positives", 2_000)?,
            tubes: given.option("--tubes", 100_000)?,
            seed: given.option("--seed", 1)?,
            date: given.option("--date", "2022-11-20".to_owned())?,
            runs: given.option("--runs", 3)?,
            stores: match given.optional::<String>("--store")?.as_deref() {
                None => vec![Store::Sqlite, Store::Postgres],
                Some("sqlite") => vec![Store::Sqlite],
                Some("postgres") => vec![Store::Postgres],
                Some(other) => return Err(BadUsage(format!("--store is sqlite or postgres, not '{other}'"))),
            },
            place: given.option("--folder", env::temp_dir())?,
            measured_on: given.optional("--measured-on")?,
            keep: given.flag("--keep"),
            record: !given.flag("--no-record"),
        };
        given.finish()?;
        if settings.runs == 0 {
            return Err(BadUsage("--runs is at least 1".into()));
        }
        Ok(settings)
    }
}

/// The programs that are timed, and where they work.
struct Bench {
    dayclear: PathBuf,
    plain_load: PathBuf,
    postgres: PathBuf,
    folder: PathBuf,
    city: PathBuf,
    date: String,
    keep: bool,
}

impl Drop for Bench {
    fn drop(&mut self) {
        if self.keep {
            eprintln!("kept: {}", self.folder.display());
        } else if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("cannot remove {}: {error}", self.folder.display());
        }
    }
}

/// Runs the benchmark that is named.
pub fn run(words: &[String]) -> Result<ExitCode> {
    match words.split_first() {
        Some((name, rest)) if name == "day" => day(Settings::parse(rest)?, words),
        Some((name, rest)) if name == "pages" => pages::run(rest, typed(words)),
        Some((name, rest)) if name == "paint" => browser::bench_paint(rest, &typed(words)),
        Some((name, rest)) if name == "city" => epidemic::run(rest, typed(words)),
        Some((name, rest)) if name == "coverage" => coverage::run(rest, &typed(words)),
        Some((name, rest)) if name == "move" => transfers::run(rest, typed(words)),
        Some((name, rest)) if name == "hold" => hold::run(rest, typed(words)),
        Some((name, rest)) if name == "know" => know::run(rest, &typed(words)),
        Some((name, rest)) if name == "screen" => everybody::run(rest, typed(words)),
        Some((name, rest)) if name == "screen-plan" => screen::run(rest, typed(words)),
        Some((name, rest)) if name == "serve" => serve::run(rest, typed(words)),
        Some((name, rest)) if name == "trace" => trace::run(rest, typed(words)),
        Some((name, _)) => Err(BadUsage(format!(
            "there is no benchmark '{name}'; there are: city, coverage, day, hold, know, move, pages, paint, screen, screen-plan, serve, trace"
        ))
        .into()),
        None => Err(BadUsage(
            "which benchmark? There are: city, coverage, day, hold, know, move, pages, paint, screen, screen-plan, serve, trace".into(),
        )
        .into()),
    }
}

fn typed(words: &[String]) -> String {
    format!("cargo xtask bench {}", words.join(" "))
}

fn day(settings: Settings, words: &[String]) -> Result<ExitCode> {
    programs::check_compilers()?;
    assets::ensure()?;
    let postgres =
        if settings.stores.contains(&Store::Postgres) { postgres::find_or_install()? } else { PathBuf::new() };
    let dayclear = programs::build_release("dayclear-cli", &[], "dayclear")?;
    let plain_load = programs::build_release("dayclear-store", &["--example", "plain_load"], "examples/plain_load")?;
    let folder = postgres::fresh_folder(&settings.place)?;
    let city = folder.join("city");
    let bench =
        Bench { dayclear, plain_load, postgres, folder, city, date: settings.date.clone(), keep: settings.keep };
    bench.make_city(&settings)?;

    let mut rows = 0;
    let mut all = Vec::new();
    for store in &settings.stores {
        let name = if *store == Store::Sqlite { "sqlite" } else { "postgres" };
        let mut series = Series { store: name, plain: Vec::new(), day: Vec::new() };
        for _ in 0..settings.runs {
            let (plain, printed) = bench.plain(*store)?;
            rows = total_rows(&printed).context("plain_load did not print how many rows it loaded")?;
            series.plain.push(plain);
            series.day.push(bench.day(*store)?);
        }
        all.push(series);
    }

    let mut machine = report::machine(&bench.folder);
    if settings.stores.contains(&Store::Postgres) {
        machine.extend(programs::output(bench.postgres.join("postgres"), &["--version"]));
    }
    machine.extend(settings.measured_on.iter().map(|date| format!("measured on {date}")));
    let report = Report {
        name: "day",
        command: typed(words),
        sizes: vec![
            ("people", settings.people),
            ("tubes", settings.tubes),
            ("positives", settings.positives),
            ("rows", rows),
            ("runs", settings.runs),
        ],
        date: settings.date,
        baseline: BASELINE,
        series: all,
        machine,
    };
    println!("{}", report.section());
    if settings.record {
        report::record(report.name, &report.section())?;
    }
    println!("{}", report.json());
    Ok(ExitCode::SUCCESS)
}

impl Bench {
    fn make_city(&self, settings: &Settings) -> Result<()> {
        let mut command = Command::new(&self.dayclear);
        command.args(["city", "make", "--date", &settings.date]);
        let sizes = [
            ("--people", settings.people),
            ("--positives", settings.positives),
            ("--tubes", settings.tubes),
            ("--seed", settings.seed),
        ];
        for (name, size) in sizes {
            command.arg(name).arg(size.to_string());
        }
        measure::run(command.arg("--out").arg(&self.city), &self.folder).map(|_| ())
    }

    fn plain(&self, store: Store) -> Result<(Cost, String)> {
        self.on_an_empty_store(store, |url, folder| {
            measure::run(Command::new(&self.plain_load).arg(&self.city).args(["--db", url]), folder)
        })
    }

    fn day(&self, store: Store) -> Result<Cost> {
        self.on_an_empty_store(store, |url, folder| {
            let mut command = Command::new(&self.dayclear);
            command.arg("day").arg(&self.city).arg("--out").arg(folder.join("out"));
            command.args(["--date", &self.date, "--db", url]);
            measure::run(&mut command, folder).map(|(cost, _)| cost)
        })
    }

    /// A store that nobody has used: a file that does not exist yet, or a server that was initialised just now.
    fn on_an_empty_store<T>(&self, store: Store, work: impl FnOnce(&str, &Path) -> Result<T>) -> Result<T> {
        let folder = postgres::fresh_folder(&self.folder)?;
        let outcome = match store {
            Store::Sqlite => work(&format!("sqlite://{}", folder.join("store.db").display()), &folder),
            Store::Postgres => {
                // Beside the bench's folder, not inside: only its owner may pass through that one.
                let place = self.folder.parent().unwrap_or(&self.folder);
                let server = postgres::start(&self.postgres, place, Durability::Default)?;
                work(&server.url, &folder)
            }
        };
        fs::remove_dir_all(&folder)?;
        outcome
    }
}

/// The total that the plain load prints: its last line is `N rows`.
fn total_rows(printed: &str) -> Option<u64> {
    printed.lines().last()?.strip_suffix(" rows")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn sizes_default_to_the_city_day_and_can_be_made_small() {
        let full = Settings::parse(&[]).unwrap();
        assert_eq!((full.people, full.positives, full.tubes, full.runs), (1_000_000, 2_000, 100_000, 3));
        let small = Settings::parse(&words("--people 5000 --runs=1 --store sqlite --no-record")).unwrap();
        assert_eq!((small.people, small.runs, small.stores.len(), small.record), (5_000, 1, 1, false));
        for bad in ["--runs 0", "--store oracle", "--what"] {
            assert!(Settings::parse(&words(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_last_line_of_the_plain_load_is_the_total() {
        assert_eq!(total_rows("people 10\ntubes 3\n13 rows\n"), Some(13));
        assert_eq!(total_rows("people 10\n"), None);
    }
}
