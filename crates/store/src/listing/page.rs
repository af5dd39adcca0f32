//! A page of a list. It is put together so that an index gives its rows in their order and the statement stops when the
//! page is full: the jurisdiction is written for the index of the order, a page that an index does not hold in one piece is
//! merged from parts that are, and a place far down is entered where it is instead of being counted to.

use super::{
    Order, Page, Parts, Reach, Source, Statement, cell_at, place_text, place_value, read_row, source, value_of,
};
use crate::{Scoped, StoreError};
use dayclear_core::listing::{Cell, Field, Holds, Listing, Query, Row, Test, write_cursor};

/// Characters of the code of a district.
const DISTRICT: usize = 6;

type Place = (&'static str, Holds);

/// Values behind which a page begins: as parameter and as text.
struct Behind {
    value: String,
    text: String,
}

/// A part of a page: its condition, and the places by which it is ordered. What is the same in all its rows is not among
/// them, because not every planner sees that it is.
#[derive(Clone)]
struct Piece {
    condition: String,
    order: Vec<&'static str>,
}

impl Scoped {
    /// A page of a list, as this handle may see it.
    pub async fn list(&mut self, listing: &'static Listing, query: &Query) -> Result<Page, StoreError> {
        // one row more than asked for tells whether there is a next page; a number, because a planner counts with it
        let rows = [query.limit + 1; 2];
        let Some((statement, places)) = self.question(listing.fields, listing, query, rows)? else {
            return Ok(Page { rows: Vec::new(), next: None });
        };
        let mut records = self.rows_once(self.words(&statement.text).into(), &statement.values).await?;
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

    /// The first row of each group of a list in parts, in the order of the list, by one statement; none of a list without parts. For a
    /// city or a district: below it a list is not read by its groups.
    pub async fn firsts(&mut self, listing: &'static Listing, query: &Query) -> Result<Vec<Row>, StoreError> {
        let Some(parts) = &source(listing)?.parts else { return Ok(Vec::new()) };
        if !self.scope.is_everything() && self.scope.division().as_str().len() > DISTRICT {
            let problem = "below a district its groups are read in one piece, and have no first row each".to_owned();
            return Err(StoreError::Meaning { value: listing.name.to_owned(), problem });
        }
        let rows = [1, self.groups(parts).len()];
        let Some((statement, _)) = self.question(listing.fields, listing, query, rows)? else { return Ok(Vec::new()) };
        let records = self.rows_once(self.words(&statement.text).into(), &statement.values).await?;
        records.iter().map(|record| read_row(record, listing)).collect()
    }

    /// How many rows a question finds, counted up to so many; none of them is read.
    pub async fn found_up_to(
        &mut self,
        listing: &'static Listing,
        query: &Query,
        most: usize,
    ) -> Result<u64, StoreError> {
        let Some((statement, _)) = self.question(&[], listing, query, [most; 2])? else { return Ok(0) };
        let text = format!("select count(*) from ({}) found", self.words(&statement.text));
        let counted = self.rows_once(text.into(), &statement.values).await?;
        counted.first().map_or(Ok(0), |row| Ok(row.get::<i64>(0)?.unsigned_abs()))
    }

    /// How the engine finds a page, a line per step.
    pub async fn plan_of(&mut self, listing: &'static Listing, query: &Query) -> Result<Vec<String>, StoreError> {
        let rows = [query.limit + 1; 2];
        let Some((statement, _)) = self.question(listing.fields, listing, query, rows)? else { return Ok(Vec::new()) };
        let (explain, column) = if self.is_server() { ("explain", 0) } else { ("explain query plan", 3) };
        let text = format!("{explain} {}", self.words(&statement.text));
        let rows = self.rows_once(text.into(), &statement.values).await?;
        rows.iter().map(|row| row.get(column)).collect()
    }

    /// The statement that selects some fields, and after them the places of the order, of so many rows of each piece and of the whole;
    /// `None`: no row can be found.
    fn question(
        &self,
        fields: &[Field],
        listing: &'static Listing,
        query: &Query,
        rows: [usize; 2],
    ) -> Result<Option<(Statement<'static>, Vec<Place>)>, StoreError> {
        let source = source(listing)?;
        let name = listing.orders.get(query.order).copied().unwrap_or_default();
        let Some(order) = source.orders.iter().find(|order| order.name == name) else {
            return Err(StoreError::Meaning { value: name.to_owned(), problem: "no such order".to_owned() });
        };
        let places = places(source, order);
        let head = self.select(fields, source, &places);
        let statement = self.page_statement(head, listing, (source, order, &places), query, rows);
        Ok(statement.map(|statement| (statement, places)))
    }

    fn page_statement(
        &self,
        mut statement: Statement<'static>,
        listing: &'static Listing,
        (source, order, places): (&'static Source, &Order, &[Place]),
        query: &Query,
        rows: [usize; 2],
    ) -> Option<Statement<'static>> {
        let few = self.scope.duty.as_ref().is_some_and(|duty| source.only.iter().any(|(role, _)| *role == duty.role));
        let led = led(listing, source, query);
        let few = few || led;
        // below a district there is an index of the division: its few rows are taken and sorted
        let code = self.scope.division().as_str();
        let sorted = led
            || !few
                && source.division.is_some()
                && !self.scope.is_everything()
                && code.len() > DISTRICT
                && order.reach != Reach::Place;
        self.only(&mut statement, source);
        if let (Some(division), false) = (source.division, self.scope.is_everything()) {
            let reach = (!few).then_some(order.reach);
            let test = self.within(&mut statement, division, code, reach);
            statement.and(&test);
        }
        let mut parts = source.parts.as_ref().map(|parts| (parts, self.groups(parts).to_vec(), true));
        for (at, test) in &query.tests {
            let field = &listing.fields[*at];
            if let Some((parts, groups, halved)) = &mut parts {
                *halved &= field.name != parts.halves.0;
                if let (true, Test::AnyOf(cells)) = (field.name == parts.field, test) {
                    groups.retain(|group| cells.iter().any(|cell| cell.as_str() == Some(group)));
                    continue;
                }
            }
            let expression = source.expression(field);
            match test {
                Test::AnyOf(cells)
                    if cells.len() == 1 && source.division.is_some_and(|own| own == expression.replace('"', "")) =>
                {
                    let code = cells[0].as_str().unwrap_or_default().to_owned();
                    let city = self.scope.is_everything() || self.scope.division().as_str().len() < DISTRICT;
                    let division = source.division.unwrap_or_default();
                    let test = self.within(&mut statement, division, &code, (city && !few).then_some(order.reach));
                    statement.and(&test);
                }
                _ => {
                    passes(&mut statement, &expression, field.holds, test);
                    // once more in the words of the order's index; what has no such moment passes neither
                    let ordered = format!("coalesce({}, {{far}})", expression.replace('"', ""));
                    if let (Test::From(_) | Test::Before(_), Some((by, holds))) = (test, order.by.first())
                        && *by == ordered
                    {
                        passes(&mut statement, by, *holds, test);
                    }
                }
            }
        }
        let behind = match &query.after {
            None => None,
            Some(after) => Some(read_place(&mut statement, places, after)?),
        };
        let beyond = if order.latest_first { "<" } else { ">" };
        let whole: Vec<&'static str> = places.iter().map(|(expression, _)| *expression).collect();
        let after = |fixed: Option<(&str, &str)>| match &behind {
            None => vec![Piece { condition: String::new(), order: whole.clone() }],
            Some(behind) => beyond_place(places, behind, beyond, fixed),
        };
        let pieces: Vec<Piece> = match parts {
            None if sorted => vec![Piece { condition: any_of(&after(None)), order: whole.clone() }],
            None => after(None),
            // a plus sign keeps SQLite from an index of the group where that of the division is wanted
            Some((parts, groups, _)) if sorted && !groups.is_empty() => {
                let bare = if self.is_server() { "" } else { "+" };
                let groups = format!(" and {bare}{} in ('{}')", parts.column, groups.join("','"));
                vec![Piece { condition: format!("{groups}{}", any_of(&after(None))), order: whole.clone() }]
            }
            Some((parts, groups, halved)) => groups
                .iter()
                .flat_map(|group| part(parts, group, halved, &after(Some((parts.column, group)))))
                .collect(),
        };
        let sort = match self.is_server() {
            // lists that have an index of the district have one of the division too
            true if led || sorted && order.reach == Reach::District => Sort::Coalesced,
            false if led => Sort::Plus,
            _ => Sort::Walked,
        };
        finish(statement, &pieces, places.len(), (order, sort), rows)
    }

    /// A test of the division, written for the index that is to serve it; without a reach for none.
    pub(super) fn within(
        &self,
        statement: &mut Statement<'_>,
        division: &str,
        code: &str,
        reach: Option<Reach>,
    ) -> String {
        let (low, high) = (code.to_owned(), format!("{code}~"));
        let district = code.len() == DISTRICT;
        match reach {
            Some(Reach::District) if district => {
                let code = statement.value(low.into());
                format!("substr({division}, 1, 6) = {code}")
            }
            Some(reach) if reach == Reach::Place || code.len() > DISTRICT => {
                let (low, high) = (statement.value(low.into()), statement.value(high.into()));
                format!("{division} >= {low} and {division} < {high}")
            }
            _ if district && self.is_server() => {
                let code = statement.value(low.into());
                format!("substr({division}, 1, 6) = {code}")
            }
            // PostgreSQL knows how districts are spread, and so how few rows this passes over
            _ if code.len() < DISTRICT && self.is_server() => {
                let (low, high) = (statement.value(low.into()), statement.value(high.into()));
                format!("substr({division}, 1, 6) >= {low} and substr({division}, 1, 6) < {high}")
            }
            _ => self.beside(statement, division, code),
        }
    }

    /// A test of the division that no index serves, for rows that something else leads to.
    pub(super) fn beside(&self, statement: &mut Statement<'_>, division: &str, code: &str) -> String {
        if code.len() == DISTRICT {
            let code = statement.value(code.to_owned().into());
            return format!("substr({division} || '', 1, 6) = {code}");
        }
        let (low, high) = (statement.value(code.to_owned().into()), statement.value(format!("{code}~").into()));
        format!("{division} || '' >= {low} and {division} || '' < {high}")
    }
}

/// Whether a question names values that lead to few rows. No planner is left the choice to walk an order until it meets them.
fn led(listing: &Listing, source: &Source, query: &Query) -> bool {
    query.tests.iter().any(|(at, test)| {
        source.leads.contains(&listing.fields[*at].name)
            && matches!(test, Test::AnyOf(cells) if !cells.contains(&Cell::Empty))
    })
}

/// What a page is ordered by: the order, then the parts of the key that are not in it.
fn places(source: &Source, order: &Order) -> Vec<Place> {
    let mut places = order.by.to_vec();
    places.extend(source.key.iter().filter(|(key, _)| order.by.iter().all(|(by, _)| by != key)));
    places
}

fn read_place(statement: &mut Statement<'_>, places: &[Place], after: &[Option<String>]) -> Option<Vec<Behind>> {
    if after.len() != places.len() {
        return None;
    }
    places
        .iter()
        .zip(after)
        .map(|((_, holds), text)| {
            let text = text.as_deref()?;
            Some(Behind { value: statement.value(place_value(text, *holds)?), text: text.to_owned() })
        })
        .collect()
}

/// What lies behind a place, as conditions of which each is one range of the index: the same up to a column, and beyond in
/// that one. `fixed`: a column whose value is known, and so whether it lies beyond.
fn beyond_place(places: &[Place], behind: &[Behind], beyond: &str, fixed: Option<(&str, &str)>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut equal = String::new();
    for (at, ((expression, _), Behind { value, text })) in places.iter().zip(behind).enumerate() {
        let order = |from: usize| places[from..].iter().map(|(expression, _)| *expression).collect();
        match fixed {
            Some((column, known)) if column == *expression => {
                if (beyond == ">" && known > text.as_str()) || (beyond == "<" && known < text.as_str()) {
                    pieces.push(Piece { condition: equal.clone(), order: order(at + 1) });
                }
                if known != text {
                    return pieces;
                }
            }
            _ => {
                let condition = format!("{equal} and {expression} {beyond} {value}");
                pieces.push(Piece { condition, order: order(at) });
                equal.push_str(&format!(" and {expression} = {value}"));
            }
        }
    }
    pieces
}

fn any_of(pieces: &[Piece]) -> String {
    let ranges: Vec<&str> = pieces.iter().filter_map(|piece| piece.condition.strip_prefix(" and ")).collect();
    if ranges.is_empty() { String::new() } else { format!(" and (({}))", ranges.join(") or (")) }
}

/// The pieces of one group.
fn part(parts: &Parts, group: &str, halved: bool, pieces: &[Piece]) -> Vec<Piece> {
    let (_, condition) = parts.halves;
    let halves = match halved {
        true => vec![format!(" and {condition}"), format!(" and {}", opposite(condition))],
        false => vec![String::new()],
    };
    let column = parts.column;
    let one = |half: &String, piece: &Piece| Piece {
        condition: format!(" and {column} = '{group}'{half}{}", piece.condition),
        order: piece.order.iter().copied().filter(|expression| *expression != column).collect(),
    };
    halves.iter().flat_map(|half| pieces.iter().map(|piece| one(half, piece)).collect::<Vec<_>>()).collect()
}

/// How an order is written: so that an index of it is walked, or so that rows found in another way are sorted. A planner that
/// takes rows to be spread evenly would walk the whole city for the latest of a street.
#[derive(Clone, Copy)]
enum Sort {
    Walked,
    /// SQLite leaves the index of an expression with a plus sign alone.
    Plus,
    /// PostgreSQL has no index of this expression.
    Coalesced,
}

impl Sort {
    fn of(self, expression: &str) -> String {
        match self {
            Sort::Walked => expression.to_owned(),
            Sort::Plus => format!("+{expression}"),
            Sort::Coalesced => format!("coalesce({expression}, {expression})"),
        }
    }
}

/// One statement of one piece, or the pieces merged. `sort`: a sign before each expression of the order that keeps SQLite
/// from an index of it where rows are few and found otherwise.
fn finish(
    mut statement: Statement<'static>,
    pieces: &[Piece],
    places: usize,
    (order, sort): (&Order, Sort),
    [each, whole]: [usize; 2],
) -> Option<Statement<'static>> {
    let direction = if order.latest_first { " desc" } else { "" };
    let list = |names: &[String]| names.iter().map(|name| format!("{name}{direction}")).collect::<Vec<_>>().join(", ");
    let head = std::mem::take(&mut statement.text);
    let one = |piece: &Piece| {
        let order: Vec<String> = piece.order.iter().map(|expression| sort.of(expression)).collect();
        let order = if order.is_empty() { String::new() } else { format!(" order by {}", list(&order)) };
        format!("{head}{}{order} limit {each}", piece.condition)
    };
    statement.text = match pieces {
        [] => return None,
        [piece] => one(piece),
        _ => {
            let merged: Vec<String> = (0..places).map(|at| format!("place{at}")).collect();
            let all: Vec<String> =
                pieces.iter().enumerate().map(|(at, piece)| format!("select * from ({}) p{at}", one(piece))).collect();
            format!("select * from ({}) pieces order by {} limit {whole}", all.join(" union all "), list(&merged))
        }
    };
    Some(statement)
}

/// The opposite of a condition, in the words of the indexes over it.
fn opposite(condition: &str) -> String {
    match (condition.strip_suffix(" is null"), condition.strip_suffix(" is not null")) {
        (Some(value), _) => format!("{value} is not null"),
        (_, Some(value)) => format!("{value} is null"),
        _ => format!("not ({condition})"),
    }
}

pub(super) fn passes(statement: &mut Statement<'_>, expression: &str, holds: Holds, test: &Test) {
    if let Test::AnyOf(cells) = test
        && cells.contains(&Cell::Empty)
    {
        let known: Vec<Cell> = cells.iter().filter(|cell| **cell != Cell::Empty).cloned().collect();
        if known.is_empty() {
            return passes(statement, expression, holds, &Test::Missing);
        }
        statement.text.push_str(&format!(" and ({expression} is null or (1 = 1"));
        passes(statement, expression, holds, &Test::AnyOf(known));
        return statement.text.push_str("))");
    }
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
                _ => opposite(expression),
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
            match values.as_slice() {
                [one] => format!("{expression} = {one}"),
                _ => format!("{expression} in ({})", values.join(",")),
            }
        }
    };
    statement.and(&condition);
}
