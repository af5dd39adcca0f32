//! Text files, good and bad: each bad one gets its exact answer, the rows around it are read, and the counts add up.

mod made;

use dayclear_core::schema::{BUILDINGS, DAY_FOLDER, LINELIST, MEMBERS, PEOPLE, REQUESTS};
use dayclear_tabular::{Cell, Code, Encoding, NoteCode, Options, Reader, TableError, Tally};
use made::{answers, options, read};
use proptest::prelude::*;
use std::io::Cursor;

const GOOD: &str = "person,household,name,birth_date\np1,h1,王芳,1990-02-03\np2,h1,李明,\n";

#[test]
fn cells_have_their_types() {
    let text = "person,household,name,document,sex,birth_date,needs\n\
                p1,h1,\"Wang \"\"Fang\"\"\",11010519491231002x,female,1949-12-31,oxygen;pet\n";
    let mut reader = Reader::new("people.csv", Cursor::new(text), &PEOPLE, &options()).unwrap();
    let row = reader.next_row().unwrap().unwrap().unwrap();
    let at = |name| PEOPLE.position(name).unwrap();
    assert_eq!(row.number(), 2);
    assert_eq!(row.text(at("person")), Some("p1"));
    assert_eq!(row.text(at("name")), Some("Wang \"Fang\""));
    assert_eq!(row.text(at("document")), Some("11010519491231002X"));
    assert_eq!(row.term(at("sex")), Some(0));
    assert_eq!(row.day(at("birth_date")).unwrap().to_string(), "1949-12-31");
    assert_eq!(row.terms(at("needs")).iter().count(), 2);
    assert_eq!(row.cell(at("phone")), Cell::Empty);
    assert!(row.notes().is_empty());
    assert_eq!(row.raw(), text.lines().nth(1).unwrap());
    assert!(reader.next_row().unwrap().is_none());
    assert!(reader.finish().adds_up());
}

#[test]
fn every_encoding_gives_the_same_rows() {
    let utf16 = |big: bool| -> Vec<u8> {
        let units = GOOD.encode_utf16().flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() });
        (if big { [0xfe, 0xff] } else { [0xff, 0xfe] }).into_iter().chain(units).collect()
    };
    for (bytes, encoding) in [
        (GOOD.as_bytes().to_vec(), Encoding::Utf8),
        ([b"\xef\xbb\xbf", GOOD.as_bytes()].concat(), Encoding::Utf8),
        (encoding_rs::GBK.encode(GOOD).0.into_owned(), Encoding::Gb18030),
        (utf16(false), Encoding::Utf16Le),
        (utf16(true), Encoding::Utf16Be),
    ] {
        let mut reader = Reader::new("people.csv", Cursor::new(bytes), &PEOPLE, &options()).unwrap();
        assert_eq!(reader.about().encoding, Some(encoding));
        let name = PEOPLE.position("name").unwrap();
        assert_eq!(reader.next_row().unwrap().unwrap().unwrap().text(name), Some("王芳"), "{encoding}");
        assert_eq!(reader.next_row().unwrap().unwrap().unwrap().text(name), Some("李明"));
        assert!(reader.next_row().unwrap().is_none());
    }
}

#[test]
fn delimiters_and_line_ends_are_found() {
    for (delimiter, text) in [
        (',', GOOD.to_owned()),
        (';', GOOD.replace(',', ";")),
        ('\t', GOOD.replace(',', "\t")),
        (';', "sep=;\r\n".to_owned() + &GOOD.replace(',', ";").replace('\n', "\r\n")),
        (',', GOOD.replace('\n', "\r")),
        (',', "\n\n".to_owned() + GOOD),
        (',', "\"person\",\"household\",\"name\",\"birth_date\"\np1,h1,a,\np2,h2,b,".to_owned()),
        (',', "person,household,\"a\nb\",birth_date\np1,h1,a,\np2,h2,b,".to_owned()),
    ] {
        let mut reader = Reader::new("people.csv", Cursor::new(text.clone()), &PEOPLE, &options()).unwrap();
        assert_eq!(reader.about().delimiter, Some(delimiter));
        while reader.next_row().unwrap().is_some_and(|row| row.is_ok()) {}
        assert_eq!((reader.tally().read, reader.tally().accepted), (2, 2), "{text:?}");
    }
}

