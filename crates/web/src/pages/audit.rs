//! Who looked at what, and what was done: the two chains, whether they are whole, the glass that waits for a review, and
//! hours in which somebody looked at unusually many people. For data protection officers and auditors.

use super::{
    form::Sent,
    frame::{Frame, Visit, moment, render},
    lanes::{self, Event},
    reading::Reading,
    show::{self, Shown},
};
use crate::{app::App, problem::Problem};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse, Redirect, Response},
};
use dayclear_core::{
    access::Role,
    listing::{EVENTS, Query as Question},
    time::CivilDate,
};
use dayclear_ops::access::{AccessError, Asked};
use dayclear_store::events::ChainState;
use serde_json::Value;
use std::sync::Arc;

/// One entry of the chain of reads.
pub struct Read {
    /// Number.
    pub seq: i64,
    /// When.
    pub at: String,
    /// Exact.
    pub exact: String,
    /// Account.
    pub account: String,
    /// Its login.
    pub login: String,
    /// Duty.
    pub duty: String,
    /// What.
    pub action: String,
    /// Of what.
    pub kind: String,
    /// How it ended.
    pub outcome: String,
    /// Tone of the outcome.
    pub tone: &'static str,
    /// Keyed hash of what was looked at.
    pub object: String,
    /// Further facts.
    pub detail: String,
}

/// A breaking of the glass that waits for its review.
pub struct Breaking {
    /// Id.
    pub id: String,
    /// Who broke it, as what.
    pub who: String,
    /// For whom.
    pub person: String,
    /// Why.
    pub reason: String,
    /// When.
    pub at: String,
    /// Until when it is to be reviewed.
    pub clock: Shown,
    /// Until when it holds, where it still does.
    pub holds: Option<String>,
    /// Whether it was broken by the reader, who then cannot review it.
    pub own: bool,
}

