//! Lists of rounds: the rounds, the doors that are left, what was counted at the end, and what was said of people's presence.
//! Declarations only.

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::*,
    protocol::Ground,
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
        field("places", Text, "key places, of whose people it is for those who were due"),
        field("pool_size", Whole, "swabs in one tube at most"),
        field("ground", Term(Ground::NAMES), "ground on which more than an area is tested"),
        field("swab_price", Real, "price of taking a swab: staff, material and the way of the tubes"),
        field("planned_by", Id, "account that planned it"),
        field("closed_at", Moment, "when it was closed"),
        field("reason", Text, "why it was cancelled or refused"),
        field("approved_by", Id, "account that let it go ahead against a rule"),
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
        field("place", Id, "key place at which the person was due, in a round of key places").personal().filter(),
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

/// Sampling sites of rounds, as they were planned.
pub const ROUND_SITES: Listing = Listing {
    name: "round_sites",
    about: "a sampling site of a round, as it was planned: where, for whom, and how long they wait",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "round and number"),
        field("round", Id, "round").filter(),
        field("number", Whole, "number within the round"),
        field("division", Division, "community").filter(),
        field("building_id", Id, "building at whose foot it stands").filter(),
        field("building", Text, "name of the building"),
        field("lon", Real, "longitude"),
        field("lat", Real, "latitude"),
        field("people", Whole, "people who are called"),
        field(
            "expected_people",
            Whole,
            "of them expected to come, after those of the last round; empty if there was none",
        ),
        field("lanes", Whole, "samplers at work at the same time"),
        field("samplers", Whole, "samplers on the list, over all shifts"),
        field("opens_at", Moment, "from when it is open"),
        field("closes_at", Moment, "until when it is open"),
        field("walk_max_min", Real, "longest way on foot, minutes"),
        field("wait_min", Real, "expected wait that 19 in 20 people do not exceed, minutes"),
        field("wait_max_min", Real, "longest expected wait, minutes"),
        field("tubes", Whole, "tubes"),
        field("laboratory", Id, "laboratory that is nearest").filter(),
        field("courier", Whole, "courier loop that comes by").filter(),
        field("every_min", Real, "minutes between two visits of a courier"),
        field("receipt_min", Real, "longest time from collection to receipt, minutes"),
    ],
    orders: &["site"],
    readers: &[CityCommand, DistrictCommand, CommunityWorker, Auditor],
    editors: &[],
};

/// What the tests of rounds found.
pub const YIELDS: Listing = Listing {
    name: "yields",
    about: "what the tests of a round with one purpose found",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "round and purpose"),
        field("round", Id, "round").filter(),
        field("purpose", Term(Purpose::NAMES), "purpose of the tubes").filter(),
        field("from", Moment, "when the round began").filter(),
        field("tubes", Whole, "tubes"),
        field("tests", Whole, "swabs in them"),
        field("positives", Whole, "people who became a case after a tube that was not negative"),
        field("in_community", Whole, "of them not bound by any order when sampled"),
        field("per_10000", Real, "positives for 10,000 swabs"),
        field(
            "cost",
            Real,
            "price of taking the swabs, where the round or one of its purpose before it says it, and of the tests, where every laboratory's is known",
        ),
        field("cost_per_positive", Real, "price of the tests for each positive"),
        field("counted_at", Moment, "when this was counted"),
    ],
    orders: &["from", "id"],
    readers: &[CityCommand, DistrictCommand, Auditor],
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
