//! Who may have infected whom: cases that a duty sees, with the exposures that were declared between them and the
//! households they share. An exposure makes the case that was known earlier a possible source and proves nothing; where
//! there are several, there are several.

use super::tree::{self, Tree};
use crate::{
    app::App,
    pages::{
        field::rows::{self, Of},
        frame::{Frame, Visit, render},
        show,
    },
    problem::Problem,
};
use askama::Template;
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use dayclear_core::{
    access::{Class, Sight},
    listing::{CASES, CONTACTS, Row},
};
use dayclear_engines::tracing::{Case, Chains, chains};
use dayclear_ops::chains::links;
use serde_json::json;
use std::sync::Arc;

/// Pages of cases that are read at most: 2,000 cases.
const PAGES_MAX: usize = 4;

/// Cases, and what links them.
pub(super) struct Web {
    /// Rows of the cases as they are shown.
    pub rows: Vec<Row>,
    /// Cases for the engine.
    pub cases: Vec<Case>,
    /// The chains.
    pub chains: Chains,
    /// Whether there are more cases than were read.
    pub more: bool,
}

async fn web(app: &App, visit: &Visit) -> Result<Web, Problem> {
    let role = visit.caller.looker.duty.role;
    if !CONTACTS.readable_by(role) || !CASES.readable_by(role) {
        return Err(Problem::unknown());
    }
    let mut tx = rows::look(app, visit).await?;
    let (mut found, mut after, mut more) = (Vec::new(), String::new(), false);
    for _ in 0..PAGES_MAX {
        let tests = [("open", "true"), ("limit", "500"), ("after", after.as_str())];
        let (rows, next) = tx.unseen(&CASES, &tests).await?;
        found.extend(rows);
        more = next.is_some();
        match next {
            Some(next) => after = next,
            None => break,
        }
    }
    let ids: Vec<&str> = found.iter().filter_map(|row| Of { listing: &CASES, row }.text("id")).collect();
    let mut exposures = tx.exposures_of(&ids).await?;
    let mut households = tx.households_of_cases(&ids).await?;
    // where people met, and who lives with whom, is told to those who may see such fields
    let plain = |class| visit.caller.looker.shown(class, None) == Sight::Plain;
    if !plain(Class::Sensitive) {
        exposures.iter_mut().for_each(|exposure| exposure.setting = None);
    }
    if !plain(Class::Personal) {
        households.clear();
    }
    let zone = app.zone();
    let cases: Vec<Case> = found
        .iter()
        .map(|row| {
            let of = Of { listing: &CASES, row };
            Case {
                id: of.text("id").unwrap_or_default().to_owned(),
                onset: of.day("onset"),
                confirmed: of.moment("sampled_at").map(|at| zone.day(at)),
                ..Case::default()
            }
        })
        .collect();
    let links = links(&cases, &exposures, &households);
    let chains = chains(&cases, &links).map_err(Problem::inside)?;
    let told: Vec<Row> = (0..found.len()).filter(|at| linked(&chains, *at)).map(|at| found[at].clone()).collect();
    tx.shown(&CASES, &told);
    tx.finish().await?;
    Ok(Web { rows: found, cases, chains, more })
}

/// Whether anything links a case: only such are shown.
pub(super) fn linked(chains: &Chains, at: usize) -> bool {
    let node = &chains.nodes[at];
    !node.sources.is_empty() || !node.targets.is_empty() || !node.contacts.is_empty()
}

/// A case with its possible sources.
struct Line {
    case: String,
    path: String,
    day: String,
    origin: String,
    place: String,
    sources: Vec<(String, String, Option<String>)>,
    targets: usize,
    beside: usize,
}

#[derive(Template)]
#[template(path = "chains.html")]
struct ChainsPage {
    frame: Frame,
    tree: Option<Tree>,
    lines: Vec<Line>,
    figures: Vec<(String, String)>,
    more: bool,
}

/// A number of a case short enough for a drawing: what tells it apart.
pub(super) fn short(id: &str) -> &str {
    id.rsplit_once('-').map_or(id, |(_, last)| last.trim_start_matches(['P', '0']))
}

/// `GET /contacts/chains`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    let web = web(&app, &visit).await?;
    let frame = &visit.frame;
    let chains = &web.chains;
    let path = |id: &str| format!("/contacts/cases/{}", show::part(id));
    let mut lines: Vec<(usize, Line)> = (0..web.cases.len())
        .filter(|at| linked(chains, *at))
        .map(|at| {
            let (of, node) = (Of { listing: &CASES, row: &web.rows[at] }, &chains.nodes[at]);
            let sources = node.sources.iter().map(|source| {
                let id = &web.cases[source.case].id;
                (id.clone(), path(id), source.setting.clone())
            });
            let line = Line {
                case: web.cases[at].id.clone(),
                path: path(&web.cases[at].id),
                day: web.cases[at].day().map(|(day, _)| day.to_string()).unwrap_or_default(),
                origin: frame.w.given("origin", of.text("origin").unwrap_or_default()),
                place: app.place_name(of.text("division").unwrap_or_default(), frame.lang),
                sources: sources.collect(),
                targets: node.targets.len(),
                beside: node.contacts.len(),
            };
            (node.targets.len(), line)
        })
        .collect();
    lines.sort_by_key(|(targets, line)| (std::cmp::Reverse(*targets), line.case.clone()));
    let number = |n: usize| frame.lang.number(n as u64);
    let figures = vec![
        (frame.say("chains-cases"), number(chains.cases)),
        (frame.say("chains-with-source"), number(chains.with_source)),
        (frame.say("chains-several"), number(chains.several_sources.len())),
        (frame.say("chains-index"), number(chains.index_cases.len())),
        (frame.say("chains-contact-only"), number(chains.contact_only)),
        (frame.say("chains-unlinked"), number(chains.unlinked)),
    ];
    let tree = tree::draw(&web, frame);
    let more = web.more;
    let (title, above) = (frame.say("chains-title"), frame.say("nav-contacts"));
    let lines = lines.into_iter().map(|(_, line)| line).collect();
    let frame = visit.frame.titled(title, &[(above, "/contacts")]);
    render(&ChainsPage { frame, tree, lines, figures, more })
}

/// `GET /contacts/chains.json`: linked cases as a graph, without a name.
pub async fn data(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    let web = web(&app, &visit).await?;
    let (mut nodes, mut edges) = (Vec::new(), Vec::new());
    for (at, node) in web.chains.nodes.iter().enumerate() {
        if !linked(&web.chains, at) {
            continue;
        }
        let of = Of { listing: &CASES, row: &web.rows[at] };
        let id = &web.cases[at].id;
        let kind = match of.text("classification") {
            _ if node.generation == Some(0) => "index",
            Some("confirmed" | "converted") => "case",
            Some("asymptomatic") => "asymptomatic",
            _ => "unknown",
        };
        let href = format!("/contacts/cases/{}", show::part(id));
        nodes.push(json!({"id": id, "label": short(id), "kind": kind, "href": href}));
        for source in &node.sources {
            edges.push(json!({"from": web.cases[source.case].id, "to": id, "sure": source.directed,
                "label": source.setting.as_deref().unwrap_or_default()}));
        }
        for other in node.contacts.iter().filter(|other| **other > at) {
            edges.push(json!({"from": id, "to": web.cases[*other].id, "sure": false, "directed": false, "label": ""}));
        }
    }
    Ok(Json(json!({"nodes": nodes, "edges": edges})).into_response())
}
