//! All worklists at a glance: what is open, what is overdue, which deadline comes first; each leads to its list.

use super::{
    frame::{Frame, Visit, render},
    reading::{Reading, text},
    show::{self, Shown},
    standing,
};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{extract::State, response::Response};
use dayclear_core::listing::ITEMS;
use std::sync::Arc;

/// One worklist.
pub struct Line {
    /// Name.
    pub word: String,
    /// Its list.
    pub path: String,
    /// Its overdue items.
    pub overdue_path: String,
    /// Items open.
    pub open: String,
    /// Of these, overdue.
    pub overdue: String,
    /// Whether any is.
    pub late: bool,
    /// The item whose deadline comes first: what waits, its page, its clock.
    pub first: Option<(String, String, Option<Shown>)>,
}

#[derive(Template)]
#[template(path = "worklists.html")]
struct WorklistsPage {
    frame: Frame,
    lines: Vec<Line>,
}

/// The lines of the worklists of a duty.
pub async fn lines(app: &App, visit: &Visit, reading: &mut Reading<'_>) -> Result<Vec<Line>, Problem> {
    let frame = &visit.frame;
    let standings = standing::standings(app, visit, reading).await?;
    let now = show::part(&app.zone().text(app.now()));
    let line = |standing: standing::Standing| {
        let path = format!("/items?worklist={}&open=true", standing.worklist);
        Line {
            word: frame.w.term(standing.worklist),
            overdue_path: format!("{path}&due_at.to={now}"),
            open: frame.counted(standing.open, standing.more),
            overdue: frame.counted(standing.overdue, standing.more_overdue),
            late: standing.overdue > 0,
            first: standing.first.as_ref().map(|row| {
                let key = show::part(text(&ITEMS, row, "id"));
                let subject = show::subject_said(app, frame, text(&ITEMS, row, "subject"));
                (subject, format!("/items/{key}"), standing::clock_of(app, frame, row))
            }),
            path,
        }
    };
    Ok(standings.into_iter().map(line).collect())
}

/// `GET /worklists`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    if !ITEMS.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let mut reading = Reading::begin(&app, &visit).await?;
    let lines = lines(&app, &visit, &mut reading).await?;
    reading.finish().await?;
    let title = visit.frame.say("nav-worklists");
    render(&WorklistsPage { frame: visit.frame.titled(title, &[]), lines })
}
