//! The sampling site without a network: when a tube was closed though the clock of the phone cannot be believed ([`clock`]), and
//! what a tube may not be ([`check`]). Pure; the phone keeps the same rules of a tube in its own script, so that it can refuse at
//! once, and these are the ones that count.

pub mod clock;

use crate::terms;
use std::collections::BTreeSet;

/// Most people of one tube that a record may name: the largest tube of any table (`schema::TUBES`), and some more, so that one who
/// is too many is told so and not cut off.
pub const PEOPLE_MAX: usize = 40;

/// Hours for which a sheet of paper is entered with its true time. R: no pack states a limit; swabs are kept at 2-8 °C for up to 72
/// hours (CDC, interim guidelines for clinical specimens, 2020-2022), so a date further back is a slip of the pen.
pub const SHEET_HOURS_MAX: i64 = 72;

/// Who was swabbed, as it was scanned or typed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// By the id of the roster.
    Person(String),
    /// By the number of an identity document.
    Document(String),
}

impl Who {
    /// The text as it was read.
    pub fn text(&self) -> &str {
        match self {
            Who::Person(text) | Who::Document(text) => text,
        }
    }
}

terms! {
    /// Why a tube of a site is not taken.
    Wrong {
        /// Nobody is in it.
        Empty = "empty",
        /// More people than swabs that it is meant for.
        TooMany = "too_many",
        /// Somebody is in it twice.
        Twice = "twice",
        /// Somebody has another tube in this round, and nobody said that they were swabbed twice.
        TwiceInRound = "twice_in_round",
        /// There is a tube with this code.
        Used = "used",
        /// The rules do not allow this size for the purpose, or the round is for smaller tubes.
        Size = "size",
        /// The round is none, is not for this purpose, or does not run.
        Round = "round",
        /// It was closed in the future.
        Future = "future",
        /// It was closed too long ago to be entered.
        TooOld = "too_old",
        /// It was closed outside the hours of the round.
        Hours = "hours",
        /// The record was sent before with other content.
        Other = "other",
        /// Something in it cannot be read as what it should be.
        Row = "row",
    }
}

/// What is wrong with a tube by itself: of so many swabs, allowed sizes, with these people. The text names who or what it is.
pub fn check(size: u8, allowed: &[u8], people: &[Who]) -> Option<(Wrong, String)> {
    let mut seen = BTreeSet::new();
    if people.is_empty() {
        return Some((Wrong::Empty, String::new()));
    }
    if !allowed.contains(&size) {
        return Some((Wrong::Size, size.to_string()));
    }
    if let Some(twice) = people.iter().find(|who| !seen.insert(*who)) {
        return Some((Wrong::Twice, twice.text().to_owned()));
    }
    (people.len() > usize::from(size)).then(|| (Wrong::TooMany, people.len().to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tube_holds_somebody_nobody_twice_and_no_more_than_it_is_meant_for() {
        let who = |ids: &str| ids.split_whitespace().map(|id| Who::Person(id.to_owned())).collect::<Vec<_>>();
        let eleven = "a b c d e f g h i j k";
        for (size, people, found) in [
            (10, "", Some(Wrong::Empty)),
            (10, "a", None),
            (10, "a b c d e f g h i j", None),
            (10, eleven, Some(Wrong::TooMany)),
            (10, "a b a", Some(Wrong::Twice)),
            (1, "a", None),
            (1, "a b", Some(Wrong::TooMany)),
            (7, "a b", Some(Wrong::Size)),
            (20, "a b", Some(Wrong::Size)),
        ] {
            assert_eq!(check(size, &[1, 5, 10], &who(people)).map(|(wrong, _)| wrong), found, "{size}: {people}");
        }
        // an id and a document number are two things until the roster says that they are one person
        let both = [Who::Person("1".to_owned()), Who::Document("1".to_owned())];
        assert_eq!(check(5, &[5], &both), None);
    }
}
