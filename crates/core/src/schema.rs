//! The tables that people give Dayclear: the day folder, line lists and bulletins, declared once. Readers validate by
//! these declarations, `dayclear schema` prints them as Frictionless table schemas, and `docs/day-folder.md` lists them.

mod care;
mod custody;
mod follow;
mod gates;
mod interview;
mod letters;
mod obligations;
mod published;

pub use care::*;
pub use custody::*;
pub use follow::*;
pub use gates::*;
pub use interview::*;
pub use letters::*;
pub use obligations::*;
pub use published::*;

use crate::{
    cases::{Severity, Symptom},
    divisions::Level,
    protocol::Ground,
    roster::*,
    screening::*,
    tracing::ContactClass,
    transfer::*,
    welfare::*,
};

/// What a cell may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// An identifier: 1 to 64 visible characters without spaces.
    Id,
    /// Text of at most so many characters.
    Text(usize),
    /// A division code.
    Division,
    /// A whole number in a closed range.
    Whole(i64, i64),
    /// A decimal number in a closed range.
    Real(f64, f64),
    /// A civil date. ISO is exact; other styles are read and noted, ambiguous ones are doubtful.
    Day,
    /// A point in time: RFC 3339, or local time of the city without an offset.
    Moment,
    /// One term of a list.
    OneOf(&'static [&'static str]),
    /// Terms of a list, separated by `;`.
    ManyOf(&'static [&'static str]),
    /// An identity document number; 18-character numbers are checked (GB 11643), and one damaged by a spreadsheet is refused.
    Document,
}

/// One column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Header of the column, exactly.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether a row without it is refused.
    pub required: bool,
    /// What it means, for people.
    pub about: &'static str,
}

/// One table of a day folder or an import.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// File name without ending, and name of the kind.
    pub name: &'static str,
    /// What a row is.
    pub about: &'static str,
    /// Columns that identify a row together.
    pub key: &'static [&'static str],
    /// Whether a day folder must have it.
    pub required: bool,
    /// Columns in the order in which they are documented; files may have them in any order.
    pub columns: &'static [Column],
}

impl Table {
    /// Whether its rows are told apart by a day alone.
    pub fn key_is_day(&self) -> bool {
        let is_day = |name| self.position(name).is_some_and(|at| matches!(self.columns[at].kind, Kind::Day));
        matches!(self.key, [key] if is_day(key))
    }
    /// Position of a column by name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

pub(crate) const fn must(name: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, kind, required: true, about }
}
pub(crate) const fn may(name: &'static str, kind: Kind, about: &'static str) -> Column {
    Column { name, kind, required: false, about }
}

use Kind::*;

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

/// Laboratories.
pub const LABORATORIES: Table = Table {
    name: "laboratories",
    about: "a laboratory inside or outside the city",
    key: &["laboratory"],
    required: true,
    columns: &[
        must("laboratory", Id, "id of the laboratory"),
        must("name", Text(80), "name"),
        must("in_city", OneOf(Known::NAMES), "whether it stands in the city"),
        may("division", Division, "division it stands in"),
        may("tubes_a_day", Whole(0, 100_000_000), "validated capacity"),
        may("lon", Real(-180.0, 180.0), "longitude, WGS-84 degrees; empty means the seat of its division"),
        may("lat", Real(-90.0, 90.0), "latitude, WGS-84 degrees"),
        may(
            "tubes_an_hour",
            Whole(1, 10_000_000),
            "tubes that it takes into work in an hour; empty means a 24th of a day's",
        ),
        may(
            "opens_min",
            Whole(0, 1_440),
            "minute of the day from which it takes tubes into work; empty means midnight",
        ),
        may("closes_min", Whole(0, 1_440), "and until which; before opens_min means the next day"),
        may("turnaround_min", Whole(1, 10_080), "minutes from work to result; empty means 240"),
        may("price", Real(0.0, 1_000_000_000.0), "price of the test of a tube"),
        may("travel_min", Whole(0, 10_080), "minutes to it from anywhere, where the way is no matter of distance"),
    ],
};

/// Runs of instruments.
pub const RUNS: Table = Table {
    name: "runs",
    about: "a run of an instrument in a laboratory, as its own file tells it",
    key: &["laboratory", "run"],
    required: false,
    columns: &[
        must("laboratory", Id, "laboratory"),
        must("run", Id, "run of the instrument, as results name it"),
        may("lot", Id, "lot of the reagents"),
        may("started_at", Moment, "when it began"),
        may("ended_at", Moment, "when it had ended"),
        may("wells", Whole(1, 10_000), "wells with samples of people"),
        may("positive_control", OneOf(Finding::NAMES), "what the positive control showed"),
        may("negative_control", OneOf(Finding::NAMES), "what the negative control showed"),
    ],
};

/// Tubes.
pub const TUBES: Table = Table {
    name: "tubes",
    about: "a tube with the swabs of one or more people",
    key: &["tube"],
    required: true,
    columns: &[
        must("tube", Id, "bar code"),
        must("division", Division, "where it was filled"),
        must("purpose", OneOf(Purpose::NAMES), "why it was taken"),
        must("size", Whole(1, 20), "how many swabs it is meant for (1, 5, 10 or 20)"),
        may("site", Text(40), "sampling site"),
        must("collected_at", Moment, "when it was closed"),
        may("laboratory", Id, "where it was sent"),
        may("sent_at", Moment, "when it left the site"),
        may("received_at", Moment, "when the laboratory counted it in"),
    ],
};

