//! Policies beside each other as people read them: tables for the terminal and one self-contained page, in each language. It may use
//! the words, the style of the papers and core. It guarantees that every number of the picture stands in a table, that the city is
//! said to be made up, and that what nobody told is no number.

use crate::{
    PaperError,
    fans::fans,
    lang::Lang,
    page::STYLE,
    situation::{called, share, whole},
    table::text_table,
    words::Words,
};
use askama::Template;
use dayclear_core::scenarios::{Around, Outcome, Scenarios, Series, Taken};

/// What stands where there is nothing.
const NOTHING: &str = "–";
/// Days from one line of the table of days to the next.
const EVERY_DAYS: usize = 7;
/// How far the last week may be off, as a ratio, before it is said.
const OFF: f64 = 1.25;

/// A table of these policies.
struct Table {
    /// What it is, and what must be said with it.
    caption: String,
    said: String,
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "scenarios.html")]
struct Page {
    words: &'static Words,
    style: &'static str,
    title: String,
    facts: Vec<(String, String)>,
    warnings: Vec<String>,
    picture: String,
    tables: Vec<Table>,
}

/// For a terminal.
pub fn scenarios_text(told: &Scenarios, lang: Lang) -> String {
    let words = Words::of(lang);
    let mut out = format!("{}\n{}\n", title(told, words), words.say("scenarios-made-up"));
    for (name, value) in facts(told, words) {
        out += &format!("{name}: {value}\n");
    }
    for warning in warnings(told, words) {
        out += &format!("{warning}\n");
    }
    for table in tables(told, words) {
        out += &format!("\n{}\n{}\n\n{}", table.caption, table.said, text_table(&table.heads, &table.rows));
    }
    out
}

/// As one page without script or outside files.
pub fn scenarios_html(told: &Scenarios, lang: Lang) -> Result<String, PaperError> {
    let words = Words::of(lang);
    let page = Page {
        words,
        style: STYLE,
        title: title(told, words),
        facts: facts(told, words),
        warnings: warnings(told, words),
        picture: fans(told, words),
        tables: tables(told, words),
    };
    Ok(page.render()?)
}

/// What the policies are called together.
fn title(told: &Scenarios, words: &Words) -> String {
    words.get("scenarios-title", &[("count", told.policies.len().into())])
}

/// A number with one decimal where it is small, as the language writes it, below zero as well.
fn number(lang: Lang, value: f64) -> String {
    let tenths = (value * 10.0).round() as i64;
    match tenths % 10 {
        rest if rest != 0 && value.abs() < 10.0 => {
            let sign = if tenths < 0 { "\u{2212}" } else { "" };
            format!("{sign}{}.{}", lang.number(tenths.unsigned_abs() / 10), rest.abs())
        }
        _ => lang.signed(value.round() as i64),
    }
}

fn range(words: &Words, low: f64, high: f64) -> String {
    let of = |value| number(words.lang(), value).into();
    words.get("scenarios-range", &[("low", of(low)), ("high", of(high))])
}

fn facts(told: &Scenarios, words: &Words) -> Vec<(String, String)> {
    let lang = words.lang();
    let fact = |key: &str, value: String| (words.say(key), value);
    let imports: u64 = told.imports.iter().map(|(_, people)| u64::from(*people)).sum();
    let mut facts = vec![
        fact(
            "scenarios-city",
            words.get(
                "scenarios-city-value",
                &[("people", lang.number(told.people).into()), ("seed", told.city_seed.to_string().into())],
            ),
        ),
        fact("scenarios-disease", told.disease.clone()),
        fact("scenarios-outbreaks", words.get("scenarios-outbreaks-value", &[("count", told.seeds.len().into())])),
        fact(
            "scenarios-days",
            words.get(
                "scenarios-days-value",
                &[("days", told.days.to_string().into()), ("date", lang.date(told.first).into())],
            ),
        ),
    ];
    if told.standing.is_none() || imports > 0 {
        facts.push(fact("scenarios-imports", words.get("scenarios-imports-value", &[("count", imports.into())])));
    }
    if let Some(standing) = &told.standing {
        let cases: u64 = standing.seen.iter().sum();
        facts.push(fact(
            "scenarios-standing",
            words.get(
                "scenarios-standing-value",
                &[
                    ("cases", cases.into()),
                    ("days", standing.seen.len().to_string().into()),
                    ("from", lang.date(standing.first).into()),
                ],
            ),
        ));
        facts.push(fact("scenarios-so-far", standing.so_far.clone()));
        facts.push(fact(
            "scenarios-follow",
            words.get(
                "scenarios-follow-value",
                &[
                    ("kept", told.seeds.len().into()),
                    ("tried", u64::from(standing.tried).into()),
                    ("share", format!("{:.2}", standing.last_week).into()),
                    ("r", format!("{:.2}", standing.r0).into()),
                    ("file", format!("{:.2}", standing.r0_of_file).into()),
                ],
            ),
        ));
    }
    facts
}

