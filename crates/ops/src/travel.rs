//! Travel times of the city: a file that somebody measured, a router that is asked beside the line, the model for every other pair. It
//! may use the engine and a router that it is given; it guarantees that no decision waits for a router, that one that is down or says
//! what cannot be is passed over, and that it is known which of the three an answer came from.

use dayclear_core::time::Instant;
use dayclear_engines::dispatch::{Ask, Roads};
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError, RwLock},
};

/// After a router failed it is left alone for so many minutes.
const PAUSE_MIN: i64 = 5;
/// Questions to a router in one look: the next look asks the rest.
const QUESTIONS_MAX: usize = 200;

/// What a router answers: minutes, from by from; none where it knows no way; or what went wrong, in a few words.
pub type Answer<'a> = Pin<Box<dyn Future<Output = Result<Vec<Option<u16>>, &'static str>> + Send + 'a>>;

/// Somebody who can be asked for travel times.
pub trait Router: Send + Sync {
    /// Asks for a table.
    fn table<'a>(&'a self, ask: &'a Ask) -> Answer<'a>;
}

/// A router that did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// Since when.
    pub since: Instant,
    /// When it was asked last.
    pub asked_at: Instant,
    /// What is wrong, in a few words.
    pub kind: &'static str,
}

#[derive(Default)]
struct Inner {
    roads: RwLock<Arc<Roads>>,
    router: Option<Box<dyn Router>>,
    trouble: Mutex<Option<Trouble>>,
}

/// Where travel times come from; as it is when nobody said anything, from the model.
#[derive(Clone, Default)]
pub struct Travel(Arc<Inner>);

impl fmt::Debug for Travel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pairs = self.roads().pairs();
        f.debug_struct("Travel").field("pairs", &pairs).field("router", &self.has_router()).finish()
    }
}

impl Travel {
    /// Times that were measured, and a router for what they leave open.
    pub fn of(measured: Roads, router: Option<Box<dyn Router>>) -> Travel {
        Travel(Arc::new(Inner { roads: RwLock::new(Arc::new(measured)), router, trouble: Mutex::new(None) }))
    }

    /// What is known now.
    pub fn roads(&self) -> Arc<Roads> {
        Arc::clone(&self.0.roads.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether there is a router.
    pub fn has_router(&self) -> bool {
        self.0.router.is_some()
    }

    /// What is wrong with the router, if it did not answer when it was asked last.
    pub fn trouble(&self) -> Option<Trouble> {
        *self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the router for what a plan needs and nobody told yet: nothing where there is none, and nothing for some minutes after it
    /// failed. Called with no connection of the store held.
    pub(crate) async fn ask(&self, doors: &[(f64, f64)], sites: &[(f64, f64)], now: Instant) {
        let Some(router) = &self.0.router else { return };
        let before = self.trouble();
        if before.is_some_and(|trouble| now.minutes_since(trouble.asked_at) < PAUSE_MIN) {
            return;
        }
        let mut roads = Roads::clone(&self.roads());
        let asks = roads.asks(doors, sites);
        if asks.is_empty() {
            return;
        }
        let mut kind = None;
        for ask in asks.iter().take(QUESTIONS_MAX) {
            match router.table(ask).await {
                Ok(minutes) if roads.learn(ask, &minutes) => {}
                Ok(_) => kind = Some("answer not understood"),
                Err(what) => kind = Some(what),
            }
            if kind.is_some() {
                break;
            }
        }
        let since = before.map_or(now, |trouble| trouble.since);
        *self.0.trouble.lock().unwrap_or_else(PoisonError::into_inner) =
            kind.map(|kind| Trouble { since, asked_at: now, kind });
        *self.0.roads.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(roads);
    }
}
