//! The terms of the vocabulary that people see, each with the prefix of its message keys: `worklist-move`,
//! `origin-community`, `facility-temporary_hospital`. A new enum of core that is shown is added to this one list, and the
//! tests then ask for its messages in all languages.

use dayclear_core::{
    access::{Class, Role, Sight},
    accounts::{AccountState, SessionEnd, SessionKind, Standing},
    books::*,
    cases::*,
    command::Load,
    custody::*,
    divisions::Level,
    followup::*,
    gates::{GateKind, GateWord, Landing},
    interview::{AnswerKind, AskRule, Part},
    measures::*,
    obligations::{FreeState, ObligationKind, ObligationState, ObligationStep, PlaceKind, PlaceState},
    protocol::*,
    quality::*,
    roster::*,
    rounds::*,
    screening::*,
    searches::{SearchState, Unbacked},
    site::{Wrong, clock::How},
    situation::{Clearing, DelayStep, Gap},
    tracing::*,
    transfer::*,
    trip::{Heard, Untaken},
    urgent::{Help, Step, TicketState, Tier},
    welfare::*,
    withdrawal::ReleaseState,
};

/// A term that people see.
pub trait Shown: Copy {
    /// Prefix of the message keys.
    const PREFIX: &'static str;
    /// Canonical text of the term.
    fn text(self) -> &'static str;
}

macro_rules! shown {
    ($($type:ident $prefix:literal),+ $(,)?) => {
        $(impl Shown for $type {
            const PREFIX: &'static str = $prefix;
            fn text(self) -> &'static str { self.name() }
        })+
        /// Every list of terms that is shown: prefix of its message keys, and its terms.
        pub const TERMS: &[(&str, &[&str])] = &[$(($prefix, $type::NAMES)),+];
    };
}

shown! {
    Worklist "worklist",
    Party "party",
    Movement "movement",
    Classification "classification",
    Origin "origin",
    Severity "severity",
    Symptom "symptom",
    Level "level",
    OrderKind "order",
    OrderState "order-state",
    ZoneUnit "zone-unit",
    ZoneLevel "zone-level",
    PlanFor "plan",
    Destination "destination",
    Exemption "exemption",
    Prophylaxis "prophylaxis",
    StillNeeded "still-needed",
    Sex "sex",
    Need "need",
    KeyGroup "key-group",
    Known "known",
    Presence "presence",
    Language "language",
    ListSource "list-source",
    Linked "linked",
    IdentityDecision "identity",
    Purpose "purpose",
    Ground "ground",
    SignalKind "signal",
    SignalLevel "signal-level",
    BoxState "box-state",
    BoxStep "box-step",
    TubeState "tube-state",
    TubeWord "tube-word",
    DoubtKind "custody-doubt",
    RoundState "round-state",
    Cover "cover",
    Gap "gap",
    DelayStep "delay-step",
    Clearing "clearing",
    Wrong "site-refused",
    How "time-known",
    Finding "finding",
    Version "version",
    ContactClass "contact",
    ContactTier "tier",
    Circle "circle",
    ReleaseState "release-state",
    AppealOn "appeal-on",
    AppealWay "appeal-way",
    AppealState "appeal-state",
    NoticeKind "notice",
    NoticeState "notice-state",
    NoticeWay "notice-way",
    ExtensionKind "extension",
    ExtensionState "extension-state",
    Part "interview-part",
    AnswerKind "answer-kind",
    AskRule "ask-rule",
    SearchState "search-state",
    Unbacked "unbacked",
    FollowChannel "follow-channel",
    FollowAnswer "follow-answer",
    FollowState "follow-state",
    FacilityKind "facility",
    BedState "bed",
    FacilityPhase "facility-phase",
    Turn "turn",
    WayHome "way-home",
    BedRule "bed-rule",
    RideClass "ride",
    Direction "direction",
    TransferState "transfer",
    HandoverStep "handover",
    Heard "heard",
    Untaken "untaken",
    RequestKind "request",
    Supply "supply",
    Tier "tier-rung",
    Help "help",
    Step "step",
    TicketState "ticket-state",
    TreatState "treat-state",
    BuildingPost "building-post",
    MediationState "mediation-state",
    AskWay "ask-way",
    DoorProof "door-proof",
    GateKind "gate",
    GateWord "gate-word",
    Landing "landing",
    PlaceKind "place-kind",
    PlaceState "place-state",
    ObligationKind "owed",
    ObligationState "owed-state",
    ObligationStep "owed-step",
    FreeState "free-state",
    Stocked "stock",
    Role "role",
    Class "class",
    Sight "shown",
    Load "load",
    AccountState "account",
    SessionKind "session",
    Standing "standing",
    SessionEnd "session-end",
}

/// Prefix of the message keys of a list of terms, by the list itself.
pub fn prefix_of(terms: &[&str]) -> Option<&'static str> {
    TERMS.iter().find(|(_, names)| *names == terms).map(|(prefix, _)| *prefix)
}
