//! Corrections of single fields by several people at once. A version says what somebody saw, field by field, so two who
//! correct different fields both keep theirs; of two who correct the same one the second is told what stands there now, who
//! put it there and when. What is corrected is an event that holds names of fields and salted hashes, never what was written.

use super::{
    DeskError, Doing, FieldFault, Refusal, Room, StaleField, again, digest_of,
    input::{self, Given},
    inside, room,
};
use crate::{agenda, identity, minutes::Minutes};
use dayclear_core::{
    divisions::DivisionCode,
    listing::{Cell, Field, Holds, Listing, Row},
    roster::Need,
    schema::{self, Column, Kind},
};
use dayclear_store::{Scoped, Store, commands::Once, coverage::Touched, landing::Numbered};
use serde_json::json;

/// A record after a correction.
#[derive(Debug, Clone, PartialEq)]
pub struct Edited {
    /// As this duty sees it.
    pub row: Row,
    /// Its version.
    pub etag: String,
    /// Whether anything was changed.
    pub changed: bool,
}

/// Characters of the hash of one field.
const HASH_CHARS: usize = 8;

fn editable(listing: &Listing) -> impl Iterator<Item = &'static Field> {
    listing.fields.iter().filter(|field| field.edit)
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Empty | Cell::Hidden | Cell::Masked(_) => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Whole(number) => number.to_string(),
        Cell::Real(number) => number.to_string(),
        Cell::Day(day) => day.to_string(),
        Cell::Moment(at) => at.to_string(),
        Cell::Truth(truth) => truth.to_string(),
        Cell::Data(value) => value.to_string(),
    }
}

fn short(listing: &Listing, field: &str, text: &str) -> String {
    let mut hash = digest_of(&[b"version", listing.name.as_bytes(), field.as_bytes(), text.as_bytes()]);
    hash.truncate(HASH_CHARS);
    hash
}

/// The version of a row: a short hash of each field that can be corrected, in their order. To be made of the row as the
/// store has it, before anything of it is hidden.
pub fn etag_of(listing: &Listing, row: &Row) -> String {
    let hashes: Vec<String> =
        editable(listing).map(|field| short(listing, field.name, &plain(row.get(listing, field.name)))).collect();
    hashes.join("-")
}

/// Corrects fields of one record. With `etag` only fields that nobody changed since are written; without it the caller takes
/// the risk of writing over somebody.
pub async fn edit(
    store: &Store,
    doing: &Doing<'_>,
    listing: &'static Listing,
    key: &str,
    etag: Option<&str>,
    changes: &Given,
) -> Result<Edited, DeskError> {
    let role = doing.looker.duty.role;
    if !listing.readable_by(role) {
        return Err(Refusal::Unknown.into());
    }
    if !listing.editors.contains(&role) {
        return Err(Refusal::NotYours { role, allowed: listing.editors }.into());
    }
    let mut tries = 0;
    loop {
        match attempt(store, doing, listing, key, etag, changes).await {
            Err(error) if again(&error, &mut tries) => {}
            other => return other,
        }
    }
}

