//! Whom an account looked at, for its budget, and the records that nobody has a reason to open. Objects are keyed hashes.
//! It guarantees that a person looked at twice counts once, and that of many who pass a limit at once one alert is written.

use crate::{
    Scoped, StoreError,
    value::{Record, Value},
};
use dayclear_core::time::Instant;
use serde::Serialize;

/// A record that nobody has a reason to open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Canary {
    /// Keyed hash of its id.
    pub object: String,
    /// Why it is there.
    pub note: String,
    /// Account that placed it.
    pub placed_by: String,
    /// When.
    pub placed_at: Instant,
}

/// People that an account looked at in a clock hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadingHour {
    /// Account.
    pub account: String,
    /// Beginning of the hour.
    pub hour: Instant,
    /// Different people, at most: the highest count of any sixty minutes that ended in it.
    pub people: i64,
    /// When an alert was written, if one was.
    pub alerted_at: Option<Instant>,
}

impl Scoped {
    /// Notes that accounts looked at objects, as pairs. Pairs are written in order, so that two who note the same ones
    /// wait for each other and not in a circle.
    pub async fn note_objects(&mut self, pairs: &[(&str, &str)], now: Instant) -> Result<(), StoreError> {
        const PAIRS_MAX: usize = 200;
        let mut pairs = pairs.to_vec();
        pairs.sort_unstable();
        pairs.dedup();
        for group in pairs.chunks(PAIRS_MAX) {
            let rows: Vec<String> = (0..group.len()).map(|n| format!("(${}, ${}, $1)", n * 2 + 2, n * 2 + 3)).collect();
            let sql = format!(
                "insert into readings (account, object, at) values {}
                 on conflict (account, object) do update set at = excluded.at where readings.at < excluded.at",
                rows.join(", ")
            );
            let values = std::iter::once(now.into())
                .chain(group.iter().flat_map(|(account, object)| [Value::from(*account), Value::from(*object)]));
            self.run_owned(sql, &values.collect::<Vec<_>>()).await?;
        }
        Ok(())
    }

    /// How many different objects an account looked at after a moment.
    pub async fn objects_since(&mut self, account: &str, after: Instant) -> Result<i64, StoreError> {
        let sql = "select count(*) from readings where account = $1 and at > $2";
        match self.row(sql, &[account.into(), after.into()]).await? {
            Some(row) => row.get(0),
            None => Ok(0),
        }
    }

    /// Forgets whom anybody looked at before a moment: the chain of reads has it, the budget does not need it.
    pub async fn forget_readings(&mut self, before: Instant) -> Result<u64, StoreError> {
        self.run("delete from readings where at < $1", &[before.into()]).await
    }

    /// Writes down how many people an account looked at in an hour; the highest count stays.
    pub async fn count_reading_hour(&mut self, account: &str, hour: Instant, people: i64) -> Result<(), StoreError> {
        let sql = "insert into reading_hours (account, hour, people) values ($1, $2, $3)
            on conflict (account, hour) do update set people = excluded.people
                where reading_hours.people < excluded.people";
        self.run(sql, &[account.into(), hour.into(), people.into()]).await.map(|_| ())
    }

    /// Marks the hour of an account as told of; false when it was already.
    pub async fn alert_reading_hour(&mut self, account: &str, hour: Instant, now: Instant) -> Result<bool, StoreError> {
        let sql = "update reading_hours set alerted_at = $3 where account = $1 and hour = $2 and alerted_at is null";
        Ok(self.run(sql, &[account.into(), hour.into(), now.into()]).await? == 1)
    }

    /// Hours since a moment in which people were looked at, the fullest first.
    pub async fn reading_hours(&mut self, since: Instant, rows_max: u32) -> Result<Vec<ReadingHour>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select h.account, h.hour, h.people, h.alerted_at from reading_hours h join accounts a on a.id = h.account
            where h.hour >= $1 and a.division >= $2 and a.division < $3 order by h.people desc, h.account, h.hour limit $4";
        let values = [since.into(), low.into(), high.into(), i64::from(rows_max).into()];
        self.rows(sql, &values).await?.iter().map(hour).collect()
    }

    /// Places a canary.
    pub async fn add_canary(&mut self, canary: &Canary) -> Result<(), StoreError> {
        let sql =
            "insert into canaries (object, note, placed_by, placed_at) values ($1, $2, $3, $4) on conflict do nothing";
        let values =
            [(&canary.object).into(), (&canary.note).into(), (&canary.placed_by).into(), canary.placed_at.into()];
        self.run(sql, &values).await.map(|_| ())
    }

    /// Removes a canary; false when there was none.
    pub async fn remove_canary(&mut self, object: &str) -> Result<bool, StoreError> {
        Ok(self.run("delete from canaries where object = $1", &[object.into()]).await? == 1)
    }

    /// Every canary, in the order in which they were placed.
    pub async fn canaries(&mut self) -> Result<Vec<Canary>, StoreError> {
        let sql = "select object, note, placed_by, placed_at from canaries order by placed_at, object";
        let rows = self.rows(sql, &[]).await?;
        rows.iter()
            .map(|row| {
                Ok(Canary { object: row.get(0)?, note: row.get(1)?, placed_by: row.get(2)?, placed_at: row.get(3)? })
            })
            .collect()
    }

    /// Which of some objects are canaries.
    pub async fn canaries_among(&mut self, objects: &[&str]) -> Result<Vec<String>, StoreError> {
        let keys: Vec<_> = objects.iter().map(|object| (*object).into()).collect();
        let rows = self.rows_for_keys("select object from canaries where object in ({keys})", &keys).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }
}

fn hour(row: &Record) -> Result<ReadingHour, StoreError> {
    Ok(ReadingHour { account: row.get(0)?, hour: row.get(1)?, people: row.get(2)?, alerted_at: row.get(3)? })
}
