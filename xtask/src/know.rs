//! `cargo xtask bench know`: the reproduction number on 200 days and on 41 units of 1,000 days, beside EpiEstim (Debian) and
//! epyestim (PyPI) on the same series in the same run, with the largest difference; a nowcast and a forecast of 14 days for
//! 41 units; the pages of a bulletin in three languages. A peer that cannot be had is named as such; it is no failure.

use crate::{
    arguments::Arguments,
    debian,
    epidemic::{number, python},
    measure, postgres, programs, report,
};
use anyhow::{Context, Result};
use std::{
    env,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// What a peer printed, or why there is nothing.
type Found = Result<String, String>;

/// Runs the benchmark.
pub fn run(words: &[String], command: &str) -> Result<ExitCode> {
    let mut given = Arguments::new(words);
    let peers = !given.flag("--no-peers");
    let record = !given.flag("--no-record");
    let place: PathBuf = given.option("--folder", env::temp_dir())?;
    let measured_on: Option<String> = given.optional("--measured-on")?;
    given.finish()?;
    let program = programs::build_release("dayclear-engines", &["--example", "epi_bench"], "examples/epi_bench")?;
    let folder = postgres::fresh_folder(&place)?;
    let (_, printed) = measure::run(Command::new(program).arg(&folder), &folder)?;
    let printed = joined(&printed, &bulletin(&folder)?);
    let found = if peers { vec![("EpiEstim", epiestim(&folder)), ("epyestim", epyestim(&folder))] } else { vec![] };
    let mut machine = report::machine(&folder);
    machine.extend(measured_on.iter().map(|date| format!("measured on {date}")));
    fs::remove_dir_all(&folder)?;
    let section = section(command, &machine, &printed, &found);
    println!("{section}");
    if record {
        report::record("know", &section)?;
    }
    println!("{}", json(&printed, &found));
    Ok(ExitCode::SUCCESS)
}

/// The pages of a bulletin, with the fonts that Debian has for them.
fn bulletin(folder: &Path) -> Result<String> {
    let fonts = ["Regular", "Bold"].map(|name| format!("/usr/share/fonts/opentype/noto/NotoSansCJK-{name}.ttc"));
    if !fonts.iter().all(|font| Path::new(font).is_file()) {
        debian::install(&["fonts-noto-cjk"], "the fonts of bulletins are not installed")?;
    }
    let example = ["--example", "bulletin_bench"];
    let program = programs::build_release("dayclear-papers", &example, "examples/bulletin_bench")?;
    Ok(measure::run(Command::new(program).args(fonts), folder)?.1)
}

/// Two JSON objects as one.
fn joined(one: &str, other: &str) -> String {
    format!("{},{}", one.trim().trim_end_matches('}'), other.trim().trim_start_matches('{'))
}

fn first_line(error: &anyhow::Error) -> String {
    error.to_string().lines().next().unwrap_or_default().to_owned()
}

fn peer(command: &mut Command, folder: &Path) -> Result<String> {
    let (_, printed) = measure::run(command, folder)?;
    let last = printed.lines().last().unwrap_or_default().to_owned();
    number(&last, "cori_200_s").with_context(|| format!("no figure in '{last}'"))?;
    Ok(last)
}

fn epiestim(folder: &Path) -> Found {
    let script = programs::workspace().join("xtask/peers/epiestim_know.R");
    let there = || programs::output(Path::new("Rscript"), &["-e", "library(EpiEstim); cat(1)"]).is_some();
    let found =
        if there() { Ok(()) } else { debian::install(&["r-cran-epiestim"], "R with EpiEstim is not installed") };
    found
        .and_then(|()| peer(Command::new("Rscript").arg(script).arg(folder), folder))
        .map_err(|error| first_line(&error))
}

fn epyestim(folder: &Path) -> Found {
    let script = programs::workspace().join("xtask/peers/epyestim_know.py");
    let weights = folder.join("si.csv");
    python("epyestim")
        .and_then(|python| {
            // the same serial interval, from the reference table
            let table = fs::read_to_string(programs::workspace().join("data/rt/discr_si_reference.csv"))?;
            let rows = table.lines().filter_map(|row| row.strip_prefix("2.6,1.50,"));
            fs::write(&weights, rows.fold("k,w\n".to_owned(), |text, row| text + row + "\n"))?;
            peer(Command::new(python).arg(script).arg(folder).arg(&weights), folder)
        })
        .map_err(|error| first_line(&error))
}

fn section(command: &str, machine: &[String], own: &str, peers: &[(&str, Found)]) -> String {
    let figure = |name| number(own, name).unwrap_or(f64::NAN);
    let mut text = format!("Command: `{command}`\n\n");
    for line in machine {
        let _ = writeln!(text, "- {line}");
    }
    text.push_str("\n| Cori, window 7 | 200 days, ms | times ours | 41 units x 1,000 days, s | times ours | largest relative difference |\n|---|---:|---:|---:|---:|---:|\n");
    let (one, all) = (figure("cori_200_s"), figure("cori_41x1000_s"));
    let _ = writeln!(text, "| Dayclear, mean, sd, seven quantiles | {:.2} | | {all:.3} | | |", 1e3 * one);
    for (name, found) in peers {
        let _ = match found {
            Ok(printed) => {
                let of = |name| number(printed, name).unwrap_or(f64::NAN);
                let (their_one, their_all) = (of("cori_200_s"), of("cori_41x1000_s"));
                writeln!(
                    text,
                    "| {name} | {:.2} | {:.0} | {their_all:.3} | {:.0} | {:.1e} |",
                    1e3 * their_one,
                    their_one / one,
                    their_all / all,
                    of("worst")
                )
            }
            Err(why) => writeln!(text, "| {name} | not measured: {why} | | | | |"),
        };
    }
    let _ = writeln!(
        text,
        "\nepyestim gives posterior parameters and no quantiles. One thread. Beside these: uncertain serial interval, 100 intervals of 100 draws, 200 days {:.2} s; Wallinga-Teunis with 100 draws {:.3} s; 41 units pooled {:.3} s; EpiFilter, 200 days {:.2} s (largest difference of its means from the reference {:.1e}, {:.0} quantiles on another point of the grid). Nowcast, forecast of 14 days and beds for 41 units together: {:.2} s, {:.2} s of processor time. A full bulletin as PDF in three languages, fonts read: {:.2} s.",
        figure("uncertain_200_s"),
        figure("wt_200_s"),
        figure("pooled_41x1000_s"),
        figure("epifilter_200_s"),
        figure("epifilter_worst"),
        figure("epifilter_other_points"),
        figure("now_and_ahead_41_s"),
        figure("now_and_ahead_41_cpu_s"),
        figure("bulletin_pdf_3_s"),
    );
    text
}

fn json(own: &str, peers: &[(&str, Found)]) -> String {
    let mut figures = vec![own.trim().trim_start_matches('{').trim_end_matches('}').to_owned()];
    let mut ratios = Vec::new();
    for (name, found) in peers {
        let Ok(printed) = found else { continue };
        let name = name.to_lowercase();
        for figure in ["cori_200_s", "cori_41x1000_s", "worst"] {
            if let (Some(value), Some(ours)) = (number(printed, figure), number(own, figure).or(Some(f64::NAN))) {
                figures.push(format!("\"{name}_{figure}\":{value}"));
                if ours.is_finite() {
                    ratios.push(format!("\"{name}_{figure}\":{:.1}", value / ours));
                }
            }
        }
    }
    format!(
        "{{\"bench\":\"know\",\"figures\":{{{}}},\"baseline\":\"the same series by EpiEstim and epyestim, seconds over ours\",\"ratio\":{{{}}}}}",
        figures.join(","),
        ratios.join(",")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_that_is_missing_is_named_and_ratios_are_theirs_over_ours() {
        let own = "{\"cori_200_s\":0.001,\"cori_41x1000_s\":0.5}";
        let peers = [
            ("EpiEstim", Ok("{\"cori_200_s\":0.2,\"cori_41x1000_s\":50.0,\"worst\":1e-13}".to_owned())),
            ("epyestim", Err("no pip".to_owned())),
        ];
        let text = section("cargo xtask bench know", &[], own, &peers);
        assert!(text.contains("| EpiEstim | 200.00 | 200 | 50.000 | 100 | 1.0e-13 |"), "{text}");
        assert!(text.contains("not measured: no pip"));
        let line = json(own, &peers);
        assert!(
            line.ends_with("\"ratio\":{\"epiestim_cori_200_s\":200.0,\"epiestim_cori_41x1000_s\":100.0}}"),
            "{line}"
        );
    }
}
