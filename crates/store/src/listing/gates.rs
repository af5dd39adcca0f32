//! Where the lists of entry gates come from.

use super::{Source, by};
use dayclear_core::listing::Holds;

const GATE_DAYS: Source = Source {
    from: "gate_days y join gates g on g.gate = y.gate",
    alias: "y",
    fields: &[
        ("id", "y.gate || ':' || y.day"),
        ("name", "g.name"),
        ("kind", "g.kind"),
        ("division", "g.division"),
        ("expected_people", "y.expected"),
        ("on_manifest", "y.listed"),
        ("came", "y.arrived"),
    ],
    division: Some("g.division"),
    key: &[("y.gate", Holds::Id), ("y.day", Holds::Day)],
    orders: &[by("day", &[("y.day", Holds::Day)]).latest_first(), by("id", &[("y.gate", Holds::Id)])],
    parts: None,
    leads: &["gate"],
    only: &[],
};

const LANDINGS: Source = Source {
    from: "landings n",
    alias: "n",
    fields: &[
        ("id", "n.gate || ':' || n.day || ':' || n.ticket"),
        ("ticket_no", "n.ticket"),
        ("extra", "(n.arrived_at is not null and not n.listed)"),
        // whoever was tested, or does not want to be, has nothing due
        ("due_at", "case when n.state = 'owes' then n.due_at end"),
        ("late", "(n.state = 'owes' and n.due_at is not null and n.due_at <= {now})"),
    ],
    division: Some("n.division"),
    key: &[("n.gate", Holds::Id), ("n.day", Holds::Day), ("n.ticket", Holds::Id)],
    orders: &[by("day", &[("n.day", Holds::Day)]).latest_first().in_district(), by("id", &[("n.gate", Holds::Id)])],
    parts: None,
    leads: &["ticket_no"],
    only: &[],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "gate_days" => &GATE_DAYS,
        "landings" => &LANDINGS,
        _ => return None,
    })
}
