//! A built-in policy for runs without a service: who is tested, how soon a result acts, whom tracing finds, who is held and
//! for how long, and how much of normal life goes on. It is read from a file with the header
//! `from,parameter,value,source`; a row acts from its day on (a date, a number of days since the start, or nothing for the
//! start). It is no protocol: what a city may order stands in the protocol packs.

use super::{measures::Activity, parameters::ParameterError};
use dayclear_core::time::CivilDate;
use std::collections::BTreeMap;

/// What is done on a day. Shares lie between 0 and 1, times are days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// Share of people with symptoms who look for a test.
    pub seek_share: f64,
    /// Days from symptoms to that test.
    pub seek_delay: u16,
    /// Days from a swab to the end of waiting: the result acts on the next day if 0.
    pub result_delay: u16,
    /// Days after a result in which contacts outside the household are traced back.
    pub trace_days: u16,
    /// Share of contacts outside the household whom tracing finds.
    pub trace_share: f64,
    /// Whether the household of a case is held.
    pub hold_household: bool,
    /// Days for which contacts are held; 0 holds nobody.
    pub hold_days: u16,
    /// Share of contacts who are held away from home; the others stay at home.
    pub hold_away: f64,
    /// Days after a result in which a case comes back.
    pub case_days: u16,
    /// Days for which what lies around a case is confined after its last case; 0 confines nobody.
    pub building_days: u16,
    /// What is confined around a case: 0 its unit, 1 its building, 2 all buildings of its compound.
    pub area_extent: u8,
    /// Whether a case that was held or confined when it was swabbed confines nobody.
    pub area_spares_held: bool,
    /// Share of the held and confined who are swabbed singly each day.
    pub held_tests: f64,
    /// Days from one round of everybody to the next, in central districts and in the others; 0 for none.
    pub round_every: [u16; 2],
    /// Share of people who come to a round.
    pub round_coverage: f64,
    /// Swabs to a tube in rounds.
    pub round_pool: u16,
    /// Normal life in central districts and in the others.
    pub activity: [Activity; 2],
}

impl Default for Rules {
    fn default() -> Self {
        Rules {
            seek_share: 0.0,
            seek_delay: 1,
            result_delay: 1,
            trace_days: 2,
            trace_share: 0.0,
            hold_household: false,
            hold_days: 0,
            hold_away: 0.0,
            case_days: 9,
            building_days: 0,
            area_extent: 1,
            area_spares_held: false,
            held_tests: 0.0,
            round_every: [0, 0],
            round_coverage: 0.0,
            round_pool: 10,
            activity: [Activity::default(); 2],
        }
    }
}

/// Rules that change from day to day.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    changes: Vec<(u16, Rules)>,
    /// People who are infected from outside the city, in central districts, by day.
    imports: BTreeMap<u16, u32>,
}

/// Files that come with the program.
const BUILT_IN: [(&str, &str); 3] = [
    ("none", "from,parameter,value,source\n"),
    ("tests-and-tracing", include_str!("../../../../data/city/policy_tests_and_tracing.csv")),
    ("chongqing-2022", include_str!("../../../../data/city/policy_chongqing_2022.csv")),
];

