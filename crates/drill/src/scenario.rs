//! What is played: a city, an outbreak and how its people behave, as a file. It reads the built-in scenarios and files of the
//! same form, and refuses what it does not know, by name and line.

use crate::gates::Arrivals;
use dayclear_core::time::CivilDate;
use serde::Deserialize;
use thiserror::Error;

/// A scenario.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name, as on the command line.
    pub name: String,
    /// What it is, in one sentence.
    pub about: String,
    /// First day.
    #[serde(deserialize_with = "day")]
    pub start: CivilDate,
    /// Days played.
    pub days: u16,
    /// People of the city.
    pub people: u64,
    /// Districts in which they live, the central ones first.
    pub districts: usize,
    /// Rules in force: id of a pack, or name of a disease.
    pub pack: String,
    /// Natural history: a built-in set of parameters.
    pub disease: String,
    /// Who is infected from outside, when.
    pub imports: Vec<Import>,
    /// How the city looks for infections.
    pub screening: Screening,
    /// How people behave.
    pub people_do: Behaviour,
    /// Laboratories.
    pub laboratory: Laboratory,
    /// Beds and vehicles.
    #[serde(default)]
    pub capacity: Capacity,
    /// Who arrives at entry gates; nobody if left out.
    #[serde(default)]
    pub arrivals: Option<Arrivals>,
    /// Letters of assistance; none if left out.
    #[serde(default)]
    pub letters: Option<Letters>,
}

/// Letters of assistance to and from other jurisdictions.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Letters {
    /// Share of the cases that met somebody who lives elsewhere.
    pub contacts_elsewhere: f64,
    /// Letters a day that come from elsewhere, each of somebody who may live here.
    pub a_day: f64,
}

/// Infections from outside.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// Day of the drill, from 0; before the first day, when nobody looks yet, it is negative.
    pub day: i32,
    /// How many.
    pub people: u32,
    /// Among whom.
    pub among: Among,
}

/// Where infections come into the city.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Among {
    /// Anybody.
    Anybody,
    /// People who work together.
    Workplace,
    /// People around one market.
    Market,
    /// A class of a school.
    Class,
    /// Residents and staff of a care home.
    CareHome,
    /// One household.
    Household,
}

/// Screening of everybody.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screening {
    /// Days from one round to the next; 0 for none.
    pub every_days: u16,
    /// First day of a round.
    #[serde(default)]
    pub from_day: u16,
    /// Share of the buildings in a round.
    #[serde(default = "whole")]
    pub share: f64,
    /// Swabs in a tube.
    #[serde(default = "ten")]
    pub pool: usize,
    /// Share of people whom a round misses.
    pub missed: f64,
    /// Swabs recorded under somebody else of the building, of a thousand.
    #[serde(default)]
    pub mistaken: f64,
}

/// How people behave.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behaviour {
    /// Share of the ill who come to a clinic.
    pub seek: f64,
    /// Days after the first symptoms until they come.
    pub seek_after_days: u16,
    /// Share of contacts outside the household whom a case names.
    pub name_contacts: f64,
    /// Share of normal life outside the household that goes on.
    #[serde(default = "whole")]
    pub activity: f64,
    /// Requests for help of a hundred households bound by an order, a day.
    pub requests: f64,
    /// Share of drivers' calls at a door that nobody answers.
    pub no_answer: f64,
}

/// Laboratories.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Laboratory {
    /// Tubes finished in an hour by all of them together.
    pub tubes_an_hour: usize,
    /// Hours from the door of the laboratory to the report, where nothing waits.
    pub hours: f64,
    /// Tubes lost, spilt or mistaken for another, of a thousand.
    pub mishaps: f64,
    /// From and to which hour of the drill nothing is finished.
    #[serde(default)]
    pub down: Option<(u64, u64)>,
    /// Boxes of forty tubes lost on the way, of a thousand.
    #[serde(default)]
    pub boxes_lost: f64,
    /// A bad lot of reagents.
    #[serde(default)]
    pub bad_lot: Option<BadLot>,
    /// Laboratories that test nothing and report everything negative.
    #[serde(default)]
    pub dishonest: usize,
}

/// Reagents that make tubes positive in which nothing is.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BadLot {
    /// First hour of the drill in which it is used.
    pub from: u64,
    /// Hour in which it is used no more.
    pub to: u64,
    /// Share of the tubes of a laboratory that come out positive by it.
    pub share: f64,
}

/// Beds and vehicles.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Positives for whom the city's beds and vehicles are laid out; as many as the scenario's imports if left out.
    #[serde(default)]
    pub positives: Option<u64>,
    /// Days by which temporary hospitals open later than planned.
    #[serde(default)]
    pub opens_late_days: u16,
}

const fn whole() -> f64 {
    1.0
}
const fn ten() -> usize {
    10
}

fn day<'de, D: serde::Deserializer<'de>>(text: D) -> Result<CivilDate, D::Error> {
    String::deserialize(text)?.parse().map_err(serde::de::Error::custom)
}

