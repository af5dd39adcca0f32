//! How an infection runs in one person: when in the day it happened, incubation, symptoms, severity, sociability and
//! the curve of Ct. Everything follows from a hash of the seed and the person, so nothing of it is stored. Times are days
//! since the start of the run.

use super::{
    curves::{Cumulative, exp, ln, normal_slices},
    disease::Disease,
};
use crate::city::{
    Population,
    chance::{Dice, Draw},
};

/// Parts of a day in which an infection can happen.
const PHASES: usize = 8;
/// Share of infectiousness at the far end that is left out.
const TAIL: f64 = 0.002;
/// Ct at which shedding begins and ends.
const CT_EDGE: f32 = 40.0;

/// The course of one infection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Course {
    phase: u8,
    /// Days from infection to symptoms, or to when they would have come.
    pub incubation: f32,
    pub symptomatic: bool,
    pub ct_peak: f32,
    /// An even draw of 2^32 that decides how severe it becomes.
    risk: u64,
    /// An even draw that decides whether the person looks for care.
    pub seeks: u16,
}

impl Course {
    /// Moment of infection, when its day is known.
    #[inline]
    pub fn infected_at(&self, day: u16) -> f32 {
        f32::from(day) + (f32::from(self.phase) + 0.5) / PHASES as f32
    }
}

/// Tables from which courses are drawn.
#[derive(Clone)]
pub(crate) struct Courses {
    seed: u64,
    incubation: [f32; 256],
    sociability: [f32; 256],
    ct_peak: [f32; 256],
    asymptomatic: u64,
    /// Of 2^32, by age.
    severe: Vec<u64>,
    deaths: Vec<u64>,
    /// The greatest risk of either at any age.
    worst: u64,
    /// Share of infectiousness by days since the day of infection and phase.
    weights: Vec<[f32; PHASES]>,
    /// First day of `weights` that is not empty.
    first: usize,
}

impl Courses {
    pub fn new(disease: &Disease, city: &Population, seed: u64) -> Courses {
        let generation = Cumulative::gamma(disease.generation.0, disease.generation.1);
        let last = (1..120).find(|day| generation.at(f64::from(*day)) > 1.0 - TAIL).unwrap_or(120);
        let mut weights = vec![[0.0; PHASES]; last as usize + 2];
        for (day, row) in weights.iter_mut().enumerate() {
            for (phase, weight) in row.iter_mut().enumerate() {
                let begin = day as f64 - (phase as f64 + 0.5) / PHASES as f64;
                *weight = (generation.at(begin + 1.0) - generation.at(begin)) as f32;
            }
        }
        // What would be passed on within the day of infection is passed on the day after.
        let same_day = weights[0];
        weights[0] = [0.0; PHASES];
        for (next, same) in weights[1].iter_mut().zip(same_day) {
            *next += same;
        }
        let first = weights.iter().position(|row| row.iter().any(|weight| *weight > 1e-4)).unwrap_or(0);
        let sociability = match disease.dispersion {
            even if even >= 50.0 => [1.0; 256],
            // the square root of the processor is exact by its standard, so it is the same everywhere
            shape => {
                let slices = Cumulative::gamma(1.0, (1.0 / shape).sqrt()).slices();
                let mean = slices.iter().sum::<f32>() / 256.0;
                slices.map(|slice| slice / mean)
            }
        };
        let (severe, deaths) = (risks(disease, disease.severe, city), risks(disease, disease.deaths, city));
        let worst = severe.iter().chain(&deaths).copied().max().unwrap_or(0);
        Courses {
            seed,
            incubation: Cumulative::gamma(disease.incubation.0, disease.incubation.1).slices(),
            sociability,
            ct_peak: normal_slices(disease.ct_peak.0, disease.ct_peak.1),
            asymptomatic: (disease.asymptomatic * 65_536.0) as u64,
            severe,
            deaths,
            worst,
            weights,
            first,
        }
    }

    /// The course of a person's infection.
    #[inline]
    pub fn of(&self, person: u32) -> Course {
        let mut dice = Dice::new(self.seed, Draw::Course, u64::from(person));
        let (word, risk) = (dice.next(), dice.next() >> 32);
        let slice = |shift: u32| (word >> shift & 255) as usize;
        let symptomatic = (word >> 27 & 0xFFFF) >= self.asymptomatic;
        Course {
            phase: (word & 7) as u8,
            incubation: self.incubation[slice(3)],
            symptomatic,
            ct_peak: self.ct_peak[slice(19)],
            risk,
            seeks: (word >> 43) as u16,
        }
    }

