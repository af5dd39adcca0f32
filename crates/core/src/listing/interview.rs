//! Lists of the interview: questions in their versions, and what was answered. Declarations only.

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::*,
    interview::{AnswerKind, AskRule, Part},
};

/// Questions that are put to cases, every version of each.
pub const QUESTIONS: Listing = Listing {
    name: "questions",
    about: "a version of a question that is put to cases",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "question and version"),
        field("question", Id, "question").filter(),
        field("version", Whole, "version; the highest is put"),
        field("division", Division, "whose cases it is put to").filter(),
        field("disease", Id, "disease for which it is put").filter(),
        field("part", Term(Part::NAMES), "clock that it belongs to").filter(),
        field("kind", Term(AnswerKind::NAMES), "what an answer may be"),
        field("asked", Term(AskRule::NAMES), "whether it is put, and whether it must be answered").filter(),
        field("only_if", Text, "it is put only where that was answered"),
        field("options", Text, "what can be chosen"),
        field("en", Text, "in English"),
        field("zh_hans", Text, "in Simplified Chinese"),
        field("zh_hant", Text, "in Traditional Chinese"),
    ],
    orders: &["question"],
    readers: &[CityCommand, DistrictCommand, Tracer, Auditor],
    editors: &[],
};

/// What cases answered.
pub const ANSWERS: Listing = Listing {
    name: "answers",
    about: "what a case answered to a version of a question",
    key: "id",
    subject: Some("person"),
    fields: &[
        field("id", Id, "number of the answer"),
        field("person", Id, "person who is a case").filter(),
        field("name", Text, "name").personal(),
        field("division", Division, "division").filter(),
        field("question", Id, "question").filter(),
        field("version", Whole, "version that was put"),
        field("answer", Text, "the answer").sensitive(),
        field("at", Moment, "when").filter(),
        field("said_by", Text, "who asked"),
    ],
    orders: &["at"],
    readers: &[DistrictCommand, Tracer, DataProtection],
    editors: &[],
};
