//! Days and times as people write them. ISO 8601 is exact; other styles with one reading are read and noted; a text with
//! two readings (03/04/2022) is never guessed. Years run from 1800 to 2199: the oldest line list is of 1861.

use crate::fault::{Code, NoteCode, Wrong};
use dayclear_core::time::{CivilDate, Instant, MINUTE, Zone};

const DAY_EXPECTED: &str = "a day such as 2022-11-20";
const MOMENT_EXPECTED: &str = "a time such as 2022-11-20T08:30:00+08:00, or 2022-11-20T08:30 in the time of the city";
const YEARS: std::ops::RangeInclusive<i64> = 1800..=2199;
/// Day numbers that are taken for dates without a date format: 1927-05-18 to 2119-01-10.
const BARE_SERIALS: std::ops::Range<f64> = 10_000.0..80_000.0;

/// Why a text is no day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Not {
    ADate,
    OneReading,
    InTheCalendar,
    InRange,
}

impl Not {
    fn wrong(self, expected: &'static str) -> Wrong {
        match self {
            Not::ADate => Wrong::new(
                if expected == DAY_EXPECTED { Code::NotADate } else { Code::NotAMoment },
                expected,
                "write it as year-month-day; leave the cell empty if it is unknown",
            ),
            Not::OneReading => Wrong::new(
                Code::AmbiguousDate,
                expected,
                "it can be read in two ways; write it as year-month-day with four digits for the year",
            ),
            Not::InTheCalendar => Wrong::new(Code::NoSuchDay, expected, "this day or time does not exist; look it up"),
            Not::InRange => Wrong::new(
                Code::OutOfRange,
                "a year from 1800 to 2199",
                "correct the year; leave the cell empty if it is unknown",
            ),
        }
    }
}

/// A day.
pub(crate) fn day(text: &str, zone: &Zone) -> Result<(CivilDate, Option<NoteCode>), Wrong> {
    if let Some((date, [])) = iso_day(text.as_bytes()) {
        return Ok((date.map_err(|not| not.wrong(DAY_EXPECTED))?, None));
    }
    if let Some(number) = bare_serial(text) {
        let (date, _) = serial(number, false).ok_or_else(|| Not::ADate.wrong(DAY_EXPECTED))?;
        return Ok((date, Some(NoteCode::SerialDate)));
    }
    let (date, rest) = styled_day(text).map_err(|not| not.wrong(DAY_EXPECTED))?;
    if rest.is_empty() {
        return Ok((date, Some(NoteCode::DateStyle)));
    }
    let (micros, offset) = clock(rest).ok_or_else(|| Not::ADate.wrong(DAY_EXPECTED))?;
    let date = match offset {
        Some(offset) => zone.day(at_offset(date, micros, offset)),
        None => date,
    };
    Ok((date, Some(if micros == 0 { NoteCode::DateStyle } else { NoteCode::TimeDropped })))
}

/// A point in time.
pub(crate) fn moment(text: &str, zone: &Zone) -> Result<(Instant, Option<NoteCode>), Wrong> {
    let wrong = |not: Not| not.wrong(MOMENT_EXPECTED);
    let (date, rest, note) = match iso_day(text.as_bytes()) {
        Some((date, rest)) => (date.map_err(wrong)?, std::str::from_utf8(rest).unwrap_or_default(), None),
        None => {
            if let Some(number) = bare_serial(text) {
                let (date, micros) = serial(number, false).ok_or_else(|| wrong(Not::ADate))?;
                return Ok((local(date, micros, zone), Some(NoteCode::SerialDate)));
            }
            let (date, rest) = styled_day(text).map_err(wrong)?;
            (date, rest, Some(NoteCode::DateStyle))
        }
    };
    if rest.is_empty() {
        return Err(Wrong::new(Code::NotAMoment, MOMENT_EXPECTED, "add the time of day"));
    }
    let (micros, offset) = clock(rest).ok_or_else(|| wrong(Not::ADate))?;
    let at = match offset {
        Some(offset) => at_offset(date, micros, offset),
        None => local(date, micros, zone),
    };
    Ok((at, note))
}

