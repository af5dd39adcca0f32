//! Lists as they are read: one builder of queries for every declared list. It guarantees that the jurisdiction of the
//! handle (division, site, assignment) stands in the SQL, so that a page is right by itself; that a page is found by its
//! place and never by counting; and that every value is a parameter, every name one of this crate.

mod line;
mod places;
mod tally;

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    access::Role,
    listing::{Cell, Field, Holds, Listing, Query, Row, Test, write_cursor},
    time::{CivilDate, Instant},
};
use std::collections::HashMap;

/// Where a list comes from.
pub(crate) struct Source {
    /// Tables with their joins; the first one bears the row.
    from: &'static str,
    /// Expression of each field by name. A field of the same name as a column of the first table needs no entry.
    fields: &'static [(&'static str, &'static str)],
    /// Alias of the first table, for fields without an entry.
    alias: &'static str,
    /// Column of the division, for lists that belong to a place.
    division: Option<&'static str>,
    /// Whether an index begins with the district of that column.
    by_district: bool,
    /// Parts of the key: expressions and what they hold. The key as text joins them with `:`.
    key: &'static [(&'static str, Holds)],
    /// Orders by name: expression, what it holds, whether the latest comes first.
    orders: &'static [(&'static str, &'static str, Holds, bool)],
    /// What a role sees of it beyond the division: `{site}` and `{account}` are those of the duty.
    only: &'static [(Role, &'static str)],
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    /// Rows, in the order of the list's fields.
    pub rows: Vec<Row>,
    /// Where the next page begins; `None`: this is the last one.
    pub next: Option<String>,
}

fn source(listing: &Listing) -> Result<&'static Source, StoreError> {
    line::source(listing.name)
        .or_else(|| places::source(listing.name))
        .ok_or_else(|| StoreError::Meaning { value: listing.name.to_owned(), problem: "no such list".to_owned() })
}

impl Source {
    fn expression(&self, field: &Field) -> String {
        match self.fields.iter().find(|(name, _)| *name == field.name) {
            Some((_, expression)) => (*expression).to_owned(),
            None => format!("{}.\"{}\"", self.alias, field.name),
        }
    }
}

/// A statement under construction: its text and its values.
struct Statement<'a> {
    text: String,
    values: Vec<Value<'a>>,
}

impl<'a> Statement<'a> {
    fn value(&mut self, value: Value<'a>) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn and(&mut self, condition: &str) {
        self.text.push_str(" and (");
        self.text.push_str(condition);
        self.text.push(')');
    }
}

fn value_of(cell: &Cell) -> Value<'static> {
    match cell {
        Cell::Text(text) | Cell::Masked(text) => text.clone().into(),
        Cell::Whole(number) => (*number).into(),
        Cell::Real(number) => (*number).into(),
        Cell::Day(day) => (*day).into(),
        Cell::Moment(at) => (*at).into(),
        Cell::Truth(truth) => (*truth).into(),
        Cell::Empty | Cell::Hidden | Cell::Data(_) => Value::Text(None),
    }
}

fn cell_at(row: &Record, at: usize, holds: Holds) -> Result<Cell, StoreError> {
    fn some<T>(value: Option<T>, cell: fn(T) -> Cell) -> Cell {
        value.map_or(Cell::Empty, cell)
    }
    Ok(match holds {
        Holds::Id | Holds::Text | Holds::Division | Holds::Term(_) => some(row.get(at)?, Cell::Text),
        Holds::Whole => some(row.get(at)?, Cell::Whole),
        Holds::Real => some(row.get(at)?, Cell::Real),
        Holds::Day => some(row.get(at)?, Cell::Day),
        Holds::Moment => some(row.get(at)?, Cell::Moment),
        Holds::Truth => some(row.get(at)?, Cell::Truth),
        Holds::Data => match row.get::<Option<String>>(at)? {
            None => Cell::Empty,
            Some(text) => Cell::Data(serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))),
        },
    })
}

/// A value of a cursor, as text that reads back to the same value.
fn place_text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Moment(at) => Some(at.micros().to_string()),
        Cell::Whole(number) => Some(number.to_string()),
        Cell::Day(day) => Some(day.to_string()),
        Cell::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn place_value(text: &str, holds: Holds) -> Option<Value<'static>> {
    Some(match holds {
        Holds::Moment => Instant::from_micros(text.parse().ok()?).into(),
        Holds::Whole => text.parse::<i64>().ok()?.into(),
        Holds::Day => text.parse::<CivilDate>().ok()?.into(),
        _ => text.to_owned().into(),
    })
}

