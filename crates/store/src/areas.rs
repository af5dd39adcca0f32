//! What areas are drawn from: the cases that rest in them, and who lives in the buildings around. It guarantees that a case rests in at
//! most one area, also when areas are put together or split.

use crate::{
    Scoped, StoreError,
    cases::{COLUMNS, Case, case},
    measures::{ZONE, Zone, zone},
    value::Value,
};
use dayclear_core::{
    divisions::DivisionCode,
    time::{CivilDate, Instant},
};

/// A case in an area.
#[derive(Debug, Clone)]
pub struct Resting {
    /// Area.
    pub zone: String,
    /// Why it rests there, as JSON.
    pub reason: String,
    /// First day of the area in which it rested first; unknown of those that were put into one before this was kept.
    pub since: Option<CivilDate>,
    /// The case.
    pub case: Case,
}

impl Scoped {
    /// Cases that rest in these areas and were not withdrawn, in order of area and case.
    pub async fn cases_resting_in(&mut self, zones: &[&str]) -> Result<Vec<Resting>, StoreError> {
        let keys: Vec<Value<'_>> = zones.iter().map(|id| (*id).into()).collect();
        let columns = COLUMNS.map(|name| format!("c.{name}")).join(", ");
        let sql = format!(
            "select {columns}, x.zone, x.reason, x.since from zone_cases x join cases c on c.id = x.case_id
             where coalesce(c.outcome, '') <> 'withdrawn' and x.zone in ({{keys}})"
        );
        let mut resting = Vec::new();
        for row in self.rows_for_keys(&sql, &keys).await? {
            let after = COLUMNS.len();
            let (zone, reason) = (row.get(after)?, row.get(after + 1)?);
            resting.push(Resting { zone, reason, since: row.get(after + 2)?, case: case(&row)? });
        }
        resting.sort_by(|a: &Resting, b| (&a.zone, &a.case.id).cmp(&(&b.zone, &b.case.id)));
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
    pub async fn people_by_unit(
        &mut self,
        buildings: &[&str],
    ) -> Result<Vec<(String, Option<String>, i64)>, StoreError> {
        let keys: Vec<Value<'_>> = buildings.iter().map(|id| (*id).into()).collect();
        let sql = "select h.building, h.unit, count(*) from households h
            join people p on p.household = h.household and p.merged_into is null
            where h.building in ({keys}) group by h.building, h.unit";
        self.rows_for_keys(sql, &keys).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// How many people of the roster live in each of these households.
    pub async fn people_by_household(&mut self, households: &[&str]) -> Result<Vec<(String, i64)>, StoreError> {
        let keys: Vec<Value<'_>> = households.iter().map(|id| (*id).into()).collect();
        let sql = "select p.household, count(*) from people p
            where p.merged_into is null and p.household in ({keys}) group by p.household";
        self.rows_for_keys(sql, &keys).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Homes of people who were listed as contacts since a moment and live in these buildings: building and unit, one for each person.
    pub async fn contact_homes(
        &mut self,
        since: Instant,
        buildings: &[&str],
    ) -> Result<Vec<(String, Option<String>)>, StoreError> {
        let keys: Vec<Value<'_>> = buildings.iter().map(|id| (*id).into()).collect();
        let sql =
            "select distinct h.building, h.unit, p.no from households h join people p on p.household = h.household
            join contacts k on k.person_no = p.no where k.listed_at >= $1 and h.building in ({keys})";
        let rows = self.rows_of_keys(sql, &[since.into()], &keys).await?;
        let homes: Result<Vec<(String, Option<String>)>, StoreError> =
            rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect();
        let mut homes = homes?;
        homes.sort();
        Ok(homes)
    }

    /// Areas by id, in order of id.
    pub async fn zones_by_id(&mut self, ids: &[&str]) -> Result<Vec<Zone>, StoreError> {
        self.zones_where("id in ({keys}) and {scope:division}", ids).await
    }

    /// Areas of which not everything was told that is to be told: they bind, and their last day was not told; or they have ended, and that
    /// was not. With the last day that was told.
    pub async fn zones_untold(&mut self) -> Result<Vec<(Zone, Option<CivilDate>)>, StoreError> {
        let zones = ZONE.join(", ");
        let sql = format!(
            "select {zones}, told_until from zones
                 where released_on is null and aside is null and (told_until is null or told_until <> ends_on)
             union all select {zones}, told_until from zones where released_on is not null and freed_on is null order by id"
        );
        let rows = self.rows_text(sql.into(), &[]).await?;
        rows.iter().map(|row| Ok((zone(row)?, row.get(ZONE.len())?))).collect()
    }

    /// Everybody in these areas was told how they stand.
    pub async fn zones_told(&mut self, zones: &[Zone]) -> Result<(), StoreError> {
        let mut values: Vec<Value<'_>> = Vec::with_capacity(zones.len() * 3);
        for zone in zones {
            let until = Some(zone.ends_on).filter(|_| zone.released_on.is_none());
            values.extend([zone.id.as_str().into(), until.into(), zone.released_on.into()]);
        }
        let sql = "update zones set told_until = coalesce(p.until, zones.told_until), freed_on = p.freed from {rows}
                   where zones.id = p.id";
        self.run_for_rows(sql, &[], &["id", "until", "freed"], &values).await?;
        Ok(())
    }

    /// Who was given a paper that an area stands: person and number, in order.
    pub async fn told_of(&mut self, zone: &str) -> Result<Vec<(String, i64)>, StoreError> {
        let sql = "select distinct person, person_no from notices where subject = $1 and kind = 'order' and person is not null order by person";
        self.rows(sql, &[zone.into()]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Areas that stand in these buildings, in order of id.
    pub async fn zones_standing_in(&mut self, buildings: &[&str]) -> Result<Vec<Zone>, StoreError> {
        self.zones_where("building in ({keys}) and released_on is null", buildings).await
    }

    /// Areas in these buildings that are suspended for an appeal, in order of id.
    pub async fn zones_aside_in(&mut self, buildings: &[&str]) -> Result<Vec<Zone>, StoreError> {
        self.zones_where("building in ({keys}) and aside is not null", buildings).await
    }

    /// Areas that stand by one of these extensions alone, in order of id.
    pub async fn zones_allowed_by(&mut self, extensions: &[&str]) -> Result<Vec<Zone>, StoreError> {
        self.zones_where("allowed in ({keys}) and cases = 0 and released_on is null", extensions).await
    }

    /// Areas that stand by an extension alone, in a compound in which no area rests on a case any more; in order of id.
    pub async fn zones_allowed_around_nothing(&mut self) -> Result<Vec<Zone>, StoreError> {
        let sql = "select z.id from zones z join buildings b on b.building = z.building
            where z.allowed is not null and z.cases = 0 and z.released_on is null
              and not exists (select 1 from buildings c join zones o on o.building = c.building and o.released_on is null
                where c.division = b.division and c.compound = b.compound and o.cases > 0)";
        let ids: Result<Vec<String>, StoreError> = self.rows(sql, &[]).await?.iter().map(|row| row.get(0)).collect();
        let ids = ids?;
        self.zones_by_id(&ids.iter().map(String::as_str).collect::<Vec<_>>()).await
    }

    async fn zones_where(&mut self, which: &str, keys: &[&str]) -> Result<Vec<Zone>, StoreError> {
        let keys: Vec<Value<'_>> = keys.iter().map(|id| (*id).into()).collect();
        let sql = format!("select {} from zones where {which}", ZONE.join(", "));
        let zones: Result<Vec<Zone>, StoreError> = self.rows_for_keys(&sql, &keys).await?.iter().map(zone).collect();
        let mut zones = zones?;
        zones.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(zones)
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
