//! `cargo xtask bench city`: the people of a synthetic city built and an outbreak played among them at several sizes, in
//! CPU-seconds of one thread, beside other engines at a million people where pip or cargo can have them. A peer that cannot be
//! had is named as such; it is no failure.

use crate::{
    arguments::{Arguments, BadUsage},
    measure::{self, Cost},
    postgres, programs, report,
};
use anyhow::{Context, Result};
use std::{
    env,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// What is played: people, days, policy, people infected on the first day. The first is that of the peers.
const RUNS: [(u64, u64, &str, u64); 5] = [
    (1_000_000, 100, "tests-and-tracing", 20),
    (10_000_000, 60, "tests-and-tracing", 200),
    (32_000_000, 60, "tests-and-tracing", 200),
    (32_000_000, 60, "none", 200),
    (32_000_000, 38, "chongqing-2022", 0),
];

/// Another engine.
struct Other {
    name: &'static str,
    /// How it is had.
    from: Source,
    /// What its model leaves out.
    about: &'static str,
}

/// Where an engine comes from, and the file of `xtask/peers` with its model.
enum Source {
    /// A package of pip.
    Pip(&'static str, &'static str),
    /// A crate, in this version.
    Cargo(&'static str, &'static str, &'static str),
}

const PEERS: [Other; 3] = [
    Other {
        name: "Covasim",
        from: Source::Pip("covasim", "covasim_city.py"),
        about: "same layers, tests, tracing, quarantine; has no buildings and no care homes",
    },
    Other {
        name: "epiworld",
        from: Source::Pip("epiworldpy", "epiworld_city.py"),
        about: "SEIR, everybody meets everybody, no tests, no tracing",
    },
    Other {
        name: "ixa",
        from: Source::Cargo("ixa", "4.0.0", "ixa_city.rs"),
        about: "SEIR of our own on it, everybody meets everybody, tests of 1 % a day and isolation, no tracing",
    },
];

struct Settings {
    people: u64,
    peers: bool,
    record: bool,
    place: PathBuf,
    measured_on: Option<String>,
}

impl Settings {
    fn parse(words: &[String]) -> Result<Settings, BadUsage> {
        let mut given = Arguments::new(words);
        let settings = Settings {
            people: given.option("--people", 32_000_000)?,
            peers: !given.flag("--no-peers"),
            record: !given.flag("--no-record"),
            place: given.option("--folder", env::temp_dir())?,
            measured_on: given.optional("--measured-on")?,
        };
        given.finish()?;
        if settings.people < 1_000 {
            return Err(BadUsage(
                "--people is at least 1000: a smaller city has no outbreak worth a measurement".into(),
            ));
        }
        Ok(settings)
    }
}

/// A run of the city, as it printed itself, and the memory of its process.
struct Played {
    policy: &'static str,
    printed: String,
    cost: Cost,
}

impl Played {
    fn figure(&self, name: &str) -> f64 {
        number(&self.printed, name).unwrap_or(f64::NAN)
    }
    fn bytes_per_person(&self) -> f64 {
        self.cost.peak_mb * 1e6 / self.figure("people")
    }
}

/// A peer at the size of the first run.
struct Peer {
    name: &'static str,
    about: &'static str,
    /// Version, CPU-seconds, infections and peak memory; or why there are none.
    found: Result<(String, f64, f64, f64), String>,
}

/// Runs the benchmark.
pub fn run(words: &[String], command: String) -> Result<ExitCode> {
    let settings = Settings::parse(words)?;
    let program = programs::build_release("dayclear-engines", &["--example", "city_bench"], "examples/city_bench")?;
    let folder = postgres::fresh_folder(&settings.place)?;
    let mut played = Vec::new();
    for (people, days, policy, imports) in RUNS {
        if people > settings.people && !played.is_empty() {
            continue;
        }
        let people = people.min(settings.people);
        let mut command = Command::new(&program);
        command.args([people.to_string(), days.to_string(), policy.to_owned(), imports.to_string()]);
        let (cost, printed) = measure::run(&mut command, &folder)?;
        played.push(Played { policy, printed, cost });
    }
    let first = &played[0];
    let sizes = (first.figure("people") as u64, first.figure("days") as u64);
    let peers: Vec<Peer> = PEERS.iter().filter(|_| settings.peers).map(|peer| compare(peer, sizes, &folder)).collect();
    let mut machine = report::machine(&folder);
    machine.extend(settings.measured_on.iter().map(|date| format!("measured on {date}")));
    fs::remove_dir_all(&folder)?;
    let section = section(&command, &machine, &played, &peers);
    println!("{section}");
    if settings.record {
        report::record("city", &section)?;
    }
    println!("{}", json(&played, &peers));
    Ok(ExitCode::SUCCESS)
}

/// Runs a peer in an environment of its own below the target folder.
fn compare(other: &Other, sizes: (u64, u64), folder: &Path) -> Peer {
    let program = match other.from {
        Source::Pip(package, script) => with_python(package, script),
        Source::Cargo(name, version, model) => with_cargo(name, version, model),
    };
    let found = program.and_then(|(version, mut command)| {
        command.arg(sizes.0.to_string()).arg(sizes.1.to_string());
        let (cost, printed) = measure::run(&mut command, folder)?;
        let last = printed.lines().last().unwrap_or_default().to_owned();
        let figure = |name| number(&last, name).with_context(|| format!("no {name} in '{last}'"));
        Ok((version, figure("cpu_s")?, figure("infections")?, cost.peak_mb))
    });
    let found = found.map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned());
    if let Err(why) = &found {
        eprintln!("{} was not measured: {why}", other.name);
    }
    Peer { name: other.name, about: other.about, found }
}

fn with_python(package: &str, script: &str) -> Result<(String, Command)> {
    let python = python(package)?;
    let asked = format!("from importlib.metadata import version; print(version('{package}'))");
    let version = programs::output(&python, &["-c", &asked]).unwrap_or_default();
    let mut command = Command::new(python);
    command.arg(programs::workspace().join("xtask/peers").join(script));
    Ok((version, command))
}

/// A program of a crate that is no dependency of ours, built in a folder of its own.
fn with_cargo(name: &str, version: &str, model: &str) -> Result<(String, Command)> {
    let place = programs::target()?.join("peers").join(name);
    fs::create_dir_all(place.join("src"))?;
    fs::copy(programs::workspace().join("xtask/peers").join(model), place.join("src/main.rs"))?;
    let manifest = format!(
        "[package]\nname = \"{name}-city\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n\
         {name} = \"={version}\"\nserde = {{ version = \"1\", features = [\"derive\"] }}\n"
    );
    fs::write(place.join("Cargo.toml"), manifest)?;
    let target = place.join("target");
    programs::must(programs::cargo().args(["build", "--release", "--target-dir"]).arg(&target).current_dir(&place))
        .with_context(|| format!("cargo could not build {name}"))?;
    Ok((version.to_owned(), Command::new(target.join("release").join(format!("{name}-city")))))
}

/// A Python that has a package, made on first use.
pub fn python(package: &str) -> Result<PathBuf> {
    let place = programs::target()?.join("peers");
    let python = place.join("bin/python");
    if !python.is_file() {
        programs::must(Command::new("python3").args(["-m", "venv"]).arg(&place))?;
    }
    let there =
        programs::output(&python, &["-c", &format!("from importlib.metadata import version; version('{package}')")]);
    if there.is_none() {
        programs::must(Command::new(&python).args(["-m", "pip", "install", "--quiet", package]))
            .with_context(|| format!("pip could not install {package}"))?;
    }
    Ok(python)
}

/// The number of a member of a JSON object.
pub fn number(json: &str, name: &str) -> Option<f64> {
    let rest = json.split_once(&format!("\"{name}\":"))?.1.trim_start();
    let end = rest.find([',', '}']).unwrap_or(rest.len());
    rest[..end].trim().parse().ok()
}

fn section(command: &str, machine: &[String], played: &[Played], peers: &[Peer]) -> String {
    let mut text = format!("Command: `{command}`\n\n");
    for line in machine {
        let _ = writeln!(text, "- {line}");
    }
    text.push_str(
        "\n| people | days | policy | build, CPU-s | days, CPU-s | CPU-s per day | infected | infections per CPU-s | first day with 100,000 infectious | bytes per person, peak |\n|---:|---:|---|---:|---:|---:|---:|---:|---:|---:|\n",
    );
    for run in played {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.2} | {:.2} | {:.3} | {} | {:.0} | {:.0} ms ({}) | {:.1} |",
            report::grouped(run.figure("people") as u64),
            run.figure("days"),
            run.policy,
            run.figure("build_cpu_s"),
            run.figure("days_cpu_s"),
            run.figure("days_cpu_s") / run.figure("days"),
            report::grouped(run.figure("infections") as u64),
            run.figure("infections") / run.figure("days_cpu_s"),
            run.figure("near_100k_day_ms"),
            report::grouped(run.figure("near_100k_infectious") as u64),
            run.bytes_per_person(),
        );
    }
    if peers.is_empty() {
        return text;
    }
    let first = &played[0];
    let (own, people) = (first.figure("days_cpu_s") + first.figure("build_cpu_s"), first.figure("people"));
    let _ = writeln!(
        text,
        "\nBeside others, {} people, {} days, building and playing:\n",
        report::grouped(people as u64),
        first.figure("days")
    );
    text.push_str("| engine | CPU-s | infected | microseconds per infection | bytes per person, peak | model |\n|---|---:|---:|---:|---:|---|\n");
    let _ = writeln!(
        text,
        "| Dayclear | {own:.2} | {:.1} % | {:.1} | {:.0} | layers, tests, tracing, quarantine, severity, Ct |",
        100.0 * first.figure("infections") / people,
        own * 1e6 / first.figure("infections"),
        first.bytes_per_person()
    );
    for peer in peers {
        let _ = match &peer.found {
            Ok((version, cpu_s, infections, peak_mb)) => writeln!(
                text,
                "| {} {version} | {cpu_s:.1} | {:.1} % | {:.1} | {:.0} | {} |",
                peer.name,
                100.0 * infections / people,
                cpu_s * 1e6 / infections,
                peak_mb * 1e6 / people,
                peer.about
            ),
            Err(why) => writeln!(text, "| {} | not measured: {why} | | | | {} |", peer.name, peer.about),
        };
    }
    text
}

