//! `dayclear dispatch`: plans who is moved, to which bed, by which vehicle and when, for an instance in a file; checks its own
//! plan by a checker that knows nothing of the search; says who has no place and why, and what else was possible.

use crate::output::{self, Format};
use anyhow::{Context, Result, bail};
use dayclear_engines::dispatch::{
    self, Budget, Examined, Hindrance, Instance, Itinerary, Options, Replay, Replayed, Way,
};
use dayclear_papers as papers;
use serde_json::json;
use std::{collections::BTreeMap, path::PathBuf, time::Instant};

/// Requests without a place that are named one by one.
const NAMED_MAX: usize = 20;
/// Progress is shown for searches longer than this.
const SHOWN_S: f64 = 2.0;

/// Arguments of `dayclear dispatch`.
#[derive(clap::Args, Debug)]
pub struct Arguments {
    /// The instance (JSON; docs/dispatch.md)
    instance: PathBuf,
    /// Travel times that were measured (CSV: from,to,minutes; from and to are numbers of locations). What it leaves open
    /// stays as the instance says
    #[arg(long, value_name = "FILE")]
    matrix: Option<PathBuf>,
    /// How long to search: 10s, 500ms, 1.5
    #[arg(long, value_name = "TIME", value_parser = seconds, default_value = "10s", conflicts_with = "iterations")]
    time: f64,
    /// Search so many iterations instead: the same seed gives the same plan on every machine
    #[arg(long, value_name = "N")]
    iterations: Option<u64>,
    /// Threads
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    threads: u8,
    /// Seed of the search
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Play the day as it comes: requests are known from their release, what has begun stays, the rest is planned again.
    /// The time is that of all plans together, the iterations those of each
    #[arg(long)]
    online: bool,
    /// Seconds of the day between two plans of --online
    #[arg(long, value_name = "S", default_value_t = 60, value_parser = clap::value_parser!(i32).range(1..=86_400))]
    every: i32,
    /// Seconds before its release at which a request of --online is known: what it would be worth to be told sooner
    #[arg(long, value_name = "S", default_value_t = 0, value_parser = clap::value_parser!(i32).range(0..=86_400), requires = "online")]
    ahead: i32,
    /// Write the plan to this file
    #[arg(long, value_name = "PLAN")]
    out: Option<PathBuf>,
    /// Judge this plan instead of searching for one
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["out", "online", "iterations"])]
    check: Option<PathBuf>,
    /// Say why a request goes where it goes, and what every other facility and vehicle would cost
    #[arg(long, value_name = "REQUEST")]
    why: Option<i64>,
    /// table, json or csv
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
}

/// `10s`, `500ms`, `1.5`.
fn seconds(text: &str) -> Result<f64, String> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 0.001),
        None => (text.strip_suffix('s').unwrap_or(text), 1.0),
    };
    match number.trim().parse::<f64>() {
        Ok(value) if value > 0.0 && value * unit <= 86_400.0 => Ok(value * unit),
        _ => Err("a time above zero and up to a day is expected: 10s, 500ms".to_owned()),
    }
}

/// Plans, or judges a plan.
pub fn run(arguments: &Arguments) -> Result<bool> {
    let path = arguments.instance.display();
    let text = std::fs::read_to_string(&arguments.instance).with_context(|| format!("{path} cannot be read"))?;
    let mut instance = Instance::parse(&text).with_context(|| format!("{path} cannot be planned"))?;
    if let Some(matrix) = &arguments.matrix {
        let shown = matrix.display();
        let text = std::fs::read_to_string(matrix).with_context(|| format!("{shown} cannot be read"))?;
        let (measured, pairs) = instance.measured(&text).with_context(|| format!("{shown} is no table of times"))?;
        let all = measured.locations_km.len() * measured.locations_km.len().saturating_sub(1);
        eprintln!("{pairs} of {all} travel times are those of {shown}; the others are those of the instance");
        instance = measured;
    }
    let begin = Instant::now();
    let mut online = None;
    let plan = match &arguments.check {
        Some(plan) => {
            let text = std::fs::read_to_string(plan).with_context(|| format!("{} cannot be read", plan.display()))?;
            Itinerary::parse(&text).with_context(|| format!("{} is no plan", plan.display()))?
        }
        None => search(arguments, &instance, begin, &mut online),
    };
    let examined = dispatch::examine(&instance, &plan);
    if let Some(out) = &arguments.out {
        output::write_file(out, &format!("{}\n", plan.to_json()))?;
    }
    let missing: Vec<usize> = (0..examined.times.len()).filter(|at| examined.times[*at].is_none()).collect();
    let left = dispatch::unplaced(&instance, &plan, &missing);
    let ways = arguments.why.map(|request| ways(&instance, &plan, request)).transpose()?;
    print(arguments, &instance, &examined, online.as_ref(), &left, ways)?;
    say_left(&instance, &missing, &left);
    for (rule, count) in examined.broken.each() {
        if count > 0 {
            eprintln!("the plan breaks a rule: {rule}, {count} time(s)");
        }
    }
    Ok(examined.broken.none())
}

