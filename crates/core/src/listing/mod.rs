//! What can be looked at: every list of the system, declared once. From a declaration follow its REST paths, filters and
//! exports, its pages in the console, its part of the OpenAPI document, and what each role sees of it. Pure data; the store
//! says where each field comes from, and one place in ops hides what a role is not shown.

mod care;
mod custody;
mod daily;
mod followup;
mod gates;
mod hold;
mod identity;
mod interview;
mod laboratories;
mod letters;
mod line;
mod messages;
mod obligations;
mod places;
mod query;
mod rounds;
mod situation;
mod trust;

pub use care::*;
pub use custody::*;
pub use daily::*;
pub use followup::*;
pub use gates::*;
pub use hold::*;
pub use identity::*;
pub use interview::*;
pub use laboratories::*;
pub use letters::*;
pub use line::*;
pub use messages::*;
pub use obligations::*;
pub use places::*;
pub use query::{Query, QueryFault, ROWS_DEFAULT, ROWS_MAX, Test, VALUES_MAX, write_cursor};
pub use rounds::*;
pub use situation::*;
pub use trust::*;

use crate::{
    access::{Class, Role},
    time::{CivilDate, Instant, Zone},
};

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Holds {
    /// An identifier.
    Id,
    /// Text.
    Text,
    /// A division code; a filter takes everything in the division.
    Division,
    /// A whole number.
    Whole,
    /// A decimal number.
    Real,
    /// A civil date.
    Day,
    /// A point in time.
    Moment,
    /// One term of a list.
    Term(&'static [&'static str]),
    /// Yes or no.
    Truth,
    /// A JSON value: reasons, inputs, bodies.
    Data,
}

/// One field of a list.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Name, the same in API, exports, message keys (`field-NAME`) and store.
    pub name: &'static str,
    /// What it holds.
    pub holds: Holds,
    /// What it tells about a person.
    pub class: Class,
    /// Whether the list can be filtered by it: by one or several values, a range (`NAME.from`, `NAME.to`), or yes and no.
    pub filter: bool,
    /// Whether a person may correct it, on the version they saw.
    pub edit: bool,
    /// Whether it holds a keyed hash of an id: a filter takes the id of a person, or the hash.
    pub keyed: bool,
    /// What it means, for people.
    pub about: &'static str,
}

/// A field that tells nothing about anybody in particular.
const fn field(name: &'static str, holds: Holds, about: &'static str) -> Field {
    Field { name, holds, class: Class::Operational, filter: false, edit: false, keyed: false, about }
}

impl Field {
    const fn personal(self) -> Self {
        Field { class: Class::Personal, ..self }
    }
    const fn sensitive(self) -> Self {
        Field { class: Class::Sensitive, ..self }
    }
    const fn heard(self) -> Self {
        Field { class: Class::Heard, ..self }
    }
    const fn filter(self) -> Self {
        Field { filter: true, ..self }
    }
    const fn edit(self) -> Self {
        Field { edit: true, ..self }
    }
    const fn keyed(self) -> Self {
        Field { keyed: true, ..self }
    }
}

/// A list.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    /// Name, as in its path.
    pub name: &'static str,
    /// What a row is.
    pub about: &'static str,
    /// Field that identifies a row.
    pub key: &'static str,
    /// Field that says which person a row tells about, if it tells about one: for the audit, the budget and the glass.
    pub subject: Option<&'static str>,
    /// Fields, in the order in which they are shown.
    pub fields: &'static [Field],
    /// Orders in which it can be read; the first is the default.
    pub orders: &'static [&'static str],
    /// Roles for which it exists.
    pub readers: &'static [Role],
    /// Roles that may correct the fields that can be corrected.
    pub editors: &'static [Role],
}

impl Listing {
    /// Position of a field by name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
    /// Whether the list exists for a role.
    pub fn readable_by(&self, role: Role) -> bool {
        self.readers.contains(&role)
    }
    /// Whether a row tells something about a person: reading it is audited.
    pub fn tells_of_people(&self) -> bool {
        self.subject.is_some()
    }
    /// Whether a row holds what somebody said against a decision: whoever may decide about it reads that.
    pub fn is_heard(&self) -> bool {
        self.fields.iter().any(|field| field.class == Class::Heard)
    }
    /// The list of a name.
    pub fn named(name: &str) -> Option<&'static Listing> {
        LISTINGS.iter().copied().find(|listing| listing.name == name)
    }
}

