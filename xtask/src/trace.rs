//! `cargo xtask bench trace`: the exposure search on made-up visits, beside DuckDB and PostgreSQL with the same answer row
//! for row, and the scan statistic. The command's own modules are timed from file to file; the search alone is timed
//! over rows in memory on both sides. A peer that cannot be had is named as such.

use crate::{
    arguments::{Arguments, BadUsage},
    epidemic::{number, python},
    measure::{self, Cost},
    postgres::{self, Durability},
    programs, report,
};
use anyhow::{Context, Result};
use std::{
    env,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// Fewest minutes of contact that are asked for.
const MINUTES: u64 = 15;
const THREADS: &str = "2";

struct Settings {
    people: u64,
    visits: u64,
    cases: u64,
    seed: u64,
    duckdb: bool,
    postgres: bool,
    record: bool,
    place: PathBuf,
    measured_on: Option<String>,
}

impl Settings {
    fn parse(words: &[String]) -> Result<Settings, BadUsage> {
        let mut given = Arguments::new(words);
        let peers = !given.flag("--no-peers");
        let settings = Settings {
            people: given.option("--people", 32_000_000)?,
            visits: given.option("--visits", 100_000_000)?,
            cases: given.option("--cases", 10_000)?,
            seed: given.option("--seed", 1)?,
            duckdb: peers,
            postgres: !given.flag("--no-postgres") && peers,
            record: !given.flag("--no-record"),
            place: given.option("--folder", env::temp_dir())?,
            measured_on: given.optional("--measured-on")?,
        };
        given.finish()?;
        if settings.people == 0 || settings.visits < 1_000 || settings.people > 2_000_000_000 {
            return Err(BadUsage("--people is from 1 to 2 billion, --visits at least 1000".into()));
        }
        Ok(settings)
    }
}

/// What was measured: names and figures in the order of the report.
#[derive(Default)]
struct Figures(Vec<(&'static str, f64)>);

impl Figures {
    fn put(&mut self, name: &'static str, figure: f64) {
        self.0.push((name, figure));
    }
    fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, figure)| *figure)
    }
    fn ratio(&self, above: &str, below: &str) -> Option<f64> {
        Some(self.get(above)? / self.get(below)?)
    }
}

/// The folder of a run; it is removed however the run ends.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            eprintln!("cannot remove {}: {error}", self.0.display());
        }
    }
}

impl Folder {
    fn file(&self, name: &str) -> String {
        self.0.join(name).to_string_lossy().into_owned()
    }
}

