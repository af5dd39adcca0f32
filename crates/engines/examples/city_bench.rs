//! Times the synthetic city for `cargo xtask bench city`: builds a population, plays an outbreak under a policy, and prints
//! one JSON object: CPU-seconds of both, CPU of the first day with 100,000 infectious people, and what happened. One thread,
//! so that the scheduler's count of its time is that of all work.

use dayclear_engines::{
    city::{Population, Sources, Spec},
    outbreak::{Contacts, Disease, Outbreak, Policy, Run},
};
use std::{error::Error, fs, sync::Arc};

/// Seconds for which this thread was on a processor.
fn cpu_s() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1e9
}

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [people, days, policy, imports] = &words[..] else {
        return Err("usage: city_bench PEOPLE DAYS POLICY IMPORTS".into());
    };
    let (people, days, imports): (u64, u16, f64) = (people.parse()?, days.parse()?, imports.parse()?);
    let date = "2022-11-01".parse()?;
    let spec = Spec {
        people,
        positives: 0,
        tubes: None,
        date,
        seed: 1,
        turn: 0,
        districts: None,
        collective: true,
        lists: false,
    };
    let begin = cpu_s();
    let city = Arc::new(Population::build(&spec, &Sources::chongqing()?, 1)?);
    let build_s = cpu_s() - begin;
    let disease = Disease::built_in("omicron-ba52").ok_or("no such disease")??;
    let mut policy = Policy::built_in(policy, date).ok_or("no such policy")??;
    if imports > 0.0 {
        policy.set_from(0, "imports", imports);
    }
    let outbreak = Outbreak::new(city, disease, Contacts::chongqing()?, 1, 1)?;
    let mut run = Run::new(outbreak, policy, 1);
    let since = cpu_s();
    let (mut reported, mut nearest) = (0u64, (0u64, 0.0));
    for _ in 0..days {
        let begin = cpu_s();
        let row = run.step();
        let spent = cpu_s() - begin;
        reported += u64::from(row.reported);
        // the first day that reaches 100,000, while the epidemic still grows; else the fullest one
        if nearest.0 < 100_000 && row.truth.infectious > nearest.0 {
            nearest = (row.truth.infectious, spent);
        }
    }
    let days_s = cpu_s() - since;
    let (_, _, ever) = run.outbreak.totals();
    println!(
        "{{\"people\":{people},\"days\":{days},\"build_cpu_s\":{build_s:.3},\"days_cpu_s\":{days_s:.3},\"infections\":{ever},\"reported\":{reported},\"near_100k_infectious\":{},\"near_100k_day_ms\":{:.1},\"digest\":\"{:016x}\"}}",
        nearest.0,
        nearest.1 * 1e3,
        run.outbreak.digest(),
    );
    Ok(())
}
