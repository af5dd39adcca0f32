//! The situation room: where the outbreak stands in the city or a district, what is to come and what that takes, on a page that
//! works without a script, prints, and fills a wall screen. It reads what was kept when it was worked out, so it costs the same
//! however many cases there are. What cannot be said is shown as missing, with the reason.

mod board;
mod pack;
mod picture;
mod spread;
mod wall;
mod week;

use super::{
    frame::{Frame, Visit, moment, render, short_day},
    rows, show,
};
use crate::{app::App, problem::Problem, routing::get};
use askama::Template;
use axum::{
    Router,
    extract::{Path, Query as Parameters, State},
    response::{IntoResponse, Redirect, Response},
};
use dayclear_core::{
    divisions::Level,
    listing::CLEARINGS,
    situation::{Between, Delay, Found, Gap, NowDay, Situation, Told, Unit},
    time::{CivilDate, Instant},
};
use dayclear_ops::situation;
use dayclear_papers::situation::{sentence, share, whole};
use picture::{Picture, Rate};
use std::sync::Arc;

/// Routes of the situation room.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/situation", get(own))
        .route("/situation/pack", get(pack::page))
        .route("/situation/pack/file/{name}", get(pack::file))
        .route("/situation/{division}", get(page))
}

/// A figure in large: its word, the figure, and what is said of it.
struct Tile {
    word: String,
    value: String,
    about: Vec<String>,
}

/// A day in the table of the curve.
struct DayLine {
    day: String,
    community: String,
    held: String,
    all: String,
}

struct UnitLine {
    name: String,
    path: String,
    known: bool,
    yesterday: String,
    week: String,
    before: String,
    share: String,
    rate: String,
    next: String,
    last: String,
}

struct DelayLine {
    step: String,
    ended: String,
    waiting: String,
    half: String,
    most: String,
}

struct NowLine {
    day: String,
    seen: String,
    expected: String,
    known: u64,
}

/// What is not known yet, by one kind of day.
struct NowTable {
    word: String,
    lines: Vec<NowLine>,
    missing: Option<String>,
}

struct Shown {
    made: String,
    sampled: String,
    today: String,
    tiles: Vec<Tile>,
    curve: Option<Picture>,
    beside: Vec<(String, String)>,
    below: Vec<(String, String, bool)>,
    fan_missing: Option<String>,
    days: Vec<DayLine>,
    ahead: Vec<(String, String)>,
    rate: Option<Rate>,
    rate_below: Vec<(String, String, bool)>,
    rate_said: String,
    rate_missing: Option<String>,
    units: Vec<UnitLine>,
    /// What must be decided.
    sentences: Vec<String>,
    board: board::Board,
    built_in: bool,
    delays: Vec<DelayLine>,
    now: Vec<NowTable>,
    score: Option<String>,
    worse: bool,
    score_missing: Option<String>,
    clause: Option<String>,
    pack: String,
}

#[derive(Template)]
#[template(path = "situation.html")]
struct SituationPage {
    frame: Frame,
    path: String,
    clearings: String,
    /// Whether there is a pack of the meeting for the duty.
    pack: bool,
    shown: Option<Shown>,
    /// The map over time.
    over: Option<spread::View>,
}

/// Parameters of an address.
type Given = Parameters<Vec<(String, String)>>;

/// `GET /situation`: that of the duty's division.
async fn own(State(app): State<Arc<App>>, visit: Visit, given: Given) -> Result<Response, Problem> {
    let division = visit.caller.looker.duty.division.to_string();
    shown(&app, visit, &division, &given.0).await
}

/// `GET /situation/DIVISION`.
async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(division): Path<String>,
    given: Given,
) -> Result<Response, Problem> {
    if division == visit.caller.looker.duty.division.as_str() {
        let wall = if visit.frame.screen { "?wall=1" } else { "" };
        return Ok(Redirect::to(&format!("/situation{wall}")).into_response());
    }
    shown(&app, visit, &division, &given.0).await
}

