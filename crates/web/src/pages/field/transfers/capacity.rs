//! Demand and capacity, as they were last set beside each other: who has not arrived, the hours to come, which one change would bring how
//! much. A district sees those of its own who wait; what would help is the same for everybody.

use super::names;
use crate::{
    app::App,
    pages::{
        field::rows,
        frame::{Frame, Visit, moment, render},
        show,
    },
    problem::Problem,
};
use askama::Template;
use axum::{extract::State, response::Response};
use dayclear_core::{
    access::Role,
    listing::{BEDS, TRANSFERS, VEHICLES},
    time::Instant,
};
use dayclear_ops::dispatch::capacity::{self, Outlook, What};
use std::{collections::BTreeMap, sync::Arc};

/// Whether a role is told of demand and capacity: whoever sees people on the way, beds and vehicles.
pub fn is_for(role: Role) -> bool {
    [&TRANSFERS, &BEDS, &VEHICLES].iter().all(|listing| listing.readable_by(role))
}

struct Waits {
    district: String,
    class: String,
    without: String,
    booked: String,
    underway: String,
    mean: String,
    longest: String,
}

struct Change {
    what: String,
    place: String,
    saved: String,
    seats: String,
}

#[derive(Template)]
#[template(path = "capacity.html")]
struct CapacityPage {
    frame: Frame,
    at: Option<String>,
    waits: Vec<Waits>,
    hours: Vec<(String, String)>,
    free: Vec<(String, String)>,
    changes: Vec<Change>,
}

/// `GET /transfers/capacity`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    if !is_for(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let mut tx = rows::look(&app, &visit).await?;
    let names = names(&mut tx).await?;
    let last = capacity::last(&mut tx).await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let (at, outlook) = match last {
        Some((at, outlook)) => (Some(at), within(outlook, visit.caller.looker.duty.division.as_str())),
        None => (None, Outlook::default()),
    };
    let said = |at: Instant| moment(&app, frame.lang, at);
    let number = |n: usize| frame.lang.number(n as u64);
    let waits = outlook.waits.iter().map(|waits| Waits {
        district: app.place_name(&waits.district, frame.lang),
        class: frame.w.term(waits.class),
        without: number(waits.without),
        booked: number(waits.booked),
        underway: number(waits.underway),
        mean: show::span(frame, waits.mean_min),
        longest: show::span(frame, waits.longest_min),
    });
    let hour = |hour: &capacity::Hour| {
        let at = hour.at.parse::<Instant>().map_or_else(|_| hour.at.clone(), &said);
        (at, number(hour.to_arrive))
    };
    let page = CapacityPage {
        at: at.map(|at| frame.w.get("capacity-at", &[("at", said(at).into())])),
        waits: waits.collect(),
        hours: outlook.hours.iter().map(hour).collect(),
        free: outlook.free.iter().map(|(kind, beds)| (frame.w.term(*kind), number(*beds as usize))).collect(),
        changes: outlook.changes.iter().map(|change| one(&app, frame, change, &names)).collect(),
        frame: {
            let (title, above) = (frame.say("capacity-title"), frame.say("nav-transfers"));
            visit.frame.titled(title, &[(above, "/transfers")])
        },
    };
    render(&page)
}

/// An outlook as a duty sees it: of its own division who waits.
pub fn within(mut outlook: Outlook, division: &str) -> Outlook {
    outlook.waits.retain(|waits| waits.district.starts_with(division) || division.starts_with(&waits.district));
    outlook
}

fn one(app: &App, frame: &Frame, change: &capacity::Change, names: &BTreeMap<String, String>) -> Change {
    let (what, place) = match change.what {
        What::Vehicle => ("capacity-vehicle", app.place_name(&change.place, frame.lang)),
        What::Ward => ("capacity-ward", names.get(&change.place).unwrap_or(&change.place).clone()),
    };
    let signed = |n: i64| {
        let number = frame.lang.number(n.unsigned_abs());
        if n < 0 { format!("−{number}") } else { number }
    };
    Change { what: frame.say(what), place, saved: signed(change.saved_min), seats: signed(change.seats) }
}