fn warnings(told: &Scenarios, words: &Words) -> Vec<String> {
    let off = told.standing.as_ref().is_some_and(|standing| !(1.0 / OFF..=OFF).contains(&standing.last_week));
    let needs = told.policies.iter().any(|played| !played.needs.is_empty());
    let mut warnings = Vec::new();
    if off {
        warnings.push(words.say("scenarios-off"));
    }
    if needs && told.needs_built_in {
        warnings.push(words.say("situation-needs-built-in"));
    }
    warnings
}

fn tables(told: &Scenarios, words: &Words) -> Vec<Table> {
    let mut tables = vec![totals(told, words)];
    if told.policies.iter().any(|played| !played.needs.is_empty()) {
        tables.push(needs(told, words));
    }
    tables.push(days(told, words));
    tables
}

fn totals(told: &Scenarios, words: &Words) -> Table {
    let lang = words.lang();
    let row = |outcome: Outcome, policy: &str, series: &Series| {
        let total = &series.total;
        let what = words.term(outcome);
        let difference = match total.difference {
            Some(difference) => [
                number(lang, difference.mean),
                difference.between.map_or_else(|| NOTHING.to_owned(), |[low, high]| range(words, low, high)),
            ],
            None => [NOTHING.to_owned(), NOTHING.to_owned()],
        };
        let Around { q05, q25, median, q75, q95 } = total.around;
        let mut row = vec![
            if outcome.stands() { words.get("scenarios-person-days", &[("what", what.into())]) } else { what },
            policy.to_owned(),
            number(lang, median),
            range(words, q25, q75),
            range(words, q05, q95),
        ];
        row.extend(difference);
        row
    };
    let mut rows = Vec::new();
    for outcome in Outcome::ALL {
        let told = told.policies.iter().filter_map(|played| played.of(*outcome).map(|series| (played, series)));
        rows.extend(told.map(|(played, series)| row(*outcome, &played.policy, series)));
    }
    let heads = [
        "scenarios-head-outcome",
        "scenarios-head-policy",
        "scenarios-head-median",
        "scenarios-head-half",
        "scenarios-head-most",
        "scenarios-head-difference",
        "scenarios-head-interval",
    ];
    Table {
        caption: words.say("scenarios-totals"),
        said: words.say("scenarios-totals-said"),
        heads: heads.map(|head| words.say(head)).to_vec(),
        rows,
    }
}

fn needs(told: &Scenarios, words: &Words) -> Table {
    let lang = words.lang();
    let row = |policy: &str, taken: &Taken| {
        let decide = taken.needed.decide.as_ref();
        let by = decide.map(|decide| match decide.by < told.first {
            true => words.get("scenarios-late", &[("day", decide.by.to_string().into())]),
            false => decide.by.to_string(),
        });
        let or_nothing = |value: Option<String>| value.unwrap_or_else(|| NOTHING.to_owned());
        let name = called(words, &taken.needed);
        vec![
            if taken.counted { format!("{name} *") } else { name },
            policy.to_owned(),
            whole(lang, taken.peak.median),
            whole(lang, taken.peak.high),
            taken.peak.day.to_string(),
            taken.peak.have.map_or_else(|| words.say("not-known"), |have| whole(lang, have)),
            or_nothing(taken.short.map(|short| share(lang, short))),
            or_nothing(by),
            or_nothing(decide.map(|decide| whole(lang, decide.more))),
        ]
    };
    let count = told.policies.first().map_or(0, |played| played.needs.len());
    let mut rows = Vec::new();
    for at in 0..count {
        let told = told.policies.iter().filter_map(|played| Some((played, played.needs.get(at)?)));
        rows.extend(told.map(|(played, taken)| row(&played.policy, taken)));
    }
    let heads = [
        "scenarios-head-need",
        "scenarios-head-policy",
        "scenarios-head-peak",
        "scenarios-head-peak-high",
        "scenarios-head-peak-on",
        "scenarios-head-have",
        "scenarios-head-short",
        "scenarios-head-decide",
        "scenarios-head-more",
    ];
    Table {
        caption: words.say("scenarios-needs"),
        said: words.say("scenarios-needs-said"),
        heads: heads.map(|head| words.say(head)).to_vec(),
        rows,
    }
}

