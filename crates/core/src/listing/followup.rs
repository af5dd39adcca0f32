//! Lists of follow-up: who is asked, by whom and until when; what was found whenever somebody asked; the teams. Declarations only.

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::*,
    exposures::SiteState,
    followup::{FollowAnswer, FollowChannel, FollowState},
    roster::Known,
    searches::SearchState,
    withdrawal::ReleaseState,
};

/// Follow-ups of contacts, running and ended.
pub const FOLLOWED: Listing = Listing {
    name: "followed",
    about: "a contact in follow-up, or whose follow-up has ended",
    key: "id",
    subject: Some("person"),
    fields: &[
        field("id", Id, "number of the follow-up"),
        field("person", Id, "contact").filter(),
        field("name", Text, "name").personal(),
        field("phone", Text, "telephone").personal(),
        field("division", Division, "division").filter(),
        field("building", Text, "building").personal(),
        field("unit", Text, "unit").personal(),
        field("door", Text, "door").personal(),
        field("team", Id, "team that asks").filter(),
        field("state", Term(FollowState::NAMES), "how it stands, or how it ended").filter(),
        field("symptoms", Term(Known::NAMES), "whether they told of symptoms and were not tested since").sensitive(),
        field("due", Truth, "whether somebody is to speak to them today, and nobody has").filter(),
        field("from_day", Day, "first day").filter(),
        field("until_day", Day, "last day, inclusive").filter(),
        field("last_exposure", Day, "last exposure; the days count from it").filter(),
        field("exposures", Whole, "cases to which they were exposed"),
        field("seen_days", Whole, "days on which somebody spoke to them"),
        field("missed_days", Whole, "days that are over and on which nobody did"),
        field("missed_running", Whole, "how many of these are the last ones, running"),
        field("last_seen_on", Day, "last day on which somebody spoke to them"),
        field("open", Truth, "whether it runs").filter(),
        field("messages", Truth, "whether they agreed to be asked by message").filter(),
        field("ended_on", Day, "day on which it ended").filter(),
        field("ended_why", Text, "why it ended"),
        field("reason", Data, "rule and inputs"),
    ],
    orders: &["until", "id"],
    readers: &[CityCommand, DistrictCommand, Tracer, CommunityWorker, DataProtection, Auditor],
    editors: &[],
};

/// The log of asking.
pub const FOLLOW_UPS: Listing = Listing {
    name: "follow_ups",
    about: "what was found when somebody asked a contact how they are",
    key: "id",
    subject: Some("person"),
    fields: &[
        field("id", Id, "number of the entry"),
        field("person", Id, "contact").filter(),
        field("name", Text, "name").personal(),
        field("division", Division, "division").filter(),
        field("at", Moment, "when").filter(),
        field("channel", Term(FollowChannel::NAMES), "by which way they were asked").filter(),
        field("found", Term(FollowAnswer::NAMES), "what came of it").filter(),
        field("symptoms", Term(Known::NAMES), "whether they have symptoms").sensitive(),
        field("team", Id, "team that asked").filter(),
        field("said_by", Text, "who asked"),
        field("note", Text, "in words").sensitive(),
    ],
    orders: &["at"],
    readers: &[CityCommand, DistrictCommand, Tracer, CommunityWorker, DataProtection, Auditor],
    editors: &[],
};

/// Contacts of withdrawn cases, waiting to be released or settled.
pub const RELEASES: Listing = Listing {
    name: "releases",
    about: "a contact of a case that was withdrawn, and of no other: released at a time unless somebody objects",
    key: "id",
    subject: Some("person"),
    fields: &[
        field("id", Id, "case and person"),
        field("case_id", Id, "case that was withdrawn").filter(),
        field("person", Id, "contact").filter(),
        field("name", Text, "name").personal(),
        field("phone", Text, "telephone").personal(),
        field("division", Division, "division").filter(),
        field("state", Term(ReleaseState::NAMES), "how it stands").filter(),
        field("opened_at", Moment, "when the case was withdrawn"),
        field("due_at", Moment, "when the release takes effect").filter(),
        field("open", Truth, "whether it waits").filter(),
        field("objected_by", Id, "who objected"),
        field("objection", Text, "why").sensitive(),
        field("settled_at", Moment, "when it took effect, or another exposure was found"),
    ],
    orders: &["due", "id"],
    readers: &[CityCommand, DistrictCommand, Tracer, CommunityWorker, DataProtection, Auditor],
    editors: &[],
};

/// Searches for people who were at the places of a case.
pub const SEARCHES: Listing = Listing {
    name: "searches",
    about: "a search for people who were at the places of a case: who asked, who approved it, until when its answer is kept",
    key: "id",
    subject: Some("person"),
    fields: &[
        field("id", Id, "case and number"),
        field("case_id", Id, "case").filter(),
        field("person", Id, "person who is the case"),
        field("division", Division, "division").filter(),
        field("state", Term(SearchState::NAMES), "how it stands").filter(),
        field("asked_by", Id, "who asked").filter(),
        field("asked_at", Moment, "when").filter(),
        field("minutes", Whole, "fewest minutes together at one place"),
        field("purpose", Text, "what it is for").sensitive(),
        field("decided_by", Id, "the second person"),
        field("decided_at", Moment, "when they decided"),
        field("people_found", Whole, "people found"),
        field("delete_on", Day, "day on which what was found is deleted").filter(),
        field("deleted_at", Moment, "when it was"),
    ],
    orders: &["asked", "id"],
    readers: &[DistrictCommand, Tracer, DataProtection, Auditor],
    editors: &[],
};

/// Places that are told to the public.
pub const EXPOSURE_SITES: Listing = Listing {
    name: "exposure_sites",
    about: "a place that the public is told of, or is to be: people were there together with a case whom nobody knows",
    key: "id",
    subject: Some("case_id"),
    fields: &[
        field("id", Id, "number, which says nothing of the case"),
        field("case_id", Id, "case").filter(),
        field("division", Division, "division").filter(),
        field("place", Text, "place"),
        field("from_at", Moment, "from when the case was there"),
        field("until_at", Moment, "until when"),
        field("unknown", Whole, "people who were there and whom nobody knows, about"),
        field("state", Term(SiteState::NAMES), "how it stands").filter(),
        field("gone_on", Day, "first day on which nobody is told of it any more").filter(),
        field("asked_by", Id, "who asked"),
        field("asked_at", Moment, "when"),
        field("decided_by", Id, "who listed, refused or withdrew it"),
        field("decided_at", Moment, "when"),
        field("reason", Text, "why").sensitive(),
    ],
    orders: &["asked", "id"],
    readers: &[CityCommand, DistrictCommand, Tracer, DataProtection, Auditor],
    editors: &[],
};

/// Teams that ask.
pub const TEAMS: Listing = Listing {
    name: "teams",
    about: "a team that asks after contacts every day",
    key: "team",
    subject: None,
    fields: &[
        field("team", Id, "id of the team").filter(),
        field("name", Text, "name"),
        field("division", Division, "division that it serves").filter(),
        field("people_a_day", Whole, "people whom it can ask in a day"),
        field("asks", Whole, "people whom it asks after now"),
        field("due_today", Whole, "of these, those to whom nobody has spoken today"),
    ],
    orders: &["team"],
    readers: &[CityCommand, DistrictCommand, Tracer, CommunityWorker, Auditor],
    editors: &[],
};
