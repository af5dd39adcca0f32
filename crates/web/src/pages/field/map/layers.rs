//! What lies on the map, as rows for the drawing and as GeoJSON for the map to move in: outlines with figures, areas as
//! small squares, facilities, laboratories, sites. Within the jurisdiction of the caller, and nothing about a person.

use super::{Figures, Measure, allowed, drawing, figures, outline, standing_areas};
use crate::{
    app::App,
    pages::{
        field::rows::{self, Look, Of},
        frame::{Frame, Visit},
        show,
    },
    problem::Problem,
};
use axum::{
    extract::{Query as Parameters, State},
    http::header,
    response::{IntoResponse, Response},
};
use dayclear_core::listing::{AREAS, Cell, DIVISIONS, FACILITIES, LABORATORIES};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// Half the side of the square that stands for an area, in degrees of latitude: some 40 m.
const HALF: f64 = 0.000_36;

/// A facility or a laboratory.
pub struct Place {
    /// Name.
    pub name: String,
    /// Where it is looked at.
    pub path: String,
    /// What it is, in words.
    pub kind: String,
    /// Its sign on the drawing.
    pub letter: &'static str,
    /// Division.
    pub division: String,
    /// Longitude and latitude.
    pub at: (f64, f64),
    /// Lines of words about it.
    pub lines: Vec<String>,
    /// Whether it has no free bed.
    pub full: bool,
}

/// Seats of the districts, by code.
pub async fn seats(tx: &mut Look<'_>) -> Result<BTreeMap<String, Option<(f64, f64)>>, Problem> {
    let rows = tx.all(&DIVISIONS, &[("level", "district,reporting_unit"), ("limit", "500")]).await?;
    let rows = rows.iter().map(|row| Of { listing: &DIVISIONS, row });
    Ok(rows.filter_map(|row| Some((row.text("code")?.to_owned(), row.place()))).collect())
}

/// Facilities and laboratories that the duty may see. A laboratory is drawn at the seat of its district: nobody has said
/// where it stands.
pub async fn places(tx: &mut Look<'_>, visit: &Visit) -> Result<Vec<Place>, Problem> {
    let frame = &visit.frame;
    let mut places = Vec::new();
    for row in &tx.all(&FACILITIES, &[("limit", "500")]).await? {
        let row = Of { listing: &FACILITIES, row };
        let (Some(id), Some(at), Some(kind)) = (row.text("facility"), row.place(), row.text("kind")) else { continue };
        let count = |name| row.whole(name).unwrap_or_default();
        let free = (count("beds") - count("taken") - count("cleaning") - count("blocked")).max(0);
        let letter = match kind {
            "designated_hospital" => "H",
            "temporary_hospital" => "T",
            _ => "I",
        };
        places.push(Place {
            name: row.text("name").unwrap_or(id).to_owned(),
            path: format!("/facilities/{}", show::part(id)),
            kind: frame.w.given("facility", kind),
            letter,
            division: row.text("division").unwrap_or_default().to_owned(),
            at,
            lines: vec![
                frame.w.given("facility", kind),
                frame
                    .w
                    .get("map-beds-said", &[("free", (free as u64).into()), ("beds", (count("beds") as u64).into())]),
            ],
            full: free == 0,
        });
    }
    let seats = seats(tx).await?;
    for row in &tx.all(&LABORATORIES, &[("limit", "500")]).await? {
        let row = Of { listing: &LABORATORIES, row };
        let (Some(id), Some(division)) = (row.text("laboratory"), row.text("division")) else { continue };
        let Some(at) = seats.get(division).copied().flatten() else { continue };
        let waiting = row.whole("waiting").unwrap_or_default();
        places.push(Place {
            name: row.text("name").unwrap_or(id).to_owned(),
            path: format!("/laboratories/{}", show::part(id)),
            kind: frame.say("map-laboratory"),
            letter: "L",
            division: division.to_owned(),
            at,
            lines: vec![
                frame.say("map-laboratory"),
                frame.w.get("map-waiting-said", &[("count", (waiting as u64).into())]),
                frame.say("map-at-seat"),
            ],
            full: false,
        });
    }
    Ok(places)
}

/// The name of an area: compound, building, unit, and that it is one household of it.
pub fn area_name(area: Of<'_>, frame: &Frame) -> String {
    let unit = area.text("unit").map(|unit| frame.w.get("area-unit", &[("unit", unit.into())]));
    let home = matches!(area.cell("one_household"), Cell::Truth(true)).then(|| frame.say("area-household"));
    let parts = [area.text("compound").map(str::to_owned), area.text("place").map(str::to_owned), unit, home];
    let name: Vec<String> = parts.into_iter().flatten().collect();
    if name.is_empty() { area.text("id").unwrap_or_default().to_owned() } else { name.join(" ") }
}

fn asked(given: &[(String, String)]) -> &str {
    given.iter().find(|(name, _)| name == "division").map(|(_, value)| value.as_str()).unwrap_or_default()
}

fn collection(features: Vec<Value>) -> Response {
    let body = json!({"type": "FeatureCollection", "features": features}).to_string();
    ([(header::CONTENT_TYPE, "application/geo+json")], body).into_response()
}

type Given = Parameters<Vec<(String, String)>>;

/// Whether this division may be looked at by the caller; an empty one is the caller's own.
fn check(visit: &Visit, division: &str) -> Result<(), Problem> {
    let own = visit.caller.looker.duty.division.as_str();
    allowed(visit, if division.is_empty() { own } else { division })
}

