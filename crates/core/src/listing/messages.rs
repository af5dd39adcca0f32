//! Lists of messages to people in follow-up: each message, what was made together, and what came back. Declarations only.

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::*,
    messages::{MessageKind, MessageState, ReplyState, SendingState},
};

/// Messages.
pub const MESSAGES: Listing = Listing {
    name: "messages",
    about: "a message to the telephone of somebody in follow-up who agreed to it",
    key: "id",
    subject: Some("person"),
    fields: &[
        field("id", Id, "number, which says nothing of anybody"),
        field("sending", Id, "what it was made together with").filter(),
        field("kind", Term(MessageKind::NAMES), "what it is for").filter(),
        field("followed", Id, "follow-up").filter(),
        field("person", Id, "to whom").filter(),
        field("name", Text, "name").personal(),
        field("number", Text, "telephone").personal(),
        field("division", Division, "division").filter(),
        field("day", Day, "day on which it may go").filter(),
        field("state", Term(MessageState::NAMES), "how it stands").filter(),
        field("shared", Truth, "whether several people in follow-up have the number"),
        field("tries", Whole, "how often it was given to the gateway"),
        field("queued_at", Moment, "when it was made"),
        field("sent_at", Moment, "when the gateway took it"),
        field("ended_at", Moment, "when it arrived, failed or was recalled"),
        field("why", Text, "why it failed or was recalled"),
        field("recalls", Id, "message that it recalls"),
        field("gone_on", Day, "day on which number and text were deleted"),
    ],
    orders: &["queued", "id"],
    readers: &[CityCommand, DistrictCommand, Tracer, CommunityWorker, DataProtection, Auditor],
    editors: &[],
};

/// What was made together.
pub const SENDINGS: Listing = Listing {
    name: "sendings",
    about: "messages that were made together: of more than 100 people on a day they wait for a second person",
    key: "id",
    subject: None,
    fields: &[
        field("id", Id, "number"),
        field("kind", Term(MessageKind::NAMES), "what the messages are for").filter(),
        field("day", Day, "day on which they may go").filter(),
        field("division", Division, "division").filter(),
        field("state", Term(SendingState::NAMES), "how it stands").filter(),
        field("people", Whole, "to how many people"),
        field("queued", Whole, "of these: not sent yet"),
        field("sent", Whole, "of these: with the gateway, or on the telephone"),
        field("failed", Whole, "of these: did not go, or did not arrive"),
        field("made_by", Id, "who made it; of a morning, the rule"),
        field("made_at", Moment, "when"),
        field("decided_by", Id, "who let it go, or stopped it"),
        field("decided_at", Moment, "when"),
        field("reason", Text, "why it was stopped"),
    ],
    orders: &["made", "id"],
    readers: &[CityCommand, DataProtection, Auditor],
    editors: &[],
};

/// What came back.
pub const MESSAGE_REPLIES: Listing = Listing {
    name: "message_replies",
    about: "an answer that came by message, and what became of it: one that could not be taken waits for somebody in review",
    key: "id",
    subject: Some("whom"),
    fields: &[
        field("id", Id, "number"),
        field("whom", Id, "whose follow-up it is; else the number of the answer"),
        field("person", Id, "whose follow-up it is, if that is known").filter(),
        field("number", Text, "telephone from which it came").personal(),
        field("division", Division, "division; of a number that nobody knows, the city").filter(),
        field("state", Term(ReplyState::NAMES), "what became of it").filter(),
        field("words", Text, "what it says").sensitive(),
        field("at", Moment, "when it was written, by the gateway"),
        field("received_at", Moment, "when it came"),
        field("gone_on", Day, "day on which number and words were deleted"),
    ],
    orders: &["received", "id"],
    readers: &[CityCommand, DistrictCommand, Tracer, CommunityWorker, DataProtection, Auditor],
    editors: &[],
};