/// Reported cases of every seventh day and the last one.
fn days(told: &Scenarios, words: &Words) -> Table {
    let days = told.days as usize;
    let shown = (0..days).filter(|day| (day + 1) % EVERY_DAYS == 0 || day + 1 == days);
    let cell = |around: &Around| {
        let of = |value| number(words.lang(), value).into();
        words.get(
            "situation-between",
            &[("median", of(around.median)), ("low", of(around.q05)), ("high", of(around.q95))],
        )
    };
    let row = |day: usize| {
        let cells = told.policies.iter().map(|played| {
            let on = played.of(Outcome::Reported).and_then(|series| series.days.get(day));
            on.map_or_else(|| NOTHING.to_owned(), &cell)
        });
        std::iter::once(told.first.plus_days(day as i64).to_string()).chain(cells).collect()
    };
    let heads = std::iter::once(words.say("scenarios-head-day"));
    Table {
        caption: words.say("scenarios-by-day"),
        said: words.say("scenarios-by-day-said"),
        heads: heads.chain(told.policies.iter().map(|played| played.policy.clone())).collect(),
        rows: shown.map(row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fans::scenarios_svg;
    use dayclear_core::{
        scenarios::{Difference, FORM, Played, Standing, Total},
        situation::{Decide, NeedDay, Needed},
        time::CivilDate,
    };

    fn day(n: i64) -> CivilDate {
        "2022-11-21".parse::<CivilDate>().unwrap().plus_days(n)
    }

    fn around(median: f64) -> Around {
        Around { q05: median / 2.0, q25: median * 0.75, median, q75: median * 1.25, q95: median * 2.0 }
    }

    fn played(policy: &str, median: f64, difference: Option<Difference>) -> Played {
        let total = |median: f64| Total { around: around(median * 8.0), mean: median * 8.0, difference };
        let series = |outcome| Series {
            outcome,
            days: (0..8).map(|n| around(median + f64::from(n))).collect(),
            total: total(median),
        };
        let line = NeedDay { day: day(3), median: 120.4, high: 180.0, have: Some(150.0), short: Some(0.3) };
        let needed = Needed {
            name: "beds_a".to_owned(),
            words: "beds of class A".to_owned(),
            beds_of: None,
            lead_days: 3,
            risk: 0.1,
            per_case: 0.9,
            own_share: false,
            own_stay: false,
            days: vec![line],
            decide: Some(Decide { first_short: day(2), by: day(-1), more: 500.0, without: [20.0, 60.0] }),
        };
        Played {
            policy: policy.to_owned(),
            outcomes: vec![series(Outcome::Reported), series(Outcome::Held)],
            needs: vec![Taken { needed, counted: false, peak: line, short: Some(0.35) }],
        }
    }

    fn told() -> Scenarios {
        let difference = Difference { mean: -40.04, between: Some([-44.0, -36.0]) };
        Scenarios {
            form: FORM,
            disease: "Omicron BA.5.2".to_owned(),
            people: 20_000,
            city_seed: 1,
            seeds: (1..=20).collect(),
            first: day(0),
            days: 8,
            imports: vec![(0, 20)],
            standing: None,
            needs_built_in: true,
            policies: vec![played("as-it-is", 10.0, None), played("rounds <daily>", 5.0, Some(difference))],
        }
    }

    #[test]
    fn the_table_says_each_policy_with_its_difference_to_the_first() {
        insta::assert_snapshot!(scenarios_text(&told(), Lang::En));
    }

    #[test]
    fn the_page_and_the_picture_escape_names_and_draw_one_chart_for_each_policy() {
        for lang in [Lang::En, Lang::ZhHans, Lang::ZhHant] {
            let page = scenarios_html(&told(), lang).unwrap();
            assert!(page.contains(&format!("<html lang=\"{}\">", lang.tag())) && page.contains("<svg"), "{page}");
            assert!(!page.contains("rounds <daily>") && !page.contains("scenarios-"), "{page}");
            assert!(!page.contains("{$") && !page.contains("{ $"), "{page}");
        }
        let picture = scenarios_svg(&told(), Lang::En);
        assert_eq!(picture.matches("class=\"middle\"").count(), 2);
        assert!(picture.starts_with("<svg xmlns") && !picture.contains("rounds <daily>"), "{picture}");
    }

    #[test]
    fn a_start_from_a_store_says_how_well_it_is_followed() {
        let standing = Standing {
            first: day(-10),
            seen: vec![5; 10],
            played: vec![around(5.0); 10],
            r0: 2.1,
            r0_of_file: 5.54,
            imports: 12,
            begins: day(-20),
            tried: 80,
            last_week: 1.4,
            so_far: "as-it-is".to_owned(),
        };
        let told = Scenarios { standing: Some(standing), imports: Vec::new(), ..told() };
        let said = scenarios_text(&told, Lang::En);
        assert!(said.contains("50 cases") && said.contains("1.40") && said.contains("R0 2.10"), "{said}");
        assert!(said.contains("more than a quarter"), "{said}");
        assert_eq!(scenarios_svg(&told, Lang::En).matches("class=\"seen\"").count(), 20);
    }

    #[test]
    fn small_numbers_have_a_decimal_and_a_true_minus() {
        for (value, text) in
            [(0.0, "0"), (-0.04, "0"), (2.5, "2.5"), (-0.5, "\u{2212}0.5"), (-9.0, "\u{2212}9"), (1_234.4, "1,234")]
        {
            assert_eq!(number(Lang::En, value), text);
        }
    }
}
