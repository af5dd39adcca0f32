//! Contacts and exposures. An exposure is an evidence row; a contact is a person with at least one exposure.

use crate::terms;

terms! {
    /// Class of a contact (ninth edition, guide to contacts; other packs use a subset).
    ContactClass {
        CoResident = "co_resident", Carer = "carer", Visitor = "visitor", AerosolProcedure = "aerosol_procedure",
        /// Same office, class or dormitory.
        SameRoom = "same_room",
        /// Shared meal, lift, toilet or badly ventilated room.
        SharedSpace = "shared_space",
        /// Same vehicle within a metre.
        Vehicle = "vehicle", Environment = "environment",
        /// Direct physical contact, body fluids, funeral (Ebola, mpox).
        Direct = "direct",
        Other = "other",
    }
}

terms! {
    /// Strength of a contact.
    ContactTier { Close = "close", Secondary = "secondary", Area = "area_stay" }
}
