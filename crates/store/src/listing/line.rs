//! Where the lists of the line come from. A person's rows are reached through the division; for some roles also through a
//! site or an assignment, and where a role has no line here its division is enough.

use super::Source;
use dayclear_core::{access::Role, listing::Holds};

/// A case whose investigation is assigned to the account: a condition on the alias `c` of `cases`.
const MY_CASE: &str = "exists (select 1 from items a where a.assignee = {account} and a.worklist = 'investigate'
    and a.subject = c.id)";
/// Transfers that hold a person at, or bring them to, the site of the duty.
const AT_MY_SITE: &str = "exists (select 1 from transfers x where x.person_no = p.no and x.facility = {site}
    and x.state in ('requested', 'booked', 'underway', 'admitted'))";

macro_rules! at_my_site {
    ($no:literal) => {
        concat!(
            "exists (select 1 from transfers x where x.person_no = ",
            $no,
            " and x.facility = {site} and x.state in ('requested', 'booked', 'underway', 'admitted'))"
        )
    };
}

const ITEMS: Source = Source {
    from: "items i",
    alias: "i",
    fields: &[("id", "i.worklist || ':' || i.subject"), ("open", "i.closed_at is null")],
    division: Some("i.division"),
    by_district: true,
    key: &[("i.worklist", Holds::Id), ("i.subject", Holds::Id)],
    orders: &[
        ("due", "coalesce(i.due_at, {far})", Holds::Moment, false),
        ("opened", "i.opened_at", Holds::Moment, true),
        ("subject", "i.subject", Holds::Id, false),
    ],
    only: &[
        (Role::Laboratory, "i.worklist = 'test' and i.owner = {site}"),
        (Role::Facility, "i.worklist in ('move', 'place', 'clean') and i.owner = {site}"),
        (Role::Tracer, "i.worklist in ('investigate', 'recall', 'clarify', 'retest') and i.assignee = {account}"),
        (Role::Dispatcher, "i.worklist in ('move', 'place', 'clean')"),
        (
            Role::CommunityWorker,
            "i.worklist in ('recall', 'retest', 'supply', 'answer', 'release', 'clarify', 'place')",
        ),
        // a request that nobody has yet can be taken; an item tells nothing about a person
        (Role::Hotline, "i.worklist = 'answer' and (i.assignee = {account} or i.assignee is null)"),
        (Role::DataProtection, "i.worklist = 'review'"),
    ],
};

const CASES: Source = Source {
    from: "cases c left join people p on p.no = c.person_no left join tubes t on t.no = c.tube_no",
    alias: "c",
    fields: &[("name", "p.name"), ("phone", "p.phone"), ("tube", "t.tube"), ("open", "c.closed_on is null")],
    division: Some("c.division"),
    by_district: true,
    key: &[("c.id", Holds::Id)],
    orders: &[("found", "c.found_at", Holds::Moment, true), ("id", "c.id", Holds::Id, false)],
    only: &[(Role::Tracer, MY_CASE), (Role::Facility, at_my_site!("c.person_no"))],
};

const PEOPLE: Source = Source {
    from: "people p left join households h on h.household = p.household left join buildings b on b.building = h.building",
    alias: "p",
    fields: &[("building", "b.name"), ("unit", "h.unit"), ("door", "h.door")],
    division: Some("p.division"),
    by_district: false,
    key: &[("p.person", Holds::Id)],
    orders: &[("person", "p.person", Holds::Id, false)],
    only: &[
        (
            Role::Tracer,
            "p.no in (select c.person_no from items a join cases c on c.id = a.subject
                where a.assignee = {account} and a.worklist = 'investigate')
             or p.no in (select k.person_no from items a join contacts k on k.case_id = a.subject
                where a.assignee = {account} and a.worklist = 'investigate')",
        ),
        (
            Role::Hotline,
            "p.household in (select r.household from items a join requests r on r.request = a.subject
                where a.assignee = {account} and a.worklist = 'answer' and a.closed_at is null)
             or p.household in (select r.household from requests r join items a on a.worklist = 'answer'
                and a.subject = r.request || '/' || cast(r.reopened + 1 as text)
                where r.reopened > 0 and a.assignee = {account} and a.closed_at is null)",
        ),
        (Role::Facility, AT_MY_SITE),
        (
            Role::Dispatcher,
            "exists (select 1 from transfers x where x.person_no = p.no
                and x.state in ('requested', 'booked', 'underway', 'admitted'))",
        ),
    ],
};

