//! Letters of ours to other jurisdictions: who of a case lives there, how the letter went, what was answered for each, and what becomes of
//! whom nobody there takes over. It guarantees that nobody who is on our own roster goes into one, nobody twice, that nothing is answered
//! before it was asked, and that nobody is dropped: who is with nobody stays an item until somebody settles it or asks elsewhere.

use super::{DeskError, Input, Refusal, Report, Sitting, Verdict, inside, invalid, searches::cases, stands};
use crate::{
    identity,
    letters::{self, count},
    minutes::Minutes,
};
use dayclear_core::{
    books::Worklist,
    letters::{LetterBook, LetterKind, LetterPerson, LetterState},
    listing::{Cell, LETTER_PEOPLE, LETTERS},
    time::{CivilDate, Instant},
    tracing::ContactClass,
};
use dayclear_store::{
    cases::Case,
    letter_people::{LetterEntry, LetterWord},
    letters::Letter,
};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Letters and the people in them, as far as a command names them and the duty sees them; the handle is that of the city from then on.
pub(super) struct Known {
    pub letters: BTreeMap<String, Letter>,
    pub people: BTreeMap<String, Vec<LetterEntry>>,
    /// Keys of people whom the duty sees.
    seen: BTreeSet<String>,
    touched: BTreeSet<String>,
}

impl Known {
    /// Somebody whom the duty sees, by the key of the list.
    pub(super) fn one(&self, key: &str) -> Option<(&Letter, &LetterEntry)> {
        let (letter, entry) = self.seen.get(key)?.split_once(':')?;
        let one = self.people.get(letter)?.iter().find(|one| one.entry == entry)?;
        Some((self.letters.get(letter)?, one))
    }

    /// Keeps what was said of somebody, with its letter's book.
    pub(super) async fn keep(&mut self, at: &mut Sitting<'_, '_>, changed: LetterEntry) -> Result<(), DeskError> {
        at.tx.update_letter_entry(&changed).await?;
        self.touched.insert(changed.letter.clone());
        let Some(letter) = self.letters.get_mut(&changed.letter) else { return Ok(()) };
        let Some(people) = self.people.get_mut(&changed.letter) else { return Ok(()) };
        if let Some(known) = people.iter_mut().find(|known| known.entry == changed.entry) {
            *known = changed;
        }
        count(letter, people);
        at.tx.update_letter(letter).await?;
        Ok(())
    }

    /// Posts the letters of which something was said, once each: of two entries of one the books take the first.
    pub(super) fn post(&self, minutes: &mut Minutes<'_>) {
        for (id, letter) in self.letters.iter().filter(|(id, _)| self.touched.contains(*id)) {
            letters::post(minutes, letter, self.people.get(id).map_or(&[][..], Vec::as_slice));
        }
    }
}

