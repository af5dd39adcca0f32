//! Follow-up of contacts as people tell it: the teams that ask, and what was found whenever somebody asked. The log of asking is
//! kept apart from the days of a follow-up: a call after the last day is a row like any other and lengthens nothing.

use super::{Kind::*, Table, may, must};
use crate::{
    followup::{FollowAnswer, FollowChannel},
    roster::Known,
};

/// Teams that ask after contacts.
pub const TEAMS: Table = Table {
    name: "teams",
    about: "a team that asks after contacts every day",
    key: &["team"],
    required: false,
    columns: &[
        must("team", Id, "id of the team"),
        must("division", Division, "division that it serves"),
        may("name", Text(80), "name"),
        must("people_a_day", Whole(1, 2_000), "people whom it can ask in a day"),
    ],
};

/// What was found when a contact was asked.
pub const FOLLOW_UPS: Table = Table {
    name: "follow_ups",
    about: "what was found when somebody asked a contact how they are; nothing said is changed",
    key: &["person", "at", "said_by"],
    required: false,
    columns: &[
        must("person", Id, "person"),
        must("at", Moment, "when"),
        must("channel", OneOf(FollowChannel::NAMES), "by which way they were asked"),
        must("answer", OneOf(FollowAnswer::NAMES), "what came of it"),
        may("symptoms", OneOf(Known::NAMES), "whether they have symptoms; empty means that nobody knows"),
        may("team", Id, "team that asked"),
        must("said_by", Text(80), "who asked"),
        may("note", Text(400), "in words"),
    ],
};
