//! Names as numbers: each distinct name gets the next number, in the order in which it was first seen. One table of 8
//! bytes an entry and one run of text, so that a million names cost some tens of megabytes; no order of a hash shows.

/// Distinct names, numbered from 0.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// Upper half of the hash, and the number plus one; 0 is free. The size is a power of two.
    slots: Vec<u64>,
    /// Eight bits for each slot, of which each name sets one: most of what is not here is told by them, and they stay near.
    marks: Vec<u64>,
    text: Vec<u8>,
    ends: Vec<usize>,
}

const HALF: u64 = 0xFFFF_FFFF_0000_0000;

impl Names {
    /// No names yet.
    pub fn new() -> Self {
        Names::default()
    }
    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
    /// The name with a number; empty if there is none.
    pub fn name(&self, number: u32) -> &[u8] {
        let at = number as usize;
        let start = if at == 0 { 0 } else { self.ends.get(at - 1).copied().unwrap_or(0) };
        self.ends.get(at).map_or(&[], |end| &self.text[start..*end])
    }
    /// The number of a name, if it is known.
    #[inline]
    pub fn get(&self, name: &[u8]) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let hash = hash(name);
        if !self.is_marked(hash) {
            return None;
        }
        let found = self.slots[self.slot(name, hash)];
        (found != 0).then(|| found as u32 - 1)
    }
    /// The number of a name, a new one if it is not known. Nothing if there are four billion already.
    pub fn number(&mut self, name: &[u8]) -> Option<u32> {
        if (self.ends.len() + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let hash = hash(name);
        let slot = self.slot(name, hash);
        if self.slots[slot] != 0 {
            return Some(self.slots[slot] as u32 - 1);
        }
        let number = u32::try_from(self.ends.len() + 1).ok()?;
        self.slots[slot] = hash & HALF | u64::from(number);
        self.mark(hash);
        self.text.extend_from_slice(name);
        self.ends.push(self.text.len());
        Some(number - 1)
    }
    /// Numbers in the order of the bytes of their names.
    pub fn sorted(&self) -> Vec<u32> {
        let mut numbers: Vec<u32> = (0..self.ends.len() as u32).collect();
        numbers.sort_unstable_by(|a, b| self.name(*a).cmp(self.name(*b)));
        numbers
    }

    /// Where a name stands, or the free slot where it would.
    #[inline]
    fn slot(&self, name: &[u8], hash: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let found = self.slots[at];
            if found == 0 || (found & HALF == hash & HALF && self.name(found as u32 - 1) == name) {
                return at;
            }
            at = (at + 1) & mask;
        }
    }
    #[inline]
    fn is_marked(&self, hash: u64) -> bool {
        self.marks[(hash >> 6) as usize & (self.marks.len() - 1)] >> (hash & 63) & 1 == 1
    }
    fn mark(&mut self, hash: u64) {
        let word = (hash >> 6) as usize & (self.marks.len() - 1);
        self.marks[word] |= 1 << (hash & 63);
    }
    fn grow(&mut self) {
        self.slots = vec![0; (self.slots.len() * 2).max(64)];
        self.marks = vec![0; self.slots.len() / 8];
        for number in 0..self.ends.len() as u32 {
            let hash = hash(self.name(number));
            let slot = self.slot(self.name(number), hash);
            self.slots[slot] = hash & HALF | u64::from(number + 1);
            self.mark(hash);
        }
    }
}

/// Folded multiplication over words of eight bytes; good enough for a table whose names are compared anyway.
#[inline]
fn hash(name: &[u8]) -> u64 {
    let fold = |a: u64, b: u64| {
        let wide = u128::from(a) * u128::from(b);
        wide as u64 ^ (wide >> 64) as u64
    };
    let mut state = 0x9E37_79B9_7F4A_7C15 ^ name.len() as u64;
    let (words, rest) = name.as_chunks::<8>();
    for word in words {
        state = fold(state ^ u64::from_le_bytes(*word), 0xD6E8_FEB8_6659_FD93);
    }
    let mut last = 0;
    for &byte in rest {
        last = last << 8 | u64::from(byte);
    }
    fold(fold(state ^ last, 0xA076_1D64_78BD_642F), 0xE703_7ED1_A0B4_28DB)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn names_keep_their_numbers() {
        let mut names = Names::new();
        let mut wanted = BTreeMap::new();
        assert_eq!((names.get(b"a"), names.name(0), names.is_empty()), (None, b"".as_slice(), true));
        for at in 0..20_000_u32 {
            let name = format!("P{}", at.wrapping_mul(7_919) % 9_001);
            let next = wanted.len() as u32;
            let number = *wanted.entry(name.clone()).or_insert(next);
            assert_eq!(names.number(name.as_bytes()), Some(number));
        }
        assert_eq!(names.len(), wanted.len());
        for (name, number) in &wanted {
            assert_eq!((names.get(name.as_bytes()), names.name(*number)), (Some(*number), name.as_bytes()));
        }
        assert_eq!(names.get(b"P9001"), None);
        let sorted: Vec<&[u8]> = names.sorted().into_iter().map(|number| names.name(number)).collect();
        assert_eq!(sorted, wanted.keys().map(String::as_bytes).collect::<Vec<_>>());
        assert_eq!(names.number(b""), Some(9_001)); // the empty name is a name too
    }
}
