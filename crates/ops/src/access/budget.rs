//! How many people somebody looks at, and records that nobody has a reason to open. The web layer calls this with each read
//! before the answer leaves; many reads share one transaction. It guarantees that a read is in the chain before it is
//! counted as allowed, and that of an unusual hour somebody is told once.

use super::{Access, AccessError, NewEntry, Session};
use dayclear_core::{
    access::{Duty, Role},
    time::{HOUR, Instant},
};
use dayclear_store::{
    Scope,
    events::Message,
    reading::{Canary, ReadingHour},
};
use std::collections::{BTreeMap, BTreeSet};

/// Topic of the message to the data protection officer.
pub const TOPIC: &str = "reading-alert";
const WINDOW_MIN: i64 = 60;
/// Whom anybody looked at, attempts and sessions that are over are kept so long; the chain of reads keeps it for ever.
const KEPT_H: i64 = 24;
const ROWS_MAX: u32 = 1_000;

/// One read by somebody: what was shown, and whom it told about.
#[derive(Clone, Debug)]
pub struct Reading {
    entry: NewEntry,
    role: Option<Role>,
    /// Hashed ids with their kinds; people are of the kind `person`.
    objects: BTreeSet<(String, String)>,
}

/// What is known of a read once it is in the chain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Different people looked at within the last sixty minutes, these included.
    pub people: u32,
    /// From how many on somebody is told.
    pub limit: u32,
    /// Whether that is reached.
    pub over: bool,
    /// Whether a record that nobody has a reason to open was among them.
    pub canary: bool,
}

const PERSON: &str = "person";
/// A person who stood in a list that was read: found by the same hash as one who was opened.
const LISTED: &str = "listed";

impl Access<'_> {
    /// A read of objects of a kind, to be noted by [`Access::note_readings`]. Ids of the kind `person` count as people; give
    /// the people whom another record tells about by [`Reading::about`].
    pub fn reading(&self, session: &Session, kind: &str, ids: &[&str], now: Instant) -> Reading {
        let objects = ids.iter().map(|id| (kind.to_owned(), self.keys.object(kind, id))).collect();
        let entry = self.entry(session, "read", kind, "", "done", now);
        Reading { entry, role: session.duty().map(|duty| duty.role), objects }
    }

    /// A read by somebody on duty, as the web layer knows them. `counted`: people opened one by one count towards the
    /// budget; those who stand in a list of many are written down, and not counted.
    pub fn reading_on_duty(
        &self,
        (account, duty): (&str, &Duty),
        (action, kind): (&str, &str),
        people: &[String],
        counted: bool,
        now: Instant,
    ) -> Reading {
        let of = if counted { PERSON } else { LISTED };
        let objects = people.iter().map(|id| (of.to_owned(), self.keys.object(PERSON, id))).collect();
        let entry = NewEntry {
            at: now,
            account: account.to_owned(),
            role: duty.role.to_string(),
            division: duty.division.to_string(),
            action: action.to_owned(),
            kind: kind.to_owned(),
            object: String::new(),
            purpose: String::new(),
            outcome: "done".to_owned(),
            detail: "{}".to_owned(),
        };
        Reading { entry, role: Some(duty.role), objects }
    }

    /// Notes one read.
    pub async fn note_reading(
        &self,
        session: &Session,
        kind: &str,
        ids: &[&str],
        now: Instant,
    ) -> Result<Verdict, AccessError> {
        let verdicts = self.note_readings(&[self.reading(session, kind, ids, now)]).await?;
        Ok(verdicts.into_iter().next().unwrap_or_default())
    }

    /// Notes reads, of one person or of many, in one transaction; a verdict for each. They are durable when this returns.
    pub async fn note_readings(&self, readings: &[Reading]) -> Result<Vec<Verdict>, AccessError> {
        let Some(now) = readings.iter().map(|reading| reading.entry.at).max() else { return Ok(Vec::new()) };
        let mut tx = self.store.begin_by_key(&Scope::nobody()).await?;
        let pairs: Vec<(&str, &str)> = readings
            .iter()
            .flat_map(|reading| reading.people().map(|object| (reading.entry.account.as_str(), object)))
            .collect();
        let objects: BTreeSet<&str> = pairs.iter().map(|(_, object)| *object).collect();
        let canaries: BTreeSet<String> = if objects.is_empty() {
            BTreeSet::new()
        } else {
            tx.canaries_among(&objects.into_iter().collect::<Vec<_>>()).await?.into_iter().collect()
        };
        tx.note_objects(&pairs, now).await?;

        let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
        for account in pairs.iter().map(|(account, _)| *account).collect::<BTreeSet<_>>() {
            let people = tx.objects_since(account, now.plus_minutes(-WINDOW_MIN)).await?;
            tx.count_reading_hour(account, hour_of(now), people).await?;
            counts.insert(account, u32::try_from(people).unwrap_or(u32::MAX));
        }

        let (mut verdicts, mut alerts) = (Vec::new(), Vec::new());
        for reading in readings {
            let account = reading.entry.account.as_str();
            let limit = reading.role.map_or(0, |role| self.settings.people_limit(role));
            let people = counts.get(account).copied().unwrap_or(0);
            let over = people > 0 && people >= limit;
            let caught: Vec<&str> = reading.people().filter(|object| canaries.contains(*object)).collect();
            if over && tx.alert_reading_hour(account, hour_of(now), now).await? {
                alerts.push(reading.alert("budget", people, limit, None));
            }
            alerts.extend(caught.iter().map(|object| reading.alert("canary", people, limit, Some(object))));
            verdicts.push(Verdict { people, limit, over, canary: !caught.is_empty() });
        }
        let messages: Vec<Message> = alerts
            .iter()
            .map(|alert| Message { topic: TOPIC, subject: alert.account.clone(), body: alert.detail.clone() })
            .collect();
        tx.tell(&messages, now).await?;
        let entries: Vec<NewEntry> = readings.iter().flat_map(Reading::entries).chain(alerts).collect();
        tx.append_audit(&entries).await?;
        tx.commit().await?;
        Ok(verdicts)
    }

    /// Marks a person's record as one that nobody has a reason to open.
    pub async fn place_canary(
        &self,
        session: &Session,
        person: &str,
        note: &str,
        now: Instant,
    ) -> Result<(), AccessError> {
        self.watches(session)?;
        let canary = Canary {
            object: self.keys.object(PERSON, person),
            note: note.trim().chars().take(200).collect(),
            placed_by: session.account.clone(),
            placed_at: now,
        };
        let mut tx = self.door().await?;
        tx.add_canary(&canary).await?;
        tx.append_audit(&[self.entry(session, "place_canary", PERSON, person, "done", now)]).await?;
        Ok(tx.commit().await?)
    }

    /// Takes the mark from a record again.
    pub async fn remove_canary(&self, session: &Session, person: &str, now: Instant) -> Result<(), AccessError> {
        self.watches(session)?;
        let mut tx = self.door().await?;
        if !tx.remove_canary(&self.keys.object(PERSON, person)).await? {
            return Err(AccessError::Unknown { what: "canary" });
        }
        tx.append_audit(&[self.entry(session, "remove_canary", PERSON, person, "done", now)]).await?;
        Ok(tx.commit().await?)
    }

    /// Records that are marked, by their hashes.
    pub async fn canaries(&self, session: &Session) -> Result<Vec<Canary>, AccessError> {
        self.watches(session)?;
        Ok(self.store.look(&Scope::nobody()).await?.canaries().await?)
    }

    /// Hours since a moment in which accounts of the session's division looked at people, the fullest first.
    pub async fn reading_hours(&self, session: &Session, since: Instant) -> Result<Vec<ReadingHour>, AccessError> {
        let scope = self.watches(session)?;
        Ok(self.store.look(&scope).await?.reading_hours(since, ROWS_MAX).await?)
    }

    /// Forgets readings, attempts and sessions that nothing asks for any more. Call it once an hour or so.
    pub async fn tidy(&self, now: Instant) -> Result<(), AccessError> {
        let mut tx = self.door().await?;
        tx.forget_readings(now.plus_hours(-KEPT_H)).await?;
        tx.forget_attempts(now.plus_hours(-KEPT_H)).await?;
        tx.forget_sessions(now.plus_hours(-KEPT_H)).await?;
        Ok(tx.commit().await?)
    }

    fn watches(&self, session: &Session) -> Result<Scope, AccessError> {
        match session.duty() {
            Some(duty) if duty.role == Role::DataProtection => Ok(Scope::of(duty.division.clone())),
            _ => Err(AccessError::NotAllowed { what: "watch over who looks at what" }),
        }
    }
}

