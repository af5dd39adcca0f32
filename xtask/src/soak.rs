//! `cargo xtask soak`: short drills with faults, one seed after the other, for as long as it is given; a failure names the
//! seed that repeats it. With `--rounds`: 2 to 64 dispatchers who claim one bed at once, round after round, on both stores.

use crate::{
    arguments::{Arguments, BadUsage},
    assets,
    postgres::{self, Durability},
    programs,
};
use anyhow::Result;
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

/// Drills between two looks at the clock.
const AT_ONCE: u64 = 20;

/// Address of a server that stands already.
const SERVER: &str = "DAYCLEAR_TEST_POSTGRES";

/// Runs it.
pub fn run(words: &[String]) -> Result<ExitCode> {
    let mut given = Arguments::new(words);
    let minutes: u64 = given.option("--minutes", 30)?;
    let mut seed: u64 = given.option("--seed", 1_000)?;
    let rounds: u64 = given.option("--rounds", 0)?;
    given.finish()?;
    if rounds > 0 {
        return claims(rounds);
    }
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

/// Dispatchers on one bed, so many rounds on each store.
fn claims(rounds: u64) -> Result<ExitCode> {
    programs::check_compilers()?;
    let server = match std::env::var(SERVER) {
        Ok(url) if !url.is_empty() => None,
        _ => Some(postgres::start(&postgres::find_or_install()?, &std::env::temp_dir(), Durability::None)?),
    };
    let mut command = programs::cargo();
    let one = "claims::of_many_who_want_one_bed_one_has_it_and_the_others_learn_who";
    command.args(["test", "--quiet", "--locked", "-p", "dayclear-ops", "--test", "suite", "--", "--exact", one]);
    command.env("DAYCLEAR_CLAIM_ROUNDS", rounds.to_string());
    if let Some(server) = &server {
        command.env(SERVER, &server.url);
    }
    let since = Instant::now();
    if !programs::run(&mut command)?.success() {
        return Ok(ExitCode::FAILURE);
    }
    println!(
        "soak: {rounds} rounds of 2 to 64 claims on each store, no bed held twice, {} s",
        since.elapsed().as_secs()
    );
    Ok(ExitCode::SUCCESS)
}
