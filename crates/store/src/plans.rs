//! What a round is planned from and what was planned: people counted building by building, laboratories, areas, rounds that were
//! held; the plan with its sites and calls. People are added up where they stand, so no row of a person leaves the store.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{divisions::DivisionCode, measures::ZoneLevel, rounds::RoundScope, time::Instant};
use std::collections::BTreeMap;

/// A building with the people of a round in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Dwelling {
    /// Building.
    pub building: String,
    /// Its division.
    pub division: String,
    /// Longitude and latitude, WGS-84 degrees.
    pub place: (f64, f64),
    /// People on the roster whom the round is for.
    pub people: i64,
    /// Their households.
    pub households: i64,
    /// The highest floor that anybody of them lives on.
    pub floors: Option<i64>,
    /// The risk area of the round that it belongs to.
    pub area: Option<String>,
}

/// A laboratory as a planner sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct LaboratoryPlace {
    /// Its id.
    pub laboratory: String,
    /// Whether it stands in the city, as far as that is known.
    pub in_city: bool,
    /// Where it stands: its own place, or the seat of its division.
    pub place: Option<(f64, f64)>,
    /// Tubes a day for which it is validated.
    pub tubes_a_day: Option<i64>,
    /// Tubes that it takes into work in an hour.
    pub tubes_an_hour: Option<i64>,
    /// Minutes of the day from and until which it takes tubes into work.
    pub hours: (Option<i64>, Option<i64>),
    /// Minutes from work to result.
    pub turnaround_min: Option<i64>,
    /// Price of a test.
    pub price: Option<f64>,
    /// Minutes to it from anywhere, where the way is no matter of distance.
    pub travel_min: Option<i64>,
    /// Whether every result of it is withheld now.
    pub suspended: bool,
}

/// The plan of a round as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct PlanRow {
    /// Round.
    pub round: String,
    /// When it was planned.
    pub made_at: Instant,
    /// Why it cannot be planned, with the clause.
    pub refusal: Option<String>,
    /// People on the roster.
    pub people: i64,
    /// People who are expected to come, after those of the last round.
    pub expected: Option<i64>,
    /// Sites.
    pub sites: i64,
    /// Sums, hours, pools and reasons.
    pub body: String,
}

/// A site of a plan.
#[derive(Debug, Clone, PartialEq)]
pub struct SiteRow {
    /// Number within the round, from 1.
    pub number: i64,
    /// Division of the building.
    pub division: String,
    /// Building at whose foot it stands.
    pub building: String,
    /// Longitude and latitude.
    pub place: (f64, f64),
    /// People who are called.
    pub people: i64,
    /// Of them expected to come.
    pub expected: Option<i64>,
    /// Samplers at work at the same time.
    pub lanes: i64,
    /// Samplers on the list.
    pub samplers: i64,
    /// From and until when it is open.
    pub open: (Instant, Instant),
    /// Longest way on foot, minutes.
    pub walk_max_min: f64,
    /// Expected wait that 19 in 20 people do not exceed, and the longest one, minutes.
    pub wait_min: (f64, f64),
    /// Tubes.
    pub tubes: i64,
    /// Laboratory that is nearest.
    pub laboratory: Option<String>,
    /// Courier loop, from 1.
    pub courier: i64,
    /// Minutes between two visits of a courier.
    pub every_min: f64,
    /// Longest time from collection to receipt, minutes.
    pub receipt_min: f64,
}

/// A part of a building that is called to a site.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRow {
    /// Site.
    pub site: i64,
    /// Building.
    pub building: String,
    /// From and until when.
    pub time: (Instant, Instant),
    /// Floors; none: all of it.
    pub floors: Option<(i64, i64)>,
    /// People.
    pub people: i64,
}

const SITE: [&str; 20] = [
    "round",
    "number",
    "division",
    "building",
    "lon",
    "lat",
    "people",
    "expected",
    "lanes",
    "samplers",
    "opens_at",
    "closes_at",
    "walk_max_min",
    "wait_min",
    "wait_max_min",
    "tubes",
    "laboratory",
    "courier",
    "every_min",
    "receipt_min",
];

fn plan(row: &Record) -> Result<PlanRow, StoreError> {
    Ok(PlanRow {
        round: row.get(0)?,
        made_at: row.get(1)?,
        refusal: row.get(2)?,
        people: row.get(3)?,
        expected: row.get(4)?,
        sites: row.get(5)?,
        body: row.get(6)?,
    })
}

