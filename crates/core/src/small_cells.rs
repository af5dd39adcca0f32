//! Small cells of published tables: a table of units by two parts, whose sums by unit and class, and by part and class, are published
//! as they are in tables beside it, must not tell a count of 1 to 10 of a part of a unit, nor let it be worked out from all of them
//! together. Pure. Both parts of a unit are withheld together, because one follows from the other and the unit's sum; and further
//! units are withheld until each small count could be anything from 0 to 10, as far as the published sums allow that at all.

/// Counts below this, but 0, are small (CMS and state rules; `safeguards.md`, section 6).
pub const THRESHOLD: u64 = 11;

/// A unit: by class (confirmed, asymptomatic) both parts (in the community, held).
pub type Row = [[u64; 2]; 2];

/// A table of one class.
pub fn of_one_class(rows: &[[u64; 2]]) -> Vec<Row> {
    rows.iter().map(|row| [*row, [0, 0]]).collect()
}

/// Sum of a part over the classes.
fn part(row: &Row, part: usize) -> u64 {
    row[0][part] + row[1][part]
}

/// What is published of a unit's class.
fn sum(row: &Row, class: usize) -> u64 {
    row[class][0] + row[class][1]
}

fn all(row: &Row) -> u64 {
    sum(row, 0) + sum(row, 1)
}

/// What somebody who has every published table, adds and subtracts can say of the first part of a withheld unit: no less, and no more. The
/// second part is the rest of the unit's sum.
///
/// The tables: each unit's sum by class, the sum of the part by class (how the cases were found), and the first part of the units
/// that are shown. Of a shown unit only both classes together are known, so what they take of one class is known within bounds.
pub fn bounds(rows: &[Row], withheld: &[bool]) -> Vec<Option<(u64, u64)>> {
    let city = [0, 1].map(|class| rows.iter().map(|row| row[class][0]).sum::<u64>());
    let shown = rows.iter().zip(withheld).filter(|(_, hide)| !**hide).map(|(row, _)| row);
    let (mut least, mut most, mut told) = (0, 0, 0);
    for row in shown {
        let count = part(row, 0);
        least += count.saturating_sub(sum(row, 1));
        most += count.min(sum(row, 0));
        told += count;
    }
    let hidden = [0, 1]
        .map(|class| rows.iter().zip(withheld).filter(|(_, hide)| **hide).map(|(row, _)| sum(row, class)).sum::<u64>());
    let of = |row: &Row| {
        let mut ends: Option<(u64, u64)> = None;
        // what the shown units may take of the first class, and so what is left of either to the withheld ones
        for taken in least..=most.min(city[0]) {
            let left = [city[0] - taken, (city[1] + taken).saturating_sub(told)];
            if city[1] + taken < told {
                continue;
            }
            let ends_of = |class: usize| {
                let own = sum(row, class);
                let low = left[class].saturating_sub(hidden[class] - own);
                let high = left[class].min(own);
                (low <= high).then_some((low, high))
            };
            if let (Some(first), Some(second)) = (ends_of(0), ends_of(1)) {
                let (low, high) = (first.0 + second.0, first.1 + second.1);
                ends = Some(ends.map_or((low, high), |(l, h)| (l.min(low), h.max(high))));
            }
        }
        ends
    };
    rows.iter().zip(withheld).map(|(row, hide)| if *hide { of(row) } else { None }).collect()
}

fn is_small(count: u64) -> bool {
    (1..THRESHOLD).contains(&count)
}

fn small(row: &Row) -> bool {
    [0, 1].into_iter().any(|at| is_small(part(row, at)))
}

/// Whether each small part of a withheld unit could be anything from 0 to 10, as far as the published sums allow it at all: as far as
/// it would be open if every unit were withheld.
fn is_open(row: &Row, (low, high): (u64, u64), (least, most): (u64, u64)) -> bool {
    let sum = all(row);
    let first = !is_small(part(row, 0)) || (low == least && high >= most.min(THRESHOLD - 1));
    // the second part is what is left of the unit's sum
    let second = !is_small(part(row, 1)) || (high == most && sum - low >= (sum - least).min(THRESHOLD - 1));
    first && second
}

