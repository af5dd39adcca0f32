//! Letters of assistance between jurisdictions: the book and the clock of each, and what comes in from others. It may use the roster's keys
//! and the store. It guarantees that a letter's book is counted from the people in it, that whoever waits for an answer, or is left with
//! nobody, is an item with an owner, and that a name in a letter binds nobody: the roster is asked who it may be, and somebody of ours
//! confirms it.

use crate::{
    OpsError,
    identity::{self, Sharing, Told},
    minutes::{BY_RULE, Close, Minutes, by_division},
};
use dayclear_core::{
    books::Worklist,
    divisions::DivisionCode,
    letters::{LetterBook, LetterKind, LetterPerson, LetterState},
};
use dayclear_store::{Scoped, letter_people::LetterEntry, letters::Letter};
use serde_json::json;
use std::collections::BTreeSet;

/// Rows that are looked at in one pass at most.
const AT_ONCE: i64 = 2_000;
/// People who are suggested for one at most.
const SUGGESTED_MAX: usize = 5;

/// Subject of the item of a letter: what has ended in the books stays ended, so rows that come after an answer have one of their own.
fn subject(letter: &Letter) -> String {
    match letter.round {
        1 => letter.id.clone(),
        round => format!("{}/{round}", letter.id),
    }
}

/// Counts the book of a letter, and ends its clock where everybody in a letter of ours was answered for: with the last answer.
pub(crate) fn count(letter: &mut Letter, people: &[LetterEntry]) {
    letter.book = LetterBook::of(people.iter().map(|one| one.state));
    if letter.kind == LetterKind::Out
        && letter.state == LetterState::Sent
        && letter.book.open == 0
        && let Some(last) = people.iter().filter_map(|one| one.answered_at).max()
    {
        letter.state = LetterState::Answered;
        letter.ended_at = Some(last);
    }
}

/// Posts what a letter and the people in it wait for.
pub(crate) fn post(minutes: &mut Minutes<'_>, letter: &Letter, people: &[LetterEntry]) {
    match letter.kind {
        LetterKind::Out => post_ours(minutes, letter, people),
        LetterKind::In => post_theirs(minutes, letter, people),
    }
}

fn post_ours(minutes: &mut Minutes<'_>, letter: &Letter, people: &[LetterEntry]) {
    let end = minutes.day.end;
    let owner = || by_division(&letter.division.district());
    let n = letter.book.people;
    let why = format!("{n} named for {}; the letter waits to be sent", letter.side);
    let draft = format!("{}/send", letter.id);
    let item = minutes.waits(Worklist::Letters, draft, &letter.division, owner(), letter.made_at, why);
    // nobody outside waits for it yet
    item.due_at = None;
    match (letter.state, letter.clock_at) {
        (LetterState::Draft, _) => return,
        (LetterState::Dropped, _) => {
            item.cancelled(end, "the letter is not sent after all");
            return;
        }
        (_, Some(at)) => item.done(at, "sent"),
        (_, None) => return,
    };
    let since = letter.clock_at.unwrap_or(end);
    let why = format!("{} asked after {n}; {} without an answer", letter.side, letter.book.open);
    let item = minutes.waits(Worklist::Letters, subject(letter), &letter.division, owner(), since, why);
    item.due_at = letter.due_at;
    if let Some(at) = letter.ended_at {
        item.done(at, "answered for everybody");
    }
    for one in people {
        let (Some(at), true) = (one.answered_at, one.state.leaves_open() || one.settled.is_some()) else { continue };
        let why = format!("{} answered {}: nobody there takes them over", letter.side, one.state);
        let subject = format!("{}/{}", letter.id, one.entry);
        let item = minutes.waits(Worklist::Letters, subject, &one.division, owner(), at, why);
        if let Some((at, _)) = one.settled {
            item.done(at, if one.state == LetterPerson::Found { "taken over after all" } else { "settled" });
        }
    }
}

