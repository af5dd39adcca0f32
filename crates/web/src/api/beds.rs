//! Beds for other systems: `GET /api/fhir/MeasureReport`, in the terms of SANER. It reads the list of facilities, so a duty gets
//! what it may see of them, and counts tell of nobody.

use super::{
    endpoint::{Endpoint, Operation},
    lists,
};
use crate::{app::App, caller::Caller, problem::Problem, routing::get};
use axum::{
    extract::State,
    http::{Method, header},
    response::{IntoResponse, Response},
};
use dayclear_core::{
    command::Load,
    listing::{Cell, FACILITIES, Query, ROWS_MAX, Row},
};
use dayclear_exchange::fhir::beds::{Beds, Report, measure_reports};
use dayclear_ops::listing;
use dayclear_papers::Lang;
use serde_json::json;
use std::sync::Arc;

const MEDIA: &str = "application/fhir+json";

/// The one route.
pub fn endpoints() -> Vec<Endpoint> {
    let bundle = json!({"type": "object", "required": ["resourceType", "type", "entry"], "properties": {
        "resourceType": {"const": "Bundle"}, "type": {"const": "searchset"}, "total": {"type": "integer"},
        "entry": {"type": "array", "items": {"type": "object"}}}});
    let operation = Operation::new(Method::GET, "/api/fhir/MeasureReport", "fhir-beds", "transfer")
        .about(
            "Beds as FHIR R4",
            "A MeasureReport for each place in the terms of SANER: beds that could be used, those that cannot be given now (held, \
             occupied, or to be cleaned), and the rest.",
        )
        .roles(FACILITIES.readers)
        .under(Load::Board)
        .answers_as(200, "a Bundle of MeasureReports", MEDIA, bundle);
    let handler = get(async |State(app): State<Arc<App>>, caller: Caller| answer(&app, &caller).await);
    vec![Endpoint { operation, handler }]
}

async fn answer(app: &Arc<App>, caller: &Caller) -> Result<Response, Problem> {
    lists::readable(app, caller, &FACILITIES).await?;
    let mut tx = app.store().look(&caller.looker.scope()).await?.as_of(app.now());
    let mut query = Query { limit: ROWS_MAX, ..Query::default() };
    let mut places = Vec::new();
    while let Some(page) = listing::page(&mut tx, &caller.looker, &FACILITIES, &query).await? {
        places.extend(page.rows.iter().map(beds));
        let Some(next) = page.next else { break };
        query.after = Query::read(&FACILITIES, [("after", next.as_str())], app.zone())?.after;
    }
    drop(tx);
    let (at, day) = (app.zone().text(app.now()), app.zone().day(app.now()).to_string());
    let city = app.place_name(app.setup.city.as_str(), Lang::ZhHans);
    let bundle = measure_reports(&places, Report { at: &at, day: &day, reporter: &city });
    Ok(([(header::CONTENT_TYPE, MEDIA)], bundle.to_string()).into_response())
}

fn beds(row: &Row) -> Beds {
    let text = |field| row.get(&FACILITIES, field).as_str().unwrap_or_default().to_owned();
    let count = |field| match row.get(&FACILITIES, field) {
        Cell::Whole(count) => (*count).max(0) as u64,
        _ => 0,
    };
    Beds {
        facility: text("facility"),
        name: text("name"),
        total: count("beds").saturating_sub(count("blocked")),
        occupied: count("taken") + count("cleaning"),
    }
}
