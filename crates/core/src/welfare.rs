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
