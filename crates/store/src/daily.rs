//! Who lies in facilities, and of whom nobody has recorded yet how they are on a day. Counted from transfers and assessments, never kept.

use crate::{Scoped, StoreError, value::Value};
use dayclear_core::time::Instant;

/// A facility in which people lie since before a day began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InCare {
    /// Facility.
    pub facility: String,
    /// People who lie there since before the day began.
    pub people: i64,
    /// Of them those of whom nothing is recorded on that day.
    pub missing: i64,
}

impl Scoped {
    /// Facilities in which somebody lies, in order of id.
    pub async fn facilities_with_people(&mut self) -> Result<Vec<String>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select distinct facility from transfers where state = 'admitted' and facility is not null
                     and division >= $1 and division < $2
                   union select subject from obligations where kind = 'daily_record' and ended_at is null order by 1";
        self.rows(sql, &[low.into(), high.into()]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Facilities in which these people lie or lay, in order of id.
    pub async fn facilities_of(&mut self, people: &[i64]) -> Result<Vec<String>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        // an index leads from the id of a person to their transfers
        let sql = "select distinct x.facility from people p join transfers x on x.person = p.person
                   where p.no in ({keys}) and x.facility is not null and x.admitted_at is not null";
        let rows = self.rows_for_keys(sql, &keys).await?;
        let mut found: Vec<String> = rows.iter().map(|row| row.get(0)).collect::<Result<_, _>>()?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    /// Of these facilities how many people lie there since before a day began, and of how many nothing is recorded on it.
    pub async fn daily_owed(
        &mut self,
        facilities: &[&str],
        (from, until): (Instant, Instant),
    ) -> Result<Vec<InCare>, StoreError> {
        let keys: Vec<Value<'_>> = facilities.iter().map(|id| (*id).into()).collect();
        let sql = "select x.facility, count(*), cast(sum(case when exists (select 1 from assessments a where a.person = x.person
                    and a.assessed_at >= $1 and a.assessed_at < $2) then 0 else 1 end) as bigint)
            from transfers x where x.state = 'admitted' and x.admitted_at < $1 and x.facility in ({keys})
            group by x.facility order by x.facility";
        let rows = self.rows_of_keys(sql, &[from.into(), until.into()], &keys).await?;
        rows.iter().map(|row| Ok(InCare { facility: row.get(0)?, people: row.get(1)?, missing: row.get(2)? })).collect()
    }
}