impl Scoped {
    /// The people of a round, counted by building, in order of building.
    pub async fn dwellings(&mut self, scope: &RoundScope) -> Result<Vec<Dwelling>, StoreError> {
        // names of groups are those of a closed list
        let groups: Vec<String> = scope.groups.iter().map(|group| format!("'{}'", group.name())).collect();
        let grouped = match groups.is_empty() {
            true => String::new(),
            false => format!(" and p.key_group in ({})", groups.join(",")),
        };
        let counted = |place: &str| {
            format!(
                "select b.building, b.division, b.lon, b.lat, count(*), count(distinct h.household), max(h.floor)
                 from buildings b join households h on h.building = b.building
                    join people p on p.household = h.household and p.registered and p.merged_into is null{grouped}
                 where {place} group by b.building, b.division, b.lon, b.lat"
            )
        };
        let mut found: BTreeMap<String, Dwelling> = BTreeMap::new();
        let mut take = |rows: Vec<Record>, area: Option<&str>| -> Result<(), StoreError> {
            for row in &rows {
                let one = Dwelling {
                    building: row.get(0)?,
                    division: row.get(1)?,
                    place: (row.get(2)?, row.get(3)?),
                    people: row.get(4)?,
                    households: row.get(5)?,
                    floors: row.get(6)?,
                    area: area.map(str::to_owned),
                };
                // a building that is named twice is sampled once: the whole of it, or the area's part that is larger
                match found.get_mut(&one.building) {
                    Some(known) if known.people >= one.people => known.area = known.area.take().or(one.area),
                    Some(known) => {
                        let area = one.area.clone().or(known.area.take());
                        *known = Dwelling { area, ..one };
                    }
                    None => {
                        found.insert(one.building.clone(), one);
                    }
                }
            }
            Ok(())
        };
        for division in &scope.divisions {
            let sql = counted("b.division >= $1 and b.division < $1 || '~'");
            take(self.rows_once(sql.into(), &[division.as_str().into()]).await?, None)?;
        }
        for (area, place) in &scope.areas {
            let sql = counted("b.building = $1 and ($2 = '' or h.unit = $2)");
            let values = [place.building.as_str().into(), place.unit.as_deref().unwrap_or_default().into()];
            take(self.rows_once(sql.into(), &values).await?, Some(area))?;
        }
        Ok(found.into_values().collect())
    }

