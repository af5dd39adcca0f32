//! A round of follow-up on a telephone: those to whom somebody is to speak today, the worst first, each with the way to reach them
//! and one small form. What is sent is evidence like any other. It works without script, and shows nobody beyond the duty.

use super::{
    evidence::{self, Entry},
    form::{self, Sent},
    frame::{Frame, Visit, render, short_day},
    rows::{self, Look, Of},
    show,
};
use crate::{
    app::App,
    problem::Problem,
    routing::{get, post},
};
use askama::Template;
use axum::{
    Router,
    extract::{Query as Parameters, State},
    response::Response,
};
use dayclear_core::{
    command::{Command, givers},
    followup::{FollowAnswer, FollowChannel, FollowState},
    listing::{Cell, FOLLOWED, MESSAGE_REPLIES, MESSAGES, SENDINGS, TEAMS, VALUES_MAX},
    messages::MessageState,
    roster::Known,
    schema,
};
use dayclear_ops::health;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// People of one page at most: more than a team can ask in a day is told as a number.
const SHOWN: &str = "200";

/// Routes of the round.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/follow-up", get(page).merge(post(tell)))
        .route("/follow-up/code", post(code))
        .route("/follow-up/messages", post(messages))
}

/// Somebody to speak to.
struct Card {
    id: String,
    person: String,
    name: Option<String>,
    path: String,
    phone: Option<String>,
    place: String,
    state: String,
    tone: &'static str,
    days: String,
    missed: Option<String>,
    /// Whether they are asked by message, and how today's message stands: its word and its tone.
    messages: bool,
    asked: Option<(String, &'static str)>,
    /// Where that is which they answered by message and nobody could take.
    unread: Option<String>,
}

/// Messages of the day, for whoever may see them.
struct Messages {
    /// Whether a gateway is named: else nothing is sent.
    on: bool,
    /// Whoever is asked by message, and messages of today by state.
    tally: Vec<(String, String)>,
    /// Sendings of today that wait for a second person.
    waits: Vec<(String, String)>,
}

/// A choice of a form: value, word, whether it is the first.
type Choice = (&'static str, String, bool);

#[derive(Template)]
#[template(path = "follow-up.html")]
struct RoundPage {
    frame: Frame,
    /// State and how many.
    tally: Vec<(String, String)>,
    messages: Messages,
    teams: Vec<(String, String, bool)>,
    team: String,
    cards: Vec<Card>,
    more: bool,
    /// The form, where the duty may tell; whose it was, if one was sent.
    entry: Option<Entry>,
    told: String,
    /// A code that was made: whose it is, and the code, shown this once.
    code: Option<(String, String)>,
    channels: Vec<Choice>,
    answers: Vec<Choice>,
    symptoms: Vec<Choice>,
}

fn may_tell(visit: &Visit) -> bool {
    givers(schema::FOLLOW_UPS.name).is_some_and(|roles| roles.contains(&visit.caller.looker.duty.role))
}

async fn page(
    State(app): State<Arc<App>>,
    visit: Visit,
    Parameters(given): Parameters<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let team = given.into_iter().find(|(name, _)| name == "team").map(|(_, team)| team).unwrap_or_default();
    let entry = may_tell(&visit).then(Entry::default);
    shown(&app, visit, team, entry, (String::new(), None)).await
}

/// How somebody stands: where the duty is shown it, with their symptoms.
fn state_of<'r>(of: Of<'r>) -> &'r str {
    match of.text("symptoms") {
        Some(yes) if yes == Known::Yes.name() => FollowState::Symptoms.name(),
        _ => of.text("state").unwrap_or_default(),
    }
}

/// How urgent a state is: the higher, the earlier.
fn urgency(state: &str) -> u8 {
    match state.parse() {
        Ok(FollowState::Lost) => 4,
        Ok(FollowState::Missed) => 3,
        Ok(FollowState::Symptoms) => 2,
        Ok(FollowState::Refused) => 0,
        _ => 1,
    }
}

