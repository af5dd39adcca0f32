//! The chain of events. Every decision is one event; each carries the hash of the one before it, so an altered, missing
//! or swapped event is found by anybody who recomputes the chain, and a cut tail by the head that is kept beside it.
//! Messages to the outside leave through the outbox, written in the same transaction.

use crate::{Scoped, StoreError, chain::Link, value::Value};
use dayclear_core::{
    divisions::DivisionCode,
    time::{CivilDate, Instant},
};
use std::{borrow::Cow, collections::BTreeSet};

pub use crate::chain::{ChainState, hex};

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

/// A message to the outside, which leaves after the transaction that caused it.
#[derive(Debug, Clone)]
pub struct Message {
    /// Topic, for those who listen.
    pub topic: &'static str,
    /// What it is about.
    pub subject: String,
    /// The facts, as one JSON object.
    pub body: String,
}

impl Scoped {
    /// Chains events in the given order. `recorded` is when the system learned of them.
    pub async fn chain(&mut self, day: CivilDate, recorded: Instant, events: &[NewEvent]) -> Result<(), StoreError> {
        if events.is_empty() {
            return Ok(());
        }
        // the head row is locked first, so that two writers cannot both follow the same event
        let (seq, hash) = self.line_up().await?;
        let mut link = Link { seq, hash };
        let mut values: Vec<Value<'_>> = Vec::with_capacity(events.len() * 11);
        let mut messages = Vec::new();
        for event in events {
            let fields = [&*event.actor, event.kind, &event.subject, event.division.as_str(), &event.body];
            let prev = link.append(&[day.day_number(), event.at.micros(), recorded.micros()], &fields);
            values.extend([link.seq.into(), day.into(), event.at.into(), recorded.into()]);
            values.extend(fields.map(Value::from));
            values.extend([prev.into(), link.hash.clone().into()]);
            if let Some(topic) = event.tells {
                messages.push((topic, &*event.subject, &*event.body));
            }
        }
        let columns =
            ["seq", "day", "at", "recorded_at", "actor", "kind", "subject", "division", "body", "prev", "hash"];
        self.append("events", &columns, &values).await?;
        self.put_out(&messages, recorded).await?;
        self.head = Some((link.seq, link.hash.clone()));
        self.run("update chain set seq = $1, hash = $2 where one = 1", &[link.seq.into(), link.hash.into()]).await?;
        Ok(())
    }

    /// Puts messages into the outbox that no event of the chain stands for, such as an alert.
    pub async fn tell(&mut self, messages: &[Message], now: Instant) -> Result<(), StoreError> {
        if messages.is_empty() {
            return Ok(());
        }
        self.line_up().await?;
        let messages: Vec<_> = messages.iter().map(|m| (m.topic, &*m.subject, &*m.body)).collect();
        self.put_out(&messages, now).await
    }

    /// Numbers messages (topic, subject, body) and writes them; the chain is locked by the caller.
    async fn put_out(&mut self, messages: &[(&str, &str, &str)], now: Instant) -> Result<(), StoreError> {
        if messages.is_empty() {
            return Ok(());
        }
        let mut seq = match self.has_turn() {
            true => self.opening().await?.told,
            // what was read before the chain was locked may have been followed by others
            false => match self.row("select coalesce(max(seq), 0) from outbox", &[]).await? {
                Some(row) => row.get(0)?,
                None => 0,
            },
        };
        let mut values: Vec<Value<'_>> = Vec::with_capacity(messages.len() * 6);
        for (topic, subject, body) in messages.iter().copied() {
            seq += 1;
            values.extend([seq.into(), topic.into(), subject.into(), body.into(), now.into(), 0i64.into()]);
        }
        self.append("outbox", &["seq", "topic", "subject", "body", "created_at", "attempts"], &values).await?;
        if let Some(opening) = &mut self.opening {
            opening.told = seq;
        }
        Ok(())
    }

    /// Waits until it is this transaction's turn to change things, and holds the others up until it ends. Everything that
    /// decides on what it has read takes its turn first: two who decide at once would each decide on the state before the
    /// other. Returns the number and hash of the last event.
    pub async fn line_up(&mut self) -> Result<(i64, String), StoreError> {
        if let Some(head) = &self.head {
            return Ok(head.clone());
        }
        if self.has_turn() {
            let head = self.opening().await?.head.clone();
            return Ok(self.head.insert(head).clone());
        }
        // no step of a drill: where the engine has a turn of its own, nothing is asked
        let sql = "update chain set seq = seq where one = 1 returning seq, hash";
        match self.fetch(sql.into(), &[]).await?.first() {
            Some(row) => Ok(self.head.insert((row.get(0)?, row.get(1)?)).clone()),
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

    /// Hash of one event, if there is one of this number.
    pub async fn event_hash(&mut self, seq: i64) -> Result<Option<String>, StoreError> {
        self.row("select hash from events where seq = $1", &[seq.into()]).await?.map(|row| row.get(0)).transpose()
    }

    /// Recomputes the whole chain.
    pub async fn check_chain(&mut self) -> Result<ChainState, StoreError> {
        const PAGE: i64 = 10_000;
        let (seq, hash) = self.chain_head().await?;
        let head = Link { seq, hash };
        let mut link = Link::start();
        loop {
            let sql = "select seq, day, at, recorded_at, actor, kind, subject, division, body, prev, hash from events
                       where seq > $1 order by seq limit $2";
            let rows = self.rows(sql, &[link.seq.into(), PAGE.into()]).await?;
            if rows.is_empty() {
                return Ok(link.against(&head));
            }
            for row in rows {
                let texts: Vec<String> = (4..10).map(|at| row.get(at)).collect::<Result<_, _>>()?;
                let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
                let (day, at, recorded): (CivilDate, Instant, Instant) = (row.get(1)?, row.get(2)?, row.get(3)?);
                let numbers = [day.day_number(), at.micros(), recorded.micros()];
                if let Err(broken) = link.walk(row.get(0)?, &numbers, &texts[..5], texts[5], row.get(10)?) {
                    return Ok(broken);
                }
            }
        }
    }
}
