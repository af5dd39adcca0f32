//! How somebody stays: a token that only its holder knows, looked up by its hash. A session ends by itself (nobody worked
//! in it, or its time is over), with its account, with its duty, and by being ended. It guarantees that what changes what a
//! session may do also changes its token, and that looking one up costs a write at most once a minute.

use super::{Access, AccessError, By, Held, Listed, NewEntry, Opened, Session};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use dayclear_core::{
    accounts::{AccountState, SessionEnd, SessionKind, Standing},
    time::Instant,
};
use dayclear_store::{Scope, Scoped, accounts::Account, events::hex};
use sha2::{Digest, Sha256};

/// A session is written down as used when the last time was so long ago. It may end so much early, and never late.
const SEEN_MIN: i64 = 1;
const TOKEN_BYTES: usize = 32;
/// Longest text that is looked at as a token.
const TOKEN_CHARS_MAX: usize = 64;

/// What was given for a session.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// No second factor.
    Password,
    /// A second factor, just now.
    Code,
    /// Nothing new.
    AsBefore,
}

/// A session about to be opened.
pub(super) struct NewSession<'a> {
    pub account: &'a Account,
    pub held: Option<Held>,
    pub kind: SessionKind,
    pub standing: Standing,
    pub how: How,
    pub expires_at: Instant,
}

/// What changes with a fresh token.
pub(super) struct Change {
    pub standing: Standing,
    pub how: How,
    pub held: Option<Held>,
}

fn id_of(token: &str) -> String {
    hex(&Sha256::digest(token.as_bytes()))
}

