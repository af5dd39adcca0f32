//! What must hold of every plan: no hard rule broken by the checker's own count, prices that are costs, one plan for one seed,
//! bad instances answered exactly, and the checker itself against the instances' own, if Python is there.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::process::Command;

const T500: &str = include_str!("../../../../data/dispatch/T500-50.json");

fn never() -> f64 {
    0.0
}

fn options(iterations: u64, threads: usize, seed: u64) -> Options {
    Options { budget: Budget::Iterations(iterations), threads, seed }
}

/// A small random instance; beds and seats are scarce in some.
fn instances() -> impl Strategy<Value = Value> {
    let request = (0usize..12, 1i64..6, 0u8..2, 0i64..20_000, any::<bool>());
    let requests = proptest::collection::vec(request, 0..40);
    (requests, 0usize..5, 5i64..60, 1200i64..8000, 3i64..9, 0u64..1000).prop_map(
        |(requests, fleet, beds, limit, seats, seed)| {
            let place = |n: u64| {
                let mixed = (seed * 7919 + n * 104_729).wrapping_mul(2_654_435_761);
                json!([(mixed % 300) as f64 / 10.0, (mixed / 300 % 300) as f64 / 10.0])
            };
            json!({
                "name": "made", "horizon_s": 43200,
                "travel": {"detour": 1.3, "speed_kmh": 30.0, "asymmetry": 0.05},
                "locations_km": (0..12).map(place).collect::<Vec<_>>(),
                "requests": requests.iter().enumerate().map(|(id, (location, persons, class, release, wheelchair))| json!({
                    "id": id * 3, "location": location, "persons": persons, "class": if *class == 0 { "P" } else { "C" },
                    "release_s": release, "due_s": release + 7200,
                    "needs": if *wheelchair && id % 7 == 0 { vec!["wheelchair"] } else { vec![] },
                })).collect::<Vec<_>>(),
                "facilities": [
                    {"id": 5, "location": 0, "beds": {"P": beds, "C": beds / 2}, "unload_s": 300, "per_person_s": 30},
                    {"id": 9, "location": 1, "beds": {"P": 0, "C": beds}, "unload_s": 200, "per_person_s": 20},
                ],
                "vehicles": (0..fleet).map(|id| json!({
                    "id": id + 100, "depot": 2 + id % 3, "seats": seats,
                    "equipment": if id % 2 == 0 { vec!["wheelchair"] } else { vec![] },
                })).collect::<Vec<_>>(),
                "stop_s": 300, "per_person_s": 60, "decontamination_s": 1200, "ride_limit_s": limit,
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn no_plan_breaks_a_rule_and_nobody_is_lost(document in instances(), seed in 0u64..9) {
        let instance = Instance::parse(&document.to_string()).unwrap();
        // in debug every price of a change is compared with what the change costs (Search::put)
        let solution = solve(&instance, options(240, 1, seed), &never);
        let found = examine(&instance, &solution.plan);
        prop_assert!(found.broken.none(), "{:?}", found.broken);
        prop_assert_eq!(found.score.unserved as usize, solution.unplaced.len());
        let reasons = unplaced(&instance, &solution.plan, &solution.unplaced);
        prop_assert_eq!(reasons.len(), solution.unplaced.len());
        if instance.trucks.is_empty() {
            prop_assert!(reasons.iter().all(|(_, why)| *why == Hindrance::NoFleet));
        }
    }

    /// What only a store knows: shifts, crews' hours, where a vehicle stands, wheelchairs, beds in several rows, and what people said.
    #[test]
    fn nor_does_one_by_what_a_store_knows(document in instances(), seed in 0u64..1_000) {
        let mut instance = Instance::parse(&document.to_string()).unwrap();
        let draw = |n: usize, of: u64| (seed * 31 + n as u64 * 7_919).wrapping_mul(2_654_435_761) % of;
        for (n, truck) in instance.trucks.iter_mut().enumerate() {
            truck.start = draw(n, 12) as usize;
            truck.shift_s = (draw(n + 1, 9_000) as i32, 20_000 + draw(n + 2, 30_000) as i32);
            truck.drive_s_max = 6_000 + draw(n + 3, 20_000) as i32;
            truck.places[1] = draw(n + 4, 3) as i32;
        }
        for (n, facility) in instance.facilities.iter_mut().enumerate() {
            facility.all -= draw(n + 5, 20).min(facility.all as u64) as i32;
            facility.second_s = vec![draw(n + 6, 4_000) as i32, 0];
        }
        let (trucks, facilities) = (instance.trucks.len(), instance.facilities.len());
        for (n, request) in instance.requests.iter_mut().enumerate() {
            request.weight = request.persons * (1 + draw(n + 7, 40) as i32);
            if draw(n + 8, 4) == 0 {
                request.places = [request.persons - 1, 1, 0];
            }
            match draw(n + 9, 8) {
                0 => request.hand.trucks = vec![draw(n + 10, trucks.max(1) as u64) as usize],
                1 => request.hand.facilities = vec![draw(n + 10, facilities as u64) as usize],
                2 => request.hand.not_trucks = vec![draw(n + 10, trucks.max(1) as u64) as usize],
                3 => request.hand.not_facilities = vec![draw(n + 10, facilities as u64) as usize],
                _ => {}
            }
        }
        let solution = solve(&instance, options(240, 1, seed), &never);
        let found = examine(&instance, &solution.plan);
        prop_assert!(found.broken.none(), "{:?}", found.broken);
        prop_assert_eq!(found.score.unserved as usize, solution.unplaced.len());
        for request in instance.requests.iter().take(3) {
            let why = why(&instance, &solution.plan, request.id).unwrap();
            let barred = |found: &Result<Way, Hindrance>| matches!(found, Err(Hindrance::ByHand));
            for (at, (_, found)) in why.facilities.iter().enumerate() {
                prop_assert!(request.hand.allows_facility(at) || found.is_err());
                prop_assert!(!barred(found) || request.hand != Hand::default());
            }
        }
    }

    #[test]
    fn a_day_as_it_comes_breaks_no_rule_either(document in instances(), ahead_s in prop_oneof![Just(0), Just(900), Just(i32::MAX)]) {
        let instance = Instance::parse(&document.to_string()).unwrap();
        let how = Replay { every_s: 600, ahead_s, effort: Budget::Iterations(32), threads: 1, seed: 1 };
        let played = replay(&instance, how, &never);
        let found = examine(&instance, &played.plan);
        prop_assert!(found.broken.none(), "{:?}", found.broken);
        for ((time, checked), request) in played.times.iter().zip(&found.times).zip(&instance.requests) {
            prop_assert_eq!(time.is_some(), checked.is_some());
            prop_assert!(time.is_none_or(|time| time.0 >= request.release_s), "told ahead is not fetched ahead");
            if let (Some(time), Some(checked)) = (time, checked) {
                prop_assert!(checked.0 <= time.0 && checked.1 <= time.1, "nothing happens before it could");
            }
        }
    }

    /// Whatever a plan does, right or wrong, both checkers count the same.
    #[test]
    fn the_checker_agrees_with_that_of_the_instances(
        document in instances(),
        steps in proptest::collection::vec((0u8..4, 0i64..140, proptest::collection::vec(0i64..120, 0..3)), 0..60),
    ) {
        if Command::new("python3").arg("--version").output().is_err() {
            return Ok(());
        }
        let instance = Instance::parse(&document.to_string()).unwrap();
        let mut plan = Itinerary::default();
        for (vehicle, chunk) in steps.chunks(12).enumerate() {
            let steps = chunk.iter().map(|(kind, id, who)| match kind {
                0 | 1 => Step::Pickup(*id % 100),
                2 => Step::Dropoff(if id % 2 == 0 { 5 } else { 9 }, None),
                _ => Step::Dropoff(if id % 3 == 0 { 5 } else { *id }, Some(who.clone())),
            });
            plan.routes.push(Route { vehicle: 100 + vehicle as i64 % 4, steps: steps.collect() });
        }
        let theirs = checked(&document.to_string(), &plan);
        let ours = examine(&instance, &plan);
        for (rule, count) in ours.broken.each() {
            prop_assert_eq!(theirs["broken"][rule].as_u64().unwrap_or(0), u64::from(count), "{}", rule);
        }
        prop_assert!((theirs["score"].as_f64().unwrap() - ours.score.total).abs() < 0.002, "{} {:?}", theirs, ours.score);
    }
}

/// What `check.py` says of a plan.
fn checked(instance: &str, plan: &Itinerary) -> Value {
    static RUN: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let run = RUN.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("dayclear-dispatch-{}-{run}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (a, b) = (folder.join("instance.json"), folder.join("plan.json"));
    std::fs::write(&a, instance).unwrap();
    std::fs::write(&b, plan.to_json().to_string()).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/dispatch/check.py");
    let output = Command::new("python3").arg(script).arg(&a).arg(&b).output().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn a_real_size_is_planned_whole_and_both_checkers_agree() {
    let instance = Instance::parse(T500).unwrap();
    let solution = solve(&instance, options(600, 2, 1), &never);
    let found = examine(&instance, &solution.plan);
    assert!(found.broken.none() && found.score.unserved == 0 && found.score.late == 0, "{:?}", found.score);
    assert!(found.score.total < 110.0, "{:?}", found.score);
    if Command::new("python3").arg("--version").output().is_ok() {
        let theirs = checked(T500, &solution.plan);
        assert_eq!(theirs["broken"], json!({}));
        assert!((theirs["score"].as_f64().unwrap() - found.score.total).abs() < 0.002);
    }
}

#[test]
fn one_seed_gives_one_plan_with_any_number_of_threads() {
    let instance = Instance::parse(T500).unwrap();
    let plans: Vec<Itinerary> = [1, 1, 2].map(|threads| solve(&instance, options(400, threads, 7), &never).plan).into();
    assert!(plans[0] == plans[1] && plans[0] == plans[2]);
    assert!(plans[0] != solve(&instance, options(400, 1, 8), &never).plan);
}

#[test]
fn a_plan_is_read_as_it_was_written() {
    let instance = Instance::parse(T500).unwrap();
    let plan = solve(&instance, options(32, 1, 1), &never).plan;
    assert_eq!(Itinerary::parse(&plan.to_json().to_string()).unwrap(), plan);
    for (text, at) in [
        ("[", "plan"),
        ("{}", "routes"),
        (r#"{"routes": [{"vehicle": "x", "steps": []}]}"#, "routes[0].vehicle"),
        (r#"{"routes": [{"vehicle": 1, "steps": [{"wait": 3}]}]}"#, "routes[0].steps[0]"),
    ] {
        assert_eq!(Itinerary::parse(text).unwrap_err().at, at, "{text}");
    }
}

#[test]
fn what_is_wrong_with_an_instance_is_told_with_its_place() {
    let good: Value = serde_json::from_str(T500).unwrap();
    for (path, value, at) in [
        ("/facilities/2/beds/C", json!(-4), "facilities[2].beds.C"),
        ("/requests/17/class", json!("Q"), "requests[17].class"),
        ("/requests/3/location", json!(100_000), "requests[3].location"),
        ("/requests/3/id", json!(4), "requests[4].id"),
        ("/requests/5/persons", json!(0), "requests[5].persons"),
        ("/requests/5/release_s", json!(1.5), "requests[5].release_s"),
        ("/vehicles/0/depot", json!(-1), "vehicles[0].depot"),
        ("/vehicles/1/seats", json!("eight"), "vehicles[1].seats"),
        ("/travel/speed_kmh", json!(0), "travel.speed_kmh"),
        ("/horizon_s", json!(null), "horizon_s"),
        ("/locations_km/9", json!([1]), "locations_km[9]"),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(path).unwrap() = value;
        let faults = Instance::parse(&bad.to_string()).unwrap_err().faults;
        assert_eq!(faults.iter().map(|fault| fault.at.as_str()).collect::<Vec<_>>(), [at], "{path}: {faults:?}");
    }
    let said = Instance::parse("{").unwrap_err().to_string();
    assert!(said.contains("line 1"), "{said}");
}

#[test]
fn a_matrix_takes_the_place_of_the_model_of_travel() {
    let mut document: Value = serde_json::from_str(T500).unwrap();
    let n = document["locations_km"].as_array().unwrap().len();
    document["travel"] = json!({ "matrix_s": vec![vec![600; n]; n] });
    let instance = Instance::parse(&document.to_string()).unwrap();
    assert_eq!((instance.travel_s(3, 4), instance.travel_s(4, 4)), (600, 0));
    document["travel"]["matrix_s"][2] = json!([1, 2]);
    assert_eq!(Instance::parse(&document.to_string()).unwrap_err().faults[0].at, "travel.matrix_s[2]");
}

#[test]
fn a_table_of_measured_times_goes_before_those_of_an_instance_and_its_faults_have_lines() {
    let instance = || Instance::parse(T500).unwrap();
    let before = instance().travel_s(4, 3);
    let (measured, pairs) = instance().measured("from,to,minutes\n3,4,10.01\n\n5,4,7\n").unwrap();
    assert_eq!(
        (measured.travel_s(3, 4), measured.travel_s(5, 4), measured.travel_s(4, 3), pairs),
        (601, 420, before, 2)
    );
    let plan = solve(&measured, options(300, 1, 1), &never).plan;
    assert!(examine(&measured, &plan).broken.none());
    for (text, at) in [
        ("from;to;minutes\n", "line 1"),
        ("from,to,minutes\n1,2\n", "line 2"),
        ("from,to,minutes\n1,99999,3\n", "line 2, to"),
        ("from,to,minutes\n-1,2,3\n", "line 2, from"),
        ("from,to,minutes\n1,2,-3\n", "line 2, minutes"),
        ("from,to,minutes\n1,2,3\n1,2,3\n", "line 3, from"),
    ] {
        assert_eq!(instance().measured(text).unwrap_err().faults[0].at, at, "{text}");
    }
}

#[test]
fn with_more_people_than_beds_those_of_lower_priority_stay() {
    let request = |id: i64, persons: i64, priority: i64| json!({"id": id, "location": 2, "persons": persons, "class": "P", "release_s": 0, "due_s": 7200, "needs": [], "priority": priority});
    let document = json!({
        "name": "short of beds", "horizon_s": 43200, "travel": {"detour": 1.0, "speed_kmh": 30, "asymmetry": 0},
        "locations_km": [[0, 0], [1, 1], [3, 3]],
        "requests": [request(1, 2, 1), request(2, 2, 5), request(3, 2, 1), request(4, 2, 5)],
        "facilities": [{"id": 0, "location": 0, "beds": {"P": 4}, "unload_s": 0, "per_person_s": 0}],
        "vehicles": [{"id": 0, "depot": 1, "seats": 4, "equipment": []}],
        "stop_s": 60, "per_person_s": 10, "decontamination_s": 0, "ride_limit_s": 7200,
    });
    let instance = Instance::parse(&document.to_string()).unwrap();
    let solution = solve(&instance, options(500, 1, 1), &never);
    let left = unplaced(&instance, &solution.plan, &solution.unplaced);
    assert_eq!(left, [(1, Hindrance::BedsTaken), (3, Hindrance::BedsTaken)]);
}

#[test]
fn why_tells_the_price_of_every_other_way() {
    let instance = Instance::parse(T500).unwrap();
    let plan = solve(&instance, options(300, 1, 1), &never).plan;
    let before = examine(&instance, &plan).score.total;
    let told = why(&instance, &plan, 17).unwrap();
    let planned = told.planned.unwrap();
    assert_eq!((told.facilities.len(), told.vehicles.len()), (5, 50));
    assert!(told.facilities.iter().any(|(id, way)| *id == planned.facility && way.is_ok()));
    assert!(told.facilities.iter().any(|(_, way)| *way == Err(Hindrance::NoBedsOfClass)));
    // without them the score is lower by what they are told to cost, but for the means, which are over fewer people
    assert!(planned.points > 0.0 && planned.points < before);
    let best = told.vehicles.iter().filter_map(|(_, way)| way.as_ref().ok()).map(|way| way.points);
    assert!(best.fold(f64::INFINITY, f64::min) <= planned.points + 1e-9, "the plan is one of the ways");
    assert!(why(&instance, &plan, 100_000).is_none());
}
