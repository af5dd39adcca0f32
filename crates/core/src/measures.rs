//! Orders that bind a person, and areas that bind a building. Each has a legal basis, a purpose and an end.

use crate::terms;

terms! {
    /// What an order asks of a person.
    OrderKind {
        /// Treatment or observation in a hospital or temporary hospital.
        Hospital = "hospital",
        /// Isolation of a contact at a site.
        CentralIsolation = "central_isolation",
        /// Isolation at home.
        HomeIsolation = "home_isolation",
        /// Health monitoring at home, going out only if needed.
        HomeMonitoring = "home_monitoring",
        /// Staying put while a pool result is resolved.
        StayForRetest = "stay_for_retest",
        /// Daily check for symptoms, no confinement.
        SymptomWatch = "symptom_watch",
        /// Exclusion from school or work, no confinement.
        Exclusion = "exclusion",
    }
}

impl OrderKind {
    /// How heavily the order binds, for 'only lighter without a person' (0 = no confinement).
    pub const fn weight(self) -> u8 {
        match self {
            OrderKind::SymptomWatch => 0,
            OrderKind::Exclusion => 1,
            OrderKind::HomeMonitoring => 2,
            OrderKind::StayForRetest => 3,
            OrderKind::HomeIsolation => 4,
            OrderKind::CentralIsolation => 5,
            OrderKind::Hospital => 6,
        }
    }

    /// Whether whoever is under it meets nobody outside the household: held at home until a test or longer, or away.
    pub const fn keeps_apart(self) -> bool {
        self.weight() >= OrderKind::StayForRetest.weight()
    }
}

terms! {
    /// How an order stands.
    OrderState {
        Active = "active", Ended = "ended",
        /// Replaced by another order of the same person.
        Replaced = "replaced",
        /// In force no more as long as another order binds the same person, who is known under two ids, or until an appeal against it is
        /// decided.
        Aside = "aside",
        Withdrawn = "withdrawn",
    }
}

/// Whether what an order is set aside for is an appeal against itself, and not another order: the id of an appeal is that of its
/// order, `/a` and a number.
pub fn is_appeal_against(aside: &str, order: &str) -> bool {
    aside.strip_prefix(order).is_some_and(|rest| rest.starts_with("/a"))
}

terms! {
    /// What a zone encloses; the smallest that the pack allows is the default (R02).
    ZoneUnit { Household = "household", Floor = "floor", Unit = "unit", Building = "building", Compound = "compound" }
}

terms! {
    /// Risk of a zone.
    ZoneLevel { High = "high", Medium = "medium", Low = "low" }
}

terms! {
    /// How an area ended.
    ZoneEnd {
        /// Clean days and tests were what the rule of release asks for.
        RuleMet = "rule_met",
        /// Its last day had passed, whoever was tested.
        Lapsed = "lapsed",
        /// By a person, by an appeal, or with what it was allowed around.
        Early = "early",
        /// It became part of another area, or others are parts of it.
        Became = "became",
        /// No infection that opens an area stands for it.
        NoCase = "no_case",
        /// The rules that came into force know no areas.
        NoRule = "no_rule",
    }
}

terms! {
    /// In what two areas of two districts disagree that lie side by side.
    Neighbour {
        /// They are one place.
        Overlap = "overlap",
        /// One is of a higher risk.
        Level = "level",
        /// One ends before the other.
        End = "end",
        /// They are one compound.
        Compound = "compound",
        /// A street or a wall is the border between them.
        Street = "street",
    }
}

terms! {
    /// In what an area is asked to go beyond the rule.
    ExtensionKind {
        /// Further buildings.
        Wider = "wider",
        /// Further days.
        Longer = "longer",
    }
}

terms! {
    /// How such a question stands.
    ExtensionState {
        /// It waits for somebody of a higher duty.
        Asked = "asked",
        Approved = "approved", Refused = "refused",
    }
}

terms! {
    /// What an appeal is about.
    AppealOn { Order = "order", Area = "area" }
}

terms! {
    /// How an appeal came in: nobody needs a phone of their own for one (R06).
    AppealWay { Phone = "phone", Page = "page", Paper = "paper", Door = "door" }
}

terms! {
    /// How an appeal stands.
    AppealState {
        /// Another unit decides it.
        Open = "open",
        /// The person was right: what it was about has ended.
        Upheld = "upheld",
        Dismissed = "dismissed",
    }
}

/// Longest time until an appeal is decided, in hours (R06).
pub const APPEAL_HOURS_MAX: i64 = 24;

/// An appeal that nobody has decided by then goes to the reviewers from outside, in hours (R06, p).
pub const APPEAL_OUTSIDE_HOURS: i64 = 48;

terms! {
    /// A paper that somebody is owed.
    NoticeKind {
        /// That an order binds them: what it asks, why, until when, where help is, how to appeal (R03).
        Order = "order",
        /// That an order became shorter or lighter.
        Change = "change",
        /// That an order has ended (R13).
        Release = "release",
        /// What was decided of an appeal (R06).
        Decision = "decision",
        /// That a place outside the city is confirmed for somebody: for them, and for the family that stays.
        Outside = "outside",
    }
}

terms! {
    /// How a paper stands.
    NoticeState {
        /// It is made, and nobody has it.
        Made = "made",
        /// It was handed over.
        Handed = "handed",
        /// Somebody has read it, or it was read out to them.
        Read = "read",
        /// It came back: nobody opened, or nobody took it. It is still owed.
        Returned = "returned",
        /// The order ended before it was handed over: its release is told instead.
        Void = "void",
    }
}

terms! {
    /// How a paper reached somebody.
    NoticeWay {
        /// From hand to hand, or read out at the door.
        Door = "door",
        /// Left at the door or posted where everybody passes.
        Posted = "posted",
        /// Read out by telephone.
        Phone = "phone",
        /// Sent.
        Message = "message",
        /// Opened on the public page, by its code.
        Page = "page",
    }
}

terms! {
    /// A post of a confined building (R10).
    BuildingPost {
        /// Holds its keys, day and night.
        KeyHolder = "key_holder",
        /// Looks after it where no manager does.
        Warden = "warden",
    }
}

/// An order binds from its notice (R03). Where it cannot wait, because somebody may already infect others, its paper is handed over
/// within so many hours of being made (R).
pub const NOTICE_HOURS_MAX: i64 = 2;
