//! Lists of who is who: pairs of people on the roster that may be one, people as other lists know them, and how many are on the
//! roster. Declarations only.

use super::{Holds::*, Listing, field};
use crate::{
    access::Role::*,
    roster::{IdentityDecision, Linked, ListSource, Sex},
};

/// Pairs. A pair belongs to the smallest division that holds both, so whoever sees it may see both.
pub const PAIRS: Listing = Listing {
    name: "pairs",
    about: "two people on the roster who may be one",
    key: "id",
    subject: Some("person"),
    fields: &[
        field("id", Id, "numbers of both"),
        field("division", Division, "smallest division that holds both").filter(),
        field("person", Id, "the one who came later").filter(),
        field("other", Id, "the one who was there").filter(),
        field("name", Text, "name of the one").personal(),
        field("other_name", Text, "name of the other").personal(),
        field("linked", Term(Linked::NAMES), "what a comparison says").filter(),
        field("weight", Real, "bits for one person: 25 is even odds"),
        field("why", Data, "field by field").personal(),
        field("decided", Term(IdentityDecision::NAMES), "what was decided last").filter(),
        field("found_at", Moment, "when they were found"),
    ],
    orders: &["division"],
    readers: &[DistrictCommand, CommunityWorker, DataProtection],
    editors: &[],
};

/// People as other lists know them.
pub const LISTED: Listing = Listing {
    name: "listed",
    about: "a person as a list beside the roster knows them",
    key: "id",
    subject: Some("person"),
    fields: &[
        field("id", Id, "list, entry and moment"),
        field("source", Term(ListSource::NAMES), "who keeps the list").filter(),
        field("list", Id, "the list").filter(),
        field("entry", Id, "the list's own id of the person").filter(),
        field("as_of", Moment, "as of when the list says so"),
        field("division", Division, "where the list places the person").filter(),
        field("linked", Term(Linked::NAMES), "whether the roster knows the person").filter(),
        field("person", Id, "person on the roster, if there is one").filter(),
        field("candidates", Text, "people who may be meant"),
        field("name", Text, "name").personal(),
        field("document", Text, "identity document number").personal(),
        field("phone", Text, "telephone").personal(),
        field("birth_date", Day, "date of birth").personal(),
        field("sex", Term(Sex::NAMES), "sex as registered").personal(),
        field("address", Text, "address as it is written").personal(),
        field("from", Day, "from when the person belongs to it"),
        field("until", Day, "last day on which the person belongs to it"),
        field("role", Text, "what the person is there").personal(),
        field("given_by", Text, "who gave the list").personal(),
        field("why", Data, "field by field").personal(),
    ],
    orders: &["division"],
    readers: &[DistrictCommand, CommunityWorker, DataProtection],
    editors: &[],
};

/// How many are on the roster.
pub const ROSTER: Listing = Listing {
    name: "roster",
    about: "how many people of a community are on the roster, and how many of them other lists know",
    key: "division",
    subject: None,
    fields: &[
        field("division", Division, "community").filter(),
        field("people", Whole, "people on the roster; whoever was merged counts once"),
        field("merged", Whole, "people for whom another one stands"),
        field("listed", Whole, "people whom another list knows"),
        field("unlisted", Whole, "people whom no other list knows"),
        field("pairs", Whole, "pairs that wait for somebody"),
        field("unknown", Whole, "entries of lists that nobody on the roster is, or several may be"),
        field("counted_at", Moment, "when they were counted"),
    ],
    orders: &["division"],
    readers: &[CityCommand, DistrictCommand, CommunityWorker, Auditor],
    editors: &[],
};
