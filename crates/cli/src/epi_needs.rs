//! Needs of a case and the capacity at hand, for `dayclear forecast`: a TOML file of needs and a CSV file of what there is.
//! What the capacity file does not name is unknown, and never 0.

use crate::epi_input::Sheet;
use anyhow::{Context, Result};
use dayclear_ops::needs::Needs;
use std::{collections::BTreeMap, path::Path};

/// Reads a file of needs.
pub fn needs(path: &Path) -> Result<Needs> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("{shown} cannot be read; check the name"))?;
    Needs::read(&text).with_context(|| shown)
}

/// What there is, by unit (empty without units) and need: a CSV file with `need`, `available` and perhaps `unit`.
pub fn capacity(path: &Path) -> Result<BTreeMap<(String, String), f64>> {
    let sheet = Sheet::read(path)?;
    let (need, available, unit) = (sheet.column("need")?, sheet.column("available")?, sheet.has("unit"));
    let mut out = BTreeMap::new();
    for (line, row) in sheet.rows() {
        let name = |at: usize| row.get(at).unwrap_or_default().to_owned();
        let Some(have) = sheet.number(line, row, available)? else { continue };
        if out.insert((unit.map(name).unwrap_or_default(), name(need)), have).is_some() {
            return Err(sheet.wrong(line, need, &name(need), "each need once for a unit"));
        }
    }
    Ok(out)
}
