//! Stock, parcels, deliveries and requests.

use crate::{
    Scoped, StoreError,
    books::{Entry, open_item},
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    time::{CivilDate, Instant},
    welfare::{NotCarried, RequestKind, Supply},
};
use std::collections::BTreeSet;

/// Stock of one item at one depot.
#[derive(Debug, Clone)]
pub struct Stock {
    /// Key of the row.
    pub key: String,
    /// Depot.
    pub depot: String,
    /// Division it serves.
    pub division: DivisionCode,
    /// Item.
    pub item: Supply,
    /// Units there at the start.
    pub quantity: i64,
    /// Units promised to somebody.
    pub promised: i64,
}

/// A parcel for a household on a day.
#[derive(Debug, Clone, PartialEq)]
pub struct Parcel {
    /// Household.
    pub household: String,
    /// Day.
    pub day: CivilDate,
    /// Item.
    pub item: Supply,
    /// Community.
    pub division: DivisionCode,
    /// Depot it comes from; `None`: no depot had it.
    pub depot: Option<String>,
    /// Units.
    pub units: i64,
    /// Supply run.
    pub run: Option<String>,
    /// When it was handed over.
    pub delivered_at: Option<Instant>,
    /// When nobody answered last, or the household said last that it has it not.
    pub missed_at: Option<Instant>,
    /// How often it is owed anew because the household had it not.
    pub again: i64,
    /// Why the last plan left it, where no run carries it.
    pub not_carried: Option<NotCarried>,
}

impl Parcel {
    /// What waits in the books for it: the parcel, or the parcel that is owed anew for the nth time.
    pub fn subject(&self) -> String {
        let first = format!("{}/{}/{}", self.day, self.household, self.item);
        if self.again == 0 { first } else { format!("{first}/{}", self.again + 1) }
    }
}

/// A request of a resident.
#[derive(Debug, Clone)]
pub struct Request {
    /// Number.
    pub request: String,
    /// Kind.
    pub kind: RequestKind,
    /// Household.
    pub household: Option<String>,
    /// Where help is needed.
    pub division: DivisionCode,
    /// When it came in.
    pub received_at: Instant,
    /// When the person confirmed the answer.
    pub answered_at: Option<Instant>,
    /// What was done.
    pub answer: Option<String>,
    /// How often it was opened again.
    pub reopened: i64,
    /// The request that is answered for both.
    pub merged_into: Option<String>,
}

impl Request {
    /// What waits in the books for its answer: the request, or the request opened again for the nth time.
    pub fn item(&self) -> String {
        if self.reopened == 0 { self.request.clone() } else { format!("{}/{}", self.request, self.reopened + 1) }
    }
}

fn request(row: &Record, now: Instant) -> Result<Request, StoreError> {
    Ok(Request {
        request: row.get(0)?,
        kind: row.term(1)?,
        household: row.get(2)?,
        division: row.term(3)?,
        received_at: row.get(4)?,
        answered_at: row.get::<Option<Instant>>(5)?.filter(|at| *at <= now),
        answer: row.get(6)?,
        reopened: row.get(7)?,
        merged_into: row.get(8)?,
    })
}

fn parcel(row: &Record) -> Result<Parcel, StoreError> {
    Ok(Parcel {
        household: row.get(0)?,
        day: row.get(1)?,
        item: row.term(2)?,
        division: row.term(3)?,
        depot: row.get(4)?,
        units: row.get(5)?,
        run: row.get(6)?,
        delivered_at: row.get(7)?,
        missed_at: row.get(8)?,
        again: row.get(9)?,
        not_carried: row.maybe_term(10)?,
    })
}

impl Scoped {
    /// Stock, in order of depot and item.
    pub async fn stock(&mut self) -> Result<Vec<Stock>, StoreError> {
        let sql = "select key, depot, division, item, quantity, promised from supplies order by depot, item";
        let rows = self.rows(sql, &[]).await?;
        rows.iter()
            .map(|row| {
                Ok(Stock {
                    key: row.get(0)?,
                    depot: row.get(1)?,
                    division: row.term(2)?,
                    item: row.term(3)?,
                    quantity: row.get(4)?,
                    promised: row.get(5)?,
                })
            })
            .collect()
    }

    /// Promises units of stock on a day; the constraint refuses more than there is.
    pub async fn promise(&mut self, key: &str, day: CivilDate, units: i64) -> Result<(), StoreError> {
        self.run("update supplies set promised = promised + $2 where key = $1", &[key.into(), units.into()]).await?;
        let sql = "insert into supply_burn (key, day, units) values ($1, $2, $3)
                   on conflict (key, day) do update set units = supply_burn.units + excluded.units";
        self.run(sql, &[key.into(), day.into(), units.into()]).await?;
        Ok(())
    }

