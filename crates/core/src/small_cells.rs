//! Small cells of published tables: a table of units by two parts, whose sums by unit and by part are published as they are, must
//! not tell a count of 1 to 10 of a part of a unit, nor let it be worked out from what stands beside it. Pure. Both parts of a
//! unit are withheld together, because one follows from the other and the unit's sum; and further units are withheld until each
//! small count could be anything from 0 to 10, as far as the published sums allow that at all.

/// Counts below this, but 0, are small (CMS and state rules; `safeguards.md`, section 6).
pub const THRESHOLD: u64 = 11;

/// What somebody who adds and subtracts can say of the first part of a withheld unit: no less, and no more. The second part is the
/// rest of the unit's sum.
pub fn bounds(rows: &[[u64; 2]], withheld: &[bool]) -> Vec<Option<(u64, u64)>> {
    let of = |row: &[u64; 2]| row[0] + row[1];
    let hidden: Vec<&[u64; 2]> = rows.iter().zip(withheld).filter(|(_, hide)| **hide).map(|(row, _)| row).collect();
    // the sum of the part over the withheld units is known: the published sum less what is shown
    let part: u64 = hidden.iter().map(|row| row[0]).sum();
    let all: u64 = hidden.iter().map(|row| of(row)).sum();
    rows.iter()
        .zip(withheld)
        .map(|(row, hide)| {
            let others = all - if *hide { of(row) } else { 0 };
            hide.then(|| (part.saturating_sub(others), part.min(of(row))))
        })
        .collect()
}

fn small(row: &[u64; 2]) -> bool {
    row.iter().any(|count| (1..THRESHOLD).contains(count))
}

/// What the published sums alone allow for the first part of a unit: no less, and no more.
fn allowed(row: &[u64; 2], sums: [u64; 2]) -> (u64, u64) {
    let sum = row[0] + row[1];
    (sum.saturating_sub(sums[1]), sum.min(sums[0]))
}

/// Whether each small part of a withheld unit could be anything from 0 to 10, as far as the published sums allow it at all.
fn is_open(row: &[u64; 2], (low, high): (u64, u64), sums: [u64; 2]) -> bool {
    let (sum, (least, most)) = (row[0] + row[1], allowed(row, sums));
    let is_small = |count: u64| (1..THRESHOLD).contains(&count);
    let first = !is_small(row[0]) || (low == least && high >= most.min(THRESHOLD - 1));
    // the second part is what is left of the unit's sum
    let second = !is_small(row[1]) || (high == most && sum - low >= (sum - least).min(THRESHOLD - 1));
    first && second
}

/// Which units are withheld. Nothing is where nothing is small; where withholding every unit is not enough, every unit is.
pub fn withhold(rows: &[[u64; 2]]) -> Vec<bool> {
    let mut withheld: Vec<bool> = rows.iter().map(small).collect();
    if !withheld.contains(&true) {
        return withheld;
    }
    // the smallest units first: what they tell is the least loss; in the order of the table where two are the same
    let mut next: Vec<usize> = (0..rows.len()).filter(|at| !withheld[*at] && rows[*at] != [0, 0]).collect();
    next.sort_by_key(|at| (rows[*at][0] + rows[*at][1], *at));
    let mut next = next.into_iter();
    let sums = rows.iter().fold([0, 0], |[a, b], row| [a + row[0], b + row[1]]);
    loop {
        let closed = bounds(rows, &withheld)
            .iter()
            .zip(rows)
            .any(|(bounds, row)| small(row) && bounds.is_some_and(|bounds| !is_open(row, bounds, sums)));
        match (closed, next.next()) {
            (true, Some(at)) => withheld[at] = true,
            _ => return withheld,
        }
    }
}

