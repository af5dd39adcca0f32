//! Sets of people that grow to millions: bits that know how many they hold, two bits for where somebody is held, and people
//! by name until bits take less room. They keep no order of their own and give people in the order of their numbers or of their
//! coming, so nothing may depend on it.

use super::measures::Hold;

/// A set of numbers that knows how many it holds.
#[derive(Clone, Debug)]
pub(super) struct Bits {
    words: Vec<u64>,
    pub count: u32,
}

impl Bits {
    pub fn new(size: u32) -> Bits {
        Bits { words: vec![0; size as usize / 64 + 1], count: 0 }
    }
    pub fn set(&mut self, at: u32, value: bool) {
        if self.has(at) != value {
            self.words[at as usize / 64] ^= 1 << (at % 64);
            self.count = if value { self.count + 1 } else { self.count - 1 };
        }
    }
    #[inline]
    pub fn has(&self, at: u32) -> bool {
        self.words[at as usize / 64] >> (at % 64) & 1 == 1
    }
    /// All of them, in order.
    fn each(&self, mut each: impl FnMut(u32)) {
        for (word, bits) in self.words.iter().enumerate() {
            let mut left = *bits;
            while left != 0 {
                each(word as u32 * 64 + left.trailing_zeros());
                left &= left - 1;
            }
        }
    }
}

/// Where everybody is held.
#[derive(Clone, Debug)]
pub(super) struct Holds(Vec<u64>);

impl Holds {
    pub fn new(people: u32) -> Holds {
        Holds(vec![0; people as usize / 32 + 1])
    }
    pub fn set(&mut self, person: u32, hold: Hold) {
        let (word, shift) = (&mut self.0[person as usize / 32], person % 32 * 2);
        *word = *word & !(3 << shift) | (hold as u64) << shift;
    }
    #[inline]
    pub fn of(&self, person: u32) -> Hold {
        match self.0[person as usize / 32] >> (person % 32 * 2) & 3 {
            0 => Hold::Free,
            1 => Hold::Home,
            _ => Hold::Away,
        }
    }
    /// Whether somebody is held away from home; without a branch, for those who ask this of many at once.
    #[inline]
    pub fn away(&self, person: u32) -> bool {
        self.0[person as usize / 32] >> (person % 32 * 2 + 1) & 1 == 1
    }
    /// Whether somebody is not held, in the same way.
    #[inline]
    pub fn free(&self, person: u32) -> bool {
        self.0[person as usize / 32] >> (person % 32 * 2) & 3 == 0
    }
}

/// People of whom each is added once, for a day that comes.
#[derive(Clone, Debug)]
pub(super) enum People {
    /// By name.
    Few(Vec<u32>),
    /// So many that a bit for everybody takes less room.
    Many(Bits),
}

impl Default for People {
    fn default() -> Self {
        People::Few(Vec::new())
    }
}

impl People {
    /// Adds somebody of so many people.
    pub fn add(&mut self, person: u32, of: u32) {
        match self {
            People::Few(list) if list.len() < of as usize / 32 => list.push(person),
            People::Few(list) => {
                let mut bits = Bits::new(of);
                list.iter().chain([&person]).for_each(|person| bits.set(*person, true));
                *self = People::Many(bits);
            }
            People::Many(bits) => bits.set(person, true),
        }
    }
    /// All of them.
    pub fn each(&self, mut each: impl FnMut(u32)) {
        match self {
            People::Few(list) => list.iter().for_each(|person| each(*person)),
            People::Many(bits) => bits.each(each),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_give_everybody_once() {
        let of = 3_200;
        for wanted in [0u32, 1, 99, 100, 101, 3_000] {
            let mut people = People::default();
            // each once, in an order that is not that of their numbers
            let mut expected: Vec<u32> = (0..wanted).map(|number| number * 1_777 % of).collect();
            expected.iter().for_each(|person| people.add(*person, of));
            assert_eq!(matches!(people, People::Many(_)), wanted > 100, "{wanted}");
            let mut given = Vec::new();
            people.each(|person| given.push(person));
            given.sort_unstable();
            expected.sort_unstable();
            assert_eq!(given, expected);
        }
    }

    #[test]
    fn a_hold_touches_nobody_else() {
        let mut holds = Holds::new(100);
        holds.set(31, Hold::Away);
        holds.set(32, Hold::Home);
        holds.set(33, Hold::Away);
        holds.set(33, Hold::Free);
        let all: Vec<(u32, Hold)> = (0..100).map(|person| (person, holds.of(person))).collect();
        let held: Vec<_> = all.iter().filter(|(_, hold)| *hold != Hold::Free).collect();
        assert_eq!(held, [&(31, Hold::Away), &(32, Hold::Home)]);
        assert!((0..100).all(|person| holds.away(person) == (holds.of(person) == Hold::Away)));
        assert!((0..100).all(|person| holds.free(person) == (holds.of(person) == Hold::Free)));
    }
}