impl Policy {
    /// Names of the policies that come with the program.
    pub fn names() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|(name, _)| *name)
    }

    /// A policy that comes with the program; dates count from the start of the run.
    pub fn built_in(name: &str, start: CivilDate) -> Option<Result<Policy, ParameterError>> {
        BUILT_IN.iter().find(|(known, _)| *known == name).map(|(name, text)| Policy::read(name, text, start))
    }

    /// The same rules on all days.
    pub fn always(rules: Rules) -> Policy {
        Policy { changes: vec![(0, rules)], imports: BTreeMap::new() }
    }

    /// Reads a policy file; dates count from the start of the run, and what was ordered before it acts from the start.
    pub fn read(file: &str, text: &str, start: CivilDate) -> Result<Policy, ParameterError> {
        let error = |line: usize, what: String| ParameterError { file: file.to_owned(), line, what };
        let mut rows: Vec<(i64, usize, &str, &str)> = Vec::new();
        for (index, line) in text.lines().enumerate() {
            if index == 0 {
                if line.trim_end() != "from,parameter,value,source" {
                    return Err(error(1, "expected the header from,parameter,value,source".into()));
                }
                continue;
            }
            let [from, name, value, source] = line.splitn(4, ',').collect::<Vec<_>>()[..] else {
                return Err(error(index + 1, "expected four cells: from, parameter, value, source".into()));
            };
            if source.trim().is_empty() {
                return Err(error(index + 1, "expected a source, or the word assumed".into()));
            }
            let day = match (from, from.parse::<u16>(), from.parse::<CivilDate>()) {
                ("", _, _) => 0,
                (_, Ok(day), _) => i64::from(day),
                (_, _, Ok(date)) => date.days_since(start),
                _ => return Err(error(index + 1, format!("from is '{from}', expected a date or a number of days"))),
            };
            rows.push((day, index + 1, name, value));
        }
        rows.sort_by_key(|(day, line, _, _)| (*day, *line));
        let mut policy = Policy::always(Rules::default());
        for (day, line, name, value) in rows {
            let day = day.clamp(0, i64::from(u16::MAX)) as u16;
            let known = value.parse().is_ok_and(|value| policy.set_from(day, name, value));
            if !known {
                return Err(error(line, format!("'{name}' = '{value}' is no parameter with a value in its range")));
            }
        }
        Ok(policy)
    }

    /// How many people are infected from outside on a day of the run.
    pub fn imports_on(&self, day: u16) -> u32 {
        self.imports.get(&day).copied().unwrap_or(0)
    }

    /// People infected from outside by day of the run, as the policy has them.
    pub fn imports(&self) -> &BTreeMap<u16, u32> {
        &self.imports
    }

    /// The same rules with other people infected from outside.
    pub fn importing(mut self, imports: BTreeMap<u16, u32>) -> Policy {
        self.imports = imports;
        self
    }

    /// The rules of a day of the run.
    pub fn on(&self, day: u16) -> &Rules {
        let at = self.changes.partition_point(|(from, _)| *from <= day);
        &self.changes[at.max(1) - 1].1
    }

    /// Sets a parameter from a day on, also in what is written for later days; imports are set on that day alone. False if
    /// there is none of that name, or the value is out of its range.
    pub fn set_from(&mut self, day: u16, name: &str, value: f64) -> bool {
        if name == "imports" {
            let fits = (0.0..=1e6).contains(&value);
            if fits {
                self.imports.insert(day, value.round() as u32);
            }
            return fits;
        }
        if !self.changes.iter().any(|(from, _)| *from == day) {
            let rules = *self.on(day);
            self.changes.push((day, rules));
            self.changes.sort_by_key(|(from, _)| *from);
        }
        self.changes.iter_mut().filter(|(from, _)| *from >= day).all(|(_, rules)| rules.set(name, value))
    }
}

