//! Lists as they are read: one builder of queries for every declared list. It guarantees that the jurisdiction of the
//! handle (division, site, assignment) stands in the SQL, so that a page is right by itself; that a page is found by its
//! place and never by counting; and that every value is a parameter, every name one of this crate.

mod care;
mod custody;
mod daily;
mod followup;
mod gates;
mod hold;
mod identity;
mod interview;
mod laboratories;
mod letters;
mod line;
mod messages;
mod obligations;
mod page;
mod places;
mod rounds;
mod situation;
mod tally;

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    access::Role,
    listing::{Cell, Field, Holds, Listing, Row},
    time::{CivilDate, Instant},
};
use std::collections::{BTreeMap, HashMap};

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
    /// Parts of the key: expressions and what they hold. The key as text joins them with `:`.
    key: &'static [(&'static str, Holds)],
    /// Orders in which it can be read.
    orders: &'static [Order],
    /// How a page is put together from parts, each of which an index holds in order.
    parts: Option<Parts>,
    /// Fields of which a value leads by an index to few rows: those are taken and sorted.
    leads: &'static [&'static str],
    /// What a role sees of it beyond the division: `{site}` and `{account}` are those of the duty. Few rows, found by an
    /// index of their own.
    only: &'static [(Role, &'static str)],
}

/// An order of a list.
pub(crate) struct Order {
    name: &'static str,
    /// Expressions that come before the key.
    by: &'static [(&'static str, Holds)],
    latest_first: bool,
    reach: Reach,
}

/// By which index a jurisdiction is found in an order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The index of the order is read in order, and rows of other places are passed over.
    Walk,
    /// An index begins with the district and goes on with the order.
    District,
    /// The order itself begins with the division.
    Place,
}

/// A list whose rows fall into groups: an index holds each group in order, and none holds all of them.
pub(crate) struct Parts {
    /// Field and column that tell the groups apart.
    field: &'static str,
    column: &'static str,
    groups: &'static [&'static str],
    /// Groups that a role sees, where it does not see all.
    seen: &'static [(Role, &'static [&'static str])],
    /// Field and condition that halve each group once more, because each half has indexes of its own.
    halves: (&'static str, &'static str),
}

