//! What can be asked of an outbreak: what a swab shows, what a laboratory finds in a tube, whom a person met, who comes to a
//! clinic; and for checkers the truth: who is infected, since when and by whom. Asking changes nothing.

use super::{
    Outbreak,
    around::Around,
    course,
    curves::{exp, ln},
    infected::Infections,
    layers::{Layer, takes_place, unit},
    measures::{Hold, Measures},
    spreading::{even, poisson},
};
use crate::city::{
    Population,
    chance::{Dice, Draw},
    population::Digest,
};
use std::collections::BTreeMap;

/// In what state somebody is. Everybody is in exactly one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// Can be infected.
    Susceptible,
    /// Immune since before the outbreak.
    Immune,
    /// Infected, before symptoms would begin.
    Incubating,
    /// Infected, past that time, without symptoms.
    Silent,
    /// With symptoms.
    Ill,
    /// Severely or critically ill.
    Severe,
    /// Infected before, and no virus to be found any more.
    Recovered,
    /// Died of it.
    Dead,
}

/// A meeting of two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contact {
    /// Who was met.
    pub person: u32,
    /// Where.
    pub layer: Layer,
}

/// How several swabs come into one tube.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mixing {
    /// Swabs go into one tube where they are taken: each gives its virus to the same volume, so little is lost.
    AtCollection,
    /// Extracts are pooled in the laboratory: each is diluted by the others, log2(n) in Ct.
    InLaboratory,
}

/// Loss of a tube of swabs that are mixed at collection, in Ct per doubling of their number: 0 to 1 for ten in one
/// (`engines.md`, recalled), so half of a Ct for ten.
const COLLECTION_LOSS: f64 = 0.15;

/// Ct of a tube that holds these swabs; none if no swab holds virus. Amounts of virus add up.
pub fn pooled(cts: &[Option<f32>], mixing: Mixing) -> Option<f32> {
    let ln_2 = std::f64::consts::LN_2;
    let lowest = cts.iter().flatten().copied().reduce(f32::min)?;
    // amounts relative to the strongest swab, in the order in which they came
    let sum: f64 = cts.iter().flatten().map(|ct| exp(-f64::from(ct - lowest) * ln_2)).sum();
    let loss = match mixing {
        Mixing::AtCollection => COLLECTION_LOSS,
        Mixing::InLaboratory => 1.0,
    };
    Some((f64::from(lowest) - ln(sum) / ln_2 + loss * ln(cts.len() as f64) / ln_2) as f32)
}

impl Outbreak {
    /// The people.
    pub fn city(&self) -> &Population {
        &self.city
    }
    /// Day that comes next; as many have been played.
    pub fn day(&self) -> u16 {
        self.day
    }

    /// Truth: the moment of infection in days since the start, if the person was infected by then.
    pub fn infected_at(&self, person: u32) -> Option<f32> {
        let day = self.infection_day(person)?;
        Some(self.courses.of(person).infected_at(day))
    }

    /// Truth: when symptoms began, or will begin.
    pub fn onset_at(&self, person: u32) -> Option<f32> {
        let course = self.courses.of(person);
        course.symptomatic.then_some(self.infected_at(person)? + course.incubation)
    }

    /// Truth: the share of a case's infectiousness that lay before the beginning of a day, from 0 (it can infect nobody yet) to 1;
    /// none of somebody who is not infected.
    pub fn infectiousness_before(&self, person: u32, day: u16) -> Option<f64> {
        let infected = self.infection_day(person)?;
        Some(self.courses.spent(person, usize::from(day.saturating_sub(infected))))
    }

    /// Truth: by whom and where somebody was infected; nobody for an import.
    pub fn infector(&self, person: u32) -> Option<(Option<u32>, Layer)> {
        self.infector_on(person, self.infection_day(person)?)
    }

    /// The same of somebody infected on a day.
    fn infector_on(&self, person: u32, day: u16) -> Option<(Option<u32>, Layer)> {
        let infection = self.infection_on(day, person)?;
        Some((infection.infector(), infection.layer()))
    }

