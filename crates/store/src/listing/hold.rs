//! Where the lists of what goes beyond a rule, of appeals, and of papers come from.

use super::{Source, by};
use dayclear_core::listing::Holds;

const EXTENSIONS: Source = Source {
    from: "extensions x",
    alias: "x",
    fields: &[("area", "x.zone"), ("extra_people", "x.extra"), ("words", "x.reason")],
    division: Some("x.division"),
    key: &[("x.id", Holds::Id)],
    orders: &[by("asked", &[("x.asked_at", Holds::Moment)]).latest_first(), by("id", &[("x.id", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

const APPEALS: Source = Source {
    from: "appeals a",
    alias: "a",
    fields: &[],
    division: Some("a.division"),
    key: &[("a.id", Holds::Id)],
    orders: &[by("filed", &[("a.filed_at", Holds::Moment)]).latest_first(), by("id", &[("a.id", Holds::Id)])],
    parts: None,
    leads: &["person"],
    only: &[],
};

const APPEAL_FIGURES: Source = Source {
    from: "(select substr(division, 1, 6) as division, count(*) as filed,
            sum(case when state = 'open' then 1 else 0 end) as undecided,
            sum(case when state = 'upheld' then 1 else 0 end) as upheld,
            sum(case when state = 'dismissed' then 1 else 0 end) as dismissed,
            sum(case when hours < 24 then 1 else 0 end) as within_a_day, max(hours) as longest_hours
        from appeals group by substr(division, 1, 6)) f",
    alias: "f",
    fields: &[],
    division: Some("f.division"),
    key: &[("f.division", Holds::Id)],
    orders: &[by("division", &[("f.division", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

const NOTICES: Source = Source {
    from: "notices n left join people p on p.no = n.person_no",
    alias: "n",
    fields: &[("name", "p.name"), ("language", "p.language")],
    division: Some("n.division"),
    key: &[("n.id", Holds::Id)],
    orders: &[
        by("made", &[("n.made_at", Holds::Moment)]).latest_first().in_district(),
        by("id", &[("n.id", Holds::Id)]),
    ],
    parts: None,
    leads: &["id", "subject", "person"],
    only: &[],
};

/// Every post of every building in an open area, with whoever has it.
const POSTS: Source = Source {
    from: "(select z.building, min(z.division) as division, k.post from zones z
            cross join (select 'key_holder' as post union all select 'warden' as post) k
            where z.released_on is null group by z.building, k.post) c
        left join buildings b on b.building = c.building
        left join posts t on t.building = c.building and t.post = c.post
            and t.no = (select max(o.no) from posts o where o.building = c.building and o.post = c.post)",
    alias: "c",
    fields: &[
        ("id", "c.building || ':' || c.post"),
        ("place", "b.name"),
        ("vacant", "t.holder is null and (c.post = 'key_holder' or b.warden is null)"),
        ("holder", "coalesce(t.holder, case when c.post = 'warden' then b.warden end)"),
        ("holder_phone", "t.phone"),
        ("named_at", "t.at"),
        ("named_by", "t.account"),
    ],
    division: Some("c.division"),
    key: &[("c.building", Holds::Id), ("c.post", Holds::Id)],
    orders: &[by("id", &[("c.building", Holds::Id), ("c.post", Holds::Id)])],
    parts: None,
    leads: &[],
    only: &[],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "extensions" => &EXTENSIONS,
        "appeals" => &APPEALS,
        "appeal_figures" => &APPEAL_FIGURES,
        "notices" => &NOTICES,
        "posts" => &POSTS,
        _ => return None,
    })
}
