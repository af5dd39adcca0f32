//! People, households and buildings as the stations need them.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::{DivisionCode, Level},
    roster::{Known, Need, Presence, Sex},
    time::{CivilDate, Instant},
};
use std::collections::{BTreeMap, BTreeSet};

/// A person with the household and building they live in.
#[derive(Debug, Clone)]
pub struct Resident {
    /// Dense number.
    pub no: i64,
    /// Id on the roster.
    pub person: String,
    /// Household, unless the person is not on the roster.
    pub household: Option<String>,
    /// Building.
    pub building: Option<String>,
    /// Unit of the building.
    pub unit: Option<String>,
    /// Community.
    pub division: DivisionCode,
    /// Sex as registered.
    pub sex: Sex,
    /// Date of birth.
    pub birth_date: Option<CivilDate>,
    /// Needs.
    pub needs: Vec<Need>,
    /// Person who cares for this one.
    pub carer: Option<String>,
    /// Whether the home is fit for isolation.
    pub home: Known,
    /// Presence.
    pub presence: Presence,
    /// Place of the building: longitude and latitude.
    pub place: Option<(f64, f64)>,
    /// Whether the person stands on the roster.
    pub registered: bool,
}

impl Resident {
    /// Age in full years on a day; `None` when the date of birth is not known.
    pub fn age_on(&self, day: CivilDate) -> Option<u8> {
        let born = self.birth_date?;
        let ((y, m, d), (by, bm, bd)) = (day.parts(), born.parts());
        u8::try_from(y - by - i16::from((m, d) < (bm, bd))).ok()
    }
}

/// Of what the keys are by which homes are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Homes {
    /// Buildings.
    Buildings,
    /// Households.
    Households,
}

const RESIDENT: &str =
    "select p.no, p.person, p.household, h.building, h.unit, p.division, p.sex, p.birth_date, p.needs,
        p.carer, h.home_suitable, p.presence, b.lon, b.lat, p.registered
    from people p left join households h on h.household = p.household left join buildings b on b.building = h.building";

fn resident(row: &Record) -> Result<Resident, StoreError> {
    let needs: Option<String> = row.get(8)?;
    Ok(Resident {
        no: row.get(0)?,
        person: row.get(1)?,
        household: row.get(2)?,
        building: row.get(3)?,
        unit: row.get(4)?,
        division: row.term(5)?,
        sex: row.maybe_term(6)?.unwrap_or(Sex::Unknown),
        birth_date: row.get(7)?,
        needs: needs.iter().flat_map(|text| text.split(';')).filter_map(|need| need.parse().ok()).collect(),
        carer: row.get(9)?,
        home: row.maybe_term(10)?.unwrap_or(Known::Unknown),
        presence: row.maybe_term(11)?.unwrap_or(Presence::Unknown),
        place: row.get::<Option<f64>>(12)?.zip(row.get::<Option<f64>>(13)?),
        registered: row.get(14)?,
    })
}

/// A household with the needs of everybody in it.
#[derive(Debug, Clone)]
pub struct HouseholdNeeds {
    /// Household.
    pub household: String,
    /// Building.
    pub building: String,
    /// Unit.
    pub unit: Option<String>,
    /// Community.
    pub division: DivisionCode,
    /// Needs of its members, one after the other.
    pub needs: Vec<Need>,
}

/// A division as told.
#[derive(Debug, Clone)]
pub struct DivisionRow {
    /// Code.
    pub code: DivisionCode,
    /// Name in the city's language.
    pub name: String,
    /// Name in English.
    pub name_en: Option<String>,
    /// Level.
    pub level: Level,
}

/// A building.
#[derive(Debug, Clone)]
pub struct BuildingRow {
    /// Id.
    pub building: String,
    /// Community.
    pub division: DivisionCode,
    /// Name.
    pub name: String,
    /// Compound.
    pub compound: Option<String>,
    /// Longitude and latitude.
    pub place: (f64, f64),
    /// Last check of the exits.
    pub exits_checked_at: Option<Instant>,
    /// Whether somebody looks after it, as the roster says.
    pub managed: bool,
}

