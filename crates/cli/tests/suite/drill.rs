//! `dayclear drill`: a scenario is a name or a file, its scorecard is printed and kept, and two are played side by side.

use crate::program::run;
use std::fs;

const TINY: &str = include_str!("../../../drill/scenarios/first-case.toml");

#[test]
fn a_scenario_is_a_name_or_a_file_and_its_scorecard_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("village.toml"), folder.path().join("out"));
    let village = TINY.replace("people = 3000", "people = 200").replace("first-case", "village");
    fs::write(&file, village).unwrap();
    let played = |more: &[&str]| {
        let base = ["drill", file.to_str().unwrap(), "--days", "1", "--out", out.to_str().unwrap()];
        run(base.iter().chain(more).copied()).ends_with(0).out
    };
    let card: serde_json::Value = serde_json::from_str(&played(&["--format", "json"])).unwrap();
    assert_eq!((card["scenario"].as_str(), card["exercise"].as_bool()), (Some("village"), Some(true)));
    assert!(card["failed"].as_array().unwrap().is_empty() && card["checks"].as_u64() > Some(15), "{card}");
    let kept: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(out.join("scorecard.json")).unwrap()).unwrap();
    assert_eq!(kept, card);
    assert!(played(&[]).starts_with("Exercise: "));
    assert!(played(&["--lang", "zh-Hant"]).starts_with("演練"));
    let page = fs::read_to_string(out.join("scorecard.zh-Hans.html")).unwrap();
    assert!(page.contains("<html lang=\"zh-Hans\">") && page.contains("演练"), "{page}");
    let listed = run(["drill", "list"]).ends_with(0).out;
    assert!(listed.contains("november-2022") && listed.contains("measles-school"), "{listed}");
}

#[test]
fn what_is_not_known_is_named_and_a_folder_of_others_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = |arguments: &[&str], code: i32| run(arguments.iter().copied()).ends_with(code).err;
    assert!(text(&["drill", "frist-case"], 1).contains("first-case"));
    assert!(text(&["drill", "first-case", "--faults", "lat"], 2).contains("late"));
    assert!(text(&["drill"], 2).contains("SCENARIO"));
    assert!(text(&["drill", "first-case", "--play", "laboratory"], 2).contains("tracer"));
    assert!(text(&["drill", "first-case", "--speed", "0"], 2).contains("86400"));
    assert!(text(&["drill", "first-case", "--listen", "0.0.0.0:0"], 2).contains("this machine only"));
    fs::write(folder.path().join("mine.txt"), "mine").unwrap();
    let said = text(&["drill", "first-case", "--out", folder.path().to_str().unwrap()], 1);
    assert!(said.contains("left alone"), "{said}");
    assert!(folder.path().join("mine.txt").is_file());
}
