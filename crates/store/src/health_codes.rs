//! Codes by which somebody in follow-up says themselves how they are. Only hashes are kept; it guarantees one code for each follow-up,
//! and that the code of one that has ended finds nobody.

use crate::{Scoped, StoreError};
use dayclear_core::{
    divisions::DivisionCode,
    time::{CivilDate, Instant},
};

/// Whose code it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coded {
    /// Follow-up.
    pub followed: String,
    /// Person.
    pub person: String,
    /// Community.
    pub division: DivisionCode,
    /// Last day of the follow-up, inclusive.
    pub until_day: CivilDate,
}

impl Scoped {
    /// Keeps the hash of a code; the one before is good no more.
    pub async fn keep_health_code(
        &mut self,
        coded: &Coded,
        hash: &str,
        by: &str,
        at: Instant,
    ) -> Result<(), StoreError> {
        let sql = "insert into health_codes (followed, code_hash, person, division, made_by, made_at)
                   values ($1, $2, $3, $4, $5, $6)
                   on conflict (followed) do update set code_hash = excluded.code_hash, made_by = excluded.made_by,
                       made_at = excluded.made_at";
        let values = [
            (&coded.followed).into(),
            hash.into(),
            (&coded.person).into(),
            (&coded.division).into(),
            by.into(),
            at.into(),
        ];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// Whose code this is, by its hash, while the follow-up runs.
    pub async fn health_code(&mut self, hash: &str) -> Result<Option<Coded>, StoreError> {
        let sql = "select k.followed, k.person, w.division, w.until_day from health_codes k
                   join followed w on w.id = k.followed and w.ended_on is null where k.code_hash = $1";
        let row = self.row(sql, &[hash.into()]).await?;
        row.map(|row| {
            Ok(Coded { followed: row.get(0)?, person: row.get(1)?, division: row.term(2)?, until_day: row.get(3)? })
        })
        .transpose()
    }

    /// How often somebody told by themselves how they are, since a moment.
    pub async fn self_reports(&mut self, person: &str, since: Instant) -> Result<i64, StoreError> {
        let sql =
            "select count(*) from follow_ups where person = $1 and at >= $2 and channel in ('self_report', 'message')";
        self.row(sql, &[person.into(), since.into()]).await?.map_or(Ok(0), |row| row.get(0))
    }
}