/// A number cell of a sheet as a day and the microseconds of its day. `styled`: the cell is formatted as a date.
pub(crate) fn sheet_number(number: f64, styled: bool, from_1904: bool) -> Result<(CivilDate, i64), Wrong> {
    let wrong = || Not::ADate.wrong(DAY_EXPECTED);
    if styled || BARE_SERIALS.contains(&number) {
        return serial(number, from_1904).ok_or_else(wrong);
    }
    // 20221120 typed as a number.
    if number.fract() == 0.0 && (18_000_101.0..21_991_231.0).contains(&number) {
        let number = number as i64;
        return make(number / 10_000, number / 100 % 100, number % 100)
            .map(|date| (date, 0))
            .map_err(|not| not.wrong(DAY_EXPECTED));
    }
    Err(wrong())
}

/// The instant of a day and time of day in the city.
pub(crate) fn local(date: CivilDate, micros: i64, zone: &Zone) -> Instant {
    let minutes = micros / MINUTE;
    let start = zone.at(date, (minutes / 60) as i8, (minutes % 60) as i8);
    Instant::from_micros(start.micros() + micros % MINUTE)
}

fn at_offset(date: CivilDate, micros: i64, offset_minutes: i64) -> Instant {
    Instant::from_micros(date.day_number() * 24 * 60 * MINUTE + micros - offset_minutes * MINUTE)
}

fn make(year: i64, month: i64, day: i64) -> Result<CivilDate, Not> {
    if !YEARS.contains(&year) {
        return Err(Not::InRange);
    }
    let small = |n: i64| i8::try_from(n).map_err(|_| Not::InTheCalendar);
    CivilDate::new(year as i16, small(month)?, small(day)?).ok_or(Not::InTheCalendar)
}

fn digits(bytes: &[u8]) -> Option<i64> {
    if bytes.is_empty() || bytes.len() > 8 {
        return None;
    }
    bytes.iter().try_fold(0, |sum, b| b.is_ascii_digit().then(|| sum * 10 + i64::from(b - b'0')))
}

/// `2022-11-20` and what follows it.
fn iso_day(bytes: &[u8]) -> Option<(Result<CivilDate, Not>, &[u8])> {
    let (head, rest) = bytes.split_at_checked(10)?;
    if head[4] != b'-' || head[7] != b'-' {
        return None;
    }
    Some((make(digits(&head[..4])?, digits(&head[5..7])?, digits(&head[8..])?), rest))
}

/// The day number of a spreadsheet, written as a plain number.
fn bare_serial(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if whole.len() != 5 || fraction.len() > 15 || !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    text.parse().ok().filter(|number| BARE_SERIALS.contains(number))
}

/// A spreadsheet's day number, with the microseconds of the day to the nearest millisecond. The 1900 system counts a
/// 29 February 1900 that never was (ECMA-376 part 1, 18.17.4.1), so its days before 1 March 1900 are one lower.
fn serial(number: f64, from_1904: bool) -> Option<(CivilDate, i64)> {
    if !(0.0..2_958_466.0).contains(&number) {
        return None;
    }
    let millis = (number * 86_400_000.0).round() as i64;
    let (days, micros) = (millis / 86_400_000, millis % 86_400_000 * 1_000);
    let first = match (from_1904, days) {
        (true, _) => CivilDate::new(1904, 1, 1)?,
        (false, 0 | 60) => return None,
        (false, 1..60) => CivilDate::new(1899, 12, 31)?,
        (false, _) => CivilDate::new(1899, 12, 30)?,
    };
    let date = first.plus_days(days);
    YEARS.contains(&i64::from(date.parts().0)).then_some((date, micros))
}