impl Scoped {
    /// A page of a list, as this handle may see it.
    pub async fn list(&mut self, listing: &'static Listing, query: &Query) -> Result<Page, StoreError> {
        let source = source(listing)?;
        let order = listing.orders.get(query.order).copied().unwrap_or_default();
        let Some((_, by, holds, latest_first)) = source.orders.iter().find(|(name, ..)| *name == order) else {
            return Err(StoreError::Meaning { value: order.to_owned(), problem: "no such order".to_owned() });
        };
        let mut places: Vec<(&str, Holds)> = vec![(by, *holds)];
        places.extend(source.key.iter().filter(|(expression, _)| expression != by));
        let mut statement = self.select(listing, source, &places);
        for (at, test) in &query.tests {
            let field = &listing.fields[*at];
            passes(&mut statement, &source.expression(field), field.holds, test);
        }
        if let Some(after) = &query.after
            && !behind(&mut statement, &places, after, *latest_first)
        {
            return Ok(Page { rows: Vec::new(), next: None });
        }
        let direction = if *latest_first { " desc" } else { "" };
        let order: Vec<String> = places.iter().map(|(expression, _)| format!("{expression}{direction}")).collect();
        // one row more than asked for tells whether there is a next page
        let limit = statement.value(((query.limit + 1) as i64).into());
        statement.text.push_str(&format!(" order by {} limit {limit}", order.join(", ")));
        let mut records = self.rows_text(self.words(&statement.text).into(), &statement.values).await?;
        let more = records.len() > query.limit;
        records.truncate(query.limit);
        let next = match records.last().filter(|_| more) {
            None => None,
            Some(last) => {
                let values: Result<Vec<_>, StoreError> = places
                    .iter()
                    .enumerate()
                    .map(|(at, (_, holds))| Ok(place_text(&cell_at(last, listing.fields.len() + at, *holds)?)))
                    .collect();
                Some(write_cursor(&values?))
            }
        };
        let rows = records.iter().map(|record| read_row(record, listing)).collect::<Result<_, _>>()?;
        Ok(Page { rows, next })
    }

    /// One row of a list by its key; `None` where it does not exist for this handle.
    pub async fn record(&mut self, listing: &'static Listing, key: &str) -> Result<Option<Row>, StoreError> {
        let source = source(listing)?;
        let mut statement = self.select(listing, source, &[]);
        let parts: Vec<&str> = key.splitn(source.key.len(), ':').collect();
        if parts.len() != source.key.len() || key.contains('\0') {
            return Ok(None);
        }
        for (part, (expression, holds)) in parts.iter().zip(source.key) {
            let Some(value) = place_value(part, *holds) else { return Ok(None) };
            let value = statement.value(value);
            statement.and(&format!("{expression} = {value}"));
        }
        let records = self.rows_text(self.words(&statement.text).into(), &statement.values).await?;
        records.first().map(|record| read_row(record, listing)).transpose()
    }

    /// The rows of a list that exist for this handle, by their keys; asked for as a set.
    pub async fn records(
        &mut self,
        listing: &'static Listing,
        keys: &[&str],
    ) -> Result<HashMap<String, Row>, StoreError> {
        const KEYS_MAX: usize = 400;
        let source = source(listing)?;
        let width = source.key.len();
        let mut found = HashMap::with_capacity(keys.len());
        for group in keys.chunks(KEYS_MAX) {
            let mut statement = self.select(listing, source, &[]);
            let mut places: Vec<String> = Vec::with_capacity(group.len());
            for key in group.iter().filter(|key| !key.contains('\0')) {
                let parts: Vec<&str> = key.splitn(width, ':').collect();
                let values: Option<Vec<Value<'_>>> =
                    parts.iter().zip(source.key).map(|(part, (_, holds))| place_value(part, *holds)).collect();
                if let Some(values) = values.filter(|values| values.len() == width) {
                    let marks: Vec<String> = values.into_iter().map(|value| statement.value(value)).collect();
                    places.push(if width == 1 { marks.concat() } else { format!("({})", marks.join(",")) });
                }
            }
            if places.is_empty() {
                continue;
            }
            let columns: Vec<&str> = source.key.iter().map(|(expression, _)| *expression).collect();
            let test = match width {
                1 => format!("{} in ({})", columns[0], places.join(",")),
                _ => format!("({}) in (values {})", columns.join(","), places.join(",")),
            };
            statement.and(&test);
            let records = self.rows_text(self.words(&statement.text).into(), &statement.values).await?;
            for record in &records {
                let row = read_row(record, listing)?;
                let key = match row.get(listing, listing.key) {
                    Cell::Text(text) => text.clone(),
                    Cell::Whole(number) => number.to_string(),
                    Cell::Day(day) => day.to_string(),
                    _ => continue,
                };
                found.insert(key, row);
            }
        }
        Ok(found)
    }

