//! Transfers by vehicle: a column for each vehicle with whoever waits for it, in the order of its stops, and one for those without a
//! seat. A card is moved with its form, or by dragging it where there is a script; both are the command `transfers.pin`.

use super::{names, path};
use crate::{
    app::App,
    pages::{
        field::rows::{self, Of},
        frame::{Frame, Visit, moment, render},
    },
    problem::Problem,
};
use askama::Template;
use axum::{extract::State, response::Response};
use dayclear_core::{
    command::Command,
    listing::{Row, TRANSFERS, VEHICLES},
    time::Instant,
};
use dayclear_store::dispatch::Dispatched;
use std::{collections::BTreeMap, sync::Arc};

/// Rows that are read at most, and vehicles that are shown.
const ROWS: &str = "500";

struct Card {
    id: String,
    path: String,
    person: String,
    class: String,
    to: Option<String>,
    door: Option<String>,
}

struct Lane {
    /// Vehicle; none: those without a seat.
    vehicle: Option<String>,
    word: String,
    count: String,
    cards: Vec<Card>,
}

#[derive(Template)]
#[template(path = "vehicles.html")]
struct LanesPage {
    frame: Frame,
    planned: Option<String>,
    /// Where the travel times of that plan came from.
    travel: Option<String>,
    lanes: Vec<Lane>,
    vehicles: Vec<String>,
    /// Whether this duty moves people.
    moves: bool,
}

/// `GET /transfers/vehicles`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    let role = visit.caller.looker.duty.role;
    if !TRANSFERS.readable_by(role) || !VEHICLES.readable_by(role) {
        return Err(Problem::unknown());
    }
    let mut tx = rows::look(&app, &visit).await?;
    let names = names(&mut tx).await?;
    let transfers = tx.all(&TRANSFERS, &[("state", "requested,booked"), ("limit", ROWS)]).await?;
    let fleet = tx.all(&VEHICLES, &[("out_of_service", "no,unknown"), ("limit", ROWS)]).await?;
    let last = tx.last_dispatched().await?;
    tx.finish().await?;
    let frame = &visit.frame;
    let mut lanes: BTreeMap<Option<String>, Vec<(Option<Instant>, Card)>> = BTreeMap::new();
    lanes.entry(None).or_default();
    let mut vehicles: Vec<String> =
        fleet.iter().filter_map(|row| Of { listing: &VEHICLES, row }.text("vehicle").map(str::to_owned)).collect();
    vehicles.sort_unstable();
    for row in &transfers {
        let of = Of { listing: &TRANSFERS, row };
        let vehicle = of.text("trip").and(of.text("vehicle")).map(str::to_owned);
        lanes.entry(vehicle).or_default().push((of.moment("pickup_at"), card(&app, frame, row, &names)));
    }
    // vehicles for which nobody waits can be given somebody
    for vehicle in &vehicles {
        lanes.entry(Some(vehicle.clone())).or_default();
    }
    let lanes = lanes
        .into_iter()
        .map(|(vehicle, mut cards)| {
            cards.sort_by(|a, b| (a.0, &a.1.id).cmp(&(b.0, &b.1.id)));
            let word = match &vehicle {
                Some(vehicle) => frame.w.get("transfers-vehicle-said", &[("vehicle", vehicle.as_str().into())]),
                None => frame.say("lanes-none"),
            };
            let cards: Vec<Card> = cards.into_iter().map(|(_, card)| card).collect();
            Lane { vehicle, word, count: frame.lang.number(cards.len() as u64), cards }
        })
        .collect();
    let travel = last.as_ref().map(|last| travel(&app, frame, last));
    let planned = last.map(|last| {
        let number = |n: i64| frame.lang.number(n.max(0) as u64);
        let saved = number((last.before_min - last.after_min).round() as i64);
        let at = moment(&app, frame.lang, last.at);
        let (changed, waiting) = (number(last.changed), number(last.waiting));
        let told =
            [("at", at.into()), ("changed", changed.into()), ("saved", saved.into()), ("waiting", waiting.into())];
        frame.w.get("lanes-planned", &told)
    });
    let moves = Command::named("transfers", "pin").is_some_and(|command| command.roles.contains(&role));
    let (title, above) = (frame.say("lanes-title"), frame.say("nav-transfers"));
    let frame = visit.frame.titled(title, &[(above, "/transfers")]);
    render(&LanesPage { planned, travel, lanes, vehicles, moves, frame })
}

/// Says aloud whose travel times a plan rests on, and that a router does not answer.
fn travel(app: &App, frame: &Frame, last: &Dispatched) -> String {
    let number = |n: i64| frame.lang.number(n.max(0) as u64);
    let told = [("told", number(last.legs_told).into()), ("legs", number(last.legs).into())];
    let mut says = match last.legs_told {
        0 => frame.say("lanes-travel-model"),
        all if all == last.legs => frame.w.get("lanes-travel-told", &told),
        _ => frame.w.get("lanes-travel-some", &told),
    };
    if let Some(trouble) = app.setup.settings.travel.trouble() {
        let since = moment(app, frame.lang, trouble.since);
        says.push(' ');
        says.push_str(&frame.w.get("lanes-travel-trouble", &[("at", since.into())]));
    }
    says
}

fn card(app: &App, frame: &Frame, row: &Row, names: &BTreeMap<String, String>) -> Card {
    let of = Of { listing: &TRANSFERS, row };
    let id = of.text("id").unwrap_or_default().to_owned();
    let door = of.moment("pickup_at").map(|at| moment(app, frame.lang, at));
    Card {
        path: path(&id),
        person: of.shown("name").or(of.shown("person")).map_or_else(|| frame.say("not-shown"), str::to_owned),
        class: frame.w.given("ride", of.text("class").unwrap_or_default()),
        to: of.text("facility").map(|to| names.get(to).cloned().unwrap_or_else(|| to.to_owned())),
        door: door.map(|at| frame.w.get("lanes-door", &[("at", at.into())])),
        id,
    }
}