/// Runs the benchmark.
pub fn run(words: &[String], command: String) -> Result<ExitCode> {
    let settings = Settings::parse(words)?;
    let files = programs::build_release("dayclear-tabular", &["--example", "trace_files"], "examples/trace_files")?;
    let engine = programs::build_release("dayclear-engines", &["--example", "trace_bench"], "examples/trace_bench")?;
    let folder = Folder(postgres::fresh_folder(&settings.place)?);
    let mut machine = report::machine(&folder.0);
    machine.extend(settings.measured_on.iter().map(|date| format!("measured on {date}")));
    let mut figures = Figures::default();
    let mut notes = Vec::new();

    let [visits, cases] = ["visits.csv", "cases.csv"].map(|name| folder.file(name));
    let sizes = [settings.people, settings.visits, settings.cases, settings.seed].map(|size| size.to_string());
    measure::run(Command::new(&engine).arg("make").args(&sizes).args([&visits, &cases]), &folder.0)?;
    figures.put("csv_mb", fs::metadata(&visits)?.len() as f64 / 1e6);

    let duckdb =
        if settings.duckdb { python("duckdb").map_err(|error| first_line(&error)) } else { Err("left out".into()) };
    let mut answers = Vec::new();
    let own = |visits: &str, out: &str| -> Result<(Cost, f64)> {
        let mut command = Command::new(&files);
        command.args([visits, &cases, &(MINUTES * 60).to_string(), THREADS, out]);
        let cpu = children_cpu_s();
        let cost = measure::run(&mut command, &folder.0)?.0;
        Ok((cost, children_cpu_s() - cpu))
    };
    let out = folder.file("own_csv.csv");
    let (cost, cpu_s) = own(&visits, &out)?;
    figures.put("own_csv_cpu_s", cpu_s);
    figures.put("own_csv_s", cost.wall_s);
    figures.put("own_csv_mb", cost.peak_mb);
    answers.push(out);
    let mut version = None;
    match &duckdb {
        Err(why) => {
            eprintln!("DuckDB was not measured: {why}");
            notes.push("DuckDB was not measured".to_owned());
        }
        Ok(python) => {
            let peer = Peer { python, folder: &folder, cases: &cases };
            let parquet = folder.file("visits.parquet");
            peer.run("convert", &[&visits, &parquet])?;
            figures.put("parquet_mb", fs::metadata(&parquet)?.len() as f64 / 1e6);
            for (kind, file, names) in [
                ("csv", &visits, ["duckdb_csv_s", "duckdb_csv_cpu_s", "duckdb_csv_mb"]),
                ("parquet", &parquet, ["duckdb_parquet_s", "duckdb_parquet_cpu_s", "duckdb_parquet_mb"]),
            ] {
                let out = folder.file(&format!("duckdb_{kind}.csv"));
                let (cost, printed) = peer.search("files", file, &out)?;
                version = text(&printed, "version");
                figures.put(names[0], figure(&printed, "whole_s")?);
                figures.put(names[1], figure(&printed, "cpu_s")?);
                figures.put(names[2], cost.peak_mb);
                answers.push(out);
            }
            let out = folder.file("own_parquet.csv");
            let (cost, cpu_s) = own(&parquet, &out)?;
            figures.put("own_parquet_cpu_s", cpu_s);
            figures.put("own_parquet_s", cost.wall_s);
            figures.put("own_parquet_mb", cost.peak_mb);
            answers.push(out);
            let out = folder.file("duckdb_table.csv");
            let (cost, printed) = peer.search("table", &parquet, &out)?;
            figures.put("duckdb_load_s", figure(&printed, "load_s")?);
            figures.put("duckdb_search_s", figure(&printed, "search_s")?);
            figures.put("duckdb_load_cpu_s", figure(&printed, "load_cpu_s")?);
            figures.put("duckdb_search_cpu_s", figure(&printed, "search_cpu_s")?);
            figures.put("duckdb_table_mb", cost.peak_mb);
            answers.push(out);
            fs::remove_file(&parquet)?;
        }
    }

    let seconds = (MINUTES * 60).to_string();
    let (_, printed) =
        measure::run(Command::new(&engine).arg("search").args(&sizes).args([&seconds, THREADS]), &folder.0)?;
    for (name, of) in [
        ("contacts", "contacts"),
        ("own_search_s", "columns_s"),
        ("own_search_cpu_s", "columns_cpu_s"),
        ("own_search_mb", "columns_mb"),
        ("index_build_s", "index_build_s"),
        ("index_search_s", "index_s"),
        ("index_search_cpu_s", "index_cpu_s"),
        ("index_mb", "index_mb"),
        ("one_case_p50_ms", "one_p50_ms"),
        ("one_case_p95_ms", "one_p95_ms"),
        ("one_case_max_ms", "one_max_ms"),
    ] {
        figures.put(name, figure(&printed, of)?);
    }
    if settings.postgres {
        match with_postgres(&folder, &visits, &cases, &mut figures) {
            Ok(out) => answers.push(out),
            Err(error) => {
                // What went wrong may name places of this machine, which do not belong into a document.
                eprintln!("PostgreSQL was not measured: {error:#}");
                notes.push("PostgreSQL was not measured".to_owned());
            }
        }
    }
    let mut same = true;
    if let Ok(python) = &duckdb {
        let peer = Peer { python, folder: &folder, cases: &cases };
        let words: Vec<&str> = answers.iter().map(String::as_str).collect();
        let (_, printed) = peer.run("compare", &words)?;
        let (rows, differences) = (figure(&printed, "rows")?, figure(&printed, "differences")?);
        same = differences == 0.0 && Some(rows) == figures.get("contacts");
        notes.push(format!(
            "{} answers of {} rows compared row for row: {differences} differences",
            answers.len(),
            report::grouped(rows as u64)
        ));
    }
    let (_, printed) =
        measure::run(Command::new(&engine).args(["scan", "10000", "1000", "60", "7", "999", THREADS]), &folder.0)?;
    figures.put("scan_s", figure(&printed, "scan_s")?);
    figures.put("scan_cpu_s", figure(&printed, "scan_cpu_s")?);
    figures.put("scan_circles", figure(&printed, "circles")?);
    drop(folder);

    let version = version.map(|version| format!("DuckDB {version}")).unwrap_or_else(|| "DuckDB".into());
    let section = section(&command, &machine, &settings, &version, &figures, &notes);
    println!("{section}");
    if settings.record {
        report::record("trace", &section)?;
    }
    println!("{}", json(&figures));
    Ok(if same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// CPU-seconds of all children that have ended, in hundredths.
fn children_cpu_s() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    measure::cpu_ticks(&stat, measure::CHILDREN_TICKS).map_or(f64::NAN, |ticks| ticks as f64 / 100.0)
}

/// DuckDB with the files of a run.
struct Peer<'r> {
    python: &'r Path,
    folder: &'r Folder,
    cases: &'r str,
}

