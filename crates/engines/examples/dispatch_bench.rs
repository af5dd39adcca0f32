//! Solves one instance for `cargo xtask bench move` and prints one JSON object: the score by our own checker, what it is made
//! of, and how fast the search went. Arguments: INSTANCE SECONDS THREADS SEED PLAN, or INSTANCE online SECONDS SEED PLAN, where
//! `online+600` has each request known ten minutes before its release. For a machine that others use: `3c` are seconds of the
//! processor (one thread), `20000i` iterations (online: for each plan).

use dayclear_engines::dispatch::{Budget, Instance, Options, Replay, examine, replay, solve};
use std::{error::Error, fs};

/// Seconds of the processor that the calling thread has used. None where no Linux tells it.
fn processor_s() -> Option<f64> {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(told.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}

/// Seconds of the day between two plans of a day as it comes.
const EVERY_S: i32 = 60;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [instance, how, number, seed, out] = &words[..] else {
        return Err(
            "usage: dispatch_bench INSTANCE SECONDS THREADS SEED PLAN | INSTANCE online[+AHEAD_S] SECONDS SEED PLAN"
                .into(),
        );
    };
    let instance = Instance::parse(&fs::read_to_string(instance)?)?;
    let seed = seed.parse()?;
    let (begin, by_processor) = (std::time::Instant::now(), how.ends_with('c') || number.ends_with('c'));
    let used_s = if by_processor {
        processor_s().ok_or("no /proc/thread-self/schedstat here: no seconds of the processor")?
    } else {
        0.0
    };
    // an end that is never reached would be worse than one too early
    let processor = move || processor_s().map_or(f64::INFINITY, |now| now - used_s);
    let clock = move || if by_processor { processor() } else { begin.elapsed().as_secs_f64() };
    let budget = |word: &str, share: f64| -> Result<Budget, Box<dyn Error>> {
        Ok(match word.strip_suffix('i') {
            Some(iterations) => Budget::Iterations(iterations.parse()?),
            None => Budget::Seconds(word.trim_end_matches('c').parse::<f64>()? / share),
        })
    };
    if let Some(ahead) = how.strip_prefix("online") {
        let ahead_s = ahead.strip_prefix('+').map_or(Ok(0), str::parse)?;
        let plans = f64::from(instance.horizon_s / EVERY_S + 1);
        let effort = budget(number, plans)?;
        let played = replay(&instance, Replay { every_s: EVERY_S, ahead_s, effort, threads: 1, seed }, &clock);
        fs::write(out, played.plan.to_json().to_string())?;
        println!(
            "{{\"score\":{:.3},\"checked\":{:.3},\"wait\":{:.3},\"ride\":{:.3},\"vehicle\":{:.3},\"place_ms\":{:.3},\"plans\":{}}}",
            played.total,
            examine(&instance, &played.plan).score.total,
            played.wait_min,
            played.ride_min,
            played.vehicle_min_per_person,
            played.place_longest_s * 1e3,
            played.plans,
        );
        return Ok(());
    }
    let options = Options { budget: budget(how, 1.0)?, threads: number.parse()?, seed };
    let solution = solve(&instance, options, &clock);
    let took_s = clock();
    let examined = examine(&instance, &solution.plan);
    fs::write(out, solution.plan.to_json().to_string())?;
    let score = examined.score;
    println!(
        "{{\"score\":{:.3},\"unserved\":{},\"late\":{},\"wait\":{:.3},\"ride\":{:.3},\"vehicle\":{:.3},\"broken\":{},\"first_s\":{:.3},\"took_s\":{took_s:.3},\"iterations\":{}}}",
        score.total,
        score.unserved,
        score.late,
        score.wait_min,
        score.ride_min,
        score.vehicle_min_per_person,
        examined.broken.each().iter().map(|(_, count)| count).sum::<u32>(),
        solution.first_s,
        solution.iterations,
    );
    Ok(())
}
