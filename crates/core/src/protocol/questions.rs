//! Questions of an interview that a pack brings: the core facts of its disease, in the three languages. A pack's question is put like
//! one that a district added, and like every other it has versions: whoever changes one in a pack gives it a higher number.

use super::{
    Pack,
    errors::Place,
    sheet::{Sheet, Written},
};
use crate::interview::{AskRule, Choice, Question, Wording};
use std::collections::BTreeMap;

/// Keys of a question.
const KEYS: &[&str] = &["part", "kind", "asked", "version", "only_if", "options", "en", "zh-Hans", "zh-Hant"];

/// Reads the questions of a sheet; errors are in the sheet.
pub(super) fn read(sheet: &mut Sheet) -> Vec<Question> {
    let written = sheet.questions.clone();
    let all: Vec<Question> = written.iter().filter_map(|(id, said)| one(sheet, id, said)).collect();
    for question in &all {
        if let Some((other, answer)) = &question.only_if
            && !all.iter().any(|one| &one.id == other && one.takes(answer))
        {
            let place =
                written.get(&question.id).and_then(|said| said.get("only_if")).map_or(Place::TOP, |said| said.place);
            let key = format!("question.{}.only_if", question.id);
            sheet.wrong(place, &key, format!("'{other}={answer}'"), "question=answer of a question of this pack");
        }
    }
    all
}

fn one(sheet: &mut Sheet, id: &str, said: &BTreeMap<String, Written>) -> Option<Question> {
    let path = |name: &str| format!("question.{id}.{name}");
    let first = said.values().map(|said| said.place).min().unwrap_or(Place::TOP);
    for (name, strange) in said.iter().filter(|(name, _)| !KEYS.contains(&name.as_str())) {
        sheet.wrong(strange.place, &path(name), "an unknown key", KEYS.join(", "));
    }
    let mut text = |name: &str| {
        let found = said.get(name).map(|said| said.text.trim().to_owned()).filter(|text| !text.is_empty());
        if found.is_none() {
            sheet.wrong(
                first,
                &path(name),
                "nothing",
                "the question in en, zh-Hans and zh-Hant, its part and its kind",
            );
        }
        found
    };
    let (en, zh_hans, zh_hant) = (text("en"), text("zh-Hans"), text("zh-Hant"));
    let (part, kind) = (text("part"), text("kind"));
    let mut form = |name: &str, expected: &str| {
        let place = said.get(name).map_or(first, |said| said.place);
        let found = said.get(name).map_or("nothing", |said| said.text.as_str()).to_owned();
        sheet.wrong(place, &path(name), format!("'{found}'"), expected);
    };
    let part = part.and_then(|part| part.parse().map_err(|error| form("part", &format!("{error}"))).ok());
    let kind = kind.and_then(|kind| kind.parse().map_err(|error| form("kind", &format!("{error}"))).ok());
    let asked = match said.get("asked").map(|said| said.text.parse()) {
        None => Some(AskRule::Optional),
        Some(Ok(asked)) => Some(asked),
        Some(Err(error)) => {
            form("asked", &format!("{error}"));
            None
        }
    };
    let version = match said.get("version").map(|said| said.text.parse::<i64>()) {
        None => Some(1),
        Some(Ok(version)) if (1..=9_999).contains(&version) => Some(version),
        Some(_) => {
            form("version", "a whole number from 1 to 9999, in quotes");
            None
        }
    };
    let only_if = said.get("only_if").map(|said| Question::condition(&said.text));
    if only_if == Some(None) {
        form("only_if", "question=answer");
    }
    let options = said.get("options").map_or(Some(Vec::new()), |said| Choice::parse_all(&said.text));
    if options.is_none() {
        form("options", "code=English|simplified|traditional, separated by ';'");
    }
    let question = Question {
        id: id.to_owned(),
        version: version?,
        part: part?,
        kind: kind?,
        asked: asked?,
        only_if: only_if.flatten(),
        options: options?,
        said: Wording { en: en?, zh_hans: zh_hans?, zh_hant: zh_hant? },
    };
    if !question.is_whole() {
        form("kind", "options for choice and many, and none for another kind");
    }
    Some(question)
}

impl Pack {
    /// Questions that the pack puts to cases, by id.
    pub fn questions(&self) -> &[Question] {
        &self.rules.questions
    }
}
