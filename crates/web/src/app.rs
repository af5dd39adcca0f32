//! What a request can reach: the store, the rules, the settings of the city, the clock. The clock and chance come from the
//! program that starts the server, so that an exercise can run on another day and a test on a fixed one.

use crate::{
    config::Config,
    coverage::OnDisk,
    health::Health,
    housekeeping::Line,
    kept::Kept,
    ledger::{AuditSink, Chain, Ledger},
    limits::{Gate, Rates},
    live::Live,
    metrics::Metrics,
    oidc::Provider,
};
use dayclear_core::{
    command::Load,
    divisions::DivisionCode,
    letters::{LetterBook, LetterKind},
    listing::{DIVISIONS, FACILITIES, LABORATORIES, Listing, Query, ROWS_MAX, Row},
    protocol::Packs,
    time::{Instant, Zone},
};
use dayclear_exchange::Codes;
use dayclear_ops::{
    access::{self, Access, Entropy, Keys},
    coverage::Board,
    equality::Alike,
    evidence::Together,
    hot_spots::HotSpot,
    minutes::Settings,
    needs::Needs,
    situation::Spread,
};
use dayclear_papers::{Lang, Office};
use dayclear_store::{Scope, Scoped, Store, StoreError, custody::TubeClock};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, RwLock, Weak},
};
use tokio::sync::{Mutex, watch};

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
    /// Clock of the city; an exercise may run on another day.
    pub clock: Clock,
    /// Clock on the wall, by which sessions and codes count: an authenticator knows nothing of an exercise.
    pub wall: Clock,
    /// Keys of the store.
    pub keys: Keys,
    /// Limits of access.
    pub access: access::Settings,
    /// Chance.
    pub chance: Box<dyn Entropy>,
    /// An exercise: every page says that people and figures are made up.
    pub exercise: bool,
}

/// Connections for sessions, names of accounts and the chain of reads.
const DOOR_CONNECTIONS_MAX: u32 = 4;

/// Everything that lasts as long as the server.
pub struct App {
    /// Setup.
    pub setup: Setup,
    door: Store,
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
    /// Where single results wait to land together.
    pub together: Together,
    /// Whether the server is ready.
    pub health: Health,
    /// The identity provider, where there is one.
    pub provider: Option<Provider>,
    /// What codes of laboratories mean.
    pub codes: Codes,
    /// What a case needs, for the days ahead.
    pub needs: Option<Needs>,
    /// Turns true when the server is told to stop.
    pub stop: watch::Sender<bool>,
    /// What a reader of the figures must bring, where they are read from afar.
    pub metrics_token: Option<String>,
    /// Commands under way, by account and key.
    pub(crate) in_flight: crate::api::InFlight,
    /// Writer of the chain of reads.
    pub(crate) ledger: Ledger,
    /// Exports and imports under way.
    pub(crate) bulk: crate::api::Bulk,
    /// Coverage of rounds, once somebody has asked for it. Whoever waits for it holds no connection of the store.
    pub(crate) board: Mutex<Option<Board>>,
    /// What of it is on the disk.
    pub(crate) board_kept: std::sync::Mutex<OnDisk>,
    /// Whether people are treated alike, as last counted.
    pub(crate) alike: Kept<Vec<Alike>>,
    /// Hot spots of requests, as last counted.
    pub(crate) hot_spots: Kept<Vec<HotSpot>>,
    /// Where cases were found day by day, as last counted.
    pub(crate) spread: Kept<Option<Spread>>,
    /// How long tubes took, as last read.
    pub(crate) clocks: Kept<Vec<TubeClock>>,
    /// What the books of letters add up to, as last counted.
    pub(crate) letter_books: Kept<BTreeMap<LetterKind, LetterBook>>,
    places: RwLock<HashMap<String, (String, Option<String>)>>,
    sites: RwLock<HashMap<String, String>>,
    logins: RwLock<HashMap<String, String>>,
}

