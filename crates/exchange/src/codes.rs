//! What codes of laboratories mean, by a declared table: which observation tells the finding, a Ct or the run, and which
//! value is which finding. A city may bring a table of its own; nothing of a disease stands in code.

use dayclear_core::screening::Finding;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The table that comes with the program.
const BUILTIN: &str = include_str!("../codes/laboratory.toml");
/// Name of the system of codes that a laboratory has for itself.
const OWN: &str = "L";

/// What an observation tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// The finding.
    Finding,
    /// Ct of gene N.
    CtN,
    /// Ct of gene ORF1ab.
    CtOrf,
    /// Ct of the internal control.
    CtIc,
    /// Run of the instrument.
    Run,
}

/// Why a table cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CodesError {
    /// It is not written as it must be.
    #[error("the table of codes cannot be read: {0}; compare it with docs/results.md")]
    Form(#[from] Box<toml::de::Error>),
    /// A system that is not declared.
    #[error("the table of codes names the system '{system}' of '{code}' and does not declare it; add it to [systems]")]
    System {
        /// System.
        system: String,
        /// Code.
        code: String,
    },
    /// One code with two meanings.
    #[error("the table of codes gives '{code}' of '{system}' two meanings; leave one of them")]
    Twice {
        /// System.
        system: String,
        /// Code.
        code: String,
    },
    /// Nothing tells a finding.
    #[error("the table of codes has no observation with means = \"finding\", so no result could be told; add one")]
    NoFinding,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sheet {
    systems: BTreeMap<String, String>,
    observations: Vec<Observation>,
    values: Values,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Observation {
    system: String,
    code: String,
    means: Means,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Coded {
    system: String,
    code: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Values {
    negative: Vec<Coded>,
    positive: Vec<Coded>,
    #[serde(default)]
    inconclusive: Vec<Coded>,
    #[serde(default)]
    invalid: Vec<Coded>,
}

/// The table; the default one is empty, and nothing means anything by it.
#[derive(Clone, Debug, Default)]
pub struct Codes {
    /// Names of a system, of HL7 and of FHIR, to its name in the table.
    systems: BTreeMap<String, String>,
    observations: BTreeMap<(String, String), Means>,
    values: BTreeMap<(String, String), Finding>,
}

impl Codes {
    /// The table that comes with the program.
    pub fn builtin() -> Result<Codes, CodesError> {
        Codes::read(BUILTIN)
    }

    /// Reads a table.
    pub fn read(text: &str) -> Result<Codes, CodesError> {
        let sheet: Sheet = toml::from_str(text).map_err(Box::new)?;
        let mut codes = Codes { systems: BTreeMap::new(), observations: BTreeMap::new(), values: BTreeMap::new() };
        for (name, address) in &sheet.systems {
            for known in [name, address] {
                codes.systems.insert(known.clone(), name.clone());
            }
        }
        let key = |system: &str, code: &str| match sheet.systems.contains_key(system) {
            true => Ok((system.to_owned(), code.to_lowercase())),
            false => Err(CodesError::System { system: system.to_owned(), code: code.to_owned() }),
        };
        let twice = |(system, code): (String, String)| CodesError::Twice { system, code };
        for observation in &sheet.observations {
            let key = key(&observation.system, &observation.code)?;
            if codes.observations.insert(key.clone(), observation.means).is_some_and(|other| other != observation.means)
            {
                return Err(twice(key));
            }
        }
        if !codes.observations.values().any(|means| *means == Means::Finding) {
            return Err(CodesError::NoFinding);
        }
        let lists = [
            (Finding::Negative, &sheet.values.negative),
            (Finding::Positive, &sheet.values.positive),
            (Finding::Inconclusive, &sheet.values.inconclusive),
            (Finding::Invalid, &sheet.values.invalid),
        ];
        for (finding, list) in lists {
            for coded in list {
                let key = key(&coded.system, &coded.code)?;
                if codes.values.insert(key.clone(), finding).is_some_and(|other| other != finding) {
                    return Err(twice(key));
                }
            }
        }
        Ok(codes)
    }

    /// A code as a key: an unknown system is none, so that its codes mean nothing.
    fn key(&self, system: &str, code: &str) -> Option<(String, String)> {
        let name = match system {
            "" => OWN,
            // HL7 has names such as 99LAB for codes of one's own
            own if own.starts_with("99") => OWN,
            other => self.systems.get(other)?,
        };
        Some((name.to_owned(), code.trim().to_lowercase()))
    }

    /// What an observation tells; `None`: nothing that this table knows.
    pub fn observation(&self, system: &str, code: &str) -> Option<Means> {
        self.observations.get(&self.key(system, code)?).copied()
    }

    /// The finding of a coded value.
    pub fn finding(&self, system: &str, code: &str) -> Option<Finding> {
        self.values.get(&self.key(system, code)?).copied()
    }

    /// The finding of a plain text.
    pub fn finding_of_text(&self, text: &str) -> Option<Finding> {
        self.finding(OWN, text)
    }

    /// Codes by which a finding is told, for the words of a fault.
    pub fn findings_told_by(&self) -> String {
        let told = self.observations.iter().filter(|(_, means)| **means == Means::Finding);
        told.map(|((system, code), _)| format!("{code} ({system})")).collect::<Vec<_>>().join(", ")
    }

    /// Values that are known, for the words of a fault.
    pub fn values_known(&self) -> String {
        self.values.keys().map(|(system, code)| format!("{code} ({system})")).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)] // a test that cannot go on has failed, and says where
mod tests {
    use super::*;

    #[test]
    fn both_names_of_a_system_mean_the_same() {
        let codes = Codes::builtin().unwrap();
        for system in ["LN", "http://loinc.org"] {
            assert_eq!(codes.observation(system, "94500-6"), Some(Means::Finding));
            assert_eq!(codes.observation(system, "94510-5"), Some(Means::CtN));
        }
        for (system, code, finding) in [
            ("SCT", "260373001", Some(Finding::Positive)),
            ("http://snomed.info/sct", "260415000", Some(Finding::Negative)),
            ("", "POS", Some(Finding::Positive)),
            ("99LAB", "阴性", Some(Finding::Negative)),
            ("XYZ", "POS", None),
            ("SCT", "1", None),
        ] {
            assert_eq!(codes.finding(system, code), finding, "{system} {code}");
        }
        assert_eq!(codes.finding_of_text(" Not Detected "), Some(Finding::Negative));
    }

    #[test]
    fn a_table_that_cannot_be_used_says_why() {
        let whole = |observations: &str, negative: &str| {
            format!("[systems]\nL = \"\"\n{observations}\n[values]\nnegative = [{negative}]\npositive = []\n")
        };
        let finding = "[[observations]]\nsystem = \"L\"\ncode = \"A\"\nmeans = \"finding\"\n";
        assert!(Codes::read(&whole(finding, "")).is_ok());
        let other = finding.replace("finding", "ct_n");
        for (text, told) in [
            (whole("", ""), "missing field"),
            (whole(&other, ""), "no observation"),
            (whole(&format!("{finding}{other}"), ""), "two meanings"),
            (whole(finding, "{ system = \"X\", code = \"1\" }"), "does not declare it"),
            ("x".to_owned(), "cannot be read"),
        ] {
            let error = Codes::read(&text).unwrap_err().to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