/// Which counts of one list are withheld whose sum is known: the small ones, and the next smallest until what is withheld adds up to no
/// small number and is more than one.
pub fn withhold_counts(counts: &[u64]) -> Vec<bool> {
    let mut withheld: Vec<bool> = counts.iter().map(|count| is_small(*count)).collect();
    while withheld.contains(&true) {
        let hidden = || counts.iter().zip(&withheld).filter(|(_, hide)| **hide).map(|(count, _)| *count);
        if hidden().count() > 1 && hidden().sum::<u64>() >= THRESHOLD {
            break;
        }
        let next = (0..counts.len()).filter(|at| !withheld[*at] && counts[*at] > 0).min_by_key(|at| counts[*at]);
        match next {
            Some(at) => withheld[at] = true,
            None => break,
        }
    }
    withheld
}

/// Which units are withheld. Nothing is where nothing is small; where withholding every unit is not enough, every unit is.
pub fn withhold(rows: &[Row]) -> Vec<bool> {
    let mut withheld: Vec<bool> = rows.iter().map(small).collect();
    if !withheld.contains(&true) {
        return withheld;
    }
    let allowed = bounds(rows, &vec![true; rows.len()]);
    // the smallest units first: what they tell is the least loss; in the order of the table where two are the same
    let mut next: Vec<usize> = (0..rows.len()).filter(|at| !withheld[*at] && all(&rows[*at]) > 0).collect();
    next.sort_by_key(|at| (all(&rows[*at]), *at));
    let mut next = next.into_iter();
    loop {
        let known = bounds(rows, &withheld);
        let closed = rows.iter().zip(known.iter().zip(&allowed)).any(|(row, (known, allowed))| {
            small(row) && known.zip(*allowed).is_some_and(|(known, allowed)| !is_open(row, known, allowed))
        });
        match (closed, next.next()) {
            (true, Some(at)) => withheld[at] = true,
            _ => return withheld,
        }
    }
}

