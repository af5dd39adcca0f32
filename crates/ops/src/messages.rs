//! Messages to people in follow-up who agreed to them: made once a day, in one transaction with their sending, given out to be sent, and
//! answered. It may use the store, the roster's keys and the books; it guarantees that nobody gets two questions on one day, that more than a
//! hundred people a day wait for a second person, that what goes is what was made for that number, and that an answer counts for one person or
//! for nobody.

use crate::{
    OpsError,
    day::pack_for,
    desk::{DeskError, Refusal, again, digest_of},
    health::{self, REPORTS_A_DAY_MAX},
    identity,
    line::open_day,
    minutes::{BY_RULE, Close, Day, Minutes, by_division},
    public::Counter,
};
use dayclear_core::{
    books::Worklist,
    followup::FollowChannel,
    messages::{LAST_HOUR, MessageKind, MessageState, PEOPLE_ALONE_MAX, ReplyState, SendingState, read_answer},
    roster::Language,
    time::{CivilDate, Instant, SECOND},
};
use dayclear_engines::linkage::numbers::phone;
use dayclear_store::{
    Scoped, Store,
    message_replies::{AskedThere, Reply},
    messages::{Message, Sending, ToAsk},
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// How often a message is given to the gateway before it counts as failed.
pub const TRIES_MAX: i64 = 8;
/// Seconds until a message is tried again, doubling, and at most.
const AGAIN_S: (i64, i64) = (30, 900);
/// Answers of one number on one day that open an item for somebody; more tell nothing more.
const ITEMS_OF_NUMBER_MAX: i64 = 2 * REPORTS_A_DAY_MAX;

/// The words of a message in a language, where it is known; whether several people have the number.
pub type Words<'a> = &'a (dyn Fn(MessageKind, Option<Language>, bool) -> String + Send + Sync);

/// What a look at the messages did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Looked {
    /// Questions that were made.
    pub made: usize,
    /// Whether they wait for a second person.
    pub waits: bool,
    /// Messages that will not go any more.
    pub ended: u64,
}

/// Makes today's questions from an hour of the day on, writes the words of notices, and ends what was for a day that is over.
pub async fn look(store: &Store, counter: &Counter<'_>, hour: u8, words: Words<'_>) -> Result<Looked, OpsError> {
    let zone = &counter.settings.zone;
    let (now, today) = (counter.now, zone.day(counter.now));
    let asks = (i64::from(hour)..i64::from(LAST_HOUR)).contains(&i64::from(zone.clock(now).0));
    let mut tx = store.look(counter.city).await?;
    let something = !tx.sendings_over(today).await?.is_empty()
        || !tx.messages_unwritten(today).await?.is_empty()
        || (asks && !to_ask(&mut tx, counter, today).await?.is_empty());
    drop(tx);
    if !something {
        return Ok(Looked::default());
    }
    let mut tx = store.turn(counter.city).await?;
    let (date, closed_before) = open_day(&mut tx, now, zone).await?;
    let day = Day::at(date, closed_before, now, pack_for(counter.packs, counter.pack, date)?, counter.settings);
    let mut minutes = Minutes::of(&day);
    for over in tx.sendings_over(today).await? {
        if over.state == SendingState::Waits {
            let why = "its day is over, and nobody let it go";
            stopped(&mut tx, &mut minutes, &over, (BY_RULE, now), why).await?;
        }
    }
    let mut looked = Looked { ended: tx.end_stale_messages(today, now).await?, ..Looked::default() };
    for notice in tx.messages_unwritten(today).await? {
        let text = words(notice.kind, notice.to.language, notice.shared);
        tx.write_message(&notice.id, &text, &bound(&notice, &text)).await?;
    }
    let people = if asks { to_ask(&mut tx, counter, today).await? } else { Vec::new() };
    if !people.is_empty() {
        let ask = |(to, shared): (ToAsk, bool)| Message {
            id: String::new(),
            kind: MessageKind::Ask,
            day: today,
            shared,
            written: Some((words(MessageKind::Ask, to.language, shared), String::new())),
            recalls: None,
            state: MessageState::Queued,
            tries: 0,
            to,
        };
        let messages: Vec<Message> = people.into_iter().map(ask).collect();
        looked.made = messages.len();
        looked.waits = made(&mut tx, &mut minutes, (MessageKind::Ask, today, BY_RULE), messages).await?;
    }
    minutes.hand_in(&mut tx).await?;
    tx.commit().await?;
    Ok(looked)
}

