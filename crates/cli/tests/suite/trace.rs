//! `dayclear trace`: contacts and clusters from files, what cannot be used is told and counted, and the three forms agree.

use crate::program::{Ran, run};
use std::path::Path;

const VISITS: &str = "person,place,from,to
P1,bar,2022-11-20T20:00:00+08:00,2022-11-20T23:00:00+08:00
P2,bar,2022-11-20T12:30:00Z,2022-11-20T13:00:00Z
P2,bar,2022-11-20T12:45:00Z,2022-11-20T13:15:30Z
P3,bar,2022-11-20T14:50:00Z,
P4,bar,2022-11-20T14:50:00Z,2022-11-20T14:40:00Z
P5,,2022-11-20T14:50:00Z,2022-11-20T15:40:00Z
P2,shop,2022-11-21T00:00:00+08:00,2022-11-21T01:00:00+08:00
P1,shop,2022-11-20T23:30:00+08:00,2022-11-21T00:30:00+08:00
";
const CASES: &str = "case,person,from,to
C1,P1,2022-11-20T00:00:00+08:00,2022-11-22T00:00:00+08:00
";

/// Searches in a folder with the files above, or others.
fn search(folder: &Path, visits: &str, cases: &str, more: &[&str]) -> Ran {
    std::fs::write(folder.join("visits.csv"), visits).unwrap();
    std::fs::write(folder.join("cases.csv"), cases).unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let words =
        ["trace", "exposures", "--visits", &path("visits.csv"), "--cases", &path("cases.csv")].map(str::to_owned);
    let out = ["--out".to_owned(), path("out.csv")];
    let more = more.iter().map(|word| (*word).to_owned());
    let given: Vec<String> = words.into_iter().chain(out).chain(more).collect();
    run(given.iter().map(String::as_str))
}

#[test]
fn contacts_are_found_over_midnight_zones_and_open_ends() {
    let folder = tempfile::tempdir().unwrap();
    let out = || std::fs::read_to_string(folder.path().join("out.csv")).unwrap();
    let ran = search(folder.path(), VISITS, CASES, &["--min-minutes", "10"]).ends_with(0);
    assert_eq!(
        out(),
        "case,person,place,first,last,minutes\n\
         C1,P2,bar,2022-11-20T12:30:00Z,2022-11-20T13:15:30Z,45.5\n\
         C1,P2,shop,2022-11-20T16:00:00Z,2022-11-20T16:30:00Z,30\n\
         C1,P3,bar,2022-11-20T14:50:00Z,2022-11-20T15:00:00Z,10\n"
    );
    assert!(ran.out.contains("visits.csv         8     6      2"), "{}", ran.out);
    let doubtful = std::fs::read_to_string(folder.path().join("out.doubtful.csv")).unwrap();
    let lines: Vec<&str> = doubtful.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[1].starts_with("visits.csv,6,to,2022-11-20T14:40:00Z,a time at or after the start of the row"));
    assert!(lines[2].starts_with("visits.csv,7,place,,an identifier,"), "{}", lines[2]);

    let more = ["--min-minutes", "10.01", "--hints", "--offset", "+08:00", "--format", "json", "--threads", "3"];
    let ran = search(folder.path(), VISITS, CASES, &more).ends_with(0);
    assert_eq!(
        out(),
        "case,person,place,first,last,minutes,total_minutes,places\n\
         C1,P2,bar,2022-11-20T20:30:00+08:00,2022-11-20T21:15:30+08:00,45.5,75.5,2\n\
         C1,P2,shop,2022-11-21T00:00:00+08:00,2022-11-21T00:30:00+08:00,30,75.5,2\n"
    );
    let told: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(told["files"][1], serde_json::json!({"file": "visits.csv", "received": 8, "used": 6, "aside": 2}));
    assert_eq!((&told["contacts"], &told["people"]), (&2.into(), &1.into()));

    // Files without a fault leave no list, also not one of an earlier run; Parquet comes out by its ending.
    let good: String =
        VISITS.lines().filter(|line| !line.starts_with("P4") && !line.starts_with("P5")).collect::<Vec<_>>().join("\n");
    let parquet = folder.path().join("out.parquet");
    search(folder.path(), &good, CASES, &["--min-minutes", "10", "--strict"]).ends_with(0);
    assert!(!folder.path().join("out.doubtful.csv").exists());
    let (visits, cases) = (folder.path().join("visits.csv"), folder.path().join("cases.csv"));
    let words = ["trace", "exposures", "--visits", visits.to_str().unwrap(), "--cases", cases.to_str().unwrap()];
    run(words.into_iter().chain(["--min-minutes", "1", "--out", parquet.to_str().unwrap()])).ends_with(0);
    assert!(std::fs::read(&parquet).unwrap().starts_with(b"PAR1"));
}