async fn shown(app: &App, visit: Visit, division: &str, given: &[(String, String)]) -> Result<Response, Problem> {
    if !CLEARINGS.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let own = visit.caller.looker.duty.division.clone();
    let mut tx = rows::look(app, &visit).await?;
    let told = situation::of(&mut tx, division).await?;
    let means = match &told {
        Some((told, _)) => board::means(&mut tx, &visit, told).await?,
        None => board::Means::default(),
    };
    tx.finish().await?;
    let found = match &told {
        Some((told, _)) => Some(app.spread.in_division(app, &told.division).await?.1),
        None => None,
    };
    // beyond the duty, and where nothing is kept but for the duty's own place, there is no page
    if told.is_none() && division != own.as_str() {
        return Err(Problem::unknown());
    }
    let frame = &visit.frame;
    let place = app.place_name(division, frame.lang);
    let title = frame.w.get("situation-of", &[("place", place.as_str().into())]);
    let above = (frame.say("nav-situation"), "/situation");
    let steps = if division == own.as_str() { Vec::new() } else { vec![above] };
    let path = match division == own.as_str() {
        true => "/situation".to_owned(),
        false => format!("/situation/{}", show::part(division)),
    };
    let day = given.iter().find(|(name, _)| name == "day").map(|(_, day)| day.as_str());
    let over = told.as_ref().zip(found.as_deref().and_then(Option::as_ref));
    let over =
        over.map(|((told, _), found)| spread::view(app, frame, told, found, &spread::Asked { path: &path, day }));
    let shown = told.as_ref().map(|told| view(app, frame, &place, told, &means));
    let (screen, pack) = (frame.screen, pack::is_for(&visit.caller.looker.duty));
    let frame = visit.frame.titled(title, &steps);
    let (shown, over) = match (screen, &told, shown, over) {
        (true, Some((situation, _)), Some(shown), Some(over)) => {
            return wall::page(frame, path, situation, shown, &means, over);
        }
        (.., shown, over) => (shown, over),
    };
    let clearings = format!("/clearings?division={}", show::part(division));
    let page = SituationPage { over, path, clearings, pack, shown, frame };
    render(&page)
}

fn between(frame: &Frame, value: &Between, text: impl Fn(f64) -> String) -> String {
    let said = [("median", text(value.median)), ("low", text(value.low)), ("high", text(value.high))];
    let said: Vec<_> = said.iter().map(|(name, text)| (*name, text.as_str().into())).collect();
    frame.w.get("situation-between", &said)
}

fn two(value: f64) -> String {
    format!("{value:.2}")
}

fn missing(frame: &Frame, gap: Gap) -> String {
    frame.w.get("situation-missing", &[("why", frame.w.term(gap).into())])
}

fn part(frame: &Frame, found: Found) -> String {
    found.share().map_or_else(|| "–".to_owned(), |of| share(frame.lang, of))
}

fn ago(frame: &Frame, day: Option<CivilDate>) -> String {
    match day {
        Some(day) => {
            let days = frame.today.days_since(day).max(0) as u64;
            frame.w.get("situation-days-ago", &[("days", days.into())])
        }
        None => frame.say("situation-last-never"),
    }
}

