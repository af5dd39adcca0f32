//! The scorecard as people read it: a table for the terminal, and one self-contained page with its curve, in each language. It
//! may use the words and the style of the papers. Every number of the picture stands in a table beside it.

use crate::{
    score::{Hours, Scorecard},
    traced::{Way, key_of},
};
use askama::Template;
use dayclear_core::screening::Purpose;
use dayclear_papers::{Lang, Words, page::STYLE};

/// A part of the scorecard: key of its title, and lines of name and value.
pub struct Part {
    /// Key of the title.
    pub title: &'static str,
    /// Name and value of each line.
    pub lines: Vec<(String, String)>,
}

/// A day in the curve.
struct Day {
    date: String,
    infected: u64,
    found: u64,
    without: u64,
    /// Bars on a frame of 100.
    bars: [f64; 2],
}

#[derive(Template)]
#[template(path = "scorecard.html")]
struct Page<'a> {
    words: &'static Words,
    style: &'static str,
    card: &'a Scorecard,
    title: String,
    facts: Vec<(String, String)>,
    headline: Vec<(String, String)>,
    parts: Vec<Part>,
    days: Vec<Day>,
}

/// A number with at most one decimal, as the language writes it.
fn decimal(lang: Lang, value: f64) -> String {
    let tenths = (value * 10.0).round() as i64;
    match tenths % 10 {
        0 => lang.signed(tenths / 10),
        rest => format!("{}.{}", lang.signed(tenths / 10), rest.abs()),
    }
}

/// Missed infections that the page names; all of them stand in the JSON.
const MISSED_SHOWN: usize = 40;

/// What stands where there is nothing to count.
const NOTHING: &str = "–";

fn percent(value: Option<f64>) -> String {
    value.map_or_else(|| NOTHING.to_owned(), |share| format!("{:.1} %", share * 100.0))
}

fn spread(words: &Words, hours: &Hours) -> String {
    if hours.n == 0 {
        return NOTHING.to_owned();
    }
    let told = |value: f64| decimal(words.lang(), value).into();
    words.get("drill-hours", &[("p50", told(hours.p50)), ("p95", told(hours.p95)), ("n", hours.n.into())])
}

/// Tracing beside the truth: setting by setting, and why infections were missed.
fn tracing(card: &Scorecard, words: &Words) -> Vec<(String, String)> {
    let traced = &card.traced;
    let mut lines = vec![
        (words.say("drill-traced"), percent(traced.share())),
        (words.say("drill-held-early"), percent(traced.held_before_infectious)),
        (words.say("drill-free"), percent(traced.infectious_while_free)),
    ];
    lines.extend(traced.settings.iter().map(|setting| {
        let sum =
            |of: &dyn Fn(&Way) -> bool| setting.ways.iter().filter(|(way, _)| of(way)).map(|(_, n)| n).sum::<u64>();
        let values = [
            ("count", sum(&|_| true).into()),
            ("known", sum(&|way| matches!(way, Way::Named | Way::Another)).into()),
            ("first", sum(&|way| *way == Way::FoundFirst).into()),
            ("missed", sum(&|way| way.missed()).into()),
        ];
        (words.say(key_of(setting.setting)), words.get("drill-setting-value", &values))
    }));
    lines.extend(traced.reasons().into_iter().map(|(why, count)| (words.say(why.key()), words.lang().number(count))));
    lines
}

/// The infections that tracing missed, the first of them by name.
fn missed(card: &Scorecard, words: &Words) -> Vec<(String, String)> {
    let all = &card.traced.missed;
    let mut lines: Vec<(String, String)> = all
        .iter()
        .take(MISSED_SHOWN)
        .map(|missed| {
            let values = [
                ("by", missed.by.as_str().into()),
                ("date", words.lang().date(missed.on).into()),
                ("setting", words.say(key_of(missed.setting)).into()),
                ("why", words.say(missed.why.key()).into()),
            ];
            (missed.person.clone(), words.get("drill-missed-value", &values))
        })
        .collect();
    match all.len().saturating_sub(MISSED_SHOWN) {
        0 if all.is_empty() => lines.push((words.say("drill-none"), NOTHING.to_owned())),
        0 => {}
        more => lines.push((words.get("drill-missed-more", &[("count", more.into())]), "scorecard.json".to_owned())),
    }
    lines
}

