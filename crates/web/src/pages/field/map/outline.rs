//! Outlines of the districts and how they lie on a drawing. The outlines of Chongqing are built in (`outlines/`, made from
//! `data/chongqing/districts.geojson`); a city without outlines is drawn by its points alone. Pure.

use serde_json::Value;
use std::{fmt::Write, sync::OnceLock};

/// Longitude and latitude in degrees.
pub type Place = (f64, f64);

/// The outline of a district.
pub struct Outline {
    /// Code.
    pub code: String,
    /// Rings.
    pub rings: Vec<Vec<Place>>,
}

/// West, south, east and north.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Smallest longitude and latitude.
    pub low: Place,
    /// Largest longitude and latitude.
    pub high: Place,
}

/// The middle of the city, where districts are small: drawn a second time, larger.
pub const CENTRE: Bounds = Bounds { low: (106.25, 29.25), high: (106.85, 29.85) };

impl Bounds {
    /// As text: west, south, east and north.
    pub fn text(self) -> String {
        format!("{},{},{},{}", self.low.0, self.low.1, self.high.0, self.high.1)
    }
    /// The smallest bounds around places.
    pub fn around(places: impl IntoIterator<Item = Place>) -> Option<Bounds> {
        places.into_iter().fold(None, |bounds, (x, y)| {
            let bounds: Bounds = bounds.unwrap_or(Bounds { low: (x, y), high: (x, y) });
            Some(Bounds {
                low: (bounds.low.0.min(x), bounds.low.1.min(y)),
                high: (bounds.high.0.max(x), bounds.high.1.max(y)),
            })
        })
    }
    /// Wider by a share of its size, and by at least some 500 m.
    #[must_use]
    pub fn wider(self, share: f64) -> Bounds {
        let by = |low: f64, high: f64| ((high - low) * share).max(0.005);
        let (x, y) = (by(self.low.0, self.high.0), by(self.low.1, self.high.1));
        Bounds { low: (self.low.0 - x, self.low.1 - y), high: (self.high.0 + x, self.high.1 + y) }
    }
}

/// Every outline, in order of code.
pub fn outlines() -> &'static [Outline] {
    static OUTLINES: OnceLock<Vec<Outline>> = OnceLock::new();
    OUTLINES.get_or_init(|| read(include_str!("../../../../outlines/chongqing.geojson")))
}

/// The outline of a district.
pub fn outline(code: &str) -> Option<&'static Outline> {
    outlines().iter().find(|outline| outline.code == code)
}

fn read(text: &str) -> Vec<Outline> {
    let source: Value = serde_json::from_str(text).unwrap_or_default();
    let features = source["features"].as_array().into_iter().flatten();
    features
        .filter_map(|feature| {
            let polygons = feature["geometry"]["coordinates"].as_array()?.iter();
            let rings = polygons.filter_map(|polygon| polygon[0].as_array()).map(|ring| {
                ring.iter().filter_map(|pair| Some((pair[0].as_f64()?, pair[1].as_f64()?))).collect::<Vec<Place>>()
            });
            Some(Outline { code: feature["properties"]["code"].as_str()?.to_owned(), rings: rings.collect() })
        })
        .collect()
}

impl Outline {
    /// Bounds of the outline.
    pub fn bounds(&self) -> Option<Bounds> {
        Bounds::around(self.rings.iter().flatten().copied())
    }
    /// The centre of gravity of the largest ring: where a name stands.
    pub fn middle(&self) -> Option<Place> {
        self.rings.iter().filter_map(|ring| middle(ring)).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, at)| at)
    }
    /// The outline as GeoJSON coordinates of a MultiPolygon.
    pub fn coordinates(&self) -> Vec<Vec<Vec<[f64; 2]>>> {
        self.rings.iter().map(|ring| vec![ring.iter().map(|(x, y)| [*x, *y]).collect()]).collect()
    }
}

/// Size and centre of gravity of a ring.
fn middle(ring: &[Place]) -> Option<(f64, Place)> {
    let (mut size, mut x, mut y) = (0.0, 0.0, 0.0);
    for pair in ring.windows(2) {
        let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
        let part = x1 * y2 - x2 * y1;
        size += part;
        x += (x1 + x2) * part;
        y += (y1 + y2) * part;
    }
    (size != 0.0).then(|| (size.abs(), (x / (3.0 * size), y / (3.0 * size))))
}

