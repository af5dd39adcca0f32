//! Messages: results that a program sends with an id of its own (HL7 v2, FHIR). A message is taken once: the same again gets
//! the same answer, and another one under the same id is refused and put before a person. It guarantees that the answer is
//! kept in the transaction of its effect, so that it may leave as soon as that is durable, and that the rows of a message go
//! the way of every other row.

use super::{Text, csv_of, within};
use crate::{
    OpsError,
    desk::{DeskError, Doing, Refusal, again, digest_of, room},
    minutes::{Minutes, by_division},
};
use dayclear_core::{books::Worklist, command::givers, divisions::DivisionCode, schema::RESULTS};
use dayclear_store::{
    Store, StoreError,
    commands::Once,
    landing::{Doubt, Tally},
};
use serde_json::json;
use std::collections::BTreeMap;

/// Worklist in which a person finds a message that contradicts one before it.
const ALARM: Worklist = Worklist::Clarify;
/// Line of the first row of a text with a header.
const FIRST_ROW: u64 = 2;

/// A message that was read.
pub struct Letter<'a> {
    /// By which way it came: `hl7` or `fhir`.
    pub channel: &'static str,
    /// Who sent it, as the channel names senders.
    pub sender: &'a str,
    /// Id that the sender gave it; without one it is told by its rows.
    pub id: Option<&'a str>,
    /// The bytes as they came: two messages are the same when these are.
    pub bytes: &'a [u8],
    /// Rows of results.
    pub rows: &'a [BTreeMap<String, String>],
    /// Whether one row that cannot be taken refuses all; else it is kept aside.
    pub atomic: bool,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The answer, as it was made when the message was taken.
    pub answer: String,
    /// Whether it was taken before.
    pub replayed: bool,
}

/// What became of the rows of a message, for the answer.
#[derive(Debug)]
pub struct Taken<'t> {
    /// Counts.
    pub tally: Tally,
    /// Rows that were kept aside.
    pub doubts: &'t [Doubt],
}

impl Taken<'_> {
    /// Why a row, counted from 0, was kept aside.
    pub fn doubts_of(&self, row: usize) -> impl Iterator<Item = &Doubt> {
        self.doubts.iter().filter(move |doubt| place_of(doubt) == Some(row))
    }
}

/// Which row, counted from 0, a doubt is about: each row of a message is one line under the header.
pub fn place_of(doubt: &Doubt) -> Option<usize> {
    doubt.row.checked_sub(FIRST_ROW).and_then(|row| usize::try_from(row).ok())
}

/// Takes a message. `answer` makes the answer from what became of the rows; it is kept, and given again when the message
/// comes again. A message under the id of another is refused with [`Refusal::OtherBody`], which is an event and an item for
/// a person when this returns.
pub async fn receive(
    store: &Store,
    doing: &Doing<'_>,
    letter: &Letter<'_>,
    answer: &(dyn Fn(&Taken<'_>) -> String + Sync),
) -> Result<Answered, DeskError> {
    let role = doing.looker.duty.role;
    let allowed = givers(RESULTS.name).ok_or(Refusal::Unknown)?;
    if !allowed.contains(&role) {
        return Err(Refusal::NotYours { role, allowed }.into());
    }
    let mut tries = 0;
    loop {
        match attempt(store, doing, letter, answer).await {
            // the same message on two connections: the second waits for the first, and gets its answer
            Err(DeskError::Trouble(OpsError::Store(error))) if error.is_double() && tries < 2 => tries += 1,
            Err(error) if again(&error, &mut tries) => {}
            Err(DeskError::Refused(Refusal::OtherBody)) => {
                alarm(store, doing, letter).await?;
                return Err(Refusal::OtherBody.into());
            }
            other => return other,
        }
    }
}

/// Key of a message among the commands of its account.
fn key_of(letter: &Letter<'_>) -> Option<String> {
    let id = letter.id?;
    Some(digest_of(&[letter.channel.as_bytes(), letter.sender.as_bytes(), id.as_bytes()]))
}

async fn attempt(
    store: &Store,
    doing: &Doing<'_>,
    letter: &Letter<'_>,
    answer: &(dyn Fn(&Taken<'_>) -> String + Sync),
) -> Result<Answered, DeskError> {
    let account = doing.looker.account.as_str();
    let sha256 = digest_of(&[letter.bytes]);
    let key = key_of(letter);
    let mut tx = store.turn(&doing.looker.scope()).await?;
    if let Some(key) = &key
        && let Once::Replay(answer) = tx.once(account, key, &sha256).await?
    {
        return Ok(Answered { answer, replayed: true });
    }
    let csv = csv_of(&RESULTS, letter.rows);
    let digest = digest_of(&[RESULTS.name.as_bytes(), &csv]);
    // a message is a file of its own: sent anew under another id, what was kept aside is tried again
    let source = format!("{}/{}-{}", letter.channel, RESULTS.name, &key.as_deref().unwrap_or(&sha256)[..12]);
    let about = json!({"channel": letter.channel, "sender": letter.sender, "id": letter.id, "sha256": sha256});
    let text = Text { csv: &csv, digest: &digest, source: &source, about: Some(&about) };
    let (tally, doubts) = within(&mut tx, doing, &RESULTS, text, !letter.atomic).await?;
    let answer = answer(&Taken { tally, doubts: &doubts });
    if let Some(key) = &key {
        tx.done(account, key, &sha256, &answer, doing.now).await?;
    }
    tx.commit().await?;
    Ok(Answered { answer, replayed: false })
}

/// A message came under the id of another: somebody has to find out which of them holds. Nothing of it is taken.
async fn alarm(store: &Store, doing: &Doing<'_>, letter: &Letter<'_>) -> Result<(), DeskError> {
    let mut tries = 0;
    loop {
        match put_before_somebody(store, doing, letter).await {
            Err(error) if again(&error, &mut tries) => {}
            other => return other,
        }
    }
}

async fn put_before_somebody(store: &Store, doing: &Doing<'_>, letter: &Letter<'_>) -> Result<(), DeskError> {
    let (Some(key), sha256) = (key_of(letter), digest_of(&[letter.bytes])) else { return Ok(()) };
    let account = doing.looker.account.as_str();
    let mut tx = store.turn(&doing.looker.scope()).await?;
    // the same contradiction again is no news
    let told = format!("{}/{}", &key[..12], &sha256[..12]);
    match tx.once(account, &told, &sha256).await {
        Ok(Once::Fresh) => {}
        Ok(Once::Replay(_)) | Err(StoreError::OtherBody { .. }) => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    let room = room(&mut tx, doing).await?;
    tx.widen(&room.city);
    let division: &DivisionCode = room.city.division();
    let mut minutes = Minutes::by(&room.day, account);
    let subject = format!("message/{told}");
    let body = json!({"channel": letter.channel, "sender": letter.sender, "id": letter.id, "sha256": sha256,
        "laboratory": doing.looker.duty.site});
    minutes.event(room.day.end, "message.contradicted", &subject, division, &body, Some("clarify"))?;
    let who = doing.looker.duty.site.as_deref().unwrap_or("a district");
    let reason = format!(
        "{who} sent a message by {} under an id that another message had, and nothing of it was taken: ask which of them \
         holds; what is right is to be sent under a new id",
        letter.channel
    );
    minutes.waits(ALARM, subject, division, by_division(division), room.day.end, reason);
    minutes.hand_in(&mut tx).await?;
    tx.done(account, &told, &sha256, "", doing.now).await?;
    Ok(tx.commit().await?)
}
