//! Accounts and the duties they hold. It guarantees that a login and a subject of an identity provider belong to one
//! account, that a one-time code is used once however many try, and that lists stay within the scope of the handle.

use crate::{Scoped, StoreError, value::Record};
use dayclear_core::{
    access::{Duty, Role},
    accounts::AccountState,
    divisions::DivisionCode,
    time::Instant,
};
use serde::Serialize;

/// An account. Its secrets are hashes and sealed texts; it is never printed for debugging.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// Id.
    pub id: String,
    /// What its owner signs in with.
    pub login: String,
    /// Name of its owner.
    pub name: String,
    /// Language of its pages: `en`, `zh-Hans` or `zh-Hant`.
    pub language: String,
    /// Where it belongs.
    pub division: DivisionCode,
    /// Hash of the password, if it has one.
    pub password: Option<String>,
    /// Until when a password that somebody else made holds; none for one of its owner's own.
    pub password_until: Option<Instant>,
    /// Sealed secret of its one-time codes, once enrolled.
    pub otp_secret: Option<String>,
    /// Sealed secret that is being enrolled.
    pub otp_pending: Option<String>,
    /// Whether it may sign in.
    pub state: AccountState,
    /// Issuer and subject at an identity provider, where they are linked.
    pub subject: Option<(String, String)>,
    /// When it was made.
    pub created_at: Instant,
    /// When its password, factor, state or link last changed.
    pub changed_at: Instant,
}

/// A duty that an account holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Held {
    /// Id.
    pub id: String,
    /// Account.
    pub account: String,
    /// Role, division, site.
    pub duty: Duty,
    /// Account that granted it.
    pub granted_by: String,
    /// Since when it holds.
    pub from: Instant,
    /// Until when (exclusive); none without an end.
    pub until: Option<Instant>,
}

impl Held {
    /// Whether it holds at a moment.
    pub fn holds(&self, now: Instant) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

const ACCOUNT: &str = "select id, login, name, language, division, password, password_until, otp_secret, otp_pending, \
                       state, issuer, subject, created_at, changed_at from accounts";
const DUTY: &str = "select id, account, role, division, site, granted_by, \"from\", until from duties";

impl Scoped {
    /// Adds an account; a login or subject that is there already is refused as a double.
    pub async fn add_account(&mut self, account: &Account) -> Result<(), StoreError> {
        let (issuer, subject) = account.subject.clone().unzip();
        let values = [
            (&account.id).into(),
            (&account.login).into(),
            (&account.name).into(),
            (&account.language).into(),
            (&account.division).into(),
            account.password.clone().into(),
            account.password_until.into(),
            account.otp_secret.clone().into(),
            account.otp_pending.clone().into(),
            0i64.into(),
            account.state.name().into(),
            issuer.into(),
            subject.into(),
            account.created_at.into(),
            account.changed_at.into(),
        ];
        let columns = [
            "id",
            "login",
            "name",
            "language",
            "division",
            "password",
            "password_until",
            "otp_secret",
            "otp_pending",
            "otp_step",
            "state",
            "issuer",
            "subject",
            "created_at",
            "changed_at",
        ];
        self.append("accounts", &columns, &values).await
    }

    /// The account of a login, whatever the scope.
    pub async fn account_by_login(&mut self, login: &str) -> Result<Option<Account>, StoreError> {
        self.one_account("login = $1", &[login]).await
    }

    /// An account by its id, whatever the scope.
    pub async fn account(&mut self, id: &str) -> Result<Option<Account>, StoreError> {
        self.one_account("id = $1", &[id]).await
    }

    /// The account that is linked to a subject of an identity provider.
    pub async fn account_by_subject(&mut self, issuer: &str, subject: &str) -> Result<Option<Account>, StoreError> {
        self.one_account("issuer = $1 and subject = $2", &[issuer, subject]).await
    }

    async fn one_account(&mut self, condition: &str, values: &[&str]) -> Result<Option<Account>, StoreError> {
        let values: Vec<_> = values.iter().map(|value| (*value).into()).collect();
        let rows = self.rows_text(format!("{ACCOUNT} where {condition}").into(), &values).await?;
        rows.first().map(account).transpose()
    }

    /// Accounts that belong into the scope of this handle, by login, after the one named.
    pub async fn accounts(&mut self, after: &str, rows_max: u32) -> Result<Vec<Account>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = format!("{ACCOUNT} where division >= $1 and division < $2 and login > $3 order by login limit $4");
        let values = [low.into(), high.into(), after.into(), i64::from(rows_max).into()];
        self.rows_text(sql.into(), &values).await?.iter().map(account).collect()
    }

    /// Puts a sealed secret of an account in the place of another one, if that is still there: whatever else of the account
    /// others change at this moment stays theirs.
    pub async fn exchange_sealed(&mut self, id: &str, was: &str, is: &str) -> Result<(), StoreError> {
        let sql = "update accounts set otp_secret = case when otp_secret = $2 then $3 else otp_secret end,
                otp_pending = case when otp_pending = $2 then $3 else otp_pending end
            where id = $1 and (otp_secret = $2 or otp_pending = $2)";
        self.run(sql, &[id.into(), was.into(), is.into()]).await.map(|_| ())
    }

