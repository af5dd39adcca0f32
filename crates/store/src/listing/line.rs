//! Where the lists of the line come from. A person's rows are reached through the division; for some roles also through a
//! site or an assignment, and where a role has no line here its division is enough.

use super::{Parts, Source, by};
use dayclear_core::{access::Role, books::Worklist, listing::Holds};

// What a role sees beyond its division is written as a set that is found first, because it is small: the rows are then
// looked up one by one, whatever the order of the page.

/// Cases whose investigation is assigned to the account.
macro_rules! my_cases {
    () => {
        "(select a.subject from items a where a.assignee = {account} and a.worklist = 'investigate')"
    };
}

/// People of those cases, and their contacts.
macro_rules! my_people {
    ($column:literal) => {
        concat!(
            "(select c.",
            $column,
            " from items a join cases c on c.id = a.subject
                where a.assignee = {account} and a.worklist = 'investigate'
              union select k.",
            $column,
            " from items a join contacts k on k.case_id = a.subject
                where a.assignee = {account} and a.worklist = 'investigate')"
        )
    };
}
pub(super) use my_cases;
pub(super) use my_people;

/// People whom a transfer holds at, or brings to, the site of the duty.
macro_rules! at_my_site {
    ($column:literal) => {
        concat!(
            "(select x.",
            $column,
            " from transfers x where x.facility = {site}
                and x.state in ('requested', 'booked', 'underway', 'admitted'))"
        )
    };
}

/// Tubes of those cases.
const MY_TUBES: &str = "t.no in (select c.tube_no from items a join cases c on c.id = a.subject
    where a.assignee = {account} and a.worklist = 'investigate')";

const ITEMS: Source = Source {
    from: "items i",
    alias: "i",
    fields: &[("id", "i.worklist || ':' || i.subject"), ("open", "i.closed_at is null")],
    division: Some("i.division"),
    key: &[("i.worklist", Holds::Id), ("i.subject", Holds::Id)],
    orders: &[
        by("due", &[("coalesce(i.due_at, {far})", Holds::Moment)]).in_district(),
        by("opened", &[("i.opened_at", Holds::Moment)]).latest_first().in_district(),
        by("subject", &[("i.subject", Holds::Id)]).in_district(),
    ],
    parts: Some(Parts {
        field: "worklist",
        column: "i.worklist",
        groups: Worklist::NAMES,
        seen: &[
            (Role::Laboratory, &["test"]),
            (Role::Facility, &["move", "place", "away", "clean"]),
            (Role::Tracer, &["reach", "facts", "investigate", "recall", "clarify", "follow", "retest"]),
            (Role::Dispatcher, &["move", "place", "away", "call", "clean", "decide", "help", "treat"]),
            (
                Role::CommunityWorker,
                &[
                    "recall", "follow", "retest", "supply", "ask", "decide", "help", "treat", "answer", "release",
                    "clarify", "place",
                ],
            ),
            (Role::Hotline, &["decide", "help", "answer"]),
            (Role::DataProtection, &["review"]),
        ],
        halves: ("open", "i.closed_at is null"),
    }),
    leads: &[],
    only: &[
        (Role::Laboratory, "i.owner = {site}"),
        (Role::Facility, "i.owner = {site}"),
        (Role::Tracer, "i.assignee = {account}"),
        // a request that nobody has yet can be taken; an item tells nothing about a person
        (Role::Hotline, "(i.assignee = {account} or i.assignee is null)"),
    ],
};

const CASES: Source = Source {
    from: "cases c left join people p on p.no = c.person_no left join tubes t on t.no = c.tube_no",
    alias: "c",
    fields: &[
        ("name", "p.name"),
        ("phone", "p.phone"),
        ("tube", "t.tube"),
        ("open", "(c.closed_on is null and c.aside is null)"),
    ],
    division: Some("c.division"),
    key: &[("c.id", Holds::Id)],
    orders: &[
        by("found", &[("c.found_at", Holds::Moment)]).latest_first().in_district(),
        by("id", &[("c.id", Holds::Id)]),
    ],
    parts: None,
    leads: &["person"],
    only: &[
        (Role::Tracer, concat!("c.id in ", my_cases!())),
        (Role::Facility, concat!("c.person in ", at_my_site!("person"))),
    ],
};

/// The name of a source and a space, if one of its lists knows the person.
macro_rules! known_to {
    ($source:literal) => {
        concat!(
            "case when exists (select 1 from listed_links k join listed d on d.key = k.listed where k.person_no = p.no
                and d.source = '",
            $source,
            "') then '",
            $source,
            " ' else '' end || "
        )
    };
}

