//! Lists of what goes beyond a rule, of what people say against an order or an area, and of the papers that they are owed. Declarations
//! only.

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::*,
    measures::{
        AppealOn, AppealState, AppealWay, BuildingPost, ExtensionKind, ExtensionState, NoticeKind, NoticeState,
        NoticeWay,
    },
    roster::Language,
};

/// Areas wider or longer than the rule's, asked for and decided.
pub const EXTENSIONS: Listing = Listing {
    name: "extensions",
    about: "an area that was asked to be wider or longer than the rule: on what evidence, how many more people, who decided",
    key: "id",
    subject: Some("evidence"),
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

/// Appeals against orders and areas.
pub const APPEALS: Listing = Listing {
    name: "appeals",
    about: "an appeal against an order or an area: decided by another unit within a day",
    key: "id",
    subject: Some("person"),
    fields: &[
        field("id", Id, "number of the appeal"),
        field("against", Term(AppealOn::NAMES), "against an order or an area").filter(),
        field("subject", Id, "order or area").filter(),
        field("person", Id, "whom the order binds").filter(),
        field("division", Division, "division").filter(),
        field("state", Term(AppealState::NAMES), "how it stands").filter(),
        field("way", Term(AppealWay::NAMES), "how it came in").filter(),
        field("words", Text, "in the person's words").heard(),
        field("filed_by", Id, "who wrote it down"),
        field("filed_at", Moment, "when").filter(),
        field("due_at", Moment, "by when it is decided").filter(),
        field("decided_by", Id, "who decided, of another unit"),
        field("decided_at", Moment, "when they decided"),
        field("decision", Text, "why").sensitive(),
        field("hours", Whole, "hours that it waited"),
        field("suspended_at", Moment, "since when the order does not bind until it is decided"),
        field("suspended_by", Id, "who suspended it"),
        field("relief", Text, "why it was suspended").sensitive(),
        field("outside_at", Moment, "when it was passed to the reviewers from outside, because nobody had decided"),
    ],
    orders: &["filed", "id"],
    readers: &[CityCommand, DistrictCommand, Reviewer, DataProtection, Auditor],
    editors: &[],
};

/// Appeals counted by district.
pub const APPEAL_FIGURES: Listing = Listing {
    name: "appeal_figures",
    about: "appeals of a district in figures: how many were filed, how they ended, and how many were decided within a day",
    key: "division",
    subject: None,
    fields: &[
        field("division", Division, "district").filter(),
        field("filed", Whole, "appeals that were filed"),
        field("undecided", Whole, "of them, not decided yet"),
        field("upheld", Whole, "of them, upheld"),
        field("dismissed", Whole, "of them, dismissed"),
        field("within_a_day", Whole, "of those decided, decided within 24 hours"),
        field("longest_hours", Whole, "longest that one waited for its decision, in hours"),
    ],
    orders: &["division"],
    readers: &[CityCommand, DistrictCommand, PublicInformation, Reviewer, DataProtection, Auditor],
    editors: &[],
};

/// Papers that people are owed: of orders, of their change and end, and of what was decided of appeals.
pub const NOTICES: Listing = Listing {
    name: "notices",
    about: "a paper that somebody is owed: when it was made, handed over, by whom, read by whom, or returned",
    key: "id",
    subject: Some("person"),
    fields: &[
        field("id", Id, "number of the paper").filter(),
        field("no", Whole, "number that its code begins with"),
        field("kind", Term(NoticeKind::NAMES), "what it tells").filter(),
        field("subject", Id, "order, appeal or area that it is about").filter(),
        field("person", Id, "to whom it is owed").filter(),
        field("name", Text, "name").personal(),
        field(
            "language",
            Term(Language::NAMES),
            "language in which it is written; empty means that of whoever prints it",
        )
        .personal(),
        field("division", Division, "division").filter(),
        field("state", Term(NoticeState::NAMES), "how it stands").filter(),
        field("made_at", Moment, "when it was made").filter(),
        field("binds_at", Moment, "from when the order binds"),
        field("due_at", Moment, "by when it is handed over").filter(),
        field("handed_at", Moment, "when it was handed over"),
        field("handed_by", Id, "who handed it over"),
        field("way", Term(NoticeWay::NAMES), "how it reached them").filter(),
        field("taken_by", Text, "who took it").personal(),
        field("read_at", Moment, "when it was read"),
        field("read_by", Text, "who read it").personal(),
        field("returned_at", Moment, "when it last came back"),
        field("returned_why", Text, "why it came back").sensitive(),
    ],
    orders: &["made", "id"],
    readers: &[CityCommand, DistrictCommand, CommunityWorker, DataProtection, Auditor],
    editors: &[],
};

/// Who holds the keys of confined buildings, and who looks after them.
pub const POSTS: Listing = Listing {
    name: "posts",
    about: "a post of a building in which people are confined: who has it, and how they are reached day and night",
    key: "id",
    subject: Some("building"),
    fields: &[
        field("id", Id, "building and post"),
        field("building", Id, "building").filter(),
        field("place", Text, "building, as on the door"),
        field("division", Division, "division").filter(),
        field("post", Term(BuildingPost::NAMES), "for what").filter(),
        field("vacant", Truth, "whether somebody is to be named").filter(),
        field("holder", Text, "who").personal(),
        field("holder_phone", Text, "telephone at which they are reached day and night").personal(),
        field("named_at", Moment, "when they were named"),
        field("named_by", Id, "who named them"),
    ],
    orders: &["id"],
    readers: &[CityCommand, DistrictCommand, Dispatcher, CommunityWorker, Hotline, Auditor],
    editors: &[],
};
