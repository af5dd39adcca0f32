//! `dayclear screen`: each command on small files, worked out by hand, with what it refuses and how it says so.

use crate::program::{Ran, below, csv, run, scratch};
use std::fs;
use tempfile::TempDir;

const BUILDINGS: &str = "building,lon,lat,people,households,floors,area,risk
B1,106.500,29.500,300,100,10,Z1,household
B2,106.501,29.500,400,150,20,Z1,
B3,106.502,29.501,500,200,25,Z1,
";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = scratch();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Runs a command whose words that end in .csv or begin with @ are files of the folder.
fn screen(folder: &TempDir, words: &str) -> Ran {
    let word = |word: &str| match word.strip_prefix('@') {
        Some(name) => below(folder, name),
        None => word.to_owned(),
    };
    run(std::iter::once("screen".to_owned()).chain(words.split_whitespace().map(word)))
}

#[test]
fn a_round_is_planned_and_its_boxes_are_assigned() {
    let laboratories = "laboratory,lon,lat,tubes_a_day,price\nL1,106.52,29.52,400,10\nL2,106.60,29.60,4000,10\n";
    let files = folder(&[("buildings.csv", BUILDINGS), ("laboratories.csv", laboratories)]);
    let words =
        "plan --buildings @buildings.csv --laboratories @laboratories.csv --day 2022-11-22 --out @round --price-tube 2";
    let ran = screen(&files, words).ends_with(0);
    for text in ["people", "1200", "round.walk [V-local]", "pool.area_screening", "assumptions"] {
        assert!(ran.out.contains(text), "{text}: {}", ran.out);
    }
    let table = |name: &str| csv(&fs::read_to_string(files.path().join("round").join(name)).unwrap());
    let (calls, boxes) = (table("calls.csv"), table("boxes.csv"));
    let sum =
        |rows: &[Vec<String>], at: usize| rows[1..].iter().map(|row| row[at].parse::<u32>().unwrap()).sum::<u32>();
    assert_eq!(sum(&calls, 5), 1_200);
    assert_eq!(calls[1][1], "06:00");
    let json = screen(&files, &format!("{words} --format json")).ends_with(0).json();
    let figure = |name: &str| {
        json["round"].as_array().unwrap().iter().find(|row| row["figure"] == name).unwrap()["value"].as_f64().unwrap()
    };
    assert_eq!(figure("tubes"), f64::from(sum(&boxes, 5)));
    assert_eq!(figure("cost"), 2.0 * figure("tubes"));
    // a household, a tube: at least one for each of the 100
    assert!(figure("tubes_household") >= 100.0 && figure("wait_max_min") <= 30.0 && figure("sites_small") == 1.0);

    let words = "assign --boxes @round/boxes.csv --laboratories @laboratories.csv --out @to.csv --format json";
    let json = screen(&files, words).ends_with(0).json();
    assert!(json["last_result_min"].as_f64() <= json["nearest_last_result_min"].as_f64());
    let check =
        screen(&files, "assign --boxes @round/boxes.csv --laboratories @laboratories.csv --check @to.csv").ends_with(0);
    assert!(check.out.contains("last result at minute"), "{}", check.out);
    fs::write(files.path().join("wrong.csv"), "box,laboratory\nX000001,L1\n").unwrap();
    let ran = screen(&files, "assign --boxes @round/boxes.csv --laboratories @laboratories.csv --check @wrong.csv");
    assert!(ran.ends_with(1).err.contains("have no laboratory"));
}

#[test]
fn what_the_pack_forbids_ends_with_1_and_names_the_clause() {
    let files = folder(&[("buildings.csv", BUILDINGS), ("history.csv", "date,area,found\n2022-11-22,Z1,0\n")]);
    for (words, said) in [
        ("--day 2022-11-22 --history @history.csv", "round.a_day"),
        ("--day 2022-11-22 --purpose community", "round.widened"),
        ("--day 2022-11-22 --pack ebola", "says nothing of rounds"),
        ("--day 2022-11-22 --pack nope", "there is no protocol pack 'nope'"),
        ("--day 2022-11-22 --hours 30", "round.hours"),
        ("--day 2022-11-22 --hours 8", "opening hours"),
    ] {
        let ran = screen(&files, &format!("plan --buildings @buildings.csv {words}")).ends_with(1);
        assert!(ran.err.contains(said), "{words}: {}", ran.err);
    }
    let bad = BUILDINGS.replace("400,150", "many,150");
    fs::write(files.path().join("buildings.csv"), bad).unwrap();
    let ran = screen(&files, "plan --buildings @buildings.csv --day 2022-11-22").ends_with(1);
    assert!(ran.err.contains("buildings.csv, row 3, column people: 'many'"), "{}", ran.err);
    screen(&files, "plan --buildings @buildings.csv --day yesterday").ends_with(2);
}