impl Peer<'_> {
    fn run(&self, what: &str, words: &[&str]) -> Result<(Cost, String)> {
        let script = programs::workspace().join("xtask/peers/trace_duckdb.py");
        measure::run(Command::new(self.python).arg(script).arg(what).args(words), &self.folder.0)
    }
    fn search(&self, what: &str, visits: &str, out: &str) -> Result<(Cost, String)> {
        let seconds = (MINUTES * 60).to_string();
        self.run(what, &[visits, self.cases, &seconds, out])
    }
}

/// Loads and searches in a server of its own; gives the file with the answer.
fn with_postgres(folder: &Folder, visits: &str, cases: &str, figures: &mut Figures) -> Result<String> {
    let programs_folder = postgres::find_or_install()?;
    let place = folder.0.parent().unwrap_or(&folder.0);
    let server = postgres::start(&programs_folder, place, Durability::Default)?;
    // The server reads and writes the files itself, as another user.
    let exchange = folder.0.join("exchange");
    fs::create_dir(&exchange)?;
    programs::must(Command::new("chmod").arg("711").arg(&folder.0))?;
    programs::must(Command::new("chmod").arg("777").arg(&exchange))?;
    programs::must(Command::new("chmod").args(["644", visits, cases]))?;
    let out = exchange.join("found.csv").to_string_lossy().into_owned();
    let script = programs::workspace().join("xtask/peers/trace_postgres.sql");
    // Debian puts the client beside the server; elsewhere it is on the path.
    let beside = programs_folder.join("psql");
    let mut command = Command::new(if beside.is_file() { beside } else { "psql".into() });
    command.args(["-X", "-q", "-d", &server.url]);
    for (name, value) in [("visits", visits), ("cases", cases), ("out", &out), ("seconds", &(MINUTES * 60).to_string())]
    {
        command.arg("-v").arg(format!("{name}={value}"));
    }
    let (_, printed) = measure::run(command.arg("-f").arg(script), &folder.0)?;
    for (name, step) in [("postgres_load_s", "load"), ("postgres_index_s", "index"), ("postgres_search_s", "search")] {
        figures.put(name, step_s(&printed, step).with_context(|| format!("psql did not time the step '{step}'"))?);
    }
    let kept = folder.file("postgres.csv");
    fs::copy(&out, &kept)?;
    Ok(kept)
}

