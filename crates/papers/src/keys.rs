//! Keys that come with the data of a bulletin or of the books: checks, notes, hops and needs. Whoever fills a bulletin takes its
//! keys from these lists; the tests ask for a message of each in every language.

/// Checks of a bulletin (`Check::name`).
pub const CHECKS: &[&str] = &[
    "sum-by-route-confirmed",
    "sum-by-route-asymptomatic",
    "sum-by-unit-confirmed",
    "sum-by-unit-asymptomatic",
    "converted-by-route",
    "total-reported",
    "new-infections-without-converted",
    "books-balance",
    "hops-reconcile",
    "stock-awaiting",
    "stock-confirmed",
    "stock-asymptomatic",
    "sum-by-class-in-care",
];

/// Notes of a bulletin (`Bulletin::notes`): method and gaps.
pub const NOTES: &[&str] = &[
    "day",
    "routes-not-published",
    "districts-not-published",
    "districts-confirmed-incomplete",
    "districts-asymptomatic-incomplete",
    "figures-incomplete",
    "figures-derived",
    "reporting-units-inside-districts",
    "books",
    "published",
    "converted",
    "stock",
    "community",
    "awaiting",
    "positivity",
    "turnaround",
    "beds",
    "contacts-declared",
    "small-cells",
    // Said before all figures, on the page and in the summary: a demo or a drill.
    "made-up",
];

/// Hops between stations (`Hop::name`); a dot in a name stands for the dash in the message key.
pub const HOPS: &[&str] = &[
    "tubes.collected-delivered",
    "tubes.delivered-counted",
    "tubes.counted-resulted",
    "pools.members-resolved",
    "positives.reported-move",
    "positives.found-moved",
    "contacts.listed-placed",
    "people.sent-back",
    "households.owed-delivered",
    "requests.received-answered",
];

/// Needs of a case (`Needed::name`) that come with the program; a city's own are called as its file says.
pub const NEEDED: &[&str] =
    &["beds_a", "beds_hospital", "beds_icu", "isolation_rooms", "tubes", "laboratory_hours", "vehicles", "crews"];

/// Why a bed or a vehicle was not possible, as the reason of a transfer writes it down.
pub const HINDRANCES: &[&str] =
    &["no_fleet", "seats", "equipment", "no_beds", "beds_taken", "by_hand", "too_far", "no_time"];

/// Diseases of the packs.
pub const DISEASES: &[&str] = &["covid-19", "ebola", "measles", "mers", "mpox"];
