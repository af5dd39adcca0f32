//! Questions that are put to cases, in all their versions, and what was answered. It guarantees that a version which is there stays as it
//! is, and that answers are those of people inside the scope.

use crate::{Scoped, StoreError, value::Value};
use dayclear_core::{
    divisions::DivisionCode,
    interview::{Answered, Choice, Question, Wording},
};

/// A version of a question as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// Whose cases it is put to.
    pub division: DivisionCode,
    /// Disease for which it is put; none means any.
    pub disease: Option<String>,
    /// The version.
    pub question: Question,
}

const COLUMNS: [&str; 14] = [
    "key", "question", "version", "division", "disease", "part", "kind", "asked", "only_if", "options", "en",
    "zh_hans", "zh_hant", "digest",
];

fn meaning(value: &str, problem: &str) -> StoreError {
    StoreError::Meaning { value: value.to_owned(), problem: problem.to_owned() }
}

impl Scoped {
    /// Every version of every question, in the order of ids and versions. They tell of nobody.
    pub async fn questions(&mut self) -> Result<Vec<Kept>, StoreError> {
        let sql =
            "select question, version, division, disease, part, kind, asked, only_if, options, en, zh_hans, zh_hant
                   from questions order by question, version";
        let mut all = Vec::new();
        for row in self.rows(sql, &[]).await? {
            let (only_if, options): (Option<String>, Option<String>) = (row.get(7)?, row.get(8)?);
            let only_if = match only_if.as_deref() {
                Some(text) => Some(Question::condition(text).ok_or_else(|| meaning(text, "no condition"))?),
                None => None,
            };
            let options = options.unwrap_or_default();
            let question = Question {
                id: row.get(0)?,
                version: row.get(1)?,
                part: row.term(4)?,
                kind: row.term(5)?,
                asked: row.term(6)?,
                only_if,
                options: Choice::parse_all(&options).ok_or_else(|| meaning(&options, "no options"))?,
                said: Wording { en: row.get(9)?, zh_hans: row.get(10)?, zh_hant: row.get(11)? },
            };
            all.push(Kept { division: row.term(2)?, disease: row.get(3)?, question });
        }
        Ok(all)
    }

    /// Keeps versions that are not there yet; the number of new ones.
    pub async fn keep_questions(&mut self, kept: &[Kept]) -> Result<u64, StoreError> {
        let mut values: Vec<Value<'_>> = Vec::with_capacity(kept.len() * COLUMNS.len());
        for Kept { division, disease, question } in kept {
            let options: Vec<String> = question.options.iter().map(Choice::text).collect();
            let only_if = question.only_if.as_ref().map(|(other, answer)| format!("{other}={answer}"));
            values.extend([
                format!("{}|{}", question.id, question.version).into(),
                (&question.id).into(),
                question.version.into(),
                division.into(),
                disease.as_deref().into(),
                question.part.name().into(),
                question.kind.name().into(),
                question.asked.name().into(),
                only_if.into(),
                Some(options.join(";")).filter(|text| !text.is_empty()).into(),
                (&question.said.en).into(),
                (&question.said.zh_hans).into(),
                (&question.said.zh_hant).into(),
                0i64.into(),
            ]);
        }
        self.append_new("questions", &COLUMNS, &values).await
    }

    /// What these people answered, each answer with the person, in the order in which it was said.
    pub async fn answers_of(&mut self, people: &[&str]) -> Result<Vec<(String, Answered)>, StoreError> {
        let keys: Vec<Value<'_>> = people.iter().map(|id| (*id).into()).collect();
        let sql = "select case_person, question, version, answer, at, said_by from answers
                   where case_person in ({keys}){people:answers.case_person} order by at, key";
        let rows = self.rows_for_keys(sql, &keys).await?;
        rows.iter()
            .map(|row| {
                let answered = Answered {
                    question: row.get(1)?,
                    version: row.get(2)?,
                    answer: row.get(3)?,
                    at: row.get(4)?,
                    said_by: row.get(5)?,
                };
                Ok((row.get(0)?, answered))
            })
            .collect()
    }
}