/// Letters of a command on letters.
async fn named(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Known, DeskError> {
    let rows = at.tx.records(&LETTERS, keys).await?;
    let ids: BTreeSet<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    read(at, ids, BTreeSet::new()).await
}

/// Letters of a command on people in them.
pub(super) async fn of_people(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Known, DeskError> {
    let rows = at.tx.records(&LETTER_PEOPLE, keys).await?;
    let seen: BTreeSet<&str> = keys.iter().copied().filter(|key| rows.contains_key(*key)).collect();
    let ids = seen.iter().filter_map(|key| key.split_once(':')).map(|(letter, _)| letter).collect();
    read(at, ids, seen.into_iter().map(str::to_owned).collect()).await
}

async fn read(at: &mut Sitting<'_, '_>, ids: BTreeSet<&str>, seen: BTreeSet<String>) -> Result<Known, DeskError> {
    at.for_the_city();
    let ids: Vec<&str> = ids.into_iter().collect();
    let letters = at.tx.letters_by_id(&ids).await?;
    let mut people: BTreeMap<String, Vec<LetterEntry>> = BTreeMap::new();
    for one in at.tx.people_of_letters(&ids).await? {
        people.entry(one.letter.clone()).or_default().push(one);
    }
    let letters = letters.into_iter().map(|letter| (letter.id.clone(), letter)).collect();
    Ok(Known { letters, people, seen, touched: BTreeSet::new() })
}

fn day(input: &Input, field: &str) -> Result<CivilDate, DeskError> {
    match input.get(field) {
        Some(Cell::Day(day)) => Ok(*day),
        _ => Err(Refusal::Unknown.into()),
    }
}

/// What was given, or nothing.
fn given(at: &Sitting<'_, '_>, field: &str) -> Option<String> {
    Some(at.text(field).trim().to_owned()).filter(|text| !text.is_empty())
}

/// `cases.assist`.
pub(super) async fn assist(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let today = at.room.day.zone.day(at.doing.now);
    let (first, last) = (day(at.input, "first_exposure")?, day(at.input, "last_exposure")?);
    if last > today {
        return Err(invalid("last_exposure", last.to_string(), "a day that is not ahead", "correct the day"));
    }
    if first > last {
        return Err(invalid("first_exposure", first.to_string(), "a day not after the last", "correct the days"));
    }
    let (phone, document, address) = (given(at, "phone"), given(at, "document"), given(at, "address"));
    if phone.is_none() && document.is_none() && address.is_none() {
        let remedy = "give at least one of the three: nobody is found by a name";
        return Err(invalid("phone", "", "a telephone, a document or an address", remedy));
    }
    let class: ContactClass = at.text("class").parse().map_err(inside)?;
    let found = cases(at, keys).await?;
    let mut minutes = at.minutes();
    let (mut verdicts, mut made) = (Vec::with_capacity(keys.len()), None);
    for key in keys {
        let verdict = match found.get(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(case) if case.is_withdrawn() => stands("withdrawn", "nobody is asked after for a case that was none"),
            Some(_) if at.room.day.pack.tier_of(class).is_none() => {
                stands("no contact under the rules in force", "choose the class that fits, or ask nobody after them")
            }
            Some(case) => {
                let one = LetterEntry {
                    letter: String::new(),
                    entry: String::new(),
                    division: case.division.clone(),
                    side: at.text("side").trim().to_owned(),
                    side_code: given(at, "side_code"),
                    side_case: None,
                    side_phone: None,
                    received_at: None,
                    name: given(at, "name"),
                    phone: phone.clone(),
                    document: document.clone(),
                    address: address.clone(),
                    class,
                    first_exposure: first,
                    last_exposure: last,
                    note: given(at, "remark"),
                    case_id: Some(case.id.clone()),
                    state: LetterPerson::Open,
                    suggested: None,
                    person: None,
                    answered_at: None,
                    answered_by: None,
                    settled: None,
                    gone_on: None,
                };
                match unfit(at, case, &one).await? {
                    Some(verdict) => verdict,
                    None => {
                        made = Some(written(at, &mut minutes, one).await?);
                        Verdict::Done
                    }
                }
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report { made, ..Report::of(verdicts) })
}

/// Why somebody does not go into a letter: they live here, or stand in one already.
async fn unfit(at: &mut Sitting<'_, '_>, case: &Case, one: &LetterEntry) -> Result<Option<Verdict>, DeskError> {
    let here = letters::sharing(at.tx, one).await?;
    if here.iter().any(|person| person.document || person.name) {
        let remedy = "list them as a contact of the case; who is only registered here and lives elsewhere is moved out on the roster first";
        return Ok(Some(stands("on our own roster", remedy)));
    }
    let before = at.tx.letters_of_case(&case.id).await?;
    let live: Vec<&str> =
        before.iter().filter(|letter| letter.state != LetterState::Dropped).map(|letter| letter.id.as_str()).collect();
    let people = at.tx.people_of_letters(&live).await?;
    let twice = people.iter().find(|known| known.settled.is_none() && same(known, one));
    Ok(twice.map(|known| stands(format!("in letter {} already", known.letter), "one letter asks after each person")))
}

/// Whether two rows tell of one person: by document, or by name together with telephone or address.
fn same(one: &LetterEntry, other: &LetterEntry) -> bool {
    identity::same_by_key(letters::told(one), letters::told(other))
        || (one.name == other.name && one.address.is_some() && one.address == other.address)
}

/// Writes somebody into the letter of a case to a side that waits to be sent, or begins one; its number.
async fn written(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    mut one: LetterEntry,
) -> Result<String, DeskError> {
    let now = at.doing.now;
    let case = one.case_id.clone().unwrap_or_default();
    let before = at.tx.letters_of_case(&case).await?;
    let waits = |letter: &Letter| letter.state == LetterState::Draft && letter.side == one.side;
    let known = before.into_iter().find(waits);
    let new = known.is_none();
    let mut letter = match known {
        Some(letter) => letter,
        None => {
            let zone = at.room.day.zone;
            let today = zone.day(now);
            let number = at.tx.letters_begun_since(zone.start_of(today)).await? + 1;
            let (year, month, dom) = today.parts();
            Letter {
                // by the day on which it was begun: it leads to no case
                id: format!("A{year:04}{month:02}{dom:02}-{number}"),
                kind: LetterKind::Out,
                division: one.division.clone(),
                case_id: Some(case),
                side: one.side.clone(),
                side_code: one.side_code.clone(),
                side_phone: None,
                state: LetterState::Draft,
                made_by: at.account().to_owned(),
                made_at: now,
                clock_at: None,
                due_at: None,
                round: 1,
                sent: None,
                ended_at: None,
                dropped_why: None,
                book: LetterBook::default(),
            }
        }
    };
    if new {
        at.tx.add_letter(&letter).await?;
    }
    one.letter.clone_from(&letter.id);
    one.entry = (at.tx.people_of_letters(&[&letter.id]).await?.len() + 1).to_string();
    at.tx.add_letter_entry(&one).await?;
    let people = at.tx.people_of_letters(&[&letter.id]).await?;
    count(&mut letter, &people);
    at.tx.update_letter(&letter).await?;
    // who it is stands in the row, which is deleted, and not in what is kept for good
    minutes.event(now, "letter.named", &letter.id, &letter.division, &json!({"people": people.len()}), None)?;
    letters::post(minutes, &letter, &people);
    Ok(letter.id)
}

/// `letters.send`, `letters.drop` and `letters.answered`.
pub(super) async fn act(at: &mut Sitting<'_, '_>, keys: &[&str], verb: &str) -> Result<Report, DeskError> {
    let when = if verb == "drop" { at.doing.now } else { at.happened()? };
    let mut known = named(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match known.letters.get_mut(*key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some(letter) => {
                let people = known.people.get(*key).map_or(&[][..], Vec::as_slice);
                match (verb, letter.kind, letter.state) {
                    ("send", LetterKind::Out, LetterState::Draft) if when < letter.made_at => {
                        stands("written later than that", "say when it went")
                    }
                    ("send", LetterKind::Out, LetterState::Draft) => {
                        letter.sent = Some(way(at, when)?);
                        letter.state = LetterState::Sent;
                        letter.clock_at = Some(when);
                        letter.due_at = at.room.day.due(Worklist::Letters, when);
                        keep(at, &mut minutes, letter, people, "letter.sent").await?
                    }
                    ("send", LetterKind::Out, LetterState::Sent | LetterState::Answered) => Verdict::Same,
                    ("drop", LetterKind::Out, LetterState::Draft) => {
                        letter.state = LetterState::Dropped;
                        letter.dropped_why = Some(at.text("reason").to_owned());
                        keep(at, &mut minutes, letter, people, "letter.dropped").await?
                    }
                    ("drop", LetterKind::Out, LetterState::Dropped) => Verdict::Same,
                    ("answered", LetterKind::In, LetterState::Received) => match letter.book.open {
                        0 if people.iter().filter_map(|one| one.answered_at).any(|at| at > when) => {
                            stands("answered for later than that", "say when the answer went")
                        }
                        0 => {
                            letter.sent = Some(way(at, when)?);
                            letter.state = LetterState::Answered;
                            letter.ended_at = Some(when);
                            keep(at, &mut minutes, letter, people, "letter.answered").await?
                        }
                        open => stands(
                            format!("without an answer for {open}"),
                            "confirm who each of them is, or say what we answer for them",
                        ),
                    },
                    ("answered", LetterKind::In, LetterState::Answered) => Verdict::Same,
                    ("answered", LetterKind::Out, _) => {
                        stands("a letter of ours", "write down what the other side answered for each person")
                    }
                    (_, LetterKind::In, _) => stands("a letter to us", "answer it"),
                    (_, _, state) => stands(state.name(), "name the people in a new letter"),
                }
            }
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

fn way(at: &Sitting<'_, '_>, when: Instant) -> Result<(dayclear_core::letters::LetterWay, String, Instant), DeskError> {
    Ok((at.text("way").parse().map_err(inside)?, at.text("shown").trim().to_owned(), when))
}

async fn keep(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    letter: &Letter,
    people: &[LetterEntry],
    kind: &'static str,
) -> Result<Verdict, DeskError> {
    at.tx.update_letter(letter).await?;
    let book = letter.book;
    let body = json!({"people": book.people, "found": book.found, "not_found": book.not_found,
        "elsewhere": book.elsewhere, "refused": book.refused, "due": letter.due_at});
    minutes.event(at.doing.now, kind, &letter.id, &letter.division, &body, None)?;
    letters::post(minutes, letter, people);
    Ok(Verdict::Done)
}

/// `letter_people.answer`.
pub(super) async fn answer(at: &mut Sitting<'_, '_>, keys: &[&str]) -> Result<Report, DeskError> {
    let when = at.happened()?;
    let state: LetterPerson = at.text("state").parse().map_err(inside)?;
    let mut known = of_people(at, keys).await?;
    let mut minutes = at.minutes();
    let mut verdicts = Vec::with_capacity(keys.len());
    for key in keys {
        let verdict = match known.one(key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some((letter, _)) if letter.kind == LetterKind::In => stands("in a letter to us", "we answer for them"),
            Some((letter, one)) => match (letter.state, one.state) {
                (LetterState::Draft | LetterState::Dropped, _) => {
                    stands("in a letter that was not sent", "send the letter, and say how it went")
                }
                _ if one.settled.is_some() => stands("settled", "name them in another letter"),
                (_, before) if before == state => Verdict::Same,
                (_, LetterPerson::Found) => {
                    stands("taken over", "call the other side, and name them in another letter")
                }
                _ if letter.clock_at.is_some_and(|sent| when < sent) => {
                    stands("asked after later than that", "say when the answer came")
                }
                (_, before) => {
                    let mut one = one.clone();
                    one.state = state;
                    one.answered_at = Some(when);
                    one.answered_by = Some(format!("{}; {}", at.text("who").trim(), at.text("shown").trim()));
                    if before.leaves_open() && state == LetterPerson::Found {
                        one.settled = Some((at.doing.now, "taken over after all".to_owned()));
                    }
                    say(at, &mut minutes, &one, when, at.text("who"), at.text("shown")).await?;
                    known.keep(at, one).await?;
                    Verdict::Done
                }
            },
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    known.post(&mut minutes);
    minutes.hand_in(at.tx).await?;
    Ok(Report::of(verdicts))
}

/// Keeps a word on somebody, and tells of it without who it is.
pub(super) async fn say(
    at: &mut Sitting<'_, '_>,
    minutes: &mut Minutes<'_>,
    one: &LetterEntry,
    when: Instant,
    who: &str,
    shown: &str,
) -> Result<(), DeskError> {
    let word = LetterWord {
        key: one.key(),
        division: one.division.clone(),
        state: one.state,
        who: who.trim().to_owned(),
        shown: shown.trim().to_owned(),
        at: when,
        account: at.account().to_owned(),
        said_at: at.doing.now,
    };
    at.tx.say_of_letter_entry(&word).await?;
    let body = json!({"entry": one.entry, "state": one.state, "at": when});
    minutes.event(at.doing.now, "letter.said", &one.letter, &one.division, &body, None)?;
    Ok(())
}

/// Somebody of a letter of ours whom nobody takes over and nobody has settled.
fn unsettled(letter: &Letter, one: &LetterEntry) -> Option<Verdict> {
    match one.state {
        _ if letter.kind == LetterKind::In => Some(stands("in a letter to us", "say what we answer for them")),
        LetterPerson::Open => Some(stands("without an answer", "write down what the other side answered first")),
        LetterPerson::Found => Some(stands("taken over", "nothing is left to do")),
        _ if one.settled.is_some() => Some(Verdict::Same),
        _ => None,
    }
}

/// `letter_people.settle` and `letter_people.forward`: nothing more can be done, or another jurisdiction is asked.
pub(super) async fn settle(at: &mut Sitting<'_, '_>, keys: &[&str], verb: &str) -> Result<Report, DeskError> {
    let mut known = of_people(at, keys).await?;
    let elsewhere = (verb == "forward").then(|| at.text("side").trim().to_owned());
    let mut minutes = at.minutes();
    let (mut verdicts, mut made) = (Vec::with_capacity(keys.len()), None);
    for key in keys {
        let verdict = match known.one(key) {
            None => Verdict::Refused(Refusal::Unknown),
            Some((letter, one)) => match (unsettled(letter, one), &elsewhere) {
                (Some(verdict), _) => verdict,
                (None, Some(side)) if letter.side == *side => stands("with this jurisdiction", "name another one"),
                (None, side) => {
                    let mut one = one.clone();
                    let why = match side {
                        None => at.text("reason").trim().to_owned(),
                        Some(side) => {
                            let next = LetterEntry {
                                side: side.clone(),
                                side_code: given(at, "side_code"),
                                address: given(at, "address").or_else(|| one.address.clone()),
                                state: LetterPerson::Open,
                                answered_at: None,
                                answered_by: None,
                                ..one.clone()
                            };
                            let id = written(at, &mut minutes, next).await?;
                            made = Some(id.clone());
                            format!("asked after in letter {id}")
                        }
                    };
                    one.settled = Some((at.doing.now, why));
                    let body = json!({"entry": one.entry, "state": one.state});
                    minutes.event(at.doing.now, "letter.settled", &one.letter, &one.division, &body, None)?;
                    known.keep(at, one).await?;
                    Verdict::Done
                }
            },
        };
        verdicts.push(((*key).to_owned(), verdict));
    }
    known.post(&mut minutes);
    minutes.hand_in(at.tx).await?;
    Ok(Report { made, ..Report::of(verdicts) })
}
