//! An outbreak in the people of the sample city, day by day: who infects whom in households, buildings, groups and the
//! community, under the measures that the caller orders. It may use the city and parameter files, and keeps about 2 bytes for a
//! person and 6 for an infection; contacts and courses are drawn again when they are asked for. The result depends on the
//! seeds, the files and the measures alone: not on threads, nor on the order in which anything is looked at, since every
//! draw is a hash of what it is for, and of two who infect one person on a day the one with the smaller number counts.

mod around;
mod asking;
mod course;
mod curves;
mod disease;
mod fit;
mod infected;
mod layers;
mod measures;
mod parameters;
mod people;
mod policy;
mod run;
mod scenarios;
#[cfg(test)]
mod scenarios_tests;
mod spreading;
mod standing;
#[cfg(test)]
mod tests;

pub use asking::{Contact, Mixing, Status, pooled};
pub use disease::{Contacts, Disease};
pub use fit::{Fit, Knob, Observed, fit};
pub use layers::Layer;
pub use measures::{Activity, Hold, Measures};
pub use parameters::ParameterError;
pub use policy::{Policy, Rules};
pub use run::{Row, Run};
pub use scenarios::{Days, Drive, Wanted, played, side_by_side, taken};
pub use standing::{FollowError, Followed, LEAD_DAYS, Stage, follow, seen};

use crate::city::{
    Population,
    chance::{Dice, Draw},
};
use around::Means;
use course::{Course, Courses};
use infected::{Infection, Infections};
use std::{ops::Range, sync::Arc};
use thiserror::Error;

/// No infector: the infection came from outside the city.
const NOBODY: u32 = (1 << 28) - 1;
/// Days that a byte of [`Outbreak::infected_on`] can tell apart.
const DAYS: u16 = 255;

/// An outbreak that cannot begin.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OutbreakError {
    /// Numbers of people do not fit their field.
    #[error("an outbreak can be played among at most {NOBODY} people; this city has {people}")]
    TooManyPeople {
        /// As given.
        people: u32,
    },
}

/// What one day brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Today {
    /// Day of the run, from 0.
    pub day: u16,
    /// People infected on this day.
    pub infections: u32,
    /// The same by layer, in the order of [`Layer::ALL`].
    pub by_layer: [u32; 9],
    /// People whose symptoms began.
    pub onsets: u32,
    /// People who became severely or critically ill.
    pub severe: u32,
    /// People who died.
    pub deaths: u32,
    /// People who could infect others on this day.
    pub infectious: u64,
    /// People infected since the start, imports included.
    pub ever: u64,
}

/// The outbreak. A copy goes on by itself.
#[derive(Clone)]
pub struct Outbreak {
    city: Arc<Population>,
    disease: Disease,
    means: Means,
    courses: Courses,
    seed: u64,
    threads: usize,
    /// The day that comes next.
    day: u16,
    susceptible: Vec<u64>,
    /// Day of infection modulo [`DAYS`], plus one; 0 for nobody infected.
    infected_on: Vec<u8>,
    /// By day.
    infections: Vec<Infections>,
    imports: Vec<u32>,
    onsets: Vec<u32>,
    severe: Vec<Vec<u32>>,
    deaths: Vec<Vec<u32>>,
    ever: u64,
    immune: u64,
    /// Rate at which a symptomatic case infects one other person of the household, over the whole course.
    household_rate: f32,
    /// Infections per contact outside the household, over the whole course of a symptomatic case.
    contact_rate: f32,
    /// Most contacts of anybody outside the household.
    contacts_max: f32,
}

