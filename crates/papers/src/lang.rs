//! The languages of the house, and how each writes numbers, dates, times and durations. Pure; it uses the date types of
//! core. It guarantees that a language tag that is not understood is an error and never a silent fallback.

use crate::words::Words;
use dayclear_core::time::{CivilDate, Instant, Zone};
use std::{fmt, str::FromStr};
use unic_langid::LanguageIdentifier;

/// A language in which papers are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lang {
    /// English.
    En,
    /// Chinese in simplified characters.
    ZhHans,
    /// Chinese in traditional characters.
    ZhHant,
}

/// A language tag for which there are no messages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a language of this system; use en, zh-Hans or zh-Hant")]
pub struct NotALanguage(pub String);

impl Lang {
    /// Every language.
    pub const ALL: &'static [Lang] = &[Lang::En, Lang::ZhHans, Lang::ZhHant];

    /// The BCP-47 tag, as in the `lang` attribute of a page.
    pub const fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::ZhHans => "zh-Hans",
            Lang::ZhHant => "zh-Hant",
        }
    }

    /// Whether the language is Chinese, in which names of places are the registered ones.
    pub const fn is_chinese(self) -> bool {
        matches!(self, Lang::ZhHans | Lang::ZhHant)
    }

    /// A whole number with separators. All three languages group by three with a comma (for Chinese: GB/T 15835-2011, 5.1.1).
    pub fn number(self, value: u64) -> String {
        match self {
            Lang::En | Lang::ZhHans | Lang::ZhHant => grouped(&value.to_string()),
        }
    }

    /// A signed number with separators and a true minus sign.
    pub fn signed(self, value: i64) -> String {
        let size = self.number(value.unsigned_abs());
        if value < 0 { format!("\u{2212}{size}") } else { size }
    }

    /// A share with one decimal, rounded half up on whole numbers; `None` when there is nothing to take a share of.
    pub fn percent(self, part: u64, whole: u64) -> Option<String> {
        if whole == 0 {
            return None;
        }
        let tenths = (u128::from(part) * 2000 + u128::from(whole)) / (u128::from(whole) * 2);
        Some(format!("{}.{}%", self.number((tenths / 10) as u64), tenths % 10))
    }

    /// A date with its weekday.
    pub fn date(self, day: CivilDate) -> String {
        let words = Words::of(self);
        let (year, _, dom) = day.parts();
        // 1970-01-01 was a Thursday; Monday is 0.
        let weekday = WEEKDAYS[(day.day_number() + 3).rem_euclid(7) as usize];
        let month = self.month(day.parts().1);
        words.get(
            "date-long",
            &[
                ("weekday", words.say(weekday).into()),
                ("year", year.to_string().into()),
                ("month", month.into()),
                ("day", dom.to_string().into()),
            ],
        )
    }

    /// Name of a month.
    pub fn month(self, month: i8) -> String {
        Words::of(self).say(MONTHS[usize::from(month.unsigned_abs().clamp(1, 12)) - 1])
    }

    /// A point in time on the clock of the city; in UTC, and saying so, where the zone is not known.
    pub fn moment(self, at: Instant, zone: Option<&str>) -> String {
        let words = Words::of(self);
        let local = zone.and_then(|name| Zone::named(name).ok());
        let Some(here) = local else {
            let utc = at.to_string();
            let text = utc.get(..16).unwrap_or(&utc).replace('T', " ");
            return words.get("moment-utc", &[("time", text.into())]);
        };
        let (hour, minute) = here.clock(at);
        // The end of a day is read as 24:00 of that day, not as 00:00 of the next: figures of a day end on that day.
        let (day, clock) = match (hour, minute) {
            (0, 0) => (here.day(at).plus_days(-1), "24:00".to_owned()),
            _ => (here.day(at), format!("{hour:02}:{minute:02}")),
        };
        words.get("moment-local", &[("date", self.date(day).into()), ("time", clock.into())])
    }

    /// A duration in hours and minutes, in days and hours from two days on.
    pub fn duration(self, minutes: u64) -> String {
        let words = Words::of(self);
        let (hours, rest) = (minutes / 60, minutes % 60);
        match hours {
            0 => words.get("duration-minutes", &[("minutes", rest.into())]),
            1..=47 if rest == 0 => words.get("duration-hours", &[("hours", hours.into())]),
            1..=47 => words.get("duration-hours-minutes", &[("hours", hours.into()), ("minutes", rest.into())]),
            _ if hours % 24 == 0 => words.get("duration-days", &[("days", (hours / 24).into())]),
            _ => words.get("duration-days-hours", &[("days", (hours / 24).into()), ("hours", (hours % 24).into())]),
        }
    }
}

