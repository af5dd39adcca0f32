//! Closed lists that only protocol packs use.

use crate::{terms, tracing::ContactTier};

terms! {
    /// For whom a pack may hold a plan of isolation and tests. The first three are the tiers of contacts.
    PlanFor {
        Close = "close", Secondary = "secondary",
        /// Stayed in a high-risk area.
        Area = "area_stay",
        /// Stayed in a medium-risk area (ninth edition only).
        MediumArea = "medium_area_stay",
        Inbound = "inbound",
        /// Leaves a high-risk post or a closed loop.
        PostLeaver = "post_leaver",
    }
}

impl From<ContactTier> for PlanFor {
    fn from(tier: ContactTier) -> Self {
        match tier {
            ContactTier::Close => PlanFor::Close,
            ContactTier::Secondary => PlanFor::Secondary,
            ContactTier::Area => PlanFor::Area,
        }
    }
}

terms! {
    /// Grounds on which everybody of a whole district may be tested, and not only an area.
    Ground {
        /// The source and the chains of transmission are unclear.
        SourceUnclear = "source_unclear",
        /// There has been spread in the community for long.
        LongSpread = "long_spread",
    }
}

terms! {
    /// Where a case may go: home, or a kind of facility.
    Destination {
        Home = "home", DesignatedHospital = "designated_hospital", TemporaryHospital = "temporary_hospital",
        IsolationSite = "isolation_site", OutsideCity = "outside_city",
    }
}

terms! {
    /// Infections that open no area.
    Exemption {
        /// Found in central isolation, no spread outside the site.
        CentralIsolation = "central_isolation",
        /// Found in isolation at home, no spread outside the household.
        HomeIsolation = "home_isolation",
        /// Closed-loop worker, nobody outside exposed.
        ClosedLoop = "closed_loop",
        /// Positive again after discharge, no risk of spread.
        Repositive = "repositive",
        /// Inbound with a high Ct: a past infection.
        InboundHighCt = "inbound_high_ct",
    }
}

terms! {
    /// Protection after an exposure.
    Prophylaxis { Vaccine = "vaccine", Immunoglobulin = "immunoglobulin" }
}

terms! {
    /// What is still missing before somebody may leave.
    StillNeeded {
        /// Symptoms recorded as relieved.
        SymptomsRelieved = "symptoms_relieved",
        /// More days without fever.
        FeverFree = "fever_free",
        /// Improvement of the lungs recorded.
        LungsImproved = "lungs_improved",
        /// Lesions recorded as healed.
        LesionsHealed = "lesions_healed",
        /// More clean tests in a row.
        CleanTests = "clean_tests",
        /// The clean tests lie further apart.
        TestsFurtherApart = "tests_further_apart",
        /// Clean tests from the first day on which the rule counts them.
        LaterTests = "later_tests",
        /// The day of onset, without which the days cannot be counted.
        OnsetDate = "onset_date",
        /// More days of isolation.
        MoreDays = "more_days",
    }
}