/// Who is asked by message today, each number once, and whether several people in follow-up have it.
async fn to_ask(tx: &mut Scoped, counter: &Counter<'_>, today: CivilDate) -> Result<Vec<(ToAsk, bool)>, OpsError> {
    let people = tx.to_ask(today, counter.settings.zone.start_of(today)).await?;
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let mut held: BTreeMap<String, usize> = BTreeMap::new();
    for number in tx.phones_followed().await?.iter().filter_map(|text| phone(text)) {
        *held.entry(number).or_default() += 1;
    }
    let mut asked: BTreeSet<String> = tx.numbers_asked(today).await?.into_iter().collect();
    let mut all = Vec::with_capacity(people.len());
    for mut one in people {
        if let Some(number) = phone(&one.phone)
            && asked.insert(number.clone())
        {
            let shared = held.get(&number).is_some_and(|people| *people > 1);
            one.phone = number;
            all.push((one, shared));
        }
    }
    Ok(all)
}

/// What binds words and number to what they are about.
fn bound(message: &Message, text: &str) -> String {
    let (choice, day) = (message.to.choice.to_string(), message.day.to_string());
    let parts = ["dayclear message", &message.id, &message.to.followed, &choice, &day, &message.to.phone, text];
    digest_of(&parts.map(str::as_bytes))
}

fn compact(day: CivilDate) -> String {
    let (year, month, day) = day.parts();
    format!("{year:04}{month:02}{day:02}")
}

/// Makes a sending with its messages, each under a number of its own; whether it waits for a second person.
pub(crate) async fn made(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    (kind, today, by): (MessageKind, CivilDate, &str),
    mut messages: Vec<Message>,
) -> Result<bool, OpsError> {
    let (now, city) = (minutes.day.end, tx.city().await?);
    let Some(city) = city else { return Ok(false) };
    let [sendings, before, _, alone] = tx.message_counts(today, minutes.day.zone.start_of(today)).await?;
    let people = i64::try_from(messages.len()).unwrap_or(i64::MAX);
    let waits = alone.saturating_add(people) > PEOPLE_ALONE_MAX;
    for (at, message) in messages.iter_mut().enumerate() {
        message.id = format!("M{}-{}", compact(today), before + 1 + i64::try_from(at).unwrap_or_default());
        if let Some((text, _)) = message.written.take() {
            let hash = bound(message, &text);
            message.written = Some((text, hash));
        }
    }
    let sending = Sending {
        id: format!("B{}-{}", compact(today), sendings + 1),
        kind,
        day: today,
        division: city.clone(),
        people,
        state: if waits { SendingState::Waits } else { SendingState::Goes },
        made: (by.to_owned(), now),
    };
    tx.make_messages(&sending, &messages).await?;
    let body = json!({"kind": kind, "people": people, "state": sending.state});
    minutes.event(now, "sending.made", &sending.id, &city, &body, None)?;
    if waits {
        let what = format!("{}: messages to {people} people wait for a second person", sending.id);
        minutes.waits(Worklist::Review, subject(&sending.id), &city, by_division(&city), now, what);
    }
    Ok(waits)
}

/// Subject of the item by which a second person is asked.
pub(crate) fn subject(sending: &str) -> String {
    format!("sending/{sending}")
}

