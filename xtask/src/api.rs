//! `cargo xtask test-api`: schemathesis against the program's own description of its API, once for every role with that
//! role's token. It stands in a Python environment of its own below `target`; the server and its store are fresh, on
//! loopback, and gone afterwards.

use crate::{assets, node, programs, stamp};
use anyhow::{Context, Result, bail};
use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

const SCHEMATHESIS: &str = "schemathesis==4.32.5";

/// Runs it; the words are roles, none means all.
pub fn run(words: &[String]) -> Result<ExitCode> {
    programs::check_compilers()?;
    assets::ensure()?;
    let node = node::find_or_install()?;
    let schemathesis = environment()?;
    let program = match env::var_os("DAYCLEAR_BIN") {
        Some(program) => PathBuf::from(program),
        None => programs::build_debug("dayclear-cli", "dayclear")?,
    };
    let mut command = Command::new(node);
    command.arg("api.mjs").args(words).current_dir(programs::workspace().join("crates/web/browser"));
    command.env("DAYCLEAR_BIN", program).env("DAYCLEAR_SCHEMATHESIS", schemathesis);
    Ok(if programs::run(&mut command)?.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The program in its environment; made when it is missing or of another version.
fn environment() -> Result<PathBuf> {
    let folder = programs::target()?.join("schemathesis");
    let program = folder.join("bin/schemathesis");
    let mark = folder.join("dayclear-stamp");
    if program.is_file() && stamp::is(&mark, SCHEMATHESIS) {
        return Ok(program);
    }
    if programs::on_path("python3").is_none() {
        bail!(
            "there is no python3 on the PATH. Remedy: install Python 3.10 or newer with its module venv (Debian: `apt-get install python3-venv`)"
        );
    }
    programs::must(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder)).context(
        "the environment could not be made. Remedy: install Python's module venv (Debian: `apt-get install python3-venv`)",
    )?;
    pip(&folder)?;
    stamp::put(&mark, SCHEMATHESIS)?;
    Ok(program)
}

fn pip(folder: &Path) -> Result<()> {
    let words = ["install", "--quiet", "--disable-pip-version-check", "--only-binary", ":all:", SCHEMATHESIS];
    programs::must(Command::new(folder.join("bin/pip")).args(words))
        .context("schemathesis could not be installed. Remedy: see that pip's index can be reached")
}
