//! What the plan of all transfers together rests on: whose transfer can still be planned otherwise, where vehicles will stand, and what
//! dispatchers said. It guarantees that what was said is never changed, and that the words on one transfer stand in an order.

use crate::{
    Scoped, StoreError,
    transfer::{TRANSFER, Transfer, transfer},
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    time::Instant,
    transfer::{Direction, RideClass, TransferState},
};
use std::collections::BTreeMap;

/// A word of a dispatcher on a transfer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directed {
    /// Transfer.
    pub transfer: String,
    /// Which word on it, from 1.
    pub no: i64,
    /// Division of the transfer.
    pub division: DivisionCode,
    /// What was said.
    pub word: Direction,
    /// Place that is meant.
    pub facility: Option<String>,
    /// Vehicle that is meant.
    pub vehicle: Option<String>,
    /// Who said it.
    pub account: String,
    /// When.
    pub at: Instant,
    /// Why.
    pub reason: String,
}

/// What planning all transfers together brought last.
#[derive(Debug, Clone, PartialEq)]
pub struct Dispatched {
    /// When.
    pub at: Instant,
    /// From what.
    pub digest: String,
    /// People whose transfers could be planned otherwise.
    pub people: i64,
    /// Of them, those for whom something changed.
    pub changed: i64,
    /// Of them, those who have no seat.
    pub waiting: i64,
    /// Weighted minutes until arrival, of everybody, before.
    pub before_min: f64,
    /// And after.
    pub after_min: f64,
    /// Drives of the plan.
    pub legs: i64,
    /// Of them, those of which a file or a router told the time; the model told the others.
    pub legs_told: i64,
}

/// Somebody who is to be moved and has not arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct ToArrive {
    /// Division.
    pub division: DivisionCode,
    /// Class.
    pub class: RideClass,
    /// How it stands.
    pub state: TransferState,
    /// Since when.
    pub since: Instant,
    /// Planned arrival.
    pub arrives: Option<Instant>,
    /// Where to.
    pub facility: Option<String>,
}

const DIRECTED: &str = "transfer, no, division, word, facility, vehicle, account, at, reason";

fn directed(row: &Record) -> Result<Directed, StoreError> {
    Ok(Directed {
        transfer: row.get(0)?,
        no: row.get(1)?,
        division: row.term(2)?,
        word: row.term(3)?,
        facility: row.get(4)?,
        vehicle: row.get(5)?,
        account: row.get(6)?,
        at: row.get(7)?,
        reason: row.get(8)?,
    })
}

impl Scoped {
    /// Transfers that can be planned otherwise: those that wait, and those whose trip sets out after a moment. In order of id.
    pub async fn open_transfers(&mut self, after: Instant) -> Result<Vec<Transfer>, StoreError> {
        let (low, high) = self.scope.range();
        let columns = TRANSFER.map(|name| format!("x.{name}")).join(", ");
        let sql = format!(
            "select {columns} from transfers x left join trips r on r.id = x.trip
             where (x.state = 'requested' or x.state = 'booked' and r.departs_at > $1)
                and x.division >= $2 and x.division < $3 order by x.id"
        );
        self.rows_text(sql.into(), &[after.into(), low.into(), high.into()]).await?.iter().map(transfer).collect()
    }

    /// How many seats of these trips are given, and where they lead.
    pub async fn trips_lead(&mut self, trips: &[&str]) -> Result<BTreeMap<String, (i64, Option<String>)>, StoreError> {
        let keys: Vec<Value<'_>> = trips.iter().map(|trip| (*trip).into()).collect();
        let sql = "select s.trip, count(*), max(x.facility) from seats s join transfers x on x.id = s.transfer
                   where s.trip in ({keys}) group by s.trip";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter().map(|row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?)))).collect()
    }

    /// Transfers with a seat on a trip, in order of id.
    pub async fn riders_of(&mut self, trip: &str) -> Result<Vec<Transfer>, StoreError> {
        let columns = TRANSFER.map(|name| format!("x.{name}")).join(", ");
        let sql = format!(
            "select {columns} from seats s join transfers x on x.id = s.transfer where s.trip = $1 order by x.id"
        );
        self.rows_text(sql.into(), &[trip.into()]).await?.iter().map(transfer).collect()
    }

