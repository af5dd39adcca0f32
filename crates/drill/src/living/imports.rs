//! Whom a day's imports infect, in the outbreak of the drill and in the one that would have been without it.

use super::{Chance, Living, Of, outbreak};
use crate::scenario::{Among, Import};
use dayclear_engines::{
    city::Occupation,
    outbreak::{Outbreak, Status},
};
use std::ops::Range;

/// Draws of somebody until one is found who is as wanted.
const TRIES: u64 = 10_000;

/// Whom an import infects, of those who can be infected.
fn brought(outbreak: &Outbreak, chance: Chance, n: u64, import: &Import) -> Vec<u32> {
    let (city, now) = (outbreak.city(), f32::from(outbreak.day()));
    let can_be = |person: u32| outbreak.status(person, now) == Status::Susceptible;
    let draw = |bound: u64, k: u64| chance.below(Of::Fault, 1 << 48 | n << 32 | k, bound);
    let among = |people: Range<u32>| -> Vec<u32> {
        let size = u64::from(people.end - people.start);
        let mut found: Vec<u32> = Vec::new();
        for k in 0..TRIES {
            let person = people.start + draw(size, 1 << 20 | k) as u32;
            if found.len() < import.people as usize && can_be(person) && !found.contains(&person) {
                found.push(person);
            }
        }
        found
    };
    let around = |people: Vec<u32>| -> Vec<u32> {
        let people: Vec<u32> = people.into_iter().filter(|person| can_be(*person)).collect();
        let first = draw(people.len() as u64, 1) as usize;
        people.iter().cycle().skip(first).take((import.people as usize).min(people.len())).copied().collect()
    };
    let somebody = |wanted: &dyn Fn(u32) -> bool| {
        let all = u64::from(city.people());
        (0..TRIES).map(|k| draw(all, 2 + k) as u32).find(|person| can_be(*person) && wanted(*person)).unwrap_or(0)
    };
    let group = |occupation: Occupation| {
        let person = somebody(&|person| city.occupation(person) == occupation && city.group_of(person).is_some());
        city.group_around(person).map_or_else(|| vec![person], <[u32]>::to_vec)
    };
    match import.among {
        Among::Anybody => among(0..city.people()),
        Among::Market => among(city.market(city.market_of(somebody(&|_| true)))),
        Among::Workplace => around(group(Occupation::Work)),
        Among::Class => around(group(Occupation::Class)),
        Among::CareHome => around(group(Occupation::Care)),
        Among::Household => around(city.household(somebody(&|_| true)).collect()),
    }
}

impl Living {
    /// Whom a day's imports infect in an outbreak.
    pub(super) fn imported(&self, outbreak: &Outbreak, day: i32) -> Vec<u32> {
        let imports = self.scenario.imports.iter().enumerate().filter(|(_, import)| import.day == day);
        imports.flat_map(|(n, import)| brought(outbreak, self.chance, n as u64, import)).collect()
    }

    /// The same outbreak before its first day, for whoever asks what would have been.
    pub fn alone(&self) -> Result<Outbreak, crate::DrillError> {
        outbreak(&self.city, &self.scenario, self.chance.0)
    }
    /// A day's imports, into another outbreak of the same city.
    pub fn bring(&self, outbreak: &mut Outbreak, day: i32) {
        self.imported(outbreak, day).into_iter().for_each(|person| outbreak.import(person));
        self.infected_elsewhere(outbreak, day).into_iter().for_each(|person| outbreak.import(person));
    }
}
