//! Orders that bind people and areas that bind buildings.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    measures::{OrderKind, OrderState, ZoneEnd, ZoneLevel},
    time::{CivilDate, Instant},
};
use std::collections::HashSet;

/// An order.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// Id.
    pub id: String,
    /// Person it binds.
    pub person: String,
    /// Their number.
    pub person_no: i64,
    /// Community.
    pub division: DivisionCode,
    /// What it asks.
    pub kind: OrderKind,
    /// What it rests on: `case`, `contact` or `pool`.
    pub basis: String,
    /// Id of the case, contact or tube it rests on.
    pub subject: String,
    /// When it takes effect; the notice is out before (R03).
    pub starts_at: Instant,
    /// First day.
    pub from_day: CivilDate,
    /// Last day; it lapses by itself at the end of it (R04).
    pub until_day: CivilDate,
    /// Days on which a test is due.
    pub test_days: Vec<CivilDate>,
    /// Where: a facility, or the home.
    pub place: Option<String>,
    /// How it stands.
    pub state: OrderState,
    /// Day it ended.
    pub ended_on: Option<CivilDate>,
    /// Why it ended.
    pub ended_why: Option<String>,
    /// Statute (R01).
    pub legal_basis: String,
    /// Issuing body (R01).
    pub body: String,
    /// Purpose code (R01).
    pub purpose: String,
    /// Ids of the evidence (R01).
    pub evidence: String,
    /// Milder options considered, and why not (R02).
    pub milder: String,
    /// Clause, inputs and version (R16), as JSON.
    pub reason: String,
    /// Order that binds the same person under another id, as long as this one is set aside for it.
    pub aside: Option<String>,
}

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

const ORDER: [&str; 22] = [
    "id",
    "person",
    "person_no",
    "division",
    "kind",
    "basis",
    "subject",
    "starts_at",
    "from_day",
    "until_day",
    "test_days",
    "place",
    "state",
    "ended_on",
    "ended_why",
    "legal_basis",
    "body",
    "purpose",
    "evidence",
    "milder",
    "reason",
    "aside",
];

fn order(row: &Record) -> Result<Order, StoreError> {
    let days: String = row.get(10)?;
    Ok(Order {
        id: row.get(0)?,
        person: row.get(1)?,
        person_no: row.get(2)?,
        division: row.term(3)?,
        kind: row.term(4)?,
        basis: row.get(5)?,
        subject: row.get(6)?,
        starts_at: row.get(7)?,
        from_day: row.get(8)?,
        until_day: row.get(9)?,
        test_days: days.split(' ').filter_map(|day| day.parse().ok()).collect(),
        place: row.get(11)?,
        state: row.term(12)?,
        ended_on: row.get(13)?,
        ended_why: row.get(14)?,
        legal_basis: row.get(15)?,
        body: row.get(16)?,
        purpose: row.get(17)?,
        evidence: row.get(18)?,
        milder: row.get(19)?,
        reason: row.get(20)?,
        aside: row.get(21)?,
    })
}

