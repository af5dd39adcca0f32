//! Cases: a positive becomes a case, with classification, origin and severity, all computed from evidence.

use crate::terms;

terms! {
    /// How a case counts. A positive waits for a diagnosis until somebody has assessed it.
    Classification {
        Awaiting = "awaiting_diagnosis", Confirmed = "confirmed", Asymptomatic = "asymptomatic",
        /// First counted as asymptomatic, later confirmed: counted once (as converted) in the bulletin.
        Converted = "converted",
        Withdrawn = "withdrawn",
    }
}

terms! {
    /// By which route a case was found; the share found in the community is the key figure of a clearing campaign.
    Origin {
        AlreadyIsolated = "already_isolated", KeyPerson = "key_person", AreaScreening = "area_screening",
        ExpandedScreening = "expanded_screening", Community = "community", Entry = "entry",
    }
}

terms! {
    /// Clinical severity at the last assessment.
    Severity {
        Asymptomatic = "asymptomatic", Mild = "mild", Ordinary = "ordinary", Severe = "severe", Critical = "critical",
        Unknown = "unknown",
    }
}

terms! {
    /// Symptoms as a daily record names them; the list is the same for every disease.
    Symptom {
        Fever = "fever", Cough = "cough", SoreThroat = "sore_throat", Breathless = "breathless", Fatigue = "fatigue",
        Diarrhoea = "diarrhoea", Rash = "rash", Bleeding = "bleeding", Confusion = "confusion", Other = "other",
    }
}

/// From which temperature on somebody has a fever, °C, under the arm: the bar of China's fever clinics (mark R: no pack states it).
pub const FEVER_C: f64 = 37.3;
