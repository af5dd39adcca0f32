//! Who lives where: households first, people inside them, in units of buildings. The roster is the list against which
//! coverage is counted, so an unknown is kept as unknown and is never a zero.

use crate::terms;

terms! {
    /// Sex as registered; unknown is a value of its own.
    Sex { Female = "female", Male = "male", Unknown = "unknown" }
}

terms! {
    /// What a person needs wherever they are held, moved or cared for. Needs travel with the order (R12).
    Need {
        Dialysis = "dialysis", Chemotherapy = "chemotherapy", Pregnancy = "pregnancy", LatePregnancy = "late_pregnancy",
        Infant = "infant", Wheelchair = "wheelchair", Stretcher = "stretcher", Oxygen = "oxygen",
        ChronicMedicine = "chronic_medicine", Psychiatric = "psychiatric", LivesAlone = "lives_alone",
        Carer = "carer", Interpreter = "interpreter", Pet = "pet",
    }
}

terms! {
    /// Groups that are tested on a cadence of their own.
    KeyGroup {
        InboundContact = "inbound_contact", IsolationStaff = "isolation_staff", HospitalStaff = "hospital_staff",
        FeverClinicStaff = "fever_clinic_staff", Courier = "courier", Transport = "transport", Market = "market",
        School = "school", CareHome = "care_home", ClosedLoop = "closed_loop",
    }
}

terms! {
    /// Yes, no, or nobody knows.
    Known { Yes = "yes", No = "no", Unknown = "unknown" }
}

terms! {
    /// Whether somebody on the roster is there to be tested and cared for, and if not, what is known.
    Presence {
        Present = "present", Away = "away", Exempt = "exempt", Refused = "refused", Unreachable = "unreachable",
        Elsewhere = "tested_elsewhere", Unknown = "unknown", MovedIn = "moved_in", MovedOut = "moved_out",
    }
}

terms! {
    /// Who keeps a list of people beside the roster.
    ListSource { Police = "police", Property = "property", Employer = "employer", School = "school", Other = "other" }
}

terms! {
    /// What is known of somebody on a list and the roster, or of two people on the roster.
    Linked {
        /// One person.
        Same = "same",
        /// A person has to look.
        Ask = "ask",
        /// The list's person is not on the roster.
        Nobody = "nobody",
    }
}

terms! {
    /// What was decided of two people on the roster.
    IdentityDecision {
        /// They are one: the first is read as the second.
        Merge = "merge",
        /// They are two again.
        Split = "split",
        /// They are two, and nobody need ask again.
        Distinct = "distinct",
    }
}

terms! {
    /// Language in which somebody reads papers.
    Language { ZhHans = "zh-Hans", ZhHant = "zh-Hant", En = "en" }
}
