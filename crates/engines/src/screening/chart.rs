//! Places on the ground: distances in metres between points given in degrees, a grid to look up neighbours, and a curve that
//! visits points so that neighbours on it are neighbours on the ground. Distances are those of an equirectangular chart at
//! the mean latitude of the two points: off by less than 0.1 % within 100 km.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Metres of a degree of latitude (mean radius of the earth, 6,371,008.8 m, IUGG).
const DEGREE_M: f64 = 111_195.08;

/// A point, WGS-84 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Longitude.
    pub lon: f64,
    /// Latitude.
    pub lat: f64,
}

impl Point {
    /// Metres in a straight line to another point.
    pub fn metres(self, other: Point) -> f64 {
        let squeeze = ((self.lat + other.lat) * 0.5).to_radians().cos();
        let (dx, dy) = ((self.lon - other.lon) * squeeze, self.lat - other.lat);
        (dx * dx + dy * dy).sqrt() * DEGREE_M
    }
}

/// A point in metres on a plane whose origin and squeeze are one for all points. Distances near each other are right; far
/// apart they are those of the chart, which is enough to sort and to split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spot {
    pub x: f32,
    pub y: f32,
    /// Ratio of the east-west scale here to that of the plane.
    pub squeeze: f32,
}

impl Spot {
    pub fn metres(self, other: Spot) -> f32 {
        let dx = (self.x - other.x) * (self.squeeze + other.squeeze) * 0.5;
        let dy = self.y - other.y;
        (dx * dx + dy * dy).sqrt()
    }
}

/// Points on one plane.
pub(super) fn spots(points: impl Iterator<Item = Point> + Clone) -> Vec<Spot> {
    let (mut count, mut lon, mut lat) = (0.0, 0.0, 0.0);
    for point in points.clone() {
        count += 1.0;
        lon += point.lon;
        lat += point.lat;
    }
    let (lon, lat) = if count > 0.0 { (lon / count, lat / count) } else { (0.0, 0.0) };
    let middle = lat.to_radians().cos();
    points
        .map(|point| Spot {
            x: ((point.lon - lon) * middle * DEGREE_M) as f32,
            y: ((point.lat - lat) * DEGREE_M) as f32,
            squeeze: (point.lat.to_radians().cos() / middle) as f32,
        })
        .collect()
}

/// A grid of cells that knows which items stand in each.
pub(super) struct Grid {
    side: f32,
    cells: BTreeMap<(i32, i32), Vec<u32>>,
}

impl Grid {
    pub fn new(side: f32) -> Grid {
        Grid { side: side.max(1.0), cells: BTreeMap::new() }
    }

    fn cell(&self, spot: Spot) -> (i32, i32) {
        ((spot.x / self.side).floor() as i32, (spot.y / self.side).floor() as i32)
    }

    pub fn put(&mut self, spot: Spot, item: u32) {
        self.cells.entry(self.cell(spot)).or_default().push(item);
    }

    pub fn take(&mut self, spot: Spot, item: u32) {
        if let Some(items) = self.cells.get_mut(&self.cell(spot)) {
            items.retain(|other| *other != item);
        }
    }

    /// Calls `each` for every item in the cells that a circle touches; the caller measures.
    pub fn near(&self, spot: Spot, radius: f32, mut each: impl FnMut(u32)) {
        // the chart's squeeze may make east-west distances smaller by a few percent
        let reach = radius * 1.06;
        let cell = |x: f32| (x / self.side).floor() as i32;
        for cx in cell(spot.x - reach)..=cell(spot.x + reach) {
            for (_, items) in self.cells.range((cx, cell(spot.y - reach))..=(cx, cell(spot.y + reach))) {
                items.iter().for_each(|item| each(*item));
            }
        }
    }
}

/// Position along a Hilbert curve through a square of 65,536 x 65,536 cells over all spots: a tour in this order is a good
/// one (Bartholdi and Platzman 1982, about a quarter longer than the best for points spread at random).
pub(super) fn along_curve(spots: &[Spot]) -> Vec<u64> {
    let bounds = |value: fn(&Spot) -> f32| {
        spots.iter().map(value).fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
    };
    let ((x0, x1), (y0, y1)) = (bounds(|spot| spot.x), bounds(|spot| spot.y));
    let scale = 65_535.0 / (x1 - x0).max(y1 - y0).max(1.0);
    let place = |spot: &Spot| {
        let (mut x, mut y) = (((spot.x - x0) * scale) as u32, ((spot.y - y0) * scale) as u32);
        let mut along = 0u64;
        let mut side = 32_768u32;
        while side > 0 {
            let (right, up) = (u32::from(x & side > 0), u32::from(y & side > 0));
            along += u64::from(side) * u64::from(side) * u64::from((3 * right) ^ up);
            if up == 0 {
                if right == 1 {
                    (x, y) = (65_535 - x, 65_535 - y);
                }
                (x, y) = (y, x);
            }
            side /= 2;
        }
        along
    };
    spots.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_earth() {
        // one minute of latitude is a nautical mile, 1,852 m and a bit
        let origin = Point { lon: 106.5, lat: 29.5 };
        assert!((origin.metres(Point { lat: 29.5 + 1.0 / 60.0, ..origin }) - 1_853.25).abs() < 0.1);
        let east = origin.metres(Point { lon: 106.51, ..origin });
        assert!((east - 1_111.95 * 29.5_f64.to_radians().cos()).abs() < 0.1);
        let points = [
            origin,
            Point { lon: 106.6, lat: 29.51 },
            Point { lon: 109.0, lat: 31.5 },
            Point { lon: 109.01, lat: 31.5 },
        ];
        let spots = spots(points.iter().copied());
        for (a, b) in [(0, 1), (2, 3)] {
            let (truth, chart) = (points[a].metres(points[b]), f64::from(spots[a].metres(spots[b])));
            assert!((truth - chart).abs() / truth < 0.002, "{truth} {chart}");
        }
    }

    #[test]
    fn the_curve_visits_neighbours_one_after_the_other() {
        let spots: Vec<Spot> =
            (0..256).map(|n| Spot { x: (n % 16) as f32, y: (n / 16) as f32, squeeze: 1.0 }).collect();
        let along = along_curve(&spots);
        let mut order: Vec<usize> = (0..256).collect();
        order.sort_by_key(|at| along[*at]);
        let length: f32 = order.windows(2).map(|pair| spots[pair[0]].metres(spots[pair[1]])).sum();
        assert!(length < 256.0 * 1.1, "{length}");
    }
}
