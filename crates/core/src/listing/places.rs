//! Lists of places and means: divisions, facilities, beds, vehicles, laboratories, stock. Declarations only.

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::{self, *},
    divisions::Level,
    roster::Known,
    transfer, welfare,
};

const EVERYBODY: &[Role] = Role::ALL;

/// Divisions and reporting units.
pub const DIVISIONS: Listing = Listing {
    name: "divisions",
    about: "a division or reporting unit of the city",
    key: "code",
    subject: None,
    fields: &[
        field("code", Division, "code").filter(),
        field("name", Text, "name in the city's language"),
        field("name_en", Text, "name in English"),
        field("level", Term(Level::NAMES), "level in the tree").filter(),
        field("population", Whole, "residents by census"),
        field("lon", Real, "longitude of the seat, WGS-84 degrees"),
        field("lat", Real, "latitude of the seat, WGS-84 degrees"),
    ],
    orders: &["code"],
    readers: EVERYBODY,
    editors: &[],
};

/// Facilities, with their beds counted by state.
pub const FACILITIES: Listing = Listing {
    name: "facilities",
    about: "a hospital, temporary hospital or isolation site",
    key: "facility",
    subject: None,
    fields: &[
        field("facility", Id, "id of the facility").filter(),
        field("name", Text, "name"),
        field("kind", Term(transfer::FacilityKind::NAMES), "kind").filter(),
        field("division", Division, "division").filter(),
        field("lon", Real, "longitude, WGS-84 degrees"),
        field("lat", Real, "latitude, WGS-84 degrees"),
        field("opens_on", Day, "first day it takes people").edit(),
        field("closes_on", Day, "last day it takes people").edit(),
        field("owner", Text, "who answers for it").edit(),
        field("beds", Whole, "beds"),
        field("taken", Whole, "beds held or occupied"),
        field("cleaning", Whole, "beds to be cleaned"),
        field("blocked", Whole, "beds that cannot be used"),
        field("arriving", Whole, "people on the way or booked"),
    ],
    orders: &["facility"],
    readers: &[CityCommand, DistrictCommand, Dispatcher, Driver, Facility, CommunityWorker, Hotline, Auditor],
    editors: &[CityCommand, DistrictCommand, Facility],
};

/// Beds.
pub const BEDS: Listing = Listing {
    name: "beds",
    about: "one bed",
    key: "bed",
    subject: None,
    fields: &[
        field("bed", Id, "id of the bed").filter(),
        field("facility", Id, "facility").filter(),
        field("division", Division, "division of the facility").filter(),
        field("room", Text, "ward or room"),
        field("rule", Term(transfer::BedRule::NAMES), "who may lie in it").filter(),
        field("severe", Term(Known::NAMES), "equipped for severe cases").filter(),
        field("state", Term(transfer::BedState::NAMES), "state").filter(),
        field("transfer", Id, "transfer that holds it"),
        field("held_at", Moment, "since when it is held"),
    ],
    orders: &["bed"],
    readers: &[CityCommand, DistrictCommand, Dispatcher, Facility, Auditor],
    editors: &[],
};

/// Vehicles.
pub const VEHICLES: Listing = Listing {
    name: "vehicles",
    about: "a vehicle of the transfer fleet",
    key: "vehicle",
    subject: None,
    fields: &[
        field("vehicle", Id, "id of the vehicle").filter(),
        field("division", Division, "division that runs it").filter(),
        field("seats", Whole, "seats with belts for passengers"),
        field("stretchers", Whole, "stretcher places"),
        field("wheelchairs", Whole, "wheelchair places"),
        field("lon", Real, "longitude of the depot"),
        field("lat", Real, "latitude of the depot"),
        field("out_of_service", Term(Known::NAMES), "broken down or being cleaned").filter().edit(),
    ],
    orders: &["vehicle"],
    readers: &[CityCommand, DistrictCommand, Dispatcher, Driver, Auditor],
    editors: &[DistrictCommand, Dispatcher],
};

/// Stock at depots.
pub const SUPPLIES: Listing = Listing {
    name: "supplies",
    about: "stock of one item at one depot",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "depot and item"),
        field("depot", Id, "depot").filter(),
        field("division", Division, "division it serves").filter(),
        field("item", Term(welfare::Supply::NAMES), "item").filter(),
        field("quantity", Whole, "units in stock"),
        field("promised", Whole, "of these, promised"),
        field("left", Whole, "units that nobody is promised"),
        field("a_day", Real, "units promised on a day, over the last three days on which some were"),
        field("cover_days", Real, "days for which what is left lasts at that pace"),
        field("state", Term(welfare::Stocked::NAMES), "whether that is enough").filter(),
    ],
    orders: &["id"],
    readers: &[CityCommand, DistrictCommand, CommunityWorker, Auditor],
    editors: &[],
};
