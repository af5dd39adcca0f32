//! The desk: what people do, one transaction for each command, on one record or on ten thousand alike. It may use the
//! store and the stations. It guarantees that a command acts once under its key, that it acts on nothing its duty cannot
//! see, that it is an event of the chain in its own transaction, and that a refusal says what to do. Words that a person
//! types may tell of anybody: they stand in the event and in fields that are declared sensitive, and in no other place.

use crate::{
    OpsError,
    access::Keys,
    agenda,
    listing::Looker,
    minutes::{Minutes, Settings},
};
use dayclear_core::{
    access::Role,
    command::Command,
    exposures::SiteState,
    listing::Cell,
    messages::SendingState,
    protocol::Packs,
    time::{CivilDate, Instant},
};
use dayclear_store::{
    Scoped, Store, StoreError,
    commands::{Bulk, Once},
};
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashSet},
    pin::Pin,
};

pub(crate) mod appeals;
mod beds;
mod boxes;
mod bulletins;
pub mod crew;
mod days;
mod deliveries;
mod directions;
mod doors;
mod doubts;
mod edit;
pub(crate) mod exposures;
mod extensions;
mod facilities;
pub mod heard;
mod holds;
mod identity;
mod incoming;
mod input;
mod items;
mod letters;
mod messages;
mod notices;
mod obligations;
mod offers;
mod orders;
mod outside;
mod posts;
mod presence;
mod report;
mod reports;
mod requests;
mod room;
mod rounds;
mod searches;
pub(crate) mod supplies;
mod tickets;
mod transfers;
mod treatments;
mod wards;
mod withdrawals;

pub use edit::{Edited, edit, etag_of};
pub use input::{Given, read};
pub use offers::{Offer, offers};
pub use report::{Counts, Report, Verdict};
pub(crate) use room::{Room, again, city_scope, digest_of, inside, room};
pub use rounds::estimate;

/// From so many records on a command is counted in the tally that everybody can read (R16, I06).
pub const BULK_MIN: usize = 50;
/// Records of one command at most.
pub const RECORDS_MAX: usize = 20_000;

/// The circumstances of a command: who, when, under which rules.
#[derive(Clone, Copy)]
pub struct Doing<'a> {
    /// Who.
    pub looker: &'a Looker,
    /// When.
    pub now: Instant,
    /// Whether a second factor was given a short while ago.
    pub stepped_up: bool,
    /// Packs.
    pub packs: &'a Packs,
    /// Id of a pack, or name of a disease: the rules in force.
    pub pack: &'a str,
    /// Settings of the city.
    pub settings: &'a Settings,
    /// Key under which the command acts once; `None`: the caller takes the risk of doing it twice.
    pub key: Option<&'a str>,
    /// Keys by which the digits of a door are known; `None`: nobody can check them here.
    pub keys: Option<&'a Keys>,
}

/// Why a command was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// It does not exist, or not for this duty.
    #[error("there is no such record here")]
    Unknown,
    /// The role may not do it.
    #[error("{role} may not do this; it is for: {}", .allowed.iter().map(|role| role.name()).collect::<Vec<_>>().join(", "))]
    NotYours {
        /// Role.
        role: Role,
        /// Roles that may.
        allowed: &'static [Role],
    },
    /// It wants a fresh second factor.
    #[error("this wants a second factor of the last ten minutes; confirm with a code and do it again")]
    StepUp,
    /// What was given cannot be taken.
    #[error("{}", .0.iter().map(|fault| format!("{}: expected {}", fault.field, fault.expected)).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<FieldFault>),
    /// A scarce thing is taken.
    #[error("{thing} is taken by {holder} since {since}; choose another")]
    Taken {
        /// What.
        thing: String,
        /// By whom.
        holder: String,
        /// Since when.
        since: Instant,
    },
    /// The record stands otherwise than the command needs.
    #[error("this is {is}; {remedy}")]
    State {
        /// How it stands.
        is: String,
        /// What to do.
        remedy: String,
    },
    /// Somebody else changed the same fields.
    #[error("{} changed since you looked; look again", .0.iter().map(|stale| stale.field.as_str()).collect::<Vec<_>>().join(", "))]
    Stale(Vec<StaleField>),
    /// The key was used for something else.
    #[error("this key was used for another command; use a new key")]
    OtherBody,
    /// The day is closed.
    #[error("{day} is closed and signed; facts that come later belong to the next day")]
    Closed {
        /// Day.
        day: CivilDate,
    },
}

