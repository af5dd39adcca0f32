//! The letter of assistance as it is printed: ours to another jurisdiction, and our answer to theirs. One template in three languages. It
//! guarantees that it names what the receiver needs to find and look after somebody and no more: of a case it says nothing, neither whose it
//! is nor its number here.

use crate::{Lang, Office, PaperError, Words};
use askama::Template;
use dayclear_core::{
    letters::{LetterBook, LetterKind, LetterPerson},
    time::{CivilDate, Instant},
    tracing::ContactClass,
};

/// A letter.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// Number.
    pub id: String,
    /// Whether it is ours, or our answer to theirs.
    pub kind: LetterKind,
    /// The other jurisdiction, with its code where it is known.
    pub side: String,
    /// Who writes: the body and its district.
    pub body: String,
    /// When it was written or received.
    pub made_at: Instant,
    /// When it went; nobody sent it yet.
    pub sent_at: Option<Instant>,
    /// Until when an answer is in time.
    pub due_at: Option<Instant>,
    /// Hours of the answer by the rules in force.
    pub hours: i64,
    /// The disease, as packs name it.
    pub disease: String,
    /// Its book.
    pub book: LetterBook,
    /// People, in order.
    pub people: Vec<Person>,
}

/// Somebody in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Number in the letter.
    pub entry: String,
    /// Name, as far as whoever prints may see it.
    pub name: String,
    /// Telephone.
    pub phone: String,
    /// Document.
    pub document: String,
    /// Where they live.
    pub address: String,
    /// Class of the contact.
    pub class: ContactClass,
    /// First day of exposure.
    pub first: CivilDate,
    /// Last day of exposure.
    pub last: CivilDate,
    /// What else was told; of an answer, what is told of them.
    pub note: String,
    /// What was answered.
    pub state: LetterPerson,
    /// Number of the case there, of a letter to us.
    pub side_case: String,
}

#[derive(Template)]
#[template(path = "letters.html")]
struct Page<'a> {
    w: &'static Words,
    lang: Lang,
    office: Office<'a>,
    letter: &'a Letter,
}

impl Page<'_> {
    fn say(&self, key: &str) -> String {
        self.w.say(key)
    }

    fn ours(&self) -> bool {
        self.letter.kind == LetterKind::Out
    }

    fn moment(&self, at: &Instant) -> String {
        self.lang.moment(*at, Some(self.office.zone))
    }

    /// The day of the letter: on which it went, or else was written.
    fn day(&self) -> String {
        self.moment(&self.letter.sent_at.unwrap_or(self.letter.made_at))
    }

    fn lead(&self) -> String {
        let people = self.letter.book.people.unsigned_abs();
        let key = if self.ours() { "letter-lead" } else { "letter-answer-lead" };
        let said = [
            ("people", people.into()),
            ("disease", self.w.given("disease", &self.letter.disease).into()),
            ("number", self.letter.id.as_str().into()),
        ];
        self.w.get(key, &said)
    }

    /// By when an answer is asked for.
    fn until(&self) -> String {
        let hours = ("hours", self.letter.hours.unsigned_abs().into());
        match self.letter.due_at {
            Some(due) => self.w.get("letter-until", &[hours, ("due", self.moment(&due).into())]),
            None => self.w.get("letter-until-open", &[hours]),
        }
    }

    fn exposure(&self, person: &Person) -> String {
        let (first, last) = (self.lang.date(person.first), self.lang.date(person.last));
        if person.first == person.last { last } else { format!("{first} – {last}") }
    }

    fn class(&self, person: &Person) -> String {
        self.w.term(person.class)
    }

    fn state(&self, person: &Person) -> String {
        self.say(match person.state {
            LetterPerson::Open => "letter-said-open",
            LetterPerson::Found => "letter-said-found",
            LetterPerson::NotFound => "letter-said-not_found",
            LetterPerson::Elsewhere => "letter-said-elsewhere",
            LetterPerson::Refused => "letter-said-refused",
        })
    }

    /// The answer in numbers, which add up to the people in the letter.
    fn sums(&self) -> String {
        book(self.w, "letter-sums", &self.letter.book)
    }
}