    /// What dispatchers said of these transfers, in order of transfer and of time.
    pub async fn directions_of(&mut self, transfers: &[&str]) -> Result<Vec<Directed>, StoreError> {
        let keys: Vec<Value<'_>> = transfers.iter().map(|id| (*id).into()).collect();
        let sql = format!("select {DIRECTED} from directions where transfer in ({{keys}})");
        let found: Result<Vec<Directed>, StoreError> =
            self.rows_for_keys(&sql, &keys).await?.iter().map(directed).collect();
        let mut found = found?;
        found.sort_by(|a, b| (&a.transfer, a.no).cmp(&(&b.transfer, b.no)));
        Ok(found)
    }

    /// Keeps a word of a dispatcher.
    pub async fn keep_direction(&mut self, said: &Directed) -> Result<(), StoreError> {
        let columns = ["id", "transfer", "no", "division", "word", "facility", "vehicle", "account", "at", "reason"];
        let id = format!("{}/{}", said.transfer, said.no);
        let values: [Value<'_>; 10] = [
            id.as_str().into(),
            said.transfer.as_str().into(),
            said.no.into(),
            (&said.division).into(),
            said.word.name().into(),
            said.facility.as_deref().into(),
            said.vehicle.as_deref().into(),
            said.account.as_str().into(),
            said.at.into(),
            said.reason.as_str().into(),
        ];
        self.append("directions", &columns, &values).await
    }

    /// What planning all transfers together brought last.
    pub async fn last_dispatched(&mut self) -> Result<Option<Dispatched>, StoreError> {
        let sql = "select at, digest, people, changed, waiting, before_min, after_min, legs, legs_told
            from dispatched where one = 1";
        let row = self.row(sql, &[]).await?;
        row.map(|row| {
            Ok(Dispatched {
                at: row.get(0)?,
                digest: row.get(1)?,
                people: row.get(2)?,
                changed: row.get(3)?,
                waiting: row.get(4)?,
                before_min: row.get(5)?,
                after_min: row.get(6)?,
                legs: row.get(7)?,
                legs_told: row.get(8)?,
            })
        })
        .transpose()
    }

    /// Notes that all transfers were planned together.
    pub async fn note_dispatched(&mut self, done: &Dispatched) -> Result<(), StoreError> {
        let sql = "insert into dispatched
                (one, at, digest, people, changed, waiting, before_min, after_min, legs, legs_told)
                values (1, $1, $2, $3, $4, $5, $6, $7, $8, $9)
            on conflict (one) do update set at = excluded.at, digest = excluded.digest, people = excluded.people,
                changed = excluded.changed, waiting = excluded.waiting, before_min = excluded.before_min,
                after_min = excluded.after_min, legs = excluded.legs, legs_told = excluded.legs_told";
        let values = [
            done.at.into(),
            done.digest.as_str().into(),
            done.people.into(),
            done.changed.into(),
            done.waiting.into(),
            done.before_min.into(),
            done.after_min.into(),
            done.legs.into(),
            done.legs_told.into(),
        ];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// Whoever is to be moved and has not arrived, in order of division, without names.
    pub async fn to_arrive(&mut self) -> Result<Vec<ToArrive>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select division, class, state, requested_at, arrive_at, facility from transfers
            where state in ('requested', 'booked', 'underway') and division >= $1 and division < $2
            order by division, requested_at, id";
        let rows = self.rows(sql, &[low.into(), high.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(ToArrive {
                    division: row.term(0)?,
                    class: row.term(1)?,
                    state: row.term(2)?,
                    since: row.get(3)?,
                    arrives: row.get(4)?,
                    facility: row.get(5)?,
                })
            })
            .collect()
    }

    /// Demand and capacity as they were last set beside each other: when, from what, and what was found.
    pub async fn last_outlook(&mut self) -> Result<Option<(Instant, String, String)>, StoreError> {
        let row = self.row("select at, digest, body from outlook where one = 1", &[]).await?;
        row.map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).transpose()
    }

    /// Keeps them in place of what was kept.
    pub async fn keep_outlook(&mut self, at: Instant, digest: &str, body: &str) -> Result<(), StoreError> {
        let sql = "insert into outlook (one, at, digest, body) values (1, $1, $2, $3)
            on conflict (one) do update set at = excluded.at, digest = excluded.digest, body = excluded.body";
        self.run(sql, &[at.into(), digest.into(), body.into()]).await?;
        Ok(())
    }
}
