//! Sessions, attempts to sign in, and the keys that belong to a store. Only hashes of tokens stand here. It guarantees that
//! a session is found by one query that also asks whether its account and its duty still hold, and that attempts are
//! counted before anything is compared, so that trying many at once gains nothing.

use crate::{Scoped, StoreError, accounts::Held, value::Record};
use dayclear_core::{
    access::Duty,
    accounts::{SessionEnd, SessionKind, Standing},
    divisions::DivisionCode,
    time::Instant,
};
use serde::Serialize;

/// A session that holds.
#[derive(Clone, PartialEq, Eq)]
pub struct Session {
    /// SHA-256 of its token, in hexadecimal: by this name the store knows it.
    pub id: String,
    /// Account.
    pub account: String,
    /// Login of the account.
    pub login: String,
    /// Name of its owner.
    pub name: String,
    /// Language of its pages.
    pub language: String,
    /// Where the account belongs.
    pub home: DivisionCode,
    /// Duty in which it works; none before one is chosen.
    pub held: Option<Held>,
    /// What uses it.
    pub kind: SessionKind,
    /// How far signing in has come.
    pub standing: Standing,
    /// What a form must bring along.
    pub csrf: String,
    /// When it began.
    pub created_at: Instant,
    /// When it was last used, as far as that was written down.
    pub seen_at: Instant,
    /// When it ends, whatever is done in it.
    pub expires_at: Instant,
    /// When a second factor was last given.
    pub stepped_up_at: Option<Instant>,
}

impl std::fmt::Debug for Session {
    /// Without what a form must bring along, and without a name: this may end in a log.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("account", &self.account)
            .field("duty", &self.held.as_ref().map(|held| &held.duty))
            .field("kind", &self.kind)
            .field("standing", &self.standing)
            .field("created_at", &self.created_at)
            .field("seen_at", &self.seen_at)
            .field("expires_at", &self.expires_at)
            .field("stepped_up_at", &self.stepped_up_at)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// The duty in which it works, if signing in has come to its end and one was chosen.
    pub fn duty(&self) -> Option<&Duty> {
        match self.standing {
            Standing::Full => self.held.as_ref().map(|held| &held.duty),
            _ => None,
        }
    }
}

/// A session as its owner or an administrator sees it listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Name by which it can be ended.
    pub id: String,
    /// What uses it.
    pub kind: SessionKind,
    /// When it began.
    pub created_at: Instant,
    /// When it was last used.
    pub seen_at: Instant,
    /// When it ends.
    pub expires_at: Instant,
}

/// State of what counts attempts, after this one was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempts {
    /// Attempts since the last success or the last quiet time, this one included; one that comes while the way is blocked is
    /// not counted.
    pub failures: i64,
    /// Until when the way is blocked.
    pub blocked_until: Option<Instant>,
}

impl Scoped {
    /// Adds a session.
    pub async fn add_session(&mut self, session: &Session) -> Result<(), StoreError> {
        let values = [
            (&session.id).into(),
            (&session.account).into(),
            session.held.as_ref().map(|held| held.id.clone()).into(),
            session.kind.name().into(),
            session.standing.name().into(),
            (&session.csrf).into(),
            session.created_at.into(),
            session.seen_at.into(),
            session.expires_at.into(),
            session.stepped_up_at.into(),
        ];
        let columns = [
            "token",
            "account",
            "duty",
            "kind",
            "standing",
            "csrf",
            "created_at",
            "seen_at",
            "expires_at",
            "stepped_up_at",
        ];
        self.append("sessions", &columns, &values).await
    }

