//! Entry gates, and what manifests and gates say of those who arrive.

use super::{Kind::*, Table, may, must};
use crate::gates::{GateKind, GateWord};

/// Entry gates.
pub const GATES: Table = Table {
    name: "gates",
    about: "an entry gate: where people come into the city by air, rail, road, water, or as the city names it",
    key: &["gate"],
    required: false,
    columns: &[
        must("gate", Id, "id of the gate"),
        must("kind", OneOf(GateKind::NAMES), "how people come in; other is the way that the city names"),
        must("name", Text(80), "name"),
        must("division", Division, "division that it stands in"),
        must("owner", Text(80), "who answers for it"),
    ],
};

/// What is said of arrivals.
pub const ARRIVALS: Table = Table {
    name: "arrivals",
    about: "what a manifest or a gate says of somebody who arrives; nothing said is changed",
    key: &["gate", "day", "ticket", "said", "at"],
    required: false,
    columns: &[
        must("gate", Id, "gate"),
        must("day", Day, "day of arrival"),
        must("ticket", Id, "number by which both sides know them: of the ticket, the seat, the vehicle and seat"),
        must(
            "said",
            OneOf(GateWord::NAMES),
            "what is said: listed by the manifest; the rest by the gate, or whoever follows up",
        ),
        must("at", Moment, "when it was said"),
        must("said_by", Text(80), "who said so"),
        may("person", Id, "id under which their swab is taken: of the roster, or one of their own"),
        may("tube", Id, "bar code of the tube, where the test was taken at the gate"),
        may("name", Text(80), "name"),
        may("phone", Text(24), "telephone"),
        may("destination", Division, "community or district where they stay; empty means that of the gate"),
    ],
};
