//! `cargo xtask fuzz-intake`: messages of laboratories spoilt by chance, for as long as it is given, on a release build. A
//! failure names the seed that repeats it.

use crate::{
    arguments::{Arguments, BadUsage},
    programs,
};
use anyhow::Result;
use std::process::ExitCode;

/// Runs it.
pub fn run(words: &[String]) -> Result<ExitCode> {
    let mut given = Arguments::new(words);
    let minutes: u64 = given.option("--minutes", 5)?;
    let seed: u64 = given.option("--seed", 1)?;
    given.finish()?;
    if minutes == 0 {
        return Err(BadUsage("--minutes is at least 1".into()).into());
    }
    let mut command = programs::cargo();
    command.args(["run", "--quiet", "--locked", "--release", "-p", "dayclear-exchange", "--example", "fuzz", "--"]);
    command.args(["--minutes", &minutes.to_string(), "--seed", &seed.to_string()]);
    let good = programs::run(&mut command)?.success();
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
