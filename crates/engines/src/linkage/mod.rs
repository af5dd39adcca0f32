//! Who is who: identities of several lists brought to one normal form, to keys under which the same person is found again, and
//! compared field by field. Pure. It guarantees that a comparison is symmetric, that the same normal form gives the same keys,
//! and that every outcome says what each field added to it.
//!
//! Read in this order: [`names`], [`numbers`] and [`address`] (normal forms), [`Normal::keys`], [`compare()`].

pub mod address;
mod compare;
pub mod names;
pub mod numbers;
pub mod rehearsal;
#[cfg(test)]
mod tests;

pub use compare::{Agreement, Compared, Field, Linked, Part, compare, compare_written};

use address::Address;
use dayclear_core::{roster::Sex, time::CivilDate};
use names::Name;
use numbers::Document;

/// Somebody as a list knows them. What is empty nobody knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// Name, in whatever script.
    pub name: Option<String>,
    /// Number of an identity document.
    pub document: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Date of birth.
    pub birth_date: Option<CivilDate>,
    /// Sex as registered.
    pub sex: Option<Sex>,
    /// Community or village, 12 characters; a shorter code says less.
    pub division: Option<String>,
    /// Address within it as it is written: compound, building, unit, door.
    pub address: Option<String>,
}

/// An identity in normal form.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Normal {
    /// Name.
    pub name: Option<Name>,
    /// Document.
    pub document: Option<Document>,
    /// Telephone: digits of a number of the country, or with another country's code.
    pub phone: Option<String>,
    /// Date of birth; where no list says it, the one in the document.
    pub birth_date: Option<CivilDate>,
    /// Sex; unknown is `None`.
    pub sex: Option<Sex>,
    /// Address.
    pub address: Option<Address>,
}

/// What a key is made of. Two identities that share one key are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// The document number.
    Document,
    /// The telephone.
    Phone,
    /// The letters of the name, and the date of birth whichever way day and month stand.
    NameBirth,
    /// The door, and the first letter of the name.
    Door,
    /// The community and the date of birth: finds whoever's name was written wrong.
    PlaceBirth,
}

impl KeyKind {
    const fn letter(self) -> char {
        match self {
            KeyKind::Document => 'D',
            KeyKind::Phone => 'P',
            KeyKind::NameBirth => 'N',
            KeyKind::Door => 'A',
            KeyKind::PlaceBirth => 'C',
        }
    }
}

impl Identity {
    /// The normal form.
    pub fn normal(&self) -> Normal {
        let document = self.document.as_deref().and_then(numbers::document);
        let told = document.as_ref().and_then(|document| document.birth);
        let sex = self.sex.filter(|sex| *sex != Sex::Unknown);
        Normal {
            name: self.name.as_deref().and_then(names::name),
            phone: self.phone.as_deref().and_then(numbers::phone),
            birth_date: self.birth_date.or(told),
            sex: sex.or(document.as_ref().and_then(|document| document.sex)),
            address: address::address(self.division.as_deref(), self.address.as_deref()),
            document,
        }
    }
}

impl Normal {
    /// Keys by which this identity is found, in order; each names its kind, so that a telephone is never taken for a document.
    pub fn keys(&self) -> Vec<(KeyKind, String)> {
        let mut keys = Vec::with_capacity(5);
        let mut key = |kind: KeyKind, text: String| keys.push((kind, format!("{}|{text}", kind.letter())));
        if let Some(document) = &self.document {
            key(KeyKind::Document, document.number.clone());
        }
        if let Some(phone) = &self.phone {
            key(KeyKind::Phone, phone.clone());
        }
        let birth = self.birth_date.map(either_way);
        if let (Some(name), Some(birth)) = (&self.name, &birth) {
            key(KeyKind::NameBirth, format!("{}|{birth}", name.letters));
        }
        if let (Some(name), Some(address)) = (&self.name, &self.address)
            && let Some(door) = address.door()
        {
            key(KeyKind::Door, format!("{door}|{}", name.first()));
        }
        if let (Some(birth), Some(address)) = (&birth, &self.address)
            && let Some(community) = address.community()
        {
            key(KeyKind::PlaceBirth, format!("{community}|{birth}"));
        }
        keys
    }
}

/// A date of birth such that day and month may have changed places.
fn either_way(date: CivilDate) -> String {
    let (year, month, day) = date.parts();
    format!("{year:04}-{:02}-{:02}", month.min(day), month.max(day))
}
