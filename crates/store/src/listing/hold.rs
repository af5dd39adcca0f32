//! Where the lists of what goes beyond a rule come from.

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

pub(super) fn source(name: &str) -> Option<&'static Source> {
    Some(match name {
        "extensions" => &EXTENSIONS,
        _ => return None,
    })
}
