//! Rows of a list counted by the values of some of its fields: the figures above a list, under the same jurisdiction as
//! the list itself.

use super::{Cell, Listing, Planned, Statement, cell_at, page::passes, source};
use crate::{Scoped, StoreError};
use dayclear_core::listing::Query;

/// Groups of one tally at most.
const GROUPS_MAX: i64 = 5_000;

impl Scoped {
    /// How many rows that pass the tests of a query have each combination of values, in order of the values. Order, place
    /// and limit of the query play no part; a name that is no field counts nothing.
    pub async fn tally(
        &mut self,
        listing: &'static Listing,
        query: &Query,
        by: &[&str],
    ) -> Result<Vec<(Vec<Cell>, u64)>, StoreError> {
        let from = source(listing)?;
        let Some(fields) = by.iter().map(|name| listing.position(name)).collect::<Option<Vec<_>>>() else {
            return Ok(Vec::new());
        };
        let named: Vec<String> = fields.iter().map(|at| from.expression(&listing.fields[*at])).collect();
        let named: Vec<String> = named.iter().enumerate().map(|(n, text)| format!("{text} as place{n}")).collect();
        let named = if named.is_empty() { "1".to_owned() } else { named.join(", ") };
        let mut statement = Statement { text: "where 1 = 1".to_owned(), values: Vec::new() };
        self.jurisdiction(&mut statement, from, Planned::ForItsValues);
        for (at, test) in &query.tests {
            let field = &listing.fields[*at];
            passes(&mut statement, &from.expression(field), field.holds, test);
        }
        let columns: Vec<String> = (0..fields.len()).map(|n| format!("place{n}")).collect();
        let groups = match columns.join(", ") {
            none if none.is_empty() => String::new(),
            columns => format!(" group by {columns} order by {columns}"),
        };
        let limit = statement.value(GROUPS_MAX.into());
        let columns: String = columns.iter().map(|column| format!("{column}, ")).collect();
        let rest = format!("{named} {}", statement.text);
        let from = joined(from.from, &rest);
        let rows = format!("select {named} from {from} {}", statement.text);
        let text = format!("select {columns}count(*) from ({rows}) counted{groups} limit {limit}");
        // planned for its own values: those of a city and of a community are counted in different ways
        let records = self.rows_once(self.words(&text).into(), &statement.values).await?;
        records
            .iter()
            .map(|record| {
                let cells = fields.iter().enumerate().map(|(n, at)| cell_at(record, n, listing.fields[*at].holds));
                Ok((cells.collect::<Result<_, _>>()?, record.get::<i64>(fields.len())? as u64))
            })
            .collect()
    }
}

/// What rows are read from, without the tables that are joined to it and then not asked for anything. A list has one row
/// for each record, so a table that is joined on the left adds and removes none.
fn joined(from: &str, rest: &str) -> String {
    const JOIN: &str = " left join ";
    let mut tables: Vec<&str> = from.split(JOIN).collect();
    let asked = |text: &str, alias: &str| {
        let word = format!("{alias}.");
        text.match_indices(&word).any(|(at, _)| !text[..at].ends_with(|before: char| before.is_alphanumeric()))
    };
    for at in (1..tables.len()).rev() {
        let alias = tables[at].split_whitespace().nth(1).unwrap_or_default();
        if !asked(rest, alias) && !tables[at + 1..].iter().any(|table| asked(table, alias)) {
            tables.remove(at);
        }
    }
    tables.join(JOIN)
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn a_table_that_is_not_asked_is_not_joined() {
        let from = "transfers x left join people p on p.no = x.person_no left join homes h on h.id = p.home";
        assert_eq!(joined(from, "x.state where xp.a = 1"), "transfers x");
        assert_eq!(joined(from, "h.name where 1 = 1"), from);
        assert_eq!(joined(from, "(p.name)"), "transfers x left join people p on p.no = x.person_no");
    }
}
