//! `dayclear screen kept`: whether the coverage that a server has kept in its file, followed to now, says what the store says when it is
//! read whole. It reads only.

use crate::{
    bulletin::STORE,
    setting::{self, Common},
};
use anyhow::{Context, Result, bail};
use dayclear_ops::coverage::{Board, beside};
use dayclear_store::Scope;
use std::{path::PathBuf, time::Instant};

/// Arguments of `dayclear screen kept`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// File in which the server keeps coverage (its setting `coverage`); beside the store's file without it
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The store.
    #[command(flatten)]
    common: Common,
}

/// Compares both. Ends with 1 where they differ.
#[allow(clippy::disallowed_methods)] // how long it took is told, and nothing else rests on it
pub async fn run(arguments: Arguments) -> Result<bool> {
    let store = arguments.common.store(STORE).await?;
    let path = arguments
        .file
        .or_else(|| beside(&store))
        .context("a store that is a server has no file beside it; name one with --file")?;
    let nobody = Scope::nobody();
    let city = store.look(&nobody).await?.city().await?.context("the store holds no city; bring a day in first")?;
    let (scope, now) = (Scope::of(city), setting::now());
    // both of one moment of the store
    let mut tx = store.look(&scope).await?;
    let began = Instant::now();
    let kept = match Board::kept(&path, &mut tx, now).await? {
        Ok((board, _)) => board,
        Err(why) => bail!("{} is not used: {}; a server reads the store then", path.display(), why.why()),
    };
    let kept_s = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let whole = Board::load(&mut tx, now).await?;
    let whole_s = began.elapsed().as_secs_f64();
    drop(tx);
    store.close().await;
    let (people, rounds) = (whole.people(), whole.rounds().count());
    let difference = kept.difference(&whole);
    match &difference {
        None => println!(
            "the same: {people} people, {rounds} rounds; {kept_s:.1} s from the file, {whole_s:.1} s from the store"
        ),
        Some(what) => println!(
            "not the same: {what}; delete the file while the server is stopped, and tell whoever maintains Dayclear"
        ),
    }
    Ok(difference.is_none())
}
