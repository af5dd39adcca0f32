//! Cases on the map, day by day: the districts of the city, or the communities of a district, on the outlines that the map draws. A day is
//! a link, so it works without a script and by keyboard; where script runs, a slider moves through the same days. What is not known
//! of a day is drawn as missing.

use super::super::map::{
    Community, Figures, Panel, Step, class_of, drawn_city, drawn_communities, outline, radius, steps_to,
};
use crate::{
    app::App,
    kept,
    pages::frame::{Frame, short_day},
};
use dayclear_core::{
    divisions::Level,
    situation::{Found, Situation},
    time::{CivilDate, Instant},
};
use dayclear_ops::{
    OpsError,
    situation::{self, PlaceDays, Spread},
};
use dayclear_store::Scoped;
use std::collections::BTreeMap;

/// Width of a small map of one day, in its own units.
const SMALL: f64 = 120.0;

impl kept::Figures for Option<Spread> {
    async fn count(tx: &mut Scoped, _app: &App, _now: Instant) -> Result<Self, OpsError> {
        let division = tx.scope().division().to_string();
        let Some((told, _)) = situation::of(tx, &division).await? else { return Ok(None) };
        Ok(situation::spread(tx, &[&told]).await?.into_iter().next())
    }
}

/// A day to choose, with a small map of it.
pub struct Day {
    /// ISO date.
    pub iso: String,
    /// Where it leads.
    pub path: String,
    /// Whether it is the one that is drawn large.
    pub here: bool,
    /// Day as written beside others.
    pub word: String,
    /// What was found, in short.
    pub figure: String,
    /// The same as a sentence.
    pub said: String,
    /// Outlines of the city by class.
    pub groups: Vec<Group>,
    /// Circles: place and radius.
    pub dots: Vec<(String, String, String)>,
}

/// Outlines of one class on a small map: one shape, because a window of four weeks would else be a thousand of them. The class of most
/// outlines lies under the others and is drawn as all of them, which every day shares.
pub struct Group {
    /// Class.
    pub class: &'static str,
    /// Codes, with spaces between.
    pub codes: String,
    /// The shape; empty where it is all outlines.
    pub d: String,
}

/// A place in the table of the same figures.
pub struct Line {
    /// Code.
    pub code: String,
    /// Name.
    pub name: String,
    /// By day: none where nothing is known.
    pub days: Vec<Option<u64>>,
    /// All of them.
    pub sum: String,
}

/// The map over time.
pub struct View {
    /// Whether it is of districts, and not of communities.
    pub city: bool,
    /// Large drawings of the day.
    pub panels: Vec<Panel>,
    /// What the day brought.
    pub said: String,
    /// Shades with their figures.
    pub steps: Vec<Step>,
    /// The most that was found in a place on a day.
    pub most: u64,
    /// All outlines, which small maps share.
    pub outline: String,
    /// Height of the small maps.
    pub height: f64,
    /// Days.
    pub days: Vec<Day>,
    /// The day before and the one after: path and word.
    pub before: Option<(String, String)>,
    /// See above.
    pub after: Option<(String, String)>,
    /// Headers of the table.
    pub heads: Vec<String>,
    /// Places in which something was found, most first.
    pub lines: Vec<Line>,
    /// Names of those in which nothing was found, and of those of which nothing is known.
    pub quiet: Option<String>,
    /// See above.
    pub unknown: Option<String>,
    /// Found in communities that cannot be drawn.
    pub undrawn: Option<String>,
}

/// What was asked for: the base of the links and the day.
pub struct Asked<'a> {
    /// Path of the page.
    pub path: &'a str,
    /// The day of the request, as it was written.
    pub day: Option<&'a str>,
}

