//! Sheets of households to print for a place and a round: the doors of the round in walking order, with names as the duty may see
//! them. Whoever prints them has read them, and that is noted as for the list of doors.

use super::{open_to, places, rounds};
use crate::{
    app::App,
    pages::{
        frame::{Frame, Visit, render},
        reading::Reading,
    },
    problem::Problem,
};
use askama::Template;
use axum::{
    extract::{Query as Parameters, State},
    response::Response,
};
use dayclear_core::listing::{DOORS, Query, ROWS_MAX, Row};
use dayclear_papers::sheets::{blocks, households_of};
use std::sync::Arc;

/// Most people on the sheets of one page: a large building, or a street of small ones.
const PEOPLE_MAX: usize = 1_000;

struct Choice {
    value: String,
    word: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "site-sheets.html")]
struct SheetsPage {
    frame: Frame,
    rounds: Vec<Choice>,
    places: Vec<Choice>,
    building: String,
    /// The sheets, and how many households they are for.
    printed: Option<(String, String)>,
    more: bool,
}

/// `?round=R&division=CODE` or `?round=R&building=ID`; without them the form that asks for them.
pub async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Parameters(given): Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    open_to(visit.caller.looker.duty.role)?;
    let text = |name: &str| given.iter().find(|(n, _)| n == name).map_or("", |(_, value)| value.trim());
    let own = visit.caller.looker.duty.division.to_string();
    let running = rounds(&app, &own).await?;
    // nobody prints a whole district by opening a page: a place is named, too
    let placed = !(text("building").is_empty() && text("division").is_empty());
    let chosen = running.iter().find(|round| placed && round.plan.round == text("round"));
    let (mut households, mut more) = (Vec::new(), false);
    if let Some(round) = chosen {
        let place = match text("building") {
            "" => ("division", text("division")),
            building => ("building_id", building),
        };
        let rows;
        (rows, more) = doors(&app, &visit, &round.plan.round, place).await?;
        households = households_of(visit.frame.lang, &rows);
    }
    let frame = visit.frame;
    let printed = match chosen {
        Some(round) => {
            let count = frame.w.get("site-sheets-count", &[("count", households.len().into())]);
            Some((blocks(frame.lang, &round.name, &households).map_err(Problem::inside)?, count))
        }
        None => None,
    };
    let choice =
        |value: &str, word: String, name: &str| Choice { chosen: text(name) == value, value: value.to_owned(), word };
    let title = frame.say("site-sheets");
    let steps = [(frame.say("nav-site"), "/site")];
    let page = SheetsPage {
        rounds: running.iter().map(|r| choice(&r.plan.round, r.name.clone(), "round")).collect(),
        places: places(&app, &own, frame.lang)
            .into_iter()
            .map(|(code, name)| choice(&code, name, "division"))
            .collect(),
        building: text("building").to_owned(),
        printed,
        more,
        frame: frame.titled(title, &steps),
    };
    render(&page)
}

/// The doors of a round in a place, and whether there are more than fit.
async fn doors(app: &App, visit: &Visit, round: &str, place: (&str, &str)) -> Result<(Vec<Row>, bool), Problem> {
    let mut reading = Reading::begin(app, visit).await?;
    let mut query = Query::read(&DOORS, [("round", round), place], app.zone())?;
    query.limit = ROWS_MAX;
    let (mut rows, mut more) = (Vec::new(), false);
    loop {
        let page = reading.page(&DOORS, &query).await?.ok_or_else(Problem::unknown)?;
        rows.extend(page.rows);
        let Some(next) = page.next else { break };
        if rows.len() + ROWS_MAX > PEOPLE_MAX {
            more = true;
            break;
        }
        query.after = Query::read(&DOORS, [("after", next.as_str())], app.zone())?.after;
    }
    reading.finish().await?;
    Ok((rows, more))
}
