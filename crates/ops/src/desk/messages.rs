//! Messages to people in follow-up at a desk: switched on and off by whoever follows somebody, let go by a second person, recalled. What has
//! not gone is withdrawn; after what has, a notice goes the same way.

use super::{DeskError, Refusal, Report, Sitting, Verdict, stands};
use crate::{
    messages::{made, stopped, subject},
    minutes::{Close, Minutes},
};
use dayclear_core::{
    books::Worklist,
    listing::{Cell, FOLLOWED, MESSAGES, SENDINGS},
    messages::{MessageKind, MessageState, SendingState},
};
use dayclear_store::messages::{Message, Sending};
use serde_json::json;
use std::collections::BTreeMap;

/// Somebody in follow-up agrees to messages, or wants none any more.
pub(super) async fn choose(at: &mut Sitting<'_, '_>, keys: &[&str], wanted: bool) -> Result<Report, DeskError> {
    let rows = at.tx.records(&FOLLOWED, keys).await?;
    at.for_the_city();
    let known: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    let before = at.tx.message_choices(&known).await?;
    let now = at.doing.now;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let (no, stood) = before.get(*key).copied().unwrap_or((0, false));
        let verdict = match rows.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(_) if stood == wanted => Verdict::Same,
            Some(row) if wanted && *row.get(&FOLLOWED, "open") != Cell::Truth(true) => {
                stands("ended", "nobody is asked after them any more")
            }
            Some(row) if wanted && row.get(&FOLLOWED, "phone").as_str().is_none() => {
                stands("without a telephone", "have their number put on the roster first")
            }
            Some(row) => {
                let text = |name: &str| row.get(&FOLLOWED, name).as_str().unwrap_or_default();
                let (person, division) = (text("person"), text("division").parse().map_err(super::inside)?);
                at.tx.choose_messages((*key, no + 1), (person, &division), wanted, (at.account(), now)).await?;
                if !wanted {
                    at.tx.withdraw_messages(key, now, "they want no messages any more").await?;
                }
                let body = json!({"person": person, "wanted": wanted});
                minutes.event(now, "follow.messages", *key, &division, &body, None)?;
                Verdict::Done
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Whether a message may be on a telephone.
fn may_have_gone(message: &Message) -> bool {
    matches!(message.state, MessageState::Sent | MessageState::Delivered) || message.tries > 0
}

/// The notice after a message that may be on a telephone.
fn notice(of: &Message) -> Message {
    Message {
        id: String::new(),
        kind: MessageKind::Recall,
        written: None,
        recalls: Some(of.id.clone()),
        state: MessageState::Queued,
        tries: 0,
        ..of.clone()
    }
}

/// Recalls messages by name.
pub(super) async fn recall(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let rows = at.tx.records(&MESSAGES, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    let found: BTreeMap<String, Message> =
        at.tx.messages_by_id(&ids).await?.into_iter().map(|one| (one.id.clone(), one)).collect();
    let mut minutes = at.minutes();
    let (mut verdicts, mut notices) = (Vec::with_capacity(keys.len()), Vec::new());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(one) => recalled(at, &mut minutes, one, &mut notices).await?,
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    send(at, &mut minutes, notices).await?;
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

async fn recalled(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    one: &Message,
    notices: &mut Vec<Message>,
) -> Result<Verdict, DeskError> {
    let now = at.doing.now;
    match one.state {
        MessageState::Recalled => return Ok(Verdict::Same),
        MessageState::Failed => return Ok(stands("failed", "it did not go; speak to them")),
        _ if one.kind == MessageKind::Recall && may_have_gone(one) => {
            return Ok(stands("a notice that has gone", "speak to them"));
        }
        _ if one.to.phone.is_empty() => return Ok(stands("over", "its number was deleted; speak to them")),
        _ => {}
    }
    // the words of whoever recalls stand in the event, and in no list
    at.tx.recall_message(&one.id, now, "recalled at a desk").await?;
    let body = json!({"person": one.to.person, "was": one.state, "reason": at.text("reason")});
    minutes.event(now, "message.recalled", &one.id, &one.to.division, &body, None)?;
    if one.kind == MessageKind::Ask && may_have_gone(one) {
        notices.push(notice(one));
    }
    Ok(Verdict::Done)
}

/// Makes the notices: those to many people wait for a second person, as every sending does.
async fn send(at: &mut Sitting<'_, '_>, minutes: &mut Minutes<'_>, notices: Vec<Message>) -> Result<(), DeskError> {
    if notices.is_empty() {
        return Ok(());
    }
    let today = at.room.day.zone.day(at.doing.now);
    let notices = notices.into_iter().map(|one| Message { day: today, ..one }).collect();
    let account = at.account();
    made(at.tx, minutes, (MessageKind::Recall, today, account), notices).await?;
    Ok(())
}

/// Lets a sending go, or stops it.
pub(super) async fn decide(at: &mut Sitting<'_, '_>, keys: &[&str], to: SendingState) -> Result<Report, DeskError> {
    let rows = at.tx.records(&SENDINGS, keys).await?;
    let ids: Vec<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    at.for_the_city();
    let found: BTreeMap<String, Sending> =
        at.tx.sendings_by_id(&ids).await?.into_iter().map(|one| (one.id.clone(), one)).collect();
    let mut minutes = at.minutes();
    let (mut verdicts, mut notices) = (Vec::with_capacity(keys.len()), Vec::new());
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(one) if one.state == to => Verdict::Same,
            Some(one) if one.state == SendingState::Stopped => stands("stopped", "what was stopped stays stopped"),
            Some(one) if to == SendingState::Stopped => {
                for message in at.tx.messages_of_sending(&one.id).await? {
                    recalled(at, &mut minutes, &message, &mut notices).await?;
                }
                let (account, now, why) = (at.account(), at.doing.now, at.text("reason"));
                stopped(at.tx, &mut minutes, one, (account, now), why).await?;
                Verdict::Done
            }
            Some(one) => released(at, &mut minutes, one).await?,
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    send(at, &mut minutes, notices).await?;
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

async fn released(at: &mut Sitting<'_, '_>, minutes: &mut Minutes<'_>, one: &Sending) -> Result<Verdict, DeskError> {
    let now = at.doing.now;
    if one.state == SendingState::Goes {
        return Ok(Verdict::Same);
    }
    if one.made.0 == at.account() {
        return Ok(stands("made by yourself", "another person lets it go"));
    }
    if one.day < at.room.day.zone.day(now) {
        return Ok(stands("over", "its day has passed; what is owed today is made anew"));
    }
    at.tx.decide_sending(&one.id, SendingState::Released, (at.account(), now), None).await?;
    let body = json!({"kind": one.kind, "people": one.people});
    minutes.event(now, "sending.released", &one.id, &one.division, &body, None)?;
    for item in at.tx.open_of(Worklist::Review, &[&subject(&one.id)]).await? {
        minutes.known(item).done(now, format!("released by {}", at.account()));
    }
    Ok(Verdict::Done)
}
