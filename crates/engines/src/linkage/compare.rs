//! Two identities compared: weights in bits after Fellegi and Sunter (1969, "A theory for record linkage", JASA 64), added up
//! over the fields, and rules for what their independence does not see (families share telephone, door and surname). Pure; the
//! weights stand in one table with where each number comes from.
//!
//! A weight is `log2(m / u)`: `m` how often a field agrees so for one person in two lists, `u` how often for two people. `m` are
//! assumptions of this table (lists with a few wrong fields in a hundred; [`super::rehearsal`] measures what follows from them);
//! `u` are counted: dates of birth spread over 70 years, eight free digits of a telephone, serial and check of a document.

use super::{
    Identity, Normal,
    names::{Alike, Name},
    numbers::{near, near_documents},
};
use dayclear_core::{terms, time::CivilDate};

terms! {
    /// A field of an identity.
    Field {
        /// Identity document.
        Document = "document",
        /// Name.
        Name = "name",
        /// Date of birth.
        Birth = "birth_date",
        /// Sex.
        Sex = "sex",
        /// Telephone.
        Phone = "phone",
        /// Address.
        Address = "address",
    }
}

terms! {
    /// How a field agrees.
    Agreement {
        /// The same.
        Same = "same",
        /// It sounds the same, or stands in another script.
        Sounds = "sounds_same",
        /// One digit or character differs, neighbours changed places, or day and month did.
        Near = "near",
        /// A part of it: the surname, the building, the community, the year.
        Part = "part",
        /// It differs.
        Differs = "differs",
        /// One of the two does not say.
        Unknown = "unknown",
    }
}

terms! {
    /// What a comparison says.
    Linked {
        /// One person.
        Same = "same",
        /// A person has to look.
        Ask = "ask",
        /// Two people.
        Different = "different",
    }
}

/// What a field adds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Part {
    /// Field.
    pub field: Field,
    /// How it agrees.
    pub agreement: Agreement,
    /// Bits for one person (positive) or for two.
    pub weight: f64,
}

/// A comparison with its reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// What it says.
    pub linked: Linked,
    /// Sum of the weights, but for what a family shares, which counts once.
    pub weight: f64,
    /// Field by field.
    pub parts: Vec<Part>,
    /// Rule that decided instead of the sum, if one did.
    pub rule: Option<&'static str>,
}

/// Two people taken at random from 32 million are one with a chance of 2^-25: a sum of 25 is even odds.
const EVEN: f64 = 25.0;
/// One person: odds of 2^7, a mistake in 130.
const SAME_FROM: f64 = EVEN + 7.0;
/// Worth a look: odds of 2^-5.
const ASK_FROM: f64 = EVEN - 5.0;

/// Compares two identities as they are written.
pub fn compare_written(one: &Identity, other: &Identity) -> Compared {
    compare(&one.normal(), &other.normal())
}

/// Compares two identities; the order in which they are named does not matter.
pub fn compare(one: &Normal, other: &Normal) -> Compared {
    let parts: Vec<Part> = [
        document(one, other),
        name(one.name.as_ref(), other.name.as_ref()),
        birth(one.birth_date, other.birth_date),
        match (one.sex, other.sex) {
            (Some(a), Some(b)) if a == b => part(Field::Sex, Agreement::Same, 1.0),
            // m 0.5 %, u 50 %
            (Some(_), Some(_)) => part(Field::Sex, Agreement::Differs, -6.6),
            _ => part(Field::Sex, Agreement::Unknown, 0.0),
        },
        phone(one.phone.as_deref(), other.phone.as_deref()),
        address(one, other),
    ]
    .into();
    let of = |field: Field| parts.iter().find(|part| part.field == field);
    let weight = |field: Field| of(field).map_or(0.0, |part| part.weight);
    let agreement = |field: Field| of(field).map_or(Agreement::Unknown, |part| part.agreement);
    // whoever shares the telephone mostly shares the door: the weaker of the two adds little
    let (phone, address) = (weight(Field::Phone), weight(Field::Address));
    let shared = if phone > 0.0 && address > 0.0 { phone.max(address) + 2.0 } else { phone + address };
    let own: f64 = [Field::Document, Field::Name, Field::Birth, Field::Sex].into_iter().map(weight).sum();
    let sum = own + shared;
    let says = |field: Field, agreed: &[Agreement]| agreed.contains(&agreement(field));
    use Agreement::{Differs, Near, Same, Sounds, Unknown};
    let document = agreement(Field::Document);
    let (linked, rule) = if document == Differs && !says(Field::Name, &[Same, Sounds]) {
        (Linked::Different, Some("documents and names differ"))
    } else if document == Same && (says(Field::Name, &[Differs]) || says(Field::Birth, &[Agreement::Part, Differs])) {
        (Linked::Ask, Some("one document, and two names or dates of birth"))
    } else if document == Differs && sum >= ASK_FROM {
        (Linked::Ask, Some("all but the document agrees"))
    } else if document != Same && says(Field::Name, &[Agreement::Part, Differs]) {
        // twins, siblings, parent and child
        match sum >= ASK_FROM && says(Field::Birth, &[Same]) && document == Near {
            true => (Linked::Ask, Some("other given names, and documents that are nearly the same")),
            false => (Linked::Different, Some("other given names")),
        }
    } else if document != Same && says(Field::Birth, &[Agreement::Part, Differs]) {
        match sum >= ASK_FROM - 6.0 && says(Field::Name, &[Same]) {
            true => (Linked::Ask, Some("another date of birth")),
            false => (Linked::Different, Some("another date of birth")),
        }
    } else if says(Field::Name, &[Unknown]) && document != Same {
        match sum >= ASK_FROM {
            true => (Linked::Ask, Some("no name")),
            false => (Linked::Different, None),
        }
    } else if document != Same && says(Field::Name, &[Near]) {
        match sum >= ASK_FROM {
            true => (Linked::Ask, Some("names nearly the same")),
            false => (Linked::Different, None),
        }
    } else if sum >= SAME_FROM {
        (Linked::Same, None)
    } else if sum >= ASK_FROM {
        (Linked::Ask, None)
    } else {
        (Linked::Different, None)
    };
    Compared { linked, weight: (sum * 10.0).round() / 10.0, parts, rule }
}

