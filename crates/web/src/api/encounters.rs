//! Transfers for other systems: `GET /api/fhir/Encounter`. It reads the list of transfers with its filters and its pages, so a duty gets
//! whom it may see and no more of them than there, and who was read of is in the chain of reads.

use super::{
    asking::Asked,
    endpoint::{Endpoint, Operation},
    lists,
    openapi::parameters,
};
use crate::{app::App, caller::Caller, problem::Problem, routing::get};
use axum::{
    extract::State,
    http::{Method, header},
    response::{IntoResponse, Response},
};
use dayclear_core::{
    listing::{Cell, Row, TRANSFERS},
    transfer::{RideClass, TransferState},
};
use dayclear_exchange::fhir::transfers::{Transfer, encounters};
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};
use url::form_urlencoded;

const MEDIA: &str = "application/fhir+json";
const PATH: &str = "/api/fhir/Encounter";

/// The one route.
pub fn endpoints() -> Vec<Endpoint> {
    let bundle = json!({"type": "object", "required": ["resourceType", "type", "entry"], "properties": {
        "resourceType": {"const": "Bundle"}, "type": {"const": "searchset"},
        "link": {"type": "array", "items": {"type": "object"}, "description": "`next`: the page behind this one"},
        "entry": {"type": "array", "items": {"type": "object"}}}});
    let mut operation = Operation::new(Method::GET, PATH, "fhir-transfers", "transfer")
        .about(
            "Transfers as FHIR R4",
            "An Encounter for each transfer of a page: who comes, to which place and bed, in which vehicle, and how it stands. Planned \
             until the place itself admits. Filters and pages are those of the list of transfers; ways home and what a duty is not shown are left out.",
        )
        .roles(TRANSFERS.readers)
        .answers_as(200, "a Bundle of Encounters", MEDIA, bundle);
    operation.parameters = parameters::of_list(&TRANSFERS, true);
    let handler =
        get(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked| answer(&app, &caller, &asked).await);
    vec![Endpoint { operation, handler }]
}

async fn answer(app: &Arc<App>, caller: &Caller, asked: &Asked) -> Result<Response, Problem> {
    let page = lists::page_for(app, caller, &TRANSFERS, asked).await?;
    let mut tx = app.store().look(&app.own_scope()).await?;
    let names: BTreeMap<String, String> =
        tx.facilities().await?.into_iter().map(|one| (one.facility, one.name)).collect();
    drop(tx);
    // the way home leads to no stay
    let stays = page.rows.iter().map(|row| transfer(app, row, &names)).filter(|one| one.class != Some(RideClass::Home));
    let transfers: Vec<Transfer> = stays.collect();
    let next = page.next.map(|after| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(asked.0.iter().filter(|(name, _)| name != "after"));
        query.append_pair("after", &after);
        format!("{PATH}?{}", query.finish())
    });
    let bundle = encounters(&transfers, &app.zone().text(app.now()), next.as_deref(), app.setup.exercise);
    Ok(([(header::CONTENT_TYPE, MEDIA)], bundle.to_string()).into_response())
}

fn transfer(app: &App, row: &Row, names: &BTreeMap<String, String>) -> Transfer {
    let text = |field| row.get(&TRANSFERS, field).as_str().map(str::to_owned);
    let moment = |field| match row.get(&TRANSFERS, field) {
        Cell::Moment(at) => Some(app.zone().text(*at)),
        _ => None,
    };
    let facility = text("facility");
    Transfer {
        id: text("id").unwrap_or_default(),
        person: text("person").unwrap_or_default(),
        name: text("name"),
        facility_name: facility.as_ref().and_then(|id| names.get(id).cloned()),
        facility,
        bed: text("bed"),
        vehicle: text("vehicle"),
        state: text("state").and_then(|name| name.parse::<TransferState>().ok()),
        class: text("class").and_then(|name| name.parse::<RideClass>().ok()),
        arrive_at: moment("arrive_at"),
        picked_up_at: moment("picked_up_at"),
        admitted_at: moment("admitted_at"),
        ended_at: moment("ended_at"),
    }
}
