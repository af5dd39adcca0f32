//! `dayclear trace exposures` without the rest of the program, for `cargo xtask bench trace`: the command's own modules, which
//! compile in a minute where the whole program takes ten. Words: VISITS CASES SECONDS THREADS OUT.

#[path = "../../cli/src/trace/answer.rs"]
mod answer;
#[path = "../../cli/src/trace/search.rs"]
mod search;

use anyhow::{Context, Result};
use dayclear_engines::tracing::exposures::Search;
use std::{path::Path, time::Instant};

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [visits, cases, seconds, threads, out] = words.as_slice() else {
        anyhow::bail!("give VISITS CASES SECONDS THREADS OUT");
    };
    let asked = Search { seconds_min: seconds.parse()?, threads: threads.parse().context("threads")? };
    let since = Instant::now();
    let found = search::search(Path::new(visits), Path::new(cases), asked, &|_, _| {})?;
    let search_s = since.elapsed().as_secs_f64();
    answer::write(&found, Path::new(out), 0, false, asked.threads)?;
    let received: u64 = found.counts.iter().map(|counts| counts.received).sum();
    println!(
        "{{\"contacts\":{},\"received\":{received},\"aside\":{},\"search_s\":{search_s:.3},\"whole_s\":{:.3}}}",
        found.contacts.len(),
        found.faults.len(),
        since.elapsed().as_secs_f64()
    );
    Ok(())
}
