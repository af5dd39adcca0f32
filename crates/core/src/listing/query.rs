//! A question to a list, parsed from the texts of a request: filters, order, the place to go on from, how many rows.
//! Pure; it guarantees that a question which is not understood is an answer with the field and what was expected, and
//! never a wider list than was asked for.

use super::{Cell, Holds, Listing};
use crate::time::{CivilDate, Instant, Zone};

/// Rows of a page, unless asked otherwise.
pub const ROWS_DEFAULT: usize = 50;
/// Rows of a page at most.
pub const ROWS_MAX: usize = 500;
/// Values of one filter at most.
pub const VALUES_MAX: usize = 100;

/// What a field is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// One of these; an empty cell stands for rows of which nothing is known.
    AnyOf(Vec<Cell>),
    /// At or after.
    From(Cell),
    /// Before.
    Before(Cell),
    /// Nothing is known.
    Missing,
}

/// A question to a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Tests by position of the field; a row passes all of them.
    pub tests: Vec<(usize, Test)>,
    /// Position of the order.
    pub order: usize,
    /// Values behind which the page begins: those of the order, then those of the key.
    pub after: Option<Vec<Option<String>>>,
    /// Rows at most.
    pub limit: usize,
}

/// A question that is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{parameter}: '{value}' is not understood; expected {expected}")]
pub struct QueryFault {
    /// Parameter.
    pub parameter: String,
    /// As given.
    pub value: String,
    /// What would have been understood.
    pub expected: String,
}

impl Default for Query {
    fn default() -> Self {
        Query { tests: Vec::new(), order: 0, after: None, limit: ROWS_DEFAULT }
    }
}

impl Query {
    /// Reads the parameters of a request; empty ones say nothing. `sort`, `after` and `limit` are words of the question,
    /// every other name is a field of the list, with `.from` and `.to` for ranges.
    pub fn read<'p>(
        listing: &Listing,
        parameters: impl IntoIterator<Item = (&'p str, &'p str)>,
        zone: &Zone,
    ) -> Result<Query, QueryFault> {
        let mut query = Query::default();
        for (name, value) in parameters {
            let fault = |expected: String| QueryFault { parameter: name.to_owned(), value: value.to_owned(), expected };
            if value.is_empty() {
                continue;
            }
            match name {
                "sort" => {
                    query.order = listing
                        .orders
                        .iter()
                        .position(|order| *order == value)
                        .ok_or_else(|| fault(format!("one of: {}", listing.orders.join(", "))))?;
                }
                "after" => {
                    query.after = Some(read_cursor(value).ok_or_else(|| fault("the `next` of a page before".into()))?);
                }
                "limit" => {
                    let limit = value.parse().ok().filter(|limit| (1..=ROWS_MAX).contains(limit));
                    query.limit = limit.ok_or_else(|| fault(format!("a whole number from 1 to {ROWS_MAX}")))?;
                }
                _ => {
                    let test = read_test(listing, name, value, zone).map_err(fault)?;
                    query.tests.push(test);
                }
            }
        }
        Ok(query)
    }

    /// Adds a test for one value of a field, by name; a name that is no field adds nothing that passes.
    #[must_use]
    pub fn with(mut self, listing: &Listing, field: &str, value: Cell) -> Query {
        match listing.position(field) {
            Some(at) => self.tests.push((at, Test::AnyOf(vec![value]))),
            None => self.limit = 0,
        }
        self
    }
}

fn read_test(listing: &Listing, name: &str, value: &str, zone: &Zone) -> Result<(usize, Test), String> {
    let (field, edge) = match name.rsplit_once('.') {
        Some((field, edge @ ("from" | "to"))) => (field, Some(edge)),
        _ => (name, None),
    };
    let filters = || listing.fields.iter().filter(|field| field.filter).map(|field| field.name).collect::<Vec<_>>();
    let at = listing
        .position(field)
        .filter(|at| listing.fields[*at].filter)
        .ok_or_else(|| format!("a filter of this list: {}", filters().join(", ")))?;
    let holds = listing.fields[at].holds;
    let ranged = matches!(holds, Holds::Whole | Holds::Real | Holds::Day | Holds::Moment);
    match edge {
        Some(_) if !ranged => Err(format!("{field} without .from or .to")),
        Some("from") => Ok((at, Test::From(Cell::read(holds, value, zone)?))),
        Some(_) => Ok((at, Test::Before(Cell::read(holds, value, zone)?))),
        None if value == "none" => Ok((at, Test::Missing)),
        None => {
            let values: Vec<&str> = value.split(',').collect();
            if values.len() > VALUES_MAX {
                return Err(format!("at most {VALUES_MAX} values"));
            }
            let cell = |value| match value {
                "" => Err("a value between two commas".to_owned()),
                "none" => Ok(Cell::Empty),
                value => Cell::read(holds, value, zone),
            };
            Ok((at, Test::AnyOf(values.into_iter().map(cell).collect::<Result<_, _>>()?)))
        }
    }
}