async fn attempt(
    store: &Store,
    doing: &Doing<'_>,
    listing: &'static Listing,
    key: &str,
    etag: Option<&str>,
    changes: &Given,
) -> Result<Edited, DeskError> {
    let mut tx = store.turn(&doing.looker.scope()).await?;
    let account = doing.looker.account.as_str();
    let content = digest_of(&[listing.name.as_bytes(), key.as_bytes(), format!("{etag:?}{changes:?}").as_bytes()]);
    let before = tx.record(listing, key).await?.ok_or(Refusal::Unknown)?;
    if let Some(once) = doing.key
        && let Once::Replay(etag) = tx.once(account, once, &content).await?
    {
        return Ok(Edited { row: doing.looker.redact(listing, before), etag, changed: false });
    }
    let wanted = read(listing, changes, doing)?;
    refuse_stale(&mut tx, listing, key, &before, etag, &wanted).await?;
    let room: Room<'_> = room(&mut tx, doing).await?;
    let fresh: Vec<(&'static str, Cell)> =
        wanted.into_iter().filter(|(name, cell)| plain(before.get(listing, name)) != plain(cell)).collect();
    if !fresh.is_empty() {
        if !tx.correct(listing, key, &fresh).await? {
            return Err(Refusal::Unknown.into());
        }
        let division: DivisionCode = match before.get(listing, "division").as_str() {
            Some(code) => code.parse().map_err(inside)?,
            None => room.city.division().clone(),
        };
        let (head, _) = tx.chain_head().await?;
        // the place in the chain is the salt: it is used once, and the hash of a telephone number cannot be looked up
        let salt = format!("{head}/{key}/{}", doing.now);
        let fields: serde_json::Map<String, serde_json::Value> = fresh
            .iter()
            .map(|(name, cell)| {
                let hash = digest_of(&[b"edited", salt.as_bytes(), plain(cell).as_bytes()]);
                ((*name).to_owned(), hash.into())
            })
            .collect();
        let mut minutes = Minutes::by(&room.day, account);
        let subject = format!("{}/{key}", listing.name);
        minutes.event(doing.now, "record.edited", subject, &division, &json!({"fields": fields}), None)?;
        minutes.hand_in(&mut tx).await?;
        agenda::acted_on(&mut tx, listing.name, &[key]).await?;
        if listing.name == "people" {
            // a key group says which rounds somebody belongs to
            let found = tx.numbers_of(Numbered::People, &[key]).await?;
            let mut numbers = found.into_values().map(|(no, ..)| no).collect();
            tx.note_coverage(Touched::People, &mut numbers).await?;
            tx.widen(&room.city);
            identity::people_changed(&mut tx, &room.day, &numbers).await?;
            tx.widen(&doing.looker.scope());
        }
    }
    let after = tx.record(listing, key).await?.ok_or(Refusal::Unknown)?;
    let etag = etag_of(listing, &after);
    if let Some(once) = doing.key {
        tx.done(account, once, &content, &etag, doing.now).await?;
    }
    tx.commit().await?;
    Ok(Edited { row: doing.looker.redact(listing, after), etag, changed: !fresh.is_empty() })
}

/// Fields of which the version says something else than what stands there now, of those that are to be written.
async fn refuse_stale(
    tx: &mut Scoped,
    listing: &'static Listing,
    key: &str,
    before: &Row,
    etag: Option<&str>,
    wanted: &[(&'static str, Cell)],
) -> Result<(), DeskError> {
    let Some(etag) = etag else { return Ok(()) };
    let seen: Vec<&str> = etag.trim_matches('"').split('-').collect();
    let is_version = seen.len() == editable(listing).count();
    let mut stale = Vec::new();
    for (field, hash) in editable(listing).zip(seen.iter().copied().chain(std::iter::repeat(""))) {
        let current = plain(before.get(listing, field.name));
        let Some((_, new)) = wanted.iter().find(|(name, _)| *name == field.name) else { continue };
        // whoever wants what stands there already wants nothing
        if (is_version && short(listing, field.name, &current) == hash) || plain(new) == current {
            continue;
        }
        let named = format!("\"{}\"", field.name);
        let events = tx.events_about(&format!("{}/{key}", listing.name), "record.edited").await?;
        let last = events.into_iter().find(|(.., body)| body.contains(&named));
        let (by, at) = last.map_or((None, None), |(by, at, _)| (Some(by), Some(at)));
        stale.push(StaleField { field: field.name.to_owned(), current, by, at });
    }
    if stale.is_empty() { Ok(()) } else { Err(Refusal::Stale(stale).into()) }
}

/// What a field may hold: as its table declares it.
fn column_of(listing: &Listing, field: &'static Field) -> Column {
    let declared = schema::DAY_FOLDER.iter().find(|table| table.name == listing.name);
    let declared = declared.and_then(|table| table.columns.iter().find(|column| column.name == field.name));
    match declared {
        Some(column) => *column,
        None => Column { name: field.name, kind: Kind::Text(400), required: false, about: field.about },
    }
}

fn read(listing: &'static Listing, changes: &Given, doing: &Doing<'_>) -> Result<Vec<(&'static str, Cell)>, DeskError> {
    let zone = &doing.settings.zone;
    let (mut wanted, mut faults) = (Vec::new(), Vec::new());
    for (name, text) in changes {
        let Some(field) = editable(listing).find(|field| field.name == name) else {
            let names: Vec<&str> = editable(listing).map(|field| field.name).collect();
            faults.push(FieldFault {
                field: name.clone(),
                value: String::new(),
                expected: format!("one of the fields that can be corrected: {}", names.join(", ")),
                remedy: "leave it out".to_owned(),
            });
            continue;
        };
        match input::one(&column_of(listing, field), text, zone) {
            // an empty text takes back what was known, where the table can do without it
            Ok(cell) => wanted.push((field.name, cell.map_or(Cell::Empty, |cell| canonical(field, cell)))),
            Err(fault) => faults.push(fault),
        }
    }
    if changes.is_empty() {
        faults.push(FieldFault {
            field: String::new(),
            value: String::new(),
            expected: "at least one field".to_owned(),
            remedy: "say what is to be corrected".to_owned(),
        });
    }
    if faults.is_empty() { Ok(wanted) } else { Err(Refusal::Invalid(faults).into()) }
}

/// Needs in the order in which the reader of files writes them, so that the same needs are the same text.
fn canonical(field: &Field, cell: Cell) -> Cell {
    match (&cell, field.name, field.holds) {
        (Cell::Text(text), "needs", Holds::Text) => {
            let said: Vec<&str> = text.split(';').map(str::trim).collect();
            let names: Vec<&str> = Need::NAMES.iter().copied().filter(|need| said.contains(need)).collect();
            Cell::Text(names.join(";"))
        }
        _ => cell,
    }
}
