//! A disease as the outbreak plays it, read from a parameter file in `data/city`: how it spreads, how it runs in a
//! person, and what a swab shows. It holds no rule of what is done about it; those stand in the protocol packs.

use super::parameters::{ParameterError, Parameters};

/// A disease. Times are days, shares lie between 0 and 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Disease {
    /// Name.
    pub name: String,
    /// Mean number that one case infects among people without immunity, without measures.
    pub r0: f64,
    /// Probability that a case infects one other person of the household over its whole course.
    pub household_attack: f64,
    /// Time from infection to infection: mean and standard deviation, gamma.
    pub generation: (f64, f64),
    /// Time from infection to symptoms: mean and standard deviation, gamma.
    pub incubation: (f64, f64),
    /// Share without symptoms.
    pub asymptomatic: f64,
    /// Infectiousness of somebody without symptoms, relative to somebody with.
    pub asymptomatic_infectiousness: f64,
    /// Dispersion of contacts outside the household: shape of a gamma distribution with mean 1.
    pub dispersion: f64,
    /// Severe or critical, and deaths, per infection over all ages.
    pub severe: f64,
    /// Deaths per infection over all ages.
    pub deaths: f64,
    /// Years of age in which the risk of both doubles.
    pub risk_doubles_years: f64,
    /// Time from symptoms to severe illness, its length, and the time from symptoms to death.
    pub severe_after: f64,
    /// How long severe illness lasts.
    pub severe_days: f64,
    /// Time from symptoms to death.
    pub death_after: f64,
    /// Ct at the peak: mean and standard deviation between people.
    pub ct_peak: (f64, f64),
    /// Time from symptoms (or when they would have come) to the peak; may be negative.
    pub ct_peak_after: f64,
    /// Time from Ct 40 to the peak.
    pub ct_rise: f64,
    /// Time after infection in which nothing is found; the rise is cut to what is left of it.
    pub ct_hidden: f64,
    /// Time from the peak back to 40.
    pub ct_fall: f64,
    /// Highest Ct that a laboratory calls positive.
    pub detection_limit: f64,
    /// Share of swabs that hold nothing although the person sheds virus.
    pub swab_misses: f64,
    /// Share immune before the outbreak, from an age on.
    pub immune: Vec<(u8, f64)>,
}

/// Files that come with the program.
const BUILT_IN: [(&str, &str); 3] = [
    ("omicron-ba52", include_str!("../../../../data/city/disease_omicron_ba52.csv")),
    ("omicron-bf7", include_str!("../../../../data/city/disease_omicron_bf7.csv")),
    ("measles", include_str!("../../../../data/city/disease_measles.csv")),
];

impl Disease {
    /// Names of the diseases that come with the program.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A disease that comes with the program.
    pub fn built_in(name: &str) -> Option<Result<Disease, ParameterError>> {
        BUILT_IN.iter().find(|(known, _)| *known == name).map(|(name, text)| Disease::read(name, text))
    }

    /// Reads a parameter file.
    pub fn read(file: &str, text: &str) -> Result<Disease, ParameterError> {
        let mut from = Parameters::read(file, text)?;
        let disease = Disease {
            name: from.word("name")?,
            r0: from.number("r0", 0.0, 40.0)?,
            household_attack: from.number("household_attack", 0.0, 0.99)?,
            generation: (from.number("generation_mean", 0.5, 60.0)?, from.number("generation_sd", 0.1, 30.0)?),
            incubation: (from.number("incubation_mean", 0.5, 60.0)?, from.number("incubation_sd", 0.1, 30.0)?),
            asymptomatic: from.number("asymptomatic", 0.0, 1.0)?,
            asymptomatic_infectiousness: from.number("asymptomatic_infectiousness", 0.0, 1.0)?,
            dispersion: from.number("dispersion", 0.05, 100.0)?,
            severe: from.number("severe", 0.0, 1.0)?,
            deaths: from.number("deaths", 0.0, 1.0)?,
            risk_doubles_years: from.number("risk_doubles_years", 1.0, 1_000.0)?,
            severe_after: from.number("severe_after", 0.0, 60.0)?,
            severe_days: from.number("severe_days", 0.0, 60.0)?,
            death_after: from.number("death_after", 0.0, 90.0)?,
            ct_peak: (from.number("ct_peak_mean", 5.0, 40.0)?, from.number("ct_peak_sd", 0.0, 10.0)?),
            ct_peak_after: from.number("ct_peak_after_onset", -20.0, 20.0)?,
            ct_rise: from.number("ct_rise", 0.1, 30.0)?,
            ct_hidden: from.number("ct_hidden", 0.0, 30.0)?,
            ct_fall: from.number("ct_fall", 0.1, 60.0)?,
            detection_limit: from.number("detection_limit", 20.0, 45.0)?,
            swab_misses: from.number("swab_misses", 0.0, 1.0)?,
            immune: from.by_age("immune_from_", 0.0, 1.0)?,
        };
        from.finish()?;
        Ok(disease)
    }
}

