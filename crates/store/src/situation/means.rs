//! What there is to meet the days ahead: beds by kind and phase, vehicles, crews, laboratories, supplies. Counts only.

use crate::{Scoped, StoreError};
use dayclear_core::{
    phases::PhaseStep,
    time::{CivilDate, Instant},
    transfer::FacilityKind,
};

/// Beds of a kind in a district.
#[derive(Debug, Clone, PartialEq)]
pub struct Beds {
    /// Kind of the place.
    pub kind: FacilityKind,
    /// District.
    pub district: String,
    /// First day of the place, where it is known.
    pub from: Option<CivilDate>,
    /// Last day of the place, where it is known.
    pub until: Option<CivilDate>,
    /// Ward, where something was said of the phases of the place.
    pub ward: Option<String>,
    /// From when the place and its wards are in which phase.
    pub steps: Vec<PhaseStep>,
    /// How many.
    pub beds: i64,
}

/// What there is to meet the days ahead.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Means {
    /// Beds.
    pub beds: Vec<Beds>,
    /// Vehicles in service by district.
    pub vehicles: Vec<(String, i64)>,
    /// Crews by district whose shift begins within the day.
    pub crews: Vec<(String, i64)>,
    /// Laboratories in the city by district: tubes a day, and hours a day in which they work; none of those who say nothing.
    pub laboratories: Vec<(String, Option<i64>, Option<i64>)>,
    /// Supplies that are promised to nobody, by item and district.
    pub supplies: Vec<(String, String, i64)>,
}

fn district(code: &str) -> String {
    code.chars().take(6).collect()
}

impl Scoped {
    /// What there is on a day that begins and ends at these moments.
    pub async fn means(&mut self, (from, to): (Instant, Instant)) -> Result<Means, StoreError> {
        let mut means = Means::default();
        // ward by ward only where something was said of phases: a place that nobody said anything of stands as a whole
        let sql = "select f.kind, f.division, f.opens_on, f.closes_on, count(*), f.facility,
                case when exists (select 1 from phases p where p.facility = f.facility) then b.room end as ward
            from facilities f join beds b on b.facility = f.facility
            where coalesce(b.state, 'free') <> 'blocked' group by f.facility, f.kind, f.division, f.opens_on, f.closes_on, ward
            order by f.facility, ward";
        let steps = self.phase_steps().await?;
        for row in self.rows(sql, &[]).await? {
            let division: String = row.get(1)?;
            let facility: String = row.get(5)?;
            means.beds.push(Beds {
                kind: row.term(0)?,
                district: district(&division),
                from: row.get(2)?,
                until: row.get(3)?,
                beds: row.get(4)?,
                ward: row.get(6)?,
                steps: steps.get(&facility).cloned().unwrap_or_default(),
            });
        }
        let sql =
            "select substr(division, 1, 6), count(*) from vehicles where out_of_service is null group by 1 order by 1";
        for row in self.rows(sql, &[]).await? {
            means.vehicles.push((row.get(0)?, row.get(1)?));
        }
        let sql = "select substr(v.division, 1, 6), count(*) from crews c join vehicles v on v.vehicle = c.vehicle
            where c.\"from\" >= $1 and c.\"from\" < $2 and v.out_of_service is null group by 1 order by 1";
        for row in self.rows(sql, &[from.into(), to.into()]).await? {
            means.crews.push((row.get(0)?, row.get(1)?));
        }
        let sql =
            "select coalesce(division, ''), tubes_a_day, opens_min, closes_min from laboratories where in_city <> 'no'
            order by laboratory";
        for row in self.rows(sql, &[]).await? {
            let division: String = row.get(0)?;
            let hours = row.get::<Option<i64>>(2)?.zip(row.get::<Option<i64>>(3)?);
            let hours = hours.map(|(opens, closes)| (closes - opens).max(0) / 60);
            means.laboratories.push((district(&division), row.get(1)?, hours));
        }
        let sql = "select item, substr(division, 1, 6), cast(sum(quantity - promised) as bigint) from supplies group by 1, 2 order by 1, 2";
        for row in self.rows(sql, &[]).await? {
            means.supplies.push((row.get(0)?, row.get(1)?, row.get(2)?));
        }
        Ok(means)
    }
}