const PEOPLE: Source = Source {
    from: "people p left join households h on h.household = p.household left join buildings b on b.building = h.building",
    alias: "p",
    fields: &[
        ("building", "b.name"),
        ("unit", "h.unit"),
        ("door", "h.door"),
        ("merged_into", "(select q.person from people q where q.no = p.merged_into)"),
        (
            "lists",
            concat!(
                "nullif(trim(",
                known_to!("police"),
                known_to!("property"),
                known_to!("employer"),
                known_to!("school"),
                known_to!("other"),
                "''), '')"
            ),
        ),
        (
            "listed_at",
            "(select max(d.as_of) from listed_links k join listed d on d.key = k.listed where k.person_no = p.no)",
        ),
    ],
    division: Some("p.division"),
    key: &[("p.person", Holds::Id)],
    orders: &[by("person", &[("p.division", Holds::Id), ("p.person", Holds::Id)]).in_place()],
    parts: None,
    leads: &["household", "phone", "document"],
    only: &[
        (Role::Tracer, concat!("p.no in ", my_people!("person_no"))),
        (
            Role::Hotline,
            "p.household in (select r.household from items a join requests r on r.request = a.subject
                where a.assignee = {account} and a.worklist = 'answer' and a.closed_at is null
              union select r.household from requests r join items a on a.worklist = 'answer'
                and a.subject = r.request || '/' || cast(r.reopened + 1 as text)
                where r.reopened > 0 and a.assignee = {account} and a.closed_at is null)",
        ),
        (Role::Facility, concat!("p.no in ", at_my_site!("person_no"))),
        (
            Role::Dispatcher,
            "p.no in (select x.person_no from transfers x where x.state in ('requested', 'booked', 'underway', 'admitted'))",
        ),
    ],
};

const CONTACTS: Source = Source {
    from: "contacts k left join people p on p.no = k.person_no",
    alias: "k",
    fields: &[("id", "k.case_id || ':' || k.person"), ("name", "p.name"), ("phone", "p.phone")],
    division: Some("k.division"),
    key: &[("k.case_id", Holds::Id), ("k.person", Holds::Id)],
    orders: &[
        by("listed", &[("k.listed_at", Holds::Moment)]).latest_first().in_district(),
        by("id", &[("k.case_id", Holds::Id)]),
    ],
    parts: None,
    leads: &["person", "case_id"],
    only: &[(Role::Tracer, concat!("k.case_id in ", my_cases!()))],
};

