//! `dayclear city scenarios`: policies beside each other on one city and the same outbreaks, in every form; what is wrong is refused
//! by name; and from where a store stands.

use crate::program::{Ran, below, csv, day, run, scratch};
use std::{fs, path::Path};

const SMALL: [&str; 8] = ["city", "scenarios", "--people", "3000", "--days", "12", "--seeds", "4"];
const TWO: [&str; 4] = ["--policy", "none", "--policy", "tests-and-tracing"];

fn played(more: &[&str]) -> Ran {
    run(SMALL.iter().chain(more).copied())
}

fn with_two(more: &[&str]) -> String {
    played(&TWO.iter().chain(more).copied().collect::<Vec<_>>()).ends_with(0).out
}

fn example(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(name).to_string_lossy().into_owned()
}

#[test]
fn the_table_stands_beside_what_json_and_csv_say_and_threads_change_nothing() {
    let table = with_two(&[]);
    insta::assert_snapshot!("scenarios", table);
    assert_eq!(table, with_two(&["--threads", "1"]));
    let told: serde_json::Value = serde_json::from_str(&with_two(&["--format", "json"])).unwrap();
    let mut keys: Vec<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "city_seed",
            "days",
            "disease",
            "first",
            "form",
            "imports",
            "needs_built_in",
            "people",
            "policies",
            "seeds",
            "standing"
        ]
    );
    assert_eq!(
        (told["form"].as_u64(), told["people"].as_u64(), told["seeds"].to_string()),
        (Some(1), Some(3000), "[1,2,3,4]".into())
    );
    let rows = csv(&with_two(&["--format", "csv"]));
    // two policies, seven outcomes, twelve days and a sum
    assert_eq!(rows.len(), 1 + 2 * 7 * 13);
    for policy in told["policies"].as_array().unwrap() {
        for outcome in policy["outcomes"].as_array().unwrap() {
            let name = (policy["policy"].as_str().unwrap(), outcome["outcome"].as_str().unwrap());
            let own: Vec<_> = rows.iter().filter(|row| (row[0].as_str(), row[1].as_str()) == name).collect();
            for (day, row) in outcome["days"].as_array().unwrap().iter().zip(&own) {
                assert_eq!(day["median"].as_f64(), row[5].parse().ok(), "{name:?}");
            }
            assert_eq!(outcome["total"]["mean"].as_f64(), own[12][8].parse().ok(), "{name:?}");
            assert_eq!(outcome["total"]["difference"].is_null(), name.0 == "none");
        }
    }
}

#[test]
fn a_policy_beside_itself_differs_by_nothing_and_all_live_in_the_same_city() {
    let told = played(&["--policy", "tests-and-tracing", "--policy", "tests-and-tracing", "--format", "json"]);
    let told = told.ends_with(0).json();
    let other = &told["policies"][1];
    assert_eq!(other["policy"], "tests-and-tracing (2)");
    for (one, other) in
        told["policies"][0]["outcomes"].as_array().unwrap().iter().zip(other["outcomes"].as_array().unwrap())
    {
        assert_eq!(one["days"], other["days"]);
        assert_eq!(other["total"]["difference"]["mean"].as_f64(), Some(0.0));
        assert_eq!(other["total"]["difference"]["between"].to_string(), "[0.0,0.0]");
    }
    // a policy that brings people of its own is played on the outbreaks of the first, and that is said
    let ran = played(&["--policy", "none", "--policy", "chongqing-2022", "--format", "json"]).ends_with(0);
    assert!(ran.err.contains("chongqing-2022: whom it infects from outside is left out"), "{}", ran.err);
    let told = ran.json();
    assert_eq!(told["imports"].to_string(), "[[0,20]]");
    let first = |at: usize| told["policies"][at]["outcomes"][1]["days"][0].clone();
    assert_eq!(first(0), first(1), "nobody was found yet on the first day");
}