#[test]
fn who_is_due_and_why() {
    let members = "person,group,place,tested\nP1,courier,,2022-11-20\nP2,courier,,2022-11-18\nP3,school,S1,\n";
    let history = "date,area,found\n2022-11-19,Z1,0\n2022-11-20,Z1,0\n2022-11-21,Z1,0\n";
    let files = folder(&[("members.csv", members), ("history.csv", history)]);
    let words = "due --members @members.csv --history @history.csv --day 2022-11-22 --format csv";
    let rows = csv(&screen(&files, words).ends_with(0).out);
    let states: Vec<[&str; 3]> = rows[1..].iter().map(|row| [row[0].as_str(), &row[1], &row[2]]).collect();
    assert_eq!(states, [["area", "Z1", "due on 2022-11-25"], ["courier", "P2", "due"], ["school", "P3", "due"]]);
    assert!(rows[1][3].starts_with("round.pause [V] of covid-19-cn-twenty"), "{}", rows[1][3]);
}

#[test]
fn pools_are_advised_within_the_pack() {
    let files = folder(&[]);
    let json = screen(&files, "pools --prevalence 0.0001 --loss 0.5 --format json").ends_with(0).json();
    let sizes: Vec<i64> = json["choices"].as_array().unwrap().iter().map(|row| row["size"].as_i64().unwrap()).collect();
    assert_eq!(sizes, [1, 5, 10, 20]);
    assert_eq!(json["choices"][3]["advised"], "*");
    assert!(screen(&files, "pools --prevalence 0.001 --size 50").ends_with(1).err.contains("not validated"));
    assert!(screen(&files, "pools --prevalence 0.001 --household").ends_with(1).err.contains("pool.household"));
    screen(&files, "pools --prevalence 0.01 --household --purpose area_screening").ends_with(0);
    screen(&files, "pools").ends_with(2);
}

#[test]
fn a_made_up_day_has_its_signals() {
    let files = folder(&[]);
    let words = "rehearse --out @day --laboratories 12 --cheats 2 --tubes 300 --way early_negatives";
    screen(&files, words).ends_with(0);
    let words = "quality --results @day/results.csv --laboratories @day/laboratories.csv --alarms --format csv";
    let rows = csv(&screen(&files, words).ends_with(0).out);
    let truth = csv(&fs::read_to_string(files.path().join("day/truth.csv")).unwrap());
    let cheats: Vec<&str> = truth[1..].iter().filter(|row| !row[1].is_empty()).map(|row| row[0].as_str()).collect();
    assert_eq!(cheats.len(), 2);
    for cheat in cheats {
        let told = |row: &&Vec<String>| row[1] == cheat && row[2] == "before_run_end";
        let row = rows[1..].iter().find(told).unwrap_or_else(|| panic!("{cheat}: {rows:?}"));
        assert!(row[5].starts_with("2022-11-2") && row[10].starts_with("I15"), "{row:?}");
    }
    fs::write(
        files.path().join("bad.csv"),
        "laboratory,tube,finding,version,reported_at\nL1,T1,maybe,F,2022-11-20T08:00:00Z\n",
    )
    .unwrap();
    let ran = screen(&files, "quality --results @bad.csv").ends_with(1);
    assert!(ran.err.contains("bad.csv, row 2, column finding: 'maybe'"), "{}", ran.err);
}

#[test]
fn where_tests_find() {
    let counts = "round,channel,tests,positives,cost\n1,blanket,1000000,100,3000000\n1,contacts,20000,400,100000\n";
    let files = folder(&[("counts.csv", counts)]);
    let rows = csv(&screen(&files, "yield --counts @counts.csv --format csv").ends_with(0).out);
    assert_eq!(rows[2][..5], ["1", "contacts", "20000", "400", "200.00"].map(str::to_owned));
    assert_eq!(rows[2][7], "250");
    let next = csv(&screen(&files, "yield --counts @counts.csv --format csv --shift").ends_with(0).out);
    assert_eq!(next[0][5..9], ["cost_per_test", "cost_per_positive", "tests_now", "tests_next"].map(str::to_owned));
    assert_eq!((next[1][0].as_str(), next[1][7].as_str(), next[1][8].as_str()), ("contacts", "20000", "40000"));
    fs::write(files.path().join("counts.csv"), counts.replace(",100,", ",2000000,")).unwrap();
    assert!(screen(&files, "yield --counts @counts.csv").ends_with(1).err.contains("positives are among the tests"));
}
