//! Accounts: made, disabled, reset and linked by an administrator within their division, or by the operator at the machine.
//! There is no other way back into an account: nobody resets their own. It guarantees that an account which works beyond
//! the administrator's division cannot be touched by them.

use super::{Access, AccessError, By, Enrolment, Held, password};
use dayclear_core::{
    accounts::{AccountState, SUBJECT_BYTES_MAX, SessionEnd},
    divisions::DivisionCode,
    time::Instant,
};
use dayclear_store::{Scope, Scoped, accounts::Account};
use serde::Serialize;

/// Languages of the console.
pub const LANGUAGES: [&str; 3] = ["en", "zh-Hans", "zh-Hant"];
/// Most accounts of one answer.
const ROWS_MAX: u32 = 1_000;

/// Where a new account's password comes from.
#[derive(Clone, Copy)]
pub enum NewPassword<'a> {
    /// It has none: a machine, or somebody who signs in at an identity provider.
    None,
    /// One is made here, holds for some days, and must be changed.
    OneTime,
    /// Given by its owner.
    Given(&'a str),
}

/// An account to be made.
#[derive(Clone)]
pub struct NewAccount<'a> {
    /// Login: letters, digits and `. _ - @`.
    pub login: &'a str,
    /// Name of its owner.
    pub name: &'a str,
    /// Language of its pages.
    pub language: &'a str,
    /// Where it belongs.
    pub division: DivisionCode,
    /// Its password.
    pub password: NewPassword<'a>,
    /// Whether an authenticator is enrolled at once, so that the secret can be handed over with the password.
    pub enrol: bool,
}

/// An account that was made or reset, with what is shown once. It is never printed for debugging.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Created {
    /// Id of the account.
    pub id: String,
    /// Password for one use.
    pub one_time_password: Option<String>,
    /// What the authenticator is given.
    pub enrolment: Option<Enrolment>,
}

/// An account as an administrator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Id.
    pub id: String,
    /// Login.
    pub login: String,
    /// Name.
    pub name: String,
    /// Language of its pages.
    pub language: String,
    /// Where it belongs.
    pub division: DivisionCode,
    /// Whether it may sign in.
    pub state: AccountState,
    /// Whether it has a password.
    pub password: bool,
    /// Whether an authenticator is enrolled.
    pub authenticator: bool,
    /// Issuer of the identity provider it is linked to.
    pub issuer: Option<String>,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub changed_at: Instant,
    /// Duties, ended ones too.
    pub duties: Vec<Held>,
}

/// A login as it is stored: without spaces around it, in lower case.
pub(super) fn login_of(text: &str) -> String {
    text.trim().to_lowercase()
}

fn checked_login(text: &str) -> Result<String, AccessError> {
    let login = login_of(text);
    let good = (2..=64).contains(&login.len())
        && login.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-@".contains(&byte));
    let expected = "2 to 64 letters, digits or . _ - @".to_owned();
    if good { Ok(login) } else { Err(AccessError::Invalid { field: "login", expected }) }
}

fn checked_name(text: &str) -> Result<String, AccessError> {
    let name = text.trim();
    let good = (1..=100).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    let expected = "1 to 100 characters".to_owned();
    if good { Ok(name.to_owned()) } else { Err(AccessError::Invalid { field: "name", expected }) }
}

fn checked_language(text: &str) -> Result<String, AccessError> {
    let expected = LANGUAGES.join(", ");
    if LANGUAGES.contains(&text) {
        Ok(text.to_owned())
    } else {
        Err(AccessError::Invalid { field: "language", expected })
    }
}

/// An issuer and a subject as a provider may name them (OpenID Connect Core, sections 2 and 5.7).
fn checked_subject(issuer: &str, subject: &str) -> Result<(), AccessError> {
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_graphic());
    let address = issuer.starts_with("https://") || issuer.starts_with("http://");
    if !address || !plain(issuer) {
        let expected = "the address of the provider exactly as its settings have it, https://...".to_owned();
        return Err(AccessError::Invalid { field: "issuer", expected });
    }
    if !(1..=SUBJECT_BYTES_MAX).contains(&subject.len()) || !subject.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        let expected = "the provider's own id of the person (`sub`): 1 to 255 ASCII characters".to_owned();
        return Err(AccessError::Invalid { field: "subject", expected });
    }
    Ok(())
}

