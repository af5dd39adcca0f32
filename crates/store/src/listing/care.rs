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

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "tickets" => &TICKETS,
        "treatments" => &TREATMENTS,
        _ => return None,
    })
}
