//! Areas that bind buildings, and the cases that they rest on. It guarantees that an area which was released is changed no more.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    measures::{ZoneEnd, ZoneLevel},
    time::CivilDate,
};
use std::collections::HashSet;

/// An area.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// Id.
    pub id: String,
    /// Building.
    pub building: String,
    /// Unit, where the area is smaller than the building.
    pub unit: Option<String>,
    /// Household, where the area is that alone.
    pub household: Option<String>,
    /// Community.
    pub division: DivisionCode,
    /// Level.
    pub level: ZoneLevel,
    /// First day.
    pub opened_on: CivilDate,
    /// Day of the last new infection that counts.
    pub last_new_on: CivilDate,
    /// Day on which it is released if nothing new comes.
    pub forecast_on: CivilDate,
    /// Last day: after it the area lapses, whoever was tested or not (R04). Only a new infection moves it.
    pub ends_on: CivilDate,
    /// Day it was released.
    pub released_on: Option<CivilDate>,
    /// People it binds.
    pub people: i64,
    /// Cases it rests on.
    pub cases: i64,
    /// Clause, inputs and version, as JSON.
    pub reason: String,
    /// Areas that it became part of, or that were split off it: ids, separated by a space.
    pub became: Option<String>,
    /// Extension by which a higher duty allowed it beyond the rule.
    pub allowed: Option<String>,
    /// Appeal for which it binds nobody until that is decided.
    pub aside: Option<String>,
    /// How it ended; unknown of those that ended before this was kept.
    pub ended: Option<ZoneEnd>,
}

impl Zone {
    /// Whether it binds anybody now: it stands, and is not suspended for an appeal.
    pub fn binds(&self) -> bool {
        self.released_on.is_none() && self.aside.is_none()
    }
}

pub(crate) const ZONE: [&str; 18] = [
    "id",
    "building",
    "unit",
    "division",
    "level",
    "opened_on",
    "last_new_on",
    "forecast_on",
    "ends_on",
    "released_on",
    "people",
    "cases",
    "reason",
    "became",
    "allowed",
    "aside",
    "household",
    "ended_how",
];

pub(crate) fn zone(row: &Record) -> Result<Zone, StoreError> {
    Ok(Zone {
        id: row.get(0)?,
        building: row.get(1)?,
        unit: row.get(2)?,
        division: row.term(3)?,
        level: row.term(4)?,
        opened_on: row.get(5)?,
        last_new_on: row.get(6)?,
        forecast_on: row.get(7)?,
        ends_on: row.get(8)?,
        released_on: row.get(9)?,
        people: row.get(10)?,
        cases: row.get(11)?,
        reason: row.get(12)?,
        became: row.get(13)?,
        allowed: row.get(14)?,
        aside: row.get(15)?,
        household: row.get(16)?,
        ended: row.maybe_term(17)?,
    })
}

impl Scoped {
    /// Opens areas.
    pub async fn open_zones(&mut self, zones: &[Zone]) -> Result<(), StoreError> {
        let mut values: Vec<Value<'_>> = Vec::with_capacity(zones.len() * ZONE.len());
        for z in zones {
            values.extend([
                (&z.id).into(),
                (&z.building).into(),
                z.unit.as_deref().into(),
                (&z.division).into(),
                z.level.name().into(),
                z.opened_on.into(),
                z.last_new_on.into(),
                z.forecast_on.into(),
                z.ends_on.into(),
                z.released_on.into(),
                z.people.into(),
                z.cases.into(),
                (&z.reason).into(),
                z.became.as_deref().into(),
                z.allowed.as_deref().into(),
                z.aside.as_deref().into(),
                z.household.as_deref().into(),
                z.ended.map(ZoneEnd::name).into(),
            ]);
        }
        self.append("zones", &ZONE, &values).await
    }

    /// Areas that are open, or were released on or after a day, in order of id.
    pub async fn zones_since(&mut self, day: CivilDate) -> Result<Vec<Zone>, StoreError> {
        // each half has an index, and few of all areas that ever were
        let released =
            format!("released_on is null union all select {} from zones where released_on >= $1", ZONE.join(", "));
        self.zones_of(&released, day).await
    }

    /// Areas that stand though their last day lies before a day, in order of id.
    pub async fn zones_over(&mut self, today: CivilDate) -> Result<Vec<Zone>, StoreError> {
        self.zones_of("released_on is null and ends_on < $1", today).await
    }