const CONTACTS: Source = Source {
    from: "contacts k left join people p on p.no = k.person_no",
    alias: "k",
    fields: &[("id", "k.case_id || ':' || k.person"), ("name", "p.name"), ("phone", "p.phone")],
    division: Some("k.division"),
    by_district: false,
    key: &[("k.case_id", Holds::Id), ("k.person", Holds::Id)],
    orders: &[("listed", "k.listed_at", Holds::Moment, true), ("id", "k.case_id", Holds::Id, false)],
    only: &[(
        Role::Tracer,
        "exists (select 1 from items a where a.assignee = {account} and a.worklist = 'investigate'
            and a.subject = k.case_id)",
    )],
};

const ORDERS: Source = Source {
    from: "orders o left join people p on p.no = o.person_no",
    alias: "o",
    fields: &[("name", "p.name")],
    division: Some("o.division"),
    by_district: false,
    key: &[("o.id", Holds::Id)],
    orders: &[("until", "o.until_day", Holds::Day, true), ("id", "o.id", Holds::Id, false)],
    only: &[
        (
            Role::Tracer,
            "o.person_no in (select c.person_no from items a join cases c on c.id = a.subject
                where a.assignee = {account} and a.worklist = 'investigate')
             or o.person_no in (select k.person_no from items a join contacts k on k.case_id = a.subject
                where a.assignee = {account} and a.worklist = 'investigate')",
        ),
        (Role::Facility, at_my_site!("o.person_no")),
    ],
};

const AREAS: Source = Source {
    from: "zones z left join buildings b on b.building = z.building",
    alias: "z",
    fields: &[
        ("place", "b.name"),
        ("compound", "b.compound"),
        ("lon", "b.lon"),
        ("lat", "b.lat"),
        ("open", "z.released_on is null"),
    ],
    division: Some("z.division"),
    by_district: false,
    key: &[("z.id", Holds::Id)],
    orders: &[("ends", "z.ends_on", Holds::Day, false), ("id", "z.id", Holds::Id, false)],
    only: &[],
};

const TRANSFERS: Source = Source {
    from: "transfers x left join people p on p.no = x.person_no left join trips r on r.id = x.trip",
    alias: "x",
    fields: &[("name", "p.name"), ("phone", "p.phone"), ("needs", "p.needs"), ("vehicle", "r.vehicle")],
    division: Some("x.division"),
    by_district: true,
    key: &[("x.id", Holds::Id)],
    orders: &[("requested", "x.requested_at", Holds::Moment, true), ("id", "x.id", Holds::Id, false)],
    only: &[(Role::Driver, "r.vehicle = {site}"), (Role::Facility, "x.facility = {site}")],
};

const TRIPS: Source = Source {
    from: "trips r",
    alias: "r",
    fields: &[],
    division: Some("r.division"),
    by_district: false,
    key: &[("r.id", Holds::Id)],
    orders: &[("departs", "r.departs_at", Holds::Moment, true), ("id", "r.id", Holds::Id, false)],
    only: &[
        (Role::Driver, "r.vehicle = {site}"),
        (Role::Facility, "exists (select 1 from transfers x where x.trip = r.id and x.facility = {site})"),
    ],
};