/// A day in another style than ISO, and what follows it.
fn styled_day(text: &str) -> Result<(CivilDate, &str), Not> {
    let (number, rest) = number(text).ok_or(Not::ADate)?;
    match (number.len(), rest.chars().next()) {
        // 20221120
        (8, None | Some('T' | ' ')) => {
            let whole = digits(number.as_bytes()).ok_or(Not::ADate)?;
            Ok((make(whole / 10_000, whole / 100 % 100, whole % 100)?, rest))
        }
        // 2022年11月20日, also without 日
        (4, Some('年')) => {
            let (month, rest) = after(rest, &['年']).ok_or(Not::ADate)?;
            let (day, rest) = after(rest, &['月']).ok_or(Not::ADate)?;
            let rest = rest.strip_prefix(['日', '号']).unwrap_or(rest);
            Ok((make(value(number)?, value(month)?, value(day)?)?, rest))
        }
        // 2022/11/20, 2022.11.20, 2022-1-2
        (4, Some(mark @ ('/' | '.' | '-'))) => {
            let (month, rest) = after(rest, &[mark]).ok_or(Not::ADate)?;
            let (day, rest) = after(rest, &[mark]).ok_or(Not::ADate)?;
            Ok((make(value(number)?, value(month)?, value(day)?)?, rest))
        }
        // 20/11/2022, 20.11.2022, 20-11-2022, 20-Nov-2022, and with two digits for the year
        (1 | 2, Some(mark @ ('/' | '.' | '-' | ' '))) => {
            if let Some((month, rest)) = month_name(&rest[1..]) {
                let (year, rest) = after(rest, &[mark]).ok_or(Not::ADate)?;
                return if year.len() == 4 {
                    Ok((make(value(year)?, month, value(number)?)?, rest))
                } else {
                    Err(Not::OneReading)
                };
            }
            let (second, rest) = after(rest, &[mark]).ok_or(Not::ADate)?;
            let (year, rest) = after(rest, &[mark]).ok_or(Not::ADate)?;
            let (a, b) = (value(number)?, value(second)?);
            match year.len() {
                4 => {}
                1 | 2 => return Err(Not::OneReading),
                _ => return Err(Not::ADate),
            }
            let year = value(year)?;
            match (a, b) {
                _ if a == b => Ok((make(year, a, b)?, rest)),
                (13.., _) => Ok((make(year, b, a)?, rest)),
                (_, 13..) => Ok((make(year, a, b)?, rest)),
                _ => Err(Not::OneReading),
            }
        }
        _ => Err(Not::ADate),
    }
}

fn value(text: &str) -> Result<i64, Not> {
    digits(text.as_bytes()).ok_or(Not::ADate)
}

/// The digits at the beginning, and the rest.
fn number(text: &str) -> Option<(&str, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    (length > 0).then(|| text.split_at(length))
}

/// The number after a mark, and the rest.
fn after<'t>(text: &'t str, marks: &[char]) -> Option<(&'t str, &'t str)> {
    number(text.strip_prefix(marks)?)
}

fn month_name(text: &str) -> Option<(i64, &str)> {
    const NAMES: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    const LONG: [&str; 12] = ["uary", "ruary", "ch", "il", "", "e", "y", "ust", "tember", "ober", "ember", "ember"];
    let length = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, rest) = text.split_at(length);
    let (head, tail) = word.split_at_checked(3)?;
    let at = NAMES.iter().position(|name| head.eq_ignore_ascii_case(name))?;
    (tail.is_empty() || tail.eq_ignore_ascii_case(LONG[at])).then_some((at as i64 + 1, rest))
}

