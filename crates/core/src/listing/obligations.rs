//! Lists of what the four parties owe: key places with the tests of their people, obligations with their evidence, reports of districts, and
//! communities free of the epidemic. Declarations only.

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::{self, *},
    books::Party,
    obligations::*,
    roster::KeyGroup,
};

/// Who sees figures of places and what is owed.
const POSTS: &[Role] = &[CityCommand, DistrictCommand, CommunityWorker, Auditor];

/// Key places.
pub const PLACES: Listing = Listing {
    name: "places",
    about: "a key place: who answers for it, and how the tests of its people stand",
    key: "place",
    subject: None,
    fields: &[
        field("place", Id, "id of the place").filter(),
        field("name", Text, "name"),
        field("kind", Term(PlaceKind::NAMES), "kind").filter(),
        field("division", Division, "division that it stands in").filter(),
        field("owner", Text, "who answers for it"),
        field("key_group", Term(KeyGroup::NAMES), "group under whose cadence its people are tested").filter(),
        field("people", Whole, "people who belong to it, as it says itself"),
        field("state", Term(PlaceState::NAMES), "how the tests of its people stand").filter(),
        field("on_roll", Whole, "people on the list of its employer or school"),
        field("on_roster", Whole, "of them found on the roster"),
        field("not_found", Whole, "of them not found on the roster, so that nobody knows of their tests"),
        field(
            "excused",
            Whole,
            "of those found, people who are or were a case, or of whom somebody said that they are away, exempt, refuse or were tested elsewhere",
        ),
        field("tested_today", Whole, "people tested today"),
        field("due_today", Whole, "people due today and not tested yet"),
        field("overdue", Whole, "people who were due on a day that is over, and were not tested since"),
        field("late_days", Whole, "days for which the longest of them has been due"),
        field("cluster", Truth, "whether its cases are a cluster by the rule").filter(),
        field("cases", Whole, "cases among its people within the days of the rule"),
        field("households", Whole, "different households of these"),
        field("symptomatic", Whole, "its people who told of symptoms within these days"),
        field("expected", Real, "cases expected among so many people at the rate of the city"),
        field("chance", Real, "how likely chance alone brings as many"),
        field("scan_chance", Real, "how often chance alone gives as dense a cluster of places and days somewhere"),
        field("looked_at", Moment, "when this was worked out"),
    ],
    orders: &["place"],
    readers: POSTS,
    editors: &[],
};

/// People of key places who are due.
pub const PLACE_PEOPLE: Listing = Listing {
    name: "place_people",
    about: "somebody of a key place who is due for a test; nothing follows from not having it",
    key: "id",
    subject: Some("person"),
    fields: &[
        field("id", Id, "place and person"),
        field("place", Id, "place").filter(),
        field("person", Id, "person").filter(),
        field("name", Text, "name").personal(),
        field("phone", Text, "telephone").personal(),
        field("division", Division, "division of the place").filter(),
        field("building", Text, "building where they live").personal(),
        field("unit", Text, "unit").personal(),
        field("door", Text, "door").personal(),
        field("due_on", Day, "day on which the test was due").filter(),
        field("late_days", Whole, "days that have passed since"),
        field("reason", Data, "rule and inputs"),
    ],
    orders: &["place"],
    readers: &[CityCommand, DistrictCommand, CommunityWorker, DataProtection, Auditor],
    editors: &[],
};

/// What is owed.
pub const OBLIGATIONS: Listing = Listing {
    name: "obligations",
    about: "what a district, a department, an employer or site, or somebody owes, until the evidence of it stands",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "number of the obligation"),
        field("kind", Term(ObligationKind::NAMES), "what is owed").filter(),
        field("division", Division, "division").filter(),
        field("party", Term(Party::NAMES), "which of the four parties owes it").filter(),
        field("owner", Text, "who of them").filter(),
        field("day", Day, "day that it is for").filter(),
        field("asked", Text, "what is asked"),
        field("proof", Text, "what counts as evidence"),
        field("opened_at", Moment, "since when it is owed"),
        field("due_at", Moment, "until when"),
        field("state", Term(ObligationState::NAMES), "how it stands").filter(),
        field("late", Truth, "whether it is still owed after its time").filter(),
        field("escalated_at", Moment, "when it was passed up because it was late"),
        field("open", Truth, "whether it is still owed").filter(),
        field("evidence", Text, "what was shown as evidence last"),
        field("evidence_by", Id, "who showed it"),
        field("evidence_at", Moment, "when"),
        field("given_by", Id, "who gave the obligation"),
        field("ended_by", Id, "who ended it"),
        field("ended_at", Moment, "when"),
        field("reason", Data, "rule and inputs"),
    ],
    orders: &["day", "id"],
    readers: POSTS,
    editors: &[],
};

