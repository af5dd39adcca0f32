//! Coverage from a store: how long the board takes to read everything, to look again when nothing came, and to count. Prints one
//! line of JSON; `cargo xtask bench coverage --db URL` runs it. Only reads.
#![allow(clippy::disallowed_methods)] // a benchmark reads the clock

use dayclear_core::time::Instant as Moment;
use dayclear_ops::coverage::{Board, Part};
use dayclear_store::{Scope, Store};
use std::time::Instant;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::args().nth(1).ok_or("name a store")?;
    let at: Moment = match std::env::args().nth(2) {
        Some(text) => text.parse()?,
        None => return Err("name a moment, such as 2022-11-20T23:00:00+08:00".into()),
    };
    let store = Store::open(&url).await?;
    let city = store.look(&Scope::nobody()).await?.city().await?.ok_or("the store holds no city")?;
    let scope = Scope::everything(city.clone());
    let mut tx = store.look(&scope).await?;
    let began = Instant::now();
    let mut board = Board::load(&mut tx, at).await?;
    let load_s = began.elapsed().as_secs_f64();
    let began = Instant::now();
    board.look(&mut tx, at).await?;
    let look_s = began.elapsed().as_secs_f64();
    let rounds: Vec<String> = board.rounds().map(|round| round.plan.round.clone()).collect();
    let began = Instant::now();
    let counted: u64 = rounds
        .iter()
        .filter_map(|round| board.counts(round, &Part::Division(city.as_str())))
        .map(|counts| counts.people)
        .sum();
    let count_s = began.elapsed().as_secs_f64();
    println!(
        "{{\"store\":\"{}\",\"people\":{},\"rounds\":{},\"counted\":{counted},\"load_s\":{load_s:.3},\"look_s\":{look_s:.6},\"count_s\":{count_s:.6}}}",
        store.engine(),
        board.people(),
        rounds.len()
    );
    Ok(())
}