    /// The beginning of every query on a list: its fields, further expressions, and what this handle may see.
    fn select<'a>(&self, listing: &'static Listing, source: &Source, more: &[(&str, Holds)]) -> Statement<'a> {
        let mut columns: Vec<String> = listing
            .fields
            .iter()
            .map(|field| match field.holds {
                // PostgreSQL has a type for yes and no, SQLite counts
                Holds::Truth if !self.is_server() => format!("cast({} as integer)", source.expression(field)),
                _ => source.expression(field),
            })
            .collect();
        columns.extend(more.iter().map(|(expression, _)| (*expression).to_owned()));
        let text = format!("select {} from {} where 1 = 1", columns.join(", "), source.from);
        let mut statement = Statement { text, values: Vec::new() };
        if let (Some(division), false) = (source.division, self.scope.is_everything()) {
            let code = self.scope.division().as_str().to_owned();
            if source.by_district && code.len() == 6 {
                let code = statement.value(code.into());
                statement.and(&format!("substr({division}, 1, 6) = {code}"));
            } else if code.len() > 2 || !source.by_district {
                let (low, high) = self.scope.range();
                let (low, high) = (statement.value(low.into()), statement.value(high.into()));
                statement.and(&format!("{division} >= {low} and {division} < {high}"));
            } else {
                // a city's code is the beginning of every code in it; kept as a test, so that no index is led astray
                let (low, high) = self.scope.range();
                let (low, high) = (statement.value(low.into()), statement.value(high.into()));
                statement.and(&format!("{division} || '' >= {low} and {division} || '' < {high}"));
            }
        }
        if let Some(duty) = self.scope.duty.clone()
            && let Some((_, condition)) = source.only.iter().find(|(role, _)| *role == duty.role)
        {
            let mut condition = (*condition).to_owned();
            for (word, value) in [("{site}", duty.site.clone().unwrap_or_default()), ("{account}", duty.account)] {
                if condition.contains(word) {
                    let value = statement.value(value.into());
                    condition = condition.replace(word, &value);
                }
            }
            statement.and(&condition);
        }
        statement
    }

    /// Words in braces that differ by engine.
    pub(crate) fn words(&self, text: &str) -> String {
        let far = if self.is_server() { "timestamptz '9999-12-31T00:00:00Z'" } else { "253402214400000000" };
        text.replace("{far}", far)
    }
}

fn read_row(record: &Record, listing: &Listing) -> Result<Row, StoreError> {
    let cells = listing.fields.iter().enumerate().map(|(at, field)| cell_at(record, at, field.holds));
    Ok(Row { cells: cells.collect::<Result<_, _>>()? })
}

fn passes(statement: &mut Statement<'_>, expression: &str, holds: Holds, test: &Test) {
    let condition = match test {
        Test::Missing => format!("{expression} is null"),
        Test::From(cell) => format!("{expression} >= {}", statement.value(value_of(cell))),
        Test::Before(cell) => format!("{expression} < {}", statement.value(value_of(cell))),
        // written out, so that an index over the open rows is used
        Test::AnyOf(cells) if holds == Holds::Truth => {
            let wanted = |truth| cells.contains(&Cell::Truth(truth));
            match (wanted(true), wanted(false)) {
                (true, true) => return,
                (true, false) => expression.to_owned(),
                _ => format!("not ({expression})"),
            }
        }
        Test::AnyOf(cells) if holds == Holds::Division => {
            let mut any = Vec::with_capacity(cells.len());
            for cell in cells {
                let code = cell.as_str().unwrap_or_default().to_owned();
                let high = format!("{code}~");
                let (low, high) = (statement.value(code.into()), statement.value(high.into()));
                any.push(format!("({expression} >= {low} and {expression} < {high})"));
            }
            any.join(" or ")
        }
        Test::AnyOf(cells) => {
            let values: Vec<String> = cells.iter().map(|cell| statement.value(value_of(cell))).collect();
            format!("{expression} in ({})", values.join(","))
        }
    };
    statement.and(&condition);
}

/// Begins behind a place. `false`: the place cannot be of this list.
fn behind(
    statement: &mut Statement<'_>,
    places: &[(&str, Holds)],
    after: &[Option<String>],
    latest_first: bool,
) -> bool {
    if after.len() != places.len() {
        return false;
    }
    let beyond = if latest_first { "<" } else { ">" };
    let mut equal: Vec<String> = Vec::new();
    let mut any: Vec<String> = Vec::new();
    for ((expression, holds), text) in places.iter().zip(after) {
        let Some(value) = text.as_deref().and_then(|text| place_value(text, *holds)) else { return false };
        let value = statement.value(value);
        let mut all = equal.clone();
        all.push(format!("{expression} {beyond} {value}"));
        any.push(format!("({})", all.join(" and ")));
        if equal.is_empty() {
            // said apart, so that the index of the order is entered at the place
            statement.and(&format!("{expression} {beyond}= {value}"));
        }
        equal.push(format!("{expression} = {value}"));
    }
    statement.and(&any.join(" or "));
    true
}
