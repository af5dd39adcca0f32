//! Contacts: the window in which they are looked for, their tier, and what is asked of them, phase after phase.

use super::{Pack, clause::Clause, count, rules::PhaseRule, terms::PlanFor};
use crate::{measures::OrderKind, reason::*, roster::*, time::CivilDate, tracing::*};
use serde::{Deserialize, Serialize};

/// What is known of a case when its contacts are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WindowFacts {
    /// First symptom; for measles the rash. `None` = none, or nobody knows.
    pub onset: Option<CivilDate>,
    /// Day on which the first positive sample was taken.
    pub sampled: CivilDate,
    /// Day of the last negative sample before that.
    pub last_negative: Option<CivilDate>,
    /// Whether the case was found by regular testing.
    pub by_regular_test: bool,
    /// Day from which the case met nobody any more.
    pub isolated_on: Option<CivilDate>,
}

/// The days on which somebody who met the case counts as a contact, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// First day.
    pub from: CivilDate,
    /// Last day; `None` = still open, because the case is not known to be isolated.
    pub until: Option<CivilDate>,
}

impl Window {
    /// Whether a day lies in the window.
    pub fn contains(&self, day: CivilDate) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
    /// Whether no day lies in it: the case was isolated before it could infect anybody.
    pub fn is_empty(&self) -> bool {
        self.until.is_some_and(|until| until < self.from)
    }
}

/// What is known of a contact when a decision is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContactFacts {
    /// Tier.
    pub tier: ContactTier,
    /// First exposure; `None` = taken to be the last one.
    pub first_exposure: Option<CivilDate>,
    /// Last exposure. A new exposure starts the count again.
    pub last_exposure: CivilDate,
    /// Whether the home is suitable for isolation.
    pub home: Known,
    /// Whether the person belongs to a special group (see [`Pack::is_special`]).
    pub special: bool,
    /// Whether the person is known to be immune (measles).
    pub immune: Known,
    /// Whether immunoglobulin was given (measles).
    pub immunoglobulin: bool,
}

impl ContactFacts {
    /// A contact of whom only the tier and the last exposure are known.
    pub fn new(tier: ContactTier, last_exposure: CivilDate) -> Self {
        ContactFacts {
            tier,
            first_exposure: None,
            last_exposure,
            home: Known::Unknown,
            special: false,
            immune: Known::Unknown,
            immunoglobulin: false,
        }
    }
}

/// One phase of what is asked of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// What is asked.
    pub kind: OrderKind,
    /// First day of the count that it covers. The order itself binds from its notice.
    pub from: CivilDate,
    /// Last day, inclusive.
    pub until: CivilDate,
    /// Days on which a test is taken, in order, all inside the phase.
    pub test_days: Vec<CivilDate>,
    /// Checks for symptoms or temperature on each day.
    pub checks_per_day: u8,
}

impl Pack {
    /// The window in which contacts of a case are looked for.
    pub fn contact_window(&self, facts: &WindowFacts) -> Decided<Window> {
        let rule = &self.rules.window;
        let known_negative = facts.last_negative.filter(|day| facts.by_regular_test && *day <= facts.sampled);
        let last_negative = rule.from_last_negative.as_ref().filter(|clause| clause.value).zip(known_negative);
        // Somebody who was positive before the first symptom could infect from before the sample, not from before the symptom.
        let first_sign = facts.onset.map_or(facts.sampled, |onset| onset.min(facts.sampled));
        let (from, reason) = match (last_negative, facts.onset) {
            (Some((clause, negative)), _) => (negative, self.because(clause).with("last_negative", negative)),
            (None, Some(onset)) => {
                let reason = self.because(&rule.before_onset).with("onset", onset).with("sampled", facts.sampled);
                (first_sign.plus_days(-rule.before_onset.value), reason.with("days", rule.before_onset.value))
            }
            (None, None) => {
                let reason = self.because(&rule.before_sampling).with("sampled", facts.sampled);
                (first_sign.plus_days(-rule.before_sampling.value), reason.with("days", rule.before_sampling.value))
            }
        };
        let over = rule.after_onset.as_ref().zip(facts.onset).map(|(clause, onset)| count::day(onset, clause.value));
        let until = match (facts.isolated_on, over) {
            (Some(isolated), Some(over)) => Some(isolated.min(over)),
            (one, other) => one.or(other),
        };
        let reason = match facts.isolated_on {
            Some(isolated) => reason.with("isolated_on", isolated),
            None => reason,
        };
        Decided::new(Window { from, until }, reason)
    }

    /// The tier of a class of contact; `None` = people of this class are no contacts under this pack.
    pub fn tier_of(&self, class: ContactClass) -> Option<ContactTier> {
        self.rules.tiers.get(&class).map(|clause| clause.value)
    }

    /// The tier of a class with its reason.
    pub fn tier_decided(&self, class: ContactClass) -> Option<Decided<ContactTier>> {
        let clause = self.rules.tiers.get(&class)?;
        Some(Decided::new(clause.value, self.because(clause).with("class", class)))
    }

