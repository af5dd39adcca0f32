//! Whether people of different districts, ages and sexes are treated alike (R15): how long they were bound, how long they waited, who was
//! turned away, and what became of appeals. It may use the store; it guarantees that no small count leaves, by itself or by the others.

use crate::OpsError;
use dayclear_core::{
    equality::{AgeBand, Group, Measure},
    roster::Sex,
    small_cells::{THRESHOLD, of_one_class, withhold, withhold_counts},
    time::{Instant, Zone},
};
use dayclear_store::{Scoped, equality::Counted};
use std::collections::BTreeMap;

/// Days back from now that are looked at.
pub const DAYS: i64 = 28;

/// One group and what was counted of it; `None` is withheld, of a mean also where there is nothing to divide.
#[derive(Clone, Debug, PartialEq)]
pub struct Alike {
    /// What was counted.
    pub measure: Measure,
    /// By what people are put together.
    pub group: Group,
    /// Code of the district, or name of the age or sex.
    pub value: String,
    /// How many.
    pub count: Option<u64>,
    /// Mean of days, minutes, times or hours.
    pub mean: Option<f64>,
    /// How many of them are looked at.
    pub marked: Option<u64>,
    /// Whether its mean or its share of those looked at differs from that of all others by more than chance explains: a question for whoever
    /// decides, and no answer.
    pub gap: bool,
}

/// Standard errors from which on a difference is a gap: chance alone brings it once in a thousand comparisons.
const GAP_ERRORS: f64 = 3.29;
/// Differences of means below this share of the others' mean are none, however sure.
const GAP_SHARE: f64 = 0.1;

/// What was counted of a group.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: u64,
    sum: u64,
    squares: f64,
    marked: u64,
}

impl Sums {
    fn add(&mut self, one: &Counted) {
        let whole = |part: i64| part.max(0).unsigned_abs();
        self.count += whole(one.count);
        self.sum += whole(one.sum);
        self.squares += one.squares;
        self.marked += whole(one.marked);
    }

    /// All others of a whole.
    fn rest(&self, all: &Sums) -> Sums {
        let (count, sum, marked) = (all.count - self.count, all.sum - self.sum, all.marked - self.marked);
        Sums { count, sum, squares: all.squares - self.squares, marked }
    }

    fn mean(&self) -> f64 {
        self.sum as f64 / self.count as f64
    }

    /// Square of the standard error of the mean, and of the share that is looked at.
    fn errors(&self) -> [f64; 2] {
        let count = self.count as f64;
        let (mean, share) = (self.mean(), self.marked as f64 / count);
        [(self.squares / count - mean * mean).max(0.0) / count, share * (1.0 - share) / count]
    }

    /// Whether it differs from the others by more than chance explains (difference of two means and of two shares, each over its standard
    /// error); small groups tell nothing.
    fn differs(&self, others: &Sums) -> bool {
        if self.count < THRESHOLD || others.count < THRESHOLD {
            return false;
        }
        let ([a, b], [c, d]) = (self.errors(), others.errors());
        let means = (self.mean() - others.mean()).abs();
        let share = |one: &Sums| one.marked as f64 / one.count as f64;
        means > GAP_SHARE * others.mean() && means > GAP_ERRORS * (a + c).sqrt()
            || (share(self) - share(others)).abs() > GAP_ERRORS * (b + d).sqrt()
    }
}

/// Figures of the scope over the last [`DAYS`].
pub async fn alike(tx: &mut Scoped, zone: &Zone, now: Instant) -> Result<Vec<Alike>, OpsError> {
    let since = now.plus_hours(-24 * DAYS);
    let counted = tx.counted_alike((zone.day(since), since), now).await?;
    let (year, ..) = zone.day(now).parts();
    let mut all = Vec::new();
    for measure in Measure::ALL {
        for group in Group::ALL {
            // a household that calls for help has neither age nor sex
            if *measure != Measure::Refusals || *group == Group::District {
                all.extend(table(&counted, *measure, *group, i64::from(year)));
            }
        }
    }
    Ok(all)
}

