//! Published bulletins at permanent addresses. An edition never changes; one that was corrected says so and leads to the
//! one that supersedes it.

use super::{Open, clock, frame};
use crate::{app::App, fonts, problem::Problem};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
};
use dayclear_core::{bulletin::Bulletin, time::CivilDate};
use dayclear_ops::public;
use dayclear_papers::{
    Document, Lang, bulletin_csv, bulletin_dhis2, bulletin_document, bulletin_html, bulletin_json, bulletin_package,
    docx,
    files::{Edition, PackedFile},
    pdf,
};
use dayclear_store::events::hex;
use sha2::{Digest, Sha256};
use std::{path::Path as FilePath, sync::Arc};

/// Editions of the list at most.
const EDITIONS_MAX: i64 = 60;
/// The printed page brings its own style and nothing else.
const PAPER_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct Line {
    day: String,
    path: String,
    edition: String,
    correction: Option<String>,
}

#[derive(Template)]
#[template(path = "public/bulletins.html")]
struct AllPage {
    open: Open,
    lines: Vec<Line>,
}

/// `GET /public/bulletins`: the latest edition of each day.
pub async fn all(State(app): State<Arc<App>>, open: Open) -> Result<Response, Problem> {
    let mut tx = app.store().look(&app.own_scope()).await?;
    let mut editions = public::bulletins(&mut tx, EDITIONS_MAX).await?;
    drop(tx);
    // the latest edition of a day comes first
    editions.dedup_by_key(|edition| edition.0);
    let lines = editions
        .into_iter()
        .map(|(day, edition, _, correction, _)| Line {
            day: open.lang.date(day),
            path: format!("/public/bulletins/{day}/{edition}"),
            edition: open.w.get("public-edition", &[("n", edition.to_string().into())]),
            correction,
        })
        .collect();
    frame::render(&AllPage { open: open.titled("public-bulletins"), lines })
}

/// `GET /public/bulletins/DAY`: leads to the latest edition.
pub async fn latest(State(app): State<Arc<App>>, Path(day): Path<String>) -> Result<Response, Problem> {
    let day: CivilDate = day.parse().map_err(|_| Problem::unknown())?;
    let mut tx = app.store().look(&app.own_scope()).await?;
    let (day, edition, ..) = public::bulletin(&mut tx, day, None).await?.ok_or_else(Problem::unknown)?;
    Ok(Redirect::to(&format!("/public/bulletins/{day}/{edition}")).into_response())
}

/// A district's line.
struct Unit {
    name: String,
    confirmed: String,
    asymptomatic: String,
}

#[derive(Template)]
#[template(path = "public/bulletin.html")]
struct OnePage {
    open: Open,
    published: String,
    correction: Option<String>,
    superseded: Option<String>,
    figures: Vec<(String, String, bool)>,
    units: Vec<Unit>,
    paper: String,
    /// Files that are printed and written on: name and path.
    papers: Vec<(String, String)>,
    /// Files for machines: name and path.
    files: Vec<(String, String)>,
}

fn named(day: &str, edition: &str) -> Result<(CivilDate, i64), Problem> {
    let edition: i64 = edition.parse().map_err(|_| Problem::unknown())?;
    if edition < 1 {
        return Err(Problem::unknown());
    }
    Ok((day.parse().map_err(|_| Problem::unknown())?, edition))
}

