//! What a station does in one sitting: the day it works on, the entries it makes in the books, the events it chains, the papers that
//! people are owed for it. A station fills its [`Minutes`] and hands them in once, in the transaction of its decisions.

use crate::{OpsError, travel::Travel};
use dayclear_core::{
    books::{Movement, Owner, Party, Worklist},
    divisions::DivisionCode,
    protocol::Pack,
    time::{CivilDate, Instant, Zone},
};
use dayclear_engines::dispatch::Roads;
use dayclear_store::{Scoped, books::Entry, events::NewEvent, notices::NewNotice};
use serde::Serialize;
use std::{borrow::Cow, sync::Arc};

/// Who acts when a rule acts.
pub const BY_RULE: &str = "dayclear";

/// What a city settles once: how it counts days, and in whose name it orders.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Zone of the city.
    pub zone: Zone,
    /// Statute that orders and areas rest on (R01).
    pub legal_basis: String,
    /// Body that issues them (R01).
    pub body: String,
    /// Where travel times come from.
    pub travel: Travel,
}

/// One day of the city, with the rules in force. `end` is the moment as of which everything is decided: the end of a day
/// that comes as files, now where people work in it.
#[derive(Debug, Clone, Copy)]
pub struct Day<'a> {
    /// The civil day.
    pub date: CivilDate,
    /// Its first instant.
    pub start: Instant,
    /// The first instant of the next day, or the moment given.
    pub end: Instant,
    /// The first instant of the next day, whatever the moment: what is due today is due by then.
    pub until: Instant,
    /// From when something can still be planned: a day that comes as files is planned from its start, a day in which people
    /// work from now.
    pub earliest: Instant,
    /// Zone of the city.
    pub zone: &'a Zone,
    /// Rules in force.
    pub pack: &'a Pack,
    /// Settings of the city.
    pub settings: &'a Settings,
}

impl<'a> Day<'a> {
    /// A whole day of the city.
    pub fn whole(date: CivilDate, pack: &'a Pack, settings: &'a Settings) -> Self {
        let zone = &settings.zone;
        let (start, end) = (zone.start_of(date), zone.start_of(date.plus_days(1)));
        Day { date, start, end, until: end, earliest: start, zone, pack, settings }
    }
    /// A day of the books in which people work, as of now. It begins where the day before was closed: a day that was signed
    /// in the evening leaves no gap.
    pub fn at(
        date: CivilDate,
        closed_before: Option<Instant>,
        now: Instant,
        pack: &'a Pack,
        settings: &'a Settings,
    ) -> Self {
        let whole = Day::whole(date, pack, settings);
        let start = closed_before.map_or(whole.start, |closed| closed.min(whole.start));
        Day { start, end: now, earliest: now, ..whole }
    }
    /// The day by the clock, by which what binds people ends: the books may be open on a day that is long over because nobody signed it.
    /// Where a day comes as files nobody knows what time it is, and it is that day.
    pub fn today(&self) -> CivilDate {
        if self.end == self.until { self.date } else { self.date.max(self.zone.day(self.end)) }
    }
    /// Travel times as they are known now.
    pub fn roads(&self) -> Arc<Roads> {
        self.settings.travel.roads()
    }
    /// How far back results and contacts still matter for today's decisions.
    pub fn look_back(&self) -> Instant {
        const LOOK_BACK_DAYS: i64 = 30;
        self.zone.start_of(self.date.plus_days(-LOOK_BACK_DAYS))
    }
    /// Deadline of an item by the pack.
    pub fn due(&self, worklist: Worklist, opened: Instant) -> Option<Instant> {
        self.pack.deadline(worklist, opened, self.zone).map(|decided| decided.value)
    }
}

/// A division as owner.
pub fn by_division(code: &DivisionCode) -> Owner {
    Owner { party: Party::Division, name: code.to_string() }
}

/// A site (laboratory, facility, depot, sampling site) as owner.
pub fn by_site(name: impl Into<String>) -> Owner {
    Owner { party: Party::Site, name: name.into() }
}

/// A department as owner.
pub fn by_department(name: &str) -> Owner {
    Owner { party: Party::Department, name: name.to_owned() }
}

/// Of whom something was just told: a station that is given it looks at nobody else.
#[derive(Debug, Clone, Default)]
pub struct Focus {
    /// Numbers of tubes, in order.
    pub tubes: Vec<i64>,
    /// Codes of boxes of tubes.
    pub boxes: Vec<String>,
    /// Numbers of people whom it may concern, in order.
    pub people: Vec<i64>,
    /// Numbers of people with a swab in one of the tubes, whatever it says.
    pub sampled: Vec<i64>,
    /// Ids of households.
    pub households: Vec<String>,
    /// Ids of requests.
    pub requests: Vec<String>,
    /// Whether all who wait for a bed or a vehicle are looked at.
    pub waiting: bool,
    /// Whether a day has begun: every area is looked at.
    pub day: bool,
    /// Whether it closes a pass: what looks over the whole city, whoever was told of, is done once in a pass and not in each batch.
    pub closing: bool,
}

