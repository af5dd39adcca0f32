//! A case is withdrawn because the result that showed it was taken back. Whoever was bound as a contact of that case and of no other is
//! released: by itself, in hours, unless somebody objects, and then a day after the withdrawal at the latest. Pure; it guarantees that
//! an objection is a time to bring evidence and never evidence, so that nobody stays bound by it.

use crate::{terms, time::Instant};

terms! {
    /// How the release of a contact stands.
    ReleaseState {
        /// It takes effect at its time.
        Waits = "waits",
        /// Somebody objected: it takes effect at its latest time, unless another exposure is recorded until then.
        PutOff = "put_off",
        /// It took effect.
        Released = "released",
        /// An exposure to another case was recorded meanwhile, and binds by itself.
        Exposed = "exposed",
    }
}

impl ReleaseState {
    /// Whether it may still be decided.
    pub const fn is_open(self) -> bool {
        matches!(self, ReleaseState::Waits | ReleaseState::PutOff)
    }
}

/// Hours from the withdrawal until a contact is released if nobody objects (R: to be confirmed by the city).
pub const RELEASED_AFTER_HOURS: i64 = 4;
/// Hours after which nothing but another exposure holds them. As for members of a mixed tube who turn out negative, of whom it is
/// judged within 24 hours (joint notice of 2 December 2022); that it holds for contacts is R.
pub const RELEASED_AT_LATEST_HOURS: i64 = 24;

/// When a release takes effect, of a case that was withdrawn at a moment.
pub fn due(withdrawn_at: Instant, state: ReleaseState) -> Instant {
    withdrawn_at.plus_hours(match state {
        ReleaseState::PutOff => RELEASED_AT_LATEST_HOURS,
        _ => RELEASED_AFTER_HOURS,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_objection_puts_a_release_off_and_never_up() {
        let at = |hours: i64| Instant::from_micros(0).plus_hours(hours);
        assert_eq!(due(at(0), ReleaseState::Waits), at(4));
        assert_eq!(due(at(0), ReleaseState::PutOff), at(24));
        assert!(ReleaseState::ALL.iter().all(|state| due(at(0), *state) <= at(RELEASED_AT_LATEST_HOURS)));
    }
}