impl Scoped {
    /// People by number, in order of number.
    pub async fn people_by_no(&mut self, numbers: &[i64]) -> Result<Vec<Resident>, StoreError> {
        let keys: Vec<_> = numbers.iter().map(|no| (*no).into()).collect();
        let sql = format!("{RESIDENT} where p.no in ({{keys}}) and {{scope:p.division}} order by p.no");
        self.rows_for_keys(&sql, &keys).await?.iter().map(resident).collect()
    }

    /// People by id, in order of id.
    pub async fn people_by_id(&mut self, ids: &[&str]) -> Result<Vec<Resident>, StoreError> {
        let keys: Vec<_> = ids.iter().map(|id| (*id).into()).collect();
        let sql = format!("{RESIDENT} where p.person in ({{keys}}) and {{scope:p.division}} order by p.person");
        self.rows_for_keys(&sql, &keys).await?.iter().map(resident).collect()
    }

    /// Everybody of these households, in order of id.
    pub async fn people_of_households(&mut self, households: &[&str]) -> Result<Vec<Resident>, StoreError> {
        let keys: Vec<_> = households.iter().map(|id| (*id).into()).collect();
        let sql = format!("{RESIDENT} where p.household in ({{keys}}) and {{scope:p.division}} order by p.person");
        self.rows_for_keys(&sql, &keys).await?.iter().map(resident).collect()
    }

