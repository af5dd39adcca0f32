//! The list of rows that could not be used: each with file, row, column, value, what was expected and what to do.

use crate::output::CsvFile;
use anyhow::{Context, Result};
use dayclear_tabular::Fault;
use std::path::Path;

const COLUMNS: [&str; 8] = ["file", "row", "column", "value", "expected", "remedy", "code", "raw"];

/// Writes the list; without rows an old list is removed, because it would be taken for one of this run.
pub fn write(path: &Path, faults: &[Fault]) -> Result<()> {
    if faults.is_empty() {
        return match std::fs::remove_file(path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("the old {} cannot be removed", path.display()))
            }
            _ => Ok(()),
        };
    }
    let mut file = CsvFile::create(path, &COLUMNS).with_context(|| format!("{} cannot be written", path.display()))?;
    for fault in faults {
        let (row, code) = (fault.row.to_string(), fault.code.to_string());
        let Fault { file: name, column, value, expected, remedy, raw, .. } = fault;
        file.row(&[name, &row, column, value, expected, remedy, &code, raw])?;
    }
    Ok(file.finish()?)
}
