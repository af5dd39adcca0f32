//! Questions of an interview as data, and how far an investigation has come by what was answered. A question has versions; what was
//! answered stays an answer to the version that was asked. Pure: it guarantees that a clock ends by what was filled in and by nothing
//! that somebody declares, and that an answer which the question has no room for is none.

use crate::{terms, time::CivilDate, time::Instant};
use std::collections::BTreeMap;

terms! {
    /// The clocks of an investigation, each with the questions that belong to it.
    Part {
        /// Somebody is with the case, or has them on the line.
        Reach = "reach",
        /// The core facts: illness, work, dependants.
        Facts = "facts",
        /// The whole report, with the contacts.
        Report = "report",
    }
}

terms! {
    /// What an answer may be.
    AnswerKind {
        YesNo = "yes_no", Day = "day", Whole = "whole", Text = "text",
        /// One option.
        Choice = "choice",
        /// Options, separated by `;`.
        Many = "many",
    }
}

terms! {
    /// Whether a question is put.
    AskRule {
        /// The clock of its part does not end without an answer.
        Required = "required",
        Optional = "optional",
        /// It is asked no more; what was answered stays.
        Withdrawn = "withdrawn",
    }
}

terms! {
    /// Why something that was told in an interview without a network is not taken.
    Unheard {
        /// The case is not of this duty, or not any more.
        Unknown = "unknown",
        /// Nobody on the roster has this id, document or telephone.
        Nobody = "nobody",
        /// More than one person has this document or telephone.
        Several = "several",
        /// The record was sent before with other content.
        Other = "other",
        /// Something in it is not what it should be.
        Row = "row",
    }
}

/// Largest whole number that is taken for an answer: a count of people or days.
const WHOLE_MAX: u64 = 1_000_000;

/// A text in the three languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wording {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh_hans: String,
    /// Traditional Chinese.
    pub zh_hant: String,
}

/// An answer that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What stands in the answer.
    pub code: String,
    /// What people read.
    pub said: Wording,
}

impl Choice {
    /// Reads `code=English|simplified|traditional`.
    pub fn parse(text: &str) -> Option<Choice> {
        let (code, said) = text.split_once('=')?;
        let code = code.trim();
        let good = !code.is_empty() && code.len() <= 40 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let parts: Vec<&str> = said.split('|').map(str::trim).collect();
        let [en, zh_hans, zh_hant] = parts[..] else { return None };
        if !good || [en, zh_hans, zh_hant].contains(&"") {
            return None;
        }
        let said = Wording { en: en.to_owned(), zh_hans: zh_hans.to_owned(), zh_hant: zh_hant.to_owned() };
        Some(Choice { code: code.to_owned(), said })
    }

    /// As it is read.
    pub fn text(&self) -> String {
        format!("{}={}|{}|{}", self.code, self.said.en, self.said.zh_hans, self.said.zh_hant)
    }

    /// Reads options separated by `;`; none for an empty text. `None`: one cannot be read, or a code stands twice.
    pub fn parse_all(text: &str) -> Option<Vec<Choice>> {
        let parts = text.split(';').map(str::trim).filter(|part| !part.is_empty());
        let all: Vec<Choice> = parts.map(Choice::parse).collect::<Option<_>>()?;
        let twice = all.iter().enumerate().any(|(at, one)| all[..at].iter().any(|other| other.code == one.code));
        (!twice).then_some(all)
    }
}

/// A question in one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// Id; the same in all versions.
    pub id: String,
    /// Number of the version; a larger one takes the place of a smaller.
    pub version: i64,
    /// Clock to which it belongs.
    pub part: Part,
    /// What an answer may be.
    pub kind: AnswerKind,
    /// Whether it is put.
    pub asked: AskRule,
    /// It is put only where this question has this answer.
    pub only_if: Option<(String, String)>,
    /// What can be chosen.
    pub options: Vec<Choice>,
    /// The question.
    pub said: Wording,
}

impl Question {
    /// Reads `question=answer`.
    pub fn condition(text: &str) -> Option<(String, String)> {
        let (question, answer) = text.split_once('=')?;
        let (question, answer) = (question.trim(), answer.trim());
        (!question.is_empty() && !answer.is_empty()).then(|| (question.to_owned(), answer.to_owned()))
    }

    /// Whether options and kind fit each other.
    pub fn is_whole(&self) -> bool {
        matches!(self.kind, AnswerKind::Choice | AnswerKind::Many) == !self.options.is_empty()
    }

