//! The map: districts with their figures, and in a district its areas, places and sites. Drawn on the server with links
//! and a table that says the same; where script runs, a map to move in takes the data of [`layers`] and replaces it.

mod drawing;
mod layers;
pub mod outline;
mod paper;

use super::{
    frame::{Frame, Visit, render},
    rows::{self, Look, Of},
};
use crate::{app::App, problem::Problem, routing::get};
use askama::Template;
use axum::{
    Router,
    extract::{Path, Query as Parameters, State},
    response::Response,
};
use dayclear_core::{
    books::Worklist,
    divisions::DivisionCode,
    listing::{AREAS, CASES, DIVISIONS, Row},
    time::CivilDate,
};
use dayclear_store::field::Site;
pub(super) use drawing::{
    Community, Panel, Step, city as drawn_city, class_of, communities as drawn_communities, radius, steps_to,
};
pub(super) use layers::area_name;
pub(super) use paper::on_paper;
use std::{collections::BTreeMap, sync::Arc};

/// Routes below `/map`.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/map", get(city))
        .route("/map/districts.geojson", get(layers::districts))
        .route("/map/areas.geojson", get(layers::areas))
        .route("/map/facilities.geojson", get(layers::facilities))
        .route("/map/laboratories.geojson", get(layers::laboratories))
        .route("/map/sites.geojson", get(layers::sites))
        .route("/map/{division}", get(division))
}

/// What the districts are coloured by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    /// Positives found on the day.
    Found,
    /// Positives to move.
    Moving,
    /// Items past their deadline.
    Overdue,
    /// Communities free of the epidemic.
    Free,
}

const MEASURES: [(Measure, &str, &str); 4] = [
    (Measure::Found, "found", "map-found"),
    (Measure::Moving, "moving", "map-moving"),
    (Measure::Overdue, "overdue", "map-overdue"),
    (Measure::Free, "free", "map-free"),
];

impl Measure {
    fn of(given: &[(String, String)]) -> Measure {
        let wanted = given.iter().find(|(name, _)| name == "show").map(|(_, value)| value.as_str());
        MEASURES.iter().find(|(_, name, _)| Some(*name) == wanted).map_or(Measure::Found, |(measure, ..)| *measure)
    }
    fn word(self, frame: &Frame) -> String {
        MEASURES.iter().find(|(measure, ..)| *measure == self).map(|(_, _, key)| frame.say(key)).unwrap_or_default()
    }
}

/// Figures of the districts of a duty. A district that is not in them lies outside it, or nobody knows.
pub(super) struct Figures {
    /// Day that they are about.
    pub day: CivilDate,
    /// Figure by district.
    pub by_district: BTreeMap<String, i64>,
}

/// Reads the figures of a measure.
pub(super) async fn figures(app: &App, tx: &mut Look<'_>, measure: Measure) -> Result<Figures, Problem> {
    let today = app.zone().day(app.now());
    let day = tx.last_moved(today).await?.unwrap_or(today);
    if measure == Measure::Free {
        // a district of which no community was looked at is in no figure
        return Ok(Figures { day: today, by_district: tx.free_by_district().await?.into_iter().collect() });
    }
    let mut by_district = BTreeMap::new();
    let wanted = match measure {
        Measure::Found => Worklist::Report,
        Measure::Moving => Worklist::Move,
        Measure::Overdue | Measure::Free => Worklist::Review,
    };
    let standing = tx.standing_by_district(day).await?;
    // a district in which anything moves has figures; where nothing of the kind did, the figure is nought
    standing.iter().for_each(|s| {
        by_district.entry(s.division.clone()).or_insert(0);
    });
    if measure == Measure::Overdue {
        by_district.extend(tx.overdue_by_district(app.now()).await?);
    } else {
        for s in standing.iter().filter(|s| s.worklist == wanted) {
            by_district.insert(s.division.clone(), if measure == Measure::Found { s.received } else { s.open });
        }
    }
    Ok(Figures { day, by_district })
}

/// A line of the table beside the map.
struct Line {
    name: String,
    path: Option<String>,
    figure: Option<String>,
    cases: Option<String>,
    areas: String,
    people: String,
}

/// A layer that can be switched where script runs.
struct Layer {
    name: &'static str,
    word: String,
}

struct Choice {
    word: String,
    path: String,
    here: bool,
}

/// A link to an area, a facility or a site, in the lists below the map.
struct Thing {
    name: String,
    path: String,
    said: String,
}

#[derive(Template)]
#[template(path = "map.html")]
struct MapPage {
    frame: Frame,
    choices: Vec<Choice>,
    figure: String,
    /// Day of the figures.
    said: String,
    panels: Vec<Panel>,
    steps: Vec<Step>,
    data: String,
    /// Where the map to move in begins: west, south, east, north.
    focus: Option<String>,
    layers: Vec<Layer>,
    lines: Vec<Line>,
    /// Districts in which nothing moved and nothing stands.
    rest: Vec<Line>,
    /// Column of the figure in the table.
    by_figure: bool,
    areas: Vec<Thing>,
    places: Vec<Thing>,
    sites: Vec<Thing>,
}

