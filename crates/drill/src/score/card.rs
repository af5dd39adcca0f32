//! The scorecard: figures of a drill for people and programs, and whether it holds.

use crate::{
    assistance::Letters, carriers::Brought, gates::Landed, laboratories::Trail, rights::Judged, traced::Traced,
};
use dayclear_core::time::CivilDate;
use dayclear_papers::{Lang, Words};
use serde::Serialize;
use std::collections::BTreeMap;

/// Median and 95th percentile of hours.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Hours {
    /// How many.
    pub n: usize,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
}

impl Hours {
    pub(super) fn of(mut hours: Vec<f64>) -> Hours {
        hours.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = (hours.len() as f64 * share).ceil() as usize;
            hours.get(place.clamp(1, hours.len().max(1)) - 1).map_or(0.0, |hours| (hours * 10.0).round() / 10.0)
        };
        Hours { n: hours.len(), p50: at(0.5), p95: at(0.95) }
    }
}

/// What the swabs of one purpose found, beside the truth.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Channel {
    /// Swabs.
    pub swabs: u64,
    /// Cases whose first swab with virus was one of them.
    pub found: u64,
    /// From the infection of these to that swab, in days.
    pub days_since_infection: Hours,
}

impl Channel {
    /// Cases found for 10,000 swabs; none without a swab.
    pub fn per_10000(&self) -> Option<f64> {
        (self.swabs > 0).then(|| self.found as f64 * 1e4 / self.swabs as f64)
    }
}

/// The scorecard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scorecard {
    /// It is an exercise, and says so.
    pub exercise: bool,
    /// Scenario.
    pub scenario: String,
    /// Seed.
    pub seed: u64,
    /// Days played.
    pub days: u16,
    /// First day.
    pub first_day: CivilDate,
    /// Days of the outbreak before it.
    pub unseen_days: u16,
    /// People of the city.
    pub people: u32,
    /// Faults played, and how often.
    pub faults: String,
    /// Faults injected.
    pub injected: u64,
    /// People infected.
    pub infected: u64,
    /// People whom the same outbreak would have infected without any measure.
    pub infected_without: u64,
    /// Most infections on one day.
    pub peak: u64,
    /// Day of the outbreak with the most infections, from 0.
    pub peak_day: usize,
    /// Cases that the service has.
    pub cases: usize,
    /// Of those infected early enough to be found, the share found.
    pub found_share: Option<f64>,
    /// Infected early enough and not found.
    pub not_found: usize,
    /// How far the way of those came who were not found.
    pub not_found_where: BTreeMap<Trail, u64>,
    /// Of the cases, the share that lay in a bed on the day on which they were found.
    pub moved_same_day: Option<f64>,
    /// From infection to the first swab that held virus.
    pub infection_to_sample_h: Hours,
    /// From the sample to the case.
    pub sample_to_case_h: Hours,
    /// From the case to the bed.
    pub case_to_bed_h: Hours,
    /// Contacts listed for a case; none without a case.
    pub contacts_a_case: Option<f64>,
    /// Of those infected by somebody, the share that was a known contact before being found.
    pub known_contacts: Option<f64>,
    /// Tracing beside the truth: which infections it missed, and through which setting.
    pub traced: Traced,
    /// Days that people were held at home or at a site.
    pub person_days_held: u64,
    /// Days that people lived in an enclosed building.
    pub person_days_enclosed: u64,
    /// Person-days held or enclosed for each infection averted; none where nothing was averted.
    pub person_days_an_averted: Option<f64>,
    /// Tubes taken.
    pub tubes: u64,
    /// Swabs taken.
    pub swabs: u64,
    /// Swabs for a case.
    pub swabs_a_case: Option<f64>,
    /// Where tests found, by the purpose of the tube.
    pub channels: BTreeMap<&'static str, Channel>,
    /// Tubes that came to nothing.
    pub mishaps: u64,
    /// Rounds of sampling that were counted and closed.
    pub rounds: usize,
    /// Boxes, and those that were lost or whose count does not agree at the end.
    pub boxes: (usize, usize),
    /// Laboratories whose results the command of the city has withheld, as a whole or by lot.
    pub suspended: usize,
    /// Share of those called whom rounds missed.
    pub missed_by_rounds: Option<f64>,
    /// Requests made.
    pub requests: usize,
    /// Share of the requests that were answered before their deadline, of those that were due.
    pub answered_in_time: Option<f64>,
    /// Emergencies made and answered.
    pub emergencies: (usize, usize),
    /// Share of the emergencies for which somebody decided within the minute that the rules give.
    pub decided_in_time: Option<f64>,
    /// Parcels to doors, and the runs that brought them.
    pub parcels: Brought,
    /// Entry gates; none where nobody arrives.
    pub gates: Option<Landed>,
    /// Letters of assistance with their people, and those that are late.
    pub letters: Letters,
    /// Items that desks end by what they do, and those that still wait.
    pub desks: (usize, usize),
    /// Rows that the service kept aside.
    pub kept_aside: u64,
    /// Of these, those that nobody has worked through at the end.
    pub aside_open: usize,
    /// Tubes that phones kept while they had no network, each sent twice.
    pub from_phones: u64,
    /// Requests that the service served.
    pub served: u64,
    /// Reported positive singly, and known to the service as no case: nobody may be lost.
    pub lost: Vec<String>,
    /// Swabs that held virus and of which nobody can say what became of them: neither a case, nor somebody whom the service asks
    /// for another swab where the tube was lost, the pool was positive, or the laboratory was found to have lied.
    pub untraced: Vec<String>,
    /// Swabs that held virus, by the furthest that their tubes came.
    pub with_virus: BTreeMap<Trail, u64>,
    /// Checks of the independent checker, and those that failed with what is wrong.
    pub checks: usize,
    /// Failed ones.
    pub failed: Vec<String>,
    /// Rights that were broken: the rule, and what is wrong.
    pub rights_broken: Vec<String>,
    /// Rules judged by what a drill has, with what of them nobody can judge in one.
    pub judged: Vec<Judged>,
    /// Crews and doors that the dispatch had to call about, and those that nobody has called yet.
    pub calls: (usize, usize),
    /// Share of the members of positive pools who were resolved singly within a day, of those who must be (R05).
    pub pools_in_time: Option<f64>,
    /// Day by day.
    pub by_day: Vec<ByDay>,
}

