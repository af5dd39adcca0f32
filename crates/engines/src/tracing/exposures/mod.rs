//! Exposure search: everybody who was at the same place as a case at the same time, for how long, exactly. It may use
//! nothing but its arguments: columns of numbered people and places, seconds, windows of cases. Equal input gives equal
//! output on any number of threads, and a test asks a plain comparison of all pairs.
//!
//! What counts (docs/trace.md): a visit lasts from its first second up to its last moment, which is not part of it. Where a
//! case was is the union of its own visits there, cut to its windows; where somebody was is the union of their visits
//! there. A contact is the time that both share at one place; it is listed if it adds up to the least that was asked for.
//!
//! [`exposures`] searches columns once. [`Index`] is built once and asked often. Both find where cases were
//! (`presence`), gather who else was there then, and add up (`overlap`).

mod index;
mod overlap;
mod presence;
#[cfg(test)]
mod tests;

pub use index::Index;
pub use presence::Presence;

use super::sharing::{by_blocks, part};
use overlap::{Dealt, Stay, add_up};
use thiserror::Error;

/// Seconds after the base that mean "still there".
const OPEN: u32 = u32::MAX;

/// Visits as columns, 16 bytes each. Times are kept as seconds since a base, and visits are cut to the 136 years that
/// follow it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visits {
    base: i64,
    person: Vec<u32>,
    place: Vec<u32>,
    from: Vec<u32>,
    to: Vec<u32>,
}

impl Visits {
    /// No visits yet. `base` is the earliest second that matters, in seconds since 1970-01-01T00:00:00Z: at or before the
    /// start of every window that will be asked for.
    pub fn new(base: i64) -> Self {
        Visits { base, ..Visits::default() }
    }
    /// The same, with room for so many visits.
    pub fn with_capacity(base: i64, rows: usize) -> Self {
        let column = || Vec::with_capacity(rows);
        Visits { base, person: column(), place: column(), from: column(), to: column() }
    }
    /// Adds a visit of a person at a place from a second up to another, which is not part of it; `None` is still there.
    /// People and places are numbers from 0, best without gaps: memory grows with the largest. A visit without a second
    /// after the base is left out.
    #[inline]
    pub fn push(&mut self, person: u32, place: u32, from: i64, to: Option<i64>) {
        let from = self.seconds(from);
        let to = to.map_or(OPEN, |to| self.seconds(to));
        if from < to {
            self.person.push(person);
            self.place.push(place);
            self.from.push(from);
            self.to.push(to);
        }
    }
    /// Number of visits held.
    pub fn len(&self) -> usize {
        self.person.len()
    }
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.person.is_empty()
    }
    /// Seconds since the base, cut to what can be held.
    fn seconds(&self, at: i64) -> u32 {
        at.saturating_sub(self.base).clamp(0, i64::from(OPEN - 1)) as u32
    }
    fn stay(&self, row: usize) -> Stay {
        Stay { person: self.person[row], from: self.from[row], to: self.to[row] }
    }
}

/// When a case matters: from a second up to another, which is not part of it. A case may have several windows, which are
/// united, and several people, if one person was registered as two: all of them are the case and none its contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Number of the case.
    pub case: u32,
    /// Number of the person who is the case.
    pub person: u32,
    /// First second, since 1970-01-01T00:00:00Z.
    pub from: i64,
    /// End, in the same unit.
    pub to: i64,
}

/// A person who was with a case at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contact {
    /// Number of the case.
    pub case: u32,
    /// Number of the other person.
    pub person: u32,
    /// Number of the place.
    pub place: u32,
    /// First second of contact, since 1970-01-01T00:00:00Z.
    pub first: i64,
    /// End of the last contact, in the same unit.
    pub last: i64,
    /// Seconds that both were there.
    pub seconds: u32,
}

