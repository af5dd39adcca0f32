//! Facilities with their beds, vehicles with their crews, and what drivers and receiving sites report. Facts, declared like the other
//! tables of a day folder.

use super::{Kind::*, Table, may, must};
use crate::{
    roster::Known,
    transfer::{BedRule, BedState, FacilityKind, HandoverStep},
};

/// Facilities.
pub const FACILITIES: Table = Table {
    name: "facilities",
    about: "a hospital, temporary hospital or isolation site",
    key: &["facility"],
    required: true,
    columns: &[
        must("facility", Id, "id of the facility"),
        must("kind", OneOf(FacilityKind::NAMES), "kind"),
        must("name", Text(80), "name"),
        must("division", Division, "division it stands in"),
        must("lon", Real(-180.0, 180.0), "longitude, WGS-84 degrees"),
        must("lat", Real(-90.0, 90.0), "latitude, WGS-84 degrees"),
        may("opens_on", Day, "first day it takes people"),
        may("closes_on", Day, "last day it takes people"),
        must("owner", Text(80), "who answers for it"),
    ],
};

/// Beds, one row each.
pub const BEDS: Table = Table {
    name: "beds",
    about: "one bed",
    key: &["bed"],
    required: true,
    columns: &[
        must("bed", Id, "id of the bed"),
        must("facility", Id, "facility"),
        may("room", Text(40), "ward or room; people of one household may share a room"),
        may("rule", OneOf(BedRule::NAMES), "who may lie in it; empty means any"),
        may("severe", OneOf(Known::NAMES), "equipped for severe cases"),
        may("state", OneOf(BedState::NAMES), "state at the start of the day; empty means free"),
    ],
};

/// Vehicles.
pub const VEHICLES: Table = Table {
    name: "vehicles",
    about: "a vehicle of the transfer fleet",
    key: &["vehicle"],
    required: true,
    columns: &[
        must("vehicle", Id, "id of the vehicle"),
        must("division", Division, "division that runs it"),
        must("seats", Whole(0, 60), "seats with belts for passengers"),
        may("stretchers", Whole(0, 10), "stretcher places"),
        may("wheelchairs", Whole(0, 10), "wheelchair places"),
        must("lon", Real(-180.0, 180.0), "longitude of the depot"),
        must("lat", Real(-90.0, 90.0), "latitude of the depot"),
        may("out_of_service", OneOf(Known::NAMES), "broken down or being cleaned"),
    ],
};

/// Crews.
pub const CREWS: Table = Table {
    name: "crews",
    about: "a driver with a shift on a vehicle",
    key: &["crew"],
    required: true,
    columns: &[
        must("crew", Id, "id of the crew"),
        must("vehicle", Id, "vehicle"),
        must("driver", Text(80), "driver"),
        must("from", Moment, "start of the shift"),
        must("to", Moment, "end of the shift"),
        may("driven_24h_min", Whole(0, 1440), "minutes driven in the 24 hours before the shift"),
        may("driven_7d_min", Whole(0, 10_080), "minutes driven in the seven days before the shift"),
    ],
};

/// Reports of drivers and receiving sites on the transfers of the day.
pub const HANDOVERS: Table = Table {
    name: "handovers",
    about: "what a driver or a receiving site reported of a person's transfer or stay",
    key: &["person", "step", "at"],
    required: false,
    columns: &[
        must("person", Id, "person"),
        must("step", OneOf(HandoverStep::NAMES), "what happened"),
        must("at", Moment, "when"),
        may("facility", Id, "facility, for admission and discharge"),
        may("note", Text(400), "reason, for no answer, refused, cannot move and worse"),
    ],
};
