//! Finding and starting other programs: cargo, the compiler, what Debian installs. Each missing program is answered
//! with what it is for and how to get it. Children never see the variables that `cargo run` made for xtask itself,
//! because build scripts watch some of them and would rebuild half the workspace.

use anyhow::{Context, Result, bail};
use std::{
    env,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
};

/// Folder of the workspace.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Folder into which cargo builds: the one that this program was built into.
pub fn target() -> Result<PathBuf> {
    let program = env::current_exe().context("cannot tell where xtask itself stands")?;
    let folder =
        program.ancestors().nth(2).context("xtask does not stand in a target folder: run it as `cargo xtask`")?;
    Ok(folder.to_path_buf())
}

/// A cargo that builds in the same target folder, in the workspace.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let made_for_xtask = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"];
        if made_for_xtask.iter().any(|prefix| text.starts_with(prefix)) || text == "OUT_DIR" {
            command.env_remove(&name);
        }
    }
    command
}

/// Builds with cargo and gives the path of the program in the release folder.
pub fn build_release(package: &str, kind: &[&str], program: &str) -> Result<PathBuf> {
    let target = target()?;
    let mut command = cargo();
    command.args(["build", "--release", "--locked", "-p", package]).args(kind).arg("--target-dir").arg(&target);
    must(&mut command)?;
    let path = target.join("release").join(program);
    if !path.is_file() {
        bail!("{} was built but is not at {}: is `build.target` set in cargo's settings?", program, path.display());
    }
    Ok(path)
}

/// Builds with cargo for tests and gives the path of the program in the debug folder.
pub fn build_debug(package: &str, program: &str) -> Result<PathBuf> {
    let target = target()?;
    must(cargo().args(["build", "--locked", "-p", package, "--bin", program, "--target-dir"]).arg(&target))?;
    let path = target.join("debug").join(program);
    if !path.is_file() {
        bail!("{} was built but is not at {}: is `build.target` set in cargo's settings?", program, path.display());
    }
    Ok(path)
}

/// Runs a command with its output on the terminal, and says which.
pub fn run(command: &mut Command) -> Result<ExitStatus> {
    let shown = shown(command);
    eprintln!("$ {shown}");
    command.status().with_context(|| format!("cannot start `{shown}`"))
}

/// Runs a command that must succeed.
pub fn must(command: &mut Command) -> Result<()> {
    let status = run(command)?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// The command as a person would type it.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|word| word.to_string_lossy().into_owned()));
    words.join(" ")
}

/// A program's folder on the PATH.
pub fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).find(|folder| folder.join(program).is_file())
}

/// What a program prints, if it is there and succeeds.
pub fn output(program: impl AsRef<Path>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program.as_ref()).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Whether this process is root.
pub fn is_root() -> bool {
    // The owner of a process's folder is its effective user; the standard library has no call for it.
    std::fs::metadata("/proc/self").is_ok_and(|folder| folder.uid() == 0)
}

/// Programs without which no test can be built.
pub fn check_compilers() -> Result<()> {
    let wanted = [
        (["cc", "gcc", "clang"], "a C compiler (SQLite is built from source)", "apt-get install build-essential"),
        (["sh", "sh", "sh"], "a shell", "install a POSIX shell"),
    ];
    for (names, purpose, remedy) in wanted {
        if !names.iter().any(|name| on_path(name).is_some()) {
            bail!("there is no {} on the PATH, which is {purpose}. Remedy: {remedy}", names[0]);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_not_found() {
        assert!(on_path("sh").is_some());
        assert!(on_path("no-such-program-anywhere").is_none());
        assert!(output("no-such-program-anywhere", &[]).is_none());
    }

    #[test]
    fn the_workspace_holds_the_crates() {
        assert!(workspace().join("crates/core/Cargo.toml").is_file());
    }
}