/// One bad row among good ones: row, column, code, and what the value begins with.
#[test]
fn bad_rows_have_exact_answers() {
    let table = &PEOPLE;
    let big = "x".repeat(10 * 1024 * 1024);
    let cases: Vec<(Vec<u8>, u64, &str, Code, &str)> = vec![
        (b"p2,h1,Wang".to_vec(), 3, "", Code::RaggedRow, "p2,h1,Wang"),
        (b"p2,h1,Wang,1990-01-01,more".to_vec(), 3, "", Code::RaggedRow, "p2,h1"),
        (b"p2,h1,Wa\0ng,".to_vec(), 3, "name", Code::NulByte, "Wa\\u{0}ng"),
        (b"p2,h1,\xd6\xd8\xc7\xec,".to_vec(), 3, "name", Code::BadEncoding, "\u{fffd}"),
        (b"p2,h1,\"Wang,1990-01-01".to_vec(), 3, "name", Code::OpenQuote, "Wang,1990"),
        (b"p2,h1,\"Wang\" Fang,".to_vec(), 3, "name", Code::StrayQuote, "Wang"),
        (format!("p2,h1,{big},").into_bytes(), 3, "name", Code::TooLong, "xxx"),
        (format!("p2,h1,\"{big}\",").into_bytes(), 3, "name", Code::TooLong, "xxx"),
        (format!("p2,h1,{},", "x".repeat(81)).into_bytes(), 3, "name", Code::TooLong, "xxx"),
        (b",h1,Wang,".to_vec(), 3, "person", Code::Missing, ""),
        (b"=cmd(),h1,Wang,".to_vec(), 3, "person", Code::Formula, "=cmd()"),
        (b"\"=A(\"\"x\"\")\",h1,Wang,".to_vec(), 3, "person", Code::Formula, "=A(\"x\")"),
        (b"p2,h1,Wang,03/04/2022".to_vec(), 3, "birth_date", Code::AmbiguousDate, "03/04/2022"),
        (b"p2,h1,Wang,1990-02-30".to_vec(), 3, "birth_date", Code::NoSuchDay, "1990-02-30"),
        (b"p2,h1,Wang,NA".to_vec(), 3, "birth_date", Code::NotADate, "NA"),
    ];
    for (bad, row, column, code, value) in cases {
        let good = |n: u32| format!("p{n},h1,王芳,1990-02-03\n").into_bytes();
        let header = b"person,household,name,birth_date\n".to_vec();
        let bytes = [header, good(1), bad, b"\n".to_vec(), good(3), good(4)].concat();
        let (faults, tally) = read("people.csv", bytes, table);
        let shown = faults.first().map(ToString::to_string);
        assert_eq!((tally.read, tally.accepted, tally.refused), (4, 3, 1), "{shown:?}");
        let fault = &faults[0];
        assert_eq!((fault.row, fault.column.as_str(), fault.code), (row, column, code), "{fault}");
        assert!(fault.value.starts_with(value), "{fault}");
        assert!(fault.value.chars().count() <= 81 + 6 && fault.raw.len() <= 4 * 4_001);
        assert!(!fault.expected.is_empty() && !fault.remedy.is_empty() && fault.file == "people.csv");
    }
}

