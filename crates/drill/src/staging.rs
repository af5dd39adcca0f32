//! How the service of a drill is set up: store, keys, clock and chance of the drill, and those who are on duty. With the same seed it
//! is the same on every run, unless people play along.

use crate::{open::Open, service::ServiceError};
use dayclear_core::{
    access::{Duty, Role},
    protocol::Packs,
    time::Instant,
};
use dayclear_ops::{
    access::{self, By, Entropy, Keys, NewAccount, NewPassword},
    listing::Looker,
    minutes::Settings,
};
use dayclear_store::Store;
use dayclear_web::{App, Clock, Config, Setup};
use sha2::{Digest, Sha256};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

/// Days for which a token holds.
const TOKEN_DAYS: i64 = 90;

/// Chance of the server in a drill: another each time, and the same in each run.
struct Counted {
    seed: u64,
    next: AtomicU64,
}

impl Entropy for Counted {
    fn fill(&self, bytes: &mut [u8]) -> std::io::Result<()> {
        for chunk in bytes.chunks_mut(32) {
            let at = self.next.fetch_add(1, Ordering::Relaxed);
            let digest = Sha256::digest([self.seed.to_be_bytes(), at.to_be_bytes()].concat());
            chunk.iter_mut().zip(digest).for_each(|(byte, from)| *byte = from);
        }
        Ok(())
    }
}

/// Somebody on duty.
pub(crate) struct Hand {
    /// What they show.
    pub token: String,
    /// What they may see.
    pub looker: Looker,
}

/// How a drill sets the service up.
pub struct Stage<'a> {
    /// The store: a path or an address.
    pub url: &'a str,
    /// Folder for files under way.
    pub folder: &'a Path,
    /// Rules in force.
    pub pack: &'a str,
    /// Settings of the city.
    pub settings: &'a Settings,
    /// Seed.
    pub seed: u64,
    /// The first moment.
    pub start: Instant,
    /// People play along.
    pub open: Option<&'a Open>,
}

/// Lets the store go, where nobody else holds the server.
pub(crate) async fn close(app: Arc<App>) {
    if let Some(app) = Arc::into_inner(app) {
        app.setup.store.close().await;
    }
}

/// Starts the server on its store, for the n-th time: chance does not repeat what it gave before, ids are taken by now.
pub(crate) async fn start(
    stage: &Stage<'_>,
    now: &Arc<AtomicI64>,
    started: u32,
) -> Result<(Arc<App>, Packs), ServiceError> {
    let account = |error: &dyn std::fmt::Display| ServiceError::Account(error.to_string());
    let packs = || Packs::builtin().map_err(|error| account(&error));
    let counted = |seed: u64| Counted { seed, next: AtomicU64::new(0) };
    // the same keys after every start: they belong to the store
    let keys = match stage.open {
        Some(open) => open.keys.clone(),
        None => Keys::new(&counted(stage.seed ^ 1)).map_err(|error| account(&error))?,
    };
    let chance: Box<dyn Entropy> = match stage.open {
        Some(open) => (open.chance)(),
        None => Box::new(counted(stage.seed ^ (u64::from(started) << 40))),
    };
    let clock = || {
        let now = Arc::clone(now);
        Clock::new(move || Instant::from_micros(now.load(Ordering::Relaxed)))
    };
    let setup = Setup {
        store: Store::open(stage.url).await?,
        packs: packs()?,
        pack: stage.pack.to_owned(),
        settings: stage.settings.clone(),
        city: crate::CITY.parse().map_err(|error| account(&error))?,
        clock: clock(),
        wall: stage.open.map_or_else(clock, |open| open.wall.clone()),
        keys,
        access: access::Settings::of(stage.settings.zone.clone()),
        chance,
        exercise: true,
    };
    let mut config = Config::default();
    config.general.imports = Some(stage.folder.join("imports").to_string_lossy().into_owned());
    let limits = &mut config.limits;
    for most in [&mut limits.account_burst_max, &mut limits.site_burst_max, &mut limits.stranger_burst_max] {
        *most = 1_000_000_000;
    }
    Ok((App::with(setup, config, None), packs()?))
}

/// Hires somebody for a duty in the whole city, for some roles at one site. `tried` keeps logins apart where the store was lost in
/// the middle of an earlier try: the account that it left behind has no duty.
pub(crate) async fn hire(app: &App, role: Role, site: Option<&str>, tried: u32) -> Result<Hand, ServiceError> {
    let account = |error: &dyn std::fmt::Display| ServiceError::Account(error.to_string());
    let access = app.access();
    let duty =
        Duty { role, division: crate::CITY.parse().map_err(|error| account(&error))?, site: site.map(str::to_owned) };
    let at = site.map(|site| format!("-{}", site.to_lowercase())).unwrap_or_default();
    // before the name: what follows a name may be part of another one
    let again = if tried > 0 { format!("{tried}-") } else { String::new() };
    let login = format!("drill-{again}{}{at}", role.name().replace('_', "-"));
    let new = NewAccount {
        login: &login,
        name: &login,
        language: "en",
        division: duty.division.clone(),
        password: NewPassword::None,
        enrol: false,
    };
    let wall = app.wall();
    let made = access.create(By::Operator, &new, wall).await.map_err(|error| account(&error))?;
    let held = access.grant(By::Operator, &made.id, duty.clone(), None, wall).await.map_err(|error| account(&error))?;
    let opened = access.make_token(By::Operator, &held.id, TOKEN_DAYS, wall).await.map_err(|error| account(&error))?;
    Ok(Hand { token: opened.token, looker: Looker { account: made.id, duty, glass: Default::default() } })
}
