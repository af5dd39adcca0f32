//! Rides that cannot end as planned, and trips that take longer. It guarantees that only trips of the same vehicle or crew are
//! said to be overtaken.

use crate::{
    Scoped, StoreError,
    transfer::{Trip, trip_of},
    value::Value,
};
use dayclear_core::{
    divisions::DivisionCode,
    time::{CivilDate, Instant},
};

/// Trips that begin, by the same vehicle or crew, before a trip has ended that began before them.
const OVERTAKEN: &str = "select r.id from trips r join trips l on l.id = $1 and r.id <> l.id
    and (r.vehicle = l.vehicle or r.crew = l.crew) and r.departs_at >= l.departs_at and r.departs_at < l.ends_at";

/// A ride that cannot end as planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InVain {
    /// Transfer.
    pub transfer: String,
    /// Number of the person.
    pub person_no: i64,
    /// Whether its facility takes nobody; if not, its vehicle is out of service.
    pub closed: bool,
}

/// A trip whose vehicle broke down with people in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Trip.
    pub trip: String,
    /// Vehicle.
    pub vehicle: String,
    /// Division that runs it.
    pub division: DivisionCode,
    /// When it set out.
    pub departs_at: Instant,
    /// People in it.
    pub people: i64,
}

impl Scoped {
    /// Rides that cannot end as planned: to a facility that takes nobody on a day, or not begun and with a vehicle that is out
    /// of service; in order of id.
    pub async fn rides_in_vain(&mut self, day: CivilDate) -> Result<Vec<InVain>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select * from (
                select x.id, x.person_no, x.class <> 'home' and (f.closes_on < $1 or f.opens_on > $1) as closed, x.state = 'booked' as booked,
                       coalesce(v.out_of_service, 'no') = 'yes' as broken
                from transfers x left join facilities f on f.facility = x.facility
                left join trips r on r.id = x.trip left join vehicles v on v.vehicle = r.vehicle
                where x.state in ('booked', 'underway') and x.division >= $2 and x.division < $3) rides
            where coalesce(closed, false) or (booked and broken) order by id";
        let rows = self.rows(sql, &[day.into(), low.into(), high.into()]).await?;
        rows.iter()
            .map(|row| {
                let closed = row.get::<Option<bool>>(2)?.unwrap_or(false);
                Ok(InVain { transfer: row.get(0)?, person_no: row.get(1)?, closed })
            })
            .collect()
    }

    /// Trips with people in a vehicle that is out of service, in order of id.
    pub async fn broken_with_people(&mut self) -> Result<Vec<Broken>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select r.id, r.vehicle, r.division, r.departs_at, count(*) from transfers x
                join trips r on r.id = x.trip join vehicles v on v.vehicle = r.vehicle
            where x.state = 'underway' and x.handed_over_at is null and v.out_of_service = 'yes'
                and x.division >= $1 and x.division < $2
            group by r.id, r.vehicle, r.division, r.departs_at order by r.id";
        let rows = self.rows(sql, &[low.into(), high.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Broken {
                    trip: row.get(0)?,
                    vehicle: row.get(1)?,
                    division: row.term(2)?,
                    departs_at: row.get(3)?,
                    people: row.get(4)?,
                })
            })
            .collect()
    }

    /// The first trip after this one, of the same vehicle or crew, that begins before a moment and on which somebody was picked up.
    pub async fn set_out_before(&mut self, trip: &str, before: Instant) -> Result<Option<Trip>, StoreError> {
        let sql =
            "select r.id, r.vehicle, r.crew, r.class, r.division, r.departs_at, r.ends_at, r.people, r.km, r.turned_at
            from trips r join trips l on l.id = $1 and r.id <> l.id
            where (r.vehicle = l.vehicle or r.crew = l.crew) and r.departs_at >= l.departs_at and r.departs_at < $2
              and exists (select 1 from transfers x where x.trip = r.id and x.picked_up_at is not null)
            order by r.departs_at, r.id limit 1";
        self.row(sql, &[trip.into(), before.into()]).await?.as_ref().map(trip_of).transpose()
    }

    /// Of these trips those with somebody on the way, in order of id.
    pub async fn trips_with_riders(&mut self, trips: &[&str]) -> Result<Vec<String>, StoreError> {
        let keys: Vec<Value<'_>> = trips.iter().map(|trip| (*trip).into()).collect();
        let sql = "select distinct trip from transfers where trip in ({keys}) and state = 'underway'
                     and handed_over_at is null order by trip";
        self.rows_for_keys(sql, &keys).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Lets a trip end later than planned; the booked transfers of other trips that its vehicle or crew cannot make any more.
    pub async fn lengthen_trip(&mut self, trip: &str, ends: Instant) -> Result<Vec<String>, StoreError> {
        self.run("update trips set ends_at = $2 where id = $1 and ends_at < $2", &[trip.into(), ends.into()]).await?;
        let sql =
            format!("select x.id from transfers x where x.state = 'booked' and x.trip in ({OVERTAKEN}) order by x.id");
        self.rows_text(sql.into(), &[trip.into()]).await?.iter().map(|row| row.get(0)).collect()
    }
}
