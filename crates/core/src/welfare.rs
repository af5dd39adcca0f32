//! What people who stay at home are owed: supplies, medicine, emergency care, and an answer.

use crate::{obligations::at_least, terms};

terms! {
    /// Kind of a request. There is no field for a test, a status or a debt anywhere near one (R08).
    RequestKind {
        Emergency = "emergency", Dialysis = "dialysis", Chemotherapy = "chemotherapy", Labour = "labour",
        Medicine = "medicine", Food = "food", Infant = "infant", Counselling = "counselling", Exit = "exit_blocked",
        Appeal = "appeal", Dispute = "dispute", Information = "information", Other = "other",
    }
}

impl RequestKind {
    /// Whether two open requests of one household on this theme are one: what is answered for both. What cannot wait, and what is somebody's
    /// own (a treatment, an appeal, a dispute, counselling), is never put together.
    pub const fn goes_together(self) -> bool {
        use RequestKind::*;
        matches!(self, Medicine | Food | Infant | Information | Other)
    }
}

/// How often one thing was asked for in one community.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AskedThere {
    /// Within the last [`HOT_HOURS`].
    pub now: i64,
    /// On the [`HOT_BEFORE_D`] days before.
    pub before: i64,
}

/// Hours within which people ask for the same thing.
pub const HOT_HOURS: i64 = 24;
/// Days before, which tell what is usual.
pub const HOT_BEFORE_D: i64 = 7;
/// Fewest requests that make a hot spot.
pub const HOT_MIN: i64 = 3;
/// From which chance on it is one: once in a thousand days at one place, which in a city of a thousand places still is once a day.
pub const HOT_CHANCE: f64 = 0.001;

/// Whether more people ask there than usual: how many are expected in a day, and how likely chance alone brings at least so many (Poisson).
/// Usual is what the days before brought there, with one day more of what all communities bring on average (`everywhere`, a community and
/// day): where nobody asked before, somebody may.
pub fn hot(asked: AskedThere, everywhere: f64) -> Option<(f64, f64)> {
    if asked.now < HOT_MIN {
        return None;
    }
    let expected = (asked.before as f64 + everywhere) / (HOT_BEFORE_D + 1) as f64;
    let chance = at_least(asked.now, expected);
    (chance <= HOT_CHANCE).then_some((expected, chance))
}

terms! {
    /// How the mediation of a dispute stands.
    MediationState {
        /// Somebody mediates.
        Open = "open",
        /// They agreed.
        Settled = "settled",
        /// They did not: it says where it goes on.
        Failed = "failed",
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

terms! {
    /// How a household said what it wants.
    AskWay {
        /// By itself, on its page.
        Page = "page",
        /// By telephone.
        Phone = "phone",
        /// To whoever looks after the community.
        Door = "door",
    }
}

terms! {
    /// What is said of a parcel at a door. What was said is never changed.
    DoorStep {
        /// It was put down and the household took it in, as the proof says.
        Delivered = "delivered",
        /// Nobody answered, or it could not be put down. It is still owed.
        Missed = "missed",
        /// The household says that it has it.
        Here = "here",
        /// The household says that it has not: it is owed again, whatever the proof.
        NotHere = "not_here",
    }
}

terms! {
    /// How a hand-over without contact is shown to have happened.
    DoorProof {
        /// Digits of the day that only the household knows, read out through the door.
        Code = "code",
        /// A word that somebody of the household said, and who it was.
        Word = "word",
    }
}

terms! {
    /// How somebody carries parcels to doors.
    Means {
        /// In a vehicle.
        Vehicle = "vehicle",
        /// On foot, with a trolley.
        Trolley = "trolley",
        /// On foot.
        Foot = "foot",
    }
}

terms! {
    /// Why no run carries a parcel that is owed.
    NotCarried {
        /// Nobody of the depot carries today.
        NoCarrier = "no_carrier",
        /// The hours of all who carry are full.
        NoHours = "no_hours",
        /// The way there and back is longer than anybody's hours.
        TooFar = "too_far",
        /// Nobody knows where the building is.
        NoPlace = "no_place",
        /// Nobody binds the household any more: it need not be brought.
        Free = "free",
    }
}

terms! {
    /// How a run of parcels stands.
    DeliveryState {
        /// It has not left.
        Planned = "planned",
        /// It has left, and doors of it are open.
        Underway = "underway",
        /// Of each of its parcels something was said at its door.
        Done = "done",
        /// Planned anew before it left.
        Replanned = "replanned",
    }
}

/// A parcel that was missed is owed within so many hours (R): after that it is late, red, and told to the district.
pub const MISSED_HOURS_MAX: i64 = 3;

/// A price is judged against the usual one of its good. `above_percent`: by how much it may lie above that.
pub fn is_dear(price: f64, usual: f64, above_percent: i64) -> bool {
    price > usual * (1.0 + above_percent as f64 / 100.0)
}

/// A stock that lasts less long is low, in days.
pub const COVER_DAYS_LEAST: i64 = 2;

/// A household that is bound and has asked for nothing for so many days gets a welfare call.
pub const QUIET_DAYS: i64 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_hot_where_more_ask_than_the_days_before_explain() {
        let asked = |now, before| hot(AskedThere { now, before }, 0.2);
        assert_eq!(asked(2, 0), None, "two are too few, wherever");
        assert!(asked(3, 0).is_some_and(|(expected, _)| (expected - 0.025).abs() < 1e-12));
        assert_eq!(asked(5, 35), None, "five on each day is usual there");
        assert!(asked(15, 35).is_some_and(|(_, chance)| chance < 0.001));
    }
}