/// What a check of a chain found: its name, whether it is whole, what is said of it.
pub struct Chain {
    /// Name.
    pub word: String,
    /// Whether it is whole.
    pub whole: bool,
    /// Entries, or what is wrong where.
    pub said: String,
    /// Hash of the last one.
    pub head: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    frame: Frame,
    given: Filter,
    chains: Option<Vec<Chain>>,
    glass: Vec<Breaking>,
    hours: Vec<(String, String, String, bool)>,
    reads: Vec<Read>,
    exports: [(&'static str, String); 3],
    next: Option<String>,
    events: Vec<Event>,
}

/// What the chain of reads is asked for.
#[derive(Default)]
pub struct Filter {
    /// Account, by login or id.
    pub account: String,
    /// Person, by id.
    pub person: String,
    /// First day.
    pub from: String,
    /// Day after the last.
    pub to: String,
}

const ACTIONS: &[(&str, &str)] = &[
    ("list", "audit-list"),
    ("read", "audit-read"),
    ("search", "audit-search"),
    ("export", "audit-export"),
    ("command", "audit-command"),
    ("edit", "audit-edit"),
    ("evidence", "audit-evidence"),
    ("import", "audit-import"),
    ("sign_in", "audit-sign-in"),
    ("sign_out", "audit-sign-out"),
    ("choose_duty", "audit-choose-duty"),
    ("step_up", "audit-step-up"),
    ("break_glass", "audit-break-glass"),
    ("end_glass", "audit-end-glass"),
    ("review_glass", "audit-review-glass"),
    ("create_account", "audit-create-account"),
    ("disable_account", "audit-disable-account"),
    ("enable_account", "audit-enable-account"),
    ("reset_account", "audit-reset-account"),
    ("grant_duty", "audit-grant-duty"),
    ("revoke_duty", "audit-revoke-duty"),
    ("make_token", "audit-make-token"),
    ("end_sessions", "audit-end-sessions"),
];
/// Names of facts that entries bring along.
const FACTS: &[(&str, &str)] = &[
    ("rows", "audit-rows"),
    ("site", "audit-site"),
    ("hidden", "audit-hidden"),
    ("bytes", "audit-bytes"),
    ("role", "audit-role"),
    ("division", "field-division"),
    ("duty", "audit-duty"),
    ("days", "audit-days"),
];
const OUTCOMES: &[(&str, &str, &str)] =
    &[("done", "audit-done", "good"), ("refused", "audit-refused", "bad"), ("none", "audit-none", "wait")];

fn said(frame: &Frame, words: &[(&str, &str)], name: &str) -> String {
    words.iter().find(|(term, _)| *term == name).map_or_else(|| name.to_owned(), |(_, word)| frame.say(word))
}

fn read(app: &App, frame: &Frame, entry: &dayclear_ops::access::Entry) -> Read {
    let (word, tone) = OUTCOMES
        .iter()
        .find(|(name, ..)| *name == entry.outcome)
        .map_or((entry.outcome.clone(), ""), |(_, word, tone)| (frame.say(word), *tone));
    let role = entry.role.parse::<Role>().map(|role| frame.w.term(role)).unwrap_or_else(|_| entry.role.clone());
    let place = if entry.division.is_empty() { String::new() } else { app.place_name(&entry.division, frame.lang) };
    let duty: Vec<String> = [role, place].into_iter().filter(|part| !part.is_empty()).collect();
    let duty = frame.w.joined(&duty);
    Read {
        seq: entry.seq,
        at: moment(app, frame.lang, entry.at),
        exact: app.zone().text(entry.at),
        account: entry.account.clone(),
        login: super::accounts::said(app, frame, &entry.account),
        duty,
        action: said(frame, ACTIONS, &entry.action),
        kind: match dayclear_core::listing::Listing::named(&entry.kind) {
            Some(listing) => frame.say(&format!("list-{}", listing.name)),
            // many people at once, in a page of a list
            None if entry.kind == "listed" => frame.say("list-people"),
            // what was done says already that it was an account or a login
            None if matches!(entry.kind.as_str(), "account" | "login") => String::new(),
            None => entry.kind.clone(),
        },
        outcome: word,
        tone,
        object: entry.object.chars().take(12).collect(),
        detail: facts(app, frame, &entry.detail),
    }
}

/// Further facts of an entry, each by its name: how many rows, which columns, from which place.
fn facts(app: &App, frame: &Frame, detail: &str) -> String {
    const SHOWN_MAX: usize = 80;
    let Ok(Value::Object(facts)) = serde_json::from_str(detail) else { return String::new() };
    let said = facts.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| {
        let word =
            FACTS.iter().find(|(known, _)| known == name).map_or_else(|| name.clone(), |(_, key)| frame.say(key));
        let value = match value {
            // a hash tells one place from another by its beginning
            Value::String(hash) if name == "site" => hash.chars().take(12).collect(),
            Value::String(code) if name == "division" => app.place_name(code, frame.lang),
            Value::String(role) if name == "role" => {
                role.parse::<Role>().map_or_else(|_| role.clone(), |role| frame.w.term(role))
            }
            Value::String(text) => text.clone(),
            Value::Array(all) if all.is_empty() => return String::new(),
            other => other.to_string(),
        };
        format!("{word} {}", value.chars().take(SHOWN_MAX).collect::<String>())
    });
    said.filter(|fact| !fact.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn chain(frame: &Frame, word: &str, state: ChainState) -> Chain {
    match state {
        ChainState::Whole { events, head } => Chain {
            word: frame.say(word),
            whole: true,
            said: frame.w.get("audit-whole", &[("count", u64::try_from(events).unwrap_or_default().into())]),
            head,
        },
        ChainState::Broken { seq, problem } => Chain {
            word: frame.say(word),
            whole: false,
            said: frame.w.get("audit-broken", &[("seq", seq.to_string().into()), ("problem", problem.into())]),
            head: String::new(),
        },
    }
}

fn reader(visit: &Visit) -> Result<Role, Problem> {
    let role = visit.caller.looker.duty.role;
    if matches!(role, Role::DataProtection | Role::Auditor) { Ok(role) } else { Err(Problem::unknown()) }
}

/// What is not for this duty is left out of the page; trouble stays trouble.
fn if_allowed<T: Default>(found: Result<T, AccessError>) -> Result<T, Problem> {
    match found {
        Err(AccessError::NotAllowed { .. }) => Ok(T::default()),
        other => Ok(other?),
    }
}

/// What is not empty of some parameters, as the end of an address.
fn asking<'p>(pairs: impl Iterator<Item = (&'p str, &'p str)>) -> String {
    let pairs = pairs.filter(|(_, value)| !value.is_empty());
    let pairs: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", show::part(value))).collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// `GET /audit`.
pub async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Query(given): Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    const ROWS_SHOWN: u32 = 50;
    const HOURS_BACK: i64 = 24;
    reader(&visit)?;
    let frame = &visit.frame;
    let session = &visit.caller.session;
    let value = |name: &str| given.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone()).unwrap_or_default();
    let filter = Filter { account: value("account"), person: value("person"), from: value("from"), to: value("to") };
    let day = |text: &str| text.parse::<CivilDate>().ok().map(|day| app.zone().start_of(day));
    let access = app.access();
    let account = super::accounts::id_of(&app, filter.account.trim()).await?;
    let asked = Asked {
        account: Some(account.as_str()).filter(|account| !account.is_empty()),
        object: None,
        from: day(&filter.from),
        to: day(&filter.to),
        before: value("before").parse().ok(),
        rows_max: ROWS_SHOWN,
    };
    let about = Some(("person", filter.person.trim())).filter(|(_, person)| !person.is_empty());
    let entries = access.reads(session, asked, about).await?;
    super::accounts::learn(&app, entries.iter().map(|entry| entry.account.clone()).collect()).await?;
    let next = (entries.len() == ROWS_SHOWN as usize).then(|| {
        let before = entries.last().map(|entry| entry.seq.to_string()).unwrap_or_default();
        let (account, person) = (filter.account.as_str(), filter.person.as_str());
        let given = [("account", account), ("person", person), ("from", &filter.from), ("to", &filter.to)];
        format!("/audit{}", asking(given.into_iter().chain([("before", before.as_str())])))
    });
    let days = [("at.from", day(&filter.from).map(|_| &filter.from)), ("at.to", day(&filter.to).map(|_| &filter.to))];
    let days = days.iter().filter_map(|(name, day)| Some((*name, day.as_ref()?.as_str())));
    let taken = asking([("actor", account.as_str()), ("object", filter.person.trim())].into_iter().chain(days));
    let exports = ["csv", "xlsx", "json"].map(|format| (format, format!("/api/v1/reads.{format}{taken}")));
    let glass = if_allowed(access.unreviewed(session, app.wall()).await)?;
    super::accounts::learn(&app, glass.iter().map(|waiting| waiting.glass.account.clone()).collect()).await?;
    let hours = if_allowed(access.reading_hours(session, app.wall().plus_hours(-HOURS_BACK)).await)?;
    super::accounts::learn(&app, hours.iter().map(|hour| hour.account.clone()).collect()).await?;
    let mut reading = Reading::begin(&app, &visit).await?;
    let events = reading.asked(&EVENTS, &Question { limit: 15, ..Question::default() }).await?.rows;
    let chains = match value("check").is_empty() {
        true => None,
        false => Some(vec![
            chain(frame, "audit-chain-reads", reading.tx.check_audit().await?),
            chain(frame, "audit-chain-events", reading.tx.check_chain().await?),
        ]),
    };
    reading.finish().await?;
    let breaking = |waiting: dayclear_ops::access::Unreviewed| Breaking {
        who: format!(
            "{}, {}",
            super::accounts::said(&app, frame, &waiting.glass.account),
            frame.w.term(waiting.glass.role)
        ),
        own: waiting.glass.account == session.account,
        holds: (waiting.glass.until > app.wall()).then(|| moment(&app, frame.lang, waiting.glass.until)),
        at: moment(&app, frame.lang, waiting.glass.from),
        clock: show::clock_by(&app, frame, waiting.due_at, None, app.wall()),
        person: waiting.glass.person,
        reason: waiting.glass.reason,
        id: waiting.glass.id,
    };
    let hour = |hour: dayclear_store::reading::ReadingHour| {
        let people = frame.lang.signed(hour.people);
        (
            super::accounts::said(&app, frame, &hour.account),
            moment(&app, frame.lang, hour.hour),
            people,
            hour.alerted_at.is_some(),
        )
    };
    let title = frame.say("nav-audit");
    let page = AuditPage {
        chains,
        glass: glass.into_iter().map(breaking).collect(),
        hours: hours.into_iter().take(20).map(hour).collect(),
        exports,
        reads: entries.iter().map(|entry| read(&app, frame, entry)).collect(),
        events: events.iter().map(|row| lanes::event(&app, frame, row)).collect(),
        next,
        given: filter,
        frame: visit.frame.titled(title, &[]),
    };
    render(&page)
}

/// `POST /audit/glass/ID`: what the review of a breaking found.
pub async fn review(State(app): State<Arc<App>>, Path(id): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let finding = sent.field("finding").unwrap_or_default();
    app.access().review(&sent.visit.caller.session, &id, finding, app.wall()).await?;
    Ok(Redirect::to("/audit").into_response())
}
