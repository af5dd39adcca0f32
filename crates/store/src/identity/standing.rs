//! Who stands for whom: the decisions, and the pointer from one person to another. It guarantees that a decision is only ever added, and
//! that the pointer is written with it.

use super::whole;
use crate::{
    Scoped, StoreError,
    opening::Rare,
    value::{Record, Value},
};
use dayclear_core::{roster::IdentityDecision, time::Instant};
use std::collections::BTreeSet;

/// Somebody who is read as another one.
#[derive(Debug, Clone)]
pub struct ReadAs {
    /// Number.
    pub no: i64,
    /// Id.
    pub person: String,
    /// Number of who stands for them.
    pub stands_no: i64,
    /// Their id.
    pub stands: String,
}

/// A decision.
#[derive(Debug, Clone)]
pub struct Decision<'a> {
    /// What.
    pub decision: IdentityDecision,
    /// Of whom.
    pub person_no: i64,
    /// And whom.
    pub other_no: i64,
    /// Smallest division that holds both.
    pub division: &'a str,
    /// When.
    pub at: Instant,
    /// Account.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
}

impl Scoped {
    /// Everybody for whom another one stands: number and the other's, in order.
    pub async fn aliases(&mut self) -> Result<Vec<(i64, i64)>, StoreError> {
        let sql = "select no, merged_into from people where merged_into is not null order by no";
        self.rows(sql, &[]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Numbers of those for whom these people stand: number and theirs, in order.
    pub async fn standing_for(&mut self, numbers: &[i64]) -> Result<Vec<(i64, i64)>, StoreError> {
        let sql = "select no, merged_into from people where merged_into in ({keys}) order by no";
        let rows = self.rows_for_keys(sql, &whole(numbers)).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Whether anybody is read as another one.
    pub async fn any_merged(&mut self) -> Result<bool, StoreError> {
        self.has(Rare::Merged).await
    }

    /// Who is read as another one, of these people by number and of those whom they stand for; of everybody where none are named.
    /// In order of number.
    pub async fn read_as(&mut self, people: Option<&[i64]>) -> Result<Vec<ReadAs>, StoreError> {
        if !self.any_merged().await? {
            return Ok(Vec::new());
        }
        let sql = "select a.no, a.person, s.no, s.person from people a join people s on s.no = a.merged_into";
        let read = |row: &Record| {
            Ok(ReadAs { no: row.get(0)?, person: row.get(1)?, stands_no: row.get(2)?, stands: row.get(3)? })
        };
        let mut found: Vec<ReadAs> = match people {
            None => {
                let sql = format!("{sql} where a.merged_into is not null");
                self.rows_text(sql.into(), &[]).await?.iter().map(read).collect::<Result<_, StoreError>>()?
            }
            Some(people) => {
                let one = format!("{sql} where a.no in ({{keys}}) and a.merged_into is not null");
                let mut found: Vec<ReadAs> = self
                    .rows_for_keys(&one, &whole(people))
                    .await?
                    .iter()
                    .map(read)
                    .collect::<Result<_, StoreError>>()?;
                let stand: BTreeSet<i64> =
                    people.iter().copied().chain(found.iter().map(|row| row.stands_no)).collect();
                let all = format!("{sql} where a.merged_into in ({{keys}})");
                for row in self.rows_for_keys(&all, &whole(&stand.into_iter().collect::<Vec<_>>())).await? {
                    found.push(read(&row)?);
                }
                found
            }
        };
        found.sort_by_key(|row| row.no);
        found.dedup_by_key(|row| row.no);
        Ok(found)
    }

    /// Ids of all who are the same person as one of these, those named included, in order.
    pub async fn same_people(&mut self, ids: &[&str]) -> Result<Vec<String>, StoreError> {
        let keys: Vec<Value<'_>> = ids.iter().map(|id| (*id).into()).collect();
        let sql = "select a.person from people p join people a on a.no = coalesce(p.merged_into, p.no)
                or a.merged_into = coalesce(p.merged_into, p.no) where p.person in ({keys})";
        let mut found: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        for row in self.rows_for_keys(sql, &keys).await? {
            found.push(row.get(0)?);
        }
        found.sort();
        found.dedup();
        Ok(found)
    }

    /// Adds a decision and writes what it says to the person and the pair.
    pub async fn decide_identity(&mut self, decided: &Decision<'_>) -> Result<(), StoreError> {
        let sql = "insert into identity_decisions (seq, decision, person_no, other_no, division, at, \"by\", reason)
            select coalesce(max(seq), 0) + 1, $1, $2, $3, $4, $5, $6, $7 from identity_decisions";
        let (no, other) = (decided.person_no, decided.other_no);
        let values = [
            decided.decision.name().into(),
            no.into(),
            other.into(),
            decided.division.into(),
            decided.at.into(),
            decided.by.into(),
            decided.reason.into(),
        ];
        self.run(sql, &values).await?;
        let (pointer, said) = match decided.decision {
            IdentityDecision::Merge => (Some(other), Some(IdentityDecision::Merge)),
            IdentityDecision::Split => (None, None),
            IdentityDecision::Distinct => (None, Some(IdentityDecision::Distinct)),
        };
        if decided.decision != IdentityDecision::Distinct {
            if pointer.is_some() {
                self.came(Rare::Merged);
            }
            self.run("update people set merged_into = $2 where no = $1", &[no.into(), Value::Whole(pointer)]).await?;
        }
        let sql = "update pairs set decided = $3 where one = $1 and other = $2";
        let said = said.map(IdentityDecision::name);
        self.run(sql, &[no.max(other).into(), no.min(other).into(), said.into()]).await?;
        Ok(())
    }
}
