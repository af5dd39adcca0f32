//! Fills a fresh store with a whole city, for `cargo xtask bench pages` and `bench serve`: people on the roster, cases of
//! ninety days, what waits in every worklist, and books that balance. Rows come from arithmetic on their numbers inside the
//! engine, so two stores of one size hold the same, nothing is left to chance, and no row travels through this program.
//!
//! `big_store --db URL --data data/chongqing [--people N] [--cases N]` prints a line per step and, last, `N rows`.

mod engine;
mod filling;
mod recipes;

use anyhow::{Context, Result, bail};
use recipes::Sizes;
use std::{path::PathBuf, time::Instant};

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
    Ok(Wishes { url: url.context(USAGE)?, data: data.context(USAGE)?, sizes: Sizes::of(people, cases) })
}

#[tokio::main]
async fn main() -> Result<()> {
    let wishes = wishes()?;
    let since = Instant::now();
    let mut say = |name: &str, n: u64| println!("{name} {n} ({:.0} s)", since.elapsed().as_secs_f64());
    let rows = filling::fill(&wishes.url, &wishes.data, wishes.sizes, &mut say).await?;
    println!("{rows} rows");
    Ok(())
}
