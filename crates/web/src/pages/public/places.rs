//! Is my building in an area, and what was it before? Looked up by the name of a compound, a building or a street; nobody is asked who they are.

use super::{Open, Sent, field_of, frame};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{
    Form, Json,
    extract::{Query, State},
    response::{IntoResponse, Response},
};
use dayclear_core::measures::ZoneLevel;
use dayclear_ops::{alerts::PEOPLE_MIN, public};
use dayclear_store::public::PublicArea;
use serde_json::{Value, json};
use std::sync::Arc;

/// Days back from today where a program names none.
const HISTORY_TOLD_D: i64 = 14;

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

/// An area that has ended.
struct Past {
    name: String,
    place: String,
    level: String,
    from: String,
    until: String,
    how: String,
    rule: String,
}

#[derive(Template)]
#[template(path = "public/areas.html")]
struct AreasPage {
    open: Open,
    asked: String,
    /// What was found; `None`: nothing was asked yet.
    found: Option<Vec<Found>>,
    /// What was here and has ended.
    past: Vec<Past>,
    short: bool,
}

/// `GET /public/areas`.
pub async fn blank(open: Open) -> Result<Response, Problem> {
    let page = AreasPage {
        open: open.titled("public-areas"),
        asked: String::new(),
        found: None,
        past: Vec::new(),
        short: false,
    };
    frame::render(&page)
}

/// `POST /public/areas`.
pub async fn look(State(app): State<Arc<App>>, open: Open, Form(sent): Sent) -> Result<Response, Problem> {
    let asked: String = field_of(&sent, "place").chars().take(40).collect();
    if asked.chars().count() < 2 {
        let page = AreasPage { open: open.titled("public-areas"), asked, found: None, past: Vec::new(), short: true };
        return frame::render(&page);
    }
    let mut tx = app.store().look(&app.own_scope()).await?;
    // somebody writes compound and building in one; each part is a place of its own, and all must fit
    let mut parts = asked.split_whitespace();
    let place = parts.next().unwrap_or_default();
    let mut areas = public::areas(&mut tx, place).await?;
    let mut past = public::past_areas(&mut tx, place, app.zone().day(app.now())).await?;
    drop(tx);
    let rest: Vec<&str> = parts.collect();
    let fits = |area: &PublicArea| {
        let unit = area.unit.as_deref().unwrap_or_default();
        let whole =
            format!("{} {} {} {unit}", area.division_name, area.compound.as_deref().unwrap_or_default(), area.building);
        rest.iter().all(|part| whole.contains(part))
    };
    areas.retain(fits);
    past.retain(fits);
    let name = |area: &PublicArea| {
        let unit = area.unit.as_ref().map(|unit| open.w.get("area-unit", &[("unit", unit.as_str().into())]));
        let name = [area.compound.clone(), Some(area.building.clone()), unit];
        name.into_iter().flatten().collect::<Vec<_>>().join(" ")
    };
    let found = areas
        .iter()
        .map(|area| Found {
            id: area.id.clone(),
            division: area.division.to_string(),
            level: open.w.term(area.level),
            high: area.level == ZoneLevel::High && !area.suspended,
            name: name(area),
            place: app.place_name(area.division.as_str(), open.lang),
            asked: open.say(if area.suspended { "public-area-suspended" } else { "public-area-do" }),
            ends: open.w.get("public-area-ends", &[("day", open.lang.date(area.ends_on).into())]),
        })
        .collect();
    let past = past
        .iter()
        .map(|area| Past {
            name: name(area),
            place: app.place_name(area.division.as_str(), open.lang),
            level: open.w.term(area.level),
            from: open.lang.date(area.opened_on),
            until: area.released_on.map(|day| open.lang.date(day)).unwrap_or_default(),
            how: area.ended.map_or_else(|| open.say("not-known"), |how| open.w.term(how)),
            rule: public::rule_of(area).map(|pack| open.w.pack(&pack)).unwrap_or_default(),
        })
        .collect();
    frame::render(&AreasPage { open: open.titled("public-areas"), asked, found: Some(found), past, short: false })
}

/// `GET /public/areas.json`: what is, and what was in the last days, an area, for programs. An area of few people is named by its community
/// alone, and their number is not told; of an exercise there are none.
pub async fn history(
    State(app): State<Arc<App>>,
    open: Open,
    Query(given): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let today = app.zone().day(app.now());
    let since = given.iter().find(|(name, _)| name == "since").map(|(_, day)| day.parse());
    let since = since.transpose().map_err(|_| Problem::unknown())?.unwrap_or(today.plus_days(-HISTORY_TOLD_D));
    let mut tx = app.store().look(&app.own_scope()).await?;
    let areas = match open.exercise {
        true => Vec::new(),
        false => public::area_history(&mut tx, since, today).await?,
    };
    drop(tx);
    let areas: Vec<Value> = areas
        .iter()
        .map(|area| {
            let named = area.people >= PEOPLE_MIN;
            json!({
                "division": area.division, "compound": area.compound.as_ref().filter(|_| named),
                "building": Some(&area.building).filter(|_| named), "unit": area.unit.as_ref().filter(|_| named),
                "people": Some(area.people).filter(|_| named), "level": area.level, "opened_on": area.opened_on,
                "ends_on": area.ends_on, "suspended": area.suspended, "released_on": area.released_on,
                "ended": area.ended, "rule": public::rule_of(area),
            })
        })
        .collect();
    Ok(Json(json!({"since": since, "areas": areas})).into_response())
}
