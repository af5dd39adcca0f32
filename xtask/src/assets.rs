//! `cargo xtask assets`: the console's script and styles, from `crates/web/console` into `crates/web/dist`, where the
//! server's crate embeds them. Builds only when a source, the lock file or the allowed licences changed.

use crate::{node, programs, stamp};
use anyhow::{Context, Result};
use std::{path::PathBuf, process::Command};

/// Builds what is missing or old; true if something was built.
pub fn ensure() -> Result<bool> {
    let root = programs::workspace();
    let console = root.join("crates/web/console");
    let wanted = stamp::of(&sources(&console))?;
    let dist = root.join("crates/web/dist");
    // Outside of the folder, because everything inside is embedded.
    let mark = programs::target()?.join("console.stamp");
    if stamp::is(&mark, &wanted) && dist.join("manifest.json").is_file() {
        return Ok(false);
    }
    let node = node::find_or_install()?;
    node::install_packages(&console)?;
    programs::must(Command::new(node).arg("build.mjs").current_dir(&console))
        .context("the console could not be built. Remedy: the lines above name the file")?;
    stamp::put(&mark, &wanted)?;
    Ok(true)
}

fn sources(console: &std::path::Path) -> Vec<PathBuf> {
    vec![console.to_path_buf(), programs::workspace().join("deny.toml")]
}

/// The command.
pub fn run() -> Result<()> {
    let built = ensure()?;
    eprintln!("assets: {} in crates/web/dist", if built { "built" } else { "already current" });
    Ok(())
}
