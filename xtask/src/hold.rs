//! `cargo xtask bench hold`: areas and orders proposed from nothing for many cases and contacts of a made city, everything open looked at
//! again after a change of pack, and what areas of three extents cost and avert in outbreaks of the same seeds.

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
    numbers: [u64; 6],
    record: bool,
    place: PathBuf,
    measured_on: Option<String>,
}

impl Settings {
    fn parse(words: &[String]) -> Result<Settings, BadUsage> {
        let mut given = Arguments::new(words);
        let settings = Settings {
            numbers: [
                given.option("--people", 32_000_000)?,
                given.option("--cases", 10_000)?,
                given.option("--contacts", 300_000)?,
                given.option("--played-people", 300_000)?,
                given.option("--days", 45)?,
                given.option("--seeds", 3)?,
            ],
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
    let program = programs::build_release("dayclear-engines", &["--example", "hold_bench"], "examples/hold_bench")?;
    let folder = postgres::fresh_folder(&settings.place)?;
    let (cost, printed) = measure::run(Command::new(&program).args(settings.numbers.map(|n| n.to_string())), &folder)?;
    let mut machine = report::machine(&folder);
    machine.extend(settings.measured_on.iter().map(|date| format!("measured on {date}")));
    fs::remove_dir_all(&folder)?;
    let printed = printed.trim();
    let section = section(&command, &machine, cost, printed);
    println!("{section}");
    if settings.record {
        report::record("hold", &section)?;
    }
    let of = |one: &str, other: &str| ratio(printed, one, other);
    println!(
        "{{\"bench\":\"hold\",\"figures\":{printed},\"peak_mb\":{:.0},\"baseline\":\"compound-wide areas around the same cases and seeds; a plain pass over the same rows\",\"ratio\":{{\"people_bound\":{},\"person_days\":{},\"infections\":{},\"propose_to_pass\":{}}}}}",
        cost.peak_mb,
        of("area_people", "compound_people"),
        of("proposal_person_days", "compounds_person_days"),
        of("proposal_infections", "compounds_infections"),
        of("propose_s", "pass_s"),
    );
    Ok(ExitCode::SUCCESS)
}

/// The text of a member of a JSON object without nesting.
fn member<'a>(json: &'a str, name: &str) -> &'a str {
    let found = json.split_once(&format!("\"{name}\":")).map(|(_, rest)| rest);
    found.map_or("?", |rest| rest[..rest.find([',', '}']).unwrap_or(rest.len())].trim())
}

/// One member by another; `null` where there is none or nothing to divide by.
fn ratio(json: &str, one: &str, other: &str) -> String {
    let number = |name: &str| member(json, name).parse::<f64>().ok();
    match (number(one), number(other)) {
        (Some(one), Some(other)) if other > 0.0 => format!("{:.3}", one / other),
        _ => "null".to_owned(),
    }
}

fn section(command: &str, machine: &[String], cost: measure::Cost, json: &str) -> String {
    let mut text = format!("Command: `{command}`\n\n");
    for line in machine {
        let _ = writeln!(text, "- {line}");
    }
    let shown = |name: &str| member(json, name).parse().map_or_else(|_| member(json, name).to_owned(), report::grouped);
    text.push_str("\n| figure | |\n|---|---:|\n");
    for (what, name) in [
        ("people", "people"),
        ("cases", "cases"),
        ("contacts", "contacts"),
        ("areas and orders from nothing, s", "propose_s"),
        ("everything open looked at again under another pack, s", "reconsider_s"),
        ("a plain pass over the same rows, s", "pass_s"),
        ("areas proposed", "areas"),
        ("people in them", "area_people"),
        ("people of the same buildings who are left free", "spared"),
        ("cases that open none", "left_out"),
        ("compounds of the same cases", "compounds"),
        ("people in those", "compound_people"),
        ("areas under the ninth edition", "ninth_areas"),
        ("people in them", "ninth_people"),
        ("areas after the change to the twenty measures", "changed_areas"),
        ("people in them", "changed_people"),
        ("orders of contacts", "orders"),
        ("orders that the change makes lighter or asks a person about", "lighter_orders"),
    ] {
        let _ = writeln!(text, "| {what} | {} |", shown(name));
    }
    let _ = writeln!(text, "| peak memory, the city and the outbreaks included, MB | {:.0} |", cost.peak_mb);
    let _ = writeln!(
        text,
        "\nOutbreaks among {} people, {} days, {} seeds, the policy of November 2022, areas of five days, sums over the seeds:\n",
        shown("played_people"),
        shown("days"),
        shown("seeds")
    );
    text.push_str("| areas | infections | person-days confined |\n|---|---:|---:|\n");
    for (what, name) in [
        ("none", "none"),
        ("the compound of every case", "compounds"),
        ("the building of every case", "buildings"),
        ("the proposal: the unit of a case that was not held", "proposal"),
    ] {
        let of = |figure: &str| shown(&format!("{name}_{figure}"));
        let _ = writeln!(text, "| {what} | {} | {} |", of("infections"), of("person_days"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_need_two_numbers() {
        let json = "{\"a\":10,\"b\":4,\"c\":0}";
        assert_eq!((ratio(json, "a", "b"), ratio(json, "a", "c")), ("2.500".to_owned(), "null".to_owned()));
        assert_eq!(ratio(json, "a", "nothing"), "null");
        let cost = measure::Cost { wall_s: 1.0, peak_mb: 12.0 };
        assert!(section("c", &[], cost, "{\"people\":1000}").contains("| people | 1,000 |"));
    }
}
