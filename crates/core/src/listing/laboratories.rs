//! Lists of laboratories: what waits in them, runs of their instruments, what was seen in their results, and which of them are
//! withheld. Declarations only.

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::*,
    quality::{SignalKind, SignalLevel},
    roster::Known,
    screening::Finding,
};

/// Laboratories, with the tubes that wait in them.
pub const LABORATORIES: Listing = Listing {
    name: "laboratories",
    about: "a laboratory inside or outside the city",
    key: "laboratory",
    subject: None,
    fields: &[
        field("laboratory", Id, "id of the laboratory").filter(),
        field("name", Text, "name"),
        field("in_city", Term(Known::NAMES), "whether it stands in the city").filter(),
        field("division", Division, "division it stands in").filter(),
        field("tubes_a_day", Whole, "validated capacity"),
        field("tubes_an_hour", Whole, "tubes that it takes into work in an hour"),
        field("opens_min", Whole, "minute of the day from which it takes tubes into work"),
        field("closes_min", Whole, "and until which"),
        field("turnaround_min", Whole, "minutes from work to result"),
        field("price", Real, "price of the test of a tube"),
        field("travel_min", Whole, "minutes to it from anywhere, where the way is no matter of distance"),
        field("lon", Real, "longitude"),
        field("lat", Real, "latitude"),
        field("waiting", Whole, "tubes counted in without a result"),
        field("overdue", Whole, "of these, past their deadline"),
        field("withheld", Truth, "whether any result of it is withheld").filter(),
        field("alarms", Whole, "signals of the last day that ask to withhold its results"),
    ],
    orders: &["laboratory"],
    readers: &[CityCommand, DistrictCommand, Laboratory, Auditor],
    editors: &[],
};

/// Results that are withheld, and those that were.
pub const HOLDS: Listing = Listing {
    name: "holds",
    about: "results of a laboratory, run or lot that are withheld, or were",
    key: "hold",
    subject: None,
    fields: &[
        field("hold", Id, "id of the hold").filter(),
        field("laboratory", Id, "laboratory").filter(),
        field("run", Id, "run of an instrument; empty means every run").filter(),
        field("lot", Id, "lot of reagents; empty means every lot").filter(),
        field("from", Moment, "results released from here on"),
        field("until", Moment, "and until here; empty means those to come too"),
        field("tubes", Whole, "tubes with such a result when it was made"),
        field("people", Whole, "people with a swab in them"),
        field("held_by", Id, "account that withheld them"),
        field("held_at", Moment, "when").filter(),
        field("open", Truth, "whether they are withheld still").filter(),
        field("lifted_by", Id, "account that lifted the hold"),
        field("lifted_at", Moment, "when it was lifted"),
    ],
    orders: &["held", "hold"],
    readers: &[CityCommand, DistrictCommand, Auditor],
    editors: &[],
};

/// What was seen in results.
pub const SIGNALS: Listing = Listing {
    name: "signals",
    about: "something seen in the results of a laboratory that mistakes or chance hardly explain",
    key: "signal",
    subject: None,
    fields: &[
        field("signal", Id, "laboratory, kind and lot"),
        field("level", Term(SignalLevel::NAMES), "look at the rows, or withhold the results and look").filter(),
        field("laboratory", Id, "laboratory; empty for a lot that several use").filter(),
        field("kind", Term(SignalKind::NAMES), "what was seen").filter(),
        field("lot", Id, "lot of reagents").filter(),
        field("run", Id, "run with most of it").filter(),
        field("figure", Real, "figure"),
        field("limit", Real, "limit that it passed"),
        field("unit", Text, "what they count"),
        field("judged", Whole, "results that were judged"),
        field("since", Moment, "since when").filter(),
        field("first_seen", Moment, "when it was first seen"),
        field("last_seen", Moment, "when it was last seen").filter(),
        field("source", Text, "where the rule comes from"),
    ],
    orders: &["seen", "signal"],
    readers: &[CityCommand, DistrictCommand, Auditor],
    editors: &[],
};

/// Runs of instruments.
pub const RUNS: Listing = Listing {
    name: "runs",
    about: "a run of an instrument in a laboratory",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "laboratory and run"),
        field("laboratory", Id, "laboratory").filter(),
        field("run", Id, "run of the instrument").filter(),
        field("lot", Id, "lot of the reagents").filter(),
        field("started_at", Moment, "when it began"),
        field("ended_at", Moment, "when it had ended"),
        field("wells", Whole, "wells with samples of people"),
        field("positive_control", Term(Finding::NAMES), "what the positive control showed"),
        field("negative_control", Term(Finding::NAMES), "what the negative control showed"),
    ],
    orders: &["id"],
    readers: &[CityCommand, DistrictCommand, Laboratory, Auditor],
    editors: &[],
};
