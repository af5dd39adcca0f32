//! One's own page: the duty one works in, the sessions that are open in one's name and how to end them, password and
//! authenticator.

use super::{
    form::Sent,
    frame::{Frame, Visit, moment, render},
};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use std::sync::Arc;

/// A session of this account.
pub struct Line {
    /// Id.
    pub id: String,
    /// Person or machine.
    pub kind: String,
    /// Since when.
    pub since: String,
    /// Last used.
    pub seen: String,
    /// When it ends by itself.
    pub until: String,
    /// Whether it is this one.
    pub here: bool,
}

#[derive(Template)]
#[template(path = "me.html")]
struct MePage {
    frame: Frame,
    login: String,
    name: String,
    lines: Vec<Line>,
}

/// `GET /me`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit) -> Result<Response, Problem> {
    let frame = &visit.frame;
    let session = &visit.caller.session;
    let sessions = app.access().own_sessions(session, app.wall()).await?;
    let line = |listed: dayclear_ops::access::Listed| Line {
        kind: frame.w.term(listed.kind),
        since: moment(&app, frame.lang, listed.created_at),
        seen: moment(&app, frame.lang, listed.seen_at),
        until: moment(&app, frame.lang, listed.expires_at),
        here: listed.id == session.id,
        id: listed.id,
    };
    let title = frame.say("me-title");
    let page = MePage {
        lines: sessions.into_iter().map(line).collect(),
        login: session.login.clone(),
        name: session.name.clone(),
        frame: visit.frame.titled(title, &[]),
    };
    render(&page)
}

/// `POST /me/end`: ends one of one's own sessions, or all but this one.
pub async fn end(State(app): State<Arc<App>>, sent: Sent) -> Result<Response, Problem> {
    let which = sent.field("session").filter(|id| !id.is_empty());
    app.access().end_own(&sent.visit.caller.session, which, app.wall()).await?;
    Ok(Redirect::to("/me").into_response())
}

/// `POST /glass/ID/end`: ends a broken glass before its hour is over, one's own or as the officer who watches over it.
pub async fn end_glass(State(app): State<Arc<App>>, Path(id): Path<String>, sent: Sent) -> Result<Response, Problem> {
    app.access().end_glass(&sent.visit.caller.session, &id, app.wall()).await?;
    Ok(Redirect::to(&sent.back("/")).into_response())
}