impl Cell {
    /// Reads a value of a kind. The error says what was expected.
    pub fn read(holds: Holds, text: &str, zone: &Zone) -> Result<Cell, String> {
        const TEXT_MAX: usize = 200;
        // a null character is text to nobody, and PostgreSQL refuses it
        if text.chars().count() > TEXT_MAX || text.chars().any(char::is_control) {
            return Err(format!("at most {TEXT_MAX} visible characters"));
        }
        match holds {
            Holds::Id | Holds::Text => Ok(Cell::Text(text.to_owned())),
            Holds::Division if !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') => {
                Ok(Cell::Text(text.to_owned()))
            }
            Holds::Division => Err("a division code, such as 500103".to_owned()),
            Holds::Whole => text.parse().map(Cell::Whole).map_err(|_| "a whole number".to_owned()),
            Holds::Real => {
                text.parse().ok().filter(|n: &f64| n.is_finite()).map(Cell::Real).ok_or("a number".to_owned())
            }
            Holds::Day => text.parse::<CivilDate>().map(Cell::Day).map_err(|_| "a date such as 2022-11-20".to_owned()),
            Holds::Moment => {
                let start_of_day = || text.parse::<CivilDate>().ok().map(|day| zone.start_of(day));
                let at = text.parse::<Instant>().ok().or_else(start_of_day);
                at.map(Cell::Moment).ok_or("a time such as 2022-11-20T08:30:00+08:00, or a date".to_owned())
            }
            Holds::Term(terms) if terms.contains(&text) => Ok(Cell::Text(text.to_owned())),
            Holds::Term(terms) => Err(format!("one of: {}", terms.join(", "))),
            Holds::Truth => match text {
                "true" | "yes" => Ok(Cell::Truth(true)),
                "false" | "no" => Ok(Cell::Truth(false)),
                _ => Err("true or false".to_owned()),
            },
            Holds::Data => Err("no filter: this field holds data".to_owned()),
        }
    }
}

/// A place in a list as opaque text: the values of order and key, which are ids and times.
pub fn write_cursor(values: &[Option<String>]) -> String {
    let json = serde_json::to_string(values).unwrap_or_default();
    json.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn read_cursor(text: &str) -> Option<Vec<Option<String>>> {
    const CURSOR_MAX: usize = 2_000;
    if text.len() > CURSOR_MAX || !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let bytes: Option<Vec<u8>> =
        (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok()).collect();
    serde_json::from_slice(&bytes?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::{CASES, ITEMS};

    fn read(listing: &Listing, parameters: &[(&str, &str)]) -> Result<Query, QueryFault> {
        Query::read(listing, parameters.iter().copied(), &Zone::named("Asia/Shanghai").unwrap())
    }

    #[test]
    fn what_is_not_understood_is_an_answer_with_what_was_expected() {
        for (parameters, expected) in [
            (("worklist", "moving"), "one of: deliver"),
            (("nothing", "1"), "a filter of this list: worklist"),
            (("reason", "x"), "a filter of this list"),
            (("due_at.from", "soon"), "a time such as"),
            (("worklist.from", "move"), "worklist without"),
            (("limit", "0"), "a whole number from 1 to 500"),
            (("limit", "501"), "a whole number from 1 to 500"),
            (("sort", "name"), "one of: due"),
            (("after", "zz"), "the `next` of a page before"),
            (("open", "maybe"), "true or false"),
            (("division", "50'; --"), "a division code"),
        ] {
            let fault = read(&ITEMS, &[parameters]).unwrap_err();
            assert!(fault.expected.starts_with(expected), "{parameters:?}: {}", fault.expected);
        }
    }

    #[test]
    fn a_question_is_read_as_it_was_asked() {
        let query = read(&CASES, &[("origin", "community,entry"), ("found_at.from", "2022-11-20"), ("open", "true")]);
        let query = query.unwrap();
        assert_eq!(query.tests.len(), 3);
        let from = "2022-11-19T16:00:00Z".parse().unwrap();
        assert_eq!(query.tests[1].1, Test::From(Cell::Moment(from)));
        let place = vec![Some("2022".to_owned()), None, Some("C1".to_owned())];
        let again = read(&CASES, &[("after", write_cursor(&place).as_str())]).unwrap();
        assert_eq!(again.after, Some(place));
    }
}