/// `GET /public/bulletins/DAY/EDITION`.
pub async fn one(
    State(app): State<Arc<App>>,
    open: Open,
    Path((day, edition)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (day, edition) = named(&day, &edition)?;
    let mut tx = app.store().look(&app.own_scope()).await?;
    let found = public::bulletin(&mut tx, day, Some(edition)).await?.ok_or_else(Problem::unknown)?;
    let latest = public::bulletin(&mut tx, day, None).await?.map_or(edition, |(_, latest, ..)| latest);
    drop(tx);
    let (_, _, published_at, correction, body) = found;
    let bulletin: Bulletin = serde_json::from_str(&body).map_err(Problem::inside)?;
    let (w, lang) = (open.w, open.lang);
    let figures = [
        ("public-confirmed", bulletin.confirmed),
        ("public-asymptomatic", bulletin.asymptomatic),
        ("public-converted", bulletin.converted),
        ("public-community", bulletin.community),
        ("public-in-care", bulletin.in_care),
        ("public-severe", bulletin.severe),
        ("public-critical", bulletin.critical),
        ("public-recovered", bulletin.recovered),
        ("public-died", bulletin.died),
    ];
    let figures = figures.map(|(key, figure)| (w.say(key), w.count(figure), figure.is_some())).to_vec();
    let units = bulletin
        .units
        .iter()
        .map(|unit| Unit {
            name: app.place_name(unit.code.as_str(), lang),
            confirmed: w.count(unit.confirmed),
            asymptomatic: w.count(unit.asymptomatic),
        })
        .collect();
    let title = w.get("public-bulletin-of", &[("day", lang.date(day).into()), ("n", edition.to_string().into())]);
    let page = OnePage {
        published: w.get("public-published", &[("at", clock(&app, lang, published_at).into())]),
        correction,
        superseded: (latest > edition).then(|| format!("/public/bulletins/{day}/{latest}")),
        figures,
        units,
        paper: format!("/public/bulletins/{day}/{edition}/paper"),
        papers: Kind::ALL
            .iter()
            .map(|kind| format!("bulletin.{}.{}", lang.tag(), kind.ending()))
            .map(|name| (name.clone(), format!("/public/bulletins/{day}/{edition}/{name}")))
            .collect(),
        files: files(&app, &bulletin)?
            .into_iter()
            .map(|(name, ..)| name)
            .chain([PACKAGE.to_owned()])
            .map(|name| (name.clone(), format!("/public/bulletins/{day}/{edition}/{name}")))
            .collect(),
        open: Open { title, ..open },
    };
    frame::render(&page)
}

/// `GET /public/bulletins/DAY/EDITION/paper`: the edition as it is printed.
pub async fn paper(
    State(app): State<Arc<App>>,
    open: Open,
    Path((day, edition)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let (day, edition) = named(&day, &edition)?;
    let mut tx = app.store().look(&app.own_scope()).await?;
    let (.., body) = public::bulletin(&mut tx, day, Some(edition)).await?.ok_or_else(Problem::unknown)?;
    drop(tx);
    let bulletin: Bulletin = serde_json::from_str(&body).map_err(Problem::inside)?;
    let html = bulletin_html(&bulletin, open.lang).map_err(Problem::inside)?;
    Ok(([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(PAPER_POLICY))], Html(html)).into_response())
}

/// The file of the description.
const PACKAGE: &str = "datapackage.json";
/// The figures as they are kept.
const JSON: &str = "bulletin.json";

/// The files of an edition that machines read: name, language of its labels, text.
fn files(app: &App, bulletin: &Bulletin) -> Result<Vec<(String, Option<Lang>, String)>, Problem> {
    let mut files = vec![(JSON.to_owned(), None, bulletin_json(bulletin).map_err(Problem::inside)?)];
    let dhis2 = bulletin_dhis2(bulletin, app.setup.city.as_str()).map_err(Problem::inside)?;
    files.push(("dhis2.json".to_owned(), None, dhis2));
    let csv = |lang: &Lang| (format!("bulletin.{}.csv", lang.tag()), Some(*lang), bulletin_csv(bulletin, *lang));
    files.extend(Lang::ALL.iter().map(csv));
    Ok(files)
}

/// A file that people print or write on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Set pages.
    Pdf,
    /// For a word processor.
    Docx,
}

impl Kind {
    /// Both.
    pub const ALL: [Kind; 2] = [Kind::Pdf, Kind::Docx];

