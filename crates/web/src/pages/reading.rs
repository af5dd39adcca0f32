//! Several lists on one page: each is read as the duty may see it, in one look at the store. A list or a filter that does
//! not exist for the duty gives no rows, so that a page is made of what its reader may know. Whose rows were read is in the
//! chain of reads before the page leaves: [`Reading::finish`].

use super::{
    accounts,
    frame::Visit,
    table::{self, Table},
};
use crate::{api::audit, app::App, problem::Problem};
use dayclear_core::{
    access::Sight,
    books::Worklist,
    listing::{Cell, Listing, Query, Row, Test},
    time::{CivilDate, Instant},
};
use dayclear_ops::listing::{self, Looker};
use dayclear_store::{Scoped, listing::Page};
use futures_util::future::try_join_all;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Lists read for one page.
pub struct Reading<'a> {
    app: &'a App,
    visit: &'a Visit,
    looker: &'a Looker,
    /// Handle within the scope of the duty.
    pub tx: Scoped,
    /// People that were shown, by list, and whether by opening a record.
    seen: BTreeMap<(&'static str, &'static str), BTreeSet<String>>,
    overdue: Option<BTreeMap<Worklist, u64>>,
}

/// Rows, and whether there are more.
pub struct Rows {
    /// Rows.
    pub rows: Vec<Row>,
    /// Whether there are more than were asked for.
    pub more: bool,
}

/// Items past their deadline that are counted of one worklist: a page says that there may be more.
pub const OVERDUE_COUNTED_MAX: u64 = 2_000;

impl<'a> Reading<'a> {
    /// Begins to read.
    pub async fn begin(app: &'a App, visit: &'a Visit) -> Result<Self, Problem> {
        let looker = &visit.caller.looker;
        let tx = app.store().look(&looker.scope()).await?.as_of(app.now());
        Ok(Reading { app, visit, looker, tx, seen: BTreeMap::new(), overdue: None })
    }

    /// Open items past their deadline, by worklist, counted up to [`OVERDUE_COUNTED_MAX`]. Counted once a page.
    pub async fn overdue(&mut self) -> Result<&BTreeMap<Worklist, u64>, Problem> {
        if self.overdue.is_none() {
            let counted = self.tx.overdue(self.app.now(), OVERDUE_COUNTED_MAX as i64).await?;
            self.overdue = Some(counted.into_iter().collect());
        }
        Ok(self.overdue.get_or_insert_default())
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
        let page = self.page(listing, query).await?;
        Ok(page
            .map_or(Rows { rows: Vec::new(), more: false }, |page| Rows { more: page.next.is_some(), rows: page.rows }))
    }

    /// A page of a list; `None`: it does not exist for the duty, or a filter asks for what it is not shown.
    pub async fn page(&mut self, listing: &'static Listing, query: &Query) -> Result<Option<Page>, Problem> {
        let page = listing::page(&mut self.tx, self.looker, listing, query).await?;
        if let Some(page) = &page {
            self.note("list", listing, &page.rows);
            self.learn(listing, &page.rows).await?;
        }
        Ok(page)
    }

    /// The first row of each group of a list in parts.
    pub async fn firsts(&mut self, listing: &'static Listing, query: &Query) -> Result<Vec<Row>, Problem> {
        let rows = listing::firsts(&mut self.tx, self.looker, listing, query).await?;
        self.note("list", listing, &rows);
        self.learn(listing, &rows).await?;
        Ok(rows)
    }

    /// How many rows of a list there are, up to so many.
    pub async fn found_up_to(&mut self, listing: &'static Listing, query: &Query, most: usize) -> Result<u64, Problem> {
        Ok(listing::found_up_to(&mut self.tx, self.looker, listing, query, most).await?)
    }

    /// Every row of a list by the words of a question, page by page; for lists that are bounded by nature.
    pub async fn all(&mut self, listing: &'static Listing, asked: &[(&str, &str)]) -> Result<Vec<Row>, Problem> {
        const PAGES_MAX: usize = 40;
        let mut query = Query::read(listing, asked.iter().copied(), self.app.zone())?;
        query.limit = dayclear_core::listing::ROWS_MAX;
        let mut rows = Vec::new();
        for _ in 0..PAGES_MAX {
            let Some(page) = listing::page(&mut self.tx, self.looker, listing, &query).await? else { break };
            self.note("list", listing, &page.rows);
            rows.extend(page.rows);
            let Some(next) = page.next else { break };
            query.after = Query::read(listing, [("after", next.as_str())], self.app.zone())?.after;
        }
        Ok(rows)
    }

