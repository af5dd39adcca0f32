//! Key places: who answers for them. Whoever belongs to one stands on a list of its employer or school (`listed`), whose name is the id of
//! the place, so that a roll is compared with the roster like every list and makes nobody a person.

use super::{Kind::*, Table, may, must};
use crate::{obligations::PlaceKind, roster::KeyGroup};

/// Key places.
pub const PLACES: Table = Table {
    name: "places",
    about: "a key place; its people are the list of that name (listed) that its employer or school keeps",
    key: &["place"],
    required: false,
    columns: &[
        must("place", Id, "id of the place, and name of the list of its people"),
        must("kind", OneOf(PlaceKind::NAMES), "kind"),
        must("name", Text(80), "name"),
        must("division", Division, "division that it stands in"),
        must("owner", Text(80), "who answers for it"),
        may(
            "key_group",
            OneOf(KeyGroup::NAMES),
            "group under whose cadence its people are tested; empty means that of its kind",
        ),
        may("people", Whole(0, 1_000_000), "people who belong to it, as it says itself"),
        may("lon", Real(-180.0, 180.0), "longitude, WGS-84 degrees"),
        may("lat", Real(-90.0, 90.0), "latitude, WGS-84 degrees"),
    ],
};

/// Shifts at key places.
pub const SHIFTS: Table = Table {
    name: "shifts",
    about: "who works where from when to when; one that the rules do not allow is refused with what stands against it",
    key: &["worker", "from"],
    required: false,
    columns: &[
        must("worker", Id, "who works: the number that their employer knows them by"),
        must("site", Id, "key place"),
        must("from", Moment, "beginning of the shift"),
        must("to", Moment, "end of the shift"),
        may("role", Text(80), "what they do there"),
    ],
};
