//! Lists of what goes beyond a rule. Declarations only.

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::*,
    measures::{ExtensionKind, ExtensionState},
};

/// Areas wider or longer than the rule's, asked for and decided.
pub const EXTENSIONS: Listing = Listing {
    name: "extensions",
    about: "an area that was asked to be wider or longer than the rule: on what evidence, how many more people, who decided",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "area and number"),
        field("area", Id, "area").filter(),
        field("division", Division, "division").filter(),
        field("kind", Term(ExtensionKind::NAMES), "further buildings or further days").filter(),
        field("state", Term(ExtensionState::NAMES), "how it stands").filter(),
        field("people", Whole, "people whom the area binds without it"),
        field("extra_people", Whole, "people whom it binds in addition; of further days, those who stay bound"),
        field("buildings", Text, "buildings that it encloses"),
        field("was_until", Day, "last day without it"),
        field("until_day", Day, "last day that is asked for").filter(),
        field("asked_by", Id, "who asked").filter(),
        field("asked_at", Moment, "when"),
        field("evidence", Id, "case on which it rests"),
        field("words", Text, "why, in the words of who asked").sensitive(),
        field("clause", Data, "clause, inputs and version that allow it"),
        field("decided_by", Id, "who decided, of a higher duty"),
        field("decided_at", Moment, "when they decided"),
        field("decision", Text, "why, in the words of who decided").sensitive(),
    ],
    orders: &["asked", "id"],
    readers: &[CityCommand, DistrictCommand, DataProtection, Auditor],
    editors: &[],
};
