//! Lists of letters of assistance between jurisdictions, and of the people in them. Declarations only.

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::*,
    letters::{LetterKind, LetterPerson, LetterState, LetterWay},
    tracing::ContactClass,
};

/// Letters.
pub const LETTERS: Listing = Listing {
    name: "letters",
    about: "a letter of assistance to or from another jurisdiction, with its clock and its book: people are those who were taken over, not \
            found, elsewhere, refused, or are still without an answer",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "number of the letter"),
        field("kind", Term(LetterKind::NAMES), "who asks whom").filter(),
        field("state", Term(LetterState::NAMES), "how it stands").filter(),
        field("side", Text, "the other jurisdiction"),
        field("side_code", Id, "its code").filter(),
        field("side_phone", Text, "whom one can call there"),
        field("division", Division, "who of ours answers for it").filter(),
        field("case_id", Id, "our case that it belongs to").filter(),
        field("due_at", Moment, "until when an answer is in time"),
        field("late", Truth, "whether an answer is owed after its time").filter(),
        field("people", Whole, "people in it"),
        field("answered_found", Whole, "of these: taken over by the side that was asked"),
        field("answered_not_found", Whole, "of these: not found"),
        field("answered_elsewhere", Whole, "of these: live elsewhere"),
        field("answered_refused", Whole, "of these: refused"),
        field("unanswered", Whole, "of these: still without an answer"),
        field("made_by", Id, "who began it; of a letter to us, the rule that took its rows"),
        field("made_at", Moment, "when it was written, or received").filter(),
        field("clock_at", Moment, "when the hours of the answer began"),
        field("way", Term(LetterWay::NAMES), "how it went, or our answer"),
        field("sent_proof", Text, "what shows that"),
        field("sent_at", Moment, "when it went, or our answer"),
        field("ended_at", Moment, "when the last answer came, or ours went"),
        field("dropped_why", Text, "why it was not sent"),
    ],
    orders: &["made", "id"],
    readers: &[CityCommand, DistrictCommand, Tracer, DataProtection, Auditor],
    editors: &[],
};

/// People in letters.
pub const LETTER_PEOPLE: Listing = Listing {
    name: "letter_people",
    about: "somebody in a letter of assistance: who they are as it was told, what the side that was asked answered, and whether an answer that \
            leaves them with nobody was settled",
    key: "id",
    subject: Some("whom"),
    fields: &[
        field("id", Id, "letter and number in it"),
        field("whom", Id, "id on the roster, once somebody confirmed it; else letter and number"),
        field("letter", Id, "letter").filter(),
        field("kind", Term(LetterKind::NAMES), "who asks whom").filter(),
        field("name", Text, "name").personal(),
        field("phone", Text, "telephone").personal(),
        field("document", Text, "identity document").personal(),
        field("address", Text, "where they live or stay, as it was told").personal(),
        field("class", Term(ContactClass::NAMES), "class of the contact").filter(),
        field("first_exposure", Day, "first day of exposure"),
        field("last_exposure", Day, "last day of exposure"),
        field("note", Text, "what else was told").personal(),
        field("state", Term(LetterPerson::NAMES), "what the side that was asked answered").filter(),
        field(
            "suggested",
            Text,
            "people of the roster with the same document or telephone: a suggestion, and nothing more",
        )
        .personal(),
        field("answered_at", Moment, "when that was answered"),
        field("answered_by", Text, "who answered, and what shows it").personal(),
        field("unsettled", Truth, "whether the answer leaves them with nobody, and nobody has settled it").filter(),
        field("settled_why", Text, "how it was settled").personal(),
        field("side", Text, "the other jurisdiction"),
        field("side_case", Text, "number of the case there"),
        field("division", Division, "who of ours answers for them").filter(),
        field("case_id", Id, "our case").filter(),
        field("due_at", Moment, "until when an answer is in time"),
        field("late", Truth, "whether an answer is owed after its time").filter(),
        field("gone_on", Day, "day on which name and address were deleted"),
    ],
    orders: &["letter"],
    readers: &[CityCommand, DistrictCommand, Tracer, DataProtection, Auditor],
    editors: &[],
};
