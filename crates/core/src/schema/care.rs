//! What a household that is bound may ask for: the goods of a city, for each kind of need, and what they usually cost; who carries
//! parcels to doors, with their hours; stock at depots, what residents ask for, and what was handed over at doors.

use super::{Kind::*, Table, may, must};
use crate::{
    roster::Need,
    welfare::{Means, RequestKind, Supply},
};

/// Goods.
pub const GOODS: Table = Table {
    name: "goods",
    about: "something that a household which is bound may ask for; it is carried in the parcel of its item",
    key: &["good"],
    required: false,
    columns: &[
        must("good", Id, "id of the good"),
        must("division", Division, "where it can be asked for"),
        must("item", OneOf(Supply::NAMES), "stock that it is taken from, and parcel in which it is carried"),
        may("need", OneOf(Need::NAMES), "need that it is for; empty means everybody"),
        must("en", Text(80), "what it is, in English"),
        must("zh_hans", Text(80), "in simplified characters"),
        must("zh_hant", Text(80), "in traditional characters"),
        must("day_max", Whole(1, 100), "units that a household may ask for in a day"),
        may(
            "usual",
            Real(0.01, 1_000_000.0),
            "what a unit usually costs, in the money of the city; empty means that nobody watches it",
        ),
        may("above_percent", Whole(0, 1_000), "percent by which a price may lie above that; empty means 20"),
    ],
};

/// Who carries parcels.
pub const CARRIERS: Table = Table {
    name: "carriers",
    about: "a vehicle or a person with a shift that carries parcels from a depot to doors",
    key: &["carrier"],
    required: false,
    columns: &[
        must("carrier", Id, "id of the carrier; the row of another shift goes in its place"),
        must("depot", Id, "depot, as in supplies"),
        must("division", Division, "division that it serves"),
        must("means", OneOf(Means::NAMES), "in a vehicle, with a trolley, or on foot"),
        must("capacity", Whole(1, 2_000), "parcels at once"),
        must("from", Moment, "start of the shift"),
        must("to", Moment, "end of the shift; it is back by then"),
        may(
            "lon",
            Real(-180.0, 180.0),
            "longitude of where it loads, WGS-84 degrees; empty means the seat of its division",
        ),
        may("lat", Real(-90.0, 90.0), "latitude of where it loads"),
        may("driven_24h_min", Whole(0, 1440), "minutes on the way in the 24 hours before the shift"),
        may("driven_7d_min", Whole(0, 10_080), "minutes on the way in the seven days before the shift"),
    ],
};

/// Stock at depots.
pub const SUPPLIES: Table = Table {
    name: "supplies",
    about: "stock of one item at one depot at the start of the day",
    key: &["depot", "item"],
    required: false,
    columns: &[
        must("depot", Id, "depot"),
        must("division", Division, "division it serves"),
        must("item", OneOf(Supply::NAMES), "item"),
        must("quantity", Whole(0, 1_000_000_000), "units in stock"),
    ],
};

/// Requests of residents.
pub const REQUESTS: Table = Table {
    name: "requests",
    about: "a request of a resident",
    key: &["request"],
    required: false,
    columns: &[
        must("request", Id, "number of the request"),
        must("kind", OneOf(RequestKind::NAMES), "kind"),
        may("household", Id, "household, if known"),
        must("division", Division, "where help is needed"),
        must("received_at", Moment, "when it came in"),
        may("answered_at", Moment, "when the person confirmed the answer"),
        may("answer", Text(400), "what was done"),
        may("text", Text(2_000), "what was asked, in the person's words"),
    ],
};

/// Deliveries to the door.
pub const DELIVERIES: Table = Table {
    name: "deliveries",
    about: "a parcel handed over at a door",
    key: &["household", "item", "at"],
    required: false,
    columns: &[
        must("household", Id, "household"),
        must("item", OneOf(Supply::NAMES), "item"),
        must("at", Moment, "when"),
        may("proof", Text(80), "proof of the hand-over"),
    ],
};
