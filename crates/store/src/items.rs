//! Items as people work on them: assigned, passed up, past their deadline; and how far the line has seen. Sets by key.

use crate::{
    Scoped, StoreError,
    books::{Entry, open_item},
    value::Value,
};
use dayclear_core::{
    books::{OpenItem, Worklist},
    time::{CivilDate, Instant},
};
use std::collections::{BTreeMap, HashSet};

/// How far the line has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Day of the books.
    pub day: CivilDate,
    /// The last event before it looked.
    pub seq: i64,
    /// As of when it looked.
    pub at: Instant,
    /// When it looks again though nothing happens.
    pub again_at: Instant,
    /// Rules by which it decided.
    pub rules: String,
}

impl Scoped {
    /// Assigns items of a worklist to an account, or takes them back; the caller has seen that they are open.
    pub async fn assign_items(
        &mut self,
        worklist: Worklist,
        subjects: &[&str],
        account: Option<&str>,
    ) -> Result<(), StoreError> {
        let keys: Vec<Value<'_>> = subjects.iter().map(|subject| (*subject).into()).collect();
        let sql = "update items set assignee = $2 where worklist = $1 and subject in ({keys})";
        self.run_for_keys(sql, &[worklist.name().into(), account.into()], &keys).await?;
        Ok(())
    }

    /// Notes that items of a worklist were passed up; the caller has seen that they are open.
    pub async fn escalate_items(
        &mut self,
        worklist: Worklist,
        subjects: &[&str],
        at: Instant,
    ) -> Result<(), StoreError> {
        let keys: Vec<Value<'_>> = subjects.iter().map(|subject| (*subject).into()).collect();
        let sql = "update items set escalated_at = $2 where worklist = $1 and subject in ({keys})";
        self.run_for_keys(sql, &[worklist.name().into(), at.into()], &keys).await?;
        Ok(())
    }

    /// Those of the items of a worklist that are open, as they stand.
    pub async fn open_of(&mut self, worklist: Worklist, subjects: &[&str]) -> Result<Vec<Entry>, StoreError> {
        let keys: Vec<Value<'_>> = subjects.iter().map(|subject| (*subject).into()).collect();
        let sql = format!(
            "select worklist, subject, division, party, owner, opened_at, due_at, reason from items
             where worklist = '{worklist}' and closed_at is null and subject in ({{keys}}) order by subject"
        );
        let rows = self.rows_for_keys(&sql, &keys).await?;
        rows.iter().map(|row| Ok(Entry::from(open_item(row)?))).collect()
    }

    /// Open items of a worklist whose subject begins so, in order of subject. The beginning ends with a slash.
    pub async fn open_beginning(&mut self, worklist: Worklist, beginning: &str) -> Result<Vec<Entry>, StoreError> {
        let sql = "select worklist, subject, division, party, owner, opened_at, due_at, reason from items
            where worklist = $1 and closed_at is null and subject >= $2 and subject < $3 order by subject";
        // after the slash comes the naught
        let end = format!("{}0", beginning.trim_end_matches('/'));
        let rows = self.rows(sql, &[worklist.name().into(), beginning.into(), end.into()]).await?;
        rows.iter().map(|row| Ok(Entry::from(open_item(row)?))).collect()
    }

    /// Open items of a worklist, in order of subject.
    pub async fn open_in(&mut self, worklist: Worklist) -> Result<Vec<Entry>, StoreError> {
        let sql = "select worklist, subject, division, party, owner, opened_at, due_at, reason from items
            where worklist = $1 and closed_at is null order by subject";
        let rows = self.rows(sql, &[worklist.name().into()]).await?;
        rows.iter().map(|row| Ok(Entry::from(open_item(row)?))).collect()
    }

    /// Of these subjects those of which a worklist has an item, open or ended.
    pub async fn known_subjects(
        &mut self,
        worklist: Worklist,
        subjects: &[&str],
    ) -> Result<HashSet<String>, StoreError> {
        let keys: Vec<Value<'_>> = subjects.iter().map(|subject| (*subject).into()).collect();
        let sql = format!("select subject from items where worklist = '{worklist}' and subject in ({{keys}})");
        self.rows_for_keys(&sql, &keys).await?.iter().map(|row| row.get(0)).collect()
    }

