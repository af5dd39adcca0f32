//! `dayclear city run`: the three forms say the same, a seed repeats, and what is not known is named.

use crate::program::run;

fn played(arguments: &[&str]) -> String {
    let base = ["city", "run", "--people", "5000", "--days", "12"];
    run(base.iter().chain(arguments).copied()).ends_with(0).out
}

#[test]
fn an_outbreak_is_the_same_as_table_csv_and_json_and_on_any_threads() {
    let csv = played(&["--format", "csv"]);
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines.len(), 13);
    assert!(lines[0].starts_with("date,infections,infectious,") && lines[1].starts_with("2022-11-01,20,"), "{csv}");
    assert_eq!(csv, played(&["--format", "csv", "--threads", "1"]));
    assert_ne!(csv, played(&["--format", "csv", "--seed", "2"]));
    let table: Vec<String> =
        played(&[]).lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(",")).collect();
    assert_eq!(table, lines);
    let days: Vec<serde_json::Value> = serde_json::from_str(&played(&["--format", "json"])).unwrap();
    for (day, line) in days.iter().zip(&lines[1..]) {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!((day["date"].as_str(), day["ever"].to_string()), (Some(cells[0]), cells[6].to_owned()));
        let by_place: u64 = day["infections_by_place"].as_object().unwrap().values().filter_map(|n| n.as_u64()).sum();
        assert_eq!(Some(by_place), day["infections"].as_u64());
    }
}

#[test]
fn diseases_and_policies_are_names_or_files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("quiet.csv");
    std::fs::write(&file, "from,parameter,value,source\n,life,0,assumed\n,school,0,assumed\n,imports,3,assumed\n")
        .unwrap();
    let quiet = played(&["--policy", file.to_str().unwrap(), "--format", "csv"]);
    assert!(quiet.lines().nth(1).unwrap().starts_with("2022-11-01,3,"), "{quiet}");
    assert_ne!(played(&["--disease", "measles"]), played(&["--disease", "omicron-bf7"]));
    for (option, expected) in
        [("--disease", "no disease of the program (omicron-ba52"), ("--policy", "no policy of the program (none")]
    {
        let ran = run(["city", "run", "--people", "500", option, "atlantis"]).ends_with(1);
        assert!(ran.err.contains(expected), "{}", ran.err);
    }
    std::fs::write(&file, "from,parameter,value,source\n,colour,1,assumed\n").unwrap();
    let ran = run(["city", "run", "--people", "500", "--policy", file.to_str().unwrap()]).ends_with(1);
    assert!(ran.err.contains("line 2: 'colour'"), "{}", ran.err);
}