fn card(app: &App, frame: &Frame, of: Of<'_>, today: &Today) -> Card {
    let person = of.text("person").unwrap_or_default();
    let state = state_of(of);
    let place = of.text("division").map(|code| app.place_name(code, frame.lang));
    let home = ["building", "unit", "door"].into_iter().filter_map(|name| of.shown(name).map(str::to_owned));
    let until = of.day("until_day").map(|day| short_day(app, frame.lang, day)).unwrap_or_default();
    let missed = of.whole("missed_running").filter(|missed| *missed > 0).map(|missed| missed as u64);
    Card {
        id: of.text("id").unwrap_or_default().to_owned(),
        name: of.shown("name").map(str::to_owned),
        path: format!("/people/{}", show::part(person)),
        person: person.to_owned(),
        phone: of.text("phone").map(str::to_owned),
        place: frame.w.joined(&place.into_iter().chain(home).collect::<Vec<_>>()),
        state: frame.w.given("follow-state", state),
        tone: match urgency(state) {
            3.. => "bad",
            2 => "warn",
            1 => "wait",
            _ => "busy",
        },
        days: frame.w.get("follow-until", &[("day", until.into())]),
        missed: missed.map(|missed| frame.w.get("follow-missed", &[("count", missed.into())])),
        messages: *of.cell("messages") == Cell::Truth(true),
        asked: today.messages.get(person).map(|state| {
            let tone = match state {
                MessageState::Failed => "bad",
                MessageState::Queued | MessageState::Recalled => "wait",
                MessageState::Sent | MessageState::Delivered => "busy",
            };
            (frame.w.term(*state), tone)
        }),
        unread: today.unread.contains(person).then(|| format!("/message_replies?person={}", show::part(person))),
    }
}

/// Messages of today by person, and who answered what nobody could take.
#[derive(Default)]
struct Today {
    messages: BTreeMap<String, MessageState>,
    unread: BTreeSet<String>,
}

impl Today {
    async fn of(app: &App, tx: &mut Look<'_>, day: &str, people: &[&str]) -> Result<Today, Problem> {
        let mut today = Today::default();
        // as many as a question may name
        for some in people.chunks(VALUES_MAX) {
            let some = some.join(",");
            let asked = [("day", day), ("kind", "ask"), ("person", some.as_str()), ("limit", "500")];
            for row in &tx.all(&MESSAGES, &asked).await? {
                let of = Of { listing: &MESSAGES, row };
                if let (Some(person), Some(Ok(state))) = (of.text("person"), of.text("state").map(str::parse)) {
                    today.messages.insert(person.to_owned(), state);
                }
            }
            let unread = [("state", "unread,several,enough"), ("person", some.as_str()), ("limit", "500")];
            for row in &tx.all(&MESSAGE_REPLIES, &unread).await? {
                let of = Of { listing: &MESSAGE_REPLIES, row };
                let on = of.moment("received_at").map(|at| app.zone().day(at).to_string());
                if let (Some(person), true) = (of.text("person"), on.as_deref() == Some(day)) {
                    today.unread.insert(person.to_owned());
                }
            }
        }
        Ok(today)
    }
}

/// The day's messages as the head of the page tells them.
async fn messages_of(app: &App, frame: &Frame, tx: &mut Look<'_>, day: &str) -> Result<Messages, Problem> {
    let agreed = tx.tally(&FOLLOWED, &[("open", "true"), ("messages", "true")], &["state"]).await?;
    let agreed = agreed.iter().map(|(_, n)| *n).sum::<u64>();
    let mut tally = vec![(frame.say("follow-messages-agreed"), frame.lang.number(agreed))];
    for (cells, n) in tx.tally(&MESSAGES, &[("day", day)], &["state"]).await? {
        let state = cells.first().and_then(Cell::as_str).unwrap_or_default();
        tally.push((frame.w.given("message-state", state), frame.lang.number(n)));
    }
    let waiting = tx.all(&SENDINGS, &[("day", day), ("state", "waits")]).await?;
    let waits = waiting.iter().filter_map(|row| {
        let of = Of { listing: &SENDINGS, row };
        let (id, people) = (of.text("id")?, of.whole("people")? as u64);
        let said = frame.w.get("follow-messages-wait", &[("count", people.into())]);
        Some((format!("/sendings/{}", show::part(id)), said))
    });
    Ok(Messages { on: app.config.messages.url.is_some(), tally, waits: waits.collect() })
}

