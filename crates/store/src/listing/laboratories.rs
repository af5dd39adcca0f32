//! Where the lists of laboratories come from: what waits in them, their runs, what was seen in their results, what is withheld.

use super::{Source, by};
use dayclear_core::{access::Role, listing::Holds};

const LABORATORIES: Source = Source {
    from: "laboratories l",
    alias: "l",
    fields: &[
        (
            "waiting",
            "(select count(*) from items i where i.owner = l.laboratory and i.worklist = 'test' and i.closed_at is null)",
        ),
        (
            "overdue",
            "(select count(*) from items i where i.owner = l.laboratory and i.worklist = 'test' and i.closed_at is null
                and coalesce(i.due_at, {far}) <= coalesce((select max(e.recorded_at) from events e where e.seq =
                    (select seq from chain where one = 1)), i.due_at))",
        ),
        ("withheld", "(exists (select 1 from holds h where h.laboratory = l.laboratory and h.lifted_at is null))"),
        (
            "alarms",
            "(select count(*) from signals g where g.laboratory = l.laboratory and g.level = 'alarm'
                and g.last_seen >= (select k.at from looks k))",
        ),
    ],
    division: None,
    key: &[("l.laboratory", Holds::Id)],
    orders: &[by("laboratory", &[("l.laboratory", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[(Role::Laboratory, "l.laboratory = {site}")],
};

const HOLDS: Source = Source {
    from: "holds h",
    alias: "h",
    fields: &[("open", "(h.lifted_at is null)")],
    division: None,
    key: &[("h.hold", Holds::Id)],
    orders: &[
        by("held", &[("h.held_at", Holds::Moment), ("h.hold", Holds::Id)]).latest_first(),
        by("hold", &[("h.hold", Holds::Id)]),
    ],
    parts: None,
    leads: &[],
    only: &[],
};

const SIGNALS: Source = Source {
    from: "signals g",
    alias: "g",
    fields: &[],
    division: None,
    key: &[("g.signal", Holds::Id)],
    orders: &[
        by("seen", &[("g.last_seen", Holds::Moment), ("g.signal", Holds::Id)]).latest_first(),
        by("signal", &[("g.signal", Holds::Id)]),
    ],
    parts: None,
    leads: &[],
    only: &[],
};

const RUNS: Source = Source {
    from: "runs u",
    alias: "u",
    fields: &[("id", "u.key")],
    division: None,
    key: &[("u.key", Holds::Id)],
    orders: &[by("id", &[("u.key", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[(Role::Laboratory, "u.laboratory = {site}")],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "laboratories" => &LABORATORIES,
        "holds" => &HOLDS,
        "signals" => &SIGNALS,
        "runs" => &RUNS,
        _ => return None,
    })
}
