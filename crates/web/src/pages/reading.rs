//! Several lists on one page: each is read as the duty may see it, in one look at the store. A list or a filter that does
//! not exist for the duty gives no rows, so that a page is made of what its reader may know.

use super::{
    frame::Visit,
    table::{self, Table},
};
use crate::{app::App, problem::Problem};
use dayclear_core::{
    access::Sight,
    listing::{Cell, Listing, Query, Row, Test},
    time::{CivilDate, Instant},
};
use dayclear_ops::listing::{self, Looker};
use dayclear_store::Scoped;

/// Lists read for one page.
pub struct Reading<'a> {
    app: &'a App,
    looker: &'a Looker,
    /// Handle within the scope of the duty.
    pub tx: Scoped,
}

/// Rows, and whether there are more.
pub struct Rows {
    /// Rows.
    pub rows: Vec<Row>,
    /// Whether there are more than were asked for.
    pub more: bool,
}

impl<'a> Reading<'a> {
    /// Begins to read.
    pub async fn begin(app: &'a App, visit: &'a Visit) -> Result<Self, Problem> {
        let looker = &visit.caller.looker;
        Ok(Reading { app, looker, tx: app.store().look(&looker.scope()).await? })
    }

    /// Rows of a list by the words of a question.
    pub async fn rows(
        &mut self,
        listing: &'static Listing,
        asked: &[(&str, &str)],
        limit: usize,
    ) -> Result<Rows, Problem> {
        let mut query = Query::read(listing, asked.iter().copied(), self.app.zone())?;
        query.limit = limit;
        self.asked(listing, &query).await
    }

    /// Rows of a list by a question.
    pub async fn asked(&mut self, listing: &'static Listing, query: &Query) -> Result<Rows, Problem> {
        let page = listing::page(&mut self.tx, self.looker, listing, query).await?;
        Ok(page.map_or(Rows { rows: Vec::new(), more: false }, |page| Rows {
            more: page.next.is_some(),
            rows: page.rows,
        }))
    }

    /// Every row of a list by the words of a question, page by page; for lists that are bounded by nature.
    pub async fn all(&mut self, listing: &'static Listing, asked: &[(&str, &str)]) -> Result<Vec<Row>, Problem> {
        const PAGES_MAX: usize = 40;
        let mut query = Query::read(listing, asked.iter().copied(), self.app.zone())?;
        query.limit = dayclear_core::listing::ROWS_MAX;
        let mut rows = Vec::new();
        for _ in 0..PAGES_MAX {
            let Some(page) = listing::page(&mut self.tx, self.looker, listing, &query).await? else { break };
            rows.extend(page.rows);
            let Some(next) = page.next else { break };
            query.after = Query::read(listing, [("after", next.as_str())], self.app.zone())?.after;
        }
        Ok(rows)
    }

    /// One record, if it exists for the duty.
    pub async fn record(&mut self, listing: &'static Listing, key: &str) -> Result<Option<Row>, Problem> {
        Ok(listing::record(&mut self.tx, self.looker, listing, key).await?)
    }

    /// Whether the duty can ask a list by a field.
    pub fn can_ask(&self, listing: &Listing, field: &str) -> bool {
        let class = listing.position(field).map(|at| listing.fields[at].class);
        listing.readable_by(self.looker.duty.role)
            && class.is_some_and(|class| self.looker.shown(class, None) == Sight::Plain)
    }

    /// A table of rows as they were read.
    pub fn table(&self, visit: &Visit, listing: &'static Listing, rows: &[Row], without: &[&str]) -> Table {
        let fields = table::shown_fields(visit, listing, without);
        table::table(self.app, visit, listing, &fields, rows, false)
    }
}

/// A question with a test on a moment or a day.
pub fn since(mut query: Query, listing: &Listing, field: &str, test: Test) -> Query {
    if let Some(at) = listing.position(field) {
        query.tests.push((at, test));
    }
    query
}

/// A text of a row; empty where there is none in plain sight.
pub fn text<'r>(listing: &Listing, row: &'r Row, field: &str) -> &'r str {
    row.get(listing, field).as_str().unwrap_or_default()
}

/// A moment of a row.
pub fn at(listing: &Listing, row: &Row, field: &str) -> Option<Instant> {
    if let Cell::Moment(at) = row.get(listing, field) { Some(*at) } else { None }
}

/// A day of a row.
pub fn day(listing: &Listing, row: &Row, field: &str) -> Option<CivilDate> {
    if let Cell::Day(day) = row.get(listing, field) { Some(*day) } else { None }
}

/// A number of a row.
pub fn number(listing: &Listing, row: &Row, field: &str) -> i64 {
    if let Cell::Whole(number) = row.get(listing, field) { *number } else { 0 }
}