const ORDERS: Source = Source {
    from: "orders o left join people p on p.no = o.person_no",
    alias: "o",
    fields: &[("name", "p.name")],
    division: Some("o.division"),
    key: &[("o.id", Holds::Id)],
    orders: &[
        by("until", &[("o.until_day", Holds::Day)]).latest_first().in_district(),
        by("id", &[("o.id", Holds::Id)]),
    ],
    parts: None,
    leads: &["person"],
    only: &[
        (Role::Tracer, concat!("o.person in ", my_people!("person"))),
        (Role::Facility, concat!("o.person in ", at_my_site!("person"))),
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
        ("one_household", "z.household is not null"),
    ],
    division: Some("z.division"),
    key: &[("z.id", Holds::Id)],
    orders: &[by("ends", &[("z.ends_on", Holds::Day)]), by("id", &[("z.id", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

const TRANSFERS: Source = Source {
    from: "transfers x left join people p on p.no = x.person_no left join trips r on r.id = x.trip
        left join households h on h.household = p.household",
    alias: "x",
    fields: &[
        ("name", "p.name"),
        ("phone", "p.phone"),
        ("needs", "p.needs"),
        ("vehicle", "r.vehicle"),
        ("unit", "case when x.door is null then h.unit end"),
        ("door", "coalesce(x.door, h.door)"),
    ],
    division: Some("x.division"),
    key: &[("x.id", Holds::Id)],
    orders: &[
        by("requested", &[("x.requested_at", Holds::Moment)]).latest_first().in_district(),
        by("id", &[("x.id", Holds::Id)]),
    ],
    parts: None,
    leads: &["person", "trip"],
    only: &[
        (Role::Driver, "x.trip in (select d.id from trips d where d.vehicle = {site})"),
        (Role::Facility, "x.facility = {site}"),
    ],
};

const TRIPS: Source = Source {
    from: "trips r",
    alias: "r",
    fields: &[],
    division: Some("r.division"),
    key: &[("r.id", Holds::Id)],
    orders: &[by("departs", &[("r.departs_at", Holds::Moment)]).latest_first(), by("id", &[("r.id", Holds::Id)])],
    parts: None,
    leads: &["vehicle"],
    only: &[
        (Role::Driver, "r.vehicle = {site}"),
        (Role::Facility, "r.id in (select x.trip from transfers x where x.facility = {site})"),
    ],
};

const TUBES: Source = Source {
    from: "tubes t left join settled s on s.tube_no = t.no",
    alias: "t",
    fields: &[
        ("members", "(select count(*) from members m where m.tube_no = t.no)"),
        ("within_s", "(select max(x.within_s) from site_tubes x where x.tube_no = t.no)"),
        ("given_by", "(select min(x.account) from site_tubes x where x.tube_no = t.no)"),
        ("finding", "s.finding"),
        ("version", "s.version"),
        ("reported_at", "s.reported_at"),
    ],
    division: Some("t.division"),
    key: &[("t.tube", Holds::Id)],
    orders: &[
        by("collected", &[("t.collected_at", Holds::Moment)]).latest_first().in_district(),
        by("tube", &[("t.tube", Holds::Id)]),
    ],
    parts: None,
    leads: &[],
    only: &[(Role::Laboratory, "t.laboratory = {site}"), (Role::Tracer, MY_TUBES)],
};

const MEMBERS: Source = Source {
    from: "people p join members m on m.person_no = p.no join tubes t on t.no = m.tube_no
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
    key: &[("t.tube", Holds::Id), ("p.person", Holds::Id)],
    orders: &[by("id", &[("p.division", Holds::Id), ("p.person", Holds::Id)]).in_place()],
    parts: None,
    leads: &[],
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
    key: &[("v.key", Holds::Id)],
    orders: &[by("reported", &[("v.reported_at", Holds::Moment)]).latest_first(), by("id", &[("v.key", Holds::Id)])],
    parts: None,
    leads: &["tube"],
    only: &[(Role::Laboratory, "v.laboratory = {site}"), (Role::Tracer, MY_TUBES)],
};

const REQUESTS: Source = Source {
    // a request that was opened again waits as another item, numbered
    from: "requests q left join items i on i.worklist = 'answer' and i.subject = q.request
        || case when q.reopened > 0 then '/' || cast(q.reopened + 1 as text) else '' end",
    alias: "q",
    fields: &[("due_at", "i.due_at"), ("assignee", "i.assignee"), ("open", "q.answered_at is null")],
    division: Some("q.division"),
    key: &[("q.request", Holds::Id)],
    orders: &[
        by("received", &[("q.received_at", Holds::Moment)]).latest_first().in_district(),
        by("request", &[("q.request", Holds::Id)]),
    ],
    parts: None,
    leads: &["household"],
    only: &[(
        Role::Hotline,
        "i.assignee = {account} and q.request in (
            select a.subject from items a where a.assignee = {account} and a.worklist = 'answer'
            union select r.request from requests r join items a on a.worklist = 'answer'
                and a.subject = r.request || '/' || cast(r.reopened + 1 as text)
                where r.reopened > 0 and a.assignee = {account})",
    )],
};

const PARCELS: Source = Source {
    // of a run that was planned anew nothing is expected
    from: "parcels l left join households h on h.household = l.household left join buildings b on b.building = h.building
        left join delivery_stops s on s.run = l.run and s.household = l.household and s.day = l.day and s.item = l.item
            and (s.outcome is null or s.outcome <> 'replanned')
        left join not_carried n on n.household = l.household and n.day = l.day and n.item = l.item and l.delivered_at is null",
    alias: "l",
    fields: &[
        ("stop", "s.no"),
        ("expected_at", "s.expected_at"),
        ("carried", "(s.run is not null and s.ended_at is null)"),
        ("not_carried", "n.reason"),
        ("id", "l.household || ':' || cast(l.day as text) || ':' || l.item"),
        ("delivered", "l.delivered_at is not null"),
        ("building", "b.name"),
        ("unit", "h.unit"),
        ("floor", "h.floor"),
        ("door", "h.door"),
    ],
    division: Some("l.division"),
    key: &[("l.household", Holds::Id), ("l.day", Holds::Day), ("l.item", Holds::Id)],
    orders: &[
        by("day", &[("l.day", Holds::Day)]).latest_first(),
        // from door to door, as rounds of sampling are walked
        by(
            "door",
            &[
                ("l.division", Holds::Id),
                ("coalesce(b.walk, 0)", Holds::Whole),
                ("coalesce(h.building, '')", Holds::Id),
                ("coalesce(h.unit, '')", Holds::Id),
                ("coalesce(h.floor, 0)", Holds::Whole),
                ("coalesce(h.door, '')", Holds::Id),
            ],
        ),
        by("id", &[("l.household", Holds::Id)]),
    ],
    parts: None,
    leads: &["household"],
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
