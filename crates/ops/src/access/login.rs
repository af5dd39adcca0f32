//! How somebody comes in: login, password and code together, so that nobody learns which of them was wrong; or by an
//! identity provider. It guarantees that every attempt is counted before anything is compared, that an unknown login takes
//! the same way as a known one, and that what comes out is a session that nobody could have known before.

use super::{
    Access, AccessError, NewEntry, Session,
    sessions::{How, NewSession},
};
use dayclear_core::{
    accounts::{AccountState, SessionKind, Standing},
    time::Instant,
};
use dayclear_store::{Scoped, accounts::Account};

/// What somebody gives to come in.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// Login.
    pub login: &'a str,
    /// Password.
    pub password: &'a str,
    /// Code of the authenticator; none only for an account that has not enrolled one.
    pub code: Option<&'a str>,
}

/// Whom an identity provider has named.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The provider.
    pub issuer: &'a str,
    /// Its name for the person.
    pub subject: &'a str,
    /// Whether it vouches for a second factor that was given just now. Otherwise the session can only give a code
    /// ([`Access::step_up`]), or enrol an authenticator.
    pub second_factor: bool,
}

/// A session that was just opened, with its token: the only time that anybody sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// 256 random bits, url-safe base 64. It goes into a cookie or to a machine, and is stored nowhere.
    pub token: String,
    /// The session.
    pub session: Session,
}

/// How many attempts are free, and how long the way is blocked after one more: doubled each time.
#[derive(Clone, Copy)]
struct Limit {
    free: i64,
    base_s: i64,
    most_s: i64,
    /// After so long without an attempt nothing is remembered.
    forgotten_h: i64,
}

/// One login from one site: a person who mistypes, or somebody who guesses.
const LOGIN_AT_SITE: Limit = Limit { free: 5, base_s: 30, most_s: 900, forgotten_h: 24 };
/// One login from anywhere: guessing from many sites. It is wide, so that nobody shuts another out from far away with ease.
const LOGIN: Limit = Limit { free: 50, base_s: 60, most_s: 900, forgotten_h: 24 };
/// One site: trying one password on many logins. Behind one address there may be a whole hospital, so who is right with both
/// factors is let in all the same.
const SITE: Limit = Limit { free: 30, base_s: 10, most_s: 300, forgotten_h: 1 };
/// Codes given within a session.
const CODE: Limit = Limit { free: 5, base_s: 30, most_s: 900, forgotten_h: 24 };

const SECOND: i64 = 1_000_000;

impl Limit {
    /// How long the way is blocked after so many failures.
    fn block_s(self, failures: i64) -> Option<i64> {
        let over = failures - self.free;
        (over >= 0).then(|| self.base_s.saturating_mul(1 << over.min(20)).min(self.most_s))
    }
}

