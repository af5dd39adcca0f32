//! `cargo xtask demo`: builds the release binary and runs its demo. The demo itself is a command of `dayclear`, so that
//! somebody with only the binary has it too.

use crate::{build, programs};
use anyhow::Result;
use std::process::{Command, ExitCode};

/// Builds, then runs `dayclear demo` with the words; its exit code is ours.
pub fn run(words: &[String]) -> Result<ExitCode> {
    let dayclear = build::release()?;
    let status = programs::run(Command::new(dayclear).arg("demo").args(words))?;
    Ok(status.code().and_then(|code| u8::try_from(code).ok()).map_or(ExitCode::FAILURE, ExitCode::from))
}
