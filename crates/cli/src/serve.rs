//! `dayclear serve`: the server of a city. It reads the settings and checks them, opens the store, brings clock and chance
//! along, and stops when it is told to. A server that may not start says everything that is in the way at once.

use crate::{
    secrets::{Machine, Secrets},
    setting,
};
use anyhow::{Context, Result, bail};
use dayclear_core::{
    divisions::{DivisionCode, Level},
    time::Instant,
};
use dayclear_ops::{access::Settings as AccessSettings, day::pack_for};
use dayclear_store::{Scope, Store};
use dayclear_web::{
    App, Clock, Config, Setup,
    config::{Finding, Source, check},
    health,
    housekeeping::stations,
    logs,
    serve::{Bound, Ended, run as serve},
    tls::Certificate,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::signal::unix::{SignalKind, signal};

/// Variable that names the file of settings.
const CONFIG: &str = "DAYCLEAR_CONFIG";

/// Where settings come from.
#[derive(clap::Args, Debug, Default)]
pub struct Settings {
    /// File of settings (TOML); DAYCLEAR_CONFIG names it too
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Store: a file for SQLite, or postgres://USER@HOST:PORT/NAME
    #[arg(long, value_name = "URL")]
    db: Option<String>,
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Address and port for HL7 v2 messages of laboratories (MLLP)
    #[arg(long, value_name = "ADDR")]
    mllp: Option<String>,
    /// File with the keys of the store
    #[arg(long, value_name = "FILE")]
    secrets: Option<String>,
    /// People and figures are made up, and every page says so
    #[arg(long)]
    exercise: bool,
}

/// Arguments of `dayclear serve`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    settings: Settings,
    /// Start an exercise at this moment, such as 2022-11-21T08:00+08:00; the clock runs on from there
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    clock: Option<Instant>,
    /// How many times faster than on the wall the clock of an exercise goes: a drill against it keeps to it
    #[arg(long, value_name = "X", requires = "clock", default_value_t = 1.0, value_parser = pace)]
    pace: f64,
}

/// How many times faster a clock may go.
pub fn pace(text: &str) -> Result<f64, String> {
    let speed = text.parse().ok().filter(|speed| (1.0..=86_400.0).contains(speed));
    speed.ok_or_else(|| "a number from 1 (as on the wall) to 86400 (a day in a second)".to_owned())
}

impl Arguments {
    /// An exercise on a store, from a moment on.
    pub fn of(db: &str, listen: &str, secrets: &Path, clock: Instant) -> Self {
        let settings = Settings {
            config: None,
            db: Some(db.to_owned()),
            listen: Some(listen.to_owned()),
            mllp: None,
            secrets: Some(secrets.to_string_lossy().into_owned()),
            exercise: true,
        };
        Arguments { settings, clock: Some(clock), pace: 1.0 }
    }
}

fn moment(text: &str) -> Result<Instant, String> {
    text.parse().map_err(|error| format!("{error}"))
}

impl Settings {
    /// Reads the settings; with them come the faults.
    pub fn read(&self, exercise: bool) -> (Config, Vec<Finding>) {
        let mut source = Source::default();
        let mut unread = None;
        let file = self.config.clone().or_else(|| std::env::var_os(CONFIG).map(PathBuf::from));
        if let Some(path) = file {
            match std::fs::read_to_string(&path) {
                Ok(text) => source.file(&path.to_string_lossy(), &text),
                Err(error) => {
                    let problem = format!("the file of settings {} cannot be read: {error}", path.display());
                    unread = Some(Finding::new(problem, "correct the path, or leave it out to take the defaults"));
                }
            }
        }
        source.environment(std::env::vars(), &Config::names());
        for (key, name, value) in [
            ("db", "--db", &self.db),
            ("listen", "--listen", &self.listen),
            ("mllp.listen", "--mllp", &self.mllp),
            ("secrets", "--secrets", &self.secrets),
        ] {
            if let Some(value) = value {
                source.argument(key, name, value);
            }
        }
        if exercise || self.exercise {
            source.argument("exercise", if self.exercise { "--exercise" } else { "--clock" }, "true");
        }
        let (config, mut faults) = Config::read(source);
        faults.splice(0..0, unread);
        (config, faults)
    }

    /// Reads the settings and looks at everything that they name.
    pub async fn checked(&self, exercise: bool) -> Result<(Config, Vec<Finding>)> {
        let (config, mut findings) = self.read(exercise);
        findings.extend(check(&config, &setting::packs()?, setting::now()).await);
        Ok((config, findings))
    }
}

