//! The map as the server draws it: outlines in five steps of a figure, areas, and letters for places; where things lie too
//! close, one mark with their number. Everything drawn has its words.

use super::{
    Figures,
    layers::{Place, area_name},
    outline::{self, Bounds, CENTRE, Projection},
};
use crate::{
    app::App,
    pages::{field::rows::Of, frame::Frame, show},
};
use dayclear_core::listing::{AREAS, Row};
use dayclear_store::field::Site;
use std::collections::{BTreeMap, BTreeSet};

/// Width of a drawing, in its own units.
pub const WIDTH: f64 = 640.0;
/// Marks that are closer than this are drawn as one with their number.
const NEAR: f64 = 22.0;

/// One drawing.
pub struct Panel {
    /// Id of its title.
    pub id: String,
    /// Title.
    pub title: String,
    /// What can be seen, in a sentence.
    pub said: String,
    /// Height, in its own units.
    pub height: f64,
    /// Outlines.
    pub regions: Vec<Region>,
    /// Figures of places that have no outline.
    pub dots: Vec<Dot>,
    /// Circles that say how large a figure is; their words are the figures.
    pub key: Vec<Dot>,
    /// Marks.
    pub spots: Vec<Spot>,
}

/// An outline.
pub struct Region {
    /// Code of the district.
    pub code: String,
    /// Rings.
    pub rings: Vec<Vec<(f64, f64)>>,
    /// Class.
    pub class: String,
    /// Where it leads.
    pub path: Option<String>,
    /// Words for it.
    pub words: String,
    /// Name and figure with their place.
    pub label: Option<(f64, f64, String, String)>,
}

impl Region {
    /// Path.
    pub fn d(&self) -> String {
        outline::path(&self.rings)
    }

    /// Whether any of it lies on the drawing.
    fn is_drawn(&self) -> bool {
        !self.rings.is_empty()
    }
}

/// A figure as a circle whose area is as large as it.
pub struct Dot {
    /// Code of the place.
    pub code: String,
    /// Place.
    pub x: f64,
    /// Place.
    pub y: f64,
    /// Radius; none where there is nothing to draw.
    pub r: f64,
    /// Words for it.
    pub words: String,
}

/// A mark.
pub struct Spot {
    /// Place.
    pub x: f64,
    /// Place.
    pub y: f64,
    /// `area high`, `area medium`, `place`, `site`, `many`.
    pub kind: String,
    /// Letter or number in it.
    pub letter: String,
    /// Where it leads.
    pub path: Option<String>,
    /// Words for it.
    pub words: String,
}

impl Spot {
    /// Whether it is of this kind.
    pub fn is(&self, kind: &str) -> bool {
        self.kind.split(' ').next() == Some(kind)
    }
    /// Half as wide as what it is written on.
    pub fn half(&self) -> f64 {
        8.0 + 4.0 * (self.letter.chars().count().saturating_sub(1) as f64)
    }
}

/// A step of the figure: from this number on.
pub struct Step {
    /// Class.
    pub class: &'static str,
    /// Smallest figure.
    pub from: i64,
    /// Words.
    pub word: String,
}

const CLASSES: [&str; 5] = ["s-1", "s-2", "s-3", "s-4", "s-5"];

/// Five steps for the figures there are: round numbers, nought apart.
pub fn steps(figures: &Figures, frame: &Frame) -> Vec<Step> {
    steps_to(figures.by_district.values().copied().max().unwrap_or(0), frame)
}

/// Five steps for figures up to one.
pub fn steps_to(most: i64, frame: &Frame) -> Vec<Step> {
    let from: [i64; 5] = match most {
        ..=8 => [0, 1, 2, 4, 6],
        9..=25 => [0, 1, 5, 10, 20],
        26..=100 => [0, 1, 10, 25, 50],
        101..=1_000 => [0, 1, 50, 200, 500],
        _ => [0, 1, 100, 1_000, 5_000],
    };
    let word = |at: usize| match (from[at], from.get(at + 1)) {
        (low, Some(next)) if next - 1 == low => frame.lang.signed(low),
        (low, Some(next)) => format!("{}–{}", frame.lang.signed(low), frame.lang.signed(next - 1)),
        (low, None) => format!("{}+", frame.lang.signed(low)),
    };
    (0..5).map(|at| Step { class: CLASSES[at], from: from[at], word: word(at) }).collect()
}