#[test]
fn doubtful_cells_are_read_and_noted() {
    let text = "person,household,name,birth_date,document\n\
                p1,h1,=cmd(),2022/11/20,\np2,h1,,2022年11月20日,\np3,h1,,20/11/2022,\np4,h1,,44885,\np5,h1,,2022-11-20,,,\n";
    let mut reader = Reader::new("people.csv", Cursor::new(text), &PEOPLE, &options()).unwrap();
    let birth = PEOPLE.position("birth_date").unwrap();
    let mut notes = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        let row = row.unwrap();
        assert_eq!(row.day(birth).unwrap().to_string(), "2022-11-20");
        notes.extend(row.notes().iter().map(|note| (note.column, note.code)));
        if row.number() == 2 {
            assert_eq!(row.text(2), Some("=cmd()"), "a formula in a text stays a text");
        }
    }
    let style = ("birth_date", NoteCode::DateStyle);
    assert_eq!(notes, [style, style, style, ("birth_date", NoteCode::SerialDate), ("", NoteCode::ExtraEmptyCells)]);
    assert_eq!((reader.tally().noted, reader.tally().notes[&style]), (5, 3));
}

#[test]
fn damaged_document_numbers_are_refused() {
    for number in ["5.00103E+17", "500103199001011000", "5.00103199001011E+17"] {
        let text = format!("person,household,document\np1,h1,{number}\n");
        let (faults, _) = read("people.csv", text.into_bytes(), &PEOPLE);
        assert_eq!((faults[0].code, faults[0].column.as_str(), faults[0].row), (Code::DamagedNumber, "document", 2));
    }
}

#[test]
fn headers_are_answered_as_a_whole() {
    let open = |text: &str| {
        Reader::new("people.csv", Cursor::new(text.to_owned()), &PEOPLE, &options())
            .map(|reader| reader.about().clone())
    };
    let said = |text: &str| open(text).unwrap_err().to_string();
    let missing = said("person,houshold,name\n");
    assert!(missing.contains("lacks 'household' (is it 'houshold'?)"), "{missing}");
    assert!(said("person,household,name,name\n").contains("'name' more than once"));
    assert!(said("").contains("is empty") && said("\n\n").contains("is empty"));
    assert!(said("person,\"household\n").contains("not closed"));
    assert!(matches!(open(&"x".repeat(600_000)), Err(TableError::Damaged { .. })));
    let about = open("person,household,Brith_date,colour\n").unwrap();
    assert_eq!(about.ignored.len(), 2);
    assert_eq!((about.ignored[0].name.as_str(), about.ignored[0].nearest), ("Brith_date", Some("birth_date")));
    assert_eq!((about.ignored[1].name.as_str(), about.ignored[1].nearest), ("colour", None));
}

#[test]
fn a_mapping_names_the_columns_of_other_files() {
    let with = |pairs: &[(&str, &str)]| {
        let mapping = pairs.iter().map(|(header, column)| ((*header).to_owned(), (*column).to_owned())).collect();
        let text = "编号,户;口,姓名\np1,h1,王芳\n";
        Reader::new("people.csv", Cursor::new(text), &PEOPLE, &Options { mapping, ..options() })
    };
    let mut reader = with(&[("编号", "person"), ("户;口", "household"), ("姓名", "name")]).unwrap();
    assert_eq!(reader.next_row().unwrap().unwrap().unwrap().text(2), Some("王芳"));
    for wrong in [&[("编号", "persn")][..], &[("number", "person")]] {
        assert!(matches!(with(wrong), Err(TableError::Mapping { .. })));
    }
    let twice = with(&[("编号", "person"), ("户;口", "person")]);
    assert!(matches!(twice, Err(TableError::RepeatedColumn { .. })));
}

#[test]
fn other_kinds_of_files_are_named() {
    for (bytes, word) in [
        (&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..], ".xls"),
        (b"%PDF-1.7", "PDF"),
        (b"<html><table>", "web page"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "zip"),
        (b"PK\x03\x04 cut off", "cut off"),
    ] {
        let error = Reader::new("x.csv", Cursor::new(bytes.to_vec()), &PEOPLE, &options()).err().unwrap().to_string();
        assert!(error.contains(word), "{error}");
    }
    let missing = Reader::open("no/such/file.csv".as_ref(), &PEOPLE, &options()).err().unwrap();
    assert!(missing.to_string().contains("no/such/file.csv") && missing.code() == "unreadable");
}