    /// Open items of people who are recalled again, by the subject of their first item: tube and person.
    pub async fn recalled_again(&mut self) -> Result<BTreeMap<String, String>, StoreError> {
        // SQLite would rather read every recall that ever was
        let by = if self.is_server() { "" } else { "indexed by items_again" };
        let sql = format!(
            "select subject from items {by}
             where worklist = 'recall' and closed_at is null and subject like '%/again-%' order by subject"
        );
        let mut found = BTreeMap::new();
        for row in self.rows_text(sql.into(), &[]).await? {
            let subject: String = row.get(0)?;
            if let Some((first, _)) = subject.rsplit_once("/again-") {
                found.insert(first.to_owned(), subject.clone());
            }
        }
        Ok(found)
    }

    /// Of the subjects of recalls those whose item has ended, each with how many items there were after it.
    pub async fn recalls_ended(&mut self, subjects: &[&str]) -> Result<BTreeMap<String, i64>, StoreError> {
        let keys: Vec<Value<'_>> = subjects.iter().map(|subject| (*subject).into()).collect();
        let sql = "select i.subject, (select count(*) from items j where j.worklist = 'recall'
                       and j.subject > i.subject || '/again-' and j.subject < i.subject || '/again.')
                   from items i where i.worklist = 'recall' and i.closed_at is not null and i.subject in ({keys})";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    /// Open items whose deadline passed up to `now` and that nobody passed up yet, oldest deadline first.
    pub async fn newly_overdue(&mut self, now: Instant, limit: i64) -> Result<Vec<OpenItem>, StoreError> {
        let sql = "select worklist, subject, division, party, owner, opened_at, due_at, reason from items
                   where closed_at is null and due_at <= $1 and escalated_at is null order by due_at, worklist, subject limit $2";
        let rows = self.rows(sql, &[now.into(), limit.into()]).await?;
        rows.iter().map(open_item).collect()
    }

    /// The first deadline of an open item after an instant.
    pub async fn next_deadline(&mut self, after: Instant) -> Result<Option<Instant>, StoreError> {
        let mut next: Option<Instant> = None;
        for worklist in Worklist::ALL {
            // one step into the index of deadlines for each list
            let sql =
                "select due_at from items where worklist = $1 and closed_at is null and coalesce(due_at, {far}) > $2
                       order by coalesce(due_at, {far}), subject limit 1";
            let sql = self.words(sql);
            let row = self.rows_text(sql.into(), &[worklist.name().into(), after.into()]).await?.into_iter().next();
            if let Some(at) = row.map(|row| row.get::<Option<Instant>>(0)).transpose()?.flatten() {
                next = Some(next.map_or(at, |before| before.min(at)));
            }
        }
        Ok(next)
    }

    /// What the line had seen when it last ran.
    pub async fn line_seen(&mut self) -> Result<Option<Seen>, StoreError> {
        let row = self.row("select day, seq, seen_at, again_at, rules from line_seen where one = 1", &[]).await?;
        row.map(|row| {
            Ok(Seen {
                day: row.get(0)?,
                seq: row.get(1)?,
                at: row.get(2)?,
                again_at: row.get(3)?,
                rules: row.get::<Option<String>>(4)?.unwrap_or_default(),
            })
        })
        .transpose()
    }

    /// Records what the line has seen.
    pub async fn see_line(&mut self, seen: &Seen) -> Result<(), StoreError> {
        let sql = "insert into line_seen (one, day, seq, seen_at, again_at, rules) values (1, $1, $2, $3, $4, $5)
                   on conflict (one) do update set day = excluded.day, seq = excluded.seq, seen_at = excluded.seen_at,
                       again_at = excluded.again_at, rules = excluded.rules";
        let values = [seen.day.into(), seen.seq.into(), seen.at.into(), seen.again_at.into(), (&seen.rules).into()];
        self.run(sql, &values).await?;
        Ok(())
    }
}
