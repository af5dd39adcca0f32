//! Where cases were found on each of the last days: by district for the city, by community for a district. It reads what was counted
//! beside the line and counts nothing itself. It guarantees that a day which is not over has no figure, and that a place of which
//! nothing was known on a day is missing there, never zero.

use super::SILENT_DAYS;
use crate::OpsError;
use dayclear_core::{
    divisions::Level,
    situation::{Found, Situation},
    time::CivilDate,
};
use dayclear_store::{Scoped, found::FoundByPlace};
use std::collections::{BTreeMap, BTreeSet};

/// Whole days that are told of.
pub const SPREAD_DAYS: i64 = 28;
/// Cases of so many days up to one say that a place was looked at, even where no tube is in the books.
const SEEN_DAYS: i64 = 14;

/// A place and its days.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaceDays {
    /// Code of the district or the community.
    pub division: String,
    /// What was found on each day; none where nothing was known.
    pub days: Vec<Option<Found>>,
}

impl PlaceDays {
    /// What was found on the last so many days; none where nothing was known on any of them.
    pub fn last(&self, days: usize) -> Option<Found> {
        let of = &self.days[self.days.len().saturating_sub(days)..];
        of.iter().any(Option::is_some).then(|| of.iter().flatten().copied().sum())
    }
}

/// Where cases were found.
#[derive(Debug, Clone, PartialEq)]
pub struct Spread {
    /// The first day; the last one is the last whole day that was counted.
    pub first: CivilDate,
    /// Every district of a city; of a district the communities in which something was found, in order of code.
    pub places: Vec<PlaceDays>,
    /// All of them together, by day.
    pub all: Vec<Option<Found>>,
    /// Middles of the communities, where they are known.
    pub middles: BTreeMap<String, (f64, f64)>,
}

/// What is read once, of however many places is told.
struct Counted {
    districts: FoundByPlace,
    tubes: BTreeMap<String, BTreeSet<CivilDate>>,
    communities: FoundByPlace,
    middles: BTreeMap<String, (f64, f64)>,
}

/// Where cases were found in the city and in districts, each in its turn, within the scope of the handle.
pub async fn spread(tx: &mut Scoped, told: &[&Situation]) -> Result<Vec<Spread>, OpsError> {
    let Some(first) = told.iter().map(|told| first(told)).min() else { return Ok(Vec::new()) };
    let since = first.plus_days(-SEEN_DAYS);
    let mut counted = Counted {
        districts: tx.found_by_place(since, 6).await?,
        tubes: tx.tube_days(since).await?,
        communities: FoundByPlace::new(),
        middles: BTreeMap::new(),
    };
    let parts: Vec<&str> = told.iter().filter(|told| told.level != Level::City).map(|t| t.division.as_str()).collect();
    if !parts.is_empty() {
        counted.communities = tx.found_by_place(first, 12).await?;
        counted.communities.retain(|code, _| parts.iter().any(|part| code.starts_with(part)));
        let codes: Vec<&str> = counted.communities.keys().map(String::as_str).collect();
        counted.middles = tx.middles(&codes).await?;
    }
    Ok(told.iter().map(|told| one(told, &counted)).collect())
}

fn first(told: &Situation) -> CivilDate {
    told.day.plus_days(1 - SPREAD_DAYS)
}

fn one(told: &Situation, counted: &Counted) -> Spread {
    let (first, none) = (first(told), (BTreeMap::new(), BTreeSet::new()));
    let of = |district: &str| {
        let found = counted.districts.get(district).unwrap_or(&none.0);
        days(first, told.first, found, counted.tubes.get(district).unwrap_or(&none.1))
    };
    if told.level == Level::City {
        let codes = told.units.iter().map(|unit| unit.division.as_str());
        let places: Vec<PlaceDays> =
            codes.map(|code| PlaceDays { division: code.to_owned(), days: of(code) }).collect();
        let all = (0..SPREAD_DAYS as usize).map(|at| {
            let day: Vec<Found> = places.iter().filter_map(|place| place.days[at]).collect();
            (!day.is_empty()).then(|| day.into_iter().sum())
        });
        return Spread { first, all: all.collect(), places, middles: BTreeMap::new() };
    }
    let all = of(told.division.as_str());
    let own = counted.communities.iter().filter(|(code, _)| code.starts_with(told.division.as_str()));
    let places = own.filter_map(|(division, found)| {
        // whether a day is known is known of the district: what was not found there is nothing
        let day = |(at, known): (usize, &Option<Found>)| {
            known.map(|_| found.get(&first.plus_days(at as i64)).copied().unwrap_or_default())
        };
        let days: Vec<Option<Found>> = all.iter().enumerate().map(day).collect();
        let any = days.iter().flatten().any(|found| found.all() > 0);
        any.then(|| PlaceDays { division: division.clone(), days })
    });
    let places: Vec<PlaceDays> = places.collect();
    let at = |place: &PlaceDays| Some((place.division.clone(), *counted.middles.get(&place.division)?));
    Spread { first, middles: places.iter().filter_map(at).collect(), places, all }
}

/// The days of a district: a figure where tubes were taken within a week before, or cases found within two.
fn days(
    first: CivilDate,
    counted: CivilDate,
    found: &BTreeMap<CivilDate, Found>,
    tubes: &BTreeSet<CivilDate>,
) -> Vec<Option<Found>> {
    let one = |at: i64| {
        let day = first.plus_days(at);
        let taken = tubes.range(day.plus_days(-SILENT_DAYS)..=day).next().is_some();
        let seen = || found.range(day.plus_days(1 - SEEN_DAYS)..=day).any(|(_, found)| found.all() > 0);
        (day >= counted && (taken || seen())).then(|| found.get(&day).copied().unwrap_or_default())
    };
    (0..SPREAD_DAYS).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_without_anything_known_is_missing_and_never_nought() {
        let first: CivilDate = "2022-11-01".parse().unwrap();
        let day = |n: i64| first.plus_days(n);
        let three = Found { community: 2, held: 1 };
        // what is in the books (tubes, cases, first day counted), and which days from the first have which figure
        type Row = (&'static [i64], &'static [i64], i64, &'static [(usize, Option<u64>)]);
        let table: [Row; 4] = [
            (&[], &[], -20, &[(0, None), (27, None)]),
            (&[3], &[], -20, &[(2, None), (3, Some(0)), (10, Some(0)), (11, None)]),
            (&[], &[5], -20, &[(4, None), (5, Some(3)), (18, Some(0)), (19, None)]),
            (&[-2, 20], &[20], 20, &[(0, None), (19, None), (20, Some(3)), (27, Some(0))]),
        ];
        for (tubes, cases, counted, expected) in table {
            let tubes = tubes.iter().map(|n| day(*n)).collect();
            let found = cases.iter().map(|n| (day(*n), three)).collect();
            let days = days(first, day(counted), &found, &tubes);
            assert_eq!(days.len() as i64, SPREAD_DAYS);
            for (at, figure) in expected {
                assert_eq!(days[*at].map(Found::all), *figure, "day {at}");
            }
        }
    }

    #[test]
    fn a_sum_over_days_of_which_none_is_known_is_missing() {
        let of = |days: Vec<Option<Found>>| PlaceDays { division: "500103".to_owned(), days }.last(2);
        let one = Some(Found { community: 1, held: 0 });
        assert_eq!(of(vec![one, None, None]), None);
        assert_eq!(of(vec![one, None, one]), one);
        assert_eq!(of(vec![one, one, one]).unwrap().all(), 2);
    }
}