/// The class of a figure.
pub fn class_of(figure: Option<i64>, steps: &[Step]) -> &'static str {
    match figure {
        Some(figure) => steps.iter().rev().find(|step| figure >= step.from).map_or("s-1", |step| step.class),
        None => "out",
    }
}

/// The whole city, and its middle larger.
pub fn city(
    app: &App,
    frame: &Frame,
    figures: &Figures,
    steps: &[Step],
    areas: &[Row],
    places: &[Place],
    link: &dyn Fn(&str) -> Option<String>,
) -> Vec<Panel> {
    let all = Bounds::around(outline::outlines().iter().flat_map(|o| o.rings.iter().flatten().copied()));
    let whole = all.map(|bounds| (bounds.wider(0.01), "map-whole", "map-whole-said"));
    let close = Projection::fit(CENTRE.wider(0.25), WIDTH, WIDTH);
    let views = whole.into_iter().chain([(CENTRE, "map-centre", "map-centre-said")]);
    views
        .map(|(bounds, id, said)| {
            let map = Projection::fit(bounds, WIDTH, 620.0);
            let regions = outline::outlines().iter().filter_map(|outline| {
                let own = outline.bounds()?;
                let ((left, bottom), (right, top)) = (map.at(own.low), map.at(own.high));
                if right < 0.0 || left > map.width || bottom < 0.0 || top > map.height {
                    return None;
                }
                let path = link(&outline.code);
                let open = path.is_some();
                let figure = figures.by_district.get(&outline.code).copied().filter(|_| open);
                let said = figure.map_or_else(|| frame.say("not-known"), |n| frame.lang.signed(n));
                let name = app.place_name(&outline.code, frame.lang);
                let at = outline.middle().filter(|at| map.holds(*at)).map(|at| map.at(at));
                // a name needs room; a small district of the whole city is named on the larger drawing
                let twice = id == "map-whole" && outline.middle().is_some_and(|at| close.holds(at));
                let roomy = right - left > 44.0 && bottom - top > 34.0 && !twice;
                let short = short(&name);
                let label = at.filter(|_| roomy).map(|(x, y)| {
                    // a name at the edge is moved in by half its width
                    let half = short.chars().map(|c| if c.is_ascii() { 4.5 } else { 8.0 }).sum::<f64>();
                    let x = x.clamp(half, (map.width - half).max(half));
                    (x, y, short.to_owned(), figure.map(|n| frame.lang.signed(n)).unwrap_or_default())
                });
                Some(Region {
                    code: outline.code.clone(),
                    rings: map.flat(&outline.rings),
                    class: format!("region {}", class_of(figure, steps)),
                    path,
                    words: if open { format!("{name}: {said}") } else { name },
                    label,
                })
            });
            let regions: Vec<Region> = regions.filter(Region::is_drawn).collect();
            let spots = if id == "map-whole" { Vec::new() } else { together(&map, frame, areas, places) };
            Panel {
                id: id.to_owned(),
                title: frame.say(id),
                said: frame.w.get(said, &[("areas", areas.len().into())]),
                height: map.height,
                regions,
                dots: Vec::new(),
                key: Vec::new(),
                spots,
            }
        })
        .collect()
}

/// The name of a district without its kind, where there is little room.
fn short(name: &str) -> &str {
    let kinds = ["土家族苗族自治县", "苗族土家族自治县", "土家族自治县", "区", "县"];
    let short = kinds.iter().find_map(|kind| name.strip_suffix(kind)).unwrap_or(name);
    // a name of one character keeps its kind: nobody says 忠 for 忠县
    if short.chars().count() < 2 { name } else { short }
}

fn area_spot(map: &Projection, frame: &Frame, area: Of<'_>) -> Option<Spot> {
    let place = area.place().filter(|place| map.holds(*place))?;
    let (x, y) = map.at(place);
    let level = area.text("level").unwrap_or_default();
    Some(Spot {
        x,
        y,
        kind: format!("area {level}"),
        letter: String::new(),
        path: Some(format!("/areas/{}", show::part(area.text("id").unwrap_or_default()))),
        words: format!("{}: {}", frame.w.given("zone-level", level), area_name(area, frame)),
    })
}

fn place_spot(map: &Projection, place: &Place) -> Option<Spot> {
    map.holds(place.at).then(|| {
        let (x, y) = map.at(place.at);
        Spot {
            x,
            y,
            kind: "place".to_owned(),
            letter: place.letter.to_owned(),
            path: Some(place.path.clone()),
            words: format!("{}, {}", place.name, place.lines.join(", ")),
        }
    })
}

