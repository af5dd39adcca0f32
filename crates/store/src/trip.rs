//! Trips on the road: what crews reported under which id, and when one last heard of a vehicle. It guarantees that a report that was
//! taken once is found again for ever, that of the places of a vehicle the last one is there and no other, and none after its trip.

use crate::{
    Scoped, StoreError,
    books::{Entry, open_item},
    value::{Record, Value},
};
use dayclear_core::{
    books::Worklist,
    divisions::DivisionCode,
    site::clock::{How, Settled},
    time::Instant,
    transfer::HandoverStep,
};

/// A report as it was taken from a crew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TripReport {
    /// Id that it was given where it was made.
    pub record: String,
    /// Transfer.
    pub transfer: String,
    /// Person.
    pub person: String,
    /// What happened.
    pub step: HandoverStep,
    /// Vehicle of the duty.
    pub vehicle: String,
    /// Account of the driver.
    pub account: String,
    /// When it happened.
    pub at: Settled,
    /// When it came.
    pub received_at: Instant,
    /// Whether it fitted the transfer. One that did not is kept too, so that it is answered alike.
    pub taken: bool,
    /// Digest of the record as it came.
    pub digest: String,
}

/// A vehicle on a trip, and when one last heard of it.
#[derive(Debug, Clone, PartialEq)]
pub struct OnRoad {
    /// Trip.
    pub trip: String,
    /// Vehicle.
    pub vehicle: String,
    /// Division that runs it.
    pub division: DivisionCode,
    /// When one last heard of it.
    pub at: Instant,
    /// Where it was then, if it said so: longitude and latitude.
    pub place: Option<(f64, f64)>,
    /// People in it.
    pub riding: i64,
    /// People who wait for it at their doors.
    pub waiting: i64,
}

fn on_road(row: &Record) -> Result<OnRoad, StoreError> {
    let place: (Option<f64>, Option<f64>) = (row.get(4)?, row.get(5)?);
    Ok(OnRoad {
        trip: row.get(0)?,
        vehicle: row.get(1)?,
        division: row.term(2)?,
        at: row.get(3)?,
        place: place.0.zip(place.1),
        riding: row.get(6)?,
        waiting: row.get(7)?,
    })
}

const RIDING: &str =
    "(select count(*) from transfers x where x.trip = h.trip and x.state = 'underway' and x.handed_over_at is null)";
const WAITING: &str = "(select count(*) from transfers x where x.trip = h.trip and x.state = 'booked')";

impl Scoped {
    /// The report that was taken under an id, durable.
    pub async fn trip_report(&mut self, record: &str) -> Result<Option<TripReport>, StoreError> {
        let sql =
            "select record, transfer, person, step, vehicle, account, at, within_s, how, received_at, taken, digest
                   from trip_reports where record = $1";
        let found = self.row(sql, &[record.into()]).await?;
        let read = |row: &Record| -> Result<TripReport, StoreError> {
            let how: How = row.term(8)?;
            Ok(TripReport {
                record: row.get(0)?,
                transfer: row.get(1)?,
                person: row.get(2)?,
                step: row.term(3)?,
                vehicle: row.get(4)?,
                account: row.get(5)?,
                at: Settled { at: row.get(6)?, within_s: row.get(7)?, how },
                received_at: row.get(9)?,
                taken: row.get(10)?,
                digest: row.get(11)?,
            })
        };
        let found = found.as_ref().map(read).transpose()?;
        if found.is_some() {
            // it was committed, and may still be on its way to the disk
            self.reach_disk().await?;
        }
        Ok(found)
    }

    /// Keeps a report of a crew.
    pub async fn keep_trip_report(&mut self, new: &TripReport) -> Result<(), StoreError> {
        let columns = [
            "record",
            "transfer",
            "person",
            "step",
            "vehicle",
            "account",
            "at",
            "within_s",
            "how",
            "received_at",
            "taken",
            "digest",
        ];
        let values: [Value<'_>; 12] = [
            new.record.as_str().into(),
            new.transfer.as_str().into(),
            new.person.as_str().into(),
            new.step.name().into(),
            new.vehicle.as_str().into(),
            new.account.as_str().into(),
            new.at.at.into(),
            new.at.within_s.into(),
            new.at.how.name().into(),
            new.received_at.into(),
            new.taken.into(),
            new.digest.as_str().into(),
        ];
        self.append("trip_reports", &columns, &values).await
    }

    /// The trip that a vehicle is on: one with people in it, else the first that should have set out and for which people wait.
    pub async fn trip_of(&mut self, vehicle: &str, now: Instant) -> Result<Option<(String, DivisionCode)>, StoreError> {
        let sql = "select r.id, r.division from trips r
                join transfers x on x.trip = r.id and (x.state = 'booked' or x.state = 'underway' and x.handed_over_at is null)
            where r.vehicle = $1 and (r.departs_at <= $2 or x.state = 'underway')
            group by r.id, r.division, r.departs_at
            order by max(case when x.state = 'underway' then 1 else 0 end) desc, r.departs_at, r.id limit 1";
        let row = self.row(sql, &[vehicle.into(), now.into()]).await?;
        row.map(|row| Ok((row.get(0)?, row.term(1)?))).transpose()
    }