const TUBES: Source = Source {
    from: "tubes t left join settled s on s.tube_no = t.no",
    alias: "t",
    fields: &[
        ("members", "(select count(*) from members m where m.tube_no = t.no)"),
        ("finding", "s.finding"),
        ("version", "s.version"),
        ("reported_at", "s.reported_at"),
    ],
    division: Some("t.division"),
    by_district: false,
    key: &[("t.tube", Holds::Id)],
    orders: &[("collected", "t.collected_at", Holds::Moment, true), ("tube", "t.tube", Holds::Id, false)],
    only: &[
        (Role::Laboratory, "t.laboratory = {site}"),
        (
            Role::Tracer,
            "t.no in (select c.tube_no from items a join cases c on c.id = a.subject
                where a.assignee = {account} and a.worklist = 'investigate')",
        ),
    ],
};

const MEMBERS: Source = Source {
    from: "members m join tubes t on t.no = m.tube_no join people p on p.no = m.person_no
        left join households h on h.household = p.household
        left join items i on i.worklist = 'recall' and i.subject = t.tube || '/' || p.person",
    alias: "m",
    fields: &[
        ("id", "t.tube || ':' || p.person"),
        ("tube", "t.tube"),
        ("person", "p.person"),
        ("name", "p.name"),
        ("phone", "p.phone"),
        ("division", "p.division"),
        ("door", "h.door"),
        ("recall", "(i.subject is not null and i.closed_at is null)"),
    ],
    division: Some("p.division"),
    by_district: false,
    key: &[("t.tube", Holds::Id), ("p.person", Holds::Id)],
    orders: &[("id", "t.tube", Holds::Id, false)],
    only: &[(
        Role::Tracer,
        "p.no in (select c.person_no from items a join cases c on c.id = a.subject
            where a.assignee = {account} and a.worklist = 'investigate')",
    )],
};

const RESULTS: Source = Source {
    from: "results v join tubes t on t.no = v.tube_no",
    alias: "v",
    fields: &[("id", "v.key"), ("tube", "t.tube"), ("division", "t.division")],
    division: Some("t.division"),
    by_district: false,
    key: &[("v.key", Holds::Id)],
    orders: &[("reported", "v.reported_at", Holds::Moment, true), ("id", "v.key", Holds::Id, false)],
    only: &[
        (Role::Laboratory, "v.laboratory = {site}"),
        (
            Role::Tracer,
            "t.no in (select c.tube_no from items a join cases c on c.id = a.subject
                where a.assignee = {account} and a.worklist = 'investigate')",
        ),
    ],
};

const REQUESTS: Source = Source {
    // a request that was opened again waits as another item, numbered
    from: "requests q left join items i on i.worklist = 'answer' and i.subject = q.request
        || case when q.reopened > 0 then '/' || cast(q.reopened + 1 as text) else '' end",
    alias: "q",
    fields: &[("due_at", "i.due_at"), ("assignee", "i.assignee"), ("open", "q.answered_at is null")],
    division: Some("q.division"),
    by_district: false,
    key: &[("q.request", Holds::Id)],
    orders: &[("received", "q.received_at", Holds::Moment, true), ("request", "q.request", Holds::Id, false)],
    only: &[(Role::Hotline, "i.assignee = {account}")],
};

const PARCELS: Source = Source {
    from: "parcels l",
    alias: "l",
    fields: &[
        ("id", "l.household || ':' || cast(l.day as text) || ':' || l.item"),
        ("delivered", "l.delivered_at is not null"),
    ],
    division: Some("l.division"),
    by_district: false,
    key: &[("l.household", Holds::Id), ("l.day", Holds::Day), ("l.item", Holds::Id)],
    orders: &[("day", "l.day", Holds::Day, true), ("id", "l.household", Holds::Id, false)],
    only: &[],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "items" => &ITEMS,
        "cases" => &CASES,
        "people" => &PEOPLE,
        "contacts" => &CONTACTS,
        "orders" => &ORDERS,
        "areas" => &AREAS,
        "transfers" => &TRANSFERS,
        "trips" => &TRIPS,
        "tubes" => &TUBES,
        "members" => &MEMBERS,
        "results" => &RESULTS,
        "requests" => &REQUESTS,
        "parcels" => &PARCELS,
        _ => return None,
    })
}
