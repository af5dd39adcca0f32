//! Breaking the glass: to save a life, somebody opens the record of one person for one hour, and says why. It guarantees
//! that the breaking, its event in the chain and the message to the data protection officer are one transaction, and that
//! nobody reviews their own. Whoever broke it, or the officer, may end it before its hour is over.

use super::{Access, AccessError, Glass, Session};
use dayclear_core::{access::Role, time::Instant};
use dayclear_store::{Scope, events::NewEvent};
use serde::Serialize;

const REASON_CHARS_MIN: usize = 20;
const TEXT_CHARS_MAX: usize = 2_000;
const FINDING_CHARS_MIN: usize = 10;
/// Most breakings of one answer.
const ROWS_MAX: u32 = 1_000;
const UNKNOWN: AccessError = AccessError::Unknown { what: "breaking of the glass" };
/// Topic of the message to the data protection officer.
pub const TOPIC: &str = "glass-broken";

/// A breaking that waits for its review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unreviewed {
    /// The breaking.
    pub glass: Glass,
    /// Hours since it began.
    pub age_h: i64,
    /// When its review is due.
    pub due_at: Instant,
    /// Whether that is over.
    pub overdue: bool,
}

impl Access<'_> {
    /// Breaks the glass for one person within the session's jurisdiction. Broken already, it stays as it is: the hour does
    /// not begin anew.
    pub async fn break_glass(
        &self,
        session: &Session,
        person: &str,
        reason: &str,
        now: Instant,
    ) -> Result<Glass, AccessError> {
        let duty = session.duty().filter(|duty| duty.role.may_break_glass());
        let Some(duty) = duty else { return Err(AccessError::NotAllowed { what: "break the glass" }) };
        let reason = text("reason", reason, REASON_CHARS_MIN)?;
        if !self.fresh(session, now) {
            return Err(AccessError::StepUp);
        }
        let mut tx = self.store.begin(&Scope::of(duty.division.clone())).await?;
        if tx.people_by_id(&[person]).await?.is_empty() {
            return Err(AccessError::Unknown { what: "person" });
        }
        if let Some(glass) = tx.glass_now(&session.account, person, now).await? {
            return Ok(glass);
        }
        let glass = Glass {
            id: self.id("G")?,
            account: session.account.clone(),
            role: duty.role,
            division: duty.division.clone(),
            person: person.to_owned(),
            reason,
            from: now,
            until: now.plus_minutes(self.settings.glass_min),
            reviewed_by: None,
            reviewed_at: None,
            finding: None,
        };
        let officers = tx.holders(Role::DataProtection, &duty.division, now).await?;
        tx.add_glass(&glass).await?;
        // hashed: the chain is kept for ever, a person and what was said of them is not
        let body = serde_json::json!({
            "account": glass.account,
            "role": glass.role,
            "person": self.keys.object("person", person),
            "reason": self.keys.object("reason", &glass.reason),
            "until": glass.until,
            "officers": officers,
        });
        self.chain_glass(&mut tx, session, "glass.broken", &glass, body, Some(TOPIC), now).await?;
        tx.append_audit(&[self.entry(session, "break_glass", "person", person, "done", now)]).await?;
        tx.commit().await?;
        Ok(glass)
    }

    /// Ends a breaking before its hour is over: one's own, or as a data protection officer one within the division. Ended
    /// already, it stays as it is.
    pub async fn end_glass(&self, session: &Session, id: &str, now: Instant) -> Result<Glass, AccessError> {
        let officer = self.officer(session);
        let mut tx = self.store.begin(officer.as_ref().unwrap_or(&Scope::nobody())).await?;
        let own = tx.own_glass(id, &session.account).await?;
        let glass = match (own, officer) {
            (Some(own), _) => own,
            (None, Ok(_)) => tx.glass(id).await?.ok_or(UNKNOWN)?,
            (None, Err(_)) => return Err(UNKNOWN),
        };
        if !tx.end_glass(id, now).await? {
            return Ok(glass);
        }
        let body = serde_json::json!({ "by": session.account });
        self.chain_glass(&mut tx, session, "glass.ended", &glass, body, None, now).await?;
        tx.append_audit(&[self.entry(session, "end_glass", "person", &glass.person, "done", now)]).await?;
        tx.commit().await?;
        Ok(Glass { until: now, ..glass })
    }

    /// Breakings that hold now and that this session may end: its own, and those within an officer's division.
    pub async fn to_end(&self, session: &Session, now: Instant) -> Result<Vec<Glass>, AccessError> {
        let officer = self.officer(session);
        let mut tx = self.store.look(officer.as_ref().unwrap_or(&Scope::nobody())).await?;
        let mut all = tx.glass_of(&session.account, now).await?;
        if officer.is_ok() {
            let others = tx.glass_holding(now, ROWS_MAX).await?;
            all.extend(others.into_iter().filter(|glass| glass.account != session.account));
        }
        Ok(all)
    }

    #[allow(clippy::too_many_arguments)]
    async fn chain_glass(
        &self,
        tx: &mut dayclear_store::Scoped,
        session: &Session,
        kind: &'static str,
        glass: &Glass,
        body: serde_json::Value,
        tells: Option<&'static str>,
        now: Instant,
    ) -> Result<(), AccessError> {
        let event = NewEvent {
            at: now,
            actor: session.account.clone().into(),
            kind,
            subject: glass.id.clone(),
            division: glass.division.clone(),
            body: body.to_string(),
            tells,
        };
        Ok(tx.chain(self.settings.zone.day(now), now, &[event]).await?)
    }

    /// The breaking that lets an account see a person now.
    pub async fn broken(&self, account: &str, person: &str, now: Instant) -> Result<Option<Glass>, AccessError> {
        let mut tx = self.store.glance(&Scope::nobody()).await?;
        Ok(tx.glass_now(account, person, now).await?)
    }

    /// Every breaking that holds now for an account, for the banner.
    pub async fn broken_by(&self, account: &str, now: Instant) -> Result<Vec<Glass>, AccessError> {
        let mut tx = self.store.glance(&Scope::nobody()).await?;
        Ok(tx.glass_of(account, now).await?)
    }

    /// What waits for a review by this data protection officer, the oldest first.
    pub async fn unreviewed(&self, session: &Session, now: Instant) -> Result<Vec<Unreviewed>, AccessError> {
        let division = self.officer(session)?;
        let mut tx = self.store.look(&division).await?;
        let waiting = tx.unreviewed_glass(ROWS_MAX).await?;
        let unreviewed = |glass: Glass| {
            let due_at = glass.from.plus_hours(self.settings.review_h);
            Unreviewed { age_h: now.minutes_since(glass.from) / 60, due_at, overdue: now >= due_at, glass }
        };
        Ok(waiting.into_iter().map(unreviewed).collect())
    }

    /// Writes down what a review found. A data protection officer does it, and not for a breaking of their own.
    pub async fn review(&self, session: &Session, id: &str, finding: &str, now: Instant) -> Result<Glass, AccessError> {
        let scope = self.officer(session)?;
        let finding = text("finding", finding, FINDING_CHARS_MIN)?;
        let mut tx = self.store.begin(&scope).await?;
        let glass = tx.glass(id).await?.ok_or(UNKNOWN)?;
        if glass.account == session.account {
            return Err(AccessError::NotAllowed { what: "review a breaking of its own" });
        }
        if !tx.review_glass(id, &session.account, &finding, now).await? {
            return Err(AccessError::Double { what: "review of this breaking" });
        }
        let body = serde_json::json!({ "by": session.account, "finding": self.keys.object("finding", &finding) });
        self.chain_glass(&mut tx, session, "glass.reviewed", &glass, body, None, now).await?;
        tx.append_audit(&[self.entry(session, "review_glass", "person", &glass.person, "done", now)]).await?;
        tx.commit().await?;
        let reviewed_by = Some(session.account.clone());
        Ok(Glass { reviewed_by, reviewed_at: Some(now), finding: Some(finding), ..glass })
    }

    fn officer(&self, session: &Session) -> Result<Scope, AccessError> {
        match session.duty() {
            Some(duty) if duty.role == Role::DataProtection => Ok(Scope::of(duty.division.clone())),
            _ => Err(AccessError::NotAllowed { what: "review a breaking of the glass" }),
        }
    }
}

fn text(field: &'static str, text: &str, chars_min: usize) -> Result<String, AccessError> {
    let text = text.trim();
    if (chars_min..=TEXT_CHARS_MAX).contains(&text.chars().count()) {
        return Ok(text.to_owned());
    }
    Err(AccessError::Invalid { field, expected: format!("{chars_min} to {TEXT_CHARS_MAX} characters") })
}
