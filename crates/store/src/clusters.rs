//! Cases by the community of their homes and by day, as the scan for clusters takes them.

use crate::{Scoped, StoreError};
use dayclear_core::{divisions::DivisionCode, time::Instant};

/// Cases of one community that were found within one day.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundThere {
    /// Community in which they live.
    pub division: DivisionCode,
    /// Whole days of 24 hours before the end of the window.
    pub days_ago: i64,
    /// Cases.
    pub cases: i64,
    /// Of them, those whose building has a position.
    pub homes: i64,
    /// Sum of the longitudes of those buildings, in degrees.
    pub lon_sum: f64,
    /// Sum of their latitudes, in degrees.
    pub lat_sum: f64,
}

impl Scoped {
    /// Cases found between two moments, by community and day. Cases that were withdrawn or set aside are none.
    pub async fn found_by_community(
        &mut self,
        (since, until): (Instant, Instant),
    ) -> Result<Vec<FoundThere>, StoreError> {
        let (low, high) = self.scope.range();
        let sql =
            "select c.division, ($2 - c.found_at) / 86400000000, count(*), count(b.lon), coalesce(sum(b.lon), 0.0),
                coalesce(sum(b.lat), 0.0)
            from cases c left join buildings b on b.building = c.building
            where c.found_at > $1 and c.found_at <= $2 and c.aside is null and coalesce(c.outcome, '') <> 'withdrawn'
                and c.division >= $3 and c.division < $4
            group by 1, 2 order by 1, 2";
        let rows = self.rows(sql, &[since.into(), until.into(), low.into(), high.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(FoundThere {
                    division: row.term(0)?,
                    days_ago: row.get(1)?,
                    cases: row.get(2)?,
                    homes: row.get(3)?,
                    lon_sum: row.get(4)?,
                    lat_sum: row.get(5)?,
                })
            })
            .collect()
    }
}
