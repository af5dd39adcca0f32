//! Where a round stands with everybody, exactly and at once: people get dense ordinals in the order of place, so that a division
//! or a building is a range of them, and each state is a set of bits. Pure; counting any range costs some bits of each state,
//! whatever the order in which they were set, and the states of a range always add up to the people in it.

mod bits;
mod places;
mod walk;

pub use bits::{Bits, Run};
pub use places::{Moved, Places, PlacesBuilder};
pub use walk::walk;

use dayclear_core::{
    roster::Presence,
    rounds::{Cover, Swab, cover},
};
use std::ops::Range;

/// Presence of everybody: one set for each, and nobody in two of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presences {
    sets: Vec<Bits>,
}

impl Presences {
    /// Nobody knows of anybody.
    pub fn unknown(people: usize) -> Presences {
        Presences { sets: vec![Bits::none(people); Presence::ALL.len()] }
    }
    /// What is known of one.
    pub fn set(&mut self, at: usize, presence: Presence) {
        for (known, set) in Presence::ALL.iter().zip(&mut self.sets) {
            set.set(at, *known == presence && presence != Presence::Unknown);
        }
    }
    /// What is known of one.
    pub fn get(&self, at: usize) -> Presence {
        let known = Presence::ALL.iter().zip(&self.sets).find(|(_, set)| set.get(at));
        known.map_or(Presence::Unknown, |(presence, _)| *presence)
    }
    /// The sets, in the order of [`Presence::ALL`].
    pub fn sets(&self) -> &[Bits] {
        &self.sets
    }
    /// What is known after people moved; nobody knows of whoever is new.
    pub fn moved(&self, runs: &[Run], people: usize) -> Presences {
        Presences { sets: self.sets.iter().map(|set| set.moved(runs, people)).collect() }
    }
    /// Presences that were written down before. `None`: somebody would be in two states.
    pub fn of(sets: Vec<Bits>) -> Option<Presences> {
        let words = sets.first().map_or(0, |set| set.as_words().len());
        let alone = (0..words).all(|at| {
            let mut taken = 0;
            sets.iter().all(|set| {
                let apart = taken & set.word(at) == 0;
                taken |= set.word(at);
                apart
            })
        });
        let even = sets.iter().all(|set| set.as_words().len() == words);
        (sets.len() == Presence::ALL.len() && even && alone).then_some(Presences { sets })
    }
}

/// One round: who belongs to it, and whose swabs it has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    scope: Bits,
    sampled: Bits,
    resulted: Bits,
    twice: Bits,
}

/// A count for each state. The states add up to `people`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// People of the scope.
    pub people: u64,
    /// By state, in the order of [`Cover::ALL`].
    pub by: [u64; Cover::ALL.len()],
    /// Of these, sampled in more than one tube.
    pub twice: u64,
}

impl Counts {
    /// People in a state.
    pub const fn of(&self, cover: Cover) -> u64 {
        self.by[cover.index()]
    }
    /// People whom somebody still has to go to.
    pub fn remaining(&self) -> u64 {
        Cover::ALL.iter().filter(|cover| cover.remains()).map(|cover| self.of(*cover)).sum()
    }
    /// People who were sampled, with a result or without.
    pub const fn sampled(&self) -> u64 {
        self.of(Cover::Resulted) + self.of(Cover::Waiting)
    }
    /// The sum of both.
    pub fn add(&mut self, other: &Counts) {
        self.people += other.people;
        self.twice += other.twice;
        self.by.iter_mut().zip(&other.by).for_each(|(sum, n)| *sum += n);
    }
}

