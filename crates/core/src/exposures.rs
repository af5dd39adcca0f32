//! Places that are told to the public because people were there together with a case whom nobody knows: place and time, and nothing of
//! anybody. Lists that told more have harmed those on them. Pure; it guarantees that no place is told of where
//! everybody is known, for longer than its days, or in words that tell of a person.

use crate::{
    terms,
    time::{CivilDate, Instant, Zone},
};

terms! {
    /// How a place stands on its way to the public list.
    SiteState {
        /// It waits for a second person.
        Asked = "asked",
        /// The public is told of it until its days are over.
        Listed = "listed",
        /// A second person refused it.
        Refused = "refused",
        /// It is told of no more: everybody is known by now, or it was wrong.
        Withdrawn = "withdrawn",
    }
}

terms! {
    /// Why a place is not told of.
    Unlisted {
        /// Everybody who was there is known, and told by themselves.
        AllKnown = "all_known",
        /// The time ends before it begins.
        NoTime = "no_time",
        /// The time is longer than somebody can remember, and tells of a day and not of a visit.
        TooLong = "too_long",
        /// The time is not over.
        NotYet = "not_yet",
        /// Its days are over.
        Over = "over",
        /// The words tell of a person.
        OfSomebody = "of_somebody",
    }
}

/// Days for which a place is told of, the day on which the time there ended being the first (Korea's rule of October 2020).
pub const SHOWN_DAYS: i64 = 14;
/// Hours of the time at a place at most: a visit is told of, and not a day of somebody.
pub const HOURS_MAX: i64 = 12;
/// Digits in a row that are a telephone, a document or a door, and no place.
const DIGITS_MAX: usize = 6;

/// A place and a time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site<'s> {
    /// Place, in words that somebody finds it by.
    pub place: &'s str,
    /// From when.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// People who were there and whom nobody knows, about.
    pub unknown: i64,
}

/// The first day on which nobody is told of it any more.
pub fn gone_on(until: Instant, zone: &Zone) -> CivilDate {
    zone.day(until).plus_days(SHOWN_DAYS)
}

/// Why a place is not told of; `None`: it may be. `never` are words of the person who is the
/// case: their name, and the compound in which they live.
pub fn unlisted(site: &Site<'_>, now: Instant, zone: &Zone, never: &[&str]) -> Option<Unlisted> {
    let digits = site.place.split(|sign: char| !sign.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    let named = never.iter().any(|word| !word.trim().is_empty() && site.place.contains(word.trim()));
    if site.unknown < 1 {
        Some(Unlisted::AllKnown)
    } else if site.until <= site.from {
        Some(Unlisted::NoTime)
    } else if site.until > site.from.plus_hours(HOURS_MAX) {
        Some(Unlisted::TooLong)
    } else if site.until > now {
        Some(Unlisted::NotYet)
    } else if gone_on(site.until, zone) <= zone.day(now) {
        Some(Unlisted::Over)
    } else if digits > DIGITS_MAX || named {
        Some(Unlisted::OfSomebody)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_of_only_where_somebody_is_unknown_and_only_as_a_place() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let at = |text: &str| -> Instant { format!("{text}:00+08:00").parse().unwrap() };
        let now = at("2022-11-20T23:00");
        let (from, until) = (at("2022-11-19T10:00"), at("2022-11-19T11:30"));
        let site = Site { place: "人民路农贸市场", from, until, unknown: 12 };
        let cases = [
            (site.clone(), None),
            (Site { unknown: 0, ..site.clone() }, Some(Unlisted::AllKnown)),
            (Site { until: from, ..site.clone() }, Some(Unlisted::NoTime)),
            (Site { until: from.plus_hours(12), ..site.clone() }, None),
            (Site { until: from.plus_hours(13), ..site.clone() }, Some(Unlisted::TooLong)),
            (Site { until: now.plus_hours(1), from: now, ..site.clone() }, Some(Unlisted::NotYet)),
            (Site { from: at("2022-11-07T00:00"), until: at("2022-11-07T00:10"), ..site.clone() }, None),
            (
                Site { from: at("2022-11-06T23:00"), until: at("2022-11-06T23:59"), ..site.clone() },
                Some(Unlisted::Over),
            ),
            (Site { place: "张三的家", ..site.clone() }, Some(Unlisted::OfSomebody)),
            (Site { place: "阳光小区门口", ..site.clone() }, Some(Unlisted::OfSomebody)),
            (Site { place: "打电话 13800000000", ..site.clone() }, Some(Unlisted::OfSomebody)),
            (Site { place: "Bus 465, Line 10", ..site.clone() }, None),
        ];
        for (site, expected) in cases {
            assert_eq!(unlisted(&site, now, &zone, &["张三", "", "阳光小区"]), expected, "{site:?}");
        }
        assert_eq!(gone_on(at("2022-11-05T23:59"), &zone).to_string(), "2022-11-19");
    }
}
