//! Facilities, beds, vehicles, trips and transfers. A bed and a seat are given by inserting a row under a constraint: of
//! two who try, one gets it and the other is told who has it.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    phases::PhaseStep,
    roster::Known,
    time::{CivilDate, Instant},
    transfer::{BedRule, BedState, FacilityKind, HandoverStep, Outside, RideClass, TransferState, Turn},
};

/// A facility.
#[derive(Debug, Clone)]
pub struct Facility {
    /// Id.
    pub facility: String,
    /// Kind.
    pub kind: FacilityKind,
    /// Name.
    pub name: String,
    /// Division.
    pub division: DivisionCode,
    /// Longitude and latitude.
    pub place: (f64, f64),
    /// First and last day it takes people.
    pub opens_on: Option<CivilDate>,
    /// Last day it takes people.
    pub closes_on: Option<CivilDate>,
    /// Who answers for it.
    pub owner: String,
    /// From when it and its wards are in which phase, in order of time.
    pub steps: Vec<PhaseStep>,
}

/// A bed as it stands.
#[derive(Debug, Clone)]
pub struct Bed {
    /// Id.
    pub bed: String,
    /// Facility.
    pub facility: String,
    /// Room or ward.
    pub room: Option<String>,
    /// Who may lie in it.
    pub rule: BedRule,
    /// Equipped for severe cases.
    pub severe: Known,
    /// State.
    pub state: BedState,
}

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

/// A transfer.
#[derive(Debug, Clone, PartialEq)]
pub struct Transfer {
    /// Id.
    pub id: String,
    /// Person.
    pub person: String,
    /// Their number.
    pub person_no: i64,
    /// Community.
    pub division: DivisionCode,
    /// Class.
    pub class: RideClass,
    /// Case or contact it serves.
    pub subject: String,
    /// When it was asked for.
    pub requested_at: Instant,
    /// Building of the pick-up.
    pub building: Option<String>,
    /// Facility.
    pub facility: Option<String>,
    /// Bed.
    pub bed: Option<String>,
    /// Trip.
    pub trip: Option<String>,
    /// Planned pick-up.
    pub pickup_at: Option<Instant>,
    /// Planned arrival.
    pub arrive_at: Option<Instant>,
    /// Reported pick-up.
    pub picked_up_at: Option<Instant>,
    /// Confirmed admission.
    pub admitted_at: Option<Instant>,
    /// When it ended otherwise.
    pub ended_at: Option<Instant>,
    /// State.
    pub state: TransferState,
    /// Why this bed, this vehicle, this hour; or why none yet. JSON.
    pub reason: String,
    /// When somebody changed its bed by hand: reports from before speak of the plan before.
    pub replanned_at: Option<Instant>,
    /// When the crew said that the site had taken the person over. It admits nobody.
    pub handed_over_at: Option<Instant>,
    /// Unit and door at which they are picked up, where that is not the door of the roster.
    pub door: Option<String>,
    /// How the place outside the city stands, where they are to go to one.
    pub outside: Option<Outside>,
    /// From when the bed takes people, where it is held ahead of the opening of its ward: nobody arrives before.
    pub bed_from: Option<Instant>,
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

/// People of one class and turn for whom no suitable bed is free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Short {
    /// Class.
    pub class: RideClass,
    /// When they are given a bed.
    pub turn: Turn,
    /// How many.
    pub people: i64,
    /// Since when the first of them waits.
    pub since: Instant,
}

/// A report of a driver or a receiving site.
#[derive(Debug, Clone)]
pub struct Handover {
    /// Person.
    pub person: String,
    /// What happened.
    pub step: HandoverStep,
    /// When.
    pub at: Instant,
    /// Facility.
    pub facility: Option<String>,
    /// Reason.
    pub note: Option<String>,
}

pub(crate) const TRANSFER: [&str; 23] = [
    "id",
    "person",
    "person_no",
    "division",
    "class",
    "subject",
    "requested_at",
    "building",
    "facility",
    "bed",
    "trip",
    "pickup_at",
    "arrive_at",
    "picked_up_at",
    "admitted_at",
    "ended_at",
    "state",
    "reason",
    "replanned_at",
    "handed_over_at",
    "door",
    "outside",
    "bed_from",
];