/// Marks; those that lie too close to each other as one with their number.
fn together(map: &Projection, frame: &Frame, areas: &[Row], places: &[Place]) -> Vec<Spot> {
    let areas = areas.iter().map(|row| Of { listing: &AREAS, row });
    let mut heaps: BTreeMap<(i64, i64, bool), Vec<Spot>> = BTreeMap::new();
    let spots =
        areas.filter_map(|area| area_spot(map, frame, area)).chain(places.iter().filter_map(|p| place_spot(map, p)));
    for spot in spots {
        let cell = ((spot.x / NEAR) as i64, (spot.y / NEAR) as i64, spot.is("area"));
        heaps.entry(cell).or_default().push(spot);
    }
    heaps
        .into_iter()
        .filter_map(|((.., areas), mut heap)| {
            if heap.len() == 1 {
                return heap.pop();
            }
            let count = heap.len();
            let (x, y) = heap.iter().fold((0.0, 0.0), |(x, y), spot| (x + spot.x, y + spot.y));
            let key = if areas { "map-many-areas" } else { "map-many-places" };
            Some(Spot {
                x: x / count as f64,
                y: y / count as f64,
                kind: if areas { "many areas" } else { "many" }.to_owned(),
                letter: count.to_string(),
                path: Some(if areas { "/areas" } else { "/facilities" }.to_owned()),
                words: frame.w.get(key, &[("count", count.into())]),
            })
        })
        .collect()
}

/// Areas, with the outlines of the districts around them.
pub fn around(app: &App, frame: &Frame, areas: &[Row]) -> Panel {
    let of = |row| Of { listing: &AREAS, row };
    let districts: BTreeSet<&str> =
        areas.iter().filter_map(|row| of(row).text("division")).filter_map(|code| code.get(..6)).collect();
    let points = areas.iter().filter_map(|row| of(row).place());
    // a few districts are drawn whole, so that it is seen where in them the areas are; many by what lies in them
    let around: Vec<Bounds> = match districts.len() {
        1 | 2 => districts.iter().filter_map(|code| outline::outline(code)?.bounds()).collect(),
        _ => Vec::new(),
    };
    let corners = around.iter().flat_map(|bounds| [bounds.low, bounds.high]);
    let bounds = Bounds::around(points.chain(corners));
    let map = Projection::fit(bounds.unwrap_or(CENTRE).wider(0.06), WIDTH, 480.0);
    let own = if districts.len() == 1 { districts.first().copied().unwrap_or_default() } else { "" };
    let spots = together(&map, frame, areas, &[]);
    Panel {
        id: "map-areas".to_owned(),
        title: frame.say("list-areas"),
        said: frame.w.get("map-areas-said", &[("areas", areas.len().into())]),
        height: map.height,
        regions: plain(app, frame, &map, own),
        dots: Vec::new(),
        key: Vec::new(),
        spots,
    }
}

/// Outlines without figures; the one of a district stands out.
fn plain(app: &App, frame: &Frame, map: &Projection, district: &str) -> Vec<Region> {
    let regions = outline::outlines().iter().filter(|outline| {
        outline.bounds().is_some_and(|own| {
            let ((left, bottom), (right, top)) = (map.at(own.low), map.at(own.high));
            right >= 0.0 && left <= map.width && bottom >= 0.0 && top <= map.height
        })
    });
    let regions = regions.map(|outline| {
        let here = outline.code == district;
        let name = app.place_name(&outline.code, frame.lang);
        let at = outline.middle().filter(|at| map.holds(*at)).map(|at| map.at(at));
        Region {
            code: outline.code.clone(),
            rings: map.flat(&outline.rings),
            class: format!("region {}", if here { "s-1" } else { "out" }),
            path: None,
            label: at.filter(|_| !here).map(|(x, y)| (x, y, short(&name).to_owned(), String::new())),
            words: name,
        }
    });
    regions.filter(Region::is_drawn).collect()
}

