//! Looking at things: a page of a list or one record of it, as a duty may see it. It may use the store. It is the one
//! place in which fields are hidden or masked: pages, API, exports and logs get rows from here and from nowhere else, and
//! a list that does not exist for a role is answered as if it did not exist at all. What was said against a decision leaves with
//! one record at a time, for whoever may decide about it.

use crate::hearing;
use dayclear_core::{
    access::{Class, Duty, Role, Sees, Sight, mask, reveal},
    listing::{Cell, Listing, Query, Row},
};
use dayclear_store::{Scope, Scoped, StoreError, listing::Page};
use std::collections::BTreeSet;

/// Who looks.
#[derive(Clone, Debug)]
pub struct Looker {
    /// Account.
    pub account: String,
    /// Duty.
    pub duty: Duty,
    /// People for whom the glass is broken, by this account and at this time.
    pub glass: BTreeSet<String>,
}

impl Looker {
    /// What the looker's handle on the store may reach.
    pub fn scope(&self) -> Scope {
        Scope::on_duty(&self.duty, &self.account)
    }

    /// How a field of a list is shown, of a row that tells about `subject`.
    pub fn shown(&self, class: Class, subject: Option<&str>) -> Sight {
        self.shown_as(class, subject, Sees::OnDuty)
    }

    /// The same of a row that the looker sees for a reason of its own; broken glass shows no less.
    fn shown_as(&self, class: Class, subject: Option<&str>, sees: Sees) -> Sight {
        let shown = reveal(self.duty.role, class, sees);
        match subject.is_some_and(|subject| self.glass.contains(subject)) {
            true => shown.min(reveal(self.duty.role, class, Sees::Glass)),
            false => shown,
        }
    }

    /// The row with what this looker may see, as one of many.
    pub fn redact(&self, listing: &Listing, row: Row) -> Row {
        self.redact_as(listing, row, Sees::OnDuty)
    }

    fn redact_as(&self, listing: &Listing, mut row: Row, sees: Sees) -> Row {
        let subject = listing.subject.map(|name| row.get(listing, name).clone());
        let subject = subject.as_ref().and_then(Cell::as_str);
        let shown: Vec<Sight> = listing.fields.iter().map(|field| self.shown_as(field.class, subject, sees)).collect();
        for (cell, shown) in row.cells.iter_mut().zip(shown) {
            match (shown, &*cell) {
                (Sight::Plain, _) | (_, Cell::Empty) => {}
                (Sight::Masked, Cell::Text(text)) => *cell = Cell::Masked(mask(text)),
                // only text can be masked so that it still says something
                (Sight::Masked | Sight::Hidden, _) => *cell = Cell::Hidden,
            }
        }
        row
    }
}

/// A page of a list. `None`: the list does not exist for this role.
pub async fn page(
    tx: &mut Scoped,
    looker: &Looker,
    listing: &'static Listing,
    query: &Query,
) -> Result<Option<Page>, StoreError> {
    if !listing.readable_by(looker.duty.role) || filters_what_is_hidden(looker, listing, query) {
        return Ok(None);
    }
    let mut page = tx.list(listing, query).await?;
    page.rows = page.rows.into_iter().map(|row| looker.redact(listing, row)).collect();
    Ok(Some(page))
}

/// The first row of each group of a list in parts ([`Scoped::firsts`]); none where the list does not exist for this role.
pub async fn firsts(
    tx: &mut Scoped,
    looker: &Looker,
    listing: &'static Listing,
    query: &Query,
) -> Result<Vec<Row>, StoreError> {
    if !listing.readable_by(looker.duty.role) || filters_what_is_hidden(looker, listing, query) {
        return Ok(Vec::new());
    }
    Ok(tx.firsts(listing, query).await?.into_iter().map(|row| looker.redact(listing, row)).collect())
}

/// How many rows a question finds, up to so many ([`Scoped::found_up_to`]); none where the list does not exist for this role.
pub async fn found_up_to(
    tx: &mut Scoped,
    looker: &Looker,
    listing: &'static Listing,
    query: &Query,
    most: usize,
) -> Result<u64, StoreError> {
    if !listing.readable_by(looker.duty.role) || filters_what_is_hidden(looker, listing, query) {
        return Ok(0);
    }
    tx.found_up_to(listing, query, most).await
}

/// One record. `None`: it does not exist for this looker, whatever the reason.
pub async fn record(
    tx: &mut Scoped,
    looker: &Looker,
    listing: &'static Listing,
    key: &str,
) -> Result<Option<Row>, StoreError> {
    if !listing.readable_by(looker.duty.role) {
        return Ok(None);
    }
    match tx.record(listing, key).await? {
        Some(row) => Ok(Some(alone(tx, looker, listing, row).await?)),
        None => Ok(None),
    }
}

/// A record that was read by itself, with what this looker may see of it.
pub async fn alone(tx: &mut Scoped, looker: &Looker, listing: &'static Listing, row: Row) -> Result<Row, StoreError> {
    let sees = hearing::sees(tx, looker, listing, &row).await?;
    Ok(looker.redact_as(listing, row, sees))
}

/// Whoever may not see a field may not find its values by asking for them either.
fn filters_what_is_hidden(looker: &Looker, listing: &Listing, query: &Query) -> bool {
    query.tests.iter().any(|(at, _)| looker.shown(listing.fields[*at].class, None) != Sight::Plain)
}

/// The people (or households) that rows tell about, for the audit and the budget of reading. Where words were heard that nobody in
/// particular said, the record stands for whoever said them.
pub fn subjects<'r>(listing: &Listing, rows: &'r [Row]) -> Vec<&'r str> {
    let subject = listing.subject.unwrap_or_default();
    let heard = listing.fields.iter().filter(|field| field.class == Class::Heard);
    let heard: Vec<&str> = heard.map(|field| field.name).collect();
    let of = |row: &'r Row| {
        let someone = row.get(listing, subject).as_str();
        someone.or_else(|| {
            let words = heard.iter().any(|name| row.get(listing, name).as_str().is_some());
            words.then(|| row.get(listing, listing.key).as_str()).flatten()
        })
    };
    rows.iter().filter_map(of).collect()
}

/// Lists that exist for a role.
pub fn readable(role: Role) -> impl Iterator<Item = &'static Listing> {
    dayclear_core::listing::LISTINGS.iter().copied().filter(move |listing| listing.readable_by(role))
}

/// Rows counted by the values of some fields. `None`: the list does not exist for this role, or it may not see a field.
pub async fn tally(
    tx: &mut Scoped,
    looker: &Looker,
    listing: &'static Listing,
    query: &Query,
    by: &[&str],
) -> Result<Option<Vec<(Vec<Cell>, u64)>>, StoreError> {
    let seen = |name: &str| {
        listing.position(name).is_some_and(|at| looker.shown(listing.fields[at].class, None) == Sight::Plain)
    };
    let hidden = by.iter().any(|name| !seen(name)) || filters_what_is_hidden(looker, listing, query);
    if !listing.readable_by(looker.duty.role) || hidden {
        return Ok(None);
    }
    Ok(Some(tx.tally(listing, query, by).await?))
}