    /// People on the roster in a building, or in one unit of it.
    pub async fn people_of_unit(&mut self, building: &str, unit: Option<&str>) -> Result<i64, StoreError> {
        let sql =
            "select count(*) from households h join people p on p.household = h.household and p.merged_into is null
                   where h.building = $1 and ($2 = '' or h.unit = $2)";
        let row = self.row(sql, &[building.into(), unit.unwrap_or_default().into()]).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// People whom these people care for: their ids, in order.
    pub async fn cared_for_by(&mut self, carers: &[&str]) -> Result<Vec<String>, StoreError> {
        let keys: Vec<_> = carers.iter().map(|id| (*id).into()).collect();
        let sql = "select person from people where carer in ({keys}) and {scope:division} order by person";
        self.rows_for_keys(sql, &keys).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Households of buildings, in order of id.
    pub async fn households_of_buildings(&mut self, buildings: &[&str]) -> Result<Vec<HouseholdNeeds>, StoreError> {
        self.households_by("building", buildings).await
    }

    /// Households by id, in order of id.
    pub async fn households_by_id(&mut self, households: &[&str]) -> Result<Vec<HouseholdNeeds>, StoreError> {
        self.households_by("household", households).await
    }

    async fn households_by(&mut self, column: &str, keys: &[&str]) -> Result<Vec<HouseholdNeeds>, StoreError> {
        let keys: Vec<_> = keys.iter().map(|id| (*id).into()).collect();
        let sql = format!(
            "select h.household, h.building, h.unit, h.division, p.needs from households h
             left join people p on p.household = h.household
             where h.{column} in ({{keys}}) and {{scope:h.division}} order by h.household, p.person"
        );
        let mut all: Vec<HouseholdNeeds> = Vec::new();
        for row in self.rows_for_keys(&sql, &keys).await? {
            let household: String = row.get(0)?;
            if all.last().is_none_or(|last| last.household != household) {
                all.push(HouseholdNeeds {
                    household,
                    building: row.get(1)?,
                    unit: row.get(2)?,
                    division: row.term(3)?,
                    needs: Vec::new(),
                });
            }
            let needs: Option<String> = row.get(4)?;
            if let (Some(last), Some(needs)) = (all.last_mut(), needs) {
                last.needs.extend(needs.split(';').filter_map(|need| need.parse::<Need>().ok()));
            }
        }
        Ok(all)
    }

    /// Buildings by id, in order of id.
    pub async fn buildings_by_id(&mut self, ids: &[&str]) -> Result<Vec<BuildingRow>, StoreError> {
        let keys: Vec<_> = ids.iter().map(|id| (*id).into()).collect();
        let sql = "select b.building, b.division, b.name, b.compound, b.lon, b.lat, b.exits_checked_at,
                cast(case when b.warden is null then 0 else 1 end as bigint)
            from buildings b where b.building in ({keys}) and {scope:b.division} order by b.building";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter()
            .map(|row| {
                Ok(BuildingRow {
                    building: row.get(0)?,
                    division: row.term(1)?,
                    name: row.get(2)?,
                    compound: row.get(3)?,
                    place: (row.get(4)?, row.get(5)?),
                    exits_checked_at: row.get(6)?,
                    managed: row.get::<i64>(7)? == 1,
                })
            })
            .collect()
    }

    /// Divisions of some levels, in order of code.
    pub async fn divisions(&mut self, levels: &[Level]) -> Result<Vec<DivisionRow>, StoreError> {
        let keys: Vec<_> = levels.iter().map(|level| level.name().into()).collect();
        let sql =
            "select code, name, name_en, level from divisions where level in ({keys}) and {scope:code} order by code";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter()
            .map(|row| {
                Ok(DivisionRow { code: row.term(0)?, name: row.get(1)?, name_en: row.get(2)?, level: row.term(3)? })
            })
            .collect()
    }

    /// How many people the roster has in each district of the scope. Who was found to be another one counts once.
    pub async fn residents_by_district(&mut self) -> Result<BTreeMap<String, i64>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select substr(division, 1, 6), count(*) from people
            where registered and merged_into is null and division >= $1 and division < $2 group by 1 order by 1";
        let rows = self.rows(sql, &[low.into(), high.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// How many communities there are.
    pub async fn community_count(&mut self) -> Result<i64, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select count(*) from divisions where level = $1 and code >= $2 and code < $3";
        let row = self.row(sql, &[Level::Community.name().into(), low.into(), high.into()]).await?;
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// Names of some divisions, in the order asked for; one that is not known is named by its code.
    pub async fn division_names(&mut self, codes: &[&str]) -> Result<Vec<String>, StoreError> {
        let keys: Vec<_> = codes.iter().map(|code| (*code).into()).collect();
        let rows = self.rows_for_keys("select code, name from divisions where code in ({keys})", &keys).await?;
        let known: Result<BTreeMap<String, String>, StoreError> =
            rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect();
        let known = known?;
        Ok(codes.iter().map(|code| known.get(*code).cloned().unwrap_or_else(|| (*code).to_owned())).collect())
    }

    /// Whoever lives in these buildings, or in these households, stands in the division in which the building stands. Numbers of the
    /// people who stood elsewhere, in order; the figures of both places are due. A file of people that says what it said before changes no
    /// row of theirs.
    pub async fn stand_where_they_live(
        &mut self,
        homes: Homes,
        keys: &[Value<'static>],
    ) -> Result<Vec<i64>, StoreError> {
        let of = match homes {
            Homes::Buildings => "h.building",
            Homes::Households => "h.household",
        };
        if homes == Homes::Buildings {
            let sql = "update households set division = (select b.division from buildings b where b.building = households.building)
                where building in ({keys}) and exists (select 1 from buildings b where b.building = households.building
                    and b.division <> households.division)";
            self.run_for_keys(sql, &[], keys).await?;
        }
        let sql = format!(
            "select p.no, p.division, h.division from households h join people p on p.household = h.household
             where {of} in ({{keys}}) and p.division <> h.division"
        );
        let (mut people, mut divisions) = (BTreeSet::new(), BTreeSet::new());
        for row in self.rows_for_keys(&sql, keys).await? {
            people.insert(row.get::<i64>(0)?);
            divisions.extend([row.get::<String>(1)?, row.get(2)?]);
        }
        let people: Vec<i64> = people.into_iter().collect();
        let numbers: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let sql =
            "update people set division = (select h.division from households h where h.household = people.household)
            where no in ({keys})";
        self.run_for_keys(sql, &[], &numbers).await?;
        self.note_roster_due(&divisions.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        Ok(people)
    }
}