    /// Whether contacts of contacts are traced.
    pub fn traces_secondary(&self) -> bool {
        self.rules.secondary.value
    }

    /// How many negative tests of the first contact, from the first one on, free a secondary contact on the last day of the
    /// plan.
    pub fn secondary_index_negatives(&self) -> Option<Decided<i64>> {
        let clause = self.rules.secondary_index_negatives.as_ref()?;
        Some(Decided::new(clause.value, self.because(clause)))
    }

    /// Whether a person belongs to a special group, who are kept at home where they can be.
    pub fn is_special(&self, age: Option<u8>, needs: &[Need]) -> Decided<bool> {
        let by_age =
            self.rules.special_age.as_ref().filter(|clause| age.is_some_and(|age| i64::from(age) <= clause.value));
        let by_need = self.rules.special_needs.as_ref().zip(
            needs
                .iter()
                .find(|need| self.rules.special_needs.as_ref().is_some_and(|clause| clause.value.contains(need))),
        );
        match (by_age, by_need, age) {
            (Some(clause), _, Some(age)) => Decided::new(true, self.because(clause).with("age", age)),
            (_, Some((clause, need)), _) => Decided::new(true, self.because(clause).with("need", need)),
            _ => Decided::new(
                false,
                self.silent("special").with("age", age.map_or("unknown".into(), |age| age.to_string())),
            ),
        }
    }

    /// What is asked of a contact: phases in order, each beginning on the day after the one before. Empty = nothing.
    pub fn contact_plan(&self, facts: &ContactFacts) -> Vec<Decided<Phase>> {
        self.plan(PlanFor::from(facts.tier), facts)
    }

    /// What is asked of any group for which the pack has a plan (inbound travellers, people who leave a high-risk post). The
    /// tier of `facts` plays no part; the last exposure is the day of arrival or of leaving.
    pub fn plan(&self, who: PlanFor, facts: &ContactFacts) -> Vec<Decided<Phase>> {
        let Some(plan) = self.rules.plans.get(&who) else { return Vec::new() };
        if plan.susceptible_only.as_ref().is_some_and(|clause| clause.value) && facts.immune == Known::Yes {
            return Vec::new();
        }
        let mut done = 0;
        let mut phases = Vec::new();
        for rule in &plan.phases {
            let days = match &rule.after_immunoglobulin {
                Some(clause) if facts.immunoglobulin => clause,
                _ => &rule.days,
            };
            if let Some(phase) = self.phase(who, rule, days, done, facts) {
                phases.push(phase);
            }
            done += days.value;
        }
        phases
    }

    fn phase(
        &self,
        who: PlanFor,
        rule: &PhaseRule,
        days: &Clause<i64>,
        done: i64,
        facts: &ContactFacts,
    ) -> Option<Decided<Phase>> {
        let (kind, turned) = self.carried_out_as(rule.kind, facts);
        let until = count::day(facts.last_exposure, done + days.value);
        let first_exposure =
            facts.first_exposure.filter(|first| *first <= facts.last_exposure).unwrap_or(facts.last_exposure);
        let from = match &rule.start_day {
            Some(start) => count::day(first_exposure, start.value),
            None => count::day(facts.last_exposure, done + 1),
        };
        if from > until {
            return None;
        }
        let tests = rule.tests.iter().flat_map(|clause| &clause.value);
        let test_days = tests
            .map(|day| count::day(facts.last_exposure, done + day))
            .filter(|day| (from..=until).contains(day))
            .collect();
        let checks_per_day = rule.checks.as_ref().map_or(0, |clause| clause.value as u8);
        let mut reason = self.because(days).with("for", who).with("last_exposure", facts.last_exposure);
        if let Some(start) = &rule.start_day {
            reason = reason.with("first_exposure", first_exposure).with("start_day", start.value);
        }
        reason = reason.with("days", format_args!("{}-{}", done + 1, done + days.value));
        reason = reason.with("home", facts.home).with("special", facts.special);
        if let Some(clause) = turned {
            reason = reason.with("instead_of", rule.kind).with("by", &clause.path);
        }
        Some(Decided::new(Phase { kind, from, until, test_days, checks_per_day }, reason))
    }

    /// Central isolation of a special group happens at a suitable home; isolation at an unsuitable home happens at a site.
    fn carried_out_as(&self, kind: OrderKind, facts: &ContactFacts) -> (OrderKind, Option<&Clause<OrderKind>>) {
        let rule = match (kind, facts.home) {
            (OrderKind::CentralIsolation, Known::Yes) if facts.special => self.rules.special_home.as_ref(),
            (OrderKind::HomeIsolation, Known::No) => self.rules.unsuitable_home.as_ref(),
            _ => None,
        };
        (rule.map_or(kind, |clause| clause.value), rule)
    }
}