const fn by(name: &'static str, by: &'static [(&'static str, Holds)]) -> Order {
    Order { name, by, latest_first: false, reach: Reach::Walk }
}

impl Order {
    const fn latest_first(self) -> Self {
        Order { latest_first: true, ..self }
    }
    const fn in_district(self) -> Self {
        Order { reach: Reach::District, ..self }
    }
    const fn in_place(self) -> Self {
        Order { reach: Reach::Place, ..self }
    }
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
        .or_else(|| laboratories::source(listing.name))
        .or_else(|| rounds::source(listing.name))
        .or_else(|| situation::source(listing.name))
        .or_else(|| custody::source(listing.name))
        .or_else(|| identity::source(listing.name))
        .or_else(|| daily::source(listing.name))
        .or_else(|| followup::source(listing.name))
        .or_else(|| interview::source(listing.name))
        .or_else(|| hold::source(listing.name))
        .or_else(|| care::source(listing.name))
        .or_else(|| obligations::source(listing.name))
        .or_else(|| gates::source(listing.name))
        .or_else(|| letters::source(listing.name))
        .or_else(|| messages::source(listing.name))
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

/// Which values a statement is planned for.
enum Planned {
    /// For those that come with it.
    ForItsValues,
    /// For any: it is prepared.
    ForAny,
}

impl Scoped {
    /// One row of a list by its key; `None` where it does not exist for this handle.
    pub async fn record(&mut self, listing: &'static Listing, key: &str) -> Result<Option<Row>, StoreError> {
        let source = source(listing)?;
        let mut statement = self.select(listing.fields, source, &[]);
        self.jurisdiction(&mut statement, source, Planned::ForAny);
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
        let last = source.key.len() - 1;
        // by the parts of the key but the last: equal parts and a list are found in an index, pairs in a list are not
        let mut groups: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
        for key in keys.iter().filter(|key| !key.contains('\0')) {
            let mut parts: Vec<&str> = key.splitn(last + 1, ':').collect();
            if parts.len() == last + 1
                && let Some(part) = parts.pop()
            {
                groups.entry(parts).or_default().push(part);
            }
        }
        let mut found = HashMap::with_capacity(keys.len());
        // gathered first: an iterator that lives across the waiting would tie the future to one thread
        let mut chunks: Vec<(&Vec<&str>, &[&str])> = Vec::new();
        for (first, all) in &groups {
            chunks.extend(all.chunks(KEYS_MAX).map(|some| (first, some)));
        }
        for (first, some) in chunks {
            let mut statement = self.select(listing.fields, source, &[]);
            self.jurisdiction(&mut statement, source, Planned::ForAny);
            let value = |part: &str, at: usize| place_value(part, source.key[at].1);
            let equal: Option<Vec<_>> = first.iter().enumerate().map(|(at, part)| value(part, at)).collect();
            let Some(equal) = equal else { continue };
            for (at, equal) in equal.into_iter().enumerate() {
                let mark = statement.value(equal);
                statement.and(&format!("{} = {mark}", source.key[at].0));
            }
            let values = some.iter().filter_map(|part| value(part, last));
            let marks: Vec<String> = values.map(|value| statement.value(value)).collect();
            if marks.is_empty() {
                continue;
            }
            statement.and(&format!("{} in ({})", source.key[last].0, marks.join(",")));
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

    /// Everything that limits this handle, for rows that are found by something else: no index is led astray by it.
    fn jurisdiction(&self, statement: &mut Statement<'_>, source: &Source, planned: Planned) {
        if let (Some(division), false) = (source.division, self.scope.is_everything()) {
            let code = self.scope.division().as_str();
            let test = match planned {
                Planned::ForItsValues => self.within(statement, division, code, None),
                // such a plan would take an index of divisions for a short way, and walk a whole city by it
                Planned::ForAny => self.beside(statement, division, code),
            };
            statement.and(&test);
        }
        self.only(statement, source);
        if let Some(parts) = &source.parts {
            statement.and(&format!("{} in ('{}')", parts.column, self.groups(parts).join("','")));
        }
    }

    /// The beginning of every query on a list: its fields and further expressions. What the handle may see comes next.
    fn select<'a>(&self, fields: &[Field], source: &Source, more: &[(&str, Holds)]) -> Statement<'a> {
        let mut columns: Vec<String> = fields
            .iter()
            .map(|field| match field.holds {
                // PostgreSQL has a type for yes and no, SQLite counts
                Holds::Truth if !self.is_server() => format!("cast({} as integer)", source.expression(field)),
                _ => source.expression(field),
            })
            .collect();
        columns.extend(more.iter().enumerate().map(|(at, (expression, _))| format!("{expression} as place{at}")));
        let text = format!("select {} from {} where 1 = 1", columns.join(", "), source.from);
        Statement { text, values: Vec::new() }
    }

    /// What this handle may see beyond its division.
    fn only(&self, statement: &mut Statement<'_>, source: &Source) {
        let Some(duty) = self.scope.duty.clone() else { return };
        let Some((_, condition)) = source.only.iter().find(|(role, _)| *role == duty.role) else { return };
        let mut condition = (*condition).to_owned();
        for (word, value) in [("{site}", duty.site.clone().unwrap_or_default()), ("{account}", duty.account)] {
            if condition.contains(word) {
                let value = statement.value(value.into());
                condition = condition.replace(word, &value);
            }
        }
        statement.and(&condition);
    }

    /// Groups of a list in parts that this handle may see.
    fn groups(&self, parts: &Parts) -> &'static [&'static str] {
        let role = self.scope.duty.as_ref().map(|duty| duty.role);
        let seen = parts.seen.iter().find(|(seer, _)| Some(*seer) == role);
        seen.map_or(parts.groups, |(_, groups)| groups)
    }

    /// Words in braces that differ by engine.
    pub(crate) fn words(&self, text: &str) -> String {
        let far = if self.is_server() { "timestamptz '9999-12-31T00:00:00Z'" } else { "253402214400000000" };
        let mut text = text.replace("{far}", far);
        // whole minutes from one moment to another: `{minutes:FROM|TO}`
        while let Some((head, rest)) = text.split_once("{minutes:")
            && let Some((span, tail)) = rest.split_once('}')
            && let Some((from, to)) = span.split_once('|')
        {
            text = match self.is_server() {
                true => format!("{head}cast(floor(extract(epoch from ({to}) - ({from})) / 60) as bigint){tail}"),
                false => format!("{head}(({to}) - ({from})) / 60000000{tail}"),
            };
        }
        if !text.contains("{now}") {
            return text;
        }
        // who did not say as of when reads what the last event of the chain knew
        let now = match (self.now, self.is_server()) {
            (Some(now), true) => format!("(timestamptz 'epoch' + {} * interval '1 microsecond')", now.micros()),
            (Some(now), false) => now.micros().to_string(),
            (None, _) => {
                "(select max(e.recorded_at) from events e where e.seq = (select seq from chain where one = 1))"
                    .to_owned()
            }
        };
        text.replace("{now}", &now)
    }
}

fn read_row(record: &Record, listing: &Listing) -> Result<Row, StoreError> {
    let cells = listing.fields.iter().enumerate().map(|(at, field)| cell_at(record, at, field.holds));
    Ok(Row { cells: cells.collect::<Result<_, _>>()? })
}
