//! Installs Debian packages when this process is root on a Debian system, and says so; otherwise it fails with what to
//! install. It never changes anything on another system, and asks nothing on a terminal.

use crate::programs;
use anyhow::{Context, Result, bail};
use std::{
    path::Path,
    process::{Command, Stdio},
};

/// Whether this process can install packages.
pub fn may_install() -> bool {
    programs::is_root() && Path::new("/etc/debian_version").exists() && programs::on_path("apt-get").is_some()
}

/// Installs the packages; `missing` says what was looked for and where.
pub fn install(packages: &[&str], missing: &str) -> Result<()> {
    let names = packages.join(" ");
    if !may_install() {
        bail!(
            "{missing}, and this process may not install anything. Remedy: install it (Debian, Ubuntu: `sudo apt-get install {names}`)"
        );
    }
    eprintln!("{missing}. Installing the Debian packages: {names}.");
    apt(&["update", "-q"])
        .and_then(|()| {
            let mut words = vec!["install", "-q", "-y", "--no-install-recommends"];
            words.extend(packages);
            apt(&words)
        })
        .with_context(|| {
            format!("they could not be installed. Remedy: run `apt-get install {names}` by hand, and then this again")
        })
}

fn apt(words: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    command.args(words).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null());
    programs::must(&mut command)
}