/// Runs it.
pub async fn run(arguments: Arguments) -> Result<bool> {
    let (config, findings) = arguments.settings.checked(arguments.clock.is_some()).await?;
    if !findings.is_empty() {
        for finding in &findings {
            eprintln!("error: {finding}");
        }
        return Ok(false);
    }
    logs::install(config.general.log_level.0);
    let store = Store::open(&config.general.db).await?;
    let city = city(&config, &store).await?;
    let common = setting::Common { db: None, zone: config.general.zone.clone() };
    let named = Secrets { secrets: config.general.secrets.clone().map(PathBuf::from) };
    let keys = named.read(&config.general.db)?;
    let setup = Setup {
        store,
        packs: setting::packs()?,
        pack: config.general.pack.clone(),
        settings: common.settings()?,
        city,
        clock: clock(arguments.clock, arguments.pace),
        wall: Clock::new(setting::now),
        keys,
        access: AccessSettings::of(common.settings()?.zone),
        chance: Box::new(Machine),
        exercise: config.general.exercise,
    };
    let token = match &config.general.metrics_token_file {
        Some(path) => Some(health::token(path).map_err(|finding| anyhow::anyhow!("{finding}"))?),
        None => None,
    };
    let certificate = match (&config.tls.certificate, &config.tls.key) {
        (Some(certificate), Some(key)) => {
            Some(Arc::new(Certificate::open(certificate, key).map_err(anyhow::Error::msg)?))
        }
        _ => None,
    };
    if let Err(error) = pack_for(&setup.packs, &setup.pack, setup.settings.zone.day(setup.clock.now())) {
        eprintln!("warning: the line will not run: {error}; name one by its id with pack = \"...\"");
    }
    let mut bound = open(&config, certificate.clone()).await?;
    let mut certificates: Vec<Arc<Certificate>> = certificate.into_iter().collect();
    if let Some(listen) = config.mllp.listen {
        let own = match (&config.tls.certificate, &config.tls.key) {
            (Some(certificate), Some(key)) => {
                let authorities = config.mllp.client_authorities.as_deref();
                let opened = Certificate::open_for(certificate, key, authorities).map_err(anyhow::Error::msg)?;
                Some(Arc::new(opened))
            }
            _ => None,
        };
        certificates.extend(own.clone());
        bound = bound.and_mllp(listen, own).await.with_context(|| format!("cannot listen on {listen} for MLLP"))?;
    }
    let app = App::with(setup, config, token);
    app.access().require_keys(app.wall()).await?;
    app.learn_places().await?;
    dayclear_ops::line::ready(app.store(), &app.own_scope()).await?;
    dayclear_web::api::resume(&app).await?;
    let router = dayclear_web::router(Arc::clone(&app));
    // the signals are heard before anybody is told that the server is there
    let stop = stop()?;
    if !certificates.is_empty() {
        reload(certificates)?;
    }
    if app.setup.exercise {
        eprintln!("exercise: people and figures are made up; it is {}", app.now());
    }
    if let Some(address) = bound.watchers() {
        eprintln!("metrics on http://{address}/metrics");
    }
    if let Some(address) = bound.messages() {
        eprintln!("HL7 v2 over MLLP on {address}");
    }
    println!("listening on {}", bound.url()?);
    let ended = serve(Arc::clone(&app), router, bound, Some(stations()), stop).await;
    if ended == Ended::Cut {
        eprintln!("some requests were not finished in time; their senders repeat them with the same key");
    }
    if let Ok(app) = Arc::try_unwrap(app) {
        app.close().await;
    }
    Ok(true)
}

/// Opens the sockets. The one for figures is given up where nobody asked for it and its port is taken.
async fn open(config: &Config, certificate: Option<Arc<Certificate>>) -> Result<Bound> {
    let general = &config.general;
    let asked = config.origin("metrics_listen") != dayclear_web::config::Origin::Default;
    let cannot = || format!("cannot listen on {} or {}", general.listen, general.metrics_listen);
    match Bound::open(general.listen, Some(general.metrics_listen), certificate.clone()).await {
        Ok(bound) => Ok(bound),
        Err(error) if asked => Err(error).with_context(cannot),
        Err(_) => {
            let bound = Bound::open(general.listen, None, certificate)
                .await
                .with_context(|| format!("cannot listen on {}; is another server there?", general.listen))?;
            eprintln!("warning: no metrics, {} is taken; set metrics_listen", general.metrics_listen);
            Ok(bound)
        }
    }
}

/// The city: as set, or as the store has it.
async fn city(config: &Config, store: &Store) -> Result<DivisionCode> {
    if let Some(city) = &config.general.city {
        return Ok(city.parse()?);
    }
    // a scope needs a division before the city is known; it reaches everything whatever it is called
    let mut tx = store.look(&Scope::everything("00".parse()?)).await?;
    let cities = tx.divisions(&[Level::City]).await?;
    match cities.as_slice() {
        [city] => Ok(city.code.clone()),
        [] => bail!(
            "the store has no city yet; name its code with city = \"50\" in the file of settings or DAYCLEAR_CITY=50, \
             or bring its divisions in with `dayclear day`"
        ),
        _ => bail!("the store has {} cities; name the code of yours with city = \"...\"", cities.len()),
    }
}

fn clock(start: Option<Instant>, pace: f64) -> Clock {
    match start {
        None => Clock::new(setting::now),
        Some(start) => {
            let since = std::time::Instant::now();
            Clock::new(move || {
                let micros = since.elapsed().as_micros() as f64 * pace;
                Instant::from_micros(start.micros().saturating_add(micros as i64))
            })
        }
    }
}

/// Ends when the program is told to stop. Told again, it goes at once.
fn stop() -> Result<impl Future<Output = ()>> {
    let (mut ask, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! { _ = ask.recv() => {}, _ = interrupt.recv() => {} }
        tokio::spawn(async move {
            tokio::select! { _ = ask.recv() => {}, _ = interrupt.recv() => {} }
            std::process::exit(1);
        });
    })
}

/// Reads the certificates again whenever the program is told to.
fn reload(certificates: Vec<Arc<Certificate>>) -> Result<()> {
    let mut told = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while told.recv().await.is_some() {
            for certificate in &certificates {
                match certificate.reload() {
                    Ok(()) => tracing::info!(target: "dayclear::tls", "the certificate was read again"),
                    Err(problem) => tracing::error!(target: "dayclear::tls", problem, "the old certificate stays"),
                }
            }
        }
    });
    Ok(())
}
