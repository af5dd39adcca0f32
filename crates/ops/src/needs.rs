//! What a case needs, from a file (TOML) that a city makes its own: pieces for each case, a delay, a stay, how long more of it
//! takes to come, and where the store says how much there is. It guarantees that a file with a mistake is refused with its place.

use dayclear_core::transfer::FacilityKind;
use dayclear_engines::epi::{
    EpiError,
    capacity::{Need, Supply, gamma_delay, gamma_stay, stay_kernel},
};
use serde::Deserialize;

/// Why a file of needs cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NeedsError {
    /// It is not TOML, or has a key too many or too few.
    #[error("{0}")]
    File(#[from] toml::de::Error),
    /// A need that cannot be.
    #[error("need '{name}': {problem}")]
    Need {
        /// Its name.
        name: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
}

/// Where the store says how much there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Have {
    /// Beds that are not blocked, of a kind of places.
    Beds(FacilityKind),
    /// Vehicles in service.
    Vehicles,
    /// Crews whose shift begins within the day.
    Crews,
    /// Tubes a day for which the city's laboratories are validated.
    Tubes,
    /// Hours in which the city's laboratories work.
    LaboratoryHours,
    /// Supplies that are promised to nobody.
    Supply(String),
    /// The store says nothing of it.
    Nothing,
}

/// A need, how more of it can be had, and where the store says how much there is.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The need.
    pub need: Need,
    /// How more of it can be had.
    pub supply: Supply,
    /// Where the store says how much there is.
    pub have: Have,
    /// Whether it is looked at for the city as a whole only.
    pub city_only: bool,
    /// Probabilities of the days from report to use.
    pub delay: Vec<f64>,
}

/// Needs and the accepted risk of a shortage on a day.
#[derive(Clone, Debug)]
pub struct Needs {
    /// Accepted probability of a shortage on a day.
    pub risk: f64,
    /// Needs.
    pub list: Vec<Wanted>,
    /// Whether these are the ones that come with the program, which no city has made its own.
    pub built_in: bool,
    /// The file.
    pub text: String,
}

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
    have: Option<String>,
    #[serde(default)]
    city_only: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default = "tenth")]
    risk: f64,
    need: Vec<Written>,
}

fn one() -> f64 {
    1.0
}

fn tenth() -> f64 {
    0.1
}

impl Needs {
    /// Reads a file of needs.
    pub fn read(text: &str) -> Result<Needs, NeedsError> {
        let file: File = toml::from_str(text)?;
        let list: Result<Vec<Wanted>, NeedsError> = file
            .need
            .into_iter()
            .map(|written| {
                let name = written.name.clone();
                taken(written).map_err(|problem| NeedsError::Need { name, problem })
            })
            .collect();
        let problem = |problem: &str| NeedsError::Need { name: "risk".to_owned(), problem: problem.to_owned() };
        if !(file.risk > 0.0 && file.risk < 1.0) {
            return Err(problem("the accepted risk is a probability above 0 and below 1, for example 0.1"));
        }
        Ok(Needs { risk: file.risk, list: list?, built_in: false, text: text.to_owned() })
    }

    /// The assumptions that come with the program: every number of them is to be replaced by the city's own.
    pub fn built_in() -> Result<Needs, NeedsError> {
        Ok(Needs { built_in: true, ..Needs::read(include_str!("../../../examples/needs.toml"))? })
    }
}

fn taken(written: Written) -> Result<Wanted, String> {
    let said = |error: EpiError| error.to_string();
    let delay = match written.delay {
        Some(Moments { mean, sd }) => gamma_delay(mean, sd).map_err(said)?,
        None => vec![1.0],
    };
    let longer = match written.stay {
        Some(Stay::Gamma(Moments { mean, sd })) => gamma_stay(mean, sd).map_err(said)?,
        Some(Stay::Longer { longer }) => {
            if longer.is_empty() || longer.iter().any(|share| !(0.0..=1.0).contains(share)) {
                return Err("`longer` holds shares from 0 to 1, one for each day from 0".to_owned());
            }
            longer
        }
        // used on one day
        None => vec![1.0],
    };
    let have = match written.have.as_deref() {
        None => Have::Nothing,
        Some(text) => have(text).ok_or_else(|| {
            format!(
                "`have` is '{text}', expected beds:KIND ({}), vehicles, crews, tubes, laboratory_hours or supply:ITEM",
                FacilityKind::NAMES.join(", ")
            )
        })?,
    };
    let need = Need {
        name: written.name,
        words: written.words,
        per_case: written.per_case,
        kernel: stay_kernel(&delay, &longer),
        fixed: written.fixed,
        serves: written.serves,
    };
    let supply = Supply { lead_days: written.lead_days, step: written.step };
    Ok(Wanted { need, supply, have, city_only: written.city_only, delay })
}

fn have(text: &str) -> Option<Have> {
    Some(match text.split_once(':') {
        Some(("beds", kind)) => Have::Beds(kind.parse().ok()?),
        Some(("supply", item)) if !item.is_empty() => Have::Supply(item.to_owned()),
        Some(_) => return None,
        None => match text {
            "vehicles" => Have::Vehicles,
            "crews" => Have::Crews,
            "tubes" => Have::Tubes,
            "laboratory_hours" => Have::LaboratoryHours,
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_with_the_program_can_be_read_and_says_where_the_store_tells() {
        let needs = Needs::built_in().unwrap();
        assert!(needs.built_in && needs.risk == 0.1);
        let have = |name: &str| &needs.list.iter().find(|one| one.need.name == name).unwrap().have;
        assert_eq!(*have("beds_a"), Have::Beds(FacilityKind::TemporaryHospital));
        assert_eq!((have("tubes"), have("vehicles")), (&Have::Tubes, &Have::Vehicles));
    }

    #[test]
    fn a_mistake_is_named_with_its_need() {
        let one = |line: &str| format!("[[need]]\nname = \"x\"\nwords = \"x\"\nper_case = 1\nlead_days = 1\n{line}\n");
        assert!(Needs::read(&one("")).is_ok());
        for (line, told) in [
            ("have = \"beds:hotel\"", "temporary_hospital"),
            ("stay = { longer = [2.0] }", "shares from 0 to 1"),
            ("stay = { mean = -1.0, sd = 1.0 }", "need 'x'"),
            ("colour = 1", "colour"),
        ] {
            let error = Needs::read(&one(line)).unwrap_err().to_string();
            assert!(error.contains(told), "{line}: {error}");
        }
        assert!(Needs::read(&format!("risk = 1.0\n{}", one(""))).is_err());
    }
}
