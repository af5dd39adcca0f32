//! Who may work here, as what, and what is known afterwards of what they looked at. It may use the store; keys, chance and
//! the time come in from outside. It guarantees that a password and a code are compared at the same cost whoever is
//! meant, that a session ends with its account and its duty, and that every act here is in the chain of reads.
//!
//! Read in this order: [`keys`], [`login`] (how somebody comes in), [`sessions`] (how they stay), [`accounts`] and
//! [`duties`] (who lets them), then [`glass`], [`budget`] and [`audit`] (what is watched).

pub mod accounts;
pub mod audit;
pub mod budget;
pub mod duties;
pub mod glass;
pub mod keys;
pub mod login;
pub mod password;
pub mod sessions;
pub mod totp;

pub use accounts::{Created, NewAccount, NewPassword, Summary};
pub use budget::{Reading, Verdict};
pub use dayclear_store::{
    accounts::{Account, Held},
    audit::{Asked, Entry, NewEntry},
    glass::Glass,
    sessions::{Listed, Session},
};
pub use glass::Unreviewed;
pub use keys::Keys;
pub use login::{Credentials, Opened, Subject};
pub use password::Hasher;
pub use totp::Enrolment;

use dayclear_core::{
    access::{Duty, Role},
    divisions::DivisionCode,
    time::{Instant, Zone},
};
use dayclear_store::{Scope, Scoped, Store, StoreError};
use std::sync::Arc;

/// Where chance comes from. The machine's own source stands in the program; tests give a fixed one.
pub trait Entropy: Send + Sync {
    /// Fills the bytes, each of them unpredictable.
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()>;
}

/// Limits of access. [`Settings::of`] gives those of the safeguards.
#[derive(Clone)]
pub struct Settings {
    /// Zone of the city, by which a breaking of the glass falls on a day.
    pub zone: Zone,
    /// Name under which an authenticator shows its codes.
    pub issuer: String,
    /// How passwords are hashed.
    pub hasher: Arc<Hasher>,
    /// A session in which nobody works ends after so many minutes.
    pub inactivity_min: i64,
    /// A session ends after so many hours in any case.
    pub absolute_h: i64,
    /// A machine's session lasts at most so many days.
    pub api_days_max: i64,
    /// A second factor is fresh for so many minutes.
    pub fresh_min: i64,
    /// The glass stays broken for so many minutes.
    pub glass_min: i64,
    /// A breaking is to be reviewed within so many hours.
    pub review_h: i64,
    /// A password that somebody else made holds for so many hours.
    pub one_time_h: i64,
    /// People an hour that a role may look at which sees assigned people only.
    pub people_an_hour_assigned: u32,
    /// People an hour that any other role may look at.
    pub people_an_hour: u32,
}

impl Settings {
    /// The limits of `safeguards.md`, section 5.
    pub fn of(zone: Zone) -> Self {
        Settings {
            zone,
            issuer: "Dayclear".to_owned(),
            hasher: Arc::new(Hasher::careful()),
            inactivity_min: 15,
            absolute_h: 12,
            api_days_max: 90,
            fresh_min: 10,
            glass_min: 60,
            review_h: 72,
            one_time_h: 72,
            people_an_hour_assigned: 60,
            people_an_hour: 200,
        }
    }