/// A book in words: its people and what became of them.
pub fn book(words: &Words, key: &str, book: &LetterBook) -> String {
    let n = |n: i64| n.unsigned_abs().into();
    let said = [
        ("people", n(book.people)),
        ("found", n(book.found)),
        ("not_found", n(book.not_found)),
        ("elsewhere", n(book.elsewhere)),
        ("refused", n(book.refused)),
        ("open", n(book.open)),
    ];
    words.get(key, &said)
}

/// The page of a letter.
pub fn page(lang: Lang, letter: &Letter, office: Office<'_>) -> Result<String, PaperError> {
    Ok(Page { w: Words::of(lang), lang, office, letter }.render()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFICE: Office<'_> = Office { zone: "Asia/Shanghai", exercise: false };

    fn person(entry: &str, state: LetterPerson, note: &str) -> Person {
        Person {
            entry: entry.to_owned(),
            name: "<周海>".to_owned(),
            phone: "13900001111".to_owned(),
            document: String::new(),
            address: "成都市武侯区 1 号".to_owned(),
            class: ContactClass::SameRoom,
            first: "2022-11-18".parse().unwrap(),
            last: "2022-11-19".parse().unwrap(),
            note: note.to_owned(),
            state,
            side_case: "WH-31".to_owned(),
        }
    }

    fn letter(kind: LetterKind) -> Letter {
        let people = match kind {
            LetterKind::Out => vec![person("1", LetterPerson::Open, "needs an interpreter")],
            LetterKind::In => vec![
                person("1", LetterPerson::Found, ""),
                person("2", LetterPerson::NotFound, ""),
                person("3", LetterPerson::Elsewhere, "moved to 510107"),
                person("4", LetterPerson::Refused, "no telephone"),
            ],
        };
        Letter {
            id: if kind == LetterKind::Out { "A20221120-1" } else { "510107-2022-118" }.to_owned(),
            kind,
            side: "成都市武侯区 (510107)".to_owned(),
            body: "District health office".to_owned(),
            made_at: "2022-11-20T12:30:00Z".parse().unwrap(),
            sent_at: (kind == LetterKind::Out).then(|| "2022-11-20T13:00:00Z".parse().unwrap()),
            due_at: Some("2022-11-21T13:00:00Z".parse().unwrap()),
            hours: 24,
            disease: "covid-19".to_owned(),
            book: LetterBook::of(people.iter().map(|person| person.state)),
            people,
        }
    }

    #[test]
    fn a_letter_and_an_answer_read_as_they_should_in_each_language() {
        let mut told = String::new();
        for kind in [LetterKind::Out, LetterKind::In] {
            for lang in Lang::ALL {
                let html = page(*lang, &letter(kind), OFFICE).unwrap();
                let body = html.split_once("<body>").unwrap().1;
                told.push_str(&format!("== {kind} {}\n{body}", lang.tag()));
                for said in ["12345", "&#60;周海&#62;", "District health office"] {
                    assert!(html.contains(said), "{kind} {lang}: {said}");
                }
                let made_up = page(*lang, &letter(kind), Office { exercise: true, ..OFFICE }).unwrap();
                let marked = |html: &str| html.contains(&Words::of(*lang).say("exercise-said"));
                assert!(marked(&made_up) && !marked(&html), "an exercise says so, and nothing else does");
                assert!(!body.contains("letter-"), "a key without a message: {body}");
                // by when and whom it is about stand in ours; what somebody's document is does not stand in an answer
                assert_eq!(body.contains("24"), kind == LetterKind::Out, "{lang}");
                assert_eq!(html.contains("13900001111"), kind == LetterKind::Out, "{lang}");
                assert_eq!(html.contains("WH-31"), kind == LetterKind::In, "{lang}: our own letter names no case");
            }
        }
        insta::assert_snapshot!(told);
    }

    #[test]
    fn a_letter_that_was_not_sent_says_for_how_long_and_not_until_when() {
        let draft = Letter { sent_at: None, due_at: None, ..letter(LetterKind::Out) };
        let html = page(Lang::En, &draft, OFFICE).unwrap();
        assert!(html.contains("within 24 hours of receiving this"), "{html}");
    }
}