#[test]
fn what_cannot_be_used_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let asked = ["--min-minutes", "10"];
    let strict = search(folder.path(), VISITS, CASES, &["--min-minutes", "10", "--strict"]).ends_with(1);
    assert!(
        strict.err.contains("2 rows cannot be used") && strict.err.contains("visits.csv, row 6, column to"),
        "{}",
        strict.err
    );
    assert!(!folder.path().join("out.csv").exists());
    let ran = search(folder.path(), "person,place,start,to\n", CASES, &asked).ends_with(1);
    assert!(ran.err.contains("visits.csv: the header (row 1) lacks 'from'"), "{}", ran.err);
    let ran =
        search(folder.path(), VISITS, "case,person,from,to\nC1,P1,2022-11-20T00:00:00Z,9999-01-01T00:00:00Z\n", &asked);
    assert!(ran.ends_with(1).err.contains("case 'C1'"));
    // A window without an end is no window.
    let open = search(folder.path(), VISITS, "case,person,from,to\nC1,P1,2022-11-20T00:00:00Z,\n", &asked).ends_with(0);
    assert!(open.out.contains("cases.csv          1     0      1"), "{}", open.out);
    search(folder.path(), VISITS, CASES, &["--min-minutes", "ten"]).ends_with(2);
    search(folder.path(), VISITS, CASES, &[]).ends_with(2);
}

#[test]
fn clusters_are_the_same_as_table_csv_and_json() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let mut cases = "place,date,count\n".to_owned();
    for day in 1..=20 {
        for place in "ABCDEFGHIJ".chars() {
            cases.push_str(&format!("{place},2022-11-{day:02},1\n"));
        }
    }
    for place in ["A", "B"] {
        cases.push_str(&format!("{place},2022-11-20,6\n{place},2022-11-19,6\n"));
    }
    cases.push_str("A,2022-11-31,1\nZ,2022-11-01,1\n");
    let cases = file("cases.csv", &cases);
    let mut places = "place,lat,lon\nA,29.5,106.5\nB,29.51,106.5\n".to_owned();
    for (at, place) in "CDEFGHIJ".chars().enumerate() {
        places.push_str(&format!("{place},{},108\n", 30 + at));
    }
    let places = file("places.csv", &places);
    let aside = folder.path().join("aside.csv");
    let scan = |more: &[&str]| {
        let words = ["trace", "clusters", "--cases", &cases, "--places", &places, "--replicates", "199"];
        run(words.iter().chain(more).copied())
    };
    let told: serde_json::Value =
        serde_json::from_str(&scan(&["--format", "json", "--aside", aside.to_str().unwrap()]).ends_with(0).out)
            .unwrap();
    let best = &told["clusters"][0];
    assert_eq!(
        (&best["places"], &best["first"], &best["last"]),
        (&serde_json::json!(["A", "B"]), &"2022-11-19".into(), &"2022-11-20".into())
    );
    let (p, recurrence) = (best["p"].as_f64().unwrap(), best["recurrence_days"].as_f64().unwrap());
    assert!(best["observed"] == 28 && p <= 0.01 && (p * recurrence - 1.0).abs() < 1e-9, "{best}");
    assert_eq!([&told["received"], &told["used"], &told["aside"]], [206, 204, 2]);
    let list = std::fs::read_to_string(&aside).unwrap();
    assert!(
        list.contains("cases.csv,206,date,2022-11-31")
            && list.contains("cases.csv,207,place,Z,a place of the file of places"),
        "{list}"
    );
    let csv = scan(&["--format", "csv"]).ends_with(0).out;
    assert!(csv.lines().nth(1).unwrap().starts_with("1,A,A; B,1.112,2022-11-19,2022-11-20,2,28,"), "{csv}");
    let table = scan(&["--threads", "1"]).ends_with(0).out;
    assert!(table.contains("199 shuffles with seed 1; 206 rows received, 204 used, 2 aside"), "{table}");
    assert!(scan(&["--strict"]).ends_with(1).err.contains("2 rows cannot be used"));
    // As of an earlier day nothing had begun; each place alone without positions.
    let earlier = scan(&["--today", "2022-11-15", "--format", "json"]).ends_with(0).out;
    let earlier: serde_json::Value = serde_json::from_str(&earlier).unwrap();
    assert!(
        earlier["clusters"].as_array().unwrap().iter().all(|cluster| cluster["p"].as_f64().unwrap() > 0.05),
        "{earlier}"
    );
    scan(&["--max-days", "0"]).ends_with(2);
}