pub(crate) fn transfer(row: &Record) -> Result<Transfer, StoreError> {
    Ok(Transfer {
        id: row.get(0)?,
        person: row.get(1)?,
        person_no: row.get(2)?,
        division: row.term(3)?,
        class: row.term(4)?,
        subject: row.get(5)?,
        requested_at: row.get(6)?,
        building: row.get(7)?,
        facility: row.get(8)?,
        bed: row.get(9)?,
        trip: row.get(10)?,
        pickup_at: row.get(11)?,
        arrive_at: row.get(12)?,
        picked_up_at: row.get(13)?,
        admitted_at: row.get(14)?,
        ended_at: row.get(15)?,
        state: row.term(16)?,
        reason: row.get(17)?,
        replanned_at: row.get(18)?,
        handed_over_at: row.get(19)?,
        door: row.get(20)?,
        outside: row.maybe_term(21)?,
        bed_from: row.get(22)?,
    })
}

fn handover(row: &Record) -> Result<Handover, StoreError> {
    Ok(Handover { person: row.get(0)?, step: row.term(1)?, at: row.get(2)?, facility: row.get(3)?, note: row.get(4)? })
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

pub(crate) fn bed_of(row: &Record) -> Result<Bed, StoreError> {
    Ok(Bed {
        bed: row.get(0)?,
        facility: row.get(1)?,
        room: row.get(2)?,
        rule: row.maybe_term(3)?.unwrap_or(BedRule::Any),
        severe: row.maybe_term(4)?.unwrap_or(Known::Unknown),
        state: row.term(5)?,
    })
}

fn values(t: &Transfer) -> [Value<'_>; 23] {
    [
        (&t.id).into(),
        (&t.person).into(),
        t.person_no.into(),
        (&t.division).into(),
        t.class.name().into(),
        (&t.subject).into(),
        t.requested_at.into(),
        t.building.as_deref().into(),
        t.facility.as_deref().into(),
        t.bed.as_deref().into(),
        t.trip.as_deref().into(),
        t.pickup_at.into(),
        t.arrive_at.into(),
        t.picked_up_at.into(),
        t.admitted_at.into(),
        t.ended_at.into(),
        t.state.name().into(),
        (&t.reason).into(),
        t.replanned_at.into(),
        t.handed_over_at.into(),
        t.door.as_deref().into(),
        t.outside.map(Outside::name).into(),
        t.bed_from.into(),
    ]
}

impl Scoped {
    /// Facilities, in order of id.
    pub async fn facilities(&mut self) -> Result<Vec<Facility>, StoreError> {
        let sql = "select facility, kind, name, division, lon, lat, opens_on, closes_on, owner from facilities order by facility";
        let rows = self.rows(sql, &[]).await?;
        let mut steps = self.phase_steps().await?;
        rows.iter()
            .map(|row| {
                let facility: String = row.get(0)?;
                Ok(Facility {
                    steps: steps.remove(&facility).unwrap_or_default(),
                    facility,
                    kind: row.term(1)?,
                    name: row.get(2)?,
                    division: row.term(3)?,
                    place: (row.get(4)?, row.get(5)?),
                    opens_on: row.get(6)?,
                    closes_on: row.get(7)?,
                    owner: row.get(8)?,
                })
            })
            .collect()
    }

    /// Beds with their state now: held or occupied by an open stay, else as reported. In order of facility, room and bed.
    pub async fn beds(&mut self) -> Result<Vec<Bed>, StoreError> {
        // the state of a transfer is looked up by its id: joined, every transfer that ever was would be read
        let sql = "select b.bed, b.facility, b.room, b.rule, b.severe,
                case when s.bed is null then coalesce(b.state, 'free')
                     when (select t.state from transfers t where t.id = s.transfer) = 'admitted' then 'occupied'
                     else 'held' end
            from beds b left join bed_stays s on s.bed = b.bed and s.released_at is null
            order by b.facility, b.room, b.bed";
        let rows = self.rows(sql, &[]).await?;
        rows.iter().map(bed_of).collect()
    }

    /// Beds that are free now, in order of facility, room and bed.
    pub async fn free_beds(&mut self) -> Result<Vec<Bed>, StoreError> {
        let sql = "select b.bed, b.facility, b.room, b.rule, b.severe, 'free' from beds b
            where coalesce(b.state, 'free') = 'free'
              and not exists (select 1 from bed_stays s where s.bed = b.bed and s.released_at is null)
            order by b.facility, b.room, b.bed";
        let rows = self.rows(sql, &[]).await?;
        rows.iter().map(bed_of).collect()
    }

    /// Beds by id, whatever their state.
    pub async fn beds_by_id(&mut self, beds: &[&str]) -> Result<Vec<Bed>, StoreError> {
        let keys: Vec<Value<'_>> = beds.iter().map(|bed| (*bed).into()).collect();
        let sql = "select b.bed, b.facility, b.room, b.rule, b.severe, coalesce(b.state, 'free') from beds b
                   where b.bed in ({keys})";
        self.rows_for_keys(sql, &keys).await?.iter().map(bed_of).collect()
    }

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

    /// Transfers that are live, or were asked for or ended since an instant, in order of id.
    pub async fn transfers_since(&mut self, since: Instant) -> Result<Vec<Transfer>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!(
            "select {} from transfers where (state in ('requested', 'booked', 'underway', 'admitted') or requested_at >= $1
                or ended_at >= $1) and division >= $2 and division < $3 order by id",
            TRANSFER.join(", ")
        );
        let rows = self.rows_text(sql.into(), &[since.into(), low.into(), high.into()]).await?;
        rows.iter().map(transfer).collect()
    }

    /// Asks for transfers, with or without a bed and a trip.
    pub async fn request_transfers(&mut self, transfers: &[Transfer]) -> Result<(), StoreError> {
        let flat: Vec<Value<'_>> = transfers.iter().flat_map(values).collect();
        self.append("transfers", &TRANSFER, &flat).await
    }

    /// Records what changed of a transfer.
    pub async fn update_transfer(&mut self, t: &Transfer) -> Result<(), StoreError> {
        let sql = "update transfers set facility = $2, bed = $3, trip = $4, pickup_at = $5, arrive_at = $6, picked_up_at = $7,
                   admitted_at = $8, ended_at = $9, state = $10, reason = $11, replanned_at = $12, handed_over_at = $13,
                   building = $14, door = $15, outside = $16, bed_from = $17 where id = $1";
        self.run(
            sql,
            &[
                (&t.id).into(),
                t.facility.as_deref().into(),
                t.bed.as_deref().into(),
                t.trip.as_deref().into(),
                t.pickup_at.into(),
                t.arrive_at.into(),
                t.picked_up_at.into(),
                t.admitted_at.into(),
                t.ended_at.into(),
                t.state.name().into(),
                (&t.reason).into(),
                t.replanned_at.into(),
                t.handed_over_at.into(),
                t.building.as_deref().into(),
                t.door.as_deref().into(),
                t.outside.map(Outside::name).into(),
                t.bed_from.into(),
            ],
        )
        .await?;
        Ok(())
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

    /// Transfers by id, in order of id.
    pub async fn transfers_by_id(&mut self, ids: &[&str]) -> Result<Vec<Transfer>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = format!(
            "select {} from transfers where id in ({{keys}}) and {{scope:division}} order by id",
            TRANSFER.join(", ")
        );
        self.rows_for_keys(&sql, &keys).await?.iter().map(transfer).collect()
    }

    /// Transfers of these people, by number, that are live or ended since an instant, in order of id.
    pub async fn transfers_of(&mut self, people: &[i64], since: Instant) -> Result<Vec<Transfer>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let columns = TRANSFER.map(|name| format!("x.{name}")).join(", ");
        // an index leads from the id of a person to their transfers
        let sql = format!(
            "select {columns} from people p join transfers x on x.person = p.person
             where p.no in ({{keys}}) and {{scope:x.division}}"
        );
        let found: Result<Vec<Transfer>, StoreError> =
            self.rows_for_keys(&sql, &keys).await?.iter().map(transfer).collect();
        let over = |state| matches!(state, TransferState::Refused | TransferState::Cancelled);
        let late = |t: &Transfer| t.requested_at >= since || t.ended_at.is_some_and(|at| at >= since);
        let mut found: Vec<Transfer> = found?.into_iter().filter(|t| !over(t.state) || late(t)).collect();
        found.sort_by(|a, b| a.id.cmp(&b.id));
        Ok(found)
    }

    /// For whom no suitable bed is free, by class and turn.
    pub async fn short_of_beds(&mut self) -> Result<Vec<Short>, StoreError> {
        let (low, high) = self.scope.range();
        // the plan writes the turn down with whoever it found no bed for
        let cases: String =
            Turn::NAMES.iter().map(|turn| format!(" when reason like '%\"turn\":\"{turn}\"%' then '{turn}'")).collect();
        let sql = format!(
            "select class, turn, count(*), min(requested_at) from (
                select class, requested_at, case{cases} end as turn from transfers
                where state = 'requested' and bed is null and division >= $1 and division < $2) waits
             where turn is not null group by class, turn order by class, turn"
        );
        let rows = self.rows_text(sql.into(), &[low.into(), high.into()]).await?;
        rows.iter()
            .map(|row| Ok(Short { class: row.term(0)?, turn: row.term(1)?, people: row.get(2)?, since: row.get(3)? }))
            .collect()
    }

    /// Numbers of the people who wait for a bed or a vehicle.
    pub async fn who_waits(&mut self) -> Result<Vec<i64>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select person_no from transfers where state = 'requested' and division >= $1 and division < $2";
        self.rows(sql, &[low.into(), high.into()]).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Live transfers of these people, by number, in order of id.
    pub async fn live_transfers_of(&mut self, people: &[i64]) -> Result<Vec<Transfer>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|no| (*no).into()).collect();
        let sql = format!(
            "select {} from transfers where person_no in ({{keys}}) and {{scope:division}}
                and state in ('requested', 'booked', 'underway', 'admitted') order by id",
            TRANSFER.join(", ")
        );
        self.rows_for_keys(&sql, &keys).await?.iter().map(transfer).collect()
    }

    /// Reports by key, in order of time.
    pub async fn handovers_by_key(&mut self, keys: &[&str]) -> Result<Vec<Handover>, StoreError> {
        let keys: Vec<Value<'_>> = keys.iter().map(|key| (*key).into()).collect();
        let sql = "select person, step, at, facility, note from handovers where key in ({keys}) order by at, key";
        let rows = self.rows_for_keys(sql, &keys).await?;
        let all: Result<Vec<Handover>, StoreError> = rows.iter().map(handover).collect();
        let mut all = all?;
        all.sort_by_key(|report| report.at);
        Ok(all)
    }

    /// Reports on these people between two instants, in order of time.
    pub async fn handovers_of(
        &mut self,
        people: &[&str],
        now: Instant,
        since: Instant,
    ) -> Result<Vec<Handover>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|id| (*id).into()).collect();
        let sql = "select person, step, at, facility, note from handovers
                   where person in ({keys}){people:handovers.person} order by at, key";
        let all: Result<Vec<Handover>, StoreError> =
            self.rows_for_keys(sql, &keys).await?.iter().map(handover).collect();
        let mut all: Vec<Handover> = all?.into_iter().filter(|report| report.at >= since && report.at <= now).collect();
        all.sort_by_key(|report| report.at);
        Ok(all)
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

    /// Reports of drivers and receiving sites up to `now`, in order of time.
    pub async fn handovers(&mut self, now: Instant, since: Instant) -> Result<Vec<Handover>, StoreError> {
        let (within, range) = self.people_within("handovers.person", 3);
        let sql = format!(
            "select person, step, at, facility, note from handovers where at <= $1 and at >= $2{within} order by at, key"
        );
        let rows = self.rows_text(sql.into(), &[vec![now.into(), since.into()], range].concat()).await?;
        rows.iter().map(handover).collect()
    }
}
