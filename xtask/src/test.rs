//! `cargo xtask test`: every test of the workspace, with a PostgreSQL of its own beside SQLite, and then the tests in the
//! browser. Nothing is skipped in silence: without a server or a browser the command fails and says how to get one.

use crate::{
    assets, browser,
    postgres::{self, Durability},
    programs,
};
use anyhow::Result;
use std::{env, path::PathBuf, process::ExitCode, time::Instant};

/// The variable in which tests find the server.
const SERVER: &str = "DAYCLEAR_TEST_POSTGRES";

/// Where tests of properties find the beginning of their chance, and what it is here: the same cases for everybody, so that a run is
/// refused for what a change did and for nothing else. `cargo xtask soak --properties` draws others.
pub const CHANCE: (&str, &str) = ("PROPTEST_RNG_SEED", "20221120");

/// Runs the tests; the words go to `cargo test`, and the names of tests among them to the browser's too.
pub fn run(words: &[String]) -> Result<ExitCode> {
    let since = Instant::now();
    programs::check_compilers()?;
    assets::ensure()?;
    let server = match env::var(SERVER) {
        Ok(url) if !url.is_empty() => {
            eprintln!("PostgreSQL: {url} ({SERVER} is set)");
            None
        }
        _ => {
            let folder = postgres::find_or_install()?;
            let server = postgres::start(&folder, &postgres::place_for_tests(), Durability::None)?;
            let version = programs::output(folder.join("postgres"), &["--version"]).unwrap_or_default();
            eprintln!("PostgreSQL: {} ({version}), for this run only", server.url);
            Some(server)
        }
    };
    let mut command = programs::cargo();
    command.args(["test", "--workspace", "--locked", "--target-dir"]).arg(programs::target()?).args(words);
    if let Some(server) = &server {
        command.env(SERVER, &server.url);
    }
    if env::var_os(CHANCE.0).is_none() {
        command.env(CHANCE.0, CHANCE.1);
    }
    let status = programs::run(&mut command);
    drop(server);
    let mut failed = Vec::new();
    if !status?.success() {
        failed.push("cargo's tests");
    }
    if let Some(names) = names_for_the_browser(words)
        && !browser::prepare(built_for_tests()?)?.test(&names)?
    {
        failed.push("tests in the browser");
    }
    let seconds = since.elapsed().as_secs();
    let verdict =
        if failed.is_empty() { "all tests passed".to_owned() } else { format!("TESTS FAILED: {}", failed.join(", ")) };
    eprintln!("{verdict} ({} min {:02} s)", seconds / 60, seconds % 60);
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The program that the tests of the whole workspace were built with; building it alone would build half of it again.
fn built_for_tests() -> Result<Option<PathBuf>> {
    let program = programs::target()?.join("debug/dayclear");
    Ok(program.is_file().then_some(program))
}

/// Names after `--` choose tests of both kinds. Words before it name packages or targets of cargo: then nobody asked
/// for the browser.
fn names_for_the_browser(words: &[String]) -> Option<Vec<String>> {
    let at = words.iter().position(|word| word == "--").unwrap_or(words.len());
    let after = words.get(at + 1..).unwrap_or_default();
    (at == 0 || words.is_empty()).then(|| after.iter().filter(|word| !word.starts_with('-')).cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_reach_the_browser_and_options_of_cargo_do_not() {
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(names_for_the_browser(&words("")), Some(vec![]));
        assert_eq!(names_for_the_browser(&words("-- books --nocapture")), Some(words("books")));
        assert_eq!(names_for_the_browser(&words("-p dayclear-core")), None);
    }
}