impl Access<'_> {
    /// Opens a session under a token that did not exist before.
    pub(super) async fn open_session(
        &self,
        tx: &mut Scoped,
        new: NewSession<'_>,
        now: Instant,
    ) -> Result<Opened, AccessError> {
        let token = self.token()?;
        let session = Session {
            id: id_of(&token),
            account: new.account.id.clone(),
            login: new.account.login.clone(),
            name: new.account.name.clone(),
            language: new.account.language.clone(),
            home: new.account.division.clone(),
            held: new.held,
            kind: new.kind,
            standing: new.standing,
            csrf: self.token()?,
            created_at: now,
            seen_at: now,
            expires_at: new.expires_at,
            stepped_up_at: (new.how == How::Code).then_some(now),
        };
        tx.add_session(&session).await?;
        Ok(Opened { token, session })
    }

    /// 256 random bits, url-safe base 64.
    pub fn token(&self) -> Result<String, AccessError> {
        Ok(URL_SAFE_NO_PAD.encode(self.random::<TOKEN_BYTES>()?))
    }

    /// Puts a session under a fresh token; the old one ends, and its time goes on.
    pub(super) async fn rotate(
        &self,
        tx: &mut Scoped,
        session: &Session,
        change: Change,
        now: Instant,
    ) -> Result<Opened, AccessError> {
        if !tx.end_session(&session.id, SessionEnd::Rotated, now).await? {
            // somebody was faster: this request comes from a session that is over
            return Err(AccessError::Refused);
        }
        let token = self.token()?;
        let session = Session {
            id: id_of(&token),
            standing: change.standing,
            held: change.held,
            csrf: self.token()?,
            seen_at: now,
            stepped_up_at: match change.how {
                How::Code => Some(now),
                How::Password => None,
                How::AsBefore => session.stepped_up_at,
            },
            ..session.clone()
        };
        tx.add_session(&session).await?;
        Ok(Opened { token, session })
    }

    /// The session of a token, if it holds now. One query finds it, together with its account and its duty; none of what
    /// was found before is remembered, so a revocation counts at once.
    pub async fn authenticate(&self, token: &str, now: Instant) -> Result<Option<Session>, AccessError> {
        if token.is_empty() || token.len() > TOKEN_CHARS_MAX {
            return Ok(None);
        }
        let id = id_of(token);
        let used_after = now.plus_minutes(-self.settings.inactivity_min);
        let mut tx = self.store.glance(&Scope::nobody()).await?;
        let found = tx.live_session(&id, now, used_after).await?;
        drop(tx);
        let Some(session) = found else { return Ok(None) };
        if now >= session.seen_at.plus_minutes(SEEN_MIN) {
            // a full disk keeps nobody from reading: what is not written down only lets the session end sooner
            let _ = self.saw(&id, now).await;
        }
        Ok(Some(session))
    }

    async fn saw(&self, id: &str, now: Instant) -> Result<(), AccessError> {
        let mut tx = self.door().await?;
        tx.saw_session(id, now).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Whether the session of a token holds now. Asking does not count as work in it.
    pub async fn holds(&self, token: &str, now: Instant) -> Result<bool, AccessError> {
        let used_after = now.plus_minutes(-self.settings.inactivity_min);
        let mut tx = self.store.glance(&Scope::nobody()).await?;
        Ok(tx.live_session(&id_of(token), now, used_after).await?.is_some())
    }

    /// Duties among which the owner of a session may choose now.
    pub async fn duties_to_choose(&self, session: &Session, now: Instant) -> Result<Vec<Held>, AccessError> {
        let mut tx = self.store.look(&Scope::nobody()).await?;
        let mut duties = tx.duties_of(&[&session.account]).await?;
        duties.retain(|held| held.holds(now));
        Ok(duties)
    }

    /// Works in another duty from now on, under a fresh token.
    pub async fn choose_duty(&self, session: &Session, duty: &str, now: Instant) -> Result<Opened, AccessError> {
        if session.kind == SessionKind::Api || session.standing != Standing::Full {
            return Err(AccessError::NotAllowed { what: "choose a duty" });
        }
        let mut tx = self.door().await?;
        let held = tx.duty(duty).await?.filter(|held| held.account == session.account && held.holds(now));
        let Some(held) = held else { return Err(AccessError::Unknown { what: "duty" }) };
        let change = Change { standing: session.standing, how: How::AsBefore, held: Some(held) };
        let opened = self.rotate(&mut tx, session, change, now).await?;
        tx.append_audit(&[self.own_entry(&opened.session, "choose_duty", "done", now)]).await?;
        tx.commit().await?;
        Ok(opened)
    }

    /// Gives a code again before something sensitive, or for the first time after an identity provider; the session goes on
    /// under a fresh token.
    pub async fn step_up(&self, session: &Session, code: &str, now: Instant) -> Result<Opened, AccessError> {
        if session.kind == SessionKind::Api || !matches!(session.standing, Standing::Code | Standing::Full) {
            return Err(AccessError::NotAllowed { what: "give a code" });
        }
        self.count_code(session, now).await?;
        let mut tx = self.door().await?;
        let account = self.own_account(&mut tx, session).await?;
        let right = match &account.otp_secret {
            Some(sealed) => self.use_code(&mut tx, &account, sealed, code, now).await?,
            None => false,
        };
        if !right {
            tx.append_audit(&[self.own_entry(session, "step_up", "refused", now)]).await?;
            tx.commit().await?;
            return Err(AccessError::Refused);
        }
        self.forgive_code(&mut tx, session).await?;
        let change = Change { standing: Standing::Full, how: How::Code, held: session.held.clone() };
        let opened = self.rotate(&mut tx, session, change, now).await?;
        tx.append_audit(&[self.own_entry(&opened.session, "step_up", "done", now)]).await?;
        tx.commit().await?;
        Ok(opened)
    }

    /// Sets another password: the old one is asked again, every other session of the account ends, and this one goes on
    /// under a fresh token.
    pub async fn change_password(
        &self,
        session: &Session,
        old: &str,
        new: &str,
        now: Instant,
    ) -> Result<Opened, AccessError> {
        if session.kind == SessionKind::Api || !matches!(session.standing, Standing::Password | Standing::Full) {
            return Err(AccessError::NotAllowed { what: "set a password" });
        }
        super::password::acceptable(&session.login, new)?;
        if old == new {
            let expected = "another password than the one there is".to_owned();
            return Err(AccessError::Invalid { field: "password", expected });
        }
        self.count_code(session, now).await?;
        let mut tx = self.store.look(&Scope::nobody()).await?;
        let before = self.own_account(&mut tx, session).await?;
        drop(tx);
        let same = self.settings.hasher.matches(before.password.as_deref(), old).await?;
        let hash = self.settings.hasher.hash(new, self.random()?).await?;
        let mut tx = self.door().await?;
        let mut account = self.own_account(&mut tx, session).await?;
        if !same || account.password != before.password {
            tx.append_audit(&[self.own_entry(session, "change_password", "refused", now)]).await?;
            tx.commit().await?;
            return Err(AccessError::Refused);
        }
        self.forgive_code(&mut tx, session).await?;
        account.password = Some(hash);
        account.password_until = None;
        account.changed_at = now;
        tx.change_account(&account).await?;
        tx.end_sessions_of(&account.id, &session.id, SessionEnd::AccountChanged, now).await?;
        let change = Change { standing: Standing::Full, how: How::AsBefore, held: session.held.clone() };
        let opened = self.rotate(&mut tx, session, change, now).await?;
        tx.append_audit(&[self.own_entry(&opened.session, "change_password", "done", now)]).await?;
        tx.commit().await?;
        Ok(opened)
    }

    /// Leaves.
    pub async fn sign_out(&self, session: &Session, now: Instant) -> Result<(), AccessError> {
        let mut tx = self.door().await?;
        if tx.end_session(&session.id, SessionEnd::SignedOut, now).await? {
            tx.append_audit(&[self.own_entry(session, "sign_out", "done", now)]).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Sessions of one's own account.
    pub async fn own_sessions(&self, session: &Session, now: Instant) -> Result<Vec<Listed>, AccessError> {
        let mut tx = self.store.look(&Scope::nobody()).await?;
        Ok(tx.sessions_of(&session.account, now).await?)
    }

    /// Ends one of one's own sessions, or all but this one.
    pub async fn end_own(&self, session: &Session, which: Option<&str>, now: Instant) -> Result<u64, AccessError> {
        let mut tx = self.door().await?;
        let ended = match which {
            None => tx.end_sessions_of(&session.account, &session.id, SessionEnd::SignedOut, now).await?,
            Some(id) => {
                let own = tx.sessions_of(&session.account, now).await?;
                if !own.iter().any(|listed| listed.id == id) {
                    return Err(AccessError::Unknown { what: "session" });
                }
                u64::from(tx.end_session(id, SessionEnd::SignedOut, now).await?)
            }
        };
        tx.append_audit(&[self.own_entry(session, "end_sessions", "done", now)]).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// Ends every session of an account.
    pub async fn end_all_of(&self, by: By<'_>, account: &str, now: Instant) -> Result<u64, AccessError> {
        let mut tx = self.door().await?;
        let account = self.administered(&mut tx, by, account, now).await?;
        let ended = tx.end_sessions_of(&account.id, "", SessionEnd::Ended, now).await?;
        tx.append_audit(&[self.admin_entry(by, "end_sessions", &account.id, "{}", now)]).await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// A session for a machine, bound to a duty: it lasts so many days, and its token is shown once.
    pub async fn make_token(&self, by: By<'_>, duty: &str, days: i64, now: Instant) -> Result<Opened, AccessError> {
        if !(1..=self.settings.api_days_max).contains(&days) {
            let expected = format!("1 to {} days", self.settings.api_days_max);
            return Err(AccessError::Invalid { field: "days", expected });
        }
        let mut tx = self.door().await?;
        let held = tx.duty(duty).await?.filter(|held| held.holds(now));
        let Some(held) = held else { return Err(AccessError::Unknown { what: "duty" }) };
        self.administers(by, &held.duty.division, now)?;
        let account = self.administered(&mut tx, by, &held.account, now).await?;
        if account.state != AccountState::Active {
            return Err(AccessError::NotAllowed { what: "make a token for a disabled account" });
        }
        let detail = format!("{{\"duty\":\"{}\",\"days\":{days}}}", held.id);
        let new = NewSession {
            account: &account,
            held: Some(held),
            kind: SessionKind::Api,
            standing: Standing::Full,
            how: How::Password,
            expires_at: now.plus_hours(days * 24),
        };
        let opened = self.open_session(&mut tx, new, now).await?;
        tx.append_audit(&[self.admin_entry(by, "make_token", &account.id, &detail, now)]).await?;
        tx.commit().await?;
        Ok(opened)
    }

    /// The account of a session, as it stands now.
    pub(super) async fn own_account(&self, tx: &mut Scoped, session: &Session) -> Result<Account, AccessError> {
        let account = tx.account(&session.account).await?;
        account.filter(|account| account.state == AccountState::Active).ok_or(AccessError::Refused)
    }

    /// An entry of what somebody did with their own account.
    pub(super) fn own_entry(&self, session: &Session, action: &str, outcome: &str, now: Instant) -> NewEntry {
        self.entry(session, action, "account", &session.account, outcome, now)
    }
}
