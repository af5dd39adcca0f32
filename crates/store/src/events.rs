//! The chain of events. Every decision is one event; each carries the hash of the one before it, so an altered, missing
//! or swapped event is found by anybody who recomputes the chain, and a cut tail by the head that is kept beside it.
//! Messages to the outside leave through the outbox, written in the same transaction.

use crate::{Scoped, StoreError, value::Value};
use dayclear_core::{
    divisions::DivisionCode,
    time::{CivilDate, Instant},
};
use sha2::{Digest, Sha256};
use std::{borrow::Cow, collections::BTreeSet};

/// An event that is about to be chained.
#[derive(Debug, Clone)]
pub struct NewEvent {
    /// When it happened (or was decided).
    pub at: Instant,
    /// Who acted: an account, a district, or `dayclear` for a rule.
    pub actor: Cow<'static, str>,
    /// What happened, for example `case.opened`.
    pub kind: &'static str,
    /// What it happened to.
    pub subject: String,
    /// Where.
    pub division: DivisionCode,
    /// The facts, as one JSON object.
    pub body: String,
    /// Topic of a message that leaves with it, if one does.
    pub tells: Option<&'static str>,
}

/// What a check of the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainState {
    /// Every event is as it was written.
    Whole {
        /// Number of events.
        events: i64,
        /// Hash of the last one.
        head: String,
    },
    /// The first event that is altered, missing or out of place.
    Broken {
        /// Its sequence number.
        seq: i64,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// Hash of one event: SHA-256 over the previous hash and every field, each with its length, so that no two events can be
/// written the same way.
#[allow(clippy::too_many_arguments)]
fn link(prev: &str, seq: i64, day: CivilDate, at: Instant, recorded: Instant, fields: [&str; 5]) -> String {
    let mut hash = Sha256::new();
    hash.update(prev.as_bytes());
    hash.update(seq.to_be_bytes());
    hash.update(day.day_number().to_be_bytes());
    hash.update(at.micros().to_be_bytes());
    hash.update(recorded.micros().to_be_bytes());
    for field in fields {
        hash.update((field.len() as u64).to_be_bytes());
        hash.update(field.as_bytes());
    }
    hex(&hash.finalize())
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Scoped {
    /// Chains events in the given order. `recorded` is when the system learned of them.
    pub async fn chain(&mut self, day: CivilDate, recorded: Instant, events: &[NewEvent]) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        // the head row is locked first, so that two writers cannot both follow the same event
        let (mut seq, mut prev) = self.line_up().await?;
        let tells = events.iter().any(|event| event.tells.is_some());
        let first_message: i64 = match tells {
            true => self.row("select coalesce(max(seq), 0) from outbox", &[]).await?.map_or(Ok(0), |row| row.get(0))?,
            false => 0,
        };
        let mut values: Vec<Value<'_>> = Vec::with_capacity(events.len() * 11);
        let mut messages: Vec<Value<'_>> = Vec::new();
        let mut sent = first_message;
        for event in events {
            seq += 1;
            let fields = [&*event.actor, event.kind, &event.subject, event.division.as_str(), &event.body];
            let hash = link(&prev, seq, day, event.at, recorded, fields);
            values.extend([seq.into(), day.into(), event.at.into(), recorded.into()]);
            values.extend(fields.map(Value::from));
            values.extend([prev.into(), hash.clone().into()]);
            prev = hash;
            if let Some(topic) = event.tells {
                sent += 1;
                messages.extend([
                    sent.into(),
                    topic.into(),
                    (&event.subject).into(),
                    (&event.body).into(),
                    recorded.into(),
                    0i64.into(),
                ]);
            }
        }
        let columns =
            ["seq", "day", "at", "recorded_at", "actor", "kind", "subject", "division", "body", "prev", "hash"];
        self.append("events", &columns, &values).await?;
        self.append("outbox", &["seq", "topic", "subject", "body", "created_at", "attempts"], &messages).await?;
        self.run("update chain set seq = $1, hash = $2 where one = 1", &[seq.into(), prev.into()]).await?;
        Ok(())
    }

    /// Waits until it is this transaction's turn to change things, and holds the others up until it ends. Everything that
    /// decides on what it has read takes its turn first: two who decide at once would each decide on the state before the
    /// other. Returns the number and hash of the last event.
    pub async fn line_up(&mut self) -> Result<(i64, String), StoreError> {
        match self.row("update chain set seq = seq where one = 1 returning seq, hash", &[]).await? {
            Some(row) => Ok((row.get(0)?, row.get(1)?)),
            None => Err(StoreError::Null { position: 0 }),
        }
    }

    /// The last event of a kind about a subject: who acted and when.
    pub async fn last_event(&mut self, subject: &str, kind: &str) -> Result<Option<(String, Instant)>, StoreError> {
        let sql = "select actor, at from events where subject = $1 and kind = $2 order by seq desc limit 1";
        let row = self.row(sql, &[subject.into(), kind.into()]).await?;
        row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
    }

    /// The latest events of a kind about a subject, the last one first: who acted, when, and the facts.
    pub async fn events_about(
        &mut self,
        subject: &str,
        kind: &str,
    ) -> Result<Vec<(String, Instant, String)>, StoreError> {
        let sql = "select actor, at, body from events where subject = $1 and kind = $2 order by seq desc limit 100";
        let rows = self.rows(sql, &[subject.into(), kind.into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).collect()
    }

    /// Those of the subjects about which an event of a kind was chained whose facts hold a text.
    pub async fn told(&mut self, kind: &str, holds: &str, subjects: &[&str]) -> Result<BTreeSet<String>, StoreError> {
        let keys: Vec<Value<'_>> = subjects.iter().map(|id| (*id).into()).collect();
        let sql = "select subject, kind, body from events where subject in ({keys})";
        let mut found = BTreeSet::new();
        for row in self.rows_for_keys(sql, &keys).await? {
            if row.get::<String>(1)? == kind && row.get::<String>(2)?.contains(holds) {
                found.insert(row.get(0)?);
            }
        }
        Ok(found)
    }

    /// Sequence number and hash of the last event.
    pub async fn chain_head(&mut self) -> Result<(i64, String), StoreError> {
        match self.row("select seq, hash from chain where one = 1", &[]).await? {
            Some(row) => Ok((row.get(0)?, row.get(1)?)),
            None => Err(StoreError::Null { position: 0 }),
        }
    }

    /// Recomputes the whole chain.
    pub async fn check_chain(&mut self) -> Result<ChainState, StoreError> {
        const PAGE: i64 = 10_000;
        let (head_seq, head) = self.chain_head().await?;
        let mut prev = "0".repeat(64);
        let mut seq = 0;
        loop {
            let sql = "select seq, day, at, recorded_at, actor, kind, subject, division, body, prev, hash from events
                       where seq > $1 order by seq limit $2";
            let rows = self.rows(sql, &[seq.into(), PAGE.into()]).await?;
            if rows.is_empty() {
                break;
            }
            for row in rows {
                seq += 1;
                let broken = |problem| Ok(ChainState::Broken { seq, problem });
                if row.get::<i64>(0)? != seq {
                    return broken("missing");
                }
                let texts: Vec<String> = (4..9).map(|at| row.get(at)).collect::<Result<_, _>>()?;
                let fields = [&*texts[0], &*texts[1], &*texts[2], &*texts[3], &*texts[4]];
                if row.get::<String>(9)? != prev {
                    return broken("out of place");
                }
                let hash = link(&prev, seq, row.get(1)?, row.get(2)?, row.get(3)?, fields);
                if row.get::<String>(10)? != hash {
                    return broken("altered");
                }
                prev = hash;
            }
        }
        if seq != head_seq || prev != head {
            return Ok(ChainState::Broken { seq: seq + 1, problem: "missing at the end" });
        }
        Ok(ChainState::Whole { events: seq, head })
    }
}
