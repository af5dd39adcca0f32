//! Where the lists of who is who come from.

use super::{Source, by};
use dayclear_core::listing::Holds;

const PAIRS: Source = Source {
    from: "pairs k join people p on p.no = k.one join people o on o.no = k.other",
    alias: "k",
    fields: &[
        ("id", "cast(k.one as text) || ':' || cast(k.other as text)"),
        ("person", "p.person"),
        ("other", "o.person"),
        ("name", "p.name"),
        ("other_name", "o.name"),
    ],
    division: Some("k.division"),
    key: &[("k.one", Holds::Whole), ("k.other", Holds::Whole)],
    orders: &[by("division", &[("k.division", Holds::Id)]).in_place()],
    parts: None,
    leads: &["person", "other"],
    only: &[],
};

const LISTED: Source = Source {
    from: "listed d left join listed_links k on k.listed = d.key left join people p on p.no = k.person_no",
    alias: "d",
    fields: &[
        ("id", "d.key"),
        ("linked", "k.linked"),
        ("person", "p.person"),
        ("candidates", "k.candidates"),
        ("why", "k.why"),
    ],
    division: Some("d.division"),
    key: &[("d.key", Holds::Id)],
    orders: &[by("division", &[("d.division", Holds::Id)]).in_place()],
    parts: None,
    leads: &["person", "entry"],
    only: &[],
};

const ROSTER: Source = Source {
    from: "roster_figures f",
    alias: "f",
    fields: &[("unlisted", "f.people - f.listed")],
    division: Some("f.division"),
    key: &[("f.division", Holds::Id)],
    orders: &[by("division", &[("f.division", Holds::Id)]).in_place()],
    parts: None,
    leads: &[],
    only: &[],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "pairs" => &PAIRS,
        "listed" => &LISTED,
        "roster" => &ROSTER,
        _ => return None,
    })
}
