//! Beds of the city as EDXL-HAVE 1.0, for other emergency systems: counts by facility, of nobody in particular. Facilities that take
//! nobody today are not in it; in an exercise every count says so.

use super::{
    asking::Asked,
    endpoint::{Endpoint, Operation},
    lists,
};
use crate::{app::App, caller::Caller, problem::Problem, routing::get};
use axum::{
    extract::State,
    http::{Method, header},
    response::{IntoResponse, Response},
};
use dayclear_core::{command::Load, listing::FACILITIES, phases, roster::Known};
use dayclear_exchange::have::{self, Beds, Place};
use dayclear_ops::beds::to_give;
use dayclear_store::transfer::Facility;
use serde_json::json;
use std::{collections::BTreeMap, sync::Arc};

/// Media type of the message; the standard registers none of its own.
const MEDIA: &str = "application/xml";

/// The one route.
pub fn endpoints() -> Vec<Endpoint> {
    let operation = Operation::new(Method::GET, "/api/v1/beds.have", "beds-have", "transfer")
        .about(
            "Free beds for other systems",
            "As a message of EDXL-HAVE 1.0 (Hospital AVailability Exchange): facilities that take people today, with their beds that are free \
             and those that are not blocked, apart where they are equipped for severe cases.",
        )
        .roles(FACILITIES.readers)
        .under(Load::Board)
        .answers_as(200, "the message", MEDIA, json!({"type": "string"}));
    let handler =
        get(async |State(app): State<Arc<App>>, caller: Caller, asked: Asked| answer(&app, &caller, &asked).await);
    vec![Endpoint { operation, handler }]
}

async fn answer(app: &Arc<App>, caller: &Caller, asked: &Asked) -> Result<Response, Problem> {
    lists::readable(app, caller, &FACILITIES).await?;
    let [] = asked.only([])?;
    let today = app.zone().day(app.now());
    let mut tx = app.store().look(&app.own_scope()).await?;
    let facilities = tx.facilities().await?;
    let counted = tx.beds_by_facility().await?;
    // what can be given: of wards that take people now, and no more than the staff can look after
    let mut free: BTreeMap<(String, bool), u64> = BTreeMap::new();
    for bed in to_give(&mut tx, app.now()).await? {
        *free.entry((bed.facility, bed.severe == Known::Yes)).or_default() += 1;
    }
    drop(tx);
    let mut beds: BTreeMap<String, Vec<Beds>> = BTreeMap::new();
    for (facility, severe, _, all) in counted {
        let free = free.get(&(facility.clone(), severe)).copied().unwrap_or(0);
        beds.entry(facility).or_default().push(Beds { severe, free, all: all.unsigned_abs() });
    }
    let dated =
        |one: &Facility| one.opens_on.is_none_or(|on| on <= today) && one.closes_on.is_none_or(|on| on >= today);
    let open = facilities.into_iter().filter(|one| dated(one) && phases::takes(&one.steps, None, app.now()));
    let places: Vec<Place> = open
        .map(|one| Place {
            beds: beds.remove(&one.facility).unwrap_or_default(),
            id: one.facility,
            name: one.name,
            kind: one.kind,
            at: one.place,
        })
        .collect();
    let text = have::xml(&places, app.now(), app.zone(), app.setup.exercise).map_err(Problem::inside)?;
    Ok(([(header::CONTENT_TYPE, MEDIA)], text).into_response())
}
