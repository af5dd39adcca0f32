//! A row kept aside: what the file said, which column cannot be taken, what was expected, and the two ways on: the corrected
//! value, or a reason to drop the row.

use super::{
    acts::{Act, act_named},
    frame::{Frame, Visit, render},
    reading::{Reading, at, text},
    show::{self, Shown},
};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use dayclear_core::listing::{Cell, DOUBTS, Field};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "doubt.html")]
struct DoubtPage {
    frame: Frame,
    path: String,
    row: String,
    column: String,
    value: Shown,
    raw: Vec<(String, String)>,
    raw_shown: Shown,
    expected: String,
    remedy: String,
    open: bool,
    resolve: Option<Act>,
    given: String,
    back: String,
}

/// Columns of a row as it came: an object, or the text itself.
fn columns(raw: &str) -> Vec<(String, String)> {
    match serde_json::from_str(raw) {
        Ok(serde_json::Value::Object(map)) => {
            let said = |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            map.iter().map(|(name, value)| (name.clone(), said(value))).collect()
        }
        _ => Vec::new(),
    }
}

/// `GET /doubts/KEY`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    let frame = &visit.frame;
    let mut reading = Reading::begin(&app, &visit).await?;
    let row = reading.record(&DOUBTS, &key).await?.ok_or_else(Problem::unknown)?;
    reading.finish().await?;
    let field = |name: &str| -> Option<&'static Field> { Some(&DOUBTS.fields[DOUBTS.position(name)?]) };
    let shown =
        |name: &str| field(name).map(|field| show::value(&app, frame, &DOUBTS, field, &row)).unwrap_or_default();
    let number = match row.get(&DOUBTS, "row") {
        Cell::Whole(number) => frame.lang.signed(*number),
        _ => String::new(),
    };
    let source = text(&DOUBTS, &row, "source").to_owned();
    let back = format!("/doubts?source={}&open=true", show::part(&source));
    let open = at(&DOUBTS, &row, "resolved_at").is_none();
    let steps = [
        (frame.say("nav-imports"), "/imports"),
        (frame.say("list-doubts"), "/doubts?open=true"),
        (source, back.as_str()),
    ];
    let title = frame.w.get("doubt-title", &[("row", number.as_str().into())]);
    let page = DoubtPage {
        path: format!("/doubts/{}", show::part(&key)),
        row: number,
        column: text(&DOUBTS, &row, "column").to_owned(),
        value: shown("value"),
        raw: columns(text(&DOUBTS, &row, "raw")),
        raw_shown: shown("raw"),
        expected: text(&DOUBTS, &row, "expected").to_owned(),
        remedy: text(&DOUBTS, &row, "remedy").to_owned(),
        open,
        resolve: if open { act_named(&visit, &DOUBTS, "resolve") } else { None },
        given: text(&DOUBTS, &row, "value").to_owned(),
        frame: visit.frame.titled(title, &steps),
        back,
    };
    render(&page)
}