impl Contact {
    /// What stands in a row before its contact does.
    const NONE: Contact = Contact { case: 0, person: 0, place: 0, first: 0, last: 0, seconds: 0 };
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Search {
    /// Fewest seconds of contact at one place. At 0 a shared second is still needed.
    pub seconds_min: u32,
    /// Threads to work on, at least one.
    pub threads: usize,
}

/// A search that cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ExposureError {
    /// A window outside the time for which visits are held.
    #[error(
        "the window of case number {case} ({from} to {to}, in seconds since 1970) reaches outside the 136 years after {base}, for which visits are held; correct the window, or hold visits from an earlier base"
    )]
    WindowOutside {
        /// Number of the case.
        case: u32,
        /// Start of the window.
        from: i64,
        /// End of the window.
        to: i64,
        /// Base of the visits.
        base: i64,
    },
    /// More visits than a row number can hold.
    #[error("{rows} visits are more than an index can hold (4,294,967,295); split them by place")]
    TooMany {
        /// Visits given.
        rows: usize,
    },
}

/// Blocks into which columns are cut, for each thread.
const BLOCKS_PER_THREAD: usize = 8;

/// All contacts of all windows, in the order of case, person, place. Reads the columns twice and keeps only what touches
/// the places and times of cases.
pub fn exposures(visits: &Visits, windows: &[Window], search: Search) -> Result<Vec<Contact>, ExposureError> {
    let blocks = search.threads.max(1) * BLOCKS_PER_THREAD;
    let rows = |block| part(visits.len(), blocks, block);

    let people = Sieve::of(windows.iter().map(|window| window.person));
    let own = by_blocks(blocks, search.threads, |block| {
        let range = rows(block);
        let start = range.start;
        let found = visits.person[range].iter().enumerate().filter(|(_, person)| people.has(**person));
        found.map(|(at, _)| start + at).collect::<Vec<usize>>()
    });
    let own = own.into_iter().flatten().map(|row| (visits.place[row], visits.stay(row)));
    let presence = Presence::new(visits.base, windows, own)?;

    // dealt out by the block of places that adds them up, so that no thread waits for another to sort them
    let dealt = Dealt::of(&presence, search);
    let touching = by_blocks(blocks, search.threads, |block| {
        let range = rows(block);
        let start = range.start;
        let mut found = vec![Vec::new(); dealt.blocks];
        for (at, &place) in visits.place[range].iter().enumerate() {
            if let Some(slot) = presence.slot(place) {
                let stay = visits.stay(start + at);
                if presence.touches(slot, stay.from, stay.to) {
                    found[dealt.block_of(slot)].push((slot as u32, stay));
                }
            }
        }
        found
    });
    Ok(add_up(&presence, search, &dealt, |block, _, into| {
        touching.iter().for_each(|part| into.extend_from_slice(&part[block]));
    }))
}

/// Numbers among which one is looked for that is mostly not there: sixteen kilobytes, which stay near, tell most of what is not.
struct Sieve {
    coarse: Bits,
    exact: Bits,
}

impl Sieve {
    fn of(numbers: impl Iterator<Item = u32>) -> Sieve {
        let mut sieve = Sieve { coarse: Bits::default(), exact: Bits::default() };
        for number in numbers {
            sieve.coarse.set(Sieve::mark(number));
            sieve.exact.set(number);
        }
        sieve
    }
    /// Seventeen bits of a number's product with the golden ratio, which spreads numbers that lie close.
    #[inline]
    fn mark(number: u32) -> u32 {
        number.wrapping_mul(0x9E37_79B1) >> 15
    }
    #[inline]
    fn has(&self, number: u32) -> bool {
        self.coarse.has(Sieve::mark(number)) && self.exact.has(number)
    }
}

/// A set of numbers, one bit each.
#[derive(Clone, Debug, Default)]
struct Bits(Vec<u64>);

impl Bits {
    fn set(&mut self, number: u32) {
        let word = number as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (number % 64);
    }
    #[inline]
    fn has(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }
    /// Numbers in the set before each word.
    fn ranks(&self) -> Vec<u32> {
        let before = self.0.iter().scan(0, |sum, word| {
            let before = *sum;
            *sum += word.count_ones();
            Some(before)
        });
        before.collect()
    }
    /// How many smaller numbers are in the set, if this one is.
    #[inline]
    fn rank(&self, number: u32, ranks: &[u32]) -> Option<usize> {
        let (at, bit) = (number as usize / 64, number % 64);
        let word = *self.0.get(at)?;
        (word >> bit & 1 == 1).then(|| (ranks[at] + (word & ((1 << bit) - 1)).count_ones()) as usize)
    }
}