/// A district or a part of it, with what lies in it.
pub fn division(app: &App, frame: &Frame, code: &str, areas: &[Row], places: &[Place], sites: &[Site]) -> Panel {
    let district = code.get(..6).unwrap_or(code);
    let areas: Vec<Of<'_>> = areas.iter().map(|row| Of { listing: &AREAS, row }).collect();
    let inside: Vec<&Place> = places.iter().filter(|place| place.division.starts_with(code)).collect();
    let points = || {
        let areas = areas.iter().filter_map(Of::place);
        areas.chain(inside.iter().map(|place| place.at)).chain(sites.iter().filter_map(|(.., at)| *at))
    };
    // a whole district is drawn by its outline; a part of one by what lies in it
    let own = outline::outline(district).and_then(|outline| outline.bounds());
    let bounds =
        if code.len() <= 6 { own.or_else(|| Bounds::around(points())) } else { Bounds::around(points()).or(own) };
    let map = Projection::fit(bounds.unwrap_or(CENTRE).wider(0.04), WIDTH, 620.0);
    let mut spots: Vec<Spot> = areas.iter().filter_map(|area| area_spot(&map, frame, *area)).collect();
    spots.extend(sites.iter().filter_map(|(site, _, tubes, at)| {
        let (x, y) = map.at((*at).filter(|at| map.holds(*at))?);
        let words = frame.w.get("map-site-drawn", &[("site", site.as_str().into()), ("count", (*tubes as u64).into())]);
        Some(Spot { x, y, kind: "site".to_owned(), letter: String::new(), path: None, words })
    }));
    spots.extend(inside.iter().filter_map(|place| place_spot(&map, place)));
    Panel {
        id: "map-division".to_owned(),
        title: app.place_name(code, frame.lang),
        said: frame.w.get(
            "map-drawn-said",
            &[("areas", areas.len().into()), ("places", inside.len().into()), ("sites", sites.len().into())],
        ),
        height: map.height,
        regions: plain(app, frame, &map, district),
        dots: Vec::new(),
        key: Vec::new(),
        spots,
    }
}

/// A community with its figure; none where nothing is known.
pub struct Community {
    /// Code.
    pub code: String,
    /// Place.
    pub at: (f64, f64),
    /// Figure.
    pub figure: Option<u64>,
}

/// Radius of the largest circle, and of the smallest that can be seen.
const RADII: (f64, f64) = (26.0, 3.5);
/// From the edge of a drawing to its key, and between what stands there.
const EDGE: f64 = 10.0;

/// Radius of a figure where so many are the most: the area grows with it.
pub fn radius(figure: u64, most: u64) -> f64 {
    match figure {
        0 => 0.0,
        _ => (RADII.0 * (figure as f64 / most.max(1) as f64).sqrt()).clamp(RADII.1, RADII.0),
    }
}

/// A district by its outline, with a circle for each of its communities in which something was found. It has neither where the city has no
/// outlines and nothing was found.
pub fn communities(app: &App, frame: &Frame, district: &str, figures: &[Community], most: u64) -> Panel {
    let own = outline::outline(district).and_then(|outline| outline.bounds());
    let bounds = own.or_else(|| Bounds::around(figures.iter().map(|one| one.at)));
    let map = Projection::fit(bounds.unwrap_or(CENTRE).wider(0.04), WIDTH, 620.0);
    let dots = figures.iter().map(|one| {
        let (x, y) = map.at(one.at);
        let said = one.figure.map_or_else(|| frame.say("not-known"), |n| frame.lang.number(n));
        let words = format!("{}: {said}", app.place_name(&one.code, frame.lang));
        Dot { code: one.code.clone(), x, y, r: radius(one.figure.unwrap_or(0), most), words }
    });
    let mut dots: Vec<Dot> = dots.collect();
    // a small one is drawn over a large one
    dots.sort_by(|a, b| b.r.total_cmp(&a.r).then_with(|| a.code.cmp(&b.code)));
    Panel {
        id: format!("spread-{district}"),
        title: app.place_name(district, frame.lang),
        said: app.place_name(district, frame.lang),
        height: map.height,
        regions: plain(app, frame, &map, district),
        key: key(frame, most, map.height),
        dots,
        spots: Vec::new(),
    }
}

/// Circles of one, a quarter of the most and the most, side by side in the lower left corner.
fn key(frame: &Frame, most: u64, height: f64) -> Vec<Dot> {
    let mut figures = vec![1, most / 4, most];
    figures.retain(|n| *n > 0 && *n <= most);
    figures.dedup();
    let mut left = EDGE;
    let mut circle = |n: u64| {
        let (r, words) = (radius(n, most), frame.lang.number(n));
        let x = left + r;
        left = x + r + 2.0 * EDGE + 10.0 * words.chars().count() as f64;
        Dot { code: String::new(), x, y: height - RADII.0 - EDGE, r, words }
    };
    figures.into_iter().map(&mut circle).collect()
}
