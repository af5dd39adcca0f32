//! Lists of entry gates: gates, the book of each gate and day, and who arrives with the test on landing. Declarations only.

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::{self, *},
    gates::{GateKind, Landing},
};

const POSTS: &[Role] = &[CityCommand, DistrictCommand, CommunityWorker, Auditor];

/// The book of a gate and day.
pub const GATE_DAYS: Listing = Listing {
    name: "gate_days",
    about: "the book of an entry gate and a day: the manifest and those who came without are those who came, are missing or are expected",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "gate and day"),
        field("gate", Id, "gate").filter(),
        field("name", Text, "name"),
        field("kind", Term(GateKind::NAMES), "how people come in").filter(),
        field("division", Division, "division that it stands in").filter(),
        field("day", Day, "day of arrival").filter(),
        field("on_manifest", Whole, "people on the manifest"),
        field("came", Whole, "people who came"),
        field("missing", Whole, "people on the manifest who did not come"),
        field("expected_people", Whole, "people on the manifest who were not seen yet"),
        field("extra", Whole, "people who came and were on no manifest"),
        field("tested", Whole, "of those who came: tested on landing"),
        field("refused", Whole, "of those who came: they did not want the test, and nothing follows"),
        field("owing", Whole, "of those who came: not tested yet"),
        field("counted_at", Moment, "when it was counted"),
    ],
    orders: &["day", "id"],
    readers: POSTS,
    editors: &[],
};

/// Who arrives.
pub const LANDINGS: Listing = Listing {
    name: "landings",
    about: "somebody who arrives at an entry gate, and whether the test on landing was had; it binds nobody",
    key: "id",
    subject: Some("traveller"),
    fields: &[
        field("id", Id, "gate, day and ticket"),
        field("traveller", Id, "id under which their swab is taken; else gate, day and ticket"),
        field("gate", Id, "gate").filter(),
        field("day", Day, "day of arrival").filter(),
        field("ticket_no", Id, "ticket").filter(),
        field("division", Division, "where they stay").filter(),
        field("name", Text, "name").personal(),
        field("phone", Text, "telephone").personal(),
        field("state", Term(Landing::NAMES), "how they stand").filter(),
        field("extra", Truth, "whether they were on no manifest").filter(),
        field("arrived_at", Moment, "when they were seen first"),
        field("due_at", Moment, "until when the test is in time"),
        field("late", Truth, "whether it is owed after its time").filter(),
        field("tested_at", Moment, "when it was had"),
        field("calls", Whole, "calls"),
        field("called_at", Moment, "when the last call was"),
    ],
    orders: &["day", "id"],
    readers: &[CityCommand, DistrictCommand, CommunityWorker, DataProtection, Auditor],
    editors: &[],
};