const WEEKDAYS: [&str; 7] =
    ["weekday-mon", "weekday-tue", "weekday-wed", "weekday-thu", "weekday-fri", "weekday-sat", "weekday-sun"];
const MONTHS: [&str; 12] = [
    "month-1", "month-2", "month-3", "month-4", "month-5", "month-6", "month-7", "month-8", "month-9", "month-10",
    "month-11", "month-12",
];

/// Digits in groups of three.
pub(crate) fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl FromStr for Lang {
    type Err = NotALanguage;
    /// A BCP-47 tag: `en`, `en-GB`, `zh`, `zh-CN`, `zh-Hant-HK`, `zh-TW` and the like. The script decides; where a tag has
    /// none, the region does (Hong Kong, Macao and Taiwan write traditional characters).
    fn from_str(text: &str) -> Result<Self, NotALanguage> {
        let wrong = || NotALanguage(text.to_owned());
        let id: LanguageIdentifier = text.parse().map_err(|_| wrong())?;
        let region = id.region.as_ref().map(|region| region.as_str());
        match (id.language.as_str(), id.script.as_ref().map(|script| script.as_str())) {
            ("en", None | Some("Latn")) => Ok(Lang::En),
            ("zh", Some("Hans")) => Ok(Lang::ZhHans),
            ("zh", Some("Hant")) => Ok(Lang::ZhHant),
            ("zh", None) if matches!(region, Some("HK" | "MO" | "TW")) => Ok(Lang::ZhHant),
            ("zh", None) => Ok(Lang::ZhHans),
            _ => Err(wrong()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_names_a_language_or_is_refused() {
        let cases = [
            ("en", Some(Lang::En)),
            ("EN-gb", Some(Lang::En)),
            ("zh", Some(Lang::ZhHans)),
            ("zh-CN", Some(Lang::ZhHans)),
            ("zh-Hans-HK", Some(Lang::ZhHans)),
            ("zh-Hant", Some(Lang::ZhHant)),
            ("zh-TW", Some(Lang::ZhHant)),
            ("zh-HK", Some(Lang::ZhHant)),
            ("zh-Latn", None),
            ("fr", None),
            ("", None),
            ("chinese please", None),
        ];
        for (tag, lang) in cases {
            assert_eq!(tag.parse::<Lang>().ok(), lang, "{tag}");
        }
        for lang in Lang::ALL {
            assert_eq!(lang.tag().parse(), Ok(*lang));
        }
    }

    #[test]
    fn numbers_are_grouped_and_shares_rounded_half_up() {
        let cases = [(0, "0"), (12, "12"), (999, "999"), (1_662, "1,662"), (1_000_000, "1,000,000")];
        for (value, text) in cases {
            assert_eq!(Lang::ZhHans.number(value), text);
        }
        assert_eq!(Lang::En.signed(-1_234), "\u{2212}1,234");
        assert_eq!(Lang::En.percent(1, 3).unwrap(), "33.3%");
        assert_eq!(Lang::En.percent(1, 2000).unwrap(), "0.1%");
        assert_eq!(Lang::En.percent(u64::MAX, u64::MAX).unwrap(), "100.0%");
        assert_eq!(Lang::En.percent(0, 0), None);
    }

    #[test]
    fn dates_and_times_read_as_the_language_writes_them() {
        let day: CivilDate = "2022-11-12".parse().unwrap();
        let end: Instant = "2022-11-12T16:00:00Z".parse().unwrap();
        let zone = Some("Asia/Shanghai");
        assert_eq!(Lang::En.date(day), "Saturday 12 November 2022");
        assert_eq!(Lang::ZhHans.date(day), "2022年11月12日（星期六）");
        assert_eq!(Lang::En.moment(end, zone), "Saturday 12 November 2022, 24:00");
        assert_eq!(Lang::ZhHant.moment(end.plus_minutes(-30), zone), "2022年11月12日（星期六）23:30");
        assert_eq!(Lang::En.moment(end, None), "2022-11-12 16:00 UTC");
        assert_eq!(Lang::En.moment(end, Some("No/Where")), "2022-11-12 16:00 UTC");
    }

    #[test]
    fn durations_stay_short() {
        let cases =
            [(0, "0 min"), (59, "59 min"), (60, "1 h"), (380, "6 h 20 min"), (2_880, "2 d"), (2_940, "2 d 1 h")];
        for (minutes, text) in cases {
            assert_eq!(Lang::En.duration(minutes), text);
        }
    }
}
