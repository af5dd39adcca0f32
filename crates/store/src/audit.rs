//! The chain of reads: who looked at what, what was refused, who signed in. Many entries are chained in one transaction,
//! so that reads of many people wait for the disk once. It guarantees that no personal value is asked for: an object is a
//! keyed hash of its id, made by the caller with a key that is not in the database.

use crate::{
    Scoped, StoreError,
    chain::{ChainState, Link},
    value::{Record, Value},
};
use dayclear_core::time::Instant;
use serde::Serialize;

/// An entry that is about to be chained.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewEntry {
    /// When it was done.
    pub at: Instant,
    /// Account that did it; empty when nobody was known.
    pub account: String,
    /// Role it was done in; empty before a duty was chosen.
    pub role: String,
    /// Division of that duty, likewise.
    pub division: String,
    /// What was done, for example `read`, `search`, `sign_in`.
    pub action: String,
    /// Kind of the object, for example `person`.
    pub kind: String,
    /// Keyed hash of the object's id; empty when there is none.
    pub object: String,
    /// What for.
    pub purpose: String,
    /// How it ended, for example `done`, `refused`.
    pub outcome: String,
    /// More facts as one JSON object, without personal values.
    pub detail: String,
}

impl NewEntry {
    fn texts(&self) -> [&str; 9] {
        [
            &self.account,
            &self.role,
            &self.division,
            &self.action,
            &self.kind,
            &self.object,
            &self.purpose,
            &self.outcome,
            &self.detail,
        ]
    }
}

/// An entry as it stands in the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[allow(missing_docs)] // the fields are those of a new entry
pub struct Entry {
    /// Place in the chain.
    pub seq: i64,
    pub at: Instant,
    pub account: String,
    pub role: String,
    pub division: String,
    pub action: String,
    pub kind: String,
    pub object: String,
    pub purpose: String,
    pub outcome: String,
    pub detail: String,
}

/// Which entries are asked for. What is not said is not asked.
#[derive(Debug, Clone, Default)]
pub struct Asked<'a> {
    /// Of one account.
    pub account: Option<&'a str>,
    /// About one object, by its keyed hash.
    pub object: Option<&'a str>,
    /// Not before.
    pub from: Option<Instant>,
    /// Before.
    pub to: Option<Instant>,
    /// Older than this place in the chain: the page after the last one shown.
    pub before: Option<i64>,
    /// At most so many.
    pub rows_max: u32,
}

const FIELDS: &str = "seq, at, account, role, division, action, kind, object, purpose, outcome, detail";

fn head(row: Option<Record>) -> Result<Link, StoreError> {
    match row {
        Some(row) => Ok(Link { seq: row.get(0)?, hash: row.get(1)? }),
        None => Err(StoreError::Null { position: 0 }),
    }
}

impl Scoped {
    /// Chains entries in the given order. Call it last in a transaction that also chains events: the chain of events is
    /// always locked before this one.
    pub async fn append_audit(&mut self, entries: &[NewEntry]) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        // the head row is locked as it is read, so that two writers cannot both follow the same entry
        let locked = "update audit_head set seq = seq where one = 1 returning seq, hash";
        let mut link = head(self.row(locked, &[]).await?)?;
        let mut values: Vec<Value<'_>> = Vec::with_capacity(entries.len() * 13);
        for entry in entries {
            let texts = entry.texts();
            let prev = link.append(&[entry.at.micros()], &texts);
            values.extend([link.seq.into(), entry.at.into()]);
            values.extend(texts.map(Value::from));
            values.extend([prev.into(), link.hash.clone().into()]);
        }
        let columns = [
            "seq", "at", "account", "role", "division", "action", "kind", "object", "purpose", "outcome", "detail",
            "prev", "hash",
        ];
        self.append("audit", &columns, &values).await?;
        self.run("update audit_head set seq = $1, hash = $2 where one = 1", &[link.seq.into(), link.hash.into()])
            .await?;
        Ok(())
    }

    async fn audit_head(&mut self) -> Result<Link, StoreError> {
        head(self.row("select seq, hash from audit_head where one = 1", &[]).await?)
    }

    /// Recomputes the whole chain of reads.
    pub async fn check_audit(&mut self) -> Result<ChainState, StoreError> {
        const PAGE: i64 = 10_000;
        let head = self.audit_head().await?;
        let mut link = Link::start();
        loop {
            let sql = format!("select {FIELDS}, prev, hash from audit where seq > $1 order by seq limit $2");
            let rows = self.rows_text(sql.into(), &[link.seq.into(), PAGE.into()]).await?;
            if rows.is_empty() {
                return Ok(link.against(&head));
            }
            for row in rows {
                let texts: Vec<String> = (2..12).map(|at| row.get(at)).collect::<Result<_, _>>()?;
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                let at: Instant = row.get(1)?;
                if let Err(broken) = link.walk(row.get(0)?, &[at.micros()], &texts[..9], texts[9], row.get(12)?) {
                    return Ok(broken);
                }
            }
        }
    }

    /// Entries, the newest first, of acts within the division of this handle's scope.
    pub async fn audit_entries(&mut self, asked: &Asked<'_>) -> Result<Vec<Entry>, StoreError> {
        let (low, high) = self.scope.range();
        // whose division nobody could tell, such as an unknown login, is the city's business
        let nowhere = if low.len() <= 2 { " or division = ''" } else { "" };
        let mut sql = format!("select {FIELDS} from audit where (division >= $1 and division < $2{nowhere})");
        let mut values: Vec<Value<'_>> = vec![low.into(), high.into()];
        let parts: [(&str, Option<Value<'_>>); 5] = [
            ("account =", asked.account.map(Value::from)),
            ("object =", asked.object.map(Value::from)),
            ("at >=", asked.from.map(Value::from)),
            ("at <", asked.to.map(Value::from)),
            ("seq <", asked.before.map(Value::from)),
        ];
        for (part, value) in parts {
            if let Some(value) = value {
                values.push(value);
                sql += &format!(" and {part} ${}", values.len());
            }
        }
        values.push(i64::from(asked.rows_max).into());
        sql += &format!(" order by seq desc limit ${}", values.len());
        self.rows_text(sql.into(), &values).await?.iter().map(entry).collect()
    }
}

fn entry(row: &Record) -> Result<Entry, StoreError> {
    Ok(Entry {
        seq: row.get(0)?,
        at: row.get(1)?,
        account: row.get(2)?,
        role: row.get(3)?,
        division: row.get(4)?,
        action: row.get(5)?,
        kind: row.get(6)?,
        object: row.get(7)?,
        purpose: row.get(8)?,
        outcome: row.get(9)?,
        detail: row.get(10)?,
    })
}