/// Contacts of a person on a day without measures, by place; means per day. They belong to the city, not to a disease.
#[derive(Clone, Debug, PartialEq)]
pub struct Contacts {
    /// Neighbours in a building of families.
    pub building: f64,
    /// Others in the building of a dormitory or a site.
    pub dormitory: f64,
    /// In a class, or a lecture group.
    pub class: f64,
    /// At work.
    pub work: f64,
    /// In a care home, of residents and staff.
    pub care: f64,
    /// In the community, of people with an occupation, and of those without.
    pub community: f64,
    /// In the community, of people without an occupation.
    pub community_at_home: f64,
    /// How many times more of them people have who work in markets, transport and delivery.
    pub public_work: f64,
    /// Share of contacts in the community that are at the market, and in transport within the district; the rest anywhere.
    pub market: f64,
    /// Share in transport and elsewhere in the district.
    pub transport: f64,
}

impl Contacts {
    /// The contacts that come with the program (`data/city/contacts.csv`).
    pub fn chongqing() -> Result<Contacts, ParameterError> {
        Contacts::read("contacts.csv", include_str!("../../../../data/city/contacts.csv"))
    }

    /// Reads a parameter file.
    pub fn read(file: &str, text: &str) -> Result<Contacts, ParameterError> {
        let mut from = Parameters::read(file, text)?;
        let mut mean = |name: &str| from.number(name, 0.0, 200.0);
        let contacts = Contacts {
            building: mean("building")?,
            dormitory: mean("dormitory")?,
            class: mean("class")?,
            work: mean("work")?,
            care: mean("care")?,
            community: mean("community")?,
            community_at_home: mean("community_at_home")?,
            public_work: mean("public_work")?,
            market: from.number("market_share", 0.0, 1.0)?,
            transport: from.number("transport_share", 0.0, 1.0)?,
        };
        from.finish()?;
        Ok(contacts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_disease_of_the_program_can_be_read() {
        for name in Disease::names() {
            let disease = Disease::built_in(name).unwrap().unwrap();
            assert!(disease.r0 > 1.0, "{name}");
        }
        assert!(Disease::built_in("plague").is_none());
        assert!(Contacts::chongqing().unwrap().work > 1.0);
    }

    #[test]
    fn a_faulty_file_is_named_with_its_line() {
        let good = BUILT_IN[0].1;
        let cases = [
            (good.replace("parameter,value", "name,value"), "line 1: expected the header"),
            (format!("{good}r0,3,,assumed\n"), "r0 is given twice"),
            (format!("{good}colour,3,,assumed\n"), "colour is not a parameter"),
            (good.replace("\nr0,", "\nr1,"), "line 0: r0 is missing"),
            (good.replace("\nr0,5.54", "\nr0,many"), "r0 is 'many', expected a number from 0 to 40"),
            (format!("{good}immune_from_0,0.5,,\n"), "expected a source"),
        ];
        for (text, expected) in cases {
            let said = Disease::read("x.csv", &text).unwrap_err().to_string();
            assert!(said.contains(expected), "{said} / {expected}");
        }
    }
}
