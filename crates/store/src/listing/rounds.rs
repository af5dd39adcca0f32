//! Where the lists of rounds come from. A door is reached by the walk: building, unit, floor, door; what the round knows of
//! somebody is looked up person by person, so a page costs its rows.

use super::{Source, by};
use dayclear_core::listing::Holds;

/// Numbers of the person: their own, and of those for whom they stand.
macro_rules! whose {
    () => {
        "(select p.no as no union all select a.no from people a where a.merged_into = p.no) w"
    };
}

/// Hours within which a tube counts.
macro_rules! hours {
    () => {
        "t.collected_at >= coalesce(r.started_at, r.\"from\") and t.collected_at < coalesce(r.ended_at, r.\"to\")"
    };
}

/// Tubes of the person within them that can say something, with their result.
macro_rules! swabs {
    () => {
        concat!(
            " from ",
            whose!(),
            " join members m on m.person_no = w.no join tubes t on t.no = m.tube_no left join settled s on s.tube_no = t.no
              where ",
            hours!(),
            " and (s.finding is null or s.version = 'P' or s.finding <> 'invalid')
              and not exists (select 1 from custody l where l.tube_no = t.no and l.state in ('missing', 'broken'))"
        )
    };
}

/// Statements that hold: now, or when the round was closed; the one said last comes first.
macro_rules! said {
    ($what:literal) => {
        concat!(
            "(select q.",
            $what,
            " from ",
            whose!(),
            " join statements q on q.person_no = w.no where q.said_at <= coalesce(r.closed_at, {now})
                and coalesce(q.\"from\", q.said_at) <= coalesce(r.closed_at, {now})
                and (q.\"until\" is null or q.\"until\" > coalesce(r.closed_at, {now}))
              order by q.said_at desc, q.key desc limit 1)"
        )
    };
}

const STATE: &str = concat!(
    "case when exists (select 1",
    swabs!(),
    " and s.finding is not null and s.version <> 'P') then 'resulted' when exists (select 1",
    swabs!(),
    ") then 'waiting' else (case coalesce(",
    said!("presence"),
    ", p.presence, 'unknown') when 'moved_in' then 'present' else coalesce(",
    said!("presence"),
    ", p.presence, 'unknown') end) end"
);

/// People on the roster whom the round is for.
const PEOPLE: &str = concat!("rounds r cross join buildings b join households h on h.building = b.building
    join people p on p.household = h.household and p.registered and p.merged_into is null
      and (exists (select 1 from round_people k where k.round = r.round and k.person_no in (select w.no from ", whose!(), "))
        or exists (select 1 from round_scopes c where c.round = r.round
        and ((c.kind = 'division' and b.division >= c.name and b.division < c.name || '~')
          or (c.kind = 'area' and c.building = b.building and (c.unit is null or c.unit = h.unit)
            and (c.household is null or c.household = h.household)))))
      and (not exists (select 1 from round_scopes g where g.round = r.round and g.kind = 'group')
        or exists (select 1 from round_scopes g where g.round = r.round and g.kind = 'group' and g.name = p.key_group))");

const ROUNDS: Source = Source {
    from: "rounds r left join round_approvals v on v.round = r.round",
    alias: "r",
    fields: &[
        ("from", "coalesce(r.started_at, r.\"from\")"),
        ("to", "coalesce(r.ended_at, r.\"to\")"),
        ("approved_by", "v.\"by\""),
    ],
    division: None,
    key: &[("r.round", Holds::Id)],
    orders: &[by("from", &[("r.\"from\"", Holds::Moment)]).latest_first(), by("round", &[("r.round", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

const DOORS: Source = Source {
    from: PEOPLE,
    alias: "p",
    fields: &[
        ("id", "r.round || ':' || p.person"),
        ("round", "r.round"),
        ("division", "b.division"),
        ("building_id", "b.building"),
        ("building", "b.name"),
        ("unit", "h.unit"),
        ("floor", "h.floor"),
        ("door", "h.door"),
        ("household", "h.household"),
        (
            "place",
            concat!(
                "(select min(k.place) from round_people k where k.round = r.round and k.person_no in (select w.no from ",
                whose!(),
                "))"
            ),
        ),
        ("state", STATE),
        ("tubes", concat!("(select count(*)", swabs!(), ")")),
        (
            "seen_at",
            "(select max(t.collected_at) from people o join members m on m.person_no = o.no
                join tubes t on t.no = m.tube_no where o.household = h.household)",
        ),
        ("warden", "b.warden"),
        ("said_by", said!("said_by")),
        ("said_until", said!("\"until\"")),
        ("reason", said!("reason")),
    ],
    division: Some("b.division"),
    key: &[("r.round", Holds::Id), ("p.person", Holds::Id)],
    orders: &[by(
        "door",
        &[
            ("r.round", Holds::Id),
            ("b.division", Holds::Id),
            ("b.walk", Holds::Whole),
            ("b.building", Holds::Id),
            ("coalesce(h.unit, '')", Holds::Id),
            ("coalesce(h.floor, 0)", Holds::Whole),
            ("h.door", Holds::Id),
            ("h.household", Holds::Id),
        ],
    )
    .in_place()],
    parts: None,
    leads: &["person", "household"],
    only: &[],
};

const COVERAGE: Source = Source {
    from: "round_counts n",
    alias: "n",
    fields: &[("id", "n.round || ':' || n.division || ':' || n.state")],
    division: Some("n.division"),
    key: &[("n.round", Holds::Id), ("n.division", Holds::Id), ("n.state", Holds::Id)],
    orders: &[by("id", &[("n.round", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

const ROUND_SITES: Source = Source {
    from: "round_sites s left join buildings b on b.building = s.building left join places x on x.place = s.building",
    alias: "s",
    fields: &[
        ("id", "s.round || ':' || s.number"),
        ("building_id", "s.building"),
        ("building", "coalesce(b.name, x.name)"),
        ("expected_people", "s.expected"),
    ],
    division: Some("s.division"),
    key: &[("s.round", Holds::Id), ("s.number", Holds::Whole)],
    orders: &[by("site", &[("s.round", Holds::Id), ("s.number", Holds::Whole)])],
    parts: None,
    leads: &[],
    only: &[],
};

const YIELDS: Source = Source {
    from: "yields y join rounds r on r.round = y.round",
    alias: "y",
    fields: &[
        ("id", "y.round || ':' || y.purpose"),
        ("from", "coalesce(r.started_at, r.\"from\")"),
        ("in_community", "y.community"),
        ("per_10000", "case when y.tests > 0 then cast(y.positives as double precision) * 10000 / y.tests end"),
        ("cost_per_positive", "case when y.positives > 0 then y.cost / y.positives end"),
    ],
    division: None,
    key: &[("y.round", Holds::Id), ("y.purpose", Holds::Id)],
    orders: &[by("from", &[("r.\"from\"", Holds::Moment)]).latest_first(), by("id", &[("y.round", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

const STATEMENTS: Source = Source {
    from: "statements q join people p on p.no = q.person_no",
    alias: "q",
    fields: &[("id", "q.key"), ("person", "p.person"), ("name", "p.name")],
    division: Some("q.division"),
    key: &[("q.key", Holds::Id)],
    orders: &[by("said_at", &[("q.said_at", Holds::Moment)]).latest_first().in_district()],
    parts: None,
    leads: &["person"],
    only: &[],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "rounds" => &ROUNDS,
        "doors" => &DOORS,
        "coverage" => &COVERAGE,
        "round_sites" => &ROUND_SITES,
        "yields" => &YIELDS,
        "statements" => &STATEMENTS,
        _ => return None,
    })
}