impl Sheet {
    /// A round that nobody belongs to yet.
    pub fn new(people: usize) -> Sheet {
        let none = Bits::none(people);
        Sheet { scope: none.clone(), sampled: none.clone(), resulted: none.clone(), twice: none }
    }
    /// Whether somebody belongs to the round.
    pub fn belongs(&mut self, at: usize, inside: bool) {
        self.scope.set(at, inside);
    }
    /// Who belongs to the round, anew.
    pub fn is_for(&mut self, scope: Bits) {
        self.scope = scope;
    }
    /// Somebody's swabs, anew: how many tubes, and what they add up to.
    pub fn put(&mut self, at: usize, tubes: u64, swab: Swab) {
        self.sampled.set(at, swab != Swab::None);
        self.resulted.set(at, swab == Swab::Resulted);
        self.twice.set(at, tubes > 1);
    }
    /// One more swab of somebody. Each must be told once.
    pub fn add(&mut self, at: usize, resulted: bool) {
        let again = self.sampled.get(at);
        self.twice.set(at, again || self.twice.get(at));
        self.sampled.set(at, true);
        self.resulted.set(at, resulted || self.resulted.get(at));
    }
    /// Who was sampled.
    pub fn sampled(&self) -> &Bits {
        &self.sampled
    }
    /// The sets: who belongs to it, who was sampled, who has a result, who was sampled twice.
    pub fn sets(&self) -> [&Bits; 4] {
        [&self.scope, &self.sampled, &self.resulted, &self.twice]
    }
    /// A sheet that was written down before.
    pub fn of([scope, sampled, resulted, twice]: [Bits; 4]) -> Sheet {
        Sheet { scope, sampled, resulted, twice }
    }
    /// The sheet after people moved; whoever is new does not belong to the round, and has no swab.
    pub fn moved(&self, runs: &[Run], people: usize) -> Sheet {
        Sheet::of(self.sets().map(|set| set.moved(runs, people)))
    }
    /// Where the round stands with one person; `None`: they do not belong to it.
    pub fn cover(&self, presences: &Presences, at: usize) -> Option<Cover> {
        let swab = match (self.resulted.get(at), self.sampled.get(at)) {
            (true, _) => Swab::Resulted,
            (_, true) => Swab::Waiting,
            _ => Swab::None,
        };
        self.scope.get(at).then(|| cover(swab, presences.get(at)))
    }
    /// Counts of a range.
    pub fn counts(&self, presences: &Presences, range: Range<usize>) -> Counts {
        let mut counts = Counts::default();
        let ones = |word: u64| u64::from(word.count_ones());
        let kinds: Vec<(usize, &Bits)> = Presence::ALL
            .iter()
            .zip(&presences.sets)
            .filter(|(presence, _)| **presence != Presence::Unknown)
            .map(|(presence, set)| (cover(Swab::None, *presence).index(), set))
            .collect();
        for at in bits::words(&range) {
            let inside = self.scope.word(at) & bits::mask(at, &range);
            if inside == 0 {
                continue;
            }
            let (sampled, resulted) = (self.sampled.word(at), self.resulted.word(at));
            counts.people += ones(inside);
            counts.twice += ones(inside & self.twice.word(at));
            counts.by[Cover::Resulted.index()] += ones(inside & resulted);
            counts.by[Cover::Waiting.index()] += ones(inside & sampled & !resulted);
            let mut left = inside & !sampled;
            for (kind, set) in &kinds {
                let these = left & set.word(at);
                counts.by[*kind] += ones(these);
                left &= !these;
            }
            counts.by[Cover::Unknown.index()] += ones(left);
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_states_of_any_range_add_up_and_are_what_each_person_says(
            people in proptest::collection::vec(
                (any::<bool>(), 0u64..4, any::<bool>(), proptest::sample::select(Presence::ALL)), 1..200),
            a in 0usize..210, b in 0usize..210,
        ) {
            let mut presences = Presences::unknown(people.len());
            let mut sheet = Sheet::new(people.len());
            for (at, (inside, tubes, resulted, presence)) in people.iter().enumerate() {
                sheet.belongs(at, *inside);
                presences.set(at, *presence);
                for n in 0..*tubes {
                    sheet.add(at, *resulted && n == 0);
                }
            }
            let range = a.min(b).min(people.len())..a.max(b).min(people.len());
            let counts = sheet.counts(&presences, range.clone());
            prop_assert_eq!(counts.by.iter().sum::<u64>(), counts.people);
            for cover in Cover::ALL {
                let each = range.clone().filter(|at| sheet.cover(&presences, *at) == Some(*cover)).count() as u64;
                prop_assert_eq!(counts.of(*cover), each, "{}", cover);
            }
            let twice = range.filter(|at| people[*at].0 && people[*at].1 > 1).count() as u64;
            prop_assert_eq!(counts.twice, twice);
        }
    }
}
