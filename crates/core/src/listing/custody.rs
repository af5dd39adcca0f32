//! Lists of the chain of custody: boxes, courier runs, and the clocks of tubes. They tell of nobody. Declarations only.

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::*,
    custody::{BoxState, TubeState},
};

/// Boxes, each with the state of its tubes: `tubes = packed + underway + received + missing + broken`.
pub const BOXES: Listing = Listing {
    name: "boxes",
    about: "a box of tubes on its way from a sampling site to a laboratory",
    key: "box",
    subject: None,
    fields: &[
        field("box", Id, "code on the box").filter(),
        field("state", Term(BoxState::NAMES), "where it is").filter(),
        field("division", Division, "division that it comes from").filter(),
        field("site", Text, "sampling site").filter(),
        field("laboratory", Id, "laboratory to which it goes, or which has it").filter(),
        field("meant_for", Id, "laboratory for which it is meant").filter(),
        field("arrives_at", Moment, "when it is expected there, if it leaves now"),
        field("nowhere", Truth, "whether no laboratory is left that may take it").filter(),
        field("result_at", Moment, "when its results are expected there"),
        field("chosen_by", Id, "account that chose the laboratory; empty if it was worked out"),
        field("courier_run", Id, "courier run").filter(),
        field("packed_at", Moment, "when its first tube was packed"),
        field("sent_at", Moment, "when it left the site").filter(),
        field("received_at", Moment, "when a laboratory took it over").filter(),
        field("soon_at", Moment, "from when it is shown as late soon: three quarters of the time have passed").filter(),
        field("due_at", Moment, "by when its oldest tube must be with a laboratory").filter(),
        field("counted_sent", Whole, "tubes counted when it left"),
        field("counted_received", Whole, "whole tubes counted when it arrived"),
        field("tubes", Whole, "tubes of the box, by name"),
        field("packed", Whole, "tubes still at the site"),
        field("underway", Whole, "tubes on the way").filter(),
        field("arrived", Whole, "tubes that a laboratory has"),
        field("missing", Whole, "tubes that are missing").filter(),
        field("broken", Whole, "tubes that are broken").filter(),
    ],
    orders: &["packed_at", "due_at", "box"],
    readers: &[CityCommand, DistrictCommand, CommunityWorker, Laboratory, Auditor],
    editors: &[],
};

/// Courier runs, by the division in which they begin.
pub const COURIER_RUNS: Listing = Listing {
    name: "courier_runs",
    about: "what a courier run took from a division, and what arrived",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "run and division"),
        field("courier_run", Id, "courier run").filter(),
        field("division", Division, "division from which it took boxes").filter(),
        field("sent_at", Moment, "when the first box left").filter(),
        field("due_at", Moment, "by when the first tube must be with a laboratory").filter(),
        field("boxes", Whole, "boxes"),
        field("open", Whole, "boxes that did not arrive yet").filter(),
        field("tubes", Whole, "tubes, by name"),
        field("underway", Whole, "tubes on the way"),
        field("arrived", Whole, "tubes that a laboratory has"),
        field("missing", Whole, "tubes that are missing").filter(),
        field("broken", Whole, "tubes that are broken").filter(),
    ],
    orders: &["sent_at", "id"],
    readers: &[CityCommand, DistrictCommand, CommunityWorker, Auditor],
    editors: &[],
};

/// The clocks of tubes, whether they travelled in a box or not.
pub const CLOCKS: Listing = Listing {
    name: "clocks",
    about: "how long a tube took from step to step, in minutes",
    key: "tube",
    subject: None,
    fields: &[
        field("tube", Id, "bar code").filter(),
        field("division", Division, "where it was filled").filter(),
        field("site", Text, "sampling site"),
        field("laboratory", Id, "laboratory that has it, or to which it goes").filter(),
        field("box", Id, "box").filter(),
        field("state", Term(TubeState::NAMES), "where it is; empty for a tube in no box").filter(),
        field("collected_at", Moment, "when it was closed").filter(),
        field("sent_at", Moment, "when it left the site"),
        field("received_at", Moment, "when the laboratory had it"),
        field("resulted_at", Moment, "when a result that counts was released"),
        field("reported_at", Moment, "when its positive was reported"),
        field("receive_min", Whole, "minutes from closing to receipt"),
        field("result_min", Whole, "minutes from receipt to result"),
        field("report_min", Whole, "minutes from result to report"),
    ],
    orders: &["collected_at", "tube"],
    readers: &[CityCommand, DistrictCommand, CommunityWorker, Laboratory, Auditor],
    editors: &[],
};
