//! What the days ahead take, as sentences that somebody can act on. It may use the words and core; it guarantees that what
//! nobody told is said so, and that a day to decide that has passed is called late.

use crate::{lang::Lang, words::Words};
use dayclear_core::{situation::Needed, time::CivilDate};

/// A share as people write it.
pub fn share(lang: Lang, share: f64) -> String {
    let per_mille = (share.clamp(0.0, 1.0) * 1000.0).round() as u64;
    lang.percent(per_mille, 1000).unwrap_or_default()
}

/// A number of pieces, people or cases as people write it.
pub fn whole(lang: Lang, value: f64) -> String {
    lang.number(value.max(0.0).round() as u64)
}

/// What a need is called: by its name where there is a word for it, else as its file says.
pub fn called(words: &Words, needed: &Needed) -> String {
    let key = format!("needed-{}", needed.name);
    if words.has(&key) { words.say(&key) } else { needed.words.clone() }
}

/// One sentence on one need of a place, as of a day.
pub fn sentence(words: &Words, needed: &Needed, place: &str, today: CivilDate) -> String {
    let lang = words.lang();
    let what = called(words, needed);
    let number = |value: f64| whole(lang, value);
    let lead = lang.duration(u64::from(needed.lead_days) * 24 * 60);
    let known = needed.days.iter().all(|day| day.have.is_some());
    let largest = needed.days.iter().map(|day| day.high).fold(0.0, f64::max);
    match (&needed.decide, known) {
        (Some(decide), _) => {
            let key = if decide.by < today { "need-late" } else { "need-decide" };
            words.get(
                key,
                &[
                    ("place", place.into()),
                    ("by", lang.date(decide.by).into()),
                    ("more", number(decide.more).into()),
                    ("what", what.into()),
                    ("lead", lead.into()),
                    ("missing", number(decide.without[0]).into()),
                    ("worst", number(decide.without[1]).into()),
                    ("first", lang.date(decide.first_short).into()),
                ],
            )
        }
        (None, true) => {
            let most = needed.days.iter().filter_map(|day| day.short).fold(0.0, f64::max);
            let until = needed.days.last().map(|day| lang.date(day.day)).unwrap_or_default();
            words.get(
                "need-enough",
                &[
                    ("place", place.into()),
                    ("what", what.into()),
                    ("until", until.into()),
                    ("share", share(lang, most).into()),
                ],
            )
        }
        (None, false) => words
            .get("need-unknown", &[("place", place.into()), ("what", what.into()), ("high", number(largest).into())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayclear_core::situation::{Decide, NeedDay};

    fn day(text: &str) -> CivilDate {
        text.parse().unwrap()
    }

    fn needed(have: Option<f64>, decide: Option<Decide>) -> Needed {
        let short = have.map(|_| 0.034);
        let line = |n: i64| NeedDay { day: day("2022-11-20").plus_days(n), median: 90.0, high: 1_234.0, have, short };
        Needed {
            beds_of: None,
            name: "beds_a".to_owned(),
            words: "beds of class A".to_owned(),
            lead_days: 3,
            risk: 0.1,
            per_case: 0.9,
            own_share: false,
            own_stay: false,
            days: (1..=14).map(line).collect(),
            decide,
        }
    }

    #[test]
    fn a_sentence_says_what_to_decide_by_when_and_what_comes_otherwise() {
        let decide =
            Decide { first_short: day("2022-11-27"), by: day("2022-11-24"), more: 2_000.0, without: [180.0, 410.0] };
        let said = |needed: &Needed, lang: Lang, today: &str| {
            sentence(Words::of(lang), needed, if lang.is_chinese() { "渝中区" } else { "Yuzhong" }, day(today))
        };
        let short = needed(Some(100.0), Some(decide));
        assert_eq!(
            said(&short, Lang::En, "2022-11-21"),
            "Yuzhong: by Thursday 24 November 2022 decide on 2,000 more beds in temporary hospitals (they take 3 d to come), or 180 \
             will be missing on the worst day, in one of ten futures 410 or more. The first day short is Sunday 27 November 2022."
        );
        assert!(said(&short, Lang::ZhHans, "2022-11-21").starts_with("渝中区：请在2022年11月24日（星期四）前决定增加"));
        assert!(said(&short, Lang::En, "2022-11-24").contains("by Thursday"), "on the day itself it is not late");
        assert!(said(&short, Lang::En, "2022-11-25").contains("it is late"));
        assert!(said(&needed(Some(5_000.0), None), Lang::En, "2022-11-21").contains("3.4% at most"));
        assert!(said(&needed(None, None), Lang::En, "2022-11-21").contains("nobody has told"));
        let other = Needed { name: "masks".to_owned(), words: "masks".to_owned(), ..needed(None, None) };
        assert!(said(&other, Lang::ZhHant, "2022-11-21").contains("masks"));
    }
}
