//! The hazard log names a test for every control, and each of them exists and is run.

use crate::city::repository;
use std::fs;

/// Tests that the log names: file and function.
fn named(log: &str) -> Vec<(String, String)> {
    let parts = log.split('`').filter_map(|part| part.split_once('#'));
    parts.map(|(file, name)| (file.to_owned(), name.to_owned())).collect()
}

/// Whether a file has a test of that name: the attribute stands in the lines before it.
fn has(text: &str, name: &str) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().position(|line| {
        let line = line.trim_start().trim_start_matches("async ");
        line.strip_prefix("fn ").is_some_and(|rest| rest.split(['(', '<']).next() == Some(name))
    });
    at.is_some_and(|at| {
        lines[at.saturating_sub(3)..at].iter().any(|line| line.contains("test")) || text.contains("proptest!")
    })
}

#[test]
fn every_control_of_the_hazard_log_has_a_test_that_exists() {
    let log = fs::read_to_string(repository("docs/safety/hazards.md")).unwrap();
    let rows: Vec<&str> = log.lines().filter(|line| line.starts_with("| H")).collect();
    assert!(rows.len() > 12, "{}", rows.len());
    for row in &rows {
        let tests = named(row);
        assert!(!tests.is_empty(), "a hazard without a test: {row}");
        for (file, name) in tests {
            let text = fs::read_to_string(repository(&file)).unwrap_or_else(|error| panic!("{file}: {error}"));
            assert!(has(&text, &name), "{file} has no test {name}");
        }
    }
    let ways = fs::read_to_string(repository("crates/ops/tests/suite/ways.rs")).unwrap();
    for way in ways.lines().filter_map(|line| line.strip_prefix("fn way_")).filter_map(|rest| rest.split('(').next()) {
        assert!(log.contains(&format!("#way_{way}")), "the log does not name way_{way}");
    }
    assert!(!has(&ways, "way_00_there_is_none"));
}
