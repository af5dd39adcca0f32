//! A set of dense numbers as bits. Pure; a count over a range costs one instruction for 64 of them.

use std::ops::Range;

const BITS: usize = 64;

/// A set of numbers from 0 to its length.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Bits {
    words: Vec<u64>,
}

/// Bits of one word that lie in a range.
pub(super) fn mask(word: usize, range: &Range<usize>) -> u64 {
    let low = range.start.saturating_sub(word * BITS);
    let high = (range.end - word * BITS).min(BITS);
    let below = |n: usize| if n >= BITS { u64::MAX } else { (1u64 << n) - 1 };
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
        }
    }
}
