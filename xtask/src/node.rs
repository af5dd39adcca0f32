//! Node.js and the packages of a folder with a lock file. Packages are installed exactly as locked, without running
//! their scripts, and only when the lock changed since the last time. Nothing of them is committed.

use crate::{debian, programs, stamp};
use anyhow::{Context, Result, bail};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Oldest version that works: what the packages ask for, and `node --test` with reporters.
const VERSION_MIN: u32 = 20;
const REMEDY: &str =
    "Remedy: install Node.js 20 or newer with npm (https://nodejs.org, or a newer Debian), first on the PATH";

/// Node.js of a version that works, and npm; installs Debian's packages if there is none.
pub fn find_or_install() -> Result<PathBuf> {
    if programs::on_path("node").is_none() || programs::on_path("npm").is_none() {
        debian::install(&["nodejs", "npm"], "Node.js and npm (for the console's script) are not on the PATH")?;
    }
    let folder = programs::on_path("node").with_context(|| format!("there is no Node.js on the PATH. {REMEDY}"))?;
    let node = folder.join("node");
    let version = programs::output(&node, &["--version"]).unwrap_or_default();
    match major(&version) {
        Some(major) if major >= VERSION_MIN => Ok(node),
        _ => bail!("{} is version {version}, and {VERSION_MIN} is needed. {REMEDY}", node.display()),
    }
}

/// The first number of `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim_start_matches('v').split('.').next()?.parse().ok()
}

/// Installs the packages of a folder, unless they are those of its lock file already.
pub fn install_packages(folder: &Path) -> Result<()> {
    let wanted = stamp::of(&[folder.join("package-lock.json"), folder.join("package.json")])?;
    let mark = folder.join("node_modules/.dayclear-stamp");
    if stamp::is(&mark, &wanted) {
        return Ok(());
    }
    let mut command = Command::new("npm");
    // Scripts of packages would run as we do; none of ours needs them (esbuild's program is an optional package).
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
    programs::must(&mut command).with_context(|| {
        format!(
            "the packages of {} could not be installed. Remedy: see that npm's registry can be reached (`npm ping`)",
            folder.display()
        )
    })?;
    stamp::put(&mark, &wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("v8.1"), Some(8));
        assert_eq!(major(""), None);
    }
}
