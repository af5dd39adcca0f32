//! A set of dense numbers as bits. Pure; a count over a range costs one instruction for 64 of them.

use std::ops::Range;

const BITS: usize = 64;

/// A set of numbers from 0 to its length.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Bits {
    words: Vec<u64>,
}

/// A run of neighbours who stay neighbours when others come or go: where they stood, where they stand now, and how many they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) len: u32,
}

/// Bits of one word below a place in it.
pub(super) const fn below(n: usize) -> u64 {
    if n >= BITS { u64::MAX } else { (1u64 << n) - 1 }
}

/// Bits of one word that lie in a range.
pub(super) fn mask(word: usize, range: &Range<usize>) -> u64 {
    let low = range.start.saturating_sub(word * BITS);
    let high = (range.end - word * BITS).min(BITS);
    below(high) & !below(low)
}

/// Words that a range touches.
pub(super) fn words(range: &Range<usize>) -> Range<usize> {
    if range.start >= range.end { 0..0 } else { range.start / BITS..range.end.div_ceil(BITS) }
}

impl Bits {
    /// None of `len` numbers.
    pub fn none(len: usize) -> Bits {
        Bits { words: vec![0; len.div_ceil(BITS)] }
    }
    /// Whether a number is in the set.
    pub fn get(&self, at: usize) -> bool {
        self.words.get(at / BITS).is_some_and(|word| word & (1 << (at % BITS)) != 0)
    }
    /// Puts a number in, or takes it out; one beyond the length is nobody's.
    pub fn set(&mut self, at: usize, there: bool) {
        if let Some(word) = self.words.get_mut(at / BITS) {
            let bit = 1u64 << (at % BITS);
            if there { *word |= bit } else { *word &= !bit }
        }
    }
    /// Puts a whole range in; what of it lies beyond the length is nobody's.
    pub fn fill(&mut self, range: Range<usize>) {
        let range = range.start..range.end.min(self.words.len() * BITS);
        for at in words(&range) {
            self.words[at] |= mask(at, &range);
        }
    }
    /// Adds those of another set.
    pub fn join(&mut self, other: &Bits) {
        self.words.iter_mut().zip(&other.words).for_each(|(word, more)| *word |= more);
    }
    /// Keeps those that another set has too.
    pub fn keep(&mut self, other: &Bits) {
        let others = other.words.iter().copied().chain(std::iter::repeat(0));
        self.words.iter_mut().zip(others).for_each(|(word, too)| *word &= too);
    }
    /// Copies what another set says of `n` neighbours to where there is none of them yet.
    pub(super) fn copy(&mut self, other: &Bits, mut from: usize, mut to: usize, mut n: usize) {
        while n > 0 {
            let some = n.min(BITS - to % BITS);
            let (word, shift) = (from / BITS, from % BITS);
            let high = if shift == 0 { 0 } else { other.word(word + 1) << (BITS - shift) };
            let bits = (other.word(word) >> shift | high) & below(some);
            if let Some(word) = self.words.get_mut(to / BITS) {
                *word |= bits << (to % BITS);
            }
            (from, to, n) = (from + some, to + some, n - some);
        }
    }
    /// The same set after people moved: `len` of them are there now, and of those in no run it says nothing.
    pub fn moved(&self, runs: &[Run], len: usize) -> Bits {
        let mut moved = Bits::none(len);
        runs.iter().for_each(|run| moved.copy(self, run.from as usize, run.to as usize, run.len as usize));
        moved
    }
    /// The set in words of 64 numbers, the lowest bit first.
    pub fn as_words(&self) -> &[u64] {
        &self.words
    }
    /// The set of these words; `None`: they are not those of so many numbers.
    pub fn of_words(words: Vec<u64>, len: usize) -> Option<Bits> {
        let beyond = words.last().copied().unwrap_or(0) & !below(len - len.saturating_sub(1) / BITS * BITS);
        (words.len() == len.div_ceil(BITS) && beyond == 0).then_some(Bits { words })
    }
    /// One word of the set, 64 numbers.
    pub(super) fn word(&self, at: usize) -> u64 {
        self.words.get(at).copied().unwrap_or(0)
    }
    /// Numbers of the set in a range.
    pub fn count(&self, range: Range<usize>) -> u64 {
        let range = range.start..range.end.min(self.words.len() * BITS);
        words(&range).map(|at| u64::from((self.word(at) & mask(at, &range)).count_ones())).sum()
    }
    /// Bytes it takes.
    pub fn bytes(&self) -> usize {
        self.words.len() * 8
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_count_is_what_counting_one_by_one_gives(
            there in proptest::collection::vec(any::<bool>(), 1..300), a in 0usize..310, b in 0usize..310,
        ) {
            let mut bits = Bits::none(there.len());
            there.iter().enumerate().for_each(|(at, there)| bits.set(at, *there));
            let (low, high) = (a.min(b), a.max(b));
            let expected = (low..high.min(there.len())).filter(|at| there[*at]).count() as u64;
            prop_assert_eq!(bits.count(low..high), expected);
            let mut filled = bits.clone();
            filled.fill(low..high);
            for (at, there) in there.iter().enumerate() {
                prop_assert_eq!(filled.get(at), *there || (low..high).contains(&at));
            }
            prop_assert_eq!(Bits::of_words(bits.as_words().to_vec(), there.len()), Some(bits.clone()));
            prop_assert_eq!(Bits::of_words(bits.as_words().to_vec(), there.len() + 64), None);
        }

        #[test]
        fn whoever_moves_takes_along_what_the_set_says(
            there in proptest::collection::vec(any::<bool>(), 1..300), cut in 0usize..300, gap in 0usize..150,
        ) {
            let mut bits = Bits::none(there.len());
            there.iter().enumerate().for_each(|(at, there)| bits.set(at, *there));
            // those after the cut stand before the others, with a gap in between
            let cut = cut.min(there.len());
            let (head, tail) = (cut as u32, (there.len() - cut) as u32);
            let runs = [Run { from: head, to: 0, len: tail }, Run { from: 0, to: tail + gap as u32, len: head }];
            let len = there.len() + gap;
            let moved = bits.moved(&runs, len);
            let mut expected: Vec<bool> = there[cut..].to_vec();
            expected.extend(vec![false; gap]);
            expected.extend(&there[..cut]);
            prop_assert_eq!((0..len).map(|at| moved.get(at)).collect::<Vec<_>>(), expected);
        }
    }
}
