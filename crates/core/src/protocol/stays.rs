//! Where a case goes, when it may leave, and what follows.

use super::{Pack, contacts::Phase, count, rules::ReleaseRule, terms::*};
use crate::{cases::Severity, measures::OrderKind, reason::Decided, roster::*, time::*, transfer::FacilityKind};
use serde::{Deserialize, Serialize};

/// What is known of a case when a place is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacementFacts<'a> {
    /// Severity at the last assessment.
    pub severity: Severity,
    /// Age in years, if known.
    pub age: Option<u8>,
    /// Needs.
    pub needs: &'a [Need],
    /// Whether the home is suitable.
    pub home: Known,
}

/// Where a case goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Placement {
    /// Stays at home, in isolation there.
    Home,
    /// To a facility of one of these kinds, the first with a free bed.
    Facility(Vec<FacilityKind>),
}

/// One test of a patient. A target that was not detected is `None`, which is the cleanest finding there is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TestPoint {
    /// When the sample was taken.
    pub at: Instant,
    /// Cycle threshold of the N gene.
    pub ct_n: Option<f64>,
    /// Cycle threshold of the ORF gene.
    pub ct_orf: Option<f64>,
}

/// What is known of a stay when discharge is considered.
#[derive(Clone, Copy, Debug)]
pub struct StayFacts<'a> {
    /// Day of admission, or of the beginning of isolation at home: day 0 of the stay.
    pub admitted: CivilDate,
    /// The day on which the decision is taken.
    pub today: CivilDate,
    /// Whether the case stays at home rather than in a facility.
    pub at_home: bool,
    /// Severity.
    pub severity: Severity,
    /// First symptom or rash.
    pub onset: Option<CivilDate>,
    /// Whether a clinician has recorded that symptoms are relieved.
    pub symptoms_relieved: Known,
    /// First day without fever since.
    pub fever_free_since: Option<CivilDate>,
    /// Whether imaging shows improvement.
    pub lungs_improved: Known,
    /// Whether all lesions have crusted, fallen off and healed.
    pub lesions_healed: Known,
    /// Final results in the order of sampling.
    pub tests: &'a [TestPoint],
}

impl<'a> StayFacts<'a> {
    /// A stay of which only the days, the severity and the tests are known.
    pub fn new(admitted: CivilDate, today: CivilDate, severity: Severity, tests: &'a [TestPoint]) -> Self {
        StayFacts {
            admitted,
            today,
            at_home: false,
            severity,
            onset: None,
            symptoms_relieved: Known::Unknown,
            fever_free_since: None,
            lungs_improved: Known::Unknown,
            lesions_healed: Known::Unknown,
            tests,
        }
    }
}

/// Whether a case may leave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Discharge {
    /// It may, today.
    Release,
    /// Not yet, and what is missing.
    NotYet {
        /// In the order in which the rule asks.
        missing: Vec<StillNeeded>,
    },
}

impl Pack {
    /// Where a case goes: by severity, but people at high risk who are not severely ill go where the pack sends high risks.
    pub fn case_placement(&self, facts: &PlacementFacts<'_>) -> Decided<Placement> {
        let rule = &self.rules.placement;
        let light = matches!(facts.severity, Severity::Asymptomatic | Severity::Mild | Severity::Unknown);
        let old = facts.age.zip(rule.age_from.as_ref()).is_some_and(|(age, clause)| i64::from(age) >= clause.value);
        let young = facts.age.zip(rule.age_up_to.as_ref()).is_some_and(|(age, clause)| i64::from(age) <= clause.value);
        let need = rule.needs.as_ref().and_then(|clause| facts.needs.iter().find(|need| clause.value.contains(need)));
        let high = rule.high_risk.as_ref().filter(|_| light && (old || young || need.is_some()));
        let Some(clause) = high.or_else(|| rule.by_severity.get(&facts.severity)) else {
            // Not reached: a pack without a clause for each severity does not load. A hospital takes everybody.
            return Decided::new(Placement::Facility(vec![FacilityKind::DesignatedHospital]), self.silent("placement"));
        };
        let mut reason = self.because(clause).with("severity", facts.severity);
        reason = reason.with("age", facts.age.map_or("unknown".to_owned(), |age| age.to_string()));
        if let Some(need) = need {
            reason = reason.with("need", need);
        }
        reason = reason.with("home", facts.home);
        if clause.value.first() == Some(&Destination::Home) && facts.home != Known::No {
            return Decided::new(Placement::Home, reason);
        }
        let facilities = clause.value.iter().filter_map(|place| match place {
            Destination::Home => None,
            Destination::DesignatedHospital => Some(FacilityKind::DesignatedHospital),
            Destination::TemporaryHospital => Some(FacilityKind::TemporaryHospital),
            Destination::IsolationSite => Some(FacilityKind::IsolationSite),
            Destination::OutsideCity => Some(FacilityKind::OutsideCity),
        });
        Decided::new(Placement::Facility(facilities.collect()), reason)
    }