impl App {
    /// A server that is about to start, with the settings as they are when nobody changed them.
    pub fn new(setup: Setup) -> Arc<App> {
        Self::with(setup, Config::default(), None)
    }
    /// A server that is about to start.
    pub fn with(setup: Setup, config: Config, metrics_token: Option<String>) -> Arc<App> {
        Self::with_sink(setup, config, metrics_token, |app| Arc::new(Chain(app)))
    }
    /// A server whose chain of reads is kept elsewhere: for tests.
    pub fn with_sink(
        mut setup: Setup,
        config: Config,
        metrics_token: Option<String>,
        sink: impl FnOnce(Weak<App>) -> Arc<dyn AuditSink>,
    ) -> Arc<App> {
        // what cannot be used keeps the server from starting: `config::check`
        if config.travel.is_given()
            && let Ok(travel) = crate::travel::of(&config.travel)
        {
            setup.settings.travel = travel;
        }
        Arc::new_cyclic(|app| App {
            door: setup.store.aside(DOOR_CONNECTIONS_MAX),
            setup,
            metrics: Metrics::default(),
            gate: Gate::new(&config.limits),
            rates: Rates::new(&config.limits),
            live: Live::default(),
            line: Line::default(),
            together: Together::default(),
            health: Health::default(),
            provider: Provider::of(&config.oidc),
            // a file that cannot be read keeps the server from starting: `config::check`
            codes: config.codes().unwrap_or_default(),
            needs: config.needs().ok(),
            stop: watch::Sender::new(false),
            metrics_token,
            in_flight: Default::default(),
            ledger: Ledger::new(sink(app.clone())),
            bulk: crate::api::Bulk::in_folder(config.imports_folder()),
            board: Default::default(),
            board_kept: Default::default(),
            alike: Default::default(),
            hot_spots: Default::default(),
            spread: Default::default(),
            clocks: Default::default(),
            letter_books: Default::default(),
            places: Default::default(),
            sites: Default::default(),
            logins: Default::default(),
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
    /// Reads that wait for their place in the audit chain.
    pub fn audit_waiting(&self) -> usize {
        self.ledger.waiting()
    }
    /// A byte by chance.
    pub(crate) fn byte(&self) -> u8 {
        let mut byte = [0];
        // without chance the byte is the same each time, which only makes waiting times alike
        let _ = self.setup.chance.fill(&mut byte);
        byte[0]
    }
    /// Now.
    pub fn now(&self) -> Instant {
        self.setup.clock.now()
    }
    /// The time on the wall.
    pub fn wall(&self) -> Instant {
        self.setup.wall.now()
    }
    /// The desk of accounts and sessions.
    pub fn access(&self) -> Access<'_> {
        let Setup { keys, access, chance, .. } = &self.setup;
        Access { store: &self.door, keys, settings: access, entropy: &**chance }
    }
    /// The store by the connections of the door: for what is asked for while a page reads.
    pub fn door(&self) -> &Store {
        &self.door
    }
    /// Closes the store.
    pub async fn close(self) {
        self.door.close().await;
        self.setup.store.close().await;
    }
    /// The store.
    pub fn store(&self) -> &Store {
        &self.setup.store
    }
    /// Zone in which the city counts its days.
    pub fn zone(&self) -> &Zone {
        &self.setup.settings.zone
    }
    /// Where papers are made.
    pub fn office(&self) -> Office<'_> {
        Office { zone: self.zone().name().unwrap_or_default(), exercise: self.setup.exercise }
    }
    /// Learns the names of divisions, facilities and laboratories from the store: at the start, and when some were brought in.
    pub async fn learn_places(&self) -> Result<(), StoreError> {
        let mut tx = self.store().look(&self.own_scope()).await?;
        let mut names = HashMap::new();
        for [code, name, english] in self.all_of(&mut tx, &DIVISIONS, ["code", "name", "name_en"]).await? {
            if let (Some(code), Some(name)) = (code, name) {
                names.insert(code, (name, english));
            }
        }
        let mut sites = HashMap::new();
        for listing in [&FACILITIES, &LABORATORIES] {
            for [id, name] in self.all_of(&mut tx, listing, [listing.key, "name"]).await? {
                sites.extend(id.zip(name));
            }
        }
        if let (Ok(mut known), Ok(mut known_sites)) = (self.places.write(), self.sites.write()) {
            (*known, *known_sites) = (names, sites);
        }
        Ok(())
    }
    /// Texts of some fields of every row of a list.
    async fn all_of<const N: usize>(
        &self,
        tx: &mut Scoped,
        listing: &'static Listing,
        fields: [&str; N],
    ) -> Result<Vec<[Option<String>; N]>, StoreError> {
        let mut found = Vec::new();
        let mut query = Query { limit: ROWS_MAX, ..Query::default() };
        loop {
            let page = tx.list(listing, &query).await?;
            let texts = |row: &Row| fields.map(|field| row.get(listing, field).as_str().map(str::to_owned));
            found.extend(page.rows.iter().map(texts));
            let Some(next) = page.next else { return Ok(found) };
            let again = Query::read(listing, [("after", next.as_str())], self.zone());
            query.after = again.ok().and_then(|again| again.after);
        }
    }
    /// Name of a facility or a laboratory; of one that is not known, its id.
    pub fn site_name(&self, id: &str) -> String {
        let known = self.sites.read().ok().and_then(|sites| sites.get(id).cloned());
        known.unwrap_or_else(|| id.to_owned())
    }
    /// Name of a division in a language; of one that is not known by name, the nearest above it with the code.
    pub fn place_name(&self, code: &str, lang: Lang) -> String {
        let Ok(places) = self.places.read() else { return code.to_owned() };
        let named = |code: &str| {
            places.get(code).map(|(name, english)| match (lang, english) {
                (Lang::En, Some(english)) => english.clone(),
                _ => name.clone(),
            })
        };
        if let Some(name) = named(code) {
            return name;
        }
        let above = [12, 9, 6, 2].into_iter().filter(|length| *length < code.len() && code.is_char_boundary(*length));
        let above = above.filter_map(|length| named(&code[..length])).next();
        above.map_or_else(|| code.to_owned(), |name| format!("{name} {code}"))
    }
    /// Places one level below a division that are known by name: code and name, in the order of codes.
    pub fn places_below(&self, code: &str, lang: Lang) -> Vec<(String, String)> {
        const PLACES_MAX: usize = 200;
        let Ok(places) = self.places.read() else { return Vec::new() };
        let below = places.keys().filter(|other| other.len() > code.len() && other.starts_with(code));
        let next = below.clone().map(String::len).min().unwrap_or_default();
        let mut found: Vec<String> = below.filter(|other| other.len() == next).cloned().collect();
        drop(places);
        found.sort_unstable();
        found.truncate(PLACES_MAX);
        found.into_iter().map(|code| (code.clone(), self.place_name(&code, lang))).collect()
    }
    /// Login of an account, if a page has asked for it before.
    pub(crate) fn login_of(&self, id: &str) -> Option<String> {
        self.logins.read().ok()?.get(id).cloned()
    }
    /// Keeps the login of an account.
    pub(crate) fn know_login(&self, id: String, login: String) {
        if let Ok(mut logins) = self.logins.write() {
            logins.insert(id, login);
        }
    }
    /// The scope of the server itself: its housekeeping, and what is public.
    pub fn own_scope(&self) -> Scope {
        Scope::everything(self.setup.city.clone())
    }
}