/// 1,100,000 rows, more than a spreadsheet holds, every thousandth of them bad.
#[test]
fn more_rows_than_a_spreadsheet_holds() {
    let mut text = String::from("tube,person\n");
    for n in 0..1_100_000u32 {
        let gap = if n % 1_000 == 999 { " " } else { "" };
        text.push_str(&format!("t{},p{gap}{n}\n", n / 10));
    }
    let (faults, tally) = read("members.csv", text.into_bytes(), &MEMBERS);
    assert_eq!((tally.read, tally.accepted, tally.refused), (1_100_000, 1_098_900, 1_100));
    assert_eq!(faults.last().unwrap().row, 1_100_001);
}

#[test]
fn blank_rows_are_counted_apart() {
    let text = "tube,person\n\nt1,p1\n,\n \n\"\",\"\"\nt2,p2\n";
    let (faults, tally) = read("members.csv", text.as_bytes().to_vec(), &MEMBERS);
    assert!(faults.is_empty());
    assert_eq!((tally.read, tally.blank), (2, 4));
}

#[test]
fn the_published_line_list_scheme_is_read() {
    let text = "case_id,sex,age,date_exposure_start,date_exposure_end,date_onset,date_report,date_confirmed,date_admitted,\
                date_discharged,date_death,outcome,classification,infector_id,place,district,cluster,severity,extra\n\
                SK_1,M,68,2015-04-18,2015-05-04,2015-05-11,2015-05-19,2015-05-20,,,,Alive,,,\"St. Mary, Hospital\",,Middle East,,\n\
                1,F,0.5,,,1861-11-21,1861-11-25,,,,,Recovered,,45,household 41,,class 1,,date_of_rash=1861-11-25;complications=yes\n";
    let (faults, tally) = read("linelist.csv", text.as_bytes().to_vec(), &LINELIST);
    assert_eq!((faults.len(), tally.accepted), (0, 2));
}

fn bytes_of(pieces: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(pieces).prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

const PIECES: &[&str] = &[
    "p1",
    "h1",
    ",",
    ",",
    ",",
    "\n",
    "\n",
    "\r\n",
    "\"",
    "\"\"",
    "2022-11-20",
    "03/04/2022",
    "\0",
    "=cmd()",
    "王",
    " ",
    "500103199001011000",
    "5.0E+17",
    "oxygen;pet",
    "female",
    ";",
    "\t",
    "1e999",
    "-",
    "44885",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Any bytes: no panic, and the counts add up.
    #[test]
    fn any_file(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for table in DAY_FOLDER {
            let _ = answers("x", bytes.clone(), table);
        }
    }

    /// Any bytes below a good header: every row is counted, faults are in order, and what is accepted is usable.
    #[test]
    fn any_rows(bytes in bytes_of(PIECES), table in prop::sample::select(vec![&PEOPLE, &REQUESTS, &BUILDINGS, &LINELIST])) {
        let names: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
        let mut file = names.join(",").into_bytes();
        file.push(b'\n');
        file.extend_from_slice(&bytes);
        let (faults, tally): (Vec<dayclear_tabular::Fault>, Tally) = read("x.csv", file, table);
        prop_assert!(tally.adds_up());
        prop_assert_eq!(faults.len() as u64, tally.refused);
        prop_assert!(faults.windows(2).all(|pair| pair[0].row < pair[1].row));
        // Nothing is dropped: no fewer rows than lines in which something stands, but for those within quoted cells.
        if !bytes.contains(&b'"') && std::str::from_utf8(&bytes).is_ok() {
            let text = String::from_utf8_lossy(&bytes);
            let lines = text.split(['\n', '\r']).filter(|line| !line.chars().all(|c| c == ',' || c == ' '));
            prop_assert_eq!(tally.read, lines.count() as u64);
        }
    }
}
