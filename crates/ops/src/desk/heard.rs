//! What a case tells in an interview, as evidence: an answer, a stay at a place, somebody whom they met; from a page, or kept by a telephone
//! that had no network, each thing under the id that it was given there. It takes the rows by the intake of every other evidence, and may use
//! the roster's keys. It guarantees that a record is taken once and at its true time, that only a case which the duty has is told of, and
//! that nobody becomes a contact by a document or a telephone that more than one person has.

use super::{DeskError, Doing, FieldFault, Given, Refusal, digest_of, room};
use crate::{
    evidence::{self, How, Rows},
    identity, listing,
};
use dayclear_core::{
    interview::Unheard,
    listing::CASES,
    schema::{ANSWERS, CONTACTS, Table, VISITS},
    site::clock::{Anchor, Reading, settle},
    time::{CivilDate, Instant},
};
use dayclear_store::{Store, StoreError, commands::Once};

/// One thing that a case tells. Values are as they were written down; what they must be, the tables say.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Said {
    /// An answer to a version of a question.
    Answer {
        /// Question.
        question: String,
        /// The version that was put.
        version: String,
        /// As the question takes it.
        answer: String,
    },
    /// A stay at a place.
    Stay {
        /// Day on which it began.
        day: String,
        /// Place.
        place: String,
        /// Hours and minutes; one that ends before it began ended on the next day.
        from: String,
        /// See above.
        to: String,
        /// Kind of place.
        setting: String,
    },
    /// Somebody whom they met.
    Met {
        /// Id on the roster; from a telephone also the number of a document, or a telephone number.
        who: String,
        /// Class of the contact.
        class: String,
        /// First day; the last is the first where nothing else was said.
        first: String,
        /// Last day.
        last: String,
        /// Where.
        setting: String,
    },
}

fn row<const N: usize>(cells: [(&str, &str); N]) -> Given {
    let filled = cells.into_iter().map(|(name, value)| (name, value.trim())).filter(|(_, value)| !value.is_empty());
    filled.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

impl Said {
    /// The row of evidence that it is: told by the case, at a moment, to an account.
    pub fn row(&self, case_person: &str, at: Instant, account: &str) -> (&'static Table, Given) {
        match self {
            Said::Answer { question, version, answer } => {
                let at = at.to_string();
                let cells = [
                    ("case_person", case_person),
                    ("question", question),
                    ("version", version),
                    ("answer", answer),
                    ("at", &at),
                    ("said_by", account),
                ];
                (&ANSWERS, row(cells))
            }
            Said::Stay { day, place, from, to, setting } => {
                let until = match day.parse::<CivilDate>() {
                    Ok(day) if to <= from => day.plus_days(1).to_string(),
                    _ => day.clone(),
                };
                let at = |day: &str, clock: &str| match clock {
                    "" => String::new(),
                    clock => format!("{day}T{clock}:00"),
                };
                let (from, to) = (at(day, from), at(&until, to));
                let cells =
                    [("person", case_person), ("place", place), ("from", &from), ("to", &to), ("setting", setting)];
                (&VISITS, row(cells))
            }
            Said::Met { who, class, first, last, setting } => {
                let last = if last.is_empty() { first } else { last };
                let cells = [
                    ("case_person", case_person),
                    ("person", who),
                    ("class", class),
                    ("first_exposure", first),
                    ("last_exposure", last),
                    ("setting", setting),
                ];
                (&CONTACTS, row(cells))
            }
        }
    }

    /// What it says, and nothing that changes from one sending to the next.
    pub fn parts(&self) -> Vec<&str> {
        match self {
            Said::Answer { question, version, answer } => vec!["answer", question, version, answer],
            Said::Stay { day, place, from, to, setting } => vec!["stay", day, place, from, to, setting],
            Said::Met { who, class, first, last, setting } => vec!["met", who, class, first, last, setting],
        }
    }
}

/// A record of a telephone.
#[derive(Debug, Clone)]
pub struct Heard {
    /// Id, made there.
    pub record: String,
    /// Case that told it.
    pub case: String,
    /// What.
    pub said: Said,
    /// What the telephone's clocks said.
    pub taken: Reading,
    /// The last moment before at which it knew the server's time.
    pub anchor: Option<Anchor>,
}

/// Why a record was not taken.
#[derive(Debug, thiserror::Error)]
pub enum HeardError {
    /// It stays on the telephone until a person settles it; with what is wrong in it, if that is known.
    #[error("{}", .0.name())]
    Unheard(Unheard, Option<FieldFault>),
    /// The duty, or trouble.
    #[error(transparent)]
    Desk(DeskError),
}

impl From<DeskError> for HeardError {
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Refused(Refusal::OtherBody) => HeardError::Unheard(Unheard::Other, None),
            DeskError::Refused(Refusal::Invalid(faults)) => {
                HeardError::Unheard(Unheard::Row, faults.into_iter().next())
            }
            error => HeardError::Desk(error),
        }
    }
}

