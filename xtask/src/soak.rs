//! `cargo xtask soak`: short drills with faults, one seed after the other, for as long as it is given. A failure names the
//! seed that repeats it.

use crate::{
    arguments::{Arguments, BadUsage},
    assets, programs,
};
use anyhow::Result;
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

/// Drills between two looks at the clock.
const AT_ONCE: u64 = 20;

/// Runs it.
pub fn run(words: &[String]) -> Result<ExitCode> {
    let mut given = Arguments::new(words);
    let minutes: u64 = given.option("--minutes", 30)?;
    let mut seed: u64 = given.option("--seed", 1_000)?;
    given.finish()?;
    if minutes == 0 {
        return Err(BadUsage("--minutes is at least 1".into()).into());
    }
    programs::check_compilers()?;
    assets::ensure()?;
    let (since, from) = (Instant::now(), seed);
    while since.elapsed() < Duration::from_secs(minutes * 60) {
        let mut command = programs::cargo();
        command.args([
            "test",
            "--quiet",
            "--locked",
            "-p",
            "dayclear-drill",
            "--test",
            "drills",
            "whatever_goes_wrong",
        ]);
        command.env("DAYCLEAR_DRILL_SEED", seed.to_string()).env("DAYCLEAR_DRILLS", AT_ONCE.to_string());
        if !programs::run(&mut command)?.success() {
            eprintln!("a drill failed; its seed stands above. Repeat: cargo xtask soak --seed {seed} --minutes 1");
            return Ok(ExitCode::FAILURE);
        }
        seed += AT_ONCE;
    }
    println!(
        "soak: {} drills with faults, seeds {from} to {}, nobody lost and every check holds",
        seed - from,
        seed - 1
    );
    Ok(ExitCode::SUCCESS)
}
