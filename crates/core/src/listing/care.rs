//! Lists of care: emergencies with their steps. Declarations only. There is no field for a test, a status, an order or a debt (R08).

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::*,
    urgent::{Help, Step, TicketState, Tier},
    welfare::RequestKind,
};

/// Emergencies, open and ended.
pub const TICKETS: Listing = Listing {
    name: "tickets",
    about: "an emergency: one ticket with one owner, from the call until the person is where help is",
    key: "ticket",
    subject: Some("household"),
    fields: &[
        field("ticket", Id, "number of the ticket").filter(),
        field("request", Id, "request that opened it").filter(),
        field("kind", Term(RequestKind::NAMES), "kind").filter(),
        field("state", Term(TicketState::NAMES), "how it stands").filter(),
        field("division", Division, "where help is needed").filter(),
        field("household", Id, "household, if known").personal().filter(),
        field("contact", Text, "how to reach the person").personal(),
        field("text", Text, "what was said, in the person's words").sensitive(),
        field("opened_at", Moment, "when it became known").filter(),
        field("decide_by", Moment, "by when somebody has to decide"),
        field("tier", Term(Tier::NAMES), "who was rung last").filter(),
        field("rung_at", Moment, "when they were"),
        field("owner", Id, "who has it").filter(),
        field("taken_at", Moment, "since when"),
        field("decision", Term(Help::NAMES), "which help goes").filter(),
        field("decided_at", Moment, "when it was decided"),
        field("facility", Id, "hospital that takes the person").filter(),
        field("clinician", Text, "who said so there").personal(),
        field("accepted_at", Moment, "when"),
        field("way_out", Text, "the way out of the building").sensitive(),
        field("way_at", Moment, "when it was found open"),
        field("vehicle_sent", Text, "the vehicle that goes").personal(),
        field("vehicle_at", Moment, "when it was found"),
        field("escort", Text, "who goes along").personal(),
        field("escort_at", Moment, "when they were found"),
        field("departed_at", Moment, "when help or the person left"),
        field("refusals", Whole, "how often a clinician refused"),
        field("open", Truth, "whether it is open").filter(),
        field("ended_at", Moment, "when it ended").filter(),
        field("ended_how", Term(Step::NAMES), "how it ended"),
    ],
    orders: &["opened", "ticket"],
    readers: &[CityCommand, DistrictCommand, Dispatcher, CommunityWorker, Hotline, Facility, DataProtection, Auditor],
    editors: &[],
};
