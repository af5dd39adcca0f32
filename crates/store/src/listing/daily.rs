//! Where the list of what clinicians found comes from. A facility sees those who lie there, and nobody else.

use super::{Source, by};
use dayclear_core::{access::Role, listing::Holds};

const ASSESSMENTS: Source = Source {
    from: "assessments a join people p on p.person = a.person",
    alias: "a",
    fields: &[("id", "a.key"), ("at", "a.assessed_at"), ("name", "p.name"), ("division", "p.division")],
    division: Some("p.division"),
    key: &[("a.key", Holds::Id)],
    orders: &[by("at", &[("a.assessed_at", Holds::Moment)]).latest_first()],
    parts: None,
    leads: &["person"],
    only: &[(
        Role::Facility,
        "a.person in (select x.person from transfers x where x.facility = {site} and x.state = 'admitted')",
    )],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    (name == "assessments").then_some(&ASSESSMENTS)
}
