//! Places where somebody may have been infected: place and time, and nothing of anybody; as a page, a feed and data. What is told of here
//! is told for fourteen days, and nobody is bound by having been there. Of an exercise there are none: nobody is to be sent to be tested.

use super::{Open, clock, frame};
use crate::{
    app::App,
    problem::Problem,
    warnings::{ATOM_MEDIA, address, answer, sender, trouble},
};
use askama::Template;
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use dayclear_core::exposures::SHOWN_DAYS;
use dayclear_exchange::cap::{self, Entry};
use dayclear_store::exposures::ToldSite;
use serde_json::json;
use std::sync::Arc;

/// Places of the list at most.
const SITES_MAX: i64 = 500;

struct Line {
    place: String,
    district: String,
    from: String,
    until: String,
}

#[derive(Template)]
#[template(path = "public/exposures.html")]
struct ExposuresPage {
    open: Open,
    lines: Vec<Line>,
    said: String,
}

async fn told(app: &App) -> Result<Vec<ToldSite>, Problem> {
    if app.setup.exercise {
        return Ok(Vec::new());
    }
    let mut tx = app.store().look(&app.own_scope()).await?;
    Ok(tx.sites_told(app.zone().day(app.now()), SITES_MAX).await?)
}

/// `GET /public/exposures`.
pub async fn page(State(app): State<Arc<App>>, open: Open) -> Result<Response, Problem> {
    let sites = told(&app).await?;
    let lines = sites.into_iter().map(|site| Line {
        district: app.place_name(site.division.as_str(), open.lang),
        from: clock(&app, open.lang, site.from),
        until: clock(&app, open.lang, site.until),
        place: site.place,
    });
    let lines = lines.collect();
    let said = open.w.get("public-exposures-said", &[("days", SHOWN_DAYS.to_string().into())]);
    frame::render(&ExposuresPage { open: open.titled("public-exposures"), lines, said })
}

/// `GET /public/exposures.json`: the same for machines; the fields stay as they are.
pub async fn data(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let sites = told(&app).await?;
    let zone = app.zone();
    let site = |site: &ToldSite| {
        json!({"id": site.id, "district": site.division, "place": site.place, "from": zone.text(site.from),
            "until": zone.text(site.until)})
    };
    let sites: Vec<_> = sites.iter().map(site).collect();
    let body = json!({"as_of": zone.text(app.now()), "shown_days": SHOWN_DAYS, "sites": sites});
    Ok(Json(body).into_response())
}

/// `GET /public/exposures.atom`: the same for readers of feeds. What is told of no more is in it no more.
pub async fn feed(State(app): State<Arc<App>>, open: Open) -> Result<Response, Problem> {
    let sites = told(&app).await?;
    let origin = sender(&app).replace('-', ":");
    let page = address(&app, &["public", "exposures"]);
    let entry = |site: &ToldSite| {
        let times = format!("{} - {}", clock(&app, open.lang, site.from), clock(&app, open.lang, site.until));
        Entry {
            id: format!("urn:{origin}:exposures:{}", site.id),
            title: format!("{} ({})", site.place, app.place_name(site.division.as_str(), open.lang)),
            summary: format!("{times}. {}", open.say("public-exposures-do")),
            updated: site.listed,
            href: page.clone(),
        }
    };
    let entries: Vec<Entry> = sites.iter().map(entry).collect();
    let updated = entries.iter().map(|entry| entry.updated).max().unwrap_or_else(|| app.now());
    let author = app.place_name(app.setup.city.as_str(), open.lang);
    let own = address(&app, &["public", "exposures.atom"]);
    let (title, id) = (open.say("public-exposures"), format!("urn:{origin}:exposures"));
    let text = cap::feed(&title, &id, &own, &author, updated, &entries, app.zone()).map_err(trouble)?;
    Ok(answer(ATOM_MEDIA, text))
}
