//! Transfers: who is to be moved, with which bed and which trip, and who waits for one. A bed and a seat are given by inserting a row
//! under a constraint: of two who try, one gets it and the other is told who has it. Facilities with their beds stand in `places`,
//! vehicles with their trips in `trips`, what is reported on the way in `handovers`.

mod handovers;
mod places;
mod trips;

pub use handovers::Handover;
pub(crate) use places::bed_of;
pub use places::{Bed, Facility};
pub(crate) use trips::trip_of;
pub use trips::{Shift, Trip};

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    time::Instant,
    transfer::{Outside, RideClass, TransferState, Turn},
};

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

impl Transfer {
    /// Somebody, by id and number, who is to be moved for a case or a contact, and has neither a bed nor a trip yet.
    pub fn requested(
        id: String,
        (person, person_no): (&str, i64),
        division: &DivisionCode,
        class: RideClass,
        subject: &str,
        at: Instant,
    ) -> Transfer {
        Transfer {
            id,
            person: person.to_owned(),
            person_no,
            division: division.clone(),
            class,
            subject: subject.to_owned(),
            requested_at: at,
            building: None,
            facility: None,
            bed: None,
            trip: None,
            pickup_at: None,
            arrive_at: None,
            picked_up_at: None,
            admitted_at: None,
            ended_at: None,
            state: TransferState::Requested,
            reason: String::new(),
            replanned_at: None,
            handed_over_at: None,
            door: None,
            outside: None,
            bed_from: None,
        }
    }
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
}
