//! What people who stay at home are owed: supplies, medicine, emergency care, and an answer.

use crate::terms;

terms! {
    /// Kind of a request. There is no field for a test, a status or a debt anywhere near one (R08).
    RequestKind {
        Emergency = "emergency", Dialysis = "dialysis", Chemotherapy = "chemotherapy", Labour = "labour",
        Medicine = "medicine", Food = "food", Infant = "infant", Counselling = "counselling", Exit = "exit_blocked",
        Appeal = "appeal", Dispute = "dispute", Information = "information", Other = "other",
    }
}

terms! {
    /// Stock that is delivered to the door.
    Supply {
        Food = "food_parcel", Water = "water", Infant = "infant_parcel", Medicine = "medicine", Hygiene = "hygiene",
        TestKit = "antigen_kit", Waste = "waste_bags",
    }
}

terms! {
    /// How a regular treatment of somebody who is bound stands. Missed is none of them: what was not had on its day is late until it is.
    TreatState {
        /// Nobody has arranged it yet.
        Due = "due",
        /// Where, when, and the way there and back are known.
        Arranged = "arranged",
        /// The person had it.
        Done = "done",
        /// The person did not want it.
        Declined = "declined",
        /// Nobody binds the person any more: they go as they are used to.
        Freed = "freed",
    }
}

impl TreatState {
    /// Whether somebody is still waited for.
    pub const fn is_open(self) -> bool {
        matches!(self, TreatState::Due | TreatState::Arranged)
    }
}

terms! {
    /// How long a stock lasts at the pace of the last days.
    Stocked {
        /// For some days.
        Enough = "enough",
        /// For less than [`COVER_DAYS_LEAST`].
        Low = "low",
        /// Nothing is left of what is asked for.
        Out = "out",
    }
}

/// A stock that lasts less long is low, in days.
pub const COVER_DAYS_LEAST: i64 = 2;

/// A household that is bound and has asked for nothing for so many days gets a welfare call.
pub const QUIET_DAYS: i64 = 2;