impl Access<'_> {
    /// Makes an account.
    pub async fn create(&self, by: By<'_>, new: &NewAccount<'_>, now: Instant) -> Result<Created, AccessError> {
        self.administers(by, &new.division, now)?;
        let (login, id) = (checked_login(new.login)?, self.id("U")?);
        let (hash, one_time) = match new.password {
            NewPassword::None => (None, None),
            NewPassword::OneTime => {
                let (hash, password) = self.one_time_password().await?;
                (Some(hash), Some(password))
            }
            NewPassword::Given(password) => {
                password::acceptable(&login, password)?;
                (Some(self.settings.hasher.hash(password, self.random()?).await?), None)
            }
        };
        let (secret, enrolment) = if new.enrol { Some(self.new_secret(&id, &login)?) } else { None }.unzip();
        let account = Account {
            id: id.clone(),
            login,
            name: checked_name(new.name)?,
            language: checked_language(new.language)?,
            division: new.division.clone(),
            password: hash,
            password_until: one_time.as_ref().map(|_| now.plus_hours(self.settings.one_time_h)),
            otp_secret: secret,
            otp_pending: None,
            state: AccountState::Active,
            subject: None,
            created_at: now,
            changed_at: now,
        };
        let mut tx = self.door().await?;
        tx.add_account(&account).await.map_err(AccessError::double("login"))?;
        tx.append_audit(&[self.admin_entry(by, "create_account", &id, "{}", now)]).await?;
        tx.commit().await?;
        Ok(Created { id, one_time_password: one_time, enrolment })
    }

    async fn one_time_password(&self) -> Result<(String, String), AccessError> {
        let password = password::one_time(&self.random()?);
        Ok((self.settings.hasher.hash(&password, self.random()?).await?, password))
    }

    /// Accounts that belong into a division, by login, after the one named. Where no division is given it is the
    /// administrator's own, and every one for the operator.
    pub async fn accounts(
        &self,
        by: By<'_>,
        division: Option<&DivisionCode>,
        after: &str,
        rows_max: u32,
        now: Instant,
    ) -> Result<Vec<Summary>, AccessError> {
        let scope = match division.or_else(|| by.duty().map(|duty| &duty.division)) {
            None if matches!(by, By::Operator) => Scope::everything(Scope::nobody().division().clone()),
            None => return Err(AccessError::NotAllowed { what: "administer accounts" }),
            // reading a list is not sensitive: it needs the duty, and no fresh code
            Some(division) => match self.administers(by, division, now) {
                Ok(()) | Err(AccessError::StepUp) => Scope::of(division.clone()),
                Err(error) => return Err(error),
            },
        };
        let mut tx = self.store.look(&scope).await?;
        let accounts = tx.accounts(after, rows_max.clamp(1, ROWS_MAX)).await?;
        let ids: Vec<&str> = accounts.iter().map(|account| account.id.as_str()).collect();
        let duties = tx.duties_of(&ids).await?;
        Ok(accounts.into_iter().map(|account| summary(account, &duties)).collect())
    }

    /// An account by its login, for the operator and for an administrator of its division.
    pub async fn account_of(&self, by: By<'_>, login: &str, now: Instant) -> Result<Summary, AccessError> {
        let mut tx = self.store.look(&Scope::nobody()).await?;
        let account = tx.account_by_login(&login_of(login)).await?;
        let account = account.ok_or(AccessError::Unknown { what: "account" })?;
        match self.administers(by, &account.division, now) {
            Ok(()) | Err(AccessError::StepUp) => {}
            Err(_) => return Err(AccessError::Unknown { what: "account" }),
        }
        let duties = tx.duties_of(&[&account.id]).await?;
        Ok(summary(account, &duties))
    }

    /// An account that somebody may administer now: it belongs into their division, every duty it holds lies there too, and
    /// it is not their own.
    pub(super) async fn administered(
        &self,
        tx: &mut Scoped,
        by: By<'_>,
        id: &str,
        now: Instant,
    ) -> Result<Account, AccessError> {
        let account = tx.account(id).await?.ok_or(AccessError::Unknown { what: "account" })?;
        let By::Person(session) = by else { return Ok(account) };
        match self.administers(by, &account.division, now) {
            Ok(()) => {}
            Err(AccessError::NotAllowed { .. }) => return Err(AccessError::Unknown { what: "account" }),
            Err(error) => return Err(error),
        }
        if account.id == session.account {
            return Err(AccessError::NotAllowed { what: "administer its own account" });
        }
        for held in tx.duties_of(&[id]).await?.iter().filter(|held| held.until.is_none_or(|until| now < until)) {
            self.administers(by, &held.duty.division, now)?;
        }
        Ok(account)
    }

    /// Lets an account sign in, or no longer; disabled, none of its sessions holds.
    pub async fn set_state(&self, by: By<'_>, id: &str, state: AccountState, now: Instant) -> Result<(), AccessError> {
        let mut tx = self.door().await?;
        let mut account = self.administered(&mut tx, by, id, now).await?;
        (account.state, account.changed_at) = (state, now);
        tx.change_account(&account).await?;
        let action = match state {
            AccountState::Active => "enable_account",
            AccountState::Disabled => {
                tx.end_sessions_of(id, "", SessionEnd::AccountChanged, now).await?;
                "disable_account"
            }
        };
        tx.append_audit(&[self.admin_entry(by, action, id, "{}", now)]).await?;
        Ok(tx.commit().await?)
    }

    /// Gives an account a password for one use and takes its authenticator away, so that its owner enrols another. Its
    /// sessions end.
    pub async fn reset(&self, by: By<'_>, id: &str, now: Instant) -> Result<Created, AccessError> {
        let (hash, password) = self.one_time_password().await?;
        let mut tx = self.door().await?;
        let mut account = self.administered(&mut tx, by, id, now).await?;
        account.password = Some(hash);
        account.password_until = Some(now.plus_hours(self.settings.one_time_h));
        (account.otp_secret, account.otp_pending) = (None, None);
        account.changed_at = now;
        tx.change_account(&account).await?;
        tx.end_sessions_of(id, "", SessionEnd::AccountChanged, now).await?;
        tx.append_audit(&[self.admin_entry(by, "reset_account", id, "{}", now)]).await?;
        tx.commit().await?;
        Ok(Created { id: id.to_owned(), one_time_password: Some(password), enrolment: None })
    }

    /// Links an account to a subject of an identity provider, or unlinks it. Its sessions end: they may have come in by the
    /// link that is no more.
    pub async fn link(
        &self,
        by: By<'_>,
        id: &str,
        subject: Option<(&str, &str)>,
        now: Instant,
    ) -> Result<(), AccessError> {
        if let Some((issuer, subject)) = subject {
            checked_subject(issuer, subject)?;
        }
        let mut tx = self.door().await?;
        let mut account = self.administered(&mut tx, by, id, now).await?;
        account.subject = subject.map(|(issuer, subject)| (issuer.to_owned(), subject.to_owned()));
        account.changed_at = now;
        tx.change_account(&account).await.map_err(AccessError::double("linked subject"))?;
        tx.end_sessions_of(id, "", SessionEnd::AccountChanged, now).await?;
        let action = if subject.is_some() { "link_account" } else { "unlink_account" };
        tx.append_audit(&[self.admin_entry(by, action, id, "{}", now)]).await?;
        Ok(tx.commit().await?)
    }

    /// Sets the language of one's own pages.
    pub async fn set_language(
        &self,
        session: &super::Session,
        language: &str,
        now: Instant,
    ) -> Result<(), AccessError> {
        let mut tx = self.door().await?;
        let mut account = self.own_account(&mut tx, session).await?;
        (account.language, account.changed_at) = (checked_language(language)?, now);
        tx.change_account(&account).await?;
        Ok(tx.commit().await?)
    }
}

fn summary(account: Account, duties: &[Held]) -> Summary {
    Summary {
        duties: duties.iter().filter(|held| held.account == account.id).cloned().collect(),
        id: account.id,
        login: account.login,
        name: account.name,
        language: account.language,
        division: account.division,
        state: account.state,
        password: account.password.is_some(),
        authenticator: account.otp_secret.is_some(),
        issuer: account.subject.map(|(issuer, _)| issuer),
        created_at: account.created_at,
        changed_at: account.changed_at,
    }
}
