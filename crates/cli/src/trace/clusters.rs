//! `dayclear trace clusters`: cases by place and day from a file, scanned for clusters that are alive today, and printed.

use super::aside;
use crate::{
    output::{self, Format},
    setting,
};
use anyhow::{Context, Result, bail};
use dayclear_core::{
    schema::{Column, Kind, Table},
    time::{CivilDate, Zone},
};
use dayclear_engines::tracing::clusters::{self, Cluster, DayCount, Position, Scan, Settings};
use dayclear_papers as papers;
use dayclear_tabular::{Code, Fault, Options, Reader, Row};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::{Path, PathBuf},
};

const fn column(name: &'static str, kind: Kind, required: bool, about: &'static str) -> Column {
    Column { name, kind, required, about }
}

/// Cases of places by day.
static CASES: Table = Table {
    name: "cases",
    about: "cases of a place on a day",
    key: &["place", "date"],
    required: true,
    columns: &[
        column("place", Kind::Text(120), true, "where"),
        column("date", Kind::Day, true, "on which day"),
        column("count", Kind::Whole(0, 1_000_000), false, "how many cases; one if it is not said"),
    ],
};

/// Places with their positions.
static PLACES: Table = Table {
    name: "places",
    about: "a place and its position: lat and lon, or x and y",
    key: &["place"],
    required: true,
    columns: &[
        column("place", Kind::Text(120), true, "where"),
        column("lat", Kind::Real(-90.0, 90.0), false, "degrees north"),
        column("lon", Kind::Real(-180.0, 180.0), false, "degrees east"),
        column("x", Kind::Real(-1e12, 1e12), false, "to the right, in any unit"),
        column("y", Kind::Real(-1e12, 1e12), false, "upwards, in the same unit"),
    ],
};

/// Arguments of `dayclear trace clusters`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Cases: place, date and perhaps count
    #[arg(long, value_name = "FILE")]
    cases: PathBuf,
    /// Places: place and lat, lon in degrees or x, y in any unit; without them each place is looked at alone
    #[arg(long, value_name = "FILE")]
    places: Option<PathBuf>,
    /// Today; otherwise the last day in the file
    #[arg(long, value_name = "D", value_parser = setting::date)]
    today: Option<CivilDate>,
    /// Longest cluster, in days up to today
    #[arg(long, value_name = "D", default_value_t = 7, value_parser = clap::value_parser!(u16).range(1..=i64::from(clusters::DAYS_MAX)))]
    max_days: u16,
    /// Largest share of all cases that the places of a cluster may have had
    #[arg(long, value_name = "R", default_value_t = 0.5)]
    max_share: f64,
    /// Largest radius: kilometres with lat and lon, otherwise the unit of x and y
    #[arg(long, value_name = "R")]
    max_radius: Option<f64>,
    /// Fewest cases that make a cluster
    #[arg(long, value_name = "N", default_value_t = 2)]
    min_cases: u32,
    /// Times that the days are shuffled
    #[arg(long, value_name = "N", default_value_t = 999)]
    replicates: u32,
    /// Seed of the shuffles
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// Most clusters that are printed
    #[arg(long, value_name = "N", default_value_t = 10)]
    most: usize,
    /// Refuse files with a row that cannot be used, instead of leaving it aside
    #[arg(long)]
    strict: bool,
    /// Where rows that cannot be used are listed
    #[arg(long, value_name = "FILE")]
    aside: Option<PathBuf>,
    /// Threads; they change nothing but the time
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// table, json or csv
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// Places by name, with what is known of them.
#[derive(Default)]
struct Known {
    numbers: BTreeMap<String, u32>,
    names: Vec<String>,
    positions: Vec<Option<Position>>,
}

