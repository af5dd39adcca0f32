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
    /// Rings laid flat; points closer than half a unit are one.
    pub fn flat(&self, rings: &[Vec<Place>]) -> Vec<Vec<(f64, f64)>> {
        let ring = |ring: &Vec<Place>| {
            let mut flat: Vec<(f64, f64)> = Vec::new();
            for place in ring {
                let (x, y) = self.at(*place);
                if !flat.last().is_some_and(|(a, b)| (a - x).abs() < 0.5 && (b - y).abs() < 0.5) {
                    flat.push((x, y));
                }
            }
            flat
        };
        rings.iter().map(ring).filter(|ring| !ring.is_empty()).collect()
    }
}

/// Rings on a drawing as the data of a path.
pub fn path(rings: &[Vec<(f64, f64)>]) -> String {
    let mut d = String::new();
    for ring in rings {
        for (at, (x, y)) in ring.iter().enumerate() {
            // writing to a String cannot fail
            let _ = write!(d, "{}{x:.1} {y:.1}", if at == 0 { 'M' } else { 'L' });
        }
        d.push('Z');
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;

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
