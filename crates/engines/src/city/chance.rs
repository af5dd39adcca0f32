//! Chance by counter: every draw is a hash of (seed, purpose, index), so no draw depends on how many came before it
//! elsewhere, and any part of the city can be computed again alone. The mixing is SplitMix64 (Steele, Lea, Flood 2014),
//! in integers only, so that it is the same on every machine.

/// What a draw is for. Two purposes never share a stream of numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Draw {
    Community = 1,
    CommunityWeight,
    CommunityPlace,
    Building,
    Door,
    Size,
    Household,
    Suitable,
    Name,
    Person,
    Needs,
    Presence,
    Given,
    Isolated,
    Key,
    Entry,
    Cluster,
    Unresolved,
    Screening,
    Tube,
    Recall,
    Place,
    Repeated,
    Bed,
    Vehicle,
    Assessment,
    Contact,
    Visit,
    Request,
    Ride,
    Parcel,
    Collective,
    Employment,
    Zone,
    Immune,
    Course,
    Infecting,
    Meeting,
    Swab,
    Seeds,
    Policy,
    Tracing,
    Holding,
    Drill,
    Analytics,
    Shuffle,
    Run,
    Listed,
}

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

#[inline]
const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A stream of numbers that belongs to one thing and one purpose.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The stream of `index` for a purpose.
    #[inline]
    pub(crate) fn new(seed: u64, draw: Draw, index: u64) -> Self {
        Dice(mix(mix(seed.wrapping_add(GOLDEN)) ^ ((draw as u64) << 56)).wrapping_add(mix(index.wrapping_add(GOLDEN))))
    }
    /// A stream for whoever plays beside the city; the first byte of the index is their purpose.
    pub fn beside(seed: u64, index: u64) -> Self {
        Dice::new(seed, Draw::Drill, index)
    }
    /// The next number.
    #[inline]
    #[allow(clippy::should_implement_trait)] // a stream without an end is no iterator
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }
    /// A number below `bound` (0 when `bound` is 0).
    #[inline]
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }
    /// A number from `low` to `high`, both included.
    #[inline]
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(u64::from(high.saturating_sub(low)) + 1) as u32
    }
    /// A signed number from `-reach` to `reach`, both included.
    #[inline]
    pub fn around(&mut self, reach: i32) -> i32 {
        self.below(2 * reach.unsigned_abs() as u64 + 1) as i32 - reach
    }
    /// True so many times in 100,000.
    #[inline]
    pub fn hits(&mut self, in_100k: u32) -> bool {
        self.below(100_000) < u64::from(in_100k)
    }
    /// One of a list that is not empty.
    #[inline]
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }
    /// One of a list of (value, weight) that is not empty.
    #[inline]
    pub fn weighted<T: Copy>(&mut self, list: &[(T, u32)]) -> T {
        let sum: u64 = list.iter().map(|(_, weight)| u64::from(*weight)).sum();
        let mut left = self.below(sum);
        for (value, weight) in list {
            if left < u64::from(*weight) {
                return *value;
            }
            left -= u64::from(*weight);
        }
        list[list.len() - 1].0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mixing_gives_the_published_numbers() {
        // First outputs of SplitMix64 with state 0, as in the reference implementation.
        let mut dice = Dice(0);
        assert_eq!([dice.next(), dice.next()], [0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4]);
    }

    #[test]
    fn draws_stay_inside_their_range_and_reach_its_ends() {
        let mut dice = Dice::new(1, Draw::Person, 1);
        let seen: std::collections::BTreeSet<u32> = (0..200).map(|_| dice.between(3, 6)).collect();
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6]);
        assert!((0..200).all(|_| dice.around(5).abs() <= 5));
        assert_eq!(dice.below(0), 0);
        assert!((0..100).all(|_| dice.weighted(&[('a', 1), ('b', 0)]) == 'a'));
    }
}
