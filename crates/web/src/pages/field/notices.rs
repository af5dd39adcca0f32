//! The page of a paper that somebody is owed: what it is about, and on a line of time when it was made, when the order begins, when it was
//! handed over, by whom, by which way, read by whom, or returned and why.

use super::{
    accounts,
    acts::{self, Act},
    frame::{Frame, Visit, moment, render},
    record::{self, Fact},
    rows::{self, Of},
    show,
};
use crate::{api::papers::printers, app::App, problem::Problem, routing::get};
use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
};
use dayclear_core::{
    access::{Class, Sees, Sight, reveal},
    listing::NOTICES,
    measures::NoticeState,
    time::Instant,
};
use dayclear_store::notices::NoticeStep;
use std::sync::Arc;

/// Routes below `/notices`; the list itself is one of those that are all alike.
pub fn routes() -> Router<Arc<App>> {
    Router::new().route("/notices/{key}", get(one))
}

/// Something on the line of time.
struct Line {
    at: String,
    exact: String,
    what: String,
    who: String,
    words: String,
    bad: bool,
    when: Instant,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct NoticePage {
    frame: Frame,
    path: String,
    state: &'static str,
    state_word: String,
    /// By when it is to be handed over, while nobody has it, and whether that has passed.
    due: Option<(String, bool)>,
    facts: Vec<Fact>,
    lines: Vec<Line>,
    print: Option<String>,
    acts: Vec<Act>,
}

async fn one(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    let mut tx = rows::look(&app, &visit).await?;
    let row = tx.one(&NOTICES, &key).await?;
    let steps = tx.notice_steps(&key).await?;
    tx.finish().await?;
    accounts::learn(&app, steps.iter().map(|step| step.account.clone()).collect()).await?;
    let of = Of { listing: &NOTICES, row: &row };
    let (frame, now) = (&visit.frame, app.now());
    let role = visit.caller.looker.duty.role;
    let words = reveal(role, Class::Sensitive, Sees::OnDuty) == Sight::Plain;
    let state: NoticeState = of.text("state").and_then(|state| state.parse().ok()).unwrap_or(NoticeState::Made);
    let waits = matches!(state, NoticeState::Made | NoticeState::Returned);
    let line = |at: Instant, what: String| Line {
        at: moment(&app, frame.lang, at),
        exact: app.zone().text(at),
        what,
        who: String::new(),
        words: String::new(),
        bad: false,
        when: at,
    };
    let handed = of.moment("handed_at");
    let mut lines: Vec<Line> =
        of.moment("made_at").map(|at| line(at, frame.say("field-made_at"))).into_iter().collect();
    // an order that began before anybody had its paper is red on its own line of time
    if let Some(at) = of.moment("binds_at") {
        let unread = at <= now && handed.is_none_or(|handed| handed > at) && state != NoticeState::Void;
        lines.push(Line { bad: unread, ..line(at, frame.say("field-binds_at")) });
    }
    lines.extend(steps.iter().map(|step| Line {
        who: accounts::said(&app, frame, &step.account),
        words: said(frame, step, words),
        bad: step.step == NoticeState::Returned,
        ..line(step.at, frame.w.term(step.step))
    }));
    lines.sort_by_key(|line| line.when);
    let facts = record::facts(&app, frame, &NOTICES, &row);
    let title = format!("{} {key}", frame.say("paper-number"));
    let above = frame.say("list-notices");
    let page = NoticePage {
        path: format!("/notices/{}", show::part(&key)),
        state: match state {
            NoticeState::Made => "busy",
            NoticeState::Returned => "bad",
            NoticeState::Handed | NoticeState::Read => "good",
            NoticeState::Void => "gone",
        },
        state_word: frame.w.term(state),
        due: of.moment("due_at").filter(|_| waits).map(|due| (moment(&app, frame.lang, due), due < now)),
        facts,
        lines,
        print: printers().contains(&role).then(|| format!("/api/v1/notices.html?id={}", show::part(&key))),
        acts: if state == NoticeState::Void { Vec::new() } else { acts::acts(&visit, &NOTICES) },
        frame: visit.frame.titled(title, &[(above, "/notices")]),
    };
    render(&page)
}

/// By which way, who took or read it, and why it came back.
fn said(frame: &Frame, step: &NoticeStep, words: bool) -> String {
    let way = step.way.map(|way| frame.w.term(way));
    let said = [way, step.who.clone().filter(|_| words), step.reason.clone().filter(|_| words)];
    said.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}
