//! What areas are drawn from: the cases that rest in them, and who lives in the buildings around. It guarantees that a case rests in at
//! most one area, also when areas are put together or split.

use crate::{
    Scoped, StoreError,
    cases::{COLUMNS, Case, case},
    measures::Zone,
    value::Value,
};
use dayclear_core::divisions::DivisionCode;

/// A case in an area: the area, why it rests there (JSON), the case.
pub type Resting = (String, String, Case);

impl Scoped {
    /// Cases that rest in these areas and were not withdrawn, in order of area and case.
    pub async fn cases_resting_in(&mut self, zones: &[&str]) -> Result<Vec<Resting>, StoreError> {
        let keys: Vec<Value<'_>> = zones.iter().map(|id| (*id).into()).collect();
        let columns = COLUMNS.map(|name| format!("c.{name}")).join(", ");
        let sql = format!(
            "select {columns}, x.zone, x.reason from zone_cases x join cases c on c.id = x.case_id
             where coalesce(c.outcome, '') <> 'withdrawn' and x.zone in ({{keys}})"
        );
        let mut resting = Vec::new();
        for row in self.rows_for_keys(&sql, &keys).await? {
            resting.push((row.get(COLUMNS.len())?, row.get(COLUMNS.len() + 1)?, case(&row)?));
        }
        resting.sort_by(|a: &Resting, b| (&a.0, &a.2.id).cmp(&(&b.0, &b.2.id)));
        Ok(resting)
    }

    /// Cases rest in another area from now on.
    pub async fn rest_in(&mut self, cases: &[&str], zone: &Zone) -> Result<u64, StoreError> {
        let keys: Vec<Value<'_>> = cases.iter().map(|id| (*id).into()).collect();
        let sql = "update zone_cases set zone = $1, division = $2 where case_id in ({keys})";
        self.run_for_keys(sql, &[(&zone.id).into(), (&zone.division).into()], &keys).await
    }

    /// Cases rest in no area any more.
    pub async fn rest_nowhere(&mut self, cases: &[&str]) -> Result<u64, StoreError> {
        let keys: Vec<Value<'_>> = cases.iter().map(|id| (*id).into()).collect();
        self.run_for_keys("delete from zone_cases where case_id in ({keys})", &[], &keys).await
    }

    /// How many people of the roster live in each unit of these buildings: building, unit, people.
    pub async fn people_by_unit(&mut self, buildings: &[&str]) -> Result<Vec<(String, Option<String>, i64)>, StoreError> {
        let keys: Vec<Value<'_>> = buildings.iter().map(|id| (*id).into()).collect();
        let sql = "select h.building, h.unit, count(*) from households h
            join people p on p.household = h.household and p.merged_into is null
            where h.building in ({keys}) group by h.building, h.unit";
        self.rows_for_keys(sql, &keys)
            .await?
            .iter()
            .map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .collect()
    }

    /// Buildings of the compound of a name in a community, in order of id.
    pub async fn buildings_of_compound(
        &mut self,
        division: &DivisionCode,
        compound: &str,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "select building from buildings where division = $1 and compound = $2 order by building";
        self.rows(sql, &[division.into(), compound.into()]).await?.iter().map(|row| row.get(0)).collect()
    }
}