    /// Households among these that asked for something since an instant.
    pub async fn asked_since(&mut self, since: Instant, households: &[&str]) -> Result<Vec<String>, StoreError> {
        let keys: Vec<Value<'_>> = households.iter().map(|id| (*id).into()).collect();
        let sql = "select household, max(at) from (select household, received_at as at from requests
            union all select household, asked_at as at from wanted) said where household in ({keys}) group by household order by household";
        let rows = self.rows_for_keys(sql, &keys).await?;
        let all: Result<Vec<(String, Instant)>, StoreError> =
            rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect();
        Ok(all?.into_iter().filter(|(_, at)| *at >= since).map(|(household, _)| household).collect())
    }

    /// Welfare calls that are open, and those that ended since an instant: household and day, and the entry of those that are open.
    pub async fn welfare_calls(&mut self, since: Instant) -> Result<Vec<(String, Option<Entry>)>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select worklist, subject, division, party, owner, opened_at, due_at, reason, closed_at is null from items
                   where worklist = 'ask' and (closed_at is null or closed_at >= $1) and division >= $2 and division < $3
                   order by subject";
        let rows = self.rows(sql, &[since.into(), low.into(), high.into()]).await?;
        rows.iter()
            .map(|row| {
                let entry = Entry::from(open_item(row)?);
                let open: bool = row.get(8)?;
                Ok((entry.subject.clone(), open.then_some(entry)))
            })
            .collect()
    }

    /// Plans parcels; one that is planned already stays as it is.
    pub async fn plan_parcels(&mut self, parcels: &[Parcel]) -> Result<u64, StoreError> {
        let mut values: Vec<Value<'_>> = Vec::with_capacity(parcels.len() * 8);
        for p in parcels {
            values.extend([
                (&p.household).into(),
                p.day.into(),
                p.item.name().into(),
                (&p.division).into(),
                p.depot.as_deref().into(),
                p.units.into(),
                p.run.as_deref().into(),
                p.delivered_at.into(),
            ]);
        }
        let columns = ["household", "day", "item", "division", "depot", "units", "run", "delivered_at"];
        self.append_new("parcels", &columns, &values).await
    }

    /// Parcels of a day, in order of household and item.
    pub async fn parcels_on(&mut self, day: CivilDate) -> Result<Vec<Parcel>, StoreError> {
        let (low, high) = self.scope.range();
        let sql =
            "select household, day, item, division, depot, units, run, delivered_at, missed_at, again, (select n.reason
                   from not_carried n where n.household = parcels.household and n.day = parcels.day and n.item = parcels.item) from parcels
                   where day = $1 and division >= $2 and division < $3 order by household, item";
        let rows = self.rows(sql, &[day.into(), low.into(), high.into()]).await?;
        rows.iter().map(parcel).collect()
    }

    /// Parcels of a day to these households, in order of household and item.
    pub async fn parcels_to(&mut self, day: CivilDate, households: &[&str]) -> Result<Vec<Parcel>, StoreError> {
        let keys: Vec<Value<'_>> = households.iter().map(|id| (*id).into()).collect();
        let sql =
            "select household, day, item, division, depot, units, run, delivered_at, missed_at, again, (select n.reason
                   from not_carried n where n.household = parcels.household and n.day = parcels.day and n.item = parcels.item) from parcels
                   where household in ({keys}) and {scope:division} order by household, item";
        let rows = self.rows_for_keys(sql, &keys).await?;
        let all: Result<Vec<Parcel>, StoreError> = rows.iter().map(parcel).collect();
        Ok(all?.into_iter().filter(|parcel| parcel.day == day).collect())
    }

    /// Parcels by household, day and item, within the scope, in that order.
    pub async fn parcels_by_key(&mut self, keys: &[(String, CivilDate, Supply)]) -> Result<Vec<Parcel>, StoreError> {
        let wanted: BTreeSet<(&str, CivilDate, Supply)> =
            keys.iter().map(|(household, day, item)| (household.as_str(), *day, *item)).collect();
        let households: BTreeSet<&str> = wanted.iter().map(|(household, ..)| *household).collect();
        let households: Vec<Value<'_>> = households.into_iter().map(Into::into).collect();
        let sql =
            "select household, day, item, division, depot, units, run, delivered_at, missed_at, again, (select n.reason
                   from not_carried n where n.household = parcels.household and n.day = parcels.day and n.item = parcels.item) from parcels
                   where household in ({keys}) and {scope:division} order by household, day, item";
        let rows = self.rows_for_keys(sql, &households).await?;
        let all: Result<Vec<Parcel>, StoreError> = rows.iter().map(parcel).collect();
        let named = |parcel: &Parcel| wanted.contains(&(parcel.household.as_str(), parcel.day, parcel.item));
        Ok(all?.into_iter().filter(named).collect())
    }

    /// Takes deliveries between two instants over into the parcels of a day; the number of parcels found delivered.
    pub async fn take_deliveries(&mut self, day: CivilDate, from: Instant, until: Instant) -> Result<u64, StoreError> {
        let sql = "update parcels set delivered_at = (select min(d.at) from deliveries d
                    where d.household = parcels.household and d.item = parcels.item and d.at >= $2 and d.at < $3
                      and (parcels.not_here_at is null or d.at > parcels.not_here_at))
            where day = $1 and delivered_at is null and exists (select 1 from deliveries d
                    where d.household = parcels.household and d.item = parcels.item and d.at >= $2 and d.at < $3
                      and (parcels.not_here_at is null or d.at > parcels.not_here_at))";
        let found = self.run(sql, &[day.into(), from.into(), until.into()]).await?;
        if found > 0 {
            self.end_delivered_stops().await?;
        }
        Ok(found)
    }

    /// The same for some households only.
    pub async fn take_deliveries_to(
        &mut self,
        day: CivilDate,
        from: Instant,
        until: Instant,
        households: &[&str],
    ) -> Result<u64, StoreError> {
        let keys: Vec<Value<'_>> = households.iter().map(|id| (*id).into()).collect();
        let sql = "update parcels set delivered_at = (select min(d.at) from deliveries d
                    where d.household = parcels.household and d.item = parcels.item and d.at >= $2 and d.at < $3
                      and (parcels.not_here_at is null or d.at > parcels.not_here_at))
            where day = $1 and delivered_at is null and household in ({keys}) and exists (select 1 from deliveries d
                    where d.household = parcels.household and d.item = parcels.item and d.at >= $2 and d.at < $3
                      and (parcels.not_here_at is null or d.at > parcels.not_here_at))";
        let found = self.run_for_keys(sql, &[day.into(), from.into(), until.into()], &keys).await?;
        if found > 0 {
            self.end_delivered_stops().await?;
        }
        Ok(found)
    }

    /// Requests received up to `now` that are unanswered or were answered since an instant, in order of receipt.
    pub async fn requests_since(&mut self, now: Instant, since: Instant) -> Result<Vec<Request>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select request, kind, household, division, received_at, answered_at, answer, reopened, merged_into from requests
                   where received_at <= $1 and (answered_at is null or answered_at >= $2 or received_at >= $2)
                     and division >= $3 and division < $4 order by received_at, request";
        let rows = self.rows(sql, &[now.into(), since.into(), low.into(), high.into()]).await?;
        rows.iter().map(|row| request(row, now)).collect()
    }

    /// Requests by number that came in up to `now`, in order of receipt, within the scope.
    pub async fn requests_by_id(&mut self, ids: &[&str], now: Instant) -> Result<Vec<Request>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = "select request, kind, household, division, received_at, answered_at, answer, reopened, merged_into from requests
                   where request in ({keys}) and {scope:division} order by received_at, request";
        let rows = self.rows_for_keys(sql, &keys).await?;
        let all: Result<Vec<Request>, StoreError> = rows.iter().map(|row| request(row, now)).collect();
        Ok(all?.into_iter().filter(|request| request.received_at <= now).collect())
    }

    /// Takes an emergency that a rule opened; whether it is new.
    pub async fn take_emergency(
        &mut self,
        request: &str,
        household: Option<&str>,
        division: &DivisionCode,
        received_at: Instant,
        text: &str,
    ) -> Result<bool, StoreError> {
        // a file that names it would tell of it in other words: no digest of a row is this one
        let sql = "insert into requests (request, kind, household, division, received_at, text, digest)
                   values ($1, $2, $3, $4, $5, $6, 0) on conflict (request) do nothing";
        let kind = RequestKind::Emergency.name();
        let values = [request.into(), kind.into(), household.into(), division.into(), received_at.into(), text.into()];
        Ok(self.run(sql, &values).await? > 0)
    }

    /// Records an answer to requests; the clock stops at the moment given, if one is.
    pub async fn answer_requests(
        &mut self,
        ids: &[&str],
        answer: &str,
        confirmed_at: Option<Instant>,
    ) -> Result<(), StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = "update requests set answer = $1, answered_at = $2 where answered_at is null and request in ({keys})";
        self.run_for_keys(sql, &[answer.into(), confirmed_at.into()], &keys).await?;
        Ok(())
    }

    /// Opens answered requests again.
    pub async fn reopen_requests(&mut self, ids: &[&str]) -> Result<(), StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = "update requests set answered_at = null, reopened = reopened + 1
                   where answered_at is not null and request in ({keys})";
        self.run_for_keys(sql, &[], &keys).await?;
        Ok(())
    }
}
