//! Transfers: the board by state for those who plan, the trips of one vehicle for whoever drives it, the arrivals of one
//! site for whoever receives; vehicles as columns, and demand beside capacity; the page of one transfer, with beds that suit, and the
//! record of care that goes along. Times are those of the plan, and said to be; beside them stands what was last heard of a vehicle, with
//! its age. Nothing here takes a place for an arrival.

mod arrivals;
mod board;
pub(in crate::pages) mod capacity;
mod care;
mod claim;
mod lanes;
mod one;
pub(in crate::pages) mod price;
mod trips;

use super::{
    form,
    frame::Visit,
    list,
    rows::{Look, Of},
    show,
};
use crate::{
    app::App,
    problem::Problem,
    routing::{get, post},
};
use axum::{
    Router,
    extract::{Path, Query as Parameters, State},
    response::Response,
};
use dayclear_core::{
    access::Role,
    listing::{Cell, FACILITIES, TRANSFERS},
    time::Instant,
    trip::{Heard, heard},
};
use dayclear_engines::dispatch::road_km;
use dayclear_store::trip::OnRoad;
use std::{collections::BTreeMap, sync::Arc};

/// Routes below `/transfers`.
pub fn routes() -> Router<Arc<App>> {
    let on_rows = |state: State<Arc<App>>, sent: form::Sent| form::on_list(state, Path("transfers".to_owned()), sent);
    Router::new()
        .route("/transfers", get(page).merge(post(on_rows)))
        .route("/transfers/vehicles", get(lanes::page))
        .route("/transfers/capacity", get(capacity::page))
        .route("/transfers/{key}", get(one::page))
        .route("/transfers/{key}/claim", post(claim::claim))
        .route("/transfers/{key}/price", get(price::page))
        .route("/transfers/{key}/paper", get(care::printed))
}

/// Parameters of the board; with any other the list is asked for.
const BOARD: [&str; 4] = ["board", "facility", "vehicle", "class"];

async fn page(
    state: State<Arc<App>>,
    visit: Visit,
    parameters: Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let given = &parameters.0;
    let board = given.is_empty() || given.iter().any(|(name, _)| name == "board");
    if !board || !given.iter().all(|(name, _)| BOARD.contains(&name.as_str())) {
        return list::page(state, visit, Path("transfers".to_owned()), parameters).await;
    }
    if !TRANSFERS.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    match visit.caller.looker.duty.role {
        Role::Driver => trips::page(&state, visit).await,
        Role::Facility => arrivals::page(&state, visit).await,
        _ => board::page(&state, visit, given).await,
    }
}

/// Where somebody is by the plan.
pub(super) struct Planned {
    /// In words.
    pub words: String,
    /// Hundredths of the way.
    pub percent: Option<i64>,
    /// Past what was planned, and nobody has confirmed it.
    pub late: bool,
}

/// Where a transfer is by its plan, while it is booked or underway.
pub(super) fn planned(app: &App, visit: &Visit, transfer: Of<'_>) -> Option<Planned> {
    let frame = &visit.frame;
    let state = transfer.text("state")?;
    if !matches!(state, "booked" | "underway") {
        return None;
    }
    let (pickup, arrive) = (transfer.moment("pickup_at")?, transfer.moment("arrive_at")?);
    let now = app.now();
    let clock = |at: Instant| crate::pages::frame::moment(app, frame.lang, at);
    let underway = state == "underway";
    let said = |key: &str, at: Instant| frame.w.get(key, &[("at", clock(at).into())]);
    Some(if now < pickup && !underway {
        Planned { words: said("transfers-plan-door", pickup), percent: None, late: false }
    } else if !underway {
        Planned { words: said("transfers-plan-not-picked-up", pickup), percent: None, late: true }
    } else if now >= arrive {
        Planned { words: said("transfers-plan-not-admitted", arrive), percent: Some(100), late: true }
    } else {
        let left = transfer.moment("picked_up_at").unwrap_or(pickup);
        let (gone, whole) = (now.minutes_since(left).max(0), arrive.minutes_since(left).max(1));
        Planned {
            words: said("transfers-plan-there", arrive),
            percent: Some((gone * 100 / whole).min(99)),
            late: false,
        }
    })
}

/// What was last heard of the vehicle that somebody rides with or waits for.
pub(super) struct Sign {
    /// In words: how long ago, and how far it has to go.
    pub words: String,
    /// Whether it is marked: nobody heard of it for some minutes.
    pub late: bool,
}

/// Vehicles on the road by trip, and places of facilities by id.
#[derive(Default)]
pub(super) struct Road {
    trips: BTreeMap<String, OnRoad>,
    places: BTreeMap<String, (f64, f64)>,
}

/// The road as the duty sees it.
pub(super) async fn road(look: &mut Look<'_>) -> Result<Road, Problem> {
    let trips: BTreeMap<String, OnRoad> =
        look.on_the_road().await?.into_iter().map(|one| (one.trip.clone(), one)).collect();
    let places = match trips.is_empty() {
        true => BTreeMap::new(),
        false => look.facilities().await?.into_iter().map(|one| (one.facility, one.place)).collect(),
    };
    Ok(Road { trips, places })
}

/// What was last heard of a transfer's vehicle; nothing where nothing was, or where nobody waits for it any more.
pub(super) fn sign(app: &App, visit: &Visit, transfer: Of<'_>, road: &Road) -> Option<Sign> {
    let frame = &visit.frame;
    if !matches!(transfer.text("state"), Some("booked" | "underway")) {
        return None;
    }
    if let Some(at) = transfer.moment("handed_over_at") {
        let at = crate::pages::frame::moment(app, frame.lang, at);
        return Some(Sign { words: frame.w.get("trip-handed-over", &[("at", at.into())]), late: false });
    }
    let one = road.trips.get(transfer.text("trip")?)?;
    let (now, how) = (app.now(), heard(one.at, app.now()));
    let minutes = now.minutes_since(one.at).max(0) as u64;
    let key = match how {
        Heard::Lately => "trip-heard-lately",
        Heard::Amber => "trip-heard-amber",
        Heard::Silent => "trip-heard-silent",
    };
    let mut words = frame.w.get(key, &[("minutes", minutes.into())]);
    let to = transfer.text("facility").and_then(|to| road.places.get(to));
    if let (Some(place), Some(to), Some("underway")) = (one.place, to, transfer.text("state")) {
        let km = format!("{:.1}", road_km(place, *to));
        words = frame.w.joined(&[words, frame.w.get("trip-heard-way", &[("km", km.into())])]);
    }
    Some(Sign { words, late: how != Heard::Lately })
}

/// Needs in words.
pub(in crate::pages) fn needs(visit: &Visit, transfer: Of<'_>) -> Vec<String> {
    let needs = transfer.text("needs").unwrap_or_default().split(';').map(str::trim).filter(|need| !need.is_empty());
    needs.map(|need| visit.frame.w.given("need", need)).collect()
}

/// Names of facilities by id: of all places that the duty may send somebody to.
pub(in crate::pages) async fn names(look: &mut Look<'_>) -> Result<BTreeMap<String, String>, Problem> {
    let found = look.tally(&FACILITIES, &[], &["facility", "name"]).await?;
    let named = |(cells, _): (Vec<Cell>, u64)| match cells.as_slice() {
        [Cell::Text(id), Cell::Text(name)] => Some((id.clone(), name.clone())),
        _ => None,
    };
    Ok(found.into_iter().filter_map(named).collect())
}

/// The path of a transfer.
pub(super) fn path(id: &str) -> String {
    format!("/transfers/{}", show::part(id))
}