/// Seconds of all statements of a step, as psql printed them.
fn step_s(printed: &str, step: &str) -> Option<f64> {
    let mut lines = printed.lines().skip_while(|line| *line != step).skip(1);
    let times = lines.by_ref().take_while(|line| line.starts_with("Time: "));
    let ms: Vec<f64> = times.filter_map(|line| line.split_whitespace().nth(1)?.parse().ok()).collect();
    (!ms.is_empty()).then(|| ms.iter().sum::<f64>() / 1e3)
}

fn figure(printed: &str, name: &str) -> Result<f64> {
    number(printed, name).with_context(|| format!("no {name} in '{}'", printed.trim()))
}

/// The text of a member of a JSON object.
fn text(json: &str, name: &str) -> Option<String> {
    let rest = json.split_once(&format!("\"{name}\":"))?.1.trim_start().strip_prefix('"')?;
    Some(rest.split('"').next()?.to_owned())
}

fn first_line(error: &anyhow::Error) -> String {
    format!("{error:#}").lines().next().unwrap_or_default().to_owned()
}

fn section(
    command: &str,
    machine: &[String],
    settings: &Settings,
    duckdb: &str,
    figures: &Figures,
    notes: &[String],
) -> String {
    let mut text = format!("Command: `{command}`\n\n");
    let grouped = report::grouped;
    let _ = writeln!(
        text,
        "{} people, {} visits over 4 days, {} cases, contacts of at least {MINUTES} minutes; {THREADS} threads on each side. Identifiers are whole numbers, which suits the databases best.\n",
        grouped(settings.people),
        grouped(settings.visits),
        grouped(settings.cases)
    );
    for line in machine.iter().chain(notes) {
        let _ = writeln!(text, "- {line}");
    }
    let shown = |name: &str, decimals: usize| match figures.get(name) {
        Some(figure) => format!("{figure:.decimals$}"),
        None => "-".to_owned(),
    };
    let ratio = |above: &str, below: &str| match figures.ratio(above, below) {
        Some(ratio) => format!("{ratio:.1}"),
        None => "-".to_owned(),
    };
    text.push_str("\n| from file to file | Dayclear, s | CPU-s | peak, MB | DuckDB, s | CPU-s | peak, MB | DuckDB over Dayclear, s | CPU-s |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    for kind in ["csv", "parquet"] {
        let name = |who: &str, what: &str| format!("{who}_{kind}_{what}");
        let _ = writeln!(
            text,
            "| {kind}, {} MB | {} | {} | {} | {} | {} | {} | {} | {} |",
            shown(&format!("{kind}_mb"), 0),
            shown(&name("own", "s"), 1),
            shown(&name("own", "cpu_s"), 1),
            shown(&name("own", "mb"), 0),
            shown(&name("duckdb", "s"), 1),
            shown(&name("duckdb", "cpu_s"), 1),
            shown(&name("duckdb", "mb"), 0),
            ratio(&name("duckdb", "s"), &name("own", "s")),
            ratio(&name("duckdb", "cpu_s"), &name("own", "cpu_s")),
        );
    }
    let _ = writeln!(
        text,
        "\n| search alone, rows in memory | loading or indexing, s | search, s | CPU-s | s over the first line | CPU-s |\n|---|---:|---:|---:|---:|---:|\n| Dayclear, columns as they come | - | {} | {} | 1.0 | 1.0 |\n| Dayclear, index | {} | {} | {} | {} | {} |\n| {duckdb}, table in memory | {} | {} | {} | {} | {} |\n| PostgreSQL, two indexes | {} + {} | {} | - | {} | - |",
        shown("own_search_s", 3),
        shown("own_search_cpu_s", 2),
        shown("index_build_s", 1),
        shown("index_search_s", 3),
        shown("index_search_cpu_s", 2),
        ratio("index_search_s", "own_search_s"),
        ratio("index_search_cpu_s", "own_search_cpu_s"),
        shown("duckdb_load_s", 1),
        shown("duckdb_search_s", 3),
        shown("duckdb_search_cpu_s", 2),
        ratio("duckdb_search_s", "own_search_s"),
        ratio("duckdb_search_cpu_s", "own_search_cpu_s"),
        shown("postgres_load_s", 1),
        shown("postgres_index_s", 1),
        shown("postgres_search_s", 3),
        ratio("postgres_search_s", "own_search_s"),
    );
    let _ = writeln!(
        text,
        "\nThe columns take {} MB, the index {} MB. One case by the index, one thread: p50 {} ms, p95 {} ms, at most {} ms. Search times are medians of three (PostgreSQL: one).\n\nScan statistic, 10,000 cases, 1,000 places, {} circles by 1 to 7 days, 999 shuffles: {} s, {} CPU-s.",
        shown("own_search_mb", 0),
        shown("index_mb", 0),
        shown("one_case_p50_ms", 3),
        shown("one_case_p95_ms", 3),
        shown("one_case_max_ms", 1),
        grouped(figures.get("scan_circles").unwrap_or(0.0) as u64),
        shown("scan_s", 1),
        shown("scan_cpu_s", 1),
    );
    text
}

