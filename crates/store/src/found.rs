//! Where cases were found, day by day, as they are counted beside the line: by district or by community, with the days on which tubes
//! were taken there and the middles of communities. It may use the store's rows within the scope of a handle. Counts only: nothing
//! here tells of a person.

use crate::{Scoped, StoreError, value::Value};
use dayclear_core::{situation::Found, time::CivilDate};
use std::collections::{BTreeMap, BTreeSet};

/// Cases by place and day.
pub type FoundByPlace = BTreeMap<String, BTreeMap<CivilDate, Found>>;

impl Scoped {
    /// Cases found on the days since one, by place: `length` signs of a code name a place (6: its district, 12: its community).
    pub async fn found_by_place(&mut self, since: CivilDate, length: usize) -> Result<FoundByPlace, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!(
            "select substr(division, 1, {length}), day, held, cast(sum(n) as bigint) from found_days
             where day >= $1 and division >= $2 and division < $3 group by 1, 2, 3 order by 1, 2, 3"
        );
        let mut found = FoundByPlace::new();
        for row in self.rows_text(sql.into(), &[since.into(), low.into(), high.into()]).await? {
            let day = found.entry(row.get(0)?).or_default().entry(row.get(1)?).or_default();
            let n = row.get::<i64>(3)?.max(0) as u64;
            match row.get::<i64>(2)? == 1 {
                true => day.held += n,
                false => day.community += n,
            }
        }
        Ok(found)
    }

    /// The days since one on which tubes were taken, by district.
    pub async fn tube_days(&mut self, since: CivilDate) -> Result<BTreeMap<String, BTreeSet<CivilDate>>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select distinct division, day from movements
            where worklist = 'deliver' and movement = 'received' and n > 0 and day >= $1 and division >= $2 and division < $3
            order by division, day";
        let mut days: BTreeMap<String, BTreeSet<CivilDate>> = BTreeMap::new();
        for row in self.rows(sql, &[since.into(), low.into(), high.into()]).await? {
            days.entry(row.get(0)?).or_default().insert(row.get(1)?);
        }
        Ok(days)
    }

    /// The middle of the buildings of each of these communities; none of those of which no building is known.
    pub async fn middles(&mut self, communities: &[&str]) -> Result<BTreeMap<String, (f64, f64)>, StoreError> {
        let keys: Vec<Value<'_>> = communities.iter().map(|code| (*code).into()).collect();
        let sql = "select division, avg(lon), avg(lat) from buildings where division in ({keys}) group by division";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter().map(|row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).collect()
    }
}
