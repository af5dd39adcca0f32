//! Correcting a record: a form with the fields that may be corrected, on the version that was seen. Two people who correct
//! different fields keep what both wrote; of the same field the second is shown both values and chooses.

use super::{
    form::{self, Sent},
    frame::{Frame, Visit, moment, render},
    reading::Reading,
    show,
};
use crate::{api::audit, app::App, problem::Problem};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use dayclear_core::{
    access::Sight,
    listing::{Cell, Holds, Listing},
};
use dayclear_ops::desk::{self, DeskError, Doing, Given, Refusal, StaleField};
use dayclear_papers::shown::prefix_of;
use std::sync::Arc;

/// One field that may be corrected.
pub struct EditField {
    /// Name.
    pub name: &'static str,
    /// Word.
    pub word: String,
    /// Value now.
    pub value: String,
    /// Terms to choose from: value, word, whether it is the value now.
    pub terms: Vec<(String, String, bool)>,
    /// Type of the input.
    pub input: &'static str,
}

/// The form of a record.
pub struct EditForm {
    /// Where it is sent.
    pub path: String,
    /// Version that was seen.
    pub etag: String,
    /// Fields.
    pub fields: Vec<EditField>,
}

/// The form of a record, for a duty that may correct it.
pub async fn form(
    app: &App,
    visit: &Visit,
    reading: &mut Reading<'_>,
    listing: &'static Listing,
    key: &str,
) -> Result<Option<EditForm>, Problem> {
    let looker = &visit.caller.looker;
    if !listing.editors.contains(&looker.duty.role) {
        return Ok(None);
    }
    let Some(row) = reading.tx.record(listing, key).await? else { return Ok(None) };
    let frame = &visit.frame;
    let fields = listing.fields.iter().filter(|field| field.edit && looker.shown(field.class, None) == Sight::Plain);
    let field = |field: &'static dayclear_core::listing::Field| {
        let value = match row.get(listing, field.name) {
            Cell::Data(_) | Cell::Hidden | Cell::Masked(_) => String::new(),
            cell => cell.text(app.zone()),
        };
        let terms = match field.holds {
            Holds::Term(terms) => {
                let word = |term: &str| prefix_of(terms).map_or(term.to_owned(), |p| frame.say(&format!("{p}-{term}")));
                terms.iter().map(|term| ((*term).to_owned(), word(term), value == **term)).collect()
            }
            _ => Vec::new(),
        };
        let input = match field.holds {
            Holds::Day => "date",
            Holds::Whole => "number",
            _ => "text",
        };
        EditField { name: field.name, word: frame.say(&format!("field-{}", field.name)), value, terms, input }
    };
    Ok(Some(EditForm {
        path: format!("/{}/{}/edit", listing.name, show::part(key)),
        etag: desk::etag_of(listing, &row),
        fields: fields.map(field).collect(),
    }))
}

/// A field on which two people disagree.
pub struct Disputed {
    /// Name.
    pub name: String,
    /// Word.
    pub word: String,
    /// What stands there now.
    pub theirs: String,
    /// Who put it there, and when; empty where nobody can tell.
    pub by: String,
    /// What was to be written.
    pub yours: String,
}

#[derive(Template)]
#[template(path = "conflict.html")]
struct ConflictPage {
    frame: Frame,
    path: String,
    back: String,
    etag: String,
    disputed: Vec<Disputed>,
    others: Vec<(String, String)>,
}

/// `POST /LIST/KEY/edit`: writes what was changed in the form, on the version that was seen.
pub async fn edit(
    State(app): State<Arc<App>>,
    Path((list, key)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Problem> {
    let listing = Listing::named(&list).ok_or_else(Problem::unknown)?;
    let back = sent.back(&format!("/{list}/{}", show::part(&key)));
    let was = sent.given("was:");
    let mut changes = sent.given("to:");
    changes.retain(|name, value| was.get(name).is_none_or(|was| was.trim() != value.trim()));
    if changes.is_empty() {
        return Ok(Redirect::to(&back).into_response());
    }
    let etag = sent.field("etag").filter(|etag| !etag.is_empty());
    let key_of_form =
        form::key_of(sent.field("once").unwrap_or_default(), &list, "edit", std::slice::from_ref(&key), &changes);
    let caller = &sent.visit.caller;
    let doing = Doing {
        looker: &caller.looker,
        now: app.now(),
        stepped_up: caller.stepped_up,
        packs: &app.setup.packs,
        pack: &app.setup.pack,
        settings: &app.setup.settings,
        key: sent.field("once").filter(|once| !once.is_empty()).map(|_| key_of_form.as_str()),
        keys: None,
    };
    match desk::edit(app.store(), &doing, listing, &key, etag, &changes).await {
        Ok(_) => {
            audit(&app, caller, "edit", listing.name, &[&key], "done", serde_json::Value::Null).await?;
            Ok(Redirect::to(&back).into_response())
        }
        Err(DeskError::Refused(Refusal::Stale(stale))) => {
            conflict(&app, sent.visit, listing, &key, changes, stale, back).await
        }
        Err(error) => {
            audit(&app, caller, "edit", listing.name, &[&key], "refused", serde_json::Value::Null).await?;
            Err(error.into())
        }
    }
}

/// Both values of each disputed field, and the choice between them, on the version of now.
async fn conflict(
    app: &App,
    visit: Visit,
    listing: &'static Listing,
    key: &str,
    changes: Given,
    stale: Vec<StaleField>,
    back: String,
) -> Result<Response, Problem> {
    let mut reading = Reading::begin(app, &visit).await?;
    let row = reading.tx.record(listing, key).await?.ok_or_else(Problem::unknown)?;
    reading.finish().await?;
    let frame = &visit.frame;
    let word = |name: &str| frame.say(&format!("field-{name}"));
    let disputed = stale.iter().map(|field| {
        let at = field.at.map(|at| moment(app, frame.lang, at)).unwrap_or_default();
        let by = field.by.clone().unwrap_or_default();
        Disputed {
            name: field.field.clone(),
            word: word(&field.field),
            theirs: field.current.clone(),
            by: [by, at].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "),
            yours: changes.get(&field.field).cloned().unwrap_or_default(),
        }
    });
    let disputed: Vec<Disputed> = disputed.collect();
    let is_disputed = |name: &String| disputed.iter().any(|field| field.name == *name);
    let others = changes.iter().filter(|(name, _)| !is_disputed(name)).map(|(n, v)| (n.clone(), v.clone())).collect();
    let title = frame.say("edit-conflict");
    let page = ConflictPage {
        path: format!("/{}/{}/edit", listing.name, show::part(key)),
        back,
        etag: desk::etag_of(listing, &row),
        others,
        disputed,
        frame: visit.frame.titled(title, &[]),
    };
    Ok((StatusCode::PRECONDITION_FAILED, render(&page)?).into_response())
}