fn json(figures: &Figures) -> String {
    let members: Vec<String> = figures.0.iter().map(|(name, figure)| format!("\"{name}\":{figure}")).collect();
    let ratios: Vec<String> = [
        ("duckdb_search", "duckdb_search_s", "own_search_s"),
        ("duckdb_search_cpu", "duckdb_search_cpu_s", "own_search_cpu_s"),
        ("duckdb_csv", "duckdb_csv_s", "own_csv_s"),
        ("duckdb_parquet", "duckdb_parquet_s", "own_parquet_s"),
        ("postgres_search", "postgres_search_s", "own_search_s"),
    ]
    .into_iter()
    .filter_map(|(name, above, below)| Some(format!("\"{name}\":{:.2}", figures.ratio(above, below)?)))
    .collect();
    format!(
        "{{\"bench\":\"trace\",\"figures\":{{{}}},\"baseline\":\"the same join in DuckDB and PostgreSQL, their seconds over ours\",\"ratio\":{{{}}}}}",
        members.join(","),
        ratios.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_psql_are_added_up() {
        let printed =
            "load\nTime: 1500.000 ms (00:01.500)\nindex\nTime: 10.0 ms\nTime: 20.0 ms\nsearch\nTime: 5 ms\nend\n";
        assert_eq!(["load", "index", "search"].map(|step| step_s(printed, step)), [Some(1.5), Some(0.03), Some(0.005)]);
        assert_eq!(step_s(printed, "end"), None);
    }

    #[test]
    fn figures_become_a_section_and_a_line() {
        let mut figures = Figures::default();
        figures.put("own_search_s", 0.5);
        figures.put("duckdb_search_s", 5.0);
        let settings = Settings::parse(&["--visits".into(), "1000".into(), "--no-peers".into()]).unwrap();
        assert!(!settings.duckdb && !settings.postgres);
        let section =
            section("cargo xtask bench trace", &["2 cores".into()], &settings, "DuckDB 1", &figures, &["note".into()]);
        assert!(section.contains("| DuckDB 1, table in memory | - | 5.000 | - | 10.0 | - |"), "{section}");
        let json = json(&figures);
        assert!(
            json.starts_with("{\"bench\":\"trace\"") && json.ends_with("\"ratio\":{\"duckdb_search\":10.00}}"),
            "{json}"
        );
        assert_eq!(text("{\"version\": \"1.2\"}", "version").as_deref(), Some("1.2"));
        assert!(Settings::parse(&["--visits".into(), "5".into()]).is_err());
    }
}
