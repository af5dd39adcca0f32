//! Rows that cannot be taken: each gets its exact answer (file, row, column, value, what was expected, what to do), the rest
//! of the file goes on, and the counts add up; or the file is refused whole, as asked (F16, F19).

use crate::program::{append, below, csv, day, example, example_in, run, scratch, tallies, written};
use std::{fs, path::Path};
use tempfile::TempDir;

const TEN_MB: usize = 10 * 1024 * 1024;
const HEADER: &str = "case_id,age,date_onset,place\n";

/// A row in a file, and what is answered: column, code, what the value begins with, a part of what was expected, a part of
/// the remedy. No code: the row is good.
type Case = (Vec<u8>, &'static str, &'static str, &'static str, &'static str, &'static str);

fn good(row: &str) -> Case {
    (row.as_bytes().to_vec(), "", "", "", "", "")
}

fn cases() -> Vec<Case> {
    let bad = |row: &str, column, code, value, expected, remedy| {
        (row.as_bytes().to_vec(), column, code, value, expected, remedy)
    };
    vec![
        good("G1,30,2022-11-01,渝中区"),
        bad("B1,30,2022-11-01", "", "ragged_row", "B1,30", "4 cells", "the row has 3"),
        good("G2,30,2022-11-01,渝中区"),
        bad("B2,30,2022-11-01,渝\0中", "place", "nul_byte", "渝\\u{0}中", "without NUL", "export the file again"),
        good("G3,30,2022-11-01,渝中区"),
        bad("B3,30,2022-11-01,\"渝中", "place", "open_quote", "渝中", "ends with a quote", "close the quote"),
        good("G4,30,2022-11-01,渝中区"),
        (
            [b"B4,30,2022-11-01,".to_vec(), vec![b'x'; TEN_MB]].concat(),
            "place",
            "too_long",
            "xxx",
            "256 KiB",
            "shorten",
        ),
        good("G5,30,2022-11-01,渝中区"),
        bad("B5,30,03/04/2022,x", "date_onset", "ambiguous_date", "03/04/2022", "2022-11-20", "two ways"),
        bad("B6,30,2022-02-30,x", "date_onset", "no_such_day", "2022-02-30", "2022-11-20", "does not exist"),
        bad("B7,30,soon,x", "date_onset", "not_a_date", "soon", "2022-11-20", ""),
        bad("5.00103E+17,30,,x", "case_id", "damaged_number", "5.00103E+17", "", "the last digits are lost"),
        bad("=cmd(),30,,x", "case_id", "formula", "=cmd()", "", "begins with a letter or digit"),
        bad("B8,thirty,,x", "age", "not_a_number", "thirty", "0 to 130", "leave the cell empty"),
        bad("B9,131,,x", "age", "out_of_range", "131", "0 to 130", "correct it"),
        bad(",30,,x", "case_id", "missing", "", "", "fill in the cell"),
        (b"B10,30,,\xd3\xe5\xd6\xd0".to_vec(), "place", "bad_encoding", "\u{fffd}", "UTF-8", "save the whole file"),
        bad("B11,30,,\"x\"y", "place", "stray_quote", "x", "after a closing quote", "double the quotes"),
        good("G6,30,20/11/2022,=cmd()"),
        good("G7,30,2022年11月20日,\"two\nlines\""),
        good("G8,30,44885,"),
        good("G9,,,"),
    ]
}

fn bytes_of(cases: &[Case]) -> Vec<u8> {
    let rows = cases.iter().flat_map(|case| [case.0.as_slice(), b"\n"].concat());
    HEADER.bytes().chain(rows).collect()
}

struct List {
    folder: TempDir,
    file: String,
    db: String,
}

fn list(bytes: &[u8]) -> List {
    let folder = scratch();
    let (file, db) = (below(&folder, "list.csv"), below(&folder, "store.db"));
    fs::write(&file, bytes).unwrap();
    List { folder, file, db }
}

impl List {
    fn import(&self, more: &[&str]) -> crate::program::Ran {
        let words = ["import", "linelist", &self.file, "--list", "test", "--db", &self.db, "--format", "json"];
        run(words.iter().chain(more))
    }

    fn holds_no_list(&self) -> bool {
        run(["chains", "--db", &self.db]).err.contains("holds no line list")
    }
}

fn count(cases: &[Case]) -> [u64; 6] {
    let bad = |case: &&Case| !case.2.is_empty();
    let torn = |case: &&Case| {
        matches!(case.2, "ragged_row" | "nul_byte" | "open_quote" | "stray_quote" | "too_long" | "bad_encoding")
    };
    let (read, bad, torn) =
        (cases.len() as u64, cases.iter().filter(bad).count() as u64, cases.iter().filter(torn).count() as u64);
    [read, read - bad, 0, 0, bad - torn, torn]
}

#[test]
fn an_import_answers_every_bad_row_and_takes_the_rest() {
    let cases = cases();
    let list = list(&bytes_of(&cases));
    let report = list.import(&[]).ends_with(1).json();
    assert_eq!(tallies(&report)["list.csv"], count(&cases));
    let mut answers = report["doubts"].as_array().unwrap().iter();
    let mut line = 2;
    for (row, column, code, value, expected, remedy) in &cases {
        let lines = row.iter().filter(|b| **b == b'\n').count() as u64 + 1;
        if !code.is_empty() {
            let said = answers.next().unwrap_or_else(|| panic!("nothing is said of line {line}"));
            let text = |name: &str| said[name].as_str().unwrap();
            assert_eq!(
                (text("source"), said["row"].as_u64(), text("column"), text("code")),
                ("list.csv", Some(line), *column, *code)
            );
            assert!(text("value").starts_with(value) && text("value").chars().count() <= 90, "{said}");
            assert!(text("expected").contains(expected) && !text("expected").is_empty(), "{said}");
            assert!(text("remedy").contains(remedy) && !text("remedy").is_empty(), "{said}");
            assert!(text("raw").chars().count() <= 4_001, "{code}");
        }
        line += lines;
    }
    assert_eq!(answers.next(), None);
    // again: nothing new, and the same answers
    let again = list.import(&[]).ends_with(1).json();
    let [read, created, _, _, doubtful, rejected] = count(&cases);
    assert_eq!(tallies(&again)["list.csv"], [read, 0, 0, created, doubtful, rejected]);
    assert_eq!(again["doubts"], report["doubts"]);
}

#[test]
fn a_person_reads_each_answer_on_one_line() {
    let list = list(&bytes_of(&cases()));
    let said = run(["import", "linelist", &list.file, "--list", "test", "--db", &list.db]).ends_with(1).out;
    assert!(said.contains("list.csv, row 3: 'B1,30"), "{said}");
    for words in [
        "list.csv, row 11, column date_onset: '03/04/2022'",
        "list.csv, row 15, column case_id: '=cmd()'",
        "list.csv, row 19, column place: '",
    ] {
        assert!(said.lines().any(|line| line.starts_with(words) && line.contains("; ")), "{words}\n{said}");
    }
    assert!(said.lines().all(|line| line.chars().count() < 600), "{said}");
}

#[test]
fn atomic_refuses_the_file_whole_and_leaves_the_store_as_it_was() {
    let cases = cases();
    let list = list(&bytes_of(&cases));
    let refused = list.import(&["--atomic"]).ends_with(1);
    let [read, _, _, _, doubtful, rejected] = count(&cases);
    let words = format!(
        "{} of {read} rows cannot be taken, so none were (--atomic); first: list.csv, row 3",
        doubtful + rejected
    );
    assert!(refused.err.contains(&words) && refused.out.is_empty(), "{}", refused.err);
    assert!(list.holds_no_list());
    // again: the bytes of the file may change when its log is folded back, what it holds may not
    list.import(&["--atomic"]).ends_with(1);
    assert!(list.holds_no_list());
    // without the bad rows it is taken
    let good: Vec<Case> = cases.into_iter().filter(|case| case.2.is_empty()).collect();
    fs::write(&list.file, bytes_of(&good)).unwrap();
    assert_eq!(tallies(&list.import(&["--atomic"]).ends_with(0).json())["list.csv"], count(&good));
}

#[test]
fn a_dry_run_says_everything_and_stores_nothing() {
    let cases = cases();
    let list = list(&bytes_of(&cases));
    let dry = list.import(&["--dry-run"]).ends_with(1);
    assert!(dry.err.contains("nothing was stored"), "{}", dry.err);
    assert!(!fs::exists(&list.db).unwrap(), "a store was made");
    let real = list.import(&[]).ends_with(1);
    assert_eq!(dry.json(), real.json(), "it said what would be done");
    let before = fs::read(&list.db).unwrap();
    list.import(&["--dry-run"]).ends_with(1);
    assert!(before == fs::read(&list.db).unwrap(), "the store was touched");
}

/// A date in any style that has one reading, and a text in any encoding, is the same row.
#[test]
fn styles_and_encodings_give_the_same_rows() {
    let rows = |day: &str| format!("{HEADER}重1,30,{day},重庆市渝中区\nB2,30,{day},万州区\n");
    let plain = rows("2022-11-20");
    let list = list(plain.as_bytes());
    assert_eq!(tallies(&list.import(&[]).ends_with(0).json())["list.csv"], [2, 2, 0, 0, 0, 0]);
    let utf16 = |big: bool, mark: bool| -> Vec<u8> {
        let mark = mark.then_some(0xfeff);
        let units = mark.into_iter().chain(plain.encode_utf16());
        units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    };
    for (name, bytes) in [
        ("slashes", rows("2022/11/20").into_bytes()),
        ("day first", rows("20/11/2022").into_bytes()),
        ("Chinese", rows("2022年11月20日").into_bytes()),
        ("serial", rows("44885").into_bytes()),
        ("CR LF", plain.replace('\n', "\r\n").into_bytes()),
        ("CR", plain.replace('\n', "\r").into_bytes()),
        ("semicolons", plain.replace(',', ";").into_bytes()),
        ("mark", ["\u{feff}", &plain].concat().into_bytes()),
        ("GBK", encoding_rs::GBK.encode(&plain).0.into_owned()),
        ("UTF-16LE", utf16(false, true)),
        ("UTF-16BE", utf16(true, true)),
        ("UTF-16LE without a mark", utf16(false, false)),
    ] {
        fs::write(&list.file, bytes).unwrap();
        let report = list.import(&[]);
        assert_eq!(report.code, 0, "{name}: {} {}", report.out, report.err);
        assert_eq!(tallies(&report.json())["list.csv"], [2, 0, 0, 2, 0, 0], "{name}");
    }
}

#[test]
fn a_repeated_key_is_the_same_row_or_a_change_of_it() {
    let rows = format!("{HEADER}A,30,2022-11-01,x\nB,30,2022-11-01,x\nA,30,2022-11-01,x\nB,31,2022-11-01,x\n");
    let list = list(rows.as_bytes());
    assert_eq!(tallies(&list.import(&[]).ends_with(0).json())["list.csv"], [4, 2, 1, 1, 0, 0]);
    // the same ids in a list of another name are other people
    let words = ["import", "linelist", &list.file, "--list", "other", "--db", &list.db, "--format", "json"];
    assert_eq!(tallies(&run(words).ends_with(0).json())["list.csv"], [4, 2, 1, 1, 0, 0]);
    drop(list.folder);
}

/// Bad rows at the end of files of a day, and what is answered: file, column, code, beginning of the value.
fn spoil(input: &Path) -> Vec<(&'static str, &'static str, &'static str, String)> {
    let rows: Vec<(&str, Vec<u8>, &str, &str, &str)> = vec![
        ("people", b"P901,H01,Wang".to_vec(), "", "ragged_row", "P901,H01"),
        ("people", b"P902,H01,Wang,5.00103E+17,,,,,,,".to_vec(), "document", "damaged_number", "5.00103E+17"),
        (
            "people",
            b"P903,H01,Wang,500103199001011000,,,,,,,".to_vec(),
            "document",
            "damaged_number",
            "500103199001011000",
        ),
        (
            "people",
            b"P904,H01,Wang,11010519491231003X,,,,,,,".to_vec(),
            "document",
            "wrong_check_digit",
            "11010519491231003X",
        ),
        ("people", b"P905,H01,Wang,,,,03/04/1990,,,,".to_vec(), "birth_date", "ambiguous_date", "03/04/1990"),
        ("people", b"P906,H999,Wang,,,,,,,,".to_vec(), "household", "unknown_reference", "H999"),
        ("people", b"=cmd(),H01,Wang,,,,,,,,".to_vec(), "person", "formula", "'=cmd()"),
        ("people", b"P907,H01,Wa\0ng,,,,,,,,".to_vec(), "name", "nul_byte", "Wa\\u{0}ng"),
        ("people", b"P908,H01,\xd6\xd8\xc7\xec,,,,,,,,".to_vec(), "name", "bad_encoding", "\u{fffd}"),
        ("people", b"P909,H01,\"Wang,,,,,,,,".to_vec(), "name", "open_quote", "Wang,,"),
        (
            "results",
            b"L1,T999,F,positive,20,20,L1-99,2022-11-20T12:00:00+08:00,".to_vec(),
            "tube",
            "unknown_reference",
            "T999",
        ),
        (
            "results",
            b"L1,T001,F,perhaps,,,L1-98,2022-11-20T12:00:00+08:00,".to_vec(),
            "finding",
            "not_a_term",
            "perhaps",
        ),
        ("results", b"L1,T001,F,positive,,,L1-97,soon,".to_vec(), "reported_at", "not_a_moment", "soon"),
        (
            "requests",
            [b"R901,food,H01,500103013006,2022-11-20T08:20:00+08:00,,,".to_vec(), vec![b'x'; TEN_MB]].concat(),
            "text",
            "too_long",
            "xxx",
        ),
        ("members", b"T999,P001".to_vec(), "tube", "unknown_reference", "T999"),
    ];
    for (table, row, ..) in &rows {
        append(&input.join(format!("{table}.csv")), &[row.as_slice(), b"\n"].concat());
    }
    rows.into_iter().map(|(table, _, column, code, value)| (table, column, code, value.to_owned())).collect()
}

#[test]
fn a_day_keeps_bad_rows_aside_and_decides_on_the_rest() {
    let folder = scratch();
    let input = example_in(&folder);
    let (clean, out) = (below(&folder, "clean"), below(&folder, "out"));
    day(&example(), &clean).ends_with(0);
    let mut wanted = spoil(&input);
    let ran = day(&input, &out).ends_with(1);
    assert!(ran.out.contains(&format!("{} rows were kept aside", wanted.len())), "{}", ran.out);
    assert!(ran.out.contains("doubts.csv"), "it says where they are: {}", ran.out);
    let doubts = csv(&fs::read_to_string(Path::new(&out).join("doubts.csv")).unwrap());
    assert_eq!(doubts[0], ["file", "row", "column", "value", "expected", "remedy", "code", "as_it_came"]);
    let mut found: Vec<(String, String, String, String)> = doubts[1..]
        .iter()
        .map(|row| {
            assert!(row[1].parse::<u64>().unwrap() > 1 && !row[4].is_empty() && !row[5].is_empty(), "{row:?}");
            (row[0].clone(), row[2].clone(), row[6].clone(), row[3].clone())
        })
        .collect();
    found.sort();
    wanted.sort();
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    for (found, (table, column, code, value)) in found.iter().zip(&wanted) {
        assert_eq!((&*found.0, &*found.1, &*found.2), (&*format!("{table}.csv"), *column, *code), "{found:?}");
        assert!(found.3.starts_with(value.as_str()), "{found:?}");
    }
    // what was good was decided as if the bad rows had never been there
    let (clean, spoiled) = (written(&clean), written(&out));
    for name in
        ["cases.csv", "contacts.csv", "orders.csv", "zones.csv", "recalls.csv", "transfers.csv", "supply_runs.csv"]
    {
        assert!(clean[name] == spoiled[name], "{name}");
    }
    // somebody has to look at them: that is in the books
    let open = String::from_utf8(spoiled["open_items.csv"].clone()).unwrap();
    for file in ["people.csv", "results.csv", "requests.csv", "members.csv"] {
        assert!(csv(&open).iter().any(|row| row[0] == "clarify" && row[1].contains(&format!("/{file}"))), "{file}");
    }
    // and a second run answers the same
    let again = day(&input, &out).ends_with(1);
    assert!(again.out.contains("nothing changed") && again.out.contains("doubts.csv"), "{}", again.out);
    assert_eq!(spoiled, written(&out));
}

#[test]
fn counts_of_a_day_add_up() {
    let folder = scratch();
    let input = example_in(&folder);
    let spoiled = spoil(&input);
    let out = below(&folder, "out");
    let report = run(["day", input.to_str().unwrap(), "--out", &out, "--format", "json"]).ends_with(1).json();
    let tallies = tallies(&report);
    let aside: u64 = tallies.values().map(|counts| counts[4] + counts[5]).sum();
    assert_eq!(aside, spoiled.len() as u64);
    assert_eq!(tallies["people.csv"], [90, 80, 0, 0, 6, 4]);
    let table = run(["day", input.to_str().unwrap(), "--out", &out, "--format", "csv"]).ends_with(1).out;
    assert_eq!(csv(&table).len(), tallies.len() + 1);
    assert!(csv(&table)[1..].iter().all(|row| row.len() == 7));
}

#[test]
fn an_atomic_day_refuses_a_file_with_any_row_that_cannot_be_taken() {
    for (table, row, what) in [
        ("people", "P901,H01,Wang\n", "people.csv, row 82"),
        // this row reads well; only the store knows that there is no such household
        ("people", "P906,H999,Wang,,,,,,,,\n", "people.csv, row 82, column household: 'H999'"),
        (
            "results",
            "L1,T999,F,positive,20,20,L1-99,2022-11-20T12:00:00+08:00,\n",
            "results.csv, row 25, column tube: 'T999'",
        ),
    ] {
        let folder = scratch();
        let input = example_in(&folder);
        let out = below(&folder, "out");
        let file = input.join(format!("{table}.csv"));
        append(&file, row.as_bytes());
        let words = ["day", input.to_str().unwrap(), "--out", &out, "--atomic"];
        let refused = run(words).ends_with(1);
        assert!(refused.err.contains("rows cannot be taken, so none were (--atomic)"), "{}", refused.err);
        assert!(refused.err.contains(what), "{}", refused.err);
        assert!(!Path::new(&out).join("cases.csv").exists());
        // the file is put right, and the day ends as if nothing had been
        fs::copy(example().join(file.file_name().unwrap()), &file).unwrap();
        run(words).ends_with(0);
        let clean = below(&folder, "clean");
        day(&example(), &clean).ends_with(0);
        crate::program::same_files(&written(&clean), &written(&out));
    }
}

/// What a spreadsheet would run as a formula leaves the program as a text, in every table that carries it.
#[test]
fn exports_neutralise_formulas() {
    let folder = scratch();
    let input = example_in(&folder);
    let out = below(&folder, "out");
    let formula = "=HYPERLINK(\"\"http://x\"\")";
    append(&input.join("people.csv"), format!("\"{formula}\",H01,\"@SUM(1)\",,,,,,,,\n").as_bytes());
    append(&input.join("people.csv"), b"-P1,H01,+1,,,,,,,,\n");
    append(
        &input.join("requests.csv"),
        format!("R901,food,H01,500103013006,2022-11-20T08:20:00+08:00,,\"{formula}\",=1+1\n").as_bytes(),
    );
    day(&input, &out).ends_with(1);
    let doubts = csv(&fs::read_to_string(Path::new(&out).join("doubts.csv")).unwrap());
    assert_eq!(doubts[1][3], "'=HYPERLINK(\"http://x\")");
    assert_eq!(doubts[2][3], "'-P1");
    for (name, bytes) in written(&out).iter().filter(|(name, _)| name.ends_with(".csv")) {
        let number = |cell: &str| cell.parse::<f64>().is_ok();
        for row in csv(std::str::from_utf8(bytes).unwrap()) {
            for cell in row {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']) || number(&cell), "{name}: {cell}");
            }
        }
    }
    let html = String::from_utf8(written(&out)["bulletin.en.html"].clone()).unwrap();
    assert!(!html.contains("http://x"), "no text of a resident reaches the bulletin");
}

#[test]
fn a_report_as_csv_is_a_table_whatever_the_file_is_called() {
    let list = list(format!("{HEADER}A,30,2022-11-01,x\n").as_bytes());
    let odd = below(&list.folder, "=a,\"b\".csv");
    fs::copy(&list.file, &odd).unwrap();
    let said = run(["import", "linelist", &odd, "--list", "t", "--db", &list.db, "--format", "csv"]).ends_with(0).out;
    let rows = csv(&said);
    assert_eq!(rows[1], ["'=a,\"b\".csv", "1", "1", "0", "0", "0", "0"]);
}