/// A field that somebody else changed since it was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize)]
pub struct StaleField {
    /// Field.
    pub field: String,
    /// What stands there now.
    pub current: String,
    /// Who changed it, if it is known.
    pub by: Option<String>,
    /// When.
    pub at: Option<Instant>,
}

/// A field that cannot be taken.
#[derive(Debug, Clone, PartialEq, Serialize, serde::Deserialize)]
pub struct FieldFault {
    /// Field.
    pub field: String,
    /// What was given.
    pub value: String,
    /// What was expected.
    pub expected: String,
    /// What to do.
    pub remedy: String,
}

/// What can go wrong with a command: a refusal to tell the person, or trouble that is not theirs.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// Refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Trouble.
    #[error(transparent)]
    Trouble(#[from] OpsError),
}

impl From<StoreError> for DeskError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::OtherBody { .. } => Refusal::OtherBody.into(),
            StoreError::Closed { day } => Refusal::Closed { day }.into(),
            other => DeskError::Trouble(other.into()),
        }
    }
}

/// What was given with a command, by field: read and checked by its declaration.
pub type Input = BTreeMap<&'static str, Cell>;

/// Carries a command out on the named records, or on none where it makes something new. A refusal of the only record asked
/// for is an error; of one among many it is a verdict.
pub async fn perform(
    store: &Store,
    doing: &Doing<'_>,
    command: &'static Command,
    keys: &[String],
    input: &Input,
) -> Result<Report, DeskError> {
    let role = doing.looker.duty.role;
    if !command.roles.contains(&role) {
        return Err(Refusal::NotYours { role, allowed: command.roles }.into());
    }
    if command.step_up && !doing.stepped_up {
        return Err(Refusal::StepUp.into());
    }
    let expected = match (command.records, keys.len()) {
        (true, 0) => Some("the keys of the records it is for".to_owned()),
        (true, n) if n > RECORDS_MAX => Some(format!("at most {RECORDS_MAX} keys")),
        (false, n) if n > 0 => Some("no key: this makes something new".to_owned()),
        _ => None,
    };
    if let Some(expected) = expected {
        let value = format!("{} keys", keys.len());
        return Err(invalid("keys", value, expected, "name the records, in parts if there are more"));
    }
    let mut tries = 0;
    loop {
        match attempt(store, doing, command, keys, input).await {
            Err(error) if again(&error, &mut tries) => {}
            other => return other,
        }
    }
}

