//! `cargo xtask bench move`: transfer instances made from fresh seeds, planned within several times on one and two threads and as
//! the day comes, beside route solvers that pip can install. Every plan is judged by the instances' own checker. A peer that
//! cannot be had is named as such; it is no failure.

use crate::{
    arguments::{Arguments, BadUsage},
    postgres, programs, report,
};
use anyhow::{Context, Result, bail};
use std::{
    env,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

const SIZES: &str = "200-25,500-25,500-50,1000-50,2000-100,2000-200,5000-250";
const SECONDS: &str = "0.1,1,10,60";

/// Another engine, and what its model leaves out.
struct Peer {
    name: &'static str,
    package: &'static str,
    script: &'static str,
    about: &'static str,
}

const PEERS: [Peer; 3] = [
    Peer {
        name: "VROOM",
        package: "pyvroom",
        script: "vroom_move.py",
        about: "shipments; it cannot state how long people wait or ride, or a limit of the ride",
    },
    Peer {
        name: "OR-Tools",
        package: "ortools",
        script: "ortools_move.py",
        about: "pairs of pick-up and delivery; minutes from release to arrival are a soft bound, the ride has its limit; above 1,000 requests of a class it is not tried",
    },
    Peer {
        name: "PyVRP",
        package: "pyvrp",
        script: "pyvrp_move.py",
        about: "shipments; it cannot state how long people wait or ride, or a limit of the ride; above 1,000 requests of a class it is not tried",
    },
];
/// How long before their release requests are told of, minutes: what a day as it comes would be worth if results were told of sooner.
const AHEAD_MIN: [u32; 5] = [0, 10, 20, 40, 60];
/// Requests of an instance up to which that is measured, and iterations of each plan.
const AHEAD_REQUESTS: u32 = 1000;
const AHEAD_EFFORT: &str = "600i";
/// Seconds of the day between two plans of a peer. Ours are a minute apart: in a share of a minute as small as that some of them find no plan.
const PEER_EVERY_S: u32 = 300;

struct Settings {
    sizes: Vec<String>,
    seconds: Vec<f64>,
    seed: u64,
    peer_s: f64,
    online_s: f64,
    peers: bool,
    record: bool,
    place: PathBuf,
    measured_on: Option<String>,
}

impl Settings {
    fn parse(words: &[String]) -> Result<Settings, BadUsage> {
        let mut given = Arguments::new(words);
        let list = |text: String| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let settings = Settings {
            sizes: list(given.option("--sizes", SIZES.to_owned())?),
            seconds: list(given.option("--seconds", SECONDS.to_owned())?)
                .iter()
                .map(|text| text.parse().map_err(|_| BadUsage(format!("'{text}' is no number of seconds"))))
                .collect::<Result<_, _>>()?,
            seed: given.option("--seed", 7001)?,
            peer_s: given.option("--peer-seconds", 60.0)?,
            online_s: given.option("--online-seconds", 60.0)?,
            peers: !given.flag("--no-peers"),
            record: !given.flag("--no-record"),
            place: given.option("--folder", env::temp_dir())?,
            measured_on: given.optional("--measured-on")?,
        };
        given.finish()?;
        let size = |text: &String| {
            text.split_once('-').is_some_and(|(a, b)| a.parse::<u32>().is_ok() && b.parse::<u32>().is_ok())
        };
        if let Some(bad) = settings.sizes.iter().find(|text| !size(text)) {
            return Err(BadUsage(format!("'{bad}' is no size; expected requests and vehicles, as in 500-50")));
        }
        Ok(settings)
    }
}

/// What was found for one size.
struct Sized {
    size: String,
    /// Seconds, threads, what the solver printed, what the checker printed.
    runs: Vec<(f64, u32, String, String)>,
    /// What the day as it comes printed, and the checker.
    online: (String, String),
    /// What the checker printed of days on which requests are told of sooner, in the order of `AHEAD_MIN`; empty for a large instance.
    ahead: Vec<String>,
    /// What the checker printed of each peer with the day known, and as it comes, or why there is nothing.
    peers: Vec<[Result<String, String>; 2]>,
}

/// Runs the benchmark.
pub fn run(words: &[String], command: String) -> Result<ExitCode> {
    let settings = Settings::parse(words)?;
    let program =
        programs::build_release("dayclear-engines", &["--example", "dispatch_bench"], "examples/dispatch_bench")?;
    let folder = postgres::fresh_folder(&settings.place)?;
    let data = programs::workspace().join("data/dispatch");
    let mut found = Vec::new();
    for size in &settings.sizes {
        let Some((requests, vehicles)) = size.split_once('-') else { continue };
        let instance = folder.join(format!("{size}.json"));
        let make = [data.join("make_instance.py").display().to_string()];
        programs::must(
            Command::new("python3").args(make).args([requests, vehicles, &settings.seed.to_string()]).arg(&instance),
        )?;
        let plan = folder.join("plan.json");
        let seed = settings.seed.to_string();
        let mut runs = Vec::new();
        for seconds in &settings.seconds {
            for threads in [1, 2] {
                let (s, t) = (seconds.to_string(), threads.to_string());
                let printed = own(&program, &instance, [&s, &t, &seed], &plan)?;
                runs.push((*seconds, threads, printed, check(&data, &instance, &plan)?));
            }
        }
        let s = settings.online_s.to_string();
        let printed = own(&program, &instance, ["online", &s, &seed], &plan)?;
        let online = (printed, check(&data, &instance, &plan)?);
        let mut ahead = Vec::new();
        if requests.parse::<u32>().is_ok_and(|requests| requests <= AHEAD_REQUESTS) {
            for minutes in AHEAD_MIN {
                let how = format!("online+{}", minutes * 60);
                own(&program, &instance, [&how, AHEAD_EFFORT, &seed], &plan)?;
                ahead.push(check(&data, &instance, &plan)?);
            }
        }
        let peers = if settings.peers {
            let of = |peer| [false, true].map(|online| compare(peer, online, &instance, &settings, &plan, &data));
            PEERS.iter().map(of).collect()
        } else {
            Vec::new()
        };
        found.push(Sized { size: size.clone(), runs, online, ahead, peers });
    }
    let mut machine = report::machine(&folder);
    machine.extend(settings.measured_on.iter().map(|date| format!("measured on {date}")));
    fs::remove_dir_all(&folder)?;
    let section = section(&command, &machine, &settings, &found);
    println!("{section}");
    if settings.record {
        report::record("move", &section)?;
    }
    println!("{}", json(&found));
    Ok(ExitCode::SUCCESS)
}

fn own(program: &Path, instance: &Path, how: [&str; 3], plan: &Path) -> Result<String> {
    let mut command = Command::new(program);
    command.arg(instance).args(how).arg(plan);
    eprintln!("$ {}", programs::shown(&command));
    let output = command.output().context("the solver cannot be started")?;
    if !output.status.success() {
        bail!("the solver failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The checker's line; a broken rule is in it and no failure here: peers break some.
fn check(data: &Path, instance: &Path, plan: &Path) -> Result<String> {
    let output = Command::new("python3").arg(data.join("check.py")).arg(instance).arg(plan).output()?;
    let line = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    if line.starts_with('{') {
        Ok(line)
    } else {
        bail!("the checker failed: {}", String::from_utf8_lossy(&output.stderr))
    }
}

fn compare(
    peer: &Peer,
    online: bool,
    instance: &Path,
    settings: &Settings,
    plan: &Path,
    data: &Path,
) -> Result<String, String> {
    let found = crate::epidemic::python(peer.package).and_then(|python| {
        let mut command = Command::new(python);
        command.arg(programs::workspace().join("xtask/peers").join(peer.script)).arg(instance);
        command.arg(settings.peer_s.to_string()).arg(plan).arg(data);
        if online {
            command.args(["online", &PEER_EVERY_S.to_string()]);
        }
        programs::must(&mut command)?;
        check(data, instance, plan)
    });
    found.map_err(|error| {
        eprintln!("{} was not measured: {error:#}", peer.name);
        // the words of the error hold paths of this machine
        "it could not be installed, failed, or was stopped".to_owned()
    })
}

/// The number of a member of a JSON object.
fn number(json: &str, name: &str) -> f64 {
    let found = json.split_once(&format!("\"{name}\":")).map(|(_, rest)| rest.trim_start());
    let text = found.map(|rest| &rest[..rest.find([',', '}']).unwrap_or(rest.len())]);
    text.and_then(|text| text.trim().parse().ok()).unwrap_or(f64::NAN)
}

/// Broken rules, as the checker names them; empty if there are none.
fn broken(json: &str) -> &str {
    json.split_once("\"broken\": {").and_then(|(_, rest)| rest.split_once('}')).map_or("?", |(rules, _)| rules)
}

fn section(command: &str, machine: &[String], settings: &Settings, found: &[Sized]) -> String {
    let mut text = format!("Command: `{command}`\n\n");
    for line in machine {
        let _ = writeln!(text, "- {line}");
    }
    let _ = writeln!(text, "- instances of seed {}; the score of `check.py`, lower is better", settings.seed);
    text.push_str("\n| requests-vehicles |");
    for seconds in &settings.seconds {
        let _ = write!(text, " {seconds} s, 1 thread | {seconds} s, 2 threads |");
    }
    text.push_str(" first plan, ms | iterations per s, 1 thread | as the day comes: as checked (as it happened) | worse than all known by | one more placed, ms |\n|---|");
    text.push_str(&"---:|".repeat(settings.seconds.len() * 2 + 5));
    text.push('\n');
    for Sized { size, runs, online, .. } in found {
        let _ = write!(text, "| {size} |");
        for (.., checked) in runs {
            let _ = write!(text, " {} |", score(checked));
        }
        let last = longest(runs);
        let _ = writeln!(
            text,
            " {:.0} | {:.0} | {} ({:.1}) | {:.0} % | {:.2} |",
            number(&last.2, "first_s") * 1e3,
            number(&last.2, "iterations") / number(&last.2, "took_s"),
            score(&online.1),
            number(&online.0, "score"),
            (number(&online.1, "score") / number(&last.3, "score") - 1.0) * 100.0,
            number(&online.0, "place_ms"),
        );
    }
    if found.iter().any(|sized| !sized.ahead.is_empty()) {
        text.push_str(&told_sooner(found));
    }
    if settings.peers {
        text.push_str(&peers_beside(settings, found));
    }
    text
}

/// What it is worth to know sooner.
fn told_sooner(found: &[Sized]) -> String {
    let mut text = "\n| as the day comes, told of before the release by |".to_owned();
    for minutes in AHEAD_MIN {
        let _ = write!(text, " {minutes} min |");
    }
    let _ = writeln!(text, "\n|---|{}", "---:|".repeat(AHEAD_MIN.len()));
    for Sized { size, runs, ahead, .. } in found.iter().filter(|sized| !sized.ahead.is_empty()) {
        let known = number(&longest(runs).3, "score");
        let _ = write!(text, "| {size} |");
        for line in ahead {
            let _ = write!(text, " {} ({:+.0} %) |", score(line), (number(line, "score") / known - 1.0) * 100.0);
        }
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "\nIn brackets beside the longest search on one thread with the day known. {} iterations a plan.",
        AHEAD_EFFORT.trim_end_matches('i')
    );
    text
}

/// The longest run on one thread.
fn longest(runs: &[(f64, u32, String, String)]) -> &(f64, u32, String, String) {
    runs.iter().rev().find(|run| run.1 == 1).unwrap_or(&runs[0])
}

/// A score, and what it breaks.
fn score(checked: &str) -> String {
    let rules = broken(checked);
    let note = if rules.is_empty() { String::new() } else { format!(" (breaks {})", rules.replace('"', "")) };
    format!("{:.1}{note}", number(checked, "score"))
}

fn peers_beside(settings: &Settings, found: &[Sized]) -> String {
    let mut text = "\n| requests-vehicles |".to_owned();
    for peer in PEERS {
        let _ = write!(text, " {}, {} s | as the day comes |", peer.name, settings.peer_s);
    }
    let _ = writeln!(text, "\n|---|{}", "---:|".repeat(PEERS.len() * 2));
    for Sized { size, peers, .. } in found {
        let _ = write!(text, "| {size} |");
        for line in peers.iter().flatten() {
            let _ = match line {
                Ok(line) => write!(text, " {} |", score(line)),
                Err(why) => write!(text, " not measured: {why} |"),
            };
        }
        text.push('\n');
    }
    text.push_str("\nWith each of them beds are fixed before, by largest regret, and the fleet is split by class: none can state a choice of bed, or a change of class between trips. As the day comes they plan every five minutes, in the same time in all, and a vehicle that has set out drives its trip to the end.\n\n");
    for peer in PEERS {
        let _ = writeln!(text, "- {}: {}.", peer.name, peer.about);
    }
    text
}

fn json(found: &[Sized]) -> String {
    let (mut figures, mut ratios) = (Vec::new(), Vec::new());
    for Sized { size, runs, online, peers, .. } in found {
        let size = size.replace('-', "_");
        for (seconds, threads, _, checked) in runs {
            figures.push(format!("\"{size}_{seconds}s_{threads}t\":{}", number(checked, "score")));
        }
        figures.push(format!("\"{size}_online\":{}", number(&online.0, "score")));
        let own = runs.iter().find(|run| run.0 >= 1.0 && run.1 == 1).map_or(f64::NAN, |run| number(&run.3, "score"));
        for (peer, lines) in PEERS.iter().zip(peers) {
            let beside = [("", own), ("_online", number(&online.1, "score"))];
            for (line, (how, own)) in lines.iter().zip(beside) {
                let ratio = line.as_ref().map_or(f64::NAN, |line| number(line, "score") / own);
                if ratio.is_finite() {
                    let name = peer.name.to_lowercase().replace('-', "");
                    ratios.push(format!("\"{name}_{size}{how}\":{ratio:.2}"));
                }
            }
        }
    }
    format!(
        "{{\"bench\":\"move\",\"figures\":{{{}}},\"baseline\":\"other engines at their time, score over ours at the first time of a second or more on one thread, or as the day comes\",\"ratio\":{{{}}}}}",
        figures.join(","),
        ratios.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_run_can_be_made_short_and_bad_words_are_refused() {
        let short = Settings::parse(&words("--sizes 200-25 --seconds 0.1,1 --no-peers --no-record")).unwrap();
        assert_eq!((short.sizes.len(), short.seconds.len(), short.peers, short.record), (1, 2, false, false));
        for bad in ["--sizes 200", "--sizes a-b", "--seconds soon", "--what"] {
            assert!(Settings::parse(&words(bad)).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_a_plan_breaks_stands_beside_its_score() {
        let line = "{\"name\": \"T\", \"score\": 193.947, \"broken\": {\"ride_too_long\": 40}}";
        assert_eq!((number(line, "score"), broken(line)), (193.947, "\"ride_too_long\": 40"));
        let run = (
            1.0,
            1,
            "{\"first_s\":0.01,\"took_s\":1.0,\"iterations\":10}".to_owned(),
            line.replace("\"ride_too_long\": 40", ""),
        );
        let sized = Sized {
            size: "200-25".into(),
            runs: vec![run.clone(), (1.0, 2, run.2.clone(), run.3.clone())],
            ahead: vec![line.to_owned(); AHEAD_MIN.len()],
            online: ("{\"score\":200.0,\"place_ms\":0.01}".into(), run.3.clone()),
            peers: vec![
                [Ok(line.into()), Err("no pip".into())],
                [Err("stopped".into()), Ok(line.into())],
                [Ok(line.into()), Ok(line.into())],
            ],
        };
        let settings = Settings::parse(&words("--sizes 200-25 --seconds 1")).unwrap();
        let text = section("cargo xtask bench move", &["2 cores".into()], &settings, std::slice::from_ref(&sized));
        assert!(text.contains("193.9 (breaks ride_too_long: 40)") && text.contains("not measured: no pip"), "{text}");
        assert!(
            text.contains("| 10 min | 20 min |") && text.contains("193.9 (breaks ride_too_long: 40) (+0 %)"),
            "{text}"
        );
        let ratios =
            "\"vroom_200_25\":1.00,\"ortools_200_25_online\":1.00,\"pyvrp_200_25\":1.00,\"pyvrp_200_25_online\":1.00";
        assert!(json(&[sized]).ends_with(&format!("\"ratio\":{{{ratios}}}}}")));
    }
}