/// The same for a table that comes after others of the same thing: a later edition of a day. What one of them withholds is withheld here
/// too, because the difference would tell it.
pub fn withhold_beside(rows: &[Row], before: &[Vec<bool>]) -> Vec<bool> {
    let own = withhold(rows);
    let beside = |at: usize| before.iter().any(|table| table.get(at).copied().unwrap_or(false));
    own.into_iter().enumerate().map(|(at, hide)| hide || beside(at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Everything that the first part of each withheld unit could be, found by trying: an attacker who holds every table goes through
    /// all that the other units could have had by class, and looks what that leaves.
    fn attack(rows: &[Row], withheld: &[bool]) -> Vec<BTreeSet<u64>> {
        let city = [0, 1].map(|class| rows.iter().map(|row| row[class][0]).sum::<u64>());
        let size = [city[0] as usize + 1, city[1] as usize + 1];
        // whether the units so far could have had so many of either class
        let with = |sofar: &Vec<Vec<bool>>, row: &Row, hide: bool| {
            let mut next = vec![vec![false; size[1]]; size[0]];
            let all = (0..size[0]).flat_map(|a| (0..size[1]).map(move |b| (a, b)));
            for (a, b) in all.filter(|(a, b)| sofar[*a][*b]) {
                for first in 0..=sum(row, 0) {
                    let second = if hide {
                        0..=sum(row, 1)
                    } else {
                        match part(row, 0).checked_sub(first).filter(|second| *second <= sum(row, 1)) {
                            Some(second) => second..=second,
                            None => continue,
                        }
                    };
                    for second in second {
                        let (a, b) = (a + first as usize, b + second as usize);
                        if a < size[0] && b < size[1] {
                            next[a][b] = true;
                        }
                    }
                }
            }
            next
        };
        let of = |at: usize| {
            let mut others = vec![vec![false; size[1]]; size[0]];
            others[0][0] = true;
            for (other, row) in rows.iter().enumerate().filter(|(other, _)| *other != at) {
                others = with(&others, row, withheld[other]);
            }
            let all = (0..size[0]).flat_map(|a| (0..size[1]).map(move |b| (a, b)));
            let left = all.filter(|(a, b)| others[*a][*b]).map(|(a, b)| (city[0] - a as u64, city[1] - b as u64));
            let fits = left.filter(|(first, second)| *first <= sum(&rows[at], 0) && *second <= sum(&rows[at], 1));
            fits.map(|(first, second)| first + second).collect::<BTreeSet<u64>>()
        };
        (0..rows.len()).map(|at| if withheld[at] { of(at) } else { BTreeSet::new() }).collect()
    }

    fn ends(could: &BTreeSet<u64>) -> Option<(u64, u64)> {
        could.first().copied().zip(could.last().copied())
    }

    fn safe(rows: &[Row], withheld: &[bool]) -> bool {
        let (could, allowed) = (attack(rows, withheld), attack(rows, &vec![true; rows.len()]));
        rows.iter().zip(withheld).zip(could.iter().zip(&allowed)).all(|((row, hide), (could, allowed))| {
            let ends = ends(could).zip(ends(allowed));
            !small(row) || (*hide && ends.is_some_and(|(could, allowed)| is_open(row, could, allowed)))
        })
    }

    #[test]
    fn by_hand() {
        // one small count alone follows from the sum of the part: another unit is withheld beside it
        assert_eq!(withhold(&of_one_class(&[[3, 40], [20, 30], [60, 70]])), [true, true, false]);
        // nothing small, nothing withheld; and zero is told
        assert_eq!(withhold(&of_one_class(&[[0, 40], [20, 0], [60, 70]])), [false, false, false]);
        // units of which nothing is told hide nobody
        assert_eq!(withhold(&of_one_class(&[[3, 40], [0, 0], [60, 70]])), [true, false, true]);
        assert_eq!(bounds(&of_one_class(&[[3, 40], [20, 30]]), &[true, false]), [Some((3, 3)), None]);
        // all of a part lies in one small unit, and the others are large: still nothing can be told
        let rows = of_one_class(&[[0, 9], [4, 30], [0, 50]]);
        let withheld = withhold(&rows);
        assert!(safe(&rows, &withheld), "{withheld:?}");
    }

    #[test]
    fn tables_that_overlap_tell_more_than_either() {
        // of the confirmed nobody was found in the community (the table of routes), so all nine of the first unit that could be are
        // asymptomatic (the table of units); beside the second unit, which is shown, they are just those 5
        let rows: Vec<Row> = vec![[[0, 30], [5, 4]], [[0, 20], [15, 0]], [[0, 40], [12, 14]]];
        assert_eq!(bounds(&rows, &[true, false, false])[0], Some((5, 5)));
        assert_eq!(bounds(&rows, &[true, true, false])[0], Some((5, 9)), "the second can only have had less");
        let withheld = withhold(&rows);
        assert!(safe(&rows, &withheld), "{withheld:?}");
        assert_eq!(withheld, [true, true, true]);
        // by both classes together two units would have been thought to hide it
        let together: Vec<Row> = rows.iter().map(|row| [[part(row, 0), part(row, 1)], [0, 0]]).collect();
        assert_ne!(withhold(&together), withheld);
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]
        #[test]
        fn who_holds_every_table_and_tries_everything_learns_no_small_count(
            rows in prop::collection::vec([[0u64..13, 0u64..13], [0u64..6, 0u64..6]], 1..5),
        ) {
            let withheld = withhold(&rows);
            // the bounds are those that trying finds
            for (bounds, could) in bounds(&rows, &withheld).iter().zip(&attack(&rows, &withheld)) {
                prop_assert_eq!(*bounds, ends(could));
            }
            // safe, or everything that has a count is withheld and no table of this kind could be safe
            let all: Vec<bool> = rows.iter().map(|row| super::all(row) > 0).collect();
            prop_assert!(safe(&rows, &withheld) || (withheld == all && !safe(&rows, &all)), "{:?} {:?}", rows, withheld);
        }

        /// Each day is published with tables of its own, and an edition that comes later has other figures: what was withheld once stays
        /// withheld, and the later table is as safe as if it came alone.
        #[test]
        fn editions_and_days_that_follow_each_other_tell_no_small_count(
            first in prop::collection::vec([[0u64..13, 0u64..13], [0u64..6, 0u64..6]], 4),
            changes in prop::collection::vec(0u64..3, 4),
        ) {
            let before = withhold(&first);
            let later: Vec<Row> = first.iter().zip(&changes).map(|(row, n)| [[row[0][0] + n, row[0][1]], row[1]]).collect();
            let withheld = withhold_beside(&later, std::slice::from_ref(&before));
            for at in 0..later.len() {
                prop_assert!(!before[at] || withheld[at], "a difference of editions would tell it");
            }
            // withholding more never opens what was hidden
            let own = attack(&later, &withhold(&later));
            for (at, could) in attack(&later, &withheld).iter().enumerate().filter(|(at, _)| withhold(&later)[*at]) {
                prop_assert!(could.is_superset(&own[at]));
            }
        }
    }
}