async fn shown(
    app: &App,
    visit: Visit,
    team: String,
    entry: Option<Entry>,
    (told, code): (String, Option<(String, String)>),
) -> Result<Response, Problem> {
    if !FOLLOWED.readable_by(visit.caller.looker.duty.role) {
        return Err(Problem::unknown());
    }
    let mut tests = vec![("due", "true"), ("open", "true"), ("limit", SHOWN)];
    if !team.is_empty() {
        tests.push(("team", team.as_str()));
    }
    let mut tx = rows::look(app, &visit).await?;
    let (mut due, next) = tx.page(&FOLLOWED, &tests).await?.unwrap_or_default();
    let tally = tx.tally(&FOLLOWED, &[("open", "true")], &["state"]).await?;
    let teams = tx.all(&TEAMS, &[("limit", "500")]).await?;
    let day = app.zone().day(app.now()).to_string();
    let people: Vec<&str> = due.iter().filter_map(|row| Of { listing: &FOLLOWED, row }.text("person")).collect();
    let today = Today::of(app, &mut tx, &day, &people).await?;
    let messages = messages_of(app, &visit.frame, &mut tx, &day).await?;
    tx.finish().await?;
    due.sort_by_key(|row| {
        let of = Of { listing: &FOLLOWED, row };
        let state = state_of(of);
        let place = ["division", "building", "unit", "door"].map(|name| of.text(name).unwrap_or_default().to_owned());
        (std::cmp::Reverse(urgency(state)), place, of.text("person").unwrap_or_default().to_owned())
    });
    let frame = &visit.frame;
    let refused = entry.as_ref().is_some_and(Entry::refused);
    let choices = |prefix: &str, names: &[&'static str]| -> Vec<Choice> {
        names.iter().enumerate().map(|(at, name)| (*name, frame.w.given(prefix, name), at == 0)).collect()
    };
    let page = RoundPage {
        tally: tally
            .iter()
            .map(|(cells, n)| {
                let state = cells.first().and_then(Cell::as_str).unwrap_or_default();
                (frame.w.given("follow-state", state), frame.lang.number(*n))
            })
            .collect(),
        teams: teams
            .iter()
            .filter_map(|row| {
                let of = Of { listing: &TEAMS, row };
                let id = of.text("team")?;
                Some((id.to_owned(), of.text("name").unwrap_or(id).to_owned(), id == team))
            })
            .collect(),
        messages,
        cards: due.iter().map(|row| card(app, frame, Of { listing: &FOLLOWED, row }, &today)).collect(),
        more: next.is_some(),
        channels: choices(
            "follow-channel",
            &[FollowChannel::Phone.name(), FollowChannel::Door.name(), FollowChannel::Video.name()],
        ),
        answers: choices("follow-answer", FollowAnswer::NAMES),
        symptoms: choices("known", &[Known::No.name(), Known::Yes.name(), Known::Unknown.name()]),
        team,
        entry,
        told,
        code,
        frame: {
            let (title, above) = (frame.say("follow-title"), frame.say("nav-contacts"));
            visit.frame.titled(title, &[(above, "/contacts")])
        },
    };
    evidence::answered(render(&page)?, refused)
}

/// `POST /follow-up`: what was found of one person, now, by whoever is here.
async fn tell(State(app): State<Arc<App>>, sent: Sent) -> Result<Response, Problem> {
    let mut row = sent.given("follow:");
    let team = row.get("team").cloned().unwrap_or_default();
    let person = row.get("person").cloned().unwrap_or_default();
    row.retain(|_, value| !value.is_empty());
    // who was not reached told nothing
    if row.get("answer").is_some_and(|answer| answer != FollowAnswer::Reached.name()) {
        row.remove("symptoms");
    }
    row.insert("at".to_owned(), app.zone().text(app.now()));
    row.insert("said_by".to_owned(), sent.visit.caller.looker.account.clone());
    let given = row.clone();
    let taken = evidence::take(&app, &sent, &schema::FOLLOW_UPS, vec![row]).await?;
    shown(&app, sent.visit, team, Some(Entry::of(given, taken)), (person, None)).await
}

/// `POST /follow-up/messages`: whether somebody is asked by message.
async fn messages(State(app): State<Arc<App>>, sent: Sent) -> Result<Response, Problem> {
    let verb = if sent.field("wanted") == Some("yes") { "message_on" } else { "message_off" };
    let command = Command::named(FOLLOWED.name, verb).ok_or_else(Problem::unknown)?;
    let text = |name: &str| sent.field(name).unwrap_or_default().to_owned();
    let (followed, person, team) = (text("followed"), text("person"), text("team"));
    let given = Default::default();
    form::perform(&app, &sent.visit.caller, command, &[followed], &given, sent.field("once")).await?;
    shown(&app, sent.visit, team, Some(Entry::default()), (person, None)).await
}

/// `POST /follow-up/code`: a code by which somebody tells themselves how they are. It is shown on this page and on no other.
async fn code(State(app): State<Arc<App>>, sent: Sent) -> Result<Response, Problem> {
    let text = |name: &str| sent.field(name).unwrap_or_default().to_owned();
    let (followed, person, team) = (text("followed"), text("person"), text("team"));
    let mut chance = [0; health::CHANCE_BYTES];
    app.setup.chance.fill(&mut chance).map_err(Problem::inside)?;
    let doing = form::doing(&app, &sent.visit.caller, None);
    let code = health::issue(app.store(), &doing, &followed, chance).await?;
    let digits: Vec<char> = code.chars().collect();
    let grouped: Vec<String> = digits.chunks(4).map(|group| group.iter().collect()).collect();
    let made = (person.clone(), grouped.join(" "));
    shown(&app, sent.visit, team, Some(Entry::default()), (person, Some(made))).await
}
