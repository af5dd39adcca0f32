//! `cargo run -p dayclear-web --example outlines`: the outlines of the districts as the map draws them, from
//! `data/chongqing/districts.geojson`.
//! A border that two districts share is cut into the same line for both, so that simplifying leaves neither gaps nor
//! overlaps.

#![allow(clippy::unwrap_used)] // a tool for developers: a source that cannot be read ends it

use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

/// How far a line may leave the border, in degrees: some 60 m between the central districts, which are small and drawn
/// large, and 600 m elsewhere, by which the source may be off anyway.
const TOLERANCE: (f64, f64) = (0.0006, 0.0055);
/// West, south, east and north of the central districts, in degrees.
const CENTRE: [f64; 4] = [106.25, 29.25, 106.85, 29.85];
/// Coordinates are compared on a grid of a ten-thousandth of a degree.
const GRID: f64 = 1e4;

type Point = (i64, i64);

fn ring_of(value: &Value) -> Vec<Point> {
    let point = |pair: &Value| {
        let at = |n: usize| (pair[n].as_f64().unwrap_or_default() * GRID).round() as i64;
        (at(0), at(1))
    };
    let mut ring: Vec<Point> = value.as_array().into_iter().flatten().map(point).collect();
    ring.dedup();
    if ring.first() == ring.last() {
        ring.pop();
    }
    ring
}

/// How far a point lies from the line between two others, in degrees.
fn distance(p: Point, a: Point, b: Point) -> f64 {
    let at = |q: Point| (q.0 as f64 / GRID, q.1 as f64 / GRID);
    let ((px, py), (ax, ay), (bx, by)) = (at(p), at(a), at(b));
    let (dx, dy) = (bx - ax, by - ay);
    let length = dx.hypot(dy);
    if length == 0.0 {
        return (px - ax).hypot(py - ay);
    }
    ((px - ax) * dy - (py - ay) * dx).abs() / length
}

/// Douglas and Peucker: keeps the ends, and whatever lies further off than the tolerance.
fn simplify(line: &[Point], tolerance: f64) -> Vec<Point> {
    let (Some(first), Some(last)) = (line.first(), line.last()) else { return Vec::new() };
    let far = (1..line.len().saturating_sub(1))
        .map(|at| (distance(line[at], *first, *last), at))
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    match far {
        Some((far, at)) if far > tolerance => {
            let mut kept = simplify(&line[..=at], tolerance);
            kept.pop();
            kept.extend(simplify(&line[at..], tolerance));
            kept
        }
        _ => vec![*first, *last],
    }
}

/// A line from junction to junction, simplified the same way from whichever side it is walked.
fn arc(line: &[Point]) -> Vec<Point> {
    let backwards = line.first() > line.last();
    let mut line = line.to_vec();
    if backwards {
        line.reverse();
    }
    let middle = line[line.len() / 2];
    let (x, y) = (middle.0 as f64 / GRID, middle.1 as f64 / GRID);
    let [west, south, east, north] = CENTRE;
    let central = (west..east).contains(&x) && (south..north).contains(&y);
    let mut kept = simplify(&line, if central { TOLERANCE.0 } else { TOLERANCE.1 });
    if backwards {
        kept.reverse();
    }
    kept
}

fn simplified(ring: &[Point], junctions: &BTreeSet<Point>) -> Vec<Point> {
    let mut cuts: Vec<usize> = (0..ring.len()).filter(|at| junctions.contains(&ring[*at])).collect();
    if cuts.len() < 2 {
        // an island: cut where it begins and at the point furthest from there
        let from = cuts.first().copied().unwrap_or(0);
        let span = |at: &usize| {
            let (dx, dy) = (ring[*at].0 - ring[from].0, ring[*at].1 - ring[from].1);
            dx * dx + dy * dy
        };
        let furthest = (0..ring.len()).max_by_key(span).unwrap_or(0);
        cuts = vec![from.min(furthest), from.max(furthest)];
    }
    let mut out = Vec::new();
    for (n, from) in cuts.iter().enumerate() {
        let to = cuts[(n + 1) % cuts.len()];
        let steps = (to + ring.len() - from - 1) % ring.len() + 1;
        let line: Vec<Point> = (0..=steps).map(|step| ring[(from + step) % ring.len()]).collect();
        let mut kept = arc(&line);
        kept.pop();
        out.extend(kept);
    }
    out
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = std::fs::read_to_string(root.join("data/chongqing/districts.geojson")).unwrap();
    let source: Value = serde_json::from_str(&text).unwrap();
    let mut districts: BTreeMap<String, Vec<Vec<Point>>> = BTreeMap::new();
    for feature in source["features"].as_array().unwrap() {
        let code = feature["properties"]["code"].as_str().unwrap();
        let shape = &feature["geometry"];
        let polygons: Vec<&Value> = match shape["type"].as_str() {
            Some("MultiPolygon") => shape["coordinates"].as_array().into_iter().flatten().collect(),
            _ => vec![&shape["coordinates"]],
        };
        let rings = polygons.iter().flat_map(|polygon| polygon.as_array().into_iter().flatten()).map(ring_of);
        districts.entry(code.to_owned()).or_default().extend(rings.filter(|ring| ring.len() > 2));
    }
    let mut beside: HashMap<Point, BTreeSet<Point>> = HashMap::new();
    for ring in districts.values().flatten() {
        for at in 0..ring.len() {
            let (a, b) = (ring[at], ring[(at + 1) % ring.len()]);
            beside.entry(a).or_default().insert(b);
            beside.entry(b).or_default().insert(a);
        }
    }
    let junctions: BTreeSet<Point> = beside.iter().filter(|(_, next)| next.len() != 2).map(|(at, _)| *at).collect();
    let mut points = 0;
    let mut drawn = Vec::new();
    for (code, rings) in &districts {
        let rings: Vec<Vec<Point>> =
            rings.iter().map(|ring| simplified(ring, &junctions)).filter(|ring| ring.len() > 2).collect();
        points += rings.iter().map(Vec::len).sum::<usize>();
        let polygons = rings.iter().map(|ring| {
            let closed = ring.iter().chain(ring.first());
            let ring: Vec<Value> = closed.map(|(x, y)| json!([*x as f64 / GRID, *y as f64 / GRID])).collect();
            json!([ring])
        });
        let shape = json!({"type": "MultiPolygon", "coordinates": polygons.collect::<Vec<_>>()});
        drawn.push(json!({"type": "Feature", "properties": {"code": code}, "geometry": shape}).to_string());
    }
    let text = format!("{{\"type\":\"FeatureCollection\",\"features\":[\n{}\n]}}\n", drawn.join(",\n"));
    println!("{} districts, {points} points, {} bytes", drawn.len(), text.len());
    std::fs::write(root.join("crates/web/outlines/chongqing.geojson"), text).unwrap();
}
