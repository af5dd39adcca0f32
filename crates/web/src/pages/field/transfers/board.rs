//! The board: a column for each state, in each the earliest deadline first.

use super::{BOARD, Planned, Road, Sign, names, needs, path, planned, road, sign};
use crate::{
    app::App,
    pages::{
        field::rows::{self, Of},
        frame::{Frame, Visit, render},
        show::{self, Shown},
    },
    problem::Problem,
};
use askama::Template;
use axum::response::Response;
use dayclear_core::{
    listing::{Row, TRANSFERS, VEHICLES},
    time::Instant,
    transfer::{RideClass, Turn},
};
use dayclear_store::transfer::Short;
use std::collections::BTreeMap;

/// Cards of a column at most; the list has the rest.
const CARDS_MAX: usize = 40;
/// Rows of a state that are read to find the most urgent, at most.
const ROWS: &str = "120";

struct Card {
    id: String,
    path: String,
    person: String,
    masked: bool,
    class: String,
    needs: Vec<String>,
    clock: Option<Shown>,
    to: Option<String>,
    bed: Option<String>,
    ride: Option<String>,
    planned: Option<Planned>,
    sign: Option<Sign>,
    done: Option<String>,
    /// Where beds are short: when they are given one.
    turn: Option<String>,
}

impl Card {
    fn overdue(&self) -> bool {
        self.clock.as_ref().is_some_and(|clock| clock.tone == "overdue")
    }
}

struct Column {
    name: &'static str,
    word: String,
    count: String,
    cards: Vec<Card>,
    /// The list with all of them, where there are more than cards.
    more: Option<String>,
    empty: String,
}

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    frame: Frame,
    columns: Vec<Column>,
    facilities: Vec<(String, String, bool)>,
    classes: Vec<(String, String, bool)>,
    vehicle: String,
    filtered: bool,
    overdue: u64,
    /// More people than beds: who waits, in which order.
    short: Vec<String>,
    /// Whether this duty sees the vehicles, and demand beside capacity.
    lanes: bool,
    capacity: bool,
}

fn card(
    app: &App,
    visit: &Visit,
    row: &Row,
    due: &BTreeMap<String, Instant>,
    names: &BTreeMap<String, String>,
    road: &Road,
) -> Card {
    let (frame, of) = (&visit.frame, Of { listing: &TRANSFERS, row });
    let id = of.text("id").unwrap_or_default().to_owned();
    let live = matches!(of.text("state"), Some("requested" | "booked" | "underway"));
    let deadline = due.get(&id).or_else(|| due.get(of.text("subject").unwrap_or_default()));
    let to = match of.text("class") == Some(RideClass::Home.name()) {
        true => Some(frame.say("transfers-home")),
        false => of.text("facility").map(|to| names.get(to).cloned().unwrap_or_else(|| to.to_owned())),
    };
    let ride = match (of.text("vehicle"), of.text("trip")) {
        (Some(vehicle), Some(_)) => Some(frame.w.get("transfers-vehicle-said", &[("vehicle", vehicle.into())])),
        _ => None,
    };
    let clock = |at: Instant| crate::pages::frame::moment(app, frame.lang, at);
    // whoever was refused or cancelled may have been on the way before: what counts is how it ended
    let done = match of.text("state") {
        Some(state @ ("refused" | "cancelled")) => {
            let word = frame.w.given("transfer", state);
            Some(of.moment("ended_at").map_or_else(|| word.clone(), |at| format!("{word} {}", clock(at))))
        }
        _ => of.moment("admitted_at").map(|at| frame.w.get("transfers-admitted-said", &[("at", clock(at).into())])),
    };
    Card {
        path: path(&id),
        person: of.shown("name").or(of.shown("person")).map_or_else(|| frame.say("not-shown"), str::to_owned),
        masked: of.text("name").is_none(),
        class: frame.w.given("ride", of.text("class").unwrap_or_default()),
        needs: needs(visit, of),
        clock: deadline.filter(|_| live).map(|due| show::clock(app, frame, *due, None)),
        to,
        bed: of.text("bed").map(str::to_owned),
        ride,
        planned: planned(app, visit, of),
        sign: sign(app, visit, of, road),
        done,
        turn: turn(of).map(|turn| frame.w.get("transfers-turn-said", &[("turn", frame.w.term(turn).into())])),
        id,
    }
}

/// Of whoever waits for a bed that is not there, when they are given one.
fn turn(of: Of<'_>) -> Option<Turn> {
    let dayclear_core::listing::Cell::Data(reason) = of.cell("reason") else { return None };
    let waits = of.text("state") == Some("requested") && of.text("bed").is_none();
    reason["turn"].as_str().filter(|_| waits)?.parse().ok()
}

/// More people than beds, in a sentence for each class: how many, in which order, and since when the first of them waits.
fn short(app: &App, frame: &Frame, waits: &[Short]) -> Vec<String> {
    let of_class = |class: RideClass| {
        let waits: Vec<&Short> = waits.iter().filter(|one| one.class == class).collect();
        let since = waits.iter().map(|one| one.since).min()?;
        let people: i64 = waits.iter().map(|one| one.people).sum();
        let order = Turn::ALL.iter().filter_map(|turn| {
            let n: i64 = waits.iter().filter(|one| one.turn == *turn).map(|one| one.people).sum();
            (n > 0).then(|| format!("{} ({})", frame.w.term(*turn), frame.lang.number(n.unsigned_abs())))
        });
        let order: Vec<String> = order.collect();
        let since = crate::pages::frame::moment(app, frame.lang, since);
        Some(frame.w.get(
            "transfers-short-said",
            &[
                ("count", people.unsigned_abs().into()),
                ("class", frame.w.term(class).into()),
                ("order", order.join(" → ").into()),
                ("since", since.into()),
            ],
        ))
    };
    RideClass::ALL.iter().filter_map(|class| of_class(*class)).collect()
}