    /// Truth: everybody infected on a day.
    pub fn infected_on(&self, day: u16) -> impl Iterator<Item = u32> + '_ {
        self.infections.get(usize::from(day)).into_iter().flat_map(Infections::people)
    }

    /// Truth: everybody who may shed virus on a day, and some who do not any more; by day of infection, then by number.
    pub fn shedding(&self, day: u16) -> impl Iterator<Item = u32> + '_ {
        let from = usize::from(day).saturating_sub(self.courses.shedding_days(&self.disease));
        let until = (usize::from(day) + 1).min(self.infections.len());
        self.infections[from.min(until)..until].iter().flat_map(Infections::people)
    }

    /// Truth: the state of a person at a moment, in days since the start.
    pub fn status(&self, person: u32, at: f32) -> Status {
        let Some(infected) = self.infected_at(person).filter(|infected| *infected <= at) else {
            return if self.is_susceptible(person) || self.infected_on[person as usize] > 0 {
                Status::Susceptible
            } else {
                Status::Immune
            };
        };
        let course = self.courses.of(person);
        let (becomes_severe, dies) = self.severity(person, &course);
        let onset = infected + course.incubation;
        let severe = onset + self.disease.severe_after as f32;
        if dies && at >= onset + self.disease.death_after as f32 {
            Status::Dead
        } else if becomes_severe && at >= severe && (dies || at < severe + self.disease.severe_days as f32) {
            Status::Severe
        } else if at >= infected + course::shedding_ends(&self.disease, &course) {
            Status::Recovered
        } else if at < onset {
            Status::Incubating
        } else if course.symptomatic {
            Status::Ill
        } else {
            Status::Silent
        }
    }

    /// How many people are in each state at a moment; looks at everybody.
    pub fn census(&self, at: f32) -> BTreeMap<Status, u32> {
        let mut census = BTreeMap::new();
        for person in 0..self.city.people() {
            *census.entry(self.status(person, at)).or_default() += 1;
        }
        census
    }

    /// Truth: people who become severely ill on a day, and people who die on it.
    pub fn worse_on(&self, day: u16) -> (&[u32], &[u32]) {
        let day = usize::from(day);
        (self.severe.get(day).map_or(&[], Vec::as_slice), self.deaths.get(day).map_or(&[], Vec::as_slice))
    }

    /// Truth: how many people are severely or critically ill at a moment.
    pub fn severe_at(&self, at: f32) -> u32 {
        // whoever became so earlier than the longest such illness is well again or dead
        let longest = self.disease.severe_days.max(self.disease.death_after - self.disease.severe_after) as usize + 2;
        let end = (at.max(0.0) as usize + 1).min(self.severe.len());
        let lists = &self.severe[end.min((at.max(0.0) as usize).saturating_sub(longest))..end];
        lists.iter().flatten().filter(|person| self.status(**person, at) == Status::Severe).count() as u32
    }

    /// Whether the disease makes anybody severely ill.
    pub fn knows_severity(&self) -> bool {
        self.disease.severe > 0.0
    }

    /// Truth: Ct of a perfect swab.
    pub fn ct(&self, person: u32, at: f32) -> Option<f32> {
        let infected = self.infected_at(person).filter(|infected| *infected <= at)?;
        course::ct(&self.disease, &self.courses.of(person), at - infected)
    }

    /// Swabs a person at a moment (days since the start): the Ct, unless nothing is there or the swab missed it. The same
    /// person at the same minute gives the same swab.
    pub fn swab(&self, person: u32, at: f32) -> Option<f32> {
        let ct = self.ct(person, at)?;
        let minute = (at * 1_440.0) as u64;
        let mut dice = Dice::new(self.seed, Draw::Swab, minute << 32 | u64::from(person));
        (f64::from(unit(&mut dice)) >= self.disease.swab_misses).then_some(ct)
    }

    /// Whether a laboratory calls this Ct positive.
    pub fn is_positive(&self, ct: Option<f32>) -> bool {
        ct.is_some_and(|ct| f64::from(ct) <= self.disease.detection_limit)
    }

    /// Probability that a swab of the person is positive alone in its tube, or with others who shed nothing.
    pub fn positive_probability(&self, person: u32, at: f32, pool: usize, mixing: Mixing) -> f64 {
        let mut cts = vec![None; pool.max(1)];
        cts[0] = self.ct(person, at);
        if self.is_positive(pooled(&cts, mixing)) { 1.0 - self.disease.swab_misses } else { 0.0 }
    }

    /// People who look for care on a day because their symptoms began `delay` days before; a share of those with symptoms.
    pub fn seekers(&self, day: u16, delay: u16, share: f64) -> Vec<u32> {
        let Some(wanted) = day.checked_sub(delay).filter(|_| share > 0.0) else { return Vec::new() };
        let from = usize::from(wanted).saturating_sub(self.courses.incubation_days());
        let until = (usize::from(wanted) + 1).min(self.infections.len());
        let mut seekers = Vec::new();
        for (day, list) in (from..until).zip(&self.infections[from.min(until)..until]) {
            for person in list.people() {
                let course = self.courses.of(person);
                let onset = course.infected_at(day as u16) + course.incubation;
                if course.symptomatic && onset as u16 == wanted && f64::from(course.seeks) < share * 65_536.0 {
                    seekers.push(person);
                }
            }
        }
        seekers.sort_unstable();
        seekers
    }

    /// Whom a person met on a day that has been played, under the measures of that day; drawn again, not remembered. Those
    /// whom the person infected and by whom it was infected on that day are always among them.
    pub fn met(&self, person: u32, day: u16, measures: &Measures) -> Vec<Contact> {
        let mut met = Vec::new();
        let household = self.city.household(person).filter(|other| *other != person);
        if measures.hold_of(person) != Hold::Away {
            met.extend(household.map(|person| Contact { person, layer: Layer::Household }));
        }
        let around = Around::of(&self.city, &self.means, person);
        self.contacts_on(&around, day, |other, layer, draw| {
            if draw.is_none_or(|draw| draw < takes_place(measures, &self.city, person, other, layer)) {
                met.push(Contact { person: other, layer });
            }
        });
        met.sort_unstable();
        met.dedup_by_key(|contact| contact.person);
        met
    }

    /// The contacts of a person on a day that has been played, but for the household, which is met anyway: with whom, where, and
    /// the draw that decides whether it took place under the measures; no draw where it did for certain, since somebody was
    /// infected. Somebody can come more than once, and somebody of the household too.
    pub(super) fn contacts_on(&self, around: &Around, day: u16, mut each: impl FnMut(u32, Layer, Option<f32>)) {
        let (person, whole) = (around.person, around.outside.sum());
        let mut dice = Dice::new(self.seed, Draw::Meeting, u64::from(day) << 32 | u64::from(person));
        let count = poisson(whole.min(20.0), even(&mut dice)) + poisson((whole - 20.0).max(0.0), even(&mut dice));
        for _ in 0..count {
            let met = around.meet(&self.means, &self.city, &mut dice);
            let draw = unit(&mut dice);
            if let Some((met, layer)) = met
                && let Some(other) = self.who(person, met)
            {
                each(other, layer, Some(draw));
            }
        }
        let Some(infected) = self.infection_day(person) else { return };
        if infected < day {
            self.infectious_contacts(around, usize::from(day - infected), day, |other, layer, draw| {
                let infected_then = self.infection_day(other) == Some(day);
                each(other, layer, (!infected_then).then_some(draw));
            });
        }
        if infected == day
            && let Some((Some(infector), layer)) = self.infector_on(person, day)
        {
            each(infector, layer, None);
        }
    }

    /// A digest of who was infected when and by whom; equal for equal runs.
    pub fn digest(&self) -> u64 {
        let mut digest = Digest::default();
        for list in &self.infections {
            digest.number(list.len() as u64);
            for infection in list.all() {
                digest.number(u64::from(infection.person) << 32 | u64::from(infection.source));
            }
        }
        digest.0
    }

    /// Totals kept along the way: susceptible, immune from the start, ever infected. They add up to the people.
    pub fn totals(&self) -> (u64, u64, u64) {
        (u64::from(self.city.people()) - self.immune - self.ever, self.immune, self.ever)
    }
}
