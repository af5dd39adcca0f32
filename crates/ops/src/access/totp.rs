//! One-time codes of an authenticator (RFC 6238: six digits, thirty seconds, one step of tolerance to either side). The
//! secret stands sealed in the store; a code works once, because the step it belongs to is used up by one statement.

use super::{
    Access, AccessError, Opened, Session,
    sessions::{Change, How},
};
use dayclear_core::{
    accounts::{SessionEnd, Standing},
    time::Instant,
};
use dayclear_store::{Scoped, accounts::Account};
use serde::Serialize;
use totp_rs::{Builder, Secret, Totp};

/// RFC 4226 recommends 160 bits.
const SECRET_BYTES: usize = 20;
const STEP_S: u64 = 30;
const TOLERANCE_STEPS: u16 = 1;

/// What an authenticator is given, once. It is never printed for debugging.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Enrolment {
    /// As a link or a picture: `otpauth://totp/...`.
    pub uri: String,
    /// The secret, to be typed in: base 32.
    pub secret: String,
}

fn totp(secret: &[u8], login: &str, issuer: &str) -> Result<Totp, AccessError> {
    Builder::new()
        .with_secret(Secret::new(secret.into()))
        .with_skew(TOLERANCE_STEPS)
        .with_step_duration(STEP_S)
        .with_account_name(login)
        .with_issuer(Some(issuer))
        .build()
        .map_err(|error| AccessError::Inside(error.to_string()))
}

/// The step to which a code belongs, if it is right now.
fn step(secret: &[u8], code: &str, now: Instant) -> Result<Option<u64>, AccessError> {
    let code: String = code.chars().filter(|char| !char.is_whitespace()).collect();
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let seconds = u64::try_from(now.micros().div_euclid(1_000_000)).unwrap_or(0);
    Ok(totp(secret, "check", "check")?.check(&code, seconds))
}

/// The code that an authenticator with this secret (base 32) shows now. For programs that play a person.
pub fn code_of(secret: &str, now: Instant) -> Result<String, AccessError> {
    let bytes = Secret::try_from_base32(secret).map_err(|error| AccessError::Inside(error.to_string()))?;
    let seconds = u64::try_from(now.micros().div_euclid(1_000_000)).unwrap_or(0);
    Ok(totp(bytes.as_bytes(), "code", "code")?.generate(seconds).to_string())
}

impl Access<'_> {
    /// A new sealed secret for an account, and what its authenticator is given.
    pub(super) fn new_secret(&self, account: &str, login: &str) -> Result<(String, Enrolment), AccessError> {
        let secret: [u8; SECRET_BYTES] = self.random()?;
        let totp = totp(&secret, login, &self.settings.issuer)?;
        let uri = totp.to_url().map_err(|error| AccessError::Inside(error.to_string()))?;
        let enrolment = Enrolment { uri, secret: totp.secret().to_base32() };
        Ok((self.keys.seal(account, &secret, self.random()?)?, enrolment))
    }

    /// Whether a code is right for a sealed secret and was not used before; it is used up by that.
    pub(super) async fn use_code(
        &self,
        tx: &mut Scoped,
        account: &Account,
        sealed: &str,
        code: &str,
        now: Instant,
    ) -> Result<bool, AccessError> {
        match step(&self.keys.open(&account.id, sealed)?, code, now)? {
            Some(step) => Ok(tx.use_otp_step(&account.id, step).await?),
            None => Ok(false),
        }
    }

    /// Begins to enrol an authenticator, or to exchange the one there is (that needs a fresh code of it).
    pub async fn begin_enrolment(&self, session: &Session, now: Instant) -> Result<Enrolment, AccessError> {
        match session.standing {
            Standing::Enrol => {}
            Standing::Full if self.fresh(session, now) => {}
            Standing::Full => return Err(AccessError::StepUp),
            Standing::Code | Standing::Password => {
                return Err(AccessError::NotAllowed { what: "enrol an authenticator" });
            }
        }
        let mut tx = self.door().await?;
        let mut account = self.own_account(&mut tx, session).await?;
        let (sealed, enrolment) = self.new_secret(&account.id, &account.login)?;
        account.otp_pending = Some(sealed);
        account.changed_at = now;
        tx.change_account(&account).await?;
        tx.commit().await?;
        Ok(enrolment)
    }

    /// Ends enrolling with a first code: the authenticator counts from now on, other sessions of the account end, and this
    /// one goes on under a fresh token.
    pub async fn confirm_enrolment(&self, session: &Session, code: &str, now: Instant) -> Result<Opened, AccessError> {
        self.count_code(session, now).await?;
        let mut tx = self.door().await?;
        let mut account = self.own_account(&mut tx, session).await?;
        let Some(pending) = account.otp_pending.take() else {
            return Err(AccessError::NotAllowed { what: "confirm an authenticator that is not being enrolled" });
        };
        if !self.use_code(&mut tx, &account, &pending, code, now).await? {
            tx.append_audit(&[self.own_entry(session, "enrol", "refused", now)]).await?;
            tx.commit().await?;
            return Err(AccessError::Refused);
        }
        self.forgive_code(&mut tx, session).await?;
        account.otp_secret = Some(pending);
        account.changed_at = now;
        tx.change_account(&account).await?;
        tx.end_sessions_of(&account.id, &session.id, SessionEnd::AccountChanged, now).await?;
        let standing = if account.password_until.is_some() { Standing::Password } else { Standing::Full };
        let change = Change { standing, how: How::Code, held: session.held.clone() };
        let opened = self.rotate(&mut tx, session, change, now).await?;
        tx.append_audit(&[self.own_entry(session, "enrol", "done", now)]).await?;
        tx.commit().await?;
        Ok(opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1, the last six of eight digits.
    #[test]
    fn codes_of_the_standard() {
        let secret = b"12345678901234567890";
        let table = [(59, "287082", 1), (1_111_111_109, "081804", 37_037_036), (1_234_567_890, "005924", 41_152_263)];
        for (second, code, at) in table {
            let now = |offset: i64| Instant::from_micros((second + offset) * 1_000_000);
            assert_eq!(step(secret, code, now(0)).unwrap(), Some(at), "{code}");
            // one step of tolerance, counted in whole steps
            assert_eq!(step(secret, code, now(30)).unwrap(), Some(at), "{code}");
            assert_eq!(step(secret, code, now(-30)).unwrap(), Some(at), "{code}");
            assert_eq!(step(secret, code, now(90)).unwrap(), None, "{code}");
            // a minute before the first of them there was no step yet
            assert_eq!(step(secret, code, now(-60)).unwrap().is_some(), second < 60, "{code}");
        }
        for bad in ["", "28708", "2870822", "28708a", "２８７０８２"] {
            assert_eq!(step(secret, bad, Instant::from_micros(59_000_000)).unwrap(), None, "{bad}");
        }
        assert!(step(secret, " 287 082 ", Instant::from_micros(59_000_000)).unwrap().is_some());
    }
}
