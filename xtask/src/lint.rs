//! `cargo xtask lint`: formatting, clippy, the scans of `scan.rs`, and cargo-deny where it is installed. All of them
//! run, whatever the first one says, and the summary names those that failed.

use crate::{assets, programs, scan};
use anyhow::Result;
use std::process::ExitCode;

/// Runs every check.
pub fn run() -> Result<ExitCode> {
    // The server's crate embeds them, so clippy needs them.
    assets::ensure()?;
    let mut failed = Vec::new();
    let mut cargo = |name: &'static str, words: &[&str]| -> Result<()> {
        if !programs::run(programs::cargo().args(words))?.success() {
            failed.push(name);
        }
        Ok(())
    };
    cargo("fmt (remedy: cargo fmt)", &["fmt", "--all", "--check"])?;
    cargo("clippy", &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])?;
    if programs::on_path("cargo-deny").is_some() {
        cargo("deny", &["deny", "--locked", "check"])?;
    } else {
        // Said, not failed: it takes minutes to build, and licences change only when dependencies do.
        eprintln!(
            "skipped: licences, sources and advisories. cargo-deny is not installed (cargo install --locked cargo-deny)"
        );
    }
    let findings = scan::workspace(&programs::workspace())?;
    for finding in &findings {
        eprintln!("{finding}");
    }
    if !findings.is_empty() {
        failed.push("source scans");
    }
    if failed.is_empty() {
        eprintln!("lint: no findings");
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("lint failed: {}", failed.join(", "));
    Ok(ExitCode::FAILURE)
}
