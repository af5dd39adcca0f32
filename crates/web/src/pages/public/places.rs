//! Is my building in an area? Looked up by the name of a compound, a building or a street; nobody is asked who they are.

use super::{Open, Sent, field_of, frame};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{Form, extract::State, response::Response};
use dayclear_core::measures::ZoneLevel;
use dayclear_ops::public;
use std::sync::Arc;

struct Found {
    id: String,
    division: String,
    level: String,
    high: bool,
    name: String,
    place: String,
    /// What is asked of whoever lives there, or that nothing is until an appeal is decided.
    asked: String,
    ends: String,
}

#[derive(Template)]
#[template(path = "public/areas.html")]
struct AreasPage {
    open: Open,
    asked: String,
    /// What was found; `None`: nothing was asked yet.
    found: Option<Vec<Found>>,
    short: bool,
}

/// `GET /public/areas`.
pub async fn blank(open: Open) -> Result<Response, Problem> {
    let page = AreasPage { open: open.titled("public-areas"), asked: String::new(), found: None, short: false };
    frame::render(&page)
}

/// `POST /public/areas`.
pub async fn look(State(app): State<Arc<App>>, open: Open, Form(sent): Sent) -> Result<Response, Problem> {
    let asked: String = field_of(&sent, "place").chars().take(40).collect();
    if asked.chars().count() < 2 {
        let page = AreasPage { open: open.titled("public-areas"), asked, found: None, short: true };
        return frame::render(&page);
    }
    let mut tx = app.store().look(&app.own_scope()).await?;
    // somebody writes compound and building in one; each part is a place of its own, and all must fit
    let mut parts = asked.split_whitespace();
    let mut areas = public::areas(&mut tx, parts.next().unwrap_or_default()).await?;
    drop(tx);
    let rest: Vec<&str> = parts.collect();
    areas.retain(|area| {
        let unit = area.unit.as_deref().unwrap_or_default();
        let whole =
            format!("{} {} {} {unit}", area.division_name, area.compound.as_deref().unwrap_or_default(), area.building);
        rest.iter().all(|part| whole.contains(part))
    });
    let found = areas
        .iter()
        .map(|area| {
            let unit = area.unit.as_ref().map(|unit| open.w.get("area-unit", &[("unit", unit.as_str().into())]));
            let name = [area.compound.clone(), Some(area.building.clone()), unit];
            Found {
                id: area.id.clone(),
                division: area.division.to_string(),
                level: open.w.term(area.level),
                high: area.level == ZoneLevel::High && !area.suspended,
                name: name.into_iter().flatten().collect::<Vec<_>>().join(" "),
                place: app.place_name(area.division.as_str(), open.lang),
                asked: open.say(if area.suspended { "public-area-suspended" } else { "public-area-do" }),
                ends: open.w.get("public-area-ends", &[("day", open.lang.date(area.ends_on).into())]),
            }
        })
        .collect();
    frame::render(&AreasPage { open: open.titled("public-areas"), asked, found: Some(found), short: false })
}
