//! In the community, or among people who are held already: where new infections are found, by district, township and community,
//! how long ago the last one was, what is clear, and what would clear the rest. A place is clear when so many whole days have
//! passed without one found in the community as the rules ask of an area.

use super::Given;
use dayclear_core::{
    divisions::{DivisionCode, Level},
    situation::Clearing,
    time::CivilDate,
};
use dayclear_store::situation::ClearingRow;
use std::collections::BTreeMap;

/// Digits of a township and of a community.
const LEVELS: [(usize, Level); 2] = [(9, Level::Township), (12, Level::Community)];

#[derive(Default)]
struct Sum {
    found: [i64; 2],
    community: [i64; 2],
    last_found: Option<CivilDate>,
    last_community: Option<CivilDate>,
    recalls: i64,
    areas: i64,
}

/// The city and its districts, and every township and community where something was found or is open.
pub(super) fn clearings(given: &Given, units: &[(DivisionCode, Level)]) -> Vec<ClearingRow> {
    let mut sums: BTreeMap<(String, Level), Sum> =
        units.iter().map(|(code, level)| ((code.to_string(), *level), Sum::default())).collect();
    let above = |code: &str| {
        let within =
            |(unit, level): &(DivisionCode, Level)| code.starts_with(unit.as_str()).then(|| (unit.to_string(), *level));
        let mut above: Vec<(String, Level)> = units.iter().filter_map(within).collect();
        let below = LEVELS.iter().filter(|(length, _)| code.len() >= *length);
        above.extend(below.map(|(length, level)| (code[..*length].to_owned(), *level)));
        above
    };
    for found in given.found_in.iter().filter(|found| found.division.is_ascii()) {
        for unit in above(&found.division) {
            let sum = sums.entry(unit).or_default();
            for at in 0..2 {
                sum.found[at] += found.since[at];
                sum.community[at] += if found.held { 0 } else { found.since[at] };
            }
            sum.last_found = sum.last_found.max(Some(found.last));
            if !found.held {
                sum.last_community = sum.last_community.max(Some(found.last));
            }
        }
    }
    for (community, (recalls, areas)) in given.unsettled.iter().filter(|(code, _)| code.is_ascii()) {
        for unit in above(community) {
            let sum = sums.entry(unit).or_default();
            sum.recalls += recalls;
            sum.areas += areas;
        }
    }
    let row = |((code, level), sum): ((String, Level), Sum)| {
        // so many whole days after the one on which it was found
        let clear_on = sum.last_community.zip(given.clear_days).map(|(last, days)| last.plus_days(days + 1));
        let state = match clear_on {
            _ if sum.recalls > 0 => Clearing::Unsettled,
            None if sum.last_community.is_none() => Clearing::Clear,
            None => Clearing::NoRule,
            Some(on) if on <= given.today => Clearing::Clear,
            Some(_) => Clearing::Waiting,
        };
        Some(ClearingRow {
            state,
            clear_on,
            division: code.parse().ok()?,
            level,
            found: sum.found,
            community: sum.community,
            last_found_on: sum.last_found,
            last_community_on: sum.last_community,
            clear_days: given.clear_days,
            recalls: sum.recalls,
            areas: sum.areas,
            day: given.day,
        })
    };
    sums.into_iter().filter_map(row).collect()
}