fn json(played: &[Played], peers: &[Peer]) -> String {
    let mut figures = Vec::new();
    for run in played {
        let name = format!("{}m_{}", run.figure("people") as u64 / 1_000_000, run.policy.replace('-', "_"));
        for figure in ["build_cpu_s", "days_cpu_s", "infections", "near_100k_day_ms"] {
            figures.push(format!("\"{name}_{figure}\":{}", run.figure(figure)));
        }
        figures.push(format!("\"{name}_bytes_per_person\":{:.1}", run.bytes_per_person()));
    }
    let own = played[0].figure("days_cpu_s") + played[0].figure("build_cpu_s");
    let mut ratios = Vec::new();
    for peer in peers {
        if let Ok((_, cpu_s, infections, _)) = &peer.found {
            let name = peer.name.to_lowercase();
            figures.push(format!("\"{name}_cpu_s\":{cpu_s:.3},\"{name}_infections\":{infections}"));
            ratios.push(format!("\"{name}\":{:.2}", cpu_s / own));
        }
    }
    format!(
        "{{\"bench\":\"city\",\"figures\":{{{}}},\"baseline\":\"other engines at the size of the first run, CPU-seconds over ours\",\"ratio\":{{{}}}}}",
        figures.join(","),
        ratios.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_what_a_run_printed() {
        let json = "{\"people\":10,\"build_cpu_s\": 0.25,\"digest\":\"ff\"}";
        assert_eq!((number(json, "people"), number(json, "build_cpu_s")), (Some(10.0), Some(0.25)));
        assert_eq!((number(json, "digest"), number(json, "what")), (None, None));
    }

    #[test]
    fn a_peer_that_cannot_be_had_is_named_and_breaks_nothing() {
        let printed = "{\"people\":1000000,\"days\":100,\"build_cpu_s\":0.2,\"days_cpu_s\":1.8,\"infections\":500000,\"near_100k_infectious\":99,\"near_100k_day_ms\":1.0}";
        let cost = Cost { wall_s: 2.0, peak_mb: 24.0 };
        let played = [Played { policy: "tests-and-tracing", printed: printed.into(), cost }];
        let peer = |found| Peer { name: "Other", about: "less", found };
        let peers = [peer(Err("no pip".into())), peer(Ok(("1.0".into(), 20.0, 100_000.0, 1_000.0)))];
        let text = section("cargo xtask bench city", &["2 cores".into()], &played, &peers);
        assert!(
            text.contains("not measured: no pip")
                && text.contains("| Other 1.0 | 20.0 | 10.0 % | 200.0 | 1000 | less |"),
            "{text}"
        );
        let json = json(&played, &peers);
        assert!(json.starts_with("{\"bench\":\"city\"") && json.ends_with("\"ratio\":{\"other\":10.00}}"), "{json}");
        assert!(Settings::parse(&["--people".into(), "5".into()]).is_err());
    }
}
