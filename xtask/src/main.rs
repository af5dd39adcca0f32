//! The workspace's own commands: `cargo xtask test | lint | build | demo | bench` and more. Uses the standard library and anyhow only, so
//! that it compiles in seconds before the real work begins. Every command says what it does, stops what it started,
//! and exits 2 on bad usage, 1 on a failure, 0 otherwise.

mod api;
mod arguments;
mod assets;
mod bench;
mod browser;
mod build;
mod city;
mod coverage;
mod debian;
mod demo;
mod epidemic;
mod everybody;
mod fuzz;
mod hold;
mod know;
mod lint;
mod load;
mod measure;
mod node;
mod pages;
mod postgres;
mod programs;
mod report;
mod scan;
mod scan_pages;
mod screen;
mod serve;
mod soak;
mod stamp;
mod test;
mod trace;
mod transfers;

use std::process::ExitCode;

const USAGE: &str = "\
Usage: cargo xtask COMMAND

  test [ARGS]     every test on SQLite and on a PostgreSQL of its own, then those in the browser; ARGS go to cargo
                  test, and words after `--` choose tests of both kinds by name
  browser [WORDS] only the tests in the browser, those whose names hold a word
  test-api [ROLES]  schemathesis against the API, once for every role
  soak            short drills with faults for as long as it is given [--minutes N] [--seed S]; or
                  tests of properties with new cases [--properties] [--minutes N] [--seed S]; or
                  2 to 64 dispatchers on one bed, on both stores [--rounds N]
  fuzz-intake     messages of laboratories spoilt by chance, read and answered [--minutes N] [--seed S]
  screenshots [PAGES]  a picture of every page in every language below out/screenshots
  lint            formatting, clippy, source scans, licences and advisories
  assets          the console's script and styles (the other commands do this first)
  build           build the release binary and say where it is
  demo [ARGS]     build the release binary and run `dayclear demo ARGS`
  bench day       time a city day beside a plain load of the same rows
                  [--people N] [--positives N] [--tubes N] [--seed N] [--date D] [--runs N]
                  [--store sqlite|postgres] [--folder DIR] [--measured-on D] [--keep] [--no-record]
  bench pages     what people wait for when they open a page of a large city, by duty
                  [--people N] [--cases N] [--requests N] [--store sqlite|postgres|both] [--folder DIR] [--measured-on D]
                  [--keep DIR] keeps a SQLite store there, [--server URL] a database on that server; [--no-record]
  bench city      the people of a city built and an outbreak played among them, beside other engines
                  [--people N] the largest city, [--no-peers] [--folder DIR] [--measured-on D] [--no-record]
  bench trace     the exposure search beside DuckDB and PostgreSQL, and the scan for clusters
                  [--people N] [--visits N] [--cases N] [--seed N] [--no-postgres] [--no-peers] [--folder DIR]
                  [--measured-on D] [--no-record]
  bench move      transfers planned within several times, beside route solvers, and as the day comes
                  [--sizes LIST] [--seconds LIST] [--seed N] [--peer-seconds S] [--online-seconds S] [--no-peers]
                  [--folder DIR] [--measured-on D] [--no-record]
  bench screen    a day on which everybody is sampled, through the API, beside a plain append of the same rows
                  [--people N] [--portion TUBES] [--clients N] [--store sqlite|postgres] [--keep DIR] [--server URL]
                  [--folder DIR] [--measured-on D] [--no-record]
  bench screen-plan  a round planned, boxes assigned to laboratories, cheating laboratories found
                  [--people LIST] [--laboratories N] [--seeds N] [--folder DIR] [--measured-on D] [--no-record]
  bench hold      areas and orders proposed and looked at again, and what areas cost and avert, beside whole compounds
                  [--people N] [--cases N] [--contacts N] [--played-people N] [--days N] [--seeds N] [--folder DIR]
                  [--measured-on D] [--no-record]
  bench paint     when people see something of each page of the demo city, in a real browser [--no-record]
  bench serve     a mix of requests at a fixed rate, and a thousand who claim the same beds
                  the options of `pages`, [--rate N] [--seconds N] [--claimants N]
";

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let rest: Vec<String> = words.collect();
    let outcome = match command.as_str() {
        "test" => test::run(&rest),
        "browser" => browser::run(&rest),
        "screenshots" => browser::screenshots(&rest),
        "test-api" => api::run(&rest),
        "soak" => soak::run(&rest),
        "fuzz-intake" => fuzz::run(&rest),
        "lint" if rest.is_empty() => lint::run(),
        "assets" if rest.is_empty() => assets::run().map(|()| ExitCode::SUCCESS),
        "build" if rest.is_empty() => build::run().map(|()| ExitCode::SUCCESS),
        "demo" => demo::run(&rest),
        "bench" => bench::run(&rest),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(code) => code,
        Err(error) if error.is::<arguments::BadUsage>() => {
            eprintln!("error: {error}\n\n{USAGE}");
            ExitCode::from(2)
        }
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
