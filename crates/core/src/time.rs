//! Instants and civil dates. An [`Instant`] is a point in time in microseconds; a [`CivilDate`] is a day of the calendar;
//! a [`Zone`] turns one into the other. Rules count in civil days of the city's zone, clocks count in hours, and the two
//! are never mixed. The newtypes hide the date library, so its versions are nobody else's business.

use jiff::{ToSpan, civil, tz};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fmt, str::FromStr};
use thiserror::Error;

/// A text that is not a date, an instant or a zone.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{value}' is not {expected}")]
pub struct TimeError {
    /// The text as given.
    pub value: String,
    /// What would have been understood, for example `a date such as 2022-11-20`.
    pub expected: &'static str,
}

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Instant(i64);

/// Microseconds in one second.
pub const SECOND: i64 = 1_000_000;
/// Microseconds in one minute.
pub const MINUTE: i64 = 60_000_000;
/// Microseconds in one hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Microseconds in 24 hours.
pub const DAY: i64 = 24 * HOUR;

impl Instant {
    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Instant(micros)
    }
    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }
    /// This instant plus a number of hours.
    #[must_use]
    pub const fn plus_hours(self, hours: i64) -> Self {
        Instant(self.0 + hours * HOUR)
    }
    /// This instant plus a number of minutes.
    #[must_use]
    pub const fn plus_minutes(self, minutes: i64) -> Self {
        Instant(self.0 + minutes * MINUTE)
    }
    /// Minutes from `earlier` to this instant, rounded towards zero.
    pub const fn minutes_since(self, earlier: Instant) -> i64 {
        (self.0 - earlier.0) / MINUTE
    }
    fn stamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.stamp())
    }
}

impl FromStr for Instant {
    type Err = TimeError;
    /// RFC 3339 with an offset or `Z`.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        text.parse::<jiff::Timestamp>()
            .map(|stamp| Instant(stamp.as_microsecond()))
            .map_err(|_| TimeError { value: text.to_owned(), expected: "a time such as 2022-11-20T08:30:00+08:00" })
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A day of the proleptic Gregorian calendar, without a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CivilDate(civil::Date);

impl CivilDate {
    /// From year, month and day; `None` when there is no such day.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day).ok().map(CivilDate)
    }
    /// This day plus a number of days (negative: before).
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        CivilDate(self.0.saturating_add(days.days()))
    }
    /// Days from `earlier` to this day.
    pub fn days_since(self, earlier: CivilDate) -> i64 {
        self.day_number() - earlier.day_number()
    }
    /// Year, month (1-12) and day (1-31).
    pub fn parts(self) -> (i16, i8, i8) {
        (self.0.year(), self.0.month(), self.0.day())
    }
    /// Days since 1970-01-01.
    pub fn day_number(self) -> i64 {
        self.0.duration_since(civil::date(1970, 1, 1)).as_secs().div_euclid(86_400)
    }
}

impl fmt::Display for CivilDate {
    /// ISO 8601, `2022-11-20`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl FromStr for CivilDate {
    type Err = TimeError;
    /// ISO 8601 only (`2022-11-20`); other styles are the business of the readers, which must say what they assumed.
    fn from_str(text: &str) -> Result<Self, TimeError> {
        let wrong = || TimeError { value: text.to_owned(), expected: "a date such as 2022-11-20" };
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(wrong());
        }
        let part = |range: std::ops::Range<usize>| -> Option<i16> {
            bytes[range].iter().try_fold(0i16, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i16::from(b - b'0')))
        };
        let (year, month, day) =
            (part(0..4).ok_or_else(wrong)?, part(5..7).ok_or_else(wrong)?, part(8..10).ok_or_else(wrong)?);
        CivilDate::new(year, month as i8, day as i8).ok_or_else(wrong)
    }
}

impl Serialize for CivilDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CivilDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The time zone in which a city counts its days.
#[derive(Clone, Debug)]
pub struct Zone(tz::TimeZone);

impl Zone {
    /// From an IANA name such as `Asia/Shanghai`.
    pub fn named(name: &str) -> Result<Self, TimeError> {
        tz::TimeZone::get(name)
            .map(Zone)
            .map_err(|_| TimeError { value: name.to_owned(), expected: "a zone such as Asia/Shanghai" })
    }
    /// The IANA name of the zone, if it has one.
    pub fn name(&self) -> Option<&str> {
        self.0.iana_name()
    }
    /// The civil day on which an instant falls here.
    pub fn day(&self, at: Instant) -> CivilDate {
        CivilDate(self.0.to_datetime(at.stamp()).date())
    }
    /// Hour (0-23) and minute of an instant here.
    pub fn clock(&self, at: Instant) -> (i8, i8) {
        let local = self.0.to_datetime(at.stamp());
        (local.hour(), local.minute())
    }
    /// The instant at which a civil day begins here (the first existing minute where midnight is skipped).
    pub fn start_of(&self, day: CivilDate) -> Instant {
        self.at(day, 0, 0)
    }
    /// The instant of a wall-clock time on a civil day here.
    pub fn at(&self, day: CivilDate, hour: i8, minute: i8) -> Instant {
        let local = day.0.at(hour.clamp(0, 23), minute.clamp(0, 59), 0, 0);
        let stamp = self.0.to_ambiguous_timestamp(local).compatible();
        stamp.map(|stamp| Instant(stamp.as_microsecond())).unwrap_or_default()
    }
    /// An instant in text as a person here reads it: `2022-11-20T08:30:00+08:00`.
    pub fn text(&self, at: Instant) -> String {
        at.stamp().to_zoned_datetime(self.0.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_the_city_starts_at_its_own_midnight() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let day: CivilDate = "2022-11-20".parse().unwrap();
        let start = zone.start_of(day);
        assert_eq!(start.to_string(), "2022-11-19T16:00:00Z");
        assert_eq!(zone.day(start), day);
        assert_eq!(zone.day(Instant::from_micros(start.micros() - 1)), day.plus_days(-1));
        assert_eq!(zone.text(start), "2022-11-20T00:00:00+08:00");
    }

    #[test]
    fn only_iso_dates_parse() {
        for bad in ["2022-11-31", "2022/11/20", "20221120", "2022-1-2", "", "2022-11-2x"] {
            assert!(bad.parse::<CivilDate>().is_err(), "{bad}");
        }
    }

    #[test]
    fn days_count_across_leap_years() {
        let day = |text: &str| text.parse::<CivilDate>().unwrap();
        assert_eq!(day("2020-03-01").days_since(day("2020-02-28")), 2);
        assert_eq!(day("1969-12-31").day_number(), -1);
        assert_eq!(day("2022-11-20").plus_days(-20), day("2022-10-31"));
    }
}
