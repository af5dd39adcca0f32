//! A picture of policies beside each other: one small chart for each, reported cases by day with the middle of the outbreaks, half of
//! them and nine of ten, all on one scale. It may use the words and core; the shade of a band is said in words beside it, every text
//! is escaped, and nothing is loaded from elsewhere.

use crate::{
    figures::{levels, round_up},
    lang::Lang,
    situation::whole,
    words::Words,
};
use askama::Template;
use dayclear_core::scenarios::{Around, Outcome, Played, Scenarios};

/// Charts in a row.
const IN_A_ROW: usize = 2;
/// Width and height of a chart with its words, and of the words above all.
const CHART: (f64, f64) = (440.0, 220.0);
const HEAD: f64 = 84.0;
/// Place of the drawing in a chart: left, right, top and bottom.
const AREA: (f64, f64, f64, f64) = (64.0, 424.0, 34.0, 184.0);

/// One chart.
struct Chart {
    /// Left and upper end.
    x: f64,
    y: f64,
    policy: String,
    /// Corners of the bands, and the line in the middle.
    wide: String,
    half: String,
    middle: String,
    /// Cases that a store counted before: places.
    seen: Vec<(String, String)>,
    /// Where the policies begin, where days before are drawn.
    begins: Option<String>,
    /// Words beside and below the axes, and how the lower ones are set.
    beside: Vec<(String, String)>,
    below: Vec<(String, String, &'static str)>,
}

#[derive(Template)]
#[template(path = "fans.svg")]
struct Picture {
    width: f64,
    height: f64,
    area: (f64, f64, f64, f64),
    title: String,
    said: String,
    made_up: String,
    charts: Vec<Chart>,
}

/// The picture as a file of its own.
pub fn scenarios_svg(told: &Scenarios, lang: Lang) -> String {
    fans(told, Words::of(lang))
}

/// The picture, to stand in a page or by itself.
pub(crate) fn fans(told: &Scenarios, words: &Words) -> String {
    let reported = |played: &Played| played.of(Outcome::Reported).map(|series| series.days.clone()).unwrap_or_default();
    let before = told.standing.as_ref().map(|standing| (standing.played.as_slice(), standing.seen.as_slice()));
    let (followed, seen) = before.unwrap_or_default();
    let series: Vec<Vec<Around>> =
        told.policies.iter().map(|played| followed.iter().copied().chain(reported(played)).collect()).collect();
    let highest = series.iter().flatten().map(|day| day.q95).fold(0.0, f64::max);
    let most = round_up(seen.iter().map(|cases| *cases as f64).fold(highest, f64::max));
    let rows = told.policies.len().div_ceil(IN_A_ROW);
    let charts = told.policies.iter().zip(&series).enumerate();
    let charts = charts.map(|(at, (played, days))| chart(told, words, (at, most), played, days, seen)).collect();
    let key = if seen.is_empty() { "scenarios-fans-said" } else { "scenarios-fans-seen" };
    let picture = Picture {
        width: CHART.0 * IN_A_ROW as f64,
        height: HEAD + CHART.1 * rows as f64,
        area: AREA,
        title: words.say("scenarios-fans"),
        said: words.say(key),
        made_up: words.say("scenarios-made-up"),
        charts,
    };
    // a template over these fields cannot fail
    picture.render().unwrap_or_default()
}

fn chart(
    told: &Scenarios,
    words: &Words,
    (at, most): (usize, f64),
    played: &Played,
    days: &[Around],
    seen: &[u64],
) -> Chart {
    let (left, right, top, bottom) = AREA;
    let text = |value: f64| format!("{value:.1}");
    let x = |n: usize| left + (right - left) * (n as f64 + 0.5) / days.len().max(1) as f64;
    let y = |value: f64| bottom - value.min(most) / most * (bottom - top);
    let line = |of: fn(&Around) -> f64| -> Vec<String> {
        days.iter().enumerate().map(|(n, day)| format!("{},{}", text(x(n)), text(y(of(day))))).collect()
    };
    let band = |low: fn(&Around) -> f64, high: fn(&Around) -> f64| {
        let there = line(high);
        there.into_iter().chain(line(low).into_iter().rev()).collect::<Vec<_>>().join(" ")
    };
    let first = told.first.plus_days(-(seen.len() as i64));
    let last = days.len().saturating_sub(1);
    let mut below = vec![(0, "start"), (last, "end")];
    if seen.is_empty() {
        below.insert(1, (last / 2, "middle"));
    } else {
        below.insert(1, (seen.len(), "middle"));
    }
    Chart {
        x: CHART.0 * (at % IN_A_ROW) as f64,
        y: HEAD + CHART.1 * (at / IN_A_ROW) as f64,
        policy: played.policy.clone(),
        wide: band(|day| day.q05, |day| day.q95),
        half: band(|day| day.q25, |day| day.q75),
        middle: line(|day| day.median).join(" "),
        seen: seen.iter().enumerate().map(|(n, cases)| (text(x(n)), text(y(*cases as f64)))).collect(),
        begins: (!seen.is_empty()).then(|| text((x(seen.len() - 1) + x(seen.len())) / 2.0)),
        beside: levels(most).map(|value| (text(y(value)), whole(words.lang(), value))).collect(),
        below: below.into_iter().map(|(n, set)| (text(x(n)), first.plus_days(n as i64).to_string(), set)).collect(),
    }
}
