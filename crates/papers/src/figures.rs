//! Figures that follow from a bulletin by arithmetic alone, shared by the page, the files and the summary. Pure, over the
//! types of core. It guarantees that a sum with an unknown part is unknown, never a smaller number.

use dayclear_core::{
    books::{Balance, Worklist},
    bulletin::{Bulletin, UnitLine},
};

/// Sum of values; `None` when one of them is not known, or there are none.
pub fn sum(values: impl IntoIterator<Item = Option<u64>>) -> Option<u64> {
    values
        .into_iter()
        .try_fold((0u64, false), |(total, _), value| Some((total.checked_add(value?)?, true)))
        .and_then(|(total, any)| any.then_some(total))
}

/// New infections of the day: confirmed and asymptomatic, without those converted, who were counted on an earlier day.
pub fn new_infections(bulletin: &Bulletin) -> Option<u64> {
    sum([bulletin.confirmed, bulletin.asymptomatic])?.checked_sub(bulletin.converted?)
}

/// Share of the new infections that was found in the community, as (part, whole).
pub fn community_share(bulletin: &Bulletin) -> Option<(u64, u64)> {
    Some((bulletin.community?, new_infections(bulletin)?)).filter(|(part, whole)| part <= whole && *whole > 0)
}

/// The books of one worklist, over all divisions that are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorklistLine {
    /// Worklist.
    pub worklist: Worklist,
    /// Open at the start of the day.
    pub opening: u64,
    /// Received during the day.
    pub received: u64,
    /// Completed during the day.
    pub completed: u64,
    /// Cancelled during the day.
    pub cancelled: u64,
    /// Open at the end of the day, as counted.
    pub closing: u64,
    /// Of those, past their deadline.
    pub overdue: u64,
    /// What the flow says must be open.
    pub expected: i64,
    /// Whether every division's line balances; a surplus in one does not make good for a gap in another.
    pub balances: bool,
}

/// The books by worklist, in the order of the line of stations.
pub fn by_worklist(books: &[Balance]) -> Vec<WorklistLine> {
    let line = |worklist: &Worklist| {
        let lines: Vec<&Balance> = books.iter().filter(|balance| balance.worklist == *worklist).collect();
        let total = |field: fn(&Balance) -> u64| lines.iter().map(|balance| field(balance)).sum::<u64>();
        (!lines.is_empty()).then(|| WorklistLine {
            worklist: *worklist,
            opening: total(|balance| balance.opening),
            received: total(|balance| balance.received),
            completed: total(|balance| balance.completed),
            cancelled: total(|balance| balance.cancelled),
            closing: total(|balance| balance.closing),
            overdue: total(|balance| balance.overdue),
            expected: lines.iter().map(|balance| balance.expected()).sum(),
            balances: lines.iter().all(|balance| balance.balances()),
        })
    };
    Worklist::ALL.iter().filter_map(line).collect()
}

/// Reporting units as a reader wants them: those with cases, most first; then those of which something is not known;
/// and apart from them the ones without any case.
pub struct Units<'a> {
    /// Units with cases, or with something that is not known.
    pub listed: Vec<&'a UnitLine>,
    /// Units that are known to have no case.
    pub without: Vec<&'a UnitLine>,
}

/// Sorts reporting units for reading; equal ones stay in the order of the bulletin.
pub fn units(lines: &[UnitLine]) -> Units<'_> {
    let known = |unit: &UnitLine| sum([unit.confirmed, unit.asymptomatic]);
    let quiet = |unit: &&UnitLine| known(unit) == Some(0) && unit.awaiting.unwrap_or(0) == 0;
    let (without, mut listed): (Vec<_>, Vec<_>) = lines.iter().partition(quiet);
    listed.sort_by_key(|unit| std::cmp::Reverse(known(unit)));
    Units { listed, without }
}

/// A round number of two digits at most that is no less, at least one: where the axis of a picture ends.
pub fn round_up(value: f64) -> f64 {
    if value <= 10.0 {
        return value.max(1.0).ceil();
    }
    let unit = 10f64.powf(value.log10().floor() - 1.0);
    (value / unit).ceil() * unit
}

/// Values that have a word beside an axis that ends at a [`round_up`] number of people: they are whole, so an odd one has no middle.
pub fn levels(most: f64) -> impl Iterator<Item = f64> {
    [0.0, most / 2.0, most].into_iter().filter(|value| value.fract() == 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_with_an_unknown_part_is_unknown() {
        assert_eq!(sum([Some(95), Some(12), Some(19), Some(29), Some(3)]), Some(158));
        assert_eq!(sum([Some(95), None]), None);
        assert_eq!(sum([]), None);
        assert_eq!(sum([Some(u64::MAX), Some(1)]), None);
    }

    #[test]
    fn a_surplus_in_one_division_does_not_hide_a_gap_in_another() {
        let line = |division: &str, closing| Balance {
            received: 5,
            closing,
            ..Balance::empty(Worklist::Move, division.parse().unwrap())
        };
        let lines = by_worklist(&[line("500103", 4), line("500105", 6)]);
        assert_eq!((lines[0].expected, lines[0].closing, lines[0].balances), (10, 10, false));
        assert!(by_worklist(&[line("500103", 5)])[0].balances);
    }

    #[test]
    fn the_axis_ends_at_a_round_number() {
        for (value, round) in [(0.0, 1.0), (7.2, 8.0), (10.0, 10.0), (101.0, 110.0), (16_620.0, 17_000.0)] {
            assert_eq!(round_up(value), round, "{value}");
        }
        assert_eq!(levels(12.0).collect::<Vec<_>>(), [0.0, 6.0, 12.0]);
        assert_eq!(levels(1.0).collect::<Vec<_>>(), [0.0, 1.0]);
    }
}
