//! What became of appeals, for everybody: by district how many were filed and upheld, and how many were decided within a day. Counts from which
//! a few people could be told are withheld, together with those from which they could be worked out.

use super::{Open, frame};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{extract::State, response::Response};
use dayclear_core::{
    listing::{APPEAL_FIGURES, Cell, Query, Row},
    small_cells::{of_one_class, withhold},
};
use std::sync::Arc;

struct Line {
    place: String,
    filed: String,
    /// Upheld, and not (dismissed, or not decided yet); `None`: withheld.
    parts: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "public/appeals.html")]
struct FiguresPage {
    open: Open,
    lines: Vec<Line>,
    whole: Line,
    decided: String,
    withheld: bool,
}

/// `GET /public/appeals`.
pub async fn appeals(State(app): State<Arc<App>>, open: Open) -> Result<Response, Problem> {
    let mut tx = app.store().look(&app.own_scope()).await?;
    let query = Query::read(&APPEAL_FIGURES, [("limit", "500")], app.zone())?;
    let rows = tx.list(&APPEAL_FIGURES, &query).await?.rows;
    drop(tx);
    let count = |row: &Row, field: &str| match row.get(&APPEAL_FIGURES, field) {
        Cell::Whole(count) => u64::try_from(*count).unwrap_or_default(),
        _ => 0,
    };
    let parts: Vec<[u64; 2]> = rows
        .iter()
        .map(|row| {
            let upheld = count(row, "upheld");
            [upheld, count(row, "filed").saturating_sub(upheld)]
        })
        .collect();
    let hidden = withhold(&of_one_class(&parts));
    let number = |count: u64| open.lang.number(count);
    let sum = |part: usize| parts.iter().map(|row| row[part]).sum::<u64>();
    let lines = rows
        .iter()
        .zip(parts.iter().zip(&hidden))
        .map(|(row, ([upheld, others], hide))| Line {
            place: app.place_name(row.get(&APPEAL_FIGURES, "division").as_str().unwrap_or_default(), open.lang),
            filed: number(upheld + others),
            parts: (!hide).then(|| (number(*upheld), number(*others))),
        })
        .collect();
    let within: u64 = rows.iter().map(|row| count(row, "within_a_day")).sum();
    let undecided: u64 = rows.iter().map(|row| count(row, "undecided")).sum();
    let decided = (sum(0) + sum(1)).saturating_sub(undecided);
    let share = open.lang.percent(within, decided).unwrap_or_else(|| open.say("not-known"));
    let page = FiguresPage {
        lines,
        whole: Line {
            place: open.city.clone(),
            filed: number(sum(0) + sum(1)),
            parts: Some((number(sum(0)), number(sum(1)))),
        },
        decided: open.w.get("appeal-figures-decided", &[("share", share.into()), ("count", decided.into())]),
        withheld: hidden.contains(&true),
        open: open.titled("appeal-figures-title"),
    };
    frame::render(&page)
}
