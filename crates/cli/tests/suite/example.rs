//! The example day: what it writes, that a second run changes nothing, that its books and bulletin can be asked for again,
//! and that the independent checker finds everything whole.

use crate::program::{DAY, below, command, csv, day, example, run, same_files, scratch, without, written};
use std::{fs, io, path::Path};

/// Every file that a day leaves beside its store.
const FILES: &[&str] = &[
    "books.csv",
    "bulletin.csv",
    "bulletin.en.html",
    "bulletin.html",
    "bulletin.json",
    "bulletin.zh-Hans.html",
    "bulletin.zh-Hant.html",
    "cases.csv",
    "contacts.csv",
    "doubts.csv",
    "hops.csv",
    "key_groups.csv",
    "no_zone.csv",
    "open_items.csv",
    "orders.csv",
    "recalls.csv",
    "requests.csv",
    "supply_runs.csv",
    "tests.csv",
    "transfers.csv",
    "trips.csv",
    "zones.csv",
    "zones.geojson",
];

/// Columns in whole sentences, which may be worded better without anything being decided otherwise.
const WORDING: &[&str] = &["reason", "legal_basis", "body", "purpose", "milder_options"];

#[test]
fn the_example_day_writes_what_was_decided() {
    let folder = scratch();
    let out = below(&folder, "out");
    let ran = day(&example(), &out).ends_with(0);
    assert!(ran.out.trim_end().ends_with(&format!("bulletin: {out}/bulletin.html")), "{}", ran.out);
    assert_eq!(ran.err, "");
    let files = written(&out);
    assert_eq!(files.keys().map(String::as_str).collect::<Vec<_>>(), FILES);
    for name in ["cases", "contacts", "orders", "zones", "no_zone", "recalls", "books", "hops"] {
        let text = String::from_utf8(files[&format!("{name}.csv")].clone()).unwrap();
        insta::assert_snapshot!(format!("example_{name}"), without(&text, WORDING));
    }
    // The signature covers every event of the day, also how it is worded: its form is checked here, and below that it is
    // the same each time.
    let text = String::from_utf8(files["bulletin.json"].clone()).unwrap();
    let bulletin: serde_json::Value = serde_json::from_str(&text).unwrap();
    let signature = bulletin["provenance"]["signature"].as_str().unwrap();
    assert!(signature.len() == 64 && signature.bytes().all(|b| b.is_ascii_hexdigit()), "{signature}");
    insta::assert_snapshot!("example_bulletin", text.replace(signature, "[signature]"));
}