fn layer_words(frame: &Frame) -> Vec<Layer> {
    [
        ("district", "map-layer-districts"),
        ("area", "map-layer-areas"),
        ("facility", "map-layer-facilities"),
        ("site", "map-layer-sites"),
    ]
    .map(|(name, key)| Layer { name, word: frame.say(key) })
    .into()
}

/// Areas that stand, at most so many: beyond that the list is the better way.
const AREAS_MAX: &str = "500";

/// Standing areas in a division.
async fn standing_areas(tx: &mut Look<'_>, division: &str) -> Result<Vec<Row>, Problem> {
    let tests = [("open", "true"), ("division", division), ("limit", AREAS_MAX)];
    tx.all(&AREAS, &tests).await
}

/// Whoever may read areas has a map.
fn open_to(visit: &Visit) -> Result<(), Problem> {
    if AREAS.readable_by(visit.caller.looker.duty.role) { Ok(()) } else { Err(Problem::unknown()) }
}

async fn city(
    State(app): State<Arc<App>>,
    visit: Visit,
    Parameters(given): Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    open_to(&visit)?;
    let measure = Measure::of(&given);
    let mut tx = rows::look(&app, &visit).await?;
    let figures = figures(&app, &mut tx, measure).await?;
    let areas = standing_areas(&mut tx, "").await?;
    let places = layers::places(&mut tx, &visit).await?;
    let divisions = layers::seats(&mut tx).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let steps = drawing::steps(&figures, frame);
    let within = |code: &str| visit.caller.looker.duty.division.as_str().starts_with(code) || covers(&visit, code);
    let link = |code: &str| within(code).then(|| format!("/map/{code}"));
    let panels = drawing::city(&app, frame, &figures, &steps, &areas, &places, &link);
    let mut lines = Vec::new();
    for (code, _) in divisions.iter().filter(|(code, _)| within(code)) {
        let here: Vec<Of<'_>> = areas
            .iter()
            .map(|row| Of { listing: &AREAS, row })
            .filter(|area| area.text("division").is_some_and(|division| division.starts_with(code.as_str())))
            .collect();
        lines.push(Line {
            name: app.place_name(code, frame.lang),
            path: Some(format!("/map/{code}")),
            figure: figures.by_district.get(code).map(|n| frame.lang.signed(*n)),
            cases: None,
            areas: frame.lang.number(here.len() as u64),
            people: frame.lang.signed(here.iter().filter_map(|area| area.whole("people")).sum()),
        });
    }
    // the largest figure first; what is not known, last
    let rank = |line: &Line| line.figure.as_ref().and_then(|text| text.replace(',', "").parse::<i64>().ok());
    lines.sort_by_key(|line| std::cmp::Reverse(rank(line)));
    let quiet = |line: &Line| line.figure.is_none() && line.areas == "0";
    let (rest, lines): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(quiet);
    let choices = MEASURES
        .iter()
        .map(|(one, name, key)| Choice {
            word: frame.say(key),
            path: format!("/map?show={name}"),
            here: *one == measure,
        })
        .collect();
    let said = frame.w.get("map-figures-said", &[("day", frame.lang.date(figures.day).into())]);
    let name = MEASURES.iter().find(|(one, ..)| *one == measure).map_or("found", |(_, name, _)| *name);
    let page = MapPage {
        choices,
        figure: measure.word(frame),
        said,
        panels,
        steps,
        data: format!(
            "/map/districts.geojson?show={name} /map/areas.geojson /map/facilities.geojson /map/laboratories.geojson"
        ),
        focus: Some(outline::CENTRE.text()),
        layers: layer_words(frame),
        lines,
        rest,
        by_figure: true,
        areas: Vec::new(),
        places: Vec::new(),
        sites: Vec::new(),
        frame: {
            let title = visit.frame.say("nav-map");
            visit.frame.titled(title, &[])
        },
    };
    render(&page)
}

/// Whether a division lies in that of the duty.
pub(super) fn covers(visit: &Visit, code: &str) -> bool {
    code.starts_with(visit.caller.looker.duty.division.as_str())
}

/// Whether a division may be looked at: it lies in the duty's, or the duty's lies in it.
pub(super) fn allowed(visit: &Visit, code: &str) -> Result<(), Problem> {
    open_to(visit)?;
    let known = code.parse::<DivisionCode>().is_ok();
    let duty = visit.caller.looker.duty.division.as_str();
    if known && (covers(visit, code) || duty.starts_with(code)) { Ok(()) } else { Err(Problem::unknown()) }
}

