//! Entries of the chain of reads: how they are made from a session, and who may read them. It guarantees that an id goes in
//! as a keyed hash only.

use super::{Access, AccessError, Asked, By, Entry, NewEntry, Session};
use dayclear_core::{access::Role, time::Instant};
use dayclear_store::Scope;

/// Most entries of one answer.
const ROWS_MAX: u32 = 1_000;

impl Access<'_> {
    /// An entry of what a session did with an object. Purpose and detail are left to be filled.
    pub fn entry(
        &self,
        session: &Session,
        action: &str,
        kind: &str,
        id: &str,
        outcome: &str,
        now: Instant,
    ) -> NewEntry {
        let duty = session.duty();
        NewEntry {
            at: now,
            account: session.account.clone(),
            role: duty.map_or_else(String::new, |duty| duty.role.to_string()),
            division: duty.map_or(&session.home, |duty| &duty.division).to_string(),
            action: action.to_owned(),
            kind: kind.to_owned(),
            object: if id.is_empty() { String::new() } else { self.keys.object(kind, id) },
            purpose: String::new(),
            outcome: outcome.to_owned(),
            detail: "{}".to_owned(),
        }
    }

    /// An entry of what an administrator did with an account.
    pub(super) fn admin_entry(&self, by: By<'_>, action: &str, account: &str, detail: &str, now: Instant) -> NewEntry {
        let duty = by.duty();
        NewEntry {
            at: now,
            account: by.account().to_owned(),
            role: duty.map_or_else(String::new, |duty| duty.role.to_string()),
            division: duty.map_or_else(String::new, |duty| duty.division.to_string()),
            action: action.to_owned(),
            kind: "account".to_owned(),
            object: self.keys.object("account", account),
            purpose: String::new(),
            outcome: "done".to_owned(),
            detail: detail.to_owned(),
        }
    }

    /// Chains entries; they are durable when this returns. Give many at once: they wait for the disk together.
    pub async fn append(&self, entries: &[NewEntry]) -> Result<(), AccessError> {
        let mut tx = self.door().await?;
        tx.append_audit(entries).await?;
        Ok(tx.commit().await?)
    }

    /// Who looked at what, the newest first: for data protection officers and auditors, within their division. `about`
    /// names an object by kind and id.
    pub async fn reads(
        &self,
        session: &Session,
        asked: Asked<'_>,
        about: Option<(&str, &str)>,
    ) -> Result<Vec<Entry>, AccessError> {
        let duty = session.duty().filter(|duty| matches!(duty.role, Role::DataProtection | Role::Auditor));
        let Some(duty) = duty else { return Err(AccessError::NotAllowed { what: "read who looked at what" }) };
        let object = about.map(|(kind, id)| self.keys.object(kind, id));
        let asked =
            Asked { object: object.as_deref().or(asked.object), rows_max: asked.rows_max.clamp(1, ROWS_MAX), ..asked };
        let mut tx = self.store.look(&Scope::of(duty.division.clone())).await?;
        Ok(tx.audit_entries(&asked).await?)
    }
}
