//! Solves one instance for `cargo xtask bench move` and prints one JSON object: the score by our own checker, what it is made
//! of, and how fast the search went. Arguments: INSTANCE SECONDS THREADS SEED PLAN, or INSTANCE online SECONDS SEED PLAN.

use dayclear_engines::dispatch::{Budget, Instance, Options, Replay, examine, replay, solve};
use std::{error::Error, fs};

/// Seconds of the day between two plans of a day as it comes.
const EVERY_S: i32 = 60;

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [instance, how, number, seed, out] = &words[..] else {
        return Err(
            "usage: dispatch_bench INSTANCE SECONDS THREADS SEED PLAN | INSTANCE online SECONDS SEED PLAN".into()
        );
    };
    let instance = Instance::parse(&fs::read_to_string(instance)?)?;
    let seed = seed.parse()?;
    let begin = std::time::Instant::now();
    let clock = move || begin.elapsed().as_secs_f64();
    if how == "online" {
        let plans = f64::from(instance.horizon_s / EVERY_S + 1);
        let effort = Budget::Seconds(number.parse::<f64>()? / plans);
        let played = replay(&instance, Replay { every_s: EVERY_S, effort, threads: 1, seed }, &clock);
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
    let options = Options { budget: Budget::Seconds(how.parse()?), threads: number.parse()?, seed };
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
