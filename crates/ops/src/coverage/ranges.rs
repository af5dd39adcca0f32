//! Ranges of numbers of tubes, as they were told of: put together, so that nobody is looked for twice, and cut, so that no question is too
//! long. Pure.

use std::ops::RangeInclusive;

/// Tubes read at a time.
pub(super) const TUBES_AT_ONCE: i64 = 5_000;

/// The same numbers in ranges that do not meet, in order.
pub(super) fn together(mut ranges: Vec<RangeInclusive<i64>>) -> Vec<RangeInclusive<i64>> {
    ranges.sort_unstable_by_key(|range| (*range.start(), *range.end()));
    let mut whole: Vec<RangeInclusive<i64>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match whole.last_mut().filter(|last| *range.start() <= last.end() + 1) {
            Some(last) => *last = *last.start()..=*last.end().max(range.end()),
            None => whole.push(range),
        }
    }
    whole
}

/// The same range in parts, in order.
pub(super) fn in_parts(range: RangeInclusive<i64>) -> impl Iterator<Item = RangeInclusive<i64>> {
    let last = *range.end();
    range.step_by(TUBES_AT_ONCE as usize).map(move |from| from..=last.min(from + TUBES_AT_ONCE - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_meet_are_one() {
        for (given, expected) in [
            (vec![], vec![]),
            (vec![5..=9, 1..=2], vec![1..=2, 5..=9]),
            (vec![1..=4, 5..=9, 2..=3], vec![1..=9]),
            (vec![1..=9, 2..=3, 11..=12], vec![1..=9, 11..=12]),
        ] {
            assert_eq!(together(given), expected);
        }
    }

    #[test]
    fn parts_of_a_range_are_the_whole_range() {
        let most = TUBES_AT_ONCE;
        for (range, parts) in [
            (1..=3, vec![1..=3]),
            (1..=most, vec![1..=most]),
            (5..=most + 5, vec![5..=most + 4, most + 5..=most + 5]),
            (1..=2 * most, vec![1..=most, most + 1..=2 * most]),
        ] {
            assert_eq!(in_parts(range).collect::<Vec<_>>(), parts);
        }
    }
}
