//! The interview as data: questions that are put to cases, each in versions, and what was answered. Nothing that was asked or answered
//! is changed: a question that is put otherwise is another version, and an answer that is mended is another row.

use super::{Kind::*, Table, may, must};
use crate::interview::{AnswerKind, AskRule, Part};

/// Questions that are put to cases.
pub const QUESTIONS: Table = Table {
    name: "questions",
    about: "a version of a question that is put to cases; the highest version of a question is put",
    key: &["question", "version"],
    required: false,
    columns: &[
        must("question", Id, "id of the question"),
        must("version", Whole(1, 9_999), "number of the version; a change is a higher one"),
        must("division", Division, "whose cases it is put to"),
        may("disease", Id, "disease for which it is put; empty means any"),
        must("part", OneOf(Part::NAMES), "clock that does not end without a required answer"),
        must("kind", OneOf(AnswerKind::NAMES), "what an answer may be"),
        must("asked", OneOf(AskRule::NAMES), "whether it is put, and whether it must be answered"),
        may("only_if", Text(120), "question=answer: it is put only where that was answered"),
        may("options", Text(2_000), "what can be chosen: code=English|simplified|traditional, separated by ';'"),
        must("en", Text(200), "the question in English"),
        must("zh_hans", Text(200), "the question in Simplified Chinese"),
        must("zh_hant", Text(200), "the question in Traditional Chinese"),
    ],
};

/// What cases answered.
pub const ANSWERS: Table = Table {
    name: "answers",
    about: "what a case answered to a version of a question; nothing said is changed, the latest answer counts",
    key: &["case_person", "question", "at", "said_by"],
    required: false,
    columns: &[
        must("case_person", Id, "person who is a case"),
        must("question", Id, "question"),
        must("version", Whole(1, 9_999), "version that was put"),
        must("answer", Text(400), "yes or no, a day, a number, words, a code, or codes separated by ';'"),
        must("at", Moment, "when"),
        must("said_by", Text(80), "who asked"),
    ],
};
