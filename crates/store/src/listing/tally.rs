//! Rows of a list counted by the values of some of its fields: the figures above a list, under the same jurisdiction as
//! the list itself.

use super::{Cell, Listing, cell_at, page::passes, source};
use crate::{Scoped, StoreError};
use dayclear_core::listing::{Holds, Query};

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
        let named: Vec<(String, Holds)> =
            fields.iter().map(|at| (from.expression(&listing.fields[*at]), Holds::Text)).collect();
        let named: Vec<(&str, Holds)> = named.iter().map(|(text, holds)| (text.as_str(), *holds)).collect();
        let mut statement = self.select(listing, from, &named);
        self.jurisdiction(&mut statement, from);
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
        let text = format!("select {columns}count(*) from ({}) counted{groups} limit {limit}", statement.text);
        let records = self.rows_text(self.words(&text).into(), &statement.values).await?;
        records
            .iter()
            .map(|record| {
                let cells = fields.iter().enumerate().map(|(n, at)| cell_at(record, n, listing.fields[*at].holds));
                Ok((cells.collect::<Result<_, _>>()?, record.get::<i64>(fields.len())? as u64))
            })
            .collect()
    }
}
