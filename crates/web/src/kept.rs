//! Figures that are dear to count: counted once for everybody whose duty is in one division, kept for a while, and shown with the moment
//! they are of. It may use the core only; it guarantees that of one division nothing is counted twice at a time.

use dayclear_core::{divisions::DivisionCode, time::Instant};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// How long a figure is shown before it is counted again.
const KEPT_MIN: i64 = 10;
/// Divisions that are remembered; beyond it those that nobody asks about now are counted anew.
const DIVISIONS_MAX: usize = 1_024;

/// Figures, and when they were counted.
type Counted<T> = Option<(Instant, Arc<T>)>;

/// Figures by division.
pub struct Kept<T>(Mutex<BTreeMap<DivisionCode, Arc<Turn<Counted<T>>>>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Kept(Mutex::default())
    }
}

/// The turn of one division: whoever holds it counts, others wait.
pub struct Place<T>(OwnedMutexGuard<Counted<T>>);

impl<T> Kept<T> {
    /// Waits for the turn of a division; whoever waits holds no connection of the store.
    pub async fn place(&self, division: &DivisionCode) -> Place<T> {
        let turn = {
            let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if places.len() >= DIVISIONS_MAX {
                places.retain(|_, turn| Arc::strong_count(turn) > 1);
            }
            Arc::clone(places.entry(division.clone()).or_default())
        };
        Place(turn.lock_owned().await)
    }
}

impl<T> Place<T> {
    /// What was counted not long ago.
    pub fn fresh(&self, now: Instant) -> Counted<T> {
        // a clock that went back makes nothing fresh
        let fresh = |at: Instant| (0..KEPT_MIN).contains(&now.minutes_since(at));
        self.0.clone().filter(|(at, _)| fresh(*at))
    }

    /// Keeps what was counted just now.
    pub fn keep(mut self, now: Instant, figures: T) -> (Instant, Arc<T>) {
        let figures = Arc::new(figures);
        *self.0 = Some((now, Arc::clone(&figures)));
        (now, figures)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn figures_are_kept_by_division_for_a_while_and_not_beyond() {
        let kept = Kept::default();
        let [one, other]: [DivisionCode; 2] = ["500103", "500112"].map(|code| code.parse().expect("a code"));
        let now = Instant::from_micros(1_669_000_000_000_000);
        kept.place(&one).await.keep(now, 7);
        let shown =
            async |division: &DivisionCode, at| kept.place(division).await.fresh(at).map(|(at, shown)| (at, *shown));
        assert_eq!(shown(&one, now.plus_minutes(KEPT_MIN - 1)).await, Some((now, 7)));
        assert_eq!(shown(&one, now.plus_minutes(KEPT_MIN)).await, None);
        assert_eq!(shown(&one, now.plus_minutes(-1)).await, None);
        assert_eq!(shown(&other, now).await, None);
    }
}