impl Scorecard {
    /// Whether nothing was lost and every check holds.
    pub fn holds(&self) -> bool {
        self.lost.is_empty() && self.untraced.is_empty() && self.failed.is_empty() && self.rights_broken.is_empty()
    }

    /// Figures that two drills can be compared by.
    pub fn figures(&self, lang: Lang) -> Vec<(String, Option<f64>)> {
        let words = Words::of(lang);
        let of = |form: &str, key: &str| words.get(form, &[("name", words.say(key).into())]);
        let percent = |share: Option<f64>| share.map(|share| share * 100.0);
        let median = |hours: &Hours| (hours.n > 0).then_some(hours.p50);
        vec![
            (words.say("drill-infected"), Some(self.infected as f64)),
            (of("drill-percent", "drill-found"), percent(self.found_share)),
            (of("drill-percent", "drill-same-day"), percent(self.moved_same_day)),
            (of("drill-median", "drill-to-sample"), median(&self.infection_to_sample_h)),
            (of("drill-median", "drill-to-case"), median(&self.sample_to_case_h)),
            (of("drill-median", "drill-to-bed"), median(&self.case_to_bed_h)),
            (of("drill-percent", "drill-traced"), percent(self.traced.share())),
            (of("drill-percent", "drill-held-early"), percent(self.traced.held_before_infectious)),
            (words.say("drill-held"), Some(self.person_days_held as f64)),
            (words.say("drill-enclosed"), Some(self.person_days_enclosed as f64)),
            (words.say("drill-swabs"), self.swabs_a_case),
            (of("drill-percent", "drill-requests"), percent(self.answered_in_time)),
            (of("drill-percent", "drill-decided"), percent(self.decided_in_time)),
        ]
    }
}

/// A day of the outbreak.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ByDay {
    /// Day.
    pub date: CivilDate,
    /// People infected on it.
    pub infected: u64,
    /// Cases found on it.
    pub found: u64,
    /// People that it would have infected without any measure.
    pub without: u64,
}
