//! The page of any record: its facts, why it is so, what happened to it, and what can be done. Pages of a station that
//! need more are beside it.

use super::{
    acts,
    frame::{Frame, Visit, render},
    list::{self, Act},
    reading::Reading,
    show::{self, Shown},
};
use crate::{api::lists, app::App, problem::Problem};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use dayclear_core::{
    access::Class,
    listing::{Cell, Holds, Listing, PLACES, ROUNDS, Row},
};
use serde_json::Value;
use std::sync::Arc;

/// A decision with what it rests on.
pub struct Why {
    /// Clause of the pack.
    pub clause: String,
    /// How well it is evidenced: V, V-local or R.
    pub mark: String,
    /// Pack.
    pub pack: String,
    /// Inputs in the order in which the rule uses them.
    pub inputs: Vec<(String, String)>,
}

/// One fact: word, value, and why where it carries a reason.
pub struct Fact {
    /// Word.
    pub word: String,
    /// Value.
    pub value: Shown,
    /// Reasons.
    pub why: Vec<Why>,
    /// Data without a known form, as text.
    pub data: Option<String>,
}

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    frame: Frame,
    path: String,
    facts: Vec<Fact>,
    acts: Vec<Act>,
    edit: Option<super::edit::EditForm>,
    /// A page where the next thing is done: path and word.
    onward: Option<(String, String)>,
}

/// Reasons inside a JSON value, however deep: objects that name a clause and a pack.
pub fn reasons(data: &Value) -> Vec<Why> {
    match data {
        Value::Array(values) => values.iter().flat_map(reasons).collect(),
        Value::Object(map) => match (map.get("clause"), map.get("pack")) {
            (Some(Value::String(clause)), Some(Value::String(pack))) => {
                let inputs = map.get("inputs").and_then(Value::as_array).into_iter().flatten();
                let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                let inputs = inputs.filter_map(|pair| Some((text(pair.get(0)?), text(pair.get(1)?)))).collect();
                let mark = map.get("mark").map(text).unwrap_or_default();
                vec![Why { clause: clause.clone(), mark, pack: pack.clone(), inputs }]
            }
            _ => map.values().flat_map(reasons).collect(),
        },
        _ => Vec::new(),
    }
}

/// The facts of a record, without those that are empty.
pub fn facts(app: &App, frame: &Frame, listing: &'static Listing, row: &Row) -> Vec<Fact> {
    listing
        .fields
        .iter()
        .map(|field| {
            let mut value = show::value(app, frame, listing, field, row);
            if field.name == listing.key {
                value.link = None;
            }
            let word = frame.say(&format!("field-{}", field.name));
            let (why, data) = match row.get(listing, field.name) {
                Cell::Data(data) => {
                    let mut why = reasons(data);
                    for why in &mut why {
                        why.pack = frame.w.pack(&why.pack);
                    }
                    let other = why.is_empty().then(|| match data {
                        Value::String(text) => text.clone(),
                        other => serde_json::to_string_pretty(other).unwrap_or_default(),
                    });
                    (why, other)
                }
                _ => (Vec::new(), None),
            };
            Fact { word, value, why, data }
        })
        .collect()
}

/// The name of a record that is no person: of a place, a gate. Names of people stand in no title, which browsers keep.
fn called<'r>(listing: &'static Listing, row: &'r Row) -> Option<&'r str> {
    let field = listing.fields.iter().find(|field| field.name == "name" && field.holds == Holds::Text)?;
    let name = row.get(listing, field.name).as_str().filter(|name| !name.is_empty());
    name.filter(|_| field.class == Class::Operational)
}

/// `GET /LIST/KEY`.
pub async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path((list, key)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let listing = Listing::named(&list).ok_or_else(Problem::unknown)?;
    lists::readable(&app, &visit.caller, listing).await?;
    let mut reading = Reading::begin(&app, &visit).await?;
    let row = reading.record(listing, &key).await?.ok_or_else(Problem::unknown)?;
    let edit = super::edit::form(&app, &visit, &mut reading, listing, &key).await?;
    reading.finish().await?;
    let facts = facts(&app, &visit.frame, listing, &row);
    let acts = list::acts(&visit, listing);
    let name = visit.frame.say(&format!("list-{}", listing.name));
    let above = format!("/{}", listing.name);
    let path = format!("/{}/{}", listing.name, show::part(&key));
    let title = match called(listing, &row) {
        Some(called) => format!("{name}: {called} ({key})"),
        None => format!("{name}: {key}"),
    };
    let onward = (listing.name == PLACES.name && acts::act_named(&visit, &ROUNDS, "plan").is_some())
        .then(|| (format!("/rounds?places={}#plan", show::part(&key)), visit.frame.say("rounds-plan-due")));
    let frame = visit.frame.titled(title, &[(name, above.as_str())]);
    render(&RecordPage { frame, path, facts, acts, edit, onward })
}