/// A scenario that cannot be played.
#[derive(Debug, Error)]
pub enum ScenarioError {
    /// There is none of that name.
    #[error("there is no scenario '{name}'; there are: {known}; or name a file of the same form")]
    Unknown {
        /// As given.
        name: String,
        /// Built in.
        known: String,
    },
    /// The file cannot be read.
    #[error("the scenario {name} cannot be read: {problem}")]
    Unreadable {
        /// Name or path.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// A value that cannot be.
    #[error("the scenario {name} has {field} = {value}; it must be {expected}")]
    Value {
        /// Name.
        name: String,
        /// Field.
        field: &'static str,
        /// As given.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
}

const BUILT_IN: &[(&str, &str)] = &[
    ("first-case", include_str!("../scenarios/first-case.toml")),
    ("market-cluster", include_str!("../scenarios/market-cluster.toml")),
    ("november-2022", include_str!("../scenarios/november-2022.toml")),
    ("care-home", include_str!("../scenarios/care-home.toml")),
    ("measles-school", include_str!("../scenarios/measles-school.toml")),
    ("laboratory-down", include_str!("../scenarios/laboratory-down.toml")),
    ("false-laboratory", include_str!("../scenarios/false-laboratory.toml")),
    ("peak-day", include_str!("../scenarios/peak-day.toml")),
];

impl Scenario {
    /// Days that the outbreak goes on before anybody looks.
    pub fn unseen_days(&self) -> u16 {
        self.imports.iter().map(|import| -import.day).max().unwrap_or_default().max(0) as u16
    }

    /// Names of the built-in ones.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A built-in one by its name, or one from a file.
    pub fn named(name: &str) -> Result<Scenario, ScenarioError> {
        if let Some((_, text)) = BUILT_IN.iter().find(|(known, _)| *known == name) {
            return Self::read(name, text);
        }
        if !name.ends_with(".toml") {
            let known = Self::names().collect::<Vec<_>>().join(", ");
            return Err(ScenarioError::Unknown { name: name.to_owned(), known });
        }
        let text = std::fs::read_to_string(name)
            .map_err(|error| ScenarioError::Unreadable { name: name.to_owned(), problem: error.to_string() })?;
        Self::read(name, &text)
    }

    /// Reads the text of one.
    pub fn read(name: &str, text: &str) -> Result<Scenario, ScenarioError> {
        let scenario: Scenario = toml::from_str(text)
            .map_err(|error| ScenarioError::Unreadable { name: name.to_owned(), problem: error.to_string() })?;
        let wrong = |field, value: String, expected| {
            Err(ScenarioError::Value { name: name.to_owned(), field, value, expected })
        };
        for (field, share) in [
            ("screening.share", scenario.screening.share),
            ("screening.missed", scenario.screening.missed),
            ("people_do.seek", scenario.people_do.seek),
            ("people_do.name_contacts", scenario.people_do.name_contacts),
            ("people_do.activity", scenario.people_do.activity),
            ("people_do.no_answer", scenario.people_do.no_answer),
            ("screening.mistaken / 1000", scenario.screening.mistaken / 1_000.0),
            ("laboratory.boxes_lost / 1000", scenario.laboratory.boxes_lost / 1_000.0),
            ("laboratory.bad_lot.share", scenario.laboratory.bad_lot.as_ref().map_or(0.0, |lot| lot.share)),
        ] {
            if !(0.0..=1.0).contains(&share) {
                return wrong(field, share.to_string(), "a share from 0 to 1");
            }
        }
        if let Some((field, value, expected)) = scenario.arrivals.as_ref().and_then(Arrivals::fault) {
            return wrong(field, value, expected);
        }
        if let Some(letters) = &scenario.letters {
            if !(0.0..=1.0).contains(&letters.contacts_elsewhere) {
                return wrong(
                    "letters.contacts_elsewhere",
                    letters.contacts_elsewhere.to_string(),
                    "a share from 0 to 1",
                );
            }
            if !(0.0..=1_000.0).contains(&letters.a_day) {
                return wrong("letters.a_day", letters.a_day.to_string(), "from 0 to 1000");
            }
        }
        if ![1, 5, 10, 20].contains(&scenario.screening.pool) {
            return wrong("screening.pool", scenario.screening.pool.to_string(), "1, 5, 10 or 20");
        }
        if let Some(import) = scenario.imports.iter().find(|import| !(-60..=365).contains(&import.day)) {
            return wrong("imports.day", import.day.to_string(), "from -60 to 365");
        }
        if scenario.days == 0 {
            return wrong("days", "0".to_owned(), "at least 1");
        }
        if scenario.laboratory.tubes_an_hour == 0 {
            return wrong("laboratory.tubes_an_hour", "0".to_owned(), "at least 1");
        }
        Ok(scenario)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_scenario_can_be_read() {
        for name in Scenario::names() {
            assert_eq!(Scenario::named(name).unwrap().name, name);
        }
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        let text = include_str!("../scenarios/first-case.toml");
        let refused = |from: &str, to: &str| Scenario::read("x", &text.replace(from, to)).unwrap_err().to_string();
        assert!(refused("pool = 10", "pool = 7").contains("screening.pool = 7"));
        assert!(refused("missed = 0.02", "missed = 2.0").contains("screening.missed"));
        assert!(refused("pool = 10", "pol = 10").contains("pol"));
        let arrive = |gates: &str, untested: f64| {
            let more =
                format!("[arrivals]\npeople_a_day = 3\ngates = [{gates}]\ninfected = 10.0\nuntested = {untested}\n");
            Scenario::read("x", &format!("{text}\n{more}"))
        };
        assert_eq!(arrive("\"air\"", 0.5).unwrap().arrivals.map(|arrivals| arrivals.infected_days), Some(4));
        assert!(arrive("\"sea\"", 0.5).unwrap_err().to_string().contains("arrivals.gates = sea"));
        assert!(arrive("", 0.5).unwrap_err().to_string().contains("arrivals.gates"));
        assert!(arrive("\"air\"", 1.5).unwrap_err().to_string().contains("arrivals.untested"));
        assert!(Scenario::named("first").unwrap_err().to_string().contains("first-case"));
    }
}
