//! Commands on messages to people in follow-up. Declarations only.

use super::*;

/// Whoever asks after contacts.
const ASKERS: &[Role] = &[DistrictCommand, Tracer, CommunityWorker];

/// See [`super::COMMANDS`].
pub(super) const COMMANDS: &[Command] = &[
    on_records(
        "followed",
        "message_on",
        "the contact agreed to be asked by message: each day on which nobody has spoken to them, until the last day",
        &[],
        ASKERS,
    ),
    on_records(
        "followed",
        "message_off",
        "the contact wants no messages any more: what waits is withdrawn, and nothing else follows",
        &[],
        ASKERS,
    ),
    on_records(
        "messages",
        "recall",
        "withdraws messages that have not gone, and sends a notice after those that have",
        &[REASON],
        DESK,
    ),
    on_records("sendings", "release", "lets messages to many people go, as the second person", &[], &[CityCommand])
        .stepped_up(),
    on_records(
        "sendings",
        "stop",
        "stops a sending: what has not gone is withdrawn, and a notice is sent after what has",
        &[REASON],
        &[CityCommand],
    ),
];