async fn division(State(app): State<Arc<App>>, visit: Visit, Path(code): Path<String>) -> Result<Response, Problem> {
    allowed(&visit, &code)?;
    let mut tx = rows::look(&app, &visit).await?;
    tx.one(&DIVISIONS, &code).await?;
    let areas = standing_areas(&mut tx, &code).await?;
    let places = layers::places(&mut tx, &visit).await?;
    let today = app.zone().start_of(app.zone().day(app.now()));
    let sites = tx.sites(&code, today, 60).await?;
    let tests = [("code", code.as_str()), ("limit", "500")];
    let below = tx.all(&DIVISIONS, &tests).await?;
    let tests = [("open", "true"), ("division", code.as_str())];
    let cases = tx.tally(&CASES, &tests, &["division"]).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let name = app.place_name(&code, frame.lang);
    let shown: Vec<&layers::Place> = places.iter().filter(|place| place.division.starts_with(&code)).collect();
    let panel = drawing::division(&app, frame, &code, &areas, &places, &sites);
    let lines = children(&app, &visit, &code, &below, &areas, &cases);
    let thing = |area: Of<'_>| Thing {
        name: layers::area_name(area, frame),
        path: format!("/areas/{}", super::show::part(area.text("id").unwrap_or_default())),
        said: area
            .day("ends_on")
            .map_or_else(String::new, |day| frame.w.get("area-ends-said", &[("day", day.to_string().into())])),
    };
    let page = MapPage {
        choices: Vec::new(),
        figure: frame.say("nav-map"),
        said: frame.say("map-division-said"),
        panels: vec![panel],
        steps: Vec::new(),
        data: format!(
            "/map/districts.geojson?division={code} /map/areas.geojson?division={code} /map/facilities.geojson?division={code} /map/laboratories.geojson?division={code} /map/sites.geojson?division={code}"
        ),
        focus: None,
        layers: layer_words(frame),
        lines,
        rest: Vec::new(),
        by_figure: false,
        areas: areas.iter().map(|row| thing(Of { listing: &AREAS, row })).collect(),
        places: shown
            .iter()
            .map(|place| Thing { name: place.name.clone(), path: place.path.clone(), said: place.kind.clone() })
            .collect(),
        sites: sites.iter().map(|site| site_thing(&app, frame, site)).collect(),
        frame: {
            let crumbs = crumbs(&app, &visit, &code);
            let crumbs: Vec<(String, &str)> = crumbs.iter().map(|(word, path)| (word.clone(), path.as_str())).collect();
            visit.frame.titled(name, &crumbs)
        },
    };
    render(&page)
}

fn site_thing(app: &App, frame: &Frame, (site, division, tubes, _): &Site) -> Thing {
    Thing {
        name: site.clone(),
        path: String::new(),
        said: frame.w.get(
            "map-site-said",
            &[("place", app.place_name(division, frame.lang).into()), ("count", (*tubes as u64).into())],
        ),
    }
}

/// A drawing of areas with the outlines around them.
pub(super) fn drawn_areas(app: &App, frame: &Frame, areas: &[Row]) -> Panel {
    drawing::around(app, frame, areas)
}

/// The steps from the city to a division.
fn crumbs(app: &App, visit: &Visit, code: &str) -> Vec<(String, String)> {
    let mut steps = vec![(visit.frame.say("nav-map"), "/map".to_owned())];
    for length in [6, 9] {
        if code.len() > length && code.is_char_boundary(length) {
            let above = &code[..length];
            steps.push((app.place_name(above, visit.frame.lang), format!("/map/{above}")));
        }
    }
    steps
}

/// The divisions right below one, each with what stands in it.
fn children(
    app: &App,
    visit: &Visit,
    code: &str,
    below: &[Row],
    areas: &[Row],
    cases: &[(Vec<dayclear_core::listing::Cell>, u64)],
) -> Vec<Line> {
    let frame = &visit.frame;
    let length = match code.len() {
        ..6 => 6,
        6..9 => 9,
        _ => 12,
    };
    let codes = below.iter().filter_map(|row| Of { listing: &DIVISIONS, row }.text("code"));
    let codes = codes.filter(|child| child.len() == length && child.starts_with(code));
    let sees_cases = CASES.readable_by(visit.caller.looker.duty.role);
    let mut lines: Vec<(u64, Line)> = codes
        .map(|child| {
            let here = areas.iter().map(|row| Of { listing: &AREAS, row });
            let here: Vec<Of<'_>> =
                here.filter(|area| area.text("division").is_some_and(|d| d.starts_with(child))).collect();
            let count: u64 = cases
                .iter()
                .filter(|(cells, _)| cells.first().and_then(|c| c.as_str()).is_some_and(|d| d.starts_with(child)))
                .map(|(_, n)| n)
                .sum();
            let line = Line {
                name: app.place_name(child, frame.lang),
                path: (length < 12).then(|| format!("/map/{child}")),
                figure: None,
                cases: sees_cases.then(|| frame.lang.number(count)),
                areas: frame.lang.number(here.len() as u64),
                people: frame.lang.signed(here.iter().filter_map(|area| area.whole("people")).sum()),
            };
            (count, line)
        })
        .collect();
    lines.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    lines.into_iter().map(|(_, line)| line).collect()
}