/// Every list, in the order in which it is documented.
pub const LISTINGS: &[&Listing] = &[
    &ITEMS,
    &CASES,
    &PEOPLE,
    &CONTACTS,
    &FOLLOWED,
    &FOLLOW_UPS,
    &TEAMS,
    &MESSAGES,
    &SENDINGS,
    &MESSAGE_REPLIES,
    &RELEASES,
    &SEARCHES,
    &EXPOSURE_SITES,
    &LETTERS,
    &LETTER_PEOPLE,
    &QUESTIONS,
    &ANSWERS,
    &ORDERS,
    &NOTICES,
    &POSTS,
    &AREAS,
    &EXTENSIONS,
    &APPEALS,
    &APPEAL_FIGURES,
    &TRANSFERS,
    &TRIPS,
    &ASSESSMENTS,
    &TUBES,
    &MEMBERS,
    &RESULTS,
    &BOXES,
    &COURIER_RUNS,
    &CLOCKS,
    &ROUNDS,
    &DOORS,
    &COVERAGE,
    &ROUND_SITES,
    &YIELDS,
    &STATEMENTS,
    &PAIRS,
    &LISTED,
    &ROSTER,
    &REQUESTS,
    &TICKETS,
    &TREATMENTS,
    &PARCELS,
    &CARRIERS,
    &DELIVERY_RUNS,
    &GOODS,
    &WANTED,
    &MEDIATIONS,
    &PLACES,
    &PLACE_PEOPLE,
    &SHIFTS,
    &OBLIGATIONS,
    &REPORTS,
    &FREE_COMMUNITIES,
    &FREE_CHANGES,
    &GATE_DAYS,
    &LANDINGS,
    &DIVISIONS,
    &FACILITIES,
    &BEDS,
    &VEHICLES,
    &LABORATORIES,
    &RUNS,
    &SIGNALS,
    &HOLDS,
    &SUPPLIES,
    &DAYS,
    &LEDGER,
    &HOPS,
    &CARRIED,
    &CLEARINGS,
    &BULLETINS,
    &FILES,
    &DOUBTS,
    &EVENTS,
    &READS,
    &BULK_ACTIONS,
];

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nobody knows, or there is none.
    Empty,
    /// Text, ids, divisions and terms.
    Text(String),
    /// Whole number.
    Whole(i64),
    /// Decimal number.
    Real(f64),
    /// Civil date.
    Day(CivilDate),
    /// Point in time.
    Moment(Instant),
    /// Yes or no.
    Truth(bool),
    /// A JSON value.
    Data(serde_json::Value),
    /// A value that tells two apart and finds nobody.
    Masked(String),
    /// A value that this role is not shown.
    Hidden,
}

impl Cell {
    /// As JSON; moments in the zone of the city. What is hidden is null: the document says which fields a role sees.
    pub fn json(&self, zone: &Zone) -> serde_json::Value {
        match self {
            Cell::Empty | Cell::Hidden => serde_json::Value::Null,
            Cell::Text(text) | Cell::Masked(text) => text.clone().into(),
            Cell::Whole(number) => (*number).into(),
            Cell::Real(number) => (*number).into(),
            Cell::Day(day) => day.to_string().into(),
            Cell::Moment(at) => zone.text(*at).into(),
            Cell::Truth(truth) => (*truth).into(),
            Cell::Data(value) => value.clone(),
        }
    }
    /// As plain text, for exports; moments in the zone of the city.
    pub fn text(&self, zone: &Zone) -> String {
        match self {
            Cell::Empty | Cell::Hidden => String::new(),
            Cell::Text(text) | Cell::Masked(text) => text.clone(),
            Cell::Whole(number) => number.to_string(),
            Cell::Real(number) => number.to_string(),
            Cell::Day(day) => day.to_string(),
            Cell::Moment(at) => zone.text(*at),
            Cell::Truth(truth) => truth.to_string(),
            Cell::Data(value) => value.to_string(),
        }
    }
    /// The text, if it holds one in plain sight.
    pub fn as_str(&self) -> Option<&str> {
        if let Cell::Text(text) = self { Some(text) } else { None }
    }
}

/// One row, in the order of the list's fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Values.
    pub cells: Vec<Cell>,
}

impl Row {
    /// The value of a field of a list.
    pub fn get<'r>(&'r self, listing: &Listing, name: &str) -> &'r Cell {
        listing.position(name).and_then(|at| self.cells.get(at)).unwrap_or(&Cell::Empty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_list_names_its_key_and_no_field_twice() {
        let names: BTreeSet<_> = LISTINGS.iter().map(|listing| listing.name).collect();
        assert_eq!(names.len(), LISTINGS.len());
        for listing in LISTINGS {
            assert!(listing.position(listing.key).is_some(), "{}", listing.name);
            assert!(!listing.orders.is_empty() && !listing.readers.is_empty(), "{}", listing.name);
            let fields: BTreeSet<_> = listing.fields.iter().map(|field| field.name).collect();
            assert_eq!(fields.len(), listing.fields.len(), "{}", listing.name);
            if let Some(subject) = listing.subject {
                assert!(listing.position(subject).is_some(), "{}", listing.name);
            } else {
                let bare = listing.fields.iter().all(|field| field.class == Class::Operational);
                assert!(bare, "{} tells of people and does not say of whom", listing.name);
            }
            let editable = listing.fields.iter().any(|field| field.edit);
            assert_eq!(editable, !listing.editors.is_empty(), "{}", listing.name);
        }
    }
}
