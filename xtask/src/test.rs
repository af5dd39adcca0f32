//! `cargo xtask test`: every test of the workspace, with a PostgreSQL of its own beside SQLite. Nothing is skipped in
//! silence: without a server the command fails and says how to get one.

use crate::{
    postgres::{self, Durability},
    programs,
};
use anyhow::Result;
use std::{env, process::ExitCode, time::Instant};

/// The variable in which tests find the server.
const SERVER: &str = "DAYCLEAR_TEST_POSTGRES";

/// Runs the tests; the words go to `cargo test`.
pub fn run(words: &[String]) -> Result<ExitCode> {
    let since = Instant::now();
    programs::check_compilers()?;
    let server = match env::var(SERVER) {
        Ok(url) if !url.is_empty() => {
            eprintln!("PostgreSQL: {url} ({SERVER} is set)");
            None
        }
        _ => {
            let folder = postgres::find_or_install()?;
            let server = postgres::start(&folder, &env::temp_dir(), Durability::None)?;
            let version = programs::output(folder.join("postgres"), &["--version"]).unwrap_or_default();
            eprintln!("PostgreSQL: {} ({version}), for this run only", server.url);
            Some(server)
        }
    };
    let mut command = programs::cargo();
    command.args(["test", "--workspace", "--locked"]).args(words);
    if let Some(server) = &server {
        command.env(SERVER, &server.url);
    }
    let status = programs::run(&mut command);
    drop(server);
    let status = status?;
    let seconds = since.elapsed().as_secs();
    let verdict = if status.success() { "all tests passed" } else { "TESTS FAILED" };
    eprintln!("{verdict} ({} min {:02} s)", seconds / 60, seconds % 60);
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