    /// Areas that were released on or after a day, in order of id.
    pub async fn zones_released_since(&mut self, day: CivilDate) -> Result<Vec<Zone>, StoreError> {
        self.zones_of("released_on >= $1", day).await
    }

    /// The jurisdiction is looked at afterwards, so that the index of the test is the one that is used.
    async fn zones_of(&mut self, which: &str, day: CivilDate) -> Result<Vec<Zone>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!("select {} from zones where {which}", ZONE.join(", "));
        let rows = self.rows_text(sql.into(), &[day.into()]).await?;
        let zones: Result<Vec<Zone>, StoreError> = rows.iter().map(zone).collect();
        let mut zones = zones?;
        zones.retain(|zone| (low.as_str()..high.as_str()).contains(&zone.division.as_str()));
        zones.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(zones)
    }

    /// Records what changed of an area: its clock, its forecast, its suspension, its release. What has ended is suspended for nothing.
    pub async fn update_zone(&mut self, zone: &Zone) -> Result<(), StoreError> {
        let sql = "update zones set last_new_on = $2, forecast_on = $3, released_on = $4, cases = $5, reason = $6,
                       ends_on = $7, became = $8, aside = $9, ended_how = $10 where id = $1 and released_on is null";
        self.run(
            sql,
            &[
                (&zone.id).into(),
                zone.last_new_on.into(),
                zone.forecast_on.into(),
                zone.released_on.into(),
                zone.cases.into(),
                (&zone.reason).into(),
                zone.ends_on.into(),
                zone.became.as_deref().into(),
                zone.aside.as_deref().filter(|_| zone.released_on.is_none()).into(),
                zone.ended.map(ZoneEnd::name).into(),
            ],
        )
        .await?;
        Ok(())
    }

    /// Records cases that open no area, and why.
    pub async fn exempt(&mut self, cases: &[(String, DivisionCode, String)]) -> Result<(), StoreError> {
        let mut values: Vec<Value<'_>> = Vec::with_capacity(cases.len() * 3);
        for (case, division, reason) in cases {
            values.extend([case.into(), division.into(), reason.into()]);
        }
        self.append_new("exemptions", &["case_id", "division", "reason"], &values).await?;
        Ok(())
    }

    /// Cases that open no area: case, division, reason, in order of case.
    pub async fn exemptions(&mut self) -> Result<Vec<(String, DivisionCode, String)>, StoreError> {
        let sql =
            "select case_id, division, reason from exemptions where division >= $1 and division < $2 order by case_id";
        let (low, high) = self.scope.range();
        let rows = self.rows(sql, &[low.into(), high.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.term(1)?, row.get(2)?))).collect()
    }

    /// Records that cases rest in an area, and why: (case, reason).
    pub async fn rest_on(&mut self, zone: &Zone, cases: &[(String, String)]) -> Result<(), StoreError> {
        let mut values: Vec<Value<'_>> = Vec::with_capacity(cases.len() * 5);
        for (case, reason) in cases {
            let area = [(&zone.id).into(), (&zone.division).into(), zone.opened_on.into()];
            values.extend([case.into(), reason.into()]);
            values.extend(area);
        }
        self.append_new("zone_cases", &["case_id", "reason", "zone", "division", "since"], &values).await?;
        Ok(())
    }

    /// Of these cases those for which it was decided whether they open an area.
    pub async fn area_decisions_of(&mut self, cases: &[&str]) -> Result<HashSet<String>, StoreError> {
        let keys: Vec<Value<'_>> = cases.iter().map(|id| (*id).into()).collect();
        let mut decided = HashSet::new();
        for table in ["zone_cases", "exemptions"] {
            let sql = format!("select case_id from {table} where case_id in ({{keys}})");
            for row in self.rows_for_keys(&sql, &keys).await? {
                decided.insert(row.get(0)?);
            }
        }
        Ok(decided)
    }

    /// Ids of the open areas in whose buildings these people, by number, live.
    pub async fn zones_around(&mut self, people: &[i64]) -> Result<HashSet<String>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let sql = "select distinct z.id from people p join households h on h.household = p.household
            join zones z on z.building = h.building and z.released_on is null where p.no in ({keys})";
        self.rows_for_keys(sql, &keys).await?.iter().map(|row| row.get(0)).collect()
    }
}
