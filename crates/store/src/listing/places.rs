//! Where the lists of places, means and trust come from. Counts beside a place are over indexes of what is open there,
//! never over a table that grows with the population.

use super::{Source, by};
use dayclear_core::{access::Role, listing::Holds};

const DIVISIONS: Source = Source {
    from: "divisions d",
    alias: "d",
    fields: &[],
    // everybody may know what places the city has
    division: None,
    key: &[("d.code", Holds::Id)],
    orders: &[by("code", &[("d.code", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

const FACILITIES: Source = Source {
    from: "facilities f",
    alias: "f",
    fields: &[
        ("beds", "(select count(*) from beds b where b.facility = f.facility)"),
        (
            "taken",
            "(select count(*) from bed_stays y join beds b on b.bed = y.bed
                where b.facility = f.facility and y.released_at is null)",
        ),
        ("cleaning", "(select count(*) from beds b where b.facility = f.facility and b.state = 'cleaning')"),
        ("blocked", "(select count(*) from beds b where b.facility = f.facility and b.state = 'blocked')"),
        (
            "arriving",
            "(select count(*) from transfers x where x.facility = f.facility and x.state in ('booked', 'underway'))",
        ),
    ],
    // a person may be brought to a place in another district, so the whole city's places can be seen
    division: None,
    key: &[("f.facility", Holds::Id)],
    orders: &[by("facility", &[("f.facility", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[(Role::Facility, "f.facility = {site}")],
};

const BEDS: Source = Source {
    from: "beds b join facilities f on f.facility = b.facility
        left join bed_stays y on y.bed = b.bed and y.released_at is null",
    alias: "b",
    fields: &[
        ("division", "f.division"),
        ("rule", "coalesce(b.rule, 'any')"),
        ("severe", "coalesce(b.severe, 'unknown')"),
        (
            "state",
            "case when y.bed is null then coalesce(b.state, 'free')
                when (select x.state from transfers x where x.id = y.transfer) = 'admitted' then 'occupied' else 'held' end",
        ),
        ("transfer", "y.transfer"),
        ("held_at", "y.held_at"),
    ],
    division: None,
    key: &[("b.bed", Holds::Id)],
    orders: &[by("bed", &[("b.bed", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[(Role::Facility, "b.facility = {site}")],
};

const VEHICLES: Source = Source {
    from: "vehicles v",
    alias: "v",
    fields: &[],
    division: Some("v.division"),
    key: &[("v.vehicle", Holds::Id)],
    orders: &[by("vehicle", &[("v.vehicle", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[(Role::Driver, "v.vehicle = {site}")],
};

/// Units a day, over the last three days on which some were promised.
macro_rules! a_day {
    () => {
        "(select cast(avg(v.units) as double precision) from (select u.units from supply_burn u where u.key = s.key
            order by u.day desc limit 3) v)"
    };
}

const SUPPLIES: Source = Source {
    from: "supplies s",
    alias: "s",
    fields: &[
        ("id", "s.key"),
        ("left", "(s.quantity - s.promised)"),
        ("a_day", a_day!()),
        ("cover_days", concat!("((s.quantity - s.promised) / ", a_day!(), ")")),
        (
            "state",
            concat!(
                "case when s.quantity = s.promised and s.promised > 0 then 'out'
                    when (s.quantity - s.promised) / ",
                a_day!(),
                " < 2 then 'low' else 'enough' end"
            ),
        ),
    ],
    division: Some("s.division"),
    key: &[("s.key", Holds::Id)],
    orders: &[by("id", &[("s.key", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

const DAYS: Source = Source {
    from: "days d",
    alias: "d",
    fields: &[("closed", "d.closed_at is not null")],
    division: None,
    key: &[("d.day", Holds::Day)],
    orders: &[by("day", &[("d.day", Holds::Day)]).latest_first()],
    parts: None,
    leads: &[],
    only: &[],
};

const LEDGER: Source = Source {
    from: "ledger g",
    alias: "g",
    fields: &[("id", "cast(g.day as text) || ':' || g.worklist || ':' || g.division")],
    division: Some("g.division"),
    key: &[("g.day", Holds::Day), ("g.worklist", Holds::Id), ("g.division", Holds::Id)],
    orders: &[by("day", &[("g.day", Holds::Day)]).latest_first(), by("id", &[("g.worklist", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

const HOPS: Source = Source {
    from: "hops h",
    alias: "h",
    fields: &[("id", "cast(h.day as text) || ':' || h.name || ':' || h.division")],
    division: Some("h.division"),
    key: &[("h.day", Holds::Day), ("h.name", Holds::Id), ("h.division", Holds::Id)],
    orders: &[by("day", &[("h.day", Holds::Day)]).latest_first(), by("id", &[("h.name", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

const CARRIED: Source = Source {
    from: "carried o",
    alias: "o",
    fields: &[("id", "cast(o.day as text) || ':' || o.worklist || ':' || o.subject")],
    division: Some("o.division"),
    key: &[("o.day", Holds::Day), ("o.worklist", Holds::Id), ("o.subject", Holds::Id)],
    orders: &[by("day", &[("o.day", Holds::Day)]).latest_first(), by("id", &[("o.worklist", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

const BULLETINS: Source = Source {
    from: "bulletins u",
    alias: "u",
    fields: &[
        ("id", "cast(u.day as text) || ':' || cast(u.edition as text)"),
        (
            "approved_by",
            "(select string_agg(a.account, ' ' order by a.at, a.account) from bulletin_approvals a where a.day = u.day and a.edition = u.edition)",
        ),
    ],
    division: None,
    key: &[("u.day", Holds::Day), ("u.edition", Holds::Whole)],
    orders: &[by("day", &[("u.day", Holds::Day)]).latest_first(), by("id", &[("u.edition", Holds::Whole)])],
    parts: None,
    leads: &[],
    only: &[],
};

const FILES: Source = Source {
    from: "intake n",
    alias: "n",
    fields: &[("id", "cast(n.day as text) || ':' || n.digest || ':' || n.source")],
    division: Some("n.division"),
    key: &[("n.day", Holds::Day), ("n.digest", Holds::Id), ("n.source", Holds::Id)],
    orders: &[by("day", &[("n.day", Holds::Day)]).latest_first(), by("id", &[("n.source", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[(Role::Laboratory, "n.account in (select d.account from duties d where d.site = {site})")],
};

const DOUBTS: Source = Source {
    from: "doubts o",
    alias: "o",
    fields: &[
        ("id", "o.digest || ':' || cast(o.row as text) || ':' || o.\"column\" || ':' || o.source"),
        ("open", "o.resolved_at is null"),
    ],
    division: Some("o.division"),
    key: &[("o.digest", Holds::Id), ("o.row", Holds::Whole), ("o.\"column\"", Holds::Id), ("o.source", Holds::Id)],
    orders: &[by("row", &[("o.row", Holds::Whole)]), by("id", &[("o.digest", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[(Role::Laboratory, "o.account in (select d.account from duties d where d.site = {site})")],
};

const EVENTS: Source = Source {
    from: "events e",
    alias: "e",
    fields: &[],
    division: Some("e.division"),
    key: &[("e.seq", Holds::Whole)],
    orders: &[by("seq", &[("e.seq", Holds::Whole)]).latest_first()],
    parts: None,
    leads: &[],
    only: &[],
};

/// What nobody's duty covers, such as an unknown login, is the city's business.
const READS: Source = Source {
    from: "audit a",
    alias: "a",
    fields: &[("actor", "a.account"), ("division", READS_DIVISION), ("role", "nullif(a.role, '')")],
    division: Some(READS_DIVISION),
    key: &[("a.seq", Holds::Whole)],
    orders: &[by("seq", &[("a.seq", Holds::Whole)]).latest_first()],
    parts: None,
    leads: &["object"],
    only: &[],
};
const READS_DIVISION: &str = "coalesce(nullif(a.division, ''), (select min(d.code) from divisions d))";

const BULK_ACTIONS: Source = Source {
    from: "(select b.month, b.command, substr(b.division, 1, 6) as division, count(*) as actions, cast(sum(b.done) as bigint) as records,
            max(b.done) as largest
        from bulk_actions b group by b.month, b.command, substr(b.division, 1, 6)) k",
    alias: "k",
    fields: &[("id", "k.month || ':' || k.command || ':' || k.division")],
    division: Some("k.division"),
    key: &[("k.month", Holds::Id), ("k.command", Holds::Id), ("k.division", Holds::Id)],
    orders: &[by("month", &[("k.month", Holds::Id)]).latest_first()],
    parts: None,
    leads: &[],
    only: &[],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "divisions" => &DIVISIONS,
        "facilities" => &FACILITIES,
        "beds" => &BEDS,
        "vehicles" => &VEHICLES,
        "supplies" => &SUPPLIES,
        "days" => &DAYS,
        "ledger" => &LEDGER,
        "hops" => &HOPS,
        "carried" => &CARRIED,
        "bulletins" => &BULLETINS,
        "files" => &FILES,
        "doubts" => &DOUBTS,
        "events" => &EVENTS,
        "reads" => &READS,
        "bulk_actions" => &BULK_ACTIONS,
        _ => return None,
    })
}