    /// Whether an answer has room in this version.
    pub fn takes(&self, answer: &str) -> bool {
        let known = |code: &str| self.options.iter().any(|option| option.code == code);
        match self.kind {
            AnswerKind::YesNo => matches!(answer, "yes" | "no"),
            AnswerKind::Day => answer.parse::<CivilDate>().is_ok(),
            AnswerKind::Whole => answer.parse::<u64>().is_ok_and(|number| number <= WHOLE_MAX),
            AnswerKind::Text => !answer.trim().is_empty(),
            AnswerKind::Choice => known(answer),
            AnswerKind::Many => !answer.is_empty() && answer.split(';').all(|one| known(one.trim())),
        }
    }
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// Question.
    pub question: String,
    /// Version that was asked.
    pub version: i64,
    /// The answer.
    pub answer: String,
    /// When.
    pub at: Instant,
    /// Who asked.
    pub said_by: String,
}

/// The latest version of each question that is put, in the order of parts and then of ids.
pub fn current(questions: &[Question]) -> Vec<&Question> {
    let mut latest: BTreeMap<&str, &Question> = BTreeMap::new();
    for question in questions {
        let known = latest.entry(&question.id).or_insert(question);
        if question.version > known.version {
            *known = question;
        }
    }
    let mut put: Vec<&Question> = latest.into_values().filter(|one| one.asked != AskRule::Withdrawn).collect();
    put.sort_by(|a, b| (a.part, &a.id).cmp(&(b.part, &b.id)));
    put
}

/// How far an investigation has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Since when the case is reached.
    pub reached: Option<Instant>,
    /// Since when the core facts are there.
    pub facts: Option<Instant>,
    /// Since when everything that the report must have was answered; contacts are looked at apart.
    pub answered: Option<Instant>,
    /// Required questions that have no answer yet, by part.
    pub missing: Vec<(Part, String)>,
}

