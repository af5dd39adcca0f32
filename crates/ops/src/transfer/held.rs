//! A bed that somebody holds for a person who waits: where, since when, and what stands before the departure. A plan looks for a vehicle
//! to it, and for no other bed.

use dayclear_core::{time::Instant, transfer::Outside};
use dayclear_store::transfer::Transfer;

/// A bed held by hand, or outside the city.
#[derive(Debug, Clone)]
pub struct Held {
    pub facility: String,
    pub bed: String,
    pub at: Instant,
    /// How the place stands, where it is outside the city.
    pub outside: Option<Outside>,
    /// From when it takes people, where it is held ahead.
    pub bed_from: Option<Instant>,
}

impl Held {
    /// The bed that is held for a transfer.
    pub(super) fn of(transfer: &Transfer) -> Option<Held> {
        Some(Held {
            facility: transfer.facility.clone()?,
            bed: transfer.bed.clone()?,
            at: transfer.replanned_at.unwrap_or(transfer.requested_at),
            outside: transfer.outside,
            bed_from: transfer.bed_from,
        })
    }
}
