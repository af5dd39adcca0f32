//! What a request can reach: the store, the rules, the settings of the city, the clock. The clock and chance come from the
//! program that starts the server, so that an exercise can run on another day and a test on a fixed one.

use dayclear_core::{
    divisions::DivisionCode,
    protocol::Packs,
    time::{Instant, Zone},
};
use dayclear_ops::minutes::Settings;
use dayclear_store::{Scope, Store};
use std::sync::Arc;

/// Says what time it is.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Instant + Send + Sync>);

impl Clock {
    /// A clock that asks this.
    pub fn new(now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        Clock(Arc::new(now))
    }
    /// Now.
    pub fn now(&self) -> Instant {
        (self.0)()
    }
}

/// Gives bytes that nobody can guess.
#[derive(Clone)]
pub struct Chance(Arc<dyn Fn(&mut [u8]) + Send + Sync>);

impl Chance {
    /// Chance that comes from this.
    pub fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Chance(Arc::new(fill))
    }
    /// Fills a buffer.
    pub fn fill(&self, bytes: &mut [u8]) {
        (self.0)(bytes);
    }
}

/// With what the server is started.
pub struct Setup {
    /// Store.
    pub store: Store,
    /// Protocol packs.
    pub packs: Packs,
    /// Id of a pack, or name of a disease: the rules in force.
    pub pack: String,
    /// Settings of the city.
    pub settings: Settings,
    /// Code of the city.
    pub city: DivisionCode,
    /// Clock.
    pub clock: Clock,
    /// Chance.
    pub chance: Chance,
    /// An exercise: every page says that people and figures are made up.
    pub exercise: bool,
}

/// Everything that lasts as long as the server.
pub struct App {
    /// Setup.
    pub setup: Setup,
    /// Sessions until accounts are there.
    pub(crate) sessions: crate::caller::Sessions,
}

impl App {
    /// A server that is about to start.
    pub fn new(setup: Setup) -> Arc<App> {
        Arc::new(App { setup, sessions: Default::default() })
    }
    /// Now.
    pub fn now(&self) -> Instant {
        self.setup.clock.now()
    }
    /// The store.
    pub fn store(&self) -> &Store {
        &self.setup.store
    }
    /// Zone in which the city counts its days.
    pub fn zone(&self) -> &Zone {
        &self.setup.settings.zone
    }
    /// The scope of the server itself: its housekeeping, and what is public.
    pub fn own_scope(&self) -> Scope {
        Scope::everything(self.setup.city.clone())
    }
}
