//! The page of a pair: two people of the roster side by side, what differs in words, why they were found, and what can be decided:
//! they are one (whichever stands for both), they are two, or nothing yet. It may use the lists and commands that everybody uses, so
//! both reads are in the audit, and a decision needs a duty that sees both.

use super::{
    acts::{Act, act_named},
    frame::{Frame, Visit, render},
    reading::{Reading, text},
    show::{self, Shown},
};
use crate::{api::lists, app::App, problem::Problem};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use dayclear_core::listing::{Cell, PAIRS, PEOPLE, Row};
use serde_json::Value;
use std::sync::Arc;

/// Fields that are shown of both.
const FIELDS: [&str; 14] = [
    "person",
    "name",
    "document",
    "phone",
    "birth_date",
    "sex",
    "household",
    "division",
    "building",
    "unit",
    "door",
    "presence",
    "lists",
    "listed_at",
];

/// One field of both.
struct Line {
    word: String,
    one: Shown,
    other: Shown,
    /// What the comparison says, or that the two differ.
    said: String,
    differs: bool,
}

/// A decision as a form on one of the two.
struct Choice {
    path: String,
    word: String,
    act: Act,
    /// Name of the field that holds the other one, and their id.
    with: (String, String),
    reason: String,
}

#[derive(Template)]
#[template(path = "pair.html")]
struct PairPage {
    frame: Frame,
    lines: Vec<Line>,
    one: String,
    other: String,
    sum: String,
    rule: Option<String>,
    decided: String,
    choices: Vec<Choice>,
}

/// How a field agrees, in words; whether it differs.
fn agreement(frame: &Frame, name: &str) -> (String, bool) {
    let (key, differs) = match name {
        "same" => ("pair-same", false),
        "sounds_same" => ("pair-sounds", false),
        "near" => ("pair-near", true),
        "part" => ("pair-part", true),
        "differs" => ("pair-differs", true),
        _ => ("pair-unknown", false),
    };
    (frame.say(key), differs)
}

/// What the comparison says of a field; the address stands in several.
fn compared<'w>(why: &'w Value, field: &str) -> Option<&'w str> {
    let named = if matches!(field, "building" | "unit" | "door") { "address" } else { field };
    let parts = why.get("fields")?.as_array()?;
    let part = parts.iter().find(|part| part.get("field").and_then(Value::as_str) == Some(named))?;
    part.get("agreement")?.as_str()
}

fn line(app: &App, frame: &Frame, why: &Value, field: &'static str, one: &Row, other: &Row) -> Option<Line> {
    let declared = PEOPLE.fields.iter().find(|declared| declared.name == field)?;
    let (a, b) = (one.get(&PEOPLE, field), other.get(&PEOPLE, field));
    if matches!((a, b), (Cell::Empty, Cell::Empty)) {
        return None;
    }
    let own = match (a, b) {
        // of what is masked nobody can say whether it is the same
        (Cell::Empty | Cell::Masked(_) | Cell::Hidden, _) | (_, Cell::Empty | Cell::Masked(_) | Cell::Hidden) => {
            "unknown"
        }
        (a, b) if a == b => "same",
        _ => "differs",
    };
    // a part of the address may be the same where the address is not
    let told = compared(why, field).filter(|_| !matches!(field, "building" | "unit" | "door"));
    let (said, differs) = agreement(frame, told.unwrap_or(own));
    Some(Line {
        word: frame.say(&format!("field-{field}")),
        one: show::value(app, frame, &PEOPLE, declared, one),
        other: show::value(app, frame, &PEOPLE, declared, other),
        said,
        differs,
    })
}

/// `GET /pairs/KEY`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    lists::readable(&app, &visit.caller, &PAIRS).await?;
    let frame = &visit.frame;
    let mut reading = Reading::begin(&app, &visit).await?;
    let pair = reading.record(&PAIRS, &key).await?.ok_or_else(Problem::unknown)?;
    let (one, other) = (text(&PAIRS, &pair, "person").to_owned(), text(&PAIRS, &pair, "other").to_owned());
    let first = reading.record(&PEOPLE, &one).await?.ok_or_else(Problem::unknown)?;
    let second = reading.record(&PEOPLE, &other).await?.ok_or_else(Problem::unknown)?;
    reading.finish().await?;
    let why = match pair.get(&PAIRS, "why") {
        Cell::Data(why) => why.clone(),
        _ => Value::Null,
    };
    let lines = FIELDS.iter().filter_map(|field| line(&app, frame, &why, field, &first, &second)).collect();
    let decided = text(&PAIRS, &pair, "decided").to_owned();
    let bits = pair.get(&PAIRS, "weight").text(app.zone());
    let mut choices = Vec::new();
    let mut choose = |verb: &str, of: &str, field: &str, with: &str, word: String| {
        if let Some(act) = act_named(&visit, &PEOPLE, verb) {
            choices.push(Choice {
                path: format!("/people/{}/{verb}", show::part(of)),
                word,
                act,
                with: (format!("{verb}:{field}"), with.to_owned()),
                reason: format!("{verb}:reason"),
            });
        }
    };
    let merge = |into: &str| frame.w.get("pair-merge", &[("into", into.to_owned().into())]);
    if decided == "merge" {
        let merged = text(&PEOPLE, &first, "merged_into").to_owned();
        let (of, with) = if merged.is_empty() { (&other, &one) } else { (&one, &other) };
        choose("split", of, "", with, frame.say("verb-people-split"));
    } else {
        choose("merge", &one, "into", &other, merge(&other));
        choose("merge", &other, "into", &one, merge(&one));
        choose("distinct", &one, "other", &other, frame.say("pair-distinct"));
    }
    let rule = why.get("rule").and_then(Value::as_str);
    let rule = rule.map(|rule| frame.w.get("pair-rule", &[("rule", rule.to_owned().into())]));
    let sum = frame.w.get("pair-sum", &[("bits", bits.into())]);
    let decided = if decided.is_empty() { String::new() } else { frame.say(&format!("identity-{decided}")) };
    let steps = [(frame.say("list-pairs"), "/pairs")];
    let title = frame.say("pair-title");
    let frame = visit.frame.titled(title, &steps);
    render(&PairPage { frame, lines, one, other, sum, rule, decided, choices })
}