#[test]
fn needs_say_what_each_policy_takes_and_a_page_and_a_picture_show_it() {
    let folder = scratch();
    let capacity = below(&folder, "capacity.csv");
    fs::write(&capacity, "need,available\nbeds_a,10\nisolation_rooms,100000\n").unwrap();
    let given = ["--needs", &example("needs.toml"), "--capacity", &capacity];
    let policies = ["as-it-is", "contacts-at-home"].map(|name| example(&format!("policies/{name}.csv")));
    let asked = |format: &str, lang: &str| {
        let mut more = vec!["--policy", &policies[0], "--policy", &policies[1], "--format", format, "--lang", lang];
        more.extend(given);
        played(&more).ends_with(0)
    };
    let told = asked("json", "en").json();
    assert_eq!(
        (told["policies"][0]["policy"].as_str(), told["needs_built_in"].as_bool()),
        (Some("as-it-is"), Some(false))
    );
    let need = |policy: usize, name: &str| {
        let all = told["policies"][policy]["needs"].as_array().unwrap();
        all.iter().find(|need| need["name"] == name).unwrap().clone()
    };
    let beds = need(0, "beds_a");
    assert!(beds["short"].as_f64() > Some(0.9) && beds["decide"]["by"].is_string(), "{beds}");
    assert!(beds["peak"]["median"].as_f64() > Some(10.0) && beds["counted"] == false, "{beds}");
    // nobody is held away where contacts stay at home, whatever the file says of a case
    let rooms = |policy| need(policy, "isolation_rooms")["peak"]["median"].as_f64().unwrap();
    assert!(rooms(0) > 0.0 && rooms(1) == 0.0, "{} {}", rooms(0), rooms(1));
    assert!(need(0, "beds_icu")["short"].is_null(), "what nobody told is no probability");
    assert!(asked("table", "zh-Hans").out.contains("各方案所需"));
    for (lang, word) in [("en", "What each policy takes"), ("zh-Hans", "各方案所需"), ("zh-Hant", "各方案所需")]
    {
        let page = asked("html", lang).out;
        assert!(page.starts_with("<!doctype html>") && page.contains(word) && page.contains("<svg"), "{page}");
    }
    let picture = asked("svg", "en").out;
    assert_eq!(picture.matches("class=\"middle\"").count(), 2);
}

#[test]
fn every_policy_of_the_examples_can_be_played_and_names_its_sources() {
    let files: Vec<_> = fs::read_dir(example("policies")).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 4);
    for file in files {
        let file = file.to_str().unwrap();
        run(["city", "run", "--people", "500", "--days", "1", "--policy", file]).ends_with(0);
    }
}

#[test]
fn what_is_wrong_is_refused_by_name_before_anything_is_played() {
    let folder = scratch();
    let (bad, store) = (below(&folder, "bad.csv"), below(&folder, "none.db"));
    fs::write(&bad, "from,parameter,value,source\n,round_every,often,assumed\n").unwrap();
    for (arguments, told) in [
        (vec!["--policy", "atlantis"], "'atlantis' is no policy of the program (none, tests-and-tracing"),
        (vec!["--policy", bad.as_str()], "line 2: 'round_every' = 'often'"),
        (vec!["--policy", "none", "--days", "0"], "--days is 0; give a number from 1 to 365"),
        (vec!["--policy", "none", "--seeds", "0"], "--seeds is 0; give a number from 2"),
        (vec!["--policy", "none", "--threads", "0"], "--threads is 0"),
        (vec!["--policy", "none", "--people", "0"], "at least one person"),
        (vec!["--policy", "none", "--disease", "plague"], "no disease of the program"),
        (vec!["--policy", "none", "--needs", "nowhere.toml"], "nowhere.toml cannot be read"),
        (vec!["--policy", "none", "--capacity", bad.as_str()], "without --needs nothing is needed"),
        (vec!["--policy", "none", "--db", store.as_str()], "holds no city"),
    ] {
        let base = ["city", "scenarios"];
        let ran = run(base.iter().copied().chain(arguments.clone())).ends_with(1);
        assert!(ran.err.contains(told), "{arguments:?}: {}", ran.err);
        assert_eq!(ran.out, "", "{arguments:?}");
    }
    for arguments in [
        "city scenarios",
        "city scenarios --policy none --seeds many",
        "city scenarios --policy none --so-far none",
        "city scenarios --policy none --db x.db --date 2022-11-01",
    ] {
        run(arguments.split_whitespace()).ends_with(2);
    }
}