/// Reports of districts.
pub const REPORTS: Listing = Listing {
    name: "reports",
    about: "the report of a district on its day: drafted from the books, completed and signed, corrected by another edition only",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "district, day and edition"),
        field("division", Division, "district").filter(),
        field("day", Day, "day").filter(),
        field("edition", Whole, "number of the edition"),
        field("latest", Truth, "whether no later edition stands in its place").filter(),
        field("situation", Text, "how things stand"),
        field("done", Text, "what was done"),
        field("next_steps", Text, "what comes next"),
        field("correction", Text, "what it corrects, and why"),
        field("signed_by", Id, "who signed it").filter(),
        field("signed_at", Moment, "when"),
        field("late", Truth, "whether the first edition came after its time"),
        field("figures", Data, "figures of the books, each with its source"),
    ],
    orders: &["day", "id"],
    readers: &[CityCommand, DistrictCommand, PublicInformation, Auditor],
    editors: &[],
};

/// Communities and how they stand by the rule of those that are free of the epidemic.
pub const FREE_COMMUNITIES: Listing = Listing {
    name: "free_communities",
    about: "a community: free of the epidemic by the rule, or what is in the way",
    key: "division",
    subject: None,
    fields: &[
        field("division", Division, "community").filter(),
        field("free", Truth, "whether it is free of the epidemic").filter(),
        field("state", Term(FreeState::NAMES), "that it is free, or what is in the way").filter(),
        field("since", Day, "day since which it stands so"),
        field("last_community_on", Day, "last day on which an infection was found in the community"),
        field("recalls", Whole, "members of positive tubes who are not resolved"),
        field("areas", Whole, "areas open there"),
        field("waiting_contacts", Whole, "contacts who wait to be placed"),
        field("round", Id, "its last closed round"),
        field("reached", Whole, "people whom that round reached"),
        field("people", Whole, "people of that round"),
        field("day", Day, "day as of which it was looked at"),
        field("reason", Data, "rule and inputs"),
    ],
    orders: &["division"],
    readers: &[CityCommand, DistrictCommand, CommunityWorker, PublicInformation, Auditor],
    editors: &[],
};

/// How communities became free of the epidemic and were no more.
pub const FREE_CHANGES: Listing = Listing {
    name: "free_changes",
    about: "a community became free of the epidemic, or was no more; nothing of it is ever changed",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "community and number"),
        field("division", Division, "community").filter(),
        field("day", Day, "day").filter(),
        field("at", Moment, "when it was seen"),
        field("free", Truth, "whether it became free").filter(),
        field("state", Term(FreeState::NAMES), "that it is free, or what is in the way").filter(),
        field("reason", Data, "rule and inputs"),
    ],
    orders: &["day", "id"],
    readers: &[CityCommand, DistrictCommand, CommunityWorker, PublicInformation, Auditor],
    editors: &[],
};

/// Shifts.
pub const SHIFTS: Listing = Listing {
    name: "shifts",
    about: "who works at which key place from when to when",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "worker and beginning"),
        field("worker", Id, "who works, by the number of their employer").filter(),
        field("place", Id, "place").filter(),
        field("name", Text, "name of the place"),
        field("kind", Term(PlaceKind::NAMES), "kind of the place").filter(),
        field("division", Division, "division of the place").filter(),
        field("from", Moment, "beginning").filter(),
        field("to", Moment, "end").filter(),
        field("role", Text, "what they do there"),
        field("now", Truth, "whether the shift runs").filter(),
    ],
    orders: &["from", "id"],
    readers: &[CityCommand, DistrictCommand, Auditor],
    editors: &[],
};