fn part(field: Field, agreement: Agreement, weight: f64) -> Part {
    Part { field, agreement, weight }
}

fn document(one: &Normal, other: &Normal) -> Part {
    let (Some(a), Some(b)) = (&one.document, &other.document) else {
        return part(Field::Document, Agreement::Unknown, 0.0);
    };
    if a.number == b.number {
        // m 97 %, u 1 of 10^8: place, day, serial and check do not meet by chance
        return part(Field::Document, Agreement::Same, 26.5);
    }
    if near_documents(a, b) {
        // m 2 %; of two people with one birthday and place, serial numbers are neighbours in one of a thousand
        return part(Field::Document, Agreement::Near, 4.3);
    }
    match a.checked == b.checked {
        // m 1 %
        true => part(Field::Document, Agreement::Differs, -6.6),
        // a passport in one list and a resident's number in the other say nothing of each other
        false => part(Field::Document, Agreement::Unknown, 0.0),
    }
}

/// Surnames that a twentieth or more of all people have (Ministry of Public Security, names of 2020: 王, 李, 张 above 6 %, 刘, 陈
/// 4 to 5 %).
const COMMON: &str = "王李张刘陈";

fn name(one: Option<&Name>, other: Option<&Name>) -> Part {
    let (Some(a), Some(b)) = (one, other) else { return part(Field::Name, Agreement::Unknown, 0.0) };
    let common = COMMON.contains(&a.surname()) || COMMON.contains(&b.surname());
    let (short, surname) = (a.length().min(b.length()) <= 2, if common { 0.0 } else { 1.5 });
    match a.alike(b) {
        // m 90 %; u 1 of 4,000 for two characters and 1 of 20,000 for three with a common surname
        Alike::Written => part(Field::Name, Agreement::Same, surname + if short { 11.8 } else { 14.1 }),
        // m 5 %; several characters share a sound
        Alike::Read => part(Field::Name, Agreement::Sounds, surname + if short { 6.5 } else { 8.5 }),
        // m 3 %, u 1 of 100: brothers and sisters often share surname and one character
        Alike::Nearly => part(Field::Name, Agreement::Near, 1.6),
        // m 1 %, u 6 %
        Alike::Surname => part(Field::Name, Agreement::Part, -2.6),
        Alike::Not => part(Field::Name, Agreement::Differs, -6.5),
    }
}

fn birth(one: Option<CivilDate>, other: Option<CivilDate>) -> Part {
    let (Some(one), Some(other)) = (one, other) else { return part(Field::Birth, Agreement::Unknown, 0.0) };
    if one == other {
        // m 95 %, u 1 of 25,000 days
        return part(Field::Birth, Agreement::Same, 14.5);
    }
    let ((y, m, d), (oy, om, od)) = (one.parts(), other.parts());
    let swapped = y == oy && m == od && d == om;
    if swapped || near(&one.to_string(), &other.to_string()) {
        // m 3 %, u of some twenty dates near one
        return part(Field::Birth, Agreement::Near, 5.0);
    }
    match y == oy {
        true => part(Field::Birth, Agreement::Part, -0.5),
        false => part(Field::Birth, Agreement::Differs, -6.6),
    }
}

fn phone(one: Option<&str>, other: Option<&str>) -> Part {
    let (Some(a), Some(b)) = (one, other) else { return part(Field::Phone, Agreement::Unknown, 0.0) };
    if a == b {
        // m 80 %, u 1 of 10,000 among those who are compared at all: families share one
        part(Field::Phone, Agreement::Same, 13.0)
    } else if near(a, b) {
        part(Field::Phone, Agreement::Near, 8.0)
    } else {
        // m 17 %: people have several and change them
        part(Field::Phone, Agreement::Differs, -2.6)
    }
}

fn address(one: &Normal, other: &Normal) -> Part {
    let (Some(a), Some(b)) = (&one.address, &other.address) else {
        return part(Field::Address, Agreement::Unknown, 0.0);
    };
    match (a.door(), b.door()) {
        // m 70 %, u 1 of 10,000 among those who are compared at all
        (Some(a), Some(b)) if a == b => part(Field::Address, Agreement::Same, 12.8),
        _ if a.community().is_some() && a.community() == b.community() => part(Field::Address, Agreement::Part, 5.0),
        (None, _) | (_, None) => part(Field::Address, Agreement::Unknown, 0.0),
        // m 20 %: people move
        _ => part(Field::Address, Agreement::Differs, -2.3),
    }
}