/// The board.
pub async fn page(app: &App, visit: Visit, given: &[(String, String)]) -> Result<Response, Problem> {
    let chosen = |name: &str| given.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.as_str());
    let filters: Vec<(&str, &str)> =
        BOARD[1..].iter().map(|name| (*name, chosen(name))).filter(|(_, value)| !value.is_empty()).collect();
    let today = app.zone().day(app.now());
    let (start, yesterday) = (app.zone().start_of(today), today.plus_days(-1).to_string());
    let mut tx = rows::look(app, &visit).await?;
    let names = names(&mut tx).await?;
    let road = road(&mut tx).await?;
    let mut live = filters.clone();
    live.push(("state", "requested,booked,underway"));
    let counts = tx.tally(&TRANSFERS, &live, &["state"]).await?;
    let count = |states: &[&str]| -> u64 {
        let of = counts
            .iter()
            .filter(|(cells, _)| cells.first().and_then(|c| c.as_str()).is_some_and(|s| states.contains(&s)));
        of.map(|(_, n)| n).sum()
    };
    let frame = &visit.frame;
    let mut columns = Vec::new();
    for (name, key, states) in [
        ("requested", "transfer-requested", "requested"),
        ("booked", "transfer-booked", "booked"),
        ("underway", "transfer-underway", "underway"),
        ("admitted", "transfers-admitted-today", "admitted"),
        ("ended", "transfers-ended", "refused,cancelled"),
    ] {
        let live = matches!(name, "requested" | "booked" | "underway");
        let mut tests = filters.clone();
        tests.extend([("state", states), ("limit", ROWS)]);
        if !live {
            tests.push(("requested_at.from", yesterday.as_str()));
        }
        let (mut found, _) = tx.unseen(&TRANSFERS, &tests).await?;
        let moment = |row: &Row, name: &str| Of { listing: &TRANSFERS, row }.moment(name);
        match name {
            "admitted" => found.retain(|row| moment(row, "admitted_at").is_some_and(|at| at >= start)),
            "ended" => found.retain(|row| moment(row, "ended_at").is_none_or(|at| at >= start)),
            _ => {}
        }
        let mut subjects: Vec<&str> = Vec::new();
        for row in found.iter().filter(|_| live) {
            let of = Of { listing: &TRANSFERS, row };
            subjects.extend([of.text("id"), of.text("subject")].into_iter().flatten());
        }
        let due: BTreeMap<String, Instant> = tx.transfers_due(&subjects).await?.into_iter().collect();
        let deadline = |row: &Row| {
            let of = Of { listing: &TRANSFERS, row };
            let known = of.text("id").and_then(|id| due.get(id)).or_else(|| due.get(of.text("subject")?));
            known.copied().unwrap_or(Instant::from_micros(i64::MAX))
        };
        match live {
            // where beds are short, in the order in which they are given
            true => found.sort_by_key(|row| {
                let turn = turn(Of { listing: &TRANSFERS, row });
                (turn.is_none(), turn, deadline(row), moment(row, "requested_at"))
            }),
            false => found.sort_by_key(|row| std::cmp::Reverse(moment(row, "admitted_at").or(moment(row, "ended_at")))),
        }
        let all = if live { count(&[states]) } else { found.len() as u64 };
        found.truncate(CARDS_MAX);
        tx.shown(&TRANSFERS, &found);
        let cards: Vec<Card> = found.iter().map(|row| card(app, &visit, row, &due, &names, &road)).collect();
        let more = (all > cards.len() as u64).then(|| format!("/transfers?sort=requested&state={states}"));
        columns.push(Column {
            name,
            word: frame.say(key),
            count: frame.lang.number(all),
            cards,
            more,
            empty: frame.say("transfers-none"),
        });
    }
    let capacity = super::capacity::is_for(visit.caller.looker.duty.role);
    let waits = if capacity { tx.short_of_beds().await? } else { Vec::new() };
    tx.finish().await?;
    let overdue = columns.iter().flat_map(|column| &column.cards).filter(|card| card.overdue()).count() as u64;
    let title = frame.say("nav-transfers");
    let page = BoardPage {
        facilities: names.iter().map(|(id, name)| (id.clone(), name.clone(), id == chosen("facility"))).collect(),
        classes: RideClass::ALL
            .iter()
            .map(|class| (class.name().to_owned(), frame.w.term(*class), class.name() == chosen("class")))
            .collect(),
        vehicle: chosen("vehicle").to_owned(),
        filtered: !filters.is_empty(),
        columns,
        short: short(app, &visit.frame, &waits),
        overdue,
        lanes: VEHICLES.readable_by(visit.caller.looker.duty.role),
        capacity,
        frame: visit.frame.titled(title, &[]),
    };
    render(&page)
}