    /// The session of a token's hash, if it holds now: it has not ended or run out, somebody worked in it after
    /// `used_after` (machines are not asked that), its account is active, and the duty it works in holds.
    pub async fn live_session(
        &mut self,
        id: &str,
        now: Instant,
        used_after: Instant,
    ) -> Result<Option<Session>, StoreError> {
        let sql = "select s.token, s.account, a.login, a.name, a.language, s.kind, s.standing, s.csrf, s.created_at,
                s.seen_at, s.expires_at, s.stepped_up_at,
                d.id, d.role, d.division, d.site, d.granted_by, d.\"from\", d.until, a.division
            from sessions s join accounts a on a.id = s.account
                left join duties d on d.id = s.duty and d.account = s.account
            where s.token = $1 and s.ended_at is null and s.expires_at > $2 and (s.kind = 'api' or s.seen_at > $3)
                and a.state = 'active'
                and (s.duty is null or (d.\"from\" <= $2 and (d.until is null or d.until > $2)))";
        let row = self.row(sql, &[id.into(), now.into(), used_after.into()]).await?;
        row.as_ref().map(session).transpose()
    }

    /// Writes down that a session was used. Only ever moves forward.
    pub async fn saw_session(&mut self, id: &str, now: Instant) -> Result<(), StoreError> {
        let sql = "update sessions set seen_at = $2 where token = $1 and seen_at < $2 and ended_at is null";
        self.run(sql, &[id.into(), now.into()]).await.map(|_| ())
    }

    /// Ends a session; false when it had ended before.
    pub async fn end_session(&mut self, id: &str, why: SessionEnd, now: Instant) -> Result<bool, StoreError> {
        let sql = "update sessions set ended_at = $2, ended_why = $3 where token = $1 and ended_at is null";
        Ok(self.run(sql, &[id.into(), now.into(), why.name().into()]).await? == 1)
    }

    /// Ends every session of an account but one; how many ended.
    pub async fn end_sessions_of(
        &mut self,
        account: &str,
        but: &str,
        why: SessionEnd,
        now: Instant,
    ) -> Result<u64, StoreError> {
        let sql = "update sessions set ended_at = $3, ended_why = $4
                   where account = $1 and token <> $2 and ended_at is null";
        self.run(sql, &[account.into(), but.into(), now.into(), why.name().into()]).await
    }

    /// Ends every session that works in a duty; how many ended.
    pub async fn end_sessions_in(&mut self, duty: &str, now: Instant) -> Result<u64, StoreError> {
        let sql = "update sessions set ended_at = $2, ended_why = $3 where duty = $1 and ended_at is null";
        self.run(sql, &[duty.into(), now.into(), SessionEnd::DutyRevoked.name().into()]).await
    }

    /// Sessions of an account that have neither ended nor run out, the newest first.
    pub async fn sessions_of(&mut self, account: &str, now: Instant) -> Result<Vec<Listed>, StoreError> {
        let sql = "select token, kind, created_at, seen_at, expires_at from sessions
                   where account = $1 and ended_at is null and expires_at > $2 order by created_at desc, token";
        let rows = self.rows(sql, &[account.into(), now.into()]).await?;
        rows.iter()
            .map(|row| {
                Ok(Listed {
                    id: row.get(0)?,
                    kind: row.term(1)?,
                    created_at: row.get(2)?,
                    seen_at: row.get(3)?,
                    expires_at: row.get(4)?,
                })
            })
            .collect()
    }

    /// Counts an attempt before it is tried, unless the way is blocked. After a quiet time (nothing since
    /// `forgotten_before`) the count begins anew.
    pub async fn count_attempt(
        &mut self,
        subject: &str,
        now: Instant,
        forgotten_before: Instant,
    ) -> Result<Attempts, StoreError> {
        let sql = "insert into attempts (subject, failures, last_at) values ($1, 1, $2)
            on conflict (subject) do update set
                failures = case when attempts.last_at < $3 then 1
                    when attempts.blocked_until > $2 then attempts.failures else attempts.failures + 1 end,
                blocked_until = case when attempts.last_at < $3 then null else attempts.blocked_until end,
                last_at = case when attempts.blocked_until > $2 then attempts.last_at else $2 end
            returning failures, blocked_until";
        match self.row(sql, &[subject.into(), now.into(), forgotten_before.into()]).await? {
            Some(row) => Ok(Attempts { failures: row.get(0)?, blocked_until: row.get(1)? }),
            None => Err(StoreError::Null { position: 0 }),
        }
    }

    /// Blocks a way until a moment.
    pub async fn block_attempts(&mut self, subject: &str, until: Instant) -> Result<(), StoreError> {
        let sql = "update attempts set blocked_until = $2 where subject = $1";
        self.run(sql, &[subject.into(), until.into()]).await.map(|_| ())
    }

    /// Takes back what was counted for an attempt that was right: everything, or that one attempt alone.
    pub async fn forgive_attempts(&mut self, subject: &str, everything: bool) -> Result<(), StoreError> {
        let sql = if everything {
            "delete from attempts where subject = $1"
        } else {
            "update attempts set failures = failures - 1 where subject = $1 and failures > 0"
        };
        self.run(sql, &[subject.into()]).await.map(|_| ())
    }

    /// Forgets ways on which nothing was tried since a moment.
    pub async fn forget_attempts(&mut self, before: Instant) -> Result<u64, StoreError> {
        self.run("delete from attempts where last_at < $1", &[before.into()]).await
    }

    /// Forgets sessions whose time was over before a moment; the chain of reads tells who was there.
    pub async fn forget_sessions(&mut self, before: Instant) -> Result<u64, StoreError> {
        self.run("delete from sessions where expires_at < $1", &[before.into()]).await
    }

    /// The value by which a key is recognised, as it was first seen with this store.
    pub async fn known_key(&mut self, purpose: &str, id: &str) -> Result<Option<String>, StoreError> {
        let sql = "select recognised_by from keys where purpose = $1 and id = $2";
        self.row(sql, &[purpose.into(), id.into()]).await?.map(|row| row.get(0)).transpose()
    }

    /// Whether any key of a purpose is known.
    pub async fn knows_keys(&mut self, purpose: &str) -> Result<bool, StoreError> {
        Ok(self.row("select id from keys where purpose = $1 limit 1", &[purpose.into()]).await?.is_some())
    }

    /// Remembers a key by the value by which it is recognised.
    pub async fn know_key(
        &mut self,
        purpose: &str,
        id: &str,
        algorithm: &str,
        recognised_by: &str,
        now: Instant,
    ) -> Result<(), StoreError> {
        let sql = "insert into keys (purpose, id, algorithm, recognised_by, known_since) values ($1, $2, $3, $4, $5)
                   on conflict do nothing";
        let values = [purpose.into(), id.into(), algorithm.into(), recognised_by.into(), now.into()];
        self.run(sql, &values).await.map(|_| ())
    }
}

fn session(row: &Record) -> Result<Session, StoreError> {
    let account: String = row.get(1)?;
    let held = match row.get::<Option<String>>(12)? {
        None => None,
        Some(id) => Some(Held {
            id,
            account: account.clone(),
            duty: Duty { role: row.term(13)?, division: row.term(14)?, site: row.get(15)? },
            granted_by: row.get(16)?,
            from: row.get(17)?,
            until: row.get(18)?,
        }),
    };
    Ok(Session {
        id: row.get(0)?,
        account,
        login: row.get(2)?,
        name: row.get(3)?,
        language: row.get(4)?,
        home: row.term(19)?,
        held,
        kind: row.term(5)?,
        standing: row.term(6)?,
        csrf: row.get(7)?,
        created_at: row.get(8)?,
        seen_at: row.get(9)?,
        expires_at: row.get(10)?,
        stepped_up_at: row.get(11)?,
    })
}