    /// How the names of such files end.
    pub fn ending(self) -> &'static str {
        match self {
            Kind::Pdf => "pdf",
            Kind::Docx => "docx",
        }
    }

    fn media(self) -> &'static str {
        match self {
            Kind::Pdf => "application/pdf",
            Kind::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        }
    }

    /// The kind and the language of a file such as `bulletin.zh-Hans.pdf`.
    pub fn named(name: &str) -> Option<(Kind, Lang)> {
        let rest = name.strip_prefix("bulletin.")?;
        let kind = Kind::ALL.into_iter().find(|kind| rest.ends_with(kind.ending()))?;
        Some((kind, rest.strip_suffix(kind.ending())?.strip_suffix('.')?.parse().ok()?))
    }
}

/// An edition as a file that people print or write on.
pub async fn printed(app: &App, bulletin: &Bulletin, kind: Kind, lang: Lang, name: &str) -> Result<Response, Problem> {
    set(app, bulletin_document(bulletin, lang), kind, &format!("{}-{name}", bulletin.date)).await
}

/// A paper as a file of this name. Setting takes the processor for a while, so it is done beside the others.
pub async fn set(app: &App, document: Document, kind: Kind, name: &str) -> Result<Response, Problem> {
    let fonts = app.config.general.fonts.clone();
    let made = tokio::task::spawn_blocking(move || match kind {
        Kind::Docx => docx(&document).map_err(Problem::inside),
        Kind::Pdf => {
            let files = fonts::find(fonts.as_deref().map(FilePath::new)).map_err(no_font)?;
            pdf(&document, &files).map_err(no_font)
        }
    });
    let bytes = made.await.map_err(Problem::inside)??;
    let named = HeaderValue::from_str(&format!("inline; filename=\"{name}\"")).map_err(Problem::inside)?;
    let kind = HeaderValue::from_static(kind.media());
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named)], bytes).into_response())
}

/// What is said where pages cannot be set. The reason names files of this machine: `dayclear bulletin --format pdf` tells it.
fn no_font<E>(_error: E) -> Problem {
    tracing::warn!("papers cannot be set: no font with Chinese characters was found (setting `fonts`)");
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "no-font",
        "pages cannot be set here",
        "this server has no font with Chinese characters; take the page or the DOCX file, or have one installed (setting `fonts`)",
    )
}

/// `GET /public/bulletins/DAY/EDITION/FILE`: the edition for machines, the description of its files, and what is printed.
pub async fn file(
    State(app): State<Arc<App>>,
    Path((day, edition, name)): Path<(String, String, String)>,
) -> Result<Response, Problem> {
    let (day, edition) = named(&day, &edition)?;
    let mut tx = app.store().look(&app.own_scope()).await?;
    let found = public::bulletin(&mut tx, day, Some(edition)).await?.ok_or_else(Problem::unknown)?;
    drop(tx);
    let (_, number, published_at, correction, body) = found;
    let bulletin: Bulletin = serde_json::from_str(&body).map_err(Problem::inside)?;
    if let Some((kind, lang)) = Kind::named(&name) {
        return printed(&app, &bulletin, kind, lang, &name).await;
    }
    let files = files(&app, &bulletin)?;
    let text = match files.iter().find(|(file, ..)| *file == name) {
        Some((.., text)) => text.clone(),
        None if name == PACKAGE => {
            let packed = |(name, lang, text): &(String, Option<Lang>, String)| PackedFile {
                name: name.clone(),
                lang: *lang,
                bytes: text.len(),
                sha256: hex(&Sha256::digest(text.as_bytes())),
                rows: lang.map(|_| text.lines().count() - 1),
            };
            let published_at = app.zone().text(published_at);
            let edition = Edition { number, published_at: &published_at, correction: correction.as_deref() };
            let packed: Vec<PackedFile> = files.iter().map(packed).collect();
            bulletin_package(&bulletin, edition, &packed).map_err(Problem::inside)?
        }
        None => return Err(Problem::unknown()),
    };
    let kind = if name.ends_with(".csv") { "text/csv; charset=utf-8" } else { "application/json" };
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}
