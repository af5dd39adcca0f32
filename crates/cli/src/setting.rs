//! What every command needs: the store, the packs, the settings of the city, the clock. The only place that reads the
//! clock of the machine.

use anyhow::{Context, Result};
use dayclear_core::{
    protocol::Packs,
    time::{CivilDate, Instant, Zone},
};
use dayclear_ops::minutes::Settings;
use dayclear_store::Store;
use std::path::PathBuf;

/// Where data is kept, and how the city counts its days.
#[derive(clap::Args, Debug, Clone)]
pub struct Common {
    /// Store: a file for SQLite, or postgres://USER@HOST:PORT/NAME
    #[arg(long, value_name = "URL")]
    pub db: Option<String>,
    /// Time zone in which the city counts its days
    #[arg(long, value_name = "ZONE", default_value = "Asia/Shanghai")]
    pub zone: String,
}

impl Common {
    /// Opens the store that was named, or the file given.
    pub async fn store(&self, otherwise: &str) -> Result<Store> {
        Ok(Store::open(self.db.as_deref().unwrap_or(otherwise)).await?)
    }

    /// The file of the store, if it is one.
    pub fn file(&self, otherwise: &str) -> Option<PathBuf> {
        store_file(self.db.as_deref().unwrap_or(otherwise))
    }

    /// Settings of the city.
    pub fn settings(&self) -> Result<Settings> {
        Ok(Settings {
            zone: Zone::named(&self.zone)?,
            legal_basis: "Law of the PRC on Prevention and Treatment of Infectious Diseases (2013), art. 39-42"
                .to_owned(),
            body: "Municipal headquarters for epidemic response".to_owned(),
            travel: Default::default(),
        })
    }
}

/// The file of a store, if it is one and no server.
pub fn store_file(url: &str) -> Option<PathBuf> {
    let server = url.starts_with("postgres://") || url.starts_with("postgresql://");
    (!server).then(|| PathBuf::from(url.strip_prefix("sqlite://").or(url.strip_prefix("sqlite:")).unwrap_or(url)))
}

/// The packs that come with the program.
pub fn packs() -> Result<Packs> {
    Packs::builtin().context("the protocol packs that come with the program cannot be read")
}

/// The clock of the machine.
#[allow(clippy::disallowed_methods)]
pub fn now() -> Instant {
    Instant::from_micros(jiff::Timestamp::now().as_microsecond())
}

/// A date argument.
pub fn date(text: &str) -> Result<CivilDate, String> {
    text.parse().map_err(|error| format!("{error}"))
}