#[test]
fn what_is_written_is_well_formed() {
    let folder = scratch();
    let out = below(&folder, "out");
    day(&example(), &out).ends_with(0);
    for (name, bytes) in written(&out) {
        let text = String::from_utf8(bytes).unwrap();
        if name.ends_with(".csv") {
            let rows = csv(&text);
            assert!(rows.iter().all(|row| row.len() == rows[0].len()), "{name}: every row has the cells of the header");
        } else if name.ends_with("json") {
            serde_json::from_str::<serde_json::Value>(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        } else {
            assert!(text.starts_with("<!doctype html>") && text.trim_end().ends_with("</html>"), "{name}");
        }
    }
}

#[test]
fn a_second_run_says_so_and_leaves_every_file_as_it_was() {
    let folder = scratch();
    let out = below(&folder, "out");
    let first = day(&example(), &out).ends_with(0);
    assert!(!first.out.contains("nothing changed"), "{}", first.out);
    let before = written(&out);
    let second = day(&example(), &out).ends_with(0);
    assert!(second.out.contains("nothing changed"), "{}", second.out);
    same_files(&before, &written(&out));
    // another folder, another store: the same bytes, the signature among them
    let other = below(&folder, "other");
    day(&example(), &other).ends_with(0);
    same_files(&before, &written(&other));
}

#[test]
fn an_output_that_was_lost_is_written_again_from_the_store() {
    let folder = scratch();
    let out = below(&folder, "out");
    day(&example(), &out).ends_with(0);
    let before = written(&out);
    fs::remove_file(Path::new(&out).join("cases.csv")).unwrap();
    fs::write(Path::new(&out).join("orders.csv"), "torn").unwrap();
    day(&example(), &out).ends_with(0);
    same_files(&before, &written(&out));
}

#[test]
fn books_and_bulletin_are_told_again_in_every_form() {
    let folder = scratch();
    let (out, db) = (below(&folder, "out"), below(&folder, "store.db"));
    run(["day", example().to_str().unwrap(), "--out", &out, "--db", &db]).ends_with(0);
    let ask = |arguments: &[&str]| {
        let words = arguments.iter().copied().chain(["--date", DAY, "--db", &db]);
        run(words).ends_with(0).out
    };
    let file = |name: &str| fs::read_to_string(Path::new(&out).join(name)).unwrap();

    // the books of the store are those of the file, but for the sums of the whole city that stand above them there
    let books = csv(&ask(&["books", "--format", "csv"]));
    let kept: Vec<Vec<String>> = csv(&file("books.csv")).into_iter().filter(|row| row[1] != "50").collect();
    assert_eq!(books, kept);
    let ledger: serde_json::Value = serde_json::from_str(&ask(&["books", "--format", "json"])).unwrap();
    assert_eq!(ledger.as_array().unwrap().len(), books.len() - 1);
    for line in ledger.as_array().unwrap() {
        let n = |name: &str| line[name].as_i64().unwrap();
        assert_eq!(n("opening") + n("received") - n("completed") - n("cancelled"), n("closing"), "{line}");
    }
    assert_eq!(ask(&["books"]).trim().lines().count(), books.len() + 1, "header, rule, one line each");

    for (lang, page, word) in [
        ("en", "bulletin.en.html", "Chongqing"),
        ("zh-Hans", "bulletin.zh-Hans.html", "数据截至"),
        ("zh-Hant", "bulletin.zh-Hant.html", "數據截至"),
    ] {
        assert!(ask(&["bulletin", "--lang", lang]).contains(word), "{lang}");
        assert_eq!(ask(&["bulletin", "--lang", lang, "--format", "html"]).trim_end(), file(page).trim_end(), "{lang}");
        assert_eq!(ask(&["bulletin", "--lang", lang, "--format", "json"]).trim_end(), file("bulletin.json").trim_end());
        let rows = csv(&ask(&["bulletin", "--lang", lang, "--format", "csv"]));
        let english = csv(&file("bulletin.csv"));
        let figures = |rows: &[Vec<String>]| {
            // the city goes by its name in each language, and the notes (by number) are sentences
            let figure = |row: &&Vec<String>| row[2] != "city" && row[2].parse::<u8>().is_err();
            let rows = rows[1..].iter().filter(figure);
            rows.map(|row| (row[2].clone(), row[4].clone())).collect::<Vec<_>>()
        };
        assert_eq!(figures(&rows), figures(&english), "{lang}: the same figures under the same keys");
    }
}

#[test]
fn the_checker_finds_the_day_whole() {
    let folder = scratch();
    let out = below(&folder, "out");
    day(&example(), &out).ends_with(0);
    let db = format!("{out}/dayclear.db");
    let found = run(["verify", "--db", &db, "--format", "json"]).ends_with(0).json();
    let found = found.as_array().unwrap();
    assert!(!found.is_empty(), "a checker without a check proves nothing");
    assert!(found.iter().all(|finding| finding["holds"] == true), "{found:?}");
    assert!(found.iter().any(|finding| finding["looked_at"].as_u64().unwrap() > 0));
    assert!(!run(["verify", "--db", &db]).ends_with(0).out.contains("BROKEN"));
    let table = csv(&run(["verify", "--db", &db, "--format", "csv"]).ends_with(0).out);
    assert_eq!((table.len() - 1, table[0].len()), (found.len(), 4), "{table:?}");
    // a store that is not there is not whole
    let none = below(&folder, "nowhere.db");
    run(["verify", "--db", &none]).ends_with(1);
}

#[test]
fn what_is_not_there_is_said_with_what_to_do() {
    let folder = scratch();
    let db = below(&folder, "store.db");
    for (arguments, words) in [
        (vec!["books", "--date", DAY], "is not closed in this store; `dayclear day` closes it"),
        (vec!["bulletin", "--date", DAY], "there is no bulletin of 2022-11-20: close that day with `dayclear day`"),
        (vec!["chains"], "this store holds no line list; bring one in with `dayclear import linelist FILE`"),
    ] {
        let ran = run(arguments.into_iter().chain(["--db", &db])).ends_with(1);
        assert!(ran.err.starts_with("error: ") && ran.err.contains(words), "{}", ran.err);
        assert_eq!(ran.out, "");
    }
}

/// `dayclear bulletin ... | head -1`: the reader goes away, and nothing is said of it.
#[test]
fn a_reader_that_goes_away_is_no_accident() {
    let folder = scratch();
    let out = below(&folder, "out");
    day(&example(), &out).ends_with(0);
    let db = format!("{out}/dayclear.db");
    for arguments in [vec!["bulletin", "--date", DAY, "--format", "html"], vec!["books", "--date", DAY], vec!["schema"]]
    {
        let mut command = command(&arguments);
        if arguments[0] != "schema" {
            command.args(["--db", &db]);
        }
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let output = command.stdout(writer).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!((err.as_str(), output.status.code()), ("", Some(141)), "{arguments:?}");
    }
}