/// The map of a day, and the way to the others.
pub fn view(app: &App, frame: &Frame, told: &Situation, spread: &Spread, asked: &Asked<'_>) -> View {
    let city = told.level == Level::City;
    let count = spread.all.len();
    // the day after the last whole one can be chosen too: it says that it has no figures yet
    let chosen = asked.day.and_then(|day| day.parse::<CivilDate>().ok()).map(|day| day.days_since(spread.first));
    let here = chosen.and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= count).unwrap_or(count.saturating_sub(1));
    let figures = |at: usize| -> BTreeMap<String, i64> {
        let of = |place: &PlaceDays| Some((place.division.clone(), place.days.get(at).copied()??.all() as i64));
        spread.places.iter().filter_map(of).collect()
    };
    let most = spread.places.iter().flat_map(|place| place.days.iter().flatten()).map(|found| found.all()).max();
    let most = most.unwrap_or(0);
    let steps = if city { steps_to(most as i64, frame) } else { Vec::new() };
    let link = |at: usize| {
        // the newest day has no name of its own, so that a page that stays open goes on with the days
        if at + 1 == count {
            return format!("{}#spread", asked.path);
        }
        format!("{}?day={}#spread", asked.path, spread.first.plus_days(at as i64))
    };
    let panels = match city {
        true => districts(app, frame, told, &figures(here), &steps, spread.first.plus_days(here as i64)),
        false => vec![communities(app, frame, told, spread, here, most)],
    };
    let small = Small::of(told, spread, most);
    let day = |at: usize| {
        let date = spread.first.plus_days(at as i64);
        let found = spread.all.get(at).copied().flatten();
        Day {
            iso: date.to_string(),
            path: link(at),
            here: at == here,
            word: short_day(app, frame.lang, date),
            figure: found.map_or_else(|| "–".to_owned(), |found| frame.lang.number(found.all())),
            said: said(frame, date, found, at == count),
            groups: if city { small.groups(spread, at, &figures(at), &steps) } else { Vec::new() },
            dots: small.dots(spread, at),
        }
    };
    let days: Vec<Day> = (0..=count).map(day).collect();
    let step = |at: Option<usize>| at.and_then(|at| days.get(at)).map(|day| (day.path.clone(), day.word.clone()));
    let name = |place: &PlaceDays| app.place_name(&place.division, frame.lang);
    let listed = |places: Vec<&PlaceDays>, key: &str| {
        let names: Vec<String> = places.into_iter().map(name).collect();
        (!names.is_empty()).then(|| frame.w.get(key, &[("names", frame.w.joined(&names).into())]))
    };
    let sum = |place: &PlaceDays| place.last(count).map(Found::all);
    let mut lines: Vec<(u64, Line)> = spread
        .places
        .iter()
        .filter_map(|place| Some((sum(place).filter(|n| *n > 0)?, place)))
        .map(|(all, place)| {
            let days = place.days.iter().map(|day| day.map(Found::all)).collect();
            (all, Line { code: place.division.clone(), name: name(place), days, sum: frame.lang.number(all) })
        })
        .collect();
    lines.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.code.cmp(&other.code)));
    let drawn = |place: &&PlaceDays| city || spread.middles.contains_key(&place.division);
    let undrawn: u64 = spread.places.iter().filter(|place| !drawn(place)).filter_map(&sum).sum();
    View {
        said: days.get(here).map(|day| day.said.clone()).unwrap_or_default(),
        before: step(here.checked_sub(1)),
        after: step(Some(here + 1)),
        heads: days.iter().take(count).map(|day| day.word.clone()).collect(),
        lines: lines.into_iter().map(|(_, line)| line).collect(),
        quiet: listed(spread.places.iter().filter(|place| sum(place) == Some(0)).collect(), "spread-quiet"),
        unknown: listed(spread.places.iter().filter(|place| sum(place).is_none()).collect(), "spread-silent"),
        undrawn: (undrawn > 0).then(|| frame.w.get("spread-undrawn", &[("count", undrawn.into())])),
        outline: small.outlines.iter().map(|(_, d)| d.as_str()).collect(),
        height: small.height,
        city,
        panels,
        steps,
        most,
        days,
    }
}

/// What a day brought, as a sentence.
fn said(frame: &Frame, day: CivilDate, found: Option<Found>, runs: bool) -> String {
    let date = frame.lang.date(day);
    match found {
        Some(found) => {
            let all = frame.lang.number(found.all());
            let community = frame.lang.number(found.community);
            let said = [("day", date.into()), ("all", all.into()), ("community", community.into())];
            frame.w.get("spread-day", &said)
        }
        None => frame.w.get(if runs { "spread-runs" } else { "spread-not-known" }, &[("day", date.into())]),
    }
}