    /// Whether a case may leave today. Clean tests are counted backwards from the last result: a test that is not clean
    /// starts the count again. Two clean tests are far enough apart when the first and the last of the run are.
    pub fn discharge(&self, facts: &StayFacts<'_>, zone: &Zone) -> Decided<Discharge> {
        let rule = match &self.rules.home {
            Some(home) if facts.at_home => home,
            _ => &self.rules.facility,
        };
        let mut missing = Vec::new();
        let on = |clause: &Option<super::clause::Clause<bool>>| clause.as_ref().is_some_and(|clause| clause.value);
        let ill = facts.severity != Severity::Asymptomatic;
        let lungs = matches!(facts.severity, Severity::Ordinary | Severity::Severe | Severity::Critical);
        if on(&rule.symptoms_relieved) && ill && facts.symptoms_relieved != Known::Yes {
            missing.push(StillNeeded::SymptomsRelieved);
        }
        if let Some(clause) = &rule.fever_free_more_than
            && lungs
            && facts.fever_free_since.is_none_or(|since| count::number(since, facts.today) <= clause.value)
        {
            missing.push(StillNeeded::FeverFree);
        }
        if on(&rule.lungs_improved) && lungs && facts.lungs_improved != Known::Yes {
            missing.push(StillNeeded::LungsImproved);
        }
        if on(&rule.lesions_healed) && facts.lesions_healed != Known::Yes {
            missing.push(StillNeeded::LesionsHealed);
        }
        missing.extend(self.tests_missing(rule, facts, zone));
        if let Some(clause) = &rule.through_day_after_onset {
            match facts.onset {
                None => missing.push(StillNeeded::OnsetDate),
                Some(onset) if count::number(onset, facts.today) <= clause.value => missing.push(StillNeeded::MoreDays),
                Some(_) => {}
            }
        }
        let reason =
            match (&rule.negatives, &rule.through_day_after_onset, &rule.lesions_healed, &rule.symptoms_relieved) {
                (Some(clause), ..) => self.because(clause),
                (None, Some(clause), ..) => self.because(clause),
                (_, _, Some(clause), _) => self.because(clause),
                (.., Some(clause)) => self.because(clause),
                _ => self.silent(&rule.path),
            };
        let mut reason =
            reason.with("admitted", facts.admitted).with("today", facts.today).with("severity", facts.severity);
        if let Some(onset) = facts.onset {
            reason = reason.with("onset", onset);
        }
        reason = reason.with("symptoms_relieved", facts.symptoms_relieved).with("tests", facts.tests.len());
        if let Some(last) = facts.tests.last() {
            reason = reason.with("last_test", zone.text(last.at));
        }
        Decided::new(if missing.is_empty() { Discharge::Release } else { Discharge::NotYet { missing } }, reason)
    }

    /// The day on which a test is worth taking, because nothing but tests is missing for a discharge; `None`: it may leave already, or
    /// something else is missing first. A run of clean tests goes on when the hours between two have passed; a first one is taken from
    /// the day that the rule names on, and where it names none, not on the day of admission, whose swab has just been positive.
    pub fn discharge_test(&self, facts: &StayFacts<'_>, zone: &Zone) -> Option<Decided<CivilDate>> {
        use StillNeeded::{CleanTests, LaterTests, TestsFurtherApart};
        let decided = self.discharge(facts, zone);
        let Discharge::NotYet { missing } = &decided.value else { return None };
        if !missing.iter().all(|needed| matches!(needed, CleanTests | LaterTests | TestsFurtherApart)) {
            return None;
        }
        let rule = match &self.rules.home {
            Some(home) if facts.at_home => home,
            _ => &self.rules.facility,
        };
        let first = count::day(facts.admitted, rule.first_test_day.as_ref().map_or(1, |clause| clause.value.max(1)));
        let after = facts.tests.last().map(|last| match &rule.apart {
            Some(clause) => zone.day(Instant::from_micros(last.at.micros() + clause.value * HOUR)),
            None => count::day(zone.day(last.at), 1),
        });
        Some(Decided::new(after.map_or(first, |after| after.max(first)), decided.reason))
    }

    fn tests_missing(&self, rule: &ReleaseRule, facts: &StayFacts<'_>, zone: &Zone) -> Option<StillNeeded> {
        let wanted = rule.negatives.as_ref()?.value as usize;
        let clean = |ct: Option<f64>| match &rule.ct_at_least {
            Some(clause) => ct.is_none_or(|ct| ct >= clause.value),
            None => ct.is_none(),
        };
        let run = facts.tests.iter().rev().take_while(|test| clean(test.ct_n) && clean(test.ct_orf)).count();
        let run = &facts.tests[facts.tests.len() - run..];
        let counted: Vec<&TestPoint> = match &rule.first_test_day {
            Some(first) => {
                run.iter().filter(|test| count::number(facts.admitted, zone.day(test.at)) >= first.value).collect()
            }
            None => run.iter().collect(),
        };
        if counted.len() < wanted {
            return Some(if run.len() < wanted { StillNeeded::CleanTests } else { StillNeeded::LaterTests });
        }
        // A rule in days (day 6 and day 7) asks for tests on different days of the city, a rule in hours for hours.
        let (Some(first), Some(last)) = (counted.first(), counted.last()) else { return None };
        let apart = match &rule.apart {
            Some(clause) => last.at.micros() - first.at.micros() >= clause.value * HOUR,
            None => wanted < 2 || zone.day(first.at) < zone.day(last.at),
        };
        if apart { None } else { Some(StillNeeded::TestsFurtherApart) }
    }

    /// What follows a discharge from a facility: `None` = nothing.
    pub fn after_discharge(&self, on: CivilDate) -> Option<Decided<Phase>> {
        let rule = self.rules.after.as_ref()?;
        if rule.days.value == 0 {
            return None;
        }
        let tests = rule.tests.iter().flat_map(|clause| &clause.value).map(|day| count::day(on, *day)).collect();
        let phase = Phase {
            kind: OrderKind::HomeMonitoring,
            from: count::day(on, 1),
            until: count::day(on, rule.days.value),
            test_days: tests,
            checks_per_day: rule.checks.as_ref().map_or(0, |clause| clause.value as u8),
        };
        let reason = self.because(&rule.days).with("discharged", on).with("days", rule.days.value);
        Some(Decided::new(phase, reason))
    }
}
