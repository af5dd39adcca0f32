//! The list of where infections are found. Declarations only.

use super::{Holds::*, Listing, field};
use crate::{access::Role::*, divisions::Level, situation::Clearing};

/// Where infections are found: in the community, or among people who are held already.
pub const CLEARINGS: Listing = Listing {
    name: "clearings",
    about: "where infections of a place are found, and when it is clear of those in the community",
    key: "division",
    subject: None,
    fields: &[
        field("division", Division, "division").filter(),
        field("level", Term(Level::NAMES), "level of the division").filter(),
        field("state", Term(Clearing::NAMES), "how it stands").filter(),
        field("found_7", Whole, "infections found in the last 7 whole days"),
        field("community_7", Whole, "of them in the community: not under isolation, and not from abroad"),
        field("found_14", Whole, "infections found in the last 14 whole days"),
        field("community_14", Whole, "of them in the community"),
        field("last_found_on", Day, "last day on which one was found, of the days that are counted"),
        field("last_community_on", Day, "last day on which one was found in the community").filter(),
        field(
            "clear_days",
            Whole,
            "whole days without one in the community after which it is clear, by the rules of an area",
        ),
        field("clear_on", Day, "first day on which it is clear if none comes").filter(),
        field("recalls", Whole, "members of positive tubes who are not resolved"),
        field("areas", Whole, "areas under restriction"),
        field("day", Day, "last whole day that was counted"),
    ],
    orders: &["division"],
    readers: &[CityCommand, DistrictCommand, Tracer, Dispatcher, PublicInformation, Auditor],
    editors: &[],
};
