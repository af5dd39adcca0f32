//! The driver's page of a phone: an empty shell that opens without a network, and what the phone has to know of its vehicle's trips once
//! it has one: who waits where, what they need, where they go. It is read like any list: through the duty's jurisdiction, and into the
//! chain of reads. The phone asks for it when the plan has changed, not at every sign of life.

use super::{
    field::{
        rows::{self, Of},
        transfers,
    },
    frame::{self, Frame, Visit, moment, render},
    shell::{self, Said, Shell},
    show,
};
use crate::{app::App, caller::Caller, problem::Problem, routing::get};
use askama::Template;
use axum::{
    Json, Router,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use dayclear_core::{
    listing::{TRANSFERS, TRIPS},
    transfer::RideClass,
    trip::{BEAT_S, Untaken},
};
use dayclear_ops::road::{self, CREWS};
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};

static SHELL: Shell =
    Shell { path: "/trip", name: "trip", title: "nav-trip", script: "trip-", open_to: |role| CREWS.contains(&role) };

/// Routes of the page.
pub fn routes() -> Router<Arc<App>> {
    SHELL.routes(get(page), get(here))
}

/// Words of the page by the name under which its script asks for them, with the values that it fills in.
const SAID: &[Said] = &[
    ("net-unknown", "trip-net-unknown", &[]),
    ("net-online", "trip-net-online", &[]),
    ("net-offline", "trip-net-offline", &[]),
    ("net-left", "trip-net-left", &[]),
    ("net-door", "trip-net-door", &[]),
    ("net-denied", "trip-net-denied", &[]),
    ("place-off", "trip-place-off", &[]),
    ("as-of", "trip-as-of", &["at"]),
    ("trip", "trip-said", &["from", "to", "class"]),
    ("people", "trip-people", &["count"]),
    ("call", "trips-call", &["name"]),
    ("all", "trip-all-picked-up", &["count"]),
    ("waits-site", "trips-site-admits", &[]),
    ("tried", "trip-tried", &["what"]),
    ("worse-told", "trip-worse-told", &[]),
    ("sure-worse", "trip-sure-worse", &[]),
    ("kept-count", "trip-kept-count", &["count"]),
    ("kept-foreign", "trip-kept-foreign", &["count"]),
    ("reported", "trip-reported", &["what", "name"]),
    ("right-report", "trip-right-report", &["what", "name", "at"]),
    ("right-again", "site-right-again", &[]),
    ("right-drop", "site-right-drop", &[]),
    ("right-drop-said", "trip-right-drop-said", &[]),
    ("dropped", "trip-dropped", &[]),
    ("step-picked_up", "trip-step-picked_up", &[]),
    ("step-no_answer", "trip-step-no_answer", &[]),
    ("step-refused", "trip-step-refused", &[]),
    ("step-cannot_move", "trip-step-cannot_move", &[]),
    ("step-wrong_address", "trip-step-wrong_address", &[]),
    ("step-worse", "trip-step-worse", &[]),
    ("step-handed_over", "trip-step-handed_over", &[]),
    ("to", "trip-to", &["place"]),
];

#[derive(Template)]
#[template(path = "trip.html")]
struct TripPage {
    frame: Frame,
    words: String,
}

async fn page(State(app): State<Arc<App>>, caller: Option<Caller>, request: Request) -> Result<Response, Problem> {
    let frame = SHELL.frame(&app, caller.as_ref(), request)?;
    render(&TripPage { words: shell::words_with(frame.w, SAID, Untaken::ALL), frame })
}