/// The scorecard in parts.
pub fn parts(card: &Scorecard, lang: Lang) -> Vec<Part> {
    let words = Words::of(lang);
    let count = |value: u64| lang.number(value);
    let or_nothing = |value: Option<f64>| value.map_or_else(|| NOTHING.to_owned(), |value| decimal(lang, value));
    let line = |key: &str, value: String| (words.say(key), value);
    let mut found = vec![
        line("drill-cases", count(card.cases as u64)),
        line(
            "drill-found",
            words.get(
                "drill-found-value",
                &[("share", percent(card.found_share).into()), ("count", card.not_found.into())],
            ),
        ),
    ];
    let not_found = card.not_found_where.iter().filter(|(_, people)| **people > 0);
    found.extend(not_found.map(|(trail, people)| line(trail.key(), count(*people))));
    found.extend([
        line("drill-same-day", percent(card.moved_same_day)),
        line("drill-to-sample", spread(words, &card.infection_to_sample_h)),
        line("drill-to-case", spread(words, &card.sample_to_case_h)),
        line("drill-to-bed", spread(words, &card.case_to_bed_h)),
        line("drill-contacts", or_nothing(card.contacts_a_case)),
        line("drill-known", percent(card.known_contacts)),
    ]);
    let channels = card.channels.iter().map(|(purpose, channel)| {
        let days = &channel.days_since_infection;
        let told = |value: f64| decimal(lang, value).into();
        let values = [
            ("found", channel.found.into()),
            ("swabs", channel.swabs.into()),
            ("rate", or_nothing(channel.per_10000()).into()),
            ("p50", told(days.p50)),
            ("p95", told(days.p95)),
        ];
        let key = if days.n == 0 { "drill-channel-none" } else { "drill-channel-value" };
        let name = purpose.parse::<Purpose>().map_or_else(|_| (*purpose).to_owned(), |purpose| words.term(purpose));
        (name, words.get(key, &values))
    });
    let channels: Vec<(String, String)> = channels.collect();
    let peak_on = lang.date(card.first_day.plus_days(card.peak_day as i64 - i64::from(card.unseen_days)));
    let mut proof = vec![
        line("drill-lost", count(card.lost.len() as u64)),
        line("drill-untraced", count(card.untraced.len() as u64)),
        line("drill-rights", count(card.rights_broken.len() as u64)),
        line("drill-pools", percent(card.pools_in_time)),
        line(
            "drill-checks",
            words.get("drill-checks-value", &[("count", card.checks.into()), ("broken", card.failed.len().into())]),
        ),
    ];
    proof.extend(card.judged.iter().map(|judged| {
        let values = [("count", judged.looked_at.into()), ("broken", judged.broken.into())];
        let open = words.say(judged.open);
        let seen = match judged.looked_at {
            0 => words.say("drill-not-judged"),
            _ => words.get("drill-judged-value", &values),
        };
        (
            words.get("drill-rule", &[("rule", judged.rule.into())]),
            words.get("drill-judged-open", &[("seen", seen.into()), ("open", open.into())]),
        )
    }));
    proof.extend(card.lost.iter().map(|lost| line("drill-lost", lost.clone())));
    proof.extend(card.untraced.iter().map(|swab| line("drill-untraced", swab.clone())));
    proof.extend(card.rights_broken.iter().chain(&card.failed).map(|broken| line("drill-broken", broken.clone())));
    let mut care = vec![
        line(
            "drill-requests",
            words.get(
                "drill-requests-value",
                &[("count", card.requests.into()), ("share", percent(card.answered_in_time).into())],
            ),
        ),
        line(
            "drill-emergencies",
            words.get(
                "drill-emergencies-value",
                &[
                    ("count", card.emergencies.0.into()),
                    ("answered", card.emergencies.1.into()),
                    ("share", percent(card.decided_in_time).into()),
                ],
            ),
        ),
        line(
            "drill-calls",
            words.get("drill-calls-value", &[("count", card.calls.0.into()), ("open", card.calls.1.into())]),
        ),
    ];
    care.extend(supplied(card, words));
    proof.push(line("drill-aside", count(card.kept_aside)));
    proof.push(line("drill-served", count(card.served)));
    vec![
        Part {
            title: "drill-outbreak",
            lines: vec![
                line(
                    "drill-infected",
                    words.get(
                        "drill-infected-value",
                        &[("count", card.infected.into()), ("without", card.infected_without.into())],
                    ),
                ),
                line(
                    "drill-peak",
                    words.get("drill-peak-value", &[("count", card.peak.into()), ("date", peak_on.into())]),
                ),
            ],
        },
        Part { title: "drill-speed", lines: found },
        Part { title: "drill-tracing", lines: tracing(card, words) },
        Part { title: "drill-missed-infections", lines: missed(card, words) },
        Part { title: "drill-channels", lines: channels },
        Part {
            title: "drill-burden",
            lines: vec![
                line("drill-held", count(card.person_days_held)),
                line("drill-enclosed", count(card.person_days_enclosed)),
                line("drill-averted", or_nothing(card.person_days_an_averted)),
                line(
                    "drill-tubes",
                    words.get("drill-tubes-value", &[("tubes", card.tubes.into()), ("swabs", card.swabs.into())]),
                ),
                line("drill-swabs", or_nothing(card.swabs_a_case)),
                line("drill-mishaps", count(card.mishaps)),
                line("drill-missed", percent(card.missed_by_rounds)),
                line("drill-rounds", count(card.rounds as u64)),
                line(
                    "drill-boxes",
                    words.get("drill-boxes-value", &[("boxes", card.boxes.0.into()), ("astray", card.boxes.1.into())]),
                ),
                line("drill-suspended", count(card.suspended as u64)),
            ],
        },
        Part { title: "drill-care", lines: care },
        Part { title: "drill-gates", lines: at_gates(card, words) },
        Part { title: "drill-proof", lines: proof },
    ]
}

