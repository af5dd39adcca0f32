//! Who is on the way to one site, for whoever receives there: the next to arrive first, with the bed and the needs, and a
//! button that confirms the admission.

use super::{Planned, Sign, needs, path, planned, road, sign};
use crate::{
    app::App,
    pages::{
        field::rows::{self, Of},
        frame::{Frame, Visit, moment, render},
    },
    problem::Problem,
};
use askama::Template;
use axum::response::Response;
use dayclear_core::{
    listing::{FACILITIES, TRANSFERS},
    transfer::RideClass,
};

/// Minutes before the planned arrival from which somebody is about to be here.
const SOON_MIN: i64 = 10;

struct Arrival {
    path: String,
    name: String,
    class: String,
    bed: String,
    at: String,
    needs: Vec<String>,
    planned: Option<Planned>,
    sign: Option<Sign>,
    underway: bool,
}

#[derive(Template)]
#[template(path = "arrivals.html")]
struct ArrivalsPage {
    frame: Frame,
    site: String,
    arrivals: Vec<Arrival>,
    underway: usize,
    /// Due within minutes: with whoever is on the way, what a tone sounds for when it grows.
    soon: usize,
    admitted: usize,
}

/// The arrivals of the facility of the duty.
pub async fn page(app: &App, visit: Visit) -> Result<Response, Problem> {
    let today = app.zone().day(app.now());
    let since = today.plus_days(-2).to_string();
    let mut tx = rows::look(app, &visit).await?;
    let tests = [("state", "booked,underway"), ("limit", "500")];
    let mut coming = tx.all(&TRANSFERS, &tests).await?;
    let tests = [("state", "admitted"), ("requested_at.from", since.as_str()), ("limit", "500")];
    let there = tx.all(&TRANSFERS, &tests).await?;
    let road = road(&mut tx).await?;
    let facility = tx.all(&FACILITIES, &[]).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    // whoever is fetched for the way home leaves
    coming.retain(|row| Of { listing: &TRANSFERS, row }.text("class") != Some(RideClass::Home.name()));
    coming.sort_by_key(|row| Of { listing: &TRANSFERS, row }.moment("arrive_at"));
    let arrivals: Vec<Arrival> = coming
        .iter()
        .map(|row| {
            let of = Of { listing: &TRANSFERS, row };
            let id = of.text("id").unwrap_or_default();
            Arrival {
                path: path(id),
                name: of.shown("name").or(of.shown("person")).unwrap_or(id).to_owned(),
                class: frame.w.given("ride", of.text("class").unwrap_or_default()),
                bed: of.text("bed").unwrap_or("–").to_owned(),
                at: of.moment("arrive_at").map_or_else(|| "–".to_owned(), |at| moment(app, frame.lang, at)),
                needs: needs(&visit, of),
                planned: planned(app, &visit, of),
                sign: sign(app, &visit, of, &road),
                underway: of.text("state") == Some("underway"),
            }
        })
        .collect();
    let soon = coming.iter().filter(|row| {
        let of = Of { listing: &TRANSFERS, row };
        let due = of.moment("arrive_at").is_some_and(|at| at.minutes_since(app.now()) <= SOON_MIN);
        due && of.text("state") == Some("underway")
    });
    let soon = soon.count();
    let start = app.zone().start_of(today);
    let admitted = there
        .iter()
        .filter(|row| Of { listing: &TRANSFERS, row }.moment("admitted_at").is_some_and(|at| at >= start))
        .count();
    let site = facility.first().and_then(|row| Of { listing: &FACILITIES, row }.text("name")).unwrap_or_default();
    let page = ArrivalsPage {
        site: site.to_owned(),
        underway: arrivals.iter().filter(|arrival| arrival.underway).count(),
        arrivals,
        soon,
        admitted,
        frame: {
            let title = frame.say("arrivals-title");
            visit.frame.titled(title, &[])
        },
    };
    render(&page)
}
