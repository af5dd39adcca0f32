//! Lists of rounds: the rounds, the doors that are left, what was counted at the end, and what was said of people's presence.
//! Declarations only.

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::*,
    roster,
    rounds::{Cover, RoundState},
    screening::Purpose,
};

/// Rounds. They tell of nobody, so whoever works with samples sees those of the whole city.
pub const ROUNDS: Listing = Listing {
    name: "rounds",
    about: "a round of sampling",
    key: "round",
    subject: None,
    fields: &[
        field("round", Id, "id of the round").filter(),
        field("name", Text, "name"),
        field("state", Term(RoundState::NAMES), "how it stands").filter(),
        field("purpose", Term(Purpose::NAMES), "why people are sampled").filter(),
        field("from", Moment, "from when tubes count").filter(),
        field("to", Moment, "until when tubes count"),
        field("divisions", Text, "divisions"),
        field("areas", Text, "risk areas"),
        field("key_groups", Text, "key groups"),
        field("pool_size", Whole, "swabs in one tube at most"),
        field("planned_by", Id, "account that planned it"),
        field("closed_at", Moment, "when it was closed"),
        field("reason", Text, "why it was cancelled or refused"),
    ],
    orders: &["from", "round"],
    readers: &[CityCommand, DistrictCommand, CommunityWorker, Auditor],
    editors: &[],
};

/// People of a round in the order of a walk from door to door, each with where the round stands with them.
pub const DOORS: Listing = Listing {
    name: "doors",
    about: "a person of a round, in the order of a walk from door to door",
    key: "id",
    subject: Some("person"),
    fields: &[
        field("id", Id, "round and person"),
        field("round", Id, "round").filter(),
        field("division", Division, "community").filter(),
        field("building_id", Id, "id of the building").filter(),
        field("building", Text, "building, as on the door").personal(),
        field("unit", Text, "unit or staircase").personal(),
        field("floor", Whole, "floor").personal(),
        field("door", Text, "door").personal(),
        field("household", Id, "household").personal().filter(),
        field("person", Id, "person").filter(),
        field("name", Text, "name").personal(),
        field("phone", Text, "telephone").personal(),
        field("key_group", Term(roster::KeyGroup::NAMES), "group tested on a cadence of its own").filter(),
        field("state", Term(Cover::NAMES), "where the round stands with the person").filter(),
        field("tubes", Whole, "tubes with a swab of the person within the hours of the round").filter(),
        field("seen_at", Moment, "when somebody of the household was last sampled").filter(),
        field("warden", Text, "who answers for the building").filter(),
        field("said_by", Text, "who said what is known of their presence").sensitive(),
        field("said_until", Moment, "until when that holds"),
        field("reason", Text, "why, in the words of who said it").sensitive(),
    ],
    orders: &["door"],
    readers: &[DistrictCommand, CommunityWorker],
    editors: &[],
};

/// Counts of closed rounds, as they were recorded.
pub const COVERAGE: Listing = Listing {
    name: "coverage",
    about: "how many people of a community stood where when a round was closed",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "round, community and state"),
        field("round", Id, "round").filter(),
        field("division", Division, "community").filter(),
        field("state", Term(Cover::NAMES), "where the round stood with them").filter(),
        field("people", Whole, "people"),
    ],
    orders: &["id"],
    readers: &[CityCommand, DistrictCommand, CommunityWorker, Auditor],
    editors: &[],
};

/// What was said of people's presence.
pub const STATEMENTS: Listing = Listing {
    name: "statements",
    about: "what somebody said of a person's presence",
    key: "id",
    subject: Some("person"),
    fields: &[
        field("id", Id, "person, moment and who said so"),
        field("person", Id, "person").filter(),
        field("name", Text, "name").personal(),
        field("division", Division, "division").filter(),
        field("presence", Term(roster::Presence::NAMES), "what was said").filter(),
        field("said_at", Moment, "when it was said").filter(),
        field("from", Moment, "from when it holds"),
        field("until", Moment, "until when it holds"),
        field("said_by", Text, "who said so").personal(),
        field("reason", Text, "why").sensitive(),
    ],
    orders: &["said_at"],
    readers: &[DistrictCommand, CommunityWorker, DataProtection],
    editors: &[],
};
