//! Rows of lists as the stations' pages ask for them. It is the one way from those pages to the store's lists, so that
//! redaction, jurisdiction and the record of what was read are the same as for the lists themselves.

use crate::{
    app::App,
    pages::{frame::Visit, reading::Reading},
    problem::Problem,
};
use dayclear_core::{
    listing::{Cell, Listing, Query, Row},
    time::{CivilDate, Instant},
};
use dayclear_ops::listing;
use dayclear_store::Scoped;
use std::ops::{Deref, DerefMut};

/// One look at the store for a page: rows of lists, and the figures beside them.
pub struct Look<'a> {
    app: &'a App,
    visit: &'a Visit,
    reading: Reading<'a>,
}

impl Deref for Look<'_> {
    type Target = Scoped;
    fn deref(&self) -> &Scoped {
        &self.reading.tx
    }
}
impl DerefMut for Look<'_> {
    fn deref_mut(&mut self) -> &mut Scoped {
        &mut self.reading.tx
    }
}

/// Begins to look.
pub async fn look<'a>(app: &'a App, visit: &'a Visit) -> Result<Look<'a>, Problem> {
    Ok(Look { app, visit, reading: Reading::begin(app, visit).await? })
}

/// Rows of a list, and where the next page begins.
pub type Rows = (Vec<Row>, Option<String>);

impl Look<'_> {
    fn question(&self, listing: &Listing, tests: &[(&str, &str)]) -> Result<Query, Problem> {
        Ok(Query::read(listing, tests.iter().copied(), self.app.zone())?)
    }

    /// Rows that pass these tests, written as the parameters of the list; none where the list does not exist for the duty.
    pub async fn all(&mut self, listing: &'static Listing, tests: &[(&str, &str)]) -> Result<Vec<Row>, Problem> {
        Ok(self.page(listing, tests).await?.map(|(rows, _)| rows).unwrap_or_default())
    }

    /// A page of rows that pass these tests, and where the next one begins; `None` where the list does not exist for the
    /// duty.
    pub async fn page(&mut self, listing: &'static Listing, tests: &[(&str, &str)]) -> Result<Option<Rows>, Problem> {
        let query = self.question(listing, tests)?;
        Ok(self.reading.page(listing, &query).await?.map(|page| (page.rows, page.next)))
    }

    /// The same, of which not every row will be shown; [`Look::shown`] says which ones are.
    pub async fn unseen(&mut self, listing: &'static Listing, tests: &[(&str, &str)]) -> Result<Rows, Problem> {
        let query = self.question(listing, tests)?;
        let page = self.reading.unseen(listing, &query).await?;
        Ok(page.map(|page| (page.rows, page.next)).unwrap_or_default())
    }

    /// Rows that were read unseen, now that they are shown.
    pub fn shown(&mut self, listing: &'static Listing, rows: &[Row]) {
        self.reading.shown(listing, rows);
    }

    /// One record, or the answer that it does not exist.
    pub async fn one(&mut self, listing: &'static Listing, key: &str) -> Result<Row, Problem> {
        self.reading.record(listing, key).await?.ok_or_else(Problem::unknown)
    }

    /// Records by their keys, those that exist for the duty.
    pub async fn by_key(
        &mut self,
        listing: &'static Listing,
        keys: &[&str],
    ) -> Result<std::collections::BTreeMap<String, Row>, Problem> {
        self.reading.records(listing, keys).await
    }

    /// Rows counted by fields; nothing where the duty may not count them.
    pub async fn tally(
        &mut self,
        listing: &'static Listing,
        tests: &[(&str, &str)],
        by: &[&str],
    ) -> Result<Vec<(Vec<Cell>, u64)>, Problem> {
        let query = self.question(listing, tests)?;
        let looker = &self.visit.caller.looker;
        Ok(listing::tally(&mut self.reading.tx, looker, listing, &query, by).await?.unwrap_or_default())
    }

    /// Ends the look; whose rows were shown is written down before the page leaves.
    pub async fn finish(self) -> Result<(), Problem> {
        self.reading.finish().await
    }
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
