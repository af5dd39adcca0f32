//! Requests that go together, and disputes that somebody mediates. It guarantees that what was decided is appended, that a mediation names
//! who mediates and on which ground, and that one which failed says where it goes on.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::{
    divisions::DivisionCode,
    time::Instant,
    welfare::{AskedThere, MediationState, RequestKind},
};

/// A mediation of a dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mediation {
    /// Number of the request.
    pub request: String,
    /// Where it is.
    pub division: DivisionCode,
    /// Who mediates.
    pub mediator: String,
    /// Legal ground.
    pub law: String,
    /// How it stands.
    pub state: MediationState,
}

fn mediation(row: &Record) -> Result<Mediation, StoreError> {
    Ok(Mediation {
        request: row.get(0)?,
        division: row.term(1)?,
        mediator: row.get(2)?,
        law: row.get(3)?,
        state: row.term(4)?,
    })
}

impl Scoped {
    /// Requests by community and theme between two moments: before and after a third, and how many of the later ones nobody answered yet.
    /// One that was put together with another of its household is that one.
    pub async fn requests_by_place(
        &mut self,
        first: Instant,
        day: Instant,
        now: Instant,
    ) -> Result<Vec<(DivisionCode, RequestKind, AskedThere, i64)>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select r.division, r.kind, cast(sum(case when r.received_at > $2 then 1 else 0 end) as bigint),
                cast(sum(case when r.received_at > $2 then 0 else 1 end) as bigint),
                cast(sum(case when r.received_at > $2 and r.answered_at is null then 1 else 0 end) as bigint)
            from requests r where r.received_at > $1 and r.received_at <= $3 and r.merged_into is null and r.division >= $4 and r.division < $5
            group by r.division, r.kind order by r.division, r.kind";
        let rows = self.rows(sql, &[first.into(), day.into(), now.into(), low.into(), high.into()]).await?;
        let there = |row: &Record| {
            let asked = AskedThere { now: row.get(2)?, before: row.get(3)? };
            Ok((row.term(0)?, row.term(1)?, asked, row.get(4)?))
        };
        rows.iter().map(there).collect()
    }

    /// The earliest open request of the same household and kind that came before this one and is answered for itself; where no household
    /// is known, of the same way to reach somebody in the same community.
    pub async fn same_household_asked(
        &mut self,
        request: &str,
        kind: RequestKind,
        received_at: Instant,
    ) -> Result<Option<String>, StoreError> {
        let sql = "select o.request from requests q join requests o on o.kind = q.kind and o.request <> q.request
                and o.answered_at is null and o.merged_into is null and o.received_at <= $3
                and (o.received_at < $3 or o.request < q.request)
                and (o.household = q.household or (q.household is null and o.household is null and o.division = q.division
                    and o.contact = q.contact))
            where q.request = $1 and q.kind = $2 order by o.received_at, o.request limit 1";
        let row = self.row(sql, &[request.into(), kind.name().into(), received_at.into()]).await?;
        row.map(|row| row.get(0)).transpose()
    }

    /// A request goes with another, or stands for itself again.
    pub async fn merge_request(
        &mut self,
        (request, into): (&str, Option<&str>),
        (account, at): (&str, Instant),
        reason: &str,
    ) -> Result<(), StoreError> {
        let sql = "insert into request_merges (request, no, into_request, at, account, reason)
            select $1, coalesce(max(no), 0) + 1, $2, $3, $4, $5 from request_merges where request = $1";
        self.run(sql, &[request.into(), into.into(), at.into(), account.into(), reason.into()]).await?;
        // one that stands for itself again waits anew, as one that was opened again
        let sql = match into {
            Some(_) => "update requests set merged_into = $2 where request = $1",
            None => "update requests set merged_into = $2, reopened = reopened + 1 where request = $1",
        };
        self.run(sql, &[request.into(), into.into()]).await?;
        Ok(())
    }

    /// Requests that go with one of these, in order of number.
    pub async fn going_with(&mut self, requests: &[&str]) -> Result<Vec<String>, StoreError> {
        let keys: Vec<Value<'_>> = requests.iter().map(|id| (*id).into()).collect();
        let sql = "select request from requests where merged_into in ({keys}) order by request";
        self.rows_for_keys(sql, &keys).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Mediations of these requests, in order of number.
    pub async fn mediations_of(&mut self, requests: &[&str]) -> Result<Vec<Mediation>, StoreError> {
        let keys: Vec<Value<'_>> = requests.iter().map(|id| (*id).into()).collect();
        let sql =
            "select request, division, mediator, law, state from mediations where request in ({keys}) order by request";
        self.rows_for_keys(sql, &keys).await?.iter().map(mediation).collect()
    }

    /// Somebody mediates a dispute from now on.
    pub async fn open_mediation(&mut self, new: &Mediation, (account, at): (&str, Instant)) -> Result<(), StoreError> {
        let sql = "insert into mediations (request, division, mediator, law, opened_by, opened_at, state) values ($1, $2, $3, $4, $5, $6, 'open')";
        let values = [
            (&new.request).into(),
            (&new.division).into(),
            (&new.mediator).into(),
            (&new.law).into(),
            account.into(),
            at.into(),
        ];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// What was said or done in a mediation.
    pub async fn add_mediation_step(
        &mut self,
        request: &str,
        (account, at): (&str, Instant),
        words: &str,
    ) -> Result<(), StoreError> {
        let sql = "insert into mediation_steps (request, no, at, account, words)
            select $1, coalesce(max(no), 0) + 1, $2, $3, $4 from mediation_steps where request = $1";
        self.run(sql, &[request.into(), at.into(), account.into(), words.into()]).await?;
        Ok(())
    }

    /// A mediation ends: what was agreed, or where it goes on.
    pub async fn end_mediation(
        &mut self,
        request: &str,
        state: MediationState,
        (account, at): (&str, Instant),
        words: &str,
    ) -> Result<(), StoreError> {
        let settled = state == MediationState::Settled;
        let sql = "update mediations set state = $2, ended_by = $3, ended_at = $4, agreed = $5, onward = $6
            where request = $1 and state = 'open'";
        let values = [
            request.into(),
            state.name().into(),
            account.into(),
            at.into(),
            settled.then_some(words).into(),
            (!settled).then_some(words).into(),
        ];
        self.run(sql, &values).await?;
        Ok(())
    }
}