impl From<StoreError> for HeardError {
    fn from(error: StoreError) -> Self {
        DeskError::from(error).into()
    }
}

/// The same with the person of the roster in place of a document or a telephone.
pub async fn named(store: &Store, doing: &Doing<'_>, mut said: Said) -> Result<Said, HeardError> {
    let Said::Met { who, .. } = &mut said else { return Ok(said) };
    let mut tx = store.look(&doing.looker.scope()).await?;
    let room = room(&mut tx, doing).await?;
    // people met may live anywhere in the city
    tx.widen(&room.city);
    if tx.people_by_id(&[who.as_str()]).await?.is_empty() {
        let mut found = identity::sharing(&mut tx, (None, Some(who), Some(who))).await.map_err(DeskError::from)?;
        *who = match (found.pop(), found.is_empty()) {
            (Some(one), true) => one.person,
            (Some(_), false) => return Err(HeardError::Unheard(Unheard::Several, None)),
            (None, _) => return Err(HeardError::Unheard(Unheard::Nobody, None)),
        };
    }
    Ok(said)
}

/// A digest over what a record tells, and over nothing that changes from one sending to the next: the moment that is reckoned from the
/// clocks does.
fn digest(heard: &Heard) -> String {
    let when = format!("{}/{}/{}", heard.taken.wall_ms, heard.taken.page_ms, heard.taken.page);
    let mut parts: Vec<&[u8]> = vec![heard.case.as_bytes(), when.as_bytes()];
    parts.extend(heard.said.parts().into_iter().map(str::as_bytes));
    digest_of(&parts)
}

/// Takes a record. `sending` is what the telephone's clocks say as it sends. Sent again it changes nothing, whoever has the case or the
/// telephone by then.
pub async fn take(store: &Store, doing: &Doing<'_>, heard: &Heard, sending: &Reading) -> Result<(), HeardError> {
    let (key, told) = (format!("heard/{}", heard.record), digest(heard));
    let account = doing.looker.account.as_str();
    let mut tx = store.look(&doing.looker.scope()).await?;
    if let Once::Replay(_) = tx.once(account, &key, &told).await? {
        return Ok(());
    }
    let case = listing::record(&mut tx, doing.looker, &CASES, &heard.case).await?;
    drop(tx);
    let person = case.and_then(|row| row.get(&CASES, "person").as_str().map(str::to_owned));
    let person = person.ok_or(HeardError::Unheard(Unheard::Unknown, None))?;
    let said = named(store, doing, heard.said.clone()).await?;
    let at = settle(&heard.taken, heard.anchor.as_ref(), sending, doing.now).at;
    let (table, row) = said.row(&person, at, account);
    let doing = Doing { key: Some(&key), ..*doing };
    evidence::take_told(store, &doing, table, Rows::Json(vec![row]), How::default(), Some(&told), None).await?;
    Ok(())
}
