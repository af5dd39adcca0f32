//! Keys that come with the data of a bulletin or of the books: checks, notes and hops. Whoever fills a bulletin takes its
//! keys from these lists; the tests ask for a message of each in every language.

/// Checks of a bulletin (`Check::name`).
pub const CHECKS: &[&str] = &[
    "sum-by-route-confirmed",
    "sum-by-route-asymptomatic",
    "sum-by-unit-confirmed",
    "sum-by-unit-asymptomatic",
    "sum-by-unit-awaiting",
    "converted-counted-once",
    "stock-in-care",
    "books-balance",
    "hops-reconcile",
    "beds",
    "tubes",
    "chain-of-days",
];

/// Notes of a bulletin (`Bulletin::notes`): method and gaps.
pub const NOTES: &[&str] = &[
    "day",
    "books",
    "published",
    "converted",
    "community",
    "awaiting",
    "routes-confirmed-only",
    "units-not-given",
    "positivity",
    "turnaround",
    "beds",
    "contacts-declared",
    "corrections",
    "late-close",
    "preliminary",
    "recovered-partial",
    "made-up",
];

/// Hops between stations (`Hop::name`); a dot in a name stands for the dash in the message key.
pub const HOPS: &[&str] = &[
    "tubes.collected-sent",
    "tubes.sent-received",
    "tubes.received-resulted",
    "positives.resulted-reported",
    "positives.reported-diagnosed",
    "positives.reported-moved",
    "cases.diagnosed-investigated",
    "contacts.listed-placed",
    "pools.positive-resolved",
];
