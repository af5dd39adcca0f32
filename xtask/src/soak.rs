//! `cargo xtask soak`: short drills with faults, one seed after the other, for as long as it is given; a failure names the
//! seed that repeats it. With `--properties`: the tests of properties with new cases, seed after seed. With `--rounds`: 2 to 64
//! dispatchers who claim one bed at once, round after round, on both stores.

use crate::{
    arguments::{Arguments, BadUsage},
    assets,
    postgres::{self, Durability},
    programs,
    test::CHANCE,
};
use anyhow::Result;
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};

/// Drills between two looks at the clock.
const AT_ONCE: u64 = 20;

/// Crates that have tests of properties and need no server.
const PURE: [&str; 4] = ["dayclear-core", "dayclear-engines", "dayclear-exchange", "dayclear-tabular"];

/// Address of a server that stands already.
const SERVER: &str = "DAYCLEAR_TEST_POSTGRES";

/// Runs it.
pub fn run(words: &[String]) -> Result<ExitCode> {
    let mut given = Arguments::new(words);
    let minutes: u64 = given.option("--minutes", 30)?;
    let from: u64 = given.option("--seed", 1_000)?;
    let rounds: u64 = given.option("--rounds", 0)?;
    let properties = given.flag("--properties");
    given.finish()?;
    if rounds > 0 {
        return claims(rounds);
    }
    if minutes == 0 {
        return Err(BadUsage("--minutes is at least 1".into()).into());
    }
    programs::check_compilers()?;
    assets::ensure()?;
    let (what, at_once) = if properties { ("tests of properties", 1) } else { ("drills with faults", AT_ONCE) };
    let (since, mut seed) = (Instant::now(), from);
    while since.elapsed() < Duration::from_secs(minutes * 60) {
        let mut command = programs::cargo();
        command.args(["test", "--quiet", "--locked"]);
        if properties {
            command.args(PURE.iter().flat_map(|name| ["-p", name])).env(CHANCE.0, seed.to_string());
        } else {
            command.args(["-p", "dayclear-drill", "--test", "drills", "whatever_goes_wrong"]);
            command.env("DAYCLEAR_DRILL_SEED", seed.to_string()).env("DAYCLEAR_DRILLS", AT_ONCE.to_string());
        }
        if !programs::run(&mut command)?.success() {
            let words = if properties { " --properties" } else { "" };
            eprintln!(
                "one of the {what} failed; it stands above. Repeat: cargo xtask soak{words} --seed {seed} --minutes 1"
            );
            return Ok(ExitCode::FAILURE);
        }
        seed += at_once;
    }
    println!("soak: {what}, seeds {from} to {}, every check holds", seed - 1);
    Ok(ExitCode::SUCCESS)
}

/// Dispatchers on one bed, so many rounds on each store.
fn claims(rounds: u64) -> Result<ExitCode> {
    programs::check_compilers()?;
    let server = match std::env::var(SERVER) {
        Ok(url) if !url.is_empty() => None,
        _ => Some(postgres::start(&postgres::find_or_install()?, &postgres::place_for_tests(), Durability::None)?),
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