    /// Writes what may change of an account: name, language, password, factor, state, link.
    pub async fn change_account(&mut self, account: &Account) -> Result<(), StoreError> {
        let sql = "update accounts set name = $2, language = $3, password = $4, password_until = $5, otp_secret = $6,
                       otp_pending = $7, state = $8, issuer = $9, subject = $10, changed_at = $11 where id = $1";
        let (issuer, subject) = account.subject.clone().unzip();
        let values = [
            (&account.id).into(),
            (&account.name).into(),
            (&account.language).into(),
            account.password.clone().into(),
            account.password_until.into(),
            account.otp_secret.clone().into(),
            account.otp_pending.clone().into(),
            account.state.name().into(),
            issuer.into(),
            subject.into(),
            account.changed_at.into(),
        ];
        self.run(sql, &values).await.map(|_| ())
    }

    /// Uses the code of a step; false when that step, or a later one, was used before.
    pub async fn use_otp_step(&mut self, account: &str, step: u64) -> Result<bool, StoreError> {
        let sql = "update accounts set otp_step = $2 where id = $1 and otp_step < $2";
        Ok(self.run(sql, &[account.into(), step.into()]).await? == 1)
    }

    /// Adds a duty.
    pub async fn add_duty(&mut self, held: &Held) -> Result<(), StoreError> {
        let values = [
            (&held.id).into(),
            (&held.account).into(),
            held.duty.role.name().into(),
            (&held.duty.division).into(),
            held.duty.site.clone().into(),
            (&held.granted_by).into(),
            held.from.into(),
            held.until.into(),
        ];
        let columns = ["id", "account", "role", "division", "site", "granted_by", "from", "until"];
        self.append("duties", &columns, &values).await
    }

    /// Every duty of some accounts, ended ones too, the oldest first.
    pub async fn duties_of(&mut self, accounts: &[&str]) -> Result<Vec<Held>, StoreError> {
        let keys: Vec<_> = accounts.iter().map(|account| (*account).into()).collect();
        let sql = format!("{DUTY} where account in ({{keys}}) order by account, \"from\", id");
        self.rows_for_keys(&sql, &keys).await?.iter().map(held).collect()
    }

    /// A duty by its id.
    pub async fn duty(&mut self, id: &str) -> Result<Option<Held>, StoreError> {
        let rows = self.rows_text(format!("{DUTY} where id = $1").into(), &[id.into()]).await?;
        rows.first().map(held).transpose()
    }

    /// Ends a duty now, unless it has ended before.
    pub async fn end_duty(&mut self, id: &str, now: Instant) -> Result<bool, StoreError> {
        let sql = "update duties set until = $2 where id = $1 and (until is null or until > $2)";
        Ok(self.run(sql, &[id.into(), now.into()]).await? == 1)
    }

    /// Who works in the scope of this handle now: account, login and role, by login.
    pub async fn on_duty(&mut self, now: Instant, rows_max: u32) -> Result<Vec<(String, String, Role)>, StoreError> {
        let (low, high) = self.scope.range();
        let sql = "select distinct a.id, a.login, d.role from duties d join accounts a on a.id = d.account
                   where d.division >= $1 and d.division < $2 and a.state = 'active'
                     and d.\"from\" <= $3 and (d.until is null or d.until > $3) order by a.login, d.role limit $4";
        let rows = self.rows(sql, &[low.into(), high.into(), now.into(), i64::from(rows_max).into()]).await?;
        rows.iter().map(|row| Ok((row.get(0)?, row.get(1)?, row.term(2)?))).collect()
    }

    /// Accounts that hold a role now in a division that contains the given one.
    pub async fn holders(
        &mut self,
        role: Role,
        division: &DivisionCode,
        now: Instant,
    ) -> Result<Vec<String>, StoreError> {
        let sql = "select distinct d.account from duties d join accounts a on a.id = d.account
                   where d.role = $1 and d.division = substr($2, 1, length(d.division)) and a.state = 'active'
                     and d.\"from\" <= $3 and (d.until is null or d.until > $3) order by d.account";
        let rows = self.rows(sql, &[role.name().into(), division.into(), now.into()]).await?;
        rows.iter().map(|row| row.get(0)).collect()
    }
}

fn account(row: &Record) -> Result<Account, StoreError> {
    let (issuer, subject): (Option<String>, Option<String>) = (row.get(10)?, row.get(11)?);
    Ok(Account {
        id: row.get(0)?,
        login: row.get(1)?,
        name: row.get(2)?,
        language: row.get(3)?,
        division: row.term(4)?,
        password: row.get(5)?,
        password_until: row.get(6)?,
        otp_secret: row.get(7)?,
        otp_pending: row.get(8)?,
        state: row.term(9)?,
        subject: issuer.zip(subject),
        created_at: row.get(12)?,
        changed_at: row.get(13)?,
    })
}

fn held(row: &Record) -> Result<Held, StoreError> {
    Ok(Held {
        id: row.get(0)?,
        account: row.get(1)?,
        duty: Duty { role: row.term(2)?, division: row.term(3)?, site: row.get(4)? },
        granted_by: row.get(5)?,
        from: row.get(6)?,
        until: row.get(7)?,
    })
}
