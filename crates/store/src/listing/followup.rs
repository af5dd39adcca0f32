//! Where the lists of follow-up come from.

use super::{
    Source, by,
    line::{my_cases, my_people},
};
use dayclear_core::{access::Role, listing::Holds};

const FOLLOWED: Source = Source {
    from: "followed w left join people p on p.no = w.person_no left join households h on h.household = p.household
        left join buildings b on b.building = h.building",
    alias: "w",
    fields: &[
        ("name", "p.name"),
        ("phone", "p.phone"),
        ("building", "b.name"),
        ("unit", "h.unit"),
        ("door", "h.door"),
        // that somebody has symptoms is not for everybody who sees that they are followed
        ("state", "case when w.state = 'symptoms' then 'followed' else w.state end"),
        ("symptoms", "case when w.state = 'symptoms' then 'yes' end"),
        ("seen_days", "w.seen"),
        ("missed_days", "w.missed"),
        ("last_seen_on", "w.last_seen"),
        ("open", "w.ended_on is null"),
        (
            "messages",
            "exists (select 1 from message_choices y where y.followed = w.id and y.wanted
                and not exists (select 1 from message_choices z where z.followed = y.followed and z.no > y.no))",
        ),
    ],
    division: Some("w.division"),
    key: &[("w.id", Holds::Id)],
    orders: &[
        by("until", &[("w.until_day", Holds::Day)]).latest_first().in_district(),
        by("id", &[("w.id", Holds::Id)]),
    ],
    parts: None,
    leads: &["person", "team"],
    only: &[(Role::Tracer, concat!("w.person_no in ", my_people!("person_no")))],
};

const FOLLOW_UPS: Source = Source {
    from: "follow_ups f join people p on p.person = f.person",
    alias: "f",
    fields: &[("id", "f.key"), ("name", "p.name"), ("division", "p.division"), ("found", "f.answer")],
    division: Some("p.division"),
    key: &[("f.key", Holds::Id)],
    orders: &[by("at", &[("f.at", Holds::Moment)]).latest_first()],
    parts: None,
    leads: &["person"],
    only: &[(Role::Tracer, concat!("f.person in ", my_people!("person")))],
};

const RELEASES: Source = Source {
    from: "releases r left join people p on p.no = r.person_no",
    alias: "r",
    fields: &[("name", "p.name"), ("phone", "p.phone"), ("open", "r.settled_at is null")],
    division: Some("r.division"),
    key: &[("r.id", Holds::Id)],
    orders: &[by("due", &[("r.due_at", Holds::Moment)]), by("id", &[("r.id", Holds::Id)])],
    parts: None,
    leads: &["person", "case_id"],
    only: &[(Role::Tracer, concat!("r.person_no in ", my_people!("person_no")))],
};

const SEARCHES: Source = Source {
    from: "searches s left join cases c on c.id = s.case_id",
    alias: "s",
    fields: &[("person", "c.person"), ("people_found", "s.found")],
    division: Some("s.division"),
    key: &[("s.id", Holds::Id)],
    orders: &[by("asked", &[("s.asked_at", Holds::Moment)]).latest_first(), by("id", &[("s.id", Holds::Id)])],
    parts: None,
    leads: &["case_id"],
    only: &[(Role::Tracer, concat!("s.case_id in ", my_cases!()))],
};

const EXPOSURE_SITES: Source = Source {
    from: "exposure_sites x",
    alias: "x",
    fields: &[],
    division: Some("x.division"),
    key: &[("x.id", Holds::Id)],
    orders: &[by("asked", &[("x.asked_at", Holds::Moment)]).latest_first(), by("id", &[("x.id", Holds::Id)])],
    parts: None,
    leads: &["case_id"],
    only: &[(Role::Tracer, concat!("x.case_id in ", my_cases!()))],
};

const TEAMS: Source = Source {
    from: "teams m",
    alias: "m",
    fields: &[
        ("asks", "(select count(*) from followed w where w.team = m.team and w.ended_on is null)"),
        ("due_today", "(select count(*) from followed w where w.team = m.team and w.ended_on is null and w.due)"),
    ],
    division: Some("m.division"),
    key: &[("m.team", Holds::Id)],
    orders: &[by("team", &[("m.team", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "followed" => &FOLLOWED,
        "follow_ups" => &FOLLOW_UPS,
        "releases" => &RELEASES,
        "searches" => &SEARCHES,
        "exposure_sites" => &EXPOSURE_SITES,
        "teams" => &TEAMS,
        _ => return None,
    })
}
