//! Which of many neighbouring ranges a number lies in: people in buildings and communities, places in groups. Four bytes
//! for each range and a coarse index, so a look-up touches one or two lines of memory instead of searching.

use std::ops::Range;

/// Numbers to one step of the coarse index, as a shift.
const STEP: u32 = 6;

/// Ranges that follow each other without a gap, from 0 on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spans {
    /// Where each begins, and where the last one ends.
    first: Vec<u32>,
    /// The range that holds the first number of each step.
    coarse: Vec<u32>,
}

impl Spans {
    /// From where each range begins and the last one ends; empty ranges are allowed and never found.
    pub fn new(first: Vec<u32>) -> Self {
        let end = first.last().copied().unwrap_or(0);
        let mut coarse = Vec::with_capacity((end >> STEP) as usize + 1);
        let mut range = 0;
        for step in 0..=(end >> STEP) {
            while range + 2 < first.len() && first[range + 1] <= step << STEP {
                range += 1;
            }
            coarse.push(range as u32);
        }
        Spans { first, coarse }
    }

    /// How many ranges there are.
    #[inline]
    pub fn len(&self) -> u32 {
        self.first.len().saturating_sub(1) as u32
    }

    /// A range by its position.
    #[inline]
    pub fn range(&self, position: u32) -> Range<u32> {
        self.first[position as usize]..self.first[position as usize + 1]
    }

    /// Position of the range that holds a number below the end of the last one.
    #[inline]
    pub fn of(&self, number: u32) -> u32 {
        self.from(number, self.near(number))
    }

    /// Where the search for a number begins; 0 for a number that lies in no range. Who looks for many asks this of all of them
    /// first, so that the reads of memory do not wait for each other.
    #[inline]
    pub fn near(&self, number: u32) -> u32 {
        self.coarse.get((number >> STEP) as usize).copied().unwrap_or(0)
    }

    /// Position of the range that holds a number below the end of the last one, from where its search begins.
    #[inline]
    pub fn from(&self, number: u32, near: u32) -> u32 {
        let mut range = near;
        while self.first[range as usize + 1] <= number {
            range += 1;
        }
        range
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_found_in_its_range() {
        let first = vec![0, 1, 1, 70, 130, 131, 400];
        let spans = Spans::new(first.clone());
        assert_eq!(spans.len(), 6);
        for number in 0..400 {
            let position = spans.of(number);
            assert!(spans.range(position).contains(&number), "{number} in {position}");
        }
    }
}