async fn attempt(
    store: &Store,
    doing: &Doing<'_>,
    command: &'static Command,
    keys: &[String],
    input: &Input,
) -> Result<Report, DeskError> {
    let account = doing.looker.account.as_str();
    let content = digest_of(&[
        command.name().as_bytes(),
        &serde_json::to_vec(keys).map_err(inside)?,
        format!("{input:?}").as_bytes(),
    ]);
    // a search among doors takes its time: others decide meanwhile
    let ahead = match (command.on, command.verb, input.get("depot").and_then(Cell::as_str)) {
        ("delivery_runs", "plan", Some(depot)) => crate::deliveries::ahead(store, doing, depot).await?,
        _ => None,
    };
    let by_key = matches!(command.on, "items" | "transfers") && keys.len() < BULK_MIN;
    let scope = doing.looker.scope();
    let mut tx = if by_key { store.turn_by_key(&scope).await? } else { store.turn(&scope).await? };
    if let Some(key) = doing.key
        && let Once::Replay(told) = tx.once(account, key, &content).await?
    {
        return report::told(&told)?.or_refused();
    }
    let room = room(&mut tx, doing).await?;
    let mut asked: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut seen = HashSet::with_capacity(asked.len());
    asked.retain(|key| seen.insert(*key));
    let mut at = Sitting { tx: &mut tx, room: &room, doing, input, ahead };
    let mut report = carried_out(&mut at, command, &asked).await?;
    let told = report.verdicts.iter().filter(|(_, verdict)| *verdict == Verdict::Done);
    let done: Vec<String> = told.map(|(key, _)| key.clone()).collect();
    report.name_all(keys);
    if asked.len() >= BULK_MIN {
        let (name, date) = (command.name(), room.day.zone.day(doing.now).to_string());
        let duty = &doing.looker.duty;
        let bulk = Bulk {
            month: date.get(..7).unwrap_or_default(),
            command: &name,
            asked: i64::try_from(asked.len()).unwrap_or(i64::MAX),
            done: i64::try_from(done.len()).unwrap_or(i64::MAX),
            role: duty.role.name(),
            division: duty.division.as_str(),
            at: doing.now,
        };
        tx.count_bulk(bulk).await?;
    }
    // where all was refused nothing has changed, and the line has nothing to look at
    if !done.is_empty() || keys.is_empty() {
        agenda::acted_on(&mut tx, command.on, &done.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        let replans = matches!(command.verb, "release" | "pin" | "forbid" | "first" | "free" | "address" | "confirm");
        if matches!(command.on, "beds" | "facilities") || command.on == "transfers" && replans {
            agenda::means(&mut tx).await?;
        }
    }
    if let Some(key) = doing.key {
        tx.done(account, key, &content, &report::text(&report)?, doing.now).await?;
    }
    tx.commit().await?;
    report.or_refused()
}

/// Who carries which command out. Boxed: it awaits the whole desk, and whoever awaits it need not hold or name all of that.
fn carried_out<'a>(
    at: &'a mut Sitting<'_, '_>,
    command: &'static Command,
    asked: &'a [&str],
) -> Pin<Box<dyn Future<Output = Result<Report, DeskError>> + Send + 'a>> {
    Box::pin(async move {
        match (command.on, command.verb) {
            ("items", "assign") => items::assign(at, asked).await,
            ("items", "take") => items::take(at, asked).await,
            ("items", "escalate") => items::escalate(at, asked).await,
            ("items", "settle") => items::settle(at, asked).await,
            ("transfers", "claim") => transfers::claim(at, asked).await,
            ("transfers", "release") => transfers::release(at, asked).await,
            ("transfers", "pin" | "forbid" | "first" | "free") => directions::direct(at, asked, command.verb).await,
            ("transfers", "address") => doors::address(at, asked).await,
            ("transfers", "ward") => wards::change(at, asked).await,
            ("transfers", "confirm") => outside::confirm(at, asked).await,
            ("transfers", "received") => outside::received(at, asked).await,
            ("transfers", verb) => transfers::report(at, asked, verb).await,
            ("beds", "set") => beds::set(at, asked).await,
            ("facilities", "phase") => facilities::phase(at, asked).await,
            ("facilities", "staff") => facilities::staff(at, asked).await,
            ("facilities", "ward") => facilities::ward(at, asked).await,
            ("requests", "answer") => requests::answer(at, asked).await,
            ("requests", "reopen") => requests::reopen(at, asked).await,
            ("requests", "merge") => requests::merge(at, asked).await,
            ("requests", "part") => requests::part(at, asked).await,
            ("requests", "crisis") => requests::crisis(at, asked).await,
            ("requests", "mediate") => requests::mediate(at, asked).await,
            ("mediations", verb) => requests::mediation(at, asked, verb).await,
            ("goods", "ask") => supplies::ask(at, asked).await,
            ("goods", "price") => supplies::price(at, asked).await,
            ("delivery_runs", "plan") => deliveries::plan(at).await,
            ("delivery_runs", _) => deliveries::leave(at, asked).await,
            ("parcels", verb) => supplies::at_door(at, asked, verb).await,
            ("tickets", verb) => tickets::say(at, asked, verb).await,
            ("treatments", verb) => treatments::say(at, asked, verb).await,
            ("orders", "end") => orders::end(at, asked).await,
            ("orders", "appeal") => appeals::against_orders(at, asked).await,
            ("areas", "appeal") => appeals::against_areas(at, asked).await,
            ("appeals", "uphold") => appeals::uphold(at, asked).await,
            ("appeals", "suspend") => appeals::suspend(at, asked).await,
            ("appeals", "dismiss") => appeals::dismiss(at, asked).await,
            ("notices", verb) => notices::say(at, asked, verb).await,
            ("areas", "widen") => extensions::widen(at, asked).await,
            ("areas", "extend") => extensions::extend(at, asked).await,
            ("areas", "name") => posts::name(at, asked).await,
            ("areas", "release") => extensions::release(at, asked).await,
            ("extensions", "approve") => extensions::approve(at, asked).await,
            ("extensions", "refuse") => extensions::refuse(at, asked).await,
            ("cases", "withdraw") => withdrawals::withdraw(at, asked).await,
            ("cases", "search") => searches::ask(at, asked).await,
            ("cases", "tell_place") => exposures::ask(at, asked).await,
            ("cases", "assist") => letters::assist(at, asked).await,
            ("letters", verb) => letters::act(at, asked, verb).await,
            ("letter_people", "answer") => letters::answer(at, asked).await,
            ("letter_people", verb @ ("settle" | "forward")) => letters::settle(at, asked, verb).await,
            ("letter_people", verb) => incoming::say_of(at, asked, verb).await,
            ("followed", "message_on") => messages::choose(at, asked, true).await,
            ("followed", "message_off") => messages::choose(at, asked, false).await,
            ("messages", "recall") => messages::recall(at, asked).await,
            ("sendings", "release") => messages::decide(at, asked, SendingState::Released).await,
            ("sendings", "stop") => messages::decide(at, asked, SendingState::Stopped).await,
            ("exposure_sites", "approve") => exposures::decide(at, asked, SiteState::Listed).await,
            ("exposure_sites", "refuse") => exposures::decide(at, asked, SiteState::Refused).await,
            ("exposure_sites", "withdraw") => exposures::decide(at, asked, SiteState::Withdrawn).await,
            ("searches", "approve") => searches::approve(at, asked).await,
            ("searches", "refuse") => searches::refuse(at, asked).await,
            ("releases", "object") => withdrawals::object(at, asked).await,
            ("releases", "release") => withdrawals::release(at, asked).await,
            ("people", "state") => presence::state(at, asked).await,
            ("people", "merge") => identity::merge(at, asked).await,
            ("people", "split") => identity::split(at, asked).await,
            ("people", "distinct") => identity::distinct(at, asked).await,
            ("boxes", "direct") => boxes::direct(at, asked).await,
            ("rounds", "plan") => rounds::plan(at).await,
            ("rounds", "start") => rounds::start(at, asked).await,
            ("rounds", "approve") => rounds::approve(at, asked).await,
            ("rounds", "close") => rounds::close(at, asked).await,
            ("rounds", "cancel") => rounds::cancel(at, asked).await,
            ("laboratories", "suspend") => holds::suspend(at, asked).await,
            ("laboratories", "recall") => holds::recall(at, asked).await,
            ("holds", "lift") => holds::lift(at, asked).await,
            ("days", "sign") => days::sign(at, asked).await,
            ("bulletins", "approve") => bulletins::approve(at, asked).await,
            ("bulletins", "publish") => bulletins::publish(at, asked).await,
            ("bulletins", "correct") => bulletins::correct(at).await,
            ("obligations", "direct") => obligations::direct(at).await,
            ("obligations", verb) => obligations::say(at, asked, verb).await,
            ("reports", "sign") => reports::sign(at).await,
            ("reports", "correct") => reports::correct(at, asked).await,
            ("doubts", "resolve") => doubts::resolve(at, asked).await,
            _ => Err(OpsError::Inside(format!("nobody carries out {}", command.name())).into()),
        }
    })
}