    /// Whether a risk area stands among those of a scope, or within its divisions.
    pub async fn has_open_area(&mut self, scope: &RoundScope) -> Result<bool, StoreError> {
        let rows = self.rows("select id, division from zones where released_on is null order by id", &[]).await?;
        for row in &rows {
            let (id, division): (String, String) = (row.get(0)?, row.get(1)?);
            let inside = |code: &DivisionCode| division.starts_with(code.as_str());
            if scope.areas.contains_key(&id) || scope.divisions.iter().any(inside) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Buildings in which a risk area is open, with the highest level of one.
    pub async fn levels_of_buildings(&mut self) -> Result<BTreeMap<String, ZoneLevel>, StoreError> {
        let sql = "select building, level from zones where released_on is null order by building, id";
        let mut levels: BTreeMap<String, ZoneLevel> = BTreeMap::new();
        for row in self.rows(sql, &[]).await? {
            let level: ZoneLevel = row.term(1)?;
            let known = levels.entry(row.get(0)?).or_insert(level);
            *known = (*known).min(level);
        }
        Ok(levels)
    }

    /// Laboratories as a planner sees them, in order of id.
    pub async fn laboratory_places(&mut self, now: Instant) -> Result<Vec<LaboratoryPlace>, StoreError> {
        let sql = "select l.laboratory, l.in_city, coalesce(l.lon, d.lon), coalesce(l.lat, d.lat), l.tubes_a_day, l.tubes_an_hour,
                l.opens_min, l.closes_min, l.turnaround_min, l.price, l.travel_min,
                cast(case when exists (select 1 from holds h where h.laboratory = l.laboratory and h.lifted_at is null
                    and h.run is null and h.lot is null and h.\"from\" <= $1 and (h.\"until\" is null or h.\"until\" > $1))
                  then 1 else 0 end as bigint)
            from laboratories l left join divisions d on d.code = l.division order by l.laboratory";
        let rows = self.rows(sql, &[now.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(LaboratoryPlace {
                    laboratory: row.get(0)?,
                    in_city: row.get::<String>(1)? != "no",
                    place: row.get::<Option<f64>>(2)?.zip(row.get::<Option<f64>>(3)?),
                    tubes_a_day: row.get(4)?,
                    tubes_an_hour: row.get(5)?,
                    hours: (row.get(6)?, row.get(7)?),
                    turnaround_min: row.get(8)?,
                    price: row.get(9)?,
                    travel_min: row.get(10)?,
                    suspended: row.get::<i64>(11)? == 1,
                })
            })
            .collect()
    }

    /// Rounds to be planned: those that wait for their hour or run, and have no plan, or one from before another round was
    /// closed.
    pub async fn rounds_to_plan(&mut self, most: i64) -> Result<Vec<String>, StoreError> {
        let sql = "select r.round from rounds r left join round_plans p on p.round = r.round
            where r.judged_at is not null and ((r.state in ('planned', 'open') and p.round is null)
                or (r.state = 'planned' and p.made_at < (select max(c.closed_at) from rounds c where c.state = 'closed')))
            order by r.\"from\", r.round limit $1";
        self.rows(sql, &[most.into()]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Keeps a plan in place of the one before.
    pub async fn keep_plan(&mut self, plan: &PlanRow, sites: &[SiteRow], calls: &[CallRow]) -> Result<(), StoreError> {
        let id = plan.round.as_str();
        self.run("delete from round_calls where round = $1", &[id.into()]).await?;
        self.run("delete from round_sites where round = $1", &[id.into()]).await?;
        self.run("delete from round_plans where round = $1", &[id.into()]).await?;
        let sql = "insert into round_plans (round, made_at, refusal, people, expected, sites, body)
                   values ($1, $2, $3, $4, $5, $6, $7)";
        let values = [
            id.into(),
            plan.made_at.into(),
            plan.refusal.as_deref().into(),
            plan.people.into(),
            plan.expected.into(),
            plan.sites.into(),
            plan.body.as_str().into(),
        ];
        self.run(sql, &values).await?;
        let mut values: Vec<Value<'_>> = Vec::with_capacity(sites.len() * SITE.len());
        for site in sites {
            values.extend([
                id.into(),
                site.number.into(),
                site.division.as_str().into(),
                site.building.as_str().into(),
            ]);
            values.extend([site.place.0.into(), site.place.1.into(), site.people.into(), site.expected.into()]);
            values.extend([site.lanes.into(), site.samplers.into(), site.open.0.into(), site.open.1.into()]);
            values.extend([
                site.walk_max_min.into(),
                site.wait_min.0.into(),
                site.wait_min.1.into(),
                site.tubes.into(),
            ]);
            values.extend([site.laboratory.as_deref().into(), site.courier.into(), site.every_min.into()]);
            values.push(site.receipt_min.into());
        }
        self.append("round_sites", &SITE, &values).await?;
        let columns = ["round", "site", "number", "building", "from", "to", "floor_from", "floor_to", "people"];
        let mut values: Vec<Value<'_>> = Vec::with_capacity(calls.len() * columns.len());
        for (number, call) in calls.iter().enumerate() {
            values.extend([id.into(), call.site.into(), (number as i64).into(), call.building.as_str().into()]);
            values.extend([call.time.0.into(), call.time.1.into()]);
            values.extend([call.floors.map(|floors| floors.0).into(), call.floors.map(|floors| floors.1).into()]);
            values.push(call.people.into());
        }
        self.append("round_calls", &columns, &values).await
    }

    /// The plan of a round.
    pub async fn round_plan(&mut self, round: &str) -> Result<Option<PlanRow>, StoreError> {
        let sql = "select round, made_at, refusal, people, expected, sites, body from round_plans where round = $1";
        self.row(sql, &[round.into()]).await?.map(|row| plan(&row)).transpose()
    }

    /// Who is called to a site, in order, with the names of the buildings; the caller has seen that it may be looked at.
    pub async fn calls_of(&mut self, round: &str, site: i64) -> Result<Vec<(CallRow, Option<String>)>, StoreError> {
        let sql = "select c.site, c.building, c.\"from\", c.\"to\", c.floor_from, c.floor_to, c.people, coalesce(b.name, x.name)
            from round_calls c left join buildings b on b.building = c.building left join places x on x.place = c.building
            where c.round = $1 and c.site = $2 order by c.number";
        let rows = self.rows(sql, &[round.into(), site.into()]).await?;
        rows.iter()
            .map(|row| {
                let call = CallRow {
                    site: row.get(0)?,
                    building: row.get(1)?,
                    time: (row.get(2)?, row.get(3)?),
                    floors: row.get::<Option<i64>>(4)?.zip(row.get::<Option<i64>>(5)?),
                    people: row.get(6)?,
                };
                Ok((call, row.get(7)?))
            })
            .collect()
    }

    /// Keeps how many came to a round, by building.
    pub async fn keep_attendance(&mut self, round: &str, came: &[(String, u64, u64)]) -> Result<(), StoreError> {
        self.run("delete from round_attendance where round = $1", &[round.into()]).await?;
        let mut values: Vec<Value<'_>> = Vec::with_capacity(came.len() * 4);
        for (building, people, sampled) in came {
            values.extend([round.into(), building.as_str().into(), (*people).into(), (*sampled).into()]);
        }
        self.append("round_attendance", &["round", "building", "people", "sampled"], &values).await
    }

    /// How many people of a round there were and came, by building.
    pub async fn attendance(&mut self, round: &str) -> Result<BTreeMap<String, (i64, i64)>, StoreError> {
        let sql = "select building, people, sampled from round_attendance where round = $1 order by building";
        let rows = self.rows(sql, &[round.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).collect()
    }
}
