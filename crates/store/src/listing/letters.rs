//! Where the lists of letters of assistance come from. A tracer sees those of the cases that are assigned to them, and no letter to us.

use super::{Source, by, line::my_cases};
use dayclear_core::{access::Role, listing::Holds};

const LETTERS: Source = Source {
    from: "letters l",
    alias: "l",
    fields: &[
        ("answered_found", "l.found"),
        ("answered_not_found", "l.not_found"),
        ("answered_elsewhere", "l.elsewhere"),
        ("answered_refused", "l.refused"),
        ("sent_proof", "l.shown"),
        // what was answered, or never sent, has nothing due
        ("due_at", "case when l.ended_at is null then l.due_at end"),
        ("late", "(l.ended_at is null and l.due_at is not null and l.due_at <= {now})"),
    ],
    division: Some("l.division"),
    key: &[("l.id", Holds::Id)],
    orders: &[
        by("made", &[("l.made_at", Holds::Moment)]).latest_first().in_district(),
        by("id", &[("l.id", Holds::Id)]),
    ],
    parts: None,
    leads: &["case_id"],
    only: &[(Role::Tracer, concat!("l.case_id in ", my_cases!()))],
};

const LETTER_PEOPLE: Source = Source {
    from: "letter_people p left join letters l on l.id = p.letter",
    alias: "p",
    fields: &[
        ("id", "p.letter || ':' || p.entry"),
        ("whom", "coalesce(p.person, p.letter || ':' || p.entry)"),
        ("kind", "case when p.case_id is null then 'in' else 'out' end"),
        (
            "unsettled",
            "(p.case_id is not null and p.state in ('not_found', 'elsewhere', 'refused') and p.settled_at is null)",
        ),
        ("due_at", "case when p.state = 'open' and l.ended_at is null then l.due_at end"),
        ("late", "(p.state = 'open' and l.ended_at is null and l.due_at is not null and l.due_at <= {now})"),
    ],
    division: Some("p.division"),
    key: &[("p.letter", Holds::Id), ("p.entry", Holds::Id)],
    orders: &[by("letter", &[("p.letter", Holds::Id)])],
    parts: None,
    leads: &["letter", "case_id"],
    only: &[(Role::Tracer, concat!("p.case_id in ", my_cases!()))],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "letters" => &LETTERS,
        "letter_people" => &LETTER_PEOPLE,
        _ => return None,
    })
}
