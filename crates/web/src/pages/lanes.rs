//! A course of events in two lanes: what was observed, and what was decided on it, each decision with why. It also has the
//! words for what the chain of events holds. Pages fill it from their lists; here it is put in order by day.

use super::{
    frame::Frame,
    reading::{self, Reading, text},
    record::{Why, reasons},
};
use crate::{app::App, problem::Problem};
use dayclear_core::{
    listing::{Cell, EVENTS, Row},
    time::{CivilDate, Instant},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// Words of what the chain holds, by kind of event.
const KINDS: &[(&str, &str)] = &[
    ("bed.set", "event-bed-set"),
    ("bulletin.corrected", "event-bulletin-corrected"),
    ("bulletin.published", "event-bulletin-published"),
    ("case.classified", "event-case-classified"),
    ("case.merged", "event-case-merged"),
    ("case.opened", "event-case-opened"),
    ("case.split", "event-case-split"),
    ("case.withdrawn", "event-case-withdrawn"),
    ("contact.listed", "event-contact-listed"),
    ("letter.named", "event-letter-named"),
    ("letter.sent", "event-letter-sent"),
    ("letter.dropped", "event-letter-dropped"),
    ("letter.received", "event-letter-received"),
    ("letter.said", "event-letter-said"),
    ("letter.settled", "event-letter-settled"),
    ("letter.answered", "event-letter-answered"),
    ("exposure.asked", "event-exposure-asked"),
    ("exposure.listed", "event-exposure-listed"),
    ("exposure.refused", "event-exposure-refused"),
    ("exposure.withdrawn", "event-exposure-withdrawn"),
    ("exposure.deleted", "event-exposure-deleted"),
    ("search.asked", "event-search-asked"),
    ("search.refused", "event-search-refused"),
    ("search.approved", "event-search-approved"),
    ("search.declined", "event-search-declined"),
    ("search.deleted", "event-search-deleted"),
    ("list.handed_out", "event-list-handed-out"),
    ("visits.deleted", "event-visits-deleted"),
    ("contacts.deleted", "event-contacts-deleted"),
    ("contacts.pseudonymised", "event-contacts-pseudonymised"),
    ("follow.code", "event-follow-code"),
    ("follow.messages", "event-follow-messages"),
    ("message.recalled", "event-message-recalled"),
    ("message.unanswered", "event-message-unanswered"),
    ("messages.pseudonymised", "event-messages-pseudonymised"),
    ("replies.pseudonymised", "event-replies-pseudonymised"),
    ("sending.made", "event-sending-made"),
    ("sending.released", "event-sending-released"),
    ("sending.stopped", "event-sending-stopped"),
    ("contact.objected", "event-contact-objected"),
    ("contact.released", "event-contact-released"),
    ("follow.began", "event-follow-began"),
    ("follow.ended", "event-follow-ended"),
    ("follow.missed", "event-follow-missed"),
    ("follow.moved", "event-follow-moved"),
    ("follow.symptoms", "event-follow-symptoms"),
    ("day.signed", "event-day-signed"),
    ("doubt.resolved", "event-doubt-resolved"),
    ("obligation.done", "event-obligation-done"),
    ("obligation.dropped", "event-obligation-dropped"),
    ("obligation.given", "event-obligation-given"),
    ("obligation.returned", "event-obligation-returned"),
    ("obligation.shown", "event-obligation-shown"),
    ("free.changed", "event-free-changed"),
    ("gate.counted", "event-gate-counted"),
    ("report.corrected", "event-report-corrected"),
    ("report.signed", "event-report-signed"),
    ("file.imported", "event-file-imported"),
    ("file.read", "event-file-read"),
    ("glass.broken", "event-glass-broken"),
    ("glass.ended", "event-glass-ended"),
    ("glass.reviewed", "event-glass-reviewed"),
    ("item.assigned", "event-item-assigned"),
    ("item.escalated", "event-item-escalated"),
    ("item.settled", "event-item-settled"),
    ("items.escalated", "event-items-escalated"),
    ("order.ended", "event-order-ended"),
    ("order.issued", "event-order-issued"),
    ("order.reconsidered", "event-order-reconsidered"),
    ("order.set_aside", "event-order-set-aside"),
    ("order.taken_up", "event-order-taken-up"),
    ("people.distinct", "event-people-distinct"),
    ("people.merged", "event-people-merged"),
    ("people.split", "event-people-split"),
    ("presence.stated", "event-presence-stated"),
    ("record.edited", "event-record-edited"),
    ("request.answered", "event-request-answered"),
    ("request.made", "event-request-made"),
    ("request.reopened", "event-request-reopened"),
    ("result.changed", "event-result-changed"),
    ("result.late", "event-result-late"),
    ("box.stands", "event-box-stands"),
    ("tube.lost", "event-tube-lost"),
    ("tube.found", "event-tube-found"),
    ("appeal.decided", "event-appeal-decided"),
    ("appeal.outside", "event-appeal-outside"),
    ("appeal.filed", "event-appeal-filed"),
    ("notice.handed", "event-notice-handed"),
    ("notice.read", "event-notice-read"),
    ("notice.returned", "event-notice-returned"),
    ("extension.approved", "event-extension-approved"),
    ("extension.asked", "event-extension-asked"),
    ("extension.forbidden", "event-extension-forbidden"),
    ("extension.refused", "event-extension-refused"),
    ("round.approved", "event-round-approved"),
    ("round.asked", "event-round-asked"),
    ("round.cancelled", "event-round-cancelled"),
    ("round.closed", "event-round-closed"),
    ("round.opened", "event-round-opened"),
    ("round.planned", "event-round-planned"),
    ("round.refused", "event-round-refused"),
    ("ticket.decided", "event-ticket-decided"),
    ("ticket.ended", "event-ticket-ended"),
    ("ticket.opened", "event-ticket-opened"),
    ("ticket.refused", "event-ticket-refused"),
    ("ticket.rung", "event-ticket-rung"),
    ("ticket.step", "event-ticket-step"),
    ("ticket.taken", "event-ticket-taken"),
    ("treatment.arranged", "event-treatment-arranged"),
    ("treatment.declined", "event-treatment-declined"),
    ("treatment.done", "event-treatment-done"),
    ("treatment.freed", "event-treatment-freed"),
    ("treatment.planned", "event-treatment-planned"),
    ("treatment.refused", "event-treatment-refused"),
    ("supply.planned", "event-supply-planned"),
    ("area.named", "event-area-named"),
    ("arrivals.pseudonymised", "event-arrivals-pseudonymised"),
    ("letters.pseudonymised", "event-letters-pseudonymised"),
    ("mediation.failed", "event-mediation-failed"),
    ("mediation.noted", "event-mediation-noted"),
    ("mediation.opened", "event-mediation-opened"),
    ("mediation.settled", "event-mediation-settled"),
    ("parcel.delivered", "event-parcel-delivered"),
    ("parcel.here", "event-parcel-here"),
    ("parcel.missed", "event-parcel-missed"),
    ("parcel.not_here", "event-parcel-not_here"),
    ("parcel.run_left", "event-parcel-run_left"),
    ("parcel.runs_planned", "event-parcel-runs_planned"),
    ("request.merged", "event-request-merged"),
    ("request.parted", "event-request-parted"),
    ("supply.asked", "event-supply-asked"),
    ("supply.priced", "event-supply-priced"),
    ("bulletin.approved", "event-bulletin-approved"),
    ("transfer.admitted", "event-transfer-admitted"),
    ("transfer.booked", "event-transfer-booked"),
    ("transfer.cancelled", "event-transfer-cancelled"),
    ("transfer.claimed", "event-transfer-claimed"),
    ("transfer.ended", "event-transfer-ended"),
    ("transfer.released", "event-transfer-released"),
    ("transfer.reported", "event-transfer-reported"),
    ("transfer.requested", "event-transfer-requested"),
    ("zone.ended_early", "event-zone-ended_early"),
    ("zone.extended", "event-zone-extended"),
    ("zone.opened", "event-zone-opened"),
    ("zone.reconsidered", "event-zone-reconsidered"),
    ("zone.released", "event-zone-released"),
    ("zone.suspended", "event-zone-suspended"),
    ("zone.taken_up", "event-zone-taken_up"),
];

/// A kind of event in words; one without any is shown as it is written.
pub fn kind_said(frame: &Frame, kind: &str) -> String {
    KINDS.iter().find(|(name, _)| *name == kind).map_or_else(|| kind.to_owned(), |(_, word)| frame.say(word))
}

/// When something happened: at a moment, or on a day that has no hour.
#[derive(Clone, Copy)]
pub enum When {
    /// At a moment.
    At(Instant),
    /// On a day.
    On(CivilDate),
}

/// One thing that was observed or decided.
pub struct Entry {
    /// When.
    pub when: When,
    /// Whether it was observed; otherwise it was decided.
    pub seen: bool,
    /// What.
    pub title: String,
    /// More about it.
    pub text: String,
    /// Why it was decided so.
    pub why: Vec<Why>,
    /// Where it is looked at.
    pub link: Option<String>,
    /// A mark that asks for attention: tone and word of a state.
    pub mark: Option<(&'static str, String)>,
}

impl Entry {
    /// Something observed.
    pub fn seen(when: When, title: String) -> Self {
        Entry { when, seen: true, title, text: String::new(), why: Vec::new(), link: None, mark: None }
    }
    /// Something decided.
    pub fn decided(when: When, title: String, why: Vec<Why>) -> Self {
        Entry { seen: false, why, ..Entry::seen(when, title) }
    }
    /// With more about it.
    #[must_use]
    pub fn saying(mut self, text: String) -> Self {
        self.text = text;
        self
    }
    /// With a place where it is looked at.
    #[must_use]
    pub fn at(mut self, link: String) -> Self {
        self.link = Some(link);
        self
    }
}

/// An entry with its hour.
pub struct Placed {
    /// Hour and minute; empty where only the day is known.
    pub clock: String,
    /// Exact moment or day.
    pub exact: String,
    /// What it is.
    pub entry: Entry,
}

/// What happened on one day.
pub struct DayLane {
    /// Day, written out.
    pub date: String,
    /// Entries in their order.
    pub entries: Vec<Placed>,
}

/// Entries by day, in order; on one moment what was observed stands before what was decided on it.
pub fn lanes(app: &App, frame: &Frame, mut entries: Vec<Entry>) -> Vec<DayLane> {
    let key = |entry: &Entry| match entry.when {
        When::At(at) => (app.zone().day(at), at, !entry.seen),
        // what was decided on a day without an hour rests on what was seen on it
        When::On(day) if entry.seen => (day, app.zone().start_of(day), false),
        When::On(day) => (day, app.zone().start_of(day.plus_days(1)), true),
    };
    entries.sort_by_key(key);
    let mut days: BTreeMap<CivilDate, Vec<Placed>> = BTreeMap::new();
    for entry in entries {
        let (day, ..) = key(&entry);
        let (clock, exact) = match entry.when {
            When::At(at) => {
                let (hour, minute) = app.zone().clock(at);
                (format!("{hour:02}:{minute:02}"), app.zone().text(at))
            }
            When::On(day) => (String::new(), day.to_string()),
        };
        days.entry(day).or_default().push(Placed { clock, exact, entry });
    }
    days.into_iter().map(|(day, entries)| DayLane { date: frame.lang.date(day), entries }).collect()
}

/// Why a value of a list was decided, with packs by their names. A reason of another form is shown as its parts.
pub fn why(frame: &Frame, cell: &Cell) -> Vec<Why> {
    let Cell::Data(data) = cell else { return Vec::new() };
    let mut found = reasons(data);
    for why in &mut found {
        why.pack = frame.w.pack(&why.pack);
    }
    if found.is_empty()
        && let Value::Object(map) = data
    {
        let said = |value: &Value| match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            Value::Array(parts) => Some(
                parts
                    .iter()
                    .map(|part| part.as_str().map_or(part.to_string(), str::to_owned))
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            other => Some(other.to_string()),
        };
        let inputs: Vec<(String, String)> =
            map.iter().filter_map(|(name, value)| Some((name.clone(), said(value)?))).collect();
        if let Some((_, clause)) = inputs.first().cloned() {
            found.push(Why { clause, mark: String::new(), pack: String::new(), inputs });
        }
    }
    found
}

/// One line of what the chain holds about a subject.
pub struct Event {
    /// Number in the chain.
    pub seq: i64,
    /// When.
    pub at: String,
    /// Exact moment.
    pub exact: String,
    /// What.
    pub what: String,
    /// Who.
    pub actor: String,
    /// The facts, where the duty may see them.
    pub facts: Vec<(String, String)>,
}

/// What the chain holds about subjects, the latest first; nothing for a duty that does not read the chain.
pub async fn history(
    app: &App,
    frame: &Frame,
    reading: &mut Reading<'_>,
    subjects: &[&str],
) -> Result<Vec<Event>, Problem> {
    const EVENTS_SHOWN: usize = 50;
    let subjects = subjects.iter().filter(|subject| !subject.is_empty() && !subject.contains(',')).copied();
    let named = subjects.collect::<Vec<_>>().join(",");
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let rows = reading.rows(&EVENTS, &[("subject", &named)], EVENTS_SHOWN).await?.rows;
    Ok(rows.iter().map(|row| event(app, frame, row)).collect())
}

/// A row of the chain as a line.
pub fn event(app: &App, frame: &Frame, row: &Row) -> Event {
    let at = reading::at(&EVENTS, row, "at");
    let facts = match row.get(&EVENTS, "body") {
        Cell::Data(Value::Object(map)) => {
            let said = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            map.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.clone(), said(value))).collect()
        }
        _ => Vec::new(),
    };
    let actor = super::accounts::said(app, frame, text(&EVENTS, row, "actor"));
    Event {
        seq: reading::number(&EVENTS, row, "seq"),
        at: at.map(|at| super::frame::moment(app, frame.lang, at)).unwrap_or_default(),
        exact: at.map(|at| app.zone().text(at)).unwrap_or_default(),
        what: kind_said(frame, text(&EVENTS, row, "kind")),
        actor,
        facts,
    }
}