    /// Learns who is named in rows.
    async fn learn(&self, listing: &Listing, rows: &[Row]) -> Result<(), Problem> {
        const NAMED: [&str; 5] = ["assignee", "actor", "published_by", "drafted_by", "owner"];
        let mut texts = Vec::new();
        // several accounts in one field
        if let Some(at) = listing.position("approved_by") {
            let accounts = rows.iter().filter_map(|row| row.cells[at].as_str()).flat_map(str::split_whitespace);
            texts.extend(accounts.map(str::to_owned));
        }
        for at in NAMED.iter().filter_map(|name| listing.position(name)) {
            texts.extend(rows.iter().filter_map(|row| row.cells[at].as_str()).map(str::to_owned));
        }
        accounts::learn(self.app, texts).await
    }

    /// A record that a page shows beside its own, if it exists for the duty; that it does not is nobody's trespass.
    pub async fn beside(&mut self, listing: &'static Listing, key: &str) -> Result<Option<Row>, Problem> {
        let row = listing::record(&mut self.tx, self.looker, listing, key).await?;
        if let Some(row) = &row {
            self.note("read", listing, std::slice::from_ref(row));
        }
        Ok(row)
    }

    /// One record, if it exists for the duty.
    pub async fn record(&mut self, listing: &'static Listing, key: &str) -> Result<Option<Row>, Problem> {
        let row = listing::record(&mut self.tx, self.looker, listing, key).await?;
        match &row {
            Some(row) => {
                self.note("read", listing, std::slice::from_ref(row));
                self.learn(listing, std::slice::from_ref(row)).await?;
            }
            None if listing.tells_of_people() => {
                audit(self.app, &self.visit.caller, "read", listing.name, &[key], "refused", Value::Null).await?;
            }
            None => {}
        }
        Ok(row)
    }

    /// A page of which not every row is shown: [`Reading::shown`] says which ones were.
    pub async fn unseen(&mut self, listing: &'static Listing, query: &Query) -> Result<Option<Page>, Problem> {
        Ok(listing::page(&mut self.tx, self.looker, listing, query).await?)
    }

    /// Rows of a page that was read unseen, now that they are shown.
    pub fn shown(&mut self, listing: &'static Listing, rows: &[Row]) {
        self.note("list", listing, rows);
    }

    /// Records by their keys, those that exist for the duty.
    pub async fn records(
        &mut self,
        listing: &'static Listing,
        keys: &[&str],
    ) -> Result<BTreeMap<String, Row>, Problem> {
        if !listing.readable_by(self.looker.duty.role) {
            return Ok(BTreeMap::new());
        }
        let found = self.tx.records(listing, keys).await?;
        let found: BTreeMap<String, Row> =
            found.into_iter().map(|(key, row)| (key, self.looker.redact(listing, row))).collect();
        for row in found.values() {
            self.note("list", listing, std::slice::from_ref(row));
        }
        Ok(found)
    }

    fn note(&mut self, action: &'static str, listing: &'static Listing, rows: &[Row]) {
        if listing.tells_of_people() && !rows.is_empty() {
            let seen = self.seen.entry((action, listing.name)).or_default();
            seen.extend(listing::subjects(listing, rows).into_iter().map(str::to_owned));
        }
    }

    /// Ends the look: whose rows were read is written down, and only then may the page leave.
    pub async fn finish(self) -> Result<(), Problem> {
        let Reading { app, visit, seen, tx, .. } = self;
        drop(tx);
        // Side by side, so that the entries of a page are made durable together.
        let kept = seen.iter().map(|((action, list), subjects)| async move {
            let subjects: Vec<&str> = subjects.iter().map(String::as_str).collect();
            audit(app, &visit.caller, action, list, &subjects, "done", json!({"rows": subjects.len()})).await
        });
        try_join_all(kept).await.map(|_| ())
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
