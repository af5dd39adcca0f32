//! Figures that are dear to count: counted once for everybody whose duty is in one division, kept for a while, and shown with the moment
//! they are of. It may use the stations and the store; it guarantees that of one division nothing is counted twice at a time.

use crate::{app::App, caller::Caller, problem::Problem};
use dayclear_core::{divisions::DivisionCode, time::Instant};
use dayclear_ops::OpsError;
use dayclear_store::{Scope, Scoped};
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

/// What is counted of a division. It tells of nobody, so that all who may read it there share it.
pub trait Figures: Sized + Send + Sync {
    /// Counts it, within the scope of the handle.
    fn count(tx: &mut Scoped, app: &App, now: Instant) -> impl Future<Output = Result<Self, OpsError>> + Send;
}

/// Figures by division.
pub struct Kept<T>(Mutex<BTreeMap<DivisionCode, Arc<Turn<Counted<T>>>>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Kept(Mutex::default())
    }
}

/// The turn of one division: whoever holds it counts, others wait.
struct Place<T>(OwnedMutexGuard<Counted<T>>);

impl<T> Kept<T> {
    /// Waits for the turn of a division; whoever waits holds no connection of the store.
    async fn place(&self, division: &DivisionCode) -> Place<T> {
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

impl<T: Figures> Kept<T> {
    /// Figures of the division of the duty, and the moment that they are of.
    pub async fn of(&self, app: &App, caller: &Caller) -> Result<(Instant, Arc<T>), Problem> {
        self.in_division(app, &caller.looker.duty.division).await
    }

    /// Figures of a division that the caller may read, and the moment that they are of.
    pub async fn in_division(&self, app: &App, division: &DivisionCode) -> Result<(Instant, Arc<T>), Problem> {
        let (place, now) = (self.place(division).await, app.now());
        if let Some(kept) = place.fresh(now) {
            return Ok(kept);
        }
        let mut tx = app.store().look(&Scope::of(division.clone())).await?;
        let counted = T::count(&mut tx, app, now).await?;
        drop(tx);
        Ok(place.keep(now, counted))
    }
}

impl<T> Place<T> {
    /// What was counted not long ago.
    fn fresh(&self, now: Instant) -> Counted<T> {
        // a clock that went back makes nothing fresh
        let fresh = |at: Instant| (0..KEPT_MIN).contains(&now.minutes_since(at));
        self.0.clone().filter(|(at, _)| fresh(*at))
    }

    /// Keeps what was counted just now.
    fn keep(mut self, now: Instant, figures: T) -> (Instant, Arc<T>) {
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
