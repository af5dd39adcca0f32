//! Commands that act once. The key of a command is written in the transaction of its effect, so either both are there or
//! neither; the same key with the same content is answered again, with other content refused (D1).

use crate::{Scoped, StoreError};
use dayclear_core::time::Instant;

/// What is known of a command before it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Once {
    /// Not seen before: do it, then call [`Scoped::done`].
    Fresh,
    /// Done before, with this outcome.
    Replay(String),
}

/// What was done to many at once.
#[derive(Debug, Clone, Copy)]
pub struct Bulk<'a> {
    /// Month, as `2022-11`.
    pub month: &'a str,
    /// Command.
    pub command: &'a str,
    /// Records that were named.
    pub asked: i64,
    /// Records on which it was done.
    pub done: i64,
    /// Role of whoever did it.
    pub role: &'a str,
    /// Division of their duty.
    pub division: &'a str,
    /// When.
    pub at: Instant,
}

impl Scoped {
    /// Counts what was done to many at once.
    pub async fn count_bulk(&mut self, bulk: Bulk<'_>) -> Result<(), StoreError> {
        // numbers follow each other: two writers do not take the same
        self.line_up().await?;
        let sql = "insert into bulk_actions (no, month, command, asked, done, role, division, at)
            select coalesce(max(no), 0) + 1, $1, $2, $3, $4, $5, $6, $7 from bulk_actions";
        let values = [
            bulk.month.into(),
            bulk.command.into(),
            bulk.asked.into(),
            bulk.done.into(),
            bulk.role.into(),
            bulk.division.into(),
            bulk.at.into(),
        ];
        self.run(sql, &values).await?;
        Ok(())
    }

    /// Looks a command up by its actor and key. The digest stands for the content of the command.
    pub async fn once(&mut self, actor: &str, key: &str, body_digest: &str) -> Result<Once, StoreError> {
        let sql = "select body_digest, outcome from commands where actor = $1 and key = $2";
        match self.row(sql, &[actor.into(), key.into()]).await? {
            None => Ok(Once::Fresh),
            Some(row) if row.get::<String>(0)? == body_digest => {
                // it was committed, and may still be on its way to the disk
                self.reach_disk().await?;
                Ok(Once::Replay(row.get(1)?))
            }
            Some(_) => Err(StoreError::OtherBody { key: key.to_owned() }),
        }
    }

    /// Whether a command of this key was done before.
    pub async fn knows_command(&mut self, actor: &str, key: &str) -> Result<bool, StoreError> {
        let sql = "select 1 from commands where actor = $1 and key = $2";
        Ok(self.row(sql, &[actor.into(), key.into()]).await?.is_some())
    }

    /// Records a command with its outcome, in the transaction of its effect.
    pub async fn done(
        &mut self,
        actor: &str,
        key: &str,
        body_digest: &str,
        outcome: &str,
        at: Instant,
    ) -> Result<(), StoreError> {
        let sql = "insert into commands (actor, key, body_digest, outcome, at) values ($1, $2, $3, $4, $5)";
        self.run(sql, &[actor.into(), key.into(), body_digest.into(), outcome.into(), at.into()]).await?;
        Ok(())
    }

    /// Forgets keys of commands that people gave before an instant. Those of the stations stay: a day may be run again.
    pub async fn forget_commands(&mut self, before: Instant, by_rule: &str) -> Result<u64, StoreError> {
        self.run("delete from commands where at < $1 and actor <> $2", &[before.into(), by_rule.into()]).await
    }
}