/// `GET /map/districts.geojson`: outlines, with the figure of each district that the duty covers.
pub async fn districts(
    State(app): State<Arc<App>>,
    visit: Visit,
    Parameters(given): Given,
) -> Result<Response, Problem> {
    let division = asked(&given).to_owned();
    check(&visit, &division)?;
    let measure = Measure::of(&given);
    let mut tx = rows::look(&app, &visit).await?;
    let figures: Figures = figures(&app, &mut tx, measure).await?;
    let frame = &visit.frame;
    let steps = drawing::steps(&figures, frame);
    let district = division.get(..6).unwrap_or_default();
    let shown = outline::outlines().iter().filter(|outline| district.is_empty() || outline.code == district);
    let features = shown.map(|outline| {
        let open = super::covers(&visit, &outline.code) || visit.caller.looker.duty.division.as_str() == outline.code;
        let figure = figures.by_district.get(&outline.code).filter(|_| open);
        let said = figure.map_or_else(|| frame.say("not-known"), |n| frame.lang.signed(*n));
        json!({"type": "Feature",
            "properties": {
                "layer": "district", "code": outline.code, "name": app.place_name(&outline.code, frame.lang),
                "lines": if open { vec![format!("{}: {said}", measure.word(frame))] } else { Vec::new() },
                "href": open.then(|| format!("/map/{}", outline.code)), "link": frame.say("map-look-closer"),
                // a district by itself is looked at for what lies in it
                "step": if district.is_empty() { drawing::class_of(figure.copied(), &steps) } else { "out" },
            },
            "geometry": {"type": "MultiPolygon", "coordinates": outline.coordinates()}})
    });
    Ok(collection(features.collect()))
}

/// `GET /map/areas.geojson`: standing areas as squares around their buildings.
pub async fn areas(State(app): State<Arc<App>>, visit: Visit, Parameters(given): Given) -> Result<Response, Problem> {
    let division = asked(&given).to_owned();
    check(&visit, &division)?;
    let mut tx = rows::look(&app, &visit).await?;
    let areas = standing_areas(&mut tx, &division).await?;
    let frame = &visit.frame;
    let features = areas.iter().map(|row| Of { listing: &AREAS, row }).filter_map(|area| {
        let (lon, lat) = area.place()?;
        let wide = HALF / lat.to_radians().cos().max(0.1);
        let corners = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0)];
        let ring: Vec<[f64; 2]> = corners.iter().map(|(x, y)| [lon + x * wide, lat + y * HALF]).collect();
        let id = area.text("id")?;
        let level = area.text("level").unwrap_or_default();
        let ends = area.day("ends_on").map(|day| frame.w.get("area-ends-said", &[("day", day.to_string().into())]));
        let people = area.whole("people").unwrap_or_default();
        let people = frame.w.get("area-people-said", &[("count", (people as u64).into())]);
        let lines: Vec<String> =
            [Some(frame.w.given("zone-level", level)), Some(people), ends].into_iter().flatten().collect();
        Some(json!({"type": "Feature",
            "properties": {"layer": "area", "name": area_name(area, frame), "state": level, "lines": lines,
                "href": format!("/areas/{}", show::part(id)), "link": frame.say("map-open")},
            "geometry": {"type": "Polygon", "coordinates": [ring]}}))
    });
    Ok(collection(features.collect()))
}

async fn of_places(app: &App, visit: &Visit, division: &str, wanted: fn(&Place) -> bool) -> Result<Response, Problem> {
    check(visit, division)?;
    let mut tx = rows::look(app, visit).await?;
    let places = places(&mut tx, visit).await?;
    let shown = places.iter().filter(|place| wanted(place) && place.division.starts_with(division));
    let features = shown.map(|place| {
        json!({"type": "Feature",
            "properties": {"layer": "facility", "name": place.name, "lines": place.lines,
                "state": if place.full { "full" } else { "" }, "href": place.path, "link": visit.frame.say("map-open")},
            "geometry": {"type": "Point", "coordinates": [place.at.0, place.at.1]}})
    });
    Ok(collection(features.collect()))
}

/// `GET /map/facilities.geojson`.
pub async fn facilities(
    State(app): State<Arc<App>>,
    visit: Visit,
    Parameters(given): Given,
) -> Result<Response, Problem> {
    of_places(&app, &visit, asked(&given), |place| place.letter != "L").await
}

/// `GET /map/laboratories.geojson`.
pub async fn laboratories(
    State(app): State<Arc<App>>,
    visit: Visit,
    Parameters(given): Given,
) -> Result<Response, Problem> {
    of_places(&app, &visit, asked(&given), |place| place.letter == "L").await
}

/// `GET /map/sites.geojson`: sites of a division that collected tubes today, in the middle of their communities.
pub async fn sites(State(app): State<Arc<App>>, visit: Visit, Parameters(given): Given) -> Result<Response, Problem> {
    let division = asked(&given).to_owned();
    check(&visit, &division)?;
    let division = if division.is_empty() { visit.caller.looker.duty.division.as_str().to_owned() } else { division };
    let mut tx = rows::look(&app, &visit).await?;
    let since = app.zone().start_of(app.zone().day(app.now()));
    let sites = tx.sites(&division, since, 200).await?;
    let frame = &visit.frame;
    let features = sites.iter().filter_map(|(site, division, tubes, at)| {
        let (lon, lat) = (*at)?;
        let said = frame.w.get(
            "map-site-said",
            &[("place", app.place_name(division, frame.lang).into()), ("count", (*tubes as u64).into())],
        );
        Some(json!({"type": "Feature",
            "properties": {"layer": "site", "name": site, "lines": [said, frame.say("map-at-middle")]},
            "geometry": {"type": "Point", "coordinates": [lon, lat]}}))
    });
    Ok(collection(features.collect()))
}