/// Degrees laid flat on a drawing: north up, distances true in the middle of the bounds.
#[derive(Clone, Copy, Debug)]
pub struct Projection {
    west: f64,
    north: f64,
    scale: (f64, f64),
    /// Width of the drawing.
    pub width: f64,
    /// Height of the drawing.
    pub height: f64,
}

/// How far outlines go on beyond the edge of a drawing, so that their borders there are out of sight.
const BEYOND: f64 = 8.0;

impl Projection {
    /// Fits bounds into a width; the height follows, up to a limit, beyond which the drawing is narrower.
    pub fn fit(bounds: Bounds, width: f64, height_max: f64) -> Projection {
        let flat = ((bounds.low.1 + bounds.high.1) / 2.0).to_radians().cos().max(0.01);
        let wide = ((bounds.high.0 - bounds.low.0) * flat).max(1e-6);
        let high = (bounds.high.1 - bounds.low.1).max(1e-6);
        let scale = (width / wide).min(height_max / high);
        // what is narrower than the drawing stands in its middle
        let spare = (width / scale - wide) / flat / 2.0;
        Projection {
            west: bounds.low.0 - spare,
            north: bounds.high.1,
            scale: (scale * flat, scale),
            width,
            height: (high * scale).ceil(),
        }
    }
    /// Where a place lies on the drawing.
    pub fn at(&self, (lon, lat): Place) -> (f64, f64) {
        ((lon - self.west) * self.scale.0, (self.north - lat) * self.scale.1)
    }
    /// Whether a place lies on the drawing.
    pub fn holds(&self, place: Place) -> bool {
        let (x, y) = self.at(place);
        (0.0..=self.width).contains(&x) && (0.0..=self.height).contains(&y)
    }
    /// Rings laid flat, as far as they lie on the drawing; points closer than half a unit are one.
    pub fn flat(&self, rings: &[Vec<Place>]) -> Vec<Vec<(f64, f64)>> {
        let ring = |ring: &Vec<Place>| {
            let mut flat: Vec<(f64, f64)> = Vec::new();
            for place in ring {
                let (x, y) = self.at(*place);
                if !flat.last().is_some_and(|(a, b)| (a - x).abs() < 0.5 && (b - y).abs() < 0.5) {
                    flat.push((x, y));
                }
            }
            // what is beyond the edge only has to stay out of sight
            let flat = cut(&flat, |(x, _)| x + BEYOND);
            let flat = cut(&flat, |(x, _)| self.width + BEYOND - x);
            let flat = cut(&flat, |(_, y)| y + BEYOND);
            cut(&flat, |(_, y)| self.height + BEYOND - y)
        };
        rings.iter().map(ring).filter(|ring| !ring.is_empty()).collect()
    }
}

/// A ring without what lies beyond a line: `depth` says how far inside of it a point lies.
fn cut(ring: &[(f64, f64)], depth: impl Fn((f64, f64)) -> f64) -> Vec<(f64, f64)> {
    let mut kept = Vec::with_capacity(ring.len());
    let Some(mut before) = ring.last().copied() else { return kept };
    for &point in ring {
        let (from, to) = (depth(before), depth(point));
        if (from < 0.0) != (to < 0.0) {
            let share = from / (from - to);
            kept.push((before.0 + (point.0 - before.0) * share, before.1 + (point.1 - before.1) * share));
        }
        if to >= 0.0 {
            kept.push(point);
        }
        before = point;
    }
    kept
}

/// Rings on a drawing as the data of a path, to a tenth of a unit.
pub fn path(rings: &[Vec<(f64, f64)>]) -> String {
    data(rings, 10)
}

/// The same for a drawing that is looked at in small, to whole units. Borders that two outlines share stay shared.
pub fn coarse(rings: &[Vec<(f64, f64)>]) -> String {
    data(rings, 1)
}

/// Rings as the data of a path: each corner is said from the one before, which is half as long. `parts` of a unit are kept; a ring of
/// which no three corners are left has nothing to show.
fn data(rings: &[Vec<(f64, f64)>], parts: i64) -> String {
    let whole = |n: f64| (n * parts as f64).round() as i64;
    let mut d = String::new();
    for ring in rings {
        let mut corners: Vec<(i64, i64)> = ring.iter().map(|(x, y)| (whole(*x), whole(*y))).collect();
        corners.dedup();
        if corners.first() == corners.last() {
            corners.pop();
        }
        let Some((x, y)) = corners.first().filter(|_| corners.len() > 2) else { continue };
        d.push('M');
        number(&mut d, *x, parts, false);
        number(&mut d, *y, parts, true);
        d.push('l');
        for (at, pair) in corners.windows(2).enumerate() {
            number(&mut d, pair[1].0 - pair[0].0, parts, at > 0);
            number(&mut d, pair[1].1 - pair[0].1, parts, true);
        }
        d.push('z');
    }
    d
}

