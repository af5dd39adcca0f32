//! Exports: nothing in them can be run by a spreadsheet, nothing is cut off, and what is written can be read again.

#![allow(clippy::unwrap_used)] // test code

mod made;

use dayclear_core::{
    schema::{Column, Kind, Table},
    time::{CivilDate, Instant, Zone},
};
use dayclear_tabular::{Cell, Format, Reader, Value, WriteError, Writer};
use made::options;
use proptest::prelude::*;
use std::io::Cursor;

fn zone() -> Zone {
    Zone::named("Asia/Shanghai").unwrap()
}

fn export(format: Format, columns: &[&str], rows: &[Vec<Value<'_>>]) -> Vec<u8> {
    let mut writer = Writer::new(format, Vec::new(), "data", columns, &zone()).unwrap();
    for row in rows {
        writer.row(row).unwrap();
    }
    let (count, bytes) = writer.finish().unwrap();
    assert_eq!(count, rows.len() as u64);
    bytes
}

#[test]
fn every_format_has_its_form() {
    let day: CivilDate = "2022-11-20".parse().unwrap();
    let at: Instant = "2022-11-20T00:30:00Z".parse().unwrap();
    let columns = ["a", "b", "c", "d", "e"];
    let rows = [
        vec![Value::Text("x, \"y\""), Value::Whole(-5), Value::Real(2.5), Value::Day(day), Value::Moment(at)],
        vec![Value::Empty, Value::Flag(true), Value::Real(f64::NAN), Value::Empty, Value::Empty],
    ];
    let text = |format| String::from_utf8(export(format, &columns, &rows)).unwrap();
    let csv = "a,b,c,d,e\n\"x, \"\"y\"\"\",-5,2.5,2022-11-20,2022-11-20T08:30:00+08:00\n,yes,,,\n";
    assert_eq!(text(Format::Csv), csv);
    assert_eq!(text(Format::CsvForExcel), format!("\u{feff}{csv}"));
    let first = r#"{"a":"x, \"y\"","b":-5,"c":2.5,"d":"2022-11-20","e":"2022-11-20T08:30:00+08:00"}"#;
    let second = r#"{"a":null,"b":true,"c":null,"d":null,"e":null}"#;
    assert_eq!(text(Format::Ndjson), format!("{first}\n{second}\n"));
    assert_eq!(text(Format::Json), format!("[\n{first},\n{second}\n]\n"));
    assert_eq!(String::from_utf8(export(Format::Json, &columns, &[])).unwrap(), "[]\n");
    assert!(serde_json::from_str::<serde_json::Value>(&text(Format::Json)).unwrap().is_array());
}

#[test]
fn formulas_are_neutralised_in_csv() {
    for text in ["=cmd()", "+1", "-1", "@x", "\tx", "\rx", "\0x", "\nx", "'=cmd()", "''=x"] {
        let csv =
            String::from_utf8(export(Format::Csv, &["a", "b"], &[vec![Value::Text(text), Value::Whole(-1)]])).unwrap();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let record = reader.records().next().unwrap().unwrap();
        assert_eq!((&record[0], &record[1]), (format!("'{text}").as_str(), "-1"));
    }
    for text in ["x=1", "'tis", "1+1", ""] {
        let csv =
            String::from_utf8(export(Format::Csv, &["a", "b"], &[vec![Value::Text(text), Value::Empty]])).unwrap();
        assert_eq!(csv, format!("a,b\n{text},\n"));
    }
}

/// In a workbook a formula is an element of its own; a text stays a text, marked so that editing does not run it.
#[test]
fn workbooks_hold_no_formulas() {
    let rows = [vec![Value::Text("=cmd()"), Value::Text("500103199001011000")]];
    let bytes = export(Format::Xlsx, &["a", "b"], &rows);
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut part = |name: &str| std::io::read_to_string(zip.by_name(name).unwrap()).unwrap();
    let sheet = part("xl/worksheets/sheet1.xml");
    assert!(
        !sheet.contains("<f>") && sheet.contains("=cmd()") && sheet.contains("<t>500103199001011000</t>"),
        "{sheet}"
    );
    assert!(part("xl/styles.xml").contains("quotePrefix=\"1\""));
}

#[test]
fn nothing_is_cut_off_in_silence() {
    let mut writer = Writer::new(Format::Xlsx, Vec::new(), "data", &["a"], &zone()).unwrap();
    let long = "重".repeat(32_768);
    assert!(matches!(writer.row(&[Value::Text(&long)]), Err(WriteError::TooMuch { row: 1 })));
    assert!(matches!(writer.row(&[]), Err(WriteError::Ragged { .. })));
}

const EVERYTHING: Table = Table {
    name: "data",
    about: "a row of everything",
    key: &["id"],
    required: true,
    columns: &[
        Column { name: "id", kind: Kind::Id, required: true, about: "" },
        Column { name: "text", kind: Kind::Text(200), required: false, about: "" },
        Column { name: "division", kind: Kind::Division, required: false, about: "" },
        Column { name: "document", kind: Kind::Document, required: false, about: "" },
        Column { name: "whole", kind: Kind::Whole(i64::MIN, i64::MAX), required: false, about: "" },
        Column { name: "real", kind: Kind::Real(f64::MIN, f64::MAX), required: false, about: "" },
        Column { name: "day", kind: Kind::Day, required: false, about: "" },
        Column { name: "moment", kind: Kind::Moment, required: false, about: "" },
        Column { name: "known", kind: Kind::OneOf(&["yes", "no"]), required: false, about: "" },
    ],
};
static TABLE: Table = EVERYTHING;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// What is exported is read again as it was, in every format that is read.
    #[test]
    fn round_trip(rows in prop::collection::vec((
        "[a-zA-Z0-9][a-zA-Z0-9_-]{0,20}|[0-9]{16,30}",
        "|['=+@-]{0,3}[a-z\"',;重 \n]{0,12}[a-z\"重]",
        "|[0-9]{2,24}",
        0i64..4_000,
        any::<i32>(),
        -1.0e12..1.0e12f64,
        -60_000i64..80_000,
        -1_000_000_000_000i64..4_000_000_000_000,
        any::<Option<bool>>(),
    ), 1..8)) {
        let epoch: CivilDate = "1970-01-01".parse().unwrap();
        let documents: Vec<String> = rows.iter().map(|row| format!("E{:08}", row.3)).collect();
        let values: Vec<Vec<Value<'_>>> = rows.iter().zip(&documents).map(|(row, document)| vec![
            Value::Text(&row.0), Value::Text(&row.1), Value::Text(&row.2), Value::Text(document), Value::Whole(row.4.into()),
            Value::Real(row.5), Value::Day(epoch.plus_days(row.6)), Value::Moment(Instant::from_micros(row.7 * 1_000)),
            row.8.map_or(Value::Empty, Value::Flag),
        ]).collect();
        let columns: Vec<&str> = TABLE.columns.iter().map(|column| column.name).collect();
        for format in [Format::Csv, Format::CsvForExcel, Format::Xlsx] {
            let bytes = export(format, &columns, &values);
            let mut reader = Reader::new("data", Cursor::new(bytes), &TABLE, &options()).unwrap();
            for row in &values {
                let read = reader.next_row().unwrap().unwrap().unwrap_or_else(|fault| panic!("{format}: {fault}"));
                prop_assert!(read.notes().is_empty(), "{:?}", read.notes());
                for (at, value) in row.iter().enumerate() {
                    let wanted = match *value {
                        Value::Empty | Value::Text("") => Cell::Empty,
                        Value::Text(text) => match text.trim() {
                            "" => Cell::Empty,
                            text => Cell::Text(text),
                        },
                        Value::Whole(number) => Cell::Whole(number),
                        Value::Real(number) => Cell::Real(number),
                        Value::Flag(flag) => Cell::Term(usize::from(!flag)),
                        Value::Day(day) => Cell::Day(day),
                        Value::Moment(at) => Cell::Moment(at),
                    };
                    prop_assert_eq!(read.cell(at), wanted, "{} {}", format, TABLE.columns[at].name);
                }
            }
            prop_assert!(reader.next_row().unwrap().is_none());
        }
    }
}
