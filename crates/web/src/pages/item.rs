//! The page of one item of a worklist: what waits and where it is looked at, who has it and until when, what happened to it,
//! and what can be done.

use super::{
    acts::{Act, acts},
    frame::{Frame, Visit, render},
    lanes::{self, Event},
    reading::{Reading, at, text},
    record::{self, Fact},
    show::{self, Shown},
    standing,
};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use dayclear_core::listing::{ITEMS, Listing};
use std::sync::Arc;

/// What waits: its list, its page, its facts.
pub struct Subject {
    /// Name of its list.
    pub word: String,
    /// Id.
    pub id: String,
    /// Page.
    pub path: String,
    /// First facts.
    pub facts: Vec<Fact>,
}

#[derive(Template)]
#[template(path = "item.html")]
struct ItemPage {
    frame: Frame,
    path: String,
    worklist: String,
    worklist_path: String,
    owner: String,
    clock: Option<Shown>,
    open: bool,
    facts: Vec<Fact>,
    subject: Option<Subject>,
    acts: Vec<Act>,
    events: Vec<Event>,
}

/// `GET /items/KEY`.
pub async fn page(State(app): State<Arc<App>>, visit: Visit, Path(key): Path<String>) -> Result<Response, Problem> {
    const FACTS_SHOWN: usize = 8;
    let frame = &visit.frame;
    let mut reading = Reading::begin(&app, &visit).await?;
    let item = reading.record(&ITEMS, &key).await?.ok_or_else(Problem::unknown)?;
    let (worklist, id) = (text(&ITEMS, &item, "worklist").to_owned(), text(&ITEMS, &item, "subject").to_owned());
    let mut subject = None;
    if let Some((list, of)) = show::subject_of(&worklist, &id)
        && let Some(listing) = Listing::named(list)
        && let Some(row) = reading.beside(listing, of).await?
    {
        let facts = record::facts(&app, frame, listing, &row);
        let plain = facts.into_iter().filter(|fact| fact.why.is_empty() && fact.data.is_none());
        subject = Some(Subject {
            word: frame.say(&format!("list-{list}")),
            id: of.to_owned(),
            path: format!("/{list}/{}", show::part(of)),
            facts: plain.take(FACTS_SHOWN).collect(),
        });
    }
    let events = lanes::history(&app, frame, &mut reading, &[&key, &id]).await?;
    reading.finish().await?;
    let open = at(&ITEMS, &item, "closed_at").is_none();
    let facts = record::facts(&app, frame, &ITEMS, &item);
    let word = frame.w.given("worklist", &worklist);
    let worklist_path = format!("/items?worklist={}&open=true", show::part(&worklist));
    let steps = [(frame.say("nav-worklists"), "/worklists"), (word.clone(), worklist_path.as_str())];
    let mut acts = if open { acts(&visit, &ITEMS) } else { Vec::new() };
    super::accounts::offer(&app, &visit, &mut acts).await?;
    let page = ItemPage {
        path: format!("/items/{}", show::part(&key)),
        owner: standing::owner_said(&app, frame, &item),
        clock: standing::clock_of(&app, frame, &item),
        acts,
        open,
        facts,
        subject,
        events,
        frame: {
            let title = show::subject_said(&app, &visit.frame, &id);
            visit.frame.titled(title, &steps)
        },
        worklist: word,
        worklist_path,
    };
    render(&page)
}
