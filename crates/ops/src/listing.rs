//! Looking at things: a page of a list or one record of it, as a duty may see it. It may use the store. It is the one
//! place in which fields are hidden or masked: pages, API, exports and logs get rows from here and from nowhere else, and
//! a list that does not exist for a role is answered as if it did not exist at all.

use dayclear_core::{
    access::{Class, Duty, Role, Sight, mask, reveal},
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
        reveal(self.duty.role, class, subject.is_some_and(|subject| self.glass.contains(subject)))
    }

    /// The row with what this looker may see.
    pub fn redact(&self, listing: &Listing, mut row: Row) -> Row {
        let subject = listing.subject.map(|name| row.get(listing, name).clone());
        let subject = subject.as_ref().and_then(Cell::as_str);
        let shown: Vec<Sight> = listing.fields.iter().map(|field| self.shown(field.class, subject)).collect();
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
    Ok(tx.record(listing, key).await?.map(|row| looker.redact(listing, row)))
}

/// Whoever may not see a field may not find its values by asking for them either.
fn filters_what_is_hidden(looker: &Looker, listing: &Listing, query: &Query) -> bool {
    query.tests.iter().any(|(at, _)| looker.shown(listing.fields[*at].class, None) != Sight::Plain)
}

/// The people (or households) that rows tell about, for the audit and the budget of reading.
pub fn subjects<'r>(listing: &Listing, rows: &'r [Row]) -> Vec<&'r str> {
    let at = listing.subject.and_then(|name| listing.position(name));
    rows.iter().filter_map(|row| row.cells.get(at?).and_then(Cell::as_str)).collect()
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
