//! What a district was asked, has done, must do next and is stuck with: items and movements added up for the meeting of a day, all
//! districts of the scope at once.

use crate::{Scoped, StoreError};
use dayclear_core::{
    books::{Party, Worklist},
    time::{CivilDate, Instant},
};

/// Movements of a day in a district and a worklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// District.
    pub district: String,
    /// Worklist.
    pub worklist: Worklist,
    /// Received, completed, cancelled.
    pub counts: [u64; 3],
}

/// Open items with a deadline in a district and a worklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// District.
    pub district: String,
    /// Worklist.
    pub worklist: Worklist,
    /// Due until a moment, and past their deadline already.
    pub next: u64,
    /// See above.
    pub late: u64,
}

/// Items of an owner past their deadline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// District.
    pub district: String,
    /// Which of the four parties.
    pub party: Party,
    /// Owner.
    pub owner: String,
    /// Worklist.
    pub worklist: Worklist,
    /// Items.
    pub items: u64,
    /// The deadline that passed first.
    pub since: Instant,
}

impl Scoped {
    /// Movements of a day by district and worklist.
    pub async fn moved_by_district(&mut self, day: CivilDate) -> Result<Vec<Moved>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select division, worklist, cast(sum(case when movement = 'received' then n else 0 end) as bigint),
                cast(sum(case when movement = 'completed' then n else 0 end) as bigint),
                cast(sum(case when movement = 'cancelled' then n else 0 end) as bigint)
            from movements where day = $1 and division >= $2 and division < $3 group by division, worklist
            order by division, worklist";
        let rows = self.rows(sql, &[day.into(), low.into(), high.into()]).await?;
        rows.iter()
            .map(|row| {
                let count = |at| row.get::<i64>(at).map(|n| n.max(0) as u64);
                Ok(Moved { district: row.get(0)?, worklist: row.term(1)?, counts: [count(2)?, count(3)?, count(4)?] })
            })
            .collect()
    }

    /// Open items by district and worklist: due between two moments, and past their deadline at the first.
    pub async fn due_by_district(&mut self, now: Instant, until: Instant) -> Result<Vec<Due>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select substr(division, 1, 6), worklist, cast(sum(case when due_at > $1 then 1 else 0 end) as bigint),
                cast(sum(case when due_at <= $1 then 1 else 0 end) as bigint)
            from items where closed_at is null and due_at <= $2 and division >= $3 and division < $4 group by 1, 2 order by 1, 2";
        let rows = self.rows(sql, &[now.into(), until.into(), low.into(), high.into()]).await?;
        rows.iter()
            .map(|row| {
                let count = |at| row.get::<i64>(at).map(|n| n.max(0) as u64);
                Ok(Due { district: row.get(0)?, worklist: row.term(1)?, next: count(2)?, late: count(3)? })
            })
            .collect()
    }

    /// Items past their deadline by district, owner and worklist; in each district those of whom most is late come first.
    pub async fn stuck_by_owner(&mut self, now: Instant) -> Result<Vec<Stuck>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select substr(division, 1, 6), party, owner, worklist, count(*), min(due_at) from items
            where closed_at is null and due_at <= $1 and division >= $2 and division < $3
            group by 1, 2, 3, 4 order by 1, 5 desc, 6, 3, 4";
        let rows = self.rows(sql, &[now.into(), low.into(), high.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Stuck {
                    district: row.get(0)?,
                    party: row.term(1)?,
                    owner: row.get(2)?,
                    worklist: row.term(3)?,
                    items: row.get::<i64>(4)?.max(0) as u64,
                    since: row.get(5)?,
                })
            })
            .collect()
    }
}
