//! What a request can reach: the store, the rules, the settings of the city, the clock. The clock and chance come from the
//! program that starts the server, so that an exercise can run on another day and a test on a fixed one.

use crate::{
    config::Config,
    health::Health,
    housekeeping::Line,
    limits::{Gate, Rates},
    live::Live,
    metrics::Metrics,
};
use dayclear_core::{
    command::Load,
    divisions::DivisionCode,
    protocol::Packs,
    time::{Instant, Zone},
};
use dayclear_ops::minutes::Settings;
use dayclear_store::{Scope, Store};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};
use tokio::sync::watch;

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

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

/// Gives bytes that nobody can guess.
#[derive(Clone)]
pub struct Chance(Arc<Fill>);

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
    /// Settings.
    pub config: Config,
    /// Figures.
    pub metrics: Metrics,
    /// Who comes in under load.
    pub gate: Arc<Gate>,
    /// How often somebody may ask.
    pub rates: Rates,
    /// Live updates.
    pub live: Live,
    /// How the line stands.
    pub line: Line,
    /// Whether the server is ready.
    pub health: Health,
    /// Turns true when the server is told to stop.
    pub stop: watch::Sender<bool>,
    /// What a reader of the figures must bring, where they are read from afar.
    pub metrics_token: Option<String>,
    audit_waiting: AtomicU64,
    /// Sessions until accounts are there.
    pub(crate) sessions: crate::caller::Sessions,
}

impl App {
    /// A server that is about to start, with the settings as they are when nobody changed them.
    pub fn new(setup: Setup) -> Arc<App> {
        Self::with(setup, Config::default(), None)
    }
    /// A server that is about to start.
    pub fn with(setup: Setup, config: Config, metrics_token: Option<String>) -> Arc<App> {
        Arc::new(App {
            setup,
            metrics: Metrics::default(),
            gate: Gate::new(&config.limits),
            rates: Rates::new(&config.limits),
            live: Live::default(),
            line: Line::default(),
            health: Health::default(),
            stop: watch::Sender::new(false),
            metrics_token,
            audit_waiting: AtomicU64::new(0),
            sessions: Default::default(),
            config,
        })
    }
    /// Whether the server was told to stop.
    pub fn stopping(&self) -> bool {
        *self.stop.borrow()
    }
    /// Something was done: pages are told at once, and evidence makes the line run.
    pub fn nudge(&self, load: Load) {
        self.live.nudge();
        if load == Load::Intake {
            self.line.nudge();
        }
    }
    /// So many reads wait for their place in the audit chain.
    pub fn set_audit_waiting(&self, reads: u64) {
        self.audit_waiting.store(reads, Ordering::Relaxed);
    }
    /// Reads that wait for their place in the audit chain.
    pub fn audit_waiting(&self) -> u64 {
        self.audit_waiting.load(Ordering::Relaxed)
    }
    /// A byte by chance.
    pub(crate) fn byte(&self) -> u8 {
        let mut byte = [0];
        self.setup.chance.fill(&mut byte);
        byte[0]
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