fn search(arguments: &Arguments, instance: &Instance, begin: Instant, online: &mut Option<Replayed>) -> Itinerary {
    let bar = output::bar();
    if arguments.time <= SHOWN_S {
        bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
    }
    bar.set_message(if arguments.online { "playing the day" } else { "searching" });
    let whole = arguments.time;
    let watched = bar.clone();
    let clock = move || {
        let now = begin.elapsed().as_secs_f64();
        watched.set_position(((now / whole).min(1.0) * 1000.0) as u64);
        now
    };
    let threads = usize::from(arguments.threads);
    let budget = arguments.iterations.map_or(Budget::Seconds(arguments.time), Budget::Iterations);
    let plan = if arguments.online {
        let plans = f64::from(instance.horizon_s / arguments.every + 1);
        let effort = match budget {
            Budget::Seconds(s) => Budget::Seconds(s / plans),
            iterations => iterations,
        };
        let how = Replay { every_s: arguments.every, ahead_s: arguments.ahead, effort, threads, seed: arguments.seed };
        let played = dispatch::replay(instance, how, &clock);
        let plan = played.plan.clone();
        *online = Some(played);
        plan
    } else {
        dispatch::solve(instance, Options { budget, threads, seed: arguments.seed }, &clock).plan
    };
    bar.finish_and_clear();
    plan
}

fn print(
    arguments: &Arguments,
    instance: &Instance,
    examined: &Examined,
    online: Option<&Replayed>,
    left: &[(i64, Hindrance)],
    ways: Option<Vec<Vec<String>>>,
) -> Result<()> {
    let score = &examined.score;
    let number = |value: f64| format!("{value:.2}");
    let mut rows: Vec<(&str, String)> = vec![
        ("requests", instance.requests.len().to_string()),
        ("people", instance.people().to_string()),
        ("vehicles", score.vehicles.to_string()),
        ("trips", score.trips.to_string()),
        ("unserved", score.unserved.to_string()),
        ("late", score.late.to_string()),
        ("wait_min", number(score.wait_min)),
        ("wait_p90_min", number(score.p90_wait_min)),
        ("ride_min", number(score.ride_min)),
        ("ride_longest_min", number(score.longest_ride_min)),
        ("vehicle_min_per_person", number(score.vehicle_min_per_person)),
        ("score", number(score.total)),
        ("broken", examined.broken.each().iter().map(|(_, count)| count).sum::<u32>().to_string()),
    ];
    if let Some(played) = online {
        rows.push(("online_wait_min", number(played.wait_min)));
        rows.push(("online_ride_min", number(played.ride_min)));
        rows.push(("online_vehicle_min_per_person", number(played.vehicle_min_per_person)));
        rows.push(("online_late", played.late.to_string()));
        rows.push(("online_score", number(played.total)));
        rows.push(("online_plans", played.plans.to_string()));
        rows.push(("online_place_longest_ms", format!("{:.3}", played.place_longest_s * 1e3)));
    }
    match arguments.format {
        Format::Json => {
            let mut object: serde_json::Map<String, serde_json::Value> = serde_json::Map::new();
            object.insert("name".to_owned(), json!(instance.name));
            for (name, value) in &rows {
                object.insert((*name).to_owned(), serde_json::from_str(value).unwrap_or_else(|_| json!(value)));
            }
            let left = left.iter().map(|(id, why)| json!({ "request": id, "reason": why.to_string() }));
            object.insert("without_a_place".to_owned(), left.collect());
            if let Some(ways) = ways {
                let way = |row: &Vec<String>| WAYS.iter().zip(row).map(|(c, v)| ((*c).to_owned(), json!(v))).collect();
                object.insert("ways".to_owned(), ways.iter().map(way).map(serde_json::Value::Object).collect());
            }
            println!("{}", serde_json::Value::Object(object));
        }
        // one table goes to a program: that which was asked for
        Format::Csv => match ways {
            Some(ways) => print!("{}", output::csv_text(&WAYS, &ways)?),
            None => {
                let rows: Vec<Vec<String>> =
                    rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
                print!("{}", output::csv_text(&["figure", "value"], &rows)?);
            }
        },
        Format::Table => {
            let rows: Vec<Vec<String>> = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
            println!("{}", papers::text_table(&["figure", "value"], &rows));
            if let Some(ways) = ways {
                println!("what else was possible, in points of the score beside the plan as it is");
                println!("{}", papers::text_table(&WAYS, &ways));
            }
        }
    }
    Ok(())
}

