//! Rounds in which everybody of an area or district is tested: how large a site is, how far people walk and how long they
//! stand, when the next round is due, and on which grounds a round may reach beyond an area. A pack that says nothing of
//! rounds has none.

use super::{Ground, Pack, clause::Clause, sheet::Sheet};
use crate::{
    reason::{Decided, Reason},
    screening::Purpose,
    time::CivilDate,
};

/// The section `round` of a pack. All of it is there, or nothing.
#[derive(Clone, Debug)]
pub(super) struct RoundRule {
    pub a_day: Clause<i64>,
    pub hours: Clause<i64>,
    pub site_at_least: Clause<i64>,
    pub site_at_most: Clause<i64>,
    pub per_sampler: Clause<i64>,
    pub shift: Clause<i64>,
    pub walk: Clause<i64>,
    pub queue: Clause<i64>,
    pub every: Clause<i64>,
    pub clean: Clause<i64>,
    pub pause: Clause<i64>,
    pub after_pause: Clause<i64>,
    pub widened: Clause<Vec<Ground>>,
}

impl RoundRule {
    /// Reads the section. Where one clause stands, all must.
    pub(super) fn read(sheet: &mut Sheet) -> Option<RoundRule> {
        let given = sheet.entries.keys().any(|path| path.starts_with("round."));
        let a_day = sheet.count("round.a_day", 1, 1);
        let hours = sheet.hours("round.hours");
        let site_at_least = sheet.count("round.site_at_least", 1, 100_000);
        let site_at_most = sheet.count("round.site_at_most", 1, 100_000);
        let per_sampler = sheet.count("round.per_sampler", 1, 10_000);
        let shift = sheet.hours("round.shift");
        let walk = sheet.minutes("round.walk");
        let queue = sheet.minutes("round.queue");
        let every = sheet.days("round.every");
        let clean = sheet.count("round.clean_rounds", 1, 100);
        let pause = sheet.days("round.pause");
        let after_pause = sheet.count("round.after_pause", 0, 100);
        let widened = sheet.terms("round.widened", Ground::NAMES);
        if !given {
            return None;
        }
        let rule = RoundRule {
            a_day: sheet.need("round.a_day", a_day)?,
            hours: sheet.need("round.hours", hours)?,
            site_at_least: sheet.need("round.site_at_least", site_at_least)?,
            site_at_most: sheet.need("round.site_at_most", site_at_most)?,
            per_sampler: sheet.need("round.per_sampler", per_sampler)?,
            shift: sheet.need("round.shift", shift)?,
            walk: sheet.need("round.walk", walk)?,
            queue: sheet.need("round.queue", queue)?,
            every: sheet.need("round.every", every)?,
            clean: sheet.need("round.clean_rounds", clean)?,
            pause: sheet.need("round.pause", pause)?,
            after_pause: sheet.need("round.after_pause", after_pause)?,
            widened: sheet.need("round.widened", widened)?,
        };
        for (clause, least) in [(&rule.hours, 1), (&rule.shift, 1), (&rule.every, 1)] {
            if clause.value < least {
                sheet.wrong_at(&clause.path, clause.value.to_string(), "at least 1");
            }
        }
        if rule.site_at_least.value > rule.site_at_most.value {
            let expected = format!("at most {} ({})", rule.site_at_most.value, rule.site_at_most.path);
            sheet.wrong_at(&rule.site_at_least.path, rule.site_at_least.value.to_string(), expected);
        }
        Some(rule)
    }
}

/// What a pack asks of a round, each number with its reason.
#[derive(Clone, Debug, PartialEq)]
pub struct RoundRules {
    /// Most rounds a day for the same people.
    pub a_day: Decided<i64>,
    /// Hours within which a round of an area is to be done.
    pub hours: Decided<i64>,
    /// Fewest people of a sampling site.
    pub site_at_least: Decided<i64>,
    /// Most people of a sampling site.
    pub site_at_most: Decided<i64>,
    /// People whom one sampler samples in a round of 24 hours.
    pub per_sampler: Decided<i64>,
    /// Hours that one sampler works in such a round.
    pub shift: Decided<i64>,
    /// Most minutes of the way to a site.
    pub walk: Decided<i64>,
    /// Most minutes in the queue.
    pub queue: Decided<i64>,
}