fn districts(
    app: &App,
    frame: &Frame,
    told: &Situation,
    figures: &BTreeMap<String, i64>,
    steps: &[Step],
    day: CivilDate,
) -> Vec<Panel> {
    let link = |code: &str| {
        let own = told.units.iter().any(|unit| unit.division.as_str() == code);
        own.then(|| format!("/situation/{code}?day={day}#spread"))
    };
    let figures = Figures { day, by_district: figures.clone() };
    let mut panels = drawn_city(app, frame, &figures, steps, &[], &[], &link);
    for panel in &mut panels {
        panel.id = format!("spread-{}", panel.id);
        panel.said = frame.w.get("spread-drawn", &[("place", panel.title.as_str().into())]);
        for region in panel.regions.iter_mut().filter(|region| region.path.is_some()) {
            if !figures.by_district.contains_key(&region.code) {
                region.class = "region none".to_owned();
                if let Some((.., figure)) = &mut region.label {
                    *figure = "–".to_owned();
                }
            }
        }
    }
    panels
}

fn communities(app: &App, frame: &Frame, told: &Situation, spread: &Spread, at: usize, most: u64) -> Panel {
    let of = |place: &PlaceDays| {
        let figure = place.days.get(at).copied().flatten().map(Found::all);
        Some(Community { code: place.division.clone(), at: *spread.middles.get(&place.division)?, figure })
    };
    let figures: Vec<Community> = spread.places.iter().filter_map(of).collect();
    let panel = drawn_communities(app, frame, told.division.as_str(), &figures, most);
    Panel { said: frame.w.get("spread-drawn", &[("place", panel.title.as_str().into())]), ..panel }
}

/// What small maps of every day share.
struct Small {
    /// Code and path of each outline.
    outlines: Vec<(String, String)>,
    height: f64,
    /// Where communities lie, by code.
    places: BTreeMap<String, (f64, f64)>,
    most: u64,
}

impl Small {
    fn of(told: &Situation, spread: &Spread, most: u64) -> Small {
        let own = told.division.as_str();
        let shown = outline::outlines().iter().filter(|outline| outline.code.starts_with(own));
        let shown: Vec<&outline::Outline> = shown.collect();
        let corners = shown.iter().flat_map(|outline| outline.rings.iter().flatten().copied());
        let bounds = outline::Bounds::around(corners.chain(spread.middles.values().copied()));
        let map = outline::Projection::fit(bounds.unwrap_or(outline::CENTRE).wider(0.02), SMALL, SMALL);
        Small {
            outlines: shown.iter().map(|o| (o.code.clone(), outline::coarse(&map.flat(&o.rings)))).collect(),
            height: map.height,
            places: spread.middles.iter().map(|(code, at)| (code.clone(), map.at(*at))).collect(),
            most,
        }
    }

    /// Outlines of a day by their class; those of which the duty reads nothing are `out`.
    fn groups(&self, spread: &Spread, at: usize, figures: &BTreeMap<String, i64>, steps: &[Step]) -> Vec<Group> {
        let mut groups: BTreeMap<&'static str, (Vec<&str>, String)> = BTreeMap::new();
        for (code, d) in &self.outlines {
            let class = match spread.places.iter().find(|place| place.division == *code) {
                Some(place) if place.days.get(at).copied().flatten().is_some() => {
                    class_of(figures.get(code).copied(), steps)
                }
                Some(_) => "none",
                None => "out",
            };
            let (codes, shape) = groups.entry(class).or_default();
            codes.push(code);
            shape.push_str(d);
        }
        let most = groups.iter().max_by_key(|(_, (codes, _))| codes.len()).map(|(class, _)| *class);
        let group = |(class, (codes, d)): (&'static str, (Vec<&str>, String))| Group {
            class,
            codes: codes.join(" "),
            d: if Some(class) == most { String::new() } else { d },
        };
        let mut groups: Vec<Group> = groups.into_iter().map(group).collect();
        groups.sort_by_key(|group| !group.d.is_empty());
        groups
    }

    /// Circles of a day, half as large beside their outline as on the large drawing.
    fn dots(&self, spread: &Spread, at: usize) -> Vec<(String, String, String)> {
        let dot = |place: &PlaceDays| {
            let (x, y) = self.places.get(&place.division)?;
            let r = radius(place.days.get(at).copied().flatten()?.all(), self.most) / 2.5;
            (r > 0.0).then(|| (format!("{x:.1}"), format!("{y:.1}"), format!("{r:.1}")))
        };
        spread.places.iter().filter_map(dot).collect()
    }
}
