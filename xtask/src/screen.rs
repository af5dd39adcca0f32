//! `cargo xtask bench screen-plan`: a round planned for a made city of any size, its boxes assigned to laboratories beside each to
//! the nearest, and how many cheating laboratories the signals find. Every assignment is judged by the engine's checker.

use crate::{
    arguments::{Arguments, BadUsage},
    measure, postgres, programs, report,
};
use anyhow::Result;
use std::{
    env,
    fmt::Write,
    fs,
    path::PathBuf,
    process::{Command, ExitCode},
};

struct Settings {
    people: Vec<u64>,
    laboratories: u64,
    seeds: u64,
    record: bool,
    place: PathBuf,
    measured_on: Option<String>,
}

impl Settings {
    fn parse(words: &[String]) -> Result<Settings, BadUsage> {
        let mut given = Arguments::new(words);
        let people: String = given.option("--people", "1000000,32000000".to_owned())?;
        let settings = Settings {
            people: people
                .split(',')
                .map(|text| text.parse().map_err(|_| BadUsage(format!("'{text}' is no number of people"))))
                .collect::<Result<_, _>>()?,
            laboratories: given.option("--laboratories", 100)?,
            seeds: given.option("--seeds", 20)?,
            record: !given.flag("--no-record"),
            place: given.option("--folder", env::temp_dir())?,
            measured_on: given.optional("--measured-on")?,
        };
        given.finish()?;
        Ok(settings)
    }
}

/// Runs the benchmark.
pub fn run(words: &[String], command: String) -> Result<ExitCode> {
    let settings = Settings::parse(words)?;
    let program = programs::build_release("dayclear-engines", &["--example", "screen_bench"], "examples/screen_bench")?;
    let folder = postgres::fresh_folder(&settings.place)?;
    let mut found = Vec::new();
    for people in &settings.people {
        // some hundred people live in a building, as 32 million in 300,000
        let buildings = (people / 107).max(1);
        let numbers = [*people, buildings, settings.laboratories, settings.seeds].map(|number| number.to_string());
        let (cost, printed) = measure::run(Command::new(&program).args(numbers), &folder)?;
        found.push((cost, printed.trim().to_owned()));
    }
    let mut machine = report::machine(&folder);
    machine.extend(settings.measured_on.iter().map(|date| format!("measured on {date}")));
    fs::remove_dir_all(&folder)?;
    let section = section(&command, &machine, &found);
    println!("{section}");
    if settings.record {
        report::record("screen-plan", &section)?;
    }
    let runs: Vec<String> = found
        .iter()
        .map(|(cost, json)| format!("{{\"wall_s\":{:.2},\"peak_mb\":{:.0},\"run\":{json}}}", cost.wall_s, cost.peak_mb))
        .collect();
    println!("{{\"bench\":\"screen-plan\",\"runs\":[{}]}}", runs.join(","));
    Ok(ExitCode::SUCCESS)
}

/// The text of a member of a JSON object without nesting.
fn member<'a>(json: &'a str, name: &str) -> &'a str {
    let found = json.split_once(&format!("\"{name}\":")).map(|(_, rest)| rest);
    found.map_or("?", |rest| rest[..rest.find([',', '}']).unwrap_or(rest.len())].trim())
}

fn section(command: &str, machine: &[String], found: &[(measure::Cost, String)]) -> String {
    let mut text = format!("Command: `{command}`\n\n");
    for line in machine {
        let _ = writeln!(text, "- {line}");
    }
    text.push_str("\n| figure |");
    for (_, json) in found {
        let people = member(json, "people").parse().map_or_else(|_| "?".to_owned(), report::grouped);
        let _ = write!(text, " {people} people |");
    }
    text.push_str("\n|---|");
    found.iter().for_each(|_| text.push_str("---:|"));
    text.push('\n');
    for (what, name) in [
        ("buildings", "buildings"),
        ("plan of the round, s, one thread", "plan_s"),
        ("sites", "sites"),
        ("people / 3,000: no fewer sites can do", "sites_least"),
        ("sites below 2,000 people, because the way would be too long", "sites_small"),
        ("mean way on foot, min", "walk_mean_min"),
        ("longest way, min (at most 15)", "walk_max_min"),
        ("sites drawn by rows of blocks", "rows_sites"),
        ("their mean way, min", "rows_walk_mean_min"),
        ("longest expected wait, min (at most 30)", "wait_max_min"),
        ("samplers on the list", "samplers"),
        ("tubes", "tubes"),
        ("couriers", "couriers"),
        ("longest from collection to receipt, min (at most 240)", "receipt_max_min"),
        ("boxes", "boxes"),
        ("assignment, s, one thread", "assign_s"),
        ("last result, min of the round", "last_min"),
        ("bound: no assignment is sooner", "bound_min"),
        ("last result, each box at the nearest laboratory", "nearest_last_min"),
        ("mean from ready to result, min", "mean_min"),
        ("the same, nearest", "nearest_mean_min"),
        ("every rule kept", "holds"),
        ("cheats found, over all seeds", "found"),
        ("cheats", "cheats"),
        ("honest laboratories with an alarm", "wronged"),
        ("rows judged", "quality_rows"),
        ("judging them, s", "quality_s"),
    ] {
        let _ = write!(text, "| {what} |");
        for (_, json) in found {
            let _ = write!(text, " {} |", member(json, name));
        }
        text.push('\n');
    }
    let _ = write!(text, "| peak memory, MB |");
    for (cost, _) in found {
        let _ = write!(text, " {:.0} |", cost.peak_mb);
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_read_and_missing_ones_shown() {
        let json = "{\"people\":10,\"plan_s\":0.50}";
        assert_eq!((member(json, "people"), member(json, "plan_s"), member(json, "sites")), ("10", "0.50", "?"));
        let cost = measure::Cost { wall_s: 1.0, peak_mb: 12.0 };
        assert!(section("c", &[], &[(cost, json.to_owned())]).contains("| plan of the round, s, one thread | 0.50 |"));
    }
}
