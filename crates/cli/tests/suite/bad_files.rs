//! Files and folders that cannot be read at all, or are not what they seem: refused with a reason and a remedy, before
//! anything of them is used, and never with a crash (F16, F17).

use crate::{
    made::{Book, package_of, texts},
    program::{Ran, below, csv, day, example, example_in, run, same_files, scratch, tallies, written},
};
use dayclear_core::{schema::DAY_FOLDER, time::Zone};
use dayclear_tabular::{Format, Value, Writer};
use std::{collections::BTreeMap, fs, path::Path};

const HEADER: &[&str] = &["case_id", "age", "date_onset", "place"];

fn sheet(rows: &str) -> Book {
    Book::new(&(texts(1, HEADER) + rows))
}

/// A sheet that is 200 times as large as its file.
fn bomb() -> Vec<u8> {
    let spaces = " ".repeat(1000);
    let mut book = Book::new("");
    book.sheet = format!("<worksheet>{}", format!("<a>{spaces}</a>").repeat(20_000));
    book.bytes()
}

/// Files, by the name they are given, and a part of the answer to each.
fn refused_files() -> Vec<(&'static str, Vec<u8>, &'static str, &'static str)> {
    let string_bomb = format!("<sst>{}", "<si><t>aaaaaaaaaaaaaaaaaaaa</t></si>".repeat(400_000));
    let nested = Book { extra: vec![("a.zip".to_owned(), b"PK".to_vec())], ..sheet("") };
    let slip = Book { extra: vec![("../../etc/cron.d/x".to_owned(), b"x".to_vec())], ..sheet("") };
    let entities = Book { sheet: "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><worksheet/>".to_owned(), ..Book::new("") };
    vec![
        ("bomb.xlsx", bomb(), "refused, because", "save the data again as CSV"),
        ("strings.xlsx", Book { strings: string_bomb, ..sheet("") }.bytes(), "refused, because", "save the data again"),
        ("nested.xlsx", nested.bytes(), "another package", "save the data again"),
        ("slip.xlsx", slip.bytes(), "leads out", "save the data again"),
        ("entities.xlsx", entities.bytes(), "document type", "save the data again"),
        ("rows.xlsx", sheet("<row r=\"1048577\"/>").bytes(), "1,048,576 rows", "save the data again"),
        (
            "cut.xlsx",
            {
                let b = sheet("").bytes();
                b[..b.len() - 40].to_vec()
            },
            "is damaged",
            "ask the sender",
        ),
        ("zip.csv", package_of(&[("a.txt".to_owned(), b"a".to_vec())]), "a zip file, but not a workbook", "unpack it"),
        (
            "old.xls",
            [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 512]].concat(),
            "an old or password-protected workbook",
            "save it as .xlsx",
        ),
        (
            "old.csv",
            [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 512]].concat(),
            "an old or password-protected workbook",
            "save it as .xlsx",
        ),
        ("page.xlsx", b"<html><table></table></html>".to_vec(), "a web page", "save it as .xlsx"),
        ("paper.csv", b"%PDF-1.7".to_vec(), "a PDF", "ask for the table"),
        ("packed.csv", b"\x1f\x8b\x08\0".to_vec(), "packed with gzip", "unpack it"),
        ("data.csv", b"{\"case_id\": 1}".to_vec(), "JSON", "export the table"),
        ("empty.csv", Vec::new(), "is empty; the first line must name the columns", "case_id"),
        ("blank.csv", b"\n\n\n".to_vec(), "is empty", "case_id"),
        ("mark.csv", b"\xef\xbb\xbf".to_vec(), "is empty", "case_id"),
        ("empty.xlsx", Book::new("").bytes(), "is empty", "case_id"),
        ("header.csv", b"Case-ID,age\nA,3\n".to_vec(), "lacks 'case_id' (is it 'Case-ID'?)", "rename"),
        ("twice.csv", b"case_id,age,age\nA,3,4\n".to_vec(), "'age' more than once", "remove or rename"),
        ("noise.csv", (0..4096u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect(), "", ""),
    ]
}

#[track_caller]
fn explained(ran: Ran, name: &str, what: &str, remedy: &str) {
    let ran = ran.ends_with(1);
    assert!(ran.err.starts_with("error: ") && ran.err.contains(name), "{name}: {}", ran.err);
    assert!(ran.err.contains(what) && ran.err.contains(remedy), "{name}: {}", ran.err);
    assert!(
        ran.err.trim_end().lines().count() == 1 && ran.err.chars().count() < 1_000,
        "one short answer: {}",
        ran.err
    );
}