impl Outbreak {
    /// Before the first day: nobody infected, some immune. The threads change nothing but the time.
    pub fn new(
        city: Arc<Population>,
        disease: Disease,
        contacts: Contacts,
        seed: u64,
        threads: usize,
    ) -> Result<Outbreak, OutbreakError> {
        let people = city.people();
        if people >= NOBODY {
            return Err(OutbreakError::TooManyPeople { people });
        }
        let mut susceptible = vec![u64::MAX; people as usize / 64 + 1];
        if let Some(last) = susceptible.last_mut() {
            *last = (1 << (people % 64)) - 1;
        }
        let courses = Courses::new(&disease, &city, seed);
        let mut outbreak = Outbreak {
            courses,
            seed,
            threads: threads.max(1),
            day: 0,
            susceptible,
            infected_on: vec![0; people as usize],
            infections: Vec::new(),
            imports: Vec::new(),
            onsets: Vec::new(),
            severe: Vec::new(),
            deaths: Vec::new(),
            ever: 0,
            immune: 0,
            household_rate: -curves::ln(1.0 - disease.household_attack) as f32,
            contact_rate: 0.0,
            contacts_max: Means::most(&contacts),
            means: Means::new(&contacts),
            city,
            disease,
        };
        outbreak.contact_rate = outbreak.rate_for_r0();
        outbreak.immunise();
        Ok(outbreak)
    }

    /// Makes people immune who are so before the outbreak.
    fn immunise(&mut self) {
        if self.disease.immune.iter().all(|(_, share)| *share == 0.0) {
            return;
        }
        for person in 0..self.city.people() {
            let age = self.city.age(person);
            let share =
                self.disease.immune.iter().rev().find(|(from, _)| *from <= age).map_or(0.0, |(_, share)| *share);
            if Dice::new(self.seed, Draw::Immune, u64::from(person)).hits((share * 100_000.0) as u32) {
                self.susceptible[person as usize / 64] &= !(1 << (person % 64));
                self.immune += 1;
            }
        }
    }

    /// Infections per contact, so that a mean case infects R0 people, those in the household included. That some of a
    /// group are infected twice over is not counted, so what comes out in a dense city is a little less.
    fn rate_for_r0(&self) -> f32 {
        let infectiousness = self.infectiousness();
        let (mut household, mut outside, mut count) = (0.0, 0.0, 0u32);
        let step = (self.city.people() / 100_000).max(1);
        for person in (0..self.city.people()).step_by(step as usize) {
            household += self.city.household(person).len() as f64 - 1.0;
            outside += f64::from(self.means.of(self.city.row(person)).sum());
            count += 1;
        }
        let count = f64::from(count.max(1));
        let attack = 1.0 - curves::exp(-f64::from(self.household_rate) * infectiousness);
        let left = (self.disease.r0 - attack * household / count).max(0.0);
        if outside == 0.0 { 0.0 } else { (left / (infectiousness * outside / count)) as f32 }
    }

    /// Mean infectiousness of a case, where that of one with symptoms is 1.
    fn infectiousness(&self) -> f64 {
        1.0 - self.disease.asymptomatic * (1.0 - self.disease.asymptomatic_infectiousness)
    }

    /// Mean contacts of everybody.
    fn means(&self) -> &Means {
        &self.means
    }

    /// Infects somebody from outside on the day that comes next, unless immune or infected before.
    pub fn import(&mut self, person: u32) {
        self.imports.push(person);
    }

    /// Infects so many people of the given ones, drawn evenly, from outside on the day that comes next.
    pub fn import_among(&mut self, people: Range<u32>, count: u32) {
        for number in 0..count {
            let index = u64::from(self.day) << 40 | u64::from(people.start) << 20 | u64::from(number);
            let mut dice = Dice::new(self.seed, Draw::Seeds, index);
            self.imports.push(people.start + dice.below(u64::from(people.end - people.start)) as u32);
        }
    }