/// One command in its transaction: what a station of the desk works with. The handle begins with the scope of the duty.
struct Sitting<'s, 'd> {
    tx: &'s mut Scoped,
    room: &'s Room<'d>,
    doing: &'s Doing<'d>,
    input: &'s Input,
    /// What was worked out before the turn.
    ahead: Option<crate::deliveries::Ahead>,
}

/// How far the clock of a device may be ahead (F11).
const FAST_MINUTES_MAX: i64 = 2;

impl<'s> Sitting<'s, '_> {
    fn account(&self) -> &'s str {
        &self.doing.looker.account
    }

    /// A text that was given, or an empty one.
    fn text(&self, field: &str) -> &'s str {
        self.input.get(field).and_then(Cell::as_str).unwrap_or_default()
    }

    /// When something happened, as it was told, or now. Nothing lies ahead; the clock of a device may be a little fast, and what it says has
    /// happened by now.
    fn happened(&self) -> Result<Instant, DeskError> {
        let now = self.doing.now;
        let when = match self.input.get("at") {
            Some(Cell::Moment(when)) => *when,
            _ => now,
        };
        if when > now.plus_minutes(FAST_MINUTES_MAX) {
            let remedy = "say it when it has happened";
            return Err(invalid("at", when.to_string(), "a moment that has passed", remedy));
        }
        Ok(when.min(now))
    }

    /// Minutes of what this account does.
    fn minutes(&self) -> Minutes<'s> {
        Minutes::by(&self.room.day, self.account())
    }

    /// From here on for the whole city: what the duty may see has been looked up.
    fn for_the_city(&mut self) {
        self.tx.widen(&self.room.city);
    }
}

fn invalid(field: &str, value: impl Into<String>, expected: impl Into<String>, remedy: &str) -> DeskError {
    let (value, expected) = (value.into(), expected.into());
    Refusal::Invalid(vec![FieldFault { field: field.to_owned(), value, expected, remedy: remedy.to_owned() }]).into()
}

/// The record stands otherwise than the command needs.
fn stands(is: impl Into<String>, remedy: impl Into<String>) -> Verdict {
    Verdict::Refused(Refusal::State { is: is.into(), remedy: remedy.into() })
}
