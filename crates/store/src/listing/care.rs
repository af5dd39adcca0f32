//! Where the lists of care come from.

use super::{Source, by};
use dayclear_core::{access::Role, listing::Holds};

const TICKETS: Source = Source {
    from: "tickets k left join requests q on q.request = k.request",
    alias: "k",
    fields: &[
        ("contact", "q.contact"),
        ("text", "q.text"),
        (
            "state",
            "case when k.ended_at is not null then 'ended' when k.decided_at is not null then 'underway' else 'waiting' end",
        ),
        ("open", "k.ended_at is null"),
    ],
    division: Some("k.division"),
    key: &[("k.ticket", Holds::Id)],
    orders: &[
        by("opened", &[("k.opened_at", Holds::Moment)]).latest_first().in_district(),
        by("ticket", &[("k.ticket", Holds::Id)]),
    ],
    parts: None,
    leads: &["household", "request"],
    only: &[
        // an emergency that is open is everybody's who takes calls; of one that has ended, its owner's
        (Role::Hotline, "(k.ended_at is null or k.owner = {account})"),
        // a hospital sees whom it has taken, and who still needs one
        (Role::Facility, "(k.facility = {site} or (k.ended_at is null and k.facility is null))"),
    ],
};

const TREATMENTS: Source = Source {
    from: "treatments m left join people p on p.no = m.person_no
        left join items i on i.worklist = 'treat' and i.subject = m.id",
    alias: "m",
    fields: &[("name", "p.name"), ("phone", "p.phone"), ("due_at", "i.due_at"), ("open", "m.ended_at is null")],
    division: Some("m.division"),
    key: &[("m.id", Holds::Id)],
    orders: &[by("day", &[("m.day", Holds::Day)]).in_district(), by("id", &[("m.id", Holds::Id)])],
    parts: None,
    leads: &["person"],
    only: &[(Role::Facility, "m.facility = {site}")],
};

/// The price that was seen last.
macro_rules! last_price {
    ($column:literal) => {
        concat!("(select c.", $column, " from prices c where c.good = g.good order by c.no desc limit 1)")
    };
}

const GOODS: Source = Source {
    from: "goods g",
    alias: "g",
    fields: &[
        ("above_percent", "coalesce(g.above_percent, 20)"),
        ("price_seen", last_price!("price")),
        ("priced_at", last_price!("at")),
        ("shop", last_price!("shop")),
        (
            "dear",
            concat!(
                "coalesce(",
                last_price!("price"),
                " > g.usual * (1.0 + coalesce(g.above_percent, 20) / 100.0), 1 = 0)"
            ),
        ),
    ],
    // the catalogue is the city's, and no secret of any part of it
    division: None,
    key: &[("g.good", Holds::Id)],
    orders: &[by("good", &[("g.good", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

const WANTED: Source = Source {
    from: "wanted w left join parcels l on l.household = w.household and l.day = w.day and l.item = w.item",
    alias: "w",
    fields: &[
        ("id", "w.household || ':' || cast(w.day as text) || ':' || cast(w.no as text)"),
        ("depot", "l.depot"),
        ("delivered", "l.delivered_at is not null"),
    ],
    division: Some("w.division"),
    key: &[("w.household", Holds::Id), ("w.day", Holds::Day), ("w.no", Holds::Whole)],
    orders: &[
        by("asked", &[("w.asked_at", Holds::Moment)]).latest_first(),
        by("id", &[("w.household", Holds::Id), ("w.day", Holds::Day), ("w.no", Holds::Whole)]),
    ],
    parts: None,
    leads: &["household"],
    // the hotline sees what it wrote down itself
    only: &[(Role::Hotline, "w.asked_by = {account}")],
};

const CARRIERS: Source = Source {
    from: "carriers c",
    alias: "c",
    fields: &[],
    division: Some("c.division"),
    key: &[("c.carrier", Holds::Id)],
    orders: &[by("carrier", &[("c.carrier", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

/// Stops of a run of which something was said.
macro_rules! stops {
    ($outcome:literal) => {
        concat!("(select count(*) from delivery_stops s where s.run = r.run and s.outcome = '", $outcome, "')")
    };
}
/// Whether a door of a run is open.
macro_rules! open_door {
    () => {
        "exists (select 1 from delivery_stops s where s.run = r.run and s.ended_at is null)"
    };
}

const DELIVERY_RUNS: Source = Source {
    from: "delivery_runs r",
    alias: "r",
    fields: &[
        (
            "state",
            concat!(
                "case when r.replanned_at is not null then 'replanned' when not ",
                open_door!(),
                " then 'done' when r.left_at is null then 'planned' else 'underway' end"
            ),
        ),
        (
            "late",
            concat!(
                "(",
                open_door!(),
                " and case when r.left_at is null then r.leaves_at else r.returns_at end < {now})"
            ),
        ),
        ("delivered", stops!("delivered")),
        ("missed", stops!("missed")),
        ("freed", stops!("free")),
    ],
    division: Some("r.division"),
    key: &[("r.run", Holds::Id)],
    orders: &[by("leaves", &[("r.leaves_at", Holds::Moment)]).latest_first(), by("run", &[("r.run", Holds::Id)])],
    parts: None,
    leads: &["depot"],
    only: &[],
};

const MEDIATIONS: Source = Source {
    from: "mediations m left join requests q on q.request = m.request",
    alias: "m",
    fields: &[
        ("household", "q.household"),
        ("steps", "(select count(*) from mediation_steps t where t.request = m.request)"),
        ("last_step", "(select t.words from mediation_steps t where t.request = m.request order by t.no desc limit 1)"),
    ],
    division: Some("m.division"),
    key: &[("m.request", Holds::Id)],
    orders: &[
        by("opened", &[("m.opened_at", Holds::Moment)]).latest_first(),
        by("request", &[("m.request", Holds::Id)]),
    ],
    parts: None,
    leads: &[],
    // the hotline sees what it wrote down itself
    only: &[(Role::Hotline, "m.opened_by = {account}")],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "tickets" => &TICKETS,
        "treatments" => &TREATMENTS,
        "goods" => &GOODS,
        "wanted" => &WANTED,
        "carriers" => &CARRIERS,
        "delivery_runs" => &DELIVERY_RUNS,
        "mediations" => &MEDIATIONS,
        _ => return None,
    })
}
