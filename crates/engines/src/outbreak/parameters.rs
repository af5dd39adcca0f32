//! Parameter files: one number to a line with its unit and its source. A file has the header
//! `parameter,value,unit,source`; a missing, doubled, unknown or impossible value is an error with its line. Diseases and
//! the contacts of the city are read from such files, so a disease is data here as everywhere.

use std::collections::BTreeMap;
use thiserror::Error;

/// A parameter file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}, line {line}: {what}")]
pub struct ParameterError {
    /// Name of the file.
    pub file: String,
    /// Line, the header being 1; 0 for what is missing.
    pub line: usize,
    /// What is wrong and what was expected.
    pub what: String,
}

/// The numbers of a file that have not been taken yet.
pub(crate) struct Parameters {
    file: String,
    values: BTreeMap<String, (usize, String)>,
}

impl Parameters {
    pub fn read(file: &str, text: &str) -> Result<Parameters, ParameterError> {
        let mut read = Parameters { file: file.to_owned(), values: BTreeMap::new() };
        for (index, line) in text.lines().enumerate() {
            let cells: Vec<&str> = line.splitn(4, ',').collect();
            if index == 0 {
                if line.trim_end() != "parameter,value,unit,source" {
                    return Err(read.error(1, "expected the header parameter,value,unit,source"));
                }
                continue;
            }
            let [name, value, _, source] = cells[..] else {
                return Err(read.error(index + 1, "expected four cells: parameter, value, unit, source"));
            };
            if source.trim().is_empty() {
                return Err(read.error(index + 1, "expected a source, or the word assumed"));
            }
            if read.values.insert(name.to_owned(), (index + 1, value.to_owned())).is_some() {
                return Err(read.error(index + 1, &format!("{name} is given twice")));
            }
        }
        Ok(read)
    }

    pub fn error(&self, line: usize, what: &str) -> ParameterError {
        ParameterError { file: self.file.clone(), line, what: what.to_owned() }
    }

    /// Takes a number within limits.
    pub fn number(&mut self, name: &str, low: f64, high: f64) -> Result<f64, ParameterError> {
        let Some((line, text)) = self.values.remove(name) else {
            return Err(self.error(0, &format!("{name} is missing")));
        };
        match text.parse::<f64>() {
            Ok(value) if (low..=high).contains(&value) => Ok(value),
            _ => Err(self.error(line, &format!("{name} is '{text}', expected a number from {low} to {high}"))),
        }
    }

    /// Takes the word of a parameter.
    pub fn word(&mut self, name: &str) -> Result<String, ParameterError> {
        let found = self.values.remove(name);
        found.map(|(_, text)| text).ok_or_else(|| self.error(0, &format!("{name} is missing")))
    }

    /// Takes all numbers whose name is `prefix` and an age, in order of age.
    pub fn by_age(&mut self, prefix: &str, low: f64, high: f64) -> Result<Vec<(u8, f64)>, ParameterError> {
        let names: Vec<String> = self.values.keys().filter(|name| name.starts_with(prefix)).cloned().collect();
        let mut found = Vec::new();
        for name in names {
            let age = name[prefix.len()..].parse().map_err(|_| self.error(0, &format!("{name} ends in no age")))?;
            found.push((age, self.number(&name, low, high)?));
        }
        found.sort_by_key(|(age, _)| *age);
        Ok(found)
    }

    /// Nothing may be left.
    pub fn finish(self) -> Result<(), ParameterError> {
        match self.values.iter().next() {
            Some((name, (line, _))) => Err(self.error(*line, &format!("{name} is not a parameter of this file"))),
            None => Ok(()),
        }
    }
}