#[test]
fn an_import_refuses_what_is_no_table() {
    let folder = scratch();
    let db = below(&folder, "store.db");
    for (name, bytes, what, remedy) in refused_files() {
        let file = below(&folder, name);
        fs::write(&file, bytes).unwrap();
        explained(run(["import", "linelist", &file, "--db", &db]), name, what, remedy);
    }
    let folder_as_file = below(&folder, "list.csv");
    fs::create_dir(&folder_as_file).unwrap();
    explained(run(["import", "linelist", &folder_as_file, "--db", &db]), "list.csv", "directory", "check");
    let missing = below(&folder, "nothing.csv");
    explained(run(["import", "linelist", &missing, "--db", &db]), "nothing.csv", "", "check");
    let ran = run(["chains", "--db", &db]).ends_with(1);
    assert!(ran.err.contains("holds no line list"), "nothing of them was used: {}", ran.err);
}

#[test]
fn an_import_of_bulletins_says_when_it_knows_no_such_table() {
    let folder = scratch();
    let (file, db) = (below(&folder, "x.csv"), below(&folder, "store.db"));
    for (bytes, what) in [("a,b\n1,2\n", "its columns are not those of"), ("", "is empty")] {
        fs::write(&file, bytes).unwrap();
        explained(run(["import", "bulletin", &file, "--db", &db]), "x.csv", what, "columns");
    }
    explained(
        run(["import", "bulletin", &below(&folder, "none.csv"), "--db", &db]),
        "none.csv",
        "cannot be read",
        "check",
    );
}