/// Parcels, letters, and what desks ended by what they did.
fn supplied(card: &Scorecard, words: &Words) -> Vec<(String, String)> {
    let (parcels, letters) = (&card.parcels, &card.letters);
    let of = |key: &str, form: &str, values: &[(&str, usize)]| {
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, (*value).into())).collect();
        (words.say(key), words.get(form, &values))
    };
    vec![
        of(
            "drill-parcels",
            "drill-parcels-value",
            &[
                ("owed", parcels.owed),
                ("brought", parcels.brought),
                ("intime", parcels.on_their_day),
                ("lifted", parcels.lifted),
            ],
        ),
        of(
            "drill-parcels-missed",
            "drill-parcels-missed-value",
            &[("count", parcels.missed), ("again", parcels.brought_again)],
        ),
        of("drill-runs", "drill-runs-value", &[("count", parcels.runs), ("repaired", parcels.repaired)]),
        of("drill-desks", "drill-desks-value", &[("count", card.desks.0), ("open", card.desks.1)]),
        of(
            "drill-letters",
            "drill-letters-value",
            &[("count", letters.letters), ("answered", letters.answered), ("late", letters.late)],
        ),
    ]
}

/// Who arrived, who was tested on landing, and whom that found.
fn at_gates(card: &Scorecard, words: &Words) -> Vec<(String, String)> {
    let Some(landed) = &card.gates else { return vec![(words.say("drill-none"), NOTHING.to_owned())] };
    let of = |key: &str, form: &str, values: &[(&str, u64)]| {
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, (*value).into())).collect();
        (words.say(key), words.get(form, &values))
    };
    vec![
        of(
            "drill-arrivals",
            "drill-arrivals-value",
            &[("count", landed.arrivals), ("extra", landed.extra), ("missing", landed.missing)],
        ),
        of(
            "drill-landed",
            "drill-landed-value",
            &[
                ("tested", landed.tested),
                ("refused", landed.refused),
                ("owing", landed.owing),
                ("overdue", landed.overdue),
            ],
        ),
        of(
            "drill-brought-in",
            "drill-brought-in-value",
            &[
                ("count", landed.infected),
                ("found", landed.found_at_gate),
                ("later", landed.found_later),
                ("missed", landed.missed),
            ],
        ),
    ]
}

fn facts(card: &Scorecard, lang: Lang) -> Vec<(String, String)> {
    let words = Words::of(lang);
    let played = [
        ("days", u64::from(card.days).into()),
        ("date", lang.date(card.first_day).into()),
        ("people", u64::from(card.people).into()),
    ];
    let faults = match card.faults.as_str() {
        "" => words.say("drill-none"),
        faults => words.get("drill-faults-value", &[("faults", faults.into()), ("count", card.injected.into())]),
    };
    vec![(words.say("drill-played"), words.get("drill-played-value", &played)), (words.say("drill-faults"), faults)]
}

fn title(card: &Scorecard, words: &Words) -> String {
    words.get("drill-title", &[("scenario", card.scenario.as_str().into()), ("seed", card.seed.to_string().into())])
}

/// The scorecard in lines of name and value, for a terminal or a file.
pub fn lines(card: &Scorecard, lang: Lang) -> Vec<Vec<String>> {
    let words = Words::of(lang);
    let mut lines = vec![vec![words.say("drill-kind"), title(card, words)]];
    lines.extend(facts(card, lang).into_iter().map(|(name, value)| vec![name, value]));
    lines.extend(parts(card, lang).into_iter().flat_map(|part| part.lines).map(|(name, value)| vec![name, value]));
    lines
}

/// The scorecard as a page.
pub fn html(card: &Scorecard, lang: Lang) -> Result<String, askama::Error> {
    let words = Words::of(lang);
    let most = card.by_day.iter().flat_map(|day| [day.infected, day.found]).max().unwrap_or(0).max(1) as f64;
    let days = card.by_day.iter().map(|day| Day {
        date: day.date.to_string(),
        infected: day.infected,
        found: day.found,
        without: day.without,
        bars: [day.infected, day.found].map(|count| (count as f64 / most * 1_000.0).round() / 10.0),
    });
    Page {
        words,
        style: STYLE,
        title: title(card, words),
        facts: facts(card, lang),
        headline: vec![
            (words.say("drill-cases"), lang.number(card.cases as u64)),
            (words.say("drill-same-day"), percent(card.moved_same_day)),
            (words.say("drill-lost"), lang.number(card.lost.len() as u64)),
            (words.say("drill-rights"), lang.number(card.rights_broken.len() as u64)),
        ],
        parts: parts(card, lang),
        days: days.collect(),
        card,
    }
    .render()
}
