//! Who may have been near somebody, from rosters that are held for other lawful reasons: neighbours, those in the same tube, those in
//! the same vehicle, classmates and colleagues. It guarantees that each answer ends at a number that is given, that it names nobody
//! outside the scope, and nobody who stands for another.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::time::{CivilDate, Instant};

/// Somebody who may have been near.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// Person.
    pub person: String,
    /// Name on the roster.
    pub name: Option<String>,
    /// Door.
    pub door: Option<String>,
    /// What they had in common: the unit, the tube, the trip, the list.
    pub by: String,
    /// When, where the record bears a time.
    pub at: Option<Instant>,
}

pub(crate) fn near(row: &Record) -> Result<Near, StoreError> {
    Ok(Near { person: row.get(0)?, name: row.get(1)?, door: row.get(2)?, by: row.get(3)?, at: row.get(4)? })
}

impl Scoped {
    async fn near(&mut self, sql: &'static str, values: Vec<Value<'_>>, most: usize) -> Result<Vec<Near>, StoreError> {
        let (low, high) = self.scope.range();
        let mut values = values;
        values.extend([low.into(), high.into(), (most as i64).into()]);
        self.rows(sql, &values).await?.iter().map(near).collect()
    }

    /// Those who live behind other doors of the same unit of the same building, at most so many, in order of id.
    pub async fn neighbours_of(&mut self, person: i64, most: usize) -> Result<Vec<Near>, StoreError> {
        let sql = "select o.person, o.name, g.door, h.unit, null from people p
            join households h on h.household = p.household and h.unit is not null
            join households g on g.building = h.building and g.unit = h.unit and g.household <> h.household
            join people o on o.household = g.household and o.merged_into is null
            where p.no = $1 and o.division >= $2 and o.division < $3 order by o.person limit $4";
        self.near(sql, vec![person.into()], most).await
    }

    /// Those whose swab is in a tube with one of this person that was closed in a span of time, at most so many.
    pub async fn tube_mates_of(
        &mut self,
        person: i64,
        from: Instant,
        to: Instant,
        most: usize,
    ) -> Result<Vec<Near>, StoreError> {
        let sql = "select o.person, o.name, h.door, t.tube, t.collected_at from members m
            join tubes t on t.no = m.tube_no join members x on x.tube_no = m.tube_no and x.person_no <> m.person_no
            join people o on o.no = x.person_no and o.merged_into is null
            left join households h on h.household = o.household
            where m.person_no = $1 and t.collected_at >= $2 and t.collected_at < $3
              and o.division >= $4 and o.division < $5 order by t.collected_at, t.tube, o.person limit $6";
        self.near(sql, vec![person.into(), from.into(), to.into()], most).await
    }

    /// Those who rode on the same trip and were picked up for it in a span of time, at most so many.
    pub async fn ride_mates_of(
        &mut self,
        person: &str,
        from: Instant,
        to: Instant,
        most: usize,
    ) -> Result<Vec<Near>, StoreError> {
        let sql = "select o.person, o.name, h.door, f.trip, f.picked_up_at from transfers f
            join transfers g on g.trip = f.trip and g.person_no <> f.person_no and g.picked_up_at is not null
            join people o on o.no = g.person_no and o.merged_into is null
            left join households h on h.household = o.household
            where f.person = $1 and f.picked_up_at >= $2 and f.picked_up_at < $3
              and o.division >= $4 and o.division < $5 order by f.picked_up_at, o.person limit $6";
        self.near(sql, vec![person.into(), from.into(), to.into()], most).await
    }

    /// Those whom a list of an employer or of a school knows beside this person, on a day, at most so many. Who is on a list and was
    /// never found on the roster is not among them.
    pub async fn list_mates_of(&mut self, person: i64, on: CivilDate, most: usize) -> Result<Vec<Near>, StoreError> {
        let sql = "select distinct o.person, o.name, h.door, l.list, null from listed_links k join listed l on l.key = k.listed
            join listed x on x.source = l.source and x.list = l.list and x.entry <> l.entry
            join listed_links y on y.listed = x.key and y.person_no <> k.person_no
            join people o on o.no = y.person_no and o.merged_into is null
            left join households h on h.household = o.household
            where k.person_no = $1 and k.linked = 'same' and y.linked = 'same' and l.source in ('employer', 'school')
              and coalesce(l.\"until\", $2) >= $2 and coalesce(x.\"until\", $2) >= $2
              and o.division >= $3 and o.division < $4 order by l.list, o.person limit $5";
        self.near(sql, vec![person.into(), on.into()], most).await
    }
}