impl Focus {
    /// Whether a station looks over the whole city: it looks at everybody, or closes a pass.
    pub fn is_over_all(focus: Option<&Focus>) -> bool {
        focus.is_none_or(|focus| focus.closing)
    }
}

/// What a station writes down.
pub struct Minutes<'a> {
    /// The day.
    pub day: &'a Day<'a>,
    actor: Cow<'static, str>,
    entries: Vec<Entry>,
    events: Vec<NewEvent>,
    papers: Vec<NewNotice>,
    void: Vec<String>,
}

impl<'a> Minutes<'a> {
    /// Empty minutes.
    pub fn of(day: &'a Day<'a>) -> Self {
        Minutes {
            day,
            actor: BY_RULE.into(),
            entries: Vec::new(),
            events: Vec::new(),
            papers: Vec::new(),
            void: Vec::new(),
        }
    }

    /// Empty minutes of what an account does.
    pub fn by(day: &'a Day<'a>, account: &str) -> Self {
        Minutes { actor: account.to_owned().into(), ..Minutes::of(day) }
    }

    /// Enters an item as it stands in the books, to end it.
    pub fn known(&mut self, entry: Entry) -> &mut Entry {
        self.entries.push(entry);
        let last = self.entries.len() - 1;
        &mut self.entries[last]
    }

    /// Enters an item, or goes on with it where it was entered in this sitting already: of two entries of one the books take the first.
    pub fn once(&mut self, entry: Entry) -> &mut Entry {
        let same = |known: &Entry| {
            known.worklist == entry.worklist && known.subject == entry.subject && known.closed.is_none()
        };
        match self.entries.iter().position(same) {
            Some(at) => &mut self.entries[at],
            None => self.known(entry),
        }
    }

    /// What was entered in this sitting and has not ended, of a worklist, by how its subject begins.
    pub fn entered(&mut self, worklist: Worklist, beginning: &str) -> impl Iterator<Item = &mut Entry> {
        self.entries.iter_mut().filter(move |entry| {
            entry.worklist == worklist && entry.closed.is_none() && entry.subject.starts_with(beginning)
        })
    }

    /// Something waits for somebody. The deadline is the pack's unless one is given.
    pub fn waits(
        &mut self,
        worklist: Worklist,
        subject: impl Into<String>,
        division: &DivisionCode,
        owner: Owner,
        since: Instant,
        reason: impl Into<String>,
    ) -> &mut Entry {
        let due_at = self.day.due(worklist, since);
        self.entries.push(Entry {
            worklist,
            subject: subject.into(),
            division: division.clone(),
            owner,
            opened_at: since,
            due_at,
            closed: None,
            reason: reason.into(),
        });
        let last = self.entries.len() - 1;
        &mut self.entries[last]
    }

    /// Something happened. The body is any serialisable value.
    pub fn event(
        &mut self,
        at: Instant,
        kind: &'static str,
        subject: impl Into<String>,
        division: &DivisionCode,
        body: &impl Serialize,
        tells: Option<&'static str>,
    ) -> Result<(), OpsError> {
        let body = serde_json::to_string(body).map_err(|error| OpsError::Inside(error.to_string()))?;
        self.events.push(NewEvent {
            at,
            actor: self.actor.clone(),
            kind,
            subject: subject.into(),
            division: division.clone(),
            body,
            tells,
        });
        Ok(())
    }

    /// Somebody is owed a paper.
    pub fn paper(&mut self, paper: NewNotice) {
        self.papers.push(paper);
    }

    /// An order has ended: a paper of it that nobody has yet is handed over no more.
    pub fn no_paper(&mut self, order: &str) {
        self.void.push(order.to_owned());
    }

    /// Whether nothing was written down.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.events.is_empty() && self.papers.is_empty() && self.void.is_empty()
    }

    /// Hands the minutes in.
    pub async fn hand_in(self, tx: &mut Scoped) -> Result<(), OpsError> {
        tx.make_notices(&self.papers).await?;
        if !self.void.is_empty() {
            tx.void_notices(&self.void.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        }
        tx.post(self.day.date, &self.entries).await?;
        tx.chain(self.day.date, self.day.end, &self.events).await?;
        Ok(())
    }
}

/// Closes an entry: at an instant, as completed or cancelled.
pub trait Close {
    /// Completed.
    fn done(&mut self, at: Instant, reason: impl Into<String>) -> &mut Self;
    /// Cancelled, with a reason.
    fn cancelled(&mut self, at: Instant, reason: impl Into<String>) -> &mut Self;
}

impl Close for Entry {
    fn done(&mut self, at: Instant, reason: impl Into<String>) -> &mut Self {
        self.closed = Some((at.max(self.opened_at), Movement::Completed));
        self.reason = reason.into();
        self
    }
    fn cancelled(&mut self, at: Instant, reason: impl Into<String>) -> &mut Self {
        self.closed = Some((at.max(self.opened_at), Movement::Cancelled));
        self.reason = reason.into();
        self
    }
}
