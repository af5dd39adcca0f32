//! What a household that is bound may ask for: the goods of a city, for each kind of need, and what they usually cost.

use super::{Kind::*, Table, may, must};
use crate::{roster::Need, welfare::Supply};

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