/// Days as the store writes them: ISO dates separated by a space.
pub fn days_text(days: &[CivilDate]) -> String {
    days.iter().map(CivilDate::to_string).collect::<Vec<_>>().join(" ")
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
    /// Issues orders.
    pub async fn issue_orders(&mut self, orders: &[Order]) -> Result<(), StoreError> {
        let mut values: Vec<Value<'_>> = Vec::with_capacity(orders.len() * ORDER.len());
        let mut due: Vec<Value<'_>> = Vec::new();
        for o in orders {
            values.extend([
                (&o.id).into(),
                (&o.person).into(),
                o.person_no.into(),
                (&o.division).into(),
                o.kind.name().into(),
                (&o.basis).into(),
                (&o.subject).into(),
                o.starts_at.into(),
                o.from_day.into(),
                o.until_day.into(),
                days_text(&o.test_days).into(),
                o.place.as_deref().into(),
                o.state.name().into(),
                o.ended_on.into(),
                o.ended_why.as_deref().into(),
                (&o.legal_basis).into(),
                (&o.body).into(),
                (&o.purpose).into(),
                (&o.evidence).into(),
                (&o.milder).into(),
                (&o.reason).into(),
                o.aside.as_deref().into(),
            ]);
            if o.state == OrderState::Active {
                for day in &o.test_days {
                    due.extend([(&o.person).into(), (*day).into(), (&o.id).into(), (&o.division).into()]);
                }
            }
        }
        self.append("orders", &ORDER, &values).await?;
        self.append_new("tests_due", &["person", "day", "order_id", "division"], &due).await?;
        Ok(())
    }

    /// Orders of these people, by number, that are in force or ended on or after a day, in order of person and first day.
    pub async fn orders_of(&mut self, people: &[i64], day: CivilDate) -> Result<Vec<Order>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let columns = ORDER.map(|name| format!("o.{name}")).join(", ");
        // an index leads from the id of a person to their orders
        let sql = format!(
            "select {columns} from people p join orders o on o.person = p.person where p.no in ({{keys}})
             order by o.person, o.from_day, o.id"
        );
        let rows = self.rows_for_keys(&sql, &keys).await?;
        let orders: Result<Vec<Order>, StoreError> = rows.iter().map(order).collect();
        let since = |order: &Order| order.ended_on.is_none_or(|on| on >= day);
        let mut orders: Vec<Order> = orders?.into_iter().filter(since).collect();
        orders.sort_by(|a, b| (&a.person, a.from_day, &a.id).cmp(&(&b.person, b.from_day, &b.id)));
        Ok(orders)
    }

    /// Orders by id, in order of id.
    pub async fn orders_by_id(&mut self, ids: &[&str]) -> Result<Vec<Order>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = format!(
            "select {} from orders where id in ({{keys}}) and {{scope:division}} order by id",
            ORDER.join(", ")
        );
        self.rows_for_keys(&sql, &keys).await?.iter().map(order).collect()
    }

    /// Orders in force, or ended on or after a day, in order of person and first day.
    pub async fn orders_since(&mut self, day: CivilDate) -> Result<Vec<Order>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!(
            "select {} from orders where (state = 'active' or ended_on >= $1 or aside is not null) and division >= $2 and division < $3
             order by person, from_day, id",
            ORDER.join(", ")
        );
        let rows = self.rows_text(sql.into(), &[day.into(), low.into(), high.into()]).await?;
        rows.iter().map(order).collect()
    }

    /// Ends an order, sets it aside or takes that back, or moves its end forward. The end can only come nearer here: extension is
    /// another command, with fresh evidence and a second person.
    pub async fn end_or_shorten(&mut self, order: &Order) -> Result<bool, StoreError> {
        let sql =
            "update orders set state = $2, ended_on = $3, ended_why = $4, until_day = $5, kind = $6, test_days = $7,
                    reason = $8, aside = $9 where id = $1 and until_day >= $5";
        let touched = self
            .run(
                sql,
                &[
                    (&order.id).into(),
                    order.state.name().into(),
                    order.ended_on.into(),
                    order.ended_why.as_deref().into(),
                    order.until_day.into(),
                    order.kind.name().into(),
                    days_text(&order.test_days).into(),
                    (&order.reason).into(),
                    order.aside.as_deref().into(),
                ],
            )
            .await?;
        // a test that no order asks for any more is not due any more
        let last = order.ended_on.filter(|_| order.state != OrderState::Active).unwrap_or(order.until_day);
        self.run("delete from tests_due where order_id = $1 and day > $2", &[(&order.id).into(), last.into()]).await?;
        Ok(touched == 1)
    }

    /// Tests due on a day: person, order, division, and since when the order binds; in order of person. Of some people only,
    /// where they are named.
    pub async fn tests_due_on(
        &mut self,
        day: CivilDate,
        people: Option<&[i64]>,
    ) -> Result<Vec<(String, String, DivisionCode, Instant)>, StoreError> {
        let due = "select d.person, d.order_id, d.division, o.starts_at, d.day from";
        let rows = match people {
            None => {
                let sql = format!(
                    "{due} tests_due d join orders o on o.id = d.order_id
                     where d.day = $1 and d.division >= $2 and d.division < $3 and o.state <> 'aside' order by d.person"
                );
                let (low, high) = self.scope.range();
                self.rows_text(sql.into(), &[day.into(), low.into(), high.into()]).await?
            }
            Some(people) => {
                let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
                let sql = format!(
                    "{due} people p join tests_due d on d.person = p.person join orders o on o.id = d.order_id
                     where p.no in ({{keys}}) and o.state <> 'aside' and {{scope:d.division}}"
                );
                self.rows_for_keys(&sql, &keys).await?
            }
        };
        let mut due = Vec::new();
        for row in &rows {
            if row.get::<CivilDate>(4)? == day {
                due.push((row.get(0)?, row.get(1)?, row.term(2)?, row.get(3)?));
            }
        }
        due.sort_by(|a: &(String, String, DivisionCode, Instant), b| a.0.cmp(&b.0));
        Ok(due)
    }

    /// Tests due on or after a day: day, person, order, division, in order of day and person.
    pub async fn tests_due_from(
        &mut self,
        day: CivilDate,
    ) -> Result<Vec<(CivilDate, String, String, DivisionCode)>, StoreError> {
        let sql = "select day, person, order_id, division from tests_due
                   where day >= $1 and division >= $2 and division < $3
                       and not exists (select 1 from orders o where o.id = tests_due.order_id and o.state = 'aside')
                   order by day, person";
        let (low, high) = self.scope.range();
        let rows = self.rows(sql, &[day.into(), low.into(), high.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.term(3)?))).collect()
    }

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