/// Runs `dayclear trace clusters`.
pub fn run(arguments: &Arguments) -> Result<bool> {
    let mut faults = Vec::new();
    let mut known = Known::default();
    if let Some(path) = &arguments.places {
        read(path, &PLACES, &mut faults, |row| known.place(row))?;
    }
    let closed = arguments.places.is_some();
    let mut rows = Vec::new();
    let received =
        read(&arguments.cases, &CASES, &mut faults, |row| known.cases(row, closed).map(|case| rows.push(case)))?;
    if let Some(path) = &arguments.aside {
        aside::write(path, &faults)?;
    }
    if let Some(first) = faults.first() {
        if arguments.strict {
            bail!("{} rows cannot be used, and --strict refuses them all; the first: {first}", faults.len());
        }
        eprintln!("{} rows were left aside, the first: {first}", faults.len());
    }
    let last = rows.iter().map(|row| row.day).max();
    let today = arguments.today.map(CivilDate::day_number).or(last);
    let today = today.with_context(|| format!("{} has no case to scan", arguments.cases.display()))?;
    let settings = Settings {
        today,
        days_max: arguments.max_days,
        share_max: arguments.max_share,
        radius_max: arguments.max_radius,
        cases_min: arguments.min_cases,
        replicates: arguments.replicates,
        seed: arguments.seed,
        threads: arguments.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(2, usize::from)),
        clusters_max: arguments.most,
    };
    let bar = output::bar();
    bar.set_message("scanning");
    let found = clusters::scan(&known.positions, &rows, &settings);
    bar.finish_and_clear();
    print(arguments, &known, &found?, [received, rows.len() as u64])?;
    Ok(true)
}

