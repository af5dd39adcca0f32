//! Vehicles with their crews, and trips with their seats. A seat is given by inserting a row under a constraint; given back, its trip
//! carries one person less and turns where it carries nobody.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{divisions::DivisionCode, time::Instant, transfer::RideClass};

/// A vehicle with a crew on shift.
#[derive(Debug, Clone)]
pub struct Shift {
    /// Vehicle.
    pub vehicle: String,
    /// Division that runs it.
    pub division: DivisionCode,
    /// Seats.
    pub seats: i64,
    /// Stretcher places.
    pub stretchers: i64,
    /// Wheelchair places.
    pub wheelchairs: i64,
    /// Depot: longitude and latitude.
    pub depot: (f64, f64),
    /// Crew.
    pub crew: String,
    /// Start of the shift.
    pub from: Instant,
    /// End of the shift.
    pub to: Instant,
    /// Minutes driven in the 24 hours before.
    pub driven_24h_min: i64,
    /// Minutes driven in the seven days before.
    pub driven_7d_min: i64,
}

/// A trip of a vehicle.
#[derive(Debug, Clone, PartialEq)]
pub struct Trip {
    /// Id.
    pub id: String,
    /// Vehicle.
    pub vehicle: String,
    /// Crew.
    pub crew: String,
    /// Class of everybody on it.
    pub class: RideClass,
    /// Division that runs the vehicle.
    pub division: DivisionCode,
    /// Departure from where it stands.
    pub departs_at: Instant,
    /// When the vehicle is free again, decontaminated.
    pub ends_at: Instant,
    /// People.
    pub people: i64,
    /// Kilometres.
    pub km: f64,
    /// When its last seat was given back though it had set out: it drove, and its crew's hours count until it is back (R09).
    pub turned_at: Option<Instant>,
}

/// A row with the columns of a trip, in the order of its fields.
pub(crate) fn trip_of(row: &Record) -> Result<Trip, StoreError> {
    Ok(Trip {
        id: row.get(0)?,
        vehicle: row.get(1)?,
        crew: row.get(2)?,
        class: row.term(3)?,
        division: row.term(4)?,
        departs_at: row.get(5)?,
        ends_at: row.get(6)?,
        people: row.get(7)?,
        km: row.get(8)?,
        turned_at: row.get(9)?,
    })
}

impl Scoped {
    /// Vehicles in service with the crews whose shifts touch a period, in order of vehicle and start.
    pub async fn shifts(&mut self, from: Instant, until: Instant) -> Result<Vec<Shift>, StoreError> {
        let sql = "select v.vehicle, v.division, v.seats, coalesce(v.stretchers, 0), coalesce(v.wheelchairs, 0), v.lon, v.lat,
                c.crew, c.\"from\", c.\"to\", coalesce(c.driven_24h_min, 0), coalesce(c.driven_7d_min, 0)
            from vehicles v join crews c on c.vehicle = v.vehicle
            where coalesce(v.out_of_service, 'no') <> 'yes' and c.\"to\" > $1 and c.\"from\" < $2
            order by v.vehicle, c.\"from\", c.crew";
        let rows = self.rows(sql, &[from.into(), until.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Shift {
                    vehicle: row.get(0)?,
                    division: row.term(1)?,
                    seats: row.get(2)?,
                    stretchers: row.get(3)?,
                    wheelchairs: row.get(4)?,
                    depot: (row.get(5)?, row.get(6)?),
                    crew: row.get(7)?,
                    from: row.get(8)?,
                    to: row.get(9)?,
                    driven_24h_min: row.get(10)?,
                    driven_7d_min: row.get(11)?,
                })
            })
            .collect()
    }

    /// Plans trips and books their seats: (trip, seat number, transfer).
    pub async fn plan_trips(&mut self, trips: &[Trip], seats: &[(String, i64, String)]) -> Result<(), StoreError> {
        let mut rows: Vec<Value<'_>> = Vec::with_capacity(trips.len() * 9);
        for t in trips {
            rows.extend([
                (&t.id).into(),
                (&t.vehicle).into(),
                (&t.crew).into(),
                t.class.name().into(),
                (&t.division).into(),
                t.departs_at.into(),
                t.ends_at.into(),
                t.people.into(),
                t.km.into(),
            ]);
        }
        let columns = ["id", "vehicle", "crew", "class", "division", "departs_at", "ends_at", "people", "km"];
        self.append("trips", &columns, &rows).await?;
        let booked: Vec<Value<'_>> =
            seats.iter().flat_map(|(trip, seat, transfer)| [trip.into(), (*seat).into(), transfer.into()]).collect();
        self.append("seats", &["trip", "seat", "transfer"], &booked).await
    }

    /// Trips that end after an instant, in order of vehicle and departure.
    pub async fn trips_after(&mut self, since: Instant) -> Result<Vec<Trip>, StoreError> {
        let sql =
            "select id, vehicle, crew, class, division, departs_at, ends_at, people, km, turned_at from trips where ends_at >= $1
                   order by vehicle, departs_at, id";
        self.rows(sql, &[since.into()]).await?.iter().map(trip_of).collect()
    }

    /// Gives the seat of a transfer back at a moment: its trip carries one person less. A trip that had set out and now carries
    /// nobody turns: the way back takes as long as the way so far, and no longer than the trip would have.
    pub async fn give_seat_back(&mut self, transfer: &str, at: Instant) -> Result<(), StoreError> {
        let sql = "select r.id, r.departs_at, r.ends_at, r.people from seats s join trips r on r.id = s.trip where s.transfer = $1";
        let Some(row) = self.row(sql, &[transfer.into()]).await? else { return Ok(()) };
        let (trip, departs, ends): (String, Instant, Instant) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let people: i64 = row.get(3)?;
        self.run("delete from seats where transfer = $1", &[transfer.into()]).await?;
        self.run("update trips set people = people - 1 where id = $1", &[trip.as_str().into()]).await?;
        if people == 1 && departs < at && at < ends {
            let back = Instant::from_micros(at.micros() + (at.micros() - departs.micros())).min(ends);
            let sql = "update trips set turned_at = $2, ends_at = $3 where id = $1";
            self.run(sql, &[trip.as_str().into(), at.into(), back.into()]).await?;
        }
        Ok(())
    }
}
