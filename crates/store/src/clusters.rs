//! Cases with where they live, as the scan for clusters takes them.

use crate::{Scoped, StoreError};
use dayclear_core::{divisions::DivisionCode, time::Instant};

/// A case that was found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundThere {
    /// Community of the home.
    pub division: DivisionCode,
    /// When it was found.
    pub found_at: Instant,
    /// Longitude and latitude of the building, in degrees, where it is known.
    pub at: Option<(f64, f64)>,
}

impl Scoped {
    /// Cases found between two moments, in the order of their communities, at most so many. Cases that were withdrawn or set aside are
    /// none.
    pub async fn found_at_home(
        &mut self,
        (since, until): (Instant, Instant),
        most: i64,
    ) -> Result<Vec<FoundThere>, StoreError> {
        let (low, high) = self.scope.range();
        let sql =
            "select c.division, c.found_at, b.lon, b.lat from cases c left join buildings b on b.building = c.building
            where c.found_at > $1 and c.found_at <= $2 and c.aside is null and coalesce(c.outcome, '') <> 'withdrawn'
                and c.division >= $3 and c.division < $4
            order by c.division, c.found_at, c.id limit $5";
        let rows = self.rows(sql, &[since.into(), until.into(), low.into(), high.into(), most.into()]).await?;
        rows.iter()
            .map(|row| {
                let at = row.get::<Option<f64>>(2)?.zip(row.get::<Option<f64>>(3)?);
                Ok(FoundThere { division: row.term(0)?, found_at: row.get(1)?, at })
            })
            .collect()
    }
}