    /// How many people a role may look at in an hour before somebody is told.
    pub fn people_limit(&self, role: Role) -> u32 {
        if role.assigned_only() { self.people_an_hour_assigned } else { self.people_an_hour }
    }
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Login, password or code. Which one is not said.
    #[error("login, password or code is not right; try again, or ask your administrator for a new password")]
    Refused,
    /// Too many attempts.
    #[error("too many attempts; try again after {until}")]
    Wait {
        /// When the way opens again.
        until: Instant,
    },
    /// The duty does not allow it.
    #[error("this duty may not {what}; choose another duty, or ask somebody who may")]
    NotAllowed {
        /// What it may not do.
        what: &'static str,
    },
    /// A second factor is too old.
    #[error("this needs a code of your authenticator from the last minutes; give one and try again")]
    StepUp,
    /// A value that cannot be taken.
    #[error("{field}: {expected}")]
    Invalid {
        /// Field.
        field: &'static str,
        /// What would be taken.
        expected: String,
    },
    /// Not there, or not within the jurisdiction.
    #[error("there is no such {what}")]
    Unknown {
        /// Kind of thing.
        what: &'static str,
    },
    /// Something like it is there already.
    #[error("there is such a {what} already; choose another")]
    Double {
        /// Kind of thing.
        what: &'static str,
    },
    /// The keys given are not those of the store.
    #[error("{problem}; name the right file with --secrets or DAYCLEAR_SECRETS, or restore it from its backup")]
    Keys {
        /// What does not fit.
        problem: String,
    },
    /// The machine gave no chance.
    #[error("the machine gave no random bytes: {0}")]
    Entropy(#[from] std::io::Error),
    /// Something inside that should not happen.
    #[error("inside the program: {0}; please report it with what you did")]
    Inside(String),
}

impl AccessError {
    fn double(what: &'static str) -> impl FnOnce(StoreError) -> AccessError {
        move |error| if error.is_double() { AccessError::Double { what } } else { AccessError::Store(error) }
    }
}

/// The desk at which all of this is done: a store, its keys, the limits, and where chance comes from. It is cheap to make
/// and holds nothing, so a request makes its own.
#[derive(Clone, Copy)]
pub struct Access<'a> {
    /// The store.
    pub store: &'a Store,
    /// Its keys.
    pub keys: &'a Keys,
    /// Limits.
    pub settings: &'a Settings,
    /// Chance.
    pub entropy: &'a dyn Entropy,
}

/// In whose name accounts and duties are administered.
#[derive(Clone, Copy)]
pub enum By<'a> {
    /// An administrator, within their division and with a fresh second factor.
    Person(&'a Session),
    /// The operator at the machine, who has the store and its keys in hand anyway.
    Operator,
}

impl By<'_> {
    /// Account, or `operator`.
    pub fn account(&self) -> &str {
        match self {
            By::Person(session) => &session.account,
            By::Operator => "operator",
        }
    }

    fn duty(&self) -> Option<&Duty> {
        match self {
            By::Person(session) => session.duty(),
            By::Operator => None,
        }
    }
}

impl Access<'_> {
    /// A transaction in which nobody's data can be reached: for accounts, sessions and the chain of reads.
    async fn door(&self) -> Result<Scoped, AccessError> {
        Ok(self.store.begin(&Scope::nobody()).await?)
    }

    /// Random bytes.
    fn random<const N: usize>(&self) -> Result<[u8; N], AccessError> {
        let mut bytes = [0; N];
        self.entropy.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// A random id that begins with a letter for its kind.
    fn id(&self, kind: &str) -> Result<String, AccessError> {
        Ok(format!("{kind}{}", dayclear_store::events::hex(&self.random::<10>()?)))
    }

    /// Whether a second factor was given within the last minutes ([`Settings::fresh_min`]).
    pub fn fresh(&self, session: &Session, now: Instant) -> bool {
        session.stepped_up_at.is_some_and(|at| now < at.plus_minutes(self.settings.fresh_min))
    }

    /// Refuses unless somebody may administer accounts in a division now.
    fn administers(&self, by: By<'_>, division: &DivisionCode, now: Instant) -> Result<(), AccessError> {
        let By::Person(session) = by else { return Ok(()) };
        match session.duty() {
            Some(duty) if duty.role == Role::Administrator && duty.division.contains(division) => {
                if self.fresh(session, now) { Ok(()) } else { Err(AccessError::StepUp) }
            }
            _ => Err(AccessError::NotAllowed { what: "administer accounts there" }),
        }
    }
}