    /// Whether somebody becomes severely ill in this course, and whether they die. The age of most need not be known.
    #[inline]
    pub fn severity(&self, course: &Course, age: impl FnOnce() -> u8) -> (bool, bool) {
        if !course.symptomatic || course.risk >= self.worst {
            return (false, false);
        }
        let age = usize::from(age().min(127));
        (course.risk < self.severe[age], course.risk < self.deaths[age])
    }

    /// What of a course decides how a case spreads on a day so many days after that of its infection: the share of its
    /// infectiousness, whether there are symptoms, and sociability: contacts outside the household, relative to the mean. The draws are
    /// those of [`Courses::of`].
    #[inline]
    pub fn spread(&self, person: u32, days: usize) -> (f32, bool, f32) {
        let word = Dice::new(self.seed, Draw::Course, u64::from(person)).next();
        let weight = self.weights.get(days).map_or(0.0, |row| row[(word & 7) as usize]);
        (weight, (word >> 27 & 0xFFFF) >= self.asymptomatic, self.sociability[(word >> 11 & 255) as usize])
    }

    /// Share of a case's infectiousness that lies before the beginning of a day so many days after that of its infection.
    pub fn spent(&self, person: u32, days: usize) -> f64 {
        let phase = (Dice::new(self.seed, Draw::Course, u64::from(person)).next() & 7) as usize;
        let upto = |days: usize| self.weights.iter().take(days).map(|row| f64::from(row[phase])).sum::<f64>();
        (upto(days) / upto(self.weights.len())).min(1.0)
    }

    /// Longest incubation, in whole days with the day of infection.
    pub fn incubation_days(&self) -> usize {
        self.incubation[255] as usize + 2
    }

    /// Longest time in which virus can be found, in whole days with the day of infection.
    pub fn shedding_days(&self, disease: &Disease) -> usize {
        (f64::from(self.incubation[255]) + disease.ct_peak_after.max(0.0) + disease.ct_fall) as usize + 2
    }

    /// Days after infection in which a case can infect.
    pub fn infectious_days(&self) -> std::ops::Range<usize> {
        self.first..self.weights.len()
    }
}

/// Ct of a swab taken so many days after infection, if there is anything to find.
pub(crate) fn ct(disease: &Disease, course: &Course, days: f32) -> Option<f32> {
    let peak = peak(disease, course);
    let rise = (disease.ct_rise as f32).min((peak - disease.ct_hidden as f32).max(0.25));
    let fall = disease.ct_fall as f32;
    let share = if days < peak { (peak - days) / rise } else { (days - peak) / fall };
    (0.0..1.0).contains(&share).then_some(course.ct_peak + (CT_EDGE - course.ct_peak) * share)
}

/// Days after infection at which nothing is found any more.
pub(crate) fn shedding_ends(disease: &Disease, course: &Course) -> f32 {
    peak(disease, course) + disease.ct_fall as f32
}

/// Days from infection to the lowest Ct.
fn peak(disease: &Disease, course: &Course) -> f32 {
    (course.incubation + disease.ct_peak_after as f32).max(0.5)
}

/// Risk by age, of 2^32, that has the wanted mean over the people of the city and grows with age.
fn risks(disease: &Disease, mean: f64, city: &Population) -> Vec<u64> {
    let slope = ln(2.0) / disease.risk_doubles_years;
    let relative: Vec<f64> = (0..128).map(|age| exp(slope * f64::from(age.min(100)))).collect();
    let mut people = vec![0u64; 128];
    let step = (city.people() / 200_000).max(1);
    for person in (0..city.people()).step_by(step as usize) {
        people[usize::from(city.age(person))] += 1;
    }
    let sum: f64 = people.iter().zip(&relative).map(|(count, risk)| *count as f64 * risk).sum();
    let count: u64 = people.iter().sum();
    let scale = mean / (sum / count.max(1) as f64) / (1.0 - disease.asymptomatic).max(0.01);
    relative.iter().map(|risk| ((risk * scale).min(0.8) * 4_294_967_296.0) as u64).collect()
}
