//! Where a round stands with everybody, exactly and at once: people get dense ordinals in the order of place, so that a division
//! or a building is a range of them, and each state is a set of bits. Pure; counting any range costs some bits of each state,
//! whatever the order in which they were set, and the states of a range always add up to the people in it.

mod bits;
mod walk;

pub use bits::Bits;
pub use walk::walk;

use dayclear_core::{
    roster::Presence,
    rounds::{Cover, Swab, cover},
};
use std::{collections::BTreeMap, ops::Range};

/// A person without an ordinal.
const NOBODY: u32 = u32::MAX;

/// People on the roster in the order of place.
#[derive(Debug, Default)]
pub struct Places {
    by_no: Vec<u32>,
    numbers: Vec<u32>,
    doors: Bits,
    divisions: Vec<(Box<str>, usize)>,
    buildings: BTreeMap<Box<str>, Range<usize>>,
}

/// Builds [`Places`] from people in the order of division, building and door.
#[derive(Debug, Default)]
pub struct PlacesBuilder {
    numbers: Vec<u32>,
    doors: Vec<u32>,
    divisions: Vec<(Box<str>, usize)>,
    buildings: BTreeMap<Box<str>, Range<usize>>,
    last: (String, String),
}

impl PlacesBuilder {
    /// The next person: number (dense, at most 32 bits; a larger one is refused), division, building, household. Gives the
    /// ordinal.
    pub fn push(&mut self, no: i64, division: &str, building: &str, household: &str) -> Option<usize> {
        let no = u32::try_from(no).ok()?;
        let at = self.numbers.len();
        if self.divisions.last().is_none_or(|(last, _)| **last != *division) {
            self.divisions.push((division.into(), at));
        }
        if at == 0 || self.last.0 != building {
            building.clone_into(&mut self.last.0);
            self.buildings.insert(building.into(), at..at);
            self.last.1.clear();
        }
        if let Some(range) = self.buildings.get_mut(building) {
            range.end = at + 1;
        }
        if self.last.1 != household || self.doors.is_empty() {
            household.clone_into(&mut self.last.1);
            self.doors.push(at as u32);
        }
        self.numbers.push(no);
        Some(at)
    }

    /// Everybody is there.
    pub fn build(self) -> Places {
        let highest = self.numbers.iter().copied().max().map_or(0, |no| no as usize + 1);
        let mut by_no = vec![NOBODY; highest];
        let mut doors = Bits::none(self.numbers.len());
        for (at, no) in self.numbers.iter().enumerate() {
            by_no[*no as usize] = at as u32;
        }
        self.doors.iter().for_each(|at| doors.set(*at as usize, true));
        Places { by_no, numbers: self.numbers, doors, divisions: self.divisions, buildings: self.buildings }
    }
}

impl Places {
    /// People.
    pub fn len(&self) -> usize {
        self.numbers.len()
    }
    /// Whether nobody is on the roster.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }
    /// Ordinal of a person by number.
    pub fn ordinal(&self, no: i64) -> Option<usize> {
        let at = *self.by_no.get(usize::try_from(no).ok()?)?;
        (at != NOBODY).then_some(at as usize)
    }
    /// Number of the person at an ordinal.
    pub fn number(&self, at: usize) -> Option<i64> {
        self.numbers.get(at).map(|no| i64::from(*no))
    }
    /// Ordinals of everybody in a division: codes of what lies in it begin with its code, and people stand in their order.
    pub fn division(&self, code: &str) -> Range<usize> {
        let start = self.divisions.partition_point(|(of, _)| **of < *code);
        let inside = self.divisions[start..].partition_point(|(of, _)| of.starts_with(code));
        let at = |index: usize| self.divisions.get(index).map_or(self.numbers.len(), |(_, at)| *at);
        at(start)..at(start + inside)
    }
    /// Ordinals of everybody in a building.
    pub fn building(&self, id: &str) -> Range<usize> {
        self.buildings.get(id).cloned().unwrap_or(0..0)
    }
    /// Divisions in which people live (communities), with their ordinals.
    pub fn communities(&self) -> impl Iterator<Item = (&str, Range<usize>)> {
        self.divisions.iter().enumerate().map(|(at, (code, from))| {
            (&**code, *from..self.divisions.get(at + 1).map_or(self.numbers.len(), |(_, to)| *to))
        })
    }
    /// Buildings whose people stand in a range, in the order of the walk.
    pub fn buildings_in(&self, range: &Range<usize>) -> Vec<(&str, Range<usize>)> {
        let inside = self.buildings.iter().filter(|(_, of)| range.start <= of.start && of.end <= range.end);
        let mut inside: Vec<(&str, Range<usize>)> = inside.map(|(id, of)| (&**id, of.clone())).collect();
        inside.sort_by_key(|(_, of)| of.start);
        inside
    }
    /// Doors (households) in a range, and those of them behind which nobody is in any of the sets.
    pub fn unseen(&self, range: Range<usize>, seen: &[&Bits]) -> (u64, u64) {
        let (mut doors, mut unseen, mut found) = (0, 0, true);
        for at in range {
            if self.doors.get(at) {
                unseen += u64::from(!found);
                doors += 1;
                found = false;
            }
            found |= seen.iter().any(|bits| bits.get(at));
        }
        (doors, unseen + u64::from(!found))
    }
    /// Bytes it takes, but for names.
    pub fn bytes(&self) -> usize {
        (self.by_no.len() + self.numbers.len()) * 4 + self.doors.bytes()
    }
}

/// Presence of everybody: one set for each, and nobody in two of them.
#[derive(Clone, Debug)]
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
}

/// One round: who belongs to it, and whose swabs it has.
#[derive(Clone, Debug)]
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

    fn city() -> Places {
        let mut builder = PlacesBuilder::default();
        for (no, division, building, household) in [
            (7, "500103001001", "B1", "H1"),
            (3, "500103001001", "B1", "H1"),
            (1, "500103001001", "B2", "H2"),
            (9, "500103001002", "B3", "H3"),
            (2, "500104001001", "B4", "H4"),
        ] {
            builder.push(no, division, building, household).unwrap();
        }
        builder.build()
    }

    #[test]
    fn a_division_or_a_building_is_a_range() {
        let places = city();
        for (code, range) in
            [("50", 0..5), ("500103", 0..4), ("500103001001", 0..3), ("500104", 4..5), ("500105", 5..5), ("4", 0..0)]
        {
            assert_eq!(places.division(code), range, "{code}");
        }
        assert_eq!((places.building("B1"), places.building("B4"), places.building("B9")), (0..2, 4..5, 0..0));
        assert_eq!((places.ordinal(9), places.ordinal(8), places.number(4)), (Some(3), None, Some(2)));
        let mut seen = Bits::none(5);
        seen.set(1, true);
        assert_eq!(places.unseen(0..5, &[&seen]), (4, 3));
        assert_eq!(places.unseen(0..2, &[&seen]), (1, 0));
    }

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
