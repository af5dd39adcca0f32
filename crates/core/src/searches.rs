//! A search for people who were at the places of a case, beyond the household: who may have one made, and for how long its answer is
//! kept. A search like this finds the guests of a bar as easily as contacts, and has been misused so (a health office simulated an
//! infection for a police force; safeguards, I07). Pure; it guarantees that only a case which a laboratory stands for opens one.

use crate::terms;

terms! {
    /// How a search stands.
    SearchState {
        /// It waits for a second person.
        Asked = "asked",
        /// A second person approved it, and it was made.
        Done = "done",
        /// A second person refused it.
        Refused = "refused",
        /// Its time is over, and nobody is named by it any more.
        Deleted = "deleted",
    }
}

terms! {
    /// Why a laboratory does not stand for a case.
    Unbacked {
        /// No result that counts is positive.
        NotPositive = "not_positive",
        /// The result is withheld.
        Withheld = "withheld",
        /// No laboratory counted the tube in.
        NotReceived = "not_received",
        /// The result was not given by a laboratory, but typed in or brought by somebody else.
        ByHand = "by_hand",
    }
}

/// What is known of the result that shows a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backing {
    /// Whether its result counts and is positive.
    pub positive: bool,
    /// Whether it is withheld.
    pub withheld: bool,
    /// Whether a laboratory counted the tube in.
    pub received: bool,
    /// Whether any version of its result was given by somebody who is no laboratory.
    pub by_hand: bool,
}

impl Backing {
    /// Of a tube that is not there.
    pub const NOTHING: Backing = Backing { positive: false, withheld: false, received: false, by_hand: false };

    /// Why no laboratory stands for the case; `None`: one does.
    pub const fn lacks(self) -> Option<Unbacked> {
        match self {
            Backing { withheld: true, .. } => Some(Unbacked::Withheld),
            Backing { positive: false, .. } => Some(Unbacked::NotPositive),
            Backing { received: false, .. } => Some(Unbacked::NotReceived),
            Backing { by_hand: true, .. } => Some(Unbacked::ByHand),
            _ => None,
        }
    }
}

/// Days for which visits, and the answers of searches among them, are kept (R14: 28 days, a target of the safeguards that the city
/// confirms; no pack states one).
pub const KEPT_DAYS: i64 = 28;
/// People that a search may find: of more than these it says so and names nobody (R).
pub const FOUND_MAX: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_result_that_a_laboratory_gave_of_a_tube_that_it_had_opens_a_search() {
        let backed = Backing { positive: true, withheld: false, received: true, by_hand: false };
        for (backing, lacks) in [
            (backed, None),
            (Backing { positive: false, ..backed }, Some(Unbacked::NotPositive)),
            (Backing { withheld: true, positive: false, ..backed }, Some(Unbacked::Withheld)),
            (Backing { received: false, ..backed }, Some(Unbacked::NotReceived)),
            (Backing { by_hand: true, ..backed }, Some(Unbacked::ByHand)),
        ] {
            assert_eq!(backing.lacks(), lacks, "{backing:?}");
        }
    }
}
