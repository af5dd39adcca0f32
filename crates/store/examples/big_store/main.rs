//! Fills a fresh store with a whole city, for `cargo xtask bench pages` and `bench serve`: people on the roster, cases of
//! ninety days, what waits in every worklist, and books that balance. Rows come from arithmetic on their numbers inside the
//! engine, so two stores of one size hold the same, nothing is left to chance, and no row travels through this program.
//!
//! `big_store --db URL --data data/chongqing [--people N] [--cases N]` prints a line per step and, last, `N rows`.

mod engine;
mod recipes;

use anyhow::{Context, Result, bail};
use dayclear_store::{Scope, Store, events::NewEvent};
use engine::Engine;
use std::{path::PathBuf, time::Instant};

/// Sizes of the store.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    people: i64,
    cases: i64,
    /// Cases that are open: the last ones.
    open: i64,
    /// Tubes of the last day, with ten people each.
    tubes: i64,
    beds: i64,
}

struct Wishes {
    url: String,
    data: PathBuf,
    sizes: Sizes,
}

fn wishes() -> Result<Wishes> {
    const USAGE: &str = "usage: big_store --db URL --data FOLDER [--people N] [--cases N]";
    let (mut url, mut data, mut people, mut cases) = (None, None, 32_000_000_i64, 1_000_000_i64);
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().context(USAGE)?;
        match word.as_str() {
            "--db" => url = Some(value),
            "--data" => data = Some(PathBuf::from(value)),
            "--people" => people = value.parse().context(USAGE)?,
            "--cases" => cases = value.parse().context(USAGE)?,
            _ => bail!(USAGE),
        }
    }
    if cases < 1_000 || people < cases * 4 {
        bail!("at least 1,000 cases, and four people for each");
    }
    let open = cases / 50;
    let sizes = Sizes { people, cases, open, tubes: people / 100, beds: (open * 6 / 5).max(400) };
    Ok(Wishes { url: url.context(USAGE)?, data: data.context(USAGE)?, sizes })
}

#[tokio::main]
async fn main() -> Result<()> {
    let wishes = wishes()?;
    // the product makes the tables; the rows go in past it
    Store::open(&wishes.url).await?.close().await;
    let since = Instant::now();
    let mut engine = Engine::connect(&wishes.url).await?;
    let later = engine.take_indexes().await?;
    let places = recipes::places(&wishes.data, wishes.sizes.people)?;
    let mut rows = 0;
    let mut said = |name: &str, n: u64| {
        println!("{name} {n} ({:.0} s)", since.elapsed().as_secs_f64());
        rows += n;
    };
    said("divisions", recipes::divisions(&mut engine, &places).await?);
    said("roster", recipes::roster(&mut engine, &places).await?);
    engine.look_over(&["people", "households"]).await?;
    said("means", recipes::means(&mut engine, &places, wishes.sizes).await?);
    for (name, sql) in recipes::line(&engine, &places, wishes.sizes) {
        let n = engine.run(&sql).await.with_context(|| name.to_owned())?;
        said(name, n);
        if name == "cases" {
            engine.look_over(&["cases"]).await?;
        }
    }
    said("events", events(&wishes.url, wishes.sizes.cases).await?);
    for (name, sql) in later {
        engine.run(&sql).await.with_context(|| name.clone())?;
        println!("index {name} ({:.0} s)", since.elapsed().as_secs_f64());
    }
    for sql in dayclear_store::landing::ROSTER_INDEXES {
        engine.run(sql).await.context(*sql)?;
        println!("{sql} ({:.0} s)", since.elapsed().as_secs_f64());
    }
    engine.finish().await?;
    println!("done ({:.0} s)", since.elapsed().as_secs_f64());
    println!("{rows} rows");
    Ok(())
}

/// One event for every fifth case, chained as the product chains them.
async fn events(url: &str, cases: i64) -> Result<u64> {
    const BATCH: usize = 10_000;
    let store = Store::open(url).await?;
    let city: dayclear_core::divisions::DivisionCode = "50".parse()?;
    let numbers: Vec<i64> = (1..=cases / 5).collect();
    for group in numbers.chunks(BATCH) {
        let mut tx = store.begin(&Scope::everything(city.clone())).await?;
        let at = dayclear_core::time::Instant::from_micros((recipes::BEGIN_S + group[0] * 3) * 1_000_000);
        let day = recipes::zone()?.day(at);
        let new: Vec<NewEvent> = group
            .iter()
            .map(|n| NewEvent {
                at,
                actor: "dayclear",
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
