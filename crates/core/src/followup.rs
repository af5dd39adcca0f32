//! Follow-up of contacts: from which day to which somebody is asked how they are, how each day stands, and how it ended. A pure
//! rule over facts: exposures, what was found whenever somebody asked, and today. It guarantees that the order in which facts
//! come changes nothing, that dates count from the last exposure, that every end has a day and a name, and that asking outside
//! the days of a follow-up neither lengthens nor shortens it.

use crate::{divisions::DivisionCode, roster::Known, terms, time::CivilDate};
use std::collections::{BTreeMap, BTreeSet};

#[cfg(test)]
mod tests;

/// Days running on which nobody was reached, from which on the district sees to it (R: to be confirmed by the city).
pub const MISSED_TO_DISTRICT_DAYS: i64 = 2;
/// Days running on which nobody was reached, from which on a contact counts as lost (R: to be confirmed by the city). They are
/// looked for until the last day: being lost ends nothing.
pub const LOST_AFTER_DAYS: i64 = 3;

terms! {
    /// By which way somebody was asked.
    FollowChannel {
        Phone = "phone", Door = "door", Video = "video",
        /// The person told it themselves.
        SelfReport = "self_report",
        /// The same, in answer to a message.
        Message = "message",
    }
}

terms! {
    /// What came of asking.
    FollowAnswer {
        /// Somebody spoke to them.
        Reached = "reached",
        NoAnswer = "no_answer",
        /// They are not where they should be found.
        Away = "away",
        /// They do not wish to be asked. Nothing follows from it but that they are asked again the next day.
        Refused = "refused",
    }
}

terms! {
    /// How a follow-up stands, or how it ended.
    FollowState {
        Followed = "followed",
        /// Symptoms were told, and no swab has been taken since.
        Symptoms = "symptoms",
        Refused = "refused",
        Missed = "missed",
        Lost = "lost",
        /// Ended on its last day, and the person was spoken to on it.
        Completed = "completed",
        /// Ended on its last day, and nobody had spoken to the person on it.
        Unseen = "unseen",
        BecameCase = "became_case",
        /// No exposure is left: the cases to which the person was exposed were withdrawn.
        Withdrawn = "withdrawn",
    }
}

impl FollowState {
    /// Whether the person is asked no more.
    pub const fn is_over(self) -> bool {
        matches!(self, FollowState::Completed | FollowState::Unseen | FollowState::BecameCase | FollowState::Withdrawn)
    }
}

/// An exposure with what it asks: the person is asked from `from` to `until`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exposed {
    /// Day on which the contact was listed.
    pub listed_on: CivilDate,
    /// Day of the last exposure.
    pub last: CivilDate,
    /// First day on which the rules ask after them.
    pub from: CivilDate,
    /// Last day, inclusive.
    pub until: CivilDate,
    /// Whether the case still stands; what was exposed to a withdrawn one was exposed to nothing.
    pub stands: bool,
}

/// The days of one follow-up, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Day on which the first of its exposures was listed.
    pub listed_on: CivilDate,
    /// First day.
    pub from: CivilDate,
    /// Last day.
    pub until: CivilDate,
    /// Last exposure: the days count from it.
    pub last_exposure: CivilDate,
    /// Exposures that it follows.
    pub exposures: usize,
}

/// The follow-ups of a person, in order. An exposure that is listed while they are still asked lengthens what runs; one that is
/// listed after the last day begins another. Asking begins on the day after the listing, which is nearly over when a tracer
/// comes to the end of a list; where that is too late, on the day itself.
pub fn spans(exposures: &[Exposed]) -> Vec<Span> {
    let mut asked: Vec<&Exposed> =
        exposures.iter().filter(|e| e.stands && e.from <= e.until && e.listed_on <= e.until).collect();
    asked.sort_by_key(|e| (e.listed_on, e.from, e.until, e.last));
    let mut spans: Vec<Span> = Vec::new();
    for e in asked {
        let from = e.from.max(e.listed_on.plus_days(1)).min(e.until);
        match spans.last_mut().filter(|span| e.listed_on <= span.until) {
            Some(span) => {
                span.from = span.from.min(from);
                span.until = span.until.max(e.until);
                span.last_exposure = span.last_exposure.max(e.last);
                span.exposures += 1;
            }
            None => {
                spans.push(Span { listed_on: e.listed_on, from, until: e.until, last_exposure: e.last, exposures: 1 })
            }
        }
    }
    spans
}

/// What was found when somebody asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Day.
    pub on: CivilDate,
    /// What came of it.
    pub answer: FollowAnswer,
    /// Whether they have symptoms.
    pub symptoms: Known,
    /// Whether a swab was taken since.
    pub tested_since: bool,
}

/// How one day of a follow-up stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayMark {
    /// Somebody spoke to them.
    Seen,
    /// It is today, and nobody has yet.
    Due,
    /// It is today or over, and they did not wish to be asked.
    Refused,
    /// It is over, and nobody did.
    Missed,
    /// It lies ahead.
    Ahead,
}

/// Everything that the standing of a follow-up rests on.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Its days.
    pub span: Span,
    /// What was found, in any order; also on days outside it.
    pub asked: &'a [Asked],
    /// Day on which the person became a case, if they did after being listed.
    pub case_on: Option<CivilDate>,
    /// Today.
    pub today: CivilDate,
}

