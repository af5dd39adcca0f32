//! Rows of lists as the stations' pages ask for them. It is the one way from those pages to the store's lists, so that
//! redaction, jurisdiction and the record of what was read are the same as for the lists themselves.

use crate::pages::frame::Visit;
use crate::{app::App, problem::Problem};
use dayclear_core::{
    listing::{Cell, Listing, Query, Row},
    time::{CivilDate, Instant},
};
use dayclear_ops::listing;
use dayclear_store::Scoped;

/// Rows that pass these tests, written as the parameters of the list; none where the list does not exist for the duty.
pub async fn rows(
    app: &App,
    tx: &mut Scoped,
    visit: &Visit,
    listing: &'static Listing,
    tests: &[(&str, &str)],
) -> Result<Vec<Row>, Problem> {
    Ok(page(app, tx, visit, listing, tests).await?.map(|(rows, _)| rows).unwrap_or_default())
}

/// A page of rows that pass these tests, and where the next one begins; `None` where the list does not exist for the duty.
pub async fn page(
    app: &App,
    tx: &mut Scoped,
    visit: &Visit,
    listing: &'static Listing,
    tests: &[(&str, &str)],
) -> Result<Option<(Vec<Row>, Option<String>)>, Problem> {
    let query = Query::read(listing, tests.iter().copied(), app.zone())?;
    let page = listing::page(tx, &visit.caller.looker, listing, &query).await?;
    Ok(page.map(|page| (page.rows, page.next)))
}

/// One record, or the answer that it does not exist.
pub async fn record(tx: &mut Scoped, visit: &Visit, listing: &'static Listing, key: &str) -> Result<Row, Problem> {
    listing::record(tx, &visit.caller.looker, listing, key).await?.ok_or_else(Problem::unknown)
}

/// Rows counted by fields; nothing where the duty may not count them.
pub async fn tally(
    app: &App,
    tx: &mut Scoped,
    visit: &Visit,
    listing: &'static Listing,
    tests: &[(&str, &str)],
    by: &[&str],
) -> Result<Vec<(Vec<Cell>, u64)>, Problem> {
    let query = Query::read(listing, tests.iter().copied(), app.zone())?;
    Ok(listing::tally(tx, &visit.caller.looker, listing, &query, by).await?.unwrap_or_default())
}

/// A row with its list, to read its fields by name.
#[derive(Clone, Copy)]
pub struct Of<'r> {
    /// List.
    pub listing: &'static Listing,
    /// Row.
    pub row: &'r Row,
}

impl<'r> Of<'r> {
    /// A cell.
    pub fn cell(&self, name: &str) -> &'r Cell {
        self.row.get(self.listing, name)
    }
    /// Text in plain sight.
    pub fn text(&self, name: &str) -> Option<&'r str> {
        self.cell(name).as_str()
    }
    /// Text as it is shown: plain or masked.
    pub fn shown(&self, name: &str) -> Option<&'r str> {
        match self.cell(name) {
            Cell::Text(text) | Cell::Masked(text) => Some(text),
            _ => None,
        }
    }
    /// A moment.
    pub fn moment(&self, name: &str) -> Option<Instant> {
        if let Cell::Moment(at) = self.cell(name) { Some(*at) } else { None }
    }
    /// A day.
    pub fn day(&self, name: &str) -> Option<CivilDate> {
        if let Cell::Day(day) = self.cell(name) { Some(*day) } else { None }
    }
    /// A whole number.
    pub fn whole(&self, name: &str) -> Option<i64> {
        if let Cell::Whole(number) = self.cell(name) { Some(*number) } else { None }
    }
    /// A decimal number.
    pub fn real(&self, name: &str) -> Option<f64> {
        if let Cell::Real(number) = self.cell(name) { Some(*number) } else { None }
    }
    /// Longitude and latitude.
    pub fn place(&self) -> Option<(f64, f64)> {
        self.real("lon").zip(self.real("lat"))
    }
}
