//! Tables: rows of a list as they are shown, with the heads of the columns leading to its orders. One markup serves wide
//! screens and cards on a phone; what a duty may not see has no column.

use super::{
    columns,
    frame::Visit,
    show::{self, Shown},
};
use crate::app::App;
use dayclear_core::{
    access::Sight,
    listing::{Field, Holds, Listing, Row},
};

/// A column of a table.
pub struct Column {
    /// Word.
    pub word: String,
    /// Whether its values stand to the right.
    pub number: bool,
    /// Whether it is left out where there is little room.
    pub fewer: bool,
    /// Page in the order of this column.
    pub sort: Option<String>,
    /// How the table is ordered by it: `ascending`, `descending` or empty.
    pub sorted: &'static str,
}

impl Column {
    /// Class of its cells. Most have none: an attribute that says nothing is read for every cell.
    pub fn class(&self) -> Option<&'static str> {
        match (self.number, self.fewer) {
            (true, true) => Some("n fewer"),
            (true, false) => Some("n"),
            (false, true) => Some("fewer"),
            (false, false) => None,
        }
    }
}

/// A row of a table.
pub struct Line {
    /// Key of the record.
    pub key: String,
    /// Whether a clock in it has run out.
    pub overdue: bool,
    /// Values.
    pub cells: Vec<Shown>,
}

/// A table of rows of a list.
pub struct Table {
    /// What it holds.
    pub caption: String,
    /// Columns.
    pub columns: Vec<Column>,
    /// Rows.
    pub lines: Vec<Line>,
    /// Whether rows can be chosen for commands.
    pub pick: bool,
}

impl Table {
    /// The same table with the orders of the list in the heads of its columns. `to` gives the page in an order.
    #[must_use]
    pub fn sortable(mut self, listing: &Listing, fields: &[&Field], now: usize, to: impl Fn(&str) -> String) -> Self {
        for (at, name) in listing.orders.iter().enumerate() {
            let Some((_, field)) = columns::order(name) else { continue };
            let Some(place) = fields.iter().position(|f| f.name == field) else { continue };
            let column = &mut self.columns[place];
            column.sort = Some(to(name));
            if at == now {
                column.sorted = if columns::latest_first(name) { "descending" } else { "ascending" };
            }
        }
        self
    }
}

/// The fields of a list that a table shows: those that can be seen, without the ones left out.
pub fn shown_fields(visit: &Visit, listing: &'static Listing, without: &[&str]) -> Vec<&'static Field> {
    let seen = |field: &&Field| visit.caller.looker.shown(field.class, None) != Sight::Hidden;
    columns::of(listing).into_iter().filter(|field| !without.contains(&field.name)).filter(seen).collect()
}

/// A table of rows.
pub fn table(
    app: &App,
    visit: &Visit,
    listing: &'static Listing,
    fields: &[&'static Field],
    rows: &[Row],
    pick: bool,
) -> Table {
    const COLUMNS_ALWAYS: usize = 5;
    let frame = &visit.frame;
    let columns = fields.iter().enumerate().map(|(at, field)| Column {
        word: frame.say(&format!("field-{}", field.name)),
        number: matches!(field.holds, Holds::Whole | Holds::Real),
        fewer: at >= COLUMNS_ALWAYS,
        sort: None,
        sorted: "",
    });
    let lines = rows.iter().map(|row| {
        let key = row.get(listing, listing.key).text(app.zone());
        let path = format!("/{}/{}", listing.name, show::part(&key));
        let mut cells: Vec<Shown> = fields.iter().map(|field| show::value(app, frame, listing, field, row)).collect();
        // the name of a row leads to its record
        if let Some(first) = cells.first_mut() {
            first.link = Some(path);
        }
        let overdue = cells.iter().any(|cell| cell.look == "clock" && cell.tone == "overdue");
        Line { key, overdue, cells }
    });
    let caption = frame.say(&format!("list-{}", listing.name));
    Table { caption, columns: columns.collect(), lines: lines.collect(), pick }
}