/// The same for a table that holds others whole, or comes after them: the week of some days, a later edition of a day. What one of
/// them withholds is withheld here too, because the difference would tell it.
pub fn withhold_beside(rows: &[[u64; 2]], parts: &[Vec<bool>]) -> Vec<bool> {
    let own = withhold(rows);
    let beside = |at: usize| parts.iter().any(|part| part.get(at).copied().unwrap_or(false));
    own.into_iter().enumerate().map(|(at, hide)| hide || beside(at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Everything that the first part of each withheld unit could be, found by trying: an attacker who knows every sum and every
    /// count that is shown.
    fn attack(rows: &[[u64; 2]], withheld: &[bool]) -> Vec<BTreeSet<u64>> {
        let hidden: Vec<usize> = (0..rows.len()).filter(|at| withheld[*at]).collect();
        let part: u64 = hidden.iter().map(|at| rows[*at][0]).sum();
        // sums that the first units can make, and those that the last ones can
        let reach = |units: &[usize]| {
            let mut sums = vec![BTreeSet::from([0u64])];
            for at in units {
                let before = &sums[sums.len() - 1];
                let sum = rows[*at][0] + rows[*at][1];
                let all = before.iter().flat_map(|sofar| (0..=sum).map(move |count| sofar + count));
                let all: BTreeSet<u64> = all.filter(|sofar| *sofar <= part).collect();
                sums.push(all);
            }
            sums
        };
        let forward = reach(&hidden);
        let backward = reach(&hidden.iter().rev().copied().collect::<Vec<_>>());
        let mut could = vec![BTreeSet::new(); rows.len()];
        for (nth, at) in hidden.iter().enumerate() {
            let rest = &backward[hidden.len() - nth - 1];
            let sum = rows[*at][0] + rows[*at][1];
            for count in 0..=sum {
                if forward[nth].iter().any(|sofar| part >= sofar + count && rest.contains(&(part - sofar - count))) {
                    could[*at].insert(count);
                }
            }
        }
        could
    }

    fn safe(rows: &[[u64; 2]], withheld: &[bool]) -> bool {
        let could = attack(rows, withheld);
        let sums = rows.iter().fold([0, 0], |[a, b], row| [a + row[0], b + row[1]]);
        rows.iter().zip(withheld).zip(could).all(|((row, hide), could)| {
            let ends = could.first().copied().zip(could.last().copied());
            !small(row) || (*hide && ends.is_some_and(|ends| is_open(row, ends, sums)))
        })
    }

    #[test]
    fn by_hand() {
        // one small count alone follows from the sum of the part: another unit is withheld beside it
        assert_eq!(withhold(&[[3, 40], [20, 30], [60, 70]]), [true, true, false]);
        // nothing small, nothing withheld; and zero is told
        assert_eq!(withhold(&[[0, 40], [20, 0], [60, 70]]), [false, false, false]);
        // units of which nothing is told hide nobody
        assert_eq!(withhold(&[[3, 40], [0, 0], [60, 70]]), [true, false, true]);
        assert_eq!(bounds(&[[3, 40], [20, 30]], &[true, false]), [Some((3, 3)), None]);
        // all of a part lies in one small unit, and the others are large: still nothing can be told
        let rows = [[0, 9], [4, 30], [0, 50]];
        let withheld = withhold(&rows);
        assert!(safe(&rows, &withheld), "{withheld:?}");
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
        #[test]
        fn who_adds_and_subtracts_and_tries_everything_learns_no_small_count(
            rows in prop::collection::vec([0u64..40, 0u64..40], 1..7),
        ) {
            let withheld = withhold(&rows);
            // the bounds are those that trying finds
            let could = attack(&rows, &withheld);
            for (bounds, could) in bounds(&rows, &withheld).iter().zip(&could) {
                prop_assert_eq!(*bounds, could.first().copied().zip(could.last().copied()));
            }
            // safe, or everything that has a count is withheld and no table of this kind could be safe
            let all: Vec<bool> = rows.iter().map(|row| *row != [0, 0]).collect();
            prop_assert!(safe(&rows, &withheld) || (withheld == all && !safe(&rows, &all)), "{:?} {:?}", rows, withheld);
        }

        /// Tables of days that follow on each other, and the one of all of them together: a unit's count of the whole less its
        /// counts of the days that are shown tells a small one only where the tables alone do not protect it; so the table of the
        /// whole withholds every unit that a day withholds.
        #[test]
        fn tables_of_days_and_of_all_of_them_together_tell_no_small_count(
            days in prop::collection::vec(prop::collection::vec([0u64..25, 0u64..25], 4), 2..4),
        ) {
            let shown: Vec<Vec<bool>> = days.iter().map(|day| withhold(day)).collect();
            let whole: Vec<[u64; 2]> = (0..4)
                .map(|at| days.iter().fold([0, 0], |sum, day| [sum[0] + day[at][0], sum[1] + day[at][1]]))
                .collect();
            let whole_withheld = withhold_beside(&whole, &shown);
            for (at, row) in whole.iter().enumerate() {
                let hidden = shown.iter().filter(|day| day[at]).count();
                // nobody subtracts the days that are shown from a whole that is shown
                prop_assert!(hidden == 0 || whole_withheld[at] || *row == [0, 0]);
            }
        }
    }
}