/// Cells of a sheet: the row goes aside, with its number as a person sees it, and the rest goes on.
#[test]
fn an_import_answers_bad_cells_of_a_sheet() {
    let text = |value: &str| format!("<c t=\"inlineStr\"><is><t>{value}</t></is></c>");
    let far = format!("<row r=\"200000\">{}<c r=\"CZ200000\"><v>1</v></c></row>", text("B1"));
    let cells = |row: u32, cells: &str| format!("<row r=\"{row}\">{cells}</row>");
    let rows = [
        texts(2, &["G1", "30", "2022-11-20", "x"]),
        cells(3, "<c><v>5.0010319900101102E+17</v></c>"),
        cells(4, "<c><v>500103199001011000</v></c>"),
        cells(5, &format!("{}<c><f>A1</f></c>", text("B2"))),
        cells(6, &format!("{}<c t=\"e\"><v>#REF!</v></c>", text("B3"))),
        cells(7, "<c s=\"1\"><v>44622</v></c>"),
        cells(8, &format!("{}<c/><c s=\"1\"><v>44885</v></c>", text("G2"))),
        far,
    ]
    .concat();
    let folder = scratch();
    let (file, db) = (below(&folder, "list.xlsx"), below(&folder, "store.db"));
    fs::write(&file, sheet(&rows).styles(&[0, 14]).bytes()).unwrap();
    let report = run(["import", "linelist", &file, "--list", "t", "--db", &db, "--format", "json"]).ends_with(1).json();
    assert_eq!(tallies(&report)["list.xlsx"], [8, 2, 0, 0, 5, 1]);
    let said: Vec<(u64, &str, &str)> = report["doubts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|doubt| {
            (doubt["row"].as_u64().unwrap(), doubt["column"].as_str().unwrap(), doubt["code"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        said,
        [
            (3, "case_id", "damaged_number"),
            (4, "case_id", "damaged_number"),
            (5, "age", "formula_without_value"),
            (6, "age", "spreadsheet_error"),
            (7, "case_id", "became_a_date"),
            (200_000, "", "ragged_row"),
        ]
    );
}

#[test]
fn a_day_refuses_a_file_that_is_no_table_and_goes_on_when_it_is_put_right() {
    let folder = scratch();
    let clean = below(&folder, "clean");
    day(&example(), &clean).ends_with(0);
    let input = example_in(&folder);
    let results = input.join("results.csv");
    let out = below(&folder, "out");
    for (bytes, what) in [
        (bomb(), "refused, because"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec(), "an old or password-protected workbook"),
        (Vec::new(), "is empty"),
        (b"lab,tube,version\n".to_vec(), "lacks 'laboratory'"),
    ] {
        fs::write(&results, bytes).unwrap();
        let refused = day(&input, &out).ends_with(1);
        assert!(refused.err.contains("results.csv") && refused.err.contains(what), "{}", refused.err);
        assert!(!Path::new(&out).join("bulletin.html").exists());
    }
    fs::copy(example().join("results.csv"), &results).unwrap();
    day(&input, &out).ends_with(0);
    same_files(&written(&clean), &written(&out));
}

#[test]
fn a_folder_that_is_no_day_is_answered_as_a_whole() {
    let folder = scratch();
    let input = example_in(&folder);
    let out = below(&folder, "out");
    fs::remove_file(input.join("tubes.csv")).unwrap();
    fs::remove_file(input.join("people.csv")).unwrap();
    fs::create_dir(input.join("people.csv")).unwrap();
    let ran = day(&input, &out).ends_with(1);
    assert!(ran.err.contains("missing: people.csv, tubes.csv"), "all of them at once: {}", ran.err);
    assert!(ran.err.contains("dayclear schema KIND"), "{}", ran.err);
    fs::remove_dir(input.join("people.csv")).unwrap();
    fs::copy(example().join("tubes.csv"), input.join("tubes.csv")).unwrap();
    fs::copy(example().join("people.csv"), input.join("people.csv")).unwrap();
    fs::write(input.join("people.xlsx"), sheet("").bytes()).unwrap();
    explained(day(&input, &out), "people.csv", "twice, as CSV and as XLSX", "keep one");
    explained(day(&folder.path().join("nowhere"), &out), "nowhere", "there is no such folder", "docs/day-folder.md");
    explained(day(&example().join("tubes.csv"), &out), "tubes.csv", "there is no such folder", "");
    let file = below(&folder, "file");
    fs::write(&file, "").unwrap();
    explained(day(&example(), &file), "file", "cannot be made", "");
    let db = below(&folder, "text.db");
    fs::write(&db, "this is no database, and longer than a header of one hundred bytes: ".repeat(20)).unwrap();
    let ran = run(["day", example().to_str().unwrap(), "--out", &out, "--db", &db]).ends_with(1);
    assert!(ran.err.contains("error: "), "{}", ran.err);
    let pack = run(["day", example().to_str().unwrap(), "--out", &out, "--pack", "plague"]).ends_with(1);
    assert!(pack.err.contains("no protocol pack 'plague'") && pack.err.contains("packs there are"), "{}", pack.err);
}

/// The same day in every encoding, and as workbooks: the same decisions.
#[test]
fn a_day_in_any_encoding_or_in_workbooks_is_the_same_day() {
    let folder = scratch();
    let clean = below(&folder, "clean");
    day(&example(), &clean).ends_with(0);
    let decided = |out: &str| -> BTreeMap<String, Vec<u8>> {
        let mut files = written(out);
        // these carry the digests of the files as they came
        files.retain(|name, _| !name.starts_with("bulletin"));
        files
    };
    let input = example_in(&folder);
    let files: Vec<_> = fs::read_dir(&input).unwrap().map(|entry| entry.unwrap().path()).collect();
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        let utf16 = |big: bool| -> Vec<u8> {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
        };
        let bytes = match file.file_stem().unwrap().to_str().unwrap() {
            "people" | "divisions" => encoding_rs::GBK.encode(&text).0.into_owned(),
            "tubes" | "requests" => utf16(false),
            "members" | "buildings" => utf16(true),
            _ => ["\u{feff}", &text.replace('\n', "\r\n")].concat().into_bytes(),
        };
        fs::write(file, bytes).unwrap();
    }
    let out = below(&folder, "encoded");
    day(&input, &out).ends_with(0);
    same_files(&decided(&clean), &decided(&out));

    fs::remove_dir_all(&input).unwrap();
    fs::create_dir(&input).unwrap();
    let zone = Zone::named("Asia/Shanghai").unwrap();
    for table in DAY_FOLDER {
        let Ok(text) = fs::read_to_string(example().join(format!("{}.csv", table.name))) else {
            assert!(!table.required, "the example is without {}", table.name);
            continue;
        };
        let rows = csv(&text);
        let file = fs::File::create(input.join(format!("{}.xlsx", table.name))).unwrap();
        let columns: Vec<&str> = rows[0].iter().map(String::as_str).collect();
        let mut writer = Writer::new(Format::Xlsx, file, table.name, &columns, &zone).unwrap();
        for row in &rows[1..] {
            writer.row(&row.iter().map(|cell| Value::Text(cell)).collect::<Vec<_>>()).unwrap();
        }
        writer.finish().unwrap();
    }
    let out = below(&folder, "workbooks");
    day(&input, &out).ends_with(0);
    same_files(&decided(&clean), &decided(&out));
}
