//! Who was infected on a day, by whom and where. After a large outbreak this is a third of all memory, so a number is kept in
//! two halves: people come in the order of their numbers, and those whose upper half is the same share it. Six bytes for
//! an infection, four for each 65,536 people of the city on each day.

use super::{Layer, NOBODY};

/// Bits of a number that are kept for each infection.
const LOW: u32 = 16;

/// An infection: who, and by whom and where (the layer in the highest four bits).
#[derive(Clone, Copy, Debug)]
pub(super) struct Infection {
    pub person: u32,
    pub source: u32,
}

impl Infection {
    pub fn infector(self) -> Option<u32> {
        (self.source & NOBODY != NOBODY).then_some(self.source & NOBODY)
    }
    pub fn layer(self) -> Layer {
        Layer::ALL[(self.source >> 28) as usize]
    }
}

/// The infections of a day, each person once, in the order of people.
#[derive(Clone, Debug)]
pub(super) struct Infections {
    /// By upper half of the number: where its people begin; at the end, how many there are.
    begins: Vec<u32>,
    lows: Vec<u16>,
    sources: Vec<u32>,
}

impl Infections {
    /// From so many infections in the order of people, of a city of so many.
    pub fn new(infections: impl Iterator<Item = Infection>, count: usize, people: u32) -> Infections {
        let mut begins = vec![0; (people >> LOW) as usize + 2];
        let (mut lows, mut sources) = (Vec::with_capacity(count), Vec::with_capacity(count));
        for Infection { person, source } in infections {
            begins[(person >> LOW) as usize + 1] += 1;
            lows.push(person as u16);
            sources.push(source);
        }
        for half in 1..begins.len() {
            begins[half] += begins[half - 1];
        }
        Infections { begins, lows, sources }
    }

    /// How many there are.
    #[inline]
    pub fn len(&self) -> usize {
        self.lows.len()
    }

    /// People from a place to the end.
    fn from(&self, from: usize) -> impl Iterator<Item = u32> + '_ {
        let first = self.begins.partition_point(|begin| *begin as usize <= from).saturating_sub(1);
        (first..self.begins.len() - 1).flat_map(move |half| {
            let (begin, end) = (self.begins[half] as usize, self.begins[half + 1] as usize);
            self.lows[begin.max(from).min(end)..end].iter().map(move |low| (half as u32) << LOW | u32::from(*low))
        })
    }

    /// Everybody.
    pub fn people(&self) -> impl Iterator<Item = u32> + '_ {
        self.from(0)
    }

    /// Those between two places.
    pub fn between(&self, from: usize, to: usize) -> impl Iterator<Item = u32> + '_ {
        self.from(from).take(to.saturating_sub(from))
    }

    /// All infections.
    pub fn all(&self) -> impl Iterator<Item = Infection> + '_ {
        self.people().zip(&self.sources).map(|(person, source)| Infection { person, source: *source })
    }

    /// The infection of a person, if it was on this day.
    pub fn of(&self, person: u32) -> Option<Infection> {
        let half = (person >> LOW) as usize;
        let (begin, end) = (self.begins[half] as usize, self.begins[half + 1] as usize);
        let place = self.lows[begin..end].binary_search(&(person as u16)).ok()?;
        Some(Infection { person, source: self.sources[begin + place] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_comes_back_with_their_source() {
        let numbers = [0u32, 5, 65_535, 65_536, 65_537, 200_000, 262_143, 262_144, 300_000];
        let infection = |person: u32| Infection { person, source: 7 << 28 | (person + 1) };
        for count in 0..=numbers.len() {
            let given = &numbers[..count];
            let kept = Infections::new(given.iter().map(|person| infection(*person)), count, 300_001);
            assert_eq!((kept.len(), kept.people().collect::<Vec<_>>()), (count, given.to_vec()));
            for (from, to) in (0..=count).flat_map(|from| (from..=count).map(move |to| (from, to))) {
                assert_eq!(kept.between(from, to).collect::<Vec<_>>(), given[from..to], "{from} to {to}");
            }
            assert!(kept.all().all(|one| one.infector() == Some(one.person + 1) && one.layer() == Layer::City));
            for person in [0, 1, 5, 65_535, 65_536, 131_072, 262_144, 300_000] {
                let found = kept.of(person).map(|one| (one.person, one.infector()));
                assert_eq!(found, given.contains(&person).then_some((person, Some(person + 1))));
            }
        }
        let import = Infection { person: 1, source: 8 << 28 | NOBODY };
        assert_eq!((import.infector(), import.layer()), (None, Layer::Import));
    }
}
