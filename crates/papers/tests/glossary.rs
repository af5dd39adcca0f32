//! The glossary of core is a table that people correct by hand, so a test reads it.

use std::collections::BTreeSet;

const GLOSSARY: &str = include_str!("../../core/glossary.md");

fn rows() -> Vec<Vec<&'static str>> {
    let table = GLOSSARY.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    table.take_while(|line| line.starts_with('|')).map(cells).collect()
}

fn cells(line: &'static str) -> Vec<&'static str> {
    line.trim_start_matches('|').trim_end().trim_end_matches('|').split('|').map(str::trim).collect()
}

#[test]
fn every_row_has_its_four_cells() {
    let rows = rows();
    assert!(rows.len() >= 60, "{}", rows.len());
    for row in &rows {
        assert_eq!(row.len(), 4, "{row:?}");
        assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
        assert!(row[0].is_ascii() && row[3].is_ascii() && row[3].ends_with('.'), "{row:?}");
        let chinese = |cell: &str| cell.chars().any(|char| ('\u{4e00}'..='\u{9fff}').contains(&char));
        assert!(chinese(row[1]) && chinese(row[2]), "{row:?}");
    }
}

#[test]
fn no_term_stands_twice_and_the_table_is_in_order() {
    let rows = rows();
    for column in 0..3 {
        let mut seen = BTreeSet::new();
        let twice: Vec<_> =
            rows.iter().map(|row| row[column].to_lowercase()).filter(|term| !seen.insert(term.clone())).collect();
        assert!(twice.is_empty(), "column {column}: {twice:?}");
    }
    let terms: Vec<String> = rows.iter().map(|row| row[0].to_lowercase()).collect();
    assert!(terms.is_sorted(), "{:?}", terms.windows(2).find(|pair| pair[0] > pair[1]));
}