    /// Plays the day that comes next under its measures.
    pub fn step(&mut self, measures: &Measures) -> Today {
        let mut hits = self.spread(measures);
        let outside = u64::from((Layer::Import as u32) << 28 | NOBODY);
        let imports = std::mem::take(&mut self.imports);
        hits.extend(imports.into_iter().filter(|person| self.is_susceptible(*person)).map(|person| {
            // who was infected in the city as well counts as such
            u64::from(person) << 32 | outside
        }));
        // By person, then by infector: the layer stands lowest.
        let rotate = |hit: u64| (hit & !0xFFFF_FFFF) | (hit & u64::from(NOBODY)) << 4 | (hit >> 28 & 15);
        hits.iter_mut().for_each(|hit| *hit = rotate(*hit));
        hits.sort_unstable();
        hits.dedup_by_key(|hit| *hit >> 32);
        let mut today = Today { day: self.day, infectious: self.infectious(), ..Today::default() };
        for hit in &hits {
            today.by_layer[(hit & 15) as usize] += 1;
            self.begin((hit >> 32) as u32);
        }
        today.infections = hits.len() as u32;
        let infections = hits
            .iter()
            .map(|hit| Infection { person: (hit >> 32) as u32, source: (*hit as u32 & 15) << 28 | *hit as u32 >> 4 });
        let infections = Infections::new(infections, hits.len(), self.city.people());
        self.ever += u64::from(today.infections);
        self.infections.push(infections);
        let day = usize::from(self.day);
        today.onsets = self.onsets.get(day).copied().unwrap_or(0);
        today.severe = self.severe.get(day).map_or(0, Vec::len) as u32;
        today.deaths = self.deaths.get(day).map_or(0, Vec::len) as u32;
        today.ever = self.ever;
        self.day += 1;
        today
    }

    /// Begins the course of somebody who is infected today.
    fn begin(&mut self, person: u32) {
        self.susceptible[person as usize / 64] &= !(1 << (person % 64));
        self.infected_on[person as usize] = Outbreak::code(self.day);
        let course = self.courses.of(person);
        let onset = course.infected_at(self.day) + course.incubation;
        if course.symptomatic {
            *slot(&mut self.onsets, onset) += 1;
        }
        let (severe, dies) = self.severity(person, &course);
        if severe {
            slot(&mut self.severe, onset + self.disease.severe_after as f32).push(person);
        }
        if dies {
            slot(&mut self.deaths, onset + self.disease.death_after as f32).push(person);
        }
    }

    /// Whether somebody becomes severely ill in a course of theirs, and whether they die.
    #[inline]
    fn severity(&self, person: u32, course: &Course) -> (bool, bool) {
        self.courses.severity(course, || self.city.age(person))
    }

    /// How a day of infection is kept.
    fn code(day: u16) -> u8 {
        (day % DAYS) as u8 + 1
    }

    /// The day on which somebody was infected. Days that share a byte are told apart by the lists of who was infected on them.
    fn infection_day(&self, person: u32) -> Option<u16> {
        let first = u16::from(self.infected_on[person as usize].checked_sub(1)?);
        let played = self.infections.len() as u16;
        let mut days = (first..played).step_by(usize::from(DAYS)).peekable();
        while let Some(day) = days.next() {
            if days.peek().is_none() || self.infection_on(day, person).is_some() {
                return Some(day);
            }
        }
        None
    }

    /// The infection of somebody, if it was on a day.
    fn infection_on(&self, day: u16, person: u32) -> Option<Infection> {
        self.infections.get(usize::from(day))?.of(person)
    }

    #[inline]
    fn is_susceptible(&self, person: u32) -> bool {
        self.susceptible[person as usize / 64] >> (person % 64) & 1 == 1
    }

    /// Days of infection of those who can infect others on the day that comes next.
    fn infectious_window(&self) -> Range<usize> {
        let (days, today) = (self.courses.infectious_days(), usize::from(self.day));
        (today + 1).saturating_sub(days.end)..(today + 1).saturating_sub(days.start).min(self.infections.len())
    }

    fn infectious(&self) -> u64 {
        self.infections[self.infectious_window()].iter().map(|list| list.len() as u64).sum()
    }
}

/// The entry of a day in a list by day, which grows as far as needed.
fn slot<T: Clone + Default>(list: &mut Vec<T>, at: f32) -> &mut T {
    let day = at.max(0.0) as usize;
    if list.len() <= day {
        list.resize(day + 1, T::default());
    }
    &mut list[day]
}