impl Rules {
    /// Sets a parameter by its name in files; false if there is none of that name, or the value is out of its range.
    pub fn set(&mut self, name: &str, value: f64) -> bool {
        let places: &[usize] = match name {
            _ if name.starts_with("central_") => &[0],
            _ if name.starts_with("outer_") => &[1],
            _ => &[0, 1],
        };
        let short = name.trim_start_matches("central_").trim_start_matches("outer_");
        let share = (0.0..=1.0).contains(&value);
        let days = (0.0..=365.0).contains(&value) && value.fract() == 0.0;
        if short == "round_every" {
            places.iter().filter(|_| days).for_each(|place| self.round_every[*place] = value as u16);
            return days;
        }
        let life = places.iter().filter(|_| (0.0..=3.0).contains(&value)).map(|place| (*place, value as f32));
        let set: Option<fn(&mut Activity, f32)> = match short {
            "building" => Some(|life, value| life.building = value),
            "school" => Some(|life, value| life.school = value),
            "work" => Some(|life, value| life.work = value),
            "community" => Some(|life, value| life.community = value),
            "compliance" => Some(|life, value| life.compliance = value),
            // work and community at once
            "life" => Some(|life, value| (life.work, life.community) = (value, value)),
            _ => None,
        };
        if let Some(set) = set {
            return life.map(|(place, value)| set(&mut self.activity[place], value)).count() > 0;
        }
        match name {
            "area_extent" if days && value <= 2.0 => {
                self.area_extent = value as u8;
                return true;
            }
            "area_spares_held" if share => {
                self.area_spares_held = value > 0.0;
                return true;
            }
            _ => {}
        }
        let (shares, times): (Option<&mut f64>, Option<&mut u16>) = match name {
            "seek_share" => (Some(&mut self.seek_share), None),
            "trace_share" => (Some(&mut self.trace_share), None),
            "hold_away" => (Some(&mut self.hold_away), None),
            "held_tests" => (Some(&mut self.held_tests), None),
            "round_coverage" => (Some(&mut self.round_coverage), None),
            "seek_delay" => (None, Some(&mut self.seek_delay)),
            "result_delay" => (None, Some(&mut self.result_delay)),
            "trace_days" => (None, Some(&mut self.trace_days)),
            "hold_days" => (None, Some(&mut self.hold_days)),
            "case_days" => (None, Some(&mut self.case_days)),
            "building_days" => (None, Some(&mut self.building_days)),
            "round_pool" if value >= 1.0 => (None, Some(&mut self.round_pool)),
            "hold_household" if share => {
                self.hold_household = value > 0.0;
                return true;
            }
            _ => (None, None),
        };
        match (shares, times) {
            (Some(target), _) if share => *target = value,
            (_, Some(target)) if days => *target = value as u16,
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_act_from_their_day_on() {
        let start = "2022-11-01".parse().unwrap();
        let text = "from,parameter,value,source\n,seek_share,0.2,assumed\n2022-11-11,hold_days,5,x\n3,central_work,0.5,x\n2022-10-01,trace_days,4,x\n";
        let policy = Policy::read("p", text, start).unwrap();
        let works = |day| policy.on(day).activity.map(|life| life.work);
        assert_eq!((works(2), works(3)), ([1.0, 1.0], [0.5, 1.0]));
        assert_eq!((policy.on(9).hold_days, policy.on(10).hold_days, policy.on(300).hold_days), (0, 5, 5));
        assert_eq!((policy.on(0).trace_days, policy.on(0).seek_share), (4, 0.2));
        let mut tuned = policy.clone();
        assert!(tuned.set_from(5, "outer_work", 0.3) && !tuned.set_from(5, "colour", 0.3));
        assert_eq!((tuned.on(4).activity[1].work, tuned.on(12).activity[1].work), (1.0, 0.3));
    }

    #[test]
    fn a_faulty_policy_is_named_with_its_line() {
        let start = "2022-11-01".parse().unwrap();
        for (row, expected) in [
            ("yesterday,work,0.5,x", "line 2: from is 'yesterday'"),
            (",work,many,x", "line 2: 'work' = 'many'"),
            (",seek_share,2,x", "line 2: 'seek_share' = '2'"),
            (",work,0.5,", "line 2: expected a source"),
            (",work", "line 2: expected four cells"),
        ] {
            let said =
                Policy::read("p", &format!("from,parameter,value,source\n{row}\n"), start).unwrap_err().to_string();
            assert!(said.contains(expected), "{said}");
        }
        for name in Policy::names() {
            assert!(Policy::built_in(name, start).unwrap().is_ok(), "{name}");
        }
    }
}
