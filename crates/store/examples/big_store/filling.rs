//! The order of the work: tables by the product, rows past it, then the indexes, and statistics where the engine makes some
//! by itself. Tests of plans fill a small one.

use super::{
    engine::Engine,
    recipes::{self, Sizes},
};
use anyhow::{Context, Result};
use dayclear_core::{divisions::DivisionCode, protocol::Packs, time::Instant};
use dayclear_store::{Scope, Store, events::NewEvent, items::Seen};
use std::path::Path;

/// Fills a fresh store; says each step with its rows. The number of rows.
pub async fn fill(url: &str, data: &Path, sizes: Sizes, say: &mut dyn FnMut(&str, u64)) -> Result<u64> {
    // the product makes the tables; the rows go in past it
    Store::open(url).await?.close().await;
    let mut engine = Engine::connect(url).await?;
    let later = engine.take_indexes().await?;
    let places = recipes::places(data, sizes.people)?;
    let mut rows = 0;
    let mut said = |name: &str, n: u64| {
        say(name, n);
        rows += n;
    };
    said("divisions", recipes::divisions(&mut engine, &places).await?);
    said("roster", recipes::roster(&mut engine, &places).await?);
    engine.look_over(&["people", "households"]).await?;
    said("means", recipes::means(&mut engine, &places, sizes).await?);
    for (name, sql) in recipes::line(&engine, &places, sizes) {
        let n = engine.run(&sql).await.with_context(|| name.to_owned())?;
        said(name, n);
        if name == "cases" {
            engine.look_over(&["cases"]).await?;
        }
    }
    said("events", events(url, sizes.cases).await?);
    seen(url).await?;
    for (name, sql) in later {
        engine.run(&sql).await.with_context(|| name.clone())?;
        said(&name, 0);
    }
    for sql in dayclear_store::landing::ROSTER_INDEXES {
        engine.run(sql).await.context(*sql)?;
        said(sql, 0);
    }
    engine.finish().await?;
    said("finished", 0);
    Ok(rows)
}

/// The line has seen the day: what is measured is a city at work, and not its first hour with a new program.
async fn seen(url: &str) -> Result<()> {
    let at = Instant::from_micros((recipes::END_S - 3_600) * 1_000_000);
    let day = recipes::zone()?.day(at);
    let rules = Packs::builtin()?.in_force("covid-19", day).context("no rules for covid-19")?.label();
    let store = Store::open(url).await?;
    let mut tx = store.begin(&Scope::everything("50".parse()?)).await?;
    let (seq, _) = tx.chain_head().await?;
    tx.see_line(&Seen { day, seq, at, again_at: at, rules }).await?;
    tx.commit().await?;
    store.close().await;
    Ok(())
}

/// One event for every fifth case, chained as the product chains them.
async fn events(url: &str, cases: i64) -> Result<u64> {
    const BATCH: usize = 10_000;
    let store = Store::open(url).await?;
    let city: DivisionCode = "50".parse()?;
    let numbers: Vec<i64> = (1..=cases / 5).collect();
    for group in numbers.chunks(BATCH) {
        let mut tx = store.begin(&Scope::everything(city.clone())).await?;
        let at = Instant::from_micros((recipes::BEGIN_S + group[0] * 3) * 1_000_000);
        let day = recipes::zone()?.day(at);
        let new: Vec<NewEvent> = group
            .iter()
            .map(|n| NewEvent {
                at,
                actor: "dayclear".into(),
                kind: "case.opened",
                subject: format!("C{:09}", n * 5),
                division: city.clone(),
                body: "{\"origin\":\"community\"}".to_owned(),
                tells: None,
            })
            .collect();
        tx.chain(day, at, &new).await?;
        tx.commit().await?;
    }
    store.close().await;
    Ok(numbers.len() as u64)
}