#[test]
fn a_store_is_followed_and_its_policies_begin_on_the_day_after() {
    let folder = scratch();
    let (db, policy) = (below(&folder, "city.db"), example("policies/as-it-is.csv"));
    let ask = |more: &[&str]| {
        let base = ["city", "scenarios", "--db", &db, "--policy", &policy, "--days", "10", "--seeds", "4"];
        run(base.iter().chain(more).copied())
    };
    for turn in 0..8 {
        let (files, out) = (below(&folder, &format!("in{turn}")), below(&folder, &format!("out{turn}")));
        let date = format!("2022-11-{}", 20 + turn);
        let (turn, positives) = (turn.to_string(), (4 + turn).to_string());
        let city = ["city", "make", "--people", "1200", "--seed", "3", "--out", &files];
        run(city.iter().copied().chain(["--turn", &turn, "--date", &date, "--positives", &positives])).ends_with(0);
        // rows that a later day of this city sends again are kept aside, and that is said by the exit code
        assert!(run(["day", &files, "--out", &out, "--db", &db]).out.contains("bulletin: "));
        if turn == "2" {
            let early = ask(&["--at", "2022-11-23T12:00:00+08:00"]).ends_with(1);
            assert!(early.err.contains("only 3 whole days") && early.err.contains("without a store"), "{}", early.err);
        }
    }
    let at = ["--at", "2022-11-28T12:00:00+08:00"];
    let home = example("policies/contacts-at-home.csv");
    let told = |more: &[&str]| ask(&[&at[..], more].concat());
    let ran = told(&["--policy", &home, "--format", "json"]).ends_with(0);
    assert!(ran.err.contains("follow the cases of these days within a factor of"), "{}", ran.err);
    let json = ran.json();
    assert_eq!((json["people"].as_u64(), json["first"].as_str()), (Some(1200), Some("2022-11-28")));
    let standing = &json["standing"];
    let sum = |list: &serde_json::Value| list.as_array().unwrap().iter().filter_map(|day| day.as_f64()).sum::<f64>();
    assert!(sum(&standing["seen"]) >= 40.0 && standing["seen"].as_array().unwrap().len() == 8, "{standing}");
    let share = standing["last_week"].as_f64().unwrap();
    assert!((0.5..=2.0).contains(&share), "{standing}");
    assert_eq!((standing["so_far"].as_str(), json["needs_built_in"].as_bool()), (Some("as-it-is"), Some(true)));
    // eight days are too few for a forecast, so the situation says nothing of the days ahead; a file does
    let beds = |json: &serde_json::Value| {
        let needs = json["policies"][0]["needs"].as_array().unwrap();
        needs.iter().find(|need| need["name"] == "beds_a").unwrap().clone()
    };
    assert!(beds(&json)["peak"]["have"].is_null(), "{json}");
    let capacity = below(&folder, "capacity.csv");
    fs::write(&capacity, "need,available\nbeds_a,5\n").unwrap();
    let short = beds(&told(&["--capacity", &capacity, "--format", "json"]).ends_with(0).json());
    // those who were found before today lie in beds already
    assert!(short["short"].as_f64() == Some(1.0) && short["decide"]["by"].is_string(), "{short}");
    assert!(told(&[]).ends_with(0).out.contains("cases in the 8 days from"));
    assert_eq!(told(&["--threads", "1"]).ends_with(0).out, told(&[]).ends_with(0).out);
    let refused = told(&["--so-far", "none"]).ends_with(1);
    assert!(refused.err.contains("name with --so-far what was"), "{}", refused.err);
    let refused = told(&["--people", "500"]).ends_with(1);
    assert!(refused.err.contains("leave out --people"), "{}", refused.err);
    let example = below(&folder, "example");
    day(&crate::program::example(), &example).ends_with(0);
    let few = ["city", "scenarios", "--policy", "none", "--db", &format!("{example}/dayclear.db")];
    let few = run(few.iter().copied().chain(["--at", "2022-11-30T12:00:00+08:00"])).ends_with(1);
    assert!(few.err.contains("at least 10 are needed"), "{}", few.err);
}
