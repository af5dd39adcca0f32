//! Letters of assistance between jurisdictions: we ask another one to look after people of our cases who live there, and it asks us the same.
//! Pure. It guarantees that a letter's book adds up from the people in it, so that what was handed over at one end is found again at the
//! other, and that nobody stands in two columns.

use crate::terms;

terms! {
    /// Who asks whom.
    LetterKind {
        /// We ask another jurisdiction.
        Out = "out",
        /// Another jurisdiction asks us.
        In = "in",
    }
}

terms! {
    /// How a letter stands.
    LetterState {
        /// People are named, and it was not sent yet.
        Draft = "draft",
        /// Sent: the other side has its hours to answer.
        Sent = "sent",
        /// Received from the other side: we have ours.
        Received = "received",
        /// Everybody in it was answered for; of a letter to us, the answer went out.
        Answered = "answered",
        /// It was not sent after all, with a reason.
        Dropped = "dropped",
    }
}

terms! {
    /// What became of somebody in a letter: the same columns at both ends.
    LetterPerson {
        /// Nobody has answered yet.
        Open = "open",
        /// Taken over by the side that was asked: found there, and looked after as a contact.
        Found = "found",
        /// Looked for, and not found.
        NotFound = "not_found",
        /// Lives elsewhere, and not with the side that was asked.
        Elsewhere = "elsewhere",
        /// Refused: the side that was asked does not take them over, or what it was told is not enough to look for anybody.
        Refused = "refused",
    }
}

terms! {
    /// How a letter or an answer went.
    LetterWay {
        /// A platform that both sides read.
        Platform = "platform",
        Fax = "fax",
        Mail = "mail",
        /// By hand, against a signature.
        Hand = "hand",
    }
}

impl LetterPerson {
    /// An answer that leaves somebody with nobody: it waits until somebody settles it, or asks another jurisdiction.
    pub const fn leaves_open(self) -> bool {
        matches!(self, LetterPerson::NotFound | LetterPerson::Elsewhere | LetterPerson::Refused)
    }
}

/// Answers that the other side gives us for somebody in a letter of ours.
pub const ANSWERS: &[&str] = &[
    LetterPerson::Found.name(),
    LetterPerson::NotFound.name(),
    LetterPerson::Elsewhere.name(),
    LetterPerson::Refused.name(),
];

/// Answers that we give for somebody in a letter to us, besides that a person of the roster was confirmed.
pub const OUR_ANSWERS: &[&str] =
    &[LetterPerson::NotFound.name(), LetterPerson::Elsewhere.name(), LetterPerson::Refused.name()];

/// Whether a number is one of those under which our own letters go out: `A`, the day, a dash and a count.
pub fn is_ours(id: &str) -> bool {
    let Some((day, count)) = id.strip_prefix('A').and_then(|rest| rest.split_once('-')) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    day.len() == 8 && digits(day) && digits(count)
}

/// The book of a letter, or of many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LetterBook {
    /// People in it.
    pub people: i64,
    /// Of these: taken over.
    pub found: i64,
    /// Not found.
    pub not_found: i64,
    /// Elsewhere.
    pub elsewhere: i64,
    /// Refused.
    pub refused: i64,
    /// Still without an answer.
    pub open: i64,
}

impl LetterBook {
    /// The book of these people.
    pub fn of(people: impl IntoIterator<Item = LetterPerson>) -> LetterBook {
        let mut book = LetterBook::default();
        for state in people {
            book.people += 1;
            *match state {
                LetterPerson::Open => &mut book.open,
                LetterPerson::Found => &mut book.found,
                LetterPerson::NotFound => &mut book.not_found,
                LetterPerson::Elsewhere => &mut book.elsewhere,
                LetterPerson::Refused => &mut book.refused,
            } += 1;
        }
        book
    }

    /// Whether it adds up.
    pub const fn balances(&self) -> bool {
        self.people == self.found + self.not_found + self.elsewhere + self.refused + self.open
    }
}

impl std::ops::AddAssign for LetterBook {
    fn add_assign(&mut self, other: LetterBook) {
        self.people += other.people;
        self.found += other.found;
        self.not_found += other.not_found;
        self.elsewhere += other.elsewhere;
        self.refused += other.refused;
        self.open += other.open;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_of_our_own_letters_are_told_from_others() {
        for (id, ours) in [
            ("A20221120-1", true),
            ("A20221120-12", true),
            ("A20221120-", false),
            ("A2022112-1", false),
            ("A2022112x-1", false),
            ("310000-2022-118", false),
            ("", false),
        ] {
            assert_eq!(is_ours(id), ours, "{id}");
        }
    }

    proptest! {
        #[test]
        fn a_book_balances_whoever_is_in_it_and_so_does_a_sum_of_books(
            letters in proptest::collection::vec(
                proptest::collection::vec(proptest::sample::select(LetterPerson::ALL), 0..20), 0..10),
        ) {
            let mut sum = LetterBook::default();
            for people in &letters {
                let book = LetterBook::of(people.iter().copied());
                prop_assert!(book.balances() && book.people == people.len() as i64);
                sum += book;
            }
            prop_assert!(sum.balances());
            let all = letters.iter().flatten();
            prop_assert_eq!(sum, LetterBook::of(all.clone().copied()));
            let open = all.filter(|state| **state == LetterPerson::Open || state.leaves_open()).count() as i64;
            prop_assert_eq!(open, sum.people - sum.found);
        }
    }
}