/// Nothing more of a sending goes.
pub(crate) async fn stopped(
    tx: &mut Scoped,
    minutes: &mut Minutes<'_>,
    sending: &Sending,
    (by, now): (&str, Instant),
    why: &str,
) -> Result<(), OpsError> {
    // the words of a person stand in the event, and in no list
    let shown = if by == BY_RULE { why } else { "stopped at a desk" };
    tx.decide_sending(&sending.id, SendingState::Stopped, (by, now), Some(shown)).await?;
    minutes.event(now, "sending.stopped", &sending.id, &sending.division, &json!({"reason": why}), None)?;
    for item in tx.open_of(Worklist::Review, &[&subject(&sending.id)]).await? {
        minutes.known(item).cancelled(now, "stopped");
    }
    Ok(())
}

/// A message that is given out to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Its number: the key under which the gateway takes it once.
    pub id: String,
    /// Telephone.
    pub to: String,
    /// Words.
    pub text: String,
    /// Language, where it is known.
    pub language: Option<Language>,
    /// How often it was given out, this time included.
    pub tries: i64,
}

// neither number nor words are ever printed
impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.id, self.tries)
    }
}

/// What came of giving a message to the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It has it.
    Sent,
    /// It never will.
    Refused(&'static str),
    /// Nobody knows, or not now.
    Later,
}

/// Takes messages that may go now. Whoever takes one and dies leaves it to be given out again under the same number.
pub async fn take(store: &Store, counter: &Counter<'_>, most: usize) -> Result<Vec<Outgoing>, OpsError> {
    let (now, today) = (counter.now, counter.settings.zone.day(counter.now));
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let again_at = |tries: i64| {
        let (first, longest) = AGAIN_S;
        let seconds = (first << (tries - 1).clamp(0, 10)).min(longest);
        Instant::from_micros(now.micros() + seconds * SECOND)
    };
    let mut tx = store.begin(counter.city).await?;
    let mut all = Vec::new();
    for one in tx.take_messages(today, now, most, again_at).await? {
        match &one.written {
            Some((text, hash)) if bound(&one, text) == *hash => all.push(Outgoing {
                id: one.id.clone(),
                to: one.to.phone.clone(),
                text: text.clone(),
                language: one.to.language,
                tries: one.tries,
            }),
            _ => {
                tx.message_failed(&one.id, now, "it is not what was made for this number").await?;
            }
        }
    }
    tx.commit().await?;
    Ok(all)
}

/// Writes down what came of giving messages to the gateway.
pub async fn settle(store: &Store, counter: &Counter<'_>, all: &[(Outgoing, Outcome)]) -> Result<(), OpsError> {
    let now = counter.now;
    let mut tx = store.begin(counter.city).await?;
    for (message, outcome) in all {
        match outcome {
            Outcome::Sent => tx.message_sent(&message.id, now).await?,
            Outcome::Refused(why) => tx.message_failed(&message.id, now, why).await?,
            Outcome::Later if message.tries >= TRIES_MAX => {
                tx.message_failed(&message.id, now, "the gateway did not take it").await?
            }
            Outcome::Later => false,
        };
    }
    tx.commit().await?;
    Ok(())
}

/// The gateway says whether a message arrived.
pub async fn report(store: &Store, counter: &Counter<'_>, id: &str, delivered: bool) -> Result<(), DeskError> {
    let mut tx = store.begin(counter.city).await?;
    if tx.messages_by_id(&[id]).await?.is_empty() {
        return Err(Refusal::Unknown.into());
    }
    match delivered {
        true => tx.message_delivered(id, counter.now).await?,
        false => tx.message_failed(id, counter.now, "the gateway says that it did not arrive").await?,
    };
    tx.commit().await?;
    Ok(())
}

/// An answer as the gateway brings it.
#[derive(Clone, Copy)]
pub struct Came<'a> {
    /// Id that the gateway gave it.
    pub id: &'a str,
    /// From which telephone.
    pub from: &'a str,
    /// What it says.
    pub text: &'a str,
    /// When it was written, by the gateway.
    pub at: Instant,
}