/// How a follow-up stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// State.
    pub state: FollowState,
    /// Day on which it ended.
    pub ended_on: Option<CivilDate>,
    /// Days on which somebody spoke to them.
    pub seen: i64,
    /// Days that are over and on which nobody did.
    pub missed: i64,
    /// How many of these are the last ones, running up to yesterday or to the end.
    pub missed_running: i64,
    /// The last day on which somebody spoke to them.
    pub last_seen: Option<CivilDate>,
    /// Whether somebody is to speak to them today, and nobody has.
    pub due: bool,
}

impl Facts<'_> {
    /// The last day that counts: that on which the person became a case, else the last of the span.
    fn last_day(&self) -> CivilDate {
        self.case_on.map_or(self.span.until, |on| on.min(self.span.until))
    }

    /// How a day of the span stands; `None` outside of it.
    pub fn mark(&self, day: CivilDate) -> Option<DayMark> {
        if day < self.span.from || day > self.last_day() {
            return None;
        }
        let answers = || self.asked.iter().filter(|asked| asked.on == day).map(|asked| asked.answer);
        Some(match day {
            day if day > self.today => DayMark::Ahead,
            _ if answers().any(|answer| answer == FollowAnswer::Reached) => DayMark::Seen,
            _ if answers().any(|answer| answer == FollowAnswer::Refused) => DayMark::Refused,
            day if day == self.today => DayMark::Due,
            _ => DayMark::Missed,
        })
    }

    /// How the follow-up stands today.
    pub fn standing(&self) -> Standing {
        let (from, last, today) = (self.span.from, self.last_day(), self.today);
        let became_case = self.case_on.filter(|on| *on <= today && *on <= self.span.until);
        let is_over = became_case.is_some() || today > self.span.until;
        let seen_on: BTreeSet<CivilDate> = self
            .asked
            .iter()
            .filter(|asked| asked.answer == FollowAnswer::Reached && (from..=last.min(today)).contains(&asked.on))
            .map(|asked| asked.on)
            .collect();
        let last_seen = seen_on.last().copied();
        // a day on which the person became a case is not one on which they were missed
        let over_until =
            if today > self.span.until && became_case.is_none() { last } else { today.min(last).plus_days(-1) };
        let days_over = (over_until.days_since(from) + 1).max(0);
        let seen_over = seen_on.iter().filter(|day| **day <= over_until).count() as i64;
        let missed_running = match last_seen {
            _ if days_over == 0 => 0,
            Some(seen) => (over_until.days_since(seen)).max(0),
            None => days_over,
        };
        let mark_today = self.mark(today);
        let latest =
            self.asked.iter().filter(|asked| (from..=last.min(today)).contains(&asked.on)).max_by_key(|asked| {
                // of one day the best answer counts
                (asked.on, asked.answer == FollowAnswer::Reached, asked.answer == FollowAnswer::Refused)
            });
        let ill = self.asked.iter().any(|asked| {
            asked.symptoms == Known::Yes && !asked.tested_since && asked.on >= self.span.listed_on && asked.on <= today
        });
        let state = if became_case.is_some() {
            FollowState::BecameCase
        } else if is_over {
            if last_seen == Some(self.span.until) { FollowState::Completed } else { FollowState::Unseen }
        } else if ill {
            FollowState::Symptoms
        } else if latest.is_some_and(|asked| asked.answer == FollowAnswer::Refused) {
            FollowState::Refused
        } else if mark_today == Some(DayMark::Seen) || missed_running < MISSED_TO_DISTRICT_DAYS {
            FollowState::Followed
        } else if missed_running < LOST_AFTER_DAYS {
            FollowState::Missed
        } else {
            FollowState::Lost
        };
        Standing {
            state,
            ended_on: became_case.or(is_over.then_some(self.span.until)),
            seen: seen_on.len() as i64,
            missed: days_over - seen_over,
            missed_running,
            last_seen,
            due: !is_over && mark_today == Some(DayMark::Due),
        }
    }
}

/// A team that asks after contacts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// Id.
    pub team: String,
    /// Division that it serves.
    pub division: DivisionCode,
    /// People whom it can ask in a day.
    pub people_a_day: i64,
}

/// Who asks after whom: gives each contact a team and remembers how many each has.
#[derive(Clone, Debug, Default)]
pub struct Teams {
    teams: Vec<Team>,
    load: BTreeMap<String, i64>,
}

impl Teams {
    /// Teams with the number of people whom each has today.
    pub fn new(mut teams: Vec<Team>, load: BTreeMap<String, i64>) -> Teams {
        teams.sort_by(|a, b| a.team.cmp(&b.team));
        Teams { teams, load }
    }

    /// The team of a contact: the one that they know, as long as it serves their division; else the nearest with room, which is
    /// the one that serves the smallest division, and of equals the one with the fewest people. `None`: no team has room.
    pub fn give(&mut self, division: &DivisionCode, known: Option<&str>) -> Option<String> {
        let serving = || self.teams.iter().filter(|team| team.division.contains(division));
        if let Some(team) = serving().find(|team| known == Some(team.team.as_str())) {
            return Some(team.team.clone());
        }
        let load = |team: &Team| self.load.get(&team.team).copied().unwrap_or_default();
        let team = serving()
            .filter(|team| load(team) < team.people_a_day)
            .min_by_key(|team| (std::cmp::Reverse(team.division.as_str().len()), load(team), team.team.clone()))?
            .team
            .clone();
        *self.load.entry(team.clone()).or_default() += 1;
        Some(team)
    }
}
