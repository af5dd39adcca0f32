//! The trips of one vehicle, for whoever drives it: one stop after the other, with large buttons, on a telephone first.

use super::{needs, path};
use crate::{
    app::App,
    pages::{
        field::rows::{self, Of},
        frame::{Frame, Visit, moment, render},
        show,
    },
    problem::Problem,
};
use askama::Template;
use axum::response::Response;
use dayclear_core::listing::{TRANSFERS, TRIPS};
use std::collections::BTreeMap;

struct Stop {
    path: String,
    at: String,
    name: String,
    phone: Option<String>,
    door: Option<String>,
    needs: Vec<String>,
    state: &'static str,
    word: String,
    to: String,
}

struct Trip {
    id: String,
    said: String,
    class: String,
    stops: Vec<Stop>,
}

#[derive(Template)]
#[template(path = "trips.html")]
struct TripsPage {
    frame: Frame,
    trips: Vec<Trip>,
    past: usize,
}

/// The trips of the driver's vehicle, today's and those under way.
pub async fn page(app: &App, visit: Visit) -> Result<Response, Problem> {
    let today = app.zone().day(app.now());
    let since = today.plus_days(-1).to_string();
    let mut tx = rows::look(app, &visit).await?;
    let trips = tx.all(&TRIPS, &[("departs_at.from", &since), ("limit", "100")]).await?;
    let names = super::names(&mut tx).await?;
    let transfers = tx.all(&TRANSFERS, &[("requested_at.from", &since), ("limit", "500")]).await?;
    let doors: Vec<&str> =
        transfers.iter().filter_map(|row| Of { listing: &TRANSFERS, row }.text("building")).collect();
    let doors: BTreeMap<String, String> = tx
        .buildings_by_id(&doors)
        .await?
        .into_iter()
        .map(|row| (row.building, format!("{} {}", row.compound.unwrap_or_default(), row.name).trim().to_owned()))
        .collect();
    tx.finish().await?;
    let frame = &visit.frame;
    let mut shown: Vec<(dayclear_core::time::Instant, Trip)> = Vec::new();
    let mut past = 0;
    for row in &trips {
        let trip = Of { listing: &TRIPS, row };
        let (Some(id), Some(departs)) = (trip.text("id"), trip.moment("departs_at")) else { continue };
        let mut stops: Vec<_> = transfers
            .iter()
            .map(|row| Of { listing: &TRANSFERS, row })
            .filter(|of| of.text("trip") == Some(id))
            .map(|of| (of.moment("pickup_at"), stop(app, frame, &visit, of, &names, &doors)))
            .collect();
        stops.sort_by_key(|(at, _)| *at);
        let stops: Vec<Stop> = stops.into_iter().map(|(_, stop)| stop).collect();
        let open = stops.iter().filter(|stop| matches!(stop.state, "busy" | "wait")).count();
        if open == 0 {
            past += 1;
            continue;
        }
        let ends = trip.moment("ends_at").map(|at| moment(app, frame.lang, at)).unwrap_or_default();
        let said = frame.w.get(
            "trips-said",
            &[("from", moment(app, frame.lang, departs).into()), ("to", ends.into()), ("count", stops.len().into())],
        );
        let class = frame.w.given("ride", trip.text("class").unwrap_or_default());
        shown.push((departs, Trip { id: id.to_owned(), said, class, stops }));
    }
    shown.sort_by_key(|(departs, _)| *departs);
    let title = frame.say("trips-title");
    let trips = shown.into_iter().map(|(_, trip)| trip).collect();
    render(&TripsPage { trips, past, frame: visit.frame.titled(title, &[]) })
}

fn stop(
    app: &App,
    frame: &Frame,
    visit: &Visit,
    of: Of<'_>,
    names: &BTreeMap<String, String>,
    doors: &BTreeMap<String, String>,
) -> Stop {
    let state = match of.text("state") {
        Some("booked") => "wait",
        Some("underway") => "busy",
        Some("admitted") => "good",
        _ => "gone",
    };
    let to = of.text("facility").unwrap_or_default();
    Stop {
        path: path(of.text("id").unwrap_or_default()),
        at: of.moment("pickup_at").map(|at| moment(app, frame.lang, at)).unwrap_or_default(),
        name: of.shown("name").or(of.shown("person")).map_or_else(|| frame.say("not-shown"), str::to_owned),
        phone: of.text("phone").map(show::dialled),
        door: of.text("building").map(|id| doors.get(id).cloned().unwrap_or_else(|| id.to_owned())),
        needs: needs(visit, of),
        state,
        word: frame.w.given("transfer", of.text("state").unwrap_or_default()),
        to: names.get(to).cloned().unwrap_or_else(|| show::part(to)),
    }
}
