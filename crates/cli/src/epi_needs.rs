//! Needs of a case and the capacity at hand, for `dayclear forecast`: a TOML file of needs and a CSV file of what there is.
//! What the capacity file does not name is unknown, and never 0.

use crate::epi_input::Sheet;
use anyhow::{Context, Result, bail};
use dayclear_engines::epi::capacity::{Need, Supply, gamma_delay, gamma_stay, stay_kernel};
use serde::Deserialize;
use std::{collections::BTreeMap, path::Path};

/// Mean and standard deviation, in days.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Moments {
    mean: f64,
    #[serde(default)]
    sd: f64,
}

/// A stay: by its moments (a gamma distribution), or by the share that stays longer than 0, 1, 2... days (Kaplan-Meier).
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Stay {
    Gamma(Moments),
    Longer { longer: Vec<f64> },
}

fn one() -> f64 {
    1.0
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    words: String,
    per_case: f64,
    delay: Option<Moments>,
    stay: Option<Stay>,
    #[serde(default)]
    fixed: f64,
    #[serde(default = "one")]
    serves: f64,
    lead_days: usize,
    #[serde(default = "one")]
    step: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default = "tenth")]
    risk: f64,
    need: Vec<Written>,
}

fn tenth() -> f64 {
    0.1
}

/// Needs, how more of each can be had, and the accepted risk of a shortage.
pub struct Needs {
    pub risk: f64,
    pub list: Vec<(Need, Supply)>,
}

/// Reads a file of needs.
pub fn needs(path: &Path) -> Result<Needs> {
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).with_context(|| format!("{shown} cannot be read; check the name"))?;
    let file: File = toml::from_str(&text).with_context(|| shown.clone())?;
    let list: Result<Vec<_>> = file
        .need
        .into_iter()
        .map(|written| {
            let name = written.name.clone();
            taken(written).with_context(|| format!("{shown}, need '{name}'"))
        })
        .collect();
    Ok(Needs { risk: file.risk, list: list? })
}

fn taken(written: Written) -> Result<(Need, Supply)> {
    let delay = match written.delay {
        Some(Moments { mean, sd }) => gamma_delay(mean, sd)?,
        None => vec![1.0],
    };
    let longer = match written.stay {
        Some(Stay::Gamma(Moments { mean, sd })) => gamma_stay(mean, sd)?,
        Some(Stay::Longer { longer }) => {
            if longer.is_empty() || longer.iter().any(|share| !(0.0..=1.0).contains(share)) {
                bail!("`longer` holds shares from 0 to 1, one for each day from 0");
            }
            longer
        }
        // used on one day
        None => vec![1.0],
    };
    let need = Need {
        name: written.name,
        words: written.words,
        per_case: written.per_case,
        kernel: stay_kernel(&delay, &longer),
        fixed: written.fixed,
        serves: written.serves,
    };
    Ok((need, Supply { lead_days: written.lead_days, step: written.step }))
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
