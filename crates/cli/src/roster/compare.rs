//! `dayclear roster compare`: everybody of a roster that came by files, compared with everybody else, now. The server does the
//! same beside its work; a run that was cut off goes on where it stopped.

use crate::{
    bulletin::STORE,
    setting::{self, Common},
};
use anyhow::{Context, Result};
use dayclear_core::time::Instant;
use dayclear_ops::identity;
use dayclear_store::Scope;

/// Arguments of `dayclear roster compare`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// Disease, or id of the protocol pack, whose deadlines hold for what is asked of people
    #[arg(long, value_name = "P", default_value = "covid-19")]
    pack: String,
    /// As of when, such as 2022-11-20T15:00:00+08:00; now without it
    #[arg(long, value_name = "TIME")]
    at: Option<Instant>,
    /// The store and the zone of the city.
    #[command(flatten)]
    common: Common,
}

/// Compares everybody who is left.
pub async fn run(arguments: Arguments) -> Result<bool> {
    let store = arguments.common.store(STORE).await?;
    let city =
        store.look(&Scope::nobody()).await?.city().await?.context("the store holds no city; bring a day in first")?;
    let (packs, settings, city) = (setting::packs()?, arguments.common.settings()?, Scope::of(city));
    let now = arguments.at.unwrap_or_else(setting::now);
    let all = store.look(&city).await?.uncompared().await?;
    let keys = identity::Keys::InOneGo(identity::AT_ONCE);
    let mut done = false;
    while !done {
        done = identity::go_on(&store, &packs, &settings, &arguments.pack, &city, now, keys).await?;
        let left = store.look(&city).await?.uncompared().await?;
        eprint!("\r{} of {all} people compared", all - left);
    }
    eprintln!();
    store.close().await;
    Ok(true)
}
