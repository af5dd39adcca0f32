//! Protocol packs: the rules of a disease as data, versioned, with effective dates; every number with its clause and its
//! evidence mark. A pack decides and gives its reason; it reads no clock and changes nothing. The packs of this repository
//! are built in, and others are parsed from text by the caller.
//!
//! # How days are counted
//!
//! In one way, in [`count`]: the day of the event is day 0, day 1 is the day after it, and day n is n days after it. The
//! event is the last exposure of a contact, the onset or rash of a case, the admission of a patient, the last new
//! infection of an area. A restriction of n days binds through day n, and `until` is that day, inclusive. So five days of
//! central isolation after a last exposure on the 10th run from the 11th through the 15th, and the person is free on the
//! 16th, or in the next phase of the plan, whose first day is the 16th. Test days of a phase are counted inside the phase.
//! An order binds from its notice, which may fall on any day of the count: the count fixes its end, not its beginning.
//!
//! # What an unknown decides
//!
//! An exception needs a known fact: a home counts as suitable for a special group only if it is known to be, and as
//! unsuitable for home isolation only if it is known to be. A restriction of others needs a known reason: an infection of
//! an exempt kind opens an area only if spread is known.

mod areas;
mod change;
mod clause;
mod contacts;
pub mod count;
mod deadlines;
mod errors;
mod overlay;
mod pack;
mod questions;
mod rounds;
mod rules;
mod sheet;
mod stays;
mod terms;
mod testing;

pub use areas::{AreaClock, AreaFacts, AreaRelease, AreaRule, AreaStep, ResetFacts};
pub use change::{Basis, Change, OpenOrder};
pub use clause::{Cadence, Clause, Limit};
pub use contacts::{ContactFacts, Phase, Window, WindowFacts};
pub use errors::{PackError, PackErrors, Violation};
pub use pack::{ClauseInfo, Pack, Packs, Title};
pub use rounds::{Past, RoundRules, RoundStep, Spread};
pub use stays::{Discharge, Placement, PlacementFacts, StayFacts, TestPoint};
pub use terms::{Destination, Exemption, Ground, PlanFor, Prophylaxis, StillNeeded};
