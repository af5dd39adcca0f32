//! Coverage from a store: how long the board takes to read everything, to look again when nothing came, to count, to be written to a file
//! and to be read from it. Prints one line of JSON; `cargo xtask bench coverage --db URL` runs it. Of the store it only reads; what came from
//! the file must be what was read whole.
#![allow(clippy::disallowed_methods)] // a benchmark reads the clock

use dayclear_core::time::Instant as Moment;
use dayclear_ops::coverage::{Board, Part};
use dayclear_store::{Scope, Store};
use std::{path::PathBuf, time::Instant};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("name a store")?;
    let at: Moment = match std::env::args().nth(2) {
        Some(text) => text.parse()?,
        None => return Err("name a moment, such as 2022-11-20T23:00:00+08:00".into()),
    };
    let file: PathBuf = std::env::args().nth(3).ok_or("name a file that may be written")?.into();
    let store = Store::open(&url).await?;
    let city = store.look(&Scope::nobody()).await?.city().await?.ok_or("the store holds no city")?;
    let scope = Scope::everything(city.clone());
    let mut tx = store.look(&scope).await?;
    let began = Instant::now();
    let mut board = Board::load(&mut tx, at).await?;
    let load_s = began.elapsed().as_secs_f64();
    let began = Instant::now();
    if !board.look(&mut tx, at).await? {
        return Err("nothing came, and it was not followed".into());
    }
    let look_s = began.elapsed().as_secs_f64();
    let rounds: Vec<String> = board.rounds().map(|round| round.plan.round.clone()).collect();
    let began = Instant::now();
    let counted: u64 = rounds
        .iter()
        .filter_map(|round| board.counts(round, &Part::Division(city.as_str())))
        .map(|counts| counts.people)
        .sum();
    let count_s = began.elapsed().as_secs_f64();
    let began = Instant::now();
    board.unseen(city.as_str());
    let unseen_s = began.elapsed().as_secs_f64();
    let tie = board.tie(&mut tx).await?.ok_or("nothing was told in this store, so there is nothing to keep")?;
    let began = Instant::now();
    let bytes = board.write(&tie, &file)?;
    let write_s = began.elapsed().as_secs_f64();
    let began = Instant::now();
    let (kept, _) = Board::kept(&file, &mut tx, at).await?.map_err(|why| why.why())?;
    let kept_s = began.elapsed().as_secs_f64();
    std::fs::remove_file(&file)?;
    if let Some(what) = kept.difference(&board) {
        return Err(format!("the file says something else: {what}").into());
    }
    println!(
        "{{\"store\":\"{}\",\"people\":{},\"rounds\":{},\"counted\":{counted},\"load_s\":{load_s:.3},\"look_s\":{look_s:.6},\"count_s\":{count_s:.6},\"unseen_s\":{unseen_s:.6},\"write_s\":{write_s:.3},\"kept_s\":{kept_s:.3},\"file_mb\":{:.1}}}",
        store.engine(),
        board.people(),
        rounds.len(),
        bytes as f64 / 1e6,
    );
    Ok(())
}
