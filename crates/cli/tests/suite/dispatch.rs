//! `dayclear dispatch`: a plan that its own checker accepts, the same one for a seed, and bad instances told with their place.

use crate::program::{below, csv, day, example, run, scratch};

const T500: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/dispatch/T500-50.json");

#[test]
fn a_plan_is_made_written_judged_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("plan.json");
    let out = out.to_str().unwrap();
    let base = ["dispatch", T500, "--iterations", "64", "--format", "json"];
    let made = run(base.iter().copied().chain(["--out", out, "--why", "17"])).ends_with(0).json();
    assert_eq!((made["unserved"].as_u64(), made["broken"].as_u64()), (Some(0), Some(0)), "{made}");
    assert!(made["ways"].as_array().unwrap().len() > 50);
    let judged = run(["dispatch", T500, "--check", out, "--format", "json"]).ends_with(0).json();
    assert_eq!(judged["score"], made["score"]);
    let again = run(base.iter().copied().chain(["--threads", "2"])).ends_with(0).json();
    assert_eq!(again["score"], made["score"]);
    // a plan that takes somebody twice breaks a rule
    let text = std::fs::read_to_string(out).unwrap();
    let twice = text.replacen("{\"pickup\":", "{\"pickup\":17},{\"pickup\":17},{\"pickup\":", 1);
    std::fs::write(out, twice).unwrap();
    let broken = run(["dispatch", T500, "--check", out]).ends_with(1);
    assert!(broken.err.contains("picked_twice"), "{}", broken.err);
}

#[test]
fn who_has_no_place_is_said_aloud_and_a_bad_instance_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("instance.json");
    let path = file.to_str().unwrap();
    let mut instance: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(T500).unwrap()).unwrap();
    instance["vehicles"] = serde_json::json!([]);
    std::fs::write(&file, instance.to_string()).unwrap();
    let said = run(["dispatch", path, "--iterations", "1"]).ends_with(0).err;
    assert!(said.contains("500 of 500 requests have no place") && said.contains("there is no vehicle"), "{said}");
    instance["facilities"][1]["beds"]["P"] = serde_json::json!(-3);
    std::fs::write(&file, instance.to_string()).unwrap();
    let said = run(["dispatch", path]).ends_with(1).err;
    assert!(said.contains("facilities[1].beds.P: -3; expected a whole number from 0"), "{said}");
    run(["dispatch", path, "--time", "never"]).ends_with(2);
}

#[test]
fn free_beds_ahead_are_the_same_by_class_and_by_place() {
    let folder = scratch();
    let out = below(&folder, "out");
    day(&example(), &out).ends_with(0);
    let db = format!("sqlite:{out}/dayclear.db");
    let beds = |more: &[&str]| {
        let words = ["beds", "--db", &db, "--at", "2022-11-20T20:30:00+08:00", "--every", "24"];
        run(words.iter().chain(more)).ends_with(0).out
    };
    let hours = ["2022-11-20T20:00:00+08:00", "2022-11-21T20:00:00+08:00", "2022-11-22T20:00:00+08:00"];
    let sums = |text: &str| {
        let rows = csv(text);
        hours.map(|hour| {
            let at = rows[0].iter().position(|name| name == hour).unwrap();
            rows[1..].iter().filter_map(|row| row.get(at)?.parse::<i64>().ok()).sum::<i64>()
        })
    };
    let by_class = sums(&beds(&["--format", "csv"]));
    assert!(by_class.iter().all(|free| *free > 0), "{by_class:?}");
    assert_eq!(by_class, sums(&beds(&["--format", "csv", "--places"])));
    assert!(beds(&[]).contains("11-21 20:00"), "a table of people says day and hour");
}
