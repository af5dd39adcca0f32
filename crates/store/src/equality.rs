//! Figures of how people of different districts, ages and sexes were treated: rows counted in the store, which know of nobody in
//! particular. Small counts are for the caller to withhold.

use crate::{Scoped, StoreError, value::Record};
use dayclear_core::{
    equality::Measure,
    roster::Sex,
    time::{CivilDate, Instant},
};

/// What was counted of one district, sex and year of birth.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// What.
    pub measure: Measure,
    /// District.
    pub district: String,
    /// Sex; `None`: nobody knows, or it is about a household.
    pub sex: Option<Sex>,
    /// Year of birth; `None` in the same way.
    pub born: Option<i64>,
    /// How many.
    pub count: i64,
    /// What they add up to: days or minutes.
    pub sum: i64,
    /// What their squares add up to.
    pub squares: f64,
    /// Of them, those that the measure looks at: see [`Measure`].
    pub marked: i64,
}

impl Scoped {
    /// Everything that was counted between a day and a moment, both ends of it: orders that ended, people who were admitted, emergencies
    /// and appeals that came.
    pub async fn counted_alike(
        &mut self,
        (from, since): (CivilDate, Instant),
        until: Instant,
    ) -> Result<Vec<Counted>, StoreError> {
        let (low, high) = self.scope.range();
        let (days, minutes) = match self.is_server() {
            true => (
                "(coalesce(o.ended_on, o.until_day) - o.from_day + 1)",
                "cast(floor(extract(epoch from x.admitted_at - x.requested_at) / 60) as bigint)",
            ),
            false => (
                "(julianday(coalesce(o.ended_on, o.until_day)) - julianday(o.from_day) + 1)",
                "((x.admitted_at - x.requested_at) / 60000000)",
            ),
        };
        let hours = "coalesce(a.hours, 0)";
        let added =
            |what: &str| format!("cast(sum({what}) as bigint), cast(sum(1.0 * {what} * {what}) as double precision)");
        let who = "p.sex, substr(cast(p.birth_date as text), 1, 4)";
        let orders = format!(
            "select substr(o.division, 1, 6), {who}, count(*), {}, sum(case when o.state = 'withdrawn' then 1 else 0 end)
             from orders o left join people p on p.no = o.person_no
             where o.state <> 'replaced' and o.ended_on >= $1 and o.division >= $2 and o.division < $3 group by substr(o.division, 1, 6), {who}",
            added(days)
        );
        let waits = format!(
            "select substr(x.division, 1, 6), {who}, count(*), {},
                sum(case when {minutes} > 1440 then 1 else 0 end)
             from transfers x left join people p on p.no = x.person_no
             where x.admitted_at > $1 and x.admitted_at <= $2 and x.division >= $3 and x.division < $4 group by substr(x.division, 1, 6), {who}",
            added(minutes)
        );
        let refusals = format!(
            "select substr(t.division, 1, 6), null, null, count(*), {},
                sum(case when t.refusals > 0 then 1 else 0 end)
             from tickets t where t.opened_at > $1 and t.opened_at <= $2 and t.division >= $3 and t.division < $4 group by substr(t.division, 1, 6)",
            added("t.refusals")
        );
        let appeals = format!(
            "select substr(a.division, 1, 6), {who}, count(*), {},
                sum(case when a.state = 'upheld' then 1 else 0 end)
             from appeals a left join people p on p.no = a.person_no
             where a.filed_at > $1 and a.filed_at <= $2 and a.division >= $3 and a.division < $4 group by substr(a.division, 1, 6), {who}",
            added(hours)
        );
        let mut all = Vec::new();
        for (measure, sql) in [
            (Measure::Orders, orders.as_str()),
            (Measure::Waits, waits.as_str()),
            (Measure::Refusals, refusals.as_str()),
            (Measure::Appeals, appeals.as_str()),
        ] {
            let rows = match measure {
                Measure::Orders => {
                    self.rows_text(sql.into(), &[from.into(), low.as_str().into(), high.as_str().into()]).await?
                }
                _ => {
                    let within = [since.into(), until.into(), low.as_str().into(), high.as_str().into()];
                    self.rows_text(sql.into(), &within).await?
                }
            };
            for row in &rows {
                all.push(counted(measure, row)?);
            }
        }
        Ok(all)
    }
}

fn counted(measure: Measure, row: &Record) -> Result<Counted, StoreError> {
    let born: Option<String> = row.get(2)?;
    Ok(Counted {
        measure,
        district: row.get(0)?,
        sex: row.maybe_term(1)?,
        born: born.and_then(|year| year.parse().ok()),
        count: row.get(3)?,
        sum: row.get(4)?,
        squares: row.get(5)?,
        marked: row.get(6)?,
    })
}