fn table(counted: &[Counted], measure: Measure, group: Group, year: i64) -> Vec<Alike> {
    let (mut sums, mut all) = (BTreeMap::<String, Sums>::new(), Sums::default());
    for one in counted.iter().filter(|one| one.measure == measure) {
        let value = match group {
            Group::District => one.district.clone(),
            Group::Age => AgeBand::of(one.born, year).name().to_owned(),
            Group::Sex => one.sex.unwrap_or(Sex::Unknown).name().to_owned(),
        };
        sums.entry(value).or_default().add(one);
        all.add(one);
    }
    let counts: Vec<u64> = sums.values().map(|sums| sums.count).collect();
    // counts of a district are published as they are; what is finer is not
    let hidden = if group == Group::District { vec![false; counts.len()] } else { withhold_counts(&counts) };
    let parts: Vec<[u64; 2]> =
        sums.values().map(|sums| [sums.marked, sums.count.saturating_sub(sums.marked)]).collect();
    let unmarked = withhold(&of_one_class(&parts));
    sums.into_iter()
        .zip(hidden.into_iter().zip(unmarked))
        .map(|((value, sums), (hide, hide_marked))| Alike {
            measure,
            group,
            value,
            count: (!hide).then_some(sums.count),
            mean: (!hide && sums.count >= THRESHOLD).then(|| sums.mean()),
            marked: (!hide && !hide_marked).then_some(sums.marked),
            gap: !hide && sums.differs(&sums.rest(&all)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(district: &str, born: i64, sex: Sex, [count, sum, marked]: [i64; 3]) -> Counted {
        let squares = 1.2 * (sum * sum) as f64 / count as f64;
        let (district, sex, born) = (district.to_owned(), Some(sex), Some(born));
        Counted { measure: Measure::Orders, district, sex, born, count, sum, squares, marked }
    }

    #[test]
    fn small_counts_and_what_tells_them_are_withheld() {
        let all = [
            counted("500103", 1980, Sex::Female, [40, 200, 12]),
            counted("500103", 1950, Sex::Male, [30, 210, 15]),
            counted("500112", 2015, Sex::Female, [4, 12, 1]),
        ];
        let said = |group| {
            let rows = table(&all, Measure::Orders, group, 2022);
            rows.iter().map(|row| (row.value.clone(), row.count, row.mean, row.marked)).collect::<Vec<_>>()
        };
        assert_eq!(
            said(Group::District),
            [("500103".to_owned(), Some(70), Some(410.0 / 70.0), None), ("500112".to_owned(), Some(4), None, None)],
            "who was marked of four would follow from the sum"
        );
        // the four children would follow from the sum and the others, so the next smallest goes with them
        let ages = said(Group::Age);
        assert_eq!(ages.iter().map(|(_, count, ..)| *count).collect::<Vec<_>>(), [None, Some(40), None]);
        assert!(ages.iter().all(|(_, count, mean, marked)| count.is_some() || mean.is_none() && marked.is_none()));
        let sexes = said(Group::Sex);
        assert_eq!(sexes[0], ("female".to_owned(), Some(44), Some(212.0 / 44.0), Some(13)));
    }
    #[test]
    fn a_difference_that_chance_does_not_explain_is_a_gap_and_a_small_group_has_none() {
        let gaps = |all: &[Counted]| {
            table(all, Measure::Orders, Group::Sex, 2022).iter().map(|row| row.gap).collect::<Vec<_>>()
        };
        let women = counted("500103", 1980, Sex::Female, [400, 2_000, 40]);
        assert_eq!(gaps(&[women.clone(), counted("500103", 1980, Sex::Male, [400, 2_040, 44])]), [false, false]);
        assert_eq!(gaps(&[women.clone(), counted("500103", 1980, Sex::Male, [400, 3_000, 44])]), [true, true]);
        assert_eq!(gaps(&[women.clone(), counted("500103", 1980, Sex::Male, [400, 2_000, 90])]), [true, true]);
        assert_eq!(gaps(&[women, counted("500103", 1980, Sex::Male, [8, 80, 4])]), [false, false]);
    }
}
