//! Divisions, buildings, households and people, what somebody said of their presence, and people as other lists know them. Facts, declared
//! like the other tables of a day folder.

use super::{Kind::*, Table, may, must};
use crate::{
    divisions::Level,
    roster::{KeyGroup, Known, ListSource, Need, Presence, Sex},
};

/// Divisions and reporting units.
pub const DIVISIONS: Table = Table {
    name: "divisions",
    about: "a division or reporting unit of the city",
    key: &["code"],
    required: true,
    columns: &[
        must("code", Division, "code; begins with the code of the division above"),
        must("name", Text(80), "name in the city's language"),
        may("name_en", Text(80), "name in English"),
        must("level", OneOf(Level::NAMES), "level in the tree"),
        may("population", Whole(0, 2_000_000_000), "residents by census"),
        may("lon", Real(-180.0, 180.0), "longitude of the seat, WGS-84 degrees"),
        may("lat", Real(-90.0, 90.0), "latitude of the seat, WGS-84 degrees"),
    ],
};

/// Buildings with their place.
pub const BUILDINGS: Table = Table {
    name: "buildings",
    about: "a building in which people live",
    key: &["building"],
    required: true,
    columns: &[
        must("building", Id, "id of the building"),
        must("division", Division, "community or village it stands in"),
        may("compound", Text(80), "residential compound"),
        must("name", Text(80), "name or number, as on the door"),
        must("lon", Real(-180.0, 180.0), "longitude, WGS-84 degrees"),
        must("lat", Real(-90.0, 90.0), "latitude, WGS-84 degrees"),
        may("exits_checked_at", Moment, "last check of exits, stairs and gates (R10)"),
        may("warden", Text(80), "who answers for the building"),
    ],
};

/// Households.
pub const HOUSEHOLDS: Table = Table {
    name: "households",
    about: "a household: people behind one door",
    key: &["household"],
    required: true,
    columns: &[
        must("household", Id, "id of the household"),
        must("building", Id, "building it lives in"),
        may("unit", Text(20), "unit or staircase"),
        may("floor", Whole(-5, 200), "floor"),
        must("door", Text(20), "door"),
        may("home_suitable", OneOf(Known::NAMES), "fit for isolation at home: own room, ventilation, nobody at risk"),
    ],
};

/// People.
pub const PEOPLE: Table = Table {
    name: "people",
    about: "a person on the roster",
    key: &["person"],
    required: true,
    columns: &[
        must("person", Id, "id of the person (a pseudonym of the sender)"),
        must("household", Id, "household"),
        may("name", Text(80), "name"),
        may("document", Document, "identity document number"),
        may("phone", Text(24), "telephone"),
        may("sex", OneOf(Sex::NAMES), "sex as registered"),
        may("birth_date", Day, "date of birth"),
        may("needs", ManyOf(Need::NAMES), "needs that travel with the person"),
        may("key_group", OneOf(KeyGroup::NAMES), "group tested on a cadence of its own"),
        may("carer", Id, "person who cares for this one; never parted from them (R12)"),
        may("presence", OneOf(Presence::NAMES), "whether the person is there; empty counts as unknown"),
    ],
};

/// What somebody said of a person's presence.
pub const STATEMENTS: Table = Table {
    name: "statements",
    about: "what somebody said of a person's presence; nothing said is changed, the latest that holds decides",
    key: &["person", "said_at", "said_by"],
    required: false,
    columns: &[
        must("person", Id, "person"),
        must("presence", OneOf(Presence::NAMES), "what was said; unknown takes back what was said before"),
        must("said_at", Moment, "when it was said"),
        must("said_by", Text(80), "who said so"),
        may("from", Moment, "from when it holds; empty means from when it was said"),
        may("until", Moment, "until when it holds; empty means until something else is said"),
        must("reason", Text(400), "why"),
    ],
};

/// People as other lists know them.
pub const LISTED: Table = Table {
    name: "listed",
    about: "a person as a list beside the roster knows them; nothing said is changed, the latest row of an entry decides",
    key: &["source", "list", "entry", "as_of"],
    required: false,
    columns: &[
        must("source", OneOf(ListSource::NAMES), "who keeps the list"),
        must("list", Id, "the list: a police station, an estate, an employer, a school"),
        must("entry", Id, "the list's own id of the person"),
        must("as_of", Moment, "as of when the list says so"),
        must("given_by", Text(80), "who gave the list"),
        must("division", Division, "community or district that the list places the person in"),
        may("name", Text(80), "name"),
        may("document", Document, "identity document number"),
        may("phone", Text(24), "telephone"),
        may("birth_date", Day, "date of birth"),
        may("sex", OneOf(Sex::NAMES), "sex as registered"),
        may("address", Text(200), "address within the division as it is written: compound, building, unit, door"),
        may("from", Day, "from when the person belongs to it"),
        may("until", Day, "last day on which the person belongs to it"),
        may("role", Text(80), "what the person is there: owner, tenant, employee, pupil"),
    ],
};
