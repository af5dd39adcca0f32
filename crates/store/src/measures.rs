//! Orders that bind people, and the tests that are due under them. It guarantees that the end of an order only comes nearer here. Areas
//! that bind buildings stand in `zones`.

mod zones;

pub use zones::Zone;
pub(crate) use zones::{ZONE, zone};

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    measures::{OrderKind, OrderState},
    time::{CivilDate, Instant},
};

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
}