/// What a phone has to know: who is here, the word of the session, the server's time, and the trips of the vehicle that are not over.
async fn here(State(app): State<Arc<App>>, caller: Caller, request: Request) -> Result<Response, Problem> {
    SHELL.opens(caller.looker.duty.role)?;
    let (parts, _) = request.into_parts();
    // asked for by a script: whoever is signed out is told so, and led nowhere
    let visit = Visit { frame: frame::frame(&app, &parts, Some(&caller)), caller };
    // the plan is read before its rows: what changes in between is asked for once more
    let plan = road::plan_of(app.store(), &visit.caller.looker).await?;
    let since = app.zone().day(app.now()).plus_days(-1).to_string();
    let mut tx = rows::look(&app, &visit).await?;
    let trips = tx.all(&TRIPS, &[("departs_at.from", since.as_str()), ("limit", "100")]).await?;
    let open = [("state", "booked,underway"), ("requested_at.from", since.as_str()), ("limit", "500")];
    let waiting = tx.all(&TRANSFERS, &open).await?;
    let names = transfers::names(&mut tx).await?;
    let buildings: Vec<&str> =
        waiting.iter().filter_map(|row| Of { listing: &TRANSFERS, row }.text("building")).collect();
    let doors: BTreeMap<String, String> = tx
        .buildings_by_id(&buildings)
        .await?
        .into_iter()
        .map(|row| (row.building, format!("{} {}", row.compound.unwrap_or_default(), row.name).trim().to_owned()))
        .collect();
    tx.finish().await?;
    let (w, lang) = (visit.frame.w, visit.frame.lang);
    let stop = |of: Of<'_>| {
        let building = of.text("building").map(|id| doors.get(id).cloned().unwrap_or_else(|| id.to_owned()));
        let door = [building.as_deref(), of.text("unit"), of.text("door")].into_iter().flatten().collect::<Vec<_>>();
        let place = of.text("facility").unwrap_or_default();
        let place = names.get(place).map_or(place, String::as_str);
        // whoever goes home is fetched at the site; whoever is on the way when the order ends is brought home
        let (door, to) = match of.text("class") == Some(RideClass::Home.name()) {
            true => (place.to_owned(), door.join(" ")),
            false if place.is_empty() => (door.join(" "), w.get("trip-home", &[])),
            false => (door.join(" "), place.to_owned()),
        };
        json!({
            "transfer": of.text("id"),
            "name": of.shown("name").or(of.shown("person")),
            "phone": of.text("phone").map(show::dialled),
            "door": door,
            "needs": transfers::needs(&visit, of),
            "at": of.moment("pickup_at").map(|at| moment(&app, lang, at)),
            "at_ms": of.moment("pickup_at").map(|at| at.micros() / 1_000),
            "to": to,
            "state": if of.moment("handed_over_at").is_some() { "handed_over" } else { of.text("state").unwrap_or_default() },
        })
    };
    let mut shown: Vec<Value> = trips
        .iter()
        .filter_map(|row| {
            let trip = Of { listing: &TRIPS, row };
            let id = trip.text("id")?;
            let own = waiting.iter().map(|row| Of { listing: &TRANSFERS, row }).filter(|of| of.text("trip") == Some(id));
            let mut stops: Vec<Value> = own.map(stop).collect();
            stops.sort_by_key(|stop| (stop["at_ms"].as_i64(), stop["transfer"].as_str().map(str::to_owned)));
            let clock = |name: &str| trip.moment(name).map(|at| moment(&app, lang, at));
            (!stops.is_empty()).then(|| {
                json!({"id": id, "departs_ms": trip.moment("departs_at").map(|at| at.micros() / 1_000), "from": clock("departs_at"),
                    "to": clock("ends_at"), "class": w.given("ride", trip.text("class").unwrap_or_default()), "stops": stops})
            })
        })
        .collect();
    shown.sort_by_key(|trip| trip["departs_ms"].as_i64());
    let caller = &visit.caller;
    Ok(Json(json!({
        "account": caller.looker.account, "login": caller.name, "word": caller.csrf, "server_ms": app.now().micros() / 1_000,
        "beat_s": BEAT_S, "plan": plan, "trips": shown,
    }))
    .into_response())
}