/// Says aloud who has no place.
fn say_left(instance: &Instance, missing: &[usize], left: &[(i64, Hindrance)]) {
    if left.is_empty() {
        return;
    }
    eprintln!("{} of {} requests have no place:", left.len(), instance.requests.len());
    let mut reasons: BTreeMap<String, (usize, i32)> = BTreeMap::new();
    for (at, (_, why)) in missing.iter().zip(left) {
        let request = &instance.requests[*at];
        let entry = reasons.entry(format!("class {}: {why}", instance.classes[request.class])).or_default();
        entry.0 += 1;
        entry.1 += request.persons;
    }
    for (reason, (requests, people)) in reasons {
        eprintln!("  {requests} request(s), {people} people, {reason}");
    }
    for (class, name) in instance.classes.iter().enumerate() {
        let people: i32 = instance.requests.iter().filter(|r| r.class == class).map(|r| r.persons).sum();
        let beds: i64 = instance.facilities.iter().map(|f| i64::from(f.beds[class])).sum();
        if i64::from(people) > beds {
            eprintln!(
                "  class {name}: {people} people for {beds} beds; those of lower priority stay, then as few requests as can be"
            );
        }
    }
    for (id, why) in left.iter().take(NAMED_MAX) {
        eprintln!("  request {id}: {why}");
    }
    if left.len() > NAMED_MAX {
        eprintln!("  and {} more; --format json names them all", left.len() - NAMED_MAX);
    }
}

/// Columns of the ways to serve a request.
const WAYS: [&str; 8] = ["way", "facility", "vehicle", "picked_up", "arrives", "people_before", "points", "why_not"];

/// The ways to serve a request: as planned, by each facility, by each vehicle.
fn ways(instance: &Instance, plan: &Itinerary, request: i64) -> Result<Vec<Vec<String>>> {
    let Some(why) = dispatch::why(instance, plan, request) else {
        bail!(
            "there is no request {request} in this instance, or the plan leaves people of one trip at two facilities"
        );
    };
    let points = why.planned.as_ref().map_or(0.0, |way| way.points);
    let cells = |what: String, way: &Result<Way, Hindrance>| -> Vec<String> {
        match way {
            Ok(way) => vec![
                what,
                way.facility.to_string(),
                way.vehicle.to_string(),
                hour(way.picked_s),
                hour(way.arrives_s),
                way.joins.to_string(),
                format!("{:+.4}", way.points - points),
                String::new(),
            ],
            Err(hindrance) => {
                let none = String::new;
                vec![what, none(), none(), none(), none(), none(), none(), hindrance.to_string()]
            }
        }
    };
    let mut rows = Vec::new();
    if let Some(way) = &why.planned {
        rows.push(cells("as planned".to_owned(), &Ok(way.clone())));
    }
    rows.extend(why.facilities.iter().map(|(id, way)| cells(format!("facility {id}"), way)));
    let mut vehicles: Vec<&(i64, Result<Way, Hindrance>)> = why.vehicles.iter().collect();
    let price = |way: &Result<Way, Hindrance>| way.as_ref().map_or(f64::INFINITY, |way| way.points);
    vehicles.sort_by(|a, b| price(&a.1).total_cmp(&price(&b.1)));
    rows.extend(vehicles.into_iter().map(|(id, way)| cells(format!("vehicle {id}"), way)));
    Ok(rows)
}

/// Seconds of the day as h:mm.
fn hour(seconds: i32) -> String {
    format!("{}:{:02}", seconds / 3600, seconds / 60 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_their_units() {
        for (text, s) in [("10s", 10.0), ("500ms", 0.5), ("1.5", 1.5)] {
            assert_eq!(seconds(text), Ok(s), "{text}");
        }
        for bad in ["0", "-1s", "ten", "1h", "NaN", "1e9"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