/// Reads a table; rows that cannot be used become faults. Gives how many rows there were.
fn read(
    path: &Path,
    table: &'static Table,
    faults: &mut Vec<Fault>,
    mut each: impl FnMut(&Row<'_>) -> Result<(), Box<Fault>>,
) -> Result<u64> {
    let mut reader = Reader::open(path, table, &Options::new(Zone::named("UTC")?))?;
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    while let Some(row) = reader.next_row()? {
        let outcome = row.and_then(|row| {
            each(&row).map_err(|mut fault| {
                (fault.file, fault.row, fault.raw) = (file.clone(), row.number(), row.raw().into_owned());
                fault
            })
        });
        if let Err(fault) = outcome {
            faults.push(*fault);
        }
    }
    Ok(reader.finish().read)
}

/// A fault of a row; the place is filled in by [`read`].
fn fault(column: &str, value: &str, code: Code, expected: &str, remedy: &str) -> Box<Fault> {
    let [column, value, expected, remedy] = [column, value, expected, remedy].map(str::to_owned);
    Box::new(Fault { file: String::new(), row: 0, column, value, expected, remedy, code, raw: String::new() })
}

impl Known {
    fn place(&mut self, row: &Row<'_>) -> Result<(), Box<Fault>> {
        let name = row.text(0).unwrap_or_default();
        let pairs = [row.real(1).zip(row.real(2)), row.real(3).zip(row.real(4))];
        let position = match pairs {
            [Some((lat, lon)), None] => Position::Globe { lat, lon },
            [None, Some((x, y))] => Position::Plane { x, y },
            _ => {
                let expected = "either lat and lon, or x and y";
                return Err(fault("lat", "", Code::Missing, expected, "give one position for each place"));
            }
        };
        let sort = |position: &Option<Position>| matches!(position, Some(Position::Globe { .. }));
        if self.positions.first().is_some_and(|first| sort(first) != sort(&Some(position))) {
            let expected = "positions of one kind in the whole file";
            return Err(fault("lat", "", Code::OutOfRange, expected, "give lat and lon for all, or x and y for all"));
        }
        match self.numbers.entry(name.to_owned()) {
            Entry::Occupied(_) => {
                Err(fault("place", name, Code::OutOfRange, "each place once", "remove one of the rows"))
            }
            Entry::Vacant(free) => {
                free.insert(self.names.len() as u32);
                self.names.push(name.to_owned());
                self.positions.push(Some(position));
                Ok(())
            }
        }
    }

    fn cases(&mut self, row: &Row<'_>, closed: bool) -> Result<DayCount, Box<Fault>> {
        let name = row.text(0).unwrap_or_default();
        let place = match self.numbers.get(name) {
            Some(place) => *place,
            None if closed => {
                let expected = "a place of the file of places";
                return Err(fault("place", name, Code::NotATerm, expected, "add it there, or correct it here"));
            }
            None => {
                let place = self.names.len() as u32;
                self.numbers.insert(name.to_owned(), place);
                self.names.push(name.to_owned());
                self.positions.push(None);
                place
            }
        };
        let missing = || fault("date", "", Code::Missing, "a day such as 2022-11-20", "fill it in");
        let day = row.day(1).ok_or_else(missing)?.day_number();
        Ok(DayCount { place, day, count: row.whole(2).unwrap_or(1).max(0) as u32 })
    }
}

const COLUMNS: [&str; 13] = [
    "rank",
    "centre",
    "places",
    "radius",
    "first",
    "last",
    "days",
    "observed",
    "expected",
    "ratio",
    "llr",
    "p",
    "recurrence_days",
];

fn day(number: i64) -> String {
    CivilDate::new(1970, 1, 1).map(|epoch| epoch.plus_days(number).to_string()).unwrap_or_default()
}

fn cells(rank: usize, cluster: &Cluster, known: &Known, today: i64, places: String) -> Vec<String> {
    let number =
        |value: Option<f64>, decimals: usize| value.map(|value| format!("{value:.decimals$}")).unwrap_or_default();
    vec![
        (rank + 1).to_string(),
        known.names[cluster.centre as usize].clone(),
        places,
        format!("{:.3}", cluster.radius),
        day(cluster.first),
        day(today),
        cluster.days.to_string(),
        cluster.observed.to_string(),
        format!("{:.2}", cluster.expected),
        format!("{:.2}", f64::from(cluster.observed) / cluster.expected),
        format!("{:.4}", cluster.ratio),
        number(cluster.p, 4),
        number(cluster.recurrence_days(), 1),
    ]
}

fn print(arguments: &Arguments, known: &Known, scan: &Scan, [received, used]: [u64; 2]) -> Result<()> {
    let names = |cluster: &Cluster| -> Vec<&str> {
        cluster.places.iter().map(|place| known.names[*place as usize].as_str()).collect()
    };
    let ranked = || scan.clusters.iter().enumerate();
    match arguments.format {
        Format::Table => {
            let rows: Vec<Vec<String>> = ranked()
                .map(|(rank, cluster)| cells(rank, cluster, known, scan.today, cluster.places.len().to_string()))
                .collect();
            println!(
                "{} cases from {} to {}, {} circles, {} shuffles with seed {}; {received} rows received, {used} used, {} aside",
                scan.cases,
                day(scan.first),
                day(scan.today),
                scan.circles,
                arguments.replicates,
                arguments.seed,
                received - used
            );
            println!("{}", papers::text_table(&COLUMNS, &rows));
        }
        Format::Csv => {
            let rows: Vec<Vec<String>> = ranked()
                .map(|(rank, cluster)| cells(rank, cluster, known, scan.today, names(cluster).join("; ")))
                .collect();
            print!("{}", output::csv_text(&COLUMNS, &rows)?);
        }
        Format::Json => {
            let clusters: Vec<serde_json::Value> = ranked()
                .map(|(_, cluster)| {
                    serde_json::json!({
                        "centre": known.names[cluster.centre as usize],
                        "places": names(cluster),
                        "radius": cluster.radius,
                        "first": day(cluster.first),
                        "last": day(scan.today),
                        "days": cluster.days,
                        "observed": cluster.observed,
                        "expected": cluster.expected,
                        "ratio": f64::from(cluster.observed) / cluster.expected,
                        "llr": cluster.ratio,
                        "p": cluster.p,
                        "recurrence_days": cluster.recurrence_days(),
                    })
                })
                .collect();
            let whole = serde_json::json!({
                "received": received,
                "used": used,
                "aside": received - used,
                "cases": scan.cases,
                "first": day(scan.first),
                "today": day(scan.today),
                "circles": scan.circles,
                "replicates": arguments.replicates,
                "seed": arguments.seed,
                "clusters": clusters,
            });
            println!("{}", serde_json::to_string_pretty(&whole)?);
        }
    }
    Ok(())
}