impl Reading {
    /// Adds people whom the record tells about.
    #[must_use]
    pub fn about(mut self, access: &Access<'_>, people: &[&str]) -> Self {
        self.objects.extend(people.iter().map(|id| (PERSON.to_owned(), access.keys.object(PERSON, id))));
        self
    }

    /// Says what was done, if it was not an ordinary read: `search`, `export`.
    #[must_use]
    pub fn action(mut self, action: &str) -> Self {
        action.clone_into(&mut self.entry.action);
        self
    }

    /// Says what for.
    #[must_use]
    pub fn purpose(mut self, purpose: &str) -> Self {
        purpose.clone_into(&mut self.entry.purpose);
        self
    }

    /// Says how it ended, if not by being shown: `refused`, `glass`.
    #[must_use]
    pub fn outcome(mut self, outcome: &str) -> Self {
        outcome.clone_into(&mut self.entry.outcome);
        self
    }

    /// Adds facts as a JSON object, without personal values.
    #[must_use]
    pub fn detail(mut self, detail: &serde_json::Value) -> Self {
        self.entry.detail = detail.to_string();
        self
    }

    fn people(&self) -> impl Iterator<Item = &str> {
        self.objects.iter().filter(|(kind, _)| kind == PERSON).map(|(_, object)| object.as_str())
    }

    /// One entry for each object, so that it can be asked who looked at it; one without an object where there is none.
    fn entries(&self) -> Vec<NewEntry> {
        if self.objects.is_empty() {
            return vec![self.entry.clone()];
        }
        let entry = |(kind, object): &(String, String)| NewEntry {
            kind: kind.clone(),
            object: object.clone(),
            ..self.entry.clone()
        };
        self.objects.iter().map(entry).collect()
    }

    fn alert(&self, cause: &str, people: u32, limit: u32, object: Option<&str>) -> NewEntry {
        let entry = &self.entry;
        let detail = serde_json::json!({
            "cause": cause,
            "account": entry.account,
            "role": entry.role,
            "division": entry.division,
            "people": people,
            "limit": limit,
            "object": object,
            "at": entry.at,
        });
        NewEntry {
            action: "alert".to_owned(),
            kind: PERSON.to_owned(),
            object: object.unwrap_or_default().to_owned(),
            outcome: cause.to_owned(),
            detail: detail.to_string(),
            ..entry.clone()
        }
    }
}

/// Beginning of the clock hour.
fn hour_of(now: Instant) -> Instant {
    Instant::from_micros(now.micros().div_euclid(HOUR) * HOUR)
}
