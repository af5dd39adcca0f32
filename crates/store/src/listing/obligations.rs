//! Where the lists of key places, obligations, reports of districts and communities free of the epidemic come from.

use super::{Source, by};
use dayclear_core::listing::Holds;

const PLACES: Source = Source {
    from: "places x left join place_standing s on s.place = x.place",
    alias: "x",
    fields: &[
        ("state", "s.state"),
        ("on_roll", "s.on_roll"),
        ("on_roster", "s.found"),
        ("not_found", "s.not_found"),
        ("excused", "s.excused"),
        ("tested_today", "s.tested_today"),
        ("due_today", "s.due_today"),
        ("overdue", "s.overdue"),
        ("late_days", "s.late_days"),
        ("cluster", "s.cluster"),
        ("cases", "s.cases"),
        ("households", "s.households"),
        ("symptomatic", "s.symptomatic"),
        ("expected", "s.expected"),
        ("chance", "s.chance"),
        ("scan_chance", "s.scan_chance"),
        ("looked_at", "s.looked_at"),
    ],
    division: Some("x.division"),
    key: &[("x.place", Holds::Id)],
    orders: &[by("place", &[("x.place", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

const PLACE_PEOPLE: Source = Source {
    from: "place_due d join people p on p.no = d.person_no left join households h on h.household = p.household
        left join buildings b on b.building = h.building",
    alias: "d",
    fields: &[
        ("id", "d.place || ':' || p.person"),
        ("person", "p.person"),
        ("name", "p.name"),
        ("phone", "p.phone"),
        ("building", "b.name"),
        ("unit", "h.unit"),
        ("door", "h.door"),
    ],
    division: Some("d.division"),
    key: &[("d.place", Holds::Id), ("p.person", Holds::Id)],
    orders: &[
        by("place", &[("d.division", Holds::Id), ("d.place", Holds::Id), ("d.person_no", Holds::Whole)]).in_place()
    ],
    parts: None,
    leads: &["place"],
    only: &[],
};

const SHIFTS: Source = Source {
    from: "shifts w join places x on x.place = w.site",
    alias: "w",
    fields: &[
        ("id", "w.key"),
        ("place", "w.site"),
        ("name", "x.name"),
        ("kind", "x.kind"),
        ("division", "x.division"),
        ("now", "(w.\"from\" <= {now} and w.\"to\" > {now})"),
    ],
    division: Some("x.division"),
    key: &[("w.key", Holds::Id)],
    orders: &[by("from", &[("w.\"from\"", Holds::Moment)]).latest_first(), by("id", &[("w.key", Holds::Id)])],
    parts: None,
    leads: &["worker", "place"],
    only: &[],
};

const OBLIGATIONS: Source = Source {
    from: "obligations u left join items i on i.worklist = 'fulfil' and i.subject = u.id",
    alias: "u",
    fields: &[
        ("late", "(u.ended_at is null and u.due_at is not null and u.due_at <= {now})"),
        ("open", "u.ended_at is null"),
        ("asked", "u.what"),
        ("escalated_at", "i.escalated_at"),
    ],
    division: Some("u.division"),
    key: &[("u.id", Holds::Id)],
    orders: &[by("day", &[("u.day", Holds::Day)]).latest_first().in_district(), by("id", &[("u.id", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

const REPORTS: Source = Source {
    from: "district_reports r",
    alias: "r",
    fields: &[
        (
            "latest",
            "not exists (select 1 from district_reports l where l.division = r.division and l.day = r.day and l.edition > r.edition)",
        ),
        ("late", "(r.edition = 1 and r.due_at is not null and r.signed_at > r.due_at)"),
    ],
    division: Some("r.division"),
    key: &[("r.id", Holds::Id)],
    orders: &[by("day", &[("r.day", Holds::Day)]).latest_first(), by("id", &[("r.id", Holds::Id)])],
    parts: None,
    leads: &["division"],
    only: &[],
};

const FREE_COMMUNITIES: Source = Source {
    from: "free_communities f",
    alias: "f",
    fields: &[],
    division: Some("f.division"),
    key: &[("f.division", Holds::Id)],
    orders: &[by("division", &[("f.division", Holds::Id)]).in_place()],
    parts: None,
    leads: &[],
    only: &[],
};

const FREE_CHANGES: Source = Source {
    from: "free_changes g",
    alias: "g",
    fields: &[],
    division: Some("g.division"),
    key: &[("g.id", Holds::Id)],
    orders: &[by("day", &[("g.day", Holds::Day)]).latest_first(), by("id", &[("g.id", Holds::Id)])],
    parts: None,
    leads: &["division"],
    only: &[],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "places" => &PLACES,
        "place_people" => &PLACE_PEOPLE,
        "shifts" => &SHIFTS,
        "obligations" => &OBLIGATIONS,
        "reports" => &REPORTS,
        "free_communities" => &FREE_COMMUNITIES,
        "free_changes" => &FREE_CHANGES,
        _ => return None,
    })
}
