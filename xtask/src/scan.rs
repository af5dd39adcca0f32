//! Rules of the house that the compiler does not know, read from the sources: length of files, the sentences at their
//! top, and the floors. Each finding names the file and the remedy.

use crate::scan_pages;
use anyhow::{Context, Result};
use std::{fs, path::Path};

/// Longest source file, in lines; a longer one holds more than one idea.
const LINES_MAX: usize = 600;

/// The floor each crate stands on (ARCHITECTURE.md). A crate uses only what stands below it.
const FLOORS: &[(&str, u32)] = &[
    ("dayclear-core", 0),
    ("dayclear-engines", 1),
    ("dayclear-tabular", 1),
    ("dayclear-exchange", 1),
    ("dayclear-papers", 1),
    ("dayclear-store", 2),
    ("dayclear-ops", 3),
    ("dayclear-web", 4),
    ("dayclear-verify", 4),
    ("dayclear-drill", 5),
    ("dayclear-cli", 6),
];

/// Folders that hold no sources.
const MADE: &[&str] = &["target", "node_modules", "dist", "dist.new"];

/// Crates that may speak to a database: the store, and the checker with its own queries.
const SQL: &[&str] = &["dayclear-store", "dayclear-verify"];

/// Every finding in the workspace.
pub fn workspace(root: &Path) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    walk(&root.join("crates"), &mut |path| {
        let shown = path.strip_prefix(root).unwrap_or(path).display().to_string();
        let text = || fs::read_to_string(path).with_context(|| format!("cannot read {shown}"));
        if path.extension().is_some_and(|ending| ending == "rs") {
            findings.extend(source(&shown, &text()?));
        } else if path.file_name().is_some_and(|name| name == "Cargo.toml") {
            findings.extend(manifest(&shown, &text()?));
        } else if shown.starts_with("crates/web/") && scan_pages::is_source(path) {
            findings.extend(scan_pages::source(&shown, &text()?));
        }
        Ok(())
    })?;
    Ok(findings)
}

fn walk(folder: &Path, each: &mut dyn FnMut(&Path) -> Result<()>) -> Result<()> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    paths.sort();
    for path in paths {
        if path.is_dir() {
            // what was made or fetched is not ours to keep short
            if path.file_name().is_none_or(|name| MADE.iter().all(|made| name != *made)) {
                walk(&path, each)?;
            }
        } else if path.is_file() {
            each(&path)?;
        }
    }
    Ok(())
}

/// Findings in one source file.
fn source(path: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let lines = text.lines().count();
    if lines > LINES_MAX {
        findings.push(format!("{path}: {lines} lines, at most {LINES_MAX}. Remedy: split it by its nouns"));
    }
    if path.contains("/src/") && !text.starts_with("//!") {
        findings.push(format!(
            "{path}:1: no `//!` sentences. Remedy: say what it is for, what it may use, what it guarantees"
        ));
    }
    findings
}

/// Findings in one Cargo.toml: a crate that reaches beside or above itself, or to a database.
fn manifest(path: &str, text: &str) -> Vec<String> {
    let floor_of = |name: &str| FLOORS.iter().find(|(known, _)| *known == name).map(|(_, floor)| *floor);
    let name = text.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"')).unwrap_or_default();
    let Some(floor) = floor_of(name) else {
        return vec![format!(
            "{path}: crate '{name}' stands on no floor. Remedy: add it to FLOORS and to ARCHITECTURE.md"
        )];
    };
    let mut findings = Vec::new();
    // what tests use does not become part of the crate
    let product = text.split("[dev-dependencies]").next().unwrap_or_default();
    for (at, line) in product.lines().enumerate() {
        let used = line.split(['.', ' ', '=']).next().unwrap_or_default();
        let at = at + 1;
        if used == "sqlx" && !SQL.contains(&name) {
            findings.push(format!("{path}:{at}: {name} uses sqlx. Remedy: the query belongs into dayclear-store"));
        }
        if used.starts_with("dayclear-") && floor_of(used).is_none_or(|below| below >= floor) {
            findings.push(format!("{path}:{at}: {name} (floor {floor}) uses {used}, which is not below it"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_or_silent_file_is_found() {
        let long = format!("//! Says it.\n{}", "\n".repeat(LINES_MAX));
        assert_eq!(source("crates/a/src/a.rs", &long).len(), 1);
        assert_eq!(source("crates/a/src/a.rs", "use std::fmt;").len(), 1);
        assert_eq!(source("crates/a/src/a.rs", "//! Says it.\n").len(), 0);
        assert_eq!(source("crates/a/tests/a.rs", "use std::fmt;").len(), 0);
    }

    #[test]
    fn a_crate_that_reaches_up_or_to_a_database_is_found() {
        let cases = [
            ("dayclear-ops", "dayclear-store.workspace = true", 0),
            ("dayclear-store", "dayclear-ops.workspace = true", 1),
            ("dayclear-engines", "dayclear-tabular = { path = \"../tabular\" }", 1),
            ("dayclear-ops", "sqlx.workspace = true", 1),
            ("dayclear-store", "sqlx.workspace = true", 0),
            ("dayclear-new", "", 1),
        ];
        for (name, line, findings) in cases {
            let text = format!("[package]\nname = \"{name}\"\n\n[dependencies]\n{line}\n");
            assert_eq!(manifest("Cargo.toml", &text).len(), findings, "{name}: {line}");
        }
    }

    #[test]
    fn the_crates_as_they_stand_keep_their_floors() {
        let findings = workspace(&crate::programs::workspace()).unwrap();
        let floors: Vec<_> = findings.iter().filter(|finding| finding.contains("Cargo.toml")).collect();
        assert!(floors.is_empty(), "{floors:#?}");
    }
}
