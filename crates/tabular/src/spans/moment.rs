//! RFC 3339 times as whole seconds, as fast as they can be read: no allocation, no calendar library on the way. It accepts
//! what the standard does (section 5.6, any offset, leap seconds) and nothing else; a test asks the core's reader.

use crate::fault::{Code, Wrong};

/// Seconds since 1970-01-01T00:00:00Z of a time with an offset; fractions of a second are cut off. A leap second is the
/// second after it. `None` if it is not such a time.
#[inline]
pub fn seconds(text: &[u8]) -> Option<i64> {
    let head: &[u8; 19] = text.first_chunk()?;
    let digit = |at: usize| {
        let value = head[at].wrapping_sub(b'0');
        (value < 10).then_some(i64::from(value))
    };
    let two = |at: usize| Some(digit(at)? * 10 + digit(at + 1)?);
    let (year, month, day) = (two(0)? * 100 + two(2)?, two(5)?, two(8)?);
    let (hour, minute, second) = (two(11)?, two(14)?, two(17)?);
    let marks = head[4] == b'-' && head[7] == b'-' && head[13] == b':' && head[16] == b':';
    if !marks || !matches!(head[10], b'T' | b't' | b' ') || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    let offset = offset(fraction(&text[19..])?)?;
    let at = day_number(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    // A leap second is the last of a day in UTC.
    (second < 60 || at.rem_euclid(86_400) == 0).then_some(at)
}

/// What follows the digits after a decimal point, if there is one.
#[inline]
fn fraction(text: &[u8]) -> Option<&[u8]> {
    let Some(digits) = text.strip_prefix(b".") else { return Some(text) };
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    (end > 0).then_some(&digits[end..])
}

/// Seconds that a zone is ahead of UTC.
#[inline]
fn offset(text: &[u8]) -> Option<i64> {
    match *text {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), a, b, b':', c, d] if [a, b, c, d].iter().all(u8::is_ascii_digit) => {
            let two = |tens: u8, ones: u8| i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
            let (hours, minutes) = (two(a, b), two(c, d));
            let ahead = hours * 3_600 + minutes * 60;
            (hours < 24 && minutes < 60).then_some(if sign == b'-' { -ahead } else { ahead })
        }
        _ => None,
    }
}

#[inline]
const fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar: years begin in March, so that the leap day comes last.
#[inline]
const fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

/// A moment as RFC 3339 at an offset in seconds, 0 being written as `Z`. `None` outside the years 0 to 9999.
pub fn text(seconds: i64, offset: i32) -> Option<String> {
    let local = seconds.checked_add(i64::from(offset))?;
    let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    // Days since 0000-03-01, in cycles of 400 years.
    let shifted = days.checked_add(719_468)?;
    let (cycle, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let of_cycle = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * of_cycle + of_cycle / 4 - of_cycle / 100);
    let month = (5 * day_of_year + 2) / 153;
    let (day, month) = (day_of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = cycle * 400 + of_cycle + i64::from(month <= 2);
    if !(0..=9999).contains(&year) {
        return None;
    }
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let zone = match offset {
        0 => "Z".to_owned(),
        _ => {
            let minutes = offset.unsigned_abs() / 60;
            format!("{}{:02}:{:02}", if offset < 0 { '-' } else { '+' }, minutes / 60, minutes % 60)
        }
    };
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{zone}"))
}

/// What is wrong with a text that is not such a time.
pub(super) fn wrong(given: &[u8]) -> Wrong {
    const EXPECTED: &str =
        "a time with its offset such as 2022-11-20T08:30:00+08:00 or 2022-11-20T00:30:00Z (RFC 3339)";
    let with_zone = [given, b"Z"].concat();
    if seconds(&with_zone).is_some() {
        return Wrong::new(Code::NotAMoment, EXPECTED, "add the offset from UTC at which it was written, or Z");
    }
    let looks = given.len() >= 20 && given[..10].iter().all(|byte| byte.is_ascii_digit() || *byte == b'-');
    let first = [b"2000-01-01".as_slice(), given.get(10..).unwrap_or_default()].concat();
    if looks && seconds(&first).is_some() {
        return Wrong::new(Code::NoSuchDay, EXPECTED, "correct the day: it is not in the calendar");
    }
    Wrong::new(Code::NotAMoment, EXPECTED, "write it so at the source, or correct it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayclear_core::time::Instant;
    use proptest::prelude::*;

    #[test]
    fn times_and_what_is_none() {
        for (given, wanted) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-01 00:00:01z", Some(1)),
            ("1970-01-01t08:00:00+08:00", Some(0)),
            ("1969-12-31T23:59:59Z", Some(-1)),
            ("2022-11-20T00:00:00.999999999+08:00", Some(1_668_873_600)),
            // The hour that summer time repeats: one wall clock, two moments.
            ("2022-10-30T02:30:00+02:00", Some(1_667_089_800)),
            ("2022-10-30T02:30:00+01:00", Some(1_667_093_400)),
            ("2016-12-31T23:59:60Z", Some(1_483_228_800)),
            ("2017-01-01T07:59:60+08:00", Some(1_483_228_800)),
            ("2016-12-31T22:59:60Z", None),
            ("2020-02-29T00:00:00Z", Some(1_582_934_400)),
            ("2021-02-29T00:00:00Z", None),
            ("1900-02-29T00:00:00Z", None),
            ("2022-11-31T00:00:00Z", None),
            ("2022-13-01T00:00:00Z", None),
            ("2022-00-10T00:00:00Z", None),
            ("2022-11-20T24:00:00Z", None),
            ("2022-11-20T00:00:00", None),
            ("2022-11-20T00:00Z", None),
            ("2022-11-20T00:00:00.Z", None),
            ("2022-11-20T00:00:00.5", None),
            ("2022-11-20T00:00:00+0800", None),
            ("2022-11-20T00:00:00+24:00", None),
            ("2022-11-20T00:00:00Z ", None),
            ("2022-11-20", None),
            ("", None),
        ] {
            assert_eq!(seconds(given.as_bytes()), wanted, "{given}");
        }
    }

    #[test]
    fn what_is_wrong_is_told() {
        let code = |text: &str| wrong(text.as_bytes()).code;
        assert!(wrong(b"2022-11-20T08:00:00").remedy.contains("add the offset"));
        assert_eq!(code("2022-11-31T08:00:00Z"), Code::NoSuchDay);
        assert_eq!(code("yesterday"), Code::NotAMoment);
    }

    proptest! {
        /// The same as the calendar library, there and back, at any offset.
        #[test]
        fn agrees_with_the_calendar(at in -62_167_132_800i64..253_402_214_400, minutes in -1439i32..1440) {
            let written = text(at, minutes * 60);
            if let Some(written) = written {
                prop_assert_eq!(seconds(written.as_bytes()), Some(at), "{}", written);
            }
            let utc = text(at, 0).unwrap();
            prop_assert_eq!(utc.parse::<Instant>().unwrap().micros(), at * 1_000_000);
        }

        #[test]
        fn no_text_makes_it_fail(given in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = (seconds(&given), wrong(&given));
        }
    }
}
