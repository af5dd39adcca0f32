//! Where the lists of the chain of custody come from: boxes and runs as they are kept, tubes with their clocks.

use super::{Source, by};
use dayclear_core::{access::Role, listing::Holds};

const BOXES: Source = Source {
    from: "shipments b left join allotments a on a.box = b.box",
    alias: "b",
    fields: &[
        ("courier_run", "b.run"),
        ("arrived", "b.received"),
        ("meant_for", "a.laboratory"),
        ("arrives_at", "a.arrives_at"),
        ("nowhere", "(a.box is not null and a.laboratory is null and b.state in ('packed', 'underway'))"),
        ("result_at", "a.result_at"),
        ("chosen_by", "a.chosen_by"),
    ],
    division: Some("b.division"),
    key: &[("b.box", Holds::Id)],
    orders: &[
        by("packed_at", &[("b.packed_at", Holds::Moment)]).latest_first().in_district(),
        by("due_at", &[("coalesce(b.due_at, {far})", Holds::Moment)]),
        by("box", &[("b.box", Holds::Id)]),
    ],
    parts: None,
    leads: &["courier_run"],
    only: &[(Role::Laboratory, "b.laboratory = {site}")],
};

const COURIER_RUNS: Source = Source {
    from: "courier_runs r",
    alias: "r",
    fields: &[("id", "r.run || ':' || r.division"), ("courier_run", "r.run"), ("arrived", "r.received")],
    division: Some("r.division"),
    key: &[("r.run", Holds::Id), ("r.division", Holds::Id)],
    orders: &[
        by("sent_at", &[("r.sent_at", Holds::Moment)]).latest_first().in_district(),
        by("id", &[("r.run", Holds::Id)]),
    ],
    parts: None,
    leads: &["courier_run"],
    only: &[],
};

macro_rules! received {
    () => {
        "coalesce(c.received_at, t.received_at)"
    };
}
macro_rules! resulted {
    () => {
        "case when s.finding is not null and s.version <> 'P' then s.reported_at end"
    };
}
/// When the item of the case that rests on the tube was completed.
macro_rules! reported {
    () => {
        "(select min(i.closed_at) from cases k join items i on i.worklist = 'report' and i.subject = k.id
            and i.outcome = 'completed' where k.tube_no = t.no)"
    };
}

const CLOCKS: Source = Source {
    from: "tubes t left join custody c on c.tube_no = t.no left join settled s on s.tube_no = t.no",
    alias: "t",
    fields: &[
        ("laboratory", "coalesce(c.laboratory, t.laboratory)"),
        ("box", "c.box"),
        ("state", "c.state"),
        ("sent_at", "coalesce(t.sent_at, c.sent_at)"),
        ("received_at", received!()),
        ("resulted_at", resulted!()),
        ("reported_at", reported!()),
        ("receive_min", concat!("{minutes:t.collected_at|", received!(), "}")),
        ("result_min", concat!("{minutes:", received!(), "|", resulted!(), "}")),
        ("report_min", concat!("{minutes:", resulted!(), "|", reported!(), "}")),
    ],
    division: Some("t.division"),
    key: &[("t.tube", Holds::Id)],
    orders: &[
        by("collected_at", &[("t.collected_at", Holds::Moment)]).latest_first().in_district(),
        by("tube", &[("t.tube", Holds::Id)]),
    ],
    parts: None,
    leads: &["box"],
    only: &[(Role::Laboratory, "coalesce(c.laboratory, t.laboratory) = {site}")],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "boxes" => &BOXES,
        "courier_runs" => &COURIER_RUNS,
        "clocks" => &CLOCKS,
        _ => return None,
    })
}
