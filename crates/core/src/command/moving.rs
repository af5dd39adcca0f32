//! Commands on transfers, beds and facilities: what those who move people do.

use super::{Command, MOVERS, REASON, on_records};
use crate::{
    access::Role::*,
    roster::Known,
    schema::{Kind::*, may, must},
    transfer::{BedRule, BedState, FacilityPhase, WayHome},
};

pub(super) const TRANSFER_CLAIM: Command = on_records(
    "transfers",
    "claim",
    "holds a bed for the person: the first who asks has it",
    &[must("bed", Id, "bed")],
    &[DistrictCommand, Dispatcher],
);
pub(super) const TRANSFER_RELEASE: Command = on_records(
    "transfers",
    "release",
    "gives the held bed back: the person waits again",
    &[REASON],
    &[DistrictCommand, Dispatcher, Facility],
);
pub(super) const TRANSFER_PIN: Command = on_records(
    "transfers",
    "pin",
    "chooses vehicle or place, or both: the plan repairs around it, within the hard rules",
    &[may("vehicle", Id, "vehicle"), may("facility", Id, "facility"), REASON],
    &[DistrictCommand, Dispatcher],
);
pub(super) const TRANSFER_FORBID: Command = on_records(
    "transfers",
    "forbid",
    "rules a vehicle or a place out: the plan finds another",
    &[may("vehicle", Id, "vehicle"), may("facility", Id, "facility"), REASON],
    &[DistrictCommand, Dispatcher],
);
pub(super) const TRANSFER_FIRST: Command = on_records(
    "transfers",
    "first",
    "lets the person go before everybody else",
    &[REASON],
    &[DistrictCommand, Dispatcher],
);
pub(super) const TRANSFER_FREE: Command = on_records(
    "transfers",
    "free",
    "takes back what was chosen, ruled out or put first: the plan decides again",
    &[REASON],
    &[DistrictCommand, Dispatcher],
);
pub(super) const TRANSFER_ADDRESS: Command = on_records(
    "transfers",
    "address",
    "says at which door the person is, where that is not the one of the roster: bed and clock stay, the ride is planned anew",
    &[must("building", Id, "building where they are"), must("door", Text(100), "unit and door there"), REASON],
    &[DistrictCommand, Dispatcher, CommunityWorker],
);
pub(super) const TRANSFER_PICK_UP: Command = on_records(
    "transfers",
    "pick-up",
    "the person was picked up",
    &[may("at", Moment, "when; empty means now")],
    MOVERS,
);
pub(super) const TRANSFER_ADMIT: Command = on_records(
    "transfers",
    "admit",
    "the receiving site has admitted the person",
    &[may("at", Moment, "when; empty means now")],
    &[DistrictCommand, Facility],
);
pub(super) const TRANSFER_CONFIRM: Command = on_records(
    "transfers",
    "confirm",
    "the body that receives outside the city takes the person, or not after all; before that nobody departs",
    &[
        must("who", Text(200), "who said so, and of which body"),
        must("shown", Text(400), "how it can be found again: telephone, number of the letter"),
        may("at", Moment, "when; empty means now"),
        may("taken_back", OneOf(&["yes"]), "yes: they do not take the person after all"),
    ],
    &[DistrictCommand, Dispatcher, Facility],
);
pub(super) const TRANSFER_RECEIVED: Command = on_records(
    "transfers",
    "received",
    "the body outside the city has taken the person over: who took them, and what shows it",
    &[
        must("who", Text(200), "who took the person over"),
        must("shown", Text(400), "what shows it: the signed letter of hand-over, its number, whom one can call"),
        may("at", Moment, "when; empty means now"),
    ],
    MOVERS,
);
pub(super) const TRANSFER_FAIL: Command = on_records(
    "transfers",
    "fail",
    "the person was not picked up: nobody answered, they refused, they cannot be moved as they are, or they do not live there",
    &[
        must("step", OneOf(&["no_answer", "refused", "cannot_move", "wrong_address"]), "what happened"),
        must("note", Text(400), "reason"),
    ],
    MOVERS,
);
pub(super) const TRANSFER_WARD: Command = on_records(
    "transfers",
    "ward",
    "moves somebody who lies there to another bed of the same place: the new bed is held first, the old one waits to be cleaned",
    &[must("bed", Id, "bed"), REASON],
    &[DistrictCommand, Facility],
);
pub(super) const TRANSFER_DISCHARGE: Command = on_records(
    "transfers",
    "discharge",
    "the person has left, or is free to leave and waits for a ride home",
    &[
        may("at", Moment, "when; empty means now"),
        may("home", OneOf(WayHome::NAMES), "how they get home: on their own, or by a ride; empty means on their own"),
    ],
    &[DistrictCommand, Facility],
);
pub(super) const BED_SET: Command = on_records(
    "beds",
    "set",
    "a free bed is blocked, or a cleaned or blocked bed is free again",
    &[
        must("state", OneOf(&[BedState::Free.name(), BedState::Cleaning.name(), BedState::Blocked.name()]), "state"),
        may("reason", Text(400), "why; nothing is blocked without a reason"),
    ],
    &[DistrictCommand, Dispatcher, Facility],
);
pub(super) const FACILITY_PHASE: Command = on_records(
    "facilities",
    "phase",
    "says from when the facility, or wards of it, are planned, under construction, open, drained or closed",
    &[
        must("phase", OneOf(FacilityPhase::NAMES), "phase"),
        may("ward", Text(400), "wards, separated by ';'; empty means the whole facility"),
        may("from", Moment, "from when; empty means from now"),
        may("taken_back", OneOf(&["yes"]), "yes: this phase will not come after all"),
        REASON,
    ],
    &[CityCommand, DistrictCommand, Facility],
);
pub(super) const FACILITY_STAFF: Command = on_records(
    "facilities",
    "staff",
    "says how many hands a shift has, and how many people each of them can look after; nobody more is given a bed",
    &[
        must("staff", Whole(0, 100_000), "hands on a shift"),
        must("people_each", Whole(1, 200), "people to each of them, at most"),
        REASON,
    ],
    &[CityCommand, DistrictCommand, Facility],
);
pub(super) const FACILITY_WARD: Command = on_records(
    "facilities",
    "ward",
    "adds wards of 20 beds each; they take people from a moment on, or are planned",
    &[
        must("ward", Id, "name of the ward; of several, a number is added"),
        must("wards", Whole(1, 50), "how many wards of 20 beds"),
        may("rule", OneOf(BedRule::NAMES), "who may lie there; empty means any"),
        may("severe", OneOf(Known::NAMES), "equipped for severe cases"),
        may("from", Moment, "from when they take people; empty: they are planned"),
        REASON,
    ],
    &[CityCommand, DistrictCommand, Facility],
);