/// Members of tubes.
pub const MEMBERS: Table = Table {
    name: "members",
    about: "a person whose swab is in a tube",
    key: &["tube", "person"],
    required: true,
    columns: &[
        must("tube", Id, "bar code of the tube"),
        must("person", Id, "person; one who is not on the roster is kept and asked after"),
    ],
};

/// Results.
pub const RESULTS: Table = Table {
    name: "results",
    about: "a version of a laboratory's result for a tube",
    // a laboratory that says two things of one moment has said both: neither may win by coming first
    key: &["laboratory", "tube", "version", "reported_at", "finding"],
    required: true,
    columns: &[
        must("laboratory", Id, "laboratory that reports"),
        must("tube", Id, "bar code of the tube"),
        must("version", OneOf(Version::NAMES), "P preliminary, F final, C corrected, W wrong, D deleted"),
        must("finding", OneOf(Finding::NAMES), "finding; for W and D what is taken back"),
        may("ct_n", Real(0.0, 60.0), "Ct of gene N"),
        may("ct_orf", Real(0.0, 60.0), "Ct of gene ORF1ab"),
        may("run", Id, "run of the instrument"),
        must("reported_at", Moment, "when the laboratory released it"),
        may("ct_ic", Real(0.0, 60.0), "Ct of the internal control, which every tube with a swab has"),
    ],
};

/// Clinical assessments.
pub const ASSESSMENTS: Table = Table {
    name: "assessments",
    about: "what a clinician found of a person: of whoever lies in a facility, one row a day at least",
    key: &["person", "assessed_at"],
    required: false,
    columns: &[
        must("person", Id, "person"),
        must("assessed_at", Moment, "when"),
        must("severity", OneOf(Severity::NAMES), "severity"),
        may("onset", Day, "first day of symptoms"),
        may("outcome", OneOf(&["recovered", "died"]), "outcome, once there is one"),
        may("temperature", Real(30.0, 45.0), "body temperature, degrees Celsius"),
        may("oxygen", Whole(30, 100), "oxygen saturation at rest, percent"),
        may("symptoms", ManyOf(Symptom::NAMES), "symptoms that day, separated by ';'"),
        may("relieved", OneOf(Known::NAMES), "whether symptoms are relieved"),
        may("lungs_improved", OneOf(Known::NAMES), "whether imaging shows improvement"),
        may("lesions_healed", OneOf(Known::NAMES), "whether all lesions have crusted, fallen off and healed"),
        may("said_by", Text(80), "who saw the person"),
    ],
};

/// Declared contacts.
pub const CONTACTS: Table = Table {
    name: "contacts",
    about: "a contact that somebody declared",
    key: &["case_person", "person", "last_exposure"],
    required: false,
    columns: &[
        must("case_person", Id, "person who is or becomes a case"),
        must("person", Id, "contact"),
        must("class", OneOf(ContactClass::NAMES), "class of the contact"),
        must("first_exposure", Day, "first day of exposure"),
        must("last_exposure", Day, "last day of exposure"),
        may("setting", Text(80), "where"),
    ],
};

/// Visits to places.
pub const VISITS: Table = Table {
    name: "visits",
    about: "a stay of a person at a place, lawfully recorded (attendance, seat, ward, declared visit)",
    key: &["person", "place", "from"],
    required: false,
    columns: &[
        must("person", Id, "person"),
        must("place", Id, "place"),
        must("from", Moment, "start"),
        must("to", Moment, "end"),
        may("setting", Text(80), "kind of place"),
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

/// Rounds of sampling.
pub const ROUNDS: Table = Table {
    name: "rounds",
    about: "a round of sampling, as it was planned",
    key: &["round"],
    required: false,
    columns: &[
        must("round", Id, "id of the round"),
        must("name", Text(80), "name"),
        must("purpose", OneOf(Purpose::NAMES), "why people are sampled"),
        must("from", Moment, "from when tubes count for it"),
        must("to", Moment, "until when tubes count for it"),
        may("divisions", Text(4_000), "whom it is for: codes of divisions, separated by ';'"),
        may("areas", Text(4_000), "and risk areas: ids, separated by ';'"),
        may("key_groups", ManyOf(KeyGroup::NAMES), "of these people, only those in a key group named here"),
        may("places", Text(20_000), "or those who are due at key places on the day: ids, separated by ';'"),
        must("pool_size", Whole(1, 20), "swabs in one tube at most"),
        may("ground", OneOf(Ground::NAMES), "ground on which more than an area is tested"),
        may("swab_price", Real(0.0, 1_000_000.0), "price of taking a swab: staff, material and the way of the tubes"),
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

/// Every table of a day folder, in the order in which it is read: what a row refers to comes before it.
pub const DAY_FOLDER: &[&Table] = &[
    &DIVISIONS,
    &BUILDINGS,
    &HOUSEHOLDS,
    &PEOPLE,
    &FACILITIES,
    &BEDS,
    &VEHICLES,
    &CREWS,
    &LABORATORIES,
    &RUNS,
    &TUBES,
    &MEMBERS,
    &PACKINGS,
    &BOX_MOVES,
    &BOX_CHECKS,
    &RESULTS,
    &ASSESSMENTS,
    &CONTACTS,
    &VISITS,
    &SUPPLIES,
    &GOODS,
    &CARRIERS,
    &REQUESTS,
    &HANDOVERS,
    &DELIVERIES,
    &STATEMENTS,
    &ROUNDS,
    &LISTED,
    &PLACES,
    &SHIFTS,
    &GATES,
    &ARRIVALS,
    &TEAMS,
    &FOLLOW_UPS,
    &ASSISTANCE,
    &QUESTIONS,
    &ANSWERS,
];
