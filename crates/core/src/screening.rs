//! Specimens, tubes, pools and results. A result has versions that may arrive in any order; the state of a tube is a pure
//! function of the set of versions, so it does not depend on the order of arrival (F08).

use crate::terms;

terms! {
    /// Why a tube was taken; it becomes the route by which a case was found.
    Purpose {
        /// People under isolation or home monitoring.
        Isolation = "isolation",
        /// Key persons and key groups on a cadence.
        KeyPerson = "key_person",
        /// Everybody inside a delimited area.
        AreaScreening = "area_screening",
        /// Screening widened beyond the area.
        ExpandedScreening = "expanded_screening",
        /// Clinics, voluntary tests and regular rounds in the community.
        Community = "community",
        /// Arrivals from elsewhere.
        Entry = "entry",
        /// A member of a positive or inconclusive pool, sampled again singly.
        Recall = "recall",
    }
}

terms! {
    /// What a laboratory says of a tube.
    Finding { Negative = "negative", Positive = "positive", Inconclusive = "inconclusive", Invalid = "invalid" }
}

terms! {
    /// Version of a result (HL7 table 0085: P, F, C, W, D).
    Version {
        Preliminary = "P", Final = "F", Corrected = "C",
        /// Posted on the wrong person: the tube has no result.
        Wrong = "W",
        /// Deleted by the laboratory: the tube has no result.
        Deleted = "D",
    }
}
