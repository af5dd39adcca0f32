//! `cargo xtask bench coverage`: coverage of a round of 32 million people in memory (the engine), and, where a store is named, how
//! long the board takes to be read from it, to be written to its file and to be read from that.

use crate::{arguments::Arguments, epidemic::number, measure, postgres, programs, report};
use anyhow::Result;
use std::{
    env,
    fmt::Write,
    fs,
    path::PathBuf,
    process::{Command, ExitCode},
};

/// Runs the benchmark.
pub fn run(words: &[String], command: &str) -> Result<ExitCode> {
    let mut given = Arguments::new(words);
    let people: u64 = given.option("--people", 32_000_000)?;
    let db: Option<String> = given.optional("--db")?;
    let at: String = given.option("--at", "2022-11-20T23:00:00+08:00".to_owned())?;
    let record = !given.flag("--no-record");
    let place: PathBuf = given.option("--folder", env::temp_dir())?;
    let measured_on: Option<String> = given.optional("--measured-on")?;
    given.finish()?;
    let engine =
        programs::build_release("dayclear-engines", &["--example", "coverage_bench"], "examples/coverage_bench")?;
    let folder = postgres::fresh_folder(&place)?;
    let (cost, printed) = measure::run(Command::new(engine).arg(people.to_string()), &folder)?;
    let stored = match &db {
        None => None,
        Some(url) => {
            let board = programs::build_release("dayclear-ops", &["--example", "board_bench"], "examples/board_bench")?;
            let file = folder.join("board");
            Some(measure::run(Command::new(board).arg(url).arg(&at).arg(&file), &folder)?)
        }
    };
    let mut machine = report::machine(&folder);
    machine.extend(measured_on.iter().map(|date| format!("measured on {date}")));
    fs::remove_dir_all(&folder)?;
    let stored = stored.map(|(cost, printed)| (cost.peak_mb, printed));
    let section = section(command, &machine, (cost.peak_mb, &printed), stored.as_ref());
    println!("{section}");
    if record {
        report::record("coverage", &section)?;
    }
    println!(
        "{{\"bench\":\"coverage\",\"engine\":{},\"store\":{}}}",
        printed.trim(),
        stored.map_or("null".to_owned(), |(_, line)| line.trim().to_owned())
    );
    Ok(ExitCode::SUCCESS)
}

fn section(command: &str, machine: &[String], (peak, own): (f64, &str), stored: Option<&(f64, String)>) -> String {
    let figure = |name| number(own, name).unwrap_or(f64::NAN);
    let ms = |name| 1e3 * figure(name);
    let mut text = format!("Command: `{command}`\n\n");
    for line in machine {
        let _ = writeln!(text, "- {line}");
    }
    let _ = writeln!(
        text,
        "\n| engine, {:.0} people in {:.0} communities | |\n|---|---:|\n| count the city | {:.2} ms |\n| count a district | {:.3} ms |\n| count a community | {:.4} ms |\n| count every community once | {:.1} ms |\n| households that nobody saw, of the city | {:.0} ms |\n| put everybody in place | {:.2} s |\n| presence of everybody | {:.2} s |\n| as many swabs as people, in any order | {:.2} s |\n| memory of the sets | {:.0} MB |\n| peak memory of the process | {peak:.0} MB |",
        figure("people"),
        figure("communities"),
        ms("city_s"),
        ms("district_s"),
        ms("community_s"),
        ms("board_s"),
        ms("unseen_s"),
        figure("places_s"),
        figure("presence_s"),
        figure("swabs_s"),
        figure("memory_mb"),
    );
    if let Some((peak, line)) = stored {
        let figure = |name| number(line, name).unwrap_or(f64::NAN);
        let _ = writeln!(
            text,
            "\nFrom a store with {:.0} people and {:.0} rounds kept: read whole in {:.1} s, looked at again without news in {:.1} ms, all rounds counted over the city in {:.2} ms, households that nobody saw in {:.0} ms. Kept over a stop: written in {:.1} s, read and followed in {:.1} s (aim 10 s), {:.0} MB; peak memory {peak:.0} MB.",
            figure("people"),
            figure("rounds"),
            figure("load_s"),
            1e3 * figure("look_s"),
            1e3 * figure("count_s"),
            1e3 * figure("unseen_s"),
            figure("write_s"),
            figure("kept_s"),
            figure("file_mb"),
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_printed_stands_in_the_section() {
        let own = "{\"people\":1000,\"communities\":2,\"city_s\":0.0031,\"memory_mb\":12.5}";
        let text = section("cargo xtask bench coverage", &[], (20.0, own), None);
        assert!(text.contains("| count the city | 3.10 ms |") && !text.contains("From a store"), "{text}");
        let stored = (9.0, "{\"people\":7,\"rounds\":1,\"load_s\":2.0,\"write_s\":0.5,\"kept_s\":0.7}".to_owned());
        let text = section("cargo xtask bench coverage", &[], (20.0, own), Some(&stored));
        assert!(text.contains("From a store with 7 people and 1 rounds kept: read whole in 2.0 s"), "{text}");
        assert!(text.contains("written in 0.5 s, read and followed in 0.7 s"), "{text}");
    }
}
