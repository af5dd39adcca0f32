//! Duties: granted within the division of the administrator who grants them, never to oneself, and over at once when they
//! are revoked.

use super::{Access, AccessError, By, Held, accounts::login_of};
use dayclear_core::{
    access::{Duty, Role},
    accounts::AccountState,
    time::Instant,
};
use dayclear_store::Scope;

/// A duty that may be: with a site where the role is bound to one, and without where it is not.
pub fn sound(duty: Duty) -> Result<Duty, AccessError> {
    let site = duty.site.as_deref().map(str::trim).filter(|site| !site.is_empty()).map(str::to_owned);
    let expected = match (duty.role.needs_site(), &site) {
        (true, None) => format!("a laboratory, facility or vehicle, because {} is bound to one", duty.role),
        (false, Some(_)) => format!("none, because {} is not bound to a site", duty.role),
        _ => return Ok(Duty { site, ..duty }),
    };
    Err(AccessError::Invalid { field: "site", expected })
}

impl Access<'_> {
    /// In whose name a program speaks that is known by the login of its account: the account and the one duty of this role
    /// that it holds now. `None`: there is no such account, it is not active, or it holds no such duty, or several.
    pub async fn speaker(&self, login: &str, role: Role, now: Instant) -> Result<Option<(String, Duty)>, AccessError> {
        let mut tx = self.store.look(&Scope::nobody()).await?;
        let account = tx.account_by_login(&login_of(login)).await?;
        let Some(account) = account.filter(|account| account.state == AccountState::Active) else { return Ok(None) };
        let mut held = tx.duties_of(&[&account.id]).await?;
        held.retain(|held| held.duty.role == role && held.holds(now));
        match held.as_slice() {
            [one] => Ok(Some((account.id, one.duty.clone()))),
            _ => Ok(None),
        }
    }

    /// Grants a duty from now on, until a moment or until it is revoked.
    pub async fn grant(
        &self,
        by: By<'_>,
        account: &str,
        duty: Duty,
        until: Option<Instant>,
        now: Instant,
    ) -> Result<Held, AccessError> {
        let duty = sound(duty)?;
        if until.is_some_and(|until| until <= now) {
            return Err(AccessError::Invalid { field: "until", expected: "a moment to come".to_owned() });
        }
        self.administers(by, &duty.division, now)?;
        let mut tx = self.door().await?;
        let account = self.administered(&mut tx, by, account, now).await?;
        let held = Held {
            id: self.id("D")?,
            account: account.id.clone(),
            duty,
            granted_by: by.account().to_owned(),
            from: now,
            until,
        };
        let same = |other: &Held| other.holds(now) && other.duty == held.duty;
        if tx.duties_of(&[&account.id]).await?.iter().any(same) {
            return Err(AccessError::Double { what: "duty of this account" });
        }
        tx.add_duty(&held).await?;
        tx.append_audit(&[self.admin_entry(by, "grant_duty", &account.id, &detail(&held), now)]).await?;
        tx.commit().await?;
        Ok(held)
    }

    /// Revokes a duty: it is over at once, and so is every session that works in it.
    pub async fn revoke(&self, by: By<'_>, duty: &str, now: Instant) -> Result<(), AccessError> {
        let mut tx = self.door().await?;
        let held = tx.duty(duty).await?.ok_or(AccessError::Unknown { what: "duty" })?;
        match self.administers(by, &held.duty.division, now) {
            Err(AccessError::NotAllowed { .. }) => return Err(AccessError::Unknown { what: "duty" }),
            other => other?,
        }
        if tx.end_duty(duty, now).await? {
            tx.end_sessions_in(duty, now).await?;
            tx.append_audit(&[self.admin_entry(by, "revoke_duty", &held.account, &detail(&held), now)]).await?;
        }
        Ok(tx.commit().await?)
    }
}

fn detail(held: &Held) -> String {
    let duty = &held.duty;
    serde_json::json!({ "duty": held.id, "role": duty.role, "division": duty.division, "site": duty.site }).to_string()
}