/// A time of day after a date: `T08:30`, ` 08:30:15.5`, with or without an offset. Microseconds and minutes of offset.
fn clock(text: &str) -> Option<(i64, Option<i64>)> {
    let text = text.strip_prefix(['T', 't', ' '])?.trim_start_matches(' ');
    let (hour, rest) = number(text)?;
    let (minute, mut rest) = after(rest, &[':'])?;
    if hour.len() > 2 || minute.len() != 2 {
        return None;
    }
    let (mut second, mut micros) = (0, 0);
    if rest.starts_with(':') {
        let (text, after_second) = after(rest, &[':'])?;
        if text.len() != 2 {
            return None;
        }
        (second, rest) = (digits(text.as_bytes())?, after_second);
        if rest.starts_with(['.', ',']) {
            let (fraction, after_fraction) = number(&rest[1..])?;
            rest = after_fraction;
            let six: String = fraction.chars().chain("000000".chars()).take(6).collect();
            micros = digits(six.as_bytes())?;
        }
    }
    let (hour, minute) = (digits(hour.as_bytes())?, digits(minute.as_bytes())?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    Some((((hour * 60 + minute) * 60 + second) * 1_000_000 + micros, offset(rest.trim_start_matches(' '))?))
}

/// `Z`, `+08:00`, `+0800`, `+08`, or nothing: minutes east of UTC. The outer `None` means that it is none of these.
fn offset(text: &str) -> Option<Option<i64>> {
    let sign = match text.as_bytes() {
        [] => return Some(None),
        b"Z" | b"z" => return Some(Some(0)),
        [b'+', ..] => 1,
        [b'-', ..] => -1,
        _ => return None,
    };
    let (hours, rest) = number(&text[1..])?;
    let (hours, minutes) = match (hours.len(), rest) {
        (2, "") => (hours, "00"),
        (4, "") => hours.split_at(2),
        (2, rest) if rest.len() == 3 => (hours, rest.strip_prefix(':')?),
        _ => return None,
    };
    let (hours, minutes) = (digits(hours.as_bytes())?, digits(minutes.as_bytes())?);
    (hours <= 18 && minutes <= 59).then_some(Some(sign * (hours * 60 + minutes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    type Answer = Result<(&'static str, Option<NoteCode>), Code>;

    fn zone() -> Zone {
        Zone::named("Asia/Shanghai").unwrap()
    }

    #[test]
    fn days() {
        use Code::*;
        use NoteCode::*;
        let cases: &[(&str, Answer)] = &[
            ("2022-11-20", Ok(("2022-11-20", None))),
            ("1861-11-21", Ok(("1861-11-21", None))),
            ("2022/11/20", Ok(("2022-11-20", Some(DateStyle)))),
            ("2022/1/2", Ok(("2022-01-02", Some(DateStyle)))),
            ("2022-1-2", Ok(("2022-01-02", Some(DateStyle)))),
            ("2022.11.20", Ok(("2022-11-20", Some(DateStyle)))),
            ("20221120", Ok(("2022-11-20", Some(DateStyle)))),
            ("2022年11月20日", Ok(("2022-11-20", Some(DateStyle)))),
            ("2022年1月2号", Ok(("2022-01-02", Some(DateStyle)))),
            ("20/11/2022", Ok(("2022-11-20", Some(DateStyle)))),
            ("11/20/2022", Ok(("2022-11-20", Some(DateStyle)))),
            ("5/5/2022", Ok(("2022-05-05", Some(DateStyle)))),
            ("20.11.2022", Ok(("2022-11-20", Some(DateStyle)))),
            ("20-Nov-2022", Ok(("2022-11-20", Some(DateStyle)))),
            ("20 november 2022", Ok(("2022-11-20", Some(DateStyle)))),
            ("44885", Ok(("2022-11-20", Some(SerialDate)))),
            ("44885.75", Ok(("2022-11-20", Some(SerialDate)))),
            ("2022-11-20 00:00:00", Ok(("2022-11-20", Some(DateStyle)))),
            ("2022-11-20T08:30", Ok(("2022-11-20", Some(TimeDropped)))),
            ("2022-11-19T20:30:00Z", Ok(("2022-11-20", Some(TimeDropped)))),
            ("2022/11/20 8:30", Ok(("2022-11-20", Some(TimeDropped)))),
            ("03/04/2022", Err(AmbiguousDate)),
            ("3.4.2022", Err(AmbiguousDate)),
            ("20/11/22", Err(AmbiguousDate)),
            ("20-Nov-22", Err(AmbiguousDate)),
            ("2022-02-30", Err(NoSuchDay)),
            ("2022年13月1日", Err(NoSuchDay)),
            ("31/31/2022", Err(NoSuchDay)),
            ("0022-11-20", Err(OutOfRange)),
            ("2922-11-20", Err(OutOfRange)),
            ("", Err(NotADate)),
            ("yesterday", Err(NotADate)),
            ("2022", Err(NotADate)),
            ("2022-11", Err(NotADate)),
            ("2022-11-20x", Err(NotADate)),
            ("99999999999", Err(NotADate)),
            ("二零二二年", Err(NotADate)),
            ("2022/11-20", Err(NotADate)),
        ];
        for (text, wanted) in cases {
            let found = day(text, &zone()).map(|(date, note)| (date.to_string(), note)).map_err(|wrong| wrong.code);
            assert_eq!(found, wanted.map(|(date, note)| (date.to_owned(), note)), "{text}");
        }
    }

    #[test]
    fn moments() {
        use Code::*;
        use NoteCode::*;
        let cases: &[(&str, Answer)] = &[
            ("2022-11-20T08:30:00+08:00", Ok(("2022-11-20T00:30:00Z", None))),
            ("2022-11-20T08:30:00Z", Ok(("2022-11-20T08:30:00Z", None))),
            ("2022-11-20T08:30:00.25-0530", Ok(("2022-11-20T14:00:00.25Z", None))),
            ("2022-11-20T08:30", Ok(("2022-11-20T00:30:00Z", None))),
            ("2022-11-20 08:30:15", Ok(("2022-11-20T00:30:15Z", None))),
            ("1950-06-01T08:00", Ok(("1950-06-01T00:00:00Z", None))),
            ("2022/11/20 8:30", Ok(("2022-11-20T00:30:00Z", Some(DateStyle)))),
            ("2022年11月20日 8:30", Ok(("2022-11-20T00:30:00Z", Some(DateStyle)))),
            ("44885.5", Ok(("2022-11-20T04:00:00Z", Some(SerialDate)))),
            ("03/04/2022 8:30", Err(AmbiguousDate)),
            ("2022-11-20", Err(NotAMoment)),
            ("2022-11-20T24:00", Err(NotAMoment)),
            ("2022-11-20T08:60", Err(NotAMoment)),
            ("2022-11-20T08:30:60Z", Err(NotAMoment)),
            ("2022-11-20T08:30+08:00x", Err(NotAMoment)),
            ("2022-11-31T08:30", Err(NoSuchDay)),
            ("08:30", Err(NotAMoment)),
        ];
        for (text, wanted) in cases {
            let found = moment(text, &zone()).map(|(at, note)| (at.to_string(), note)).map_err(|wrong| wrong.code);
            assert_eq!(found, wanted.map(|(at, note)| (at.to_owned(), note)), "{text}");
        }
    }

    #[test]
    fn day_numbers_of_spreadsheets() {
        let cases = [
            (1.0, false, Some("1900-01-01")),
            (59.0, false, Some("1900-02-28")),
            (60.0, false, None),
            (61.0, false, Some("1900-03-01")),
            (44885.0, false, Some("2022-11-20")),
            (43423.0, true, Some("2022-11-20")),
            (-1.0, false, None),
            (f64::NAN, false, None),
        ];
        for (number, from_1904, wanted) in cases {
            let found = serial(number, from_1904).map(|(date, _)| date.to_string());
            assert_eq!(found.as_deref(), wanted, "{number}");
        }
        assert!(sheet_number(2022.0, false, false).is_err(), "a year is no day");
        assert_eq!(sheet_number(20221120.0, false, false).unwrap().0.to_string(), "2022-11-20");
    }

    proptest! {
        /// Our reading of a time with an offset agrees with the date library's.
        #[test]
        fn times_agree_with_the_library(micros in -5_000_000_000_000_000i64..7_000_000_000_000_000) {
            let at = Instant::from_micros(micros);
            prop_assert_eq!(moment(&at.to_string(), &zone()).unwrap().0, at);
            let whole = Instant::from_micros(micros.div_euclid(1_000_000) * 1_000_000);
            let text = zone().text(whole);
            // Before 1901 the city kept local mean time, whose offset has seconds.
            if micros > -2_000_000_000_000_000 {
                prop_assert_eq!(moment(&text, &zone()).unwrap().0, whole);
            }
        }

        #[test]
        fn any_text(text in "[0-9年月日/. :TZ+-]{0,24}|.{0,12}") {
            let _ = day(&text, &zone());
            let _ = moment(&text, &zone());
        }
    }
}
