//! Where the list of clearings comes from.

use super::{Source, by};
use dayclear_core::listing::Holds;

const CLEARINGS: Source = Source {
    from: "clearings l",
    alias: "l",
    fields: &[],
    division: Some("l.division"),
    key: &[("l.division", Holds::Id)],
    orders: &[by("division", &[("l.division", Holds::Id)]).in_place()],
    parts: None,
    leads: &[],
    only: &[],
};

pub(super) fn source(name: &str) -> Option<&'static Source> {
    (name == "clearings").then_some(&CLEARINGS)
}