    /// What the plan of a vehicle says of whoever it has to fetch or has in it: a text that changes when the plan does.
    pub async fn rides_of(&mut self, vehicle: &str) -> Result<String, StoreError> {
        let sql = "select x.id, x.state, x.trip, coalesce(x.facility, ''), x.pickup_at, x.handed_over_at is null from transfers x
                   where x.trip in (select r.id from trips r where r.vehicle = $1) and x.state in ('booked', 'underway')
                   order by x.id";
        let mut plan = String::new();
        for row in self.rows(sql, &[vehicle.into()]).await? {
            let at: Option<Instant> = row.get(4)?;
            let (id, state, trip, to): (String, String, String, String) =
                (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
            let there: bool = row.get(5)?;
            plan.push_str(&format!("{id} {state} {trip} {to} {at:?} {there};"));
        }
        Ok(plan)
    }

    /// A vehicle gave a sign of life on its trip: it replaces the one before. A vehicle is on one trip at a time.
    pub async fn hear(
        &mut self,
        (trip, division): (&str, &DivisionCode),
        vehicle: &str,
        place: Option<(f64, f64)>,
        at: Instant,
    ) -> Result<(), StoreError> {
        self.run("delete from heard where vehicle = $1 and trip <> $2", &[vehicle.into(), trip.into()]).await?;
        let sql = "insert into heard (trip, vehicle, division, lon, lat, at) values ($1, $2, $3, $4, $5, $6)
                   on conflict (trip) do update set lon = excluded.lon, lat = excluded.lat, at = excluded.at";
        let (lon, lat) = (place.map(|place| place.0), place.map(|place| place.1));
        let values = [trip.into(), vehicle.into(), division.into(), lon.into(), lat.into(), at.into()];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// Vehicles of which one has heard on a trip that is not over, in order of trip; of every trip that carries somebody of the
    /// scope, whoever runs its vehicle.
    pub async fn on_the_road(&mut self) -> Result<Vec<OnRoad>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!(
            "select * from (select h.trip, h.vehicle, h.division, h.at, h.lon, h.lat, {RIDING} as riding, {WAITING} as waiting
                from heard h where h.division >= $1 and h.division < $2 or exists (select 1 from transfers x
                    where x.trip = h.trip and x.division >= $1 and x.division < $2)) road
             where riding + waiting > 0 order by trip"
        );
        self.rows_text(sql.into(), &[low.into(), high.into()]).await?.iter().map(on_road).collect()
    }

    /// Divisions whose people are on the road with a vehicle of which one has heard, in order.
    pub async fn divisions_on_the_road(&mut self) -> Result<Vec<String>, StoreError> {
        let sql = "select distinct x.division from heard h join transfers x on x.trip = h.trip
                   where x.state in ('booked', 'underway') order by x.division";
        self.rows(sql, &[]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Places that are kept of trips that are over, or from before an instant.
    pub async fn places_to_forget(&mut self, before: Instant) -> Result<i64, StoreError> {
        let sql = format!("select count(*) from heard h where h.at < $1 or {RIDING} + {WAITING} = 0");
        let row = self.rows_text(sql.into(), &[before.into()]).await?.into_iter().next();
        row.map_or(Ok(0), |row| row.get(0))
    }

    /// Forgets where vehicles were whose trips are over, or of which one last heard before an instant; how many.
    pub async fn forget_places(&mut self, before: Instant) -> Result<u64, StoreError> {
        let sql = "delete from heard where at < $1 or not exists (select 1 from transfers x where x.trip = heard.trip
                   and (x.state = 'booked' or x.state = 'underway' and x.handed_over_at is null))";
        self.run(sql, &[before.into()]).await
    }

    /// Items under `call` whose subject begins with a text: those that are open as they stand, and how many there were.
    pub async fn calls(&mut self, beginning: &str) -> Result<(Vec<Entry>, i64), StoreError> {
        let end = format!("{beginning}~");
        let all = "select count(*) from items where worklist = $1 and subject >= $2 and subject < $3";
        let values = [Worklist::Call.name().into(), beginning.into(), end.as_str().into()];
        let count = self.row(all, &values).await?.map_or(Ok(0), |row| row.get(0))?;
        let open = "select worklist, subject, division, party, owner, opened_at, due_at, reason from items
                    where worklist = $1 and closed_at is null and subject >= $2 and subject < $3 order by subject";
        let rows = self.rows(open, &values).await?;
        let open: Result<Vec<Entry>, StoreError> = rows.iter().map(|row| Ok(Entry::from(open_item(row)?))).collect();
        Ok((open?, count))
    }
}