fn post_theirs(minutes: &mut Minutes<'_>, letter: &Letter, people: &[LetterEntry]) {
    let (end, since) = (minutes.day.end, letter.clock_at.unwrap_or(letter.made_at));
    let why = format!("{} asks after {}; {} not answered for yet", letter.side, letter.book.people, letter.book.open);
    let owner = by_division(&letter.division.district());
    let item = minutes.waits(Worklist::Letters, subject(letter), &letter.division, owner, since, why);
    item.due_at = letter.due_at;
    if let Some(at) = letter.ended_at {
        item.done(at, "our answer went out");
    }
    // a letter to several districts: each has an item for those whom it is asked for
    let places: BTreeSet<DivisionCode> = people.iter().map(|one| one.division.district()).collect();
    for place in places.into_iter().filter(|place| *place != letter.division.district()) {
        let open =
            people.iter().filter(|one| one.state == LetterPerson::Open && one.division.district() == place).count();
        let why = format!("{} asks after people here; {open} not answered for yet", letter.side);
        let subject = format!("{}/at/{place}", subject(letter));
        let item = minutes.waits(Worklist::Letters, subject, &place, by_division(&place), since, why);
        item.due_at = letter.due_at;
        if open == 0 || letter.ended_at.is_some() {
            item.done(end, "everybody here is answered for");
        }
    }
}

/// Looks at rows of letters that came: the letter, its clock, and who of the roster those in it may be.
pub(crate) async fn run(tx: &mut Scoped, minutes: &mut Minutes<'_>) -> Result<(), OpsError> {
    let day = minutes.day;
    for id in tx.letters_told(AT_ONCE).await? {
        let fresh = tx.take_letter_rows(&id).await?;
        let mut people = tx.people_of_letters(&[&id]).await?;
        for one in people.iter_mut().filter(|one| fresh.contains(&one.key())) {
            one.suggested = suggested(tx, one).await?;
            tx.update_letter_entry(one).await?;
        }
        let Some(first) = people.iter().find(|one| fresh.contains(&one.key())).cloned() else { continue };
        let received = |one: &LetterEntry| one.received_at.unwrap_or(day.end).min(day.end);
        let came = people.iter().filter(|one| fresh.contains(&one.key())).map(received).min().unwrap_or(day.end);
        let known = tx.letters_by_id(&[&id]).await?.into_iter().next();
        let new = known.is_none();
        let mut letter = known.unwrap_or_else(|| Letter {
            id: id.clone(),
            kind: LetterKind::In,
            division: smallest(&first, &people),
            case_id: None,
            side: first.side.clone(),
            side_code: first.side_code.clone(),
            side_phone: first.side_phone.clone(),
            state: LetterState::Received,
            made_by: BY_RULE.to_owned(),
            made_at: came,
            clock_at: Some(came),
            due_at: day.due(Worklist::Letters, came),
            round: 1,
            sent: None,
            ended_at: None,
            dropped_why: None,
            book: LetterBook::default(),
        });
        if letter.state == LetterState::Answered {
            letter.round += 1;
            letter.state = LetterState::Received;
            letter.ended_at = None;
            letter.clock_at = Some(came);
            letter.due_at = day.due(Worklist::Letters, came);
        }
        count(&mut letter, &people);
        match new {
            true => tx.add_letter(&letter).await?,
            false => tx.update_letter(&letter).await?,
        }
        let body = json!({"people": fresh.len(), "received": came});
        minutes.event(day.end, "letter.received", &letter.id, &letter.division, &body, None)?;
        post(minutes, &letter, &people);
    }
    Ok(())
}

/// The division that all who are in a letter lie in.
fn smallest(first: &LetterEntry, people: &[LetterEntry]) -> DivisionCode {
    let code = first.division.to_string();
    let code = people.iter().fold(code, |code, other| identity::smallest(&code, other.division.as_str()));
    code.parse().unwrap_or_else(|_| first.division.clone())
}

/// People of the roster whom a row may mean, within the place that is asked.
async fn suggested(tx: &mut Scoped, one: &LetterEntry) -> Result<Option<String>, OpsError> {
    let mut found = sharing(tx, one).await?;
    found.retain(|person| person.division.starts_with(one.division.district().as_str()));
    found.sort_by_key(|person| (!person.document, !person.name, person.no));
    let ids: Vec<&str> = found.iter().take(SUGGESTED_MAX).map(|person| person.person.as_str()).collect();
    Ok((!ids.is_empty()).then(|| ids.join(" ")))
}

/// People of the roster with the document or the telephone of somebody in a letter.
pub(crate) async fn sharing(tx: &mut Scoped, one: &LetterEntry) -> Result<Vec<Sharing>, OpsError> {
    identity::sharing(tx, told(one)).await
}

/// What a letter tells of somebody by which they are known.
pub(crate) fn told(one: &LetterEntry) -> Told<'_> {
    (one.name.as_deref(), one.document.as_deref(), one.phone.as_deref())
}