impl Standing {
    /// How far one has come by the questions that are put and by the answers, each in the version that was asked. An answer to an
    /// earlier version counts as long as the version that is put now has room for it: a question is not asked again because its
    /// wording was mended.
    pub fn of(questions: &[Question], answers: &[Answered]) -> Standing {
        let put = current(questions);
        let last = |id: &str| answers.iter().filter(|one| one.question == id).max_by_key(|one| (one.at, one.version));
        let asked = |question: &Question| match &question.only_if {
            None => true,
            Some((other, answer)) => {
                last(other).is_some_and(|one| one.answer.split(';').any(|code| code.trim() == answer.as_str()))
            }
        };
        let mut standing = Standing { reached: answers.iter().map(|one| one.at).min(), ..Standing::default() };
        let mut done: BTreeMap<Part, Option<Instant>> =
            Part::ALL.iter().map(|part| (*part, standing.reached)).collect();
        for question in put.into_iter().filter(|one| one.asked == AskRule::Required).filter(|one| asked(one)) {
            let answered = last(&question.id).filter(|one| question.takes(&one.answer)).map(|one| one.at);
            if answered.is_none() {
                standing.missing.push((question.part, question.id.clone()));
            }
            let so_far = done.entry(question.part).or_default();
            *so_far = (*so_far).zip(answered).map(|(one, other)| one.max(other));
        }
        let of = |part: Part| done.get(&part).copied().flatten();
        standing.facts = of(Part::Reach).zip(of(Part::Facts)).map(|(one, other)| one.max(other));
        standing.answered = standing.facts.zip(of(Part::Report)).map(|(one, other)| one.max(other));
        standing
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn question(id: &str, version: i64, part: Part, kind: AnswerKind, asked: AskRule) -> Question {
        let said = Wording { en: id.to_owned(), zh_hans: id.to_owned(), zh_hant: id.to_owned() };
        let options = match kind {
            AnswerKind::Choice | AnswerKind::Many => {
                Choice::parse_all("door=Door|上门|上門;call=Call|电话|電話").unwrap()
            }
            _ => Vec::new(),
        };
        Question { id: id.to_owned(), version, part, kind, asked, only_if: None, options, said }
    }

    fn answer(question: &str, version: i64, answer: &str, minute: i64) -> Answered {
        let at = Instant::from_micros(minute * 60_000_000);
        Answered { question: question.into(), version, answer: answer.into(), at, said_by: "t1".into() }
    }

    fn sheet() -> Vec<Question> {
        let onset = Question {
            only_if: Question::condition("ill = yes"),
            ..question("onset", 1, Part::Facts, AnswerKind::Day, AskRule::Required)
        };
        vec![
            question("how", 1, Part::Reach, AnswerKind::Choice, AskRule::Required),
            question("ill", 1, Part::Facts, AnswerKind::YesNo, AskRule::Required),
            onset,
            question("source", 1, Part::Report, AnswerKind::Text, AskRule::Optional),
        ]
    }

    #[test]
    fn answers_fit_their_kind_or_are_none() {
        let cases = [
            (AnswerKind::YesNo, "yes", true),
            (AnswerKind::YesNo, "maybe", false),
            (AnswerKind::Day, "2022-11-18", true),
            (AnswerKind::Day, "18/11/2022", false),
            (AnswerKind::Whole, "0", true),
            (AnswerKind::Whole, "-1", false),
            (AnswerKind::Whole, "1000001", false),
            (AnswerKind::Text, "  ", false),
            (AnswerKind::Choice, "door", true),
            (AnswerKind::Choice, "door;call", false),
            (AnswerKind::Many, "door;call", true),
            (AnswerKind::Many, "door;", false),
            (AnswerKind::Many, "", false),
        ];
        for (kind, said, fits) in cases {
            let question = question("q", 1, Part::Facts, kind, AskRule::Required);
            assert!(question.is_whole());
            assert_eq!(question.takes(said), fits, "{kind} {said:?}");
        }
        for wrong in ["door", "door=a|b", "door=a|b|", "a b=a|b|c", "x=a|b|c;x=d|e|f"] {
            assert_eq!(Choice::parse_all(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn clocks_end_by_what_was_filled_in() {
        let all = sheet();
        let said = |answers: &[Answered]| {
            let standing = Standing::of(&all, answers);
            let minute = |at: Option<Instant>| at.map(|at| at.micros() / 60_000_000);
            let missing: Vec<String> = standing.missing.into_iter().map(|(_, id)| id).collect();
            (minute(standing.reached), minute(standing.facts), missing.join(" "))
        };
        assert_eq!(said(&[]), (None, None, "how ill".into()));
        assert_eq!(said(&[answer("how", 1, "call", 5)]), (Some(5), None, "ill".into()));
        // whoever is ill is asked since when
        let ill = [answer("how", 1, "call", 5), answer("ill", 1, "yes", 6)];
        assert_eq!(said(&ill), (Some(5), None, "onset".into()));
        let whole = [ill.to_vec(), vec![answer("onset", 1, "2022-11-18", 9)]].concat();
        assert_eq!(said(&whole), (Some(5), Some(9), String::new()));
        // said otherwise later: nothing more is to be asked
        let well = [answer("how", 1, "call", 5), answer("ill", 1, "yes", 6), answer("ill", 1, "no", 8)];
        assert_eq!(said(&well), (Some(5), Some(8), String::new()));
        // what the question has no room for is no answer
        assert_eq!(said(&[answer("how", 1, "pigeon", 5), answer("ill", 1, "no", 6)]), (Some(5), None, "how".into()));
    }

    #[test]
    fn a_new_version_takes_the_place_and_loses_no_answer() {
        let mut all = sheet();
        let given = [answer("how", 1, "door", 1), answer("ill", 1, "no", 2)];
        all.push(question("ill", 2, Part::Facts, AnswerKind::YesNo, AskRule::Required));
        assert!(Standing::of(&all, &given).missing.is_empty(), "the wording was mended");
        all.push(question("ill", 3, Part::Facts, AnswerKind::Choice, AskRule::Required));
        assert_eq!(Standing::of(&all, &given).missing, [(Part::Facts, "ill".to_owned())], "another kind of answer");
        all.push(question("ill", 4, Part::Facts, AnswerKind::Choice, AskRule::Withdrawn));
        assert!(Standing::of(&all, &given).missing.is_empty());
        assert_eq!(current(&all).iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["how", "onset", "source"]);
    }

    proptest! {
        #[test]
        fn parts_end_one_after_the_other_whatever_the_order_of_answers(
            picks in proptest::collection::vec((0usize..4, 0usize..4, 0i64..600), 0..12), shift in 0usize..12
        ) {
            let all = sheet();
            let words = ["yes", "no", "call", "2022-11-18"];
            let mut answers: Vec<Answered> =
                picks.iter().enumerate().map(|(n, (q, w, at))| answer(&all[*q].id, n as i64, words[*w], *at)).collect();
            let standing = Standing::of(&all, &answers);
            let in_order = |one: Option<Instant>, then: Option<Instant>| then.is_none() || (one.is_some() && one <= then);
            prop_assert!(in_order(standing.reached, standing.facts) && in_order(standing.facts, standing.answered));
            prop_assert_eq!(standing.answered.is_some(), standing.missing.is_empty() && !answers.is_empty());
            if !answers.is_empty() {
                let at = shift % answers.len();
                answers.rotate_left(at);
            }
            prop_assert_eq!(Standing::of(&all, &answers), standing);
        }
    }
}
