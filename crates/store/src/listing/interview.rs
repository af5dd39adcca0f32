//! Where the lists of the interview come from.

use super::{Source, by, line::my_cases};
use dayclear_core::{access::Role, listing::Holds};

const QUESTIONS: Source = Source {
    from: "questions q",
    alias: "q",
    fields: &[("id", "q.key")],
    // what is asked in the whole city is asked in each district: it tells of nobody
    division: None,
    key: &[("q.key", Holds::Id)],
    orders: &[by("question", &[("q.question", Holds::Id)])],
    parts: None,
    leads: &["question"],
    only: &[],
};

const ANSWERS: Source = Source {
    from: "answers s join people p on p.person = s.case_person",
    alias: "s",
    fields: &[
        ("id", "s.key"),
        ("person", "s.case_person"),
        ("name", "p.name"),
        ("division", "p.division"),
        ("answer", "s.answer"),
    ],
    division: Some("p.division"),
    key: &[("s.key", Holds::Id)],
    orders: &[by("at", &[("s.at", Holds::Moment)]).latest_first()],
    parts: None,
    leads: &["person"],
    only: &[(Role::Tracer, concat!("s.case_person in (select c.person from cases c where c.id in ", my_cases!(), ")"))],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "questions" => &QUESTIONS,
        "answers" => &ANSWERS,
        _ => return None,
    })
}