impl Access<'_> {
    /// Counts an attempt on a way before it is tried, so that the one after it waits if this one fails. Until when the way
    /// is blocked, by what came before.
    async fn count(
        &self,
        tx: &mut Scoped,
        way: &str,
        limit: Limit,
        now: Instant,
    ) -> Result<Option<Instant>, AccessError> {
        let attempts = tx.count_attempt(way, now, now.plus_hours(-limit.forgotten_h)).await?;
        if let Some(until) = attempts.blocked_until.filter(|until| *until > now) {
            return Ok(Some(until));
        }
        if let Some(seconds) = limit.block_s(attempts.failures) {
            tx.block_attempts(way, Instant::from_micros(now.micros() + seconds * SECOND)).await?;
        }
        Ok(None)
    }

    /// Signs somebody in. `site` is the address of the client, or its network where an address means nothing. Answers
    /// [`AccessError::Refused`] whatever was wrong, and [`AccessError::Wait`] after too many attempts.
    pub async fn sign_in(&self, given: &Credentials<'_>, site: &str, now: Instant) -> Result<Opened, AccessError> {
        let login = super::accounts::login_of(given.login);
        // hashed: people type passwords where logins belong, and an address tells who it was
        let named = self.keys.object("login", &login);
        let site = self.keys.object("site", site);
        let ways = [self.keys.object("login at site", &format!("{named}@{site}")), named.clone(), site.clone()];

        let mut tx = self.door().await?;
        // from the narrow way to the wide one: an attempt that one stops costs those behind it nothing, or one person could
        // use up the attempts of a login everywhere, and of a whole hospital
        let mut blocked = self.count(&mut tx, &ways[0], LOGIN_AT_SITE, now).await?;
        if blocked.is_none() {
            blocked = self.count(&mut tx, &ways[1], LOGIN, now).await?;
        }
        let crowded = match blocked {
            Some(_) => None,
            None => self.count(&mut tx, &ways[2], SITE, now).await?,
        };
        let account = tx.account_by_login(&login).await?;
        tx.commit().await?;
        if let Some(until) = blocked {
            return Err(AccessError::Wait { until });
        }

        let hash = account.as_ref().and_then(|account| account.password.as_deref());
        let same = self.settings.hasher.matches(hash, given.password).await?;

        let mut tx = self.door().await?;
        let known = account.as_ref().filter(|_| same).filter(|account| may_come_in(account, now));
        let standing = match known {
            Some(account) => self.standing(&mut tx, account, given.code, crowded.is_some(), now).await?,
            None => None,
        };
        let (Some(account), Some(standing)) = (known, standing) else {
            tx.append_audit(&[sign_in_entry(account.as_ref(), &named, &site, "refused", now)]).await?;
            tx.commit().await?;
            return Err(crowded.map_or(AccessError::Refused, |until| AccessError::Wait { until }));
        };
        tx.forgive_attempts(&ways[0], true).await?;
        tx.forgive_attempts(&ways[1], true).await?;
        if crowded.is_none() {
            tx.forgive_attempts(&ways[2], false).await?;
        }
        let how = if standing == Standing::Enrol { How::Password } else { How::Code };
        let opened = self.begin_session(&mut tx, account, standing, how, now).await?;
        tx.append_audit(&[sign_in_entry(Some(account), &named, &site, "done", now)]).await?;
        tx.commit().await?;
        Ok(opened)
    }

    /// How far an account comes with this code; none when not at all. `crowded`: the site has used up its attempts, so
    /// that a password alone is not enough.
    async fn standing(
        &self,
        tx: &mut Scoped,
        account: &Account,
        code: Option<&str>,
        crowded: bool,
        now: Instant,
    ) -> Result<Option<Standing>, AccessError> {
        let Some(sealed) = &account.otp_secret else {
            return Ok((!crowded).then_some(Standing::Enrol));
        };
        if !self.use_code(tx, account, sealed, code.unwrap_or_default(), now).await? {
            return Ok(None);
        }
        Ok(Some(if account.password_until.is_some() { Standing::Password } else { Standing::Full }))
    }

    /// Signs in somebody whom an identity provider has named. Answers [`AccessError::Refused`] whether nobody is linked to the
    /// subject or their account is disabled, and [`AccessError::Wait`] after too many attempts.
    pub async fn sign_in_by_subject(
        &self,
        named: &Subject<'_>,
        site: &str,
        now: Instant,
    ) -> Result<Opened, AccessError> {
        let who = self.keys.object("subject", &format!("{} {}", named.issuer, named.subject));
        let site = self.keys.object("site", site);
        let mut tx = self.door().await?;
        // the provider has made sure of the person, so only those count whom it names and we do not know
        let crowded = self.count(&mut tx, &site, SITE, now).await?;
        let account = tx.account_by_subject(named.issuer, named.subject).await?;
        let account = account.filter(|account| account.state == AccountState::Active);
        let standing = account.as_ref().and_then(|account| match (named.second_factor, &account.otp_secret) {
            (true, _) => Some((Standing::Full, How::Code)),
            (false, Some(_)) => Some((Standing::Code, How::Password)),
            // as with a password: one factor alone is not enough from a site that has used up its attempts
            (false, None) => crowded.is_none().then_some((Standing::Enrol, How::Password)),
        });
        let (Some(account), Some((standing, how))) = (&account, standing) else {
            tx.append_audit(&[sign_in_entry(account.as_ref(), &who, &site, "refused", now)]).await?;
            tx.commit().await?;
            return Err(crowded.map_or(AccessError::Refused, |until| AccessError::Wait { until }));
        };
        if crowded.is_none() {
            tx.forgive_attempts(&site, false).await?;
        }
        let opened = self.begin_session(&mut tx, account, standing, how, now).await?;
        tx.append_audit(&[sign_in_entry(Some(account), &who, &site, "done", now)]).await?;
        tx.commit().await?;
        Ok(opened)
    }

    /// Writes down that somebody came back from an identity provider with an answer that could not be accepted, and counts it
    /// against their site.
    pub async fn refuse_answer(&self, issuer: &str, site: &str, now: Instant) -> Result<(), AccessError> {
        let (who, site) = (self.keys.object("issuer", issuer), self.keys.object("site", site));
        let mut tx = self.door().await?;
        self.count(&mut tx, &site, SITE, now).await?;
        tx.append_audit(&[sign_in_entry(None, &who, &site, "refused", now)]).await?;
        Ok(tx.commit().await?)
    }

    /// Begins a session of a person, in the one duty they hold, or in none yet where there are several.
    async fn begin_session(
        &self,
        tx: &mut Scoped,
        account: &Account,
        standing: Standing,
        how: How,
        now: Instant,
    ) -> Result<Opened, AccessError> {
        let mut duties = tx.duties_of(&[&account.id]).await?;
        duties.retain(|held| held.holds(now));
        let held = if duties.len() == 1 { duties.pop() } else { None };
        let expires_at = now.plus_hours(self.settings.absolute_h);
        let new = NewSession { account, held, kind: SessionKind::Console, standing, how, expires_at };
        self.open_session(tx, new, now).await
    }

    /// Counts a code that is given within a session, and refuses when too many were.
    pub(super) async fn count_code(&self, session: &Session, now: Instant) -> Result<(), AccessError> {
        let mut tx = self.door().await?;
        let blocked = self.count(&mut tx, &self.code_way(session), CODE, now).await?;
        tx.commit().await?;
        blocked.map_or(Ok(()), |until| Err(AccessError::Wait { until }))
    }

    /// Forgets the codes that were counted: one was right.
    pub(super) async fn forgive_code(&self, tx: &mut Scoped, session: &Session) -> Result<(), AccessError> {
        Ok(tx.forgive_attempts(&self.code_way(session), true).await?)
    }

    fn code_way(&self, session: &Session) -> String {
        self.keys.object("codes of", &session.account)
    }
}

fn may_come_in(account: &Account, now: Instant) -> bool {
    account.state == AccountState::Active && account.password_until.is_none_or(|until| now < until)
}

fn sign_in_entry(account: Option<&Account>, named: &str, site: &str, outcome: &str, now: Instant) -> NewEntry {
    NewEntry {
        at: now,
        account: account.map(|account| account.id.clone()).unwrap_or_default(),
        division: account.map(|account| account.division.to_string()).unwrap_or_default(),
        action: "sign_in".to_owned(),
        kind: "login".to_owned(),
        object: named.to_owned(),
        outcome: outcome.to_owned(),
        detail: if site.is_empty() { "{}".to_owned() } else { format!("{{\"site\":\"{site}\"}}") },
        ..NewEntry::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_and_has_an_end() {
        let waits: Vec<_> = (1..=12).map(|failures| LOGIN_AT_SITE.block_s(failures)).collect();
        let waits: Vec<i64> = waits.into_iter().map(Option::unwrap_or_default).collect();
        assert_eq!(waits, [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
        assert_eq!(SITE.block_s(i64::MAX), Some(300));
    }
}