/// A number of parts as shortly as a path allows: a sign separates as well as a space.
fn number(d: &mut String, n: i64, parts: i64, follows: bool) {
    match n < 0 {
        true => d.push('-'),
        false if follows => d.push(' '),
        false => {}
    }
    let (units, rest) = (n.abs() / parts, n.abs() % parts);
    // writing to a String cannot fail
    let _ = match (units, rest) {
        (_, 0) => write!(d, "{units}"),
        (0, _) => write!(d, ".{rest}"),
        _ => write!(d, "{units}.{rest}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_short_and_keep_what_is_seen() {
        let ring = vec![(1.2, 1.0), (1.4, 1.1), (4.6, 0.9), (5.1, 3.8), (0.8, 4.1), (1.2, 1.0)];
        assert_eq!(path(std::slice::from_ref(&ring)), "M1.2 1l.2 .1 3.2-.2 .5 2.9-4.3 .3z");
        assert_eq!(coarse(&[ring]), "M1 1l4 0 0 3-4 0z");
        // nothing is left of it
        assert_eq!(coarse(&[vec![(1.1, 1.0), (1.3, 1.2), (1.2, 0.9), (1.1, 1.0)]]), "");
        let city = Bounds::around(outlines().iter().flat_map(|outline| outline.rings.iter().flatten().copied()));
        let map = Projection::fit(city.unwrap(), 120.0, 120.0);
        for outline in outlines() {
            assert!(!coarse(&map.flat(&outline.rings)).is_empty(), "{}", outline.code);
        }
    }

    #[test]
    fn outlines_end_beyond_the_edge_of_a_drawing() {
        let map = Projection::fit(Bounds { low: (0.0, 0.0), high: (1.0, 1.0) }, 100.0, 200.0);
        let square = |low: f64, high: f64| vec![(low, low), (high, low), (high, high), (low, high), (low, low)];
        let edge = BEYOND + 1e-6;
        let within = |rings: &[Vec<(f64, f64)>]| {
            let on =
                |(x, y): &(f64, f64)| (-edge..map.width + edge).contains(x) && (-edge..map.height + edge).contains(y);
            rings.iter().flatten().all(on)
        };
        let (all, half) = (map.flat(&[square(-9.0, 9.0)]), map.flat(&[square(0.5, 9.0)]));
        assert!(within(&all) && within(&half));
        // the whole drawing is covered, and what lies on it is where it was
        let bounds = |rings: &[Vec<(f64, f64)>]| Bounds::around(rings.iter().flatten().copied()).unwrap();
        assert!((bounds(&all).low.0 + BEYOND).abs() < 1e-6 && (bounds(&all).high.1 - map.height - BEYOND).abs() < 1e-6);
        assert!((bounds(&half).low.0 - 50.0).abs() < 1e-6);
        assert!(map.flat(&[square(4.0, 9.0)]).is_empty());
    }

    #[test]
    fn every_district_of_the_city_has_an_outline_around_its_seat() {
        assert_eq!(outlines().len(), 38);
        for outline in outlines() {
            let (bounds, middle) = (outline.bounds().unwrap(), outline.middle().unwrap());
            assert!((105.0..111.0).contains(&middle.0) && (28.0..33.0).contains(&middle.1), "{}", outline.code);
            assert!(bounds.low.0 < middle.0 && middle.0 < bounds.high.0, "{}", outline.code);
        }
    }

    #[test]
    fn north_is_up_and_distances_are_true() {
        let bounds = Bounds { low: (106.0, 29.0), high: (107.0, 30.0) };
        let map = Projection::fit(bounds, 640.0, 2_000.0);
        let (a, b) = (map.at((106.0, 30.0)), map.at((107.0, 29.0)));
        assert!(a.0.abs() < 1e-6 && a.1.abs() < 1e-6 && (b.0 - 640.0).abs() < 1e-6);
        // one degree of longitude at 29.5 degrees north is 0.870 of one of latitude
        assert!((640.0 / b.1 - 0.870).abs() < 0.001);
        let low = Projection::fit(bounds, 640.0, 100.0);
        assert!((low.at((106.5, 29.5)).0 - 320.0).abs() < 1e-6 && low.height <= 100.0);
    }
}