/// Takes an answer. Brought again under its id it changes nothing; something else under that id is refused.
pub async fn receive(store: &Store, counter: &Counter<'_>, came: Came<'_>) -> Result<(), DeskError> {
    let mut tries = 0;
    loop {
        match received(store, counter, came).await {
            Err(error) if again(&error, &mut tries) => {}
            other => return other,
        }
    }
}

async fn received(store: &Store, counter: &Counter<'_>, came: Came<'_>) -> Result<(), DeskError> {
    let (now, zone) = (counter.now, &counter.settings.zone);
    let today = zone.day(now);
    let digest = digest_of(&[came.from.as_bytes(), came.text.as_bytes(), came.at.to_string().as_bytes()]);
    let mut tx = store.turn(counter.city).await?;
    if let Some(before) = tx.reply_given(came.id).await? {
        return if before == digest { Ok(()) } else { Err(Refusal::OtherBody.into()) };
    }
    let number = phone(came.from);
    let of = match &number {
        Some(number) => tx.asked_at_number(number).await?,
        None => None,
    };
    let answer = read_answer(came.text);
    let state = match &of {
        None => ReplyState::Stranger,
        Some(of) if !of.wanted || of.until_day.is_none_or(|until| today > until) => ReplyState::Over,
        Some(of) if of.shared || others_have(&mut tx, came.from, of).await? => ReplyState::Several,
        Some(_) if answer.is_none() => ReplyState::Unread,
        Some(of) if tx.self_reports(&of.person, zone.start_of(today)).await? >= REPORTS_A_DAY_MAX => ReplyState::Enough,
        Some(_) => ReplyState::Taken,
    };
    let (date, closed_before) = open_day(&mut tx, now, zone).await.map_err(DeskError::from)?;
    let pack = pack_for(counter.packs, counter.pack, date).map_err(DeskError::from)?;
    let day = Day::at(date, closed_before, now, pack, counter.settings);
    let number = number.unwrap_or_else(|| came.from.to_owned());
    let before = tx.replies_from(&number, zone.start_of(today)).await?;
    let [_, _, replies, _] = tx.message_counts(today, zone.start_of(today)).await?;
    let id = format!("A{}-{}", compact(today), replies + 1);
    let division = of.as_ref().map_or_else(|| counter.city.division().clone(), |of| of.division.clone());
    let kept = day.pack.retention_days().value;
    let reply = Reply {
        id: &id,
        given_id: came.id,
        digest: &digest,
        number: &number,
        words: came.text,
        at: came.at,
        received_at: now,
        state,
        of: of.as_ref(),
        division: &division,
        over_on: of.as_ref().and_then(|of| of.until_day).unwrap_or_else(|| today.plus_days(kept)),
    };
    tx.keep_reply(&reply).await?;
    if let (ReplyState::Taken, Some(of), Some(symptoms)) = (state, &of, answer) {
        health::enter(&mut tx, counter, (of.person.as_str(), &of.division), FollowChannel::Message, symptoms).await?;
        tx.commit().await?;
        return Ok(());
    }
    let mut minutes = Minutes::of(&day);
    minutes.event(now, "message.unanswered", &id, &division, &json!({"state": state}), None)?;
    if before < ITEMS_OF_NUMBER_MAX {
        let what = format!("an answer by message was not taken ({state}): look at it, and speak to them");
        minutes.waits(Worklist::Review, format!("reply/{id}"), &division, by_division(&division), now, what);
    }
    minutes.hand_in(&mut tx).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether somebody else in follow-up has the number.
async fn others_have(tx: &mut Scoped, from: &str, of: &AskedThere) -> Result<bool, DeskError> {
    let sharing = identity::sharing(tx, (None, None, Some(from))).await?;
    let numbers: Vec<i64> = sharing.into_iter().map(|one| one.no).filter(|no| *no != of.person_no).collect();
    Ok(tx.followed_of(&numbers).await?.iter().any(|followed| followed.ended.is_none()))
}