fn tiles(frame: &Frame, told: &Situation) -> Vec<Tile> {
    let lang = frame.lang;
    let (yesterday, week, before) = (told.last(1, 0), told.last(7, 0), told.last(7, 7));
    let of = |found: Found| {
        let said = [("count", lang.number(found.community)), ("share", part(frame, found))];
        let said: Vec<_> = said.iter().map(|(name, text)| (*name, text.as_str().into())).collect();
        frame.w.get("situation-in-community", &said)
    };
    let (rate, rate_about) = match &told.ahead.reproduction {
        Told::Missing(gap) => ("–".to_owned(), vec![missing(frame, *gap)]),
        Told::Known(rate) => {
            let said = [
                ("days", u64::from(rate.window_days).into()),
                ("low", two(rate.now.low).into()),
                ("high", two(rate.now.high).into()),
            ];
            let verdict = match (rate.now.low > 1.0, rate.now.high < 1.0) {
                (true, _) => "situation-grows",
                (_, true) => "situation-shrinks",
                _ => "situation-unsure",
            };
            let mut about = vec![frame.say(verdict), frame.w.get("situation-r-said", &said)];
            about.extend(rate.few.then(|| frame.say("situation-few")));
            about.extend(rate.pooled.then(|| frame.say("situation-pooled")));
            (two(rate.now.median), about)
        }
    };
    let (next, next_about) = match &told.ahead.fan {
        Told::Missing(gap) => ("–".to_owned(), vec![missing(frame, *gap)]),
        Told::Known(fan) => {
            let said = [("low", whole(lang, fan.week.low).into()), ("high", whole(lang, fan.week.high).into())];
            (whole(lang, fan.week.median), vec![frame.w.get("situation-next-said", &said)])
        }
    };
    let tile = |word: &str, value: String, about: Vec<String>| Tile { word: frame.say(word), value, about };
    vec![
        tile("situation-yesterday", lang.number(yesterday.all()), vec![of(yesterday)]),
        tile(
            "situation-week",
            lang.number(week.all()),
            vec![of(week), frame.w.get("situation-week-before", &[("count", lang.number(before.all()).into())])],
        ),
        tile("situation-r", rate, rate_about),
        tile("situation-next", next, next_about),
        tile(
            "situation-last",
            ago(frame, told.last_community_on),
            told.last_community_on.map(|day| lang.date(day)).into_iter().collect(),
        ),
    ]
}

fn unit(app: &App, frame: &Frame, unit: &Unit) -> UnitLine {
    let lang = frame.lang;
    let figure = |told: &Told<Between>, text: &dyn Fn(f64) -> String| match told {
        Told::Known(value) => between(frame, value, text),
        Told::Missing(gap) => frame.w.term(*gap),
    };
    let number = |found: Found| match unit.known {
        true => lang.number(found.all()),
        false => frame.say("not-known"),
    };
    UnitLine {
        name: app.place_name(unit.division.as_str(), lang),
        path: format!("/situation/{}", show::part(unit.division.as_str())),
        known: unit.known,
        yesterday: number(unit.yesterday),
        week: number(unit.week),
        before: number(unit.week_before),
        share: part(frame, unit.week),
        rate: figure(&unit.reproduction, &two),
        next: figure(&unit.next_week, &|value| whole(lang, value)),
        last: if unit.known { ago(frame, unit.last_community_on) } else { frame.say("not-known") },
    }
}

fn delay(frame: &Frame, delay: &Delay) -> DelayLine {
    let hours = |hours: Option<f64>| match hours {
        Some(hours) => frame.w.get("situation-hours", &[("hours", format!("{hours:.1}").into())]),
        None if delay.ended + delay.waiting == 0 => "–".to_owned(),
        None => frame.say("situation-not-yet"),
    };
    DelayLine {
        step: frame.w.term(delay.step),
        ended: frame.lang.number(delay.ended),
        waiting: frame.lang.number(delay.waiting),
        half: hours(delay.half_h),
        most: hours(delay.most_h),
    }
}

fn now(app: &App, frame: &Frame, word: &str, told: &Told<Vec<NowDay>>) -> NowTable {
    let line = |day: &NowDay| NowLine {
        day: short_day(app, frame.lang, day.day),
        seen: frame.lang.number(day.seen),
        expected: between(frame, &day.expected, |value| whole(frame.lang, value)),
        known: picture::known(day),
    };
    NowTable {
        word: frame.say(word),
        lines: told.known().map(|days| days.iter().rev().map(line).collect()).unwrap_or_default(),
        missing: told.gap().map(|gap| missing(frame, gap)),
    }
}