/// A round that was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    /// Its day.
    pub day: CivilDate,
    /// Infections that it found in the community (not among people already isolated).
    pub found: u32,
}

crate::terms! {
    /// What an area is to its outbreak.
    Spread {
        /// The affected district of a capital or a city of ten million and more: rounds, a pause, one more.
        Affected = "affected",
        /// Another district with traces: rounds until enough were clean, and no more.
        Traces = "traces",
    }
}

/// What is to be done about rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundStep {
    /// The next round is due on this day, or was.
    Due(CivilDate),
    /// No more rounds.
    Over,
}

impl Pack {
    /// What the pack asks of a round; `None` where it knows no rounds.
    pub fn rounds(&self) -> Option<RoundRules> {
        let rule = self.rules.rounds.as_ref()?;
        let decided = |clause: &Clause<i64>| Decided::new(clause.value, self.because(clause));
        Some(RoundRules {
            a_day: decided(&rule.a_day),
            hours: decided(&rule.hours),
            site_at_least: decided(&rule.site_at_least),
            site_at_most: decided(&rule.site_at_most),
            per_sampler: decided(&rule.per_sampler),
            shift: decided(&rule.shift),
            walk: decided(&rule.walk),
            queue: decided(&rule.queue),
        })
    }

    /// When the next round of an area is due after those that were done, in any order; without any, on `begin`. Rounds go on
    /// until enough in a row found nobody in the community; then comes the pause and what follows it; a find begins anew.
    pub fn next_round(&self, begin: CivilDate, done: &[Past], spread: Spread) -> Option<Decided<RoundStep>> {
        let rule = self.rules.rounds.as_ref()?;
        let mut done = done.to_vec();
        done.sort_by_key(|past| past.day);
        let Some(last) = done.last().copied() else {
            return Some(Decided::new(RoundStep::Due(begin), self.because(&rule.every).with("rounds_done", 0)));
        };
        let clean = done.iter().rev().take_while(|past| past.found == 0).count() as i64;
        let because =
            |clause: &Clause<i64>| self.because(clause).with("last_round", last.day).with("clean_in_a_row", clean);
        let after = |days: i64| RoundStep::Due(last.day.plus_days(days));
        Some(if clean < rule.clean.value {
            Decided::new(after(rule.every.value), because(&rule.every))
        } else if spread == Spread::Traces {
            Decided::new(RoundStep::Over, because(&rule.clean))
        } else if clean == rule.clean.value && rule.after_pause.value > 0 {
            Decided::new(after(rule.pause.value + 1), because(&rule.pause))
        } else if clean < rule.clean.value + rule.after_pause.value {
            Decided::new(after(rule.every.value), because(&rule.after_pause))
        } else {
            Decided::new(RoundStep::Over, because(&rule.after_pause))
        })
    }

    /// Grounds on which everybody of a district may be tested.
    pub fn round_grounds(&self) -> Vec<Ground> {
        self.rules.rounds.as_ref().map(|rule| rule.widened.value.clone()).unwrap_or_default()
    }

    /// Whether a round may go beyond an area on a ground: what screens an area or a list of people always may; what screens
    /// everybody of a district needs one of the pack's grounds. The refusal names the clause.
    pub fn may_widen(&self, purpose: Purpose, ground: Option<Ground>) -> Result<(), Reason> {
        if !matches!(purpose, Purpose::ExpandedScreening | Purpose::Community) {
            return Ok(());
        }
        let Some(rule) = &self.rules.rounds else { return Err(self.silent("round.widened")) };
        match ground {
            Some(ground) if rule.widened.value.contains(&ground) => Ok(()),
            _ => Err(self
                .because(&rule.widened)
                .with("purpose", purpose)
                .with("ground", ground.map_or("none", Ground::name))),
        }
    }
}
