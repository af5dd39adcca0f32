//! `cargo xtask browser`, `screenshots` and `bench paint`: the console in Debian's Chromium, driven by Node.js. Both build the program
//! and what it needs, start servers on loopback only, and leave pictures below `out/`.

use crate::{arguments::Arguments, assets, build, debian, node, postgres, programs, report};
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

/// Where Debian puts it; another one is named in `DAYCLEAR_CHROMIUM`.
const CHROMIUM: &str = "/usr/bin/chromium";
const CHROMIUM_VARIABLE: &str = "DAYCLEAR_CHROMIUM";
/// Pages are looked at, so Chinese has to be drawn as Chinese.
const CHINESE: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";

/// Node.js with the packages of the harness, a browser, fonts, and the program.
pub struct Stage {
    node: PathBuf,
    folder: PathBuf,
    program: PathBuf,
    demo: PathBuf,
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.demo);
    }
}

/// Makes everything ready; what is missing is installed or named. `built`: a program that stands already.
pub fn prepare(built: Option<PathBuf>) -> Result<Stage> {
    assets::ensure()?;
    let node = node::find_or_install()?;
    let folder = programs::workspace().join("crates/web/browser");
    node::install_packages(&folder)?;
    install_browser()?;
    let program = match env::var_os("DAYCLEAR_BIN").map(PathBuf::from).or(built) {
        Some(program) => program,
        None => programs::build_debug("dayclear-cli", "dayclear")?,
    };
    // A name only: the first file of tests makes the demo store there, the others copy it.
    let place = postgres::fresh_folder(&env::temp_dir())?;
    fs::remove_dir(&place)?;
    Ok(Stage { node, folder, program, demo: place })
}

fn install_browser() -> Result<()> {
    let chromium = env::var_os(CHROMIUM_VARIABLE).map_or_else(|| PathBuf::from(CHROMIUM), PathBuf::from);
    let mut packages = Vec::new();
    if !chromium.is_file() {
        packages.push("chromium");
    }
    if !Path::new(CHINESE).is_file() && programs::output("fc-list", &[":lang=zh"]).unwrap_or_default().is_empty() {
        packages.push("fonts-noto-cjk");
    }
    if packages.is_empty() {
        return Ok(());
    }
    debian::install(&packages, &format!("a browser at {} or fonts for Chinese are missing", chromium.display()))
        .with_context(|| format!("{CHROMIUM_VARIABLE} names another Chromium"))
}

impl Stage {
    /// Node.js in the harness's folder, with what the harness reads from the environment.
    fn node(&self) -> Command {
        let mut command = Command::new(&self.node);
        command.current_dir(&self.folder).env("DAYCLEAR_BIN", &self.program).env("DAYCLEAR_DEMO", &self.demo);
        command
    }

    /// Runs the tests whose names hold one of the words (all without words).
    pub fn test(&self, words: &[String]) -> Result<bool> {
        let mut files: Vec<PathBuf> = fs::read_dir(&self.folder)?
            .map(|entry| entry.map(|entry| entry.file_name().into()))
            .collect::<Result<_, _>>()?;
        files.retain(|file: &PathBuf| file.to_string_lossy().ends_with(".test.mjs"));
        files.sort();
        // What failed last time is not what failed now.
        let _ = fs::remove_dir_all(programs::workspace().join("out/browser"));
        // Each file has a server and a browser of its own. Journeys wait for what the line does and have the machine to themselves;
        // the halves of the pages are looked at side by side.
        let (pages, journeys): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| file.to_string_lossy().starts_with("pages-"));
        let mut good = true;
        for (at_once, files) in [(1, journeys), (pages.len(), pages)] {
            let mut command = self.node();
            command.args(["--test", &format!("--test-concurrency={at_once}"), "--test-reporter=./reporter.mjs"]);
            command.args(words.iter().map(|word| format!("--test-name-pattern={}", escaped(word)))).args(files);
            good &= programs::run(&mut command)?.success();
        }
        Ok(good)
    }

    /// First paints of every page: a table, and figures as one line of JSON.
    fn paints(&self) -> Result<String> {
        let output = self.node().arg("paint.mjs").stderr(Stdio::inherit()).output().context("cannot start Node.js")?;
        match output.status.success() {
            true => Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned()),
            false => bail!("the pages could not be measured; what the browser said stands above"),
        }
    }

    fn screenshots(&self, words: &[String]) -> Result<bool> {
        Ok(programs::run(self.node().arg("screenshots.mjs").args(words))?.success())
    }
}

/// A word as a pattern that fits itself only.
fn escaped(word: &str) -> String {
    let special =
        |letter: char| if r"\^$.|?*+()[]{}/".contains(letter) { format!("\\{letter}") } else { letter.into() };
    word.chars().map(special).collect()
}

/// `cargo xtask browser [WORDS]`.
pub fn run(words: &[String]) -> Result<ExitCode> {
    programs::check_compilers()?;
    let passed = prepare(None)?.test(words)?;
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `cargo xtask screenshots [PAGES]`.
pub fn screenshots(words: &[String]) -> Result<ExitCode> {
    programs::check_compilers()?;
    let done = prepare(None)?.screenshots(words)?;
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `cargo xtask bench paint`: when people see something of each page of the demo city, in a real browser.
pub fn bench_paint(words: &[String], command: &str) -> Result<ExitCode> {
    let mut given = Arguments::new(words);
    let record = !given.flag("--no-record");
    given.finish()?;
    let built = env::var_os("DAYCLEAR_BIN").is_none().then(build::release).transpose()?;
    let stage = prepare(built)?;
    let found = stage.paints()?;
    let (text, json) = found.rsplit_once('\n').unwrap_or(("", &found));
    println!("{text}");
    if record {
        let machine: String = report::machine(&stage.folder).iter().map(|line| format!("- {line}\n")).collect();
        report::record("paint", &format!("Command: `{command}`\n\n{machine}\n{text}"))?;
    }
    println!("{json}");
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_no_pattern() {
        assert_eq!(escaped("a pool (of 10)"), r"a pool \(of 10\)");
    }
}
