//! `cargo xtask build`: the program as it is given to others, with the console inside, and where it is.

use crate::{assets, programs};
use anyhow::Result;
use std::path::PathBuf;

/// Builds script and styles, then the release binary; gives its path.
pub fn release() -> Result<PathBuf> {
    programs::check_compilers()?;
    assets::ensure()?;
    eprintln!("Building the release binary (some minutes the first time).");
    programs::build_release("dayclear-cli", &[], "dayclear")
}

/// The command.
pub fn run() -> Result<()> {
    println!("{}", release()?.display());
    Ok(())
}
