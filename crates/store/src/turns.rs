//! How the turn among writers is used: how often it was taken, how long writers waited for it and held it. The turn is the one thing of which
//! there is one, so its share of the clock says how much more a server can decide. It may use nothing; it guarantees to cost a few
//! nanoseconds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// Turns of this program since it started.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    taken: AtomicU64,
    waited_us: AtomicU64,
    held_us: AtomicU64,
}

/// As counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Turns that were given back.
    pub taken: u64,
    /// For how long writers waited for them in all.
    pub waited: Duration,
    /// For how long they were held in all.
    pub held: Duration,
}

impl Turns {
    /// As counted until now.
    pub(crate) fn counted(&self) -> Counted {
        let time = |us: &AtomicU64| Duration::from_micros(us.load(Ordering::Relaxed));
        Counted { taken: self.taken.load(Ordering::Relaxed), waited: time(&self.waited_us), held: time(&self.held_us) }
    }
}

/// A turn that is held, until it is dropped.
pub(crate) struct Held {
    turns: Arc<Turns>,
    asked: Instant,
    since: Instant,
}

impl Held {
    /// Somebody who asked at a moment has the turn.
    pub(crate) fn since(turns: &Arc<Turns>, asked: Instant) -> Held {
        Held { turns: Arc::clone(turns), asked, since: Instant::now() }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let us = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.turns.taken.fetch_add(1, Ordering::Relaxed);
        self.turns.waited_us.fetch_add(us(self.since - self.asked), Ordering::Relaxed);
        self.turns.held_us.fetch_add(us(self.since.elapsed()), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_counts_once_it_is_given_back() {
        let turns = Arc::new(Turns::default());
        let asked = Instant::now() - Duration::from_millis(20);
        let held = Held::since(&turns, asked);
        assert_eq!(turns.counted().taken, 0);
        drop(held);
        let counted = turns.counted();
        assert_eq!(counted.taken, 1);
        assert!(counted.waited >= Duration::from_millis(20) && counted.held <= asked.elapsed(), "{counted:?}");
    }
}