fn view(app: &App, frame: &Frame, place: &str, (told, made_at): &(Situation, Instant), means: &board::Means) -> Shown {
    let lang = frame.lang;
    let short = |day: CivilDate| short_day(app, lang, day);
    let made = [("at", moment(app, lang, *made_at)), ("day", lang.date(told.day))];
    let made: Vec<_> = made.iter().map(|(name, text)| (*name, text.as_str().into())).collect();
    let today =
        [("all", lang.number(told.today.all()).into()), ("community", lang.number(told.today.community).into())];
    let curve = picture::curve(told);
    let days = told.found.iter().enumerate().rev().take(28).map(|(n, found)| DayLine {
        day: short(told.first.plus_days(n as i64)),
        community: lang.number(found.community),
        held: lang.number(found.held),
        all: lang.number(found.all()),
    });
    let ahead = told.ahead.fan.known().map_or(&[][..], |fan| &fan.days).iter();
    let ahead = ahead.map(|day| (short(day.day), between(frame, &day.expected, |value| whole(lang, value))));
    let reproduction = told.ahead.reproduction.known();
    let rate = reproduction.and_then(|rate| picture::rate(told.day, &rate.before));
    let ticks = |below: &[(String, CivilDate, bool)]| -> Vec<(String, String, bool)> {
        below.iter().map(|(x, day, alt)| (x.clone(), short(*day), *alt)).collect()
    };
    let rate_said = reproduction.zip(told.serial.as_ref()).map(|(rate, ([mean, sd], _))| {
        let said = [
            ("days", u64::from(rate.window_days).into()),
            ("mean", format!("{mean:.1}").into()),
            ("sd", format!("{sd:.1}").into()),
        ];
        frame.w.get("situation-r-curve-said", &said)
    });
    let mut units: Vec<&Unit> = told.units.iter().collect();
    units.sort_by_key(|unit| (std::cmp::Reverse(unit.week.all()), unit.division.clone()));
    let score = told.ahead.score.known();
    let score_said = score.map(|score| {
        frame.w.get(
            "situation-score-said",
            &[
                ("days", score.days.into()),
                ("count", score.forecasts.into()),
                ("wis", format!("{:.1}", score.wis).into()),
                ("naive", format!("{:.1}", score.naive).into()),
                ("half", share(lang, score.within[0]).into()),
                ("wide", share(lang, score.within[1]).into()),
            ],
        )
    });
    let decided = told.ahead.needs.iter().filter(|needed| needed.decide.is_some());
    Shown {
        made: frame.w.get("situation-made", &made),
        sampled: told
            .sampled_on
            .map_or_else(String::new, |day| frame.w.get("situation-sampled-on", &[("day", lang.date(day).into())])),
        today: frame.w.get("situation-today", &today),
        tiles: tiles(frame, told),
        beside: curve.iter().flat_map(|curve| &curve.beside).map(|(y, n)| (y.clone(), whole(lang, *n))).collect(),
        below: curve.as_ref().map(|curve| ticks(&curve.below)).unwrap_or_default(),
        curve,
        fan_missing: told.ahead.fan.gap().map(|gap| missing(frame, gap)),
        days: days.collect(),
        ahead: ahead.collect(),
        rate_below: rate.as_ref().map(|rate| ticks(&rate.below)).unwrap_or_default(),
        rate,
        rate_said: rate_said.unwrap_or_default(),
        rate_missing: told.ahead.reproduction.gap().map(|gap| missing(frame, gap)),
        units: units.into_iter().map(|one| unit(app, frame, one)).collect(),
        sentences: decided.map(|needed| sentence(frame.w, needed, place, frame.today)).collect(),
        board: board::board(app, frame, told, means),
        built_in: told.ahead.needs_built_in,
        delays: told.delays.iter().map(|one| delay(frame, one)).collect(),
        now: vec![
            now(app, frame, "situation-by-sample", &told.sampled),
            now(app, frame, "situation-by-onset", &told.onsets),
        ],
        worse: score.is_some_and(|score| score.wis > score.naive),
        score: score_said,
        // of districts none is made, and that is said of the city only
        score_missing: told.ahead.score.gap().filter(|_| told.level == Level::City).map(|gap| missing(frame, gap)),
        clause: told.serial.as_ref().map(|(_, clause)| clause.clone()),
        pack: if told.pack.is_empty() { String::new() } else { frame.w.pack(&told.pack) },
    }
}
